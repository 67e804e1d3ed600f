/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a host loads: the descriptor, and how the provider starts and ends.
 *
 * Settings, in the [Provider] section of the provider's file:
 *   FarEnd = yes|no          serve the test side of simulated cables, too (no)
 *   EchoPrivate = yes|no     send private bytes back to the program they came from (no)
 *   BusyHangup = yes|no      a busy tone during a call is the end of it (no)
 *   DialToneWait = MS        how long to wait for a dial tone; 0: dial without one (10000)
 *   AssumeAnswer = SECONDS   no tone for so long after dialling means answered; 0: never (15)
 *   Number.NAME = TEXT       what the address of the line NAME is called (NAME)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>
#include <time.h>

#include <alsa/asoundlib.h>
#include <tapi_config.h>

#include "card.h"

#define DIAL_TONE_WAIT_MS	10000
#define ASSUME_ANSWER_S		15
#define ASSUME_ANSWER_MAX_S	600

struct card_provider card = { .lock = PTHREAD_MUTEX_INITIALIZER };

void card_lock(void)
{
	pthread_mutex_lock(&card.lock);
}

void card_unlock(void)
{
	pthread_mutex_unlock(&card.lock);
}

/**
 * card_now_ns() - CLOCK_MONOTONIC, the clock of the kernel's events
 */
uint64_t card_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/**
 * card_log() - a line for the journal
 */
void card_log(int prio, const char *format, ...)
{
	char text[256];
	va_list args;

	if (!card.host)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	card.host->log(prio, text);
}

/**
 * card_setting() - value of a setting, NULL when there is none
 */
const char *card_setting(const char *key)
{
	return card.host ? card.host->setting(key) : NULL;
}

/**
 * card_error() - LINEERR_ of a negative errno
 */
LONG card_error(int err)
{
	switch (-err) {
	case 0:
		return 0;
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return LINEERR_NODEVICE;
	case ENOMEM:
		return LINEERR_NOMEM;
	case EBUSY:
		return LINEERR_RESOURCEUNAVAIL;
	case EOPNOTSUPP:
		return LINEERR_OPERATIONUNAVAIL;
	case ENOTCONN:
		return LINEERR_INVALCALLSTATE;
	}
	return LINEERR_OPERATIONFAILED;
}

static bool setting_yes(const char *key)
{
	const char *value = card_setting(key);

	return value && (!strcasecmp(value, "yes") || !strcasecmp(value, "true") ||
			 !strcmp(value, "1"));
}

static unsigned int setting_number(const char *key, unsigned int def, unsigned int max)
{
	const char *value = card_setting(key);
	unsigned long number;
	char *end;

	if (!value)
		return def;
	errno = 0;
	number = strtoul(value, &end, 10);
	if (!errno && end != value && !*end && number <= max && value[0] != '-')
		return number;
	card_log(LOG_WARNING, "setting %s: \"%s\" is no number up to %u; %u is used", key, value,
		 max, def);
	return def;
}

static void read_settings(void)
{
	card.far_end = setting_yes("FarEnd");
	card.echo_private = setting_yes("EchoPrivate");
	card.busy_hangup = setting_yes("BusyHangup");
	card.dial_tone_ms = setting_number("DialToneWait", DIAL_TONE_WAIT_MS, DIAL_TONE_MAX);
	card.assume_answer_ms = 1000 * setting_number("AssumeAnswer", ASSUME_ANSWER_S,
						      ASSUME_ANSWER_MAX_S);
}

static void take_host(const struct tapi_tsp_host *host)
{
	card.host = host;
}

static LONG give_fd(HDRVLINE hdLine, int *fd)
{
	struct card_line *line;
	LONG error;

	card_lock();
	line = line_by_handle(hdLine, &error);
	if (line)
		*fd = line->fd;
	card_unlock();
	return error;
}

const struct tapi_tsp_module tapi_tsp_module = {
	.abi = TAPI_TSP_ABI,
	.size = sizeof(struct tapi_tsp_module),
	.name = "card",
	.vendor = "tapi",
	.version = TAPI_VERSION,
	/* 2f0c5a86-91d4-4b17-a3e2-7461706943d1, in memory order */
	.guid = { 0x86, 0x5a, 0x0c, 0x2f, 0xd4, 0x91, 0x17, 0x4b,
		  0xa3, 0xe2, 0x74, 0x61, 0x70, 0x69, 0x43, 0xd1 },
	.wchar_bytes = sizeof(WCHAR),
	.flags = TAPI_TSP_REENTRANT,
	.msp = "card",
	.host = take_host,
	.line_fd = give_fd,
};

TSPI_API LONG TSPIAPI TSPI_lineNegotiateTSPIVersion(DWORD dwDeviceID, DWORD dwLowVersion,
						    DWORD dwHighVersion, LPDWORD lpdwTSPIVersion)
{
	bool known = dwDeviceID == INITIALIZE_NEGOTIATION;

	if (!lpdwTSPIVersion)
		return LINEERR_INVALPOINTER;
	if (!known) {
		card_lock();
		known = line_by_id(dwDeviceID);
		card_unlock();
	}
	if (!known)
		return LINEERR_BADDEVICEID;
	if (dwLowVersion > dwHighVersion || dwLowVersion > CARD_VERSION_HIGH ||
	    dwHighVersion < CARD_VERSION_LOW)
		return LINEERR_INCOMPATIBLEAPIVERSION;
	*lpdwTSPIVersion = dwHighVersion < CARD_VERSION_HIGH ? dwHighVersion : CARD_VERSION_HIGH;
	return 0;
}

TSPI_API LONG TSPIAPI TSPI_providerEnumDevices(DWORD dwPermanentProviderID, LPDWORD lpdwNumLines,
					       LPDWORD lpdwNumPhones, HPROVIDER hProvider,
					       LINEEVENT lpfnLineCreateProc,
					       PHONEEVENT lpfnPhoneCreateProc)
{
	int n, err;

	if (!lpdwNumLines || !lpdwNumPhones)
		return LINEERR_INVALPOINTER;
	card_lock();
	read_settings();
	card.provider = hProvider;
	card.create_proc = lpfnLineCreateProc;
	/* first the ears, then the eyes: a line that comes in between is seen twice, not never */
	err = hotplug_start();
	if (err)
		card_log(LOG_WARNING, "new cards will not be noticed: %s", strerror(-err));
	n = lines_scan();
	card_unlock();
	if (n < 0) {
		card_log(LOG_ERR, "/dev/tapi: %s; no lines", strerror(-n));
		return LINEERR_OPERATIONFAILED;
	}
	*lpdwNumLines = n;
	*lpdwNumPhones = 0;
	return 0;
}

static LONG start(DWORD base, DWORD_PTR lines)
{
	int err = loop_start();

	if (err)
		return card_error(err);
	err = hotplug_watch();
	if (err)
		card_log(LOG_WARNING, "new cards will not be noticed: %s", strerror(-err));
	for (unsigned int i = 0; i < card.line_count && i < lines; i++)
		card.lines[i]->device_id = base + i;
	/* what alsa-lib reads once, so that no call waits for it */
	snd_config_update();
	card.initialised = true;
	return 0;
}

TSPI_API LONG TSPIAPI TSPI_providerInit(DWORD dwTSPIVersion, DWORD dwPermanentProviderID,
					DWORD dwLineDeviceIDBase, DWORD dwPhoneDeviceIDBase,
					DWORD_PTR dwNumLines, DWORD_PTR dwNumPhones,
					ASYNC_COMPLETION lpfnCompletionProc,
					LPDWORD lpdwTSPIOptions)
{
	LONG error = 0;

	if (!lpfnCompletionProc || !lpdwTSPIOptions)
		return LINEERR_INVALPOINTER;
	if (dwTSPIVersion < CARD_VERSION_LOW || dwTSPIVersion > CARD_VERSION_HIGH)
		return LINEERR_INCOMPATIBLEAPIVERSION;
	card_lock();
	if (!card.initialised) {
		card.completion = lpfnCompletionProc;
		error = start(dwLineDeviceIDBase, dwNumLines);
	}
	card_unlock();
	*lpdwTSPIOptions = 0;
	return error;
}

TSPI_API LONG TSPIAPI TSPI_providerShutdown(DWORD dwTSPIVersion, DWORD dwPermanentProviderID)
{
	card_lock();
	card.initialised = false;
	for (unsigned int i = 0; i < card.line_count; i++)
		line_shut(card.lines[i]);
	loop_stop();
	report_end();
	hotplug_stop();
	lines_end();
	handle_end();
	card.create_proc = NULL;
	card.completion = NULL;
	snd_config_update_free_global();
	card_unlock();
	return 0;
}

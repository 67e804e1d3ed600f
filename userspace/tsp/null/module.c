/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The provider as a whole: descriptor, settings, versions, start and end. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

#include "null.h"

/* Of the setting Name: the number of the line comes behind it */
#define NAME_MAX_BYTES	200

struct provider provider = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.open_lines = { .kind = 1 },
	.calls = { .kind = 2 },
	.instances = { .kind = 3 },
};

static const struct tapi_tsp_host *host;

void host_log(int prio, const char *format, ...)
{
	char text[512];
	va_list args;

	if (!host || !host->log)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	host->log(prio, text);
}

const char *host_setting(const char *key)
{
	return host && host->setting ? host->setting(key) : NULL;
}

DWORD version_max(void)
{
	return provider.settings.msp ? NULL_VERSION_MSP : NULL_VERSION_MAX;
}

static bool wrong(const char *key)
{
	host_log(LOG_ERR, "setting %s has a value that cannot be used", key);
	return false;
}

static bool read_number(const char *key, unsigned int least, unsigned int most, unsigned int *to)
{
	const char *text = host_setting(key);
	uint64_t number;

	if (!text)
		return true;
	if (!command_number(text, most, &number) || number < least)
		return wrong(key);
	*to = number;
	return true;
}

static bool read_bool(const char *key, bool *to)
{
	static const char *const words[] = { "no", "yes", "off", "on", "false", "true", "0", "1" };
	const char *text = host_setting(key);
	size_t i;

	if (!text)
		return true;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcasecmp(text, words[i])) {
			*to = i % 2;
			return true;
		}
	}
	return wrong(key);
}

/* 8-4-4-4-12 hexadecimal digits, in braces or not */
static bool parse_guid(const char *text, GUID *guid)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	bool braces = *text == '{';
	uint8_t bytes[16];
	char digits[33];
	size_t i, count = 0;

	text += braces;
	for (i = 0; form[i]; i++) {
		if (form[i] == '-' ? text[i] != '-' : !text[i])
			return false;
		if (form[i] != '-')
			digits[count++] = text[i];
	}
	digits[count] = '\0';
	if (strcmp(text + i, braces ? "}" : "") || command_bytes(digits, bytes, 16) != 16)
		return false;
	guid->Data1 = (DWORD)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
	guid->Data2 = bytes[4] << 8 | bytes[5];
	guid->Data3 = bytes[6] << 8 | bytes[7];
	memcpy(guid->Data4, bytes + 8, sizeof(guid->Data4));
	return true;
}

static bool read_settings(struct settings *settings)
{
	const char *msp = host_setting("Msp");
	const char *name = host_setting("Name");

	*settings = (struct settings){
		.lines = 2, .addresses = 1, .name = name ? name : "null",
		.control = host_setting("Control"), .automatic = true, .echo = true,
		.msp = msp != NULL, .has_wave = host_setting("Wave") != NULL,
	};
	if (strlen(settings->name) > NAME_MAX_BYTES)
		return wrong("Name");
	if (msp && !parse_guid(msp, &settings->msp_class))
		return wrong("Msp");
	return read_number("Lines", 0, NULL_LINES_MAX, &settings->lines) &&
	       read_number("Addresses", 1, NULL_ADDRESSES_MAX, &settings->addresses) &&
	       read_number("Wave", 0, 0xFFFFFF, &settings->wave) &&
	       read_bool("Auto", &settings->automatic) && read_bool("Echo", &settings->echo);
}

/* A fault that is there before the control socket is */
static void first_fault(void)
{
	const char *fault = host_setting("Fault");
	struct reply *reply;
	char text[256];

	if (!fault)
		return;
	reply = calloc(1, sizeof(*reply));
	if (!reply)
		return;
	snprintf(text, sizeof(text), "fault %s", fault);
	verbs_run(text, reply);
	if (strncmp(reply->text, "ok", 2))
		host_log(LOG_ERR, "setting Fault: %s", reply->text);
	free(reply);
}

static void set_host(const struct tapi_tsp_host *table)
{
	host = table;
	first_fault();
	/* versions depend on a setting, and are asked for before anything else */
	read_settings(&provider.settings);
}

const struct tapi_tsp_module tapi_tsp_module = {
	.abi = TAPI_TSP_ABI,
	.size = sizeof(struct tapi_tsp_module),
	.name = "null",
	.vendor = "Linux telephony",
	.version = "1",
	/* 1d0a7e52-93b4-4f0e-a6c8-6e756c6c5450 */
	.guid = { 0x52, 0x7e, 0x0a, 0x1d, 0xb4, 0x93, 0x0e, 0x4f,
		  0xa6, 0xc8, 0x6e, 0x75, 0x6c, 0x6c, 0x54, 0x50 },
	.wchar_bytes = sizeof(WCHAR),
	.flags = TAPI_TSP_REENTRANT,
	.host = set_host,
};

LONG TSPIAPI TSPI_providerEnumDevices(DWORD dwPermanentProviderID, LPDWORD lpdwNumLines,
				      LPDWORD lpdwNumPhones, HPROVIDER hProvider,
				      LINEEVENT lpfnLineCreateProc, PHONEEVENT lpfnPhoneCreateProc)
{
	struct fault fault;
	bool good;
	LONG err;

	if (entry(FN_providerEnumDevices, &fault, &err, "provider=%u", dwPermanentProviderID))
		return err;
	provider_lock();
	good = provider.running || read_settings(&provider.settings);
	provider.handle = hProvider;
	provider.create_proc = lpfnLineCreateProc;
	*lpdwNumLines = good ? provider.settings.lines : 0;
	*lpdwNumPhones = 0;
	provider_unlock();
	return good ? 0 : LINEERR_INIFILECORRUPT;
}

/* Takes away what a session has, also half of one */
static void end_session(void)
{
	control_stop();
	worker_stop();
	provider_lock();
	lines_free();
	table_free(&provider.open_lines);
	table_free(&provider.calls);
	table_free(&provider.instances);
	provider.completion = NULL;
	provider.next_call = 0;
	provider.next_stream = 0;
	provider.running = false;
	provider_unlock();
}

static LONG begin_session(DWORD base, unsigned int count)
{
	LONG err = 0;

	provider_lock();
	if (!read_settings(&provider.settings))
		err = LINEERR_INIFILECORRUPT;
	else if (lines_make(base, count))
		err = LINEERR_NOMEM;
	provider_unlock();
	if (!err && worker_start())
		err = LINEERR_RESOURCEUNAVAIL;
	if (!err && provider.settings.control && control_start(provider.settings.control))
		err = LINEERR_OPERATIONFAILED;
	if (err)
		end_session();
	return err;
}

LONG TSPIAPI TSPI_providerInit(DWORD dwTSPIVersion, DWORD dwPermanentProviderID,
			       DWORD dwLineDeviceIDBase, DWORD dwPhoneDeviceIDBase,
			       DWORD_PTR dwNumLines, DWORD_PTR dwNumPhones,
			       ASYNC_COMPLETION lpfnCompletionProc, LPDWORD lpdwTSPIOptions)
{
	struct fault fault;
	bool running;
	LONG err;

	if (entry(FN_providerInit, &fault, &err, "version=%#x base=%u lines=%u", dwTSPIVersion,
		  dwLineDeviceIDBase, (unsigned int)dwNumLines))
		return err;
	*lpdwTSPIOptions = 0;
	provider_lock();
	running = provider.running;
	if (!running) {
		provider.running = true;
		provider.completion = lpfnCompletionProc;
	}
	provider_unlock();
	return running ? 0 : begin_session(dwLineDeviceIDBase, dwNumLines);
}

LONG TSPIAPI TSPI_providerShutdown(DWORD dwTSPIVersion, DWORD dwPermanentProviderID)
{
	struct fault fault;
	LONG err;

	if (entry(FN_providerShutdown, &fault, &err, "version=%#x", dwTSPIVersion))
		return err;
	end_session();
	fault_reset();
	return 0;
}

LONG TSPIAPI TSPI_providerCreateLineDevice(DWORD_PTR dwTempID, DWORD dwDeviceID)
{
	struct fault fault;
	struct line *line;
	LONG err;

	if (entry(FN_providerCreateLineDevice, &fault, &err, "temp=%u device=%u",
		  (unsigned int)dwTempID, dwDeviceID))
		return err;
	provider_lock();
	/* the temporary id is the number of the line and one: 0 is easily a mistake */
	line = dwTempID ? line_at(dwTempID - 1) : NULL;
	if (line && line->device == NULL_NO_DEVICE)
		line->device = dwDeviceID;
	else
		err = LINEERR_BADDEVICEID;
	provider_unlock();
	return err;
}

static LONG negotiate(DWORD low, DWORD high, DWORD least, DWORD most, DWORD *version, LONG err)
{
	if (low > high || high < least || low > most)
		return err;
	*version = high < most ? high : most;
	return 0;
}

/* With provider.lock taken and given back */
static LONG check_device(DWORD device)
{
	LONG err;

	provider_lock();
	line_of_device(device, &err);
	provider_unlock();
	return err;
}

LONG TSPIAPI TSPI_lineNegotiateTSPIVersion(DWORD dwDeviceID, DWORD dwLowVersion,
					   DWORD dwHighVersion, LPDWORD lpdwTSPIVersion)
{
	struct fault fault;
	LONG err;

	if (entry(FN_lineNegotiateTSPIVersion, &fault, &err, "device=%u low=%#x high=%#x",
		  dwDeviceID, dwLowVersion, dwHighVersion))
		return err;
	if (dwDeviceID != INITIALIZE_NEGOTIATION) {
		err = check_device(dwDeviceID);
		if (err)
			return err;
	}
	return negotiate(dwLowVersion, dwHighVersion, NULL_VERSION_MIN, version_max(),
			 lpdwTSPIVersion, LINEERR_INCOMPATIBLEAPIVERSION);
}

LONG TSPIAPI TSPI_lineGetExtensionID(DWORD dwDeviceID, DWORD dwTSPIVersion,
				     LPLINEEXTENSIONID lpExtensionID)
{
	struct fault fault;
	LONG err;

	if (entry(FN_lineGetExtensionID, &fault, &err, "device=%u version=%#x", dwDeviceID,
		  dwTSPIVersion))
		return err;
	err = check_device(dwDeviceID);
	if (err)
		return err;
	*lpExtensionID = (LINEEXTENSIONID){ 0x7a1e90c3, 0x4b52d6f8, 0xe6756c6c, 0x00000001 };
	return 0;
}

LONG TSPIAPI TSPI_lineNegotiateExtVersion(DWORD dwDeviceID, DWORD dwTSPIVersion, DWORD dwLowVersion,
					  DWORD dwHighVersion, LPDWORD lpdwExtVersion)
{
	struct fault fault;
	LONG err;

	if (entry(FN_lineNegotiateExtVersion, &fault, &err, "device=%u low=%#x high=%#x",
		  dwDeviceID, dwLowVersion, dwHighVersion))
		return err;
	err = check_device(dwDeviceID);
	if (err)
		return err;
	return negotiate(dwLowVersion, dwHighVersion, NULL_EXT_VERSION, NULL_EXT_VERSION,
			 lpdwExtVersion, LINEERR_INCOMPATIBLEEXTVERSION);
}

LONG TSPIAPI TSPI_lineSelectExtVersion(HDRVLINE hdLine, DWORD dwExtVersion)
{
	struct fault fault;
	struct line *line;
	LONG err;

	if (entry(FN_lineSelectExtVersion, &fault, &err, "line=%d ext=%#x", line_shown(hdLine),
		  dwExtVersion))
		return err;
	provider_lock();
	line = line_get(hdLine);
	err = !line ? LINEERR_INVALLINEHANDLE :
	      dwExtVersion && dwExtVersion != NULL_EXT_VERSION ? LINEERR_INCOMPATIBLEEXTVERSION : 0;
	if (!err)
		line->ext_version = dwExtVersion;
	provider_unlock();
	return err;
}

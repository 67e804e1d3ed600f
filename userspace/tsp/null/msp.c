/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The opaque channel to media providers.
 *
 * With the setting Pcm the provider speaks as the card provider does: READY for a new instance,
 * START and STOP around the connected part of a call.  With Echo, bytes that a program sends go
 * back to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "card_msg.pb-c.h"
#include "null.h"

#define MAGIC_SIZE	4
#define MAGIC_CARD	"TCM1"
#define MAGIC_PRIVATE	"TCP1"
#define CARD_MSG_MAX	512
#define CARD_VERSION	1
#define CARD_PERIOD_MS	20
/* TAPI3_MEDIA_CAUSE_REMOTE_REQUEST: the provider's wish */
#define STOP_CAUSE	4

/**
 * struct instance - the media provider of one program for one address
 * @peer: the host's name for it
 */
struct instance {
	struct instance *next;
	struct line *line;
	DWORD address;
	HDRVMSPLINE handle;
	HTAPIMSPLINE peer;
};

static bool send(struct job *job, struct line *line, struct call *call, HTAPIMSPLINE peer,
		 const void *data, size_t size)
{
	struct report *report;
	void *copy = malloc(size ? size : 1);

	if (!copy)
		return false;
	if (size)
		memcpy(copy, data, size);
	report = report_add(job, line->handle, call ? call->handle : 0, LINE_SENDMSPDATA);
	if (!report) {
		free(copy);
		return false;
	}
	report->p1 = peer;
	report->p2 = (DWORD_PTR)copy;
	report->p3 = size;
	report->data = copy;
	return true;
}

bool msp_send(struct job *job, struct line *line, struct call *call, const void *data, size_t size)
{
	return send(job, line, call, 0, data, size);
}

unsigned int msp_count(const struct line *line)
{
	const struct instance *instance;
	unsigned int count = 0;

	for (instance = line->instances; instance; instance = instance->next)
		count++;
	return count;
}

/* Sound device of a line: PcmN for line N, else Pcm */
static const char *pcm_of(const struct line *line)
{
	const char *pcm;
	char key[16];

	snprintf(key, sizeof(key), "Pcm%u", line->index);
	pcm = host_setting(key);
	return pcm ? pcm : host_setting("Pcm");
}

static void send_card(struct job *job, struct line *line, struct call *call, HTAPIMSPLINE peer,
		      const Tapi__Card__CardMsg *msg)
{
	uint8_t buffer[CARD_MSG_MAX];
	size_t size = tapi__card__card_msg__get_packed_size(msg);

	if (size > sizeof(buffer) - MAGIC_SIZE) {
		host_log(LOG_ERR, "line %u: the name of its sound device is too long", line->index);
		return;
	}
	memcpy(buffer, MAGIC_CARD, MAGIC_SIZE);
	tapi__card__card_msg__pack(msg, buffer + MAGIC_SIZE);
	send(job, line, call, peer, buffer, size + MAGIC_SIZE);
}

static void send_ready(struct job *job, const struct instance *instance)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__Ready ready = TAPI__CARD__READY__INIT;

	ready.has_version_min = ready.has_version_max = true;
	ready.version_min = ready.version_max = CARD_VERSION;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_READY;
	msg.ready = &ready;
	send_card(job, instance->line, NULL, instance->peer, &msg);
}

static void send_start(struct job *job, struct call *call, HTAPIMSPLINE peer)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__Start start = TAPI__CARD__START__INIT;

	start.has_stream = start.has_period_ms = true;
	start.stream = call->stream;
	start.period_ms = CARD_PERIOD_MS;
	start.pcm = (char *)pcm_of(call->line);
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_START;
	msg.start = &start;
	send_card(job, call->line, call, peer, &msg);
}

static void send_stop(struct job *job, struct call *call)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__Stop stop = TAPI__CARD__STOP__INIT;

	stop.has_stream = stop.has_cause = true;
	stop.stream = call->stream;
	stop.cause = STOP_CAUSE;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_STOP;
	msg.stop = &stop;
	send_card(job, call->line, call, 0, &msg);
}

static bool wants_sound(const struct call *call)
{
	return call->state == LINECALLSTATE_CONNECTED && pcm_of(call->line);
}

void msp_announce(struct job *job, struct call *call)
{
	if (call->line->instances)
		send(job, call->line, call, 0, "", 0);
}

void msp_before(struct job *job, struct call *call, DWORD state)
{
	if (!call->stream || state == LINECALLSTATE_CONNECTED)
		return;
	send_stop(job, call);
	call->stream = 0;
}

void msp_after(struct job *job, struct call *call)
{
	if (call->stream || !call->line->instances || !wants_sound(call))
		return;
	call->stream = ++provider.next_stream;
	send_start(job, call, 0);
}

/* What a new instance has missed */
static void greet(struct job *job, struct instance *instance)
{
	struct call *call;

	if (pcm_of(instance->line))
		send_ready(job, instance);
	for (call = instance->line->calls; call; call = call->next) {
		if (!call->begun || call->state == LINECALLSTATE_IDLE ||
		    call->address != instance->address)
			continue;
		send(job, instance->line, call, instance->peer, "", 0);
		if (!wants_sound(call))
			continue;
		if (!call->stream)
			call->stream = ++provider.next_stream;
		send_start(job, call, instance->peer);
	}
}

LONG TSPIAPI TSPI_lineMSPIdentify(DWORD dwDeviceID, GUID *pCLSID)
{
	const struct line *line;
	struct fault fault;
	LONG err;

	if (entry(FN_lineMSPIdentify, &fault, &err, "device=%u", dwDeviceID))
		return err;
	provider_lock();
	line = line_of_device(dwDeviceID, &err);
	if (line && !provider.settings.msp)
		err = LINEERR_OPERATIONUNAVAIL;
	if (!err)
		*pCLSID = provider.settings.msp_class;
	provider_unlock();
	return err;
}

/* With provider.lock held */
static LONG create(struct job *job, HDRVLINE hd_line, DWORD address, HTAPIMSPLINE peer,
		   HDRVMSPLINE *handle)
{
	struct line *line = line_get(hd_line);
	struct instance *instance;

	if (!line)
		return LINEERR_INVALLINEHANDLE;
	if (address >= provider.settings.addresses)
		return LINEERR_INVALADDRESSID;
	instance = calloc(1, sizeof(*instance));
	if (!instance)
		return LINEERR_NOMEM;
	instance->handle = table_add(&provider.instances, instance);
	if (!instance->handle) {
		free(instance);
		return LINEERR_NOMEM;
	}
	instance->line = line;
	instance->address = address;
	instance->peer = peer;
	instance->next = line->instances;
	line->instances = instance;
	*handle = instance->handle;
	greet(job, instance);
	return 0;
}

LONG TSPIAPI TSPI_lineCreateMSPInstance(HDRVLINE hdLine, DWORD dwAddressID, HTAPIMSPLINE htMSPLine,
					LPHDRVMSPLINE lphdMSPLine)
{
	struct fault fault;
	struct job *job;
	LONG err;

	if (entry(FN_lineCreateMSPInstance, &fault, &err, "line=%d address=%u", line_shown(hdLine),
		  dwAddressID))
		return err;
	if (!provider.settings.msp)
		return LINEERR_OPERATIONUNAVAIL;
	job = job_new(NULL, 0, 0);
	if (!job)
		return LINEERR_NOMEM;
	provider_lock();
	err = create(job, hdLine, dwAddressID, htMSPLine, lphdMSPLine);
	provider_unlock();
	worker_post(job);
	return err;
}

static void forget(struct instance *instance)
{
	struct instance **at = &instance->line->instances;
	struct call *call;

	while (*at != instance)
		at = &(*at)->next;
	*at = instance->next;
	/* nobody is left who has the sound */
	for (call = instance->line->instances ? NULL : instance->line->calls; call;
	     call = call->next)
		call->stream = 0;
	table_remove(&provider.instances, instance->handle);
	free(instance);
}

void msp_forget(struct line *line)
{
	while (line->instances)
		forget(line->instances);
}

LONG TSPIAPI TSPI_lineCloseMSPInstance(HDRVMSPLINE hdMSPLine)
{
	struct instance *instance;
	struct fault fault;
	LONG err;

	if (entry(FN_lineCloseMSPInstance, &fault, &err, "instance=%#lx", (long)hdMSPLine))
		return err;
	provider_lock();
	instance = table_get(&provider.instances, hdMSPLine);
	if (instance)
		forget(instance);
	provider_unlock();
	return instance ? 0 : LINEERR_INVALPOINTER;
}

/* With provider.lock held */
static LONG receive(struct job *job, HDRVLINE hd_line, HDRVCALL hd_call, HDRVMSPLINE handle,
		    const void *data, size_t size)
{
	struct instance *instance = table_get(&provider.instances, handle);
	struct call *call = hd_call ? call_get(hd_call) : NULL;
	struct line *line = line_get(hd_line);

	if (!line)
		return LINEERR_INVALLINEHANDLE;
	if (!instance || instance->line != line)
		return LINEERR_INVALPOINTER;
	if (hd_call && (!call || call->line != line))
		return LINEERR_INVALCALLHANDLE;
	if (provider.settings.echo && size >= MAGIC_SIZE &&
	    !memcmp(data, MAGIC_PRIVATE, MAGIC_SIZE) &&
	    !send(job, line, call, instance->peer, data, size))
		return LINEERR_NOMEM;
	return 0;
}

/* What a card message is, for the journal */
static const char *kind_of(const void *data, size_t size)
{
	static const char *const kinds[] = {
		[TAPI__CARD__CARD_MSG__WHAT_READY] = "READY",
		[TAPI__CARD__CARD_MSG__WHAT_STARTED] = "STARTED",
		[TAPI__CARD__CARD_MSG__WHAT_FAILED] = "FAILED",
		[TAPI__CARD__CARD_MSG__WHAT_DIGITS_DONE] = "DIGITSDONE",
		[TAPI__CARD__CARD_MSG__WHAT_STOPPED] = "STOPPED",
		[TAPI__CARD__CARD_MSG__WHAT_STATS] = "STATS",
	};
	Tapi__Card__CardMsg *msg;
	const char *kind = NULL;

	if (size < MAGIC_SIZE)
		return size ? "short" : "empty";
	if (!memcmp(data, MAGIC_PRIVATE, MAGIC_SIZE))
		return "private";
	if (memcmp(data, MAGIC_CARD, MAGIC_SIZE) || size > CARD_MSG_MAX)
		return "other";
	msg = tapi__card__card_msg__unpack(NULL, size - MAGIC_SIZE,
					   (const uint8_t *)data + MAGIC_SIZE);
	if (!msg)
		return "damaged";
	if ((size_t)msg->what_case < sizeof(kinds) / sizeof(kinds[0]))
		kind = kinds[msg->what_case];
	tapi__card__card_msg__free_unpacked(msg, NULL);
	return kind ? kind : "unknown";
}

LONG TSPIAPI TSPI_lineReceiveMSPData(HDRVLINE hdLine, HDRVCALL hdCall, HDRVMSPLINE hdMSPLine,
				     LPVOID pBuffer, DWORD dwSize)
{
	struct fault fault;
	struct job *job;
	LONG err;

	if (entry(FN_lineReceiveMSPData, &fault, &err, "line=%d call=%u size=%u kind=%s",
		  line_shown(hdLine), call_shown(hdCall), dwSize, kind_of(pBuffer, dwSize)))
		return err;
	job = job_new(NULL, 0, 0);
	if (!job)
		return LINEERR_NOMEM;
	provider_lock();
	err = receive(job, hdLine, hdCall, hdMSPLine, pBuffer, dwSize);
	provider_unlock();
	worker_post(job);
	return err;
}

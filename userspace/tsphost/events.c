/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the provider calls to report something, from any of its threads: checked, copied, queued.
 * Nothing waits here, and nothing calls back.
 */
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <linux/tapi_netlink.h>

#include "errmap.h"
#include "host.h"
#include "trace.h"

/* Bytes in the queue from which events that may be lost are lost */
#define QUEUE_HIGH	(1u << 20)

/* Messages that are passed on as they are */
static const struct passed {
	uint32_t message;
	bool call;		/* is about a call, always */
	bool flow;		/* may be lost */
} passed[] = {
	{ LINE_ADDRESSSTATE, false, false },
	{ LINE_CALLINFO, true, false },
	{ LINE_CALLSTATE, true, false },
	{ LINE_CLOSE, false, false },
	{ LINE_DEVSPECIFIC, false, true },
	{ LINE_DEVSPECIFICFEATURE, false, true },
	{ LINE_GENERATE, true, false },
	{ LINE_LINEDEVSTATE, false, false },
	{ LINE_MONITORDIGITS, true, true },
	{ LINE_MONITORMEDIA, true, true },
	{ LINE_MONITORTONE, true, true },
	{ LINE_CALLDEVSPECIFIC, true, true },
	{ LINE_CALLDEVSPECIFICFEATURE, true, true },
	{ LINE_QOSINFO, true, false },
};

static const char *message_name(uint32_t message)
{
	const struct errmap_entry *entry = errmap_find(ERRMAP_MESSAGE, (int32_t)message);

	return entry ? entry->name : "unknown message";
}

static void record(uint32_t line, uint32_t call, uint32_t message, DWORD_PTR p1, DWORD_PTR p2,
		   DWORD_PTR p3)
{
	trace_text(TRACE_TSP, TRACE_TAPISRV, message_name(message),
		   "\"line\":%u,\"call\":%u,\"p1\":%llu,\"p2\":%llu,\"p3\":%llu", line, call,
		   (unsigned long long)p1, (unsigned long long)p2, (unsigned long long)p3);
}

/* A note about a line, with the token of the job that opens it, if one does */
static struct note *line_note(enum note_kind kind, uint32_t line, uint32_t call, uint32_t message,
			      uint64_t *hold)
{
	struct note *note;

	if (!handles_line_known(line, hold) || (call && !handles_call_known(call))) {
		tsph_log(LOG_NOTICE, "%s about line %#x, call %#x: not open; ignored",
			 message_name(message), line, call);
		return NULL;
	}
	note = note_new(kind);
	if (!note)
		return NULL;
	note->line = line;
	note->call = call;
	note->message = message;
	return note;
}

/* Says once that events are lost, until there is room again */
static bool is_full(void)
{
	static atomic_bool said;

	if (notes_queued() + outbox_unsent() < QUEUE_HIGH) {
		atomic_store(&said, false);
		return false;
	}
	if (!atomic_exchange(&said, true))
		tsph_log(LOG_WARNING, "tapisrv does not take the events: digits, tones and vendor "
			 "messages are lost");
	return true;
}

static void pass(const struct passed *how, uint32_t line, uint32_t call, const uint64_t p[3])
{
	struct note *note;
	uint64_t hold;

	if (how->call && !call) {
		tsph_log(LOG_WARNING, "%s without a call; ignored", message_name(how->message));
		return;
	}
	if (how->flow && is_full())
		return;
	note = line_note(NOTE_LINE, line, call, how->message, &hold);
	if (!note)
		return;
	memcpy(note->p, p, sizeof(note->p));
	notes_push(note, hold);
}

/* The provider gets the number before this returns; 0 is "not now" */
static void new_call(uint32_t line, HDRVCALL driver, LPHTAPICALL number)
{
	struct note *note;
	uint64_t hold;

	if (!number)
		return;
	*number = 0;
	note = driver ? line_note(NOTE_NEWCALL, line, 0, LINE_NEWCALL, &hold) : NULL;
	if (!note)
		return;
	note->call = handles_offer(line, driver);
	if (!note->call) {
		tsph_log(LOG_NOTICE, "line %#x: no room for another call", line);
		note_free(note);
		return;
	}
	*number = note->call;
	notes_push(note, hold);
}

static void gathered(uint32_t line, uint32_t call, DWORD_PTR reason, DWORD_PTR id, DWORD_PTR tick)
{
	char *digits = handles_gathered(call, (uint32_t)id);
	struct note *note;
	uint64_t hold;

	note = digits ? line_note(NOTE_GATHERED, line, call, LINE_GATHERDIGITS, &hold) : NULL;
	if (!note) {
		tsph_log(LOG_INFO, "call %#x: digits of operation %u, which is over; ignored", call,
			 (uint32_t)id);
		free(digits);
		return;
	}
	note->message = (uint32_t)id;
	note->p[0] = reason;
	note->p[1] = tick;
	note->data = digits;
	note->size = strlen(digits);
	notes_push(note, hold);
}

static void msp_data(uint32_t line, uint32_t call, DWORD_PTR instance, const void *data,
		     size_t size)
{
	struct note *note;
	uint64_t hold;

	if (size > TAPI_NL_DATA_MAX || (size && !data)) {
		tsph_log(LOG_WARNING, "line %#x: %zu bytes for a media provider, the limit is %u; "
			 "dropped", line, size, TAPI_NL_DATA_MAX);
		return;
	}
	note = line_note(NOTE_MSP, line, call, LINE_SENDMSPDATA, &hold);
	if (!note)
		return;
	note->message = (uint32_t)instance;
	note->size = size;
	note->data = malloc(size + 1);
	if (!note->data) {
		note_free(note);
		return;
	}
	if (size)
		memcpy(note->data, data, size);
	notes_push(note, hold);
}

static void device(enum note_kind kind, uint32_t message, DWORD_PTR p1, DWORD_PTR p2)
{
	struct note *note;

	if (kind == NOTE_CREATE && p1 != EVENTS_PROVIDER)
		tsph_log(LOG_NOTICE, "%s names provider %#llx", message_name(message),
			 (unsigned long long)p1);
	note = note_new(kind);
	if (!note)
		return;
	note->message = message;
	note->p[0] = p1;
	note->p[1] = p2;
	notes_push(note, 0);
}

static void others(uint32_t line, uint32_t call, DWORD message, const uint64_t p[3])
{
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
		if (passed[i].message == message) {
			pass(&passed[i], line, call, p);
			return;
		}
	}
	tsph_log(LOG_WARNING, "message %u (%s) is none a provider sends; ignored", message,
		 message_name(message));
}

void CALLBACK events_line(HTAPILINE line, HTAPICALL call, DWORD message, DWORD_PTR p1,
			  DWORD_PTR p2, DWORD_PTR p3)
{
	if (message == LINE_SENDMSPDATA)
		trace_text(TRACE_TSP, TRACE_MSP, "LINE_SENDMSPDATA", "\"line\":%u,\"call\":%u,"
			   "\"instance\":%u,\"size\":%u", (uint32_t)line, (uint32_t)call,
			   (uint32_t)p1, (uint32_t)p3);
	else
		record((uint32_t)line, (uint32_t)call, message, p1, p2, p3);
	switch (message) {
	case LINE_NEWCALL:
		new_call((uint32_t)line, p1, (LPHTAPICALL)p2);
		break;
	case LINE_GATHERDIGITS:
		gathered((uint32_t)line, (uint32_t)call, p1, p2, p3);
		break;
	case LINE_SENDMSPDATA:
		msp_data((uint32_t)line, (uint32_t)call, p1, (const void *)p2, p3);
		break;
	case LINE_CREATE:
		device(NOTE_CREATE, message, p1, p2);
		break;
	case LINE_REMOVE:
		device(NOTE_REMOVE, message, p1, p2);
		break;
	default:
		others((uint32_t)line, (uint32_t)call, message, (uint64_t[3]){ p1, p2, p3 });
		break;
	}
}

void CALLBACK events_create_line(HTAPILINE line, HTAPICALL call, DWORD message, DWORD_PTR p1,
				 DWORD_PTR p2, DWORD_PTR p3)
{
	if (message == LINE_CREATE || message == LINE_REMOVE)
		events_line(line, call, message, p1, p2, p3);
	else
		tsph_log(LOG_WARNING, "message %u (%s) says nothing of new lines; ignored", message,
			 message_name(message));
}

/* Phones are not served */
void CALLBACK events_create_phone(HTAPIPHONE phone, DWORD message, DWORD_PTR p1, DWORD_PTR p2,
				  DWORD_PTR p3)
{
	tsph_log(LOG_NOTICE, "the provider announces a phone; ignored");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread that asks the provider what a message needs beside itself: what a new call is like, the
 * number a call has in the relay. The message keeps its place at the front of the queue meanwhile.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <syslog.h>

#include "host.h"
#include "trace.h"

/* Facts about a call into the note: address, media mode, origin */
static LONG look_at(const struct call_ref *call, struct note *note)
{
	struct query query = { .call = call->driver, .version = call->version };
	ProtobufCMessage *message = NULL;
	Tapi__Rpc__CallInfo *info;
	DWORD address = 0;
	LONG result;

	watch_text(TRACE_TAPISRV, "\"call\":%u", call->number);
	result = TSP(lineGetCallAddressID, call->driver, &address);
	if (!result)
		result = query_struct(query_call_info, &query, &sv_linecallinfo, NULL, &message);
	watch_message(NULL);
	if (result)
		return result;
	info = (Tapi__Rpc__CallInfo *)message;
	handles_call_id(call->number, info->call_id);
	note->call_id = info->call_id;
	note->p[0] = address;
	note->p[1] = info->media_mode;
	note->p[2] = info->origin;
	protobuf_c_message_free_unpacked(message, NULL);
	return 0;
}

/* False: the call is no more */
static bool new_call(struct note *note)
{
	struct call_ref call;
	LONG result = handles_use(note->call, &call);

	if (result)
		return false;
	result = look_at(&call, note);
	handles_unuse(note->call);
	if (result)
		tsph_log(LOG_WARNING, "call %#x: the provider says nothing about it: %#x",
			 note->call, (DWORD)result);
	return true;
}

/* The number a call has in the relay, 0 while it has none */
static uint32_t relay_number(uint32_t number)
{
	struct note facts = { 0 };
	struct call_ref call;

	if (handles_use(number, &call))
		return 0;
	if (!call.call_id && !look_at(&call, &facts))
		call.call_id = facts.call_id;
	handles_unuse(number);
	return call.call_id;
}

/* Whether it is to be sent */
static bool prepare(struct note *note)
{
	switch (note->kind) {
	case NOTE_NEWCALL:
		return new_call(note);
	case NOTE_LINE:
		relay_number(note->call);
		return true;
	case NOTE_COMPLETE:
		note->call_id = relay_number(note->call);
		return true;
	case NOTE_MSP:
		note->call_id = relay_number(note->call);
		if (!note->call_id)
			tsph_log(LOG_WARNING, "call %#x: data for its media provider, but the call "
				 "has no dwCallID; dropped", note->call);
		return note->call_id;
	default:
		return true;
	}
}

bool report_needed(const struct note *note, bool opening)
{
	switch (note->kind) {
	case NOTE_NEWCALL:
		return true;
	case NOTE_LINE:
		/*
		 * The number of a call in the relay is learnt early, so that the first message from
		 * the media provider finds its call. A line that is being opened may yet be bound.
		 */
		return note->call && (opening || relay_line_bound(note->line));
	case NOTE_COMPLETE:
		/* a call that a request has made is told with its number */
		return !note->result && note->call;
	case NOTE_MSP:
		return note->call;
	default:
		return false;
	}
}

static void *report(void *arg)
{
	struct note *note;

	for (;;) {
		note = notes_wait();
		notes_asked(note, prepare(note));
	}
	return NULL;
}

int report_start(void)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, report, NULL);

	if (err)
		return -err;
	pthread_detach(thread);
	return 0;
}

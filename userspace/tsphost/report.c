/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread between the provider's events and the loop thread. It asks the provider what a message
 * needs beside itself: what a new call is like, the number a call has in the relay. As it takes one
 * note after the other, the order stays.
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

/* Learnt early, so that the first message from the media provider finds its call */
static void learn(const struct note *note)
{
	if (note->call && relay_line_bound(note->line))
		relay_number(note->call);
}

/* A call that a request has made is told with its number */
static void made(struct note *note)
{
	if (!note->result && note->call)
		note->call_id = relay_number(note->call);
}

/* Whether it is to be sent */
static bool prepare(struct note *note)
{
	uint64_t opening;

	switch (note->kind) {
	case NOTE_NEWCALL:
		return new_call(note);
	case NOTE_LINE:
		learn(note);
		return handles_line_known(note->line, &opening);
	case NOTE_COMPLETE:
		made(note);
		return true;
	case NOTE_MSP:
		note->call_id = note->call ? relay_number(note->call) : 0;
		if (note->call && !note->call_id)
			tsph_log(LOG_WARNING, "call %#x: data for its media provider, but the call "
				 "has no dwCallID; dropped", note->call);
		return !note->call || note->call_id;
	default:
		return true;
	}
}

static void *report(void *arg)
{
	struct note *note;

	for (;;) {
		note = notes_wait();
		if (prepare(note))
			outbox_push(note);
		else
			note_free(note);
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Out to tapisrv: what is at the front of the queue is sent by the loop thread. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <syslog.h>

#include "host.h"

/* A tapisrv that takes nothing any more is not worth the memory */
#define UNSENT_MAX	(16u << 20)

static atomic_size_t unsent;

/* Events have no answer, but the stubs want somewhere to send it */
static void nothing(const Tapi__Rpc__Empty *out, void *data)
{
}

static void send_complete(ProtobufCService *peer, const struct note *note)
{
	Tapi__Rpc__CompleteEvent event = TAPI__RPC__COMPLETE_EVENT__INIT;

	event.has_request = event.has_result = 1;
	event.request = note->request;
	event.result = note->result;
	event.has_data = note->data != NULL;
	event.data.data = note->data;
	event.data.len = note->size;
	event.has_call_id = note->call_id != 0;
	event.call_id = note->call_id;
	tapi__rpc__host_events__complete(peer, &event, nothing, NULL);
}

static void send_event(ProtobufCService *peer, const struct note *note)
{
	Tapi__Rpc__ProviderEvent event = TAPI__RPC__PROVIDER_EVENT__INIT;

	event.has_line = event.has_call = event.has_message = 1;
	event.has_p1 = event.has_p2 = event.has_p3 = 1;
	event.line = note->line;
	event.call = note->call;
	event.message = note->message;
	event.p1 = note->p[0];
	event.p2 = note->p[1];
	event.p3 = note->p[2];
	if (note->kind == NOTE_CREATE)
		tapi__rpc__host_events__create(peer, &event, nothing, NULL);
	else if (note->kind == NOTE_REMOVE)
		tapi__rpc__host_events__remove(peer, &event, nothing, NULL);
	else
		tapi__rpc__host_events__line(peer, &event, nothing, NULL);
}

static void send_new_call(ProtobufCService *peer, const struct note *note)
{
	Tapi__Rpc__NewCallEvent event = TAPI__RPC__NEW_CALL_EVENT__INIT;

	event.has_line = event.has_call = event.has_address = 1;
	event.has_call_id = event.has_media_mode = event.has_origin = 1;
	event.line = note->line;
	event.call = note->call;
	event.address = (uint32_t)note->p[0];
	event.call_id = note->call_id;
	event.media_mode = (uint32_t)note->p[1];
	event.origin = (uint32_t)note->p[2];
	tapi__rpc__host_events__new_call(peer, &event, nothing, NULL);
}

static void send_gathered(ProtobufCService *peer, const struct note *note)
{
	Tapi__Rpc__GatheredEvent event = TAPI__RPC__GATHERED_EVENT__INIT;

	event.has_call = event.has_end_to_end_id = event.has_reason = event.has_tick = 1;
	event.call = note->call;
	event.end_to_end_id = note->message;
	event.digits = note->data;
	event.reason = (uint32_t)note->p[0];
	event.tick = (uint32_t)note->p[1];
	tapi__rpc__host_events__gathered(peer, &event, nothing, NULL);
}

static void send_log(ProtobufCService *peer, const struct note *note)
{
	Tapi__Rpc__LogEvent event = TAPI__RPC__LOG_EVENT__INIT;

	event.has_priority = 1;
	event.priority = note->message;
	event.text = note->data;
	tapi__rpc__host_events__log(peer, &event, nothing, NULL);
}

static void send_one(struct link *link, const struct note *note)
{
	ProtobufCService *peer = link_service(link, TAPI__RPC__SERVICE_ID__SERVICE_HOST_EVENTS);
	uint64_t opening;

	switch (note->kind) {
	case NOTE_COMPLETE:
		send_complete(peer, note);
		break;
	case NOTE_LINE:
		/* nobody hears of a line any more once it is closed */
		if (handles_line_known(note->line, &opening))
			send_event(peer, note);
		break;
	case NOTE_CREATE:
	case NOTE_REMOVE:
		send_event(peer, note);
		break;
	case NOTE_NEWCALL:
		send_new_call(peer, note);
		break;
	case NOTE_GATHERED:
		send_gathered(peer, note);
		break;
	case NOTE_LOG:
		send_log(peer, note);
		break;
	default:
		break;
	}
}

static void handle(struct note *note)
{
	switch (note->kind) {
	case NOTE_ANSWER:
		note->job->answer(note->job->out, note->job->answer_data);
		job_free(note->job);
		break;
	case NOTE_MSP:
		relay_send(note);
		break;
	case NOTE_RELAY_NEW:
		relay_watch(note->relay);
		break;
	case NOTE_RELAY_END:
		relay_unwatch(note->relay);
		break;
	case NOTE_STOPPED:
		host_ended(note->result);
		break;
	default:
		if (host_peer())
			send_one(host_peer(), note);
		break;
	}
	note_free(note);
}

size_t outbox_unsent(void)
{
	return atomic_load(&unsent);
}

void outbox_measure(void)
{
	atomic_store(&unsent, host_peer() ? link_queued(host_peer()) : 0);
}

static int drain(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct note *note, *next;

	for (note = notes_take(); note; note = next) {
		next = note->next;
		handle(note);
	}
	outbox_measure();
	if (outbox_unsent() > UNSENT_MAX) {
		tsph_log(LOG_ERR, "tapisrv does not read");
		link_close(host_peer(), -ENOBUFS);
	}
	host_sent();
	return 0;
}

int outbox_start(sd_event *event)
{
	int fd = notes_start();

	return fd < 0 ? fd : sd_event_add_io(event, NULL, fd, EPOLLIN, drain, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to programs. A program that does not read loses, in this order: what may be lost, then
 * everything but the answers to its requests, for which it is told to ask for a snapshot later.
 */
#include "server.h"

#define EVENTS(client) link_service((client)->link, TAPI__RPC__SERVICE_ID__SERVICE_APP_EVENTS)

static int unread_too_long(sd_event_source *source, uint64_t usec, void *data)
{
	client_close(data, "it does not read its messages");
	return 0;
}

static void begin_resync(struct client *client)
{
	client->resync = true;
	log_message(4, "%s (%d) does not keep up with its messages", client->program,
		    (int)client->pid);
	sd_event_add_time_relative(server.event, &client->unread, CLOCK_BOOTTIME,
				   server.config->unread_usec, 100000, unread_too_long, client);
}

/* May this one be sent now? */
static bool admit(struct client *client, enum event_class class)
{
	if (link_fd(client->link) < 0)
		return false;
	server.events_count++;
	client->seq++;
	if (class == EVENT_MUST)
		return true;
	if (client->resync || link_queued(client->link) > EVENT_QUEUE_HIGH) {
		client->lost++;
		client->dropped++;
		/* digits and the like may be lost; states have to be told again */
		if (class != EVENT_FLOW && !client->resync)
			begin_resync(client);
		return false;
	}
	return true;
}

void event_relieved(struct client *client)
{
	Tapi__Rpc__Resync resync = TAPI__RPC__RESYNC__INIT;

	if (!client->resync || link_queued(client->link))
		return;
	client->resync = false;
	client->unread = sd_event_source_disable_unref(client->unread);
	resync.has_seq = resync.has_lost = 1;
	resync.seq = client->seq;
	resync.lost = client->lost;
	client->lost = 0;
	tapi__rpc__app_events__resynchronise(EVENTS(client), &resync, NULL, NULL);
}

static void send(struct app *app, enum event_class class, const Tapi__Rpc__Event *values)
{
	struct client *client = app->client;
	Tapi__Rpc__Event event = *values;

	if (!admit(client, class))
		return;
	event.has_instance = event.has_seq = event.has_device = event.has_message = 1;
	event.instance = app->handle;
	event.seq = client->seq;
	event.has_p1 = event.p1 != 0;
	event.has_p2 = event.p2 != 0;
	event.has_p3 = event.p3 != 0;
	event.has_privilege = event.privilege != 0;
	event.has_related = event.related != 0;
	tapi__rpc__app_events__message(EVENTS(client), &event, NULL, NULL);
}

void event_send(struct app *app, enum event_class class, uint32_t device, uint32_t message,
		uint64_t p1, uint64_t p2, uint64_t p3)
{
	Tapi__Rpc__Event event = TAPI__RPC__EVENT__INIT;

	event.device = device;
	event.message = message;
	event.p1 = p1;
	event.p2 = p2;
	event.p3 = p3;
	send(app, class, &event);
}

void event_call(struct appcall *appcall, enum event_class class, uint32_t message, uint64_t p1,
		uint64_t p2, uint64_t p3)
{
	if (appcall->call->tentative)
		return;
	if (!appcall->known)
		invariant_broken("a message names a call the program does not know");
	if (message == LINE_CALLSTATE && appcall->over)
		invariant_broken("a call has a state after its end");
	appcall->over |= message == LINE_CALLSTATE && p1 == LINECALLSTATE_IDLE;
	event_send(appcall->open->app, class, appcall->handle, message, p1, p2, p3);
}

void event_new_call(struct appcall *appcall)
{
	Tapi__Rpc__Event event = TAPI__RPC__EVENT__INIT;

	appcall->known = true;
	event.device = event.related = appcall->open->handle;
	event.message = LINE_APPNEWCALL;
	event.privilege = appcall->privilege;
	event.p1 = appcall->call->address;
	event.p2 = appcall->handle;
	event.p3 = appcall->privilege;
	event.has_call_id = 1;
	event.call_id = appcall->call->call_id;
	send(appcall->open->app, EVENT_STATE, &event);
}

void event_line_state(struct line *line, uint32_t bits, uint64_t p2, uint64_t p3)
{
	list_for_each(at, &line->opens) {
		struct open *open = list_entry(at, struct open, in_line);

		if (open->line_states & bits)
			event_send(open->app, EVENT_MERGE, open->handle, LINE_LINEDEVSTATE,
				   open->line_states & bits, p2, p3);
	}
}

void event_all(uint32_t message, uint64_t p1)
{
	list_for_each(at, &server.clients) {
		struct client *client = list_entry(at, struct client, node);

		list_for_each(app_at, &client->apps) {
			struct app *app = list_entry(app_at, struct app, node);

			if (app->ready)
				event_send(app, EVENT_STATE, 0, message, p1, 0, 0);
		}
	}
}

void event_reply(struct app *app, uint32_t id, int32_t result, const Tapi__Rpc__Error *error,
		 struct appcall *call, const ProtobufCBinaryData *bytes)
{
	Tapi__Rpc__Reply reply = TAPI__RPC__REPLY__INIT;

	if (call)
		call->known = true;

	if (!admit(app->client, EVENT_MUST))
		return;
	reply.has_app = reply.has_seq = reply.has_request_id = reply.has_result = 1;
	reply.app = app->handle;
	reply.seq = app->client->seq;
	reply.request_id = id;
	reply.result = result;
	reply.error = result < 0 ? (Tapi__Rpc__Error *)(uintptr_t)error : NULL;
	reply.has_call = call != NULL;
	reply.call = call ? call->handle : 0;
	reply.has_call_id = call && call->call->call_id;
	reply.call_id = call ? call->call->call_id : 0;
	if (bytes) {
		reply.has_data = 1;
		reply.data = *bytes;
	}
	tapi__rpc__app_events__replied(EVENTS(app->client), &reply, NULL, NULL);
}

void event_gathered(struct appcall *appcall, const char *digits, uint32_t reason, uint32_t tick)
{
	Tapi__Rpc__Gathered gathered = TAPI__RPC__GATHERED__INIT;
	struct app *app = appcall->open->app;

	if (!admit(app->client, EVENT_MUST))
		return;
	gathered.has_app = gathered.has_seq = gathered.has_call = gathered.has_reason = 1;
	gathered.app = app->handle;
	gathered.seq = app->client->seq;
	gathered.call = appcall->handle;
	gathered.digits = (char *)(uintptr_t)digits;
	gathered.reason = reason;
	gathered.has_tick = 1;
	gathered.tick = tick;
	tapi__rpc__app_events__digits(EVENTS(app->client), &gathered, NULL, NULL);
}

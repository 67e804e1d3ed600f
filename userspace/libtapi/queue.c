/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages that wait for the program, and the asynchronous requests some of them end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "internal.h"
#include "trace.h"
#include "utf.h"

struct message *message_new(struct app *app, DWORD device, DWORD id, struct line *line,
			    struct call *call)
{
	struct message *message = calloc(1, sizeof(*message));

	if (!message)
		return NULL;
	message->line.hDevice = device;
	message->line.dwMessageID = id;
	if (call)
		line = call->line;
	if (line) {
		message->line.dwCallbackInstance = line->instance;
		message->about_line = line->object.handle;
	}
	message->about_call = call ? call->object.handle : 0;
	return message;
}

static struct message *first(struct app *app)
{
	struct message *message;

	if (list_empty(&app->messages))
		return NULL;
	message = list_entry(app->messages.next, struct message, node);
	/* a reply waits for the function it belongs to, and what follows waits for the reply */
	return message->request && !message->request->returned ? NULL : message;
}

void queue_update(struct app *app)
{
	bool ready = first(app) || app->closing || (app->state == ENDED && !app->told);
	eventfd_t count;

	if (ready == app->signalled)
		return;
	app->signalled = ready;
	if (!ready) {
		eventfd_read(app->event_fd, &count);
		return;
	}
	eventfd_write(app->event_fd, 1);
	pthread_cond_broadcast(&app->changed);
	if (app->leader_listens)
		app_wake(app);
}

void message_add(struct app *app, struct message *message)
{
	const LINEMESSAGE *m = &message->line;

	trace_text(TRACE_TAPISRV, TRACE_TAPI3, tapi_message_name(m->dwMessageID),
		   "\"device\":%u,\"p1\":%llu,\"p2\":%llu,\"p3\":%llu", m->hDevice,
		   (unsigned long long)m->dwParam1, (unsigned long long)m->dwParam2,
		   (unsigned long long)m->dwParam3);
	list_append(&app->messages, &message->node);
	app->messages_count++;
	queue_update(app);
}

static void request_free(struct request *request)
{
	list_remove(&request->node);
	free(request->detail);
	free(request->data);
	free(request);
}

static void message_free(struct app *app, struct message *message)
{
	list_remove(&message->node);
	app->messages_count--;
	if (message->request) {
		message->request->message = NULL;
		request_suppress(message->request);
	}
	if (message->gather)
		gather_free(message->gather);
	free(message);
}

/* What a request brought goes where the program wants it, now that it gets to know */
static void hand_over_reply(struct request *request, LONG result)
{
	if (request->detail)
		fail_detail(request->detail);
	else if (result < 0)
		refuse(result);
	if (request->call_out && request->call)
		*request->call_out = request->call;
	if (request->buffer && request->data)
		memcpy(request->buffer, request->data, request->data_size < request->size ?
		       request->data_size : request->size);
}

/* No NUL when all of the buffer is filled: that is TAPI's rule */
static void hand_over_digits(const struct gather *gather)
{
	uint32_t count = gather->digits ? (uint32_t)strlen(gather->digits) : 0, i;
	WCHAR *wide = gather->buffer;
	char *narrow = gather->buffer;

	if (count > gather->count)
		count = gather->count;
	for (i = 0; i < count; i++) {
		if (gather->wide)
			wide[i] = (unsigned char)gather->digits[i];
		else
			narrow[i] = gather->digits[i];
	}
	if (count == gather->count)
		return;
	if (gather->wide)
		wide[count] = 0;
	else
		narrow[count] = 0;
}

bool message_take(struct app *app, LINEMESSAGE *to)
{
	struct message *message = first(app);

	if (!message)
		return false;
	if (message->request)
		hand_over_reply(message->request, (LONG)message->line.dwParam2);
	if (message->gather)
		hand_over_digits(message->gather);
	*to = message->line;
	note_message(message, app->messages_count - 1);
	message_free(app, message);
	queue_update(app);
	return true;
}

void messages_forget_line(struct app *app, HLINE line)
{
	list_for_each(at, &app->messages) {
		struct message *message = list_entry(at, struct message, node);

		if (message->about_line == line)
			message_free(app, message);
	}
	list_for_each(at, &app->requests) {
		struct request *request = list_entry(at, struct request, node);

		if (request->line == line)
			request_suppress(request);
	}
	queue_update(app);
}

void messages_forget_call(struct app *app, HCALL call)
{
	list_for_each(at, &app->messages) {
		struct message *message = list_entry(at, struct message, node);

		/* replies survive: the program counts on one for each request */
		if (message->about_call == call && !message->request)
			message_free(app, message);
	}
	queue_update(app);
}

void messages_clear(struct app *app)
{
	list_for_each(at, &app->messages)
		message_free(app, list_entry(at, struct message, node));
	list_for_each(at, &app->requests)
		request_suppress(list_entry(at, struct request, node));
	queue_update(app);
}

/* ---- requests ---- */

static uint32_t next_id(void)
{
	static uint32_t last;

	last = last % 0x7fffffff + 1;
	return last;
}

struct request *request_new(struct line *line)
{
	struct request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->app = line->app;
	request->id = next_id();
	request->line = line->object.handle;
	request->instance = line->instance;
	list_append(&line->app->requests, &request->node);
	return request;
}

LONG request_accepted(const ProtobufCMessage *out, void *data)
{
	struct request *request = data;

	request->server = ((const Tapi__Rpc__AsyncOut *)out)->request_id;
	return 0;
}

LONG request_return(struct request *request, LONG result)
{
	struct app *app = request->app;

	request->returned = true;
	if (result < 0) {
		request_suppress(request);
		return result;
	}
	result = (LONG)request->id;
	if (request->suppressed)
		request_free(request);
	else if (request->message)
		queue_update(app);
	return result;
}

void request_reply(struct request *request, LONG result, const Tapi__Rpc__Error *error,
		   uint32_t flags, uint32_t sequence)
{
	struct app *app = request->app;
	struct message *message;

	request->server = 0;
	if (request->suppressed || request->message)
		return;
	message = message_new(app, 0, LINE_REPLY, NULL, NULL);
	if (!message)
		return;
	if (result < 0 && error)
		request->detail = malloc(sizeof(*request->detail));
	if (request->detail)
		detail_of_error(request->detail, result, error);
	message->line.dwCallbackInstance = request->instance;
	message->line.dwParam1 = request->id;
	message->line.dwParam2 = (DWORD_PTR)(intptr_t)result;
	message->flags = flags;
	message->sequence = sequence;
	message->about_line = request->line;
	message->request = request;
	request->message = message;
	message_add(app, message);
}

void request_lost(struct request *request)
{
	Tapi__Rpc__Error error = TAPI__RPC__ERROR__INIT;

	SET(&error, origin, TAPI_ORIGIN_LIBRARY);
	error.text = (char *)(uintptr_t)"tapisrv has ended before the request was completed";
	request_reply(request, LINEERR_OPERATIONFAILED, &error, TAPI_MESSAGE_SYNTHETIC, 0);
}

/* The function that made it may still be waiting: then it frees it */
void request_suppress(struct request *request)
{
	struct message *message = request->message;

	request->suppressed = true;
	if (message) {
		request->message = NULL;
		message->request = NULL;
		message_free(request->app, message);
	}
	if (request->returned)
		request_free(request);
}

struct request *request_of_server(struct app *app, uint32_t server)
{
	list_for_each(at, &app->requests) {
		struct request *request = list_entry(at, struct request, node);

		if (server && request->server == server)
			return request;
	}
	return NULL;
}

void requests_lost(struct app *app)
{
	list_for_each(at, &app->requests) {
		struct request *request = list_entry(at, struct request, node);

		if (request->server)
			request_lost(request);
	}
}

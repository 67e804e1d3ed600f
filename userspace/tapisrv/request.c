/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asynchronous requests: each ends once, whoever dies. */
#include <search.h>
#include <stdlib.h>

#include "server.h"

#define NO_ANSWER	"the service provider does not answer"

static uint32_t new_id(void)
{
	do {
		server.next_request = server.next_request >= 0x7fffffff ? 1 :
				      server.next_request + 1;
	} while (tree_find(&server.requests, server.next_request));
	return server.next_request;
}

struct request *request_new(struct app *app, struct provider *provider)
{
	struct request *request;

	if (app && app->requests_count >= REQUESTS_PER_APP)
		return NULL;
	request = calloc(1, sizeof(*request));
	if (!request)
		return NULL;
	request->id = new_id();
	request->provider = provider;
	request->app = app;
	list_init(&request->in_app);
	list_init(&request->in_provider);
	if (!tree_add(&server.requests, request)) {
		free(request);
		return NULL;
	}
	if (app) {
		list_append(&app->requests, &request->in_app);
		app->requests_count++;
	}
	list_append(&provider->requests, &request->in_provider);
	return request;
}

/* Nobody waits for it any more */
static void abandon(struct request *request)
{
	if (request->app)
		request->app->requests_count--;
	request->app = NULL;
	list_remove(&request->in_app);
}

void request_drop(struct request *request)
{
	tree_remove(&server.requests, request);
	abandon(request);
	list_remove(&request->in_provider);
	free(request);
}

void request_accept(struct request *request, Tapi__Rpc__AsyncOut_Closure closure, void *data)
{
	Tapi__Rpc__AsyncOut out = TAPI__RPC__ASYNC_OUT__INIT;

	out.has_result = out.has_request_id = 1;
	out.request_id = request->id;
	closure(&out, data);
}

void request_refuse(struct op *op, Tapi__Rpc__AsyncOut_Closure closure, void *data)
{
	ANSWER_ERROR(ASYNC_OUT, async_out, closure, data,
		     op ? LINEERR_RESOURCEUNAVAIL : LINEERR_OPERATIONFAILED,
		     op ? "too many requests under way" : "the line is out of service");
	if (op)
		op_cancel(op);
}

/* ---- calls that programs make ---- */

static void tell_monitors(struct call *call, const struct appcall *maker)
{
	list_for_each(at, &call->line->opens) {
		struct open *open = list_entry(at, struct open, in_line);
		struct route_open value = {
			.privileges = open->privileges, .address = open->address,
		};
		struct appcall *appcall;

		if (open == maker->open || !route_monitors(&value, call->address))
			continue;
		appcall = appcall_new(call, open, LINECALLPRIVILEGE_MONITOR);
		if (appcall)
			appcall_announce(appcall, LINECALLSTATE_UNKNOWN, 0);
	}
}

static struct appcall *maker_of(const struct call *call)
{
	return list_empty(&call->appcalls) ? NULL :
	       list_entry(call->appcalls.next, struct appcall, in_call);
}

static void call_made(struct request *request, int32_t result)
{
	struct call *call = request->call;
	struct appcall *maker = maker_of(call);

	call->tentative = false;
	call->offered = true;
	if (result < 0) {
		call->closed = true;	/* the provider frees it by itself */
		if (maker)
			appcall_free(maker);
		call_close(call);
		return;
	}
	if (!maker) {			/* whoever made it has gone */
		call_drop(call);
		call_close(call);
	}
}

void request_complete(uint32_t id, int32_t result, const Tapi__Rpc__Error *error,
		      const Tapi__Rpc__CompleteEvent *event)
{
	struct request *request = tree_find(&server.requests, id);
	const ProtobufCBinaryData *bytes = event && event->has_data ? &event->data : NULL;
	Tapi__Rpc__Error by_provider = TAPI__RPC__ERROR__INIT;
	struct appcall *maker = NULL;

	if (!request)
		return;
	by_provider.has_origin = 1;
	by_provider.origin = TAPI_ORIGIN_PROVIDER;
	tree_remove(&server.requests, request);
	if (request->app)
		request->app->requests_count--;
	list_remove(&request->in_app);
	list_remove(&request->in_provider);
	if (request->makes_call) {
		if (event)
			request->call->call_id = event->call_id;
		call_made(request, result);
		maker = result < 0 ? NULL : maker_of(request->call);
	}
	if (request->app)
		event_reply(request->app, id, result, error ? error : &by_provider, maker, bytes);
	if (maker)
		tell_monitors(request->call, maker);
	if (request->call)
		call_unref(request->call);
	free(request);
}

void request_fail(struct request *request, int32_t result, const char *why)
{
	Tapi__Rpc__Error error = TAPI__RPC__ERROR__INIT;

	error_by_server(&error, why);
	request_complete(request->id, result, &error, NULL);
}

/*
 * The provider has not even accepted to make a call. The program need not wait any longer; but the
 * call may come into being yet, and is hung up then.
 */
static void give_up(struct request *request)
{
	struct appcall *maker = maker_of(request->call);
	Tapi__Rpc__Error error = TAPI__RPC__ERROR__INIT;

	error_by_server(&error, NO_ANSWER);
	if (request->app)
		event_reply(request->app, request->id, LINEERR_OPERATIONFAILED, &error, NULL,
			    NULL);
	abandon(request);
	if (maker)
		appcall_free(maker);
}

void request_asked(struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__Result *result = (const Tapi__Rpc__Result *)out;
	struct request *request = tree_find(&server.requests, op->number);
	int32_t code = op_result(op, out);

	if (code >= 0 || !request)
		return;
	if (!out && request->makes_call && link_fd(op->provider->link) >= 0 && op->serial)
		give_up(request);
	else if (out)
		request_complete(op->number, code, result->error, NULL);
	else
		request_fail(request, code, NO_ANSWER);
}

void requests_lost(struct provider *provider)
{
	while (!list_empty(&provider->requests))
		request_fail(list_entry(provider->requests.next, struct request, in_provider),
			     LINEERR_OPERATIONFAILED, "the host of the service provider has ended");
}

void requests_of_app(struct app *app)
{
	list_for_each(at, &app->requests)
		abandon(list_entry(at, struct request, in_app));
}

/* lineClose() suppresses the replies of the line's requests */
void requests_of_open(struct open *open)
{
	list_for_each(at, &open->app->requests) {
		struct request *request = list_entry(at, struct request, in_app);

		if (request->open == open->handle)
			abandon(request);
	}
}

void requests_fail_of_open(struct open *open)
{
	list_for_each(at, &open->app->requests) {
		struct request *request = list_entry(at, struct request, in_app);

		if (request->open == open->handle)
			request_fail(request, LINEERR_OPERATIONFAILED, "the line was closed");
	}
}

void requests_of_line(struct line *line)
{
	list_for_each(at, &line->provider->requests) {
		struct request *request = list_entry(at, struct request, in_provider);

		if (request->call && request->call->line == line)
			request_fail(request, LINEERR_OPERATIONFAILED, "the line has gone");
	}
}

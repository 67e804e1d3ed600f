/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of providers, and what each program has of them. */
#include <stdlib.h>

#include "server.h"

struct call *call_new(struct line *line, uint32_t number)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->number = number;
	call->refs = 1;
	call->line = line;
	call->state = LINECALLSTATE_UNKNOWN;
	list_init(&call->appcalls);
	if (!tree_add(&line->provider->calls, call)) {
		free(call);
		return NULL;
	}
	list_append(&line->calls, &call->node);
	return call;
}

struct call *call_find(struct provider *provider, uint32_t number)
{
	return number ? tree_find(&provider->calls, number) : NULL;
}

struct call *call_ref(struct call *call)
{
	call->refs++;
	return call;
}

/* Not inlined: GCC cannot see that whoever goes on after it holds another reference */
__attribute__((noinline)) void call_unref(struct call *call)
{
	if (--call->refs)
		return;
	free(call->app_name);
	free(call->displayable);
	free(call->called_party);
	free(call->comment);
	free(call);
}

bool call_alive(const struct call *call)
{
	return !call->closed && call->state != LINECALLSTATE_IDLE;
}

/* The line's list and the provider's tree hold it no more */
static void forget(struct call *call)
{
	if (list_empty(&call->node))
		return;
	list_remove(&call->node);
	tree_remove(&call->line->provider->calls, call);
	call_unref(call);
}

static void ignored(struct op *op, const ProtobufCMessage *out)
{
}

void call_close(struct call *call)
{
	Tapi__Rpc__TspiCallIn in = TAPI__RPC__TSPI_CALL_IN__INIT;
	struct op *op;

	call_ref(call);
	/* with a request that makes it under way, the end of that request decides */
	if (!call->closed && !call->tentative) {
		call->closed = true;
		op = op_new(call->line->provider, ignored);
		if (op) {
			in.has_call = 1;
			in.call = call->number;
			tapi__rpc__tspi__line_close_call(TSPI(call->line->provider), &in,
							 OP_CLOSURE(Result), op);
			op_sent(op);
		}
	}
	if (list_empty(&call->appcalls) && !call->tentative)
		forget(call);
	call_unref(call);
}

struct op *appcall_question(struct appcall *appcall, op_done *done, ProtobufCClosure closure,
			    void *data)
{
	struct call *call = appcall->call;
	struct op *op = call->closed ? NULL : op_new_for(call->line->provider, done,
							 client_of(data), closure, data);

	if (!op)
		return NULL;
	op->call = call_ref(call);
	op->handle = appcall->handle;
	return op;
}

struct op *appcall_ask(struct appcall *appcall, op_done *done, Tapi__Rpc__Result_Closure closure,
		       void *data)
{
	struct op *op = appcall_question(appcall, done, CLOSURE(closure), data);

	if (!op)
		answer_result(closure, data, LINEERR_OPERATIONFAILED,
			      "the line is out of service");
	return op;
}

/* The hang-up of tapisrv itself: no program waits for its reply */
void call_drop(struct call *call)
{
	Tapi__Rpc__TspiCallIn in = TAPI__RPC__TSPI_CALL_IN__INIT;
	struct request *request;
	struct op *op;

	if (!call_alive(call))
		return;
	request = request_new(NULL, call->line->provider);
	op = request ? op_new(call->line->provider, request_asked) : NULL;
	if (!op) {
		if (request)
			request_fail(request, LINEERR_NOMEM, "out of memory");
		return;
	}
	request->call = call_ref(call);
	op->number = request->id;
	in.has_request = in.has_call = 1;
	in.request = request->id;
	in.call = call->number;
	tapi__rpc__tspi__line_drop(TSPI(call->line->provider), &in, OP_CLOSURE(Result), op);
	op_sent(op);
}

/* ---- what programs have ---- */

unsigned int call_owners(const struct call *call)
{
	unsigned int owners = 0;

	list_for_each(at, &call->appcalls)
		owners += list_entry(at, struct appcall, in_call)->privilege ==
			  LINECALLPRIVILEGE_OWNER;
	return owners;
}

struct appcall *appcall_new(struct call *call, struct open *open, uint32_t privilege)
{
	struct appcall *appcall = calloc(1, sizeof(*appcall));

	if (!appcall)
		return NULL;
	appcall->handle = handle_new(&open->app->client->handles, handle_appcall, appcall);
	if (!appcall->handle) {
		free(appcall);
		return NULL;
	}
	appcall->call = call_ref(call);
	appcall->open = open;
	appcall->privilege = privilege;
	list_append(&call->appcalls, &appcall->in_call);
	list_append(&open->calls, &appcall->in_open);
	return appcall;
}

struct appcall *appcall_get(struct client *client, uint32_t handle)
{
	struct appcall *appcall = handle_get(&client->handles, handle_appcall, handle);

	/* a call that is being made is nobody's yet */
	return appcall && !appcall->call->tentative ? appcall : NULL;
}

void appcall_free(struct appcall *appcall)
{
	struct call *call = appcall->call;

	digits_appcall_gone(appcall);
	list_remove(&appcall->in_call);
	list_remove(&appcall->in_open);
	handle_close(&appcall->open->app->client->handles, appcall->handle);
	free(appcall);
	call_unref(call);
}

void appcall_deallocate(struct appcall *appcall)
{
	struct call *call = call_ref(appcall->call);

	appcall_free(appcall);
	if (list_empty(&call->appcalls)) {
		call_close(call);
	} else {
		call_filters(call);
		call_count_changed(call, NULL, LINECALLINFOSTATE_NUMOWNERDECR |
				   LINECALLINFOSTATE_NUMMONITORS);
	}
	call_unref(call);
}

void call_count_changed(struct call *call, const struct appcall *not_to, uint32_t bits)
{
	if (call->state == LINECALLSTATE_IDLE)
		return;
	list_for_each(at, &call->appcalls) {
		struct appcall *appcall = list_entry(at, struct appcall, in_call);

		if (appcall != not_to)
			event_call(appcall, EVENT_MERGE, LINE_CALLINFO, bits, 0, 0);
	}
}

void appcall_announce(struct appcall *appcall, uint32_t state, uint32_t mode)
{
	event_new_call(appcall);
	event_call(appcall, EVENT_STATE, LINE_CALLSTATE, state, mode, appcall->privilege);
}

/* ---- what happens to a call ---- */

/* All opens of the line that may be told, as values for the decision; freed by the caller */
static size_t collect(const struct call *call, struct open ***opens, struct route_open **values)
{
	size_t count = 0, i = 0;

	list_for_each(at, &call->line->opens)
		count++;
	*opens = calloc(count + 1, sizeof(**opens));
	*values = calloc(count + 1, sizeof(**values));
	if (!*opens || !*values)
		return 0;
	list_for_each(at, &call->line->opens) {
		struct open *open = list_entry(at, struct open, in_line);

		(*opens)[i] = open;
		(*values)[i++] = (struct route_open) {
			.privileges = open->privileges,
			.media_modes = open->media_modes,
			.address = open->address,
			.order = open->order,
		};
	}
	return count;
}

/* Exactly one open becomes owner, everybody who monitors gets a handle */
static void offer(struct call *call)
{
	struct route_open *values;
	struct open **opens;
	size_t count = collect(call, &opens, &values);
	uint32_t privilege;
	int owner;

	call->offered = true;
	owner = route_owner(values, count, call->media_mode, call->address);
	for (size_t i = 0; i < count; i++) {
		if ((int)i == owner)
			privilege = LINECALLPRIVILEGE_OWNER;
		else if (route_monitors(&values[i], call->address))
			privilege = LINECALLPRIVILEGE_MONITOR;
		else
			continue;
		appcall_new(call, opens[i], privilege);
	}
	free(opens);
	free(values);
	list_for_each(at, &call->appcalls)
		appcall_announce(list_entry(at, struct appcall, in_call), call->state, call->mode);
	if (call_owners(call) > 1)
		invariant_broken("a call was offered to two owners");
	if (owner < 0 && server.config->drop_unowned && call->state == LINECALLSTATE_OFFERING)
		call_drop(call);
}

void call_state(struct call *call, uint32_t state, uint32_t mode, uint32_t media)
{
	if (call->state == LINECALLSTATE_IDLE)
		return;			/* final */
	call_ref(call);
	call->state = state;
	call->mode = mode;
	if (media)
		call->media_mode = media;
	if (!call->offered && !call->tentative) {
		offer(call);
	} else {
		list_for_each(at, &call->appcalls)
			event_call(list_entry(at, struct appcall, in_call), EVENT_STATE,
				   LINE_CALLSTATE, state, mode, 0);
	}
	if (state == LINECALLSTATE_IDLE || state == LINECALLSTATE_DISCONNECTED)
		digits_cancel(call);
	if (state == LINECALLSTATE_IDLE && list_empty(&call->appcalls))
		call_close(call);
	call_unref(call);
}

void call_gone(struct call *call, uint32_t mode)
{
	call_ref(call);
	if (call->tentative) {
		/* its request ends with an error, and it with it */
		call_unref(call);
		return;
	}
	if (call->state != LINECALLSTATE_IDLE) {
		call->offered = true;	/* too late to begin */
		if (call->state != LINECALLSTATE_DISCONNECTED)
			call_state(call, LINECALLSTATE_DISCONNECTED, mode, 0);
		call_state(call, LINECALLSTATE_IDLE, 0, 0);
	}
	if (list_empty(&call->appcalls))
		forget(call);
	/* the host has forgotten its number and may use it again */
	tree_remove(&call->line->provider->calls, call);
	call_unref(call);
}

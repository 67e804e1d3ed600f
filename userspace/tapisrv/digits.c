/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digits and media on calls: who listens, who gathers, who generates. */
#include <time.h>

#include "server.h"

static uint32_t tick(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

static void told(struct op *op, const ProtobufCMessage *out)
{
}

/* What programs want to hear of a call, all together */
void call_filters_wanted(const struct call *call, uint32_t *digits, uint32_t *media)
{
	*digits = *media = 0;
	list_for_each(at, &call->appcalls) {
		struct appcall *appcall = list_entry(at, struct appcall, in_call);

		*digits |= appcall->digit_modes;
		*media |= appcall->media_modes;
	}
}

static void tell_digits(struct call *call, uint32_t modes, struct op *op)
{
	Tapi__Rpc__CallValueIn in = TAPI__RPC__CALL_VALUE_IN__INIT;

	if (!op)
		return;
	call->digit_modes_told = modes;
	in.has_call = in.has_value = 1;
	in.call = call->number;
	in.value = modes;
	tapi__rpc__tspi__line_monitor_digits(TSPI(call->line->provider), &in, OP_CLOSURE(Result),
					     op);
	op_sent(op);
}

static void tell_media(struct call *call, uint32_t modes, struct op *op)
{
	Tapi__Rpc__CallValueIn in = TAPI__RPC__CALL_VALUE_IN__INIT;

	if (!op)
		return;
	call->media_modes_told = modes;
	in.has_call = in.has_value = 1;
	in.call = call->number;
	in.value = modes;
	tapi__rpc__tspi__line_monitor_media(TSPI(call->line->provider), &in, OP_CLOSURE(Result),
					    op);
	op_sent(op);
}

void call_filters(struct call *call)
{
	uint32_t digits, media;

	if (!call_alive(call) || call->tentative)
		return;
	call_filters_wanted(call, &digits, &media);
	if (digits != call->digit_modes_told)
		tell_digits(call, digits, op_new(call->line->provider, told));
	if (media != call->media_modes_told)
		tell_media(call, media, op_new(call->line->provider, told));
}

/* A provider that refuses goes on as before, and so does the program */
static void digits_asked(struct op *op, const ProtobufCMessage *out)
{
	struct appcall *appcall = appcall_get(op->client, op->handle);

	if (op_result(op, out) < 0) {
		op->call->digit_modes_told = op->number;
		if (appcall)
			appcall->digit_modes = op->value;
		call_filters(op->call);
	}
	answer_forward(op, out);
}

static void media_asked(struct op *op, const ProtobufCMessage *out)
{
	struct appcall *appcall = appcall_get(op->client, op->handle);

	if (op_result(op, out) < 0) {
		op->call->media_modes_told = op->number;
		if (appcall)
			appcall->media_modes = op->value;
		call_filters(op->call);
	}
	answer_forward(op, out);
}

/* The question for one program, unless its wish is the @same as before. NULL: it was answered */
static struct op *ask_for(struct appcall *appcall, op_done *done, bool same,
			  Tapi__Rpc__Result_Closure closure, void *data)
{
	if (!same)
		return appcall_ask(appcall, done, closure, data);
	answer_result(closure, data, 0, NULL);
	return NULL;
}

void digits_monitor(struct appcall *appcall, uint32_t modes, Tapi__Rpc__Result_Closure closure,
		    void *data)
{
	uint32_t digits, media, old = appcall->digit_modes;
	struct call *call = appcall->call;
	struct op *op;

	appcall->digit_modes = modes;
	call_filters_wanted(call, &digits, &media);
	op = ask_for(appcall, digits_asked, digits == call->digit_modes_told, closure, data);
	if (!op)
		return;
	op->value = old;
	op->number = call->digit_modes_told;
	tell_digits(call, digits, op);
}

void media_monitor(struct appcall *appcall, uint32_t modes, Tapi__Rpc__Result_Closure closure,
		   void *data)
{
	uint32_t digits, media, old = appcall->media_modes;
	struct call *call = appcall->call;
	struct op *op;

	appcall->media_modes = modes;
	call_filters_wanted(call, &digits, &media);
	op = ask_for(appcall, media_asked, media == call->media_modes_told, closure, data);
	if (!op)
		return;
	op->value = old;
	op->number = call->media_modes_told;
	tell_media(call, media, op);
}

/* What was refused will not end with an event */
void gather_asked(struct op *op, const ProtobufCMessage *out)
{
	if (op_result(op, out) < 0 && op->call->gather == op->number)
		op->call->gather = 0;
	answer_forward(op, out);
}

void generate_asked(struct op *op, const ProtobufCMessage *out)
{
	if (op_result(op, out) < 0 && op->call->generate == op->number)
		op->call->generate = 0;
	answer_forward(op, out);
}

static struct appcall *owner_of(struct call *call, const struct client *client, uint32_t handle)
{
	list_for_each(at, &call->appcalls) {
		struct appcall *appcall = list_entry(at, struct appcall, in_call);

		if (appcall->handle == handle && appcall->open->app->client == client)
			return appcall;
	}
	return NULL;
}

static void end_gather(struct call *call, const char *digits, uint32_t reason, uint32_t when)
{
	struct appcall *appcall = owner_of(call, call->gather_client, call->gather_owner);

	call->gather = 0;
	if (appcall)
		event_gathered(appcall, digits, reason, when ? when : tick());
}

void digits_gathered(struct call *call, uint32_t id, const char *digits, uint32_t reason,
		     uint32_t when)
{
	if (id && id == call->gather)		/* else a late one of a cancelled request */
		end_gather(call, digits, reason, when);
}

void digits_generated(struct call *call, uint32_t id, uint32_t reason, uint32_t when)
{
	struct appcall *appcall;

	if (!id || id != call->generate)
		return;
	appcall = owner_of(call, call->generate_client, call->generate_owner);
	call->generate = 0;
	if (appcall)
		event_call(appcall, EVENT_MUST, LINE_GENERATE, reason, 0, when ? when : tick());
}

/* A new request takes the place of the old one, which ends as cancelled */
uint32_t digits_new_gather(struct appcall *appcall)
{
	struct call *call = appcall->call;

	if (call->gather)
		end_gather(call, "", LINEGATHERTERM_CANCEL, 0);
	call->gather = ++server.next_number;
	call->gather_owner = appcall->handle;
	call->gather_client = appcall->open->app->client;
	return call->gather;
}

uint32_t digits_new_generate(struct appcall *appcall)
{
	struct call *call = appcall->call;

	digits_generated(call, call->generate, LINEGENERATETERM_CANCEL, 0);
	call->generate = ++server.next_number;
	call->generate_owner = appcall->handle;
	call->generate_client = appcall->open->app->client;
	return call->generate;
}

void digits_cancel(struct call *call)
{
	if (call->gather)
		end_gather(call, "", LINEGATHERTERM_CANCEL, 0);
	digits_generated(call, call->generate, LINEGENERATETERM_CANCEL, 0);
	list_for_each(at, &call->appcalls) {
		struct appcall *appcall = list_entry(at, struct appcall, in_call);

		appcall->digit_modes = appcall->media_modes = 0;
	}
	call->digit_modes_told = call->media_modes_told = 0;
}

void digits_appcall_gone(struct appcall *appcall)
{
	struct call *call = appcall->call;
	const struct client *client = appcall->open->app->client;

	if (call->gather_owner == appcall->handle && call->gather_client == client)
		call->gather = 0;
	if (call->generate_owner == appcall->handle && call->generate_client == client)
		call->generate = 0;
}

void digits_monitored(struct call *call, uint32_t digit, uint32_t mode, uint32_t when)
{
	list_for_each(at, &call->appcalls) {
		struct appcall *appcall = list_entry(at, struct appcall, in_call);

		if (appcall->digit_modes & mode)
			event_call(appcall, EVENT_FLOW, LINE_MONITORDIGITS, digit, mode,
				   when ? when : tick());
	}
}

void media_monitored(struct call *call, uint32_t mode, uint32_t when)
{
	list_for_each(at, &call->appcalls) {
		struct appcall *appcall = list_entry(at, struct appcall, in_call);

		if (appcall->media_modes & mode)
			event_call(appcall, EVENT_FLOW, LINE_MONITORMEDIA, mode, 0,
				   when ? when : tick());
	}
}

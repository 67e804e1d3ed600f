/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the TAPI layer below says, turned into changes of objects and into events. */
#include "private.h"

static bool is_synthetic(void)
{
	struct tapi_message_info info = { .size = sizeof(info) };

	return !tapi_message_info(&info) && info.flags & TAPI_MESSAGE_SYNTHETIC;
}

static void line_created(struct tapi3 *tapi, uint32_t line_id)
{
	struct tapi3_address *address;

	if (address_find(tapi, line_id, 0) || address_new(tapi, line_id, 0, &address))
		return;
	event_post(tapi, &(struct tapi3_event_init){ .type = TAPI3_EVENT_OBJECT,
			.address = address, .code = TAPI3_OBJECT_ADDRESS_CREATE });
}

static void line_removed(struct tapi3 *tapi, uint32_t line_id)
{
	struct tapi3_address *address = address_find(tapi, line_id, 0);

	if (!address)
		return;
	address_lost(address, true);
	event_post(tapi, &(struct tapi3_event_init){ .type = TAPI3_EVENT_OBJECT,
			.address = address, .code = TAPI3_OBJECT_ADDRESS_REMOVE });
	list_remove(&address->node);
	tapi3_address_unref(address);
}

/* A forced close: the handle is dead already */
static void line_closed(struct tapi3 *tapi, HLINE line)
{
	struct tapi3_address *address = address_of_line(tapi, line, 0);

	list_for_each(at, &tapi->registrations) {
		struct registration *registration = list_entry(at, struct registration, node);

		if (registration->line == line)
			registration->line = 0;
	}
	if (!address)
		return;
	address_lost(address, false);
	event_post(tapi, &(struct tapi3_event_init){ .type = TAPI3_EVENT_OBJECT,
			.address = address, .code = TAPI3_OBJECT_ADDRESS_CLOSE });
}

/* Several opens of one line hear the same: only a change counts */
static void line_state(struct tapi3 *tapi, const LINEMESSAGE *message)
{
	struct tapi3_address *address = address_of_line(tapi, message->hDevice, 0);
	struct tapi3_event_init init = { .type = TAPI3_EVENT_ADDRESS, .address = address,
					 .synthetic = is_synthetic() };
	enum tapi3_address_state state;

	if (!address)
		return;
	switch (message->dwParam1) {
	case LINEDEVSTATE_INSERVICE:
	case LINEDEVSTATE_OUTOFSERVICE:
		state = message->dwParam1 == LINEDEVSTATE_INSERVICE ? TAPI3_INSERVICE :
			TAPI3_OUTOFSERVICE;
		/* also when the library has missed that it was away in between */
		if (state == TAPI3_INSERVICE)
			relay_reconnect(address);
		if (state == address->state)
			return;
		address->state = state;
		init.code = TAPI3_ADDRESS_STATE;
		init.cause = state;
		break;
	case LINEDEVSTATE_RINGING:
		if (message->hDevice != address->line)
			return;
		init.code = TAPI3_ADDRESS_RINGING;
		init.cause = message->dwParam3;
		break;
	case LINEDEVSTATE_CAPSCHANGE:
		init.code = TAPI3_ADDRESS_CAPSCHANGE;
		break;
	default:
		return;
	}
	event_post(tapi, &init);
}

static void device_specific(struct tapi3 *tapi, const LINEMESSAGE *message)
{
	uint64_t numbers[3] = { message->dwParam1, message->dwParam2, message->dwParam3 };
	struct tapi3_call *call = call_find(tapi, message->hDevice);

	event_post(tapi, &(struct tapi3_event_init){
		.type = TAPI3_EVENT_DEVICE_SPECIFIC, .call = call,
		.address = call ? call->address : address_of_line(tapi, message->hDevice, 0),
		.code = message->dwMessageID, .data = numbers, .size = sizeof(numbers) });
}

static void digit(struct tapi3 *tapi, const LINEMESSAGE *message)
{
	struct tapi3_call *call = call_find(tapi, message->hDevice);

	if (!call)
		return;
	event_post(tapi, &(struct tapi3_event_init){
		.type = TAPI3_EVENT_DIGIT, .address = call->address, .call = call,
		.digit = message->dwParam1 & 0xff, .code = message->dwParam2 });
}

static void generated(struct tapi3 *tapi, const LINEMESSAGE *message)
{
	struct tapi3_call *call = call_find(tapi, message->hDevice);

	if (!call)
		return;
	event_post(tapi, &(struct tapi3_event_init){
		.type = TAPI3_EVENT_GENERATE, .address = call->address, .call = call,
		.code = message->dwParam1 });
}

static void call_message(struct tapi3 *tapi, const LINEMESSAGE *message)
{
	struct tapi3_call *call = call_find(tapi, message->hDevice);

	if (!call)
		return;
	tapi3_call_ref(call);
	if (message->dwMessageID == LINE_CALLSTATE) {
		if (message->dwParam3)
			call->privilege = message->dwParam3 == LINECALLPRIVILEGE_OWNER ?
				TAPI3_OWNER : TAPI3_MONITOR;
		call_set_line_state(call, message->dwParam1, message->dwParam2, is_synthetic());
		call_seen(call);
	} else {
		call_info_changed(call, message->dwParam1);
	}
	tapi3_call_unref(call);
}

void message_handle(struct tapi3 *tapi, const LINEMESSAGE *message)
{
	struct tapi3_address *address;

	switch (message->dwMessageID) {
	case LINE_APPNEWCALL:
		address = address_of_line(tapi, message->hDevice, message->dwParam1);
		if (address)
			call_incoming(address, message->hDevice, message->dwParam2,
				      message->dwParam3);
		break;
	case LINE_CALLSTATE:
	case LINE_CALLINFO:
		call_message(tapi, message);
		break;
	case LINE_REPLY:
		if (!operation_reply(&tapi->escape, message->dwParam1, message->dwParam2))
			call_reply(tapi, message->dwParam1, message->dwParam2);
		break;
	case LINE_MONITORDIGITS:
		digit(tapi, message);
		break;
	case LINE_GENERATE:
		generated(tapi, message);
		break;
	case LINE_LINEDEVSTATE:
		line_state(tapi, message);
		break;
	case LINE_DEVSPECIFIC:
	case LINE_DEVSPECIFICFEATURE:
	case LINE_DEVSPECIFICEX:
		device_specific(tapi, message);
		break;
	case LINE_CREATE:
		line_created(tapi, message->dwParam1);
		break;
	case LINE_REMOVE:
		line_removed(tapi, message->dwParam1);
		break;
	case LINE_CLOSE:
		line_closed(tapi, message->hDevice);
		break;
	default:
		break;
	}
}

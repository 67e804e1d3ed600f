/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests of the other end, until they are answered. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <tapi/tapi.h>
#include <tapi/tapi_linux.h>

#include "link_private.h"

struct link *link_of_call(void *closure_data)
{
	return ((struct link_call *)closure_data)->link;
}

void *link_user_of_call(void *closure_data)
{
	return ((struct link_call *)closure_data)->link->user;
}

int link_take_fd(void *closure_data)
{
	struct link_call *call = closure_data;
	int fd = call->fd;

	call->fd = -1;
	return fd;
}

const struct frame *link_frame_of_call(const void *closure_data)
{
	return &((const struct link_call *)closure_data)->frame;
}

static void free_call(struct link_call *call)
{
	struct link *link = call->link;

	if (call->fd >= 0)
		close(call->fd);
	free(call);
	link->open_calls--;
	link_update_events(link);
	link_unref(link);
}

static void send_error(struct link *link, const struct frame *request, int32_t result,
		       const char *why)
{
	struct frame frame = {
		.serial = request->serial, .service = request->service,
		.method = request->method, .kind = FRAME_ERROR,
	};
	Tapi__Rpc__Error error = TAPI__RPC__ERROR__INIT;
	Tapi__Rpc__Result out = TAPI__RPC__RESULT__INIT;
	int err;

	error.has_origin = 1;
	error.origin = TAPI_ORIGIN_SERVER;
	error.text = (char *)(uintptr_t)why;
	out.has_result = 1;
	out.result = result;
	out.error = &error;
	err = link_send(link, &frame, &out.base);
	if (err < 0 && err != -ENOTCONN)
		link_close(link, err);
}

/* The closure of every handler */
static void answer(const ProtobufCMessage *output, void *data)
{
	struct link_call *call = data;
	struct frame frame = call->frame;
	int err;

	/* @closed is not called from within a closure */
	call->link->depth++;
	if (output) {
		frame.kind = FRAME_REPLY;
		frame.flags = 0;
		err = link_send(call->link, &frame, output);
		if (err == -EMSGSIZE)
			send_error(call->link, &call->frame, LINEERR_NOMEM,
				   "the answer is too long for a frame");
		else if (err < 0 && err != -ENOTCONN)
			link_close(call->link, err);
	} else {
		send_error(call->link, &call->frame, LINEERR_OPERATIONFAILED,
			   "the service could not answer");
	}
	call->link->depth--;
	free_call(call);
}

/* The closure of an event's handler, which may call it or not */
static void no_answer(const ProtobufCMessage *output, void *data)
{
}

static void handle_event(struct link *link, const struct frame *frame,
			 const ProtobufCMessage *input, int *fd)
{
	ProtobufCService *service = link->served[frame->service];

	link->event = (struct link_call) { .link = link, .frame = *frame, .fd = *fd };
	*fd = -1;
	service->invoke(service, frame->method, input, no_answer, &link->event);
	*fd = link->event.fd;
}

static void refuse(struct link *link, const struct frame *frame, int32_t result, const char *why)
{
	if (frame->kind == FRAME_CALL)
		send_error(link, frame, result, why);
}

void link_handle_request(struct link *link, const struct frame *frame, int *fd)
{
	const ProtobufCMethodDescriptor *method = service_method(frame->service, frame->method);
	ProtobufCService *service;
	const char *why = "not allowed here";
	ProtobufCMessage *input;
	struct link_call *call;
	int32_t result;

	if (!method || !link->served[frame->service]) {
		refuse(link, frame, LINEERR_OPERATIONUNAVAIL, "this service has no such method");
		return;
	}
	if (service_is_events(frame->service) != (frame->kind == FRAME_EVENT)) {
		refuse(link, frame, LINEERR_INVALPARAM, "an event is not a request");
		return;
	}
	if (*fd >= 0 && !service_policy(frame->service, frame->method).fd) {
		refuse(link, frame, LINEERR_INVALPARAM, "a descriptor that nobody asked for");
		return;
	}
	result = link->ops->admit ? link->ops->admit(link, frame, &why) : 0;
	if (result < 0) {
		refuse(link, frame, result, why);
		return;
	}
	if (link->closing)
		return;
	input = link_unpack(link, method->input, frame->length - FRAME_HEADER);
	if (!input) {
		refuse(link, frame, LINEERR_INVALPARAM,
		       "the message is malformed, too large, or not UTF-8");
		return;
	}
	if (link->ops->frame)
		link->ops->frame(link, false, frame, input);
	if (frame->kind == FRAME_EVENT) {
		handle_event(link, frame, input, fd);
		return;
	}
	call = malloc(sizeof(*call));
	if (!call) {
		refuse(link, frame, LINEERR_NOMEM, "no memory");
		return;
	}
	*call = (struct link_call) { .link = link_ref(link), .frame = *frame, .fd = *fd };
	*fd = -1;
	link->open_calls++;
	service = link->served[frame->service];
	service->invoke(service, frame->method, input, answer, call);
	link_update_events(link);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests of ours, by their serials. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tapi/tapi.h>

#include "link_private.h"

/* A serial is {generation, index}, so that a late answer finds nobody */
static struct pending *new_pending(struct link *link)
{
	struct pending *bigger, *p;
	uint32_t size, i;

	for (uint32_t n = 0; n < link->pending_size; n++) {
		i = (link->pending_next + n) % link->pending_size;
		p = &link->pending[i];
		if (p->serial)
			continue;
		link->pending_next = i + 1;
		link->generation = (link->generation + 1) & 0xffff;
		p->serial = (link->generation << 16 | i) + 1;
		return p;
	}
	size = link->pending_size ? link->pending_size * 2 : 16;
	if (size > 0x8000)
		return NULL;
	bigger = realloc(link->pending, size * sizeof(*bigger));
	if (!bigger)
		return NULL;
	memset(bigger + link->pending_size, 0, (size - link->pending_size) * sizeof(*bigger));
	link->pending = bigger;
	link->pending_next = link->pending_size;
	link->pending_size = size;
	return new_pending(link);
}

static struct pending *find_pending(struct link *link, uint32_t serial)
{
	uint32_t i = (serial - 1) & 0xffff;

	if (!serial || i >= link->pending_size || link->pending[i].serial != serial)
		return NULL;
	return &link->pending[i];
}

void link_forget(struct link *link, uint32_t serial)
{
	struct pending *p = find_pending(link, serial);

	if (p)
		p->serial = 0;
}

static void send_event(struct link *link, struct frame *frame, const ProtobufCMessage *input)
{
	int err;

	frame->kind = FRAME_EVENT;
	err = link_send(link, frame, input);
	/* an event cannot get lost unnoticed */
	if (err < 0 && err != -ENOTCONN)
		link_close(link, err);
}

/* NULL for a request that was not sent; what its closure sends is not the caller's last one */
static void not_sent(struct link *link, ProtobufCClosure closure, void *data)
{
	closure(NULL, data);
	link->last_serial = 0;
}

void link_invoke(ProtobufCService *service, unsigned int method, const ProtobufCMessage *input,
		   ProtobufCClosure closure, void *data)
{
	struct stub *stub = (struct stub *)service;
	struct link *link = stub->link;
	struct frame frame = { .service = (uint16_t)stub->id, .method = (uint16_t)method };
	struct pending *p;
	int err;

	link->last_serial = 0;
	link_ref(link);
	link->depth++;
	if (service_is_events(stub->id)) {
		send_event(link, &frame, input);
		goto out;
	}
	p = new_pending(link);
	if (!p) {
		link->attach = -1;
		not_sent(link, closure, data);
		goto out;
	}
	frame.serial = p->serial;
	frame.kind = FRAME_CALL;
	p->method = service_method(stub->id, method);
	p->closure = closure;
	p->data = data;
	err = link_send(link, &frame, input);
	if (err < 0) {
		link_forget(link, frame.serial);
		not_sent(link, closure, data);
		goto out;
	}
	link->last_serial = frame.serial;
out:
	/* @closed is never called from within a stub: the next dispatch does it */
	link->depth--;
	link_unref(link);
}

/* An ERROR says in a Result why; every answer begins like a Result */
static void handle_error(struct link *link, const struct frame *frame, struct pending p)
{
	ProtobufCMessage *message = link_unpack(link, &tapi__rpc__result__descriptor,
					   frame->length - FRAME_HEADER);
	_Alignas(16) unsigned char out[1024] = { 0 };
	Tapi__Rpc__Result *result = (Tapi__Rpc__Result *)message;

	if (!message || p.method->output->sizeof_message > sizeof(out) ||
	    p.method->output == &tapi__rpc__empty__descriptor) {
		p.closure(NULL, p.data);
		return;
	}
	if (link->ops->frame)
		link->ops->frame(link, false, frame, message);
	p.method->output->message_init((ProtobufCMessage *)out);
	((Tapi__Rpc__Result *)out)->has_result = 1;
	/* a refusal is never a success, whatever it says */
	((Tapi__Rpc__Result *)out)->result = result->has_result && result->result < 0 ?
					     result->result : LINEERR_OPERATIONFAILED;
	((Tapi__Rpc__Result *)out)->error = result->error;
	p.closure((ProtobufCMessage *)out, p.data);
}

void link_handle_answer(struct link *link, const struct frame *frame)
{
	struct pending *found = find_pending(link, frame->serial), p;
	ProtobufCMessage *message;

	if (!found)
		return;		/* forgotten: too late */
	p = *found;
	found->serial = 0;
	if (frame->kind == FRAME_ERROR) {
		handle_error(link, frame, p);
		return;
	}
	message = link_unpack(link, p.method->output, frame->length - FRAME_HEADER);
	if (message && link->ops->frame)
		link->ops->frame(link, false, frame, message);
	p.closure(message, p.data);
}

void link_fail_pending(struct link *link)
{
	struct pending p;

	for (uint32_t i = 0; i < link->pending_size; i++) {
		p = link->pending[i];
		if (!p.serial)
			continue;
		link->pending[i].serial = 0;
		p.closure(NULL, p.data);
	}
}

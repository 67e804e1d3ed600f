/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One connection: frames in and out, requests by their serials. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tapi/tapi.h>

#include "arena.h"
#include "link.h"
#include "walk.h"

/* A request of ours that waits for its answer */
struct pending {
	uint32_t serial;		/* 0: free */
	const ProtobufCMethodDescriptor *method;
	ProtobufCClosure closure;
	void *data;
};

/* A request of the other end that waits for ours */
struct link_call {
	struct link *link;
	struct frame frame;
	int fd;
};

/* A frame that waits for room in the socket */
struct queued {
	struct queued *next;
	int fd;
	size_t size;
	unsigned char bytes[];
};

/* What a stub calls: knows which service it stands for */
struct stub {
	ProtobufCService base;
	struct link *link;
	unsigned int id;
};

struct link {
	int fd;
	unsigned int refs;
	const struct link_ops *ops;
	void *user;
	ProtobufCService *served[SERVICES];
	struct stub stubs[SERVICES];
	struct pending *pending;
	uint32_t pending_size, pending_next, generation;
	struct queued *first, **last;
	size_t queued_bytes;
	unsigned int open_calls;
	unsigned int events;
	int attach;
	uint32_t last_serial;
	bool closing;			/* told to end while it was inside a stub or a handler */
	int error;
	unsigned int depth;
	struct arena arena;
	unsigned char buffer[FRAME_MAX];
};

static void invoke(ProtobufCService *service, unsigned int method, const ProtobufCMessage *input,
		   ProtobufCClosure closure, void *data);

struct link *link_new(int fd, const struct link_ops *ops, void *user)
{
	struct link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->fd = fd;
	link->refs = 1;
	link->ops = ops;
	link->user = user;
	link->last = &link->first;
	link->attach = -1;
	link->events = POLLIN;
	arena_init(&link->arena);
	for (unsigned int i = 0; i < SERVICES; i++) {
		link->stubs[i] = (struct stub) {
			.base = { .descriptor = service_descriptor(i), .invoke = invoke },
			.link = link,
			.id = i,
		};
	}
	return link;
}

struct link *link_ref(struct link *link)
{
	link->refs++;
	return link;
}

static void drop_queue(struct link *link)
{
	struct queued *item = link->first, *next;

	for (; item; item = next) {
		next = item->next;
		if (item->fd >= 0)
			close(item->fd);
		free(item);
	}
	link->first = NULL;
	link->last = &link->first;
	link->queued_bytes = 0;
}

void link_unref(struct link *link)
{
	if (!link || --link->refs)
		return;
	if (link->fd >= 0)
		close(link->fd);
	drop_queue(link);
	free(link->pending);
	arena_reset(&link->arena);
	free(link);
}

void link_serve(struct link *link, unsigned int id, ProtobufCService *service)
{
	link->served[id] = service;
}

ProtobufCService *link_service(struct link *link, unsigned int id)
{
	return &link->stubs[id].base;
}

void *link_user(const struct link *link)
{
	return link->user;
}

int link_fd(const struct link *link)
{
	return link->fd;
}

unsigned int link_events(const struct link *link)
{
	return link->events;
}

size_t link_queued(const struct link *link)
{
	return link->queued_bytes;
}

void link_attach(struct link *link, int fd)
{
	link->attach = fd;
}

uint32_t link_last_serial(const struct link *link)
{
	return link->last_serial;
}

/* Reading stops while the other end is ahead of us or does not take our answers */
static void update_events(struct link *link)
{
	unsigned int events = 0;

	if (link->open_calls < LINK_OPEN_MAX && link->queued_bytes < LINK_QUEUE_HIGH)
		events |= POLLIN;
	if (link->first)
		events |= POLLOUT;
	if (events == link->events)
		return;
	link->events = events;
	if (link->ops->rearm && link->fd >= 0)
		link->ops->rearm(link);
}

/* ---- end of a connection ---- */

static void fail_pending(struct link *link)
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

static void finish_close(struct link *link)
{
	int fd = link->fd;

	if (fd < 0)
		return;
	link->fd = -1;
	link->closing = false;
	link_ref(link);
	drop_queue(link);
	fail_pending(link);
	if (link->ops->closed)
		link->ops->closed(link, link->error);
	close(fd);
	link_unref(link);
}

void link_close(struct link *link, int error)
{
	if (link->fd < 0 || link->closing)
		return;
	link->error = error;
	link->closing = true;
	if (!link->depth)
		finish_close(link);
}

/* ---- sending ---- */

static ssize_t send_now(struct link *link, const unsigned char *bytes, size_t size, int fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;
	ssize_t n;

	if (fd < 0)
		return send(link->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
	msg.msg_control = control.room;
	msg.msg_controllen = sizeof(control.room);
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	n = sendmsg(link->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	return n < 0 ? -errno : 0;
}

static int enqueue(struct link *link, const unsigned char *bytes, size_t size, int fd)
{
	struct queued *item = malloc(sizeof(*item) + size);

	if (!item)
		return -ENOMEM;
	item->next = NULL;
	item->fd = -1;
	if (fd >= 0) {
		item->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (item->fd < 0) {
			free(item);
			return -errno;
		}
	}
	item->size = size;
	memcpy(item->bytes, bytes, size);
	*link->last = item;
	link->last = &item->next;
	link->queued_bytes += size;
	update_events(link);
	return 0;
}

static int send_frame(struct link *link, struct frame *frame, const ProtobufCMessage *message)
{
	unsigned char small[2048], *bytes = small;
	size_t body = message ? protobuf_c_message_get_packed_size(message) : 0;
	int fd = link->attach, err;

	link->attach = -1;
	if (link->fd < 0 || link->closing)
		return -ENOTCONN;
	if (body > FRAME_BODY_MAX)
		return -EMSGSIZE;
	frame->length = (uint32_t)(FRAME_HEADER + body);
	if (fd >= 0)
		frame->flags |= FRAME_FL_FD;
	if (frame->length > sizeof(small)) {
		bytes = malloc(frame->length);
		if (!bytes)
			return -ENOMEM;
	}
	frame_write(frame, bytes);
	if (message)
		protobuf_c_message_pack(message, bytes + FRAME_HEADER);
	if (link->ops->frame)
		link->ops->frame(link, true, frame, message);
	err = link->first ? -EAGAIN : (int)send_now(link, bytes, frame->length, fd);
	if (err == -EAGAIN || err == -ENOBUFS)
		err = enqueue(link, bytes, frame->length, fd);
	if (bytes != small)
		free(bytes);
	return err;
}

static void flush_queue(struct link *link)
{
	struct queued *item;
	int err;

	while ((item = link->first)) {
		err = (int)send_now(link, item->bytes, item->size, item->fd);
		if (err == -EAGAIN || err == -ENOBUFS)
			break;
		if (err < 0) {
			link_close(link, err);
			return;
		}
		link->first = item->next;
		if (!link->first)
			link->last = &link->first;
		link->queued_bytes -= item->size;
		if (item->fd >= 0)
			close(item->fd);
		free(item);
	}
	update_events(link);
}

/* ---- requests of ours ---- */

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
	err = send_frame(link, frame, input);
	if (err < 0 && err != -ENOTCONN)
		link_close(link, err);
}

static void invoke(ProtobufCService *service, unsigned int method, const ProtobufCMessage *input,
		   ProtobufCClosure closure, void *data)
{
	struct stub *stub = (struct stub *)service;
	struct link *link = stub->link;
	struct frame frame = { .service = (uint16_t)stub->id, .method = (uint16_t)method };
	struct pending *p;
	int err;

	link->last_serial = 0;
	link->depth++;
	if (service_is_events(stub->id)) {
		send_event(link, &frame, input);
		goto out;
	}
	p = new_pending(link);
	if (!p) {
		link->attach = -1;
		closure(NULL, data);
		goto out;
	}
	frame.serial = p->serial;
	frame.kind = FRAME_CALL;
	p->method = service_method(stub->id, method);
	p->closure = closure;
	p->data = data;
	err = send_frame(link, &frame, input);
	if (err < 0) {
		link_forget(link, frame.serial);
		closure(NULL, data);
		if (err != -ENOTCONN && err != -EMSGSIZE)
			link_close(link, err);
		goto out;
	}
	link->last_serial = frame.serial;
out:
	link->depth--;
	/* @closed is never called from within a stub: the next dispatch does it */
}

/* ---- requests of the other end ---- */

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
	update_events(link);
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
	error.origin = 2;		/* TAPI_ORIGIN_SERVER */
	error.text = (char *)(uintptr_t)why;
	out.has_result = 1;
	out.result = result;
	out.error = &error;
	err = send_frame(link, &frame, &out.base);
	if (err < 0)
		link_close(link, err);
}

/* The closure of every handler */
static void answer(const ProtobufCMessage *output, void *data)
{
	struct link_call *call = data;
	struct frame frame = call->frame;
	int err;

	if (call->frame.kind == FRAME_CALL) {
		if (output) {
			frame.kind = FRAME_REPLY;
			frame.flags = 0;
			call->link->depth++;
			err = send_frame(call->link, &frame, output);
			if (err == -EMSGSIZE)
				send_error(call->link, &call->frame, LINEERR_NOMEM,
					   "the answer is too long for a frame");
			else if (err < 0 && err != -ENOTCONN)
				link_close(call->link, err);
			call->link->depth--;
		} else {
			send_error(call->link, &call->frame, LINEERR_OPERATIONFAILED,
				   "the service could not answer");
		}
	}
	free_call(call);
}

static ProtobufCMessage *unpack(struct link *link, const ProtobufCMessageDescriptor *descriptor,
				size_t size)
{
	ProtobufCMessage *message;

	arena_reset(&link->arena);
	message = protobuf_c_message_unpack(descriptor, &link->arena.allocator, size,
					    link->buffer + FRAME_HEADER);
	return message && walk_check(message) == 0 ? message : NULL;
}

static void refuse(struct link *link, const struct frame *frame, int32_t result, const char *why)
{
	if (frame->kind == FRAME_CALL)
		send_error(link, frame, result, why);
}

static void handle_request(struct link *link, const struct frame *frame, int *fd)
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
	input = unpack(link, method->input, frame->length - FRAME_HEADER);
	call = input ? malloc(sizeof(*call)) : NULL;
	if (!call) {
		refuse(link, frame, input ? LINEERR_NOMEM : LINEERR_INVALPARAM,
		       input ? "no memory" : "the message is malformed, too large, or not UTF-8");
		return;
	}
	*call = (struct link_call) { .link = link_ref(link), .frame = *frame, .fd = *fd };
	*fd = -1;
	link->open_calls++;
	if (link->ops->frame)
		link->ops->frame(link, false, frame, input);
	service = link->served[frame->service];
	service->invoke(service, frame->method, input, answer, call);
	update_events(link);
}

/* An ERROR says in a Result why; every answer begins like a Result */
static void handle_error(struct link *link, const struct frame *frame, struct pending p)
{
	ProtobufCMessage *message = unpack(link, &tapi__rpc__result__descriptor,
					   frame->length - FRAME_HEADER);
	_Alignas(16) unsigned char out[1024] = { 0 };
	Tapi__Rpc__Result *result = (Tapi__Rpc__Result *)message;

	if (!message || p.method->output->sizeof_message > sizeof(out) ||
	    p.method->output == &tapi__rpc__empty__descriptor) {
		p.closure(NULL, p.data);
		return;
	}
	p.method->output->message_init((ProtobufCMessage *)out);
	((Tapi__Rpc__Result *)out)->has_result = 1;
	((Tapi__Rpc__Result *)out)->result = result->has_result ? result->result :
					     LINEERR_OPERATIONFAILED;
	((Tapi__Rpc__Result *)out)->error = result->error;
	p.closure((ProtobufCMessage *)out, p.data);
}

static void handle_answer(struct link *link, const struct frame *frame)
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
	message = unpack(link, p.method->output, frame->length - FRAME_HEADER);
	if (message && link->ops->frame)
		link->ops->frame(link, false, frame, message);
	p.closure(message, p.data);
}

/* ---- receiving ---- */

static int take_fd(struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	int fd = -1, extra;
	size_t count;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			memcpy(&extra, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
			if (fd < 0)
				fd = extra;
			else
				close(extra);
		}
	}
	return fd;
}

/* 1: a frame was handled, 0: nothing there, or a negative errno */
static int receive(struct link *link)
{
	union {
		char room[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = link->buffer, .iov_len = sizeof(link->buffer) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.room, .msg_controllen = sizeof(control.room),
	};
	struct frame frame;
	ssize_t size;
	int fd, err;

	size = recvmsg(link->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (size < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (size == 0)
		return -ENOTCONN;
	fd = take_fd(&msg);
	err = msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? -EBADMSG :
	      frame_read(&frame, link->buffer, (size_t)size);
	if (err == 0 && (fd >= 0) != !!(frame.flags & FRAME_FL_FD))
		err = -EBADMSG;
	if (err == 0) {
		if (frame.kind == FRAME_CALL || frame.kind == FRAME_EVENT)
			handle_request(link, &frame, &fd);
		else if (frame.kind != FRAME_CANCEL)
			handle_answer(link, &frame);
	}
	if (fd >= 0)
		close(fd);
	return err < 0 ? err : 1;
}

int link_dispatch(struct link *link, unsigned int budget)
{
	int handled = 0, got = 0;

	if (link->fd < 0)
		return -ENOTCONN;
	link_ref(link);
	link->depth++;
	if (link->first && !link->closing)
		flush_queue(link);
	while (budget-- && !link->closing && link->events & POLLIN) {
		got = receive(link);
		if (got <= 0)
			break;
		handled++;
	}
	if (got < 0)
		link_close(link, got == -ENOTCONN ? 0 : got);
	if (!--link->depth && link->closing)
		finish_close(link);
	got = link->fd < 0 ? (link->error < 0 ? link->error : -ENOTCONN) : handled;
	link_unref(link);
	return got;
}

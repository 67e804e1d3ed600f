/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "link_pair.h"

/* ---- handlers ---- */

static void hold(struct side *side, ProtobufCClosure closure, void *data, uint32_t value)
{
	assert_true(side->holds < sizeof(side->held) / sizeof(side->held[0]));
	side->held[side->holds++] = (struct held) { closure, data, value };
}

static void number_out(ProtobufCClosure closure, void *data, uint32_t value)
{
	Tapi__Rpc__NumberOut out = TAPI__RPC__NUMBER_OUT__INIT;

	out.has_result = true;
	out.has_number = true;
	out.number = value;
	closure(&out.base, data);
}

static void too_long(ProtobufCClosure closure, void *data)
{
	Tapi__Rpc__NumberOut out = TAPI__RPC__NUMBER_OUT__INIT;
	Tapi__Rpc__Error error = TAPI__RPC__ERROR__INIT;
	char *text = malloc(FRAME_MAX);

	memset(text, 'x', FRAME_MAX - 1);
	text[FRAME_MAX - 1] = 0;
	error.text = text;
	out.error = &error;
	closure(&out.base, data);
	free(text);
}

static void behave(struct side *side, ProtobufCClosure closure, void *data, uint32_t value)
{
	side->requests++;
	switch (side->manner) {
	case ANSWER:
		number_out(closure, data, value);
		break;
	case HOLD:
		hold(side, closure, data, value);
		break;
	case CLOSE:
		link_close(side->link, -ECANCELED);
		assert_int_equal(side->closed, 0);	/* not while a handler runs */
		number_out(closure, data, value);
		break;
	case CLOSE_UNANSWERED:
		link_close(side->link, -ECANCELED);
		hold(side, closure, data, value);
		break;
	case REFUSE:
		closure(NULL, data);
		break;
	case OVERSIZE:
		too_long(closure, data);
		break;
	case DISPATCH:
		assert_int_equal(link_dispatch(side->link, 1), -EDEADLK);
		number_out(closure, data, value);
		break;
	}
}

static void serve_devices(Tapi__Rpc__App_Service *service, const Tapi__Rpc__AppIn *in,
			  Tapi__Rpc__NumberOut_Closure closure, void *data)
{
	struct side *side = link_user_of_call(data);

	assert_ptr_equal(link_of_call(data), side->link);
	behave(side, (ProtobufCClosure)(void *)closure, data, in->app);
}

static void serve_bind(Tapi__Rpc__Host_Service *service, const Tapi__Rpc__LineIn *in,
		       Tapi__Rpc__Result_Closure closure, void *data)
{
	struct side *side = link_user_of_call(data);

	if (side->take) {
		side->taken = link_take_fd(data);
		assert_int_equal(link_take_fd(data), -1);
	}
	behave(side, (ProtobufCClosure)(void *)closure, data, in->line);
}

static void serve_event(Tapi__Rpc__AppEvents_Service *service, const Tapi__Rpc__Event *in,
			Tapi__Rpc__Empty_Closure closure, void *data)
{
	struct side *side = link_user_of_call(data);
	Tapi__Rpc__Empty out = TAPI__RPC__EMPTY__INIT;

	side->events++;
	side->event_flags = link_frame_of_call(data)->flags;
	if (side->manner == CLOSE)
		link_close(side->link, -ECANCELED);
	if (in->device & 1)		/* it may be called or not */
		closure(&out, data);
}

static void serve_restart(Tapi__Rpc__Admin_Service *service, const Tapi__Rpc__NameIn *in,
			  Tapi__Rpc__Result_Closure closure, void *data)
{
	behave(link_user_of_call(data), (ProtobufCClosure)(void *)closure, data,
	       (uint32_t)strlen(in->name));
}

static Tapi__Rpc__App_Service app = {
	.base = TAPI__RPC__APP__BASE_INIT, .devices = serve_devices,
};
static Tapi__Rpc__Host_Service host = {
	.base = TAPI__RPC__HOST__BASE_INIT, .msp_bind = serve_bind,
};
static Tapi__Rpc__Admin_Service admin = {
	.base = TAPI__RPC__ADMIN__BASE_INIT, .restart_provider = serve_restart,
};
static Tapi__Rpc__AppEvents_Service app_events = {
	.base = TAPI__RPC__APP_EVENTS__BASE_INIT, .message = serve_event,
};

/* ---- the owner of a link ---- */

static int32_t admit(struct link *link, const struct frame *frame, const char **why)
{
	struct side *side = link_user(link);

	*why = "the test refuses";
	if (side->close_in_admit)
		link_close(link, -ECANCELED);
	return side->admit;
}

static void rearm(struct link *link)
{
	struct side *side = link_user(link);

	assert_int_equal(side->closed, 0);
	side->rearmed++;
}

static void closed(struct link *link, int error)
{
	struct side *side = link_user(link);

	side->closed++;
	side->error = error;
	assert_int_equal(link_fd(link), -1);
}

static void trace(struct link *link, bool sent, const struct frame *frame,
		  const ProtobufCMessage *message)
{
	struct side *side = link_user(link);

	assert_non_null(message);
	side->traced++;
}

static const struct link_ops ops = { admit, rearm, closed, trace };

static void side_begin(struct side *side, int fd)
{
	memset(side, 0, sizeof(*side));
	side->taken = -1;
	side->link = link_new(fd, &ops, side);
	assert_non_null(side->link);
	link_serve(side->link, TAPI__RPC__SERVICE_ID__SERVICE_APP, &app.base);
	link_serve(side->link, TAPI__RPC__SERVICE_ID__SERVICE_HOST, &host.base);
	link_serve(side->link, TAPI__RPC__SERVICE_ID__SERVICE_ADMIN, &admin.base);
	link_serve(side->link, TAPI__RPC__SERVICE_ID__SERVICE_APP_EVENTS, &app_events.base);
}

void pair_open(struct side *a, struct side *b)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			 0);
	side_begin(a, fds[0]);
	side_begin(b, fds[1]);
}

int half_open(struct side *a)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			 0);
	side_begin(a, fds[0]);
	return fds[1];
}

void side_end(struct side *side)
{
	link_close(side->link, 0);
	for (unsigned int i = 0; i < side->holds; i++)
		if (side->held[i].closure)
			answer_held(side, i);
	link_unref(side->link);
	side->link = NULL;
}

static bool work(struct side *side)
{
	struct pollfd p = { .fd = link_fd(side->link), .events = (short)link_events(side->link) };

	if (p.fd < 0 || poll(&p, 1, 0) <= 0)
		return false;
	link_dispatch(side->link, 16);
	return true;
}

void settle(struct side *a, struct side *b)
{
	unsigned int turns = 0;
	bool moved;

	do {
		moved = work(a);
		if (b && work(b))
			moved = true;
		if (++turns > 100000)
			fail_msg("the links are never at rest");
	} while (moved);
}

/* ---- requests ---- */

static void answered(const ProtobufCMessage *message, void *data)
{
	struct asked *asked = data;
	const Tapi__Rpc__Result *out = (const Tapi__Rpc__Result *)message;
	const Tapi__Rpc__NumberOut *number = (const Tapi__Rpc__NumberOut *)message;

	asked->calls++;
	asked->null = !out;
	if (out) {
		asked->result = out->result;
		if (out->error && out->error->text)
			snprintf(asked->text, sizeof(asked->text), "%s", out->error->text);
		if (message->descriptor == &tapi__rpc__number_out__descriptor)
			asked->number = number->number;
	}
	if (asked->close) {
		link_close(asked->side->link, -ECANCELED);
		link_close(asked->side->link, -EIO);	/* the first reason counts */
	}
	if (asked->again)
		ask(asked->side, 0, asked->next);
	if (asked->drop)
		link_unref(asked->side->link);
}

uint32_t ask(struct side *side, uint32_t value, struct asked *asked)
{
	ProtobufCService *service = link_service(side->link, TAPI__RPC__SERVICE_ID__SERVICE_APP);
	Tapi__Rpc__AppIn in = TAPI__RPC__APP_IN__INIT;

	asked->side = side;
	in.has_app = true;
	in.app = value;
	tapi__rpc__app__devices(service, &in,
				(Tapi__Rpc__NumberOut_Closure)(void *)answered, asked);
	return asked->drop ? 0 : link_last_serial(side->link);
}

uint32_t ask_fd(struct side *side, uint32_t value, int fd, struct asked *asked)
{
	ProtobufCService *service = link_service(side->link, TAPI__RPC__SERVICE_ID__SERVICE_HOST);
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;

	asked->side = side;
	in.has_line = true;
	in.line = value;
	link_attach(side->link, fd);
	tapi__rpc__host__msp_bind(service, &in,
				  (Tapi__Rpc__Result_Closure)(void *)answered, asked);
	return link_last_serial(side->link);
}

uint32_t ask_long(struct side *side, size_t bytes, struct asked *asked)
{
	ProtobufCService *service = link_service(side->link, TAPI__RPC__SERVICE_ID__SERVICE_ADMIN);
	Tapi__Rpc__NameIn in = TAPI__RPC__NAME_IN__INIT;

	asked->side = side;
	in.name = malloc(bytes + 1);
	memset(in.name, 'n', bytes);
	in.name[bytes] = 0;
	tapi__rpc__admin__restart_provider(service, &in,
					   (Tapi__Rpc__Result_Closure)(void *)answered, asked);
	free(in.name);
	return link_last_serial(side->link);
}

void tell(struct side *side, uint32_t value)
{
	ProtobufCService *service =
		link_service(side->link, TAPI__RPC__SERVICE_ID__SERVICE_APP_EVENTS);
	Tapi__Rpc__Event event = TAPI__RPC__EVENT__INIT;

	event.has_device = true;
	event.device = value;
	tapi__rpc__app_events__message(service, &event, NULL, NULL);
	assert_int_equal(link_last_serial(side->link), 0);
}

void answer_held(struct side *side, unsigned int i)
{
	struct held held = side->held[i];

	assert_true(i < side->holds && held.closure);
	side->held[i].closure = NULL;
	number_out(held.closure, held.data, held.value);
}

/* ---- the bare end ---- */

void raw_send(int fd, const struct frame *frame, const void *body, size_t size, const int *fds,
	      unsigned int count)
{
	unsigned char *bytes = malloc(FRAME_HEADER + size);
	struct iovec iov = { .iov_base = bytes, .iov_len = FRAME_HEADER + size };
	union {
		char room[CMSG_SPACE(64 * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	frame_write(frame, bytes);
	if (size)
		memcpy(bytes + FRAME_HEADER, body, size);
	if (count) {
		msg.msg_control = control.room;
		msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fds, count * sizeof(int));
	}
	assert_int_equal(sendmsg(fd, &msg, MSG_NOSIGNAL), FRAME_HEADER + size);
	free(bytes);
}

void raw_request(int fd, uint32_t serial, unsigned int service, unsigned int method,
		 const void *body, size_t size)
{
	struct frame frame = {
		.length = (uint32_t)(FRAME_HEADER + size), .serial = serial,
		.service = (uint16_t)service, .method = (uint16_t)method, .kind = FRAME_CALL,
	};

	raw_send(fd, &frame, body, size, NULL, 0);
}

bool raw_receive(int fd, struct frame *frame, unsigned char *body, size_t *size)
{
	static unsigned char bytes[FRAME_MAX + 1];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n <= 0)
		return false;
	assert_int_equal(frame_read(frame, bytes, (size_t)n), 0);
	*size = (size_t)n - FRAME_HEADER;
	memcpy(body, bytes + FRAME_HEADER, *size);
	return true;
}

int32_t raw_refusal(int fd, uint32_t serial)
{
	static unsigned char body[FRAME_MAX];
	Tapi__Rpc__Result *out;
	struct frame frame;
	int32_t result;
	size_t size;

	assert_true(raw_receive(fd, &frame, body, &size));
	assert_int_equal(frame.kind, FRAME_ERROR);
	assert_int_equal(frame.serial, serial);
	out = tapi__rpc__result__unpack(NULL, size, body);
	assert_non_null(out);
	assert_non_null(out->error);
	assert_non_null(out->error->text);
	result = out->result;
	tapi__rpc__result__free_unpacked(out, NULL);
	return result;
}

unsigned int count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

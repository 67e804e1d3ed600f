/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One connection: its life, and frames in. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link_private.h"
#include "walk.h"

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
			.base = { .descriptor = service_descriptor(i), .invoke = link_invoke },
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

void link_unref(struct link *link)
{
	int fd;

	if (!link)
		return;
	if (link->refs == 1 && link->fd >= 0) {
		/* nobody closed it: those who wait for answers hear of it all the same */
		fd = link->fd;
		link->fd = -1;
		close(fd);
		link_fail_pending(link);
	}
	if (--link->refs)
		return;
	link_drop_queue(link);
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
void link_update_events(struct link *link)
{
	unsigned int events = 0;

	if (link->open_calls < LINK_OPEN_MAX && link->queued_bytes < LINK_QUEUE_HIGH)
		events |= POLLIN;
	/* a socket that nobody reads is always ready for output: the next dispatch ends it */
	if (link->first || link->broken)
		events |= POLLOUT;
	if (events == link->events)
		return;
	link->events = events;
	if (link->ops->rearm && link->fd >= 0)
		link->ops->rearm(link);
}

static void finish_close(struct link *link)
{
	int fd = link->fd;

	if (fd < 0)
		return;
	link->fd = -1;
	link->closing = false;
	link_ref(link);
	link_drop_queue(link);
	link_fail_pending(link);
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
	else if (!link->dispatching)
		shutdown(link->fd, SHUT_RDWR);	/* wakes the owner, whose dispatch ends it */
}

ProtobufCMessage *link_unpack(struct link *link, const ProtobufCMessageDescriptor *descriptor,
				size_t size)
{
	ProtobufCMessage *message;

	arena_reset(&link->arena);
	message = protobuf_c_message_unpack(descriptor, &link->arena.allocator, size,
					    link->buffer + FRAME_HEADER);
	return message && walk_check(message) == 0 ? message : NULL;
}

/* Number of descriptors that came with a frame; the first one is kept */
static size_t take_fd(struct msghdr *msg, int *fd)
{
	struct cmsghdr *cmsg;
	size_t count, total = 0;
	int extra;

	*fd = -1;
	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			memcpy(&extra, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
			if (!total++)
				*fd = extra;
			else
				close(extra);
		}
	}
	return total;
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
	size_t fds;
	ssize_t size;
	int fd, err;

	size = recvmsg(link->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (size < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (size == 0)
		return -ENOTCONN;
	fds = take_fd(&msg, &fd);
	err = msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? -EBADMSG :
	      frame_read(&frame, link->buffer, (size_t)size);
	if (err == 0 && fds != !!(frame.flags & FRAME_FL_FD))
		err = -EBADMSG;
	if (err == 0) {
		if (frame.kind == FRAME_CALL || frame.kind == FRAME_EVENT)
			link_handle_request(link, &frame, &fd);
		else if (frame.kind != FRAME_CANCEL)
			link_handle_answer(link, &frame);
	}
	if (fd >= 0)
		close(fd);
	return err < 0 ? err : 1;
}

static bool hung_up(const struct link *link)
{
	struct pollfd p = { .fd = link->fd };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR);
}

/* Has the other end gone, and is there nothing left to read, or nobody left to answer? */
static bool is_over(const struct link *link, int got)
{
	if (!(link->events & POLLIN))
		return link->broken || hung_up(link);
	return link->broken && got == 0;
}

int link_dispatch(struct link *link, unsigned int budget)
{
	int handled = 0, got = 1;

	if (link->fd < 0)
		return -ENOTCONN;
	if (link->dispatching)
		return -EDEADLK;
	link_ref(link);
	link->depth++;
	link->dispatching = true;
	if (link->first && !link->closing)
		link_flush(link);
	while (budget-- && !link->closing && link->events & POLLIN) {
		got = receive(link);
		if (got <= 0)
			break;
		handled++;
	}
	if (got < 0)
		link_close(link, got == -ENOTCONN || got == -ECONNRESET ? 0 : got);
	else if (!link->closing && is_over(link, got))
		link_close(link, 0);
	link->dispatching = false;
	if (!--link->depth && link->closing)
		finish_close(link);
	got = link->fd < 0 ? (link->error < 0 ? link->error : -ENOTCONN) : handled;
	link_unref(link);
	return got;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames out: the socket, and the queue behind it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link_private.h"

void link_drop_queue(struct link *link)
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

/* Did the other end go? What it sent before is still there to be read. */
static bool is_gone(struct link *link, int err)
{
	if (err != -EPIPE && err != -ECONNRESET && err != -ENOTCONN)
		return false;
	link->broken = true;
	link_drop_queue(link);
	link_update_events(link);
	return true;
}

static int enqueue(struct link *link, const unsigned char *bytes, size_t size, int fd)
{
	struct queued *item = malloc(sizeof(*item) + size);
	int err;

	if (!item)
		return -ENOMEM;
	item->next = NULL;
	item->fd = -1;
	if (fd >= 0) {
		item->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (item->fd < 0) {
			err = -errno;
			free(item);
			return err;
		}
	}
	item->size = size;
	memcpy(item->bytes, bytes, size);
	*link->last = item;
	link->last = &item->next;
	link->queued_bytes += size;
	link_update_events(link);
	return 0;
}

int link_send(struct link *link, struct frame *frame, const ProtobufCMessage *message)
{
	unsigned char small[2048], *bytes = small;
	size_t body = message ? protobuf_c_message_get_packed_size(message) : 0;
	int fd = link->attach, err;

	link->attach = -1;
	if (link->fd < 0 || link->closing || link->broken)
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
	return is_gone(link, err) ? -ENOTCONN : err;
}

void link_flush(struct link *link)
{
	struct queued *item;
	int err;

	while ((item = link->first)) {
		err = (int)send_now(link, item->bytes, item->size, item->fd);
		if (err == -EAGAIN || err == -ENOBUFS)
			break;
		if (is_gone(link, err))
			return;
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
	link_update_events(link);
}

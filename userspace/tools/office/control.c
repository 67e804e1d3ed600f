/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Longest command: two file names as long as the system takes them */
#define LINE_MAX_BYTES 8448

/**
 * struct control - where commands come from
 * @ops: what the owner is told
 * @data: for @ops
 * @event: the loop
 * @path: of the socket, or NULL; owned
 * @listener: the socket, or -1; owned
 * @listening: its place in the loop
 * @fd: what is read, or -1; owned when there is a socket
 * @reading: its place in the loop
 * @used: bytes in @buffer
 * @skips: the rest of a line that was too long
 * @buffer: the beginning of a line, and room for its end
 */
struct control {
	const struct control_ops *ops;
	void *data;
	sd_event *event;
	char *path;
	int listener;
	sd_event_source *listening;
	int fd;
	sd_event_source *reading;
	size_t used;
	bool skips;
	char buffer[LINE_MAX_BYTES + 1];
};

static void stop_reading(struct control *control)
{
	control->reading = sd_event_source_disable_unref(control->reading);
	control->used = 0;
	control->skips = false;
	if (control->path && control->fd >= 0) {
		control->ops->client(control->data, -1);
		close(control->fd);
	}
	control->fd = -1;
}

/* Hands out the lines of the buffer, keeps the beginning of the next one */
static void take_lines(struct control *control)
{
	char *from = control->buffer, *end = control->buffer + control->used, *newline;

	while ((newline = memchr(from, '\n', end - from))) {
		*newline = '\0';
		if (!control->skips)
			control->ops->line(control->data, from);
		control->skips = false;
		from = newline + 1;
	}
	control->used = end - from;
	memmove(control->buffer, from, control->used);
	if (control->used < LINE_MAX_BYTES)
		return;
	if (!control->skips)
		control->ops->error(control->data, "a command is too long");
	control->skips = true;
	control->used = 0;
}

/* A last line without a newline counts */
static void take_rest(struct control *control)
{
	if (control->used && !control->skips) {
		control->buffer[control->used] = '\0';
		control->ops->line(control->data, control->buffer);
	}
}

static void read_some(struct control *control)
{
	ssize_t got = read(control->fd, control->buffer + control->used,
			   LINE_MAX_BYTES - control->used);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0) {
		control->used += got;
		take_lines(control);
		return;
	}
	take_rest(control);
	stop_reading(control);
	if (!control->path)
		control->ops->end(control->data);
}

static int on_input(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	read_some(data);
	return 0;
}

/* A plain file cannot be waited for: it is always ready */
static int on_turn(sd_event_source *source, void *data)
{
	read_some(data);
	return 0;
}

static int start_reading(struct control *control, int fd)
{
	int err;

	err = sd_event_add_io(control->event, &control->reading, fd, EPOLLIN, on_input, control);
	if (err == -EPERM) {
		err = sd_event_add_defer(control->event, &control->reading, on_turn, control);
		if (err >= 0)
			err = sd_event_source_set_enabled(control->reading, SD_EVENT_ON);
	}
	if (err < 0)
		return err;
	control->fd = fd;
	return 0;
}

static int on_connection(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	static const char busy[] = "0 error the control socket is in use\n";
	struct control *control = data;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (client < 0)
		return 0;
	if (control->fd >= 0) {
		send(client, busy, sizeof(busy) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		close(client);
	} else if (start_reading(control, client)) {
		close(client);
	} else {
		control->ops->client(control->data, client);
	}
	return 0;
}

static struct control *new_control(sd_event *event, const struct control_ops *ops, void *data)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control)
		return NULL;
	control->ops = ops;
	control->data = data;
	control->event = event;
	control->listener = -1;
	control->fd = -1;
	return control;
}

int control_new_file(sd_event *event, int fd, const struct control_ops *ops, void *data,
		     struct control **result)
{
	struct control *control = new_control(event, ops, data);
	int err;

	if (!control)
		return -ENOMEM;
	err = start_reading(control, fd);
	if (err) {
		control_free(control);
		return err;
	}
	*result = control;
	return 0;
}

static int listen_at(struct control *control, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->listener < 0 ||
	    bind(control->listener, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	control->path = strdup(path);
	if (!control->path) {
		unlink(path);
		return -ENOMEM;
	}
	if (listen(control->listener, 1) < 0)
		return -errno;
	return sd_event_add_io(control->event, &control->listening, control->listener, EPOLLIN,
			       on_connection, control);
}

int control_new_socket(sd_event *event, const char *path, const struct control_ops *ops,
		       void *data, struct control **result)
{
	struct control *control = new_control(event, ops, data);
	int err;

	if (!control)
		return -ENOMEM;
	err = listen_at(control, path);
	if (err < 0) {
		control_free(control);
		return err;
	}
	*result = control;
	return 0;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	stop_reading(control);
	sd_event_source_disable_unref(control->listening);
	if (control->listener >= 0)
		close(control->listener);
	if (control->path)
		unlink(control->path);
	free(control->path);
	free(control);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where commands come from: lines of a file, or of one connection at a time to a socket. */
#ifndef OFFICE_CONTROL_H
#define OFFICE_CONTROL_H

#include <stdbool.h>
#include <systemd/sd-event.h>

/**
 * struct control_ops - what the owner is told
 * @line: a line, without its newline
 * @error: a line that is none: too long
 * @end: the file has ended, or the connection
 * @client: a connection to the socket has come, or -1 it is going
 */
struct control_ops {
	void (*line)(void *data, const char *line);
	void (*error)(void *data, const char *what);
	void (*end)(void *data);
	void (*client)(void *data, int fd);
};

struct control;

/**
 * control_new_file() - read commands from a descriptor
 * @event: the loop
 * @fd: descriptor; borrowed
 * @ops: what the owner is told; borrowed
 * @data: for @ops
 * @control: the new object
 *
 * Return: 0 or a negative errno.
 */
int control_new_file(sd_event *event, int fd, const struct control_ops *ops, void *data,
		     struct control **control);

/**
 * control_new_socket() - listen at a socket
 * @path: where; must not be there yet, goes away with the object
 *
 * The other parameters and the result are as for control_new_file(). @ops.end is not called.
 */
int control_new_socket(sd_event *event, const char *path, const struct control_ops *ops,
		       void *data, struct control **control);

/** control_free() - end; NULL is fine */
void control_free(struct control *control);

#endif /* OFFICE_CONTROL_H */

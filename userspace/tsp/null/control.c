/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The control socket: a datagram is a command, the next one from us its answer.
 *
 * The socket is the owner's alone (mode 0600): who may write to it may end the host's process.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "null.h"

/* A script, a person who looks on, and some room */
#define CLIENTS	8

enum { POLL_STOP, POLL_LISTEN, POLL_CLIENTS, POLL_COUNT = POLL_CLIENTS + CLIENTS };

static struct {
	pthread_t thread;
	bool running;
	struct sockaddr_un address;
	struct pollfd polled[POLL_COUNT];
	char text[COMMAND_MAX + 1];
	struct reply reply;
} control;

static void accept_client(void)
{
	int fd = accept4(control.polled[POLL_LISTEN].fd, NULL, NULL, SOCK_CLOEXEC);
	int i;

	if (fd < 0)
		return;
	for (i = POLL_CLIENTS; i < POLL_COUNT; i++) {
		if (control.polled[i].fd >= 0)
			continue;
		control.polled[i].fd = fd;
		return;
	}
	close(fd);
}

/* Returns false when the client is no longer one */
static bool serve(int fd)
{
	ssize_t size = recv(fd, control.text, COMMAND_MAX, MSG_DONTWAIT | MSG_TRUNC);

	if (size < 0)
		return errno == EAGAIN || errno == EINTR;
	if (!size)
		return false;
	if (size > COMMAND_MAX) {
		reply_error(&control.reply, "the command is too long");
	} else {
		control.text[size] = '\0';
		verbs_run(control.text, &control.reply);
	}
	/* who does not read its answers is no use to wait for */
	return send(fd, control.reply.text, control.reply.size, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

static void *listen_to_all(void *unused)
{
	struct pollfd *polled = control.polled;
	int i;

	while (!polled[POLL_STOP].revents) {
		if (poll(polled, POLL_COUNT, -1) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		for (i = POLL_CLIENTS; i < POLL_COUNT && !polled[POLL_STOP].revents; i++) {
			if (polled[i].fd < 0 || !polled[i].revents || serve(polled[i].fd))
				continue;
			close(polled[i].fd);
			polled[i].fd = -1;
		}
		if (polled[POLL_LISTEN].revents & POLLIN)
			accept_client();
	}
	return NULL;
}

/* A socket that a dead process has left is in the way */
static void remove_stale(const char *path)
{
	struct stat st;

	if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
}

static int make_socket(const char *path)
{
	int fd;

	control.address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(control.address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(control.address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	remove_stale(path);
	/* the mode of the socket becomes that of the file: at no time can others connect */
	if (fchmod(fd, 0600) ||
	    bind(fd, (struct sockaddr *)&control.address, sizeof(control.address)) ||
	    listen(fd, CLIENTS)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void close_all(void)
{
	int i;

	for (i = 0; i < POLL_COUNT; i++) {
		if (control.polled[i].fd >= 0)
			close(control.polled[i].fd);
		control.polled[i].fd = -1;
	}
}

int control_start(const char *path)
{
	int i;

	for (i = 0; i < POLL_COUNT; i++)
		control.polled[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	control.polled[POLL_LISTEN].fd = make_socket(path);
	control.polled[POLL_STOP].fd = eventfd(0, EFD_CLOEXEC);
	if (control.polled[POLL_LISTEN].fd >= 0 && control.polled[POLL_STOP].fd >= 0 &&
	    !pthread_create(&control.thread, NULL, listen_to_all, NULL)) {
		control.running = true;
		return 0;
	}
	host_log(LOG_ERR, "the control socket cannot be made: %s", strerror(errno));
	close_all();
	return -1;
}

void control_stop(void)
{
	uint64_t one = 1;

	if (!control.running)
		return;
	if (write(control.polled[POLL_STOP].fd, &one, sizeof(one)) != sizeof(one))
		host_log(LOG_ERR, "the control thread cannot be told to stop: %s", strerror(errno));
	pthread_join(control.thread, NULL);
	close_all();
	unlink(control.address.sun_path);
	control.running = false;
}

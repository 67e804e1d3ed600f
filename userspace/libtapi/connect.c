/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way to tapisrv. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <tapi_config.h>

#include "frame.h"
#include "internal.h"
#include "utf.h"

/* How long a server that accepts nothing is waited for */
#define CONNECT_SECONDS	5

const char *socket_path(void)
{
	const char *path = secure_getenv("TAPI_SOCKET");

	return path && *path ? path : TAPI_RUNDIR "/tapi.sock";
}

const char *program_name(void)
{
	const char *name = program_invocation_short_name;

	return name && *name && utf8_valid(name, strlen(name)) ? name : "unknown";
}

/* @wait: while the server's queue is full; else that is -EAGAIN */
int socket_connect(bool wait)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = CONNECT_SECONDS };
	const char *path = socket_path();
	int fd, err;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK), 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* ---- the link in the descriptor that programs poll ---- */

static void watch(struct app *app, int operation)
{
	struct epoll_event event = { 0 };

	if (link_events(app->link) & POLLIN)
		event.events |= EPOLLIN;
	if (link_events(app->link) & POLLOUT)
		event.events |= EPOLLOUT;
	epoll_ctl(app->public_fd, operation, link_fd(app->link), &event);
}

static void rearm(struct link *link)
{
	struct app *app = link_user(link);

	if (app->link != link)
		return;
	watch(app, EPOLL_CTL_MOD);
	app_wake(app);
}

static void closed(struct link *link, int error)
{
	struct app *app = link_user(link);

	if (app->link != link)
		return;
	app->link = NULL;
	link_unref(link);
	app_lost(app);
}

static const struct link_ops ops = { .rearm = rearm, .closed = closed };

int app_attach(struct app *app, int fd)
{
	app->link = link_new(fd, &ops, app);
	if (!app->link)
		return -ENOMEM;
	/* the table is only read; its type has no const */
	link_serve(app->link, TAPI__RPC__SERVICE_ID__SERVICE_APP_EVENTS,
		   (ProtobufCService *)(uintptr_t)&app_events.base);
	watch(app, EPOLL_CTL_ADD);
	app_wake(app);
	return 0;
}

/* ---- what is said first ---- */

void fill_hello(Tapi__Rpc__HelloIn *in)
{
	const char *locale = setlocale(LC_MESSAGES, NULL);

	in->has_min = in->has_max = 1;
	in->min = FRAME_VERSION_MIN;
	in->max = FRAME_VERSION_MAX;
	in->has_features = 1;
	in->program = (char *)(uintptr_t)program_name();
	if (locale && utf8_valid(locale, strlen(locale)))
		in->locale = (char *)(uintptr_t)locale;
}

void fill_initialize(Tapi__Rpc__InitializeIn *in, struct app *app)
{
	in->has_api_version = 1;
	in->api_version = app->version;
	in->friendly_name = app->friendly_name;
	in->module_name = (char *)(uintptr_t)program_name();
	in->has_options = 1;
	in->options = app->options;
}

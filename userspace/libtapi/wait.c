/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for the server. The first thread that waits becomes the leader: it polls without the lock
 * and handles what arrives for everybody; the others sleep on a condition. There is no reader
 * thread to be woken, which is half the time of a request.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"
#include "trace.h"

/* Frames handled in one go */
#define BUDGET	64u

int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

void app_dispatch(struct app *app)
{
	if (app->link)
		link_dispatch(app->link, BUDGET);
}

void app_pump(struct app *app)
{
	if (app->leader)
		return;
	app_dispatch(app);
	if (app->state != LINKED)
		app_timer(app);
}

void app_wake(struct app *app)
{
	pthread_cond_broadcast(&app->changed);
	if (app->leader)
		eventfd_write(app->wake_fd, 1);
}

static void follow(struct app *app, int64_t deadline)
{
	struct timespec until = { .tv_sec = deadline / (1000 * NS_PER_MS),
				  .tv_nsec = deadline % (1000 * NS_PER_MS) };

	if (deadline == FOREVER)
		pthread_cond_wait(&app->changed, &tapi_lock);
	else
		pthread_cond_timedwait(&app->changed, &tapi_lock, &until);
}

static int poll_until(struct pollfd *fds, nfds_t count, int64_t deadline)
{
	int64_t left = deadline == FOREVER ? 0 : deadline - now_ns();
	struct timespec timeout = { 0 };

	if (left > 0) {
		timeout.tv_sec = left / (1000 * NS_PER_MS);
		timeout.tv_nsec = left % (1000 * NS_PER_MS);
	}
	return ppoll(fds, count, deadline == FOREVER ? NULL : &timeout, NULL);
}

void app_wait(struct app *app, int64_t deadline, bool listens)
{
	struct pollfd fds[] = {
		{ .fd = app->link ? link_fd(app->link) : -1,
		  .events = app->link ? (short)link_events(app->link) : 0 },
		{ .fd = app->timer_fd, .events = POLLIN },
		{ .fd = app->wake_fd, .events = POLLIN },
	};
	eventfd_t count;

	if (app->leader) {
		follow(app, deadline);
		return;
	}
	app->leader = true;
	app->leader_listens = listens;
	pthread_mutex_unlock(&tapi_lock);
	if (poll_until(fds, 3, deadline) > 0 && fds[2].revents)
		eventfd_read(app->wake_fd, &count);
	pthread_mutex_lock(&tapi_lock);
	app->leader = false;
	app->leader_listens = false;
	/* who waits for an answer gets one frame: asking for the next, which is not there, takes time */
	if (fds[0].revents && app->link)
		link_dispatch(app->link, listens ? BUDGET : 1);
	if (fds[1].revents)
		app_timer(app);
	pthread_cond_broadcast(&app->changed);
}

/* ---- requests ---- */

void exchange_answered(const ProtobufCMessage *out, void *data)
{
	/* Every answer that can fail begins like a Result */
	const Tapi__Rpc__Result *answer = (const Tapi__Rpc__Result *)out;
	struct exchange *x = data;

	x->done = true;
	if (!out) {
		detail_of_error(&x->detail, LINEERR_OPERATIONFAILED, NULL);
		snprintf(x->detail.text, sizeof(x->detail.text), "tapisrv did not answer");
		x->result = LINEERR_OPERATIONFAILED;
		return;
	}
	x->result = answer->result < 0 ? answer->result : 0;
	if (!x->result && x->take)
		x->result = x->take(out, x->data);
	if (x->result)
		detail_of_error(&x->detail, x->result, answer->error);
}

bool exchange_start(struct exchange *x, const ProtobufCMessage *in)
{
	x->done = false;
	trace_message(TRACE_TAPI3, TRACE_TAPISRV, x->name, in);
	if (x->app->link)
		return true;
	detail_of_error(&x->detail, LINEERR_SERVICE_NOT_RUNNING, NULL);
	x->result = LINEERR_SERVICE_NOT_RUNNING;
	x->done = true;
	return false;
}

LONG exchange_finish(struct exchange *x)
{
	uint32_t serial = !x->done ? link_last_serial(x->app->link) : 0;
	struct link *link = x->app->link;
	int64_t deadline = x->done ? 0 : now_ns() + ANSWER_NS;

	/* the link lives as long as a request is open: its end answers it */
	while (!x->done && now_ns() < deadline)
		app_wait(x->app, deadline, false);
	if (!x->done) {
		link_forget(link, serial);
		return fail(LINEERR_OPERATIONFAILED, TAPI_ORIGIN_LIBRARY, ETIMEDOUT,
			    "tapisrv has not answered %s for %lld s", x->name,
			    (long long)(ANSWER_NS / NS_PER_MS / 1000));
	}
	return x->result < 0 ? fail_detail(&x->detail) : x->result;
}

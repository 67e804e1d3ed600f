/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One-shot timers of a session on one timerfd. */
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "private.h"

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

static void arm(struct tapi3 *tapi)
{
	struct itimerspec when = { 0 };
	uint64_t first = 0;

	list_for_each(at, &tapi->timers) {
		struct msp_timer *timer = list_entry(at, struct msp_timer, node);

		if (!first || timer->when < first)
			first = timer->when;
	}
	when.it_value.tv_sec = first / 1000000;
	when.it_value.tv_nsec = first % 1000000 * 1000;
	timerfd_settime(tapi->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

struct msp_timer *timer_start(struct tapi3 *tapi, unsigned int ms, void (*expired)(void *data),
			      void *data)
{
	struct msp_timer *timer = calloc(1, sizeof(*timer));

	if (!timer)
		return NULL;
	timer->tapi = tapi;
	timer->when = now_us() + ms * 1000ULL;
	timer->expired = expired;
	timer->data = data;
	list_append(&tapi->timers, &timer->node);
	arm(tapi);
	return timer;
}

void timer_cancel(struct msp_timer *timer)
{
	struct tapi3 *tapi;

	if (!timer)
		return;
	tapi = timer->tapi;
	list_remove(&timer->node);
	free(timer);
	arm(tapi);
}

static struct msp_timer *find_due(struct tapi3 *tapi, uint64_t now)
{
	list_for_each(at, &tapi->timers) {
		struct msp_timer *timer = list_entry(at, struct msp_timer, node);

		if (timer->when <= now)
			return timer;
	}
	return NULL;
}

void timers_dispatch(struct tapi3 *tapi)
{
	uint64_t count, now = now_us();
	struct msp_timer *timer;

	if (read(tapi->timer_fd, &count, sizeof(count)) < 0)
		return;
	while ((timer = find_due(tapi, now))) {
		void (*expired)(void *data) = timer->expired;
		void *data = timer->data;

		timer_cancel(timer);
		expired(data);
	}
	arm(tapi);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions of the provider while they run: one at a time when it asked for that, in the trace, and
 * reported when they do not come back. The timer is armed only while one runs.
 */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "trace.h"

/* Workers, the report thread, the one that shuts down */
#define SLOTS	(WORKERS + 2)

struct slot {
	const char *name;	/* NULL: nothing runs */
	uint64_t since;
	bool told;
};

static struct {
	pthread_mutex_t lock;
	int timer;
	bool armed;		/* also when nothing runs any more: it costs less than to stop it */
	struct slot slots[SLOTS];
	unsigned int used;
} watch = { .lock = PTHREAD_MUTEX_INITIALIZER, .timer = -1 };

static pthread_mutex_t serial = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool serialised;

static _Thread_local struct slot *mine;
static _Thread_local bool locked;
static _Thread_local const ProtobufCMessage *message;
static _Thread_local const char *from = TRACE_TAPISRV;
static _Thread_local char text[160];

static uint64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

int watch_start(void)
{
	watch.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	return watch.timer < 0 ? -errno : watch.timer;
}

/* At @when, 0 for never; under the lock */
static void arm(uint64_t when)
{
	struct itimerspec its = {
		.it_value = { .tv_sec = (time_t)(when / 1000000),
			      .tv_nsec = (long)(when % 1000000) * 1000 },
	};

	watch.armed = when;
	timerfd_settime(watch.timer, TFD_TIMER_ABSTIME, &its, NULL);
}

void watch_serialise(void)
{
	atomic_store(&serialised, true);
}

bool watch_serialised(void)
{
	return atomic_load(&serialised);
}

void watch_message(const ProtobufCMessage *args)
{
	message = args;
	from = TRACE_TAPISRV;
	text[0] = '\0';
}

void watch_text(const char *lifeline, const char *format, ...)
{
	va_list args;

	message = NULL;
	from = lifeline;
	text[0] = '\0';
	if (!trace_on())
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
}

static void record(const char *name)
{
	if (!trace_on())
		return;
	if (message)
		trace_message(from, TRACE_TSP, name, message);
	else
		trace_text(from, TRACE_TSP, name, "%s", text);
}

void watch_enter(const char *name)
{
	if (atomic_load(&serialised)) {
		pthread_mutex_lock(&serial);
		locked = true;
	}
	record(name);
	pthread_mutex_lock(&watch.lock);
	if (!mine && watch.used < SLOTS)
		mine = &watch.slots[watch.used++];
	if (mine)
		*mine = (struct slot) { .name = name, .since = now_usec() };
	/* when it is armed, it is for something that began before this */
	if (!watch.armed)
		arm(now_usec() + BUSY_USEC);
	pthread_mutex_unlock(&watch.lock);
}

void watch_leave(void)
{
	pthread_mutex_lock(&watch.lock);
	if (mine)
		mine->name = NULL;
	pthread_mutex_unlock(&watch.lock);
	if (locked) {
		locked = false;
		pthread_mutex_unlock(&serial);
	}
}

/* Marks those that are late; returns when to look again, 0 for not at all. Under the lock. */
static uint64_t find_late(uint64_t now, const char *late[SLOTS], unsigned int *count)
{
	uint64_t next = 0;
	struct slot *s;

	for (s = watch.slots; s < watch.slots + watch.used; s++) {
		if (!s->name || s->told)
			continue;
		if (now - s->since >= BUSY_USEC) {
			s->told = true;
			late[(*count)++] = s->name;
		} else if (!next || s->since + BUSY_USEC < next) {
			next = s->since + BUSY_USEC;
		}
	}
	return next;
}

void watch_expired(void (*late)(const char *name))
{
	const char *names[SLOTS];
	unsigned int count = 0;
	uint64_t ticks;

	if (read(watch.timer, &ticks, sizeof(ticks)) < 0)
		return;		/* it was set anew meanwhile */
	pthread_mutex_lock(&watch.lock);
	arm(find_late(now_usec(), names, &count));
	pthread_mutex_unlock(&watch.lock);
	for (unsigned int i = 0; i < count; i++)
		late(names[i]);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The event thread: waits for lines, timers, sound and the host's threads, and delivers reports.
 * It sleeps until one of them has something: an idle provider costs nothing.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "card.h"
#include "sound.h"

#define NS_PER_S	1000000000ULL
#define NS_PER_MS	1000000ULL
#define BATCH		16

static struct loop {
	pthread_t thread;
	bool running;
	bool stop;
	int epoll;
	int wake;
	int timer;
	struct card_timer *timers;
	uint64_t armed_ns;
} loop = { .epoll = -1, .wake = -1, .timer = -1 };

/**
 * timer_start() - call @expired in @ms milliseconds; replaces what was armed
 */
void timer_start(struct card_timer *timer, unsigned int ms, void (*expired)(void *data),
		 void *data)
{
	timer_stop(timer);
	timer->due_ns = card_now_ns() + ms * NS_PER_MS;
	timer->expired = expired;
	timer->data = data;
	timer->next = loop.timers;
	loop.timers = timer;
	if (!loop_is_me())
		loop_wake();
}

/**
 * timer_stop() - do not; harmless when it is not armed
 */
void timer_stop(struct card_timer *timer)
{
	struct card_timer **at = &loop.timers;

	if (!timer->due_ns)
		return;
	while (*at != timer)
		at = &(*at)->next;
	*at = timer->next;
	timer->due_ns = 0;
}

/* Any timer that is due: the list changes under the hands of those who expire */
static struct card_timer *due_timer(uint64_t now)
{
	for (struct card_timer *t = loop.timers; t; t = t->next) {
		if (t->due_ns <= now)
			return t;
	}
	return NULL;
}

static void run_timers(void)
{
	uint64_t now = card_now_ns();
	struct card_timer *timer;

	while ((timer = due_timer(now))) {
		timer_stop(timer);
		timer->expired(timer->data);
	}
}

static void arm_timer(void)
{
	struct itimerspec when = { 0 };
	uint64_t first = 0;

	for (struct card_timer *t = loop.timers; t; t = t->next) {
		if (!first || t->due_ns < first)
			first = t->due_ns;
	}
	if (first == loop.armed_ns)
		return;
	loop.armed_ns = first;
	when.it_value.tv_sec = first / NS_PER_S;
	when.it_value.tv_nsec = first % NS_PER_S;
	timerfd_settime(loop.timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void drain(int fd)
{
	uint64_t count;

	/* empty is as good: somebody else's wake-up has been seen already */
	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		card_log(3, "cannot read an event descriptor: %s", strerror(errno));
}

static void dispatch(uintptr_t id)
{
	switch (id) {
	case LOOP_WAKE:
		drain(loop.wake);
		return;
	case LOOP_TIMER:
		drain(loop.timer);
		loop.armed_ns = 0;
		return;
	case LOOP_HOTPLUG:
		hotplug_ready();
		return;
	}
	/* closed since the kernel reported it: the handle names nothing any more */
	switch (handle_kind_of(id)) {
	case HANDLE_LINE:
		events_ready(handle_get(id, HANDLE_LINE));
		break;
	case HANDLE_CAPTURE:
		sound_capture_ready(handle_get(id, HANDLE_CAPTURE));
		break;
	case HANDLE_PLAYBACK:
		sound_playback_ready(handle_get(id, HANDLE_PLAYBACK));
		break;
	default:
		break;
	}
}

static void *run(void *unused)
{
	struct epoll_event events[BATCH];
	int n;

	card_lock();
	for (;;) {
		report_deliver();
		if (loop.stop)
			break;
		arm_timer();
		card_unlock();
		n = epoll_wait(loop.epoll, events, BATCH, -1);
		card_lock();
		for (int i = 0; i < n; i++)
			dispatch(events[i].data.u64);
		run_timers();
	}
	card_unlock();
	return NULL;
}

/**
 * loop_is_me() - is this the event thread?
 */
bool loop_is_me(void)
{
	return loop.running && pthread_equal(pthread_self(), loop.thread);
}

/**
 * loop_wake() - the event thread should look again
 */
void loop_wake(void)
{
	uint64_t one = 1;

	/* a counter that is full has woken it already */
	if (loop.wake >= 0 && write(loop.wake, &one, sizeof(one)) < 0 && errno != EAGAIN)
		card_log(3, "cannot wake the event thread: %s", strerror(errno));
}

/**
 * loop_add() - wait for a descriptor
 * @handle: of the object it belongs to, or a LOOP_ id
 * @events: EPOLLIN, EPOLLOUT
 *
 * Return: 0 or a negative errno.
 */
int loop_add(int fd, uintptr_t handle, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.u64 = handle };

	return epoll_ctl(loop.epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/**
 * loop_remove() - no longer; before it is closed
 */
void loop_remove(int fd)
{
	epoll_ctl(loop.epoll, EPOLL_CTL_DEL, fd, NULL);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int open_fds(void)
{
	int err;

	loop.epoll = epoll_create1(EPOLL_CLOEXEC);
	loop.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	loop.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (loop.epoll < 0 || loop.wake < 0 || loop.timer < 0)
		return -errno;
	err = loop_add(loop.wake, LOOP_WAKE, EPOLLIN);
	return err ? err : loop_add(loop.timer, LOOP_TIMER, EPOLLIN);
}

/* Signals are the host's: they go to its own threads */
static int start_thread(void)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	loop.stop = false;
	err = pthread_create(&loop.thread, NULL, run, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	loop.running = !err;
	return -err;
}

/**
 * loop_start() - start the event thread; with the lock
 *
 * Return: 0 or a negative errno.
 */
int loop_start(void)
{
	int err = open_fds();

	if (!err)
		err = start_thread();
	if (err) {
		close_fd(&loop.epoll);
		close_fd(&loop.wake);
		close_fd(&loop.timer);
	}
	return err;
}

/**
 * loop_stop() - end the event thread, after it has delivered what is queued; with the lock, which
 * is let go meanwhile
 */
void loop_stop(void)
{
	if (!loop.running)
		return;
	loop.stop = true;
	loop_wake();
	card_unlock();
	pthread_join(loop.thread, NULL);
	card_lock();
	loop.running = false;
	loop.armed_ns = 0;
	close_fd(&loop.epoll);
	close_fd(&loop.wake);
	close_fd(&loop.timer);
}

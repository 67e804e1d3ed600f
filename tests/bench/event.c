/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many instructions an event takes from the driver's report to the return of a program's read(),
 * on a virtual machine whose clock counts them, with one processor. Beside it an eventfd, from the
 * moment before write() to the return of read().
 *
 * An event says when the driver saw it, on the clock that the program looks at when read() has
 * returned. In between are the report, the queue, the rest of the ioctl() by which the other end of
 * the cable caused it, and the copy of the record. A program that waits in read() is also woken, and
 * switched to; one that comes later only finds it there.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/tapi_line.h>

#include "bench.h"

#define EVENTS	1000u
#define FXO	"/dev/tapi/card0-line0"
#define FXS	"/dev/tapi/card0-line1"

static double times[EVENTS];
static uint64_t written_at;
static int reader_fd;

/* Runs as soon as there is something to read */
static void *read_line(void *arg)
{
	struct tapi_line_event event;
	unsigned int got = 0;

	while (got < EVENTS) {
		if (read(reader_fd, &event, sizeof(event)) != sizeof(event))
			die("%s: %s", FXO, strerror(errno));
		if (event.type == TAPI_LINE_EV_POLARITY)
			times[got++] = (double)(now_ns() - event.ts);
	}
	return NULL;
}

static void *read_eventfd(void *arg)
{
	eventfd_t value;

	for (unsigned int got = 0; got < EVENTS; got++) {
		if (eventfd_read(reader_fd, &value))
			die("eventfd: %s", strerror(errno));
		times[got] = (double)(now_ns() - written_at);
	}
	return NULL;
}

/* A thread with a higher priority than ours: it runs at once, until it waits */
static pthread_t start_reader(void *(*run)(void *))
{
	struct sched_param high = { .sched_priority = 10 };
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
	pthread_attr_setschedparam(&attr, &high);
	err = pthread_create(&thread, &attr, run, NULL);
	if (err)
		die("thread: %s", strerror(err));
	pthread_attr_destroy(&attr);
	return thread;
}

/* The other end of the cable reverses the line */
static void reverse(int fxs)
{
	static struct tapi_line_linefeed feed = { .state = TAPI_LINE_FEED_ACTIVE };

	feed.polarity = !feed.polarity;
	if (ioctl(fxs, TAPI_LINE_S_LINEFEED, &feed))
		die("TAPI_LINE_S_LINEFEED: %s", strerror(errno));
}

static double from_line(int fxs)
{
	pthread_t thread;

	reader_fd = open(FXO, O_RDONLY | O_CLOEXEC);
	thread = start_reader(read_line);
	for (unsigned int i = 0; i < EVENTS; i++)
		reverse(fxs);
	pthread_join(thread, NULL);
	close(reader_fd);
	return median(times, EVENTS);
}

static double found_on_line(int fxs)
{
	struct tapi_line_event event;
	int fd = open(FXO, O_RDONLY | O_CLOEXEC);

	/* the state, which is there from the beginning */
	if (read(fd, &event, sizeof(event)) != sizeof(event))
		die("%s: %s", FXO, strerror(errno));
	for (unsigned int i = 0; i < EVENTS; i++) {
		reverse(fxs);
		if (read(fd, &event, sizeof(event)) != sizeof(event) ||
		    event.type != TAPI_LINE_EV_POLARITY)
			die("%s: another event", FXO);
		times[i] = (double)(now_ns() - event.ts);
	}
	close(fd);
	return median(times, EVENTS);
}

static double from_eventfd(void)
{
	pthread_t thread;

	reader_fd = eventfd(0, EFD_CLOEXEC);
	thread = start_reader(read_eventfd);
	for (unsigned int i = 0; i < EVENTS; i++) {
		written_at = now_ns();
		eventfd_write(reader_fd, 1);
	}
	pthread_join(thread, NULL);
	close(reader_fd);
	return median(times, EVENTS);
}

static double found_in_eventfd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	eventfd_t value;

	for (unsigned int i = 0; i < EVENTS; i++) {
		written_at = now_ns();
		eventfd_write(fd, 1);
		eventfd_read(fd, &value);
		times[i] = (double)(now_ns() - written_at);
	}
	close(fd);
	return median(times, EVENTS);
}

int main(void)
{
	struct result waiting = { .name = "event.waiting", .unit = "instr", .peer = "eventfd" };
	struct result found = { .name = "event.found", .unit = "instr", .peer = "eventfd" };
	struct tapi_line_claim claim = { 0 };
	int fxs = open(FXS, O_RDWR | O_CLOEXEC);

	if (fxs < 0 || ioctl(fxs, TAPI_LINE_CLAIM, &claim))
		die("%s: %s", FXS, strerror(errno));
	mlockall(MCL_CURRENT | MCL_FUTURE);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		found.mine[round] = found_on_line(fxs);
		found.other[round] = found_in_eventfd();
		waiting.mine[round] = from_line(fxs);
		waiting.other[round] = from_eventfd();
	}
	put(&found, ROUNDS);
	put(&waiting, ROUNDS);
	return 0;
}

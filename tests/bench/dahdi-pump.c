/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the sound of DAHDI's channels costs, see spin.h; what bench-pump measures, with the same loop
 * of reads and writes. The channels are those of two dynamic spans that hear each other ("loc"), which
 * the core's own timer drives: no hardware. Built at run time, see scripts/bench.
 *
 *	dahdi-pump pump|whole ROW...
 *
 * The first number in a row's name says how many channels: pump.32.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "dahdi.h"
#include "spin.h"

#define PERIOD		160		/* 20 ms */
#define BUFFERS		32		/* 0.64 s: longer than it is looked at; as many as there may be */
#define BUFFERS_WHOLE	8
#define CHANNELS_MAX	128u
#define REPEATS		3u

static int ctl, channels[CHANNELS_MAX];
static unsigned int periods[CHANNELS_MAX];	/* that each has read */
static pthread_t threads[CHANNELS_MAX];
static struct dahdi_dynamic_span spans[2];

static void add_span(unsigned int i, unsigned int count)
{
	struct dahdi_lineconfig config = { 0 };

	spans[i] = (struct dahdi_dynamic_span){ .driver = "loc", .numchans = (int)count };
	snprintf(spans[i].addr, sizeof(spans[i].addr), "1:%u", i);
	if (ioctl(ctl, DAHDI_DYNAMIC_CREATE, &spans[i]))
		die("a span of %u channels: %s", count, strerror(errno));
	config.span = spans[i].spanno;
	if (ioctl(ctl, DAHDI_SPANCONFIG, &config) || ioctl(ctl, DAHDI_STARTUP, &config.span))
		die("span %d does not start: %s", config.span, strerror(errno));
}

/* Of one line there are two ends */
static void open_all(unsigned int count, int buffers)
{
	unsigned int each = (count + 1) / 2;

	add_span(0, each);
	add_span(1, each);
	for (unsigned int i = 0; i < count; i++)
		channels[i] = dahdi_channel(ctl, (int)i + 1, DAHDI_SIG_CLEAR, buffers, PERIOD);
}

static void close_all(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		close(channels[i]);
	for (unsigned int i = 0; i < 2; i++)
		if (ioctl(ctl, DAHDI_DYNAMIC_DESTROY, &spans[i]))
			die("a span does not go: %s", strerror(errno));
}

/* All they take */
static void fill(unsigned int count)
{
	unsigned char block[PERIOD];

	memset(block, 0xff, sizeof(block));
	for (unsigned int i = 0; i < count; i++) {
		int what = DAHDI_FLUSH_ALL;

		ioctl(channels[i], DAHDI_FLUSH, &what);
		fcntl(channels[i], F_SETFL, O_NONBLOCK);
		while (write(channels[i], block, PERIOD) == PERIOD)
			;
		fcntl(channels[i], F_SETFL, 0);
	}
}

static void pump(const char *row, unsigned int count)
{
	double costs[REPEATS];

	open_all(count, BUFFERS);
	for (unsigned int i = 0; i < REPEATS; i++) {
		fill(count);
		costs[i] = spin_cost(count);
	}
	put_cost(row, costs, REPEATS);
	close_all(count);
}

static void *talk(void *line)
{
	int fd = channels[(uintptr_t)line];
	unsigned char block[PERIOD];

	for (unsigned int *count = &periods[(uintptr_t)line]; !spin_stop; ++*count)
		if (read(fd, block, PERIOD) != PERIOD || write(fd, block, PERIOD) != PERIOD)
			die("channel %zu: %s", (size_t)(uintptr_t)line + 1, strerror(errno));
	return NULL;
}

/* They must have run all the time, or nothing was measured */
static void check_periods(unsigned int count, uint64_t ns)
{
	unsigned int wanted = (unsigned int)(ns / 20000000u);

	for (unsigned int i = 0; i < count; i++)
		if (periods[i] + 2 < wanted || periods[i] > wanted + BUFFERS_WHOLE)
			die("channel %u had %u periods, not %u", i + 1, periods[i], wanted);
}

static void whole(const char *row, unsigned int count)
{
	double costs[REPEATS];
	uint64_t begin;

	open_all(count, BUFFERS_WHOLE);
	memset(periods, 0, sizeof(periods));
	begin = now_ns();
	spin_threads(threads, count, talk);
	usleep(200000);
	for (unsigned int i = 0; i < REPEATS; i++)
		costs[i] = spin_cost(count);
	check_periods(count, now_ns() - begin);
	put_cost(row, costs, REPEATS);
	spin_threads_end(threads, count);
	close_all(count);
}

int main(int argc, char **argv)
{
	bool all = argc > 2 && !strcmp(argv[1], "whole");

	if (argc < 3 || (!all && strcmp(argv[1], "pump"))) {
		fputs("usage: dahdi-pump pump|whole ROW...\n", stderr);
		return 2;
	}
	ctl = open("/dev/dahdi/ctl", O_RDWR | O_CLOEXEC);
	if (ctl < 0)
		die("/dev/dahdi/ctl: %s", strerror(errno));
	mlockall(MCL_CURRENT | MCL_FUTURE);
	spin_alone();
	for (int i = 2; i < argc; i++)
		(all ? whole : pump)(argv[i], row_lines(argv[i], CHANNELS_MAX));
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the sound of lines costs, see spin.h:
 *
 *	bench-pump tapi|aloop pump ROW...	the kernel's part: lines speak and listen
 *	bench-pump tapi|aloop whole ROW...	with programs that read and write every 20 ms
 *	bench-pump tapi|aloop wakeups ROW...	timers of the card, per second
 *
 * The first number in a row's name says how many lines: pump.32.
 */
#include <alsa/asoundlib.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"
#include "spin.h"

#define PERIOD		160u		/* 20 ms */
#define LONG_BUFFER	32u		/* periods: 0.64 s, longer than it is looked at */
#define SHORT_BUFFER	8u
#define LINES_MAX	128u
#define REPEATS		3u
#define TRACING		"/sys/kernel/tracing/"

struct endpoint {
	snd_pcm_t *out, *in;
};

static struct endpoint endpoints[LINES_MAX];
static char samples[PERIOD * LONG_BUFFER * 2];
static pthread_t threads[LINES_MAX];
static bool aloop;

static void check(int result, const char *what)
{
	if (result < 0)
		die("%s: %s", what, snd_strerror(result));
}

/* ---- the lines ---- */

/* Name of endpoint @i, in pairs that hear each other */
static void device_name(char *name, size_t size, unsigned int i)
{
	static unsigned int card, line;
	char path[64];

	if (aloop) {
		/* two devices with eight substreams each are all a card has */
		snprintf(name, size, "hw:%u,%u,%u", i / 16, i % 2, i % 16 / 2);
		return;
	}
	if (!i)
		card = line = 0;
	snprintf(path, sizeof(path), "/dev/tapi/card%u-line%u", card, line);
	if (access(path, F_OK)) {
		card++;
		line = 0;
	}
	snprintf(name, size, "hw:TAPI%u,%u", card, line++);
}

static void set_params(snd_pcm_t *pcm, unsigned int periods)
{
	snd_pcm_hw_params_t *hw;
	snd_pcm_sw_params_t *sw;

	snd_pcm_hw_params_alloca(&hw);
	check(snd_pcm_hw_params_any(pcm, hw), "parameters");
	check(snd_pcm_hw_params_set_access(pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED), "access");
	if (snd_pcm_hw_params_set_format(pcm, hw, SND_PCM_FORMAT_MU_LAW) < 0)
		check(snd_pcm_hw_params_set_format(pcm, hw, SND_PCM_FORMAT_S16_LE), "format");
	check(snd_pcm_hw_params_set_rate(pcm, hw, 8000, 0), "rate");
	check(snd_pcm_hw_params_set_channels(pcm, hw, 1), "channels");
	check(snd_pcm_hw_params_set_period_size(pcm, hw, PERIOD, 0), "period");
	check(snd_pcm_hw_params_set_periods(pcm, hw, periods, 0), "periods");
	check(snd_pcm_hw_params(pcm, hw), "hw_params");
	snd_pcm_sw_params_alloca(&sw);
	check(snd_pcm_sw_params_current(pcm, sw), "sw_params");
	check(snd_pcm_sw_params_set_start_threshold(pcm, sw, PERIOD * LONG_BUFFER * 2), "start");
	check(snd_pcm_sw_params(pcm, sw), "sw_params");
}

static void open_all(unsigned int count, unsigned int periods)
{
	char name[32];

	for (unsigned int i = 0; i < count; i++) {
		device_name(name, sizeof(name), i);
		check(snd_pcm_open(&endpoints[i].out, name, SND_PCM_STREAM_PLAYBACK, 0), name);
		check(snd_pcm_open(&endpoints[i].in, name, SND_PCM_STREAM_CAPTURE, 0), name);
		set_params(endpoints[i].out, periods);
		set_params(endpoints[i].in, periods);
	}
}

/* All run from the same moment on, as good as it gets; @periods are in the buffers */
static void start_all(unsigned int count, unsigned int periods)
{
	snd_pcm_sframes_t frames = PERIOD * periods;

	for (unsigned int i = 0; i < count; i++) {
		check(snd_pcm_prepare(endpoints[i].out), "prepare");
		check(snd_pcm_prepare(endpoints[i].in), "prepare");
		if (snd_pcm_writei(endpoints[i].out, samples, (snd_pcm_uframes_t)frames) != frames)
			die("line %u takes no sound", i);
	}
	for (unsigned int i = 0; i < count; i++) {
		check(snd_pcm_start(endpoints[i].out), "start");
		check(snd_pcm_start(endpoints[i].in), "start");
	}
}

/* They must have run all the time, or nothing was measured */
static void stop_all(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (snd_pcm_state(endpoints[i].out) != SND_PCM_STATE_RUNNING ||
		    snd_pcm_state(endpoints[i].in) != SND_PCM_STATE_RUNNING)
			die("line %u has stopped by itself", i);
		snd_pcm_drop(endpoints[i].out);
		snd_pcm_drop(endpoints[i].in);
	}
}

static void close_all(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		snd_pcm_close(endpoints[i].out);
		snd_pcm_close(endpoints[i].in);
	}
}

/* ---- the parts ---- */

static void pump(const char *row, unsigned int count)
{
	double costs[REPEATS];

	open_all(count, LONG_BUFFER);
	for (unsigned int i = 0; i < REPEATS; i++) {
		start_all(count, LONG_BUFFER);
		usleep(50000);
		costs[i] = spin_cost(count);
		stop_all(count);
	}
	put_cost(row, costs, REPEATS);
	close_all(count);
}

static void *talk(void *line)
{
	struct endpoint *end = &endpoints[(uintptr_t)line];
	char heard[PERIOD * 2];

	while (!spin_stop) {
		check((int)snd_pcm_readi(end->in, heard, PERIOD), "read");
		check((int)snd_pcm_writei(end->out, heard, PERIOD), "write");
	}
	return NULL;
}

static void whole(const char *row, unsigned int count)
{
	double costs[REPEATS];

	open_all(count, SHORT_BUFFER);
	start_all(count, SHORT_BUFFER / 2);
	spin_threads(threads, count, talk);
	usleep(200000);
	for (unsigned int i = 0; i < REPEATS; i++)
		costs[i] = spin_cost(count);
	put_cost(row, costs, REPEATS);
	spin_threads_end(threads, count);
	close_all(count);
}

static void trace(const char *file, const char *text)
{
	char path[128];
	FILE *to;

	snprintf(path, sizeof(path), TRACING "%s", file);
	to = fopen(path, "w");
	if (!to || fputs(text, to) < 0 || fclose(to))
		die("%s: %s", path, strerror(errno));
}

static unsigned int expirations(void)
{
	const char *mine = aloop ? "loopback_jiffies_timer_function" : "function=tick [tapi_sim]";
	FILE *from = fopen(TRACING "trace", "r");
	unsigned int found = 0;
	char line[512];

	if (!from)
		die(TRACING "trace: %s", strerror(errno));
	while (fgets(line, sizeof(line), from))
		found += strstr(line, mine) != NULL;
	fclose(from);
	return found;
}

/* With no line streaming it looks at a card that is opened but silent */
static void wakeups(const char *row, unsigned int count)
{
	unsigned int opened = count ? count : 1;
	uint64_t span;

	open_all(opened, LONG_BUFFER);
	start_all(count, LONG_BUFFER);
	trace("events/timer/hrtimer_expire_entry/enable", "1");
	trace("events/timer/timer_expire_entry/enable", "1");
	trace("trace", "");
	trace("tracing_on", "1");
	span = spin();
	trace("tracing_on", "0");
	printf("%s,%.6g,timers/s,,,\n", row, expirations() / ((double)span / 1e9));
	fflush(stdout);
	trace("events/timer/hrtimer_expire_entry/enable", "0");
	trace("events/timer/timer_expire_entry/enable", "0");
	stop_all(count);
	close_all(opened);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(const char *row, unsigned int count);
	} parts[] = { { "pump", pump }, { "whole", whole }, { "wakeups", wakeups } };
	struct rlimit files = { 4096, 4096 };
	unsigned int part = 0;

	while (part < 3 && argc > 3 && strcmp(argv[2], parts[part].name))
		part++;
	if (part == 3 || argc < 4) {
		fputs("usage: bench-pump tapi|aloop pump|whole|wakeups ROW...\n", stderr);
		return 2;
	}
	setrlimit(RLIMIT_NOFILE, &files);
	mlockall(MCL_CURRENT | MCL_FUTURE);
	aloop = !strcmp(argv[1], "aloop");
	spin_alone();
	for (int i = 3; i < argc; i++)
		parts[part].run(argv[i], row_lines(argv[i], LINES_MAX));
	return 0;
}

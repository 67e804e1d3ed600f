/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many lines: 20 cards of 32 lines without sound. How long they take to come and how much
 * memory they have is told, not judged; that all are there, work, and leave nothing is.
 */
#include "sim-util.h"

#define CARDS	20
#define LINES	32

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* What is free, or could be; KiB */
static long available(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	long kib = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %ld", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

static int add_card(int n)
{
	char path[64], peer[32];
	int err, i;

	snprintf(path, sizeof(path), "many%d", n);
	err = make(path);
	for (i = 0; i < LINES && !err; i++) {
		snprintf(path, sizeof(path), "many%d/line%d", n, i);
		err = make(path);
		snprintf(path, sizeof(path), "many%d/line%d/type", n, i);
		if (!err && i % 2)
			err = write_to(path, "fxs");
		snprintf(path, sizeof(path), "many%d/line%d/peer", n, i);
		snprintf(peer, sizeof(peer), "line%d", i - 1);
		if (!err && i % 2)
			err = write_to(path, peer);
	}
	snprintf(path, sizeof(path), "many%d/pcm", n);
	if (!err)
		err = write_to(path, "0");
	snprintf(path, sizeof(path), "many%d/live", n);
	return err ?: write_to(path, "1");
}

static int drop_card(int n)
{
	char path[64];
	int err, i;

	snprintf(path, sizeof(path), "many%d/live", n);
	err = write_to(path, "0");
	for (i = 0; i < LINES && !err; i++) {
		snprintf(path, sizeof(path), "many%d/line%d", n, i);
		err = take(path);
	}
	snprintf(path, sizeof(path), "many%d", n);
	return err ?: take(path);
}

static int nodes(void)
{
	char path[64];
	int found = 0, card, i;

	for (card = 1; card <= CARDS; card++)
		for (i = 0; i < LINES; i++) {
			snprintf(path, sizeof(path), "/sys/class/tapi/card%d-line%d", card, i);
			found += access(path, F_OK) == 0;
		}
	return found;
}

/* On every cable, one end goes off hook and the other one sees it */
static int cables(void)
{
	struct tapi_line_hook off = { .op = TAPI_LINE_OFF_HOOK };
	struct tapi_line_claim claim = { 0 };
	struct tapi_line_event event;
	char card[32];
	int work = 0, n, i;

	for (n = 0; n < CARDS; n++) {
		snprintf(card, sizeof(card), "many%d", n);
		for (i = 0; i < LINES; i += 2) {
			int fxo = line_open(card, i, O_RDWR), fxs = line_open(card, i + 1, O_RDONLY);

			work += ioctl(fxo, TAPI_LINE_CLAIM, &claim) == 0 &&
				ioctl(fxo, TAPI_LINE_S_HOOK, &off) == 0 &&
				next(fxs, TAPI_LINE_EV_HOOK, &event) &&
				event.hook.state == TAPI_LINE_OFF_HOOK;
			close(fxo);
			close(fxs);
		}
	}
	return work;
}

int main(void)
{
	int lines = CARDS * LINES, err = 0, n;
	double begin, up, down;
	bool mounted;
	long before;

	if (!sim_begin(&mounted))
		return tap_done();
	before = available();
	begin = seconds();
	for (n = 0; n < CARDS && !err; n++)
		err = add_card(n);
	up = seconds() - begin;
	gives(err, 0, "20 cards of 32 lines");
	printf("# %.1f ms and %.1f KiB a line\n", up * 1000 / lines,
	       (before - available()) / (double)lines);
	ok(nodes() == lines, "%d lines", nodes());
	n = cables();
	ok(n == lines / 2, "%d cables work", n);
	begin = seconds();
	for (n = 0, err = 0; n < CARDS && !err; n++)
		err = drop_card(n);
	down = seconds() - begin;
	gives(err, 0, "all of them go");
	printf("# %.1f ms a line\n", down * 1000 / lines);
	ok(nodes() == 0, "none is left");
	return sim_end(mounted);
}

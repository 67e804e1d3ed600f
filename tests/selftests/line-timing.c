/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When things happen on a line, to the millisecond: ringing cadences, pulses, flashes, digits of
 * a generator, pauses, tones.  Seen at the other end of the cable, by the time in the records, in
 * virtual time.  Cadences are measured from their first edge, so that nothing adds up; digits and
 * breaks from the edge before, which is what exchanges measure.
 */
#include "line-util.h"

#define EDGES	64
/* Each edge may be that far from its place */
#define NEAR_US	1000

static int fxo, fxs;

struct edge {
	uint64_t ts;
	uint32_t level;
};

struct seen {
	unsigned int num;
	struct edge edge[EDGES];
};

static uint32_t level_of(const struct tapi_line_event *ev)
{
	switch (ev->type) {
	case TAPI_LINE_EV_HOOK:
		return ev->hook.state;
	case TAPI_LINE_EV_RING:
		return ev->ring.state;
	default:
		return ev->dtmf.pressed;
	}
}

/* Edges of one type that arrive at @fd until there are @want */
static bool collect(int fd, uint32_t type, unsigned int want, struct seen *seen)
{
	struct tapi_line_event ev;

	for (seen->num = 0; seen->num < want; seen->num++) {
		int err = lu_wait(fd, type, &ev);

		if (err) {
			printf("# %u of %u edges: %s\n", seen->num, want, strerror(-err));
			return false;
		}
		seen->edge[seen->num] = (struct edge){ ev.ts, level_of(&ev) };
	}
	return true;
}

/* What has been read so far is not the subject; limits so that each break is seen as such */
static bool fresh(void)
{
	static const struct tapi_line_param raw[] = {
		{ .id = TAPI_LINE_PARAM_DEBOUNCE, .value = 0 },
		{ .id = TAPI_LINE_PARAM_PULSE_MAX, .value = 20 },
		{ .id = TAPI_LINE_PARAM_FLASH_MAX, .value = 20 },
	};
	struct tapi_line_event ev;

	fxo = lu_open_claimed(LU_FXO);
	fxs = lu_open_claimed(LU_FXS);
	CHECK(fxo >= 0 && fxs >= 0 && lu_on_hook(fxs), "claim");
	for (int i = 0; i < 3; i++)
		CHECK(!ioctl(fxs, TAPI_LINE_S_PARAM, &raw[i]), "parameter %u", raw[i].id);
	while (!lu_next(fxo, &ev, 0) || !lu_next(fxs, &ev, 0))
		;
	return true;
}

static bool off_hook(void)
{
	struct tapi_line_event ev;

	CHECK_ERR(lu_hook(fxo, TAPI_LINE_OFF_HOOK, 0), 0);
	CHECK_ERR(lu_wait(fxs, TAPI_LINE_EV_HOOK, &ev), 0);
	CHECK(ev.hook.state == TAPI_LINE_OFF_HOOK, "state %u", ev.hook.state);
	return true;
}

/* @want: ms from one edge to the next; @sum: they are counted from the first edge */
static bool matches(const struct seen *seen, const unsigned int *want, bool sum, uint32_t first)
{
	uint64_t total = 0;

	for (unsigned int i = 0; i < seen->num; i++) {
		uint64_t since = seen->edge[i].ts - seen->edge[!sum && i ? i - 1 : 0].ts;
		long long off;

		CHECK(seen->edge[i].level == (first ^ (i & 1)), "edge %u has level %u", i,
		      seen->edge[i].level);
		if (!i)
			continue;
		total = (sum ? total : 0) + want[i - 1];
		off = (long long)(since / 1000) - (long long)total * 1000;
		CHECK(off >= -NEAR_US && off <= NEAR_US, "edge %u: %lld us off %llu ms", i, off,
		      (unsigned long long)total);
	}
	return true;
}

/* Two bursts in each round, five of them, of which the third begins the list again */
static bool ringing(void)
{
	static const unsigned int want[] = { 400, 200, 800, 2000, 400, 200, 800, 2000, 400 };
	struct tapi_line_ring ring = {
		.op = TAPI_LINE_OP_START, .count = 5, .cookie = 1, .freq_mhz = 25000,
		.on_ms = { 400, 800 }, .off_ms = { 200, 2000 },
	};
	struct tapi_line_event ev;
	struct seen seen;

	CHECK(fresh(), "lines");
	CHECK(!ioctl(fxs, TAPI_LINE_S_RING, &ring), "ring: %m");
	CHECK(collect(fxo, TAPI_LINE_EV_RING, 10, &seen), "edges");
	CHECK(matches(&seen, want, true, 1), "cadence");
	do
		CHECK_ERR(lu_wait(fxs, TAPI_LINE_EV_COMPLETE, &ev), 0);
	while (ev.cookie != 1);
	CHECK(!ev.complete.status && ev.complete.done == 5, "%d, %u bursts", ev.complete.status,
	      ev.complete.done);
	/* the pause after the last burst is nobody's */
	CHECK(ev.ts - seen.edge[9].ts < NEAR_US * 1000, "complete %llu ns after the end",
	      (unsigned long long)(ev.ts - seen.edge[9].ts));
	return true;
}

/* Many bursts: what each is late by does not add up */
static bool long_ringing(void)
{
	struct tapi_line_ring ring = { .op = TAPI_LINE_OP_START, .count = 31, .cookie = 2,
				       .on_ms = { 37 }, .off_ms = { 41 } };
	unsigned int want[EDGES];
	struct seen seen;

	for (int i = 0; i < EDGES; i++)
		want[i] = i & 1 ? 41 : 37;
	CHECK(fresh(), "lines");
	CHECK(!ioctl(fxs, TAPI_LINE_S_RING, &ring), "ring: %m");
	CHECK(collect(fxo, TAPI_LINE_EV_RING, 62, &seen), "edges");
	return matches(&seen, want, true, 1);
}

static bool pulses(uint32_t break_ms, uint32_t make_ms, uint32_t inter_ms)
{
	/* "3,12": the pause of a comma is two seconds, beside the one between digits */
	unsigned int want[] = { break_ms, make_ms, break_ms, make_ms, break_ms, inter_ms + 2000,
				break_ms, inter_ms, break_ms, make_ms, break_ms };
	struct tapi_line_dial dial = {
		.digits = "3,12", .mode = TAPI_LINE_DIAL_PULSE, .break_ms = break_ms,
		.make_ms = make_ms, .inter_ms = inter_ms, .cookie = 3,
	};
	struct tapi_line_event ev;
	struct seen seen;

	CHECK(!ioctl(fxo, TAPI_LINE_DIAL, &dial), "dial: %m");
	CHECK(collect(fxs, TAPI_LINE_EV_HOOK, 12, &seen), "edges");
	CHECK(matches(&seen, want, false, 0), "break %u make %u inter %u", break_ms, make_ms, inter_ms);
	do
		CHECK_ERR(lu_wait(fxo, TAPI_LINE_EV_COMPLETE, &ev), 0);
	while (ev.cookie != 3);
	CHECK(!ev.complete.status && ev.complete.done == 3, "%d, %u digits", ev.complete.status,
	      ev.complete.done);
	return true;
}

static bool pulse_dialling(void)
{
	CHECK(fresh() && off_hook(), "lines");
	return pulses(60, 40, 800) && pulses(67, 33, 900) && pulses(33, 20, 300) && pulses(90, 60, 700);
}

/* Ten pulses, as telephones on the other end would count them */
static bool counted(void)
{
	static const struct tapi_line_param usual[] = {
		{ .id = TAPI_LINE_PARAM_DEBOUNCE, .value = 10 },
		{ .id = TAPI_LINE_PARAM_PULSE_MAX, .value = 120 },
		{ .id = TAPI_LINE_PARAM_FLASH_MAX, .value = 900 },
	};
	struct tapi_line_event ev;

	CHECK(fresh(), "lines");
	for (int i = 0; i < 3; i++)
		CHECK(!ioctl(fxs, TAPI_LINE_S_PARAM, &usual[i]), "parameter %u", usual[i].id);
	CHECK(off_hook(), "off hook");
	CHECK_ERR(lu_dial(fxo, TAPI_LINE_DIAL_PULSE, "1234567890", 4), 0);
	for (const char *c = "1234567890"; *c; c++) {
		CHECK_ERR(lu_wait(fxs, TAPI_LINE_EV_PULSE_DIGIT, &ev), 0);
		CHECK(ev.pulse.digit == (uint32_t)*c, "%c for %c", ev.pulse.digit, *c);
	}
	CHECK_ERR(lu_complete(fxo, 4), 0);
	return true;
}

static bool flashes(void)
{
	static const unsigned int lengths[] = { 80, 100, 300, 800 };

	CHECK(fresh() && off_hook(), "lines");
	for (int i = 0; i < 4; i++) {
		struct tapi_line_hook hook = { .op = TAPI_LINE_HOOK_FLASH,
					       .duration_ms = lengths[i], .cookie = 5 };
		struct tapi_line_event ev;
		struct seen seen;

		CHECK(!ioctl(fxo, TAPI_LINE_S_HOOK, &hook), "flash: %m");
		CHECK(collect(fxs, TAPI_LINE_EV_HOOK, 2, &seen), "edges");
		CHECK(matches(&seen, &lengths[i], false, 0), "flash of %u", lengths[i]);
		CHECK_ERR(lu_wait(fxo, TAPI_LINE_EV_FLASH, &ev), 0);
		CHECK(ev.hook.duration_ms == lengths[i], "said to be %u", ev.hook.duration_ms);
		CHECK_ERR(lu_complete(fxo, 5), 0);
	}
	return true;
}

static bool digits(void)
{
	static const unsigned int want[] = { 70, 90, 70, 90 + 2000, 70, 90, 70 };
	struct tapi_line_dial dial = { .digits = "1#,A9", .mode = TAPI_LINE_DIAL_DTMF,
				       .on_ms = 70, .off_ms = 90, .cookie = 6 };
	struct seen seen;

	CHECK(fresh() && off_hook(), "lines");
	CHECK(!ioctl(fxo, TAPI_LINE_DIAL, &dial), "dial: %m");
	CHECK(collect(fxs, TAPI_LINE_EV_DTMF, 8, &seen), "edges");
	CHECK(matches(&seen, want, false, 1), "digits");
	CHECK_ERR(lu_complete(fxo, 6), 0);
	return true;
}

/* In the middle of a break: the loop is closed at once, and it is said why */
static bool aborted(void)
{
	struct tapi_line_dial dial = { .digits = "0", .mode = TAPI_LINE_DIAL_PULSE,
				       .break_ms = 200, .make_ms = 200, .cookie = 7 };
	struct tapi_line_event ev, on;
	uint32_t cookie = 8;

	CHECK(fresh() && off_hook(), "lines");
	CHECK(!ioctl(fxo, TAPI_LINE_DIAL, &dial), "dial: %m");
	CHECK_ERR(lu_wait(fxs, TAPI_LINE_EV_HOOK, &on), 0);
	CHECK(on.hook.state == TAPI_LINE_ON_HOOK, "state %u", on.hook.state);
	while (!lu_next(fxo, &ev, 0))
		;
	CHECK(!ioctl(fxo, TAPI_LINE_ABORT, &cookie), "another's: %m");
	CHECK_ERR(lu_next(fxo, &ev, 0), -EAGAIN);
	cookie = 7;
	CHECK(!ioctl(fxo, TAPI_LINE_ABORT, &cookie), "abort: %m");
	CHECK_ERR(lu_wait(fxs, TAPI_LINE_EV_HOOK, &ev), 0);
	CHECK(ev.hook.state == TAPI_LINE_OFF_HOOK && ev.ts - on.ts < 200000000ULL, "after %llu ns",
	      (unsigned long long)(ev.ts - on.ts));
	CHECK_ERR(lu_complete(fxo, 7), -ECANCELED);
	CHECK_ERR(lu_dial(fxo, TAPI_LINE_DIAL_PULSE, "1", 9), 0);
	CHECK_ERR(lu_complete(fxo, 9), 0);
	return true;
}

static const struct rn_case cases[] = {
	{ ringing, "a ringing cadence of two bursts, five times" },
	{ long_ringing, "thirty-one bursts: nothing adds up" },
	{ pulse_dialling, "pulses: breaks, makes, pauses between digits and at a comma" },
	{ counted, "all digits, counted at the other end" },
	{ flashes, "flashes" },
	{ digits, "digits of the generator, and their pauses" },
	{ aborted, "abort by cookie in the middle of a break" },
};

RN_MAIN(cases)

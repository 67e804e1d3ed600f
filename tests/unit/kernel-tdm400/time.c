/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Positions in the sound rings, and decisions from looks at a line: ringing of every frequency
 * and phase is seen at the driver's own intervals, clicks and reversals are not.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../kernel-core/cmocka-all.h"

#include "detect.h"
#include "frames.h"

#define MS	1000000ULL
#define START	(1000 * MS)

static void test_next(void **state)
{
	const u32 base = 0xfffff000;
	u32 i;

	(void)state;
	for (i = 0; i < 160; i++)
		assert_int_equal(frames_next(base + 4 * i, base, 160), (i + 1) % 160);
	/* the last word of each half is where it interrupts */
	assert_int_equal(frames_next(base + 4 * 79, base, 160), 80);
	assert_int_equal(frames_next(base + 4 * 159, base, 160), 0);
	/* never started, and not ours */
	assert_int_equal(frames_next(0, 0x1000, 160), 0);
	assert_int_equal(frames_next(0x1000 + 4 * 160, 0x1000, 160), 0);
	assert_int_equal(frames_next(~0U, 0x1000, 160), 0);
}

static u32 settled(u32 rx, u32 tx)
{
	struct frames_pos pos = { .rx = rx, .tx = tx };

	frames_settle(&pos, 80);
	assert_int_equal(pos.rx, rx);
	return pos.tx;
}

static void test_settle(void **state)
{
	(void)state;
	assert_int_equal(settled(80, 79), 80);
	assert_int_equal(settled(81, 78), 80);
	assert_int_equal(settled(0, 159), 0);
	assert_int_equal(settled(1, 158), 0);
	assert_int_equal(settled(80, 80), 80);
	assert_int_equal(settled(80, 81), 81);
	/* before the end of a half nothing is moved */
	assert_int_equal(settled(79, 79), 79);
	assert_int_equal(settled(80, 70), 70);
	assert_int_equal(frames_gone(150, 10, 160), 20);
	assert_int_equal(frames_gone(10, 150, 160), 140);
}

static void test_slots(void **state)
{
	(void)state;
	assert_int_equal(frames_slot(0), 24);
	assert_int_equal(frames_slot(3), 0);
}

/* Ringing as the detector shows it: above a fifth of its peak */
static bool ringing(double hz, double phase, u64 ns)
{
	return fabs(sin(2 * M_PI * (hz * (double)ns / 1e9 + phase))) > 0.2;
}

/* A burst of a second, a pause of three, looked at as the driver does */
static void one_ring(double hz, double phase)
{
	struct detect_ring d = { 0 };
	unsigned int on = 0, off = 0;
	u64 now = START, on_ns = 0, off_ns = 0;

	while (now < START + 4000 * MS) {
		bool seen = now < START + 1000 * MS && ringing(hz, phase, now);

		if (detect_ring(&d, seen, now)) {
			*(d.on ? &on : &off) += 1;
			*(d.on ? &on_ns : &off_ns) = d.on ? d.first_ns : d.last_ns;
		}
		now += detect_ring_busy(&d) ? 7 * MS : 13 * MS;
	}
	assert_int_equal(on, 1);
	assert_int_equal(off, 1);
	assert_in_range(on_ns, START, START + 40 * MS);
	assert_in_range(off_ns, START + 930 * MS, START + 1000 * MS);
}

static void test_ring(void **state)
{
	static const double hz[] = { 16, 16.67, 20, 25, 30, 33.3, 40, 50, 60 };
	unsigned int i, k;

	(void)state;
	for (i = 0; i < sizeof(hz) / sizeof(hz[0]); i++)
		for (k = 0; k < 50; k++)
			one_ring(hz[i], k / 50.0);
}

static void test_click(void **state)
{
	struct detect_ring d = { 0 };
	u64 now;

	(void)state;
	for (now = START; now < START + 2000 * MS; now += 7 * MS)
		assert_false(detect_ring(&d, now < START + 50 * MS, now));
	assert_false(detect_ring_busy(&d));
}

/* Looks every 7 ms from @from to @to; how often the filter said that something has changed */
static unsigned int look(struct detect_ring *d, bool seen, u64 from, u64 to)
{
	unsigned int changes = 0;

	for (; from < to; from += 7 * MS)
		changes += detect_ring(d, seen, from);
	return changes;
}

/* The hook is told to move: the looks leave out the time that it is quiet */
static void test_disturb(void **state)
{
	struct detect_ring d = { 0 };
	u64 last_ns;

	(void)state;
	/* a click before does not lengthen one after */
	assert_int_equal(look(&d, true, START, START + 50 * MS), 0);
	detect_ring_disturb(&d);
	assert_int_equal(look(&d, true, START + 250 * MS, START + 300 * MS), 0);
	assert_int_equal(look(&d, false, START + 300 * MS, START + 1000 * MS), 0);
	/* a burst that ends in the quiet time has its end, and the next one its beginning */
	assert_int_equal(look(&d, true, 2 * START, 2 * START + 500 * MS), 1);
	last_ns = d.last_ns;
	detect_ring_disturb(&d);
	assert_true(d.on);
	assert_int_equal(look(&d, false, 2 * START + 700 * MS, 2 * START + 1000 * MS), 1);
	assert_false(d.on);
	assert_int_equal(d.last_ns, last_ns);
	assert_int_equal(look(&d, true, 5 * START, 5 * START + 500 * MS), 1);
	assert_true(d.on);
	assert_int_equal(d.first_ns, 5 * START);
	/* one that lasts longer is one */
	detect_ring_disturb(&d);
	assert_int_equal(look(&d, true, 5 * START + 700 * MS, 6 * START), 0);
	assert_int_equal(look(&d, false, 6 * START, 7 * START), 1);
}

static void test_level(void **state)
{
	struct detect_level d = { .level = true };
	u64 now;

	(void)state;
	/* 50 ms without, again and again: nothing */
	for (now = START; now < START + 1000 * MS; now += 10 * MS)
		assert_false(detect_level(&d, (now / MS) % 60 >= 50, now));
	d.differs_ns = 0;
	for (now = 2 * START; now < 2 * START + 64 * MS; now += 16 * MS)
		assert_false(detect_level(&d, false, now));
	assert_true(detect_level(&d, false, now));
	assert_false(d.level);
	assert_int_equal(d.since_ns, 2 * START);
	assert_false(detect_level(&d, false, now + MS));
}

/* What follows a change is a change only when it holds as long, and begins when it does */
static void test_level_next(void **state)
{
	struct detect_level d = { .level = true };
	u64 now;

	(void)state;
	for (now = START; now < START + 64 * MS; now += 16 * MS)
		assert_false(detect_level(&d, false, now));
	assert_true(detect_level(&d, false, now));
	/* the very next look sees the other one */
	for (now = 2 * START; now < 2 * START + 64 * MS; now += 16 * MS)
		assert_false(detect_level(&d, true, now));
	assert_true(detect_level(&d, true, now));
	assert_true(d.level);
	assert_int_equal(d.since_ns, 2 * START);
}

static void test_alarms(void **state)
{
	struct detect_alarms d = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 10; i++)
		assert_false(detect_alarm(&d, START + i * 1000 * MS));
	assert_true(detect_alarm(&d, START + 10 * 1000 * MS));
	/* spread over a longer time they are repaired for ever */
	d = (struct detect_alarms){ 0 };
	for (i = 0; i < 100; i++)
		assert_false(detect_alarm(&d, START + i * 11000 * MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_click),
		cmocka_unit_test(test_disturb),
		cmocka_unit_test(test_level),
		cmocka_unit_test(test_level_next),
		cmocka_unit_test(test_alarms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Cadences, dial strings and flashes: which requests are sound, and their exact steps */
#include <kunit/test.h>

#include "../kernel/core/seq.c"

struct wanted {
	enum tapi_seq_act act;
	u32 hold_ms;
	char digit;
};

static void plays(struct kunit *test, struct tapi_seq *seq, const struct wanted *want, int count)
{
	struct tapi_seq_step step;
	int i;

	for (i = 0; i < count; i++) {
		tapi_seq_next(seq, &step);
		KUNIT_EXPECT_EQ_MSG(test, step.act, want[i].act, "step %d", i);
		KUNIT_EXPECT_EQ_MSG(test, step.hold_ms, want[i].hold_ms, "step %d", i);
		KUNIT_EXPECT_EQ_MSG(test, step.digit, want[i].digit, "step %d", i);
	}
}

static void ring_cadence(struct kunit *test)
{
	struct tapi_line_ring ring = { .count = 3, .on_ms = { 400, 500 }, .off_ms = { 200, 2000 } };
	static const struct wanted want[] = {
		{ TAPI_SEQ_RING_ON, 400 }, { TAPI_SEQ_RING_OFF, 200 },
		{ TAPI_SEQ_RING_ON, 500 }, { TAPI_SEQ_RING_OFF, 2000 },
		{ TAPI_SEQ_RING_ON, 400 }, { TAPI_SEQ_RING_OFF, 0 },
		{ TAPI_SEQ_END, 0 }, { TAPI_SEQ_END, 0 },
	};
	struct tapi_seq seq;

	KUNIT_ASSERT_EQ(test, tapi_seq_check_ring(&ring), 0);
	tapi_seq_ring(&seq, &ring);
	plays(test, &seq, want, ARRAY_SIZE(want));
	KUNIT_EXPECT_EQ(test, seq.done, 3U);
	KUNIT_EXPECT_EQ(test, seq.kind, TAPI_SEQ_IDLE);
}

static void endless_tone(struct kunit *test)
{
	static const struct wanted want[] = { { TAPI_SEQ_TONE_ON, TAPI_SEQ_FOREVER } };
	struct tapi_line_tone tone = { .freq_mhz = { 425000 } };
	struct tapi_seq_step step;
	struct tapi_seq seq;

	KUNIT_ASSERT_EQ(test, tapi_seq_check_tone(&tone), 0);
	tapi_seq_tone(&seq, &tone);
	plays(test, &seq, want, 1);
	tapi_seq_stop(&seq, &step);
	KUNIT_EXPECT_EQ(test, step.act, TAPI_SEQ_TONE_OFF);
	KUNIT_EXPECT_EQ(test, seq.kind, TAPI_SEQ_IDLE);
}

static void refused_cadences(struct kunit *test)
{
	static const struct tapi_line_ring bad[] = {
		{ .count = 1 },
		{ .on_ms = { 9 }, .off_ms = { 100 } },
		{ .on_ms = { 60001 }, .off_ms = { 100 } },
		{ .on_ms = { 100 }, .off_ms = { 0 } },
		{ .on_ms = { 100, 0, 100 }, .off_ms = { 100, 0, 100 } },
		{ .on_ms = { 100 }, .off_ms = { 100, 100 } },
		{ .count = 2, .on_ms = { 100 }, .off_ms = { 0 } },
	};
	struct tapi_line_ring last = { .count = 1, .on_ms = { 100 } };
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, tapi_seq_check_ring(&bad[i]), -EINVAL, "%d", i);
	/* the pause after the last burst is nobody's */
	KUNIT_EXPECT_EQ(test, tapi_seq_check_ring(&last), 0);
}

static void pulse_dial(struct kunit *test)
{
	struct tapi_line_dial dial = { .digits = "2,!", .mode = TAPI_LINE_DIAL_PULSE };
	static const struct wanted want[] = {
		{ TAPI_SEQ_LOOP_OPEN, 60 }, { TAPI_SEQ_LOOP_CLOSE, 40 },
		{ TAPI_SEQ_LOOP_OPEN, 60 }, { TAPI_SEQ_LOOP_CLOSE, 800 },
		{ TAPI_SEQ_WAIT, 2000 },
		{ TAPI_SEQ_LOOP_OPEN, 123 }, { TAPI_SEQ_LOOP_CLOSE, 500 },
		{ TAPI_SEQ_END, 0 },
	};
	struct tapi_seq seq;

	KUNIT_ASSERT_EQ(test, tapi_seq_check_dial(&dial), 0);
	KUNIT_EXPECT_TRUE(test, tapi_seq_dial_flashes(&dial));
	tapi_seq_dial(&seq, &dial, 123);
	plays(test, &seq, want, ARRAY_SIZE(want));
	KUNIT_EXPECT_EQ(test, seq.done, 1U);
}

/* The longest string of the slowest digit, to its last character */
static void longest_dial(struct kunit *test)
{
	struct tapi_line_dial dial = { .mode = TAPI_LINE_DIAL_PULSE };
	u32 breaks = 0, steps = 0;
	struct tapi_seq_step step;
	struct tapi_seq seq;

	memset(dial.digits, '0', sizeof(dial.digits));
	KUNIT_ASSERT_EQ(test, tapi_seq_check_dial(&dial), 0);
	KUNIT_EXPECT_FALSE(test, tapi_seq_dial_flashes(&dial));
	tapi_seq_dial(&seq, &dial, 100);
	do {
		tapi_seq_next(&seq, &step);
		breaks += step.act == TAPI_SEQ_LOOP_OPEN;
	} while (step.act != TAPI_SEQ_END && ++steps < 10000);
	KUNIT_EXPECT_EQ(test, breaks, 10U * TAPI_LINE_DIAL_MAX);
	KUNIT_EXPECT_EQ(test, seq.done, (u32)TAPI_LINE_DIAL_MAX);
}

static void refused_dials(struct kunit *test)
{
	static const struct tapi_line_dial bad[] = {
		{ .digits = "1" },
		{ .digits = "", .mode = TAPI_LINE_DIAL_DTMF },
		{ .digits = "*", .mode = TAPI_LINE_DIAL_PULSE },
		{ .digits = "E", .mode = TAPI_LINE_DIAL_DTMF },
		{ .digits = "1\0002", .mode = TAPI_LINE_DIAL_DTMF },
		{ .digits = "1", .mode = TAPI_LINE_DIAL_DTMF, .on_ms = 19 },
		{ .digits = "1", .mode = TAPI_LINE_DIAL_PULSE, .break_ms = 201 },
		{ .digits = "1", .mode = TAPI_LINE_DIAL_PULSE, .inter_ms = 99 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, tapi_seq_check_dial(&bad[i]), -EINVAL, "%d", i);
}

/* Stopped at any step, a sequence leaves the line as it found it */
static void stopped_anywhere(struct kunit *test)
{
	struct tapi_line_dial dial = { .digits = "1!5", .mode = TAPI_LINE_DIAL_DTMF };
	struct tapi_seq_step step, stop;
	struct tapi_seq seq;
	u32 at, i;

	for (at = 0; at < 7; at++) {
		tapi_seq_dial(&seq, &dial, 100);
		for (i = 0; i < at; i++)
			tapi_seq_next(&seq, &step);
		tapi_seq_stop(&seq, &stop);
		if (!at || step.act == TAPI_SEQ_DTMF_OFF || step.act == TAPI_SEQ_LOOP_CLOSE ||
		    step.act == TAPI_SEQ_END)
			KUNIT_EXPECT_EQ_MSG(test, stop.act, TAPI_SEQ_WAIT, "after %u", at);
		else if (step.act == TAPI_SEQ_DTMF_ON)
			KUNIT_EXPECT_EQ_MSG(test, stop.act, TAPI_SEQ_DTMF_OFF, "after %u", at);
		else
			KUNIT_EXPECT_EQ_MSG(test, stop.act, TAPI_SEQ_LOOP_CLOSE, "after %u", at);
		KUNIT_EXPECT_EQ(test, seq.kind, TAPI_SEQ_IDLE);
	}
}

static void flash(struct kunit *test)
{
	static const struct wanted want[] = {
		{ TAPI_SEQ_LOOP_OPEN, 300 }, { TAPI_SEQ_LOOP_CLOSE, 0 }, { TAPI_SEQ_END, 0 },
	};
	struct tapi_seq_step step;
	struct tapi_seq seq;

	KUNIT_EXPECT_EQ(test, tapi_seq_check_flash(0), 0);
	KUNIT_EXPECT_EQ(test, tapi_seq_check_flash(19), -EINVAL);
	KUNIT_EXPECT_EQ(test, tapi_seq_check_flash(2001), -EINVAL);
	tapi_seq_flash(&seq, 300);
	plays(test, &seq, want, ARRAY_SIZE(want));
	tapi_seq_flash(&seq, 300);
	tapi_seq_next(&seq, &step);
	tapi_seq_stop(&seq, &step);
	KUNIT_EXPECT_EQ(test, step.act, TAPI_SEQ_LOOP_CLOSE);
	tapi_seq_stop(&seq, &step);
	KUNIT_EXPECT_EQ(test, step.act, TAPI_SEQ_WAIT);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(ring_cadence),
	KUNIT_CASE(endless_tone),
	KUNIT_CASE(refused_cadences),
	KUNIT_CASE(pulse_dial),
	KUNIT_CASE(longest_dial),
	KUNIT_CASE(refused_dials),
	KUNIT_CASE(stopped_anywhere),
	KUNIT_CASE(flash),
	{}
};

static struct kunit_suite suite = {
	.name = "tapi_seq",
	.test_cases = cases,
};

kunit_test_suite(suite);

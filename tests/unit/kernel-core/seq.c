/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cadences and dial strings: the steps, their times, and a stop at any point */
#include <stdio.h>
#include <string.h>

#include "cmocka-all.h"
#include "phone.h"
#include "seq.h"

static struct tapi_line_dial dial_request(const char *digits, u32 mode)
{
	struct tapi_line_dial dial = { .mode = mode };

	memcpy(dial.digits, digits, strnlen(digits, sizeof(dial.digits)));
	return dial;
}

/* The steps as text: "R2000 r4000 ..." ends with "." or, when it goes on, after max steps */
static void play(struct tapi_seq *seq, char *text, size_t size, unsigned int max)
{
	static const char name[] = "wRrTtDdOC.";
	struct tapi_seq_step step;
	size_t len = 0;

	text[0] = 0;
	while (max--) {
		tapi_seq_next(seq, &step);
		if (step.act == TAPI_SEQ_END) {
			snprintf(text + len, size - len, ".");
			return;
		}
		len += (size_t)snprintf(text + len, size - len, "%c", name[step.act]);
		if (step.digit)
			len += (size_t)snprintf(text + len, size - len, "%c:", step.digit);
		if (step.hold_ms == TAPI_SEQ_FOREVER)
			len += (size_t)snprintf(text + len, size - len, "inf ");
		else
			len += (size_t)snprintf(text + len, size - len, "%u ", step.hold_ms);
	}
}

static void test_ring_counted(void **state)
{
	struct tapi_line_ring ring = { .count = 3, .on_ms = { 400, 300 }, .off_ms = { 200, 2000 } };
	struct tapi_seq seq;
	char text[256];

	assert_int_equal(tapi_seq_check_ring(&ring), 0);
	tapi_seq_ring(&seq, &ring);
	play(&seq, text, sizeof(text), 100);
	assert_string_equal(text, "R400 r200 R300 r2000 R400 r0 .");
	assert_int_equal(seq.kind, TAPI_SEQ_IDLE);
	assert_int_equal(seq.done, 3);
}

static void test_tone_forever(void **state)
{
	struct tapi_line_tone busy = { .on_ms = { 500 }, .off_ms = { 500 } };
	struct tapi_line_tone steady = { .freq_mhz = { 350000, 440000 } };
	struct tapi_seq seq;
	char text[256];

	assert_int_equal(tapi_seq_check_tone(&busy), 0);
	tapi_seq_tone(&seq, &busy);
	play(&seq, text, sizeof(text), 5);
	assert_string_equal(text, "T500 t500 T500 t500 T500 ");
	assert_int_equal(tapi_seq_check_tone(&steady), 0);
	tapi_seq_tone(&seq, &steady);
	play(&seq, text, sizeof(text), 1);
	assert_string_equal(text, "Tinf ");
}

static void test_dial_dtmf(void **state)
{
	struct tapi_line_dial dial = dial_request("1,#!A", TAPI_LINE_DIAL_DTMF);
	struct tapi_seq seq;
	char text[256];

	dial.on_ms = 70;
	assert_int_equal(tapi_seq_check_dial(&dial), 0);
	assert_true(tapi_seq_dial_flashes(&dial));
	tapi_seq_dial(&seq, &dial, 250);
	play(&seq, text, sizeof(text), 100);
	assert_string_equal(text, "D1:70 d1:100 w2000 D#:70 d#:100 O250 C500 DA:70 dA:100 .");
	assert_int_equal(seq.done, 3);
}

static void test_dial_pulse(void **state)
{
	struct tapi_line_dial dial = dial_request("12", TAPI_LINE_DIAL_PULSE);
	struct tapi_seq seq;
	char text[256];

	assert_int_equal(tapi_seq_check_dial(&dial), 0);
	assert_false(tapi_seq_dial_flashes(&dial));
	tapi_seq_dial(&seq, &dial, 250);
	play(&seq, text, sizeof(text), 100);
	assert_string_equal(text, "O60 C800 O60 C40 O60 C800 .");
	assert_int_equal(seq.done, 2);
}

static void test_flash(void **state)
{
	struct tapi_seq seq;
	char text[256];

	tapi_seq_flash(&seq, 300);
	play(&seq, text, sizeof(text), 100);
	assert_string_equal(text, "O300 C0 .");
}

/* All of a request's 64 places used, no NUL: nothing behind them is looked at */
static void test_dial_full(void **state)
{
	struct tapi_line_dial dial = { .mode = TAPI_LINE_DIAL_DTMF };
	struct tapi_seq seq;
	struct tapi_seq_step step;
	unsigned int digits = 0;

	memset(dial.digits, '7', sizeof(dial.digits));
	assert_int_equal(tapi_seq_check_dial(&dial), 0);
	tapi_seq_dial(&seq, &dial, 250);
	do {
		tapi_seq_next(&seq, &step);
		digits += step.act == TAPI_SEQ_DTMF_ON;
	} while (step.act != TAPI_SEQ_END);
	assert_int_equal(digits, TAPI_LINE_DIAL_MAX);
	assert_int_equal(seq.done, TAPI_LINE_DIAL_MAX);
}

/* What one line dials, the telephone classifier of the other understands */
static void test_dial_is_understood(void **state)
{
	struct tapi_line_dial dial = dial_request("0123456789!9", TAPI_LINE_DIAL_PULSE);
	struct phone p = { .limits = PHONE_LIMITS, .now_ns = 5000000000ULL };
	struct tapi_seq seq;
	struct tapi_seq_step step;

	tapi_hook_init(&p.hook, true);
	tapi_seq_dial(&seq, &dial, TAPI_SEQ_FLASH_MS);
	for (;;) {
		tapi_seq_next(&seq, &step);
		if (step.act == TAPI_SEQ_END)
			break;
		if (step.act != TAPI_SEQ_WAIT)
			phone_loop(&p, step.act == TAPI_SEQ_LOOP_CLOSE);
		phone_wait(&p, (u64)step.hold_ms * 1000);
	}
	assert_string_equal(p.text, "0123456789f9");
	assert_int_equal(p.flash_ms, TAPI_SEQ_FLASH_MS);
}

/* On or off after a step; stopping has to make it off */
static bool level(enum tapi_seq_act act, bool on)
{
	switch (act) {
	case TAPI_SEQ_RING_ON:
	case TAPI_SEQ_TONE_ON:
	case TAPI_SEQ_DTMF_ON:
	case TAPI_SEQ_LOOP_OPEN:
		return true;
	case TAPI_SEQ_RING_OFF:
	case TAPI_SEQ_TONE_OFF:
	case TAPI_SEQ_DTMF_OFF:
	case TAPI_SEQ_LOOP_CLOSE:
		return false;
	default:
		return on;
	}
}

static void start(struct tapi_seq *seq, unsigned int what)
{
	struct tapi_line_ring ring = { .on_ms = { 1000 }, .off_ms = { 2000 } };
	struct tapi_line_tone tone = { .on_ms = { 100 }, .off_ms = { 100 } };
	struct tapi_line_dial pulse = dial_request("3!,4", TAPI_LINE_DIAL_PULSE);
	struct tapi_line_dial dtmf = dial_request("3!,4", TAPI_LINE_DIAL_DTMF);

	switch (what) {
	case 0:
		tapi_seq_ring(seq, &ring);
		break;
	case 1:
		tapi_seq_tone(seq, &tone);
		break;
	case 2:
		tapi_seq_dial(seq, &pulse, 200);
		break;
	case 3:
		tapi_seq_dial(seq, &dtmf, 200);
		break;
	default:
		tapi_seq_flash(seq, 200);
		break;
	}
}

static void test_stop_anywhere(void **state)
{
	unsigned int what, steps, i;

	for (what = 0; what < 5; what++)
		for (steps = 0; steps < 25; steps++) {
			struct tapi_seq_step step;
			struct tapi_seq seq;
			bool on = false;

			start(&seq, what);
			for (i = 0; i < steps; i++) {
				tapi_seq_next(&seq, &step);
				on = level(step.act, on);
			}
			tapi_seq_stop(&seq, &step);
			if (step.act != TAPI_SEQ_WAIT)
				assert_true(on);
			assert_false(level(step.act, on));
			assert_int_equal(seq.kind, TAPI_SEQ_IDLE);
			tapi_seq_next(&seq, &step);
			assert_int_equal(step.act, TAPI_SEQ_END);
		}
}

static void test_bad_cadences(void **state)
{
	static const struct tapi_line_ring bad[] = {
		{ .count = 2 },						/* two of nothing */
		{ .on_ms = { 9 }, .off_ms = { 100 } },
		{ .on_ms = { 100 }, .off_ms = { 9 } },
		{ .on_ms = { 60001 }, .off_ms = { 100 } },
		{ .on_ms = { 100 } },					/* no pause, no end */
		{ .on_ms = { 100 }, .count = 2 },
		{ .on_ms = { 100, 0, 100 }, .off_ms = { 100, 0, 100 } },	/* after the end */
		{ .off_ms = { 100 } },
	};
	static const struct tapi_line_ring good[] = {
		{ .on_ms = { 10 }, .off_ms = { 10 } },
		{ .on_ms = { 100 }, .count = 1 },
		{ .on_ms = { 100, 100 }, .off_ms = { 100 }, .count = 2 },
		{ .count = 0 },
	};
	struct tapi_line_ring four = { .count = 0 };
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(tapi_seq_check_ring(&bad[i]), -EINVAL);
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_int_equal(tapi_seq_check_ring(&good[i]), 0);
	for (i = 0; i < TAPI_LINE_CADENCES; i++) {
		four.on_ms[i] = 60000;
		four.off_ms[i] = 60000;
	}
	assert_int_equal(tapi_seq_check_ring(&four), 0);
}

static void test_bad_dials(void **state)
{
	static const char *const bad_pulse[] = { "", "1*", "#", "A", "12 3", "1-2", "e" };
	static const char *const bad_dtmf[] = { "", "E", "a", "1 2", "\x01", "w" };
	struct tapi_line_dial dial;
	unsigned int i;

	for (i = 0; i < sizeof(bad_pulse) / sizeof(*bad_pulse); i++) {
		dial = dial_request(bad_pulse[i], TAPI_LINE_DIAL_PULSE);
		assert_int_equal(tapi_seq_check_dial(&dial), -EINVAL);
	}
	for (i = 0; i < sizeof(bad_dtmf) / sizeof(*bad_dtmf); i++) {
		dial = dial_request(bad_dtmf[i], TAPI_LINE_DIAL_DTMF);
		assert_int_equal(tapi_seq_check_dial(&dial), -EINVAL);
	}
	dial = dial_request("1", 0);
	assert_int_equal(tapi_seq_check_dial(&dial), -EINVAL);
	dial = dial_request("1", TAPI_LINE_DIAL_DTMF);
	dial.digits[9] = '1';
	assert_int_equal(tapi_seq_check_dial(&dial), -EINVAL);
	dial = dial_request("1", TAPI_LINE_DIAL_DTMF);
	dial.on_ms = 19;
	assert_int_equal(tapi_seq_check_dial(&dial), -EINVAL);
	dial.on_ms = 20;
	assert_int_equal(tapi_seq_check_dial(&dial), 0);
	dial.inter_ms = 5001;
	assert_int_equal(tapi_seq_check_dial(&dial), -EINVAL);
	assert_int_equal(tapi_seq_check_flash(0), 0);
	assert_int_equal(tapi_seq_check_flash(19), -EINVAL);
	assert_int_equal(tapi_seq_check_flash(2001), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring_counted),
		cmocka_unit_test(test_tone_forever),
		cmocka_unit_test(test_dial_dtmf),
		cmocka_unit_test(test_dial_pulse),
		cmocka_unit_test(test_flash),
		cmocka_unit_test(test_dial_full),
		cmocka_unit_test(test_dial_is_understood),
		cmocka_unit_test(test_stop_anywhere),
		cmocka_unit_test(test_bad_cadences),
		cmocka_unit_test(test_bad_dials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

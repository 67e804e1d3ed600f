// SPDX-License-Identifier: GPL-2.0-or-later
/* The modules of the card's model through the aux port, bit by bit; and their faults. */
#include <string.h>

#include "bench.h"
#include "si3210.h"

static int open_with(void **state, const struct card_options *options)
{
	static struct bench bench;

	bench_open(&bench, options);
	power_up(&bench);
	*state = &bench;
	return 0;
}

static int setup(void **state)
{
	return open_with(state, NULL);
}

static int setup_mix(void **state)
{
	struct card_options options;

	card_defaults(&options);
	options.chips[0] = CARD_EMPTY;
	options.chips[1] = CARD_SI3215;
	return open_with(state, &options);
}

static int teardown(void **state)
{
	bench_close(*state);
	return 0;
}

static void detection(void **state)
{
	struct bench *b = *state;

	/* an empty socket reads ones */
	assert_int_equal(slic_get(b, 0, 0), 0xff);
	assert_int_equal(slic_get(b, 1, 0), 0x05);
	assert_int_equal(slic_get(b, 1, 1) & 0x80, 0x80);
	assert_int_equal(slic_get(b, 1, 8), 0x02);
	assert_int_equal(slic_get(b, 1, 64), 0x00);
	assert_int_equal(slic_get(b, 1, 11), 0x33);
	/* a question for an FXS module leaves an FXO module within a command: a resync ends it */
	assert_int_equal(slic_get(b, 2, 0), 0xff);
	assert_int_not_equal(daa_get(b, 2, 2), 0x03);
	resync(b);
	assert_int_equal(daa_get(b, 2, 2), 0x03);
	assert_int_equal(daa_get(b, 3, 11), 0x05);
	assert_no_violation(b);
	/* in reset nothing answers */
	set8(b, TJ_CNTL, 0);
	assert_int_equal(slic_get(b, 1, 0), 0xff);
	set8(b, TJ_CNTL, 1);
	assert_int_equal(slic_get(b, 1, 0), 0x05);
}

static void serial_rules(void **state)
{
	struct bench *b = *state;

	/* a selection that may still be on its way */
	set8(b, TJ_PIB + 8, 2);
	set8(b, TJ_AUXD, 0x18);
	set8(b, TJ_AUXD, 0x10);
	set8(b, TJ_AUXD, 0x18);
	assert_violation(b, "spi-flush");
	for (unsigned int i = 0; i < 3; i++) {
		set8(b, TJ_AUXD, 0x10);
		set8(b, TJ_AUXD, 0x18);
	}
	set8(b, TJ_AUXD, 0x1c);
	assert_violation(b, "spi-bits");
	/* posted writes are too fast between two bytes */
	set8(b, TJ_AUXD, 0x18);
	assert_violation(b, "spi-gap");
	set8(b, TJ_AUXD, 0x00);
	set8(b, TJ_AUXD, 0x18);
	assert_violation(b, "spi-edges");
	set8(b, TJ_PIB + 8, 1);
	assert_violation(b, "spi-select");
}

static void indirect(void **state)
{
	struct bench *b = *state;

	slic_set_indirect(b, 0, 20, 0x7ef0);
	slic_set_indirect(b, 0, 21, 0x0160);
	assert_int_equal(slic_get_indirect(b, 0, 20), 0x7ef0);
	assert_int_equal(slic_get_indirect(b, 0, 21), 0x0160);
	assert_no_violation(b);
	slic_set(b, 0, SLIC_ADDRESS, 20);
	slic_get(b, 0, SLIC_DATA_LOW);
	assert_violation(b, "indirect");
}

static void indirect_renumbered(void **state)
{
	struct bench *b = *state;

	slic_set_indirect(b, 1, 7, 0x7ef0);
	slic_set_indirect(b, 1, 64, 0x0c00);
	assert_int_equal(slic_get_indirect(b, 1, 7), 0x7ef0);
	assert_true(tell(b, "module 1", "battery") >= 0);
	assert_int_equal(b->card->modules[1].slic.indirect[IND_RCO], 0x7ef0);
	assert_int_equal(b->card->modules[1].slic.indirect[IND_DCDC_MIN], 0x0c00);
	assert_no_violation(b);
	slic_set_indirect(b, 1, 43, 1);
	assert_violation(b, "indirect");
}

static void slic_start(void **state)
{
	struct bench *b = *state;

	slic_up(b, 0);
	assert_int_equal(slic_get(b, 0, SLIC_LINEFEED), 0x11);
	assert_true(slic_get(b, 0, SLIC_TRIM_END) >= 2 && slic_get(b, 0, SLIC_TRIM_END) <= 0x0d);
	assert_int_equal(slic_get(b, 0, SLIC_LOOP_VOLTS), 32);
	slic_set(b, 0, SLIC_LINEFEED, FEED_REVERSE);
	run_ms(b, 1);
	assert_int_equal(slic_get(b, 0, SLIC_LOOP_VOLTS), 32 | 0x40);
	assert_no_violation(b);
	/* the battery stays for a while without converter, not with a short */
	slic_set(b, 0, SLIC_LINEFEED, FEED_OPEN);
	slic_set(b, 0, SLIC_POWER1, 0x10);
	run_ms(b, 500);
	assert_true(slic_get(b, 0, SLIC_BATTERY) > 6);
	tell(b, "fault leak 0", NULL);
	run_ms(b, 500);
	assert_true(slic_get(b, 0, SLIC_BATTERY) <= 6);
}

static void slic_order(void **state)
{
	struct bench *b = *state;

	slic_set(b, 0, SLIC_LINEFEED, FEED_FORWARD);
	assert_violation(b, "uncalibrated");
	slic_set(b, 0, SLIC_POWER1, 0);
	assert_violation(b, "dcdc");
	slic_set(b, 0, SLIC_CAL1, 0x5f);
	assert_violation(b, "calibration");
}

static void no_12v(void **state)
{
	struct bench *b = *state;

	tell(b, "fault no-12v on", NULL);
	slic_set(b, 0, SLIC_PWM, 0xff);
	slic_set(b, 0, SLIC_POWER1, 0);
	run_ms(b, 500);
	assert_true(slic_get(b, 0, SLIC_BATTERY) < 0xc0);
}

static void calibrate(struct bench *b, uint8_t first, uint8_t second)
{
	slic_set(b, 0, SLIC_CAL2, second);
	slic_set(b, 0, SLIC_CAL1, first);
	run_ms(b, 400);
}

static void calibration_faults(void **state)
{
	struct bench *b = *state;

	slic_up(b, 0);
	slic_set(b, 0, SLIC_LINEFEED, FEED_OPEN);
	tell(b, "fault calibration 0 manual", NULL);
	calibrate(b, 0x5f, 0x1f);
	assert_int_not_equal(slic_get(b, 0, SLIC_CAL1), 0);
	calibrate(b, 0x47, 0x18);
	assert_int_equal(slic_get(b, 0, SLIC_CAL1), 0);
	/* the manual way: down until the transistor's current is gone */
	for (unsigned int i = 0; i < 2; i++) {
		uint8_t trim = 0x1f;

		do {
			slic_set(b, 0, (uint8_t)(SLIC_TRIM + i), trim);
			run_ms(b, 40);
		} while (slic_get(b, 0, (uint8_t)(SLIC_Q5 + i)) && trim--);
		assert_int_equal(trim, 0x0c);
	}
	slic_set(b, 0, SLIC_LINEFEED, FEED_FORWARD);
	tell(b, "phone 0 lift", NULL);
	calibrate(b, 0x40, 0x01);
	assert_int_not_equal(slic_get(b, 0, SLIC_CAL1), 0);
	tell(b, "phone 0 hang", NULL);
	run_ms(b, 1);
	assert_int_equal(slic_get(b, 0, SLIC_CAL1), 0);
	tell(b, "fault calibration 0 bad", NULL);
	calibrate(b, 0x47, 0x18);
	assert_int_not_equal(slic_get(b, 0, SLIC_CAL1), 0);
}

static void power_alarm(void **state)
{
	struct bench *b = *state;

	slic_up(b, 0);
	tell(b, "fault alarm 0 01", NULL);
	assert_int_equal(slic_get(b, 0, SLIC_STATUS2) & 0xfc, 0x04);
	assert_int_equal(slic_get(b, 0, SLIC_LINEFEED), 0);
	assert_int_equal(slic_get(b, 0, SLIC_LOOPBACK), 0);
	slic_set(b, 0, SLIC_STATUS2, 0xff);
	assert_int_equal(slic_get(b, 0, SLIC_STATUS2), 0);
	tell(b, "module 0 reset", NULL);
	assert_int_equal(slic_get(b, 0, SLIC_LOOPBACK), 0x02);
}

static void answer_faults(void **state)
{
	struct bench *b = *state;

	tell(b, "fault flip 0 1", NULL);
	assert_int_not_equal(slic_get(b, 0, 11), 0x33);
	assert_int_equal(slic_get(b, 0, 11), 0x33);
	tell(b, "fault stuck 0 fe 40", NULL);
	assert_int_equal(slic_get(b, 0, 11), 0x72);
	tell(b, "fault clear", NULL);
	tell(b, "fault dead 0", NULL);
	assert_int_equal(slic_get(b, 0, 11), 0xff);
}

static void daa_start(void **state)
{
	struct bench *b = *state;

	daa_up(b, 2);
	assert_int_equal(daa_get(b, 2, 12), 0x40);
	assert_int_equal(daa_get(b, 2, 29), 48);
	assert_no_violation(b);
	tell(b, "exchange 2 reverse on", NULL);
	run_ms(b, 1);
	assert_int_equal((int8_t)daa_get(b, 2, 29), -48);
	assert_int_equal(daa_get(b, 2, 4) & 1, 1);
	tell(b, "exchange 2 battery off", NULL);
	run_ms(b, 1);
	assert_int_equal(daa_get(b, 2, 29), 0);
	tell(b, "fault no-link 2", NULL);
	assert_int_equal(daa_get(b, 2, 11) >> 4, 0);
	daa_set(b, 2, 1, 0x80);
	daa_get(b, 2, 2);
	assert_violation(b, "daa-reset");
}

static void daa_hook(void **state)
{
	struct bench *b = *state;

	daa_up(b, 3);
	daa_set(b, 3, 5, 0x09);
	run_ms(b, 20);
	assert_int_equal(tell(b, "exchange 3 state", "seized"), 1);
	assert_int_equal(daa_get(b, 3, 12), 0x40 | 7);
	assert_int_equal(daa_get(b, 3, 28), 22);
	assert_int_equal(daa_get(b, 3, 29), 7);
	daa_set(b, 3, 5, 0x08);
	run_ms(b, 1000);
	assert_int_equal(tell(b, "exchange 3 state", "seized"), 0);
	assert_no_violation(b);
}

/* The two bits follow the ringing voltage; its peaks are seen in turn */
static void daa_ring(void **state)
{
	struct bench *b = *state;
	unsigned int positive = 0, negative = 0;

	daa_up(b, 2);
	tell(b, "exchange 2 ring on 1000 4000 1", NULL);
	for (unsigned int i = 0; i < 200; i++) {
		uint8_t hook;

		run_ms(b, 1);
		hook = daa_get(b, 2, 5);
		positive += !!(hook & 0x20);
		negative += !!(hook & 0x40);
		assert_int_not_equal(hook & 0x60, 0x60);
	}
	/* 75 V at 25 Hz are above 15 V rms for nine tenths of the time */
	assert_in_range(positive, 80, 100);
	assert_in_range(negative, 80, 100);
	assert_int_equal(daa_get(b, 2, 5) & 0x04, 0x04);
	assert_int_equal(daa_get(b, 2, 4) & 0x80, 0x80);
	tell(b, "exchange 2 ring off", NULL);
	tell(b, "exchange 2 ringer 10 25", NULL);
	tell(b, "exchange 2 ring on", NULL);
	run_ms(b, 10);
	assert_int_equal(daa_get(b, 2, 5) & 0x60, 0);
}

static void daa_ring_validated(void **state)
{
	struct bench *b = *state;

	daa_up(b, 2);
	/* 15 to 66 Hz: 33 ms and 7.5 ms half periods in units of 2 ms */
	daa_set(b, 2, 24, 0x80 | 17);
	daa_set(b, 2, 22, 13);
	daa_set(b, 2, 23, 0x08 | 2);
	tell(b, "exchange 2 ring on 1000 4000 1", NULL);
	run_ms(b, 150);
	assert_int_equal(daa_get(b, 2, 4) & 0x80, 0);
	run_ms(b, 100);
	assert_int_equal(daa_get(b, 2, 4) & 0x80, 0x80);
	daa_set(b, 2, 4, 0);
	tell(b, "exchange 2 ring off", NULL);
	run_ms(b, 500);
	tell(b, "exchange 2 ringer 75 100", NULL);
	tell(b, "exchange 2 ring on 1000 4000 1", NULL);
	run_ms(b, 500);
	assert_int_equal(daa_get(b, 2, 4) & 0x80, 0);
}

#define TEST(name, up) cmocka_unit_test_setup_teardown(name, up, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(detection, setup_mix), TEST(serial_rules, setup),
		TEST(indirect, setup),	    TEST(indirect_renumbered, setup_mix),
		TEST(slic_start, setup),    TEST(slic_order, setup),
		TEST(no_12v, setup),	    TEST(calibration_faults, setup),
		TEST(power_alarm, setup),   TEST(answer_faults, setup),
		TEST(daa_start, setup),	    TEST(daa_hook, setup),
		TEST(daa_ring, setup),	    TEST(daa_ring_validated, setup),
	};

	return cmocka_run_group_tests_name("modules", tests, NULL, NULL);
}

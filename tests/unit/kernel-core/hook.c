/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hook, flash and dial pulses: whatever a telephone may legally do is understood */
#include <stdlib.h>

#include "cmocka-all.h"
#include "phone.h"

#define MS 1000ULL

static const struct phone on_hook = { .limits = PHONE_LIMITS, .now_ns = 5000000000ULL };

static void test_off_and_on(void **state)
{
	struct phone p = on_hook;
	u64 down_ns;

	phone_loop(&p, true);
	phone_wait(&p, 2000 * MS);
	assert_string_equal(p.text, "+");
	down_ns = p.now_ns;
	phone_loop(&p, false);
	phone_wait(&p, 899 * MS);
	assert_string_equal(p.text, "+");
	phone_wait(&p, 2 * MS);
	assert_string_equal(p.text, "+-");
	/* The hang-up was when the loop opened, not when it was understood */
	assert_int_equal(p.on_ns, down_ns);
}

static void test_break_lengths(void **state)
{
	static const struct {
		u64 break_us;
		const char *text;
	} row[] = {
		{ 5 * MS, "" },			/* bounce */
		{ 9999, "" },
		{ 10 * MS, "1" },
		{ 119999, "1" },		/* the longest pulse */
		{ 120 * MS, "f" },		/* the shortest flash */
		{ 500 * MS, "f" },
		{ 900 * MS, "f" },		/* the longest flash */
		{ 900001, "-+" },		/* a hang-up and a new call */
		{ 3000 * MS, "-+" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct phone p = on_hook;

		tapi_hook_init(&p.hook, true);
		phone_pulse(&p, row[i].break_us, 3000 * MS);
		assert_string_equal(p.text, row[i].text);
		if (row[i].text[0] == 'f')
			assert_int_equal(p.flash_ms, row[i].break_us / MS);
	}
}

static void test_every_legal_dial(void **state)
{
	unsigned int rate, percent;
	char digit;

	for (rate = 8; rate <= 20; rate++)
		for (percent = 50; percent <= 70; percent += 5)
			for (digit = '0'; digit <= '9'; digit++) {
				u64 period_us = 1000000 / rate;
				u64 break_us = period_us * percent / 100;
				struct phone p = on_hook;

				tapi_hook_init(&p.hook, true);
				phone_dial(&p, digit, break_us, period_us - break_us);
				phone_wait(&p, 300 * MS);
				assert_int_equal(p.len, 1);
				assert_int_equal(p.text[0], digit);
			}
}

static void bounce(struct phone *p, bool level)
{
	unsigned int n = (unsigned int)rand() % 4;

	while (n--) {
		phone_loop(p, level);
		phone_wait(p, 100 + (u64)rand() % 1500);
		phone_loop(p, !level);
		phone_wait(p, 100 + (u64)rand() % 1500);
	}
	phone_loop(p, level);
}

/* Contacts that bounce, a timer that is late: the digits come out as they went in */
static void test_numbers_with_bounce(void **state)
{
	unsigned int round;

	srand(7);
	for (round = 0; round < 500; round++) {
		struct phone p = on_hook;
		char number[17] = "+";
		unsigned int i, pulses;

		p.late_ns = (u64)rand() % 30 * 1000000;
		bounce(&p, true);
		phone_wait(&p, 500 * MS);
		for (i = 1; i < 16; i++) {
			number[i] = '0' + rand() % 10;
			pulses = number[i] == '0' ? 10 : (unsigned int)(number[i] - '0');
			while (pulses--) {
				bounce(&p, false);
				phone_wait(&p, 60 * MS);
				bounce(&p, true);
				phone_wait(&p, 40 * MS);
			}
			phone_wait(&p, 300 * MS + (u64)rand() % (500 * MS));
		}
		assert_string_equal(p.text, number);
	}
}

static void test_digit_then_hang_up(void **state)
{
	struct phone p = on_hook;

	tapi_hook_init(&p.hook, true);
	phone_dial(&p, '3', 60 * MS, 40 * MS);
	phone_loop(&p, false);
	phone_wait(&p, 5000 * MS);
	assert_string_equal(p.text, "3-");
}

static void test_digit_then_flash(void **state)
{
	struct phone p = on_hook;

	tapi_hook_init(&p.hook, true);
	phone_dial(&p, '2', 60 * MS, 40 * MS);
	phone_pulse(&p, 300 * MS, 1000 * MS);
	phone_dial(&p, '4', 60 * MS, 40 * MS);
	phone_wait(&p, 1000 * MS);
	assert_string_equal(p.text, "2f4");
}

static void test_too_many_pulses(void **state)
{
	struct phone p = on_hook;
	unsigned int i;

	tapi_hook_init(&p.hook, true);
	for (i = 0; i < 12; i++)
		phone_pulse(&p, 60 * MS, 40 * MS);
	phone_wait(&p, 1000 * MS);
	assert_string_equal(p.text, "?");
	assert_int_equal(tapi_hook_pulse_digit(0), 0);
}

/* An edge that comes after everything was due, with no timer in between at all */
static void test_no_timer(void **state)
{
	struct phone p = on_hook;

	p.late_ns = U64_MAX / 2;
	tapi_hook_init(&p.hook, true);
	phone_dial(&p, '5', 60 * MS, 40 * MS);
	phone_wait(&p, 1000 * MS);
	phone_loop(&p, false);
	phone_wait(&p, 5000 * MS);
	phone_loop(&p, true);
	phone_wait(&p, 50 * MS);
	phone_loop(&p, false);
	assert_string_equal(p.text, "5-+");
}

static void test_repeated_levels_are_no_edges(void **state)
{
	struct phone p = on_hook;

	phone_loop(&p, true);
	phone_wait(&p, 5 * MS);
	phone_loop(&p, true);
	phone_wait(&p, 6 * MS);
	assert_string_equal(p.text, "+");
	phone_loop(&p, true);
	phone_wait(&p, 5000 * MS);
	assert_string_equal(p.text, "+");
	assert_true(tapi_hook_deadline(&p.hook, &p.limits) == U64_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off_and_on),
		cmocka_unit_test(test_break_lengths),
		cmocka_unit_test(test_every_legal_dial),
		cmocka_unit_test(test_numbers_with_bounce),
		cmocka_unit_test(test_digit_then_hang_up),
		cmocka_unit_test(test_digit_then_flash),
		cmocka_unit_test(test_too_many_pulses),
		cmocka_unit_test(test_no_timer),
		cmocka_unit_test(test_repeated_levels_are_no_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

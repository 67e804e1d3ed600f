/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's window arithmetic, across the wrap of its numbers */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "credit.h"

#define WINDOW 16

/* Where the numbers start: in the middle, and shortly before each of the two wraps */
static const uint32_t starts[] = { 0, 1, 1000, 0x7ffffff8, 0x80000000, 0xfffffff0, 0xffffffff };

#define STARTS (sizeof(starts) / sizeof(starts[0]))

static void fills_and_empties(void **state)
{
	unsigned int s, i;

	for (s = 0; s < STARTS; s++) {
		struct tapi_credit c = { .sent = starts[s], .consumed = starts[s] };

		for (i = 0; i < WINDOW; i++) {
			assert_int_equal(tapi_credit_left(&c, WINDOW), WINDOW - i);
			assert_int_equal(tapi_credit_take(&c), (uint32_t)(starts[s] + i + 1));
		}
		assert_int_equal(tapi_credit_left(&c, WINDOW), 0);
		for (i = 1; i <= WINDOW; i++) {
			assert_true(tapi_credit_valid(&c, starts[s] + i));
			tapi_credit_give(&c, starts[s] + i);
			assert_int_equal(tapi_credit_left(&c, WINDOW), i);
		}
	}
}

/* Exactly consumed .. sent are valid, out of all that are near and some that are far */
static void only_what_is_under_way(void **state)
{
	unsigned int s, under_way;
	int d;

	for (s = 0; s < STARTS; s++) {
		for (under_way = 0; under_way <= WINDOW; under_way++) {
			struct tapi_credit c = {
				.sent = starts[s] + under_way, .consumed = starts[s],
			};

			for (d = -40; d <= 40; d++)
				assert_int_equal(tapi_credit_valid(&c, starts[s] + d),
						 d >= 0 && d <= (int)under_way);
			assert_false(tapi_credit_valid(&c, starts[s] + 0x80000000u));
			assert_false(tapi_credit_valid(&c, starts[s] + 0x7fffffffu));
		}
	}
}

static void a_smaller_window_is_full(void **state)
{
	struct tapi_credit c = { .sent = 12, .consumed = 2 };

	assert_int_equal(tapi_credit_left(&c, 16), 6);
	assert_int_equal(tapi_credit_left(&c, 10), 0);
	assert_int_equal(tapi_credit_left(&c, 4), 0);
	assert_int_equal(tapi_credit_left(&c, 0), 0);
}

/* Against a plain model, a million random steps */
static void as_the_model(void **state)
{
	struct tapi_credit c = { .sent = 0xfffff000, .consumed = 0xfffff000 };
	unsigned int under_way = 0, i;

	srand(1);
	for (i = 0; i < 1000000; i++) {
		assert_int_equal(tapi_credit_left(&c, WINDOW), WINDOW - under_way);
		if (rand() & 1) {
			if (under_way < WINDOW) {
				tapi_credit_take(&c);
				under_way++;
			}
		} else {
			unsigned int n = rand() % (WINDOW + 4);

			assert_int_equal(tapi_credit_valid(&c, c.consumed + n), n <= under_way);
			if (n <= under_way) {
				tapi_credit_give(&c, c.consumed + n);
				under_way -= n;
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_and_empties),
		cmocka_unit_test(only_what_is_under_way),
		cmocka_unit_test(a_smaller_window_is_full),
		cmocka_unit_test(as_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a host is started again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "server.h"

#define MS	1000u
#define S	1000000u

static void first_one_is_quick(void **state)
{
	assert_int_equal(backoff_next(1, 7 * S, 7 * S), 7 * S + 100 * MS);
}

/* Too slow to be given up: each wait is twice the last, up to half a minute */
static void doubles_to_half_a_minute(void **state)
{
	uint64_t now = 1000ull * S, wait, last = 0;

	for (unsigned int deaths = 1; deaths < 40; deaths++) {
		wait = backoff_next(deaths, 0, now) - now;
		if (last)
			assert_int_equal(wait, last * 2 < 30 * S ? last * 2 : 30 * S);
		else
			assert_int_equal(wait, 100 * MS);
		last = wait;
	}
	assert_int_equal(last, 30 * S);
	assert_int_equal(backoff_next(UINT32_MAX, 0, now) - now, 30 * S);
}

static void five_deaths_in_a_minute_are_enough(void **state)
{
	const uint64_t first = 5 * S;

	assert_int_not_equal(backoff_next(4, first, first + 1), UINT64_MAX);
	assert_int_equal(backoff_next(5, first, first), UINT64_MAX);
	assert_int_equal(backoff_next(5, first, first + 60 * S - 1), UINT64_MAX);
	assert_int_equal(backoff_next(5, first, first + 60 * S), first + 60 * S + 1600 * MS);
	assert_int_equal(backoff_next(6, first, first + 1), UINT64_MAX);
}

/* A host that dies as soon as it can is given up after a second and a half, not before */
static void a_host_that_cannot_live(void **state)
{
	uint64_t now = 1, next;
	unsigned int deaths;

	for (deaths = 1;; deaths++) {
		next = backoff_next(deaths, 1, now);
		if (next == UINT64_MAX)
			break;
		assert_true(next > now);
		now = next;
	}
	assert_int_equal(deaths, 5);
	assert_int_equal(now - 1, 1500 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_one_is_quick),
		cmocka_unit_test(doubles_to_half_a_minute),
		cmocka_unit_test(five_deaths_in_a_minute_are_enough),
		cmocka_unit_test(a_host_that_cannot_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handles: never 0, never mistaken, however often their places are used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "card.h"

/* More than the table begins with */
#define MANY	1000

static void names_its_object(void **state)
{
	int line, call;
	uintptr_t a = handle_new(HANDLE_LINE, &line), b = handle_new(HANDLE_CALL, &call);

	assert_true(a && b && a != b);
	assert_true(a >= LOOP_IDS && b >= LOOP_IDS);
	assert_ptr_equal(handle_get(a, HANDLE_LINE), &line);
	assert_ptr_equal(handle_get(b, HANDLE_CALL), &call);
	assert_null(handle_get(a, HANDLE_CALL));
	assert_int_equal(handle_kind_of(b), HANDLE_CALL);
	handle_end();
}

static void nonsense(void **state)
{
	int line;
	uintptr_t handle = handle_new(HANDLE_LINE, &line);

	assert_null(handle_get(0, HANDLE_LINE));
	assert_null(handle_get(LOOP_WAKE, HANDLE_LINE));
	assert_null(handle_get(handle + 1, HANDLE_LINE));
	assert_null(handle_get(handle | (uintptr_t)1 << 20, HANDLE_LINE));
	assert_null(handle_get(~(uintptr_t)0, HANDLE_LINE));
	assert_int_equal(handle_kind_of(handle + 1), HANDLE_FREE);
	/* freeing what is not there frees nothing */
	handle_free(handle + 1);
	handle_free(0);
	assert_ptr_equal(handle_get(handle, HANDLE_LINE), &line);
	handle_end();
	assert_null(handle_get(handle, HANDLE_LINE));
}

static void stale(void **state)
{
	int object;
	uintptr_t old[MANY];

	for (int i = 0; i < MANY; i++) {
		old[i] = handle_new(HANDLE_CALL, &object);
		assert_true(old[i]);
		handle_free(old[i]);
		handle_free(old[i]);
	}
	/* the same place a thousand times, and no old handle names it */
	for (int i = 0; i < MANY; i++)
		assert_null(handle_get(old[i], HANDLE_CALL));
	handle_end();
}

static void many(void **state)
{
	static int objects[MANY];
	uintptr_t handles[MANY];

	for (int i = 0; i < MANY; i++)
		handles[i] = handle_new(HANDLE_MSP, &objects[i]);
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(handle_get(handles[i], HANDLE_MSP), &objects[i]);
	handle_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_its_object),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(stale),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

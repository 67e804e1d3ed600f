/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of handles: who holds an old one never meets somebody else's object. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "handle.h"

#define GENERATIONS	4095u
#define INDEX(handle)	((handle) & (HANDLE_MAX - 1))

static const char line_type, call_type;
static int objects[4];

static void test_get(void **state)
{
	struct handle_table table = { 0 };
	uint32_t one = handle_new(&table, &line_type, &objects[0]);
	uint32_t two = handle_new(&table, &call_type, &objects[1]);

	assert_int_not_equal(one, 0);
	assert_int_not_equal(two, 0);
	assert_int_not_equal(one, two);
	assert_ptr_equal(handle_get(&table, &line_type, one), &objects[0]);
	assert_ptr_equal(handle_get(&table, &call_type, two), &objects[1]);
	assert_null(handle_get(&table, &call_type, one));
	assert_null(handle_get(&table, &line_type, two));
	handle_table_free(&table);
}

static void test_strangers(void **state)
{
	struct handle_table table = { 0 };
	static const uint32_t none[] = { 0, 1, 16, 0xFFFFFFFF, 0x80000000, 1u << HANDLE_INDEX_BITS };
	uint32_t one;

	/* an empty table knows nobody and forgets nobody */
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_null(handle_get(&table, &line_type, none[i]));
		handle_close(&table, none[i]);
	}
	one = handle_new(&table, &line_type, &objects[0]);
	for (uint32_t bit = 0; bit < 32; bit++) {
		assert_null(handle_get(&table, &line_type, one ^ 1u << bit));
		handle_close(&table, one ^ 1u << bit);
	}
	assert_ptr_equal(handle_get(&table, &line_type, one), &objects[0]);
	handle_table_free(&table);
}

static void test_close(void **state)
{
	struct handle_table table = { 0 };
	uint32_t one = handle_new(&table, &line_type, &objects[0]), two;

	handle_close(&table, one);
	assert_null(handle_get(&table, &line_type, one));
	handle_close(&table, one);		/* twice is once */
	two = handle_new(&table, &line_type, &objects[1]);
	assert_null(handle_get(&table, &line_type, one));
	handle_close(&table, one);		/* and does not end who came after */
	assert_ptr_equal(handle_get(&table, &line_type, two), &objects[1]);
	handle_table_free(&table);
	/* freed is empty */
	assert_null(handle_get(&table, &line_type, two));
	assert_int_not_equal(handle_new(&table, &line_type, &objects[0]), 0);
	handle_table_free(&table);
}

/*
 * One slot is free and is reused for each handle: all 4,095 generations differ, then the first one
 * comes back.
 */
static void test_generations(void **state)
{
	struct handle_table table = { 0 };
	static uint32_t seen[GENERATIONS];
	uint32_t size = 16, handle = 0, first;

	for (uint32_t i = 0; i < size; i++)
		handle = handle_new(&table, &line_type, &objects[0]);
	assert_int_equal(table.used, table.size);
	first = handle;
	for (uint32_t i = 0; i < GENERATIONS; i++) {
		seen[i] = handle;
		assert_int_equal(INDEX(handle), INDEX(first));
		for (uint32_t k = 0; k < i; k++)
			if (seen[k] == handle)
				fail_msg("generation %u is generation %u", i, k);
		handle_close(&table, handle);
		handle = handle_new(&table, &line_type, &objects[i % 4]);
		assert_int_not_equal(handle, 0);
		assert_ptr_equal(handle_get(&table, &line_type, handle), &objects[i % 4]);
	}
	assert_int_equal(handle, first);
	assert_int_equal(table.size, size);
	handle_table_free(&table);
}

/* The slot that was free longest is taken, so that a generation lasts as long as it can */
static void test_oldest_first(void **state)
{
	struct handle_table table = { 0 };
	uint32_t handles[16];

	for (uint32_t i = 0; i < 16; i++)
		handles[i] = handle_new(&table, &line_type, &objects[0]);
	handle_close(&table, handles[7]);
	handle_close(&table, handles[2]);
	handle_close(&table, handles[11]);
	assert_int_equal(INDEX(handle_new(&table, &line_type, &objects[0])), INDEX(handles[7]));
	assert_int_equal(INDEX(handle_new(&table, &line_type, &objects[0])), INDEX(handles[2]));
	assert_int_equal(INDEX(handle_new(&table, &line_type, &objects[0])), INDEX(handles[11]));
	assert_int_equal(table.size, 16);
	handle_table_free(&table);
}

/* Growing keeps what was given out */
static void test_many(void **state)
{
	enum { MANY = 5000 };
	struct handle_table table = { 0 };
	uint32_t *handles = calloc(MANY, sizeof(*handles));
	static int places[MANY];

	for (int i = 0; i < MANY; i++) {
		handles[i] = handle_new(&table, &line_type, &places[i]);
		assert_int_not_equal(handles[i], 0);
	}
	for (int i = 0; i < MANY; i += 3)
		handle_close(&table, handles[i]);
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(handle_get(&table, &line_type, handles[i]),
				 i % 3 ? &places[i] : NULL);
	free(handles);
	handle_table_free(&table);
}

static void test_full(void **state)
{
	struct handle_table table = { 0 };
	uint32_t last = 0, middle = 0, handle;

	for (uint32_t i = 0; i < HANDLE_MAX; i++) {
		last = handle_new(&table, &line_type, &objects[0]);
		if (!last)
			fail_msg("full after %u", i);
		if (i == HANDLE_MAX / 2)
			middle = last;
	}
	assert_int_equal(handle_new(&table, &line_type, &objects[1]), 0);
	assert_int_equal(handle_new(&table, &line_type, &objects[1]), 0);
	assert_ptr_equal(handle_get(&table, &line_type, last), &objects[0]);
	handle_close(&table, middle);
	handle = handle_new(&table, &line_type, &objects[2]);
	assert_int_equal(INDEX(handle), INDEX(middle));
	assert_int_not_equal(handle, middle);
	assert_ptr_equal(handle_get(&table, &line_type, handle), &objects[2]);
	assert_int_equal(handle_new(&table, &line_type, &objects[1]), 0);
	handle_table_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_generations),
		cmocka_unit_test(test_oldest_first),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_full),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("handle", tests, NULL, NULL);
}

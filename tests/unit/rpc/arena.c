/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory of one frame: aligned, apart from each other, limited, and gone at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arena.h"
#include "tapi.pb-c.h"

static void *take(struct arena *arena, size_t size)
{
	return arena->allocator.alloc(arena->allocator.allocator_data, size);
}

/* Pieces of all sizes keep what was written into them */
static void test_pieces(void **state)
{
	enum { COUNT = 300 };
	static unsigned char *pieces[COUNT];
	static struct arena arena;

	arena_init(&arena);
	for (unsigned int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT; i++) {
			pieces[i] = take(&arena, i * 11);
			assert_non_null(pieces[i]);
			assert_int_equal((uintptr_t)pieces[i] % 16, 0);
			memset(pieces[i], (int)i, i * 11);
		}
		for (size_t i = 0; i < COUNT; i++) {
			for (size_t k = 0; k < i * 11; k++)
				assert_int_equal(pieces[i][k], i & 0xff);
			arena.allocator.free(&arena, pieces[i]);
		}
		arena_reset(&arena);
		assert_int_equal(arena.used, 0);
	}
}

/* A small frame allocates nothing */
static void test_first(void **state)
{
	static struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARENA_FIRST / 64; i++)
		assert_non_null(take(&arena, 64));
	assert_null(arena.blocks);
	assert_non_null(take(&arena, 1));
	assert_non_null(arena.blocks);
	arena_reset(&arena);
}

static void test_limit(void **state)
{
	static struct arena arena;
	size_t count = 0;

	arena_init(&arena);
	assert_null(take(&arena, ARENA_LIMIT + 1));
	assert_null(take(&arena, SIZE_MAX));
	assert_null(take(&arena, SIZE_MAX - 15));
	assert_non_null(take(&arena, ARENA_LIMIT));
	assert_null(take(&arena, 1));
	arena_reset(&arena);
	/* however small the pieces are */
	while (take(&arena, 1))
		count++;
	assert_int_equal(count, ARENA_LIMIT / 16);
	arena_reset(&arena);
	assert_non_null(take(&arena, ARENA_LIMIT / 2));
	arena_reset(&arena);
}

/* 64 KiB of members that nobody knows would be megabytes */
static void test_hostile(void **state)
{
	static uint8_t body[65520];
	static struct arena arena;
	ProtobufCMessage *message;

	for (size_t i = 0; i < sizeof(body); i += 2)
		body[i] = 0x78;
	arena_init(&arena);
	message = protobuf_c_message_unpack(&tapi__rpc__app_in__descriptor, &arena.allocator,
					    sizeof(body), body);
	assert_null(message);
	assert_true(arena.used <= ARENA_LIMIT);
	arena_reset(&arena);
	message = protobuf_c_message_unpack(&tapi__rpc__app_in__descriptor, &arena.allocator, 100,
					    body);
	assert_non_null(message);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_hostile),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}

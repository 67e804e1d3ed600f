/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The size protocol, at every size of the caller's buffer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "card.h"

/* A structure as TAPI has them; the last two members are of a later version */
struct thing {
	DWORD total, needed, used, value, a_size, a_offset, b_size, b_offset, new_size, new_offset;
};

#define OLD	offsetof(struct thing, new_size)
#define A	"abc"
#define B	5		/* bytes */
#define ROOM	128

/* Packs into exactly @size bytes, so that the sanitizer sees one too much */
static LONG fill(unsigned char *out, size_t size, size_t fixed, struct thing *result)
{
	struct thing local = { .value = 7 };
	struct pack pack;
	LONG error;

	memset(out, 0x5a, size);
	if (size >= sizeof(DWORD))
		memcpy(out, &(DWORD){ size }, sizeof(DWORD));
	error = pack_begin(&pack, out, &local, fixed);
	if (!error) {
		pack_text(&pack, offsetof(struct thing, a_size), A);
		pack_bytes(&pack, offsetof(struct thing, b_size), "12345", B);
		pack_bytes(&pack, offsetof(struct thing, new_size), "x", 1);
		pack_end(&pack);
	}
	memset(result, 0, sizeof(*result));
	memcpy(result, out, size < sizeof(*result) ? size : sizeof(*result));
	return error;
}

static void every_size(void **state)
{
	const DWORD text = 2 * sizeof(A), all = OLD + text + B;

	for (size_t size = 12; size < ROOM; size++) {
		unsigned char *out = malloc(size);
		struct thing got;
		LONG error = fill(out, size, OLD, &got);

		assert_int_equal(error, size < OLD ? LINEERR_STRUCTURETOOSMALL : 0);
		assert_int_equal(got.total, size);
		assert_int_equal(got.needed, size < OLD ? OLD : all);
		if (!error) {
			bool has_a = size >= OLD + text;
			DWORD behind = has_a ? OLD + text : OLD;
			bool has_b = size >= behind + B;

			assert_int_equal(got.value, 7);
			assert_int_equal(got.a_size, has_a ? text : 0);
			assert_int_equal(got.a_offset, has_a ? OLD : 0);
			assert_int_equal(got.b_size, has_b ? B : 0);
			assert_int_equal(got.b_offset, has_b ? behind : 0);
			assert_int_equal(got.used, behind + (has_b ? B : 0));
			if (has_b)
				assert_memory_equal(out + got.b_offset, "12345", B);
		}
		free(out);
	}
}

static void newer_version(void **state)
{
	unsigned char out[ROOM];
	struct thing got;

	assert_int_equal(fill(out, sizeof(out), sizeof(struct thing), &got), 0);
	assert_int_equal(got.new_size, 1);
	assert_int_equal(out[got.new_offset], 'x');
	assert_int_equal(got.needed, got.used);
}

static void text(void **state)
{
	unsigned char out[ROOM];
	struct thing local = { 0 };
	struct pack pack;
	WCHAR want[] = { 'm', 0xfffd, '!', 0 };

	memcpy(out, &(DWORD){ sizeof(out) }, sizeof(DWORD));
	assert_int_equal(pack_begin(&pack, out, &local, sizeof(local)), 0);
	pack_text(&pack, offsetof(struct thing, a_size), "m\xfc!");
	pack_end(&pack);
	assert_int_equal(local.a_size, sizeof(want));
	assert_memory_equal(out + local.a_offset, want, sizeof(want));
}

static void nothing(void **state)
{
	struct thing local = { 0 };
	struct pack pack;

	assert_int_equal(pack_begin(&pack, NULL, &local, sizeof(local)), LINEERR_INVALPOINTER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size),
		cmocka_unit_test(newer_version),
		cmocka_unit_test(text),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

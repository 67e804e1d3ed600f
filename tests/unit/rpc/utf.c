/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <uchar.h>
#include <cmocka.h>

#include "utf.h"

#define BYTES(literal)	(literal), (sizeof(literal) - sizeof((literal)[0]))

static void test_valid(void **state)
{
	(void)state;
	assert_true(utf8_valid(BYTES("")));
	assert_true(utf8_valid(BYTES("Gr\xC3\xBC\xC3\x9F Gott \xE2\x82\xAC \xF0\x9F\x93\x9E")));
	assert_true(utf8_valid(BYTES("a\0b")));
	assert_true(utf8_valid(BYTES("\xED\x9F\xBF")));		/* U+D7FF */
	assert_true(utf8_valid(BYTES("\xEE\x80\x80")));		/* U+E000 */
	assert_true(utf8_valid(BYTES("\xF4\x8F\xBF\xBF")));	/* U+10FFFF */
}

static void test_ill_formed(void **state)
{
	static const char *const bad[] = {
		"\x80", "\xBF", "a\xFF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3\x28", "\xE0\x80\x80",
		"\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80",
		"\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x9F\x93",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(utf8_valid(bad[i], strlen(bad[i])));
		assert_int_equal(utf8_to_utf16(NULL, 0, bad[i], strlen(bad[i])), -EILSEQ);
	}
}

/* Every character there is, there and back */
static void test_all_characters(void **state)
{
	char narrow[8], again[8];
	uint32_t c, seen = 0;
	char16_t wide[2];
	bool repaired;
	ssize_t n, m;

	(void)state;
	for (c = 0; c <= 0x10FFFF; c++) {
		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		if (c < 0x10000) {
			wide[0] = c;
			n = 2;
		} else {
			wide[0] = 0xD800 + ((c - 0x10000) >> 10);
			wide[1] = 0xDC00 + ((c - 0x10000) & 0x3FF);
			n = 4;
		}
		m = utf16_to_utf8(narrow, sizeof(narrow), wide, n, NULL);
		assert_int_equal(m, c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
		assert_true(utf8_valid(narrow, m));
		assert_int_equal(utf8_to_utf16(again, sizeof(again), narrow, m), n);
		assert_memory_equal(again, wide, n);
		assert_int_equal(utf16_to_utf8(NULL, 0, wide, n, &repaired), m);
		assert_false(repaired);
		seen++;
	}
	assert_int_equal(seen, 0x110000 - 0x800);
}

static void test_surrogates(void **state)
{
	static const char16_t lone_high[] = { 'a', 0xD800, 'b' };
	static const char16_t lone_low[] = { 0xDC00 };
	static const char16_t cut[] = { 'a', 0xD83D };
	char text[16];
	bool repaired;

	(void)state;
	assert_int_equal(utf16_to_utf8(NULL, 0, lone_high, 6, NULL), -EILSEQ);
	assert_int_equal(utf16_to_utf8(text, sizeof(text), lone_high, 6, &repaired), 5);
	assert_true(repaired);
	assert_memory_equal(text, "a\xEF\xBF\xBD" "b", 5);
	assert_int_equal(utf16_to_utf8(text, sizeof(text), lone_low, 2, &repaired), 3);
	assert_true(repaired);
	assert_int_equal(utf16_to_utf8(text, sizeof(text), cut, 4, &repaired), 4);
	assert_true(repaired);
}

static void test_room(void **state)
{
	char to[16];
	size_t room;

	(void)state;
	for (room = 0; room < 12; room++) {
		memset(to, 0x55, sizeof(to));
		/* 2 + 2 + 4 bytes */
		assert_int_equal(utf8_to_utf16(to, room, BYTES("a\xC3\xA4\xF0\x9F\x93\x9E")),
				 room < 8 ? -ENOSPC : 8);
		assert_int_equal(to[room > 8 ? 8 : room], 0x55);
		memset(to, 0x55, sizeof(to));
		assert_int_equal(utf16_to_utf8(to, room, BYTES(u"aä€"), NULL),
				 room < 6 ? -ENOSPC : 6);
		assert_int_equal(to[room > 6 ? 6 : room], 0x55);
	}
}

static void test_unaligned(void **state)
{
	char wide[16] = { 0 }, narrow[16];

	(void)state;
	assert_int_equal(utf8_to_utf16(wide + 1, 10, BYTES("12345")), 10);
	assert_int_equal(utf16_length(wide + 1, 15), 10);
	assert_int_equal(utf16_length(wide + 1, 7), 6);
	assert_int_equal(utf16_to_utf8(narrow, sizeof(narrow), wide + 1, 10, NULL), 5);
	assert_memory_equal(narrow, "12345", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_ill_formed),
		cmocka_unit_test(test_all_characters),
		cmocka_unit_test(test_surrogates),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_unaligned),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("utf", tests, NULL, NULL);
}

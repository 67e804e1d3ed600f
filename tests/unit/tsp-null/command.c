/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of the null provider's control socket, taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "null.h"

/* In a block of just its size, so that AddressSanitizer sees a step too far */
static const char *parse(const char *text, struct command *command, char **block)
{
	*block = strdup(text);
	assert_non_null(*block);
	return command_parse(*block, command);
}

static void test_words(void **state)
{
	struct command command;
	char *block;

	assert_null(parse("  ring 0\tname=\"Anna B\" number=\"\" x\\ y \"a=b\" c\\=d =e\n", &command,
			  &block));
	assert_int_equal(6, command.word_count);
	assert_string_equal("ring", command.words[0]);
	assert_string_equal("0", command.words[1]);
	assert_string_equal("x y", command.words[2]);
	assert_string_equal("a=b", command.words[3]);
	assert_string_equal("c=d", command.words[4]);
	assert_string_equal("=e", command.words[5]);
	assert_null(command.words[6]);
	assert_int_equal(2, command.key_count);
	assert_string_equal("Anna B", command_value(&command, "NAME"));
	assert_string_equal("", command_value(&command, "number"));
	assert_null(command_value(&command, "media"));
	free(block);
}

static void test_quotes(void **state)
{
	struct command command;
	char *block;

	assert_null(parse("a\"b c\"d \"\" \"\\\"\\\\\" z\\", &command, &block));
	assert_int_equal(4, command.word_count);
	assert_string_equal("ab cd", command.words[0]);
	assert_string_equal("", command.words[1]);
	assert_string_equal("\"\\", command.words[2]);
	assert_string_equal("z\\", command.words[3]);
	free(block);
}

static void test_wrong(void **state)
{
	static const char *const wrong[] = {
		"", " \t", "ring \"a", "\"", "a k=1 K=2", "k=v",
		"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17",
		"a b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1 l=1 m=1 n=1 o=1 p=1 q=1 r=1",
	};
	struct command command;
	char *block;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (!parse(wrong[i], &command, &block))
			fail_msg("\"%s\" is taken", wrong[i]);
		free(block);
	}
}

static void test_numbers(void **state)
{
	static const char *const wrong[] = {
		"", "0x", "-1", "1 ", "a", "0xg", "1f", "18446744073709551616",
		"0x10000000000000000", "+1",
	};
	uint64_t number;
	size_t i;

	assert_true(command_number("0", 0, &number));
	assert_int_equal(0, number);
	assert_true(command_number("18446744073709551615", UINT64_MAX, &number));
	assert_true(number == UINT64_MAX);
	assert_true(command_number("0XfF", 255, &number));
	assert_int_equal(255, number);
	assert_false(command_number("256", 255, &number));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(command_number(wrong[i], UINT64_MAX, &number));
}

static void test_bytes(void **state)
{
	uint8_t bytes[3];

	assert_int_equal(0, command_bytes("", bytes, 3));
	assert_int_equal(3, command_bytes("00fFa5", bytes, 3));
	assert_memory_equal("\x00\xff\xa5", bytes, 3);
	assert_int_equal(-1, command_bytes("0", bytes, 3));
	assert_int_equal(-1, command_bytes("0g", bytes, 3));
	assert_int_equal(-1, command_bytes("00000000", bytes, 3));
	assert_int_equal(-1, command_bytes("0x00", bytes, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

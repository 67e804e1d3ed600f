/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of expected failures of tapi-compliance. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "expected.h"

static int read_text(struct expected *list, const char *text, size_t size, char *error)
{
	FILE *file = fmemopen((void *)text, size ? size : 1, "r");
	int err;

	assert_non_null(file);
	err = size ? expected_read(list, file, error, 128) : 0;
	fclose(file);
	return err;
}

static void good(void **state)
{
	static const char text[] =
		"# a comment\n"
		"\n"
		"ring/cadence the relay is slow\n"
		"  hook/flash\t two  blanks # are kept \t\n"
		"   # another\n"
		"pcm/limits last line without an end";
	struct expected list;
	char error[128] = "";

	assert_int_equal(read_text(&list, text, sizeof(text) - 1, error), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(expected_reason(&list, "ring/cadence"), "the relay is slow");
	assert_string_equal(expected_reason(&list, "hook/flash"), "two  blanks # are kept");
	assert_string_equal(expected_reason(&list, "pcm/limits"), "last line without an end");
	assert_int_equal(list.entries[1].line, 4);
	assert_null(expected_reason(&list, "ring"));
	assert_null(expected_reason(&list, "ring/cadence2"));
	assert_null(expected_reason(&list, ""));
	expected_free(&list);
	assert_int_equal(list.count, 0);
	assert_null(expected_reason(&list, "ring/cadence"));
}

static void crlf(void **state)
{
	static const char text[] = "ring/stop why not\r\n\r\n";
	struct expected list;
	char error[128] = "";

	assert_int_equal(read_text(&list, text, sizeof(text) - 1, error), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(expected_reason(&list, "ring/stop"), "why not");
	expected_free(&list);
}

static void wrong(void **state)
{
	static const struct {
		const char *text, *error;
	} lines[] = {
		{ "ring/stop\n", "line 1: ring/stop: no reason is given" },
		{ "# x\nring/stop  \t \n", "line 2: ring/stop: no reason is given" },
		{ "a/b one\nc/d two\na/b three\n", "line 3: a/b is there twice" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct expected list;
		char error[128] = "";

		assert_int_equal(read_text(&list, lines[i].text, strlen(lines[i].text), error),
				 -EINVAL);
		assert_string_equal(error, lines[i].error);
		assert_int_equal(list.count, 0);
		assert_null(list.entries);
	}
}

/* A directory opens, and cannot be read */
static void unreadable(void **state)
{
	struct expected list;
	char error[128] = "";
	FILE *file = fopen("/", "r");

	assert_non_null(file);
	assert_int_equal(expected_read(&list, file, error, sizeof(error)), -EISDIR);
	assert_string_equal(error, "Is a directory");
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(crlf),
		cmocka_unit_test(wrong),
		cmocka_unit_test(unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

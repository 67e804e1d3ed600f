/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tapi-compliance tells: text, TAP, JSON, and its status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report.h"

static struct expected_entry entries[] = { { (char *)"a/two", (char *)"known", 1 } };
static const struct expected known = { entries, 1 };

struct told {
	char *text;
	enum report_status status;
};

struct one {
	const char *test, *reason;
	enum verdict verdict;
};

static struct told tell(enum report_format format, const struct one *ones, size_t count,
			bool interrupted)
{
	struct told told = { NULL, 0 };
	struct report r;
	size_t size;
	FILE *out = open_memstream(&told.text, &size);

	assert_non_null(out);
	report_init(&r, format, out, &known);
	report_line(&r, "/dev/x", "first\nsecond");
	for (size_t i = 0; i < count; i++) {
		struct result result = {
			.device = (char *)"/dev/x", .test = (char *)ones[i].test,
			.reason = (char *)ones[i].reason, .rule = "page, section",
			.wants = "a rule", .verdict = ones[i].verdict,
		};

		report_result(&r, &result);
	}
	told.status = report_end(&r, interrupted);
	report_free(&r);
	fclose(out);
	return told;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in\n%s", part, text);
}

static const struct one all[] = {
	{ "a/one", "", OK }, { "a/two", "late", FAIL }, { "b/three", "no peer", PRESUMED },
	{ "b/four", "the line has no RING", NOT_SUPPORTED }, { "b/five", "EBUSY", REFUSED },
	{ "b/six", "EIO", FAIL },
};

static void text(void **state)
{
	struct told t = tell(REPORT_TEXT, all, 6, false);

	assert_int_equal(t.status, REPORT_FAILED);
	has(t.text, "\n/dev/x\n\tfirst\n\tsecond\n");
	has(t.text, "\na:\n\ta/one: OK\n\t\tpage, section: a rule\n\ta/two: FAIL (expected): known\n");
	has(t.text, "\nb:\n\tb/three: PRESUMED\n\t\tno peer\n");
	has(t.text, "\tb/four: NOT SUPPORTED\n");
	has(t.text, "Total 6: OK 1, PRESUMED 1, NOT SUPPORTED 1, REFUSED 1, FAIL 2 (1 expected)\n");
	has(t.text, "FAIL /dev/x b/six: EIO\n");
	assert_null(strstr(t.text, "FAIL /dev/x a/two"));
	assert_null(strstr(t.text, "Interrupted"));
	free(t.text);
}

static void tap(void **state)
{
	struct told t = tell(REPORT_TAP, all, 6, false);

	has(t.text, "TAP version 13\n# /dev/x\n#   first\n");
	has(t.text, "\nok 1 - /dev/x: a/one\n# page, section: a rule\n");
	has(t.text, "\nnot ok 2 - /dev/x: a/two # TODO known\n# late\n");
	has(t.text, "\nok 3 - /dev/x: b/three # SKIP PRESUMED\n");
	has(t.text, "\nok 5 - /dev/x: b/five # SKIP REFUSED\n");
	has(t.text, "\nnot ok 6 - /dev/x: b/six\n# EIO\n");
	has(t.text, "\n1..6\n");
	free(t.text);
	t = tell(REPORT_TAP, all, 6, true);
	has(t.text, "\nBail out! Interrupted\n");
	assert_null(strstr(t.text, "1..6"));
	free(t.text);
}

static void json(void **state)
{
	static const struct one odd[] = { { "a/one", "\"x\\\n\x01\xc3", FAIL }, { "a/two", "", OK } };
	struct told t = tell(REPORT_JSON, odd, 2, false);

	assert_int_equal(t.text[0], '{');
	has(t.text, "\"reason\": \"\\\"x\\\\\\u000a\\u0001\\u00c3\"");
	has(t.text, "\"verdict\": \"FAIL\"");
	has(t.text, "\"rule\": \"page, section\", \"wants\": \"a rule\" },\n");
	has(t.text, "\"wants\": \"a rule\", \"expected\": \"known\" }\n  ],\n");
	has(t.text, "\"total\": 2, \"OK\": 1, \"PRESUMED\": 0, \"NOT SUPPORTED\": 0, "
		    "\"REFUSED\": 0, \"FAIL\": 1, \"expected\": 0, \"surprises\": 1, "
		    "\"interrupted\": false, \"status\": 1 }\n}\n");
	free(t.text);
	t = tell(REPORT_JSON, odd, 0, true);
	has(t.text, "\"results\": [],\n");
	has(t.text, "\"interrupted\": true, \"status\": 77");
	free(t.text);
}

static void statuses(void **state)
{
	static const struct {
		struct one one;
		enum report_status status;
	} ones[] = {
		{ { "a/one", "", OK }, REPORT_GOOD },
		{ { "a/one", "", PRESUMED }, REPORT_GOOD },
		{ { "a/one", "", NOT_SUPPORTED }, REPORT_NOTHING },
		{ { "a/one", "", REFUSED }, REPORT_NOTHING },
		{ { "a/one", "", FAIL }, REPORT_FAILED },
		{ { "a/two", "", FAIL }, REPORT_GOOD },
	};

	for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
		struct told t = tell(REPORT_TEXT, &ones[i].one, 1, false);

		assert_int_equal(t.status, ones[i].status);
		free(t.text);
	}
}

/* What was expected to fail and does not is said; what was not tried is not */
static void surprise(void **state)
{
	static const struct one passes = { "a/two", "", OK }, lacks = { "a/two", "", NOT_SUPPORTED };
	struct told t = tell(REPORT_TEXT, &passes, 1, false);

	assert_int_equal(t.status, REPORT_GOOD);
	has(t.text, "a/two: OK, but a failure was expected: known\n");
	has(t.text, "1 that were expected to fail did not: change the list\n");
	free(t.text);
	t = tell(REPORT_TEXT, &lacks, 1, false);
	assert_null(strstr(t.text, "expected"));
	free(t.text);
}

/* More results than there is room for at first */
static void many(void **state)
{
	struct one ones[200];
	struct told t;

	for (size_t i = 0; i < 200; i++)
		ones[i] = (struct one){ "a/one", "", OK };
	t = tell(REPORT_TAP, ones, 200, false);
	has(t.text, "\nok 200 - ");
	has(t.text, "\n1..200\n");
	free(t.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(tap),
		cmocka_unit_test(json),
		cmocka_unit_test(statuses),
		cmocka_unit_test(surprise),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

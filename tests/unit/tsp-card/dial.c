/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dial.h"

#define ALL	(DIAL_CAN_PULSE | DIAL_CAN_DIALTONE | DIAL_CAN_QUIET | DIAL_CAN_BILLING | \
		 DIAL_CAN_VOICE | DIAL_CAN_FLASH | DIAL_CAN_DTMF)
#define DTMF	TAPI_LINE_DIAL_DTMF
#define PULSE	TAPI_LINE_DIAL_PULSE

struct wide {
	WCHAR *text;
	size_t len;
};

/* On the heap at its exact length, so that the sanitizer sees a read behind it */
static struct wide widen(const char *text)
{
	struct wide w = { .len = strlen(text) };
	size_t i;

	w.text = malloc(w.len ? w.len * sizeof(*w.text) : 1);
	assert_non_null(w.text);
	for (i = 0; i < w.len; i++)
		w.text[i] = (unsigned char)text[i];
	return w;
}

static LONG check(const char *text, unsigned int can, __u32 mode, bool *more)
{
	struct wide w = widen(text);
	LONG result = dial_check(w.text, w.len, can, mode, more);

	free(w.text);
	return result;
}

/* Writes the steps of a string as text: digits with D or P before them, other steps as a letter */
static void steps(const char *text, __u32 mode, char *out)
{
	static const char letters[] = { 0, 0, ',', '!', 'W', '@', '$', ':' };
	struct wide w = widen(text);
	struct dial_cursor cursor;
	struct dial_step step;

	assert_int_equal(dial_check(w.text, w.len, ALL, mode, NULL), 0);
	dial_start(&cursor, w.text, w.len, mode);
	*out = 0;
	while (dial_next(&cursor, &step)) {
		out += strlen(out);
		if (step.kind == DIAL_DIGITS) {
			assert_true(step.digits[0]);
			*out++ = step.mode == PULSE ? 'P' : 'D';
			strcpy(out, step.digits);
		} else {
			assert_in_range(step.kind, DIAL_PAUSE, DIAL_WAIT_VOICE);
			out[0] = letters[step.kind];
			out[1] = 0;
		}
	}
	assert_int_equal(step.kind, DIAL_END);
	assert_false(dial_next(&cursor, &step));
	free(w.text);
}

static void test_steps(void **state)
{
	static const struct {
		const char *text;
		__u32 mode;
		const char *steps;
	} cases[] = {
		{ "", DTMF, "" },
		{ "0123456789", DTMF, "D0123456789" },
		{ "*#ABCDabcd", DTMF, "D*#ABCDABCD" },
		{ "(555) 12-34.5/6", DTMF, "D555123456" },
		{ "0,W555", DTMF, "D0,WD555" },
		{ "P123T456", DTMF, "P123D456" },
		{ "123t*", PULSE, "P123D*" },
		{ "!9@$:", DTMF, "!D9@$:" },
		{ "12;", DTMF, "D12" },
		{ "12 ; ", DTMF, "D12" },
		{ "12|34^Alice", DTMF, "D12" },
		{ "12\r\n34", DTMF, "D12" },
		{ "12^?+x", DTMF, "D12" },
		{ ",,", DTMF, ",," },
	};
	char out[64];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		steps(cases[i].text, cases[i].mode, out);
		assert_string_equal(out, cases[i].steps);
	}
}

/* The mode of the last P or T is the one a following lineDial() goes on with */
static void test_mode_stays(void **state)
{
	struct wide w = widen("T1P2;");
	struct dial_cursor cursor;
	struct dial_step step;

	dial_start(&cursor, w.text, w.len, DTMF);
	while (dial_next(&cursor, &step))
		;
	assert_int_equal(cursor.mode, PULSE);
	free(w.text);
}

static void test_long_numbers(void **state)
{
	char text[2 * TAPI_LINE_DIAL_MAX], all[sizeof(text)] = "";
	struct dial_cursor cursor;
	struct dial_step step;
	struct wide w;
	size_t i;

	for (i = 0; i < sizeof(text) - 1; i++)
		text[i] = '0' + i % 10;
	text[i] = 0;
	w = widen(text);
	dial_start(&cursor, w.text, w.len, DTMF);
	for (i = 0; dial_next(&cursor, &step); i++) {
		assert_int_equal(step.kind, DIAL_DIGITS);
		assert_true(strlen(step.digits) < sizeof(step.digits));
		strcat(all, step.digits);
	}
	assert_int_equal(i, 3);
	assert_string_equal(all, text);
	free(w.text);
}

/* One character the line cannot honour, and the error that names it */
static void test_errors(void **state)
{
	static const struct {
		const char *text;
		unsigned int lacks;
		LONG error;
	} cases[] = {
		{ "1W2", DIAL_CAN_DIALTONE, LINEERR_DIALDIALTONE },
		{ "1w2", DIAL_CAN_DIALTONE, LINEERR_DIALDIALTONE },
		{ "1@2", DIAL_CAN_QUIET, LINEERR_DIALQUIET },
		{ "1$2", DIAL_CAN_BILLING, LINEERR_DIALBILLING },
		{ "1:2", DIAL_CAN_VOICE, LINEERR_DIALVOICEDETECT },
		{ "1!2", DIAL_CAN_FLASH, LINEERR_INVALADDRESS },
		{ "1P2", DIAL_CAN_PULSE, LINEERR_INVALADDRESS },
		/* the first offender counts */
		{ "@W", DIAL_CAN_QUIET | DIAL_CAN_DIALTONE, LINEERR_DIALQUIET },
		{ "W@", DIAL_CAN_QUIET | DIAL_CAN_DIALTONE, LINEERR_DIALDIALTONE },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(check(cases[i].text, ALL & ~cases[i].lacks, DTMF, NULL),
				 cases[i].error);
		assert_int_equal(check(cases[i].text, ALL, DTMF, NULL), 0);
	}
}

static void test_never_dialable(void **state)
{
	static const WCHAR beyond[] = { '1', 0x0131, 0xD800 };

	assert_int_equal(check("1?2", ALL, DTMF, NULL), LINEERR_DIALPROMPT);
	assert_int_equal(check("1;2", ALL, DTMF, NULL), LINEERR_INVALADDRESS);
	assert_int_equal(check("1;;", ALL, DTMF, NULL), LINEERR_INVALADDRESS);
	assert_int_equal(check("+1 (555) 1", ALL, DTMF, NULL), LINEERR_INVALADDRESS);
	assert_int_equal(check("1x", ALL, DTMF, NULL), LINEERR_INVALADDRESS);
	assert_int_equal(check("P1*", ALL, DTMF, NULL), LINEERR_INVALADDRESS);
	assert_int_equal(check("A", ALL, PULSE, NULL), LINEERR_INVALADDRESS);
	assert_int_equal(check("1", ALL & ~DIAL_CAN_PULSE, PULSE, NULL), LINEERR_INVALADDRESS);
	assert_int_equal(check("T1", ALL & ~DIAL_CAN_DTMF, PULSE, NULL), LINEERR_INVALADDRESS);
	assert_int_equal(dial_check(beyond, 3, ALL, DTMF, NULL), LINEERR_INVALADDRESS);
	/* a letter of another alphabet is not its ASCII look-alike, and NUL ends nothing */
	assert_int_equal(dial_check((const WCHAR[]) { '1', 0x0157 }, 2, ALL, DTMF, NULL),
			 LINEERR_INVALADDRESS);
	assert_int_equal(dial_check((const WCHAR[]) { '1', 0, '2' }, 3, ALL, DTMF, NULL),
			 LINEERR_INVALADDRESS);
}

static void test_more(void **state)
{
	bool more = false;

	assert_int_equal(check("12;", ALL, DTMF, &more), 0);
	assert_true(more);
	assert_int_equal(check("12", ALL, DTMF, &more), 0);
	assert_false(more);
	assert_int_equal(check("12^a;", ALL, DTMF, &more), 0);
	assert_false(more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_mode_stays),
		cmocka_unit_test(test_long_numbers),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_never_dialable),
		cmocka_unit_test(test_more),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("dial", tests, NULL, NULL);
}

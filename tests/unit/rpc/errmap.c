/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <tapi/tapi3err.h>
#include <tapi/tspi.h>

#include "errmap.h"

/* As many as the interface has */
static void test_complete(void **state)
{
	static const size_t counts[ERRMAP_FAMILIES] = {
		[ERRMAP_LINEERR] = 95, [ERRMAP_PHONEERR] = 36, [ERRMAP_TAPIERR] = 24,
		[ERRMAP_TAPI_E] = 90, [ERRMAP_DISCONNECT] = 20, [ERRMAP_CALLSTATE] = 16,
		[ERRMAP_MESSAGE] = 28 + 7 + 7,
	};
	int f;

	(void)state;
	for (f = 0; f < ERRMAP_FAMILIES; f++)
		assert_int_equal(errmap_tables[f].count, counts[f]);
}

/* Every number is found, texts are sentences, no name is there twice */
static void test_entries(void **state)
{
	size_t i, j;
	int f;

	(void)state;
	for (f = 0; f < ERRMAP_FAMILIES; f++) {
		const struct errmap_table *t = &errmap_tables[f];

		for (i = 0; i < t->count; i++) {
			const struct errmap_entry *e = &t->entries[i];

			assert_ptr_equal(errmap_find(f, e->code), e);
			assert_memory_equal(e->name, t->prefix, strlen(t->prefix));
			assert_true(strlen(e->text) > 10);
			assert_true(e->text[strlen(e->text) - 1] == '.' ||
				    e->text[strlen(e->text) - 1] == ')');
			for (j = 0; j < i; j++)
				assert_string_not_equal(e->name, t->entries[j].name);
		}
	}
}

static void test_find_error(void **state)
{
	(void)state;
	assert_string_equal(errmap_find_error(LINEERR_NODEVICE)->name, "LINEERR_NODEVICE");
	assert_string_equal(errmap_find_error(PHONEERR_NODEVICE)->name, "PHONEERR_NODEVICE");
	assert_string_equal(errmap_find_error(TAPI_E_TIMEOUT)->name, "TAPI_E_TIMEOUT");
	assert_string_equal(errmap_find_error(TAPIERR_DESTBUSY)->name, "TAPIERR_DESTBUSY");
	assert_null(errmap_find_error((int32_t)0x80000004));
	assert_null(errmap_find_error((int32_t)0xC0000001));
	assert_null(errmap_find_error(17));
}

static void test_find_name(void **state)
{
	const struct errmap_entry *e;
	enum errmap_family family;

	(void)state;
	e = errmap_find_name("lineerr_nodevice", &family, NULL);
	assert_int_equal(e->code, LINEERR_NODEVICE);
	assert_int_equal(family, ERRMAP_LINEERR);
	assert_null(errmap_find_name("LINEERR_NODEVICE", NULL, e));
	e = errmap_find_name("nodevice", &family, NULL);
	assert_int_equal(e->code, LINEERR_NODEVICE);
	e = errmap_find_name("nodevice", &family, e);
	assert_int_equal(e->code, PHONEERR_NODEVICE);
	e = errmap_find_name("nodevice", &family, e);
	assert_int_equal(e->code, TAPI_E_NODEVICE);
	assert_null(errmap_find_name("nodevice", &family, e));
	e = errmap_find_name("LINE_CALLSTATE", &family, NULL);
	assert_int_equal(family, ERRMAP_MESSAGE);
	assert_null(errmap_find_name("", NULL, NULL));
	assert_null(errmap_find_name("nonsense", NULL, NULL));
}

static void test_errno(void **state)
{
	size_t i;
	int e;

	(void)state;
	assert_int_equal(errmap_from_errno(0), 0);
	assert_int_equal(errmap_from_errno(7), 7);
	assert_int_equal(errmap_from_errno(-ENOMEM), LINEERR_NOMEM);
	assert_int_equal(errmap_from_errno(-ENODEV), LINEERR_NODEVICE);
	assert_int_equal(errmap_from_errno(-EILSEQ), LINEERR_INVALPARAM);
	assert_int_equal(errmap_from_errno(-ENOSPC), LINEERR_STRUCTURETOOSMALL);
	assert_int_equal(errmap_from_errno(-ECONNREFUSED), LINEERR_SERVICE_NOT_RUNNING);
	assert_int_equal(errmap_to_errno(0), 0);
	assert_int_equal(errmap_to_errno(LINEERR_NODEVICE), -ENODEV);
	assert_int_equal(errmap_to_errno(PHONEERR_NODEVICE), -ENODEV);
	assert_int_equal(errmap_to_errno(LINEERR_INVALCALLSTATE), -ESTALE);
	assert_int_equal(errmap_to_errno((int32_t)0xC0000001), -EIO);
	/* No errno becomes a success or an unknown number, and no error becomes a success */
	for (e = 1; e < 134; e++)
		assert_non_null(errmap_find(ERRMAP_LINEERR, errmap_from_errno(-e)));
	for (i = 0; i < errmap_tables[ERRMAP_LINEERR].count; i++)
		assert_true(errmap_to_errno(errmap_tables[ERRMAP_LINEERR].entries[i].code) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_find_error),
		cmocka_unit_test(test_find_name),
		cmocka_unit_test(test_errno),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("errmap", tests, NULL, NULL);
}

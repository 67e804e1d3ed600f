/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers tapi-office knows. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "route.h"

static const struct route_answer busy = { ROUTE_BUSY, 0 };
static const struct route_answer answer = { ROUTE_ANSWER, 1500 };
static const struct route_answer removed = { ROUTE_REMOVE, 0 };

static const char *found(const struct route *routes, const char *digits, bool *more)
{
	const struct route *route = route_find(routes, digits, more);

	return route ? route->digits : "-";
}

static void finds_numbers(void **state)
{
	struct route *routes = NULL;
	bool more;

	assert_string_equal(found(NULL, "1", &more), "-");
	assert_false(more);
	assert_int_equal(route_set(&routes, "12", busy, NULL, NULL), 0);
	assert_int_equal(route_set(&routes, "123", answer, "a.wav", NULL), 0);
	assert_int_equal(route_set(&routes, "*9", busy, NULL, NULL), 0);
	assert_string_equal(found(routes, "1", &more), "-");
	assert_true(more);
	assert_string_equal(found(routes, "12", &more), "12");
	assert_true(more);
	assert_string_equal(found(routes, "123", &more), "123");
	assert_false(more);
	assert_string_equal(found(routes, "1234", &more), "-");
	assert_false(more);
	assert_string_equal(found(routes, "*9", &more), "*9");
	assert_string_equal(found(routes, "", &more), "-");
	assert_true(more);
	route_free(routes);
}

static void wildcards_come_last(void **state)
{
	struct route *routes = NULL;
	bool more;

	route_set(&routes, "XX0", busy, NULL, NULL);
	route_set(&routes, "1X0", busy, NULL, NULL);
	route_set(&routes, "120", busy, NULL, NULL);
	assert_string_equal(found(routes, "120", &more), "120");
	assert_string_equal(found(routes, "130", &more), "1X0");
	assert_string_equal(found(routes, "550", &more), "XX0");
	assert_string_equal(found(routes, "*50", &more), "-");
	assert_string_equal(found(routes, "A", &more), "-");
	assert_false(more);
	route_free(routes);
}

static void default_is_no_number(void **state)
{
	struct route *routes = NULL;
	bool more;

	assert_null(route_find_default(routes));
	route_set(&routes, "12", busy, NULL, NULL);
	route_set(&routes, ROUTE_DEFAULT, answer, NULL, NULL);
	assert_string_equal(found(routes, "5", &more), "-");
	assert_false(more);
	assert_int_equal(route_find_default(routes)->answer.after_ms, 1500);
	route_free(routes);
}

static void replaces_and_removes(void **state)
{
	struct route *routes = NULL;
	bool more;

	route_set(&routes, "1", busy, "a", "b");
	route_set(&routes, "2", busy, NULL, NULL);
	assert_int_equal(route_set(&routes, "1", answer, NULL, "c"), 0);
	assert_int_equal(route_find(routes, "1", &more)->answer.action, ROUTE_ANSWER);
	assert_null(route_find(routes, "1", &more)->play);
	assert_string_equal(route_find(routes, "1", &more)->record, "c");
	assert_string_equal(found(routes, "2", &more), "2");
	assert_int_equal(route_set(&routes, "1", removed, NULL, NULL), 0);
	assert_string_equal(found(routes, "1", &more), "-");
	assert_string_equal(found(routes, "2", &more), "2");
	assert_int_equal(route_set(&routes, "1", removed, NULL, NULL), -ENOENT);
	route_free(routes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_numbers),
		cmocka_unit_test(wildcards_come_last),
		cmocka_unit_test(default_is_no_number),
		cmocka_unit_test(replaces_and_removes),
	};

	return cmocka_run_group_tests_name("office: routes", tests, NULL, NULL);
}

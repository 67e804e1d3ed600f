/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who gets a call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "server.h"

#define OWNER	LINECALLPRIVILEGE_OWNER
#define MONITOR	LINECALLPRIVILEGE_MONITOR
#define NONE	LINECALLPRIVILEGE_NONE
#define VOICE	LINEMEDIAMODE_INTERACTIVEVOICE
#define FAX	LINEMEDIAMODE_G3FAX
#define DATA	LINEMEDIAMODE_DATAMODEM
#define UNKNOWN	LINEMEDIAMODE_UNKNOWN
#define ANY	-1

static void nobody(void **state)
{
	const struct route_open opens[] = {
		{ MONITOR, VOICE, ANY, 1 }, { NONE, VOICE, ANY, 2 },
	};

	assert_int_equal(route_owner(NULL, 0, VOICE, 0), -1);
	assert_int_equal(route_owner(opens, 2, VOICE, 0), -1);
}

/* The order of opening decides, wherever they stand */
static void oldest_first(void **state)
{
	const struct route_open opens[] = {
		{ OWNER, VOICE, ANY, 9 }, { OWNER | MONITOR, VOICE | FAX, ANY, 3 },
		{ OWNER, FAX, ANY, 1 }, { OWNER, VOICE, ANY, 4 },
	};

	assert_int_equal(route_owner(opens, 4, VOICE, 0), 1);
	assert_int_equal(route_owner(opens, 4, FAX, 0), 2);
	assert_int_equal(route_owner(opens, 4, DATA, 0), -1);
}

static void own_address_only(void **state)
{
	const struct route_open opens[] = {
		{ OWNER, VOICE, 1, 1 }, { OWNER, VOICE, ANY, 2 }, { MONITOR, 0, 0, 3 },
	};

	assert_int_equal(route_owner(opens, 2, VOICE, 0), 1);
	assert_int_equal(route_owner(opens, 2, VOICE, 1), 0);
	assert_int_equal(route_owner(opens, 1, VOICE, 0), -1);
	assert_true(route_monitors(&opens[2], 0));
	assert_false(route_monitors(&opens[2], 1));
	assert_false(route_monitors(&opens[1], 0));
}

/* Of unknown media: those who deal with unknown calls first, then the candidates one by one */
static void candidates_one_by_one(void **state)
{
	const struct route_open opens[] = {
		{ OWNER, DATA, ANY, 1 }, { OWNER, FAX, ANY, 2 }, { OWNER, VOICE, ANY, 3 },
		{ OWNER, UNKNOWN, ANY, 4 },
	};

	assert_int_equal(route_owner(opens, 4, UNKNOWN | VOICE | FAX | DATA, 0), 3);
	assert_int_equal(route_owner(opens, 3, UNKNOWN | VOICE | FAX | DATA, 0), 2);
	assert_int_equal(route_owner(opens, 2, UNKNOWN | VOICE | FAX | DATA, 0), 1);
	assert_int_equal(route_owner(opens, 1, UNKNOWN | VOICE | FAX | DATA, 0), 0);
	assert_int_equal(route_owner(opens, 4, UNKNOWN, 0), 3);
	assert_int_equal(route_owner(opens, 4, 0, 0), -1);
	assert_int_equal(route_owner(opens, 4, 0x80000000, 0), -1);
}

/* Whatever is open: the owner may own, and nobody who may is older */
static void always_the_oldest_that_may(void **state)
{
	const uint32_t modes[] = { VOICE, FAX, DATA };
	struct route_open opens[12];
	uint32_t mode, address;
	int owner;

	srand(1);
	for (unsigned int round = 0; round < 20000; round++) {
		size_t count = (size_t)rand() % 13;

		for (size_t i = 0; i < count; i++) {
			opens[i] = (struct route_open) {
				.privileges = (uint32_t)rand() % 8,
				.media_modes = modes[rand() % 3] | modes[rand() % 3],
				.address = rand() % 3 - 1,
				.order = (uint64_t)rand(),
			};
		}
		mode = modes[rand() % 3];
		address = (uint32_t)rand() % 2;
		owner = route_owner(opens, count, mode, address);
		assert_true(owner >= -1 && owner < (int)count);
		for (size_t i = 0; i < count; i++) {
			bool may = opens[i].privileges & OWNER && opens[i].media_modes & mode &&
				   (opens[i].address < 0 || opens[i].address == address);

			if (owner == (int)i)
				assert_true(may);
			if (may) {
				assert_int_not_equal(owner, -1);
				assert_true(opens[owner].order <= opens[i].order);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody),
		cmocka_unit_test(oldest_first),
		cmocka_unit_test(own_address_only),
		cmocka_unit_test(candidates_one_by_one),
		cmocka_unit_test(always_the_oldest_that_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

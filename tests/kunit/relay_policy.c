// SPDX-License-Identifier: GPL-2.0-only
/* The relay's window: how much may be under way, which acknowledgements are believed */
#include <kunit/test.h>
#include <linux/tapi_netlink.h>

#include "../kernel/core/credit.c"

#define WINDOW TAPI_NL_WINDOW

static void fills(struct kunit *test)
{
	struct tapi_credit c = {};
	u32 i;

	for (i = 1; i <= WINDOW; i++) {
		KUNIT_EXPECT_EQ(test, tapi_credit_left(&c, WINDOW), WINDOW + 1 - i);
		KUNIT_EXPECT_EQ(test, tapi_credit_take(&c), i);
	}
	KUNIT_EXPECT_EQ(test, tapi_credit_left(&c, WINDOW), 0U);
	tapi_credit_give(&c, 3);
	KUNIT_EXPECT_EQ(test, tapi_credit_left(&c, WINDOW), 3U);
}

static void believed(struct kunit *test)
{
	struct tapi_credit c = { .sent = 20, .consumed = 10 };

	KUNIT_EXPECT_FALSE(test, tapi_credit_valid(&c, 9));
	KUNIT_EXPECT_TRUE(test, tapi_credit_valid(&c, 10));
	KUNIT_EXPECT_TRUE(test, tapi_credit_valid(&c, 20));
	KUNIT_EXPECT_FALSE(test, tapi_credit_valid(&c, 21));
	KUNIT_EXPECT_FALSE(test, tapi_credit_valid(&c, U32_MAX));
}

/* From any number on, over the end of 32 bits, the window stays what it is */
static void wraps(struct kunit *test)
{
	struct tapi_credit c = { .sent = U32_MAX - 5, .consumed = U32_MAX - 5 };
	u32 i, last = 0;

	for (i = 0; i < 3 * WINDOW; i++) {
		if (!tapi_credit_left(&c, WINDOW)) {
			KUNIT_EXPECT_TRUE(test, tapi_credit_valid(&c, last));
			KUNIT_EXPECT_FALSE(test, tapi_credit_valid(&c, last + 1));
			tapi_credit_give(&c, last);
			KUNIT_EXPECT_EQ(test, tapi_credit_left(&c, WINDOW), (u32)WINDOW);
		}
		last = tapi_credit_take(&c);
	}
	KUNIT_EXPECT_EQ(test, last, U32_MAX - 5 + 3 * WINDOW);
}

/* A window that was made smaller under way does not open by itself */
static void narrower(struct kunit *test)
{
	struct tapi_credit c = { .sent = 16 };

	KUNIT_EXPECT_EQ(test, tapi_credit_left(&c, 4), 0U);
	tapi_credit_give(&c, 11);
	KUNIT_EXPECT_EQ(test, tapi_credit_left(&c, 4), 0U);
	tapi_credit_give(&c, 13);
	KUNIT_EXPECT_EQ(test, tapi_credit_left(&c, 4), 1U);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(fills),
	KUNIT_CASE(believed),
	KUNIT_CASE(wraps),
	KUNIT_CASE(narrower),
	{}
};

static struct kunit_suite suite = {
	.name = "tapi_relay_policy",
	.test_cases = cases,
};

kunit_test_suite(suite);

// SPDX-License-Identifier: GPL-2.0-only
/* Timed edges of a loop: hook, flash, dial pulses, and where one ends and the other begins */
#include <kunit/test.h>

#include "../kernel/core/hook.c"

#define MS NSEC_PER_MSEC

static const struct tapi_hook_limits limits = {
	.debounce_ns = 10 * MS,
	.pulse_max_ns = 100 * MS,
	.flash_max_ns = 800 * MS,
};

struct phone {
	struct tapi_hook hook;
	u64 now_ns;
	unsigned int count;
	struct tapi_hook_event seen[128];
};

static int phone_init(struct kunit *test)
{
	struct phone *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	p->now_ns = 1000 * MS;
	tapi_hook_init(&p->hook, true);
	test->priv = p;
	return 0;
}

static void edge(struct phone *p, bool closed)
{
	p->count += tapi_hook_edge(&p->hook, &limits, closed, p->now_ns, &p->seen[p->count]);
}

/* Time passes as the core lets it: a tick at each deadline */
static void pass(struct phone *p, u64 ns)
{
	u64 end_ns = p->now_ns + ns, due;

	while ((due = tapi_hook_deadline(&p->hook, &limits)) <= end_ns) {
		if (due > p->now_ns)
			p->now_ns = due;
		p->count += tapi_hook_tick(&p->hook, &limits, p->now_ns, &p->seen[p->count]);
	}
	p->now_ns = end_ns;
}

static void break_for(struct phone *p, u64 ns)
{
	edge(p, false);
	pass(p, ns);
	edge(p, true);
}

static void hang_up(struct kunit *test)
{
	struct phone *p = test->priv;
	u64 open_ns = p->now_ns;

	edge(p, false);
	pass(p, 3000 * MS);
	KUNIT_ASSERT_EQ(test, p->count, 1U);
	KUNIT_EXPECT_EQ(test, p->seen[0].what, TAPI_HOOK_ON);
	KUNIT_EXPECT_EQ(test, p->seen[0].ts_ns, open_ns);
	edge(p, true);
	pass(p, 100 * MS);
	KUNIT_ASSERT_EQ(test, p->count, 2U);
	KUNIT_EXPECT_EQ(test, p->seen[1].what, TAPI_HOOK_OFF);
	KUNIT_EXPECT_EQ(test, tapi_hook_deadline(&p->hook, &limits), U64_MAX);
}

static void bounces(struct kunit *test)
{
	struct phone *p = test->priv;
	int i;

	for (i = 0; i < 50; i++) {
		break_for(p, 3 * MS);
		pass(p, 4 * MS);
	}
	pass(p, 2000 * MS);
	KUNIT_EXPECT_EQ(test, p->count, 0U);
}

static void digits(struct kunit *test)
{
	struct phone *p = test->priv;
	u32 pulses, i;

	for (pulses = 1; pulses <= 10; pulses++) {
		p->count = 0;
		for (i = 0; i < pulses; i++) {
			break_for(p, 60 * MS);
			pass(p, 40 * MS);
		}
		pass(p, 700 * MS);
		KUNIT_ASSERT_EQ(test, p->count, 1U);
		KUNIT_EXPECT_EQ(test, p->seen[0].what, TAPI_HOOK_DIGIT);
		KUNIT_EXPECT_EQ(test, p->seen[0].pulses, pulses);
		KUNIT_EXPECT_EQ(test, tapi_hook_pulse_digit(pulses), (char)('0' + pulses % 10));
	}
	KUNIT_EXPECT_EQ(test, tapi_hook_pulse_digit(0), (char)0);
	KUNIT_EXPECT_EQ(test, tapi_hook_pulse_digit(11), (char)0);
}

/* One nanosecond decides */
static void limits_exact(struct kunit *test)
{
	struct phone *p = test->priv;

	break_for(p, 100 * MS - 1);
	pass(p, 500 * MS);
	KUNIT_ASSERT_EQ(test, p->count, 1U);
	KUNIT_EXPECT_EQ(test, p->seen[0].what, TAPI_HOOK_DIGIT);
	break_for(p, 100 * MS);
	pass(p, 500 * MS);
	KUNIT_ASSERT_EQ(test, p->count, 2U);
	KUNIT_EXPECT_EQ(test, p->seen[1].what, TAPI_HOOK_FLASHED);
	KUNIT_EXPECT_EQ(test, p->seen[1].duration_ms, 100U);
	break_for(p, 800 * MS);
	pass(p, 500 * MS);
	KUNIT_ASSERT_EQ(test, p->count, 3U);
	KUNIT_EXPECT_EQ(test, p->seen[2].what, TAPI_HOOK_FLASHED);
	break_for(p, 800 * MS + 1);
	pass(p, 500 * MS);
	KUNIT_ASSERT_EQ(test, p->count, 5U);
	KUNIT_EXPECT_EQ(test, p->seen[3].what, TAPI_HOOK_ON);
	KUNIT_EXPECT_EQ(test, p->seen[4].what, TAPI_HOOK_OFF);
}

/* Edges that come late, all at once, are decided as if they had come in time */
static void late_edges(struct kunit *test)
{
	struct phone *p = test->priv;
	u64 now = p->now_ns;

	p->count += tapi_hook_edge(&p->hook, &limits, false, now, &p->seen[p->count]);
	p->count += tapi_hook_edge(&p->hook, &limits, true, now + 60 * MS, &p->seen[p->count]);
	p->count += tapi_hook_edge(&p->hook, &limits, false, now + 1000 * MS, &p->seen[p->count]);
	p->now_ns = now + 1000 * MS;
	pass(p, 2000 * MS);
	KUNIT_ASSERT_EQ(test, p->count, 2U);
	KUNIT_EXPECT_EQ(test, p->seen[0].what, TAPI_HOOK_DIGIT);
	KUNIT_EXPECT_EQ(test, p->seen[0].pulses, 1U);
	KUNIT_EXPECT_EQ(test, p->seen[1].what, TAPI_HOOK_ON);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(hang_up),
	KUNIT_CASE(bounces),
	KUNIT_CASE(digits),
	KUNIT_CASE(limits_exact),
	KUNIT_CASE(late_edges),
	{}
};

static struct kunit_suite suite = {
	.name = "tapi_hook",
	.init = phone_init,
	.test_cases = cases,
};

kunit_test_suite(suite);

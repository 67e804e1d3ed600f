// SPDX-License-Identifier: GPL-2.0-only
/* The queue of records of an open file: order, what is dropped and told, the last record */
#include <kunit/test.h>
#include <linux/module.h>

#include "../kernel/core/event.c"

struct queue {
	struct tapi_ring ring;
	struct tapi_line_event rec[TAPI_RING_RECORDS];
	u32 seq;
};

static int queue_init(struct kunit *test)
{
	struct queue *q = kunit_kzalloc(test, sizeof(*q), GFP_KERNEL);

	if (!q)
		return -ENOMEM;
	tapi_ring_init(&q->ring, q->rec);
	test->priv = q;
	return 0;
}

static u32 put(struct queue *q, u32 type)
{
	struct tapi_line_event ev = { .type = type, .seq = q->seq + 1, .ts = 1000 * (q->seq + 1) };

	q->seq++;
	return tapi_ring_put(&q->ring, &ev);
}

static void order(struct kunit *test)
{
	struct queue *q = test->priv;
	struct tapi_line_event ev;
	u32 i;

	KUNIT_EXPECT_TRUE(test, tapi_ring_empty(&q->ring));
	KUNIT_EXPECT_FALSE(test, tapi_ring_get(&q->ring, &ev));
	/* More than once round */
	for (i = 1; i <= 3 * TAPI_RING_RECORDS; i++) {
		KUNIT_EXPECT_EQ(test, put(q, TAPI_LINE_EV_HOOK), 0U);
		KUNIT_ASSERT_TRUE(test, tapi_ring_get(&q->ring, &ev));
		KUNIT_EXPECT_EQ(test, ev.seq, i);
	}
	KUNIT_EXPECT_TRUE(test, tapi_ring_empty(&q->ring));
}

static void overflow(struct kunit *test)
{
	struct queue *q = test->priv;
	struct tapi_line_event ev;
	u32 i;

	for (i = 0; i < TAPI_RING_RECORDS; i++)
		KUNIT_EXPECT_EQ(test, put(q, TAPI_LINE_EV_DTMF), 0U);
	for (i = 0; i < 7; i++)
		KUNIT_EXPECT_EQ(test, put(q, TAPI_LINE_EV_DTMF), 1U);
	KUNIT_ASSERT_TRUE(test, tapi_ring_get(&q->ring, &ev));
	KUNIT_EXPECT_EQ(test, ev.type, (u32)TAPI_LINE_EV_LOST);
	KUNIT_EXPECT_EQ(test, ev.lost.count, 7U);
	KUNIT_EXPECT_EQ(test, ev.seq, 7U);
	KUNIT_EXPECT_EQ(test, ev.ts, 7000ULL);
	for (i = 8; tapi_ring_get(&q->ring, &ev); i++)
		KUNIT_EXPECT_EQ(test, ev.seq, i);
	KUNIT_EXPECT_EQ(test, i, TAPI_RING_RECORDS + 8U);
}

/* However much is dropped, the newest snapshot is not, and every loss is told in its place */
static void state_stays(struct kunit *test)
{
	struct queue *q = test->priv;
	struct tapi_line_event ev;
	u32 dropped = 0, told = 0, last = 0, states = 0, i;

	put(q, TAPI_LINE_EV_STATE);
	for (i = 0; i < 40; i++)
		dropped += put(q, TAPI_LINE_EV_HOOK);
	put(q, TAPI_LINE_EV_STATE);
	for (i = 0; i < 2 * TAPI_RING_RECORDS; i++)
		dropped += put(q, TAPI_LINE_EV_HOOK);
	while (tapi_ring_get(&q->ring, &ev)) {
		KUNIT_EXPECT_GT(test, ev.seq, last);
		last = ev.seq;
		if (ev.type == TAPI_LINE_EV_LOST)
			told += ev.lost.count;
		states += ev.type == TAPI_LINE_EV_STATE;
	}
	KUNIT_EXPECT_EQ(test, told, dropped);
	KUNIT_EXPECT_EQ(test, states, 1U);
	KUNIT_EXPECT_EQ(test, last, q->seq);
}

static void mask(struct kunit *test)
{
	struct queue *q = test->priv;

	q->ring.mask = BIT_ULL(TAPI_LINE_EV_RING);
	KUNIT_EXPECT_TRUE(test, tapi_ring_wants(&q->ring, TAPI_LINE_EV_RING));
	KUNIT_EXPECT_FALSE(test, tapi_ring_wants(&q->ring, TAPI_LINE_EV_HOOK));
	q->ring.mask = 0;
	KUNIT_EXPECT_TRUE(test, tapi_ring_wants(&q->ring, TAPI_LINE_EV_STATE));
	KUNIT_EXPECT_TRUE(test, tapi_ring_wants(&q->ring, TAPI_LINE_EV_GONE));
	KUNIT_EXPECT_TRUE(test, tapi_ring_wants(&q->ring, TAPI_LINE_EV_LOST));
}

static void unget(struct kunit *test)
{
	struct queue *q = test->priv;
	struct tapi_line_event ev, again;

	put(q, TAPI_LINE_EV_HOOK);
	put(q, TAPI_LINE_EV_RING);
	KUNIT_ASSERT_TRUE(test, tapi_ring_get(&q->ring, &ev));
	tapi_ring_unget(&q->ring, &ev);
	KUNIT_EXPECT_FALSE(test, tapi_ring_empty(&q->ring));
	KUNIT_ASSERT_TRUE(test, tapi_ring_get(&q->ring, &again));
	KUNIT_EXPECT_EQ(test, memcmp(&ev, &again, sizeof(ev)), 0);
	KUNIT_ASSERT_TRUE(test, tapi_ring_get(&q->ring, &ev));
	KUNIT_EXPECT_EQ(test, ev.type, (u32)TAPI_LINE_EV_RING);
}

static void gone_is_last(struct kunit *test)
{
	struct tapi_line_event gone = { .type = TAPI_LINE_EV_GONE }, ev;
	struct queue *q = test->priv;
	u32 i, type = 0;

	for (i = 0; i < TAPI_RING_RECORDS + 3; i++)
		put(q, TAPI_LINE_EV_HOOK);
	tapi_ring_put_gone(&q->ring, &gone);
	while (tapi_ring_get(&q->ring, &ev))
		type = ev.type;
	KUNIT_EXPECT_EQ(test, type, (u32)TAPI_LINE_EV_GONE);
	KUNIT_EXPECT_TRUE(test, tapi_ring_empty(&q->ring));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(order),
	KUNIT_CASE(overflow),
	KUNIT_CASE(state_stays),
	KUNIT_CASE(mask),
	KUNIT_CASE(unget),
	KUNIT_CASE(gone_is_last),
	{}
};

static struct kunit_suite suite = {
	.name = "tapi_event",
	.init = queue_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
MODULE_DESCRIPTION("KUnit suites of the telephony core");
MODULE_LICENSE("GPL");

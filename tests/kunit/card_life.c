// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a card as its driver sees it: what is refused, and that each card is freed exactly
 * once, whatever was done to it, and its operations are never called after it was unregistered.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/tapi_card.h>

struct counts {
	unsigned int freed;
	unsigned int calls;
	unsigned int stops;
};

static struct counts counts;
static struct platform_device *parent;

static int op_hook(struct tapi_line *line, bool off)
{
	counts.calls++;
	return 0;
}

static int op_feed(struct tapi_line *line, u32 state, u32 polarity)
{
	counts.calls++;
	return 0;
}

static int op_ring_on(struct tapi_line *line, u32 freq_mhz)
{
	return 0;
}

static int op_ring_off(struct tapi_line *line)
{
	return 0;
}

static int op_prepare(struct tapi_card *card, struct tapi_pcm_ring *ring)
{
	return -EIO;
}

static int op_start(struct tapi_card *card)
{
	return -EIO;
}

static void op_stop(struct tapi_card *card)
{
	counts.stops++;
}

static void op_pos(struct tapi_card *card, u32 *rx, u32 *tx)
{
	*rx = 0;
	*tx = 0;
}

static void op_free(struct tapi_card *card)
{
	counts.freed++;
}

static const struct tapi_card_ops ops = {
	.owner = THIS_MODULE,
	.set_hook = op_hook,
	.set_linefeed = op_feed,
	.ring_on = op_ring_on,
	.ring_off = op_ring_off,
	.pcm_prepare = op_prepare,
	.pcm_start = op_start,
	.pcm_stop = op_stop,
	.pcm_pos = op_pos,
	.free = op_free,
};

static const struct tapi_card_desc desc = {
	.driver = "kunit",
	.name = "card",
	.bus_info = "kunit-0",
	.lines = 2,
	.format = TAPI_PCM_MU_LAW,
	.grain = 160,
};

static const struct tapi_line_desc fxo = {
	.type = TAPI_LINE_FXO,
	.caps = TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_PCM,
};

static const struct tapi_line_desc fxs = {
	.type = TAPI_LINE_FXS,
	.caps = TAPI_LINE_CAP_RING | TAPI_LINE_CAP_LINEFEED,
};

static int life_init(struct kunit *test)
{
	memset(&counts, 0, sizeof(counts));
	parent = platform_device_register_simple("tapi-kunit", PLATFORM_DEVID_AUTO, NULL, 0);
	return PTR_ERR_OR_ZERO(parent);
}

static void life_exit(struct kunit *test)
{
	if (!IS_ERR_OR_NULL(parent))
		platform_device_unregister(parent);
	parent = NULL;
}

static struct tapi_card *make(struct kunit *test, const struct tapi_card_ops *with)
{
	struct tapi_card *card = tapi_card_alloc(&parent->dev, with, &desc, 64);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, card);
	KUNIT_ASSERT_EQ(test, tapi_line_init(card, 0, &fxo), 0);
	KUNIT_ASSERT_EQ(test, tapi_line_init(card, 1, &fxs), 0);
	return card;
}

static void descriptions(struct kunit *test)
{
	struct tapi_card_desc bad[] = { desc, desc, desc, desc, desc, desc };
	int i;

	bad[0].driver = NULL;
	bad[1].name = NULL;
	bad[2].bus_info = NULL;
	bad[3].lines = 0;
	bad[4].lines = TAPI_CARD_LINES + 1;
	bad[5].format = TAPI_PCM_S16 + 1;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR(tapi_card_alloc(&parent->dev, &ops, &bad[i], 0)),
				    (long)-EINVAL, "%d", i);
	KUNIT_EXPECT_EQ(test, PTR_ERR(tapi_card_alloc(&parent->dev, NULL, &desc, 0)),
			(long)-EINVAL);
	KUNIT_EXPECT_EQ(test, counts.freed, 0U);
}

static void lines(struct kunit *test)
{
	struct tapi_line_desc unknown = { .type = 3 }, caps = fxo;
	struct tapi_card *card = tapi_card_alloc(&parent->dev, &ops, &desc, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, card);
	caps.caps = 1ULL << 63;
	KUNIT_EXPECT_EQ(test, tapi_line_init(card, 2, &fxo), -EINVAL);
	KUNIT_EXPECT_EQ(test, tapi_line_init(card, 0, &unknown), -EINVAL);
	KUNIT_EXPECT_EQ(test, tapi_line_init(card, 0, &caps), -EINVAL);
	KUNIT_EXPECT_EQ(test, tapi_line_init(card, 0, &fxo), 0);
	KUNIT_EXPECT_EQ(test, tapi_line_init(card, 0, &fxo), -EEXIST);
	KUNIT_EXPECT_NULL(test, tapi_card_line(card, 1));
	KUNIT_EXPECT_NULL(test, tapi_card_line(card, 77));
	KUNIT_EXPECT_PTR_EQ(test, tapi_line_card(tapi_card_line(card, 0)), card);
	KUNIT_EXPECT_EQ(test, tapi_line_number(tapi_card_line(card, 0)), 0U);
	/* line 1 is missing */
	KUNIT_EXPECT_EQ(test, tapi_card_register(card), -EINVAL);
	tapi_card_put(card);
	KUNIT_EXPECT_EQ(test, counts.freed, 1U);
}

/* Every capability needs its operation */
static void lacking(struct kunit *test)
{
	struct tapi_card_ops less[4] = { ops, ops, ops, ops };
	struct tapi_card *card;
	int i;

	less[0].set_hook = NULL;
	less[1].set_linefeed = NULL;
	less[2].ring_off = NULL;
	less[3].pcm_pos = NULL;
	for (i = 0; i < ARRAY_SIZE(less); i++) {
		card = make(test, &less[i]);
		KUNIT_EXPECT_EQ_MSG(test, tapi_card_register(card), -EINVAL, "%d", i);
		tapi_card_put(card);
		KUNIT_EXPECT_EQ(test, counts.freed, i + 1U);
	}
}

static void whole_life(struct kunit *test)
{
	struct tapi_card *card;
	unsigned int number = 0, i, calls;

	for (i = 0; i < 5; i++) {
		card = make(test, &ops);
		KUNIT_EXPECT_EQ(test, ((char *)tapi_card_priv(card))[63], (char)0);
		KUNIT_ASSERT_EQ(test, tapi_card_register(card), 0);
		/* the number of the one before is free again */
		if (i)
			KUNIT_EXPECT_EQ(test, tapi_card_number(card), number);
		number = tapi_card_number(card);
		KUNIT_EXPECT_FALSE(test, tapi_card_in_use(card));
		tapi_report_hook(tapi_card_line(card, 1), true, ktime_get());
		tapi_report_ring(tapi_card_line(card, 0), true, 25000, ktime_get());
		tapi_card_unregister(card);
		calls = counts.calls;
		/* reports are ignored, a second time does nothing */
		tapi_report_hook(tapi_card_line(card, 1), false, ktime_get());
		tapi_report_fault(tapi_card_line(card, 0), TAPI_LINE_FAULT_POWER, ktime_get());
		tapi_pcm_advance(card, 0, 0, ktime_get());
		tapi_card_unregister(card);
		KUNIT_EXPECT_EQ(test, counts.calls, calls);
		KUNIT_EXPECT_EQ(test, counts.freed, i);
		tapi_card_put(card);
		KUNIT_EXPECT_EQ(test, counts.freed, i + 1);
		KUNIT_EXPECT_EQ(test, counts.stops, i + 1);
	}
}

static void never_registered(struct kunit *test)
{
	struct tapi_card *card = make(test, &ops);

	tapi_card_unregister(card);
	tapi_card_put(card);
	KUNIT_EXPECT_EQ(test, counts.freed, 1U);
	KUNIT_EXPECT_EQ(test, counts.calls + counts.stops, 0U);
}

/* Cards beside each other have numbers of their own */
static void several(struct kunit *test)
{
	struct tapi_card *cards[4];
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(cards); i++) {
		cards[i] = make(test, &ops);
		KUNIT_ASSERT_EQ(test, tapi_card_register(cards[i]), 0);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, tapi_card_number(cards[i]),
					tapi_card_number(cards[j]));
	}
	for (i = 0; i < ARRAY_SIZE(cards); i++) {
		tapi_card_unregister(cards[i]);
		tapi_card_put(cards[i]);
	}
	KUNIT_EXPECT_EQ(test, counts.freed, 4U);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(descriptions),
	KUNIT_CASE(lines),
	KUNIT_CASE(lacking),
	KUNIT_CASE(whole_life),
	KUNIT_CASE(never_registered),
	KUNIT_CASE(several),
	{}
};

static struct kunit_suite suite = {
	.name = "tapi_card_life",
	.init = life_init,
	.exit = life_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);

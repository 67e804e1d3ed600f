// SPDX-License-Identifier: GPL-2.0-only
/* Positions in the rings of a card: every sample once and in its place, whatever comes late */
#include <kunit/test.h>

#include "../kernel/core/pump.c"

#define GRAIN	40
#define FRAMES	(4 * GRAIN)
#define LANES	3
#define BUFFER	(8 * GRAIN)

struct card {
	u8 rx[FRAMES * LANES];
	u8 tx[FRAMES * LANES];
	u8 buf[BUFFER];
	struct pump pump;
	struct pump_stream stream;
	u64 frame;	/* of the card, since it started */
};

static int card_init(struct kunit *test)
{
	struct card *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	if (!c)
		return -ENOMEM;
	c->pump = (struct pump) { .rx = c->rx, .tx = c->tx, .frames = FRAMES, .stride = LANES,
				  .width = 1, .silence = 0xff, .grain = GRAIN, .lead = 2 * GRAIN };
	pump_start(&c->pump, 0, 0, 0);
	pump_stream_start(&c->stream, c->buf, BUFFER, GRAIN);
	test->priv = c;
	return 0;
}

static u8 ramp(u64 n)
{
	return n % 251;
}

/* The card goes on by @n frames, and hears a ramp on every lane */
static bool go(struct card *c, u32 n)
{
	u32 at, lane;

	for (; n; n--, c->frame++)
		for (lane = 0; lane < LANES; lane++)
			c->rx[c->frame % FRAMES * LANES + lane] = ramp(c->frame) + lane;
	at = c->frame % FRAMES;
	return pump_step(&c->pump, at, at, c->frame * PUMP_FRAME_NS);
}

static void capture(struct kunit *test)
{
	struct card *c = test->priv;
	u64 heard = 0;
	u32 i;

	/* steps that are no multiple of anything */
	while (c->frame < 20 * FRAMES) {
		bool period = false;

		if (go(c, 7))
			period = pump_capture(&c->pump, 2, &c->stream);
		KUNIT_EXPECT_EQ(test, period, !(c->pump.in.at % GRAIN) && c->pump.in.step);
		for (i = 0; i < c->pump.in.step; i++, heard++)
			KUNIT_EXPECT_EQ(test, c->buf[heard % BUFFER], (u8)(ramp(heard) + 2));
	}
	KUNIT_EXPECT_EQ(test, heard, c->frame / GRAIN * GRAIN);
	KUNIT_EXPECT_EQ(test, c->pump.resyncs, 0ULL);
}

static void playback(struct kunit *test)
{
	struct card *c = test->priv;
	u64 said = 0;
	u32 i, at;

	for (i = 0; i < BUFFER; i++)
		c->buf[i] = ramp(i);
	for (i = 0; i < 6; i++) {
		go(c, GRAIN);
		at = (c->frame + c->pump.lead - GRAIN) % FRAMES;
		pump_play(&c->pump, 1, &c->stream, BUFFER);
		for (; said < (i + 1) * GRAIN; said++)
			KUNIT_EXPECT_EQ(test, c->tx[(at + said % GRAIN) * LANES + 1],
					c->buf[said % BUFFER]);
	}
	/* what the program has not written is silence, not what was there before */
	go(c, GRAIN);
	at = (c->frame + c->pump.lead - GRAIN) % FRAMES;
	pump_play(&c->pump, 1, &c->stream, 10);
	KUNIT_EXPECT_EQ(test, c->tx[(at + 9) * LANES + 1], c->buf[(said + 9) % BUFFER]);
	for (i = 10; i < GRAIN; i++)
		KUNIT_EXPECT_EQ(test, c->tx[(at + i) * LANES + 1], (u8)0xff);
}

/* An interrupt that is three rings late: the stream keeps the line's time, with silence */
static void very_late(struct kunit *test)
{
	struct card *c = test->priv;
	u32 pos;

	KUNIT_EXPECT_TRUE(test, go(c, GRAIN));
	pump_capture(&c->pump, 0, &c->stream);
	KUNIT_EXPECT_TRUE(test, go(c, FRAMES + GRAIN));
	KUNIT_EXPECT_EQ(test, c->pump.in.step, (u32)(FRAMES + GRAIN));
	pump_capture(&c->pump, 0, &c->stream);
	pos = c->stream.pos;
	KUNIT_EXPECT_EQ(test, pos, (u32)(2 * GRAIN + FRAMES) % BUFFER);
	KUNIT_EXPECT_EQ(test, c->buf[GRAIN], (u8)0xff);
	KUNIT_EXPECT_EQ(test, c->buf[2 * GRAIN - 1], (u8)0xff);
	KUNIT_EXPECT_EQ(test, c->buf[2 * GRAIN], ramp(2 * GRAIN));
	KUNIT_EXPECT_EQ(test, c->pump.resyncs, 1ULL);
	KUNIT_EXPECT_EQ(test, c->pump.missed, 4ULL);
	KUNIT_EXPECT_FALSE(test, c->stream.lost);
}

static void overrun(struct kunit *test)
{
	struct card *c = test->priv;

	go(c, 3 * BUFFER);
	KUNIT_EXPECT_TRUE(test, pump_capture(&c->pump, 0, &c->stream));
	KUNIT_EXPECT_TRUE(test, c->stream.lost);
	pump_stream_start(&c->stream, c->buf, BUFFER, GRAIN);
	KUNIT_EXPECT_TRUE(test, pump_play(&c->pump, 0, &c->stream, BUFFER));
	KUNIT_EXPECT_TRUE(test, c->stream.lost);
}

/* Time that stands still or jumps, positions that make no sense */
static void nonsense(struct kunit *test)
{
	struct card *c = test->priv;

	KUNIT_EXPECT_FALSE(test, pump_step(&c->pump, FRAMES, 0, 1));
	KUNIT_EXPECT_FALSE(test, pump_step(&c->pump, 0, U32_MAX, 1));
	KUNIT_EXPECT_FALSE(test, pump_step(&c->pump, 0, 0, 0));
	/* nearly a ring "ahead" of the time is a little behind */
	KUNIT_EXPECT_FALSE(test, pump_step(&c->pump, FRAMES - 1, FRAMES - 1, PUMP_FRAME_NS));
	KUNIT_EXPECT_EQ(test, c->pump.in.at, 0U);
	KUNIT_EXPECT_TRUE(test, pump_step(&c->pump, GRAIN, GRAIN, 100ULL * NSEC_PER_SEC));
	KUNIT_EXPECT_LT(test, c->pump.in.at, (u32)FRAMES);
	KUNIT_EXPECT_EQ(test, c->pump.in.at % GRAIN, 0U);
}

static void distances(struct kunit *test)
{
	struct card *c = test->priv;

	go(c, GRAIN + 5);
	KUNIT_EXPECT_EQ(test, pump_behind(&c->pump, GRAIN + 5), 5U);
	KUNIT_EXPECT_EQ(test, pump_ahead(&c->pump, GRAIN + 5), c->pump.lead - 5);
	KUNIT_EXPECT_EQ(test, pump_ahead(&c->pump, GRAIN - 1), 0U);
	memset(c->tx, 1, sizeof(c->tx));
	pump_quiet(&c->pump, 0);
	KUNIT_EXPECT_EQ(test, c->tx[(2 * GRAIN) * LANES], (u8)0xff);
	KUNIT_EXPECT_EQ(test, c->tx[(2 * GRAIN) * LANES + 1], (u8)1);
}

/* 16 bit samples, alone in their ring and beside others */
static void wide(struct kunit *test)
{
	struct card *c = test->priv;
	u32 strides[] = { 2, 4 }, i, n;

	for (i = 0; i < ARRAY_SIZE(strides); i++) {
		c->pump = (struct pump) { .rx = c->rx, .tx = c->tx, .frames = 80,
					  .stride = strides[i], .width = 2, .grain = 40,
					  .lead = 40 };
		for (n = 0; n < sizeof(c->rx); n++)
			c->rx[n] = n;
		pump_start(&c->pump, 0, 0, 0);
		pump_stream_start(&c->stream, c->buf, 160, 40);
		KUNIT_EXPECT_TRUE(test, pump_step(&c->pump, 40, 40, 40 * PUMP_FRAME_NS));
		KUNIT_EXPECT_TRUE(test, pump_capture(&c->pump, 0, &c->stream));
		for (n = 0; n < 40; n++) {
			KUNIT_EXPECT_EQ(test, c->buf[2 * n], (u8)(n * strides[i]));
			KUNIT_EXPECT_EQ(test, c->buf[2 * n + 1], (u8)(n * strides[i] + 1));
		}
		pump_stream_start(&c->stream, c->buf, 160, 40);
		KUNIT_EXPECT_TRUE(test, pump_play(&c->pump, 0, &c->stream, 30));
		for (n = 0; n < 40; n++)
			KUNIT_EXPECT_EQ(test, c->tx[(40 + n) * strides[i]],
					n < 30 ? c->buf[2 * n] : 0);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(capture),
	KUNIT_CASE(playback),
	KUNIT_CASE(very_late),
	KUNIT_CASE(overrun),
	KUNIT_CASE(nonsense),
	KUNIT_CASE(distances),
	KUNIT_CASE(wide),
	{}
};

static struct kunit_suite suite = {
	.name = "tapi_pcm_pos",
	.init = card_init,
	.test_cases = cases,
};

kunit_test_suite(suite);

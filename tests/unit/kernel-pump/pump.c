/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sound pump against a card that is played by the test: a wire from the transmit to the
 * receive ring, sample by sample, whose driver reports as late and as unevenly as it likes.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../kernel-core/cmocka-all.h"

#include "pump.h"

#define SILENCE		0xff
#define RAMP(n)		((uint8_t)((n) % 251))
#define FRAME_NS	125000ULL

/* The card: rings of exact size, so that the sanitizer sees a step too far */
struct card {
	struct pump pump;
	uint8_t *rx, *tx;
	uint64_t now;			/* frames since the start */
};

static struct card card_new(uint32_t frames, uint32_t grain, uint32_t stride, uint32_t width)
{
	struct card c = { 0 };

	c.rx = malloc(frames * stride);
	c.tx = malloc(frames * stride);
	memset(c.rx, 0xaa, frames * stride);
	memset(c.tx, SILENCE, frames * stride);
	c.pump = (struct pump){
		.rx = c.rx, .tx = c.tx, .frames = frames, .stride = stride, .width = width,
		.silence = width == 2 ? 0 : SILENCE, .grain = grain, .lead = 2 * grain,
	};
	pump_start(&c.pump, 0, 0, 0);
	return c;
}

static void card_free(struct card *c)
{
	free(c->rx);
	free(c->tx);
}

/* Time goes by on the wire: each frame that is sent is received */
static void card_run(struct card *c, uint32_t frames)
{
	for (; frames; frames--, c->now++) {
		uint32_t at = (uint32_t)(c->now % c->pump.frames) * c->pump.stride;

		memcpy(c->rx + at, c->tx + at, c->pump.stride);
	}
}

static bool card_report(struct card *c)
{
	uint32_t pos = (uint32_t)(c->now % c->pump.frames);

	return pump_step(&c->pump, pos, pos, c->now * FRAME_NS);
}

static struct pump_stream stream_new(const struct card *c, uint32_t frames, uint32_t period)
{
	struct pump_stream s;
	uint8_t *buf = malloc(frames * c->pump.width);

	memset(buf, 0x55, frames * c->pump.width);
	pump_stream_start(&s, buf, frames, period);
	return s;
}

/*
 * Plays a ramp through the wire with reports every @least .. @most frames and checks every
 * sample that comes back. A reader and a writer keep up with the pump.
 */
static void ramp(uint32_t ring, uint32_t grain, uint32_t stride, uint32_t least, uint32_t most)
{
	struct card c = card_new(ring, grain, stride, 1);
	struct pump_stream out = stream_new(&c, 960, 160), in = stream_new(&c, 800, 160);
	uint32_t lane = stride - 1, written = 0, heard = 0, begin = 0, read = 0, periods = 0, i;
	bool begun = false;

	srand(ring + grain + most);
	for (; written < 960; written++)
		out.buf[written] = RAMP(written);
	while (heard < 20000) {
		uint32_t pos = out.pos;

		card_run(&c, least + (uint32_t)rand() % (most - least + 1));
		if (!card_report(&c))
			continue;
		periods += pump_capture(&c.pump, lane, &in);
		pump_play(&c.pump, lane, &out, U32_MAX);
		for (; pos != out.pos; pos = (pos + 1) % out.frames, written++)
			out.buf[pos] = RAMP(written);
		for (; read != in.pos; read = (read + 1) % in.frames, heard++) {
			if (!begun && in.buf[read] == RAMP(0)) {
				begun = true;
				begin = heard;
			}
			i = begun ? RAMP(heard - begin) : SILENCE;
			assert_int_equal(in.buf[read], i);
		}
	}
	assert_true(begun);
	assert_int_equal(begin, 2 * grain);
	assert_in_range(periods, heard / 160 - 1, heard / 160 + 1);
	assert_int_equal(c.pump.resyncs, 0);
	free(out.buf);
	free(in.buf);
	card_free(&c);
}

static void test_on_time(void **state)
{
	(void)state;
	ramp(160, 80, 4, 80, 80);
	ramp(80, 40, 1, 40, 40);
	ramp(320, 80, 32, 80, 80);
}

/* Up to a grain late: nothing is lost, whatever the ring */
static void test_uneven(void **state)
{
	(void)state;
	ramp(160, 80, 4, 1, 79);
	ramp(160, 80, 3, 40, 80);
	ramp(480, 80, 2, 1, 80);
}

/* Two grains late, or four, with time as the only witness of the rounds of the ring */
static void test_late(void **state)
{
	struct card c = card_new(160, 80, 1, 1);
	struct pump_stream in = stream_new(&c, 1600, 160);

	(void)state;
	card_run(&c, 80);
	assert_true(card_report(&c));
	assert_int_equal(c.pump.in.step, 80);
	assert_int_equal(c.pump.missed, 0);
	card_run(&c, 160);
	assert_true(card_report(&c));
	assert_int_equal(c.pump.in.step, 160);
	assert_int_equal(c.pump.missed, 1);
	assert_int_equal(c.pump.resyncs, 0);
	card_run(&c, 400);
	assert_true(card_report(&c));
	assert_int_equal(c.pump.in.step, 400);
	assert_int_equal(c.pump.missed, 5);
	assert_int_equal(c.pump.resyncs, 1);
	memset(c.rx, 0x11, 160);
	pump_capture(&c.pump, 0, &in);
	/* the stream keeps the line's time: 240 frames that are lost, then what the ring holds */
	assert_int_equal(in.pos, 400);
	assert_int_equal(in.buf[0], SILENCE);
	assert_int_equal(in.buf[239], SILENCE);
	assert_int_equal(in.buf[240], 0x11);
	assert_int_equal(in.buf[399], 0x11);
	assert_int_equal(in.buf[400], 0x55);
	free(in.buf);
	card_free(&c);
}

/* Playback that comes too late leaves out what should have been heard meanwhile */
static void test_late_playback(void **state)
{
	struct card c = card_new(160, 80, 1, 1);
	struct pump_stream out = stream_new(&c, 1600, 160);
	uint32_t i;

	(void)state;
	for (i = 0; i < 1600; i++)
		out.buf[i] = RAMP(i);
	card_run(&c, 400);
	assert_true(card_report(&c));
	assert_true(pump_play(&c.pump, 0, &out, U32_MAX));
	assert_int_equal(out.pos, 400);
	/* the ring holds the newest 160 of 400, the oldest of them where the card is now */
	for (i = 0; i < 160; i++)
		assert_int_equal(c.tx[(400 + i) % 160], RAMP(240 + i));
	free(out.buf);
	card_free(&c);
}

/* More than a buffer went by: the stream is lost, and nothing is written anywhere */
static void test_lost(void **state)
{
	struct card c = card_new(160, 80, 1, 1);
	struct pump_stream in = stream_new(&c, 320, 160), out = stream_new(&c, 320, 160);

	(void)state;
	card_run(&c, 8000);
	assert_true(card_report(&c));
	assert_true(pump_capture(&c.pump, 0, &in));
	assert_true(pump_play(&c.pump, 0, &out, U32_MAX));
	assert_true(in.lost && out.lost);
	assert_int_equal(in.buf[0], 0x55);
	assert_int_equal(c.tx[0], SILENCE);
	free(in.buf);
	free(out.buf);
	card_free(&c);
}

/* What is not handed over is silence, also when it begins inside a step */
static void test_ready(void **state)
{
	struct card c = card_new(160, 80, 2, 1);
	struct pump_stream out = stream_new(&c, 320, 160);
	uint32_t i;

	(void)state;
	for (i = 0; i < 320; i++)
		out.buf[i] = RAMP(i);
	memset(c.tx, 0x77, 320);
	card_run(&c, 80);
	assert_true(card_report(&c));
	pump_play(&c.pump, 1, &out, 30);
	for (i = 0; i < 80; i++) {
		assert_int_equal(c.tx[2 * i + 1], i < 30 ? RAMP(i) : SILENCE);
		assert_int_equal(c.tx[2 * i], 0x77);
	}
	assert_int_equal(c.tx[2 * 80 + 1], 0x77);
	assert_int_equal(out.pos, 80);
	pump_quiet(&c.pump, 0);
	for (i = 0; i < 80; i++)
		assert_int_equal(c.tx[2 * i], SILENCE);
	free(out.buf);
	card_free(&c);
}

/* A position that was read a little early does not send the card once round */
static void test_backwards(void **state)
{
	struct card c = card_new(160, 80, 1, 1);

	(void)state;
	assert_true(pump_step(&c.pump, 85, 85, 85 * FRAME_NS));
	assert_false(pump_step(&c.pump, 84, 84, 86 * FRAME_NS));
	assert_int_equal(c.pump.in.at, 80);
	assert_true(pump_step(&c.pump, 0, 0, 160 * FRAME_NS));
	assert_int_equal(c.pump.in.step, 80);
	assert_int_equal(c.pump.in.at, 0);
	assert_int_equal(c.pump.missed, 0);
	/* a position that is not in the ring is not believed */
	assert_false(pump_step(&c.pump, 160, 0, 161 * FRAME_NS));
	card_free(&c);
}

/* Linear samples: two bytes each */
static void test_linear(void **state)
{
	struct card c = card_new(160, 80, 6, 2);
	struct pump_stream out = stream_new(&c, 400, 80), in = stream_new(&c, 400, 80);
	uint32_t i, round;

	(void)state;
	for (i = 0; i < 800; i++)
		out.buf[i] = RAMP(i);
	for (round = 0; round < 4; round++) {
		card_run(&c, 80);
		assert_true(card_report(&c));
		assert_true(pump_capture(&c.pump, 4, &in));
		assert_true(pump_play(&c.pump, 4, &out, U32_MAX));
	}
	/* two grains of lead, two bytes a frame; 320 frames are in */
	assert_int_equal(in.pos, 320);
	for (i = 0; i < 80; i++) {
		assert_int_equal(in.buf[2 * (160 + i)], RAMP(2 * i));
		assert_int_equal(in.buf[2 * (160 + i) + 1], RAMP(2 * i + 1));
	}
	free(out.buf);
	free(in.buf);
	card_free(&c);
}

static void test_delay(void **state)
{
	struct card c = card_new(160, 80, 1, 1);

	(void)state;
	card_run(&c, 80);
	card_report(&c);
	assert_int_equal(pump_ahead(&c.pump, 80), 160);
	assert_int_equal(pump_ahead(&c.pump, 110), 130);
	assert_int_equal(pump_ahead(&c.pump, 5), 75);
	assert_int_equal(pump_behind(&c.pump, 80), 0);
	assert_int_equal(pump_behind(&c.pump, 5), 85);
	card_free(&c);
}

/* What lies ahead of the card is hushed, of one line, and nothing that it has played already */
static void test_hush(void **state)
{
	struct card c = card_new(160, 40, 2, 1);

	(void)state;
	card_run(&c, 120);
	card_report(&c);
	memset(c.tx, 0x55, 2 * 160);
	/* in the middle of a grain: until 120 + 80 */
	pump_hush(&c.pump, 1, 130);
	for (u32 i = 0; i < 160; i++) {
		assert_int_equal(c.tx[2 * i], 0x55);
		assert_int_equal(c.tx[2 * i + 1], i < 40 || i >= 130 ? SILENCE : 0x55);
	}
	memset(c.tx, 0x55, 2 * 160);
	/* beyond what is there, or out of the ring: nothing */
	pump_hush(&c.pump, 0, 40);
	pump_hush(&c.pump, 0, 160);
	for (u32 i = 0; i < 2 * 160; i++)
		assert_int_equal(c.tx[i], 0x55);
	card_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_on_time),
		cmocka_unit_test(test_uneven),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_late_playback),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_backwards),
		cmocka_unit_test(test_linear),
		cmocka_unit_test(test_delay),
		cmocka_unit_test(test_hush),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulator's arithmetic: laws, impairments, tones, the pipe between two clocks,
 * scripts of far sides.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../kernel-core/cmocka-all.h"

#include "pipe.h"
#include "script.h"
#include "sound.h"

#define RATE	8000
#define SECOND	1000000000LL

static const struct sim_sound perfect = { .noise_db = SIM_DB_OFF, .clip_db = SIM_DB_OFF };

/* ---- laws */

static void each_code_survives(void **state)
{
	(void)state;
	for (unsigned int law = SIM_MU_LAW; law <= SIM_A_LAW; law++)
		for (u32 code = 0; code < 256; code++) {
			/* mu-law has two zeros, and one of them is silence */
			u16 want = law == SIM_MU_LAW && code == 0x7f ? 0xff : code;

			assert_int_equal(sim_encode(law, sim_decode(law, code)), want);
		}
}

/* G.711, tables 1 and 2: decision values and codes, 16 bit */
static void known_codes(void **state)
{
	(void)state;
	assert_int_equal(sim_decode(SIM_MU_LAW, 0x00), -32124);
	assert_int_equal(sim_decode(SIM_MU_LAW, 0x80), 32124);
	assert_int_equal(sim_decode(SIM_MU_LAW, 0xff), 0);
	assert_int_equal(sim_decode(SIM_A_LAW, 0x2a), -32256);
	assert_int_equal(sim_decode(SIM_A_LAW, 0xaa), 32256);
	assert_int_equal(sim_decode(SIM_A_LAW, 0xd5), 8);
	assert_int_equal(sim_encode(SIM_MU_LAW, 1000000), 0x80);
	assert_int_equal(sim_encode(SIM_MU_LAW, -1000000), 0x00);
	assert_int_equal(sim_encode(SIM_A_LAW, 1000000), 0xaa);
	assert_int_equal(sim_encode(SIM_A_LAW, -1000000), 0x2a);
	assert_int_equal(sim_encode(SIM_LINEAR, 40000), 32767);
	assert_int_equal(sim_encode(SIM_LINEAR, -40000), (u16)-32768);
	for (unsigned int law = SIM_MU_LAW; law <= SIM_LINEAR; law++)
		assert_int_equal(sim_encode(law, 0), sim_silence(law));
}

/* The error of a law is at most half a step of the segment */
static void nearest_code(void **state)
{
	(void)state;
	for (s32 x = -32000; x <= 32000; x += 7) {
		s32 mu = abs(sim_decode(SIM_MU_LAW, sim_encode(SIM_MU_LAW, x)) - x);
		s32 a = abs(sim_decode(SIM_A_LAW, sim_encode(SIM_A_LAW, x)) - x);

		assert_true(mu <= 4 + abs(x) / 30);
		assert_true(a <= 8 + abs(x) / 30);
	}
}

/* ---- levels */

static void levels(void **state)
{
	(void)state;
	for (s32 db = -70; db <= 3; db++) {
		double want = 22651 * pow(10, db / 20.0);

		assert_true(fabs(sim_peak(db) - want) <= 1 + want / 2000);
	}
}

static double dbm0(const u16 *codes, u32 n)
{
	double power = 0;

	for (u32 i = 0; i < n; i++)
		power += (double)(s16)codes[i] * (s16)codes[i];
	return 10 * log10(power / n / (22651.0 * 22651 / 2));
}

static void noise_is_as_loud_as_told(void **state)
{
	static u16 codes[10 * RATE];
	struct sim_path path = { .law = SIM_LINEAR };

	(void)state;
	for (s32 db = SIM_NOISE_DB_MIN; db <= SIM_NOISE_DB_MAX; db += 5) {
		struct sim_sound set = perfect;

		set.noise_db = db;
		sim_path_set(&path, &set);
		sim_path_reset(&path);
		memset(codes, 0, sizeof(codes));
		sim_path_run(&path, codes, 10 * RATE);
		assert_true(fabs(dbm0(codes, 10 * RATE) - db) < 0.5);
	}
}

/* No frequency has more of it than the others: neighbours and periods do not correlate */
static void noise_is_white(void **state)
{
	static u16 codes[10 * RATE];
	struct sim_path path = { .law = SIM_LINEAR };
	struct sim_sound set = perfect;

	(void)state;
	set.noise_db = -10;
	sim_path_set(&path, &set);
	sim_path_reset(&path);
	sim_path_run(&path, codes, 10 * RATE);
	for (u32 lag = 1; lag < 400; lag += lag < 20 ? 1 : 19) {
		double sum = 0, power = 0;

		for (u32 i = 0; i + lag < 10 * RATE; i++) {
			sum += (double)(s16)codes[i] * (s16)codes[i + lag];
			power += (double)(s16)codes[i] * (s16)codes[i];
		}
		assert_true(fabs(sum / power) < 0.02);
	}
}

static void clipping(void **state)
{
	struct sim_path path = { .law = SIM_LINEAR };
	struct sim_sound set = perfect;
	u16 codes[] = { 0, 2265, 2266, 32767, (u16)-2266, (u16)-32768 };
	s32 peak = sim_peak(-20);

	(void)state;
	set.clip_db = -20;
	sim_path_set(&path, &set);
	sim_path_run(&path, codes, 6);
	assert_in_range(peak, 2264, 2266);
	assert_int_equal((s16)codes[0], 0);
	for (u32 i = 1; i < 6; i++)
		assert_true(abs((s16)codes[i]) <= peak && abs((s16)codes[i]) >= peak - 1);
	assert_true((s16)codes[5] < 0);
}

/* ---- delay and loss: each code in its place, whatever the size of the steps */

static void delay_and_loss(void **state)
{
	u16 late[3 * SIM_FRAMES_MS];
	struct sim_path path = { .law = SIM_MU_LAW, .late = late };
	struct sim_sound set = perfect;
	u32 at = 0;

	(void)state;
	set.delay_ms = 3;
	set.loss_len = 3;
	set.loss = 4;
	assert_false(sim_sound_perfect(&set));
	sim_path_set(&path, &set);
	sim_path_reset(&path);
	for (u32 step = 1; at < 20 * SIM_PACKET; step = step % 160 + 7) {
		u16 codes[256];

		for (u32 i = 0; i < step; i++)
			codes[i] = (at + i) % 251;
		sim_path_run(&path, codes, step);
		for (u32 i = 0; i < step; i++, at++) {
			bool lost = at / SIM_PACKET % 3 == 2 || at < 24;

			assert_int_equal(codes[i], lost ? 0xff : (at - 24) % 251);
		}
	}
}

static void nothing_wrong(void **state)
{
	struct sim_path path = { .law = SIM_MU_LAW };
	u16 codes[256];

	(void)state;
	sim_path_set(&path, &perfect);
	sim_path_reset(&path);
	for (u32 i = 0; i < 256; i++)
		codes[i] = i;
	sim_path_run(&path, codes, 256);
	for (u32 i = 0; i < 256; i++)
		assert_int_equal(codes[i], i);
	assert_true(sim_sound_perfect(&perfect));
}

/* ---- tones */

static double share(const u16 *codes, u32 n, double hz)
{
	double re = 0, im = 0, power = 0;

	for (u32 i = 0; i < n; i++) {
		double x = (s16)codes[i];

		re += x * cos(2 * M_PI * hz * i / RATE);
		im += x * sin(2 * M_PI * hz * i / RATE);
		power += x * x;
	}
	return 2 * (re * re + im * im) / (power * n);
}

static void tones(void **state)
{
	static u16 codes[RATE];
	static const u32 hz[] = { SIM_TONE_HZ_MIN, 425, 1004, 2100, SIM_TONE_HZ_MAX };

	(void)state;
	for (u32 i = 0; i < 5; i++) {
		struct sim_tone tone;

		sim_tone_set(&tone, hz[i], 0);
		/* in two pieces: the phase goes on */
		sim_tone_run(&tone, SIM_LINEAR, codes, 333);
		sim_tone_run(&tone, SIM_LINEAR, codes + 333, RATE - 333);
		assert_true(fabs(dbm0(codes, RATE) - SIM_TONE_DB) < 0.05);
		/* 70 dB below it there is nothing else */
		assert_true(1 - share(codes, RATE, hz[i]) < 1e-7);
	}
}

/* Each step of a gain, of 16 bits; 0 dB and silence are left alone */
static void gains(void **state)
{
	static u16 codes[RATE], before[256];

	(void)state;
	for (s32 mdb = SIM_GAIN_MDB_MIN; mdb <= SIM_GAIN_MDB_MAX; mdb += SIM_GAIN_MDB_STEP) {
		u32 gain = sim_gain(mdb);

		assert_true(fabs(20 * log10(gain / 65536.) - mdb / 1000.) < 0.01);
		assert_true(mdb || gain == SIM_GAIN_ONE);
	}
	for (u32 i = 0; i < RATE; i++)
		codes[i] = lrint(8000 * sin(2 * M_PI * 1004.5 * i / RATE));
	sim_gain_run(sim_gain(-17300), SIM_LINEAR, codes, RATE);
	sim_gain_run(sim_gain(11900), SIM_LINEAR, codes, RATE);
	assert_true(fabs(dbm0(codes, RATE) - (20 * log10(8000 / 22651.) - 5.4)) < 0.01);
	codes[0] = 20000;
	codes[1] = (u16)-20000;
	sim_gain_run(sim_gain(12000), SIM_LINEAR, codes, 2);
	assert_int_equal(codes[0], 32767);
	assert_int_equal(codes[1], (u16)-32768);
	for (enum sim_law law = SIM_MU_LAW; law <= SIM_A_LAW; law++) {
		for (u32 i = 0; i < 256; i++)
			codes[i] = before[i] = i;
		sim_gain_run(SIM_GAIN_ONE, law, codes, 256);
		assert_memory_equal(codes, before, sizeof(before));
		sim_gain_run(sim_gain(12000), law, codes, 256);
		assert_int_equal(codes[sim_silence(law)], sim_silence(law));
		for (u32 i = 0; i < 256; i++) {
			s32 was = sim_decode(law, i), is = sim_decode(law, codes[i]);

			/* to half a step, which is 1/32 of the sample, or the loudest there is */
			assert_true(i == sim_silence(law) || abs(is) >= 32124 ||
				    abs(is - (s32)lrint(was * pow(10, .6))) <= abs(is) / 32 + 8);
		}
	}
}

/* What two oscillators make, also between whole decibels, beside other sound */
static void oscillators(void **state)
{
	static const u32 hz[][2] = { { 350000, 440000 }, { 0, 1004500 }, { 2100000, 0 } };
	static const s32 mdb[] = { SIM_TONE_MDB_MAX - 6000, -13500, -20250, -40999 };
	static u16 codes[2 * RATE], alone[2 * RATE];
	struct sim_tone tone;

	(void)state;
	for (u32 i = 0; i < 12; i++) {
		const u32 *f = hz[i % 3];
		double power = 0, one = pow(10, mdb[i / 3] / 10000.);

		sim_tone_levels(&tone, f, (s32[]){ mdb[i / 3], mdb[i / 3] });
		sim_tone_run(&tone, SIM_LINEAR, codes, 2 * RATE);
		for (u32 j = 0; j < 2; j++)
			power += f[j] ? one : 0;
		assert_true(fabs(dbm0(codes, 2 * RATE) - 10 * log10(power)) < 0.05);
		for (u32 j = 0; j < 2; j++)
			assert_true(!f[j] || fabs(share(codes, 2 * RATE, f[j] / 1000.) -
						  one / power) < 0.001);
	}
	sim_tone_set(&tone, 500, 0);
	sim_tone_run(&tone, SIM_LINEAR, codes, RATE);
	sim_tone_levels(&tone, hz[0], (s32[]){ -9000, -9000 });
	sim_tone_add(&tone, SIM_LINEAR, codes, RATE);
	sim_tone_levels(&tone, hz[0], (s32[]){ -9000, -9000 });
	sim_tone_run(&tone, SIM_LINEAR, alone, RATE);
	for (u32 i = 0; i < RATE; i++)
		codes[i] -= alone[i];
	assert_true(fabs(dbm0(codes, RATE) - SIM_TONE_DB) < 0.05);
	sim_tone_levels(&tone, hz[0], (s32[]){ SIM_TONE_MDB_MIN - 1, INT32_MIN });
	sim_tone_run(&tone, SIM_LINEAR, codes, RATE);
	for (u32 i = 0; i < RATE; i++)
		assert_int_equal(codes[i], 0);
}

static void digits(void **state)
{
	static const char keys[] = "123A456B789C*0#D";
	static const double low[] = { 697, 770, 852, 941 }, high[] = { 1209, 1336, 1477, 1633 };
	static u16 codes[RATE];
	struct sim_tone tone;

	(void)state;
	for (u32 i = 0; i < 16; i++) {
		sim_tone_digit(&tone, keys[i]);
		sim_tone_run(&tone, SIM_LINEAR, codes, RATE);
		assert_true(fabs(share(codes, RATE, low[i / 4]) - 0.5) < 0.001);
		assert_true(fabs(share(codes, RATE, high[i % 4]) - 0.5) < 0.001);
	}
	sim_tone_digit(&tone, 0);
	sim_tone_run(&tone, SIM_LINEAR, codes, RATE);
	for (u32 i = 0; i < RATE; i++)
		assert_int_equal(codes[i], 0);
}

/* ---- the pipe between two clocks */

struct clock {
	u32 step;
	u32 frame_ps;
	u64 steps;
};

static s64 step_end(const struct clock *clock)
{
	return (s64)((clock->steps + 1) * clock->step * (u64)clock->frame_ps / 1000);
}

static u32 frame_ps(int ppm)
{
	return 125000000.0 * 1000000 / (1000000 + ppm);
}

struct heard {
	u64 frames, repeated, left_out, silent, wrong;
	s64 last;			/* number of the last sample, -1 for none */
};

static void hear(struct heard *heard, u16 code)
{
	heard->frames++;
	if (code == 0) {
		heard->silent++;
		return;
	}
	/* samples are numbered from 1 in 16 bits; 0 is silence */
	if (heard->last >= 0) {
		u32 gone = (code - heard->last + 65535) % 65535;

		if (gone == 0)
			heard->repeated++;
		else if (gone == 2)
			heard->left_out++;
		else if (gone != 1)
			heard->wrong++;
	}
	heard->last = code;
}

/* Both clocks run for @seconds; of two steps at the same time the reader is first */
static struct heard cross(struct sim_pipe *pipe, int in_ppm, u32 in_step, int out_ppm, u32 out_step,
			  int seconds)
{
	struct clock in = { in_step, frame_ps(in_ppm), 0 };
	struct clock out = { out_step, frame_ps(out_ppm), 0 };
	struct heard heard = { .last = -1 };
	u16 codes[SIM_STEP_MAX];
	u64 said = 0;

	memset(pipe, 0, sizeof(*pipe));
	sim_pipe_start(pipe, SIM_LINEAR, in_step, in.frame_ps, 0);
	while (step_end(&out) < seconds * SECOND) {
		if (step_end(&in) < step_end(&out)) {
			for (u32 i = 0; i < in_step; i++)
				codes[i] = 1 + said++ % 65535;
			sim_pipe_write(pipe, step_end(&in), codes, in_step);
			in.steps++;
			continue;
		}
		sim_pipe_read(pipe, SIM_LINEAR, step_end(&out), codes, out_step);
		for (u32 i = 0; i < out_step; i++)
			hear(&heard, codes[i]);
		out.steps++;
	}
	return heard;
}

static void same_clocks_do_not_slip(void **state)
{
	static struct sim_pipe pipe;
	static const u32 steps[] = { 40, 80, 160 };

	(void)state;
	for (u32 i = 0; i < 9; i++) {
		struct heard heard = cross(&pipe, 0, steps[i / 3], 0, steps[i % 3], 20);

		assert_int_equal(pipe.slips + pipe.gaps, 0);
		assert_int_equal(heard.repeated + heard.left_out + heard.wrong, 0);
		/* the beginning, and no longer than the two steps and one */
		assert_in_range(heard.silent, 1, 2 * steps[i / 3] + steps[i % 3]);
	}
}

/* Each slip is one frame, and there are as many as the clocks have drifted apart */
static void drift_is_made_good(void **state)
{
	static struct sim_pipe pipe;
	static const int ppm[] = { -1000, -100, -7, 7, 100, 1000 };

	(void)state;
	for (u32 i = 0; i < 36; i++) {
		int in = ppm[i / 6], out = ppm[i % 6];
		struct heard heard = cross(&pipe, in, 160, out, 80, 100);
		double drift = 100 * RATE * (in - out) / 1e6;

		assert_int_equal(heard.wrong + pipe.gaps, 0);
		assert_int_equal(pipe.slips, heard.repeated + heard.left_out);
		assert_true(!heard.repeated || !heard.left_out);
		assert_true(fabs((double)heard.left_out - heard.repeated - drift) <= 2);
	}
}

/* A writer that stops is silence; one that comes again is heard from its beginning */
static void writer_stops(void **state)
{
	static struct sim_pipe pipe;
	u16 codes[SIM_STEP_MAX] = { 1 };
	u32 i;

	(void)state;
	cross(&pipe, 0, 160, 0, 160, 1);
	sim_pipe_stop(&pipe);
	sim_pipe_read(&pipe, SIM_A_LAW, SECOND, codes, 160);
	for (i = 0; i < 160; i++)
		assert_int_equal(codes[i], 0xd5);
	sim_pipe_start(&pipe, SIM_LINEAR, 160, 125000000, 2 * SECOND);
	sim_pipe_read(&pipe, SIM_LINEAR, 2 * SECOND, codes, 160);
	for (i = 0; i < 160; i++)
		assert_int_equal(codes[i], 0);
	assert_int_equal(pipe.slips + pipe.gaps, 0);
}

/* A writer that stands still while its samples are due: gaps, then a new beginning */
static void writer_stalls(void **state)
{
	static struct sim_pipe pipe;
	u16 codes[SIM_STEP_MAX];
	s64 ts;

	(void)state;
	cross(&pipe, 0, 160, 0, 160, 1);
	for (ts = SECOND; ts < 2 * SECOND; ts += SECOND / 50)
		sim_pipe_read(&pipe, SIM_LINEAR, ts, codes, 160);
	assert_true(pipe.gaps >= RATE - 3 * 160 && pipe.gaps <= RATE);
	sim_pipe_write(&pipe, 2 * SECOND, NULL, 160);
	sim_pipe_read(&pipe, SIM_LINEAR, 2 * SECOND, codes, 160);
	assert_int_equal(pipe.slips, 1);
}

/* Silence that is written once is heard for as long as it lasts, and ends in its place */
static void silence_is_written_once(void **state)
{
	static struct sim_pipe pipe;
	u16 codes[160], said[160];
	s64 ts = 0;
	u32 i, n;

	(void)state;
	memset(&pipe, 0, sizeof(pipe));
	for (i = 0; i < 160; i++)
		said[i] = 1000 + i;
	sim_pipe_start(&pipe, SIM_LINEAR, 160, 125000000, 0);
	for (n = 0; n < 100; n++) {
		bool speaks = n < 30 || n == 90;

		ts += SECOND / 50;
		sim_pipe_write(&pipe, ts, speaks ? said : NULL, 160);
		sim_pipe_read(&pipe, SIM_LINEAR, ts, codes, 160);
		/* two steps and one behind */
		for (i = 0; i < 160; i++)
			assert_int_equal(codes[i], (n >= 2 && n < 32) || n == 92 ? 1000 + i : 0);
	}
}

static void laws_are_converted(void **state)
{
	static struct sim_pipe pipe;
	u16 codes[160];
	u32 n, i;

	(void)state;
	memset(&pipe, 0, sizeof(pipe));
	sim_pipe_start(&pipe, SIM_MU_LAW, 160, 125000000, 0);
	for (n = 1; n < 8; n++) {
		for (i = 0; i < 160; i++)
			codes[i] = i;
		sim_pipe_write(&pipe, n * SECOND / 50, codes, 160);
		sim_pipe_read(&pipe, SIM_A_LAW, n * SECOND / 50, codes, 160);
	}
	for (i = 0; i < 160; i++)
		assert_int_equal(codes[i], sim_encode(SIM_A_LAW, sim_decode(SIM_MU_LAW, i)));
}

/* ---- scripts */

static struct sim_script script;

static void script_is(enum sim_words words, const char *text, u32 count, ...)
{
	va_list args;

	assert_int_equal(sim_script_parse(&script, words, text), 0);
	assert_int_equal(script.count, count);
	va_start(args, count);
	for (u32 i = 0; i < count; i++) {
		assert_int_equal(script.step[i].us, va_arg(args, u32));
		assert_int_equal(script.step[i].value, va_arg(args, u32));
	}
	va_end(args);
}

static void scripts(void **state)
{
	(void)state;
	script_is(SIM_WORDS_HOOK, "offhook", 1, 0, 1);
	script_is(SIM_WORDS_HOOK, "\t+250ms offhook\n", 1, 250000, 1);
	script_is(SIM_WORDS_HOOK, "offhook +1s +5ms +7us onhook offhook", 3, 0, 1, 1005007, 0,
		  1005007, 1);
	script_is(SIM_WORDS_FLASH, "90", 2, 0, 0, 90000, 1);
	script_is(SIM_WORDS_RING, "on +2s off on:25", 3, 0, 20000, 2000000, 0, 2000000, 25000);
	script_is(SIM_WORDS_BATTERY, "off +1ms on", 2, 0, 0, 1000, 1);
	script_is(SIM_WORDS_POLARITY, "reversed +1ms normal", 2, 0, 1, 1000, 0);
	script_is(SIM_WORDS_DTMF, "1D", 4, 0, '1', 100000, 0, 200000, 'D', 300000, 0);
	script_is(SIM_WORDS_DIAL, "2", 5, 0, 1, 800000, 0, 860000, 1, 900000, 0, 960000, 1);
	script_is(SIM_WORDS_HOOK, "+3600s onhook", 1, 3600000000U, 0);
}

/* The longest that can be dialled */
static void long_script(void **state)
{
	(void)state;
	assert_int_equal(sim_script_parse(&script, SIM_WORDS_DIAL,
					  "00000000000000000000000000000000"), 0);
	assert_int_equal(script.count, SIM_SCRIPT_STEPS);
	assert_int_equal(sim_script_parse(&script, SIM_WORDS_DIAL,
					  "00000000000000000000000000000000 1"), -EINVAL);
}

static void bad_scripts(void **state)
{
	static const struct {
		enum sim_words words;
		const char *text;
	} bad[] = {
		{ SIM_WORDS_HOOK, "" }, { SIM_WORDS_HOOK, " \n\t" }, { SIM_WORDS_HOOK, "Offhook" },
		{ SIM_WORDS_HOOK, "+5ms" }, { SIM_WORDS_HOOK, "offhook +5ms" },
		{ SIM_WORDS_HOOK, "+5 offhook" }, { SIM_WORDS_HOOK, "+5min offhook" },
		{ SIM_WORDS_HOOK, "+ offhook" }, { SIM_WORDS_HOOK, "+-5ms offhook" },
		{ SIM_WORDS_HOOK, "+3600000001us offhook" }, { SIM_WORDS_HOOK, "+3601s offhook" },
		{ SIM_WORDS_HOOK, "+3000s +601s offhook" },
		{ SIM_WORDS_HOOK, "+99999999999999999999999ms offhook" },
		{ SIM_WORDS_HOOK, "offhookoffhookoffhookoffhookoffhook" },
		{ SIM_WORDS_FLASH, "19" }, { SIM_WORDS_FLASH, "2001" }, { SIM_WORDS_FLASH, "9 0" },
		{ SIM_WORDS_FLASH, "100ms" },
		{ SIM_WORDS_DIAL, "1*" }, { SIM_WORDS_DIAL, "a" },
		{ SIM_WORDS_RING, "on:" }, { SIM_WORDS_RING, "on:14" }, { SIM_WORDS_RING, "on:71" },
		{ SIM_WORDS_RING, "on:20Hz" }, { SIM_WORDS_RING, "once" }, { SIM_WORDS_RING, "1" },
		{ SIM_WORDS_BATTERY, "yes" }, { SIM_WORDS_POLARITY, "off" },
		{ SIM_WORDS_DTMF, "a" }, { SIM_WORDS_DTMF, "1,2" }, { (enum sim_words)99, "on" },
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		if (!sim_script_parse(&script, bad[i].words, bad[i].text))
			fail_msg("'%s' was taken", bad[i].text);
}

/* Whatever is written, a script stays within its bounds and in order */
static void random_scripts(void **state)
{
	static const char *const words[] = { "on", "off", "+1s", "+999999us", "1", "0", "#", "90",
					     "on:25", "offhook", "onhook", "reversed", " ", "+" };
	char text[4096];

	(void)state;
	srand(1);
	for (u32 i = 0; i < 4000; i++) {
		size_t len = 0, most = rand() % sizeof(text);

		while (len + 12 < most)
			len += sprintf(text + len, "%s%s", words[rand() % ARRAY_SIZE(words)],
				       rand() % 3 ? " " : "");
		text[len] = '\0';
		if (sim_script_parse(&script, rand() % 7, text))
			continue;
		assert_in_range(script.count, 1, SIM_SCRIPT_STEPS);
		for (u32 n = 1; n < script.count; n++)
			assert_true(script.step[n].us >= script.step[n - 1].us);
		assert_true(script.step[script.count - 1].us <= SIM_SCRIPT_US_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_survives),
		cmocka_unit_test(known_codes),
		cmocka_unit_test(nearest_code),
		cmocka_unit_test(levels),
		cmocka_unit_test(noise_is_as_loud_as_told),
		cmocka_unit_test(noise_is_white),
		cmocka_unit_test(clipping),
		cmocka_unit_test(delay_and_loss),
		cmocka_unit_test(nothing_wrong),
		cmocka_unit_test(tones),
		cmocka_unit_test(gains),
		cmocka_unit_test(oscillators),
		cmocka_unit_test(digits),
		cmocka_unit_test(same_clocks_do_not_slip),
		cmocka_unit_test(drift_is_made_good),
		cmocka_unit_test(writer_stops),
		cmocka_unit_test(writer_stalls),
		cmocka_unit_test(silence_is_written_once),
		cmocka_unit_test(laws_are_converted),
		cmocka_unit_test(scripts),
		cmocka_unit_test(long_script),
		cmocka_unit_test(bad_scripts),
		cmocka_unit_test(random_scripts),
	};

	return cmocka_run_group_tests_name("kernel-sim", tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Call-progress tones of several countries, and what must not be taken for one of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <spandsp.h>

#include "sound.h"

#define BLOCK	160
#define EVENTS	64

/* 0 Hz: silence */
struct part {
	double f1, f2;
	int ms;
};

struct heard {
	enum call_event events[EVENTS];
	int count;
};

static void hear(void *data, enum call_event tone)
{
	struct heard *heard = data;

	if (heard->count < EVENTS)
		heard->events[heard->count++] = tone;
}

/* A little noise on top, as on every line */
static int16_t sample(const struct part *part, int at, double level)
{
	double t = 2 * M_PI * at / SOUND_RATE, value = 0;

	if (part->f1)
		value += sin(part->f1 * t);
	if (part->f2)
		value += sin(part->f2 * t);
	return lrint(level * value) + at % 7 - 3;
}

static void play(struct tones *tones, const struct part *part, double level)
{
	static int at;
	int16_t samples[BLOCK];

	for (int left = part->ms * SOUND_RATE / 1000; left > 0; left -= BLOCK) {
		for (int i = 0; i < BLOCK; i++)
			samples[i] = sample(part, at++, level);
		tones_hear(tones, samples, BLOCK);
	}
}

static struct heard listen_at(const struct part *parts, int times, double level)
{
	static const struct part silence = { .ms = 300 };
	struct heard heard = { .count = 0 };
	struct tones *tones = tones_new(hear, &heard);

	assert_non_null(tones);
	play(tones, &silence, level);
	while (times--) {
		for (const struct part *part = parts; part->ms; part++)
			play(tones, part, level);
	}
	tones_free(tones);
	return heard;
}

static struct heard listen(const struct part *parts, int times)
{
	return listen_at(parts, times, 2500);
}

/* Nothing but @event, at least once, and its end */
static void only(const struct heard *heard, enum call_event event)
{
	bool found = false;

	for (int i = 0; i < heard->count; i++) {
		if (heard->events[i] != event && heard->events[i] != CALL_EVENTS)
			fail_msg("event %d instead of %d", heard->events[i], event);
		found |= heard->events[i] == event;
	}
	assert_true(found);
}

static void dial_tones(void **state)
{
	static const struct part tones[][2] = {
		{ { 350, 440, 2000 } }, { { 425, 0, 2000 } }, { { 350, 450, 2000 } },
	};

	for (size_t i = 0; i < sizeof(tones) / sizeof(tones[0]); i++) {
		struct heard heard = listen(tones[i], 1);

		only(&heard, CALL_DIAL_TONE);
	}
}

static void ringback(void **state)
{
	static const struct part america[] = { { 440, 480, 2000 }, { 0, 0, 4000 }, { 0 } };
	static const struct part europe[] = { { 425, 0, 1000 }, { 0, 0, 4000 }, { 0 } };
	static const struct part britain[] = { { 400, 450, 400 }, { 0, 0, 200 }, { 400, 450, 400 },
					       { 0, 0, 2000 }, { 0 } };
	struct heard heard = listen(america, 3);

	only(&heard, CALL_RINGBACK);
	heard = listen(europe, 3);
	only(&heard, CALL_RINGBACK);
	heard = listen(britain, 3);
	only(&heard, CALL_RINGBACK);
}

static void busy_and_congestion(void **state)
{
	static const struct part busy_america[] = { { 480, 620, 500 }, { 0, 0, 500 }, { 0 } };
	static const struct part busy_europe[] = { { 425, 0, 480 }, { 0, 0, 480 }, { 0 } };
	static const struct part busy_britain[] = { { 400, 0, 375 }, { 0, 0, 375 }, { 0 } };
	static const struct part full_america[] = { { 480, 620, 250 }, { 0, 0, 250 }, { 0 } };
	static const struct part full_europe[] = { { 425, 0, 240 }, { 0, 0, 240 }, { 0 } };
	struct heard heard = listen(busy_america, 5);

	only(&heard, CALL_BUSY_TONE);
	heard = listen(busy_europe, 5);
	only(&heard, CALL_BUSY_TONE);
	heard = listen(busy_britain, 5);
	only(&heard, CALL_BUSY_TONE);
	heard = listen(full_america, 8);
	only(&heard, CALL_CONGESTION);
	heard = listen(full_europe, 8);
	only(&heard, CALL_CONGESTION);
}

static void special_information(void **state)
{
	static const struct part tones[] = { { 950, 0, 330 }, { 1400, 0, 330 }, { 1800, 0, 330 },
					     { 0, 0, 1000 }, { 0 } };
	struct heard heard = listen(tones, 1);

	only(&heard, CALL_SPECIAL_INFO);
}

/* Ringback that turns into something else says that it ended */
static void ringback_ends(void **state)
{
	static const struct part parts[] = { { 440, 480, 2000 }, { 0, 0, 3000 }, { 700, 1100, 500 },
					     { 0, 0, 500 }, { 0 } };
	struct heard heard = listen(parts, 1);

	assert_int_equal(heard.count, 2);
	assert_int_equal(heard.events[0], CALL_RINGBACK);
	assert_int_equal(heard.events[1], CALL_EVENTS);
}

static void nothing(void **state)
{
	static const struct part voice[] = { { 300, 900, 150 }, { 210, 2300, 220 }, { 0, 0, 90 },
					     { 520, 1300, 180 }, { 0, 0, 310 }, { 0 } };
	static const struct part quiet[] = { { 0, 0, 8000 }, { 0 } };
	static const struct part fax[] = { { 1100, 0, 500 }, { 0, 0, 3000 }, { 0 } };
	struct heard heard = listen(voice, 8);

	assert_int_equal(heard.count, 0);
	heard = listen(quiet, 1);
	assert_int_equal(heard.count, 0);
	heard = listen(fax, 3);
	assert_int_equal(heard.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dial_tones),
		cmocka_unit_test(ringback),
		cmocka_unit_test(busy_and_congestion),
		cmocka_unit_test(special_information),
		cmocka_unit_test(ringback_ends),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

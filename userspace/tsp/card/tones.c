/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Call-progress tones, as exchanges send them: ITU-T E.180 and its supplement 2 list them by
 * country.  Frequencies that lie close together cannot be told apart in the time a tone takes, so
 * each family of countries has a detector of its own; all listen.
 */
#include <stdlib.h>

#include <spandsp.h>

#include "sound.h"

#define ELEMENTS	4
#define TONES		6
/* As long as one wants: the pattern is a continuous tone */
#define NO_END		0
/* A dial tone that is no burst of another tone */
#define DIAL_TONE_MS	1200

struct element {
	/* Hz; 0: silence; f2 0: one frequency.  f1 is the one a family names first */
	int f1, f2;
	int min, max;		/* ms */
};

struct tone {
	enum call_event event;
	struct element elements[ELEMENTS];
};

static const struct tone families[][TONES] = {
	/* North America */
	{
		{ CALL_DIAL_TONE, { { 350, 440, DIAL_TONE_MS, NO_END } } },
		{ CALL_RINGBACK, { { 440, 480, 900, 2300 }, { 0, 0, 2500, 5000 } } },
		{ CALL_BUSY_TONE, { { 480, 620, 400, 600 }, { 0, 0, 400, 600 } } },
		{ CALL_CONGESTION, { { 480, 620, 180, 320 }, { 0, 0, 180, 320 } } },
	},
	/* most of Europe, and beyond */
	{
		{ CALL_DIAL_TONE, { { 425, 0, DIAL_TONE_MS, NO_END } } },
		{ CALL_RINGBACK, { { 425, 0, 700, 1700 }, { 0, 0, 2500, 5500 } } },
		{ CALL_BUSY_TONE, { { 425, 0, 330, 600 }, { 0, 0, 330, 600 } } },
		{ CALL_CONGESTION, { { 425, 0, 180, 320 }, { 0, 0, 180, 320 } } },
		/* the three tones in front of an announcement, everywhere */
		{ CALL_SPECIAL_INFO, { { 950, 0, 250, 420 }, { 1400, 0, 250, 420 },
				       { 1800, 0, 250, 420 } } },
		/* nobody's: without it the detector takes other families' pairs for 425 Hz */
		{ CALL_EVENTS, { { 380, 470, 60000, NO_END } } },
	},
	/* Britain and those who learnt from it: the double ring */
	{
		{ CALL_DIAL_TONE, { { 350, 450, DIAL_TONE_MS, NO_END } } },
		{ CALL_RINGBACK, { { 450, 400, 350, 450 }, { 0, 0, 150, 250 },
				   { 450, 400, 350, 450 }, { 0, 0, 1800, 2200 } } },
		{ CALL_BUSY_TONE, { { 400, 0, 330, 420 }, { 0, 0, 330, 420 } } },
	},
};

#define FAMILIES	(sizeof(families) / sizeof(families[0]))

struct detector {
	struct tones *tones;
	const struct tone *table;
	super_tone_rx_descriptor_t *patterns;
	super_tone_rx_state_t *state;
};

struct tones {
	struct detector detectors[FAMILIES];
	/* the end of another family's tone says nothing about the one that was told */
	const struct detector *told;
	void (*heard)(void *data, enum call_event tone);
	void *data;
};

static void reported(void *data, int code, int level, int delay)
{
	struct detector *detector = data;
	struct tones *tones = detector->tones;

	if (code >= 0 && code < TONES) {
		tones->told = detector;
		tones->heard(tones->data, detector->table[code].event);
	} else if (tones->told == detector) {
		tones->told = NULL;
		tones->heard(tones->data, CALL_EVENTS);
	}
}

/* Tones are numbered as they are added, from 0 */
static void describe(struct detector *detector)
{
	for (int i = 0; i < TONES && detector->table[i].elements[0].min; i++) {
		int tone = super_tone_rx_add_tone(detector->patterns);

		for (int n = 0; n < ELEMENTS && detector->table[i].elements[n].min; n++) {
			const struct element *e = &detector->table[i].elements[n];

			super_tone_rx_add_element(detector->patterns, tone, e->f1, e->f2, e->min,
						  e->max);
		}
	}
}

static bool start(struct detector *detector)
{
	detector->patterns = super_tone_rx_make_descriptor(NULL);
	if (!detector->patterns)
		return false;
	describe(detector);
	detector->state = super_tone_rx_init(NULL, detector->patterns, reported, detector);
	return detector->state;
}

/**
 * tones_new() - begin to listen
 *
 * Return: NULL when there is no memory.
 */
struct tones *tones_new(void (*heard)(void *data, enum call_event tone), void *data)
{
	struct tones *tones = calloc(1, sizeof(*tones));

	if (!tones)
		return NULL;
	tones->heard = heard;
	tones->data = data;
	for (size_t i = 0; i < FAMILIES; i++) {
		tones->detectors[i].tones = tones;
		tones->detectors[i].table = families[i];
		if (!start(&tones->detectors[i])) {
			tones_free(tones);
			return NULL;
		}
	}
	return tones;
}

void tones_hear(struct tones *tones, const int16_t *samples, int count)
{
	for (size_t i = 0; i < FAMILIES; i++)
		super_tone_rx(tones->detectors[i].state, samples, count);
}

void tones_free(struct tones *tones)
{
	if (!tones)
		return;
	for (size_t i = 0; i < FAMILIES; i++) {
		if (tones->detectors[i].state)
			super_tone_rx_free(tones->detectors[i].state);
		if (tones->detectors[i].patterns)
			super_tone_rx_free_descriptor(tones->detectors[i].patterns);
	}
	free(tones);
}

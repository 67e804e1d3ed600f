/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tones.h"

#include <spandsp.h>
#include <string.h>

/* ITU-T Q.24: what every receiver hears, with a margin */
#define DTMF_ON_MS	100
#define DTMF_OFF_MS	100

/* The precise tone plan of North America: frequencies, dBm0 of each, ms on, ms off */
static const struct {
	int low, high, level, on, off;
} tones[TONE_COUNT] = {
	/* a tone without a pause: the length is nobody's */
	[TONE_DIAL] = { 350, 440, -13, 1000, 0 },
	[TONE_RINGBACK] = { 440, 480, -19, 2000, 4000 },
	[TONE_BUSY] = { 480, 620, -24, 500, 500 },
	[TONE_REORDER] = { 480, 620, -24, 250, 250 },
};

struct tone_source {
	struct sound_source source;
	tone_gen_state_t *generator;
};

static size_t tone_read(struct sound_source *source, int16_t *samples, size_t count)
{
	struct tone_source *tone = (struct tone_source *)source;

	return tone_gen(tone->generator, samples, count);
}

static void tone_free(struct sound_source *source)
{
	struct tone_source *tone = (struct tone_source *)source;

	if (tone->generator)
		tone_gen_free(tone->generator);
	free(source->name);
	free(tone);
}

struct sound_source *tone_source_new(enum tone tone)
{
	struct tone_source *new = calloc(1, sizeof(*new));
	tone_gen_descriptor_t *descriptor;

	if (!new)
		return NULL;
	new->source = (struct sound_source){ .kind = SOUND_TONE, .read = tone_read,
					     .free = tone_free };
	new->source.name = strdup(tone_name(tone));
	descriptor = tone_gen_descriptor_init(NULL, tones[tone].low, tones[tone].level,
					      tones[tone].high, tones[tone].level, tones[tone].on,
					      tones[tone].off, 0, 0, true);
	if (descriptor) {
		new->generator = tone_gen_init(NULL, descriptor);
		tone_gen_descriptor_free(descriptor);
	}
	if (new->generator && new->source.name)
		return &new->source;
	tone_free(&new->source);
	return NULL;
}

struct digits_source {
	struct sound_source source;
	dtmf_tx_state_t *generator;
};

static size_t digits_read(struct sound_source *source, int16_t *samples, size_t count)
{
	struct digits_source *digits = (struct digits_source *)source;
	size_t done = 0;
	int got;

	while (done < count) {
		got = dtmf_tx(digits->generator, samples + done, count - done);
		if (got <= 0)
			break;
		done += got;
	}
	return done;
}

static void digits_free(struct sound_source *source)
{
	struct digits_source *digits = (struct digits_source *)source;

	if (digits->generator)
		dtmf_tx_free(digits->generator);
	free(source->name);
	free(digits);
}

struct sound_source *digits_source_new(const char *digits, unsigned int on_ms,
				       unsigned int off_ms)
{
	struct digits_source *new = calloc(1, sizeof(*new));

	if (!new)
		return NULL;
	new->source = (struct sound_source){ .kind = SOUND_DIGITS, .read = digits_read,
					     .free = digits_free };
	new->source.name = strdup(digits);
	new->generator = dtmf_tx_init(NULL);
	if (!new->source.name || !new->generator) {
		digits_free(&new->source);
		return NULL;
	}
	dtmf_tx_set_timing(new->generator, on_ms ? on_ms : DTMF_ON_MS,
			   off_ms ? off_ms : DTMF_OFF_MS);
	dtmf_tx_put(new->generator, digits, -1);
	return &new->source;
}

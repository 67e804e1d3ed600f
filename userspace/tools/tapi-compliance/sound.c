/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: sound from one end of a cable to the other. */
#include <math.h>
#include <stdlib.h>

#include "stream.h"
#include "test.h"

/* What is said, and for how long it may come late */
#define SAID		(40 * STREAM_PERIOD)
#define LATE		(20 * STREAM_PERIOD)
#define HEARD		(SAID + LATE)
/* Samples that are compared when they are not the same ones */
#define COMPARED	2000
/* An analogue line with its filters and echo */
#define ALIKE		0.6

struct voices {
	struct stream out, in;
	uint8_t said[2 * SAID], heard[2 * HEARD];
};

static uint32_t noise(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Loud enough to be heard, not so loud that an amplifier clips */
static void make_noise(struct voices *v)
{
	uint32_t state = 1;

	for (size_t i = 0; i < SAID;) {
		uint32_t x = noise(&state);
		int16_t value;

		v->said[i * v->out.width] = x;
		if (v->out.width == 2)
			v->said[i * 2 + 1] = x >> 8;
		value = abs(stream_linear(v->out.format, v->said, i));
		i += value >= 100 && value <= 8000;
	}
}

static enum verdict speak(struct run *r, struct voices *v)
{
	snd_pcm_sframes_t put, done;

	CHECK_OK(snd_pcm_start(v->in.pcm), "capture starts");
	/* the first period is there: it runs */
	CHECK_OK(stream_read(&v->in, v->heard, STREAM_PERIOD), "capture");
	done = snd_pcm_writei(v->out.pcm, v->said, SAID);
	CHECK(done > 0, "write: %s", error_name(done));
	CHECK_OK(snd_pcm_start(v->out.pcm), "playback starts");
	for (size_t at = 0; at < HEARD; at += STREAM_PERIOD) {
		CHECK_OK(stream_read(&v->in, v->heard + at * v->in.width, STREAM_PERIOD), "capture");
		if (done == SAID)
			continue;
		put = snd_pcm_writei(v->out.pcm, v->said + done * v->out.width, SAID - done);
		CHECK(put > 0 || put == -EAGAIN, "write: %s", error_name(put));
		done += put > 0 ? put : 0;
	}
	return OK;
}

/* Where what was said begins, sample by sample; -1: nowhere */
static long exact(const struct voices *v)
{
	size_t width = v->out.width;

	if (v->in.format != v->out.format)
		return -1;
	for (size_t at = 0; at + SAID <= HEARD; at++)
		if (!memcmp(v->heard + at * width, v->said, SAID * width))
			return at;
	return -1;
}

static double product(const struct stream *a, const void *x, size_t i, const struct stream *b,
		      const void *y, size_t j)
{
	double sum = 0;

	for (size_t n = 0; n < COMPARED; n++)
		sum += (double)stream_linear(a->format, x, i + n) *
		       stream_linear(b->format, y, j + n);
	return sum;
}

/* The greatest likeness, 0 to 1, and how much louder it is, dB */
static double likeness(const struct voices *v, double *gain_db)
{
	double said = product(&v->out, v->said, 0, &v->out, v->said, 0), best = 0;

	*gain_db = 0;
	for (size_t at = 0; at + COMPARED <= HEARD; at++) {
		double heard = product(&v->in, v->heard, at, &v->in, v->heard, at);
		double both = fabs(product(&v->out, v->said, 0, &v->in, v->heard, at));

		if (heard > 0 && both / sqrt(said * heard) > best) {
			best = both / sqrt(said * heard);
			*gain_db = 10 * log10(heard / said);
		}
	}
	return best;
}

static enum verdict compare(struct run *r, struct voices *v)
{
	double gain_db, like;
	long at = exact(v);

	if (at >= 0)
		return verdict(r, OK, "every sample, after %ld frames", at);
	like = likeness(v, &gain_db);
	if (like < ALIKE)
		return verdict(r, FAIL, "something else is heard: correlation %.2f", like);
	return verdict(r, PRESUMED, "no digital path: correlation %.2f, gain %.1f dB", like, gain_db);
}

static enum verdict from_to(struct run *r, const struct line *from, const struct line *to)
{
	struct voices *v = calloc(1, sizeof(*v));
	enum verdict result;
	int err;

	if (!v)
		return verdict(r, REFUSED, "out of memory");
	err = stream_prepare(&v->in, to, SND_PCM_STREAM_CAPTURE, SND_PCM_ACCESS_RW_INTERLEAVED,
			     8000);
	err = err ? err : stream_prepare(&v->out, from, SND_PCM_STREAM_PLAYBACK,
					 SND_PCM_ACCESS_RW_INTERLEAVED, 8000);
	if (!err)
		make_noise(v);
	result = err ? verdict(r, FAIL, "streams: %s", error_name(err)) : speak(r, v);
	result = result == OK ? compare(r, v) : result;
	stream_close(&v->out);
	stream_close(&v->in);
	free(v);
	return result;
}

/* A call */
static int connect_ends(struct run *r)
{
	int err = set_hook(r->fxo, TAPI_LINE_OFF_HOOK, 0, 0);
	struct state_want off = { TAPI_LINE_OFF_HOOK, -1, -1 };

	return err ? err : state_await(r->fxs, off, PATIENCE_MS);
}

static enum verdict to_fxs(struct run *r)
{
	CHECK_OK(connect_ends(r), "off hook");
	return from_to(r, r->fxo, r->fxs);
}

static enum verdict to_fxo(struct run *r)
{
	CHECK_OK(connect_ends(r), "off hook");
	return from_to(r, r->fxs, r->fxo);
}

static enum verdict on_hook(struct run *r)
{
	CHECK_OK(set_feed(r->fxs, TAPI_LINE_FEED_OHT, 0), "S_LINEFEED, OHT");
	return from_to(r, r->fxs, r->fxo);
}

#define RULE LINE_PAGE "Sound"

static const struct test tests[] = {
	{ "sound/fxo-to-fxs", RULE, "what is played is heard at the other end", T_PEER,
	  .fxo = TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_PCM, .fxs = TAPI_LINE_CAP_PCM, .run = to_fxs },
	{ "sound/fxs-to-fxo", RULE, "what is played is heard at the other end", T_PEER,
	  .fxo = TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_PCM, .fxs = TAPI_LINE_CAP_PCM, .run = to_fxo },
	{ "sound/on-hook", LINE_PAGE "Capabilities", "OHT: sound reaches a line that is on hook",
	  T_PEER, .fxo = TAPI_LINE_CAP_PCM,
	  .fxs = TAPI_LINE_CAP_LINEFEED | TAPI_LINE_CAP_OHT | TAPI_LINE_CAP_PCM, .run = on_hook },
};

GROUP(sound_group, tests);

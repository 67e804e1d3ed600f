/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tapi-compliance: how loud sound is: gains, the controls of ALSA that are the same, and the
 * line's own oscillators as the other end hears them.
 */
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "stream.h"
#include "test.h"

/* Peak of a sine of 0 dBm0, 16 bit */
#define PEAK		22651.0
/* What is measured, frames: whole periods of all frequencies here; and what comes before it */
#define MEASURED	(STREAM_RATE / 2)
#define BEFORE		(STREAM_RATE / 2)
/* A line changes no difference of levels by more than this, and noise is less; dB, share */
#define OFF_DB		1.0
#define CLEAN		0.9
/* Said; gains are changed by about as much as this, downwards, mdB */
#define SAID_HZ		1000
#define SAID_DB		(-16)
#define STEP_MDB	6000

struct ear {
	struct stream stream;
	double samples[MEASURED];
};

/* ---- levels */

static double level_db(const struct ear *ear)
{
	double power = 0;

	for (size_t i = 0; i < MEASURED; i++)
		power += ear->samples[i] * ear->samples[i];
	return power > 0 ? 10 * log10(power / MEASURED / (PEAK * PEAK / 2)) : -100;
}

/* Level of one frequency; as level_db() for a sine */
static double tone_db(const struct ear *ear, double hz)
{
	double re = 0, im = 0;

	for (size_t i = 0; i < MEASURED; i++) {
		re += ear->samples[i] * cos(2 * M_PI * hz * i / STREAM_RATE);
		im += ear->samples[i] * sin(2 * M_PI * hz * i / STREAM_RATE);
	}
	re = 4 * (re * re + im * im) / ((double)MEASURED * MEASURED);
	return re > 0 ? 10 * log10(re / (PEAK * PEAK)) : -100;
}

static double power(double db)
{
	return pow(10, db / 10);
}

/* A period of what is said; G.711 by looking for the nearest code */
static void make_sine(const struct stream *s, uint8_t *buf)
{
	for (size_t i = 0; i < STREAM_PERIOD; i++) {
		int want = lrint(PEAK * pow(10, SAID_DB / 20.) *
				 sin(2 * M_PI * SAID_HZ * (i + .5) / STREAM_RATE));
		int best = INT_MAX;

		if (s->width == 2) {
			memcpy(buf + 2 * i, &(int16_t){ want }, 2);
			continue;
		}
		for (int code = 0; code < 256; code++) {
			uint8_t try = code;
			int off = abs(stream_linear(s->format, &try, 0) - want);

			if (off < best) {
				best = off;
				buf[i] = code;
			}
		}
	}
}

/* Goes on with what is said, as far as there is room */
static int say(struct stream *out, const uint8_t *period)
{
	snd_pcm_sframes_t done;

	do
		done = snd_pcm_writei(out->pcm, period, STREAM_PERIOD);
	while (done == STREAM_PERIOD);
	return done < 0 && done != -EAGAIN ? done : 0;
}

/* What is heard while @out, if there is one, says it */
static int listen_to(struct ear *ear, struct stream *out, const uint8_t *period)
{
	uint8_t buf[2 * STREAM_PERIOD];
	int err = 0;

	for (size_t at = 0; at < BEFORE + MEASURED && !err; at += STREAM_PERIOD) {
		if (out)
			err = say(out, period);
		err = err ? err : stream_read(&ear->stream, buf, STREAM_PERIOD);
		for (size_t i = 0; at >= BEFORE && i < STREAM_PERIOD; i++)
			ear->samples[at - BEFORE + i] = stream_linear(ear->stream.format, buf, i);
	}
	return err;
}

static int ear_open(struct ear *ear, const struct line *line)
{
	int err = stream_prepare(&ear->stream, line, SND_PCM_STREAM_CAPTURE,
				 SND_PCM_ACCESS_RW_INTERLEAVED, STREAM_RATE);

	return err ? err : snd_pcm_start(ear->stream.pcm);
}

static int connect_ends(struct run *r)
{
	int err = set_hook(r->fxo, TAPI_LINE_OFF_HOOK, 0, 0);
	struct state_want off = { TAPI_LINE_OFF_HOOK, -1, -1 };

	return err ? err : state_await(r->fxs, off, PATIENCE_MS);
}

/* ---- gains */

static int get(const struct line *line, struct tapi_line_param *p)
{
	p->flags = 0;
	return LINE_IOCTL(line->fd, TAPI_LINE_Q_PARAM, p);
}

static int set(const struct line *line, uint32_t id, int64_t value)
{
	struct tapi_line_param p = { .id = id, .value = value };

	return LINE_IOCTL(line->fd, TAPI_LINE_S_PARAM, &p);
}

/* The level at @to of what @from says; NAN, with the verdict, when there is none */
static double one_level(struct run *r, const struct line *from, const struct line *to)
{
	struct ear *ear = calloc(1, sizeof(*ear));
	uint8_t period[2 * STREAM_PERIOD];
	struct stream out = { .pcm = NULL };
	double db = NAN;
	int err;

	if (!ear) {
		verdict(r, REFUSED, "out of memory");
		return NAN;
	}
	err = ear_open(ear, to);
	err = err ? err : stream_prepare(&out, from, SND_PCM_STREAM_PLAYBACK,
					 SND_PCM_ACCESS_RW_INTERLEAVED, STREAM_RATE / 4);
	if (!err) {
		make_sine(&out, period);
		err = say(&out, period);
	}
	err = err ? err : snd_pcm_start(out.pcm);
	err = err ? err : listen_to(ear, &out, period);
	if (err)
		verdict(r, FAIL, "streams: %s", error_name(err));
	else
		db = tone_db(ear, SAID_HZ);
	stream_close(&ear->stream);
	stream_close(&out);
	free(ear);
	return db;
}

/* The level at @to before and after a gain of the line was turned down */
static enum verdict turned_down(struct run *r, const struct tapi_line_param *gain,
				const struct line *from, const struct line *to)
{
	int64_t down = gain->value - STEP_MDB / gain->step * gain->step;
	double before, after, want;
	int err;

	if (down < gain->min || down == gain->value)
		down = gain->min;
	want = (down - gain->value) / 1000.;
	before = one_level(r, from, to);
	if (isnan(before))
		return FAIL;
	CHECK(before > SAID_DB - 30, "what is said at %d dBm0 is heard at %.1f", SAID_DB, before);
	err = set(&r->line, gain->id, down);
	after = err ? 0 : one_level(r, from, to);
	CHECK_OK(set(&r->line, gain->id, gain->value), "S_PARAM, as before");
	CHECK_OK(err, "S_PARAM");
	if (isnan(after))
		return FAIL;
	CHECK(fabs(after - before - want) < OFF_DB, "a change of %.1f dB makes %.1f", want,
	      after - before);
	return verdict(r, OK, "%.1f dB make %.1f", want, after - before);
}

static enum verdict gain(struct run *r, uint32_t id, const char *name, bool out)
{
	struct tapi_line_param p = { .id = id };

	if (get(&r->line, &p) || p.min == p.max || p.flags & TAPI_LINE_PARAM_RO)
		return verdict(r, NOT_SUPPORTED, "the line has no %s that can be set", name);
	CHECK_OK(connect_ends(r), "off hook");
	return out ? turned_down(r, &p, &r->line, &r->peer) :
		     turned_down(r, &p, &r->peer, &r->line);
}

static enum verdict tx_gain(struct run *r)
{
	return gain(r, TAPI_LINE_PARAM_TX_GAIN, "TX_GAIN", true);
}

static enum verdict rx_gain(struct run *r)
{
	return gain(r, TAPI_LINE_PARAM_RX_GAIN, "RX_GAIN", false);
}

/* ---- controls */

/* How often a control has changed since this was asked last; a negative errno */
static int changes(snd_ctl_t *ctl, const char *name, unsigned int index)
{
	snd_ctl_event_t *event;
	int count = 0, got;

	snd_ctl_event_alloca(&event);
	while ((got = snd_ctl_read(ctl, event)) == 1)
		count += snd_ctl_event_get_type(event) == SND_CTL_EVENT_ELEM &&
			 snd_ctl_event_elem_get_mask(event) & SND_CTL_EVENT_MASK_VALUE &&
			 snd_ctl_event_elem_get_index(event) == index &&
			 !strcmp(snd_ctl_event_elem_get_name(event), name);
	return got == -EAGAIN || got == 0 ? count : got;
}

/* @value is that of the control of @p, whose range is in steps */
static enum verdict turned(struct run *r, snd_ctl_t *ctl, snd_ctl_elem_value_t *value,
			   const char *name, const struct tapi_line_param *p)
{
	long steps = (p->max - p->min) / p->step, other = p->value == p->min ? steps : 0;
	struct tapi_line_param got = { .id = p->id };

	CHECK_OK(set(&r->line, p->id, p->min + other * p->step), "S_PARAM");
	CHECK(changes(ctl, name, r->line.caps.line) == 1, "%s: S_PARAM is not told", name);
	CHECK(snd_ctl_elem_read(ctl, value) >= 0, "%s cannot be read", name);
	CHECK(snd_ctl_elem_value_get_integer(value, 0) == other, "%s is %ld, not %ld", name,
	      snd_ctl_elem_value_get_integer(value, 0), other);
	snd_ctl_elem_value_set_integer(value, 0, steps - other);
	CHECK(snd_ctl_elem_write(ctl, value) >= 0, "%s cannot be turned", name);
	CHECK_OK(get(&r->line, &got), "Q_PARAM");
	CHECK(got.value == p->min + (steps - other) * p->step,
	      "%s is turned, the parameter is %lld", name, (long long)got.value);
	CHECK(changes(ctl, name, r->line.caps.line) >= 1, "%s: that is not told", name);
	return OK;
}

static enum verdict one_volume(struct run *r, snd_ctl_t *ctl, const char *name, uint32_t id)
{
	struct tapi_line_param p = { .id = id };
	bool there = !get(&r->line, &p);
	snd_ctl_elem_value_t *value;
	enum verdict v;
	int err;

	snd_ctl_elem_value_alloca(&value);
	snd_ctl_elem_value_set_interface(value, SND_CTL_ELEM_IFACE_MIXER);
	snd_ctl_elem_value_set_name(value, name);
	snd_ctl_elem_value_set_index(value, r->line.caps.line);
	err = snd_ctl_elem_read(ctl, value);
	CHECK(there == (err >= 0), "%s: %s, but %s parameter", name, err < 0 ? "no control" :
	      "a control", there ? "a" : "no");
	if (!there || p.flags & TAPI_LINE_PARAM_RO)
		return OK;
	v = turned(r, ctl, value, name, &p);
	err = set(&r->line, id, p.value);
	if (v == OK)
		CHECK_OK(err, "S_PARAM, as before");
	changes(ctl, name, r->line.caps.line);
	return v;
}

static enum verdict volume(struct run *r)
{
	snd_ctl_t *ctl;
	enum verdict v;
	char name[32];
	int err;

	snprintf(name, sizeof(name), "hw:%u", r->line.caps.snd_card);
	CHECK_OK(snd_ctl_open(&ctl, name, SND_CTL_NONBLOCK), name);
	err = snd_ctl_subscribe_events(ctl, 1);
	v = err < 0 ? verdict(r, FAIL, "subscribe: %s", error_name(err)) :
		      one_volume(r, ctl, "Line Playback Volume", TAPI_LINE_PARAM_TX_GAIN);
	if (v == OK)
		v = one_volume(r, ctl, "Line Capture Volume", TAPI_LINE_PARAM_RX_GAIN);
	snd_ctl_close(ctl);
	return v;
}

/* ---- oscillators */

#define LOW_HZ	700
#define HIGH_HZ	1100
#define LOW_DB	(-13)
#define HIGH_DB	(-17)

static enum verdict judge_tone(struct run *r, const struct ear *ear)
{
	double low = tone_db(ear, LOW_HZ), high = tone_db(ear, HIGH_HZ), all = level_db(ear);
	double clean = (power(low) + power(high)) / power(all);

	CHECK(clean > CLEAN, "something else is heard: %.2f of it", 1 - clean);
	CHECK(fabs(low - high - (LOW_DB - HIGH_DB)) < 1.5 * OFF_DB,
	      "%d and %d Hz are heard at %.1f and %.1f, not %d apart", LOW_HZ, HIGH_HZ, low, high,
	      LOW_DB - HIGH_DB);
	if (fabs(low - LOW_DB) < OFF_DB)
		return OK;
	return verdict(r, PRESUMED, "heard %.1f dB louder than asked for", low - LOW_DB);
}

static enum verdict hear_tone(struct run *r, struct ear *ear)
{
	struct tapi_line_tone tone = {
		.op = TAPI_LINE_OP_START, .freq_mhz = { LOW_HZ * 1000, HIGH_HZ * 1000 },
		.level_mdbm = { LOW_DB * 1000, HIGH_DB * 1000 },
	};
	enum verdict v;

	CHECK_OK(ear_open(ear, r->fxo), "capture");
	CHECK_OK(LINE_IOCTL(r->fxs->fd, TAPI_LINE_S_TONE, &tone), "S_TONE");
	CHECK_OK(listen_to(ear, NULL, NULL), "capture");
	v = judge_tone(r, ear);
	tone = (struct tapi_line_tone){ .op = TAPI_LINE_OP_STOP };
	CHECK_OK(LINE_IOCTL(r->fxs->fd, TAPI_LINE_S_TONE, &tone), "S_TONE, stop");
	if (v == FAIL)
		return v;
	CHECK_OK(listen_to(ear, NULL, NULL), "capture");
	CHECK(tone_db(ear, LOW_HZ) < LOW_DB - 30, "it is heard after the stop: %.1f dBm0",
	      tone_db(ear, LOW_HZ));
	return v;
}

static enum verdict oscillators(struct run *r)
{
	struct ear *ear;
	enum verdict v;

	CHECK_OK(connect_ends(r), "off hook");
	ear = calloc(1, sizeof(*ear));
	if (!ear)
		return verdict(r, REFUSED, "out of memory");
	v = hear_tone(r, ear);
	stream_close(&ear->stream);
	free(ear);
	return v;
}

#define BOTH_PCM .fxo = TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_PCM, .fxs = TAPI_LINE_CAP_PCM

static const struct test tests[] = {
	{ "level/volume", LINE_PAGE "Sound", "a gain and ALSA's control of it are one value",
	  T_CLAIM, TAPI_LINE_CAP_PCM, .run = volume },
	{ "level/tx-gain", LINE_PAGE "Parameters", "what is played gets louder and softer by it",
	  T_PEER, BOTH_PCM, .run = tx_gain },
	{ "level/rx-gain", LINE_PAGE "Parameters", "what is heard gets louder and softer by it",
	  T_PEER, BOTH_PCM, .run = rx_gain },
	{ "level/tone", LINE_PAGE "Requests",
	  "S_TONE: both frequencies are heard, each with its level", T_PEER,
	  .fxo = TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_PCM, .fxs = TAPI_LINE_CAP_TONE,
	  .run = oscillators },
};

GROUP(level_group, tests);

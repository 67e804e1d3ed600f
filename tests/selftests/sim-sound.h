/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sound of simulated cards, for the tests of it: streams, laws, levels. */
#ifndef SIM_SOUND_H
#define SIM_SOUND_H

#include <alsa/asoundlib.h>
#include <math.h>

#include "sim-util.h"

#define RATE	8000
#define PERIOD	160
#define PERIODS	8
/* The largest sample of 0 dBm0, 16 bit */
#define PEAK	22651.0

static inline snd_pcm_t *open_pcm(const char *card, unsigned int line, snd_pcm_stream_t dir,
				  snd_pcm_format_t format)
{
	snd_pcm_t *pcm;
	char name[64];

	snprintf(name, sizeof(name), "hw:TAPI%d,%u", card_number(card), line);
	if (snd_pcm_open(&pcm, name, dir, 0) < 0)
		return NULL;
	if (snd_pcm_set_params(pcm, format, SND_PCM_ACCESS_RW_INTERLEAVED, 1, RATE, 0,
			       PERIODS * PERIOD * 125) < 0) {
		snd_pcm_close(pcm);
		return NULL;
	}
	return pcm;
}

static inline int mu_linear(uint8_t code)
{
	int u = (uint8_t)~code, mag = ((((u & 15) << 3) + 132) << (u >> 4 & 7)) - 132;

	return u & 128 ? -mag : mag;
}

static inline int a_linear(uint8_t code)
{
	int a = code ^ 0x55, mag = ((a & 15) << 4) + 8, seg = a >> 4 & 7;

	if (seg)
		mag = (mag + 256) << (seg - 1);
	return a & 128 ? mag : -mag;
}

/* dBm0; -100 for silence */
static inline double level(const double *samples, int count)
{
	double power = 0;

	for (int i = 0; i < count; i++)
		power += samples[i] * samples[i];
	return power ? 10 * log10(power / count / (PEAK * PEAK / 2)) : -100;
}

/* Share of the power at one frequency: a sine has 1 */
static inline double share(const double *samples, int count, double hz)
{
	double re = 0, im = 0, power = 0;

	for (int i = 0; i < count; i++) {
		re += samples[i] * cos(2 * M_PI * hz * i / RATE);
		im += samples[i] * sin(2 * M_PI * hz * i / RATE);
		power += samples[i] * samples[i];
	}
	return power ? 2 * (re * re + im * im) / (power * count) : 0;
}

/*
 * Line @from of @card says @said, at line @to of the same it is heard, from the first frame
 * of the card's clock on; @frame: bytes of a sample.
 */
static inline bool transfer(const char *card, unsigned int from, unsigned int to,
			    snd_pcm_format_t format, const void *said, void *heard, int count)
{
	int frame = format == SND_PCM_FORMAT_S16_LE ? 2 : 1, n = PERIODS * PERIOD;
	snd_pcm_t *out = open_pcm(card, from, SND_PCM_STREAM_PLAYBACK, format);
	snd_pcm_t *in = open_pcm(card, to, SND_PCM_STREAM_CAPTURE, format);
	bool good = out && in && !snd_pcm_link(out, in);
	uint8_t silence[2 * PERIOD];

	snd_pcm_format_set_silence(format, silence, PERIOD);
	/* a full buffer starts both */
	good = good && snd_pcm_writei(out, said, n) == n;
	for (int i = 0; good && i < count; i += PERIOD) {
		good = snd_pcm_readi(in, (char *)heard + i * frame, PERIOD) == PERIOD;
		/* silence at the end, or it would run dry before the last is heard */
		good = good && snd_pcm_writei(out, n < count ? (const char *)said + n * frame :
					      (const char *)silence, PERIOD) == PERIOD;
		n += PERIOD;
	}
	if (out && in)
		snd_pcm_unlink(out);
	if (out)
		snd_pcm_close(out);
	if (in)
		snd_pcm_close(in);
	return good;
}

#endif /* SIM_SOUND_H */

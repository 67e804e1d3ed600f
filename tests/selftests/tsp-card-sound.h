/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the exchange of the card provider's tests plays and hears. */
#ifndef TSP_CARD_SOUND_H
#define TSP_CARD_SOUND_H

#include <alsa/asoundlib.h>
#include <spandsp.h>

#include "tsp-card.h"

#define RATE		8000
#define PERIOD		160
/* As much ahead as the kernel allows: a busy machine is late now and then */
#define PERIODS		32
#define OFFICE_PCM	"hw:TAPI0,1"

static inline int start_when_full(snd_pcm_t *pcm)
{
	snd_pcm_sw_params_t *sw;

	snd_pcm_sw_params_alloca(&sw);
	return snd_pcm_sw_params_current(pcm, sw) ||
	       snd_pcm_sw_params_set_start_threshold(pcm, sw, PERIOD * PERIODS) ||
	       snd_pcm_sw_params(pcm, sw);
}

static inline snd_pcm_t *office_opens(snd_pcm_stream_t direction)
{
	snd_pcm_hw_params_t *hw;
	snd_pcm_t *pcm = NULL;
	int err = snd_pcm_open(&pcm, OFFICE_PCM, direction, 0);

	snd_pcm_hw_params_alloca(&hw);
	if (!err)
		err = snd_pcm_hw_params_any(pcm, hw) < 0;
	if (!err)
		err = snd_pcm_hw_params_set_access(pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED) ||
		      snd_pcm_hw_params_set_format(pcm, hw, SND_PCM_FORMAT_MU_LAW) ||
		      snd_pcm_hw_params_set_rate(pcm, hw, RATE, 0) ||
		      snd_pcm_hw_params_set_channels(pcm, hw, 1) ||
		      snd_pcm_hw_params_set_period_size(pcm, hw, PERIOD, 0) ||
		      snd_pcm_hw_params_set_periods(pcm, hw, PERIODS, 0) ||
		      snd_pcm_hw_params(pcm, hw);
	if (!err && direction == SND_PCM_STREAM_PLAYBACK)
		err = start_when_full(pcm);
	if (err)
		printf("# the exchange cannot open its sound\n");
	return err ? NULL : pcm;
}

static inline void play(snd_pcm_t *pcm, const int16_t *samples, int count)
{
	uint8_t law[PERIOD];

	while (count > 0) {
		int n = count < PERIOD ? count : PERIOD;

		for (int i = 0; i < n; i++)
			law[i] = linear_to_ulaw(samples[i]);
		if (snd_pcm_writei(pcm, law, n) < 0)
			snd_pcm_prepare(pcm);
		samples += n;
		count -= n;
	}
}

/* Two frequencies, @on and @off in ms, for @ms, or until the provider has news */
static inline void play_tone(snd_pcm_t *pcm, int f1, int f2, int on, int off, int ms, bool until)
{
	tone_gen_descriptor_t *tone = tone_gen_descriptor_init(NULL, f1, -16, f2, -16, on, off, 0, 0,
							       1);
	tone_gen_state_t *generator = tone_gen_init(NULL, tone);
	int16_t samples[PERIOD];

	for (int left = ms * RATE / 1000; left > 0; left -= PERIOD) {
		if (until && host_has_news())
			break;
		memset(samples, 0, sizeof(samples));
		tone_gen(generator, samples, PERIOD);
		play(pcm, samples, PERIOD);
	}
	tone_gen_free(generator);
	tone_gen_descriptor_free(tone);
}

/* However late a busy machine is: until the provider has heard it, or nobody would wait longer */
static inline void play_until_heard(snd_pcm_t *pcm, int f1, int f2, int on, int off)
{
	play_tone(pcm, f1, f2, on, off, PATIENCE_S * 1000, true);
}

/* DTMF as sound, which a line without a decoder does not report */
static inline void play_digits(const char *digits)
{
	snd_pcm_t *pcm = office_opens(SND_PCM_STREAM_PLAYBACK);
	dtmf_tx_state_t *dtmf = dtmf_tx_init(NULL);
	int16_t samples[PERIOD];
	int n;

	dtmf_tx_set_timing(dtmf, 100, 100);
	dtmf_tx_put(dtmf, digits, -1);
	do {
		memset(samples, 0, sizeof(samples));
		n = dtmf_tx(dtmf, samples, PERIOD);
		if (pcm)
			play(pcm, samples, PERIOD);
	} while (n);
	dtmf_tx_free(dtmf);
	if (pcm) {
		snd_pcm_drain(pcm);
		snd_pcm_close(pcm);
	}
}

/* Listens on @pcm for as many digits as @digits has, and compares */
static inline void hears_sound(snd_pcm_t *pcm, const char *digits)
{
	dtmf_rx_state_t *dtmf = dtmf_rx_init(NULL, NULL, NULL);
	int left = PATIENCE_S * RATE, want = strlen(digits);
	int16_t samples[PERIOD];
	uint8_t law[PERIOD];
	char got[64] = "";
	int n = 0;

	while (left > 0 && n < want) {
		if (snd_pcm_readi(pcm, law, PERIOD) != PERIOD)
			snd_pcm_prepare(pcm);
		for (int i = 0; i < PERIOD; i++)
			samples[i] = ulaw_to_linear(law[i]);
		dtmf_rx(dtmf, samples, PERIOD);
		n += dtmf_rx_get(dtmf, got + n, sizeof(got) - 1 - n);
		left -= PERIOD;
	}
	dtmf_rx_free(dtmf);
	ok(!strcmp(got, digits), "the exchange hears %s, as sound", got);
}

#endif /* TSP_CARD_SOUND_H */

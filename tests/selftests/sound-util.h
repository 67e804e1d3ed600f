/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the sound share: the first card that has two lines on one cable, and
 * short functions around alsa-lib. Functions return 0 or a negative errno.
 */
#ifndef SOUND_UTIL_H
#define SOUND_UTIL_H

#include <alsa/asoundlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <linux/tapi_line.h>

#include "relay-util.h"

/* Law silence; the ramp never says it */
#define MU_SILENCE	0xff
#define RAMP(n)		((uint8_t)((n) % 251))

#define PERIOD		160
#define PERIODS		8

static inline int line_path(char *path, size_t size, unsigned int line)
{
	return snprintf(path, size, "/dev/tapi/card0-line%u", line);
}

/* Number of the ALSA card of the first telephony card; -1 when there is none */
static inline int sound_card(void)
{
	return snd_card_get_index("TAPI0");
}

static inline int sound_open_flags(snd_pcm_t **pcm, unsigned int line, snd_pcm_stream_t dir,
				   int flags)
{
	char name[32];

	snprintf(name, sizeof(name), "hw:TAPI0,%u", line);
	return snd_pcm_open(pcm, name, dir, flags);
}

static inline int sound_params(snd_pcm_t *pcm, snd_pcm_access_t access, unsigned int period,
			       unsigned int periods)
{
	snd_pcm_uframes_t frames = period;
	snd_pcm_hw_params_t *hw;
	int err;

	snd_pcm_hw_params_alloca(&hw);
	err = snd_pcm_hw_params_any(pcm, hw);
	if (err >= 0)
		err = snd_pcm_hw_params_set_access(pcm, hw, access);
	if (err >= 0)
		err = snd_pcm_hw_params_set_format(pcm, hw, SND_PCM_FORMAT_MU_LAW);
	if (err >= 0)
		err = snd_pcm_hw_params_set_rate(pcm, hw, 8000, 0);
	if (err >= 0)
		err = snd_pcm_hw_params_set_channels(pcm, hw, 1);
	if (err >= 0)
		err = snd_pcm_hw_params_set_period_size(pcm, hw, frames, 0);
	if (err >= 0)
		err = snd_pcm_hw_params_set_periods(pcm, hw, periods, 0);
	if (err >= 0)
		err = snd_pcm_hw_params(pcm, hw);
	return err < 0 ? err : 0;
}

/* Playback starts when the buffer is full, or when it is told to */
static inline int sound_start_when_full(snd_pcm_t *pcm)
{
	snd_pcm_uframes_t buffer, period;
	snd_pcm_sw_params_t *sw;
	int err;

	snd_pcm_sw_params_alloca(&sw);
	err = snd_pcm_get_params(pcm, &buffer, &period);
	if (!err)
		err = snd_pcm_sw_params_current(pcm, sw);
	if (!err)
		err = snd_pcm_sw_params_set_start_threshold(pcm, sw, buffer);
	if (!err)
		err = snd_pcm_sw_params(pcm, sw);
	return err;
}

static inline int sound_open(snd_pcm_t **pcm, unsigned int line, snd_pcm_stream_t dir)
{
	int err = sound_open_flags(pcm, line, dir, SND_PCM_NONBLOCK);

	if (err < 0)
		return err;
	snd_pcm_nonblock(*pcm, 0);
	err = sound_params(*pcm, SND_PCM_ACCESS_RW_INTERLEAVED, PERIOD, PERIODS);
	if (!err && dir == SND_PCM_STREAM_PLAYBACK)
		err = sound_start_when_full(*pcm);
	if (err)
		snd_pcm_close(*pcm);
	return err;
}

static inline bool sound_ready(void)
{
	if (sound_card() >= 0)
		return true;
	printf("# no sound card TAPI0: is a card loaded?\n");
	return false;
}

/* Where the ramp begins in @buf: after nothing but silence; -1 when it does not */
static inline long ramp_begin(const uint8_t *buf, size_t len)
{
	size_t at = 0;

	while (at < len && buf[at] == MU_SILENCE)
		at++;
	return at < len && buf[at] == RAMP(0) ? (long)at : -1;
}

/* Samples of the ramp from @at on, in step; stops at the first that is not */
static inline size_t ramp_length(const uint8_t *buf, size_t len, size_t at)
{
	size_t n = 0;

	while (at + n < len && buf[at + n] == RAMP(n))
		n++;
	return n;
}

#endif /* SOUND_UTIL_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A sound device behind a port.  The device has a clock of its own, so a ring
 * and a resampler stand between it and the line; audio/clock.c finds the
 * ratio.  The feeder thread may block in ALSA plug-ins: the sound thread does
 * not notice.
 */
#include <alsa/asoundlib.h>
#include <poll.h>
#include <pthread.h>
#include <speex/speex_resampler.h>
#include <stdlib.h>
#include <time.h>

#include "../audio/clock.h"
#include "term.h"

/* Work in pieces of 10 ms */
#define SOUND_PIECES	100
/* What the ring should hold: two periods of the line and one piece, samples */
#define SOUND_TARGET	(AUDIO_RATE * 50 / 1000)
#define SOUND_RATE	48000
#define SOUND_FRAMES	(SOUND_RATE / SOUND_PIECES * 4)
#define SOUND_CHANNELS	2
#define SOUND_FDS	8
#define SOUND_LATENCY_US	60000
/* Good enough for 3.4 kHz, and the ratio may change cheaply */
#define SOUND_QUALITY	4

struct term_sound {
	struct audio_port *port;
	struct term_news *news;
	char *name;
	snd_pcm_t *pcm;
	unsigned int rate;
	unsigned int channels;
	SpeexResamplerState *resampler;
	struct clock_loop clock;
	_Atomic int drift;
	pthread_t thread;
	int quit_fd;
	bool running;
	bool flowing;		/* the ring has reached its target once */
};

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

int term_sound_new(struct audio_port *port, struct term_news *news, const char *pcm,
		   struct term_sound **out)
{
	struct term_sound *sound = calloc(1, sizeof(*sound));

	if (sound)
		sound->name = strdup(pcm);
	if (!sound || !sound->name) {
		free(sound);
		return -ENOMEM;
	}
	sound->port = port;
	sound->news = news;
	*out = sound;
	return 0;
}

static int set_params(struct term_sound *sound)
{
	snd_pcm_hw_params_t *hw;
	unsigned int latency = SOUND_LATENCY_US;
	int err;

	sound->rate = SOUND_RATE;
	sound->channels = 1;
	snd_pcm_hw_params_alloca(&hw);
	err = snd_pcm_hw_params_any(sound->pcm, hw);
	if (err >= 0)
		err = snd_pcm_hw_params_set_access(sound->pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED);
	if (err == 0)
		err = snd_pcm_hw_params_set_format(sound->pcm, hw, SND_PCM_FORMAT_S16);
	if (err == 0)
		err = snd_pcm_hw_params_set_rate_near(sound->pcm, hw, &sound->rate, NULL);
	if (err == 0)
		err = snd_pcm_hw_params_set_channels_near(sound->pcm, hw, &sound->channels);
	if (err == 0)
		err = snd_pcm_hw_params_set_buffer_time_near(sound->pcm, hw, &latency, NULL);
	if (err == 0)
		err = snd_pcm_hw_params(sound->pcm, hw);
	if (err < 0)
		return err;
	if (sound->channels > SOUND_CHANNELS || sound->rate > SOUND_RATE)
		return -EINVAL;
	return 0;
}

/* The ring is emptied faster by a playing device when ppm is positive, filled slower by a
 * recording one
 */
static void set_ratio(struct term_sound *sound)
{
	uint32_t line = AUDIO_RATE * 1000 + AUDIO_RATE / 1000 * sound->clock.ppm;
	uint32_t device = sound->rate * 1000;

	if (sound->port->source) {
		line = AUDIO_RATE * 1000 - AUDIO_RATE / 1000 * sound->clock.ppm;
		speex_resampler_set_rate_frac(sound->resampler, device, line, sound->rate,
					      AUDIO_RATE);
	} else {
		speex_resampler_set_rate_frac(sound->resampler, line, device, AUDIO_RATE,
					      sound->rate);
	}
}

static void follow_clock(struct term_sound *sound)
{
	if (!clock_update(&sound->clock, audio_ring_fill(&sound->port->ring), now_us()))
		return;
	set_ratio(sound);
	atomic_store(&sound->drift, sound->clock.ppm);
}

static void spread(int16_t *samples, uint32_t frames, unsigned int channels)
{
	if (channels == 1)
		return;
	for (uint32_t i = frames; i-- > 0;)
		samples[2 * i] = samples[2 * i + 1] = samples[i];
}

/* One piece from the ring to the device */
static int render(struct term_sound *sound)
{
	int16_t in[AUDIO_RATE / SOUND_PIECES], out[SOUND_FRAMES * SOUND_CHANNELS] = { 0 };
	uint32_t made = SOUND_FRAMES, got = AUDIO_RATE / SOUND_PIECES;
	snd_pcm_sframes_t done;

	if (!sound->flowing)
		sound->flowing = audio_ring_fill(&sound->port->ring) >= SOUND_TARGET;
	if (sound->flowing && audio_ring_get(&sound->port->ring, in, got) == got) {
		follow_clock(sound);
		speex_resampler_process_int(sound->resampler, 0, in, &got, out, &made);
	} else {
		sound->flowing = false;		/* ran dry: silence until there is a lead again */
		made = sound->rate / SOUND_PIECES;
	}
	spread(out, made, sound->channels);
	done = snd_pcm_writei(sound->pcm, out, made);
	if (done < 0)
		done = snd_pcm_recover(sound->pcm, done, 1);
	return done < 0 ? done : 0;
}

static int capture(struct term_sound *sound)
{
	int16_t in[SOUND_FRAMES * SOUND_CHANNELS], out[AUDIO_RATE / SOUND_PIECES * 2];
	uint32_t count, made = AUDIO_RATE / SOUND_PIECES * 2;
	snd_pcm_sframes_t got = snd_pcm_readi(sound->pcm, in, sound->rate / SOUND_PIECES);

	if (got < 0) {
		got = snd_pcm_recover(sound->pcm, got, 1);
		if (got == 0)
			got = snd_pcm_start(sound->pcm);
		return got < 0 ? got : 0;
	}
	if (sound->channels == 2) {
		for (snd_pcm_sframes_t i = 0; i < got; i++)
			in[i] = (in[2 * i] + in[2 * i + 1]) / 2;
	}
	count = got;
	if (atomic_load(&sound->port->active))
		follow_clock(sound);
	speex_resampler_process_int(sound->resampler, 0, in, &count, out, &made);
	/* nobody takes it: keep what is newest short */
	if (audio_ring_fill(&sound->port->ring) < 4 * SOUND_TARGET)
		audio_ring_put(&sound->port->ring, out, made);
	atomic_store(&sound->port->primed, true);
	return 0;
}

/* Wait until the device can take or give a piece; -ECANCELED when told to end */
static int wait_device(struct term_sound *sound)
{
	snd_pcm_sframes_t piece = sound->rate / SOUND_PIECES;
	struct pollfd fds[1 + SOUND_FDS];
	unsigned short revents;
	int count;

	for (;;) {
		snd_pcm_sframes_t avail = snd_pcm_avail_update(sound->pcm);

		fds[0] = (struct pollfd){ .fd = sound->quit_fd, .events = POLLIN };
		count = snd_pcm_poll_descriptors(sound->pcm, fds + 1, SOUND_FDS);
		if (count < 0)
			return count;
		if (poll(fds, 1 + count, avail < 0 || avail >= piece ? 0 : -1) < 0 &&
		    errno != EINTR)
			return -errno;
		if (fds[0].revents)
			return -ECANCELED;
		if (avail < 0 || avail >= piece)
			return 0;	/* an xrun is found, and mended, by the transfer */
		snd_pcm_poll_descriptors_revents(sound->pcm, fds + 1, count, &revents);
	}
}

static void *sound_main(void *data)
{
	struct term_sound *sound = data;
	int err = 0;

	if (sound->port->source)
		err = snd_pcm_start(sound->pcm);
	while (err >= 0) {
		err = wait_device(sound);
		if (err == 0)
			err = sound->port->source ? capture(sound) : render(sound);
	}
	if (err != -ECANCELED)
		term_tell(sound->news, sound->port->source ? TAPI3_FILE_READ_ERROR :
			  TAPI3_FILE_WRITE_ERROR, TAPI3_TERMINAL_IDLE);
	return NULL;
}

static void sound_close(struct term_sound *sound)
{
	if (sound->resampler)
		speex_resampler_destroy(sound->resampler);
	if (sound->pcm)
		snd_pcm_close(sound->pcm);
	if (sound->quit_fd >= 0)
		close(sound->quit_fd);
	sound->resampler = NULL;
	sound->pcm = NULL;
}

static int sound_open(struct term_sound *sound)
{
	bool source = sound->port->source;
	int err;

	sound->quit_fd = eventfd(0, EFD_CLOEXEC);
	if (sound->quit_fd < 0)
		return -errno;
	err = snd_pcm_open(&sound->pcm, sound->name, source ? SND_PCM_STREAM_CAPTURE :
			   SND_PCM_STREAM_PLAYBACK, 0);
	if (err == 0)
		err = set_params(sound);
	if (err < 0)
		return err;
	sound->resampler = speex_resampler_init(1, source ? sound->rate : AUDIO_RATE,
						source ? AUDIO_RATE : sound->rate,
						SOUND_QUALITY, NULL);
	return sound->resampler ? 0 : -ENOMEM;
}

int term_sound_start(struct term_sound *sound)
{
	int err;

	if (sound->running)
		return 0;
	sound->flowing = false;
	clock_init(&sound->clock, SOUND_TARGET);
	err = sound_open(sound);
	if (err == 0)
		err = -pthread_create(&sound->thread, NULL, sound_main, sound);
	if (err < 0)
		sound_close(sound);
	else
		sound->running = true;
	return err;
}

void term_sound_stop(struct term_sound *sound)
{
	uint64_t one = 1;

	if (!sound->running)
		return;
	if (write(sound->quit_fd, &one, sizeof(one)) != sizeof(one))
		pthread_cancel(sound->thread);
	pthread_join(sound->thread, NULL);
	sound_close(sound);
	sound->running = false;
}

int term_sound_drift(struct term_sound *sound)
{
	return atomic_load(&sound->drift);
}

void term_sound_free(struct term_sound *sound)
{
	if (!sound)
		return;
	term_sound_stop(sound);
	free(sound->name);
	free(sound);
}

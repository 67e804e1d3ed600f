/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The PCM pair of one line.  Capture is the clock: each period that arrives is
 * handed to the sink, and as many frames are taken from the source and played.
 * Playback was started with a lead of silence, so it never runs dry while the
 * thread keeps up, and the delay stays what it was at the start.
 */
#include <spandsp.h>

#include "line.h"

static int16_t sample_in(snd_pcm_format_t format, const void *area, snd_pcm_uframes_t at)
{
	switch (format) {
	case SND_PCM_FORMAT_MU_LAW:
		return ulaw_to_linear(((const uint8_t *)area)[at]);
	case SND_PCM_FORMAT_A_LAW:
		return alaw_to_linear(((const uint8_t *)area)[at]);
	default:
		return ((const int16_t *)area)[at];
	}
}

static void sample_out(snd_pcm_format_t format, void *area, snd_pcm_uframes_t at, int16_t sample)
{
	switch (format) {
	case SND_PCM_FORMAT_MU_LAW:
		((uint8_t *)area)[at] = linear_to_ulaw(sample);
		break;
	case SND_PCM_FORMAT_A_LAW:
		((uint8_t *)area)[at] = linear_to_alaw(sample);
		break;
	default:
		((int16_t *)area)[at] = sample;
		break;
	}
}

static int choose_format(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, snd_pcm_format_t *format)
{
	static const snd_pcm_format_t known[] = {
		SND_PCM_FORMAT_MU_LAW, SND_PCM_FORMAT_A_LAW, SND_PCM_FORMAT_S16,
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (snd_pcm_hw_params_test_format(pcm, hw, known[i]) == 0) {
			*format = known[i];
			return snd_pcm_hw_params_set_format(pcm, hw, known[i]);
		}
	}
	return -EINVAL;
}

static int set_hw(struct engine_line *line, snd_pcm_t *pcm, snd_pcm_uframes_t period)
{
	snd_pcm_hw_params_t *hw;
	unsigned int periods = LINE_PERIODS;
	int err;

	snd_pcm_hw_params_alloca(&hw);
	err = snd_pcm_hw_params_any(pcm, hw);
	if (err < 0)
		return err;
	err = snd_pcm_hw_params_set_access(pcm, hw, SND_PCM_ACCESS_MMAP_INTERLEAVED);
	if (err == 0)
		err = choose_format(pcm, hw, &line->format);
	if (err == 0)
		err = snd_pcm_hw_params_set_channels(pcm, hw, 1);
	if (err == 0)
		err = snd_pcm_hw_params_set_rate(pcm, hw, AUDIO_RATE, 0);
	if (err == 0)
		err = snd_pcm_hw_params_set_period_size_near(pcm, hw, &period, NULL);
	if (err == 0)
		err = snd_pcm_hw_params_set_periods_near(pcm, hw, &periods, NULL);
	if (err == 0)
		err = snd_pcm_hw_params(pcm, hw);
	if (err < 0)
		return err;
	if (period > LINE_PERIOD_MAX || periods <= LINE_LEAD)
		return -EINVAL;
	line->period = period;
	return 0;
}

static int set_sw(struct engine_line *line, snd_pcm_t *pcm)
{
	snd_pcm_sw_params_t *sw;
	int err;

	snd_pcm_sw_params_alloca(&sw);
	err = snd_pcm_sw_params_current(pcm, sw);
	if (err == 0)
		err = snd_pcm_sw_params_set_avail_min(pcm, sw, line->period);
	/* started by hand, both together */
	if (err == 0)
		err = snd_pcm_sw_params_set_start_threshold(pcm, sw, INT32_MAX);
	if (err == 0)
		err = snd_pcm_sw_params(pcm, sw);
	return err;
}

int line_pcm_open(struct engine_line *line, const char *pcm, unsigned int period_ms)
{
	snd_pcm_uframes_t period = period_ms * (AUDIO_RATE / 1000);
	int err;

	err = snd_pcm_open(&line->capture, pcm, SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK);
	if (err < 0)
		return err;
	err = snd_pcm_open(&line->playback, pcm, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
	if (err == 0)
		err = set_hw(line, line->capture, period);
	if (err == 0)
		err = set_hw(line, line->playback, line->period);
	if (err == 0)
		err = set_sw(line, line->capture);
	if (err == 0)
		err = set_sw(line, line->playback);
	if (err == 0) {
		line->linked = snd_pcm_link(line->capture, line->playback) == 0;
		line->num_fds = snd_pcm_poll_descriptors(line->capture, line->fds, LINE_FDS);
		if (line->num_fds <= 0)
			err = -EINVAL;
	}
	if (err < 0)
		line_pcm_close(line);
	return err;
}

void line_pcm_close(struct engine_line *line)
{
	if (line->playback)
		snd_pcm_close(line->playback);
	if (line->capture)
		snd_pcm_close(line->capture);
	line->playback = NULL;
	line->capture = NULL;
}

/* Next @count samples for the line: digits first, else the source, else silence */
static uint32_t next_samples(struct engine_line *line, int16_t *out, uint32_t count)
{
	struct line_digits *digits = line->digits;
	uint32_t got = 0, left;

	if (digits && digits->at < digits->count) {
		left = digits->count - digits->at;
		got = left < count ? left : count;
		memcpy(out, digits->samples + digits->at, got * sizeof(*out));
		digits->at += got;
	} else if (line->source) {
		got = audio_ring_get(&line->source->ring, out, count);
		if (atomic_load_explicit(&line->source->primed, memory_order_relaxed))
			atomic_fetch_add_explicit(&line->source->lost, count - got,
						  memory_order_relaxed);
		atomic_fetch_add_explicit(&line->source->moved, got, memory_order_relaxed);
	}
	memset(out + got, 0, (count - got) * sizeof(*out));
	return got;
}

static int play(struct engine_line *line, snd_pcm_uframes_t frames, bool silence)
{
	while (frames) {
		const snd_pcm_channel_area_t *areas;
		snd_pcm_uframes_t offset, count = frames;
		snd_pcm_sframes_t done;
		int err;

		if (snd_pcm_avail_update(line->playback) < 0)
			return -EPIPE;
		if (count > LINE_PERIOD_MAX)
			count = LINE_PERIOD_MAX;
		err = snd_pcm_mmap_begin(line->playback, &areas, &offset, &count);
		if (err < 0)
			return err;
		if (!count)
			return -EPIPE;
		if (silence)
			memset(line->buffer, 0, count * sizeof(line->buffer[0]));
		else
			next_samples(line, line->buffer, count);
		for (snd_pcm_uframes_t i = 0; i < count; i++)
			sample_out(line->format, areas[0].addr, offset + i, line->buffer[i]);
		done = snd_pcm_mmap_commit(line->playback, offset, count);
		if (done < 0)
			return done;
		frames -= done;
		atomic_fetch_add_explicit(&line->played, done, memory_order_relaxed);
	}
	return 0;
}

int line_pcm_start(struct engine_line *line)
{
	int err;

	err = snd_pcm_prepare(line->capture);
	if (err == 0 && !line->linked)
		err = snd_pcm_prepare(line->playback);
	if (err == 0)
		err = play(line, LINE_LEAD * line->period, true);
	if (err == 0)
		err = snd_pcm_start(line->capture);
	if (err == 0 && !line->linked)
		err = snd_pcm_start(line->playback);
	return err;
}

void line_pcm_stop(struct engine_line *line)
{
	snd_pcm_drop(line->capture);
	if (!line->linked)
		snd_pcm_drop(line->playback);
}

static void give(struct engine_line *line, uint32_t count)
{
	struct audio_port *sink = line->sink;
	uint32_t put;

	if (!sink)
		return;
	put = audio_ring_put(&sink->ring, line->buffer, count);
	atomic_fetch_add_explicit(&sink->lost, count - put, memory_order_relaxed);
	atomic_fetch_add_explicit(&sink->moved, put, memory_order_relaxed);
	if (audio_ring_fill(&sink->ring) >= sink->wake_at)
		audio_port_wake(sink);
}

/* Take at most @frames; returns frames taken or a negative errno */
static snd_pcm_sframes_t take(struct engine_line *line, snd_pcm_uframes_t frames)
{
	const snd_pcm_channel_area_t *areas;
	snd_pcm_uframes_t offset, count = frames;
	snd_pcm_sframes_t done;
	int err;

	if (count > LINE_PERIOD_MAX)
		count = LINE_PERIOD_MAX;
	err = snd_pcm_mmap_begin(line->capture, &areas, &offset, &count);
	if (err < 0)
		return err;
	for (snd_pcm_uframes_t i = 0; i < count; i++)
		line->buffer[i] = sample_in(line->format, areas[0].addr, offset + i);
	done = snd_pcm_mmap_commit(line->capture, offset, count);
	if (done > 0) {
		give(line, done);
		atomic_fetch_add_explicit(&line->captured, done, memory_order_relaxed);
	}
	return done;
}

/* alsa-lib counts samples of a stream that runs no more without a word, and poll() never waits */
static int runs(struct engine_line *line)
{
	switch (snd_pcm_state(line->capture)) {
	case SND_PCM_STATE_RUNNING:
		return 0;
	case SND_PCM_STATE_DISCONNECTED:
		return -ENODEV;
	default:
		return -EPIPE;
	}
}

static int move(struct engine_line *line, bool *moved)
{
	snd_pcm_sframes_t avail = snd_pcm_avail_update(line->capture);

	if (avail < 0)
		return avail;
	if (avail < (snd_pcm_sframes_t)line->period)
		return runs(line);
	/* whole periods only: the rest has another wake-up of its own */
	while (avail >= (snd_pcm_sframes_t)line->period) {
		snd_pcm_sframes_t done = take(line, line->period);
		int err;

		if (done < 0)
			return done;
		err = play(line, done, false);
		if (err < 0)
			return err;
		avail -= done;
		*moved = true;
	}
	return 0;
}

unsigned int line_run(struct engine_line *line, int *error)
{
	unsigned int news = LINE_NOTHING;
	bool moved = false;
	int err;

	err = move(line, &moved);
	if (err == -EPIPE || err == -ESTRPIPE) {
		atomic_fetch_add_explicit(&line->xruns, 1, memory_order_relaxed);
		line_pcm_stop(line);
		err = line_pcm_start(line);
	}
	if (err < 0 && err != -EAGAIN) {
		*error = err;
		line->failed = true;
		return LINE_FAILED;
	}
	if (moved && line->first) {
		line->first = false;
		news |= LINE_ACTIVE;
	}
	if (line->source && audio_ring_room(&line->source->ring) >= line->source->wake_at)
		audio_port_wake(line->source);
	if (line->digits && line->digits->at >= line->digits->count)
		news |= LINE_DIGITS_DONE;
	return news;
}

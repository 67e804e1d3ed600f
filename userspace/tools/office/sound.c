/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sound.h"

#include <alsa/asoundlib.h>
#include <spandsp.h>
#include <sys/epoll.h>

/* Both directions work in steps of 20 ms: small against the buffer, rare enough */
#define PERIOD		160
#define PERIODS_MIN	3
/* The line drivers' longest buffer is 32 periods */
#define PERIODS_MAX	32

enum direction {
	PLAY,
	CAPTURE,
	DIRECTIONS,
};

/**
 * struct sound - sound of a line
 * @ops: what the owner is told
 * @data: for @ops
 * @pcm: the two directions, linked
 * @io: their descriptors in the loop; off while no sound passes
 * @format: format of both
 * @periods: length of the buffers
 * @running: samples pass
 * @written: samples given to ALSA since the start
 * @captured: samples taken from ALSA since the start
 * @source: what plays; owned
 * @from: number of its first sample
 * @taken: samples taken from it
 * @dry: it has no more
 */
struct sound {
	const struct sound_ops *ops;
	void *data;
	snd_pcm_t *pcm[DIRECTIONS];
	sd_event_source *io[DIRECTIONS];
	snd_pcm_format_t format;
	unsigned int periods;
	bool running;
	uint64_t written;
	uint64_t captured;
	struct sound_source *source;
	uint64_t from;
	uint64_t taken;
	bool dry;
};

static const snd_pcm_format_t formats[] = {
	[SOUND_LAW_LINEAR] = SND_PCM_FORMAT_S16,
	[SOUND_LAW_MU] = SND_PCM_FORMAT_MU_LAW,
	[SOUND_LAW_A] = SND_PCM_FORMAT_A_LAW,
};

/* One period in the line's format */
union samples {
	int16_t linear[PERIOD];
	uint8_t law[PERIOD];
};

static void encode(snd_pcm_format_t format, const int16_t *from, union samples *to, size_t count)
{
	if (format == SND_PCM_FORMAT_S16) {
		memcpy(to->linear, from, count * sizeof(*from));
		return;
	}
	for (size_t i = 0; i < count; i++)
		to->law[i] = format == SND_PCM_FORMAT_MU_LAW ? linear_to_ulaw(from[i]) :
							       linear_to_alaw(from[i]);
}

static void decode(snd_pcm_format_t format, const union samples *from, int16_t *to, size_t count)
{
	if (format == SND_PCM_FORMAT_S16) {
		memcpy(to, from->linear, count * sizeof(*to));
		return;
	}
	for (size_t i = 0; i < count; i++)
		to[i] = format == SND_PCM_FORMAT_MU_LAW ? ulaw_to_linear(from->law[i]) :
							  alaw_to_linear(from->law[i]);
}

/* The source's end: the owner may give a new one, or stop, before this returns */
static void end_source(struct sound *sound, uint64_t frames, bool complete)
{
	struct sound_source *source = sound->source;

	if (!source)
		return;
	sound->source = NULL;
	sound->ops->ended(sound->data, source, frames, complete);
	source->free(source);
}

/* Samples that have passed the line */
static uint64_t passed(struct sound *sound)
{
	snd_pcm_sframes_t delay = 0;

	if (!sound->running || snd_pcm_delay(sound->pcm[PLAY], &delay) < 0 || delay < 0)
		return sound->written;
	return (uint64_t)delay < sound->written ? sound->written - delay : 0;
}

static void end_when_passed(struct sound *sound)
{
	if (sound->source && sound->dry && passed(sound) >= sound->from + sound->taken)
		end_source(sound, sound->taken, true);
}

static void fill(struct sound *sound, int16_t *samples, size_t count)
{
	size_t got = 0;

	if (sound->source && !sound->dry) {
		got = sound->source->read(sound->source, samples, count);
		sound->taken += got;
		sound->dry = got < count;
	}
	memset(samples + got, 0, (count - got) * sizeof(*samples));
}

/* Writes as many whole periods as there is room for */
static int write_periods(struct sound *sound)
{
	snd_pcm_t *pcm = sound->pcm[PLAY];
	snd_pcm_sframes_t count;

	while ((count = snd_pcm_avail_update(pcm)) >= PERIOD) {
		union samples out;
		int16_t samples[PERIOD];

		fill(sound, samples, PERIOD);
		encode(sound->format, samples, &out, PERIOD);
		count = snd_pcm_writei(pcm, &out, PERIOD);
		if (count < 0)
			break;
		sound->written += count;
		if (count != PERIOD)
			return -EIO;
	}
	return count < 0 ? count : 0;
}

/* Hands out all that ALSA has */
static int read_all(struct sound *sound)
{
	snd_pcm_t *pcm = sound->pcm[CAPTURE];
	snd_pcm_sframes_t count;

	while ((count = snd_pcm_avail(pcm)) > 0) {
		union samples in;
		int16_t samples[PERIOD];

		count = snd_pcm_readi(pcm, &in, count < PERIOD ? count : PERIOD);
		if (count <= 0)
			break;
		sound->captured += count;
		decode(sound->format, &in, samples, count);
		sound->ops->heard(sound->data, samples, count);
		if (!sound->running)
			return 0;
	}
	return count == -EAGAIN ? 0 : count;
}

static void watch(struct sound *sound, bool on)
{
	for (unsigned int i = 0; i < DIRECTIONS; i++)
		sd_event_source_set_enabled(sound->io[i], on ? SD_EVENT_ON : SD_EVENT_OFF);
}

/* Both directions from a full buffer; they are linked, so one call starts both */
static int begin(struct sound *sound)
{
	int err;

	for (unsigned int i = 0; i < DIRECTIONS; i++) {
		err = snd_pcm_prepare(sound->pcm[i]);
		if (err < 0)
			return err;
	}
	err = write_periods(sound);
	if (!err)
		err = snd_pcm_start(sound->pcm[PLAY]);
	return err;
}

static void halt(struct sound *sound)
{
	watch(sound, false);
	for (unsigned int i = 0; i < DIRECTIONS; i++)
		snd_pcm_drop(sound->pcm[i]);
	sound->running = false;
}

/* An xrun is told and sound goes on; anything else ends it */
static void recover(struct sound *sound, const char *what, int err)
{
	bool xrun = err == -EPIPE || err == -ESTRPIPE;

	if (xrun)
		err = begin(sound);
	if (xrun && !err) {
		sound->ops->failed(sound->data, what, -EPIPE, false);
		return;
	}
	halt(sound);
	sound->ops->failed(sound->data, what, err, true);
	end_source(sound, sound->taken, false);
}

static int on_play(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct sound *sound = data;
	int err = write_periods(sound);

	if (err)
		recover(sound, "playback", err);
	else
		end_when_passed(sound);
	return 0;
}

static int on_capture(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct sound *sound = data;
	int err = read_all(sound);

	if (err)
		recover(sound, "capture", err);
	return 0;
}

static int set_hw(struct sound *sound, snd_pcm_t *pcm, enum sound_law law)
{
	snd_pcm_hw_params_t *hw;
	int err;

	snd_pcm_hw_params_alloca(&hw);
	err = snd_pcm_hw_params_any(pcm, hw);
	if (err < 0)
		return err;
	if (law == SOUND_LAW_AUTO) {
		for (law = SOUND_LAW_LINEAR; law < SOUND_LAW_A; law++) {
			if (!snd_pcm_hw_params_test_format(pcm, hw, formats[law]))
				break;
		}
	}
	sound->format = formats[law];
	err = snd_pcm_hw_params_set_access(pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED);
	if (err >= 0)
		err = snd_pcm_hw_params_set_format(pcm, hw, sound->format);
	if (err >= 0)
		err = snd_pcm_hw_params_set_rate(pcm, hw, SOUND_RATE, 0);
	if (err >= 0)
		err = snd_pcm_hw_params_set_channels(pcm, hw, 1);
	if (err >= 0)
		err = snd_pcm_hw_params_set_period_size(pcm, hw, PERIOD, 0);
	if (err >= 0)
		err = snd_pcm_hw_params_set_periods(pcm, hw, sound->periods, 0);
	return err < 0 ? err : snd_pcm_hw_params(pcm, hw);
}

/* Started by hand, woken once a period, stopped by an xrun */
static int set_sw(snd_pcm_t *pcm)
{
	snd_pcm_uframes_t boundary;
	snd_pcm_sw_params_t *sw;
	int err;

	snd_pcm_sw_params_alloca(&sw);
	err = snd_pcm_sw_params_current(pcm, sw);
	if (err >= 0)
		err = snd_pcm_sw_params_get_boundary(sw, &boundary);
	if (err >= 0)
		err = snd_pcm_sw_params_set_start_threshold(pcm, sw, boundary);
	if (err >= 0)
		err = snd_pcm_sw_params_set_avail_min(pcm, sw, PERIOD);
	return err < 0 ? err : snd_pcm_sw_params(pcm, sw);
}

static int open_direction(struct sound *sound, sd_event *event, const char *name,
			  enum direction direction, enum sound_law law)
{
	snd_pcm_stream_t stream = direction == PLAY ? SND_PCM_STREAM_PLAYBACK :
						      SND_PCM_STREAM_CAPTURE;
	snd_pcm_t **pcm = &sound->pcm[direction];
	struct pollfd poller;
	int err;

	err = snd_pcm_open(pcm, name, stream, SND_PCM_NONBLOCK);
	if (err < 0)
		return err;
	err = set_hw(sound, *pcm, law);
	if (err >= 0)
		err = set_sw(*pcm);
	if (err < 0)
		return err;
	/* a PCM of the kernel has one */
	if (snd_pcm_poll_descriptors(*pcm, &poller, 1) != 1)
		return -EIO;
	/* epoll tells errors unasked */
	err = sd_event_add_io(event, &sound->io[direction], poller.fd,
			      poller.events & (EPOLLIN | EPOLLOUT),
			      direction == PLAY ? on_play : on_capture, sound);
	if (err >= 0)
		err = sd_event_source_set_enabled(sound->io[direction], SD_EVENT_OFF);
	return err;
}

static unsigned int periods_of(unsigned int buffer_ms)
{
	unsigned int periods = (buffer_ms * (SOUND_RATE / 1000) + PERIOD - 1) / PERIOD;

	if (periods < PERIODS_MIN)
		return PERIODS_MIN;
	return periods > PERIODS_MAX ? PERIODS_MAX : periods;
}

int sound_new(sd_event *event, unsigned int card, unsigned int device, enum sound_law law,
	      unsigned int buffer_ms, const struct sound_ops *ops, void *data,
	      struct sound **result)
{
	struct sound *sound = calloc(1, sizeof(*sound));
	char name[sizeof("hw:4294967295,4294967295")];
	int err = 0;

	if (!sound)
		return -ENOMEM;
	sound->ops = ops;
	sound->data = data;
	sound->periods = periods_of(buffer_ms);
	snprintf(name, sizeof(name), "hw:%u,%u", card, device);
	for (unsigned int i = 0; i < DIRECTIONS && err >= 0; i++)
		err = open_direction(sound, event, name, i, law);
	if (err >= 0)
		err = snd_pcm_link(sound->pcm[PLAY], sound->pcm[CAPTURE]);
	if (err < 0) {
		sound_free(sound);
		return err;
	}
	*result = sound;
	return 0;
}

void sound_free(struct sound *sound)
{
	if (!sound)
		return;
	sound_stop(sound);
	for (unsigned int i = 0; i < DIRECTIONS; i++) {
		sd_event_source_disable_unref(sound->io[i]);
		if (sound->pcm[i])
			snd_pcm_close(sound->pcm[i]);
	}
	free(sound);
}

int sound_start(struct sound *sound)
{
	int err;

	if (sound->running)
		return 0;
	sound->written = 0;
	sound->captured = 0;
	sound->from = 0;
	err = begin(sound);
	if (err)
		return err;
	sound->running = true;
	watch(sound, true);
	return 0;
}

/* What of the source has passed the line */
static uint64_t source_passed(struct sound *sound)
{
	uint64_t all = passed(sound);
	uint64_t since = all > sound->from ? all - sound->from : 0;

	return since < sound->taken ? since : sound->taken;
}

void sound_stop(struct sound *sound)
{
	uint64_t frames = source_passed(sound);

	if (sound->running) {
		sound_catch_up(sound);
		halt(sound);
	}
	end_source(sound, frames, sound->dry && frames == sound->taken);
}

bool sound_is_running(const struct sound *sound)
{
	return sound->running;
}

uint64_t sound_play_take(struct sound *sound, struct sound_source *source)
{
	/* what is in the buffer still plays */
	end_source(sound, sound->taken, false);
	sound->source = source;
	sound->from = sound->running ? sound->written : 0;
	sound->taken = 0;
	sound->dry = false;
	return sound->from;
}

const struct sound_source *sound_playing_peek(const struct sound *sound)
{
	return sound->source;
}

uint64_t sound_catch_up(struct sound *sound)
{
	if (!sound->running)
		return 0;
	/* an error comes back when the loop reads */
	read_all(sound);
	return sound->captured;
}

const char *sound_format_name(const struct sound *sound)
{
	return snd_pcm_format_name(sound->format);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: streams. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "stream.h"

static const snd_pcm_format_t formats[] = {
	SND_PCM_FORMAT_MU_LAW, SND_PCM_FORMAT_A_LAW, SND_PCM_FORMAT_S16_LE,
};

int stream_open(struct stream *s, const struct line *line, snd_pcm_stream_t direction)
{
	char name[32];
	int err;

	*s = (struct stream){ .pcm = NULL };
	snprintf(name, sizeof(name), "hw:%u,%u", line->caps.snd_card, line->caps.snd_device);
	err = snd_pcm_open(&s->pcm, name, direction, SND_PCM_NONBLOCK);
	if (err < 0)
		s->pcm = NULL;
	return err;
}

static int set_hardware(struct stream *s, snd_pcm_access_t access, unsigned int buffer)
{
	snd_pcm_hw_params_t *hw;
	unsigned int rate = STREAM_RATE;
	int err;

	snd_pcm_hw_params_alloca(&hw);
	err = snd_pcm_hw_params_any(s->pcm, hw);
	if (err < 0)
		return err;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!snd_pcm_hw_params_test_format(s->pcm, hw, formats[i]))
			s->format = formats[i];
	s->period = STREAM_PERIOD;
	s->buffer = buffer;
	err = snd_pcm_hw_params_set_access(s->pcm, hw, access);
	err = err < 0 ? err : snd_pcm_hw_params_set_format(s->pcm, hw, s->format);
	err = err < 0 ? err : snd_pcm_hw_params_set_channels(s->pcm, hw, 1);
	err = err < 0 ? err : snd_pcm_hw_params_set_rate(s->pcm, hw, rate, 0);
	err = err < 0 ? err : snd_pcm_hw_params_set_period_size_near(s->pcm, hw, &s->period, NULL);
	err = err < 0 ? err : snd_pcm_hw_params_set_buffer_size_near(s->pcm, hw, &s->buffer);
	return err < 0 ? err : snd_pcm_hw_params(s->pcm, hw);
}

static int set_software(struct stream *s)
{
	snd_pcm_uframes_t boundary;
	snd_pcm_sw_params_t *sw;
	int err;

	snd_pcm_sw_params_alloca(&sw);
	err = snd_pcm_sw_params_current(s->pcm, sw);
	err = err < 0 ? err : snd_pcm_sw_params_get_boundary(sw, &boundary);
	err = err < 0 ? err : snd_pcm_sw_params_set_start_threshold(s->pcm, sw, boundary);
	return err < 0 ? err : snd_pcm_sw_params(s->pcm, sw);
}

int stream_prepare(struct stream *s, const struct line *line, snd_pcm_stream_t direction,
		   snd_pcm_access_t access, unsigned int buffer)
{
	int err = stream_open(s, line, direction);

	if (err < 0)
		return err;
	err = set_hardware(s, access, buffer);
	err = err < 0 ? err : set_software(s);
	s->width = snd_pcm_format_size(s->format, 1);
	if (err < 0)
		stream_close(s);
	return err;
}

void stream_close(struct stream *s)
{
	if (s->pcm)
		snd_pcm_close(s->pcm);
	s->pcm = NULL;
}

int stream_read(struct stream *s, void *buf, snd_pcm_uframes_t frames)
{
	uint64_t end = now_ns() + (PATIENCE_MS + frames / 4) * UINT64_C(1000000);
	snd_pcm_uframes_t done = 0;

	while (done < frames) {
		snd_pcm_sframes_t got = snd_pcm_readi(s->pcm, (char *)buf + done * s->width,
						      frames - done);
		struct pollfd file;
		int ready;

		if (got > 0) {
			done += got;
			continue;
		}
		if (got != -EAGAIN && got != 0)
			return got;
		if (now_ns() > end || snd_pcm_poll_descriptors(s->pcm, &file, 1) != 1)
			return -ETIME;
		ready = wait_files(&file, 1, PATIENCE_MS);
		if (ready <= 0)
			return ready ? ready : -ETIME;
	}
	return 0;
}

static int16_t from_mu_law(uint8_t code)
{
	int value;

	code = ~code;
	value = (((code & 15) << 3) + 132) << ((code >> 4) & 7);
	return code & 0x80 ? 132 - value : value - 132;
}

static int16_t from_a_law(uint8_t code)
{
	int segment, value;

	code ^= 0x55;
	segment = (code >> 4) & 7;
	value = ((code & 15) << 4) + 8;
	if (segment)
		value = (value + 256) << (segment - 1);
	return code & 0x80 ? value : -value;
}

int16_t stream_linear(snd_pcm_format_t format, const void *buf, size_t index)
{
	const uint8_t *codes = buf;

	if (format == SND_PCM_FORMAT_MU_LAW)
		return from_mu_law(codes[index]);
	if (format == SND_PCM_FORMAT_A_LAW)
		return from_a_law(codes[index]);
	return (int16_t)(codes[2 * index] | codes[2 * index + 1] << 8);
}

bool stream_silent(const struct stream *s, const void *buf, size_t frames)
{
	for (size_t i = 0; i < frames; i++) {
		int16_t value = stream_linear(s->format, buf, i);

		/* A-law has no zero */
		if (value > 8 || value < -8)
			return false;
	}
	return true;
}

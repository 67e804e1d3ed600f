/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: the line's ALSA device. */
#include <stdio.h>

#include "stream.h"
#include "test.h"

/* Half a second */
#define SHORT_FRAMES (STREAM_RATE / 2)

static enum verdict class(struct run *r)
{
	char path[64], text[16] = "";
	FILE *file;

	CHECK(r->line.caps.snd_card > 0, "it is the machine's first card, that of loudspeakers");
	snprintf(path, sizeof(path), "/sys/class/sound/pcmC%uD%uc/pcm_class",
		 r->line.caps.snd_card, r->line.caps.snd_device);
	file = fopen(path, "re");
	CHECK(file, "%s: %s", path, strerror(errno));
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	CHECK(!strcmp(text, "modem\n"), "class %s", text);
	return OK;
}

static enum verdict judge_format(struct run *r, snd_pcm_t *pcm, snd_pcm_hw_params_t *hw)
{
	struct tapi_line_param law = { .id = TAPI_LINE_PARAM_LAW };
	unsigned int least, most, channels;
	bool mu, a, s16;

	CHECK(snd_pcm_hw_params_any(pcm, hw) >= 0, "no configuration");
	mu = !snd_pcm_hw_params_test_format(pcm, hw, SND_PCM_FORMAT_MU_LAW);
	a = !snd_pcm_hw_params_test_format(pcm, hw, SND_PCM_FORMAT_A_LAW);
	s16 = !snd_pcm_hw_params_test_format(pcm, hw, SND_PCM_FORMAT_S16_LE);
	CHECK(mu + a + s16 == 1, "mu-law %d, A-law %d, S16 %d: one of them is its own", mu, a, s16);
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_PARAM, &law), "the parameter LAW");
	CHECK(s16 || law.value == a, "the parameter LAW is %lld", (long long)law.value);
	snd_pcm_hw_params_get_rate_min(hw, &least, NULL);
	snd_pcm_hw_params_get_rate_max(hw, &most, NULL);
	CHECK(least == STREAM_RATE && most == STREAM_RATE, "rates %u to %u", least, most);
	snd_pcm_hw_params_get_channels_max(hw, &channels);
	CHECK(channels == 1, "%u channels", channels);
	return OK;
}

static enum verdict format(struct run *r)
{
	static const snd_pcm_stream_t both[] = { SND_PCM_STREAM_PLAYBACK, SND_PCM_STREAM_CAPTURE };
	snd_pcm_hw_params_t *hw;
	enum verdict v = OK;

	snd_pcm_hw_params_alloca(&hw);
	for (int i = 0; i < 2 && v == OK; i++) {
		struct stream s;

		CHECK_OK(stream_open(&s, &r->line, both[i]), "open");
		v = judge_format(r, s.pcm, hw);
		stream_close(&s);
	}
	return v;
}

static enum verdict judge_limits(struct run *r, snd_pcm_t *pcm, snd_pcm_hw_params_t *hw)
{
	snd_pcm_uframes_t least, most, buffer;
	unsigned int fewest, greatest;

	CHECK(snd_pcm_hw_params_any(pcm, hw) >= 0, "no configuration");
	snd_pcm_hw_params_get_period_size_min(hw, &least, NULL);
	snd_pcm_hw_params_get_period_size_max(hw, &most, NULL);
	snd_pcm_hw_params_get_buffer_size_max(hw, &buffer);
	snd_pcm_hw_params_get_periods_min(hw, &fewest, NULL);
	snd_pcm_hw_params_get_periods_max(hw, &greatest, NULL);
	CHECK(least >= 40 && least <= 160 && most <= 1600, "periods of %lu to %lu frames", least,
	      most);
	CHECK(!snd_pcm_hw_params_test_period_size(pcm, hw, 160, 0), "no periods of 20 ms");
	CHECK(snd_pcm_hw_params_test_period_size(pcm, hw, least + 1, 0) < 0,
	      "a period of %lu frames is no multiple of the card's", least + 1);
	CHECK(fewest >= 2 && greatest <= 32, "%u to %u periods", fewest, greatest);
	CHECK(buffer >= 1600 && buffer <= 16000, "a buffer of %lu frames", buffer);
	CHECK(snd_pcm_hw_params_can_sync_start(hw) == 1, "streams do not start together");
	return OK;
}

static enum verdict limits(struct run *r)
{
	snd_pcm_hw_params_t *hw;
	struct stream s;
	enum verdict v;

	snd_pcm_hw_params_alloca(&hw);
	CHECK_OK(stream_open(&s, &r->line, SND_PCM_STREAM_PLAYBACK), "open");
	v = judge_limits(r, s.pcm, hw);
	stream_close(&s);
	return v;
}

static enum verdict streams(struct run *r)
{
	struct stream s[5];
	int err[5];

	for (int i = 0; i < 5; i++)
		err[i] = stream_open(&s[i], &r->line, i < 3 ? SND_PCM_STREAM_CAPTURE :
				     SND_PCM_STREAM_PLAYBACK);
	for (int i = 0; i < 5; i++)
		stream_close(&s[i]);
	CHECK_OK(err[0], "a capture stream");
	CHECK_OK(err[1], "a second capture stream");
	CHECK_ERR(err[2], EBUSY, "a third capture stream");
	CHECK_OK(err[3], "a playback stream");
	CHECK_ERR(err[4], EBUSY, "a second playback stream");
	return OK;
}

static enum verdict judge_silence(struct run *r, struct stream *s)
{
	const snd_pcm_channel_area_t *area;
	snd_pcm_uframes_t offset, frames = s->buffer;
	bool silent;

	CHECK_OK(snd_pcm_mmap_begin(s->pcm, &area, &offset, &frames), "mmap");
	silent = frames == s->buffer && stream_silent(s, area->addr, frames);
	/* for the next one to find, if it does */
	memset(area->addr, 0x2a, s->buffer * s->width);
	snd_pcm_mmap_commit(s->pcm, offset, frames);
	CHECK(frames == s->buffer, "%lu frames of %lu are free", frames, s->buffer);
	CHECK(silent, "there is something in the buffer");
	return OK;
}

static enum verdict silence(struct run *r)
{
	enum verdict v = OK;

	for (int i = 0; i < 4 && v == OK; i++) {
		struct stream s;

		CHECK_OK(stream_prepare(&s, &r->line, SND_PCM_STREAM_PLAYBACK,
					SND_PCM_ACCESS_MMAP_INTERLEAVED, 1280), "a stream");
		v = judge_silence(r, &s);
		stream_close(&s);
	}
	return v;
}

static enum verdict judge_capture(struct run *r, struct stream *s)
{
	static int16_t buf[SHORT_FRAMES];
	uint64_t begin, took_ms;

	CHECK_OK(snd_pcm_start(s->pcm), "start");
	CHECK_OK(stream_read(s, buf, STREAM_PERIOD), "the first period");
	begin = now_ns();
	CHECK_OK(stream_read(s, buf, SHORT_FRAMES), "capture");
	took_ms = (now_ns() - begin) / 1000000;
	/* half a second; a busy machine reads late, but nobody reads early */
	CHECK(took_ms >= 440, "%d frames in %u ms", SHORT_FRAMES, (unsigned int)took_ms);
	CHECK(took_ms <= 560 + r->tolerance_ms, "%d frames in %u ms", SHORT_FRAMES,
	      (unsigned int)took_ms);
	return OK;
}

static enum verdict capture(struct run *r)
{
	struct stream s;
	enum verdict v;

	CHECK_OK(stream_prepare(&s, &r->line, SND_PCM_STREAM_CAPTURE,
				SND_PCM_ACCESS_RW_INTERLEAVED, 3200), "a stream");
	v = judge_capture(r, &s);
	stream_close(&s);
	return v;
}

/* Plays until nothing is left; the delay shrinks as it does */
static enum verdict judge_playback(struct run *r, struct stream *s)
{
	static uint8_t buf[2 * 1600];
	snd_pcm_sframes_t delay, before, put;
	uint64_t begin;
	int err;

	memset(buf, s->format == SND_PCM_FORMAT_MU_LAW ? 0xff :
	       s->format == SND_PCM_FORMAT_A_LAW ? 0xd5 : 0, sizeof(buf));
	put = snd_pcm_writei(s->pcm, buf, s->buffer);
	CHECK(put == (snd_pcm_sframes_t)s->buffer, "write: %ld of %lu", put, s->buffer);
	begin = now_ns();
	CHECK_OK(snd_pcm_start(s->pcm), "start");
	CHECK_OK(snd_pcm_delay(s->pcm, &before), "delay");
	CHECK(before > (snd_pcm_sframes_t)s->buffer / 2, "%lu frames are queued, the delay is %ld",
	      s->buffer, before);
	while ((err = snd_pcm_delay(s->pcm, &delay)) == 0) {
		CHECK(delay <= before + 8, "the delay grows from %ld to %ld", before, delay);
		CHECK(now_ns() - begin < PATIENCE_MS * UINT64_C(1000000), "it does not end");
		before = delay;
		CHECK_OK(wait_ms(10), "interrupted");
	}
	CHECK(err == -EPIPE, "at its end: %s", error_name(err));
	CHECK(now_ns() - begin >= s->buffer * UINT64_C(100000), "%lu frames were played in %u ms",
	      s->buffer, (unsigned int)((now_ns() - begin) / 1000000));
	CHECK(snd_pcm_state(s->pcm) == SND_PCM_STATE_XRUN, "state %d after an underrun",
	      snd_pcm_state(s->pcm));
	CHECK_OK(snd_pcm_prepare(s->pcm), "prepare after an underrun");
	return OK;
}

static enum verdict playback(struct run *r)
{
	struct stream s;
	enum verdict v;

	CHECK_OK(stream_prepare(&s, &r->line, SND_PCM_STREAM_PLAYBACK,
				SND_PCM_ACCESS_RW_INTERLEAVED, 1600), "a stream");
	v = judge_playback(r, &s);
	stream_close(&s);
	return v;
}

static enum verdict judge_three(struct run *r, struct stream *s)
{
	static int16_t heard[2][SHORT_FRAMES], silent[STREAM_PERIOD * 4];
	snd_pcm_sframes_t put;

	CHECK_OK(snd_pcm_link(s[0].pcm, s[2].pcm), "link");
	put = snd_pcm_writei(s[2].pcm, silent, STREAM_PERIOD * 4);
	CHECK(put == STREAM_PERIOD * 4, "write: %ld", put);
	CHECK_OK(snd_pcm_start(s[0].pcm), "start");
	CHECK(snd_pcm_state(s[2].pcm) == SND_PCM_STATE_RUNNING, "the linked stream did not start");
	CHECK_OK(snd_pcm_unlink(s[0].pcm), "unlink");
	CHECK_OK(snd_pcm_start(s[1].pcm), "start");
	for (int i = 0; i < 2; i++)
		CHECK_OK(stream_read(&s[i], heard[i], SHORT_FRAMES), "capture");
	return OK;
}

static enum verdict three(struct run *r)
{
	struct stream s[3] = { { 0 } };
	enum verdict v = OK;
	int err = 0;

	for (int i = 0; i < 3 && !err; i++)
		err = stream_prepare(&s[i], &r->line, i < 2 ? SND_PCM_STREAM_CAPTURE :
				     SND_PCM_STREAM_PLAYBACK, SND_PCM_ACCESS_RW_INTERLEAVED, 4800);
	v = err ? verdict(r, FAIL, "three streams: %s", error_name(err)) : judge_three(r, s);
	for (int i = 2; i >= 0; i--)
		stream_close(&s[i]);
	return v;
}

#define RULE LINE_PAGE "Sound"

static const struct test tests[] = {
	{ "pcm/class", RULE, "a card that desktop sound servers leave alone", 0,
	  TAPI_LINE_CAP_PCM, .run = class },
	{ "pcm/format", RULE, "8,000 Hz, one channel, the card's own law", 0, TAPI_LINE_CAP_PCM,
	  .run = format },
	{ "pcm/limits", RULE, "periods of 40 to 1,600 frames, multiples of the card's; up to 2 s", 0,
	  TAPI_LINE_CAP_PCM, .run = limits },
	{ "pcm/streams", RULE, "one playback and two capture substreams", 0, TAPI_LINE_CAP_PCM,
	  .run = streams },
	{ "pcm/silence", RULE, "a fresh buffer is silent", 0, TAPI_LINE_CAP_PCM, .run = silence },
	{ "pcm/capture", RULE, "the position goes on at 8,000 Hz", 0, TAPI_LINE_CAP_PCM,
	  .run = capture },
	{ "pcm/playback", RULE, "the delay shrinks, an underrun is told and recovered from", 0,
	  TAPI_LINE_CAP_PCM, .run = playback },
	{ "pcm/together", RULE, "all three at once, two of them started together", 0,
	  TAPI_LINE_CAP_PCM, .run = three },
};

GROUP(pcm_group, tests);

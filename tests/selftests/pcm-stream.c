/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sound of two lines on one cable: what it can do, every sample of a ramp both ways, two
 * listeners, linked streams, overruns. Lines 0 and 1 of card 0, mu-law, without a provider.
 */
#include <pthread.h>

#include "sound-util.h"

#define SECONDS		2
#define LENGTH		(SECONDS * 8000)
/* the ramp, and the silence before it */
#define HEARD		(LENGTH + 8000)

static bool identity(void)
{
	char path[128], text[32] = "";
	int card = sound_card(), fd;

	CHECK(sound_ready(), "card");
	CHECK(card > 0, "card %d: place 0 is for speakers", card);
	snprintf(path, sizeof(path), "/sys/class/sound/pcmC%dD0p/pcm_class", card);
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0, "%s", path);
	close(fd);
	CHECK(!strcmp(text, "modem\n"), "class %s", text);
	return true;
}

static bool limits(void)
{
	snd_pcm_uframes_t min, max, buffer;
	unsigned int rate_min, rate_max;
	snd_pcm_hw_params_t *hw;
	snd_pcm_t *pcm;

	CHECK(sound_ready(), "card");
	CHECK_ERR(sound_open_flags(&pcm, 0, SND_PCM_STREAM_PLAYBACK, 0), 0);
	snd_pcm_hw_params_alloca(&hw);
	CHECK(snd_pcm_hw_params_any(pcm, hw) >= 0, "any");
	CHECK_ERR(snd_pcm_hw_params_test_format(pcm, hw, SND_PCM_FORMAT_MU_LAW), 0);
	CHECK(snd_pcm_hw_params_test_format(pcm, hw, SND_PCM_FORMAT_S16_LE) < 0, "S16 taken");
	CHECK(snd_pcm_hw_params_test_format(pcm, hw, SND_PCM_FORMAT_A_LAW) < 0, "A-law taken");
	CHECK(snd_pcm_hw_params_test_channels(pcm, hw, 2) < 0, "stereo taken");
	CHECK(snd_pcm_hw_params_can_sync_start(hw) == 1, "no common start");
	snd_pcm_hw_params_get_rate_min(hw, &rate_min, NULL);
	snd_pcm_hw_params_get_rate_max(hw, &rate_max, NULL);
	CHECK(rate_min == 8000 && rate_max == 8000, "%u..%u", rate_min, rate_max);
	snd_pcm_hw_params_get_period_size_min(hw, &min, NULL);
	snd_pcm_hw_params_get_period_size_max(hw, &max, NULL);
	snd_pcm_hw_params_get_buffer_size_max(hw, &buffer);
	CHECK(min >= 40 && max <= 1600 && buffer <= 16000, "%lu..%lu, %lu", min, max, buffer);
	CHECK(snd_pcm_hw_params_test_period_size(pcm, hw, min + 1, 0) < 0, "%lu taken", min + 1);
	snd_pcm_close(pcm);
	return true;
}

struct side {
	unsigned int play, listen;
	uint8_t heard[2][HEARD];
	pthread_t thread[3];
	int err[3];
};

static void *play_ramp(void *arg)
{
	struct side *side = arg;
	uint8_t buf[PERIOD];
	snd_pcm_t *pcm;
	size_t at, i;
	int err;

	err = sound_open(&pcm, side->play, SND_PCM_STREAM_PLAYBACK);
	for (at = 0; !err && at < LENGTH; at += PERIOD) {
		for (i = 0; i < PERIOD; i++)
			buf[i] = RAMP(at + i);
		if (snd_pcm_writei(pcm, buf, PERIOD) != PERIOD)
			err = -EPIPE;
	}
	if (!err)
		err = snd_pcm_drain(pcm);
	side->err[0] = err;
	return NULL;
}

static void *listen_to(struct side *side, int which)
{
	snd_pcm_t *pcm;
	size_t at;
	int err;

	err = sound_open(&pcm, side->listen, SND_PCM_STREAM_CAPTURE);
	for (at = 0; !err && at < HEARD; at += PERIOD) {
		snd_pcm_sframes_t n = snd_pcm_readi(pcm, side->heard[which] + at, PERIOD);

		if (n != PERIOD)
			err = n < 0 ? n : -EIO;
	}
	if (!err)
		snd_pcm_close(pcm);
	side->err[1 + which] = err;
	return NULL;
}

static void *listen_first(void *arg)
{
	return listen_to(arg, 0);
}

static void *listen_second(void *arg)
{
	return listen_to(arg, 1);
}

static bool side_is_exact(const struct side *side)
{
	int i;

	for (i = 0; i < 3; i++)
		CHECK_ERR(side->err[i], 0);
	for (i = 0; i < 2; i++) {
		long at = ramp_begin(side->heard[i], HEARD);
		size_t n;

		CHECK(at >= 0, "listener %d of line %u hears no ramp", i, side->listen);
		n = ramp_length(side->heard[i], HEARD, at);
		CHECK(n == LENGTH, "line %u, listener %d: wrong after %zu of %d (began at %ld)",
		      side->listen, i, n, LENGTH, at);
		for (n += at; n < HEARD; n++)
			CHECK(side->heard[i][n] == MU_SILENCE, "%02x after the end, at %zu",
			      side->heard[i][n], n);
	}
	return true;
}

static bool exact(void)
{
	static struct side sides[2] = { { .play = 0, .listen = 1 }, { .play = 1, .listen = 0 } };
	static void *(*const run[])(void *) = { listen_first, listen_second, play_ramp };
	int i, j;

	CHECK(sound_ready(), "card");
	for (j = 0; j < 3; j++)
		for (i = 0; i < 2; i++)
			CHECK_ERR(pthread_create(&sides[i].thread[j], NULL, run[j], &sides[i]), 0);
	for (j = 0; j < 3; j++)
		for (i = 0; i < 2; i++)
			pthread_join(sides[i].thread[j], NULL);
	return side_is_exact(&sides[0]) && side_is_exact(&sides[1]);
}

/* A third listener and a second speaker find no place */
static bool busy(void)
{
	snd_pcm_t *listener[2], *speaker, *more;

	CHECK(sound_ready(), "card");
	CHECK_ERR(sound_open(&listener[0], 0, SND_PCM_STREAM_CAPTURE), 0);
	CHECK_ERR(sound_open(&listener[1], 0, SND_PCM_STREAM_CAPTURE), 0);
	CHECK_ERR(sound_open(&speaker, 0, SND_PCM_STREAM_PLAYBACK), 0);
	CHECK_ERR(sound_open(&more, 0, SND_PCM_STREAM_CAPTURE), -EBUSY);
	CHECK_ERR(sound_open(&more, 0, SND_PCM_STREAM_PLAYBACK), -EBUSY);
	CHECK_ERR(sound_open(&more, 1, SND_PCM_STREAM_PLAYBACK), 0);
	return true;
}

/* Plays a ramp on line 0 linked with a listener on line 1; where the ramp begins */
static bool linked_once(long *begin)
{
	uint8_t ramp[PERIOD * PERIODS], heard[PERIOD * PERIODS];
	snd_pcm_t *out, *in;
	snd_pcm_sframes_t n;
	size_t i;

	for (i = 0; i < sizeof(ramp); i++)
		ramp[i] = RAMP(i);
	CHECK_ERR(sound_open(&out, 0, SND_PCM_STREAM_PLAYBACK), 0);
	CHECK_ERR(sound_open(&in, 1, SND_PCM_STREAM_CAPTURE), 0);
	CHECK_ERR(snd_pcm_link(out, in), 0);
	CHECK_ERR(snd_pcm_prepare(out), 0);
	n = snd_pcm_writei(out, ramp, sizeof(ramp) - PERIOD);
	CHECK(n == sizeof(ramp) - PERIOD, "%ld", n);
	CHECK_ERR(snd_pcm_start(out), 0);
	CHECK(snd_pcm_state(in) == SND_PCM_STATE_RUNNING, "the other did not start");
	n = snd_pcm_readi(in, heard, sizeof(heard) / 2);
	CHECK(n == sizeof(heard) / 2, "%ld", n);
	*begin = ramp_begin(heard, sizeof(heard) / 2);
	CHECK(*begin >= 0, "no ramp");
	i = ramp_length(heard, sizeof(heard) / 2, *begin);
	CHECK(i == sizeof(heard) / 2 - *begin, "wrong after %zu", i);
	snd_pcm_drop(out);
	snd_pcm_close(in);
	snd_pcm_close(out);
	return true;
}

static bool linked(void)
{
	snd_pcm_t *keeper;
	long first, again;
	int i;

	CHECK(sound_ready(), "card");
	CHECK(linked_once(&first), "first");
	for (i = 0; i < 10; i++) {
		/* at other moments of the card's period, once it has played out the last round */
		usleep(60000 + 3000 * i);
		/* from here on the card runs already */
		if (i == 5) {
			CHECK_ERR(sound_open(&keeper, 0, SND_PCM_STREAM_CAPTURE), 0);
			CHECK_ERR(snd_pcm_start(keeper), 0);
		}
		CHECK(linked_once(&again), "%d", i);
		CHECK(again == first, "the delay was %ld and is %ld frames", first, again);
	}
	return true;
}

static bool recovery(void)
{
	uint8_t buf[PERIOD * PERIODS] = { 0 };
	snd_pcm_t *pcm;
	snd_pcm_sframes_t n;

	CHECK(sound_ready(), "card");
	CHECK_ERR(sound_open(&pcm, 0, SND_PCM_STREAM_PLAYBACK), 0);
	n = snd_pcm_writei(pcm, buf, 3 * PERIOD);
	CHECK(n == 3 * PERIOD, "%ld", n);
	CHECK_ERR(snd_pcm_start(pcm), 0);
	while (snd_pcm_state(pcm) == SND_PCM_STATE_RUNNING) {
		snd_pcm_avail(pcm);
		usleep(5000);
	}
	CHECK(snd_pcm_state(pcm) == SND_PCM_STATE_XRUN, "%d", snd_pcm_state(pcm));
	n = snd_pcm_writei(pcm, buf, PERIOD);
	CHECK(n == -EPIPE, "%ld", n);
	CHECK_ERR(snd_pcm_prepare(pcm), 0);
	n = snd_pcm_writei(pcm, buf, sizeof(buf));
	CHECK(n == sizeof(buf), "%ld", n);
	CHECK(snd_pcm_state(pcm) == SND_PCM_STATE_RUNNING, "%d", snd_pcm_state(pcm));
	CHECK_ERR(snd_pcm_drain(pcm), 0);
	return true;
}

/* What the last call said cannot be read out of the buffer of the next */
static bool forgetful(void)
{
	const snd_pcm_channel_area_t *area;
	snd_pcm_uframes_t offset, frames, i;
	uint8_t ramp[PERIOD * PERIODS];
	snd_pcm_t *pcm;
	int round;

	CHECK(sound_ready(), "card");
	for (i = 0; i < sizeof(ramp); i++)
		ramp[i] = RAMP(i);
	for (round = 0; round < 8; round++) {
		CHECK_ERR(sound_open_flags(&pcm, 0, SND_PCM_STREAM_PLAYBACK, 0), 0);
		CHECK_ERR(sound_params(pcm, SND_PCM_ACCESS_MMAP_INTERLEAVED, PERIOD, PERIODS), 0);
		frames = sizeof(ramp);
		CHECK(!snd_pcm_mmap_begin(pcm, &area, &offset, &frames), "mmap");
		CHECK(frames == sizeof(ramp) && !offset, "%lu at %lu", frames, offset);
		for (i = 0; i < frames; i++)
			CHECK(((uint8_t *)area->addr)[i] == MU_SILENCE, "%02x at %lu",
			      ((uint8_t *)area->addr)[i], i);
		memcpy(area->addr, ramp, sizeof(ramp));
		snd_pcm_mmap_commit(pcm, offset, frames);
		snd_pcm_close(pcm);
	}
	return true;
}

/* A stream that is dropped, or closed, is silent at once: also what the card has of it already */
static bool dropped(void)
{
	uint8_t ramp[PERIOD * PERIODS], heard[PERIOD];
	snd_pcm_t *out, *in, *late;
	int round, i, k;

	CHECK(sound_ready(), "card");
	for (i = 0; i < (int)sizeof(ramp); i++)
		ramp[i] = RAMP(i);
	for (round = 0; round < 2; round++) {
		CHECK_ERR(sound_open(&out, 0, SND_PCM_STREAM_PLAYBACK), 0);
		CHECK_ERR(sound_open(&in, 1, SND_PCM_STREAM_CAPTURE), 0);
		CHECK_ERR(sound_open(&late, 1, SND_PCM_STREAM_CAPTURE), 0);
		CHECK_ERR(snd_pcm_start(in), 0);
		CHECK(snd_pcm_writei(out, ramp, sizeof(ramp)) == sizeof(ramp), "write");
		for (i = 0; i < PERIODS / 2; i++)
			CHECK(snd_pcm_readi(in, heard, PERIOD) == PERIOD, "read");
		CHECK(heard[0] != MU_SILENCE, "nothing is heard");
		if (round)
			snd_pcm_close(out);
		else
			CHECK_ERR(snd_pcm_drop(out), 0);
		CHECK_ERR(snd_pcm_start(late), 0);
		for (i = 0; i < PERIODS / 2; i++) {
			CHECK(snd_pcm_readi(late, heard, PERIOD) == PERIOD, "read");
			for (k = 0; k < PERIOD; k++)
				CHECK(heard[k] == MU_SILENCE, "%02x, %d later", heard[k],
				      i * PERIOD + k);
		}
		if (!round)
			snd_pcm_close(out);
		snd_pcm_close(in);
		snd_pcm_close(late);
	}
	return true;
}

/* A stream that ran dry is followed by silence, not by old samples */
static bool dry(void)
{
	uint8_t ramp[PERIOD * PERIODS], heard[2 * PERIOD * PERIODS];
	snd_pcm_t *out, *in;
	snd_pcm_sframes_t n;
	size_t i, part = 2 * PERIOD - 50;
	long at;

	CHECK(sound_ready(), "card");
	for (i = 0; i < sizeof(ramp); i++)
		ramp[i] = RAMP(i);
	CHECK_ERR(sound_open(&out, 0, SND_PCM_STREAM_PLAYBACK), 0);
	CHECK_ERR(sound_open(&in, 1, SND_PCM_STREAM_CAPTURE), 0);
	/* the buffer is full of ramp, but only a part of it is handed over */
	n = snd_pcm_writei(out, ramp, sizeof(ramp));
	CHECK(n == sizeof(ramp), "%ld", n);
	CHECK_ERR(snd_pcm_drop(out), 0);
	CHECK_ERR(snd_pcm_prepare(out), 0);
	usleep(100000);
	CHECK_ERR(snd_pcm_start(in), 0);
	n = snd_pcm_writei(out, ramp, part);
	CHECK(n == (snd_pcm_sframes_t)part, "%ld", n);
	CHECK_ERR(snd_pcm_start(out), 0);
	for (i = 0; i < sizeof(heard); i += n) {
		n = snd_pcm_readi(in, heard + i, PERIOD);
		CHECK(n == PERIOD, "%ld", n);
	}
	at = ramp_begin(heard, sizeof(heard));
	CHECK(at >= 0, "no ramp");
	CHECK(ramp_length(heard, sizeof(heard), at) == part, "%zu samples of %zu",
	      ramp_length(heard, sizeof(heard), at), part);
	for (i = at + part; i < sizeof(heard); i++)
		CHECK(heard[i] == MU_SILENCE, "%02x at %zu", heard[i], i);
	return true;
}

static const struct rn_case cases[] = {
	{ identity, "a card of its own, not the first, of class modem" },
	{ limits, "native law, 8000 Hz, periods of the card's grain" },
	{ exact, "both directions, two listeners each: every sample" },
	{ busy, "one speaker and two listeners a line" },
	{ linked, "linked streams start on the same frame" },
	{ recovery, "an underrun is reported and recovered from" },
	{ dropped, "a stream that is dropped is silent at once" },
	{ dry, "a stream that runs dry is heard to its end, and followed by silence" },
	{ forgetful, "a fresh buffer is silent" },
};

RN_MAIN(cases)

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sound for a long time, an hour unless told otherwise, in both directions at once: no sample is
 * lost, none slips in, and what is heard is as late at the end as it was at the beginning.
 *
 *	pcm-hour [SECONDS]
 */
#include "sound-util.h"
#include "tap.h"

#define LONG_PERIOD	1600
#define LONG_PERIODS	10
/* Periods said before the first is heard */
#define AHEAD		5
#define SIDES		2

struct side {
	snd_pcm_t *play, *listen;
	uint64_t said, heard;
	int64_t late;			/* samples of silence before the first, -1: not yet heard */
	uint64_t wrong, first_wrong;
};

static struct side side[SIDES];

/* Sample @n: never silence, and no run of them comes twice within an hour */
static uint8_t sample(uint64_t n)
{
	uint64_t x = n * 0x9e3779b97f4a7c15ULL;

	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9ULL;
	return (x >> 40) % 255;
}

static bool set_up(void)
{
	int i;

	CHECK(sound_ready(), "card");
	for (i = 0; i < SIDES; i++) {
		struct side *s = &side[i];

		s->late = -1;
		CHECK_ERR(sound_open_flags(&s->play, i, SND_PCM_STREAM_PLAYBACK, 0), 0);
		CHECK_ERR(sound_open_flags(&s->listen, !i, SND_PCM_STREAM_CAPTURE, 0), 0);
		CHECK_ERR(sound_params(s->play, SND_PCM_ACCESS_RW_INTERLEAVED, LONG_PERIOD,
				       LONG_PERIODS), 0);
		CHECK_ERR(sound_params(s->listen, SND_PCM_ACCESS_RW_INTERLEAVED, LONG_PERIOD,
				       LONG_PERIODS), 0);
		CHECK_ERR(sound_start_when_full(s->play), 0);
	}
	return true;
}

static bool say(struct side *s)
{
	uint8_t buf[LONG_PERIOD];
	int i;

	for (i = 0; i < LONG_PERIOD; i++)
		buf[i] = sample(s->said + i);
	CHECK(snd_pcm_writei(s->play, buf, LONG_PERIOD) == LONG_PERIOD, "at %llu",
	      (unsigned long long)s->said);
	s->said += LONG_PERIOD;
	return true;
}

static bool hear(struct side *s)
{
	uint8_t buf[LONG_PERIOD];
	int i;

	CHECK(snd_pcm_readi(s->listen, buf, LONG_PERIOD) == LONG_PERIOD, "at %llu",
	      (unsigned long long)s->heard);
	for (i = 0; i < LONG_PERIOD; i++) {
		if (s->late < 0 && buf[i] != MU_SILENCE)
			s->late = s->heard + i;
		if (s->late >= 0 && buf[i] != sample(s->heard + i - s->late) && !s->wrong++)
			s->first_wrong = s->heard + i;
	}
	s->heard += LONG_PERIOD;
	return true;
}

static bool talk(uint64_t samples)
{
	int i, n;

	for (i = 0; i < SIDES; i++) {
		for (n = 0; n < AHEAD; n++)
			CHECK(say(&side[i]), "side %d", i);
		CHECK_ERR(snd_pcm_start(side[i].listen), 0);
	}
	for (i = 0; i < SIDES; i++)
		CHECK_ERR(snd_pcm_start(side[i].play), 0);
	while (side[0].heard < samples)
		for (i = 0; i < SIDES; i++)
			CHECK(hear(&side[i]) && say(&side[i]), "side %d", i);
	return true;
}

int main(int argc, char **argv)
{
	unsigned long seconds = argc > 1 ? strtoul(argv[1], NULL, 10) : 3600;
	int i;

	if (!ok(set_up(), "two lines, both directions"))
		return tap_done();
	ok(talk(seconds * 8000ULL), "%lu s of sound without an underrun or overrun", seconds);
	for (i = 0; i < SIDES; i++) {
		const struct side *s = &side[i];

		ok(s->late >= 0 && s->heard >= seconds * 8000ULL && !s->wrong,
		   "line %d to line %d: every sample in its place", i, !i);
		printf("# %llu samples, the first after %lld of silence, %llu wrong, first at %llu\n",
		       (unsigned long long)s->heard, (long long)s->late,
		       (unsigned long long)s->wrong, (unsigned long long)s->first_wrong);
	}
	return tap_done();
}

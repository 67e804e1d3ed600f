/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clocks of two cards for a long time, an hour unless told otherwise, in virtual time:
 * each is as fast as clock_ppm says, to a frame, and the cable between them slips by a frame
 * whenever they are a frame apart.
 *
 *	sim-drift [SECONDS]
 */
#include <alsa/asoundlib.h>
#include <math.h>
#include <pthread.h>

#include "sim-util.h"

#define RATE	8000
#define PERIOD	1600
#define PERIODS	10
#define CARDS	2

struct card {
	const char *name;
	int ppm;
	snd_pcm_t *pcm;
	pthread_t thread;
	uint64_t frames;
	int64_t first, last;		/* when the first and the last period were read, ns */
	int failed;
};

static struct card cards[CARDS] = { { .name = "slow", .ppm = -40 }, { .name = "fast", .ppm = 100 } };
static uint64_t wanted = 3600ULL * RATE;

static int open_card(struct card *card)
{
	snd_pcm_uframes_t period = PERIOD;
	snd_pcm_hw_params_t *hw;
	char name[64];
	int err;

	snprintf(name, sizeof(name), "hw:TAPI%d,0", card_number(card->name));
	err = snd_pcm_open(&card->pcm, name, SND_PCM_STREAM_CAPTURE, 0);
	if (err < 0)
		return err;
	snd_pcm_hw_params_alloca(&hw);
	snd_pcm_hw_params_any(card->pcm, hw);
	err = snd_pcm_hw_params_set_access(card->pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED);
	if (!err)
		err = snd_pcm_hw_params_set_period_size(card->pcm, hw, period, 0);
	if (!err)
		err = snd_pcm_hw_params_set_periods(card->pcm, hw, PERIODS, 0);
	return err ?: snd_pcm_hw_params(card->pcm, hw);
}

static void *listen_to(void *data)
{
	struct card *card = data;
	uint8_t buf[PERIOD];

	card->failed = snd_pcm_start(card->pcm) || snd_pcm_readi(card->pcm, buf, PERIOD) != PERIOD;
	card->first = now();
	while (!card->failed && card->frames < wanted) {
		card->failed = snd_pcm_readi(card->pcm, buf, PERIOD) != PERIOD;
		card->last = now();
		card->frames += PERIOD;
	}
	return NULL;
}

static void clock_is_right(const struct card *card)
{
	double should = (card->last - card->first) / 1e9 * RATE * (1 + card->ppm / 1e6);
	double off = card->frames - should;

	ok(!card->failed && card->frames >= wanted && fabs(off) <= 1,
	   "%s: %llu frames in %.3f s, %.3f more than %d ppm make", card->name,
	   (unsigned long long)card->frames, (card->last - card->first) / 1e9, off, card->ppm);
}

static void slips_are_right(const char *path, double drift)
{
	double slips = strtod(value(path), NULL);

	ok(fabs(slips - drift) <= 2, "%s: %.0f, the clocks are %.1f frames apart", path, slips, drift);
}

int main(int argc, char **argv)
{
	double drift;
	bool mounted;
	int i;

	if (argc > 1)
		wanted = strtoull(argv[1], NULL, 10) * RATE;
	if (!sim_begin(&mounted))
		return tap_done();
	gives(make("slow") | make("slow/line0") | make("fast") | make("fast/line0") |
	      write_to("slow/clock_ppm", "-40") | write_to("fast/clock_ppm", "100") |
	      write_to("fast/line0/type", "fxs") | write_to("fast/line0/peer", "slow/line0") |
	      write_to("slow/live", "1") | write_to("fast/live", "1"), 0, "two cards");
	for (i = 0; i < CARDS; i++)
		gives(open_card(&cards[i]), 0, cards[i].name);
	if (!tap_failures) {
		for (i = 0; i < CARDS; i++)
			pthread_create(&cards[i].thread, NULL, listen_to, &cards[i]);
		for (i = 0; i < CARDS; i++)
			pthread_join(cards[i].thread, NULL);
		drift = wanted / 1e6 * (cards[1].ppm - cards[0].ppm);
		for (i = 0; i < CARDS; i++)
			clock_is_right(&cards[i]);
		slips_are_right("slow/line0/wire/slips", drift);
		slips_are_right("fast/line0/wire/slips", drift);
		ok(!strcmp(value("slow/line0/wire/gaps"), "0") &&
		   !strcmp(value("fast/line0/wire/gaps"), "0"), "nothing was late");
	}
	for (i = 0; i < CARDS; i++)
		if (cards[i].pcm)
			snd_pcm_close(cards[i].pcm);
	gives(write_to("slow/live", "0") | write_to("fast/live", "0") | take("slow/line0") |
	      take("fast/line0") | take("slow") | take("fast"), 0, "both are gone");
	return sim_end(mounted);
}

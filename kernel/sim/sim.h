/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of tapi_sim.ko share.
 *
 * A card has pairs of lines: line 2n is FXO, line 2n + 1 the FXS line at the
 * other end of its cable.
 */
#ifndef _TAPI_SIM_H
#define _TAPI_SIM_H

#include <linux/hrtimer.h>
#include <linux/spinlock.h>
#include <linux/tapi_card.h>

#define SIM_PAIRS	(TAPI_CARD_LINES / 2)

/**
 * struct sim_cable - what two lines have in common
 * @lock: protects everything below; taken from either line's control path
 * @fxo: the end that hangs on an exchange
 * @fxs: the end that plays the exchange
 * @closed: the FXO end closes the loop
 * @fed: the FXS end feeds the line
 * @reversed: it does so with reversed polarity
 * @ringing: ringing voltage is on the line
 */
struct sim_cable {
	spinlock_t lock;		/* everything below */
	struct tapi_line *fxo;
	struct tapi_line *fxs;
	bool closed;
	bool fed;
	bool reversed;
	bool ringing;
};

/**
 * struct sim_clock - the sample clock of a card
 * @lock: protects everything below against the timer
 * @timer: runs while sound does
 * @card: whose clock it is
 * @rx: ring of samples from the lines
 * @tx: ring of samples to the lines
 * @frames: length of each ring
 * @grain: frames of one step
 * @stride: bytes of a frame
 * @width: bytes of a sample
 * @start: time of the first frame
 * @done: steps since then
 * @run: counts starts; 0 bit says whether it runs
 */
struct sim_clock {
	spinlock_t lock;		/* everything below, against the timer */
	struct hrtimer timer;
	struct tapi_card *card;
	u8 *rx;
	u8 *tx;
	unsigned int frames;
	unsigned int grain;
	unsigned int stride;
	unsigned int width;
	ktime_t start;
	u64 done;
	unsigned int run;
};

struct sim_card {
	struct sim_clock clock;
	unsigned int pairs;
	struct sim_cable cables[SIM_PAIRS];
};

/* cable.c */
void sim_cable_init(struct sim_cable *cable, struct tapi_line *fxo, struct tapi_line *fxs);
int sim_set_hook(struct tapi_line *line, bool off);
int sim_set_linefeed(struct tapi_line *line, u32 state, u32 polarity);
int sim_ring_on(struct tapi_line *line, u32 freq_mhz);
int sim_ring_off(struct tapi_line *line);
int sim_dtmf_send(struct tapi_line *line, char digit, bool on);

/* clock.c */
int sim_clock_init(struct sim_clock *clock, struct tapi_card *card, unsigned int lines,
		   unsigned int width, unsigned int grain);
void sim_clock_free(struct sim_clock *clock);
int sim_pcm_prepare(struct tapi_card *card, struct tapi_pcm_ring *ring);
int sim_pcm_start(struct tapi_card *card);
void sim_pcm_stop(struct tapi_card *card);
void sim_pcm_pos(struct tapi_card *card, u32 *rx, u32 *tx);

static inline struct sim_card *sim_of_line(struct tapi_line *line)
{
	return tapi_card_priv(tapi_line_card(line));
}

#endif /* _TAPI_SIM_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of tapi_sim.ko share.
 *
 * A card is made from a setup: the module's parameters give one, a directory
 * in configfs any number of others.  Each line has a cable; the other end of
 * it is a line of the same card, of another card, or nothing.
 *
 * Locks: su_mutex of configfs > device lock > those of the core > cable lock >
 * ev_lock of a line.  Clock lock > pipe lock.
 */
#ifndef _TAPI_SIM_H
#define _TAPI_SIM_H

#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/spinlock.h>
#include <linux/tapi_card.h>

struct platform_device;

#define SIM_NAME	"tapi_sim"
#define SIM_PAIRS	(TAPI_CARD_LINES / 2)
/* Room for the name of a line, as struct tapi_line_caps has it */
#define SIM_LINE_NAME	16
/* Crystals are good for 100 ppm; ten times that shows every effect of drift within seconds */
#define SIM_PPM_MAX	1000

/* Of a pipe: half a second, more than both ends ever hold */
#define SIM_PIPE_FRAMES	4096

/**
 * struct sim_pipe - one direction of sound between two cards
 * @lock: protects everything below against the other card's clock
 * @in: frames written
 * @out: frames read
 * @step: frames of the last write
 * @flows: enough was there when the reader came
 * @buf: samples of one or two bytes
 */
struct sim_pipe {
	spinlock_t lock;		/* everything below, against the other clock */
	u32 in;
	u32 out;
	u32 step;
	bool flows;
	u8 buf[SIM_PIPE_FRAMES * 2];
};

/**
 * struct sim_cable - what two lines have in common
 * @ref: lines and setups that know the cable
 * @lock: protects what follows, up to @pipes; taken from either line's control path
 * @fxo: the end that hangs on an exchange, NULL while its card is not there
 * @fxs: the end that plays the exchange, NULL while its card is not there
 * @closed: the FXO end closes the loop
 * @fed: the FXS end feeds the line
 * @reversed: it does so with reversed polarity
 * @rings: it puts ringing voltage on the line
 * @ring_mhz: of this frequency
 * @told_battery: what the FXO end has been told: whether it is fed
 * @told_reversed: with which polarity
 * @told_ring: whether it is rung
 * @told_loop: what the FXS end has been told: whether current flows
 * @pipes: sound to the FXO and to the FXS end; NULL when both are on one card
 */
struct sim_cable {
	struct kref ref;
	spinlock_t lock;		/* what follows, up to @pipes */
	struct tapi_line *fxo;
	struct tapi_line *fxs;
	bool closed;
	bool fed;
	bool reversed;
	bool rings;
	u32 ring_mhz;
	bool told_battery;
	bool told_reversed;
	bool told_ring;
	bool told_loop;
	struct sim_pipe *pipes;
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
 * @silence: byte of a silent sample
 * @step_ns: time of one step
 * @step_rest_ps: what @step_ns leaves over
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
	u8 silence;
	u64 step_ns;
	u32 step_rest_ps;
	ktime_t start;
	u64 done;
	unsigned int run;
};

/**
 * struct sim_line - a line of a card, set when the card is made
 * @cable: its cable
 * @source: the line of the same card that it hears, -1 for none
 * @fxs: which end of the cable it is
 * @battery: the core was told that it is fed from the beginning
 */
struct sim_line {
	struct sim_cable *cable;
	int source;
	bool fxs;
	bool battery;
};

struct sim_card {
	struct sim_clock clock;
	unsigned int lines;
	struct sim_line line[TAPI_CARD_LINES];
};

/**
 * struct sim_line_setup - what a line is to be
 * @cable: its cable, a reference
 * @source: the line of the same card at the other end, -1 for none
 * @fxs: its type
 * @far_end: it is for whoever plays the other side of the service
 * @name: its name
 */
struct sim_line_setup {
	struct sim_cable *cable;
	int source;
	bool fxs;
	bool far_end;
	char name[SIM_LINE_NAME];
};

/**
 * struct sim_setup - what a card is to be; stays while its device does
 * @name: its name
 * @bus: where it is
 * @format: of its samples
 * @grain: frames between two steps of its clock
 * @ppm: how much too fast its clock is
 * @pcm: its lines have sound
 * @dtmf: its lines send and hear DTMF digits by themselves
 * @error: why the last probe failed
 * @lines: number of lines
 * @line: what they are to be
 */
struct sim_setup {
	const char *name;
	const char *bus;
	enum tapi_pcm_format format;
	unsigned int grain;
	int ppm;
	bool pcm;
	bool dtmf;
	int error;
	unsigned int lines;
	struct sim_line_setup line[TAPI_CARD_LINES];
};

/* sim.c */
int sim_law_parse(const char *text, enum tapi_pcm_format *format);
const char *sim_law_name(enum tapi_pcm_format format);
bool sim_grain_ok(unsigned int frames);

/* card.c */
int sim_driver_register(void);
void sim_driver_unregister(void);
struct platform_device *sim_device_add(struct sim_setup *setup, int id);
int sim_device_number(struct platform_device *pdev);
bool sim_device_in_use(struct platform_device *pdev);
void sim_setup_clear(struct sim_setup *setup);

/* configfs.c */
int sim_config_register(void);
void sim_config_unregister(void);

/* cable.c */
struct sim_cable *sim_cable_alloc(bool across);
struct sim_cable *sim_cable_get(struct sim_cable *cable);
void sim_cable_put(struct sim_cable *cable);
bool sim_cable_battery(struct sim_cable *cable);
void sim_cable_up(struct sim_line *end, struct tapi_line *line);
void sim_cable_down(struct sim_line *end);
int sim_set_hook(struct tapi_line *line, bool off);
int sim_set_linefeed(struct tapi_line *line, u32 state, u32 polarity);
int sim_ring_on(struct tapi_line *line, u32 freq_mhz);
int sim_ring_off(struct tapi_line *line);
int sim_dtmf_send(struct tapi_line *line, char digit, bool on);

/* pipe.c */
void sim_pipe_init(struct sim_pipe *pipe);
void sim_pipe_reset(struct sim_pipe *pipe);
void sim_pipe_write(struct sim_pipe *pipe, const struct sim_clock *clock, const u8 *lane);
void sim_pipe_read(struct sim_pipe *pipe, const struct sim_clock *clock, u8 *lane);

/* clock.c */
int sim_clock_init(struct sim_clock *clock, struct tapi_card *card, const struct sim_setup *setup);
void sim_clock_free(struct sim_clock *clock);
int sim_pcm_prepare(struct tapi_card *card, struct tapi_pcm_ring *ring);
int sim_pcm_start(struct tapi_card *card);
void sim_pcm_stop(struct tapi_card *card);
void sim_pcm_pos(struct tapi_card *card, u32 *rx, u32 *tx);

static inline struct sim_line *sim_line_of(struct tapi_line *line)
{
	struct sim_card *sim = tapi_card_priv(tapi_line_card(line));

	return &sim->line[tapi_line_number(line)];
}

#endif /* _TAPI_SIM_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of tapi_sim.ko share.
 *
 * A card is made from a setup: the module's parameters give one, a directory
 * in configfs any number of others.  Each line has a cable; the other end of
 * it is a line of the same card, of another card, or nothing.
 *
 * Locks: su_mutex of configfs > device lock > those of the core > cable lock >
 * ev_lock of a line; cable lock > ear lock.  Clock lock > ear lock > crossing lock.
 */
#ifndef _TAPI_SIM_H
#define _TAPI_SIM_H

#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/spinlock.h>
#include <linux/tapi_card.h>

#include "pipe.h"
#include "script.h"
#include "sound.h"

struct platform_device;

#define SIM_NAME	"tapi_sim"
#define SIM_PAIRS	(TAPI_CARD_LINES / 2)
/* Room for the name of a line, as struct tapi_line_caps has it */
#define SIM_LINE_NAME	16
/* Crystals are good for 100 ppm; ten times that shows every effect of drift within seconds */
#define SIM_PPM_MAX	1000

/*
 * Frames of a step of the clock unless told otherwise, 20 ms: what telephony's programs
 * have as a period, for 50 timers a second.  Periods are multiples of it.
 */
#define SIM_GRAIN	160
/* Power alarm: a real driver takes about as long to feed the line again */
#define SIM_ALARM_MS	250
/* Chip reset: with calibration, as data sheets have it */
#define SIM_RESET_MS	100
/* What an exchange feeds a telephone, and the resistance of that; uA, ohm */
#define SIM_LOOP_UA		20000
#define SIM_LOOP_UA_MIN		18000
#define SIM_LOOP_UA_MAX		40000
#define SIM_LOOP_OHM		600
/* An operation of a driver that is slow, not dead */
#define SIM_SLOW_MS_MAX	5000
/* Digits that a far side remembers */
#define SIM_HEARD	32

/* The ends of a cable */
enum sim_side {
	SIM_FXO,
	SIM_FXS,
	SIM_SIDES,
};

/**
 * struct sim_ear - what one end of a cable hears
 * @lock: protects everything below against the clock of the card
 * @special: not just what the other end says; read without @lock
 * @across: the other end is on another card
 * @muted: nothing arrives
 * @loop: no other end: it hears itself
 * @tones: no other end: it hears @tone
 * @path: what is wrong with the sound
 * @tone: a tone
 * @digit: a digit, while it is pressed
 * @oscillators: what those of the line at the other end make, in addition
 */
struct sim_ear {
	spinlock_t lock;		/* everything below, against the clock */
	bool special;
	bool across;
	bool muted;
	bool loop;
	bool tones;
	struct sim_path path;
	struct sim_tone tone;
	struct sim_tone digit;
	struct sim_tone oscillators;
};

/**
 * struct sim_end - one end of a cable
 * @line: the line, NULL while its card is not there
 * @cable: the cable
 * @asleep: its card sleeps: it does nothing, and is told nothing
 * @heal: a fault is over
 * @faults: TAPI_LINE_FAULT_ bits: it is out of order
 * @alarms: power alarms so far
 * @resets: chip resets so far
 * @ear: what it hears
 */
struct sim_end {
	struct tapi_line *line;
	struct sim_cable *cable;
	bool asleep;
	struct hrtimer heal;
	u32 faults;
	u64 alarms;
	u64 resets;
	struct sim_ear ear;
};

/* Sound to one end, from another card's */
struct sim_crossing {
	spinlock_t lock;		/* the pipe, against the other clock */
	struct sim_pipe pipe;
};

/**
 * struct sim_cable - what two lines have in common
 * @ref: lines and setups that know the cable
 * @lock: protects what follows, up to @far, and the ends but for their ears
 * @end: its ends
 * @cut: the wires are cut
 * @closed: the FXO end closes the loop
 * @fed: the FXS end feeds the line
 * @reversed: it does so with reversed polarity
 * @rings: it puts ringing voltage on the line
 * @ring_mhz: of this frequency
 * @loop_ua: what it feeds a telephone with
 * @told_battery: what the FXO end has been told: whether it is fed
 * @told_reversed: with which polarity
 * @told_ring: whether it is rung
 * @told_loop: what the FXS end has been told: whether current flows
 * @far: plays the end that has no line; NULL when both have one
 * @crossing: sound to each end; NULL when both are on one card
 */
struct sim_cable {
	struct kref ref;
	spinlock_t lock;		/* what follows, up to @far */
	struct sim_end end[SIM_SIDES];
	bool cut;
	bool closed;
	bool fed;
	bool reversed;
	bool rings;
	u32 ring_mhz;
	u32 loop_ua;
	bool told_battery;
	bool told_reversed;
	bool told_ring;
	bool told_loop;
	struct sim_far *far;
	struct sim_crossing *crossing;
};

/**
 * struct sim_player - plays one script of a far side
 * @timer: the next step
 * @cable: whose far side
 * @script: what is played, NULL for nothing
 * @at: the next step of it
 * @start: when it began
 */
struct sim_player {
	struct hrtimer timer;
	struct sim_cable *cable;
	struct sim_script *script;
	u32 at;
	ktime_t start;
};

/**
 * struct sim_far - what plays the other end of a line without a cable
 * @side: the end it plays
 * @sounds: it says DTMF digits as sound, for a line without a detector
 * @loop: it sends back what it hears
 * @hz: the tone it makes, 0 for none
 * @pressed: the digit that it holds down, 0 for none
 * @heard: the last digits of the line
 * @player: its scripts
 */
struct sim_far {
	enum sim_side side;
	bool sounds;
	bool loop;
	u32 hz;
	char pressed;
	char heard[SIM_HEARD + 1];
	struct sim_player player[SIM_ACTS];
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
 * @law: of the samples
 * @width: bytes of a sample
 * @frame_ps: time of a frame
 * @step_ns: time of one step
 * @step_ps: what @step_ns leaves over
 * @due: end of the step that runs
 * @due_ps: what @due leaves over
 * @pos: place in the rings where it began
 * @filled: lines whose lane of @rx holds sound
 * @drop: steps the core is not to be told of
 * @steps: since the card was made
 * @run: counts starts and stops; bit 0 says whether it runs
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
	enum sim_law law;
	unsigned int width;
	u32 frame_ps;
	u32 step_ns;
	u32 step_ps;
	ktime_t due;
	u32 due_ps;
	unsigned int pos;
	u32 filled;
	unsigned int drop;
	u64 steps;
	unsigned int run;
};

/**
 * struct sim_line - a line of a card, set when the card is made
 * @cable: its cable
 * @ear: its end's, for the clock
 * @source: the line of the same card that it hears, -1 for none
 * @side: which end of the cable it is
 * @rx_gain: of what it hears, as sim_gain() says; under the clock's lock
 * @tx_gain: of what it says, likewise
 * @battery: the core was told that it is fed from the beginning
 */
struct sim_line {
	struct sim_cable *cable;
	struct sim_ear *ear;
	int source;
	enum sim_side side;
	u32 rx_gain;
	u32 tx_gain;
	bool battery;
};

/**
 * struct sim_card - a card
 * @clock: its sample clock
 * @setup: what it was made from
 * @special: lines whose ears are special, for the clock
 * @ear_changes: changes of ears by the time of @special, 0 for none
 * @gained: lines whose sound has a gain on its way from another line of the card
 * @lines: number of lines
 * @line: the lines
 */
struct sim_card {
	struct sim_clock clock;
	struct sim_setup *setup;
	u32 special;
	unsigned int ear_changes;
	u32 gained;
	unsigned int lines;
	struct sim_line line[TAPI_CARD_LINES];
};

/**
 * struct sim_line_setup - what a line is to be
 * @cable: its cable, a reference
 * @source: the line of the same card at the other end, -1 for none
 * @fxs: its type
 * @sound: what is wrong with what it hears
 * @far_end: it is for whoever plays the other side of the service
 * @name: its name
 */
struct sim_line_setup {
	struct sim_cable *cable;
	int source;
	bool fxs;
	struct sim_sound sound;
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
 * @slow_ms: how long operations of its lines take; changes while the card lives
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
	unsigned int slow_ms;
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
void sim_device_sound(struct platform_device *pdev, unsigned int number,
		      const struct sim_sound *sound);
void sim_setup_clear(struct sim_setup *setup);

/* configfs.c */
int sim_config_register(void);
void sim_config_unregister(void);

/* cable.c */
struct sim_cable *sim_cable_alloc(bool across);
struct sim_cable *sim_cable_alloc_far(bool fxs);
struct sim_cable *sim_cable_get(struct sim_cable *cable);
void sim_cable_put(struct sim_cable *cable);
bool sim_cable_battery(struct sim_cable *cable);
void sim_cable_settle(struct sim_cable *cable);
void sim_cable_up(struct sim_line *line, struct tapi_line *core);
void sim_cable_down(struct sim_line *line);
void sim_cable_sleep(struct sim_line *line, bool asleep);
void sim_cable_cut(struct sim_cable *cable, bool cut);
int sim_cable_fault(struct sim_cable *cable, enum sim_side side, u32 fault);
bool sim_cable_loop(const struct sim_cable *cable);
int sim_cable_measure(const struct sim_cable *cable, enum sim_side side,
		      struct tapi_line_measure *m);

/* ops.c */
int sim_set_hook(struct tapi_line *line, bool off);
int sim_set_linefeed(struct tapi_line *line, u32 state, u32 polarity);
int sim_ring_on(struct tapi_line *line, u32 freq_mhz);
int sim_ring_off(struct tapi_line *line);
int sim_tone_on(struct tapi_line *line, const struct tapi_line_tone *tone);
int sim_tone_off(struct tapi_line *line);
int sim_dtmf_send(struct tapi_line *line, char digit, bool on);
int sim_set_param(struct tapi_line *line, u32 id, s64 value);
int sim_measure(struct tapi_line *line, struct tapi_line_measure *m);
void sim_get_stats(struct tapi_line *line, struct tapi_line_stats *stats);

/* inject.c */
extern const char sim_inject_help[];
int sim_inject(struct tapi_card *card, char *cmd);

/* far.c */
struct sim_far *sim_far_alloc(struct sim_cable *cable, enum sim_side side);
void sim_far_free(struct sim_far *far);
int sim_far_play(struct sim_cable *cable, enum sim_act act, struct sim_script *script);
void sim_far_stop(struct sim_cable *cable, enum sim_act act);
void sim_far_heard(struct sim_far *far, char digit);

/* ear.c */
void sim_ear_init(struct sim_ear *ear, bool across);
int sim_ear_prepare(struct sim_ear *ear, enum sim_law law, const struct sim_sound *sound);
void sim_ear_free(struct sim_ear *ear);
void sim_ear_sound(struct sim_ear *ear, const struct sim_sound *sound);
void sim_ear_mute(struct sim_ear *ear, bool muted);
void sim_ear_audio(struct sim_ear *ear, bool loop, u32 hz);
void sim_ear_digit(struct sim_ear *ear, char digit);
void sim_ear_oscillators(struct sim_ear *ear, const struct tapi_line_tone *tone);
void sim_ears_start(struct sim_card *sim, ktime_t now);
void sim_ears_stop(struct sim_card *sim);
void sim_ears_gain(struct sim_card *sim);
void sim_carry(struct sim_card *sim, const struct tapi_pcm_active *active);

/* clock.c */
int sim_clock_init(struct sim_clock *clock, struct tapi_card *card, const struct sim_setup *setup);
void sim_clock_free(struct sim_clock *clock);
void sim_clock_drop(struct sim_clock *clock, unsigned int steps);
void sim_clock_stall(struct sim_clock *clock, unsigned int ms);
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

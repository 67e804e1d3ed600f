/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Driver API of the telephony core: what a card driver implements and calls.
 *
 * A driver allocates a card, describes its lines, and registers it.  From then
 * on the core calls the operations, and the driver reports what it sees.  After
 * tapi_card_unregister() has returned, no operation runs and none will.
 */
#ifndef _LINUX_TAPI_CARD_H
#define _LINUX_TAPI_CARD_H

#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/types.h>
#include <uapi/linux/tapi_line.h>

struct device;
struct tapi_card;
struct tapi_line;

/* Lines of one card */
#define TAPI_CARD_LINES		32

/**
 * enum tapi_pcm_format - native sample format of a card
 * @TAPI_PCM_MU_LAW: G.711 mu-law, one byte a sample
 * @TAPI_PCM_A_LAW: G.711 A-law, one byte a sample
 * @TAPI_PCM_S16: linear, 16 bit, little endian
 */
enum tapi_pcm_format {
	TAPI_PCM_MU_LAW,
	TAPI_PCM_A_LAW,
	TAPI_PCM_S16,
};

/**
 * struct tapi_pcm_ring - the sound rings of a card, shared by all its lines
 * @rx: samples from the lines
 * @tx: samples to the lines
 * @frames: length of each ring, frames; a multiple of twice the card's grain
 * @stride: distance of two frames, bytes
 * @lane: place of each line's sample in a frame, bytes
 */
struct tapi_pcm_ring {
	void *rx;
	void *tx;
	u32 frames;
	u32 stride;
	u8 lane[TAPI_CARD_LINES];
};

/**
 * struct tapi_pcm_active - the lines that use the rings
 * @playing: a bit for each line whose lane of the transmit ring is not silent
 * @listening: a bit for each line whose lane of the receive ring is read
 */
struct tapi_pcm_active {
	u32 playing;
	u32 listening;
};

/**
 * struct tapi_card_ops - what a card driver does for the core
 * @owner: the driver's module; open files pin it
 * @set_hook: go on or off hook (%TAPI_LINE_CAP_HOOK)
 * @set_linefeed: feed the line (%TAPI_LINE_CAP_LINEFEED, %TAPI_LINE_CAP_POLARITY)
 * @ring_on: put ringing voltage on the line, @freq_mhz 0 is the driver's default
 *	(%TAPI_LINE_CAP_RING); the core times the cadence
 * @ring_off: take it off
 * @tone_on: start the oscillators (%TAPI_LINE_CAP_TONE); the core times the cadence
 * @tone_off: stop them
 * @dtmf_send: start (@on) or stop a DTMF digit (%TAPI_LINE_CAP_DTMF_DIAL)
 * @set_param: set a parameter; the core has checked range and step
 * @get_param: read a parameter the core does not keep itself; optional
 * @measure: measure the line (%TAPI_LINE_CAP_MEASURE); may take 50 ms
 * @get_stats: fill the driver's part of the counters; optional
 * @failsafe: put the line in its safe state; optional, the default goes on hook (FXO),
 *	or stops ringing and feeds the line (FXS)
 * @pcm_prepare: set the rings up (%TAPI_LINE_CAP_PCM); called before the first stream
 *	starts, may be called again while stopped
 * @pcm_start: start both rings of the whole card
 * @pcm_stop: stop them; also called once when the card goes, running or not
 * @pcm_pos: the live positions in the rings, frames, 0 .. frames - 1
 * @inject: break something on purpose: a command from debugfs, without its newline, which
 *	may be taken apart; may sleep; -EINVAL for one that is unknown or wrong, and then
 *	nothing has changed; "clear" ends whatever was asked for; optional
 * @inject_help: the commands @inject knows, a line each, for people; optional
 * @free: the last reference has gone; free what @priv holds
 *
 * An operation may be NULL when the capability bits that need it are clear.
 * Line operations run with the line's control mutex held and may sleep, except
 * @get_stats. @pcm_start, @pcm_stop and @pcm_pos run in atomic context.
 * Return 0 or a negative errno; -EIO says that the hardware did not do it.
 */
struct tapi_card_ops {
	struct module *owner;
	int (*set_hook)(struct tapi_line *line, bool off);
	int (*set_linefeed)(struct tapi_line *line, u32 state, u32 polarity);
	int (*ring_on)(struct tapi_line *line, u32 freq_mhz);
	int (*ring_off)(struct tapi_line *line);
	int (*tone_on)(struct tapi_line *line, const struct tapi_line_tone *tone);
	int (*tone_off)(struct tapi_line *line);
	int (*dtmf_send)(struct tapi_line *line, char digit, bool on);
	int (*set_param)(struct tapi_line *line, u32 id, s64 value);
	int (*get_param)(struct tapi_line *line, u32 id, s64 *value);
	int (*measure)(struct tapi_line *line, struct tapi_line_measure *m);
	void (*get_stats)(struct tapi_line *line, struct tapi_line_stats *s);
	int (*failsafe)(struct tapi_line *line);
	int (*pcm_prepare)(struct tapi_card *card, struct tapi_pcm_ring *ring);
	int (*pcm_start)(struct tapi_card *card);
	void (*pcm_stop)(struct tapi_card *card);
	void (*pcm_pos)(struct tapi_card *card, u32 *rx, u32 *tx);
	int (*inject)(struct tapi_card *card, char *cmd);
	const char *inject_help;
	void (*free)(struct tapi_card *card);
};

/**
 * struct tapi_card_desc - what a card is
 * @driver: name of the driver
 * @name: name of the card
 * @bus_info: where it is, stable over restarts, for example "pci-0000:03:00.0"
 * @lines: number of lines, 1 .. %TAPI_CARD_LINES
 * @format: native sample format
 * @grain: frames between two calls of tapi_pcm_advance(); periods are multiples of it
 */
struct tapi_card_desc {
	const char *driver;
	const char *name;
	const char *bus_info;
	unsigned int lines;
	enum tapi_pcm_format format;
	unsigned int grain;
};

/**
 * struct tapi_param_desc - a parameter of a line
 * @id: TAPI_LINE_PARAM_
 * @flags: %TAPI_LINE_PARAM_RO or 0
 * @min: smallest value
 * @max: largest value
 * @step: distance of values, at least 1
 * @def: value after loading
 * @name: for people
 */
struct tapi_param_desc {
	u32 id;
	u32 flags;
	s64 min;
	s64 max;
	s64 step;
	s64 def;
	const char *name;
};

/**
 * struct tapi_line_desc - what a line is
 * @type: TAPI_LINE_FXS or TAPI_LINE_FXO
 * @caps: TAPI_LINE_CAP_ bits
 * @name: name of the line, NULL for a made-up one
 * @params: the line's parameters beside those the core keeps; may be NULL
 * @num_params: their number
 * @battery: the line is fed when the card is registered
 * @off_hook: the line is off hook when the card is registered
 */
struct tapi_line_desc {
	u32 type;
	u64 caps;
	const char *name;
	const struct tapi_param_desc *params;
	unsigned int num_params;
	bool battery;
	bool off_hook;
};

struct tapi_card *tapi_card_alloc(struct device *parent, const struct tapi_card_ops *ops,
				  const struct tapi_card_desc *desc, size_t priv);
int tapi_line_init(struct tapi_card *card, unsigned int number, const struct tapi_line_desc *desc);
int tapi_card_register(struct tapi_card *card);
void tapi_card_unregister(struct tapi_card *card);
void tapi_card_suspend(struct tapi_card *card);
void tapi_card_resume(struct tapi_card *card);
bool tapi_card_in_use(struct tapi_card *card);
void tapi_card_put(struct tapi_card *card);

void *tapi_card_priv(struct tapi_card *card);
unsigned int tapi_card_number(const struct tapi_card *card);
struct device *tapi_card_device(struct tapi_card *card);
struct tapi_line *tapi_card_line(struct tapi_card *card, unsigned int number);
struct tapi_card *tapi_line_card(struct tapi_line *line);
unsigned int tapi_line_number(const struct tapi_line *line);

/* Reports: any context; @ts is CLOCK_MONOTONIC, taken where the edge was seen */
void tapi_report_hook(struct tapi_line *line, bool off, ktime_t ts);
void tapi_report_ring(struct tapi_line *line, bool on, u32 freq_mhz, ktime_t ts);
void tapi_report_polarity(struct tapi_line *line, bool reversed, ktime_t ts);
void tapi_report_battery(struct tapi_line *line, bool on, s32 mv, ktime_t ts);
void tapi_report_dtmf(struct tapi_line *line, char digit, bool pressed, ktime_t ts);
void tapi_report_fault(struct tapi_line *line, u32 faults, ktime_t ts);
void tapi_report_loop(struct tapi_line *line, bool closed, ktime_t ts);

void tapi_pcm_active(struct tapi_card *card, struct tapi_pcm_active *active);
void tapi_pcm_advance(struct tapi_card *card, u32 rx, u32 tx, ktime_t ts);

#endif /* _LINUX_TAPI_CARD_H */

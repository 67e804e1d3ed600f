/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module in its socket: a chip behind the serial port, a lane of the PCM bus, a wire. */
#ifndef MODULE_H
#define MODULE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "dtmf.h"

struct card;
struct module;
struct wire;

/* A kind of chip. To add one: a file with its chip_ops, and its name in chips.c. */
struct chip_ops {
	const char *name;
	bool feeds;			/* feeds the wire (FXS), or terminates it (FXO) */
	unsigned int bytes;		/* of a serial command: 2 or 3 */
	void (*reset)(struct module *module);
	uint8_t (*read)(struct module *module, uint8_t reg);
	void (*write)(struct module *module, uint8_t reg, uint8_t value);
	/* Each frame: first its side of the wire from @heard, then @sent from the other side */
	void (*drive)(struct module *module);
	void (*sense)(struct module *module);
	void (*dump)(struct module *module, FILE *out);
};

/* Where a chip is on the PCM bus, read from its registers each frame */
struct pcm {
	bool enabled;
	enum { PCM_ALAW, PCM_MULAW, PCM_LINEAR } format;
	bool wide;			/* 16 bits */
	unsigned int transmit, receive;	/* start in bit clocks after frame sync */
};

struct module_faults {
	bool dead;			/* answers nothing */
	uint8_t calibration;		/* CALIBRATION_... */
	bool leak, no_link;
	uint8_t stuck_and, stuck_or;	/* bits of what is read */
	unsigned int flip;		/* answers to come with one wrong bit */
};

enum { CALIBRATION_GOOD, CALIBRATION_MANUAL_ONLY, CALIBRATION_BAD };

struct serial {
	unsigned int index;		/* of the byte within the command */
	bool reading, ignored;
	uint8_t address, out;
};

struct osc {
	double phase;
	uint64_t since;
	bool on;			/* within its cadence */
};

/* Si3210 and Si3215 */
struct si3210 {
	uint16_t indirect[128];
	bool known[128];		/* written since reset */
	unsigned int pending;		/* serial commands until an indirect access is done */
	bool pending_write, data_loaded;
	uint8_t pending_address;
	double battery;			/* volts, positive */
	uint64_t calibrated_at, dcdc_at;	/* frames at which they end; 0 = not busy */
	uint8_t calibrating96, calibrating97;
	bool calibrated;
	uint16_t restored;		/* bits: calibration results written by the host */
	uint64_t trim_at[2];		/* 98, 99 written */
	unsigned int closed_frames, trip_frames;
	double ring_phase;
	uint64_t ring_since;
	bool ring_pause;
	struct osc osc[2];
	struct dtmf dtmf;
	char digit;
};

struct si3050 {
	uint64_t reset_until, link_at, hook_at;
	bool link, off_hook;
	uint64_t ring_begun, ring_seen;	/* first and last frame above the threshold */
	uint64_t ring_valid;		/* since when; 0 = not */
	uint64_t ring_shot;		/* until when RDT shows */
	bool negative;			/* last polarity */
};

struct module {
	struct card *card;
	unsigned int socket;
	const struct chip_ops *chip;	/* NULL: empty */
	uint8_t regs[128];
	struct serial serial;
	struct pcm pcm;
	struct module_faults faults;
	struct wire *wire;
	int16_t heard;			/* from the bus, towards the line */
	int16_t sent;			/* from the line, towards the bus */
	bool si3215;
	struct si3210 slic;
	struct si3050 daa;
};

extern const struct chip_ops si3210_ops, si3215_ops, si3050_ops;

/* chips.c */
void module_init(struct card *card, unsigned int socket);
void module_reset(struct module *module);
const char *module_name(const struct module *module);
uint8_t module_read(struct module *module, uint8_t reg);
void module_write(struct module *module, uint8_t reg, uint8_t value);

/* pcm.c: the 32 bits of a frame */
void pcm_hear(struct card *card, uint32_t word);
uint32_t pcm_compose(struct card *card);

/* si3210_line.c, for si3210.c */
void si3210_drive(struct module *module);
void si3210_sense(struct module *module);
uint8_t si3210_shadow(const struct module *module);
void si3210_set_linefeed(struct module *module, uint8_t state);
double si3210_loop_current(const struct module *module);
void si3210_power_alarm(struct module *module, uint8_t transistors);

#endif

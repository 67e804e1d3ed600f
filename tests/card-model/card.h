/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TDM400P-class card made of software: configuration space, TigerJet registers and DMA engine,
 * CPLD, up to four modules behind the serial port, and the lines on them.
 *
 * This is all a bus front end needs (vfu.c), and all a test needs that drives the card without a
 * virtual machine. One thread; nothing here blocks.
 */
#ifndef CARD_H
#define CARD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CARD_SOCKETS	4
#define CARD_FRAME_NS	125000u		/* 8000 frames a second */

/* Numbers as in vfio */
enum card_region {
	CARD_IO = 0,		/* BAR 0: 256 ports */
	CARD_MEMORY = 1,	/* BAR 1: 4 KiB, the same registers */
	CARD_CONFIG = 7,
};

enum card_chip {
	CARD_EMPTY,
	CARD_SI3210,		/* FXS */
	CARD_SI3215,		/* FXS, no DTMF decoder, other indirect numbers */
	CARD_SI3050,		/* FXO */
};

struct card_options {
	uint16_t subvendor, subdevice;
	enum card_chip chips[CARD_SOCKETS];
	uint8_t cpld_version;
	bool no_12v;			/* the disk power connector is not plugged */
};

/* What the card does on the bus. The transfers return 0, or -1 for a master abort. */
struct card_host {
	int (*dma_read)(void *data, uint32_t address, void *buffer, uint32_t size);
	int (*dma_write)(void *data, uint32_t address, const void *buffer, uint32_t size);
	void (*set_irq)(void *data, bool level);
};

struct card;

/* The defaults: two FXS, two FXO, a Digium rev I board. */
void card_defaults(struct card_options *options);

/* NULL: out of memory. The host's functions may be called from any function below. */
struct card *card_new(const struct card_options *options, const struct card_host *host, void *data);
void card_free(struct card *card);

/* A bus access of 1, 2 or 4 bytes; the caller has checked region, offset and width. */
uint32_t card_read(struct card *card, enum card_region region, uint32_t offset, unsigned int width);
void card_write(struct card *card, enum card_region region, uint32_t offset, unsigned int width,
		uint32_t value);
uint32_t card_region_size(unsigned int region);

/* The reset line of the bus */
void card_bus_reset(struct card *card);

/*
 * Lets time pass up to @now_ns of any steady clock, as far as the mode of the card's own clock
 * allows. Returns after how many ns it wants to be called again; -1: after the next access or
 * command.
 */
int64_t card_tick(struct card *card, uint64_t now_ns);

/* So many frames at once, whatever the mode */
void card_run(struct card *card, uint64_t frames);

/*
 * A command of the control language (control.c), changed in place. The answer's lines go to @out.
 * Returns true when done, false when the answer has to wait: for card_settled().
 */
bool card_command(struct card *card, char *line, FILE *out);
bool card_settled(const struct card *card);

#endif

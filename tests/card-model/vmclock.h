/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second PCI function beside the card, by which the virtual machine tells what time it is: the
 * card's clock then is the machine's, and stands still when the machine does. Its control language
 * is spoken there, too, between two instructions of the guest.
 *
 * No such thing exists outside of tests. tapi-card-time (guest_time.c) is its driver.
 */
#ifndef VMCLOCK_H
#define VMCLOCK_H

#include "card.h"
#include "vfu.h"

/* QEMU's vendor id for what is no product */
#define VMCLOCK_VENDOR 0x1234u
#define VMCLOCK_DEVICE 0x7a91u

/* Registers of BAR 0 */
enum {
	VMCLOCK_ID = 0x00,	/* VMCLOCK_NAME */
	VMCLOCK_TIME = 0x04,	/* write 32: frames of 125 us of the machine's clock */
	VMCLOCK_STATE = 0x08,	/* read 32: VMCLOCK_IRQ */
	VMCLOCK_COMMAND = 0x0c, /* write 8: the next character; a newline runs the command */
	VMCLOCK_ANSWER = 0x10,	/* read 32: the next four characters of the answer, then zeroes */
};

#define VMCLOCK_NAME 0x49504154u
/* The card has raised an interrupt that the machine has yet to take: not to be waited for with
 * interrupts off, but until then no time may pass.
 */
#define VMCLOCK_IRQ 1u

#define VMCLOCK_LINE 512u

struct vmclock {
	struct card *card;
	const struct vfu *bus;	/* the card's */
	uint8_t config[256];
	uint64_t now_ns;
	char line[VMCLOCK_LINE];
	unsigned int used;
	char *answer;
	size_t size, taken;
};

extern const struct vfu_device vmclock_device;

void vmclock_init(struct vmclock *clock, struct card *card, const struct vfu *bus);
void vmclock_close(struct vmclock *clock);

#endif

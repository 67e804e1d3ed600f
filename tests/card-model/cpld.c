// SPDX-License-Identifier: GPL-2.0-or-later
/* The CPLD on the peripheral bus: which socket the serial port talks to, frame sync. */
#include "model.h"

enum { SYNC, TEST, SELECT, VERSION };

void cpld_reset(struct card *card)
{
	card->cpld = (struct cpld){ 0 };
}

uint8_t cpld_read(struct card *card, unsigned int reg)
{
	if (card->faults.cpld_dead)
		return 0xff;
	switch (reg) {
	case SYNC:
		return card->cpld.sync;
	case TEST:
		return card->cpld.test;
	case SELECT:
		return card->cpld.select;
	case VERSION:
		return card->options.cpld_version;
	}
	return 0xff;
}

void cpld_write(struct card *card, unsigned int reg, uint8_t value)
{
	if (card->faults.cpld_dead)
		return;
	switch (reg) {
	case SYNC:
		card->cpld.sync = value;
		break;
	case TEST:
		card->cpld.test = value;
		break;
	case SELECT:
		if (value != card->cpld.select && !(card->spi.pins & 0x04) && tj_out_of_reset(card))
			violation(card, "spi-select", "another socket selected while CS is low");
		card->cpld.select = value;
		break;
	}
}

/** cpld_socket() - the socket whose chip sees CS; -1: none, or more than one */
int cpld_socket(const struct card *card)
{
	switch (card->cpld.select & 0x0f) {
	case 1:
		return 0;
	case 2:
		return 1;
	case 4:
		return 2;
	case 8:
		return 3;
	}
	return -1;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The card as a whole: its accesses, and its clock. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define IO_SIZE	    256u
#define MEMORY_SIZE 4096u

#define PACED_DEBT_NS 200000000u /* so much is made up after a late acknowledge */
#define REAL_DEBT_NS  1000000000u
#define BURST	      800u /* frames a call at most when nothing limits the speed */

void card_defaults(struct card_options *options)
{
	*options = (struct card_options){
		.subvendor = 0xb1d9,
		.subdevice = 0x0003,
		.chips = { CARD_SI3210, CARD_SI3210, CARD_SI3050, CARD_SI3050 },
		.cpld_version = 0x73,
	};
}

struct card *card_new(const struct card_options *options, const struct card_host *host, void *data)
{
	struct card *card = calloc(1, sizeof(*card));

	if (!card || journal_init(card)) {
		free(card);
		return NULL;
	}
	card->options = *options;
	card->host = host;
	card->data = data;
	card->clock.speed = 1;
	for (unsigned int i = 0; i < CARD_SOCKETS; i++) {
		bool fxo = options->chips[i] == CARD_SI3050;

		module_init(card, i);
		phone_init(&card->phones[i]);
		card->phones[i].plugged = !fxo;
		exchange_init(&card->exchanges[i], fxo);
	}
	pci_init(card);
	tj_reset(card);
	return card;
}

void card_free(struct card *card)
{
	if (!card)
		return;
	for (unsigned int i = 0; i < CARD_SOCKETS; i++) {
		sound_close(&card->phones[i].sound);
		sound_close(&card->exchanges[i].sound);
		if (card->exchanges[i].after_ring)
			fclose(card->exchanges[i].after_ring);
	}
	journal_free(card);
	free(card);
}

uint32_t card_region_size(unsigned int region)
{
	switch (region) {
	case CARD_IO:
		return IO_SIZE;
	case CARD_MEMORY:
		return MEMORY_SIZE;
	case CARD_CONFIG:
		return PCI_CONFIG_SIZE;
	}
	return 0;
}

void card_bus_reset(struct card *card)
{
	pci_reset(card);
	tj_reset(card);
}

static uint32_t read_registers(struct card *card, uint32_t offset, unsigned int width)
{
	uint32_t value = 0;

	if (offset + width > IO_SIZE) {
		violation(card, "offset", "read at %03x, behind the registers", offset);
		return 0xffffffff;
	}
	for (unsigned int i = 0; i < width; i++)
		value |= (uint32_t)tj_read_byte(card, offset + i) << 8 * i;
	card->spi.unflushed = false;
	return value;
}

uint32_t card_read(struct card *card, enum card_region region, uint32_t offset, unsigned int width)
{
	uint32_t ones = width == 4 ? 0xffffffff : (1u << 8 * width) - 1, value = ones;

	if (region != CARD_CONFIG)
		card->bus_ns += CARD_WAITING_NS;
	if (card->faults.dead)
		value = ones;
	else if (region == CARD_CONFIG)
		value = pci_read(card, offset, width);
	else if (!pci_asleep(card))
		value = read_registers(card, offset, width) & ones;
	trace(card, TRACE_READ, region, offset, width, value);
	return value;
}

void card_write(struct card *card, enum card_region region, uint32_t offset, unsigned int width,
		uint32_t value)
{
	trace(card, TRACE_WRITE, region, offset, width, value);
	if (region != CARD_CONFIG)
		card->bus_ns += region == CARD_MEMORY ? CARD_POSTED_NS : CARD_WAITING_NS;
	if (card->faults.dead)
		return;
	if (region == CARD_CONFIG) {
		pci_write(card, offset, width, value);
	} else if (pci_asleep(card)) {
		violation(card, "power", "write at %03x while asleep", offset);
	} else if (offset + width > IO_SIZE) {
		violation(card, "offset", "write at %03x, behind the registers", offset);
	} else {
		tj_write_bytes(card, offset, width, value);
		/* Ports are not posted: the selection has arrived when the next access begins */
		if (region == CARD_IO)
			card->spi.unflushed = false;
		else if (offset == TJ_PIB + 8)
			card->spi.unflushed = true;
	}
}

void card_run(struct card *card, uint64_t frames)
{
	while (frames-- && !card->faults.dead)
		card_frame(card);
}

/* The card's time waits for the acknowledge */
static bool held(const struct card *card)
{
	return card->tj.line;
}

static int64_t run_owed(struct card *card)
{
	unsigned int burst = BURST;

	while (card->clock.owed && !held(card) && burst--) {
		card_frame(card);
		card->clock.owed--;
	}
	return card->clock.owed && !held(card) ? 0 : -1;
}

/* As fast as it is acknowledged: only while there is something to acknowledge */
static int64_t run_free(struct card *card, uint64_t now_ns)
{
	for (unsigned int i = 0; i < BURST && !held(card); i++)
		card_frame(card);
	card->clock.last_ns = now_ns;
	return held(card) ? -1 : 0;
}

int64_t card_tick(struct card *card, uint64_t now_ns)
{
	struct clock *clock = &card->clock;
	bool paced = clock->mode == CLOCK_PACED,
	     ring = dma_running(card) && card->tj.regs[TJ_MASK0];
	uint64_t frame_ns = CARD_FRAME_NS, debt = paced && ring ? PACED_DEBT_NS : REAL_DEBT_NS;

	if (card->faults.dead)
		return -1;
	if (clock->mode == CLOCK_STEPPED) {
		clock->last_ns = now_ns;
		return run_owed(card);
	}
	if (!clock->started || now_ns < clock->last_ns)
		clock->last_ns = now_ns;
	clock->started = true;
	if (now_ns - clock->last_ns > debt)
		clock->last_ns = now_ns - debt;
	if (paced && ring && clock->speed <= 0)
		return run_free(card, now_ns);
	if (paced && ring)
		frame_ns = (uint64_t)(CARD_FRAME_NS / clock->speed);
	while (clock->last_ns + frame_ns <= now_ns && !(paced && held(card))) {
		clock->last_ns += frame_ns;
		card_frame(card);
	}
	if (paced && held(card))
		return -1;
	return ring ? 1000000 : 5000000;
}

bool card_settled(const struct card *card)
{
	return !card->clock.owed || card->faults.dead;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The register file of the TigerJet chip; both BARs show it. */
#include <string.h>

#include "model.h"

#define AUX_SDO	   0x20 /* AUX 5, the only input */
#define INT_ABORTS (TJ_INT_MASTER_ABORT | TJ_INT_TARGET_ABORT)

static void reset_modules(struct card *card)
{
	for (unsigned int i = 0; i < CARD_SOCKETS; i++)
		module_reset(&card->modules[i]);
	spi_reset(card);
	cpld_reset(card);
}

void tj_reset(struct card *card)
{
	struct tigerjet *tj = &card->tj;

	memset(tj->regs, 0, sizeof(tj->regs));
	tj->status = 0;
	tj->aborted = false;
	dma_reset(card);
	reset_modules(card);
	tj_update_irq(card);
}

bool tj_out_of_reset(const struct card *card)
{
	return card->tj.regs[TJ_CNTL] & TJ_CNTL_RUN;
}

/** tj_update_irq() - tells the host the level of the line when it has changed */
void tj_update_irq(struct card *card)
{
	struct tigerjet *tj = &card->tj;
	bool level = (tj->status & tj->regs[TJ_MASK0]) && !card->faults.no_irq &&
		     !card->faults.dead && card->frame >= tj->late_until;

	if (level == tj->line)
		return;
	tj->line = level;
	if (level)
		tj->raised++;
	trace(card, TRACE_IRQ, 0, TJ_INTSTAT, 1, level);
	card->host->set_irq(card->data, level);
}

/* Levels of the pins: what is driven, pull-ups elsewhere, the modules' answer on its input */
static uint8_t aux_pins(const struct card *card)
{
	uint8_t direction = card->tj.regs[TJ_AUXC];
	uint8_t pins = (card->tj.regs[TJ_AUXD] & direction) | (uint8_t)~direction;

	if (!(direction & AUX_SDO) && !spi_sdo(card))
		pins &= (uint8_t)~AUX_SDO;
	return pins;
}

uint8_t tj_read_byte(struct card *card, uint32_t offset)
{
	struct tigerjet *tj = &card->tj;

	if (offset >= TJ_PIB)
		return offset & 3 ? 0xff : cpld_read(card, (offset - TJ_PIB) / 4);
	switch (offset) {
	case TJ_INTSTAT:
		return tj->status;
	case TJ_AUXR:
		return aux_pins(card);
	case TJ_TX_CURRENT ... TJ_TX_CURRENT + 3:
		return (uint8_t)(tj->tx >> 8 * (offset - TJ_TX_CURRENT));
	case TJ_RX_CURRENT ... TJ_RX_CURRENT + 3:
		return (uint8_t)(tj->rx >> 8 * (offset - TJ_RX_CURRENT));
	}
	return tj->regs[offset];
}

static void write_control(struct card *card, uint8_t value)
{
	uint8_t before = card->tj.regs[TJ_CNTL];

	card->tj.regs[TJ_CNTL] = value;
	if (value & TJ_CNTL_RESET_DMA) {
		if (dma_running(card) && !(before & TJ_CNTL_RESET_DMA))
			violation(card, "dma-reset", "DMA reset while it is enabled");
		dma_reset(card);
	}
	if (!(value & TJ_CNTL_RUN) && (before & TJ_CNTL_RUN))
		reset_modules(card);
	if ((before & TJ_CNTL_LATCH) && !(value & TJ_CNTL_LATCH))
		card->tj.status &= INT_ABORTS;
}

static void write_operation(struct card *card, uint8_t value)
{
	bool before = card->tj.regs[TJ_OPER] & 1;

	card->tj.regs[TJ_OPER] = value;
	if ((value & 1) && !before)
		dma_started(card);
	else if (value & 2)
		card->tj.tx_stopped = card->tj.rx_stopped = false;
}

static void write_byte(struct card *card, uint32_t offset, uint8_t value)
{
	struct tigerjet *tj = &card->tj;

	switch (offset) {
	case TJ_CNTL:
		write_control(card, value);
		break;
	case TJ_OPER:
		write_operation(card, value);
		break;
	case TJ_AUXC:
	case TJ_AUXD:
		tj->regs[offset] = value;
		spi_pins(card, aux_pins(card));
		break;
	case TJ_MASK1:
		if (value)
			violation(card, "mask1", "aux interrupts %02x: no module has one", value);
		tj->regs[offset] = value;
		break;
	case TJ_INTSTAT:
		tj->status &= (uint8_t)~value;
		break;
	case TJ_AUXR:
	case TJ_TX_CURRENT ... TJ_TX_CURRENT + 3:
	case TJ_RX_CURRENT ... TJ_RX_CURRENT + 3:
		break;
	case TJ_TX_START ... TJ_TX_END + 3:
	case TJ_RX_START ... TJ_RX_END + 3:
		if (dma_running(card) && tj->regs[offset] != value)
			violation(card, "dma-address", "address %02x changed while DMA runs",
				  offset);
		tj->regs[offset] = value;
		break;
	default:
		tj->regs[offset] = value;
	}
}

/**
 * tj_write_bytes() - a write of one access, byte lanes in order
 *
 * A register of the peripheral bus has only the lowest lane of its double word.
 */
void tj_write_bytes(struct card *card, uint32_t offset, unsigned int width, uint32_t value)
{
	for (unsigned int i = 0; i < width && offset + i < sizeof(card->tj.regs); i++) {
		uint8_t byte = (uint8_t)(value >> 8 * i);

		if (offset + i < TJ_PIB)
			write_byte(card, offset + i, byte);
		else if (!((offset + i) & 3))
			cpld_write(card, (offset + i - TJ_PIB) / 4, byte);
	}
	tj_update_irq(card);
}

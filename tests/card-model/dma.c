// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The DMA engine: each frame one word from the transmit ring and one to the receive ring. CURRENT
 * is the address of the word of this frame; the status bits come with the words at the INT and END
 * addresses. Without the latch bit they are seen for that frame only.
 */
#include "model.h"

struct ring {
	uint32_t start, middle, end;
};

static uint32_t reg32(const struct card *card, unsigned int offset)
{
	const uint8_t *at = card->tj.regs + offset;

	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static struct ring get_ring(const struct card *card, unsigned int base)
{
	return (struct ring){ reg32(card, base), reg32(card, base + 4), reg32(card, base + 8) };
}

/** dma_running() - enabled, not held in reset, not stopped by an abort */
bool dma_running(const struct card *card)
{
	const struct tigerjet *tj = &card->tj;

	return (tj->regs[TJ_OPER] & 1) && !tj->aborted &&
	       !(tj->regs[TJ_CNTL] & (TJ_CNTL_RESET_DMA | TJ_CNTL_RESET_SERIAL));
}

void dma_reset(struct card *card)
{
	card->tj.fresh = true;
	card->tj.tx_stopped = card->tj.rx_stopped = false;
	card->tj.tx = reg32(card, TJ_TX_START);
	card->tj.rx = reg32(card, TJ_RX_START);
}

static void check_ring(struct card *card, const char *name, struct ring ring)
{
	if ((ring.start | ring.middle | ring.end) & 3)
		violation(card, "dma-ring", "%s ring is not aligned to words", name);
	if (ring.start >= ring.end || ring.middle < ring.start || ring.middle > ring.end)
		violation(card, "dma-ring", "%s ring %08x %08x %08x is not one", name, ring.start,
			  ring.middle, ring.end);
}

/** dma_started() - the enable bit was set */
void dma_started(struct card *card)
{
	struct tigerjet *tj = &card->tj;

	tj->aborted = false;
	check_ring(card, "transmit", get_ring(card, TJ_TX_START));
	check_ring(card, "receive", get_ring(card, TJ_RX_START));
	if (!pci_bus_master(card))
		violation(card, "bus-master", "DMA started while bus mastering is off");
	if ((tj->regs[TJ_SERCTL] & 0xfe) != 0xc0)
		violation(card, "serial", "DMA started with SERCTL %02x", tj->regs[TJ_SERCTL]);
	if (tj->regs[TJ_FSCDELAY])
		violation(card, "serial", "DMA started with FSCDELAY %02x", tj->regs[TJ_FSCDELAY]);
	if (!tj_out_of_reset(card))
		violation(card, "serial", "DMA started while the modules are in reset");
	if (tj->fresh)
		dma_reset(card);
}

static void event(struct card *card, uint8_t bits)
{
	struct tigerjet *tj = &card->tj;

	if (!bits)
		return;
	tj->events++;
	if (card->faults.drop) {
		card->faults.drop--;
		return;
	}
	tj->status |= bits;
	if (card->faults.late_frames && tj->late_until <= card->frame)
		tj->late_until = card->frame + card->faults.late_frames;
}

static void master_abort(struct card *card, uint32_t address)
{
	card->tj.aborted = true;
	pci_set_master_abort(card);
	event(card, TJ_INT_MASTER_ABORT);
	trace(card, TRACE_IRQ, 1, TJ_INTSTAT, 4, address);
}

/* The next address, and the bits that come with the word at it */
static void advance(struct card *card, uint32_t *current, bool *stopped, struct ring ring)
{
	if (card->tj.fresh)
		*current = ring.start;
	else if (*current < ring.end && *current >= ring.start)
		*current += 4;
	else if (card->tj.regs[TJ_CNTL] & TJ_CNTL_STOP_AT_END)
		*stopped = true;
	else
		*current = ring.start;
}

static int transfer(struct card *card, uint32_t address, uint32_t *word, bool store)
{
	uint8_t b[4] = { (uint8_t)*word, (uint8_t)(*word >> 8), (uint8_t)(*word >> 16),
			 (uint8_t)(*word >> 24) };
	int rc;

	if (!pci_bus_master(card)) {
		violation(card, "bus-master", "DMA while bus mastering is off");
		return -1;
	}
	if (card->faults.stray) {
		card->faults.stray--;
		return -1;
	}
	rc = store ? card->host->dma_write(card->data, address, b, 4) :
		     card->host->dma_read(card->data, address, b, 4);
	if (rc)
		violation(card, "dma-fault", "no memory at %08x", address);
	*word = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
	card->tj.words++;
	return rc;
}

/** dma_fetch() - begins a frame of the engine; returns the word for the modules */
uint32_t dma_fetch(struct card *card)
{
	struct tigerjet *tj = &card->tj;
	struct ring ring = get_ring(card, TJ_TX_START);
	uint32_t word = 0xffffffff;

	if (!(tj->regs[TJ_CNTL] & TJ_CNTL_LATCH))
		tj->status &= (uint8_t)~TJ_INT_RING;
	if (!dma_running(card) || tj->tx_stopped)
		return word;
	advance(card, &tj->tx, &tj->tx_stopped, ring);
	if (tj->tx_stopped)
		return word;
	if (transfer(card, tj->tx, &word, false)) {
		master_abort(card, tj->tx);
		return 0xffffffff;
	}
	return word;
}

/** dma_store() - ends the frame: the modules' word, and the status bits of both rings */
void dma_store(struct card *card, uint32_t word)
{
	struct tigerjet *tj = &card->tj;
	struct ring tx = get_ring(card, TJ_TX_START), rx = get_ring(card, TJ_RX_START);
	uint8_t bits = 0;

	if (!dma_running(card))
		return;
	if (!tj->rx_stopped) {
		advance(card, &tj->rx, &tj->rx_stopped, rx);
		if (!tj->rx_stopped && transfer(card, tj->rx, &word, true)) {
			master_abort(card, tj->rx);
			return;
		}
	}
	tj->fresh = false;
	if (!tj->tx_stopped)
		bits |= (tj->tx == tx.middle ? TJ_INT_TX_INT : 0) |
			(tj->tx == tx.end ? TJ_INT_TX_END : 0);
	if (!tj->rx_stopped)
		bits |= (tj->rx == rx.middle ? TJ_INT_RX_INT : 0) |
			(tj->rx == rx.end ? TJ_INT_RX_END : 0);
	event(card, bits);
}

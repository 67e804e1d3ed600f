// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sound rings: the interrupt that serves them, and the core's operations.
 *
 * The interrupt comes twice a ring while sound runs and not at all otherwise.  It acknowledges,
 * reads both positions, and lets the core copy.  Only the receive side interrupts: both sides
 * run on the same frames.  Should an interrupt get lost, the poll serves in its place.
 */
#include <linux/delay.h>

#include "tdm400.h"

#define SOUND_IRQS		(TJ_INT_RX | TJ_INT_ABORT)
#define SOUND_TEST_MS		500

static u64 half_ns(const struct tdm400 *tdm)
{
	return (u64)tdm->half * FRAME_NS;
}

/* Without an interrupt for so long one must have got lost */
static u64 late_ns(const struct tdm400 *tdm)
{
	return 5 * half_ns(tdm) / 2;
}

static void dma_start_locked(struct tdm400 *tdm)
{
	lockdep_assert_held(&tdm->dma_lock);
	tj_write(tdm, TJ_INTSTAT, 0xff);
	tj_write(tdm, TJ_MASK0, SOUND_IRQS);
	tj_write(tdm, TJ_OPER, TJ_OPER_DMA);
	WRITE_ONCE(tdm->served, ktime_get_ns());
	WRITE_ONCE(tdm->unsure, true);
}

static void dma_stop_locked(struct tdm400 *tdm)
{
	lockdep_assert_held(&tdm->dma_lock);
	tj_write(tdm, TJ_OPER, 0);
	tj_write(tdm, TJ_MASK0, 0);
	tj_write(tdm, TJ_INTSTAT, 0xff);
}

static void sound_run(struct tdm400 *tdm, bool run)
{
	unsigned long flags;

	spin_lock_irqsave(&tdm->dma_lock, flags);
	WRITE_ONCE(tdm->running, run);
	if (tdm400_usable(tdm)) {
		if (run)
			dma_start_locked(tdm);
		else
			dma_stop_locked(tdm);
	}
	spin_unlock_irqrestore(&tdm->dma_lock, flags);
}

/* Where the card is; false when it has gone */
static bool sound_pos(struct tdm400 *tdm, struct frames_pos *pos)
{
	u32 frames = 2 * tdm->half;
	u32 tx_bus = tdm->ring_bus;
	u32 rx = tj_read32(tdm, TJ_RX_CURRENT);
	u32 tx = tj_read32(tdm, TJ_TX_CURRENT);

	if (rx == ~0U && tx == ~0U) {
		tdm400_has_gone(tdm);
		return false;
	}
	pos->rx = frames_next(rx, tx_bus + frames * FRAME_BYTES, frames);
	pos->tx = frames_next(tx, tx_bus, frames);
	frames_settle(pos, tdm->half);
	return true;
}

/*
 * Has just one half passed?  Status bits stay until they are cleared: after the end of one
 * half only the other one's bit can mean that, however late we are.
 */
static bool sound_one_half(struct tdm400 *tdm, u8 status)
{
	u8 next = tdm->last_rx >= tdm->half ? TJ_INT_RX_END : TJ_INT_RX_HALF;

	return tdm->latch && !tdm->unsure && (status & TJ_INT_RX) == next;
}

/*
 * The core takes from the time how often the rings went round.  Where the status says that
 * they did not, a late look must not count as a round.
 */
static void sound_serve_locked(struct tdm400 *tdm, u8 status)
{
	u64 now_ns = ktime_get_ns();
	u64 at_ns = now_ns;
	struct frames_pos pos;

	lockdep_assert_held(&tdm->sound_lock);
	if (!sound_pos(tdm, &pos))
		return;
	if (sound_one_half(tdm, status))
		at_ns = min(now_ns, tdm->sound_ns + 3 * half_ns(tdm) / 2);
	WRITE_ONCE(tdm->unsure, false);
	WRITE_ONCE(tdm->served, now_ns);
	tdm->sound_ns = at_ns;
	tdm->last_rx = pos.rx;
	tapi_pcm_advance(tdm->card, pos.rx, pos.tx, ns_to_ktime(at_ns));
}

/* Does a position in another half than last time stand for a status that was gone too soon? */
static bool sound_moved(struct tdm400 *tdm)
{
	struct frames_pos pos;

	return sound_pos(tdm, &pos) && pos.rx / tdm->half != tdm->last_rx / tdm->half;
}

static void sound_abort(struct tdm400 *tdm, u8 status)
{
	spin_lock(&tdm->dma_lock);
	if (tdm400_usable(tdm))
		dma_stop_locked(tdm);
	spin_unlock(&tdm->dma_lock);
	WRITE_ONCE(tdm->abort, status);
	queue_work(tdm400_wq, &tdm->restart);
}

/* The status of our interrupt, 0 when it is not ours */
static u8 sound_status(struct tdm400 *tdm)
{
	u8 status = tj_read(tdm, TJ_INTSTAT);

	if (status == 0xff && tj_read32(tdm, TJ_RX_START) == ~0U) {
		tdm400_has_gone(tdm);
		return 0;
	}
	if (!(status & SOUND_IRQS) && !tdm->latch && tdm->card && sound_moved(tdm))
		status = TJ_INT_RX;
	return status & SOUND_IRQS ? status : 0;
}

static void sound_serve(struct tdm400 *tdm, u8 status)
{
	spin_lock(&tdm->sound_lock);
	sound_serve_locked(tdm, status);
	spin_unlock(&tdm->sound_lock);
}

/**
 * tdm400_interrupt() - the card's interrupt, perhaps
 * @irq: its number
 * @data: the card
 *
 * Context: Hard interrupt, shared.
 * Return: whether it was ours.
 */
irqreturn_t tdm400_interrupt(int irq, void *data)
{
	struct tdm400 *tdm = data;
	u8 status;

	if (!READ_ONCE(tdm->running) || !tdm400_usable(tdm))
		return IRQ_NONE;
	status = sound_status(tdm);
	if (!status)
		return IRQ_NONE;
	WRITE_ONCE(tdm->irqs, tdm->irqs + 1);
	if (status & TJ_INT_ABORT)
		sound_abort(tdm, status);
	else if (!tdm->card)
		wake_up(&tdm->irq_wait);
	else if (atomic_dec_if_positive(&tdm->inject_irqs) >= 0)
		WRITE_ONCE(tdm->unsure, true);
	else
		sound_serve(tdm, status);
	/* what has happened since has another bit, which stays */
	tj_write(tdm, TJ_INTSTAT, status);
	return IRQ_HANDLED;
}

/**
 * tdm400_sound_watch() - have interrupts got lost?
 * @tdm: the card
 * @now_ns: the time
 * @due_ns: lowered to when to ask again
 *
 * Context: Process context.
 */
void tdm400_sound_watch(struct tdm400 *tdm, u64 now_ns, u64 *due_ns)
{
	u64 due = READ_ONCE(tdm->served) + late_ns(tdm);
	struct frames_pos pos;
	unsigned long flags;
	bool lost = false;

	if (!READ_ONCE(tdm->running) || READ_ONCE(tdm->abort) || !tdm400_usable(tdm))
		return;
	if (now_ns < due) {
		*due_ns = min(*due_ns, due);
		return;
	}
	*due_ns = min(*due_ns, now_ns + half_ns(tdm));
	/* whoever holds the lock is serving */
	if (!spin_trylock_irqsave(&tdm->sound_lock, flags))
		return;
	/* a ring that stands still is none that was missed, and has not gone round */
	if (sound_pos(tdm, &pos) && pos.rx != tdm->last_rx) {
		u8 status = tj_read(tdm, TJ_INTSTAT) & TJ_INT_RX;

		lost = true;
		tdm->lost_irqs++;
		tdm->unsure |= !status;
		sound_serve_locked(tdm, status);
		tj_write(tdm, TJ_INTSTAT, status);
	}
	spin_unlock_irqrestore(&tdm->sound_lock, flags);
	if (lost)
		dev_warn_ratelimited(&tdm->pdev->dev,
				     "no interrupt for %u ms of sound (%llu so far)\n",
				     (u32)div_u64(late_ns(tdm), NSEC_PER_MSEC), tdm->lost_irqs);
}

/* The bus refused the chip: begin anew, but not for ever */
static void sound_restart(struct work_struct *work)
{
	struct tdm400 *tdm = container_of(work, struct tdm400, restart);
	struct device *dev = &tdm->pdev->dev;
	unsigned long flags;

	if (!tdm400_usable(tdm))
		return;
	tdm->dma_resyncs++;
	if (detect_alarm(&tdm->restarts, ktime_get_ns())) {
		dev_err(dev, "sound stopped for good: DMA aborted too often, status 0x%02x\n",
			tdm->abort);
		return;
	}
	dev_warn_ratelimited(dev, "DMA aborted by the bus, status 0x%02x: restarting\n",
			     tdm->abort);
	tj_write(tdm, TJ_CNTL, tdm->cntl | TJ_CNTL_DMA_RST);
	usleep_range(1000, 2000);
	tj_write(tdm, TJ_CNTL, tdm->cntl);
	tj_ring_program(tdm);
	WRITE_ONCE(tdm->abort, 0);
	spin_lock_irqsave(&tdm->dma_lock, flags);
	if (tdm->running && tdm400_usable(tdm))
		dma_start_locked(tdm);
	spin_unlock_irqrestore(&tdm->dma_lock, flags);
}

/**
 * tdm400_sound_init() - prepare a new card
 * @tdm: the card
 */
void tdm400_sound_init(struct tdm400 *tdm)
{
	spin_lock_init(&tdm->sound_lock);
	spin_lock_init(&tdm->dma_lock);
	init_waitqueue_head(&tdm->irq_wait);
	INIT_WORK(&tdm->restart, sound_restart);
}

/**
 * tdm400_test_interrupt() - do the rings move and interrupts arrive?
 * @tdm: a card that is ready, before its lines are registered
 *
 * Context: Process context, may sleep for half a second.
 * Return: 0; -EIO, and the log says what is wrong.
 */
int tdm400_test_interrupt(struct tdm400 *tdm)
{
	struct device *dev = &tdm->pdev->dev;
	u32 start = tj_read32(tdm, TJ_RX_START);
	u32 current_bus;
	u8 status;

	sound_run(tdm, true);
	wait_event_timeout(tdm->irq_wait, READ_ONCE(tdm->irqs), msecs_to_jiffies(SOUND_TEST_MS));
	current_bus = tj_read32(tdm, TJ_RX_CURRENT);
	status = tj_read(tdm, TJ_INTSTAT);
	sound_run(tdm, false);
	if (READ_ONCE(tdm->abort)) {
		dev_err(dev, "no sound: the bus aborts DMA, status 0x%02x\n", tdm->abort);
		return -EIO;
	}
	if (READ_ONCE(tdm->irqs))
		return 0;
	if (current_bus == start || current_bus - start >= 2 * tdm->half * FRAME_BYTES)
		dev_err(dev, "no sound: DMA does not move, it is at 0x%08x and began at 0x%08x\n",
			current_bus, start);
	else
		dev_err(dev, "no interrupts: sound runs, but IRQ %u did not come, status 0x%02x\n",
			tdm->pdev->irq, status);
	return -EIO;
}

int tdm400_pcm_prepare(struct tapi_card *card, struct tapi_pcm_ring *ring)
{
	struct tdm400 *tdm = tdm400_of(card);
	unsigned int i, n = 0;

	ring->frames = 2 * tdm->half;
	ring->stride = FRAME_BYTES;
	ring->tx = tdm->ring;
	ring->rx = tdm->ring + ring->frames * FRAME_BYTES;
	for (i = 0; i < TDM400_SOCKETS; i++)
		if (tdm->port[i].line)
			ring->lane[n++] = i;
	return 0;
}

int tdm400_pcm_start(struct tapi_card *card)
{
	struct tdm400 *tdm = tdm400_of(card);

	if (READ_ONCE(tdm->gone))
		return -ENODEV;
	if (!tdm400_usable(tdm) || READ_ONCE(tdm->abort))
		return -EIO;
	sound_run(tdm, true);
	/* what watches over the interrupts may sleep longer than three halves */
	tdm400_poll_kick(tdm);
	return 0;
}

void tdm400_pcm_stop(struct tapi_card *card)
{
	sound_run(tdm400_of(card), false);
}

void tdm400_pcm_pos(struct tapi_card *card, u32 *rx, u32 *tx)
{
	struct tdm400 *tdm = tdm400_of(card);
	struct frames_pos pos = {};

	if (tdm400_usable(tdm))
		sound_pos(tdm, &pos);
	*rx = pos.rx;
	*tx = pos.tx;
}

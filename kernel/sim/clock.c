// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sample clock: one timer per card, and only while sound runs.
 *
 * A step carries one grain of frames over the cables, from each line's lane of
 * the transmit ring to its peer's lane of the receive ring, and tells the core.
 * When steps are due is computed from the start, so no error adds up; a timer
 * that comes late makes good all steps that are due, so no sample is lost.
 */
#include <linux/slab.h>

#include "compat.h"
#include "sim.h"

/* Rings of this many steps: the core keeps two ahead */
#define SIM_RING_STEPS	4
#define SIM_FRAME_NS	125000ULL

static struct sim_clock *clock_of(struct tapi_card *card)
{
	return &((struct sim_card *)tapi_card_priv(card))->clock;
}

static ktime_t step_time(const struct sim_clock *clock, u64 step)
{
	return ktime_add_ns(clock->start, step * clock->grain * SIM_FRAME_NS);
}

/* The samples of one step go over all cables */
static void carry(struct sim_clock *clock, unsigned int first)
{
	unsigned int pair = 2 * clock->width;
	unsigned int frame, lane;

	for (frame = first; frame < first + clock->grain; frame++) {
		u8 *rx = clock->rx + frame * clock->stride;
		const u8 *tx = clock->tx + frame * clock->stride;

		for (lane = 0; lane < clock->stride; lane += pair) {
			memcpy(rx + lane, tx + lane + clock->width, clock->width);
			memcpy(rx + lane + clock->width, tx + lane, clock->width);
		}
	}
}

static unsigned int place(const struct sim_clock *clock)
{
	u64 done = clock->done;

	return do_div(done, clock->frames / clock->grain) * clock->grain;
}

/* Does one step if it is due in run @run; false when it is not */
static bool step(struct sim_clock *clock, unsigned int run)
{
	unsigned long flags;
	unsigned int pos;
	ktime_t due;

	spin_lock_irqsave(&clock->lock, flags);
	due = step_time(clock, clock->done + 1);
	if (clock->run != run || ktime_before(ktime_get(), due)) {
		spin_unlock_irqrestore(&clock->lock, flags);
		return false;
	}
	carry(clock, place(clock));
	clock->done++;
	pos = place(clock);
	spin_unlock_irqrestore(&clock->lock, flags);
	/* may call back into pcm_stop */
	tapi_pcm_advance(clock->card, pos, pos, due);
	return true;
}

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	struct sim_clock *clock = container_of(timer, struct sim_clock, timer);
	enum hrtimer_restart again = HRTIMER_NORESTART;
	unsigned int run = READ_ONCE(clock->run);
	unsigned long flags;

	if (!(run & 1))
		return HRTIMER_NORESTART;
	while (step(clock, run))
		;
	spin_lock_irqsave(&clock->lock, flags);
	/* stopped and started anew meanwhile: the start has queued the timer */
	if (clock->run == run) {
		hrtimer_set_expires(timer, step_time(clock, clock->done + 1));
		again = HRTIMER_RESTART;
	}
	spin_unlock_irqrestore(&clock->lock, flags);
	return again;
}

int sim_clock_init(struct sim_clock *clock, struct tapi_card *card, unsigned int lines,
		   unsigned int width, unsigned int grain)
{
	size_t size;

	spin_lock_init(&clock->lock);
	clock->card = card;
	clock->grain = grain;
	clock->width = width;
	clock->stride = lines * width;
	clock->frames = grain * SIM_RING_STEPS;
	size = array_size(clock->frames, clock->stride);
	clock->rx = kzalloc(size, GFP_KERNEL);
	clock->tx = kzalloc(size, GFP_KERNEL);
	tapi_hrtimer_setup(&clock->timer, tick, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	return clock->rx && clock->tx ? 0 : -ENOMEM;
}

void sim_clock_free(struct sim_clock *clock)
{
	kfree(clock->rx);
	kfree(clock->tx);
}

int sim_pcm_prepare(struct tapi_card *card, struct tapi_pcm_ring *ring)
{
	struct sim_clock *clock = clock_of(card);
	unsigned int i;

	ring->rx = clock->rx;
	ring->tx = clock->tx;
	ring->frames = clock->frames;
	ring->stride = clock->stride;
	for (i = 0; i < clock->stride / clock->width; i++)
		ring->lane[i] = i * clock->width;
	return 0;
}

int sim_pcm_start(struct tapi_card *card)
{
	struct sim_clock *clock = clock_of(card);
	unsigned long flags;

	spin_lock_irqsave(&clock->lock, flags);
	if (!(clock->run & 1)) {
		clock->run++;
		clock->start = ktime_get();
		clock->done = 0;
		hrtimer_start(&clock->timer, step_time(clock, 1), HRTIMER_MODE_ABS_SOFT);
	}
	spin_unlock_irqrestore(&clock->lock, flags);
	return 0;
}

void sim_pcm_stop(struct tapi_card *card)
{
	struct sim_clock *clock = clock_of(card);
	unsigned long flags;

	spin_lock_irqsave(&clock->lock, flags);
	if (clock->run & 1) {
		clock->run++;
		/* from the timer itself this fails, and the timer sees @run */
		hrtimer_try_to_cancel(&clock->timer);
	}
	spin_unlock_irqrestore(&clock->lock, flags);
}

void sim_pcm_pos(struct tapi_card *card, u32 *rx, u32 *tx)
{
	struct sim_clock *clock = clock_of(card);
	unsigned long flags;

	spin_lock_irqsave(&clock->lock, flags);
	*rx = place(clock);
	*tx = *rx;
	spin_unlock_irqrestore(&clock->lock, flags);
}

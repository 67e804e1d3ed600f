// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sample clock: one timer per card, and only while sound runs.
 *
 * A step carries one grain of frames over the cables, from each line's lane of
 * the transmit ring to its peer's lane of the receive ring, or through a pipe to
 * another card, and tells the core.  When steps are due is computed from the
 * start, so no error adds up; a timer that comes late makes good all steps that
 * are due, so no sample is lost.
 */
#include <linux/math64.h>
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
	return ktime_add_ns(clock->start, step * clock->step_ns +
			    div_u64(step * clock->step_rest_ps, 1000));
}

/* One step of a line's samples to its neighbour on the card */
static void carry_lane(const struct sim_clock *clock, u8 *rx, const u8 *tx)
{
	unsigned int i;

	if (clock->width == 1) {
		for (i = 0; i < clock->grain; i++, rx += clock->stride, tx += clock->stride)
			*rx = *tx;
		return;
	}
	for (i = 0; i < clock->grain; i++, rx += clock->stride, tx += clock->stride) {
		rx[0] = tx[0];
		rx[1] = tx[1];
	}
}

/* The samples of one step go over all cables; a line without one goes on hearing silence */
static void carry(struct sim_clock *clock, unsigned int first)
{
	struct sim_card *sim = container_of(clock, struct sim_card, clock);
	u8 *rx = clock->rx + first * clock->stride;
	const u8 *tx = clock->tx + first * clock->stride;
	unsigned int i;

	for (i = 0; i < sim->lines; i++) {
		const struct sim_line *end = &sim->line[i];
		struct sim_pipe *pipes = end->cable->pipes;
		unsigned int lane = i * clock->width;

		if (pipes) {
			sim_pipe_write(&pipes[!end->fxs], clock, tx + lane);
			sim_pipe_read(&pipes[end->fxs], clock, rx + lane);
		} else if (end->source >= 0) {
			carry_lane(clock, rx + lane, tx + end->source * clock->width);
		}
	}
}

/* What other cards said before is not heard */
static void forget(struct sim_clock *clock)
{
	struct sim_card *sim = container_of(clock, struct sim_card, clock);
	unsigned int i;

	for (i = 0; i < sim->lines; i++) {
		const struct sim_line *end = &sim->line[i];

		if (end->cable->pipes)
			sim_pipe_reset(&end->cable->pipes[end->fxs]);
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

/* A clock that is too fast has shorter steps */
static void set_step(struct sim_clock *clock, int ppm)
{
	u64 step_ps = div_u64(clock->grain * SIM_FRAME_NS * 1000 * 1000000, 1000000 + ppm);

	clock->step_ns = div_u64_rem(step_ps, 1000, &clock->step_rest_ps);
}

/**
 * sim_clock_init() - make a card's clock
 * @clock: the clock
 * @card: whose it is
 * @setup: what the card is to be
 *
 * Context: Process context.
 * Return: 0, or -ENOMEM: sim_clock_free() is to be called also then.
 */
int sim_clock_init(struct sim_clock *clock, struct tapi_card *card, const struct sim_setup *setup)
{
	static const u8 silence[] = {
		[TAPI_PCM_MU_LAW] = 0xff,
		[TAPI_PCM_A_LAW] = 0xd5,
		[TAPI_PCM_S16] = 0,
	};
	size_t size;

	spin_lock_init(&clock->lock);
	clock->card = card;
	clock->grain = setup->grain;
	clock->width = setup->format == TAPI_PCM_S16 ? 2 : 1;
	clock->silence = silence[setup->format];
	clock->stride = setup->lines * clock->width;
	clock->frames = clock->grain * SIM_RING_STEPS;
	set_step(clock, setup->ppm);
	size = array_size(clock->frames, clock->stride);
	clock->rx = kzalloc(size, GFP_KERNEL);
	clock->tx = kzalloc(size, GFP_KERNEL);
	tapi_hrtimer_setup(&clock->timer, tick, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	if (!clock->rx || !clock->tx)
		return -ENOMEM;
	memset(clock->rx, clock->silence, size);
	return 0;
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
		forget(clock);
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

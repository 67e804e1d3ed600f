// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sample clock: one timer per card, and only while sound runs.
 *
 * A step is one grain of frames: they go over the cables (ear.c), then the core is
 * told.  When the next one is due follows from the last one's time, kept to the
 * picosecond, so no error adds up; a timer that comes late makes good all steps
 * that are due, so no sample is lost.
 */
#include <linux/math64.h>
#include <linux/slab.h>

#include "compat.h"
#include "sim.h"

/* Rings of this many steps: the core keeps two ahead */
#define SIM_RING_STEPS	4
#define SIM_FRAME_PS	125000000ULL

static_assert((int)SIM_MU_LAW == TAPI_PCM_MU_LAW);
static_assert((int)SIM_A_LAW == TAPI_PCM_A_LAW);
static_assert((int)SIM_LINEAR == TAPI_PCM_S16);

static struct sim_card *sim_of(struct sim_clock *clock)
{
	return container_of(clock, struct sim_card, clock);
}

static struct sim_clock *clock_of(struct tapi_card *card)
{
	return &((struct sim_card *)tapi_card_priv(card))->clock;
}

/* When the next step ends */
static void set_due(struct sim_clock *clock)
{
	clock->due = ktime_add_ns(clock->due, clock->step_ns);
	clock->due_ps += clock->step_ps;
	if (clock->due_ps >= 1000) {
		clock->due_ps -= 1000;
		clock->due = ktime_add_ns(clock->due, 1);
	}
}

static void advance(struct sim_clock *clock)
{
	clock->steps++;
	clock->pos += clock->grain;
	if (clock->pos == clock->frames)
		clock->pos = 0;
	set_due(clock);
}

/* Does one step if it is due at @now in run @run; false when it is not */
static bool step(struct sim_clock *clock, unsigned int run, ktime_t now)
{
	struct tapi_pcm_active active;
	unsigned long flags;
	unsigned int pos;
	bool tell, more;
	ktime_t due;

	/* takes the core's lock, which is the outer one */
	tapi_pcm_active(clock->card, &active);

	spin_lock_irqsave(&clock->lock, flags);
	if (clock->run != run || ktime_before(now, clock->due)) {
		if (clock->run == run)
			hrtimer_set_expires(&clock->timer, clock->due);
		spin_unlock_irqrestore(&clock->lock, flags);
		return false;
	}
	sim_carry(sim_of(clock), &active);
	due = clock->due;
	advance(clock);
	pos = clock->pos;
	more = !ktime_before(now, clock->due);
	tell = !clock->drop;
	clock->drop -= !tell;
	if (!more)
		hrtimer_set_expires(&clock->timer, clock->due);
	spin_unlock_irqrestore(&clock->lock, flags);
	/* may call back into pcm_stop */
	if (tell)
		tapi_pcm_advance(clock->card, pos, pos, due);
	return more;
}

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	struct sim_clock *clock = container_of(timer, struct sim_clock, timer);
	unsigned int run = READ_ONCE(clock->run);
	ktime_t now = ktime_get();

	if (!(run & 1))
		return HRTIMER_NORESTART;
	while (step(clock, run, now))
		;
	/* when stopped right now it comes once more; a start has queued it already */
	return READ_ONCE(clock->run) == run ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

/* A clock that is too fast has shorter steps */
static void set_step(struct sim_clock *clock, int ppm)
{
	u64 step_ps = div_u64(clock->grain * SIM_FRAME_PS * 1000000, 1000000 + ppm);

	clock->step_ns = div_u64_rem(step_ps, 1000, &clock->step_ps);
	clock->frame_ps = div_u64(step_ps, clock->grain);
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
	size_t size;

	spin_lock_init(&clock->lock);
	tapi_hrtimer_setup(&clock->timer, tick, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	clock->card = card;
	clock->grain = setup->grain;
	clock->law = (enum sim_law)setup->format;
	clock->width = setup->format == TAPI_PCM_S16 ? 2 : 1;
	clock->stride = setup->lines * clock->width;
	clock->frames = clock->grain * SIM_RING_STEPS;
	set_step(clock, setup->ppm);
	if (!setup->pcm)
		return 0;
	size = array_size(clock->frames, clock->stride);
	clock->rx = kzalloc(size, GFP_KERNEL);
	clock->tx = kzalloc(size, GFP_KERNEL);
	return clock->rx && clock->tx ? 0 : -ENOMEM;
}

/**
 * sim_clock_free() - the card has gone
 * @clock: its clock
 */
void sim_clock_free(struct sim_clock *clock)
{
	kfree(clock->rx);
	kfree(clock->tx);
}

/**
 * sim_clock_drop() - the core is not told of steps, as when interrupts are lost
 * @clock: the clock
 * @steps: how many
 */
void sim_clock_drop(struct sim_clock *clock, unsigned int steps)
{
	unsigned long flags;

	spin_lock_irqsave(&clock->lock, flags);
	clock->drop = steps;
	spin_unlock_irqrestore(&clock->lock, flags);
}

/**
 * sim_clock_stall() - the clock stands still, if it runs
 * @clock: the clock
 * @ms: for so long
 */
void sim_clock_stall(struct sim_clock *clock, unsigned int ms)
{
	unsigned long flags;

	spin_lock_irqsave(&clock->lock, flags);
	/* the timer that is queued finds nothing due */
	if (clock->run & 1)
		clock->due = ktime_add_ms(clock->due, ms);
	spin_unlock_irqrestore(&clock->lock, flags);
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
		clock->due = ktime_get();
		clock->due_ps = 0;
		memset(clock->rx, sim_silence(clock->law), clock->frames * clock->stride);
		sim_ears_start(sim_of(clock), clock->due);
		set_due(clock);
		clock->pos = 0;
		clock->filled = 0;
		hrtimer_start(&clock->timer, clock->due, HRTIMER_MODE_ABS_SOFT);
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
		sim_ears_stop(sim_of(clock));
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
	*rx = clock->pos;
	*tx = clock->pos;
	spin_unlock_irqrestore(&clock->lock, flags);
}

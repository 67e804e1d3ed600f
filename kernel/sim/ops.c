// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the core has lines do.  Called with the line's control mutex held.
 */
#include <linux/delay.h>

#include "sim.h"

/* What an exchange rings with when nobody says otherwise: 20 Hz */
#define SIM_RING_MHZ	20000

/* A slow card takes its time */
static struct sim_card *ops_card(struct tapi_line *line)
{
	struct sim_card *sim = tapi_card_priv(tapi_line_card(line));
	unsigned int slow_ms = READ_ONCE(sim->setup->slow_ms);

	if (slow_ms)
		usleep_range(1000 * slow_ms, 1000 * slow_ms + 500);
	return sim;
}

/* The line's cable, locked */
static struct sim_cable *ops_enter(struct tapi_line *line, unsigned long *flags)
	__acquires(cable_lock)
{
	struct sim_cable *cable = sim_line_of(line)->cable;

	ops_card(line);
	spin_lock_irqsave(&cable->lock, *flags);
	return cable;
}

static int ops_leave(struct sim_cable *cable, unsigned long flags)
	__releases(cable_lock)
{
	sim_cable_settle(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
	return 0;
}

int sim_set_hook(struct tapi_line *line, bool off)
{
	unsigned long flags;
	struct sim_cable *cable = ops_enter(line, &flags);

	cable->closed = off;
	/* ring trip: current through the loop ends the burst */
	if (off)
		cable->rings = false;
	return ops_leave(cable, flags);
}

int sim_set_linefeed(struct tapi_line *line, u32 state, u32 polarity)
{
	bool fed = state == TAPI_LINE_FEED_ACTIVE || state == TAPI_LINE_FEED_OHT;
	unsigned long flags;
	struct sim_cable *cable = ops_enter(line, &flags);

	cable->fed = fed;
	if (fed)
		cable->reversed = polarity;
	return ops_leave(cable, flags);
}

int sim_ring_on(struct tapi_line *line, u32 freq_mhz)
{
	unsigned long flags;
	struct sim_cable *cable = ops_enter(line, &flags);

	if (!cable->closed) {
		cable->rings = true;
		cable->ring_mhz = freq_mhz ?: SIM_RING_MHZ;
	}
	return ops_leave(cable, flags);
}

int sim_ring_off(struct tapi_line *line)
{
	unsigned long flags;
	struct sim_cable *cable = ops_enter(line, &flags);

	cable->rings = false;
	return ops_leave(cable, flags);
}

static int set_tone(struct tapi_line *line, const struct tapi_line_tone *tone)
{
	enum sim_side other = !sim_line_of(line)->side;
	unsigned long flags;
	struct sim_cable *cable = ops_enter(line, &flags);

	sim_ear_oscillators(&cable->end[other].ear, tone);
	return ops_leave(cable, flags);
}

int sim_tone_on(struct tapi_line *line, const struct tapi_line_tone *tone)
{
	if (max(tone->freq_mhz[0], tone->freq_mhz[1]) > 1000 * SIM_TONE_HZ_MAX)
		return -EINVAL;
	return set_tone(line, tone);
}

int sim_tone_off(struct tapi_line *line)
{
	return set_tone(line, NULL);
}

int sim_dtmf_send(struct tapi_line *line, char digit, bool on)
{
	enum sim_side other = !sim_line_of(line)->side;
	unsigned long flags;
	struct sim_cable *cable = ops_enter(line, &flags);

	/* a closed loop has both ends */
	if (sim_cable_loop(cable)) {
		if (cable->end[other].line)
			tapi_report_dtmf(cable->end[other].line, digit, on, ktime_get());
		else if (on)
			sim_far_heard(cable->far, digit);
	}
	return ops_leave(cable, flags);
}

static int set_gain(struct tapi_line *line, bool tx, s64 mdb)
{
	struct sim_line *sim_line = sim_line_of(line);
	struct sim_card *sim = ops_card(line);
	unsigned long flags;

	spin_lock_irqsave(&sim->clock.lock, flags);
	*(tx ? &sim_line->tx_gain : &sim_line->rx_gain) = sim_gain(mdb);
	sim_ears_gain(sim);
	spin_unlock_irqrestore(&sim->clock.lock, flags);
	return 0;
}

static int set_loop_current(struct tapi_line *line, s64 ua)
{
	unsigned long flags;
	struct sim_cable *cable = ops_enter(line, &flags);

	cable->loop_ua = ua;
	return ops_leave(cable, flags);
}

int sim_set_param(struct tapi_line *line, u32 id, s64 value)
{
	switch (id) {
	case TAPI_LINE_PARAM_RX_GAIN:
		return set_gain(line, false, value);
	case TAPI_LINE_PARAM_TX_GAIN:
		return set_gain(line, true, value);
	case TAPI_LINE_PARAM_LOOP_CURRENT:
		return set_loop_current(line, value);
	default:
		return -EINVAL;
	}
}

int sim_measure(struct tapi_line *line, struct tapi_line_measure *m)
{
	unsigned long flags;
	struct sim_cable *cable = ops_enter(line, &flags);
	int err = sim_cable_measure(cable, sim_line_of(line)->side, m);

	ops_leave(cable, flags);
	return err;
}

void sim_get_stats(struct tapi_line *line, struct tapi_line_stats *stats)
{
	struct sim_card *sim = tapi_card_priv(tapi_line_card(line));
	struct sim_line *sim_line = sim_line_of(line);
	struct sim_cable *cable = sim_line->cable;
	unsigned long flags;

	spin_lock_irqsave(&sim->clock.lock, flags);
	stats->irqs = sim->clock.steps;
	spin_unlock_irqrestore(&sim->clock.lock, flags);
	spin_lock_irqsave(&cable->lock, flags);
	stats->power_alarms = cable->end[sim_line->side].alarms;
	stats->chip_resets = cable->end[sim_line->side].resets;
	spin_unlock_irqrestore(&cable->lock, flags);
}

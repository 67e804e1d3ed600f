// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cables between simulated lines: what one end does, the other end sees.
 *
 * The operations are called by the core with the line's control mutex held;
 * the two ends of a cable are two lines, so a spinlock guards what they share.
 * Reports may be made under it: they take no lock that leads back here.
 *
 * Each operation notes what its end does; settle() then tells both ends what
 * has changed on the wires.  An end whose card is not there is told nothing,
 * and does nothing: a line that is not fed, or a telephone on hook.
 */
#include <linux/slab.h>

#include "sim.h"

/* What an exchange rings with when nobody says otherwise: 20 Hz */
#define SIM_RING_MHZ	20000
/* Between the wires of a line on hook, mV */
#define SIM_BATTERY_MV	(-48000)

/* To the FXO end, to the FXS end */
#define CABLE_PIPES	2

/**
 * sim_cable_alloc() - make a cable
 * @across: its ends will be on two cards
 *
 * Context: Process context.
 * Return: the cable, to be given back with sim_cable_put(); NULL without memory.
 */
struct sim_cable *sim_cable_alloc(bool across)
{
	struct sim_cable *cable = kzalloc(sizeof(*cable), GFP_KERNEL);

	if (!cable)
		return NULL;
	if (across) {
		cable->pipes = kcalloc(CABLE_PIPES, sizeof(*cable->pipes), GFP_KERNEL);
		if (!cable->pipes) {
			kfree(cable);
			return NULL;
		}
		sim_pipe_init(&cable->pipes[0]);
		sim_pipe_init(&cable->pipes[1]);
	}
	kref_init(&cable->ref);
	spin_lock_init(&cable->lock);
	cable->fed = true;
	return cable;
}

/**
 * sim_cable_get() - take a reference
 * @cable: the cable
 *
 * Return: @cable.
 */
struct sim_cable *sim_cable_get(struct sim_cable *cable)
{
	kref_get(&cable->ref);
	return cable;
}

static void cable_release(struct kref *ref)
{
	struct sim_cable *cable = container_of(ref, struct sim_cable, ref);

	kfree(cable->pipes);
	kfree(cable);
}

/**
 * sim_cable_put() - give a reference back
 * @cable: the cable, or NULL
 */
void sim_cable_put(struct sim_cable *cable)
{
	if (cable)
		kref_put(&cable->ref, cable_release);
}

static bool battery_on(const struct sim_cable *cable)
{
	return cable->fxs && cable->fed;
}

static bool loop_closed(const struct sim_cable *cable)
{
	return battery_on(cable) && cable->fxo && cable->closed;
}

static void settle_fxo(struct sim_cable *cable, ktime_t now)
{
	bool battery = battery_on(cable);
	bool ring = cable->fxs && cable->rings;

	if (cable->told_ring != ring) {
		cable->told_ring = ring;
		tapi_report_ring(cable->fxo, ring, ring ? cable->ring_mhz : 0, now);
	}
	if (cable->told_battery != battery) {
		cable->told_battery = battery;
		tapi_report_battery(cable->fxo, battery, battery ? SIM_BATTERY_MV : 0, now);
	}
	if (battery && cable->told_reversed != cable->reversed) {
		cable->told_reversed = cable->reversed;
		tapi_report_polarity(cable->fxo, cable->reversed, now);
	}
}

/* Tells the ends what has changed on the wires */
static void settle(struct sim_cable *cable)
{
	bool loop = loop_closed(cable);
	ktime_t now = ktime_get();

	lockdep_assert_held(&cable->lock);
	if (cable->fxo)
		settle_fxo(cable, now);
	if (cable->fxs && cable->told_loop != loop) {
		cable->told_loop = loop;
		tapi_report_loop(cable->fxs, loop, now);
	}
}

/**
 * sim_cable_battery() - is the cable fed
 * @cable: the cable
 *
 * Context: Any.
 * Return: whether its FXS end is there and feeds it.
 */
bool sim_cable_battery(struct sim_cable *cable)
{
	unsigned long flags;
	bool battery;

	spin_lock_irqsave(&cable->lock, flags);
	battery = battery_on(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
	return battery;
}

/**
 * sim_cable_up() - an end is there: it is told of the wires from now on
 * @end: the end
 * @line: its line, registered
 *
 * Of two ends on one card the FXS end comes first: the other one never sees a
 * line without battery.
 *
 * Context: Any.
 */
void sim_cable_up(struct sim_line *end, struct tapi_line *line)
{
	struct sim_cable *cable = end->cable;
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	if (end->fxs) {
		cable->fxs = line;
		cable->told_loop = false;
	} else {
		cable->fxo = line;
		cable->told_battery = end->battery;
		cable->told_reversed = false;
		cable->told_ring = false;
	}
	settle(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
}

/**
 * sim_cable_down() - an end has gone: the other one sees it
 * @end: the end; no operation runs for its line and none will
 *
 * Context: Any.
 */
void sim_cable_down(struct sim_line *end)
{
	struct sim_cable *cable = end->cable;
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	if (end->fxs) {
		cable->fxs = NULL;
		cable->fed = true;
		cable->reversed = false;
		cable->rings = false;
	} else {
		cable->fxo = NULL;
		cable->closed = false;
	}
	settle(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
}

int sim_set_hook(struct tapi_line *line, bool off)
{
	struct sim_cable *cable = sim_line_of(line)->cable;
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	cable->closed = off;
	/* ring trip: current through the loop ends the burst */
	if (off)
		cable->rings = false;
	settle(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
	return 0;
}

int sim_set_linefeed(struct tapi_line *line, u32 state, u32 polarity)
{
	bool fed = state == TAPI_LINE_FEED_ACTIVE || state == TAPI_LINE_FEED_OHT;
	struct sim_cable *cable = sim_line_of(line)->cable;
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	cable->fed = fed;
	if (fed)
		cable->reversed = polarity;
	settle(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
	return 0;
}

int sim_ring_on(struct tapi_line *line, u32 freq_mhz)
{
	struct sim_cable *cable = sim_line_of(line)->cable;
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	if (!cable->closed) {
		cable->rings = true;
		cable->ring_mhz = freq_mhz ?: SIM_RING_MHZ;
	}
	settle(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
	return 0;
}

int sim_ring_off(struct tapi_line *line)
{
	struct sim_cable *cable = sim_line_of(line)->cable;
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	cable->rings = false;
	settle(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
	return 0;
}

int sim_dtmf_send(struct tapi_line *line, char digit, bool on)
{
	struct sim_line *end = sim_line_of(line);
	struct sim_cable *cable = end->cable;
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	/* a closed loop has both ends */
	if (loop_closed(cable))
		tapi_report_dtmf(end->fxs ? cable->fxo : cable->fxs, digit, on, ktime_get());
	spin_unlock_irqrestore(&cable->lock, flags);
	return 0;
}

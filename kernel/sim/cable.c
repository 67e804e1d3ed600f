// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cables between simulated lines: what one end does, the other end sees.
 *
 * The two ends of a cable are two lines, or a line and a far side, so a spinlock
 * guards what they share.  Reports may be made under it: they take no lock that
 * leads back here.
 *
 * Whoever changes something calls sim_cable_settle(), which tells both ends what
 * has changed on the wires.  An end whose card is not there is told nothing, and
 * does nothing: a line that is not fed, or a telephone on hook.
 */
#include <linux/slab.h>

#include "compat.h"
#include "sim.h"

/* Of the exchange: on one of the wires of a line on hook, against ground, mV */
#define SIM_BATTERY_MV	(-48000)

/* ---- what is on the wires */

/* Something plays this end: a line, or a far side */
static bool end_there(const struct sim_cable *cable, enum sim_side side)
{
	return cable->end[side].line || (cable->far && cable->far->side == side);
}

static bool end_works(const struct sim_cable *cable, enum sim_side side)
{
	return end_there(cable, side) && !cable->end[side].faults && !cable->end[side].asleep;
}

static bool end_feeds(const struct sim_cable *cable)
{
	return end_works(cable, SIM_FXS) && !cable->cut;
}

/* The line to tell what is on the wires, NULL for none */
static struct tapi_line *end_listens(const struct sim_cable *cable, enum sim_side side)
{
	return cable->end[side].asleep ? NULL : cable->end[side].line;
}

static bool battery_on(const struct sim_cable *cable)
{
	return end_feeds(cable) && cable->fed;
}

/**
 * sim_cable_loop() - does current flow
 * @cable: the cable, locked
 *
 * Return: whether it does.
 */
bool sim_cable_loop(const struct sim_cable *cable)
{
	return battery_on(cable) && end_works(cable, SIM_FXO) && cable->closed;
}

/* From ring to tip, of a cable that is fed, mV */
static s32 loop_mv(const struct sim_cable *cable)
{
	s32 mv = -SIM_BATTERY_MV;

	if (sim_cable_loop(cable))
		mv = cable->loop_ua / 1000 * SIM_LOOP_OHM;
	return cable->reversed ? -mv : mv;
}

static void measure_fxs(const struct sim_cable *cable, struct tapi_line_measure *m)
{
	m->valid = BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4);
	if (cable->end[SIM_FXS].faults & TAPI_LINE_FAULT_POWER)
		return;
	m->batt_mv = SIM_BATTERY_MV;
	if (!cable->fed)
		return;
	/* also when the wires are cut: it is at this end of them */
	m->loop_mv = loop_mv(cable);
	m->tip_mv = min(m->loop_mv, 0);
	m->ring_mv = min(-m->loop_mv, 0);
}

/**
 * sim_cable_measure() - a meter at one end
 * @cable: the cable, locked
 * @side: the end, whose card is there
 * @m: filled in
 *
 * An exchange measures its battery and either wire, too. A chip that is being reset
 * measures nothing.
 *
 * Return: 0, -EIO.
 */
int sim_cable_measure(const struct sim_cable *cable, enum sim_side side,
		      struct tapi_line_measure *m)
{
	if (cable->end[side].faults & TAPI_LINE_FAULT_RESET)
		return -EIO;
	if (side == SIM_FXS) {
		measure_fxs(cable, m);
	} else {
		m->valid = BIT(0) | BIT(4);
		m->loop_mv = battery_on(cable) ? loop_mv(cable) : 0;
	}
	if (sim_cable_loop(cable))
		m->loop_ua = cable->reversed ? -(s32)cable->loop_ua : (s32)cable->loop_ua;
	return 0;
}

static void settle_fxo(struct sim_cable *cable, struct tapi_line *fxo, ktime_t now)
{
	bool battery = battery_on(cable);
	bool ring = end_feeds(cable) && cable->rings;

	if (cable->told_ring != ring) {
		cable->told_ring = ring;
		tapi_report_ring(fxo, ring, ring ? cable->ring_mhz : 0, now);
	}
	if (cable->told_battery != battery) {
		cable->told_battery = battery;
		tapi_report_battery(fxo, battery, battery ? loop_mv(cable) : 0, now);
	}
	if (battery && cable->told_reversed != cable->reversed) {
		cable->told_reversed = cable->reversed;
		tapi_report_polarity(fxo, cable->reversed, now);
	}
}

/**
 * sim_cable_settle() - tell the ends what has changed on the wires
 * @cable: the cable, locked
 *
 * Context: Any.
 */
void sim_cable_settle(struct sim_cable *cable)
{
	struct tapi_line *fxo = end_listens(cable, SIM_FXO), *fxs = end_listens(cable, SIM_FXS);
	bool loop = sim_cable_loop(cable);
	ktime_t now = ktime_get();

	lockdep_assert_held(&cable->lock);
	if (fxo)
		settle_fxo(cable, fxo, now);
	if (fxs && cable->told_loop != loop) {
		cable->told_loop = loop;
		tapi_report_loop(fxs, loop, now);
	}
}

/* Neither end hears the other one over cut wires, or when one of them is out of order */
static void settle_ears(struct sim_cable *cable)
{
	bool muted = cable->cut || cable->end[SIM_FXO].faults || cable->end[SIM_FXS].faults;

	lockdep_assert_held(&cable->lock);
	sim_ear_mute(&cable->end[SIM_FXO].ear, muted);
	sim_ear_mute(&cable->end[SIM_FXS].ear, muted);
}

/* ---- faults */

static enum hrtimer_restart heal(struct hrtimer *timer)
{
	struct sim_end *end = container_of(timer, struct sim_end, heal);
	struct sim_cable *cable = end->cable;
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	end->faults = 0;
	if (end->line)
		tapi_report_fault(end->line, 0, ktime_get());
	settle_ears(cable);
	sim_cable_settle(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
	return HRTIMER_NORESTART;
}

/**
 * sim_cable_fault() - an end is out of order for a while
 * @cable: the cable
 * @side: the end
 * @fault: TAPI_LINE_FAULT_POWER: it does not feed the line, or draw current from it;
 *	TAPI_LINE_FAULT_RESET: it has forgotten that it rings, too
 *
 * Then its driver gives it back the state it had.
 *
 * Context: Any.
 * Return: 0; -ENODEV when its card is not there, -EBUSY while it is out of order.
 */
int sim_cable_fault(struct sim_cable *cable, enum sim_side side, u32 fault)
{
	struct sim_end *end = &cable->end[side];
	bool alarm = fault == TAPI_LINE_FAULT_POWER;
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&cable->lock, flags);
	if (!end->line) {
		err = -ENODEV;
	} else if (end->faults) {
		err = -EBUSY;
	} else {
		end->faults = fault;
		end->alarms += alarm;
		end->resets += !alarm;
		if (!alarm && side == SIM_FXS)
			cable->rings = false;
		tapi_report_fault(end->line, fault, ktime_get());
		settle_ears(cable);
		sim_cable_settle(cable);
		hrtimer_start(&end->heal, ms_to_ktime(alarm ? SIM_ALARM_MS : SIM_RESET_MS),
			      HRTIMER_MODE_REL_SOFT);
	}
	spin_unlock_irqrestore(&cable->lock, flags);
	return err;
}

/**
 * sim_cable_sleep() - an end's card goes to sleep, or wakes up
 * @line: the end's line
 * @asleep: which of it
 *
 * It feeds and does afterwards what it did before, and is told what has changed meanwhile.
 *
 * Context: Any.
 */
void sim_cable_sleep(struct sim_line *line, bool asleep)
{
	struct sim_cable *cable = line->cable;
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	cable->end[line->side].asleep = asleep;
	sim_cable_settle(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
}

/**
 * sim_cable_cut() - cut the wires, or join them again
 * @cable: the cable
 * @cut: which of it
 *
 * Context: Any.
 */
void sim_cable_cut(struct sim_cable *cable, bool cut)
{
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	cable->cut = cut;
	settle_ears(cable);
	sim_cable_settle(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
}

/* ---- cables come and go */

static int cable_cross(struct sim_cable *cable)
{
	unsigned int i;

	cable->crossing = kcalloc(SIM_SIDES, sizeof(*cable->crossing), GFP_KERNEL);
	if (!cable->crossing)
		return -ENOMEM;
	for (i = 0; i < SIM_SIDES; i++)
		spin_lock_init(&cable->crossing[i].lock);
	return 0;
}

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
	unsigned int i;

	if (!cable)
		return NULL;
	if (across && cable_cross(cable)) {
		kfree(cable);
		return NULL;
	}
	kref_init(&cable->ref);
	spin_lock_init(&cable->lock);
	cable->loop_ua = SIM_LOOP_UA;
	for (i = 0; i < SIM_SIDES; i++) {
		struct sim_end *end = &cable->end[i];

		end->cable = cable;
		tapi_hrtimer_setup(&end->heal, heal, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
		sim_ear_init(&end->ear, across);
	}
	cable->fed = true;
	return cable;
}

/**
 * sim_cable_alloc_far() - make a cable with a far side
 * @fxs: its line is an FXS line, on which a telephone hangs; else an exchange is there,
 *	which does not feed the line until it is told to
 *
 * Context: Process context.
 * Return: the cable, to be given back with sim_cable_put(); NULL without memory.
 */
struct sim_cable *sim_cable_alloc_far(bool fxs)
{
	struct sim_cable *cable = sim_cable_alloc(false);

	if (!cable)
		return NULL;
	cable->far = sim_far_alloc(cable, fxs ? SIM_FXO : SIM_FXS);
	if (!cable->far) {
		sim_cable_put(cable);
		return NULL;
	}
	cable->fed = fxs;
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
	unsigned int i;

	if (cable->far)
		sim_far_free(cable->far);
	for (i = 0; i < SIM_SIDES; i++) {
		hrtimer_cancel(&cable->end[i].heal);
		sim_ear_free(&cable->end[i].ear);
	}
	kfree(cable->crossing);
	kfree(cable);
}

/**
 * sim_cable_put() - give a reference back
 * @cable: the cable, or NULL
 *
 * Context: Process context.
 */
void sim_cable_put(struct sim_cable *cable)
{
	if (cable)
		kref_put(&cable->ref, cable_release);
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
 * @line: the end's line
 * @core: the same, registered
 *
 * Of two ends on one card the FXS end comes first: the other one never sees a
 * line without battery.
 *
 * Context: Any.
 */
void sim_cable_up(struct sim_line *line, struct tapi_line *core)
{
	struct sim_cable *cable = line->cable;
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	cable->end[line->side].line = core;
	if (line->side == SIM_FXS) {
		cable->told_loop = false;
	} else {
		cable->told_battery = line->battery;
		cable->told_reversed = false;
		cable->told_ring = false;
	}
	sim_cable_settle(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
}

/**
 * sim_cable_down() - an end has gone: the other one sees it
 * @line: the end's line; no operation runs for it and none will
 *
 * Context: Process context.
 */
void sim_cable_down(struct sim_line *line)
{
	struct sim_cable *cable = line->cable;
	struct sim_end *end = &cable->end[line->side];
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	end->line = NULL;
	sim_ear_oscillators(&cable->end[!line->side].ear, NULL);
	if (line->side == SIM_FXS) {
		cable->fed = true;
		cable->reversed = false;
		cable->rings = false;
		cable->loop_ua = SIM_LOOP_UA;
	} else {
		cable->closed = false;
	}
	sim_cable_settle(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
	/* what was out of order is mended when it comes again */
	if (hrtimer_cancel(&end->heal))
		heal(&end->heal);
}

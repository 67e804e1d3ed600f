// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cables between simulated lines: what one end does, the other end sees.
 *
 * The operations are called by the core with the line's control mutex held;
 * the two ends of a cable are two lines, so a spinlock guards what they share.
 * Reports may be made under it: they take no lock that leads back here.
 */
#include "sim.h"

/* What an exchange rings with when nobody says otherwise: 20 Hz */
#define SIM_RING_MHZ	20000
/* Between the wires of a line on hook, mV */
#define SIM_BATTERY_MV	(-48000)

static struct sim_cable *cable_of(struct tapi_line *line)
{
	return &sim_of_line(line)->cables[tapi_line_number(line) / 2];
}

void sim_cable_init(struct sim_cable *cable, struct tapi_line *fxo, struct tapi_line *fxs)
{
	spin_lock_init(&cable->lock);
	cable->fxo = fxo;
	cable->fxs = fxs;
	cable->fed = true;
}

static void ring_end(struct sim_cable *cable, ktime_t now)
{
	if (!cable->ringing)
		return;
	cable->ringing = false;
	tapi_report_ring(cable->fxo, false, 0, now);
}

int sim_set_hook(struct tapi_line *line, bool off)
{
	struct sim_cable *cable = cable_of(line);
	ktime_t now = ktime_get();
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	if (cable->closed != off) {
		cable->closed = off;
		/* ring trip: current through the loop ends the burst */
		if (off)
			ring_end(cable, now);
		if (cable->fed)
			tapi_report_loop(cable->fxs, off, now);
	}
	spin_unlock_irqrestore(&cable->lock, flags);
	return 0;
}

int sim_set_linefeed(struct tapi_line *line, u32 state, u32 polarity)
{
	bool fed = state == TAPI_LINE_FEED_ACTIVE || state == TAPI_LINE_FEED_OHT;
	struct sim_cable *cable = cable_of(line);
	ktime_t now = ktime_get();
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	if (cable->fed != fed) {
		cable->fed = fed;
		tapi_report_battery(cable->fxo, fed, fed ? SIM_BATTERY_MV : 0, now);
		if (cable->closed)
			tapi_report_loop(cable->fxs, fed, now);
	}
	if (fed && cable->reversed != !!polarity) {
		cable->reversed = polarity;
		tapi_report_polarity(cable->fxo, polarity, now);
	}
	spin_unlock_irqrestore(&cable->lock, flags);
	return 0;
}

int sim_ring_on(struct tapi_line *line, u32 freq_mhz)
{
	struct sim_cable *cable = cable_of(line);
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	if (!cable->closed && !cable->ringing) {
		cable->ringing = true;
		tapi_report_ring(cable->fxo, true, freq_mhz ?: SIM_RING_MHZ, ktime_get());
	}
	spin_unlock_irqrestore(&cable->lock, flags);
	return 0;
}

int sim_ring_off(struct tapi_line *line)
{
	struct sim_cable *cable = cable_of(line);
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	ring_end(cable, ktime_get());
	spin_unlock_irqrestore(&cable->lock, flags);
	return 0;
}

int sim_dtmf_send(struct tapi_line *line, char digit, bool on)
{
	struct sim_cable *cable = cable_of(line);
	struct tapi_line *peer = line == cable->fxo ? cable->fxs : cable->fxo;
	unsigned long flags;

	spin_lock_irqsave(&cable->lock, flags);
	if (cable->closed && cable->fed)
		tapi_report_dtmf(peer, digit, on, ktime_get());
	spin_unlock_irqrestore(&cable->lock, flags);
	return 0;
}

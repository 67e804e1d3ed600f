// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decisions from samples that are taken every few milliseconds.  Pure code, also built for
 * the host: time comes in.
 */
#include "detect.h"

/* Ringing: shortest that counts. A reversal of polarity or a click is over sooner. */
#define DETECT_RING_MS		64
/*
 * Longest time without a sample of it: ringing of 16 Hz crosses zero every 31 ms, and a
 * look may fall on two crossings that follow each other.
 */
#define DETECT_RING_GAP_MS	70
/* Battery and polarity */
#define DETECT_LEVEL_MS		64
/* So many power alarms in so long mean a fault that restoring the feed does not cure */
#define DETECT_ALARMS		10
#define DETECT_ALARM_MS		100000

static bool older(u64 since_ns, u64 now_ns, u32 ms)
{
	return now_ns - since_ns >= (u64)ms * NSEC_PER_MSEC;
}

/**
 * detect_ring() - a look at the ring detector
 * @d: the filter
 * @seen: it saw ringing voltage at this moment
 * @now_ns: the time
 *
 * Return: whether ringing began, at @d->first_ns, or ended, at @d->last_ns.
 */
bool detect_ring(struct detect_ring *d, bool seen, u64 now_ns)
{
	bool was = d->on;

	if (seen) {
		if (!d->first_ns)
			d->first_ns = now_ns;
		d->last_ns = now_ns;
	} else if (d->first_ns && older(d->last_ns, now_ns, DETECT_RING_GAP_MS)) {
		d->first_ns = 0;
		d->on = false;
	}
	if (seen && older(d->first_ns, now_ns, DETECT_RING_MS))
		d->on = true;
	return d->on != was;
}

/**
 * detect_ring_busy() - is a decision pending, or ringing going on?
 * @d: the filter
 *
 * Return: whether it is: look often.
 */
bool detect_ring_busy(const struct detect_ring *d)
{
	return d->first_ns;
}

/**
 * detect_ring_disturb() - the line was touched: a click is no part of a ring
 * @d: the filter
 *
 * Ringing that counts already goes on until its end was seen.
 */
void detect_ring_disturb(struct detect_ring *d)
{
	if (!d->on)
		d->first_ns = 0;
}

/**
 * detect_level() - a look at a level
 * @d: the filter
 * @level: what was seen
 * @now_ns: the time
 *
 * Return: whether the level that counts has changed, at @d->since_ns.
 */
bool detect_level(struct detect_level *d, bool level, u64 now_ns)
{
	if (level == d->level) {
		d->differs_ns = 0;
		return false;
	}
	if (!d->differs_ns)
		d->differs_ns = now_ns;
	if (!older(d->differs_ns, now_ns, DETECT_LEVEL_MS))
		return false;
	d->level = level;
	d->since_ns = d->differs_ns;
	d->differs_ns = 0;
	return true;
}

/**
 * detect_alarm() - something bad has happened
 * @d: the count
 * @now_ns: the time
 *
 * Return: whether it happened too often.
 */
bool detect_alarm(struct detect_alarms *d, u64 now_ns)
{
	if (!d->count || older(d->since_ns, now_ns, DETECT_ALARM_MS)) {
		d->count = 0;
		d->since_ns = now_ns;
	}
	return ++d->count > DETECT_ALARMS;
}

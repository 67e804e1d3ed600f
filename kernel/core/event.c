// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of event records of one open file.
 *
 * Nothing is lost silently: a full queue drops its oldest record and the
 * reader finds a LOST record with a count at the very place of the gap.  The
 * newest STATE record survives even then, and so does GONE.
 *
 * Pure code: no lock, no allocation.  In the kernel the line's ev_lock covers
 * it.
 */
#include "event.h"

/* A mask cannot hold back what a reader needs to find its way again */
#define RING_ALWAYS	(BIT_ULL(TAPI_LINE_EV_STATE) | BIT_ULL(TAPI_LINE_EV_GONE) | \
			 BIT_ULL(TAPI_LINE_EV_LOST))

/**
 * tapi_ring_init() - prepare an empty queue that wants everything
 * @ring: the queue
 * @rec: room for %TAPI_RING_RECORDS records
 */
void tapi_ring_init(struct tapi_ring *ring, struct tapi_line_event *rec)
{
	memset(ring, 0, sizeof(*ring));
	ring->rec = rec;
	ring->mask = U64_MAX;
}

/**
 * tapi_ring_wants() - is a type wanted?
 * @ring: the queue
 * @type: TAPI_LINE_EV_
 *
 * Return: whether the reader's mask lets it pass.
 */
bool tapi_ring_wants(const struct tapi_ring *ring, u32 type)
{
	return (ring->mask | RING_ALWAYS) & 1ULL << type;
}

/* Drop the oldest record to make room; how many the reader will not see */
static u32 ring_drop_oldest(struct tapi_ring *ring)
{
	const struct tapi_line_event *old = &ring->rec[ring->head];
	u32 dropped = 1;

	if (old->type == TAPI_LINE_EV_STATE) {
		/* What was lost so far lies before this record. */
		dropped = ring->has_state;
		if (dropped && !ring->lost) {
			ring->lost_ts = ring->state.ts;
			ring->lost_seq = ring->state.seq;
		}
		if (ring->lost + dropped) {
			ring->early += ring->lost + dropped;
			ring->early_ts = ring->lost_ts;
			ring->early_seq = ring->lost_seq;
		}
		ring->lost = 0;
		ring->state = *old;
		ring->has_state = true;
	} else {
		ring->lost++;
		ring->lost_ts = old->ts;
		ring->lost_seq = old->seq;
	}
	ring->head = (ring->head + 1) % TAPI_RING_RECORDS;
	ring->count--;
	return dropped;
}

/**
 * tapi_ring_put() - append a record
 * @ring: the queue
 * @ev: the record; the caller has asked tapi_ring_wants()
 *
 * Return: the number of older records dropped to make room.
 */
u32 tapi_ring_put(struct tapi_ring *ring, const struct tapi_line_event *ev)
{
	u32 dropped = 0;

	if (ring->count == TAPI_RING_RECORDS)
		dropped = ring_drop_oldest(ring);
	ring->rec[(ring->head + ring->count) % TAPI_RING_RECORDS] = *ev;
	ring->count++;
	return dropped;
}

/**
 * tapi_ring_put_gone() - append the last record
 * @ring: the queue
 * @ev: the GONE record
 */
void tapi_ring_put_gone(struct tapi_ring *ring, const struct tapi_line_event *ev)
{
	ring->gone = *ev;
	ring->has_gone = true;
}

/**
 * tapi_ring_empty() - is there nothing to read?
 * @ring: the queue
 *
 * Return: true when tapi_ring_get() would give no record.
 */
bool tapi_ring_empty(const struct tapi_ring *ring)
{
	return !ring->count && !ring->has_state && !ring->has_back && !ring->has_gone;
}

static void ring_make_lost(struct tapi_line_event *ev, u32 count, u64 ts, u32 seq)
{
	memset(ev, 0, sizeof(*ev));
	ev->type = TAPI_LINE_EV_LOST;
	ev->flags = TAPI_LINE_EV_FL_SYNTHETIC;
	ev->ts = ts;
	ev->seq = seq;
	ev->lost.count = count;
}

/**
 * tapi_ring_get() - take the oldest record
 * @ring: the queue
 * @ev: filled in
 *
 * Return: false when there is none.
 */
bool tapi_ring_get(struct tapi_ring *ring, struct tapi_line_event *ev)
{
	if (ring->has_back) {
		*ev = ring->back;
		ring->has_back = false;
	} else if (ring->early) {
		ring_make_lost(ev, ring->early, ring->early_ts, ring->early_seq);
		ring->early = 0;
	} else if (ring->has_state) {
		*ev = ring->state;
		ring->has_state = false;
	} else if (ring->lost) {
		ring_make_lost(ev, ring->lost, ring->lost_ts, ring->lost_seq);
		ring->lost = 0;
	} else if (ring->count) {
		*ev = ring->rec[ring->head];
		ring->head = (ring->head + 1) % TAPI_RING_RECORDS;
		ring->count--;
	} else if (ring->has_gone) {
		*ev = ring->gone;
		ring->has_gone = false;
	} else {
		return false;
	}
	return true;
}

/**
 * tapi_ring_unget() - give back the record taken last
 * @ring: the queue
 * @ev: what tapi_ring_get() gave; the reader's memory could not take it
 */
void tapi_ring_unget(struct tapi_ring *ring, const struct tapi_line_event *ev)
{
	ring->back = *ev;
	ring->has_back = true;
}

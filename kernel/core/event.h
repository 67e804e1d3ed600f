/* SPDX-License-Identifier: GPL-2.0-only */
/* The queue of event records of one open file: event.c */
#ifndef _TAPI_EVENT_H
#define _TAPI_EVENT_H

#include "pure.h"
#include <linux/tapi_line.h>

/*
 * Three seconds of the fastest legal source: ten DTMF digits a second, each
 * with a record for its start and one for its end.
 */
#define TAPI_RING_RECORDS	64

/**
 * struct tapi_ring - records waiting for one reader
 * @rec: %TAPI_RING_RECORDS records
 * @head: index of the oldest in @rec
 * @count: number of records in @rec
 * @lost: records dropped before @rec[@head] and after @state
 * @lost_ts: when the last of them happened
 * @lost_seq: its number
 * @early: records dropped before @state
 * @early_ts: when the last of them happened
 * @early_seq: its number
 * @mask: wanted types, bit n stands for type n
 * @has_state: @state holds a record
 * @has_gone: @gone holds a record
 * @has_back: @back holds a record
 * @state: newest STATE record that fell out of @rec: it is never dropped
 * @gone: the last record
 * @back: a record the reader could not take
 */
struct tapi_ring {
	struct tapi_line_event *rec;
	u32 head;
	u32 count;
	u32 lost;
	u32 lost_seq;
	u64 lost_ts;
	u32 early;
	u32 early_seq;
	u64 early_ts;
	u64 mask;
	bool has_state;
	bool has_gone;
	bool has_back;
	struct tapi_line_event state;
	struct tapi_line_event gone;
	struct tapi_line_event back;
};

void tapi_ring_init(struct tapi_ring *ring, struct tapi_line_event *rec);
bool tapi_ring_wants(const struct tapi_ring *ring, u32 type);
u32 tapi_ring_put(struct tapi_ring *ring, const struct tapi_line_event *ev);
void tapi_ring_put_gone(struct tapi_ring *ring, const struct tapi_line_event *ev);
bool tapi_ring_empty(const struct tapi_ring *ring);
bool tapi_ring_get(struct tapi_ring *ring, struct tapi_line_event *ev);
void tapi_ring_unget(struct tapi_ring *ring, const struct tapi_line_event *ev);

#endif /* _TAPI_EVENT_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Position arithmetic and copying between the sound rings of a card and the
 * buffers of its streams.  Pure: no locks, no clock; pcm.c holds its lock
 * around every call.
 *
 * The card's positions are rounded down to a multiple of its grain, so that
 * periods end exactly where the card says so, however late it says it.  What is
 * played is kept two grains ahead of that: with a ring of two halves this is
 * the half that has just been played.
 */
#ifndef _TAPI_PUMP_H
#define _TAPI_PUMP_H

#include "pure.h"

/* Sampling rate of all telephone lines, frames a second */
#define PUMP_RATE		8000
/* Time of one frame, ns */
#define PUMP_FRAME_NS		125000
/* Largest buffer of a stream, frames: two seconds */
#define PUMP_BUFFER_MAX		16000

/**
 * struct pump_dir - where one direction of the ring is
 * @at: everything before has been copied; a multiple of the grain
 * @over: how far the card was beyond @at when last seen, less than a grain
 * @step: frames that the last pump_step() moved @at, a multiple of the grain
 */
struct pump_dir {
	u32 at;
	u32 over;
	u32 step;
};

/**
 * struct pump - the rings of a card
 * @rx: samples from the lines
 * @tx: samples to the lines
 * @frames: length of each ring
 * @stride: distance of two frames, bytes
 * @width: bytes of a sample, 1 or 2
 * @silence: every byte of a silent sample
 * @grain: frames between two interrupts of the card
 * @lead: how far @tx is filled beyond the card's position, frames
 * @in: position in @rx
 * @out: position in @tx
 * @ts: when the card was there, ns
 * @missed: grains that were noticed late
 * @resyncs: times that samples were lost because of it
 */
struct pump {
	const u8 *rx;
	u8 *tx;
	u32 frames;
	u32 stride;
	u32 width;
	u8 silence;
	u32 grain;
	u32 lead;
	struct pump_dir in;
	struct pump_dir out;
	u64 ts;
	u64 missed;
	u64 resyncs;
};

/**
 * struct pump_stream - the buffer of a running stream
 * @buf: samples
 * @frames: length of @buf
 * @period: frames of a period
 * @pos: where the pump is in @buf
 * @since: frames since the last period ended
 * @lost: more went by than @buf can hold
 */
struct pump_stream {
	u8 *buf;
	u32 frames;
	u32 period;
	u32 pos;
	u32 since;
	bool lost;
};

void pump_start(struct pump *p, u32 rx, u32 tx, u64 ts);
bool pump_step(struct pump *p, u32 rx, u32 tx, u64 ts);
void pump_stream_start(struct pump_stream *s, u8 *buf, u32 frames, u32 period);
bool pump_capture(const struct pump *p, u32 lane, struct pump_stream *s);
bool pump_deaf(const struct pump *p, struct pump_stream *s);
bool pump_play(const struct pump *p, u32 lane, struct pump_stream *s, u32 ready);
void pump_quiet(const struct pump *p, u32 lane);
void pump_hush(const struct pump *p, u32 lane, u32 tx);
u32 pump_ahead(const struct pump *p, u32 tx);
u32 pump_behind(const struct pump *p, u32 rx);

#endif /* _TAPI_PUMP_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sound between two cards: each has its own clock.
 *
 * The clock of one card writes a step of frames, that of the other reads one
 * of its own.  The reader begins when there is a step of each in the pipe, so
 * that one of them may be late by a step of the writer's.  Clocks that drift
 * apart make the pipe run dry or full: then it slips, as a digital network
 * does, by silence or by frames left out.
 *
 * Everything is called by a card's clock with its lock held.
 */
#include <linux/string.h>

#include "sim.h"

/* Beyond this the reader is so late, or so slow, that the pipe slips: a quarter of a second */
#define PIPE_FULL	2000

void sim_pipe_init(struct sim_pipe *pipe)
{
	spin_lock_init(&pipe->lock);
}

/**
 * sim_pipe_reset() - a reader starts: what was said before it came is not heard
 * @pipe: the pipe
 */
void sim_pipe_reset(struct sim_pipe *pipe)
{
	spin_lock(&pipe->lock);
	pipe->out = pipe->in;
	pipe->flows = false;
	spin_unlock(&pipe->lock);
}

static u8 *pipe_place(struct sim_pipe *pipe, u32 at, unsigned int width)
{
	return pipe->buf + at % SIM_PIPE_FRAMES * width;
}

/**
 * sim_pipe_write() - one step of a line's samples goes into the pipe
 * @pipe: the pipe
 * @clock: the writer's clock
 * @lane: the first sample
 */
void sim_pipe_write(struct sim_pipe *pipe, const struct sim_clock *clock, const u8 *lane)
{
	unsigned int i;

	spin_lock(&pipe->lock);
	for (i = 0; i < clock->grain; i++, lane += clock->stride)
		memcpy(pipe_place(pipe, pipe->in + i, clock->width), lane, clock->width);
	pipe->in += clock->grain;
	pipe->step = clock->grain;
	if (pipe->in - pipe->out > PIPE_FULL) {
		pipe->out = pipe->in;
		pipe->flows = false;
	}
	spin_unlock(&pipe->lock);
}

/**
 * sim_pipe_read() - one step of samples comes out of the pipe
 * @pipe: the pipe
 * @clock: the reader's clock
 * @lane: where the first sample goes
 */
void sim_pipe_read(struct sim_pipe *pipe, const struct sim_clock *clock, u8 *lane)
{
	unsigned int i;

	spin_lock(&pipe->lock);
	if (!pipe->flows)
		pipe->flows = pipe->in - pipe->out >= clock->grain + pipe->step;
	else if (pipe->in - pipe->out < clock->grain)
		pipe->flows = false;
	for (i = 0; i < clock->grain; i++, lane += clock->stride) {
		if (pipe->flows)
			memcpy(lane, pipe_place(pipe, pipe->out + i, clock->width), clock->width);
		else
			memset(lane, clock->silence, clock->width);
	}
	if (pipe->flows)
		pipe->out += clock->grain;
	spin_unlock(&pipe->lock);
}

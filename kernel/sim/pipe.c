// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sound between two cards; see pipe.h.
 */
#include "pipe.h"

/* Positions are in 1/256 of a frame where clocks are compared */
#define PART		256
/* Further apart than this, one of the clocks has stood still: begin anew */
#define ASTRAY		(SIM_PIPE_FRAMES / 2)

/**
 * sim_pipe_start() - the writer's clock starts
 * @pipe: the pipe
 * @law: of its samples
 * @step: frames of its steps
 * @frame_ps: time of a frame, ps
 * @ts: now, ns
 */
void sim_pipe_start(struct sim_pipe *pipe, enum sim_law law, u32 step, u32 frame_ps, s64 ts)
{
	pipe->law = law;
	pipe->step = step;
	pipe->frame_ps = frame_ps;
	pipe->ts = ts;
	pipe->in = 0;
	pipe->quiet = 0;
	pipe->synced = false;
	pipe->runs = true;
}

/**
 * sim_pipe_stop() - the writer's clock stops
 * @pipe: the pipe
 */
void sim_pipe_stop(struct sim_pipe *pipe)
{
	pipe->runs = false;
}

/**
 * sim_pipe_write() - one step goes into the pipe
 * @pipe: the pipe
 * @ts: when it ended, ns
 * @codes: the samples, NULL for silence
 * @n: their number
 */
void sim_pipe_write(struct sim_pipe *pipe, s64 ts, const u16 *codes, u32 n)
{
	u16 silence = sim_silence(pipe->law);
	u32 i;

	/* all that is there is silent: no need to say it again */
	if (codes || pipe->quiet < SIM_PIPE_FRAMES)
		for (i = 0; i < n; i++)
			pipe->buf[(pipe->in + i) % SIM_PIPE_FRAMES] = codes ? codes[i] : silence;
	pipe->quiet = codes ? 0 : pipe->quiet < SIM_PIPE_FRAMES ? pipe->quiet + n : pipe->quiet;
	pipe->in += n;
	pipe->ts = ts;
}

/*
 * Where the reader has to be, so that what it reads has been written even if the
 * writer is late by a whole step: two of the writer's steps and one of its own
 * behind the writer, wherever that is between two steps.
 */
static s64 pipe_target(const struct sim_pipe *pipe, s64 ts, u32 n)
{
	s64 since = div_s64((ts - pipe->ts) * 1000 * PART, pipe->frame_ps);

	return (pipe->in - 2 * pipe->step - n) * PART + since;
}

/* One frame back or forth when the clocks are a frame apart, half a frame of play */
static void pipe_follow(struct sim_pipe *pipe, s64 ts, u32 n)
{
	s64 target = pipe_target(pipe, ts, n);
	s64 ahead = target - pipe->out * PART;

	if (!pipe->synced || ahead > ASTRAY * PART || ahead < -ASTRAY * PART) {
		pipe->slips += pipe->synced;
		/* rounded down, for negative positions too */
		pipe->out = target >> 8;
		pipe->synced = true;
	} else if (ahead >= PART + PART / 2) {
		pipe->out++;
		pipe->slips++;
	} else if (ahead < -PART / 2) {
		pipe->out--;
		pipe->slips++;
	}
}

/**
 * sim_pipe_read() - one step comes out of the pipe
 * @pipe: the pipe
 * @law: the reader's
 * @ts: when the step ended by the reader's clock, ns
 * @codes: where the samples go
 * @n: their number
 */
void sim_pipe_read(struct sim_pipe *pipe, enum sim_law law, s64 ts, u16 *codes, u32 n)
{
	u16 silence = sim_silence(pipe->law);
	u32 i;

	if (!pipe->runs) {
		silence = sim_silence(law);
		for (i = 0; i < n; i++)
			codes[i] = silence;
		pipe->synced = false;
		return;
	}
	pipe_follow(pipe, ts, n);
	for (i = 0; i < n; i++) {
		s64 at = pipe->out + i;

		/* before the beginning there was silence */
		if (at >= 0 && at < pipe->in && at >= pipe->in - SIM_PIPE_FRAMES)
			codes[i] = pipe->buf[at % SIM_PIPE_FRAMES];
		else
			codes[i] = silence;
		pipe->gaps += at >= pipe->in;
	}
	pipe->out += n;
	if (pipe->law != law)
		sim_convert(codes, n, pipe->law, law);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sound between two cards, each with its own clock: one direction.  Pure: no
 * locks, no clock.
 *
 * The clock of one card writes a step of frames, that of the other one reads a
 * step of its own.  Both say when the step ended by their own count, so how far
 * apart they are is known to a fraction of a frame, however late their timers
 * come.  Clocks that drift apart make the pipe slip as a digital network does:
 * one frame is heard twice or left out, as soon as they are a frame apart.
 */
#ifndef _TAPI_SIM_PIPE_H
#define _TAPI_SIM_PIPE_H

#include "sound.h"

/* Half a second: more than lies between the ends, two steps of one and one of the other */
#define SIM_PIPE_FRAMES		4096
/* Steps of more would not fit a block of the carrier */
#define SIM_STEP_MAX		160

/**
 * struct sim_pipe - one direction
 * @in: frames written
 * @ts: when the writer's clock was there, ns
 * @frame_ps: time of a frame by the writer's clock
 * @step: frames of its steps
 * @law: of the samples
 * @runs: the writer's clock does
 * @quiet: frames of silence at the end
 * @synced: @out is valid
 * @out: the next frame to read
 * @slips: frames heard twice or left out
 * @gaps: frames that came too late, silence instead
 * @buf: the samples
 */
struct sim_pipe {
	s64 in;
	s64 ts;
	u32 frame_ps;
	u32 step;
	enum sim_law law;
	bool runs;
	u32 quiet;
	bool synced;
	s64 out;
	u64 slips;
	u64 gaps;
	u16 buf[SIM_PIPE_FRAMES];
};

void sim_pipe_start(struct sim_pipe *pipe, enum sim_law law, u32 step, u32 frame_ps, s64 ts);
void sim_pipe_stop(struct sim_pipe *pipe);
void sim_pipe_write(struct sim_pipe *pipe, s64 ts, const u16 *codes, u32 n);
void sim_pipe_read(struct sim_pipe *pipe, enum sim_law law, s64 ts, u16 *codes, u32 n);

#endif /* _TAPI_SIM_PIPE_H */

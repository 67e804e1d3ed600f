// SPDX-License-Identifier: GPL-2.0-only
/*
 * Positions in the sound rings.  Pure code, also built for the host.
 *
 * The chip's CURRENT registers hold the bus address of the word that was moved last: an
 * interrupt is raised while they equal the last word of a half, and drivers that use the
 * whole half then are known to hear no clicks.
 */
#include "frames.h"

/* The transmit side may be this far behind the receive side when that interrupts, frames */
#define FRAMES_SKEW		2

/**
 * frames_next() - the frame that is moved next
 * @current_bus: what the CURRENT register says
 * @start_bus: bus address of the ring
 * @frames: length of the ring
 *
 * Return: the frame; 0 when the address is not in the ring, as before the first start.
 */
u32 frames_next(u32 current_bus, u32 start_bus, u32 frames)
{
	u32 frame = (current_bus - start_bus) / FRAME_BYTES;

	if (current_bus < start_bus || frame >= frames || frame + 1 == frames)
		return 0;
	return frame + 1;
}

/**
 * frames_gone() - frames from one position to another
 * @from: the one
 * @to: the other, later one
 * @frames: length of the ring
 *
 * Return: 0 .. @frames - 1.
 */
u32 frames_gone(u32 from, u32 to, u32 frames)
{
	return to >= from ? to - from : to + frames - from;
}

/**
 * frames_settle() - let both sides agree on which half has ended
 * @pos: positions, read one after the other
 * @half: frames of half a ring
 *
 * Only the receive side interrupts. A transmit side that ends its half a moment later would
 * be served half a ring later, just when its samples are due.
 */
void frames_settle(struct frames_pos *pos, u32 half)
{
	u32 boundary = pos->rx >= half ? half : 0;
	u32 behind = frames_gone(pos->tx, boundary, 2 * half);

	if (behind && behind <= FRAMES_SKEW)
		pos->tx = boundary;
}

/**
 * frames_slot() - when a socket's byte is on the serial bus
 * @socket: the socket, 0 .. 3
 *
 * Return: bit clocks after the frame sync; socket 0 comes last.
 */
u8 frames_slot(unsigned int socket)
{
	return (FRAME_BYTES - 1 - socket) * 8;
}

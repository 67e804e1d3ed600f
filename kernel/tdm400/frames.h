/* SPDX-License-Identifier: GPL-2.0-only */
/* Positions in the sound rings: frames.c */
#ifndef _TDM400_FRAMES_H
#define _TDM400_FRAMES_H

#include "core/pure.h"

/* One word for each 8 kHz frame, one byte of it for each socket */
#define FRAME_BYTES		4
#define FRAME_NS		125000

/**
 * struct frames_pos - where the card is in both rings
 * @rx: frame it writes next
 * @tx: frame it reads next
 */
struct frames_pos {
	u32 rx;
	u32 tx;
};

u32 frames_next(u32 current_bus, u32 start_bus, u32 frames);
void frames_settle(struct frames_pos *pos, u32 half);
u32 frames_gone(u32 from, u32 to, u32 frames);
u8 frames_slot(unsigned int socket);

#endif /* _TDM400_FRAMES_H */

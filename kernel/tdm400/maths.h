/* SPDX-License-Identifier: GPL-2.0-only */
/* What the data sheets give as formulas, in integers: maths.c */
#ifndef _TDM400_MATHS_H
#define _TDM400_MATHS_H

#include "core/pure.h"

/* Rates at which the Si3210's oscillators are computed, Hz */
#define MATHS_TONE_RATE		8000
#define MATHS_RING_RATE		1000
/* The highest tone: its amplitude grows without limit towards half the rate */
#define MATHS_TONE_MAX_MHZ	3400000

/**
 * struct maths_osc - an oscillator of the Si3210
 * @coeff: its frequency
 * @x: its amplitude
 */
struct maths_osc {
	u32 coeff;
	u32 x;
};

s32 maths_cos_q30(u32 freq_mhz, u32 rate_hz);
u32 maths_gain_q30(s32 mdb);
void maths_tone(struct maths_osc *osc, u32 freq_mhz, s32 level_mdbm);
void maths_ring(struct maths_osc *osc, u32 freq_mhz, u32 peak_mv);
u32 maths_fxs_gain(s32 mdb);
void maths_fxo_gain(s32 mdb, u8 *db, u8 *tenth);

#endif /* _TDM400_MATHS_H */

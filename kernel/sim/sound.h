/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happens to sound on a simulated cable.  Pure: no locks, no clock.
 *
 * Samples are codes: those of the card, one or two bytes in 16 bits.  Only what
 * has to be calculated is made linear; delay and loss leave each code as it is.
 * Levels are in dBm0: a sine of 0 dBm0 is the digital milliwatt of G.711.
 */
#ifndef _TAPI_SIM_SOUND_H
#define _TAPI_SIM_SOUND_H

#include "core/pure.h"

/* In the order of enum tapi_pcm_format */
enum sim_law {
	SIM_MU_LAW,
	SIM_A_LAW,
	SIM_LINEAR,
};

/* Frames of a packet, all of which is lost or nothing: 20 ms, the usual packet of telephony */
#define SIM_PACKET		160
/* Bits of a loss pattern */
#define SIM_LOSS_MAX		64
/* Half a second: satellites have a quarter */
#define SIM_DELAY_MS_MAX	500
#define SIM_FRAMES_MS		8
/* Below, mu-law has no codes to tell noise from silence with; above, all of it is overload */
#define SIM_NOISE_DB_MIN	(-70)
#define SIM_NOISE_DB_MAX	0
/* The largest sample of G.711 belongs to a sine of 3 dBm0 */
#define SIM_CLIP_DB_MIN		(-40)
#define SIM_CLIP_DB_MAX		3
/* No noise, or no limit */
#define SIM_DB_OFF		127
/* Tones of a far side: what exchanges send */
#define SIM_TONE_DB		(-10)
#define SIM_TONE_HZ_MIN		50
#define SIM_TONE_HZ_MAX		3900
/* Levels of a line's own oscillators, thousandths of a dBm0: below, there is nothing to hear */
#define SIM_TONE_MDB_MIN	(-79000)
#define SIM_TONE_MDB_MAX	3000
/* Gains of a line, thousandths of a dB */
#define SIM_GAIN_MDB_MIN	(-40000)
#define SIM_GAIN_MDB_MAX	12000
#define SIM_GAIN_MDB_STEP	100
/* What sim_gain() says of 0 dB */
#define SIM_GAIN_ONE		65536

/**
 * struct sim_sound - what is wrong with the sound that one end hears
 * @delay_ms: how late it is
 * @noise_db: white noise, dBm0, %SIM_DB_OFF for none
 * @clip_db: level of a sine that is just not cut off, dBm0, %SIM_DB_OFF for none
 * @loss_len: packets of the loss pattern, 0 for none
 * @loss: the pattern: bit n says that packet n of @loss_len is lost
 */
struct sim_sound {
	u32 delay_ms;
	s32 noise_db;
	s32 clip_db;
	u32 loss_len;
	u64 loss;
};

/**
 * struct sim_path - the way of sound to one end
 * @set: what is wrong with it
 * @law: of the samples
 * @late: samples that are on their way, @delay of them
 * @delay: frames
 * @at: place in @late
 * @packet: of the loss pattern
 * @frame: of the packet
 * @seed: of the noise
 * @noise: largest sample of it, in 1/256
 * @clip: largest sample that passes
 */
struct sim_path {
	struct sim_sound set;
	enum sim_law law;
	u16 *late;
	u32 delay;
	u32 at;
	u32 packet;
	u32 frame;
	u32 seed;
	s32 noise;
	s32 clip;
};

/**
 * struct sim_tone - one or two sines
 * @step: angle of a frame, 2^32 are the full circle; 0 for none
 * @phase: where they are
 * @peak: their largest samples, 16 bit
 */
struct sim_tone {
	u32 step[2];
	u32 phase[2];
	s32 peak[2];
};

u16 sim_silence(enum sim_law law);
s32 sim_decode(enum sim_law law, u16 code);
u16 sim_encode(enum sim_law law, s32 sample);
void sim_convert(u16 *codes, u32 n, enum sim_law from, enum sim_law to);
s32 sim_peak(s32 db);

u32 sim_gain(s32 mdb);
void sim_gain_run(u32 gain, enum sim_law law, u16 *codes, u32 n);

bool sim_sound_perfect(const struct sim_sound *set);
void sim_path_set(struct sim_path *path, const struct sim_sound *set);
void sim_path_reset(struct sim_path *path);
void sim_path_run(struct sim_path *path, u16 *codes, u32 n);

void sim_tone_set(struct sim_tone *tone, u32 hz, u32 second_hz);
void sim_tone_digit(struct sim_tone *tone, char digit);
void sim_tone_levels(struct sim_tone *tone, const u32 freq_mhz[2], const s32 level_mdb[2]);
void sim_tone_add(struct sim_tone *tone, enum sim_law law, u16 *codes, u32 n);
void sim_tone_run(struct sim_tone *tone, enum sim_law law, u16 *codes, u32 n);

#endif /* _TAPI_SIM_SOUND_H */

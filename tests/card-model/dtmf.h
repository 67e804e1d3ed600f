/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DTMF: decoder and generator, 8000 linear samples a second. */
#ifndef DTMF_H
#define DTMF_H

#include <stdint.h>

#define DTMF_BLOCK	102

struct dtmf {
	int16_t samples[DTMF_BLOCK];
	unsigned int count;
	char last, now;			/* of the last block; confirmed by two */
};

/* One sample in. Returns a digit when one begins, else 0; ->now is the one that sounds. */
char dtmf_hear(struct dtmf *dtmf, int16_t sample);

/* Sample @at of @digit (0-9 * # A-D) at -9 dBm0 a tone; silence for another character. */
int16_t dtmf_sample(char digit, uint64_t at);

/* Mean square of @count samples, and what of it is at @hz */
double tone_power(const int16_t *samples, unsigned int count, double hz);

/* Amplitude of a sine of @dbm0 */
double level_amplitude(double dbm0);

#endif

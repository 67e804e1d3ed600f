// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <string.h>

#include "dtmf.h"

#define RATE		8000.0
#define LEAST_POWER	(60.0 * 60.0)	/* each tone, about -44 dBm0 */
#define TWIST		8.0		/* of powers, 9 dB */

static const double rows[] = { 697, 770, 852, 941 }, columns[] = { 1209, 1336, 1477, 1633 };
static const char keys[] = "123A456B789C*0#D";

double tone_power(const int16_t *samples, unsigned int count, double hz)
{
	double coefficient = 2 * cos(2 * M_PI * hz / RATE), a = 0, b = 0;

	for (unsigned int i = 0; i < count; i++) {
		double next = samples[i] + coefficient * a - b;

		b = a;
		a = next;
	}
	return 2 * (a * a + b * b - coefficient * a * b) / ((double)count * count);
}

static unsigned int strongest(const double *power)
{
	unsigned int best = 0;

	for (unsigned int i = 1; i < 4; i++)
		if (power[i] > power[best])
			best = i;
	return best;
}

static char decode(const int16_t *samples)
{
	double row[4], column[4], total = 0;
	unsigned int r, c;

	for (unsigned int i = 0; i < DTMF_BLOCK; i++)
		total += (double)samples[i] * samples[i] / DTMF_BLOCK;
	for (unsigned int i = 0; i < 4; i++) {
		row[i] = tone_power(samples, DTMF_BLOCK, rows[i]);
		column[i] = tone_power(samples, DTMF_BLOCK, columns[i]);
	}
	r = strongest(row);
	c = strongest(column);
	if (row[r] < LEAST_POWER || column[c] < LEAST_POWER)
		return 0;
	if (row[r] > TWIST * column[c] || column[c] > TWIST * row[r])
		return 0;
	if (row[r] + column[c] < 0.7 * total)
		return 0;
	return keys[r * 4 + c];
}

char dtmf_hear(struct dtmf *dtmf, int16_t sample)
{
	char digit, before = dtmf->now;

	dtmf->samples[dtmf->count++] = sample;
	if (dtmf->count < DTMF_BLOCK)
		return 0;
	dtmf->count = 0;
	digit = decode(dtmf->samples);
	if (digit == dtmf->last)
		dtmf->now = digit;
	dtmf->last = digit;
	return dtmf->now != before ? dtmf->now : 0;
}

double level_amplitude(double dbm0)
{
	return 32124.0 * pow(10, (dbm0 - 3.14) / 20);
}

int16_t dtmf_sample(char digit, uint64_t at)
{
	const char *key = digit ? strchr(keys, digit) : NULL;
	double t = 2 * M_PI * (double)at / RATE, amplitude = level_amplitude(-9);

	if (!key)
		return 0;
	return (int16_t)lrint(amplitude * (sin(rows[(key - keys) / 4] * t) +
					   sin(columns[(key - keys) % 4] * t)));
}

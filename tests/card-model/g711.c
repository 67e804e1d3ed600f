// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "g711.h"

#define BIAS	132
#define CLIP	32635

int16_t g711_from_ulaw(uint8_t code)
{
	unsigned int bits = code ^ 0xffu, exponent = bits >> 4 & 7, mantissa = bits & 15;
	int magnitude = (int)(((mantissa << 3) + BIAS) << exponent) - BIAS;

	return (int16_t)(bits & 0x80 ? -magnitude : magnitude);
}

int16_t g711_from_alaw(uint8_t code)
{
	unsigned int bits = code ^ 0x55u, exponent = bits >> 4 & 7, mantissa = bits & 15;
	int magnitude = (int)((mantissa << 4) + 8);

	if (exponent)
		magnitude = (magnitude + 256) << (exponent - 1);
	return (int16_t)(bits & 0x80 ? magnitude : -magnitude);
}

/* The segment: how often @magnitude can be halved before it is below @limit */
static unsigned int segment(int magnitude, int limit)
{
	unsigned int exponent = 0;

	for (; magnitude >= limit && exponent < 7; limit <<= 1)
		exponent++;
	return exponent;
}

uint8_t g711_to_ulaw(int16_t sample)
{
	int magnitude = abs((int)sample);
	unsigned int exponent, sign = sample < 0 ? 0x80 : 0;

	magnitude = (magnitude > CLIP ? CLIP : magnitude) + BIAS;
	exponent = segment(magnitude, 256);
	return (uint8_t)~(sign | exponent << 4 | ((unsigned int)magnitude >> (exponent + 3) & 15));
}

uint8_t g711_to_alaw(int16_t sample)
{
	int magnitude = sample < 0 ? -(int)sample - 1 : sample;
	unsigned int exponent = segment(magnitude, 256);
	unsigned int mantissa = (unsigned int)magnitude >> (exponent ? exponent + 3 : 4) & 15;

	return (uint8_t)(((sample < 0 ? 0 : 0x80) | exponent << 4 | mantissa) ^ 0x55);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clock.h"

/*
 * At 8 kHz 1 ppm moves the fill by 0.008 samples a second.  A proportional
 * part of 2.5 ppm per sample closes an error with a time constant of 50 s,
 * and the integral (time constant 400 s) leaves the loop well damped.
 */
#define GAIN_P	2.5
#define GAIN_I	(GAIN_P / 400 * (CLOCK_INTERVAL_US / 1e6))
/* weight of a new fill, 10 to 100 looks a second */
#define SMOOTH	0.02

void clock_init(struct clock_loop *loop, unsigned int target)
{
	*loop = (struct clock_loop){ .target = target };
}

static double bound(double value, double limit)
{
	if (value > limit)
		return limit;
	return value < -limit ? -limit : value;
}

int clock_update(struct clock_loop *loop, unsigned int fill, uint64_t now)
{
	double error;
	int ppm;

	if (!loop->started) {
		loop->started = 1;
		loop->average = fill;
		loop->next = now + CLOCK_INTERVAL_US;
		return 0;
	}
	loop->average += SMOOTH * (fill - loop->average);
	if (now < loop->next)
		return 0;
	loop->next = now + CLOCK_INTERVAL_US;
	error = loop->average - loop->target;
	loop->integral = bound(loop->integral + error * GAIN_I, CLOCK_MAX_PPM);
	ppm = bound(error * GAIN_P + loop->integral, CLOCK_MAX_PPM);
	if (ppm == loop->ppm)
		return 0;
	loop->ppm = ppm;
	return 1;
}

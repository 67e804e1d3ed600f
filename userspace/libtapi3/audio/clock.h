/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two clocks: the line's and the sound card's differ by some parts in a
 * million.  The fill of the ring between them shows by how much; this loop
 * turns it into a correction of the resampling ratio.  Pure: time comes in as
 * an argument, in microseconds.
 */
#ifndef AUDIO_CLOCK_H
#define AUDIO_CLOCK_H

#include <stdint.h>

/* Crystals are within 100 ppm; ten times that is a broken clock */
#define CLOCK_MAX_PPM	1000
/* Changing the ratio costs the resampler some 20 us */
#define CLOCK_INTERVAL_US	250000

/**
 * struct clock_loop - a proportional and integral controller
 * @target: wanted fill, samples
 * @average: fill, smoothed over some 2 s
 * @integral: sum of errors, ppm
 * @ppm: the correction now; positive: the ring is emptied faster
 * @next: when the ratio may change again
 * @started: the first fill has been seen
 */
struct clock_loop {
	double target;
	double average;
	double integral;
	int ppm;
	uint64_t next;
	int started;
};

/** Start over with a wanted @target fill in samples. */
void clock_init(struct clock_loop *loop, unsigned int target);
/**
 * Look at the @fill of the ring at @now. Returns 1 when @loop->ppm has changed and
 * the resampler wants it, else 0.
 */
int clock_update(struct clock_loop *loop, unsigned int fill, uint64_t now);

#endif /* AUDIO_CLOCK_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the sound of lines costs, on a virtual machine whose clock counts instructions, with one
 * processor: a loop of a fixed number of instructions takes the longer, the more others do
 * meanwhile. What it takes longer than without sound is the cost, interrupts, soft interrupts and
 * switches included. The instructions come out per line and millisecond.
 */
#ifndef BENCH_SPIN_H
#define BENCH_SPIN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Measures what the loop takes by itself, once what began the program has died down */
void spin_alone(void);

/* Time of the loop, ns: its own instructions, and those of others */
uint64_t spin(void);

/* What each of @count lines costs that stream meanwhile */
double spin_cost(unsigned int count);

/* Prints a row: the median; sorts them */
void put_cost(const char *row, double *costs, unsigned int rounds);

/* Threads, one for each line, of which this one gets what they leave */
extern volatile bool spin_stop;		/* their cue to return */
void spin_threads(pthread_t *threads, unsigned int count, void *(*talk)(void *line));
void spin_threads_end(pthread_t *threads, unsigned int count);

/* "pump.32": how many lines a row is about */
unsigned int row_lines(const char *row, unsigned int most);

#endif /* BENCH_SPIN_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "spin.h"

#define TURNS	130000000u	/* of the loop of three instructions: some 0.4 s */
#define STACK	65536u

volatile bool spin_stop;
static uint64_t alone;

uint64_t spin(void)
{
	uint64_t begin = now_ns();

	for (unsigned int i = 0; i < TURNS; i++)
		__asm__ volatile("" ::: "memory");
	return now_ns() - begin;
}

void spin_alone(void)
{
	double times[ROUNDS];

	sleep(1);
	for (unsigned int i = 0; i < ROUNDS; i++)
		times[i] = (double)spin();
	alone = (uint64_t)median(times, ROUNDS);
}

double spin_cost(unsigned int count)
{
	double with = (double)spin();

	return (with - (double)alone) / (with / 1e6) / count;
}

void put_cost(const char *row, double *costs, unsigned int rounds)
{
	printf("%s,%.6g,instr/(line ms),,,\n", row, median(costs, rounds));
	fflush(stdout);
}

void spin_threads(pthread_t *threads, unsigned int count, void *(*talk)(void *line))
{
	struct sched_param none = { 0 };
	pthread_attr_t attr;

	/* stacks are locked into memory: small ones */
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	spin_stop = false;
	for (uintptr_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], &attr, talk, (void *)i))
			die("no thread for line %zu", (size_t)i);
	pthread_attr_destroy(&attr);
	if (sched_setscheduler(0, SCHED_IDLE, &none))
		die("SCHED_IDLE: %s", strerror(errno));
}

void spin_threads_end(pthread_t *threads, unsigned int count)
{
	spin_stop = true;
	for (unsigned int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

unsigned int row_lines(const char *row, unsigned int most)
{
	unsigned int count = (unsigned int)atoi(row + strcspn(row, "0123456789"));

	if (count > most)
		die("%s: too many lines", row);
	return count;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs of the benchmark share. They print one line for each number, see put(); a
 * program that cannot measure says why and exits with a status other than 0.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Rounds of what is compared, in turns: odd, so that a median is one of them */
#define ROUNDS	7

/* Does not return */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

uint64_t now_ns(void);			/* CLOCK_MONOTONIC */

/* Middle value; sorts them */
double median(double *values, size_t count);

/**
 * struct result - rounds of one number and of the peer's
 * @name: of the row; the table knows its target by it
 * @unit: of both values
 * @peer: what it is compared with, NULL for nothing
 * @mine, @other: the values of each round
 */
struct result {
	const char *name, *unit, *peer;
	double mine[ROUNDS], other[ROUNDS];
};

/* Prints a row: medians, and the median of the rounds' ratios. @rounds: how many there are */
void put(const struct result *result, unsigned int rounds);

/* ---- the peer: a process that sends back what it gets, and nothing else ---- */

struct echo {
	pid_t pid;
	unsigned int count;
	int fds[256];			/* our ends */
};

/* AF_UNIX SOCK_SEQPACKET; with one socket it blocks in recv(), with more in poll() */
void echo_start(struct echo *echo, unsigned int count);
void echo_stop(struct echo *echo);
/* There and back */
void echo_once(int fd, size_t size);

#endif /* BENCH_H */

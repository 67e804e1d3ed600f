/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps between the parts, out of trace files. */
#ifndef TAPICTL_SEQUENCE_H
#define TAPICTL_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Lifelines at most: the six there are, and some that a later version may add */
#define LIFELINES_MAX 16

/**
 * struct step - one record
 * @t: ns
 * @number: from 1, of all steps in the order of time
 * @from: lifelines, numbers
 * @args: JSON
 * @order: in which it was read, for steps of the same time
 */
struct step {
	uint64_t t;
	size_t number, order;
	unsigned int from, to;
	char *name, *args;
};

/**
 * struct sequence - all steps
 * @lifelines: names; those that no step uses are NULL
 */
struct sequence {
	struct step *steps;
	size_t count, room;
	char *lifelines[LIFELINES_MAX];
	unsigned int lifelines_count;
};

/* Milliseconds since the first step that is shown */
double sequence_ms(const struct sequence *sequence, const struct step *step);

/*
 * "key=value key=value" of the arguments, for people: numbers of TAPI by name, parameters that are 0
 * left out. Freed by the caller; NULL for lack of memory
 */
char *sequence_args(const struct step *step);

void svg_write(const struct sequence *sequence, FILE *to);

#endif /* TAPICTL_SEQUENCE_H */

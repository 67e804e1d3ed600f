/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where calls go: what the exchange does with the digits it was dialled.  Pure.
 */
#ifndef OFFICE_ROUTE_H
#define OFFICE_ROUTE_H

#include <stdbool.h>

/* What a called party does */
enum route_action {
	ROUTE_BUSY,
	ROUTE_RINGBACK,		/* rings until told to answer */
	ROUTE_ANSWER,
	ROUTE_NO_ANSWER,	/* rings until the exchange gives up */
	ROUTE_REMOVE,		/* in a command only: the number is unknown again */
};

/**
 * struct route_answer - what becomes of a call
 * @action: what the called party does
 * @after_ms: ROUTE_ANSWER: how long it rings
 */
struct route_answer {
	enum route_action action;
	unsigned int after_ms;
};

/**
 * struct route - a number the exchange knows
 * @next: the one after it in the list, which owns it
 * @digits: the number; X stands for any of 0 to 9; "default" for all other numbers; owned
 * @answer: what becomes of a call
 * @play: file the called party plays when it answers, or NULL; owned
 * @record: file the called party records from when it answers, or NULL; owned
 */
struct route {
	struct route *next;
	char *digits;
	struct route_answer answer;
	char *play;
	char *record;
};

/* The digits of the route for all numbers without one */
#define ROUTE_DEFAULT	"default"

/**
 * route_set() - enter, replace or remove a number
 * @routes: the list
 * @digits: the number
 * @answer: what becomes of its calls; ROUTE_REMOVE takes it out of the list
 * @play: file or NULL
 * @record: file or NULL
 *
 * Return: 0; -ENOENT nothing to remove; -ENOMEM.
 */
int route_set(struct route **routes, const char *digits, struct route_answer answer,
	      const char *play, const char *record);

/**
 * route_find() - who is called?
 * @routes: the list
 * @digits: what was dialled
 * @more: set to whether another digit could lead to another route
 *
 * Return: the route with these digits, the one with the fewest X when there are several, or NULL.
 */
const struct route *route_find(const struct route *routes, const char *digits, bool *more);

/** route_find_default() - the route for numbers without one, or NULL */
const struct route *route_find_default(const struct route *routes);

/** route_free() - free a list */
void route_free(struct route *routes);

/** route_is_digit() - can this be dialled? */
bool route_is_digit(char c);

#endif /* OFFICE_ROUTE_H */

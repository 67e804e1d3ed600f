/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Stands for any of 0 to 9 */
#define WILDCARD 'X'

bool route_is_digit(char c)
{
	return c && strchr("0123456789*#ABCD", c);
}

static bool fits(char pattern, char digit)
{
	if (pattern == WILDCARD)
		return digit >= '0' && digit <= '9';
	return pattern == digit;
}

static unsigned int wildcards(const char *digits)
{
	unsigned int count = 0;

	for (; *digits; digits++)
		count += *digits == WILDCARD;
	return count;
}

static void free_one(struct route *route)
{
	free(route->digits);
	free(route->play);
	free(route->record);
	free(route);
}

void route_free(struct route *routes)
{
	while (routes) {
		struct route *next = routes->next;

		free_one(routes);
		routes = next;
	}
}

static struct route *new_route(const char *digits, struct route_answer answer, const char *play,
			       const char *record)
{
	struct route *route = calloc(1, sizeof(*route));

	if (!route)
		return NULL;
	route->answer = answer;
	route->digits = strdup(digits);
	route->play = play ? strdup(play) : NULL;
	route->record = record ? strdup(record) : NULL;
	if (!route->digits || !route->play != !play || !route->record != !record) {
		free_one(route);
		return NULL;
	}
	return route;
}

int route_set(struct route **routes, const char *digits, struct route_answer answer,
	      const char *play, const char *record)
{
	bool adds = answer.action != ROUTE_REMOVE;
	struct route *fresh = adds ? new_route(digits, answer, play, record) : NULL;

	if (adds && !fresh)
		return -ENOMEM;
	while (*routes && strcmp((*routes)->digits, digits))
		routes = &(*routes)->next;
	if (*routes) {
		struct route *old = *routes;

		*routes = old->next;
		free_one(old);
	} else if (!adds) {
		return -ENOENT;
	}
	if (adds) {
		fresh->next = *routes;
		*routes = fresh;
	}
	return 0;
}

const struct route *route_find(const struct route *routes, const char *digits, bool *more)
{
	const struct route *best = NULL;

	*more = false;
	for (; routes; routes = routes->next) {
		size_t i = 0;

		if (!strcmp(routes->digits, ROUTE_DEFAULT))
			continue;
		while (digits[i] && fits(routes->digits[i], digits[i]))
			i++;
		if (digits[i])
			continue;
		if (routes->digits[i])
			*more = true;
		else if (!best || wildcards(routes->digits) < wildcards(best->digits))
			best = routes;
	}
	return best;
}

const struct route *route_find_default(const struct route *routes)
{
	while (routes && strcmp(routes->digits, ROUTE_DEFAULT))
		routes = routes->next;
	return routes;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Misbehaviour on demand, and the beginning of every function. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "null.h"

#define PREFIX "TSPI_"

#define A(name)	[FN_##name] = { #name, true },
#define S(name)	[FN_##name] = { #name, false },
static const struct {
	const char *name;
	bool async;
} functions[FN_COUNT] = { NULL_FUNCTIONS(A, S) };
#undef A
#undef S

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What the next calls do */
static struct {
	struct fault fault;
	unsigned int count;
} faults[FN_COUNT];

enum function function_find(const char *name)
{
	int i;

	if (!strncasecmp(name, PREFIX, strlen(PREFIX)))
		name += strlen(PREFIX);
	for (i = 0; i < FN_COUNT; i++) {
		if (!strcasecmp(functions[i].name, name))
			break;
	}
	return i;
}

const char *function_name(enum function function)
{
	return functions[function].name;
}

bool function_is_async(enum function function)
{
	return functions[function].async;
}

bool fault_set(enum function function, const struct fault *fault, unsigned int count)
{
	switch (fault->kind) {
	case FAULT_FAILS:
	case FAULT_NEVER:
	case FAULT_TWICE:
	case FAULT_INSIDE:
		if (!functions[function].async)
			return false;
		break;
	default:
		break;
	}
	pthread_mutex_lock(&lock);
	faults[function].fault = *fault;
	faults[function].count = count;
	pthread_mutex_unlock(&lock);
	return true;
}

void fault_reset(void)
{
	static char unread[JOURNAL_LINE * 16];
	unsigned int lost, left;

	pthread_mutex_lock(&lock);
	memset(faults, 0, sizeof(faults));
	while (journal_take(unread, sizeof(unread), &lost, &left))
		;
	pthread_mutex_unlock(&lock);
}

static struct fault take(enum function function)
{
	struct fault fault = {};

	pthread_mutex_lock(&lock);
	if (faults[function].count) {
		faults[function].count--;
		fault = faults[function].fault;
	}
	pthread_mutex_unlock(&lock);
	return fault;
}

static void sleep_ms(unsigned int ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&left, &left))
		;
}

static bool play(enum function function, const struct fault *fault, LONG *result)
{
	switch (fault->kind) {
	case FAULT_ERROR:
		*result = fault->error;
		return true;
	case FAULT_ZERO:
		*result = 0;
		return true;
	case FAULT_CRASH:
		abort();
	case FAULT_HANG:
		for (;;)
			pause();
	case FAULT_LATE:
		if (!functions[function].async)
			sleep_ms(fault->ms);
		return false;
	default:
		return false;
	}
}

bool entry(enum function function, struct fault *fault, LONG *result, const char *format, ...)
{
	char line[JOURNAL_LINE];
	va_list args;
	int length;

	length = snprintf(line, sizeof(line), "%s ", functions[function].name);
	va_start(args, format);
	vsnprintf(line + length, sizeof(line) - length, format, args);
	va_end(args);
	journal_add(line);
	*fault = take(function);
	*result = 0;
	return play(function, fault, result);
}

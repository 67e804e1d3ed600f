/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TAP by the line: a result is numbered and said when it is known. */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int tap_tests, tap_failures;

__attribute__((format(printf, 2, 3)))
static inline bool ok(bool good, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%sok %d - ", good ? "" : "not ", ++tap_tests);
	vprintf(format, args);
	printf("\n");
	fflush(stdout);
	va_end(args);
	tap_failures += !good;
	return good;
}

/* The plan, and the status of the program */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_tests);
	return tap_failures != 0;
}

#endif /* TAP_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events: one a line, the time of what happened first, CLOCK_MONOTONIC in ms.
 * They go to standard output and to whoever is connected to the control socket.
 */
#ifndef OFFICE_REPORT_H
#define OFFICE_REPORT_H

#include <stdarg.h>
#include <stdint.h>

/**
 * struct report - where events go
 * @client: a connection besides standard output, or -1; borrowed
 */
struct report {
	int client;
};

/** report_say() - tell an event */
void report_say(struct report *report, uint64_t ms, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** report_vsay() - tell an event */
void report_vsay(struct report *report, uint64_t ms, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/**
 * report_quote() - a word as commands and events have it
 * @word: any text
 *
 * Return: the word, in quotation marks when it needs them, which the caller frees; NULL without
 * memory.
 */
char *report_quote(const char *word);

#endif /* OFFICE_REPORT_H */

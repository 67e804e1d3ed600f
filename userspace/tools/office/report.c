/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void report_vsay(struct report *report, uint64_t ms, const char *format, va_list args)
{
	char *text, *line;
	int length;

	if (vasprintf(&text, format, args) < 0)
		return;
	/* an event is one line whatever is in a name */
	for (char *c = text; *c; c++) {
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	}
	length = asprintf(&line, "%" PRIu64 " %s\n", ms, text);
	free(text);
	if (length < 0)
		return;
	fputs(line, stdout);
	fflush(stdout);
	/* one that does not read must not hold the line up: it is cut off */
	if (report->client >= 0 &&
	    send(report->client, line, length, MSG_DONTWAIT | MSG_NOSIGNAL) != length)
		shutdown(report->client, SHUT_RDWR);
	free(line);
}

void report_say(struct report *report, uint64_t ms, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_vsay(report, ms, format, args);
	va_end(args);
}

char *report_quote(const char *word)
{
	bool plain = *word && !strpbrk(word, " \t\"#");
	char *quoted = malloc(2 * strlen(word) + 3), *to = quoted;

	if (!quoted || plain)
		return quoted ? strcpy(quoted, word) : NULL;
	*to++ = '"';
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			*to++ = '\\';
		*to++ = *word;
	}
	*to++ = '"';
	*to = '\0';
	return quoted;
}

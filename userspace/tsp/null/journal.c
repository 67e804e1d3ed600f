/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which functions were called, for the script to read. */
#include <stdio.h>
#include <string.h>

#include "null.h"

/* Some seconds of a busy host; a script reads it more often */
#define JOURNAL_LINES	1024

static struct {
	pthread_mutex_t lock;
	char lines[JOURNAL_LINES][JOURNAL_LINE];
	unsigned int first, count, lost;
} journal = { .lock = PTHREAD_MUTEX_INITIALIZER };

void journal_add(const char *line)
{
	char *to, *end;

	pthread_mutex_lock(&journal.lock);
	if (journal.count == JOURNAL_LINES) {
		journal.first = (journal.first + 1) % JOURNAL_LINES;
		journal.count--;
		journal.lost++;
	}
	to = journal.lines[(journal.first + journal.count++) % JOURNAL_LINES];
	snprintf(to, JOURNAL_LINE, "%s", line);
	/* one line, and no blank at its end */
	for (end = to; *end; end++) {
		if (*end == '\n' || *end == '\r')
			*end = ' ';
	}
	while (end > to && end[-1] == ' ')
		*--end = '\0';
	pthread_mutex_unlock(&journal.lock);
}

unsigned int journal_take(char *buffer, size_t size, unsigned int *lost, unsigned int *left)
{
	unsigned int taken = 0;
	size_t used = 0, length;
	const char *line;

	*buffer = '\0';
	pthread_mutex_lock(&journal.lock);
	while (journal.count) {
		line = journal.lines[journal.first];
		length = strlen(line);
		if (length + 2 > size - used)
			break;
		memcpy(buffer + used, line, length);
		used += length;
		buffer[used++] = '\n';
		buffer[used] = '\0';
		journal.first = (journal.first + 1) % JOURNAL_LINES;
		journal.count--;
		taken++;
	}
	*lost = journal.lost;
	*left = journal.count;
	journal.lost = 0;
	pthread_mutex_unlock(&journal.lock);
	return taken;
}

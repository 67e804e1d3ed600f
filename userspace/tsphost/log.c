/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines for the journal: to standard error, and those of interest to tapisrv, too. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "host.h"

/* What a note may carry: a frame has room for more, but nobody reads it */
#define LOG_TEXT_MAX	1000

static const char *log_name = "?";
static bool log_journal;

/* Is standard error the journal, which understands <N> */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2 ||
	    fstat(STDERR_FILENO, &st))
		return false;
	return st.st_dev == device && st.st_ino == inode;
}

void tsph_log_open(const char *name)
{
	if (name)
		log_name = name;
	log_journal = is_journal();
}

static void emit(int priority, const char *text)
{
	char line[LOG_TEXT_MAX + 200];
	int n;

	if (log_journal)
		n = snprintf(line, sizeof(line), "<%d>%s: %s\n", priority & 7, log_name, text);
	else
		n = snprintf(line, sizeof(line), "tsphost[%s]: %s\n", log_name, text);
	if (n >= (int)sizeof(line)) {
		n = sizeof(line) - 1;
		line[n - 1] = '\n';
	}
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;		/* nobody listens */
}

static void tell(int priority, const char *text)
{
	struct note *note = note_new(NOTE_LOG);

	if (!note)
		return;
	note->message = (uint32_t)priority & 7;
	note->size = strnlen(text, LOG_TEXT_MAX);
	note->data = strndup(text, note->size);
	if (!note->data) {
		note_free(note);
		return;
	}
	text_clean(note->data);
	notes_push(note, 0);
}

void tsph_log(int priority, const char *format, ...)
{
	char text[LOG_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	emit(priority, text);
	if (priority <= LOG_WARNING)
		tell(priority, text);
}

/* A provider may say anything: one line, no control characters */
void tsph_log_provider(int priority, const char *text)
{
	char line[LOG_TEXT_MAX];
	size_t i;

	for (i = 0; text && text[i] && i < sizeof(line) - 1; i++)
		line[i] = (unsigned char)text[i] < ' ' || text[i] == 127 ? ' ' : text[i];
	line[i] = '\0';
	emit(priority, line);
	tell(priority, line);
}

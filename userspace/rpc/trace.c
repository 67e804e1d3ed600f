/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records of what happens. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "trace.h"
#include "walk.h"

static int trace_fd = -1;

int trace_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);

	if (fd < 0)
		return -errno;
	trace_close();
	trace_fd = fd;
	return 0;
}

void trace_open_environment(void)
{
	const char *path = secure_getenv("TAPI_TRACE");

	if (path && *path && trace_fd < 0)
		trace_open(path);
}

void trace_close(void)
{
	if (trace_fd >= 0)
		close(trace_fd);
	trace_fd = -1;
}

bool trace_on(void)
{
	return trace_fd >= 0;
}

struct record {
	char *text;
	size_t size;
	FILE *file;
};

static bool begin(struct record *r, const char *from, const char *to, const char *name)
{
	struct timespec now;

	r->file = trace_on() ? open_memstream(&r->text, &r->size) : NULL;
	if (!r->file)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	fprintf(r->file, "{\"t\":%lld,\"from\":\"%s\",\"to\":\"%s\",\"name\":\"%s\",\"args\":",
		(long long)now.tv_sec * 1000000000 + now.tv_nsec, from, to, name);
	return true;
}

static void end(struct record *r)
{
	ssize_t n;

	fputs("}\n", r->file);
	if (fclose(r->file) == 0) {
		n = write(trace_fd, r->text, r->size);
		(void)n;		/* a full disk must not stop a call */
	}
	free(r->text);
}

void trace_text(const char *from, const char *to, const char *name, const char *format, ...)
{
	struct record r;
	va_list args;

	if (!begin(&r, from, to, name))
		return;
	fputc('{', r.file);
	if (format) {
		va_start(args, format);
		vfprintf(r.file, format, args);
		va_end(args);
	}
	fputc('}', r.file);
	end(&r);
}

void trace_message(const char *from, const char *to, const char *name,
		   const ProtobufCMessage *message)
{
	struct record r;

	if (!begin(&r, from, to, name))
		return;
	if (message)
		walk_json(message, r.file);
	else
		fputs("{}", r.file);
	end(&r);
}

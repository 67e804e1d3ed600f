/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program of TAPI: registration, lines, messages. */
#ifndef TAPICTL_SESSION_H
#define TAPICTL_SESSION_H

#include <tapi/tapi.h>
#include <tapi/tapi_linux.h>

#include "tapictl.h"

/* Versions of TAPI that tapictl understands */
#define VERSION_LOW	0x00010003u
#define VERSION_HIGH	0x00030000u

/**
 * struct session - one registration
 * @lines: line ids are 0 .. lines - 1
 * @fd: readable when there are messages
 */
struct session {
	HLINEAPP app;
	DWORD lines;
	int fd;
};

/**
 * struct line - what is known of a line
 * @caps: freed with the line
 * @handle: 0 when it is not open
 */
struct line {
	DWORD number, version;
	const char *name;
	LINEDEVCAPS *caps;
	HLINE handle;
};

/* Returns a status, and says what went wrong */
int session_begin(struct session *session);
void session_end(struct session *session);

/* The exit status for an error */
int status_of(LONG error);

/* Says that @what failed and why; returns the status. Right after the call that failed */
int failed(LONG error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * A line of the system. Returns 0, or an error when there is none with this number (any more); says
 * nothing.
 */
LONG line_get(const struct session *session, DWORD number, struct line *line);
void line_put(struct line *line);

/* By number, name or device; complains and returns a status */
int line_find(const struct session *session, const char *text, struct line *line);

/* Opens a line for what @privileges say; messages bear its number. Complains */
int line_open(const struct session *session, struct line *line, DWORD privileges, DWORD media);

/* The device id in what lineOpen() was told, for messages; -1 for none */
int64_t line_of_instance(DWORD_PTR instance);

/* A variable part of a structure; NULL when it is empty */
const char *part(const void *structure, DWORD offset, DWORD size);

/**
 * fetch - a structure that may be large
 * @ask: fills @buffer, whose dwTotalSize is set
 * @error: out, for NULL
 *
 * Freed by the caller.
 */
void *fetch(LONG (*ask)(const void *data, void *buffer), const void *data, LONG *error);
LINECALLINFO *call_info(HCALL call);	/* or NULL */

/* ---- messages ---- */

#define NEVER INT64_MAX

int64_t now_ms(void);
/* Of settings.timeout_ms */
int64_t deadline(void);

enum next { NEXT_MESSAGE, NEXT_TIMEOUT, NEXT_INTERRUPTED, NEXT_LOST };

/* Waits for the next message, until @until, or until the user has enough of it */
enum next session_next(const struct session *session, int64_t until, LINEMESSAGE *message);

#endif /* TAPICTL_SESSION_H */

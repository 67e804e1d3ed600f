/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "session.h"
#include "out.h"

/* Room for a structure at the first try; most fit */
#define ROOM		4096u
/* The structure may grow between two questions */
#define TRIES		5
#define NAME_MAX_SYSFS	64
/* What takes longer is explained */
#define PATIENCE_S	1

static volatile sig_atomic_t interrupted;
static sigset_t signals_outside;	/* as they were: let in while we wait */

/* ---- errors ---- */

int status_of(LONG error)
{
	switch (error) {
	case LINEERR_SERVICE_NOT_RUNNING:
		return STATUS_NO_SERVER;
	case LINEERR_BADDEVICEID:
	case LINEERR_NODEVICE:
		return STATUS_NOT_FOUND;
	default:
		return STATUS_REFUSED;
	}
}

int failed(LONG error, const char *format, ...)
{
	struct tapi_error_detail detail = { .size = sizeof(detail) };
	char text[sizeof(detail.text)];
	va_list args;
	size_t length;

	/* the reply to a request comes without a reason */
	if (tapi_last_error_detail(&detail) == 0 && detail.code == error && *detail.text)
		snprintf(text, sizeof(text), "%s", detail.text);
	else
		snprintf(text, sizeof(text), "%s", tapi_error_text(error));
	length = strlen(text);
	if (length && text[length - 1] == '.')
		text[length - 1] = 0;
	out_flush();
	fputs("tapictl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs(": ", stderr);
	out_clean(text, stderr);
	fprintf(stderr, " (%s)\n", tapi_error_name(error));
	return status_of(error);
}

/* ---- registration ---- */

static void interrupt(int signal)
{
	interrupted = 1;
}

/* Signals are let in only where we wait, so that a call is never left alone half way */
static void catch_signals(void)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = interrupt };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		sigaction(caught[i], &action, NULL);
		sigaddset(&set, caught[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &signals_outside);
}

/* In a thread of its own: the service lets programs in when its providers have started */
static void tell_of_start(union sigval unused)
{
	progress("waiting for the service to start");
}

/* Says what is waited for when it takes long; false: it will not */
static bool watch_start(timer_t *timer)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD, .sigev_notify_function = tell_of_start,
	};
	struct itimerspec when = { .it_value = { .tv_sec = PATIENCE_S } };

	if (!isatty(STDERR_FILENO) || timer_create(CLOCK_MONOTONIC, &event, timer) < 0)
		return false;
	timer_settime(*timer, 0, &when, NULL);
	return true;
}

int session_begin(struct session *session)
{
	LINEINITIALIZEEXPARAMS params = {
		.dwTotalSize = sizeof(params), .dwOptions = LINEINITIALIZEEXOPTION_USEEVENT,
	};
	DWORD version = VERSION_HIGH;
	timer_t timer;
	bool watched;
	LONG err;

	catch_signals();
	if (settings.socket)
		setenv("TAPI_SOCKET", settings.socket, 1);
	watched = watch_start(&timer);
	err = lineInitializeExA(&session->app, NULL, NULL, "tapictl", &session->lines, &version,
				&params);
	if (watched)
		timer_delete(timer);
	if (err)
		return failed(err, "no telephony service");
	session->fd = (int)(intptr_t)params.Handles.hEvent;
	return 0;
}

void session_end(struct session *session)
{
	lineShutdown(session->app);
}

/* ---- structures ---- */

const char *part(const void *structure, DWORD offset, DWORD size)
{
	const char *text = (const char *)structure + offset;

	return size && *text ? text : NULL;
}

void *fetch(LONG (*ask)(const void *data, void *buffer), const void *data, LONG *error)
{
	struct {
		DWORD total, needed;
	} head = { .needed = ROOM };
	void *buffer = NULL, *bigger;

	*error = 0;
	for (int i = 0; i < TRIES && head.total < head.needed; i++) {
		bigger = realloc(buffer, head.needed);
		if (!bigger) {
			*error = LINEERR_NOMEM;
			break;
		}
		buffer = bigger;
		memset(buffer, 0, head.needed);
		*(DWORD *)buffer = head.needed;
		*error = ask(data, buffer);
		if (*error)
			break;
		memcpy(&head, buffer, sizeof(head));
	}
	if (!*error)
		return buffer;
	free(buffer);
	return NULL;
}

static LONG ask_call_info(const void *call, void *buffer)
{
	return lineGetCallInfoA(*(const HCALL *)call, buffer);
}

LINECALLINFO *call_info(HCALL call)
{
	LONG err;

	return fetch(ask_call_info, &call, &err);
}

/* ---- lines ---- */

struct caps_question {
	HLINEAPP app;
	DWORD number, version;
};

static LONG ask_caps(const void *data, void *buffer)
{
	const struct caps_question *q = data;

	return lineGetDevCapsA(q->app, q->number, q->version, 0, buffer);
}

LONG line_get(const struct session *session, DWORD number, struct line *line)
{
	struct caps_question q = { .app = session->app, .number = number };
	LINEEXTENSIONID extension;
	LONG err;

	memset(line, 0, sizeof(*line));
	err = lineNegotiateAPIVersion(session->app, number, VERSION_LOW, VERSION_HIGH, &q.version,
				      &extension);
	if (err)
		return err;
	line->caps = fetch(ask_caps, &q, &err);
	if (!line->caps)
		return err;
	line->number = number;
	line->version = q.version;
	line->name = part(line->caps, line->caps->dwLineNameOffset, line->caps->dwLineNameSize);
	if (!line->name)
		line->name = "";
	return 0;
}

void line_put(struct line *line)
{
	if (line->handle)
		lineClose(line->handle);
	free(line->caps);
	memset(line, 0, sizeof(*line));
}

/* The name of a device file's line, which is also the name of its TAPI line */
static bool name_of_device(const char *path, char name[NAME_MAX_SYSFS])
{
	const char *base = strrchr(path, '/') + 1;
	char attribute[300];
	FILE *file;
	bool found;

	snprintf(attribute, sizeof(attribute), "/sys/class/tapi/%.200s/name", base);
	file = fopen(attribute, "re");
	if (!file)
		return false;
	found = fgets(name, NAME_MAX_SYSFS, file) != NULL;
	fclose(file);
	name[strcspn(name, "\n")] = 0;
	return found && *name;
}

static int line_by_number(const struct session *session, const char *text, struct line *line)
{
	unsigned long number;
	LONG err;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (*end || errno || number >= session->lines)
		return complain(STATUS_NOT_FOUND, "there is no line %s; 'tapictl line list' shows "
				"all", text);
	err = line_get(session, (DWORD)number, line);
	return err ? failed(err, "line %s", text) : 0;
}

static int line_by_name(const struct session *session, const char *name, const char *text,
			struct line *line)
{
	struct line candidate;
	bool found = false;

	for (DWORD i = 0; i < session->lines; i++) {
		if (line_get(session, i, &candidate))
			continue;
		if (strcasecmp(candidate.name, name)) {
			line_put(&candidate);
		} else if (found) {
			complain(0, "lines %u and %u are both called '%s': use the number",
				 line->number, i, name);
			line_put(&candidate);
			line_put(line);
			return STATUS_NOT_FOUND;
		} else {
			*line = candidate;
			found = true;
		}
	}
	if (found)
		return 0;
	return complain(STATUS_NOT_FOUND, "there is no line '%s'; 'tapictl line list' shows all",
			text);
}

int line_find(const struct session *session, const char *text, struct line *line)
{
	char name[NAME_MAX_SYSFS];

	if (isdigit((unsigned char)*text) && !text[strspn(text, "0123456789")])
		return line_by_number(session, text, line);
	if (*text != '/')
		return line_by_name(session, text, text, line);
	if (!name_of_device(text, name))
		return complain(STATUS_NOT_FOUND, "there is no telephone line %s", text);
	return line_by_name(session, name, text, line);
}

int line_open(const struct session *session, struct line *line, DWORD privileges, DWORD media)
{
	LONG err = lineOpenA(session->app, line->number, &line->handle, line->version, 0,
			     (DWORD_PTR)line->number + 1, privileges, media, NULL);

	return err ? failed(err, "cannot open line %u (%s)", line->number, line->name) : 0;
}

int64_t line_of_instance(DWORD_PTR instance)
{
	return (int64_t)instance - 1;
}

/* ---- messages ---- */

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t deadline(void)
{
	return settings.timeout_ms ? now_ms() + settings.timeout_ms : NEVER;
}

/* How long to sleep; NULL: for ever */
static const struct timespec *left(int64_t until, struct timespec *time)
{
	int64_t ms = until == NEVER ? 0 : until - now_ms();

	if (until == NEVER)
		return NULL;
	if (ms < 0)
		ms = 0;
	time->tv_sec = (time_t)(ms / 1000);
	time->tv_nsec = (long)(ms % 1000) * 1000000;
	return time;
}

enum next session_next(const struct session *session, int64_t until, LINEMESSAGE *message)
{
	struct pollfd fd = { .fd = session->fd, .events = POLLIN };
	struct timespec time;
	LONG err;

	for (;;) {
		err = lineGetMessage(session->app, message, 0);
		if (err == 0)
			return NEXT_MESSAGE;
		if (err != (LONG)LINEERR_OPERATIONFAILED)
			return NEXT_LOST;
		if (interrupted) {
			interrupted = 0;
			return NEXT_INTERRUPTED;
		}
		if (until != NEVER && now_ms() >= until)
			return NEXT_TIMEOUT;
		ppoll(&fd, 1, left(until, &time), &signals_outside);
	}
}

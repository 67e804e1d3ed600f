/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that happens on lines, until interrupted. */
#include <stdlib.h>
#include <string.h>

#include "event.h"

#define ALL_LINE_STATES		0x01FFFFFFu
#define ALL_ADDRESS_STATES	0x000001FFu

/* A call on one of the lines */
struct known {
	HCALL handle;
	uint32_t id;
	const struct line *line;
};

/**
 * struct watch - what is watched
 * @lines: pointers, so that calls can point at lines
 * @all: new lines, too
 */
struct watch {
	struct session session;
	struct line **lines;
	size_t lines_count;
	struct known *calls;
	size_t calls_count;
	bool all;
};

/* ---- lines ---- */

static struct line *line_of_number(const struct watch *watch, int64_t number)
{
	for (size_t i = 0; i < watch->lines_count; i++) {
		if (watch->lines[i]->number == number)
			return watch->lines[i];
	}
	return NULL;
}

static void add_call(struct watch *watch, const struct line *line, HCALL handle);

static LONG ask_calls(const void *line, void *buffer)
{
	return lineGetNewCalls(*(const HLINE *)line, 0, LINECALLSELECT_LINE, buffer);
}

static LONG ask_call_status(const void *call, void *buffer)
{
	return lineGetCallStatus(*(const HCALL *)call, buffer);
}

/* A call that was there before us */
static void print_present(const struct line *line, HCALL call)
{
	LINECALLINFO *info = call_info(call);
	struct event event = { .line = line->number, .address = -1, .flags = "present" };
	LINECALLSTATUS *status;
	LONG err;

	status = fetch(ask_call_status, &call, &err);
	event.name = line->name;
	event.message = tapi_message_name(LINE_CALLSTATE);
	event_parties(&event, info);
	if (status)
		event_state(&event, status->dwCallState, status->dwCallStateMode,
			    status->dwCallPrivilege);
	event_print(&event);
	free(status);
	free(info);
}

static void present_calls(struct watch *watch, const struct line *line)
{
	LINECALLLIST *list;
	HCALL call;
	LONG err;

	list = fetch(ask_calls, &line->handle, &err);
	for (DWORD i = 0; list && i < list->dwCallsNumEntries; i++) {
		memcpy(&call, (const char *)list + list->dwCallsOffset + i * sizeof(call),
		       sizeof(call));
		add_call(watch, line, call);
		print_present(line, call);
	}
	free(list);
}

static int begin_line(struct watch *watch, struct line *line)
{
	int status = line_open(&watch->session, line, LINECALLPRIVILEGE_MONITOR,
			       line->caps->dwMediaModes);

	if (status)
		return status;
	/* what the line does not tell of it may refuse */
	lineSetStatusMessages(line->handle, line->caps->dwLineStates & ALL_LINE_STATES,
			      ALL_ADDRESS_STATES);
	present_calls(watch, line);
	return 0;
}

/* Takes @found over, also when it fails */
static int add_line(struct watch *watch, const struct line *found)
{
	struct line **bigger = realloc(watch->lines, (watch->lines_count + 1) * sizeof(*bigger));
	struct line *line = malloc(sizeof(*line)), copy = *found;
	int status;

	if (bigger)
		watch->lines = bigger;
	if (!bigger || !line) {
		free(line);
		line_put(&copy);
		return complain(STATUS_REFUSED, "not enough memory");
	}
	*line = copy;
	watch->lines[watch->lines_count++] = line;
	status = begin_line(watch, line);
	if (!status)
		return 0;
	watch->lines_count--;
	line_put(line);
	free(line);
	return status;
}

static void remove_line(struct watch *watch, struct line *line)
{
	for (size_t i = 0; i < watch->calls_count;) {
		if (watch->calls[i].line == line)
			watch->calls[i] = watch->calls[--watch->calls_count];
		else
			i++;
	}
	for (size_t i = 0; i < watch->lines_count; i++) {
		if (watch->lines[i] == line)
			watch->lines[i] = watch->lines[--watch->lines_count];
	}
	line_put(line);
	free(line);
}

/* ---- calls ---- */

static struct known *known_call(struct watch *watch, HCALL handle)
{
	for (size_t i = 0; i < watch->calls_count; i++) {
		if (watch->calls[i].handle == handle)
			return &watch->calls[i];
	}
	return NULL;
}

static void add_call(struct watch *watch, const struct line *line, HCALL handle)
{
	struct known *bigger;
	LINECALLINFO *info;

	if (known_call(watch, handle))
		return;
	bigger = realloc(watch->calls, (watch->calls_count + 1) * sizeof(*bigger));
	if (!bigger)
		return;
	watch->calls = bigger;
	info = call_info(handle);
	watch->calls[watch->calls_count++] = (struct known) {
		.handle = handle, .id = info ? info->dwCallID : 0, .line = line,
	};
	free(info);
	if (line->caps->dwMonitorDigitModes)
		lineMonitorDigits(handle, line->caps->dwMonitorDigitModes);
}

static void remove_call(struct watch *watch, HCALL handle)
{
	struct known *call = known_call(watch, handle);

	lineDeallocateCall(handle);
	if (call)
		*call = watch->calls[--watch->calls_count];
}

/* ---- messages ---- */

static void print_about(struct watch *watch, const LINEMESSAGE *message, HCALL handle)
{
	const struct known *call = handle ? known_call(watch, handle) : NULL;
	bool parties = call && (message->dwMessageID == LINE_APPNEWCALL ||
				message->dwMessageID == LINE_CALLINFO);
	LINECALLINFO *info = parties ? call_info(handle) : NULL;
	const struct line *line;
	struct event event;

	event_decode(&event, message);
	line = line_of_number(watch, event.line);
	event.name = line ? line->name : NULL;
	event_parties(&event, info);
	if (call)
		event.call = call->id;
	event_print(&event);
	free(info);
}

static void created(struct watch *watch, DWORD number)
{
	struct line line;
	LONG err;

	if (!watch->all || line_of_number(watch, number))
		return;
	err = line_get(&watch->session, number, &line);
	if (err)
		failed(err, "line %u", number);
	else
		add_line(watch, &line);
}

static void handle(struct watch *watch, const LINEMESSAGE *m)
{
	struct line *line = line_of_number(watch, line_of_instance(m->dwCallbackInstance));
	HCALL call = 0;

	switch (m->dwMessageID) {
	case LINE_APPNEWCALL:
		call = (HCALL)m->dwParam2;
		if (line)
			add_call(watch, line, call);
		break;
	case LINE_CREATE:
		print_about(watch, m, 0);
		created(watch, (DWORD)m->dwParam1);
		return;
	case LINE_CLOSE:
		print_about(watch, m, 0);
		if (line)
			remove_line(watch, line);
		return;
	default:
		if (known_call(watch, m->hDevice))
			call = m->hDevice;
		break;
	}
	print_about(watch, m, call);
	if (call && m->dwMessageID == LINE_CALLSTATE && m->dwParam1 == LINECALLSTATE_IDLE)
		remove_call(watch, call);
}

static int run(struct watch *watch)
{
	LINEMESSAGE message;
	enum next next;

	progress("watching %zu line%s; ^C ends", watch->lines_count,
		 watch->lines_count == 1 ? "" : "s");
	while (watch->all || watch->lines_count) {
		next = session_next(&watch->session, NEVER, &message);
		if (next == NEXT_INTERRUPTED)
			return STATUS_OK;
		if (next == NEXT_LOST)
			return complain(STATUS_NO_SERVER, "the telephony service has gone");
		handle(watch, &message);
	}
	return complain(STATUS_NOT_FOUND, "all lines have been closed");
}

static int add_named(struct watch *watch, int argc, char **argv)
{
	struct line line;
	int status = 0;

	for (int i = 0; !status && i < argc; i++) {
		status = line_find(&watch->session, argv[i], &line);
		if (!status && line_of_number(watch, line.number))
			line_put(&line);
		else if (!status)
			status = add_line(watch, &line);
	}
	return status;
}

/* A line that cannot be watched is no reason not to watch the others */
static int add_all(struct watch *watch)
{
	struct line line;

	for (DWORD i = 0; i < watch->session.lines; i++) {
		if (line_get(&watch->session, i, &line) == 0)
			add_line(watch, &line);
	}
	return 0;
}

int monitor(int argc, char **argv)
{
	struct watch watch = { .all = argc == 0 };
	int status = session_begin(&watch.session);

	if (status)
		return status;
	status = watch.all ? add_all(&watch) : add_named(&watch, argc, argv);
	if (!status)
		status = run(&watch);
	while (watch.lines_count)
		remove_line(&watch, watch.lines[0]);
	free(watch.lines);
	free(watch.calls);
	session_end(&watch.session);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls: make, answer, drop, digits. */
#include <stdlib.h>
#include <string.h>

#include "event.h"

/* How long hanging up may take before we go; the service hangs up in our place then */
#define DROP_MS		5000
/* A request that is not answered in this time will not be */
#define REPLY_MS	20000

/**
 * struct talk - the call we deal with
 * @request: the reply we wait for, 0: it is there
 * @result: what it said
 * @state: 0 before the first message
 * @was_connected: it once was
 * @ending: we are hanging up
 * @generated: LINEGENERATETERM_ once digits have been sent
 * @told: the parties have been printed
 * @quiet: print nothing
 * @closed: the line has been closed by the system, and the call with it
 */
struct talk {
	struct session session;
	struct line line;
	HCALL call;
	DWORD request, state, mode, generated;
	LONG result;
	bool was_connected, told, quiet, closed;
};

static int begin(struct talk *talk, const char *line, DWORD privileges)
{
	int status;

	memset(talk, 0, sizeof(*talk));
	status = session_begin(&talk->session);
	if (status)
		return status;
	status = line_find(&talk->session, line, &talk->line);
	if (!status)
		status = line_open(&talk->session, &talk->line, privileges,
				   privileges & LINECALLPRIVILEGE_OWNER ?
				   talk->line.caps->dwMediaModes : 0);
	if (!status)
		return 0;
	line_put(&talk->line);
	session_end(&talk->session);
	return status;
}

static void end(struct talk *talk)
{
	line_put(&talk->line);
	session_end(&talk->session);
}

/* ---- messages ---- */

static bool over(const struct talk *talk)
{
	return talk->state == LINECALLSTATE_IDLE;
}

/* Nothing more will come of it: hang up */
static bool lost(const struct talk *talk)
{
	return talk->state == LINECALLSTATE_DISCONNECTED || talk->state == LINECALLSTATE_BUSY ||
	       talk->state == LINECALLSTATE_SPECIALINFO || over(talk);
}

static void print(struct talk *talk, const LINEMESSAGE *message)
{
	LINECALLINFO *info;
	struct event event;

	if (talk->quiet)
		return;
	info = call_info(talk->call);
	event_decode(&event, message);
	event.line = talk->line.number;
	event.name = talk->line.name;
	event.privilege = NULL;
	event_parties(&event, info);
	if (message->dwMessageID == LINE_CALLSTATE || message->dwMessageID == LINE_MONITORDIGITS)
		event.message = NULL;
	if (settings.format == FORMAT_TEXT && talk->told)
		event.caller = event.caller_name = event.called = NULL;
	talk->told = true;
	event_print(&event);
	free(info);
}

static void changed(struct talk *talk, const LINEMESSAGE *message)
{
	talk->state = (DWORD)message->dwParam1;
	talk->mode = (DWORD)message->dwParam2;
	if (talk->state == LINECALLSTATE_CONNECTED)
		talk->was_connected = true;
	print(talk, message);
}

/* What comes about the call before its handle is known is about it: the line is ours alone */
static void handle(struct talk *talk, const LINEMESSAGE *message)
{
	if (message->dwMessageID == LINE_REPLY && talk->request &&
	    message->dwParam1 == talk->request) {
		talk->request = 0;
		talk->result = (LONG)message->dwParam2;
		return;
	}
	if (message->dwMessageID == LINE_CLOSE) {
		talk->state = LINECALLSTATE_IDLE;
		talk->closed = true;
		return;
	}
	if (message->hDevice != talk->call || !talk->call)
		return;
	if (message->dwMessageID == LINE_CALLSTATE)
		changed(talk, message);
	else if (message->dwMessageID == LINE_MONITORDIGITS)
		print(talk, message);
	else if (message->dwMessageID == LINE_GENERATE)
		talk->generated = (DWORD)message->dwParam1;
}

static enum next step(struct talk *talk, int64_t until)
{
	LINEMESSAGE message;
	enum next next = session_next(&talk->session, until, &message);

	if (next == NEXT_MESSAGE)
		handle(talk, &message);
	return next;
}

/* Asks for something that is answered later, and waits. Returns its error, complains about none */
static LONG answered(struct talk *talk, LONG request)
{
	int64_t until = now_ms() + REPLY_MS;
	enum next next = NEXT_MESSAGE;

	if (request < 0)
		return request;
	talk->request = (DWORD)request;
	while (talk->request && next == NEXT_MESSAGE)
		next = step(talk, until);
	if (!talk->request)
		return talk->result;
	return next == NEXT_LOST ? LINEERR_SERVICE_NOT_RUNNING :
	       next == NEXT_INTERRUPTED ? LINEERR_USERCANCELLED : LINEERR_OPERATIONFAILED;
}

/* ---- the end of a call ---- */

/* Hangs up and waits until that has happened; a second ^C does not wait */
static LONG hang_up(struct talk *talk)
{
	int64_t until = now_ms() + DROP_MS;
	enum next next = NEXT_MESSAGE;
	LONG err = 0;

	if (!talk->call)
		return 0;
	if (!over(talk)) {
		progress("hanging up");
		err = answered(talk, lineDrop(talk->call, NULL, 0));
	}
	while (!err && !over(talk) && next == NEXT_MESSAGE)
		next = step(talk, until);
	lineDeallocateCall(talk->call);
	talk->call = 0;
	return err;
}

/* The line has gone: with the whole service, or alone */
static int closed(struct talk *talk, int status)
{
	DWORD version;
	LINEEXTENSIONID extension;
	LONG err = lineNegotiateAPIVersion(talk->session.app, talk->line.number, VERSION_LOW,
					   VERSION_HIGH, &version, &extension);

	if (err == (LONG)LINEERR_SERVICE_NOT_RUNNING)
		return complain(STATUS_NO_SERVER, "the telephony service has gone");
	return complain(status, "line %u (%s) was closed", talk->line.number, talk->line.name);
}

static int ended(struct talk *talk)
{
	const char *mode = names_value(&names_disconnect, talk->mode);
	DWORD state = talk->state;

	if (talk->closed)
		return closed(talk, STATUS_ENDED);
	hang_up(talk);
	if (state == LINECALLSTATE_DISCONNECTED && mode)
		return complain(STATUS_ENDED, "the call ended: %s", mode);
	return complain(STATUS_ENDED, "the call ended: %s", tapi_call_state_name(state));
}

/* Stays with a call that is connected until it is over, or the user has enough */
static int stay(struct talk *talk, int64_t until)
{
	enum next next = NEXT_MESSAGE;

	while (!lost(talk) && next == NEXT_MESSAGE)
		next = step(talk, until);
	if (next == NEXT_LOST)
		return complain(STATUS_NO_SERVER, "the telephony service has gone");
	if (talk->closed)
		return closed(talk, STATUS_ENDED);
	hang_up(talk);
	if (next == NEXT_TIMEOUT)
		return complain(STATUS_TIMEOUT, "the time is over, the call was hung up");
	return STATUS_OK;
}

/* Waits until the call is connected; nonzero: it is not */
static int connect_call(struct talk *talk, int64_t until)
{
	enum next next = NEXT_MESSAGE;

	while (!talk->was_connected && !lost(talk) && next == NEXT_MESSAGE)
		next = step(talk, until);
	if (talk->was_connected)
		return 0;
	if (next == NEXT_LOST)
		return complain(STATUS_NO_SERVER, "the telephony service has gone");
	if (next == NEXT_MESSAGE)
		return ended(talk);
	hang_up(talk);
	if (next == NEXT_TIMEOUT)
		return complain(STATUS_TIMEOUT, "no answer in this time, the call was hung up");
	return complain(STATUS_ENDED, "interrupted, the call was hung up");
}

/* ---- make ---- */

static int make(struct talk *talk, const char *number)
{
	int64_t until = deadline();
	LONG request, err;
	int status;

	request = lineMakeCallA(talk->line.handle, &talk->call, number, 0, NULL);
	if (request < 0)
		return failed(request, "cannot call %s", number);
	progress("waiting for %s to answer", number);
	err = answered(talk, request);
	if (err == (LONG)LINEERR_USERCANCELLED)
		return complain(STATUS_ENDED, "interrupted, the call was given up");
	if (err)
		return failed(err, "cannot call %s", number);
	status = connect_call(talk, until);
	if (status)
		return status;
	if (settings.wait) {
		progress("connected; ^C hangs up");
		return stay(talk, until);
	}
	hang_up(talk);
	return STATUS_OK;
}

int call_make(int argc, char **argv)
{
	struct talk talk;
	int status = begin(&talk, argv[0], LINECALLPRIVILEGE_NONE);

	if (status)
		return status;
	status = make(&talk, argv[1]);
	end(&talk);
	return status;
}

/* ---- answer ---- */

/* Waits for a call that is offered to us */
static enum next offered(struct talk *talk, int64_t until)
{
	LINEMESSAGE message;
	enum next next;

	for (;;) {
		next = session_next(&talk->session, until, &message);
		if (next != NEXT_MESSAGE)
			return next;
		if (message.dwMessageID == LINE_CLOSE) {
			talk->closed = true;
			return NEXT_LOST;
		}
		if (message.dwMessageID == LINE_APPNEWCALL && !talk->call &&
		    message.dwParam3 == LINECALLPRIVILEGE_OWNER)
			talk->call = (HCALL)message.dwParam2;
		if (!talk->call)
			continue;
		handle(talk, &message);
		if (talk->state == LINECALLSTATE_OFFERING || talk->state == LINECALLSTATE_ACCEPTED)
			return NEXT_MESSAGE;
		/* it was over before it began */
		if (lost(talk)) {
			lineDeallocateCall(talk->call);
			talk->call = talk->state = 0;
		}
	}
}

static int no_call(struct talk *talk, enum next next)
{
	switch (next) {
	case NEXT_TIMEOUT:
		return complain(STATUS_TIMEOUT, "no call on line %u (%s) in this time",
				talk->line.number, talk->line.name);
	case NEXT_LOST:
		return closed(talk, STATUS_NOT_FOUND);
	default:
		return complain(STATUS_ENDED, "interrupted, no call has come");
	}
}

static int answer(struct talk *talk)
{
	enum next next;
	LONG err;
	int status;

	progress("waiting for a call on line %u (%s)", talk->line.number, talk->line.name);
	next = offered(talk, deadline());
	if (next != NEXT_MESSAGE)
		return no_call(talk, next);
	/* a line that hears no digits can talk all the same */
	if (talk->line.caps->dwMonitorDigitModes)
		lineMonitorDigits(talk->call, talk->line.caps->dwMonitorDigitModes);
	err = answered(talk, lineAnswer(talk->call, NULL, 0));
	if (err && !lost(talk)) {
		status = failed(err, "cannot answer");
		hang_up(talk);
		return status;
	}
	status = connect_call(talk, NEVER);
	if (status)
		return status;
	progress("connected; ^C hangs up");
	return stay(talk, NEVER);
}

int call_answer(int argc, char **argv)
{
	struct talk talk;
	int status = begin(&talk, argv[0], LINECALLPRIVILEGE_OWNER);

	if (status)
		return status;
	status = answer(&talk);
	end(&talk);
	return status;
}

/* ---- calls of other programs ---- */

static LONG ask_calls(const void *line, void *buffer)
{
	return lineGetNewCalls(*(const HLINE *)line, 0, LINECALLSELECT_LINE, buffer);
}

static uint32_t id_of(HCALL call)
{
	LINECALLINFO *info = call_info(call);
	uint32_t id = info ? info->dwCallID : 0;

	free(info);
	return id;
}

/* The call meant by --call, or the only one */
static int choose(struct talk *talk, const HCALL *calls, size_t count)
{
	size_t at = 0;

	while (settings.call && at < count && id_of(calls[at]) != settings.call)
		at++;
	if (!count)
		return complain(STATUS_NOT_FOUND, "there is no call on line %u (%s)",
				talk->line.number, talk->line.name);
	if (at == count)
		return complain(STATUS_NOT_FOUND, "there is no call %u on line %u (%s)",
				settings.call, talk->line.number, talk->line.name);
	if (count > 1 && !settings.call) {
		complain(0, "there are %zu calls on line %u (%s): say which with --call", count,
			 talk->line.number, talk->line.name);
		for (size_t i = 0; i < count; i++)
			fprintf(stderr, "  --call %u\n", id_of(calls[i]));
		return STATUS_REFUSED;
	}
	talk->call = calls[at];
	return 0;
}

/* Becomes an owner of a call beside those who are */
static int take_call(struct talk *talk)
{
	LINECALLLIST *list;
	int status;
	LONG err;

	list = fetch(ask_calls, &talk->line.handle, &err);
	if (!list)
		return failed(err, "line %u (%s)", talk->line.number, talk->line.name);
	status = choose(talk, (const HCALL *)(const void *)((const char *)list +
							    list->dwCallsOffset),
			list->dwCallsNumEntries);
	free(list);
	if (status)
		return status;
	talk->quiet = true;
	err = lineSetCallPrivilege(talk->call, LINECALLPRIVILEGE_OWNER);
	return err ? failed(err, "cannot take the call") : 0;
}

/* As it was: where we are the only owner, the call would end with us */
static void leave_call(struct talk *talk)
{
	if (talk->call) {
		lineSetCallPrivilege(talk->call, LINECALLPRIVILEGE_MONITOR);
		lineDeallocateCall(talk->call);
	}
	talk->call = 0;
}

int call_drop(int argc, char **argv)
{
	struct talk talk;
	int status = begin(&talk, argv[0], LINECALLPRIVILEGE_NONE);
	LONG err;

	if (status)
		return status;
	status = take_call(&talk);
	if (!status) {
		err = hang_up(&talk);
		if (err)
			status = failed(err, "cannot hang up");
	}
	end(&talk);
	return status;
}

/* ---- digits ---- */

static int send_digits(struct talk *talk, const char *digits)
{
	DWORD modes = talk->line.caps->dwGenerateDigitModes;
	int64_t until = deadline();
	enum next next = NEXT_MESSAGE;
	LONG err;

	err = lineGenerateDigitsA(talk->call, modes & LINEDIGITMODE_DTMF || !modes ?
				  LINEDIGITMODE_DTMF : LINEDIGITMODE_PULSE, digits, 0);
	if (err)
		return failed(err, "cannot send digits");
	progress("sending digits");
	while (!talk->generated && !lost(talk) && next == NEXT_MESSAGE)
		next = step(talk, until);
	if (talk->generated == LINEGENERATETERM_DONE)
		return STATUS_OK;
	if (next == NEXT_LOST)
		return complain(STATUS_NO_SERVER, "the telephony service has gone");
	if (next == NEXT_MESSAGE)
		return complain(STATUS_ENDED, lost(talk) ? "the call ended before all digits were "
				"sent" : "the digits were cancelled");
	lineGenerateDigitsA(talk->call, LINEDIGITMODE_DTMF, NULL, 0);
	return complain(next == NEXT_TIMEOUT ? STATUS_TIMEOUT : STATUS_ENDED, "not all digits "
			"were sent");
}

int call_digits(int argc, char **argv)
{
	struct talk talk;
	int status = begin(&talk, argv[0], LINECALLPRIVILEGE_NONE);

	if (status)
		return status;
	status = take_call(&talk);
	if (!status) {
		status = send_digits(&talk, argv[1]);
		leave_call(&talk);
	}
	end(&talk);
	return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines opened and closed, and requests to them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "card.h"
#include "sound.h"

/**
 * line_request() - an ioctl of the line
 *
 * Return: 0 or a negative errno.
 */
int line_request(struct card_line *line, unsigned long request, const void *argument)
{
	int err;

	if (line->fd < 0)
		return -ENODEV;
	err = ioctl(line->fd, request, argument) < 0 ? errno : 0;
	card_trace_request(request, err);
	return -err;
}

/* A request whose end is told under a cookie; events.c then calls @done */
static int with_cookie(struct card_line *line, unsigned long request, void *argument,
		       uint32_t *cookie,
		       void (*done)(struct card_call *call, int status, unsigned int n))
{
	static uint32_t last;
	int err;

	if (line->op_done)
		return -EBUSY;
	if (!++last)
		last = 1;
	*cookie = last;
	err = line_request(line, request, argument);
	if (err)
		return err;
	line->op_cookie = last;
	line->op_done = done;
	return 0;
}

/**
 * line_hook() - on hook, off hook, flash
 * @done: called with its result when it has ended, unless it is NULL
 *
 * Return: 0 or a negative errno, and then @done is not called.
 */
int line_hook(struct card_line *line, uint32_t op,
	      void (*done)(struct card_call *call, int status, unsigned int n))
{
	struct tapi_line_hook hook = { .op = op };

	if (!done)
		return line_request(line, TAPI_LINE_S_HOOK, &hook);
	return with_cookie(line, TAPI_LINE_S_HOOK, &hook, &hook.cookie, done);
}

/**
 * line_dial() - have the line dial digits
 * @mode: TAPI_LINE_DIAL_
 * @digits: as struct tapi_line_dial takes them
 *
 * Return: as for line_hook().
 */
int line_dial(struct card_line *line, uint32_t mode, const char *digits,
	      const LINEDIALPARAMS *params,
	      void (*done)(struct card_call *call, int status, unsigned int n))
{
	struct tapi_line_dial dial = { .mode = mode };

	snprintf(dial.digits, sizeof(dial.digits), "%s", digits);
	if (mode == TAPI_LINE_DIAL_DTMF) {
		dial.on_ms = params->dwDigitDuration;
		dial.off_ms = params->dwDialSpeed;
	}
	return with_cookie(line, TAPI_LINE_DIAL, &dial, &dial.cookie, done);
}

/**
 * line_abort() - whatever the line is doing: nobody waits for it any more
 */
void line_abort(struct card_line *line)
{
	uint32_t cookie = line->op_cookie;

	if (!line->op_done)
		return;
	line->op_done = NULL;
	line->op_cookie = 0;
	line_request(line, TAPI_LINE_ABORT, &cookie);
}

static LONG claim(struct card_line *line)
{
	struct tapi_line_claim claim = { 0 };
	char path[16 + CARD_NODE_MAX];
	int err;

	snprintf(path, sizeof(path), "/dev/tapi/%s", line->node);
	line->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	err = line->fd < 0 ? -errno : line_request(line, TAPI_LINE_CLAIM, &claim);
	if (!err) {
		events_begin(line);
		err = line_request(line, TAPI_LINE_G_STATE, &line->state);
	}
	if (!err)
		return 0;
	card_log(4, "line %s: cannot be claimed: %s; not opened", line->node, strerror(-err));
	return err == -EBUSY ? LINEERR_ALLOCATED : card_error(err);
}

/* A trunk that somebody left off hook is free now */
static void settle(struct card_line *line)
{
	if (line->caps.type == TAPI_LINE_FXO && line->state.hook == TAPI_LINE_OFF_HOOK)
		line_hook(line, TAPI_LINE_ON_HOOK, NULL);
}

static LONG open_line(struct card_line *line)
{
	LONG error = claim(line);
	int err;

	if (!error) {
		line->handle = handle_new(HANDLE_LINE, line);
		if (!line->handle)
			error = LINEERR_NOMEM;
	}
	if (!error) {
		settle(line);
		err = loop_add(line->fd, line->handle, EPOLLIN);
		if (err)
			error = card_error(err);
	}
	if (error) {
		if (line->fd >= 0)
			close(line->fd);
		line->fd = -1;
		handle_free(line->handle);
		line->handle = 0;
	}
	return error;
}

TSPI_API LONG TSPIAPI TSPI_lineOpen(DWORD dwDeviceID, HTAPILINE htLine, LPHDRVLINE lphdLine,
				    DWORD dwTSPIVersion, LINEEVENT lpfnEventProc)
{
	struct card_line *line;
	LONG error;

	if (!lphdLine || !lpfnEventProc)
		return LINEERR_INVALPOINTER;
	if (dwTSPIVersion < CARD_VERSION_LOW || dwTSPIVersion > CARD_VERSION_HIGH)
		return LINEERR_INCOMPATIBLEAPIVERSION;
	card_lock();
	line = line_by_id(dwDeviceID);
	if (!line || !card.initialised) {
		error = LINEERR_BADDEVICEID;
	} else if (line->handle) {
		error = LINEERR_ALLOCATED;
	} else {
		line->ht = htLine;
		line->event = lpfnEventProc;
		line->version = dwTSPIVersion;
		line->media_modes = line->line_states = line->address_states = 0;
		error = open_line(line);
	}
	if (!error)
		*lphdLine = line->handle;
	card_unlock();
	return error;
}

/**
 * line_shut() - close a line: calls end, requests fail, the claim goes; with the lock, which is let
 * go while the host is told
 */
void line_shut(struct card_line *line)
{
	struct card_call *call;
	HDRVLINE handle = line->handle;

	if (!handle)
		return;
	for (call = line->calls; call; call = call->next) {
		call->closing = true;
		call_happens(call, CALL_DROPPED);
	}
	line_abort(line);
	sound_close(line);
	incoming_flush(line);
	if (line->fd >= 0) {
		loop_remove(line->fd);
		/* no linger was asked for: this puts the line on hook */
		close(line->fd);
		line->fd = -1;
	}
	report_flush();
	/* the lock was let go: closed twice at once */
	if (line->handle != handle)
		return;
	while (line->calls)
		call_forget(line->calls);
	channel_end(line);
	line->handle = 0;
	handle_free(handle);
}

TSPI_API LONG TSPIAPI TSPI_lineClose(HDRVLINE hdLine)
{
	struct card_line *line;

	card_lock();
	line = handle_get(hdLine, HANDLE_LINE);
	if (line)
		line_shut(line);
	card_unlock();
	return line ? 0 : LINEERR_INVALLINEHANDLE;
}

TSPI_API LONG TSPIAPI TSPI_lineSetDefaultMediaDetection(HDRVLINE hdLine, DWORD dwMediaModes)
{
	struct card_line *line;
	LONG error;

	card_lock();
	line = line_by_handle(hdLine, &error);
	if (line && dwMediaModes & ~(DWORD)(LINEMEDIAMODE_UNKNOWN | LINEMEDIAMODE_INTERACTIVEVOICE |
					    LINEMEDIAMODE_AUTOMATEDVOICE))
		error = LINEERR_INVALMEDIAMODE;
	if (!error) {
		line->media_modes = dwMediaModes;
		/* a telephone that was picked up before anybody cared */
		if (line->caps.type == TAPI_LINE_FXS && !line->call &&
		    line->state.hook == TAPI_LINE_OFF_HOOK)
			incoming_phone(line, true);
	}
	card_unlock();
	return error;
}

TSPI_API LONG TSPIAPI TSPI_lineConditionalMediaDetection(HDRVLINE hdLine, DWORD dwMediaModes,
							 LPLINECALLPARAMS lpCallParams)
{
	LONG error;

	card_lock();
	line_by_handle(hdLine, &error);
	card_unlock();
	if (error)
		return error;
	if (dwMediaModes & ~(DWORD)(LINEMEDIAMODE_UNKNOWN | LINEMEDIAMODE_INTERACTIVEVOICE |
				    LINEMEDIAMODE_AUTOMATEDVOICE))
		return LINEERR_INVALMEDIAMODE;
	if (lpCallParams && lpCallParams->dwBearerMode &&
	    lpCallParams->dwBearerMode != LINEBEARERMODE_VOICE)
		return LINEERR_BEARERMODEUNAVAIL;
	return 0;
}

TSPI_API LONG TSPIAPI TSPI_lineSetStatusMessages(HDRVLINE hdLine, DWORD dwLineStates,
						 DWORD dwAddressStates)
{
	struct card_line *line;
	LONG error;

	card_lock();
	line = line_by_handle(hdLine, &error);
	if (line) {
		line->line_states = dwLineStates;
		line->address_states = dwAddressStates;
	}
	card_unlock();
	return error;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Digits and media heard on a call, and digits sent. */
#include <stdlib.h>

#include "null.h"

void gather_end(struct job *job, struct call *call, DWORD reason)
{
	struct gather *gather = &call->gather;

	if (!gather->buffer)
		return;
	if (gather->count < gather->wanted)
		gather->buffer[gather->count] = '\0';
	gather->buffer = NULL;
	gather->serial++;
	free(gather->terminators);
	gather->terminators = NULL;
	report_call(job, call, LINE_GATHERDIGITS, reason, gather->id, 0);
}

/* The time of one serial is over */
static LONG gather_timeout(struct job *job, struct call *call)
{
	struct gather *gather = &call->gather;

	if (gather->buffer && gather->serial == (unsigned int)job->value)
		gather_end(job, call, gather->count ? LINEGATHERTERM_INTERTIMEOUT :
			   LINEGATHERTERM_FIRSTTIMEOUT);
	return 0;
}

/* With provider.lock held: from now on; an earlier time means nothing any more */
static void gather_wait(struct call *call, DWORD ms)
{
	struct job *job;

	call->gather.serial++;
	if (!ms)
		return;
	job = job_new(gather_timeout, call->line->handle, call->handle);
	if (!job)
		return;
	job->value = call->gather.serial;
	worker_post_after(job, ms);
}

static bool terminates(const struct gather *gather, WCHAR digit)
{
	const WCHAR *at;

	for (at = gather->terminators; at && *at; at++) {
		if (*at == digit)
			return true;
	}
	return false;
}

static void gather_digit(struct job *job, struct call *call, WCHAR digit)
{
	struct gather *gather = &call->gather;

	gather->buffer[gather->count++] = digit;
	if (terminates(gather, digit))
		gather_end(job, call, LINEGATHERTERM_TERMDIGIT);
	else if (gather->count == gather->wanted)
		gather_end(job, call, LINEGATHERTERM_BUFFERFULL);
	else
		gather_wait(call, gather->between);
}

unsigned int digit_heard(struct job *job, struct call *call, char digit)
{
	static const DWORD modes[] = { LINEDIGITMODE_DTMF, LINEDIGITMODE_DTMFEND };
	unsigned int heard = 0;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!(call->digit_modes & modes[i]))
			continue;
		report_call(job, call, LINE_MONITORDIGITS, digit, modes[i], 0);
		heard |= 1;
	}
	if (call->gather.buffer) {
		gather_digit(job, call, digit);
		heard |= 2;
	}
	return heard;
}

static LONG monitor_digits(struct call *call, DWORD modes)
{
	if (!call)
		return LINEERR_INVALCALLHANDLE;
	if (modes & ~NULL_DIGIT_MODES)
		return LINEERR_INVALDIGITMODE;
	if (call->state & (LINECALLSTATE_IDLE | LINECALLSTATE_DISCONNECTED))
		return LINEERR_INVALCALLSTATE;
	call->digit_modes = modes;
	return 0;
}

LONG TSPIAPI TSPI_lineMonitorDigits(HDRVCALL hdCall, DWORD dwDigitModes)
{
	struct fault fault;
	LONG err;

	if (entry(FN_lineMonitorDigits, &fault, &err, "call=%u modes=%#x", call_shown(hdCall),
		  dwDigitModes))
		return err;
	provider_lock();
	err = monitor_digits(call_get(hdCall), dwDigitModes);
	provider_unlock();
	return err;
}

static LONG monitor_media(struct call *call, DWORD modes)
{
	if (!call)
		return LINEERR_INVALCALLHANDLE;
	if (modes & ~NULL_MEDIA_MODES)
		return LINEERR_INVALMEDIAMODE;
	if (call->state & (LINECALLSTATE_IDLE | LINECALLSTATE_DISCONNECTED))
		return LINEERR_INVALCALLSTATE;
	call->media_modes = modes;
	return 0;
}

LONG TSPIAPI TSPI_lineMonitorMedia(HDRVCALL hdCall, DWORD dwMediaModes)
{
	struct fault fault;
	LONG err;

	if (entry(FN_lineMonitorMedia, &fault, &err, "call=%u media=%#x", call_shown(hdCall),
		  dwMediaModes))
		return err;
	provider_lock();
	err = monitor_media(call_get(hdCall), dwMediaModes);
	provider_unlock();
	return err;
}

/* There is nobody to hear them: they are sent as soon as they are given */
static LONG generate(struct job *job, struct call *call, DWORD id, DWORD mode, const WCHAR *digits)
{
	if (!call)
		return LINEERR_INVALCALLHANDLE;
	if (!mode || !digits)
		return 0;
	if (mode != LINEDIGITMODE_DTMF)
		return LINEERR_INVALDIGITMODE;
	if (!(call_features(call) & LINECALLFEATURE_GENERATEDIGITS))
		return LINEERR_INVALCALLSTATE;
	report_call(job, call, LINE_GENERATE, LINEGENERATETERM_DONE, id, 0);
	return 0;
}

LONG TSPIAPI TSPI_lineGenerateDigits(HDRVCALL hdCall, DWORD dwEndToEndID, DWORD dwDigitMode,
				     LPCWSTR lpszDigits, DWORD dwDuration)
{
	char *shown = text_narrow(lpszDigits);
	struct fault fault;
	struct job *job;
	bool ends;
	LONG err;

	ends = entry(FN_lineGenerateDigits, &fault, &err,
		     "call=%u id=%u mode=%#x digits=\"%s\" duration=%u", call_shown(hdCall),
		     dwEndToEndID, dwDigitMode, shown ? shown : "", dwDuration);
	free(shown);
	if (ends)
		return err;
	job = job_new(NULL, 0, 0);
	if (!job)
		return LINEERR_NOMEM;
	provider_lock();
	err = generate(job, call_get(hdCall), dwEndToEndID, dwDigitMode, lpszDigits);
	provider_unlock();
	worker_post(job);
	return err;
}

static bool timeout_valid(DWORD ms)
{
	return !ms || (ms >= NULL_GATHER_MIN && ms <= NULL_GATHER_MAX);
}

static LONG check_gather(const struct call *call, const struct gather *wish, DWORD first)
{
	if (!call)
		return LINEERR_INVALCALLHANDLE;
	if (!wish->buffer)
		return 0;
	if (!wish->modes || wish->modes & ~(DWORD)LINEDIGITMODE_DTMF)
		return LINEERR_INVALDIGITMODE;
	if (!wish->wanted)
		return LINEERR_INVALPARAM;
	if (!timeout_valid(first) || !timeout_valid(wish->between))
		return LINEERR_INVALTIMEOUT;
	return call->state == LINECALLSTATE_IDLE ? LINEERR_INVALCALLSTATE : 0;
}

/* The new gathering takes the place of the one there was */
static LONG gather_start(struct job *job, struct call *call, const struct gather *wish, DWORD first,
			 const WCHAR *terminators)
{
	LONG err = check_gather(call, wish, first);
	unsigned int serial;

	if (err)
		return err;
	gather_end(job, call, LINEGATHERTERM_CANCEL);
	if (!wish->buffer)
		return 0;
	serial = call->gather.serial;
	call->gather = *wish;
	call->gather.serial = serial;
	call->gather.terminators = terminators ? text_copy(terminators) : NULL;
	gather_wait(call, first);
	return 0;
}

LONG TSPIAPI TSPI_lineGatherDigits(HDRVCALL hdCall, DWORD dwEndToEndID, DWORD dwDigitModes,
				   LPWSTR lpsDigits, DWORD dwNumDigits,
				   LPCWSTR lpszTerminationDigits, DWORD dwFirstDigitTimeout,
				   DWORD dwInterDigitTimeout)
{
	struct gather wish = {
		.buffer = lpsDigits, .wanted = dwNumDigits, .modes = dwDigitModes,
		.id = dwEndToEndID, .between = dwInterDigitTimeout,
	};
	struct fault fault;
	struct job *job;
	LONG err;

	if (entry(FN_lineGatherDigits, &fault, &err, "call=%u id=%u modes=%#x digits=%u%s",
		  call_shown(hdCall), dwEndToEndID, dwDigitModes, dwNumDigits,
		  lpsDigits ? "" : " cancel"))
		return err;
	job = job_new(NULL, 0, 0);
	if (!job)
		return LINEERR_NOMEM;
	provider_lock();
	err = gather_start(job, call_get(hdCall), &wish, dwFirstDigitTimeout,
			   lpszTerminationDigits);
	provider_unlock();
	worker_post(job);
	return err;
}

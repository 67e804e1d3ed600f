/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls we make.  On a trunk: off hook, dial tone, one step of the dialable string after the other,
 * then listen what the exchange says.  On a telephone: ring it.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "card.h"
#include "sound.h"

/* Without a detector: an exchange takes its time before it listens */
#define BLIND_MS	600
/* Ringback has ended: time enough to tell a busy tone from a voice */
#define AFTER_RINGBACK_MS	1800
/* Ringing a telephone: 1 s, then 4 s of silence */
#define RING_ON_MS	1000
#define RING_OFF_MS	4000
/* TAPI knows no longer one in its own dialogues; ours holds a calling card number as well */
#define ADDRESS_MAX	256

static void next_step(struct card_call *call);

/**
 * outgoing_can() - what a dialable string may ask of this line: DIAL_CAN_ bits
 */
unsigned int outgoing_can(const struct card_line *line)
{
	unsigned int can = 0;

	if (line->caps.caps & TAPI_LINE_CAP_PULSE_DIAL)
		can |= DIAL_CAN_PULSE;
	if (line->caps.caps & TAPI_LINE_CAP_FLASH)
		can |= DIAL_CAN_FLASH;
	if (sound_has(line))
		can |= DIAL_CAN_DIALTONE | DIAL_CAN_DTMF;
	if (line->caps.caps & TAPI_LINE_CAP_DTMF_DIAL)
		can |= DIAL_CAN_DTMF;
	return can;
}

/* Tones where the line or the provider can make them */
static uint32_t default_mode(const struct card_line *line)
{
	return outgoing_can(line) & DIAL_CAN_DTMF ? TAPI_LINE_DIAL_DTMF : TAPI_LINE_DIAL_PULSE;
}

static bool dials_itself(const struct card_line *line, uint32_t mode)
{
	return mode == TAPI_LINE_DIAL_PULSE || line->caps.caps & TAPI_LINE_CAP_DTMF_DIAL;
}

/* Is it the exchange's tones that decide what happens to this call next? */
bool outgoing_listens(const struct card_call *call)
{
	if (call->line->caps.type != TAPI_LINE_FXO)
		return false;
	if (call->wait_tone)
		return true;
	if (call->state.state == LINECALLSTATE_CONNECTED)
		return card.busy_hangup;
	return call->state.state & (LINECALLSTATE_PROCEEDING | LINECALLSTATE_RINGBACK);
}

void outgoing_cancel(struct card_call *call)
{
	timer_stop(&call->timer);
	timer_stop(&call->no_answer);
	call->wait_tone = false;
	call->dialling = false;
}

void outgoing_answered(struct card_call *call)
{
	call->answered_ns = card_now_ns();
	call_happens(call, CALL_ANSWERED);
}

/* Enough rung: the other party's telephone stops when the line is let go */
static void no_answer(void *data)
{
	control_hang_up(data);
	call_happens(data, CALL_NO_ANSWER);
}

/* Ringback is over and nothing came in its place */
static void rung(void *data)
{
	outgoing_answered(data);
}

/* Neither ringback nor busy: whoever speaks is the other party */
static void assume_answer(void *data)
{
	struct card_call *call = data;

	card_log(6, "line %s: no tone heard after dialling; taken for answered",
		 call->line->node);
	outgoing_answered(call);
}

static void dialled(struct card_call *call)
{
	call->dialling = false;
	if (call->dial_more)
		return;
	call_happens(call, CALL_DIALLED);
	/* digits of our own are out: the sound is free */
	if (!call->offered)
		channel_start(call);
	if (card.assume_answer_ms)
		timer_start(&call->timer, card.assume_answer_ms, assume_answer, call);
	if (call->no_answer_ms)
		timer_start(&call->no_answer, call->no_answer_ms, no_answer, call);
}

static void step_done(struct card_call *call, int status, unsigned int done)
{
	if (!call->dialling)
		return;
	if (!status) {
		next_step(call);
		return;
	}
	card_log(4, "line %s: dialling failed after %u digits: %s; the call ends",
		 call->line->node, done, strerror(-status));
	call_happens(call, CALL_HANGUP);
}

static void paused(void *data)
{
	next_step(data);
}

static void no_dial_tone(void *data)
{
	struct card_call *call = data;

	call->wait_tone = false;
	call_happens(call, CALL_NO_DIAL_TONE);
}

static void wait_dial_tone(struct card_call *call)
{
	call->wait_tone = true;
	sound_update(call->line);
	if (call->line->sound) {
		timer_start(&call->timer, call->dial_params.dwWaitForDialtone, no_dial_tone, call);
		return;
	}
	/* deaf for now: as on a line without sound */
	call->wait_tone = false;
	timer_start(&call->timer, BLIND_MS, paused, call);
}

static int dial_digits(struct card_call *call, const struct dial_step *step)
{
	call_happens(call, CALL_DIALLING);
	if (dials_itself(call->line, step->mode))
		return line_dial(call->line, step->mode, step->digits, &call->dial_params,
				 step_done);
	return sound_play_digits(call->line, step->digits, &call->dial_params, step_done);
}

/* The step after the one that has ended */
static void next_step(struct card_call *call)
{
	struct dial_step step;
	int err = 0;

	if (!dial_next(&call->dial, &step)) {
		call->dial_mode = call->dial.mode;
		dialled(call);
		return;
	}
	switch (step.kind) {
	case DIAL_DIGITS:
		err = dial_digits(call, &step);
		break;
	case DIAL_PAUSE:
		timer_start(&call->timer, call->dial_params.dwDialPause, paused, call);
		break;
	case DIAL_FLASH:
		err = line_hook(call->line, TAPI_LINE_HOOK_FLASH, step_done);
		break;
	default:
		wait_dial_tone(call);
		break;
	}
	if (err)
		step_done(call, err, 0);
}

/* Dials the string in call->called; an empty one, at the beginning, means that it comes later */
static void dial(struct card_call *call)
{
	call->dialling = true;
	next_step(call);
}

static void ready_to_dial(void *data)
{
	struct card_call *call = data;

	call->wait_tone = false;
	call_happens(call, CALL_DIAL_TONE);
	sound_update(call->line);
	if (call->called)
		dial(call);
}

void outgoing_tone(struct card_call *call, enum call_event tone)
{
	bool waited = call->wait_tone;

	if (tone == CALL_DIAL_TONE && waited) {
		timer_stop(&call->timer);
		call->wait_tone = false;
		if (call->dialling)
			next_step(call);
		else
			ready_to_dial(call);
	} else if (tone == CALL_EVENTS) {
		if (call->state.state == LINECALLSTATE_RINGBACK)
			timer_start(&call->timer, AFTER_RINGBACK_MS, rung, call);
	} else if (tone == CALL_RINGBACK && call->state.state == LINECALLSTATE_RINGBACK) {
		/* a burst was a little off */
		timer_stop(&call->timer);
	} else if (tone != CALL_DIAL_TONE && !waited && call_happens(call, tone)) {
		timer_stop(&call->timer);
	}
}

static void off_hook(struct card_call *call, int status, unsigned int done)
{
	if (status) {
		card_log(4, "line %s: cannot go off hook: %s; the call ends", call->line->node,
			 strerror(-status));
		call_happens(call, CALL_HANGUP);
		return;
	}
	if (call->dial_params.dwWaitForDialtone)
		wait_dial_tone(call);
	if (!call->wait_tone)
		timer_start(&call->timer, BLIND_MS, ready_to_dial, call);
}

/* The host may use the call from here on, to end it above all */
static void accepted(struct card_call *call)
{
	report_complete(call->request, 0);
	call->request = NULL;
	channel_announce(call);
}

/* MSPs hear the dial tone, too, unless the provider needs the line's playback for its digits */
static int seize(struct card_call *call)
{
	int err = line_hook(call->line, TAPI_LINE_OFF_HOOK, off_hook);

	if (err)
		return err;
	accepted(call);
	if (dials_itself(call->line, default_mode(call->line)))
		channel_start(call);
	return 0;
}

static int ring_phone(struct card_call *call)
{
	struct tapi_line_ring ring = { .op = TAPI_LINE_OP_START, .on_ms = { RING_ON_MS },
				       .off_ms = { RING_OFF_MS } };
	int err = line_request(call->line, TAPI_LINE_S_RING, &ring);

	if (err)
		return err;
	accepted(call);
	call_happens(call, CALL_DIALLED);
	call_happens(call, CALL_RINGBACK);
	if (call->no_answer_ms)
		timer_start(&call->no_answer, call->no_answer_ms, no_answer, call);
	return 0;
}

static DWORD within(DWORD value, DWORD def, DWORD min, DWORD max)
{
	if (!value)
		return def;
	return value < min ? min : value > max ? max : value;
}

/**
 * outgoing_params() - how a call dials, as far as @params say
 * @params: may be NULL
 */
void outgoing_params(struct card_call *call, const LINECALLPARAMS *params)
{
	LINEDIALPARAMS wish = { 0 };

	if (params)
		wish = params->DialParams;
	call->dial_params = (LINEDIALPARAMS){
		.dwDialPause = within(wish.dwDialPause, DIAL_PAUSE_DEFAULT, DIAL_PAUSE_MIN,
				      DIAL_PAUSE_MAX),
		.dwDialSpeed = within(wish.dwDialSpeed, DIAL_DIGIT_DEFAULT, DIAL_DIGIT_MIN,
				      DIAL_DIGIT_MAX),
		.dwDigitDuration = within(wish.dwDigitDuration, DIAL_DIGIT_DEFAULT,
					  DIAL_DIGIT_MIN, DIAL_DIGIT_MAX),
		.dwWaitForDialtone = within(wish.dwWaitForDialtone, card.dial_tone_ms, 0,
					    DIAL_TONE_MAX),
	};
	if (params && params->dwMediaMode)
		call->media_mode = params->dwMediaMode;
	if (params && params->dwTotalSize >= offsetof(LINECALLPARAMS, dwCallingPartyIDSize))
		call->no_answer_ms = 1000 * within(params->dwNoAnswerTimeout, 0, 1,
						   NO_ANSWER_MAX);
}

static LONG check_params(const LINECALLPARAMS *params)
{
	DWORD voices = LINEMEDIAMODE_INTERACTIVEVOICE | LINEMEDIAMODE_AUTOMATEDVOICE |
		       LINEMEDIAMODE_UNKNOWN;

	if (!params)
		return 0;
	if (params->dwTotalSize < offsetof(LINECALLPARAMS, dwOrigAddressSize))
		return LINEERR_STRUCTURETOOSMALL;
	if (params->dwBearerMode && params->dwBearerMode != LINEBEARERMODE_VOICE &&
	    params->dwBearerMode != LINEBEARERMODE_SPEECH)
		return LINEERR_BEARERMODEUNAVAIL;
	if (params->dwMediaMode & ~voices)
		return LINEERR_INVALMEDIAMODE;
	if (params->dwAddressMode == LINEADDRESSMODE_ADDRESSID && params->dwAddressID)
		return LINEERR_INVALADDRESSID;
	return 0;
}

static LONG check_line(const struct card_line *line)
{
	if (line->call || line->rings)
		return LINEERR_CALLUNAVAIL;
	if (line->caps.type == TAPI_LINE_FXS)
		return line->state.hook == TAPI_LINE_OFF_HOOK ? LINEERR_CALLUNAVAIL :
		       line->caps.caps & TAPI_LINE_CAP_RING ? 0 : LINEERR_OPERATIONUNAVAIL;
	/* the wire hangs on nothing */
	return line->state.battery ? 0 : LINEERR_INVALLINESTATE;
}

static size_t text_length(const WCHAR *text)
{
	size_t n = 0;

	while (text && n < ADDRESS_MAX && text[n])
		n++;
	return n;
}

/* Keeps the string: dialling reads it for a while */
static LONG set_called(struct card_call *call, const WCHAR *text, size_t len)
{
	WCHAR *copy = calloc(len + 1, sizeof(*copy));

	if (!copy)
		return LINEERR_NOMEM;
	memcpy(copy, text, len * sizeof(*copy));
	free(call->called);
	call->called = copy;
	dial_start(&call->dial, copy, len, call->dial_mode);
	return 0;
}

static LONG begin(struct card_line *line, struct card_call *call)
{
	int err;

	call->state.state = LINECALLSTATE_UNKNOWN;
	err = line->caps.type == TAPI_LINE_FXS ? ring_phone(call) : seize(call);
	return err ? card_error(err) : 0;
}

struct order {
	DRV_REQUESTID id;
	HTAPICALL ht;
	const WCHAR *text;
	const LINECALLPARAMS *params;
};

static LONG make_call(struct card_line *line, const struct order *order, HDRVCALL *handle)
{
	size_t len = text_length(order->text);
	struct card_call *call = call_new(line, LINECALLORIGIN_OUTBOUND);
	LONG error = 0;

	if (!call)
		return LINEERR_NOMEM;
	call->ht = order->ht;
	call->dial_mode = default_mode(line);
	outgoing_params(call, order->params);
	if (line->caps.type == TAPI_LINE_FXO)
		error = dial_check(order->text, len, outgoing_can(line), call->dial_mode,
				   &call->dial_more);
	if (!error && len)
		error = set_called(call, order->text, len);
	if (!error) {
		call->request = report_request(order->id);
		error = call->request ? 0 : LINEERR_NOMEM;
	}
	*handle = call->handle;
	if (!error)
		error = begin(line, call);
	if (!error)
		return 0;
	/* refused here and now: nothing is completed */
	free(call->request);
	call->request = NULL;
	call_forget(call);
	return error;
}

TSPI_API LONG TSPIAPI TSPI_lineMakeCall(DRV_REQUESTID dwRequestID, HDRVLINE hdLine,
					HTAPICALL htCall, LPHDRVCALL lphdCall,
					LPCWSTR lpszDestAddress, DWORD dwCountryCode,
					LPLINECALLPARAMS lpCallParams)
{
	struct order order = { dwRequestID, htCall, lpszDestAddress, lpCallParams };
	struct card_line *line;
	LONG error;

	if (!lphdCall)
		return LINEERR_INVALPOINTER;
	error = check_params(lpCallParams);
	if (!error && text_length(lpszDestAddress) == ADDRESS_MAX)
		error = LINEERR_INVALADDRESS;
	if (error)
		return error;
	card_lock();
	line = line_by_handle(hdLine, &error);
	if (!error)
		error = check_line(line);
	if (!error)
		error = make_call(line, &order, lphdCall);
	card_unlock();
	return error ? error : (LONG)dwRequestID;
}

static LONG dial_more(struct card_call *call, const WCHAR *text, struct report **request,
		      DRV_REQUESTID id)
{
	size_t len = text_length(text);
	bool more;
	LONG error;

	if (call->line->gone)
		return LINEERR_NODEVICE;
	if (!(call_features(call) & LINECALLFEATURE_DIAL))
		return LINEERR_INVALCALLSTATE;
	if (len == ADDRESS_MAX)
		return LINEERR_INVALADDRESS;
	error = dial_check(text, len, outgoing_can(call->line), call->dial_mode, &more);
	if (error)
		return error;
	*request = report_request(id);
	if (!*request)
		return LINEERR_NOMEM;
	error = set_called(call, text, len);
	if (error) {
		free(*request);
		return error;
	}
	call->dial_more = more;
	return 0;
}

TSPI_API LONG TSPIAPI TSPI_lineDial(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
				    LPCWSTR lpszDestAddress, DWORD dwCountryCode)
{
	struct report *request;
	struct card_call *call;
	LONG error;

	if (!lpszDestAddress)
		return LINEERR_INVALPOINTER;
	card_lock();
	call = call_by_handle(hdCall, &error);
	if (!error)
		error = dial_more(call, lpszDestAddress, &request, dwRequestID);
	if (!error) {
		report_complete(request, 0);
		/* before the dial tone it is dialled when that is heard */
		if (call->state.state != LINECALLSTATE_UNKNOWN)
			dial(call);
	}
	card_unlock();
	return error ? error : (LONG)dwRequestID;
}

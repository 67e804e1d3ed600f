/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Digits during a call: heard, collected, sent.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "card.h"
#include "sound.h"

#define NS_PER_MS		1000000ULL
#define DIGITS_MAX		1024
#define DTMF_DIGITS		"0123456789*#ABCD"
#define PULSE_DIGITS		"0123456789"

static void send_next(struct card_call *call);

/*
 * Monitoring
 */

/**
 * digits_can_hear() - LINEDIGITMODE_ bits that can be monitored
 */
DWORD digits_can_hear(const struct card_line *line)
{
	DWORD can = 0;

	if (line->caps.caps & TAPI_LINE_CAP_DTMF_DETECT || sound_has(line))
		can |= LINEDIGITMODE_DTMF | LINEDIGITMODE_DTMFEND;
	if (line->caps.type == TAPI_LINE_FXS)
		can |= LINEDIGITMODE_PULSE;
	return can;
}

/**
 * digits_can_send() - LINEDIGITMODE_ bits that can be generated
 */
DWORD digits_can_send(const struct card_line *line)
{
	DWORD can = 0;

	if (line->caps.caps & TAPI_LINE_CAP_DTMF_DIAL || sound_has(line))
		can |= LINEDIGITMODE_DTMF;
	if (line->caps.caps & TAPI_LINE_CAP_PULSE_DIAL)
		can |= LINEDIGITMODE_PULSE;
	return can;
}

TSPI_API LONG TSPIAPI TSPI_lineMonitorDigits(HDRVCALL hdCall, DWORD dwDigitModes)
{
	struct card_call *call;
	LONG error;

	card_lock();
	call = call_by_handle(hdCall, &error);
	if (!error && dwDigitModes & ~digits_can_hear(call->line))
		error = LINEERR_INVALDIGITMODE;
	else if (!error && dwDigitModes && !(call_features(call) & LINECALLFEATURE_MONITORDIGITS))
		error = LINEERR_INVALCALLSTATE;
	if (!error) {
		call->monitor_modes = dwDigitModes;
		sound_update(call->line);
	}
	card_unlock();
	return error;
}

/*
 * Gathering
 */

static void gather_end(struct card_call *call, DWORD reason, uint64_t ts_ns)
{
	struct call_gather *gather = &call->gather;

	if (!gather->active)
		return;
	timer_stop(&gather->timer);
	gather->active = false;
	/* a full buffer has no room for it, and the program knows */
	if (gather->count < gather->room)
		gather->buffer[gather->count] = 0;
	free(gather->stop);
	gather->stop = NULL;
	report_call(call, LINE_GATHERDIGITS, reason, gather->end_to_end,
		    (DWORD)(ts_ns / NS_PER_MS));
}

static void first_timeout(void *data)
{
	gather_end(data, LINEGATHERTERM_FIRSTTIMEOUT, card_now_ns());
}

static void inter_timeout(void *data)
{
	gather_end(data, LINEGATHERTERM_INTERTIMEOUT, card_now_ns());
}

static void gather(struct card_call *call, char digit, DWORD mode, uint64_t ts_ns)
{
	struct call_gather *g = &call->gather;

	if (!g->active || !(g->modes & mode))
		return;
	g->buffer[g->count++] = digit;
	if (g->stop && strchr(g->stop, digit))
		gather_end(call, LINEGATHERTERM_TERMDIGIT, ts_ns);
	else if (g->count == g->room)
		gather_end(call, LINEGATHERTERM_BUFFERFULL, ts_ns);
	else if (g->inter_ms)
		timer_start(&g->timer, g->inter_ms, inter_timeout, call);
	else
		timer_stop(&g->timer);
}

/* A text of digits as bytes: those of @valid, in upper case. NULL when there is no memory */
static char *narrow(const WCHAR *text, const char *valid)
{
	size_t n = 0, out = 0;
	char *bytes;

	while (n < DIGITS_MAX && text[n])
		n++;
	bytes = malloc(n + 1);
	if (!bytes)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		char c = text[i] < 0x80 ? text[i] : 0;

		if (c >= 'a' && c <= 'd')
			c += 'A' - 'a';
		if (c && strchr(valid, c))
			bytes[out++] = c;
	}
	bytes[out] = 0;
	return bytes;
}

static LONG gather_check(const struct card_call *call, DWORD modes, DWORD first, DWORD inter)
{
	DWORD allowed = LINEDIGITMODE_PULSE | LINEDIGITMODE_DTMF;

	if (!modes || modes & ~allowed || modes & ~digits_can_hear(call->line))
		return LINEERR_INVALDIGITMODE;
	if ((first && (first < GATHER_MIN || first > GATHER_MAX)) ||
	    (inter && (inter < GATHER_MIN || inter > GATHER_MAX)))
		return LINEERR_INVALTIMEOUT;
	return call_features(call) & LINECALLFEATURE_GATHERDIGITS ? 0 : LINEERR_INVALCALLSTATE;
}

static LONG gather_start(struct card_call *call, const struct call_gather *wish,
			 const WCHAR *stop, unsigned int first_ms)
{
	char *bytes = NULL;

	if (stop) {
		bytes = narrow(stop, DTMF_DIGITS);
		if (!bytes)
			return LINEERR_NOMEM;
	}
	gather_end(call, LINEGATHERTERM_CANCEL, card_now_ns());
	call->gather = *wish;
	call->gather.active = true;
	call->gather.stop = bytes;
	if (first_ms)
		timer_start(&call->gather.timer, first_ms, first_timeout, call);
	sound_update(call->line);
	return 0;
}

TSPI_API LONG TSPIAPI TSPI_lineGatherDigits(HDRVCALL hdCall, DWORD dwEndToEndID, DWORD dwDigitModes,
					    LPWSTR lpsDigits, DWORD dwNumDigits,
					    LPCWSTR lpszTerminationDigits,
					    DWORD dwFirstDigitTimeout, DWORD dwInterDigitTimeout)
{
	struct call_gather wish = { .end_to_end = dwEndToEndID, .modes = dwDigitModes,
				    .buffer = lpsDigits, .room = dwNumDigits,
				    .inter_ms = dwInterDigitTimeout };
	struct card_call *call;
	LONG error;

	card_lock();
	call = call_by_handle(hdCall, &error);
	if (!error && !lpsDigits)
		gather_end(call, LINEGATHERTERM_CANCEL, card_now_ns());
	else if (!error && !dwNumDigits)
		error = LINEERR_INVALPARAM;
	else if (!error)
		error = gather_check(call, dwDigitModes, dwFirstDigitTimeout, dwInterDigitTimeout);
	if (!error && lpsDigits)
		error = gather_start(call, &wish, lpszTerminationDigits, dwFirstDigitTimeout);
	card_unlock();
	return error;
}

/**
 * digits_heard() - a digit was heard on the line
 * @mode: one LINEDIGITMODE_
 */
void digits_heard(struct card_line *line, char digit, DWORD mode, uint64_t ts_ns)
{
	struct card_call *call = line->call;

	if (!call || !(call_features(call) & LINECALLFEATURE_MONITORDIGITS))
		return;
	if (call->monitor_modes & mode)
		report_call(call, LINE_MONITORDIGITS, (unsigned char)digit, mode,
			    (DWORD)(ts_ns / NS_PER_MS));
	gather(call, digit, mode, ts_ns);
}

/*
 * Sending
 */

static void generate_end(struct card_call *call, DWORD reason)
{
	struct call_generate *generate = &call->generate;

	if (!generate->active)
		return;
	generate->active = false;
	timer_stop(&generate->timer);
	free(generate->rest);
	generate->rest = generate->next = NULL;
	report_call(call, LINE_GENERATE, reason, generate->end_to_end,
		    (DWORD)(card_now_ns() / NS_PER_MS));
}

static void generate_cancel(struct card_call *call)
{
	if (!call->generate.active)
		return;
	if (!call->generate.by_msp) {
		line_abort(call->line);
		sound_stop_digits(call->line);
	}
	generate_end(call, LINEGENERATETERM_CANCEL);
}

static void part_sent(struct card_call *call, int status, unsigned int done)
{
	if (!call->generate.active)
		return;
	if (status) {
		card_log(4, "line %s: digits were not sent: %s", call->line->node,
			 strerror(-status));
		generate_end(call, LINEGENERATETERM_CANCEL);
		return;
	}
	send_next(call);
}

/**
 * digits_played() - an MSP has played digits, or not
 * @error: 0 or a negative errno
 */
void digits_played(struct card_call *call, uint32_t id, int error)
{
	if (call->generate.active && call->generate.by_msp && call->generate.id == id)
		part_sent(call, error, 0);
}

/* The line's own generator, an MSP that has the sound, or the provider's own mouth */
static int send_part(struct card_call *call, const char *part)
{
	struct call_generate *generate = &call->generate;
	static uint32_t last_id;
	int err;

	generate->by_msp = false;
	if (generate->mode == LINEDIGITMODE_PULSE)
		return line_dial(call->line, TAPI_LINE_DIAL_PULSE, part, &call->dial_params,
				 part_sent);
	if (call->line->caps.caps & TAPI_LINE_CAP_DTMF_DIAL)
		return line_dial(call->line, TAPI_LINE_DIAL_DTMF, part, &call->dial_params,
				 part_sent);
	generate->id = ++last_id;
	err = channel_play_digits(call, generate->id, part, &call->dial_params);
	generate->by_msp = !err;
	return err ? sound_play_digits(call->line, part, &call->dial_params, part_sent) : 0;
}

static void pause_over(void *data)
{
	send_next(data);
}

/* As much of the rest as one request holds, up to a pause */
static void send_next(struct card_call *call)
{
	struct call_generate *generate = &call->generate;
	char part[TAPI_LINE_DIAL_MAX];
	size_t n = strcspn(generate->next, ",");
	int err;

	if (!*generate->next) {
		generate_end(call, LINEGENERATETERM_DONE);
		return;
	}
	if (!n) {
		generate->next++;
		timer_start(&generate->timer, call->dial_params.dwDialPause, pause_over, call);
		return;
	}
	if (n > sizeof(part) - 1)
		n = sizeof(part) - 1;
	memcpy(part, generate->next, n);
	part[n] = 0;
	generate->next += n;
	err = send_part(call, part);
	if (err)
		part_sent(call, err, 0);
}

static LONG generate_start(struct card_call *call, DWORD end_to_end, DWORD mode,
			   const WCHAR *text, DWORD duration)
{
	struct call_generate *generate = &call->generate;
	char *digits = narrow(text, mode == LINEDIGITMODE_PULSE ? PULSE_DIGITS "," :
			      DTMF_DIGITS ",");

	if (!digits)
		return LINEERR_NOMEM;
	if (duration)
		call->dial_params.dwDigitDuration = duration < DIAL_DIGIT_MIN ? DIAL_DIGIT_MIN :
			duration > DIAL_DIGIT_MAX ? DIAL_DIGIT_MAX : duration;
	*generate = (struct call_generate){ .active = true, .end_to_end = end_to_end,
					    .mode = mode, .rest = digits, .next = digits };
	send_next(call);
	return 0;
}

static LONG generate_check(const struct card_call *call, DWORD mode)
{
	/* one mode */
	if (!(mode & digits_can_send(call->line)) || mode & (mode - 1))
		return LINEERR_INVALDIGITMODE;
	return call_features(call) & LINECALLFEATURE_GENERATEDIGITS ? 0 : LINEERR_INVALCALLSTATE;
}

TSPI_API LONG TSPIAPI TSPI_lineGenerateDigits(HDRVCALL hdCall, DWORD dwEndToEndID,
					      DWORD dwDigitMode, LPCWSTR lpszDigits,
					      DWORD dwDuration)
{
	struct card_call *call;
	LONG error;

	card_lock();
	call = call_by_handle(hdCall, &error);
	if (!error && lpszDigits && dwDigitMode)
		error = generate_check(call, dwDigitMode);
	if (!error)
		generate_cancel(call);
	if (!error && lpszDigits && dwDigitMode)
		error = generate_start(call, dwEndToEndID, dwDigitMode, lpszDigits, dwDuration);
	card_unlock();
	return error;
}

/**
 * digits_cancel() - the call has ended for whoever waits for digits
 */
void digits_cancel(struct card_call *call)
{
	generate_cancel(call);
	gather_end(call, LINEGATHERTERM_CANCEL, card_now_ns());
	call->monitor_modes = 0;
}

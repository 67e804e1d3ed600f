/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A call: the object, and what follows from each of its states.
 */
#include <stdlib.h>
#include <string.h>

#include <tapi3/tapi3.h>

#include "card.h"
#include "sound.h"

#define S(name) LINECALLSTATE_##name

/* What a state lets a program do, all of it done in control.c, digits.c and outgoing.c */
DWORD call_features(const struct card_call *call)
{
	DWORD digits = LINECALLFEATURE_MONITORDIGITS | LINECALLFEATURE_GATHERDIGITS |
		       LINECALLFEATURE_GENERATEDIGITS;

	switch (call->state.state) {
	case S(OFFERING):
		return LINECALLFEATURE_ACCEPT | LINECALLFEATURE_ANSWER | LINECALLFEATURE_DROP |
		       LINECALLFEATURE_MONITORDIGITS;
	case S(ACCEPTED):
		return LINECALLFEATURE_ANSWER | LINECALLFEATURE_DROP |
		       LINECALLFEATURE_MONITORDIGITS;
	case S(UNKNOWN):
		/* its string, if it has one, waits for the dial tone */
		return LINECALLFEATURE_DROP | (call->called ? 0 : LINECALLFEATURE_DIAL);
	case S(DIALTONE):
	case S(DIALING):
		return LINECALLFEATURE_DROP | (call->dialling ? 0 : LINECALLFEATURE_DIAL);
	case S(CONNECTED):
		return digits | LINECALLFEATURE_DROP;
	case S(PROCEEDING):
	case S(RINGBACK):
		return LINECALLFEATURE_DROP | LINECALLFEATURE_MONITORDIGITS;
	case S(BUSY):
	case S(SPECIALINFO):
	case S(DISCONNECTED):
		return LINECALLFEATURE_DROP;
	default:
		return 0;
	}
}

/* What a new state starts and ends beside the call itself */
static void entered(struct card_call *call)
{
	switch (call->state.state) {
	case S(CONNECTED):
		outgoing_cancel(call);
		channel_start(call);
		break;
	case S(BUSY):
	case S(SPECIALINFO):
		outgoing_cancel(call);
		break;
	case S(DISCONNECTED):
		call_cancel(call);
		channel_stop(call, TAPI3_MEDIA_CAUSE_REMOTE_REQUEST);
		break;
	case S(IDLE):
		call_cancel(call);
		channel_stop(call, TAPI3_MEDIA_CAUSE_LOCAL_REQUEST);
		if (call->line->call == call)
			call->line->call = NULL;
		break;
	}
	sound_update(call->line);
}

static void set_state(struct card_call *call, struct call_state state)
{
	struct card_line *line = call->line;

	call->state = state;
	status_now(&call->entered);
	/* MSPs hear of sound behind the state that allows it, and before it ends */
	if (state.state == S(CONNECTED)) {
		report_call(call, LINE_CALLSTATE, state.state, state.mode, call->media_mode);
		entered(call);
	} else {
		entered(call);
		report_call(call, LINE_CALLSTATE, state.state, state.mode, call->media_mode);
	}
	if (state.state == S(IDLE) && line->address_states & LINEADDRESSSTATE_INUSEZERO)
		report_line(line, LINE_ADDRESSSTATE, CARD_ADDRESS, LINEADDRESSSTATE_INUSEZERO, 0);
}

void call_set(struct card_call *call, DWORD state, DWORD mode)
{
	set_state(call, (struct call_state){ state, mode });
}

bool call_happens(struct card_call *call, enum call_event event)
{
	struct call_state next;

	if (!call_next(call->state, event, &next))
		return false;
	set_state(call, next);
	return true;
}

/**
 * call_new() - a call takes its line
 * @origin: LINECALLORIGIN_
 *
 * Return: it, in no state yet; NULL when there is no memory.
 */
struct card_call *call_new(struct card_line *line, DWORD origin)
{
	struct card_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->handle = handle_new(HANDLE_CALL, call);
	if (!call->handle) {
		free(call);
		return NULL;
	}
	if (!++card.next_call_id)
		card.next_call_id = 1;
	call->id = card.next_call_id;
	call->line = line;
	status_now(&call->entered);
	call->origin = origin;
	call->media_mode = LINEMEDIAMODE_INTERACTIVEVOICE;
	call->bearer_mode = LINEBEARERMODE_VOICE;
	call->caller_flags = LINECALLPARTYID_UNKNOWN;
	outgoing_params(call, NULL);
	call->next = line->calls;
	line->calls = call;
	line->call = call;
	line->idle_polarity = line->state.polarity;
	if (line->address_states & LINEADDRESSSTATE_INUSEONE)
		report_line(line, LINE_ADDRESSSTATE, CARD_ADDRESS, LINEADDRESSSTATE_INUSEONE, 0);
	return call;
}

struct card_call *call_by_handle(HDRVCALL handle, LONG *error)
{
	struct card_call *call = handle_get(handle, HANDLE_CALL);

	*error = 0;
	if (!call)
		*error = LINEERR_INVALCALLHANDLE;
	return call;
}

void call_cancel(struct card_call *call)
{
	outgoing_cancel(call);
	digits_cancel(call);
	report_complete(call->request, LINEERR_OPERATIONFAILED);
	call->request = NULL;
}

void call_forget(struct card_call *call)
{
	struct card_line *line = call->line;
	struct card_call **at = &line->calls;

	call_cancel(call);
	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	if (line->call == call) {
		line->call = NULL;
		sound_update(line);
	}
	handle_free(call->handle);
	free(call->called);
	free(call);
}

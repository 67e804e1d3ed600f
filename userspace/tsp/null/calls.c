/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls: their life, their states, and what is reported about them. */
#include <stdlib.h>

#include "null.h"

struct call *call_new(struct line *line, DWORD address)
{
	struct call **end = &line->calls;
	struct call *call;

	if (line->call_count == NULL_CALLS_MAX)
		return NULL;
	call = calloc(1, sizeof(*call));
	if (!call)
		return NULL;
	call->handle = table_add(&provider.calls, call);
	if (!call->handle) {
		free(call);
		return NULL;
	}
	call->line = line;
	call->address = address;
	call->number = ++provider.next_call;
	call->media = LINEMEDIAMODE_INTERACTIVEVOICE;
	call->bearer = LINEBEARERMODE_VOICE;
	while (*end)
		end = &(*end)->next;
	*end = call;
	line->call_count++;
	return call;
}

struct call *call_get(HDRVCALL handle)
{
	return table_get(&provider.calls, handle);
}

struct call *call_numbered(DWORD number)
{
	struct call *call;
	unsigned int i;

	for (i = 0; i < provider.line_count; i++) {
		for (call = provider.lines[i]->calls; call; call = call->next) {
			if (call->number == number)
				return call;
		}
	}
	return NULL;
}

DWORD call_shown(HDRVCALL handle)
{
	struct call *call;
	DWORD number;

	provider_lock();
	call = call_get(handle);
	number = call ? call->number : 0;
	provider_unlock();
	return number;
}

void call_forget(struct call *call)
{
	struct call **at = &call->line->calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	call->line->call_count--;
	table_remove(&provider.calls, call->handle);
	free(call->gather.terminators);
	free(call->caller);
	free(call->caller_name);
	free(call->called);
	free(call);
}

/* Those who asked hear that there are more calls, or fewer */
static void report_counts(struct job *job, struct call *call)
{
	struct line *line = call->line;
	DWORD any = ~(DWORD)LINECALLSTATE_IDLE;
	unsigned int here = line_count(line, call->address, any);
	DWORD use = here == 0 ? LINEADDRESSSTATE_INUSEZERO :
		    here == 1 ? LINEADDRESSSTATE_INUSEONE : LINEADDRESSSTATE_INUSEMANY;
	DWORD states = (use | LINEADDRESSSTATE_NUMCALLS) & line->address_states;

	if (states)
		report_line(job, line, LINE_ADDRESSSTATE, call->address, states, 0);
	if (line->line_states & LINEDEVSTATE_NUMCALLS)
		report_line(job, line, LINE_LINEDEVSTATE, LINEDEVSTATE_NUMCALLS,
			    line_count(line, NULL_NO_DEVICE, any), 0);
}

void call_enter(struct job *job, struct call *call, DWORD state, DWORD mode)
{
	DWORD before = call->state;
	DWORD held = LINECALLSTATE_ONHOLD;

	msp_before(job, call, state);
	call->begun = true;
	call->state = state;
	call->mode = mode;
	clock_gettime(CLOCK_REALTIME, &call->since);
	if (state & (LINECALLSTATE_DISCONNECTED | LINECALLSTATE_IDLE)) {
		call->digit_modes = 0;
		call->media_modes = 0;
	}
	if (state == LINECALLSTATE_IDLE)
		gather_end(job, call, LINEGATHERTERM_CANCEL);
	report_call(job, call, LINE_CALLSTATE, state, mode, call->media);
	if (!before || state == LINECALLSTATE_IDLE || (before ^ state) & held)
		report_counts(job, call);
	if (!before)
		msp_announce(job, call);
	msp_after(job, call);
}

DWORD call_features(const struct call *call)
{
	const DWORD digits = LINECALLFEATURE_GATHERDIGITS | LINECALLFEATURE_GENERATEDIGITS |
			     LINECALLFEATURE_MONITORDIGITS | LINECALLFEATURE_MONITORMEDIA;

	switch (call->state) {
	case LINECALLSTATE_OFFERING:
		return LINECALLFEATURE_ACCEPT | LINECALLFEATURE_ANSWER | LINECALLFEATURE_DROP;
	case LINECALLSTATE_ACCEPTED:
		return LINECALLFEATURE_ANSWER | LINECALLFEATURE_DROP;
	case LINECALLSTATE_DIALTONE:
	case LINECALLSTATE_DIALING:
		return LINECALLFEATURE_DIAL | LINECALLFEATURE_DROP | digits;
	case LINECALLSTATE_CONNECTED:
		return LINECALLFEATURE_HOLD | LINECALLFEATURE_DROP | digits;
	case LINECALLSTATE_ONHOLD:
		return LINECALLFEATURE_UNHOLD | LINECALLFEATURE_DROP;
	case LINECALLSTATE_DISCONNECTED:
		return LINECALLFEATURE_DROP;
	case LINECALLSTATE_IDLE:
	case 0:
		return 0;
	default:
		return LINECALLFEATURE_DROP | LINECALLFEATURE_MONITORDIGITS |
		       LINECALLFEATURE_MONITORMEDIA;
	}
}

LONG TSPIAPI TSPI_lineCloseCall(HDRVCALL hdCall)
{
	struct fault fault;
	struct call *call;
	LONG err;

	if (entry(FN_lineCloseCall, &fault, &err, "call=%u", call_shown(hdCall)))
		return err;
	worker_settle(0, hdCall);
	provider_lock();
	call = call_get(hdCall);
	if (call)
		call_forget(call);
	provider_unlock();
	worker_flush();
	return call ? 0 : LINEERR_INVALCALLHANDLE;
}

LONG TSPIAPI TSPI_lineGetCallAddressID(HDRVCALL hdCall, LPDWORD lpdwAddressID)
{
	struct fault fault;
	struct call *call;
	LONG err;

	if (entry(FN_lineGetCallAddressID, &fault, &err, "call=%u", call_shown(hdCall)))
		return err;
	provider_lock();
	call = call_get(hdCall);
	if (call)
		*lpdwAddressID = call->address;
	provider_unlock();
	return call ? 0 : LINEERR_INVALCALLHANDLE;
}

LONG TSPIAPI TSPI_lineGetCallIDs(HDRVCALL hdCall, LPDWORD lpdwAddressID, LPDWORD lpdwCallID,
				 LPDWORD lpdwRelatedCallID)
{
	struct fault fault;
	struct call *call;
	LONG err;

	if (entry(FN_lineGetCallIDs, &fault, &err, "call=%u", call_shown(hdCall)))
		return err;
	provider_lock();
	call = call_get(hdCall);
	if (call) {
		*lpdwAddressID = call->address;
		*lpdwCallID = call->number;
		*lpdwRelatedCallID = 0;
	}
	provider_unlock();
	return call ? 0 : LINEERR_INVALCALLHANDLE;
}

LONG TSPIAPI TSPI_lineSetAppSpecific(HDRVCALL hdCall, DWORD dwAppSpecific)
{
	struct fault fault;
	struct job *job;
	struct call *call;
	LONG err;

	if (entry(FN_lineSetAppSpecific, &fault, &err, "call=%u value=%#x", call_shown(hdCall),
		  dwAppSpecific))
		return err;
	job = job_new(NULL, 0, 0);
	if (!job)
		return LINEERR_NOMEM;
	provider_lock();
	call = call_get(hdCall);
	if (call) {
		call->app_specific = dwAppSpecific;
		report_call(job, call, LINE_CALLINFO, LINECALLINFOSTATE_APPSPECIFIC, 0, 0);
	}
	provider_unlock();
	worker_post(job);
	return call ? 0 : LINEERR_INVALCALLHANDLE;
}

static LONG set_media(struct job *job, struct call *call, DWORD media)
{
	if (!call)
		return LINEERR_INVALCALLHANDLE;
	if (!media || media & ~NULL_MEDIA_MODES)
		return LINEERR_INVALMEDIAMODE;
	call->media = media;
	report_call(job, call, LINE_CALLINFO, LINECALLINFOSTATE_MEDIAMODE, 0, 0);
	return 0;
}

LONG TSPIAPI TSPI_lineSetMediaMode(HDRVCALL hdCall, DWORD dwMediaMode)
{
	struct fault fault;
	struct job *job;
	LONG err;

	if (entry(FN_lineSetMediaMode, &fault, &err, "call=%u media=%#x", call_shown(hdCall),
		  dwMediaMode))
		return err;
	job = job_new(NULL, 0, 0);
	if (!job)
		return LINEERR_NOMEM;
	provider_lock();
	err = set_media(job, call_get(hdCall), dwMediaMode);
	provider_unlock();
	worker_post(job);
	return err;
}

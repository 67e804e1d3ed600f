/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a program does with a call: accept, answer, drop, forget.
 */
#include <errno.h>
#include <string.h>

#include "card.h"
#include "sound.h"

int control_hang_up(struct card_call *call)
{
	struct tapi_line_ring stop = { .op = TAPI_LINE_OP_STOP };
	struct card_line *line = call->line;

	line_abort(line);
	sound_stop_digits(line);
	if (line->caps.type == TAPI_LINE_FXO)
		return line_hook(line, TAPI_LINE_ON_HOOK, NULL);
	/* the telephone hangs up by itself */
	if (call->state.state & (LINECALLSTATE_PROCEEDING | LINECALLSTATE_RINGBACK))
		return line_request(line, TAPI_LINE_S_RING, &stop);
	return 0;
}

/* Lets go of the line.  A card that has gone has hung up, too */
static int release(struct card_call *call)
{
	int err = control_hang_up(call);

	if (err && err != -ENODEV)
		return err;
	/* it goes on ringing: not as a new call */
	if (call->state.state & (LINECALLSTATE_OFFERING | LINECALLSTATE_ACCEPTED))
		call->line->ring_ignored = true;
	return 0;
}

/**
 * struct request - a request of the host that begins
 */
struct request {
	struct card_call *call;
	struct report *report;
};

/* The call is there, its state allows the feature, and the completion is prepared */
static LONG begin(struct request *request, DRV_REQUESTID id, HDRVCALL handle, DWORD feature)
{
	LONG error;

	request->call = call_by_handle(handle, &error);
	if (error)
		return error;
	if (request->call->line->gone)
		return LINEERR_NODEVICE;
	if (!(call_features(request->call) & feature))
		return LINEERR_INVALCALLSTATE;
	request->report = report_request(id);
	return request->report ? 0 : LINEERR_NOMEM;
}

TSPI_API LONG TSPIAPI TSPI_lineAccept(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
				      LPCSTR lpsUserUserInfo, DWORD dwSize)
{
	struct request request;
	LONG error;

	card_lock();
	error = begin(&request, dwRequestID, hdCall, LINECALLFEATURE_ACCEPT);
	if (!error) {
		report_complete(request.report, 0);
		call_happens(request.call, CALL_ACCEPTED);
	}
	card_unlock();
	return error ? error : (LONG)dwRequestID;
}

static void answered(struct card_call *call, int status, unsigned int done)
{
	struct report *request = call->request;

	call->request = NULL;
	report_complete(request, status ? LINEERR_OPERATIONFAILED : 0);
	if (status) {
		card_log(4, "line %s: cannot go off hook: %s; not answered", call->line->node,
			 strerror(-status));
		return;
	}
	call->answered_ns = card_now_ns();
	incoming_answered(call->line);
	call_happens(call, CALL_ANSWERED);
}

/* Off hook; a telephone is that already */
static LONG answer(struct request *request)
{
	struct card_call *call = request->call;
	int err;

	if (call->request) {
		report_complete(request->report, LINEERR_OPERATIONFAILED);
		return 0;
	}
	call->request = request->report;
	if (call->line->caps.type == TAPI_LINE_FXS) {
		answered(call, 0, 0);
		return 0;
	}
	err = line_hook(call->line, TAPI_LINE_OFF_HOOK, answered);
	if (err)
		answered(call, err, 0);
	return 0;
}

TSPI_API LONG TSPIAPI TSPI_lineAnswer(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
				      LPCSTR lpsUserUserInfo, DWORD dwSize)
{
	struct request request;
	LONG error;

	card_lock();
	error = begin(&request, dwRequestID, hdCall, LINECALLFEATURE_ANSWER);
	if (!error)
		error = answer(&request);
	card_unlock();
	return error ? error : (LONG)dwRequestID;
}

TSPI_API LONG TSPIAPI TSPI_lineDrop(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
				    LPCSTR lpsUserUserInfo, DWORD dwSize)
{
	struct request request;
	LONG error;
	int err;

	card_lock();
	error = begin(&request, dwRequestID, hdCall, LINECALLFEATURE_DROP);
	if (!error) {
		err = release(request.call);
		report_complete(request.report, err ? card_error(err) : 0);
		if (!err)
			call_happens(request.call, CALL_DROPPED);
	}
	card_unlock();
	return error ? error : (LONG)dwRequestID;
}

TSPI_API LONG TSPIAPI TSPI_lineCloseCall(HDRVCALL hdCall)
{
	struct card_call *call;
	LONG error;

	card_lock();
	call = call_by_handle(hdCall, &error);
	if (call) {
		call->closing = true;
		/* whatever the line says to that: nobody has this call any more */
		if (call->line->call == call)
			release(call);
		call_happens(call, CALL_DROPPED);
		report_flush();
		/* the lock was let go: closed twice at once, or with its line */
		call = handle_get(hdCall, HANDLE_CALL);
		if (call)
			call_forget(call);
	}
	card_unlock();
	return error;
}

TSPI_API LONG TSPIAPI TSPI_lineGetCallAddressID(HDRVCALL hdCall, LPDWORD lpdwAddressID)
{
	LONG error;

	if (!lpdwAddressID)
		return LINEERR_INVALPOINTER;
	card_lock();
	if (call_by_handle(hdCall, &error))
		*lpdwAddressID = CARD_ADDRESS;
	card_unlock();
	return error;
}

TSPI_API LONG TSPIAPI TSPI_lineGetCallIDs(HDRVCALL hdCall, LPDWORD lpdwAddressID,
					  LPDWORD lpdwCallID, LPDWORD lpdwRelatedCallID)
{
	struct card_call *call;
	LONG error;

	if (!lpdwAddressID || !lpdwCallID || !lpdwRelatedCallID)
		return LINEERR_INVALPOINTER;
	card_lock();
	call = call_by_handle(hdCall, &error);
	if (call) {
		*lpdwAddressID = CARD_ADDRESS;
		*lpdwCallID = call->id;
		*lpdwRelatedCallID = 0;
	}
	card_unlock();
	return error;
}

TSPI_API LONG TSPIAPI TSPI_lineSetAppSpecific(HDRVCALL hdCall, DWORD dwAppSpecific)
{
	struct card_call *call;
	LONG error;

	card_lock();
	call = call_by_handle(hdCall, &error);
	if (call) {
		call->app_specific = dwAppSpecific;
		if (call->state.state != LINECALLSTATE_IDLE)
			report_call(call, LINE_CALLINFO, LINECALLINFOSTATE_APPSPECIFIC, 0, 0);
	}
	card_unlock();
	return error;
}

TSPI_API LONG TSPIAPI TSPI_lineSetMediaMode(HDRVCALL hdCall, DWORD dwMediaMode)
{
	struct card_call *call;
	LONG error;

	card_lock();
	call = call_by_handle(hdCall, &error);
	/* a label, whatever the program found at the other end */
	if (call && !dwMediaMode)
		error = LINEERR_INVALMEDIAMODE;
	if (!error) {
		call->media_mode = dwMediaMode;
		if (call->state.state != LINECALLSTATE_IDLE)
			report_call(call, LINE_CALLINFO, LINECALLINFOSTATE_MEDIAMODE, 0, 0);
	}
	card_unlock();
	return error;
}

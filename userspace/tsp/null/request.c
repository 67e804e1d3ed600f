/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The asynchronous functions. */
#include <stdlib.h>
#include <string.h>

#include "null.h"

/* Takes the job; what a TSPI function returns for it */
static LONG request(struct job *job, DRV_REQUESTID id, const struct fault *fault)
{
	if (!job)
		return LINEERR_NOMEM;
	job->request = id;
	switch (fault->kind) {
	case FAULT_NEVER:
		job_free(job);
		return id;
	case FAULT_LATE:
		worker_post_after(job, fault->ms);
		return id;
	case FAULT_INSIDE:
		worker_inside(job);
		return id;
	case FAULT_TWICE:
		job->completions = 2;
		break;
	case FAULT_FAILS:
		job->forced = fault->error;
		break;
	default:
		break;
	}
	worker_post(job);
	return id;
}

/* A job about a call, NULL and *err when there is no such call */
static struct job *call_job(effect_fn *effect, HDRVCALL handle, LONG *err)
{
	struct job *job = NULL;
	struct call *call;

	provider_lock();
	call = call_get(handle);
	*err = call ? LINEERR_NOMEM : LINEERR_INVALCALLHANDLE;
	if (call)
		job = job_new(effect, call->line->handle, handle);
	provider_unlock();
	return job;
}

static LONG call_request(DRV_REQUESTID id, HDRVCALL handle, effect_fn *effect,
			 const struct fault *fault)
{
	LONG err;
	struct job *job = call_job(effect, handle, &err);

	return job ? request(job, id, fault) : err;
}

/* How outgoing calls go, by what was dialled */
struct course {
	const char *destination;	/* NULL: any other */
	LONG result;
	struct {
		DWORD state, mode;
	} steps[6];
};

static const struct course courses[] = {
	{ "busy", 0, {
		{ LINECALLSTATE_DIALTONE, LINEDIALTONEMODE_NORMAL },
		{ LINECALLSTATE_DIALING },
		{ LINECALLSTATE_PROCEEDING },
		{ LINECALLSTATE_BUSY, LINEBUSYMODE_STATION },
		{ LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_BUSY },
	} },
	{ "noanswer", 0, {
		{ LINECALLSTATE_DIALTONE, LINEDIALTONEMODE_NORMAL },
		{ LINECALLSTATE_DIALING },
		{ LINECALLSTATE_PROCEEDING },
		{ LINECALLSTATE_RINGBACK },
	} },
	{ "fail", LINEERR_CALLUNAVAIL },
	{ NULL, 0, {
		{ LINECALLSTATE_DIALING },
		{ LINECALLSTATE_PROCEEDING },
		{ LINECALLSTATE_RINGBACK },
		{ LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE },
	} },
};

static const struct course *course_of(const WCHAR *destination)
{
	const struct course *course = courses;

	while (course->destination && !text_is(destination, course->destination))
		course++;
	return course;
}

/* How far a call in this state has come: what lies behind is not said again */
static size_t steps_behind(const struct course *course, DWORD state)
{
	size_t i;

	for (i = 0; course->steps[i].state; i++) {
		if (course->steps[i].state == state)
			return i + 1;
	}
	return 0;
}

static void follow(struct job *job, struct call *call, const struct course *course)
{
	size_t i;

	for (i = steps_behind(course, call->state); course->steps[i].state; i++)
		call_enter(job, call, course->steps[i].state, course->steps[i].mode);
}

/* Goes on with what has been dialled so far */
static void dial_on(struct job *job, struct call *call)
{
	size_t length = text_length(call->called);
	bool more = length && call->called[length - 1] == ';';

	if (!length) {
		if (call->state != LINECALLSTATE_DIALTONE)
			call_enter(job, call, LINECALLSTATE_DIALTONE, LINEDIALTONEMODE_NORMAL);
	} else if (more || !provider.settings.automatic) {
		if (call->state != LINECALLSTATE_DIALING)
			call_enter(job, call, LINECALLSTATE_DIALING, 0);
	} else {
		follow(job, call, course_of(call->called));
	}
}

static LONG make_call(struct job *job, struct call *call)
{
	const struct course *course = course_of(call->called ? call->called : u"");

	if (provider.settings.automatic && course->result)
		return course->result;
	if (!call->line->in_service || !call->line->connected)
		return LINEERR_CALLUNAVAIL;
	dial_on(job, call);
	return 0;
}

/* What a caller wants that a line cannot do */
static LONG check_params(const LINECALLPARAMS *params, DWORD *address)
{
	*address = 0;
	if (!params)
		return 0;
	if (params->dwBearerMode & ~(LINEBEARERMODE_VOICE | LINEBEARERMODE_SPEECH))
		return LINEERR_BEARERMODEUNAVAIL;
	if (params->dwMediaMode & ~NULL_MEDIA_MODES)
		return LINEERR_INVALMEDIAMODE;
	if (params->dwAddressMode == LINEADDRESSMODE_ADDRESSID)
		*address = params->dwAddressID;
	return *address < provider.settings.addresses ? 0 : LINEERR_INVALADDRESSID;
}

static LONG begin_call(HDRVLINE handle, const WCHAR *destination, const LINECALLPARAMS *params,
		       struct call **made)
{
	struct line *line = line_get(handle);
	DWORD address;
	LONG err = check_params(params, &address);

	if (!line)
		return LINEERR_INVALLINEHANDLE;
	if (err)
		return err;
	*made = call_new(line, address);
	if (!*made)
		return LINEERR_CALLUNAVAIL;
	(*made)->origin = LINECALLORIGIN_OUTBOUND;
	(*made)->called = text_copy(destination);
	if (params && params->dwMediaMode)
		(*made)->media = params->dwMediaMode;
	if (params && params->dwBearerMode)
		(*made)->bearer = params->dwBearerMode;
	return (*made)->called ? 0 : LINEERR_NOMEM;
}

/* With provider.lock held: a tentative call and the job that makes it a true one */
static LONG prepare_call(HDRVLINE handle, HTAPICALL ht_call, const WCHAR *destination,
			 const LINECALLPARAMS *params, struct job **job, struct call **call)
{
	LONG err = begin_call(handle, destination, params, call);

	if (!err) {
		*job = job_new(make_call, handle, (*call)->handle);
		err = *job ? 0 : LINEERR_NOMEM;
	}
	if (err) {
		if (*call)
			call_forget(*call);
		return err;
	}
	(*job)->makes_call = true;
	(*call)->ht_call = ht_call;
	return 0;
}

LONG TSPIAPI TSPI_lineMakeCall(DRV_REQUESTID dwRequestID, HDRVLINE hdLine, HTAPICALL htCall,
			       LPHDRVCALL lphdCall, LPCWSTR lpszDestAddress, DWORD dwCountryCode,
			       LPLINECALLPARAMS lpCallParams)
{
	char *shown = text_narrow(lpszDestAddress);
	struct call *call = NULL;
	struct job *job = NULL;
	struct fault fault;
	bool ends;
	LONG err;

	ends = entry(FN_lineMakeCall, &fault, &err, "request=%u line=%d destination=\"%s\"",
		     dwRequestID, line_shown(hdLine), shown ? shown : "");
	free(shown);
	if (ends)
		return err;
	provider_lock();
	err = prepare_call(hdLine, htCall, lpszDestAddress, lpCallParams, &job, &call);
	if (!err) {
		call->country = dwCountryCode;
		*lphdCall = call->handle;
	}
	provider_unlock();
	return err ? err : request(job, dwRequestID, &fault);
}

static LONG dial(struct job *job, struct call *call)
{
	const struct course *course;
	size_t length = text_length(call->called);
	WCHAR *whole;

	if (!(call_features(call) & LINECALLFEATURE_DIAL))
		return LINEERR_INVALCALLSTATE;
	/* a semicolon has told that more would come: it is not dialled */
	if (length && call->called[length - 1] == ';')
		call->called[length - 1] = '\0';
	whole = text_join(call->called, job->text);
	if (!whole)
		return LINEERR_NOMEM;
	free(call->called);
	call->called = whole;
	report_call(job, call, LINE_CALLINFO, LINECALLINFOSTATE_CALLEDID, 0, 0);
	course = course_of(whole);
	if (provider.settings.automatic && course->result)
		call_enter(job, call, LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_UNAVAIL);
	else
		dial_on(job, call);
	return 0;
}

LONG TSPIAPI TSPI_lineDial(DRV_REQUESTID dwRequestID, HDRVCALL hdCall, LPCWSTR lpszDestAddress,
			   DWORD dwCountryCode)
{
	char *shown = text_narrow(lpszDestAddress);
	struct fault fault;
	struct job *job;
	bool ends;
	LONG err;

	ends = entry(FN_lineDial, &fault, &err, "request=%u call=%u destination=\"%s\"",
		     dwRequestID, call_shown(hdCall), shown ? shown : "");
	free(shown);
	if (ends)
		return err;
	job = call_job(dial, hdCall, &err);
	if (!job)
		return err;
	job->text = text_copy(lpszDestAddress);
	if (!job->text) {
		job_free(job);
		return LINEERR_NOMEM;
	}
	return request(job, dwRequestID, &fault);
}

static LONG answer(struct job *job, struct call *call)
{
	if (!(call_features(call) & LINECALLFEATURE_ANSWER))
		return LINEERR_INVALCALLSTATE;
	call_enter(job, call, LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE);
	return 0;
}

LONG TSPIAPI TSPI_lineAnswer(DRV_REQUESTID dwRequestID, HDRVCALL hdCall, LPCSTR lpsUserUserInfo,
			     DWORD dwSize)
{
	struct fault fault;
	LONG err;

	if (entry(FN_lineAnswer, &fault, &err, "request=%u call=%u", dwRequestID,
		  call_shown(hdCall)))
		return err;
	return call_request(dwRequestID, hdCall, answer, &fault);
}

static LONG accept_call(struct job *job, struct call *call)
{
	if (!(call_features(call) & LINECALLFEATURE_ACCEPT))
		return LINEERR_INVALCALLSTATE;
	call_enter(job, call, LINECALLSTATE_ACCEPTED, 0);
	return 0;
}

LONG TSPIAPI TSPI_lineAccept(DRV_REQUESTID dwRequestID, HDRVCALL hdCall, LPCSTR lpsUserUserInfo,
			     DWORD dwSize)
{
	struct fault fault;
	LONG err;

	if (entry(FN_lineAccept, &fault, &err, "request=%u call=%u", dwRequestID,
		  call_shown(hdCall)))
		return err;
	return call_request(dwRequestID, hdCall, accept_call, &fault);
}

static LONG drop(struct job *job, struct call *call)
{
	if (!(call_features(call) & LINECALLFEATURE_DROP))
		return LINEERR_INVALCALLSTATE;
	call_enter(job, call, LINECALLSTATE_IDLE, 0);
	return 0;
}

LONG TSPIAPI TSPI_lineDrop(DRV_REQUESTID dwRequestID, HDRVCALL hdCall, LPCSTR lpsUserUserInfo,
			   DWORD dwSize)
{
	struct fault fault;
	LONG err;

	if (entry(FN_lineDrop, &fault, &err, "request=%u call=%u", dwRequestID,
		  call_shown(hdCall)))
		return err;
	return call_request(dwRequestID, hdCall, drop, &fault);
}

static LONG hold(struct job *job, struct call *call)
{
	if (!(call_features(call) & LINECALLFEATURE_HOLD))
		return LINEERR_INVALCALLSTATE;
	call_enter(job, call, LINECALLSTATE_ONHOLD, 0);
	return 0;
}

LONG TSPIAPI TSPI_lineHold(DRV_REQUESTID dwRequestID, HDRVCALL hdCall)
{
	struct fault fault;
	LONG err;

	if (entry(FN_lineHold, &fault, &err, "request=%u call=%u", dwRequestID,
		  call_shown(hdCall)))
		return err;
	return call_request(dwRequestID, hdCall, hold, &fault);
}

static LONG unhold(struct job *job, struct call *call)
{
	if (!(call_features(call) & LINECALLFEATURE_UNHOLD))
		return LINEERR_INVALCALLSTATE;
	call_enter(job, call, LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE);
	return 0;
}

LONG TSPIAPI TSPI_lineUnhold(DRV_REQUESTID dwRequestID, HDRVCALL hdCall)
{
	struct fault fault;
	LONG err;

	if (entry(FN_lineUnhold, &fault, &err, "request=%u call=%u", dwRequestID,
		  call_shown(hdCall)))
		return err;
	return call_request(dwRequestID, hdCall, unhold, &fault);
}

/* The block is the host's until the request is completed */
static LONG reverse(struct job *job, struct call *call)
{
	uint8_t *bytes = job->data;
	size_t i;
	uint8_t byte;

	for (i = 0; i < job->size / 2; i++) {
		byte = bytes[i];
		bytes[i] = bytes[job->size - 1 - i];
		bytes[job->size - 1 - i] = byte;
	}
	return 0;
}

/* With provider.lock held */
static LONG check_target(HDRVLINE line, DWORD address, HDRVCALL call)
{
	const struct call *found = call ? call_get(call) : NULL;

	if (!line_get(line))
		return LINEERR_INVALLINEHANDLE;
	if (address >= provider.settings.addresses)
		return LINEERR_INVALADDRESSID;
	if (call && (!found || found->line->handle != line))
		return LINEERR_INVALCALLHANDLE;
	return 0;
}

LONG TSPIAPI TSPI_lineDevSpecific(DRV_REQUESTID dwRequestID, HDRVLINE hdLine, DWORD dwAddressID,
				  HDRVCALL hdCall, LPVOID lpParams, DWORD dwSize)
{
	struct fault fault;
	struct job *job;
	LONG err;

	if (entry(FN_lineDevSpecific, &fault, &err, "request=%u line=%d address=%u call=%u size=%u",
		  dwRequestID, line_shown(hdLine), dwAddressID, call_shown(hdCall), dwSize))
		return err;
	provider_lock();
	err = check_target(hdLine, dwAddressID, hdCall);
	provider_unlock();
	if (err)
		return err;
	job = job_new(reverse, hdLine, hdCall);
	if (!job)
		return LINEERR_NOMEM;
	job->data = lpParams;
	job->size = lpParams ? dwSize : 0;
	return request(job, dwRequestID, &fault);
}

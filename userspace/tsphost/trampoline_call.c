/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests about calls: one function each. */
#include <stdlib.h>

#include <tapi/tapi_linux.h>

#include "host.h"

/* Digits in one gathering: they come back in one frame */
#define DIGITS_MAX	16384u

/* ---- making one ---- */

/* LINECALLPARAMS in the job's memory; NULL for none */
static LONG call_params(struct job *job, uint32_t version, Tapi__Rpc__CallParams *params,
			LPLINECALLPARAMS *out)
{
	int64_t needed;

	*out = NULL;
	if (!params)
		return 0;
	needed = sv_needed(&sv_linecallparams, version, SV_W, &params->base);
	if (needed < 0)
		return LINEERR_INVALCALLPARAMS;
	*out = job_alloc(job, (size_t)needed);
	if (!*out)
		return LINEERR_NOMEM;
	if (sv_pack(&sv_linecallparams, version, SV_W, &params->base, *out, (uint32_t)needed))
		return LINEERR_INVALCALLPARAMS;
	return 0;
}

/* The provider has accepted it, or not: what it wrote */
static LONG call_begun(struct job *job, const Tapi__Rpc__TspiMakeCallIn *in, HDRVCALL driver,
		       LONG result)
{
	handles_call_driver(in->call, driver);
	if (result > 0 && (uint32_t)result == in->request && !driver) {
		job_why(job, TAPI_ORIGIN_PROVIDER, "the provider made a call with handle 0");
		result = 0;		/* as good as not accepted */
	}
	return request_returned(job, in->request, result);
}

static LONG make_call(struct job *job)
{
	const Tapi__Rpc__TspiMakeCallIn *in = (const Tapi__Rpc__TspiMakeCallIn *)job->in;
	LPLINECALLPARAMS params = NULL;
	struct line_ref line;
	HDRVCALL driver = 0;
	LPCWSTR destination;
	LONG result = handles_line(in->line, &line);

	if (!result)
		result = call_params(job, line.version, in->params, &params);
	if (!result && !text_wide(job, in->destination, &destination))
		result = LINEERR_NOMEM;
	if (!result)
		result = handles_add_call(in->call, in->line);
	if (result)
		return result;
	result = request_begin(job, in->request, in->line, 0, in->call, NULL, 0);
	if (result) {
		handles_remove_call(in->call);
		return result;
	}
	result = TSP(lineMakeCall, in->request, line.driver, in->call, &driver, destination,
		     in->country, params);
	return call_begun(job, in, driver, result);
}

/* ---- requests ---- */

static const Tapi__Rpc__TspiCallIn *call_in(const struct job *job)
{
	return (const Tapi__Rpc__TspiCallIn *)job->in;
}

static LPCSTR uui(const Tapi__Rpc__TspiCallIn *in)
{
	return in->user_user_info.len ? (LPCSTR)in->user_user_info.data : NULL;
}

/* The call of a request, which is noted */
static LONG begin(struct job *job, struct call_ref *call)
{
	const Tapi__Rpc__TspiCallIn *in = call_in(job);
	LONG result = handles_call(in->call, call);

	if (result)
		return result;
	return request_begin(job, in->request, call->line, in->call, 0, NULL, 0);
}

static LONG answer(struct job *job)
{
	const Tapi__Rpc__TspiCallIn *in = call_in(job);
	struct call_ref call;
	LONG result = begin(job, &call);

	if (result)
		return result;
	return request_returned(job, in->request,
				TSP(lineAnswer, in->request, call.driver, uui(in),
				    (DWORD)in->user_user_info.len));
}

static LONG accept_call(struct job *job)
{
	const Tapi__Rpc__TspiCallIn *in = call_in(job);
	struct call_ref call;
	LONG result = begin(job, &call);

	if (result)
		return result;
	return request_returned(job, in->request,
				TSP(lineAccept, in->request, call.driver, uui(in),
				    (DWORD)in->user_user_info.len));
}

static LONG drop(struct job *job)
{
	const Tapi__Rpc__TspiCallIn *in = call_in(job);
	struct call_ref call;
	LONG result = begin(job, &call);

	if (result)
		return result;
	return request_returned(job, in->request,
				TSP(lineDrop, in->request, call.driver, uui(in),
				    (DWORD)in->user_user_info.len));
}

static LONG dial(struct job *job)
{
	const Tapi__Rpc__TspiCallIn *in = call_in(job);
	LPCWSTR destination;
	struct call_ref call;
	LONG result;

	if (!text_wide(job, in->destination ? in->destination : "", &destination))
		return LINEERR_NOMEM;
	result = begin(job, &call);
	if (result)
		return result;
	return request_returned(job, in->request, TSP(lineDial, in->request, call.driver,
						      destination, in->country));
}

static LONG hold(struct job *job)
{
	const Tapi__Rpc__TspiCallIn *in = call_in(job);
	struct call_ref call;
	LONG result = begin(job, &call);

	if (result)
		return result;
	return request_returned(job, in->request, TSP(lineHold, in->request, call.driver));
}

static LONG unhold(struct job *job)
{
	const Tapi__Rpc__TspiCallIn *in = call_in(job);
	struct call_ref call;
	LONG result = begin(job, &call);

	if (result)
		return result;
	return request_returned(job, in->request, TSP(lineUnhold, in->request, call.driver));
}

static LONG close_call(struct job *job)
{
	const Tapi__Rpc__TspiCallIn *in = call_in(job);
	struct call_ref call;
	LONG result = handles_call(in->call, &call);

	if (result)
		return result;
	handles_retire_call(in->call);
	result = TSP(lineCloseCall, call.driver);
	request_close_call(in->call);
	handles_remove_call(in->call);
	relay_call_ended(&call);
	return result;
}

/* ---- questions ---- */

static LONG get_call_info(struct job *job)
{
	const Tapi__Rpc__CallIn *in = (const Tapi__Rpc__CallIn *)job->in;
	Tapi__Rpc__CallInfoOut *out = (Tapi__Rpc__CallInfoOut *)job->out;
	struct query query = { 0 };
	struct call_ref call;
	LONG result = handles_call(in->call, &call);

	if (result)
		return result;
	query.call = call.driver;
	query.version = call.version;
	return query_struct(query_call_info, &query, &sv_linecallinfo, &job->arena.allocator,
			    (ProtobufCMessage **)&out->info);
}

static LONG ask_call_status(const struct query *q, void *buffer)
{
	return TSP(lineGetCallStatus, q->call, buffer);
}

static LONG get_call_status(struct job *job)
{
	const Tapi__Rpc__CallIn *in = (const Tapi__Rpc__CallIn *)job->in;
	Tapi__Rpc__CallStatusOut *out = (Tapi__Rpc__CallStatusOut *)job->out;
	struct query query = { 0 };
	struct call_ref call;
	LONG result = handles_call(in->call, &call);

	if (result)
		return result;
	query.call = call.driver;
	query.version = call.version;
	return query_struct(ask_call_status, &query, &sv_linecallstatus, &job->arena.allocator,
			    (ProtobufCMessage **)&out->status);
}

static LONG get_call_address_id(struct job *job)
{
	const Tapi__Rpc__CallIn *in = (const Tapi__Rpc__CallIn *)job->in;
	Tapi__Rpc__NumberOut *out = (Tapi__Rpc__NumberOut *)job->out;
	struct call_ref call;
	DWORD number = 0;
	LONG result = handles_call(in->call, &call);

	if (result)
		return result;
	result = TSP(lineGetCallAddressID, call.driver, &number);
	out->has_number = !result;
	out->number = number;
	return result;
}

/* ---- settings of a call ---- */

static LONG set_app_specific(struct job *job)
{
	const Tapi__Rpc__CallValueIn *in = (const Tapi__Rpc__CallValueIn *)job->in;
	struct call_ref call;
	LONG result = handles_call(in->call, &call);

	return result ? result : TSP(lineSetAppSpecific, call.driver, in->value);
}

static LONG set_media_mode(struct job *job)
{
	const Tapi__Rpc__CallValueIn *in = (const Tapi__Rpc__CallValueIn *)job->in;
	struct call_ref call;
	LONG result = handles_call(in->call, &call);

	return result ? result : TSP(lineSetMediaMode, call.driver, in->value);
}

static LONG monitor_digits(struct job *job)
{
	const Tapi__Rpc__CallValueIn *in = (const Tapi__Rpc__CallValueIn *)job->in;
	struct call_ref call;
	LONG result = handles_call(in->call, &call);

	return result ? result : TSP(lineMonitorDigits, call.driver, in->value);
}

static LONG monitor_media(struct job *job)
{
	const Tapi__Rpc__CallValueIn *in = (const Tapi__Rpc__CallValueIn *)job->in;
	struct call_ref call;
	LONG result = handles_call(in->call, &call);

	return result ? result : TSP(lineMonitorMedia, call.driver, in->value);
}

static LONG generate_digits(struct job *job)
{
	const Tapi__Rpc__GenerateDigitsIn *in = (const Tapi__Rpc__GenerateDigitsIn *)job->in;
	struct call_ref call;
	LPCWSTR digits;
	LONG result = handles_call(in->call, &call);

	if (result)
		return result;
	if (!text_wide(job, in->digits, &digits))
		return LINEERR_NOMEM;
	return TSP(lineGenerateDigits, call.driver, in->end_to_end_id, in->mode, digits,
		   in->duration);
}

static LONG gather_digits(struct job *job)
{
	const Tapi__Rpc__GatherDigitsIn *in = (const Tapi__Rpc__GatherDigitsIn *)job->in;
	WCHAR *digits = NULL;
	struct call_ref call;
	LPCWSTR termination;
	LONG result = handles_call(in->call, &call);

	if (result)
		return result;
	if (in->count > DIGITS_MAX)
		return LINEERR_INVALPARAM;
	if (!text_wide(job, in->termination, &termination))
		return LINEERR_NOMEM;
	if (in->count) {
		digits = handles_gather(in->call, in->end_to_end_id, in->count);
		if (!digits)
			return LINEERR_NOMEM;
	}
	result = TSP(lineGatherDigits, call.driver, in->end_to_end_id, in->modes, digits, in->count,
		     termination, in->first_timeout, in->inter_timeout);
	if (result && digits)
		handles_gather_failed(in->call, in->end_to_end_id);
	return result;
}

const struct trampoline trampolines_call[] = {
	{ "LineMakeCall", make_call },
	{ "LineAnswer", answer },
	{ "LineAccept", accept_call },
	{ "LineDrop", drop },
	{ "LineDial", dial },
	{ "LineHold", hold },
	{ "LineUnhold", unhold },
	{ "LineCloseCall", close_call },
	{ "LineGetCallInfo", get_call_info },
	{ "LineGetCallStatus", get_call_status },
	{ "LineGetCallAddressId", get_call_address_id },
	{ "LineSetAppSpecific", set_app_specific },
	{ "LineSetMediaMode", set_media_mode },
	{ "LineMonitorDigits", monitor_digits },
	{ "LineMonitorMedia", monitor_media },
	{ "LineGenerateDigits", generate_digits },
	{ "LineGatherDigits", gather_digits },
};

const size_t trampolines_call_count = sizeof(trampolines_call) / sizeof(trampolines_call[0]);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One value of a call; digits; devices that belong to lines and calls. */
#include <stdlib.h>

#include "internal.h"

#define DIGIT_MODES	(LINEDIGITMODE_PULSE | LINEDIGITMODE_DTMF | LINEDIGITMODE_DTMFEND)

/* ---- one value ---- */

typedef void value_stub(ProtobufCService *service, const Tapi__Rpc__CallValueIn *in,
			Tapi__Rpc__Result_Closure closure, void *data);

/* @record: offset of what remembers it in struct call, or 0 */
static LONG set_value(HCALL handle, const char *name, value_stub *stub, DWORD value, size_t record)
{
	struct exchange x = { .name = name };
	Tapi__Rpc__CallValueIn in = TAPI__RPC__CALL_VALUE_IN__INIT;
	struct call *call;
	LONG err = enter_call(handle, &call);

	if (err)
		return err;
	x.app = call->app;
	SET(&in, call, call->object.server);
	SET(&in, value, value);
	err = ASK(&x, SERVICE_CALL, stub, &in);
	call = handle_get(&tapi_handles, handle_call, handle);
	if (!err && call && record)
		*(uint32_t *)((char *)call + record) = value;
	return leave(x.app, err);
}

/* A function that needs nothing else first finds out whether the handle is good */
static LONG refuse_call(HCALL handle, LONG code)
{
	struct call *call;
	LONG err = enter_call_now(handle, &call);

	return err ? err : leave(call->app, refuse(code));
}

LONG lineSetCallPrivilege(HCALL hCall, DWORD dwCallPrivilege)
{
	switch (dwCallPrivilege) {
	case LINECALLPRIVILEGE_NONE:
	case LINECALLPRIVILEGE_MONITOR:
	case LINECALLPRIVILEGE_OWNER:
		return set_value(hCall, "lineSetCallPrivilege", tapi__rpc__call__set_privilege,
				 dwCallPrivilege, offsetof(struct call, record.privilege));
	default:
		return refuse_call(hCall, LINEERR_INVALCALLPRIVILEGE);
	}
}

LONG lineSetAppSpecific(HCALL hCall, DWORD dwAppSpecific)
{
	return set_value(hCall, "lineSetAppSpecific", tapi__rpc__call__set_app_specific,
			 dwAppSpecific, 0);
}

LONG lineSetMediaMode(HCALL hCall, DWORD dwMediaModes)
{
	if (!dwMediaModes)
		return refuse_call(hCall, LINEERR_INVALMEDIAMODE);
	return set_value(hCall, "lineSetMediaMode", tapi__rpc__call__set_media_mode, dwMediaModes,
			 0);
}

LONG lineMonitorMedia(HCALL hCall, DWORD dwMediaModes)
{
	return set_value(hCall, "lineMonitorMedia", tapi__rpc__call__monitor_media, dwMediaModes,
			 offsetof(struct call, record.media_modes));
}

LONG lineMonitorDigits(HCALL hCall, DWORD dwDigitModes)
{
	if (dwDigitModes & ~(DWORD)DIGIT_MODES)
		return refuse_call(hCall, LINEERR_INVALDIGITMODE);
	return set_value(hCall, "lineMonitorDigits", tapi__rpc__call__monitor_digits, dwDigitModes,
			 offsetof(struct call, record.digit_modes));
}

/* ---- digits ---- */

static LONG generate_digits(HCALL handle, DWORD mode, const void *digits, DWORD duration,
			    bool wide)
{
	struct exchange x = { .name = "lineGenerateDigits" };
	Tapi__Rpc__GenerateDigitsIn in = TAPI__RPC__GENERATE_DIGITS_IN__INIT;
	struct call *call;
	LONG err = enter_call(handle, &call);

	if (err)
		return err;
	x.app = call->app;
	if (digits && mode && mode != LINEDIGITMODE_PULSE && mode != LINEDIGITMODE_DTMF)
		return leave(x.app, refuse(LINEERR_INVALDIGITMODE));
	SET(&in, call, call->object.server);
	SET(&in, mode, mode);
	SET(&in, duration, duration);
	err = text_in(mode ? digits : NULL, wide, &in.digits);
	if (!err)
		err = ASK(&x, SERVICE_CALL, tapi__rpc__call__generate_digits, &in);
	free(in.digits);
	return leave(x.app, err);
}

LONG lineGenerateDigitsA(HCALL hCall, DWORD dwDigitMode, LPCSTR lpszDigits, DWORD dwDuration)
{
	return generate_digits(hCall, dwDigitMode, lpszDigits, dwDuration, false);
}

LONG lineGenerateDigitsW(HCALL hCall, DWORD dwDigitMode, LPCWSTR lpszDigits, DWORD dwDuration)
{
	return generate_digits(hCall, dwDigitMode, lpszDigits, dwDuration, true);
}

struct gathering {
	DWORD modes, count, first, inter;
	void *buffer;
	const void *termination;
	bool wide;
};

static LONG gather_check(const struct gathering *g)
{
	if (!g->buffer)
		return 0;
	if (!g->count || g->count > BYTES_MAX)
		return refuse(LINEERR_INVALPARAM);
	if (!g->modes || g->modes & ~(DWORD)(LINEDIGITMODE_PULSE | LINEDIGITMODE_DTMF))
		return refuse(LINEERR_INVALDIGITMODE);
	return 0;
}

/* The buffer is noted first: the digits may arrive together with the answer */
static LONG gather_ask(struct call *call, Tapi__Rpc__GatherDigitsIn *in, const struct gathering *g)
{
	struct exchange x = { .app = call->app, .name = "lineGatherDigits" };
	HCALL handle = call->object.handle;
	struct gather *gather = NULL;
	LONG err;

	if (g->buffer) {
		gather = gather_new(call, g->buffer, g->count, g->wide);
		if (!gather)
			return refuse(LINEERR_NOMEM);
	}
	err = ASK(&x, SERVICE_CALL, tapi__rpc__call__gather_digits, in);
	call = handle_get(&tapi_handles, handle_call, handle);
	if (!err || !gather || !call)
		return err;
	list_for_each(at, &call->gathers) {
		if (at == &gather->node)
			gather_free(gather);
	}
	return err;
}

static LONG gather_digits(HCALL handle, const struct gathering *g)
{
	Tapi__Rpc__GatherDigitsIn in = TAPI__RPC__GATHER_DIGITS_IN__INIT;
	struct call *call;
	LONG err = enter_call(handle, &call);
	struct app *app;

	if (err)
		return err;
	app = call->app;
	SET(&in, call, call->object.server);
	SET(&in, modes, g->modes);
	SET(&in, count, g->buffer ? g->count : 0);
	SET(&in, first_timeout, g->first);
	SET(&in, inter_timeout, g->inter);
	err = gather_check(g);
	if (!err)
		err = text_in(g->termination, g->wide, &in.termination);
	if (!err)
		err = gather_ask(call, &in, g);
	free(in.termination);
	return leave(app, err);
}

LONG lineGatherDigitsA(HCALL hCall, DWORD dwDigitModes, LPSTR lpsDigits, DWORD dwNumDigits,
		       LPCSTR lpszTerminationDigits, DWORD dwFirstDigitTimeout,
		       DWORD dwInterDigitTimeout)
{
	return gather_digits(hCall, &(struct gathering) {
		.modes = dwDigitModes, .buffer = lpsDigits, .count = dwNumDigits,
		.termination = lpszTerminationDigits, .first = dwFirstDigitTimeout,
		.inter = dwInterDigitTimeout });
}

LONG lineGatherDigitsW(HCALL hCall, DWORD dwDigitModes, LPWSTR lpsDigits, DWORD dwNumDigits,
		       LPCWSTR lpszTerminationDigits, DWORD dwFirstDigitTimeout,
		       DWORD dwInterDigitTimeout)
{
	return gather_digits(hCall, &(struct gathering) {
		.modes = dwDigitModes, .buffer = lpsDigits, .count = dwNumDigits,
		.termination = lpszTerminationDigits, .first = dwFirstDigitTimeout,
		.inter = dwInterDigitTimeout, .wide = true });
}

/* ---- devices of a class ---- */

struct id_wanted {
	void *buffer;
	uint32_t total;
	bool wide;
};

static LONG id_take(const ProtobufCMessage *message, void *data)
{
	const Tapi__Rpc__VarStringOut *out = (const Tapi__Rpc__VarStringOut *)message;
	const struct id_wanted *wanted = data;

	return sv_pack_varstring(out->format, out->data.data, out->data.len,
				 wanted->wide ? SV_W : SV_A, wanted->buffer, wanted->total) < 0 ?
	       LINEERR_OPERATIONFAILED : 0;
}

struct id_question {
	HLINE line;
	HCALL call;
	DWORD address, select;
	const void *class;
};

/* Enters by the handle that the selection makes the valid one */
static LONG id_enter(const struct id_question *q, Tapi__Rpc__GetIdIn *in, struct app **app)
{
	struct call *call;
	struct line *line;
	LONG err;

	if (q->select == LINECALLSELECT_CALL) {
		err = enter_call(q->call, &call);
		if (err)
			return err;
		*app = call->app;
		SET(in, call, call->object.server);
		SET(in, line, call->line->object.server);
		return 0;
	}
	err = enter_line(q->line, &line);
	if (err)
		return err;
	*app = line->app;
	SET(in, line, line->object.server);
	SET(in, address, q->address);
	if (q->select != LINECALLSELECT_LINE && q->select != LINECALLSELECT_ADDRESS)
		return leave(*app, refuse(LINEERR_INVALCALLSELECT));
	return 0;
}

static LONG get_id(const struct id_question *q, VARSTRING *buffer, bool wide)
{
	struct id_wanted wanted = { .buffer = buffer, .wide = wide };
	struct exchange x = { .name = "lineGetID", .take = id_take, .data = &wanted };
	Tapi__Rpc__GetIdIn in = TAPI__RPC__GET_ID_IN__INIT;
	LONG err;

	if (!buffer || !q->class)
		return refuse(LINEERR_INVALPOINTER);
	if (buffer->dwTotalSize < sizeof(*buffer))
		return refuse(LINEERR_STRUCTURETOOSMALL);
	wanted.total = buffer->dwTotalSize;
	err = id_enter(q, &in, &x.app);
	if (err)
		return err;
	SET(&in, select, q->select);
	err = text_in(q->class, wide, &in.device_class);
	if (!err)
		err = ASK(&x, SERVICE_LINE, tapi__rpc__line__get_id, &in);
	free(in.device_class);
	return leave(x.app, err);
}

LONG lineGetIDA(HLINE hLine, DWORD dwAddressID, HCALL hCall, DWORD dwSelect, LPVARSTRING lpDeviceID,
		LPCSTR lpszDeviceClass)
{
	return get_id(&(struct id_question) { hLine, hCall, dwAddressID, dwSelect,
					      lpszDeviceClass }, lpDeviceID, false);
}

LONG lineGetIDW(HLINE hLine, DWORD dwAddressID, HCALL hCall, DWORD dwSelect, LPVARSTRING lpDeviceID,
		LPCWSTR lpszDeviceClass)
{
	return get_id(&(struct id_question) { hLine, hCall, dwAddressID, dwSelect,
					      lpszDeviceClass }, lpDeviceID, true);
}

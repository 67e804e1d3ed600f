/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls: making, answering, ending, facts. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "private.h"

/* ---- asynchronous requests ---- */

/* Asks; the answer is the request's id */
#define ASK_REQUEST(request_, name_, id, stub, in) ({					\
	struct request *asked = (request_);						\
	struct exchange asking = { .app = asked->app, .name = (name_),			\
				   .take = request_accepted, .data = asked };		\
	LONG asking_result = ASK(&asking, id, stub, in);				\
	request_return(asked, asking_result);						\
})

static LONG make_call(struct line *line, HCALL *out, char *destination, DWORD country,
		      Tapi__Rpc__CallParams *params)
{
	Tapi__Rpc__MakeCallIn in = TAPI__RPC__MAKE_CALL_IN__INIT;
	struct request *request = request_new(line);

	if (!request)
		return refuse(LINEERR_NOMEM);
	request->call_out = out;
	SET(&in, line, line->object.server);
	SET(&in, country, country);
	in.destination = destination && *destination ? destination : NULL;
	in.params = params;
	return ASK_REQUEST(request, "lineMakeCall", SERVICE_LINE, tapi__rpc__line__make_call, &in);
}

static LONG make_call_text(HLINE handle, HCALL *out, const void *text, DWORD country,
			   const void *params_text, bool wide)
{
	Tapi__Rpc__CallParams *params = NULL;
	char *destination = NULL;
	struct line *line;
	struct app *app;
	LONG err;

	if (!out)
		return refuse(LINEERR_INVALPOINTER);
	err = enter_line(handle, &line);
	if (err)
		return err;
	app = line->app;
	err = text_in(text, wide, &destination);
	if (!err)
		err = params_in(params_text, line->record.version, wide, &params);
	if (!err)
		err = make_call(line, out, destination, country, params);
	params_free(params);
	free(destination);
	return leave(app, err);
}

LONG lineMakeCallA(HLINE hLine, LPHCALL lphCall, LPCSTR lpszDestAddress, DWORD dwCountryCode,
		   LPLINECALLPARAMS lpCallParams)
{
	return make_call_text(hLine, lphCall, lpszDestAddress, dwCountryCode, lpCallParams, false);
}

LONG lineMakeCallW(HLINE hLine, LPHCALL lphCall, LPCWSTR lpszDestAddress, DWORD dwCountryCode,
		   LPLINECALLPARAMS lpCallParams)
{
	return make_call_text(hLine, lphCall, lpszDestAddress, dwCountryCode, lpCallParams, true);
}

static LONG dial(HCALL handle, const void *text, DWORD country, bool wide)
{
	Tapi__Rpc__DialIn in = TAPI__RPC__DIAL_IN__INIT;
	struct request *request;
	struct call *call;
	struct app *app;
	LONG err;

	if (!text)
		return refuse(LINEERR_INVALPOINTER);
	err = enter_call(handle, &call);
	if (err)
		return err;
	app = call->app;
	SET(&in, call, call->object.server);
	SET(&in, country, country);
	err = text_in(text, wide, &in.destination);
	if (err)
		return leave(app, err);
	request = request_new(call->line);
	err = request ? ASK_REQUEST(request, "lineDial", SERVICE_CALL, tapi__rpc__call__dial, &in) :
		      refuse(LINEERR_NOMEM);
	free(in.destination);
	return leave(app, err);
}

LONG lineDialA(HCALL hCall, LPCSTR lpszDestAddress, DWORD dwCountryCode)
{
	return dial(hCall, lpszDestAddress, dwCountryCode, false);
}

LONG lineDialW(HCALL hCall, LPCWSTR lpszDestAddress, DWORD dwCountryCode)
{
	return dial(hCall, lpszDestAddress, dwCountryCode, true);
}

typedef void call_stub(ProtobufCService *service, const Tapi__Rpc__CallIn *in,
		       Tapi__Rpc__AsyncOut_Closure closure, void *data);

static LONG call_request(HCALL handle, const char *name, call_stub *stub, const void *info,
			 DWORD size)
{
	Tapi__Rpc__CallIn in = TAPI__RPC__CALL_IN__INIT;
	struct request *request;
	struct call *call;
	LONG err = enter_call(handle, &call);
	struct app *app;

	if (err)
		return err;
	app = call->app;
	SET(&in, call, call->object.server);
	err = bytes_in(info, info ? size : 0, LINEERR_USERUSERINFOTOOBIG, &in.has_user_user_info,
		       &in.user_user_info);
	if (err)
		return leave(app, err);
	request = request_new(call->line);
	if (!request)
		return leave(app, refuse(LINEERR_NOMEM));
	return leave(app, ASK_REQUEST(request, name, SERVICE_CALL, stub, &in));
}

LONG lineAnswer(HCALL hCall, LPCSTR lpsUserUserInfo, DWORD dwSize)
{
	return call_request(hCall, "lineAnswer", tapi__rpc__call__answer, lpsUserUserInfo, dwSize);
}

LONG lineAccept(HCALL hCall, LPCSTR lpsUserUserInfo, DWORD dwSize)
{
	return call_request(hCall, "lineAccept", tapi__rpc__call__accept, lpsUserUserInfo, dwSize);
}

LONG lineDrop(HCALL hCall, LPCSTR lpsUserUserInfo, DWORD dwSize)
{
	return call_request(hCall, "lineDrop", tapi__rpc__call__drop, lpsUserUserInfo, dwSize);
}

LONG lineHold(HCALL hCall)
{
	return call_request(hCall, "lineHold", tapi__rpc__call__hold, NULL, 0);
}

LONG lineUnhold(HCALL hCall)
{
	return call_request(hCall, "lineUnhold", tapi__rpc__call__unhold, NULL, 0);
}

/* Which call a vendor escape names, 0 for none */
static LONG escape_target(struct line *line, HCALL handle, uint32_t *server)
{
	struct call *call = handle_get(&tapi_handles, handle_call, handle);

	*server = 0;
	if (!handle)
		return 0;
	if (!call || call->line != line)
		return refuse(LINEERR_INVALCALLHANDLE);
	*server = call->object.server;
	return 0;
}

/* @answer: room for what the provider answers, or NULL */
static LONG escape(HLINE handle, DWORD address, HCALL call, const void *data, DWORD size,
		   void *answer)
{
	Tapi__Rpc__DevSpecificIn in = TAPI__RPC__DEV_SPECIFIC_IN__INIT;
	struct request *request;
	struct line *line;
	LONG err = enter_line(handle, &line);
	struct app *app;

	if (err)
		return err;
	app = line->app;
	SET(&in, line, line->object.server);
	SET(&in, address, address);
	err = escape_target(line, call, &in.call);
	in.has_call = in.call != 0;
	if (!err)
		err = bytes_in(data, data ? size : 0, LINEERR_INVALPARAM, &in.has_data, &in.data);
	if (err)
		return leave(app, err);
	request = request_new(line);
	if (!request)
		return leave(app, refuse(LINEERR_NOMEM));
	request->buffer = answer;
	request->size = size;
	return leave(app, ASK_REQUEST(request, "lineDevSpecific", SERVICE_LINE,
				      tapi__rpc__line__dev_specific, &in));
}

LONG lineDevSpecific(HLINE hLine, DWORD dwAddressID, HCALL hCall, LPVOID lpParams, DWORD dwSize)
{
	return escape(hLine, dwAddressID, hCall, lpParams, dwSize, lpParams);
}

LONG tapi_private_dev_specific(HLINE line, DWORD address, const void *data, DWORD size)
{
	return escape(line, address, 0, data, size, NULL);
}

/* ---- the end of a handle ---- */

static void forget_call(HCALL handle, struct app *app)
{
	struct call *call = handle_get(&tapi_handles, handle_call, handle);

	messages_forget_call(app, handle);
	if (call)
		call_free(call);
}

LONG lineDeallocateCall(HCALL hCall)
{
	struct exchange x = { .name = "lineDeallocateCall" };
	Tapi__Rpc__CallIn in = TAPI__RPC__CALL_IN__INIT;
	struct call *call;
	LONG err = enter_call_now(hCall, &call);

	if (err)
		return err;
	x.app = call->app;
	SET(&in, call, call->object.server);
	if (app_linked(x.app) && in.call)
		err = ASK(&x, SERVICE_CALL, tapi__rpc__call__deallocate, &in);
	/* a call the server does not know (any more) has no other end */
	if (err == (LONG)LINEERR_INVALCALLHANDLE || !app_linked(x.app))
		err = 0;
	if (!err)
		forget_call(hCall, x.app);
	return leave(x.app, err);
}

/* ---- facts ---- */

struct info_wanted {
	struct output output;
	HCALL handle;
};

static LONG info_take(const ProtobufCMessage *message, void *data)
{
	Tapi__Rpc__CallInfo *info = ((const Tapi__Rpc__CallInfoOut *)message)->info;
	const struct info_wanted *wanted = data;
	struct call *call = handle_get(&tapi_handles, handle_call, wanted->handle);

	if (!info || !call)
		return LINEERR_OPERATIONFAILED;
	SET(info, line, call->line->object.handle);
	if (info->call_id)
		call->record.call_id = info->call_id;
	return output_pack(&wanted->output, &info->base);
}

/* What is known of a call without the server */
static LONG ended_info(const struct call *call, const struct output *output)
{
	Tapi__Rpc__CallInfo info = TAPI__RPC__CALL_INFO__INIT;
	bool owner = call->record.privilege == LINECALLPRIVILEGE_OWNER;

	SET(&info, line, call->line->object.handle);
	SET(&info, line_device_id, call->line->record.device);
	SET(&info, address_id, call->record.address);
	SET(&info, call_id, call->record.call_id);
	SET(&info, num_owners, owner);
	SET(&info, num_monitors, !owner);
	return output_pack(output, &info.base);
}

static LONG ended_status(const struct call *call, const struct output *output)
{
	Tapi__Rpc__CallStatus status = TAPI__RPC__CALL_STATUS__INIT;

	SET(&status, call_state, LINECALLSTATE_IDLE);
	SET(&status, call_privilege, call->record.privilege);
	return output_pack(output, &status.base);
}

static LONG call_info(HCALL handle, void *buffer, bool wide)
{
	struct info_wanted wanted = {
		.output = { .table = &sv_linecallinfo, .wide = wide, .buffer = buffer },
		.handle = handle,
	};
	struct exchange x = { .name = "lineGetCallInfo", .take = info_take, .data = &wanted };
	Tapi__Rpc__CallIn in = TAPI__RPC__CALL_IN__INIT;
	struct call *call;
	LONG err = enter_call_or_ended(handle, &call);

	if (err)
		return err;
	x.app = call->app;
	wanted.output.version = call->line->record.version;
	SET(&in, call, call->object.server);
	err = output_check(&wanted.output);
	if (!err)
		err = in.call ? ASK(&x, SERVICE_CALL, tapi__rpc__call__get_info, &in) :
				ended_info(call, &wanted.output);
	return leave(x.app, err);
}

LONG lineGetCallInfoA(HCALL hCall, LPLINECALLINFO lpCallInfo)
{
	return call_info(hCall, lpCallInfo, false);
}

LONG lineGetCallInfoW(HCALL hCall, LPLINECALLINFO lpCallInfo)
{
	return call_info(hCall, lpCallInfo, true);
}

LONG lineGetCallStatus(HCALL hCall, LPLINECALLSTATUS lpCallStatus)
{
	struct output output = {
		.table = &sv_linecallstatus, .buffer = lpCallStatus,
		.at = offsetof(Tapi__Rpc__CallStatusOut, status),
	};
	struct exchange x = { .name = "lineGetCallStatus", .take = output_take, .data = &output };
	Tapi__Rpc__CallIn in = TAPI__RPC__CALL_IN__INIT;
	struct call *call;
	LONG err = enter_call_or_ended(hCall, &call);

	if (err)
		return err;
	x.app = call->app;
	output.version = call->line->record.version;
	SET(&in, call, call->object.server);
	err = output_check(&output);
	if (!err)
		err = in.call ? ASK(&x, SERVICE_CALL, tapi__rpc__call__get_status, &in) :
				ended_status(call, &output);
	return leave(x.app, err);
}

/* ---- calls the program does not know yet ---- */

struct calls_wanted {
	struct output output;
	HLINE handle;
	int64_t address;		/* of interest, or -1 */
};

/* What does not fit stays fresh, and is there the next time */
static LONG pack_fresh(struct line *line, const struct calls_wanted *wanted)
{
	Tapi__Rpc__CallList list = TAPI__RPC__CALL_LIST__INIT;
	LINECALLLIST head;
	size_t count = 0;
	LONG err;

	list_for_each(at, &line->app->calls)
		count++;
	list.calls = calloc(count + 1, sizeof(*list.calls));
	if (!list.calls)
		return LINEERR_NOMEM;
	list_for_each(at, &line->app->calls) {
		struct call *call = list_entry(at, struct call, node);

		if (call->line == line && call->fresh &&
		    (wanted->address < 0 || call->record.address == wanted->address))
			list.calls[list.n_calls++] = call->object.handle;
	}
	err = output_pack(&wanted->output, &list.base);
	memcpy(&head, wanted->output.buffer, sizeof(head));
	for (size_t i = 0; !err && head.dwCallsNumEntries && i < list.n_calls; i++) {
		struct call *call = handle_get(&tapi_handles, handle_call, list.calls[i]);

		call->fresh = false;
	}
	free(list.calls);
	return err;
}

static LONG calls_take(const ProtobufCMessage *message, void *data)
{
	const Tapi__Rpc__CallList *list = ((const Tapi__Rpc__CallListOut *)message)->list;
	const struct calls_wanted *wanted = data;
	struct line *line = handle_get(&tapi_handles, handle_line, wanted->handle);
	struct call *call;

	if (!line)
		return LINEERR_INVALLINEHANDLE;
	for (size_t i = 0; list && i < list->n_calls; i++) {
		if (call_of_server(line->app, list->calls[i]))
			continue;
		call = call_new(line->app, line, list->calls[i]);
		if (!call)
			return LINEERR_NOMEM;
		call->fresh = true;
		call->record.privilege = LINECALLPRIVILEGE_MONITOR;
		if (wanted->address >= 0)
			call->record.address = (uint32_t)wanted->address;
	}
	/* their ids and states: to find them again after the server was restarted */
	if (list && list->n_calls)
		app_resynchronise(line->app);
	return pack_fresh(line, wanted);
}

LONG lineGetNewCalls(HLINE hLine, DWORD dwAddressID, DWORD dwSelect, LPLINECALLLIST lpCallList)
{
	struct calls_wanted wanted = {
		.output = { .table = &sv_linecalllist, .buffer = lpCallList },
		.handle = hLine,
		.address = dwSelect == LINECALLSELECT_ADDRESS ? (int64_t)dwAddressID : -1,
	};
	struct exchange x = { .name = "lineGetNewCalls", .take = calls_take, .data = &wanted };
	Tapi__Rpc__NewCallsIn in = TAPI__RPC__NEW_CALLS_IN__INIT;
	struct line *line;
	LONG err = enter_line(hLine, &line);

	if (err)
		return err;
	x.app = line->app;
	if (dwSelect != LINECALLSELECT_LINE && dwSelect != LINECALLSELECT_ADDRESS)
		return leave(x.app, refuse(LINEERR_INVALCALLSELECT));
	wanted.output.version = line->record.version;
	SET(&in, line, line->object.server);
	SET(&in, address, dwAddressID);
	SET(&in, select, dwSelect);
	err = output_check(&wanted.output);
	return leave(x.app, err ? err : ASK(&x, SERVICE_LINE, tapi__rpc__line__get_new_calls, &in));
}

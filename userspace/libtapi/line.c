/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines: versions, capabilities, opening, status. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* ---- versions ---- */

struct version_wanted {
	DWORD *version;
	LINEEXTENSIONID *extension;
};

static LONG version_take(const ProtobufCMessage *message, void *data)
{
	const Tapi__Rpc__VersionOut *out = (const Tapi__Rpc__VersionOut *)message;
	const struct version_wanted *wanted = data;
	uint32_t words[4] = { 0 };

	*wanted->version = out->version;
	if (!wanted->extension)
		return 0;
	if (out->n_extension == 4)
		memcpy(words, out->extension, sizeof(words));
	memcpy(wanted->extension, words, sizeof(words));
	return 0;
}

LONG lineNegotiateAPIVersion(HLINEAPP hLineApp, DWORD dwDeviceID, DWORD dwAPILowVersion,
			     DWORD dwAPIHighVersion, LPDWORD lpdwAPIVersion,
			     LPLINEEXTENSIONID lpExtensionID)
{
	struct version_wanted wanted = { lpdwAPIVersion, lpExtensionID };
	struct exchange x = { .name = "lineNegotiateAPIVersion", .take = version_take,
			      .data = &wanted };
	Tapi__Rpc__NegotiateIn in = TAPI__RPC__NEGOTIATE_IN__INIT;
	LONG err;

	if (!lpdwAPIVersion || !lpExtensionID)
		return refuse(LINEERR_INVALPOINTER);
	err = enter_app(hLineApp, &x.app);
	if (err)
		return err;
	SET(&in, app, x.app->server);
	SET(&in, device, dwDeviceID);
	SET(&in, low, dwAPILowVersion);
	SET(&in, high, dwAPIHighVersion);
	return leave(x.app, ASK(&x, SERVICE_APP, tapi__rpc__app__negotiate_api, &in));
}

LONG lineNegotiateExtVersion(HLINEAPP hLineApp, DWORD dwDeviceID, DWORD dwAPIVersion,
			     DWORD dwExtLowVersion, DWORD dwExtHighVersion, LPDWORD lpdwExtVersion)
{
	struct version_wanted wanted = { lpdwExtVersion, NULL };
	struct exchange x = { .name = "lineNegotiateExtVersion", .take = version_take,
			      .data = &wanted };
	Tapi__Rpc__NegotiateIn in = TAPI__RPC__NEGOTIATE_IN__INIT;
	LONG err;

	if (!lpdwExtVersion)
		return refuse(LINEERR_INVALPOINTER);
	err = enter_app(hLineApp, &x.app);
	if (err)
		return err;
	SET(&in, app, x.app->server);
	SET(&in, device, dwDeviceID);
	SET(&in, low, dwExtLowVersion);
	SET(&in, high, dwExtHighVersion);
	SET(&in, api_version, dwAPIVersion);
	return leave(x.app, ASK(&x, SERVICE_APP, tapi__rpc__app__negotiate_ext, &in));
}

/* ---- capabilities ---- */

static LONG caps_check(HLINEAPP handle, struct output *output, struct app **app)
{
	LONG err;

	if (!output->buffer)
		return refuse(LINEERR_INVALPOINTER);
	err = enter_app(handle, app);
	if (err)
		return err;
	if (!version_known(output->version))
		return leave(*app, refuse(LINEERR_INCOMPATIBLEAPIVERSION));
	err = output_check(output);
	return err ? leave(*app, err) : 0;
}

static LONG dev_caps(HLINEAPP handle, DWORD device, DWORD version, DWORD extension, void *buffer,
		     bool wide)
{
	struct output output = {
		.table = &sv_linedevcaps, .version = version, .wide = wide, .buffer = buffer,
		.at = offsetof(Tapi__Rpc__DevCapsOut, caps),
	};
	struct exchange x = { .name = "lineGetDevCaps", .take = output_take, .data = &output };
	Tapi__Rpc__DeviceIn in = TAPI__RPC__DEVICE_IN__INIT;
	LONG err = caps_check(handle, &output, &x.app);

	if (err)
		return err;
	SET(&in, app, x.app->server);
	SET(&in, device, device);
	SET(&in, version, version);
	SET(&in, ext_version, extension);
	return leave(x.app, ASK(&x, SERVICE_LINE, tapi__rpc__line__get_dev_caps, &in));
}

LONG lineGetDevCapsA(HLINEAPP hLineApp, DWORD dwDeviceID, DWORD dwAPIVersion, DWORD dwExtVersion,
		     LPLINEDEVCAPS lpLineDevCaps)
{
	return dev_caps(hLineApp, dwDeviceID, dwAPIVersion, dwExtVersion, lpLineDevCaps, false);
}

LONG lineGetDevCapsW(HLINEAPP hLineApp, DWORD dwDeviceID, DWORD dwAPIVersion, DWORD dwExtVersion,
		     LPLINEDEVCAPS lpLineDevCaps)
{
	return dev_caps(hLineApp, dwDeviceID, dwAPIVersion, dwExtVersion, lpLineDevCaps, true);
}

static LONG address_caps(HLINEAPP handle, DWORD device, DWORD address, DWORD version,
			 DWORD extension, void *buffer, bool wide)
{
	struct output output = {
		.table = &sv_lineaddresscaps, .version = version, .wide = wide, .buffer = buffer,
		.at = offsetof(Tapi__Rpc__AddressCapsOut, caps),
	};
	struct exchange x = { .name = "lineGetAddressCaps", .take = output_take, .data = &output };
	Tapi__Rpc__DeviceIn in = TAPI__RPC__DEVICE_IN__INIT;
	LONG err = caps_check(handle, &output, &x.app);

	if (err)
		return err;
	SET(&in, app, x.app->server);
	SET(&in, device, device);
	SET(&in, version, version);
	SET(&in, ext_version, extension);
	SET(&in, address, address);
	return leave(x.app, ASK(&x, SERVICE_LINE, tapi__rpc__line__get_address_caps, &in));
}

LONG lineGetAddressCapsA(HLINEAPP hLineApp, DWORD dwDeviceID, DWORD dwAddressID,
			 DWORD dwAPIVersion, DWORD dwExtVersion, LPLINEADDRESSCAPS lpAddressCaps)
{
	return address_caps(hLineApp, dwDeviceID, dwAddressID, dwAPIVersion, dwExtVersion,
			    lpAddressCaps, false);
}

LONG lineGetAddressCapsW(HLINEAPP hLineApp, DWORD dwDeviceID, DWORD dwAddressID,
			 DWORD dwAPIVersion, DWORD dwExtVersion, LPLINEADDRESSCAPS lpAddressCaps)
{
	return address_caps(hLineApp, dwDeviceID, dwAddressID, dwAPIVersion, dwExtVersion,
			    lpAddressCaps, true);
}

/* ---- opening and closing ---- */

/* The line must be known before the next event is read: it may be about the line */
static LONG open_take(const ProtobufCMessage *message, void *data)
{
	const Tapi__Rpc__OpenOut *out = (const Tapi__Rpc__OpenOut *)message;
	struct line *line = handle_get(&tapi_handles, handle_line, *(HLINE *)data);

	if (!line || !out->line)
		return LINEERR_OPERATIONFAILED;
	SET(&line->record, device, out->device);
	if (out->has_version)
		line->record.version = out->version;
	object_bind(line->app, &line->object, out->line);
	return 0;
}

static LONG open_ask(struct line *line, Tapi__Rpc__OpenIn *in, HLINE *out)
{
	HLINE handle = line->object.handle;
	struct exchange x = { .app = line->app, .name = "lineOpen", .take = open_take,
			      .data = &handle };
	LONG err = ASK(&x, SERVICE_LINE, tapi__rpc__line__open, in);

	/* lineShutdown() may have been quicker */
	line = handle_get(&tapi_handles, handle_line, handle);
	if (err && line)
		line_free(line);
	else if (!err)
		*out = handle;
	return err;
}

struct opening {
	DWORD device, version, extension, privileges, media_modes;
	DWORD_PTR instance;
	const void *params;
	bool wide;
};

static LONG open_app(struct app *app, const struct opening *o, Tapi__Rpc__CallParams *params,
		     HLINE *out)
{
	Tapi__Rpc__OpenIn in = TAPI__RPC__OPEN_IN__INIT;
	struct line *line = line_new(app);

	if (!line)
		return refuse(LINEERR_NOMEM);
	line->instance = o->instance;
	SET(&line->record, version, o->version);
	SET(&line->record, privileges, o->privileges);
	SET(&line->record, media_modes, o->media_modes);
	if (o->privileges & LINEOPENOPTION_SINGLEADDRESS)
		SET(&line->record, address, params->address_id);
	SET(&in, app, app->server);
	SET(&in, device, o->device);
	SET(&in, version, o->version);
	SET(&in, ext_version, o->extension);
	SET(&in, privileges, o->privileges);
	SET(&in, media_modes, o->media_modes);
	in.params = params;
	return open_ask(line, &in, out);
}

static LONG line_open(HLINEAPP handle, HLINE *out, const struct opening *o)
{
	bool wants_params = o->device == LINEMAPPER ||
			    o->privileges & LINEOPENOPTION_SINGLEADDRESS;
	Tapi__Rpc__CallParams *params = NULL;
	struct app *app;
	LONG err;

	if (!out || (wants_params && !o->params))
		return refuse(LINEERR_INVALPOINTER);
	err = enter_app(handle, &app);
	if (err)
		return err;
	if (!version_known(o->version))
		return leave(app, refuse(LINEERR_INCOMPATIBLEAPIVERSION));
	if (wants_params)
		err = params_in(o->params, o->version, o->wide, &params);
	if (!err)
		err = open_app(app, o, params, out);
	params_free(params);
	return leave(app, err);
}

LONG lineOpenA(HLINEAPP hLineApp, DWORD dwDeviceID, LPHLINE lphLine, DWORD dwAPIVersion,
	       DWORD dwExtVersion, DWORD_PTR dwCallbackInstance, DWORD dwPrivileges,
	       DWORD dwMediaModes, LPLINECALLPARAMS lpCallParams)
{
	return line_open(hLineApp, lphLine, &(struct opening) {
		.device = dwDeviceID, .version = dwAPIVersion, .extension = dwExtVersion,
		.instance = dwCallbackInstance, .privileges = dwPrivileges,
		.media_modes = dwMediaModes, .params = lpCallParams });
}

LONG lineOpenW(HLINEAPP hLineApp, DWORD dwDeviceID, LPHLINE lphLine, DWORD dwAPIVersion,
	       DWORD dwExtVersion, DWORD_PTR dwCallbackInstance, DWORD dwPrivileges,
	       DWORD dwMediaModes, LPLINECALLPARAMS lpCallParams)
{
	return line_open(hLineApp, lphLine, &(struct opening) {
		.device = dwDeviceID, .version = dwAPIVersion, .extension = dwExtVersion,
		.instance = dwCallbackInstance, .privileges = dwPrivileges,
		.media_modes = dwMediaModes, .params = lpCallParams, .wide = true });
}

/* Gone at once for the program; a server that is away will not hear of it again */
LONG lineClose(HLINE hLine)
{
	struct exchange x = { .name = "lineClose" };
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;
	struct line *line;
	LONG err = enter_line_now(hLine, &line);

	if (err)
		return err;
	x.app = line->app;
	SET(&in, line, line->object.server);
	messages_forget_line(x.app, hLine);
	line_free(line);
	if (app_linked(x.app) && in.line)
		ASK(&x, SERVICE_LINE, tapi__rpc__line__close, &in);
	return leave(x.app, 0);
}

/* ---- status ---- */

static LONG dev_status(HLINE handle, void *buffer, bool wide)
{
	struct output output = {
		.table = &sv_linedevstatus, .wide = wide, .buffer = buffer,
		.at = offsetof(Tapi__Rpc__DevStatusOut, status),
	};
	struct exchange x = { .name = "lineGetLineDevStatus", .take = output_take,
			      .data = &output };
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;
	struct line *line;
	LONG err = enter_line(handle, &line);

	if (err)
		return err;
	x.app = line->app;
	output.version = line->record.version;
	SET(&in, line, line->object.server);
	err = output_check(&output);
	return leave(x.app, err ? err :
		     ASK(&x, SERVICE_LINE, tapi__rpc__line__get_line_dev_status, &in));
}

LONG lineGetLineDevStatusA(HLINE hLine, LPLINEDEVSTATUS lpLineDevStatus)
{
	return dev_status(hLine, lpLineDevStatus, false);
}

LONG lineGetLineDevStatusW(HLINE hLine, LPLINEDEVSTATUS lpLineDevStatus)
{
	return dev_status(hLine, lpLineDevStatus, true);
}

static LONG address_status(HLINE handle, DWORD address, void *buffer, bool wide)
{
	struct output output = {
		.table = &sv_lineaddressstatus, .wide = wide, .buffer = buffer,
		.at = offsetof(Tapi__Rpc__AddressStatusOut, status),
	};
	struct exchange x = { .name = "lineGetAddressStatus", .take = output_take,
			      .data = &output };
	Tapi__Rpc__LineAddressIn in = TAPI__RPC__LINE_ADDRESS_IN__INIT;
	struct line *line;
	LONG err = enter_line(handle, &line);

	if (err)
		return err;
	x.app = line->app;
	output.version = line->record.version;
	SET(&in, line, line->object.server);
	SET(&in, address, address);
	err = output_check(&output);
	return leave(x.app, err ? err :
		     ASK(&x, SERVICE_LINE, tapi__rpc__line__get_address_status, &in));
}

LONG lineGetAddressStatusA(HLINE hLine, DWORD dwAddressID, LPLINEADDRESSSTATUS lpAddressStatus)
{
	return address_status(hLine, dwAddressID, lpAddressStatus, false);
}

LONG lineGetAddressStatusW(HLINE hLine, DWORD dwAddressID, LPLINEADDRESSSTATUS lpAddressStatus)
{
	return address_status(hLine, dwAddressID, lpAddressStatus, true);
}

static LONG number_take(const ProtobufCMessage *message, void *data)
{
	*(DWORD *)data = ((const Tapi__Rpc__NumberOut *)message)->number;
	return 0;
}

static LONG address_id(HLINE handle, DWORD *id, DWORD mode, const void *text, DWORD size,
		       bool wide)
{
	struct exchange x = { .name = "lineGetAddressID", .take = number_take, .data = id };
	Tapi__Rpc__AddressIdIn in = TAPI__RPC__ADDRESS_ID_IN__INIT;
	struct line *line;
	LONG err;

	if (!id || !text)
		return refuse(LINEERR_INVALPOINTER);
	err = enter_line(handle, &line);
	if (err)
		return err;
	x.app = line->app;
	if (mode != LINEADDRESSMODE_DIALABLEADDR)
		return leave(x.app, refuse(LINEERR_INVALADDRESSMODE));
	SET(&in, line, line->object.server);
	SET(&in, mode, mode);
	err = text_in_sized(text, size, wide, &in.address);
	if (!err)
		err = ASK(&x, SERVICE_LINE, tapi__rpc__line__get_address_id, &in);
	free(in.address);
	return leave(x.app, err);
}

LONG lineGetAddressIDA(HLINE hLine, LPDWORD lpdwAddressID, DWORD dwAddressMode, LPCSTR lpsAddress,
		       DWORD dwSize)
{
	return address_id(hLine, lpdwAddressID, dwAddressMode, lpsAddress, dwSize, false);
}

LONG lineGetAddressIDW(HLINE hLine, LPDWORD lpdwAddressID, DWORD dwAddressMode,
		       LPCWSTR lpsAddress, DWORD dwSize)
{
	return address_id(hLine, lpdwAddressID, dwAddressMode, lpsAddress, dwSize, true);
}

/* ---- which changes are told ---- */

LONG lineSetStatusMessages(HLINE hLine, DWORD dwLineStates, DWORD dwAddressStates)
{
	struct exchange x = { .name = "lineSetStatusMessages" };
	Tapi__Rpc__StatusMessages in = TAPI__RPC__STATUS_MESSAGES__INIT;
	struct line *line;
	LONG err = enter_line(hLine, &line);

	if (err)
		return err;
	x.app = line->app;
	SET(&in, line, line->object.server);
	SET(&in, line_states, dwLineStates);
	SET(&in, address_states, dwAddressStates);
	err = ASK(&x, SERVICE_LINE, tapi__rpc__line__set_status_messages, &in);
	line = handle_get(&tapi_handles, handle_line, hLine);
	if (!err && line) {
		SET(&line->record, line_states, dwLineStates);
		SET(&line->record, address_states, dwAddressStates);
	}
	return leave(x.app, err);
}

struct states_wanted {
	DWORD *line, *address;
};

static LONG states_take(const ProtobufCMessage *message, void *data)
{
	const Tapi__Rpc__StatusMessagesOut *out = (const Tapi__Rpc__StatusMessagesOut *)message;
	const struct states_wanted *wanted = data;

	*wanted->line = out->line_states;
	*wanted->address = out->address_states;
	return 0;
}

LONG lineGetStatusMessages(HLINE hLine, LPDWORD lpdwLineStates, LPDWORD lpdwAddressStates)
{
	struct states_wanted wanted = { lpdwLineStates, lpdwAddressStates };
	struct exchange x = { .name = "lineGetStatusMessages", .take = states_take,
			      .data = &wanted };
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;
	struct line *line;
	LONG err;

	if (!lpdwLineStates || !lpdwAddressStates)
		return refuse(LINEERR_INVALPOINTER);
	err = enter_line(hLine, &line);
	if (err)
		return err;
	x.app = line->app;
	SET(&in, line, line->object.server);
	return leave(x.app, ASK(&x, SERVICE_LINE, tapi__rpc__line__get_status_messages, &in));
}

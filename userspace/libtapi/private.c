/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For libtapi3: media providers. */
#include <string.h>

#include "internal.h"
#include "private.h"

#define BYTES	16u

static LONG guid_take(const ProtobufCMessage *message, void *data)
{
	const Tapi__Rpc__GuidOut *out = (const Tapi__Rpc__GuidOut *)message;

	if (out->guid.len != BYTES)
		return LINEERR_OPERATIONUNAVAIL;
	memcpy(data, out->guid.data, BYTES);
	return 0;
}

LONG tapi_private_msp_identify(HLINE line_handle, uint8_t guid[16])
{
	struct exchange x = { .name = "mspIdentify", .take = guid_take, .data = guid };
	Tapi__Rpc__MspIn in = TAPI__RPC__MSP_IN__INIT;
	struct line *line;
	LONG err = enter_line(line_handle, &line);

	if (err)
		return err;
	x.app = line->app;
	SET(&in, line, line->object.server);
	return leave(x.app, ASK(&x, SERVICE_MSP, tapi__rpc__msp__identify, &in));
}

static LONG cookie_take(const ProtobufCMessage *message, void *data)
{
	const Tapi__Rpc__GrantOut *out = (const Tapi__Rpc__GrantOut *)message;

	if (out->cookie.len != BYTES)
		return LINEERR_OPERATIONFAILED;
	memcpy(data, out->cookie.data, BYTES);
	return 0;
}

LONG tapi_private_msp_grant(HLINE line_handle, DWORD address, uint8_t cookie[16])
{
	struct exchange x = { .name = "mspGrant", .take = cookie_take, .data = cookie };
	Tapi__Rpc__MspIn in = TAPI__RPC__MSP_IN__INIT;
	struct line *line;
	LONG err = enter_line(line_handle, &line);

	if (err)
		return err;
	x.app = line->app;
	SET(&in, line, line->object.server);
	SET(&in, address, address);
	return leave(x.app, ASK(&x, SERVICE_MSP, tapi__rpc__msp__grant, &in));
}

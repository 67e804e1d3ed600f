/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the program hands in and wants filled: texts, bytes, structures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "errmap.h"
#include "internal.h"
#include "utf.h"

static LONG narrow(const void *text, size_t size, char **out)
{
	ssize_t needed = utf16_to_utf8(NULL, 0, text, size, NULL);

	if (needed < 0)
		return LINEERR_INVALPARAM;
	*out = malloc((size_t)needed + 1);
	if (!*out)
		return LINEERR_NOMEM;
	utf16_to_utf8(*out, (size_t)needed, text, size, NULL);
	(*out)[needed] = 0;
	return 0;
}

static LONG check(LONG code)
{
	if (code == (LONG)LINEERR_INVALPARAM)
		return fail(code, TAPI_ORIGIN_LIBRARY, EILSEQ, "the text is ill-formed");
	return code ? refuse(code) : 0;
}

LONG text_in_sized(const void *text, size_t size, bool wide, char **out)
{
	*out = NULL;
	if (!text)
		return 0;
	size = wide ? utf16_length(text, size) : strnlen(text, size);
	if (size > BYTES_MAX)
		return fail(LINEERR_INVALPARAM, TAPI_ORIGIN_LIBRARY, EMSGSIZE,
			    "the text is too long");
	if (wide)
		return check(narrow(text, size, out));
	if (!utf8_valid(text, size))
		return check(LINEERR_INVALPARAM);
	*out = strndup(text, size);
	return *out ? 0 : check(LINEERR_NOMEM);
}

LONG text_in(const void *text, bool wide, char **out)
{
	return text_in_sized(text, 2 * BYTES_MAX, wide, out);
}

LONG bytes_in(const void *bytes, uint32_t size, LONG too_big, protobuf_c_boolean *has,
	      ProtobufCBinaryData *out)
{
	*has = bytes && size;
	if (!size)
		return 0;
	if (!bytes)
		return refuse(LINEERR_INVALPOINTER);
	if (size > BYTES_MAX)
		return refuse(too_big);
	/* only read: they are packed before the function returns */
	*out = (ProtobufCBinaryData) { .len = size, .data = (uint8_t *)(uintptr_t)bytes };
	return 0;
}

bool version_known(uint32_t version)
{
	switch (version) {
	case 0x00010003:
	case 0x00010004:
	case 0x00020000:
	case 0x00020001:
	case 0x00020002:
	case 0x00030000:
	case 0x00030001:
		return true;
	default:
		return false;
	}
}

LONG params_in(const void *params, uint32_t version, bool wide, Tapi__Rpc__CallParams **out)
{
	ProtobufCMessage *message;
	uint32_t total;
	int err;

	*out = NULL;
	if (!params)
		return 0;
	memcpy(&total, params, sizeof(total));
	if (total > 2 * BYTES_MAX)
		total = 2 * BYTES_MAX;	/* parts beyond it are refused */
	err = sv_unpack(&sv_linecallparams, version, wide ? SV_W : SV_A, params, total, NULL,
			&message);
	if (err == -EINVAL)
		return fail(LINEERR_INVALCALLPARAMS, TAPI_ORIGIN_LIBRARY, EINVAL,
			    "a part of LINECALLPARAMS lies outside of it");
	if (err < 0)
		return check(errmap_from_errno(err));
	*out = (Tapi__Rpc__CallParams *)message;
	return 0;
}

void params_free(Tapi__Rpc__CallParams *params)
{
	if (params)
		protobuf_c_message_free_unpacked(&params->base, NULL);
}

/* ---- structures to fill ---- */

LONG output_check(struct output *output)
{
	size_t fixed = sv_fixed(output->table, output->version);
	uint32_t needed = (uint32_t)fixed;

	if (!output->buffer)
		return refuse(LINEERR_INVALPOINTER);
	memcpy(&output->total, output->buffer, sizeof(output->total));
	if (output->total >= fixed)
		return 0;
	if (output->total >= offsetof(VARSTRING, dwUsedSize))
		memcpy((char *)output->buffer + offsetof(VARSTRING, dwNeededSize), &needed,
		       sizeof(needed));
	return fail(LINEERR_STRUCTURETOOSMALL, TAPI_ORIGIN_LIBRARY, ENOSPC,
		    "%s takes %zu bytes and more in this version, dwTotalSize is %u",
		    output->table->name, fixed, output->total);
}

LONG output_pack(const struct output *output, const ProtobufCMessage *message)
{
	int err;

	if (!message)
		return LINEERR_OPERATIONFAILED;
	err = sv_pack(output->table, output->version, output->wide ? SV_W : SV_A, message,
		      output->buffer, output->total);
	if (err == -ENOSPC)
		return LINEERR_STRUCTURETOOSMALL;
	return err < 0 ? LINEERR_OPERATIONFAILED : 0;
}

LONG output_take(const ProtobufCMessage *out, void *data)
{
	const struct output *output = data;
	const ProtobufCMessage *message;

	memcpy(&message, (const char *)out + output->at, sizeof(message));
	return output_pack(output, message);
}

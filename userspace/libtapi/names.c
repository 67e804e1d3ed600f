/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of numbers; why this thread's last call failed; where its last message came from. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "errmap.h"
#include "internal.h"

static _Thread_local struct tapi_error_detail last_error;
static _Thread_local struct tapi_message_info last_message;

static const char *short_name(enum errmap_family family, DWORD code)
{
	const struct errmap_entry *entry = errmap_find(family, (int32_t)code);

	return entry ? entry->name + strlen(errmap_tables[family].prefix) : "unknown";
}

const char *tapi_error_name(LONG code)
{
	const struct errmap_entry *entry = errmap_find_error(code);

	return entry ? entry->name : "unknown";
}

const char *tapi_error_text(LONG code)
{
	const struct errmap_entry *entry = errmap_find_error(code);

	return entry ? entry->text : "an error without a description";
}

const char *tapi_message_name(DWORD message)
{
	return short_name(ERRMAP_MESSAGE, message);
}

const char *tapi_call_state_name(DWORD state)
{
	return short_name(ERRMAP_CALLSTATE, state);
}

const char *tapi_disconnect_mode_name(DWORD mode)
{
	return short_name(ERRMAP_DISCONNECT, mode);
}

/* ---- reasons ---- */

LONG tapi_last_error_detail(struct tapi_error_detail *detail)
{
	uint32_t size;

	if (!detail)
		return LINEERR_INVALPOINTER;
	size = detail->size;
	if (size < sizeof(*detail))
		return LINEERR_STRUCTURETOOSMALL;
	*detail = last_error;
	detail->size = size;
	return 0;
}

LONG fail(LONG code, unsigned int origin, int error, const char *format, ...)
{
	va_list args;

	last_error.origin = origin;
	last_error.code = code;
	last_error.error = error;
	va_start(args, format);
	vsnprintf(last_error.text, sizeof(last_error.text), format, args);
	va_end(args);
	return code;
}

LONG fail_detail(const struct tapi_error_detail *detail)
{
	last_error = *detail;
	return detail->code;
}

LONG refuse(LONG code)
{
	return fail(code, TAPI_ORIGIN_LIBRARY, 0, "%s", tapi_error_text(code));
}

void detail_of_error(struct tapi_error_detail *detail, LONG code, const Tapi__Rpc__Error *error)
{
	*detail = (struct tapi_error_detail) {
		.origin = error ? error->origin : TAPI_ORIGIN_LIBRARY,
		.code = code,
		.error = error ? (int32_t)error->number : 0,
	};
	snprintf(detail->text, sizeof(detail->text), "%s",
		 error && error->text && *error->text ? error->text : tapi_error_text(code));
}

/* ---- messages ---- */

LONG tapi_message_info(struct tapi_message_info *info)
{
	uint32_t size;

	if (!info)
		return LINEERR_INVALPOINTER;
	size = info->size;
	if (size < sizeof(*info))
		return LINEERR_STRUCTURETOOSMALL;
	if (!last_message.size)
		return LINEERR_OPERATIONFAILED;
	*info = last_message;
	info->size = size;
	return 0;
}

void note_message(const struct message *message, uint32_t queued)
{
	last_message = (struct tapi_message_info) {
		.size = sizeof(last_message),
		.flags = message->flags,
		.sequence = message->sequence,
		.queued = queued,
	};
}

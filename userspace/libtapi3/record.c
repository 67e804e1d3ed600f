/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names for the records of a call. */
#include <stdio.h>

#include "private.h"
#include "record.h"

static const char *type_name(enum tapi3_event_type type)
{
	switch (type) {
	case TAPI3_EVENT_OBJECT:
		return "OBJECT";
	case TAPI3_EVENT_ADDRESS:
		return "ADDRESS";
	case TAPI3_EVENT_CALL_NOTIFICATION:
		return "CALL_NOTIFICATION";
	case TAPI3_EVENT_CALL_STATE:
		return "CALL_STATE";
	case TAPI3_EVENT_CALL_MEDIA:
		return "CALL_MEDIA";
	case TAPI3_EVENT_CALL_INFO:
		return "CALL_INFO";
	case TAPI3_EVENT_PRIVATE:
		return "PRIVATE";
	case TAPI3_EVENT_DIGIT:
		return "DIGIT";
	case TAPI3_EVENT_GENERATE:
		return "GENERATE";
	case TAPI3_EVENT_FILE_TERMINAL:
		return "FILE_TERMINAL";
	case TAPI3_EVENT_DEVICE_SPECIFIC:
		return "DEVICE_SPECIFIC";
	default:
		return "event";
	}
}

static const char *state_name(enum tapi3_call_state state)
{
	switch (state) {
	case TAPI3_CALL_IDLE:
		return "IDLE";
	case TAPI3_CALL_INPROGRESS:
		return "INPROGRESS";
	case TAPI3_CALL_CONNECTED:
		return "CONNECTED";
	case TAPI3_CALL_DISCONNECTED:
		return "DISCONNECTED";
	case TAPI3_CALL_OFFERING:
		return "OFFERING";
	case TAPI3_CALL_HOLD:
		return "HOLD";
	default:
		return "other";
	}
}

static const char *media_name(enum tapi3_media_event event)
{
	switch (event) {
	case TAPI3_MEDIA_NEW_STREAM:
		return "NEW_STREAM";
	case TAPI3_MEDIA_STREAM_FAIL:
		return "STREAM_FAIL";
	case TAPI3_MEDIA_TERMINAL_FAIL:
		return "TERMINAL_FAIL";
	case TAPI3_MEDIA_STREAM_NOT_USED:
		return "STREAM_NOT_USED";
	case TAPI3_MEDIA_STREAM_ACTIVE:
		return "STREAM_ACTIVE";
	case TAPI3_MEDIA_STREAM_INACTIVE:
		return "STREAM_INACTIVE";
	default:
		return "media";
	}
}

void record_event(const struct tapi3_event_init *init)
{
	const char *detail = NULL;

	if (!trace_on())
		return;
	if (init->type == TAPI3_EVENT_CALL_STATE)
		detail = state_name(init->code);
	else if (init->type == TAPI3_EVENT_CALL_MEDIA)
		detail = media_name(init->code);
	else if (init->type == TAPI3_EVENT_CALL_NOTIFICATION)
		detail = init->code == TAPI3_OWNER ? "owner" : "monitor";
	if (detail)
		trace_text(TRACE_TAPI3, TRACE_APP, type_name(init->type), "\"is\":\"%s\"", detail);
	else
		trace_text(TRACE_TAPI3, TRACE_APP, type_name(init->type), "\"code\":%d", init->code);
}

void record_media(enum tapi3_media_event event)
{
	trace_text(TRACE_MSP, TRACE_TAPI3, media_name(event), NULL);
}

void record_msp_state(enum tapi3_call_state state)
{
	trace_text(TRACE_TAPI3, TRACE_MSP, "call_state", "\"is\":\"%s\"", state_name(state));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events as lines of text. */
#include <stdlib.h>
#include <string.h>

#include <tapi/tapi.h>
#include <tapi3/msp_card.h>

#include "app.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

const char *error_name(int result)
{
	static const char *const names[] = {
		"OK", "INVALIDARG", "NOMEM", "FAILED", "NOTSUPPORTED", "WRONG_STATE", "NOTOWNER",
		"INUSE", "TIMEOUT", "SERVICE", "INVALIDMEDIATYPE", "INVALIDDIRECTION",
		"INVALIDTERMINAL", "INVALIDTERMINALCLASS", "TERMINALINUSE", "MAXTERMINALS",
		"NOTERMINALSELECTED", "NOTSTOPPED", "NOFORMAT", "PEER_NOT_SET", "AGAIN", "TOOBIG",
		"DISCONNECTED", "REMOVED", "ACCESS", "BADADDRESS",
	};

	return result <= 0 && (size_t)-result < COUNT(names) ? names[-result] : "unknown";
}

const char *call_state_name(enum tapi3_call_state state)
{
	static const char *const names[] = {
		[TAPI3_CALL_IDLE] = "IDLE", [TAPI3_CALL_INPROGRESS] = "INPROGRESS",
		[TAPI3_CALL_CONNECTED] = "CONNECTED", [TAPI3_CALL_DISCONNECTED] = "DISCONNECTED",
		[TAPI3_CALL_OFFERING] = "OFFERING", [TAPI3_CALL_HOLD] = "HOLD",
		[TAPI3_CALL_QUEUED] = "QUEUED",
	};

	return (size_t)state < COUNT(names) ? names[state] : "unknown";
}

static const char *cause_name(int cause)
{
	static const char *const names[] = {
		[TAPI3_CAUSE_NONE] = "NONE", [TAPI3_CAUSE_NORMAL] = "NORMAL",
		[TAPI3_CAUSE_BUSY] = "BUSY", [TAPI3_CAUSE_BADADDRESS] = "BADADDRESS",
		[TAPI3_CAUSE_NOANSWER] = "NOANSWER", [TAPI3_CAUSE_CANCELLED] = "CANCELLED",
		[TAPI3_CAUSE_REJECTED] = "REJECTED", [TAPI3_CAUSE_FAILED] = "FAILED",
		[TAPI3_CAUSE_BLOCKED] = "BLOCKED",
	};

	return cause >= 0 && (size_t)cause < COUNT(names) ? names[cause] : "unknown";
}

static const char *media_event_name(int event)
{
	static const char *const names[] = {
		[TAPI3_MEDIA_NEW_STREAM] = "new", [TAPI3_MEDIA_STREAM_FAIL] = "fail",
		[TAPI3_MEDIA_TERMINAL_FAIL] = "terminal-fail",
		[TAPI3_MEDIA_STREAM_NOT_USED] = "not-used",
		[TAPI3_MEDIA_STREAM_ACTIVE] = "active",
		[TAPI3_MEDIA_STREAM_INACTIVE] = "inactive",
	};

	return event >= 0 && (size_t)event < COUNT(names) ? names[event] : "unknown";
}

static const char *media_cause_name(int cause)
{
	static const char *const names[] = {
		[TAPI3_MEDIA_CAUSE_UNKNOWN] = "unknown",
		[TAPI3_MEDIA_CAUSE_BAD_DEVICE] = "bad-device",
		[TAPI3_MEDIA_CAUSE_CONNECT_FAIL] = "connect-fail",
		[TAPI3_MEDIA_CAUSE_LOCAL_REQUEST] = "local",
		[TAPI3_MEDIA_CAUSE_REMOTE_REQUEST] = "remote",
		[TAPI3_MEDIA_CAUSE_TIMEOUT] = "timeout",
		[TAPI3_MEDIA_CAUSE_RECOVERED] = "recovered",
		[TAPI3_MEDIA_CAUSE_QUALITY] = "quality",
	};

	return cause >= 0 && (size_t)cause < COUNT(names) ? names[cause] : "other";
}

const char *line_state_name(uint32_t state)
{
	static const struct {
		uint32_t state;
		const char *name;
	} names[] = {
		{ 0, "none" }, { LINECALLSTATE_IDLE, "IDLE" },
		{ LINECALLSTATE_OFFERING, "OFFERING" }, { LINECALLSTATE_ACCEPTED, "ACCEPTED" },
		{ LINECALLSTATE_DIALTONE, "DIALTONE" }, { LINECALLSTATE_DIALING, "DIALING" },
		{ LINECALLSTATE_RINGBACK, "RINGBACK" }, { LINECALLSTATE_BUSY, "BUSY" },
		{ LINECALLSTATE_SPECIALINFO, "SPECIALINFO" },
		{ LINECALLSTATE_CONNECTED, "CONNECTED" },
		{ LINECALLSTATE_PROCEEDING, "PROCEEDING" }, { LINECALLSTATE_ONHOLD, "ONHOLD" },
		{ LINECALLSTATE_DISCONNECTED, "DISCONNECTED" },
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		if (names[i].state == state)
			return names[i].name;
	}
	return "other";
}

void to_hex(char *hex, const unsigned char *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		*hex++ = digits[data[i] >> 4];
		*hex++ = digits[data[i] & 15];
	}
	*hex = '\0';
}

static const char *text_or_dash(const char *text)
{
	return text && *text ? text : "-";
}

/* The call that commands are about from now on */
static void say_new_call(struct app *app, struct tapi3_event *event, struct tapi3_call *call)
{
	struct tapi3_stream **streams = NULL;
	unsigned int count = 0;
	uint32_t id = 0;

	if (!app->call)
		app->call = tapi3_call_ref(call);
	tapi3_call_get_number(call, TAPI3_CALL_ID, &id);
	if (tapi3_call_streams_list(call, &streams) == 0) {
		while (streams[count])
			count++;
		tapi3_stream_list_free(streams);
	}
	say(tapi3_event_get_time(event), "notification %s state %s streams %u id %u",
	    tapi3_event_get_code(event) == TAPI3_OWNER ? "owner" : "monitor",
	    call_state_name(tapi3_call_get_state(call)), count, id);
}

static void say_bytes(struct tapi3_event *event, const char *what)
{
	const char *about = tapi3_event_peek_call(event) ? "call" : "address";
	const unsigned char *data;
	size_t size;
	char *hex;

	data = tapi3_event_get_data(event, &size);
	hex = malloc(2 * size + 1);
	if (!hex)
		abort();
	to_hex(hex, data, size);
	say(tapi3_event_get_time(event), "%s %s %d %s", what, about, tapi3_event_get_code(event),
	    *hex ? hex : "-");
	free(hex);
}

static void say_media(struct tapi3_event *event)
{
	struct tapi3_stream *stream = tapi3_event_peek_stream(event);
	const char *direction = "-";

	if (stream)
		direction = tapi3_stream_get_direction(stream) == TAPI3_CAPTURE ? "to-line" :
										  "from-line";
	say(tapi3_event_get_time(event), "media %s %s cause %s",
	    media_event_name(tapi3_event_get_code(event)), direction,
	    media_cause_name(tapi3_event_get_cause(event)));
}

static void say_file(struct app *app, struct tapi3_event *event)
{
	static const char *const causes[] = {
		[TAPI3_FILE_NORMAL] = "normal", [TAPI3_FILE_END] = "end",
		[TAPI3_FILE_READ_ERROR] = "read-error", [TAPI3_FILE_WRITE_ERROR] = "write-error",
	};
	int cause = tapi3_event_get_cause(event);

	say(tapi3_event_get_time(event), "file %s state %d cause %s",
	    sound_name(app, tapi3_event_peek_terminal(event)), tapi3_event_get_code(event),
	    cause >= 0 && (size_t)cause < COUNT(causes) ? causes[cause] : "other");
}

static void say_about_call(struct tapi3_event *event, struct tapi3_call *call, uint64_t time)
{
	switch (tapi3_event_get_type(event)) {
	case TAPI3_EVENT_CALL_STATE:
		say(time, "state %s cause %s line %s%s",
		    call_state_name(tapi3_event_get_code(event)),
		    cause_name(tapi3_event_get_cause(event)),
		    line_state_name(tapi3_call_get_line_state(call)),
		    tapi3_event_is_synthetic(event) ? " synthetic" : "");
		break;
	case TAPI3_EVENT_CALL_INFO:
		say(time, "info number %s name %s",
		    text_or_dash(tapi3_call_get_string(call, TAPI3_CALLER_NUMBER)),
		    text_or_dash(tapi3_call_get_string(call, TAPI3_CALLER_NAME)));
		break;
	case TAPI3_EVENT_DIGIT:
		say(time, "digit %c mode %d", tapi3_event_get_digit(event),
		    tapi3_event_get_code(event));
		break;
	default:
		say(time, "generated %d", tapi3_event_get_code(event));
		break;
	}
}

void app_event(struct app *app, struct tapi3_event *event)
{
	struct tapi3_call *call = tapi3_event_peek_call(event);
	uint64_t time = tapi3_event_get_time(event);

	switch (tapi3_event_get_type(event)) {
	case TAPI3_EVENT_CALL_NOTIFICATION:
		say_new_call(app, event, call);
		break;
	case TAPI3_EVENT_CALL_STATE:
	case TAPI3_EVENT_CALL_INFO:
	case TAPI3_EVENT_DIGIT:
	case TAPI3_EVENT_GENERATE:
		say_about_call(event, call, time);
		break;
	case TAPI3_EVENT_CALL_MEDIA:
		say_media(event);
		break;
	case TAPI3_EVENT_PRIVATE:
		say_bytes(event, "private");
		break;
	case TAPI3_EVENT_DEVICE_SPECIFIC:
		say_bytes(event, "device");
		break;
	case TAPI3_EVENT_FILE_TERMINAL:
		say_file(app, event);
		break;
	case TAPI3_EVENT_ADDRESS:
		say(time, "address event %d detail %d", tapi3_event_get_code(event),
		    tapi3_event_get_cause(event));
		break;
	case TAPI3_EVENT_OBJECT:
		say(time, "object event %d", tapi3_event_get_code(event));
		break;
	default:
		say(time, "event %x", (unsigned int)tapi3_event_get_type(event));
		break;
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event.h"

#define EVENT(key, title, kind, member, ...) \
	{ key, title, kind, offsetof(struct event, member), __VA_ARGS__ }

static const struct field fields[] = {
	EVENT("time", NULL, FIELD_TEXT, time_text),
	EVENT("line", "line", FIELD_INDEX, line),
	EVENT("name", NULL, FIELD_TEXT, name, .flags = FIELD_QUOTED),
	EVENT("address", "address", FIELD_INDEX, address),
	EVENT("call", "call", FIELD_SOME, call),
	EVENT("message", NULL, FIELD_TEXT, message),
	EVENT("state", NULL, FIELD_TEXT, state),
	EVENT("mode", NULL, FIELD_TEXT, mode),
	EVENT("privilege", NULL, FIELD_TEXT, privilege),
	EVENT("digit", NULL, FIELD_TEXT, digit),
	EVENT("what", NULL, FIELD_TEXT, what),
	EVENT("reason", NULL, FIELD_TEXT, reason),
	EVENT("caller", "from", FIELD_TEXT, caller),
	EVENT("caller-name", NULL, FIELD_TEXT, caller_name, .flags = FIELD_QUOTED),
	EVENT("called", "to", FIELD_TEXT, called),
	EVENT("request", "request", FIELD_SOME, request),
	EVENT("result", NULL, FIELD_TEXT, result),
	EVENT("flags", NULL, FIELD_TEXT, flags),
	EVENT("p1", "p1", FIELD_HEX, p1),
	EVENT("p2", "p2", FIELD_HEX, p2),
	EVENT("p3", "p3", FIELD_HEX, p3),
};

const struct table event_table = { "event", "events", TABLE_FIELDS(fields) };

static const char *name_or_number(struct event *event, const struct names *names, DWORD value)
{
	const char *name = names_value(names, value);

	if (name)
		return name;
	snprintf(event->number, sizeof(event->number), "%#x", value);
	return event->number;
}

/* What the second parameter of LINE_CALLSTATE is depends on the state */
static const struct names *modes_of(DWORD state)
{
	switch (state) {
	case LINECALLSTATE_DISCONNECTED: return &names_disconnect;
	case LINECALLSTATE_CONNECTED: return &names_connected;
	case LINECALLSTATE_BUSY: return &names_busy;
	case LINECALLSTATE_DIALTONE: return &names_dial_tone;
	case LINECALLSTATE_SPECIALINFO: return &names_special;
	case LINECALLSTATE_OFFERING: return &names_offering;
	default: return NULL;
	}
}

void event_state(struct event *event, DWORD state, DWORD mode, DWORD privilege)
{
	const struct names *modes = modes_of(state);

	event->state = tapi_call_state_name(state);
	if (modes && mode)
		event->mode = name_or_number(event, modes, mode);
	if (privilege)
		event->privilege = names_value(&names_privilege, privilege);
}

void event_parties(struct event *event, const LINECALLINFO *info)
{
	if (!info)
		return;
	event->call = info->dwCallID;
	event->caller = part(info, info->dwCallerIDOffset, info->dwCallerIDSize);
	event->caller_name = part(info, info->dwCallerIDNameOffset, info->dwCallerIDNameSize);
	event->called = part(info, info->dwCalledIDOffset, info->dwCalledIDSize);
}

static void set_time(struct event *event)
{
	struct timespec now;
	struct tm local;
	size_t length;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	length = strftime(event->time, sizeof(event->time),
			  settings.format == FORMAT_TEXT ? "%H:%M:%S" : "%Y-%m-%dT%H:%M:%S",
			  &local);
	length += (size_t)snprintf(event->time + length, sizeof(event->time) - length, ".%03ld",
				   now.tv_nsec / 1000000);
	if (settings.format != FORMAT_TEXT)
		strftime(event->time + length, sizeof(event->time) - length, "%z", &local);
	event->time_text = event->time;
}

static void set_flags(struct event *event)
{
	struct tapi_message_info info = { .size = sizeof(info) };

	if (tapi_message_info(&info))
		return;
	if (info.flags & TAPI_MESSAGE_SYNTHETIC)
		event->flags = info.flags & TAPI_MESSAGE_LOST ? "synthetic,lost" : "synthetic";
	else if (info.flags & TAPI_MESSAGE_LOST)
		event->flags = "lost";
}

static void bits(struct event *event, const struct names *names, DWORD_PTR value)
{
	event->what = names_bits(names, (uint32_t)value, ",");
}

/* false: it is none of those whose parameters are bits */
static bool decode_bits(struct event *event, const LINEMESSAGE *m)
{
	switch (m->dwMessageID) {
	case LINE_CALLINFO:
		bits(event, &names_call_info, m->dwParam1);
		return true;
	case LINE_LINEDEVSTATE:
		bits(event, &names_line_state, m->dwParam1);
		return true;
	case LINE_ADDRESSSTATE:
		event->address = (int64_t)m->dwParam1;
		bits(event, &names_address_state, m->dwParam2);
		return true;
	case LINE_MONITORMEDIA:
		bits(event, &names_media, m->dwParam1);
		return true;
	default:
		return false;
	}
}

static void decode(struct event *event, const LINEMESSAGE *m)
{
	switch (m->dwMessageID) {
	case LINE_CALLSTATE:
		event_state(event, (DWORD)m->dwParam1, (DWORD)m->dwParam2, (DWORD)m->dwParam3);
		break;
	case LINE_APPNEWCALL:
		event->address = (int64_t)m->dwParam1;
		event->privilege = names_value(&names_privilege, (DWORD)m->dwParam3);
		break;
	case LINE_MONITORDIGITS:
		event->digit_text[0] = (char)m->dwParam1;
		event->digit = event->digit_text;
		event->mode = name_or_number(event, &names_digit, (DWORD)m->dwParam2);
		break;
	case LINE_GATHERDIGITS:
		event->reason = name_or_number(event, &names_gather, (DWORD)m->dwParam1);
		break;
	case LINE_GENERATE:
		event->reason = name_or_number(event, &names_generate, (DWORD)m->dwParam1);
		break;
	case LINE_REPLY:
		event->request = (uint32_t)m->dwParam1;
		event->result = m->dwParam2 ? tapi_error_name((LONG)m->dwParam2) : "done";
		break;
	case LINE_CREATE:
	case LINE_REMOVE:
		event->line = (int64_t)m->dwParam1;
		break;
	case LINE_CLOSE:
		break;
	default:
		event->p1 = m->dwParam1;
		event->p2 = m->dwParam2;
		event->p3 = m->dwParam3;
		break;
	}
}

void event_decode(struct event *event, const LINEMESSAGE *message)
{
	memset(event, 0, sizeof(*event));
	event->line = line_of_instance(message->dwCallbackInstance);
	event->address = -1;
	event->message = tapi_message_name(message->dwMessageID);
	set_time(event);
	set_flags(event);
	if (!decode_bits(event, message))
		decode(event, message);
}

void event_print(struct event *event)
{
	if (!event->time_text)
		set_time(event);
	out_event(&event_table, event);
	free(event->what);
	event->what = NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What goes between the line and this provider, for people who follow a call.
 */
#include <stddef.h>

#include "card.h"

static void record(bool up, const char *name, long value)
{
	/* hosts of the first version do not have it */
	if (name && card.host &&
	    card.host->size >= offsetof(struct tapi_tsp_host, trace) + sizeof(card.host->trace) &&
	    card.host->trace)
		card.host->trace(up, name, value);
}

/**
 * card_trace_event() - the line has told something
 */
void card_trace_event(const struct tapi_line_event *event)
{
	switch (event->type) {
	case TAPI_LINE_EV_HOOK:
		record(true, event->hook.state == TAPI_LINE_OFF_HOOK ? "off hook" : "on hook", 0);
		break;
	case TAPI_LINE_EV_RING:
		record(true, event->ring.state ? "ring on" : "ring off", 0);
		break;
	case TAPI_LINE_EV_BATTERY:
		record(true, "battery", event->battery.state);
		break;
	case TAPI_LINE_EV_LOOP_DROP:
		record(true, "loop drop", 0);
		break;
	case TAPI_LINE_EV_POLARITY:
		record(true, "polarity", event->level.value);
		break;
	case TAPI_LINE_EV_DTMF:
		record(true, event->dtmf.pressed ? "DTMF down" : "DTMF up", event->dtmf.digit);
		break;
	case TAPI_LINE_EV_PULSE_DIGIT:
		record(true, "pulse digit", event->pulse.digit);
		break;
	case TAPI_LINE_EV_COMPLETE:
		record(true, "complete", event->complete.status);
		break;
	case TAPI_LINE_EV_LOST:
		record(true, "events lost", event->lost.count);
		break;
	case TAPI_LINE_EV_GONE:
		record(true, "line gone", 0);
		break;
	}
}

static const char *request_name(unsigned long request)
{
	switch (request) {
	case TAPI_LINE_CLAIM:
		return "claim";
	case TAPI_LINE_S_HOOK:
		return "set hook";
	case TAPI_LINE_S_RING:
		return "set ring";
	case TAPI_LINE_DIAL:
		return "dial";
	case TAPI_LINE_ABORT:
		return "abort";
	default:
		return NULL;		/* questions */
	}
}

/**
 * card_trace_request() - the line is asked to do something
 * @value: errno it answered with, 0 for success
 */
void card_trace_request(unsigned long request, long value)
{
	record(false, request_name(request), value);
}

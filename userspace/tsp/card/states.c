/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What can happen to a call, as a table that a test can walk.
 */
#include "card.h"

#define S(name) LINECALLSTATE_##name

/* Alerting us, and on the way to the other party */
#define INBOUND		(S(OFFERING) | S(ACCEPTED))
#define SETTING_UP	(S(UNKNOWN) | S(DIALTONE) | S(DIALING))
#define UNANSWERED	(S(PROCEEDING) | S(RINGBACK))
#define LIVE		(INBOUND | SETTING_UP | UNANSWERED | S(BUSY) | S(SPECIALINFO) | S(CONNECTED))

struct transition {
	enum call_event event;
	DWORD from;
	struct call_state to;
};

/* The first that fits.  UNKNOWN is an outgoing call between off hook and the dial tone */
static const struct transition transitions[] = {
	{ CALL_ACCEPTED, S(OFFERING), { S(ACCEPTED) } },
	{ CALL_ANSWERED, INBOUND, { S(CONNECTED), LINECONNECTEDMODE_ACTIVE } },
	{ CALL_ANSWERED, UNANSWERED | S(DIALING), { S(CONNECTED), LINECONNECTEDMODE_ACTIVE } },
	{ CALL_DIAL_TONE, S(UNKNOWN), { S(DIALTONE), LINEDIALTONEMODE_UNKNOWN } },
	{ CALL_DIALLING, S(UNKNOWN) | S(DIALTONE), { S(DIALING) } },
	{ CALL_DIALLED, S(UNKNOWN) | S(DIALTONE) | S(DIALING), { S(PROCEEDING) } },
	{ CALL_RINGBACK, S(PROCEEDING), { S(RINGBACK) } },
	{ CALL_BUSY_TONE, UNANSWERED, { S(BUSY), LINEBUSYMODE_STATION } },
	{ CALL_BUSY_TONE, S(CONNECTED), { S(DISCONNECTED), LINEDISCONNECTMODE_NORMAL } },
	{ CALL_CONGESTION, UNANSWERED, { S(BUSY), LINEBUSYMODE_TRUNK } },
	{ CALL_CONGESTION, S(CONNECTED), { S(DISCONNECTED), LINEDISCONNECTMODE_NORMAL } },
	{ CALL_SPECIAL_INFO, S(DIALING) | UNANSWERED,
	  { S(SPECIALINFO), LINESPECIALINFO_UNKNOWN } },
	{ CALL_NO_DIAL_TONE, SETTING_UP, { S(DISCONNECTED), LINEDISCONNECTMODE_NODIALTONE } },
	{ CALL_NO_ANSWER, UNANSWERED, { S(DISCONNECTED), LINEDISCONNECTMODE_NOANSWER } },
	{ CALL_HANGUP, S(BUSY), { S(DISCONNECTED), LINEDISCONNECTMODE_BUSY } },
	{ CALL_HANGUP, SETTING_UP | UNANSWERED | S(SPECIALINFO) | S(CONNECTED),
	  { S(DISCONNECTED), LINEDISCONNECTMODE_NORMAL } },
	{ CALL_ABANDONED, INBOUND, { S(IDLE) } },
	{ CALL_GONE, LIVE, { S(DISCONNECTED), LINEDISCONNECTMODE_UNAVAIL } },
	{ CALL_GONE, S(DISCONNECTED), { S(IDLE) } },
	{ CALL_DROPPED, LIVE | S(DISCONNECTED), { S(IDLE) } },
};

bool call_next(struct call_state now, enum call_event event, struct call_state *next)
{
	size_t i;

	for (i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++) {
		const struct transition *t = &transitions[i];

		if (t->event == event && t->from & now.state) {
			*next = t->to;
			return true;
		}
	}
	return false;
}

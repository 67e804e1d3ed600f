/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel says about an open line.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "card.h"

#define NS_PER_MS		1000000ULL
/* Records of one read(): the kernel's queue has 64 */
#define RECORDS			16
/* An exchange that reverses the line to confirm an answer does so within this */
#define POLARITY_SETTLE_MS	1000

static bool connected_for(const struct card_call *call, uint64_t ts_ns, unsigned int ms)
{
	return call->state.state == LINECALLSTATE_CONNECTED &&
	       ts_ns > call->answered_ns + ms * NS_PER_MS;
}

/* The other party, or the exchange, has let go */
static void hung_up(struct card_line *line)
{
	if (line->call)
		call_happens(line->call, CALL_HANGUP);
}

static void battery_stays_away(void *data)
{
	hung_up(data);
}

/*
 * A break that is long enough means that the other side hung up.  A shorter one means nothing; the
 * kernel judges one that ends in time (LOOP_DROP), the timer one that does not.
 */
static void battery(struct card_line *line, bool fed)
{
	bool was = line->state.battery;

	line->state.battery = fed;
	if (fed)
		timer_stop(&line->drop_timer);
	else if (was && line->call)
		timer_start(&line->drop_timer, line->drop_ms, battery_stays_away, line);
	if (was != fed && line->line_states & (LINEDEVSTATE_CONNECTED | LINEDEVSTATE_DISCONNECTED))
		report_line(line, LINE_LINEDEVSTATE,
			    fed ? LINEDEVSTATE_CONNECTED : LINEDEVSTATE_DISCONNECTED, 0, 0);
}

/*
 * Reversed while an outgoing call is not answered: the answer.  Back to what it was, or reversed
 * long after the answer: the end.
 */
static void polarity(struct card_line *line, unsigned int value, uint64_t ts_ns)
{
	struct card_call *call = line->call;

	line->state.polarity = value;
	if (!call)
		return;
	if (call->state.state & (LINECALLSTATE_DIALING | LINECALLSTATE_PROCEEDING |
				 LINECALLSTATE_RINGBACK)) {
		if (value != line->idle_polarity)
			outgoing_answered(call);
	} else if (connected_for(call, ts_ns, POLARITY_SETTLE_MS)) {
		hung_up(line);
	}
}

static void hook(struct card_line *line, const struct tapi_line_event *event)
{
	line->state.hook = event->hook.state;
	if (line->caps.type == TAPI_LINE_FXS && event->hook.cause == TAPI_LINE_HOOK_BY_LINE)
		incoming_phone(line, event->hook.state == TAPI_LINE_OFF_HOOK);
	/* the machine has slept, or the card was reset: the exchange has cleared the call */
	else if (line->caps.type == TAPI_LINE_FXO &&
		 event->hook.cause == TAPI_LINE_HOOK_BY_SAFE_STATE)
		hung_up(line);
}

static void complete(struct card_line *line, uint32_t cookie, int status, unsigned int done)
{
	void (*op_done)(struct card_call *call, int status, unsigned int n) = line->op_done;

	if (!op_done || cookie != line->op_cookie)
		return;
	line->op_done = NULL;
	line->op_cookie = 0;
	if (line->call)
		op_done(line->call, status, done);
}

static void dtmf(struct card_line *line, const struct tapi_line_event *event)
{
	if (event->dtmf.digit)
		digits_heard(line, event->dtmf.digit,
			     event->dtmf.pressed ? LINEDIGITMODE_DTMF : LINEDIGITMODE_DTMFEND,
			     event->ts);
}

/*
 * Records were lost: what they would have said is the difference to the state now.  A request whose
 * end was lost has ended, as far as anybody can tell.
 */
static void resynchronise(struct card_line *line)
{
	struct tapi_line_event event = { .hook.cause = TAPI_LINE_HOOK_BY_LINE };
	struct tapi_line_state now;

	card_log(4, "line %s: events were lost", line->node);
	if (line_request(line, TAPI_LINE_G_STATE, &now))
		return;
	if (now.hook != line->state.hook) {
		event.hook.state = now.hook;
		hook(line, &event);
	}
	if (line->caps.type == TAPI_LINE_FXO) {
		battery(line, now.battery);
		if (now.polarity != line->state.polarity)
			polarity(line, now.polarity, now.ts);
	}
	complete(line, line->op_cookie, 0, 0);
}

static void handle(struct card_line *line, const struct tapi_line_event *event)
{
	switch (event->type) {
	case TAPI_LINE_EV_HOOK:
		hook(line, event);
		break;
	case TAPI_LINE_EV_RING:
		/* of a line that rings others, this is its own */
		if (line->caps.type == TAPI_LINE_FXO)
			incoming_ring(line, event->ring.state);
		break;
	case TAPI_LINE_EV_BATTERY:
		battery(line, event->battery.state);
		break;
	case TAPI_LINE_EV_LOOP_DROP:
		hung_up(line);
		break;
	case TAPI_LINE_EV_POLARITY:
		if (line->caps.type == TAPI_LINE_FXO)
			polarity(line, event->level.value, event->ts);
		break;
	case TAPI_LINE_EV_DTMF:
		dtmf(line, event);
		break;
	case TAPI_LINE_EV_PULSE_DIGIT:
		if (event->pulse.digit)
			digits_heard(line, event->pulse.digit, LINEDIGITMODE_PULSE, event->ts);
		break;
	case TAPI_LINE_EV_COMPLETE:
		complete(line, event->cookie, event->complete.status, event->complete.done);
		break;
	case TAPI_LINE_EV_LOST:
		resynchronise(line);
		break;
	}
}

/**
 * events_ready() - read and handle what there is; the event thread, with the lock
 */
void events_ready(struct card_line *line)
{
	struct tapi_line_event events[RECORDS];
	ssize_t n;

	while ((n = read(line->fd, events, sizeof(events))) > 0) {
		for (size_t i = 0; i < n / sizeof(events[0]); i++) {
			card_trace_event(&events[i]);
			if (events[i].type == TAPI_LINE_EV_GONE) {
				hotplug_gone(line);
				return;
			}
			handle(line, &events[i]);
		}
	}
	if (n < 0 && errno == ENODEV)
		hotplug_gone(line);
}

void events_begin(struct card_line *line)
{
	struct tapi_line_param drop = { .id = TAPI_LINE_PARAM_LOOP_DROP };
	struct tapi_line_event events[RECORDS];

	while (read(line->fd, events, sizeof(events)) > 0)
		;
	line->drop_ms = 0;
	if (!line_request(line, TAPI_LINE_G_PARAM, &drop) && drop.value > 0)
		line->drop_ms = drop.value;
}

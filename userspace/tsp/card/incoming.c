/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that come: an exchange rings, or a telephone is picked up.
 */
#include "card.h"
#include "sound.h"

/* The longest pause of any country's ringing is 5 s; then the caller has given up */
#define RING_END_MS	6000
#define RING_MODE	1

/*
 * One medium when somebody wants just one; else nobody knows what the caller is, and who might be
 * asked are those who want to hear.
 */
static DWORD media_of(const struct card_line *line)
{
	DWORD voices = LINEMEDIAMODE_INTERACTIVEVOICE | LINEMEDIAMODE_AUTOMATEDVOICE;
	DWORD wanted = line->media_modes & voices;

	if (wanted == LINEMEDIAMODE_INTERACTIVEVOICE || wanted == LINEMEDIAMODE_AUTOMATEDVOICE)
		return wanted;
	return LINEMEDIAMODE_UNKNOWN | voices;
}

static void offer(struct card_line *line, DWORD origin)
{
	struct card_call *call = call_new(line, origin);

	if (!call) {
		card_log(3, "line %s: no memory for a call", line->node);
		return;
	}
	call->media_mode = media_of(line);
	report_new_call(call);
	call_set(call, LINECALLSTATE_OFFERING, LINEOFFERINGMODE_ACTIVE);
	channel_announce(call);
}

static bool is_offered(const struct card_call *call)
{
	return call->state.state & (LINECALLSTATE_OFFERING | LINECALLSTATE_ACCEPTED);
}

static void ring_over(void *data)
{
	struct card_line *line = data;

	line->rings = 0;
	line->ring_ignored = false;
	sound_caller_id(line, false);
	if (line->call)
		call_happens(line->call, CALL_ABANDONED);
}

/* Between the first two bursts the exchange may say who calls */
static void burst_ended(struct card_line *line)
{
	if (line->call && line->rings == 1)
		sound_caller_id(line, true);
}

/**
 * incoming_ring() - a burst of ringing starts or ends
 */
void incoming_ring(struct card_line *line, bool on)
{
	/* an answer or a call of our own met the burst on its way */
	if (line->call && !is_offered(line->call))
		return;
	timer_start(&line->ring_timer, RING_END_MS, ring_over, line);
	if (!on) {
		burst_ended(line);
		return;
	}
	sound_caller_id(line, false);
	if (line->line_states & LINEDEVSTATE_RINGING)
		report_line(line, LINE_LINEDEVSTATE, LINEDEVSTATE_RINGING, RING_MODE,
			    line->rings);
	line->rings++;
	/* nobody listens: leave it to whoever else hangs on this line */
	if (!line->call && !line->ring_ignored && line->media_modes)
		offer(line, LINECALLORIGIN_EXTERNAL);
}

/**
 * incoming_answered() - the ringing has ended: what rings next is another call
 */
void incoming_answered(struct card_line *line)
{
	timer_stop(&line->ring_timer);
	line->rings = 0;
	sound_caller_id(line, false);
}

/**
 * incoming_phone() - the telephone on this line is picked up or hung up
 */
void incoming_phone(struct card_line *line, bool off)
{
	struct card_call *call = line->call;

	if (!off) {
		if (call && !call_happens(call, CALL_ABANDONED))
			call_happens(call, CALL_HANGUP);
		return;
	}
	if (call)
		outgoing_answered(call);
	else if (line->media_modes)
		offer(line, LINECALLORIGIN_INTERNAL);
}

/**
 * incoming_flush() - the line is closed
 */
void incoming_flush(struct card_line *line)
{
	timer_stop(&line->ring_timer);
	timer_stop(&line->drop_timer);
	line->rings = 0;
	line->ring_ignored = false;
}

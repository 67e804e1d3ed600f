/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call as the exchange sees it: what it does when something happens on the
 * line, when somebody gives a command, and when time has passed.
 *
 * Pure: what is to be done is asked of struct exchange_ops, the time comes in.
 * All times are CLOCK_MONOTONIC, ms.
 */
#ifndef OFFICE_EXCHANGE_H
#define OFFICE_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command.h"
#include "route.h"

/* No deadline */
#define EXCHANGE_NEVER	UINT64_MAX
/* Digits of the longest number, ITU-T E.164, with an access code and to spare */
#define EXCHANGE_DIGITS	32

/* States of the line */
enum exchange_state {
	EXCHANGE_IDLE,
	EXCHANGE_RING_FIRST,	/* first burst of a call with caller id */
	EXCHANGE_RING_GAP,	/* the moment of silence after it */
	EXCHANGE_CALLER_ID,
	EXCHANGE_RING_PAUSE,	/* rest of the pause before the second burst */
	EXCHANGE_RINGING,
	EXCHANGE_DIAL_TONE,
	EXCHANGE_DIGITS_IN,	/* after the first digit */
	EXCHANGE_RINGBACK,
	EXCHANGE_TALK,
	EXCHANGE_RELEASE,	/* the battery is off: the other party has gone */
	EXCHANGE_REFUSED,	/* a tone tells to hang up */
	EXCHANGE_MANUAL,	/* off hook, and the exchange does nothing by itself */
	EXCHANGE_STATES,
};

/* How the line is fed */
enum exchange_feed {
	EXCHANGE_FEED_NORMAL,
	EXCHANGE_FEED_REVERSED,	/* the called party has answered */
	EXCHANGE_FEED_OPEN,
	EXCHANGE_FEED_ON_HOOK,	/* normal, and sound passes while on hook */
};

/**
 * struct exchange_ops - what the exchange needs done
 * @ring: ring with bursts of @on_ms and pauses of @off_ms, @count times or, 0, until stopped;
 *	exchange_ring_done() when it has ended by itself. 0 or a negative errno
 * @stop_ring: stop ringing
 * @feed: feed the line. 0 or a negative errno
 * @sound: sound to and from the line, on or off
 * @tone: play a tone, or none
 * @caller_id: play the caller's number and name; exchange_caller_id_done() at the end. 0 or a
 *	negative errno
 * @answered: a conversation begins; @route is how the call got there, NULL when the exchange rang
 * @off_hook: is the telephone off hook by now?
 * @say: an event
 */
struct exchange_ops {
	int (*ring)(void *data, unsigned int on_ms, unsigned int off_ms, unsigned int count);
	void (*stop_ring)(void *data);
	int (*feed)(void *data, enum exchange_feed feed);
	void (*sound)(void *data, bool on);
	void (*tone)(void *data, enum tone tone);
	int (*caller_id)(void *data, const char *number, const char *name);
	void (*answered)(void *data, const struct route *route);
	bool (*off_hook)(void *data);
	void (*say)(void *data, const char *format, ...) __attribute__((format(printf, 2, 3)));
};

/**
 * struct exchange_config - what the line can do and how the exchange behaves
 * @manual: no dial tone, no digits: off hook is a conversation
 * @can_open: the battery can be switched off
 * @can_reverse: the polarity can be reversed
 * @can_caller_id: sound passes while on hook
 * @first_digit_ms: how long the dial tone lasts
 * @digit_ms: a pause as long as this ends a number
 * @disconnect_ms: how long the battery is off when the other party hangs up
 * @no_answer_ms: how long a party rings that does not answer
 */
struct exchange_config {
	bool manual;
	bool can_open;
	bool can_reverse;
	bool can_caller_id;
	unsigned int first_digit_ms;
	unsigned int digit_ms;
	unsigned int disconnect_ms;
	unsigned int no_answer_ms;
};

/**
 * struct exchange - a line's end in the exchange
 * @ops: what to do; borrowed
 * @data: for @ops
 * @config: behaviour
 * @routes: known numbers; owned
 * @state: state of the line
 * @due: when exchange_tick() is wanted, EXCHANGE_NEVER
 * @next_burst: ringing with caller id: when the second burst is due
 * @on_ms: burst of the ringing
 * @off_ms: pause of the ringing
 * @count: bursts still to come, 0 until stopped
 * @number: caller's number or NULL; owned
 * @name: caller's name or NULL; owned
 * @digits: dialled so far
 * @route: of the call, NULL
 * @answer_set: @answer_ms counts, for calls without a route that says more
 * @answer_ms: how long a called party rings
 * @reversed: the feed is
 */
struct exchange {
	const struct exchange_ops *ops;
	void *data;
	struct exchange_config config;
	struct route *routes;
	enum exchange_state state;
	uint64_t due;
	uint64_t next_burst;
	unsigned int on_ms;
	unsigned int off_ms;
	unsigned int count;
	char *number;
	char *name;
	char digits[EXCHANGE_DIGITS + 1];
	const struct route *route;
	bool answer_set;
	unsigned int answer_ms;
	bool reversed;
};

/** exchange_init() - prepare; the line is on hook */
void exchange_init(struct exchange *ex, const struct exchange_ops *ops, void *data,
		   const struct exchange_config *config);

/** exchange_fini() - leave the line as it was found, free what it owns */
void exchange_fini(struct exchange *ex);

/** exchange_hook() - the telephone is on or off hook */
void exchange_hook(struct exchange *ex, bool off, uint64_t now);

/** exchange_digit() - a digit was dialled */
void exchange_digit(struct exchange *ex, char digit, uint64_t now);

/** exchange_ring_done() - all bursts of a ring request were sent */
void exchange_ring_done(struct exchange *ex, uint64_t now);

/** exchange_caller_id_done() - the caller id was sent */
void exchange_caller_id_done(struct exchange *ex, uint64_t now);

/** exchange_tick() - time has passed; does nothing before exchange.due */
void exchange_tick(struct exchange *ex, uint64_t now);

/**
 * exchange_ring() - somebody calls the telephone
 * @ex: the exchange
 * @call: a COMMAND_RING
 *
 * Return: 0; -EBUSY there is a call already; -ENOMEM; what the line says.
 */
int exchange_ring(struct exchange *ex, const struct command *call);

/** exchange_stop_ring() - the caller gives up. Return: 0, or -ENOTCONN nobody rings */
int exchange_stop_ring(struct exchange *ex);

/** exchange_hangup() - the other party hangs up. Return: 0, or -ENOTCONN there is no call */
int exchange_hangup(struct exchange *ex, uint64_t now);

/** exchange_answer_after() - the called party answers @ms from now, or after it began to ring */
void exchange_answer_after(struct exchange *ex, unsigned int ms, uint64_t now);

/** exchange_route() - a COMMAND_ROUTE. Return: as route_set(); -EBUSY a call uses the route */
int exchange_route(struct exchange *ex, const struct command *command);

/** exchange_state_name() - for people and scripts */
const char *exchange_state_name(enum exchange_state state);

/** exchange_is_ringing() - does the exchange ring the telephone? */
bool exchange_is_ringing(const struct exchange *ex);

#endif /* OFFICE_EXCHANGE_H */

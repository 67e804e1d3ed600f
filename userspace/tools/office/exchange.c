/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Telcordia GR-30: caller id begins 0.5 s after the first burst or later ... */
#define CALLER_ID_AFTER_MS	500
/* ... and ends 0.2 s before the second one or earlier */
#define CALLER_ID_BEFORE_MS	200

static const struct {
	const char *name;
	bool rings;
} states[EXCHANGE_STATES] = {
	[EXCHANGE_IDLE] = { "idle", false },
	[EXCHANGE_RING_FIRST] = { "first-ring", true },
	[EXCHANGE_RING_GAP] = { "first-pause", true },
	[EXCHANGE_CALLER_ID] = { "caller-id", true },
	[EXCHANGE_RING_PAUSE] = { "pause", true },
	[EXCHANGE_RINGING] = { "ringing", true },
	[EXCHANGE_DIAL_TONE] = { "dial-tone", false },
	[EXCHANGE_DIGITS_IN] = { "digits", false },
	[EXCHANGE_RINGBACK] = { "ringback", false },
	[EXCHANGE_TALK] = { "talk", false },
	[EXCHANGE_RELEASE] = { "release", false },
	[EXCHANGE_REFUSED] = { "refused", false },
	[EXCHANGE_MANUAL] = { "off-hook", false },
};

const char *exchange_state_name(enum exchange_state state)
{
	return states[state].name;
}

bool exchange_is_ringing(const struct exchange *ex)
{
	return states[ex->state].rings;
}

void exchange_init(struct exchange *ex, const struct exchange_ops *ops, void *data,
		   const struct exchange_config *config)
{
	*ex = (struct exchange){ .ops = ops, .data = data, .config = *config };
	ex->due = EXCHANGE_NEVER;
}

static void enter(struct exchange *ex, enum exchange_state state, uint64_t due)
{
	ex->state = state;
	ex->due = due;
}

static void forget_caller(struct exchange *ex)
{
	free(ex->number);
	free(ex->name);
	ex->number = NULL;
	ex->name = NULL;
}

/* The call is over and the telephone on hook */
static void go_idle(struct exchange *ex)
{
	forget_caller(ex);
	ex->route = NULL;
	ex->digits[0] = '\0';
	enter(ex, EXCHANGE_IDLE, EXCHANGE_NEVER);
	ex->ops->say(ex->data, "idle");
}

static void normal_feed(struct exchange *ex)
{
	int err = ex->ops->feed(ex->data, EXCHANGE_FEED_NORMAL);

	ex->reversed = false;
	if (err)
		ex->ops->say(ex->data, "error line feed: %s", strerror(-err));
}

/* A tone tells the subscriber to hang up */
static void refuse(struct exchange *ex, enum tone tone)
{
	ex->ops->tone(ex->data, tone);
	enter(ex, EXCHANGE_REFUSED, EXCHANGE_NEVER);
}

/* Ends ringing, wherever it is */
static void end_ringing(struct exchange *ex)
{
	if (ex->state == EXCHANGE_RING_FIRST || ex->state == EXCHANGE_RINGING)
		ex->ops->stop_ring(ex->data);
	if (ex->state == EXCHANGE_CALLER_ID)
		normal_feed(ex);
}

static void talk(struct exchange *ex)
{
	enter(ex, EXCHANGE_TALK, EXCHANGE_NEVER);
	ex->ops->say(ex->data, "answered");
	ex->ops->answered(ex->data, ex->route);
}

/* The called party has answered */
static void far_answers(struct exchange *ex)
{
	int err = 0;

	ex->ops->tone(ex->data, TONE_OFF);
	if (ex->config.can_reverse) {
		err = ex->ops->feed(ex->data, EXCHANGE_FEED_REVERSED);
		ex->reversed = !err;
	}
	if (err)
		ex->ops->say(ex->data, "error line feed: %s", strerror(-err));
	talk(ex);
}

static uint64_t answer_due(const struct exchange *ex, uint64_t now)
{
	enum route_action action = ex->route ? ex->route->answer.action : ROUTE_RINGBACK;

	if (action == ROUTE_ANSWER)
		return now + ex->route->answer.after_ms;
	if (action == ROUTE_NO_ANSWER)
		return now + ex->config.no_answer_ms;
	return ex->answer_set ? now + ex->answer_ms : EXCHANGE_NEVER;
}

/* The number is complete */
static void place_call(struct exchange *ex, const struct route *route, uint64_t now)
{
	ex->ops->say(ex->data, "number %s", ex->digits);
	if (!route)
		route = route_find_default(ex->routes);
	ex->route = route;
	if (!route && !ex->answer_set) {
		refuse(ex, TONE_REORDER);
	} else if (route && route->answer.action == ROUTE_BUSY) {
		refuse(ex, TONE_BUSY);
	} else {
		ex->ops->tone(ex->data, TONE_RINGBACK);
		enter(ex, EXCHANGE_RINGBACK, answer_due(ex, now));
		ex->answer_set = false;
	}
}

static void picked_up(struct exchange *ex, uint64_t now)
{
	bool rang = exchange_is_ringing(ex);

	end_ringing(ex);
	if (rang) {
		/* armed sound is there from the first sample */
		talk(ex);
		ex->ops->sound(ex->data, true);
	} else if (ex->config.manual) {
		enter(ex, EXCHANGE_MANUAL, EXCHANGE_NEVER);
		ex->ops->answered(ex->data, NULL);
		ex->ops->sound(ex->data, true);
	} else {
		enter(ex, EXCHANGE_DIAL_TONE, now + ex->config.first_digit_ms);
		ex->ops->tone(ex->data, TONE_DIAL);
		ex->ops->sound(ex->data, true);
	}
}

void exchange_hook(struct exchange *ex, bool off, uint64_t now)
{
	/* without a battery there is no telling what the telephone does */
	if (ex->state == EXCHANGE_RELEASE)
		return;
	if (off) {
		if (ex->state == EXCHANGE_IDLE || exchange_is_ringing(ex))
			picked_up(ex, now);
		return;
	}
	if (ex->state == EXCHANGE_IDLE || exchange_is_ringing(ex))
		return;
	ex->ops->tone(ex->data, TONE_OFF);
	ex->ops->sound(ex->data, false);
	if (ex->reversed)
		normal_feed(ex);
	go_idle(ex);
}

void exchange_digit(struct exchange *ex, char digit, uint64_t now)
{
	size_t length = strlen(ex->digits);
	const struct route *route;
	bool more;

	if (ex->state == EXCHANGE_DIAL_TONE)
		ex->ops->tone(ex->data, TONE_OFF);
	else if (ex->state != EXCHANGE_DIGITS_IN)
		return;
	ex->digits[length] = digit;
	ex->digits[length + 1] = '\0';
	enter(ex, EXCHANGE_DIGITS_IN, now + ex->config.digit_ms);
	route = route_find(ex->routes, ex->digits, &more);
	if ((route && !more) || length + 1 == EXCHANGE_DIGITS)
		place_call(ex, route, now);
}

/* A burst of @count: 1 burst is no cadence */
static int ring(struct exchange *ex, unsigned int count)
{
	return ex->ops->ring(ex->data, ex->on_ms, ex->off_ms, count);
}

void exchange_ring_done(struct exchange *ex, uint64_t now)
{
	if (ex->state == EXCHANGE_RING_FIRST) {
		ex->next_burst = now + ex->off_ms;
		enter(ex, EXCHANGE_RING_GAP, now + CALLER_ID_AFTER_MS);
	} else if (ex->state == EXCHANGE_RINGING) {
		go_idle(ex);
	}
}

static void begin_caller_id(struct exchange *ex, uint64_t now)
{
	int err = ex->ops->feed(ex->data, EXCHANGE_FEED_ON_HOOK);

	enter(ex, EXCHANGE_CALLER_ID, EXCHANGE_NEVER);
	if (!err)
		err = ex->ops->caller_id(ex->data, ex->number, ex->name);
	if (!err)
		return;
	ex->ops->say(ex->data, "error caller id: %s", strerror(-err));
	exchange_caller_id_done(ex, now);
}

void exchange_caller_id_done(struct exchange *ex, uint64_t now)
{
	uint64_t earliest = now + CALLER_ID_BEFORE_MS;

	if (ex->state != EXCHANGE_CALLER_ID)
		return;
	ex->ops->sound(ex->data, false);
	normal_feed(ex);
	enter(ex, EXCHANGE_RING_PAUSE, ex->next_burst > earliest ? ex->next_burst : earliest);
}

/* The second burst and all after it */
static void ring_on(struct exchange *ex)
{
	int err;

	if (ex->count == 1) {
		go_idle(ex);
		return;
	}
	enter(ex, EXCHANGE_RINGING, EXCHANGE_NEVER);
	err = ring(ex, ex->count ? ex->count - 1 : 0);
	/* busy: picked up this moment, which will be told */
	if (err && err != -EBUSY) {
		ex->ops->say(ex->data, "error ring: %s", strerror(-err));
		go_idle(ex);
	}
}

/* The battery is back, and with it the knowledge of the hook */
static void end_release(struct exchange *ex)
{
	normal_feed(ex);
	if (ex->ops->off_hook(ex->data)) {
		refuse(ex, TONE_BUSY);
		return;
	}
	ex->ops->sound(ex->data, false);
	go_idle(ex);
}

void exchange_tick(struct exchange *ex, uint64_t now)
{
	bool more;

	if (now < ex->due)
		return;
	ex->due = EXCHANGE_NEVER;
	switch (ex->state) {
	case EXCHANGE_RING_GAP:
		begin_caller_id(ex, now);
		break;
	case EXCHANGE_RING_PAUSE:
		ring_on(ex);
		break;
	case EXCHANGE_DIAL_TONE:
		refuse(ex, TONE_REORDER);
		break;
	case EXCHANGE_DIGITS_IN:
		place_call(ex, route_find(ex->routes, ex->digits, &more), now);
		break;
	case EXCHANGE_RINGBACK:
		if (ex->route && ex->route->answer.action == ROUTE_NO_ANSWER)
			refuse(ex, TONE_REORDER);
		else
			far_answers(ex);
		break;
	case EXCHANGE_RELEASE:
		end_release(ex);
		break;
	default:
		break;
	}
}

static int remember_caller(struct exchange *ex, const struct command *call)
{
	forget_caller(ex);
	ex->number = call->number ? strdup(call->number) : NULL;
	ex->name = call->name ? strdup(call->name) : NULL;
	if (!ex->number == !call->number && !ex->name == !call->name)
		return 0;
	forget_caller(ex);
	return -ENOMEM;
}

int exchange_ring(struct exchange *ex, const struct command *call)
{
	bool identified = call->number || call->name;
	int err;

	if (ex->state != EXCHANGE_IDLE)
		return -EBUSY;
	if (identified && !ex->config.can_caller_id) {
		ex->ops->say(ex->data, "error caller id: the line has no sound while on hook");
		identified = false;
	}
	err = remember_caller(ex, call);
	if (err)
		return err;
	ex->on_ms = call->cadence_ms[0];
	ex->off_ms = call->cadence_ms[1];
	ex->count = call->count;
	err = ring(ex, identified ? 1 : ex->count);
	if (!err)
		enter(ex, identified ? EXCHANGE_RING_FIRST : EXCHANGE_RINGING, EXCHANGE_NEVER);
	return err;
}

int exchange_stop_ring(struct exchange *ex)
{
	bool sounds = ex->state == EXCHANGE_CALLER_ID;

	if (!exchange_is_ringing(ex))
		return -ENOTCONN;
	end_ringing(ex);
	if (sounds)
		ex->ops->sound(ex->data, false);
	go_idle(ex);
	return 0;
}

int exchange_hangup(struct exchange *ex, uint64_t now)
{
	if (exchange_is_ringing(ex))
		return exchange_stop_ring(ex);
	if (ex->state == EXCHANGE_RINGBACK) {
		refuse(ex, TONE_BUSY);
		return 0;
	}
	if (ex->state != EXCHANGE_TALK && ex->state != EXCHANGE_MANUAL)
		return -ENOTCONN;
	if (!ex->config.can_open || ex->ops->feed(ex->data, EXCHANGE_FEED_OPEN)) {
		refuse(ex, TONE_BUSY);
		return 0;
	}
	ex->ops->tone(ex->data, TONE_OFF);
	enter(ex, EXCHANGE_RELEASE, now + ex->config.disconnect_ms);
	return 0;
}

void exchange_answer_after(struct exchange *ex, unsigned int ms, uint64_t now)
{
	enum route_action action = ex->route ? ex->route->answer.action : ROUTE_RINGBACK;

	if (ex->state == EXCHANGE_RINGBACK && action != ROUTE_NO_ANSWER) {
		ex->due = now + ms;
		return;
	}
	ex->answer_set = true;
	ex->answer_ms = ms;
}

int exchange_route(struct exchange *ex, const struct command *command)
{
	if (ex->route && !strcmp(ex->route->digits, command->digits))
		return -EBUSY;
	return route_set(&ex->routes, command->digits, command->answer, command->file,
			 command->record);
}

void exchange_fini(struct exchange *ex)
{
	end_ringing(ex);
	ex->ops->sound(ex->data, false);
	if (ex->reversed || ex->state == EXCHANGE_RELEASE)
		normal_feed(ex);
	forget_caller(ex);
	route_free(ex->routes);
	ex->routes = NULL;
	ex->route = NULL;
}

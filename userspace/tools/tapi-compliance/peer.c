/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: what one end of a cable does and the other end sees. */
#include "test.h"

static bool near(const struct run *r, uint32_t got_ms, uint32_t want_ms)
{
	return got_ms + r->tolerance_ms >= want_ms && got_ms <= want_ms + r->tolerance_ms;
}

static enum verdict fxo_hook(struct run *r, uint32_t op)
{
	struct tapi_line_event ev;

	CHECK_OK(set_hook(r->fxo, op, 0, 0), "S_HOOK");
	CHECK_OK(event_wait(r->fxs->fd, TAPI_LINE_EV_HOOK, &ev), "the exchange sees nothing");
	CHECK(ev.hook.state == op && ev.hook.cause == TAPI_LINE_HOOK_BY_LINE,
	      "the exchange sees HOOK %u, cause %u", ev.hook.state, ev.hook.cause);
	return OK;
}

static enum verdict hook(struct run *r)
{
	enum verdict v = fxo_hook(r, TAPI_LINE_OFF_HOOK);

	return v == OK ? fxo_hook(r, TAPI_LINE_ON_HOOK) : v;
}

static enum verdict hook_death(struct run *r)
{
	enum verdict v = fxo_hook(r, TAPI_LINE_OFF_HOOK);
	struct tapi_line_event ev;

	if (v != OK)
		return v;
	line_drop(r->fxo);
	CHECK_OK(event_wait(r->fxs->fd, TAPI_LINE_EV_HOOK, &ev), "the exchange sees nothing");
	CHECK(ev.hook.state == TAPI_LINE_ON_HOOK, "the exchange sees HOOK %u", ev.hook.state);
	return OK;
}

static enum verdict flash(struct run *r)
{
	enum verdict v = fxo_hook(r, TAPI_LINE_OFF_HOOK);
	struct tapi_line_event ev;

	if (v != OK)
		return v;
	CHECK_OK(set_hook(r->fxo, TAPI_LINE_HOOK_FLASH, 300, 0), "flash");
	CHECK_OK(event_wait(r->fxs->fd, TAPI_LINE_EV_FLASH, &ev), "the exchange sees no flash");
	CHECK(ev.hook.cause == TAPI_LINE_HOOK_BY_LINE, "cause %u", ev.hook.cause);
	CHECK(near(r, ev.hook.duration_ms, 300), "a flash of 300 ms is seen as %u",
	      ev.hook.duration_ms);
	return OK;
}

/* A burst as the telephone's end hears it */
static enum verdict heard(struct run *r, struct tapi_line_event *on, struct tapi_line_event *off)
{
	CHECK_OK(event_wait(r->fxo->fd, TAPI_LINE_EV_RING, on), "no ringing arrives");
	CHECK(on->ring.state == 1, "RING %u first", on->ring.state);
	CHECK_OK(event_wait(r->fxo->fd, TAPI_LINE_EV_RING, off), "it does not end");
	CHECK(off->ring.state == 0, "RING %u then", off->ring.state);
	return OK;
}

static enum verdict ring(struct run *r)
{
	struct tapi_line_event on[2], off[2];
	enum verdict v;

	CHECK_OK(ring_start(r->fxs, 2, 1000, 1500, 0), "S_RING");
	v = heard(r, &on[0], &off[0]);
	v = v == OK ? heard(r, &on[1], &off[1]) : v;
	if (v != OK)
		return v;
	CHECK(near(r, (off[0].ts - on[0].ts) / 1000000, 1000), "a burst of 1000 ms is heard as %u",
	      (unsigned int)((off[0].ts - on[0].ts) / 1000000));
	CHECK(near(r, (on[1].ts - on[0].ts) / 1000000, 2500), "2500 ms between bursts, heard as %u",
	      (unsigned int)((on[1].ts - on[0].ts) / 1000000));
	return OK;
}

static enum verdict answer(struct run *r)
{
	struct tapi_line_event ev, off;
	enum verdict v;

	CHECK_OK(ring_start(r->fxs, 0, 1000, 1000, 101), "S_RING");
	v = heard(r, &ev, &off);
	v = v == OK ? fxo_hook(r, TAPI_LINE_OFF_HOOK) : v;
	if (v != OK)
		return v;
	CHECK_OK(event_complete(r->fxs->fd, 101, &ev), "ringing goes on");
	CHECK(!ev.complete.status, "COMPLETE: %s", error_name(ev.complete.status));
	CHECK_OK(state_await(r->fxo, (struct state_want){ TAPI_LINE_OFF_HOOK, 0, -1 }, HANGUP_MS),
		 "ringing voltage on the ear");
	CHECK_ERR(ring_start(r->fxs, 1, 1000, 1000, 0), EBUSY, "S_RING while off hook");
	return OK;
}

static enum verdict pulse(struct run *r)
{
	static const char digits[] = "1950248";
	enum verdict v = fxo_hook(r, TAPI_LINE_OFF_HOOK);
	struct tapi_line_event ev;

	if (v != OK)
		return v;
	CHECK_OK(dial(r->fxo, TAPI_LINE_DIAL_PULSE, digits, 111), "DIAL");
	for (size_t i = 0; i < sizeof(digits) - 1; i++) {
		uint32_t pulses = digits[i] == '0' ? 10 : digits[i] - '0';

		CHECK_OK(event_wait(r->fxs->fd, TAPI_LINE_EV_PULSE_DIGIT, &ev), "a digit is missing");
		CHECK(ev.pulse.digit == (uint32_t)digits[i] && ev.pulse.pulses == pulses,
		      "%c arrives as %c of %u pulses", digits[i], (char)ev.pulse.digit,
		      ev.pulse.pulses);
	}
	CHECK_OK(event_complete(r->fxo->fd, 111, &ev), "no COMPLETE record");
	CHECK(!ev.complete.status && ev.complete.done == sizeof(digits) - 1,
	      "COMPLETE: %s, %u digits", error_name(ev.complete.status), ev.complete.done);
	return OK;
}

/* One digit pressed and released */
static enum verdict one_digit(struct run *r, const struct line *to, char digit)
{
	struct tapi_line_event on, off;

	CHECK_OK(event_wait(to->fd, TAPI_LINE_EV_DTMF, &on), "a digit is missing");
	CHECK(on.dtmf.digit == (uint32_t)digit && on.dtmf.pressed == 1, "%c arrives as %c, pressed %u",
	      digit, (char)on.dtmf.digit, on.dtmf.pressed);
	CHECK_OK(event_wait(to->fd, TAPI_LINE_EV_DTMF, &off), "a digit does not end");
	CHECK(off.dtmf.digit == (uint32_t)digit && !off.dtmf.pressed, "%c ends as %c, pressed %u",
	      digit, (char)off.dtmf.digit, off.dtmf.pressed);
	CHECK(near(r, off.dtmf.duration_ms, 100), "%c of 100 ms arrives as %u", digit,
	      off.dtmf.duration_ms);
	return OK;
}

static enum verdict dtmf(struct run *r, const struct line *from, const struct line *to)
{
	static const char digits[] = "0123456789*#ABCD";
	enum verdict v = fxo_hook(r, TAPI_LINE_OFF_HOOK);
	struct tapi_line_event ev;

	if (v != OK)
		return v;
	CHECK_OK(dial(from, TAPI_LINE_DIAL_DTMF, digits, 121), "DIAL");
	for (size_t i = 0; i < sizeof(digits) - 1 && v == OK; i++)
		v = one_digit(r, to, digits[i]);
	if (v != OK)
		return v;
	CHECK_OK(event_complete(from->fd, 121, &ev), "no COMPLETE record");
	CHECK(!ev.complete.status && ev.complete.done == sizeof(digits) - 1,
	      "COMPLETE: %s, %u digits", error_name(ev.complete.status), ev.complete.done);
	return OK;
}

static enum verdict dtmf_out(struct run *r)
{
	return dtmf(r, r->fxo, r->fxs);
}

static enum verdict dtmf_in(struct run *r)
{
	return dtmf(r, r->fxs, r->fxo);
}

static enum verdict polarity(struct run *r)
{
	struct tapi_line_event ev;

	for (uint32_t value = 1; value <= 1; value--) {
		CHECK_OK(set_feed(r->fxs, TAPI_LINE_FEED_ACTIVE, value), "S_LINEFEED");
		CHECK_OK(event_wait(r->fxo->fd, TAPI_LINE_EV_POLARITY, &ev), "it does not arrive");
		CHECK(ev.level.value == value, "polarity %u arrives as %u", value, ev.level.value);
	}
	return OK;
}

static enum verdict battery(struct run *r)
{
	struct tapi_line_event ev;

	for (uint32_t value = 0; value <= 1; value++) {
		CHECK_OK(set_feed(r->fxs, value ? TAPI_LINE_FEED_ACTIVE : TAPI_LINE_FEED_OPEN, 0),
			 "S_LINEFEED");
		CHECK_OK(event_wait(r->fxo->fd, TAPI_LINE_EV_BATTERY, &ev), "it does not arrive");
		CHECK(ev.battery.state == value, "battery %u arrives as %u", value,
		      ev.battery.state);
	}
	return OK;
}

static enum verdict loop_drop(struct run *r)
{
	enum verdict v = fxo_hook(r, TAPI_LINE_OFF_HOOK);
	struct tapi_line_event ev;

	if (v != OK)
		return v;
	CHECK_OK(set_feed(r->fxs, TAPI_LINE_FEED_OPEN, 0), "S_LINEFEED");
	CHECK_OK(wait_ms(500), "interrupted");
	CHECK_OK(set_feed(r->fxs, TAPI_LINE_FEED_ACTIVE, 0), "S_LINEFEED");
	CHECK_OK(event_wait(r->fxo->fd, TAPI_LINE_EV_LOOP_DROP, &ev), "no LOOP_DROP");
	return OK;
}

#define RULE LINE_PAGE "Reading events"

static const struct test tests[] = {
	{ "peer/hook", RULE, "off hook and on hook are seen at the other end", T_PEER,
	  .fxo = TAPI_LINE_CAP_HOOK, .run = hook },
	{ "peer/safe-state", LINE_PAGE "Claiming", "the other end sees that the claimer went",
	  T_PEER, .fxo = TAPI_LINE_CAP_HOOK, .run = hook_death },
	{ "peer/flash", RULE, "a flash is seen with its length", T_PEER,
	  .fxo = TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_FLASH, .run = flash },
	{ "peer/ring", RULE, "ringing reaches the other end with its cadence", T_PEER,
	  .fxs = TAPI_LINE_CAP_RING, .run = ring },
	{ "peer/answer", RULE, "ringing ends when the other end goes off hook", T_PEER,
	  .fxo = TAPI_LINE_CAP_HOOK, .fxs = TAPI_LINE_CAP_RING, .run = answer },
	{ "peer/pulse", RULE, "pulses are counted at the other end", T_PEER,
	  .fxo = TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_PULSE_DIAL, .run = pulse },
	{ "peer/dtmf-to-fxs", RULE, "digits are decoded, with their length", T_PEER,
	  .fxo = TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_DTMF_DIAL,
	  .fxs = TAPI_LINE_CAP_DTMF_DETECT, .run = dtmf_out },
	{ "peer/dtmf-to-fxo", RULE, "digits are decoded, with their length", T_PEER,
	  .fxo = TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_DTMF_DETECT,
	  .fxs = TAPI_LINE_CAP_DTMF_DIAL, .run = dtmf_in },
	{ "peer/polarity", RULE, "tip and ring are swapped at the other end", T_PEER,
	  .fxs = TAPI_LINE_CAP_LINEFEED | TAPI_LINE_CAP_POLARITY, .run = polarity },
	{ "peer/battery", RULE, "the feed is seen at the other end", T_PEER,
	  .fxs = TAPI_LINE_CAP_LINEFEED, .run = battery },
	{ "peer/loop-drop", RULE, "a short break of the battery while off hook is LOOP_DROP",
	  T_PEER, .fxo = TAPI_LINE_CAP_HOOK, .fxs = TAPI_LINE_CAP_LINEFEED, .run = loop_drop },
};

GROUP(peer_group, tests);

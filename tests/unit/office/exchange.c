/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call as tapi-office decides it: what is done, and when. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "exchange.h"

/* What the exchange asked for since the test looked last, in words */
struct fake {
	struct exchange ex;
	char log[4096];
	bool off_hook;
	bool sounds;
	bool quiet;		/* nothing is noted */
	enum exchange_feed feed;
	int ring_error;
	int feed_error;
	int caller_id_error;
};

__attribute__((format(printf, 2, 3)))
static void note(void *data, const char *format, ...)
{
	struct fake *fake = data;
	size_t used = strlen(fake->log);
	va_list args;

	if (fake->quiet)
		return;
	va_start(args, format);
	vsnprintf(fake->log + used, sizeof(fake->log) - used, format, args);
	va_end(args);
	strncat(fake->log, "; ", sizeof(fake->log) - strlen(fake->log) - 1);
}

static int ring(void *data, unsigned int on_ms, unsigned int off_ms, unsigned int count)
{
	note(data, "ring %u,%u %u", on_ms, off_ms, count);
	return ((struct fake *)data)->ring_error;
}

static void stop_ring(void *data)
{
	note(data, "stop");
}

static int feed(void *data, enum exchange_feed kind)
{
	static const char *const names[] = { "normal", "reversed", "open", "oht" };
	struct fake *fake = data;

	note(data, "feed %s", names[kind]);
	if (!fake->feed_error)
		fake->feed = kind;
	return fake->feed_error;
}

static void sound(void *data, bool on)
{
	((struct fake *)data)->sounds = on;
	note(data, "sound %s", on ? "on" : "off");
}

static void tone(void *data, enum tone kind)
{
	note(data, "tone %s", tone_name(kind));
}

static int caller_id(void *data, const char *number, const char *name)
{
	struct fake *fake = data;

	fake->sounds = !fake->caller_id_error;
	note(data, "cid %s %s", number ? number : "-", name ? name : "-");
	return fake->caller_id_error;
}

static void answered(void *data, const struct route *route)
{
	note(data, "begin %s", route ? route->digits : "-");
}

static bool off_hook(void *data)
{
	return ((struct fake *)data)->off_hook;
}

__attribute__((format(printf, 2, 3)))
static void say(void *data, const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	note(data, "'%s'", text);
}

static const struct exchange_ops ops = {
	.ring = ring, .stop_ring = stop_ring, .feed = feed, .sound = sound, .tone = tone,
	.caller_id = caller_id, .answered = answered, .off_hook = off_hook, .say = say,
};

static const struct exchange_config config = {
	.can_open = true, .can_reverse = true, .can_caller_id = true, .first_digit_ms = 10000,
	.digit_ms = 3000, .disconnect_ms = 600, .no_answer_ms = 60000,
};

static int setup(void **state)
{
	static struct fake fake;

	memset(&fake, 0, sizeof(fake));
	exchange_init(&fake.ex, &ops, &fake, &config);
	*state = &fake;
	return 0;
}

static int teardown(void **state)
{
	struct fake *fake = *state;

	exchange_fini(&fake->ex);
	/* whatever happened before: a fed line without sound */
	return fake->feed_error ? 0 : fake->feed != EXCHANGE_FEED_NORMAL || fake->sounds;
}

#define did(fake, what) do { \
	assert_string_equal((fake)->log, what); \
	(fake)->log[0] = '\0'; \
} while (0)

static int command(struct fake *fake, const char *line, uint64_t now)
{
	struct command parsed;
	int result = -ENOTSUP;

	assert_int_equal(command_parse(line, &parsed), 0);
	switch (parsed.verb) {
	case COMMAND_RING:
		result = exchange_ring(&fake->ex, &parsed);
		break;
	case COMMAND_ROUTE:
		result = exchange_route(&fake->ex, &parsed);
		break;
	case COMMAND_ANSWER_AFTER:
		exchange_answer_after(&fake->ex, parsed.after_ms, now);
		result = 0;
		break;
	default:
		break;
	}
	command_free(&parsed);
	return result;
}

static void dial(struct fake *fake, const char *digits, uint64_t now)
{
	for (; *digits; digits++)
		exchange_digit(&fake->ex, *digits, now);
}

/* An outgoing call up to the end of its number */
static void call(struct fake *fake, const char *digits, uint64_t now)
{
	exchange_hook(&fake->ex, true, now);
	dial(fake, digits, now);
}

static void ring_and_answer(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(command(fake, "ring", 0), 0);
	did(fake, "ring 2000,4000 0; ");
	assert_true(exchange_is_ringing(&fake->ex));
	assert_int_equal(command(fake, "ring", 0), -EBUSY);
	exchange_hook(&fake->ex, true, 3000);
	/* armed sound begins before sound does: from the first sample */
	did(fake, "stop; 'answered'; begin -; sound on; ");
	assert_int_equal(command(fake, "ring", 0), -EBUSY);
	exchange_digit(&fake->ex, '1', 4000);
	did(fake, "");
	exchange_hook(&fake->ex, false, 5000);
	did(fake, "tone off; sound off; 'idle'; ");
	assert_int_equal(fake->ex.state, EXCHANGE_IDLE);
}

static void ring_unanswered(void **state)
{
	struct fake *fake = *state;

	command(fake, "ring cadence=100,200 count=3", 0);
	did(fake, "ring 100,200 3; ");
	exchange_ring_done(&fake->ex, 900);
	did(fake, "'idle'; ");
	assert_int_equal(exchange_stop_ring(&fake->ex), -ENOTCONN);
	command(fake, "ring", 0);
	assert_int_equal(exchange_hangup(&fake->ex, 0), 0);
	did(fake, "ring 2000,4000 0; stop; 'idle'; ");
	fake->ring_error = -EIO;
	assert_int_equal(command(fake, "ring", 0), -EIO);
	assert_int_equal(fake->ex.state, EXCHANGE_IDLE);
}

static void caller_id_keeps_the_cadence(void **state)
{
	struct fake *fake = *state;

	command(fake, "ring number=123 name=Ada", 0);
	did(fake, "ring 2000,4000 1; ");
	exchange_ring_done(&fake->ex, 2000);
	assert_int_equal(fake->ex.due, 2500);
	exchange_tick(&fake->ex, 2499);
	did(fake, "");
	exchange_tick(&fake->ex, 2500);
	did(fake, "feed oht; cid 123 Ada; ");
	assert_int_equal(fake->ex.due, EXCHANGE_NEVER);
	exchange_caller_id_done(&fake->ex, 3300);
	did(fake, "sound off; feed normal; ");
	assert_int_equal(fake->ex.due, 6000);
	exchange_tick(&fake->ex, 6000);
	did(fake, "ring 2000,4000 0; ");
	exchange_hook(&fake->ex, true, 6500);
	did(fake, "stop; 'answered'; begin -; sound on; ");
	exchange_hook(&fake->ex, false, 7000);
}

static void caller_id_stretches_a_short_pause(void **state)
{
	struct fake *fake = *state;

	command(fake, "ring name=Ada cadence=300,600 count=2", 0);
	exchange_ring_done(&fake->ex, 300);
	exchange_tick(&fake->ex, 800);
	did(fake, "ring 300,600 1; feed oht; cid - Ada; ");
	exchange_caller_id_done(&fake->ex, 1500);
	assert_int_equal(fake->ex.due, 1700);
	exchange_tick(&fake->ex, 1700);
	did(fake, "sound off; feed normal; ring 300,600 1; ");
	exchange_ring_done(&fake->ex, 2000);
	did(fake, "'idle'; ");
}

static void caller_id_after_a_single_burst(void **state)
{
	struct fake *fake = *state;

	command(fake, "ring number=1 count=1", 0);
	exchange_ring_done(&fake->ex, 2000);
	exchange_tick(&fake->ex, 2500);
	exchange_caller_id_done(&fake->ex, 3000);
	exchange_tick(&fake->ex, 6000);
	did(fake, "ring 2000,4000 1; feed oht; cid 1 -; sound off; feed normal; 'idle'; ");
}

static void caller_id_fails(void **state)
{
	struct fake *fake = *state;

	fake->caller_id_error = -EMSGSIZE;
	command(fake, "ring number=1", 0);
	exchange_ring_done(&fake->ex, 2000);
	exchange_tick(&fake->ex, 2500);
	did(fake, "ring 2000,4000 1; feed oht; cid 1 -; 'error caller id: Message too long'; "
		  "sound off; feed normal; ");
	exchange_tick(&fake->ex, 6000);
	/* picked up this moment: that will be told */
	fake->ring_error = -EBUSY;
	did(fake, "ring 2000,4000 0; ");
	exchange_hook(&fake->ex, true, 6001);
	did(fake, "stop; 'answered'; begin -; sound on; ");
	exchange_hook(&fake->ex, false, 7000);
}

static void no_caller_id_without_sound_on_hook(void **state)
{
	struct fake *fake = *state;

	fake->ex.config.can_caller_id = false;
	command(fake, "ring number=1", 0);
	did(fake, "'error caller id: the line has no sound while on hook'; ring 2000,4000 0; ");
	exchange_stop_ring(&fake->ex);
}

static void second_ring_fails(void **state)
{
	struct fake *fake = *state;

	command(fake, "ring number=1", 0);
	exchange_ring_done(&fake->ex, 2000);
	exchange_tick(&fake->ex, 2500);
	exchange_caller_id_done(&fake->ex, 3300);
	fake->log[0] = '\0';
	fake->ring_error = -EIO;
	exchange_tick(&fake->ex, 6000);
	did(fake, "ring 2000,4000 0; 'error ring: Input/output error'; 'idle'; ");
}

/* Picked up, or given up, at each moment of ringing with caller id */
static void interrupted_caller_id(void **state)
{
	static const char *const picked_up[] = {
		"stop; 'answered'; begin -; sound on; ",
		"'answered'; begin -; sound on; ",
		"feed normal; 'answered'; begin -; sound on; ",
		"'answered'; begin -; sound on; ",
		"stop; 'answered'; begin -; sound on; ",
	};
	static const char *const given_up[] = {
		"stop; 'idle'; ", "'idle'; ", "feed normal; sound off; 'idle'; ", "'idle'; ",
		"stop; 'idle'; ",
	};
	struct fake *fake = *state;

	for (int phase = 0; phase < 5; phase++) {
		for (int answers = 0; answers < 2; answers++) {
			command(fake, "ring number=1", 0);
			if (phase > 0)
				exchange_ring_done(&fake->ex, 2000);
			if (phase > 1)
				exchange_tick(&fake->ex, 2500);
			if (phase > 2)
				exchange_caller_id_done(&fake->ex, 3300);
			if (phase > 3)
				exchange_tick(&fake->ex, 6000);
			fake->log[0] = '\0';
			if (answers)
				exchange_hook(&fake->ex, true, 6500);
			else
				exchange_stop_ring(&fake->ex);
			did(fake, answers ? picked_up[phase] : given_up[phase]);
			/* late news of what is over */
			exchange_ring_done(&fake->ex, 7000);
			exchange_caller_id_done(&fake->ex, 7000);
			exchange_tick(&fake->ex, 7000);
			did(fake, "");
			exchange_hook(&fake->ex, false, 8000);
			fake->log[0] = '\0';
		}
	}
}

static void outgoing_answered(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(command(fake, "route 123 answer=1.5", 0), 0);
	exchange_hook(&fake->ex, true, 1000);
	did(fake, "tone dial; sound on; ");
	exchange_digit(&fake->ex, '1', 2000);
	did(fake, "tone off; ");
	dial(fake, "23", 2500);
	did(fake, "'number 123'; tone ringback; ");
	assert_int_equal(command(fake, "route 123 busy", 0), -EBUSY);
	assert_int_equal(fake->ex.due, 4000);
	exchange_tick(&fake->ex, 4000);
	did(fake, "tone off; feed reversed; 'answered'; begin 123; ");
	exchange_hook(&fake->ex, false, 9000);
	did(fake, "tone off; sound off; feed normal; 'idle'; ");
	assert_int_equal(command(fake, "route 123 busy", 0), 0);
}

static void outgoing_without_reversal(void **state)
{
	struct fake *fake = *state;

	fake->ex.config.can_reverse = false;
	command(fake, "route 1 answer=0", 0);
	call(fake, "1", 0);
	exchange_tick(&fake->ex, 0);
	did(fake, "tone dial; sound on; tone off; 'number 1'; tone ringback; tone off; "
		  "'answered'; begin 1; ");
	exchange_hook(&fake->ex, false, 1);
	did(fake, "tone off; sound off; 'idle'; ");
}

static void outgoing_busy_and_unknown(void **state)
{
	struct fake *fake = *state;

	command(fake, "route 12 busy", 0);
	call(fake, "12", 0);
	did(fake, "tone dial; sound on; tone off; 'number 12'; tone busy; ");
	exchange_digit(&fake->ex, '3', 0);
	exchange_tick(&fake->ex, 100000);
	did(fake, "");
	assert_int_equal(exchange_hangup(&fake->ex, 0), -ENOTCONN);
	exchange_hook(&fake->ex, false, 0);
	did(fake, "tone off; sound off; 'idle'; ");
	call(fake, "13", 0);
	did(fake, "tone dial; sound on; tone off; ");
	exchange_tick(&fake->ex, 2999);
	did(fake, "");
	exchange_tick(&fake->ex, 3000);
	did(fake, "'number 13'; tone reorder; ");
	exchange_hook(&fake->ex, false, 0);
}

static void outgoing_waits_for_the_longer_number(void **state)
{
	struct fake *fake = *state;

	command(fake, "route 12 ringback", 0);
	command(fake, "route 123 busy", 0);
	call(fake, "12", 0);
	did(fake, "tone dial; sound on; tone off; ");
	exchange_tick(&fake->ex, 3000);
	did(fake, "'number 12'; tone ringback; ");
	exchange_hook(&fake->ex, false, 4000);
	fake->log[0] = '\0';
	call(fake, "123", 5000);
	did(fake, "tone dial; sound on; tone off; 'number 123'; tone busy; ");
	exchange_hook(&fake->ex, false, 6000);
}

static void outgoing_default(void **state)
{
	struct fake *fake = *state;

	command(fake, "route default ringback", 0);
	call(fake, "99", 0);
	exchange_tick(&fake->ex, 3000);
	did(fake, "tone dial; sound on; tone off; 'number 99'; tone ringback; ");
	assert_int_equal(fake->ex.due, EXCHANGE_NEVER);
	command(fake, "answer-after 1", 5000);
	assert_int_equal(fake->ex.due, 6000);
	exchange_tick(&fake->ex, 6000);
	did(fake, "tone off; feed reversed; 'answered'; begin default; ");
	exchange_hook(&fake->ex, false, 7000);
}

static void answer_after_counts_once(void **state)
{
	struct fake *fake = *state;

	command(fake, "answer-after 0.5", 0);
	call(fake, "7", 0);
	exchange_tick(&fake->ex, 3000);
	assert_int_equal(fake->ex.due, 3500);
	exchange_tick(&fake->ex, 3500);
	did(fake, "tone dial; sound on; tone off; 'number 7'; tone ringback; tone off; "
		  "feed reversed; 'answered'; begin -; ");
	exchange_hook(&fake->ex, false, 4000);
	fake->log[0] = '\0';
	call(fake, "7", 5000);
	exchange_tick(&fake->ex, 8000);
	did(fake, "tone dial; sound on; tone off; 'number 7'; tone reorder; ");
	exchange_hook(&fake->ex, false, 9000);
}

static void no_answer(void **state)
{
	struct fake *fake = *state;

	command(fake, "route 1 noanswer", 0);
	call(fake, "1", 0);
	command(fake, "answer-after 0", 0);
	assert_int_equal(fake->ex.due, 60000);
	exchange_tick(&fake->ex, 60000);
	did(fake, "tone dial; sound on; tone off; 'number 1'; tone ringback; tone reorder; ");
	exchange_hook(&fake->ex, false, 61000);
}

static void dial_tone_ends(void **state)
{
	struct fake *fake = *state;

	exchange_hook(&fake->ex, true, 0);
	exchange_tick(&fake->ex, 10000);
	did(fake, "tone dial; sound on; tone reorder; ");
	exchange_digit(&fake->ex, '1', 11000);
	did(fake, "");
	exchange_hook(&fake->ex, false, 12000);
}

static void too_many_digits(void **state)
{
	struct fake *fake = *state;

	exchange_hook(&fake->ex, true, 0);
	for (int i = 0; i < 2 * EXCHANGE_DIGITS; i++)
		exchange_digit(&fake->ex, '5', 0);
	did(fake, "tone dial; sound on; tone off; 'number 55555555555555555555555555555555'; "
		  "tone reorder; ");
	exchange_hook(&fake->ex, false, 0);
}

static void hangs_up_in_ringback(void **state)
{
	struct fake *fake = *state;

	command(fake, "route 1 ringback", 0);
	call(fake, "1", 0);
	fake->log[0] = '\0';
	assert_int_equal(exchange_hangup(&fake->ex, 100), 0);
	did(fake, "tone busy; ");
	exchange_hook(&fake->ex, false, 200);
}

static void far_disconnect(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(exchange_hangup(&fake->ex, 0), -ENOTCONN);
	command(fake, "ring", 0);
	exchange_hook(&fake->ex, true, 0);
	fake->log[0] = '\0';
	assert_int_equal(exchange_hangup(&fake->ex, 1000), 0);
	did(fake, "feed open; tone off; ");
	/* the open line looks like a telephone on hook, and may be told so */
	exchange_hook(&fake->ex, false, 1100);
	exchange_hook(&fake->ex, true, 1200);
	did(fake, "");
	fake->off_hook = true;
	exchange_tick(&fake->ex, 1600);
	did(fake, "feed normal; tone busy; ");
	exchange_hook(&fake->ex, false, 2000);
	did(fake, "tone off; sound off; 'idle'; ");

	command(fake, "ring", 3000);
	exchange_hook(&fake->ex, true, 3000);
	exchange_hangup(&fake->ex, 4000);
	fake->log[0] = '\0';
	fake->off_hook = false;
	exchange_tick(&fake->ex, 4600);
	did(fake, "feed normal; sound off; 'idle'; ");
}

static void far_disconnect_without_battery_control(void **state)
{
	struct fake *fake = *state;

	fake->ex.config.can_open = false;
	command(fake, "ring", 0);
	exchange_hook(&fake->ex, true, 0);
	fake->log[0] = '\0';
	assert_int_equal(exchange_hangup(&fake->ex, 1000), 0);
	did(fake, "tone busy; ");
	exchange_hook(&fake->ex, false, 2000);
}

static void manual(void **state)
{
	struct fake *fake = *state;

	fake->ex.config.manual = true;
	exchange_hook(&fake->ex, true, 0);
	did(fake, "begin -; sound on; ");
	exchange_digit(&fake->ex, '1', 0);
	assert_int_equal(fake->ex.due, EXCHANGE_NEVER);
	did(fake, "");
	exchange_hook(&fake->ex, false, 0);
	did(fake, "tone off; sound off; 'idle'; ");
}

static void feed_fails(void **state)
{
	struct fake *fake = *state;

	fake->feed_error = -EIO;
	command(fake, "route 1 answer=0", 0);
	call(fake, "1", 0);
	fake->log[0] = '\0';
	exchange_tick(&fake->ex, 0);
	did(fake, "tone off; feed reversed; 'error line feed: Input/output error'; 'answered'; "
		  "begin 1; ");
	/* hanging up falls back on the tone */
	exchange_hangup(&fake->ex, 0);
	did(fake, "feed open; tone busy; ");
	exchange_hook(&fake->ex, false, 0);
	did(fake, "tone off; sound off; 'idle'; ");
}

static void one_of_anything(struct fake *fake, uint32_t x, uint64_t now)
{
	static const char *const lines[] = {
		"ring", "ring number=1 name=x count=2 cadence=100,100", "answer-after 0.2",
		"route 1 answer=0.1", "route 12 busy", "route default noanswer", "route 1 off",
	};

	switch (x % 9) {
	case 0:
	case 1:
		fake->off_hook = x >> 8 & 1;
		exchange_hook(&fake->ex, fake->off_hook, now);
		break;
	case 2:
		exchange_digit(&fake->ex, "0123*"[(x >> 8) % 5], now);
		break;
	case 3:
		exchange_ring_done(&fake->ex, now);
		break;
	case 4:
		exchange_caller_id_done(&fake->ex, now);
		break;
	case 5:
		exchange_stop_ring(&fake->ex);
		break;
	case 6:
		exchange_hangup(&fake->ex, now);
		break;
	default:
		command(fake, lines[(x >> 8) % (sizeof(lines) / sizeof(lines[0]))], now);
	}
}

/* Whatever happens in whatever order: sound passes exactly while somebody needs it */
static void anything_goes(void **state)
{
	struct fake *fake = *state;
	uint64_t now = 0;
	uint32_t x = 1;

	fake->quiet = true;
	for (int i = 0; i < 300000; i++) {
		bool silent;

		x = x * 1664525u + 1013904223u;
		one_of_anything(fake, x >> 8, now);
		now += x >> 24;
		exchange_tick(&fake->ex, now);
		silent = fake->ex.state == EXCHANGE_IDLE ||
			 (exchange_is_ringing(&fake->ex) && fake->ex.state != EXCHANGE_CALLER_ID);
		assert_int_equal(fake->sounds, !silent);
		assert_true(fake->ex.due > now || fake->ex.due == EXCHANGE_NEVER);
		assert_true((fake->feed == EXCHANGE_FEED_OPEN) ==
			    (fake->ex.state == EXCHANGE_RELEASE));
		assert_true((fake->feed == EXCHANGE_FEED_ON_HOOK) ==
			    (fake->ex.state == EXCHANGE_CALLER_ID));
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ring_and_answer), TEST(ring_unanswered), TEST(caller_id_keeps_the_cadence),
		TEST(caller_id_stretches_a_short_pause), TEST(caller_id_after_a_single_burst),
		TEST(caller_id_fails), TEST(no_caller_id_without_sound_on_hook),
		TEST(second_ring_fails), TEST(interrupted_caller_id), TEST(outgoing_answered),
		TEST(outgoing_without_reversal), TEST(outgoing_busy_and_unknown),
		TEST(outgoing_waits_for_the_longer_number), TEST(outgoing_default),
		TEST(answer_after_counts_once), TEST(no_answer), TEST(dial_tone_ends),
		TEST(too_many_digits), TEST(hangs_up_in_ringback), TEST(far_disconnect),
		TEST(far_disconnect_without_battery_control), TEST(manual), TEST(feed_fails),
		TEST(anything_goes),
	};

	return cmocka_run_group_tests_name("office: exchange", tests, NULL, NULL);
}

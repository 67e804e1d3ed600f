/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every event in every state of a call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "card.h"

#define STATES	16
#define S(name) LINECALLSTATE_##name

/* Those that a call of this provider can be in; a walk finds no others */
#define KNOWN	(S(IDLE) | S(OFFERING) | S(ACCEPTED) | S(DIALTONE) | S(DIALING) | S(RINGBACK) | \
		 S(BUSY) | S(SPECIALINFO) | S(CONNECTED) | S(PROCEEDING) | S(DISCONNECTED) | \
		 S(UNKNOWN))

static DWORD reachable(DWORD from)
{
	DWORD seen = from, before;
	struct call_state next;

	do {
		before = seen;
		for (int i = 0; i < STATES; i++) {
			struct call_state now = { 1U << i & seen };

			for (int event = 0; now.state && event < CALL_EVENTS; event++) {
				if (call_next(now, event, &next))
					seen |= next.state;
			}
		}
	} while (seen != before);
	return seen;
}

static void walk(void **state)
{
	assert_int_equal(reachable(S(OFFERING) | S(UNKNOWN)), KNOWN);
	assert_int_equal(reachable(S(OFFERING)), S(OFFERING) | S(ACCEPTED) | S(CONNECTED) |
			 S(DISCONNECTED) | S(IDLE));
}

static void one_state_each(void **state)
{
	struct call_state next;

	for (int i = 0; i < STATES; i++) {
		for (int event = 0; event < CALL_EVENTS; event++) {
			struct call_state now = { 1U << i };

			if (!call_next(now, event, &next))
				continue;
			assert_int_equal(next.state & (next.state - 1), 0);
			assert_true(next.state & KNOWN);
			assert_int_not_equal(next.state, now.state);
		}
	}
}

static void idle_is_final(void **state)
{
	struct call_state idle = { S(IDLE) }, next;

	for (int event = 0; event < CALL_EVENTS; event++)
		assert_false(call_next(idle, event, &next));
}

/* Whatever a call does, a program can end it, and so can an unplugged card in two steps */
static void always_ends(void **state)
{
	struct call_state next;

	for (int i = 1; i < STATES; i++) {
		struct call_state now = { 1U << i & KNOWN };

		if (!now.state)
			continue;
		assert_true(call_next(now, CALL_DROPPED, &next));
		assert_int_equal(next.state, S(IDLE));
		while (now.state != S(IDLE)) {
			assert_true(call_next(now, CALL_GONE, &next));
			now = next;
		}
	}
}

static void disconnect_modes(void **state)
{
	struct call_state busy = { S(BUSY) }, talk = { S(CONNECTED) }, wait = { S(UNKNOWN) }, next;

	assert_true(call_next(busy, CALL_HANGUP, &next));
	assert_int_equal(next.mode, LINEDISCONNECTMODE_BUSY);
	assert_true(call_next(talk, CALL_HANGUP, &next));
	assert_int_equal(next.mode, LINEDISCONNECTMODE_NORMAL);
	assert_true(call_next(wait, CALL_NO_DIAL_TONE, &next));
	assert_int_equal(next.mode, LINEDISCONNECTMODE_NODIALTONE);
	assert_true(call_next(talk, CALL_GONE, &next));
	assert_int_equal(next.mode, LINEDISCONNECTMODE_UNAVAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walk),
		cmocka_unit_test(one_state_each),
		cmocka_unit_test(idle_is_final),
		cmocka_unit_test(always_ends),
		cmocka_unit_test(disconnect_modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

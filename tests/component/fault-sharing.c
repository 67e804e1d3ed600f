/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that share a line: who owns a call, who may become owner, what is left when one goes. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "peer.h"

#define OWNER	LINECALLPRIVILEGE_OWNER
#define MONITOR	LINECALLPRIVILEGE_MONITOR
#define NONE	LINECALLPRIVILEGE_NONE
#define VOICE	LINEMEDIAMODE_INTERACTIVEVOICE
#define AUTO	LINEMEDIAMODE_AUTOMATEDVOICE

static struct census before;
static struct peer *first, *second, *third;

static int begin(void **state)
{
	service_start();
	eventually(null_tell("null", "help"));
	before = census_take();
	return 0;
}

static int end(void **state)
{
	service_stop();
	return 0;
}

static int three(void **state)
{
	first = peer_program("first");
	second = peer_program("second");
	third = peer_program("third");
	return 0;
}

static int none(void **state)
{
	peer_free(first);
	peer_free(second);
	peer_free(third);
	census_same(&before);
	eventually(!strcmp(null_command("calls"), "ok"));
	return 0;
}

static uint32_t opened(struct peer *peer, uint32_t privileges, uint32_t media)
{
	uint32_t line = peer_open(peer, 0, privileges, media);

	assert_int_not_equal(line, 0);
	return line;
}

static unsigned int ring(const char *media)
{
	unsigned int number;

	assert_int_equal(sscanf(null_command("ring 0%s", media), "ok %u", &number), 1);
	return number;
}

/* Everything that was sent to a program before now has arrived */
static void settle(struct peer *peer)
{
	assert_int_equal(peer_ask(peer, SERVICE(LINK), "Ping", NULL), 0);
}

static bool has_new_call(struct peer *peer)
{
	Tapi__Rpc__Event event;

	settle(peer);
	return peer_message(peer, LINE_APPNEWCALL, 0, &event);
}

/* Waits until the provider has forgotten the call, then nobody can be told of it any more */
static void gone(unsigned int number)
{
	char text[32];

	snprintf(text, sizeof(text), "\n%u line", number);
	eventually(!strstr(null_command("calls"), text));
}

static void until_idle(struct peer *peer, uint32_t call)
{
	Tapi__Rpc__Event event;

	do {
		assert_true(peer_message(peer, LINE_CALLSTATE, PATIENCE_MS, &event));
		assert_int_equal(event.device, call);
	} while (event.p1 != LINECALLSTATE_IDLE);
}

static void drop(struct peer *peer, uint32_t call)
{
	assert_true(peer_call(peer, "Drop", call) > 0);
	until_idle(peer, call);
	assert_int_equal(peer_call(peer, "Deallocate", call), 0);
}

static void order_of_opening(void **state)
{
	uint32_t call, line;
	unsigned int number;

	line = opened(second, OWNER, VOICE);
	opened(first, OWNER, VOICE);
	opened(third, OWNER | MONITOR, VOICE);
	number = ring("");
	call = peer_new_call(second, OWNER);
	assert_false(has_new_call(first));
	drop(second, call);
	until_idle(third, peer_new_call(third, MONITOR));
	peer_free(third);
	third = peer_program("third");
	gone(number);
	/* closed and opened again: behind the others */
	assert_int_equal(peer_close(second, line), 0);
	opened(second, OWNER, VOICE);
	ring("");
	drop(first, peer_new_call(first, OWNER));
	assert_false(has_new_call(second));
}

static void media_mode(void **state)
{
	unsigned int number;

	opened(first, OWNER, VOICE);
	opened(second, OWNER, AUTO);
	opened(third, NONE, 0);
	ring(" media=AUTOMATEDVOICE");
	drop(second, peer_new_call(second, OWNER));
	assert_false(has_new_call(first));
	assert_false(has_new_call(third));
	/* nobody answers faxes: the call is left to ring, and can be looked up */
	number = ring(" media=G3FAX");
	assert_false(has_new_call(first));
	assert_false(has_new_call(second));
	null_command("state %u IDLE", number);
	gone(number);
}

static uint32_t new_calls(struct peer *peer, uint32_t line, size_t expected)
{
	Tapi__Rpc__NewCallsIn in = TAPI__RPC__NEW_CALLS_IN__INIT;
	Tapi__Rpc__CallListOut *out;

	in.has_line = in.has_select = 1;
	in.line = line;
	in.select = LINECALLSELECT_LINE;
	assert_int_equal(peer_ask(peer, SERVICE(LINE), "GetNewCalls", &in.base), 0);
	out = (Tapi__Rpc__CallListOut *)peer->answer;
	assert_int_equal(out->list->n_calls, expected);
	return expected ? out->list->calls[0] : 0;
}

static void late_comer(void **state)
{
	uint32_t call, line, seen;

	opened(first, OWNER, VOICE);
	ring("");
	call = peer_new_call(first, OWNER);
	line = opened(second, NONE, 0);
	assert_false(has_new_call(second));
	seen = new_calls(second, line, 1);
	/* once only: then it knows */
	new_calls(second, line, 0);
	assert_int_equal(peer_call(second, "Answer", seen), LINEERR_NOTOWNER);
	assert_int_equal(peer_value(second, "MonitorDigits", seen, LINEDIGITMODE_DTMF), 0);
	assert_int_equal(peer_value(second, "SetPrivilege", seen, OWNER), 0);
	assert_true(peer_call(second, "Answer", seen) > 0);
	/* now the first one may step down, and the second not */
	assert_int_equal(peer_value(first, "SetPrivilege", call, MONITOR), 0);
	assert_int_equal(peer_call(first, "Drop", call), LINEERR_NOTOWNER);
	assert_int_equal(peer_value(second, "SetPrivilege", seen, MONITOR), LINEERR_INVALCALLSTATE);
	assert_int_equal(peer_value(second, "SetPrivilege", seen, NONE), LINEERR_INVALCALLSTATE);
	assert_int_equal(peer_value(second, "SetPrivilege", seen, 6), LINEERR_INVALCALLPRIVILEGE);
	drop(second, seen);
	until_idle(first, call);
	assert_int_equal(peer_value(first, "SetPrivilege", call, OWNER), 0);
	assert_int_equal(peer_call(first, "Drop", call), LINEERR_INVALCALLSTATE);
	assert_int_equal(peer_call(first, "Deallocate", call), 0);
	assert_int_equal(peer_call(first, "Deallocate", call), LINEERR_INVALCALLHANDLE);
}

/* Of two owners one closes: the call goes on; the last one ends it */
static void hand_over(void **state)
{
	uint32_t call, line, seen, line2;

	line = opened(first, OWNER, VOICE);
	line2 = opened(second, MONITOR, 0);
	ring("");
	call = peer_new_call(first, OWNER);
	seen = peer_new_call(second, MONITOR);
	assert_true(peer_call(first, "Answer", call) > 0);
	peer_state(first, call, LINECALLSTATE_OFFERING);
	peer_state(first, call, LINECALLSTATE_CONNECTED);
	assert_int_equal(peer_value(second, "SetPrivilege", seen, OWNER), 0);
	null_command("log");
	assert_int_equal(peer_close(first, line), 0);
	assert_int_equal(peer_call(first, "GetStatus", call), LINEERR_INVALCALLHANDLE);
	assert_int_equal(peer_call(second, "GetStatus", seen), 0);
	assert_int_equal(((Tapi__Rpc__CallStatusOut *)second->answer)->status->call_state,
			 LINECALLSTATE_CONNECTED);
	assert_null(strstr(null_command("log"), "lineDrop"));
	/* a third one that only watches sees the end */
	opened(third, MONITOR, 0);
	seen = new_calls(third, peer_open(third, 0, MONITOR, 0), 1);
	assert_int_equal(peer_close(second, line2), 0);
	until_idle(third, seen);
	assert_non_null(strstr(null_command("log"), "lineDrop"));
	assert_int_equal(peer_call(third, "Deallocate", seen), 0);
}

/* Given back by its only owner, a live call is left to the line */
static void deallocated_alive(void **state)
{
	unsigned int number;

	opened(first, OWNER, VOICE);
	number = ring("");
	assert_int_equal(peer_call(first, "Deallocate", peer_new_call(first, OWNER)), 0);
	gone(number);
	assert_null(strstr(null_command("log"), "lineDrop call"));
}

static void bystander(void **state)
{
	uint32_t call, seen;

	opened(first, OWNER, VOICE);
	opened(second, MONITOR, 0);
	ring("");
	call = peer_new_call(first, OWNER);
	seen = peer_new_call(second, MONITOR);
	null_command("log");
	/* who watches and goes does not disturb */
	peer_free(second);
	second = peer_program("second");
	assert_true(peer_call(first, "Answer", call) > 0);
	peer_state(first, call, LINECALLSTATE_OFFERING);
	peer_state(first, call, LINECALLSTATE_CONNECTED);
	assert_null(strstr(null_command("log"), "lineDrop"));
	/* another's handle is not ours, though it may have the same number */
	assert_int_equal(peer_call(second, "Drop", seen), LINEERR_INVALCALLHANDLE);
	drop(first, call);
}

/* UnownedCalls = drop: nobody to answer, so it is turned away; not before it is asked for */
static void unowned_calls(void **state)
{
	struct peer *admin;
	unsigned int number;
	uint32_t seen;

	opened(first, MONITOR, 0);
	number = ring("");
	seen = peer_new_call(first, MONITOR);
	peer_state(first, seen, LINECALLSTATE_OFFERING);
	null_command("state %u IDLE", number);
	until_idle(first, seen);
	assert_int_equal(peer_call(first, "Deallocate", seen), 0);
	service_file("etc/tapisrv.conf", "[Server]\nUnownedCalls = drop\n");
	admin = peer_new("admin.sock");
	assert_int_equal(peer_ask(admin, SERVICE(ADMIN), "Reload", NULL), 0);
	peer_free(admin);
	ring("");
	seen = peer_new_call(first, MONITOR);
	until_idle(first, seen);
	assert_int_equal(peer_call(first, "Deallocate", seen), 0);
	/* with an owner it is left to him */
	opened(second, OWNER, VOICE);
	ring("");
	drop(second, peer_new_call(second, OWNER));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, three, none)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(order_of_opening),
		TEST(media_mode),
		TEST(late_comer),
		TEST(hand_over),
		TEST(deallocated_alive),
		TEST(bystander),
		TEST(unowned_calls),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

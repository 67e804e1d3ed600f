/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that does not read its messages loses them: first what may be lost, then all but the
 * answers to its requests, for which it asks again later. Others do not notice. In the end it is
 * disconnected.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <tapi/tapi_linux.h>

#include "peer.h"

#define OWNER	LINECALLPRIVILEGE_OWNER
#define MONITOR	LINECALLPRIVILEGE_MONITOR
#define VOICE	LINEMEDIAMODE_INTERACTIVEVOICE
#define DIGITS	"12345678901234567890123456789012345678901234567890"
#define ROUNDS	400			/* of DIGITS: more than the queue and the socket take */
#define FLOOD	30000			/* states, at most */

static struct census before;
static struct peer *fast;
static uint32_t fast_call;
static unsigned int number;

static int begin(void **state)
{
	service_prepare();
	/* long for the tests that read late, short for the one that waits for it */
	service_file("etc/tapisrv.conf", "[Server]\nUnreadSeconds = 300\n");
	service_null("null", "");
	service_run();
	eventually(null_tell("null", "help"));
	before = census_take();
	return 0;
}

static int end(void **state)
{
	service_stop();
	return 0;
}

/* A program that reads, and owns a call that is connected */
static int ring(void **state)
{
	int64_t id;

	fast = peer_program("fast");
	assert_int_not_equal(peer_open(fast, 0, OWNER, VOICE), 0);
	assert_int_equal(sscanf(null_command("ring 0"), "ok %u", &number), 1);
	fast_call = peer_new_call(fast, OWNER);
	id = peer_call(fast, "Answer", fast_call);
	assert_true(id > 0);
	assert_int_equal(peer_reply(fast, (uint32_t)id, NULL), 0);
	peer_state(fast, fast_call, LINECALLSTATE_OFFERING);
	peer_state(fast, fast_call, LINECALLSTATE_CONNECTED);
	return 0;
}

static int hang_up(void **state)
{
	peer_free(fast);
	eventually(!strcmp(null_command("calls"), "ok"));
	census_same(&before);
	return 0;
}

static uint32_t watching(struct peer *peer)
{
	Tapi__Rpc__NewCallsIn in = TAPI__RPC__NEW_CALLS_IN__INIT;
	Tapi__Rpc__CallListOut *out;

	in.has_line = in.has_select = 1;
	in.line = peer_open(peer, 0, MONITOR, 0);
	in.select = LINECALLSELECT_LINE;
	assert_int_not_equal(in.line, 0);
	assert_int_equal(peer_ask(peer, SERVICE(LINE), "GetNewCalls", &in.base), 0);
	out = (Tapi__Rpc__CallListOut *)peer->answer;
	assert_int_equal(out->list->n_calls, 1);
	return out->list->calls[0];
}

/* Messages of the program that were dropped; -1: there is no such program */
static int64_t dropped_of(const char *app_name)
{
	struct peer *peer = peer_new("admin.sock");
	Tapi__Rpc__ClientsOut *out;
	int64_t dropped = -1;

	assert_int_equal(peer_ask(peer, SERVICE(ADMIN), "Clients", NULL), 0);
	out = (Tapi__Rpc__ClientsOut *)peer->answer;
	for (size_t i = 0; i < out->n_clients; i++) {
		if (!strcmp(out->clients[i]->program, app_name))
			dropped = (int64_t)out->clients[i]->dropped;
	}
	peer_free(peer);
	return dropped;
}

/* All digits that are there, in the order of DIGITS from the beginning; how many */
static unsigned int digits_read(struct peer *peer, uint32_t call)
{
	unsigned int count = 0;
	Tapi__Rpc__Event event;

	while (peer_message(peer, LINE_MONITORDIGITS, 0, &event)) {
		assert_int_equal(event.device, call);
		assert_int_equal(event.p1, DIGITS[count % strlen(DIGITS)]);
		count++;
	}
	return count;
}

static void same_name(struct peer *peer, const char *name)
{
	Tapi__Rpc__HelloIn hello = TAPI__RPC__HELLO_IN__INIT;

	hello.has_min = hello.has_max = 1;
	hello.min = hello.max = 1;
	hello.program = (char *)(uintptr_t)name;
	assert_int_equal(peer_ask(peer, SERVICE(LINK), "Hello", &hello.base), 0);
}

static void digits_are_lost_first(void **state)
{
	struct peer *slow = peer_program("slow");
	uint32_t slow_call = watching(slow);
	unsigned int heard = 0, count;
	Tapi__Rpc__Event event;

	same_name(slow, "slow");
	assert_int_equal(peer_value(fast, "MonitorDigits", fast_call, LINEDIGITMODE_DTMF), 0);
	assert_int_equal(peer_value(slow, "MonitorDigits", slow_call, LINEDIGITMODE_DTMF), 0);
	/* the fast one hears all of them, at once, however the other one is */
	while (heard < ROUNDS * strlen(DIGITS)) {
		if (heard % strlen(DIGITS) == 0)
			null_command("digit %u " DIGITS, number);
		assert_true(peer_message(fast, LINE_MONITORDIGITS, PATIENCE_MS, &event));
		assert_int_equal(event.device, fast_call);
		assert_int_equal(event.p1, DIGITS[heard % strlen(DIGITS)]);
		heard++;
	}
	assert_true(dropped_of("slow") > 0);
	/* nothing but digits was lost: there is nothing to ask for again */
	assert_int_equal(peer_ask(slow, SERVICE(LINK), "Ping", NULL), 0);
	count = digits_read(slow, slow_call);
	assert_true(count > 0 && count < heard);
	assert_int_equal(count + dropped_of("slow"), heard);
	assert_int_equal(peer_count(slow, peer_method(SERVICE(APP_EVENTS), "Resynchronise")), 0);
	/* and it hears again */
	null_command("digit %u 1", number);
	assert_true(peer_message(slow, LINE_MONITORDIGITS, PATIENCE_MS, &event));
	assert_int_equal(event.p1, '1');
	peer_free(slow);
}

/* States until the slow one has lost some; the fast one has to have all of them in order */
static unsigned int flood(const char *name)
{
	Tapi__Rpc__Event event;
	unsigned int i;

	for (i = 0; i < FLOOD; i++) {
		null_command("state %u %s", number, i % 2 ? "CONNECTED" : "ONHOLD");
		assert_true(peer_message(fast, LINE_CALLSTATE, PATIENCE_MS, &event));
		assert_int_equal(event.p1, i % 2 ? LINECALLSTATE_CONNECTED : LINECALLSTATE_ONHOLD);
		if (i % 250 == 0 && dropped_of(name) > 0)
			break;
	}
	assert_true(i < FLOOD);
	return i;
}

static uint32_t snapshot_state(struct peer *peer, uint32_t call)
{
	Tapi__Rpc__AppIn in = TAPI__RPC__APP_IN__INIT;
	Tapi__Rpc__SnapshotOut *out;

	in.has_app = 1;
	in.app = peer->app;
	assert_int_equal(peer_ask(peer, SERVICE(APP), "Snapshot", &in.base), 0);
	out = (Tapi__Rpc__SnapshotOut *)peer->answer;
	assert_int_equal(out->n_calls, 1);
	assert_int_equal(out->calls[0]->call, call);
	return out->calls[0]->state;
}

static void states_are_asked_for_again(void **state)
{
	struct peer *slow = peer_program("slow");
	uint32_t slow_call = watching(slow), last;
	unsigned int resync = peer_method(SERVICE(APP_EVENTS), "Resynchronise");
	int64_t lost;

	same_name(slow, "slow");
	last = flood("slow") % 2 ? LINECALLSTATE_CONNECTED : LINECALLSTATE_ONHOLD;
	lost = dropped_of("slow");
	assert_true(service_logged("does not keep up"));
	/* what it asks is answered all the same, behind what it had not read */
	assert_int_equal(peer_ask(slow, SERVICE(LINK), "Ping", NULL), 0);
	/* the service says so when there is room again */
	eventually(peer_read(slow) && peer_count(slow, resync));
	assert_int_equal(peer_count(slow, resync), 1);
	for (size_t i = 0; i < slow->count; i++) {
		if (slow->events[i].method != resync)
			continue;
		assert_int_equal(((Tapi__Rpc__Resync *)slow->events[i].message)->lost, lost);
		/* the last of all there are */
		assert_int_equal(i, slow->count - 1);
	}
	assert_int_equal(snapshot_state(slow, slow_call), last);
	peer_forget(slow);
	/* from now on as before */
	null_command("state %u ONHOLD", number);
	peer_state(slow, slow_call, LINECALLSTATE_ONHOLD);
	peer_free(slow);
}

static void never_reads(void **state)
{
	struct peer *slow = peer_program("sleeper");
	struct peer *admin;

	watching(slow);
	same_name(slow, "sleeper");
	service_file("etc/tapisrv.conf", "[Server]\nUnreadSeconds = 1\n");
	admin = peer_new("admin.sock");
	assert_int_equal(peer_ask(admin, SERVICE(ADMIN), "Reload", NULL), 0);
	service_log_forget();
	for (unsigned int i = 0; dropped_of("sleeper") >= 0 && i < FLOOD; i++) {
		Tapi__Rpc__Event event;

		null_command("state %u %s", number, i % 2 ? "CONNECTED" : "ONHOLD");
		assert_true(peer_message(fast, LINE_CALLSTATE, PATIENCE_MS, &event));
		if (i % 100)
			continue;
		if (service_logged("does not keep up"))
			usleep(STEP_US);
	}
	assert_true(service_logged("sleeper"));
	assert_true(service_logged("does not read its messages"));
	/* what it had is still there to be read, then the end */
	while (peer_read(slow))
		usleep(STEP_US);
	assert_true(slow->gone);
	peer_free(slow);
	service_file("etc/tapisrv.conf", "[Server]\nUnreadSeconds = 300\n");
	assert_int_equal(peer_ask(admin, SERVICE(ADMIN), "Reload", NULL), 0);
	peer_free(admin);
}

/* A program of libtapi: what it missed is made up for, without new code */
static void library_ends_in_the_true_state(void **state)
{
	LINEINITIALIZEEXPARAMS params = {
		.dwTotalSize = sizeof(params), .dwOptions = LINEINITIALIZEEXOPTION_USEEVENT,
	};
	DWORD devices, version = 0x00020002, agreed, last = 0, next = 0;
	LINECALLLIST *list = calloc(1, 1024);
	LINEEXTENSIONID extension;
	LINEMESSAGE message;
	HCALL call, other = 0;
	bool synthetic = false;
	HLINEAPP library;
	HLINE line;

	assert_non_null(list);
	assert_int_equal(lineInitializeExA(&library, NULL, NULL, "library", &devices, &version,
					   &params), 0);
	assert_int_equal(lineNegotiateAPIVersion(library, 0, 0x00010003, version, &agreed,
						 &extension), 0);
	assert_int_equal(lineOpenA(library, 0, &line, agreed, 0, 0, MONITOR, 0, NULL), 0);
	list->dwTotalSize = 1024;
	assert_int_equal(lineGetNewCalls(line, 0, LINECALLSELECT_LINE, list), 0);
	assert_int_equal(list->dwCallsNumEntries, 1);
	memcpy(&call, (char *)list + list->dwCallsOffset, sizeof(call));
	free(list);
	flood(program_invocation_short_name);
	/* while it sleeps, this one ends and another one comes */
	null_command("state %u IDLE", number);
	null_command("ring 0");
	assert_int_not_equal(peer_new_call(fast, OWNER), 0);
	while (last != LINECALLSTATE_IDLE || next != LINECALLSTATE_OFFERING) {
		struct tapi_message_info info = { .size = sizeof(info) };

		assert_int_equal(lineGetMessage(library, &message, PATIENCE_MS), 0);
		assert_int_equal(tapi_message_info(&info), 0);
		if (message.dwMessageID == LINE_APPNEWCALL) {
			assert_int_equal(other, 0);
			other = (HCALL)message.dwParam2;
		} else if (message.dwMessageID == LINE_CALLSTATE) {
			assert_true(message.hDevice == call || message.hDevice == other);
			/* of a call that is over nothing more is told */
			assert_true(message.hDevice != call || last != LINECALLSTATE_IDLE);
			if (message.hDevice == call)
				last = (DWORD)message.dwParam1;
			else
				next = (DWORD)message.dwParam1;
			synthetic |= info.flags & TAPI_MESSAGE_SYNTHETIC;
		}
	}
	assert_true(synthetic);
	assert_int_equal(lineDeallocateCall(call), 0);
	assert_int_equal(lineShutdown(library), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, ring, hang_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(digits_are_lost_first),
		TEST(states_are_asked_for_again),
		TEST(never_reads),
		TEST(library_ends_in_the_true_state),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

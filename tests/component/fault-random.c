/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several programs and a provider do anything in any order, with faults, deaths and reloads
 * between; after each stretch the invariants of the service are checked, and in the end nothing is
 * left. The seed is printed; TAPI_SEED repeats a run, TAPI_OPERATIONS makes it longer.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "peer.h"
#include "link.h"

#define PROGRAMS	5u
#define LINES		4u		/* two of each provider */
#define HANDLES		5u
#define OPERATIONS	10000u
#define STRETCH		100u

static const char *const providers[] = { "a", "b" };

/* What a program believes to have; some of it is long gone, which is the point */
struct program {
	struct peer *peer;
	uint32_t lines[HANDLES], calls[HANDLES];
};

static struct program programs[PROGRAMS];
static unsigned int calls_seen, calls_made, replies, deaths;
static uint64_t random_state;

static uint32_t any(uint32_t below)
{
	/* xorshift: the same everywhere */
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 20) % below;
}

static void keep(uint32_t *handles, uint32_t handle)
{
	if (handle)
		handles[any(HANDLES)] = handle;
}

/* Reads what has arrived, and learns of calls from it; false: thrown out */
static bool listen_to(struct program *p)
{
	struct peer *peer = p->peer;
	unsigned int message = peer_method(SERVICE(APP_EVENTS), "Message");
	unsigned int replied = peer_method(SERVICE(APP_EVENTS), "Replied");
	bool alive = peer_read(peer);

	for (size_t i = 0; i < peer->count; i++) {
		if (peer->events[i].method == message) {
			Tapi__Rpc__Event *e = (Tapi__Rpc__Event *)peer->events[i].message;

			if (e->message == LINE_APPNEWCALL) {
				keep(p->calls, (uint32_t)e->p2);
				calls_seen++;
			}
		} else if (peer->events[i].method == replied) {
			replies++;
			calls_made += ((Tapi__Rpc__Reply *)peer->events[i].message)->call != 0;
			keep(p->calls, ((Tapi__Rpc__Reply *)peer->events[i].message)->call);
		}
	}
	peer_forget(peer);
	return alive;
}

static void leave(struct program *p)
{
	peer_free(p->peer);
	memset(p, 0, sizeof(*p));
}

static const uint32_t privileges[] = {
	LINECALLPRIVILEGE_NONE, LINECALLPRIVILEGE_MONITOR, LINECALLPRIVILEGE_OWNER,
	LINECALLPRIVILEGE_OWNER | LINECALLPRIVILEGE_MONITOR, 0, 77,
};

static void open_line(struct program *p)
{
	const uint32_t media[] = { LINEMEDIAMODE_INTERACTIVEVOICE, LINEMEDIAMODE_AUTOMATEDVOICE,
				   0x14, 0 };

	keep(p->lines, peer_open(p->peer, any(LINES + 1), privileges[any(6)], media[any(4)]));
}

static void set_messages(struct program *p)
{
	Tapi__Rpc__StatusMessages in = TAPI__RPC__STATUS_MESSAGES__INIT;

	in.has_line = in.has_line_states = in.has_address_states = 1;
	in.line = p->lines[any(HANDLES)];
	in.line_states = any(1 << 24);
	in.address_states = any(512);
	peer_ask(p->peer, SERVICE(LINE), "SetStatusMessages", &in.base);
}

static void new_calls(struct program *p)
{
	Tapi__Rpc__NewCallsIn in = TAPI__RPC__NEW_CALLS_IN__INIT;
	Tapi__Rpc__CallListOut *out;

	in.has_line = in.has_select = 1;
	in.line = p->lines[any(HANDLES)];
	in.select = LINECALLSELECT_LINE;
	if (peer_ask(p->peer, SERVICE(LINE), "GetNewCalls", &in.base))
		return;
	out = (Tapi__Rpc__CallListOut *)p->peer->answer;
	for (size_t i = 0; i < out->list->n_calls; i++)
		keep(p->calls, out->list->calls[i]);
}

static void gather(struct program *p)
{
	Tapi__Rpc__GatherDigitsIn in = TAPI__RPC__GATHER_DIGITS_IN__INIT;

	in.has_call = in.has_modes = in.has_count = 1;
	in.call = p->calls[any(HANDLES)];
	in.modes = LINEDIGITMODE_DTMF;
	in.count = any(4);
	peer_ask(p->peer, SERVICE(CALL), "GatherDigits", &in.base);
}

static void generate(struct program *p)
{
	Tapi__Rpc__GenerateDigitsIn in = TAPI__RPC__GENERATE_DIGITS_IN__INIT;

	in.has_call = in.has_mode = 1;
	in.call = p->calls[any(HANDLES)];
	in.mode = LINEDIGITMODE_DTMF;
	in.digits = (char *)(uintptr_t)(any(3) ? "12" : NULL);
	peer_ask(p->peer, SERVICE(CALL), "GenerateDigits", &in.base);
}

static void snapshot(struct program *p)
{
	Tapi__Rpc__AppIn in = TAPI__RPC__APP_IN__INIT;
	Tapi__Rpc__SnapshotOut *out;

	in.has_app = 1;
	in.app = p->peer->app;
	if (peer_ask(p->peer, SERVICE(APP), "Snapshot", &in.base))
		return;
	out = (Tapi__Rpc__SnapshotOut *)p->peer->answer;
	for (size_t i = 0; i < out->n_calls; i++)
		keep(p->calls, out->calls[i]->call);
}

static void call_anything(struct program *p)
{
	static const char *const methods[] = {
		"Answer", "Accept", "Drop", "Hold", "Unhold", "Deallocate", "GetInfo", "GetStatus",
		"Answer", "Deallocate",
	};

	peer_call(p->peer, methods[any(sizeof(methods) / sizeof(methods[0]))],
		  p->calls[any(HANDLES)]);
}

static void program_does(struct program *p)
{
	static const char *const destinations[] = { "1", "busy", "noanswer", "fail", "", "9;" };

	switch (any(16)) {
	case 0: case 1:
		open_line(p);
		break;
	case 2:
		peer_close(p->peer, p->lines[any(HANDLES)]);
		break;
	case 3: case 4:
		peer_make_call(p->peer, p->lines[any(HANDLES)], destinations[any(6)]);
		break;
	case 5:
		set_messages(p);
		break;
	case 6:
		new_calls(p);
		break;
	case 7:
		gather(p);
		break;
	case 8:
		generate(p);
		break;
	case 9:
		peer_value(p->peer, "SetPrivilege", p->calls[any(HANDLES)], privileges[any(6)]);
		break;
	case 10:
		peer_value(p->peer, any(2) ? "MonitorDigits" : "MonitorMedia",
			   p->calls[any(HANDLES)], any(8));
		break;
	case 11:
		if (any(4) == 0)
			snapshot(p);
		break;
	default:
		call_anything(p);
		break;
	}
}

/* ---- the other side ---- */

static void provider_does(void)
{
	static const char *const states[] = {
		"IDLE", "DISCONNECTED", "CONNECTED", "ONHOLD", "PROCEEDING", "IDLE",
	};
	static const char *const functions[] = {
		"lineAnswer", "lineDrop", "lineMakeCall", "lineOpen", "lineMonitorDigits",
		"lineGatherDigits", "lineSetDefaultMediaDetection", "lineGetCallInfo",
		"lineSetStatusMessages",
	};
	static const char *const faults[] = {
		"fails=LINEERR_CALLUNAVAIL", "error=LINEERR_RESOURCEUNAVAIL", "late=30", "twice",
		"inside", "never", "off",
	};
	char command[128];

	switch (any(7)) {
	case 0: case 1:
		snprintf(command, sizeof(command), "ring %u media=%u", any(2), any(2) ? 4 : 8);
		break;
	case 2: case 3:
		snprintf(command, sizeof(command), "state %u %s", any(60), states[any(6)]);
		break;
	case 4:
		snprintf(command, sizeof(command), "digit %u 12#", any(60));
		break;
	case 5:
		snprintf(command, sizeof(command), "linestate %u RINGING", any(2));
		break;
	default:
		snprintf(command, sizeof(command), "fault %s %s", functions[any(9)],
			 faults[any(7)]);
		break;
	}
	/* it may be away, or have no such call */
	null_tell(providers[any(2)], command);
}

/* A program loses its connection, and comes back with what it had */
static void come_back(struct program *p)
{
	Tapi__Rpc__ResumeIn in = TAPI__RPC__RESUME_IN__INIT;
	Tapi__Rpc__AppIn app = TAPI__RPC__APP_IN__INIT;
	struct peer *old = p->peer;
	Tapi__Rpc__SnapshotOut *had;
	Tapi__Rpc__ResumeOut *has;

	if (!old)
		return;
	app.has_app = 1;
	app.app = old->app;
	assert_int_equal(peer_ask(old, SERVICE(APP), "Snapshot", &app.base), 0);
	had = (Tapi__Rpc__SnapshotOut *)old->answer;
	in.n_lines = had->n_lines;
	in.lines = had->lines;
	in.n_calls = had->n_calls;
	in.calls = had->calls;
	memset(p, 0, sizeof(*p));
	if (any(2)) {
		close(old->fd);		/* else both are there for a while */
		old->fd = -1;
	}
	p->peer = peer_new("tapi.sock");
	assert_int_equal(peer_ask(p->peer, SERVICE(APP), "Resume", &in.base), 0);
	has = (Tapi__Rpc__ResumeOut *)p->peer->answer;
	assert_int_equal(has->n_lines, in.n_lines);
	assert_int_equal(has->n_calls, in.n_calls);
	p->peer->app = has->app;
	for (size_t i = 0; i < has->n_lines; i++)
		keep(p->lines, has->lines[i]->line);
	for (size_t i = 0; i < has->n_calls; i++)
		keep(p->calls, has->calls[i]->call);
	peer_free(old);
}

/* Given up or not, it runs again: most of the time there is something to do */
static void revive(const char *name)
{
	if (strcmp(provider_is(name, NULL), "running"))
		provider_restart(name);
	eventually(!strcmp(provider_is(name, NULL), "running") && null_tell(name, "help"));
}

static void misfortune(void)
{
	const char *name = providers[any(2)];
	struct peer *peer;
	pid_t pid;

	switch (any(6)) {
	case 0:
		pid = provider_pid(name);
		if (pid > 0 && kill(pid, SIGKILL) == 0)
			deaths++;
		/* the next hundred operations find it starting, or it is back at once */
		if (any(2))
			eventually(provider_pid(name) != pid);
		break;
	case 1:
		provider_restart(name);
		break;
	case 2:
		service_file("etc/tapisrv.conf", "[Server]\nUnownedCalls = %s\n",
			     any(2) ? "drop" : "leave");
		peer = peer_new("admin.sock");
		assert_int_equal(peer_ask(peer, SERVICE(ADMIN), "Reload", NULL), 0);
		peer_free(peer);
		break;
	case 3:
		leave(&programs[any(PROGRAMS)]);
		break;
	default:
		come_back(&programs[any(PROGRAMS)]);
		break;
	}
}

static int begin(void **state)
{
	service_prepare();
	service_null("a", "");
	service_null("b", "");
	service_run();
	eventually(null_tell("a", "help") && null_tell("b", "help"));
	return 0;
}

static int end(void **state)
{
	service_stop();
	return 0;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static void anything(void **state)
{
	uint64_t seed = number_of("TAPI_SEED", 20261125), rounds = number_of("TAPI_OPERATIONS",
									      OPERATIONS);
	struct census before = census_take(), now;

	print_message("# TAPI_SEED=%llu\n", (unsigned long long)seed);
	random_state = seed ? seed : 1;
	for (uint64_t i = 0; i < rounds; i++) {
		struct program *p = &programs[any(PROGRAMS)];

		if (!p->peer)
			p->peer = peer_program("any");
		if (any(4))
			program_does(p);
		else
			provider_does();
		if (any(150) == 0)
			misfortune();
		if (any(100) == 0)
			revive(providers[any(2)]);
		for (unsigned int n = 0; n < PROGRAMS; n++) {
			if (programs[n].peer && !listen_to(&programs[n]))
				fail_msg("operation %llu: a program was thrown out",
					 (unsigned long long)i);
		}
		if (i % STRETCH)
			continue;
		now = census_take();
		if (now.broken)
			fail_msg("operation %llu: an invariant is broken", (unsigned long long)i);
	}
	for (unsigned int n = 0; n < PROGRAMS; n++)
		leave(&programs[n]);
	/* what was given up comes back when it is asked for */
	for (unsigned int n = 0; n < 2; n++) {
		revive(providers[n]);
		eventually(!strcmp(null_ask(providers[n], "calls"), "ok"));
	}
	census_same(&before);
	print_message("# %u calls seen, %u made, %u replies, %u hosts killed\n", calls_seen,
		      calls_made, replies, deaths);
	/* else nothing was tested */
	assert_true(calls_seen > rounds / 100 && calls_made > rounds / 200);
	assert_true(replies > rounds / 50 && deaths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anything),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

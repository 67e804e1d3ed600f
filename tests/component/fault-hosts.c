/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts of providers die, hang and will not start: others go on, programs hear of it, and all
 * comes back under the same numbers.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "peer.h"

#define OWNER		LINECALLPRIVILEGE_OWNER
#define VOICE		LINEMEDIAMODE_INTERACTIVEVOICE
#define SERVICE_STATES	(LINEDEVSTATE_INSERVICE | LINEDEVSTATE_OUTOFSERVICE)

static const char *const names[] = { "a", "b" };

static struct peer *app;
static uint32_t device_a, line_a, line_b;

static void watch(uint32_t line)
{
	Tapi__Rpc__StatusMessages in = TAPI__RPC__STATUS_MESSAGES__INIT;

	in.has_line = in.has_line_states = 1;
	in.line = line;
	in.line_states = SERVICE_STATES;
	assert_int_equal(peer_ask(app, SERVICE(LINE), "SetStatusMessages", &in.base), 0);
}

static int begin(void **state)
{
	service_prepare();
	service_file("etc/tapisrv.conf", "[Server]\nProviderSeconds = 2\n");
	service_null("a", "");
	service_null("b", "");
	service_run();
	app = peer_program("hosts");
	device_a = provider_device("a");
	line_a = peer_open(app, device_a, OWNER, VOICE);
	line_b = peer_open(app, provider_device("b"), OWNER, VOICE);
	assert_int_not_equal(line_a, 0);
	assert_int_not_equal(line_b, 0);
	watch(line_a);
	watch(line_b);
	return 0;
}

static int end(void **state)
{
	assert_int_equal(census_take().broken, 0);
	peer_free(app);
	service_stop();
	return 0;
}

static uint32_t ring(unsigned int provider, unsigned int *number)
{
	uint32_t call;

	/* each provider counts its own lines */
	assert_int_equal(sscanf(null_ask(names[provider], "ring 0"), "ok %u", number), 1);
	call = peer_new_call(app, OWNER);
	peer_state(app, call, LINECALLSTATE_OFFERING);
	return call;
}

static uint32_t connected(unsigned int provider, unsigned int *number)
{
	uint32_t call = ring(provider, number);
	int64_t id = peer_call(app, "Answer", call);

	assert_true(id > 0);
	assert_int_equal(peer_reply(app, (uint32_t)id, NULL), 0);
	peer_state(app, call, LINECALLSTATE_CONNECTED);
	return call;
}

static void hang_up(uint32_t call)
{
	Tapi__Rpc__Event event;

	assert_true(peer_call(app, "Drop", call) > 0);
	do {
		assert_true(peer_message(app, LINE_CALLSTATE, PATIENCE_MS, &event));
		assert_int_equal(event.device, call);
	} while (event.p1 != LINECALLSTATE_IDLE);
	assert_int_equal(peer_call(app, "Deallocate", call), 0);
}

static bool runs(const char *name)
{
	return !strcmp(provider_is(name, NULL), "running");
}

static void line_state(uint32_t line, uint32_t state)
{
	Tapi__Rpc__Event event;

	assert_true(peer_message(app, LINE_LINEDEVSTATE, PATIENCE_MS, &event));
	assert_int_equal(event.device, line);
	assert_int_equal(event.p1, state);
}

static uint32_t status_of(uint32_t call)
{
	Tapi__Rpc__CallIn in = TAPI__RPC__CALL_IN__INIT;

	in.has_call = 1;
	in.call = call;
	assert_int_equal(peer_ask(app, SERVICE(CALL), "GetStatus", &in.base), 0);
	return ((Tapi__Rpc__CallStatusOut *)app->answer)->status->call_state;
}

/* A call of the other provider does not notice */
static void others_untouched(void **state)
{
	struct census before = census_take();
	unsigned int number;
	uint32_t call = connected(1, &number);

	assert_int_equal(peer_value(app, "MonitorDigits", call, LINEDIGITMODE_DTMF), 0);
	provider_signal("a", SIGKILL);
	line_state(line_a, LINEDEVSTATE_OUTOFSERVICE);
	/* while it is away, and when it is back */
	for (int i = 0; i < 2; i++) {
		Tapi__Rpc__Event event;

		null_ask("b", "digit %u 5", number);
		assert_true(peer_message(app, LINE_MONITORDIGITS, PATIENCE_MS, &event));
		assert_int_equal(event.device, call);
		assert_int_equal(status_of(call), LINECALLSTATE_CONNECTED);
		if (!i)
			line_state(line_a, LINEDEVSTATE_INSERVICE);
	}
	assert_int_equal(peer_count(app, peer_method(SERVICE(APP_EVENTS), "Message")), 0);
	hang_up(call);
	census_same(&before);
}

/* Requests, calls and lines of the one that dies; then everything is as before */
static void own_calls_end(void **state)
{
	struct census before = census_take();
	unsigned int number, other;
	uint32_t call = ring(0, &number), untouched = connected(1, &other);
	int64_t answer, made;
	Tapi__Rpc__Event event;

	null_ask("a", "fault lineAnswer never");
	null_ask("a", "fault lineMakeCall never");
	answer = peer_call(app, "Answer", call);
	made = peer_make_call(app, line_a, "123");
	assert_true(answer > 0 && made > 0);
	provider_signal("a", SIGKILL);
	assert_int_equal(peer_reply(app, (uint32_t)answer, NULL), LINEERR_OPERATIONFAILED);
	assert_int_equal(peer_reply(app, (uint32_t)made, NULL), LINEERR_OPERATIONFAILED);
	assert_true(peer_message(app, LINE_CALLSTATE, PATIENCE_MS, &event));
	assert_int_equal(event.device, call);
	assert_int_equal(event.p1, LINECALLSTATE_DISCONNECTED);
	assert_int_equal(event.p2, LINEDISCONNECTMODE_TEMPFAILURE);
	peer_state(app, call, LINECALLSTATE_IDLE);
	line_state(line_a, LINEDEVSTATE_OUTOFSERVICE);
	/* what was known of the call can be read, and nothing be done with it */
	assert_int_equal(status_of(call), LINECALLSTATE_IDLE);
	assert_int_equal(peer_call(app, "Answer", call), LINEERR_INVALCALLSTATE);
	line_state(line_a, LINEDEVSTATE_INSERVICE);
	assert_int_equal(peer_call(app, "Deallocate", call), 0);
	assert_int_equal(status_of(untouched), LINECALLSTATE_CONNECTED);
	/* the same handle of the line, the same numbers, new calls */
	call = connected(0, &number);
	hang_up(call);
	hang_up(untouched);
	census_same(&before);
}

/* A program cannot do anything with a line out of service, and gets an answer at once */
static void out_of_service(void **state)
{
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;
	int32_t result;

	/* it stays away for a while: its module is gone */
	in.has_line = 1;
	in.line = line_a;
	service_file("etc/providers.d/a.conf", "[Provider]\nModule = nothing.so\n");
	service_log_forget();
	service_signal(SIGHUP);
	line_state(line_a, LINEDEVSTATE_OUTOFSERVICE);
	result = peer_ask(app, SERVICE(LINE), "GetLineDevStatus", &in.base);
	assert_int_equal(result, LINEERR_OPERATIONFAILED);
	assert_int_equal(peer_make_call(app, line_a, "1"), LINEERR_OPERATIONFAILED);
	assert_int_equal(peer_open(app, device_a + 1, OWNER, VOICE), 0);
	assert_int_equal(((Tapi__Rpc__Result *)app->answer)->result, LINEERR_OPERATIONFAILED);
	/* the rest of it is answered without a host */
	watch(line_a);
	service_null("a", "");
	service_signal(SIGHUP);
	line_state(line_a, LINEDEVSTATE_INSERVICE);
	eventually(runs("a"));
}

/* A provider that cannot live is given up, with its reason, until somebody asks for it */
static void given_up(void **state)
{
	struct census before = census_take();
	char reason[256];
	pid_t pid;

	service_log_forget();
	for (unsigned int i = 0; i < 5; i++) {
		eventually(runs("a") && null_tell("a", "help"));
		pid = provider_pid("a");
		null_tell("a", "quit-crash");
		eventually(provider_pid("a") != pid);
	}
	eventually(!strcmp(provider_is("a", NULL), "disabled"));
	provider_is("a", reason);
	assert_string_equal(reason, "its host has ended: signal 6");
	assert_true(service_logged("dies too often"));
	assert_true(runs("b"));
	assert_int_equal(provider_restart("nobody"), LINEERR_INVALPARAM);
	assert_int_equal(provider_restart("a"), 0);
	eventually(runs("a"));
	peer_read(app);
	peer_forget(app);
	census_same(&before);
}

/* The host is there and does not answer: programs get errors in time, others all the time */
static void hanging(void **state)
{
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;
	struct census before = census_take();
	unsigned int number, method = peer_method(SERVICE(LINE), "GetLineDevStatus");
	uint32_t serial_a, serial_b;
	uint8_t body[64];
	size_t size;

	null_ask("a", "fault lineGetLineDevStatus hang");
	in.has_line = 1;
	in.line = line_a;
	size = tapi__rpc__line_in__pack(&in, body);
	serial_a = peer_send(app, SERVICE(LINE), method, body, size);
	/* the same program is served meanwhile: its later question is answered first */
	in.line = line_b;
	size = tapi__rpc__line_in__pack(&in, body);
	serial_b = peer_send(app, SERVICE(LINE), method, body, size);
	assert_int_equal(peer_wait(app, serial_b), 0);
	hang_up(connected(1, &number));
	assert_int_equal(peer_wait(app, serial_a), LINEERR_OPERATIONFAILED);
	assert_true(runs("a"));
	assert_int_equal(provider_restart("a"), 0);
	line_state(line_a, LINEDEVSTATE_OUTOFSERVICE);
	line_state(line_a, LINEDEVSTATE_INSERVICE);
	hang_up(connected(0, &number));
	census_same(&before);
}

/* Accepted when it was given up already: it must not leave a call or an open line behind */
static void too_late(void **state)
{
	struct census before = census_take();
	struct peer *other = peer_program("other");
	int64_t id;

	null_ask("a", "log");
	null_ask("a", "fault lineOpen late=3500");
	assert_int_equal(peer_open(other, device_a + 1, OWNER, VOICE), 0);
	assert_int_equal(((Tapi__Rpc__Result *)other->answer)->result, LINEERR_OPERATIONFAILED);
	eventually(strstr(null_ask("a", "log"), "lineClose line=1"));
	peer_free(other);
	id = peer_make_call(app, line_a, "busy");
	assert_true(id > 0);
	peer_reply(app, (uint32_t)id, NULL);
	peer_read(app);
	peer_forget(app);
	assert_int_equal(peer_close(app, line_a), 0);
	line_a = peer_open(app, device_a, OWNER, VOICE);
	assert_int_not_equal(line_a, 0);
	watch(line_a);
	census_same(&before);
}

/* A host that stops itself, again and again, while programs ask for its line */
static void stopped(void **state)
{
	struct census before = census_take();
	pid_t pid = provider_pid("a");

	provider_signal("a", SIGSTOP);
	assert_int_equal(provider_restart("a"), 0);
	line_state(line_a, LINEDEVSTATE_OUTOFSERVICE);
	line_state(line_a, LINEDEVSTATE_INSERVICE);
	assert_int_not_equal(provider_pid("a"), pid);
	census_same(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_untouched),
		cmocka_unit_test(own_calls_end),
		cmocka_unit_test(out_of_service),
		cmocka_unit_test(given_up),
		cmocka_unit_test(hanging),
		cmocka_unit_test(too_late),
		cmocka_unit_test(stopped),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

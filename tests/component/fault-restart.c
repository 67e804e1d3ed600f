/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service ends, asked to or killed, and starts again: programs keep their handles, hear of the
 * end of calls and requests once, and go on. No host stays behind.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <tapi/tapi_linux.h>

#include "peer.h"

#define VERSION	0x00020002u
#define VOICE	LINEMEDIAMODE_INTERACTIVEVOICE

static HLINEAPP app, monitor;
static HLINE line, watched;

static void join(HLINEAPP *to, HLINE *opened, DWORD privileges, DWORD media)
{
	LINEINITIALIZEEXPARAMS params = {
		.dwTotalSize = sizeof(params), .dwOptions = LINEINITIALIZEEXOPTION_USEEVENT,
	};
	DWORD devices, version = VERSION, agreed;
	LINEEXTENSIONID extension;

	assert_int_equal(lineInitializeExA(to, NULL, NULL, "test", &devices, &version, &params), 0);
	assert_int_equal(devices, 2);
	assert_int_equal(lineNegotiateAPIVersion(*to, 0, 0x00010003, VERSION, &agreed, &extension),
			 0);
	assert_int_equal(lineOpenA(*to, 0, opened, agreed, 0, 0, privileges, media, NULL), 0);
}

static int begin(void **state)
{
	service_start();
	join(&app, &line, LINECALLPRIVILEGE_OWNER, VOICE);
	join(&monitor, &watched, LINECALLPRIVILEGE_MONITOR, 0);
	return 0;
}

static int end(void **state)
{
	assert_int_equal(census_take().broken, 0);
	assert_int_equal(lineShutdown(monitor), 0);
	assert_int_equal(lineShutdown(app), 0);
	service_stop();
	return 0;
}

static bool lives(pid_t pid)
{
	return kill(pid, 0) == 0;
}

/* A program connects again when it calls the library, or looks for messages */
static bool is_back(HLINE opened)
{
	LINEDEVSTATUS status = { .dwTotalSize = sizeof(status) };

	return lineGetLineDevStatusA(opened, &status) == 0 && status.dwNumOpens == 2;
}

/* The way it ends, and its successor */
static void restart(int signal)
{
	pid_t host = provider_pid("null");
	int status;

	assert_true(host > 0);
	status = service_end(signal);
	if (signal == SIGTERM) {
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		/* asked to stop, it takes its sockets with it */
		assert_int_equal(access(service_path("tapi.sock"), F_OK), -1);
		assert_int_equal(access(service_path("admin.sock"), F_OK), -1);
	}
	eventually(!lives(host));
	service_run();
	eventually((int)is_back(line) & (int)is_back(watched));	/* both are looked at */
}

static HCALL new_call(HLINEAPP at, HLINE opened, DWORD privilege)
{
	LINEMESSAGE message = message_of(at, LINE_APPNEWCALL);

	assert_int_equal(message.hDevice, opened);
	assert_int_equal(message.dwParam3, privilege);
	return (HCALL)message.dwParam2;
}

static void until_state(HLINEAPP at, HCALL call, DWORD state)
{
	LINEMESSAGE message;

	do {
		message = message_of(at, LINE_CALLSTATE);
		assert_int_equal(message.hDevice, call);
	} while (message.dwParam1 != state);
}

static HCALL ring(HCALL *seen)
{
	HCALL call;

	null_command("ring 0");
	call = new_call(app, line, LINECALLPRIVILEGE_OWNER);
	*seen = new_call(monitor, watched, LINECALLPRIVILEGE_MONITOR);
	until_state(app, call, LINECALLSTATE_OFFERING);
	until_state(monitor, *seen, LINECALLSTATE_OFFERING);
	return call;
}

/* From the ring to the end, with the handles there are */
static void whole_call(void)
{
	HCALL seen, call = ring(&seen);

	assert_true(lineAnswer(call, NULL, 0) > 0);
	until_state(app, call, LINECALLSTATE_CONNECTED);
	assert_true(lineDrop(call, NULL, 0) > 0);
	until_state(app, call, LINECALLSTATE_IDLE);
	until_state(monitor, seen, LINECALLSTATE_IDLE);
	assert_int_equal(lineDeallocateCall(call), 0);
	assert_int_equal(lineDeallocateCall(seen), 0);
}

/* Nothing more is told, and in particular nothing twice */
static void quiet(HLINEAPP at)
{
	LINEMESSAGE message;

	while (lineGetMessage(at, &message, 0) == 0)
		assert_int_equal(message.dwMessageID, LINE_REPLY);
}

static void idle(void **state)
{
	const int *signal = *state;

	whole_call();
	quiet(app);
	for (int i = 0; i < 3; i++) {
		restart(*signal);
		whole_call();
		quiet(app);
		quiet(monitor);
	}
}

static void replied(LONG id, LONG result)
{
	LINEMESSAGE message;

	do {
		message = message_of(app, LINE_REPLY);
	} while ((LONG)message.dwParam1 != id);
	assert_int_equal((LONG)message.dwParam2, result);
}

static void in_a_call(void **state)
{
	const int *signal = *state;
	HCALL seen, call = ring(&seen), made = 0;
	LONG answer, make;

	null_command("fault lineAnswer never");
	null_command("fault lineMakeCall never");
	answer = lineAnswer(call, NULL, 0);
	make = lineMakeCallA(line, &made, "123", 0, NULL);
	assert_true(answer > 0 && make > 0);
	restart(*signal);
	replied(answer, LINEERR_OPERATIONFAILED);
	replied(make, LINEERR_OPERATIONFAILED);
	assert_int_equal(made, 0);
	until_state(monitor, seen, LINECALLSTATE_IDLE);
	/* nothing can be done with it, but to give it back */
	assert_true(lineAnswer(call, NULL, 0) < 0);
	assert_int_equal(lineDeallocateCall(call), 0);
	assert_int_equal(lineDeallocateCall(seen), 0);
	quiet(monitor);
	/* of the call the program was told or could have been */
	for (LINEMESSAGE m; lineGetMessage(app, &m, 0) == 0;) {
		if (m.dwMessageID != LINE_CALLSTATE && m.dwMessageID != LINE_REPLY)
			fail_msg("message %u about 0x%x", m.dwMessageID, m.hDevice);
	}
	whole_call();
	quiet(app);
}

/* A host that hangs keeps nobody from stopping, and is not left behind */
static void stops_without_its_host(void **state)
{
	provider_signal("null", SIGSTOP);
	restart(SIGTERM);
	whole_call();
}

/* Who comes second does not take the first one's place */
static void only_one(void **state)
{
	char command[2048];
	int status;

	snprintf(command, sizeof(command),
		 "%s/tapisrv/tapisrv --socket %s --admin-socket %s --config-dir %s 2>>%s",
		 getenv("TAPI_BUILD"), service_path("tapi.sock"), service_path("admin.sock"),
		 service_path("etc"), service_path("log"));
	service_log_forget();
	status = system(command);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_true(service_logged("running already"));
	whole_call();
}

/* Of those that start at the same time one serves */
static void only_one_of_many(void **state)
{
	for (int i = 0; i < 5; i++) {
		service_end(i % 2 ? SIGTERM : SIGKILL);
		service_log_forget();
		service_run_many(6);
		assert_true(service_logged("running already"));
	}
	eventually((int)is_back(line) & (int)is_back(watched));	/* both are looked at */
	whole_call();
}

/* Killed while programs start: they wait for the next one or are told, but do not hang */
static void killed_at_the_start(void **state)
{
	for (int i = 0; i < 5; i++) {
		service_end(SIGKILL);
		service_run();
	}
	eventually((int)is_back(line) & (int)is_back(watched));	/* both are looked at */
	whole_call();
}

int main(void)
{
	static int terminate = SIGTERM, murder = SIGKILL;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(idle, &terminate),
		cmocka_unit_test_prestate(idle, &murder),
		cmocka_unit_test_prestate(in_a_call, &terminate),
		cmocka_unit_test_prestate(in_a_call, &murder),
		cmocka_unit_test(stops_without_its_host),
		cmocka_unit_test(only_one),
		cmocka_unit_test(only_one_of_many),
		cmocka_unit_test(killed_at_the_start),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

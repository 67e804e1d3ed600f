/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program, tapisrv, its host and a provider: calls in both directions, and restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <tapi/tapi.h>
#include <tapi/tapi_linux.h>

#include "service.h"

#define VERSION	0x00020002u

static HLINEAPP app;
static HLINE line;

static int begin(void **state)
{
	LINEINITIALIZEEXPARAMS params = {
		.dwTotalSize = sizeof(params), .dwOptions = LINEINITIALIZEEXOPTION_USEEVENT,
	};
	DWORD devices = 0, version = VERSION, agreed;
	LINEEXTENSIONID extension;

	service_start();
	assert_int_equal(lineInitializeExA(&app, NULL, NULL, "test", &devices, &version, &params),
			 0);
	assert_int_equal(devices, 2);
	for (DWORD i = 0; i < devices; i++)
		assert_int_equal(lineNegotiateAPIVersion(app, i, 0x00010003, VERSION, &agreed,
							 &extension), 0);
	assert_int_equal(agreed, VERSION);
	assert_int_equal(lineOpenA(app, 0, &line, VERSION, 0, 0x77,
				   LINECALLPRIVILEGE_OWNER | LINECALLPRIVILEGE_MONITOR,
				   LINEMEDIAMODE_INTERACTIVEVOICE, NULL), 0);
	return 0;
}

static int end(void **state)
{
	assert_int_equal(lineShutdown(app), 0);
	service_stop();
	return 0;
}

static void capabilities(void **state)
{
	union {
		LINEDEVCAPS dev;
		LINEADDRESSCAPS address;
		char bytes[4096];
	} caps;

	caps.dev.dwTotalSize = sizeof(caps);
	assert_int_equal(lineGetDevCapsA(app, 0, VERSION, 0, &caps.dev), 0);
	assert_int_equal(caps.dev.dwNumAddresses, 1);
	assert_string_equal(caps.bytes + caps.dev.dwProviderInfoOffset, "Scripted test provider");
	caps.address.dwTotalSize = sizeof(caps);
	assert_int_equal(lineGetAddressCapsA(app, 0, 0, VERSION, 0, &caps.address), 0);
	assert_int_equal(caps.address.dwLineDeviceID, 0);
	assert_int_equal(lineGetDevCapsA(app, 7, VERSION, 0, &caps.dev), LINEERR_BADDEVICEID);
}

static void expect_state(HCALL call, DWORD state)
{
	LINEMESSAGE message;

	do {
		message = message_of(app, LINE_CALLSTATE);
		assert_int_equal(message.hDevice, call);
		assert_int_equal(message.dwCallbackInstance, 0x77);
	} while (message.dwParam1 != state);
}

/* What the provider calls the call that rang last */
static char provider_call[64];

static HCALL ring(void)
{
	LINEMESSAGE message;

	assert_int_equal(sscanf(null_command("ring 0 number=5551234"), "ok %63s", provider_call),
			 1);
	message = message_of(app, LINE_APPNEWCALL);
	assert_int_equal(message.hDevice, line);
	assert_int_equal(message.dwParam3, LINECALLPRIVILEGE_OWNER);
	expect_state((HCALL)message.dwParam2, LINECALLSTATE_OFFERING);
	return (HCALL)message.dwParam2;
}

/* An asynchronous request was accepted */
static LONG accepted(LONG id)
{
	struct tapi_error_detail detail = { .size = sizeof(detail) };

	if (id > 0)
		return id;
	tapi_last_error_detail(&detail);
	fail_msg("%s: %s", tapi_error_name(id), detail.text);
	return id;
}

static void succeeds(LONG id)
{
	LINEMESSAGE message;

	accepted(id);
	message = message_of(app, LINE_REPLY);
	assert_int_equal(message.dwParam1, id);
	assert_int_equal((LONG)message.dwParam2, 0);
}

static void hang_up(HCALL call)
{
	LONG id = accepted(lineDrop(call, NULL, 0));
	bool replied = false, idle = false;
	LINEMESSAGE message;

	while (!replied || !idle) {
		assert_int_equal(lineGetMessage(app, &message, 20000), 0);
		replied |= message.dwMessageID == LINE_REPLY && message.dwParam1 == (DWORD_PTR)id;
		idle |= message.dwMessageID == LINE_CALLSTATE &&
			message.dwParam1 == LINECALLSTATE_IDLE;
	}
	assert_int_equal(lineDeallocateCall(call), 0);
}

static void incoming(void **state)
{
	union {
		LINECALLINFO info;
		char bytes[4096];
	} u;
	HCALL call = ring();

	u.info.dwTotalSize = sizeof(u);
	assert_int_equal(lineGetCallInfoA(call, &u.info), 0);
	assert_int_equal(u.info.hLine, line);
	assert_string_equal(u.bytes + u.info.dwCallerIDOffset, "5551234");
	accepted(lineAnswer(call, NULL, 0));
	expect_state(call, LINECALLSTATE_CONNECTED);
	hang_up(call);
}

static void outgoing(void **state)
{
	LINECALLSTATUS status = { .dwTotalSize = sizeof(status) };
	HCALL call = 0;

	succeeds(lineMakeCallA(line, &call, "12345", 0, NULL));
	assert_int_not_equal(call, 0);
	expect_state(call, LINECALLSTATE_CONNECTED);
	assert_int_equal(lineGetCallStatus(call, &status), 0);
	assert_int_equal(status.dwCallState, LINECALLSTATE_CONNECTED);
	assert_int_equal(status.dwCallPrivilege, LINECALLPRIVILEGE_OWNER);
	accepted(lineHold(call));
	expect_state(call, LINECALLSTATE_ONHOLD);
	accepted(lineUnhold(call));
	expect_state(call, LINECALLSTATE_CONNECTED);
	hang_up(call);
}

static void digits(void **state)
{
	HCALL call = ring();
	char gathered[8] = "";
	LINEMESSAGE message;

	accepted(lineAnswer(call, NULL, 0));
	expect_state(call, LINECALLSTATE_CONNECTED);
	assert_int_equal(lineMonitorDigits(call, LINEDIGITMODE_DTMF), 0);
	assert_int_equal(lineGatherDigitsA(call, LINEDIGITMODE_DTMF, gathered, 7, "#", 0, 0), 0);
	null_command("digit %s 42#", provider_call);
	message = message_of(app, LINE_MONITORDIGITS);
	assert_int_equal(message.hDevice, call);
	assert_int_equal(message.dwParam1, '4');
	message = message_of(app, LINE_GATHERDIGITS);
	assert_int_equal(message.hDevice, call);
	assert_int_equal(message.dwParam1, LINEGATHERTERM_TERMDIGIT);
	assert_string_equal(gathered, "42#");
	assert_int_equal(lineGenerateDigitsA(call, LINEDIGITMODE_DTMF, "7", 0), 0);
	message = message_of(app, LINE_GENERATE);
	assert_int_equal(message.hDevice, call);
	assert_int_equal(message.dwParam1, LINEGENERATETERM_DONE);
	hang_up(call);
}

/* Killed without a warning: the line's handle works on, the calls end with their host */
static void killed(void **state)
{
	HCALL call = ring(), next;
	LINEMESSAGE message;
	struct tapi_message_info info = { .size = sizeof(info) };

	service_restart();
	do {
		message = message_of(app, LINE_CALLSTATE);
	} while (message.dwParam1 != LINECALLSTATE_IDLE);
	assert_int_equal(message.hDevice, call);
	assert_int_equal(tapi_message_info(&info), 0);
	assert_int_equal(info.flags, TAPI_MESSAGE_SYNTHETIC);
	assert_int_equal(lineDeallocateCall(call), 0);
	next = ring();
	accepted(lineAnswer(next, NULL, 0));
	expect_state(next, LINECALLSTATE_CONNECTED);
	hang_up(next);
}

/* Two programs: whoever does not own a call may look at it, and become its owner */
static void sharing(void **state)
{
	LINEINITIALIZEEXPARAMS params = {
		.dwTotalSize = sizeof(params), .dwOptions = LINEINITIALIZEEXOPTION_USEEVENT,
	};
	DWORD devices, version = VERSION;
	LINEEXTENSIONID extension;
	LINEMESSAGE message;
	HCALL call, seen;
	HLINEAPP other;
	HLINE monitor;

	assert_int_equal(lineInitializeExA(&other, NULL, NULL, "other", &devices, &version,
					   &params), 0);
	assert_int_equal(lineNegotiateAPIVersion(other, 0, 0x00010003, VERSION, &version,
						 &extension), 0);
	assert_int_equal(lineOpenA(other, 0, &monitor, VERSION, 0, 0, LINECALLPRIVILEGE_MONITOR,
				   0, NULL), 0);
	call = ring();
	message = message_of(other, LINE_APPNEWCALL);
	assert_int_equal(message.hDevice, monitor);
	assert_int_equal(message.dwParam3, LINECALLPRIVILEGE_MONITOR);
	seen = (HCALL)message.dwParam2;
	assert_int_equal(lineAnswer(seen, NULL, 0), LINEERR_NOTOWNER);
	assert_int_equal(lineSetCallPrivilege(seen, LINECALLPRIVILEGE_OWNER), 0);
	accepted(lineAnswer(seen, NULL, 0));
	expect_state(call, LINECALLSTATE_CONNECTED);
	assert_int_equal(lineClose(monitor), 0);
	assert_int_equal(lineShutdown(other), 0);
	hang_up(call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities),
		cmocka_unit_test(incoming),
		cmocka_unit_test(outgoing),
		cmocka_unit_test(digits),
		cmocka_unit_test(sharing),
		cmocka_unit_test(killed),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The example provider of the documentation, in its host, under tapisrv, with a program. */
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
	DWORD devices = 0, version = VERSION, agreed = 0;
	LINEEXTENSIONID extension;

	service_start_with("tests/component", "[Provider]\nModule = minimal.so\n");
	assert_int_equal(lineInitializeExA(&app, NULL, NULL, "test", &devices, &version, &params),
			 0);
	assert_int_equal(devices, 1);
	assert_int_equal(lineNegotiateAPIVersion(app, 0, 0x00010003, VERSION, &agreed, &extension),
			 0);
	assert_int_equal(agreed, VERSION);
	assert_int_equal(lineOpenA(app, 0, &line, VERSION, 0, 0, LINECALLPRIVILEGE_OWNER,
				   LINEMEDIAMODE_INTERACTIVEVOICE, NULL), 0);
	return 0;
}

static int end(void **state)
{
	assert_int_equal(lineShutdown(app), 0);
	service_stop();
	return 0;
}

static void name(void **state)
{
	union {
		LINEDEVCAPS caps;
		char bytes[2048];
	} all = { .caps.dwTotalSize = sizeof(all) };

	assert_int_equal(lineGetDevCapsA(app, 0, VERSION, 0, &all.caps), 0);
	assert_string_equal(all.bytes + all.caps.dwLineNameOffset, "minimal");
	assert_int_equal(all.caps.dwPermanentLineID, 1);
}

static void expect_reply(LONG request, LONG result)
{
	struct tapi_error_detail detail = { .size = sizeof(detail) };
	LINEMESSAGE message;

	assert_true(request > 0);
	message = message_of(app, LINE_REPLY);
	assert_int_equal(message.dwParam1, request);
	assert_int_equal((LONG)message.dwParam2, result);
	if (!result)
		return;
	assert_int_equal(tapi_last_error_detail(&detail), 0);
	assert_int_equal(detail.code, result);
	assert_int_equal(detail.origin, TAPI_ORIGIN_PROVIDER);
}

static void expect_state(HCALL call, DWORD state, DWORD mode)
{
	LINEMESSAGE message = message_of(app, LINE_CALLSTATE);

	assert_int_equal(message.hDevice, call);
	assert_int_equal(message.dwParam1, state);
	assert_int_equal(message.dwParam2, mode);
}

static DWORD call_id(HCALL call)
{
	LINECALLINFO info = { .dwTotalSize = sizeof(info) };

	assert_int_equal(lineGetCallInfoA(call, &info), 0);
	assert_int_equal(info.dwOrigin, LINECALLORIGIN_OUTBOUND);
	return info.dwCallID;
}

static HCALL make_call(void)
{
	HCALL call = 0;

	expect_reply(lineMakeCallA(line, &call, "1", 0, NULL), 0);
	assert_int_not_equal(call, 0);
	expect_state(call, LINECALLSTATE_DIALING, 0);
	expect_state(call, LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE);
	return call;
}

static void hang_up(HCALL call)
{
	expect_reply(lineDrop(call, NULL, 0), 0);
	expect_state(call, LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_NORMAL);
	expect_state(call, LINECALLSTATE_IDLE, 0);
	assert_int_equal(lineDeallocateCall(call), 0);
}

/* Twice: the provider's only call is free again when it has been closed */
static void calls(void **state)
{
	HCALL call = make_call(), again;
	DWORD id = call_id(call);

	hang_up(call);
	again = make_call();
	assert_int_not_equal(call_id(again), id);
	hang_up(again);
}

static void one_call_at_a_time(void **state)
{
	HCALL call = make_call(), another = 0;

	expect_reply(lineMakeCallA(line, &another, "2", 0, NULL), LINEERR_CALLUNAVAIL);
	hang_up(call);
}

/* What it says no to, and what it does not have */
static void refused(void **state)
{
	HCALL call = make_call();

	expect_reply(lineAnswer(call, NULL, 0), LINEERR_INVALCALLSTATE);
	expect_reply(lineHold(call), LINEERR_OPERATIONUNAVAIL);
	hang_up(call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name),
		cmocka_unit_test(calls),
		cmocka_unit_test(one_call_at_a_time),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests_name("the minimal provider", tests, begin, end);
}

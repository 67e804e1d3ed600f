/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Beginning, versions, capabilities, handles, bad input, reasons. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../../userspace/libtapi/private.h"
#include "fake.h"

#define EVENT	LINEINITIALIZEEXOPTION_USEEVENT

static struct tapi_error_detail detail(void)
{
	struct tapi_error_detail d = { .size = sizeof(d) };

	assert_int_equal(tapi_last_error_detail(&d), 0);
	return d;
}

/* First, while nothing has been initialised in this process */
static void uninitialized(void **state)
{
	LINEMESSAGE message;

	assert_int_equal(lineShutdown(1), LINEERR_UNINITIALIZED);
	assert_int_equal(lineClose(1), LINEERR_UNINITIALIZED);
	assert_int_equal(lineAnswer(1, NULL, 0), LINEERR_UNINITIALIZED);
	assert_int_equal(lineGetMessage(1, &message, 0), LINEERR_UNINITIALIZED);
	assert_int_equal(detail().code, LINEERR_UNINITIALIZED);
}

static void no_server(void **state)
{
	LINEINITIALIZEEXPARAMS params = { .dwTotalSize = sizeof(params), .dwOptions = EVENT };
	DWORD devices, version = 0x00020002;
	HLINEAPP app;

	setenv("TAPI_SOCKET", "/nowhere/tapi.sock", 1);
	assert_int_equal(lineInitializeExA(&app, NULL, NULL, "test", &devices, &version, &params),
			 LINEERR_SERVICE_NOT_RUNNING);
	assert_int_equal(detail().code, LINEERR_SERVICE_NOT_RUNNING);
	assert_int_equal(detail().origin, TAPI_ORIGIN_LIBRARY);
	assert_int_equal(detail().error, ENOENT);
	assert_non_null(strstr(detail().text, "/nowhere/tapi.sock"));
}

static void callback(DWORD device, DWORD message, DWORD_PTR instance, DWORD_PTR p1, DWORD_PTR p2,
		     DWORD_PTR p3)
{
}

static LONG try(LINEINITIALIZEEXPARAMS *params, LINECALLBACK function, const char *name,
		DWORD version)
{
	HLINEAPP app = 0;
	DWORD devices;
	LONG result = lineInitializeExA(&app, NULL, function, name, &devices, &version, params);

	if (!result)
		lineShutdown(app);
	return result;
}

static void initialize_input(void **state)
{
	LINEINITIALIZEEXPARAMS params = { .dwTotalSize = sizeof(params), .dwOptions = EVENT };
	DWORD n = 0x00020002;
	HLINEAPP app;

	fake_start();
	assert_int_equal(lineInitializeExA(NULL, NULL, NULL, "t", &n, &n, &params),
			 LINEERR_INVALPOINTER);
	assert_int_equal(lineInitializeExA(&app, NULL, NULL, "t", NULL, &n, &params),
			 LINEERR_INVALPOINTER);
	assert_int_equal(lineInitializeExA(&app, NULL, NULL, "t", &n, NULL, &params),
			 LINEERR_INVALPOINTER);
	assert_int_equal(try(&params, NULL, "a\xff", 0x00020002), LINEERR_INVALPARAM);
	assert_int_equal(try(&params, NULL, "a", 0x00010004), LINEERR_INCOMPATIBLEAPIVERSION);
	assert_int_equal(try(NULL, NULL, "a", 0x00020002), LINEERR_INVALPOINTER);
	assert_int_equal(try(NULL, callback, "a", 0x00020002), 0);
	params.dwOptions = 0;
	assert_int_equal(try(&params, callback, "a", 0x00020002), LINEERR_INVALPARAM);
	params.dwOptions = EVENT;
	params.dwTotalSize--;
	assert_int_equal(try(&params, NULL, "a", 0x00020002), LINEERR_STRUCTURETOOSMALL);
	params.dwTotalSize++;
	params.dwOptions = LINEINITIALIZEEXOPTION_USECOMPLETIONPORT;
	params.Handles.hCompletionPort = (HANDLE)(intptr_t)-1;
	assert_int_equal(try(&params, NULL, "a", 0x00020002), LINEERR_INVALPARAM);
	params.dwOptions = EVENT;
	assert_int_equal(try(&params, NULL, NULL, 0x00020002), 0);
	assert_string_equal(fake.method, "shutdown");
	assert_int_equal(fake.shutdowns, 2);
	fake_stop();
}

static void refused_by_server(void **state)
{
	LINEINITIALIZEEXPARAMS params = { .dwTotalSize = sizeof(params), .dwOptions = EVENT };

	fake_start();
	fake.result = LINEERR_INVALAPPNAME;
	assert_int_equal(try(&params, NULL, "a", 0x00020002), LINEERR_INVALAPPNAME);
	assert_int_equal(detail().origin, TAPI_ORIGIN_PROVIDER);
	assert_int_equal(detail().error, EIO);
	assert_string_equal(detail().text, "the card is on fire");
	fake_stop();
}

static void name_in_both_forms(void **state)
{
	LINEINITIALIZEEXPARAMS params = { .dwTotalSize = sizeof(params), .dwOptions = EVENT };
	const WCHAR lone[] = { 'a', 0xd800, 0 };
	DWORD devices, version = 0x00020002;
	HLINEAPP app;

	fake_start();
	assert_int_equal(lineInitializeExW(&app, NULL, NULL, u"B\u00fcro \U0001F4DE", &devices,
					   &version, &params), 0);
	assert_string_equal(fake.text, "B\xc3\xbcro \xf0\x9f\x93\x9e");
	assert_int_equal(params.dwNeededSize, sizeof(params));
	assert_int_equal(params.dwUsedSize, sizeof(params));
	assert_int_equal((intptr_t)params.Handles.hEvent, tapi_get_fd(app));
	assert_int_equal(lineShutdown(app), 0);
	assert_int_equal(lineInitializeExW(&app, NULL, NULL, lone, &devices, &version, &params),
			 LINEERR_INVALPARAM);
	fake_stop();
}

static void negotiation(void **state)
{
	HLINEAPP app = start_app(EVENT);
	LINEEXTENSIONID extension;
	DWORD version = 0;

	assert_int_equal(lineNegotiateAPIVersion(app, 0, 0x00010003, 0x00020001, &version,
						 &extension), 0);
	assert_int_equal(version, 0x00020001);
	assert_int_equal(extension.dwExtensionID0, 1);
	assert_int_equal(extension.dwExtensionID3, 4);
	assert_int_equal(lineNegotiateExtVersion(app, 0, version, 9, 10, &version), 0);
	assert_int_equal(version, 9);
	assert_int_equal(lineNegotiateAPIVersion(app, 0, 1, 2, NULL, &extension),
			 LINEERR_INVALPOINTER);
	fake.result = LINEERR_BADDEVICEID;
	assert_int_equal(lineNegotiateAPIVersion(app, 9, 1, 2, &version, &extension),
			 LINEERR_BADDEVICEID);
	fake.result = 0;
	assert_int_equal(lineShutdown(app), 0);
	fake_stop();
}

/* Whatever room there is: nothing is written behind it, and what is needed is always told */
static void caps_of_all_sizes(void **state)
{
	HLINEAPP app = start_app(EVENT);
	unsigned char buffer[1024];
	LINEDEVCAPS *caps = (LINEDEVCAPS *)buffer;
	DWORD needed[2] = { 0 };

	for (int wide = 0; wide < 2; wide++) {
		caps->dwTotalSize = 900;
		assert_int_equal((wide ? lineGetDevCapsW : lineGetDevCapsA)
				 (app, 0, 0x00020002, 0, caps), 0);
		needed[wide] = caps->dwNeededSize;
		assert_int_equal(caps->dwUsedSize, caps->dwNeededSize);
		for (DWORD total = 4; total < needed[wide] + 8; total++) {
			memset(buffer, 0x5a, sizeof(buffer));
			caps->dwTotalSize = total;
			LONG result = (wide ? lineGetDevCapsW : lineGetDevCapsA)
				      (app, 0, 0x00020002, 0, caps);

			assert_int_equal(buffer[total], 0x5a);
			assert_int_equal(buffer[sizeof(buffer) - 1], 0x5a);
			if (result) {
				assert_int_equal(result, LINEERR_STRUCTURETOOSMALL);
				assert_true(total < 400);
			} else {
				assert_int_equal(caps->dwNeededSize, needed[wide]);
				assert_true(caps->dwUsedSize <= total);
			}
		}
	}
	assert_true(needed[1] > needed[0]);
	lineShutdown(app);
	fake_stop();
}

static void caps_in_both_forms(void **state)
{
	HLINEAPP app = start_app(EVENT);
	unsigned char buffer[1024];
	LINEDEVCAPS *caps = (LINEDEVCAPS *)buffer;
	LINEADDRESSCAPS *address = (LINEADDRESSCAPS *)buffer;
	unsigned int requests;

	caps->dwTotalSize = sizeof(buffer);
	assert_int_equal(lineGetDevCapsA(app, 1, 0x00020002, 0, caps), 0);
	assert_int_equal(fake.value, 1);
	assert_string_equal(buffer + caps->dwLineNameOffset, "B\xc3\xbcro \xf0\x9f\x93\x9e");
	caps->dwTotalSize = sizeof(buffer);
	assert_int_equal(lineGetDevCapsW(app, 1, 0x00020002, 0, caps), 0);
	assert_memory_equal(buffer + caps->dwLineNameOffset, u"B\u00fcro \U0001F4DE", 16);
	address->dwTotalSize = sizeof(buffer);
	assert_int_equal(lineGetAddressCapsA(app, 1, 3, 0x00020002, 0, address), 0);
	assert_int_equal(fake.value, 3);
	assert_string_equal(buffer + address->dwAddressOffset, "2001");

	requests = fake.requests;
	assert_int_equal(lineGetDevCapsA(app, 0, 0x00020002, 0, NULL), LINEERR_INVALPOINTER);
	assert_int_equal(lineGetDevCapsA(app, 0, 7, 0, caps), LINEERR_INCOMPATIBLEAPIVERSION);
	assert_int_equal(lineGetDevCapsA(app + 1, 0, 0x00020002, 0, caps),
			 LINEERR_INVALAPPHANDLE);
	assert_int_equal(fake.requests, requests);
	lineShutdown(app);
	fake_stop();
}

/* None of these makes a round trip */
static void stale_handles(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 1), old = open_line(app, 1, 2);
	HCALL call = offered_call(app, line, 1);
	LINECALLSTATUS status = { .dwTotalSize = sizeof(status) };
	uint8_t bytes[16];
	unsigned int requests;
	LINEMESSAGE message;

	assert_int_equal(lineClose(old), 0);
	assert_int_equal(fake.line, fake.opened[1]);
	requests = fake.requests;
	assert_int_equal(lineClose(old), LINEERR_INVALLINEHANDLE);
	assert_int_equal(lineClose(app), LINEERR_INVALLINEHANDLE);
	assert_int_equal(lineClose(call), LINEERR_INVALLINEHANDLE);
	assert_int_equal(lineClose(0), LINEERR_INVALLINEHANDLE);
	assert_int_equal(lineClose(fake.opened[0]), LINEERR_INVALLINEHANDLE);
	assert_int_equal(lineAnswer(line, NULL, 0), LINEERR_INVALCALLHANDLE);
	assert_int_equal(lineGetCallStatus(app, &status), LINEERR_INVALCALLHANDLE);
	assert_int_equal(lineSetCallPrivilege(line, 99), LINEERR_INVALCALLHANDLE);
	assert_int_equal(lineGetMessage(line, &message, 0), LINEERR_INVALAPPHANDLE);
	assert_int_equal(lineShutdown(line), LINEERR_INVALAPPHANDLE);
	assert_int_equal(tapi_get_fd(line), LINEERR_INVALAPPHANDLE);
	assert_int_equal(tapi_private_msp_identify(old, bytes), LINEERR_INVALLINEHANDLE);
	assert_int_equal(fake.requests, requests);
	assert_int_equal(lineClose(line), 0);
	assert_int_equal(lineDrop(call, NULL, 0), LINEERR_INVALCALLHANDLE);
	assert_int_equal(lineShutdown(app), 0);
	assert_int_equal(lineShutdown(app), LINEERR_INVALAPPHANDLE);
	assert_int_equal(lineClose(line), LINEERR_INVALLINEHANDLE);
	fake_stop();
}

static void opening(void **state)
{
	HLINEAPP app = start_app(EVENT);
	LINECALLPARAMS params = { .dwTotalSize = sizeof(params) };
	HLINE line = 0x1234;

	assert_int_equal(lineOpenA(app, 0, NULL, 0x00020002, 0, 0, LINECALLPRIVILEGE_NONE, 0, NULL),
			 LINEERR_INVALPOINTER);
	assert_int_equal(lineOpenA(app, LINEMAPPER, &line, 0x00020002, 0, 0,
				   LINECALLPRIVILEGE_NONE, 0, NULL), LINEERR_INVALPOINTER);
	assert_int_equal(lineOpenA(app, LINEMAPPER, &line, 0x00020002, 0, 0,
				   LINECALLPRIVILEGE_NONE, 0, &params), 0);
	assert_int_equal(lineClose(line), 0);
	params.dwTotalSize = 8;
	assert_int_equal(lineOpenA(app, LINEMAPPER, &line, 0x00020002, 0, 0,
				   LINECALLPRIVILEGE_NONE, 0, &params), LINEERR_STRUCTURETOOSMALL);
	/* without a need for them they are not looked at */
	assert_int_equal(lineOpenA(app, 0, &line, 0x00020002, 0, 0, LINECALLPRIVILEGE_NONE, 0,
				   &params), 0);
	params.dwTotalSize = sizeof(params);
	params.dwOrigAddressSize = 4;
	params.dwOrigAddressOffset = sizeof(params) - 2;
	assert_int_equal(lineOpenW(app, LINEMAPPER, &line, 0x00020002, 0, 0,
				   LINECALLPRIVILEGE_NONE, 0, &params), LINEERR_INVALCALLPARAMS);
	fake.result = LINEERR_ALLOCATED;
	line = 0x1234;
	assert_int_equal(lineOpenA(app, 0, &line, 0x00020002, 0, 0, LINECALLPRIVILEGE_NONE, 0,
				   NULL), LINEERR_ALLOCATED);
	assert_int_equal(line, 0x1234);
	fake.result = 0;
	lineShutdown(app);
	fake_stop();
}

static void status_of_a_line(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	LINEDEVSTATUS dev = { .dwTotalSize = sizeof(dev) };
	LINEADDRESSSTATUS address = { .dwTotalSize = sizeof(address) };
	DWORD a = 0, b = 0;
	uint8_t bytes[16];

	assert_int_equal(lineGetLineDevStatusA(line, &dev), 0);
	assert_int_equal(dev.dwNumOpens, 7);
	assert_int_equal(lineGetAddressStatusW(line, 2, &address), 0);
	assert_int_equal(address.dwNumActiveCalls, 3);
	assert_int_equal(fake.value, 2);
	assert_int_equal(lineSetStatusMessages(line, LINEDEVSTATE_RINGING, 0), 0);
	assert_int_equal(fake.value, LINEDEVSTATE_RINGING);
	assert_int_equal(lineGetStatusMessages(line, &a, &b), 0);
	assert_int_equal(a, 0x12);
	assert_int_equal(b, 0x34);
	assert_int_equal(lineGetAddressIDA(line, &a, LINEADDRESSMODE_DIALABLEADDR, "12345", 3), 0);
	assert_string_equal(fake.text, "123");
	assert_int_equal(a, 5);
	assert_int_equal(lineGetAddressIDW(line, &a, LINEADDRESSMODE_DIALABLEADDR, u"12345", 6), 0);
	assert_string_equal(fake.text, "123");
	assert_int_equal(lineGetAddressIDA(line, &a, LINEADDRESSMODE_ADDRESSID, "1", 1),
			 LINEERR_INVALADDRESSMODE);
	assert_int_equal(tapi_private_msp_identify(line, bytes), 0);
	assert_int_equal(bytes[0] + bytes[15], 0xaa + 0xbb);
	assert_int_equal(tapi_private_msp_grant(line, 4, bytes), 0);
	assert_int_equal(bytes[0] + bytes[15], 0xcc + 0xdd);
	assert_int_equal(fake.value, 4);
	lineShutdown(app);
	fake_stop();
}

static void device_ids(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	HCALL call = offered_call(app, line, 3);
	unsigned char buffer[64];
	VARSTRING *id = (VARSTRING *)buffer;

	id->dwTotalSize = sizeof(buffer);
	assert_int_equal(lineGetIDA(line, 0, 0, LINECALLSELECT_LINE, id, "wave/in"), 0);
	assert_string_equal(fake.text, "wave/in");
	assert_string_equal(buffer + id->dwStringOffset, "hw:TAPI0,0");
	assert_int_equal(lineGetIDW(0, 0, call, LINECALLSELECT_CALL, id, u"wave/out"), 0);
	assert_string_equal(fake.text, "wave/out");
	assert_int_equal(fake.call, 0x50000003);
	assert_memory_equal(buffer + id->dwStringOffset, u"hw:TAPI0,0", 22);
	assert_int_equal(lineGetIDA(0, 0, call, LINECALLSELECT_LINE, id, "comm"),
			 LINEERR_INVALLINEHANDLE);
	assert_int_equal(lineGetIDA(line, 0, 0, LINECALLSELECT_CALL, id, "comm"),
			 LINEERR_INVALCALLHANDLE);
	assert_int_equal(lineGetIDA(line, 0, 0, 3, id, "comm"), LINEERR_INVALCALLSELECT);
	assert_int_equal(lineGetIDA(line, 0, 0, LINECALLSELECT_LINE, id, NULL),
			 LINEERR_INVALPOINTER);
	id->dwTotalSize = sizeof(*id) - 1;
	assert_int_equal(lineGetIDA(line, 0, 0, LINECALLSELECT_LINE, id, "comm"),
			 LINEERR_STRUCTURETOOSMALL);
	lineShutdown(app);
	fake_stop();
}

static void names(void **state)
{
	assert_string_equal(tapi_error_name(LINEERR_NODEVICE), "LINEERR_NODEVICE");
	assert_string_equal(tapi_error_name(12345), "unknown");
	assert_string_equal(tapi_message_name(LINE_CALLSTATE), "LINE_CALLSTATE");
	assert_string_equal(tapi_message_name(999), "unknown");
	assert_string_equal(tapi_call_state_name(LINECALLSTATE_CONNECTED), "CONNECTED");
	assert_string_equal(tapi_disconnect_mode_name(LINEDISCONNECTMODE_BUSY), "BUSY");
	assert_string_equal(tapi_disconnect_mode_name(0x40000000), "unknown");
	assert_true(strlen(tapi_error_text(LINEERR_NODEVICE)) > 5);
	assert_int_equal(tapi_last_error_detail(NULL), LINEERR_INVALPOINTER);
	assert_int_equal(tapi_last_error_detail(&(struct tapi_error_detail) { .size = 8 }),
			 LINEERR_STRUCTURETOOSMALL);
	assert_int_equal(tapi_message_info(NULL), LINEERR_INVALPOINTER);
}

/* The child has nothing of its parent's, may begin anew, and does not keep the link open */
static void after_fork(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	LINEINITIALIZEEXPARAMS params = { .dwTotalSize = sizeof(params), .dwOptions = EVENT };
	pid_t child = fork();
	int status;

	if (!child) {
		if (lineClose(line) != (LONG)LINEERR_UNINITIALIZED ||
		    lineShutdown(app) != (LONG)LINEERR_UNINITIALIZED)
			_exit(1);
		if (try(&params, NULL, "child", 0x00020002))
			_exit(2);
		_exit(lineClose(line) != (LONG)LINEERR_INVALLINEHANDLE ? 3 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(lineClose(line), 0);
	assert_int_equal(lineShutdown(app), 0);
	fake_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uninitialized),
		cmocka_unit_test(no_server),
		cmocka_unit_test(initialize_input),
		cmocka_unit_test(refused_by_server),
		cmocka_unit_test(name_in_both_forms),
		cmocka_unit_test(negotiation),
		cmocka_unit_test(caps_of_all_sizes),
		cmocka_unit_test(caps_in_both_forms),
		cmocka_unit_test(stale_handles),
		cmocka_unit_test(opening),
		cmocka_unit_test(status_of_a_line),
		cmocka_unit_test(device_ids),
		cmocka_unit_test(names),
		cmocka_unit_test(after_fork),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

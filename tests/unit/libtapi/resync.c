/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server that was started again, and events that were lost: the program ends in step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "fake.h"

#define EVENT	LINEINITIALIZEEXOPTION_USEEVENT

static bool synthetic(void)
{
	struct tapi_message_info info = { .size = sizeof(info) };

	assert_int_equal(tapi_message_info(&info), 0);
	return info.flags & TAPI_MESSAGE_SYNTHETIC;
}

static void snapshot(uint32_t call, uint32_t call_id, uint32_t state, uint32_t mode,
		     uint32_t privilege)
{
	Tapi__Rpc__CallRecord *record = &fake.snapshot[fake.snapshot_calls++];

	tapi__rpc__call_record__init(record);
	record->has_call = record->has_call_id = record->has_state = record->has_mode = 1;
	record->has_line = record->has_privilege = 1;
	record->call = call;
	record->line = fake.opened[0];
	record->call_id = call_id;
	record->state = state;
	record->mode = mode;
	record->privilege = privilege;
}

/* ---- lost events ---- */

static void nothing_missed(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);

	offered_call(app, line, 1);
	snapshot(0x50000001, 1, LINECALLSTATE_OFFERING, 0, LINECALLPRIVILEGE_OWNER);
	fake_resynchronise();
	no_message(app);
	no_message(app);
	lineShutdown(app);
	fake_stop();
}

static void missed_states(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	HCALL busy = offered_call(app, line, 1), gone = offered_call(app, line, 2);
	LINEMESSAGE message;
	HCALL call;

	snapshot(0x50000001, 1, LINECALLSTATE_BUSY, 2, LINECALLPRIVILEGE_MONITOR);
	snapshot(0x50000003, 3, LINECALLSTATE_OFFERING, 0, LINECALLPRIVILEGE_OWNER);
	fake_resynchronise();
	message = next_message(app);
	assert_true(synthetic());
	assert_int_equal(message.dwMessageID, LINE_CALLSTATE);
	assert_int_equal(message.hDevice, busy);
	assert_int_equal(message.dwParam1, LINECALLSTATE_BUSY);
	assert_int_equal(message.dwParam2, 2);
	assert_int_equal(message.dwParam3, LINECALLPRIVILEGE_MONITOR);
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_APPNEWCALL);
	assert_int_equal(message.hDevice, line);
	call = (HCALL)message.dwParam2;
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_CALLSTATE);
	assert_int_equal(message.hDevice, call);
	assert_int_equal(message.dwParam3, LINECALLPRIVILEGE_OWNER);
	message = next_message(app);
	assert_int_equal(message.hDevice, gone);
	assert_int_equal(message.dwParam1, LINECALLSTATE_IDLE);
	no_message(app);
	lineShutdown(app);
	fake_stop();
}

static void missed_the_rest(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0), closed = open_line(app, 1, 0);
	HCALL call = offered_call(app, line, 1);
	LONG id = lineAnswer(call, NULL, 0);
	LINEMESSAGE message;

	assert_true(id > 0);
	snapshot(0x50000001, 1, LINECALLSTATE_OFFERING, 0, LINECALLPRIVILEGE_OWNER);
	fake.opens = 1;
	fake.devices = 3;
	fake.snapshot_no_requests = true;
	fake_resynchronise();
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_CLOSE);
	assert_int_equal(message.hDevice, closed);
	assert_int_equal(lineClose(closed), LINEERR_INVALLINEHANDLE);
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_REPLY);
	assert_int_equal(message.dwParam1, id);
	assert_int_equal((LONG)message.dwParam2, LINEERR_OPERATIONFAILED);
	assert_true(synthetic());
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_CREATE);
	assert_int_equal(message.dwParam1, 2);
	no_message(app);
	lineShutdown(app);
	fake_stop();
}

/* ---- a server that was started again ---- */

static void restarted(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0x99);
	HCALL call = offered_call(app, line, 42);
	struct tapi_error_detail detail = { .size = sizeof(detail) };
	LONG id = lineAnswer(call, NULL, 0);
	LINEMESSAGE message;

	assert_int_equal(lineSetStatusMessages(line, LINEDEVSTATE_RINGING, 0), 0);
	fake_leave();
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_REPLY);
	assert_int_equal(message.dwParam1, id);
	assert_int_equal((LONG)message.dwParam2, LINEERR_OPERATIONFAILED);
	assert_true(synthetic());
	assert_int_equal(tapi_last_error_detail(&detail), 0);
	assert_int_equal(detail.origin, TAPI_ORIGIN_LIBRARY);
	assert_non_null(strstr(detail.text, "tapisrv has ended"));
	fake.request = 0;
	fake_return();
	/* by itself, while the program waits for messages */
	no_message(app);
	assert_int_equal(fake.links, 2);
	assert_int_equal(fake.resumed_lines, 1);
	assert_int_equal(fake.resumed_calls, 1);
	assert_int_equal(fake.resumed_call_id, 42);
	/* the handles are the same, the server's numbers are not */
	assert_true(lineAnswer(call, NULL, 0) > 0);
	assert_int_equal(fake.call >> 24, 0x51);
	assert_int_equal(lineSetStatusMessages(line, 0, 0), 0);
	assert_int_equal(fake.line >> 24, 0x41);
	fake_state(fake.snapshot[0].call, LINECALLSTATE_CONNECTED, 0);
	message = next_message(app);
	assert_int_equal(message.hDevice, call);
	assert_int_equal(message.dwCallbackInstance, 0x99);
	lineShutdown(app);
	fake_stop();
}

/* Nobody reads: the next function finds the server back */
static void next_call_reconnects(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);

	fake_leave();
	fake_return();
	assert_int_equal(lineSetStatusMessages(line, 0, 0), 0);
	assert_int_equal(fake.links, 2);
	assert_int_equal(fake.line >> 24, 0x41);
	lineShutdown(app);
	fake_stop();
}

static void waiter_reconnects(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	LINEMESSAGE message;

	offered_call(app, line, 1);
	fake_leave();
	assert_int_equal(lineGetMessage(app, &message, 100), LINEERR_OPERATIONFAILED);
	fake_return();
	assert_int_equal(lineGetMessage(app, &message, 600), LINEERR_OPERATIONFAILED);
	fake_settle();
	assert_int_equal(fake.links, 2);
	fake_message(fake.opened[0], LINE_LINEDEVSTATE, LINEDEVSTATE_RINGING, 0, 0);
	assert_int_equal(next_message(app).hDevice, line);
	lineShutdown(app);
	fake_stop();
}

/* Its handle is good until it is deallocated, though the server knows nothing of it */
static void ended(HLINE line, HCALL call, DWORD call_id)
{
	LINECALLSTATUS status = { .dwTotalSize = sizeof(status) };
	struct tapi_error_detail detail = { .size = sizeof(detail) };
	LINECALLINFO info = { .dwTotalSize = sizeof(info) };
	unsigned int requests;

	assert_int_equal(lineSetStatusMessages(line, 0, 0), 0);
	requests = fake.requests;
	assert_int_equal(lineGetCallStatus(call, &status), 0);
	assert_int_equal(status.dwCallState, LINECALLSTATE_IDLE);
	assert_int_equal(status.dwCallPrivilege, LINECALLPRIVILEGE_OWNER);
	assert_int_equal(status.dwCallFeatures, 0);
	assert_int_equal(lineGetCallInfoA(call, &info), 0);
	assert_int_equal(info.hLine, line);
	assert_int_equal(info.dwCallID, call_id);
	assert_int_equal(lineDrop(call, NULL, 0), LINEERR_INVALCALLSTATE);
	assert_int_equal(lineMonitorDigits(call, LINEDIGITMODE_DTMF), LINEERR_INVALCALLSTATE);
	assert_int_equal(tapi_last_error_detail(&detail), 0);
	assert_int_equal(detail.origin, TAPI_ORIGIN_LIBRARY);
	assert_int_equal(fake.requests, requests);
}

static void calls_are_gone(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	HCALL call = offered_call(app, line, 1);
	LINEMESSAGE message;

	fake.lose_calls = true;
	fake_leave();
	fake_return();
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_CALLSTATE);
	assert_int_equal(message.hDevice, call);
	assert_int_equal(message.dwParam1, LINECALLSTATE_IDLE);
	assert_true(synthetic());
	ended(line, call, 1);
	/* idle before it was lost again: it stays so, and nothing is said */
	fake_leave();
	fake_return();
	no_message(app);
	ended(line, call, 1);
	assert_int_equal(lineDeallocateCall(call), 0);
	assert_int_equal(lineDeallocateCall(call), LINEERR_INVALCALLHANDLE);
	no_message(app);
	lineShutdown(app);
	fake_stop();
}

/* What is closed while the server is away stays closed */
static void closed_meanwhile(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0), other = open_line(app, 1, 0);
	HCALL call = offered_call(app, line, 1);
	LINEMESSAGE message;

	fake_leave();
	assert_int_equal(lineGetMessage(app, &message, 0), LINEERR_OPERATIONFAILED);
	assert_int_equal(lineClose(line), 0);
	assert_int_equal(lineDeallocateCall(call), LINEERR_INVALCALLHANDLE);
	fake_return();
	assert_int_equal(lineSetStatusMessages(other, 0, 0), 0);
	assert_int_equal(fake.resumed_lines, 1);
	assert_int_equal(fake.resumed_calls, 0);
	lineShutdown(app);
	fake_stop();
}

/* Somebody listens at the socket but does not speak, as while the service starts */
static void silent_server(void **state)
{
	HLINEAPP app = start_app(EVENT);
	LINEMESSAGE message;

	open_line(app, 0, 0);
	fake_leave();
	fake.mute_hello = true;
	fake_return();
	assert_int_equal(lineGetMessage(app, &message, 0), LINEERR_OPERATIONFAILED);
	assert_int_equal(lineGetMessage(app, &message, 200), LINEERR_OPERATIONFAILED);
	fake_settle();
	assert_int_equal(fake.links, 2);
	/* a registration ends without it */
	assert_int_equal(lineShutdown(app), 0);
	fake_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_missed),
		cmocka_unit_test(missed_states),
		cmocka_unit_test(missed_the_rest),
		cmocka_unit_test(restarted),
		cmocka_unit_test(next_call_reconnects),
		cmocka_unit_test(waiter_reconnects),
		cmocka_unit_test(calls_are_gone),
		cmocka_unit_test(closed_meanwhile),
		cmocka_unit_test(silent_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

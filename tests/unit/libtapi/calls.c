/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls and their requests: what is sent, and when results are handed out. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../../userspace/libtapi/private.h"
#include "fake.h"

#define EVENT	LINEINITIALIZEEXOPTION_USEEVENT

static void making_a_call(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0xabc);
	LINEMESSAGE message;
	HCALL call = 0;
	LONG id;

	id = lineMakeCallA(line, &call, "5551234", 49, NULL);
	assert_true(id > 0);
	assert_string_equal(fake.method, "make_call");
	assert_string_equal(fake.text, "5551234");
	assert_int_equal(fake.line, fake.opened[0]);
	assert_int_equal(fake.value, 49);
	no_message(app);
	assert_int_equal(call, 0);

	fake_reply(fake.request, 0, 0x50000009, NULL);
	fake_state(0x50000009, LINECALLSTATE_DIALING, 0);
	/* it has arrived, but the program has not been told */
	lineSetStatusMessages(line, 0, 0);
	assert_int_equal(call, 0);
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_REPLY);
	assert_int_equal(message.dwParam1, id);
	assert_int_equal((LONG)message.dwParam2, 0);
	assert_int_equal(message.dwCallbackInstance, 0xabc);
	assert_int_not_equal(call, 0);
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_CALLSTATE);
	assert_int_equal(message.hDevice, call);
	assert_int_equal(message.dwParam1, LINECALLSTATE_DIALING);
	assert_int_equal(message.dwCallbackInstance, 0xabc);
	lineShutdown(app);
	fake_stop();
}

static void a_call_that_fails(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	LINECALLPARAMS params = { .dwTotalSize = 12 };
	LINEMESSAGE message;
	HCALL call = 0;
	LONG id;

	assert_int_equal(lineMakeCallA(line, NULL, "1", 0, NULL), LINEERR_INVALPOINTER);
	assert_int_equal(lineMakeCallA(line, &call, "\xc0\x80", 0, NULL), LINEERR_INVALPARAM);
	assert_int_equal(lineMakeCallA(line, &call, "1", 0, &params), LINEERR_STRUCTURETOOSMALL);
	fake.result = LINEERR_CALLUNAVAIL;
	assert_int_equal(lineMakeCallA(line, &call, "1", 0, NULL), LINEERR_CALLUNAVAIL);
	fake.result = 0;
	fake.reply = true;
	fake.reply_result = LINEERR_RESOURCEUNAVAIL;
	id = lineMakeCallW(line, &call, u"1", 0, NULL);
	assert_true(id > 0);
	message = next_message(app);
	assert_int_equal(message.dwParam1, id);
	assert_int_equal(message.dwParam2, (DWORD_PTR)(intptr_t)(LONG)LINEERR_RESOURCEUNAVAIL);
	assert_int_equal(call, 0);
	no_message(app);
	lineShutdown(app);
	fake_stop();
}

/* An empty destination is none at all: the line is taken, dialling follows */
static void dialling_later(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	HCALL call = 0;

	fake.reply = true;
	assert_true(lineMakeCallA(line, &call, "", 0, NULL) > 0);
	assert_string_equal(fake.text, "");
	next_message(app);
	assert_true(lineDialA(call, "12", 1) > 0);
	assert_string_equal(fake.method, "dial");
	assert_string_equal(fake.text, "12");
	next_message(app);
	assert_true(lineDialW(call, u"34", 0) > 0);
	assert_string_equal(fake.text, "34");
	assert_int_equal(lineDialA(call, NULL, 0), LINEERR_INVALPOINTER);
	lineShutdown(app);
	fake_stop();
}

static void requests_of_a_call(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	HCALL call = offered_call(app, line, 1);
	LONG id, before = 0;
	char *big = calloc(1, 40000);

	fake.reply = true;
	id = lineAnswer(call, "hello", 5);
	assert_true(id > 0);
	assert_string_equal(fake.method, "answer");
	assert_int_equal(fake.call, 0x50000001);
	assert_int_equal(fake.bytes_size, 5);
	assert_memory_equal(fake.bytes, "hello", 5);
	assert_int_equal(next_message(app).dwParam1, id);
	before = id;
	id = lineAccept(call, NULL, 99);
	assert_true(id > 0 && id != before);
	assert_string_equal(fake.method, "accept");
	assert_int_equal(fake.bytes_size, 0);
	assert_true(lineHold(call) > 0);
	assert_string_equal(fake.method, "hold");
	assert_true(lineUnhold(call) > 0);
	assert_string_equal(fake.method, "unhold");
	assert_int_equal(lineDrop(call, big, 40000), LINEERR_USERUSERINFOTOOBIG);
	assert_true(lineDrop(call, big, 0) > 0);
	assert_string_equal(fake.method, "drop");
	fake.result = LINEERR_NOTOWNER;
	assert_int_equal(lineAnswer(call, NULL, 0), LINEERR_NOTOWNER);
	fake.result = 0;
	free(big);
	lineShutdown(app);
	fake_stop();
}

static void values_of_a_call(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	HCALL call = offered_call(app, line, 1);
	unsigned int requests;

	assert_int_equal(lineSetCallPrivilege(call, LINECALLPRIVILEGE_MONITOR), 0);
	assert_string_equal(fake.method, "set_privilege");
	assert_int_equal(fake.value, LINECALLPRIVILEGE_MONITOR);
	assert_int_equal(lineSetAppSpecific(call, 12), 0);
	assert_string_equal(fake.method, "set_app_specific");
	assert_int_equal(lineSetMediaMode(call, LINEMEDIAMODE_G3FAX), 0);
	assert_string_equal(fake.method, "set_media_mode");
	assert_int_equal(lineMonitorMedia(call, LINEMEDIAMODE_DATAMODEM), 0);
	assert_string_equal(fake.method, "monitor_media");
	assert_int_equal(lineMonitorDigits(call, LINEDIGITMODE_DTMF | LINEDIGITMODE_DTMFEND), 0);
	assert_string_equal(fake.method, "monitor_digits");
	assert_int_equal(lineGenerateDigitsA(call, LINEDIGITMODE_DTMF, "1,2", 0), 0);
	assert_string_equal(fake.text, "1,2");
	assert_int_equal(lineGenerateDigitsW(call, 0, NULL, 0), 0);
	requests = fake.requests;
	assert_int_equal(lineSetCallPrivilege(call, 6), LINEERR_INVALCALLPRIVILEGE);
	assert_int_equal(lineSetMediaMode(call, 0), LINEERR_INVALMEDIAMODE);
	assert_int_equal(lineMonitorDigits(call, 8), LINEERR_INVALDIGITMODE);
	assert_int_equal(lineGenerateDigitsA(call, 3, "1", 0), LINEERR_INVALDIGITMODE);
	assert_int_equal(fake.requests, requests);
	lineShutdown(app);
	fake_stop();
}

static void facts_of_a_call(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	HCALL call = offered_call(app, line, 1);
	unsigned char buffer[1024];
	LINECALLINFO *info = (LINECALLINFO *)buffer;
	LINECALLSTATUS status = { .dwTotalSize = sizeof(status) };

	info->dwTotalSize = sizeof(buffer);
	assert_int_equal(lineGetCallInfoA(call, info), 0);
	assert_int_equal(info->hLine, line);
	assert_int_equal(info->dwCallID, 77);
	assert_string_equal(buffer + info->dwCallerIDOffset, "5551234");
	assert_int_equal(lineGetCallInfoW(call, info), 0);
	assert_memory_equal(buffer + info->dwCallerIDOffset, u"5551234", 16);
	assert_int_equal(lineGetCallStatus(call, &status), 0);
	assert_int_equal(status.dwCallState, LINECALLSTATE_OFFERING);
	info->dwTotalSize = 20;
	assert_int_equal(lineGetCallInfoA(call, info), LINEERR_STRUCTURETOOSMALL);
	lineShutdown(app);
	fake_stop();
}

/* The provider's answer appears in the buffer with the reply, and not earlier */
static void vendor_escape(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0), other = open_line(app, 1, 0);
	HCALL call = offered_call(app, line, 1);
	char buffer[8] = "question";
	LONG id = lineDevSpecific(line, 2, call, buffer, sizeof(buffer));

	assert_true(id > 0);
	assert_int_equal(fake.value, 2);
	assert_int_equal(fake.call, 0x50000001);
	assert_memory_equal(fake.bytes, "question", 8);
	fake_reply(fake.request, 0, 0, "the answer is longer");
	lineSetStatusMessages(line, 0, 0);
	assert_memory_equal(buffer, "question", 8);
	assert_int_equal(next_message(app).dwParam1, id);
	assert_memory_equal(buffer, "the answ", 8);
	assert_int_equal(lineDevSpecific(other, 0, call, buffer, 1), LINEERR_INVALCALLHANDLE);
	assert_true(lineDevSpecific(other, 0, 0, NULL, 5) > 0);
	/* libtapi3 does not want the answer */
	id = tapi_private_dev_specific(line, 1, buffer, 3);
	assert_true(id > 0);
	assert_int_equal(fake.bytes_size, 3);
	fake_reply(fake.request, 0, 0, "xxx");
	assert_int_equal(next_message(app).dwParam1, id);
	assert_memory_equal(buffer, "the answ", 8);
	lineShutdown(app);
	fake_stop();
}

static void gathering_digits(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	HCALL call = offered_call(app, line, 1);
	char digits[4] = "xxx";
	WCHAR wide[5] = u"xxxx";
	LINEMESSAGE message;

	assert_int_equal(lineGatherDigitsA(call, LINEDIGITMODE_DTMF, digits, 3, "#", 0, 0), 0);
	assert_string_equal(fake.text, "#");
	assert_int_equal(fake.value, 3);
	/* a second one cancels the first, and each gets its own digits */
	assert_int_equal(lineGatherDigitsW(call, LINEDIGITMODE_DTMF, wide, 4, NULL, 0, 0), 0);
	fake_digits(0x50000001, "12", LINEGATHERTERM_CANCEL);
	fake_digits(0x50000001, "3456", LINEGATHERTERM_BUFFERFULL);
	lineSetStatusMessages(line, 0, 0);
	assert_string_equal(digits, "xxx");
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_GATHERDIGITS);
	assert_int_equal(message.hDevice, call);
	assert_int_equal(message.dwParam1, LINEGATHERTERM_CANCEL);
	assert_string_equal(digits, "12");
	assert_int_equal(next_message(app).dwParam1, LINEGATHERTERM_BUFFERFULL);
	assert_memory_equal(wide, u"3456", 10);		/* its own NUL is still there */
	wide[4] = 'y';
	assert_int_equal(lineGatherDigitsW(call, LINEDIGITMODE_DTMF, wide, 4, NULL, 0, 0), 0);
	fake_digits(0x50000001, "7890", LINEGATHERTERM_BUFFERFULL);
	next_message(app);
	assert_int_equal(wide[4], 'y');		/* a full buffer has no NUL */
	lineShutdown(app);
	fake_stop();
}

static void gathering_nothing(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	HCALL call = offered_call(app, line, 1);
	char digits[4];

	assert_int_equal(lineGatherDigitsA(call, LINEDIGITMODE_DTMF, digits, 0, NULL, 0, 0),
			 LINEERR_INVALPARAM);
	assert_int_equal(lineGatherDigitsA(call, LINEDIGITMODE_DTMFEND, digits, 1, NULL, 0, 0),
			 LINEERR_INVALDIGITMODE);
	fake.result = LINEERR_INVALTIMEOUT;
	assert_int_equal(lineGatherDigitsA(call, LINEDIGITMODE_DTMF, digits, 1, NULL, 5, 0),
			 LINEERR_INVALTIMEOUT);
	fake.result = 0;
	assert_int_equal(lineGatherDigitsA(call, 0, NULL, 0, NULL, 0, 0), 0);
	assert_int_equal(fake.value, 0);
	fake_digits(0x50000001, "1", LINEGATHERTERM_CANCEL);	/* of nobody */
	no_message(app);
	lineShutdown(app);
	fake_stop();
}

/* A list without room leaves the calls new */
static void new_calls(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	unsigned char buffer[64];
	LINECALLLIST *list = (LINECALLLIST *)buffer;
	LINECALLSTATUS status = { .dwTotalSize = sizeof(status) };
	HCALL call;

	fake.new_calls = 2;
	list->dwTotalSize = sizeof(*list);
	assert_int_equal(lineGetNewCalls(line, 0, LINECALLSELECT_LINE, list), 0);
	assert_int_equal(list->dwCallsNumEntries, 0);
	assert_int_equal(list->dwNeededSize, sizeof(*list) + 8);
	no_message(app);
	list->dwTotalSize = sizeof(buffer);
	assert_int_equal(lineGetNewCalls(line, 0, LINECALLSELECT_LINE, list), 0);
	assert_int_equal(list->dwCallsNumEntries, 2);
	memcpy(&call, buffer + list->dwCallsOffset + 4, 4);
	assert_int_equal(lineGetCallStatus(call, &status), 0);
	assert_int_equal(lineGetNewCalls(line, 0, LINECALLSELECT_LINE, list), 0);
	assert_int_equal(list->dwCallsNumEntries, 0);
	assert_int_equal(lineGetNewCalls(line, 0, LINECALLSELECT_CALL, list),
			 LINEERR_INVALCALLSELECT);
	lineShutdown(app);
	fake_stop();
}

/* Replies survive the call, but not the line */
static void ends_of_handles(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 0);
	HCALL call = offered_call(app, line, 1), second = offered_call(app, line, 2);
	LONG id = lineDrop(call, NULL, 0);

	fake_state(0x50000001, LINECALLSTATE_IDLE, 0);
	fake_reply(fake.request, 0, 0, NULL);
	assert_int_equal(lineDeallocateCall(call), 0);
	assert_string_equal(fake.method, "deallocate");
	assert_int_equal(next_message(app).dwParam1, id);
	no_message(app);
	assert_int_equal(lineDeallocateCall(call), LINEERR_INVALCALLHANDLE);

	fake.result = LINEERR_INVALCALLSTATE;
	assert_int_equal(lineDeallocateCall(second), LINEERR_INVALCALLSTATE);
	fake.result = 0;
	assert_true(lineDrop(second, NULL, 0) > 0);
	fake_reply(fake.request, 0, 0, NULL);
	fake_state(0x50000002, LINECALLSTATE_IDLE, 0);
	assert_int_equal(lineClose(line), 0);
	assert_int_equal(lineDeallocateCall(second), LINEERR_INVALCALLHANDLE);
	no_message(app);
	lineShutdown(app);
	fake_stop();
}

static void closed_by_force(void **state)
{
	HLINEAPP app = start_app(EVENT);
	HLINE line = open_line(app, 0, 5);
	HCALL call = offered_call(app, line, 1);
	LINEMESSAGE message;

	fake_message(fake.opened[0], LINE_CLOSE, 0, 0, 0);
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_CLOSE);
	assert_int_equal(message.hDevice, line);
	assert_int_equal(message.dwCallbackInstance, 5);
	assert_int_equal(lineClose(line), LINEERR_INVALLINEHANDLE);
	assert_int_equal(lineAnswer(call, NULL, 0), LINEERR_INVALCALLHANDLE);
	fake_state(0x50000001, LINECALLSTATE_IDLE, 0);
	no_message(app);
	lineShutdown(app);
	fake_stop();
}

/* ---- one thread makes requests while another one reads all that comes ---- */

#define ROUNDS	500

struct reader {
	HLINEAPP app;
	unsigned int replies;
	DWORD_PTR last;
	bool ordered;
};

static void *read_all(void *data)
{
	struct reader *reader = data;
	LINEMESSAGE message;

	reader->ordered = true;
	while (!lineGetMessage(reader->app, &message, UINT32_MAX)) {
		if (message.dwMessageID != LINE_REPLY)
			continue;
		reader->replies++;
		reader->ordered &= message.dwParam1 > reader->last;
		__atomic_store_n(&reader->last, message.dwParam1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void two_threads(void **state)
{
	struct reader reader = { .app = start_app(EVENT) };
	HLINE line = open_line(reader.app, 0, 0);
	HCALL call[ROUNDS] = { 0 };
	DWORD version;
	LINEEXTENSIONID extension;
	pthread_t thread;
	LONG id = 0;

	fake.reply = true;
	assert_int_equal(pthread_create(&thread, NULL, read_all, &reader), 0);
	for (int i = 0; i < ROUNDS; i++) {
		LONG next = lineMakeCallA(line, &call[i], "1", 0, NULL);

		assert_true(next > id);
		id = next;
	}
	lineNegotiateAPIVersion(reader.app, 0, 1, 0x00020002, &version, &extension);
	/* all has arrived; the reader sees a message late at most */
	for (int i = 0; i < 2000; i++) {
		if (__atomic_load_n(&reader.last, __ATOMIC_RELAXED) == (DWORD_PTR)id)
			break;
		lineNegotiateAPIVersion(reader.app, 0, 1, 0x00020002, &version, &extension);
	}
	assert_int_equal(lineShutdown(reader.app), 0);
	pthread_join(thread, NULL);
	assert_int_equal(reader.replies, ROUNDS);
	assert_true(reader.ordered);
	for (int i = 0; i < ROUNDS; i++)
		assert_int_not_equal(call[i], 0);
	fake_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(making_a_call),
		cmocka_unit_test(a_call_that_fails),
		cmocka_unit_test(dialling_later),
		cmocka_unit_test(requests_of_a_call),
		cmocka_unit_test(values_of_a_call),
		cmocka_unit_test(facts_of_a_call),
		cmocka_unit_test(vendor_escape),
		cmocka_unit_test(gathering_digits),
		cmocka_unit_test(gathering_nothing),
		cmocka_unit_test(new_calls),
		cmocka_unit_test(ends_of_handles),
		cmocka_unit_test(closed_by_force),
		cmocka_unit_test(two_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

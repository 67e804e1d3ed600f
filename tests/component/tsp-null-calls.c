/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of the null provider, digits on them, and what closing ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tsp-null-host.h"

/* A structure of a call, large enough for everything in it */
union record {
	LINECALLINFO info;
	LINECALLSTATUS status;
	uint8_t bytes[1024];
};

static void get_info(HDRVCALL call, union record *to)
{
	memset(to, 0, sizeof(*to));
	to->info.dwTotalSize = sizeof(*to);
	assert_int_equal(0, tsp.lineGetCallInfo(call, &to->info));
}

static void get_status(HDRVCALL call, union record *to)
{
	memset(to, 0, sizeof(*to));
	to->status.dwTotalSize = sizeof(*to);
	assert_int_equal(0, tsp.lineGetCallStatus(call, &to->status));
}

static void test_incoming(void **state)
{
	union record got;
	DRV_REQUESTID id = new_request();
	HTAPICALL ht_call;
	HDRVCALL call;
	unsigned int number = ring(&call, &ht_call);

	get_info(call, &got);
	assert_memory_equal(u"5551234", got.bytes + got.info.dwCallerIDOffset, 16);
	assert_memory_equal(u"Anna B", got.bytes + got.info.dwCallerIDNameOffset, 14);
	assert_int_equal(LINECALLPARTYID_ADDRESS | LINECALLPARTYID_NAME, got.info.dwCallerIDFlags);
	assert_int_equal(number, got.info.dwCallID);
	expect_answer("ok", "callinfo %u number=7 name=", number);
	expect(LINE_CALLINFO, LINECALLINFOSTATE_CALLERID, 0);
	get_info(call, &got);
	assert_memory_equal(u"7", got.bytes + got.info.dwCallerIDOffset, 4);
	assert_int_equal(LINECALLPARTYID_ADDRESS, got.info.dwCallerIDFlags);
	assert_int_equal(id, tsp.lineAccept(id, call, NULL, 0));
	expect_done(id, 0);
	expect_state(ht_call, LINECALLSTATE_ACCEPTED, 0);
	id = new_request();
	assert_int_equal(id, tsp.lineAnswer(id, call, NULL, 0));
	expect_done(id, 0);
	expect_state(ht_call, LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE);
	get_status(call, &got);
	assert_int_equal(LINECALLSTATE_CONNECTED, got.status.dwCallState);
	assert_true(got.status.dwCallFeatures & LINECALLFEATURE_HOLD);
	assert_true(got.status.tStateEntryTime.wYear >= 2024);
	id = new_request();
	assert_int_equal(id, tsp.lineAnswer(id, call, NULL, 0));
	expect_done(id, LINEERR_INVALCALLSTATE);
	expect_answer("ok", "hangup %u", number);
	expect_state(ht_call, LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_NORMAL);
	drop_and_close(call, ht_call);
	assert_int_equal(LINEERR_INVALCALLHANDLE, tsp.lineAnswer(id, call, NULL, 0));
	assert_int_equal(0, strncmp("error ", command("hangup %u", number), 6));
}

static void test_refused(void **state)
{
	refuse = true;
	assert_int_equal(0, strncmp("error ", command("ring 0"), 6));
	assert_int_equal(LINE_NEWCALL, next().msg);
	expect_nothing();
	expect_answer("ok", "calls");
}

static void test_outgoing(void **state)
{
	LINECALLPARAMS params = {
		.dwTotalSize = sizeof(params), .dwAddressMode = LINEADDRESSMODE_ADDRESSID,
		.dwAddressID = 1,
	};
	DRV_REQUESTID id = new_request();
	HDRVCALL call = make_connected();
	DWORD address = 9;

	assert_int_equal(0, tsp.lineGetCallAddressID(call, &address));
	assert_int_equal(0, address);
	drop_and_close(call, HT_MADE);
	call = make(u"Busy");
	expect_state(HT_MADE, LINECALLSTATE_DIALTONE, LINEDIALTONEMODE_NORMAL);
	expect_state(HT_MADE, LINECALLSTATE_DIALING, 0);
	expect_state(HT_MADE, LINECALLSTATE_PROCEEDING, 0);
	expect_state(HT_MADE, LINECALLSTATE_BUSY, LINEBUSYMODE_STATION);
	expect_state(HT_MADE, LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_BUSY);
	drop_and_close(call, HT_MADE);
	call = make(u"noanswer");
	expect_state(HT_MADE, LINECALLSTATE_DIALTONE, LINEDIALTONEMODE_NORMAL);
	expect_state(HT_MADE, LINECALLSTATE_DIALING, 0);
	expect_state(HT_MADE, LINECALLSTATE_PROCEEDING, 0);
	expect_state(HT_MADE, LINECALLSTATE_RINGBACK, 0);
	drop_and_close(call, HT_MADE);
	assert_int_equal(id, tsp.lineMakeCall(id, line, HT_MADE, &call, u"fail", 0, NULL));
	expect_done(id, LINEERR_CALLUNAVAIL);
	assert_int_equal(LINEERR_INVALCALLHANDLE, tsp.lineCloseCall(call));
	assert_int_equal(LINEERR_INVALADDRESSID,
			 tsp.lineMakeCall(id, line, HT_MADE, &call, u"1", 0, &params));
	assert_int_equal(LINEERR_INVALLINEHANDLE,
			 tsp.lineMakeCall(id, call, HT_MADE, &call, u"1", 0, NULL));
}

static void test_dial(void **state)
{
	DRV_REQUESTID id = new_request();
	HDRVCALL call = make(NULL);

	expect_state(HT_MADE, LINECALLSTATE_DIALTONE, LINEDIALTONEMODE_NORMAL);
	assert_int_equal(id, tsp.lineDial(id, call, u"12;", 0));
	expect_done(id, 0);
	expect(LINE_CALLINFO, LINECALLINFOSTATE_CALLEDID, 0);
	expect_state(HT_MADE, LINECALLSTATE_DIALING, 0);
	id = new_request();
	assert_int_equal(id, tsp.lineDial(id, call, u"34", 0));
	expect_done(id, 0);
	expect(LINE_CALLINFO, LINECALLINFOSTATE_CALLEDID, 0);
	expect_state(HT_MADE, LINECALLSTATE_PROCEEDING, 0);
	expect_state(HT_MADE, LINECALLSTATE_RINGBACK, 0);
	expect_state(HT_MADE, LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE);
	assert_non_null(strstr(command("calls"), "called=\"1234\""));
	assert_int_equal(id, tsp.lineDial(id, call, u"5", 0));
	expect_done(id, LINEERR_INVALCALLSTATE);
	drop_and_close(call, HT_MADE);
}

static void test_by_hand(void **state)
{
	HDRVCALL call = make(u"4711");
	unsigned int number;
	DWORD address, id, related;

	expect_state(HT_MADE, LINECALLSTATE_DIALING, 0);
	assert_int_equal(0, tsp.lineGetCallIDs(call, &address, &id, &related));
	number = id;
	expect_answer("ok", "state %u ringback", number);
	expect_state(HT_MADE, LINECALLSTATE_RINGBACK, 0);
	expect_answer("ok", "state %u LINECALLSTATE_SPECIALINFO reorder", number);
	expect_state(HT_MADE, LINECALLSTATE_SPECIALINFO, LINESPECIALINFO_REORDER);
	expect_answer("ok", "state %u Disconnected NoAnswer", number);
	expect_state(HT_MADE, LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_NOANSWER);
	expect_answer("ok", "state %u idle", number);
	expect_state(HT_MADE, LINECALLSTATE_IDLE, 0);
	assert_int_equal(0, strncmp("error ", command("state %u connected", number), 6));
	assert_int_equal(0, tsp.lineCloseCall(call));
}

static void test_call_control(void **state)
{
	uint8_t block[] = { 1, 2, 3, 4, 5 };
	DRV_REQUESTID id = new_request();
	HDRVCALL call = make_connected();

	assert_int_equal(id, tsp.lineHold(id, call));
	expect_done(id, 0);
	expect_state(HT_MADE, LINECALLSTATE_ONHOLD, 0);
	id = new_request();
	assert_int_equal(id, tsp.lineHold(id, call));
	expect_done(id, LINEERR_INVALCALLSTATE);
	id = new_request();
	assert_int_equal(id, tsp.lineUnhold(id, call));
	expect_done(id, 0);
	expect_state(HT_MADE, LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE);
	id = new_request();
	assert_int_equal(id, tsp.lineDevSpecific(id, line, 0, call, block, sizeof(block)));
	expect_done(id, 0);
	assert_memory_equal(((uint8_t[]){ 5, 4, 3, 2, 1 }), block, sizeof(block));
	assert_int_equal(0, tsp.lineSetAppSpecific(call, 42));
	expect(LINE_CALLINFO, LINECALLINFOSTATE_APPSPECIFIC, 0);
	assert_int_equal(LINEERR_INVALMEDIAMODE, tsp.lineSetMediaMode(call, 1));
	assert_int_equal(0, tsp.lineSetMediaMode(call, LINEMEDIAMODE_INTERACTIVEVOICE));
	expect(LINE_CALLINFO, LINECALLINFOSTATE_MEDIAMODE, 0);
	drop_and_close(call, HT_MADE);
}

static void test_counts(void **state)
{
	HTAPICALL ht_call;
	struct event event;
	HDRVCALL call;

	assert_int_equal(0, tsp.lineSetDefaultMediaDetection(line, LINEMEDIAMODE_INTERACTIVEVOICE));
	assert_int_equal(LINEERR_INVALMEDIAMODE, tsp.lineSetDefaultMediaDetection(line, 1));
	assert_int_equal(LINEERR_INVALMEDIAMODE,
			 tsp.lineConditionalMediaDetection(line, LINEMEDIAMODE_VIDEO, NULL));
	assert_int_equal(0, tsp.lineSetStatusMessages(line, LINEDEVSTATE_NUMCALLS,
						      LINEADDRESSSTATE_NUMCALLS));
	assert_non_null(strstr(command("lines"), "0 device=10 open=yes service=yes connected=yes "
			       "calls=0 media=0x4 states=0x800 addressstates=0x20"));
	ring(&call, &ht_call);
	event = expect(LINE_ADDRESSSTATE, 0, LINEADDRESSSTATE_NUMCALLS);
	assert_int_equal(0, event.call);
	expect(LINE_LINEDEVSTATE, LINEDEVSTATE_NUMCALLS, 1);
	assert_int_equal(0, tsp.lineSetStatusMessages(line, LINEDEVSTATE_NUMCALLS, 0));
	expect_answer("ok", "state 1 idle");
	expect_state(ht_call, LINECALLSTATE_IDLE, 0);
	expect(LINE_LINEDEVSTATE, LINEDEVSTATE_NUMCALLS, 0);
}

static void test_monitor(void **state)
{
	HTAPICALL ht_call;
	HDRVCALL call;
	unsigned int number = ring(&call, &ht_call);

	expect_answer("ok", "digit %u 5", number);
	assert_int_equal(LINEERR_INVALDIGITMODE,
			 tsp.lineMonitorDigits(call, LINEDIGITMODE_PULSE));
	assert_int_equal(0, tsp.lineMonitorDigits(call, LINEDIGITMODE_DTMF));
	expect_answer("ok monitor", "digit %u 5#", number);
	expect(LINE_MONITORDIGITS, '5', LINEDIGITMODE_DTMF);
	expect(LINE_MONITORDIGITS, '#', LINEDIGITMODE_DTMF);
	assert_int_equal(0, tsp.lineMonitorDigits(call, LINEDIGITMODE_DTMF |
						  LINEDIGITMODE_DTMFEND));
	expect_answer("ok monitor", "digit %u A", number);
	expect(LINE_MONITORDIGITS, 'A', LINEDIGITMODE_DTMF);
	expect(LINE_MONITORDIGITS, 'A', LINEDIGITMODE_DTMFEND);
	expect_answer("ok", "media %u g3fax", number);
	assert_int_equal(0, tsp.lineMonitorMedia(call, LINEMEDIAMODE_G3FAX));
	expect_answer("ok monitor", "media %u g3fax", number);
	expect(LINE_MONITORMEDIA, LINEMEDIAMODE_G3FAX, 0);
	expect_answer("ok", "hangup %u busy", number);
	expect_state(ht_call, LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_BUSY);
	expect_answer("ok", "digit %u 5", number);
	assert_int_equal(LINEERR_INVALCALLSTATE, tsp.lineMonitorDigits(call, LINEDIGITMODE_DTMF));
}

static LONG gather(HDRVCALL call, DWORD id, WCHAR *digits, DWORD wanted, LPCWSTR ends, DWORD first,
		   DWORD between)
{
	return tsp.lineGatherDigits(call, id, LINEDIGITMODE_DTMF, digits, wanted, ends, first,
				    between);
}

static void test_gather(void **state)
{
	WCHAR digits[8];
	HTAPICALL ht_call;
	HDRVCALL call;
	unsigned int number = ring(&call, &ht_call);

	memset(digits, 0xEE, sizeof(digits));
	assert_int_equal(LINEERR_INVALPARAM, gather(call, 1, digits, 0, NULL, 0, 0));
	assert_int_equal(LINEERR_INVALTIMEOUT, gather(call, 1, digits, 3, NULL, 700000, 0));
	assert_int_equal(0, gather(call, 1, digits, 3, u"#", 0, 0));
	expect_answer("ok gather", "digit %u 123", number);
	expect(LINE_GATHERDIGITS, LINEGATHERTERM_BUFFERFULL, 1);
	assert_memory_equal(u"123", digits, 6);
	assert_int_equal(0xEEEE, digits[3]);
	expect_answer("ok", "digit %u 4", number);
	assert_int_equal(0, gather(call, 2, digits, 7, u"*#", 0, 0));
	expect_answer("ok gather", "digit %u 9#", number);
	expect(LINE_GATHERDIGITS, LINEGATHERTERM_TERMDIGIT, 2);
	assert_memory_equal(u"9#", digits, 6);
	assert_int_equal(0, gather(call, 3, digits, 7, NULL, 0, 0));
	expect_answer("ok gather", "digit %u 8", number);
	assert_int_equal(0, gather(call, 4, NULL, 0, NULL, 0, 0));
	assert_memory_equal(u"8", digits, 4);
	expect(LINE_GATHERDIGITS, LINEGATHERTERM_CANCEL, 3);
	assert_int_equal(0, gather(call, 5, digits, 7, NULL, 1, 0));
	expect(LINE_GATHERDIGITS, LINEGATHERTERM_FIRSTTIMEOUT, 5);
	assert_int_equal(0, digits[0]);
	assert_int_equal(0, gather(call, 6, digits, 7, NULL, 600000, 1));
	expect_answer("ok gather", "digit %u 7", number);
	expect(LINE_GATHERDIGITS, LINEGATHERTERM_INTERTIMEOUT, 6);
	assert_memory_equal(u"7", digits, 4);
	assert_int_equal(0, gather(call, 7, digits, 7, NULL, 0, 0));
	expect_answer("ok", "state %u idle", number);
	expect(LINE_GATHERDIGITS, LINEGATHERTERM_CANCEL, 7);
	expect_state(ht_call, LINECALLSTATE_IDLE, 0);
}

static void test_generate(void **state)
{
	HDRVCALL call = make_connected();

	assert_int_equal(0, tsp.lineGenerateDigits(call, 9, LINEDIGITMODE_DTMF, u"12", 0));
	expect(LINE_GENERATE, LINEGENERATETERM_DONE, 9);
	assert_int_equal(LINEERR_INVALDIGITMODE,
			 tsp.lineGenerateDigits(call, 9, LINEDIGITMODE_PULSE, u"12", 0));
	assert_int_equal(0, tsp.lineGenerateDigits(call, 9, 0, NULL, 0));
	drop_and_close(call, HT_MADE);
}

int main(void)
{
	static const char *const by_hand[] = { "Auto=no", NULL };
	const struct CMUnitTest tests[] = {
		{ "incoming", test_incoming, setup, teardown, NULL },
		{ "refused", test_refused, setup, teardown, NULL },
		{ "outgoing", test_outgoing, setup, teardown, NULL },
		{ "dial", test_dial, setup, teardown, NULL },
		{ "by hand", test_by_hand, setup, teardown, (void *)by_hand },
		{ "call control", test_call_control, setup, teardown, NULL },
		{ "counts", test_counts, setup, teardown, NULL },
		{ "monitor", test_monitor, setup, teardown, NULL },
		{ "gather", test_gather, setup, teardown, NULL },
		{ "generate", test_generate, setup, teardown, NULL },
	};

	host_load();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

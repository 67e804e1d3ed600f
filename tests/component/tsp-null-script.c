/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a script can do with the null provider: faults, lines that come and go, opaque bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tsp-null-host.h"

static void test_faults(void **state)
{
	HTAPICALL ht_call;
	HDRVCALL call;
	DRV_REQUESTID id, other;
	struct event event;

	ring(&call, &ht_call);
	expect_answer("ok", "fault lineAnswer twice");
	id = new_request();
	assert_int_equal(id, tsp.lineAnswer(id, call, NULL, 0));
	expect_done(id, 0);
	expect_done(id, 0);
	expect_state(ht_call, LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE);

	/* what comes behind it has completed, it has not and never will */
	expect_answer("ok", "fault TSPI_lineHold never");
	id = new_request();
	assert_int_equal(id, tsp.lineHold(id, call));
	other = new_request();
	assert_int_equal(other, tsp.lineDevSpecific(other, line, 0, 0, NULL, 0));
	expect_done(other, 0);

	expect_answer("ok", "fault lineHold inside");
	id = new_request();
	assert_int_equal(id, tsp.lineHold(id, call));
	event = expect(COMPLETION, id, 0);
	assert_true(pthread_equal(event.thread, pthread_self()));
	expect_state(ht_call, LINECALLSTATE_ONHOLD, 0);
	drop_and_close(call, ht_call);
}

static void test_errors(void **state)
{
	HDRVCALL call = make_connected();
	DWORD address = 9;
	DRV_REQUESTID id;

	expect_answer("ok", "fault lineHold error=LINEERR_RESOURCEUNAVAIL count=2");
	assert_int_equal(LINEERR_RESOURCEUNAVAIL, tsp.lineHold(new_request(), call));
	assert_int_equal(LINEERR_RESOURCEUNAVAIL, tsp.lineHold(new_request(), call));
	expect_answer("ok", "fault lineHold fails=operationfailed");
	id = new_request();
	assert_int_equal(id, tsp.lineHold(id, call));
	expect_done(id, LINEERR_OPERATIONFAILED);
	expect_answer("ok", "fault lineHold zero");
	assert_int_equal(0, tsp.lineHold(new_request(), call));

	expect_answer("ok", "fault lineHold late=1");
	id = new_request();
	assert_int_equal(id, tsp.lineHold(id, call));
	expect_done(id, 0);
	expect_state(HT_MADE, LINECALLSTATE_ONHOLD, 0);

	expect_answer("ok", "fault lineGetCallAddressID error=0x80000048");
	assert_int_equal(LINEERR_OPERATIONFAILED, tsp.lineGetCallAddressID(call, &address));
	expect_answer("ok", "fault lineGetCallAddressID zero count=3");
	expect_answer("ok", "fault lineGetCallAddressID off");
	assert_int_equal(0, tsp.lineGetCallAddressID(call, &address));
	assert_int_equal(0, address);
	drop_and_close(call, HT_MADE);
}

/* Whoever closes gets everything back first */
static void test_close(void **state)
{
	DRV_REQUESTID id = new_request(), other = new_request();
	HDRVCALL call = make_connected(), second = 0;

	expect_answer("ok", "fault lineHold late=600000");
	assert_int_equal(id, tsp.lineHold(id, call));
	/* the late one is overtaken */
	assert_int_equal(other, tsp.lineDevSpecific(other, line, 0, 0, NULL, 0));
	expect_done(other, 0);
	assert_int_equal(0, tsp.lineCloseCall(call));
	expect_done(id, LINEERR_OPERATIONFAILED);
	other = new_request();
	expect_answer("ok", "fault lineMakeCall late=600000");
	assert_int_equal(other, tsp.lineMakeCall(other, line, HT_MADE, &second, u"1", 0, NULL));
	assert_int_equal(0, tsp.lineClose(line));
	expect_done(other, LINEERR_OPERATIONFAILED);
	assert_int_equal(LINEERR_INVALLINEHANDLE, tsp.lineClose(line));
	assert_int_equal(LINEERR_INVALCALLHANDLE, tsp.lineCloseCall(second));
	assert_int_equal(0, strncmp("error ", command("ring 0"), 6));
	line = 0;
}

static void test_lines(void **state)
{
	HTAPICALL ht_call;
	struct event event;
	HDRVCALL call;
	DWORD version;
	unsigned int number;

	expect_answer("ok", "linestate 0 ringing");
	event = expect(LINE_LINEDEVSTATE, LINEDEVSTATE_RINGING, 1);
	assert_int_equal(0, event.p3);
	expect_answer("ok", "linestate 0 OUTOFSERVICE");
	expect(LINE_LINEDEVSTATE, LINEDEVSTATE_OUTOFSERVICE, 0);
	assert_int_equal(1, tsp.lineMakeCall(1, line, HT_MADE, &call, u"1", 0, NULL));
	expect_done(1, LINEERR_CALLUNAVAIL);
	expect_answer("ok", "linestate 0 inservice");
	expect(LINE_LINEDEVSTATE, LINEDEVSTATE_INSERVICE, 0);
	expect_answer("ok", "devspecific 0 1 2 0xff");
	event = expect(LINE_DEVSPECIFIC, 1, 2);
	assert_int_equal(255, event.p3);
	number = ring(&call, &ht_call);
	expect_answer("ok", "devspecific 0 %u 1 2 3", number);
	event = expect(LINE_CALLDEVSPECIFIC, 1, 2);
	assert_int_equal(ht_call, event.call);

	expect_answer("ok 2", "create");
	event = next();
	assert_int_equal(LINE_CREATE, event.msg);
	assert_int_equal(77, event.p1);
	assert_int_equal(LINEERR_BADDEVICEID, tsp.providerCreateLineDevice(1, 20));
	assert_int_equal(0, tsp.providerCreateLineDevice(event.p2, 20));
	assert_int_equal(0, tsp.lineNegotiateTSPIVersion(20, VERSION, VERSION, &version));
	expect_answer("ok", "remove 2");
	expect(LINE_REMOVE, 20, 0);
	assert_int_equal(LINEERR_NODEVICE,
			 tsp.lineNegotiateTSPIVersion(20, VERSION, VERSION, &version));
}

static struct event expect_msp(HTAPICALL call, HTAPIMSPLINE peer, const char *start)
{
	struct event event = next();

	assert_int_equal(LINE_SENDMSPDATA, event.msg);
	assert_int_equal(call, event.call);
	assert_int_equal(peer, event.p1);
	assert_memory_equal(start, event.data, strlen(start));
	return event;
}

static void test_msp(void **state)
{
	static const GUID class = { 0x6d8e3f14, 0x2b7a, 0x4c95,
				    { 0x8e, 0x01, 0x54, 0x41, 0x50, 0x49, 0xca, 0x4d } };
	HDRVMSPLINE instance = 0;
	HDRVCALL call;
	GUID got;

	assert_int_equal(0, tsp.lineMSPIdentify(BASE, &got));
	assert_memory_equal(&class, &got, sizeof(got));
	assert_int_equal(LINEERR_INVALADDRESSID, tsp.lineCreateMSPInstance(line, 3, 5, &instance));
	assert_int_equal(0, strncmp("error ", command("msp 0 - 00"), 6));
	assert_int_equal(0, tsp.lineCreateMSPInstance(line, 0, 5, &instance));
	expect_msp(0, 5, "TCM1");		/* READY */
	call = make(u"4711");
	expect_state(HT_MADE, LINECALLSTATE_DIALING, 0);
	assert_int_equal(0, expect_msp(HT_MADE, 0, "").size);
	expect_state(HT_MADE, LINECALLSTATE_PROCEEDING, 0);
	expect_state(HT_MADE, LINECALLSTATE_RINGBACK, 0);
	expect_state(HT_MADE, LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE);
	assert_non_null(memmem(expect_msp(HT_MADE, 0, "TCM1").data, 64, "hw:TAPI7,0", 10));
	assert_int_equal(0, tsp.lineReceiveMSPData(line, call, instance, (void *)"TCP1\0x", 6));
	assert_int_equal(6, expect_msp(HT_MADE, 5, "TCP1").size);
	assert_int_equal(0, tsp.lineReceiveMSPData(line, call, instance, (void *)"TCM1", 4));
	expect_answer("ok", "msp 0 1 6162");
	assert_int_equal(2, expect_msp(HT_MADE, 0, "ab").size);
	expect_answer("ok", "msp 0 - \"\"");
	assert_int_equal(0, expect_msp(0, 0, "").size);
	expect_answer("ok", "hangup 1");
	expect_msp(HT_MADE, 0, "TCM1");		/* STOP, before the state */
	expect_state(HT_MADE, LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_NORMAL);
	assert_int_equal(0, tsp.lineCloseMSPInstance(instance));
	assert_int_equal(LINEERR_INVALPOINTER, tsp.lineCloseMSPInstance(instance));
	assert_int_equal(LINEERR_INVALPOINTER,
			 tsp.lineReceiveMSPData(line, 0, instance, (void *)"", 0));
	drop_and_close(call, HT_MADE);
}

static void test_commands(void **state)
{
	static const char *const bad[] = {
		"", "   ", "nonsense", "ring", "ring 2", "ring x", "ring 0 1", "ring 0 colour=red",
		"ring 0 name=\"Anna", "ring 0 media=smell", "ring 0 address=1",
		"ring 0 name=a name=b",
		"state 1 connected", "state", "digit 1 1", "hangup 99999999999", "remove 7",
		"linestate 0 sleepy", "linestate 0 ringing x", "devspecific 0 1 2",
		"devspecific 0 1 2 z", "msp 0 - 0", "msp 0 - 0g", "fault lineFly never",
		"fault lineDrop", "fault lineDrop never late=3", "fault lineDrop error=OK",
		"fault lineDrop error=0", "fault lineDrop sometimes", "fault lineOpen twice",
		"fault lineDrop late=x", "fault lineDrop never count=0", "calls 1",
		"a b c d e f g h i j k l m n o p q",
	};
	HTAPICALL ht_call;
	HDRVCALL call;
	unsigned int number;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		/* an empty datagram cannot be told from the end of the connection */
		if (!*bad[i])
			continue;
		if (strncmp("error ", command("%s", bad[i]), 6))
			fail_msg("\"%s\" is not refused", bad[i]);
	}
	assert_int_equal(0, strncmp("error ", command("ring 0 name=%0*d", 18000, 0), 6));
	number = ring(&call, &ht_call);
	assert_int_equal(0, strncmp("error ", command("state %u 3", number), 6));
	assert_int_equal(0, strncmp("error ", command("state %u busy cat", number), 6));
	assert_int_equal(0, strncmp("error ", command("digit %u E", number), 6));
	assert_int_equal(0, strncmp("ok\n", command("help"), 3));
	command("log");
	tsp.lineAnswer(4242, call, NULL, 0);
	expect_done(4242, 0);
	expect_state(ht_call, LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE);
	expect_answer("ok 1 lost=0 left=0\nlineAnswer request=4242 call=1\n", "log");
}

static void test_settings(void **state)
{
	static const char *const bad[] = { "Lines=many", NULL };

	/* a session at rest, and another one with what it has left */
	host_start(*state);
	assert_int_equal(3, line_total);
	assert_int_equal(LINEERR_RESOURCEUNAVAIL, tsp.lineMSPIdentify(BASE, NULL));
	host_stop();
	host_start(NULL);
	assert_int_equal(2, line_total);
	assert_int_equal(LINEERR_OPERATIONUNAVAIL, tsp.lineMSPIdentify(BASE, NULL));
	host_stop();
	host_start((const char *const []){ "Lines=0", NULL });
	host_stop();
	assert_int_equal(LINEERR_INIFILECORRUPT, host_enumerate(bad));
}

static void *hang(void *unused)
{
	DWORD count;

	tsp.lineGetNumAddressIDs(line, &count);
	return NULL;
}

/* In a child: these take the process with them */
static void child(bool crash)
{
	pthread_t thread;
	DWORD address;

	signal(SIGABRT, SIG_DFL);
	host_start(NULL);
	command("log");
	if (crash) {
		expect_answer("ok", "fault lineGetNumAddressIDs crash");
		hang(NULL);
		_exit(1);
	}
	expect_answer("ok", "fault lineGetNumAddressIDs hang");
	if (pthread_create(&thread, NULL, hang, NULL))
		_exit(1);
	while (!strstr(command("log"), "lineGetNumAddressIDs"))
		;
	/* the others go on */
	_exit(tsp.lineGetAddressID(line, &address, LINEADDRESSMODE_DIALABLEADDR, u"100", 8));
}

static int status_of(bool crash)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		child(crash);
	assert_int_equal(pid, waitpid(pid, &status, 0));
	return status;
}

static void test_fatal(void **state)
{
	int status = status_of(true);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(SIGABRT, WTERMSIG(status));
	assert_int_equal(0, status_of(false));
}

int main(void)
{
	static const char *const fault[] = {
		"Lines=3", "Fault=lineMSPIdentify error=LINEERR_RESOURCEUNAVAIL", NULL,
	};
	static const char *const msp[] = {
		"Msp={6d8e3f14-2b7a-4c95-8e01-54415049ca4d}", "Pcm=hw:TAPI9,9", "Pcm0=hw:TAPI7,0",
		"Addresses=3", "Name=office", NULL,
	};
	const struct CMUnitTest tests[] = {
		{ "faults", test_faults, setup, teardown, NULL },
		{ "errors", test_errors, setup, teardown, NULL },
		{ "close", test_close, setup, teardown, NULL },
		{ "lines", test_lines, setup, teardown, NULL },
		{ "msp", test_msp, setup, teardown, (void *)msp },
		{ "commands", test_commands, setup, teardown, NULL },
		{ "settings", test_settings, NULL, NULL, (void *)fault },
		{ "fatal", test_fatal, NULL, NULL, NULL },
	};

	host_load();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

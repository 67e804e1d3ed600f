/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines, calls, requests and what providers do wrong with them. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <tapi/tspi.h>

#include "tsphost-peer.h"

#define EMPTY	(Tapi__Rpc__Empty)TAPI__RPC__EMPTY__INIT

static int start(void **state)
{
	static struct peer peer;

	peer_run(&peer, NULL);
	assert_int_equal(peer_open(&peer, 0), 0);
	*state = &peer;
	return 0;
}

static int end(void **state)
{
	int status = peer_end(*state);

	return !WIFEXITED(status) || WEXITSTATUS(status);
}

static int32_t line_result(struct peer *peer, const char *method, uint32_t line)
{
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;

	in.has_line = 1;
	in.line = line;
	return peer_result(peer, TSPI_SERVICE, method, &in.base);
}

static int32_t call_result(struct peer *peer, const char *method, uint32_t call)
{
	Tapi__Rpc__CallIn in = TAPI__RPC__CALL_IN__INIT;

	in.has_call = 1;
	in.call = call;
	return peer_result(peer, TSPI_SERVICE, method, &in.base);
}

/* How often this completion was heard */
static unsigned int completions(const struct peer *peer, uint32_t request)
{
	unsigned int n = 0;

	for (size_t i = 0; i < peer->count; i++)
		n += peer->heard[i].kind == HEARD_COMPLETE && peer->heard[i].request == request;
	return n;
}

static int32_t completed(struct peer *peer, uint32_t request)
{
	size_t i = 0;

	do {
		i = peer_wait(peer, HEARD_COMPLETE, i) + 1;
	} while (peer->heard[i - 1].request != request);
	return peer->heard[i - 1].result;
}

/* Nothing more comes of what was asked before */
static void settle(struct peer *peer)
{
	peer_word(peer, 0, "nothing");
	peer_word(peer, 0, "nothing");
}

static void test_lines(void **state)
{
	Tapi__Rpc__StatusMessages messages = TAPI__RPC__STATUS_MESSAGES__INIT;
	Tapi__Rpc__TspiLineValueIn value = TAPI__RPC__TSPI_LINE_VALUE_IN__INIT;
	struct peer *peer = *state;

	assert_int_equal(peer_open(peer, 0), LINEERR_INVALLINEHANDLE);	/* its number is used */
	assert_int_equal(line_result(peer, "LineGetNumAddressIds", LINE(0)), 0);
	assert_int_equal(line_result(peer, "LineGetNumAddressIds", LINE(1)),
			 LINEERR_INVALLINEHANDLE);
	assert_int_equal(line_result(peer, "LineGetLineDevStatus", LINE(0)), 0);
	assert_int_equal(((Tapi__Rpc__DevStatusOut *)peer->answer)->status->signal_level, 0xffff);
	messages.has_line = messages.has_line_states = messages.has_address_states = 1;
	messages.line = LINE(0);
	messages.line_states = 1;
	messages.address_states = 2;
	assert_int_equal(peer_result(peer, TSPI_SERVICE, "LineSetStatusMessages", &messages.base),
			 0);
	value.has_line = value.has_value = 1;
	value.line = LINE(0);
	value.value = LINEMEDIAMODE_INTERACTIVEVOICE;
	assert_int_equal(peer_result(peer, TSPI_SERVICE, "LineSetDefaultMediaDetection",
				     &value.base), 0);
	assert_int_equal(peer_result(peer, TSPI_SERVICE, "LineConditionalMediaDetection",
				     &value.base), 0);
	value.value = LINEMEDIAMODE_G3FAX;
	assert_int_equal(peer_result(peer, TSPI_SERVICE, "LineSetDefaultMediaDetection",
				     &value.base), LINEERR_INVALMEDIAMODE);
	assert_int_equal(line_result(peer, "LineClose", LINE(0)), 0);
	assert_int_equal(line_result(peer, "LineClose", LINE(0)), LINEERR_INVALLINEHANDLE);
	assert_int_equal(peer_open(peer, 0), 0);
}

static void test_text(void **state)
{
	Tapi__Rpc__AddressIdIn address = TAPI__RPC__ADDRESS_ID_IN__INIT;
	Tapi__Rpc__GetIdIn id = TAPI__RPC__GET_ID_IN__INIT;
	const Tapi__Rpc__VarStringOut *out;
	struct peer *peer = *state;
	uint32_t number = 42;

	address.has_line = 1;
	address.line = LINE(0);
	address.address = (char *)"12\xe2\x82\xac";
	assert_int_equal(peer_result(peer, TSPI_SERVICE, "LineGetAddressId", &address.base), 0);
	assert_int_equal(((Tapi__Rpc__NumberOut *)peer->answer)->number, 4);
	id.has_line = 1;
	id.line = LINE(0);
	id.device_class = (char *)"wave/in";
	assert_int_equal(peer_result(peer, TSPI_SERVICE, "LineGetId", &id.base), 0);
	out = (const Tapi__Rpc__VarStringOut *)peer->answer;
	assert_int_equal(out->format, STRINGFORMAT_BINARY);
	assert_int_equal(out->data.len, sizeof(number));
	assert_memory_equal(out->data.data, &number, sizeof(number));
	id.device_class = (char *)"wave/out";
	assert_int_equal(peer_result(peer, TSPI_SERVICE, "LineGetId", &id.base),
			 LINEERR_INVALDEVICECLASS);
}

/* A call that is there when the line is opened is told of after the answer */
static void test_open_with_call(void **state)
{
	struct peer *peer = *state;
	size_t from = peer->count, i;

	assert_int_equal(peer_open(peer, FAKE_BUSY_LINE), 0);
	for (i = from; i < peer->count && peer->heard[i].kind != HEARD_ANSWER; i++)
		assert_int_equal(peer->heard[i].kind, HEARD_LOG);
	i = peer_wait(peer, HEARD_NEWCALL, i);
	assert_int_equal(peer->heard[i].line, LINE(FAKE_BUSY_LINE));
	i = peer_wait(peer, HEARD_LINE, i);
	assert_int_equal(peer->heard[i].message, LINE_CALLSTATE);
}

/* The same of what a thread of the provider's reports when the line is open, but nobody knows yet */
static void test_open_with_events(void **state)
{
	struct peer *peer = *state;
	size_t at = peer->count;

	assert_int_equal(peer_open(peer, FAKE_TALKING_LINE), 0);
	for (; peer->heard[at].kind != HEARD_ANSWER; at++)
		assert_int_equal(peer->heard[at].kind, HEARD_LOG);
	for (unsigned int i = 0; i < FAKE_TALK; i++) {
		at = peer_wait(peer, HEARD_LINE, at + 1);
		assert_int_equal(peer->heard[at].line, LINE(FAKE_TALKING_LINE));
		assert_int_equal(peer->heard[at].p[0], i);
	}
}

static void test_incoming(void **state)
{
	struct peer *peer = *state;
	size_t i, answer;
	uint32_t call;

	call = peer_offer(peer, 0);
	assert_true(call & 0x80000000);
	i = peer_wait(peer, HEARD_NEWCALL, 0);
	assert_int_equal(peer->heard[i].line, LINE(0));
	assert_int_equal(peer->heard[i].p[0], 3);
	assert_int_equal(peer->heard[i].p[1], LINEMEDIAMODE_INTERACTIVEVOICE);
	assert_int_equal(peer->heard[i].p[2], LINECALLORIGIN_INBOUND);
	assert_int_equal(peer->heard[i].call_id, FAKE_HDCALL + 1000);
	i = peer_wait(peer, HEARD_LINE, i);
	assert_int_equal(peer->heard[i].call, call);
	assert_int_equal(peer->heard[i].message, LINE_CALLSTATE);
	assert_int_equal(peer->heard[i].p[0], LINECALLSTATE_OFFERING);
	assert_int_equal(peer->heard[i].p[2], LINEMEDIAMODE_INTERACTIVEVOICE);
	assert_int_equal(call_result(peer, "LineGetCallInfo", call), 0);
	assert_string_equal(((Tapi__Rpc__CallInfoOut *)peer->answer)->info->caller_id_name,
			    "Zo\xc3\xab");
	assert_int_equal(call_result(peer, "LineGetCallStatus", call), 0);
	assert_int_equal(((Tapi__Rpc__CallStatusOut *)peer->answer)->status->call_state,
			 LINECALLSTATE_ONHOLD);

	/* completed inside the function: answer, completion, event, in this order */
	answer = peer->count;
	assert_int_equal(peer_call(peer, "LineAnswer", 100, call), 0);
	i = peer_wait(peer, HEARD_ANSWER, answer);
	assert_int_equal(peer_wait(peer, HEARD_COMPLETE, answer), i + 1);
	assert_int_equal(peer_wait(peer, HEARD_LINE, answer), i + 2);
	assert_int_equal(peer->heard[i + 2].p[0], LINECALLSTATE_CONNECTED);

	/* completed by a thread of the provider's */
	answer = peer->count;
	assert_int_equal(peer_call(peer, "LineDrop", 101, call), 0);
	assert_int_equal(completed(peer, 101), 0);
	i = peer_wait(peer, HEARD_LINE, answer);
	assert_int_equal(peer->heard[i].p[0], LINECALLSTATE_IDLE);
	assert_true(peer_wait(peer, HEARD_ANSWER, answer) < peer_wait(peer, HEARD_COMPLETE, answer));
	assert_int_equal(peer_call(peer, "LineCloseCall", 0, call), 0);
	assert_int_equal(peer_call(peer, "LineCloseCall", 0, call), LINEERR_INVALCALLHANDLE);
}

/* No more than tapisrv allows, and a number does not come again soon */
static void test_limit(void **state)
{
	uint32_t calls[5], count = 0, other;
	struct peer *peer = *state;
	size_t i;

	peer_word(peer, 0, "offer 6");
	settle(peer);
	for (i = 0; i < peer->count; i++) {
		if (peer->heard[i].kind == HEARD_NEWCALL)
			calls[count++ % 5] = peer->heard[i].call;
	}
	assert_int_equal(count, 4);
	assert_int_equal(peer_call(peer, "LineCloseCall", 0, calls[2]), 0);
	other = peer_offer(peer, 0);
	for (i = 0; i < 4; i++)
		assert_int_not_equal(other, calls[i]);
}

static void test_make_call(void **state)
{
	struct peer *peer = *state;
	size_t from, i;

	from = peer->count;
	assert_int_equal(peer_make_call(peer, 1, 50, "1234"), 0);
	i = peer_wait(peer, HEARD_ANSWER, from);
	assert_int_equal(peer_wait(peer, HEARD_COMPLETE, from), i + 1);
	i = peer_wait(peer, HEARD_LINE, from);
	assert_int_equal(peer->heard[i].call, 50);
	assert_int_equal(peer->heard[i].p[0], LINECALLSTATE_DIALING);
	assert_int_equal(call_result(peer, "LineGetCallAddressId", 50), 0);
	assert_int_equal(peer_make_call(peer, 2, 50, "1234"), LINEERR_INVALCALLHANDLE);
	assert_int_equal(peer_make_call(peer, 2, 0x80000050, "1"), LINEERR_INVALCALLHANDLE);
	assert_int_equal(peer_make_call(peer, 0, 51, "1"), LINEERR_INVALPARAM);
	assert_int_equal(peer_make_call(peer, 0x80000001, 51, "1"), LINEERR_INVALPARAM);
	assert_int_equal(peer_make_call(peer, 3, 51, "params"), 0);
	assert_int_equal(completed(peer, 3), 0);
	assert_int_equal(peer_make_call(peer, 4, 52, "fail"), LINEERR_CALLUNAVAIL);
	assert_int_equal(call_result(peer, "LineGetCallInfo", 52), LINEERR_INVALCALLHANDLE);
	/* the number may be used again after a failure */
	assert_int_equal(peer_make_call(peer, 5, 52, "refused"), 0);
	assert_int_equal(completed(peer, 5), LINEERR_RESOURCEUNAVAIL);
	assert_int_equal(call_result(peer, "LineGetCallInfo", 52), LINEERR_INVALCALLHANDLE);
	assert_int_equal(peer_make_call(peer, 6, 52, "1"), 0);
}

/* The call is nobody's until the completion */
static void test_late(void **state)
{
	struct peer *peer = *state;

	assert_int_equal(peer_make_call(peer, 1, 50, "late"), 0);
	assert_int_equal(call_result(peer, "LineGetCallInfo", 50), LINEERR_INVALCALLHANDLE);
	assert_int_equal(peer_make_call(peer, 1, 51, "late"), LINEERR_INVALPARAM);
	assert_int_equal(completions(peer, 1), 0);
	peer_word(peer, 0, "release");
	assert_int_equal(completed(peer, 1), 0);
	assert_int_equal(call_result(peer, "LineGetCallInfo", 50), 0);
}

static void test_bad_results(void **state)
{
	struct peer *peer = *state;
	uint32_t call = peer_offer(peer, 0);

	assert_int_equal(peer_make_call(peer, 1, 50, "zero"), LINEERR_OPERATIONFAILED);
	peer_wait_log(peer, "returned 0 for request 1");
	assert_int_equal(peer_make_call(peer, 2, 50, "handle0"), LINEERR_OPERATIONFAILED);
	assert_int_equal(peer_make_call(peer, 3, 50, "other"), LINEERR_OPERATIONFAILED);
	assert_int_equal(peer_make_call(peer, 4, 50, "both"), LINEERR_CALLUNAVAIL);
	assert_int_equal(call_result(peer, "LineGetCallInfo", 50), LINEERR_INVALCALLHANDLE);
	assert_int_equal(peer_make_call(peer, 5, 50, "twice"), 0);
	assert_int_equal(completed(peer, 5), 0);
	peer_wait_log(peer, "request 5 (LineMakeCall) after its end");
	assert_int_equal(call_result(peer, "LineGetCallInfo", 50), 0);
	peer_word(peer, 0, "unknown");
	peer_wait_log(peer, "completion of request 424242");
	assert_int_equal(peer_call(peer, "LineDial", 6, call), LINEERR_OPERATIONFAILED);
	assert_int_equal(peer_call(peer, "LineUnhold", 7, call), 0);
	assert_int_equal(completed(peer, 7), LINEERR_OPERATIONFAILED);
	assert_int_equal(peer_call(peer, "LineHold", 8, call), LINEERR_OPERATIONUNAVAIL);
	settle(peer);
	for (uint32_t request = 1; request < 9; request++)
		assert_int_equal(completions(peer, request), request == 5 || request == 7);
}

static void test_bad_events(void **state)
{
	struct peer *peer = *state;
	size_t i;

	assert_int_equal(peer_make_call(peer, 1, 50, "early"), 0);
	peer_word(peer, 0, "nonsense");
	peer_wait_log(peer, "LINE_REPLY");
	peer_wait_log(peer, "8000 bytes for a media provider");
	settle(peer);
	for (i = 0; i < peer->count; i++) {
		if (peer->heard[i].kind != HEARD_LINE)
			continue;
		assert_int_equal(peer->heard[i].call, 50);
		assert_int_equal(peer->heard[i].p[0], LINECALLSTATE_DIALING);
	}
	assert_true(completions(peer, 1));
}

/* What the provider left open is ended when the call is closed */
static void test_close_completes(void **state)
{
	struct peer *peer = *state;
	uint32_t call = peer_offer(peer, 0);

	assert_int_equal(peer_call(peer, "LineAccept", 9, call), 0);
	assert_int_equal(completions(peer, 9), 0);
	assert_int_equal(peer_call(peer, "LineCloseCall", 0, call), 0);
	assert_int_equal(completed(peer, 9), LINEERR_OPERATIONFAILED);
	/* the provider comes too late */
	peer_word(peer, 0, "release");
	peer_wait_log(peer, "request 9 (LineAccept) after its end");
	settle(peer);
	assert_int_equal(completions(peer, 9), 1);

	call = peer_offer(peer, 0);
	assert_int_equal(peer_call(peer, "LineAccept", 10, call), 0);
	assert_int_equal(line_result(peer, "LineClose", LINE(0)), 0);
	assert_int_equal(completed(peer, 10), LINEERR_OPERATIONFAILED);
	assert_int_equal(call_result(peer, "LineGetCallInfo", call), LINEERR_INVALCALLHANDLE);
}

static void test_handles(void **state)
{
	static const char *const methods[] = {
		"LineAnswer", "LineAccept", "LineDrop", "LineDial", "LineHold", "LineUnhold",
		"LineCloseCall",
	};
	struct peer *peer = *state;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		assert_int_equal(peer_call(peer, methods[i], 1, 0x80001234),
				 LINEERR_INVALCALLHANDLE);
		assert_int_equal(peer_call(peer, methods[i], 1, 0), LINEERR_INVALCALLHANDLE);
	}
}

static void test_dev_specific(void **state)
{
	struct peer *peer = *state;
	size_t i;

	peer_post_word(peer, 0, "offer 00001", 77);
	assert_int_equal(completed(peer, 77), 0);
	for (i = 0; peer->heard[i].request != 77; i++)
		;
	assert_int_equal(peer->heard[i].size, 12);	/* all the bytes, as many as there were */
	assert_string_equal(peer->heard[i].text, "80000001");
}

static void test_digits(void **state)
{
	Tapi__Rpc__GatherDigitsIn in = TAPI__RPC__GATHER_DIGITS_IN__INIT;
	Tapi__Rpc__CallValueIn value = TAPI__RPC__CALL_VALUE_IN__INIT;
	struct peer *peer = *state;
	size_t i;

	in.has_call = in.has_modes = in.has_count = in.has_end_to_end_id = 1;
	in.call = peer_offer(peer, 0);
	in.end_to_end_id = 31;
	in.count = 5;
	in.termination = (char *)"*";
	assert_int_equal(peer_result(peer, TSPI_SERVICE, "LineGatherDigits", &in.base),
			 LINEERR_INVALDIGITS);
	in.termination = (char *)"#";
	/* with a NUL behind the digits, and in a buffer they fill */
	for (in.count = 5; in.count > 1; in.count = in.count == 5 ? 2 : 0) {
		in.end_to_end_id++;
		assert_int_equal(peer_result(peer, TSPI_SERVICE, "LineGatherDigits", &in.base), 0);
		i = peer->count;
		peer_word(peer, 0, "gathered");
		i = peer_wait(peer, HEARD_GATHERED, i);
		assert_int_equal(peer->heard[i].call, in.call);
		assert_int_equal(peer->heard[i].request, in.end_to_end_id);
		assert_string_equal(peer->heard[i].text, "12");
		assert_int_equal(peer->heard[i].p[0], LINEGATHERTERM_TERMDIGIT);
		assert_int_equal(peer->heard[i].p[1], 99);
	}
	/* a second message about the same operation has no digits to tell */
	i = peer->count;
	peer_word(peer, 0, "gathered");
	settle(peer);
	for (; i < peer->count; i++)
		assert_int_not_equal(peer->heard[i].kind, HEARD_GATHERED);
	value.has_call = value.has_value = 1;
	value.call = in.call;
	value.value = LINEDIGITMODE_DTMF;
	i = peer->count;
	assert_int_equal(peer_result(peer, TSPI_SERVICE, "LineMonitorDigits", &value.base), 0);
	i = peer_wait(peer, HEARD_LINE, i);
	assert_int_equal(peer->heard[i].message, LINE_MONITORDIGITS);
	assert_int_equal(peer->heard[i].p[0], '5');
}

static void test_order(void **state)
{
	struct peer *peer = *state;
	unsigned int next = 0;

	peer_post_word(peer, 0, "burst 2000", 5);
	assert_int_equal(completed(peer, 5), 0);
	for (size_t i = 0; i < peer->count; i++) {
		if (peer->heard[i].kind == HEARD_LINE)
			assert_int_equal(peer->heard[i].p[0], next++);
	}
	assert_int_equal(next, 2000);
}

/* A function that does not return is reported once; other lines, and Ping, go on */
static void test_busy(void **state)
{
	Tapi__Rpc__Empty nothing = EMPTY;
	struct peer *peer = *state;
	size_t i;

	assert_int_equal(peer_open(peer, 1), 0);
	peer_post_word(peer, 0, "hang", 60);
	assert_non_null(peer_ask(peer, LINK_SERVICE, "Ping", &nothing.base));
	peer_word(peer, 1, "nothing");
	i = peer_wait(peer, HEARD_BUSY, 0);
	assert_string_equal(peer->heard[i].text, "TSPI_lineDevSpecific");
	assert_int_equal(completions(peer, 60), 0);
	peer_word(peer, 1, "unhang");
	assert_int_equal(completed(peer, 60), 0);
	for (i++; i < peer->count; i++)
		assert_int_not_equal(peer->heard[i].kind, HEARD_BUSY);
}

static void test_log(void **state)
{
	struct peer *peer = *state;
	size_t i;

	peer_word(peer, 0, "log");
	i = peer_wait(peer, HEARD_LOG, 0);
	assert_int_equal(peer->heard[i].p[0], 3);
	assert_string_equal(peer->heard[i].text, "something happened");
}

/* Without the kernel's relay, or a line that has no part in it */
static void test_no_relay(void **state)
{
	Tapi__Rpc__HostGrantIn in = TAPI__RPC__HOST_GRANT_IN__INIT;
	Tapi__Rpc__LineIn line = TAPI__RPC__LINE_IN__INIT;
	struct peer *peer = *state;

	in.has_line = line.has_line = 1;
	in.line = line.line = LINE(0);
	assert_int_equal(peer_result(peer, HOST_SERVICE, "MspGrant", &in.base),
			 LINEERR_OPERATIONUNAVAIL);
	assert_non_null(strstr(peer_why(peer), "media provider"));
	in.line = LINE(7);
	assert_int_equal(peer_result(peer, HOST_SERVICE, "MspGrant", &in.base),
			 LINEERR_INVALLINEHANDLE);
	assert_int_equal(peer_result(peer, HOST_SERVICE, "MspBind", &line.base),
			 LINEERR_INVALPARAM);
	/* a descriptor of something else */
	link_attach(peer->link, STDERR_FILENO);
	assert_int_equal(peer_result(peer, HOST_SERVICE, "MspBind", &line.base),
			 LINEERR_OPERATIONFAILED);
}

/* Each method there is, with nothing in it: answered, refused, and nothing breaks */
static void test_empty_requests(void **state)
{
	static const char *const missing[] = {
		"LineGetExtensionId", "LineNegotiateExtVersion", "LineMspIdentify",
	};
	const ProtobufCServiceDescriptor *service = &tapi__rpc__tspi__descriptor;
	_Alignas(16) unsigned char in[1024];
	struct peer *peer = *state;
	bool is_missing;
	int32_t result;

	for (unsigned int i = 0; i < service->n_methods; i++) {
		assert_true(service->methods[i].input->sizeof_message <= sizeof(in));
		service->methods[i].input->message_init((ProtobufCMessage *)in);
		result = peer_result(peer, TSPI_SERVICE, service->methods[i].name,
				     (ProtobufCMessage *)in);
		is_missing = false;
		for (size_t k = 0; k < sizeof(missing) / sizeof(missing[0]); k++)
			is_missing |= !strcmp(service->methods[i].name, missing[k]);
		if ((result == LINEERR_OPERATIONUNAVAIL) != is_missing)
			fail_msg("%s: %#x", service->methods[i].name, result);
		/* the fake provider has capabilities for any address */
		if (strcmp(service->methods[i].name, "LineGetAddressCaps"))
			assert_true(result < 0);
		assert_string_not_equal(result ? peer_why(peer) : "-", "");
	}
}

/* Nobody reads: vendor messages are lost, and then said to be; requests are not */
static void test_flood(void **state)
{
	enum { COUNT = 60000 };
	unsigned int events = 0;
	char bytes[16] = "";
	struct peer peer;
	int fifo;

	peer_start(&peer, peer_module("tsphost-fake"), true);
	assert_int_equal(mkfifo(peer.journal, 0600), 0);
	fifo = open(peer.journal, O_RDWR | O_CLOEXEC);
	assert_true(fifo >= 0);
	assert_int_equal(peer_setup(&peer, peer_module("tsphost-fake"), NULL), 0);
	assert_int_equal(peer_begin(&peer, 4), 0);
	assert_int_equal(peer_open(&peer, 0), 0);
	peer_post_word(&peer, 0, "burst 60000", 5);
	while (!strchr(bytes, 'b'))		/* "burst" */
		assert_true(read(fifo, bytes, sizeof(bytes) - 1) > 0);
	close(fifo);
	assert_int_equal(completed(&peer, 5), 0);
	for (size_t i = 0; i < peer.count; i++)
		events += peer.heard[i].kind == HEARD_LINE;
	assert_true(events > 1000 && events < COUNT);
	peer_wait_log(&peer, "vendor messages are lost");
	peer_word(&peer, 0, "nothing");
	assert_true(WIFEXITED(peer_end(&peer)));
}

/* Requests on all lines at a time: how many functions of the provider ran at once */
static uint32_t concurrency(const char *options)
{
	const char *const settings[] = { options, NULL };
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;
	struct peer peer;
	uint32_t most;

	peer_run(&peer, settings);
	for (unsigned int n = 0; n < FAKE_LINES; n++)
		assert_int_equal(peer_open(&peer, n), 0);
	in.has_line = 1;
	for (unsigned int i = 0; i < 200; i++) {
		in.line = LINE(i % FAKE_LINES);
		peer_post(&peer, TSPI_SERVICE, "LineGetNumAddressIds", &in.base, i);
		if (i % 100 == 99)
			assert_int_equal(line_result(&peer, "LineGetNumAddressIds", in.line), 0);
	}
	assert_int_equal(line_result(&peer, "LineGetNumAddressIds", LINE(0)), 0);
	most = ((Tapi__Rpc__NumberOut *)peer.answer)->number;
	assert_true(WIFEXITED(peer_end(&peer)));
	return most;
}

static void test_nonreentrant(void **state)
{
	assert_int_equal(concurrency("Options=1"), 1);
	assert_true(concurrency("Options=0") <= 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lines),
		TEST(test_text),
		TEST(test_open_with_call),
		TEST(test_open_with_events),
		TEST(test_incoming),
		TEST(test_limit),
		TEST(test_make_call),
		TEST(test_late),
		TEST(test_bad_results),
		TEST(test_bad_events),
		TEST(test_close_completes),
		TEST(test_handles),
		TEST(test_dev_specific),
		TEST(test_digits),
		TEST(test_order),
		TEST(test_busy),
		TEST(test_log),
		TEST(test_no_relay),
		TEST(test_empty_requests),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_nonreentrant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's life: modules it refuses, Setup to Stop, frames that are none, a provider that dies. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <tapi/tspi.h>

#include "tsphost-peer.h"

#define EMPTY	(Tapi__Rpc__Empty)TAPI__RPC__EMPTY__INIT

static int32_t device_result(struct peer *peer, const char *method, uint32_t device)
{
	Tapi__Rpc__TspiDeviceIn in = TAPI__RPC__TSPI_DEVICE_IN__INIT;

	in.has_device = in.has_version = in.has_low = in.has_high = 1;
	in.device = device;
	in.version = FAKE_VERSION;
	in.low = 0x00010003;
	in.high = 0x00030001;
	return peer_result(peer, TSPI_SERVICE, method, &in.base);
}

static void assert_clean(int status)
{
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_life(void **state)
{
	static const char *const settings[] = { "Options=0", NULL };
	const char *module = peer_module("tsphost-fake");
	Tapi__Rpc__Empty nothing = EMPTY;
	const Tapi__Rpc__SetupOut *out;
	char journal[100];
	struct peer peer;

	peer_start(&peer, module, true);
	/* nothing is served before there is a provider */
	assert_int_equal(device_result(&peer, "LineGetDevCaps", DEVICE), LINEERR_UNINITIALIZED);
	assert_int_equal(peer_begin(&peer, 1), LINEERR_OPERATIONFAILED);
	assert_int_equal(peer_setup(&peer, module, settings), 0);
	out = (const Tapi__Rpc__SetupOut *)peer.answer;
	assert_string_equal(out->name, "fake");
	assert_string_equal(out->vendor, "tests");
	assert_string_equal(out->version, "7");
	assert_int_equal(out->guid.len, 16);
	assert_int_equal(out->guid.data[1], 0x4e);
	assert_int_equal(out->tspi_version, FAKE_VERSION);
	assert_int_equal(out->lines, FAKE_LINES);
	assert_int_equal(out->phones, 0);
	assert_int_equal(out->pid, peer.pid);
	assert_int_equal(peer_setup(&peer, module, settings), LINEERR_OPERATIONFAILED);
	assert_int_equal(peer_begin(&peer, 1), 0);
	assert_int_equal(peer_begin(&peer, 1), LINEERR_OPERATIONFAILED);
	assert_int_equal(peer_result(&peer, HOST_SERVICE, "Stop", &nothing.base), 0);
	peer_wait_closed(&peer);
	peer_journal(&peer, journal, sizeof(journal));
	assert_string_equal(journal, "init\nshutdown\n");
	assert_clean(peer_end(&peer));
}

/* With tapisrv gone the provider is shut down, too */
static void test_end(void **state)
{
	struct peer peer;
	char journal[100];

	peer_run(&peer, NULL);
	assert_int_equal(peer_open(&peer, 0), 0);
	link_close(peer.link, 0);
	peer_journal(&peer, journal, sizeof(journal));
	assert_string_equal(journal, "init\nshutdown\n");
	assert_clean(peer_end(&peer));
}

static void test_term(void **state)
{
	struct peer peer;
	char journal[100];

	peer_run(&peer, NULL);
	kill(peer.pid, SIGTERM);
	peer_wait_closed(&peer);
	peer_journal(&peer, journal, sizeof(journal));
	assert_string_equal(journal, "init\nshutdown\n");
	assert_clean(peer_end(&peer));
}

static void test_init_fails(void **state)
{
	static const char *const settings[] = { "Init=fail", NULL };
	const char *module = peer_module("tsphost-fake");
	struct peer peer;
	char journal[100];

	peer_start(&peer, NULL, true);
	assert_int_equal(peer_setup(&peer, module, settings), 0);
	assert_int_equal(peer_begin(&peer, 1), LINEERR_NOMEM);
	assert_int_equal(device_result(&peer, "LineGetDevCaps", DEVICE), LINEERR_UNINITIALIZED);
	link_close(peer.link, 0);
	peer_journal(&peer, journal, sizeof(journal));
	assert_string_equal(journal, "");	/* Init and Shutdown are pairs */
	assert_clean(peer_end(&peer));
}

static void refused(const char *own, const char *asked, int32_t result, const char *why)
{
	struct peer peer;

	peer_start(&peer, own, true);
	assert_int_equal(peer_setup(&peer, asked, NULL), result);
	if (!strstr(peer_why(&peer), why))
		fail_msg("\"%s\" lacks \"%s\"", peer_why(&peer), why);
	assert_clean(peer_end(&peer));
}

static void test_modules(void **state)
{
	const char *good = peer_module("tsphost-fake"), *abi = peer_module("tsphost-fake-abi");

	refused(NULL, "/nonexistent/x.so", LINEERR_NODRIVER, "/nonexistent/x.so");
	refused(NULL, "fake.so", LINEERR_INVALPARAM, "not an absolute path");
	refused(NULL, "/proc/self/maps", LINEERR_NODRIVER, "/maps");
	refused(NULL, NULL, LINEERR_NODRIVER, "no module");
	refused(NULL, abi, LINEERR_NODRIVER, "version 99 of the interface");
	refused(NULL, peer_module("tsphost-fake-wchar"), LINEERR_NODRIVER, "WCHAR of 4 bytes");
	refused(NULL, peer_module("tsphost-fake-stray"), LINEERR_NODRIVER, "lacks TSPI_lineDrop");
	refused(NULL, peer_module("libtsphost-stray"), LINEERR_NODRIVER, "no tapi_tsp_module");
	refused(good, abi, LINEERR_INVALPARAM, "this host is for");
}

/* A module that others may write is loaded by a host for tests only */
static void test_owner(void **state)
{
	char path[64], command[700];
	struct peer peer;

	for (unsigned int any_owner = 0; any_owner < 2; any_owner++) {
		peer_start(&peer, NULL, any_owner);
		snprintf(path, sizeof(path), "%s/fake.so", peer.directory);
		snprintf(command, sizeof(command), "cp '%s' '%s'", peer_module("tsphost-fake"),
			 path);
		assert_int_equal(system(command), 0);
		assert_int_equal(chmod(path, 0777), 0);
		assert_int_equal(peer_setup(&peer, path, NULL), any_owner ? 0 : LINEERR_NODRIVER);
		if (!any_owner)
			assert_non_null(strstr(peer_why(&peer), path));
		unlink(path);
		assert_clean(peer_end(&peer));
	}
}

static void test_link(void **state)
{
	Tapi__Rpc__HelloIn hello = TAPI__RPC__HELLO_IN__INIT;
	Tapi__Rpc__Empty nothing = EMPTY;
	const Tapi__Rpc__HelloOut *out;
	struct peer peer;

	peer_start(&peer, NULL, true);
	hello.has_min = hello.has_max = 1;
	hello.min = 1;
	hello.max = 7;
	out = peer_ask(&peer, LINK_SERVICE, "Hello", &hello.base);
	assert_int_equal(out->result, 0);
	assert_int_equal(out->version, FRAME_VERSION_MAX);
	assert_non_null(strstr(out->server, "tsphost"));
	hello.min = FRAME_VERSION_MAX + 1;
	assert_int_equal(peer_result(&peer, LINK_SERVICE, "Hello", &hello.base),
			 LINEERR_INCOMPATIBLEAPIVERSION);
	assert_non_null(peer_ask(&peer, LINK_SERVICE, "Ping", &nothing.base));
	/* what programs ask is not asked of a host */
	assert_int_equal(peer_result(&peer, TAPI__RPC__SERVICE_ID__SERVICE_ADMIN, "Status",
				     &nothing.base), LINEERR_OPERATIONUNAVAIL);
	assert_clean(peer_end(&peer));
}

static void test_malformed(void **state)
{
	struct frame frame = { .serial = 0x7fff0001, .service = HOST_SERVICE, .kind = FRAME_CALL };
	Tapi__Rpc__Empty nothing = EMPTY;
	unsigned char bytes[64] = { 0 };
	char journal[100];
	struct peer peer;

	peer_run(&peer, NULL);
	/* a good header, a body that is no message: refused, the link goes on */
	frame.length = FRAME_HEADER + 4;
	frame_write(&frame, bytes);
	memset(bytes + FRAME_HEADER, 0xff, 4);
	assert_int_equal(send(link_fd(peer.link), bytes, frame.length, 0), frame.length);
	assert_non_null(peer_ask(&peer, LINK_SERVICE, "Ping", &nothing.base));
	/* a header that is none: the host ends, in order */
	assert_int_equal(send(link_fd(peer.link), "garbage", 7, 0), 7);
	peer_wait_closed(&peer);
	peer_journal(&peer, journal, sizeof(journal));
	assert_string_equal(journal, "init\nshutdown\n");
	assert_clean(peer_end(&peer));
}

static void test_crash(void **state)
{
	struct peer peer;
	int status;

	peer_run(&peer, NULL);
	assert_int_equal(peer_open(&peer, 0), 0);
	peer_post_word(&peer, 0, "crash", 1);
	peer_wait_closed(&peer);
	status = peer_end(&peer);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void test_devices(void **state)
{
	static const char *const big[] = { "CapsSize=20000", NULL };
	static const char *const huge[] = { "CapsSize=300000", NULL };
	static const char *const bad[] = { "Caps=bad", NULL };
	const Tapi__Rpc__DevCapsOut *out;
	struct peer peer;

	peer_run(&peer, big);
	assert_int_equal(device_result(&peer, "LineNegotiateVersion", DEVICE), 0);
	assert_int_equal(((Tapi__Rpc__VersionOut *)peer.answer)->version, FAKE_VERSION);
	assert_int_equal(device_result(&peer, "LineGetDevCaps", DEVICE + 2), 0);
	out = (const Tapi__Rpc__DevCapsOut *)peer.answer;
	assert_int_equal(out->caps->max_rate, 3102);
	assert_int_equal(out->caps->dev_specific.len, 20000);
	assert_int_equal(out->caps->dev_specific.data[19999], 0x5a);
	assert_int_equal(device_result(&peer, "LineGetDevCaps", DEVICE + 99),
			 LINEERR_BADDEVICEID);
	assert_int_equal(device_result(&peer, "LineGetAddressCaps", DEVICE), 0);
	assert_int_equal(((Tapi__Rpc__AddressCapsOut *)peer.answer)->caps->max_num_active_calls, 5);
	/* what it does not have */
	assert_int_equal(device_result(&peer, "LineGetExtensionId", DEVICE),
			 LINEERR_OPERATIONUNAVAIL);
	assert_int_equal(device_result(&peer, "LineMspIdentify", DEVICE), LINEERR_OPERATIONUNAVAIL);
	assert_clean(peer_end(&peer));

	/* more than a provider may have: without the part that has no room */
	peer_run(&peer, huge);
	assert_int_equal(device_result(&peer, "LineGetDevCaps", DEVICE), 0);
	out = (const Tapi__Rpc__DevCapsOut *)peer.answer;
	assert_int_equal(out->caps->max_rate, 3100);
	assert_int_equal(out->caps->dev_specific.len, 0);
	assert_clean(peer_end(&peer));

	peer_run(&peer, bad);
	assert_int_equal(device_result(&peer, "LineGetDevCaps", DEVICE), LINEERR_OPERATIONFAILED);
	peer_wait_log(&peer, "malformed LINEDEVCAPS");
	assert_clean(peer_end(&peer));
}

static void test_create(void **state)
{
	Tapi__Rpc__CreateLineIn in = TAPI__RPC__CREATE_LINE_IN__INIT;
	struct peer peer;
	size_t i;

	peer_run(&peer, NULL);
	assert_int_equal(peer_open(&peer, 0), 0);
	peer_word(&peer, 0, "create");
	i = peer_wait(&peer, HEARD_CREATE, 0);
	assert_int_equal(peer.heard[i].p[1], 77);
	i = peer_wait(&peer, HEARD_REMOVE, i);
	assert_int_equal(peer.heard[i].p[0], DEVICE);
	in.has_temp_id = in.has_device = 1;
	in.temp_id = 77;
	in.device = 9;
	assert_int_equal(peer_result(&peer, HOST_SERVICE, "CreateLine", &in.base), 0);
	in.temp_id = 78;
	assert_int_equal(peer_result(&peer, HOST_SERVICE, "CreateLine", &in.base),
			 LINEERR_BADDEVICEID);
	assert_clean(peer_end(&peer));
}

/* One record for each call and event, from whom to whom */
static void test_trace(void **state)
{
	static char text[65536];
	struct peer peer;

	peer_run(&peer, NULL);
	assert_int_equal(peer_open(&peer, 0), 0);
	peer_offer(&peer, 0);
	peer_read(peer.trace, text, sizeof(text));
	assert_non_null(strstr(text, "\"from\":\"TAPISRV\",\"to\":\"TSP\","
				     "\"name\":\"TSPI_providerInit\",\"args\":{"));
	assert_non_null(strstr(text, "\"name\":\"TSPI_lineOpen\",\"args\":{\"device\":20,"
				     "\"line\":256,"));
	assert_non_null(strstr(text, "\"from\":\"TSP\",\"to\":\"TAPISRV\","
				     "\"name\":\"LINE_NEWCALL\",\"args\":{\"line\":256,"));
	assert_non_null(strstr(text, "\"name\":\"LINE_CALLSTATE\",\"args\":{\"line\":256,"
				     "\"call\":2147483649,\"p1\":2,"));
	assert_non_null(strstr(text, "\"name\":\"completion\",\"args\":{\"request\":"));
	assert_clean(peer_end(&peer));
}

/* What is logged before anything is served is heard, and so is all that comes after it */
static void test_trace_unwritable(void **state)
{
	const char *module = peer_module("tsphost-fake");
	struct peer peer;

	peer_prepare(&peer);
	snprintf(peer.trace, sizeof(peer.trace), "%s/none/trace", peer.directory);
	peer_spawn(&peer, module, true);
	assert_int_equal(peer_setup(&peer, module, NULL), 0);
	peer_wait_log(&peer, peer.trace);
	assert_int_equal(peer_begin(&peer, 4), 0);
	assert_int_equal(peer_open(&peer, 0), 0);
	assert_int_not_equal(peer_offer(&peer, 0), 0);
	assert_clean(peer_end(&peer));
}

/* As systemd starts it: with a listening socket, of which it serves one connection */
static void test_activation(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	Tapi__Rpc__Empty nothing = EMPTY;
	struct peer peer;
	int listener, fd;

	peer_prepare(&peer);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", peer.directory);
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 4), 0);
	peer_activate(&peer, listener);
	close(listener);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	peer_connect(&peer, fd);
	assert_int_equal(peer_setup(&peer, peer_module("tsphost-fake"), NULL), 0);
	assert_int_equal(peer_result(&peer, HOST_SERVICE, "Stop", &nothing.base), 0);
	peer_wait_closed(&peer);
	unlink(address.sun_path);
	assert_clean(peer_end(&peer));
}

/* The null provider, which does everything right, and has all that is optional */
static void test_null(void **state)
{
	static const char *const settings[] = {
		"Lines=2", "Msp={01234567-89ab-cdef-0123-456789abcdef}", NULL,
	};
	const char *module = TSPHOST_BUILD "/tsp/null/null.so";
	const Tapi__Rpc__GuidOut *guid;
	struct peer peer;
	size_t i;

	peer_start(&peer, module, true);
	assert_int_equal(peer_setup(&peer, module, settings), 0);
	assert_int_equal(((Tapi__Rpc__SetupOut *)peer.answer)->lines, 2);
	assert_int_equal(((Tapi__Rpc__SetupOut *)peer.answer)->tspi_version, 0x00030000);
	assert_int_equal(peer_begin(&peer, 4), 0);
	assert_int_equal(device_result(&peer, "LineGetDevCaps", DEVICE + 1), 0);
	assert_int_equal(device_result(&peer, "LineMspIdentify", DEVICE), 0);
	guid = (const Tapi__Rpc__GuidOut *)peer.answer;
	assert_int_equal(guid->guid.len, 16);
	assert_memory_equal(guid->guid.data, &(GUID){ .Data1 = 0x01234567 }, 4);
	assert_int_equal(peer_open(&peer, 0), 0);
	assert_int_equal(peer_make_call(&peer, 1, 50, "busy"), 0);
	i = peer_wait(&peer, HEARD_COMPLETE, 0);
	assert_int_equal(peer.heard[i].result, 0);
	do {
		i = peer_wait(&peer, HEARD_LINE, i) + 1;
	} while (peer.heard[i - 1].message != LINE_CALLSTATE ||
		 peer.heard[i - 1].p[0] != LINECALLSTATE_DISCONNECTED);
	assert_int_equal(peer.heard[i - 1].call, 50);
	assert_int_equal(peer.heard[i - 1].p[1], LINEDISCONNECTMODE_BUSY);
	assert_int_equal(peer_call(&peer, "LineDrop", 2, 50), 0);
	assert_int_equal(peer_call(&peer, "LineCloseCall", 0, 50), 0);
	assert_clean(peer_end(&peer));
}

/* Neither a socket that carries no frames, nor none at all */
static void test_no_socket(void **state)
{
	int status;
	pid_t pid;

	for (unsigned int i = 0; i < 3; i++) {
		pid = fork();
		if (!pid) {
			if (i == 0)
				execl(TSPHOST_BUILD "/tsphost/tsphost", "tsphost", NULL);
			else
				execl(TSPHOST_BUILD "/tsphost/tsphost", "tsphost", "--fd",
				      i == 1 ? "0" : "x", NULL);
			_exit(127);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), i == 2 ? 2 : 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_term),
		cmocka_unit_test(test_init_fails),
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_trace_unwritable),
		cmocka_unit_test(test_activation),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_no_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

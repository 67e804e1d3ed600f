/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configurations that are wrong, and those that change while calls are there. */
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

#include "peer.h"

#define OWNER	LINECALLPRIVILEGE_OWNER
#define VOICE	LINEMEDIAMODE_INTERACTIVEVOICE

static struct peer *app;
static uint32_t line, call;
static unsigned int number;

static bool is(const char *provider, const char *state)
{
	return !strcmp(provider_is(provider, NULL), state);
}

static int begin(void **state)
{
	service_prepare();
	service_file("etc/tapisrv.conf", "[Server]\nUnownedCalls = leave\n");
	service_null("a", "");
	service_run();
	app = peer_program("config");
	line = peer_open(app, 0, OWNER, VOICE);
	assert_int_not_equal(line, 0);
	assert_int_equal(sscanf(null_ask("a", "ring 0"), "ok %u", &number), 1);
	call = peer_new_call(app, OWNER);
	peer_state(app, call, LINECALLSTATE_OFFERING);
	return 0;
}

static int end(void **state)
{
	assert_int_equal(census_take().broken, 0);
	peer_free(app);
	service_stop();
	return 0;
}

/* The call of begin() is there, and events of it arrive */
static void untouched(void)
{
	Tapi__Rpc__CallIn in = TAPI__RPC__CALL_IN__INIT;
	Tapi__Rpc__Event event;

	in.has_call = 1;
	in.call = call;
	assert_int_equal(peer_ask(app, SERVICE(CALL), "GetStatus", &in.base), 0);
	null_ask("a", "callinfo %u number=1", number);
	assert_true(peer_message(app, LINE_CALLINFO, PATIENCE_MS, &event));
	assert_int_equal(event.device, call);
	assert_true(is("a", "running"));
}

static int32_t reload(void)
{
	struct peer *peer = peer_new("admin.sock");
	int32_t result;

	service_log_forget();
	result = peer_ask(peer, SERVICE(ADMIN), "Reload", NULL);
	peer_free(peer);
	return result;
}

static void unknown_key_warns(void **state)
{
	pid_t pid = provider_pid("a");

	service_file("etc/tapisrv.conf",
		     "[Server]\nUnownedCalls = drop\nColour = blue\n[Odd]\na = b\n");
	assert_int_equal(reload(), 0);
	assert_true(service_logged("Colour"));
	assert_true(service_logged("Odd"));
	assert_int_equal(provider_pid("a"), pid);
	untouched();
}

/* Refused as a whole: neither the wrong part nor the right one is taken */
static void wrong_value_is_refused(void **state)
{
	static const char *const wrong[] = {
		"[Server]\nUnownedCalls = sometimes\n", "[Server]\nUnreadSeconds = soon\n",
		"[Server\n", "nonsense\n",
	};
	pid_t pid = provider_pid("a");

	service_null("b", "");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		service_file("etc/tapisrv.conf", "%s", wrong[i]);
		assert_int_equal(reload(), LINEERR_INVALPARAM);
		assert_true(service_logged("tapisrv.conf"));
		assert_true(is("b", "unknown"));
		assert_int_equal(provider_pid("a"), pid);
		untouched();
	}
	/* by signal it is the same, only that nobody is answered */
	service_log_forget();
	service_signal(SIGHUP);
	eventually(service_logged("tapisrv.conf"));
	assert_true(is("b", "unknown"));
	service_file("etc/tapisrv.conf", "[Server]\nUnownedCalls = drop\n");
	service_file("etc/providers.d/b.conf", "[Provider]\nEnabled = maybe\nModule = null.so\n");
	assert_int_equal(reload(), LINEERR_INVALPARAM);
	assert_true(is("b", "unknown"));
	assert_int_equal(unlink(service_path("etc/providers.d/b.conf")), 0);
	untouched();
}

/* Providers that cannot be started say why, and nobody else suffers */
static void modules_that_are_none(void **state)
{
	static const struct {
		const char *settings, *reason;
	} wrong[] = {
		{ "Module = nothing.so\n", "nothing.so" },
		{ "Module = /etc/passwd\n", "" },
		{ "Module = /lib/x86_64-linux-gnu/libc.so.6\n", "" },
		{ "Module = null.so\nLines = many\n", "" },
		{ "Module = /\n", "" },
	};
	char reason[256];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		service_file("etc/providers.d/b.conf", "[Provider]\n%s", wrong[i].settings);
		assert_int_equal(reload(), 0);
		eventually(is("b", "disabled"));
		provider_is("b", reason);
		assert_string_not_equal(reason, "");
		if (!strstr(reason, wrong[i].reason))
			fail_msg("%s: only %s", wrong[i].settings, reason);
		untouched();
	}
	/* repaired, it runs without being asked for */
	service_null("b", "");
	assert_int_equal(reload(), 0);
	eventually(is("b", "running"));
	untouched();
	assert_int_equal(unlink(service_path("etc/providers.d/b.conf")), 0);
	assert_int_equal(reload(), 0);
	eventually(is("b", "disabled"));
	untouched();
}

static uint32_t devices(void)
{
	Tapi__Rpc__AppIn in = TAPI__RPC__APP_IN__INIT;

	in.has_app = 1;
	in.app = app->app;
	assert_int_equal(peer_ask(app, SERVICE(APP), "Devices", &in.base), 0);
	return ((Tapi__Rpc__NumberOut *)app->answer)->number;
}

/* Added, changed, taken away, added again: only this one, and its lines keep their numbers */
static void comes_and_goes(void **state)
{
	uint32_t had = devices(), other;
	pid_t pid = provider_pid("a");
	Tapi__Rpc__Event event;
	pid_t own;

	peer_forget(app);
	service_null("c", "Lines = 2\n");
	service_signal(SIGHUP);
	/* programs learn of each line when it can be used */
	for (uint32_t i = 0; i < 2; i++) {
		assert_true(peer_message(app, LINE_CREATE, PATIENCE_MS, &event));
		assert_int_equal(event.p1, had + i);
		other = peer_open(app, had + i, OWNER, VOICE);
		assert_int_not_equal(other, 0);
		assert_int_equal(peer_close(app, other), 0);
	}
	own = provider_pid("c");
	/* the same again: nothing happens */
	assert_int_equal(reload(), 0);
	assert_int_equal(provider_pid("c"), own);
	service_null("c", "Lines = 2\nName = changed\n");
	assert_int_equal(reload(), 0);
	eventually(is("c", "running") && provider_pid("c") != own);
	assert_int_equal(devices(), had + 2);
	other = peer_open(app, had + 1, OWNER, VOICE);
	assert_int_not_equal(other, 0);
	/* fewer lines: what is gone is out of service, the other one is not taken for it */
	service_null("c", "Lines = 1\n");
	assert_int_equal(reload(), 0);
	eventually(is("c", "running"));
	assert_int_equal(peer_make_call(app, other, "1"), LINEERR_OPERATIONFAILED);
	assert_int_equal(peer_close(app, other), 0);
	assert_int_equal(peer_open(app, had + 1, OWNER, VOICE), 0);
	other = peer_open(app, had, OWNER, VOICE);
	assert_int_not_equal(other, 0);
	assert_int_equal(peer_close(app, other), 0);
	assert_int_equal(unlink(service_path("etc/providers.d/c.conf")), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(reload(), 0);
		eventually(is("c", "disabled"));
	}
	assert_int_equal(peer_open(app, had, OWNER, VOICE), 0);
	assert_int_equal(provider_restart("c"), LINEERR_OPERATIONUNAVAIL);
	service_null("c", "Lines = 2\n");
	assert_int_equal(reload(), 0);
	eventually(is("c", "running"));
	assert_int_equal(devices(), had + 2);
	other = peer_open(app, had + 1, OWNER, VOICE);
	assert_int_not_equal(other, 0);
	assert_int_equal(peer_close(app, other), 0);
	assert_int_equal(provider_pid("a"), pid);
	untouched();
}

/* With nothing but wrong files it starts all the same, and says what is wrong */
static void starts_with_what_is_right(void **state)
{
	struct peer *peer;

	service_file("etc/tapisrv.conf", "[Server]\nUnownedCalls = sometimes\n");
	service_file("etc/providers.d/c.conf", "[Provider\n");
	service_log_forget();
	assert_int_equal(service_end(SIGTERM), 0);
	service_run();
	eventually(is("a", "running"));
	assert_true(is("c", "unknown"));
	assert_true(service_logged("sometimes"));
	assert_true(service_logged("c.conf"));
	peer = peer_program("after");
	assert_int_not_equal(peer_open(peer, 0, OWNER, VOICE), 0);
	peer_free(peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_key_warns),
		cmocka_unit_test(wrong_value_is_refused),
		cmocka_unit_test(modules_that_are_none),
		cmocka_unit_test(comes_and_goes),
		cmocka_unit_test(starts_with_what_is_right),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

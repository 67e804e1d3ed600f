/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program is killed in each phase of a call: the provider hears of the end, other programs see
 * the call go, nothing is left in the service.
 */
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
#define LATER	"late=600000"

/* What the program has done when it is killed */
struct phase {
	const char *name;
	void (*reach)(struct peer *app, uint32_t device, uint32_t line);
	bool call;		/* there is a call that others see */
	bool dropped;		/* ... which has to be hung up */
	bool lonely;		/* cannot be seen on a line that others have open */
};

static unsigned int ring(uint32_t device)
{
	unsigned int number;

	assert_int_equal(sscanf(null_command("ring %u", device), "ok %u", &number), 1);
	return number;
}

static uint32_t offered_call(struct peer *app, uint32_t device, unsigned int *number)
{
	uint32_t call;

	*number = ring(device);
	call = peer_new_call(app, OWNER);
	peer_state(app, call, LINECALLSTATE_OFFERING);
	return call;
}

static uint32_t connected_call(struct peer *app, uint32_t device, unsigned int *number)
{
	uint32_t call = offered_call(app, device, number);
	int64_t id = peer_call(app, "Answer", call);

	assert_true(id > 0);
	peer_state(app, call, LINECALLSTATE_CONNECTED);
	assert_int_equal(peer_reply(app, (uint32_t)id, NULL), 0);
	return call;
}

static void opened(struct peer *app, uint32_t device, uint32_t line)
{
}

static void offered(struct peer *app, uint32_t device, uint32_t line)
{
	unsigned int number;

	offered_call(app, device, &number);
}

static void answering(struct peer *app, uint32_t device, uint32_t line)
{
	unsigned int number;

	null_command("fault lineAnswer " LATER);
	assert_true(peer_call(app, "Answer", offered_call(app, device, &number)) > 0);
}

static void connected(struct peer *app, uint32_t device, uint32_t line)
{
	unsigned int number;

	connected_call(app, device, &number);
}

static void monitored(struct peer *app, uint32_t device, uint32_t line)
{
	unsigned int number;
	uint32_t call = connected_call(app, device, &number);
	Tapi__Rpc__Event event;

	assert_int_equal(peer_value(app, "MonitorDigits", call, LINEDIGITMODE_DTMF), 0);
	null_command("digit %u 1", number);
	assert_true(peer_message(app, LINE_MONITORDIGITS, PATIENCE_MS, &event));
}

static void gathering(struct peer *app, uint32_t device, uint32_t line)
{
	Tapi__Rpc__GatherDigitsIn in = TAPI__RPC__GATHER_DIGITS_IN__INIT;
	unsigned int number;

	in.has_call = in.has_modes = in.has_count = 1;
	in.call = connected_call(app, device, &number);
	in.modes = LINEDIGITMODE_DTMF;
	in.count = 8;
	assert_int_equal(peer_ask(app, SERVICE(CALL), "GatherDigits", &in.base), 0);
	null_command("digit %u 12", number);
}

static void dropping(struct peer *app, uint32_t device, uint32_t line)
{
	unsigned int number;
	uint32_t call = connected_call(app, device, &number);

	null_command("fault lineDrop " LATER);
	assert_true(peer_call(app, "Drop", call) > 0);
}

static void disconnected(struct peer *app, uint32_t device, uint32_t line)
{
	unsigned int number;
	uint32_t call = connected_call(app, device, &number);

	null_command("hangup %u", number);
	peer_state(app, call, LINECALLSTATE_DISCONNECTED);
}

static void idle(struct peer *app, uint32_t device, uint32_t line)
{
	unsigned int number;
	uint32_t call = connected_call(app, device, &number);

	null_command("state %u IDLE", number);
	peer_state(app, call, LINECALLSTATE_IDLE);
}

static void released(struct peer *app, uint32_t device, uint32_t line)
{
	unsigned int number;
	uint32_t call = connected_call(app, device, &number);

	null_command("state %u IDLE", number);
	peer_state(app, call, LINECALLSTATE_IDLE);
	assert_int_equal(peer_call(app, "Deallocate", call), 0);
}

static void dialled(struct peer *app, uint32_t device, uint32_t line)
{
	int64_t id = peer_make_call(app, line, "noanswer");
	uint32_t call = 0;

	assert_true(id > 0);
	assert_int_equal(peer_reply(app, (uint32_t)id, &call), 0);
	assert_int_not_equal(call, 0);
}

static void talking(struct peer *app, uint32_t device, uint32_t line)
{
	int64_t id = peer_make_call(app, line, "123");
	Tapi__Rpc__Event event;
	uint32_t call = 0;

	assert_true(id > 0);
	assert_int_equal(peer_reply(app, (uint32_t)id, &call), 0);
	do {
		assert_true(peer_message(app, LINE_CALLSTATE, PATIENCE_MS, &event));
		assert_int_equal(event.device, call);
	} while (event.p1 != LINECALLSTATE_CONNECTED);
}

/* The provider says yes when nobody waits any more */
static void dialling_late(struct peer *app, uint32_t device, uint32_t line)
{
	null_command("fault lineMakeCall late=300");
	assert_true(peer_make_call(app, line, "123") > 0);
}

static void dialling_much_later(struct peer *app, uint32_t device, uint32_t line)
{
	null_command("fault lineMakeCall " LATER);
	assert_true(peer_make_call(app, line, "123") > 0);
}

static void dialling_for_ever(struct peer *app, uint32_t device, uint32_t line)
{
	null_command("fault lineMakeCall never");
	assert_true(peer_make_call(app, line, "123") > 0);
}

static void refused_later(struct peer *app, uint32_t device, uint32_t line)
{
	null_command("fault lineMakeCall fails=LINEERR_CALLUNAVAIL");
	assert_true(peer_make_call(app, line, "123") > 0);
}

/* Opened by main() in this one, which does not wait for the answer */
static void opening(struct peer *app, uint32_t device, uint32_t line)
{
}

static const struct phase phases[] = {
	{ "opened", opened },
	{ "offered", offered, .call = true, .dropped = true },
	{ "answering", answering, .call = true, .dropped = true },
	{ "connected", connected, .call = true, .dropped = true },
	{ "digits monitored", monitored, .call = true, .dropped = true },
	{ "gathering", gathering, .call = true, .dropped = true },
	{ "dropping", dropping, .call = true, .dropped = true },
	{ "disconnected", disconnected, .call = true, .dropped = true },
	{ "idle", idle, .call = true },
	{ "released", released, .call = true },
	{ "dialled", dialled, .call = true, .dropped = true },
	{ "talking", talking, .call = true, .dropped = true },
	{ "dialling, late", dialling_late },
	{ "dialling, much later", dialling_much_later, .lonely = true },
	{ "dialling, for ever", dialling_for_ever, .lonely = true },
	{ "refused later", refused_later },
	{ "opening", opening, .lonely = true },
};

/* ---- the program ---- */

static void open_only(struct peer *app, uint32_t device)
{
	Tapi__Rpc__NegotiateIn version = TAPI__RPC__NEGOTIATE_IN__INIT;
	Tapi__Rpc__OpenIn in = TAPI__RPC__OPEN_IN__INIT;
	uint8_t body[256];

	version.has_app = version.has_device = version.has_low = version.has_high = 1;
	version.app = in.app = app->app;
	version.device = in.device = device;
	version.low = 0x00010003;
	version.high = in.version = 0x00020002;
	assert_int_equal(peer_ask(app, SERVICE(APP), "NegotiateApi", &version.base), 0);
	in.has_app = in.has_device = in.has_version = in.has_privileges = in.has_media_modes = 1;
	in.privileges = OWNER;
	in.media_modes = VOICE;
	null_command("fault lineOpen late=300");
	peer_send(app, SERVICE(LINE), peer_method(SERVICE(LINE), "Open"), body,
		  tapi__rpc__open_in__pack(&in, body));
}

/* Goes as far as it is told, says so, and waits for its end */
static int program(const char *directory, const char *device_text, const char *index)
{
	const struct phase *phase = &phases[atoi(index)];
	uint32_t device = (uint32_t)atoi(device_text), line = 0;
	struct peer *app;

	service_adopt(directory);
	app = peer_program("victim");
	if (phase->reach == opening) {
		open_only(app, device);
	} else {
		line = peer_open(app, device, OWNER, VOICE);
		assert_int_not_equal(line, 0);
	}
	phase->reach(app, device, line);
	if (write(STDOUT_FILENO, "x", 1) != 1)
		return 1;
	for (;;)
		pause();
}

static pid_t start(const struct phase *phase, const char *device)
{
	char index[16], byte;
	int pipes[2];
	pid_t pid;

	snprintf(index, sizeof(index), "%d", (int)(phase - phases));
	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(pipes[1], STDOUT_FILENO);
		close(pipes[0]);
		close(pipes[1]);
		execl("/proc/self/exe", "program", service_path("."), device, index, (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	/* nothing when it has failed */
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	close(pipes[0]);
	return pid;
}

static void kill_now(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

/* ---- what is to be seen afterwards ---- */

/* Everything the provider was asked, as far as this test has read it */
static char asked[65536];

static bool provider_was_asked(const char *text)
{
	size_t used = strlen(asked);

	snprintf(asked + used, sizeof(asked) - used, "%s", null_command("log"));
	return strstr(asked, text);
}

static int begin(void **state)
{
	service_start();
	eventually(null_tell("null", "help"));
	return 0;
}

static int end(void **state)
{
	service_stop();
	return 0;
}

static void provider_has_no_calls(void)
{
	eventually(!strcmp(null_command("calls"), "ok"));
}

/* Nobody else has the line open: it is closed with all that is on it */
static void alone(void **state)
{
	const struct phase *phase = *state;
	struct census before = census_take();
	pid_t pid;

	*asked = '\0';
	null_command("log");
	pid = start(phase, "1");
	kill_now(pid);
	eventually(provider_was_asked("lineClose "));
	if (phase->dropped)
		assert_true(provider_was_asked("lineDrop request="));
	if (phase->call)
		assert_true(provider_was_asked("lineCloseCall call="));
	provider_has_no_calls();
	null_command("fault lineMakeCall off");
	census_same(&before);
}

/* Another program watches: it sees the call's end before the provider may forget it */
static void watched_by_another(void **state)
{
	const struct phase *phase = *state;
	struct peer *watcher = peer_program("watcher");
	uint32_t line = peer_open(watcher, 0, LINECALLPRIVILEGE_MONITOR, 0), call = 0;
	struct census before = census_take();
	Tapi__Rpc__Event event;
	pid_t pid;

	assert_int_not_equal(line, 0);
	*asked = '\0';
	null_command("log");
	pid = start(phase, "0");
	if (phase->call)
		call = peer_new_call(watcher, LINECALLPRIVILEGE_MONITOR);
	kill_now(pid);
	if (phase->call) {
		do {
			assert_true(peer_message(watcher, LINE_CALLSTATE, PATIENCE_MS, &event));
			assert_int_equal(event.device, call);
		} while (event.p1 != LINECALLSTATE_IDLE);
		assert_false(provider_was_asked("lineCloseCall call="));
		assert_int_equal(phase->dropped, provider_was_asked("lineDrop request="));
		assert_int_equal(peer_call(watcher, "Deallocate", call), 0);
		eventually(provider_was_asked("lineCloseCall call="));
	}
	provider_has_no_calls();
	census_same(&before);
	assert_false(provider_was_asked("lineClose "));
	/* and the line works on */
	ring(0);
	call = peer_new_call(watcher, LINECALLPRIVILEGE_MONITOR);
	assert_int_equal(peer_value(watcher, "SetPrivilege", call, OWNER), 0);
	assert_true(peer_call(watcher, "Drop", call) > 0);
	do {
		assert_true(peer_message(watcher, LINE_CALLSTATE, PATIENCE_MS, &event));
	} while (event.p1 != LINECALLSTATE_IDLE);
	assert_int_equal(peer_call(watcher, "Deallocate", call), 0);
	census_same(&before);
	assert_int_equal(peer_close(watcher, line), 0);
	peer_free(watcher);
}

#define PHASES	(sizeof(phases) / sizeof(phases[0]))

static struct CMUnitTest tests[2 * PHASES];
static char names[2 * PHASES][64];
static size_t count;

static void add(const struct phase *phase, const char *how, CMUnitTestFunction test)
{
	snprintf(names[count], sizeof(names[0]), "%s: %s", how, phase->name);
	tests[count] = (struct CMUnitTest) {
		.name = names[count], .test_func = test,
		.initial_state = (void *)(uintptr_t)phase,
	};
	count++;
}

int main(int argc, char **argv)
{
	if (argc == 4)
		return program(argv[1], argv[2], argv[3]);
	for (size_t i = 0; i < PHASES; i++) {
		add(&phases[i], "alone", alone);
		if (!phases[i].lonely)
			add(&phases[i], "watched", watched_by_another);
	}
	return _cmocka_run_group_tests("kill", tests, count, begin, end);
}

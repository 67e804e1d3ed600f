/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tapi-compliance finds nothing wrong with the simulator, at both ends of a cable; finds what is
 * broken on purpose, and only that; and leaves a line as it was, whatever ends it.
 */
#include <fnmatch.h>

#include "line-util.h"

#define DEV0		"/dev/tapi/card0-line0"
#define DEV1		"/dev/tapi/card0-line1"
#define RESULTS		300
#define TIGHT		"--tolerance 5 "

struct outcome {
	int status;			/* of the program, 128 + signal */
	unsigned int count, failed;
	struct {
		char name[64], verdict[24];
		bool good;
	} at[RESULTS];
};

static struct outcome outcome;

/* "ok 12 - DEVICE: NAME # SKIP VERDICT" */
static void take_line(const char *text)
{
	bool good = !strncmp(text, "ok ", 3);
	const char *name = strstr(text, ": ");
	const char *skip = strstr(text, " # SKIP ");

	if (!good && strncmp(text, "not ok ", 7))
		return;
	if (!good)
		printf("# %s", text);
	if (!name || outcome.count == RESULTS)
		return;
	sscanf(name + 2, "%63s", outcome.at[outcome.count].name);
	snprintf(outcome.at[outcome.count].verdict, sizeof(outcome.at[0].verdict), "%.*s",
		 skip ? (int)strcspn(skip + 8, "\n") : 0, skip ? skip + 8 : "");
	outcome.at[outcome.count].good = good;
	outcome.failed += !good;
	outcome.count++;
}

static void judge(const char *arguments)
{
	char command[512], text[1024];
	FILE *pipe;
	int status;

	memset(&outcome, 0, sizeof(outcome));
	snprintf(command, sizeof(command), "exec %s --tap %s", TAPI_COMPLIANCE, arguments);
	pipe = popen(command, "re");
	while (pipe && fgets(text, sizeof(text), pipe))
		take_line(text);
	status = pipe ? pclose(pipe) : -1;
	outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool fails(const char *name)
{
	for (unsigned int i = 0; i < outcome.count; i++)
		if (!strcmp(outcome.at[i].name, name) && !outcome.at[i].good)
			return true;
	return false;
}

static unsigned int verdicts(const char *verdict)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < outcome.count; i++)
		n += !strcmp(outcome.at[i].verdict, verdict);
	return n;
}

static bool is_idle(unsigned int line)
{
	struct tapi_line_state s = { .flags = ~0u };
	int fd = lu_open(line, O_RDONLY);

	CHECK(fd >= 0 && !ioctl(fd, TAPI_LINE_G_STATE, &s), "line %u", line);
	close(fd);
	CHECK(!s.flags && !s.ring && s.linger_ms == TAPI_LINE_NONE,
	      "line %u: flags %#x, ring %u", line, s.flags, s.ring);
	CHECK(line == LU_FXS || s.hook == TAPI_LINE_ON_HOOK, "line %u is off hook", line);
	return true;
}

static bool both_ends(void)
{
	static const char *const ends[] = { TIGHT DEV0 " --peer " DEV1, TIGHT DEV1 " --peer " DEV0 };

	for (int i = 0; i < 2; i++) {
		judge(ends[i]);
		CHECK(outcome.status == 0 && !outcome.failed, "%s: status %d, %u failures", ends[i],
		      outcome.status, outcome.failed);
		CHECK(outcome.count > 80, "only %u tests", outcome.count);
		/* what is for the other kind of line */
		CHECK(verdicts("NOT SUPPORTED") > 2 && verdicts("NOT SUPPORTED") < 15, "%u not supported",
		      verdicts("NOT SUPPORTED"));
		CHECK(!verdicts("REFUSED"), "%u refused", verdicts("REFUSED"));
		CHECK(is_idle(LU_FXO) && is_idle(LU_FXS), "not left as it was");
	}
	return true;
}

static bool all_lines(void)
{
	judge(TIGHT "--only '[cps][ao][prsu]*' --all");
	CHECK(outcome.status == 0 && !outcome.failed, "status %d, %u failures", outcome.status,
	      outcome.failed);
	CHECK(outcome.count >= 2 * 16, "only %u tests", outcome.count);
	CHECK(verdicts("PRESUMED") == 2 * 3, "%u presumed", verdicts("PRESUMED"));
	return true;
}

/* All but sound and what needs the other end: it takes longest */
#define CONTROL "--only '[!aps]*' "

/* What is broken, the tests that must find it, and the only ones that may */
static const struct {
	const char *inject, *arguments;
	const char *must[4], *may[4];
} broken[] = {
	{ "op set_hook EIO", CONTROL DEV0,
	  { "hook/off-on", "hook/flash", "claim/safe-state", "dial/pulse" },
	  { "hook/*", "claim/*", "dial/*" } },
	{ "op ring_on EIO", CONTROL DEV1, { "ring/cadence", "ring/stop", "ring/abort" }, { "ring/*" } },
	{ "op ring_on EIO every 2", CONTROL DEV1, { "ring/cadence", "ring/stop" }, { "ring/*" } },
	{ "op ring_off delay 60", CONTROL DEV1, { "ring/cadence" }, { "ring/*" } },
	{ "op set_linefeed EIO", CONTROL DEV1,
	  { "feed/states", "feed/polarity", "feed/on-hook-sound" }, { "feed/*", "claim/*" } },
	{ "op dtmf_send EIO", CONTROL DEV0, { "dial/dtmf" }, { "dial/dtmf" } },
	{ "op dtmf_send delay 70", "--only 'peer/*' " DEV0 " --peer " DEV1,
	  { "peer/dtmf-to-fxs", "peer/dtmf-to-fxo" }, { "peer/dtmf*" } },
	{ "op ring_on delay 200", "--only 'peer/*' " DEV0 " --peer " DEV1, { "peer/ring" },
	  { "peer/ring" } },
	{ "op pcm_start EBUSY", DEV0, { "pcm/capture", "pcm/playback", "pcm/together" },
	  { "pcm/*", "access/*" } },
	{ "relay eagain 100", CONTROL DEV0, { "relay/sizes" }, { "relay/*" } },
};

static bool may_fail(size_t which, const char *name)
{
	for (int i = 0; i < 4 && broken[which].may[i]; i++)
		if (!fnmatch(broken[which].may[i], name, 0))
			return true;
	return false;
}

static bool finds(void)
{
	for (size_t b = 0; b < sizeof(broken) / sizeof(broken[0]); b++) {
		char arguments[256];

		printf("# %s\n", broken[b].inject);
		CHECK_ERR(lu_inject(broken[b].inject), 0);
		snprintf(arguments, sizeof(arguments), TIGHT "%s", broken[b].arguments);
		judge(arguments);
		CHECK_ERR(lu_inject("clear"), 0);
		CHECK(outcome.status == 1, "%s: status %d", broken[b].inject, outcome.status);
		for (int i = 0; i < 4 && broken[b].must[i]; i++)
			CHECK(fails(broken[b].must[i]), "%s: %s does not fail", broken[b].inject,
			      broken[b].must[i]);
		for (unsigned int i = 0; i < outcome.count; i++)
			CHECK(outcome.at[i].good || may_fail(b, outcome.at[i].name), "%s: %s fails",
			      broken[b].inject, outcome.at[i].name);
		CHECK(is_idle(LU_FXO) && is_idle(LU_FXS), "%s: not left as it was", broken[b].inject);
	}
	return true;
}

static int write_list(const char *path, const char *text)
{
	unlink(path);
	close(open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
	return lu_write(path, text);
}

static bool expected(void)
{
	char dir[] = "/tmp/compliance.XXXXXX", list[64], arguments[160];

	CHECK(mkdtemp(dir), "%m");
	snprintf(list, sizeof(list), "%s/expected", dir);
	CHECK(!write_list(list, "# known\nring/cadence the relay is slow\nring/stop not true\n"),
	      "%s", list);
	CHECK_ERR(lu_inject("op ring_off delay 60"), 0);
	snprintf(arguments, sizeof(arguments), TIGHT "--only 'ring/*' --expected-failures %s " DEV1,
		 list);
	judge(arguments);
	CHECK_ERR(lu_inject("clear"), 0);
	CHECK(outcome.status == 0 && outcome.failed == 1 && fails("ring/cadence"),
	      "status %d, %u failures", outcome.status, outcome.failed);
	CHECK(!write_list(list, "ring/nothing is not there\n"), "%s", list);
	snprintf(arguments, sizeof(arguments), "--expected-failures %s " DEV1, list);
	judge(arguments);
	CHECK(outcome.status == 2 && !outcome.count, "status %d", outcome.status);
	unlink(list);
	rmdir(dir);
	return true;
}

static bool refused(void)
{
	int fd = lu_open_claimed(LU_FXO);
	struct tapi_line_event ev;

	CHECK(fd >= 0 && !lu_hook(fd, TAPI_LINE_OFF_HOOK, 0), "claim");
	while (!lu_next(fd, &ev, 0))
		;
	judge(DEV0);
	CHECK(outcome.status == 77 && verdicts("REFUSED") == 1 && outcome.count == 1,
	      "status %d, %u results", outcome.status, outcome.count);
	judge(DEV1 " --peer " DEV0);
	CHECK(outcome.status == 77, "as peer: status %d", outcome.status);
	CHECK(lu_next(fd, &ev, 0) == -EAGAIN, "it was touched: event %u", ev.type);
	close(fd);
	judge("/dev/tapi/nothing");
	CHECK(outcome.status == 77, "no such line: status %d", outcome.status);
	judge("/dev/null");
	CHECK(outcome.status == 77, "not a line: status %d", outcome.status);
	judge(DEV0 " --peer " DEV0);
	CHECK(outcome.status == 77, "its own peer: status %d", outcome.status);
	judge("");
	CHECK(outcome.status == 2, "no line: status %d", outcome.status);
	return true;
}

/* Starts the program, waits until the line is off hook, and lets @end happen; its status */
static int interrupted(const char *only, void (*end)(pid_t pid))
{
	int fd = lu_open(LU_FXO, O_RDONLY | O_NONBLOCK), status, quiet;
	struct tapi_line_event ev;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
		dup2(quiet, 1);
		execl(TAPI_COMPLIANCE, "tapi-compliance", "--only", only, DEV0, NULL);
		_exit(127);
	}
	do
		status = lu_wait(fd, TAPI_LINE_EV_HOOK, &ev);
	while (!status && ev.hook.state != TAPI_LINE_OFF_HOOK);
	end(pid);
	close(fd);
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static void send_int(pid_t pid)
{
	kill(pid, SIGINT);
}

static void send_term(pid_t pid)
{
	kill(pid, SIGTERM);
}

static void send_kill(pid_t pid)
{
	kill(pid, SIGKILL);
}

static bool interruptions(void)
{
	int status = interrupted("hook/flash", send_int);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "SIGINT: status %#x", status);
	CHECK(is_idle(LU_FXO), "after SIGINT");
	status = interrupted("claim/linger", send_term);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "SIGTERM: status %#x", status);
	CHECK(is_idle(LU_FXO), "after SIGTERM, in a linger");
	status = interrupted("hook/flash", send_kill);
	CHECK(WIFSIGNALED(status), "SIGKILL: status %#x", status);
	CHECK(is_idle(LU_FXO), "after SIGKILL");
	return true;
}

static void pull(pid_t pid)
{
	lu_inject("unplug");
}

static bool goes_away(void)
{
	int status = interrupted("hook/*", pull);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1, "status %#x", status);
	CHECK_ERR(lu_inject("replug"), 0);
	return is_idle(LU_FXO);
}

static const struct rn_case cases[] = {
	{ both_ends, "the simulator keeps every rule, at both ends of a cable" },
	{ all_lines, "all lines, one after the other" },
	{ finds, "what is broken is found, and nothing else" },
	{ expected, "expected failures are none; a list that is out of date is refused" },
	{ refused, "a line that is in use is not touched" },
	{ interruptions, "interrupted, it leaves the line on hook and free" },
	{ goes_away, "a line that goes away is a failure, and no hang" },
};

int main(void)
{
	int failed;

	if (!lu_load("inject=1", "")) {
		printf("Bail out! no modules with inject=1\n");
		return 1;
	}
	failed = rn_run(cases, sizeof(cases) / sizeof(cases[0]));
	return !lu_load("", "") || failed;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may happen to a card while it is used, for every use: unbound, unplugged and back, its
 * modules removed, the provider of its line killed, the machine suspended.  Everybody learns of
 * it with the right errno and record, nobody hangs, and at the end nothing is left: no card, node,
 * sound card, file in debugfs, and the modules go.
 */
#include <dirent.h>

#include "tap.h"
#include "lifetime-roles.h"

#define DRIVER	"/sys/bus/platform/drivers/tapi_sim"

static int unbind(void)
{
	return lu_write(DRIVER "/unbind", "tapi_sim.0");
}

static int bind_again(void)
{
	return lu_write(DRIVER "/bind", "tapi_sim.0");
}

static int unplug(void)
{
	return lu_inject("unplug");
}

static int replug(void)
{
	return lu_inject("replug");
}

/* Nobody has a line of the card open, and each is in its safe state; debugfs does not tell when */
static bool quiet(void)
{
	long long last = rn_now_ms() + RN_PATIENCE_MS;
	char text[8192], *line;
	unsigned int busy;

	do {
		busy = 0;
		lu_read(LU_DEBUG "/tapi/card0/status", text, sizeof(text));
		for (line = strstr(text, "\nline "); line; line = strstr(line + 1, "\nline "))
			if (strncmp(strstr(line, ": hook "), ": hook 0", 8) ||
			    !strstr(line, " files 0 plays nothing") || !strstr(line, " flags 0x0 "))
				busy++;
	} while (busy && rn_now_ms() < last && !usleep(5000));
	if (busy || !strstr(text, "line 15"))
		printf("# %s", text);
	return !busy && strstr(text, "line 15");
}

/* The card goes and comes back, one user at a time */
static void goes(const char *what, int (*away)(void), int (*back)(void))
{
	for (int i = 0; i < ROLES; i++) {
		struct user u;
		int err = begin(&u, i), result;

		if (!err)
			err = away();
		result = end(&u, i == IDLE || i == CONFIGFS);
		err = back() ?: err;
		ok(!err && result == roles[i].gone && quiet(), "%s, %s: %d (%d)", what,
		   roles[i].name, result, err);
	}
}

/* All of them at once */
static void goes_for_all(const char *what, int (*away)(void), int (*back)(void))
{
	struct user u[ROLES];
	int err = 0, i, result, wrong = 0;

	for (i = 0; i < ROLES; i++)
		err = begin(&u[i], i) ?: err;
	err = err ?: away();
	for (i = 0; i < ROLES; i++) {
		result = end(&u[i], i == IDLE || i == CONFIGFS);
		if (result != roles[i].gone) {
			printf("# %s: %d\n", roles[i].name, result);
			wrong++;
		}
	}
	err = back() ?: err;
	ok(!err && !wrong && quiet(), "%s, all at once (%d)", what, err);
}

/* The module: refused to whoever is in the way, and nobody notices; else the card goes */
static void removed(void)
{
	for (int i = 0; i < ROLES; i++) {
		struct user u;
		int err = begin(&u, i), result, core;

		core = lu_rmmod("tapi");
		if (!err)
			err = lu_rmmod("tapi_sim");
		result = end(&u, roles[i].holds || err);
		if (roles[i].holds)
			ok(core == -EWOULDBLOCK && err == -EWOULDBLOCK && !result && quiet(),
			   "rmmod is refused, %s: %d (%d)", roles[i].name, result, err);
		else
			ok(core == -EWOULDBLOCK && !err && result == roles[i].gone,
			   "rmmod, %s: %d (%d)", roles[i].name, result, err);
		if ((!roles[i].holds || !err) && !lu_load("inject=1", "pairs=8"))
			printf("Bail out! the modules do not come back\n");
	}
}

/* The line is free for the next one: claim, provider, sound */
static bool usable(int role)
{
	snd_pcm_t *pcm;
	struct lu_relay r;
	int err = lu_relay(&r, LINE(role));

	if (!err)
		err = sound_open(&pcm, LINE(role), SND_PCM_STREAM_CAPTURE);
	if (!err)
		snd_pcm_close(pcm);
	lu_relay_end(&r);
	if (err)
		printf("# line %u: %s\n", LINE(role), strerror(-err));
	return !err;
}

static int kill_user(struct user *u)
{
	int status;

	kill(u->pid, SIGKILL);
	if (waitpid(u->pid, &status, 0) != u->pid || !WIFSIGNALED(status))
		return -ECHILD;
	close(u->from);
	return 0;
}

/* A provider that claims the line of @role and has an application */
static int begin_victim(struct user *u, int role)
{
	static struct role victim;
	int pipefd[2];

	victim = roles[STREAMING];
	fflush(stdout);
	if (pipe(pipefd))
		return -errno;
	u->from = pipefd[0];
	u->pid = fork();
	if (!u->pid)
		be(&victim, LINE(role), pipefd[1]);
	close(pipefd[1]);
	return hear(u, RN_PATIENCE_MS);
}

/*
 * The provider dies: those who watch go on and are told; whoever is the provider, or has its
 * sound, leaves a line that can be used at once.
 */
static void provider_dies(void)
{
	for (int i = 0; i < ROLES; i++) {
		bool watches = i == IDLE || i == READ || i == POLL || i == SYSFS || i == CONFIGFS;
		struct user u, victim;
		int err, result = 0, told = lu_open(LINE(i), O_RDONLY | O_NONBLOCK);
		struct tapi_line_event ev = { 0 };

		err = begin(&u, i);
		if (!err && watches)
			err = begin_victim(&victim, i);
		/* what has happened so far is not the news */
		while (told >= 0 && !lu_next(told, &ev, 0))
			;
		if (!err)
			err = kill_user(watches ? &victim : &u);
		if (!err && i != PCM)
			do
				err = lu_wait(told, TAPI_LINE_EV_CLAIM, &ev);
			while (!err && ev.level.value);
		if (watches)
			result = end(&u, true);
		close(told);
		ok(!err && !result && quiet() && usable(i), "provider killed, %s: %d (%d)",
		   roles[i].name, result, err);
	}
}

/*
 * Tasks only: the guest's root is on a device (9p over virtio) that does not come back from a
 * suspend.  Clocks and the simulator's sound go on, so streams run dry and deadlines pass.
 */
static void suspend(void)
{
	struct user u[ROLES];
	int err = 0, i;

	if (access("/sys/power/pm_test", W_OK)) {
		ok(true, "suspend # SKIP the kernel has no pm_test");
		return;
	}
	for (i = 0; i < ROLES; i++)
		err = begin(&u[i], i) ?: err;
	lu_write("/sys/module/suspend/parameters/pm_test_delay", "1");
	err = err ?: lu_write("/sys/power/pm_test", "freezer");
	err = err ?: lu_write("/sys/power/state", "freeze");
	lu_write("/sys/power/pm_test", "none");
	ok(!err, "suspended and resumed with everything in use (%d)", err);
	for (i = 0; i < ROLES; i++) {
		int result = end(&u[i], true);

		ok(!result, "suspend, %s goes on: %d", roles[i].name, result);
	}
	ok(quiet(), "all at rest after that");
}

static unsigned int entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n > 2 ? n - 2 : 0;
}

static void leaves(void)
{
	char cards[4096];

	ok(!lu_rmmod("tapi_sim"), "the driver goes");
	ok(!entries("/sys/class/tapi") && !entries("/dev/tapi") && !entries(LU_DEBUG "/tapi"),
	   "no card, no node, no file");
	ok(!strstr(lu_read("/proc/asound/cards", cards, sizeof(cards)), "TAPI"), "no sound card");
	ok(!lu_rmmod("tapi") && access("/sys/class/tapi", F_OK) && access(LU_DEBUG "/tapi", F_OK) &&
	   access("/sys/bus/workqueue/devices/tapi", F_OK), "the core goes");
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (!lu_load("inject=1", "pairs=8")) {
		printf("Bail out! no modules with inject=1\n");
		return 1;
	}
	goes("unbind", unbind, bind_again);
	goes("unplug", unplug, replug);
	goes_for_all("unbind", unbind, bind_again);
	goes_for_all("unplug", unplug, replug);
	removed();
	provider_dies();
	suspend();
	leaves();
	return !lu_load("", "") || tap_done();
}

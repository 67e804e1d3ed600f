/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breaking things on purpose, on the stock kernel: each command does what the file says of it,
 * text that is wrong does nothing, and what was armed ends.
 */
#include <pthread.h>

#include <alsa/asoundlib.h>

#include "line-util.h"
#include "sound-util.h"

#define FILES	LU_DEBUG "/tapi/card0"
#define DRIVER	"/sys/bus/platform/drivers/tapi_sim"
/* Of the race; it ends before the test's own alarm does */
#define ROUNDS	50
#define RACE_S	100

static bool grammar(void)
{
	static const char *const words[] = {
		"op NAME", "delay MS", "every N", "count N", "alloc SITE", "overflow", "relay eagain N",
		"unplug", "replug", "clear", "set_hook", "pcm_start", "failsafe", "message", "EIO",
	};
	char text[8192];

	lu_read(FILES "/error-inj", text, sizeof(text));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		CHECK(strstr(text, words[i]), "%s is not told", words[i]);
	CHECK(!*lu_armed(text, sizeof(text)), "armed: %s", text);
	lu_read(FILES "/status", text, sizeof(text));
	CHECK(strstr(text, "card 0 tapi_sim") && strstr(text, "line 1 fxs"), "%s", text);
	return true;
}

static bool wrong(void)
{
	static const char *const texts[] = {
		"\n", " ", "op", "op set_hook", "op set_hook 0", "op set_hook EWRONG", "op set_hook -5",
		"op set_hook 99999", "op set_hok EIO", "op set_hook delay", "op set_hook delay 0",
		"op set_hook delay 60001", "op set_hook EIO every", "op set_hook EIO every 0",
		"op set_hook EIO count -1", "op set_hook EIO often 3", "op set_hook EIO count 1 more",
		"op set_hook delay 5 count 1 more", "op pcm_start delay 1", "op SET_HOOK EIO",
		"op get_stats EIO", "alloc", "alloc file", "alloc file fail", "alloc file fail 0",
		"alloc file fail 1 2", "alloc nowhere fail 1", "alloc file fails 1", "overflow 2",
		"overflow x", "overflow 0 0", "relay", "relay eagain", "relay eagain 0",
		"relay eagain 1 1", "relay enobufs 1", "unplug now", "replug now", "clear all",
		"nonsense", "op set_hook EIO\nop set_hook EBUSY", "op set_hook EIO\n\n",
	};
	char before[8192], after[8192], longest[300];

	CHECK_ERR(lu_inject("op set_hook EBUSY count 7"), 0);
	CHECK_ERR(lu_inject("alloc file fail 4294967295"), 0);
	CHECK_ERR(lu_inject("relay eagain 3\n"), 0);
	snprintf(before, sizeof(before), "%s", lu_armed(after, sizeof(after)));
	CHECK(strstr(before, "op set_hook EBUSY count 7") && strstr(before, "relay eagain 3") &&
	      strstr(before, "alloc file fail 4294967295"), "armed: %s", before);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK(lu_inject(texts[i]) == -EINVAL, "\"%s\"", texts[i]);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	CHECK_ERR(lu_inject(longest), -EINVAL);
	CHECK(!strcmp(lu_armed(after, sizeof(after)), before), "armed: %s", after);
	CHECK_ERR(lu_inject("clear"), 0);
	CHECK(!*lu_armed(after, sizeof(after)), "armed: %s", after);
	return true;
}

static bool operations(void)
{
	struct tapi_line_state state;
	char text[8192];
	long long from;
	int fd = lu_open_claimed(LU_FXO);

	CHECK(fd >= 0, "claim");
	CHECK_ERR(lu_inject("op set_hook EPROTO count 2"), 0);
	CHECK_ERR(lu_hook(fd, TAPI_LINE_OFF_HOOK, 0), -EPROTO);
	CHECK(!ioctl(fd, TAPI_LINE_G_STATE, &state) && state.hook == TAPI_LINE_ON_HOOK, "state");
	CHECK(strstr(lu_armed(text, sizeof(text)), "op set_hook EPROTO count 1 # 1 calls, 1 struck"),
	      "armed: %s", text);
	CHECK_ERR(lu_hook(fd, TAPI_LINE_OFF_HOOK, 0), -EPROTO);
	CHECK(!*lu_armed(text, sizeof(text)), "armed: %s", text);
	CHECK_ERR(lu_hook(fd, TAPI_LINE_OFF_HOOK, 0), 0);
	CHECK_ERR(lu_inject("op set_hook 5 every 3"), 0);
	for (int i = 1; i <= 6; i++)
		CHECK_ERR(lu_hook(fd, TAPI_LINE_OFF_HOOK, 0), i % 3 ? 0 : -EIO);
	CHECK_ERR(lu_inject("op set_hook delay 300"), 0);
	from = rn_now_ms();
	CHECK_ERR(lu_hook(fd, TAPI_LINE_ON_HOOK, 0), 0);
	CHECK(rn_now_ms() - from >= 300, "only %lld ms", rn_now_ms() - from);
	CHECK_ERR(lu_inject("clear"), 0);
	return true;
}

/* An operation that fails in the middle of what plays: the claimer is told */
static bool later(void)
{
	int fxs = lu_open_claimed(LU_FXS), fxo = lu_open_claimed(LU_FXO);

	CHECK(fxs >= 0 && fxo >= 0 && lu_on_hook(fxs), "claim");
	CHECK_ERR(lu_inject("op ring_on EIO"), 0);
	CHECK_ERR(lu_ring(fxs, TAPI_LINE_OP_START, 50, 50, 1), -EIO);
	CHECK_ERR(lu_inject("clear"), 0);
	CHECK_ERR(lu_inject("op ring_off EIO count 1"), 0);
	CHECK_ERR(lu_ring(fxs, TAPI_LINE_OP_START, 50, 50, 2), 0);
	CHECK_ERR(lu_complete(fxs, 2), -EIO);
	CHECK_ERR(lu_ring(fxs, TAPI_LINE_OP_START, 50, 50, 3), 0);
	CHECK_ERR(lu_ring(fxs, TAPI_LINE_OP_STOP, 0, 0, 0), 0);
	CHECK_ERR(lu_complete(fxs, 3), -ECANCELED);
	CHECK_ERR(lu_hook(fxo, TAPI_LINE_OFF_HOOK, 0), 0);
	CHECK_ERR(lu_inject("op dtmf_send ETIMEDOUT every 5"), 0);
	CHECK_ERR(lu_dial(fxo, TAPI_LINE_DIAL_DTMF, "12345", 4), 0);
	CHECK_ERR(lu_complete(fxo, 4), -ETIMEDOUT);
	CHECK_ERR(lu_inject("op set_hook EIO every 4"), 0);
	CHECK_ERR(lu_dial(fxo, TAPI_LINE_DIAL_PULSE, "9", 5), 0);
	CHECK_ERR(lu_complete(fxo, 5), -EIO);
	CHECK_ERR(lu_inject("clear"), 0);
	return true;
}

static bool sound(void)
{
	uint8_t buf[PERIOD];
	char text[4096];
	snd_pcm_t *pcm;

	CHECK_ERR(lu_inject("op pcm_prepare EIO count 1"), 0);
	CHECK_ERR(sound_open(&pcm, LU_FXO, SND_PCM_STREAM_CAPTURE), -EIO);
	CHECK_ERR(lu_inject("op pcm_start EBUSY count 1"), 0);
	CHECK_ERR(sound_open(&pcm, LU_FXO, SND_PCM_STREAM_CAPTURE), 0);
	CHECK_ERR(snd_pcm_start(pcm), -EBUSY);
	CHECK_ERR(snd_pcm_start(pcm), 0);
	CHECK(snd_pcm_readi(pcm, buf, PERIOD) == PERIOD, "read");
	lu_read(FILES "/pump_hist", text, sizeof(text));
	CHECK(!strncmp(text, "below_ns late busy\n", 19) && strlen(text) > 24, "%s", text);
	snd_pcm_close(pcm);
	return true;
}

static bool memory(void)
{
	struct tapi_line_event ev;
	struct rn_cookie cookie;
	struct lu_relay r;
	struct rn_msg msg;
	char text[8192];
	uint32_t other;

	CHECK_ERR(lu_inject("alloc file fail 1"), 0);
	CHECK_ERR(lu_open(LU_FXO, O_RDWR), -ENOMEM);
	CHECK_ERR(lu_inject("alloc records fail 2"), 0);
	CHECK_ERR(lu_open(LU_FXS, O_RDWR), -ENOMEM);
	CHECK_ERR(lu_open(LU_FXO, O_RDWR), -ENOMEM);
	r.fd = lu_open_claimed(LU_FXO);
	CHECK(r.fd >= 0 && !lu_next(r.fd, &ev, RN_PATIENCE_MS), "claim");
	CHECK_ERR(rn_open_port(&r.provider, 0), 0);
	CHECK_ERR(rn_open_port(&r.app, 0), 0);
	for (int i = 0; i < 4; i++) {
		static const char *const sites[] = { "binding", "answer", "end", "pass" };

		snprintf(text, sizeof(text), "alloc %s fail 1", sites[i]);
		CHECK_ERR(lu_inject(text), 0);
		CHECK(lu_provide(&r.provider, r.fd) == -ENOMEM, "%s", text);
	}
	CHECK_ERR(lu_provide(&r.provider, r.fd), 0);
	CHECK_ERR(lu_inject("alloc grant fail 1"), 0);
	CHECK_ERR(lu_grant(&r.provider, LU_FXO, &cookie), -ENOMEM);
	CHECK_ERR(lu_grant(&r.provider, LU_FXO, &cookie), 0);
	for (int i = 0; i < 5; i++) {
		static const char *const sites[] = { "instance", "notice", "answer", "end", "pass" };

		snprintf(text, sizeof(text), "alloc %s fail 1", sites[i]);
		CHECK_ERR(lu_inject(text), 0);
		CHECK(rn_create(&r.app, &cookie, &r.instance) == -ENOMEM, "%s", text);
	}
	CHECK_ERR(rn_create(&r.app, &cookie, &r.instance), 0);
	CHECK(rn_expect(&r.provider, TAPI_NL_CMD_INSTANCE_NEW, &msg), "notice");
	CHECK_ERR(lu_inject("alloc message fail 1"), 0);
	CHECK_ERR(rn_data(&r.provider, r.instance, NULL, "x", 1), -ENOMEM);
	CHECK_ERR(rn_data(&r.provider, r.instance, NULL, "x", 1), 0);
	CHECK(rn_expect(&r.app, TAPI_NL_CMD_DATA, &msg) && rn_is_data(&msg, r.instance, 1, "x", 1),
	      "the message that was refused has no number");
	/* A notice that finds no memory is sent later. */
	CHECK_ERR(lu_grant(&r.provider, LU_FXO, &cookie), 0);
	CHECK_ERR(rn_create(&r.app, &cookie, &other), 0);
	CHECK(rn_expect(&r.provider, TAPI_NL_CMD_INSTANCE_NEW, &msg), "another");
	CHECK_ERR(lu_inject("alloc notice fail 3"), 0);
	CHECK_ERR(rn_instance_cmd(&r.app, TAPI_NL_CMD_INSTANCE_CLOSE, other), 0);
	CHECK(rn_expect(&r.provider, TAPI_NL_CMD_INSTANCE_GONE, &msg), "late notice");
	CHECK(!*lu_armed(text, sizeof(text)), "armed: %s", text);
	return true;
}

static bool overflow(void)
{
	int fd[3] = { lu_open(LU_FXO, O_RDONLY | O_NONBLOCK), lu_open(LU_FXO, O_RDWR | O_NONBLOCK),
		      lu_open(LU_FXS, O_RDONLY | O_NONBLOCK) };
	struct tapi_line_event ev;
	unsigned int lost[3] = { 0 }, seq;
	uint64_t none = 0;

	CHECK(fd[0] >= 0 && fd[1] >= 0 && fd[2] >= 0, "open");
	CHECK(!ioctl(fd[1], TAPI_LINE_S_EVMASK, &none), "mask");
	CHECK_ERR(lu_inject("overflow 0"), 0);
	for (int i = 0; i < 3; i++) {
		seq = 0;
		while (!lu_next(fd[i], &ev, 0)) {
			CHECK(ev.seq >= seq, "file %d: %u after %u", i, ev.seq, seq);
			seq = ev.seq;
			if (ev.type == TAPI_LINE_EV_LOST)
				lost[i] += ev.lost.count;
		}
	}
	CHECK(lost[0] >= 1 && lost[1] >= 1 && !lost[2], "%u %u %u", lost[0], lost[1], lost[2]);
	CHECK_ERR(lu_inject("overflow"), 0);
	while (!lu_next(fd[2], &ev, 0))
		if (ev.type == TAPI_LINE_EV_LOST)
			lost[2] += ev.lost.count;
	CHECK(lost[2] >= 1, "nothing lost");
	return true;
}

static bool relay(void)
{
	struct lu_relay r;
	struct rn_msg msg;

	CHECK_ERR(lu_relay(&r, LU_FXO), 0);
	CHECK_ERR(lu_inject("relay eagain 2"), 0);
	CHECK_ERR(rn_data(&r.provider, r.instance, NULL, "a", 1), -EAGAIN);
	CHECK_ERR(rn_data(&r.app, r.instance, NULL, "b", 1), -EAGAIN);
	CHECK(rn_expect(&r.provider, TAPI_NL_CMD_READY, &msg), "to the provider");
	CHECK(rn_expect(&r.app, TAPI_NL_CMD_READY, &msg), "to the application");
	CHECK_ERR(rn_data(&r.provider, r.instance, NULL, "a", 1), 0);
	CHECK(rn_expect(&r.app, TAPI_NL_CMD_DATA, &msg) && rn_is_data(&msg, r.instance, 1, "a", 1),
	      "in order");
	CHECK(rn_silent(&r.provider), "READY is said once");
	return true;
}

static bool unplug(void)
{
	struct tapi_line_event ev;
	char text[8192];
	int old = lu_open_claimed(LU_FXO), err;
	char first[64], second[64];

	CHECK(old >= 0, "claim");
	CHECK_ERR(lu_inject("replug"), -EBUSY);
	CHECK_ERR(lu_inject("op set_hook EIO"), 0);
	snprintf(first, sizeof(first), "%zd", readlink("/sys/class/tapi/card0", text, sizeof(text)));
	CHECK_ERR(lu_inject("unplug"), 0);
	CHECK(access("/dev/tapi/card0-line0", F_OK) && access("/sys/class/tapi/card0", F_OK), "it stays");
	do
		err = lu_next(old, &ev, RN_PATIENCE_MS);
	while (!err && ev.type != TAPI_LINE_EV_GONE);
	CHECK(!err && lu_next(old, &ev, RN_PATIENCE_MS) == -ENODEV, "GONE, then ENODEV");
	CHECK(!strcmp(lu_read(FILES "/status", text, sizeof(text)), "unplugged\n"), "%s", text);
	CHECK(!*lu_armed(text, sizeof(text)), "armed: %s", text);
	CHECK_ERR(lu_inject("unplug"), -ENODEV);
	CHECK_ERR(lu_inject("op set_hook EIO"), -ENODEV);
	CHECK_ERR(lu_inject("overflow"), -ENODEV);
	CHECK_ERR(lu_inject("nonsense"), -ENODEV);
	for (int i = 0; i < 4; i++) {
		static const char *const sites[] = { "card", "line", "params", "sound" };

		snprintf(text, sizeof(text), "alloc %s fail 1", sites[i]);
		CHECK_ERR(lu_inject(text), 0);
		CHECK(lu_inject("replug") == -ENXIO, "%s", text);
		CHECK(access("/sys/class/tapi/card0", F_OK), "%s", text);
	}
	CHECK_ERR(lu_inject("replug"), 0);
	snprintf(second, sizeof(second), "%zd", readlink("/sys/class/tapi/card0", text, sizeof(text)));
	CHECK(!strcmp(first, second), "another number");
	CHECK(lu_open_claimed(LU_FXO) >= 0, "claim");
	/* Bound again by other means, it has its file and its number, too. */
	CHECK_ERR(lu_inject("unplug"), 0);
	CHECK_ERR(lu_write(DRIVER "/bind", "tapi_sim.0"), 0);
	CHECK_ERR(lu_inject("replug"), -EBUSY);
	/* Unbound by others, its file goes. */
	CHECK_ERR(lu_write(DRIVER "/unbind", "tapi_sim.0"), 0);
	CHECK_ERR(lu_inject("replug"), -ENOENT);
	CHECK_ERR(lu_write(DRIVER "/bind", "tapi_sim.0"), 0);
	return true;
}

/* A slow operation: unplug waits for it, and the caller learns how it ended */
static bool unplug_slow(void)
{
	int fd = lu_open_claimed(LU_FXO), status;
	pid_t pid;

	CHECK(fd >= 0, "claim");
	CHECK_ERR(lu_inject("op set_hook delay 500"), 0);
	pid = fork();
	if (!pid) {
		usleep(100000);
		_exit(!!lu_inject("unplug"));
	}
	status = lu_hook(fd, TAPI_LINE_OFF_HOOK, 0);
	CHECK(status == 0 || status == -ENODEV, "%d", status);
	CHECK(waitpid(pid, &status, 0) == pid && !status, "unplug");
	CHECK_ERR(lu_hook(fd, TAPI_LINE_OFF_HOOK, 0), -ENODEV);
	CHECK_ERR(lu_inject("replug"), 0);
	return true;
}

struct racer {
	const char *path;
	const char *text;
	pthread_t thread;
};

static void *race(void *arg)
{
	const struct racer *r = arg;

	/* Each is refused now and then: the card or the file is not there, or is already. */
	for (int i = 0; i < ROUNDS; i++)
		lu_write(r->path, r->text);
	return NULL;
}

/* Who writes waits for the device, whose owner removes the files: neither for ever */
static bool races(void)
{
	struct racer racers[] = {
		{ .path = FILES "/error-inj", .text = "unplug" },
		{ .path = FILES "/error-inj", .text = "replug" },
		{ .path = FILES "/error-inj", .text = "unplug" },
		{ .path = FILES "/error-inj", .text = "alloc sound fail 1" },
		{ .path = DRIVER "/unbind", .text = "tapi_sim.0" },
		{ .path = DRIVER "/bind", .text = "tapi_sim.0" },
	};
	const size_t n = sizeof(racers) / sizeof(racers[0]);
	struct timespec end;

	for (size_t i = 0; i < n; i++)
		CHECK_ERR(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += RACE_S;
	for (size_t i = 0; i < n; i++)
		CHECK(!pthread_timedjoin_np(racers[i].thread, NULL, &end), "\"%s\" to %s hangs",
		      racers[i].text, racers[i].path);
	/* The card may be there; if not, the first attempt may find no memory. */
	lu_write(DRIVER "/bind", "tapi_sim.0");
	lu_write(DRIVER "/bind", "tapi_sim.0");
	CHECK_ERR(lu_inject("clear"), 0);
	CHECK_ERR(lu_inject("unplug"), 0);
	CHECK_ERR(lu_inject("replug"), 0);
	CHECK(lu_open_claimed(LU_FXO) >= 0, "claim");
	return true;
}

static bool leaves(void)
{
	CHECK_ERR(lu_inject("unplug"), 0);
	CHECK_ERR(lu_rmmod("tapi_sim"), 0);
	/* the file of a card goes with its device */
	for (int i = 0; i < 2000 && !access(FILES, F_OK); i++)
		usleep(5000);
	CHECK(access(FILES, F_OK), "the file stays");
	CHECK_ERR(lu_rmmod("tapi"), 0);
	CHECK(access(LU_DEBUG "/tapi", F_OK), "the directory stays");
	return true;
}

static const struct rn_case cases[] = {
	{ grammar, "the files tell what can be written and what is" },
	{ wrong, "wrong text: EINVAL, and nothing has changed" },
	{ operations, "operations fail or are slow: always, now and then, so many times" },
	{ later, "an operation that fails later completes the request with its error" },
	{ sound, "sound that cannot be prepared or started; the pump is measured" },
	{ memory, "no memory: everywhere ENOMEM, and nothing half done" },
	{ overflow, "every open file's queue overflows" },
	{ relay, "the relay has no room, and says READY" },
	{ unplug, "a card is unplugged and comes back under its number" },
	{ unplug_slow, "a card is unplugged while its driver is slow" },
	{ races, "unplug, replug, bind and unbind race" },
	{ leaves, "an unplugged card and its modules leave nothing behind" },
};

int main(void)
{
	int failed;

	if (!access(LU_DEBUG "/tapi", F_OK) || !lu_load("inject=1", "")) {
		printf("Bail out! no modules with inject=1, or files without it\n");
		return 1;
	}
	failed = rn_run(cases, sizeof(cases) / sizeof(cases[0]));
	return !lu_load("", "") || failed;
}

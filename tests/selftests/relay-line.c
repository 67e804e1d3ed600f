/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines with hardware in the relay: card 0, line 0 of the simulator.  Bind by the claiming
 * file, linger, release, unplugging; sound is the subject of pass-rules.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <linux/tapi_line.h>

#include "file-util.h"
#include "relay-util.h"

#define NODE	"/dev/tapi/card0-line0"
#define DEVICE	"/sys/class/tapi/card0/device"

static void put_line(struct rn_req *rq)
{
	rn_u32(rq, TAPI_NL_A_CARD, 0);
	rn_u32(rq, TAPI_NL_A_LINE, 0);
}

static int claim(int fd, uint32_t linger_ms)
{
	struct tapi_line_claim claim = { .linger_ms = linger_ms, .key = "relay-line" };

	return ioctl(fd, TAPI_LINE_CLAIM, &claim) ? -errno : 0;
}

static int open_claimed(uint32_t linger_ms)
{
	int fd = open(NODE, O_RDWR | O_CLOEXEC);
	int err = fd < 0 ? -errno : claim(fd, linger_ms);

	if (err)
		printf("# claim: %s\n", strerror(-err));
	return err ? -1 : fd;
}

static int bind_fd(struct rn *s, int32_t fd, struct rn_msg *answer)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_PROVIDER_BIND);
	rn_put(&rq, TAPI_NL_A_LINE_FD, &fd, sizeof(fd));
	return rn_talk(s, &rq, answer);
}

static int line_cmd(struct rn *s, int cmd, struct rn_msg *answer)
{
	struct rn_req rq;

	rn_cmd(&rq, cmd);
	put_line(&rq);
	return rn_talk(s, &rq, answer);
}

static bool is_line0(const struct rn_msg *msg)
{
	return msg->a[TAPI_NL_A_CARD] && msg->a[TAPI_NL_A_LINE] && !msg->a[TAPI_NL_A_GUID] &&
	       !rn_get(msg, TAPI_NL_A_CARD) && !rn_get(msg, TAPI_NL_A_LINE);
}

static int bound(struct rn *s)
{
	struct rn_msg msg;
	size_t len;
	const uint8_t *at;
	int err = line_cmd(s, TAPI_NL_CMD_GET_LINE, &msg);

	if (err)
		return err;
	at = rn_bytes(&msg, TAPI_NL_A_BOUND, &len);
	return len == 1 ? *at : -EBADMSG;
}

static uint32_t state_flags(int fd)
{
	struct tapi_line_state state = { 0 };

	return ioctl(fd, TAPI_LINE_G_STATE, &state) ? ~0U : state.flags;
}

struct half {
	struct rn provider, app;
	uint32_t instance;
	int fd;
};

/* A new instance on a line that @h->provider has bound */
static bool enter(struct half *h)
{
	struct rn_cookie cookie;
	struct rn_msg msg;
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_GRANT);
	put_line(&rq);
	rn_u32(&rq, TAPI_NL_A_ADDRESS, 0);
	CHECK_ERR(rn_grant_rq(&h->provider, &rq, &cookie), 0);
	CHECK_ERR(rn_create(&h->app, &cookie, &h->instance), 0);
	CHECK(rn_expect(&h->provider, TAPI_NL_CMD_INSTANCE_NEW, &msg), "notice");
	CHECK(is_line0(&msg) && rn_get(&msg, TAPI_NL_A_INSTANCE) == h->instance, "content");
	return true;
}

static bool start(struct half *h, uint32_t linger_ms)
{
	CHECK_ERR(rn_open_port(&h->provider, 0), 0);
	CHECK_ERR(rn_open_port(&h->app, 0), 0);
	h->fd = open_claimed(linger_ms);
	CHECK(h->fd >= 0, "claim");
	CHECK_ERR(bind_fd(&h->provider, h->fd, NULL), 0);
	return enter(h);
}

static bool gone(struct rn *s, int cmd, uint32_t reason)
{
	struct rn_msg msg;
	int err;

	do
		err = rn_next(s, &msg, RN_PATIENCE_MS);
	while (!err && (msg.cmd == TAPI_NL_CMD_DATA || msg.cmd == TAPI_NL_CMD_READY ||
			msg.type == NLMSG_ERROR));
	CHECK(!err && msg.cmd == cmd, "command %d, wanted %d (%d)", msg.cmd, cmd, err);
	CHECK(is_line0(&msg) && rn_get(&msg, TAPI_NL_A_REASON) == reason, "reason %u, wanted %u",
	      rn_get(&msg, TAPI_NL_A_REASON), reason);
	return true;
}

static bool listed(void)
{
	struct tapi_line_caps caps;
	struct rn_msg msg;
	struct rn s;
	size_t len;
	int fd;

	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(line_cmd(&s, TAPI_NL_CMD_GET_LINE, &msg), 0);
	fd = open(NODE, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && !ioctl(fd, TAPI_LINE_G_CAPS, &caps), "caps");
	CHECK(is_line0(&msg) && msg.cmd == TAPI_NL_CMD_NEW_LINE, "name");
	CHECK(rn_get(&msg, TAPI_NL_A_TYPE) == caps.type &&
	      rn_get64(&msg, TAPI_NL_A_CAPS) == caps.caps &&
	      rn_get(&msg, TAPI_NL_A_SND_CARD) == caps.snd_card &&
	      rn_get(&msg, TAPI_NL_A_SND_DEVICE) == caps.snd_device &&
	      !strcmp(rn_bytes(&msg, TAPI_NL_A_NAME, &len), caps.line_name),
	      "the relay and the device disagree");
	CHECK_ERR(bound(&s), 0);
	return true;
}

static bool binds(void)
{
	struct rn s, t, listener;
	struct rn_msg msg;
	int fd, monitor;

	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(rn_open_port(&t, 0), 0);
	CHECK_ERR(rn_open_port(&listener, 0), 0);
	CHECK_ERR(rn_listen(&listener), 0);
	monitor = open(NODE, O_RDONLY | O_CLOEXEC);
	CHECK_ERR(bind_fd(&s, monitor, NULL), -EPERM);
	CHECK(s.text[0] && s.bad, "no text or attribute");
	fd = open_claimed(0);
	CHECK(fd >= 0, "claim");
	CHECK_ERR(bind_fd(&s, monitor, NULL), -EPERM);
	CHECK_ERR(bind_fd(&s, fd, &msg), 0);
	CHECK(msg.cmd == TAPI_NL_CMD_PROVIDER_BIND && is_line0(&msg), "answer");
	CHECK(rn_expect(&listener, TAPI_NL_CMD_CHANGE_LINE, &msg) && is_line0(&msg), "notice");
	CHECK_ERR(bound(&t), 1);
	CHECK(state_flags(monitor) == (TAPI_LINE_ST_CLAIMED | TAPI_LINE_ST_BOUND), "state %x",
	      state_flags(monitor));
	CHECK_ERR(bind_fd(&t, fd, NULL), -EBUSY);
	CHECK_ERR(line_cmd(&t, TAPI_NL_CMD_PROVIDER_UNBIND, NULL), -EPERM);
	CHECK_ERR(line_cmd(&s, TAPI_NL_CMD_PROVIDER_UNBIND, NULL), 0);
	CHECK(rn_expect(&listener, TAPI_NL_CMD_CHANGE_LINE, &msg), "notice");
	CHECK_ERR(bound(&t), 0);
	CHECK(state_flags(monitor) == TAPI_LINE_ST_CLAIMED, "state %x", state_flags(monitor));
	CHECK_ERR(bind_fd(&t, fd, NULL), 0);
	return true;
}

static bool foreign(void)
{
	struct rn s;
	int fd = open_claimed(0);

	CHECK(fd >= 0, "claim");
	CHECK(!unshare(CLONE_NEWNET), "unshare: %m");
	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(bind_fd(&s, fd, NULL), -ENOENT);
	CHECK_ERR(line_cmd(&s, TAPI_NL_CMD_GET_LINE, NULL), -ENOENT);
	return true;
}

/* RELEASE, and a close without linger: all is over at once */
static bool released(void)
{
	struct half h;

	CHECK(start(&h, 30000), "start");
	CHECK(!ioctl(h.fd, TAPI_LINE_RELEASE), "release: %m");
	CHECK(gone(&h.app, TAPI_NL_CMD_INSTANCE_GONE, TAPI_NL_GONE_RELEASED), "to the app");
	CHECK(gone(&h.provider, TAPI_NL_CMD_PROVIDER_GONE, TAPI_NL_GONE_RELEASED), "to the provider");
	CHECK_ERR(bound(&h.app), 0);
	CHECK_ERR(claim(h.fd, 0), 0);
	CHECK_ERR(bind_fd(&h.provider, h.fd, NULL), 0);
	CHECK(enter(&h), "again");
	close(h.fd);
	CHECK(gone(&h.app, TAPI_NL_CMD_INSTANCE_GONE, TAPI_NL_GONE_RELEASED), "to the app");
	CHECK(gone(&h.provider, TAPI_NL_CMD_PROVIDER_GONE, TAPI_NL_GONE_RELEASED), "to the provider");
	return true;
}

/* The claiming file closes with a linger: orphaned, and the next claimer binds again */
static bool linger(void)
{
	struct half h;
	int monitor = open(NODE, O_RDONLY | O_CLOEXEC);

	CHECK(start(&h, 20000), "start");
	close(h.fd);
	CHECK(gone(&h.app, TAPI_NL_CMD_INSTANCE_GONE, TAPI_NL_GONE_DIED), "to the app");
	CHECK(gone(&h.provider, TAPI_NL_CMD_PROVIDER_GONE, TAPI_NL_GONE_RELEASED), "to the provider");
	CHECK_ERR(bound(&h.app), 0);
	/* the call's digits stay the call's until the linger is over */
	CHECK(state_flags(monitor) == (TAPI_LINE_ST_LINGER | TAPI_LINE_ST_BOUND), "state %x",
	      state_flags(monitor));
	h.fd = open_claimed(0);
	CHECK(h.fd >= 0, "claim");
	CHECK_ERR(bind_fd(&h.provider, h.fd, NULL), 0);
	CHECK(enter(&h), "again");
	CHECK(!ioctl(h.fd, TAPI_LINE_RELEASE), "release: %m");
	CHECK(!state_flags(monitor), "state %x", state_flags(monitor));
	return true;
}

static bool linger_over(void)
{
	int monitor = open(NODE, O_RDONLY | O_CLOEXEC);
	long long end = rn_now_ms() + RN_PATIENCE_MS;
	struct half h;

	CHECK(start(&h, 300), "start");
	close(h.fd);
	CHECK(gone(&h.app, TAPI_NL_CMD_INSTANCE_GONE, TAPI_NL_GONE_DIED), "to the app");
	while (state_flags(monitor)) {
		CHECK(rn_now_ms() < end, "state %x", state_flags(monitor));
		usleep(20000);
	}
	return true;
}

/* The provider's process is killed, with a linger and without */
static bool killed(uint32_t linger_ms)
{
	int monitor = open(NODE, O_RDONLY | O_CLOEXEC), from[2], status;
	struct rn_cookie cookie;
	struct rn app;
	uint32_t instance;
	struct rn_req rq;
	pid_t pid;

	CHECK(!pipe(from), "pipe");
	pid = fork();
	if (!pid) {
		struct rn s;
		int fd = open_claimed(linger_ms);

		alarm(300);
		if (rn_open_port(&s, 0) || bind_fd(&s, fd, NULL))
			_exit(1);
		rn_cmd(&rq, TAPI_NL_CMD_GRANT);
		put_line(&rq);
		rn_u32(&rq, TAPI_NL_A_ADDRESS, 0);
		if (rn_grant_rq(&s, &rq, &cookie) ||
		    write(from[1], &cookie, sizeof(cookie)) != sizeof(cookie))
			_exit(2);
		pause();
		_exit(3);
	}
	close(from[1]);
	CHECK(read(from[0], &cookie, sizeof(cookie)) == sizeof(cookie), "cookie");
	CHECK_ERR(rn_open_port(&app, 0), 0);
	CHECK_ERR(rn_create(&app, &cookie, &instance), 0);
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status), "status %x", status);
	if (linger_ms) {
		CHECK(gone(&app, TAPI_NL_CMD_INSTANCE_GONE, TAPI_NL_GONE_DIED), "notice");
		CHECK(state_flags(monitor) == (TAPI_LINE_ST_LINGER | TAPI_LINE_ST_BOUND), "state %x",
		      state_flags(monitor));
		status = open_claimed(0);
		CHECK(status >= 0, "claim");
		close(status);
	} else {
		struct rn_msg msg;

		/* whichever file the kernel closed first */
		CHECK(rn_expect(&app, TAPI_NL_CMD_INSTANCE_GONE, &msg), "notice");
	}
	CHECK(!state_flags(monitor), "state %x", state_flags(monitor));
	CHECK_ERR(bound(&app), 0);
	CHECK_ERR(rn_instances(&app, NULL, 0), 0);
	return true;
}

static bool kills(void)
{
	CHECK(killed(0), "without linger");
	CHECK(killed(20000), "with linger");
	return true;
}

/* Only the socket dies; the claim, and the line, stay with the process */
static bool socket_died(void)
{
	int monitor = open(NODE, O_RDONLY | O_CLOEXEC);
	struct half h;

	CHECK(start(&h, 0), "start");
	rn_close(&h.provider);
	CHECK(gone(&h.app, TAPI_NL_CMD_INSTANCE_GONE, TAPI_NL_GONE_DIED), "notice");
	CHECK(state_flags(monitor) == TAPI_LINE_ST_CLAIMED, "state %x", state_flags(monitor));
	close(h.fd);
	CHECK(start(&h, 20000), "start");
	rn_close(&h.provider);
	CHECK(gone(&h.app, TAPI_NL_CMD_INSTANCE_GONE, TAPI_NL_GONE_DIED), "notice");
	CHECK(state_flags(monitor) == (TAPI_LINE_ST_CLAIMED | TAPI_LINE_ST_BOUND), "state %x",
	      state_flags(monitor));
	CHECK_ERR(rn_open_port(&h.provider, 0), 0);
	CHECK_ERR(bind_fd(&h.provider, h.fd, NULL), 0);
	CHECK(enter(&h), "again");
	CHECK(!ioctl(h.fd, TAPI_LINE_RELEASE), "release: %m");
	return true;
}

static bool in_use(const char *module)
{
	char path[128], state[16] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", module);
	file = fopen(path, "r");
	if (!file || !fgets(state, sizeof(state), file))
		state[0] = 0;
	if (file)
		fclose(file);
	return atoi(state) > 0;
}

/* An instance keeps the core loaded, and a socket that is in nothing does not */
static bool pinned(void)
{
	int before = in_use("tapi_sim"), fd;
	struct half h;

	CHECK(!before, "somebody uses the simulator");
	CHECK(start(&h, 0), "start");
	CHECK(in_use("tapi") && in_use("tapi_sim"), "not in use");
	fd = h.fd;
	CHECK(system("rmmod tapi_sim 2>/dev/null"), "rmmod succeeded");
	CHECK(!ioctl(fd, TAPI_LINE_RELEASE), "release: %m");
	close(fd);
	CHECK(!in_use("tapi_sim"), "still in use");
	return true;
}

static bool link_name(const char *path, char *name, size_t size)
{
	char target[256];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	CHECK(n > 0, "%s: %m", path);
	target[n] = 0;
	snprintf(name, size, "%s", strrchr(target, '/') + 1);
	return true;
}

/* Sends until the instance is gone */
static void *stream(void *arg)
{
	static const char data[1000];
	struct half *h = arg;

	while (rn_data(&h->app, h->instance, NULL, data, sizeof(data)) != -ENOENT)
		;
	return NULL;
}

static bool unplugged(void)
{
	char device[128], driver[256], path[512];
	long long end = rn_now_ms() + RN_PATIENCE_MS;
	struct rn listener;
	struct rn_msg msg;
	pthread_t thread;
	struct half h;

	CHECK(link_name(DEVICE, device, sizeof(device)), "device");
	CHECK(realpath(DEVICE "/driver", driver), "driver: %m");
	CHECK_ERR(rn_open_port(&listener, 0), 0);
	CHECK(start(&h, 20000), "start");
	CHECK_ERR(rn_listen(&listener), 0);
	CHECK(!pthread_create(&thread, NULL, stream, &h), "thread");
	usleep(20000);
	snprintf(path, sizeof(path), "%s/unbind", driver);
	CHECK_ERR(write_text(path, device), 0);
	pthread_join(thread, NULL);
	CHECK(gone(&h.app, TAPI_NL_CMD_INSTANCE_GONE, TAPI_NL_GONE_UNPLUGGED), "to the app");
	CHECK(gone(&h.provider, TAPI_NL_CMD_PROVIDER_GONE, TAPI_NL_GONE_UNPLUGGED), "to the provider");
	CHECK(rn_expect(&listener, TAPI_NL_CMD_DEL_LINE, &msg), "list");
	CHECK_ERR(line_cmd(&h.provider, TAPI_NL_CMD_GET_LINE, NULL), -ENOENT);
	CHECK_ERR(bind_fd(&h.provider, h.fd, NULL), -ENODEV);
	CHECK(h.provider.text[0] && h.provider.bad, "no text or attribute");
	close(h.fd);
	snprintf(path, sizeof(path), "%s/bind", driver);
	CHECK_ERR(write_text(path, device), 0);
	while (access(NODE, R_OK)) {
		CHECK(rn_now_ms() < end, "the card does not come back");
		usleep(10000);
	}
	return true;
}

static const struct rn_case cases[] = {
	{ listed, "the relay and the device tell the same about a line" },
	{ binds, "bind by the claiming file; errors; BOUND in relay and state" },
	{ foreign, "a card's line cannot be bound from another network namespace" },
	{ released, "release, and close without linger" },
	{ linger, "close with linger: orphaned, bound again by the next claimer" },
	{ linger_over, "the linger ends: the line is free" },
	{ kills, "the provider's process is killed" },
	{ socket_died, "only the provider's socket dies" },
	{ pinned, "modules are in use while there is a provider, and free after" },
	{ unplugged, "the card is unbound while data streams" },
};

RN_MAIN(cases)

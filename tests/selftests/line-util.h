/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests that break things share: the modules with injection, commands for it, a line's
 * file and its events, a line's relay.  Functions return 0 or a negative errno.
 */
#ifndef LINE_UTIL_H
#define LINE_UTIL_H

#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include <linux/tapi_line.h>

#include "file-util.h"
#include "relay-util.h"

#define LU_DEBUG	"/sys/kernel/debug"
#define LU_FXO		0
#define LU_FXS		1

/* Removes both modules, if they are there, and loads them with these parameters */
static inline bool lu_load(const char *core, const char *sim)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "rmmod tapi_sim tapi 2>/dev/null; modprobe tapi %s && modprobe tapi_sim %s", core,
		 sim);
	if (access(LU_DEBUG "/sched", F_OK) && access(LU_DEBUG "/bdi", F_OK))
		mount("debugfs", LU_DEBUG, "debugfs", 0, NULL);
	return system(command) == 0 && access("/sys/class/tapi/card0-line0", F_OK) == 0 &&
	       rn_resolve() == 0;
}

static inline int lu_rmmod(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

/* write_text(), under a name like the others */
static inline int lu_write(const char *path, const char *text)
{
	return write_text(path, text);
}

/* Text of a small file; empty when it cannot be read */
static inline const char *lu_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	while (fd >= 0 && len < size - 1 && (n = read(fd, buf + len, size - 1 - len)) > 0)
		len += n;
	buf[n < 0 ? 0 : len] = 0;
	if (fd >= 0)
		close(fd);
	return buf;
}

static inline int lu_inject_card(unsigned int card, const char *command)
{
	char path[64];

	snprintf(path, sizeof(path), LU_DEBUG "/tapi/card%u/error-inj", card);
	return lu_write(path, command);
}

static inline int lu_inject(const char *command)
{
	return lu_inject_card(0, command);
}

/* What is armed: what follows the line "# armed:" */
static inline const char *lu_armed(char *buf, size_t size)
{
	const char *at = strstr(lu_read(LU_DEBUG "/tapi/card0/error-inj", buf, size), "# armed:\n");

	return at ? at + strlen("# armed:\n") : "?";
}

static inline int lu_open(unsigned int line, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/tapi/card0-line%u", line);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static inline int lu_claim(int fd, uint32_t linger_ms)
{
	struct tapi_line_claim claim = { .linger_ms = linger_ms, .key = "line-util" };

	return ioctl(fd, TAPI_LINE_CLAIM, &claim) ? -errno : 0;
}

static inline int lu_open_claimed(unsigned int line)
{
	int fd = lu_open(line, O_RDWR | O_NONBLOCK);
	int err = fd < 0 ? fd : lu_claim(fd, 0);

	if (!err)
		return fd;
	if (fd >= 0)
		close(fd);
	return err;
}

static inline int lu_hook(int fd, uint32_t op, uint32_t cookie)
{
	struct tapi_line_hook hook = { .op = op, .cookie = cookie };

	return ioctl(fd, TAPI_LINE_S_HOOK, &hook) ? -errno : 0;
}

static inline int lu_ring(int fd, uint32_t op, uint32_t on_ms, uint32_t off_ms, uint32_t cookie)
{
	struct tapi_line_ring ring = { .op = op, .on_ms = { on_ms }, .off_ms = { off_ms },
				       .cookie = cookie };

	return ioctl(fd, TAPI_LINE_S_RING, &ring) ? -errno : 0;
}

static inline int lu_dial(int fd, uint32_t mode, const char *digits, uint32_t cookie)
{
	struct tapi_line_dial dial = { .mode = mode, .cookie = cookie };

	for (size_t i = 0; i < sizeof(dial.digits) && digits[i]; i++)
		dial.digits[i] = digits[i];
	return ioctl(fd, TAPI_LINE_DIAL, &dial) ? -errno : 0;
}

/* The next record: 0; -EAGAIN none in time; what read() says */
static inline int lu_next(int fd, struct tapi_line_event *ev, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (poll(&pfd, 1, ms) <= 0)
		return -EAGAIN;
	n = read(fd, ev, sizeof(*ev));
	return n == sizeof(*ev) ? 0 : n < 0 ? -errno : -EIO;
}

/* The next record of a type, others are passed over */
static inline int lu_wait(int fd, uint32_t type, struct tapi_line_event *ev)
{
	long long end = rn_now_ms() + RN_PATIENCE_MS;
	int err;

	do {
		err = lu_next(fd, ev, RN_PATIENCE_MS);
		if (err)
			return err;
		if (ev->type == type)
			return 0;
	} while (rn_now_ms() < end);
	return -ETIME;
}

/* The completion of a request: its status; -ETIME for none */
static inline int lu_complete(int fd, uint32_t cookie)
{
	struct tapi_line_event ev;
	int err;

	do
		err = lu_wait(fd, TAPI_LINE_EV_COMPLETE, &ev);
	while (!err && ev.cookie != cookie);
	return err ? -ETIME : ev.complete.status;
}

/* A telephone that was hung up might still be flashing: waits until it is on hook */
static inline bool lu_on_hook(int fd)
{
	struct tapi_line_state state = { .hook = TAPI_LINE_OFF_HOOK };
	struct tapi_line_event ev;

	while (!ioctl(fd, TAPI_LINE_G_STATE, &state) && state.hook != TAPI_LINE_ON_HOOK)
		if (lu_wait(fd, TAPI_LINE_EV_HOOK, &ev))
			break;
	return state.hook == TAPI_LINE_ON_HOOK;
}

static inline int lu_provide(struct rn *s, int32_t fd)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_PROVIDER_BIND);
	rn_put(&rq, TAPI_NL_A_LINE_FD, &fd, sizeof(fd));
	return rn_talk(s, &rq, NULL);
}

static inline int lu_grant(struct rn *s, unsigned int line, struct rn_cookie *cookie)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_GRANT);
	rn_u32(&rq, TAPI_NL_A_CARD, 0);
	rn_u32(&rq, TAPI_NL_A_LINE, line);
	rn_u32(&rq, TAPI_NL_A_ADDRESS, 0);
	return rn_grant_rq(s, &rq, cookie);
}

/* A claimed line, its provider, an application with an instance */
struct lu_relay {
	struct rn provider, app;
	int fd;
	uint32_t instance;
};

static inline int lu_relay(struct lu_relay *r, unsigned int line)
{
	struct rn_cookie cookie;
	struct rn_msg msg;
	int err;

	r->fd = lu_open_claimed(line);
	if (r->fd < 0)
		return r->fd;
	err = rn_open_port(&r->provider, 0);
	if (!err)
		err = rn_open_port(&r->app, 0);
	if (!err)
		err = lu_provide(&r->provider, r->fd);
	if (!err)
		err = lu_grant(&r->provider, line, &cookie);
	if (!err)
		err = rn_create(&r->app, &cookie, &r->instance);
	if (!err && !rn_expect(&r->provider, TAPI_NL_CMD_INSTANCE_NEW, &msg))
		err = -EBADMSG;
	return err;
}

static inline void lu_relay_end(struct lu_relay *r)
{
	rn_close(&r->app);
	rn_close(&r->provider);
	close(r->fd);
}

#endif /* LINE_UTIL_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Providers of lines without hardware: bind, unbind, the list, passed and dying sockets */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/un.h>

#include "relay-util.h"

/* GUIDs; the second hundred is for relay-data's and others' programs */
enum { LIST = 110, BUSY, CAPS, PASSED, COPY, DEATH, REUSE, NETNS, STREAMING };

/* Nobody; for what needs no privilege */
#define NOBODY 65534

static bool family(void)
{
	CHECK(rn_family > GENL_MIN_ID, "family %d", rn_family);
	CHECK(rn_version == TAPI_NL_VERSION, "version %d", rn_version);
	CHECK(rn_group > 0, "group %d", rn_group);
	return true;
}

static int dump_has(struct rn *s, uint8_t line)
{
	struct rn_msg msg;
	struct rn_req rq;
	char buf[32768];
	int found = 0;

	rn_init(&rq, rn_family, TAPI_NL_CMD_GET_LINE, NLM_F_DUMP);
	if (rn_send(s, &rq))
		return -1;
	for (;;) {
		ssize_t left = rn_recv(s, buf, sizeof(buf), RN_PATIENCE_MS);
		char *at = buf;

		if (left < 0)
			return -1;
		while (left >= NLMSG_HDRLEN) {
			struct nlmsghdr *hdr = (void *)at;

			if (hdr->nlmsg_type == NLMSG_DONE)
				return found;
			rn_parse(&msg, at, hdr->nlmsg_len);
			found += msg.cmd == TAPI_NL_CMD_NEW_LINE && rn_is_line(&msg, line);
			left -= NLMSG_ALIGN(hdr->nlmsg_len);
			at += NLMSG_ALIGN(hdr->nlmsg_len);
		}
	}
}

static bool list(void)
{
	struct rn s, listener;
	struct rn_msg msg;
	size_t len;

	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(rn_open_port(&listener, 0), 0);
	CHECK_ERR(rn_listen(&listener), 0);
	CHECK_ERR(rn_get_line(&s, LIST, &msg), -ENOENT);
	CHECK(s.text[0] && s.bad, "no text or attribute");
	CHECK_ERR(rn_bind(&s, LIST), 0);
	CHECK(rn_expect(&listener, TAPI_NL_CMD_NEW_LINE, &msg), "notice");
	CHECK(rn_is_line(&msg, LIST) && !strcmp(rn_bytes(&msg, TAPI_NL_A_NAME, &len), "test") &&
	      *(const uint8_t *)rn_bytes(&msg, TAPI_NL_A_BOUND, &len) == 1, "its content");
	CHECK_ERR(rn_get_line(&listener, LIST, &msg), 0);
	CHECK(msg.cmd == TAPI_NL_CMD_NEW_LINE && rn_is_line(&msg, LIST), "answer");
	CHECK_ERR(dump_has(&listener, LIST), 1);
	CHECK_ERR(rn_unbind(&s, LIST), 0);
	CHECK(rn_expect(&listener, TAPI_NL_CMD_DEL_LINE, &msg) && rn_is_line(&msg, LIST), "notice");
	CHECK_ERR(rn_get_line(&s, LIST, &msg), -ENOENT);
	CHECK_ERR(dump_has(&listener, LIST), 0);
	CHECK_ERR(rn_unbind(&s, LIST), -ENOENT);
	CHECK_ERR(rn_bind(&s, LIST), 0);
	return true;
}

static bool busy(void)
{
	struct rn s, t;

	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(rn_open_port(&t, 0), 0);
	CHECK_ERR(rn_bind(&s, BUSY), 0);
	CHECK_ERR(rn_bind(&s, BUSY), -EBUSY);
	CHECK_ERR(rn_bind(&t, BUSY), -EBUSY);
	CHECK(t.text[0] && t.bad, "no text or attribute");
	CHECK_ERR(rn_unbind(&t, BUSY), -EPERM);
	CHECK(t.text[0] && t.bad, "no text or attribute");
	CHECK_ERR(rn_bind(&t, BUSY + 100), 0);
	CHECK_ERR(rn_unbind(&s, BUSY), 0);
	CHECK_ERR(rn_bind(&t, BUSY), 0);
	return true;
}

/* Exit status of @run in a process without privilege */
static int as_nobody(bool (*run)(struct rn *s), struct rn *s)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		alarm(300);
		if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
			_exit(1);
		_exit(!run(s) || fflush(stdout));
	}
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static bool own_socket(struct rn *unused)
{
	struct rn s;

	(void)unused;
	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(rn_bind(&s, CAPS), -EPERM);
	CHECK(s.text[0] && s.bad, "no text or attribute");
	return true;
}

static bool given_socket(struct rn *s)
{
	struct rn_cookie cookie;

	/* bound on it before: usable; no more binding */
	CHECK_ERR(rn_grant(s, CAPS, &cookie), 0);
	CHECK_ERR(rn_bind(s, CAPS + 100), -EPERM);
	return true;
}

static bool caps(void)
{
	struct rn s;

	CHECK(!geteuid(), "must be root");
	CHECK_ERR(as_nobody(own_socket, NULL), 0);
	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(rn_bind(&s, CAPS), 0);
	CHECK_ERR(as_nobody(given_socket, &s), 0);
	rn_close(&s);
	/* opened without privilege, used with it: the opener counts too */
	CHECK(!seteuid(NOBODY), "seteuid");
	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK(!seteuid(0), "seteuid");
	CHECK_ERR(rn_bind(&s, CAPS + 100), -EPERM);
	return true;
}

static int pass_fd(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 'f';
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(sock, &msg, 0) == 1 ? 0 : -errno;
}

static int take_fd(int sock)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&msg))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* The host: takes the socket, grants a cookie over the same link, echoes data once */
static int host(int sock, uint8_t line)
{
	struct rn_cookie cookie;
	struct rn_msg msg;
	uint32_t instance;
	struct rn s;

	alarm(300);
	rn_adopt(&s, take_fd(sock));
	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		return 1;
	if (rn_grant(&s, line, &cookie) || write(sock, &cookie, sizeof(cookie)) < 0)
		return 2;
	if (!rn_expect(&s, TAPI_NL_CMD_INSTANCE_NEW, &msg))
		return 3;
	instance = rn_get(&msg, TAPI_NL_A_INSTANCE);
	if (rn_data(&s, instance, NULL, "from the host", 13))
		return 4;
	if (!rn_expect(&s, TAPI_NL_CMD_DATA, &msg) || !rn_is_data(&msg, instance, 1, "back", 4))
		return 5;
	if (write(sock, "k", 1) != 1)
		return 6;
	pause();
	return 7;
}

static bool start_host(uint8_t line, struct rn *s, int *link, pid_t *pid)
{
	int pair[2];

	CHECK_ERR(rn_open_port(s, 0), 0);
	CHECK_ERR(rn_bind(s, line), 0);
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
	*pid = fork();
	if (!*pid) {
		close(s->fd);
		close(pair[0]);
		_exit(host(pair[1], line));
	}
	close(pair[1]);
	*link = pair[0];
	CHECK_ERR(pass_fd(*link, s->fd), 0);
	return true;
}

static bool use_host(int link, struct rn *app, uint32_t *instance)
{
	struct rn_cookie cookie;
	struct rn_msg msg;
	char byte;

	CHECK(read(link, &cookie, sizeof(cookie)) == sizeof(cookie), "cookie");
	CHECK_ERR(rn_open_port(app, 0), 0);
	CHECK_ERR(rn_create(app, &cookie, instance), 0);
	CHECK(rn_expect(app, TAPI_NL_CMD_DATA, &msg), "data");
	CHECK(rn_is_data(&msg, *instance, 1, "from the host", 13), "its content");
	CHECK_ERR(rn_data(app, *instance, NULL, "back", 4), 0);
	CHECK(read(link, &byte, 1) == 1, "the host got it");
	return true;
}

static bool passed(void)
{
	struct rn s, app;
	struct rn_msg msg;
	uint32_t instance;
	int link;
	pid_t pid;

	CHECK(start_host(PASSED, &s, &link, &pid), "start");
	rn_close(&s);
	CHECK(use_host(link, &app, &instance), "use");
	CHECK_ERR(rn_get_line(&app, PASSED, &msg), 0);
	kill(pid, SIGKILL);
	CHECK(rn_expect(&app, TAPI_NL_CMD_INSTANCE_GONE, &msg), "notice");
	CHECK(rn_get(&msg, TAPI_NL_A_INSTANCE) == instance && rn_is_line(&msg, PASSED) &&
	      rn_get(&msg, TAPI_NL_A_REASON) == TAPI_NL_GONE_DIED, "its content");
	CHECK(rn_line_gone(&app, PASSED), "the line is there");
	return waitpid(pid, NULL, 0) == pid;
}

/* Who keeps a copy of the socket hides the host's death: the reason to close it */
static bool copy(void)
{
	struct rn s, app;
	struct rn_msg msg;
	uint32_t instance;
	int link;
	pid_t pid;

	CHECK(start_host(COPY, &s, &link, &pid), "start");
	CHECK(use_host(link, &app, &instance), "use");
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, NULL, 0) == pid, "wait");
	CHECK(rn_silent(&app), "gone although a copy lives");
	CHECK_ERR(rn_data(&s, instance, NULL, "me", 2), 0);
	rn_close(&s);
	CHECK(rn_expect(&app, TAPI_NL_CMD_DATA, &msg), "data");
	CHECK(rn_expect(&app, TAPI_NL_CMD_INSTANCE_GONE, &msg), "notice");
	return true;
}

static bool death(void)
{
	struct rn s, listener;
	struct rn_msg msg;
	int i;

	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(rn_open_port(&listener, 0), 0);
	CHECK_ERR(rn_listen(&listener), 0);
	for (i = 0; i < 3; i++)
		CHECK_ERR(rn_bind(&s, DEATH + 10 * i), 0);
	rn_close(&s);
	for (i = 0; i < 3; i++)
		CHECK(rn_expect(&listener, TAPI_NL_CMD_NEW_LINE, &msg), "new");
	for (i = 0; i < 3; i++)
		CHECK(rn_expect(&listener, TAPI_NL_CMD_DEL_LINE, &msg), "del");
	for (i = 0; i < 3; i++)
		CHECK_ERR(rn_get_line(&listener, DEATH + 10 * i, &msg), -ENOENT);
	return true;
}

/* Keeps sending to the provider while its socket dies and its number is taken */
static void *sender(void *arg)
{
	struct rn_pair *pair = arg;

	while (rn_data(&pair->app, pair->instance, NULL, "secret", 6) != -ENOENT)
		;
	return NULL;
}

static bool reuse_once(uint32_t port)
{
	struct rn_cookie cookie;
	struct rn_pair p = { .line = REUSE };
	struct rn thief;
	struct rn_msg msg;
	pthread_t thread;
	int err;

	CHECK_ERR(rn_open_port(&p.provider, port), 0);
	CHECK_ERR(rn_open_port(&p.app, 0), 0);
	CHECK_ERR(rn_bind(&p.provider, REUSE), 0);
	CHECK_ERR(rn_grant(&p.provider, REUSE, &cookie), 0);
	CHECK_ERR(rn_create(&p.app, &cookie, &p.instance), 0);
	CHECK(!pthread_create(&thread, NULL, sender, &p), "thread");
	rn_close(&p.provider);
	CHECK_ERR(rn_open_port(&thief, port), 0);
	err = rn_grant(&thief, REUSE, &cookie);
	CHECK(err == -EPERM || err == -ENOENT, "%d: the number is enough to be the provider", err);
	err = rn_instance_cmd(&thief, TAPI_NL_CMD_INSTANCE_CLOSE, p.instance);
	CHECK(err == -EPERM || err == -ENOENT, "%d", err);
	pthread_join(thread, NULL);
	/* the thread may have kept it */
	do
		err = rn_next(&p.app, &msg, RN_PATIENCE_MS);
	while (!err && msg.cmd != TAPI_NL_CMD_INSTANCE_GONE);
	CHECK(!err && rn_get(&msg, TAPI_NL_A_REASON) == TAPI_NL_GONE_DIED, "no notice");
	CHECK_ERR(rn_next(&thief, &msg, 0), -EAGAIN);
	CHECK(rn_line_gone(&p.app, REUSE), "line");
	rn_close(&thief);
	rn_close(&p.app);
	return true;
}

static bool reuse(void)
{
	int i;

	for (i = 0; i < 50; i++)
		CHECK(reuse_once(0x70000000 + getpid()), "round %d", i);
	return true;
}

static bool netns(void)
{
	struct rn_cookie cookie;
	struct rn s, in, app;
	struct rn_msg msg;
	uint32_t instance;

	CHECK_ERR(rn_open_port(&s, 0), 0);
	CHECK_ERR(rn_bind(&s, NETNS), 0);
	CHECK_ERR(rn_grant(&s, NETNS, &cookie), 0);
	CHECK(!unshare(CLONE_NEWNET), "unshare: %m");
	CHECK_ERR(rn_open_port(&in, 0), 0);
	CHECK_ERR(rn_open_port(&app, 0), 0);
	CHECK_ERR(rn_get_line(&in, NETNS, &msg), -ENOENT);
	CHECK_ERR(dump_has(&in, NETNS), 0);
	CHECK_ERR(rn_create(&app, &cookie, &instance), -EKEYREJECTED);
	/* the same GUID is another line here, seen from here only */
	CHECK_ERR(rn_bind(&in, NETNS), 0);
	CHECK_ERR(rn_unbind(&s, NETNS), 0);
	CHECK_ERR(rn_get_line(&in, NETNS, &msg), 0);
	CHECK_ERR(rn_get_line(&s, NETNS, &msg), -ENOENT);
	CHECK_ERR(rn_grant(&in, NETNS, &cookie), 0);
	CHECK_ERR(rn_create(&app, &cookie, &instance), 0);
	CHECK(rn_expect(&in, TAPI_NL_CMD_INSTANCE_NEW, &msg), "notice");
	return true;
}

/* The namespace of a dead process goes with its sockets */
static bool netns_death(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct rn_pair p;

		alarm(300);
		if (unshare(CLONE_NEWNET) || !rn_pair(&p, NETNS + 100))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	CHECK(waitpid(pid, &status, 0) == pid, "wait");
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "status %x", status);
	return true;
}

static bool unbind_streaming(void)
{
	struct rn_pair p;
	struct rn_msg msg;
	pthread_t thread;
	int err;

	CHECK(rn_pair(&p, STREAMING), "pair");
	CHECK(!pthread_create(&thread, NULL, sender, &p), "thread");
	usleep(20000);
	CHECK_ERR(rn_unbind(&p.provider, STREAMING), 0);
	pthread_join(thread, NULL);
	do
		err = rn_next(&p.app, &msg, RN_PATIENCE_MS);
	while (!err && msg.cmd != TAPI_NL_CMD_INSTANCE_GONE);
	CHECK(!err && rn_get(&msg, TAPI_NL_A_REASON) == TAPI_NL_GONE_UNBOUND, "notice");
	CHECK_ERR(rn_instances(&p.app, NULL, 0), 0);
	CHECK_ERR(rn_instances(&p.provider, NULL, 0) < 0 ? -1 : 0, 0);
	return true;
}

static const struct rn_case cases[] = {
	{ family, "the family, its version, its group" },
	{ list, "lines come, are listed, go; the group hears of it" },
	{ busy, "a second provider is EBUSY, a stranger's unbind EPERM" },
	{ caps, "a line without hardware needs CAP_NET_ADMIN of opener and sender" },
	{ passed, "a bound socket works in another process; its death is told" },
	{ copy, "the last copy of the socket counts" },
	{ death, "a dead socket loses all its lines" },
	{ reuse, "a dead provider's port number is worth nothing" },
	{ netns, "another network namespace has its own lines" },
	{ netns_death, "a namespace can go with everything in it" },
	{ unbind_streaming, "unbind while data streams" },
};

RN_MAIN(cases)

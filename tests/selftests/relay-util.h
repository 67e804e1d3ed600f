/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the relay share: raw generic netlink, so that every byte of a message
 * is the test's own, and short functions for the usual commands.
 *
 * Functions return 0 or a negative errno; the socket remembers the kernel's words about
 * the last error, the attribute at fault and the attribute that was missing.
 */
#ifndef RELAY_UTIL_H
#define RELAY_UTIL_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/tapi_netlink.h>

/* Five times what a quiet emulated machine needs, and more */
#define RN_PATIENCE_MS	120000
/* How long "nothing comes" is watched: longer than the relay's retry of 100 ms */
#define RN_SILENCE_MS	400
#define RN_SIZE		9216

struct rn_saved {
	struct rn_saved *next;
	size_t len;
	char bytes[] __attribute__((aligned(8)));
};

struct rn {
	int fd;
	uint32_t seq;
	uint32_t portid;
	char text[160];
	int bad;			/* offset of the attribute at fault, 0 is none */
	int miss;			/* type of the attribute that is missing, 0 is none */
	struct rn_saved *head, **tail;
};

struct rn_req {
	union {
		struct nlmsghdr hdr;
		char buf[RN_SIZE + 70000];
	};
};

struct rn_msg {
	uint8_t cmd;
	uint16_t type;
	uint16_t nlflags;
	const struct nlattr *a[TAPI_NL_A_MAX + 1];
	unsigned int refused;
	struct { uint32_t instance, error; } miss[64];
	union {
		struct nlmsghdr hdr;
		char buf[RN_SIZE];
	};
};

static int rn_family, rn_group, rn_version;

static inline long long rn_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static inline void rn_init(struct rn_req *rq, int type, int cmd, int flags)
{
	struct genlmsghdr *genl = (void *)(rq->buf + NLMSG_HDRLEN);

	memset(rq->buf, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	rq->hdr.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	rq->hdr.nlmsg_type = type;
	rq->hdr.nlmsg_flags = NLM_F_REQUEST | flags;
	genl->cmd = cmd;
	genl->version = TAPI_NL_VERSION;
}

static inline void rn_cmd(struct rn_req *rq, int cmd)
{
	rn_init(rq, rn_family, cmd, NLM_F_ACK);
}

static inline void rn_put(struct rn_req *rq, int type, const void *data, size_t len)
{
	struct nlattr *attr = (void *)(rq->buf + rq->hdr.nlmsg_len);

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	memset((char *)attr + NLA_HDRLEN, 0, NLA_ALIGN(len));
	if (len)
		memcpy((char *)attr + NLA_HDRLEN, data, len);
	rq->hdr.nlmsg_len += NLA_HDRLEN + NLA_ALIGN(len);
}

static inline void rn_u32(struct rn_req *rq, int type, uint32_t value)
{
	rn_put(rq, type, &value, sizeof(value));
}

static inline void rn_u64(struct rn_req *rq, int type, uint64_t value)
{
	rn_put(rq, type, &value, sizeof(value));
}

/* A GUID told apart by one byte; tests take different ones */
static inline void rn_guid(struct rn_req *rq, uint8_t which)
{
	uint8_t guid[TAPI_NL_GUID_LEN] = { 0x7e, 0x57, which };

	rn_put(rq, TAPI_NL_A_GUID, guid, sizeof(guid));
}

static inline uint32_t rn_get(const struct rn_msg *msg, int type)
{
	uint32_t value = 0;

	if (msg->a[type] && msg->a[type]->nla_len == NLA_HDRLEN + sizeof(value))
		memcpy(&value, (const char *)msg->a[type] + NLA_HDRLEN, sizeof(value));
	return value;
}

static inline uint64_t rn_get64(const struct rn_msg *msg, int type)
{
	uint64_t value = 0;

	if (msg->a[type] && msg->a[type]->nla_len == NLA_HDRLEN + sizeof(value))
		memcpy(&value, (const char *)msg->a[type] + NLA_HDRLEN, sizeof(value));
	return value;
}

static inline const void *rn_bytes(const struct rn_msg *msg, int type, size_t *len)
{
	*len = msg->a[type] ? msg->a[type]->nla_len - NLA_HDRLEN : 0;
	return msg->a[type] ? (const char *)msg->a[type] + NLA_HDRLEN : NULL;
}

static inline bool rn_is_line(const struct rn_msg *msg, uint8_t which)
{
	uint8_t guid[TAPI_NL_GUID_LEN] = { 0x7e, 0x57, which };
	size_t len;
	const void *at = rn_bytes(msg, TAPI_NL_A_GUID, &len);

	return len == sizeof(guid) && !memcmp(at, guid, len) && !msg->a[TAPI_NL_A_CARD];
}

static inline int rn_open_port(struct rn *s, uint32_t portid)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_pid = portid };
	socklen_t len = sizeof(addr);
	int on = 1;

	memset(s, 0, sizeof(*s));
	s->tail = &s->head;
	s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (s->fd < 0)
		return -errno;
	if (bind(s->fd, (void *)&addr, sizeof(addr)) ||
	    getsockname(s->fd, (void *)&addr, &len) ||
	    setsockopt(s->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    setsockopt(s->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on))) {
		int err = -errno;

		close(s->fd);
		return err;
	}
	s->portid = addr.nl_pid;
	return 0;
}

static inline void rn_adopt(struct rn *s, int fd)
{
	memset(s, 0, sizeof(*s));
	s->tail = &s->head;
	s->fd = fd;
	s->seq = getpid() << 8;
}

static inline void rn_close(struct rn *s)
{
	struct rn_saved *saved;

	while ((saved = s->head)) {
		s->head = saved->next;
		free(saved);
	}
	s->tail = &s->head;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static inline void rn_save(struct rn *s, const char *buf, size_t len)
{
	struct rn_saved *saved = malloc(sizeof(*saved) + len);

	if (!saved)
		abort();
	saved->next = NULL;
	saved->len = len;
	memcpy(saved->bytes, buf, len);
	*s->tail = saved;
	s->tail = &saved->next;
}

/* -EAGAIN when nothing comes in time */
static inline ssize_t rn_recv(struct rn *s, char *buf, size_t size, int ms)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLIN };
	ssize_t len;

	do {
		int n = poll(&pfd, 1, ms);

		if (n == 0)
			return -EAGAIN;
		len = n < 0 ? -1 : recv(s->fd, buf, size, MSG_DONTWAIT);
	} while (len < 0 && errno == EINTR);
	return len < 0 ? -errno : len;
}

static inline void rn_refused(struct rn_msg *msg, const struct nlattr *nest)
{
	const char *at = (const char *)nest + NLA_HDRLEN;
	const char *end = (const char *)nest + nest->nla_len;

	for (; at < end; at += NLA_ALIGN(((const struct nlattr *)(const void *)at)->nla_len)) {
		const struct nlattr *attr = (const void *)at;
		uint32_t value;

		memcpy(&value, at + NLA_HDRLEN, sizeof(value));
		if (attr->nla_type == TAPI_NL_A_INSTANCE && msg->refused < 64)
			msg->miss[msg->refused].instance = value;
		if (attr->nla_type == TAPI_NL_A_ERRNO && msg->refused < 64)
			msg->miss[msg->refused].error = value;
	}
	msg->refused++;
}

static inline void rn_parse(struct rn_msg *msg, const char *buf, size_t size)
{
	const struct genlmsghdr *genl;
	const char *at, *end;

	memset(msg, 0, offsetof(struct rn_msg, hdr));
	memcpy(msg->buf, buf, size < sizeof(msg->buf) ? size : sizeof(msg->buf));
	msg->type = msg->hdr.nlmsg_type;
	msg->nlflags = msg->hdr.nlmsg_flags;
	if (msg->type != rn_family && msg->type != GENL_ID_CTRL)
		return;
	genl = (const void *)(msg->buf + NLMSG_HDRLEN);
	msg->cmd = genl->cmd;
	at = msg->buf + NLMSG_HDRLEN + GENL_HDRLEN;
	end = msg->buf + msg->hdr.nlmsg_len;
	while (at + NLA_HDRLEN <= end) {
		const struct nlattr *attr = (const void *)at;
		int type = attr->nla_type & NLA_TYPE_MASK;

		if (attr->nla_len < NLA_HDRLEN || at + attr->nla_len > end)
			break;
		if (type <= TAPI_NL_A_MAX)
			msg->a[type] = attr;
		if (type == TAPI_NL_A_REFUSED && msg->type == rn_family)
			rn_refused(msg, attr);
		at += NLA_ALIGN(attr->nla_len);
	}
}

static inline int rn_error(struct rn *s, const char *buf)
{
	const struct nlmsghdr *hdr = (const void *)buf;
	const struct nlmsgerr *err = (const void *)(buf + NLMSG_HDRLEN);
	const char *at = (const char *)(err + 1), *end = buf + hdr->nlmsg_len;

	s->text[0] = 0;
	s->bad = 0;
	s->miss = 0;
	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS))
		return err->error;
	if (!(hdr->nlmsg_flags & NLM_F_CAPPED))
		at += NLMSG_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
	while (at + NLA_HDRLEN <= end) {
		const struct nlattr *attr = (const void *)at;
		const void *data = at + NLA_HDRLEN;

		if (attr->nla_len < NLA_HDRLEN)
			break;
		switch (attr->nla_type & NLA_TYPE_MASK) {
		case NLMSGERR_ATTR_MSG:
			snprintf(s->text, sizeof(s->text), "%s", (const char *)data);
			break;
		case NLMSGERR_ATTR_OFFS:
			memcpy(&s->bad, data, sizeof(s->bad));
			break;
		case 5:		/* NLMSGERR_ATTR_MISS_TYPE, of 6.1 */
			memcpy(&s->miss, data, sizeof(s->miss));
			break;
		}
		at += NLA_ALIGN(attr->nla_len);
	}
	return err->error;
}

/* Sends without waiting for anything */
static inline int rn_send(struct rn *s, struct rn_req *rq)
{
	rq->hdr.nlmsg_seq = ++s->seq;
	return send(s->fd, rq->buf, rq->hdr.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* Sends and waits for the acknowledgement; what else comes is kept for rn_next() */
static inline int rn_talk(struct rn *s, struct rn_req *rq, struct rn_msg *answer)
{
	char buf[RN_SIZE];
	const struct nlmsghdr *hdr = (const void *)buf;
	ssize_t len;
	int err;

	s->text[0] = 0;
	s->bad = 0;
	s->miss = 0;
	err = rn_send(s, rq);
	if (err)
		return err;
	for (;;) {
		len = rn_recv(s, buf, sizeof(buf), RN_PATIENCE_MS);
		if (len < 0)
			return len == -EAGAIN ? -ETIME : (int)len;
		if (hdr->nlmsg_seq != s->seq) {
			rn_save(s, buf, len);
			continue;
		}
		if (hdr->nlmsg_type == NLMSG_ERROR)
			return rn_error(s, buf);
		if (answer)
			rn_parse(answer, buf, len);
	}
}

/* The next message that is not an answer: 0, or -EAGAIN when none comes in time */
static inline int rn_next(struct rn *s, struct rn_msg *msg, int ms)
{
	char buf[RN_SIZE];
	struct rn_saved *saved = s->head;
	ssize_t len;

	if (saved) {
		s->head = saved->next;
		if (!s->head)
			s->tail = &s->head;
		rn_parse(msg, saved->bytes, saved->len);
		free(saved);
		return 0;
	}
	len = rn_recv(s, buf, sizeof(buf), ms);
	if (len < 0)
		return (int)len;
	rn_parse(msg, buf, len);
	return 0;
}

static inline bool rn_expect(struct rn *s, int cmd, struct rn_msg *msg)
{
	int err = rn_next(s, msg, RN_PATIENCE_MS);

	if (!err && msg->type == rn_family && msg->cmd == cmd)
		return true;
	printf("# expected command %d, got %d type %d (%s)\n", cmd, err ? -1 : msg->cmd,
	       err ? -1 : msg->type, err ? strerror(-err) : "message");
	return false;
}

static inline bool rn_silent(struct rn *s)
{
	struct rn_msg msg;
	int err = rn_next(s, &msg, RN_SILENCE_MS);

	if (err == -EAGAIN)
		return true;
	printf("# expected silence, got command %d (%s)\n", err ? -1 : msg.cmd,
	       err ? strerror(-err) : "message");
	return false;
}

static inline int rn_resolve(void)
{
	struct rn_msg answer;
	struct rn_req rq;
	struct rn s;
	const char *at, *end, *grp;
	size_t len;
	int err = rn_open_port(&s, 0);

	if (err)
		return err;
	rn_init(&rq, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	rn_put(&rq, CTRL_ATTR_FAMILY_NAME, TAPI_NL_FAMILY, sizeof(TAPI_NL_FAMILY));
	err = rn_talk(&s, &rq, &answer);
	rn_close(&s);
	if (err)
		return err;
	rn_family = *(const uint16_t *)rn_bytes(&answer, CTRL_ATTR_FAMILY_ID, &len);
	rn_version = rn_get(&answer, CTRL_ATTR_VERSION);
	/* groups: nest of nests of name and id; there is one */
	at = rn_bytes(&answer, CTRL_ATTR_MCAST_GROUPS, &len);
	if (!at)
		return -ENOENT;
	end = at + len;
	for (grp = at + NLA_HDRLEN; grp < end;
	     grp += NLA_ALIGN(((const struct nlattr *)(const void *)grp)->nla_len))
		if ((((const struct nlattr *)(const void *)grp)->nla_type & NLA_TYPE_MASK) ==
		    CTRL_ATTR_MCAST_GRP_ID)
			memcpy(&rn_group, grp + NLA_HDRLEN, sizeof(uint32_t));
	return 0;
}

static inline int rn_listen(struct rn *s)
{
	return setsockopt(s->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &rn_group,
			  sizeof(rn_group)) ? -errno : 0;
}

static inline int rn_bind(struct rn *s, uint8_t which)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_PROVIDER_BIND);
	rn_guid(&rq, which);
	rn_put(&rq, TAPI_NL_A_NAME, "test", 5);
	return rn_talk(s, &rq, NULL);
}

static inline int rn_unbind(struct rn *s, uint8_t which)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_PROVIDER_UNBIND);
	rn_guid(&rq, which);
	return rn_talk(s, &rq, NULL);
}

static inline int rn_get_line(struct rn *s, uint8_t which, struct rn_msg *answer)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_GET_LINE);
	rn_guid(&rq, which);
	return rn_talk(s, &rq, answer);
}

struct rn_cookie {
	uint8_t bytes[TAPI_NL_COOKIE_LEN];
	uint32_t grant;
	uint32_t expires_ms;
};

static inline int rn_grant_rq(struct rn *s, struct rn_req *rq, struct rn_cookie *cookie)
{
	struct rn_msg answer;
	const void *at;
	size_t len;
	int err = rn_talk(s, rq, &answer);

	if (err)
		return err;
	at = rn_bytes(&answer, TAPI_NL_A_COOKIE, &len);
	if (answer.cmd != TAPI_NL_CMD_GRANT || len != sizeof(cookie->bytes))
		return -EBADMSG;
	memcpy(cookie->bytes, at, len);
	cookie->grant = rn_get(&answer, TAPI_NL_A_GRANT);
	cookie->expires_ms = rn_get(&answer, TAPI_NL_A_EXPIRES_MS);
	return 0;
}

static inline int rn_grant(struct rn *s, uint8_t which, struct rn_cookie *cookie)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_GRANT);
	rn_guid(&rq, which);
	rn_u32(&rq, TAPI_NL_A_ADDRESS, 3);
	return rn_grant_rq(s, &rq, cookie);
}

static inline int rn_create(struct rn *s, const struct rn_cookie *cookie, uint32_t *instance)
{
	struct rn_msg answer;
	struct rn_req rq;
	int err;

	rn_cmd(&rq, TAPI_NL_CMD_INSTANCE_CREATE);
	rn_put(&rq, TAPI_NL_A_COOKIE, cookie->bytes, sizeof(cookie->bytes));
	err = rn_talk(s, &rq, &answer);
	if (err)
		return err;
	*instance = rn_get(&answer, TAPI_NL_A_INSTANCE);
	if (answer.cmd != TAPI_NL_CMD_INSTANCE_CREATE || !*instance ||
	    rn_get(&answer, TAPI_NL_A_WINDOW) != TAPI_NL_WINDOW)
		return -EBADMSG;
	return 0;
}

static inline int rn_instance_cmd(struct rn *s, int cmd, uint32_t instance)
{
	struct rn_req rq;

	rn_cmd(&rq, cmd);
	rn_u32(&rq, TAPI_NL_A_INSTANCE, instance);
	return rn_talk(s, &rq, NULL);
}

static inline int rn_data(struct rn *s, uint32_t instance, const uint64_t *call,
			  const void *data, size_t len)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_DATA);
	rn_u32(&rq, TAPI_NL_A_INSTANCE, instance);
	if (call)
		rn_u64(&rq, TAPI_NL_A_CALL, *call);
	rn_put(&rq, TAPI_NL_A_DATA, data, len);
	return rn_talk(s, &rq, NULL);
}

static inline int rn_data_all(struct rn *s, uint8_t which, const uint64_t *call,
			      const void *data, size_t len, struct rn_msg *answer)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_DATA);
	rn_guid(&rq, which);
	rn_u32(&rq, TAPI_NL_A_INSTANCE, 0);
	if (call)
		rn_u64(&rq, TAPI_NL_A_CALL, *call);
	rn_put(&rq, TAPI_NL_A_DATA, data, len);
	memset(answer, 0, sizeof(*answer));
	return rn_talk(s, &rq, answer);
}

static inline int rn_credit(struct rn *s, uint32_t instance, uint32_t consumed)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_CREDIT);
	rn_u32(&rq, TAPI_NL_A_INSTANCE, instance);
	rn_u32(&rq, TAPI_NL_A_CONSUMED, consumed);
	return rn_talk(s, &rq, NULL);
}

static inline int rn_call_end(struct rn *s, uint32_t instance, uint64_t call)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_CALL_END);
	rn_u32(&rq, TAPI_NL_A_INSTANCE, instance);
	rn_u64(&rq, TAPI_NL_A_CALL, call);
	return rn_talk(s, &rq, NULL);
}

static inline bool rn_is_data(const struct rn_msg *msg, uint32_t instance, uint32_t seq,
			      const void *data, size_t len)
{
	size_t got;
	const void *at = rn_bytes(msg, TAPI_NL_A_DATA, &got);

	return msg->cmd == TAPI_NL_CMD_DATA && rn_get(msg, TAPI_NL_A_INSTANCE) == instance &&
	       rn_get(msg, TAPI_NL_A_SEQ) == seq && msg->a[TAPI_NL_A_DATA] && got == len &&
	       (!len || !memcmp(at, data, len));
}

/* The instances the socket is an end of; up to @max of them in @out.  Return: how many */
static inline int rn_instances(struct rn *s, struct rn_msg *out, int max)
{
	struct rn_msg msg;
	struct rn_req rq;
	int n = 0, err, left;
	char buf[32768];
	char *at;

	rn_init(&rq, rn_family, TAPI_NL_CMD_GET_INSTANCE, NLM_F_DUMP);
	err = rn_send(s, &rq);
	if (err)
		return err;
	for (;;) {
		ssize_t len = rn_recv(s, buf, sizeof(buf), RN_PATIENCE_MS);

		if (len < 0)
			return (int)len;
		for (at = buf, left = (int)len; left >= NLMSG_HDRLEN;) {
			struct nlmsghdr *hdr = (void *)at;

			if (hdr->nlmsg_type == NLMSG_DONE)
				return n;
			if (hdr->nlmsg_type == NLMSG_ERROR)
				return rn_error(s, at);
			rn_parse(&msg, at, hdr->nlmsg_len);
			if (n < max)
				rn_parse(&out[n], at, hdr->nlmsg_len);
			n++;
			left -= NLMSG_ALIGN(hdr->nlmsg_len);
			at += NLMSG_ALIGN(hdr->nlmsg_len);
		}
	}
}

/* A provider, an application, and an instance between them */
struct rn_pair {
	struct rn provider, app;
	uint8_t line;
	uint32_t instance;
};

static inline bool rn_pair(struct rn_pair *pair, uint8_t line)
{
	struct rn_cookie cookie;
	struct rn_msg msg;
	int err;

	pair->line = line;
	err = rn_open_port(&pair->provider, 0);
	if (!err)
		err = rn_open_port(&pair->app, 0);
	if (!err)
		err = rn_bind(&pair->provider, line);
	if (!err)
		err = rn_grant(&pair->provider, line, &cookie);
	if (!err)
		err = rn_create(&pair->app, &cookie, &pair->instance);
	if (err) {
		printf("# no instance: %s\n", strerror(-err));
		return false;
	}
	return rn_expect(&pair->provider, TAPI_NL_CMD_INSTANCE_NEW, &msg) &&
	       rn_get(&msg, TAPI_NL_A_INSTANCE) == pair->instance;
}

static inline void rn_unpair(struct rn_pair *pair)
{
	rn_close(&pair->app);
	rn_close(&pair->provider);
}

static inline bool rn_line_gone(struct rn *s, uint8_t which)
{
	long long end = rn_now_ms() + RN_PATIENCE_MS;
	struct rn_msg msg;

	while (rn_now_ms() < end) {
		if (rn_get_line(s, which, &msg) == -ENOENT)
			return true;
		usleep(5000);
	}
	return false;
}

/* Skips the whole program when the relay is not there */
static inline void rn_start(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (rn_resolve()) {
		printf("TAP version 13\n1..0 # SKIP no family \"tapi\": is the module loaded?\n");
		exit(4);
	}
}

/* One line of the result: true is ok.  Each runs in a process of its own, with a time limit. */
struct rn_case {
	bool (*run)(void);
	const char *name;
};

#define CHECK(cond, ...) do {						\
	if (!(cond)) {							\
		printf("# line %d: %s: ", __LINE__, #cond);		\
		printf(__VA_ARGS__);					\
		printf("\n");						\
		fflush(stdout);						\
		return false;						\
	}								\
} while (0)

#define CHECK_ERR(call, want) do {					\
	int err_ = (call), want_ = (want);				\
									\
	CHECK(err_ == want_, "%d, wanted %d", err_, want_);		\
} while (0)

static inline int rn_run(const struct rn_case *cases, int count)
{
	int failed = 0, status, i;
	pid_t pid;

	rn_start();
	printf("TAP version 13\n1..%d\n", count);
	for (i = 0; i < count; i++) {
		fflush(stdout);
		pid = fork();
		if (!pid) {
			alarm(600);
			_exit(!cases[i].run() || fflush(stdout));
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			status = -1;
		if (status)
			failed++;
		printf("%sok %d - %s\n", status ? "not " : "", i + 1, cases[i].name);
	}
	return !!failed;
}

#define RN_MAIN(cases)							\
int main(void)								\
{									\
	return rn_run(cases, sizeof(cases) / sizeof((cases)[0]));	\
}

#endif /* RELAY_UTIL_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests to the kernel's relay, one function each: see relay_nl.h */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>

#include "relay_nl_private.h"

struct request {
	uint8_t cmd;
	const struct relay_nl_line *line;
	const uint8_t *guid, *cookie;
	const char *name;
	const int32_t *line_fd;
	const uint32_t *address, *uid, *pid, *grant, *instance;
	const uint64_t *call;
};

static int put_u32(struct nl_msg *msg, int type, const uint32_t *value)
{
	return value ? nla_put_u32(msg, type, *value) : 0;
}

static int put_request(struct nl_msg *msg, const struct request *rq)
{
	if (rq->line && relay_msg_put_line(msg, rq->line))
		return -EMSGSIZE;
	if (rq->guid && nla_put(msg, TAPI_NL_A_GUID, TAPI_NL_GUID_LEN, rq->guid))
		return -EMSGSIZE;
	if (rq->cookie && nla_put(msg, TAPI_NL_A_COOKIE, TAPI_NL_COOKIE_LEN, rq->cookie))
		return -EMSGSIZE;
	if (rq->name && nla_put_string(msg, TAPI_NL_A_NAME, rq->name))
		return -EMSGSIZE;
	if (rq->line_fd && nla_put_s32(msg, TAPI_NL_A_LINE_FD, *rq->line_fd))
		return -EMSGSIZE;
	if (rq->call && nla_put_u64(msg, TAPI_NL_A_CALL, *rq->call))
		return -EMSGSIZE;
	if (put_u32(msg, TAPI_NL_A_ADDRESS, rq->address) ||
	    put_u32(msg, TAPI_NL_A_UID, rq->uid) || put_u32(msg, TAPI_NL_A_PID, rq->pid) ||
	    put_u32(msg, TAPI_NL_A_GRANT, rq->grant) ||
	    put_u32(msg, TAPI_NL_A_INSTANCE, rq->instance))
		return -EMSGSIZE;
	return 0;
}

/* Under lock */
static int ask(struct relay_nl *nl, const struct request *rq, struct relay_answer *answer)
{
	struct nl_msg *msg = relay_msg_new(nl, rq->cmd, NLM_F_ACK, TAPI_NL_DATA_MAX);

	memset(answer, 0, sizeof(*answer));
	if (!msg)
		return -ENOMEM;
	if (put_request(msg, rq)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	return relay_request(nl, msg, answer);
}

static int ask_locked(struct relay_nl *nl, const struct request *rq, struct relay_answer *answer)
{
	int err;

	pthread_mutex_lock(&nl->lock);
	err = ask(nl, rq, answer);
	pthread_mutex_unlock(&nl->lock);
	return err;
}

int relay_nl_bind_fd(struct relay_nl *nl, int line_fd, struct relay_nl_line *line)
{
	int32_t fd = line_fd;
	struct request rq = { .cmd = TAPI_NL_CMD_PROVIDER_BIND, .line_fd = &fd };
	struct relay_answer answer;
	int err = ask_locked(nl, &rq, &answer);

	if (!err && line)
		*line = answer.msg.line;
	return err;
}

int relay_nl_bind_guid(struct relay_nl *nl, const uint8_t guid[TAPI_NL_GUID_LEN],
		       const char *name)
{
	struct request rq = { .cmd = TAPI_NL_CMD_PROVIDER_BIND, .guid = guid, .name = name };
	struct relay_answer answer;

	return ask_locked(nl, &rq, &answer);
}

int relay_nl_unbind(struct relay_nl *nl, const struct relay_nl_line *line)
{
	struct request rq = { .cmd = TAPI_NL_CMD_PROVIDER_UNBIND, .line = line };
	struct relay_answer answer;
	int err;

	pthread_mutex_lock(&nl->lock);
	err = ask(nl, &rq, &answer);
	if (!err)
		relay_peer_drop_line(nl, line);
	pthread_mutex_unlock(&nl->lock);
	return err;
}

int relay_nl_grant(struct relay_nl *nl, const struct relay_nl_line *line, uint32_t address,
		   const uint32_t *uid, const uint32_t *pid, struct relay_nl_grant *out)
{
	struct request rq = {
		.cmd = TAPI_NL_CMD_GRANT, .line = line, .address = &address, .uid = uid, .pid = pid,
	};
	struct relay_answer answer;
	int err = ask_locked(nl, &rq, &answer);

	if (err)
		return err;
	memcpy(out->cookie, answer.cookie, sizeof(out->cookie));
	out->grant = answer.msg.grant;
	out->expires_ms = answer.expires_ms;
	return 0;
}

int relay_nl_revoke(struct relay_nl *nl, const struct relay_nl_line *line, uint32_t grant)
{
	struct request rq = { .cmd = TAPI_NL_CMD_GRANT_REVOKE, .line = line, .grant = &grant };
	struct relay_answer answer;

	return ask_locked(nl, &rq, &answer);
}

int relay_nl_call_end(struct relay_nl *nl, const struct relay_nl_line *line, uint32_t instance,
		      uint64_t call)
{
	struct request rq = {
		.cmd = TAPI_NL_CMD_CALL_END, .line = line, .instance = &instance, .call = &call,
	};
	struct relay_answer answer;

	return ask_locked(nl, &rq, &answer);
}

int relay_nl_create(struct relay_nl *nl, const uint8_t cookie[TAPI_NL_COOKIE_LEN],
		    struct relay_nl_instance *out)
{
	struct request rq = { .cmd = TAPI_NL_CMD_INSTANCE_CREATE, .cookie = cookie };
	struct relay_answer answer;
	struct relay_peer *peer;
	int err;

	pthread_mutex_lock(&nl->lock);
	err = ask(nl, &rq, &answer);
	if (!err) {
		out->line = answer.msg.line;
		out->instance = answer.msg.instance;
		out->address = answer.msg.address;
		out->window = answer.msg.window;
		/* without memory now, the first DATA or full window tries again */
		peer = relay_peer_get(nl, out->instance, true);
		if (peer) {
			peer->has_line = true;
			peer->line = out->line;
		}
	}
	pthread_mutex_unlock(&nl->lock);
	return err;
}

int relay_nl_close_instance(struct relay_nl *nl, uint32_t instance)
{
	struct request rq = { .cmd = TAPI_NL_CMD_INSTANCE_CLOSE, .instance = &instance };
	struct relay_answer answer;
	int err;

	pthread_mutex_lock(&nl->lock);
	err = ask(nl, &rq, &answer);
	if (!err)
		relay_peer_drop(nl, instance);
	pthread_mutex_unlock(&nl->lock);
	return err;
}

/* The parts come by the callback; another dump at the same time is the kernel's -EBUSY */
static int dump(struct relay_nl *nl, uint8_t cmd)
{
	struct nlmsghdr *nlh;
	struct nl_msg *msg;
	int err = 0;

	pthread_mutex_lock(&nl->lock);
	msg = nl->dump ? NULL : relay_msg_new(nl, cmd, NLM_F_DUMP, 0);
	if (!msg) {
		err = nl->dump ? -EBUSY : -ENOMEM;
		goto out;
	}
	if (!++nl->seq)
		nl->seq = 1;
	nlh = nlmsg_hdr(msg);
	nlh->nlmsg_seq = nl->seq;
	nlh->nlmsg_pid = nl_socket_get_local_port(nl->sk);
	if (send(nl_socket_get_fd(nl->sk), nlh, nlh->nlmsg_len, 0) < 0)
		err = -errno;
	else
		nl->dump = nl->seq;
	nlmsg_free(msg);
out:
	pthread_mutex_unlock(&nl->lock);
	return err;
}

int relay_nl_dump_instances(struct relay_nl *nl)
{
	return dump(nl, TAPI_NL_CMD_GET_INSTANCE);
}

int relay_nl_dump_lines(struct relay_nl *nl)
{
	return dump(nl, TAPI_NL_CMD_GET_LINE);
}

int relay_nl_watch_lines(struct relay_nl *nl)
{
	if (setsockopt(nl_socket_get_fd(nl->sk), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &nl->group,
		       sizeof(nl->group)))
		return -errno;
	return 0;
}

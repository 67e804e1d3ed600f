/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: generic netlink. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>

#include "line.h"
#include "netlink.h"

static void begin(struct nl_message *m, uint16_t type, int cmd)
{
	struct genlmsghdr *generic = (void *)(m->bytes + NLMSG_HDRLEN);

	memset(m->bytes, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	m->header.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	m->header.nlmsg_type = type;
	m->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	generic->cmd = cmd;
	generic->version = TAPI_NL_VERSION;
}

void nl_begin(struct nl_message *m, const struct nl_socket *s, int cmd)
{
	begin(m, s->family, cmd);
}

void nl_put(struct nl_message *m, int attribute, const void *data, size_t size)
{
	struct nlattr attr = { .nla_len = NLA_HDRLEN + size, .nla_type = attribute };
	char *at = m->bytes + m->header.nlmsg_len;

	memset(at, 0, NLA_HDRLEN + NLA_ALIGN(size));
	memcpy(at, &attr, sizeof(attr));
	if (size)
		memcpy(at + NLA_HDRLEN, data, size);
	m->header.nlmsg_len += NLA_HDRLEN + NLA_ALIGN(size);
}

void nl_put_u32(struct nl_message *m, int attribute, uint32_t value)
{
	nl_put(m, attribute, &value, sizeof(value));
}

static void parse(struct nl_message *m)
{
	const char *at = m->bytes + NLMSG_HDRLEN + GENL_HDRLEN;
	const char *end = m->bytes + m->header.nlmsg_len;
	struct nlattr attr;

	m->type = m->header.nlmsg_type;
	m->cmd = ((const struct genlmsghdr *)(const void *)(m->bytes + NLMSG_HDRLEN))->cmd;
	memset(m->at, 0, sizeof(m->at));
	memset(m->size, 0, sizeof(m->size));
	while (end - at >= NLA_HDRLEN) {
		memcpy(&attr, at, sizeof(attr));
		if (attr.nla_len < NLA_HDRLEN || attr.nla_len > end - at)
			return;
		attr.nla_type &= NLA_TYPE_MASK;
		if (attr.nla_type <= TAPI_NL_A_MAX) {
			m->at[attr.nla_type] = at + NLA_HDRLEN;
			m->size[attr.nla_type] = attr.nla_len - NLA_HDRLEN;
		}
		at += NLA_ALIGN(attr.nla_len) <= end - at ? NLA_ALIGN(attr.nla_len) : end - at;
	}
}

static int receive(struct nl_socket *s, struct nl_message *m, int ms)
{
	struct pollfd file = { .fd = s->fd, .events = POLLIN };
	int ready = wait_files(&file, 1, ms);
	ssize_t got;

	if (ready <= 0)
		return ready ? ready : -ETIME;
	got = recv(s->fd, m->bytes, sizeof(m->bytes), MSG_DONTWAIT);
	if (got < 0)
		return -errno;
	if (got < (ssize_t)NLMSG_HDRLEN || m->header.nlmsg_len > (size_t)got)
		return -EBADMSG;
	parse(m);
	return 0;
}

static int save(struct nl_socket *s, const struct nl_message *m)
{
	struct nl_message *copy = s->count < NL_SAVED ? malloc(sizeof(*copy)) : NULL;

	if (!copy)
		return -ENOBUFS;
	memcpy(copy->bytes, m->bytes, m->header.nlmsg_len);
	parse(copy);
	s->saved[s->count++] = copy;
	return 0;
}

int nl_talk(struct nl_socket *s, struct nl_message *m, struct nl_message *answer)
{
	struct nl_message *got;
	int err, status = 0;

	m->header.nlmsg_seq = ++s->seq;
	if (send(s->fd, m->bytes, m->header.nlmsg_len, 0) < 0)
		return -errno;
	got = malloc(sizeof(*got));
	if (!got)
		return -ENOMEM;
	for (;;) {
		err = receive(s, got, PATIENCE_MS);
		if (err)
			break;
		if (got->header.nlmsg_seq != s->seq) {
			err = save(s, got);
			if (err)
				break;
		} else if (got->type == NLMSG_ERROR) {
			memcpy(&status, got->bytes + NLMSG_HDRLEN, sizeof(status));
			break;
		} else if (answer) {
			memcpy(answer->bytes, got->bytes, got->header.nlmsg_len);
			parse(answer);
		}
	}
	free(got);
	return err ? err : status;
}

int nl_notice(struct nl_socket *s, struct nl_message *m, int ms)
{
	struct nl_message *first = s->saved[0];

	if (!s->count)
		return receive(s, m, ms);
	memcpy(m->bytes, first->bytes, first->header.nlmsg_len);
	parse(m);
	free(first);
	memmove(s->saved, s->saved + 1, --s->count * sizeof(s->saved[0]));
	return 0;
}

uint32_t nl_u32(const struct nl_message *m, int attribute)
{
	uint32_t value = 0;

	if (m->size[attribute] == sizeof(value))
		memcpy(&value, m->at[attribute], sizeof(value));
	return value;
}

/* Number of the family; the attributes of the controller have numbers of their own */
static int resolve(struct nl_socket *s)
{
	struct nl_message *m = calloc(2, sizeof(*m));
	int err;

	if (!m)
		return -ENOMEM;
	begin(&m[0], GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	nl_put(&m[0], CTRL_ATTR_FAMILY_NAME, TAPI_NL_FAMILY, sizeof(TAPI_NL_FAMILY));
	err = nl_talk(s, &m[0], &m[1]);
	if (!err && m[1].size[CTRL_ATTR_FAMILY_ID] == sizeof(s->family))
		memcpy(&s->family, m[1].at[CTRL_ATTR_FAMILY_ID], sizeof(s->family));
	else if (!err)
		err = -EBADMSG;
	free(m);
	return err;
}

int nl_open(struct nl_socket *s)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int on = 1, err = 0;

	memset(s, 0, sizeof(*s));
	s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (s->fd < 0)
		return -errno;
	if (bind(s->fd, (void *)&any, sizeof(any)) ||
	    setsockopt(s->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)))
		err = -errno;
	err = err ? err : resolve(s);
	if (err)
		nl_close(s);
	return err;
}

void nl_close(struct nl_socket *s)
{
	while (s->count)
		free(s->saved[--s->count]);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

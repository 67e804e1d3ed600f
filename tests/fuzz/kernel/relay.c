// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages of the relay, made in the child: any attributes in any order, some cut off. What the
 * answers and notices say is learnt, so that later messages can name it.
 */
#include <errno.h>

#include "../../selftests/relay-util.h"
#include "fuzz.h"

#define ROOM	20480

static struct {
	uint8_t cookie[SLOTS][TAPI_NL_COOKIE_LEN];
	uint32_t grant[SLOTS], instance[SLOTS], seq[SLOTS];
	unsigned int cookies, instances;
} known;

bool relay_start(void)
{
	return rn_resolve() == 0;
}

void relay_forget(void)
{
	memset(&known, 0, sizeof(known));
}

static int *socket_of(const struct arg *arg)
{
	return &sockets[arg->value % SLOTS];
}

/* One that listens to the group, or not */
int run_socket(const struct call *call)
{
	int *slot = socket_of(&call->arg[0]);
	struct rn s;
	int err = rn_open_port(&s, 0);

	if (err)
		return err;
	if (call->arg[1].value & 1)
		rn_listen(&s);
	if (*slot >= 0)
		close(*slot);
	*slot = s.fd;
	return 0;
}

int run_hangup(const struct call *call)
{
	int *slot = socket_of(&call->arg[0]), fd = *slot;

	*slot = -1;
	return close(fd) ? -errno : 0;
}

static void learn_instance(uint32_t instance, uint32_t seq)
{
	unsigned int at = 0;

	while (at < SLOTS && known.instance[at] != instance)
		at++;
	if (at == SLOTS) {
		at = known.instances++ % SLOTS;
		known.seq[at] = 0;
	}
	known.instance[at] = instance;
	if (seq)
		known.seq[at] = seq;
}

static void learn(const char *buf, size_t size)
{
	static __thread struct rn_msg msg;
	const void *cookie;
	size_t len;

	rn_parse(&msg, buf, size);
	if (msg.type != rn_family)
		return;
	cookie = rn_bytes(&msg, TAPI_NL_A_COOKIE, &len);
	if (len == TAPI_NL_COOKIE_LEN) {
		unsigned int at = known.cookies++ % SLOTS;

		memcpy(known.cookie[at], cookie, len);
		known.grant[at] = rn_get(&msg, TAPI_NL_A_GRANT);
	}
	if (rn_get(&msg, TAPI_NL_A_INSTANCE))
		learn_instance(rn_get(&msg, TAPI_NL_A_INSTANCE), rn_get(&msg, TAPI_NL_A_SEQ));
}

/* Takes all that has come; the error of the last message that was answered with one */
static int take_all(int fd, int *error)
{
	static __thread _Alignas(8) char buf[32768];
	const struct nlmsghdr *hdr;
	ssize_t len;
	char *at;

	while ((len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		for (at = buf; len >= NLMSG_HDRLEN; at += NLMSG_ALIGN(hdr->nlmsg_len),
						    len -= NLMSG_ALIGN(hdr->nlmsg_len)) {
			hdr = (const void *)at;
			if (hdr->nlmsg_len < NLMSG_HDRLEN || hdr->nlmsg_len > (size_t)len)
				return -EBADMSG;
			if (hdr->nlmsg_type == NLMSG_ERROR || hdr->nlmsg_type == NLMSG_DONE)
				memcpy(error, at + NLMSG_HDRLEN, sizeof(*error));
			else
				learn(at, hdr->nlmsg_len);
		}
	}
	return len < 0 ? -errno : 0;
}

int run_receive(const struct call *call)
{
	int error = 0;

	return take_all(*socket_of(&call->arg[0]), &error);
}

static uint64_t meant(const struct arg *arg)
{
	unsigned int at = arg->value % SLOTS;

	switch (arg->ref) {
	case 'g': return known.grant[at];
	case 'i': return known.instance[at];
	case 's': return known.seq[at];
	case 'f': return (uint64_t)(int64_t)files[at];
	case 'k': return card_number[arg->value % CARDS];
	case 'p': return (uint64_t)getpid();
	default: return arg->value;
	}
}

/* The usual payload of an attribute; returns its length */
static size_t payload(const struct arg *arg, char to[ROOM])
{
	uint64_t value = meant(arg);

	memset(to, 0, 64);
	switch (arg->type) {
	case TAPI_NL_A_GUID:
		memcpy(to, (const uint8_t[]){ 0x7e, 0x57, (uint8_t)value }, 3);
		return TAPI_NL_GUID_LEN;
	case TAPI_NL_A_COOKIE:
		memcpy(to, known.cookie[arg->value % SLOTS], TAPI_NL_COOKIE_LEN);
		to[0] ^= arg->ref != 'c';
		return TAPI_NL_COOKIE_LEN;
	case TAPI_NL_A_NAME:
		memset(to, 'n', value % 48);
		return value % 48 + 1;
	case TAPI_NL_A_DATA:
		memset(to, 'd', value % (ROOM / 2));
		return value % (ROOM / 2);
	case TAPI_NL_A_CAPS:
	case TAPI_NL_A_CALL:
		memcpy(to, &value, 8);
		return 8;
	case TAPI_NL_A_BOUND:
		memcpy(to, &value, 1);
		return 1;
	default:
		memcpy(to, &value, 4);
		return 4;
	}
}

static void put_attribute(struct rn_req *rq, const struct arg *arg)
{
	static __thread char bytes[ROOM];
	size_t len = payload(arg, bytes);

	if (arg->len >= 0)
		len = (size_t)arg->len % (ROOM / 2);
	if (rq->hdr.nlmsg_len + len + 64 < sizeof(rq->buf))
		rn_put(rq, arg->type, bytes, len);
}

int run_send(const struct call *call)
{
	static __thread struct rn_req rq;
	const struct arg *a = call->arg;
	int fd = *socket_of(&a[0]), error = 0, err;
	uint32_t cut = (uint32_t)a[3].value;

	rn_init(&rq, rn_family, (int)(a[1].value & 255), (int)(a[2].value & 0xfffe));
	for (unsigned int i = SEND_ARGS; i < call->nargs; i++)
		put_attribute(&rq, &a[i]);
	if (cut && cut < rq.hdr.nlmsg_len)
		rq.hdr.nlmsg_len -= cut;
	rq.hdr.nlmsg_seq = 1;
	if (send(fd, rq.buf, rq.hdr.nlmsg_len, MSG_DONTWAIT) < 0)
		return -errno;
	/* the kernel has answered; bit 0 leaves it where it is */
	if (a[2].value & 1)
		return 0;
	err = take_all(fd, &error);
	return err && err != -EAGAIN ? err : error;
}

/* What a command may fail with, by Documentation/userspace-api/relay.rst */
const int *message_errors(const struct call *call)
{
#define FAILS(...)	{ EINVAL, ERANGE, EOPNOTSUPP, ENOMEM, EBADF, ENOBUFS, ##__VA_ARGS__, 0 }
	static const int errors[TAPI_NL_CMD_MAX + 1][24] = {
		[TAPI_NL_CMD_GET_LINE] = FAILS(ENOENT),
		[TAPI_NL_CMD_PROVIDER_BIND] = FAILS(EBUSY, EPERM, EBADF, ENODEV, ENOENT),
		[TAPI_NL_CMD_PROVIDER_UNBIND] = FAILS(ENOENT, EPERM),
		[TAPI_NL_CMD_GRANT] = FAILS(ENOENT, EPERM, ENOSPC, ESRCH),
		[TAPI_NL_CMD_GRANT_REVOKE] = FAILS(ENOENT, EPERM),
		[TAPI_NL_CMD_INSTANCE_CREATE] = FAILS(EKEYREJECTED, EAGAIN, ENOSPC, ENOENT),
		[TAPI_NL_CMD_INSTANCE_CLOSE] = FAILS(ENOENT, EPERM),
		[TAPI_NL_CMD_DATA] = FAILS(EAGAIN, ENOTCONN, EMSGSIZE, ENOSPC, ENOENT, EPERM),
		[TAPI_NL_CMD_CREDIT] = FAILS(ENOENT, EPERM),
		[TAPI_NL_CMD_CALL_END] = FAILS(ENOENT, EPERM),
	};
	static const int others[] = FAILS();
	uint64_t command = call->arg[1].value & 255;

	return command <= TAPI_NL_CMD_MAX && errors[command][0] ? errors[command] : others;
}

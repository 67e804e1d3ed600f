/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The socket of the kernel's relay.
 *
 * The kernel answers a request before send() returns, so a request is a send and a read
 * of what is there; messages for the callback that are met on the way wait in a list,
 * and an eventfd keeps the descriptor to poll readable meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "relay_nl_private.h"

/*
 * Receive buffer to ask for, bytes; the kernel gives what net.core.rmem_max allows. libnl's own
 * 32 KiB hold three long messages beside the relay's reserve.
 */
#define RELAY_RCVBUF (1 << 20)
#define RELAY_SNDBUF (1 << 16)

/* Messages of one call of relay_nl_dispatch(), so that a caller's loop gets its turn */
#define RELAY_DISPATCH_MAX 64

static int map_nl_error(int err)
{
	switch (-err) {
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_PERM:
		return -EPERM;
	default:
		return -EIO;
	}
}

/* Asks for the family's numbers on a socket of its own: the other may be in use */
static int resolve(struct relay_nl *nl)
{
	struct nl_sock *sk = nl_socket_alloc();
	int err;

	if (!sk)
		return -ENOMEM;
	err = genl_connect(sk);
	if (!err) {
		nl->family = genl_ctrl_resolve(sk, TAPI_NL_FAMILY);
		nl->group = genl_ctrl_resolve_grp(sk, TAPI_NL_FAMILY, TAPI_NL_GROUP_LINES);
		err = nl->family < 0 ? nl->family : nl->group < 0 ? nl->group : 0;
	}
	nl_socket_free(sk);
	if (err)
		relay_error_set("the kernel has no relay; is tapi.ko loaded?");
	return err ? map_nl_error(err) : 0;
}

static int watch_fd(int epoll, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

static int setup(struct relay_nl *nl)
{
	int fd = nl_socket_get_fd(nl->sk);
	int on = 1;
	int err;

	if (fcntl(fd, F_SETFD, FD_CLOEXEC) || nl_socket_set_nonblocking(nl->sk) ||
	    nl_socket_set_buffer_size(nl->sk, RELAY_RCVBUF, RELAY_SNDBUF))
		return -EIO;
	if (setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)))
		return -errno;
	nl->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	nl->poll = epoll_create1(EPOLL_CLOEXEC);
	if (nl->wake < 0 || nl->poll < 0)
		return -errno;
	err = watch_fd(nl->poll, fd);
	return err ? err : watch_fd(nl->poll, nl->wake);
}

static struct relay_nl *alloc(relay_nl_cb *cb, void *arg)
{
	struct relay_nl *nl = calloc(1, sizeof(*nl));
	struct timespec now;

	if (!nl)
		return NULL;
	nl->cb = cb;
	nl->arg = arg;
	nl->wake = -1;
	nl->poll = -1;
	nl->rx_tail = &nl->rx_head;
	/* an earlier owner's late answer must not look like one of ours */
	clock_gettime(CLOCK_MONOTONIC, &now);
	nl->seq = (uint32_t)now.tv_nsec ^ (uint32_t)getpid() << 16;
	pthread_mutex_init(&nl->lock, NULL);
	nl->sk = nl_socket_alloc();
	if (nl->sk)
		return nl;
	relay_nl_close(nl);
	return NULL;
}

static int start(struct relay_nl **out, struct relay_nl *nl, int err)
{
	if (!err)
		err = resolve(nl);
	if (!err)
		err = setup(nl);
	if (err) {
		relay_nl_close(nl);
		return err;
	}
	*out = nl;
	return 0;
}

int relay_nl_open(struct relay_nl **out, relay_nl_cb *cb, void *arg)
{
	struct relay_nl *nl = alloc(cb, arg);

	if (!nl)
		return -ENOMEM;
	return start(out, nl, genl_connect(nl->sk) ? -EIO : 0);
}

int relay_nl_adopt(struct relay_nl **out, int fd, relay_nl_cb *cb, void *arg)
{
	struct relay_nl *nl = alloc(cb, arg);
	int copy, err;

	if (!nl)
		return -ENOMEM;
	/* a copy, so that the caller keeps its descriptor when this fails */
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0) {
		err = -errno;
	} else if (nl_socket_set_fd(nl->sk, NETLINK_GENERIC, copy)) {
		close(copy);
		err = -EINVAL;
	} else {
		err = 0;
	}
	err = start(out, nl, err);
	if (!err)
		close(fd);
	return err;
}

static void rx_pop(struct relay_nl *nl)
{
	struct relay_rx *rx = nl->rx_head;

	nl->rx_head = rx->next;
	if (!nl->rx_head)
		nl->rx_tail = &nl->rx_head;
	free(rx);
}

void relay_nl_close(struct relay_nl *nl)
{
	if (!nl)
		return;
	while (nl->rx_head)
		rx_pop(nl);
	relay_peer_drop_all(nl);
	if (nl->poll >= 0)
		close(nl->poll);
	if (nl->wake >= 0)
		close(nl->wake);
	nl_socket_free(nl->sk);
	pthread_mutex_destroy(&nl->lock);
	free(nl);
}

int relay_nl_fd(const struct relay_nl *nl)
{
	return nl->poll;
}

int relay_nl_socket(const struct relay_nl *nl)
{
	return nl_socket_get_fd(nl->sk);
}

/* Under lock: makes the descriptor readable, or not.  relay_nl_dispatch() does so at its end. */
static void wake(struct relay_nl *nl, bool on)
{
	uint64_t one = 1;
	ssize_t n;

	if (nl->dispatching || nl->awake == on)
		return;
	nl->awake = on;
	/* neither can fail in a way that matters: full stays readable, empty stays empty */
	n = on ? write(nl->wake, &one, sizeof(one)) : read(nl->wake, &one, sizeof(one));
	(void)n;
}

static void rx_keep(struct relay_nl *nl, const struct nlmsghdr *nlh)
{
	struct relay_rx *rx = malloc(sizeof(*rx) + nlh->nlmsg_len);
	struct relay_nl_msg msg;

	if (!rx) {
		nl->overrun = true;	/* the callback hears that something is lost */
		wake(nl, true);
		return;
	}
	rx->next = NULL;
	rx->len = nlh->nlmsg_len;
	memcpy(rx->bytes, nlh, nlh->nlmsg_len);
	if (!nl->rx_head)
		wake(nl, true);
	*nl->rx_tail = rx;
	nl->rx_tail = &rx->next;
	/* a message to all must find the instances the callback has not heard of yet */
	if (nlh->nlmsg_type == nl->family && !relay_msg_parse(nlh, &msg, NULL) &&
	    msg.cmd == TAPI_NL_CMD_INSTANCE_NEW)
		relay_peer_note(nl, &msg);
}

/*
 * An error is somebody's answer, and so is a message of the family with its seq.  Return:
 * 0, or the errno the kernel answered with.
 */
static int take_answer(struct relay_nl *nl, const struct nlmsghdr *nlh,
		       struct relay_answer *answer)
{
	const char *text;
	int err;

	if (nlh->nlmsg_type == NLMSG_ERROR) {
		err = relay_msg_error(nlh, &text);
		if (err)
			relay_error_set(text);
		else if (answer)
			answer->acked = true;
		return err;
	}
	if (answer && nlh->nlmsg_type == nl->family) {
		answer->got = true;
		return relay_msg_parse(nlh, &answer->msg, answer);
	}
	return 0;
}

static int take_buffer(struct relay_nl *nl, ssize_t len, uint32_t seq,
		       struct relay_answer *answer)
{
	struct nlmsghdr *nlh;
	int left = (int)len;
	int err = 0, ret;

	for (nlh = (struct nlmsghdr *)(void *)nl->buffer; nlmsg_ok(nlh, left);
	     nlh = nlmsg_next(nlh, &left)) {
		if (!seq || nlh->nlmsg_seq != seq) {
			rx_keep(nl, nlh);
			continue;
		}
		ret = take_answer(nl, nlh, answer);
		if (ret)
			err = ret;
	}
	return err;
}

/*
 * Reads what is there.  @seq: whose answers to take, 0 is nobody's.  Return: 0, or the
 * errno of an answer, or of the socket.
 */
int relay_fill(struct relay_nl *nl, uint32_t seq, struct relay_answer *answer)
{
	int fd = nl_socket_get_fd(nl->sk);
	int err = 0, ret;
	ssize_t len;

	for (;;) {
		len = recv(fd, nl->buffer, sizeof(nl->buffer), MSG_DONTWAIT);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == EAGAIN)
			return err;
		if (len < 0 && errno == ENOBUFS) {
			nl->overrun = true;
			wake(nl, true);
			continue;
		}
		if (len <= 0)
			return len ? -errno : -EPIPE;
		ret = take_buffer(nl, len, seq, answer);
		if (ret)
			err = ret;
	}
}

static uint32_t next_seq(struct relay_nl *nl)
{
	/* 0 is what notices have */
	if (!++nl->seq)
		nl->seq = 1;
	return nl->seq;
}

/* Sends @msg, which is freed, and reads the answer.  Without @answer silence is success. */
int relay_request(struct relay_nl *nl, struct nl_msg *msg, struct relay_answer *answer)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	uint32_t seq = next_seq(nl);
	ssize_t n;
	int err;

	relay_error_set(NULL);
	nlh->nlmsg_seq = seq;
	nlh->nlmsg_pid = nl_socket_get_local_port(nl->sk);
	do
		n = send(nl_socket_get_fd(nl->sk), nlh, nlh->nlmsg_len, 0);
	while (n < 0 && errno == EINTR);
	err = n < 0 ? -errno : 0;
	nlmsg_free(msg);
	if (err == -EAGAIN)		/* means something else to our callers */
		err = -ENOBUFS;
	if (!err)
		err = relay_fill(nl, seq, answer);
	if (!err && answer && !answer->acked) {
		relay_error_set("the socket overran and the answer is lost");
		err = -ENOBUFS;
	}
	return err;
}

/* A queued message may go out now.  Return: does the callback hear of it? */
static bool on_ready(struct relay_nl *nl, struct relay_nl_msg *msg)
{
	struct relay_peer *peer = relay_peer_get(nl, msg->instance, false);
	bool starved;
	int err;

	if (!peer)
		return true;
	err = relay_peer_flush(nl, peer);
	if (err && err != -EAGAIN) {
		msg->cmd = RELAY_NL_SEND_FAILED;
		msg->error = err;
		return true;
	}
	starved = peer->starved && peer->queued <= RELAY_NL_QUEUE_MAX / 2;
	if (starved)
		peer->starved = false;
	return starved;
}

/* Bookkeeping before the callback.  Return: call it? */
static bool before(struct relay_nl *nl, struct relay_nl_msg *msg)
{
	switch (msg->cmd) {
	case TAPI_NL_CMD_GET_INSTANCE:
	case TAPI_NL_CMD_DATA:
		relay_peer_note(nl, msg);
		return true;
	case TAPI_NL_CMD_INSTANCE_GONE:
		relay_peer_drop(nl, msg->instance);
		return true;
	case TAPI_NL_CMD_PROVIDER_GONE:
		relay_peer_drop_line(nl, &msg->line);
		return true;
	case TAPI_NL_CMD_READY:
		return on_ready(nl, msg);
	default:
		return true;
	}
}

/* Control messages: the end of a dump */
static bool control(struct relay_nl *nl, const struct nlmsghdr *nlh, struct relay_nl_msg *msg)
{
	const char *text;

	if (!nl->dump || nlh->nlmsg_seq != nl->dump)
		return false;		/* an answer nobody waits for any more */
	memset(msg, 0, sizeof(*msg));
	msg->cmd = RELAY_NL_DUMP_DONE;
	if (nlh->nlmsg_type == NLMSG_ERROR)
		msg->error = relay_msg_error(nlh, &text);
	else if (nlh->nlmsg_type == NLMSG_DONE)
		msg->error = nlh->nlmsg_flags & NLM_F_DUMP_INTR ? -EINTR : 0;
	else
		return false;
	nl->dump = 0;
	return true;
}

/* Takes the next message out of the list.  Return: 1 to call back, 0 nothing to say, < 0 empty */
static int next_message(struct relay_nl *nl, struct relay_nl_msg *msg, struct relay_rx **rx)
{
	const struct nlmsghdr *nlh;

	*rx = NULL;
	if (nl->overrun) {
		nl->overrun = false;
		memset(msg, 0, sizeof(*msg));
		msg->cmd = RELAY_NL_OVERRUN;
		return 1;
	}
	*rx = nl->rx_head;
	if (!*rx)
		return -1;
	nl->rx_head = (*rx)->next;
	if (!nl->rx_head)
		nl->rx_tail = &nl->rx_head;
	nlh = (const struct nlmsghdr *)(const void *)(*rx)->bytes;
	if (nlh->nlmsg_type != nl->family)
		return control(nl, nlh, msg);
	if (relay_msg_parse(nlh, msg, NULL))
		return 0;
	return before(nl, msg);
}

int relay_nl_dispatch(struct relay_nl *nl)
{
	struct relay_nl_msg msg;
	struct relay_rx *rx;
	int err, ret, i;

	pthread_mutex_lock(&nl->lock);
	nl->dispatching = true;
	err = relay_fill(nl, 0, NULL);
	for (i = 0; i < RELAY_DISPATCH_MAX; i++) {
		ret = next_message(nl, &msg, &rx);
		if (ret < 0)
			break;
		pthread_mutex_unlock(&nl->lock);
		if (ret)
			nl->cb(nl->arg, &msg);
		free(rx);
		pthread_mutex_lock(&nl->lock);
	}
	nl->dispatching = false;
	wake(nl, nl->rx_head || nl->overrun);
	pthread_mutex_unlock(&nl->lock);
	return err;
}

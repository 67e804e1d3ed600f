/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of relay_nl share */
#ifndef TAPI_RPC_RELAY_NL_PRIVATE_H
#define TAPI_RPC_RELAY_NL_PRIVATE_H

#include <pthread.h>
#include <sys/uio.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "relay_nl.h"

/* The kernel cuts dumps to the reader's buffer, and nothing else is longer than 8 KiB */
#define RELAY_NL_BUFFER 32768u

/* A message that came in while somebody waited for an answer */
struct relay_rx {
	struct relay_rx *next;
	size_t len;
	char bytes[] __attribute__((aligned(8)));
};

/* A message that waits for room */
struct relay_tx {
	struct relay_tx *next;
	uint64_t call;
	bool has_call;
	uint32_t flags;
	size_t len;
	char bytes[];
};

/* What this end knows about an instance; under lock */
struct relay_peer {
	struct relay_peer *next;
	uint32_t instance;
	bool has_line;
	struct relay_nl_line line;
	uint32_t consumed;		/* dealt with */
	uint32_t told;			/* of which the kernel knows */
	bool starved;			/* a caller got -EAGAIN */
	struct relay_tx *head, **tail;
	size_t queued;			/* bytes, with RELAY_TX_COST for each message */
};

struct relay_nl {
	struct nl_sock *sk;
	int family, group;
	int wake;			/* eventfd: rx is not empty */
	bool awake;			/* it is readable; under lock */
	bool dispatching;		/* somebody takes what comes; under lock */
	int poll;			/* epoll of the socket and wake */
	relay_nl_cb *cb;
	void *arg;
	pthread_mutex_t lock;		/* all below */
	uint32_t seq;
	struct relay_rx *rx_head, **rx_tail;
	struct relay_peer *peers;
	bool overrun;
	uint32_t dump;			/* seq of the dump under way, 0 is none */
	char buffer[RELAY_NL_BUFFER] __attribute__((aligned(8)));
};

/* What a request brought */
struct relay_answer {
	bool acked;
	bool got;			/* msg was filled by an answer of the family */
	struct relay_nl_msg msg;
	uint8_t cookie[TAPI_NL_COOKIE_LEN];
	uint32_t expires_ms;
	struct relay_nl_refused *refused;
	size_t max_refused, num_refused;
};

/* relay_nl_msg.c */
struct nl_msg *relay_msg_new(struct relay_nl *nl, uint8_t cmd, int flags, size_t len);
int relay_msg_put_line(struct nl_msg *msg, const struct relay_nl_line *line);
int relay_msg_parse(const struct nlmsghdr *nlh, struct relay_nl_msg *out,
		    struct relay_answer *answer);
int relay_msg_error(const struct nlmsghdr *nlh, const char **text);
void relay_error_set(const char *text);

/* relay_nl.c; under lock */
int relay_request(struct relay_nl *nl, struct nl_msg *msg, struct relay_answer *answer);
int relay_fill(struct relay_nl *nl, uint32_t seq, struct relay_answer *answer);

/* relay_nl_peer.c; under lock */
void relay_peer_note(struct relay_nl *nl, const struct relay_nl_msg *msg);
struct relay_peer *relay_peer_get(struct relay_nl *nl, uint32_t instance, bool make);
void relay_peer_drop(struct relay_nl *nl, uint32_t instance);
void relay_peer_drop_line(struct relay_nl *nl, const struct relay_nl_line *line);
void relay_peer_drop_all(struct relay_nl *nl);
/* Sends what waits; -EAGAIN: some still does; another error is that of the first message */
int relay_peer_flush(struct relay_nl *nl, struct relay_peer *peer);

#endif /* TAPI_RPC_RELAY_NL_PRIVATE_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Instances: what waits while the window is full, and what was consumed.
 * Everything with a struct relay_nl runs under its lock, but for the public functions.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "relay_nl_private.h"

/* What an empty message counts in the queue, so that these are bounded too */
#define RELAY_TX_COST 64u
/* Messages after which the kernel is told what was consumed: a quarter of the window */
#define RELAY_CREDIT_STEP 4u

struct relay_peer *relay_peer_get(struct relay_nl *nl, uint32_t instance, bool make)
{
	struct relay_peer *peer;

	for (peer = nl->peers; peer; peer = peer->next)
		if (peer->instance == instance)
			return peer;
	if (!make)
		return NULL;
	peer = calloc(1, sizeof(*peer));
	if (!peer)
		return NULL;
	peer->instance = instance;
	peer->tail = &peer->head;
	peer->next = nl->peers;
	nl->peers = peer;
	return peer;
}

/* A message about an instance of ours: without memory the next one notes it */
void relay_peer_note(struct relay_nl *nl, const struct relay_nl_msg *msg)
{
	struct relay_peer *peer = relay_peer_get(nl, msg->instance, true);

	if (!peer || !msg->has_line)
		return;
	peer->has_line = true;
	peer->line = msg->line;
}

static void peer_pop(struct relay_peer *peer)
{
	struct relay_tx *tx = peer->head;

	peer->head = tx->next;
	if (!peer->head)
		peer->tail = &peer->head;
	peer->queued -= tx->len + RELAY_TX_COST;
	free(tx);
}

static void peer_free(struct relay_peer *peer)
{
	while (peer->head)
		peer_pop(peer);
	free(peer);
}

void relay_peer_drop(struct relay_nl *nl, uint32_t instance)
{
	struct relay_peer **at, *peer;

	for (at = &nl->peers; (peer = *at); at = &peer->next) {
		if (peer->instance != instance)
			continue;
		*at = peer->next;
		peer_free(peer);
		return;
	}
}

static bool same_line(const struct relay_nl_line *a, const struct relay_nl_line *b)
{
	if (a->hardware != b->hardware)
		return false;
	if (a->hardware)
		return a->card == b->card && a->line == b->line;
	return !memcmp(a->guid, b->guid, sizeof(a->guid));
}

void relay_peer_drop_line(struct relay_nl *nl, const struct relay_nl_line *line)
{
	struct relay_peer **at = &nl->peers, *peer;

	while ((peer = *at)) {
		if (peer->has_line && same_line(&peer->line, line)) {
			*at = peer->next;
			peer_free(peer);
		} else {
			at = &peer->next;
		}
	}
}

void relay_peer_drop_all(struct relay_nl *nl)
{
	struct relay_peer *peer;

	while ((peer = nl->peers)) {
		nl->peers = peer->next;
		peer_free(peer);
	}
}

static int put_data(struct nl_msg *msg, const struct relay_nl_line *line, uint32_t instance,
		    const uint64_t *call, uint32_t flags, const void *data, size_t len)
{
	int err = nla_put_u32(msg, TAPI_NL_A_INSTANCE, instance);

	if (!err && line)
		err = relay_msg_put_line(msg, line);
	if (!err && call)
		err = nla_put_u64(msg, TAPI_NL_A_CALL, *call);
	if (!err && flags)
		err = nla_put_u32(msg, TAPI_NL_A_FLAGS, flags);
	if (!err)
		err = nla_put(msg, TAPI_NL_A_DATA, (int)len, data ? data : "");
	return err;
}

/* One message to the kernel.  It says nothing when it has taken it. */
static int peer_transmit(struct relay_nl *nl, uint32_t instance, struct relay_peer *peer,
			 const uint64_t *call, uint32_t flags, const void *data, size_t len)
{
	struct nl_msg *msg = relay_msg_new(nl, TAPI_NL_CMD_DATA, 0, len);
	uint32_t consumed = 0;
	bool credit = false;
	int err;

	if (!msg)
		return -ENOMEM;
	if (peer && peer->consumed != peer->told) {
		consumed = peer->consumed;
		credit = true;
	}
	if (put_data(msg, NULL, instance, call, flags, data, len) ||
	    (credit && nla_put_u32(msg, TAPI_NL_A_CONSUMED, consumed))) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	err = relay_request(nl, msg, NULL);
	/* the kernel takes the credit also when it has no room for the data */
	if (credit && (!err || err == -EAGAIN))
		peer->told = consumed;
	return err;
}

int relay_peer_flush(struct relay_nl *nl, struct relay_peer *peer)
{
	struct relay_tx *tx;
	int err;

	while ((tx = peer->head)) {
		err = peer_transmit(nl, peer->instance, peer, tx->has_call ? &tx->call : NULL,
				    tx->flags, tx->bytes, tx->len);
		if (err == -EAGAIN)
			return err;
		peer_pop(peer);
		if (err)
			return err;
	}
	return 0;
}

static int peer_queue(struct relay_peer *peer, const uint64_t *call, uint32_t flags,
		      const void *data, size_t len)
{
	struct relay_tx *tx;

	if (peer->queued + len + RELAY_TX_COST > RELAY_NL_QUEUE_MAX) {
		peer->starved = true;
		relay_error_set("the queue of messages that wait for room is full");
		return -EAGAIN;
	}
	tx = calloc(1, sizeof(*tx) + len);
	if (!tx)
		return -ENOMEM;
	tx->has_call = call;
	if (call)
		tx->call = *call;
	tx->flags = flags;
	tx->len = len;
	if (len)
		memcpy(tx->bytes, data, len);
	*peer->tail = tx;
	peer->tail = &tx->next;
	peer->queued += len + RELAY_TX_COST;
	return 0;
}

int relay_nl_send(struct relay_nl *nl, uint32_t instance, const uint64_t *call, uint32_t flags,
		  const void *data, size_t len)
{
	struct relay_peer *peer;
	int err = -EAGAIN;

	if (len > TAPI_NL_DATA_MAX)
		return -EMSGSIZE;
	if (!instance)
		return -EINVAL;
	pthread_mutex_lock(&nl->lock);
	peer = relay_peer_get(nl, instance, false);
	if (!peer || !peer->head)
		err = peer_transmit(nl, instance, peer, call, flags, data, len);
	if (err == -EAGAIN) {
		if (!peer)
			peer = relay_peer_get(nl, instance, true);
		err = peer ? peer_queue(peer, call, flags, data, len) : -ENOMEM;
	}
	pthread_mutex_unlock(&nl->lock);
	return err;
}

/* To the instances one by one, behind what waits for them already */
static void send_each(struct relay_nl *nl, const struct relay_nl_line *line,
		      const uint64_t *call, const void *data, size_t len,
		      struct relay_answer *answer)
{
	struct relay_peer *peer;
	int err;

	for (peer = nl->peers; peer; peer = peer->next) {
		if (!peer->has_line || !same_line(&peer->line, line))
			continue;
		err = peer->head ? -EAGAIN :
				   peer_transmit(nl, peer->instance, peer, call, 0, data, len);
		if (err == -EAGAIN)
			err = peer_queue(peer, call, 0, data, len);
		if (!err)
			continue;
		if (answer->num_refused < answer->max_refused) {
			answer->refused[answer->num_refused].instance = peer->instance;
			answer->refused[answer->num_refused].error = (uint32_t)-err;
		}
		answer->num_refused++;
	}
}

static bool line_waits(struct relay_nl *nl, const struct relay_nl_line *line)
{
	struct relay_peer *peer;

	for (peer = nl->peers; peer; peer = peer->next)
		if (peer->head && peer->has_line && same_line(&peer->line, line))
			return true;
	return false;
}

static int send_all(struct relay_nl *nl, const struct relay_nl_line *line, const uint64_t *call,
		    const void *data, size_t len, struct relay_answer *answer)
{
	struct nl_msg *msg;

	/* the instances that are announced already */
	relay_fill(nl, 0, NULL);
	if (line_waits(nl, line)) {
		send_each(nl, line, call, data, len, answer);
		return 0;
	}
	msg = relay_msg_new(nl, TAPI_NL_CMD_DATA, NLM_F_ACK, len);
	if (!msg)
		return -ENOMEM;
	if (put_data(msg, line, 0, call, 0, data, len)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	return relay_request(nl, msg, answer);
}

int relay_nl_broadcast(struct relay_nl *nl, const struct relay_nl_line *line,
		       const uint64_t *call, const void *data, size_t len,
		       struct relay_nl_refused *refused, size_t max, size_t *count)
{
	struct relay_answer answer = { .refused = refused, .max_refused = max };
	int err;

	*count = 0;
	if (len > TAPI_NL_DATA_MAX)
		return -EMSGSIZE;
	pthread_mutex_lock(&nl->lock);
	err = send_all(nl, line, call, data, len, &answer);
	*count = answer.num_refused;
	pthread_mutex_unlock(&nl->lock);
	return err;
}

static int tell_consumed(struct relay_nl *nl, struct relay_peer *peer)
{
	struct nl_msg *msg = relay_msg_new(nl, TAPI_NL_CMD_CREDIT, 0, 0);
	int err;

	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, TAPI_NL_A_INSTANCE, peer->instance) ||
	    nla_put_u32(msg, TAPI_NL_A_CONSUMED, peer->consumed)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	err = relay_request(nl, msg, NULL);
	if (!err)
		peer->told = peer->consumed;
	return err;
}

int relay_nl_consumed(struct relay_nl *nl, uint32_t instance, uint32_t seq)
{
	struct relay_peer *peer;
	int err = 0;

	pthread_mutex_lock(&nl->lock);
	peer = relay_peer_get(nl, instance, false);
	if (!peer)
		err = -ENOENT;
	else if ((int32_t)(seq - peer->consumed) > 0)
		peer->consumed = seq;
	if (!err && peer->consumed - peer->told >= RELAY_CREDIT_STEP)
		err = tell_consumed(nl, peer);
	pthread_mutex_unlock(&nl->lock);
	return err;
}

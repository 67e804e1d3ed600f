/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The MSPs' way to their TSPs: one socket of the kernel's relay per session,
 * one instance on it per address.
 *
 * The relay and the link to tapisrv are two paths: bytes about a call may be
 * here before the call.  They wait, without giving their credit back, until
 * the program has been told of the call.
 */
#include <stdlib.h>
#include <string.h>

#include "libtapi/private.h"
#include "private.h"

/* The link is local: a call that has not come after two seconds is not for us */
#define HELD_MS		2000

/* A message that waits for its call, or behind one that does */
struct held {
	struct list node;
	bool has_call;
	uint64_t call;
	uint32_t seq;
	size_t size;
	char data[];
};

static struct msp_host_address *host_of_instance(struct tapi3 *tapi, uint32_t instance)
{
	list_for_each(at, &tapi->addresses) {
		struct msp_host_address *host =
			&list_entry(at, struct tapi3_address, node)->host;

		if (instance && host->instance == instance)
			return host;
	}
	return NULL;
}

static struct tapi3_call *call_of_id(struct tapi3_address *address, uint64_t id)
{
	list_for_each(at, &address->calls) {
		struct tapi3_call *call = list_entry(at, struct tapi3_call, node);

		if (call->id == id)
			return call;
	}
	return NULL;
}

static void deliver(struct msp_host_address *host, struct tapi3_call *call, const void *data,
		    size_t size, uint32_t seq)
{
	struct tapi3 *tapi = host->address->tapi;
	uint32_t instance = host->instance;

	if (host->msp && (!call || call->msp))
		host->module->address->receive(host->msp, call ? call->msp : NULL, data, size);
	if (tapi->relay)
		relay_nl_consumed(tapi->relay, instance, seq);
}

static void drop_held(struct msp_host_address *host)
{
	while (!list_empty(&host->held)) {
		struct held *held = list_entry(host->held.next, struct held, node);

		list_remove(&held->node);
		free(held);
	}
	timer_cancel(host->held_timer);
	host->held_timer = NULL;
}

static void held_expired(void *data);

/*
 * Deliver from the front until one waits whose call is not known.  @expired: the call that the
 * first one waits for will not come; drop all about it.
 */
static void deliver_held(struct msp_host_address *host, bool expired)
{
	uint64_t stranger = 0;

	timer_cancel(host->held_timer);
	host->held_timer = NULL;
	while (!list_empty(&host->held)) {
		struct held *held = list_entry(host->held.next, struct held, node);
		struct tapi3_call *call = NULL;

		if (held->has_call)
			call = call_of_id(host->address, held->call);
		if (held->has_call && !call && expired) {
			stranger = held->call;
			expired = false;
		}
		if (held->has_call && !call && held->call != stranger)
			break;
		list_remove(&held->node);
		if (held->has_call && !call) {
			if (host->address->tapi->relay)
				relay_nl_consumed(host->address->tapi->relay, host->instance,
						  held->seq);
		} else {
			deliver(host, call, held->data, held->size, held->seq);
		}
		free(held);
	}
	if (!list_empty(&host->held))
		host->held_timer = timer_start(host->address->tapi, HELD_MS, held_expired, host);
}

static void held_expired(void *data)
{
	struct msp_host_address *host = data;

	host->held_timer = NULL;	/* it frees itself */
	tapi3_fail(host->address->tapi, 0, "%s: bytes for a call that is not ours were dropped",
		   host->address->name);
	deliver_held(host, true);
}

static void hold(struct msp_host_address *host, const struct relay_nl_msg *msg)
{
	struct held *held = calloc(1, sizeof(*held) + msg->len);

	if (!held)
		return;		/* no credit: the sender notices */
	held->has_call = msg->has_call;
	held->call = msg->call;
	held->seq = msg->seq;
	held->size = msg->len;
	if (msg->len)
		memcpy(held->data, msg->data, msg->len);
	list_append(&host->held, &held->node);
	if (!host->held_timer)
		host->held_timer = timer_start(host->address->tapi, HELD_MS, held_expired, host);
}

static void data_came(struct tapi3 *tapi, const struct relay_nl_msg *msg)
{
	struct msp_host_address *host = host_of_instance(tapi, msg->instance);
	struct tapi3_call *call = NULL;

	if (!host)
		return;
	if (msg->has_call)
		call = call_of_id(host->address, msg->call);
	if (!list_empty(&host->held) || (msg->has_call && !call))
		hold(host, msg);
	else
		deliver(host, call, msg->data, msg->len, msg->seq);
}

static void instance_gone(struct msp_host_address *host)
{
	const struct msp_address_ops *ops = host->module->address;

	host->instance = 0;
	drop_held(host);
	if (host->msp && ops->disconnected)
		ops->disconnected(host->msp);
}

static void resync_done(struct tapi3 *tapi)
{
	list_for_each(at, &tapi->addresses) {
		struct msp_host_address *host =
			&list_entry(at, struct tapi3_address, node)->host;

		if (host->instance && !host->seen)
			instance_gone(host);
	}
}

static void resync_start(struct tapi3 *tapi)
{
	list_for_each(at, &tapi->addresses)
		list_entry(at, struct tapi3_address, node)->host.seen = false;
	relay_nl_dump_instances(tapi->relay);
}

static void relay_message(void *arg, const struct relay_nl_msg *msg)
{
	struct tapi3 *tapi = arg;
	struct msp_host_address *host = host_of_instance(tapi, msg->instance);

	switch (msg->cmd) {
	case TAPI_NL_CMD_DATA:
		data_came(tapi, msg);
		break;
	case TAPI_NL_CMD_INSTANCE_GONE:
		if (host)
			instance_gone(host);
		break;
	case TAPI_NL_CMD_READY:
		if (host && host->msp && host->module->address->ready)
			host->module->address->ready(host->msp);
		break;
	case TAPI_NL_CMD_GET_INSTANCE:
		if (host)
			host->seen = true;
		break;
	case RELAY_NL_OVERRUN:
		resync_start(tapi);
		break;
	case RELAY_NL_DUMP_DONE:
		resync_done(tapi);
		break;
	case RELAY_NL_SEND_FAILED:
		tapi3_fail(tapi, 0, "bytes for the provider were refused: %s",
			   strerror(-msg->error));
		break;
	default:
		break;
	}
}

static int relay_open(struct tapi3 *tapi)
{
	int err;

	if (tapi->relay)
		return 0;
	err = relay_nl_open(&tapi->relay, relay_message, tapi);
	if (!err)
		err = tapi3_watch(tapi, relay_nl_fd(tapi->relay));
	return err;
}

/* An address whose relay is out of reach still makes calls: why is remembered */
int relay_connect(struct tapi3_address *address)
{
	struct msp_host_address *host = &address->host;
	struct relay_nl_instance instance;
	struct tapi3 *tapi = address->tapi;
	uint8_t cookie[TAPI_NL_COOKIE_LEN];
	LONG code;
	int err;

	if (host->instance || !host->msp)
		return 0;
	err = relay_open(tapi);
	if (err) {
		tapi3_fail(tapi, 0, "%s: no relay to the provider: %s", address->name,
			   strerror(-err));
		return 0;
	}
	code = tapi_private_msp_grant(address->line, address->address_id, cookie);
	if (code) {
		tapi3_fail_line(tapi, code, "the provider grants no channel");
		return 0;
	}
	err = relay_nl_create(tapi->relay, cookie, &instance);
	if (err) {
		tapi3_fail(tapi, 0, "%s: no channel to the provider: %s", address->name,
			   relay_nl_error(tapi->relay));
		return 0;
	}
	host->instance = instance.instance;
	host->seen = true;
	if (host->module->address->connected)
		host->module->address->connected(host->msp);
	return 0;
}

/* The provider is another one, perhaps; that the one before has gone may not have been read yet */
void relay_reconnect(struct tapi3_address *address)
{
	if (address->tapi->relay)
		relay_dispatch(address->tapi);
	relay_connect(address);
}

void relay_disconnect(struct tapi3_address *address)
{
	struct msp_host_address *host = &address->host;

	drop_held(host);
	if (host->instance && address->tapi->relay)
		relay_nl_close_instance(address->tapi->relay, host->instance);
	host->instance = 0;
}

void relay_call_known(struct tapi3_call *call)
{
	if (!list_empty(&call->address->host.held))
		deliver_held(&call->address->host, false);
}

int relay_dispatch(struct tapi3 *tapi)
{
	return relay_nl_dispatch(tapi->relay);
}

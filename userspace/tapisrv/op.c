/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to hosts, each with a deadline. */
#include <stdlib.h>

#include "server.h"

static void op_free(struct op *op)
{
	list_remove(&op->node);
	if (op->call)
		call_unref(op->call);
	if (op->client)
		client_unref(op->client);
	free(op);
}

static void finish(struct op *op, const ProtobufCMessage *out)
{
	list_remove(&op->node);
	op->done(op, out);
	op_free(op);
}

static int expired(sd_event_source *source, uint64_t usec, void *data)
{
	struct provider *provider = data;
	struct op *op;

	while (!list_empty(&provider->ops)) {
		op = list_entry(provider->ops.next, struct op, node);
		if (op->expires > usec) {
			sd_event_source_set_time(source, op->expires);
			sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
			break;
		}
		log_message(4, "%s: no answer in time", provider->config->name);
		op->result = LINEERR_OPERATIONFAILED;
		if (op->patient) {
			/* what it says in the end is heard, too */
			list_remove(&op->node);
			op->done(op, NULL);
			continue;
		}
		link_forget(provider->link, op->serial);
		finish(op, NULL);
	}
	return 0;
}

/* One timer per provider: all deadlines are equally long, so the oldest question is first */
static void arm(struct provider *provider, uint64_t expires)
{
	int enabled = SD_EVENT_OFF;

	if (!provider->deadline) {
		sd_event_add_time(server.event, &provider->deadline, CLOCK_BOOTTIME, expires, 0,
				  expired, provider);
		return;
	}
	sd_event_source_get_enabled(provider->deadline, &enabled);
	if (enabled == SD_EVENT_OFF) {
		sd_event_source_set_time(provider->deadline, expires);
		sd_event_source_set_enabled(provider->deadline, SD_EVENT_ONESHOT);
	}
}

struct op *op_new(struct provider *provider, op_done *done)
{
	struct op *op;

	if (!provider || !provider->link || link_fd(provider->link) < 0)
		return NULL;
	op = calloc(1, sizeof(*op));
	if (!op)
		return NULL;
	op->provider = provider;
	op->done = done;
	op->result = LINEERR_OPERATIONFAILED;
	op->expires = now_usec() + server.config->deadline_usec;
	list_append(&provider->ops, &op->node);
	return op;
}

struct op *op_new_for(struct provider *provider, op_done *done, struct client *client,
		      ProtobufCClosure closure, void *closure_data)
{
	struct op *op = op_new(provider, done);

	if (!op)
		return NULL;
	op->client = client_ref(client);
	op->closure = closure;
	op->closure_data = closure_data;
	return op;
}

void op_answered(const ProtobufCMessage *out, void *data)
{
	struct op *op = data;

	/* the link ended inside the stub: op_sent() goes on */
	if (op->serial || out)
		finish(op, out);
}

void op_sent(struct op *op)
{
	struct provider *provider = op->provider;

	op->serial = link_last_serial(provider->link);
	if (!op->serial) {
		finish(op, NULL);
		return;
	}
	arm(provider, op->expires);
}

int32_t op_result(const struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__Result *result = (const Tapi__Rpc__Result *)out;

	if (!out)
		return op->result;
	return result->has_result ? result->result : 0;
}

void op_cancel(struct op *op)
{
	op_free(op);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libtapi3 calls: addresses, calls and streams of the card MSP. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tapi3/msp_card.h>

#include "card.h"
#include "card_guid.h"

static int card_create(const struct msp_host_ops *ops, struct msp_host_address *host,
		       struct msp_address **out)
{
	struct msp_address *address;

	if (ops->version != MSP_ABI)
		return -EPROTO;
	address = calloc(1, sizeof(*address));
	if (!address)
		return -ENOMEM;
	address->ops = ops;
	address->host = host;
	*out = address;
	return 0;
}

static void card_destroy(struct msp_address *address)
{
	free(address);
}

static void card_disconnected(struct msp_address *address)
{
	/* the kernel has cut the sound already */
	for (struct msp_call *call = address->calls; call; call = call->next)
		media_withdraw(call, TAPI3_MEDIA_CAUSE_REMOTE_REQUEST);
}

static int card_call_create(struct msp_address *address, struct msp_host_call *host,
			    uint32_t media, struct msp_call **out)
{
	static const enum tapi3_direction directions[CARD_STREAMS] = {
		TAPI3_CAPTURE, TAPI3_RENDER,
	};
	struct msp_call *call;

	if (media != TAPI3_MEDIA_AUDIO)
		return -EINVAL;
	call = calloc(1, sizeof(*call));
	if (!call)
		return -ENOMEM;
	call->address = address;
	call->host = host;
	for (int i = 0; i < CARD_STREAMS; i++) {
		call->streams[i].call = call;
		call->streams[i].direction = directions[i];
	}
	call->next = address->calls;
	address->calls = call;
	*out = call;
	return 0;
}

static void card_call_destroy(struct msp_call *call)
{
	struct msp_call **at = &call->address->calls;

	media_withdraw(call, TAPI3_MEDIA_CAUSE_LOCAL_REQUEST);
	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	free(call);
}

static void card_call_state(struct msp_call *call, enum tapi3_call_state state)
{
	if (state == TAPI3_CALL_CONNECTED)
		media_update(call, TAPI3_MEDIA_CAUSE_REMOTE_REQUEST);
}

static unsigned int card_stream_count(struct msp_call *call)
{
	(void)call;
	return CARD_STREAMS;
}

static struct msp_stream *card_stream_get(struct msp_call *call, unsigned int index)
{
	return &call->streams[index];
}

static void card_stream_info(struct msp_stream *stream, struct msp_stream_info *info)
{
	info->media = TAPI3_MEDIA_AUDIO;
	info->direction = stream->direction;
	snprintf(info->name, sizeof(info->name), "%s",
		 stream->direction == TAPI3_CAPTURE ? "to the line" : "from the line");
}

static void card_stream_set_host(struct msp_stream *stream, struct msp_host_stream *host)
{
	stream->host = host;
}

static int card_stream_select(struct msp_stream *stream, struct msp_terminal *terminal)
{
	const struct msp_host_ops *ops = stream->call->address->ops;

	if (ops->terminal_media(terminal) != TAPI3_MEDIA_AUDIO)
		return TAPI3_E_INVALIDMEDIATYPE;
	if (ops->terminal_direction(terminal) != stream->direction)
		return TAPI3_E_INVALIDDIRECTION;
	if (stream->terminal)
		return TAPI3_E_MAXTERMINALS;
	stream->terminal = terminal;
	stream->stopped = false;
	media_update(stream->call, TAPI3_MEDIA_CAUSE_LOCAL_REQUEST);
	return 0;
}

static int card_stream_unselect(struct msp_stream *stream, struct msp_terminal *terminal)
{
	if (stream->terminal != terminal)
		return TAPI3_E_INVALIDTERMINAL;
	media_release(stream, TAPI3_MEDIA_CAUSE_LOCAL_REQUEST);
	stream->terminal = NULL;
	media_update(stream->call, TAPI3_MEDIA_CAUSE_LOCAL_REQUEST);
	return 0;
}

static int card_stream_start(struct msp_stream *stream)
{
	if (!stream->terminal)
		return TAPI3_E_NOTERMINALSELECTED;
	if (!stream->stopped)
		return stream->active ? TAPI3_E_NOTSTOPPED : TAPI3_FALSE;
	stream->stopped = false;
	media_update(stream->call, TAPI3_MEDIA_CAUSE_LOCAL_REQUEST);
	return 0;
}

static int card_stream_stop(struct msp_stream *stream)
{
	if (stream->stopped)
		return TAPI3_FALSE;
	stream->stopped = true;
	media_update(stream->call, TAPI3_MEDIA_CAUSE_LOCAL_REQUEST);
	return 0;
}

static bool card_stream_active(struct msp_stream *stream)
{
	return stream->active;
}

static int call_data_send(void *self, const void *data, size_t size)
{
	struct msp_call *call = self;

	return wire_send_private(call->address, call, data, size);
}

static int address_data_send(void *self, const void *data, size_t size)
{
	return wire_send_private(self, NULL, data, size);
}

static const struct msp_card_data call_data = {
	.version = 1, .size = sizeof(call_data), .send = call_data_send,
};

static const struct msp_card_data address_data = {
	.version = 1, .size = sizeof(address_data), .send = address_data_send,
};

static int card_query(struct msp_address *address, struct msp_call *call, const char *interface,
		      const void **methods, void **self)
{
	if (strcmp(interface, MSP_CARD_DATA))
		return -ENOENT;
	*methods = call ? &call_data : &address_data;
	*self = call ? (void *)call : (void *)address;
	return 0;
}

static const struct msp_address_ops card_ops = {
	.version = MSP_ABI,
	.size = sizeof(card_ops),
	.create = card_create,
	.destroy = card_destroy,
	.disconnected = card_disconnected,
	.receive = wire_receive,
	.call_create = card_call_create,
	.call_destroy = card_call_destroy,
	.call_state = card_call_state,
	.stream_count = card_stream_count,
	.stream_get = card_stream_get,
	.stream_info = card_stream_info,
	.stream_set_host = card_stream_set_host,
	.stream_select = card_stream_select,
	.stream_unselect = card_stream_unselect,
	.stream_start = card_stream_start,
	/* a line cannot be held back: a pause is a stop that the program ends */
	.stream_pause = card_stream_stop,
	.stream_stop = card_stream_stop,
	.stream_active = card_stream_active,
	.query = card_query,
};

__attribute__((visibility("default"))) const struct msp_module tapi_msp_module = {
	.abi = MSP_ABI,
	.size = sizeof(tapi_msp_module),
	.name = "card",
	.vendor = "tapi",
	.version = "1.0",
	.guid = CARD_MSP_GUID,
	.address = &card_ops,
};

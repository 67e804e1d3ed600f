/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams: the MSP moves the sound, this checks and remembers. */
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "record.h"

static const struct msp_address_ops *msp_of(struct tapi3_stream *stream)
{
	struct tapi3_call *call = stream->call;

	return call->msp ? call->address->host.module->address : NULL;
}

int streams_create(struct tapi3_call *call)
{
	const struct msp_address_ops *ops = call->address->host.module->address;
	unsigned int count = ops->stream_count(call->msp);

	if (count > CALL_STREAMS)
		return tapi3_fail(call->address->tapi, TAPI3_E_FAILED,
				  "%s made %u streams, %u are possible",
				  call->address->host.module->name, count, CALL_STREAMS);
	record_streams(count);
	call->num_streams = count;
	for (unsigned int i = 0; i < count; i++) {
		struct tapi3_stream *stream = &call->streams[i];

		stream->call = call;
		stream->msp = ops->stream_get(call->msp, i);
		ops->stream_info(stream->msp, &stream->info);
		ops->stream_set_host(stream->msp, (struct msp_host_stream *)stream);
	}
	return 0;
}

static void release_terminal(struct tapi3_stream *stream)
{
	struct tapi3_terminal *terminal = stream->terminal;

	stream->terminal = NULL;
	terminal->owner = NULL;
	tapi3_terminal_unref(terminal);
}

void streams_destroy(struct tapi3_call *call)
{
	if (!call->msp)
		return;
	call->address->host.module->address->call_destroy(call->msp);
	call->msp = NULL;
	for (unsigned int i = 0; i < call->num_streams; i++) {
		if (call->streams[i].terminal)
			release_terminal(&call->streams[i]);
	}
}

struct tapi3_stream *tapi3_stream_ref(struct tapi3_stream *stream)
{
	if (stream)
		tapi3_call_ref(stream->call);
	return stream;
}

struct tapi3_stream *tapi3_stream_unref(struct tapi3_stream *stream)
{
	if (stream)
		tapi3_call_unref(stream->call);
	return NULL;
}

enum tapi3_media tapi3_stream_get_media(struct tapi3_stream *stream)
{
	return stream->info.media;
}

enum tapi3_direction tapi3_stream_get_direction(struct tapi3_stream *stream)
{
	return stream->info.direction;
}

const char *tapi3_stream_get_name(struct tapi3_stream *stream)
{
	return stream->info.name;
}

static int fail(struct tapi3_stream *stream, int error)
{
	return tapi3_fail(stream->call->address->tapi, error, "stream %s: %s",
			  stream->info.name, tapi3_strerror(error));
}

int tapi3_stream_select_terminal(struct tapi3_stream *stream, struct tapi3_terminal *terminal)
{
	int err;

	if (!stream || !terminal)
		return TAPI3_E_INVALIDARG;
	if (!msp_of(stream))
		return fail(stream, TAPI3_E_REMOVED);
	if (terminal->hub != &stream->call->address->tapi->hub)
		return fail(stream, TAPI3_E_INVALIDTERMINAL);
	if (terminal->direction != stream->info.direction)
		return fail(stream, TAPI3_E_INVALIDDIRECTION);
	if (terminal->owner)
		return fail(stream, TAPI3_E_TERMINALINUSE);
	if (stream->terminal)
		return fail(stream, TAPI3_E_MAXTERMINALS);
	record_request("select_terminal");
	record_to_msp("select_terminal");
	terminal->owner = stream;
	stream->terminal = tapi3_terminal_ref(terminal);
	err = msp_of(stream)->stream_select(stream->msp, (struct msp_terminal *)terminal);
	if (err) {
		release_terminal(stream);
		return fail(stream, err);
	}
	return 0;
}

int tapi3_stream_unselect_terminal(struct tapi3_stream *stream, struct tapi3_terminal *terminal)
{
	int err;

	if (!stream || !terminal)
		return TAPI3_E_INVALIDARG;
	if (stream->terminal != terminal)
		return fail(stream, TAPI3_E_INVALIDTERMINAL);
	if (!msp_of(stream))
		return fail(stream, TAPI3_E_REMOVED);
	err = msp_of(stream)->stream_unselect(stream->msp, (struct msp_terminal *)terminal);
	release_terminal(stream);
	return err ? fail(stream, err) : 0;
}

int tapi3_stream_start(struct tapi3_stream *stream)
{
	int err;

	if (!stream)
		return TAPI3_E_INVALIDARG;
	if (!msp_of(stream))
		return fail(stream, TAPI3_E_REMOVED);
	if (!stream->terminal)
		return fail(stream, TAPI3_E_NOTERMINALSELECTED);
	err = msp_of(stream)->stream_start(stream->msp);
	return err < 0 ? fail(stream, err) : err;
}

int tapi3_stream_pause(struct tapi3_stream *stream)
{
	int err;

	if (!stream)
		return TAPI3_E_INVALIDARG;
	if (!msp_of(stream))
		return fail(stream, TAPI3_E_REMOVED);
	err = msp_of(stream)->stream_pause(stream->msp);
	return err < 0 ? fail(stream, err) : err;
}

int tapi3_stream_stop(struct tapi3_stream *stream)
{
	int err;

	if (!stream)
		return TAPI3_E_INVALIDARG;
	if (!msp_of(stream))
		return fail(stream, TAPI3_E_REMOVED);
	err = msp_of(stream)->stream_stop(stream->msp);
	return err < 0 ? fail(stream, err) : err;
}

bool tapi3_stream_is_active(struct tapi3_stream *stream)
{
	return msp_of(stream) && msp_of(stream)->stream_active(stream->msp);
}

/* --- ITStreamControl of the call --- */

int tapi3_call_streams_list(struct tapi3_call *call, struct tapi3_stream ***out)
{
	struct tapi3_stream **list;
	unsigned int count;

	if (!call || !out)
		return TAPI3_E_INVALIDARG;
	count = call->msp ? call->num_streams : 0;
	list = calloc(count + 1, sizeof(*list));
	if (!list)
		return tapi3_fail(call->address->tapi, TAPI3_E_NOMEM, "out of memory");
	for (unsigned int i = 0; i < count; i++)
		list[i] = tapi3_stream_ref(&call->streams[i]);
	*out = list;
	return 0;
}

void tapi3_stream_list_free(struct tapi3_stream **list)
{
	for (size_t i = 0; list && list[i]; i++)
		tapi3_stream_unref(list[i]);
	free(list);
}

int tapi3_call_get_stream(struct tapi3_call *call, enum tapi3_media media,
			  enum tapi3_direction direction, struct tapi3_stream **out)
{
	if (!call || !out)
		return TAPI3_E_INVALIDARG;
	for (unsigned int i = 0; call->msp && i < call->num_streams; i++) {
		struct tapi3_stream *stream = &call->streams[i];

		if (stream->info.media == media && stream->info.direction == direction) {
			*out = tapi3_stream_ref(stream);
			return 0;
		}
	}
	return tapi3_fail(call->address->tapi, TAPI3_E_NOTSUPPORTED, "no such stream");
}

int tapi3_call_select_terminal(struct tapi3_call *call, struct tapi3_terminal *terminal)
{
	struct tapi3_stream *stream;
	int err;

	if (!call || !terminal)
		return TAPI3_E_INVALIDARG;
	err = tapi3_call_get_stream(call, TAPI3_MEDIA_AUDIO, terminal->direction, &stream);
	if (err)
		return err;
	err = tapi3_stream_select_terminal(stream, terminal);
	tapi3_stream_unref(stream);
	return err;
}

int tapi3_call_unselect_terminal(struct tapi3_call *call, struct tapi3_terminal *terminal)
{
	if (!call || !terminal)
		return TAPI3_E_INVALIDARG;
	for (unsigned int i = 0; i < call->num_streams; i++) {
		if (call->streams[i].terminal == terminal)
			return tapi3_stream_unselect_terminal(&call->streams[i], terminal);
	}
	return tapi3_fail(call->address->tapi, TAPI3_E_INVALIDTERMINAL,
			  "the terminal is not on this call");
}

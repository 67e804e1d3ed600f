/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The PCM of a call.  It is open exactly while the TSP offers it, the call may
 * be heard, and a stream that the program did not stop has a terminal.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "card.h"

static void tell(struct msp_stream *stream, enum tapi3_media_event event,
		 enum tapi3_media_cause cause, int error)
{
	struct msp_media_event media = { .event = event, .cause = cause, .stream = stream->host,
					 .terminal = stream->terminal, .error = error };

	stream->call->address->ops->post_media_event(stream->call->host, &media);
}

static void send_failed(struct msp_call *call, int error)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__Failed failed = TAPI__CARD__FAILED__INIT;

	failed.has_stream = failed.has_error = true;
	failed.stream = call->number;
	failed.error = -error;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_FAILED;
	msg.failed = &failed;
	wire_send(call->address, call, &msg);
}

static void send_started(struct msp_call *call)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__Started started = TAPI__CARD__STARTED__INIT;
	struct msp_line_stats stats;

	call->address->ops->line_stats(call->line, &stats);
	started.has_stream = started.has_latency_us = true;
	started.stream = call->number;
	started.latency_us = stats.latency_us;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_STARTED;
	msg.started = &started;
	wire_send(call->address, call, &msg);
}

static void send_stopped(struct msp_call *call)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__Stopped stopped = TAPI__CARD__STOPPED__INIT;

	stopped.has_stream = true;
	stopped.stream = call->number;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_STOPPED;
	msg.stopped = &stopped;
	wire_send(call->address, call, &msg);
}

static void send_digits_done(struct msp_call *call, uint32_t id, int done, int error)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__DigitsDone answer = TAPI__CARD__DIGITS_DONE__INIT;

	answer.has_id = answer.has_done = answer.has_error = true;
	answer.id = id;
	answer.done = done;
	answer.error = -error;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_DIGITS_DONE;
	msg.digits_done = &answer;
	wire_send(call->address, call, &msg);
}

static bool wanted(const struct msp_stream *stream)
{
	const struct msp_call *call = stream->call;

	return call->offered && stream->terminal && !stream->stopped &&
	       (call->early || call->address->ops->call_is_connected(call->host));
}

static bool line_wanted(const struct msp_call *call)
{
	for (int i = 0; i < CARD_STREAMS; i++) {
		if (wanted(&call->streams[i]))
			return true;
	}
	return false;
}

void media_release(struct msp_stream *stream, enum tapi3_media_cause cause)
{
	if (stream->attached)
		stream->call->address->ops->line_detach(stream->call->line, stream->terminal);
	stream->attached = false;
	if (stream->active) {
		stream->active = false;
		tell(stream, TAPI3_MEDIA_STREAM_INACTIVE, cause, 0);
	}
}

static void close_line(struct msp_call *call, enum tapi3_media_cause cause)
{
	const struct msp_host_ops *ops = call->address->ops;

	if (!call->line)
		return;
	ops->timer_cancel(call->stats);
	call->stats = NULL;
	for (int i = 0; i < CARD_STREAMS; i++)
		media_release(&call->streams[i], cause);
	if (call->flowing)
		wire_send_stats(call);
	ops->line_close(call->line);
	call->line = NULL;
	call->flowing = false;
	if (call->digits_id)
		send_digits_done(call, call->digits_id, 0, -ECANCELED);
	call->digits_id = 0;
}

static void fail_line(struct msp_call *call, int error)
{
	for (int i = 0; i < CARD_STREAMS; i++) {
		struct msp_stream *stream = &call->streams[i];

		if (wanted(stream))
			tell(stream, TAPI3_MEDIA_STREAM_FAIL, TAPI3_MEDIA_CAUSE_BAD_DEVICE, error);
	}
	/* no new attempt until the TSP offers again */
	call->offered = false;
	close_line(call, TAPI3_MEDIA_CAUSE_BAD_DEVICE);
	send_failed(call, error);
}

static void stats_due(void *data)
{
	struct msp_call *call = data;

	wire_send_stats(call);
	call->stats = call->address->ops->timer_start(call->address->host, CARD_STATS_MS,
						      stats_due, call);
}

static void activate(struct msp_stream *stream)
{
	if (!stream->attached || stream->active)
		return;
	stream->active = true;
	tell(stream, TAPI3_MEDIA_STREAM_ACTIVE, TAPI3_MEDIA_CAUSE_UNKNOWN, 0);
}

static void line_notify(void *data, enum tapi3_media_event event, int error)
{
	struct msp_call *call = data;

	if (event == TAPI3_MEDIA_STREAM_FAIL) {
		fail_line(call, error);
		return;
	}
	call->flowing = true;
	send_started(call);
	for (int i = 0; i < CARD_STREAMS; i++)
		activate(&call->streams[i]);
	call->stats = call->address->ops->timer_start(call->address->host, CARD_STATS_MS,
						      stats_due, call);
}

static void attach(struct msp_stream *stream)
{
	int err = stream->call->address->ops->line_attach(stream->call->line, stream->terminal);

	if (err) {
		/* the other direction goes on; the program may select another terminal */
		stream->stopped = true;
		tell(stream, TAPI3_MEDIA_TERMINAL_FAIL, TAPI3_MEDIA_CAUSE_BAD_DEVICE, err);
		return;
	}
	stream->attached = true;
	if (stream->call->flowing)
		activate(stream);
}

static void open_line(struct msp_call *call)
{
	const struct msp_host_ops *ops = call->address->ops;
	struct msp_line_config config = { .pcm = call->pcm, .period_ms = call->period_ms,
					  .notify = line_notify, .data = call };
	int err = ops->line_open(call->address->host, &config, &call->line);

	if (err < 0) {
		call->line = NULL;
		fail_line(call, err);
		return;
	}
	for (int i = 0; i < CARD_STREAMS; i++) {
		if (wanted(&call->streams[i]))
			attach(&call->streams[i]);
	}
	err = ops->line_start(call->line);
	if (err < 0)
		fail_line(call, err);
}

void media_update(struct msp_call *call, enum tapi3_media_cause cause)
{
	if (!line_wanted(call)) {
		close_line(call, cause);
		return;
	}
	if (!call->line) {
		open_line(call);
		return;
	}
	for (int i = 0; i < CARD_STREAMS; i++) {
		struct msp_stream *stream = &call->streams[i];

		if (stream->attached && !wanted(stream))
			media_release(stream, cause);
		else if (!stream->attached && wanted(stream))
			attach(stream);
	}
}

void media_offer(struct msp_call *call, const Tapi__Card__Start *start)
{
	if (!start->pcm || strlen(start->pcm) >= sizeof(call->pcm) || !start->has_period_ms)
		return;
	/* another PCM, or the same anew: the old offer is over */
	if (call->offered && (strcmp(call->pcm, start->pcm) || call->number != start->stream)) {
		call->offered = false;
		close_line(call, TAPI3_MEDIA_CAUSE_REMOTE_REQUEST);
	}
	snprintf(call->pcm, sizeof(call->pcm), "%s", start->pcm);
	call->period_ms = start->period_ms;
	call->number = start->stream;
	call->early = start->early;
	call->offered = true;
	for (int i = 0; i < CARD_STREAMS; i++) {
		if (!call->streams[i].terminal)
			tell(&call->streams[i], TAPI3_MEDIA_STREAM_NOT_USED,
			     TAPI3_MEDIA_CAUSE_UNKNOWN, 0);
	}
	media_update(call, TAPI3_MEDIA_CAUSE_REMOTE_REQUEST);
}

void media_withdraw(struct msp_call *call, enum tapi3_media_cause cause)
{
	bool answer = call->offered || call->line;

	call->offered = false;
	close_line(call, cause);
	if (answer)
		send_stopped(call);
}

static void digits_played(void *data, int digits)
{
	struct msp_call *call = data;
	uint32_t id = call->digits_id;

	call->digits_id = 0;
	send_digits_done(call, id, digits, 0);
}

void media_play_digits(struct msp_call *call, const Tapi__Card__PlayDigits *play)
{
	int err = -ENOTCONN;

	if (!play->digits)
		return;
	if (call->line && call->digits_id)
		err = -EBUSY;
	else if (call->line)
		err = call->address->ops->line_digits(call->line, play->digits, play->on_ms,
						      play->off_ms, digits_played, call);
	if (err)
		send_digits_done(call, play->id, 0, err);
	else
		call->digits_id = play->id;
}

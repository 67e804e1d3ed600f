/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What MSPs are given: struct msp_host_ops. */
#include <errno.h>
#include <stdlib.h>

#include "private.h"
#include "record.h"

static struct tapi3_terminal *terminal_of(struct msp_terminal *terminal)
{
	return (struct tapi3_terminal *)terminal;
}

static struct engine_line *line_of(struct msp_line *line)
{
	return (struct engine_line *)line;
}

static void host_log(struct msp_host_address *host, int priority, const char *text)
{
	(void)priority;		/* libraries do not write logs: the program asks for the reason */
	tapi3_fail(host->address->tapi, 0, "%s: %s", host->address->name, text);
}

static int host_send(struct msp_host_address *host, struct msp_host_call *host_call,
		     const void *data, size_t size)
{
	struct tapi3_call *call = host_call ? call_of_host(host_call) : NULL;
	struct tapi3 *tapi = host->address->tapi;
	uint64_t id = call ? call->id : 0;

	if (size > TAPI_NL_DATA_MAX)
		return -EMSGSIZE;
	if (!host->instance || !tapi->relay)
		return -EPIPE;
	/* the TSP speaks first: what it has not announced cannot be spoken about */
	if (call && !id)
		return -ENOTCONN;
	return relay_nl_send(tapi->relay, host->instance, call ? &id : NULL, 0, data, size);
}

static int host_post_media_event(struct msp_host_call *host_call,
				 const struct msp_media_event *event)
{
	struct tapi3_call *call = call_of_host(host_call);

	record_media(event->event);
	event_post(call->address->tapi, &(struct tapi3_event_init){
		.type = TAPI3_EVENT_CALL_MEDIA, .address = call->address, .call = call,
		.stream = (struct tapi3_stream *)event->stream,
		.terminal = event->terminal ? terminal_of(event->terminal) : NULL,
		.code = event->event, .cause = event->cause });
	return 0;
}

static int host_post_private_event(struct msp_host_address *host,
				   struct msp_host_call *host_call, int code,
				   const void *data, size_t size)
{
	event_post(host->address->tapi, &(struct tapi3_event_init){
		.type = TAPI3_EVENT_PRIVATE, .address = host->address,
		.call = host_call ? call_of_host(host_call) : NULL,
		.code = code, .data = data, .size = size });
	return 0;
}

static struct msp_timer *host_timer_start(struct msp_host_address *host, unsigned int ms,
					  void (*expired)(void *data), void *data)
{
	return timer_start(host->address->tapi, ms, expired, data);
}

static bool host_call_is_connected(struct msp_host_call *call)
{
	return call_of_host(call)->state == TAPI3_CALL_CONNECTED;
}

static enum tapi3_direction host_terminal_direction(struct msp_terminal *terminal)
{
	return terminal_of(terminal)->direction;
}

static enum tapi3_media host_terminal_media(struct msp_terminal *terminal)
{
	(void)terminal;
	return TAPI3_MEDIA_AUDIO;
}

static int host_line_open(struct msp_host_address *host, const struct msp_line_config *config,
			  struct msp_line **line)
{
	return engine_line_open(host->address->tapi->engine, config,
				(struct engine_line **)line);
}

static int host_line_start(struct msp_line *line)
{
	return engine_line_start(line_of(line));
}

static int host_line_stop(struct msp_line *line)
{
	return engine_line_stop(line_of(line));
}

static void host_line_close(struct msp_line *line)
{
	engine_line_close(line_of(line));
}

static int host_line_attach(struct msp_line *line, struct msp_terminal *terminal)
{
	int err = terminal_start(terminal_of(terminal));

	if (!err)
		err = engine_line_attach(line_of(line), &terminal_of(terminal)->port);
	if (err)
		terminal_stop(terminal_of(terminal));
	return err;
}

static int host_line_detach(struct msp_line *line, struct msp_terminal *terminal)
{
	int err = engine_line_detach(line_of(line), &terminal_of(terminal)->port);

	terminal_stop(terminal_of(terminal));
	return err;
}

static int host_line_digits(struct msp_line *line, const char *digits, unsigned int on_ms,
			    unsigned int off_ms, void (*done)(void *data, int digits),
			    void *data)
{
	return engine_line_digits(line_of(line), digits, on_ms, off_ms, done, data);
}

static void host_line_stats(struct msp_line *line, struct msp_line_stats *stats)
{
	engine_line_stats(line_of(line), stats);
}

const struct msp_host_ops msp_host = {
	.version = MSP_ABI,
	.size = sizeof(msp_host),
	.log = host_log,
	.send = host_send,
	.post_media_event = host_post_media_event,
	.post_private_event = host_post_private_event,
	.timer_start = host_timer_start,
	.timer_cancel = timer_cancel,
	.call_is_connected = host_call_is_connected,
	.terminal_direction = host_terminal_direction,
	.terminal_media = host_terminal_media,
	.line_open = host_line_open,
	.line_start = host_line_start,
	.line_stop = host_line_stop,
	.line_close = host_line_close,
	.line_attach = host_line_attach,
	.line_detach = host_line_detach,
	.line_digits = host_line_digits,
	.line_stats = host_line_stats,
};

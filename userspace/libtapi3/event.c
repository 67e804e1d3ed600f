/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events: what a program fetches after tapi3_dispatch(). */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "private.h"
#include "record.h"

struct tapi3_event {
	unsigned int refs;
	struct list node;
	enum tapi3_event_type type;
	struct tapi3_address *address;
	struct tapi3_call *call;
	struct tapi3_stream *stream;
	struct tapi3_terminal *terminal;
	int code;
	int cause;
	char digit;
	bool synthetic;
	uint64_t time;
	size_t size;
	char data[];
};

void event_post(struct tapi3 *tapi, const struct tapi3_event_init *init)
{
	struct tapi3_event *event;
	struct timespec ts;

	if (!(tapi->filter & init->type))
		return;
	record_event(init);
	event = calloc(1, sizeof(*event) + init->size);
	if (!event) {
		tapi3_fail(tapi, TAPI3_E_NOMEM, "an event was lost: out of memory");
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &ts);
	event->refs = 1;
	event->type = init->type;
	event->address = init->address ? tapi3_address_ref(init->address) : NULL;
	event->call = init->call ? tapi3_call_ref(init->call) : NULL;
	event->stream = init->stream ? tapi3_stream_ref(init->stream) : NULL;
	event->terminal = init->terminal ? tapi3_terminal_ref(init->terminal) : NULL;
	event->code = init->code;
	event->cause = init->cause;
	event->digit = init->digit;
	event->synthetic = init->synthetic;
	event->time = ts.tv_sec * 1000000000ULL + ts.tv_nsec;
	event->size = init->size;
	if (init->size)
		memcpy(event->data, init->data, init->size);
	list_append(&tapi->events, &event->node);
}

struct tapi3_event *tapi3_get_event(struct tapi3 *tapi)
{
	struct tapi3_event *event;

	if (!tapi || list_empty(&tapi->events))
		return NULL;
	event = list_entry(tapi->events.next, struct tapi3_event, node);
	list_remove(&event->node);
	return event;
}

void events_clear(struct tapi3 *tapi)
{
	struct tapi3_event *event;

	while ((event = tapi3_get_event(tapi)))
		tapi3_event_unref(event);
}

struct tapi3_event *tapi3_event_ref(struct tapi3_event *event)
{
	if (event)
		event->refs++;
	return event;
}

struct tapi3_event *tapi3_event_unref(struct tapi3_event *event)
{
	if (!event || --event->refs)
		return NULL;
	tapi3_terminal_unref(event->terminal);
	tapi3_stream_unref(event->stream);
	tapi3_call_unref(event->call);
	tapi3_address_unref(event->address);
	free(event);
	return NULL;
}

enum tapi3_event_type tapi3_event_get_type(const struct tapi3_event *event)
{
	return event->type;
}

struct tapi3_address *tapi3_event_peek_address(const struct tapi3_event *event)
{
	return event->address;
}

struct tapi3_call *tapi3_event_peek_call(const struct tapi3_event *event)
{
	return event->call;
}

struct tapi3_stream *tapi3_event_peek_stream(const struct tapi3_event *event)
{
	return event->stream;
}

struct tapi3_terminal *tapi3_event_peek_terminal(const struct tapi3_event *event)
{
	return event->terminal;
}

int tapi3_event_get_code(const struct tapi3_event *event)
{
	return event->code;
}

int tapi3_event_get_cause(const struct tapi3_event *event)
{
	return event->cause;
}

char tapi3_event_get_digit(const struct tapi3_event *event)
{
	return event->digit;
}

const void *tapi3_event_get_data(const struct tapi3_event *event, size_t *size)
{
	if (size)
		*size = event->size;
	return event->size ? event->data : NULL;
}

bool tapi3_event_is_synthetic(const struct tapi3_event *event)
{
	return event->synthetic;
}

uint64_t tapi3_event_get_time(const struct tapi3_event *event)
{
	return event->time;
}

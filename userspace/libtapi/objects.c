/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines and calls: what the program calls them, and what the server calls them. */
#include <stdlib.h>

#include "internal.h"

const char handle_app[1], handle_line[1], handle_call[1];

static struct object **bucket(struct app *app, uint32_t server)
{
	return &app->map[server % MAP_BUCKETS];
}

static void unbind(struct app *app, struct object *object)
{
	struct object **at = bucket(app, object->server);

	if (!object->server)
		return;
	while (*at != object)
		at = &(*at)->next;
	*at = object->next;
	object->server = 0;
}

void object_bind(struct app *app, struct object *object, uint32_t server)
{
	struct object **at = bucket(app, server);

	unbind(app, object);
	if (!server)
		return;
	object->server = server;
	object->next = *at;
	*at = object;
}

/* Lines and calls share one row of numbers at the server; the handle's type tells which it is */
static void *find(struct app *app, const char *type, uint32_t server)
{
	struct object *object = server ? *bucket(app, server) : NULL;

	for (; object; object = object->next) {
		if (object->server == server)
			return handle_get(&tapi_handles, type, object->handle);
	}
	return NULL;
}

struct line *line_of_server(struct app *app, uint32_t server)
{
	return find(app, handle_line, server);
}

struct call *call_of_server(struct app *app, uint32_t server)
{
	return find(app, handle_call, server);
}

struct line *line_new(struct app *app)
{
	struct line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->object.handle = handle_new(&tapi_handles, handle_line, line);
	if (!line->object.handle) {
		free(line);
		return NULL;
	}
	line->app = app;
	tapi__rpc__open_record__init(&line->record);
	list_append(&app->lines, &line->node);
	return line;
}

struct call *call_new(struct app *app, struct line *line, uint32_t server)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->object.handle = handle_new(&tapi_handles, handle_call, call);
	if (!call->object.handle) {
		free(call);
		return NULL;
	}
	call->app = app;
	call->line = line;
	tapi__rpc__call_record__init(&call->record);
	list_init(&call->gathers);
	list_append(&app->calls, &call->node);
	object_bind(app, &call->object, server);
	return call;
}

void call_free(struct call *call)
{
	handle_close(&tapi_handles, call->object.handle);
	unbind(call->app, &call->object);
	list_remove(&call->node);
	list_for_each(at, &call->gathers)
		gather_free(list_entry(at, struct gather, node));
	free(call);
}

void line_free(struct line *line)
{
	list_for_each(at, &line->app->calls) {
		struct call *call = list_entry(at, struct call, node);

		if (call->line == line)
			call_free(call);
	}
	handle_close(&tapi_handles, line->object.handle);
	unbind(line->app, &line->object);
	list_remove(&line->node);
	free(line);
}

struct gather *gather_new(struct call *call, void *buffer, uint32_t count, bool wide)
{
	struct gather *gather = calloc(1, sizeof(*gather));

	if (!gather)
		return NULL;
	gather->buffer = buffer;
	gather->count = count;
	gather->wide = wide;
	list_append(&call->gathers, &gather->node);
	return gather;
}

void gather_free(struct gather *gather)
{
	list_remove(&gather->node);
	free(gather->digits);
	free(gather);
}

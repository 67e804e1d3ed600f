/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that programs have open, and what providers are told to watch for on their behalf. */
#include <stdlib.h>

#include "server.h"

#define PRIVILEGES	(LINECALLPRIVILEGE_NONE | LINECALLPRIVILEGE_MONITOR | \
			 LINECALLPRIVILEGE_OWNER)
#define OPTIONS		(LINEOPENOPTION_SINGLEADDRESS | LINEOPENOPTION_PROXY)

static uint64_t next_order;

static void refuse(struct open *open, int32_t result, const Tapi__Rpc__Error *error,
		   const char *text)
{
	if (open->closure)
		answer_error(CLOSURE(open->closure), open->closure_data,
			     &tapi__rpc__open_out__descriptor, result,
			     error && error->has_origin ? error->origin : TAPI_ORIGIN_SERVER,
			     error && error->has_number ? (int)error->number : 0,
			     error && error->text ? error->text : text);
	open->closure = NULL;
}

struct open *open_of(uint32_t handle, ProtobufCClosure closure, void *data)
{
	struct open *open = open_get(client_of(data), handle);

	if (open && open->settled)
		return open;
	answer_error(closure, data, &tapi__rpc__result__descriptor, LINEERR_INVALLINEHANDLE,
		     TAPI_ORIGIN_SERVER, 0, "no such line");
	return NULL;
}

/* ---- what the provider is told: a function of the opens ---- */

static void filters_of(const struct line *line, uint32_t *media, uint32_t *line_states,
		       uint32_t *address_states)
{
	*media = *line_states = *address_states = 0;
	list_for_each(at, &line->opens) {
		struct open *open = list_entry(at, struct open, in_line);

		if (open->privileges & LINECALLPRIVILEGE_OWNER)
			*media |= open->media_modes;
		*line_states |= open->line_states;
		*address_states |= open->address_states;
	}
	/* those that are about to be open */
	list_for_each(at, &line->waiting) {
		struct open *open = list_entry(at, struct open, in_line);

		if (open->privileges & LINECALLPRIVILEGE_OWNER)
			*media |= open->media_modes;
	}
}

static void told(struct op *op, const ProtobufCMessage *out)
{
	if (op_result(op, out) < 0 && out)
		log_message(4, "line %u: the provider refuses a filter: 0x%08x", op->line->device,
			    (unsigned int)op_result(op, out));
}

static void tell_status(struct line *line, uint32_t line_states, uint32_t address_states)
{
	Tapi__Rpc__StatusMessages in = TAPI__RPC__STATUS_MESSAGES__INIT;
	struct op *op = op_new(line->provider, told);

	if (!op)
		return;
	op->line = line;
	line->line_states_told = line_states;
	line->address_states_told = address_states;
	in.has_line = in.has_line_states = in.has_address_states = 1;
	in.line = line->number;
	in.line_states = line_states;
	in.address_states = address_states;
	tapi__rpc__tspi__line_set_status_messages(TSPI(line->provider), &in, OP_CLOSURE(Result),
						  op);
	op_sent(op);
}

static void tell_media(struct line *line, uint32_t media, struct op *op)
{
	Tapi__Rpc__TspiLineValueIn in = TAPI__RPC__TSPI_LINE_VALUE_IN__INIT;

	if (!op)
		return;
	op->line = line;
	line->media_told = media;
	in.has_line = in.has_value = 1;
	in.line = line->number;
	in.value = media;
	tapi__rpc__tspi__line_set_default_media_detection(TSPI(line->provider), &in,
							  OP_CLOSURE(Result), op);
	op_sent(op);
}

void filters_update(struct line *line)
{
	uint32_t media, line_states, address_states;

	if (line->state != LINE_OPENED)
		return;
	filters_of(line, &media, &line_states, &address_states);
	if (media != line->media_told)
		tell_media(line, media, op_new(line->provider, told));
	if (line_states != line->line_states_told || address_states != line->address_states_told)
		tell_status(line, line_states, address_states);
}

bool filters_are_told(const struct line *line)
{
	uint32_t media, line_states, address_states;

	if (line->state != LINE_OPENED)
		return true;
	filters_of(line, &media, &line_states, &address_states);
	return media == line->media_told && line_states == line->line_states_told &&
	       address_states == line->address_states_told;
}

/* ---- opening ---- */

static void opened_finally(struct open *open)
{
	Tapi__Rpc__OpenOut out = TAPI__RPC__OPEN_OUT__INIT;
	struct line *line = open->line;

	list_remove(&open->in_line);
	list_append(&line->opens, &open->in_line);
	open->settled = true;
	out.has_result = out.has_line = out.has_device = out.has_version = 1;
	out.line = open->handle;
	out.device = line->device;
	out.version = open->version;
	if (open->closure)
		open->closure(&out, open->closure_data);
	open->closure = NULL;
	event_line_state(line, LINEDEVSTATE_OPEN, 0, 0);
}

static void refused_finally(struct open *open, int32_t result, const Tapi__Rpc__Error *error,
			    const char *text)
{
	struct line *line = open->line;

	refuse(open, result, error, text);
	open_free(open);
	if (list_empty(&line->opens) && list_empty(&line->waiting) && line->state != LINE_CLOSED)
		line_close_host(line);
	else
		filters_update(line);
}

static struct open *waiting_open(const struct op *op)
{
	struct open *open = open_get(op->client, op->handle);

	return open && !open->settled ? open : NULL;
}

/* The provider has accepted, or not, to look for the new open's media */
static void media_accepted(struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__Result *result = (const Tapi__Rpc__Result *)out;
	struct open *open = waiting_open(op);

	if (!open)
		return;
	if (op_result(op, out) < 0)
		refused_finally(open, op_result(op, out), result ? result->error : NULL,
				"the provider refuses the media modes");
	else
		opened_finally(open);
}

static void settle(struct open *open)
{
	uint32_t media, line_states, address_states;
	struct line *line = open->line;
	struct op *op;

	filters_of(line, &media, &line_states, &address_states);
	if (media == line->media_told) {
		opened_finally(open);
		return;
	}
	op = op_new(line->provider, media_accepted);
	if (!op) {
		refused_finally(open, LINEERR_OPERATIONFAILED, NULL, "the provider has gone");
		return;
	}
	op->client = client_ref(open->app->client);
	op->handle = open->handle;
	tell_media(line, media, op);
}

/* The host has opened the line, or not: all that wait go on */
void open_opened(struct line *line, int32_t result, const Tapi__Rpc__Error *error)
{
	list_for_each(at, &line->waiting) {
		struct open *open = list_entry(at, struct open, in_line);

		if (result < 0) {
			refuse(open, result, error, "the provider cannot open the line");
			open_free(open);
		} else {
			settle(open);
		}
	}
	if (result == 0 && list_empty(&line->waiting) && list_empty(&line->opens) &&
	    line->state == LINE_OPENED)
		line_close_host(line);		/* all have gone meanwhile */
}

/* LINEMAPPER: the first line that can do what is asked */
static struct line *mapped(const Tapi__Rpc__OpenIn *in)
{
	for (uint32_t i = 0; i < server.lines_count; i++) {
		struct line *line = server.lines[i];

		if (line && line_in_service(line) &&
		    (line->caps->media_modes & in->media_modes) == in->media_modes)
			return line;
	}
	return NULL;
}

static bool version_fits(const Tapi__Rpc__OpenIn *in, const struct app *app,
			 const struct line *line)
{
	if (in->device != 0xffffffff)
		return app_version(app, line->device) == in->version;
	return in->version >= SERVER_API_LOW && in->version <= SERVER_API_HIGH;
}

static int32_t check(const Tapi__Rpc__OpenIn *in, struct app *app, struct line **line,
		     const char **why)
{
	uint32_t wanted = in->privileges & ~(uint32_t)OPTIONS;

	*why = "no such program";
	if (!app)
		return LINEERR_INVALAPPHANDLE;
	*why = "privileges are NONE, MONITOR, OWNER or MONITOR | OWNER";
	if (!wanted || wanted & ~(uint32_t)PRIVILEGES ||
	    (wanted & LINECALLPRIVILEGE_NONE && wanted != LINECALLPRIVILEGE_NONE))
		return LINEERR_INVALPRIVSELECT;
	*why = "proxies are not supported";
	if (in->privileges & LINEOPENOPTION_PROXY)
		return LINEERR_OPERATIONUNAVAIL;
	*line = in->device == 0xffffffff ? mapped(in) : line_find(in->device);
	*why = "no line with this number";
	if (!*line)
		return in->device == 0xffffffff ? LINEERR_RESOURCEUNAVAIL :
		       in->device < server.lines_count ? LINEERR_NODEVICE : LINEERR_BADDEVICEID;
	*why = "the line has been removed";
	if ((*line)->removed)
		return LINEERR_NODEVICE;
	*why = "this version has not been negotiated for the line";
	if (!version_fits(in, app, *line))
		return LINEERR_INCOMPATIBLEAPIVERSION;
	*why = "the line does not have these media modes";
	if (wanted & LINECALLPRIVILEGE_OWNER &&
	    (!in->media_modes || in->media_modes & ~(*line)->caps->media_modes))
		return LINEERR_INVALMEDIAMODE;
	*why = "the line is out of service";
	if (!line_in_service(*line))
		return LINEERR_OPERATIONFAILED;
	*why = "too many lines are open";
	if (app->opens_count >= OPENS_PER_APP)
		return LINEERR_RESOURCEUNAVAIL;
	return 0;
}

void open_request(const Tapi__Rpc__OpenIn *in, Tapi__Rpc__OpenOut_Closure closure, void *data)
{
	open_begin(client_of(data), in, closure, data);
}

void open_begin(struct client *client, const Tapi__Rpc__OpenIn *in,
		Tapi__Rpc__OpenOut_Closure closure, void *data)
{
	struct app *app = app_get(client, in->app);
	struct line *line = NULL;
	struct open *open;
	const char *why;
	int32_t result = check(in, app, &line, &why);

	open = result ? NULL : calloc(1, sizeof(*open));
	if (open)
		open->handle = handle_new(&client->handles, handle_open, open);
	if (!open || !open->handle) {
		free(open);
		ANSWER_ERROR(OPEN_OUT, open_out, closure, data, result ? result : LINEERR_NOMEM,
			     result ? why : "no memory");
		return;
	}
	open->app = app;
	open->line = line;
	open->version = in->version;
	open->privileges = in->privileges & ~(uint32_t)OPTIONS;
	open->media_modes = in->media_modes;
	open->address = in->privileges & LINEOPENOPTION_SINGLEADDRESS && in->params ?
			(int64_t)in->params->address_id : -1;
	open->order = ++next_order;
	open->closure = closure;
	open->closure_data = data;
	list_init(&open->calls);
	list_append(&app->opens, &open->in_app);
	app->opens_count++;
	list_append(&line->waiting, &open->in_line);
	if (line->state == LINE_CLOSED && !line->closing)
		line_open_host(line, false);
	else if (line->state == LINE_OPENED)
		settle(open);
}

/* ---- closing ---- */

void open_free(struct open *open)
{
	if (open->closure)
		refuse(open, LINEERR_OPERATIONFAILED, NULL, "the program has gone");
	list_remove(&open->in_line);
	list_remove(&open->in_app);
	open->app->opens_count--;
	handle_close(&open->app->client->handles, open->handle);
	free(open);
}

static void leave_calls(struct open *open, bool drop)
{
	list_for_each(at, &open->calls) {
		struct appcall *appcall = list_entry(at, struct appcall, in_open);
		struct call *call = appcall->call;

		if (drop && appcall->privilege == LINECALLPRIVILEGE_OWNER &&
		    call_owners(call) == 1 && call_alive(call))
			call_drop(call);
		appcall_deallocate(appcall);
	}
}

void open_close(struct open *open)
{
	struct line *line = open->line;

	requests_of_open(open);
	leave_calls(open, true);
	open_free(open);
	if (list_empty(&line->opens) && list_empty(&line->waiting)) {
		if (line->state == LINE_OPENED)
			line_close_host(line);
	} else {
		filters_update(line);
	}
	event_line_state(line, LINEDEVSTATE_CLOSE, 0, 0);
}

void open_forced(struct open *open)
{
	struct app *app = open->app;
	uint32_t handle = open->handle;

	requests_fail_of_open(open);
	leave_calls(open, false);
	open_free(open);
	event_send(app, EVENT_STATE, handle, LINE_CLOSE, 0, 0, 0);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program has, for one that lost messages; and the way back for one that had a connection to
 * an earlier tapisrv.
 */
#include <stdlib.h>

#include "server.h"

static void record_open(const struct open *open, Tapi__Rpc__OpenRecord *record)
{
	tapi__rpc__open_record__init(record);
	record->has_line = record->has_device = record->has_version = 1;
	record->has_privileges = record->has_media_modes = 1;
	record->has_line_states = record->has_address_states = 1;
	record->line = open->handle;
	record->device = open->line->device;
	record->version = open->version;
	record->privileges = open->privileges;
	record->media_modes = open->media_modes;
	record->line_states = open->line_states;
	record->address_states = open->address_states;
	record->has_address = open->address >= 0;
	record->address = (uint32_t)open->address;
}

static void record_call(const struct appcall *appcall, Tapi__Rpc__CallRecord *record)
{
	const struct call *call = appcall->call;

	tapi__rpc__call_record__init(record);
	record->has_call = record->has_line = record->has_call_id = record->has_address = 1;
	record->has_state = record->has_mode = record->has_privilege = 1;
	record->has_digit_modes = record->has_media_modes = 1;
	record->call = appcall->handle;
	record->line = appcall->open->handle;
	record->call_id = call->call_id;
	record->address = call->address;
	record->state = call->state;
	record->mode = call->mode;
	record->privilege = appcall->privilege;
	record->digit_modes = appcall->digit_modes;
	record->media_modes = appcall->media_modes;
}

/* Everything one answer needs, freed as a whole */
struct records {
	Tapi__Rpc__OpenRecord *open, **opens;
	Tapi__Rpc__CallRecord *call, **calls;
	uint32_t *requests;
	size_t n_opens, n_calls, n_requests;
};

static void count(const struct app *app, struct records *r)
{
	list_for_each(at, &app->opens) {
		struct open *open = list_entry(at, struct open, in_app);

		r->n_opens++;
		list_for_each(call_at, &open->calls)
			r->n_calls++;
	}
	list_for_each(at, &app->requests)
		r->n_requests++;
}

static bool allocate(struct records *r)
{
	r->open = calloc(r->n_opens + 1, sizeof(*r->open));
	r->opens = calloc(r->n_opens + 1, sizeof(*r->opens));
	r->call = calloc(r->n_calls + 1, sizeof(*r->call));
	r->calls = calloc(r->n_calls + 1, sizeof(*r->calls));
	r->requests = calloc(r->n_requests + 1, sizeof(*r->requests));
	return r->open && r->opens && r->call && r->calls && r->requests;
}

static void release(struct records *r)
{
	free(r->open);
	free(r->opens);
	free(r->call);
	free(r->calls);
	free(r->requests);
}

static void fill(const struct app *app, struct records *r)
{
	r->n_opens = r->n_calls = r->n_requests = 0;
	list_for_each(at, &app->opens) {
		struct open *open = list_entry(at, struct open, in_app);

		if (!open->settled)
			continue;
		record_open(open, &r->open[r->n_opens]);
		r->opens[r->n_opens] = &r->open[r->n_opens];
		r->n_opens++;
		list_for_each(call_at, &open->calls) {
			struct appcall *appcall = list_entry(call_at, struct appcall, in_open);

			if (appcall->call->tentative)
				continue;
			record_call(appcall, &r->call[r->n_calls]);
			r->calls[r->n_calls] = &r->call[r->n_calls];
			r->n_calls++;
		}
	}
	list_for_each(at, &app->requests)
		r->requests[r->n_requests++] = list_entry(at, struct request, in_app)->id;
}

void snapshot_make(struct app *app, Tapi__Rpc__SnapshotOut_Closure closure, void *data)
{
	Tapi__Rpc__SnapshotOut out = TAPI__RPC__SNAPSHOT_OUT__INIT;
	struct records r = { 0 };

	count(app, &r);
	if (allocate(&r)) {
		fill(app, &r);
		out.has_result = out.has_seq = out.has_devices = 1;
		out.seq = app->client->seq;
		out.n_lines = r.n_opens;
		out.lines = r.opens;
		out.n_calls = r.n_calls;
		out.calls = r.calls;
		out.n_requests = r.n_requests;
		out.requests = r.requests;
		out.devices = server.lines_count;
		closure(&out, data);
	} else {
		ANSWER_ERROR(SNAPSHOT_OUT, snapshot_out, closure, data, LINEERR_NOMEM,
			     "no memory");
	}
	release(&r);
}

/* ---- coming back ---- */

struct resumed_open {
	struct resume *resume;
	Tapi__Rpc__OpenRecord record;	/* its handle becomes the new one, or 0 */
};

struct resume {
	struct waiting waiting;		/* for the providers */
	struct client *client;
	uint32_t app;
	struct resumed_open *opens;
	Tapi__Rpc__CallRecord *calls;
	uint32_t *old_lines;
	size_t n_opens, n_calls;
	unsigned int open;		/* lines that are not open yet */
	Tapi__Rpc__ResumeOut_Closure closure;
	void *closure_data;
};

static void resume_free(struct resume *resume)
{
	client_unref(resume->client);
	list_remove(&resume->waiting.node);
	free(resume->opens);
	free(resume->calls);
	free(resume->old_lines);
	free(resume);
}

static bool knows(const struct open *open, const struct call *call)
{
	list_for_each(at, &open->calls) {
		if (list_entry(at, struct appcall, in_open)->call == call)
			return true;
	}
	return false;
}

/* A program says what it was; it cannot become more than SetPrivilege would make it */
static uint32_t privilege_of(const Tapi__Rpc__CallRecord *record)
{
	if (record->privilege == LINECALLPRIVILEGE_OWNER ||
	    record->privilege == LINECALLPRIVILEGE_NONE)
		return record->privilege;
	return LINECALLPRIVILEGE_MONITOR;
}

/* The same call is known by the number its provider gave it */
static uint32_t find_call(struct open *open, const Tapi__Rpc__CallRecord *record)
{
	const Tapi__Rpc__DevCaps *caps = open->line->caps;
	struct appcall *appcall;

	list_for_each(at, &open->line->calls) {
		struct call *call = list_entry(at, struct call, node);

		if (!record->call_id || call->call_id != record->call_id || call->tentative ||
		    !call_alive(call) || knows(open, call))
			continue;
		appcall = appcall_new(call, open, privilege_of(record));
		if (!appcall)
			return 0;
		call->offered = true;
		appcall->known = true;
		appcall->digit_modes = record->digit_modes & caps->monitor_digit_modes;
		appcall->media_modes = record->media_modes & caps->media_modes;
		call_filters(call);
		return appcall->handle;
	}
	return 0;
}

static void resume_calls(struct resume *resume)
{
	for (size_t i = 0; i < resume->n_calls; i++) {
		Tapi__Rpc__CallRecord *record = &resume->calls[i];
		struct open *open = NULL;

		for (size_t j = 0; j < resume->n_opens; j++) {
			if (resume->old_lines[j] == record->line)
				open = open_get(resume->client, resume->opens[j].record.line);
		}
		record->call = open ? find_call(open, record) : 0;
		record->line = open ? open->handle : 0;
	}
}

static void resume_answer(struct resume *resume)
{
	Tapi__Rpc__ResumeOut out = TAPI__RPC__RESUME_OUT__INIT;
	Tapi__Rpc__OpenRecord **lines = calloc(resume->n_opens + 1, sizeof(*lines));
	Tapi__Rpc__CallRecord **calls = calloc(resume->n_calls + 1, sizeof(*calls));

	resume_calls(resume);
	for (size_t i = 0; lines && i < resume->n_opens; i++)
		lines[i] = &resume->opens[i].record;
	for (size_t i = 0; calls && i < resume->n_calls; i++)
		calls[i] = &resume->calls[i];
	out.has_result = out.has_app = 1;
	out.app = resume->app;
	out.n_lines = lines ? resume->n_opens : 0;
	out.lines = lines;
	out.n_calls = calls ? resume->n_calls : 0;
	out.calls = calls;
	resume->closure(&out, resume->closure_data);
	free(lines);
	free(calls);
	resume_free(resume);
}

static void resume_put(struct resume *resume)
{
	if (--resume->open == 0)
		resume_answer(resume);
}

static void resume_opened(const Tapi__Rpc__OpenOut *out, void *data)
{
	struct resumed_open *item = data;
	struct resume *resume = item->resume;
	struct open *open;

	item->record.line = out && out->has_line ? out->line : 0;
	open = open_get(resume->client, item->record.line);
	if (open) {
		open->line_states = item->record.line_states & open->line->caps->line_states;
		open->address_states = item->record.address_states;
		filters_update(open->line);
	}
	resume_put(resume);
}

static void resume_open(struct resume *resume, struct resumed_open *item)
{
	Tapi__Rpc__OpenIn in = TAPI__RPC__OPEN_IN__INIT;
	Tapi__Rpc__CallParams params = TAPI__RPC__CALL_PARAMS__INIT;
	struct app *app = app_get(resume->client, resume->app);
	struct line *line = line_find(item->record.device);

	if (app && line && item->record.version >= SERVER_API_LOW &&
	    item->record.version <= line->version)
		app_set_version(app, item->record.device, item->record.version);
	in.app = resume->app;
	in.device = item->record.device;
	in.version = item->record.version;
	in.privileges = item->record.privileges;
	in.media_modes = item->record.media_modes;
	if (item->record.has_address) {
		in.privileges |= LINEOPENOPTION_SINGLEADDRESS;
		params.address_id = item->record.address;
		in.params = &params;
	}
	open_begin(resume->client, &in, resume_opened, item);
}

/* The providers have started, or have been waited for long enough; or the program has gone */
static void resume_lines(struct waiting *waiting)
{
	struct resume *resume = (struct resume *)waiting;
	struct app *app = app_get(resume->client, resume->app);

	/* devices of before are no news to it, those of later are */
	if (app)
		app->ready = true;
	resume->open = 1;
	for (size_t i = 0; i < resume->n_opens; i++) {
		resume->open++;
		resume_open(resume, &resume->opens[i]);
	}
	resume_put(resume);
}

static struct resume *resume_new(struct client *client, const Tapi__Rpc__ResumeIn *in)
{
	struct resume *resume = calloc(1, sizeof(*resume));

	if (!resume)
		return NULL;
	list_init(&resume->waiting.node);
	resume->waiting.client = client;
	resume->waiting.go_on = resume_lines;
	resume->client = client_ref(client);
	resume->opens = calloc(in->n_lines + 1, sizeof(*resume->opens));
	resume->calls = calloc(in->n_calls + 1, sizeof(*resume->calls));
	resume->old_lines = calloc(in->n_lines + 1, sizeof(*resume->old_lines));
	if (!resume->opens || !resume->calls || !resume->old_lines) {
		resume_free(resume);
		return NULL;
	}
	resume->n_opens = in->n_lines;
	resume->n_calls = in->n_calls;
	for (size_t i = 0; i < in->n_lines; i++) {
		resume->opens[i].resume = resume;
		resume->opens[i].record = *in->lines[i];
		resume->old_lines[i] = in->lines[i]->line;
	}
	for (size_t i = 0; i < in->n_calls; i++)
		resume->calls[i] = *in->calls[i];
	return resume;
}

void snapshot_resume(const Tapi__Rpc__ResumeIn *in, Tapi__Rpc__ResumeOut_Closure closure,
		     void *data)
{
	struct client *client = client_of(data);
	const Tapi__Rpc__InitializeIn *program = in->program;
	struct resume *resume = resume_new(client, in);
	struct app *app = resume ? app_new(client, program ? program->api_version : 0,
					   program ? program->friendly_name : NULL,
					   program ? program->module_name : NULL) : NULL;

	if (!app) {
		if (resume)
			resume_free(resume);
		ANSWER_ERROR(RESUME_OUT, resume_out, closure, data, LINEERR_RESOURCEUNAVAIL,
			     "no memory, or too many programs on one connection");
		return;
	}
	resume->app = app->handle;
	resume->closure = closure;
	resume->closure_data = data;
	waiting_begin(&resume->waiting);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * In step with the server again: after it was started anew, and after events were lost. What the
 * program has missed is made up, and marked as such.
 *
 * A lost server: LOST, then connect, Hello, Resume, Snapshot (GREETING), LINKED. Nothing here
 * waits: one answer leads to the next question.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "internal.h"

#define FIRST_DELAY_MS	50u
#define LAST_DELAY_MS	1000u

/* ---- messages the program has missed ---- */

static void synthesize(struct app *app, DWORD device, DWORD id, struct line *line,
		       struct call *call, DWORD_PTR p1, DWORD_PTR p2, DWORD_PTR p3)
{
	struct message *message = message_new(app, device, id, line, call);

	if (!message)
		return;
	message->flags = TAPI_MESSAGE_SYNTHETIC;
	message->line.dwParam1 = p1;
	message->line.dwParam2 = p2;
	message->line.dwParam3 = p3;
	message_add(app, message);
}

static void state_changed(struct call *call, uint32_t privilege)
{
	if (!call->fresh)
		synthesize(call->app, call->object.handle, LINE_CALLSTATE, NULL, call,
			   call->record.state, call->record.mode, privilege);
}

static void call_vanished(struct call *call)
{
	object_bind(call->app, &call->object, 0);
	if (call->record.state == LINECALLSTATE_IDLE)
		return;
	call->record.state = LINECALLSTATE_IDLE;
	call->record.mode = 0;
	state_changed(call, 0);
}

static void line_vanished(struct line *line)
{
	struct app *app = line->app;
	struct message *message = NULL;

	if (line->record.has_device)	/* else lineOpen() is under way, and will fail */
		message = message_new(app, line->object.handle, LINE_CLOSE, line, NULL);
	line_free(line);
	if (!message)
		return;
	message->flags = TAPI_MESSAGE_SYNTHETIC;
	message_add(app, message);
}

/* ---- Snapshot ---- */

static void compare_call(struct app *app, const Tapi__Rpc__CallRecord *now)
{
	struct call *call = call_of_server(app, now->call);
	struct line *line = line_of_server(app, now->line);
	uint32_t privilege, state, mode;
	bool known = call;

	if (!call && line)
		call = call_new(app, line, now->call);
	if (!call)
		return;
	call->seen = true;
	state = call->record.state;
	mode = call->record.mode;
	privilege = call->record.privilege == now->privilege ? 0 : now->privilege;
	call->record.call_id = now->call_id;
	call->record.address = now->address;
	call->record.state = now->state;
	call->record.mode = now->mode;
	call->record.privilege = now->privilege;
	if (!known && app->version >= 0x00020000)
		synthesize(app, line->object.handle, LINE_APPNEWCALL, line, call, now->address,
			   call->object.handle, now->privilege);
	if (!known || state != now->state || mode != now->mode || privilege)
		state_changed(call, known ? privilege : now->privilege);
}

static void compare_calls(struct app *app, const Tapi__Rpc__SnapshotOut *out)
{
	list_for_each(at, &app->calls)
		list_entry(at, struct call, node)->seen = false;
	for (size_t i = 0; i < out->n_calls; i++)
		compare_call(app, out->calls[i]);
	list_for_each(at, &app->calls) {
		struct call *call = list_entry(at, struct call, node);

		if (!call->seen)
			call_vanished(call);
	}
}

static void compare_lines(struct app *app, const Tapi__Rpc__SnapshotOut *out)
{
	list_for_each(at, &app->lines) {
		struct line *line = list_entry(at, struct line, node);
		bool there = !line->record.has_device;	/* lineOpen() is under way */

		for (size_t i = 0; i < out->n_lines; i++)
			there |= out->lines[i]->line == line->object.server;
		if (!there)
			line_vanished(line);
	}
}

static void compare_requests(struct app *app, const Tapi__Rpc__SnapshotOut *out)
{
	list_for_each(at, &app->requests) {
		struct request *request = list_entry(at, struct request, node);
		bool there = !request->server;

		for (size_t i = 0; i < out->n_requests; i++)
			there |= out->requests[i] == request->server;
		if (!there)
			request_lost(request);
	}
}

static void compared(const Tapi__Rpc__SnapshotOut *out, void *data)
{
	struct app *app = data;

	app->comparing = false;
	if (!out || out->result < 0 || app->closing)
		return;
	compare_lines(app, out);
	compare_calls(app, out);
	compare_requests(app, out);
	for (; app->devices < out->devices; app->devices++)
		synthesize(app, 0, LINE_CREATE, NULL, NULL, app->devices, 0, 0);
}

void app_resynchronise(struct app *app)
{
	Tapi__Rpc__AppIn in = TAPI__RPC__APP_IN__INIT;

	if (app->comparing || !app_linked(app))
		return;
	app->comparing = true;
	SET(&in, app, app->server);
	tapi__rpc__app__snapshot(SERVICE_OF(app, SERVICE_APP), &in, compared, app);
}

/* ---- a lost server ---- */

static void timer_set(struct app *app, int64_t ns)
{
	struct itimerspec when = {
		.it_value = { .tv_sec = ns / (1000 * NS_PER_MS),
			      .tv_nsec = ns % (1000 * NS_PER_MS) },
	};

	timerfd_settime(app->timer_fd, 0, &when, NULL);
}

static void give_up(struct app *app)
{
	app->state = ENDED;
	app->told = false;
	timer_set(app, 0);
	while (!list_empty(&app->lines))
		line_vanished(list_entry(app->lines.next, struct line, node));
	queue_update(app);
	app_wake(app);
}

static void cancel_gathers(struct call *call)
{
	struct message *message;

	list_for_each(at, &call->gathers) {
		struct gather *gather = list_entry(at, struct gather, node);

		message = message_new(call->app, call->object.handle, LINE_GATHERDIGITS, NULL,
				      call);
		if (!message)
			continue;
		list_remove(&gather->node);
		message->gather = gather;
		message->flags = TAPI_MESSAGE_SYNTHETIC;
		message->line.dwParam1 = LINEGATHERTERM_CANCEL;
		message_add(call->app, message);
	}
}

/* The server's numbers mean nothing any more */
static void forget_numbers(struct app *app)
{
	list_for_each(at, &app->lines)
		object_bind(app, &list_entry(at, struct line, node)->object, 0);
	list_for_each(at, &app->calls) {
		struct call *call = list_entry(at, struct call, node);

		object_bind(app, &call->object, 0);
		cancel_gathers(call);
	}
}

/* While the server is away its lines are out of service */
static void service_state(struct app *app, DWORD state)
{
	list_for_each(at, &app->lines) {
		struct line *line = list_entry(at, struct line, node);

		if (line->record.has_device && line->record.line_states & state)
			synthesize(app, line->object.handle, LINE_LINEDEVSTATE, line, NULL, state,
				   0, 0);
	}
}

void app_lost(struct app *app)
{
	app_wake(app);
	app->comparing = false;
	if (app->closing || !app->server) {
		app->state = ENDED;
		app->told = true;
		return;
	}
	if (app->state == LINKED) {
		app->lost_at = now_ns();
		app->delay_ms = FIRST_DELAY_MS;
		requests_lost(app);
		service_state(app, LINEDEVSTATE_OUTOFSERVICE);
	}
	forget_numbers(app);
	app->state = LOST;
	timer_set(app, app->delay_ms * NS_PER_MS);
}

/**
 * struct resume - what was to be resumed
 * @lines: handles, in the order of the question
 */
struct resume {
	struct app *app;
	size_t lines_count, calls_count;
	HLINE *lines;
	HCALL *calls;
};

static void resume_free(struct resume *resume)
{
	free(resume->lines);
	free(resume->calls);
	free(resume);
}

static void broken(struct app *app)
{
	if (app->link)
		link_close(app->link, -EPROTO);
}

static void in_step(const Tapi__Rpc__SnapshotOut *out, void *data)
{
	struct app *app = data;

	if (!out || out->result < 0) {
		broken(app);
		return;
	}
	compared(out, app);
	service_state(app, LINEDEVSTATE_INSERVICE);
	app->state = LINKED;
	timer_set(app, 0);
	app_wake(app);
}

static void ignored(const Tapi__Rpc__Result *out, void *data)
{
}

/* The program has closed it meanwhile */
static void close_resumed(struct app *app, uint32_t server)
{
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;

	SET(&in, line, server);
	tapi__rpc__line__close(SERVICE_OF(app, SERVICE_LINE), &in, ignored, NULL);
}

static void bind_resumed(const struct resume *resume, const Tapi__Rpc__ResumeOut *out)
{
	struct app *app = resume->app;
	struct object *object;
	size_t i;

	for (i = 0; i < resume->lines_count && i < out->n_lines; i++) {
		object = handle_get(&tapi_handles, handle_line, resume->lines[i]);
		if (object)
			object_bind(app, object, out->lines[i]->line);
		else if (out->lines[i]->line)
			close_resumed(app, out->lines[i]->line);
	}
	for (i = 0; i < resume->calls_count && i < out->n_calls; i++) {
		object = handle_get(&tapi_handles, handle_call, resume->calls[i]);
		if (object)
			object_bind(app, object, out->calls[i]->call);
	}
	list_for_each(at, &app->lines) {
		struct line *line = list_entry(at, struct line, node);

		if (!line->object.server && line->record.has_device)
			line_vanished(line);
	}
}

static void resumed(const Tapi__Rpc__ResumeOut *out, void *data)
{
	Tapi__Rpc__AppIn in = TAPI__RPC__APP_IN__INIT;
	struct resume *resume = data;
	struct app *app = resume->app;

	if (!out || out->result < 0 || !out->app) {
		broken(app);
	} else {
		app->server = out->app;
		bind_resumed(resume, out);
		SET(&in, app, app->server);
		tapi__rpc__app__snapshot(SERVICE_OF(app, SERVICE_APP), &in, in_step, app);
	}
	resume_free(resume);
}

static struct resume *resume_new(struct app *app, Tapi__Rpc__ResumeIn *in)
{
	struct resume *resume = calloc(1, sizeof(*resume));
	size_t lines = 0, calls = 0;

	list_for_each(at, &app->lines)
		lines++;
	list_for_each(at, &app->calls)
		calls++;
	if (!resume)
		return NULL;
	resume->app = app;
	resume->lines = calloc(lines + 1, sizeof(*resume->lines));
	resume->calls = calloc(calls + 1, sizeof(*resume->calls));
	in->lines = calloc(lines + 1, sizeof(*in->lines));
	in->calls = calloc(calls + 1, sizeof(*in->calls));
	if (resume->lines && resume->calls && in->lines && in->calls)
		return resume;
	resume_free(resume);
	return NULL;
}

/* Our own handles say which call belongs to which line */
static void resume_fill(struct app *app, struct resume *resume, Tapi__Rpc__ResumeIn *in)
{
	list_for_each(at, &app->lines) {
		struct line *line = list_entry(at, struct line, node);

		if (!line->record.has_device)
			continue;	/* lineOpen() had not succeeded */
		SET(&line->record, line, line->object.handle);
		in->lines[in->n_lines++] = &line->record;
		resume->lines[resume->lines_count++] = line->object.handle;
	}
	list_for_each(at, &app->calls) {
		struct call *call = list_entry(at, struct call, node);
		Tapi__Rpc__CallRecord *record = &call->record;

		if (!record->call_id || record->state == LINECALLSTATE_IDLE)
			continue;
		SET(record, call, call->object.handle);
		SET(record, line, call->line->object.handle);
		record->has_call_id = record->has_address = record->has_state = 1;
		record->has_mode = record->has_privilege = 1;
		record->has_digit_modes = record->has_media_modes = 1;
		in->calls[in->n_calls++] = record;
		resume->calls[resume->calls_count++] = call->object.handle;
	}
}

static void greeted(const Tapi__Rpc__HelloOut *out, void *data)
{
	Tapi__Rpc__InitializeIn program = TAPI__RPC__INITIALIZE_IN__INIT;
	Tapi__Rpc__ResumeIn in = TAPI__RPC__RESUME_IN__INIT;
	struct app *app = data;
	struct resume *resume;

	if (!out || out->result < 0 || app->closing) {
		broken(app);
		return;
	}
	fill_initialize(&program, app);
	in.program = &program;
	resume = resume_new(app, &in);
	if (resume) {
		resume_fill(app, resume, &in);
		tapi__rpc__app__resume(SERVICE_OF(app, SERVICE_APP), &in, resumed, resume);
	} else {
		broken(app);
	}
	free(in.lines);
	free(in.calls);
}

static bool reconnect(struct app *app)
{
	Tapi__Rpc__HelloIn in = TAPI__RPC__HELLO_IN__INIT;
	int fd = socket_connect(false);
	int64_t left;

	if (fd < 0)
		return false;
	app->state = GREETING;
	if (app_attach(app, fd) < 0) {
		close(fd);
		app->state = LOST;
		return false;
	}
	fill_hello(&in);
	left = app->lost_at + AWAY_NS - now_ns();
	timer_set(app, left > NS_PER_MS ? left : NS_PER_MS);
	tapi__rpc__link__hello(SERVICE_OF(app, SERVICE_LINK), &in, greeted, app);
	return true;
}

static void try_again(struct app *app)
{
	app->delay_ms = app->delay_ms * 2 < LAST_DELAY_MS ? app->delay_ms * 2 : LAST_DELAY_MS;
	if (!reconnect(app))
		timer_set(app, app->delay_ms * NS_PER_MS);
}

void app_timer(struct app *app)
{
	uint64_t count;

	if (read(app->timer_fd, &count, sizeof(count)) < 0 || app->closing)
		return;
	if (app->state == LINKED || app->state == ENDED)
		return;
	if (now_ns() - app->lost_at < AWAY_NS) {
		if (app->state == LOST)
			try_again(app);
		return;
	}
	broken(app);
	give_up(app);
}

/* A call of the program: its handles count on a server */
bool app_ready(struct app *app)
{
	if (app->state == LINKED && !app->leader)
		app_dispatch(app);
	if (app_linked(app))
		return true;
	if (app->closing)
		return false;
	if (app->state == ENDED) {
		app->lost_at = now_ns();
		app->delay_ms = FIRST_DELAY_MS;
		if (!reconnect(app))
			return false;
	} else if (app->state == LOST) {
		try_again(app);
	}
	while (!app_linked(app) && app->state != ENDED && !app->closing)
		app_wait(app, FOREVER, false);
	return app_linked(app);
}

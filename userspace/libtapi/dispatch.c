/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events of the server become messages; messages reach the program. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* What comes with each event */
struct origin {
	uint32_t flags, sequence;
};

static struct origin origin_of(const void *closure_data, uint32_t sequence)
{
	const struct frame *frame = link_frame_of_call(closure_data);
	struct origin origin = { .sequence = sequence };

	if (frame->flags & FRAME_FL_SYNTHETIC)
		origin.flags |= TAPI_MESSAGE_SYNTHETIC;
	if (frame->flags & FRAME_FL_LOST)
		origin.flags |= TAPI_MESSAGE_LOST;
	return origin;
}

static void queue(struct app *app, struct message *message, struct origin origin,
		  DWORD_PTR p1, DWORD_PTR p2, DWORD_PTR p3)
{
	if (!message)
		return;
	message->flags = origin.flags;
	message->sequence = origin.sequence;
	message->line.dwParam1 = p1;
	message->line.dwParam2 = p2;
	message->line.dwParam3 = p3;
	message_add(app, message);
}

static void queue_call(struct call *call, DWORD id, struct origin origin, DWORD_PTR p1,
		       DWORD_PTR p2, DWORD_PTR p3)
{
	if (call->fresh)
		return;		/* the program does not know its handle yet */
	queue(call->app, message_new(call->app, call->object.handle, id, NULL, call), origin,
	      p1, p2, p3);
}

struct call *call_learn(struct line *line, uint32_t server)
{
	struct call *call = call_of_server(line->app, server);

	return call ? call : call_new(line->app, line, server);
}

/* An id that was not told is asked for: without it a call is lost when the server restarts */
static void learn_id(struct call *call, const Tapi__Rpc__Event *in)
{
	if (in->call_id)
		call->record.call_id = in->call_id;
	if (!call->record.call_id && call->record.state != LINECALLSTATE_IDLE)
		app_resynchronise(call->app);
}

static void new_call(struct app *app, const Tapi__Rpc__Event *in, struct origin origin)
{
	uint32_t privilege = in->privilege ? in->privilege : (uint32_t)in->p3;
	struct line *line = line_of_server(app, in->related ? in->related : in->device);
	struct call *call;

	call = line ? call_learn(line, in->p2 ? (uint32_t)in->p2 : in->device) : NULL;
	if (!call)
		return;
	call->fresh = false;
	call->record.address = (uint32_t)in->p1;
	call->record.privilege = privilege;
	if (in->call_id)
		call->record.call_id = in->call_id;
	/* older programs learn of it by the LINE_CALLSTATE that follows */
	if (app->version >= 0x00020000)
		queue(app, message_new(app, line->object.handle, LINE_APPNEWCALL, line, call),
		      origin, in->p1, call->object.handle, privilege);
}

/* Programs from before LINE_APPNEWCALL learn of a call in this way */
static struct call *call_of_state(struct app *app, const Tapi__Rpc__Event *in)
{
	struct call *call = call_of_server(app, in->device);
	struct line *line;

	if (call || !in->related)
		return call;
	line = line_of_server(app, in->related);
	return line ? call_new(app, line, in->device) : NULL;
}

static void call_state(struct app *app, const Tapi__Rpc__Event *in, struct origin origin)
{
	uint32_t privilege = in->privilege ? in->privilege : (uint32_t)in->p3;
	struct call *call = call_of_state(app, in), *parent;
	DWORD_PTR mode = in->p2;

	if (!call)
		return;
	call->record.state = (uint32_t)in->p1;
	call->record.mode = (uint32_t)in->p2;
	if (privilege)
		call->record.privilege = privilege;
	if (in->p1 == LINECALLSTATE_CONFERENCED && mode) {
		parent = call_of_server(app, (uint32_t)mode);
		mode = parent ? parent->object.handle : 0;
	}
	queue_call(call, LINE_CALLSTATE, origin, in->p1, mode, privilege);
	/* a call we make may get its id only now */
	learn_id(call, in);
}

static void line_closed(struct app *app, const Tapi__Rpc__Event *in, struct origin origin)
{
	struct line *line = line_of_server(app, in->device);
	struct message *message;

	if (!line)
		return;
	message = message_new(app, line->object.handle, LINE_CLOSE, line, NULL);
	line_free(line);
	queue(app, message, origin, in->p1, in->p2, in->p3);
}

static void other(struct app *app, const Tapi__Rpc__Event *in, struct origin origin)
{
	struct call *call = call_of_server(app, in->device);
	struct line *line = line_of_server(app, in->device);

	if (call)
		queue_call(call, in->message, origin, in->p1, in->p2, in->p3);
	else if (line)
		queue(app, message_new(app, line->object.handle, in->message, line, NULL), origin,
		      in->p1, in->p2, in->p3);
	else if (!in->device)
		queue(app, message_new(app, 0, in->message, NULL, NULL), origin, in->p1, in->p2,
		      in->p3);
}

static void event(struct app *app, const Tapi__Rpc__Event *in, struct origin origin)
{
	switch (in->message) {
	case LINE_APPNEWCALL:
		new_call(app, in, origin);
		break;
	case LINE_CALLSTATE:
		call_state(app, in, origin);
		break;
	case LINE_CLOSE:
		line_closed(app, in, origin);
		break;
	case LINE_CREATE:
		if (in->p1 >= app->devices)
			app->devices = (uint32_t)in->p1 + 1;
		other(app, in, origin);
		break;
	default:
		other(app, in, origin);
		break;
	}
}

static void on_message(Tapi__Rpc__AppEvents_Service *service, const Tapi__Rpc__Event *in,
		       Tapi__Rpc__Empty_Closure closure, void *data)
{
	struct app *app = link_user_of_call(data);

	if (!app->closing)
		event(app, in, origin_of(data, in->seq));
	closure(NULL, data);
}

/* ---- replies ---- */

static void made_call(struct request *request, const Tapi__Rpc__Reply *in)
{
	struct line *line = handle_get(&tapi_handles, handle_line, request->line);
	struct call *call = line ? call_learn(line, in->call) : NULL;

	if (!call)
		return;
	call->record.privilege = LINECALLPRIVILEGE_OWNER;
	request->call = call->object.handle;
	if (in->call_id)
		call->record.call_id = in->call_id;
}

static void keep_data(struct request *request, const Tapi__Rpc__Reply *in)
{
	if (!request->buffer || !in->data.len)
		return;
	request->data = malloc(in->data.len);
	if (!request->data)
		return;
	memcpy(request->data, in->data.data, in->data.len);
	request->data_size = in->data.len;
}

static void on_replied(Tapi__Rpc__AppEvents_Service *service, const Tapi__Rpc__Reply *in,
		       Tapi__Rpc__Empty_Closure closure, void *data)
{
	struct app *app = link_user_of_call(data);
	struct request *request = request_of_server(app, in->request_id);
	struct origin origin = origin_of(data, in->seq);
	LONG result = in->result;

	if (request && !request->suppressed) {
		if (result >= 0 && request->call_out) {
			made_call(request, in);
			if (!request->call)
				result = LINEERR_OPERATIONFAILED;
		}
		keep_data(request, in);
		request_reply(request, result, in->error, origin.flags, origin.sequence);
	}
	closure(NULL, data);
}

/* ---- digits ---- */

static void on_digits(Tapi__Rpc__AppEvents_Service *service, const Tapi__Rpc__Gathered *in,
		      Tapi__Rpc__Empty_Closure closure, void *data)
{
	struct app *app = link_user_of_call(data);
	struct call *call = call_of_server(app, in->call);
	struct message *message;
	struct gather *gather;

	/* the oldest: a new one has cancelled it, or it is the only one */
	if (call && !list_empty(&call->gathers)) {
		gather = list_entry(call->gathers.next, struct gather, node);
		list_remove(&gather->node);
		gather->digits = in->digits ? strdup(in->digits) : NULL;
		message = message_new(app, call->object.handle, LINE_GATHERDIGITS, NULL, call);
		if (message)
			message->gather = gather;
		else
			gather_free(gather);
		queue(app, message, origin_of(data, in->seq), in->reason, 0, in->tick);
	}
	closure(NULL, data);
}

static void on_resynchronise(Tapi__Rpc__AppEvents_Service *service, const Tapi__Rpc__Resync *in,
			     Tapi__Rpc__Empty_Closure closure, void *data)
{
	struct app *app = link_user_of_call(data);

	if (!app->closing)
		app_resynchronise(app);
	closure(NULL, data);
}

const Tapi__Rpc__AppEvents_Service app_events = TAPI__RPC__APP_EVENTS__INIT(on_);

/* ---- to the program ---- */

bool message_call(struct app *app)
{
	LINECALLBACK callback = app->callback;
	LINEMESSAGE m;

	if (app->closing || !message_take(app, &m))
		return false;
	pthread_mutex_unlock(&tapi_lock);
	callback(m.hDevice, m.dwMessageID, m.dwCallbackInstance, m.dwParam1, m.dwParam2,
		 m.dwParam3);
	pthread_mutex_lock(&tapi_lock);
	return true;
}

static void *run(void *data)
{
	struct app *app = data;

	pthread_mutex_lock(&tapi_lock);
	while (!app->closing) {
		app->calling = true;
		if (message_call(app))
			continue;
		app->calling = false;
		app_wait(app, FOREVER, true);
	}
	app->calling = false;
	app->thread_runs = false;
	pthread_cond_broadcast(&app->changed);
	leave(app, 0);
	return NULL;
}

/* The program's signals are none of this thread's business */
int thread_start(struct app *app)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	app->refs++;
	app->thread_runs = true;
	err = pthread_create(&app->thread, &attr, run, app);
	if (err) {
		app->refs--;
		app->thread_runs = false;
	} else {
		pthread_setname_np(app->thread, "tapi");
	}
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

LONG tapi_dispatch(HLINEAPP app_handle)
{
	struct app *app;
	uint32_t count;
	LONG err = enter_app_now(app_handle, &app), done = 0;

	if (err)
		return err;
	if ((app->options & 3) != LINEINITIALIZEEXOPTION_USEHIDDENWINDOW || app->threaded)
		return leave(app, refuse(LINEERR_OPERATIONUNAVAIL));
	app_pump(app);
	/* what the callbacks cause is for the next time */
	for (count = app->messages_count; count && message_call(app); count--)
		done++;
	return leave(app, done);
}

int tapi_get_fd(HLINEAPP app_handle)
{
	struct app *app;
	LONG err = enter_app_now(app_handle, &app);

	return err ? err : leave(app, app->public_fd);
}

/* The program is told once that the server will not come back by itself */
static bool server_ended(struct app *app)
{
	if (app->state != ENDED || app->told)
		return false;
	app->told = true;
	queue_update(app);
	return true;
}

static LONG wait_for_message(struct app *app, LINEMESSAGE *to, int64_t deadline)
{
	if (message_take(app, to))
		return 0;
	app_pump(app);
	while (!app->closing) {
		if (message_take(app, to))
			return 0;
		if (server_ended(app))
			return fail(LINEERR_SERVICE_NOT_RUNNING, TAPI_ORIGIN_LIBRARY, 0,
				    "tapisrv has gone");
		if (deadline != FOREVER && now_ns() >= deadline)
			return fail(LINEERR_OPERATIONFAILED, TAPI_ORIGIN_LIBRARY, 0,
				    "no message in this time");
		app_wait(app, deadline, true);
	}
	return refuse(LINEERR_INVALAPPHANDLE);
}

LONG lineGetMessage(HLINEAPP hLineApp, LPLINEMESSAGE lpMessage, DWORD dwTimeout)
{
	int64_t deadline = dwTimeout == UINT32_MAX ? FOREVER : now_ns() + dwTimeout * NS_PER_MS;
	struct app *app;
	LONG err;

	if (!lpMessage)
		return refuse(LINEERR_INVALPOINTER);
	err = enter_app_now(hLineApp, &app);
	if (err)
		return err;
	if ((app->options & 3) == LINEINITIALIZEEXOPTION_USEHIDDENWINDOW)
		return leave(app, refuse(LINEERR_OPERATIONUNAVAIL));
	return leave(app, wait_for_message(app, lpMessage, deadline));
}

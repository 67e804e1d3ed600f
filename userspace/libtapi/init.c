/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Registrations: how they begin and end, and the way into every function. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "internal.h"
#include "trace.h"

/* Version of programs that call lineInitialize(), which came before there was a way to say it */
#define OLD_VERSION	0x00010004u
#define LOWEST_EX	0x00020000u
#define MECHANISM(options)	((options) & 3)

pthread_mutex_t tapi_lock = PTHREAD_MUTEX_INITIALIZER;
struct handle_table tapi_handles;
static struct list apps = { &apps, &apps };
static bool initialized;		/* in this process */

/* ---- in and out ---- */

static LONG enter(void)
{
	pthread_mutex_lock(&tapi_lock);
	if (initialized)
		return 0;
	pthread_mutex_unlock(&tapi_lock);
	return refuse(LINEERR_UNINITIALIZED);
}

LONG leave(struct app *app, LONG result)
{
	app_unref(app);
	pthread_mutex_unlock(&tapi_lock);
	return result;
}

static LONG away(void)
{
	return fail(LINEERR_SERVICE_NOT_RUNNING, TAPI_ORIGIN_LIBRARY, ENOTCONN,
		    "tapisrv has gone and does not come back at %s", socket_path());
}

LONG enter_app_now(HLINEAPP handle, struct app **app)
{
	LONG err = enter();

	if (err)
		return err;
	*app = handle_get(&tapi_handles, handle_app, handle);
	if (!*app) {
		pthread_mutex_unlock(&tapi_lock);
		return refuse(LINEERR_INVALAPPHANDLE);
	}
	(*app)->refs++;
	return 0;
}

LONG enter_app(HLINEAPP handle, struct app **app)
{
	LONG err = enter_app_now(handle, app);

	if (err)
		return err;
	if (!app_ready(*app))
		return leave(*app, away());
	return (*app)->closing ? leave(*app, refuse(LINEERR_INVALAPPHANDLE)) : 0;
}

LONG enter_line_now(HLINE handle, struct line **line)
{
	LONG err = enter();

	if (err)
		return err;
	*line = handle_get(&tapi_handles, handle_line, handle);
	if (!*line) {
		pthread_mutex_unlock(&tapi_lock);
		return refuse(LINEERR_INVALLINEHANDLE);
	}
	(*line)->app->refs++;
	return 0;
}

LONG enter_line(HLINE handle, struct line **line)
{
	LONG err = enter_line_now(handle, line);
	struct app *app;

	if (err)
		return err;
	app = (*line)->app;
	if (!app_ready(app))
		return leave(app, away());
	*line = handle_get(&tapi_handles, handle_line, handle);
	return *line ? 0 : leave(app, refuse(LINEERR_INVALLINEHANDLE));
}

LONG enter_call_now(HCALL handle, struct call **call)
{
	LONG err = enter();

	if (err)
		return err;
	*call = handle_get(&tapi_handles, handle_call, handle);
	if (!*call) {
		pthread_mutex_unlock(&tapi_lock);
		return refuse(LINEERR_INVALCALLHANDLE);
	}
	(*call)->app->refs++;
	return 0;
}

LONG enter_call_or_ended(HCALL handle, struct call **call)
{
	LONG err = enter_call_now(handle, call);
	struct app *app;

	if (err)
		return err;
	app = (*call)->app;
	if (!app_ready(app))
		return leave(app, away());
	*call = handle_get(&tapi_handles, handle_call, handle);
	return *call ? 0 : leave(app, refuse(LINEERR_INVALCALLHANDLE));
}

LONG enter_call(HCALL handle, struct call **call)
{
	LONG err = enter_call_or_ended(handle, call);

	if (err || (*call)->object.server)
		return err;
	return leave((*call)->app, fail(LINEERR_INVALCALLSTATE, TAPI_ORIGIN_LIBRARY, 0,
					"the call ended while tapisrv was away"));
}

/* ---- fork(): the child starts with nothing ---- */

static void before_fork(void)
{
	pthread_mutex_lock(&tapi_lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&tapi_lock);
}

/* The parent's connections must end with the parent. Its memory is left alone */
static void in_child(void)
{
	list_for_each(at, &apps) {
		struct app *app = list_entry(at, struct app, node);

		if (app->link && link_fd(app->link) >= 0)
			close(link_fd(app->link));
		close(app->public_fd);
		close(app->event_fd);
		close(app->timer_fd);
		close(app->wake_fd);
	}
	list_init(&apps);
	tapi_handles = (struct handle_table) { 0 };
	initialized = false;
	pthread_mutex_unlock(&tapi_lock);
}

static void once_per_library(void)
{
	pthread_atfork(before_fork, after_fork, in_child);
	trace_open_environment();
}

/* ---- the object ---- */

static void app_free(struct app *app)
{
	struct link *link = app->link;

	app->closing = true;
	if (link) {
		app->link = NULL;
		link_close(link, 0);
		link_unref(link);
	}
	if (app->port_fd >= 0)
		epoll_ctl(app->port_fd, EPOLL_CTL_DEL, app->public_fd, NULL);
	list_remove(&app->node);
	messages_clear(app);
	while (!list_empty(&app->lines))
		line_free(list_entry(app->lines.next, struct line, node));
	handle_close(&tapi_handles, app->handle);
	if (app->public_fd >= 0)
		close(app->public_fd);
	if (app->event_fd >= 0)
		close(app->event_fd);
	if (app->timer_fd >= 0)
		close(app->timer_fd);
	if (app->wake_fd >= 0)
		close(app->wake_fd);
	pthread_cond_destroy(&app->changed);
	free(app->friendly_name);
	free(app);
}

void app_unref(struct app *app)
{
	if (!--app->refs)
		app_free(app);
}

/* hEvent is never 0, whatever the program has closed */
static int epoll_new(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC), higher;

	if (fd != 0)
		return fd;
	higher = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	return higher;
}

static bool descriptors_open(struct app *app)
{
	struct epoll_event event = { .events = EPOLLIN };

	app->public_fd = epoll_new();
	app->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	app->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	app->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return app->public_fd >= 0 && app->event_fd >= 0 && app->wake_fd >= 0 &&
	       app->timer_fd >= 0 &&
	       !epoll_ctl(app->public_fd, EPOLL_CTL_ADD, app->event_fd, &event) &&
	       !epoll_ctl(app->public_fd, EPOLL_CTL_ADD, app->timer_fd, &event);
}

static struct app *app_new(void)
{
	struct app *app = calloc(1, sizeof(*app));
	pthread_condattr_t attr;

	if (!app)
		return NULL;
	app->refs = 1;
	app->public_fd = app->event_fd = app->wake_fd = app->timer_fd = app->port_fd = -1;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&app->changed, &attr);
	pthread_condattr_destroy(&attr);
	list_init(&app->node);
	list_init(&app->lines);
	list_init(&app->calls);
	list_init(&app->requests);
	list_init(&app->messages);
	return app;
}

/* ---- beginning ---- */

struct setup {
	HLINEAPP *app_out;
	DWORD *devices_out;
	DWORD *version;			/* NULL: lineInitialize() */
	LINECALLBACK callback;
	const void *name;
	bool wide;
	LINEINITIALIZEEXPARAMS *params;
	uint32_t options;
	uint32_t api_version;		/* what the server can */
};

struct beginning {
	struct app *app;
	uint32_t version;
};

static LONG initialized_take(const ProtobufCMessage *message, void *data)
{
	const Tapi__Rpc__InitializeOut *out = (const Tapi__Rpc__InitializeOut *)message;
	struct beginning *beginning = data;

	if (!out->app)
		return LINEERR_OPERATIONFAILED;
	beginning->app->server = out->app;
	beginning->app->devices = out->devices;
	beginning->version = out->api_version;
	return 0;
}

static LONG introduce(struct app *app, struct setup *setup)
{
	Tapi__Rpc__HelloIn hello = TAPI__RPC__HELLO_IN__INIT;
	Tapi__Rpc__InitializeIn in = TAPI__RPC__INITIALIZE_IN__INIT;
	struct beginning beginning = { .app = app };
	struct exchange x = { .app = app, .name = "hello" };
	LONG err;

	fill_hello(&hello);
	err = ASK(&x, SERVICE_LINK, tapi__rpc__link__hello, &hello);
	if (err)
		return err;
	fill_initialize(&in, app);
	x = (struct exchange) {
		.app = app, .name = setup->version ? "lineInitializeEx" : "lineInitialize",
		.take = initialized_take, .data = &beginning,
	};
	err = ASK(&x, SERVICE_APP, tapi__rpc__app__initialize, &in);
	setup->api_version = beginning.version;
	return err;
}

static LONG port_add(struct app *app, const LINEINITIALIZEEXPARAMS *params)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = params->dwCompletionKey };
	int fd = (int)(intptr_t)params->Handles.hCompletionPort;

	if (epoll_ctl(fd, EPOLL_CTL_ADD, app->public_fd, &event) < 0)
		return fail(LINEERR_INVALPARAM, TAPI_ORIGIN_LIBRARY, errno,
			    "hCompletionPort is no descriptor of epoll_create1()");
	app->port_fd = fd;
	return 0;
}

/* With the lock held; the caller drops the app when it fails */
static LONG begin(struct app *app, int fd, struct setup *setup)
{
	LONG err;

	list_append(&apps, &app->node);
	initialized = true;
	app->handle = handle_new(&tapi_handles, handle_app, app);
	if (!app->handle || app_attach(app, fd) < 0) {
		close(fd);
		return refuse(LINEERR_NOMEM);
	}
	err = introduce(app, setup);
	if (!err && MECHANISM(setup->options) == LINEINITIALIZEEXOPTION_USECOMPLETIONPORT)
		err = port_add(app, setup->params);
	if (!err && app->threaded && thread_start(app) < 0)
		err = refuse(LINEERR_RESOURCEUNAVAIL);
	return err;
}

static void hand_out(const struct app *app, struct setup *setup)
{
	LINEINITIALIZEEXPARAMS *params = setup->params;

	*setup->app_out = app->handle;
	*setup->devices_out = app->devices;
	if (setup->version)
		*setup->version = setup->api_version;
	if (!params)
		return;
	params->dwNeededSize = params->dwUsedSize = sizeof(*params);
	if (MECHANISM(setup->options) == LINEINITIALIZEEXOPTION_USEEVENT)
		params->Handles.hEvent = (HANDLE)(intptr_t)app->public_fd;
}

static LONG setup_check(struct setup *setup)
{
	const LINEINITIALIZEEXPARAMS *params = setup->params;

	if (!setup->app_out || !setup->devices_out)
		return refuse(LINEERR_INVALPOINTER);
	setup->options = LINEINITIALIZEEXOPTION_USEHIDDENWINDOW;
	if (params && params->dwTotalSize < sizeof(*params))
		return refuse(LINEERR_STRUCTURETOOSMALL);
	if (params)
		setup->options = params->dwOptions;
	if (!MECHANISM(setup->options) ||
	    setup->options & ~(3u | TAPI_LINUX_DISPATCH_NONE |
			       LINEINITIALIZEEXOPTION_CALLHUBTRACKING))
		return refuse(LINEERR_INVALPARAM);
	if (MECHANISM(setup->options) == LINEINITIALIZEEXOPTION_USEHIDDENWINDOW &&
	    !setup->callback)
		return refuse(LINEERR_INVALPOINTER);
	if (setup->version && *setup->version < LOWEST_EX)
		return refuse(LINEERR_INCOMPATIBLEAPIVERSION);
	return 0;
}

static LONG unreachable(int error)
{
	return fail(LINEERR_SERVICE_NOT_RUNNING, TAPI_ORIGIN_LIBRARY, -error,
		    "cannot reach tapisrv at %.140s: %s", socket_path(), strerror(-error));
}

static LONG app_prepare(struct app *app, struct setup *setup)
{
	LONG err = text_in(setup->name, setup->wide, &app->friendly_name);

	if (err)
		return err;
	if (!app->friendly_name)
		app->friendly_name = strdup(program_name());
	if (!app->friendly_name)
		return refuse(LINEERR_NOMEM);
	if (!descriptors_open(app))
		return fail(LINEERR_RESOURCEUNAVAIL, TAPI_ORIGIN_LIBRARY, errno,
			    "too many open files");
	app->version = setup->version ? *setup->version : OLD_VERSION;
	app->options = setup->options;
	app->callback = setup->callback;
	app->threaded = MECHANISM(setup->options) == LINEINITIALIZEEXOPTION_USEHIDDENWINDOW &&
			!(setup->options & TAPI_LINUX_DISPATCH_NONE);
	return 0;
}

static LONG initialize(struct setup *setup)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct app *app;
	LONG err;
	int fd;

	pthread_once(&once, once_per_library);
	err = setup_check(setup);
	if (err)
		return err;
	app = app_new();
	if (!app)
		return refuse(LINEERR_NOMEM);
	err = app_prepare(app, setup);
	fd = err ? -1 : socket_connect(true);
	if (!err && fd < 0)
		err = unreachable(fd);
	pthread_mutex_lock(&tapi_lock);
	if (!err)
		err = begin(app, fd, setup);
	if (!err)
		hand_out(app, setup);
	else
		app_unref(app);
	pthread_mutex_unlock(&tapi_lock);
	return err;
}

LONG lineInitializeExA(LPHLINEAPP lphLineApp, HINSTANCE hInstance, LINECALLBACK lpfnCallback,
		       LPCSTR lpszFriendlyAppName, LPDWORD lpdwNumDevs, LPDWORD lpdwAPIVersion,
		       LPLINEINITIALIZEEXPARAMS lpLineInitializeExParams)
{
	if (!lpdwAPIVersion)
		return refuse(LINEERR_INVALPOINTER);
	return initialize(&(struct setup) {
		.app_out = lphLineApp, .devices_out = lpdwNumDevs, .version = lpdwAPIVersion,
		.callback = lpfnCallback, .name = lpszFriendlyAppName,
		.params = lpLineInitializeExParams });
}

LONG lineInitializeExW(LPHLINEAPP lphLineApp, HINSTANCE hInstance, LINECALLBACK lpfnCallback,
		       LPCWSTR lpszFriendlyAppName, LPDWORD lpdwNumDevs, LPDWORD lpdwAPIVersion,
		       LPLINEINITIALIZEEXPARAMS lpLineInitializeExParams)
{
	if (!lpdwAPIVersion)
		return refuse(LINEERR_INVALPOINTER);
	return initialize(&(struct setup) {
		.app_out = lphLineApp, .devices_out = lpdwNumDevs, .version = lpdwAPIVersion,
		.callback = lpfnCallback, .name = lpszFriendlyAppName, .wide = true,
		.params = lpLineInitializeExParams });
}

LONG lineInitialize(LPHLINEAPP lphLineApp, HINSTANCE hInstance, LINECALLBACK lpfnCallback,
		    LPCSTR lpszAppName, LPDWORD lpdwNumDevs)
{
	return initialize(&(struct setup) {
		.app_out = lphLineApp, .devices_out = lpdwNumDevs, .callback = lpfnCallback,
		.name = lpszAppName });
}

/* ---- the end ---- */

static void say_goodbye(struct app *app)
{
	Tapi__Rpc__AppIn in = TAPI__RPC__APP_IN__INIT;
	struct exchange x = { .app = app, .name = "lineShutdown" };

	SET(&in, app, app->server);
	if (app_linked(app))
		ASK(&x, SERVICE_APP, tapi__rpc__app__shutdown, &in);
	if (!app->link)
		return;
	/* whoever still waits for an answer gets none */
	shutdown(link_fd(app->link), SHUT_RDWR);
	if (!app->leader)
		app_dispatch(app);
}

LONG lineShutdown(HLINEAPP hLineApp)
{
	struct app *app;
	LONG err = enter_app_now(hLineApp, &app);

	if (err)
		return err;
	app->closing = true;
	handle_close(&tapi_handles, app->handle);
	app->handle = 0;
	messages_clear(app);
	while (!list_empty(&app->lines))
		line_free(list_entry(app->lines.next, struct line, node));
	queue_update(app);
	app_wake(app);
	say_goodbye(app);
	if (app->port_fd >= 0)
		epoll_ctl(app->port_fd, EPOLL_CTL_DEL, app->public_fd, NULL);
	app->port_fd = -1;
	/* a callback that runs may be waiting for the thread we are in */
	while (app->thread_runs && !app->calling && !pthread_equal(app->thread, pthread_self()))
		pthread_cond_wait(&app->changed, &tapi_lock);
	app_unref(app);		/* the program's */
	return leave(app, 0);
}

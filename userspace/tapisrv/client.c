/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs: their connections, and each lineInitializeEx() on one. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tapi_config.h>

#include "server.h"

/* A program waits for its answer before it asks again: a look for more would be one in vain */
#define BUDGET			1u
#define ACCEPT_PAUSE_USEC	200000u

const char handle_app[1], handle_open[1], handle_appcall[1];

struct client *client_ref(struct client *client)
{
	client->refs++;
	return client;
}

void client_unref(struct client *client)
{
	if (--client->refs)
		return;
	handle_table_free(&client->handles);
	free(client->program);
	free(client);
}

struct client *client_of(void *closure_data)
{
	return link_user_of_call(closure_data);
}

void client_close(struct client *client, const char *why)
{
	log_message(4, "%s (%d) is disconnected: %s", client->program ? client->program : "?",
		    (int)client->pid, why);
	link_close(client->link, -ECONNABORTED);
}

/* ---- the link ---- */

static int32_t admit(struct link *link, const struct frame *frame, const char **why)
{
	struct client *client = link_user(link);
	struct service_policy policy = service_policy(frame->service, frame->method);

	server.requests_count++;
	if (!(policy.rights & (client->admin ? RIGHT_ADMIN : RIGHT_CLIENT))) {
		*why = client->admin ? "not on the socket for administrators" :
		       "only on the socket for administrators";
		return LINEERR_OPERATIONUNAVAIL;
	}
	/* method 0 of service 0 is Link.Hello */
	if (!client->greeted && (frame->service || frame->method)) {
		*why = "Link.Hello comes first";
		return LINEERR_UNINITIALIZED;
	}
	return 0;
}

static void rearm(struct link *link)
{
	struct client *client = link_user(link);

	if (client->io)
		sd_event_source_set_io_events(client->io, link_events(link));
}

static void closed(struct link *link, int error)
{
	struct client *client = link_user(link);

	client->io = sd_event_source_disable_unref(client->io);
	client->unread = sd_event_source_disable_unref(client->unread);
	list_for_each(at, &client->apps)
		app_free(list_entry(at, struct app, node));
	list_for_each(at, &server.starting) {
		struct waiting *waiting = list_entry(at, struct waiting, node);

		if (waiting->client == client) {
			list_remove(&waiting->node);
			waiting->go_on(waiting);
		}
	}
	list_remove(&client->node);
	link_unref(link);
	client_unref(client);
}

static const struct link_ops ops = { .admit = admit, .rearm = rearm, .closed = closed };

static int readable(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct client *client = client_ref(data);

	if (link_dispatch(client->link, BUDGET) >= 0)
		event_relieved(client);
	client_unref(client);
	return 0;
}

static unsigned int connections_of(uid_t uid)
{
	unsigned int count = 0;

	list_for_each(at, &server.clients)
		count += list_entry(at, struct client, node)->uid == uid;
	return count;
}

static void serve(struct client *client)
{
	const struct {
		unsigned int id;
		const void *service;
	} all[] = {
		{ TAPI__RPC__SERVICE_ID__SERVICE_LINK, &link_service_table },
		{ TAPI__RPC__SERVICE_ID__SERVICE_APP, &app_service },
		{ TAPI__RPC__SERVICE_ID__SERVICE_LINE, &line_service },
		{ TAPI__RPC__SERVICE_ID__SERVICE_CALL, &call_service },
		{ TAPI__RPC__SERVICE_ID__SERVICE_MSP, &msp_service },
		{ TAPI__RPC__SERVICE_ID__SERVICE_ADMIN, &admin_service },
	};

	/* the policy decides which of them an ordinary program may use */
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		link_serve(client->link, all[i].id, (ProtobufCService *)(uintptr_t)all[i].service);
}

static void client_new(int fd, bool admin)
{
	struct ucred credentials = { 0 };
	socklen_t size = sizeof(credentials);
	struct client *client;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0 ||
	    connections_of(credentials.uid) >= CLIENTS_PER_UID * (credentials.uid ? 1 : 16)) {
		log_message(4, "user %u has too many connections", credentials.uid);
		close(fd);
		return;
	}
	client = calloc(1, sizeof(*client));
	if (client)
		client->link = link_new(fd, &ops, client);
	if (!client || !client->link) {
		free(client);
		close(fd);
		return;
	}
	client->refs = 1;
	client->number = ++server.next_client;
	client->admin = admin;
	client->pid = credentials.pid;
	client->uid = credentials.uid;
	list_init(&client->apps);
	list_append(&server.clients, &client->node);
	serve(client);
	sd_event_add_io(server.event, &client->io, fd, POLLIN, readable, client);
}

static int accept_again(sd_event_source *source, uint64_t usec, void *data)
{
	sd_event_source_set_enabled(data, SD_EVENT_ON);
	sd_event_source_unref(source);
	return 0;
}

/* Without descriptors the socket stays readable: look away for a while */
static void accept_later(sd_event_source *source)
{
	sd_event_source *timer;

	if (sd_event_add_time_relative(server.event, &timer, CLOCK_BOOTTIME, ACCEPT_PAUSE_USEC, 0,
				       accept_again, source) >= 0)
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
}

static int incoming(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (peer >= 0) {
		client_new(peer, data != NULL);
	} else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
		log_message(3, "cannot accept a connection: %s", strerror(errno));
		accept_later(source);
	}
	return 0;
}

int clients_listen(int fd, bool admin)
{
	static char is_admin[1];

	return sd_event_add_io(server.event, NULL, fd, POLLIN, incoming,
			       admin ? is_admin : NULL);
}

/* At the end of the service */
void clients_free(void)
{
	list_for_each(at, &server.clients)
		link_close(list_entry(at, struct client, node)->link, -ESHUTDOWN);
}

/* ---- service Link ---- */

static void link_rpc_hello(Tapi__Rpc__Link_Service *service, const Tapi__Rpc__HelloIn *in,
			   Tapi__Rpc__HelloOut_Closure closure, void *data)
{
	Tapi__Rpc__HelloOut out = TAPI__RPC__HELLO_OUT__INIT;
	struct client *client = client_of(data);
	char text[128];

	if (in->min > FRAME_VERSION_MAX || in->max < FRAME_VERSION_MIN || in->min > in->max) {
		snprintf(text, sizeof(text), "the program speaks versions %u to %u, the service "
			 "%u to %u", in->min, in->max, FRAME_VERSION_MIN, FRAME_VERSION_MAX);
		ANSWER_ERROR(HELLO_OUT, hello_out, closure, data,
			     LINEERR_INCOMPATIBLEAPIVERSION, text);
		return;
	}
	free(client->program);
	client->program = name_copy(in->program && *in->program ? in->program : "unnamed");
	client->greeted = true;
	out.has_result = out.has_version = out.has_features = out.has_epoch = out.has_link = 1;
	out.version = in->max < FRAME_VERSION_MAX ? in->max : FRAME_VERSION_MAX;
	out.epoch = server.epoch;
	out.link = (uint64_t)client->pid;
	out.has_max_requests = out.has_max_frame = 1;
	out.max_requests = LINK_OPEN_MAX;
	out.max_frame = FRAME_MAX;
	out.server = (char *)(uintptr_t)"tapisrv " TAPI_VERSION;
	closure(&out, data);
}

static void link_rpc_ping(Tapi__Rpc__Link_Service *service, const Tapi__Rpc__Empty *in,
			  Tapi__Rpc__Empty_Closure closure, void *data)
{
	Tapi__Rpc__Empty out = TAPI__RPC__EMPTY__INIT;

	closure(&out, data);
}

const Tapi__Rpc__Link_Service link_service_table = TAPI__RPC__LINK__INIT(link_rpc_);

/* ---- service App ---- */

struct app *app_new(struct client *client, uint32_t api_version, const char *friendly_name,
		    const char *module_name)
{
	struct app *app;

	if (client->apps_count >= APPS_PER_CLIENT)
		return NULL;
	app = calloc(1, sizeof(*app));
	if (app)
		app->handle = handle_new(&client->handles, handle_app, app);
	if (!app || !app->handle) {
		free(app);
		return NULL;
	}
	app->client = client;
	app->api_version = api_version;
	app->friendly_name = name_copy(friendly_name);
	app->module_name = name_copy(module_name);
	client->apps_count++;
	list_init(&app->opens);
	list_init(&app->requests);
	list_append(&client->apps, &app->node);
	return app;
}

void app_free(struct app *app)
{
	requests_of_app(app);
	list_for_each(at, &app->opens)
		open_close(list_entry(at, struct open, in_app));
	list_remove(&app->node);
	app->client->apps_count--;
	handle_close(&app->client->handles, app->handle);
	free(app->friendly_name);
	free(app->module_name);
	free(app->versions);
	free(app);
}

uint32_t app_version(const struct app *app, uint32_t device)
{
	return device < app->versions_count ? app->versions[device] : 0;
}

bool app_set_version(struct app *app, uint32_t device, uint32_t version)
{
	uint32_t *bigger;

	if (device >= app->versions_count) {
		bigger = realloc(app->versions, (device + 1) * sizeof(*bigger));
		if (!bigger)
			return false;
		memset(bigger + app->versions_count, 0,
		       (device + 1 - app->versions_count) * sizeof(*bigger));
		app->versions = bigger;
		app->versions_count = device + 1;
	}
	app->versions[device] = version;
	return true;
}

void waiting_begin(struct waiting *waiting)
{
	list_init(&waiting->node);
	if (providers_settled())
		waiting->go_on(waiting);
	else
		list_append(&server.starting, &waiting->node);
}

/* An Initialize that waits for the first devices */
struct starting {
	struct waiting waiting;
	uint32_t api_version;
	char *friendly_name, *module_name;
	Tapi__Rpc__InitializeOut_Closure closure;
	void *closure_data;
};

static void app_start(struct waiting *waiting)
{
	struct starting *starting = (struct starting *)waiting;
	Tapi__Rpc__InitializeOut out = TAPI__RPC__INITIALIZE_OUT__INIT;
	struct client *client = waiting->client;
	struct app *app = link_fd(client->link) < 0 ? NULL :
			  app_new(client, starting->api_version, starting->friendly_name,
				  starting->module_name);

	if (app) {
		out.has_result = out.has_app = out.has_devices = out.has_api_version = 1;
		app->ready = true;
		out.app = app->handle;
		out.devices = server.lines_count;
		out.api_version = SERVER_API_HIGH;
		starting->closure(&out, starting->closure_data);
	} else {
		ANSWER_ERROR(INITIALIZE_OUT, initialize_out, starting->closure,
			     starting->closure_data, LINEERR_RESOURCEUNAVAIL,
			     "no memory, or too many programs on one connection");
	}
	client_unref(client);
	free(starting->friendly_name);
	free(starting->module_name);
	free(starting);
}

static void app_rpc_initialize(Tapi__Rpc__App_Service *service, const Tapi__Rpc__InitializeIn *in,
			       Tapi__Rpc__InitializeOut_Closure closure, void *data)
{
	struct starting *starting = calloc(1, sizeof(*starting));

	if (!starting) {
		ANSWER_ERROR(INITIALIZE_OUT, initialize_out, closure, data, LINEERR_NOMEM,
			     "no memory");
		return;
	}
	starting->waiting.client = client_ref(client_of(data));
	starting->waiting.go_on = app_start;
	starting->api_version = in->api_version;
	starting->friendly_name = name_copy(in->friendly_name);
	starting->module_name = name_copy(in->module_name);
	starting->closure = closure;
	starting->closure_data = data;
	waiting_begin(&starting->waiting);
}

/* The program an answer is for; NULL after having answered */
static struct app *known(uint32_t handle, ProtobufCClosure closure, void *data)
{
	struct app *app = app_get(client_of(data), handle);

	if (!app)
		answer_error(closure, data, &tapi__rpc__result__descriptor,
			     LINEERR_INVALAPPHANDLE, TAPI_ORIGIN_SERVER, 0, "no such program");
	return app;
}

static void app_rpc_shutdown(Tapi__Rpc__App_Service *service, const Tapi__Rpc__AppIn *in,
			     Tapi__Rpc__Result_Closure closure, void *data)
{
	struct app *app = known(in->app, CLOSURE(closure), data);

	if (!app)
		return;
	app_free(app);
	answer_result(closure, data, 0, NULL);
}

static void app_rpc_devices(Tapi__Rpc__App_Service *service, const Tapi__Rpc__AppIn *in,
			    Tapi__Rpc__NumberOut_Closure closure, void *data)
{
	Tapi__Rpc__NumberOut out = TAPI__RPC__NUMBER_OUT__INIT;

	if (!known(in->app, CLOSURE(closure), data))
		return;
	out.has_result = out.has_number = 1;
	out.number = server.lines_count;
	closure(&out, data);
}

/* A line whose versions a program may ask for; NULL after having answered */
static struct line *negotiable(uint32_t device, ProtobufCClosure closure, void *data)
{
	struct line *line = line_find(device);

	if (line && !line->removed)
		return line;
	answer_error(closure, data, &tapi__rpc__result__descriptor,
		     device < server.lines_count ? LINEERR_NODEVICE : LINEERR_BADDEVICEID,
		     TAPI_ORIGIN_SERVER, 0, "no line with this number");
	return NULL;
}

static void app_rpc_negotiate_api(Tapi__Rpc__App_Service *service,
				  const Tapi__Rpc__NegotiateIn *in,
				  Tapi__Rpc__VersionOut_Closure closure, void *data)
{
	Tapi__Rpc__VersionOut out = TAPI__RPC__VERSION_OUT__INIT;
	struct app *app = known(in->app, CLOSURE(closure), data);
	struct line *line = app ? negotiable(in->device, CLOSURE(closure), data) : NULL;
	uint32_t high;

	if (!line)
		return;
	high = in->high < line->version ? in->high : line->version;
	if (high > SERVER_API_HIGH)
		high = SERVER_API_HIGH;
	if (in->low > in->high || high < in->low || high < SERVER_API_LOW) {
		ANSWER_ERROR(VERSION_OUT, version_out, closure, data,
			     LINEERR_INCOMPATIBLEAPIVERSION, "no version that both can");
		return;
	}
	if (!app_set_version(app, in->device, high)) {
		ANSWER_ERROR(VERSION_OUT, version_out, closure, data, LINEERR_NOMEM, "no memory");
		return;
	}
	out.has_result = out.has_version = 1;
	out.version = high;
	out.n_extension = 4;
	out.extension = line->extension;
	closure(&out, data);
}

static void app_rpc_negotiate_ext(Tapi__Rpc__App_Service *service,
				  const Tapi__Rpc__NegotiateIn *in,
				  Tapi__Rpc__VersionOut_Closure closure, void *data)
{
	Tapi__Rpc__TspiDeviceIn to = TAPI__RPC__TSPI_DEVICE_IN__INIT;
	struct app *app = known(in->app, CLOSURE(closure), data);
	struct line *line = app ? negotiable(in->device, CLOSURE(closure), data) : NULL;
	struct op *op = line ? op_new_for(line->provider, answer_forward, client_of(data),
					  CLOSURE(closure), data) : NULL;

	if (!line)
		return;
	if (!op) {
		ANSWER_ERROR(VERSION_OUT, version_out, closure, data, LINEERR_OPERATIONFAILED,
			     "the line is out of service");
		return;
	}
	to.has_device = to.has_version = to.has_low = to.has_high = 1;
	to.device = line->driver;
	to.version = line->version;
	to.low = in->low;
	to.high = in->high;
	tapi__rpc__tspi__line_negotiate_ext_version(TSPI(op->provider), &to,
						    OP_CLOSURE(VersionOut), op);
	op_sent(op);
}

static void app_rpc_snapshot(Tapi__Rpc__App_Service *service, const Tapi__Rpc__AppIn *in,
			     Tapi__Rpc__SnapshotOut_Closure closure, void *data)
{
	struct app *app = known(in->app, CLOSURE(closure), data);

	if (app)
		snapshot_make(app, closure, data);
}

static void app_rpc_resume(Tapi__Rpc__App_Service *service, const Tapi__Rpc__ResumeIn *in,
			   Tapi__Rpc__ResumeOut_Closure closure, void *data)
{
	snapshot_resume(in, closure, data);
}

const Tapi__Rpc__App_Service app_service = TAPI__RPC__APP__INIT(app_rpc_);

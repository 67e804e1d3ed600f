/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop thread's side of the link: what tapisrv asks becomes a job for a worker. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <syslog.h>
#include <unistd.h>

#include <tapi/tapi_linux.h>
#include <tapi_config.h>

#include "errmap.h"
#include "host.h"

/* Frames at a time, so that events and the timer get their turn */
#define BUDGET	32u

atomic_int host_state = HOST_NEW;

static struct {
	sd_event *event;
	struct link *link;
	sd_event_source *source;
	bool ended;			/* the provider is shut down */
	Tapi__Rpc__Result_Closure stopped;	/* answers Stop */
	void *stopped_data;
} host;

static const struct trampoline host_methods[] = {
	{ "Setup", setup_setup },
	{ "Start", setup_start },
	{ "CreateLine", setup_create_line },
	{ "MspGrant", relay_grant },
	{ "MspBind", relay_bind },
};

struct link *host_peer(void)
{
	return host.link && link_fd(host.link) >= 0 ? host.link : NULL;
}

bool host_connected(void)
{
	return host.link != NULL;
}

sd_event *host_event(void)
{
	return host.event;
}

/* ---- requests to jobs ---- */

static LONG (*find(const struct trampoline *table, size_t count, const char *name))(struct job *)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(table[i].name, name))
			return table[i].run;
	}
	return NULL;
}

/* A copy of a message in the job's memory */
static ProtobufCMessage *copy(struct job *job, const ProtobufCMessage *message)
{
	size_t size = protobuf_c_message_get_packed_size(message);
	uint8_t *bytes = job_alloc(job, size + 1);

	if (!bytes)
		return NULL;
	protobuf_c_message_pack(message, bytes);
	return protobuf_c_message_unpack(message->descriptor, &job->arena.allocator, size, bytes);
}

static struct job *request_job(LONG (*run)(struct job *job),
			       const ProtobufCMethodDescriptor *method,
			       const ProtobufCMessage *in)
{
	struct job *job = job_new(run);

	if (!job)
		return NULL;
	job->method = method;
	job->in = copy(job, in);
	job->out = job_alloc(job, method->output->sizeof_message);
	job->reply = note_new(NOTE_ANSWER);
	if (!job->in || !job->out || !job->reply) {
		note_free(job->reply);
		job_free(job);
		return NULL;
	}
	method->output->message_init(job->out);
	job->reply->job = job;
	return job;
}

static uint32_t member(const ProtobufCMessage *in, const char *name)
{
	const ProtobufCFieldDescriptor *field =
		protobuf_c_message_descriptor_get_field_by_name(in->descriptor, name);

	if (!field || field->label == PROTOBUF_C_LABEL_REPEATED ||
	    (field->type != PROTOBUF_C_TYPE_FIXED32 && field->type != PROTOBUF_C_TYPE_UINT32))
		return 0;
	return *(const uint32_t *)((const char *)in + field->offset);
}

/* What is asked about one line is done in order */
static uint32_t key_of(const ProtobufCMessage *in)
{
	uint32_t line = member(in, "line"), call = member(in, "call");
	struct call_ref ref;

	if (line)
		return line;
	if (call)
		return handles_call(call, &ref) ? 0 : ref.line;
	return member(in, "device");
}

/* The number that starts each answer */
static void answer_at_once(const ProtobufCMethodDescriptor *method, ProtobufCClosure closure,
			   void *data, LONG result)
{
	const struct errmap_entry *entry = errmap_find_error(result);
	Tapi__Rpc__Error error = TAPI__RPC__ERROR__INIT;
	ProtobufCMessage *out = calloc(1, method->output->sizeof_message);

	if (out) {
		method->output->message_init(out);
		error.has_origin = 1;
		error.origin = TAPI_ORIGIN_SERVER;
		error.text = (char *)(uintptr_t)(entry ? entry->text : NULL);
		((Tapi__Rpc__Result *)out)->has_result = 1;
		((Tapi__Rpc__Result *)out)->result = result;
		((Tapi__Rpc__Result *)out)->error = &error;
	}
	closure(out, data);
	free(out);
}

static void submit(LONG (*run)(struct job *job), const ProtobufCMethodDescriptor *method,
		   const ProtobufCMessage *in, ProtobufCClosure closure, void *data)
{
	struct job *job = run ? request_job(run, method, in) : NULL;

	if (!job) {
		answer_at_once(method, closure, data,
			       run ? LINEERR_NOMEM : LINEERR_OPERATIONUNAVAIL);
		return;
	}
	job->answer = closure;
	job->answer_data = data;
	job->fd = link_take_fd(data);
	workers_add(job, key_of(job->in));
}

static void invoke_tspi(ProtobufCService *service, unsigned int index, const ProtobufCMessage *in,
			ProtobufCClosure closure, void *data)
{
	const ProtobufCMethodDescriptor *method = &service->descriptor->methods[index];
	LONG (*run)(struct job *job);

	if (atomic_load(&host_state) != HOST_RUNNING) {
		answer_at_once(method, closure, data, LINEERR_UNINITIALIZED);
		return;
	}
	run = find(trampolines_line, trampolines_line_count, method->name);
	if (!run)
		run = find(trampolines_call, trampolines_call_count, method->name);
	submit(run, method, in, closure, data);
}

static void invoke_host(ProtobufCService *service, unsigned int index, const ProtobufCMessage *in,
			ProtobufCClosure closure, void *data)
{
	const ProtobufCMethodDescriptor *method = &service->descriptor->methods[index];

	if (strcmp(method->name, "Stop")) {
		submit(find(host_methods, sizeof(host_methods) / sizeof(host_methods[0]),
			    method->name), method, in, closure, data);
		return;
	}
	if (host.stopped) {
		answer_at_once(method, closure, data, LINEERR_OPERATIONFAILED);
		return;
	}
	host.stopped = (Tapi__Rpc__Result_Closure)closure;
	host.stopped_data = data;
	host_end();
}

/* ---- Link ---- */

static void hello(Tapi__Rpc__Link_Service *service, const Tapi__Rpc__HelloIn *in,
		  Tapi__Rpc__HelloOut_Closure closure, void *data)
{
	Tapi__Rpc__HelloOut out = TAPI__RPC__HELLO_OUT__INIT;
	Tapi__Rpc__Error error = TAPI__RPC__ERROR__INIT;
	char text[100];

	out.has_result = 1;
	if (in->min > FRAME_VERSION_MAX || in->max < FRAME_VERSION_MIN) {
		snprintf(text, sizeof(text), "tsphost speaks versions %u to %u, not %u to %u",
			 FRAME_VERSION_MIN, FRAME_VERSION_MAX, in->min, in->max);
		error.text = text;
		out.error = &error;
		out.result = LINEERR_INCOMPATIBLEAPIVERSION;
		closure(&out, data);
		return;
	}
	out.has_version = out.has_features = out.has_max_requests = out.has_max_frame = 1;
	out.version = in->max < FRAME_VERSION_MAX ? in->max : FRAME_VERSION_MAX;
	out.max_requests = LINK_OPEN_MAX;
	out.max_frame = FRAME_MAX;
	out.server = (char *)(uintptr_t)"tsphost " TAPI_VERSION;
	closure(&out, data);
}

static void ping(Tapi__Rpc__Link_Service *service, const Tapi__Rpc__Empty *in,
		 Tapi__Rpc__Empty_Closure closure, void *data)
{
	closure(in, data);
}

static Tapi__Rpc__Link_Service link_table = TAPI__RPC__LINK__INIT();
static ProtobufCService host_table = {
	.descriptor = &tapi__rpc__host__descriptor, .invoke = invoke_host,
};
static ProtobufCService tspi_table = {
	.descriptor = &tapi__rpc__tspi__descriptor, .invoke = invoke_tspi,
};

/* ---- the link in the loop ---- */

static void rearm(struct link *link)
{
	if (host.source)
		sd_event_source_set_io_events(host.source, link_events(link));
}

static void closed(struct link *link, int error)
{
	if (error && !host.ended)
		tsph_log(LOG_ERR, "connection to tapisrv: %s", strerror(-error));
	host.source = sd_event_source_disable_unref(host.source);
	if (host.ended)
		sd_event_exit(host.event, 0);
	else
		host_end();
}

static const struct link_ops ops = { .rearm = rearm, .closed = closed };

static int ready(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct link *link = host.link;

	/* With its end gone nothing is left to wait for, not even when we do not read now */
	if (revents & (EPOLLHUP | EPOLLERR) && !(revents & EPOLLIN && link_events(link) & EPOLLIN))
		link_close(link, 0);
	else
		link_dispatch(link, BUDGET);
	host_sent();
	return 0;
}

int host_link(int fd)
{
	int err;

	host.link = link_new(fd, &ops, NULL);
	if (!host.link)
		return -ENOMEM;
	link_serve(host.link, TAPI__RPC__SERVICE_ID__SERVICE_LINK, &link_table.base);
	link_serve(host.link, TAPI__RPC__SERVICE_ID__SERVICE_HOST, &host_table);
	link_serve(host.link, TAPI__RPC__SERVICE_ID__SERVICE_TSPI, &tspi_table);
	err = sd_event_add_io(host.event, &host.source, fd, link_events(host.link), ready, NULL);
	if (err < 0)
		return err;
	return 0;
}

/* ---- the end ---- */

static int too_late(sd_event_source *source, uint64_t usec, void *user)
{
	tsph_log(LOG_CRIT, "the provider does not shut down: the host ends without it");
	_exit(EXIT_FAILURE);
}

void host_end(void)
{
	uint64_t now = 0;

	if (atomic_exchange(&host_state, HOST_ENDING) == HOST_ENDING)
		return;
	sd_event_now(host.event, CLOCK_MONOTONIC, &now);
	if (setup_shutdown() < 0 ||
	    sd_event_add_time(host.event, NULL, CLOCK_MONOTONIC, now + SHUTDOWN_USEC, 100000,
			      too_late, NULL) < 0) {
		tsph_log(LOG_ERR, "no memory to shut the provider down");
		_exit(EXIT_FAILURE);
	}
}

void host_ended(LONG result)
{
	Tapi__Rpc__Result out = TAPI__RPC__RESULT__INIT;

	host.ended = true;
	if (!host.stopped)
		return;
	out.has_result = 1;
	out.result = result;
	host.stopped(&out, host.stopped_data);
	host.stopped = NULL;
}

void host_sent(void)
{
	if (host_peer())
		link_dispatch(host.link, 0);
	outbox_measure();
	if (host.ended && (!host_peer() || !link_queued(host.link)))
		sd_event_exit(host.event, 0);
}

/* ---- functions that do not return ---- */

static void late(const char *name)
{
	Tapi__Rpc__LogEvent event = TAPI__RPC__LOG_EVENT__INIT;
	struct link *link = host_peer();

	tsph_log(LOG_WARNING, "%s does not return", name);
	if (!link)
		return;
	event.has_priority = 1;
	event.priority = LOG_WARNING;
	event.text = (char *)(uintptr_t)name;
	tapi__rpc__host_events__busy(link_service(link,
						  TAPI__RPC__SERVICE_ID__SERVICE_HOST_EVENTS),
				     &event, NULL, NULL);
	host_sent();
}

static int expired(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	watch_expired(late);
	return 0;
}

int host_start(sd_event *event)
{
	int err;

	host.event = event;
	err = watch_start();
	if (err >= 0)
		err = sd_event_add_io(event, NULL, err, EPOLLIN, expired, NULL);
	if (err >= 0)
		err = outbox_start(event);
	if (err >= 0)
		err = report_start();
	if (err >= 0)
		err = workers_start();
	return err < 0 ? err : 0;
}

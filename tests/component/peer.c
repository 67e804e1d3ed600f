/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include <tapi/tapi.h>

#include "peer.h"
#include "link.h"

struct peer *peer_connect(const char *socket_name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct peer *peer = calloc(1, sizeof(*peer));

	assert_non_null(peer);
	strncpy(address.sun_path, service_path(socket_name), sizeof(address.sun_path) - 1);
	peer->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(peer->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return peer;
}

struct peer *peer_new(const char *socket_name)
{
	Tapi__Rpc__HelloIn hello = TAPI__RPC__HELLO_IN__INIT;
	struct peer *peer = peer_connect(socket_name);

	hello.has_min = hello.has_max = 1;
	hello.min = FRAME_VERSION_MIN;
	hello.max = FRAME_VERSION_MAX;
	hello.program = (char *)(uintptr_t)"peer";
	assert_int_equal(peer_ask(peer, SERVICE(LINK), "Hello", &hello.base), 0);
	return peer;
}

struct peer *peer_program(const char *name)
{
	Tapi__Rpc__InitializeIn in = TAPI__RPC__INITIALIZE_IN__INIT;
	struct peer *peer = peer_new("tapi.sock");

	in.has_api_version = 1;
	in.api_version = 0x00020002;
	in.friendly_name = (char *)(uintptr_t)name;
	assert_int_equal(peer_ask(peer, SERVICE(APP), "Initialize", &in.base), 0);
	peer->app = ((Tapi__Rpc__InitializeOut *)peer->answer)->app;
	assert_int_not_equal(peer->app, 0);
	return peer;
}

void peer_forget(struct peer *peer)
{
	for (size_t i = 0; i < peer->count; i++)
		protobuf_c_message_free_unpacked(peer->events[i].message, NULL);
	peer->count = 0;
}

void peer_free(struct peer *peer)
{
	if (!peer)
		return;
	close(peer->fd);
	peer_forget(peer);
	free(peer->events);
	if (peer->answer)
		protobuf_c_message_free_unpacked(peer->answer, NULL);
	free(peer);
}

unsigned int peer_method(unsigned int service, const char *name)
{
	const ProtobufCServiceDescriptor *d = service_descriptor(service);
	unsigned int i;

	for (i = 0; i < d->n_methods; i++) {
		if (!strcmp(d->methods[i].name, name))
			return i;
	}
	fail_msg("no method %s", name);
	return i;
}

uint32_t peer_send(struct peer *peer, unsigned int service, unsigned int method, const void *body,
		   size_t size)
{
	struct frame frame = {
		.length = (uint32_t)(FRAME_HEADER + size), .serial = ++peer->serial,
		.service = (uint16_t)service, .method = (uint16_t)method, .kind = FRAME_CALL,
	};
	static unsigned char bytes[FRAME_MAX];

	assert_true(size <= FRAME_BODY_MAX);
	frame_write(&frame, bytes);
	memcpy(bytes + FRAME_HEADER, body, size);
	if (send(peer->fd, bytes, frame.length, MSG_NOSIGNAL) < 0)
		peer->gone = true;
	return frame.serial;
}

static void keep_event(struct peer *peer, const struct frame *frame, const unsigned char *body)
{
	const ProtobufCMethodDescriptor *method = service_method(frame->service, frame->method);
	struct peer_event *bigger;

	assert_int_equal(frame->service, SERVICE(APP_EVENTS));
	assert_non_null(method);
	if (peer->count == peer->size) {
		peer->size = peer->size ? peer->size * 2 : 64;
		bigger = realloc(peer->events, peer->size * sizeof(*bigger));
		assert_non_null(bigger);
		peer->events = bigger;
	}
	peer->events[peer->count].method = frame->method;
	peer->events[peer->count].message =
		protobuf_c_message_unpack(method->input, NULL, frame->length - FRAME_HEADER, body);
	assert_non_null(peer->events[peer->count++].message);
}

/* One frame: 0 for an event, else its serial; -1: nothing (@flags), or the end */
static int64_t receive(struct peer *peer, int flags)
{
	static unsigned char bytes[FRAME_MAX];
	const ProtobufCMessageDescriptor *as = &tapi__rpc__result__descriptor;
	struct frame frame;
	ssize_t size = recv(peer->fd, bytes, sizeof(bytes), flags);

	if (size <= 0) {
		peer->gone |= size == 0 || (errno != EAGAIN && errno != EINTR);
		return -1;
	}
	assert_int_equal(frame_read(&frame, bytes, (size_t)size), 0);
	if (frame.kind == FRAME_EVENT) {
		keep_event(peer, &frame, bytes + FRAME_HEADER);
		return 0;
	}
	peer->kind = frame.kind;
	if (frame.kind == FRAME_REPLY)
		as = service_method(frame.service, frame.method)->output;
	if (peer->answer)
		protobuf_c_message_free_unpacked(peer->answer, NULL);
	peer->answer = protobuf_c_message_unpack(as, NULL, frame.length - FRAME_HEADER,
						 bytes + FRAME_HEADER);
	assert_non_null(peer->answer);
	return frame.serial;
}

static bool readable(const struct peer *peer, unsigned int ms)
{
	struct pollfd p = { .fd = peer->fd, .events = POLLIN };

	return poll(&p, 1, (int)ms) > 0;
}

int32_t peer_wait(struct peer *peer, uint32_t serial)
{
	int64_t got = 0;

	while (got != serial && !peer->gone) {
		assert_true(readable(peer, PATIENCE_MS));
		got = receive(peer, 0);
	}
	if (peer->gone)
		return INT32_MIN;
	if (peer->answer->descriptor == &tapi__rpc__empty__descriptor)
		return 0;
	return ((Tapi__Rpc__Result *)peer->answer)->result;
}

int32_t peer_ask(struct peer *peer, unsigned int service, const char *method,
		 const ProtobufCMessage *in)
{
	static uint8_t body[FRAME_MAX];
	size_t size = in ? protobuf_c_message_get_packed_size(in) : 0;

	assert_true(size <= FRAME_BODY_MAX);
	if (in)
		protobuf_c_message_pack(in, body);
	return peer_wait(peer, peer_send(peer, service, peer_method(service, method), body, size));
}

bool peer_read(struct peer *peer)
{
	while (receive(peer, MSG_DONTWAIT) >= 0)
		;
	return !peer->gone;
}

static ProtobufCMessage *take(struct peer *peer, size_t i)
{
	ProtobufCMessage *message = peer->events[i].message;

	peer->count--;
	memmove(&peer->events[i], &peer->events[i + 1],
		(peer->count - i) * sizeof(*peer->events));
	return message;
}

bool peer_message(struct peer *peer, uint32_t message, unsigned int ms, Tapi__Rpc__Event *event)
{
	size_t i = 0;

	for (;;) {
		for (; i < peer->count; i++) {
			Tapi__Rpc__Event *e = (Tapi__Rpc__Event *)peer->events[i].message;

			if (peer->events[i].method != peer_method(SERVICE(APP_EVENTS), "Message") ||
			    e->message != message)
				continue;
			take(peer, i);
			*event = *e;
			protobuf_c_message_free_unpacked(&e->base, NULL);
			return true;
		}
		if (peer->gone || !readable(peer, ms))
			return false;
		assert_true(receive(peer, 0) <= 0);
	}
}

int32_t peer_reply(struct peer *peer, uint32_t request, uint32_t *call)
{
	unsigned int replied = peer_method(SERVICE(APP_EVENTS), "Replied");
	int32_t result;

	for (size_t i = 0;;) {
		for (; i < peer->count; i++) {
			Tapi__Rpc__Reply *r = (Tapi__Rpc__Reply *)peer->events[i].message;

			if (peer->events[i].method != replied || r->request_id != request)
				continue;
			take(peer, i);
			result = r->result;
			if (call)
				*call = r->call;
			protobuf_c_message_free_unpacked(&r->base, NULL);
			return result;
		}
		assert_false(peer->gone);
		assert_true(readable(peer, PATIENCE_MS));
		receive(peer, 0);
	}
}

size_t peer_count(const struct peer *peer, unsigned int method)
{
	size_t count = 0;

	for (size_t i = 0; i < peer->count; i++)
		count += peer->events[i].method == method;
	return count;
}

/* ---- what is asked often ---- */

uint32_t peer_open(struct peer *peer, uint32_t device, uint32_t privileges, uint32_t media)
{
	Tapi__Rpc__NegotiateIn version = TAPI__RPC__NEGOTIATE_IN__INIT;
	Tapi__Rpc__OpenIn in = TAPI__RPC__OPEN_IN__INIT;

	version.has_app = version.has_device = version.has_low = version.has_high = 1;
	version.app = peer->app;
	version.device = device;
	version.low = 0x00010003;
	version.high = 0x00020002;
	if (peer_ask(peer, SERVICE(APP), "NegotiateApi", &version.base))
		return 0;
	in.has_app = in.has_device = in.has_version = in.has_privileges = in.has_media_modes = 1;
	in.app = peer->app;
	in.device = device;
	in.version = ((Tapi__Rpc__VersionOut *)peer->answer)->version;
	in.privileges = privileges;
	in.media_modes = media;
	if (peer_ask(peer, SERVICE(LINE), "Open", &in.base))
		return 0;
	return ((Tapi__Rpc__OpenOut *)peer->answer)->line;
}

static int64_t request_of(const struct peer *peer, int32_t result)
{
	return result ? (int64_t)result : ((Tapi__Rpc__AsyncOut *)peer->answer)->request_id;
}

int64_t peer_call(struct peer *peer, const char *method, uint32_t call)
{
	Tapi__Rpc__CallIn in = TAPI__RPC__CALL_IN__INIT;
	int32_t result;

	in.has_call = 1;
	in.call = call;
	result = peer_ask(peer, SERVICE(CALL), method, &in.base);
	if (result || peer->answer->descriptor != &tapi__rpc__async_out__descriptor)
		return result;
	return request_of(peer, result);
}

int64_t peer_make_call(struct peer *peer, uint32_t line, const char *destination)
{
	Tapi__Rpc__MakeCallIn in = TAPI__RPC__MAKE_CALL_IN__INIT;

	in.has_line = 1;
	in.line = line;
	in.destination = (char *)(uintptr_t)destination;
	return request_of(peer, peer_ask(peer, SERVICE(LINE), "MakeCall", &in.base));
}

int32_t peer_value(struct peer *peer, const char *method, uint32_t call, uint32_t value)
{
	Tapi__Rpc__CallValueIn in = TAPI__RPC__CALL_VALUE_IN__INIT;

	in.has_call = in.has_value = 1;
	in.call = call;
	in.value = value;
	return peer_ask(peer, SERVICE(CALL), method, &in.base);
}

int32_t peer_close(struct peer *peer, uint32_t line)
{
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;

	in.has_line = 1;
	in.line = line;
	return peer_ask(peer, SERVICE(LINE), "Close", &in.base);
}

void peer_state(struct peer *peer, uint32_t call, uint32_t state)
{
	Tapi__Rpc__Event event;

	assert_true(peer_message(peer, LINE_CALLSTATE, PATIENCE_MS, &event));
	assert_int_equal(event.device, call);
	assert_int_equal(event.p1, state);
}

uint32_t peer_new_call(struct peer *peer, uint32_t privilege)
{
	Tapi__Rpc__Event event;

	assert_true(peer_message(peer, LINE_APPNEWCALL, PATIENCE_MS, &event));
	assert_int_equal(event.privilege, privilege);
	assert_int_equal(event.p3, privilege);
	return (uint32_t)event.p2;
}

/* ---- administration ---- */

static unsigned int descriptors(void)
{
	unsigned int count = 0;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)service_pid());
	dir = opendir(path);
	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

struct census census_take(void)
{
	struct peer *peer = peer_new("admin.sock");
	struct census census = { 0 };
	Tapi__Rpc__StatusOut *status;

	assert_int_equal(peer_ask(peer, SERVICE(ADMIN), "Status", NULL), 0);
	status = (Tapi__Rpc__StatusOut *)peer->answer;
	census.objects = status->objects;
	census.calls = status->calls;
	census.broken = status->broken_invariants;
	assert_int_equal(peer_ask(peer, SERVICE(ADMIN), "Clients", NULL), 0);
	census.clients = (uint32_t)((Tapi__Rpc__ClientsOut *)peer->answer)->n_clients;
	census.descriptors = descriptors();
	peer_free(peer);
	return census;
}

void census_same(const struct census *before)
{
	unsigned int left = PATIENCE_MS * 1000 / STEP_US;
	struct census now = census_take();

	while ((now.objects != before->objects || now.calls != before->calls ||
		now.clients != before->clients || now.descriptors != before->descriptors) &&
	       left--) {
		usleep(STEP_US);
		now = census_take();
	}
	assert_int_equal(now.objects, before->objects);
	assert_int_equal(now.calls, before->calls);
	assert_int_equal(now.clients, before->clients);
	assert_int_equal(now.descriptors, before->descriptors);
	assert_int_equal(now.broken, 0);
}

/* What Admin.Providers says of one; the peer is the caller's to free, NULL: there is none */
static struct peer *ask_provider(const char *name, Tapi__Rpc__ProviderInfo **info)
{
	struct peer *peer = peer_new("admin.sock");
	Tapi__Rpc__ProvidersOut *out;

	assert_int_equal(peer_ask(peer, SERVICE(ADMIN), "Providers", NULL), 0);
	out = (Tapi__Rpc__ProvidersOut *)peer->answer;
	for (size_t i = 0; i < out->n_providers; i++) {
		*info = out->providers[i];
		if (!strcmp((*info)->name, name))
			return peer;
	}
	peer_free(peer);
	return NULL;
}

const char *provider_is(const char *name, char reason[256])
{
	static char state[32];
	Tapi__Rpc__ProviderInfo *info;
	struct peer *peer = ask_provider(name, &info);

	if (!peer)
		return "unknown";
	snprintf(state, sizeof(state), "%s", info->state);
	if (reason)
		snprintf(reason, 256, "%s", info->reason ? info->reason : "");
	peer_free(peer);
	return state;
}

pid_t provider_pid(const char *name)
{
	Tapi__Rpc__ProviderInfo *info;
	struct peer *peer = ask_provider(name, &info);
	pid_t pid;

	assert_non_null(peer);
	pid = (pid_t)info->pid;
	peer_free(peer);
	return pid;
}

void provider_signal(const char *name, int signal)
{
	pid_t pid = provider_pid(name);

	/* 0 would be everybody here */
	assert_true(pid > 1);
	assert_int_equal(kill(pid, signal), 0);
}

int32_t provider_restart(const char *name)
{
	Tapi__Rpc__NameIn in = TAPI__RPC__NAME_IN__INIT;
	struct peer *peer = peer_new("admin.sock");
	int32_t result;

	in.name = (char *)(uintptr_t)name;
	result = peer_ask(peer, SERVICE(ADMIN), "RestartProvider", &in.base);
	peer_free(peer);
	return result;
}

uint32_t provider_device(const char *name)
{
	struct peer *peer = peer_new("admin.sock");
	uint32_t device = UINT32_MAX;
	Tapi__Rpc__LinesOut *out;

	assert_int_equal(peer_ask(peer, SERVICE(ADMIN), "Lines", NULL), 0);
	out = (Tapi__Rpc__LinesOut *)peer->answer;
	for (size_t i = 0; i < out->n_lines; i++) {
		if (!strcmp(out->lines[i]->provider, name) && out->lines[i]->device < device)
			device = out->lines[i]->device;
	}
	peer_free(peer);
	assert_int_not_equal(device, UINT32_MAX);
	return device;
}

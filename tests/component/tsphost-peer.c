/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tapisrv that only listens and writes down. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include <tapi/tspi.h>

#include "tsphost-peer.h"

/* How long anything may take, on a slow machine */
#define LIMIT_MS	30000

static struct peer *current;

/* ---- what is heard ---- */

static struct heard *hear(enum heard_kind kind)
{
	struct peer *peer = current;
	struct heard *heard;

	if (peer->count == peer->room) {
		peer->room = peer->room ? 2 * peer->room : 64;
		peer->heard = realloc(peer->heard, peer->room * sizeof(*peer->heard));
		assert_non_null(peer->heard);
	}
	heard = &peer->heard[peer->count++];
	memset(heard, 0, sizeof(*heard));
	heard->kind = kind;
	return heard;
}

static void keep_bytes(struct heard *heard, const void *data, size_t size)
{
	heard->size = size;
	if (size >= sizeof(heard->text))
		size = sizeof(heard->text) - 1;
	if (size)
		memcpy(heard->text, data, size);
}

static void on_complete(Tapi__Rpc__HostEvents_Service *service,
			const Tapi__Rpc__CompleteEvent *in, Tapi__Rpc__Empty_Closure closure,
			void *data)
{
	struct heard *heard = hear(HEARD_COMPLETE);

	heard->request = in->request;
	heard->result = in->result;
	keep_bytes(heard, in->data.data, in->data.len);
	closure(NULL, data);
}

static void event(enum heard_kind kind, const Tapi__Rpc__ProviderEvent *in)
{
	struct heard *heard = hear(kind);

	heard->line = in->line;
	heard->call = in->call;
	heard->message = in->message;
	heard->p[0] = in->p1;
	heard->p[1] = in->p2;
	heard->p[2] = in->p3;
}

static void on_line(Tapi__Rpc__HostEvents_Service *service, const Tapi__Rpc__ProviderEvent *in,
		    Tapi__Rpc__Empty_Closure closure, void *data)
{
	event(HEARD_LINE, in);
	closure(NULL, data);
}

static void on_create(Tapi__Rpc__HostEvents_Service *service, const Tapi__Rpc__ProviderEvent *in,
		      Tapi__Rpc__Empty_Closure closure, void *data)
{
	event(HEARD_CREATE, in);
	closure(NULL, data);
}

static void on_remove(Tapi__Rpc__HostEvents_Service *service, const Tapi__Rpc__ProviderEvent *in,
		      Tapi__Rpc__Empty_Closure closure, void *data)
{
	event(HEARD_REMOVE, in);
	closure(NULL, data);
}

static void on_new_call(Tapi__Rpc__HostEvents_Service *service,
			const Tapi__Rpc__NewCallEvent *in, Tapi__Rpc__Empty_Closure closure,
			void *data)
{
	struct heard *heard = hear(HEARD_NEWCALL);

	heard->line = in->line;
	heard->call = in->call;
	heard->call_id = in->call_id;
	heard->p[0] = in->address;
	heard->p[1] = in->media_mode;
	heard->p[2] = in->origin;
	closure(NULL, data);
}

static void on_gathered(Tapi__Rpc__HostEvents_Service *service,
			const Tapi__Rpc__GatheredEvent *in, Tapi__Rpc__Empty_Closure closure,
			void *data)
{
	struct heard *heard = hear(HEARD_GATHERED);

	heard->call = in->call;
	heard->request = in->end_to_end_id;
	heard->p[0] = in->reason;
	heard->p[1] = in->tick;
	keep_bytes(heard, in->digits, strlen(in->digits));
	closure(NULL, data);
}

static void on_log(Tapi__Rpc__HostEvents_Service *service, const Tapi__Rpc__LogEvent *in,
		   Tapi__Rpc__Empty_Closure closure, void *data)
{
	struct heard *heard = hear(HEARD_LOG);

	heard->p[0] = in->priority;
	keep_bytes(heard, in->text, strlen(in->text));
	closure(NULL, data);
}

static void on_busy(Tapi__Rpc__HostEvents_Service *service, const Tapi__Rpc__LogEvent *in,
		    Tapi__Rpc__Empty_Closure closure, void *data)
{
	keep_bytes(hear(HEARD_BUSY), in->text, strlen(in->text));
	closure(NULL, data);
}

static Tapi__Rpc__HostEvents_Service events = TAPI__RPC__HOST_EVENTS__INIT(on_);

/* ---- the connection ---- */

static void on_closed(struct link *link, int error)
{
	((struct peer *)link_user(link))->closed = true;
}

static const struct link_ops ops = { .closed = on_closed };

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* One round; fails the test when nothing comes any more */
static void turn(struct peer *peer, long long limit)
{
	struct pollfd pfd = {
		.fd = link_fd(peer->link), .events = (short)link_events(peer->link),
	};
	long long left = limit - now_ms();

	if (left <= 0)
		fail_msg("nothing comes any more");
	poll(&pfd, 1, (int)left);
	link_dispatch(peer->link, 1);
}

const char *peer_module(const char *name)
{
	static char path[4][512];
	static unsigned int next;
	char *to = path[next++ % 4];

	snprintf(to, sizeof(path[0]), "%s/tests/component/%s.so", TSPHOST_BUILD, name);
	return to;
}

static void run_host(struct peer *peer, const char *module, bool any_owner, int fd)
{
	const char *args[16] = { "tsphost", "--name", "fake", "--fd" };
	char number[12], path[512];
	int n = 4;

	fcntl(fd, F_SETFD, 0);
	snprintf(number, sizeof(number), "%d", fd);
	snprintf(path, sizeof(path), "%s/tsphost/tsphost", TSPHOST_BUILD);
	args[n++] = number;
	if (module) {
		args[n++] = "--module";
		args[n++] = module;
	}
	if (any_owner)
		args[n++] = "--allow-any-owner";
	args[n++] = "--trace";
	args[n++] = peer->trace;
	execv(path, (char **)(uintptr_t)args);
	_exit(127);
}

void peer_prepare(struct peer *peer)
{
	memset(peer, 0, sizeof(*peer));
	strcpy(peer->directory, "/tmp/tsphost.XXXXXX");
	assert_non_null(mkdtemp(peer->directory));
	snprintf(peer->journal, sizeof(peer->journal), "%s/journal", peer->directory);
	snprintf(peer->trace, sizeof(peer->trace), "%s/trace", peer->directory);
}

void peer_connect(struct peer *peer, int fd)
{
	peer->link = link_new(fd, &ops, peer);
	assert_non_null(peer->link);
	link_serve(peer->link, TAPI__RPC__SERVICE_ID__SERVICE_HOST_EVENTS, &events.base);
	current = peer;
}

void peer_spawn(struct peer *peer, const char *module, bool any_owner)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	peer->pid = fork();
	assert_true(peer->pid >= 0);
	if (!peer->pid)
		run_host(peer, module, any_owner, fds[1]);
	close(fds[1]);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	peer_connect(peer, fds[0]);
}

void peer_start(struct peer *peer, const char *module, bool any_owner)
{
	peer_prepare(peer);
	peer_spawn(peer, module, any_owner);
}

void peer_activate(struct peer *peer, int listener)
{
	char pid[12];

	peer->pid = fork();
	assert_true(peer->pid >= 0);
	if (peer->pid)
		return;
	if (listener == 3)
		fcntl(3, F_SETFD, 0);
	else
		dup2(listener, 3);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	execl(TSPHOST_BUILD "/tsphost/tsphost", "tsphost", "--allow-any-owner", NULL);
	_exit(127);
}

int peer_end(struct peer *peer)
{
	int status = -1;

	link_close(peer->link, 0);
	link_unref(peer->link);
	waitpid(peer->pid, &status, 0);
	protobuf_c_message_free_unpacked(peer->answer, NULL);
	free(peer->heard);
	unlink(peer->journal);
	unlink(peer->trace);
	rmdir(peer->directory);
	return status;
}

void peer_read(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	n = fd < 0 ? 0 : read(fd, text, room - 1);
	text[n < 0 ? 0 : n] = '\0';
	if (fd >= 0)
		close(fd);
}

void peer_journal(const struct peer *peer, char *text, size_t room)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)peer->pid, &info, WEXITED | WNOWAIT), 0);
	peer_read(peer->journal, text, room);
}

/* ---- requests ---- */

static void answered(const ProtobufCMessage *out, void *data)
{
	struct heard *heard = hear(HEARD_ANSWER);
	struct peer *peer = current;
	uint8_t *bytes;
	size_t size;

	heard->tag = (uint32_t)(uintptr_t)data;
	protobuf_c_message_free_unpacked(peer->answer, NULL);
	peer->answer = NULL;
	if (!out)
		return;
	if (out->descriptor != &tapi__rpc__empty__descriptor)
		heard->result = ((const Tapi__Rpc__Result *)out)->result;
	size = protobuf_c_message_get_packed_size(out);
	bytes = malloc(size + 1);
	assert_non_null(bytes);
	protobuf_c_message_pack(out, bytes);
	peer->answer = protobuf_c_message_unpack(out->descriptor, NULL, size, bytes);
	free(bytes);
}

void peer_post(struct peer *peer, unsigned int service, const char *method,
	       const ProtobufCMessage *in, uint32_t tag)
{
	ProtobufCService *stub = link_service(peer->link, service);
	const ProtobufCMethodDescriptor *found =
		protobuf_c_service_descriptor_get_method_by_name(stub->descriptor, method);

	assert_non_null(found);
	assert_ptr_equal(found->input, in->descriptor);
	stub->invoke(stub, (unsigned int)(found - stub->descriptor->methods), in, answered,
		     (void *)(uintptr_t)tag);
}

const void *peer_ask(struct peer *peer, unsigned int service, const char *method,
		     const ProtobufCMessage *in)
{
	static uint32_t tags = 0x40000000;
	long long limit = now_ms() + LIMIT_MS;
	size_t i = peer->count;
	uint32_t tag = tags++;

	peer_post(peer, service, method, in, tag);
	for (;;) {
		for (; i < peer->count; i++) {
			if (peer->heard[i].kind == HEARD_ANSWER && peer->heard[i].tag == tag)
				return peer->answer;
		}
		turn(peer, limit);
	}
}

int32_t peer_result(struct peer *peer, unsigned int service, const char *method,
		    const ProtobufCMessage *in)
{
	const Tapi__Rpc__Result *out = peer_ask(peer, service, method, in);

	assert_non_null(out);
	assert_true(out->has_result);
	return out->result;
}

const char *peer_why(const struct peer *peer)
{
	const Tapi__Rpc__Result *out = (const Tapi__Rpc__Result *)peer->answer;

	return out && out->error && out->error->text ? out->error->text : "";
}

size_t peer_wait(struct peer *peer, enum heard_kind kind, size_t from)
{
	long long limit = now_ms() + LIMIT_MS;

	for (;; from++) {
		while (from >= peer->count)
			turn(peer, limit);
		if (peer->heard[from].kind == kind)
			return from;
	}
}

void peer_wait_log(struct peer *peer, const char *text)
{
	size_t i = 0;

	do {
		i = peer_wait(peer, HEARD_LOG, i) + 1;
	} while (!strstr(peer->heard[i - 1].text, text));
}

void peer_wait_closed(struct peer *peer)
{
	long long limit = now_ms() + LIMIT_MS;

	while (!peer->closed)
		turn(peer, limit);
}

/* ---- shorthands ---- */

int32_t peer_setup(struct peer *peer, const char *module, const char *const *settings)
{
	Tapi__Rpc__SetupIn in = TAPI__RPC__SETUP_IN__INIT;
	Tapi__Rpc__Setting list[8], *pointers[8];
	char words[8][100], *value;

	in.settings = pointers;
	for (; settings && settings[in.n_settings]; in.n_settings++) {
		strcpy(words[in.n_settings], settings[in.n_settings]);
		value = strchr(words[in.n_settings], '=');
		*value++ = '\0';
		tapi__rpc__setting__init(&list[in.n_settings]);
		list[in.n_settings].key = words[in.n_settings];
		list[in.n_settings].value = value;
		pointers[in.n_settings] = &list[in.n_settings];
	}
	tapi__rpc__setting__init(&list[in.n_settings]);
	list[in.n_settings].key = (char *)"Journal";
	list[in.n_settings].value = peer->journal;
	pointers[in.n_settings] = &list[in.n_settings];
	in.n_settings++;
	in.module = (char *)(uintptr_t)module;
	in.has_permanent_id = in.has_low = in.has_high = 1;
	in.permanent_id = 5;
	in.low = 0x00010003;
	in.high = 0x00030001;
	return peer_result(peer, HOST_SERVICE, "Setup", &in.base);
}

int32_t peer_begin(struct peer *peer, uint32_t max_calls)
{
	Tapi__Rpc__StartIn in = TAPI__RPC__START_IN__INIT;

	in.has_line_base = in.has_lines = in.has_max_calls = 1;
	in.line_base = DEVICE;
	in.lines = FAKE_LINES;
	in.max_calls = max_calls;
	return peer_result(peer, HOST_SERVICE, "Start", &in.base);
}

void peer_run(struct peer *peer, const char *const *settings)
{
	const char *module = peer_module("tsphost-fake");

	peer_start(peer, module, true);
	assert_int_equal(peer_setup(peer, module, settings), 0);
	assert_int_equal(peer_begin(peer, 4), 0);
}

int32_t peer_open(struct peer *peer, unsigned int n)
{
	Tapi__Rpc__TspiOpenIn in = TAPI__RPC__TSPI_OPEN_IN__INIT;

	in.has_device = in.has_line = in.has_version = 1;
	in.device = DEVICE + n;
	in.line = LINE(n);
	in.version = FAKE_VERSION;
	return peer_result(peer, TSPI_SERVICE, "LineOpen", &in.base);
}

static Tapi__Rpc__TspiDevSpecificIn specific(unsigned int n, const char *text, uint32_t request)
{
	Tapi__Rpc__TspiDevSpecificIn in = TAPI__RPC__TSPI_DEV_SPECIFIC_IN__INIT;

	in.has_request = in.has_line = in.has_data = 1;
	in.request = request;
	in.line = LINE(n);
	in.data.data = (uint8_t *)(uintptr_t)text;
	in.data.len = strlen(text) + 1;
	return in;
}

void peer_post_word(struct peer *peer, unsigned int n, const char *text, uint32_t request)
{
	Tapi__Rpc__TspiDevSpecificIn in = specific(n, text, request);

	peer_post(peer, TSPI_SERVICE, "LineDevSpecific", &in.base, request);
}

void peer_word(struct peer *peer, unsigned int n, const char *text)
{
	static uint32_t requests = 0x10000000;
	Tapi__Rpc__TspiDevSpecificIn in = specific(n, text, requests++);

	assert_int_equal(peer_result(peer, TSPI_SERVICE, "LineDevSpecific", &in.base), 0);
}

uint32_t peer_offer(struct peer *peer, unsigned int n)
{
	size_t from = peer->count;

	peer_word(peer, n, "offer 1");
	return peer->heard[peer_wait(peer, HEARD_NEWCALL, from)].call;
}

int32_t peer_call(struct peer *peer, const char *method, uint32_t request, uint32_t call)
{
	Tapi__Rpc__TspiCallIn in = TAPI__RPC__TSPI_CALL_IN__INIT;

	in.has_request = in.has_call = 1;
	in.request = request;
	in.call = call;
	return peer_result(peer, TSPI_SERVICE, method, &in.base);
}

int32_t peer_make_call(struct peer *peer, uint32_t request, uint32_t call, const char *number)
{
	Tapi__Rpc__TspiMakeCallIn in = TAPI__RPC__TSPI_MAKE_CALL_IN__INIT;
	Tapi__Rpc__CallParams params = TAPI__RPC__CALL_PARAMS__INIT;

	in.has_request = in.has_line = in.has_call = in.has_country = 1;
	in.request = request;
	in.line = LINE(0);
	in.call = call;
	in.destination = (char *)(uintptr_t)number;
	in.country = 49;
	if (!strcmp(number, "params")) {
		params.has_media_mode = 1;
		params.media_mode = LINEMEDIAMODE_G3FAX;
		in.params = &params;
	}
	return peer_result(peer, TSPI_SERVICE, "LineMakeCall", &in.base);
}

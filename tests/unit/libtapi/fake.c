/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "fake.h"

#define LINKS	8u
#define SET(in, member, value)	((in)->has_##member = 1, (in)->member = (value))

struct fake fake;

static struct {
	char path[64];
	int listener, wake;
	pthread_t thread;
	struct link *links[LINKS], *newest;
	void (*function)(void *data);
	void *data;
	sem_t done;
	bool stop;
	uint32_t next;
} server;

static struct link *newest(void)
{
	assert_non_null(server.newest);
	return server.newest;
}

#define EVENTS	link_service(newest(), TAPI__RPC__SERVICE_ID__SERVICE_APP_EVENTS)

/* ---- the handlers ---- */

static void note(const char *method, uint32_t line, uint32_t call, uint32_t value,
		 const char *text)
{
	snprintf(fake.method, sizeof(fake.method), "%s", method);
	snprintf(fake.text, sizeof(fake.text), "%s", text ? text : "");
	fake.line = line;
	fake.call = call;
	fake.value = value;
	fake.requests++;
}

static void note_bytes(ProtobufCBinaryData bytes)
{
	fake.bytes_size = bytes.len < sizeof(fake.bytes) ? bytes.len : sizeof(fake.bytes);
	if (fake.bytes_size)
		memcpy(fake.bytes, bytes.data, fake.bytes_size);
}

static struct {
	ProtobufCClosure closure;
	void *data;
} kept[64];
static unsigned int kept_count;

static void keep(ProtobufCClosure closure, void *data)
{
	if (kept_count == 64)
		abort();
	kept[kept_count].closure = closure;
	kept[kept_count++].data = data;
}

static void drop_kept(void)
{
	while (kept_count) {
		kept_count--;
		kept[kept_count].closure(NULL, kept[kept_count].data);
	}
}

/* Every answer begins like a Result; one that is held is lost with the link */
#define ANSWER(type, out)								\
	do {										\
		Tapi__Rpc__Error error = TAPI__RPC__ERROR__INIT;			\
											\
		SET(&error, origin, TAPI_ORIGIN_PROVIDER);				\
		SET(&error, number, EIO);						\
		error.text = (char *)(uintptr_t)"the card is on fire";			\
		(out)->has_result = 1;							\
		(out)->result = fake.result;						\
		(out)->error = fake.result ? &error : NULL;				\
		if (fake.hold)								\
			keep((ProtobufCClosure)(void (*)(void))closure, data);		\
		else									\
			closure(out, data);						\
	} while (0)

#define HANDLER(service_, method_, In, Out)						\
	static void service_##_##method_(Tapi__Rpc__##service_##_Service *service,	\
					 const Tapi__Rpc__##In *in,			\
					 Tapi__Rpc__##Out##_Closure closure, void *data)


HANDLER(Link, hello, HelloIn, HelloOut)
{
	Tapi__Rpc__HelloOut out = TAPI__RPC__HELLO_OUT__INIT;

	out.has_result = 1;
	SET(&out, version, 1);
	if (fake.mute_hello)
		keep((ProtobufCClosure)(void (*)(void))closure, data);
	else
		closure(&out, data);
}

HANDLER(Link, ping, Empty, Empty)
{
	Tapi__Rpc__Empty out = TAPI__RPC__EMPTY__INIT;

	closure(&out, data);
}

HANDLER(App, initialize, InitializeIn, InitializeOut)
{
	Tapi__Rpc__InitializeOut out = TAPI__RPC__INITIALIZE_OUT__INIT;

	note("initialize", 0, 0, in->api_version, in->friendly_name);
	SET(&out, app, 0x60000001);
	SET(&out, devices, fake.devices);
	SET(&out, api_version, 0x00030001);
	ANSWER(InitializeOut, &out);
}

HANDLER(App, shutdown, AppIn, Result)
{
	Tapi__Rpc__Result out = TAPI__RPC__RESULT__INIT;

	note("shutdown", 0, 0, in->app, NULL);
	fake.shutdowns++;
	ANSWER(Result, &out);
}

HANDLER(App, devices, AppIn, NumberOut)
{
	Tapi__Rpc__NumberOut out = TAPI__RPC__NUMBER_OUT__INIT;

	SET(&out, number, fake.devices);
	ANSWER(NumberOut, &out);
}

HANDLER(App, negotiate_api, NegotiateIn, VersionOut)
{
	Tapi__Rpc__VersionOut out = TAPI__RPC__VERSION_OUT__INIT;
	uint32_t words[4] = { 1, 2, 3, 4 };

	note("negotiate_api", 0, 0, in->high, NULL);
	SET(&out, version, in->high);
	out.n_extension = 4;
	out.extension = words;
	ANSWER(VersionOut, &out);
}

HANDLER(App, negotiate_ext, NegotiateIn, VersionOut)
{
	Tapi__Rpc__VersionOut out = TAPI__RPC__VERSION_OUT__INIT;

	note("negotiate_ext", 0, 0, in->api_version, NULL);
	SET(&out, version, in->low);
	ANSWER(VersionOut, &out);
}

static void fill_open(Tapi__Rpc__OpenRecord *record, uint32_t line)
{
	tapi__rpc__open_record__init(record);
	SET(record, line, line);
}

HANDLER(App, snapshot, AppIn, SnapshotOut)
{
	Tapi__Rpc__SnapshotOut out = TAPI__RPC__SNAPSHOT_OUT__INIT;
	Tapi__Rpc__OpenRecord opens[8], *open_list[8];
	Tapi__Rpc__CallRecord *calls[FAKE_CALLS];

	for (uint32_t i = 0; i < fake.opens; i++) {
		fill_open(&opens[i], fake.opened[i]);
		open_list[i] = &opens[i];
	}
	for (size_t i = 0; i < fake.snapshot_calls; i++)
		calls[i] = &fake.snapshot[i];
	out.n_lines = fake.opens;
	out.lines = open_list;
	out.n_calls = fake.snapshot_calls;
	out.calls = calls;
	if (!fake.snapshot_no_requests && fake.request) {
		out.n_requests = 1;
		out.requests = &fake.request;
	}
	SET(&out, devices, fake.devices);
	ANSWER(SnapshotOut, &out);
}

HANDLER(App, resume, ResumeIn, ResumeOut)
{
	Tapi__Rpc__ResumeOut out = TAPI__RPC__RESUME_OUT__INIT;
	Tapi__Rpc__OpenRecord opens[8], *open_list[8];
	Tapi__Rpc__CallRecord calls[FAKE_CALLS], *call_list[FAKE_CALLS];

	fake.resumed_lines = in->n_lines;
	fake.resumed_calls = in->n_calls;
	fake.resumed_call_id = in->n_calls ? in->calls[0]->call_id : 0;
	fake.opens = 0;
	for (size_t i = 0; i < in->n_lines && i < 8; i++) {
		fake.opened[fake.opens] = 0x41000000 + server.next++;
		fill_open(&opens[i], fake.opened[fake.opens++]);
		open_list[i] = &opens[i];
	}
	for (size_t i = 0; i < in->n_calls && i < FAKE_CALLS; i++) {
		tapi__rpc__call_record__init(&calls[i]);
		SET(&calls[i], call, fake.lose_calls ? 0 : 0x51000000 + server.next++);
		call_list[i] = &calls[i];
		if (fake.lose_calls)
			continue;
		/* the snapshot that follows has them as they were */
		fake.snapshot[fake.snapshot_calls] = *in->calls[i];
		fake.snapshot[fake.snapshot_calls].call = calls[i].call;
		fake.snapshot[fake.snapshot_calls++].line = fake.opens ? fake.opened[0] : 0;
	}
	SET(&out, app, 0x61000001);
	out.n_lines = in->n_lines;
	out.lines = open_list;
	out.n_calls = in->n_calls;
	out.calls = call_list;
	ANSWER(ResumeOut, &out);
}

HANDLER(Line, get_dev_caps, DeviceIn, DevCapsOut)
{
	Tapi__Rpc__DevCapsOut out = TAPI__RPC__DEV_CAPS_OUT__INIT;
	Tapi__Rpc__DevCaps caps = TAPI__RPC__DEV_CAPS__INIT;
	char *classes[] = { (char *)(uintptr_t)"tapi/line", (char *)(uintptr_t)"wave/in" };

	note("get_dev_caps", 0, 0, in->device, NULL);
	caps.provider_info = (char *)(uintptr_t)"a fake";
	caps.line_name = (char *)(uintptr_t)"B\xc3\xbcro \xf0\x9f\x93\x9e";
	SET(&caps, num_addresses, 1);
	SET(&caps, media_modes, LINEMEDIAMODE_INTERACTIVEVOICE);
	caps.n_device_classes = 2;
	caps.device_classes = classes;
	out.caps = &caps;
	ANSWER(DevCapsOut, &out);
}

HANDLER(Line, get_address_caps, DeviceIn, AddressCapsOut)
{
	Tapi__Rpc__AddressCapsOut out = TAPI__RPC__ADDRESS_CAPS_OUT__INIT;
	Tapi__Rpc__AddressCaps caps = TAPI__RPC__ADDRESS_CAPS__INIT;

	note("get_address_caps", 0, 0, in->address, NULL);
	caps.address = (char *)(uintptr_t)"2001";
	out.caps = &caps;
	ANSWER(AddressCapsOut, &out);
}

HANDLER(Line, open, OpenIn, OpenOut)
{
	Tapi__Rpc__OpenOut out = TAPI__RPC__OPEN_OUT__INIT;

	note("open", 0, 0, in->privileges, in->params ? in->params->orig_address : NULL);
	SET(&out, line, 0x40000000 + ++server.next);
	SET(&out, device, in->device == LINEMAPPER ? 1 : in->device);
	SET(&out, version, in->version);
	if (!fake.result && fake.opens < 8)
		fake.opened[fake.opens++] = out.line;
	ANSWER(OpenOut, &out);
}

HANDLER(Line, close, LineIn, Result)
{
	Tapi__Rpc__Result out = TAPI__RPC__RESULT__INIT;

	note("close", in->line, 0, 0, NULL);
	fake.closes++;
	ANSWER(Result, &out);
}

HANDLER(Line, get_line_dev_status, LineIn, DevStatusOut)
{
	Tapi__Rpc__DevStatusOut out = TAPI__RPC__DEV_STATUS_OUT__INIT;
	Tapi__Rpc__DevStatus status = TAPI__RPC__DEV_STATUS__INIT;

	note("get_line_dev_status", in->line, 0, 0, NULL);
	SET(&status, num_opens, 7);
	out.status = &status;
	ANSWER(DevStatusOut, &out);
}

HANDLER(Line, get_address_status, LineAddressIn, AddressStatusOut)
{
	Tapi__Rpc__AddressStatusOut out = TAPI__RPC__ADDRESS_STATUS_OUT__INIT;
	Tapi__Rpc__AddressStatus status = TAPI__RPC__ADDRESS_STATUS__INIT;

	note("get_address_status", in->line, 0, in->address, NULL);
	SET(&status, num_active_calls, 3);
	out.status = &status;
	ANSWER(AddressStatusOut, &out);
}

HANDLER(Line, get_address_id, AddressIdIn, NumberOut)
{
	Tapi__Rpc__NumberOut out = TAPI__RPC__NUMBER_OUT__INIT;

	note("get_address_id", in->line, 0, in->mode, in->address);
	SET(&out, number, 5);
	ANSWER(NumberOut, &out);
}

HANDLER(Line, set_status_messages, StatusMessages, Result)
{
	Tapi__Rpc__Result out = TAPI__RPC__RESULT__INIT;

	note("set_status_messages", in->line, 0, in->line_states, NULL);
	ANSWER(Result, &out);
}

HANDLER(Line, get_status_messages, LineIn, StatusMessagesOut)
{
	Tapi__Rpc__StatusMessagesOut out = TAPI__RPC__STATUS_MESSAGES_OUT__INIT;

	note("get_status_messages", in->line, 0, 0, NULL);
	SET(&out, line_states, 0x12);
	SET(&out, address_states, 0x34);
	ANSWER(StatusMessagesOut, &out);
}

HANDLER(Line, get_id, GetIdIn, VarStringOut)
{
	Tapi__Rpc__VarStringOut out = TAPI__RPC__VAR_STRING_OUT__INIT;

	note("get_id", in->line, in->call, in->select, in->device_class);
	SET(&out, format, STRINGFORMAT_ASCII);
	out.has_data = 1;
	out.data = (ProtobufCBinaryData) { .len = 10, .data = (uint8_t *)(uintptr_t)"hw:TAPI0,0" };
	ANSWER(VarStringOut, &out);
}

HANDLER(Line, get_new_calls, NewCallsIn, CallListOut)
{
	Tapi__Rpc__CallListOut out = TAPI__RPC__CALL_LIST_OUT__INIT;
	Tapi__Rpc__CallList list = TAPI__RPC__CALL_LIST__INIT;
	uint32_t calls[FAKE_CALLS];

	note("get_new_calls", in->line, 0, in->select, NULL);
	for (uint32_t i = 0; i < fake.new_calls; i++) {
		calls[i] = 0x50000000 + ++server.next;
		if (fake.snapshot_calls == FAKE_CALLS)
			continue;
		tapi__rpc__call_record__init(&fake.snapshot[fake.snapshot_calls]);
		SET(&fake.snapshot[fake.snapshot_calls], call, calls[i]);
		SET(&fake.snapshot[fake.snapshot_calls], line, in->line);
		SET(&fake.snapshot[fake.snapshot_calls], call_id, 900 + i);
		SET(&fake.snapshot[fake.snapshot_calls], privilege, LINECALLPRIVILEGE_MONITOR);
		SET(&fake.snapshot[fake.snapshot_calls], state, LINECALLSTATE_CONNECTED);
		fake.snapshot_calls++;
	}
	list.n_calls = fake.new_calls;
	list.calls = calls;
	fake.new_calls = 0;		/* now they are known */
	out.list = &list;
	ANSWER(CallListOut, &out);
}

static void accept_request(Tapi__Rpc__AsyncOut_Closure closure, void *data, bool makes_call)
{
	Tapi__Rpc__AsyncOut out = TAPI__RPC__ASYNC_OUT__INIT;
	bool reply = fake.reply && !fake.result && !fake.hold;
	int32_t result = fake.reply_result;

	SET(&out, request_id, __atomic_add_fetch(&server.next, 1, __ATOMIC_RELAXED));
	fake.request = out.request_id;
	/* from here on the test may be doing something else */
	ANSWER(AsyncOut, &out);
	if (reply)
		fake_reply(out.request_id, result,
			   makes_call && !result ? 0x50000000 + out.request_id : 0, NULL);
}

HANDLER(Line, make_call, MakeCallIn, AsyncOut)
{
	note("make_call", in->line, 0, in->country, in->destination);
	accept_request(closure, data, true);
}

HANDLER(Line, dev_specific, DevSpecificIn, AsyncOut)
{
	note("dev_specific", in->line, in->call, in->address, NULL);
	note_bytes(in->data);
	accept_request(closure, data, false);
}

#define CALL_REQUEST(method)								\
	HANDLER(Call, method, CallIn, AsyncOut)						\
	{										\
		note(#method, 0, in->call, 0, NULL);					\
		note_bytes(in->user_user_info);						\
		accept_request(closure, data, false);					\
	}
#define CALL_VALUE(method)								\
	HANDLER(Call, method, CallValueIn, Result)					\
	{										\
		Tapi__Rpc__Result out = TAPI__RPC__RESULT__INIT;			\
											\
		note(#method, 0, in->call, in->value, NULL);				\
		ANSWER(Result, &out);							\
	}

CALL_REQUEST(answer)
CALL_REQUEST(accept)
CALL_REQUEST(drop)
CALL_REQUEST(hold)
CALL_REQUEST(unhold)
CALL_VALUE(set_privilege)
CALL_VALUE(set_app_specific)
CALL_VALUE(set_media_mode)
CALL_VALUE(monitor_digits)
CALL_VALUE(monitor_media)

HANDLER(Call, dial, DialIn, AsyncOut)
{
	note("dial", 0, in->call, in->country, in->destination);
	accept_request(closure, data, false);
}

HANDLER(Call, deallocate, CallIn, Result)
{
	Tapi__Rpc__Result out = TAPI__RPC__RESULT__INIT;

	note("deallocate", 0, in->call, 0, NULL);
	ANSWER(Result, &out);
}

HANDLER(Call, get_info, CallIn, CallInfoOut)
{
	Tapi__Rpc__CallInfoOut out = TAPI__RPC__CALL_INFO_OUT__INIT;
	Tapi__Rpc__CallInfo info = TAPI__RPC__CALL_INFO__INIT;

	note("get_info", 0, in->call, 0, NULL);
	SET(&info, line, 0xdead);
	SET(&info, call_id, 77);
	info.caller_id = (char *)(uintptr_t)"5551234";
	out.info = &info;
	ANSWER(CallInfoOut, &out);
}

HANDLER(Call, get_status, CallIn, CallStatusOut)
{
	Tapi__Rpc__CallStatusOut out = TAPI__RPC__CALL_STATUS_OUT__INIT;
	Tapi__Rpc__CallStatus status = TAPI__RPC__CALL_STATUS__INIT;

	note("get_status", 0, in->call, 0, NULL);
	SET(&status, call_state, LINECALLSTATE_OFFERING);
	out.status = &status;
	ANSWER(CallStatusOut, &out);
}

HANDLER(Call, generate_digits, GenerateDigitsIn, Result)
{
	Tapi__Rpc__Result out = TAPI__RPC__RESULT__INIT;

	note("generate_digits", 0, in->call, in->mode, in->digits);
	ANSWER(Result, &out);
}

HANDLER(Call, gather_digits, GatherDigitsIn, Result)
{
	Tapi__Rpc__Result out = TAPI__RPC__RESULT__INIT;

	note("gather_digits", 0, in->call, in->count, in->termination);
	ANSWER(Result, &out);
}

HANDLER(Msp, identify, MspIn, GuidOut)
{
	Tapi__Rpc__GuidOut out = TAPI__RPC__GUID_OUT__INIT;
	uint8_t guid[16] = { 0xaa, [15] = 0xbb };

	note("identify", in->line, 0, 0, NULL);
	out.has_guid = 1;
	out.guid = (ProtobufCBinaryData) { .len = 16, .data = guid };
	ANSWER(GuidOut, &out);
}

HANDLER(Msp, grant, MspIn, GrantOut)
{
	Tapi__Rpc__GrantOut out = TAPI__RPC__GRANT_OUT__INIT;
	uint8_t cookie[16] = { 0xcc, [15] = 0xdd };

	note("grant", in->line, 0, in->address, NULL);
	out.has_cookie = 1;
	out.cookie = (ProtobufCBinaryData) { .len = 16, .data = cookie };
	ANSWER(GrantOut, &out);
}

static Tapi__Rpc__Link_Service link_handlers = TAPI__RPC__LINK__INIT(Link_);
static Tapi__Rpc__App_Service app_handlers = TAPI__RPC__APP__INIT(App_);
static Tapi__Rpc__Line_Service line_handlers = TAPI__RPC__LINE__INIT(Line_);
static Tapi__Rpc__Call_Service call_handlers = TAPI__RPC__CALL__INIT(Call_);
static Tapi__Rpc__Msp_Service msp_handlers = TAPI__RPC__MSP__INIT(Msp_);

/* ---- what it says by itself ---- */


static void send_event(void *data)
{
	tapi__rpc__app_events__message(EVENTS, data, NULL, NULL);
}

/* In the server's thread already? */
static void run_or_call(void (*function)(void *data), void *data)
{
	if (pthread_equal(pthread_self(), server.thread))
		function(data);
	else
		fake_run(function, data);
}

void fake_event(const Tapi__Rpc__Event *event)
{
	run_or_call(send_event, (void *)(uintptr_t)event);
}

void fake_message(uint32_t device, uint32_t message, uint64_t p1, uint64_t p2, uint64_t p3)
{
	Tapi__Rpc__Event event = TAPI__RPC__EVENT__INIT;

	SET(&event, device, device);
	SET(&event, seq, __atomic_add_fetch(&server.next, 1, __ATOMIC_RELAXED));
	SET(&event, message, message);
	SET(&event, p1, p1);
	SET(&event, p2, p2);
	SET(&event, p3, p3);
	fake_event(&event);
}

void fake_new_call(uint32_t line, uint32_t call, uint32_t call_id)
{
	Tapi__Rpc__Event event = TAPI__RPC__EVENT__INIT;

	SET(&event, device, line);
	SET(&event, related, line);
	SET(&event, seq, __atomic_add_fetch(&server.next, 1, __ATOMIC_RELAXED));
	SET(&event, privilege, LINECALLPRIVILEGE_OWNER);
	SET(&event, message, LINE_APPNEWCALL);
	SET(&event, p2, call);
	SET(&event, p3, LINECALLPRIVILEGE_OWNER);
	SET(&event, call_id, call_id);
	fake_event(&event);
}

void fake_state(uint32_t call, uint32_t state, uint32_t mode)
{
	fake_message(call, LINE_CALLSTATE, state, mode, 0);
}

static void send_reply(void *data)
{
	tapi__rpc__app_events__replied(EVENTS, data, NULL, NULL);
}

void fake_reply(uint32_t request, int32_t result, uint32_t call, const char *bytes)
{
	Tapi__Rpc__Reply reply = TAPI__RPC__REPLY__INIT;
	Tapi__Rpc__Error error = TAPI__RPC__ERROR__INIT;

	SET(&reply, request_id, request);
	SET(&reply, result, result);
	SET(&reply, seq, __atomic_add_fetch(&server.next, 1, __ATOMIC_RELAXED));
	if (fake.reply_why) {
		SET(&error, origin, TAPI_ORIGIN_PROVIDER);
		SET(&error, number, ENODEV);
		error.text = (char *)(uintptr_t)fake.reply_why;
		reply.error = &error;
	}
	if (call) {
		SET(&reply, call, call);
		SET(&reply, call_id, 4711);
	}
	if (bytes) {
		reply.has_data = 1;
		reply.data = (ProtobufCBinaryData) { .len = strlen(bytes),
						     .data = (uint8_t *)(uintptr_t)bytes };
	}
	run_or_call(send_reply, &reply);
}

static void send_digits(void *data)
{
	tapi__rpc__app_events__digits(EVENTS, data, NULL, NULL);
}

void fake_digits(uint32_t call, const char *digits, uint32_t reason)
{
	Tapi__Rpc__Gathered gathered = TAPI__RPC__GATHERED__INIT;

	SET(&gathered, call, call);
	SET(&gathered, reason, reason);
	gathered.digits = (char *)(uintptr_t)digits;
	fake_run(send_digits, &gathered);
}

static void send_resync(void *data)
{
	Tapi__Rpc__Resync resync = TAPI__RPC__RESYNC__INIT;

	tapi__rpc__app_events__resynchronise(EVENTS, &resync, NULL, NULL);
}

void fake_resynchronise(void)
{
	fake_run(send_resync, NULL);
}

static void hang_up(void *data)
{
	link_close(newest(), -ECANCELED);
}

void fake_hang_up(void)
{
	fake_run(hang_up, NULL);
}

/* ---- the thread ---- */

static void closed(struct link *link, int error)
{
	for (unsigned int i = 0; i < LINKS; i++) {
		if (server.links[i] == link)
			server.links[i] = NULL;
	}
	if (server.newest == link)
		server.newest = NULL;
	link_unref(link);
}

static const struct link_ops ops = { .closed = closed };

static void accept_link(void)
{
	int fd = accept4(server.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct link *link = fd >= 0 ? link_new(fd, &ops, NULL) : NULL;

	if (!link)
		return;
	for (unsigned int i = 0; i < LINKS; i++) {
		if (server.links[i])
			continue;
		server.links[i] = link;
		break;
	}
	server.newest = link;
	fake.links++;
	link_serve(link, TAPI__RPC__SERVICE_ID__SERVICE_LINK, &link_handlers.base);
	link_serve(link, TAPI__RPC__SERVICE_ID__SERVICE_APP, &app_handlers.base);
	link_serve(link, TAPI__RPC__SERVICE_ID__SERVICE_LINE, &line_handlers.base);
	link_serve(link, TAPI__RPC__SERVICE_ID__SERVICE_CALL, &call_handlers.base);
	link_serve(link, TAPI__RPC__SERVICE_ID__SERVICE_MSP, &msp_handlers.base);
}

static void work(struct pollfd *fds)
{
	eventfd_t count;

	if (fds[1].revents) {
		eventfd_read(server.wake, &count);
		if (server.function)
			server.function(server.data);
		server.function = NULL;
		sem_post(&server.done);
	}
	if (fds[0].revents)
		accept_link();
	for (unsigned int i = 0; i < LINKS; i++) {
		if (fds[2 + i].revents && server.links[i])
			link_dispatch(server.links[i], 16);
	}
}

static void *run(void *data)
{
	while (!server.stop) {
		struct pollfd fds[2 + LINKS] = {
			{ .fd = server.listener, .events = POLLIN },
			{ .fd = server.wake, .events = POLLIN },
		};

		for (unsigned int i = 0; i < LINKS; i++) {
			fds[2 + i].fd = server.links[i] ? link_fd(server.links[i]) : -1;
			if (server.links[i])
				fds[2 + i].events = (short)link_events(server.links[i]);
		}
		if (poll(fds, 2 + LINKS, -1) > 0)
			work(fds);
	}
	return NULL;
}

void fake_run(void (*function)(void *data), void *data)
{
	server.function = function;
	server.data = data;
	eventfd_write(server.wake, 1);
	while (sem_wait(&server.done) < 0)
		;
}

static void nothing(void *data)
{
}

void fake_settle(void)
{
	fake_run(nothing, NULL);
}

static void drop_links(void *data)
{
	for (unsigned int i = 0; i < LINKS; i++) {
		if (server.links[i])
			link_close(server.links[i], 0);
	}
	drop_kept();
}

static void listen_again(void *data)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	unlink(server.path);
	memcpy(address.sun_path, server.path, strlen(server.path));
	server.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (bind(server.listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(server.listener, 16) < 0)
		abort();
}

static void leave(void *data)
{
	close(server.listener);
	server.listener = -1;
	unlink(server.path);
	drop_links(NULL);
}

void fake_leave(void)
{
	fake_run(leave, NULL);
}

void fake_return(void)
{
	fake_run(listen_again, NULL);
}

const char *fake_path(void)
{
	return server.path;
}

void fake_start(void)
{
	memset(&server, 0, sizeof(server));
	fake = (struct fake) { .devices = FAKE_LINES };
	snprintf(server.path, sizeof(server.path), "/tmp/libtapi-test-%d.sock", (int)getpid());
	setenv("TAPI_SOCKET", server.path, 1);
	server.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sem_init(&server.done, 0, 0);
	listen_again(NULL);
	assert_int_equal(pthread_create(&server.thread, NULL, run, NULL), 0);
}

static void stop(void *data)
{
	drop_links(NULL);
	server.stop = true;
}

void fake_stop(void)
{
	fake_run(stop, NULL);
	pthread_join(server.thread, NULL);
	if (server.listener >= 0)
		close(server.listener);
	close(server.wake);
	sem_destroy(&server.done);
	unlink(server.path);
}

/* ---- what most tests do ---- */

HLINEAPP start_app_with(DWORD options, LINECALLBACK callback, LINEINITIALIZEEXPARAMS *params)
{
	LINEINITIALIZEEXPARAMS own = { 0 };
	DWORD devices = 0, version = 0x00020002;
	HLINEAPP app = 0;

	if (!params)
		params = &own;
	params->dwTotalSize = sizeof(*params);
	params->dwOptions = options;
	assert_int_equal(lineInitializeExA(&app, NULL, callback, "test", &devices, &version,
					   params), 0);
	assert_int_equal(devices, fake.devices);
	assert_int_equal(version, 0x00030001);
	assert_int_not_equal(app, 0);
	return app;
}

HLINEAPP start_app(DWORD mechanism)
{
	fake_start();
	return start_app_with(mechanism, NULL, NULL);
}

HLINE open_line(HLINEAPP app, DWORD device, DWORD_PTR instance)
{
	HLINE line = 0;

	assert_int_equal(lineOpenA(app, device, &line, 0x00020002, 0, instance,
				   LINECALLPRIVILEGE_OWNER, LINEMEDIAMODE_INTERACTIVEVOICE, NULL),
			 0);
	assert_int_not_equal(line, 0);
	return line;
}

LINEMESSAGE next_message(HLINEAPP app)
{
	LINEMESSAGE message = { 0 };

	assert_int_equal(lineGetMessage(app, &message, 2000), 0);
	return message;
}

/* What the server has sent is there once a question behind it is answered */
void no_message(HLINEAPP app)
{
	DWORD version;
	LINEEXTENSIONID extension;
	LINEMESSAGE message = { 0 };

	lineNegotiateAPIVersion(app, 0, 0x00010003, 0x00020002, &version, &extension);
	assert_int_equal(lineGetMessage(app, &message, 0), LINEERR_OPERATIONFAILED);
}

HCALL offered_call(HLINEAPP app, HLINE line, uint32_t call_id)
{
	uint32_t server_call = 0x50000000 + call_id;
	LINEMESSAGE message;
	HCALL call;

	fake_new_call(fake.opened[0], server_call, call_id);
	fake_state(server_call, LINECALLSTATE_OFFERING, 0);
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_APPNEWCALL);
	assert_int_equal(message.hDevice, line);
	assert_int_equal(message.dwParam3, LINECALLPRIVILEGE_OWNER);
	call = (HCALL)message.dwParam2;
	assert_int_not_equal(call, server_call);
	message = next_message(app);
	assert_int_equal(message.dwMessageID, LINE_CALLSTATE);
	assert_int_equal(message.hDevice, call);
	assert_int_equal(message.dwParam1, LINECALLSTATE_OFFERING);
	return call;
}

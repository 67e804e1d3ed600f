/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every method of every service with everything that can be wrong: the service says what is wrong,
 * lives on, and keeps nothing of it.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "peer.h"
#include "link.h"

#define OWNER	LINECALLPRIVILEGE_OWNER
#define VOICE	LINEMEDIAMODE_INTERACTIVEVOICE

static struct peer *victim;		/* somebody else, whose handles are tried */
static uint32_t victim_line, victim_call;
static struct census before;

static int begin(void **state)
{
	service_start();
	victim = peer_program("victim");
	victim_line = peer_open(victim, 0, OWNER, VOICE);
	assert_int_not_equal(victim_line, 0);
	null_command("ring 0");
	victim_call = peer_new_call(victim, OWNER);
	before = census_take();
	return 0;
}

static int end(void **state)
{
	peer_free(victim);
	service_stop();
	return 0;
}

/* The call of the victim is as it was, and nothing more is there than before */
static void nothing_happened(void)
{
	Tapi__Rpc__CallIn in = TAPI__RPC__CALL_IN__INIT;
	Tapi__Rpc__CallStatus *status;

	census_same(&before);
	in.has_call = 1;
	in.call = victim_call;
	assert_int_equal(peer_ask(victim, SERVICE(CALL), "GetStatus", &in.base), 0);
	status = ((Tapi__Rpc__CallStatusOut *)victim->answer)->status;
	assert_int_equal(status->call_state, LINECALLSTATE_OFFERING);
	assert_int_equal(status->call_privilege, OWNER);
}

static const char *name_of(unsigned int service, unsigned int method)
{
	static char name[128];

	snprintf(name, sizeof(name), "%s.%s", service_descriptor(service)->short_name,
		 service_method(service, method)->name);
	return name;
}

/* Refused with a code of TAPI and a sentence that says why */
static void refused(struct peer *peer, int32_t result, unsigned int service, unsigned int method)
{
	Tapi__Rpc__Result *out = (Tapi__Rpc__Result *)peer->answer;

	if (result == INT32_MIN)
		fail_msg("%s: the connection has ended", name_of(service, method));
	if (result >= 0)
		fail_msg("%s: accepted", name_of(service, method));
	if ((uint32_t)result < 0x80000001u || (uint32_t)result > 0x80000080u)
		fail_msg("%s: 0x%08x is no LINEERR_", name_of(service, method), (uint32_t)result);
	if (!out->error || !out->error->text || !*out->error->text)
		fail_msg("%s: 0x%08x without a word", name_of(service, method), (uint32_t)result);
}

/* Methods that need no handle, and succeed with an empty input on their socket */
static bool harmless(unsigned int service, unsigned int method)
{
	static const char *const names[] = {
		"Link.Ping", "App.Initialize", "App.Resume", "Admin.Status", "Admin.Providers",
		"Admin.Lines", "Admin.Clients", "Admin.Reload",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(name_of(service, method), names[i]))
			return true;
	}
	return false;
}

static bool allowed(unsigned int service, unsigned int method, bool admin)
{
	return service_policy(service, method).rights & (admin ? RIGHT_ADMIN : RIGHT_CLIENT);
}

#define each_method(service, method)							\
	for (unsigned int service = 0; service < SERVICES; service++)			\
		for (unsigned int method = 0;						\
		     method < service_descriptor(service)->n_methods; method++)

/* ---- the order of things ---- */

static void before_hello(void **state)
{
	for (int admin = 0; admin < 2; admin++) {
		struct peer *peer = peer_connect(admin ? "admin.sock" : "tapi.sock");

		each_method(service, method) {
			int32_t result;

			if (service == SERVICE(LINK) && method == 0)
				continue;
			if (service_is_events(service))
				continue;
			result = peer_wait(peer, peer_send(peer, service, method, "", 0));
			refused(peer, result, service, method);
			assert_int_equal(peer->kind, FRAME_ERROR);
			assert_int_equal(result, allowed(service, method, admin) ?
					 LINEERR_UNINITIALIZED : LINEERR_OPERATIONUNAVAIL);
		}
		peer_free(peer);
	}
	nothing_happened();
}

static void hello(void **state)
{
	static const uint32_t ranges[][2] = { { 0, 0 }, { 2, 1 }, { 2, 9 }, { UINT32_MAX, 0 } };
	Tapi__Rpc__HelloIn in = TAPI__RPC__HELLO_IN__INIT;
	struct peer *peer = peer_connect("tapi.sock");
	int32_t result;

	in.has_min = in.has_max = 1;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		in.min = ranges[i][0];
		in.max = ranges[i][1];
		result = peer_ask(peer, SERVICE(LINK), "Hello", &in.base);
		refused(peer, result, SERVICE(LINK), 0);
		assert_int_equal(result, LINEERR_INCOMPATIBLEAPIVERSION);
	}
	/* a wider range is fine, and twice does no harm */
	in.min = 0;
	in.max = UINT32_MAX;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(peer_ask(peer, SERVICE(LINK), "Hello", &in.base), 0);
		assert_int_equal(((Tapi__Rpc__HelloOut *)peer->answer)->version, 1);
	}
	peer_free(peer);
	nothing_happened();
}

/* ---- on the wrong socket, or none at all ---- */

static void wrong_socket(void **state)
{
	for (int admin = 0; admin < 2; admin++) {
		struct peer *peer = peer_new(admin ? "admin.sock" : "tapi.sock");

		each_method(service, method) {
			int32_t result;

			if (service_is_events(service) || allowed(service, method, admin))
				continue;
			result = peer_wait(peer, peer_send(peer, service, method, "", 0));
			refused(peer, result, service, method);
			assert_int_equal(result, LINEERR_OPERATIONUNAVAIL);
			assert_int_equal(peer->kind, FRAME_ERROR);
		}
		peer_free(peer);
	}
	nothing_happened();
}

static void unknown_methods(void **state)
{
	static const unsigned int numbers[] = { 100, 255, 0x7fff, 0xffff };
	struct peer *peer = peer_new("tapi.sock");

	for (unsigned int service = 0; service < SERVICES + 3; service++) {
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			uint32_t serial = peer_send(peer, service, numbers[i], "", 0);

			assert_int_equal(peer_wait(peer, serial), LINEERR_OPERATIONUNAVAIL);
		}
	}
	assert_int_equal(peer_wait(peer, peer_send(peer, 0xffff, 0, "", 0)),
			 LINEERR_OPERATIONUNAVAIL);
	peer_free(peer);
	nothing_happened();
}

/* Events are for the other direction: no answer, no effect, no harm */
static void events_from_a_program(void **state)
{
	struct peer *peer = peer_new("tapi.sock");
	unsigned char bytes[FRAME_HEADER];

	each_method(service, method) {
		struct frame frame = {
			.length = FRAME_HEADER, .service = (uint16_t)service,
			.method = (uint16_t)method, .kind = FRAME_EVENT,
		};

		frame_write(&frame, bytes);
		assert_int_equal(send(peer->fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	}
	assert_int_equal(peer_ask(peer, SERVICE(LINK), "Ping", NULL), 0);
	peer_free(peer);
	nothing_happened();
}

/* ---- wrong contents ---- */

static void empty_input(void **state)
{
	for (int admin = 0; admin < 2; admin++) {
		each_method(service, method) {
			struct peer *peer;
			int32_t result;

			if (!allowed(service, method, admin) || service_is_events(service))
				continue;
			peer = peer_new(admin ? "admin.sock" : "tapi.sock");
			result = peer_wait(peer, peer_send(peer, service, method, "", 0));
			if (harmless(service, method)) {
				assert_int_equal(result, 0);
			} else {
				refused(peer, result, service, method);
				assert_int_equal(peer->kind, FRAME_REPLY);
			}
			assert_int_equal(peer_ask(peer, SERVICE(LINK), "Ping", NULL), 0);
			peer_free(peer);
		}
	}
	nothing_happened();
}

static void set_word(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
		     uint64_t value)
{
	char *at = (char *)message + field->offset;

	if (field->label == PROTOBUF_C_LABEL_OPTIONAL)
		*(protobuf_c_boolean *)((char *)message + field->quantifier_offset) = 1;
	if (field->type == PROTOBUF_C_TYPE_FIXED64 || field->type == PROTOBUF_C_TYPE_UINT64)
		memcpy(at, &value, 8);
	else
		memcpy(at, &(uint32_t){ (uint32_t)value }, 4);
}

static bool is_word(const ProtobufCFieldDescriptor *field)
{
	return field->label == PROTOBUF_C_LABEL_OPTIONAL &&
	       (field->type == PROTOBUF_C_TYPE_UINT32 || field->type == PROTOBUF_C_TYPE_FIXED32 ||
		field->type == PROTOBUF_C_TYPE_SINT32 || field->type == PROTOBUF_C_TYPE_UINT64 ||
		field->type == PROTOBUF_C_TYPE_FIXED64);
}

/* Asks with a message that was filled in; the result */
static int32_t ask_filled(struct peer *peer, unsigned int service, unsigned int method,
			  const ProtobufCMessage *message)
{
	size_t size = protobuf_c_message_get_packed_size(message);
	uint8_t *body = malloc(size ? size : 1);
	int32_t result;

	assert_non_null(body);
	protobuf_c_message_pack(message, body);
	result = peer_wait(peer, peer_send(peer, service, method, body, size));
	free(body);
	return result;
}

/* Handles that never were, and those of somebody else */
static void foreign_handles(void **state)
{
	const uint32_t values[] = {
		1, 0x100000, 0xfffff, 0xffffffff, 0x80000000, victim->app, victim_line, victim_call,
	};

	each_method(service, method) {
		const ProtobufCMessageDescriptor *input = service_method(service, method)->input;
		_Alignas(16) unsigned char room[1024];
		ProtobufCMessage *message = (ProtobufCMessage *)room;

		if (!allowed(service, method, false) || harmless(service, method) ||
		    service == SERVICE(LINK))
			continue;
		assert_true(input->sizeof_message <= sizeof(room));
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			struct peer *peer = peer_new("tapi.sock");

			input->message_init(message);
			for (unsigned int f = 0; f < input->n_fields; f++) {
				if (input->fields[f].type == PROTOBUF_C_TYPE_FIXED32)
					set_word(message, &input->fields[f], values[i]);
			}
			refused(peer, ask_filled(peer, service, method, message), service, method);
			peer_free(peer);
		}
	}
	nothing_happened();
}

/* A program of its own, with a line and a call, and every number of every method out of range */
static void numbers_out_of_range(void **state)
{
	static const uint64_t values[] = {
		0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, UINT64_MAX,
	};

	each_method(service, method) {
		const ProtobufCMessageDescriptor *input = service_method(service, method)->input;
		_Alignas(16) unsigned char room[1024];
		ProtobufCMessage *message = (ProtobufCMessage *)room;

		if (!allowed(service, method, false) || service == SERVICE(LINK))
			continue;
		for (unsigned int f = 0; f < input->n_fields; f++) {
			const char *name = input->fields[f].name;
			struct peer *peer;
			uint32_t line, call;

			if (!is_word(&input->fields[f]) || !strcmp(name, "app") ||
			    !strcmp(name, "line") || !strcmp(name, "call"))
				continue;
			peer = peer_program("numbers");
			line = peer_open(peer, 1, OWNER, VOICE);
			if (!line)
				fail_msg("%s: not opened again: 0x%08x", name_of(service, method),
					 ((Tapi__Rpc__Result *)peer->answer)->result);
			null_command("ring 1");
			call = peer_new_call(peer, OWNER);
			for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
				input->message_init(message);
				for (unsigned int h = 0; h < input->n_fields; h++) {
					name = input->fields[h].name;
					if (!strcmp(name, "app"))
						set_word(message, &input->fields[h], peer->app);
					if (!strcmp(name, "line"))
						set_word(message, &input->fields[h], line);
					if (!strcmp(name, "call"))
						set_word(message, &input->fields[h], call);
				}
				set_word(message, &input->fields[f], values[i]);
				/* it may be right; it has to be answered */
				if (ask_filled(peer, service, method, message) == INT32_MIN)
					fail_msg("%s: the connection has ended",
						 name_of(service, method));
			}
			peer_free(peer);
		}
	}
	eventually(!strstr(null_command("calls"), "line=1"));
	nothing_happened();
}

/* ---- what a program says of itself after a restart ---- */

static void false_memories(void **state)
{
	static const uint32_t devices[] = { 0, 1, 2, 1000000, 0x7fffffff, 0xfffffffe, 0xffffffff };
	Tapi__Rpc__ResumeIn in = TAPI__RPC__RESUME_IN__INIT;
	Tapi__Rpc__OpenRecord lines[7], *line_list[7];
	Tapi__Rpc__CallRecord calls[14], *call_list[14];
	struct peer *peer = peer_new("tapi.sock");
	Tapi__Rpc__ResumeOut *out;

	for (size_t i = 0; i < 7; i++) {
		tapi__rpc__open_record__init(&lines[i]);
		line_list[i] = &lines[i];
		lines[i].has_line = lines[i].has_device = lines[i].has_version = 1;
		lines[i].line = (uint32_t)i + 1;
		lines[i].device = devices[i];
		lines[i].version = i == 1 ? 0xffffffff : 0x00020002;
		lines[i].has_privileges = lines[i].has_media_modes = 1;
		lines[i].privileges = OWNER;
		lines[i].media_modes = VOICE;
		lines[i].has_line_states = lines[i].has_address_states = 1;
		lines[i].line_states = lines[i].address_states = 0xffffffff;
	}
	/* the victim's call, twice for each line, with rights nobody has */
	for (size_t i = 0; i < 14; i++) {
		tapi__rpc__call_record__init(&calls[i]);
		call_list[i] = &calls[i];
		calls[i].has_call = calls[i].has_line = calls[i].has_call_id = 1;
		calls[i].line = (uint32_t)i / 2 + 1;
		calls[i].call_id = 1;
		calls[i].has_privilege = calls[i].has_digit_modes = calls[i].has_media_modes = 1;
		calls[i].privilege = calls[i].digit_modes = calls[i].media_modes = 0xffffffff;
	}
	in.n_lines = 7;
	in.lines = line_list;
	in.n_calls = 14;
	in.calls = call_list;
	assert_int_equal(peer_ask(peer, SERVICE(APP), "Resume", &in.base), 0);
	out = (Tapi__Rpc__ResumeOut *)peer->answer;
	assert_int_equal(out->n_lines, 7);
	assert_int_equal(out->n_calls, 14);
	assert_int_not_equal(out->lines[0]->line, 0);
	for (size_t i = 1; i < 6; i++)
		assert_int_equal(out->lines[i]->line, 0);
	assert_int_not_equal(out->calls[0]->call, 0);
	assert_int_equal(out->calls[1]->call, 0);
	assert_int_equal(peer_call(peer, "Answer", out->calls[0]->call), LINEERR_NOTOWNER);
	peer_free(peer);
	nothing_happened();
}

/* ---- bytes ---- */

static void text_that_is_none(void **state)
{
	Tapi__Rpc__InitializeIn in = TAPI__RPC__INITIALIZE_IN__INIT;
	struct peer *peer = peer_new("tapi.sock");
	int32_t result;

	in.friendly_name = (char *)(uintptr_t)"\xc3\x28 \xff";
	result = peer_ask(peer, SERVICE(APP), "Initialize", &in.base);
	refused(peer, result, SERVICE(APP), 0);
	assert_int_equal(result, LINEERR_INVALPARAM);
	peer_free(peer);
	nothing_happened();
}

static void huge_texts(void **state)
{
	Tapi__Rpc__InitializeIn in = TAPI__RPC__INITIALIZE_IN__INIT;
	Tapi__Rpc__LineIn line_in = TAPI__RPC__LINE_IN__INIT;
	struct peer *peer = peer_program("huge"), *others[60];
	char *text = calloc(1, 60001);
	uint32_t line = peer_open(peer, 0, LINECALLPRIVILEGE_MONITOR, 0);
	Tapi__Rpc__DevStatus *status;

	assert_non_null(text);
	memset(text, 'x', 60000);
	in.friendly_name = text;
	/* many programs with long names: lists of them have to remain readable */
	for (size_t i = 0; i < 40; i++) {
		others[i] = peer_new("tapi.sock");
		assert_int_equal(peer_ask(others[i], SERVICE(APP), "Initialize", &in.base), 0);
		others[i]->app = ((Tapi__Rpc__InitializeOut *)others[i]->answer)->app;
		assert_int_not_equal(peer_open(others[i], 0, LINECALLPRIVILEGE_MONITOR, 0), 0);
	}
	line_in.has_line = 1;
	line_in.line = line;
	assert_int_equal(peer_ask(peer, SERVICE(LINE), "GetLineDevStatus", &line_in.base), 0);
	status = ((Tapi__Rpc__DevStatusOut *)peer->answer)->status;
	assert_int_equal(status->num_opens, 42);
	assert_int_equal(status->n_app_info, 42);
	assert_int_equal(peer_make_call(peer, line, text) < 0, 0);
	for (size_t i = 0; i < 40; i++)
		peer_free(others[i]);
	peer_free(peer);
	free(text);
	eventually(!strstr(null_command("calls"), "origin=out"));
	nothing_happened();
}

/* A program of one connection cannot fill the service's memory */
static void too_many(void **state)
{
	Tapi__Rpc__InitializeIn in = TAPI__RPC__INITIALIZE_IN__INIT;
	struct peer *peer = peer_new("tapi.sock");
	int32_t result = 0;
	unsigned int count;

	for (count = 0; result == 0 && count < 1000; count++)
		result = peer_ask(peer, SERVICE(APP), "Initialize", &in.base);
	assert_int_equal(result, LINEERR_RESOURCEUNAVAIL);
	assert_true(count > 10);
	peer_free(peer);
	nothing_happened();
}

/* A frame is malformed: the connection ends, and nothing else */
static void no_frames(void **state)
{
	static const struct {
		size_t size;
		unsigned char bytes[24];
	} wrong[] = {
		{ 1, { 0 } },
		{ 16, { 0 } },
		{ 16, { 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 0 } },
		{ 16, { 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x80, 0, 0 } },
		{ 16, { 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0 } },
		{ 16, { 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 } },
		{ 16, { 17, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 } },
		{ 20, { 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 } },
	};
	struct peer *peer;
	struct pollfd p;
	char byte;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		peer = peer_new("tapi.sock");
		assert_int_equal(send(peer->fd, wrong[i].bytes, wrong[i].size, 0), wrong[i].size);
		p = (struct pollfd) { .fd = peer->fd, .events = POLLIN };
		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		if (recv(peer->fd, &byte, 1, 0) > 0)
			fail_msg("frame %zu was answered", i);
		peer_free(peer);
	}
	nothing_happened();
}

/* Bodies of random bytes for every method; an answer to each, or none that was promised */
static void noise(void **state)
{
	struct peer *peer = peer_new("tapi.sock");
	unsigned char body[64];

	srand(7);
	for (unsigned int round = 0; round < 40; round++) {
		each_method(service, method) {
			size_t size = (size_t)rand() % sizeof(body);

			if (!allowed(service, method, false))
				continue;
			for (size_t i = 0; i < size; i++)
				body[i] = (unsigned char)rand();
			if (peer_wait(peer, peer_send(peer, service, method, body, size)) ==
			    INT32_MIN) {
				fail_msg("%s: the connection has ended", name_of(service, method));
			}
		}
	}
	peer_free(peer);
	nothing_happened();
}

/* Everything at once without reading a single answer, and gone */
static void ask_and_run(void **state)
{
	for (unsigned int round = 0; round < 20; round++) {
		struct peer *peer = peer_program("runner");
		unsigned char bytes[FRAME_HEADER];
		struct frame frame = { .length = FRAME_HEADER, .kind = FRAME_CALL };

		for (unsigned int i = 0; i < 400; i++) {
			frame.serial = i + 1000;
			frame.service = SERVICE(APP);
			frame.method = 0;
			frame_write(&frame, bytes);
			if (send(peer->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
				break;
		}
		peer_free(peer);
	}
	nothing_happened();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_hello),
		cmocka_unit_test(hello),
		cmocka_unit_test(wrong_socket),
		cmocka_unit_test(unknown_methods),
		cmocka_unit_test(events_from_a_program),
		cmocka_unit_test(empty_input),
		cmocka_unit_test(foreign_handles),
		cmocka_unit_test(numbers_out_of_range),
		cmocka_unit_test(false_memories),
		cmocka_unit_test(text_that_is_none),
		cmocka_unit_test(huge_texts),
		cmocka_unit_test(too_many),
		cmocka_unit_test(no_frames),
		cmocka_unit_test(noise),
		cmocka_unit_test(ask_and_run),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

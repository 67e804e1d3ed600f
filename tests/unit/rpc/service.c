/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables about services say something about each method, and the answers are as link.c needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "service.h"

/* Each number of ServiceId is a service, and has the name that the number says */
static void test_services(void **state)
{
	const ProtobufCEnumDescriptor *ids = &tapi__rpc__service_id__descriptor;
	char expected[64], *to;

	assert_int_equal(ids->n_values, SERVICES);
	for (unsigned int i = 0; i < SERVICES; i++) {
		const ProtobufCServiceDescriptor *service = service_descriptor(i);
		const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(ids, (int)i);

		assert_non_null(service);
		assert_non_null(value);
		assert_int_equal(service_id(service), i);
		/* HostEvents is SERVICE_HOST_EVENTS */
		to = stpcpy(expected, "SERVICE");
		for (const char *c = service->short_name; *c; c++) {
			if (*c >= 'A' && *c <= 'Z')
				*to++ = '_';
			*to++ = *c & ~0x20;
		}
		*to = 0;
		assert_string_equal(value->name, expected);
	}
	assert_null(service_descriptor(SERVICES));
	assert_null(service_descriptor(UINT32_MAX));
	assert_int_equal(service_id(NULL), SERVICES);
}

static void test_methods(void **state)
{
	assert_string_equal(service_method(TAPI__RPC__SERVICE_ID__SERVICE_LINK, 1)->name, "Ping");
	assert_null(service_method(TAPI__RPC__SERVICE_ID__SERVICE_LINK, 2));
	assert_null(service_method(TAPI__RPC__SERVICE_ID__SERVICE_LINK, UINT32_MAX));
	assert_null(service_method(SERVICES, 0));
}

/* Somebody may call each method */
static void test_policy(void **state)
{
	const unsigned int all = RIGHT_CLIENT | RIGHT_ADMIN | RIGHT_HOST | RIGHT_HOST_EVENT |
				 RIGHT_CLIENT_EVENT;

	for (unsigned int i = 0; i < SERVICES; i++) {
		const ProtobufCServiceDescriptor *service = service_descriptor(i);

		for (unsigned int m = 0; m < service->n_methods; m++) {
			struct service_policy policy = service_policy(i, m);
			const char *name = service->methods[m].name;

			if (!policy.rights || policy.rights & ~all)
				fail_msg("%s.%s has no right", service->short_name, name);
		}
		assert_int_equal(service_policy(i, service->n_methods).rights, 0);
	}
	assert_int_equal(service_policy(SERVICES, 0).rights, 0);
}

/* What must not leak: programs reach no host, hosts no program, only one method takes a descriptor */
static void test_borders(void **state)
{
	unsigned int with_fd = 0;

	for (unsigned int i = 0; i < SERVICES; i++) {
		const ProtobufCServiceDescriptor *service = service_descriptor(i);

		for (unsigned int m = 0; m < service->n_methods; m++) {
			struct service_policy policy = service_policy(i, m);
			unsigned int rights = policy.rights;

			with_fd += policy.fd;
			if (policy.fd)
				assert_string_equal(service->methods[m].name, "MspBind");
			if (i == TAPI__RPC__SERVICE_ID__SERVICE_ADMIN)
				assert_int_equal(rights, RIGHT_ADMIN);
			if (i == TAPI__RPC__SERVICE_ID__SERVICE_HOST ||
			    i == TAPI__RPC__SERVICE_ID__SERVICE_TSPI)
				assert_int_equal(rights, RIGHT_HOST);
			if (i == TAPI__RPC__SERVICE_ID__SERVICE_HOST_EVENTS)
				assert_int_equal(rights, RIGHT_HOST_EVENT);
			if (i == TAPI__RPC__SERVICE_ID__SERVICE_APP_EVENTS)
				assert_int_equal(rights, RIGHT_CLIENT_EVENT);
		}
	}
	assert_int_equal(with_fd, 1);
}

static void assert_same_member(const ProtobufCMessageDescriptor *message, unsigned int id)
{
	const ProtobufCMessageDescriptor *model = &tapi__rpc__result__descriptor;
	const ProtobufCFieldDescriptor *a = protobuf_c_message_descriptor_get_field(model, id);
	const ProtobufCFieldDescriptor *b = protobuf_c_message_descriptor_get_field(message, id);

	if (!b || strcmp(a->name, b->name) || a->type != b->type || a->label != b->label ||
	    a->offset != b->offset || a->descriptor != b->descriptor ||
	    a->quantifier_offset != b->quantifier_offset)
		fail_msg("%s does not begin like a Result", message->name);
}

/* An answer can be read as a Result, and made from the Result of a refusal: link.c does both */
static void test_answers(void **state)
{
	unsigned int seen = 0;

	for (unsigned int i = 0; i < SERVICES; i++) {
		const ProtobufCServiceDescriptor *service = service_descriptor(i);

		for (unsigned int m = 0; m < service->n_methods; m++) {
			const ProtobufCMessageDescriptor *output = service->methods[m].output;

			if (service_is_events(i)) {
				assert_ptr_equal(output, &tapi__rpc__empty__descriptor);
				continue;
			}
			/* a ping says nothing but that somebody is there */
			if (output == &tapi__rpc__empty__descriptor) {
				assert_string_equal(service->methods[m].name, "Ping");
				continue;
			}
			assert_same_member(output, 1);
			assert_same_member(output, 2);
			assert_true(output->sizeof_message <= 1024);
			seen++;
		}
	}
	assert_true(seen > 50);
}

/* protobuf-c goes down into messages recursively: one that contains itself could be deep */
static void assert_flat(const ProtobufCMessageDescriptor *message, unsigned int depth)
{
	if (depth > 8)
		fail_msg("%s contains itself", message->name);
	for (unsigned int i = 0; i < message->n_fields; i++) {
		assert_int_not_equal(message->fields[i].label, PROTOBUF_C_LABEL_REQUIRED);
		if (message->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
			assert_flat(message->fields[i].descriptor, depth + 1);
	}
}

static void test_flat(void **state)
{
	for (unsigned int i = 0; i < SERVICES; i++) {
		const ProtobufCServiceDescriptor *service = service_descriptor(i);

		for (unsigned int m = 0; m < service->n_methods; m++) {
			assert_flat(service->methods[m].input, 0);
			assert_flat(service->methods[m].output, 0);
		}
	}
}

/* tapisrv packs an event once and writes each program's numbers over these bytes */
static void test_event_offsets(void **state)
{
	Tapi__Rpc__Event event = TAPI__RPC__EVENT__INIT;
	static const unsigned char expected[] = {
		0x0d, 1, 1, 1, 1, 0x11, 2, 2, 2, 2, 2, 2, 2, 2, 0x1d, 3, 3, 3, 3,
		0x25, 4, 4, 4, 4, 0x2d, 5, 5, 5, 5,
	};
	unsigned char bytes[64];

	event.has_device = event.has_instance = event.has_seq = true;
	event.has_privilege = event.has_related = true;
	event.device = 0x01010101;
	event.instance = 0x0202020202020202;
	event.seq = 0x03030303;
	event.privilege = 0x04040404;
	event.related = 0x05050505;
	assert_int_equal(protobuf_c_message_pack(&event.base, bytes), sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_flat),
		cmocka_unit_test(test_event_offsets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}

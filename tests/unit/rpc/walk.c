/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages as JSON, and the check of their text. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tapi.pb-c.h"
#include "walk.h"

static void assert_json(const ProtobufCMessage *message, const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	walk_json(message, to);
	fclose(to);
	assert_string_equal(text, expected);
	free(text);
}

static void assert_string(const char *from, const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	walk_json_string(from, to);
	fclose(to);
	assert_string_equal(text, expected);
	free(text);
}

static void test_strings(void **state)
{
	char all[32], expected[32 * 6 + 3] = "\"", *end = expected + 1;

	assert_string("", "\"\"");
	assert_string("say \"hi\"", "\"say \\\"hi\\\"\"");
	assert_string("a\\b", "\"a\\\\b\"");
	assert_string("</script>", "\"</script>\"");
	assert_string("\x7F", "\"\\u007f\"");
	assert_string("Gr\xC3\xBC\xC3\x9F \xF0\x9F\x93\x9E",
		      "\"Gr\xC3\xBC\xC3\x9F \xF0\x9F\x93\x9E\"");
	/* no UTF-8: JSON all the same */
	assert_string("a\xFF\xC3", "\"a\\u00ff\\u00c3\"");
	assert_string("\xED\xA0\x80", "\"\\u00ed\\u00a0\\u0080\"");
	for (int c = 1; c < 32; c++) {
		all[c - 1] = (char)c;
		end += sprintf(end, "\\u%04x", c);
	}
	all[31] = 0;
	strcpy(end, "\"");
	assert_string(all, expected);
}

static void test_members(void **state)
{
	Tapi__Rpc__Event event = TAPI__RPC__EVENT__INIT;

	assert_json(&event.base, "{}");
	event.has_device = true;
	event.device = 0xFFFFFFFF;
	event.has_p1 = true;
	event.p1 = UINT64_MAX;
	event.has_p2 = true;		/* there, and zero */
	event.p3 = 3;			/* a value that is not there */
	assert_json(&event.base, "{\"device\":4294967295,\"p1\":18446744073709551615,\"p2\":0}");
}

static void test_nested(void **state)
{
	Tapi__Rpc__Error error = TAPI__RPC__ERROR__INIT;
	Tapi__Rpc__SnapshotOut out = TAPI__RPC__SNAPSHOT_OUT__INIT;
	Tapi__Rpc__OpenRecord first = TAPI__RPC__OPEN_RECORD__INIT;
	Tapi__Rpc__OpenRecord second = TAPI__RPC__OPEN_RECORD__INIT;
	Tapi__Rpc__OpenRecord *lines[] = { &first, &second };
	uint32_t requests[] = { 1, 0, 3 };

	out.has_result = true;
	out.result = INT32_MIN;
	error.text = (char *)"line \"1\"\n";
	out.error = &error;
	first.has_line = true;
	first.line = 7;
	out.n_lines = 2;
	out.lines = lines;
	out.n_requests = 3;
	out.requests = requests;
	assert_json(&out.base, "{\"result\":-2147483648,\"error\":{\"text\":\"line \\\"1\\\"\\u000a\"},"
		    "\"lines\":[{\"line\":7},{}],\"requests\":[1,0,3]}");
}

static void test_bytes(void **state)
{
	Tapi__Rpc__CallIn call = TAPI__RPC__CALL_IN__INIT;
	Tapi__Rpc__GrantOut grant = TAPI__RPC__GRANT_OUT__INIT;
	uint8_t bytes[] = { 0x00, 0x0a, 0xff };

	call.has_user_user_info = true;
	call.user_user_info = (ProtobufCBinaryData) { sizeof(bytes), bytes };
	assert_json(&call.base, "{\"user_user_info\":\"000aff\"}");
	call.user_user_info.len = 0;
	assert_json(&call.base, "{\"user_user_info\":\"\"}");
	/* a cookie opens a relay: it is in no trace */
	grant.has_cookie = true;
	grant.cookie = (ProtobufCBinaryData) { sizeof(bytes), bytes };
	assert_json(&grant.base, "{\"cookie\":\"(secret)\"}");
}

static void test_texts(void **state)
{
	Tapi__Rpc__DevCaps caps = TAPI__RPC__DEV_CAPS__INIT;
	char *classes[] = { (char *)"tapi/line", (char *)"", (char *)"wave/in" };

	caps.n_device_classes = 3;
	caps.device_classes = classes;
	assert_json(&caps.base, "{\"device_classes\":[\"tapi/line\",\"\",\"wave/in\"]}");
	assert_int_equal(walk_check(&caps.base), 0);
	classes[2] = (char *)"wave\xC0\x80";
	assert_int_equal(walk_check(&caps.base), -EILSEQ);
}

/* Text is checked wherever it is: in the message, in one inside, in a list of them */
static void test_check(void **state)
{
	Tapi__Rpc__AddressCapsOut out = TAPI__RPC__ADDRESS_CAPS_OUT__INIT;
	Tapi__Rpc__AddressCaps caps = TAPI__RPC__ADDRESS_CAPS__INIT;
	Tapi__Rpc__CallTreatment good = TAPI__RPC__CALL_TREATMENT__INIT;
	Tapi__Rpc__CallTreatment bad = TAPI__RPC__CALL_TREATMENT__INIT;
	Tapi__Rpc__CallTreatment *list[] = { &good, &bad };
	Tapi__Rpc__NameIn name = TAPI__RPC__NAME_IN__INIT;

	assert_int_equal(walk_check(&name.base), 0);
	name.name = (char *)"\xE2\x82\xAC";
	assert_int_equal(walk_check(&name.base), 0);
	name.name = (char *)"\xE2\x82";
	assert_int_equal(walk_check(&name.base), -EILSEQ);
	out.caps = &caps;
	caps.n_call_treatments = 2;
	caps.call_treatments = list;
	good.call_treatment_name = (char *)"silence";
	bad.call_treatment_name = (char *)"music";
	assert_int_equal(walk_check(&out.base), 0);
	bad.call_treatment_name = (char *)"music\x80";
	assert_int_equal(walk_check(&out.base), -EILSEQ);
}

/* A message with a oneof, as protoc-c lays it out: its members share their bytes */
struct choice {
	ProtobufCMessage base;
	uint32_t which;
	union {
		char *text;
		uint64_t number;
		int64_t change;
	};
};

#define CHOICE(name_, id_, type_, member_) \
	{ .name = name_, .id = id_, .label = PROTOBUF_C_LABEL_OPTIONAL, .type = type_, \
	  .quantifier_offset = offsetof(struct choice, which), \
	  .offset = offsetof(struct choice, member_), .flags = PROTOBUF_C_FIELD_FLAG_ONEOF }

static const ProtobufCFieldDescriptor choice_fields[] = {
	CHOICE("text", 1, PROTOBUF_C_TYPE_STRING, text),
	CHOICE("number", 2, PROTOBUF_C_TYPE_UINT64, number),
	CHOICE("change", 3, PROTOBUF_C_TYPE_SINT64, change),
};

static const ProtobufCMessageDescriptor choice_descriptor = {
	.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
	.name = "choice", .sizeof_message = sizeof(struct choice),
	.n_fields = 3, .fields = choice_fields,
};

static void test_oneof(void **state)
{
	struct choice choice = { .base = { .descriptor = &choice_descriptor } };

	assert_json(&choice.base, "{}");
	choice.which = 2;
	choice.number = 5;		/* as a pointer it would be a crash */
	assert_json(&choice.base, "{\"number\":5}");
	assert_int_equal(walk_check(&choice.base), 0);
	choice.which = 3;
	choice.change = INT64_MIN;
	assert_json(&choice.base, "{\"change\":-9223372036854775808}");
	choice.which = 1;
	choice.text = (char *)"five";
	assert_json(&choice.base, "{\"text\":\"five\"}");
	choice.text = (char *)"\xFF";
	assert_int_equal(walk_check(&choice.base), -EILSEQ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_oneof),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rpc.lock lists every number that is on the wire. What is in it stays: programs and servers of
 * different age talk to each other.
 *
 *	test-rpc-lock --print		the list as of this build, for scripts/rpc-lock
 *	test-rpc-lock rpc.lock		compares
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "service.h"

#define MESSAGES_MAX	512u

static const ProtobufCMessageDescriptor *messages[MESSAGES_MAX];
static size_t messages_count;

/* A message and those inside it, each once */
static void add_message(const ProtobufCMessageDescriptor *message)
{
	for (size_t i = 0; i < messages_count; i++)
		if (messages[i] == message)
			return;
	if (messages_count == MESSAGES_MAX)
		abort();
	messages[messages_count++] = message;
	for (unsigned int i = 0; i < message->n_fields; i++)
		if (message->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
			add_message(message->fields[i].descriptor);
}

static int by_name(const void *a, const void *b)
{
	const ProtobufCMessageDescriptor *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static void collect(void)
{
	messages_count = 0;
	add_message(&tapi__rpc__result__descriptor);	/* of an ERROR */
	for (unsigned int s = 0; s < SERVICES; s++) {
		const ProtobufCServiceDescriptor *service = service_descriptor(s);

		for (unsigned int m = 0; m < service->n_methods; m++) {
			add_message(service->methods[m].input);
			add_message(service->methods[m].output);
		}
	}
	qsort(messages, messages_count, sizeof(messages[0]), by_name);
}

static const char *label_name(const ProtobufCFieldDescriptor *field)
{
	switch (field->label) {
	case PROTOBUF_C_LABEL_REPEATED:
		return field->flags & PROTOBUF_C_FIELD_FLAG_PACKED ? "packed" : "repeated";
	case PROTOBUF_C_LABEL_OPTIONAL:
		return field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF ? "oneof" : "optional";
	default:
		return "required";
	}
}

static const char *type_name(const ProtobufCFieldDescriptor *field)
{
	static const char *const names[] = {
		[PROTOBUF_C_TYPE_INT32] = "int32", [PROTOBUF_C_TYPE_SINT32] = "sint32",
		[PROTOBUF_C_TYPE_SFIXED32] = "sfixed32", [PROTOBUF_C_TYPE_INT64] = "int64",
		[PROTOBUF_C_TYPE_SINT64] = "sint64", [PROTOBUF_C_TYPE_SFIXED64] = "sfixed64",
		[PROTOBUF_C_TYPE_UINT32] = "uint32", [PROTOBUF_C_TYPE_FIXED32] = "fixed32",
		[PROTOBUF_C_TYPE_UINT64] = "uint64", [PROTOBUF_C_TYPE_FIXED64] = "fixed64",
		[PROTOBUF_C_TYPE_FLOAT] = "float", [PROTOBUF_C_TYPE_DOUBLE] = "double",
		[PROTOBUF_C_TYPE_BOOL] = "bool", [PROTOBUF_C_TYPE_ENUM] = "enum",
		[PROTOBUF_C_TYPE_STRING] = "string", [PROTOBUF_C_TYPE_BYTES] = "bytes",
	};

	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return ((const ProtobufCMessageDescriptor *)field->descriptor)->short_name;
	return names[field->type];
}

/* Every line says one thing, so that lists can be compared line by line */
static void print_list(FILE *to)
{
	const ProtobufCEnumDescriptor *ids = &tapi__rpc__service_id__descriptor;

	collect();
	for (unsigned int i = 0; i < ids->n_values; i++)
		fprintf(to, "enum %s %d %s\n", ids->short_name, ids->values[i].value,
			ids->values[i].name);
	for (unsigned int s = 0; s < SERVICES; s++) {
		const ProtobufCServiceDescriptor *service = service_descriptor(s);

		for (unsigned int m = 0; m < service->n_methods; m++)
			fprintf(to, "method %s %u %s %s %s\n", service->short_name, m,
				service->methods[m].name, service->methods[m].input->short_name,
				service->methods[m].output->short_name);
	}
	for (size_t i = 0; i < messages_count; i++) {
		for (unsigned int f = 0; f < messages[i]->n_fields; f++) {
			const ProtobufCFieldDescriptor *field = &messages[i]->fields[f];

			fprintf(to, "field %s %u %s %s %s\n", messages[i]->short_name, field->id,
				label_name(field), type_name(field), field->name);
		}
	}
}

/* ---- the test ---- */

static char *now, *lock;

static char *read_lock(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *from = fopen(path, "r");

	if (!from || getdelim(&text, &size, 0, from) < 0) {
		perror(path);
		exit(1);
	}
	fclose(from);
	return text;
}

/* Does the text have exactly this line? */
static bool has_line(const char *text, const char *line, size_t length)
{
	const char *at = text;

	while ((at = strstr(at, line))) {
		if ((at == text || at[-1] == '\n') && at[length] == '\n')
			return true;
		at++;
	}
	return false;
}

/* Number of lines of one text that the other one does not have; printed when there is a word for it */
static unsigned int missing(const char *from, const char *in, const char *what)
{
	char *copy = strdup(from), *rest = copy, *line;
	unsigned int count = 0;

	while ((line = strsep(&rest, "\n"))) {
		if (!*line || *line == '#' || has_line(in, line, strlen(line)))
			continue;
		if (what)
			print_message("# %s: %s\n", what, line);
		count++;
	}
	free(copy);
	return count;
}

/* What older programs say and expect is still said and understood */
static void test_nothing_changed(void **state)
{
	if (missing(lock, now, "changed or gone"))
		fail_msg("numbers are for ever: add new ones instead");
}

static void test_nothing_unlisted(void **state)
{
	if (missing(now, lock, "new"))
		fail_msg("run scripts/rpc-lock and commit userspace/rpc/rpc.lock");
}

/* The comparison itself: a change of any kind is a line that is not there any more */
static void test_comparison(void **state)
{
	static const char was[] = "field A 1 optional uint32 a\nfield A 2 optional string b\n";

	assert_int_equal(missing(was, was, NULL), 0);
	/* a field that is gone, of another type, with a longer name, with another number */
	assert_int_equal(missing(was, "field A 1 optional uint32 a\n", NULL), 1);
	assert_int_equal(missing(was, "field A 1 optional sint32 a\nfield A 2 optional string b\n",
				 NULL), 1);
	assert_int_equal(missing(was, "field A 1 optional uint32 ab\nfield A 2 optional string b\n",
				 NULL), 1);
	assert_int_equal(missing(was, "field A 11 optional uint32 a\nfield A 3 optional string b\n",
				 NULL), 2);
	assert_int_equal(missing("# a comment\n\n", was, NULL), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comparison),
		cmocka_unit_test(test_nothing_changed),
		cmocka_unit_test(test_nothing_unlisted),
	};
	size_t size;
	FILE *to;
	int ret;

	if (argc != 2) {
		fprintf(stderr, "usage: %s --print | LOCK\n", argv[0]);
		return 2;
	}
	if (!strcmp(argv[1], "--print")) {
		print_list(stdout);
		return 0;
	}
	lock = read_lock(argv[1]);
	to = open_memstream(&now, &size);
	print_list(to);
	fclose(to);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	ret = cmocka_run_group_tests_name("lock", tests, NULL, NULL);
	free(lock);
	free(now);
	return ret;
}

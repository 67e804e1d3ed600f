/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages by their descriptors. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "utf.h"
#include "walk.h"

static size_t element_size(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_ENUM:
	case PROTOBUF_C_TYPE_BOOL:
		return 4;
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	default:
		return 8;
	}
}

/* Number of values of a member, and where the first one is */
static size_t values_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
			const char **first)
{
	const char *member = (const char *)message + field->offset;
	const void *quantifier = (const char *)message + field->quantifier_offset;

	*first = member;
	/* of a oneof only the member that is there; the others' bytes are something else */
	if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
	    *(const uint32_t *)quantifier != field->id)
		return 0;
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		*first = *(const char *const *)member;
		return *(const size_t *)quantifier;
	}
	if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE)
		return *(const void *const *)member != NULL;
	if (field->label == PROTOBUF_C_LABEL_REQUIRED || field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		return 1;
	return *(const protobuf_c_boolean *)quantifier != 0;
}

int walk_check(const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;
	const char *at, *text;
	size_t count;
	int err;

	for (unsigned int i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];

		if (field->type != PROTOBUF_C_TYPE_STRING &&
		    field->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		count = values_of(message, field, &at);
		for (size_t n = 0; n < count; n++) {
			text = ((const char *const *)at)[n];
			if (field->type == PROTOBUF_C_TYPE_STRING)
				err = utf8_valid(text, strlen(text)) ? 0 : -EILSEQ;
			else
				err = walk_check((const ProtobufCMessage *)(const void *)text);
			if (err)
				return err;
		}
	}
	return 0;
}

void walk_json_string(const char *text, FILE *to)
{
	/* text of a message that was not checked: any bytes, and JSON all the same */
	bool valid = utf8_valid(text, strlen(text));

	fputc('"', to);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(to, "\\%c", c);
		else if (c < 0x20 || c == 0x7f || (c > 0x7f && !valid))
			fprintf(to, "\\u%04x", c);
		else
			fputc(c, to);
	}
	fputc('"', to);
}

static void print_bytes(const ProtobufCFieldDescriptor *field, const ProtobufCBinaryData *bytes,
			FILE *to)
{
	if (!strcmp(field->name, "cookie")) {
		fputs("\"(secret)\"", to);
		return;
	}
	fputc('"', to);
	for (size_t i = 0; i < bytes->len; i++)
		fprintf(to, "%02x", bytes->data[i]);
	fputc('"', to);
}

static void print_value(const ProtobufCFieldDescriptor *field, const char *at, FILE *to)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_ENUM:
		fprintf(to, "%" PRId32, *(const int32_t *)(const void *)at);
		break;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		fprintf(to, "%" PRIu32, *(const uint32_t *)(const void *)at);
		break;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		fprintf(to, "%" PRIu64, *(const uint64_t *)(const void *)at);
		break;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		fprintf(to, "%" PRId64, *(const int64_t *)(const void *)at);
		break;
	case PROTOBUF_C_TYPE_BOOL:
		fputs(*(const protobuf_c_boolean *)(const void *)at ? "true" : "false", to);
		break;
	case PROTOBUF_C_TYPE_STRING:
		walk_json_string(*(const char *const *)(const void *)at, to);
		break;
	case PROTOBUF_C_TYPE_BYTES:
		print_bytes(field, (const ProtobufCBinaryData *)(const void *)at, to);
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		walk_json(*(const ProtobufCMessage *const *)(const void *)at, to);
		break;
	default:
		fputs("null", to);
		break;
	}
}

void walk_json(const ProtobufCMessage *message, FILE *to)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;
	bool first = true;
	const char *at;
	size_t count;

	fputc('{', to);
	for (unsigned int i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
		bool list = field->label == PROTOBUF_C_LABEL_REPEATED;

		count = values_of(message, field, &at);
		if (!count)
			continue;
		fprintf(to, "%s\"%s\":%s", first ? "" : ",", field->name, list ? "[" : "");
		first = false;
		for (size_t n = 0; n < count; n++) {
			if (n)
				fputc(',', to);
			print_value(field, at + n * element_size(field), to);
		}
		if (list)
			fputc(']', to);
	}
	fputc('}', to);
}

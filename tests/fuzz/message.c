/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages to begin with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static uint64_t random_state = 1;

void fuzz_random_start(uint64_t seed)
{
	random_state = seed * 0x9E3779B97F4A7C15u + 1;
}

/* xorshift64* */
uint32_t fuzz_random(uint32_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)(random_state * 0x2545F4914F6CDD1Du >> 32) % below;
}

void fuzz_fail(const char *what)
{
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static char *some_text(void)
{
	static const char *const texts[] = {
		"", "1", "+49 (30) 1234567", "Gr\xC3\xBC\xC3\x9F", "\xE2\x82\xAC",
		"a\xF0\x9F\x93\x9Ez", "tapi/line", "say \"hi\"\\\n\t\x7f",
	};
	char *text = strdup(texts[fuzz_random(sizeof(texts) / sizeof(texts[0]))]);

	FUZZ_ASSERT(text);
	return text;
}

static uint32_t some_number(void)
{
	return fuzz_random(4) ? fuzz_random(300) : fuzz_random(UINT32_MAX);
}

static size_t value_size(const ProtobufCFieldDescriptor *f)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return 8;
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	default:
		return 4;
	}
}

static void set_value(const ProtobufCFieldDescriptor *f, void *to)
{
	ProtobufCBinaryData *bytes = to;

	switch (f->type) {
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		*(uint64_t *)to = some_number();
		*(uint64_t *)to <<= fuzz_random(33);
		break;
	case PROTOBUF_C_TYPE_STRING:
		*(char **)to = some_text();
		break;
	case PROTOBUF_C_TYPE_BYTES:
		bytes->len = fuzz_random(2) ? 16 : fuzz_random(9);
		bytes->data = bytes->len ? malloc(bytes->len) : NULL;
		for (size_t i = 0; i < bytes->len; i++)
			bytes->data[i] = (uint8_t)fuzz_random(256);
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		*(ProtobufCMessage **)to = fuzz_message(f->descriptor);
		break;
	default:
		*(uint32_t *)to = some_number();
		break;
	}
}

ProtobufCMessage *fuzz_message(const ProtobufCMessageDescriptor *descriptor)
{
	ProtobufCMessage *m = calloc(1, descriptor->sizeof_message);

	FUZZ_ASSERT(m);
	protobuf_c_message_init(descriptor, m);
	for (unsigned int i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &descriptor->fields[i];
		char *quantifier = (char *)m + f->quantifier_offset;
		char *member = (char *)m + f->offset;
		size_t count = 1 + fuzz_random(3);

		if (!fuzz_random(3))
			continue;
		if (f->label != PROTOBUF_C_LABEL_REPEATED) {
			set_value(f, member);
			if (f->type != PROTOBUF_C_TYPE_STRING && f->type != PROTOBUF_C_TYPE_MESSAGE)
				*(protobuf_c_boolean *)(void *)quantifier = true;
			continue;
		}
		*(char **)(void *)member = calloc(count, value_size(f));
		FUZZ_ASSERT(*(char **)(void *)member);
		*(size_t *)(void *)quantifier = count;
		for (size_t k = 0; k < count; k++)
			set_value(f, *(char **)(void *)member + k * value_size(f));
	}
	return m;
}

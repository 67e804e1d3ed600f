/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a stranger sends over a link: header, message, its text, its JSON. The way of a frame in
 * link.c without the socket.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "frame.h"
#include "fuzz.h"
#include "service.h"
#include "utf.h"
#include "walk.h"

static const ProtobufCMessageDescriptor *body_of(const struct frame *frame)
{
	const ProtobufCMethodDescriptor *method = service_method(frame->service, frame->method);

	FUZZ_ASSERT(!method == !service_policy(frame->service, frame->method).rights);
	if (frame->kind == FRAME_ERROR)
		return &tapi__rpc__result__descriptor;
	if (!method)
		return NULL;
	return frame->kind == FRAME_REPLY ? method->output : method->input;
}

/* One line of text without control characters, with every quote closed */
static void check_json(const ProtobufCMessage *message)
{
	bool quoted = false;
	int depth = 0;
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	FUZZ_ASSERT(to);
	walk_json(message, to);
	fclose(to);
	FUZZ_ASSERT(utf8_valid(text, size));
	for (size_t i = 0; i < size; i++) {
		FUZZ_ASSERT((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && strchr("{[", text[i]))
			depth++;
		else if (!quoted && strchr("}]", text[i]))
			FUZZ_ASSERT(--depth >= 0);
	}
	FUZZ_ASSERT(!quoted && !depth);
	free(text);
}

/*
 * Is all text UTF-8? Found out in another way than walk_check() does. Unknown members are dropped
 * on the way: protobuf-c keeps some that it cannot read again (number 0 in two bytes); they are no
 * part of what was understood.
 */
static bool look_at_all(ProtobufCMessage *message)
{
	bool valid = true;

	message->n_unknown_fields = 0;
	for (unsigned int i = 0; i < message->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &message->descriptor->fields[i];
		void *quantifier = (char *)message + f->quantifier_offset;
		void *member = (char *)message + f->offset, **list = member;
		size_t count = 1;

		if (f->type != PROTOBUF_C_TYPE_MESSAGE && f->type != PROTOBUF_C_TYPE_STRING)
			continue;
		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			list = *(void ***)member;
			count = *(size_t *)quantifier;
		} else if (!*list) {
			continue;
		}
		for (size_t k = 0; k < count; k++) {
			if (f->type == PROTOBUF_C_TYPE_STRING)
				valid &= utf8_valid(list[k], strlen(list[k]));
			else
				valid &= look_at_all(list[k]);
		}
	}
	return valid;
}

/* What was understood is said in the same words the second time */
static void check_again(const ProtobufCMessage *message)
{
	size_t size = protobuf_c_message_get_packed_size(message);
	uint8_t *one = malloc(size + 1), *two = malloc(size + 1);
	ProtobufCMessage *back;

	FUZZ_ASSERT(one && two);
	FUZZ_ASSERT(protobuf_c_message_pack(message, one) == size);
	back = protobuf_c_message_unpack(message->descriptor, NULL, size, one);
	FUZZ_ASSERT(back);
	FUZZ_ASSERT(protobuf_c_message_get_packed_size(back) == size);
	protobuf_c_message_pack(back, two);
	FUZZ_ASSERT(!memcmp(one, two, size));
	protobuf_c_message_free_unpacked(back, NULL);
	free(one);
	free(two);
}

static bool try_frame(const uint8_t *data, size_t size)
{
	const ProtobufCMessageDescriptor *descriptor;
	static struct arena arena;
	ProtobufCMessage *message;
	struct frame frame;
	bool good = false;

	if (frame_read(&frame, data, size) < 0)
		return false;
	FUZZ_ASSERT(frame.length == size);
	descriptor = body_of(&frame);
	if (!descriptor)
		return false;
	arena_init(&arena);
	message = protobuf_c_message_unpack(descriptor, &arena.allocator, size - FRAME_HEADER,
					    data + FRAME_HEADER);
	FUZZ_ASSERT(arena.used <= ARENA_LIMIT);
	if (message) {
		good = walk_check(message) == 0;
		FUZZ_ASSERT(look_at_all(message) == good);
		check_json(message);		/* of text that is no UTF-8, too */
		if (good)
			check_again(message);
	}
	arena_reset(&arena);
	return good;
}

bool fuzz_one(const uint8_t *data, size_t size)
{
	struct frame frame = { .serial = 1 };
	uint8_t *copy;
	bool good;

	if (try_frame(data, size))
		return true;
	/* once more with a header that is right: most changes end there */
	if (size < FRAME_HEADER || size > FRAME_MAX)
		return false;
	copy = malloc(size);
	FUZZ_ASSERT(copy);
	memcpy(copy, data, size);
	frame.length = (uint32_t)size;
	frame.service = data[8] % SERVICES;
	frame.method = data[10] % (uint16_t)service_descriptor(frame.service)->n_methods;
	frame.kind = (uint8_t)(1 + (data[12] + 2u) % FRAME_ERROR);
	frame_write(&frame, copy);
	good = try_frame(copy, size);
	free(copy);
	return good;
}

/* A request, an answer or a refusal of each method in turn */
size_t fuzz_seed(unsigned int number, uint8_t *to)
{
	struct frame frame = { .serial = number + 1, .service = (uint16_t)(number % SERVICES) };
	ProtobufCMessage *message;
	size_t size;

	frame.method = (uint16_t)fuzz_random(service_descriptor(frame.service)->n_methods);
	frame.kind = (uint8_t)(1 + fuzz_random(FRAME_ERROR));
	if (service_is_events(frame.service)) {
		frame.kind = FRAME_EVENT;
		frame.serial = 0;
	}
	message = fuzz_message(body_of(&frame));
	size = protobuf_c_message_get_packed_size(message);
	if (FRAME_HEADER + size <= FUZZ_MAX)
		protobuf_c_message_pack(message, to + FRAME_HEADER);
	else
		size = 0;
	protobuf_c_message_free_unpacked(message, NULL);
	frame.length = (uint32_t)(FRAME_HEADER + size);
	frame_write(&frame, to);
	return frame.length;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Structures of a stranger: a program's with their offsets, a provider's with everything in them.
 * The first bytes of an input choose table, version and form of the text.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tapi/tapi.h>

#include "fuzz.h"
#include "structs.h"
#include "utf.h"
#include "walk.h"

#define CHOICE	3u

static const uint32_t versions[SV_VERSIONS] = {
	0x00010003, 0x00010004, 0x00020000, 0x00020002, 0x00030000, 0x00030001,
};

static void assert_same(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
	size_t size = protobuf_c_message_get_packed_size(a);
	uint8_t *x = malloc(size + 1), *y = malloc(size + 1);

	FUZZ_ASSERT(x && y);
	FUZZ_ASSERT(protobuf_c_message_get_packed_size(b) == size);
	protobuf_c_message_pack(a, x);
	protobuf_c_message_pack(b, y);
	FUZZ_ASSERT(!memcmp(x, y, size));
	free(x);
	free(y);
}

/* What was read is written and read again: it is the same */
static void check_again(const struct sv_table *table, uint32_t version, unsigned int flags,
			const ProtobufCMessage *message)
{
	int64_t needed = sv_needed(table, version, flags, message);
	ProtobufCMessage *back;
	uint8_t *buffer;

	FUZZ_ASSERT(needed >= (int64_t)sv_fixed(table, version));
	buffer = malloc((size_t)needed);
	FUZZ_ASSERT(buffer);
	FUZZ_ASSERT(!sv_pack(table, version, flags, message, buffer, (uint32_t)needed));
	FUZZ_ASSERT(!sv_unpack(table, version, flags, buffer, (uint32_t)needed, NULL, &back));
	assert_same(message, back);
	protobuf_c_message_free_unpacked(back, NULL);
	free(buffer);
}

static bool try_varstring(const uint8_t *data, size_t size)
{
	ProtobufCBinaryData text;
	uint32_t format;
	int ret = sv_unpack_varstring(data, (uint32_t)size, NULL, &format, &text);

	if (ret < 0) {
		FUZZ_ASSERT(!text.data && (ret == -ENOSPC || ret == -EINVAL));
		return false;
	}
	FUZZ_ASSERT(format == STRINGFORMAT_ASCII || format == STRINGFORMAT_BINARY);
	if (format == STRINGFORMAT_ASCII)
		FUZZ_ASSERT(utf8_valid((const char *)text.data, text.len));
	free(text.data);
	return true;
}

bool fuzz_one(const uint8_t *data, size_t size)
{
	const struct sv_table *table;
	ProtobufCMessage *message;
	unsigned int flags;
	uint32_t version;
	int ret;

	if (size < CHOICE || size > FUZZ_MAX)
		return false;
	if (data[0] % (sv_tables_count + 1) == sv_tables_count)
		return try_varstring(data + CHOICE, size - CHOICE);
	table = sv_tables[data[0] % (sv_tables_count + 1)];
	version = versions[data[1] % SV_VERSIONS];
	flags = data[2] % 4;
	ret = sv_unpack(table, version, flags, data + CHOICE, (uint32_t)(size - CHOICE), NULL,
			&message);
	if (ret < 0) {
		FUZZ_ASSERT(!message && (ret == -ENOSPC || ret == -EINVAL || ret == -EILSEQ));
		return false;
	}
	FUZZ_ASSERT(message && walk_check(message) == 0);
	if (table->head != SV_ELEMENT)
		check_again(table, version, flags & SV_W, message);
	protobuf_c_message_free_unpacked(message, NULL);
	return true;
}

size_t fuzz_seed(unsigned int number, uint8_t *to)
{
	const struct sv_table *table = sv_tables[number % sv_tables_count];
	ProtobufCMessage *message = fuzz_message(table->message);
	uint32_t total = FUZZ_MAX - CHOICE;
	int64_t needed;
	unsigned int flags;
	uint32_t version;

	to[0] = (uint8_t)(number % sv_tables_count);
	to[1] = (uint8_t)fuzz_random(SV_VERSIONS);
	to[2] = (uint8_t)fuzz_random(4);
	version = versions[to[1]];
	flags = to[2] & SV_W;
	needed = sv_needed(table, version, flags, message);
	FUZZ_ASSERT(needed > 0 && needed < total);
	/* an element is packed as a structure without header, its texts behind it */
	FUZZ_ASSERT(!sv_pack(table, version, flags, message, to + CHOICE, total));
	protobuf_c_message_free_unpacked(message, NULL);
	return CHOICE + (size_t)needed;
}

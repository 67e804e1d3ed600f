/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The structure tables: every total from 0 to needed + 8, both forms of text, all versions.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>
#include <cmocka.h>

#include <tapi/tspi.h>

#include "structs.h"
#include "tapi.pb-c.h"

#define GUARD	0xA5
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const uint32_t versions[SV_VERSIONS] = {
	0x00010003, 0x00010004, 0x00020000, 0x00020002, 0x00030000, 0x00030001,
};

/* Reproducible numbers */
static uint32_t seed = 1;

static uint32_t number(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

static char *some_text(void)
{
	static const char *const texts[] = {
		"1", "+49 (30) 1234567", "Gr\xC3\xBC\xC3\x9F", "\xE2\x82\xAC", "a\xF0\x9F\x93\x9Ez",
		"a rather long name that does not fit into a small buffer",
	};

	return strdup(texts[number() % COUNT(texts)]);
}

/* Bytes of one entry of a list */
static size_t entry_size(const ProtobufCFieldDescriptor *f)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return sizeof(uint32_t);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	default:
		fail_msg("unexpected list %s", f->name);
		return 0;
	}
}

static ProtobufCMessage *some_message(const ProtobufCMessageDescriptor *d);

static void fill_one(const ProtobufCFieldDescriptor *f, void *to)
{
	ProtobufCBinaryData *bytes = to;
	size_t i;

	switch (f->type) {
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		*(uint32_t *)to = number() + 1;
		break;
	case PROTOBUF_C_TYPE_FIXED64:
		*(uint64_t *)to = (uint64_t)number() * 1000000000 + 1000;
		break;
	case PROTOBUF_C_TYPE_STRING:
		*(char **)to = some_text();
		break;
	case PROTOBUF_C_TYPE_BYTES:
		bytes->len = strstr(f->name, "guid") ? 16 : 1 + number() % 9;
		bytes->data = malloc(bytes->len);
		for (i = 0; i < bytes->len; i++)
			bytes->data[i] = number() | 1;
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		*(ProtobufCMessage **)to = some_message(f->descriptor);
		break;
	default:
		fail_msg("unexpected type of %s", f->name);
	}
}

/* A message with every field set, lists with one to three entries */
static ProtobufCMessage *some_message(const ProtobufCMessageDescriptor *d)
{
	ProtobufCMessage *m = calloc(1, d->sizeof_message);
	unsigned int i, j;

	protobuf_c_message_init(d, m);
	for (i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		char *quantifier = (char *)m + f->quantifier_offset;
		char *member = (char *)m + f->offset;
		size_t n, size;

		if (f->label != PROTOBUF_C_LABEL_REPEATED) {
			fill_one(f, member);
			if (f->type != PROTOBUF_C_TYPE_STRING && f->type != PROTOBUF_C_TYPE_MESSAGE)
				*(protobuf_c_boolean *)quantifier = true;
			continue;
		}
		n = 1 + number() % 3;
		size = entry_size(f);
		*(size_t *)quantifier = n;
		*(char **)member = calloc(n, size);
		for (j = 0; j < n; j++)
			fill_one(f, *(char **)member + j * size);
	}
	return m;
}

static void assert_same(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
	size_t n = protobuf_c_message_get_packed_size(a);
	uint8_t *x = malloc(n), *y = malloc(n);

	assert_int_equal(protobuf_c_message_get_packed_size(b), n);
	protobuf_c_message_pack(a, x);
	protobuf_c_message_pack(b, y);
	assert_memory_equal(x, y, n);
	free(x);
	free(y);
}

static void assert_subset(const ProtobufCMessage *all, const ProtobufCMessage *some);

static bool same_value(const ProtobufCFieldDescriptor *f, const void *a, const void *b)
{
	const ProtobufCBinaryData *x = a, *y = b;

	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING:
		return !strcmp(*(char *const *)a, *(char *const *)b);
	case PROTOBUF_C_TYPE_BYTES:
		return x->len == y->len && !memcmp(x->data, y->data, x->len);
	case PROTOBUF_C_TYPE_MESSAGE:
		assert_subset(*(ProtobufCMessage *const *)a, *(ProtobufCMessage *const *)b);
		return true;
	case PROTOBUF_C_TYPE_FIXED64:
		return *(const uint64_t *)a == *(const uint64_t *)b;
	default:
		return *(const uint32_t *)a == *(const uint32_t *)b;
	}
}

/* Whatever is in the second message is in the first one as well: nothing was cut */
static void assert_subset(const ProtobufCMessage *all, const ProtobufCMessage *some)
{
	unsigned int i, j;

	for (i = 0; i < all->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &all->descriptor->fields[i];
		const char *a = (const char *)all + f->offset, *b = (const char *)some + f->offset;
		size_t n, size;

		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			n = *(const size_t *)((const char *)some + f->quantifier_offset);
			size = entry_size(f);
			if (n)
				assert_int_equal(n, *(const size_t *)((const char *)all +
								      f->quantifier_offset));
			for (j = 0; j < n; j++)
				assert_true(same_value(f, *(char *const *)a + j * size,
						       *(char *const *)b + j * size));
			continue;
		}
		if (f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_MESSAGE)
			n = *(void *const *)b != NULL;
		else
			n = *(const protobuf_c_boolean *)((const char *)some +
							  f->quantifier_offset);
		if (n)
			assert_true(same_value(f, a, b));
	}
}

static uint32_t word(const unsigned char *buffer, size_t at)
{
	uint32_t value;

	memcpy(&value, buffer + at, 4);
	return value;
}

/* One structure with one total; the buffer is unaligned on purpose */
static void check_total(const struct sv_table *t, uint32_t version, unsigned int flags,
			const ProtobufCMessage *m, uint32_t total, uint32_t needed)
{
	unsigned char *block = malloc(total + 17), *buffer = block + 1;
	ProtobufCMessage *back = NULL;
	size_t used = total, i;
	int ret;

	memset(block, GUARD, total + 17);
	ret = sv_pack(t, version, flags, m, buffer, total);
	assert_int_equal(block[0], GUARD);
	for (i = total; i < total + 16; i++)
		assert_int_equal(buffer[i], GUARD);
	if (total < sv_fixed(t, version)) {
		assert_int_equal(ret, -ENOSPC);
		for (i = 0; i < total; i++)
			if (t->head != SV_OUTPUT || total < 8 || i < 4 || i > 7)
				assert_int_equal(buffer[i], GUARD);
		if (t->head == SV_OUTPUT && total >= 8)
			assert_int_equal(word(buffer, 4), needed);
		free(block);
		return;
	}
	assert_int_equal(ret, 0);
	if (t->head == SV_OUTPUT) {
		assert_int_equal(word(buffer, 4), needed);
		used = word(buffer, 8);
		assert_int_equal(word(buffer, 0), GUARD * 0x01010101u);
	} else if (t->head == SV_INPUT) {
		used = word(buffer, 0);
	}
	assert_true(used <= total);
	for (i = used; i < total; i++)
		assert_int_equal(buffer[i], GUARD);
	assert_int_equal(sv_unpack(t, version, flags, buffer, used, NULL, &back), 0);
	assert_subset(m, back);
	if (total >= needed) {
		assert_int_equal(used, needed);
		if (version == 0x00030001)
			assert_same(m, back);
	} else if (t->head == SV_OUTPUT) {
		assert_true(used < needed);
	}
	protobuf_c_message_free_unpacked(back, NULL);
	free(block);
}

static void test_totals(void **state)
{
	unsigned int flags;
	int64_t needed;
	uint32_t total;
	size_t i, v;

	(void)state;
	for (i = 0; i < sv_tables_count; i++) {
		const struct sv_table *t = sv_tables[i];
		ProtobufCMessage *m = some_message(t->message);

		/* An element knows no totals of its own */
		for (v = 0; t->head != SV_ELEMENT && v < SV_VERSIONS; v++) {
			for (flags = SV_A; flags <= SV_W; flags++) {
				needed = sv_needed(t, versions[v], flags, m);
				assert_true(needed >= t->fixed[v]);
				for (total = 0; total <= needed + 8; total++)
					check_total(t, versions[v], flags, m, total, needed);
			}
		}
		protobuf_c_message_free_unpacked(m, NULL);
	}
}

/* Structure to message and back is exact in every version */
static void test_round_trip(void **state)
{
	unsigned char *one, *two;
	ProtobufCMessage *m, *back;
	unsigned int flags;
	int64_t needed;
	size_t i, v;

	(void)state;
	for (i = 0; i < sv_tables_count * SV_VERSIONS * 2; i++) {
		const struct sv_table *t = sv_tables[i / SV_VERSIONS / 2];

		v = i / 2 % SV_VERSIONS;
		flags = i % 2;
		if (t->head == SV_ELEMENT)
			continue;
		m = some_message(t->message);
		needed = sv_needed(t, versions[v], flags, m);
		one = calloc(1, needed);
		two = calloc(1, needed);
		assert_int_equal(sv_pack(t, versions[v], flags, m, one, needed), 0);
		assert_int_equal(sv_unpack(t, versions[v], flags, one, needed, NULL, &back), 0);
		assert_int_equal(sv_needed(t, versions[v], flags, back), needed);
		assert_int_equal(sv_pack(t, versions[v], flags, back, two, needed), 0);
		assert_memory_equal(one, two, needed);
		protobuf_c_message_free_unpacked(m, NULL);
		protobuf_c_message_free_unpacked(back, NULL);
		free(one);
		free(two);
	}
}

/* The fixed sizes of the structures that grew */
static void test_fixed_sizes(void **state)
{
	static const struct {
		const struct sv_table *table;
		uint16_t sizes[SV_VERSIONS];
	} facts[] = {
		{ &sv_lineaddresscaps, { 180, 180, 228, 228, 228, 228 } },
		{ &sv_linecallinfo, { 296, 296, 324, 324, 344, 344 } },
		{ &sv_linecallparams, { 112, 112, 176, 176, 180, 180 } },
		{ &sv_linecallstatus, { 36, 36, 56, 56, 56, 56 } },
		{ &sv_linedevcaps, { 236, 240, 252, 268, 292, 292 } },
		{ &sv_linedevstatus, { 76, 76, 88, 88, 88, 88 } },
		{ &sv_lineforward, { 24, 24, 24, 24, 24, 32 } },
		{ &sv_lineaddressstatus, { 64, 64, 64, 64, 64, 64 } },
		{ &sv_linecalllist, { 24, 24, 24, 24, 24, 24 } },
	};
	size_t i, v;

	(void)state;
	for (i = 0; i < COUNT(facts); i++)
		for (v = 0; v < SV_VERSIONS; v++)
			assert_int_equal(sv_fixed(facts[i].table, versions[v]), facts[i].sizes[v]);
	assert_int_equal(sv_fixed(&sv_linedevcaps, 0x00020001), 252);
	assert_int_equal(sv_fixed(&sv_linedevcaps, 0x00040000), 292);
}

/* The tables cover every byte of the newest structure behind its header exactly once */
static void test_coverage(void **state)
{
	static const uint8_t widths[] = {
		[SV_KIND_U32] = 4, [SV_KIND_GUID] = 16, [SV_KIND_TIME] = 16, [SV_KIND_STR] = 8,
		[SV_KIND_BLOB] = 8, [SV_KIND_ARRAY] = 8, [SV_KIND_WORDS] = 8,
		[SV_KIND_TEXTS] = 12, [SV_KIND_MULTISZ] = 8,
	};
	unsigned char seen[512];
	size_t i, j, k, start;

	(void)state;
	for (i = 0; i < sv_tables_count; i++) {
		const struct sv_table *t = sv_tables[i];

		memset(seen, 0, sizeof(seen));
		for (j = 0; j < t->count; j++) {
			const struct sv_field *f = &t->fields[j];
			size_t width = f->kind == SV_KIND_EMBED ? f->sub->fixed[SV_3_1] :
				       widths[f->kind];

			for (k = 0; k < width; k++)
				seen[f->at + k]++;
			for (k = 0; f->count_at != SV_NONE && k < 4; k++)
				seen[f->count_at + k]++;
		}
		start = t->head == SV_OUTPUT ? 12 : t->head == SV_INPUT ? 4 : 0;
		for (k = start; k < t->fixed[SV_3_1]; k++)
			if (seen[k] != 1)
				fail_msg("%s: byte %zu is covered %d times", t->name, k, seen[k]);
	}
}

/* Where the parts lie: a program written for Windows reads them without these tables */
static void test_windows_view(void **state)
{
	Tapi__Rpc__CallInfo m = TAPI__RPC__CALL_INFO__INIT;
	union {
		unsigned char bytes[1024];
		LINECALLINFO info;
	} u;

	(void)state;
	m.has_call_id = true;
	m.call_id = 77;
	m.caller_id = (char *)"0301234";
	m.caller_id_name = (char *)"B\xC3\xA4r";
	memset(&u, GUARD, sizeof(u));
	assert_int_equal(sv_pack(&sv_linecallinfo, 0x00020002, SV_W, &m.base, u.bytes, 1024), 0);
	assert_int_equal(u.info.dwCallID, 77);
	assert_int_equal(u.info.dwCallerIDSize, 16);
	assert_int_equal(u.info.dwCallerIDOffset, 324);
	assert_memory_equal(u.bytes + u.info.dwCallerIDOffset, u"0301234", 16);
	assert_int_equal(u.info.dwCallerIDNameSize, 8);
	assert_memory_equal(u.bytes + u.info.dwCallerIDNameOffset, u"B\u00E4r", 8);
	assert_int_equal(u.info.dwCommentSize, 0);
	assert_int_equal(u.info.dwCommentOffset, 0);
	assert_int_equal(u.info.dwUsedSize, 348);
	assert_int_equal(sv_pack(&sv_linecallinfo, 0x00020002, SV_A, &m.base, u.bytes, 1024), 0);
	assert_string_equal((char *)u.bytes + u.info.dwCallerIDNameOffset, "B\xC3\xA4r");
	assert_int_equal(u.info.dwCallerIDNameSize, 5);
}

static void test_lists(void **state)
{
	uint32_t calls[] = { 0x10001, 0x20002, 0x30003 };
	Tapi__Rpc__CallList m = TAPI__RPC__CALL_LIST__INIT;
	union {
		unsigned char bytes[64];
		LINECALLLIST list;
	} u;

	(void)state;
	m.n_calls = 3;
	m.calls = calls;
	assert_int_equal(sv_pack(&sv_linecalllist, 0x00020002, SV_A, &m.base, u.bytes, 64), 0);
	assert_int_equal(u.list.dwCallsNumEntries, 3);
	assert_int_equal(u.list.dwCallsSize, 12);
	assert_memory_equal(u.bytes + u.list.dwCallsOffset, calls, 12);
	/* No room for all: none, and the count says so */
	assert_int_equal(sv_pack(&sv_linecalllist, 0x00020002, SV_A, &m.base, u.bytes, 35), 0);
	assert_int_equal(u.list.dwCallsNumEntries, 0);
	assert_int_equal(u.list.dwCallsOffset, 0);
	assert_int_equal(u.list.dwNeededSize, 36);
	assert_int_equal(u.list.dwUsedSize, 24);
}

static void set32(unsigned char *buffer, size_t at, uint32_t value)
{
	memcpy(buffer + at, &value, 4);
}

static int unpack_pair(uint32_t size, uint32_t offset, ProtobufCMessage **m)
{
	unsigned char buffer[256] = { 0 };

	set32(buffer, 0, sizeof(buffer));
	set32(buffer, offsetof(LINECALLPARAMS, dwCommentSize), size);
	set32(buffer, offsetof(LINECALLPARAMS, dwCommentOffset), offset);
	memcpy(buffer + 200, "hello", 6);
	return sv_unpack(&sv_linecallparams, 0x00030001, SV_A, buffer, sizeof(buffer), NULL, m);
}

static void test_strangers_offsets(void **state)
{
	static const uint32_t bad[][2] = {
		{ 1, 256 + 1 }, { 1, 0xFFFFFFFF }, { 0xFFFFFFFF, 200 }, { 57, 200 },
		{ 0xFFFFFFF0, 0x20 }, { 6, 179 }, { 6, 4 }, { 0x80000000, 0x80000000 }, { 0xFFFFFF38, 200 },
	};
	static const uint32_t empty[][2] = {
		{ 0, 0 }, { 0, 200 }, { 6, 0 }, { 1, 206 }, { 0, 999 },
	};
	Tapi__Rpc__CallParams *p;
	ProtobufCMessage *m;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		assert_int_equal(unpack_pair(bad[i][0], bad[i][1], &m), -EINVAL);
		assert_null(m);
	}
	for (i = 0; i < COUNT(empty); i++) {
		assert_int_equal(unpack_pair(empty[i][0], empty[i][1], &m), 0);
		p = (Tapi__Rpc__CallParams *)m;
		assert_null(p->comment);
		protobuf_c_message_free_unpacked(m, NULL);
	}
	for (i = 5; i <= 56; i += 51) {
		assert_int_equal(unpack_pair(i, 200, &m), 0);
		p = (Tapi__Rpc__CallParams *)m;
		assert_string_equal(p->comment, "hello");
		protobuf_c_message_free_unpacked(m, NULL);
	}
}

static void test_bad_text(void **state)
{
	unsigned char buffer[512] = { 0 };
	static const char16_t lone[] = { '1', 0xDC00, '2', 0 };
	Tapi__Rpc__CallParams p = TAPI__RPC__CALL_PARAMS__INIT;
	ProtobufCMessage *m;
	int ret;

	(void)state;
	p.comment = (char *)"\xFF";
	assert_int_equal(sv_needed(&sv_linecallparams, 0x00020002, SV_A, &p.base), -EILSEQ);
	ret = sv_pack(&sv_linecallparams, 0x00020002, SV_W, &p.base, buffer, 512);
	assert_int_equal(ret, -EILSEQ);
	set32(buffer, offsetof(LINECALLPARAMS, dwCommentSize), 2);
	set32(buffer, offsetof(LINECALLPARAMS, dwCommentOffset), 200);
	buffer[200] = 0xC3;
	ret = sv_unpack(&sv_linecallparams, 0x00020002, SV_A, buffer, 512, NULL, &m);
	assert_int_equal(ret, -EILSEQ);
	set32(buffer, offsetof(LINECALLPARAMS, dwCommentSize), sizeof(lone));
	memcpy(buffer + 200, lone, sizeof(lone));
	ret = sv_unpack(&sv_linecallparams, 0x00020002, SV_W, buffer, 512, NULL, &m);
	assert_int_equal(ret, -EILSEQ);
	ret = sv_unpack(&sv_linecallparams, 0x00020002, SV_W | SV_REPAIR, buffer, 512, NULL, &m);
	assert_int_equal(ret, 1);
	assert_string_equal(((Tapi__Rpc__CallParams *)m)->comment, "1\xEF\xBF\xBD" "2");
	protobuf_c_message_free_unpacked(m, NULL);
}

static void test_bad_count(void **state)
{
	unsigned char buffer[128] = { 0 };
	ProtobufCMessage *m;

	(void)state;
	set32(buffer, offsetof(LINECALLLIST, dwCallsSize), 8);
	set32(buffer, offsetof(LINECALLLIST, dwCallsOffset), 24);
	set32(buffer, offsetof(LINECALLLIST, dwCallsNumEntries), 3);
	assert_int_equal(sv_unpack(&sv_linecalllist, 0x00020002, SV_A, buffer, 128, NULL, &m),
			 -EINVAL);
	set32(buffer, offsetof(LINECALLLIST, dwCallsNumEntries), 0x40000001);
	assert_int_equal(sv_unpack(&sv_linecalllist, 0x00020002, SV_A, buffer, 128, NULL, &m),
			 -EINVAL);
	set32(buffer, offsetof(LINECALLLIST, dwCallsNumEntries), 1);
	assert_int_equal(sv_unpack(&sv_linecalllist, 0x00020002, SV_A, buffer, 128, NULL, &m), 0);
	assert_int_equal(((Tapi__Rpc__CallList *)m)->n_calls, 1);
	protobuf_c_message_free_unpacked(m, NULL);
}

/* An allocator that fails at the nth request, and counts */
struct failing {
	size_t until, live;
};

static void *failing_alloc(void *data, size_t size)
{
	struct failing *f = data;

	if (!f->until)
		return NULL;
	f->until--;
	f->live++;
	return malloc(size);
}

static void failing_free(void *data, void *p)
{
	struct failing *f = data;

	if (p)
		f->live--;
	free(p);
}

static void test_no_memory(void **state)
{
	ProtobufCMessage *m = some_message(&tapi__rpc__dev_caps__descriptor), *back;
	int64_t needed = sv_needed(&sv_linedevcaps, 0x00030001, SV_W, m);
	unsigned char *buffer = malloc(needed);
	struct failing f = { 0 };
	ProtobufCAllocator a = { failing_alloc, failing_free, &f };
	int ret = -ENOMEM;
	size_t n;

	(void)state;
	assert_int_equal(sv_pack(&sv_linedevcaps, 0x00030001, SV_W, m, buffer, needed), 0);
	for (n = 0; ret == -ENOMEM; n++) {
		f.until = n;
		ret = sv_unpack(&sv_linedevcaps, 0x00030001, SV_W, buffer, needed, &a, &back);
		if (ret)
			assert_int_equal(f.live, 0);
	}
	assert_int_equal(ret, 0);
	assert_true(n > 10);
	assert_same(m, back);
	protobuf_c_message_free_unpacked(back, &a);
	assert_int_equal(f.live, 0);
	protobuf_c_message_free_unpacked(m, NULL);
	free(buffer);
}

/* Structures with damaged words: any answer, but no byte outside is read (run with ASan) */
static void test_damage(void **state)
{
	unsigned int flags, round, k;
	int accepted = 0, refused = 0;
	ProtobufCMessage *m, *back;
	unsigned char *buffer;
	int64_t needed;
	size_t i;

	(void)state;
	for (i = 0; i < sv_tables_count; i++) {
		const struct sv_table *t = sv_tables[i];

		if (t->head == SV_ELEMENT)
			continue;
		m = some_message(t->message);
		for (round = 0; round < 3000; round++) {
			flags = round % 2 ? SV_W | SV_REPAIR : SV_A;
			needed = sv_needed(t, 0x00030001, flags & SV_W, m);
			buffer = malloc(needed);
			sv_pack(t, 0x00030001, flags & SV_W, m, buffer, needed);
			for (k = 0; k < 1 + round % 4; k++)
				set32(buffer, number() % (t->fixed[SV_3_1] - 3),
				      number() % 3 ? number() % (needed + 4) : 0u - number() % 64);
			if (sv_unpack(t, 0x00030001, flags, buffer, needed, NULL, &back) >= 0) {
				protobuf_c_message_free_unpacked(back, NULL);
				accepted++;
			} else {
				assert_null(back);
				refused++;
			}
			free(buffer);
		}
		protobuf_c_message_free_unpacked(m, NULL);
	}
	assert_true(accepted > 100 && refused > 100);
}

static void check_varstring(uint32_t format, const char *data, size_t size, unsigned int flags)
{
	uint32_t needed, total, got;
	unsigned char buffer[128];
	ProtobufCBinaryData back;
	size_t i;

	memset(buffer, GUARD, sizeof(buffer));
	assert_int_equal(sv_pack_varstring(format, data, size, flags, buffer, 128), 0);
	needed = word(buffer, 4);
	for (total = 0; total <= needed + 8; total++) {
		memset(buffer, GUARD, sizeof(buffer));
		assert_int_equal(sv_pack_varstring(format, data, size, flags, buffer, total),
				 total < 24 ? -ENOSPC : 0);
		for (i = total; i < sizeof(buffer); i++)
			assert_int_equal(buffer[i], GUARD);
		if (total < 24)
			continue;
		assert_int_equal(word(buffer, 4), needed);
		assert_int_equal(sv_unpack_varstring(buffer, word(buffer, 8), NULL, &got, &back),
				 0);
		assert_int_equal(got, format);
		assert_int_equal(back.len, total < needed ? 0 : size);
		if (back.len)
			assert_memory_equal(back.data, data, size);
		free(back.data);
	}
}

static void test_varstring(void **state)
{
	unsigned char buffer[64] = { 0 };

	(void)state;
	check_varstring(STRINGFORMAT_ASCII, "hw:TAPI0,2", 10, SV_A);
	check_varstring(STRINGFORMAT_ASCII, "hw:TAPI0,2", 10, SV_W);
	check_varstring(STRINGFORMAT_ASCII, "\xE2\x82\xAC", 3, SV_W);
	check_varstring(STRINGFORMAT_BINARY, "\0\1\2\377", 4, SV_W);
	assert_int_equal(sv_pack_varstring(STRINGFORMAT_ASCII, "12", 2, SV_W, buffer, 64), 0);
	assert_int_equal(word(buffer, 12), STRINGFORMAT_UNICODE);
	assert_int_equal(word(buffer, 16), 6);
	assert_memory_equal(buffer + word(buffer, 20), u"12", 6);
	assert_int_equal(sv_pack_varstring(STRINGFORMAT_ASCII, "\xFF", 1, SV_A, buffer, 64),
			 -EILSEQ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed_sizes),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_windows_view),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_strangers_offsets),
		cmocka_unit_test(test_bad_text),
		cmocka_unit_test(test_bad_count),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_varstring),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("structs", tests, NULL, NULL);
}

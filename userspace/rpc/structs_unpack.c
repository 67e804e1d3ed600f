/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tapi/tapi.h>

#include "structs_private.h"
#include "utf.h"

/* Reads one structure.  Every offset and size in it is a stranger's until it was checked. */
struct reader {
	const unsigned char *buf;
	size_t size;		/* bytes that may be read */
	size_t fixed;		/* variable parts start behind this offset */
	uint32_t version;
	bool wide;
	bool repair;
	bool repaired;
	ProtobufCAllocator *allocator;
};

/* A variable part that lies inside the structure */
struct part {
	const unsigned char *data;
	size_t size;
};

void sv_guid_swap(unsigned char *to, const unsigned char *from)
{
	uint32_t a;
	uint16_t b, c;

	memcpy(&a, from, 4);
	memcpy(&b, from + 4, 2);
	memcpy(&c, from + 6, 2);
	a = htobe32(a);
	b = htobe16(b);
	c = htobe16(c);
	memcpy(to, &a, 4);
	memcpy(to + 4, &b, 2);
	memcpy(to + 6, &c, 2);
	memcpy(to + 8, from + 8, 8);
}

static void *take(ProtobufCAllocator *allocator, size_t size)
{
	void *p = allocator ? allocator->alloc(allocator->allocator_data, size) : malloc(size);

	if (p)
		memset(p, 0, size);
	return p;
}

static uint32_t get32(const struct reader *r, size_t at)
{
	uint32_t value;

	memcpy(&value, r->buf + at, sizeof(value));
	return value;
}

/* The three ways to say "empty" (size 0, offset 0, a lone NUL later on) become an empty part */
static int get_part(const struct reader *r, size_t at, struct part *part)
{
	size_t size = get32(r, at), offset = get32(r, at + 4);

	*part = (struct part){ 0 };
	if (!size || !offset)
		return 0;
	if (offset < r->fixed || offset > r->size || size > r->size - offset)
		return -EINVAL;
	part->data = r->buf + offset;
	part->size = size;
	return 0;
}

/* Text up to its NUL, or all of it when the NUL is missing; NULL for an empty one */
static int get_text(struct reader *r, const unsigned char *data, size_t size, char **text)
{
	bool repaired = false;
	ssize_t n;

	*text = NULL;
	if (r->wide) {
		size = utf16_length(data, size);
		n = utf16_to_utf8(NULL, 0, data, size, r->repair ? &repaired : NULL);
	} else {
		size = strnlen((const char *)data, size);
		n = utf8_valid((const char *)data, size) ? (ssize_t)size : -EILSEQ;
	}
	if (n <= 0)
		return n;
	*text = take(r->allocator, n + 1);
	if (!*text)
		return -ENOMEM;
	if (r->wide)
		utf16_to_utf8(*text, n, data, size, &repaired);
	else
		memcpy(*text, data, size);
	r->repaired |= repaired;
	return 0;
}

static int get_str(struct reader *r, size_t at, char **text)
{
	struct part part;
	int ret = get_part(r, at, &part);

	if (ret || !part.size)
		return ret;
	return get_text(r, part.data, part.size, text);
}

static int get_blob(struct reader *r, size_t at, ProtobufCBinaryData *data,
		    protobuf_c_boolean *has)
{
	struct part part;
	int ret = get_part(r, at, &part);

	if (ret || !part.size)
		return ret;
	data->data = take(r->allocator, part.size);
	if (!data->data)
		return -ENOMEM;
	memcpy(data->data, part.data, part.size);
	data->len = part.size;
	*has = true;
	return 0;
}

static int get_guid(struct reader *r, size_t at, ProtobufCBinaryData *data,
		    protobuf_c_boolean *has)
{
	static const unsigned char none[16];

	if (!memcmp(r->buf + at, none, sizeof(none)))
		return 0;
	data->data = take(r->allocator, 16);
	if (!data->data)
		return -ENOMEM;
	sv_guid_swap(data->data, r->buf + at);
	data->len = 16;
	*has = true;
	return 0;
}

/* A time that no calendar knows is left out: it informs, nothing depends on it */
static void get_time(const struct reader *r, size_t at, uint64_t *usec, protobuf_c_boolean *has)
{
	struct tm tm = { 0 };
	SYSTEMTIME st;

	memcpy(&st, r->buf + at, sizeof(st));
	if (st.wYear < 1970 || st.wMonth < 1 || st.wMonth > 12 || st.wDay < 1 || st.wDay > 31 ||
	    st.wHour > 23 || st.wMinute > 59 || st.wSecond > 60 || st.wMilliseconds > 999)
		return;
	tm.tm_year = st.wYear - 1900;
	tm.tm_mon = st.wMonth - 1;
	tm.tm_mday = st.wDay;
	tm.tm_hour = st.wHour;
	tm.tm_min = st.wMinute;
	tm.tm_sec = st.wSecond;
	*usec = (uint64_t)timegm(&tm) * 1000000 + st.wMilliseconds * 1000;
	*has = *usec != 0;
}

/* Number of entries of a list of entries of this size; 0 is an empty list */
static int get_count(const struct reader *r, size_t base, const struct sv_field *field,
		     const struct part *part, size_t stride, size_t *count)
{
	*count = part->size / stride;
	if (field->count_at == SV_NONE || !part->size)
		return 0;
	*count = get32(r, base + field->count_at);
	return *count > part->size / stride ? -EINVAL : 0;
}

static int get_words(struct reader *r, size_t base, const struct sv_field *field, uint32_t **words,
		     size_t *n)
{
	struct part part;
	size_t count;
	int ret = get_part(r, base + field->at, &part);

	if (!ret)
		ret = get_count(r, base, field, &part, 4, &count);
	if (ret || !count)
		return ret;
	*words = take(r->allocator, count * 4);
	if (!*words)
		return -ENOMEM;
	memcpy(*words, part.data, count * 4);
	*n = count;
	return 0;
}

/* Appends a text to a list that has room; an empty text stays an empty text */
static int add_text(struct reader *r, const unsigned char *data, size_t size, char **texts,
		    size_t *n)
{
	char *text;
	int ret = get_text(r, data, size, &text);

	if (ret)
		return ret;
	if (!text)
		text = take(r->allocator, 1);
	if (!text)
		return -ENOMEM;
	texts[(*n)++] = text;
	return 0;
}

static int get_texts(struct reader *r, size_t at, char ***texts, size_t *n)
{
	size_t slot = get32(r, at), i;
	struct part part;
	int ret = get_part(r, at + 4, &part);

	if (ret || !part.size || !slot)
		return ret;
	if (part.size / slot == 0)
		return 0;
	*texts = take(r->allocator, part.size / slot * sizeof(char *));
	if (!*texts)
		return -ENOMEM;
	for (i = 0; !ret && i < part.size / slot; i++)
		ret = add_text(r, part.data + i * slot, slot, *texts, n);
	return ret;
}

/* Bytes of the next text of a MULTISZ with its NUL; 0 at the end */
static size_t next_text(const struct reader *r, const unsigned char *data, size_t size)
{
	size_t unit = r->wide ? 2 : 1, n;

	n = r->wide ? utf16_length(data, size) : strnlen((const char *)data, size);
	if (!n)
		return 0;
	return n + unit <= size ? n + unit : n;
}

static int get_multisz(struct reader *r, size_t at, char ***texts, size_t *n)
{
	size_t count = 0, pos, step;
	struct part part;
	int ret = get_part(r, at, &part);

	if (ret || !part.size)
		return ret;
	for (pos = 0; (step = next_text(r, part.data + pos, part.size - pos)); pos += step)
		count++;
	if (!count)
		return 0;
	*texts = take(r->allocator, count * sizeof(char *));
	if (!*texts)
		return -ENOMEM;
	for (pos = 0; !ret && *n < count; pos += step) {
		step = next_text(r, part.data + pos, part.size - pos);
		ret = add_text(r, part.data + pos, step, *texts, n);
	}
	return ret;
}

static int get_fields(struct reader *r, const struct sv_table *table, size_t base,
		      ProtobufCMessage *message);

static int get_message(struct reader *r, const struct sv_table *table, size_t base,
		       ProtobufCMessage **message)
{
	int ret;

	*message = take(r->allocator, table->message->sizeof_message);
	if (!*message)
		return -ENOMEM;
	protobuf_c_message_init(table->message, *message);
	ret = get_fields(r, table, base, *message);
	if (ret) {
		protobuf_c_message_free_unpacked(*message, r->allocator);
		*message = NULL;
	}
	return ret;
}

static int get_array(struct reader *r, size_t base, const struct sv_field *field,
		     ProtobufCMessage ***entries, size_t *n)
{
	size_t stride = sv_fixed(field->sub, r->version), count, i;
	struct part part;
	int ret = get_part(r, base + field->at, &part);

	if (!ret)
		ret = get_count(r, base, field, &part, stride, &count);
	if (ret || !count)
		return ret;
	*entries = take(r->allocator, count * sizeof(**entries));
	if (!*entries)
		return -ENOMEM;
	for (i = 0; !ret && i < count; i++) {
		ret = get_message(r, field->sub, part.data - r->buf + i * stride, &(*entries)[i]);
		if (!ret)
			(*n)++;
	}
	return ret;
}

static int get_field(struct reader *r, const struct sv_field *field, size_t base,
		     ProtobufCMessage *message)
{
	void *member = SV_MEMBER(message, field->member);
	void *has = SV_MEMBER(message, field->has);
	size_t at = base + field->at;

	switch (field->kind) {
	case SV_KIND_U32:
		*(uint32_t *)member = get32(r, at);
		*(protobuf_c_boolean *)has = *(uint32_t *)member != 0;
		return 0;
	case SV_KIND_GUID:
		return get_guid(r, at, member, has);
	case SV_KIND_TIME:
		get_time(r, at, member, has);
		return 0;
	case SV_KIND_EMBED:
		return get_message(r, field->sub, at, member);
	case SV_KIND_STR:
		return get_str(r, at, member);
	case SV_KIND_BLOB:
		return get_blob(r, at, member, has);
	case SV_KIND_ARRAY:
		return get_array(r, base, field, member, has);
	case SV_KIND_WORDS:
		return get_words(r, base, field, member, has);
	case SV_KIND_TEXTS:
		return get_texts(r, at, member, has);
	case SV_KIND_MULTISZ:
		return get_multisz(r, at, member, has);
	}
	return -EINVAL;
}

static int get_fields(struct reader *r, const struct sv_table *table, size_t base,
		      ProtobufCMessage *message)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < table->count; i++)
		if (sv_exists(table, &table->fields[i], r->version))
			ret = get_field(r, &table->fields[i], base, message);
	return ret;
}

int sv_unpack(const struct sv_table *table, uint32_t version, unsigned int flags,
	      const void *buffer, uint32_t size, ProtobufCAllocator *allocator,
	      ProtobufCMessage **message)
{
	struct reader r = {
		.buf = buffer, .size = size, .fixed = sv_fixed(table, version),
		.version = version, .wide = flags & SV_W, .repair = flags & SV_REPAIR,
		.allocator = allocator,
	};
	int ret;

	*message = NULL;
	if (size < r.fixed)
		return -ENOSPC;
	ret = get_message(&r, table, 0, message);
	return ret ? ret : r.repaired;
}

/* A text of a VARSTRING as UTF-8 */
static int varstring_text(struct reader *r, const struct part *part, ProtobufCBinaryData *data)
{
	char *text;
	int ret = get_text(r, part->data, part->size, &text);

	if (ret == -EILSEQ) {
		/* 8-bit text that is no UTF-8: better to lose it than to hand on nonsense */
		r->repaired = true;
		return 0;
	}
	if (ret || !text)
		return ret;
	data->data = (uint8_t *)text;
	data->len = strlen(text);
	return 0;
}

int sv_unpack_varstring(const void *buffer, uint32_t size, ProtobufCAllocator *allocator,
			uint32_t *format, ProtobufCBinaryData *data)
{
	struct reader r = {
		.buf = buffer, .size = size, .fixed = sizeof(VARSTRING), .repair = true,
		.allocator = allocator,
	};
	protobuf_c_boolean has;
	struct part part;
	int ret;

	*data = (ProtobufCBinaryData){ 0 };
	if (size < sizeof(VARSTRING))
		return -ENOSPC;
	*format = get32(&r, offsetof(VARSTRING, dwStringFormat));
	if (*format != STRINGFORMAT_ASCII && *format != STRINGFORMAT_DBCS &&
	    *format != STRINGFORMAT_UNICODE) {
		*format = STRINGFORMAT_BINARY;
		return get_blob(&r, offsetof(VARSTRING, dwStringSize), data, &has);
	}
	r.wide = *format == STRINGFORMAT_UNICODE;
	*format = STRINGFORMAT_ASCII;
	ret = get_part(&r, offsetof(VARSTRING, dwStringSize), &part);
	if (ret || !part.size)
		return ret;
	ret = varstring_text(&r, &part, data);
	return ret ? ret : r.repaired;
}

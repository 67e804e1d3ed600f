/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <tapi/tapi.h>

#include "structs_private.h"
#include "utf.h"

/*
 * Writes one structure.  With buf NULL it only counts, which is how sv_needed() and the size of an
 * array with its texts are found.
 */
struct writer {
	unsigned char *buf;
	size_t limit;		/* never write at or behind this offset */
	size_t pos;		/* end of what is written */
	size_t needed;		/* end of what would be written if there were room */
	uint32_t version;
	bool wide;
	int error;
};

const struct sv_table *const sv_tables[] = {
	&sv_linedialparams, &sv_linetermcaps, &sv_linecalltreatmententry, &sv_lineappinfo,
	&sv_lineforward, &sv_linedevcaps, &sv_lineaddresscaps, &sv_linecallinfo,
	&sv_linecallstatus, &sv_linedevstatus, &sv_linecallparams, &sv_lineaddressstatus,
	&sv_linecalllist,
};
const size_t sv_tables_count = SV_COUNT(sv_tables);

size_t sv_fixed(const struct sv_table *table, uint32_t version)
{
	if (version < 0x00010004)
		return table->fixed[SV_1_3];
	if (version < 0x00020000)
		return table->fixed[SV_1_4];
	if (version < 0x00020002)
		return table->fixed[SV_2_0];
	if (version < 0x00030000)
		return table->fixed[SV_2_2];
	if (version < 0x00030001)
		return table->fixed[SV_3_0];
	return table->fixed[SV_3_1];
}

bool sv_exists(const struct sv_table *table, const struct sv_field *field, uint32_t version)
{
	size_t width;

	switch (field->kind) {
	case SV_KIND_U32:
		width = 4;
		break;
	case SV_KIND_GUID:
	case SV_KIND_TIME:
		width = 16;
		break;
	case SV_KIND_EMBED:
		width = sv_fixed(field->sub, version);
		break;
	case SV_KIND_TEXTS:
		width = 12;
		break;
	default:
		width = 8;
	}
	return field->at + width <= sv_fixed(table, version);
}

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static void put32(struct writer *w, size_t at, uint32_t value)
{
	if (w->buf)
		memcpy(w->buf + at, &value, sizeof(value));
}

/* Room for a variable part: its offset, or 0 when there is none */
static size_t reserve(struct writer *w, size_t bytes)
{
	size_t at = align4(w->pos);

	w->needed = align4(w->needed) + bytes;
	if (!w->buf || at > w->limit || bytes > w->limit - at)
		return 0;
	memset(w->buf + w->pos, 0, at - w->pos);
	w->pos = at + bytes;
	return at;
}

static void put_pair(struct writer *w, size_t at, size_t size, size_t offset)
{
	if (!offset)
		return;
	put32(w, at, size);
	put32(w, at + 4, offset);
}

/* Bytes of a text with its NUL */
static size_t text_size(struct writer *w, const char *text)
{
	size_t length = text ? strlen(text) : 0;
	ssize_t n;

	n = utf8_to_utf16(NULL, 0, text, length);
	if (n < 0) {
		w->error = n;
		return 0;
	}
	return w->wide ? (size_t)n + 2 : length + 1;
}

static void put_text(struct writer *w, size_t at, const char *text, size_t size)
{
	size_t length = text ? strlen(text) : 0;

	if (w->wide) {
		utf8_to_utf16(w->buf + at, size - 2, text, length);
		memset(w->buf + at + size - 2, 0, 2);
	} else {
		if (length)
			memcpy(w->buf + at, text, length);
		w->buf[at + length] = 0;
	}
}

static void put_str(struct writer *w, size_t at, const char *text)
{
	size_t size, offset;

	if (!text || !*text)
		return;
	size = text_size(w, text);
	offset = reserve(w, size);
	if (offset)
		put_text(w, offset, text, size);
	put_pair(w, at, size, offset);
}

static void put_blob(struct writer *w, size_t at, const void *data, size_t size)
{
	size_t offset;

	if (!size)
		return;
	offset = reserve(w, size);
	if (offset)
		memcpy(w->buf + offset, data, size);
	put_pair(w, at, size, offset);
}

static void put_count(struct writer *w, size_t base, const struct sv_field *field, size_t offset,
		      size_t count)
{
	if (field->count_at != SV_NONE && offset)
		put32(w, base + field->count_at, count);
}

static void put_words(struct writer *w, size_t base, const struct sv_field *field, size_t count,
		      const uint32_t *words)
{
	size_t offset;

	if (!count)
		return;
	offset = reserve(w, count * 4);
	if (offset)
		memcpy(w->buf + offset, words, count * 4);
	put_pair(w, base + field->at, count * 4, offset);
	put_count(w, base, field, offset, count);
}

/* Texts in slots as wide as the longest one */
static void put_texts(struct writer *w, size_t at, size_t count, char *const *texts)
{
	size_t slot = 0, size, offset, i;

	if (!count)
		return;
	for (i = 0; i < count; i++) {
		size = text_size(w, texts[i]);
		if (size > slot)
			slot = size;
	}
	offset = reserve(w, slot * count);
	if (!offset)
		return;
	memset(w->buf + offset, 0, slot * count);
	for (i = 0; i < count; i++)
		put_text(w, offset + i * slot, texts[i], text_size(w, texts[i]));
	put32(w, at, slot);
	put_pair(w, at + 4, slot * count, offset);
}

static void put_multisz(struct writer *w, size_t at, size_t count, char *const *texts)
{
	size_t end = w->wide ? 2 : 1, size = 0, offset, to, i;

	if (!count)
		return;
	for (i = 0; i < count; i++)
		size += text_size(w, texts[i]);
	offset = reserve(w, size + end);
	if (!offset)
		return;
	for (i = 0, to = offset; i < count; i++) {
		put_text(w, to, texts[i], text_size(w, texts[i]));
		to += text_size(w, texts[i]);
	}
	memset(w->buf + to, 0, end);
	put_pair(w, at, size + end, offset);
}

static void put_guid(struct writer *w, size_t at, const ProtobufCBinaryData *data)
{
	unsigned char guid[16];

	if (!w->buf || data->len != sizeof(guid))
		return;
	sv_guid_swap(guid, data->data);
	memcpy(w->buf + at, guid, sizeof(guid));
}

static void put_time(struct writer *w, size_t at, uint64_t usec)
{
	time_t seconds = usec / 1000000;
	SYSTEMTIME st;
	struct tm tm;

	if (!w->buf || !usec || !gmtime_r(&seconds, &tm) || tm.tm_year + 1900 > UINT16_MAX)
		return;
	st.wYear = tm.tm_year + 1900;
	st.wMonth = tm.tm_mon + 1;
	st.wDayOfWeek = tm.tm_wday;
	st.wDay = tm.tm_mday;
	st.wHour = tm.tm_hour;
	st.wMinute = tm.tm_min;
	st.wSecond = tm.tm_sec;
	st.wMilliseconds = usec / 1000 % 1000;
	memcpy(w->buf + at, &st, sizeof(st));
}

static void put_fields(struct writer *w, const struct sv_table *table, size_t base,
		       const ProtobufCMessage *message);

/* An array and the texts of its entries are one part: all of it is written, or nothing */
static void put_array(struct writer *w, size_t base, const struct sv_field *field, size_t count,
		      ProtobufCMessage *const *entries)
{
	size_t stride = sv_fixed(field->sub, w->version), offset, i;
	struct writer inner = { .needed = stride * count, .version = w->version, .wide = w->wide };

	if (!count)
		return;
	for (i = 0; i < count; i++)
		put_fields(&inner, field->sub, 0, entries[i]);
	if (inner.error)
		w->error = inner.error;
	offset = reserve(w, inner.needed);
	if (!offset)
		return;
	inner.buf = w->buf;
	inner.pos = offset + stride * count;
	inner.limit = w->pos;
	memset(w->buf + offset, 0, stride * count);
	for (i = 0; i < count; i++)
		put_fields(&inner, field->sub, offset + i * stride, entries[i]);
	put_pair(w, base + field->at, stride * count, offset);
	put_count(w, base, field, offset, count);
}

static void put_field(struct writer *w, const struct sv_field *field, size_t base,
		      const ProtobufCMessage *message)
{
	const void *member = SV_MEMBER(message, field->member);
	const size_t *count = SV_MEMBER(message, field->has);	/* of a list only */
	const ProtobufCBinaryData *blob = member;

	switch (field->kind) {
	case SV_KIND_U32:
		put32(w, base + field->at, *(const uint32_t *)member);
		break;
	case SV_KIND_GUID:
		put_guid(w, base + field->at, blob);
		break;
	case SV_KIND_TIME:
		put_time(w, base + field->at, *(const uint64_t *)member);
		break;
	case SV_KIND_EMBED:
		if (*(ProtobufCMessage *const *)member)
			put_fields(w, field->sub, base + field->at,
				   *(ProtobufCMessage *const *)member);
		break;
	case SV_KIND_STR:
		put_str(w, base + field->at, *(const char *const *)member);
		break;
	case SV_KIND_BLOB:
		put_blob(w, base + field->at, blob->data, blob->len);
		break;
	case SV_KIND_ARRAY:
		put_array(w, base, field, *count, *(ProtobufCMessage *const *const *)member);
		break;
	case SV_KIND_WORDS:
		put_words(w, base, field, *count, *(const uint32_t *const *)member);
		break;
	case SV_KIND_TEXTS:
		put_texts(w, base + field->at, *count, *(char *const *const *)member);
		break;
	case SV_KIND_MULTISZ:
		put_multisz(w, base + field->at, *count, *(char *const *const *)member);
		break;
	}
}

static void put_fields(struct writer *w, const struct sv_table *table, size_t base,
		       const ProtobufCMessage *message)
{
	size_t i;

	for (i = 0; i < table->count; i++)
		if (sv_exists(table, &table->fields[i], w->version))
			put_field(w, &table->fields[i], base, message);
}

int64_t sv_needed(const struct sv_table *table, uint32_t version, unsigned int flags,
		  const ProtobufCMessage *message)
{
	struct writer w = {
		.needed = sv_fixed(table, version), .version = version, .wide = flags & SV_W,
	};

	put_fields(&w, table, 0, message);
	if (w.error)
		return w.error;
	return w.needed > INT32_MAX ? -EOVERFLOW : (int64_t)w.needed;
}

int sv_pack(const struct sv_table *table, uint32_t version, unsigned int flags,
	    const ProtobufCMessage *message, void *buffer, uint32_t total)
{
	size_t fixed = sv_fixed(table, version), head = table->head == SV_OUTPUT ? 12 : 4;
	int64_t needed = sv_needed(table, version, flags, message);
	struct writer w = {
		.buf = buffer, .limit = total, .pos = fixed, .version = version,
		.wide = flags & SV_W,
	};

	if (needed < 0)
		return needed;
	if (total < fixed) {
		if (table->head == SV_OUTPUT && total >= 8)
			put32(&w, 4, needed);
		return -ENOSPC;
	}
	if (table->head == SV_ELEMENT)
		head = 0;
	memset(w.buf + head, 0, fixed - head);
	put_fields(&w, table, 0, message);
	if (table->head == SV_OUTPUT) {
		put32(&w, 4, needed);
		put32(&w, 8, w.pos);
	} else if (table->head == SV_INPUT) {
		put32(&w, 0, w.pos);
	}
	return 0;
}

int sv_pack_varstring(uint32_t format, const void *data, size_t size, unsigned int flags,
		      void *buffer, uint32_t total)
{
	const size_t fixed = sizeof(VARSTRING);
	bool text = format != STRINGFORMAT_BINARY, wide = text && (flags & SV_W);
	struct writer w = { .buf = buffer, .limit = total, .pos = fixed, .needed = fixed };
	size_t nul = text ? (wide ? 2 : 1) : 0, offset;
	ssize_t bytes = size;

	if (text) {
		bytes = utf8_to_utf16(NULL, 0, data, size);
		if (bytes < 0)
			return bytes;
		if (!wide)
			bytes = size;
	}
	if (total < fixed) {
		if (total >= 8)
			put32(&w, 4, fixed + bytes + nul);
		return -ENOSPC;
	}
	memset(w.buf + 12, 0, fixed - 12);
	if (bytes + nul) {
		offset = reserve(&w, bytes + nul);
		if (offset && wide)
			utf8_to_utf16(w.buf + offset, bytes, data, size);
		else if (offset && bytes)
			memcpy(w.buf + offset, data, bytes);
		if (offset)
			memset(w.buf + offset + bytes, 0, nul);
		put_pair(&w, 16, bytes + nul, offset);
	}
	put32(&w, 4, w.needed);
	put32(&w, 8, w.pos);
	put32(&w, 12, !text ? STRINGFORMAT_BINARY : wide ? STRINGFORMAT_UNICODE :
		      STRINGFORMAT_ASCII);
	return 0;
}

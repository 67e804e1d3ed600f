/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "utf.h"

#define REPLACEMENT	0xFFFDu
#define ILL_FORMED	0xFFFFFFFFu

/* Next character of UTF-8; *at moves behind it.  ILL_FORMED for anything RFC 3629 forbids. */
static uint32_t next8(const unsigned char *text, size_t size, size_t *at)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	uint32_t c = text[(*at)++];
	unsigned int more, i;

	if (c < 0x80)
		return c;
	if (c >= 0xC2 && c <= 0xDF)
		more = 1;
	else if (c >= 0xE0 && c <= 0xEF)
		more = 2;
	else if (c >= 0xF0 && c <= 0xF4)
		more = 3;
	else
		return ILL_FORMED;
	c &= 0x3F >> more;
	for (i = 0; i < more; i++, (*at)++) {
		if (*at >= size || (text[*at] & 0xC0) != 0x80)
			return ILL_FORMED;
		c = c << 6 | (text[*at] & 0x3F);
	}
	if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return ILL_FORMED;
	return c;
}

static uint16_t unit(const unsigned char *text, size_t at)
{
	uint16_t u;

	memcpy(&u, text + at, sizeof(u));
	return u;
}

/* Next character of UTF-16; a lone surrogate is one ILL_FORMED character of one unit */
static uint32_t next16(const unsigned char *text, size_t size, size_t *at)
{
	uint32_t c = unit(text, *at), low;

	*at += 2;
	if (c < 0xD800 || c > 0xDFFF)
		return c;
	if (c > 0xDBFF || *at + 2 > size)
		return ILL_FORMED;
	low = unit(text, *at);
	if (low < 0xDC00 || low > 0xDFFF)
		return ILL_FORMED;
	*at += 2;
	return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

static size_t encode8(unsigned char out[4], uint32_t c)
{
	if (c < 0x80) {
		out[0] = c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = 0xC0 | c >> 6;
		out[1] = 0x80 | (c & 0x3F);
		return 2;
	}
	if (c < 0x10000) {
		out[0] = 0xE0 | c >> 12;
		out[1] = 0x80 | (c >> 6 & 0x3F);
		out[2] = 0x80 | (c & 0x3F);
		return 3;
	}
	out[0] = 0xF0 | c >> 18;
	out[1] = 0x80 | (c >> 12 & 0x3F);
	out[2] = 0x80 | (c >> 6 & 0x3F);
	out[3] = 0x80 | (c & 0x3F);
	return 4;
}

static size_t encode16(unsigned char out[4], uint32_t c)
{
	uint16_t u[2] = { c, 0 };

	if (c < 0x10000) {
		memcpy(out, u, 2);
		return 2;
	}
	c -= 0x10000;
	u[0] = 0xD800 + (c >> 10);
	u[1] = 0xDC00 + (c & 0x3FF);
	memcpy(out, u, 4);
	return 4;
}

/* Appends a character, or only counts it when there is no buffer; false when there is no room */
static bool put(unsigned char *to, size_t room, size_t *used, const unsigned char *c, size_t n)
{
	if (to) {
		if (n > room - *used)
			return false;
		memcpy(to + *used, c, n);
	}
	*used += n;
	return true;
}

bool utf8_valid(const char *text, size_t size)
{
	size_t at = 0;

	while (at < size)
		if (next8((const unsigned char *)text, size, &at) == ILL_FORMED)
			return false;
	return true;
}

ssize_t utf8_to_utf16(void *to, size_t room, const char *from, size_t size)
{
	size_t at = 0, used = 0;
	unsigned char out[4];
	uint32_t c;

	while (at < size) {
		c = next8((const unsigned char *)from, size, &at);
		if (c == ILL_FORMED)
			return -EILSEQ;
		if (!put(to, room, &used, out, encode16(out, c)))
			return -ENOSPC;
	}
	return used;
}

ssize_t utf16_to_utf8(char *to, size_t room, const void *from, size_t size, bool *repaired)
{
	size_t at = 0, used = 0;
	unsigned char out[4];
	uint32_t c;

	if (repaired)
		*repaired = false;
	while (at + 2 <= size) {
		c = next16(from, size, &at);
		if (c == ILL_FORMED) {
			if (!repaired)
				return -EILSEQ;
			*repaired = true;
			c = REPLACEMENT;
		}
		if (!put((unsigned char *)to, room, &used, out, encode8(out, c)))
			return -ENOSPC;
	}
	return used;
}

size_t utf16_length(const void *text, size_t limit)
{
	size_t at;

	for (at = 0; at + 2 <= limit; at += 2)
		if (!unit(text, at))
			break;
	return at;
}

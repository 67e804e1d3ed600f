/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "json.h"

/* How deep values may lie in each other */
#define DEPTH_MAX 64

void json_begin(struct json *json, const char *text, size_t size)
{
	json->at = text;
	json->end = text + size;
}

static void skip_space(struct json *json)
{
	while (json->at < json->end && strchr(" \t\r\n", *json->at) && *json->at)
		json->at++;
}

static bool take(struct json *json, char c)
{
	skip_space(json);
	if (json->at == json->end || *json->at != c)
		return false;
	json->at++;
	return true;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool skip_escape(struct json *json)
{
	if (json->at == json->end)
		return false;
	if (*json->at++ != 'u')
		return json->at[-1] && strchr("\"\\/bfnrt", json->at[-1]);
	for (int i = 0; i < 4; i++, json->at++) {
		if (json->at == json->end || !is_hex(*json->at))
			return false;
	}
	return true;
}

static bool skip_string(struct json *json)
{
	if (!take(json, '"'))
		return false;
	while (json->at < json->end) {
		unsigned char c = (unsigned char)*json->at++;

		if (c == '"')
			return true;
		if (c < 0x20 || (c == '\\' && !skip_escape(json)))
			return false;
	}
	return false;
}

static bool skip_digits(struct json *json)
{
	const char *begin = json->at;

	while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
		json->at++;
	return json->at > begin;
}

static bool skip_number(struct json *json)
{
	if (*json->at == '-')
		json->at++;
	if (!skip_digits(json))
		return false;
	if (json->at < json->end && *json->at == '.') {
		json->at++;
		if (!skip_digits(json))
			return false;
	}
	if (json->at < json->end && (*json->at == 'e' || *json->at == 'E')) {
		json->at++;
		if (json->at < json->end && (*json->at == '+' || *json->at == '-'))
			json->at++;
		return skip_digits(json);
	}
	return true;
}

static bool skip_word(struct json *json)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i]);

		if ((size_t)(json->end - json->at) >= length &&
		    !memcmp(json->at, words[i], length)) {
			json->at += length;
			return true;
		}
	}
	return false;
}

static bool skip_value(struct json *json, unsigned int depth);

static bool skip_list(struct json *json, bool object, unsigned int depth)
{
	char close = object ? '}' : ']';

	json->at++;
	if (depth == DEPTH_MAX)
		return false;
	if (take(json, close))
		return true;
	do {
		if (object && (!skip_string(json) || !take(json, ':')))
			return false;
		if (!skip_value(json, depth + 1))
			return false;
	} while (take(json, ','));
	return take(json, close);
}

static bool skip_value(struct json *json, unsigned int depth)
{
	skip_space(json);
	if (json->at == json->end)
		return false;
	switch (*json->at) {
	case '"':
		return skip_string(json);
	case '{':
	case '[':
		return skip_list(json, *json->at == '{', depth);
	case 't':
	case 'f':
	case 'n':
		return skip_word(json);
	default:
		return skip_number(json);
	}
}

bool json_value(struct json *json, struct json_part *value)
{
	skip_space(json);
	value->at = json->at;
	if (!skip_value(json, 0))
		return false;
	value->size = (size_t)(json->at - value->at);
	return true;
}

bool json_open(struct json *json, char bracket)
{
	return take(json, bracket);
}

bool json_member(struct json *json, bool first, bool *more, struct json_part *key)
{
	*more = false;
	if (take(json, '}'))
		return true;
	if (!first && !take(json, ','))
		return false;
	skip_space(json);
	key->at = json->at;
	if (!skip_string(json))
		return false;
	key->size = (size_t)(json->at - key->at);
	*more = true;
	return take(json, ':');
}

bool json_done(struct json *json)
{
	skip_space(json);
	return json->at == json->end;
}

/* ---- values ---- */

static unsigned int hex4(const char *at)
{
	unsigned int value = 0;

	for (int i = 0; i < 4; i++) {
		char c = at[i];

		value = value << 4 | (unsigned int)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

static char *put_utf8(char *to, unsigned int c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

/* Behind "\u". A surrogate without its other half becomes U+FFFD */
static unsigned int unicode(const char **at, const char *end)
{
	unsigned int c = hex4(*at), low;

	*at += 4;
	if (c < 0xd800 || c > 0xdfff)
		return c;
	if (c < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
		low = hex4(*at + 2);
		if (low >= 0xdc00 && low <= 0xdfff) {
			*at += 6;
			return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	return 0xfffd;
}

static unsigned int escaped(const char **at, const char *end)
{
	char c = *(*at)++;

	switch (c) {
	case 'b': return '\b';
	case 'f': return '\f';
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case 'u': return unicode(at, end);
	default: return (unsigned char)c;
	}
}

char *json_string(struct json_part part)
{
	const char *at = part.at + 1, *end = part.at + part.size - 1;
	char *text, *to;
	unsigned int c;

	if (part.size < 2 || *part.at != '"')
		return NULL;
	/* an escape is never shorter than what it stands for */
	text = to = malloc(part.size);
	while (text && at < end) {
		if (*at != '\\') {
			*to++ = *at++;
			continue;
		}
		at++;
		c = escaped(&at, end);
		if (!c) {
			free(text);
			return NULL;
		}
		to = put_utf8(to, c);
	}
	if (text)
		*to = 0;
	return text;
}

bool json_u64(struct json_part part, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < part.size; i++) {
		if (part.at[i] < '0' || part.at[i] > '9' ||
		    __builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(part.at[i] - '0'), value))
			return false;
	}
	return part.size > 0;
}

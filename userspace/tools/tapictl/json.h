/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads JSON in place: what the trace files need of it. */
#ifndef TAPICTL_JSON_H
#define TAPICTL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place in a text; the functions return false, and leave it anywhere, when the text is wrong */
struct json {
	const char *at, *end;
};

/* A piece of the text */
struct json_part {
	const char *at;
	size_t size;
};

void json_begin(struct json *json, const char *text, size_t size);

/* Passes over one value of any kind, which must be whole and right */
bool json_value(struct json *json, struct json_part *value);

/*
 * Members of an object: json_open(), then json_member() for each; *more is false behind the last.
 * The key is the string with its quotes.
 */
bool json_open(struct json *json, char bracket);
bool json_member(struct json *json, bool first, bool *more, struct json_part *key);

/* Is there nothing but white space left? */
bool json_done(struct json *json);

/* A string with its quotes as UTF-8; freed by the caller. NULL when it has a NUL, or no memory */
char *json_string(struct json_part part);

/* A number that is a whole one from 0 */
bool json_u64(struct json_part part, uint64_t *value);

#endif /* TAPICTL_JSON_H */

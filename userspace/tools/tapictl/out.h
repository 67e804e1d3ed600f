/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output. A table says once what a record consists of; columns, key=value lines and JSON follow
 * from it. Everything is written on standard output.
 */
#ifndef TAPICTL_OUT_H
#define TAPICTL_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "names.h"

/* Of the JSON documents; grows when a member changes what it means */
#define OUT_VERSION 1

/* Kinds of members; those in brackets are left out when they say nothing */
enum field_kind {
	FIELD_TEXT,		/* char *, [NULL, empty] */
	FIELD_LIST,		/* char **, ends with NULL */
	FIELD_U32,		/* uint32_t */
	FIELD_SOME,		/* uint32_t, [0] */
	FIELD_U64,		/* uint64_t */
	FIELD_S64,		/* int64_t */
	FIELD_INDEX,		/* int64_t, [negative] */
	FIELD_BITS,		/* uint32_t, by names */
	FIELD_VALUE,		/* uint32_t, one name, [0] */
	FIELD_BOOL,		/* bool */
	FIELD_MS,		/* uint64_t */
	FIELD_HEX,		/* uint64_t, [0] */
	FIELD_VERSION,		/* uint32_t, 0x00020002 is 2.2 */
};

/* Not in columns, and not in the text of events */
#define FIELD_DETAIL	1u
/* In the text of events: in quotes */
#define FIELD_QUOTED	2u

/**
 * struct field - one member
 * @key: in key=value lines and JSON
 * @title: for people: head of its column; before the value in events, NULL for none
 * @offset: in the record
 * @names: of bits and values
 */
struct field {
	const char *key, *title;
	enum field_kind kind;
	size_t offset;
	const struct names *names;
	unsigned int flags;
};

/**
 * struct table - one kind of records
 * @one: what a record is called: "line"
 * @many: and several: "lines"
 * @blocks: too much for columns: each record is a block of lines
 */
struct table {
	const char *one, *many;
	const struct field *fields;
	size_t count;
	bool blocks;
};

#define TABLE_FIELDS(list) .fields = (list), .count = sizeof(list) / sizeof((list)[0])

/* A document: begin, any number of out_one() and out_rows(), end */
void out_begin(void);
void out_one(const struct table *table, const void *record);
void out_rows(const struct table *table, void *const *records, size_t count);
void out_end(void);

/* A record of a stream, at once: a line of text, a block of keys, a JSON object on a line */
void out_event(const struct table *table, const void *record);

/* Writes what waits; returns 0 or the errno of the first error of standard output ever */
int out_flush(void);

/* Without what could control a terminal */
void out_clean(const char *text, FILE *to);

#endif /* TAPICTL_OUT_H */

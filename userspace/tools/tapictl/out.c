/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tapictl.h"
#include "out.h"
#include "walk.h"

/* Blanks between columns */
#define GAP 2

static bool first_part;		/* nothing of the document has been written yet */
static int write_error;		/* the first one, an errno */

int out_flush(void)
{
	if ((fflush(stdout) || ferror(stdout)) && !write_error)
		write_error = errno;
	return write_error;
}

/* ---- values ---- */

static uint32_t u32_at(const void *record, const struct field *field)
{
	uint32_t value;

	memcpy(&value, (const char *)record + field->offset, sizeof(value));
	return value;
}

static uint64_t u64_at(const void *record, const struct field *field)
{
	uint64_t value;

	memcpy(&value, (const char *)record + field->offset, sizeof(value));
	return value;
}

static const char *text_at(const void *record, const struct field *field)
{
	return *(const char *const *)((const char *)record + field->offset);
}

static char *const *list_at(const void *record, const struct field *field)
{
	char *const *list = *(char *const *const *)((const char *)record + field->offset);
	static char *const none[1];

	return list ? list : none;
}

static bool present(const void *record, const struct field *field)
{
	switch (field->kind) {
	case FIELD_TEXT:
		return text_at(record, field) && *text_at(record, field);
	case FIELD_SOME:
	case FIELD_VALUE:
		return u32_at(record, field) != 0;
	case FIELD_HEX:
		return u64_at(record, field) != 0;
	case FIELD_INDEX:
		return (int64_t)u64_at(record, field) >= 0;
	default:
		return true;
	}
}

static void print_duration(uint64_t ms, FILE *to)
{
	uint64_t s = ms / 1000;

	if (s < 60)
		fprintf(to, "%" PRIu64 ".%" PRIu64 " s", s, ms / 100 % 10);
	else if (s < 3600)
		fprintf(to, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else if (s < 86400)
		fprintf(to, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
	else
		fprintf(to, "%" PRIu64 " d %" PRIu64 " h", s / 86400, s / 3600 % 24);
}

/* A value for people and, with @keys, for scripts. Text comes from outside */
static void print_number(const void *record, const struct field *field, bool keys, FILE *to)
{
	uint32_t value;

	switch (field->kind) {
	case FIELD_U64:
		fprintf(to, "%" PRIu64, u64_at(record, field));
		break;
	case FIELD_S64:
	case FIELD_INDEX:
		fprintf(to, "%" PRId64, (int64_t)u64_at(record, field));
		break;
	case FIELD_HEX:
		fprintf(to, "%#" PRIx64, u64_at(record, field));
		break;
	case FIELD_MS:
		if (keys)
			fprintf(to, "%" PRIu64, u64_at(record, field));
		else
			print_duration(u64_at(record, field), to);
		break;
	case FIELD_VERSION:
		value = u32_at(record, field);
		fprintf(to, "%u.%u", value >> 16, value & 0xffff);
		break;
	default:
		fprintf(to, "%" PRIu32, u32_at(record, field));
		break;
	}
}

static void print_bits(const void *record, const struct field *field, bool keys, FILE *to)
{
	char *text = names_bits(field->names, u32_at(record, field), keys ? "," : ", ");

	if (text)
		fputs(*text || keys ? text : "none", to);
	free(text);
}

void out_clean(const char *text, FILE *to)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at < 0x20 || *at == 0x7f)
			fprintf(to, "\\x%02x", *at);
		else if (*at == '\\')
			fputs("\\\\", to);
		else if (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
			fprintf(to, "\\x%02x", *++at);	/* U+0080 to U+009F control, too */
		else
			fputc(*at, to);
	}
}

static void print_plain(const void *record, const struct field *field, bool keys, FILE *to)
{
	const char *name;

	switch (field->kind) {
	case FIELD_TEXT:
		out_clean(text_at(record, field), to);
		break;
	case FIELD_LIST:
		for (char *const *at = list_at(record, field); *at; at++) {
			if (at != list_at(record, field))
				fputs(keys ? "," : ", ", to);
			out_clean(*at, to);
		}
		break;
	case FIELD_BITS:
		print_bits(record, field, keys, to);
		break;
	case FIELD_VALUE:
		name = names_value(field->names, u32_at(record, field));
		if (name)
			fputs(name, to);
		else
			fprintf(to, "%#x", u32_at(record, field));
		break;
	case FIELD_BOOL:
		fputs(*((const bool *)record + field->offset) ? "yes" : "no", to);
		break;
	default:
		print_number(record, field, keys, to);
		break;
	}
}

static void json_bits(const void *record, const struct field *field, FILE *to)
{
	char *text = names_bits(field->names, u32_at(record, field), "\",\""), *all = text;

	fprintf(to, "[%s%s%s]", all && *all ? "\"" : "", all ? all : "", all && *all ? "\"" : "");
	free(text);
}

static void json_value(const void *record, const struct field *field, FILE *to)
{
	const char *before = "";

	switch (field->kind) {
	case FIELD_TEXT:
		walk_json_string(text_at(record, field), to);
		break;
	case FIELD_LIST:
		fputc('[', to);
		for (char *const *at = list_at(record, field); *at; at++, before = ",") {
			fputs(before, to);
			walk_json_string(*at, to);
		}
		fputc(']', to);
		break;
	case FIELD_BITS:
		json_bits(record, field, to);
		break;
	case FIELD_BOOL:
		fputs(*((const bool *)record + field->offset) ? "true" : "false", to);
		break;
	case FIELD_VALUE:
	case FIELD_HEX:
	case FIELD_VERSION:
		fputc('"', to);
		print_plain(record, field, true, to);
		fputc('"', to);
		break;
	default:
		print_number(record, field, true, to);
		break;
	}
}

/* ---- one record ---- */

static void json_record(const struct table *table, const void *record, FILE *to)
{
	const char *before = "";

	fputc('{', to);
	for (size_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];

		if (!present(record, field))
			continue;
		fprintf(to, "%s\"%s\":", before, field->key);
		json_value(record, field, to);
		before = ",";
	}
	fputc('}', to);
}

static void keys_record(const struct table *table, const void *record, FILE *to)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];

		if (!present(record, field))
			continue;
		fprintf(to, "%s.%s=", table->one, field->key);
		print_plain(record, field, true, to);
		fputc('\n', to);
	}
	fputc('\n', to);
}

static void text_block(const struct table *table, const void *record, FILE *to)
{
	int width = 0;

	for (size_t i = 0; i < table->count; i++) {
		if ((int)strlen(table->fields[i].title) > width)
			width = (int)strlen(table->fields[i].title);
	}
	fprintf(to, "%s\n", table->one);
	for (size_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];

		if (!present(record, field))
			continue;
		fprintf(to, "  %-*s  ", width, field->title);
		print_plain(record, field, false, to);
		fputc('\n', to);
	}
}

/* ---- columns ---- */

static char *cell(const void *record, const struct field *field)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	if (present(record, field))
		print_plain(record, field, false, to);
	else
		fputc('-', to);
	return fclose(to) ? free(text), NULL : text;
}

/* Characters, not bytes */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void pad(int from, int to_width, FILE *to)
{
	for (; from < to_width; from++)
		fputc(' ', to);
}

static void text_head(const struct table *table, const int *widths, size_t last, FILE *to)
{
	for (size_t i = 0; i <= last; i++) {
		const struct field *field = &table->fields[i];

		if (field->flags & FIELD_DETAIL)
			continue;
		for (const char *at = field->title; *at; at++)
			fputc(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at, to);
		if (i < last)
			pad((int)strlen(field->title), widths[i] + GAP, to);
	}
	fputc('\n', to);
}

static size_t last_column(const struct table *table)
{
	size_t last = 0;

	for (size_t i = 0; i < table->count; i++) {
		if (!(table->fields[i].flags & FIELD_DETAIL))
			last = i;
	}
	return last;
}

static void print_cells(const struct table *table, char **cells, const int *widths, size_t last,
			FILE *to)
{
	for (size_t i = 0; i <= last; i++) {
		const char *text = cells[i] ? cells[i] : "";

		if (table->fields[i].flags & FIELD_DETAIL)
			continue;
		fputs(text, to);
		if (i < last)
			pad(width_of(text), widths[i] + GAP, to);
	}
	fputc('\n', to);
}

static void text_columns(const struct table *table, void *const *records, size_t count, FILE *to)
{
	size_t last = last_column(table), n = table->count;
	char **cells = calloc(count * n + 1, sizeof(*cells));
	int *widths = calloc(n, sizeof(*widths));

	for (size_t i = 0; cells && widths && i < n; i++) {
		widths[i] = (int)strlen(table->fields[i].title);
		for (size_t r = 0; r < count; r++) {
			char *text = cell(records[r], &table->fields[i]);

			cells[r * n + i] = text;
			if (text && width_of(text) > widths[i])
				widths[i] = width_of(text);
		}
	}
	if (cells && widths) {
		text_head(table, widths, last, to);
		for (size_t r = 0; r < count; r++)
			print_cells(table, &cells[r * n], widths, last, to);
	}
	for (size_t i = 0; cells && i < count * n; i++)
		free(cells[i]);
	free(cells);
	free(widths);
}

/* ---- documents ---- */

void out_begin(void)
{
	first_part = true;
	if (settings.format == FORMAT_JSON)
		printf("{\"version\":%d", OUT_VERSION);
}

static void part(void)
{
	if (settings.format == FORMAT_TEXT && !first_part)
		putchar('\n');
	first_part = false;
}

void out_one(const struct table *table, const void *record)
{
	part();
	if (settings.format == FORMAT_JSON) {
		printf(",\"%s\":", table->one);
		json_record(table, record, stdout);
	} else if (settings.format == FORMAT_KEYS) {
		keys_record(table, record, stdout);
	} else {
		text_block(table, record, stdout);
	}
}

static void json_rows(const struct table *table, void *const *records, size_t count)
{
	printf(",\"%s\":[", table->many);
	for (size_t i = 0; i < count; i++) {
		if (i)
			putchar(',');
		json_record(table, records[i], stdout);
	}
	putchar(']');
}

void out_rows(const struct table *table, void *const *records, size_t count)
{
	part();
	if (settings.format == FORMAT_JSON) {
		json_rows(table, records, count);
		return;
	}
	if (settings.format == FORMAT_TEXT && !count)
		printf("no %s\n", table->many);
	else if (settings.format == FORMAT_TEXT && !table->blocks)
		text_columns(table, records, count, stdout);
	else {
		for (size_t i = 0; i < count; i++) {
			if (settings.format == FORMAT_KEYS) {
				keys_record(table, records[i], stdout);
				continue;
			}
			if (i)
				putchar('\n');
			text_block(table, records[i], stdout);
		}
	}
}

void out_end(void)
{
	if (settings.format == FORMAT_JSON)
		puts("}");
	out_flush();
}

/* ---- streams ---- */

static void text_event(const struct table *table, const void *record)
{
	const char *before = "";

	for (size_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];
		const char *quote = field->flags & FIELD_QUOTED ? "\"" : "";

		if (!present(record, field) || field->flags & FIELD_DETAIL)
			continue;
		printf("%s%s%s%s", before, field->title ? field->title : "",
		       field->title ? " " : "", quote);
		print_plain(record, field, false, stdout);
		fputs(quote, stdout);
		before = " ";
	}
	putchar('\n');
}

void out_event(const struct table *table, const void *record)
{
	if (settings.format == FORMAT_JSON) {
		json_record(table, record, stdout);
		putchar('\n');
	} else if (settings.format == FORMAT_KEYS) {
		keys_record(table, record, stdout);
	} else {
		text_event(table, record);
	}
	out_flush();
}

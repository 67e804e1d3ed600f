/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a number of TAPI means, and what to do about it. */
#include <errno.h>
#include <stdlib.h>

#include "advice.h"
#include "out.h"
#include "tapictl.h"

/* Errors from here on are the vendors' */
#define VENDOR_FIRST 0xC0000000u

/* The same number means different things in different families: all are told */
struct row {
	const char *name, *family, *text, *advice;
	int64_t number;
	char hex[12];
	const char *hex_text;
};

#define ROW(key, title, kind, member) { key, title, kind, offsetof(struct row, member) }

static const struct field fields[] = {
	ROW("name", "name", FIELD_TEXT, name),
	ROW("family", "is", FIELD_TEXT, family),
	ROW("number", "number", FIELD_S64, number),
	ROW("hex", "in hex", FIELD_TEXT, hex_text),
	ROW("text", "means", FIELD_TEXT, text),
	ROW("advice", "do", FIELD_TEXT, advice),
};

static const struct table table = { "code", "codes", TABLE_FIELDS(fields), .blocks = true };

static const char *const families[ERRMAP_FAMILIES] = {
	[ERRMAP_LINEERR] = "error of a line function",
	[ERRMAP_PHONEERR] = "error of a phone function",
	[ERRMAP_TAPIERR] = "error of assisted telephony",
	[ERRMAP_TAPI_E] = "error of TAPI 3",
	[ERRMAP_DISCONNECT] = "reason why a call ended",
	[ERRMAP_CALLSTATE] = "call state",
	[ERRMAP_MESSAGE] = "message",
};

struct found {
	struct row *rows;
	size_t count;
};

static struct row *add(struct found *found)
{
	struct row *bigger = realloc(found->rows, (found->count + 1) * sizeof(*bigger));

	if (!bigger)
		return NULL;
	found->rows = bigger;
	bigger[found->count] = (struct row) { 0 };
	return &bigger[found->count++];
}

static void add_entry(struct found *found, enum errmap_family family,
		      const struct errmap_entry *entry)
{
	struct row *row = add(found);

	if (!row)
		return;
	row->name = entry->name;
	row->family = families[family];
	row->text = entry->text;
	row->advice = advice_for(family, entry);
	row->number = entry->code;
}

static void add_vendor(struct found *found, int32_t code)
{
	struct row *row = add(found);

	if (!row)
		return;
	row->family = "error of a vendor";
	row->text = "Only the vendor of the provider knows what it means.";
	row->advice = "Treat it like LINEERR_OPERATIONFAILED, and ask the vendor.";
	row->number = code;
}

/* Hexadecimal or decimal, signed or not; everything in 32 bits */
static bool is_number(const char *text, int32_t *code)
{
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 0);
	if (!*text || *end || errno || value < INT32_MIN || value > UINT32_MAX)
		return false;
	*code = (int32_t)value;
	return true;
}

static void find_number(struct found *found, int32_t code)
{
	const struct errmap_entry *entry;
	size_t before = found->count;

	for (int family = 0; family < ERRMAP_FAMILIES; family++) {
		entry = errmap_find(family, code);
		if (entry)
			add_entry(found, family, entry);
	}
	if (found->count == before && (uint32_t)code >= VENDOR_FIRST)
		add_vendor(found, code);
}

static void find_name(struct found *found, const char *name)
{
	const struct errmap_entry *entry = NULL;
	enum errmap_family family;

	while ((entry = errmap_find_name(name, &family, entry)))
		add_entry(found, family, entry);
}

static int find(struct found *found, const char *text)
{
	size_t before = found->count;
	int32_t code;

	if (is_number(text, &code))
		find_number(found, code);
	else
		find_name(found, text);
	if (found->count > before)
		return 0;
	return complain(STATUS_NOT_FOUND, "nothing in TAPI is called '%s'", text);
}

static void print(const struct found *found)
{
	void **list = calloc(found->count + 1, sizeof(*list));

	for (size_t i = 0; list && i < found->count; i++) {
		struct row *row = &found->rows[i];

		snprintf(row->hex, sizeof(row->hex), "0x%08x", (unsigned int)row->number);
		row->hex_text = row->hex;
		list[i] = row;
	}
	out_begin();
	if (list)
		out_rows(&table, list, found->count);
	out_end();
	free(list);
}

int explain(int argc, char **argv)
{
	struct found found = { 0 };
	int status = 0, err;

	for (int i = 0; i < argc; i++) {
		err = find(&found, argv[i]);
		if (err)
			status = err;
	}
	if (found.count)
		print(&found);
	free(found.rows);
	return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts of TSPI, which are UTF-16, and names of numbers. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "errmap.h"
#include "null.h"
#include "utf.h"

WCHAR *text_wide(const char *text)
{
	ssize_t bytes = utf8_to_utf16(NULL, 0, text, strlen(text));
	WCHAR *wide;

	if (bytes < 0)
		return NULL;
	wide = calloc(1, bytes + sizeof(WCHAR));
	if (wide)
		utf8_to_utf16(wide, bytes, text, strlen(text));
	return wide;
}

char *text_narrow(const WCHAR *text)
{
	size_t size = text_length(text) * sizeof(WCHAR);
	bool repaired;
	ssize_t bytes;
	char *narrow;

	if (!text)
		return NULL;
	bytes = utf16_to_utf8(NULL, 0, text, size, &repaired);
	if (bytes < 0)
		return NULL;
	narrow = calloc(1, bytes + 1);
	if (narrow)
		utf16_to_utf8(narrow, bytes, text, size, &repaired);
	return narrow;
}

size_t text_length(const WCHAR *text)
{
	size_t length = 0;

	while (text && text[length])
		length++;
	return length;
}

size_t text_bytes(const WCHAR *text)
{
	return text ? (text_length(text) + 1) * sizeof(WCHAR) : 0;
}

WCHAR *text_join(const WCHAR *text, const WCHAR *more)
{
	size_t head = text_length(text);
	size_t tail = text_length(more);
	WCHAR *joined = calloc(head + tail + 1, sizeof(WCHAR));

	if (!joined)
		return NULL;
	if (head)
		memcpy(joined, text, head * sizeof(WCHAR));
	if (tail)
		memcpy(joined + head, more, tail * sizeof(WCHAR));
	return joined;
}

WCHAR *text_copy(const WCHAR *text)
{
	return text_join(text, NULL);
}

static unsigned int lower(unsigned int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool text_is(const WCHAR *text, const char *ascii)
{
	while (*text && lower(*text) == lower((unsigned char)*ascii))
		text++, ascii++;
	return !*text && !*ascii;
}

struct name {
	const char *name;
	DWORD value;
};

#define N(prefix, name)	{ #name, prefix##_##name }

static const struct name busy[] = {
	N(LINEBUSYMODE, STATION), N(LINEBUSYMODE, TRUNK), N(LINEBUSYMODE, UNKNOWN),
	N(LINEBUSYMODE, UNAVAIL), {},
};

static const struct name dialtone[] = {
	N(LINEDIALTONEMODE, NORMAL), N(LINEDIALTONEMODE, SPECIAL), N(LINEDIALTONEMODE, INTERNAL),
	N(LINEDIALTONEMODE, EXTERNAL), N(LINEDIALTONEMODE, UNKNOWN), N(LINEDIALTONEMODE, UNAVAIL),
	{},
};

static const struct name offering[] = {
	N(LINEOFFERINGMODE, ACTIVE), N(LINEOFFERINGMODE, INACTIVE), {},
};

static const struct name connected[] = {
	N(LINECONNECTEDMODE, ACTIVE), N(LINECONNECTEDMODE, INACTIVE),
	N(LINECONNECTEDMODE, ACTIVEHELD), N(LINECONNECTEDMODE, INACTIVEHELD),
	N(LINECONNECTEDMODE, CONFIRMED), {},
};

static const struct name specialinfo[] = {
	N(LINESPECIALINFO, NOCIRCUIT), N(LINESPECIALINFO, CUSTIRREG), N(LINESPECIALINFO, REORDER),
	N(LINESPECIALINFO, UNKNOWN), N(LINESPECIALINFO, UNAVAIL), {},
};

static const struct name linestate[] = {
	N(LINEDEVSTATE, OTHER), N(LINEDEVSTATE, RINGING), N(LINEDEVSTATE, CONNECTED),
	N(LINEDEVSTATE, DISCONNECTED), N(LINEDEVSTATE, MSGWAITON), N(LINEDEVSTATE, MSGWAITOFF),
	N(LINEDEVSTATE, INSERVICE), N(LINEDEVSTATE, OUTOFSERVICE), N(LINEDEVSTATE, MAINTENANCE),
	N(LINEDEVSTATE, NUMCALLS), N(LINEDEVSTATE, NUMCOMPLETIONS), N(LINEDEVSTATE, TERMINALS),
	N(LINEDEVSTATE, ROAMMODE), N(LINEDEVSTATE, BATTERY), N(LINEDEVSTATE, SIGNAL),
	N(LINEDEVSTATE, DEVSPECIFIC), N(LINEDEVSTATE, REINIT), N(LINEDEVSTATE, LOCK),
	N(LINEDEVSTATE, CAPSCHANGE), N(LINEDEVSTATE, CONFIGCHANGE), N(LINEDEVSTATE, COMPLCANCEL),
	N(LINEDEVSTATE, REMOVED), {},
};

static const struct name media[] = {
	N(LINEMEDIAMODE, UNKNOWN), N(LINEMEDIAMODE, INTERACTIVEVOICE),
	N(LINEMEDIAMODE, AUTOMATEDVOICE), N(LINEMEDIAMODE, DATAMODEM), N(LINEMEDIAMODE, G3FAX),
	{},
};

/* The families that errmap does not have */
static const struct {
	const char *prefix;
	const struct name *names;
} families[] = {
	[NAMES_BUSY] = { "LINEBUSYMODE_", busy },
	[NAMES_DIALTONE] = { "LINEDIALTONEMODE_", dialtone },
	[NAMES_OFFERING] = { "LINEOFFERINGMODE_", offering },
	[NAMES_CONNECTED] = { "LINECONNECTEDMODE_", connected },
	[NAMES_SPECIALINFO] = { "LINESPECIALINFO_", specialinfo },
	[NAMES_LINESTATE] = { "LINEDEVSTATE_", linestate },
	[NAMES_MEDIA] = { "LINEMEDIAMODE_", media },
};

static const struct errmap_table *mapped(enum names family)
{
	switch (family) {
	case NAMES_STATE:
		return &errmap_tables[ERRMAP_CALLSTATE];
	case NAMES_DISCONNECT:
		return &errmap_tables[ERRMAP_DISCONNECT];
	case NAMES_ERROR:
		return &errmap_tables[ERRMAP_LINEERR];
	default:
		return NULL;
	}
}

static const char *without(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncasecmp(text, prefix, length) ? text : text + length;
}

static bool mapped_value(const struct errmap_table *table, const char *text, DWORD *value)
{
	size_t i;

	text = without(text, table->prefix);
	for (i = 0; i < table->count; i++) {
		if (strcasecmp(without(table->entries[i].name, table->prefix), text))
			continue;
		*value = table->entries[i].code;
		return true;
	}
	return false;
}

bool names_value(enum names family, const char *text, DWORD *value)
{
	const struct errmap_table *table = mapped(family);
	const struct name *name;
	uint64_t number;

	if (command_number(text, UINT32_MAX, &number)) {
		*value = number;
		return true;
	}
	if (table)
		return mapped_value(table, text, value);
	text = without(text, families[family].prefix);
	for (name = families[family].names; name->name; name++) {
		if (strcasecmp(name->name, text))
			continue;
		*value = name->value;
		return true;
	}
	return false;
}

const char *names_name(enum names family, DWORD value)
{
	const struct errmap_table *table = mapped(family);
	const struct name *name;
	size_t i;

	for (i = 0; table && i < table->count; i++) {
		if ((DWORD)table->entries[i].code == value)
			return without(table->entries[i].name, table->prefix);
	}
	for (name = table ? NULL : families[family].names; name && name->name; name++) {
		if (name->value == value)
			return name->name;
	}
	return "?";
}

enum names names_mode(DWORD state)
{
	switch (state) {
	case LINECALLSTATE_OFFERING:
		return NAMES_OFFERING;
	case LINECALLSTATE_DIALTONE:
		return NAMES_DIALTONE;
	case LINECALLSTATE_BUSY:
		return NAMES_BUSY;
	case LINECALLSTATE_SPECIALINFO:
		return NAMES_SPECIALINFO;
	case LINECALLSTATE_CONNECTED:
		return NAMES_CONNECTED;
	case LINECALLSTATE_DISCONNECTED:
		return NAMES_DISCONNECT;
	default:
		return NAMES_STATE;
	}
}

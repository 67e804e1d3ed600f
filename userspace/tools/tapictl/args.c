/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments of recorded steps as people read them. */
#include <stdlib.h>
#include <string.h>

#include "errmap.h"
#include "json.h"
#include "names.h"
#include "sequence.h"

/**
 * struct meaning - what an argument of a message says
 * @step: name of the step, NULL: any
 * @key: of the argument, with its quotes
 * @title: what it is called in its place
 * @names: of its bits; NULL: it is a result
 */
struct meaning {
	const char *step, *key, *title;
	const struct names *names;
};

static const struct meaning meanings[] = {
	{ "LINE_CALLSTATE", "\"p1\"", "state", &names_call_states },
	{ "LINE_CALLINFO", "\"p1\"", "changed", &names_call_info },
	{ "LINE_LINEDEVSTATE", "\"p1\"", "state", &names_line_state },
	{ "LINE_ADDRESSSTATE", "\"p2\"", "state", &names_address_state },
	{ "LINE_MONITORMEDIA", "\"p1\"", "media", &names_media },
	{ "LINE_MONITORDIGITS", "\"p2\"", "mode", &names_digit },
	{ "LINE_GATHERDIGITS", "\"p1\"", "reason", &names_gather },
	{ "LINE_GENERATE", "\"p1\"", "reason", &names_generate },
	{ "LINE_REPLY", "\"p1\"", "request", &(const struct names) { 0 } },
	{ "LINE_REPLY", "\"p2\"", "result", NULL },
	{ NULL, "\"result\"", "result", NULL },
	{ NULL, "\"media_modes\"", "media_modes", &names_media },
	{ NULL, "\"privileges\"", "privileges", &names_privilege },
};

static bool is(struct json_part part, const char *text)
{
	return part.size == strlen(text) && !memcmp(part.at, text, part.size);
}

static const struct meaning *meaning_of(const struct step *step, struct json_part key)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *m = &meanings[i];

		if ((!m->step || !strcmp(m->step, step->name)) && is(key, m->key))
			return m;
	}
	return NULL;
}

/* p1, p2, p3 of messages that do not use them */
static bool says_nothing(struct json_part key, struct json_part value)
{
	return is(value, "0") && (is(key, "\"p1\"") || is(key, "\"p2\"") || is(key, "\"p3\""));
}

/* As the records have it: unsigned and of 64 bits, or signed */
static void put_result(struct json_part value, FILE *to)
{
	const struct errmap_entry *entry = NULL;
	long long code = 0;

	for (size_t i = value.at[0] == '-'; i < value.size; i++)
		code = (long long)((unsigned long long)code * 10 +
				   (unsigned long long)(value.at[i] - '0'));
	if (value.at[0] == '-')
		code = -code;
	if (value.at[0] == '-' || (value.at[0] >= '0' && value.at[0] <= '9'))
		entry = code ? errmap_find_error((int32_t)code) : NULL;
	if (entry)
		fputs(entry->name, to);
	else
		fprintf(to, "%.*s", (int)value.size, value.at);
}

static void put_bits(const struct names *names, struct json_part value, FILE *to)
{
	uint64_t bits;
	char *text = NULL;

	if (names->count && json_u64(value, &bits) && bits && bits <= UINT32_MAX)
		text = names_bits(names, (uint32_t)bits, "|");
	if (text)
		fputs(text, to);
	else
		fprintf(to, "%.*s", (int)value.size, value.at);
	free(text);
}

static void put_argument(const struct step *step, struct json_part key, struct json_part value,
			 FILE *to)
{
	const struct meaning *meaning = meaning_of(step, key);

	if (!meaning) {
		fprintf(to, "%.*s=%.*s", (int)key.size - 2, key.at + 1, (int)value.size, value.at);
		return;
	}
	fprintf(to, "%s=", meaning->title);
	if (meaning->names)
		put_bits(meaning->names, value, to);
	else
		put_result(value, to);
}

static void put_all(const struct step *step, FILE *to)
{
	struct json_part key, value;
	const char *before = "";
	struct json json;
	bool more;

	json_begin(&json, step->args, strlen(step->args));
	if (!json_open(&json, '{')) {
		fputs(step->args, to);
		return;
	}
	for (bool first = true; json_member(&json, first, &more, &key) && more; first = false) {
		if (!json_value(&json, &value))
			return;
		if (!meaning_of(step, key) && says_nothing(key, value))
			continue;
		fputs(before, to);
		put_argument(step, key, value, to);
		before = " ";
	}
}

char *sequence_args(const struct step *step)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	put_all(step, to);
	return fclose(to) ? free(text), NULL : text;
}

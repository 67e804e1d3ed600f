/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ringing of most of the world's exchanges: 2 s on, 4 s off */
#define RING_ON_MS	2000
#define RING_OFF_MS	4000
/* How long a called party rings when the route does not say */
#define ANSWER_AFTER_MS	2000
/* Longest time in a command, s: a day */
#define SECONDS_MAX	86400
#define ROUND_MAX	1000000

/* How a word of a command is read, and into what type of member */
enum param_type {
	PARAM_FLAG,		/* bool: the word is the key itself */
	PARAM_TEXT,		/* const char * */
	PARAM_DIGITS,		/* const char * */
	PARAM_PATTERN,		/* const char *: digits of a route */
	PARAM_NUMBER,		/* unsigned int */
	PARAM_SECONDS,		/* unsigned int, ms */
	PARAM_CADENCE,		/* unsigned int[2] */
	PARAM_TONE,		/* enum tone */
	PARAM_ANSWER,		/* struct route_answer */
};

/* A word of a command; without a key it is known by its place, and must be there */
struct param {
	const char *key;
	enum param_type type;
	size_t offset;
	const char *what;	/* for people, of one without a key */
};

/* Words of one command at most, the verb left out */
#define PARAMS 6

struct verb {
	const char *name;
	enum command_verb verb;
	struct param params[PARAMS];
};

#define AT(member) offsetof(struct command, member)

static const struct verb verbs[] = {
	{ "ring", COMMAND_RING, {
		{ "number", PARAM_TEXT, AT(number), NULL },
		{ "name", PARAM_TEXT, AT(name), NULL },
		{ "cadence", PARAM_CADENCE, AT(cadence_ms), NULL },
		{ "count", PARAM_NUMBER, AT(count), NULL } } },
	{ "stop-ring", COMMAND_STOP_RING, { { 0 } } },
	{ "play", COMMAND_PLAY, {
		{ NULL, PARAM_TEXT, AT(file), "a file" },
		{ "loop", PARAM_FLAG, AT(loop), NULL } } },
	{ "stop-play", COMMAND_STOP_PLAY, { { 0 } } },
	{ "record", COMMAND_RECORD, {
		{ NULL, PARAM_TEXT, AT(file), "a file" } } },
	{ "stop-record", COMMAND_STOP_RECORD, { { 0 } } },
	{ "tone", COMMAND_TONE, {
		{ NULL, PARAM_TONE, AT(tone), "a tone" } } },
	{ "dtmf", COMMAND_DTMF, {
		{ NULL, PARAM_DIGITS, AT(digits), "digits" },
		{ "on", PARAM_NUMBER, AT(on_ms), NULL },
		{ "off", PARAM_NUMBER, AT(off_ms), NULL },
		{ "sound", PARAM_FLAG, AT(sound), NULL } } },
	{ "hangup", COMMAND_HANGUP, { { 0 } } },
	{ "answer-after", COMMAND_ANSWER_AFTER, {
		{ NULL, PARAM_SECONDS, AT(after_ms), "seconds" } } },
	{ "route", COMMAND_ROUTE, {
		{ NULL, PARAM_PATTERN, AT(digits), "digits" },
		{ NULL, PARAM_ANSWER, AT(answer), "busy, ringback, answer, noanswer or off" },
		{ "play", PARAM_TEXT, AT(file), NULL },
		{ "record", PARAM_TEXT, AT(record), NULL } } },
	{ "status", COMMAND_STATUS, { { 0 } } },
	{ "quit", COMMAND_QUIT, { { 0 } } },
};

static const char *const tones[TONE_COUNT] = {
	[TONE_OFF] = "off", [TONE_DIAL] = "dial", [TONE_RINGBACK] = "ringback",
	[TONE_BUSY] = "busy", [TONE_REORDER] = "reorder",
};

static const struct {
	const char *name;
	enum route_action action;
} actions[] = {
	{ "busy", ROUTE_BUSY }, { "ringback", ROUTE_RINGBACK }, { "answer", ROUTE_ANSWER },
	{ "noanswer", ROUTE_NO_ANSWER }, { "off", ROUTE_REMOVE },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *tone_name(enum tone tone)
{
	return tones[tone];
}

__attribute__((format(printf, 2, 3)))
static int fail(struct command *command, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&command->error, format, args);
	va_end(args);
	if (length < 0) {
		command->error = NULL;
		return -ENOMEM;
	}
	return -EINVAL;
}

/* A whole number up to @max, all of the text up to @end */
static bool read_number(const char *text, const char *end, unsigned int max, unsigned int *value)
{
	unsigned int n = 0;

	if (text == end)
		return false;
	for (; text < end; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (*text - '0');
		if (n > max)
			return false;
	}
	*value = n;
	return true;
}

/* Seconds with up to three decimals; a point whatever the language */
static bool read_seconds(const char *text, unsigned int *ms)
{
	size_t length = strlen(text);
	const char *point = memchr(text, '.', length);
	const char *end = point ? point : text + length;
	unsigned int whole, part = 0;

	if (!read_number(text, end, SECONDS_MAX, &whole))
		return false;
	if (point) {
		size_t places = strlen(point + 1);

		if (places > 3 || !read_number(point + 1, point + 1 + places, 999, &part))
			return false;
		for (; places < 3; places++)
			part *= 10;
	}
	*ms = whole * 1000 + part;
	return true;
}

static bool read_cadence(const char *text, unsigned int *ms)
{
	const char *comma = strchr(text, ',');

	return comma && read_number(text, comma, ROUND_MAX, &ms[0]) &&
	       read_number(comma + 1, comma + strlen(comma), ROUND_MAX, &ms[1]) && ms[0];
}

static bool read_tone(const char *text, enum tone *tone)
{
	for (unsigned int i = 0; i < TONE_COUNT; i++) {
		if (!strcmp(text, tones[i])) {
			*tone = i;
			return true;
		}
	}
	return false;
}

static bool read_answer(const char *text, struct route_answer *answer)
{
	const char *equals = strchr(text, '=');
	size_t length = equals ? (size_t)(equals - text) : strlen(text);

	for (unsigned int i = 0; i < COUNT(actions); i++) {
		if (strlen(actions[i].name) != length || strncmp(text, actions[i].name, length))
			continue;
		answer->action = actions[i].action;
		answer->after_ms = ANSWER_AFTER_MS;
		return !equals || (answer->action == ROUTE_ANSWER &&
				   read_seconds(equals + 1, &answer->after_ms));
	}
	return false;
}

static bool all_digits(const char *text)
{
	for (const char *c = text; *c; c++) {
		if (!route_is_digit(*c))
			return false;
	}
	return *text;
}

static bool is_pattern(const char *text)
{
	if (!strcmp(text, ROUTE_DEFAULT))
		return true;
	for (const char *c = text; *c; c++) {
		if (!route_is_digit(*c) && *c != 'X')
			return false;
	}
	return *text;
}

/* Puts the value of a word where it belongs; false when it is none */
static bool read_value(const struct param *param, const char *value, struct command *command)
{
	void *at = (char *)command + param->offset;

	switch (param->type) {
	case PARAM_FLAG:
		*(bool *)at = true;
		return true;
	case PARAM_NUMBER:
		return read_number(value, value + strlen(value), ROUND_MAX, at);
	case PARAM_SECONDS:
		return read_seconds(value, at);
	case PARAM_CADENCE:
		return read_cadence(value, at);
	case PARAM_TONE:
		return read_tone(value, at);
	case PARAM_ANSWER:
		return read_answer(value, at);
	case PARAM_DIGITS:
	case PARAM_PATTERN:
		if (param->type == PARAM_DIGITS ? !all_digits(value) : !is_pattern(value))
			return false;
		break;
	case PARAM_TEXT:
		if (!*value)
			return false;
		break;
	}
	*(const char **)at = value;
	return true;
}

/* The value of @word if it is the parameter @param by its key, else NULL */
static const char *keyed_value(const struct param *param, const char *word)
{
	size_t length = strlen(param->key);

	if (strncmp(word, param->key, length))
		return NULL;
	if (param->type == PARAM_FLAG)
		return word[length] ? NULL : word;
	return word[length] == '=' ? word + length + 1 : NULL;
}

static int read_word(const struct verb *verb, const char *word, bool *seen,
		     struct command *command)
{
	const struct param *place = NULL;
	const char *value = NULL;
	unsigned int i;

	for (i = 0; i < PARAMS && verb->params[i].type + verb->params[i].offset; i++) {
		const struct param *param = &verb->params[i];

		value = param->key ? keyed_value(param, word) : NULL;
		if (value)
			break;
		if (!param->key && !seen[i] && !place)
			place = param;
	}
	if (!value && place) {
		i = place - verb->params;
		value = word;
	}
	if (!value)
		return fail(command, "%s: '%s' is not understood", verb->name, word);
	if (seen[i])
		return fail(command, "%s: %s is given twice", verb->name, verb->params[i].key);
	seen[i] = true;
	if (read_value(&verb->params[i], value, command))
		return 0;
	return fail(command, "%s: '%s' is not %s", verb->name, word,
		    verb->params[i].what ? verb->params[i].what : "a valid value");
}

/*
 * The next word of a line, which is changed: unquoted, NUL at the end.  NULL at
 * the end of the line; *@open when a quote is not closed.
 */
static char *next_word(char **rest, bool *open)
{
	char *from = *rest + strspn(*rest, " \t\r"), *word = from, *to = from;
	bool quoted = false;

	*open = false;
	if (!*from)
		return NULL;
	for (; *from && (quoted || !strchr(" \t\r", *from)); from++) {
		if (*from == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && *from == '\\' && (from[1] == '"' || from[1] == '\\'))
			from++;
		*to++ = *from;
	}
	*rest = *from ? from + 1 : from;
	*to = '\0';
	*open = quoted;
	return word;
}

static const struct verb *find_verb(const char *name)
{
	for (unsigned int i = 0; i < COUNT(verbs); i++) {
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	}
	return NULL;
}

static int parse_words(const struct verb *verb, char *rest, struct command *command)
{
	bool seen[PARAMS] = { false }, open;
	char *word;
	int err;

	while ((word = next_word(&rest, &open))) {
		if (open)
			return fail(command, "%s: a quotation mark is missing", verb->name);
		err = read_word(verb, word, seen, command);
		if (err)
			return err;
	}
	for (unsigned int i = 0; i < PARAMS; i++) {
		if (verb->params[i].what && !seen[i])
			return fail(command, "%s: %s is missing", verb->name, verb->params[i].what);
	}
	command->verb = verb->verb;
	return 0;
}

int command_parse(const char *line, struct command *command)
{
	const struct verb *verb;
	char *rest, *word;
	bool open;

	*command = (struct command){ .cadence_ms = { RING_ON_MS, RING_OFF_MS } };
	command->text = strdup(line);
	if (!command->text)
		return -ENOMEM;
	rest = command->text;
	word = next_word(&rest, &open);
	if (!word || *word == '#')
		return 0;
	verb = find_verb(word);
	if (!verb)
		return fail(command, "unknown command '%s'", word);
	return parse_words(verb, rest, command);
}

void command_free(struct command *command)
{
	free(command->text);
	free(command->error);
	*command = (struct command){ 0 };
}

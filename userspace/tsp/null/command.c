/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How commands are written: words, key=value, quotes. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "null.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * One word: unquoted in place.  *equals is the first = outside of quotes, or NULL.  Returns the
 * rest of the text, NULL for a quote that does not end.
 */
static char *take_word(char *text, char **equals)
{
	char *to = text;
	bool quoted = false;

	*equals = NULL;
	for (; *text && (quoted || !blank(*text)); text++) {
		if (*text == '"') {
			quoted = !quoted;
			continue;
		}
		if (*text == '\\' && text[1])
			text++;
		else if (*text == '=' && !quoted && !*equals)
			*equals = to;
		*to++ = *text;
	}
	if (quoted)
		return NULL;
	if (*text)
		text++;
	*to = '\0';
	return text;
}

const char *command_parse(char *text, struct command *command)
{
	char *word, *equals;

	memset(command, 0, sizeof(*command));
	for (;;) {
		while (blank(*text))
			text++;
		if (!*text)
			break;
		word = text;
		text = take_word(word, &equals);
		if (!text)
			return "a quote does not end";
		if (command->word_count == COMMAND_WORDS || command->key_count == COMMAND_WORDS)
			return "too many words";
		if (!equals || equals == word) {
			command->words[command->word_count++] = word;
			continue;
		}
		*equals = '\0';
		if (command_value(command, word))
			return "a key is there twice";
		command->keys[command->key_count] = word;
		command->values[command->key_count++] = equals + 1;
	}
	return command->word_count ? NULL : "no command";
}

const char *command_value(const struct command *command, const char *key)
{
	unsigned int i;

	for (i = 0; i < command->key_count; i++) {
		if (!strcasecmp(command->keys[i], key))
			return command->values[i];
	}
	return NULL;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool command_number(const char *text, uint64_t max, uint64_t *number)
{
	unsigned int base = 10;
	uint64_t value = 0;
	int digit;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (!*text)
		return false;
	for (; *text; text++) {
		digit = digit_of(*text);
		if (digit < 0 || (unsigned int)digit >= base ||
		    __builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, (unsigned int)digit, &value))
			return false;
	}
	*number = value;
	return value <= max;
}

long command_bytes(const char *text, uint8_t *bytes, size_t room)
{
	size_t count = 0;
	int high, low;

	for (; *text; text += 2) {
		high = digit_of(text[0]);
		low = high < 0 ? -1 : digit_of(text[1]);
		if (low < 0 || count == room)
			return -1;
		bytes[count++] = high << 4 | low;
	}
	return count;
}

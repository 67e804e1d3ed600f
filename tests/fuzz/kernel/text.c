// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs as text, and back; what is written is read as the same program. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* ---- writing */

static void write_text_of(FILE *to, const char *text)
{
	fputs(" \"", to);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (isprint(c) && c != '"' && c != '\\')
			fputc(c, to);
		else
			fprintf(to, "\\x%02x", c);
	}
	fputc('"', to);
}

static void write_attribute(FILE *to, const struct arg *arg)
{
	const char *name = attribute_name(arg->type);

	if (name)
		fprintf(to, " %s", name);
	else
		fprintf(to, " %u", arg->type);
	if (arg->len >= 0)
		fprintf(to, ":%" PRId32, arg->len);
	fputc('=', to);
	if (arg->ref)
		fputc(arg->ref, to);
	fprintf(to, "%" PRIu64, arg->value);
}

static void write_call(FILE *to, const struct call *call)
{
	const struct op *op = &ops[call->op];

	fprintf(to, "%s%s", call->aside ? "& " : "", op->name);
	for (unsigned int i = 0; i < call->nargs; i++) {
		const char *name = is_send(op) && i == 1 ? command_name(call->arg[1].value) : NULL;

		if (is_send(op) && i >= SEND_ARGS)
			write_attribute(to, &call->arg[i]);
		else if (name)
			fprintf(to, " %s", name);
		else
			fprintf(to, " %" PRIu64, call->arg[i].value);
	}
	if (call->has_text)
		write_text_of(to, call->text);
	fputc('\n', to);
}

void program_write(FILE *to, const struct program *program)
{
	for (unsigned int i = 0; i < program->n; i++)
		write_call(to, &program->call[i]);
	fputs("---\n", to);
}

/* ---- reading */

static const char *skip(const char *at)
{
	while (*at == ' ' || *at == '\t' || *at == '\n')
		at++;
	return at;
}

/* A number in any base, as long as it is all of the word */
static bool read_number(const char *word, size_t len, uint64_t *value)
{
	char *end;

	*value = strtoull(word, &end, 0);
	return len && end == word + len;
}

static const char *read_quoted(const char *at, char text[MAX_TEXT + 1])
{
	size_t n = 0;
	unsigned int code;

	while (*at && *at != '"') {
		if (n == MAX_TEXT)
			return NULL;
		if (*at != '\\') {
			text[n++] = *at++;
			continue;
		}
		if (sscanf(at, "\\x%2x", &code) != 1 || !code || strnlen(at, 4) < 4)
			return NULL;
		text[n++] = (char)code;
		at += 4;
	}
	text[n] = '\0';
	return *at == '"' ? at + 1 : NULL;
}

static bool read_attribute(const char *word, size_t len, struct arg *arg)
{
	size_t name = strcspn(word, ":= \n"), at = name;
	uint64_t number;

	*arg = (struct arg){ .len = -1 };
	if (!attribute_number(word, name, &number) && !read_number(word, name, &number))
		return false;
	arg->type = (uint16_t)number;
	if (word[at] == ':') {
		char *end;

		arg->len = (int32_t)strtoul(word + at + 1, &end, 0);
		at = (size_t)(end - word);
	}
	if (word[at] != '=')
		return false;
	at++;
	if (word[at] && strchr("cgisfkp", word[at]))
		arg->ref = word[at++];
	return at < len && read_number(word + at, len - at, &arg->value);
}

static bool read_word(struct call *call, const char *word, size_t len)
{
	const struct op *op = &ops[call->op];
	struct arg *arg = &call->arg[call->nargs];

	if (call->nargs == MAX_ARGS)
		return false;
	call->nargs++;
	if (is_send(op) && call->nargs > SEND_ARGS)
		return read_attribute(word, len, arg);
	*arg = (struct arg){ .len = -1 };
	if (is_send(op) && call->nargs == 2 && command_number(word, len, &arg->value))
		return true;
	return call->nargs <= op_params(op) && read_number(word, len, &arg->value);
}

static bool read_call(const char *at, struct call *call)
{
	size_t len;
	const struct op *op;

	memset(call, 0, sizeof(*call));
	if (*at == '&') {
		call->aside = true;
		at = skip(at + 1);
	}
	len = strcspn(at, " \t\n");
	op = op_by_name(at, len);
	if (!op)
		return false;
	call->op = (uint8_t)(op - ops);
	for (at = skip(at + len); *at && *at != '"'; at = skip(at + len)) {
		len = strcspn(at, " \t\n");
		if (!read_word(call, at, len))
			return false;
	}
	if (*at == '"') {
		call->has_text = true;
		at = read_quoted(at + 1, call->text);
		at = at ? skip(at) : "?";
	}
	return !*at && call->nargs >= op_params(op) && call->has_text == !!op->words;
}

/**
 * program_read() - the next program of a file
 * @from: the file
 * @program: filled
 * @error: a line could not be understood; it is shown
 *
 * Lines that are empty or begin with # are passed over.
 *
 * Return: whether there was one.
 */
bool program_read(FILE *from, struct program *program, bool *error)
{
	bool any = false;
	char line[1024];

	program->n = 0;
	while (fgets(line, sizeof(line), from)) {
		const char *at = skip(line);

		if (!*at || *at == '#')
			continue;
		any = true;
		if (!strncmp(at, "---", 3))
			return true;
		if (program->n == MAX_CALLS || !read_call(at, &program->call[program->n])) {
			fprintf(stderr, "not understood: %s", line);
			*error = true;
			return false;
		}
		program->n++;
	}
	return any;
}

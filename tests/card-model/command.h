/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control language: words of a line, and the tables of what they do. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "model.h"

#define WORDS	8

struct words {
	unsigned int count;
	char *word[WORDS];		/* NULL behind the last */
};

/* Returns NULL, or what was wrong. */
typedef const char *command_fn(struct card *card, unsigned int socket, const struct words *words,
			       FILE *out);

/*
 * @words: the first of them is the command's own name. @at_module: the second is the socket, and there
 * is a module. Tables end with an empty entry.
 */
struct command {
	const char *name, *usage, *help;
	command_fn *run;
	unsigned int least, most;	/* words behind the name */
	bool at_module;
};

extern const struct command phone_commands[], exchange_commands[], fault_commands[],
	module_commands[];

/* Values of words; false when they are none. A missing optional word leaves *value alone. */
bool word_number(const char *word, unsigned int *value);
bool word_hex(const char *word, unsigned int *value);
bool word_double(const char *word, double *value);
bool word_switch(const char *word, bool *value);

/* The same as the end of a command: NULL, or what is wrong with the word. */
const char *set_number(const char *word, unsigned int *value);
const char *set_double(const char *word, double *value);
const char *set_switch(const char *word, bool *value);

extern const char bad_number[], bad_switch[], bad_word[];

#endif

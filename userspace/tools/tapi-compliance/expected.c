/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: the list of expected failures. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "expected.h"

static char *skip_blanks(char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

static void cut_blanks(char *text)
{
	size_t len = strlen(text);

	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
}

/* Takes over the two strings, also when it fails */
static int append(struct expected *list, char *test, char *reason, unsigned int line)
{
	struct expected_entry *more;

	more = reallocarray(list->entries, list->count + 1, sizeof(*more));
	if (more)
		list->entries = more;
	if (!more || !test || !reason) {
		free(test);
		free(reason);
		return -ENOMEM;
	}
	more[list->count++] = (struct expected_entry){ test, reason, line };
	return 0;
}

/* One line of the file, without its end */
static int parse(struct expected *list, char *text, unsigned int line, char *error, size_t size)
{
	char *test = skip_blanks(text), *reason = test;

	if (!*test || *test == '#')
		return 0;
	while (*reason && !isspace((unsigned char)*reason))
		reason++;
	if (*reason)
		*reason++ = '\0';
	reason = skip_blanks(reason);
	cut_blanks(reason);
	if (!*reason) {
		snprintf(error, size, "line %u: %s: no reason is given", line, test);
		return -EINVAL;
	}
	if (expected_reason(list, test)) {
		snprintf(error, size, "line %u: %s is there twice", line, test);
		return -EINVAL;
	}
	snprintf(error, size, "line %u: out of memory", line);
	return append(list, strdup(test), strdup(reason), line);
}

int expected_read(struct expected *list, FILE *file, char *error, size_t size)
{
	unsigned int line = 0;
	size_t room = 0;
	char *text = NULL;
	int err = 0;

	*list = (struct expected){ NULL, 0 };
	errno = 0;
	while (!err && getline(&text, &room, file) >= 0)
		err = parse(list, text, ++line, error, size);
	if (!err && ferror(file)) {
		err = errno ? -errno : -EIO;
		snprintf(error, size, "%s", strerror(-err));
	}
	free(text);
	if (err)
		expected_free(list);
	return err;
}

void expected_free(struct expected *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->entries[i].test);
		free(list->entries[i].reason);
	}
	free(list->entries);
	*list = (struct expected){ NULL, 0 };
}

const char *expected_reason(const struct expected *list, const char *test)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->entries[i].test, test))
			return list->entries[i].reason;
	return NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Failures that are known: a text file with the name of a test and the reason on each line.
 * No input or output but that file's: tested alone.
 */
#ifndef COMPLIANCE_EXPECTED_H
#define COMPLIANCE_EXPECTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct expected_entry {
	char *test, *reason;
	unsigned int line;		/* in the file */
};

struct expected {
	struct expected_entry *entries;
	size_t count;
};

/*
 * Reads the list.  On an error the list is empty, the return value is a negative errno, and @error
 * says what is wrong and in which line.
 */
int expected_read(struct expected *list, FILE *file, char *error, size_t size);
void expected_free(struct expected *list);

/* Why @test may fail, NULL when it may not */
const char *expected_reason(const struct expected *list, const char *test);

#endif /* COMPLIANCE_EXPECTED_H */

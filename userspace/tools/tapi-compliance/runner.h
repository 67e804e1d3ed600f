/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the tests on a line, or on a line and the other end of its cable. */
#ifndef COMPLIANCE_RUNNER_H
#define COMPLIANCE_RUNNER_H

#include "report.h"
#include "test.h"

struct options {
	const char *only;		/* pattern of names, NULL: all */
	const char *peer;		/* the other end of the cable, NULL: none */
	unsigned int tolerance_ms;
};

extern const struct group *const groups[];
extern const size_t group_count;

/* Is there a test of this name, or one that the pattern matches? */
bool test_exists(const char *pattern);
void list_tests(FILE *out);
/* All tests that were asked for; the results are in the report */
void run_line(struct report *report, const char *path, const struct options *options);

#endif /* COMPLIANCE_RUNNER_H */

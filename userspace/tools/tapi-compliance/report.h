/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What came of the tests, told as text for people, as TAP or as JSON.  Text and TAP are told as it
 * happens, JSON is one object at the end.
 */
#ifndef COMPLIANCE_REPORT_H
#define COMPLIANCE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "expected.h"

enum verdict {
	OK,			/* the rule is kept */
	PRESUMED,		/* it seems so, the rest would need the other end of the line */
	NOT_SUPPORTED,		/* the line has no such capability, and says so */
	REFUSED,		/* somebody else has the line, or it may not be used */
	FAIL,			/* the rule is broken */
	VERDICTS,
};

enum report_format { REPORT_TEXT, REPORT_TAP, REPORT_JSON };

enum report_status {
	REPORT_GOOD = 0,
	REPORT_FAILED = 1,
	REPORT_USAGE = 2,
	REPORT_NOTHING = 77,	/* nothing could be tested */
};

struct result {
	char *device, *test, *reason;
	const char *rule;	/* page and section of the interface */
	const char *wants;	/* what it asks for, one sentence */
	enum verdict verdict;
	const char *expected;	/* why the failure is expected, NULL when it is not */
};

struct report {
	enum report_format format;
	FILE *out;
	const struct expected *known;
	struct result *results;
	size_t count, room;
	unsigned int tally[VERDICTS];
	unsigned int expected, surprises;	/* expected failures that failed, and that did not */
	char group[32];				/* of the last result that was told */
};

const char *verdict_name(enum verdict verdict);

void report_init(struct report *r, enum report_format format, FILE *out,
		 const struct expected *known);
/* A line is about to be tested; @text describes it, one property per line */
void report_line(struct report *r, const char *device, const char *text);
/* One result; @rule and @wants stay as they are, the rest is copied */
void report_result(struct report *r, const struct result *result);
/* The end: summary, plan, or all of the JSON.  Returns the status of the program. */
enum report_status report_end(struct report *r, bool interrupted);
void report_free(struct report *r);

#endif /* COMPLIANCE_REPORT_H */

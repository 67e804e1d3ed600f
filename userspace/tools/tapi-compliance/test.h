/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A test: one rule of the interface, and a function that judges it.
 *
 * Each test has files of its own on the line, and on the line at the other end of the cable if
 * there is one; both are claimed before it and released after it, whatever happens.
 */
#ifndef COMPLIANCE_TEST_H
#define COMPLIANCE_TEST_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "line.h"
#include "report.h"

/* Pages that rules are on */
#define LINE_PAGE	"line-device.rst, "
#define RELAY_PAGE	"relay.rst, "
#define SYSFS_PAGE	"sysfs-class-tapi"

/* What a test needs */
#define T_CLAIM		1u	/* the line is claimed */
#define T_PEER		2u	/* the other end of the cable, claimed */

struct run {
	struct line line;
	struct line peer;	/* fd is -1 without --peer */
	struct line *fxo, *fxs;	/* with --peer: which of them is which */
	unsigned int tolerance_ms;
	char reason[512];
};

struct test {
	const char *name;		/* group/rule */
	const char *rule, *wants;	/* page and section; what is there, one sentence */
	unsigned int needs;
	uint64_t caps;			/* of the line */
	uint64_t fxo, fxs;		/* of the ends of the cable, with T_PEER */
	enum verdict (*run)(struct run *r);
};

struct group {
	const struct test *tests;
	size_t count;
};

extern const struct group caps_group, input_group, events_group, claim_group, hook_group,
	ring_group, feed_group, tone_group, dial_group, param_group, meter_group, pcm_group,
	access_group, relay_group, peer_group, sound_group, level_group;

#define GROUP(name, tests) \
	const struct group name = { tests, sizeof(tests) / sizeof((tests)[0]) }

/* Says why, and is the verdict */
__attribute__((format(printf, 3, 4)))
enum verdict verdict(struct run *r, enum verdict v, const char *format, ...);

#define CHECK(condition, ...) \
	do { \
		if (!(condition)) \
			return verdict(r, FAIL, __VA_ARGS__); \
	} while (0)

/* A call that must succeed: 0 or a negative errno */
#define CHECK_OK(call, what) \
	do { \
		int check_err = (call); \
		if (check_err) \
			return verdict(r, FAIL, "%s: %s", (what), error_name(check_err)); \
	} while (0)

/* A call that must fail so */
#define CHECK_ERR(call, want, what) \
	do { \
		int check_err = (call); \
		if (check_err != -(want)) \
			return verdict(r, FAIL, "%s: %s, not %s", (what), \
				       error_name(check_err), error_name(-(want))); \
	} while (0)

/* Name of a negative errno; "success" for 0 */
const char *error_name(int err);

/* Requests for what the line cannot do: 0 when all of them are refused as they should be */
int caps_refused(struct run *r, uint64_t missing);
/* Names of capabilities */
const char *caps_text(uint64_t caps, char *buf, size_t size);

#endif /* COMPLIANCE_TEST_H */

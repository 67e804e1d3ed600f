/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers of TAPI with their names and one sentence each, and the way from errno to LINEERR_ and
 * back.
 */
#ifndef TAPI_ERRMAP_H
#define TAPI_ERRMAP_H

#include <stddef.h>
#include <stdint.h>

/* Families of numbers: the same number means different things in different families */
enum errmap_family {
	ERRMAP_LINEERR,
	ERRMAP_PHONEERR,
	ERRMAP_TAPIERR,
	ERRMAP_TAPI_E,
	ERRMAP_DISCONNECT,
	ERRMAP_CALLSTATE,
	ERRMAP_MESSAGE,
	ERRMAP_FAMILIES,
};

/**
 * struct errmap_entry - one number
 * @code: the number
 * @name: its name in tapi.h, "LINEERR_NODEVICE"
 * @text: one sentence for people
 */
struct errmap_entry {
	int32_t code;
	const char *name;
	const char *text;
};

/**
 * struct errmap_table - one family
 * @prefix: what all names start with, "LINEERR_"
 * @entries: sorted as in tapi.h
 * @count: number of entries
 */
struct errmap_table {
	const char *prefix;
	const struct errmap_entry *entries;
	size_t count;
};

extern const struct errmap_table errmap_tables[ERRMAP_FAMILIES];

/**
 * errmap_find - what a number means
 * @family: where to look
 * @code: the number
 *
 * Returns the entry or NULL.
 */
const struct errmap_entry *errmap_find(enum errmap_family family, int32_t code);

/**
 * errmap_find_error - what an error means, whatever function returned it
 * @code: LINEERR_, PHONEERR_, TAPI_E_ or TAPIERR_: their ranges do not overlap
 *
 * Returns the entry or NULL.
 */
const struct errmap_entry *errmap_find_error(int32_t code);

/**
 * errmap_find_name - number with a name
 * @name: with or without the prefix of a family, upper or lower case
 * @family: out, may be NULL: where it was found
 * @after: NULL, or the entry found last, to find the next family with the same short name
 *
 * Returns the entry or NULL.
 */
const struct errmap_entry *errmap_find_name(const char *name, enum errmap_family *family,
					    const struct errmap_entry *after);

/**
 * errmap_from_errno - error of this project as LINEERR_
 * @error: negative errno; 0 and positive numbers come back unchanged
 */
int32_t errmap_from_errno(int error);

/**
 * errmap_to_errno - LINEERR_ or PHONEERR_ as negative errno
 * @code: the error; 0 and positive numbers come back unchanged
 */
int errmap_to_errno(int32_t code);

#endif /* TAPI_ERRMAP_H */

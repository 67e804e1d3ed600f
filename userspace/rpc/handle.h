/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handles: {index 20 bits, generation 12 bits}, never 0. A handle that was closed, or that another
 * table gave out, is found out in O(1); no pointer leaves the process.
 */
#ifndef TAPI_HANDLE_H
#define TAPI_HANDLE_H

#include <stddef.h>
#include <stdint.h>

#define HANDLE_INDEX_BITS	20u
#define HANDLE_MAX		(1u << HANDLE_INDEX_BITS)

struct handle_slot {
	void *object;
	const void *type;	/* address of anything that is unique to the type */
	uint32_t generation;
	uint32_t next_free;
};

struct handle_table {
	struct handle_slot *slots;
	uint32_t size, used;
	uint32_t first_free;	/* oldest first, so that generations last long */
	uint32_t last_free;
};

/* All zero is an empty table, too */
void handle_table_free(struct handle_table *table);

/**
 * handle_new - a handle for an object
 * @type: identifies the kind of object, handle_get() must name the same
 *
 * Returns 0 when there is no memory or the table is full.
 */
uint32_t handle_new(struct handle_table *table, const void *type, void *object);

/**
 * handle_get - the object of a handle
 *
 * Returns NULL for a handle that is unknown, closed or of another type.
 */
void *handle_get(const struct handle_table *table, const void *type, uint32_t handle);

/* Ends a handle; unknown handles are ignored */
void handle_close(struct handle_table *table, uint32_t handle);

#endif /* TAPI_HANDLE_H */

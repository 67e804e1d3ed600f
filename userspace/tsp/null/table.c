/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handles: 16 bits of index, 14 of generation, 2 of kind.  They fit into 32 bits, so that they
 * are the same on all machines.
 */
#include <stdlib.h>

#include "null.h"

#define INDEX_BITS	16
#define INDEX_MASK	0xFFFFu
#define GENERATION_MASK	0x3FFFu
#define KIND_SHIFT	30
/* The first index is not used: the list of free ones says 0 for its end */
#define SLOTS_MIN	16

static int grow(struct table *table)
{
	size_t size = table->size ? table->size * 2 : SLOTS_MIN;
	struct table_slot *slots;
	size_t i;

	if (size > INDEX_MASK + 1)
		return -1;
	slots = realloc(table->slots, size * sizeof(*slots));
	if (!slots)
		return -1;
	for (i = size; i-- > (table->size ? table->size : 1); ) {
		slots[i] = (struct table_slot){ .next_free = table->free };
		table->free = i;
	}
	table->slots = slots;
	table->size = size;
	return 0;
}

uintptr_t table_add(struct table *table, void *object)
{
	struct table_slot *slot;
	size_t index;

	if (!table->free && grow(table))
		return 0;
	index = table->free;
	slot = &table->slots[index];
	table->free = slot->next_free;
	slot->object = object;
	slot->generation = (slot->generation + 1) & GENERATION_MASK;
	return table->kind << KIND_SHIFT | (uintptr_t)slot->generation << INDEX_BITS | index;
}

static struct table_slot *find(const struct table *table, uintptr_t handle)
{
	size_t index = handle & INDEX_MASK;
	struct table_slot *slot;

	if (!index || index >= table->size || handle >> KIND_SHIFT != table->kind)
		return NULL;
	slot = &table->slots[index];
	if (!slot->object || (handle >> INDEX_BITS & GENERATION_MASK) != slot->generation)
		return NULL;
	return slot;
}

void *table_get(const struct table *table, uintptr_t handle)
{
	const struct table_slot *slot = find(table, handle);

	return slot ? slot->object : NULL;
}

void table_remove(struct table *table, uintptr_t handle)
{
	struct table_slot *slot = find(table, handle);

	if (!slot)
		return;
	slot->object = NULL;
	slot->next_free = table->free;
	table->free = handle & INDEX_MASK;
}

void table_free(struct table *table)
{
	free(table->slots);
	*table = (struct table){ .kind = table->kind };
}

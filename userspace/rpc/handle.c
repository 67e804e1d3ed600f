/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Table of handles. */
#include <stdlib.h>

#include "handle.h"

#define NONE		UINT32_MAX
#define GENERATIONS	((1u << (32 - HANDLE_INDEX_BITS)) - 1)

static struct handle_slot *find(const struct handle_table *table, uint32_t handle)
{
	uint32_t index = handle & (HANDLE_MAX - 1);
	struct handle_slot *slot;

	if (index >= table->used)
		return NULL;
	slot = &table->slots[index];
	if (!slot->type || slot->generation != handle >> HANDLE_INDEX_BITS)
		return NULL;
	return slot;
}

static int grow(struct handle_table *table)
{
	uint32_t size = table->size ? table->size * 2 : 16;
	struct handle_slot *slots;

	if (table->size >= HANDLE_MAX)
		return -1;
	slots = realloc(table->slots, size * sizeof(*slots));
	if (!slots)
		return -1;
	if (!table->size)
		table->first_free = table->last_free = NONE;
	table->slots = slots;
	table->size = size;
	return 0;
}

uint32_t handle_new(struct handle_table *table, const void *type, void *object)
{
	struct handle_slot *slot;
	uint32_t index;

	if (table->used == table->size && (!table->size || table->first_free == NONE)) {
		if (grow(table) < 0 && (!table->size || table->first_free == NONE))
			return 0;
	}
	if (table->used < table->size) {
		index = table->used++;
		/* generations start at 1, so that no handle is 0 */
		table->slots[index] = (struct handle_slot) { .generation = 1 };
	} else {
		index = table->first_free;
		table->first_free = table->slots[index].next_free;
		if (table->first_free == NONE)
			table->last_free = NONE;
	}
	slot = &table->slots[index];
	slot->object = object;
	slot->type = type;
	return slot->generation << HANDLE_INDEX_BITS | index;
}

void *handle_get(const struct handle_table *table, const void *type, uint32_t handle)
{
	const struct handle_slot *slot = find(table, handle);

	return slot && slot->type == type ? slot->object : NULL;
}

void handle_close(struct handle_table *table, uint32_t handle)
{
	struct handle_slot *slot = find(table, handle);
	uint32_t index = handle & (HANDLE_MAX - 1);

	if (!slot)
		return;
	slot->object = NULL;
	slot->type = NULL;
	slot->generation = slot->generation % GENERATIONS + 1;
	slot->next_free = NONE;
	if (table->last_free == NONE)
		table->first_free = index;
	else
		table->slots[table->last_free].next_free = index;
	table->last_free = index;
}

void handle_table_free(struct handle_table *table)
{
	free(table->slots);
	*table = (struct handle_table) { 0 };
}

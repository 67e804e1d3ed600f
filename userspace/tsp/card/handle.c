/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handles: an index and a generation.  The index is used again, the generation with it is another
 * one, so what a handle once meant is never mistaken for what is there now.
 */
#include <stdlib.h>
#include <string.h>

#include "card.h"

#define INDEX_BITS	20
#define INDEX_MAX	(1U << INDEX_BITS)
#define GENERATION_MAX	0xfffU
/* The first ones are the loop's own */
#define INDEX_FIRST	LOOP_IDS

struct slot {
	enum handle_kind kind;
	unsigned int generation;
	void *object;
};

static struct slot *slots;
static unsigned int slot_count;

static struct slot *slot_of(uintptr_t handle)
{
	uintptr_t index = handle & (INDEX_MAX - 1);
	struct slot *slot;

	if (index < INDEX_FIRST || index >= slot_count)
		return NULL;
	slot = &slots[index];
	return handle >> INDEX_BITS == slot->generation ? slot : NULL;
}

static bool grow(void)
{
	unsigned int count = slot_count ? 2 * slot_count : 64;
	struct slot *more;

	if (count > INDEX_MAX)
		return false;
	more = realloc(slots, count * sizeof(*more));
	if (!more)
		return false;
	memset(more + slot_count, 0, (count - slot_count) * sizeof(*more));
	slots = more;
	slot_count = count;
	return true;
}

/**
 * handle_new() - name an object
 *
 * Return: its handle, 0 when there is no memory.
 */
uintptr_t handle_new(enum handle_kind kind, void *object)
{
	unsigned int i = INDEX_FIRST;

	while (i < slot_count && slots[i].kind != HANDLE_FREE)
		i++;
	if (i >= slot_count && !grow())
		return 0;
	slots[i].kind = kind;
	slots[i].object = object;
	return (uintptr_t)slots[i].generation << INDEX_BITS | i;
}

/**
 * handle_get() - the object of a handle
 *
 * Return: NULL when it names nothing any more, or something of another kind.
 */
void *handle_get(uintptr_t handle, enum handle_kind kind)
{
	struct slot *slot = slot_of(handle);

	return slot && slot->kind == kind ? slot->object : NULL;
}

/**
 * handle_kind_of() - what a handle names
 */
enum handle_kind handle_kind_of(uintptr_t handle)
{
	struct slot *slot = slot_of(handle);

	return slot ? slot->kind : HANDLE_FREE;
}

/**
 * handle_free() - the object has gone
 */
void handle_free(uintptr_t handle)
{
	struct slot *slot = slot_of(handle);

	if (!slot)
		return;
	slot->kind = HANDLE_FREE;
	slot->object = NULL;
	slot->generation = slot->generation < GENERATION_MAX ? slot->generation + 1 : 0;
}

/**
 * handle_end() - the provider ends
 */
void handle_end(void)
{
	free(slots);
	slots = NULL;
	slot_count = 0;
}

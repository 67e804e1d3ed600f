/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory of one decoded frame. */
#include <stdint.h>
#include <stdlib.h>

#include "arena.h"

#define ALIGN	16u
#define BLOCK	65536u

static void *take(struct arena *arena, size_t size)
{
	void *p = arena->at;

	arena->at += size;
	return p;
}

static void *arena_alloc(void *data, size_t size)
{
	struct arena *arena = data;
	struct arena_block *block;
	size_t room;

	if (size > ARENA_LIMIT)
		return NULL;
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (arena->used + size > ARENA_LIMIT)
		return NULL;
	if (size > (size_t)(arena->end - arena->at)) {
		room = size > BLOCK ? size : BLOCK;
		block = malloc(ALIGN + room);
		if (!block)
			return NULL;
		block->next = arena->blocks;
		arena->blocks = block;
		arena->at = (unsigned char *)block + ALIGN;
		arena->end = arena->at + room;
	}
	arena->used += size;
	return take(arena, size);
}

static void arena_free(void *data, void *pointer)
{
}

void arena_init(struct arena *arena)
{
	arena->allocator = (ProtobufCAllocator) {
		.alloc = arena_alloc, .free = arena_free, .allocator_data = arena,
	};
	arena->blocks = NULL;
	arena->at = arena->first;
	arena->end = arena->first + sizeof(arena->first);
	arena->used = 0;
}

void arena_reset(struct arena *arena)
{
	struct arena_block *block = arena->blocks, *next;

	for (; block; block = next) {
		next = block->next;
		free(block);
	}
	arena_init(arena);
}

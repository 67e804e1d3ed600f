/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory of one decoded frame: handed out from one piece, limited, freed as a whole. A hostile
 * frame of 64 KiB can ask protobuf-c for megabytes.
 */
#ifndef TAPI_ARENA_H
#define TAPI_ARENA_H

#include <stddef.h>
#include <protobuf-c/protobuf-c.h>

#define ARENA_LIMIT	(1u << 20)
#define ARENA_FIRST	4096u

struct arena_block {
	struct arena_block *next;
};

/**
 * struct arena - one frame's memory
 * @allocator: to be passed to protobuf-c; its free does nothing
 *
 * The first bytes are inside, so that a small frame allocates nothing.
 */
struct arena {
	ProtobufCAllocator allocator;
	struct arena_block *blocks;
	unsigned char *at, *end;
	size_t used;
	_Alignas(16) unsigned char first[ARENA_FIRST];
};

void arena_init(struct arena *arena);
void arena_reset(struct arena *arena);		/* frees everything; ready for the next frame */

#endif /* TAPI_ARENA_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One-producer one-consumer rings: what crosses the border of the sound thread.
 * Neither side waits, allocates or locks.
 */
#ifndef AUDIO_RING_H
#define AUDIO_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "memory.h"

/**
 * struct audio_ring - samples, S16
 * @mask: number of samples less one; a power of two less one
 * @head: written by the producer only
 * @tail: written by the consumer only
 * @data: owned by the ring
 */
struct audio_ring {
	uint32_t mask;
	_Atomic uint32_t head;
	_Atomic uint32_t tail;
	int16_t *data;
};

/** Make room for @samples, rounded up to a power of two. false: out of memory. */
static inline bool audio_ring_init(struct audio_ring *ring, uint32_t samples)
{
	uint32_t size = 64;

	while (size < samples)
		size *= 2;
	ring->data = audio_memory_new(size * sizeof(*ring->data));
	ring->mask = size - 1;
	atomic_init(&ring->head, 0);
	atomic_init(&ring->tail, 0);
	return ring->data;
}

static inline void audio_ring_free(struct audio_ring *ring)
{
	audio_memory_free(ring->data, ((size_t)ring->mask + 1) * sizeof(*ring->data));
	ring->data = NULL;
}

static inline uint32_t audio_ring_fill(const struct audio_ring *ring)
{
	return atomic_load_explicit(&ring->head, memory_order_acquire) -
	       atomic_load_explicit(&ring->tail, memory_order_acquire);
}

static inline uint32_t audio_ring_room(const struct audio_ring *ring)
{
	return ring->mask + 1 - audio_ring_fill(ring);
}

/** Producer: put up to @count samples; returns how many fitted. */
static inline uint32_t audio_ring_put(struct audio_ring *ring, const int16_t *samples,
				      uint32_t count)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	uint32_t room = audio_ring_room(ring);
	uint32_t at = head & ring->mask, first;

	if (count > room)
		count = room;
	first = ring->mask + 1 - at;
	if (first > count)
		first = count;
	memcpy(ring->data + at, samples, first * sizeof(*samples));
	memcpy(ring->data, samples + first, (count - first) * sizeof(*samples));
	atomic_store_explicit(&ring->head, head + count, memory_order_release);
	return count;
}

/** Consumer: take up to @count samples; returns how many there were. */
static inline uint32_t audio_ring_get(struct audio_ring *ring, int16_t *samples, uint32_t count)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	uint32_t fill = audio_ring_fill(ring);
	uint32_t at = tail & ring->mask, first;

	if (count > fill)
		count = fill;
	first = ring->mask + 1 - at;
	if (first > count)
		first = count;
	memcpy(samples, ring->data + at, first * sizeof(*samples));
	memcpy(samples + first, ring->data, (count - first) * sizeof(*samples));
	atomic_store_explicit(&ring->tail, tail + count, memory_order_release);
	return count;
}

/** Consumer: forget up to @count samples. */
static inline void audio_ring_drop(struct audio_ring *ring, uint32_t count)
{
	uint32_t fill = audio_ring_fill(ring);

	atomic_fetch_add_explicit(&ring->tail, count < fill ? count : fill,
				  memory_order_release);
}

#endif /* AUDIO_RING_H */

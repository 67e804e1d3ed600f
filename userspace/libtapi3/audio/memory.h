/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory the sound thread works on: pages of its own that stay in RAM, as far as RLIMIT_MEMLOCK
 * goes. Beyond it they are ordinary pages: a page fault is then as likely as anywhere else.
 */
#ifndef AUDIO_MEMORY_H
#define AUDIO_MEMORY_H

#include <stddef.h>

/* Zeroed; NULL: out of memory */
void *audio_memory_new(size_t size);
void audio_memory_free(void *memory, size_t size);
/* The stack of the calling thread */
void audio_memory_lock_stack(void);

#endif /* AUDIO_MEMORY_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pages that stay in RAM. */
#include <pthread.h>
#include <sys/mman.h>

#include "memory.h"

void *audio_memory_new(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	mlock(memory, size);
	return memory;
}

void audio_memory_free(void *memory, size_t size)
{
	if (memory)
		munmap(memory, size);
}

void audio_memory_lock_stack(void)
{
	pthread_attr_t attr;
	void *stack;
	size_t size;

	if (pthread_getattr_np(pthread_self(), &attr))
		return;
	if (!pthread_attr_getstack(&attr, &stack, &size))
		mlock(stack, size);
	pthread_attr_destroy(&attr);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In the virtual machine: tells the models of its cards each millisecond what time it is (vmclock.h),
 * before anything else runs. Says "ready" when the first one has been told.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "vmclock.h"

#define CLOCKS	  16
#define PERIOD_NS 1000000

static volatile uint8_t *clocks[CLOCKS];
static unsigned int clock_count;

static uint32_t get(const volatile uint8_t *clock, unsigned int offset)
{
	return *(const volatile uint32_t *)(clock + offset);
}

static bool id_is(const char *directory, const char *name, unsigned int wanted)
{
	char path[300];
	unsigned int id = 0;
	FILE *file;
	int got;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "re");
	if (!file)
		return false;
	got = fscanf(file, "%x", &id);
	fclose(file);
	return got == 1 && id == wanted;
}

/* Makes it answer, and maps its registers */
static bool map_clock(const char *directory)
{
	char path[300];
	void *memory;
	int fd;

	snprintf(path, sizeof(path), "%s/enable", directory);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		return false;
	close(fd);
	snprintf(path, sizeof(path), "%s/resource0", directory);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		return false;
	clocks[clock_count] = memory;
	if (get(memory, VMCLOCK_ID) != VMCLOCK_NAME) {
		errno = ENODEV;
		return false;
	}
	clock_count++;
	return true;
}

static bool find_clocks(void)
{
	glob_t found;
	bool good = true;

	if (glob("/sys/bus/pci/devices/*", 0, NULL, &found))
		return false;
	for (size_t i = 0; good && i < found.gl_pathc && clock_count < CLOCKS; i++)
		if (id_is(found.gl_pathv[i], "vendor", VMCLOCK_VENDOR) &&
		    id_is(found.gl_pathv[i], "device", VMCLOCK_DEVICE))
			good = map_clock(found.gl_pathv[i]);
	globfree(&found);
	if (good && !clock_count)
		errno = ENODEV;
	return good && clock_count;
}

/* QEMU takes interrupts between two instructions, and this machine does so in between, too */
static void tell(uint64_t ns)
{
	for (unsigned int i = 0; i < clock_count; i++) {
		*(volatile uint32_t *)(clocks[i] + VMCLOCK_TIME) = (uint32_t)(ns / CARD_FRAME_NS);
		while (get(clocks[i], VMCLOCK_STATE) & VMCLOCK_IRQ)
			;
	}
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int main(void)
{
	const struct sched_param first = { .sched_priority = sched_get_priority_max(SCHED_FIFO) };
	uint64_t next;

	if (!find_clocks() || mlockall(MCL_CURRENT | MCL_FUTURE) ||
	    sched_setscheduler(0, SCHED_FIFO, &first)) {
		perror("tapi-card-time");
		return 1;
	}
	next = now_ns();
	tell(next);
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct timespec at;

		next += PERIOD_NS;
		if (next < now_ns())
			next = now_ns();
		at.tv_sec = (time_t)(next / 1000000000u);
		at.tv_nsec = (long)(next % 1000000000u);
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
			;
		tell(now_ns());
	}
}

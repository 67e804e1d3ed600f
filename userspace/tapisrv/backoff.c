/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a host that died is started again. Pure. */
#include "server.h"

#define FIRST_USEC	100000u
#define LONGEST_USEC	30000000u
#define WINDOW_USEC	60000000u
#define DEATHS_MAX	5u

uint64_t backoff_next(unsigned int deaths, uint64_t first_death, uint64_t now)
{
	uint64_t wait = FIRST_USEC;

	if (deaths >= DEATHS_MAX && now - first_death < WINDOW_USEC)
		return UINT64_MAX;
	for (unsigned int i = 1; i < deaths && wait < LONGEST_USEC; i++)
		wait *= 2;
	return now + (wait < LONGEST_USEC ? wait : LONGEST_USEC);
}

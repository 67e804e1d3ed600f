/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DAHDI's channels for the benchmark's peers: built at run time against <dahdi/user.h> of Debian's
 * package, see scripts/dahdi.
 */
#ifndef BENCH_DAHDI_H
#define BENCH_DAHDI_H

#include <dahdi/user.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench.h"

/* One channel, configured for @signalling, with @count buffers of @size */
static inline int dahdi_channel(int ctl, int number, int signalling, int count, int size)
{
	struct dahdi_chanconfig config = { .chan = number, .sigtype = signalling };
	struct dahdi_bufferinfo buffers = {
		.txbufpolicy = DAHDI_POLICY_IMMEDIATE,
		.rxbufpolicy = DAHDI_POLICY_IMMEDIATE,
		.numbufs = count,
		.bufsize = size,
	};
	int fd;

	if (ioctl(ctl, DAHDI_CHANCONFIG, &config))
		die("channel %d: DAHDI_CHANCONFIG: %s", number, strerror(errno));
	fd = open("/dev/dahdi/channel", O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, DAHDI_SPECIFY, &number))
		die("channel %d: %s", number, strerror(errno));
	if (ioctl(fd, DAHDI_SET_BUFINFO, &buffers))
		die("channel %d: DAHDI_SET_BUFINFO: %s", number, strerror(errno));
	return fd;
}

#endif /* BENCH_DAHDI_H */

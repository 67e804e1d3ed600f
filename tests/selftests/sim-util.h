/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the simulator share: files and directories in configfs, events of a
 * line. Functions return 0 or a negative errno.
 */
#ifndef SIM_UTIL_H
#define SIM_UTIL_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <linux/tapi_line.h>

#include "file-util.h"
#include "tap.h"

#define CONFIG "/sys/kernel/config"
#define ROOT CONFIG "/tapi-sim"
/* Five times what a quiet emulated machine needs, and more */
#define PATIENCE_MS 10000
#define NS_MS 1000000LL

static inline int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 * NS_MS + ts.tv_nsec;
}

static inline int write_to(const char *path, const char *text)
{
	char full[160];

	snprintf(full, sizeof(full), "%s%s", path[0] == '/' ? "" : ROOT "/", path);
	return write_text(full, text);
}

/* What an attribute says, without the newline; "" when it cannot be read */
static inline const char *value(const char *path)
{
	static char text[128];
	char full[160];
	ssize_t n = -1;
	int fd;

	snprintf(full, sizeof(full), ROOT "/%s", path);
	fd = open(full, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[n < 0 ? 0 : n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static inline int make(const char *path)
{
	char full[160];

	snprintf(full, sizeof(full), ROOT "/%s", path);
	return mkdir(full, 0755) ? -errno : 0;
}

static inline int take(const char *path)
{
	char full[160];

	snprintf(full, sizeof(full), ROOT "/%s", path);
	return rmdir(full) ? -errno : 0;
}

static inline void gives(int result, int want, const char *what)
{
	ok(result == want, "%s: %s", what, result ? strerror(-result) : "done");
}

/* @text is refused with @want, and the attribute still says @was */
static inline void refuses(const char *path, const char *text, int want, const char *was)
{
	int result = write_to(path, text);
	const char *is = value(path);

	ok(result == want && !strcmp(is, was), "%s: '%.20s' gives '%s', it is still '%s'", path,
	   text, strerror(-result), is);
}

static inline void takes(const char *path, const char *text, const char *said)
{
	int result = write_to(path, text);
	const char *is = value(path);

	ok(!result && !strcmp(is, said), "%s: '%s' gives '%s'", path, text, is);
}

/* The number of a card, -1 when it is not there */
static inline int card_number(const char *card)
{
	char path[64];
	int number;

	snprintf(path, sizeof(path), "%s/number", card);
	return sscanf(value(path), "%d", &number) == 1 ? number : -1;
}

static inline int line_open(const char *card, unsigned int line, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/tapi/card%d-line%u", card_number(card), line);
	return open(path, flags | O_CLOEXEC);
}

static inline bool next(int fd, uint32_t type, struct tapi_line_event *event)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	while (poll(&poller, 1, PATIENCE_MS) > 0) {
		if (read(fd, event, sizeof(*event)) != sizeof(*event))
			return false;
		if (event->type == type)
			return true;
	}
	return false;
}

/* One event after the other, of whatever type; false: none came in time */
static inline bool next_any(int fd, struct tapi_line_event *event, int patience_ms)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	return poll(&poller, 1, patience_ms) > 0 && read(fd, event, sizeof(*event)) == sizeof(*event);
}

static inline bool sim_begin(bool *mounted)
{
	*mounted = !mount("configfs", CONFIG, "configfs", 0, NULL);
	return ok(access(ROOT, F_OK) == 0, "%s is there", ROOT);
}

static inline int sim_end(bool mounted)
{
	if (mounted)
		umount(CONFIG);
	return tap_done();
}

#endif /* SIM_UTIL_H */

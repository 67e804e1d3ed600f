/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line's file when things end: a blocked reader and a poller when the card
 * is unbound, a reader that fell behind, a module that is in use, modules with
 * wrong parameters.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/tapi_line.h>

#include "file-util.h"
#include "tap.h"

#define FXO "/dev/tapi/card0-line0"
#define FXS "/dev/tapi/card0-line1"
#define DRIVER "/sys/bus/platform/drivers/tapi_sim"
#define DEVICE "tapi_sim.0"
/* Five times what a quiet emulated machine needs, and more */
#define PATIENCE_MS 120000
/* Changes of the feed, one LINEFEED each: more than a file's queue holds */
#define CHANGES 100

/* Reads until it fails; returns errno, and the last type in @last */
static int drain(int fd, uint32_t *last)
{
	struct tapi_line_event event;

	while (read(fd, &event, sizeof(event)) == sizeof(event))
		*last = event.type;
	return errno;
}

struct reader {
	int fd;
	uint32_t last;
	int error;
};

static void *block(void *data)
{
	struct reader *reader = data;

	reader->error = drain(reader->fd, &reader->last);
	return NULL;
}

static void slow_reader(void)
{
	struct tapi_line_linefeed feed = { 0 };
	struct tapi_line_claim claim = { 0 };
	struct tapi_line_event event;
	unsigned int records = 0, lost = 0;
	int slow = open(FXS, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int fd = open(FXS, O_RDWR | O_CLOEXEC);
	bool good = ioctl(fd, TAPI_LINE_CLAIM, &claim) == 0;

	for (int i = 0; i < CHANGES && good; i++) {
		feed.state = i & 1 ? TAPI_LINE_FEED_ACTIVE : TAPI_LINE_FEED_OPEN;
		good = ioctl(fd, TAPI_LINE_S_LINEFEED, &feed) == 0;
	}
	ok(good, "%d changes while nobody reads", CHANGES);
	while (read(slow, &event, sizeof(event)) == sizeof(event)) {
		if (event.type == TAPI_LINE_EV_LOST) {
			lost += event.lost.count;
			continue;
		}
		records++;
	}
	ok(lost > 0 && records <= 66, "%u records are left, %u are said to be lost", records, lost);
	ok(event.type != TAPI_LINE_EV_LOST, "a record follows the loss");
	close(fd);
	close(slow);
}

static void in_use(void)
{
	int fd = open(FXO, O_RDONLY | O_CLOEXEC);

	ok(syscall(SYS_delete_module, "tapi_sim", O_NONBLOCK) < 0 && errno == EWOULDBLOCK,
	   "the driver stays while a line is open");
	close(fd);
}

static void unbind(void)
{
	struct reader reader = { .fd = open(FXO, O_RDONLY | O_CLOEXEC) };
	struct pollfd poller = { .fd = open(FXS, O_RDONLY | O_NONBLOCK | O_CLOEXEC) };
	struct tapi_line_state state;
	pthread_t thread;
	uint32_t last = 0;

	ok(pthread_create(&thread, NULL, block, &reader) == 0, "a reader waits");
	drain(poller.fd, &last);
	ok(!write_text(DRIVER "/unbind", DEVICE), "the card is unbound");
	ok(poll(&poller, 1, PATIENCE_MS) == 1 && poller.revents & POLLHUP, "poll: hung up");
	pthread_join(thread, NULL);
	ok(reader.error == ENODEV && reader.last == TAPI_LINE_EV_GONE,
	   "the reader wakes: GONE, then %s", strerror(reader.error));
	ok(drain(poller.fd, &last) == ENODEV && last == TAPI_LINE_EV_GONE,
	   "the other one reads GONE, too");
	ok(ioctl(reader.fd, TAPI_LINE_G_STATE, &state) < 0 && errno == ENODEV,
	   "requests: no such device");
	ok(access(FXO, F_OK) < 0, "the node has gone");
	ok(!write_text(DRIVER "/bind", DEVICE), "the card comes back while old files are open");
	ok(access("/sys/class/tapi/card1-line0", F_OK) == 0 ||
	   access("/sys/class/tapi/card0-line0", F_OK) == 0, "with its lines");
	close(reader.fd);
	close(poller.fd);
}

/* That modprobe complains is what is asked for */
static void refuses(const char *parameters)
{
	char command[128];

	snprintf(command, sizeof(command), "modprobe -q tapi_sim %s 2>/dev/null", parameters);
	ok(system(command) != 0 && access("/sys/module/tapi_sim", F_OK) < 0,
	   "%s is refused", parameters);
}

static void parameters(void)
{
	static const char *const wrong[] = { "pairs=0", "pairs=17", "pairs=-1", "law=x",
					     "grain=81" };

	if (!ok(syscall(SYS_delete_module, "tapi_sim", O_NONBLOCK) == 0,
		"the driver goes when all is closed"))
		return;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		refuses(wrong[i]);
	ok(system("modprobe tapi_sim pairs=16 law=a pcm=0 grain=160") == 0 &&
	   access("/sys/class/tapi/card0-line31", F_OK) == 0, "sixteen pairs without sound");
}

int main(void)
{
	slow_reader();
	in_use();
	unbind();
	parameters();
	return tap_done();
}

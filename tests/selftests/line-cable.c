/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call over a simulated cable, by the line device's interface alone: claim,
 * ring, answer, digits both ways, pulse dialling, flash, far disconnect,
 * polarity; the errors on the way; and what a dying claimer leaves behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/tapi_line.h>

#include "tap.h"

#define FXO "/dev/tapi/card0-line0"
#define FXS "/dev/tapi/card0-line1"
/* Five times what a quiet emulated machine needs, and more */
#define PATIENCE_MS 120000

/* The next event of @type; what comes before it is passed over. false: none came */
static bool next(int fd, uint32_t type, struct tapi_line_event *event)
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

static void fails(int result, int want, const char *what)
{
	int err = errno;

	ok(result < 0 && err == want, "%s: %s", what, result < 0 ? strerror(err) : "succeeded");
}

static void bad_input(int fxo, int fxs)
{
	struct tapi_line_hook hook = { .op = 7 };
	struct tapi_line_ring ring = { .op = TAPI_LINE_OP_START, .on_ms = { 1000 },
				       .off_ms = { 1000 } };
	struct tapi_line_claim claim = { .reserved = { 1 } };
	char byte;

	fails(ioctl(fxo, _IO(TAPI_LINE_IOC_MAGIC, 0x7f)), ENOTTY, "unknown request");
	fails(ioctl(fxo, TAPI_LINE_G_CAPS, NULL), EFAULT, "no pointer");
	fails(ioctl(fxo, TAPI_LINE_CLAIM, &claim), EINVAL, "reserved word");
	fails(ioctl(fxo, TAPI_LINE_S_HOOK, &hook), EINVAL, "unknown hook request");
	hook.op = TAPI_LINE_OFF_HOOK;
	fails(ioctl(fxo, TAPI_LINE_S_HOOK, &hook), EPERM, "hook without a claim");
	fails(ioctl(fxs, TAPI_LINE_S_RING, &ring), EPERM, "ring without a claim");
	fails(read(fxo, &byte, 1), EINVAL, "read of less than a record");
}

static void claims(int fxo, int fxs)
{
	struct tapi_line_claim claim = { 0 };
	struct tapi_line_ring ring = { .op = TAPI_LINE_OP_START, .on_ms = { 500 },
				       .off_ms = { 500 } };
	int reader = open(FXO, O_RDONLY | O_CLOEXEC);
	int second = open(FXO, O_RDWR | O_CLOEXEC);

	fails(ioctl(reader, TAPI_LINE_CLAIM, &claim), EPERM, "claim by a reader");
	ok(ioctl(fxo, TAPI_LINE_CLAIM, &claim) == 0, "claim of the FXO line");
	ok(ioctl(fxs, TAPI_LINE_CLAIM, &claim) == 0, "claim of the FXS line");
	fails(ioctl(second, TAPI_LINE_CLAIM, &claim), EBUSY, "second claim");
	fails(ioctl(fxo, TAPI_LINE_S_RING, &ring), EOPNOTSUPP, "an FXO line cannot ring");
	close(reader);
	close(second);
}

static int set_hook(int fd, uint32_t op, uint32_t cookie)
{
	struct tapi_line_hook hook = { .op = op, .cookie = cookie };

	return ioctl(fd, TAPI_LINE_S_HOOK, &hook);
}

static void ring_and_answer(int fxo, int fxs)
{
	struct tapi_line_ring ring = { .op = TAPI_LINE_OP_START, .on_ms = { 500 },
				       .off_ms = { 500 } };
	struct tapi_line_event event;

	ok(ioctl(fxs, TAPI_LINE_S_RING, &ring) == 0, "the exchange rings");
	ok(next(fxo, TAPI_LINE_EV_RING, &event) && event.ring.state == 1, "a burst starts");
	ok(next(fxo, TAPI_LINE_EV_RING, &event) && event.ring.state == 0, "the burst ends");
	ok(next(fxo, TAPI_LINE_EV_RING, &event) && event.ring.state == 1, "the next one starts");
	ok(set_hook(fxo, TAPI_LINE_OFF_HOOK, 42) == 0, "answer");
	ok(next(fxo, TAPI_LINE_EV_COMPLETE, &event) && event.cookie == 42 &&
	   event.complete.status == 0, "off hook is complete");
	ok(next(fxs, TAPI_LINE_EV_HOOK, &event) && event.hook.state == TAPI_LINE_OFF_HOOK &&
	   event.hook.cause == TAPI_LINE_HOOK_BY_LINE, "the exchange sees the loop");
	ring.op = TAPI_LINE_OP_STOP;
	memset(ring.on_ms, 0, sizeof(ring.on_ms));
	memset(ring.off_ms, 0, sizeof(ring.off_ms));
	ok(ioctl(fxs, TAPI_LINE_S_RING, &ring) == 0, "the exchange stops ringing");
}

static void dial(int from, int to, uint32_t mode, const char *digits)
{
	struct tapi_line_dial dial = { .mode = mode, .cookie = 7 };
	uint32_t type = mode == TAPI_LINE_DIAL_DTMF ? TAPI_LINE_EV_DTMF :
			TAPI_LINE_EV_PULSE_DIGIT;
	struct tapi_line_event event;
	char got[TAPI_LINE_DIAL_MAX] = "";
	bool came;

	strcpy(dial.digits, digits);
	ok(ioctl(from, TAPI_LINE_DIAL, &dial) == 0, "dial %s", digits);
	while (strlen(got) < strlen(digits) && next(to, type, &event)) {
		if (type == TAPI_LINE_EV_DTMF && !event.dtmf.pressed)
			continue;
		got[strlen(got)] = type == TAPI_LINE_EV_DTMF ? event.dtmf.digit :
				   event.pulse.digit;
	}
	ok(!strcmp(got, digits), "the other end hears %s", got);
	came = next(from, TAPI_LINE_EV_COMPLETE, &event);
	ok(came && event.cookie == 7 && event.complete.status == 0 &&
	   event.complete.done == strlen(digits),
	   "dialling is complete: %u digits", event.complete.done);
}

static void flash_and_disconnect(int fxo, int fxs)
{
	struct tapi_line_linefeed feed = { .state = TAPI_LINE_FEED_ACTIVE, .polarity = 1 };
	struct tapi_line_event event;
	bool came;

	ok(set_hook(fxo, TAPI_LINE_HOOK_FLASH, 8) == 0, "flash");
	came = next(fxs, TAPI_LINE_EV_FLASH, &event);
	ok(came, "the exchange sees a flash of %u ms", event.hook.duration_ms);
	ok(ioctl(fxs, TAPI_LINE_S_LINEFEED, &feed) == 0, "the exchange reverses the line");
	ok(next(fxo, TAPI_LINE_EV_POLARITY, &event) && event.level.value == 1,
	   "the line is reversed");
	feed = (struct tapi_line_linefeed){ .state = TAPI_LINE_FEED_OPEN };
	ok(ioctl(fxs, TAPI_LINE_S_LINEFEED, &feed) == 0, "the exchange opens the line");
	ok(next(fxo, TAPI_LINE_EV_BATTERY, &event) && event.battery.state == 0,
	   "the battery has gone");
	feed.state = TAPI_LINE_FEED_ACTIVE;
	ok(ioctl(fxs, TAPI_LINE_S_LINEFEED, &feed) == 0, "the exchange feeds it again");
	ok(next(fxo, TAPI_LINE_EV_BATTERY, &event) && event.battery.state == 1,
	   "the battery is back");
}

/* A claimer that dies off hook: the line goes on hook, the exchange sees it */
static void death(int fxs)
{
	struct tapi_line_claim claim = { 0 };
	struct tapi_line_event event;
	struct tapi_line_state state;
	int fd = open(FXO, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	pid_t child = fork();

	if (!child) {
		int line = open(FXO, O_RDWR | O_CLOEXEC);

		if (ioctl(line, TAPI_LINE_CLAIM, &claim) ||
		    set_hook(line, TAPI_LINE_OFF_HOOK, 0))
			_exit(1);
		for (;;)
			pause();
	}
	ok(next(fxs, TAPI_LINE_EV_HOOK, &event) && event.hook.state == TAPI_LINE_OFF_HOOK,
	   "a claimer is off hook");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ok(next(fxs, TAPI_LINE_EV_HOOK, &event) && event.hook.state == TAPI_LINE_ON_HOOK,
	   "it dies, the exchange sees on hook");
	ok(ioctl(fd, TAPI_LINE_G_STATE, &state) == 0 && state.hook == TAPI_LINE_ON_HOOK &&
	   !(state.flags & TAPI_LINE_ST_CLAIMED), "the line is on hook and free");
	close(fd);
}

int main(void)
{
	int fxo = open(FXO, O_RDWR | O_CLOEXEC), fxs = open(FXS, O_RDWR | O_CLOEXEC);
	struct tapi_line_event event;
	struct tapi_line_caps caps;

	ok(fxo >= 0 && fxs >= 0, "both lines open");
	if (fxo < 0 || fxs < 0)
		goto out;
	ok(ioctl(fxo, TAPI_LINE_G_CAPS, &caps) == 0 && caps.type == TAPI_LINE_FXO &&
	   caps.version == TAPI_LINE_ABI && !(caps.caps & TAPI_LINE_CAP_FAR_END),
	   "%s is the service's end", caps.line_name);
	ok(ioctl(fxs, TAPI_LINE_G_CAPS, &caps) == 0 && caps.type == TAPI_LINE_FXS &&
	   caps.caps & TAPI_LINE_CAP_FAR_END, "%s is the far end", caps.line_name);
	ok(read(fxo, &event, sizeof(event)) == sizeof(event) &&
	   event.type == TAPI_LINE_EV_STATE && event.flags & TAPI_LINE_EV_FL_INITIAL,
	   "the first record is the state");
	bad_input(fxo, fxs);
	claims(fxo, fxs);
	ring_and_answer(fxo, fxs);
	dial(fxo, fxs, TAPI_LINE_DIAL_DTMF, "147*2580369#ABCD");
	dial(fxs, fxo, TAPI_LINE_DIAL_DTMF, "5551234");
	dial(fxo, fxs, TAPI_LINE_DIAL_PULSE, "1905");
	flash_and_disconnect(fxo, fxs);
	ok(set_hook(fxo, TAPI_LINE_ON_HOOK, 0) == 0 && next(fxs, TAPI_LINE_EV_HOOK, &event) &&
	   event.hook.state == TAPI_LINE_ON_HOOK, "hang up");
	ok(ioctl(fxo, TAPI_LINE_RELEASE) == 0, "release");
	death(fxs);
out:
	close(fxo);
	close(fxs);
	return tap_done();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: files of a line, waiting, requests. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "line.h"

static volatile sig_atomic_t caught;
static sigset_t unblocked;

int stop_signal;

static void on_signal(int number)
{
	caught = number;
}

void signals_catch(void)
{
	static const int stops[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal }, old;
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		/* who started us with nohup means it */
		if (!sigaction(stops[i], NULL, &old) && old.sa_handler == SIG_IGN)
			continue;
		sigaddset(&blocked, stops[i]);
		sigaction(stops[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
		sigdelset(&unblocked, stops[i]);
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

int wait_files(struct pollfd *files, unsigned int count, int ms)
{
	uint64_t end = now_ns() + ms * UINT64_C(1000000), now;
	struct timespec left;
	int ready = -1;

	while (!stop_signal && ready < 0) {
		now = now_ns();
		now = now < end ? end - now : 0;
		left.tv_sec = now / 1000000000;
		left.tv_nsec = now % 1000000000;
		ready = ppoll(files, count, &left, &unblocked);
		stop_signal = caught;
		if (ready < 0 && errno != EINTR)
			return -errno;
	}
	return stop_signal ? -EINTR : ready;
}

int wait_ms(unsigned int ms)
{
	return wait_files(NULL, 0, ms);
}

int line_open(struct line *line, int flags)
{
	line->claimed = false;
	line->fd = open(line->path, flags | O_NONBLOCK | O_CLOEXEC);
	return line->fd < 0 ? -errno : 0;
}

int line_claim(struct line *line)
{
	struct tapi_line_claim claim = { .key = "tapi-compliance" };
	int err = LINE_IOCTL(line->fd, TAPI_LINE_CLAIM, &claim);

	line->claimed = !err;
	return err;
}

void line_close(struct line *line)
{
	if (line->fd < 0)
		return;
	/* RELEASE knows no linger; of a file that has not the claim it is refused */
	ioctl(line->fd, TAPI_LINE_RELEASE);
	close(line->fd);
	line->fd = -1;
	line->claimed = false;
}

void line_drop(struct line *line)
{
	close(line->fd);
	line->fd = -1;
	line->claimed = false;
}

/* A line that lingers for us is ours to end: a test was interrupted */
void line_tidy(struct line *line)
{
	struct tapi_line_state state;

	line_close(line);
	if (!line->path[0] || line_open(line, O_RDWR))
		return;
	if (!ioctl(line->fd, TAPI_LINE_G_STATE, &state) && state.flags & TAPI_LINE_ST_LINGER)
		line_claim(line);
	line_close(line);
}

int line_again(const struct line *line, int flags)
{
	int fd = open(line->path, flags | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

bool line_gone(const struct line *line)
{
	struct pollfd file = { .fd = line->fd, .events = POLLIN };

	return line->fd >= 0 && poll(&file, 1, 0) > 0 && file.revents & (POLLHUP | POLLERR);
}

int event_next(int fd, struct tapi_line_event *ev, int ms)
{
	struct pollfd file = { .fd = fd, .events = POLLIN };
	int ready = wait_files(&file, 1, ms);
	ssize_t got;

	if (ready <= 0)
		return ready ? ready : -ETIME;
	got = read(fd, ev, sizeof(*ev));
	if (got < 0)
		return -errno;
	return got == sizeof(*ev) ? 0 : -EMSGSIZE;
}

int event_wait(int fd, uint32_t type, struct tapi_line_event *ev)
{
	uint64_t end = now_ns() + PATIENCE_MS * UINT64_C(1000000);
	int err;

	do {
		err = event_next(fd, ev, PATIENCE_MS);
		if (err || ev->type == type)
			return err;
	} while (now_ns() < end);
	return -ETIME;
}

int event_complete(int fd, uint32_t cookie, struct tapi_line_event *ev)
{
	int err;

	do
		err = event_wait(fd, TAPI_LINE_EV_COMPLETE, ev);
	while (!err && ev->cookie != cookie);
	return err;
}

void event_drain(int fd)
{
	struct tapi_line_event ev;

	while (read(fd, &ev, sizeof(ev)) > 0)
		;
}

const char *event_name(uint32_t type)
{
	static const char *const names[TAPI_LINE_EV_END] = {
		[TAPI_LINE_EV_STATE] = "STATE", [TAPI_LINE_EV_HOOK] = "HOOK",
		[TAPI_LINE_EV_FLASH] = "FLASH", [TAPI_LINE_EV_PULSE_DIGIT] = "PULSE_DIGIT",
		[TAPI_LINE_EV_RING] = "RING", [TAPI_LINE_EV_DTMF] = "DTMF",
		[TAPI_LINE_EV_POLARITY] = "POLARITY", [TAPI_LINE_EV_BATTERY] = "BATTERY",
		[TAPI_LINE_EV_LINEFEED] = "LINEFEED", [TAPI_LINE_EV_LOOP_DROP] = "LOOP_DROP",
		[TAPI_LINE_EV_COMPLETE] = "COMPLETE", [TAPI_LINE_EV_FAULT] = "FAULT",
		[TAPI_LINE_EV_CLAIM] = "CLAIM", [TAPI_LINE_EV_GONE] = "GONE",
		[TAPI_LINE_EV_LOST] = "LOST",
	};

	return type < TAPI_LINE_EV_END && names[type] ? names[type] : "unknown";
}

static bool state_is(const struct tapi_line_state *state, struct state_want want)
{
	return (want.hook < 0 || state->hook == (uint32_t)want.hook) &&
	       (want.ring < 0 || state->ring == (uint32_t)want.ring) &&
	       (want.battery < 0 || state->battery == (uint32_t)want.battery);
}

/* Changes of the state are events: a file of its own wakes up with them */
int state_await(const struct line *line, struct state_want want, int ms)
{
	uint64_t end = now_ns() + ms * UINT64_C(1000000), now;
	struct tapi_line_state state;
	struct tapi_line_event ev;
	int fd = line_again(line, O_RDONLY), err = fd < 0 ? fd : 0;

	while (!err) {
		err = LINE_IOCTL(fd, TAPI_LINE_G_STATE, &state);
		if (err || state_is(&state, want))
			break;
		now = now_ns();
		err = now < end ? event_next(fd, &ev, (end - now) / 1000000 + 1) : -ETIME;
	}
	if (fd >= 0)
		close(fd);
	return err;
}

int set_hook(const struct line *line, uint32_t op, uint32_t duration_ms, uint32_t cookie)
{
	struct tapi_line_hook hook = { .op = op, .duration_ms = duration_ms, .cookie = cookie };

	return LINE_IOCTL(line->fd, TAPI_LINE_S_HOOK, &hook);
}

int set_feed(const struct line *line, uint32_t state, uint32_t polarity)
{
	struct tapi_line_linefeed feed = { .state = state, .polarity = polarity };

	return LINE_IOCTL(line->fd, TAPI_LINE_S_LINEFEED, &feed);
}

int ring_start(const struct line *line, uint32_t count, uint32_t on_ms, uint32_t off_ms,
	       uint32_t cookie)
{
	struct tapi_line_ring ring = {
		.op = TAPI_LINE_OP_START, .count = count, .on_ms = { on_ms }, .off_ms = { off_ms },
		.cookie = cookie,
	};

	return LINE_IOCTL(line->fd, TAPI_LINE_S_RING, &ring);
}

int ring_stop(const struct line *line, uint32_t cookie)
{
	struct tapi_line_ring ring = { .op = TAPI_LINE_OP_STOP, .cookie = cookie };

	return LINE_IOCTL(line->fd, TAPI_LINE_S_RING, &ring);
}

int dial(const struct line *line, uint32_t mode, const char *digits, uint32_t cookie)
{
	struct tapi_line_dial request = { .mode = mode, .cookie = cookie };

	memcpy(request.digits, digits, strnlen(digits, sizeof(request.digits)));
	return LINE_IOCTL(line->fd, TAPI_LINE_DIAL, &request);
}

int abort_request(const struct line *line, uint32_t cookie)
{
	return LINE_IOCTL(line->fd, TAPI_LINE_ABORT, &cookie);
}

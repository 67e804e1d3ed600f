/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: wrong requests, and the order in which they are judged. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

/* The greatest argument */
union argument {
	struct tapi_line_caps caps;
	struct tapi_line_claim claim;
	struct tapi_line_hook hook;
	struct tapi_line_ring ring;
	struct tapi_line_linefeed feed;
	struct tapi_line_tone tone;
	struct tapi_line_dial dial;
	struct tapi_line_param param;
	uint32_t words[64];
};

#define CLAIMER	1u	/* only for the claimer */
#define HAS_RESERVED 2u	/* the argument ends with words that have to be zero */

struct request {
	const char *name;
	unsigned long number;
	unsigned int flags;
};

static const struct request requests[] = {
	{ "G_CAPS", TAPI_LINE_G_CAPS, 0 },
	{ "G_STATE", TAPI_LINE_G_STATE, 0 },
	{ "G_STATS", TAPI_LINE_G_STATS, 0 },
	{ "MEASURE", TAPI_LINE_MEASURE, 0 },
	{ "CLAIM", TAPI_LINE_CLAIM, HAS_RESERVED },
	{ "S_EVMASK", TAPI_LINE_S_EVMASK, 0 },
	{ "S_HOOK", TAPI_LINE_S_HOOK, CLAIMER | HAS_RESERVED },
	{ "S_RING", TAPI_LINE_S_RING, CLAIMER | HAS_RESERVED },
	{ "S_LINEFEED", TAPI_LINE_S_LINEFEED, CLAIMER | HAS_RESERVED },
	{ "S_TONE", TAPI_LINE_S_TONE, CLAIMER | HAS_RESERVED },
	{ "DIAL", TAPI_LINE_DIAL, CLAIMER | HAS_RESERVED },
	{ "ABORT", TAPI_LINE_ABORT, CLAIMER },
	{ "Q_PARAM", TAPI_LINE_Q_PARAM, HAS_RESERVED },
	{ "G_PARAM", TAPI_LINE_G_PARAM, HAS_RESERVED },
	{ "S_PARAM", TAPI_LINE_S_PARAM, CLAIMER | HAS_RESERVED },
};

#define REQUESTS (sizeof(requests) / sizeof(requests[0]))

static uint32_t some_parameter(int fd)
{
	struct tapi_line_param param = { .flags = TAPI_LINE_PARAM_NEXT };

	return ioctl(fd, TAPI_LINE_Q_PARAM, &param) ? 0 : param.id;
}

/* An argument that is right, and does little: it is sent by files that have no claim */
static void good_argument(int fd, unsigned long number, union argument *a)
{
	memset(a, 0, sizeof(*a));
	switch (number) {
	case TAPI_LINE_S_LINEFEED:
		a->feed.state = TAPI_LINE_FEED_ACTIVE;
		break;
	case TAPI_LINE_DIAL:
		a->dial.mode = TAPI_LINE_DIAL_PULSE;
		a->dial.digits[0] = '1';
		break;
	case TAPI_LINE_Q_PARAM:
	case TAPI_LINE_G_PARAM:
	case TAPI_LINE_S_PARAM:
		a->param.id = some_parameter(fd);
		if (number == TAPI_LINE_S_PARAM && !ioctl(fd, TAPI_LINE_Q_PARAM, &a->param)) {
			a->param.flags = 0;
			memset(a->param.name, 0, sizeof(a->param.name));
		}
		break;
	}
}

static enum verdict unknown(struct run *r)
{
	union argument a = { 0 };
	static const unsigned long numbers[] = {
		_IO(TAPI_LINE_IOC_MAGIC, 0x7f), _IO(TAPI_LINE_IOC_MAGIC, 0xff),
		_IO('T', 0x05), _IOR(TAPI_LINE_IOC_MAGIC, 0x00, __u32),
		_IOW(TAPI_LINE_IOC_MAGIC, 0x00, struct tapi_line_caps),
		_IOW(TAPI_LINE_IOC_MAGIC, 0x10, struct tapi_line_ring),
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		int err = LINE_IOCTL(r->line.fd, numbers[i], &a);

		CHECK(err == -ENOTTY, "number %#lx: %s, not ENOTTY", numbers[i], error_name(err));
	}
	return OK;
}

/* Pointers that cannot be used come before everything but the number */
static enum verdict pointer(struct run *r)
{
	for (size_t i = 0; i < REQUESTS; i++) {
		CHECK_ERR(LINE_IOCTL(r->line.fd, requests[i].number, NULL), EFAULT,
			  requests[i].name);
		CHECK_ERR(LINE_IOCTL(r->line.fd, requests[i].number, (void *)-4096L), EFAULT,
			  requests[i].name);
	}
	return OK;
}

static enum verdict reserved(struct run *r)
{
	for (size_t i = 0; i < REQUESTS; i++) {
		size_t last = _IOC_SIZE(requests[i].number) / sizeof(uint32_t) - 1;
		union argument a;

		if (!(requests[i].flags & HAS_RESERVED))
			continue;
		good_argument(r->line.fd, requests[i].number, &a);
		a.words[last] = 1;
		CHECK_ERR(LINE_IOCTL(r->line.fd, requests[i].number, &a), EINVAL,
			  requests[i].name);
	}
	return OK;
}

static enum verdict hook_values(struct run *r)
{
	CHECK_ERR(set_hook(&r->line, 3, 0, 0), EINVAL, "S_HOOK, op 3");
	CHECK_ERR(set_hook(&r->line, TAPI_LINE_HOOK_FLASH, 60000, 0), EINVAL, "flash of 60 s");
	CHECK_ERR(set_hook(&r->line, TAPI_LINE_OFF_HOOK, 5, 0), EINVAL, "off hook with a length");
	CHECK_ERR(set_feed(&r->line, TAPI_LINE_FEED_RING_OPEN + 1, 0), EINVAL, "feed 5");
	CHECK_ERR(set_feed(&r->line, TAPI_LINE_FEED_ACTIVE, 2), EINVAL, "polarity 2");
	return OK;
}

static enum verdict ring_values(struct run *r)
{
	static const struct {
		const char *what;
		struct tapi_line_ring ring;
	} wrong[] = {
		{ "op 2", { .op = 2, .on_ms = { 1000 }, .off_ms = { 1000 } } },
		{ "flags 1", { .op = 1, .flags = 1, .on_ms = { 1000 }, .off_ms = { 1000 } } },
		{ "1 Hz", { .op = 1, .freq_mhz = 1000, .on_ms = { 1000 }, .off_ms = { 1000 } } },
		{ "count without bursts", { .op = 1, .count = 1 } },
		{ "a burst after the end of the list",
		  { .op = 1, .on_ms = { 100, 0, 100 }, .off_ms = { 100, 0, 100 } } },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_ERR(LINE_IOCTL(r->line.fd, TAPI_LINE_S_RING, &wrong[i].ring), EINVAL,
			  wrong[i].what);
	return OK;
}

static enum verdict tone_values(struct run *r)
{
	static const struct {
		const char *what;
		struct tapi_line_tone tone;
	} wrong[] = {
		{ "op 2", { .op = 2 } },
		{ "flags 1", { .op = 1, .flags = 1 } },
		{ "5 kHz", { .op = 1, .freq_mhz = { 5000000 } } },
		{ "100 dBm", { .op = 1, .level_mdbm = { 100000 } } },
		{ "count without bursts", { .op = 1, .count = 1 } },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_ERR(LINE_IOCTL(r->line.fd, TAPI_LINE_S_TONE, &wrong[i].tone), EINVAL,
			  wrong[i].what);
	return OK;
}

static enum verdict dial_values(struct run *r)
{
	static const struct {
		const char *what;
		struct tapi_line_dial dial;
	} wrong[] = {
		{ "mode 0", { .digits = "1" } },
		{ "mode 3", { .digits = "1", .mode = 3 } },
		{ "flags 1", { .digits = "1", .mode = TAPI_LINE_DIAL_DTMF, .flags = 1 } },
		{ "no digits", { .mode = TAPI_LINE_DIAL_DTMF } },
		{ "digit E", { .digits = "E", .mode = TAPI_LINE_DIAL_DTMF } },
		{ "# by pulses", { .digits = "#", .mode = TAPI_LINE_DIAL_PULSE } },
		{ "a digit after NUL", { .digits = "1\0002", .mode = TAPI_LINE_DIAL_PULSE } },
		{ "break of 60 s",
		  { .digits = "1", .mode = TAPI_LINE_DIAL_PULSE, .break_ms = 60000 } },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_ERR(LINE_IOCTL(r->line.fd, TAPI_LINE_DIAL, &wrong[i].dial), EINVAL,
			  wrong[i].what);
	return OK;
}

static enum verdict unclaimed(struct run *r)
{
	union argument a;

	CHECK_ERR(LINE_IOCTL(r->line.fd, TAPI_LINE_RELEASE, NULL), EPERM, "RELEASE");
	for (size_t i = 0; i < REQUESTS; i++) {
		if (!(requests[i].flags & CLAIMER))
			continue;
		good_argument(r->line.fd, requests[i].number, &a);
		CHECK_ERR(LINE_IOCTL(r->line.fd, requests[i].number, &a), EPERM,
			  requests[i].name);
	}
	return OK;
}

static enum verdict read_only(struct run *r)
{
	struct tapi_line_claim claim = { 0 };
	int fd = line_again(&r->line, O_RDONLY), err;
	struct tapi_line_state state;

	CHECK(fd >= 0, "open: %s", error_name(fd));
	err = LINE_IOCTL(fd, TAPI_LINE_CLAIM, &claim);
	if (err == -EPERM)
		err = LINE_IOCTL(fd, TAPI_LINE_G_STATE, &state);
	else
		err = err ? err : -EINVAL;
	close(fd);
	CHECK(!err, "CLAIM or G_STATE: %s", error_name(err));
	return OK;
}

static enum verdict reading(struct run *r)
{
	char buf[sizeof(struct tapi_line_event)];
	void *nowhere = (void *)-4096L;
	ssize_t got;

	got = read(r->line.fd, buf, sizeof(buf) - 1);
	CHECK(got < 0 && errno == EINVAL, "read() of 63 bytes: %zd", got);
	got = read(r->line.fd, nowhere, sizeof(buf));
	CHECK(got < 0 && errno == EFAULT, "read() to nowhere: %zd", got);
	got = read(r->line.fd, buf, sizeof(buf));
	CHECK(got == sizeof(buf), "the record that found no room is lost");
	event_drain(r->line.fd);
	got = read(r->line.fd, buf, sizeof(buf));
	CHECK(got < 0 && errno == EAGAIN, "read() without a record: %zd", got);
	got = write(r->line.fd, buf, sizeof(buf));
	CHECK(got < 0, "write() succeeds");
	CHECK(lseek(r->line.fd, 0, SEEK_SET) < 0 && errno == ESPIPE, "lseek()");
	return OK;
}

#define ERRORS LINE_PAGE "Requests (errors)"

static const struct test tests[] = {
	{ "input/unknown", ERRORS, "ENOTTY: no such request", .run = unknown },
	{ "input/pointer", ERRORS, "EFAULT before EINVAL and EPERM", .run = pointer },
	{ "input/reserved", ERRORS, "EINVAL before EPERM: a reserved member that is not zero",
	  .run = reserved },
	{ "input/hook", ERRORS, "EINVAL before EPERM: S_HOOK, S_LINEFEED", .run = hook_values },
	{ "input/ring", ERRORS, "EINVAL before EPERM: S_RING", .run = ring_values },
	{ "input/tone", ERRORS, "EINVAL before EPERM: S_TONE", .run = tone_values },
	{ "input/dial", ERRORS, "EINVAL before EPERM: DIAL", .run = dial_values },
	{ "input/unclaimed", ERRORS, "EPERM before EOPNOTSUPP: this file has not claimed the line",
	  .run = unclaimed },
	{ "input/read-only", LINE_PAGE "Opening", "opening for writing is needed to claim",
	  .run = read_only },
	{ "input/read", LINE_PAGE "Reading events",
	  "less than a record is EINVAL, none is EAGAIN with O_NONBLOCK", .run = reading },
};

GROUP(input_group, tests);

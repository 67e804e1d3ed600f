// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What can be called: each request of the line device with the usual values of its members, the
 * calls of a file, the relay's messages, the simulator's cards, and how each may fail by
 * Documentation/userspace-api.
 */
#include <errno.h>
#include <string.h>

#include <linux/tapi_line.h>

#include "fuzz.h"

#define LAST		{ 0 }
#define NUMBER(low, high)	{ .min = (low), .max = (high), .size = 8 }
#define SLOT		NUMBER(0, SLOTS - 1)
#define MEMBER(type, member, low, high)							\
	{ .min = (uint64_t)(low), .max = (uint64_t)(high),				\
	  .offset = offsetof(struct tapi_line_##type, member),				\
	  .size = sizeof(((struct tapi_line_##type *)0)->member) }
/* Of an array: its last byte is the end of the structure, or of the array */
#define ZERO(type, member)								\
	{ .offset = offsetof(struct tapi_line_##type, member), .size = 4 }
#define ERRORS(...)	(const int[]){ __VA_ARGS__, 0 }
#define REQUEST(n, request_, params, weight_, ...)					\
	{ .name = n, .run = run_ioctl, .request = request_, .param = params,		\
	  .weight = weight_, .errors = ERRORS(EBADF, ENODEV, ##__VA_ARGS__) }

static const struct param slot[] = { SLOT, LAST };
static const struct param none[] = { LAST };
static const struct param open_params[] = {
	SLOT, NUMBER(0, CARDS - 1), NUMBER(0, LINES - 1), NUMBER(0, 2), NUMBER(0, 1), LAST
};
static const struct param two_slots[] = { SLOT, SLOT, LAST };
static const struct param read_params[] = { SLOT, NUMBER(0, 8 * 64), NUMBER(0, 0), LAST };
static const struct param poll_params[] = { SLOT, NUMBER(0, 20), LAST };
static const struct param bit_params[] = { SLOT, NUMBER(0, 1), LAST };
static const struct param ms_params[] = { NUMBER(0, 30), LAST };
static const struct param user_params[] = { NUMBER(0, 1), LAST };
static const struct param card_params[] = { NUMBER(0, CARDS - 1), LAST };
static const struct param raw_params[] = { SLOT, NUMBER(0, 0x28), NUMBER(0, 2), LAST };
static const struct param mask_params[] = {
	SLOT, { .max = (1ULL << TAPI_LINE_EV_END) - 1, .size = 8 }, LAST
};
static const struct param abort_params[] = { SLOT, { .max = 4, .size = 4 }, LAST };
static const struct param claim_params[] = {
	SLOT, MEMBER(claim, flags, 0, 1), MEMBER(claim, linger_ms, 0, 60),
	MEMBER(claim, key[0], 0, 1), MEMBER(claim, key[15], 0, 1), ZERO(claim, reserved[1]), LAST
};
static const struct param hook_params[] = {
	SLOT, MEMBER(hook, op, 0, 2), MEMBER(hook, duration_ms, 0, 60),
	MEMBER(hook, cookie, 0, 4), ZERO(hook, reserved[0]), ZERO(hook, reserved[4]), LAST
};
static const struct param ring_params[] = {
	SLOT, MEMBER(ring, op, 0, 1), MEMBER(ring, flags, 0, 0),
	MEMBER(ring, freq_mhz, 15000, 70000), MEMBER(ring, count, 0, 3),
	MEMBER(ring, on_ms[0], 0, 40), MEMBER(ring, on_ms[1], 0, 40), MEMBER(ring, on_ms[3], 0, 40),
	MEMBER(ring, off_ms[0], 0, 40), MEMBER(ring, off_ms[1], 0, 40),
	MEMBER(ring, off_ms[3], 0, 40), MEMBER(ring, cookie, 0, 4), ZERO(ring, reserved[2]), LAST
};
static const struct param linefeed_params[] = {
	SLOT, MEMBER(linefeed, state, 0, 4), MEMBER(linefeed, polarity, 0, 1),
	ZERO(linefeed, reserved[0]), LAST
};
static const struct param tone_params[] = {
	SLOT, MEMBER(tone, op, 0, 1), MEMBER(tone, flags, 0, 0),
	MEMBER(tone, freq_mhz[0], 0, 3999999), MEMBER(tone, freq_mhz[1], 0, 3999999),
	MEMBER(tone, level_mdbm[0], 0, 10000), MEMBER(tone, level_mdbm[1], 0, 10000),
	MEMBER(tone, count, 0, 3), MEMBER(tone, on_ms[0], 0, 40), MEMBER(tone, on_ms[1], 0, 40),
	MEMBER(tone, on_ms[3], 0, 40), MEMBER(tone, off_ms[0], 0, 40),
	MEMBER(tone, off_ms[3], 0, 40), MEMBER(tone, cookie, 0, 4), ZERO(tone, reserved[3]), LAST
};
static const struct param dial_params[] = {
	SLOT, MEMBER(dial, mode, 1, 2), MEMBER(dial, flags, 0, 0), MEMBER(dial, on_ms, 0, 60),
	MEMBER(dial, off_ms, 0, 60), MEMBER(dial, break_ms, 0, 70), MEMBER(dial, make_ms, 0, 70),
	MEMBER(dial, inter_ms, 0, 300), MEMBER(dial, cookie, 0, 4), ZERO(dial, reserved[7]), LAST
};
static const struct param param_params[] = {
	SLOT, MEMBER(param, id, 0, TAPI_LINE_PARAM_HYBRID + 1), MEMBER(param, flags, 0, 1),
	MEMBER(param, value, 0, 300), ZERO(param, reserved[3]), LAST
};
static const struct param set_params[] = {
	SLOT, MEMBER(param, id, 0, TAPI_LINE_PARAM_HYBRID + 1), MEMBER(param, flags, 0, 0),
	MEMBER(param, value, 0, 300), ZERO(param, reserved[3]), LAST
};
static const struct param send_params[] = {
	SLOT, NUMBER(0, 20), NUMBER(0, 4), NUMBER(0, 0), LAST
};

const struct op ops[] = {
	{ "open", run_open, 0, open_params, 14, ERRORS(ENODEV, ENOENT, ENXIO, EACCES, ENOMEM) },
	{ "close", run_close, 0, slot, 5, ERRORS(EBADF) },
	{ "dup", run_dup, 0, two_slots, 2, ERRORS(EBADF) },
	{ "read", run_read, 0, read_params, 8, ERRORS(EBADF, EINVAL, EAGAIN, ENODEV, EFAULT, EINTR) },
	{ "write", run_write, 0, slot, 1, ERRORS(EBADF, EINVAL) },
	{ "poll", run_poll, 0, poll_params, 4, ERRORS(EINTR) },
	{ "mmap", run_map, 0, slot, 1, ERRORS(EBADF, EACCES, ENODEV) },
	{ "seek", run_seek, 0, slot, 1, ERRORS(EBADF, ESPIPE) },
	{ "nonblock", run_mode, 0, bit_params, 2, ERRORS(EBADF) },
	{ "wait", run_wait, 0, ms_params, 6, ERRORS(EINTR) },
	{ "user", run_user, 0, user_params, 1, NULL },
	{ "netns", run_netns, 0, none, 1, NULL },
	{ "ioctl", run_raw, 0, raw_params, 3,
	  ERRORS(EBADF, ENOTTY, EFAULT, EINVAL, ENODEV, EPERM, EOPNOTSUPP, EBUSY, ENOTCONN, EIO) },
	REQUEST("caps", TAPI_LINE_G_CAPS, slot, 2),
	REQUEST("state", TAPI_LINE_G_STATE, slot, 3),
	REQUEST("stats", TAPI_LINE_G_STATS, slot, 2),
	REQUEST("measure", TAPI_LINE_MEASURE, slot, 2, EOPNOTSUPP, EBUSY, EIO),
	REQUEST("claim", TAPI_LINE_CLAIM, claim_params, 12, EINVAL, EPERM, EBUSY),
	REQUEST("release", TAPI_LINE_RELEASE, slot, 3, EPERM),
	REQUEST("evmask", TAPI_LINE_S_EVMASK, mask_params, 3),
	REQUEST("hook", TAPI_LINE_S_HOOK, hook_params, 10, EINVAL, EPERM, EOPNOTSUPP, EBUSY, ENOTCONN,
		EIO),
	REQUEST("ring", TAPI_LINE_S_RING, ring_params, 7, EINVAL, EPERM, EOPNOTSUPP, EBUSY, EIO),
	REQUEST("linefeed", TAPI_LINE_S_LINEFEED, linefeed_params, 5, EINVAL, EPERM, EOPNOTSUPP,
		EBUSY, EIO),
	REQUEST("tone", TAPI_LINE_S_TONE, tone_params, 5, EINVAL, EPERM, EOPNOTSUPP, EBUSY, EIO),
	{ "dial", run_ioctl, TAPI_LINE_DIAL, dial_params, 7,
	  ERRORS(EBADF, EINVAL, ENODEV, EPERM, EOPNOTSUPP, EBUSY, ENOTCONN, EIO), digits_words },
	REQUEST("abort", TAPI_LINE_ABORT, abort_params, 4, EPERM),
	REQUEST("q-param", TAPI_LINE_Q_PARAM, param_params, 2, EINVAL, EIO),
	REQUEST("g-param", TAPI_LINE_G_PARAM, set_params, 2, EINVAL, EIO),
	REQUEST("s-param", TAPI_LINE_S_PARAM, set_params, 4, EINVAL, EPERM, EOPNOTSUPP, EBUSY, EIO),
	{ "socket", run_socket, 0, bit_params, 8, NULL },
	{ "hangup", run_hangup, 0, slot, 2, ERRORS(EBADF) },
	{ "receive", run_receive, 0, slot, 3, ERRORS(EBADF, EAGAIN, ENOBUFS) },
	{ "send", run_send, 0, send_params, 60, NULL },
	{ "config", run_config, 0, none, 12, NULL, config_words },
	{ "mkdir", run_make, 0, none, 1, NULL, make_words },
	{ "rmdir", run_take, 0, none, 1, NULL, make_words },
	{ "show", run_show, 0, none, 2, NULL, show_words },
	{ "unplug", run_unplug, 0, card_params, 1, NULL },
	{ "plug", run_plug, 0, card_params, 1, NULL },
};
const unsigned int nops = sizeof(ops) / sizeof(ops[0]);

/* The op with this name, NULL for none */
const struct op *op_by_name(const char *name, size_t len)
{
	for (unsigned int i = 0; i < nops; i++)
		if (strlen(ops[i].name) == len && !memcmp(ops[i].name, name, len))
			return &ops[i];
	return NULL;
}

/* How many numbers it takes */
unsigned int op_params(const struct op *op)
{
	unsigned int n = 0;

	while (op->param[n].size)
		n++;
	return n;
}

/* Has it attributes behind its numbers? */
bool is_send(const struct op *op)
{
	return op->run == run_send;
}

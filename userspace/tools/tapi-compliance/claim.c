/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: who controls a line, and what becomes of it afterwards. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "test.h"

/* Long enough to look at it */
#define LINGER_MS	1000

static int take(int fd, uint32_t flags, uint32_t linger_ms, const char *key)
{
	struct tapi_line_claim claim = { .flags = flags, .linger_ms = linger_ms };

	memcpy(claim.key, key, strnlen(key, sizeof(claim.key)));
	return LINE_IOCTL(fd, TAPI_LINE_CLAIM, &claim);
}

static enum verdict exclusive(struct run *r)
{
	int other = line_again(&r->line, O_RDWR), err[3];

	CHECK(other >= 0, "open: %s", error_name(other));
	err[0] = take(other, 0, 0, "tapi-compliance");
	err[1] = LINE_IOCTL(other, TAPI_LINE_RELEASE, NULL);
	err[2] = line_claim(&r->line);
	close(other);
	CHECK_ERR(err[0], EBUSY, "CLAIM by another file");
	CHECK_ERR(err[1], EPERM, "RELEASE by another file");
	CHECK_ERR(err[2], EBUSY, "CLAIM again");
	return OK;
}

static enum verdict release(struct run *r)
{
	struct tapi_line_state state;

	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_RELEASE, NULL), "RELEASE");
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &state), "G_STATE");
	CHECK(!state.flags, "flags %#x", state.flags);
	CHECK_ERR(abort_request(&r->line, 0), EPERM, "ABORT");
	CHECK_ERR(LINE_IOCTL(r->line.fd, TAPI_LINE_RELEASE, NULL), EPERM, "RELEASE again");
	CHECK_OK(line_claim(&r->line), "CLAIM again");
	return OK;
}

static enum verdict values(struct run *r)
{
	CHECK_ERR(take(r->line.fd, 2, 0, ""), EINVAL, "flags 2");
	CHECK_ERR(take(r->line.fd, 0, TAPI_LINE_NONE, ""), EINVAL, "a linger of 49 days");
	return OK;
}

/* The line is off hook and its claimer closes it; @watch is another file */
static enum verdict leave(struct run *r, int watch, uint32_t linger_ms)
{
	struct tapi_line_state state;

	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_RELEASE, NULL), "RELEASE");
	CHECK_OK(take(r->line.fd, 0, linger_ms, "tapi-compliance"), "CLAIM");
	if (r->line.caps.caps & TAPI_LINE_CAP_HOOK)
		CHECK_OK(set_hook(&r->line, TAPI_LINE_OFF_HOOK, 0, 0), "off hook");
	event_drain(watch);
	close(r->line.fd);
	r->line.fd = -1;
	CHECK_OK(LINE_IOCTL(watch, TAPI_LINE_G_STATE, &state), "G_STATE");
	CHECK(state.flags == (linger_ms ? TAPI_LINE_ST_LINGER : 0), "flags %#x", state.flags);
	if (!linger_ms)
		return OK;
	CHECK(state.linger_ms <= linger_ms, "linger_ms %u of %u", state.linger_ms, linger_ms);
	CHECK(!(r->line.caps.caps & TAPI_LINE_CAP_HOOK) || state.hook == TAPI_LINE_OFF_HOOK,
	      "it did not keep its hook");
	return OK;
}

/* It is on hook because the claimer let go of it */
static enum verdict is_safe(struct run *r, int watch)
{
	struct tapi_line_state state;
	struct tapi_line_event ev;

	if (r->line.caps.caps & TAPI_LINE_CAP_HOOK) {
		CHECK_OK(event_wait(watch, TAPI_LINE_EV_HOOK, &ev), "no HOOK record");
		CHECK(ev.hook.state == TAPI_LINE_ON_HOOK &&
		      ev.hook.cause == TAPI_LINE_HOOK_BY_SAFE_STATE, "HOOK %u, cause %u",
		      ev.hook.state, ev.hook.cause);
	}
	CHECK_OK(event_wait(watch, TAPI_LINE_EV_CLAIM, &ev), "no CLAIM record");
	CHECK(!ev.level.value, "CLAIM %u", ev.level.value);
	CHECK_OK(LINE_IOCTL(watch, TAPI_LINE_G_STATE, &state), "G_STATE");
	CHECK(!state.flags && state.linger_ms == TAPI_LINE_NONE, "flags %#x", state.flags);
	CHECK(state.hook == TAPI_LINE_ON_HOOK && !state.ring, "off hook, or ringing");
	CHECK(r->line.caps.type == TAPI_LINE_FXO || state.linefeed == TAPI_LINE_FEED_ACTIVE,
	      "linefeed %u", state.linefeed);
	return OK;
}

static enum verdict safe(struct run *r)
{
	int watch = line_again(&r->line, O_RDONLY);
	enum verdict v;

	CHECK(watch >= 0, "open: %s", error_name(watch));
	v = leave(r, watch, 0);
	if (v == OK)
		v = is_safe(r, watch);
	close(watch);
	return v;
}

static enum verdict linger_ends(struct run *r)
{
	int watch = line_again(&r->line, O_RDONLY);
	uint64_t begin = now_ns();
	enum verdict v;

	CHECK(watch >= 0, "open: %s", error_name(watch));
	v = leave(r, watch, LINGER_MS);
	if (v == OK) {
		struct tapi_line_event ev;

		/* the linger begins with a CLAIM record of its own */
		v = event_wait(watch, TAPI_LINE_EV_CLAIM, &ev) ||
		    ev.level.value != TAPI_LINE_ST_LINGER ?
		    verdict(r, FAIL, "no CLAIM record at its beginning") : is_safe(r, watch);
	}
	if (v == OK && now_ns() - begin < LINGER_MS * UINT64_C(1000000))
		v = verdict(r, FAIL, "it ended early");
	close(watch);
	return v;
}

/* During a linger: who gets the line, and in which state */
static enum verdict heirs(struct run *r)
{
	struct tapi_line_state state;
	int err;

	CHECK_OK(line_open(&r->line, O_RDWR), "open");
	CHECK_ERR(take(r->line.fd, 0, 0, "somebody else"), EBUSY, "CLAIM with another key");
	err = take(r->line.fd, 0, 0, "tapi-compliance");
	CHECK(!err, "CLAIM with the key: %s", error_name(err));
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &state), "G_STATE");
	CHECK(state.flags == TAPI_LINE_ST_CLAIMED, "flags %#x", state.flags);
	CHECK(!(r->line.caps.caps & TAPI_LINE_CAP_HOOK) || state.hook == TAPI_LINE_OFF_HOOK,
	      "it is not in the state it was left in");
	return OK;
}

static enum verdict linger_key(struct run *r)
{
	int watch = line_again(&r->line, O_RDONLY);
	enum verdict v;

	CHECK(watch >= 0, "open: %s", error_name(watch));
	v = leave(r, watch, LINGER_MS);
	close(watch);
	return v == OK ? heirs(r) : v;
}

static enum verdict force(struct run *r)
{
	int watch = line_again(&r->line, O_RDONLY), err;
	enum verdict v;

	CHECK(watch >= 0, "open: %s", error_name(watch));
	v = leave(r, watch, LINGER_MS);
	close(watch);
	if (v != OK)
		return v;
	CHECK_OK(line_open(&r->line, O_RDWR), "open");
	err = take(r->line.fd, TAPI_LINE_CLAIM_FORCE, 0, "somebody else");
	if (geteuid() && err == -EPERM) {
		take(r->line.fd, 0, 0, "tapi-compliance");
		return verdict(r, OK, "refused: only for an administrator");
	}
	CHECK(!err || err == -EPERM, "CLAIM with FORCE: %s", error_name(err));
	if (err) {
		take(r->line.fd, 0, 0, "tapi-compliance");
		return verdict(r, REFUSED, "no CAP_SYS_ADMIN");
	}
	return OK;
}

#define RULE LINE_PAGE "Claiming"

static const struct test tests[] = {
	{ "claim/exclusive", RULE, "one file may claim a line", T_CLAIM, .run = exclusive },
	{ "claim/release", RULE, "RELEASE gives the line up", T_CLAIM, .run = release },
	{ "claim/values", RULE, "flags and linger_ms have limits", .run = values },
	{ "claim/safe-state", RULE,
	  "a file that closes leaves an FXO line on hook, an FXS line fed", T_CLAIM, .run = safe },
	{ "claim/linger", RULE, "the line keeps its state for linger_ms, then goes to its safe state",
	  T_CLAIM, .run = linger_ends },
	{ "claim/key", RULE, "during a linger the same user with the same key gets the line",
	  T_CLAIM, .run = linger_key },
	{ "claim/force", RULE, "an administrator may take a lingering line", T_CLAIM,
	  .run = force },
};

GROUP(claim_group, tests);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: seizing the line, flashing, and the end of requests. */
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

static enum verdict one_hook(struct run *r, uint32_t op, uint32_t cookie)
{
	struct tapi_line_event hook, done;
	struct tapi_line_state state;

	CHECK_OK(set_hook(&r->line, op, 0, cookie), "S_HOOK");
	CHECK_OK(event_wait(r->line.fd, TAPI_LINE_EV_HOOK, &hook), "no HOOK record");
	CHECK(hook.hook.state == op && hook.hook.cause == TAPI_LINE_HOOK_BY_REQUEST,
	      "HOOK %u, cause %u", hook.hook.state, hook.hook.cause);
	CHECK_OK(event_complete(r->line.fd, cookie, &done), "no COMPLETE record");
	CHECK(!done.complete.status, "COMPLETE: %s", error_name(done.complete.status));
	CHECK(done.seq > hook.seq, "COMPLETE before HOOK");
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &state), "G_STATE");
	CHECK(state.hook == op, "G_STATE: hook %u", state.hook);
	return OK;
}

static enum verdict off_on(struct run *r)
{
	enum verdict v = one_hook(r, TAPI_LINE_OFF_HOOK, 11);

	return v == OK ? one_hook(r, TAPI_LINE_ON_HOOK, 12) : v;
}

static enum verdict no_cookie(struct run *r)
{
	struct tapi_line_event ev;

	CHECK_OK(set_hook(&r->line, TAPI_LINE_OFF_HOOK, 0, 0), "off hook");
	CHECK_OK(set_hook(&r->line, TAPI_LINE_ON_HOOK, 0, 0), "on hook");
	while (!event_next(r->line.fd, &ev, 0))
		CHECK(ev.type != TAPI_LINE_EV_COMPLETE, "COMPLETE with cookie %u", ev.cookie);
	return OK;
}

static enum verdict flash_length(struct run *r, uint32_t asked_ms, uint32_t want_ms)
{
	struct tapi_line_event ev, done;
	uint64_t begin = now_ns();
	uint32_t took_ms;

	CHECK_OK(set_hook(&r->line, TAPI_LINE_HOOK_FLASH, asked_ms, 21), "S_HOOK, flash");
	CHECK_OK(event_wait(r->line.fd, TAPI_LINE_EV_FLASH, &ev), "no FLASH record");
	CHECK_OK(event_complete(r->line.fd, 21, &done), "no COMPLETE record");
	CHECK(!done.complete.status, "COMPLETE: %s", error_name(done.complete.status));
	took_ms = (ev.ts - begin) / 1000000;
	CHECK(ev.hook.duration_ms + 1 >= want_ms, "%u ms, asked for %u", ev.hook.duration_ms,
	      want_ms);
	CHECK(ev.hook.duration_ms <= want_ms + r->tolerance_ms, "%u ms, asked for %u",
	      ev.hook.duration_ms, want_ms);
	CHECK(took_ms + 1 >= want_ms, "FLASH says %u ms, but comes after %u",
	      ev.hook.duration_ms, took_ms);
	return OK;
}

static enum verdict flash(struct run *r)
{
	struct tapi_line_param param = { .id = TAPI_LINE_PARAM_FLASH };
	enum verdict v;

	CHECK_OK(set_hook(&r->line, TAPI_LINE_OFF_HOOK, 0, 0), "off hook");
	v = flash_length(r, 150, 150);
	if (v != OK)
		return v;
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_PARAM, &param), "G_PARAM of FLASH");
	return flash_length(r, 0, param.value);
}

static enum verdict busy(struct run *r)
{
	struct tapi_line_event ev;
	struct tapi_line_state state;

	CHECK_OK(set_hook(&r->line, TAPI_LINE_OFF_HOOK, 0, 0), "off hook");
	CHECK_OK(set_hook(&r->line, TAPI_LINE_HOOK_FLASH, 2000, 31), "flash");
	CHECK_ERR(set_hook(&r->line, TAPI_LINE_HOOK_FLASH, 100, 32), EBUSY, "another flash");
	CHECK_ERR(set_hook(&r->line, TAPI_LINE_OFF_HOOK, 0, 33), EBUSY, "off hook");
	CHECK_OK(abort_request(&r->line, 99), "ABORT of what does not run");
	CHECK_OK(abort_request(&r->line, 31), "ABORT");
	do
		CHECK_OK(event_wait(r->line.fd, TAPI_LINE_EV_COMPLETE, &ev), "no COMPLETE record");
	while (ev.cookie != 31 && ev.cookie != 32 && ev.cookie != 33);
	CHECK(ev.cookie == 31, "COMPLETE with cookie %u, of a request that was refused", ev.cookie);
	CHECK(ev.complete.status == -ECANCELED, "COMPLETE: %s, not ECANCELED",
	      error_name(ev.complete.status));
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &state), "G_STATE");
	CHECK(state.hook == TAPI_LINE_OFF_HOOK, "it is on hook after the flash");
	CHECK_OK(set_hook(&r->line, TAPI_LINE_ON_HOOK, 0, 0), "on hook afterwards");
	return OK;
}

static enum verdict nothing(struct run *r)
{
	struct tapi_line_event ev;

	event_drain(r->line.fd);
	CHECK_OK(abort_request(&r->line, 0), "ABORT of all");
	CHECK_OK(abort_request(&r->line, 77), "ABORT of a cookie");
	CHECK_ERR(event_next(r->line.fd, &ev, 0), ETIME, "a record");
	return OK;
}

#define RULE LINE_PAGE "Requests"

static const struct test tests[] = {
	{ "hook/off-on", RULE, "S_HOOK: HOOK by request, then COMPLETE with the cookie", T_CLAIM,
	  TAPI_LINE_CAP_HOOK, .run = off_on },
	{ "hook/no-cookie", RULE, "a cookie of 0 asks for no COMPLETE", T_CLAIM,
	  TAPI_LINE_CAP_HOOK, .run = no_cookie },
	{ "hook/flash", RULE, "a flash lasts as long as asked, or as the parameter FLASH says",
	  T_CLAIM, TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_FLASH, .run = flash },
	{ "hook/busy", LINE_PAGE "Requests (errors)",
	  "EBUSY while a request runs; ABORT ends it with ECANCELED", T_CLAIM,
	  TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_FLASH, .run = busy },
	{ "hook/abort-nothing", RULE, "ABORT of what does not run does nothing", T_CLAIM,
	  .run = nothing },
};

GROUP(hook_group, tests);

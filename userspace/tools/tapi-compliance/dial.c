/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: dialling, as far as the line itself tells. */
#include "test.h"

/*
 * One digit is no number: an exchange waits for more, until the line is hung up.  A telephone's
 * line cannot be taken off hook from here: that is tested with the other end.
 */
static enum verdict off_hook(struct run *r)
{
	if (!(r->line.caps.caps & TAPI_LINE_CAP_HOOK))
		return verdict(r, PRESUMED, "needs a telephone that is off hook: --peer");
	CHECK_OK(set_hook(&r->line, TAPI_LINE_OFF_HOOK, 0, 0), "off hook");
	return OK;
}

static enum verdict one_digit(struct run *r, uint32_t mode)
{
	struct tapi_line_event ev;
	enum verdict v = off_hook(r);

	if (v != OK)
		return v;
	CHECK_OK(dial(&r->line, mode, "1", 91), "DIAL");
	CHECK_OK(event_complete(r->line.fd, 91, &ev), "no COMPLETE record");
	CHECK(!ev.complete.status && ev.complete.done == 1, "COMPLETE: %s, %u of 1 digit",
	      error_name(ev.complete.status), ev.complete.done);
	return OK;
}

static enum verdict pulse(struct run *r)
{
	return one_digit(r, TAPI_LINE_DIAL_PULSE);
}

static enum verdict dtmf(struct run *r)
{
	return one_digit(r, TAPI_LINE_DIAL_DTMF);
}

static enum verdict pause_only(struct run *r)
{
	uint32_t mode = r->line.caps.caps & TAPI_LINE_CAP_PULSE_DIAL ? TAPI_LINE_DIAL_PULSE :
			TAPI_LINE_DIAL_DTMF;
	enum verdict v = off_hook(r);
	struct tapi_line_event ev;
	uint64_t begin = now_ns();

	if (v != OK)
		return v;
	if (!(r->line.caps.caps & (TAPI_LINE_CAP_PULSE_DIAL | TAPI_LINE_CAP_DTMF_DIAL)))
		return verdict(r, NOT_SUPPORTED, "the line does not dial");
	CHECK_OK(dial(&r->line, mode, ",", 92), "DIAL");
	CHECK_ERR(dial(&r->line, mode, "1", 93), EBUSY, "DIAL again");
	CHECK_OK(event_complete(r->line.fd, 92, &ev), "no COMPLETE record");
	CHECK(!ev.complete.status && !ev.complete.done, "COMPLETE: %s, %u digits",
	      error_name(ev.complete.status), ev.complete.done);
	CHECK(ev.ts - begin >= UINT64_C(500000000), "a comma is no pause");
	CHECK_OK(dial(&r->line, mode, ",,,,", 94), "DIAL");
	CHECK_OK(abort_request(&r->line, 94), "ABORT");
	CHECK_OK(event_complete(r->line.fd, 94, &ev), "no COMPLETE record");
	CHECK(ev.complete.status == -ECANCELED && !ev.complete.done, "COMPLETE: %s, %u digits",
	      error_name(ev.complete.status), ev.complete.done);
	return OK;
}

#define RULE LINE_PAGE "Requests"

static const struct test tests[] = {
	{ "dial/pulse", RULE, "DIAL by pulses, then COMPLETE with the number of digits", T_CLAIM,
	  TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_PULSE_DIAL, .run = pulse },
	{ "dial/dtmf", RULE, "DIAL by the generator, then COMPLETE with the number of digits",
	  T_CLAIM, TAPI_LINE_CAP_DTMF_DIAL, .run = dtmf },
	{ "dial/pause", RULE, "a comma pauses; EBUSY meanwhile, ABORT ends it", T_CLAIM,
	  .run = pause_only },
};

GROUP(dial_group, tests);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: the line's own oscillators. */
#include "test.h"

static int tone(const struct line *line, uint32_t op, uint32_t count, uint32_t on_ms,
		uint32_t off_ms, uint32_t cookie)
{
	struct tapi_line_tone t = {
		.op = op, .freq_mhz = { 350000, 440000 }, .level_mdbm = { -16000, -16000 },
		.count = count, .on_ms = { on_ms }, .off_ms = { off_ms }, .cookie = cookie,
	};

	return LINE_IOCTL(line->fd, TAPI_LINE_S_TONE, &t);
}

static enum verdict bursts(struct run *r)
{
	struct tapi_line_event ev;
	uint64_t begin = now_ns();
	uint32_t took_ms;

	CHECK_OK(tone(&r->line, TAPI_LINE_OP_START, 2, 100, 200, 71), "S_TONE");
	CHECK_OK(event_complete(r->line.fd, 71, &ev), "no COMPLETE record");
	CHECK(!ev.complete.status && ev.complete.done == 2, "COMPLETE: %s, %u of 2 bursts",
	      error_name(ev.complete.status), ev.complete.done);
	took_ms = (ev.ts - begin) / 1000000;
	CHECK(took_ms + 1 >= 400 && took_ms <= 400 + r->tolerance_ms, "%u ms, not 400", took_ms);
	return OK;
}

static enum verdict stopped(struct run *r)
{
	struct tapi_line_event ev;

	CHECK_OK(tone(&r->line, TAPI_LINE_OP_START, 0, 0, 0, 81), "S_TONE");
	CHECK_ERR(tone(&r->line, TAPI_LINE_OP_START, 0, 0, 0, 82), EBUSY, "S_TONE again");
	CHECK_OK(tone(&r->line, TAPI_LINE_OP_STOP, 0, 0, 0, 83), "S_TONE, stop");
	CHECK_OK(event_complete(r->line.fd, 81, &ev), "no COMPLETE record");
	CHECK(ev.complete.status == -ECANCELED, "COMPLETE: %s", error_name(ev.complete.status));
	CHECK_OK(event_complete(r->line.fd, 83, &ev), "no COMPLETE record of the stop");
	return OK;
}

#define RULE LINE_PAGE "Requests"

static const struct test tests[] = {
	{ "tone/bursts", RULE, "S_TONE with a cadence, then COMPLETE with the number of bursts",
	  T_CLAIM, TAPI_LINE_CAP_TONE, .run = bursts },
	{ "tone/stop", RULE, "without a cadence the tone lasts until stopped; EBUSY meanwhile",
	  T_CLAIM, TAPI_LINE_CAP_TONE, .run = stopped },
};

GROUP(tone_group, tests);

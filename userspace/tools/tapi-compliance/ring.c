/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: ringing a telephone. */
#include <stdlib.h>

#include "test.h"

static bool near(struct run *r, uint32_t got_ms, uint32_t want_ms)
{
	return got_ms + r->tolerance_ms >= want_ms && got_ms <= want_ms + r->tolerance_ms;
}

/* The next burst begins or ends */
static enum verdict burst(struct run *r, uint32_t state, struct tapi_line_event *ev)
{
	CHECK_OK(event_wait(r->line.fd, TAPI_LINE_EV_RING, ev), "no RING record");
	CHECK(ev->ring.state == state, "RING %u, not %u", ev->ring.state, state);
	return OK;
}

static enum verdict cadence(struct run *r)
{
	struct tapi_line_ring ring = {
		.op = TAPI_LINE_OP_START, .count = 3, .on_ms = { 200, 100 }, .off_ms = { 150, 300 },
		.cookie = 41,
	};
	struct tapi_line_event on[3], off[3], done;
	enum verdict v = OK;

	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_S_RING, &ring), "S_RING");
	for (int i = 0; i < 3 && v == OK; i++) {
		v = burst(r, 1, &on[i]);
		v = v == OK ? burst(r, 0, &off[i]) : v;
	}
	if (v != OK)
		return v;
	for (int i = 0; i < 3; i++) {
		uint32_t length_ms = (off[i].ts - on[i].ts) / 1000000;

		CHECK(near(r, length_ms, ring.on_ms[i % 2]), "burst %d: %u ms, not %u", i,
		      length_ms, ring.on_ms[i % 2]);
		CHECK(near(r, off[i].ring.duration_ms, length_ms), "burst %d: duration_ms %u of %u",
		      i, off[i].ring.duration_ms, length_ms);
	}
	for (int i = 0; i < 2; i++) {
		uint32_t pause_ms = (on[i + 1].ts - off[i].ts) / 1000000;

		CHECK(near(r, pause_ms, ring.off_ms[i]), "pause %d: %u ms, not %u", i, pause_ms,
		      ring.off_ms[i]);
	}
	CHECK_OK(event_complete(r->line.fd, 41, &done), "no COMPLETE record");
	CHECK(!done.complete.status && done.complete.done == 3, "COMPLETE: %s, %u of 3 bursts",
	      error_name(done.complete.status), done.complete.done);
	return OK;
}

static enum verdict state(struct run *r)
{
	struct tapi_line_event ev;
	struct tapi_line_state s;

	CHECK_OK(ring_start(&r->line, 0, 5000, 100, 0), "S_RING");
	CHECK_OK(event_wait(r->line.fd, TAPI_LINE_EV_RING, &ev), "no RING record");
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &s), "G_STATE");
	CHECK(s.ring == 1, "G_STATE: ring %u in a burst", s.ring);
	CHECK_OK(ring_stop(&r->line, 0), "S_RING, stop");
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &s), "G_STATE");
	CHECK(s.ring == 0, "G_STATE: ring %u after the stop", s.ring);
	return OK;
}

static enum verdict stopped(struct run *r)
{
	struct tapi_line_event ev;

	CHECK_OK(ring_start(&r->line, 0, 200, 200, 51), "S_RING");
	CHECK_ERR(ring_start(&r->line, 1, 200, 200, 52), EBUSY, "S_RING while it rings");
	for (int i = 0; i < 4; i++)
		CHECK_OK(event_wait(r->line.fd, TAPI_LINE_EV_RING, &ev), "it ended by itself");
	CHECK_OK(ring_stop(&r->line, 53), "S_RING, stop");
	CHECK_OK(event_complete(r->line.fd, 51, &ev), "no COMPLETE record");
	CHECK(ev.complete.status == -ECANCELED && ev.complete.done >= 2,
	      "COMPLETE: %s, %u bursts", error_name(ev.complete.status), ev.complete.done);
	CHECK_OK(event_complete(r->line.fd, 53, &ev), "no COMPLETE record of the stop");
	CHECK(!ev.complete.status, "COMPLETE of the stop: %s", error_name(ev.complete.status));
	CHECK_OK(ring_stop(&r->line, 0), "S_RING, stop when it does not ring");
	return OK;
}

static enum verdict aborted(struct run *r)
{
	struct tapi_line_event ev;
	struct tapi_line_state s;

	CHECK_OK(ring_start(&r->line, 0, 200, 200, 61), "S_RING");
	CHECK_OK(event_wait(r->line.fd, TAPI_LINE_EV_RING, &ev), "no RING record");
	CHECK_OK(abort_request(&r->line, 60), "ABORT of another cookie");
	CHECK_ERR(ring_start(&r->line, 1, 200, 200, 0), EBUSY, "S_RING after that");
	CHECK_OK(abort_request(&r->line, 0), "ABORT of all");
	CHECK_OK(event_complete(r->line.fd, 61, &ev), "no COMPLETE record");
	CHECK(ev.complete.status == -ECANCELED, "COMPLETE: %s", error_name(ev.complete.status));
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &s), "G_STATE");
	CHECK(!s.ring, "it rings after ABORT");
	return OK;
}

static enum verdict dies(struct run *r)
{
	struct line watch = r->line;
	int err;

	CHECK_OK(ring_start(&r->line, 0, 5000, 200, 0), "S_RING");
	line_drop(&r->line);
	err = state_await(&watch, (struct state_want){ -1, 0, -1 }, 0);
	CHECK(!err, "it rings after its claimer closed the file");
	return OK;
}

#define RULE LINE_PAGE "Requests"

static const struct test tests[] = {
	{ "ring/cadence", RULE, "S_RING: bursts and pauses as asked, then COMPLETE with their number",
	  T_CLAIM, TAPI_LINE_CAP_RING, .run = cadence },
	{ "ring/state", RULE, "ring of G_STATE is 1 in a burst", T_CLAIM, TAPI_LINE_CAP_RING,
	  .run = state },
	{ "ring/stop", RULE, "a count of 0 rings until stopped; EBUSY meanwhile", T_CLAIM,
	  TAPI_LINE_CAP_RING, .run = stopped },
	{ "ring/abort", RULE, "ABORT ends it, by cookie or all", T_CLAIM, TAPI_LINE_CAP_RING,
	  .run = aborted },
	{ "ring/safe-state", LINE_PAGE "Claiming", "ringing stops when the claimer goes", T_CLAIM,
	  TAPI_LINE_CAP_RING, .run = dies },
};

GROUP(ring_group, tests);

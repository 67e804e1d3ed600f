/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: measurements and counters. */
#include <stdlib.h>

#include "test.h"

static enum verdict measure(struct run *r)
{
	struct tapi_line_measure m;
	const int32_t *at[] = { &m.loop_mv, &m.tip_mv, &m.ring_mv, &m.batt_mv };

	memset(&m, 0xa5, sizeof(m));
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_MEASURE, &m), "MEASURE");
	CHECK(m.valid && m.valid < 32, "valid %#x", m.valid);
	for (size_t i = 0; i < sizeof(m.reserved) / sizeof(m.reserved[0]); i++)
		CHECK(!m.reserved[i], "reserved is not zero");
	/* No telephone line has more than this, ringing included */
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		CHECK(!(m.valid & 1u << i) || (*at[i] <= 250000 && *at[i] >= -250000),
		      "value %zu: %d mV", i, *at[i]);
	CHECK(!(m.valid & 16) || (m.loop_ua <= 200000 && m.loop_ua >= -200000), "%d uA",
	      m.loop_ua);
	return OK;
}

static int read_meter(const struct line *line, struct tapi_line_measure *m)
{
	return LINE_IOCTL(line->fd, TAPI_LINE_MEASURE, m);
}

/* A telephone that is lifted draws current, and its voltage falls */
static enum verdict loop(struct run *r)
{
	struct state_want off = { TAPI_LINE_OFF_HOOK, -1, -1 };
	struct tapi_line_measure on, busy;

	CHECK_OK(read_meter(r->fxs, &on), "MEASURE");
	CHECK(!(on.valid & 16) || abs(on.loop_ua) < 5000, "%d uA on hook", on.loop_ua);
	CHECK_OK(set_hook(r->fxo, TAPI_LINE_OFF_HOOK, 0, 0), "S_HOOK");
	CHECK_OK(state_await(r->fxs, off, PATIENCE_MS), "the exchange sees nothing");
	CHECK_OK(read_meter(r->fxs, &busy), "MEASURE");
	CHECK(!(busy.valid & 16) || abs(busy.loop_ua) > 10000, "%d uA off hook", busy.loop_ua);
	CHECK(!(on.valid & busy.valid & 1) || abs(busy.loop_mv) < abs(on.loop_mv) / 2,
	      "%d mV off hook, %d on hook", busy.loop_mv, on.loop_mv);
	if (!(busy.valid & 17))
		return verdict(r, PRESUMED, "neither loop voltage nor current");
	return OK;
}

/* The sign of the voltage is the polarity */
static enum verdict feed(struct run *r)
{
	const struct state_want fed = { -1, -1, 1 }, open = { -1, -1, 0 };
	struct tapi_line_measure m;

	CHECK_OK(set_feed(r->fxs, TAPI_LINE_FEED_OPEN, 0), "S_LINEFEED");
	CHECK_OK(state_await(r->fxo, open, PATIENCE_MS), "it does not arrive");
	CHECK_OK(read_meter(r->fxo, &m), "MEASURE");
	if (!(m.valid & 1))
		return verdict(r, PRESUMED, "no loop voltage");
	CHECK(abs(m.loop_mv) < 5000, "%d mV of a line that is not fed", m.loop_mv);
	for (int reversed = 0; reversed < 2; reversed++) {
		struct tapi_line_event ev;

		event_drain(r->fxo->fd);
		CHECK_OK(set_feed(r->fxs, TAPI_LINE_FEED_ACTIVE, reversed), "S_LINEFEED");
		if (reversed)
			CHECK_OK(event_wait(r->fxo->fd, TAPI_LINE_EV_POLARITY, &ev), "no POLARITY");
		CHECK_OK(state_await(r->fxo, fed, PATIENCE_MS), "it does not arrive");
		CHECK_OK(read_meter(r->fxo, &m), "MEASURE");
		CHECK((reversed ? -m.loop_mv : m.loop_mv) > 15000, "%d mV%s", m.loop_mv,
		      reversed ? ", reversed" : "");
	}
	return OK;
}

static enum verdict counters(struct run *r)
{
	struct tapi_line_stats s[2];
	const uint64_t *before = (const uint64_t *)&s[0], *after = (const uint64_t *)&s[1];

	memset(s, 0xa5, sizeof(s));
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATS, &s[0]), "G_STATS");
	CHECK_OK(line_claim(&r->line), "CLAIM");
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATS, &s[1]), "G_STATS");
	for (size_t i = 0; i < sizeof(s[0]) / sizeof(*before); i++)
		CHECK(after[i] >= before[i], "counter %zu goes back from %llu to %llu", i,
		      (unsigned long long)before[i], (unsigned long long)after[i]);
	CHECK(s[1].events >= s[0].events + 2, "events: %llu after CLAIM, before it %llu",
	      (unsigned long long)s[1].events, (unsigned long long)s[0].events);
	for (size_t i = 0; i < sizeof(s[0].reserved) / sizeof(s[0].reserved[0]); i++)
		CHECK(!s[1].reserved[i], "reserved is not zero");
	return OK;
}

static const struct test tests[] = {
	{ "measure/values", LINE_PAGE "Requests", "valid tells which values hold", T_CLAIM,
	  TAPI_LINE_CAP_MEASURE, .run = measure },
	{ "measure/loop", LINE_PAGE "Requests", "an exchange measures a telephone that is lifted",
	  T_PEER, .fxo = TAPI_LINE_CAP_HOOK, .fxs = TAPI_LINE_CAP_MEASURE, .run = loop },
	{ "measure/feed", LINE_PAGE "Requests", "a telephone's end measures feed and polarity",
	  T_PEER, .fxo = TAPI_LINE_CAP_MEASURE,
	  .fxs = TAPI_LINE_CAP_LINEFEED | TAPI_LINE_CAP_POLARITY, .run = feed },
	{ "stats/monotonic", LINE_PAGE "Requests", "counters do not go back, and count events",
	  .run = counters },
};

GROUP(meter_group, tests);

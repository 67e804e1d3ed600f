/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: measurements and counters. */
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
	{ "stats/monotonic", LINE_PAGE "Requests", "counters do not go back, and count events",
	  .run = counters },
};

GROUP(meter_group, tests);

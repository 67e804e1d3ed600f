/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: feeding a telephone, and tones. */
#include <fcntl.h>

#include "test.h"

static const char *const feeds[] = {
	[TAPI_LINE_FEED_OPEN] = "OPEN", [TAPI_LINE_FEED_ACTIVE] = "ACTIVE",
	[TAPI_LINE_FEED_OHT] = "OHT", [TAPI_LINE_FEED_TIP_OPEN] = "TIP_OPEN",
	[TAPI_LINE_FEED_RING_OPEN] = "RING_OPEN",
};

/* The state was changed to this: the record and G_STATE say so */
static enum verdict one_feed(struct run *r, uint32_t feed)
{
	struct tapi_line_state s;
	struct tapi_line_event ev;
	int err;

	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &s), "G_STATE");
	err = set_feed(&r->line, feed, 0);
	/* ground start is not for every chip */
	if (err == -EOPNOTSUPP && feed >= TAPI_LINE_FEED_TIP_OPEN)
		return OK;
	CHECK(!err, "S_LINEFEED %s: %s", feeds[feed], error_name(err));
	if (s.linefeed != feed) {
		CHECK_OK(event_wait(r->line.fd, TAPI_LINE_EV_LINEFEED, &ev), "no LINEFEED record");
		CHECK(ev.level.value == feed && ev.level.old == s.linefeed,
		      "LINEFEED from %u to %u, not from %u to %u", ev.level.old, ev.level.value,
		      s.linefeed, feed);
	}
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &s), "G_STATE");
	CHECK(s.linefeed == feed, "G_STATE: linefeed %u, not %u", s.linefeed, feed);
	return OK;
}

static enum verdict feeding(struct run *r)
{
	static const uint32_t order[] = { TAPI_LINE_FEED_OPEN, TAPI_LINE_FEED_ACTIVE,
					  TAPI_LINE_FEED_TIP_OPEN, TAPI_LINE_FEED_RING_OPEN,
					  TAPI_LINE_FEED_ACTIVE };
	enum verdict v = OK;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && v == OK; i++)
		v = one_feed(r, order[i]);
	return v;
}

static enum verdict on_hook_sound(struct run *r)
{
	enum verdict v = one_feed(r, TAPI_LINE_FEED_OHT);

	return v == OK ? one_feed(r, TAPI_LINE_FEED_ACTIVE) : v;
}

static enum verdict polarity(struct run *r)
{
	struct tapi_line_event ev;
	struct tapi_line_state s;

	for (uint32_t value = 1; value <= 1; value--) {
		CHECK_OK(set_feed(&r->line, TAPI_LINE_FEED_ACTIVE, value), "S_LINEFEED");
		CHECK_OK(event_wait(r->line.fd, TAPI_LINE_EV_POLARITY, &ev), "no POLARITY record");
		CHECK(ev.level.value == value && ev.level.old == !value, "POLARITY %u after %u",
		      ev.level.value, ev.level.old);
		CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &s), "G_STATE");
		CHECK(s.polarity == value, "G_STATE: polarity %u, not %u", s.polarity, value);
	}
	return OK;
}

static enum verdict safe(struct run *r)
{
	struct tapi_line_state s;

	CHECK_OK(set_feed(&r->line, TAPI_LINE_FEED_OPEN, 0), "S_LINEFEED, OPEN");
	line_drop(&r->line);
	CHECK_OK(line_open(&r->line, O_RDWR), "open");
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &s), "G_STATE");
	CHECK(s.linefeed == TAPI_LINE_FEED_ACTIVE && !s.polarity, "linefeed %u, polarity %u",
	      s.linefeed, s.polarity);
	return OK;
}

#define RULE LINE_PAGE "Requests"

static const struct test tests[] = {
	{ "feed/states", RULE, "S_LINEFEED: LINEFEED from what was to what is", T_CLAIM,
	  TAPI_LINE_CAP_LINEFEED, .run = feeding },
	{ "feed/on-hook-sound", LINE_PAGE "Capabilities", "OHT: the line can be fed so", T_CLAIM,
	  TAPI_LINE_CAP_LINEFEED | TAPI_LINE_CAP_OHT, .run = on_hook_sound },
	{ "feed/polarity", LINE_PAGE "Capabilities", "POLARITY: the line can be fed reversed",
	  T_CLAIM, TAPI_LINE_CAP_LINEFEED | TAPI_LINE_CAP_POLARITY, .run = polarity },
	{ "feed/safe-state", LINE_PAGE "Claiming", "an FXS line is fed when its claimer goes",
	  T_CLAIM, TAPI_LINE_CAP_LINEFEED, .run = safe },
};

GROUP(feed_group, tests);

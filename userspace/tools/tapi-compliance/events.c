/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: state and records. */
#include <fcntl.h>
#include <unistd.h>

#include "test.h"

/* Records a file has room for */
#define ROOM	64
/* More changes of the claim than that, of at least two records each */
#define TOGGLES	40

static bool state_sane(const struct tapi_line_state *s)
{
	return s->hook <= TAPI_LINE_OFF_HOOK && s->ring <= 1 && s->polarity <= 1 &&
	       s->battery <= 1 && s->linefeed <= TAPI_LINE_FEED_RING_OPEN && s->faults < 16 &&
	       !s->reserved[0] && !s->reserved[1] && !s->reserved[2] && !s->reserved[3];
}

static enum verdict initial(struct run *r)
{
	struct tapi_line_state s;
	struct tapi_line_event ev;

	CHECK_OK(event_next(r->line.fd, &ev, 0), "no record after open()");
	CHECK(ev.type == TAPI_LINE_EV_STATE, "the first record is %s", event_name(ev.type));
	CHECK(ev.flags & TAPI_LINE_EV_FL_INITIAL, "without the flag INITIAL");
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &s), "G_STATE");
	CHECK(state_sane(&s), "G_STATE has values out of range");
	CHECK(s.linger_ms == TAPI_LINE_NONE, "linger_ms %u without a linger", s.linger_ms);
	CHECK(ev.state.hook == s.hook && ev.state.ring == s.ring &&
	      ev.state.linefeed == s.linefeed && ev.state.polarity == s.polarity &&
	      ev.state.battery == s.battery && ev.state.faults == s.faults &&
	      ev.state.flags == s.flags, "it differs from G_STATE");
	CHECK(ev.seq == s.seq, "seq %u, G_STATE has %u", ev.seq, s.seq);
	return OK;
}

static int release(const struct line *line)
{
	return LINE_IOCTL(line->fd, TAPI_LINE_RELEASE, NULL);
}

static enum verdict claim_events(struct run *r)
{
	struct tapi_line_event first, ev, state;
	uint64_t before = now_ns();

	CHECK_OK(event_next(r->line.fd, &first, 0), "the first record");
	CHECK_OK(line_claim(&r->line), "CLAIM");
	CHECK_OK(event_next(r->line.fd, &ev, PATIENCE_MS), "no record");
	CHECK(ev.type == TAPI_LINE_EV_CLAIM && ev.level.value == TAPI_LINE_ST_CLAIMED &&
	      !ev.level.old, "%s with %u", event_name(ev.type), ev.level.value);
	CHECK(ev.seq == first.seq + 1, "seq %u after %u", ev.seq, first.seq);
	CHECK(ev.ts >= before && ev.ts <= now_ns(), "ts is not CLOCK_MONOTONIC");
	CHECK_OK(event_next(r->line.fd, &state, PATIENCE_MS), "no STATE follows");
	CHECK(state.type == TAPI_LINE_EV_STATE, "%s, not STATE", event_name(state.type));
	CHECK(!(state.flags & TAPI_LINE_EV_FL_INITIAL), "INITIAL is not for this one");
	CHECK(state.state.flags == TAPI_LINE_ST_CLAIMED, "flags %#x", state.state.flags);
	CHECK(state.seq == ev.seq + 1, "seq %u after %u", state.seq, ev.seq);
	CHECK_OK(release(&r->line), "RELEASE");
	do
		CHECK_OK(event_next(r->line.fd, &ev, PATIENCE_MS), "no CLAIM");
	while (ev.type != TAPI_LINE_EV_CLAIM);
	CHECK(!ev.level.value && ev.level.old == TAPI_LINE_ST_CLAIMED, "%u to %u", ev.level.old,
	      ev.level.value);
	return OK;
}

static enum verdict mask(struct run *r)
{
	struct tapi_line_event ev;
	struct tapi_line_state state;
	uint64_t none = 0, all = ~UINT64_C(0);
	uint32_t last = 0;

	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_S_EVMASK, &none), "S_EVMASK 0");
	event_drain(r->line.fd);
	CHECK_OK(line_claim(&r->line), "CLAIM");
	CHECK_OK(release(&r->line), "RELEASE");
	for (int i = 0; i < 2; i++) {
		CHECK_OK(event_next(r->line.fd, &ev, PATIENCE_MS), "STATE was masked");
		CHECK(ev.type == TAPI_LINE_EV_STATE, "%s was not masked", event_name(ev.type));
		CHECK(ev.seq > last, "seq %u after %u", ev.seq, last);
		last = ev.seq;
	}
	CHECK_ERR(event_next(r->line.fd, &ev, 0), ETIME, "another record");
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &state), "G_STATE");
	CHECK(state.seq == last, "G_STATE is at %u, the last record is %u", state.seq, last);
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_S_EVMASK, &all), "S_EVMASK, all ones");
	CHECK_OK(line_claim(&r->line), "CLAIM");
	CHECK_OK(event_wait(r->line.fd, TAPI_LINE_EV_CLAIM, &ev), "CLAIM is still masked");
	return OK;
}

static enum verdict batch(struct run *r)
{
	struct tapi_line_event ev[8];
	ssize_t got;

	CHECK_OK(line_claim(&r->line), "CLAIM");
	/* three records are there: STATE, CLAIM, STATE */
	got = read(r->line.fd, ev, sizeof(ev[0]) + 40);
	CHECK(got == sizeof(ev[0]), "read() of 104 bytes: %zd", got);
	got = read(r->line.fd, ev, sizeof(ev));
	CHECK(got == 2 * sizeof(ev[0]), "read() of what is left: %zd, not 128", got);
	CHECK(ev[0].type == TAPI_LINE_EV_CLAIM && ev[1].type == TAPI_LINE_EV_STATE, "%s, %s",
	      event_name(ev[0].type), event_name(ev[1].type));
	return OK;
}

static enum verdict polling(struct run *r)
{
	struct pollfd file = { .fd = r->line.fd, .events = POLLIN };
	int other = line_again(&r->line, O_RDONLY), ready;

	CHECK(other >= 0, "open: %s", error_name(other));
	close(other);
	CHECK(wait_files(&file, 1, 0) == 1 && file.revents == POLLIN, "revents %#x with a record",
	      file.revents);
	event_drain(r->line.fd);
	CHECK(wait_files(&file, 1, 0) == 0, "revents %#x without a record", file.revents);
	CHECK_OK(line_claim(&r->line), "CLAIM");
	ready = wait_files(&file, 1, PATIENCE_MS);
	CHECK(ready == 1 && file.revents == POLLIN, "revents %#x after an event", file.revents);
	return OK;
}

/* Reads all of a file that was not read for long */
static enum verdict read_overflown(struct run *r, int fd, uint32_t first, uint32_t last)
{
	uint32_t lost = 0, seen = 0, seq = first;
	struct tapi_line_event ev;

	while (!event_next(fd, &ev, 0)) {
		if (ev.type == TAPI_LINE_EV_LOST) {
			CHECK(ev.lost.count, "LOST says 0");
			lost += ev.lost.count;
			continue;
		}
		CHECK(ev.seq >= seq, "seq %u after %u", ev.seq, seq);
		seq = ev.seq;
		seen += !(ev.flags & TAPI_LINE_EV_FL_INITIAL);
	}
	CHECK(lost, "no LOST among %u of %u records", seen, last - first);
	CHECK(seen >= ROOM - 1, "only %u records were kept", seen);
	CHECK(seq == last, "the newest record, %u, is not there: %u", last, seq);
	/* the first record was STATE at open(): it is counted if it was dropped */
	CHECK(lost + seen == last - first || lost + seen == last - first + 1,
	      "%u lost, %u read, of %u", lost, seen, last - first);
	return OK;
}

static enum verdict overflow(struct run *r)
{
	struct tapi_line_state before, after;
	enum verdict v;
	int idle = line_again(&r->line, O_RDONLY), err = 0;

	CHECK(idle >= 0, "open: %s", error_name(idle));
	err = LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &before);
	for (int i = 0; i < TOGGLES && !err; i++) {
		err = line_claim(&r->line);
		err = err ? err : release(&r->line);
	}
	err = err ? err : LINE_IOCTL(r->line.fd, TAPI_LINE_G_STATE, &after);
	v = err ? verdict(r, FAIL, "CLAIM and RELEASE: %s", error_name(err)) :
		  read_overflown(r, idle, before.seq, after.seq);
	close(idle);
	return v;
}

static enum verdict everybody(struct run *r)
{
	int other = line_again(&r->line, O_RDONLY), err;
	struct tapi_line_event mine, others;

	CHECK(other >= 0, "open: %s", error_name(other));
	event_drain(r->line.fd);
	event_drain(other);
	err = line_claim(&r->line);
	err = err ? err : event_wait(r->line.fd, TAPI_LINE_EV_CLAIM, &mine);
	err = err ? err : event_wait(other, TAPI_LINE_EV_CLAIM, &others);
	close(other);
	CHECK_OK(err, "CLAIM records");
	CHECK(!memcmp(&mine, &others, sizeof(mine)), "two files get different records");
	return OK;
}

#define RULE LINE_PAGE "Reading events"

static const struct test tests[] = {
	{ "events/initial", LINE_PAGE "Opening", "the first record is STATE with INITIAL, as G_STATE",
	  .run = initial },
	{ "events/claim", RULE, "CLAIM, then STATE; seq counts, ts is CLOCK_MONOTONIC",
	  .run = claim_events },
	{ "events/mask", RULE, "S_EVMASK holds back all but STATE, GONE and LOST; seq goes on",
	  .run = mask },
	{ "events/batch", RULE, "whole records, as many as fit and are there", .run = batch },
	{ "events/poll", RULE, "POLLIN while there is a record", .run = polling },
	{ "events/lost", RULE, "64 records are kept, LOST says how many were not", .run = overflow },
	{ "events/everybody", RULE, "all files get the same records", .run = everybody },
};

GROUP(events_group, tests);

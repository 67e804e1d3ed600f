/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the card provider share: what is expected of it, the exchange at the other end
 * of the simulated cable, and the way to an open line.
 */
#ifndef TSP_CARD_H
#define TSP_CARD_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include <linux/tapi_line.h>
#include <tapi3/tapi3.h>

#include "card_guid.h"
#include "card_msg.pb-c.h"
#include "tsp-host.h"

#define FXO		"/dev/tapi/card0-line0"
#define FXS		"/dev/tapi/card0-line1"
#define VERSION		0x00030001
#define BASE		7
#define PROVIDER	99
#define HT_LINE		0x77
#define HT_MSP		0x55
#define MODES		LINEMEDIAMODE_INTERACTIVEVOICE

static int office = -1;
static HDRVLINE line;
static HDRVMSPLINE msp;
static DRV_REQUESTID last_id;
/* The MSP that the next message is for */
static HTAPIMSPLINE to_msp = HT_MSP;

/*
 * What is expected
 */

static inline bool is(const struct told *told, DWORD msg, DWORD_PTR p1, DWORD_PTR p2,
		      const char *what)
{
	bool good = told->msg == msg && told->p1 == p1 && told->p2 == p2;

	ok(good, "%s", what);
	if (!good)
		printf("# message %#x %#lx %#lx %#lx instead\n", told->msg, told->p1, told->p2,
		       told->p3);
	return good;
}

static inline void expect(DWORD msg, DWORD_PTR p1, DWORD_PTR p2, const char *what)
{
	struct told told = host_next(PATIENCE_S);

	is(&told, msg, p1, p2, what);
}

static inline void expect_state(DWORD state, DWORD mode, const char *what)
{
	expect(LINE_CALLSTATE, state, mode, what);
}

/* An asynchronous function was accepted: it returned its id, the last one */
static inline bool accepted(LONG result, const char *what)
{
	if (!ok(result == (LONG)last_id, "%s: accepted", what))
		printf("# %#x\n", result);
	return result == (LONG)last_id;
}

/* ... and ends well */
static inline void expect_done(LONG result, const char *what)
{
	if (accepted(result, what))
		expect(COMPLETION, last_id, 0, what);
}

static inline void is_error(LONG result, LONG want, const char *what)
{
	ok(result == want, "%s: %#x", what, result);
	if (result != want)
		printf("# %#x was expected\n", want);
}

/* The next thing is a message to the MSP; of which kind */
static inline Tapi__Card__CardMsg *expect_msg(Tapi__Card__CardMsg__WhatCase kind, const char *what)
{
	struct told told = host_next(PATIENCE_S);
	Tapi__Card__CardMsg *msg = NULL;

	if (told.msg == LINE_SENDMSPDATA && told.p1 == to_msp && told.size >= 4 &&
	    !memcmp(told.data, "TCM1", 4))
		msg = tapi__card__card_msg__unpack(NULL, told.size - 4, told.data + 4);
	if (!ok(msg && msg->what_case == kind, "%s", what))
		printf("# message %#x, %zu bytes, kind %d instead\n", told.msg, told.size,
		       msg ? (int)msg->what_case : -1);
	if (msg && msg->what_case != kind) {
		tapi__card__card_msg__free_unpacked(msg, NULL);
		msg = NULL;
	}
	return msg;
}

static inline void expect_announced(void)
{
	struct told told = host_next(PATIENCE_S);

	ok(told.msg == LINE_SENDMSPDATA && told.p1 == to_msp && told.call && !told.size,
	   "the call is announced to the MSP");
}

static inline void expect_start(bool early)
{
	Tapi__Card__CardMsg *msg = expect_msg(TAPI__CARD__CARD_MSG__WHAT_START, "START");

	if (!msg)
		return;
	ok(!strcmp(msg->start->pcm, "hw:TAPI0,0") && msg->start->stream &&
	   msg->start->period_ms == 20 && !!msg->start->early == early,
	   "%s, stream %u%s", msg->start->pcm, msg->start->stream, early ? ", early" : "");
	tapi__card__card_msg__free_unpacked(msg, NULL);
}

static inline void expect_stop(unsigned int cause)
{
	Tapi__Card__CardMsg *msg = expect_msg(TAPI__CARD__CARD_MSG__WHAT_STOP, "STOP");

	if (!msg)
		return;
	ok(msg->stop->cause == cause, "cause %u", msg->stop->cause);
	tapi__card__card_msg__free_unpacked(msg, NULL);
}

/*
 * The exchange
 */

static inline bool office_sees(uint32_t type, struct tapi_line_event *event)
{
	struct pollfd poller = { .fd = office, .events = POLLIN };

	while (poll(&poller, 1, PATIENCE_S * 1000) > 0) {
		if (read(office, event, sizeof(*event)) != sizeof(*event))
			return false;
		if (event->type == type)
			return true;
	}
	return false;
}

static inline void office_sees_hook(uint32_t state)
{
	struct tapi_line_event event;

	ok(office_sees(TAPI_LINE_EV_HOOK, &event) && event.hook.state == state,
	   "the exchange sees %s hook", state == TAPI_LINE_OFF_HOOK ? "off" : "on");
}

static inline void office_rings(unsigned int count)
{
	struct tapi_line_ring ring = { .op = TAPI_LINE_OP_START, .count = count,
				       .on_ms = { 400 }, .off_ms = { 800 } };

	if (ioctl(office, TAPI_LINE_S_RING, &ring))
		printf("Bail out! the exchange cannot ring: %s\n", strerror(errno));
}

static inline void office_stops_ringing(void)
{
	struct tapi_line_ring ring = { .op = TAPI_LINE_OP_STOP };

	ioctl(office, TAPI_LINE_S_RING, &ring);
}

static inline void office_feeds(uint32_t state, uint32_t polarity)
{
	struct tapi_line_linefeed feed = { .state = state, .polarity = polarity };

	if (ioctl(office, TAPI_LINE_S_LINEFEED, &feed))
		printf("# the exchange cannot change the feed: %s\n", strerror(errno));
}

/* Digits of the line's own dialler */
static inline void office_hears(const char *digits)
{
	struct tapi_line_event event;
	char got[64] = "";
	size_t n = 0;

	while (n < strlen(digits) && office_sees(TAPI_LINE_EV_DTMF, &event)) {
		if (event.dtmf.pressed)
			got[n++] = event.dtmf.digit;
	}
	ok(!strcmp(got, digits), "the exchange hears %s", got);
}

/*
 * The provider
 */

static inline void wide(WCHAR *to, const char *from)
{
	while ((*to++ = (unsigned char)*from++))
		;
}


/* Loads and starts it; the number of its lines, or -1 */
static inline int provider_starts(void)
{
	DWORD lines = 0, phones = 0, options = 7;

	if (TSPI(providerEnumDevices)(1, &lines, &phones, PROVIDER, host_event, NULL) ||
	    TSPI(providerInit)(VERSION, 1, BASE, 0, lines, 0, host_complete, &options))
		return -1;
	return lines;
}

/* Opens a line, listens for @modes, brings an MSP */
static inline bool line_opens(DWORD id, DWORD modes)
{
	bool good = TSPI(lineOpen)(id, HT_LINE, &line, VERSION, host_event) == 0 &&
		    TSPI(lineSetDefaultMediaDetection)(line, modes) == 0 &&
		    TSPI(lineCreateMSPInstance)(line, 0, HT_MSP, &msp) == 0;

	if (ok(good, "open, with an MSP"))
		tapi__card__card_msg__free_unpacked(
			expect_msg(TAPI__CARD__CARD_MSG__WHAT_READY, "READY"), NULL);
	return good;
}

static inline bool plays_exchange(void)
{
	struct tapi_line_claim claim = { 0 };

	office = open(FXS, O_RDWR | O_CLOEXEC);
	return office >= 0 && ioctl(office, TAPI_LINE_CLAIM, &claim) == 0;
}

static inline void hang_up(HDRVCALL call)
{
	expect_done(TSPI(lineDrop)(++last_id, call, NULL, 0), "drop");
	expect_state(LINECALLSTATE_IDLE, 0, "idle");
	is_error(TSPI(lineDrop)(++last_id, call, NULL, 0), LINEERR_INVALCALLSTATE,
		 "dropped again");
	ok(TSPI(lineCloseCall)(call) == 0, "the call is forgotten");
	is_error(TSPI(lineDrop)(++last_id, call, NULL, 0), LINEERR_INVALCALLHANDLE,
		 "its handle means nothing");
}

/* A call comes in and is answered */
static inline HDRVCALL call_connects(void)
{
	struct told told;
	HDRVCALL call;

	office_rings(0);
	told = host_next(PATIENCE_S);
	call = told.p1;
	ok(told.msg == LINE_NEWCALL && call, "a call");
	expect_state(LINECALLSTATE_OFFERING, LINEOFFERINGMODE_ACTIVE, "offered");
	expect_announced();
	expect_done(TSPI(lineAnswer)(++last_id, call, NULL, 0), "answer");
	expect_state(LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE, "connected");
	expect_start(false);
	office_sees_hook(TAPI_LINE_OFF_HOOK);
	office_stops_ringing();
	return call;
}

#endif /* TSP_CARD_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The card provider at a simulated line, with this program as its host, as the exchange at the
 * other end of the cable, and as the MSP.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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
#define HT_LINE		0x77
#define HT_MSP		0x55
#define MODES		LINEMEDIAMODE_INTERACTIVEVOICE

static int office = -1;
static HDRVLINE line;
static HDRVMSPLINE msp;
static DRV_REQUESTID last_id;

/*
 * What is expected
 */

static bool is(const struct told *told, DWORD msg, DWORD_PTR p1, DWORD_PTR p2, const char *what)
{
	bool good = told->msg == msg && told->p1 == p1 && told->p2 == p2;

	ok(good, "%s", what);
	if (!good)
		printf("# message %#x %#lx %#lx %#lx instead\n", told->msg, told->p1, told->p2,
		       told->p3);
	return good;
}

static void expect(DWORD msg, DWORD_PTR p1, DWORD_PTR p2, const char *what)
{
	struct told told = host_next(PATIENCE_S);

	is(&told, msg, p1, p2, what);
}

static void expect_state(DWORD state, DWORD mode, const char *what)
{
	expect(LINE_CALLSTATE, state, mode, what);
}

/* An asynchronous function was accepted and ends well */
static void expect_done(LONG result, const char *what)
{
	ok(result == (LONG)last_id, "%s: accepted", what);
	if (result == (LONG)last_id)
		expect(COMPLETION, last_id, 0, what);
	else
		printf("# %#x\n", result);
}

static void is_error(LONG result, LONG want, const char *what)
{
	ok(result == want, "%s: %#x", what, result);
	if (result != want)
		printf("# %#x was expected\n", want);
}

/* The next thing is a message to the MSP; of which kind */
static Tapi__Card__CardMsg *expect_msg(Tapi__Card__CardMsg__WhatCase kind, const char *what)
{
	struct told told = host_next(PATIENCE_S);
	Tapi__Card__CardMsg *msg = NULL;

	if (told.msg == LINE_SENDMSPDATA && told.p1 == HT_MSP && told.size >= 4 &&
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

static void expect_announced(void)
{
	struct told told = host_next(PATIENCE_S);

	ok(told.msg == LINE_SENDMSPDATA && told.p1 == HT_MSP && told.call && !told.size,
	   "the call is announced to the MSP");
}

static void expect_start(bool early)
{
	Tapi__Card__CardMsg *msg = expect_msg(TAPI__CARD__CARD_MSG__WHAT_START, "START");

	if (!msg)
		return;
	ok(!strcmp(msg->start->pcm, "hw:TAPI0,0") && msg->start->stream &&
	   msg->start->period_ms == 20 && !!msg->start->early == early,
	   "%s, stream %u%s", msg->start->pcm, msg->start->stream, early ? ", early" : "");
	tapi__card__card_msg__free_unpacked(msg, NULL);
}

static void expect_stop(unsigned int cause)
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

static bool office_sees(uint32_t type, struct tapi_line_event *event)
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

static void office_sees_hook(uint32_t state)
{
	struct tapi_line_event event;

	ok(office_sees(TAPI_LINE_EV_HOOK, &event) && event.hook.state == state,
	   "the exchange sees %s hook", state == TAPI_LINE_OFF_HOOK ? "off" : "on");
}

static void office_rings(unsigned int count)
{
	struct tapi_line_ring ring = { .op = TAPI_LINE_OP_START, .count = count,
				       .on_ms = { 400 }, .off_ms = { 800 } };

	if (ioctl(office, TAPI_LINE_S_RING, &ring))
		printf("Bail out! the exchange cannot ring: %s\n", strerror(errno));
}

static void office_stops_ringing(void)
{
	struct tapi_line_ring ring = { .op = TAPI_LINE_OP_STOP };

	ioctl(office, TAPI_LINE_S_RING, &ring);
}

static void office_feeds(uint32_t state, uint32_t polarity)
{
	struct tapi_line_linefeed feed = { .state = state, .polarity = polarity };

	if (ioctl(office, TAPI_LINE_S_LINEFEED, &feed))
		printf("# the exchange cannot change the feed: %s\n", strerror(errno));
}

/*
 * The host
 */

static void starts(const struct tapi_tsp_module *module)
{
	DWORD lines = 0, phones = 0, version = 0, options = 7;

	ok(module->abi == TAPI_TSP_ABI && module->size == sizeof(*module) &&
	   !strcmp(module->name, "card") && !strcmp(module->msp, "card") &&
	   module->wchar_bytes == 2 && module->flags == TAPI_TSP_REENTRANT, "descriptor");
	ok(TSPI(lineNegotiateTSPIVersion)(INITIALIZE_NEGOTIATION, 0x00010003, VERSION, &version) ==
	   0 && version == VERSION, "version 3.1");
	is_error(TSPI(lineNegotiateTSPIVersion)(INITIALIZE_NEGOTIATION, 0x00010003, 0x00010004,
						&version), LINEERR_INCOMPATIBLEAPIVERSION,
		 "version 1.4");
	is_error(TSPI(lineNegotiateTSPIVersion)(0, VERSION, VERSION, &version),
		 LINEERR_BADDEVICEID, "a line before there are any");
	ok(TSPI(providerEnumDevices)(1, &lines, &phones, 99, host_event, NULL) == 0 && lines == 1 &&
	   !phones, "one line: the far end is not served");
	ok(TSPI(providerInit)(VERSION, 1, BASE, 0, lines, 0, host_complete, &options) == 0 &&
	   !options, "start");
	ok(TSPI(providerInit)(VERSION, 1, BASE, 0, lines, 0, host_complete, &options) == 0,
	   "a second start is ignored");
	ok(TSPI(lineNegotiateTSPIVersion)(BASE, 0x00020000, 0x00030000, &version) == 0 &&
	   version == 0x00030000, "the line's version");
	is_error(TSPI(lineNegotiateTSPIVersion)(BASE + 1, VERSION, VERSION, &version),
		 LINEERR_BADDEVICEID, "no such line");
}

static bool text_is(const void *base, DWORD size, DWORD offset, const char *text)
{
	const WCHAR *wide = (const void *)((const char *)base + offset);
	size_t n = strlen(text);

	if (!offset || size != (n + 1) * sizeof(*wide))
		return false;
	for (size_t i = 0; i <= n; i++) {
		if (wide[i] != (unsigned char)text[i])
			return false;
	}
	return true;
}

static void capabilities(void)
{
	static const unsigned char guid[16] = CARD_MSP_GUID;
	LINEADDRESSCAPS address = { .dwTotalSize = sizeof(address) - 1 };
	struct {
		LINEDEVCAPS caps;
		char more[1024];
	} all = { .caps.dwTotalSize = sizeof(all) };
	LINEDEVCAPS fixed = { .dwTotalSize = sizeof(fixed) };
	GUID class;

	ok(TSPI(lineGetDevCaps)(BASE, VERSION, 0, &all.caps) == 0 &&
	   all.caps.dwNeededSize == all.caps.dwUsedSize && all.caps.dwNumAddresses == 1 &&
	   all.caps.dwDevCapFlags & LINEDEVCAPFLAGS_MSP, "capabilities of the line");
	ok(text_is(&all, all.caps.dwLineNameSize, all.caps.dwLineNameOffset, "sim-line"),
	   "its name is sim-line");
	ok(TSPI(lineGetDevCaps)(BASE, VERSION, 0, &fixed) == 0 &&
	   fixed.dwNeededSize == all.caps.dwNeededSize && fixed.dwUsedSize == sizeof(fixed) &&
	   !fixed.dwLineNameSize && !fixed.dwLineNameOffset, "without room for its texts");
	fixed.dwTotalSize = offsetof(LINEDEVCAPS, PermanentLineGuid);
	memset(&fixed.PermanentLineGuid, 0x5a, sizeof(fixed.PermanentLineGuid));
	ok(TSPI(lineGetDevCaps)(BASE, 0x00020001, 0, &fixed) == 0 &&
	   !(fixed.dwDevCapFlags & LINEDEVCAPFLAGS_MSP) && fixed.PermanentLineGuid.Data1 ==
	   0x5a5a5a5a, "version 2.1: no MSP, and not a byte too much");
	is_error(TSPI(lineGetDevCaps)(BASE, VERSION, 0, &fixed), LINEERR_STRUCTURETOOSMALL,
		 "too small for 3.1");
	is_error(TSPI(lineGetAddressCaps)(BASE, 0, VERSION, 0, &address),
		 LINEERR_STRUCTURETOOSMALL, "address capabilities, one byte too small");
	is_error(TSPI(lineGetAddressCaps)(BASE, 1, VERSION, 0, &address), LINEERR_INVALADDRESSID,
		 "no such address");
	address.dwTotalSize = sizeof(address);
	ok(TSPI(lineGetAddressCaps)(BASE, 0, VERSION, 0, &address) == 0 &&
	   address.dwLineDeviceID == BASE && address.dwNeededSize > sizeof(address),
	   "address capabilities");
	ok(TSPI(lineMSPIdentify)(BASE, &class) == 0 && !memcmp(&class, guid, sizeof(guid)),
	   "its MSP");
}

static void opens(const struct tapi_tsp_module *module)
{
	struct tapi_line_claim claim = { 0 };
	int other = open(FXO, O_RDWR | O_CLOEXEC), fd = -1;
	struct tapi_line_caps caps;
	HDRVLINE second;

	ok(ioctl(other, TAPI_LINE_CLAIM, &claim) == 0, "somebody else has the line");
	is_error(TSPI(lineOpen)(BASE, HT_LINE, &line, VERSION, host_event), LINEERR_ALLOCATED,
		 "it cannot be opened");
	ioctl(other, TAPI_LINE_RELEASE);
	ok(TSPI(lineOpen)(BASE, HT_LINE, &line, VERSION, host_event) == 0 && line, "open");
	ok(ioctl(other, TAPI_LINE_CLAIM, &claim) < 0 && errno == EBUSY, "it is claimed");
	close(other);
	is_error(TSPI(lineOpen)(BASE, HT_LINE, &second, VERSION, host_event), LINEERR_ALLOCATED,
		 "a second open");
	ok(module->line_fd(line, &fd) == 0 && ioctl(fd, TAPI_LINE_G_CAPS, &caps) == 0 &&
	   caps.line == 0, "its descriptor");
	is_error(module->line_fd(line + 1, &fd), LINEERR_INVALLINEHANDLE, "of no line");
	ok(TSPI(lineSetDefaultMediaDetection)(line, MODES) == 0, "somebody listens");
	is_error(TSPI(lineSetDefaultMediaDetection)(line, LINEMEDIAMODE_G3FAX),
		 LINEERR_INVALMEDIAMODE, "for a fax");
	ok(TSPI(lineSetStatusMessages)(line, LINEDEVSTATE_RINGING, 0) == 0,
	   "and wants to hear it ring");
	ok(TSPI(lineCreateMSPInstance)(line, 0, HT_MSP, &msp) == 0 && msp, "an MSP comes");
	tapi__card__card_msg__free_unpacked(
		expect_msg(TAPI__CARD__CARD_MSG__WHAT_READY, "READY"), NULL);
}

/* From the first burst to the offer */
static HDRVCALL rings(DWORD id_above)
{
	LINECALLINFO info = { .dwTotalSize = sizeof(info) };
	struct told told;
	HDRVCALL call;

	office_rings(0);
	expect(LINE_LINEDEVSTATE, LINEDEVSTATE_RINGING, 1, "ringing");
	told = host_next(PATIENCE_S);
	call = told.p1;
	ok(told.msg == LINE_NEWCALL && told.line == HT_LINE && call, "a new call");
	told = host_next(PATIENCE_S);
	is(&told, LINE_CALLSTATE, LINECALLSTATE_OFFERING, LINEOFFERINGMODE_ACTIVE, "offered");
	ok(told.p3 == MODES && told.call, "as a voice call");
	expect_announced();
	ok(TSPI(lineGetCallInfo)(call, &info) == 0 && info.dwCallID > id_above &&
	   info.dwOrigin == LINECALLORIGIN_EXTERNAL && info.dwLineDeviceID == BASE,
	   "it has an id, and the line's");
	return call;
}

static void hang_up(HDRVCALL call)
{
	expect_done(TSPI(lineDrop)(++last_id, call, NULL, 0), "drop");
	expect_state(LINECALLSTATE_IDLE, 0, "idle");
	is_error(TSPI(lineDrop)(++last_id, call, NULL, 0), LINEERR_INVALCALLSTATE,
		 "dropped again");
	ok(TSPI(lineCloseCall)(call) == 0, "the call is forgotten");
	is_error(TSPI(lineDrop)(++last_id, call, NULL, 0), LINEERR_INVALCALLHANDLE,
		 "its handle means nothing");
}

static void answered(void)
{
	LINECALLSTATUS status = { .dwTotalSize = sizeof(status) };
	HDRVCALL call = rings(0);

	expect(LINE_LINEDEVSTATE, LINEDEVSTATE_RINGING, 1, "ringing again");
	expect_done(TSPI(lineAnswer)(++last_id, call, NULL, 0), "answer");
	expect_state(LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE, "connected");
	expect_start(false);
	office_sees_hook(TAPI_LINE_OFF_HOOK);
	office_stops_ringing();
	ok(TSPI(lineGetCallStatus)(call, &status) == 0 &&
	   status.dwCallState == LINECALLSTATE_CONNECTED &&
	   status.dwCallFeatures & LINECALLFEATURE_DROP && status.tStateEntryTime.wYear > 2000,
	   "status of the call");
	is_error(TSPI(lineAnswer)(++last_id, call, NULL, 0), LINEERR_INVALCALLSTATE,
		 "answered again");
	office_feeds(TAPI_LINE_FEED_OPEN, 0);
	expect_stop(TAPI3_MEDIA_CAUSE_REMOTE_REQUEST);
	expect_state(LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_NORMAL,
		     "the other party hangs up");
	office_feeds(TAPI_LINE_FEED_ACTIVE, 0);
	hang_up(call);
	office_sees_hook(TAPI_LINE_ON_HOOK);
}

static void abandoned(void)
{
	HDRVCALL call = rings(1);

	expect_done(TSPI(lineAccept)(++last_id, call, NULL, 0), "accept");
	expect_state(LINECALLSTATE_ACCEPTED, 0, "accepted");
	office_stops_ringing();
	expect_state(LINECALLSTATE_IDLE, 0, "the caller gives up");
	ok(TSPI(lineCloseCall)(call) == 0, "the call is forgotten");
}

static void refused(void)
{
	HDRVCALL call = rings(2);

	hang_up(call);
	expect(LINE_LINEDEVSTATE, LINEDEVSTATE_RINGING, 1, "it goes on ringing");
	expect(LINE_LINEDEVSTATE, LINEDEVSTATE_RINGING, 1, "and on, which is no new call");
	office_stops_ringing();
}

static void closes(void)
{
	ok(TSPI(lineCloseMSPInstance)(msp) == 0, "the MSP goes");
	ok(TSPI(lineClose)(line) == 0, "close");
	is_error(TSPI(lineClose)(line), LINEERR_INVALLINEHANDLE, "closed again");
	ok(TSPI(providerShutdown)(VERSION, 1) == 0, "end");
	ok(host_says_nothing(0), "nothing is said after that");
}

static bool plays_exchange(void)
{
	struct tapi_line_claim claim = { 0 };

	office = open(FXS, O_RDWR | O_CLOEXEC);
	return office >= 0 && ioctl(office, TAPI_LINE_CLAIM, &claim) == 0;
}

int main(void)
{
	const struct tapi_tsp_module *module = host_load("tsp/card/card.so");

	if (!ok(plays_exchange(), "an exchange") || !ok(module != NULL, "the provider is loaded"))
		return 1;
	starts(module);
	capabilities();
	opens(module);
	answered();
	abandoned();
	refused();
	closes();
	close(office);
	return tap_done();
}

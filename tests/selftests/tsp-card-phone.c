/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The card provider at a line with a telephone: this program is the telephone, by the FXO line at
 * the other end of the cable, and the host.
 */
#include "tsp-card.h"

#define PHONE	FXO
#define ID	(BASE + 1)

static void phone_goes(uint32_t op)
{
	struct tapi_line_hook hook = { .op = op };

	ok(ioctl(office, TAPI_LINE_S_HOOK, &hook) == 0, "the telephone is %s",
	   op == TAPI_LINE_OFF_HOOK ? "picked up" : "hung up");
}

static void phone_rings(uint32_t state)
{
	struct tapi_line_event event;

	ok(office_sees(TAPI_LINE_EV_RING, &event) && event.ring.state == state,
	   "the telephone %s", state ? "rings" : "stops ringing");
}

static HDRVCALL picked_up(void)
{
	LINECALLINFO info = { .dwTotalSize = sizeof(info) };
	struct told told;

	phone_goes(TAPI_LINE_OFF_HOOK);
	told = host_next(PATIENCE_S);
	ok(told.msg == LINE_NEWCALL, "a call");
	expect_state(LINECALLSTATE_OFFERING, LINEOFFERINGMODE_ACTIVE, "offered");
	expect_announced();
	ok(TSPI(lineGetCallInfo)(told.p1, &info) == 0 &&
	   info.dwOrigin == LINECALLORIGIN_INTERNAL, "from inside");
	return told.p1;
}

static void forgets(HDRVCALL call)
{
	expect_done(TSPI(lineDrop)(++last_id, call, NULL, 0), "drop");
	expect_state(LINECALLSTATE_IDLE, 0, "idle");
	ok(TSPI(lineCloseCall)(call) == 0, "forgotten");
}

static void expect_start_fxs(void)
{
	Tapi__Card__CardMsg *msg = expect_msg(TAPI__CARD__CARD_MSG__WHAT_START, "START");

	ok(msg && !strcmp(msg->start->pcm, "hw:TAPI0,1"), "the telephone's sound");
	if (msg)
		tapi__card__card_msg__free_unpacked(msg, NULL);
}

static void dials_in(void)
{
	struct tapi_line_dial dial = { .digits = "20", .mode = TAPI_LINE_DIAL_PULSE };
	HDRVCALL call = picked_up();

	expect_done(TSPI(lineAnswer)(++last_id, call, NULL, 0), "answer");
	expect_state(LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE, "connected");
	expect_start_fxs();
	ok(TSPI(lineMonitorDigits)(call, LINEDIGITMODE_PULSE) == 0, "monitor its dial");
	ok(ioctl(office, TAPI_LINE_DIAL, &dial) == 0, "it dials");
	expect(LINE_MONITORDIGITS, '2', LINEDIGITMODE_PULSE, "2");
	expect(LINE_MONITORDIGITS, '0', LINEDIGITMODE_PULSE, "0");
	phone_goes(TAPI_LINE_ON_HOOK);
	expect_stop(TAPI3_MEDIA_CAUSE_REMOTE_REQUEST);
	expect_state(LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_NORMAL, "disconnected");
	forgets(call);
}

static void changes_its_mind(void)
{
	HDRVCALL call = picked_up();

	phone_goes(TAPI_LINE_ON_HOOK);
	expect_state(LINECALLSTATE_IDLE, 0, "idle");
	ok(TSPI(lineCloseCall)(call) == 0, "forgotten");
}

static HDRVCALL is_called(LINECALLPARAMS *params)
{
	HDRVCALL call = 0;

	expect_done(TSPI(lineMakeCall)(++last_id, line, 0x99, &call, NULL, 0, params), "call it");
	expect_announced();
	expect_state(LINECALLSTATE_PROCEEDING, 0, "proceeding");
	expect_state(LINECALLSTATE_RINGBACK, 0, "it rings");
	phone_rings(1);
	return call;
}

static void answers(void)
{
	HDRVCALL call = is_called(NULL), second;

	is_error(TSPI(lineMakeCall)(++last_id, line, 1, &second, NULL, 0, NULL),
		 LINEERR_CALLUNAVAIL, "call it again");
	phone_goes(TAPI_LINE_OFF_HOOK);
	phone_rings(0);
	expect_state(LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE, "connected");
	expect_start_fxs();
	expect_done(TSPI(lineDrop)(++last_id, call, NULL, 0), "drop");
	expect_stop(TAPI3_MEDIA_CAUSE_LOCAL_REQUEST);
	expect_state(LINECALLSTATE_IDLE, 0, "idle");
	ok(TSPI(lineCloseCall)(call) == 0, "forgotten");
	is_error(TSPI(lineMakeCall)(++last_id, line, 1, &second, NULL, 0, NULL),
		 LINEERR_CALLUNAVAIL, "it is still off hook");
	phone_goes(TAPI_LINE_ON_HOOK);
}

static void does_not_answer(void)
{
	LINECALLPARAMS params = { .dwTotalSize = sizeof(params), .dwNoAnswerTimeout = 1 };
	HDRVCALL call;

	/* the provider sees on hook when a flash would be over */
	while (TSPI(lineMakeCall)(last_id + 1, line, 1, &call, NULL, 0, &params) ==
	       LINEERR_CALLUNAVAIL)
		usleep(10000);
	++last_id;
	expect(COMPLETION, last_id, 0, "call it");
	expect_announced();
	expect_state(LINECALLSTATE_PROCEEDING, 0, "proceeding");
	expect_state(LINECALLSTATE_RINGBACK, 0, "it rings");
	phone_rings(1);
	phone_rings(0);
	expect_state(LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_NOANSWER, "nobody is there");
	forgets(call);
}

static bool phone_opens(void)
{
	struct tapi_line_claim claim = { 0 };

	office = open(PHONE, O_RDWR | O_CLOEXEC);
	return office >= 0 && ioctl(office, TAPI_LINE_CLAIM, &claim) == 0;
}

int main(void)
{
	static const char *const settings[] = { "FarEnd", "yes", "Number.sim-office", "42", NULL };
	WCHAR number[] = { '4', '2' };
	DWORD address = 7;

	host.settings = settings;
	if (!ok(phone_opens(), "a telephone") ||
	    !ok(host_load("tsp/card/card.so") != NULL, "the provider is loaded"))
		return 1;
	ok(provider_starts() == 2, "two lines: the far end is served");
	line_opens(ID, MODES);
	ok(TSPI(lineGetAddressID)(line, &address, LINEADDRESSMODE_DIALABLEADDR, number,
				  sizeof(number)) == 0 && !address, "its number is 42");
	dials_in();
	changes_its_mind();
	answers();
	does_not_answer();
	ok(TSPI(lineClose)(line) == 0 && TSPI(providerShutdown)(VERSION, 1) == 0, "end");
	ok(host_says_nothing(0), "nothing more");
	close(office);
	return tap_done();
}

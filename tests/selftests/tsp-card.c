/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The card provider at a simulated line, with this program as its host, as the exchange at the
 * other end of the cable, and as the MSP: start, capabilities, calls that come in, an unplugged
 * card.
 */
#include "file-util.h"
#include "tsp-card.h"

#define DRIVER "/sys/bus/platform/drivers/tapi_sim"
#define DEVICE "tapi_sim.0"

static LONG (*tapi_line_fd)(HDRVLINE hdLine, int *fd);

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
	ok(TSPI(providerEnumDevices)(1, &lines, &phones, PROVIDER, host_event, NULL) == 0 && lines == 1 &&
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

/* A program comes in the middle of a call */
static void late_msp(void)
{
	HDRVMSPLINE late;

	is_error(TSPI(lineCreateMSPInstance)(line, 1, HT_MSP + 1, &late), LINEERR_INVALADDRESSID,
		 "an MSP of no address");
	ok(TSPI(lineCreateMSPInstance)(line, 0, HT_MSP + 1, &late) == 0, "a second MSP");
	to_msp = HT_MSP + 1;
	tapi__card__card_msg__free_unpacked(
		expect_msg(TAPI__CARD__CARD_MSG__WHAT_READY, "READY"), NULL);
	expect_start(false);
	to_msp = HT_MSP;
	ok(TSPI(lineCloseMSPInstance)(late) == 0, "it goes");
	is_error(TSPI(lineCloseMSPInstance)(late), LINEERR_INVALPARAM, "it goes again");
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
	late_msp();
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
	/* another open begins anew: no ringing is remembered */
	ok(TSPI(lineClose)(line) == 0, "close");
	line_opens(BASE, MODES);
}

/* The host has no room for a call, then it has */
static void no_room(void)
{
	HDRVCALL refused;
	struct told told;

	host.refuse_call = true;
	office_rings(0);
	told = host_next(PATIENCE_S);
	refused = told.p1;
	ok(told.msg == LINE_NEWCALL, "a call that the host has no room for");
	told = host_next(PATIENCE_S);
	ok(told.msg == LINE_NEWCALL && told.p1 != refused, "the next burst tries again");
	is_error(TSPI(lineCloseCall)(refused), LINEERR_INVALCALLHANDLE, "the first is forgotten");
	host.refuse_call = false;
	told = host_next(PATIENCE_S);
	ok(told.msg == LINE_NEWCALL, "and again");
	expect_state(LINECALLSTATE_OFFERING, LINEOFFERINGMODE_ACTIVE, "offered");
	expect_announced();
	office_stops_ringing();
	expect_state(LINECALLSTATE_IDLE, 0, "the caller gives up");
	ok(TSPI(lineCloseCall)(told.p1) == 0, "forgotten");
}

/* Nobody listens: whatever else hangs on the line may answer */
static void nobody(void)
{
	struct tapi_line_event event;

	ok(TSPI(lineSetDefaultMediaDetection)(line, 0) == 0, "nobody listens");
	office_rings(1);
	while (office_sees(TAPI_LINE_EV_RING, &event) && event.ring.state)
		;
	ok(host_says_nothing(1), "nothing is offered");
	ok(TSPI(lineSetDefaultMediaDetection)(line, MODES) == 0, "somebody does");
}

/* The card goes in the middle of a call */
static void unplugged(void)
{
	HDRVCALL call;
	int fd;

	TSPI(lineSetStatusMessages)(line, 0, 0);
	call = call_connects();
	close(office);
	ok(!write_text(DRIVER "/unbind", DEVICE), "the card is unbound");
	expect_stop(TAPI3_MEDIA_CAUSE_REMOTE_REQUEST);
	expect_state(LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_UNAVAIL, "disconnected");
	expect_state(LINECALLSTATE_IDLE, 0, "idle");
	expect(LINE_CLOSE, 0, 0, "the line is closed");
	expect(LINE_REMOVE, BASE, 0, "and removed");
	is_error(TSPI(lineDrop)(++last_id, call, NULL, 0), LINEERR_NODEVICE, "drop");
	is_error(TSPI(lineSetStatusMessages)(line, 0, 0), LINEERR_NODEVICE, "the line");
	is_error(tapi_line_fd(line, &fd), LINEERR_NODEVICE, "its descriptor");
	ok(TSPI(lineCloseCall)(call) == 0 && TSPI(lineClose)(line) == 0, "both are forgotten");
}

/* It comes back, as another line */
static void replugged(void)
{
	struct told told;
	DWORD version;

	ok(!write_text(DRIVER "/bind", DEVICE), "the card comes back");
	told = host_next(PATIENCE_S);
	ok(told.msg == LINE_CREATE && told.p1 == PROVIDER, "a new line");
	is_error(TSPI(providerCreateLineDevice)(told.p2 + 1, BASE + 5), LINEERR_INVALPARAM,
		 "of another name");
	ok(TSPI(providerCreateLineDevice)(told.p2, BASE + 5) == 0, "it gets its id");
	is_error(TSPI(providerCreateLineDevice)(told.p2, BASE + 6), LINEERR_INVALPARAM,
		 "just once");
	is_error(TSPI(lineOpen)(BASE, HT_LINE, &line, VERSION, host_event), LINEERR_BADDEVICEID,
		 "the old id");
	ok(TSPI(lineNegotiateTSPIVersion)(BASE + 5, VERSION, VERSION, &version) == 0 &&
	   TSPI(lineOpen)(BASE + 5, HT_LINE, &line, VERSION, host_event) == 0, "the new one");
}

static void ends(void)
{
	ok(TSPI(lineClose)(line) == 0, "close");
	is_error(TSPI(lineClose)(line), LINEERR_INVALLINEHANDLE, "closed again");
	/* an open line ends with the provider */
	ok(TSPI(lineOpen)(BASE + 5, HT_LINE, &line, VERSION, host_event) == 0, "open");
	ok(TSPI(providerShutdown)(VERSION, 1) == 0, "end");
	is_error(TSPI(lineClose)(line), LINEERR_INVALLINEHANDLE, "nothing is left");
	ok(host_says_nothing(0), "nothing is said after that");
}

int main(void)
{
	const struct tapi_tsp_module *module = host_load("tsp/card/card.so");

	if (!ok(plays_exchange(), "an exchange") || !ok(module != NULL, "the provider is loaded"))
		return 1;
	tapi_line_fd = module->line_fd;
	starts(module);
	capabilities();
	opens(module);
	answered();
	abandoned();
	refused();
	no_room();
	nobody();
	unplugged();
	replugged();
	ends();
	return tap_done();
}

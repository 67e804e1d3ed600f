/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The card provider during a call: digits heard, collected and sent, with the line's own DTMF and
 * with the provider's; bytes between a program and its MSP.
 *
 * The provider's ioctl() is this program's: it can take capabilities away from the line.
 */
#include "tsp-card-sound.h"

#define DTMF		LINEDIGITMODE_DTMF
#define DTMFEND		LINEDIGITMODE_DTMFEND
#define BOTH_DTMF	(TAPI_LINE_CAP_DTMF_DIAL | TAPI_LINE_CAP_DTMF_DETECT)

static uint64_t hidden_caps;

int ioctl(int fd, unsigned long request, ...)
{
	static int (*real)(int fd, unsigned long request, ...);
	struct tapi_line_caps *caps;
	va_list args;
	void *argument;
	int result;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	if (!real)
		real = (__typeof__(real))dlsym(RTLD_NEXT, "ioctl");
	result = real(fd, request, argument);
	if (!result && request == TAPI_LINE_G_CAPS) {
		caps = argument;
		caps->caps &= ~hidden_caps;
	}
	return result;
}

/* The exchange sends digits */
static void office_dials(const char *digits)
{
	struct tapi_line_dial dial = { .mode = TAPI_LINE_DIAL_DTMF, .cookie = 3 };
	struct tapi_line_event event;

	snprintf(dial.digits, sizeof(dial.digits), "%s", digits);
	ok(ioctl(office, TAPI_LINE_DIAL, &dial) == 0 &&
	   office_sees(TAPI_LINE_EV_COMPLETE, &event) && event.cookie == 3, "%s comes", digits);
}

static void monitors(HDRVCALL call)
{
	is_error(TSPI(lineMonitorDigits)(call, LINEDIGITMODE_PULSE), LINEERR_INVALDIGITMODE,
		 "pulses of an exchange");
	ok(TSPI(lineMonitorDigits)(call, DTMF | DTMFEND) == 0, "monitor");
	office_dials("4#");
	expect(LINE_MONITORDIGITS, '4', DTMF, "4");
	expect(LINE_MONITORDIGITS, '4', DTMFEND, "its end");
	expect(LINE_MONITORDIGITS, '#', DTMF, "#");
	expect(LINE_MONITORDIGITS, '#', DTMFEND, "its end");
	ok(TSPI(lineMonitorDigits)(call, 0) == 0, "no longer");
	office_dials("5");
	ok(host_says_nothing(0), "nobody is told");
}

static void gathers(HDRVCALL call)
{
	WCHAR buffer[8] = { 0 }, stop[4];

	wide(stop, "*#");
	is_error(TSPI(lineGatherDigits)(call, 1, DTMF, buffer, 0, NULL, 0, 0), LINEERR_INVALPARAM,
		 "gather nothing");
	is_error(TSPI(lineGatherDigits)(call, 1, DTMFEND, buffer, 3, NULL, 0, 0),
		 LINEERR_INVALDIGITMODE, "gather ends");
	is_error(TSPI(lineGatherDigits)(call, 1, DTMF, buffer, 3, NULL, 1, 0),
		 LINEERR_INVALTIMEOUT, "in a millisecond");
	buffer[3] = 'x';
	ok(TSPI(lineGatherDigits)(call, 11, DTMF, buffer, 3, NULL, 0, 0) == 0, "gather three");
	office_dials("123");
	expect(LINE_GATHERDIGITS, LINEGATHERTERM_BUFFERFULL, 11, "the buffer is full");
	ok(buffer[0] == '1' && buffer[2] == '3' && buffer[3] == 'x', "no NUL behind it");
	ok(TSPI(lineGatherDigits)(call, 12, DTMF, buffer, 7, stop, 0, 0) == 0, "gather to #");
	office_dials("9#");
	expect(LINE_GATHERDIGITS, LINEGATHERTERM_TERMDIGIT, 12, "a terminating digit");
	ok(buffer[0] == '9' && buffer[1] == '#' && !buffer[2], "it is stored");
	ok(TSPI(lineGatherDigits)(call, 13, DTMF, buffer, 7, NULL, 250, 0) == 0, "gather soon");
	expect(LINE_GATHERDIGITS, LINEGATHERTERM_FIRSTTIMEOUT, 13, "too late for the first");
	ok(TSPI(lineGatherDigits)(call, 14, DTMF, buffer, 7, NULL, 0, 300) == 0, "gather fast");
	office_dials("7");
	expect(LINE_GATHERDIGITS, LINEGATHERTERM_INTERTIMEOUT, 14, "too late for the second");
	ok(buffer[0] == '7' && !buffer[1], "one was in time");
	ok(TSPI(lineGatherDigits)(call, 15, DTMF, buffer, 7, NULL, 0, 0) == 0, "gather");
	ok(TSPI(lineGatherDigits)(call, 0, 0, NULL, 0, NULL, 0, 0) == 0, "cancel");
	expect(LINE_GATHERDIGITS, LINEGATHERTERM_CANCEL, 15, "cancelled");
}

static void generates(HDRVCALL call)
{
	WCHAR digits[16];

	wide(digits, "19x*d");
	is_error(TSPI(lineGenerateDigits)(call, 1, DTMF | DTMFEND, digits, 0),
		 LINEERR_INVALDIGITMODE, "two modes at once");
	ok(TSPI(lineGenerateDigits)(call, 21, DTMF, digits, 60) == 0, "generate");
	office_hears("19*D");
	expect(LINE_GENERATE, LINEGENERATETERM_DONE, 21, "generated");
	wide(digits, ",,,,,,,,,");
	ok(TSPI(lineGenerateDigits)(call, 22, DTMF, digits, 0) == 0, "a long pause");
	wide(digits, "8");
	ok(TSPI(lineGenerateDigits)(call, 23, DTMF, digits, 0) == 0, "something else instead");
	expect(LINE_GENERATE, LINEGENERATETERM_CANCEL, 22, "cancelled");
	office_hears("8");
	expect(LINE_GENERATE, LINEGENERATETERM_DONE, 23, "generated");
}

static void expect_bytes(const char *bytes, bool call)
{
	struct told told = host_next(PATIENCE_S);

	ok(told.msg == LINE_SENDMSPDATA && !!told.call == call && told.size == strlen(bytes) &&
	   !memcmp(told.data, bytes, told.size), "the MSP gets %s", bytes);
}

static void private_bytes(HDRVCALL call)
{
	HDRVMSPLINE none = msp + 1;
	char big[7677] = "";

	is_error(TSPI(lineDevSpecific)(++last_id, line, 0, 0, big, sizeof(big)),
		 LINEERR_INVALPARAM, "too many bytes");
	is_error(TSPI(lineDevSpecific)(++last_id, line, 1, 0, big, 1), LINEERR_INVALADDRESSID,
		 "for no address");
	accepted(TSPI(lineDevSpecific)(++last_id, line, 0, call, (char *)"abc", 3),
		 "bytes for the call");
	expect_bytes("TCP1abc", true);
	expect(COMPLETION, last_id, 0, "sent");
	accepted(TSPI(lineDevSpecific)(++last_id, line, 0, 0, (char *)"d", 1),
		 "for the address");
	expect_bytes("TCP1d", false);
	expect(COMPLETION, last_id, 0, "sent");
	ok(TSPI(lineReceiveMSPData)(line, call, msp, (char *)"TCP1xyz", 7) == 0, "from the MSP");
	expect(LINE_CALLDEVSPECIFIC, 3, 0, "the program hears of them");
	ok(TSPI(lineReceiveMSPData)(line, 0, msp, (char *)"TCP1", 4) == 0, "about the address");
	expect(LINE_DEVSPECIFIC, 0, 0, "of these, too");
	is_error(TSPI(lineReceiveMSPData)(line, call, msp, (char *)"TCM1\xff\xff", 6),
		 LINEERR_INVALPARAM, "damaged");
	is_error(TSPI(lineReceiveMSPData)(line, call, msp, (char *)"abc", 3), LINEERR_INVALPARAM,
		 "not ours");
	is_error(TSPI(lineReceiveMSPData)(line, call, none, big, 4), LINEERR_INVALPARAM,
		 "from nobody");
	is_error(TSPI(lineReceiveMSPData)(line, call + 1, msp, big, 4), LINEERR_INVALCALLHANDLE,
		 "about nothing");
	ok(TSPI(lineReceiveMSPData)(line, call, msp, NULL, 0) == 0, "nothing at all is legal");
}

static void send_msg(HDRVCALL call, const Tapi__Card__CardMsg *msg)
{
	uint8_t buffer[512] = "TCM1";
	size_t size = tapi__card__card_msg__pack(msg, buffer + 4);

	ok(TSPI(lineReceiveMSPData)(line, call, msp, buffer, size + 4) == 0,
	   "the MSP speaks: %d", msg->what_case);
}

static void msp_started(HDRVCALL call, uint32_t stream)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__Started started = TAPI__CARD__STARTED__INIT;

	started.has_stream = 1;
	started.stream = stream;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_STARTED;
	msg.started = &started;
	send_msg(call, &msg);
}

static void msp_done(HDRVCALL call, uint32_t id, uint32_t error)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__DigitsDone done = TAPI__CARD__DIGITS_DONE__INIT;

	done.has_id = done.has_error = 1;
	done.id = id;
	done.error = error;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_DIGITS_DONE;
	msg.digits_done = &done;
	send_msg(call, &msg);
}

/* A line without a generator: the MSP that has the sound plays digits */
static void msp_plays(HDRVCALL call)
{
	Tapi__Card__CardMsg *msg;
	WCHAR digits[8];

	msp_started(call, 2);
	wide(digits, "77");
	ok(TSPI(lineGenerateDigits)(call, 31, DTMF, digits, 0) == 0, "generate");
	msg = expect_msg(TAPI__CARD__CARD_MSG__WHAT_PLAY_DIGITS, "PLAY_DIGITS");
	if (!msg)
		return;
	ok(!strcmp(msg->play_digits->digits, "77") && msg->play_digits->on_ms == 100,
	   "it shall play %s", msg->play_digits->digits);
	msp_done(call, msg->play_digits->id + 1, 0);
	ok(host_says_nothing(0), "other digits are done");
	msp_done(call, msg->play_digits->id, 0);
	expect(LINE_GENERATE, LINEGENERATETERM_DONE, 31, "these are done");
	tapi__card__card_msg__free_unpacked(msg, NULL);
}

/* An ear of the provider's own, for a line that has none */
static void hears_itself(HDRVCALL call)
{
	ok(TSPI(lineMonitorDigits)(call, DTMF) == 0, "monitor");
	play_digits("25#");
	expect(LINE_MONITORDIGITS, '2', DTMF, "2");
	expect(LINE_MONITORDIGITS, '5', DTMF, "5");
	expect(LINE_MONITORDIGITS, '#', DTMF, "#");
	ok(TSPI(lineMonitorDigits)(call, 0) == 0, "no longer");
}

/* A mouth of its own, when no MSP has the sound */
static void plays_itself(HDRVCALL call)
{
	snd_pcm_t *pcm = office_opens(SND_PCM_STREAM_CAPTURE);
	WCHAR digits[16];

	if (!ok(pcm != NULL && snd_pcm_start(pcm) == 0, "the exchange listens"))
		return;
	wide(digits, "19*D0");
	ok(TSPI(lineGenerateDigits)(call, 32, DTMF, digits, 0) == 0, "generate");
	hears_sound(pcm, "19*D0");
	snd_pcm_close(pcm);
	expect(LINE_GENERATE, LINEGENERATETERM_DONE, 32, "generated");
	ok(TSPI(lineGenerateDigits)(call, 33, DTMF, digits, 0) == 0, "generate");
	ok(TSPI(lineGenerateDigits)(call, 0, 0, NULL, 0) == 0, "never mind");
	expect(LINE_GENERATE, LINEGENERATETERM_CANCEL, 33, "cancelled");
}

static void own_hardware(void)
{
	HDRVCALL call;

	ok(provider_starts() == 1, "start");
	line_opens(BASE, MODES);
	call = call_connects();
	monitors(call);
	gathers(call);
	generates(call);
	private_bytes(call);
	expect_done(TSPI(lineDrop)(++last_id, call, NULL, 0), "drop");
	expect_stop(TAPI3_MEDIA_CAUSE_LOCAL_REQUEST);
	expect_state(LINECALLSTATE_IDLE, 0, "idle");
	office_sees_hook(TAPI_LINE_ON_HOOK);
	is_error(TSPI(lineMonitorDigits)(call, DTMF), LINEERR_INVALCALLSTATE, "nobody to hear");
	ok(TSPI(providerShutdown)(VERSION, 1) == 0, "end");
}

static void without_hardware(void)
{
	static const char *const settings[] = { "EchoPrivate", "yes", NULL };
	HDRVCALL call;

	hidden_caps = BOTH_DTMF;
	host.settings = settings;
	ok(provider_starts() == 1, "start, no DTMF in the line");
	line_opens(BASE, MODES);
	call = call_connects();
	hears_itself(call);
	plays_itself(call);
	msp_plays(call);
	ok(TSPI(lineReceiveMSPData)(line, call, msp, (char *)"TCP1echo", 8) == 0, "bytes");
	expect_bytes("TCP1echo", true);
	ok(TSPI(lineReceiveMSPData)(line, 0, msp, (char *)"TCP1", 4) == 0, "no bytes");
	expect_bytes("TCP1", false);
	expect_done(TSPI(lineDrop)(++last_id, call, NULL, 0), "drop");
	expect_stop(TAPI3_MEDIA_CAUSE_LOCAL_REQUEST);
	expect_state(LINECALLSTATE_IDLE, 0, "idle");
	ok(TSPI(lineCloseCall)(call) == 0 && TSPI(lineClose)(line) == 0, "close");
	ok(TSPI(providerShutdown)(VERSION, 1) == 0, "end");
}

int main(void)
{
	if (!ok(plays_exchange(), "an exchange") ||
	    !ok(host_load("tsp/card/card.so") != NULL, "the provider is loaded"))
		return 1;
	own_hardware();
	without_hardware();
	close(office);
	return tap_done();
}

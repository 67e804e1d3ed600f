/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The card provider listens and dials: an exchange that plays dial tone, ringback, busy tone and
 * the caller's number.
 */
#include "tsp-card-sound.h"

static snd_pcm_t *dial_tone(void)
{
	snd_pcm_t *pcm = office_opens(SND_PCM_STREAM_PLAYBACK);

	if (pcm)
		play_until_heard(pcm, 350, 440, 1000, 0);
	return pcm;
}

/*
 * Calls
 */

static LONG make(HDRVCALL *call, HTAPICALL ht, const char *address, LINECALLPARAMS *params)
{
	WCHAR text[64];

	wide(text, address);
	return TSPI(lineMakeCall)(++last_id, line, ht, call, text, 0, params);
}

/* Up to the point where the exchange has to say something */
static HDRVCALL calls(const char *address, LINECALLPARAMS *params)
{
	HDRVCALL call = 0;

	expect_done(make(&call, 0x99, address, params), "a call");
	ok(call, "to %s", address);
	expect_announced();
	expect_start(true);
	office_sees_hook(TAPI_LINE_OFF_HOOK);
	return call;
}

static void dialled(const char *digits)
{
	expect_state(LINECALLSTATE_DIALTONE, LINEDIALTONEMODE_UNKNOWN, "dial tone");
	expect_state(LINECALLSTATE_DIALING, 0, "dialling");
	office_hears(digits);
	expect_state(LINECALLSTATE_PROCEEDING, 0, "dialled");
}

static void ends(HDRVCALL call)
{
	expect_done(TSPI(lineDrop)(++last_id, call, NULL, 0), "drop");
	expect_stop(TAPI3_MEDIA_CAUSE_LOCAL_REQUEST);
	expect_state(LINECALLSTATE_IDLE, 0, "idle");
	office_sees_hook(TAPI_LINE_ON_HOOK);
	ok(TSPI(lineCloseCall)(call) == 0, "forgotten");
}

static void refused(void)
{
	LINECALLPARAMS params = { .dwTotalSize = sizeof(params), .dwMediaMode = MODES,
				  .dwBearerMode = LINEBEARERMODE_DATA };
	HDRVCALL call;

	is_error(make(&call, 1, "12x", NULL), LINEERR_INVALADDRESS, "12x");
	is_error(make(&call, 1, "12$3", NULL), LINEERR_DIALBILLING, "12$3");
	is_error(make(&call, 1, "12?", NULL), LINEERR_DIALPROMPT, "12?");
	is_error(make(&call, 1, "12", &params), LINEERR_BEARERMODEUNAVAIL, "data");
	params.dwBearerMode = LINEBEARERMODE_VOICE;
	params.dwMediaMode = LINEMEDIAMODE_G3FAX;
	is_error(make(&call, 1, "12", &params), LINEERR_INVALMEDIAMODE, "a fax");
	params.dwTotalSize = 8;
	is_error(make(&call, 1, "12", &params), LINEERR_STRUCTURETOOSMALL, "few parameters");
	is_error(TSPI(lineMakeCall)(++last_id, line, 1, NULL, NULL, 0, NULL),
		 LINEERR_INVALPOINTER, "no place for the handle");
	office_feeds(TAPI_LINE_FEED_OPEN, 0);
	while (make(&call, 1, "12x", NULL) == LINEERR_INVALADDRESS)
		usleep(10000);
	is_error(make(&call, 1, "12", NULL), LINEERR_INVALLINESTATE, "the wire is cut");
	office_feeds(TAPI_LINE_FEED_ACTIVE, 0);
	while (make(&call, 1, "12x", NULL) == LINEERR_INVALLINESTATE)
		usleep(10000);
}

static void answered(void)
{
	HDRVCALL call = calls("555-1#", NULL), second;
	snd_pcm_t *pcm = dial_tone();

	dialled("5551#");
	is_error(make(&second, 1, "1", NULL), LINEERR_CALLUNAVAIL, "a second call");
	play_until_heard(pcm, 440, 480, 2000, 4000);
	expect_state(LINECALLSTATE_RINGBACK, 0, "it rings there");
	office_feeds(TAPI_LINE_FEED_ACTIVE, 1);
	expect_state(LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE, "answered");
	expect_start(false);
	snd_pcm_close(pcm);
	office_feeds(TAPI_LINE_FEED_OPEN, 1);
	expect_stop(TAPI3_MEDIA_CAUSE_REMOTE_REQUEST);
	expect_state(LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_NORMAL, "they hang up");
	office_feeds(TAPI_LINE_FEED_ACTIVE, 0);
	expect_done(TSPI(lineDrop)(++last_id, call, NULL, 0), "drop");
	expect_state(LINECALLSTATE_IDLE, 0, "idle");
	office_sees_hook(TAPI_LINE_ON_HOOK);
	ok(TSPI(lineCloseCall)(call) == 0, "forgotten");
}

/* Nobody says that it was answered: the ringback ends and no busy tone follows */
static void ringback_ends(void)
{
	HDRVCALL call = calls("2", NULL);
	snd_pcm_t *pcm = dial_tone();

	dialled("2");
	play_until_heard(pcm, 425, 0, 1000, 4000);
	expect_state(LINECALLSTATE_RINGBACK, 0, "it rings there");
	/* a voice, or what the detector takes for one */
	play_until_heard(pcm, 700, 1100, 3000, 100);
	expect_state(LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE, "answered");
	expect_start(false);
	snd_pcm_close(pcm);
	ends(call);
}

static void busy(void)
{
	HDRVCALL call = calls("3", NULL);
	snd_pcm_t *pcm = dial_tone();

	dialled("3");
	play_until_heard(pcm, 480, 620, 500, 500);
	expect_state(LINECALLSTATE_BUSY, LINEBUSYMODE_STATION, "busy");
	snd_pcm_close(pcm);
	ends(call);
}

static void no_dial_tone(void)
{
	LINECALLPARAMS params = { .dwTotalSize = sizeof(params),
				  .DialParams.dwWaitForDialtone = 500 };
	HDRVCALL call = calls("4", &params);

	expect_stop(TAPI3_MEDIA_CAUSE_REMOTE_REQUEST);
	expect_state(LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_NODIALTONE, "no dial tone");
	expect_done(TSPI(lineDrop)(++last_id, call, NULL, 0), "drop");
	expect_state(LINECALLSTATE_IDLE, 0, "idle");
	office_sees_hook(TAPI_LINE_ON_HOOK);
	ok(TSPI(lineCloseCall)(call) == 0, "forgotten");
}

/* The number comes in parts; the exchange says nothing at all */
static void in_parts(void)
{
	HDRVCALL call = calls("6;", NULL);
	snd_pcm_t *pcm = dial_tone();
	WCHAR text[8];

	expect_state(LINECALLSTATE_DIALTONE, LINEDIALTONEMODE_UNKNOWN, "dial tone");
	expect_state(LINECALLSTATE_DIALING, 0, "dialling");
	office_hears("6");
	wide(text, "7,P1");
	while (TSPI(lineDial)(++last_id, call, text, 0) == LINEERR_INVALCALLSTATE)
		usleep(10000);
	expect(COMPLETION, last_id, 0, "the rest is taken");
	is_error(TSPI(lineDial)(++last_id, call, text, 0), LINEERR_INVALCALLSTATE, "and more");
	office_hears("7");
	expect_state(LINECALLSTATE_PROCEEDING, 0, "dialled");
	snd_pcm_close(pcm);
	expect_state(LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE,
		     "nothing was heard: answered");
	expect_start(false);
	ends(call);
}

/*
 * Who calls
 */

static void play_caller(snd_pcm_t *pcm)
{
	adsi_tx_state_t *adsi = adsi_tx_init(NULL, ADSI_STANDARD_CLASS);
	int16_t samples[PERIOD] = { 0 };
	uint8_t msg[128];
	int length;

	length = adsi_add_field(adsi, msg, -1, CLASS_MDMF_CALLERID, NULL, 0);
	length = adsi_add_field(adsi, msg, length, MCLASS_DATETIME, (const uint8_t *)"11250905", 8);
	length = adsi_add_field(adsi, msg, length, MCLASS_CALLER_NUMBER,
				(const uint8_t *)"0301234567", 10);
	length = adsi_add_field(adsi, msg, length, MCLASS_CALLER_NAME, (const uint8_t *)"ADA L", 5);
	adsi_tx_put_message(adsi, msg, length);
	do {
		memset(samples, 0, sizeof(samples));
		length = adsi_tx(adsi, samples, PERIOD);
		play(pcm, samples, PERIOD);
	} while (length > 0);
	adsi_tx_free(adsi);
	play_tone(pcm, 0, 0, 0, 300, 300, false);
	snd_pcm_drain(pcm);
}

static bool text_is(const void *base, DWORD size, DWORD offset, const char *text)
{
	const WCHAR *at = (const void *)((const char *)base + offset);
	size_t n = strlen(text);

	if (!offset || size != (n + 1) * sizeof(*at))
		return false;
	for (size_t i = 0; i <= n; i++) {
		if (at[i] != (unsigned char)text[i])
			return false;
	}
	return true;
}

static void caller(void)
{
	struct {
		LINECALLINFO info;
		char more[512];
	} all = { .info.dwTotalSize = sizeof(all) };
	struct tapi_line_event event;
	struct told told;
	snd_pcm_t *pcm;

	office_rings(1);
	told = host_next(PATIENCE_S);
	ok(told.msg == LINE_NEWCALL, "a call comes");
	expect_state(LINECALLSTATE_OFFERING, LINEOFFERINGMODE_ACTIVE, "offered");
	expect_announced();
	while (office_sees(TAPI_LINE_EV_RING, &event) && event.ring.state)
		;
	pcm = office_opens(SND_PCM_STREAM_PLAYBACK);
	play_caller(pcm);
	expect(LINE_CALLINFO, LINECALLINFOSTATE_CALLERID, 0, "the caller is known");
	snd_pcm_close(pcm);
	ok(TSPI(lineGetCallInfo)(told.p1, &all.info) == 0 && all.info.dwCallerIDFlags ==
	   (LINECALLPARTYID_ADDRESS | LINECALLPARTYID_NAME), "by number and name");
	ok(text_is(&all, all.info.dwCallerIDSize, all.info.dwCallerIDOffset, "0301234567"),
	   "0301234567");
	ok(text_is(&all, all.info.dwCallerIDNameSize, all.info.dwCallerIDNameOffset, "ADA L"),
	   "ADA L");
	ok(TSPI(lineCloseCall)(told.p1) == 0, "forgotten");
	ok(host_says_nothing(0), "nothing is said about it");
}

int main(void)
{
	static const char *const settings[] = { "AssumeAnswer", "8", NULL };

	host.settings = settings;
	if (!ok(plays_exchange(), "an exchange") ||
	    !ok(host_load("tsp/card/card.so") != NULL, "the provider is loaded"))
		return 1;
	ok(provider_starts() == 1, "start");
	line_opens(BASE, MODES);
	refused();
	answered();
	ringback_ends();
	busy();
	no_dial_tone();
	in_parts();
	caller();
	ok(TSPI(lineClose)(line) == 0 && TSPI(providerShutdown)(VERSION, 1) == 0, "end");
	ok(host_says_nothing(0), "nothing more");
	close(office);
	return tap_done();
}

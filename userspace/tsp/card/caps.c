/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a line and its address can do.  Nothing is said here that the other files do not keep.
 */
#include <stdio.h>
#include <string.h>

#include <tapi_config.h>

#include "card.h"
#include "sound.h"

#define RATE		64000
#define VOICES		(LINEMEDIAMODE_INTERACTIVEVOICE | LINEMEDIAMODE_AUTOMATEDVOICE)
#define VERSION_GUID	0x00020002
/* List of device classes: each with its NUL, one more at the end */
#define CLASSES		u"wave/in\0wave/out\0wave/in/out\0"

/* The public switched telephone network: 831ce2d6-83b5-11d1-bb5c-00c04fb6809e */
static const GUID protocol_pstn = { 0x831ce2d6, 0x83b5, 0x11d1,
				    { 0xbb, 0x5c, 0x00, 0xc0, 0x4f, 0xb6, 0x80, 0x9e } };

static uint64_t fnv1a(uint64_t hash, const char *text)
{
	/* the NUL, too, so that "a", "bc" is not "ab", "c" */
	do
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	while (*text++);
	return hash;
}

/* The same for the same place of the same kind of card, for ever */
static uint64_t place_hash(const struct card_line *line, uint64_t seed)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", line->caps.line);
	return fnv1a(fnv1a(fnv1a(seed, line->caps.driver), line->caps.bus_info), number);
}

static void permanent_guid(const struct card_line *line, GUID *guid)
{
	uint64_t half[2] = { place_hash(line, 0xcbf29ce484222325ULL),
			     place_hash(line, 0x9ae16a3b2f90404fULL) };
	unsigned char bytes[16];

	memcpy(bytes, half, sizeof(bytes));
	/* of our own making, RFC 9562 version 8; memory order of a little-endian GUID */
	bytes[7] = (bytes[7] & 0x0f) | 0x80;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	memcpy(guid, bytes, sizeof(bytes));
}

static void fill_dial_params(LINEDEVCAPS *caps)
{
	caps->MinDialParams = (LINEDIALPARAMS){ DIAL_PAUSE_MIN, DIAL_DIGIT_MIN, DIAL_DIGIT_MIN, 0 };
	caps->MaxDialParams = (LINEDIALPARAMS){ DIAL_PAUSE_MAX, DIAL_DIGIT_MAX, DIAL_DIGIT_MAX,
						DIAL_TONE_MAX };
	caps->DefaultDialParams = (LINEDIALPARAMS){ DIAL_PAUSE_DEFAULT, DIAL_DIGIT_DEFAULT,
						    DIAL_DIGIT_DEFAULT, card.dial_tone_ms };
}

static DWORD cap_flags(const struct card_line *line, DWORD version)
{
	DWORD flags = LINEDEVCAPFLAGS_CLOSEDROP;

	if (line->caps.type == TAPI_LINE_FXO && sound_has(line))
		flags |= LINEDEVCAPFLAGS_DIALDIALTONE;
	if (version >= CARD_VERSION_MSP && sound_has(line))
		flags |= LINEDEVCAPFLAGS_MSP;
	return flags;
}

static void fill_dev_caps(const struct card_line *line, DWORD version, LINEDEVCAPS *caps)
{
	caps->dwPermanentLineID = place_hash(line, 0xcbf29ce484222325ULL) & 0x7fffffff;
	caps->dwStringFormat = STRINGFORMAT_UNICODE;
	caps->dwAddressModes = LINEADDRESSMODE_ADDRESSID | LINEADDRESSMODE_DIALABLEADDR;
	caps->dwNumAddresses = 1;
	caps->dwBearerModes = LINEBEARERMODE_VOICE | LINEBEARERMODE_SPEECH;
	caps->dwMaxRate = RATE;
	caps->dwMediaModes = VOICES;
	caps->dwGenerateDigitModes = digits_can_send(line);
	caps->dwMonitorDigitModes = digits_can_hear(line);
	caps->dwGatherDigitsMinTimeout = GATHER_MIN;
	caps->dwGatherDigitsMaxTimeout = GATHER_MAX;
	caps->dwDevCapFlags = cap_flags(line, version);
	caps->dwMaxNumActiveCalls = 1;
	caps->dwAnswerMode = LINEANSWERMODE_NONE;
	if (line->caps.type == TAPI_LINE_FXO) {
		caps->dwRingModes = 1;
		caps->dwLineStates = LINEDEVSTATE_RINGING | LINEDEVSTATE_CONNECTED |
				     LINEDEVSTATE_DISCONNECTED;
	}
	fill_dial_params(caps);
	caps->dwLineFeatures = LINEFEATURE_MAKECALL | LINEFEATURE_DEVSPECIFIC;
	permanent_guid(line, &caps->PermanentLineGuid);
	caps->dwAddressTypes = LINEADDRESSTYPE_PHONENUMBER;
	caps->ProtocolGuid = protocol_pstn;
}

static void pack_dev_caps(const struct card_line *line, struct pack *pack)
{
	char text[96];

	pack_text(pack, offsetof(LINEDEVCAPS, dwProviderInfoSize),
		  "Linux telephony cards " TAPI_VERSION);
	snprintf(text, sizeof(text), "%s: %s at %s", line->caps.driver, line->caps.card_name,
		 line->caps.bus_info);
	pack_text(pack, offsetof(LINEDEVCAPS, dwSwitchInfoSize), text);
	pack_text(pack, offsetof(LINEDEVCAPS, dwLineNameSize), line->caps.line_name);
	if (sound_has(line))
		pack_bytes(pack, offsetof(LINEDEVCAPS, dwDeviceClassesSize), CLASSES,
			   sizeof(CLASSES));
}

static size_t dev_caps_size(DWORD version)
{
	if (version < VERSION_GUID)
		return offsetof(LINEDEVCAPS, PermanentLineGuid);
	if (version < CARD_VERSION_MSP)
		return offsetof(LINEDEVCAPS, dwAddressTypes);
	return sizeof(LINEDEVCAPS);
}

static LONG check(const struct card_line *line, DWORD version, DWORD extension)
{
	if (!line)
		return LINEERR_BADDEVICEID;
	if (version < CARD_VERSION_LOW || version > CARD_VERSION_HIGH)
		return LINEERR_INCOMPATIBLEAPIVERSION;
	return extension ? LINEERR_INCOMPATIBLEEXTVERSION : 0;
}

TSPI_API LONG TSPIAPI TSPI_lineGetDevCaps(DWORD dwDeviceID, DWORD dwTSPIVersion, DWORD dwExtVersion,
					  LPLINEDEVCAPS lpLineDevCaps)
{
	LINEDEVCAPS caps = { 0 };
	struct card_line *line;
	struct pack pack;
	LONG error;

	card_lock();
	line = line_by_id(dwDeviceID);
	error = check(line, dwTSPIVersion, dwExtVersion);
	if (!error)
		error = pack_begin(&pack, lpLineDevCaps, &caps, dev_caps_size(dwTSPIVersion));
	if (!error) {
		fill_dev_caps(line, dwTSPIVersion, &caps);
		pack_dev_caps(line, &pack);
		pack_end(&pack);
	}
	card_unlock();
	return error;
}

static void fill_address_caps(const struct card_line *line, LINEADDRESSCAPS *caps)
{
	bool trunk = line->caps.type == TAPI_LINE_FXO;

	caps->dwLineDeviceID = line->device_id;
	caps->dwAddressSharing = LINEADDRESSSHARING_PRIVATE;
	caps->dwAddressStates = LINEADDRESSSTATE_INUSEZERO | LINEADDRESSSTATE_INUSEONE;
	caps->dwCallInfoStates = LINECALLINFOSTATE_APPSPECIFIC | LINECALLINFOSTATE_MEDIAMODE |
				 (trunk ? LINECALLINFOSTATE_CALLERID : 0);
	caps->dwCallerIDFlags = LINECALLPARTYID_UNKNOWN;
	if (trunk)
		caps->dwCallerIDFlags |= LINECALLPARTYID_ADDRESS | LINECALLPARTYID_NAME |
					 LINECALLPARTYID_BLOCKED | LINECALLPARTYID_OUTOFAREA;
	caps->dwCalledIDFlags = LINECALLPARTYID_ADDRESS | LINECALLPARTYID_UNAVAIL;
	caps->dwConnectedIDFlags = LINECALLPARTYID_UNAVAIL;
	caps->dwRedirectionIDFlags = LINECALLPARTYID_UNAVAIL;
	caps->dwRedirectingIDFlags = LINECALLPARTYID_UNAVAIL;
	caps->dwCallStates = LINECALLSTATE_IDLE | LINECALLSTATE_OFFERING | LINECALLSTATE_ACCEPTED |
			     LINECALLSTATE_PROCEEDING | LINECALLSTATE_RINGBACK |
			     LINECALLSTATE_CONNECTED | LINECALLSTATE_DISCONNECTED |
			     LINECALLSTATE_UNKNOWN;
	caps->dwDisconnectModes = LINEDISCONNECTMODE_NORMAL | LINEDISCONNECTMODE_NOANSWER |
				  LINEDISCONNECTMODE_UNAVAIL;
	caps->dwCallFeatures = LINECALLFEATURE_ACCEPT | LINECALLFEATURE_ANSWER |
			       LINECALLFEATURE_DROP | LINECALLFEATURE_MONITORDIGITS |
			       LINECALLFEATURE_GATHERDIGITS | LINECALLFEATURE_GENERATEDIGITS;
	if (trunk) {
		caps->dwCallStates |= LINECALLSTATE_DIALTONE | LINECALLSTATE_DIALING |
				      LINECALLSTATE_BUSY | LINECALLSTATE_SPECIALINFO;
		caps->dwDialToneModes = LINEDIALTONEMODE_UNKNOWN;
		caps->dwSpecialInfo = LINESPECIALINFO_UNKNOWN;
		caps->dwBusyModes = LINEBUSYMODE_STATION | LINEBUSYMODE_TRUNK;
		caps->dwDisconnectModes |= LINEDISCONNECTMODE_BUSY |
					   LINEDISCONNECTMODE_NODIALTONE;
		caps->dwAddrCapFlags = LINEADDRCAPFLAGS_DIALED | LINEADDRCAPFLAGS_PARTIALDIAL;
		caps->dwCallFeatures |= LINECALLFEATURE_DIAL;
	}
	caps->dwMaxNumActiveCalls = 1;
	caps->dwAddressFeatures = LINEADDRFEATURE_MAKECALL;
	caps->dwMaxNoAnswerTimeout = NO_ANSWER_MAX;
	caps->dwConnectedModes = LINECONNECTEDMODE_ACTIVE;
	caps->dwOfferingModes = LINEOFFERINGMODE_ACTIVE;
	caps->dwAvailableMediaModes = VOICES;
}

TSPI_API LONG TSPIAPI TSPI_lineGetAddressCaps(DWORD dwDeviceID, DWORD dwAddressID,
					      DWORD dwTSPIVersion, DWORD dwExtVersion,
					      LPLINEADDRESSCAPS lpAddressCaps)
{
	LINEADDRESSCAPS caps = { 0 };
	struct card_line *line;
	struct pack pack;
	LONG error;

	card_lock();
	line = line_by_id(dwDeviceID);
	error = check(line, dwTSPIVersion, dwExtVersion);
	if (!error && dwAddressID != CARD_ADDRESS)
		error = LINEERR_INVALADDRESSID;
	if (!error)
		error = pack_begin(&pack, lpAddressCaps, &caps, sizeof(caps));
	if (!error) {
		fill_address_caps(line, &caps);
		pack_text(&pack, offsetof(LINEADDRESSCAPS, dwAddressSize), line_address(line));
		if (sound_has(line))
			pack_bytes(&pack, offsetof(LINEADDRESSCAPS, dwDeviceClassesSize), CLASSES,
				   sizeof(CLASSES));
		pack_end(&pack);
	}
	card_unlock();
	return error;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Capabilities and states of lines and addresses as TAPI structures. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "null.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEEP(type, from, to) \
	{ offsetof(type, from), offsetof(type, to) + sizeof(DWORD) - offsetof(type, from) }

static const uint16_t devcaps_sizes[SIZE_VERSIONS] = { 236, 240, 252, 268, 292 };
static const uint16_t addresscaps_sizes[SIZE_VERSIONS] = { 180, 180, 228, 228, 228 };
static const uint16_t devstatus_sizes[SIZE_VERSIONS] = { 76, 76, 88, 88, 88 };
_Static_assert(sizeof(LINEDEVCAPS) == 292, "sizes of LINEDEVCAPS");
_Static_assert(sizeof(LINEADDRESSCAPS) == 228, "sizes of LINEADDRESSCAPS");
_Static_assert(sizeof(LINEDEVSTATUS) == 88, "sizes of LINEDEVSTATUS");

static const struct keep devstatus_keep[] = {
	KEEP(LINEDEVSTATUS, dwNumOpens, dwOpenMediaModes),
	KEEP(LINEDEVSTATUS, dwAppInfoSize, dwAppInfoOffset),
};

/* As version 1.3 left it */
static const struct keep devstatus_keep_old[] = {
	KEEP(LINEDEVSTATUS, dwNumOpens, dwOpenMediaModes),
};

static const WCHAR provider_info[] = u"Scripted test provider";
static const WCHAR switch_info[] = u"no switch";
/* Texts of a list end with a NUL each, and the list with one more */
static const WCHAR classes[] = u"tapi/line\0";
static const WCHAR classes_wave[] = u"tapi/line\0wave/in\0wave/out\0wave/in/out\0";

/* 3f1c62d4-0e5b-4a77-9c3e-6e756c6c0000 and the number of the line */
static GUID line_guid(const struct line *line)
{
	return (GUID){
		0x3f1c62d4, 0x0e5b, 0x4a77,
		{ 0x9c, 0x3e, 0x6e, 0x75, 0x6c, 0x6c, line->index >> 8, line->index & 0xFF },
	};
}

static const DWORD line_states = LINEDEVSTATE_OTHER | LINEDEVSTATE_RINGING |
	LINEDEVSTATE_CONNECTED | LINEDEVSTATE_DISCONNECTED | LINEDEVSTATE_MSGWAITON |
	LINEDEVSTATE_MSGWAITOFF | LINEDEVSTATE_INSERVICE | LINEDEVSTATE_OUTOFSERVICE |
	LINEDEVSTATE_MAINTENANCE | LINEDEVSTATE_NUMCALLS | LINEDEVSTATE_CAPSCHANGE |
	LINEDEVSTATE_CONFIGCHANGE | LINEDEVSTATE_DEVSPECIFIC;

static void fill_devcaps(LINEDEVCAPS *caps, const struct line *line)
{
	caps->dwPermanentLineID = line->index + 1;
	caps->dwStringFormat = STRINGFORMAT_UNICODE;
	caps->dwAddressModes = LINEADDRESSMODE_ADDRESSID | LINEADDRESSMODE_DIALABLEADDR;
	caps->dwNumAddresses = provider.settings.addresses;
	caps->dwBearerModes = LINEBEARERMODE_VOICE | LINEBEARERMODE_SPEECH;
	caps->dwMediaModes = NULL_MEDIA_MODES;
	caps->dwGenerateDigitModes = LINEDIGITMODE_DTMF;
	caps->dwMonitorDigitModes = NULL_DIGIT_MODES;
	caps->dwGatherDigitsMinTimeout = NULL_GATHER_MIN;
	caps->dwGatherDigitsMaxTimeout = NULL_GATHER_MAX;
	caps->dwDevCapFlags = LINEDEVCAPFLAGS_CLOSEDROP;
	if (provider.settings.addresses > 1)
		caps->dwDevCapFlags |= LINEDEVCAPFLAGS_MULTIPLEADDR;
	if (provider.settings.msp)
		caps->dwDevCapFlags |= LINEDEVCAPFLAGS_MSP;
	caps->dwMaxNumActiveCalls = NULL_CALLS_MAX;
	caps->dwAnswerMode = LINEANSWERMODE_NONE;
	caps->dwRingModes = 1;
	caps->dwLineStates = line_states;
	caps->MaxDialParams = (LINEDIALPARAMS){ 10000, 1000, 1000, 30000 };
	caps->DefaultDialParams = (LINEDIALPARAMS){ 2000, 100, 100, 10000 };
	caps->dwLineFeatures = LINEFEATURE_DEVSPECIFIC | LINEFEATURE_MAKECALL;
	caps->PermanentLineGuid = line_guid(line);
	caps->dwAddressTypes = LINEADDRESSTYPE_PHONENUMBER;
}

static LONG write_devcaps(const struct line *line, DWORD version, LPLINEDEVCAPS to)
{
	bool wave = provider.settings.has_wave;
	LINEDEVCAPS caps = {};
	char text[256];
	WCHAR *name;
	LONG err;

	line_name(line, text, sizeof(text));
	name = text_wide(text);
	{
		const struct part parts[] = {
			{ offsetof(LINEDEVCAPS, dwProviderInfoSize), provider_info,
			  sizeof(provider_info) },
			{ offsetof(LINEDEVCAPS, dwSwitchInfoSize), switch_info,
			  sizeof(switch_info) },
			{ offsetof(LINEDEVCAPS, dwLineNameSize), name, text_bytes(name) },
			{ offsetof(LINEDEVCAPS, dwDeviceClassesSize), wave ? classes_wave : classes,
			  wave ? sizeof(classes_wave) : sizeof(classes) },
		};
		const struct layout layout = {
			.values = &caps, .fixed = layout_fixed(devcaps_sizes, version),
			.parts = parts, .part_count = COUNT(parts),
		};

		fill_devcaps(&caps, line);
		err = layout_write(to, &layout);
	}
	free(name);
	return err;
}

static LONG check_version(DWORD version, DWORD ext_version)
{
	if (version < NULL_VERSION_MIN || version > version_max())
		return LINEERR_INCOMPATIBLEAPIVERSION;
	return ext_version && ext_version != NULL_EXT_VERSION ? LINEERR_INCOMPATIBLEEXTVERSION : 0;
}

LONG TSPIAPI TSPI_lineGetDevCaps(DWORD dwDeviceID, DWORD dwTSPIVersion, DWORD dwExtVersion,
				 LPLINEDEVCAPS lpLineDevCaps)
{
	const struct line *line;
	struct fault fault;
	LONG err;

	if (entry(FN_lineGetDevCaps, &fault, &err, "device=%u version=%#x ext=%#x", dwDeviceID,
		  dwTSPIVersion, dwExtVersion))
		return err;
	provider_lock();
	line = line_of_device(dwDeviceID, &err);
	if (!err)
		err = check_version(dwTSPIVersion, dwExtVersion);
	if (!err)
		err = write_devcaps(line, dwTSPIVersion, lpLineDevCaps);
	provider_unlock();
	return err;
}

static void fill_addresscaps(LINEADDRESSCAPS *caps, const struct line *line)
{
	caps->dwLineDeviceID = line->device;
	caps->dwAddressSharing = LINEADDRESSSHARING_PRIVATE;
	caps->dwAddressStates = LINEADDRESSSTATE_INUSEZERO | LINEADDRESSSTATE_INUSEONE |
				LINEADDRESSSTATE_INUSEMANY | LINEADDRESSSTATE_NUMCALLS;
	caps->dwCallInfoStates = LINECALLINFOSTATE_MEDIAMODE | LINECALLINFOSTATE_APPSPECIFIC |
				 LINECALLINFOSTATE_CALLERID | LINECALLINFOSTATE_CALLEDID;
	caps->dwCallerIDFlags = LINECALLPARTYID_NAME | LINECALLPARTYID_ADDRESS |
				LINECALLPARTYID_UNKNOWN | LINECALLPARTYID_UNAVAIL;
	caps->dwCalledIDFlags = LINECALLPARTYID_ADDRESS | LINECALLPARTYID_UNAVAIL;
	caps->dwConnectedIDFlags = LINECALLPARTYID_UNAVAIL;
	caps->dwRedirectionIDFlags = LINECALLPARTYID_UNAVAIL;
	caps->dwRedirectingIDFlags = LINECALLPARTYID_UNAVAIL;
	caps->dwCallStates = LINECALLSTATE_IDLE | LINECALLSTATE_OFFERING | LINECALLSTATE_ACCEPTED |
			     LINECALLSTATE_DIALTONE | LINECALLSTATE_DIALING |
			     LINECALLSTATE_RINGBACK | LINECALLSTATE_BUSY |
			     LINECALLSTATE_SPECIALINFO | LINECALLSTATE_CONNECTED |
			     LINECALLSTATE_PROCEEDING | LINECALLSTATE_ONHOLD |
			     LINECALLSTATE_DISCONNECTED | LINECALLSTATE_UNKNOWN;
	caps->dwDialToneModes = LINEDIALTONEMODE_NORMAL;
	caps->dwBusyModes = LINEBUSYMODE_STATION | LINEBUSYMODE_TRUNK | LINEBUSYMODE_UNKNOWN;
	caps->dwSpecialInfo = LINESPECIALINFO_UNKNOWN;
	caps->dwDisconnectModes = LINEDISCONNECTMODE_NORMAL | LINEDISCONNECTMODE_BUSY |
				  LINEDISCONNECTMODE_NOANSWER | LINEDISCONNECTMODE_UNAVAIL |
				  LINEDISCONNECTMODE_REJECT | LINEDISCONNECTMODE_UNKNOWN;
	caps->dwMaxNumActiveCalls = NULL_CALLS_MAX;
	caps->dwMaxNumOnHoldCalls = NULL_CALLS_MAX;
	caps->dwAddrCapFlags = LINEADDRCAPFLAGS_DIALED | LINEADDRCAPFLAGS_PARTIALDIAL |
			       LINEADDRCAPFLAGS_ACCEPTTOALERT;
	caps->dwCallFeatures = LINECALLFEATURE_ACCEPT | LINECALLFEATURE_ANSWER |
			       LINECALLFEATURE_DIAL | LINECALLFEATURE_DROP | LINECALLFEATURE_HOLD |
			       LINECALLFEATURE_UNHOLD | LINECALLFEATURE_GATHERDIGITS |
			       LINECALLFEATURE_GENERATEDIGITS | LINECALLFEATURE_MONITORDIGITS |
			       LINECALLFEATURE_MONITORMEDIA;
	caps->dwAddressFeatures = LINEADDRFEATURE_MAKECALL;
	caps->dwConnectedModes = LINECONNECTEDMODE_ACTIVE;
	caps->dwOfferingModes = LINEOFFERINGMODE_ACTIVE;
	caps->dwAvailableMediaModes = NULL_MEDIA_MODES;
}

static LONG write_addresscaps(const struct line *line, DWORD address, DWORD version,
			      LPLINEADDRESSCAPS to)
{
	LINEADDRESSCAPS caps = {};
	char text[32];
	WCHAR *dialable;
	struct part part;
	struct layout layout;
	LONG err;

	line_address(line, address, text, sizeof(text));
	dialable = text_wide(text);
	part = (struct part){ offsetof(LINEADDRESSCAPS, dwAddressSize), dialable,
			      text_bytes(dialable) };
	layout = (struct layout){
		.values = &caps, .fixed = layout_fixed(addresscaps_sizes, version),
		.parts = &part, .part_count = 1,
	};
	fill_addresscaps(&caps, line);
	err = layout_write(to, &layout);
	free(dialable);
	return err;
}

LONG TSPIAPI TSPI_lineGetAddressCaps(DWORD dwDeviceID, DWORD dwAddressID, DWORD dwTSPIVersion,
				     DWORD dwExtVersion, LPLINEADDRESSCAPS lpAddressCaps)
{
	const struct line *line;
	struct fault fault;
	LONG err;

	if (entry(FN_lineGetAddressCaps, &fault, &err, "device=%u address=%u version=%#x ext=%#x",
		  dwDeviceID, dwAddressID, dwTSPIVersion, dwExtVersion))
		return err;
	provider_lock();
	line = line_of_device(dwDeviceID, &err);
	if (!err && dwAddressID >= provider.settings.addresses)
		err = LINEERR_INVALADDRESSID;
	if (!err)
		err = check_version(dwTSPIVersion, dwExtVersion);
	if (!err)
		err = write_addresscaps(line, dwAddressID, dwTSPIVersion, lpAddressCaps);
	provider_unlock();
	return err;
}

static LONG write_devstatus(const struct line *line, LPLINEDEVSTATUS to)
{
	bool usable = line->in_service && line->connected;
	bool old = line->version < 0x00020000;
	LINEDEVSTATUS status = {
		.dwNumActiveCalls = line_count(line, NULL_NO_DEVICE, CALLSTATES_ACTIVE),
		.dwNumOnHoldCalls = line_count(line, NULL_NO_DEVICE, LINECALLSTATE_ONHOLD),
		.dwLineFeatures = LINEFEATURE_DEVSPECIFIC | (usable ? LINEFEATURE_MAKECALL : 0),
		.dwSignalLevel = 0xFFFF,
		.dwBatteryLevel = 0xFFFF,
		.dwRoamMode = LINEROAMMODE_UNAVAIL,
		.dwDevStatusFlags = (line->connected ? LINEDEVSTATUSFLAGS_CONNECTED : 0) |
				    (line->in_service ? LINEDEVSTATUSFLAGS_INSERVICE : 0) |
				    (line->message_waiting ? LINEDEVSTATUSFLAGS_MSGWAIT : 0),
		.dwAvailableMediaModes = NULL_MEDIA_MODES,
	};
	const struct layout layout = {
		.values = &status, .fixed = layout_fixed(devstatus_sizes, line->version),
		.keep = old ? devstatus_keep_old : devstatus_keep,
		.keep_count = old ? COUNT(devstatus_keep_old) : COUNT(devstatus_keep),
	};

	return layout_write(to, &layout);
}

LONG TSPIAPI TSPI_lineGetLineDevStatus(HDRVLINE hdLine, LPLINEDEVSTATUS lpLineDevStatus)
{
	const struct line *line;
	struct fault fault;
	LONG err;

	if (entry(FN_lineGetLineDevStatus, &fault, &err, "line=%d", line_shown(hdLine)))
		return err;
	provider_lock();
	line = line_get(hdLine);
	err = line ? write_devstatus(line, lpLineDevStatus) : LINEERR_INVALLINEHANDLE;
	provider_unlock();
	return err;
}

static LONG write_addressstatus(const struct line *line, DWORD address, LPLINEADDRESSSTATUS to)
{
	bool usable = line->in_service && line->connected;
	LINEADDRESSSTATUS status = {
		.dwNumInUse = line_count(line, address, ~(DWORD)LINECALLSTATE_IDLE) != 0,
		.dwNumActiveCalls = line_count(line, address, CALLSTATES_ACTIVE),
		.dwNumOnHoldCalls = line_count(line, address, LINECALLSTATE_ONHOLD),
		.dwAddressFeatures = usable ? LINEADDRFEATURE_MAKECALL : 0,
	};
	const struct layout layout = { .values = &status, .fixed = sizeof(status) };

	return layout_write(to, &layout);
}

LONG TSPIAPI TSPI_lineGetAddressStatus(HDRVLINE hdLine, DWORD dwAddressID,
				       LPLINEADDRESSSTATUS lpAddressStatus)
{
	const struct line *line;
	struct fault fault;
	LONG err;

	if (entry(FN_lineGetAddressStatus, &fault, &err, "line=%d address=%u", line_shown(hdLine),
		  dwAddressID))
		return err;
	provider_lock();
	line = line_get(hdLine);
	if (!line)
		err = LINEERR_INVALLINEHANDLE;
	else if (dwAddressID >= provider.settings.addresses)
		err = LINEERR_INVALADDRESSID;
	else
		err = write_addressstatus(line, dwAddressID, lpAddressStatus);
	provider_unlock();
	return err;
}

/* Line that a selection means, or NULL and an error */
static const struct line *selected(HDRVLINE hd_line, DWORD address, HDRVCALL hd_call, DWORD select,
				   LONG *err)
{
	const struct line *line = line_get(hd_line);
	const struct call *call = call_get(hd_call);

	*err = 0;
	switch (select) {
	case LINECALLSELECT_ADDRESS:
		if (line && address >= provider.settings.addresses)
			*err = LINEERR_INVALADDRESSID;
		break;
	case LINECALLSELECT_LINE:
		break;
	case LINECALLSELECT_CALL:
		if (!call)
			*err = LINEERR_INVALCALLHANDLE;
		else
			line = call->line;
		break;
	default:
		*err = LINEERR_INVALCALLSELECT;
	}
	if (!*err && !line)
		*err = LINEERR_INVALLINEHANDLE;
	return *err ? NULL : line;
}

/* Numbers of the devices of a class; the wave device of a line has the line's number added */
static size_t devices(const struct line *line, const WCHAR *class, DWORD ids[2])
{
	size_t count = 0;

	if (text_is(class, "tapi/line")) {
		ids[count++] = line->device;
	} else if (provider.settings.has_wave) {
		ids[0] = ids[1] = provider.settings.wave + line->index;
		count = text_is(class, "wave/in") || text_is(class, "wave/out") ? 1 :
			text_is(class, "wave/in/out") ? 2 : 0;
	}
	return count;
}

static LONG write_id(const struct line *line, const WCHAR *class, LPVARSTRING to)
{
	VARSTRING id = { .dwStringFormat = STRINGFORMAT_BINARY };
	DWORD ids[2];
	struct part part = { offsetof(VARSTRING, dwStringSize), ids };
	struct layout layout = {
		.values = &id, .fixed = sizeof(id), .parts = &part, .part_count = 1,
	};

	part.size = devices(line, class, ids) * sizeof(DWORD);
	return part.size ? layout_write(to, &layout) : LINEERR_INVALDEVICECLASS;
}

LONG TSPIAPI TSPI_lineGetID(HDRVLINE hdLine, DWORD dwAddressID, HDRVCALL hdCall, DWORD dwSelect,
			    LPVARSTRING lpDeviceID, LPCWSTR lpszDeviceClass, HANDLE hTargetProcess)
{
	char *shown = text_narrow(lpszDeviceClass);
	const struct line *line;
	struct fault fault;
	bool ends;
	LONG err;

	ends = entry(FN_lineGetID, &fault, &err, "line=%d address=%u call=%u select=%#x class=%s",
		     line_shown(hdLine), dwAddressID, call_shown(hdCall), dwSelect,
		     shown ? shown : "");
	free(shown);
	if (ends)
		return err;
	if (!lpszDeviceClass)
		return LINEERR_INVALDEVICECLASS;
	provider_lock();
	line = selected(hdLine, dwAddressID, hdCall, dwSelect, &err);
	if (line)
		err = write_id(line, lpszDeviceClass, lpDeviceID);
	provider_unlock();
	return err;
}

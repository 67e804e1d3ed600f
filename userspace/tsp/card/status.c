/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a line, its address and its calls are doing now.
 */
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "card.h"
#include "sound.h"

/* Levels of devices that have none */
#define LEVEL_NONE	0xffff
#define RATE		64000
#define TRUNK_UNKNOWN	0xffffffff
#define CLASS_MAX	40

/**
 * status_now() - the time, UTC
 */
void status_now(SYSTEMTIME *time)
{
	struct timespec ts;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	*time = (SYSTEMTIME){
		.wYear = tm.tm_year + 1900,
		.wMonth = tm.tm_mon + 1,
		.wDayOfWeek = tm.tm_wday,
		.wDay = tm.tm_mday,
		.wHour = tm.tm_hour,
		.wMinute = tm.tm_min,
		.wSecond = tm.tm_sec,
		.wMilliseconds = ts.tv_nsec / 1000000,
	};
}

static bool can_call(const struct card_line *line)
{
	return !line->call && !line->rings;
}

TSPI_API LONG TSPIAPI TSPI_lineGetLineDevStatus(HDRVLINE hdLine, LPLINEDEVSTATUS lpLineDevStatus)
{
	LINEDEVSTATUS status = { 0 };
	struct card_line *line;
	struct pack pack;
	LONG error;

	error = pack_begin(&pack, lpLineDevStatus, &status, sizeof(status));
	if (error)
		return error;
	/* the server's */
	status.dwNumOpens = lpLineDevStatus->dwNumOpens;
	status.dwOpenMediaModes = lpLineDevStatus->dwOpenMediaModes;
	card_lock();
	line = line_by_handle(hdLine, &error);
	if (line) {
		status.dwNumActiveCalls = line->call ? 1 : 0;
		status.dwLineFeatures = LINEFEATURE_DEVSPECIFIC |
					(can_call(line) ? LINEFEATURE_MAKECALL : 0);
		status.dwRingMode = line->rings ? 1 : 0;
		status.dwSignalLevel = status.dwBatteryLevel = LEVEL_NONE;
		status.dwRoamMode = LINEROAMMODE_UNAVAIL;
		status.dwDevStatusFlags = LINEDEVSTATUSFLAGS_INSERVICE;
		if (line->caps.type == TAPI_LINE_FXS || line->state.battery)
			status.dwDevStatusFlags |= LINEDEVSTATUSFLAGS_CONNECTED;
		if (can_call(line))
			status.dwAvailableMediaModes = LINEMEDIAMODE_INTERACTIVEVOICE |
						       LINEMEDIAMODE_AUTOMATEDVOICE;
	}
	card_unlock();
	if (!error)
		pack_end(&pack);
	return error;
}

TSPI_API LONG TSPIAPI TSPI_lineGetAddressStatus(HDRVLINE hdLine, DWORD dwAddressID,
						LPLINEADDRESSSTATUS lpAddressStatus)
{
	LINEADDRESSSTATUS status = { 0 };
	struct card_line *line;
	struct pack pack;
	LONG error;

	error = pack_begin(&pack, lpAddressStatus, &status, sizeof(status));
	if (error)
		return error;
	card_lock();
	line = line_by_handle(hdLine, &error);
	if (line && dwAddressID != CARD_ADDRESS) {
		error = LINEERR_INVALADDRESSID;
	} else if (line) {
		status.dwNumInUse = status.dwNumActiveCalls = line->call ? 1 : 0;
		status.dwAddressFeatures = can_call(line) ? LINEADDRFEATURE_MAKECALL : 0;
	}
	card_unlock();
	if (!error)
		pack_end(&pack);
	return error;
}

TSPI_API LONG TSPIAPI TSPI_lineGetNumAddressIDs(HDRVLINE hdLine, LPDWORD lpdwNumAddressIDs)
{
	LONG error;

	if (!lpdwNumAddressIDs)
		return LINEERR_INVALPOINTER;
	card_lock();
	if (line_by_handle(hdLine, &error))
		*lpdwNumAddressIDs = 1;
	card_unlock();
	return error;
}

static bool same_text(const WCHAR *wide, size_t len, const char *text)
{
	size_t i = 0;

	while (i < len && wide[i] && text[i] && wide[i] == (unsigned char)text[i])
		i++;
	return (i == len || !wide[i]) && !text[i];
}

TSPI_API LONG TSPIAPI TSPI_lineGetAddressID(HDRVLINE hdLine, LPDWORD lpdwAddressID,
					    DWORD dwAddressMode, LPCWSTR lpsAddress, DWORD dwSize)
{
	struct card_line *line;
	LONG error;

	if (!lpdwAddressID || !lpsAddress)
		return LINEERR_INVALPOINTER;
	if (dwAddressMode != LINEADDRESSMODE_DIALABLEADDR)
		return LINEERR_INVALADDRESSMODE;
	card_lock();
	line = line_by_handle(hdLine, &error);
	if (line && same_text(lpsAddress, dwSize / sizeof(WCHAR), line_address(line)))
		*lpdwAddressID = CARD_ADDRESS;
	else if (line)
		error = LINEERR_INVALADDRESS;
	card_unlock();
	return error;
}

TSPI_API LONG TSPIAPI TSPI_lineGetCallStatus(HDRVCALL hdCall, LPLINECALLSTATUS lpCallStatus)
{
	LINECALLSTATUS status = { 0 };
	struct card_call *call;
	struct pack pack;
	LONG error;

	error = pack_begin(&pack, lpCallStatus, &status, sizeof(status));
	if (error)
		return error;
	status.dwCallPrivilege = lpCallStatus->dwCallPrivilege;
	card_lock();
	call = call_by_handle(hdCall, &error);
	if (call) {
		status.dwCallState = call->state.state;
		status.dwCallStateMode = call->state.mode;
		status.dwCallFeatures = call_features(call);
		status.tStateEntryTime = call->entered;
	}
	card_unlock();
	if (!error)
		pack_end(&pack);
	return error;
}

static void fill_info(const struct card_call *call, LINECALLINFO *info)
{
	bool outbound = call->origin == LINECALLORIGIN_OUTBOUND;

	info->dwLineDeviceID = call->line->device_id;
	info->dwAddressID = CARD_ADDRESS;
	info->dwBearerMode = call->bearer_mode;
	info->dwRate = RATE;
	info->dwMediaMode = call->media_mode;
	info->dwAppSpecific = call->app_specific;
	info->dwCallID = call->id;
	info->dwCallStates = LINECALLSTATE_IDLE | LINECALLSTATE_CONNECTED |
			     LINECALLSTATE_DISCONNECTED |
			     (outbound ? LINECALLSTATE_DIALTONE | LINECALLSTATE_DIALING |
			      LINECALLSTATE_PROCEEDING | LINECALLSTATE_RINGBACK |
			      LINECALLSTATE_BUSY | LINECALLSTATE_SPECIALINFO |
			      LINECALLSTATE_UNKNOWN :
			      LINECALLSTATE_OFFERING | LINECALLSTATE_ACCEPTED);
	info->DialParams = call->dial_params;
	info->dwOrigin = call->origin;
	info->dwReason = outbound ? LINECALLREASON_DIRECT : LINECALLREASON_UNAVAIL;
	info->dwTrunk = TRUNK_UNKNOWN;
	info->dwCallerIDFlags = call->caller_flags;
	info->dwCalledIDFlags = call->called ? LINECALLPARTYID_ADDRESS :
					       LINECALLPARTYID_UNAVAIL;
	info->dwConnectedIDFlags = LINECALLPARTYID_UNAVAIL;
	info->dwRedirectionIDFlags = LINECALLPARTYID_UNAVAIL;
	info->dwRedirectingIDFlags = LINECALLPARTYID_UNAVAIL;
	info->dwCallerIDAddressType = LINEADDRESSTYPE_PHONENUMBER;
	info->dwCalledIDAddressType = LINEADDRESSTYPE_PHONENUMBER;
}

static void pack_parties(const struct card_call *call, struct pack *pack)
{
	if (call->caller_number[0])
		pack_text(pack, offsetof(LINECALLINFO, dwCallerIDSize), call->caller_number);
	if (call->caller_name[0])
		pack_text(pack, offsetof(LINECALLINFO, dwCallerIDNameSize), call->caller_name);
	if (call->called)
		pack_bytes(pack, offsetof(LINECALLINFO, dwCalledIDSize), call->called,
			   (call->dial.len + 1) * sizeof(WCHAR));
}

/* The members that the server owns stay as they are */
static void keep_info(const LINECALLINFO *theirs, LINECALLINFO *info)
{
	info->hLine = theirs->hLine;
	info->dwMonitorDigitModes = theirs->dwMonitorDigitModes;
	info->dwMonitorMediaModes = theirs->dwMonitorMediaModes;
	info->dwNumOwners = theirs->dwNumOwners;
	info->dwNumMonitors = theirs->dwNumMonitors;
}

TSPI_API LONG TSPIAPI TSPI_lineGetCallInfo(HDRVCALL hdCall, LPLINECALLINFO lpCallInfo)
{
	LINECALLINFO info = { 0 };
	struct card_call *call;
	struct pack pack;
	LONG error;

	card_lock();
	call = call_by_handle(hdCall, &error);
	if (!error)
		error = pack_begin(&pack, lpCallInfo, &info,
				   call->line->version < CARD_VERSION_MSP ?
				   offsetof(LINECALLINFO, dwCallerIDAddressType) : sizeof(info));
	if (!error) {
		keep_info(lpCallInfo, &info);
		fill_info(call, &info);
		pack_parties(call, &pack);
		pack_end(&pack);
	}
	card_unlock();
	return error;
}

/* Names of device classes are compared without regard to case */
static bool is_class(const WCHAR *wide, const char *class)
{
	char text[CLASS_MAX + 1];
	size_t n = 0;

	while (n < CLASS_MAX && wide[n]) {
		text[n] = wide[n] < 0x80 ? wide[n] : '?';
		n++;
	}
	text[n] = 0;
	return !strcasecmp(text, class);
}

static bool is_wave(const WCHAR *class)
{
	return is_class(class, "wave/in") || is_class(class, "wave/out") ||
	       is_class(class, "wave/in/out");
}

static struct card_line *selected(HDRVLINE line, DWORD address, HDRVCALL handle, DWORD select,
				  LONG *error)
{
	struct card_call *call;

	switch (select) {
	case LINECALLSELECT_CALL:
		call = call_by_handle(handle, error);
		return call ? call->line : NULL;
	case LINECALLSELECT_ADDRESS:
		if (address != CARD_ADDRESS) {
			*error = LINEERR_INVALADDRESSID;
			return NULL;
		}
		return line_by_handle(line, error);
	case LINECALLSELECT_LINE:
		return line_by_handle(line, error);
	}
	*error = LINEERR_INVALCALLSELECT;
	return NULL;
}

/* wave: the name of the PCM for alsa-lib, which other processes can open, too */
TSPI_API LONG TSPIAPI TSPI_lineGetID(HDRVLINE hdLine, DWORD dwAddressID, HDRVCALL hdCall,
				     DWORD dwSelect, LPVARSTRING lpDeviceID,
				     LPCWSTR lpszDeviceClass, HANDLE hTargetProcess)
{
	VARSTRING id = { .dwStringFormat = STRINGFORMAT_ASCII };
	struct card_line *line;
	struct pack pack;
	LONG error;

	if (!lpszDeviceClass)
		return LINEERR_INVALPOINTER;
	error = pack_begin(&pack, lpDeviceID, &id, sizeof(id));
	if (error)
		return error;
	card_lock();
	line = selected(hdLine, dwAddressID, hdCall, dwSelect, &error);
	if (line && (!sound_has(line) || !is_wave(lpszDeviceClass)))
		error = LINEERR_INVALDEVICECLASS;
	if (!error) {
		pack_bytes(&pack, offsetof(VARSTRING, dwStringSize), line->pcm,
			   strlen(line->pcm) + 1);
		pack_end(&pack);
	}
	card_unlock();
	return error;
}

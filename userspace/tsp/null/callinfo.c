/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts and states of calls as TAPI structures. */
#include <string.h>

#include "null.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* From the first to behind the last of neighbouring members */
#define KEEP(type, from, to) \
	{ offsetof(type, from), offsetof(type, to) + sizeof(DWORD) - offsetof(type, from) }

static const uint16_t info_sizes[SIZE_VERSIONS] = { 296, 296, 324, 324, 344 };
static const uint16_t status_sizes[SIZE_VERSIONS] = { 36, 36, 56, 56, 56 };
_Static_assert(sizeof(LINECALLINFO) == 344, "sizes of LINECALLINFO");
_Static_assert(sizeof(LINECALLSTATUS) == 56, "sizes of LINECALLSTATUS");

static const struct keep info_keep[] = {
	KEEP(LINECALLINFO, hLine, hLine),
	KEEP(LINECALLINFO, dwMonitorDigitModes, dwMonitorMediaModes),
	KEEP(LINECALLINFO, dwNumOwners, dwNumMonitors),
	KEEP(LINECALLINFO, dwAppNameSize, dwCommentOffset),
};

static const struct keep status_keep[] = {
	KEEP(LINECALLSTATUS, dwCallPrivilege, dwCallPrivilege),
};

static DWORD caller_flags(const struct call *call)
{
	DWORD flags = 0;

	if (call->origin == LINECALLORIGIN_OUTBOUND)
		return LINECALLPARTYID_UNAVAIL;
	if (call->caller)
		flags |= LINECALLPARTYID_ADDRESS;
	if (call->caller_name)
		flags |= LINECALLPARTYID_NAME;
	return flags ? flags : LINECALLPARTYID_UNKNOWN;
}

static void fill_info(LINECALLINFO *info, const struct call *call)
{
	bool outbound = call->origin == LINECALLORIGIN_OUTBOUND;

	info->dwLineDeviceID = call->line->device;
	info->dwAddressID = call->address;
	info->dwBearerMode = call->bearer;
	info->dwMediaMode = call->media;
	info->dwAppSpecific = call->app_specific;
	info->dwCallID = call->number;
	info->dwCallStates = LINECALLSTATE_IDLE | LINECALLSTATE_OFFERING | LINECALLSTATE_ACCEPTED |
			     LINECALLSTATE_DIALTONE | LINECALLSTATE_DIALING |
			     LINECALLSTATE_RINGBACK | LINECALLSTATE_BUSY |
			     LINECALLSTATE_SPECIALINFO | LINECALLSTATE_CONNECTED |
			     LINECALLSTATE_PROCEEDING | LINECALLSTATE_ONHOLD |
			     LINECALLSTATE_DISCONNECTED | LINECALLSTATE_UNKNOWN;
	info->dwOrigin = call->origin;
	info->dwReason = LINECALLREASON_DIRECT;
	info->dwCountryCode = call->country;
	info->dwTrunk = 0xFFFFFFFF;	/* unknown */
	info->dwCallerIDFlags = caller_flags(call);
	info->dwCalledIDFlags = outbound && call->called && *call->called ?
				LINECALLPARTYID_ADDRESS : LINECALLPARTYID_UNAVAIL;
	info->dwConnectedIDFlags = LINECALLPARTYID_UNAVAIL;
	info->dwRedirectionIDFlags = LINECALLPARTYID_UNAVAIL;
	info->dwRedirectingIDFlags = LINECALLPARTYID_UNAVAIL;
	info->dwCallerIDAddressType = LINEADDRESSTYPE_PHONENUMBER;
	info->dwCalledIDAddressType = LINEADDRESSTYPE_PHONENUMBER;
}

static LONG write_info(const struct call *call, LPLINECALLINFO to)
{
	const WCHAR *called = call->called && *call->called ? call->called : NULL;
	LINECALLINFO info = {};
	const struct part parts[] = {
		{ offsetof(LINECALLINFO, dwCallerIDSize), call->caller,
		  text_bytes(call->caller) },
		{ offsetof(LINECALLINFO, dwCallerIDNameSize), call->caller_name,
		  text_bytes(call->caller_name) },
		{ offsetof(LINECALLINFO, dwCalledIDSize), called, text_bytes(called) },
	};
	const struct layout layout = {
		.values = &info, .fixed = layout_fixed(info_sizes, call->line->version),
		.parts = parts, .part_count = COUNT(parts),
		.keep = info_keep, .keep_count = COUNT(info_keep),
	};

	fill_info(&info, call);
	return layout_write(to, &layout);
}

LONG TSPIAPI TSPI_lineGetCallInfo(HDRVCALL hdCall, LPLINECALLINFO lpCallInfo)
{
	const struct call *call;
	struct fault fault;
	LONG err;

	if (entry(FN_lineGetCallInfo, &fault, &err, "call=%u", call_shown(hdCall)))
		return err;
	provider_lock();
	call = call_get(hdCall);
	err = call ? write_info(call, lpCallInfo) : LINEERR_INVALCALLHANDLE;
	provider_unlock();
	return err;
}

static SYSTEMTIME system_time(const struct timespec *at)
{
	struct tm tm;

	gmtime_r(&at->tv_sec, &tm);
	return (SYSTEMTIME){
		.wYear = tm.tm_year + 1900, .wMonth = tm.tm_mon + 1, .wDayOfWeek = tm.tm_wday,
		.wDay = tm.tm_mday, .wHour = tm.tm_hour, .wMinute = tm.tm_min,
		.wSecond = tm.tm_sec, .wMilliseconds = at->tv_nsec / 1000000,
	};
}

static LONG write_status(const struct call *call, LPLINECALLSTATUS to)
{
	LINECALLSTATUS status = {
		.dwCallState = call->state,
		.dwCallStateMode = call->mode,
		.dwCallFeatures = call_features(call),
		.tStateEntryTime = system_time(&call->since),
	};
	const struct layout layout = {
		.values = &status, .fixed = layout_fixed(status_sizes, call->line->version),
		.keep = status_keep, .keep_count = COUNT(status_keep),
	};

	return layout_write(to, &layout);
}

LONG TSPIAPI TSPI_lineGetCallStatus(HDRVCALL hdCall, LPLINECALLSTATUS lpCallStatus)
{
	const struct call *call;
	struct fault fault;
	LONG err;

	if (entry(FN_lineGetCallStatus, &fault, &err, "call=%u", call_shown(hdCall)))
		return err;
	provider_lock();
	call = call_get(hdCall);
	err = call ? write_status(call, lpCallStatus) : LINEERR_INVALCALLHANDLE;
	provider_unlock();
	return err;
}

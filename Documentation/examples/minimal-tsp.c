/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The smallest telephony service provider: one line, on which every call made is answered at once.
 *
 *	cc -shared -fPIC -o minimal.so minimal-tsp.c $(pkg-config --cflags tapi-tsp)
 */
#include <string.h>
#include <syslog.h>
#include <tapi/tspi.h>

#define VERSION	0x00020002

static const struct tapi_tsp_host *host;
static ASYNC_COMPLETION complete;
static DWORD device;				/* what our line is called at the other side */
static LINEEVENT event;				/* while it is open */
static HTAPILINE line;
static struct { HTAPICALL htapi; DWORD id, state; } call;	/* htapi 0: there is none */

static void set_host(const struct tapi_tsp_host *table) { host = table; }

const struct tapi_tsp_module tapi_tsp_module = {
	.abi = TAPI_TSP_ABI, .size = sizeof(struct tapi_tsp_module), .wchar_bytes = sizeof(WCHAR),
	.name = "minimal", .vendor = "example", .version = "1",
	.guid = { 0x6d, 0x69, 0x6e, 0x69, 0x6d, 0x61, 0x6c, 0x01 }, .host = set_host,
};

LONG TSPI_providerEnumDevices(DWORD id, LPDWORD lines, LPDWORD phones, HPROVIDER provider,
			      LINEEVENT new_line, PHONEEVENT new_phone)
{
	*lines = 1;
	return 0;
}

LONG TSPI_lineNegotiateTSPIVersion(DWORD dev, DWORD low, DWORD high, LPDWORD version)
{
	*version = VERSION;
	return low <= VERSION && VERSION <= high ? 0 : LINEERR_INCOMPATIBLEAPIVERSION;
}

LONG TSPI_providerInit(DWORD version, DWORD id, DWORD line_base, DWORD phone_base, DWORD_PTR lines,
		       DWORD_PTR phones, ASYNC_COMPLETION completion, LPDWORD options)
{
	device = line_base;
	complete = completion;
	*options = LINETSPIOPTION_NONREENTRANT;	/* one call of ours at a time: no locks */
	host->log(LOG_INFO, host->setting("Greeting") ? host->setting("Greeting") : "hello");
	return 0;
}

LONG TSPI_providerShutdown(DWORD version, DWORD id) { return 0; }

LONG TSPI_lineGetDevCaps(DWORD dev, DWORD version, DWORD extension, LPLINEDEVCAPS caps)
{
	static const WCHAR name[] = u"minimal";

	caps->dwPermanentLineID = 1;
	caps->dwStringFormat = STRINGFORMAT_UNICODE;
	caps->dwNumAddresses = caps->dwMaxNumActiveCalls = 1;
	caps->dwBearerModes = LINEBEARERMODE_VOICE;
	caps->dwMediaModes = LINEMEDIAMODE_INTERACTIVEVOICE;
	caps->dwLineFeatures = LINEFEATURE_MAKECALL;
	caps->dwNeededSize += sizeof(name);	/* texts stand behind the structure */
	if (caps->dwNeededSize > caps->dwTotalSize)
		return 0;			/* the host asks again with more room */
	caps->dwLineNameOffset = caps->dwUsedSize;
	caps->dwLineNameSize = sizeof(name);
	memcpy((char *)caps + caps->dwUsedSize, name, sizeof(name));
	caps->dwUsedSize = caps->dwNeededSize;
	return 0;
}

LONG TSPI_lineGetAddressCaps(DWORD dev, DWORD address, DWORD version, DWORD extension,
			     LPLINEADDRESSCAPS caps)
{
	caps->dwMaxNumActiveCalls = 1;
	caps->dwCallStates = LINECALLSTATE_DIALING | LINECALLSTATE_CONNECTED |
			     LINECALLSTATE_DISCONNECTED | LINECALLSTATE_IDLE;
	return address ? LINEERR_INVALADDRESSID : 0;
}

LONG TSPI_lineOpen(DWORD dev, HTAPILINE htline, LPHDRVLINE hdline, DWORD version, LINEEVENT proc)
{
	line = htline;
	event = proc;
	*hdline = 1;				/* whatever we like but 0 */
	return 0;
}

LONG TSPI_lineClose(HDRVLINE hdline) { return 0; }
LONG TSPI_lineGetLineDevStatus(HDRVLINE hdline, LPLINEDEVSTATUS status) { return 0; }
LONG TSPI_lineGetAddressStatus(HDRVLINE hdline, DWORD id, LPLINEADDRESSSTATUS s) { return 0; }
LONG TSPI_lineGetNumAddressIDs(HDRVLINE hdline, LPDWORD count) { *count = 1; return 0; }
LONG TSPI_lineGetAddressID(HDRVLINE hdline, LPDWORD id, DWORD mode, LPCWSTR text, DWORD size)
{ return LINEERR_INVALADDRESS; }
LONG TSPI_lineGetID(HDRVLINE hdline, DWORD address, HDRVCALL hdcall, DWORD select, LPVARSTRING id,
		    LPCWSTR device_class, HANDLE process) { return LINEERR_INVALDEVICECLASS; }
LONG TSPI_lineSetStatusMessages(HDRVLINE hdline, DWORD lines, DWORD addresses) { return 0; }
LONG TSPI_lineSetDefaultMediaDetection(HDRVLINE hdline, DWORD modes) { return 0; }

static void set_state(DWORD state, DWORD mode)
{
	call.state = state;
	event(line, call.htapi, LINE_CALLSTATE, state, mode, LINEMEDIAMODE_INTERACTIVEVOICE);
}

LONG TSPI_lineMakeCall(DRV_REQUESTID request, HDRVLINE hdline, HTAPICALL htcall, LPHDRVCALL hdcall,
		       LPCWSTR number, DWORD country, LPLINECALLPARAMS const params)
{
	if (call.htapi)
		return LINEERR_CALLUNAVAIL;	/* an error: complete() is not called */
	call.htapi = htcall;
	call.id++;
	*hdcall = 1;
	complete(request, 0);			/* before the first event of the call */
	set_state(LINECALLSTATE_DIALING, 0);
	set_state(LINECALLSTATE_CONNECTED, LINECONNECTEDMODE_ACTIVE);
	return request;
}

LONG TSPI_lineDrop(DRV_REQUESTID request, HDRVCALL hdcall, LPCSTR uui, DWORD size)
{
	complete(request, 0);
	set_state(LINECALLSTATE_DISCONNECTED, LINEDISCONNECTMODE_NORMAL);
	set_state(LINECALLSTATE_IDLE, 0);
	return request;
}

LONG TSPI_lineCloseCall(HDRVCALL hdcall) { call.htapi = 0; return 0; }
LONG TSPI_lineDial(DRV_REQUESTID request, HDRVCALL hdcall, LPCWSTR number, DWORD country)
{ return LINEERR_INVALCALLSTATE; }
LONG TSPI_lineAnswer(DRV_REQUESTID request, HDRVCALL hdcall, LPCSTR uui, DWORD size)
{ return LINEERR_INVALCALLSTATE; }
LONG TSPI_lineGetCallAddressID(HDRVCALL hdcall, LPDWORD address) { *address = 0; return 0; }

LONG TSPI_lineGetCallInfo(HDRVCALL hdcall, LPLINECALLINFO info)
{
	info->dwCallID = call.id;
	info->dwMediaMode = LINEMEDIAMODE_INTERACTIVEVOICE;
	info->dwOrigin = LINECALLORIGIN_OUTBOUND;
	return 0;
}

LONG TSPI_lineGetCallStatus(HDRVCALL hdcall, LPLINECALLSTATUS status)
{
	status->dwCallState = call.state;
	status->dwCallFeatures = call.state == LINECALLSTATE_IDLE ? 0 : LINECALLFEATURE_DROP;
	return 0;
}

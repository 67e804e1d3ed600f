/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A provider for tests of tsphost: does what it must not do, when told. What a call does is in the
 * number that is dialled, everything else is a word in TSPI_lineDevSpecific. Built several times:
 *
 *	FAKE_ABI, FAKE_WCHAR	what its descriptor says
 *	FAKE_STRAY		has no TSPI_lineDrop, but is linked with a library that does
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tapi/tspi.h>

#include "tsphost-fake.h"

#ifndef FAKE_ABI
#define FAKE_ABI TAPI_TSP_ABI
#endif
#ifndef FAKE_WCHAR
#define FAKE_WCHAR sizeof(WCHAR)
#endif

struct call {
	HTAPICALL number;
	unsigned int line;
	bool used;
	LPWSTR digits;			/* of the last lineGatherDigits */
	DWORD gather;
};

static const struct tapi_tsp_host *table;
static ASYNC_COMPLETION complete;
static LINEEVENT created;
static struct {
	HTAPILINE number;
	LINEEVENT event;
} lines[FAKE_LINES];
static struct call calls[FAKE_CALLS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static DWORD pending;			/* the request that "release" completes */
static sem_t hanging, talking;
static DWORD base;
static atomic_uint inside, most;

static void set_host(const struct tapi_tsp_host *host)
{
	table = host;
}

static void *talker(void *arg)
{
	for (DWORD i = 0; i < FAKE_TALK; i++) {
		lines[FAKE_TALKING_LINE].event(lines[FAKE_TALKING_LINE].number, 0,
					       LINE_DEVSPECIFIC, i, 0, 0);
		if (i == FAKE_TALK / 10)
			sem_post(&talking);
	}
	return NULL;
}

/* Asked when the provider has opened the line, before tapisrv is told: no line has a device */
static LONG line_fd(HDRVLINE line, int *fd)
{
	pthread_t thread;

	if (line == FAKE_HDLINE + FAKE_TALKING_LINE) {
		pthread_create(&thread, NULL, talker, NULL);
		pthread_detach(thread);
		sem_wait(&talking);
	}
	return LINEERR_OPERATIONUNAVAIL;
}

TSPI_API const struct tapi_tsp_module tapi_tsp_module = {
	.abi = FAKE_ABI,
	.size = sizeof(tapi_tsp_module),
	.name = "fake",
	.vendor = "tests",
	.version = "7",
	.guid = { 0xfa, 0x4e },
	.wchar_bytes = FAKE_WCHAR,
	.host = set_host,
	.line_fd = line_fd,
};

static const char *setting(const char *key)
{
	const char *value = table ? table->setting(key) : NULL;

	return value ? value : "";
}

static void note(const char *text)
{
	int fd = open(setting("Journal"), O_WRONLY | O_APPEND | O_CREAT, 0600);
	ssize_t n;

	if (fd < 0)
		return;
	n = write(fd, text, strlen(text));
	(void)n;
	close(fd);
}

/* How many functions run at a time */
static void enter(void)
{
	unsigned int now = atomic_fetch_add(&inside, 1) + 1, seen = atomic_load(&most);

	while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
		;
	for (int i = 0; i < 20; i++)
		sched_yield();
}

static void leave(void)
{
	atomic_fetch_sub(&inside, 1);
}

/* ---- provider ---- */

TSPI_API LONG TSPI_lineNegotiateTSPIVersion(DWORD dwDeviceID, DWORD dwLowVersion,
					    DWORD dwHighVersion, LPDWORD lpdwTSPIVersion)
{
	if (dwLowVersion > FAKE_VERSION || dwHighVersion < FAKE_VERSION)
		return LINEERR_INCOMPATIBLEAPIVERSION;
	*lpdwTSPIVersion = FAKE_VERSION;
	return 0;
}

TSPI_API LONG TSPI_providerEnumDevices(DWORD dwPermanentProviderID, LPDWORD lpdwNumLines,
				       LPDWORD lpdwNumPhones, HPROVIDER hProvider,
				       LINEEVENT lpfnLineCreateProc, PHONEEVENT lpfnPhoneCreateProc)
{
	created = lpfnLineCreateProc;
	*lpdwNumLines = FAKE_LINES;
	return *lpdwNumPhones ? LINEERR_OPERATIONFAILED : 0;
}

TSPI_API LONG TSPI_providerInit(DWORD dwTSPIVersion, DWORD dwPermanentProviderID,
				DWORD dwLineDeviceIDBase, DWORD dwPhoneDeviceIDBase,
				DWORD_PTR dwNumLines, DWORD_PTR dwNumPhones,
				ASYNC_COMPLETION lpfnCompletionProc, LPDWORD lpdwTSPIOptions)
{
	if (!strcmp(setting("Init"), "fail"))
		return LINEERR_NOMEM;
	sem_init(&hanging, 0, 0);
	sem_init(&talking, 0, 0);
	base = dwLineDeviceIDBase;
	complete = lpfnCompletionProc;
	*lpdwTSPIOptions = atoi(setting("Options"));
	note("init\n");
	return 0;
}

TSPI_API LONG TSPI_providerShutdown(DWORD dwTSPIVersion, DWORD dwPermanentProviderID)
{
	note("shutdown\n");
	return 0;
}

TSPI_API LONG TSPI_providerCreateLineDevice(DWORD_PTR dwTempID, DWORD dwDeviceID)
{
	return dwTempID == 77 && dwDeviceID == 9 ? 0 : LINEERR_BADDEVICEID;
}

/* ---- structures ---- */

struct head {
	DWORD total, needed, used;
};

/* Fixed part zeroed but for the head; whether it fits */
static bool begin(void *to, size_t fixed, size_t extra)
{
	struct head *head = to;

	head->needed = (DWORD)(fixed + extra);
	if (head->total < fixed)
		return false;
	head->used = (DWORD)(head->total < fixed + extra ? fixed : fixed + extra);
	memset(head + 1, 0, fixed - sizeof(*head));
	return true;
}

TSPI_API LONG TSPI_lineGetDevCaps(DWORD dwDeviceID, DWORD dwTSPIVersion, DWORD dwExtVersion,
				  LPLINEDEVCAPS lpLineDevCaps)
{
	size_t extra = (size_t)atoi(setting("CapsSize"));

	if (dwDeviceID - base >= FAKE_LINES)
		return LINEERR_BADDEVICEID;
	if (!begin(lpLineDevCaps, sizeof(*lpLineDevCaps), extra))
		return LINEERR_STRUCTURETOOSMALL;
	lpLineDevCaps->dwNumAddresses = 1;
	lpLineDevCaps->dwMaxRate = 3100 + dwDeviceID - base;
	lpLineDevCaps->PermanentLineGuid.Data1 = 0x11223344;
	if (extra && lpLineDevCaps->dwUsedSize > sizeof(*lpLineDevCaps)) {
		lpLineDevCaps->dwDevSpecificSize = (DWORD)extra;
		lpLineDevCaps->dwDevSpecificOffset = sizeof(*lpLineDevCaps);
		memset(lpLineDevCaps + 1, 0x5a, extra);
	}
	if (!strcmp(setting("Caps"), "bad")) {
		lpLineDevCaps->dwLineNameSize = 100;
		lpLineDevCaps->dwLineNameOffset = lpLineDevCaps->dwUsedSize - 4;
	}
	return 0;
}

TSPI_API LONG TSPI_lineGetAddressCaps(DWORD dwDeviceID, DWORD dwAddressID, DWORD dwTSPIVersion,
				      DWORD dwExtVersion, LPLINEADDRESSCAPS lpAddressCaps)
{
	if (!begin(lpAddressCaps, sizeof(*lpAddressCaps), 0))
		return LINEERR_STRUCTURETOOSMALL;
	lpAddressCaps->dwMaxNumActiveCalls = 5 + dwAddressID;
	return 0;
}

TSPI_API LONG TSPI_lineGetLineDevStatus(HDRVLINE hdLine, LPLINEDEVSTATUS lpLineDevStatus)
{
	if (!begin(lpLineDevStatus, sizeof(*lpLineDevStatus), 0))
		return LINEERR_STRUCTURETOOSMALL;
	lpLineDevStatus->dwSignalLevel = 0xffff;
	return 0;
}

TSPI_API LONG TSPI_lineGetAddressStatus(HDRVLINE hdLine, DWORD dwAddressID,
					LPLINEADDRESSSTATUS lpAddressStatus)
{
	return begin(lpAddressStatus, sizeof(*lpAddressStatus), 0) ? 0 : LINEERR_STRUCTURETOOSMALL;
}

static struct call *call_of(HDRVCALL handle)
{
	unsigned int i = (unsigned int)handle - FAKE_HDCALL;

	return handle >= FAKE_HDCALL && i < FAKE_CALLS && calls[i].used ? &calls[i] : NULL;
}

TSPI_API LONG TSPI_lineGetCallInfo(HDRVCALL hdCall, LPLINECALLINFO lpCallInfo)
{
	static const WCHAR name[] = u"Zo\u00eb";
	struct call *call = call_of(hdCall);

	if (!call)
		return LINEERR_INVALCALLHANDLE;
	if (!begin(lpCallInfo, sizeof(*lpCallInfo), sizeof(name)))
		return LINEERR_STRUCTURETOOSMALL;
	lpCallInfo->dwCallID = (DWORD)hdCall + 1000;
	lpCallInfo->dwMediaMode = LINEMEDIAMODE_INTERACTIVEVOICE;
	lpCallInfo->dwOrigin = LINECALLORIGIN_INBOUND;
	if (lpCallInfo->dwUsedSize > sizeof(*lpCallInfo)) {
		lpCallInfo->dwCallerIDNameSize = sizeof(name);
		lpCallInfo->dwCallerIDNameOffset = sizeof(*lpCallInfo);
		memcpy(lpCallInfo + 1, name, sizeof(name));
	}
	return 0;
}

TSPI_API LONG TSPI_lineGetCallStatus(HDRVCALL hdCall, LPLINECALLSTATUS lpCallStatus)
{
	if (!begin(lpCallStatus, sizeof(*lpCallStatus), 0))
		return LINEERR_STRUCTURETOOSMALL;
	lpCallStatus->dwCallState = LINECALLSTATE_ONHOLD;
	return 0;
}

TSPI_API LONG TSPI_lineGetCallAddressID(HDRVCALL hdCall, LPDWORD lpdwAddressID)
{
	*lpdwAddressID = 3;
	return 0;
}

/* ---- lines ---- */

static unsigned int line_of(HDRVLINE handle)
{
	return (unsigned int)(handle - FAKE_HDLINE);
}

static struct call *new_call(unsigned int line, HTAPICALL number, HDRVCALL *handle)
{
	struct call *call = NULL;

	pthread_mutex_lock(&lock);
	for (unsigned int i = 0; !call && i < FAKE_CALLS; i++) {
		if (calls[i].used)
			continue;
		call = &calls[i];
		*call = (struct call) { .number = number, .line = line, .used = true };
		*handle = FAKE_HDCALL + i;
	}
	pthread_mutex_unlock(&lock);
	return call;
}

/* Offers a call; the host's number for it */
static HTAPICALL offer(unsigned int line)
{
	HDRVCALL handle = 0;
	struct call *call = new_call(line, 0, &handle);
	HTAPICALL number = 0;

	if (!call)
		return 0;
	lines[line].event(lines[line].number, 0, LINE_NEWCALL, handle, (DWORD_PTR)&number, 0);
	call->number = number;
	if (!number)
		call->used = false;
	else
		lines[line].event(lines[line].number, number, LINE_CALLSTATE,
				  LINECALLSTATE_OFFERING, 0, LINEMEDIAMODE_INTERACTIVEVOICE);
	return number;
}

TSPI_API LONG TSPI_lineOpen(DWORD dwDeviceID, HTAPILINE htLine, LPHDRVLINE lphdLine,
			    DWORD dwTSPIVersion, LINEEVENT lpfnEventProc)
{
	unsigned int line = dwDeviceID - base;

	if (line >= FAKE_LINES)
		return LINEERR_BADDEVICEID;
	lines[line].number = htLine;
	lines[line].event = lpfnEventProc;
	*lphdLine = FAKE_HDLINE + line;
	if (line == FAKE_BUSY_LINE)
		offer(line);		/* there is a call already */
	return 0;
}

TSPI_API LONG TSPI_lineClose(HDRVLINE hdLine)
{
	for (unsigned int i = 0; i < FAKE_CALLS; i++) {
		if (calls[i].used && calls[i].line == line_of(hdLine))
			calls[i].used = false;
	}
	note("close\n");
	return 0;
}

TSPI_API LONG TSPI_lineGetAddressID(HDRVLINE hdLine, LPDWORD lpdwAddressID, DWORD dwAddressMode,
				    LPCWSTR lpsAddress, DWORD dwSize)
{
	static const WCHAR own[] = u"12\u20ac";

	if (dwSize != sizeof(own) - sizeof(WCHAR) || memcmp(lpsAddress, own, dwSize))
		return LINEERR_INVALADDRESS;
	*lpdwAddressID = 4;
	return 0;
}

TSPI_API LONG TSPI_lineGetNumAddressIDs(HDRVLINE hdLine, LPDWORD lpdwNumAddressIDs)
{
	enter();
	*lpdwNumAddressIDs = atomic_load(&most);
	leave();
	return 0;
}

TSPI_API LONG TSPI_lineGetID(HDRVLINE hdLine, DWORD dwAddressID, HDRVCALL hdCall, DWORD dwSelect,
			     LPVARSTRING lpDeviceID, LPCWSTR lpszDeviceClass, HANDLE hTargetProcess)
{
	static const WCHAR wave[] = u"wave/in";
	DWORD id = 42;

	if (memcmp(lpszDeviceClass, wave, sizeof(wave)))
		return LINEERR_INVALDEVICECLASS;
	lpDeviceID->dwNeededSize = lpDeviceID->dwUsedSize = sizeof(*lpDeviceID) + sizeof(id);
	lpDeviceID->dwStringFormat = STRINGFORMAT_BINARY;
	lpDeviceID->dwStringSize = sizeof(id);
	lpDeviceID->dwStringOffset = sizeof(*lpDeviceID);
	memcpy(lpDeviceID + 1, &id, sizeof(id));
	return 0;
}

TSPI_API LONG TSPI_lineSetStatusMessages(HDRVLINE hdLine, DWORD dwLineStates, DWORD dwAddressStates)
{
	return dwLineStates == 1 && dwAddressStates == 2 ? 0 : LINEERR_INVALPARAM;
}

TSPI_API LONG TSPI_lineSetDefaultMediaDetection(HDRVLINE hdLine, DWORD dwMediaModes)
{
	return dwMediaModes & LINEMEDIAMODE_G3FAX ? LINEERR_INVALMEDIAMODE : 0;
}

TSPI_API LONG TSPI_lineConditionalMediaDetection(HDRVLINE hdLine, DWORD dwMediaModes,
						 LPLINECALLPARAMS lpCallParams)
{
	return lpCallParams->dwMediaMode == dwMediaModes &&
	       lpCallParams->dwTotalSize == sizeof(*lpCallParams) ? 0 : LINEERR_INVALPARAM;
}

/* ---- calls ---- */

static bool dialled(LPCWSTR number, const char *text)
{
	while (number && *text && *number == (WCHAR)*text) {
		number++;
		text++;
	}
	return number && !*text && !*number;
}

static void state(const struct call *call, DWORD value)
{
	lines[call->line].event(lines[call->line].number, call->number, LINE_CALLSTATE, value, 0,
				LINEMEDIAMODE_INTERACTIVEVOICE);
}

TSPI_API LONG TSPI_lineMakeCall(DRV_REQUESTID dwRequestID, HDRVLINE hdLine, HTAPICALL htCall,
				LPHDRVCALL lphdCall, LPCWSTR lpszDestAddress, DWORD dwCountryCode,
				LPLINECALLPARAMS lpCallParams)
{
	struct call *call;

	if (dialled(lpszDestAddress, "fail"))
		return LINEERR_CALLUNAVAIL;
	if (dialled(lpszDestAddress, "zero"))
		return 0;
	if (dialled(lpszDestAddress, "handle0"))
		return (LONG)dwRequestID;
	if (dialled(lpszDestAddress, "params") &&
	    (!lpCallParams || lpCallParams->dwMediaMode != LINEMEDIAMODE_G3FAX ||
	     dwCountryCode != 49))
		return LINEERR_INVALCALLPARAMS;
	call = new_call(line_of(hdLine), htCall, lphdCall);
	if (!call)
		return LINEERR_RESOURCEUNAVAIL;
	if (dialled(lpszDestAddress, "late")) {
		pending = dwRequestID;
		return (LONG)dwRequestID;
	}
	if (dialled(lpszDestAddress, "other"))
		return (LONG)dwRequestID + 1;
	if (dialled(lpszDestAddress, "refused")) {
		call->used = false;
		complete(dwRequestID, LINEERR_RESOURCEUNAVAIL);
		return (LONG)dwRequestID;
	}
	if (dialled(lpszDestAddress, "early"))
		state(call, LINECALLSTATE_DIALTONE);	/* too early: it is tentative */
	complete(dwRequestID, 0);
	if (dialled(lpszDestAddress, "both"))
		return LINEERR_CALLUNAVAIL;
	if (dialled(lpszDestAddress, "twice"))
		complete(dwRequestID, LINEERR_OPERATIONFAILED);
	state(call, LINECALLSTATE_DIALING);
	return (LONG)dwRequestID;
}

TSPI_API LONG TSPI_lineDial(DRV_REQUESTID dwRequestID, HDRVCALL hdCall, LPCWSTR lpszDestAddress,
			    DWORD dwCountryCode)
{
	return 0;
}

TSPI_API LONG TSPI_lineAnswer(DRV_REQUESTID dwRequestID, HDRVCALL hdCall, LPCSTR lpsUserUserInfo,
			      DWORD dwSize)
{
	struct call *call = call_of(hdCall);

	if (!call)
		return LINEERR_INVALCALLHANDLE;
	complete(dwRequestID, 0);
	state(call, LINECALLSTATE_CONNECTED);
	return (LONG)dwRequestID;
}

/* Never completed */
TSPI_API LONG TSPI_lineAccept(DRV_REQUESTID dwRequestID, HDRVCALL hdCall, LPCSTR lpsUserUserInfo,
			      DWORD dwSize)
{
	pending = dwRequestID;
	return (LONG)dwRequestID;
}

TSPI_API LONG TSPI_lineUnhold(DRV_REQUESTID dwRequestID, HDRVCALL hdCall)
{
	complete(dwRequestID, 7);	/* no error, but not 0 either */
	return (LONG)dwRequestID;
}

struct dropping {
	DWORD request;
	struct call *call;
};

static void *dropper(void *arg)
{
	struct dropping *d = arg;

	complete(d->request, 0);
	state(d->call, LINECALLSTATE_IDLE);
	free(d);
	return NULL;
}

#ifndef FAKE_STRAY
/* In a thread of its own, before or after this returns */
TSPI_API LONG TSPI_lineDrop(DRV_REQUESTID dwRequestID, HDRVCALL hdCall, LPCSTR lpsUserUserInfo,
			    DWORD dwSize)
{
	struct dropping *d = malloc(sizeof(*d));
	pthread_t thread;

	*d = (struct dropping) { dwRequestID, call_of(hdCall) };
	pthread_create(&thread, NULL, dropper, d);
	pthread_detach(thread);
	return (LONG)dwRequestID;
}
#else
int tsphost_stray(void);
TSPI_API int tsphost_fake_stray(void);

TSPI_API int tsphost_fake_stray(void)
{
	(void)dropper;
	return tsphost_stray();
}
#endif

TSPI_API LONG TSPI_lineCloseCall(HDRVCALL hdCall)
{
	struct call *call = call_of(hdCall);

	if (!call)
		return LINEERR_INVALCALLHANDLE;
	call->used = false;
	return 0;
}

TSPI_API LONG TSPI_lineGatherDigits(HDRVCALL hdCall, DWORD dwEndToEndID, DWORD dwDigitModes,
				    LPWSTR lpsDigits, DWORD dwNumDigits,
				    LPCWSTR lpszTerminationDigits, DWORD dwFirstDigitTimeout,
				    DWORD dwInterDigitTimeout)
{
	struct call *call = call_of(hdCall);

	if (!dialled(lpszTerminationDigits, "#"))
		return LINEERR_INVALDIGITS;
	call->digits = lpsDigits;
	call->gather = dwEndToEndID;
	memcpy(lpsDigits, u"12", dwNumDigits > 2 ? 6 : 4);
	return 0;
}

TSPI_API LONG TSPI_lineMonitorDigits(HDRVCALL hdCall, DWORD dwDigitModes)
{
	struct call *call = call_of(hdCall);

	lines[call->line].event(lines[call->line].number, call->number, LINE_MONITORDIGITS, u'5',
				dwDigitModes, 0);
	return 0;
}

/* ---- media providers ---- */

TSPI_API LONG TSPI_lineCreateMSPInstance(HDRVLINE hdLine, DWORD dwAddressID,
					 HTAPIMSPLINE htMSPLine, LPHDRVMSPLINE lphdMSPLine)
{
	char text[40];

	if (dwAddressID == FAKE_BAD_ADDRESS)
		return LINEERR_INVALADDRESSID;
	*lphdMSPLine = FAKE_HDMSP + htMSPLine;
	snprintf(text, sizeof(text), "msp address %u\n", dwAddressID);
	note(text);
	return 0;
}

TSPI_API LONG TSPI_lineCloseMSPInstance(HDRVMSPLINE hdMSPLine)
{
	note("msp closed\n");
	return 0;
}

/* Sent back with a byte more, '!' about the address, '?' about a call */
TSPI_API LONG TSPI_lineReceiveMSPData(HDRVLINE hdLine, HDRVCALL hdCall, HDRVMSPLINE hdMSPLine,
				      LPVOID pBuffer, DWORD dwSize)
{
	struct call *call = call_of(hdCall);
	unsigned int line = line_of(hdLine);
	char bytes[8000];

	if (dwSize >= sizeof(bytes) || (hdCall && !call))
		return LINEERR_INVALPARAM;
	memcpy(bytes, pBuffer, dwSize);
	bytes[dwSize] = call ? '?' : '!';
	lines[line].event(lines[line].number, call ? call->number : 0, LINE_SENDMSPDATA,
			  hdMSPLine - FAKE_HDMSP, (DWORD_PTR)bytes, dwSize + 1);
	memset(bytes, 0, sizeof(bytes));	/* the buffer is ours again */
	return 0;
}

/* A message to all, about the last call of the line */
static void announce(unsigned int line, const char *text)
{
	HTAPICALL number = 0;

	for (unsigned int i = 0; i < FAKE_CALLS; i++) {
		if (calls[i].used && calls[i].line == line)
			number = calls[i].number;
	}
	lines[line].event(lines[line].number, number, LINE_SENDMSPDATA, 0, (DWORD_PTR)text,
			  strlen(text));
}

/* ---- words ---- */

static HTAPICALL offers(unsigned int line, unsigned int count)
{
	HTAPICALL number = 0;

	while (count--)
		number = offer(line);
	return number;
}

static void burst(unsigned int line, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		lines[line].event(lines[line].number, 0, LINE_DEVSPECIFIC, i, 0, 0);
	note("burst\n");
}

static void gathered(unsigned int line)
{
	for (unsigned int i = 0; i < FAKE_CALLS; i++) {
		if (calls[i].used && calls[i].line == line && calls[i].digits)
			lines[line].event(lines[line].number, calls[i].number, LINE_GATHERDIGITS,
					  LINEGATHERTERM_TERMDIGIT, calls[i].gather, 99);
	}
}

static void word(unsigned int line, char *text, size_t size)
{
	char bytes[8000] = { 0 };

	if (!strcmp(text, "crash")) {
		abort();
	} else if (!strncmp(text, "offer ", 6)) {
		snprintf(text, size, "%08x", (unsigned int)offers(line, (unsigned)atoi(text + 6)));
	} else if (!strncmp(text, "burst ", 6)) {
		burst(line, (unsigned int)atoi(text + 6));
	} else if (!strncmp(text, "announce ", 9)) {
		announce(line, text + 9);
	} else if (!strcmp(text, "gathered")) {
		gathered(line);
	} else if (!strcmp(text, "release")) {
		complete(pending, 0);
	} else if (!strcmp(text, "unknown")) {
		complete(424242, 0);
	} else if (!strcmp(text, "hang")) {
		sem_wait(&hanging);
	} else if (!strcmp(text, "unhang")) {
		sem_post(&hanging);
	} else if (!strcmp(text, "create")) {
		created(0, 0, LINE_CREATE, 1, 77, 0);
		created(0, 0, LINE_REMOVE, base, 0, 0);
	} else if (!strcmp(text, "nonsense")) {
		lines[line].event(lines[line].number, 0, LINE_REPLY, 1, 0, 0);
		lines[line].event(lines[line].number, 0xdead, LINE_CALLSTATE, 1, 0, 0);
		lines[line].event(0xbeef, 0, LINE_LINEDEVSTATE, 1, 0, 0);
		lines[line].event(lines[line].number, 0, LINE_SENDMSPDATA, 0, (DWORD_PTR)bytes,
				  sizeof(bytes));
		lines[line].event(lines[line].number, 0, LINE_SENDMSPDATA, 0, (DWORD_PTR)bytes, 1);
	} else if (!strcmp(text, "log")) {
		table->log(3, "something\nhappened");
	}
}

TSPI_API LONG TSPI_lineDevSpecific(DRV_REQUESTID dwRequestID, HDRVLINE hdLine, DWORD dwAddressID,
				   HDRVCALL hdCall, LPVOID lpParams, DWORD dwSize)
{
	char *text = lpParams;

	if (!dwSize || text[dwSize - 1])
		return LINEERR_INVALPARAM;
	word(line_of(hdLine), text, dwSize);
	complete(dwRequestID, 0);
	return (LONG)dwRequestID;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TSPI for Linux: what a telephony service provider (TSP) exports and what it may call.
 *
 * A TSP is a shared object that defines the TSPI_ functions below under exactly these names, and
 * one object `const struct tapi_tsp_module tapi_tsp_module`.  It is loaded into a process of its
 * own, tsphost, which calls it; it links no library of this project.
 *
 * Rules every TSP may rely upon, and must keep:
 *  - Text is UTF-16 in both directions.
 *  - A function whose first argument is a DRV_REQUESTID is asynchronous: it returns that id and
 *    calls the completion procedure exactly once, or it returns a negative LINEERR_ and does not.
 *    0 is not a legal result.  The completion may come before the function has returned.
 *  - Any other function returns 0 or a negative LINEERR_ and should not wait for the device longer
 *    than it must: callers give up after some seconds.
 *  - Functions are called from several threads at once unless TSPI_providerInit() returned
 *    LINETSPIOPTION_NONREENTRANT.
 *  - From within the completion and event procedures nothing calls back into the TSP.
 *  - No handle of the TSP (HDRV...) may be 0.
 *  - A function left out is answered with LINEERR_OPERATIONUNAVAIL.  Every line TSP needs:
 *    providerEnumDevices, providerInit, providerShutdown, lineNegotiateTSPIVersion, lineGetDevCaps,
 *    lineGetAddressCaps, lineGetLineDevStatus, lineGetAddressStatus, lineGetAddressID,
 *    lineGetNumAddressIDs, lineGetID, lineSetStatusMessages, lineSetDefaultMediaDetection,
 *    lineOpen, lineClose, lineMakeCall, lineDial, lineAnswer, lineDrop, lineCloseCall,
 *    lineGetCallInfo, lineGetCallStatus, lineGetCallAddressID.
 *  - Structures follow the size protocol of tapi.h; the TSP fills its own part and leaves
 *    dwTotalSize alone.  tapisrv owns these members: LINECALLINFO hLine, dwMonitorDigitModes,
 *    dwMonitorMediaModes, dwNumOwners, dwNumMonitors, AppName, DisplayableAddress, CalledParty,
 *    Comment; LINECALLSTATUS dwCallPrivilege; LINEDEVSTATUS dwNumOpens, dwOpenMediaModes, AppInfo.
 */
#ifndef TAPI_TSPI_H
#define TAPI_TSPI_H

#include <stdbool.h>
#include <tapi/tapi.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSPI_API	__attribute__((visibility("default")))
#ifndef TSPIAPI
#define TSPIAPI
#endif

/* Handles of the TSP: pointer-sized, whatever it likes but 0 */
typedef uintptr_t HDRVCALL, *LPHDRVCALL;
typedef uintptr_t HDRVLINE, *LPHDRVLINE;
typedef uintptr_t HDRVPHONE, *LPHDRVPHONE;
typedef uintptr_t HDRVMSPLINE, *LPHDRVMSPLINE;
typedef uintptr_t HDRVDIALOGINSTANCE, *LPHDRVDIALOGINSTANCE;
/* Handles the TSP is given, to be handed back unchanged */
typedef uintptr_t HTAPICALL, *LPHTAPICALL;
typedef uintptr_t HTAPILINE, *LPHTAPILINE;
typedef uintptr_t HTAPIPHONE, *LPHTAPIPHONE;
typedef uintptr_t HPROVIDER, *LPHPROVIDER;
typedef DWORD HTAPIDIALOGINSTANCE, *LPHTAPIDIALOGINSTANCE;
typedef DWORD HTAPIMSPLINE, *LPHTAPIMSPLINE;
/* Name of an asynchronous request: 1 to 0x7FFFFFFF */
typedef DWORD DRV_REQUESTID;

/* Ends an asynchronous request: 0 or a negative LINEERR_ */
typedef void (CALLBACK *ASYNC_COMPLETION)(DRV_REQUESTID dwRequestID, LONG lResult);
/*
 * Reports about a line or a call; htCall is 0 when the message is about the line.  Parameters are
 * those of the TAPI message, except:
 *   LINE_NEWCALL		dwParam1 HDRVCALL, dwParam2 address of an HTAPICALL that is
 *				filled in before the call returns; 0: no room, drop the call
 *   LINE_CALLSTATE		dwParam3 media mode of the call, not a privilege
 *   LINE_GATHERDIGITS		dwParam2 dwEndToEndID of the request
 *   LINE_GENERATE		dwParam2 dwEndToEndID of the request
 *   LINE_MONITORTONE		dwParam2 dwToneListID
 *   LINE_CREATE		dwParam1 HPROVIDER, dwParam2 an id the TSP chooses for now
 *   LINE_SENDMSPDATA		dwParam1 HTAPIMSPLINE or 0 for all, dwParam2 address and dwParam3
 *				size of the bytes; free to be reused when the call returns
 */
typedef void (CALLBACK *LINEEVENT)(HTAPILINE htLine, HTAPICALL htCall, DWORD dwMsg,
				   DWORD_PTR dwParam1, DWORD_PTR dwParam2, DWORD_PTR dwParam3);
typedef void (CALLBACK *PHONEEVENT)(HTAPIPHONE htPhone, DWORD dwMsg, DWORD_PTR dwParam1,
				    DWORD_PTR dwParam2, DWORD_PTR dwParam3);

/* First message number of the service provider interface */
#define TSPI_MESSAGE_BASE	500

/* Messages only a provider sends */
#define LINE_NEWCALL			500
#define LINE_CALLDEVSPECIFIC		501
#define LINE_CALLDEVSPECIFICFEATURE	502
#define LINE_CREATEDIALOGINSTANCE	503
#define LINE_SENDDIALOGINSTANCEDATA	504
#define LINE_SENDMSPDATA		505
#define LINE_QOSINFO			506

/* Options a provider returns from TSPI_providerInit() */
#define LINETSPIOPTION_NONREENTRANT	0x00000001

/* Kind of object of TSPI_providerGenericDialogData() */
#define TUISPIDLL_OBJECT_LINEID		1
#define TUISPIDLL_OBJECT_PHONEID	2
#define TUISPIDLL_OBJECT_PROVIDERID	3
#define TUISPIDLL_OBJECT_DIALOGINSTANCE	4

/* Kind of object a private interface is asked for */
#define PRIVATEOBJECT_NONE	1
#define PRIVATEOBJECT_CALLID	2
#define PRIVATEOBJECT_LINE	3
#define PRIVATEOBJECT_CALL	4
#define PRIVATEOBJECT_PHONE	5
#define PRIVATEOBJECT_ADDRESS	6

/* LINECALLQOSINFO.dwQOSRequestType */
#define LINEQOSREQUESTTYPE_SERVICELEVEL	1

/* LINEQOSSERVICELEVEL.dwQOSServiceLevel */
#define LINEQOSSERVICELEVEL_NEEDED	1
#define LINEQOSSERVICELEVEL_IFAVAILABLE	2
#define LINEQOSSERVICELEVEL_BESTEFFORT	3

/* First parameter of LINE_QOSINFO */
#define LINEEQOSINFO_NOQOS		1
#define LINEEQOSINFO_ADMISSIONFAILURE	2
#define LINEEQOSINFO_POLICYFAILURE	3
#define LINEEQOSINFO_GENERICERROR	4

#define LINEQOSSTRUCT_KEY		0x4C51534B

#pragma pack(push, 1)

/* First parameter of LINE_CREATEDIALOGINSTANCE */
typedef struct tuispicreatedialoginstanceparams_tag {
	DRV_REQUESTID dwRequestID;
	HDRVDIALOGINSTANCE hdDlgInst;
	HTAPIDIALOGINSTANCE htDlgInst;
	LPCWSTR lpszUIDLLName;
	LPVOID lpParams;
	DWORD dwSize;
} TUISPICREATEDIALOGINSTANCEPARAMS, *LPTUISPICREATEDIALOGINSTANCEPARAMS;

/* Wanted service of one medium */
typedef struct lineqosservicelevel_tag {
	DWORD dwMediaMode;
	DWORD dwQOSServiceLevel;
} LINEQOSSERVICELEVEL, *LPLINEQOSSERVICELEVEL;

/* Quality wishes as device-specific data of LINECALLPARAMS */
typedef struct linecallqosinfo_tag {
	DWORD dwKey;
	DWORD dwTotalSize;
	DWORD dwQOSRequestType;
	union {
		struct {
			DWORD dwNumServiceLevelEntries;
			LINEQOSSERVICELEVEL LineQOSServiceLevel[1];
		} SetQOSServiceLevel;
	};
} LINECALLQOSINFO, *LPLINECALLQOSINFO;

#pragma pack(pop)

/* struct tapi_tsp_module.abi, struct tapi_tsp_host.version */
#define TAPI_TSP_ABI		1
#define TAPI_TSP_HOST_VERSION	1

/* struct tapi_tsp_module.flags */
/* Functions may be called from several threads at once */
#define TAPI_TSP_REENTRANT	0x00000001
/* Calls outlive a crash of the provider's process: it finds them again when it starts */
#define TAPI_TSP_RESUMABLE	0x00000002

/**
 * struct tapi_tsp_host - what the host does for a TSP
 * @version: TAPI_TSP_HOST_VERSION of the host
 * @size: sizeof(struct tapi_tsp_host) of the host; look before using members of later versions
 * @log: writes a line to the journal; @prio as for syslog(3).  Leave digits and names out
 * @setting: value of a key in the [Provider] section of providers.d/NAME.conf, or NULL.  Valid as
 *	long as the process lives
 * @trace: writes a record of what goes between the device and the provider: @up is true from the
 *	device to the provider, @name says what, @value is a number of its own.  Does nothing
 *	unless somebody traces.  NULL or not there (@size) in hosts that cannot
 *
 * The table lives as long as the process; its functions may be called from any thread.
 */
struct tapi_tsp_host {
	uint32_t version;
	uint32_t size;
	void (*log)(int prio, const char *text);
	const char *(*setting)(const char *key);
	void (*trace)(bool up, const char *name, long value);
};

/**
 * struct tapi_tsp_module - description of a TSP
 * @abi: TAPI_TSP_ABI
 * @size: sizeof(struct tapi_tsp_module) the TSP was built with; the structure grows at its end
 * @name: short name, used in logs and by tapictl
 * @vendor: who made it
 * @version: version text
 * @guid: identifies the provider for ever
 * @wchar_bytes: sizeof(WCHAR), must be 2
 * @flags: TAPI_TSP_REENTRANT, TAPI_TSP_RESUMABLE
 * @msp: name of the MSP that belongs to it, or NULL
 * @host: optional; called once, before any TSPI_ function, with the host's table
 * @line_fd: optional; gives the descriptor of the claimed line device behind an open line, which
 *	then binds the line to the kernel's opaque channel.  The descriptor stays the TSP's.
 *	Returns 0, or LINEERR_OPERATIONUNAVAIL for a line without such a device
 *
 * Each TSP defines one object of this type, named tapi_tsp_module.
 */
struct tapi_tsp_module {
	uint32_t abi;
	uint32_t size;
	const char *name;
	const char *vendor;
	const char *version;
	uint8_t guid[16];
	uint32_t wchar_bytes;
	uint32_t flags;
	const char *msp;
	void (*host)(const struct tapi_tsp_host *host);
	LONG (*line_fd)(HDRVLINE hdLine, int *fd);
};

extern const struct tapi_tsp_module tapi_tsp_module TSPI_API;

/* Obsolete, never called */
TSPI_API LONG TSPIAPI TSPI_providerConfig(HWND hwndOwner, DWORD dwPermanentProviderID);

/*
 * Accepts a line announced by LINE_CREATE: dwTempID is what the provider chose, dwDeviceID what
 * it is called now
 */
TSPI_API LONG TSPIAPI TSPI_providerCreateLineDevice(DWORD_PTR dwTempID, DWORD dwDeviceID);

/* The same for a phone announced by PHONE_CREATE */
TSPI_API LONG TSPIAPI TSPI_providerCreatePhoneDevice(DWORD_PTR dwTempID, DWORD dwDeviceID);

/*
 * First call: how many lines and phones there are. Both counts come in as 0; the two procedures
 * announce devices that come later
 */
TSPI_API LONG TSPIAPI TSPI_providerEnumDevices(DWORD dwPermanentProviderID, LPDWORD lpdwNumLines,
					       LPDWORD lpdwNumPhones, HPROVIDER hProvider,
					       LINEEVENT lpfnLineCreateProc,
					       PHONEEVENT lpfnPhoneCreateProc);

/* The conversation behind this dialog instance is over */
TSPI_API LONG TSPIAPI TSPI_providerFreeDialogInstance(HDRVDIALOGINSTANCE hdDlgInst);

/* Bytes from the provider's own configuration program */
TSPI_API LONG TSPIAPI TSPI_providerGenericDialogData(DWORD_PTR dwObjectID, DWORD dwObjectType,
						     LPVOID lpParams, DWORD dwSize);

/*
 * Start. Device ids base ... base + number - 1 belong to this provider from here on; the
 * completion procedure may be called at once. A second call before Shutdown is ignored with
 * success
 */
TSPI_API LONG TSPIAPI TSPI_providerInit(DWORD dwTSPIVersion, DWORD dwPermanentProviderID,
					DWORD dwLineDeviceIDBase, DWORD dwPhoneDeviceIDBase,
					DWORD_PTR dwNumLines, DWORD_PTR dwNumPhones,
					ASYNC_COMPLETION lpfnCompletionProc,
					LPDWORD lpdwTSPIOptions);

/* Obsolete, never called */
TSPI_API LONG TSPIAPI TSPI_providerInstall(HWND hwndOwner, DWORD dwPermanentProviderID);

/* Obsolete, never called */
TSPI_API LONG TSPIAPI TSPI_providerRemove(HWND hwndOwner, DWORD dwPermanentProviderID);

/* Last call: free everything, keep nothing for the next session */
TSPI_API LONG TSPIAPI TSPI_providerShutdown(DWORD dwTSPIVersion, DWORD dwPermanentProviderID);

/* Name of the user-interface module; never called on Linux, where configuration is in files */
TSPI_API LONG TSPIAPI TSPI_providerUIIdentify(LPWSTR lpszUIDLLName);

/* Takes responsibility for an offered call and alerts both ends */
TSPI_API LONG TSPIAPI TSPI_lineAccept(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
				      LPCSTR lpsUserUserInfo, DWORD dwSize);

/* Adds a call to a conference */
TSPI_API LONG TSPIAPI TSPI_lineAddToConference(DRV_REQUESTID dwRequestID, HDRVCALL hdConfCall,
					       HDRVCALL hdConsultCall);

/* Answers an offered call; complete when the line is connected */
TSPI_API LONG TSPIAPI TSPI_lineAnswer(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
				      LPCSTR lpsUserUserInfo, DWORD dwSize);

/* Transfer in one step */
TSPI_API LONG TSPIAPI TSPI_lineBlindTransfer(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
					     LPCWSTR lpszDestAddress, DWORD dwCountryCode);

/*
 * Last application closed the line: complete what is outstanding before returning, send nothing
 * after
 */
TSPI_API LONG TSPIAPI TSPI_lineClose(HDRVLINE hdLine);

/* Last use of a call handle: complete what is outstanding and forget the call */
TSPI_API LONG TSPIAPI TSPI_lineCloseCall(HDRVCALL hdCall);

/* That MSP is gone */
TSPI_API LONG TSPIAPI TSPI_lineCloseMSPInstance(HDRVMSPLINE hdMSPLine);

/* Asks for completion of a call that met a busy or silent party */
TSPI_API LONG TSPIAPI TSPI_lineCompleteCall(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
					    LPDWORD lpdwCompletionID, DWORD dwCompletionMode,
					    DWORD dwMessageID);

/* Ends a transfer, as transfer or as conference */
TSPI_API LONG TSPIAPI TSPI_lineCompleteTransfer(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
						HDRVCALL hdConsultCall, HTAPICALL htConfCall,
						LPHDRVCALL lphdConfCall, DWORD dwTransferMode);

/* Could this line detect these modes with these parameters? Changes nothing */
TSPI_API LONG TSPIAPI TSPI_lineConditionalMediaDetection(HDRVLINE hdLine, DWORD dwMediaModes,
							 LPLINECALLPARAMS lpCallParams);

/* An application made its MSP for this address: keep htMSPLine, return a handle of your own */
TSPI_API LONG TSPIAPI TSPI_lineCreateMSPInstance(HDRVLINE hdLine, DWORD dwAddressID,
						 HTAPIMSPLINE htMSPLine, LPHDRVMSPLINE lphdMSPLine);

/* Vendor escape; results may be written to lpParams until the request is completed */
TSPI_API LONG TSPIAPI TSPI_lineDevSpecific(DRV_REQUESTID dwRequestID, HDRVLINE hdLine,
					   DWORD dwAddressID, HDRVCALL hdCall, LPVOID lpParams,
					   DWORD dwSize);

/* Vendor escape shaped as a feature button */
TSPI_API LONG TSPIAPI TSPI_lineDevSpecificFeature(DRV_REQUESTID dwRequestID, HDRVLINE hdLine,
						  DWORD dwFeature, LPVOID lpParams, DWORD dwSize);

/* Sends more of a dialable string on a call */
TSPI_API LONG TSPIAPI TSPI_lineDial(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
				    LPCWSTR lpszDestAddress, DWORD dwCountryCode);

/* Ends a call. Only LINE_CALLSTATE IDLE says that it is over */
TSPI_API LONG TSPIAPI TSPI_lineDrop(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
				    LPCSTR lpsUserUserInfo, DWORD dwSize);

/* Obsolete, never called */
TSPI_API LONG TSPIAPI TSPI_lineDropNoOwner(HDRVCALL hdCall);

/* Obsolete, never called */
TSPI_API LONG TSPIAPI TSPI_lineDropOnClose(HDRVCALL hdCall);

/* Sets, replaces or cancels forwarding. Complete when the provider has accepted it */
TSPI_API LONG TSPIAPI TSPI_lineForward(DRV_REQUESTID dwRequestID, HDRVLINE hdLine,
				       DWORD bAllAddresses, DWORD dwAddressID,
				       LPLINEFORWARDLIST lpForwardList, DWORD dwNumRingsNoAnswer,
				       HTAPICALL htConsultCall, LPHDRVCALL lphdConsultCall,
				       LPLINECALLPARAMS lpCallParams);

/* Collects digits; a null buffer cancels. LINE_GATHERDIGITS carries dwEndToEndID back */
TSPI_API LONG TSPIAPI TSPI_lineGatherDigits(HDRVCALL hdCall, DWORD dwEndToEndID, DWORD dwDigitModes,
					    LPWSTR lpsDigits, DWORD dwNumDigits,
					    LPCWSTR lpszTerminationDigits,
					    DWORD dwFirstDigitTimeout, DWORD dwInterDigitTimeout);

/* Sends in-band digits; LINE_GENERATE carries dwEndToEndID back. A null string cancels */
TSPI_API LONG TSPIAPI TSPI_lineGenerateDigits(HDRVCALL hdCall, DWORD dwEndToEndID,
					      DWORD dwDigitMode, LPCWSTR lpszDigits,
					      DWORD dwDuration);

/* Sends a tone; LINE_GENERATE carries dwEndToEndID back */
TSPI_API LONG TSPIAPI TSPI_lineGenerateTone(HDRVCALL hdCall, DWORD dwEndToEndID, DWORD dwToneMode,
					    DWORD dwDuration, DWORD dwNumTones,
					    LPLINEGENERATETONE lpTones);

/* Capabilities of an address, line open or not */
TSPI_API LONG TSPIAPI TSPI_lineGetAddressCaps(DWORD dwDeviceID, DWORD dwAddressID,
					      DWORD dwTSPIVersion, DWORD dwExtVersion,
					      LPLINEADDRESSCAPS lpAddressCaps);

/* Id of the address with this text */
TSPI_API LONG TSPIAPI TSPI_lineGetAddressID(HDRVLINE hdLine, LPDWORD lpdwAddressID,
					    DWORD dwAddressMode, LPCWSTR lpsAddress, DWORD dwSize);

/* State of an address */
TSPI_API LONG TSPIAPI TSPI_lineGetAddressStatus(HDRVLINE hdLine, DWORD dwAddressID,
						LPLINEADDRESSSTATUS lpAddressStatus);

/* Address a call is on */
TSPI_API LONG TSPIAPI TSPI_lineGetCallAddressID(HDRVCALL hdCall, LPDWORD lpdwAddressID);

/* Call hub tracking that is possible and in force */
TSPI_API LONG TSPIAPI TSPI_lineGetCallHubTracking(HDRVLINE hdLine,
						  LPLINECALLHUBTRACKINGINFO lpTrackingInfo);

/* Address, call id and related call id */
TSPI_API LONG TSPIAPI TSPI_lineGetCallIDs(HDRVCALL hdCall, LPDWORD lpdwAddressID,
					  LPDWORD lpdwCallID, LPDWORD lpdwRelatedCallID);

/* Facts about a call, without the members that tapisrv owns */
TSPI_API LONG TSPIAPI TSPI_lineGetCallInfo(HDRVCALL hdCall, LPLINECALLINFO lpCallInfo);

/* State and features of a call; leave dwCallPrivilege alone */
TSPI_API LONG TSPIAPI TSPI_lineGetCallStatus(HDRVCALL hdCall, LPLINECALLSTATUS lpCallStatus);

/* Capabilities of a line, open or not. Fills LINEDEVCAPS by the size protocol */
TSPI_API LONG TSPIAPI TSPI_lineGetDevCaps(DWORD dwDeviceID, DWORD dwTSPIVersion, DWORD dwExtVersion,
					  LPLINEDEVCAPS lpLineDevCaps);

/* Configuration block of a media device, opaque to everybody else */
TSPI_API LONG TSPIAPI TSPI_lineGetDevConfig(DWORD dwDeviceID, LPVARSTRING lpDeviceConfig,
					    LPCWSTR lpszDeviceClass);

/* Name of the vendor extension, all zero for none */
TSPI_API LONG TSPIAPI TSPI_lineGetExtensionID(DWORD dwDeviceID, DWORD dwTSPIVersion,
					      LPLINEEXTENSIONID lpExtensionID);

/* Device of a class (wave/in, comm ...) behind a line, an address or a call */
TSPI_API LONG TSPIAPI TSPI_lineGetID(HDRVLINE hdLine, DWORD dwAddressID, HDRVCALL hdCall,
				     DWORD dwSelect, LPVARSTRING lpDeviceID,
				     LPCWSTR lpszDeviceClass, HANDLE hTargetProcess);

/* Obsolete on Linux, never called */
TSPI_API LONG TSPIAPI TSPI_lineGetIcon(DWORD dwDeviceID, LPCWSTR lpszDeviceClass, LPHICON lphIcon);

/* State of an open line. Leave dwNumOpens, dwOpenMediaModes and the application list alone */
TSPI_API LONG TSPIAPI TSPI_lineGetLineDevStatus(HDRVLINE hdLine, LPLINEDEVSTATUS lpLineDevStatus);

/* Number of addresses of an open line */
TSPI_API LONG TSPIAPI TSPI_lineGetNumAddressIDs(HDRVLINE hdLine, LPDWORD lpdwNumAddressIDs);

/* Hard hold */
TSPI_API LONG TSPIAPI TSPI_lineHold(DRV_REQUESTID dwRequestID, HDRVCALL hdCall);

/* Class of the MSP that handles the line's media; asked only with LINEDEVCAPFLAGS_MSP */
TSPI_API LONG TSPIAPI TSPI_lineMSPIdentify(DWORD dwDeviceID, GUID *pCLSID);

/*
 * New outgoing call. Writes *lphdCall before returning; nobody uses that handle until the
 * request is completed with 0, at DIALTONE to PROCEEDING
 */
TSPI_API LONG TSPIAPI TSPI_lineMakeCall(DRV_REQUESTID dwRequestID, HDRVLINE hdLine,
					HTAPICALL htCall, LPHDRVCALL lphdCall,
					LPCWSTR lpszDestAddress, DWORD dwCountryCode,
					LPLINECALLPARAMS lpCallParams);

/* Digit modes to report from now on, 0 to stop */
TSPI_API LONG TSPIAPI TSPI_lineMonitorDigits(HDRVCALL hdCall, DWORD dwDigitModes);

/* Media types to report from now on, 0 to stop */
TSPI_API LONG TSPIAPI TSPI_lineMonitorMedia(HDRVCALL hdCall, DWORD dwMediaModes);

/* Tones to report from now on; a null list ends list dwToneListID */
TSPI_API LONG TSPIAPI TSPI_lineMonitorTones(HDRVCALL hdCall, DWORD dwToneListID,
					    LPLINEMONITORTONE lpToneList, DWORD dwNumEntries);

/* Highest extension version both sides can */
TSPI_API LONG TSPIAPI TSPI_lineNegotiateExtVersion(DWORD dwDeviceID, DWORD dwTSPIVersion,
						   DWORD dwLowVersion, DWORD dwHighVersion,
						   LPDWORD lpdwExtVersion);

/*
 * Highest version both sides can; INITIALIZE_NEGOTIATION as id asks about the whole provider,
 * before Init. LINEERR_INCOMPATIBLEAPIVERSION when there is none
 */
TSPI_API LONG TSPIAPI TSPI_lineNegotiateTSPIVersion(DWORD dwDeviceID, DWORD dwLowVersion,
						    DWORD dwHighVersion, LPDWORD lpdwTSPIVersion);

/*
 * First application opened the line. Events go to lpfnEventProc with htLine; the version stays
 * until the line is closed
 */
TSPI_API LONG TSPIAPI TSPI_lineOpen(DWORD dwDeviceID, HTAPILINE htLine, LPHDRVLINE lphdLine,
				    DWORD dwTSPIVersion, LINEEVENT lpfnEventProc);

/* Parks a call at an address, or where the switch chooses */
TSPI_API LONG TSPIAPI TSPI_linePark(DRV_REQUESTID dwRequestID, HDRVCALL hdCall, DWORD dwParkMode,
				    LPCWSTR lpszDirAddress, LPVARSTRING lpNonDirAddress);

/* Takes a call that alerts elsewhere */
TSPI_API LONG TSPIAPI TSPI_linePickup(DRV_REQUESTID dwRequestID, HDRVLINE hdLine, DWORD dwAddressID,
				      HTAPICALL htCall, LPHDRVCALL lphdCall,
				      LPCWSTR lpszDestAddress, LPCWSTR lpszGroupID);

/* Holds a conference and makes a consultation call */
TSPI_API LONG TSPIAPI TSPI_linePrepareAddToConference(DRV_REQUESTID dwRequestID,
						      HDRVCALL hdConfCall, HTAPICALL htConsultCall,
						      LPHDRVCALL lphdConsultCall,
						      LPLINECALLPARAMS lpCallParams);

/* Opaque bytes from an MSP; hdCall is 0 when they are about the address. Copy what you keep */
TSPI_API LONG TSPIAPI TSPI_lineReceiveMSPData(HDRVLINE hdLine, HDRVCALL hdCall,
					      HDRVMSPLINE hdMSPLine, LPVOID pBuffer, DWORD dwSize);

/* Deflects an offered call */
TSPI_API LONG TSPIAPI TSPI_lineRedirect(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
					LPCWSTR lpszDestAddress, DWORD dwCountryCode);

/* Lets the next received user-user block take the place of the present one */
TSPI_API LONG TSPIAPI TSPI_lineReleaseUserUserInfo(DRV_REQUESTID dwRequestID, HDRVCALL hdCall);

/* Takes a call out of its conference */
TSPI_API LONG TSPIAPI TSPI_lineRemoveFromConference(DRV_REQUESTID dwRequestID, HDRVCALL hdCall);

/* Protects a call from interruptions */
TSPI_API LONG TSPIAPI TSPI_lineSecureCall(DRV_REQUESTID dwRequestID, HDRVCALL hdCall);

/* Makes an extension version active for an open line; 0 ends it */
TSPI_API LONG TSPIAPI TSPI_lineSelectExtVersion(HDRVLINE hdLine, DWORD dwExtVersion);

/* Sends user-user information */
TSPI_API LONG TSPIAPI TSPI_lineSendUserUserInfo(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
						LPCSTR lpsUserUserInfo, DWORD dwSize);

/* One DWORD every application can see in LINECALLINFO */
TSPI_API LONG TSPIAPI TSPI_lineSetAppSpecific(HDRVCALL hdCall, DWORD dwAppSpecific);

/* Application data that travels with the call */
TSPI_API LONG TSPIAPI TSPI_lineSetCallData(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
					   LPVOID lpCallData, DWORD dwSize);

/* Changes it */
TSPI_API LONG TSPIAPI TSPI_lineSetCallHubTracking(HDRVLINE hdLine,
						  LPLINECALLHUBTRACKINGINFO lpTrackingInfo);

/* Changes bearer mode, rates or dial timing of a call */
TSPI_API LONG TSPIAPI TSPI_lineSetCallParams(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
					     DWORD dwBearerMode, DWORD dwMinRate, DWORD dwMaxRate,
					     LPLINEDIALPARAMS lpDialParams);

/* Flow specifications of a call */
TSPI_API LONG TSPIAPI TSPI_lineSetCallQualityOfService(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
						       LPVOID lpSendingFlowspec,
						       DWORD dwSendingFlowspecSize,
						       LPVOID lpReceivingFlowspec,
						       DWORD dwReceivingFlowspecSize);

/* What a waiting party hears */
TSPI_API LONG TSPIAPI TSPI_lineSetCallTreatment(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
						DWORD dwTreatment);

/* Obsolete, never called */
TSPI_API LONG TSPIAPI TSPI_lineSetCurrentLocation(DWORD dwLocation);

/* Media modes somebody wants to be offered: the union over all opens, 0 when nobody does */
TSPI_API LONG TSPIAPI TSPI_lineSetDefaultMediaDetection(HDRVLINE hdLine, DWORD dwMediaModes);

/* Restores such a block */
TSPI_API LONG TSPIAPI TSPI_lineSetDevConfig(DWORD dwDeviceID, LPVOID lpDeviceConfig, DWORD dwSize,
					    LPCWSTR lpszDeviceClass);

/* Sets message-waiting, connected, in-service, locked */
TSPI_API LONG TSPIAPI TSPI_lineSetLineDevStatus(DRV_REQUESTID dwRequestID, HDRVLINE hdLine,
						DWORD dwStatusToChange, DWORD fStatus);

/* Media actions tied to digits, tones, media and call states */
TSPI_API LONG TSPIAPI TSPI_lineSetMediaControl(HDRVLINE hdLine, DWORD dwAddressID, HDRVCALL hdCall,
					       DWORD dwSelect, LPLINEMEDIACONTROLDIGIT lpDigitList,
					       DWORD dwDigitNumEntries,
					       LPLINEMEDIACONTROLMEDIA lpMediaList,
					       DWORD dwMediaNumEntries,
					       LPLINEMEDIACONTROLTONE lpToneList,
					       DWORD dwToneNumEntries,
					       LPLINEMEDIACONTROLCALLSTATE lpCallStateList,
					       DWORD dwCallStateNumEntries);

/* Label of the call's media in LINECALLINFO */
TSPI_API LONG TSPIAPI TSPI_lineSetMediaMode(HDRVCALL hdCall, DWORD dwMediaMode);

/* States somebody wants to hear of: the union over all opens */
TSPI_API LONG TSPIAPI TSPI_lineSetStatusMessages(HDRVLINE hdLine, DWORD dwLineStates,
						 DWORD dwAddressStates);

/* Routes one class of low-level events of a line, address or call to a terminal */
TSPI_API LONG TSPIAPI TSPI_lineSetTerminal(DRV_REQUESTID dwRequestID, HDRVLINE hdLine,
					   DWORD dwAddressID, HDRVCALL hdCall, DWORD dwSelect,
					   DWORD dwTerminalModes, DWORD dwTerminalID,
					   DWORD bEnable);

/* Makes a conference call and a consultation call */
TSPI_API LONG TSPIAPI TSPI_lineSetupConference(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
					       HDRVLINE hdLine, HTAPICALL htConfCall,
					       LPHDRVCALL lphdConfCall, HTAPICALL htConsultCall,
					       LPHDRVCALL lphdConsultCall, DWORD dwNumParties,
					       LPLINECALLPARAMS lpCallParams);

/* Puts the call on pending-transfer hold and makes a consultation call */
TSPI_API LONG TSPIAPI TSPI_lineSetupTransfer(DRV_REQUESTID dwRequestID, HDRVCALL hdCall,
					     HTAPICALL htConsultCall, LPHDRVCALL lphdConsultCall,
					     LPLINECALLPARAMS lpCallParams);

/* Exchanges the active and the held call */
TSPI_API LONG TSPIAPI TSPI_lineSwapHold(DRV_REQUESTID dwRequestID, HDRVCALL hdActiveCall,
					HDRVCALL hdHeldCall);

/* Cancels a pending call completion */
TSPI_API LONG TSPIAPI TSPI_lineUncompleteCall(DRV_REQUESTID dwRequestID, HDRVLINE hdLine,
					      DWORD dwCompletionID);

/* Takes a call back from hold */
TSPI_API LONG TSPIAPI TSPI_lineUnhold(DRV_REQUESTID dwRequestID, HDRVCALL hdCall);

/* Fetches a parked call as a new call */
TSPI_API LONG TSPIAPI TSPI_lineUnpark(DRV_REQUESTID dwRequestID, HDRVLINE hdLine, DWORD dwAddressID,
				      HTAPICALL htCall, LPHDRVCALL lphdCall,
				      LPCWSTR lpszDestAddress);

/* Last application closed the phone: complete what is outstanding before returning */
TSPI_API LONG TSPIAPI TSPI_phoneClose(HDRVPHONE hdPhone);

/* Vendor escape */
TSPI_API LONG TSPIAPI TSPI_phoneDevSpecific(DRV_REQUESTID dwRequestID, HDRVPHONE hdPhone,
					    LPVOID lpParams, DWORD dwSize);

/* Function, state and text of a button */
TSPI_API LONG TSPIAPI TSPI_phoneGetButtonInfo(HDRVPHONE hdPhone, DWORD dwButtonLampID,
					      LPPHONEBUTTONINFO lpButtonInfo);

/* Reads a data area of the phone */
TSPI_API LONG TSPIAPI TSPI_phoneGetData(HDRVPHONE hdPhone, DWORD dwDataID, LPVOID lpData,
					DWORD dwSize);

/* Capabilities of a phone, open or not */
TSPI_API LONG TSPIAPI TSPI_phoneGetDevCaps(DWORD dwDeviceID, DWORD dwTSPIVersion,
					   DWORD dwExtVersion, LPPHONECAPS lpPhoneCaps);

/* Contents of the display */
TSPI_API LONG TSPIAPI TSPI_phoneGetDisplay(HDRVPHONE hdPhone, LPVARSTRING lpDisplay);

/* Name of the vendor extension, all zero for none */
TSPI_API LONG TSPIAPI TSPI_phoneGetExtensionID(DWORD dwDeviceID, DWORD dwTSPIVersion,
					       LPPHONEEXTENSIONID lpExtensionID);

/* Microphone gain of one device */
TSPI_API LONG TSPIAPI TSPI_phoneGetGain(HDRVPHONE hdPhone, DWORD dwHookSwitchDev, LPDWORD lpdwGain);

/* Which hook-switch devices are off hook */
TSPI_API LONG TSPIAPI TSPI_phoneGetHookSwitch(HDRVPHONE hdPhone, LPDWORD lpdwHookSwitchDevs);

/* Device of a class behind the phone */
TSPI_API LONG TSPIAPI TSPI_phoneGetID(HDRVPHONE hdPhone, LPVARSTRING lpDeviceID,
				      LPCWSTR lpszDeviceClass, HANDLE hTargetProcess);

/* Obsolete on Linux, never called */
TSPI_API LONG TSPIAPI TSPI_phoneGetIcon(DWORD dwDeviceID, LPCWSTR lpszDeviceClass, LPHICON lphIcon);

/* Mode of a lamp */
TSPI_API LONG TSPIAPI TSPI_phoneGetLamp(HDRVPHONE hdPhone, DWORD dwButtonLampID,
					LPDWORD lpdwLampMode);

/* Present ring mode and volume */
TSPI_API LONG TSPIAPI TSPI_phoneGetRing(HDRVPHONE hdPhone, LPDWORD lpdwRingMode,
					LPDWORD lpdwVolume);

/* Everything about the phone now; leave owner and monitor counts and the owner's name alone */
TSPI_API LONG TSPIAPI TSPI_phoneGetStatus(HDRVPHONE hdPhone, LPPHONESTATUS lpPhoneStatus);

/* Speaker volume of one device */
TSPI_API LONG TSPIAPI TSPI_phoneGetVolume(HDRVPHONE hdPhone, DWORD dwHookSwitchDev,
					  LPDWORD lpdwVolume);

/* Highest extension version both sides can */
TSPI_API LONG TSPIAPI TSPI_phoneNegotiateExtVersion(DWORD dwDeviceID, DWORD dwTSPIVersion,
						    DWORD dwLowVersion, DWORD dwHighVersion,
						    LPDWORD lpdwExtVersion);

/* Highest version both sides can */
TSPI_API LONG TSPIAPI TSPI_phoneNegotiateTSPIVersion(DWORD dwDeviceID, DWORD dwLowVersion,
						     DWORD dwHighVersion, LPDWORD lpdwTSPIVersion);

/* First application opened the phone. Events go to lpfnEventProc with htPhone */
TSPI_API LONG TSPIAPI TSPI_phoneOpen(DWORD dwDeviceID, HTAPIPHONE htPhone, LPHDRVPHONE lphdPhone,
				     DWORD dwTSPIVersion, PHONEEVENT lpfnEventProc);

/* Makes an extension version active for an open phone; 0 ends it */
TSPI_API LONG TSPIAPI TSPI_phoneSelectExtVersion(HDRVPHONE hdPhone, DWORD dwExtVersion);

/* Function and text of a button */
TSPI_API LONG TSPIAPI TSPI_phoneSetButtonInfo(DRV_REQUESTID dwRequestID, HDRVPHONE hdPhone,
					      DWORD dwButtonLampID, LPPHONEBUTTONINFO lpButtonInfo);

/* Writes a data area of the phone */
TSPI_API LONG TSPIAPI TSPI_phoneSetData(DRV_REQUESTID dwRequestID, HDRVPHONE hdPhone,
					DWORD dwDataID, LPVOID lpData, DWORD dwSize);

/* Writes to the display at a row and column */
TSPI_API LONG TSPIAPI TSPI_phoneSetDisplay(DRV_REQUESTID dwRequestID, HDRVPHONE hdPhone,
					   DWORD dwRow, DWORD dwColumn, LPCWSTR lpsDisplay,
					   DWORD dwSize);

/* Microphone gain of one device, 0 to 0xFFFF */
TSPI_API LONG TSPIAPI TSPI_phoneSetGain(DRV_REQUESTID dwRequestID, HDRVPHONE hdPhone,
					DWORD dwHookSwitchDev, DWORD dwGain);

/* Sets hook-switch devices to a mode */
TSPI_API LONG TSPIAPI TSPI_phoneSetHookSwitch(DRV_REQUESTID dwRequestID, HDRVPHONE hdPhone,
					      DWORD dwHookSwitchDevs, DWORD dwHookSwitchMode);

/* Mode of a lamp */
TSPI_API LONG TSPIAPI TSPI_phoneSetLamp(DRV_REQUESTID dwRequestID, HDRVPHONE hdPhone,
					DWORD dwButtonLampID, DWORD dwLampMode);

/* Rings in a mode and volume; mode 0 stops */
TSPI_API LONG TSPIAPI TSPI_phoneSetRing(DRV_REQUESTID dwRequestID, HDRVPHONE hdPhone,
					DWORD dwRingMode, DWORD dwVolume);

/* States, button modes and button states somebody wants to hear of */
TSPI_API LONG TSPIAPI TSPI_phoneSetStatusMessages(HDRVPHONE hdPhone, DWORD dwPhoneStates,
						  DWORD dwButtonModes, DWORD dwButtonStates);

/* Speaker volume of one device, 0 to 0xFFFF */
TSPI_API LONG TSPIAPI TSPI_phoneSetVolume(DRV_REQUESTID dwRequestID, HDRVPHONE hdPhone,
					  DWORD dwHookSwitchDev, DWORD dwVolume);

#ifdef __cplusplus
}
#endif

#endif /* TAPI_TSPI_H */

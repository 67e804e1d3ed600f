/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What to do about the numbers of TAPI. Errors of lines, phones and TAPI 3 share most of their
 * names, and many names share what there is to do.
 */
#include <stdbool.h>
#include <string.h>

#include "advice.h"

/**
 * struct advice - for one or more numbers
 * @names: without the prefix of the family, a blank before and behind each
 */
struct advice {
	const char *names, *text;
};

#define CHOOSE_CAPS "Ask for what the line can do first: 'tapictl line show LINE', " \
		    "lineGetDevCaps() and lineGetAddressCaps()."

static const struct advice errors[] = {
	{ " ALLOCATED INUSE DEVICEINUSE ",
	  "'tapictl line show LINE' names the programs that have the line open, 'tapictl client "
	  "list' all programs; end the one that holds it, or wait." },
	{ " BADDEVICEID INVALDEVICEID DEVICEIDUNAVAIL DEVICECLASSUNAVAIL ",
	  "'tapictl line list' shows the lines there are; numbers go from 0 and are never used "
	  "again." },
	{ " NODEVICE ",
	  "Close the handle. If the device comes back it has a new number, told by LINE_CREATE; "
	  "'tapictl provider list' shows whether its provider runs." },
	{ " NODRIVER ",
	  "'tapictl provider list' gives the reason; look into the journal (journalctl -u tapisrv "
	  "-u 'tapi-tsp@*') and at Module in providers.d." },
	{ " SERVICE_NOT_RUNNING ",
	  "Start it: systemctl start tapisrv.socket. If it runs, look at the path of the socket "
	  "and whether the user is in group telephony." },
	{ " UNINITIALIZED NOT_INITIALIZED ",
	  "Call lineInitializeEx() first, and again in a child after fork()." },
	{ " REINIT ", "Call lineShutdown(), then lineInitializeEx()." },
	{ " INCOMPATIBLEAPIVERSION INCOMPATIBLEEXTVERSION INVALEXTVERSION ",
	  "Negotiate with lineNegotiateAPIVersion() (lineNegotiateExtVersion()) for each line, "
	  "and use the version it returns in all calls about that line." },
	{ " INIFILECORRUPT REGISTRY_SETTING_CORRUPT ",
	  "The journal names file and line; correct it, then 'tapictl reload'." },
	{ " CALLUNAVAIL CONFERENCEFULL COMPLETIONOVERRUN MAXSTREAMS MAXTERMINALS ",
	  "End one that exists, or wait until one ends; 'tapictl line show LINE' tells how many "
	  "there can be." },
	{ " RESOURCEUNAVAIL REQUESTOVERRUN REQUESTQUEUEFULL NOMEM ",
	  "Try again later. If it lasts, 'tapictl client list' shows who uses most." },
	{ " NOTENOUGHMEMORY STRUCTURETOOSMALL ",
	  "Set dwTotalSize to the size of the buffer, at least that of the structure; when "
	  "dwNeededSize is larger afterwards, ask again with that much." },
	{ " OPERATIONFAILED REQUESTFAILED TEMPFAILURE ",
	  "tapi_last_error_detail() says who failed and why; so does the journal (journalctl -u "
	  "tapisrv -u 'tapi-tsp@*')." },
	{ " OPERATIONUNAVAIL NOTSUPPORTED INVALFEATURE BEARERMODEUNAVAIL RATEUNAVAIL "
	  "LINEMAPPERFAILED INVALMEDIAMODE INVALIDMEDIATYPE INVALBEARERMODE INVALRATE "
	  "INVALDEVICECLASS INVALTONE INVALTONELIST INVALTONEMODE INVALDIGITMODE INVALTIMEOUT "
	  "INVALTERMINALID INVALTERMINALMODE INVALTRANSFERMODE INVALPARKMODE "
	  "INVALCALLCOMPLMODE INVALADDRESSMODE INVALADDRESSTYPE USERUSERINFOTOOBIG "
	  "INVALDIALPARAMS INVALMODE ",
	  CHOOSE_CAPS },
	{ " DIALBILLING DIALDIALTONE DIALPROMPT DIALQUIET DIALVOICEDETECT "
	  "DIALMODIFIERNOTSUPPORTED ",
	  "Take the character out of the number, or put a pause (\",\") in its place. "
	  "'tapictl line show LINE' lists under flags what the line can wait for." },
	{ " INVALADDRESS INVALDESTADDRESS INVALDIGITS INVALDIGITLIST INVALCOUNTRYCODE ",
	  "Look at the characters of the number: digits, * and #, and dial modifiers the line "
	  "knows." },
	{ " INVALADDRESSID ",
	  "Addresses go from 0 to LINEDEVCAPS.dwNumAddresses - 1: 'tapictl line show LINE'." },
	{ " INVALAPPHANDLE INVALLINEHANDLE INVALCALLHANDLE INVALPHONEHANDLE INVALDEVICEHANDLE "
	  "INVALCONFCALLHANDLE INVALCONSULTCALLHANDLE ",
	  "The handle was closed, or is another program's. After LINE_CLOSE, and after IDLE and "
	  "lineDeallocateCall(), forget it." },
	{ " INVALCALLSTATE INVALLINESTATE INVALPHONESTATE WRONG_STATE NOTSTOPPED "
	  "INVALIDSTREAMSTATE DISCONNECTED DROPPED ",
	  "Look at the state first (lineGetCallStatus(), 'tapictl monitor LINE'): it has changed "
	  "meanwhile. dwCallFeatures tells what is possible now." },
	{ " NOTOWNER NOTADMIN ",
	  "Ask for it with lineSetCallPrivilege(LINECALLPRIVILEGE_OWNER), or open the line as "
	  "owner. Administrators belong to group telephony-admin." },
	{ " INVALPRIVSELECT INVALPRIVILEGE INVALCALLPRIVILEGE ",
	  "Privileges are NONE, MONITOR, OWNER, or MONITOR and OWNER together." },
	{ " INVALPOINTER INVALPARAM INVALCALLPARAMS INVALCALLSELECT INVALCALLSTATELIST "
	  "INVALADDRESSSTATE INVALMEDIALIST INVALLIST INVALREQUESTMODE INVALMESSAGEID "
	  "INVALIDDIRECTION INVALWINDOWHANDLE UNKNOWNWINHANDLE INVALAPPNAME ",
	  "Look at the arguments, with the description in tapi.h beside you; "
	  "tapi_last_error_detail() says which one if it is known." },
	{ " INVALCARD INVALLOCATION INVALGROUPID INVALCOMPLETIONID INVALPARKID NOCONFERENCE "
	  "UNKNOWNREQUESTID CALLNOTSELECTED NOITEMS NOREQUEST NOEVENT WRONGEVENT NOFORMAT "
	  "SCP_DOES_NOT_EXIST ",
	  "List what there is before you choose from it." },
	{ " NOTREGISTERED NOREQUESTRECIPIENT TARGETNOTFOUND ",
	  "Start a program that takes such calls or requests, or register for them." },
	{ " TARGETSELF ", "Hand the call to another program or another media mode." },
	{ " USERCANCELLED REQUESTCANCELLED ", "Nothing: somebody wanted it so." },
	{ " ADDRESSBLOCKED BILLINGREJECTED ",
	  "Ask who runs the line or the exchange; the service's rules are in access.d." },
	{ " NOMULTIPLEINSTANCE PROVIDERALREADYINSTALLED SCP_ALREADY_EXISTS ",
	  "Keep one of them: 'tapictl provider list'." },
	{ " INVALAGENTID INVALAGENTGROUP INVALPASSWORD INVALAGENTSTATE INVALAGENTACTIVITY "
	  "INVALAGENTSESSIONSTATE CALLCENTER_GROUP_REMOVED CALLCENTER_QUEUE_REMOVED "
	  "CALLCENTER_NO_AGENT_ID CALLCENTER_INVALAGENTID CALLCENTER_INVALAGENTGROUP "
	  "CALLCENTER_INVALPASSWORD CALLCENTER_INVALAGENTSTATE CALLCENTER_INVALAGENTACTIVITY ",
	  "Ask the call-centre handler for its agents, groups and queues again." },
	{ " INVALBUTTONLAMPID INVALBUTTONMODE INVALBUTTONSTATE INVALDATAID INVALHOOKSWITCHDEV "
	  "INVALHOOKSWITCHMODE INVALLAMPMODE INVALRINGMODE PHONENOTOPEN ",
	  "Ask for what the phone has first: phoneGetDevCaps()." },
	{ " INVALIDTERMINAL INVALIDTERMINALCLASS NOTERMINALSELECTED TERMINALINUSE INVALIDSTREAM "
	  "TERMINAL_PEER PEER_NOT_SET ",
	  "List the streams of the call and the terminals of the address, and select one free "
	  "terminal of the right direction on each stream." },
	{ " MMCWRITELOCKED ", "Wait until the other administrator is done." },
	{ " CONNECTED ", "Nothing: this is success." },
	{ " DESTBUSY DESTNOANSWER DESTUNAVAIL TIMEOUT ", "Call again later." },
};

static const struct advice disconnects[] = {
	{ " NORMAL CANCELLED PICKUP FORWARDED ", "Nothing: drop and deallocate the call." },
	{ " BUSY NOANSWER CONGESTION TEMPFAILURE DONOTDISTURB ", "Call again later." },
	{ " REJECT BLOCKED ", "Ask the other side, or who runs the exchange." },
	{ " BADADDRESS NUMBERCHANGED UNREACHABLE OUTOFORDER ",
	  "Look at the number; with a prefix for an outside line, at that, too." },
	{ " NODIALTONE ",
	  "Look at the cable and whether another telephone on the line is off the hook: "
	  "'tapictl line show LINE'." },
	{ " INCOMPATIBLE QOSUNAVAIL ", "Make the call with other media or bearer modes." },
	{ " UNKNOWN UNAVAIL ",
	  "Analogue lines often cannot tell; 'tapictl trace' shows what was heard." },
};

static const struct advice states[] = {
	{ " IDLE ", "lineDeallocateCall()." },
	{ " OFFERING ", "lineAnswer(), lineAccept() or lineDrop(); 'tapictl call answer LINE'." },
	{ " ACCEPTED ", "lineAnswer() or lineDrop()." },
	{ " DIALTONE ", "lineDial(), unless the number was given to lineMakeCall()." },
	{ " DIALING PROCEEDING RINGBACK ", "Wait, or lineDrop()." },
	{ " BUSY SPECIALINFO DISCONNECTED ", "lineDrop(), then lineDeallocateCall() at IDLE." },
	{ " CONNECTED ", "Talk; lineDrop() ends it." },
	{ " ONHOLD ONHOLDPENDCONF ONHOLDPENDTRANSFER ", "lineUnhold() or lineDrop()." },
	{ " CONFERENCED ", "lineDrop() leaves the conference." },
	{ " UNKNOWN ", "lineGetCallStatus() later; providers may not know every state." },
};

static const struct advice messages[] = {
	{ " LINE_CALLSTATE ", "The first parameter is the state, the second its detail: 'tapictl "
	  "explain' explains both." },
	{ " LINE_REPLY PHONE_REPLY ", "The first parameter is the number the function returned, "
	  "the second 0 or an error." },
	{ " LINE_CALLINFO ", "lineGetCallInfo(); the first parameter says what has changed." },
	{ " LINE_APPNEWCALL ", "The second parameter is the handle: keep it, and deallocate it at "
	  "IDLE." },
	{ " LINE_CLOSE PHONE_CLOSE LINE_REMOVE PHONE_REMOVE ",
	  "The handle is gone: do not use it again. 'tapictl provider list' may say why." },
	{ " LINE_CREATE PHONE_CREATE ", "Negotiate a version for the new device and use it." },
	{ " LINE_LINEDEVSTATE ", "lineGetLineDevStatus(); with REINIT, initialise again." },
	{ " LINE_ADDRESSSTATE ", "lineGetAddressStatus()." },
	{ " PHONE_STATE PHONE_BUTTON ", "phoneGetStatus()." },
	{ " LINE_GATHERDIGITS ", "The digits are in the buffer of lineGatherDigits()." },
	{ " LINE_GENERATE LINE_MONITORDIGITS LINE_MONITORMEDIA LINE_MONITORTONE ",
	  "Go on; the parameters say what was sent or heard." },
	{ " LINE_REQUEST LINE_PROXYREQUEST ", "Fetch it with lineGetRequest(), or answer it." },
	{ " LINE_DEVSPECIFIC LINE_DEVSPECIFICFEATURE LINE_DEVSPECIFICEX PHONE_DEVSPECIFIC "
	  "LINE_AGENTSPECIFIC ", "Read the documentation of the vendor." },
	{ " LINE_AGENTSTATUS LINE_AGENTSESSIONSTATUS LINE_QUEUESTATUS LINE_AGENTSTATUSEX "
	  "LINE_GROUPSTATUS LINE_PROXYSTATUS ", "Ask the call-centre handler again." },
	{ " LINE_APPNEWCALLHUB LINE_CALLHUBCLOSE ", "Nothing, unless the program tracks calls." },
	{ " LINE_NEWCALL LINE_CALLDEVSPECIFIC LINE_CALLDEVSPECIFICFEATURE "
	  "LINE_CREATEDIALOGINSTANCE LINE_SENDDIALOGINSTANCEDATA LINE_SENDMSPDATA LINE_QOSINFO ",
	  "Programs never see it; in traces it goes from a provider to the service." },
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static bool contains(const char *names, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = names; (at = strstr(at, name)); at++) {
		if (at[-1] == ' ' && at[length] == ' ')
			return true;
	}
	return false;
}

static const char *look_up(const struct advice *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (contains(list[i].names, name))
			return list[i].text;
	}
	return NULL;
}

const char *advice_for(enum errmap_family family, const struct errmap_entry *entry)
{
	const char *name = entry->name + strlen(errmap_tables[family].prefix);

	switch (family) {
	case ERRMAP_DISCONNECT:
		return look_up(disconnects, COUNT(disconnects), name);
	case ERRMAP_CALLSTATE:
		return look_up(states, COUNT(states), name);
	case ERRMAP_MESSAGE:
		return look_up(messages, COUNT(messages), name);
	default:
		return look_up(errors, COUNT(errors), name);
	}
}

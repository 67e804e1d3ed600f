/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Structures about calls: Windows member, message field.
 * Sizes of the fixed part are those of versions 1.3, 1.4, 2.0, 2.2, 3.0 and 3.1.
 */
#include <tapi/tapi.h>

#include "structs_private.h"
#include "tapi.pb-c.h"

static const struct sv_field linecallinfo_fields[] = {
	SV_U32(LINECALLINFO, hLine, CallInfo, line),
	SV_U32(LINECALLINFO, dwLineDeviceID, CallInfo, line_device_id),
	SV_U32(LINECALLINFO, dwAddressID, CallInfo, address_id),
	SV_U32(LINECALLINFO, dwBearerMode, CallInfo, bearer_mode),
	SV_U32(LINECALLINFO, dwRate, CallInfo, rate),
	SV_U32(LINECALLINFO, dwMediaMode, CallInfo, media_mode),
	SV_U32(LINECALLINFO, dwAppSpecific, CallInfo, app_specific),
	SV_U32(LINECALLINFO, dwCallID, CallInfo, call_id),
	SV_U32(LINECALLINFO, dwRelatedCallID, CallInfo, related_call_id),
	SV_U32(LINECALLINFO, dwCallParamFlags, CallInfo, call_param_flags),
	SV_U32(LINECALLINFO, dwCallStates, CallInfo, call_states),
	SV_U32(LINECALLINFO, dwMonitorDigitModes, CallInfo, monitor_digit_modes),
	SV_U32(LINECALLINFO, dwMonitorMediaModes, CallInfo, monitor_media_modes),
	SV_EMBED(LINECALLINFO, DialParams, CallInfo, dial_params, &sv_linedialparams),
	SV_U32(LINECALLINFO, dwOrigin, CallInfo, origin),
	SV_U32(LINECALLINFO, dwReason, CallInfo, reason),
	SV_U32(LINECALLINFO, dwCompletionID, CallInfo, completion_id),
	SV_U32(LINECALLINFO, dwNumOwners, CallInfo, num_owners),
	SV_U32(LINECALLINFO, dwNumMonitors, CallInfo, num_monitors),
	SV_U32(LINECALLINFO, dwCountryCode, CallInfo, country_code),
	SV_U32(LINECALLINFO, dwTrunk, CallInfo, trunk),
	SV_U32(LINECALLINFO, dwCallerIDFlags, CallInfo, caller_id_flags),
	SV_STR(LINECALLINFO, CallerID, CallInfo, caller_id),
	SV_STR(LINECALLINFO, CallerIDName, CallInfo, caller_id_name),
	SV_U32(LINECALLINFO, dwCalledIDFlags, CallInfo, called_id_flags),
	SV_STR(LINECALLINFO, CalledID, CallInfo, called_id),
	SV_STR(LINECALLINFO, CalledIDName, CallInfo, called_id_name),
	SV_U32(LINECALLINFO, dwConnectedIDFlags, CallInfo, connected_id_flags),
	SV_STR(LINECALLINFO, ConnectedID, CallInfo, connected_id),
	SV_STR(LINECALLINFO, ConnectedIDName, CallInfo, connected_id_name),
	SV_U32(LINECALLINFO, dwRedirectionIDFlags, CallInfo, redirection_id_flags),
	SV_STR(LINECALLINFO, RedirectionID, CallInfo, redirection_id),
	SV_STR(LINECALLINFO, RedirectionIDName, CallInfo, redirection_id_name),
	SV_U32(LINECALLINFO, dwRedirectingIDFlags, CallInfo, redirecting_id_flags),
	SV_STR(LINECALLINFO, RedirectingID, CallInfo, redirecting_id),
	SV_STR(LINECALLINFO, RedirectingIDName, CallInfo, redirecting_id_name),
	SV_STR(LINECALLINFO, AppName, CallInfo, app_name),
	SV_STR(LINECALLINFO, DisplayableAddress, CallInfo, displayable_address),
	SV_STR(LINECALLINFO, CalledParty, CallInfo, called_party),
	SV_STR(LINECALLINFO, Comment, CallInfo, comment),
	SV_STR(LINECALLINFO, Display, CallInfo, display),
	SV_BLOB(LINECALLINFO, UserUserInfo, CallInfo, user_user_info),
	SV_BLOB(LINECALLINFO, HighLevelComp, CallInfo, high_level_comp),
	SV_BLOB(LINECALLINFO, LowLevelComp, CallInfo, low_level_comp),
	SV_BLOB(LINECALLINFO, ChargingInfo, CallInfo, charging_info),
	SV_WORDS(LINECALLINFO, TerminalModes, CallInfo, terminal_modes),
	SV_BLOB(LINECALLINFO, DevSpecific, CallInfo, dev_specific),
	SV_U32(LINECALLINFO, dwCallTreatment, CallInfo, call_treatment),
	SV_BLOB(LINECALLINFO, CallData, CallInfo, call_data),
	SV_BLOB(LINECALLINFO, SendingFlowspec, CallInfo, sending_flowspec),
	SV_BLOB(LINECALLINFO, ReceivingFlowspec, CallInfo, receiving_flowspec),
	SV_U32(LINECALLINFO, dwCallerIDAddressType, CallInfo, caller_id_address_type),
	SV_U32(LINECALLINFO, dwCalledIDAddressType, CallInfo, called_id_address_type),
	SV_U32(LINECALLINFO, dwConnectedIDAddressType, CallInfo, connected_id_address_type),
	SV_U32(LINECALLINFO, dwRedirectionIDAddressType, CallInfo, redirection_id_address_type),
	SV_U32(LINECALLINFO, dwRedirectingIDAddressType, CallInfo, redirecting_id_address_type),
};

const struct sv_table sv_linecallinfo = {
	.name = "LINECALLINFO",
	.head = SV_OUTPUT,
	.fixed = { 296, 296, 324, 324, 344, 344 },
	.message = &tapi__rpc__call_info__descriptor,
	.fields = linecallinfo_fields,
	.count = SV_COUNT(linecallinfo_fields),
};

static const struct sv_field linecallstatus_fields[] = {
	SV_U32(LINECALLSTATUS, dwCallState, CallStatus, call_state),
	SV_U32(LINECALLSTATUS, dwCallStateMode, CallStatus, call_state_mode),
	SV_U32(LINECALLSTATUS, dwCallPrivilege, CallStatus, call_privilege),
	SV_U32(LINECALLSTATUS, dwCallFeatures, CallStatus, call_features),
	SV_BLOB(LINECALLSTATUS, DevSpecific, CallStatus, dev_specific),
	SV_U32(LINECALLSTATUS, dwCallFeatures2, CallStatus, call_features2),
	SV_TIME(LINECALLSTATUS, tStateEntryTime, CallStatus, state_entry_time),
};

const struct sv_table sv_linecallstatus = {
	.name = "LINECALLSTATUS",
	.head = SV_OUTPUT,
	.fixed = { 36, 36, 56, 56, 56, 56 },
	.message = &tapi__rpc__call_status__descriptor,
	.fields = linecallstatus_fields,
	.count = SV_COUNT(linecallstatus_fields),
};

static const struct sv_field linecallparams_fields[] = {
	SV_U32(LINECALLPARAMS, dwBearerMode, CallParams, bearer_mode),
	SV_U32(LINECALLPARAMS, dwMinRate, CallParams, min_rate),
	SV_U32(LINECALLPARAMS, dwMaxRate, CallParams, max_rate),
	SV_U32(LINECALLPARAMS, dwMediaMode, CallParams, media_mode),
	SV_U32(LINECALLPARAMS, dwCallParamFlags, CallParams, call_param_flags),
	SV_U32(LINECALLPARAMS, dwAddressMode, CallParams, address_mode),
	SV_U32(LINECALLPARAMS, dwAddressID, CallParams, address_id),
	SV_EMBED(LINECALLPARAMS, DialParams, CallParams, dial_params, &sv_linedialparams),
	SV_STR(LINECALLPARAMS, OrigAddress, CallParams, orig_address),
	SV_STR(LINECALLPARAMS, DisplayableAddress, CallParams, displayable_address),
	SV_STR(LINECALLPARAMS, CalledParty, CallParams, called_party),
	SV_STR(LINECALLPARAMS, Comment, CallParams, comment),
	SV_BLOB(LINECALLPARAMS, UserUserInfo, CallParams, user_user_info),
	SV_BLOB(LINECALLPARAMS, HighLevelComp, CallParams, high_level_comp),
	SV_BLOB(LINECALLPARAMS, LowLevelComp, CallParams, low_level_comp),
	SV_BLOB(LINECALLPARAMS, DevSpecific, CallParams, dev_specific),
	SV_U32(LINECALLPARAMS, dwPredictiveAutoTransferStates,
	       CallParams, predictive_auto_transfer_states),
	SV_STR(LINECALLPARAMS, TargetAddress, CallParams, target_address),
	SV_BLOB(LINECALLPARAMS, SendingFlowspec, CallParams, sending_flowspec),
	SV_BLOB(LINECALLPARAMS, ReceivingFlowspec, CallParams, receiving_flowspec),
	SV_STR(LINECALLPARAMS, DeviceClass, CallParams, device_class),
	SV_BLOB(LINECALLPARAMS, DeviceConfig, CallParams, device_config),
	SV_BLOB(LINECALLPARAMS, CallData, CallParams, call_data),
	SV_U32(LINECALLPARAMS, dwNoAnswerTimeout, CallParams, no_answer_timeout),
	SV_STR(LINECALLPARAMS, CallingPartyID, CallParams, calling_party_id),
	SV_U32(LINECALLPARAMS, dwAddressType, CallParams, address_type),
};

const struct sv_table sv_linecallparams = {
	.name = "LINECALLPARAMS",
	.head = SV_INPUT,
	.fixed = { 112, 112, 176, 176, 180, 180 },
	.message = &tapi__rpc__call_params__descriptor,
	.fields = linecallparams_fields,
	.count = SV_COUNT(linecallparams_fields),
};

static const struct sv_field linecalllist_fields[] = {
	SV_HANDLES(LINECALLLIST, Calls, CallList, calls, dwCallsNumEntries),
};

const struct sv_table sv_linecalllist = {
	.name = "LINECALLLIST",
	.head = SV_OUTPUT,
	.fixed = { 24, 24, 24, 24, 24, 24 },
	.message = &tapi__rpc__call_list__descriptor,
	.fields = linecalllist_fields,
	.count = SV_COUNT(linecalllist_fields),
};

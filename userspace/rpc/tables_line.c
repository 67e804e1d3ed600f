/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Structures about lines and addresses: Windows member, message field.
 * Sizes of the fixed part are those of versions 1.3, 1.4, 2.0, 2.2, 3.0 and 3.1.
 */
#include <tapi/tapi.h>

#include "structs_private.h"
#include "tapi.pb-c.h"

static const struct sv_field linedialparams_fields[] = {
	SV_U32(LINEDIALPARAMS, dwDialPause, DialParams, dial_pause),
	SV_U32(LINEDIALPARAMS, dwDialSpeed, DialParams, dial_speed),
	SV_U32(LINEDIALPARAMS, dwDigitDuration, DialParams, digit_duration),
	SV_U32(LINEDIALPARAMS, dwWaitForDialtone, DialParams, wait_for_dialtone),
};

const struct sv_table sv_linedialparams = {
	.name = "LINEDIALPARAMS",
	.head = SV_ELEMENT,
	.fixed = { 16, 16, 16, 16, 16, 16 },
	.message = &tapi__rpc__dial_params__descriptor,
	.fields = linedialparams_fields,
	.count = SV_COUNT(linedialparams_fields),
};

static const struct sv_field linetermcaps_fields[] = {
	SV_U32(LINETERMCAPS, dwTermDev, TerminalCaps, term_dev),
	SV_U32(LINETERMCAPS, dwTermModes, TerminalCaps, term_modes),
	SV_U32(LINETERMCAPS, dwTermSharing, TerminalCaps, term_sharing),
};

const struct sv_table sv_linetermcaps = {
	.name = "LINETERMCAPS",
	.head = SV_ELEMENT,
	.fixed = { 12, 12, 12, 12, 12, 12 },
	.message = &tapi__rpc__terminal_caps__descriptor,
	.fields = linetermcaps_fields,
	.count = SV_COUNT(linetermcaps_fields),
};

static const struct sv_field linecalltreatmententry_fields[] = {
	SV_U32(LINECALLTREATMENTENTRY, dwCallTreatmentID, CallTreatment, call_treatment_id),
	SV_STR(LINECALLTREATMENTENTRY, CallTreatmentName, CallTreatment, call_treatment_name),
};

const struct sv_table sv_linecalltreatmententry = {
	.name = "LINECALLTREATMENTENTRY",
	.head = SV_ELEMENT,
	.fixed = { 12, 12, 12, 12, 12, 12 },
	.message = &tapi__rpc__call_treatment__descriptor,
	.fields = linecalltreatmententry_fields,
	.count = SV_COUNT(linecalltreatmententry_fields),
};

static const struct sv_field lineappinfo_fields[] = {
	SV_STR(LINEAPPINFO, MachineName, AppInfo, machine_name),
	SV_STR(LINEAPPINFO, UserName, AppInfo, user_name),
	SV_STR(LINEAPPINFO, ModuleFilename, AppInfo, module_filename),
	SV_STR(LINEAPPINFO, FriendlyName, AppInfo, friendly_name),
	SV_U32(LINEAPPINFO, dwMediaModes, AppInfo, media_modes),
	SV_U32(LINEAPPINFO, dwAddressID, AppInfo, address_id),
};

const struct sv_table sv_lineappinfo = {
	.name = "LINEAPPINFO",
	.head = SV_ELEMENT,
	.fixed = { 40, 40, 40, 40, 40, 40 },
	.message = &tapi__rpc__app_info__descriptor,
	.fields = lineappinfo_fields,
	.count = SV_COUNT(lineappinfo_fields),
};

static const struct sv_field lineforward_fields[] = {
	SV_U32(LINEFORWARD, dwForwardMode, ForwardEntry, forward_mode),
	SV_STR(LINEFORWARD, CallerAddress, ForwardEntry, caller_address),
	SV_U32(LINEFORWARD, dwDestCountryCode, ForwardEntry, dest_country_code),
	SV_STR(LINEFORWARD, DestAddress, ForwardEntry, dest_address),
	SV_U32(LINEFORWARD, dwCallerAddressType, ForwardEntry, caller_address_type),
	SV_U32(LINEFORWARD, dwDestAddressType, ForwardEntry, dest_address_type),
};

const struct sv_table sv_lineforward = {
	.name = "LINEFORWARD",
	.head = SV_ELEMENT,
	.fixed = { 24, 24, 24, 24, 24, 32 },
	.message = &tapi__rpc__forward_entry__descriptor,
	.fields = lineforward_fields,
	.count = SV_COUNT(lineforward_fields),
};

static const struct sv_field linedevcaps_fields[] = {
	SV_STR(LINEDEVCAPS, ProviderInfo, DevCaps, provider_info),
	SV_STR(LINEDEVCAPS, SwitchInfo, DevCaps, switch_info),
	SV_U32(LINEDEVCAPS, dwPermanentLineID, DevCaps, permanent_line_id),
	SV_STR(LINEDEVCAPS, LineName, DevCaps, line_name),
	SV_U32(LINEDEVCAPS, dwStringFormat, DevCaps, string_format),
	SV_U32(LINEDEVCAPS, dwAddressModes, DevCaps, address_modes),
	SV_U32(LINEDEVCAPS, dwNumAddresses, DevCaps, num_addresses),
	SV_U32(LINEDEVCAPS, dwBearerModes, DevCaps, bearer_modes),
	SV_U32(LINEDEVCAPS, dwMaxRate, DevCaps, max_rate),
	SV_U32(LINEDEVCAPS, dwMediaModes, DevCaps, media_modes),
	SV_U32(LINEDEVCAPS, dwGenerateToneModes, DevCaps, generate_tone_modes),
	SV_U32(LINEDEVCAPS, dwGenerateToneMaxNumFreq, DevCaps, generate_tone_max_num_freq),
	SV_U32(LINEDEVCAPS, dwGenerateDigitModes, DevCaps, generate_digit_modes),
	SV_U32(LINEDEVCAPS, dwMonitorToneMaxNumFreq, DevCaps, monitor_tone_max_num_freq),
	SV_U32(LINEDEVCAPS, dwMonitorToneMaxNumEntries, DevCaps, monitor_tone_max_num_entries),
	SV_U32(LINEDEVCAPS, dwMonitorDigitModes, DevCaps, monitor_digit_modes),
	SV_U32(LINEDEVCAPS, dwGatherDigitsMinTimeout, DevCaps, gather_digits_min_timeout),
	SV_U32(LINEDEVCAPS, dwGatherDigitsMaxTimeout, DevCaps, gather_digits_max_timeout),
	SV_U32(LINEDEVCAPS, dwMedCtlDigitMaxListSize, DevCaps, med_ctl_digit_max_list_size),
	SV_U32(LINEDEVCAPS, dwMedCtlMediaMaxListSize, DevCaps, med_ctl_media_max_list_size),
	SV_U32(LINEDEVCAPS, dwMedCtlToneMaxListSize, DevCaps, med_ctl_tone_max_list_size),
	SV_U32(LINEDEVCAPS, dwMedCtlCallStateMaxListSize,
	       DevCaps, med_ctl_call_state_max_list_size),
	SV_U32(LINEDEVCAPS, dwDevCapFlags, DevCaps, dev_cap_flags),
	SV_U32(LINEDEVCAPS, dwMaxNumActiveCalls, DevCaps, max_num_active_calls),
	SV_U32(LINEDEVCAPS, dwAnswerMode, DevCaps, answer_mode),
	SV_U32(LINEDEVCAPS, dwRingModes, DevCaps, ring_modes),
	SV_U32(LINEDEVCAPS, dwLineStates, DevCaps, line_states),
	SV_U32(LINEDEVCAPS, dwUUIAcceptSize, DevCaps, uui_accept_size),
	SV_U32(LINEDEVCAPS, dwUUIAnswerSize, DevCaps, uui_answer_size),
	SV_U32(LINEDEVCAPS, dwUUIMakeCallSize, DevCaps, uui_make_call_size),
	SV_U32(LINEDEVCAPS, dwUUIDropSize, DevCaps, uui_drop_size),
	SV_U32(LINEDEVCAPS, dwUUISendUserUserInfoSize, DevCaps, uui_send_user_user_info_size),
	SV_U32(LINEDEVCAPS, dwUUICallInfoSize, DevCaps, uui_call_info_size),
	SV_EMBED(LINEDEVCAPS, MinDialParams, DevCaps, min_dial_params, &sv_linedialparams),
	SV_EMBED(LINEDEVCAPS, MaxDialParams, DevCaps, max_dial_params, &sv_linedialparams),
	SV_EMBED(LINEDEVCAPS, DefaultDialParams, DevCaps, default_dial_params, &sv_linedialparams),
	SV_U32(LINEDEVCAPS, dwNumTerminals, DevCaps, num_terminals),
	SV_ARRAY(LINEDEVCAPS, TerminalCaps, DevCaps, terminal_caps, &sv_linetermcaps),
	SV_TEXTS(LINEDEVCAPS, TerminalText, DevCaps, terminal_text),
	SV_BLOB(LINEDEVCAPS, DevSpecific, DevCaps, dev_specific),
	SV_U32(LINEDEVCAPS, dwLineFeatures, DevCaps, line_features),
	SV_U32(LINEDEVCAPS, dwSettableDevStatus, DevCaps, settable_dev_status),
	SV_MULTISZ(LINEDEVCAPS, DeviceClasses, DevCaps, device_classes),
	SV_GUID(LINEDEVCAPS, PermanentLineGuid, DevCaps, permanent_line_guid),
	SV_U32(LINEDEVCAPS, dwAddressTypes, DevCaps, address_types),
	SV_GUID(LINEDEVCAPS, ProtocolGuid, DevCaps, protocol_guid),
	SV_U32(LINEDEVCAPS, dwAvailableTracking, DevCaps, available_tracking),
};

const struct sv_table sv_linedevcaps = {
	.name = "LINEDEVCAPS",
	.head = SV_OUTPUT,
	.fixed = { 236, 240, 252, 268, 292, 292 },
	.message = &tapi__rpc__dev_caps__descriptor,
	.fields = linedevcaps_fields,
	.count = SV_COUNT(linedevcaps_fields),
};

static const struct sv_field lineaddresscaps_fields[] = {
	SV_U32(LINEADDRESSCAPS, dwLineDeviceID, AddressCaps, line_device_id),
	SV_STR(LINEADDRESSCAPS, Address, AddressCaps, address),
	SV_BLOB(LINEADDRESSCAPS, DevSpecific, AddressCaps, dev_specific),
	SV_U32(LINEADDRESSCAPS, dwAddressSharing, AddressCaps, address_sharing),
	SV_U32(LINEADDRESSCAPS, dwAddressStates, AddressCaps, address_states),
	SV_U32(LINEADDRESSCAPS, dwCallInfoStates, AddressCaps, call_info_states),
	SV_U32(LINEADDRESSCAPS, dwCallerIDFlags, AddressCaps, caller_id_flags),
	SV_U32(LINEADDRESSCAPS, dwCalledIDFlags, AddressCaps, called_id_flags),
	SV_U32(LINEADDRESSCAPS, dwConnectedIDFlags, AddressCaps, connected_id_flags),
	SV_U32(LINEADDRESSCAPS, dwRedirectionIDFlags, AddressCaps, redirection_id_flags),
	SV_U32(LINEADDRESSCAPS, dwRedirectingIDFlags, AddressCaps, redirecting_id_flags),
	SV_U32(LINEADDRESSCAPS, dwCallStates, AddressCaps, call_states),
	SV_U32(LINEADDRESSCAPS, dwDialToneModes, AddressCaps, dial_tone_modes),
	SV_U32(LINEADDRESSCAPS, dwBusyModes, AddressCaps, busy_modes),
	SV_U32(LINEADDRESSCAPS, dwSpecialInfo, AddressCaps, special_info),
	SV_U32(LINEADDRESSCAPS, dwDisconnectModes, AddressCaps, disconnect_modes),
	SV_U32(LINEADDRESSCAPS, dwMaxNumActiveCalls, AddressCaps, max_num_active_calls),
	SV_U32(LINEADDRESSCAPS, dwMaxNumOnHoldCalls, AddressCaps, max_num_on_hold_calls),
	SV_U32(LINEADDRESSCAPS, dwMaxNumOnHoldPendingCalls,
	       AddressCaps, max_num_on_hold_pending_calls),
	SV_U32(LINEADDRESSCAPS, dwMaxNumConference, AddressCaps, max_num_conference),
	SV_U32(LINEADDRESSCAPS, dwMaxNumTransConf, AddressCaps, max_num_trans_conf),
	SV_U32(LINEADDRESSCAPS, dwAddrCapFlags, AddressCaps, addr_cap_flags),
	SV_U32(LINEADDRESSCAPS, dwCallFeatures, AddressCaps, call_features),
	SV_U32(LINEADDRESSCAPS, dwRemoveFromConfCaps, AddressCaps, remove_from_conf_caps),
	SV_U32(LINEADDRESSCAPS, dwRemoveFromConfState, AddressCaps, remove_from_conf_state),
	SV_U32(LINEADDRESSCAPS, dwTransferModes, AddressCaps, transfer_modes),
	SV_U32(LINEADDRESSCAPS, dwParkModes, AddressCaps, park_modes),
	SV_U32(LINEADDRESSCAPS, dwForwardModes, AddressCaps, forward_modes),
	SV_U32(LINEADDRESSCAPS, dwMaxForwardEntries, AddressCaps, max_forward_entries),
	SV_U32(LINEADDRESSCAPS, dwMaxSpecificEntries, AddressCaps, max_specific_entries),
	SV_U32(LINEADDRESSCAPS, dwMinFwdNumRings, AddressCaps, min_fwd_num_rings),
	SV_U32(LINEADDRESSCAPS, dwMaxFwdNumRings, AddressCaps, max_fwd_num_rings),
	SV_U32(LINEADDRESSCAPS, dwMaxCallCompletions, AddressCaps, max_call_completions),
	SV_U32(LINEADDRESSCAPS, dwCallCompletionConds, AddressCaps, call_completion_conds),
	SV_U32(LINEADDRESSCAPS, dwCallCompletionModes, AddressCaps, call_completion_modes),
	SV_U32(LINEADDRESSCAPS, dwNumCompletionMessages, AddressCaps, num_completion_messages),
	SV_TEXTS(LINEADDRESSCAPS, CompletionMsgText, AddressCaps, completion_msg_text),
	SV_U32(LINEADDRESSCAPS, dwAddressFeatures, AddressCaps, address_features),
	SV_U32(LINEADDRESSCAPS, dwPredictiveAutoTransferStates,
	       AddressCaps, predictive_auto_transfer_states),
	SV_LIST(LINEADDRESSCAPS, CallTreatmentList,
		AddressCaps, call_treatments, &sv_linecalltreatmententry, dwNumCallTreatments),
	SV_MULTISZ(LINEADDRESSCAPS, DeviceClasses, AddressCaps, device_classes),
	SV_U32(LINEADDRESSCAPS, dwMaxCallDataSize, AddressCaps, max_call_data_size),
	SV_U32(LINEADDRESSCAPS, dwCallFeatures2, AddressCaps, call_features2),
	SV_U32(LINEADDRESSCAPS, dwMaxNoAnswerTimeout, AddressCaps, max_no_answer_timeout),
	SV_U32(LINEADDRESSCAPS, dwConnectedModes, AddressCaps, connected_modes),
	SV_U32(LINEADDRESSCAPS, dwOfferingModes, AddressCaps, offering_modes),
	SV_U32(LINEADDRESSCAPS, dwAvailableMediaModes, AddressCaps, available_media_modes),
};

const struct sv_table sv_lineaddresscaps = {
	.name = "LINEADDRESSCAPS",
	.head = SV_OUTPUT,
	.fixed = { 180, 180, 228, 228, 228, 228 },
	.message = &tapi__rpc__address_caps__descriptor,
	.fields = lineaddresscaps_fields,
	.count = SV_COUNT(lineaddresscaps_fields),
};

static const struct sv_field linedevstatus_fields[] = {
	SV_U32(LINEDEVSTATUS, dwNumOpens, DevStatus, num_opens),
	SV_U32(LINEDEVSTATUS, dwOpenMediaModes, DevStatus, open_media_modes),
	SV_U32(LINEDEVSTATUS, dwNumActiveCalls, DevStatus, num_active_calls),
	SV_U32(LINEDEVSTATUS, dwNumOnHoldCalls, DevStatus, num_on_hold_calls),
	SV_U32(LINEDEVSTATUS, dwNumOnHoldPendCalls, DevStatus, num_on_hold_pend_calls),
	SV_U32(LINEDEVSTATUS, dwLineFeatures, DevStatus, line_features),
	SV_U32(LINEDEVSTATUS, dwNumCallCompletions, DevStatus, num_call_completions),
	SV_U32(LINEDEVSTATUS, dwRingMode, DevStatus, ring_mode),
	SV_U32(LINEDEVSTATUS, dwSignalLevel, DevStatus, signal_level),
	SV_U32(LINEDEVSTATUS, dwBatteryLevel, DevStatus, battery_level),
	SV_U32(LINEDEVSTATUS, dwRoamMode, DevStatus, roam_mode),
	SV_U32(LINEDEVSTATUS, dwDevStatusFlags, DevStatus, dev_status_flags),
	SV_WORDS(LINEDEVSTATUS, TerminalModes, DevStatus, terminal_modes),
	SV_BLOB(LINEDEVSTATUS, DevSpecific, DevStatus, dev_specific),
	SV_U32(LINEDEVSTATUS, dwAvailableMediaModes, DevStatus, available_media_modes),
	SV_ARRAY(LINEDEVSTATUS, AppInfo, DevStatus, app_info, &sv_lineappinfo),
};

const struct sv_table sv_linedevstatus = {
	.name = "LINEDEVSTATUS",
	.head = SV_OUTPUT,
	.fixed = { 76, 76, 88, 88, 88, 88 },
	.message = &tapi__rpc__dev_status__descriptor,
	.fields = linedevstatus_fields,
	.count = SV_COUNT(linedevstatus_fields),
};

static const struct sv_field lineaddressstatus_fields[] = {
	SV_U32(LINEADDRESSSTATUS, dwNumInUse, AddressStatus, num_in_use),
	SV_U32(LINEADDRESSSTATUS, dwNumActiveCalls, AddressStatus, num_active_calls),
	SV_U32(LINEADDRESSSTATUS, dwNumOnHoldCalls, AddressStatus, num_on_hold_calls),
	SV_U32(LINEADDRESSSTATUS, dwNumOnHoldPendCalls, AddressStatus, num_on_hold_pend_calls),
	SV_U32(LINEADDRESSSTATUS, dwAddressFeatures, AddressStatus, address_features),
	SV_U32(LINEADDRESSSTATUS, dwNumRingsNoAnswer, AddressStatus, num_rings_no_answer),
	SV_LIST(LINEADDRESSSTATUS, Forward,
		AddressStatus, forward, &sv_lineforward, dwForwardNumEntries),
	SV_WORDS(LINEADDRESSSTATUS, TerminalModes, AddressStatus, terminal_modes),
	SV_BLOB(LINEADDRESSSTATUS, DevSpecific, AddressStatus, dev_specific),
};

const struct sv_table sv_lineaddressstatus = {
	.name = "LINEADDRESSSTATUS",
	.head = SV_OUTPUT,
	.fixed = { 64, 64, 64, 64, 64, 64 },
	.message = &tapi__rpc__address_status__descriptor,
	.fields = lineaddressstatus_fields,
	.count = SV_COUNT(lineaddressstatus_fields),
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls: their life, from either side, and the states a program sees. */
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "record.h"

/* First guess of LINECALLINFO; it grows when that is not enough */
#define INFO_SIZE	1024

static const struct msp_address_ops *msp_of(struct tapi3_call *call)
{
	return call->msp ? call->address->host.module->address : NULL;
}

static int create_msp_call(struct tapi3_call *call)
{
	struct msp_host_address *host = &call->address->host;
	int err;

	if (!host->msp)
		return 0;
	record_to_msp("call_create");
	err = host->module->address->call_create(host->msp, host_of_call(call), call->media,
						 &call->msp);
	if (!err)
		return streams_create(call);
	call->msp = NULL;
	return tapi3_fail(call->address->tapi,
			  err == -EINVAL ? TAPI3_E_INVALIDMEDIATYPE : TAPI3_E_FAILED,
			  "%s refused the call: %s", host->module->name, strerror(-err));
}

int call_new(struct tapi3_address *address, struct tapi3_call **out)
{
	struct tapi3_call *call = calloc(1, sizeof(*call));

	if (!call)
		return tapi3_fail(address->tapi, TAPI3_E_NOMEM, "out of memory");
	call->refs = 1;
	call->address = tapi3_address_ref(address);
	call->media = TAPI3_MEDIA_AUDIO;
	list_append(&address->calls, &call->node);
	*out = call;
	return 0;
}

static void forget_info(struct tapi3_call *call)
{
	for (size_t i = 0; i < sizeof(call->strings) / sizeof(call->strings[0]); i++) {
		free(call->strings[i]);
		call->strings[i] = NULL;
	}
	free(call->info);
	call->info = NULL;
}

struct tapi3_call *tapi3_call_ref(struct tapi3_call *call)
{
	if (call)
		call->refs++;
	return call;
}

struct tapi3_call *tapi3_call_unref(struct tapi3_call *call)
{
	if (!call || --call->refs)
		return NULL;
	streams_destroy(call);
	if (call->handle && call->address->tapi->app)
		lineDeallocateCall(call->handle);
	list_remove(&call->node);
	tapi3_address_unref(call->address);
	forget_info(call);
	free(call->destination);
	free(call);
	return NULL;
}

struct tapi3_call *call_find(struct tapi3 *tapi, HCALL handle)
{
	if (!handle)
		return NULL;
	list_for_each(at, &tapi->addresses) {
		list_for_each(node, &list_entry(at, struct tapi3_address, node)->calls) {
			struct tapi3_call *call = list_entry(node, struct tapi3_call, node);

			if (call->handle == handle)
				return call;
		}
	}
	return NULL;
}

static LONG ask_info(void *info, const void *handle)
{
	return lineGetCallInfoA(*(const HCALL *)handle, info);
}

const LINECALLINFO *call_info(struct tapi3_call *call)
{
	LONG code;

	if (!call->info && call->handle)
		call->info = structure_read(INFO_SIZE, ask_info, &call->handle, &code);
	return call->info;
}

static void learn_id(struct tapi3_call *call)
{
	const LINECALLINFO *info = call_info(call);

	if (!info || !info->dwCallID || call->id)
		return;
	call->id = info->dwCallID;
	relay_call_known(call);
}

/* --- states --- */

static enum tapi3_call_state state_of(uint32_t line_state)
{
	switch (line_state) {
	case LINECALLSTATE_OFFERING:
	case LINECALLSTATE_ACCEPTED:
		return TAPI3_CALL_OFFERING;
	case LINECALLSTATE_DIALTONE:
	case LINECALLSTATE_DIALING:
	case LINECALLSTATE_PROCEEDING:
	case LINECALLSTATE_RINGBACK:
		return TAPI3_CALL_INPROGRESS;
	case LINECALLSTATE_CONNECTED:
	case LINECALLSTATE_CONFERENCED:
		return TAPI3_CALL_CONNECTED;
	case LINECALLSTATE_ONHOLD:
	case LINECALLSTATE_ONHOLDPENDCONF:
	case LINECALLSTATE_ONHOLDPENDTRANSFER:
		return TAPI3_CALL_HOLD;
	default:
		return TAPI3_CALL_DISCONNECTED;
	}
}

static enum tapi3_call_cause cause_of(uint32_t line_state, uint32_t detail)
{
	if (line_state == LINECALLSTATE_BUSY)
		return TAPI3_CAUSE_BUSY;
	if (line_state == LINECALLSTATE_SPECIALINFO)
		return TAPI3_CAUSE_BADADDRESS;
	if (line_state == LINECALLSTATE_IDLE)
		return TAPI3_CAUSE_NORMAL;
	if (line_state != LINECALLSTATE_DISCONNECTED)
		return TAPI3_CAUSE_NONE;
	switch (detail) {
	case LINEDISCONNECTMODE_BUSY:
		return TAPI3_CAUSE_BUSY;
	case LINEDISCONNECTMODE_BADADDRESS:
	case LINEDISCONNECTMODE_NUMBERCHANGED:
		return TAPI3_CAUSE_BADADDRESS;
	case LINEDISCONNECTMODE_NOANSWER:
		return TAPI3_CAUSE_NOANSWER;
	case LINEDISCONNECTMODE_CANCELLED:
		return TAPI3_CAUSE_CANCELLED;
	case LINEDISCONNECTMODE_REJECT:
	case LINEDISCONNECTMODE_DONOTDISTURB:
		return TAPI3_CAUSE_REJECTED;
	case LINEDISCONNECTMODE_BLOCKED:
		return TAPI3_CAUSE_BLOCKED;
	case LINEDISCONNECTMODE_NORMAL:
	case LINEDISCONNECTMODE_UNKNOWN:
	case 0:
		return TAPI3_CAUSE_NORMAL;
	default:
		return TAPI3_CAUSE_FAILED;
	}
}

static void set_state(struct tapi3_call *call, enum tapi3_call_state state,
		      enum tapi3_call_cause cause, bool synthetic)
{
	call->state = state;
	if (msp_of(call) && msp_of(call)->call_state) {
		record_msp_state(state);
		msp_of(call)->call_state(call->msp, state);
	}
	event_post(call->address->tapi, &(struct tapi3_event_init){
		.type = TAPI3_EVENT_CALL_STATE, .address = call->address, .call = call,
		.code = state, .cause = cause, .synthetic = synthetic });
}

void call_set_line_state(struct tapi3_call *call, uint32_t state, uint32_t detail,
			 bool synthetic)
{
	enum tapi3_call_state next = state_of(state);
	bool same_phase = next == call->state && next != TAPI3_CALL_INPROGRESS;

	if (state == LINECALLSTATE_UNKNOWN)
		return;
	call->line_state = state;
	learn_id(call);
	/* DISCONNECTED is final: the line's own IDLE after it adds nothing */
	if (call->state == TAPI3_CALL_DISCONNECTED || same_phase)
		return;
	set_state(call, next, cause_of(state, detail), synthetic);
}

void call_lost(struct tapi3_call *call, enum tapi3_call_cause cause)
{
	bool pending = call->operation.request;

	tapi3_call_ref(call);
	call->operation = (struct operation) {
		.result = (LONG)LINEERR_OPERATIONFAILED, .why = "the line has gone",
	};
	call->handle = 0;
	if (call->state != TAPI3_CALL_DISCONNECTED)
		set_state(call, TAPI3_CALL_DISCONNECTED, cause, true);
	if (pending)
		tapi3_call_unref(call);
	call_seen(call);
	tapi3_call_unref(call);
}

void call_info_changed(struct tapi3_call *call, uint32_t what)
{
	forget_info(call);
	event_post(call->address->tapi, &(struct tapi3_event_init){
		.type = TAPI3_EVENT_CALL_INFO, .address = call->address, .call = call,
		.code = what });
}

/* --- incoming --- */

void call_incoming(struct tapi3_address *address, HLINE line, HCALL handle, uint32_t privilege)
{
	struct tapi3_call *call;

	if (call_find(address->tapi, handle) || call_new(address, &call))
		return;
	call->handle = handle;
	call->line = line;
	call->incoming = true;
	call->privilege = privilege & LINECALLPRIVILEGE_OWNER ? TAPI3_OWNER : TAPI3_MONITOR;
	/* the program hears of the call when its streams are there */
	create_msp_call(call);
	learn_id(call);
	event_post(address->tapi, &(struct tapi3_event_init){
		.type = TAPI3_EVENT_CALL_NOTIFICATION, .address = address, .call = call,
		.code = call->privilege });
	/* a program that asks for states only learns of it by the LINE_CALLSTATE that follows */
	call->unseen = true;
}

/* From here on the call lives as long as the program's references and events */
void call_seen(struct tapi3_call *call)
{
	if (!call->unseen)
		return;
	call->unseen = false;
	tapi3_call_unref(call);
}

/* --- requests --- */

void call_reply(struct tapi3 *tapi, LONG request, LONG result)
{
	list_for_each(at, &tapi->addresses) {
		list_for_each(node, &list_entry(at, struct tapi3_address, node)->calls) {
			struct tapi3_call *call = list_entry(node, struct tapi3_call, node);

			if (!operation_reply(&call->operation, request, result))
				continue;
			if (result < 0 && !call->line_state)
				call_set_line_state(call, LINECALLSTATE_DISCONNECTED,
						    LINEDISCONNECTMODE_UNREACHABLE, false);
			else
				learn_id(call);
			tapi3_call_unref(call);
			return;
		}
	}
}

/* Remembers an accepted request; the call lives until its reply */
static int request(struct tapi3_call *call, LONG code, const char *what)
{
	if (code < 0)
		return tapi3_fail_line(call->address->tapi, code, what);
	call->operation = (struct operation) { .request = code };
	tapi3_call_ref(call);
	return 0;
}

static bool settled(void *data)
{
	struct tapi3_call *call = data;

	return !call->operation.request &&
	       (call->operation.result < 0 || call->state == TAPI3_CALL_CONNECTED ||
		call->state == TAPI3_CALL_DISCONNECTED);
}

static int wait_connected(struct tapi3_call *call, const char *what)
{
	struct tapi3 *tapi = call->address->tapi;
	int err;

	tapi3_call_ref(call);
	err = tapi3_wait(tapi, settled, call, SYNC_TIMEOUT_MS);
	if (!err && call->operation.result < 0)
		err = operation_failed(tapi, &call->operation, what);
	else if (!err && call->state == TAPI3_CALL_DISCONNECTED)
		err = tapi3_fail(tapi, TAPI3_E_DISCONNECTED, "%s: the call has ended", what);
	tapi3_call_unref(call);
	return err;
}

int tapi3_address_create_call(struct tapi3_address *address, const char *destination,
			      uint32_t media, struct tapi3_call **out)
{
	struct tapi3_call *call;
	int err;

	if (!address || !out)
		return TAPI3_E_INVALIDARG;
	err = address_open(address);
	if (err)
		return err;
	if (!media || media & ~tapi3_address_get_media_types(address))
		return tapi3_fail(address->tapi, TAPI3_E_INVALIDMEDIATYPE,
				  "%s does not carry these media", address->name);
	err = call_new(address, &call);
	if (err)
		return err;
	record_request("create_call");
	call->line = address->line;
	call->media = media;
	call->privilege = TAPI3_OWNER;
	if (destination)
		call->destination = strdup(destination);
	err = destination && !call->destination ? TAPI3_E_NOMEM : create_msp_call(call);
	if (err) {
		tapi3_call_unref(call);
		return err;
	}
	*out = call;
	return 0;
}

int tapi3_call_connect(struct tapi3_call *call, bool sync)
{
	LINECALLPARAMS params = {
		.dwTotalSize = sizeof(params),
		.dwBearerMode = LINEBEARERMODE_VOICE,
		.dwMediaMode = LINEMEDIAMODE_INTERACTIVEVOICE,
		.dwAddressMode = LINEADDRESSMODE_ADDRESSID,
	};
	int err;

	if (!call)
		return TAPI3_E_INVALIDARG;
	if (call->incoming || call->operation.request || call->handle ||
	    call->state != TAPI3_CALL_IDLE)
		return tapi3_fail(call->address->tapi, TAPI3_E_WRONG_STATE,
				  "the call was connected before");
	record_request("connect");
	params.dwAddressID = call->address->address_id;
	err = request(call, lineMakeCallA(call->line, &call->handle, call->destination, 0,
					  &params), "cannot make the call");
	if (err)
		return err;
	set_state(call, TAPI3_CALL_INPROGRESS, TAPI3_CAUSE_NONE, false);
	return sync ? wait_connected(call, "connect") : 0;
}

int tapi3_call_answer_async(struct tapi3_call *call)
{
	if (!call)
		return TAPI3_E_INVALIDARG;
	if (call->state != TAPI3_CALL_OFFERING || call->operation.request)
		return tapi3_fail(call->address->tapi, TAPI3_E_WRONG_STATE,
				  "the call is not offered");
	record_request("answer");
	return request(call, lineAnswer(call->handle, NULL, 0), "cannot answer");
}

int tapi3_call_answer(struct tapi3_call *call)
{
	int err = tapi3_call_answer_async(call);

	return err ? err : wait_connected(call, "answer");
}

int tapi3_call_disconnect(struct tapi3_call *call, enum tapi3_disconnect_code code)
{
	LONG result;

	if (!call || code > TAPI3_DISCONNECT_REJECTED)
		return TAPI3_E_INVALIDARG;
	record_request("disconnect");
	if (!call->handle && !call->operation.request) {
		if (call->state == TAPI3_CALL_DISCONNECTED)
			return TAPI3_FALSE;
		set_state(call, TAPI3_CALL_DISCONNECTED, TAPI3_CAUSE_CANCELLED, false);
		return 0;
	}
	if (call->line_state == LINECALLSTATE_IDLE)
		return TAPI3_FALSE;
	if (!call->handle)
		return tapi3_fail(call->address->tapi, TAPI3_E_WRONG_STATE,
				  "the call is just being made");
	result = lineDrop(call->handle, NULL, 0);
	/* the operation before this one may be under way still: its reply is not waited for */
	if (call->operation.request && result > 0)
		return 0;
	return request(call, result, "cannot hang up");
}

int tapi3_call_dial(struct tapi3_call *call, const char *digits)
{
	if (!call || !digits || !*digits)
		return TAPI3_E_INVALIDARG;
	if (!call->handle || call->operation.request)
		return tapi3_fail(call->address->tapi, TAPI3_E_WRONG_STATE,
				  "the call cannot be dialled on now");
	return request(call, lineDialA(call->handle, digits, 0), "cannot dial");
}

int tapi3_call_detect_digits(struct tapi3_call *call, uint32_t modes)
{
	LONG code;

	if (!call)
		return TAPI3_E_INVALIDARG;
	if (!call->handle)
		return TAPI3_E_WRONG_STATE;
	code = lineMonitorDigits(call->handle, modes);
	return code ? tapi3_fail_line(call->address->tapi, code, "cannot detect digits") : 0;
}

int tapi3_call_generate_digits(struct tapi3_call *call, const char *digits,
			       enum tapi3_digit_mode mode)
{
	LONG code;

	if (!call || !digits)
		return TAPI3_E_INVALIDARG;
	if (!call->handle)
		return TAPI3_E_WRONG_STATE;
	code = lineGenerateDigitsA(call->handle, mode, digits, 0);
	return code ? tapi3_fail_line(call->address->tapi, code, "cannot send digits") : 0;
}

/* --- ITCallInfo --- */

struct tapi3_address *tapi3_call_peek_address(struct tapi3_call *call)
{
	return call->address;
}

enum tapi3_call_state tapi3_call_get_state(struct tapi3_call *call)
{
	return call->state;
}

enum tapi3_privilege tapi3_call_get_privilege(struct tapi3_call *call)
{
	return call->privilege;
}

uint32_t tapi3_call_get_line_state(struct tapi3_call *call)
{
	return call->line_state;
}

static void string_place(const LINECALLINFO *info, enum tapi3_call_string what, DWORD *size,
			 DWORD *offset)
{
	switch (what) {
	case TAPI3_CALLER_NAME:
		*size = info->dwCallerIDNameSize;
		*offset = info->dwCallerIDNameOffset;
		break;
	case TAPI3_CALLER_NUMBER:
		*size = info->dwCallerIDSize;
		*offset = info->dwCallerIDOffset;
		break;
	case TAPI3_CALLED_NAME:
		*size = info->dwCalledIDNameSize;
		*offset = info->dwCalledIDNameOffset;
		break;
	case TAPI3_CALLED_NUMBER:
		*size = info->dwCalledIDSize;
		*offset = info->dwCalledIDOffset;
		break;
	case TAPI3_CONNECTED_NAME:
		*size = info->dwConnectedIDNameSize;
		*offset = info->dwConnectedIDNameOffset;
		break;
	case TAPI3_CONNECTED_NUMBER:
		*size = info->dwConnectedIDSize;
		*offset = info->dwConnectedIDOffset;
		break;
	case TAPI3_DISPLAYABLE_ADDRESS:
		*size = info->dwDisplayableAddressSize;
		*offset = info->dwDisplayableAddressOffset;
		break;
	}
}

const char *tapi3_call_get_string(struct tapi3_call *call, enum tapi3_call_string what)
{
	DWORD size = 0, offset = 0;
	const LINECALLINFO *info;

	if (!call || what < 0 || what >= sizeof(call->strings) / sizeof(call->strings[0]))
		return NULL;
	info = call_info(call);
	if (!info)
		return NULL;
	string_place(info, what, &size, &offset);
	if (size <= 1 || !offset)
		return NULL;
	if (!call->strings[what])
		call->strings[what] = strndup((const char *)info + offset, size);
	return call->strings[what];
}

int tapi3_call_get_number(struct tapi3_call *call, enum tapi3_call_number what, uint32_t *value)
{
	const LINECALLINFO *info;

	if (!call || !value)
		return TAPI3_E_INVALIDARG;
	info = call_info(call);
	if (!info)
		return TAPI3_E_WRONG_STATE;
	switch (what) {
	case TAPI3_CALL_MEDIATYPES:
		*value = call->media;
		return 0;
	case TAPI3_CALL_BEARERMODE:
		*value = info->dwBearerMode;
		return 0;
	case TAPI3_CALL_ORIGIN:
		*value = info->dwOrigin;
		return 0;
	case TAPI3_CALL_REASON:
		*value = info->dwReason;
		return 0;
	case TAPI3_CALL_ID:
		*value = info->dwCallID;
		return 0;
	case TAPI3_CALL_NUM_OWNERS:
		*value = info->dwNumOwners;
		return 0;
	case TAPI3_CALL_NUM_MONITORS:
		*value = info->dwNumMonitors;
		return 0;
	}
	return TAPI3_E_INVALIDARG;
}

int tapi3_call_query(struct tapi3_call *call, const char *interface, const void **methods,
		     void **self)
{
	if (!call || !interface || !methods || !self)
		return TAPI3_E_INVALIDARG;
	if (!msp_of(call) || !msp_of(call)->query)
		return TAPI3_E_NOTSUPPORTED;
	return msp_of(call)->query(call->address->host.msp, call->msp, interface, methods,
				   self) ? TAPI3_E_NOTSUPPORTED : 0;
}

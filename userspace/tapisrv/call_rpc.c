/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Service Call: what programs do with a call. */
#include "server.h"

#define ASYNC_ERROR(closure, data, result, text) \
	ANSWER_ERROR(ASYNC_OUT, async_out, closure, data, result, text)

/*
 * The program's handle on a call. Returns NULL after having answered: the handle is stale, the
 * call has ended, or (@owner) the program only watches.
 */
static struct appcall *usable(uint32_t handle, bool owner, ProtobufCClosure closure, void *data)
{
	struct appcall *appcall = appcall_get(client_of(data), handle);
	const char *text = "no such call";
	int32_t result = LINEERR_INVALCALLHANDLE;

	if (appcall && owner && appcall->privilege != LINECALLPRIVILEGE_OWNER) {
		text = "the program does not own the call";
		result = LINEERR_NOTOWNER;
	} else if (appcall && owner && !call_alive(appcall->call)) {
		text = "the call is over";
		result = LINEERR_INVALCALLSTATE;
	} else if (appcall) {
		return appcall;
	}
	answer_error(closure, data, &tapi__rpc__result__descriptor, result, TAPI_ORIGIN_SERVER, 0,
		     text);
	return NULL;
}

/* ---- asynchronous ---- */

/* A request about a call and the question that goes with it; NULL: it was answered */
static struct op *begin(struct appcall *appcall, Tapi__Rpc__AsyncOut_Closure closure, void *data,
			struct request **request)
{
	struct provider *provider = appcall->call->line->provider;
	struct op *op = op_new(provider, request_asked);

	*request = op ? request_new(appcall->open->app, provider) : NULL;
	if (!*request) {
		request_refuse(op, closure, data);
		return NULL;
	}
	(*request)->call = call_ref(appcall->call);
	(*request)->open = appcall->open->handle;
	op->number = (*request)->id;
	request_accept(*request, closure, data);
	return op;
}

typedef void tspi_call(ProtobufCService *service, const Tapi__Rpc__TspiCallIn *in,
		       Tapi__Rpc__Result_Closure closure, void *data);

static void simple(const Tapi__Rpc__CallIn *in, Tapi__Rpc__AsyncOut_Closure closure, void *data,
		   uint32_t states, tspi_call *call)
{
	Tapi__Rpc__TspiCallIn to = TAPI__RPC__TSPI_CALL_IN__INIT;
	struct appcall *appcall = usable(in->call, true, CLOSURE(closure), data);
	struct request *request;
	struct op *op;

	if (!appcall)
		return;
	if (!(appcall->call->state & states)) {
		ASYNC_ERROR(closure, data, LINEERR_INVALCALLSTATE,
			    "not in the present state of the call");
		return;
	}
	op = begin(appcall, closure, data, &request);
	if (!op)
		return;
	to.has_request = to.has_call = 1;
	to.request = request->id;
	to.call = appcall->call->number;
	to.has_user_user_info = in->has_user_user_info;
	to.user_user_info = in->user_user_info;
	call(TSPI(op->provider), &to, OP_CLOSURE(Result), op);
	op_sent(op);
}

#define ANY_STATE	0xffffffffu
#define SIMPLE(name, states)								\
static void call_rpc_##name(Tapi__Rpc__Call_Service *service, const Tapi__Rpc__CallIn *in,	\
			    Tapi__Rpc__AsyncOut_Closure closure, void *data)		\
{											\
	simple(in, closure, data, states, tapi__rpc__tspi__line_##name);			\
}

SIMPLE(answer, LINECALLSTATE_OFFERING | LINECALLSTATE_ACCEPTED | LINECALLSTATE_CONNECTED |
       LINECALLSTATE_UNKNOWN)
SIMPLE(accept, LINECALLSTATE_OFFERING | LINECALLSTATE_UNKNOWN)
SIMPLE(drop, ANY_STATE)
SIMPLE(hold, LINECALLSTATE_CONNECTED | LINECALLSTATE_UNKNOWN)
SIMPLE(unhold, LINECALLSTATE_ONHOLD | LINECALLSTATE_ONHOLDPENDCONF |
       LINECALLSTATE_ONHOLDPENDTRANSFER | LINECALLSTATE_UNKNOWN)

static void call_rpc_dial(Tapi__Rpc__Call_Service *service, const Tapi__Rpc__DialIn *in,
			  Tapi__Rpc__AsyncOut_Closure closure, void *data)
{
	Tapi__Rpc__TspiCallIn to = TAPI__RPC__TSPI_CALL_IN__INIT;
	struct appcall *appcall = usable(in->call, true, CLOSURE(closure), data);
	struct request *request;
	struct op *op;

	if (!appcall)
		return;
	if (appcall->call->state == LINECALLSTATE_DISCONNECTED || !in->destination) {
		ASYNC_ERROR(closure, data, in->destination ? LINEERR_INVALCALLSTATE :
			    LINEERR_INVALADDRESS, "nothing to dial, or nobody to dial to");
		return;
	}
	op = begin(appcall, closure, data, &request);
	if (!op)
		return;
	to.has_request = to.has_call = to.has_country = 1;
	to.request = request->id;
	to.call = appcall->call->number;
	to.destination = in->destination;
	to.country = in->country;
	tapi__rpc__tspi__line_dial(TSPI(op->provider), &to, OP_CLOSURE(Result), op);
	op_sent(op);
}

/* ---- answered by tapisrv ---- */

static void call_rpc_deallocate(Tapi__Rpc__Call_Service *service, const Tapi__Rpc__CallIn *in,
				Tapi__Rpc__Result_Closure closure, void *data)
{
	struct appcall *appcall = usable(in->call, false, CLOSURE(closure), data);

	if (!appcall)
		return;
	appcall_deallocate(appcall);
	answer_result(closure, data, 0, NULL);
}

static void call_rpc_set_privilege(Tapi__Rpc__Call_Service *service,
				   const Tapi__Rpc__CallValueIn *in,
				   Tapi__Rpc__Result_Closure closure, void *data)
{
	struct appcall *appcall = usable(in->call, false, CLOSURE(closure), data);
	struct call *call;

	if (!appcall)
		return;
	call = appcall->call;
	if (in->value != LINECALLPRIVILEGE_NONE && in->value != LINECALLPRIVILEGE_MONITOR &&
	    in->value != LINECALLPRIVILEGE_OWNER) {
		answer_result(closure, data, LINEERR_INVALCALLPRIVILEGE,
			      "a privilege is NONE, MONITOR or OWNER");
		return;
	}
	if (appcall->privilege == LINECALLPRIVILEGE_OWNER &&
	    in->value != LINECALLPRIVILEGE_OWNER && call_owners(call) == 1 && call_alive(call)) {
		answer_result(closure, data, LINEERR_INVALCALLSTATE,
			      "the only owner of a call cannot step down");
		return;
	}
	if (appcall->privilege != in->value) {
		appcall->privilege = in->value;
		call_count_changed(call, appcall, in->value == LINECALLPRIVILEGE_OWNER ?
				   LINECALLINFOSTATE_NUMOWNERINCR :
				   LINECALLINFOSTATE_NUMOWNERDECR);
	}
	answer_result(closure, data, 0, NULL);
}

/* ---- answered by the provider ---- */

/* tapisrv's own members, put over what the provider says */
static void info_told(struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__CallInfoOut *told = (const Tapi__Rpc__CallInfoOut *)out;
	struct appcall *appcall = appcall_get(op->client, op->handle);
	struct call *call = op->call;
	Tapi__Rpc__CallInfoOut answer;
	Tapi__Rpc__CallInfo info;
	unsigned int owners;

	if (op_result(op, out) < 0 || !told->info || !appcall) {
		answer_forward(op, out);
		return;
	}
	answer = *told;
	info = *told->info;
	answer.info = &info;
	owners = call_owners(call);
	info.has_line = info.has_line_device_id = info.has_num_owners = 1;
	info.line = appcall->open->handle;
	info.line_device_id = call->line->device;
	info.num_owners = owners;
	info.has_num_monitors = 1;
	info.num_monitors = 0;
	list_for_each(at, &call->appcalls)
		info.num_monitors++;
	info.num_monitors -= owners;
	info.has_monitor_digit_modes = info.has_monitor_media_modes = 1;
	info.monitor_digit_modes = appcall->digit_modes;
	info.monitor_media_modes = appcall->media_modes;
	info.has_call_states = 1;
	info.call_states |= LINECALLSTATE_UNKNOWN;
	info.app_name = call->app_name;
	info.displayable_address = call->displayable;
	info.called_party = call->called_party;
	info.comment = call->comment;
	op->closure(&answer.base, op->closure_data);
	op->closure = NULL;
}

static void status_told(struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__CallStatusOut *told = (const Tapi__Rpc__CallStatusOut *)out;
	struct appcall *appcall = appcall_get(op->client, op->handle);
	Tapi__Rpc__CallStatusOut answer;
	Tapi__Rpc__CallStatus status;

	if (op_result(op, out) < 0 || !told->status || !appcall) {
		answer_forward(op, out);
		return;
	}
	answer = *told;
	status = *told->status;
	answer.status = &status;
	status.has_call_privilege = 1;
	status.call_privilege = appcall->privilege;
	if (appcall->privilege != LINECALLPRIVILEGE_OWNER)
		status.call_features = status.call_features2 = 0;
	op->closure(&answer.base, op->closure_data);
	op->closure = NULL;
}

/* What is still known of a call whose provider has forgotten it */
static void last_info(const struct appcall *appcall, Tapi__Rpc__CallInfoOut_Closure closure,
		      void *data)
{
	Tapi__Rpc__CallInfoOut out = TAPI__RPC__CALL_INFO_OUT__INIT;
	Tapi__Rpc__CallInfo info = TAPI__RPC__CALL_INFO__INIT;
	const struct call *call = appcall->call;

	out.has_result = info.has_line = info.has_line_device_id = info.has_call_id = 1;
	info.has_address_id = info.has_media_mode = info.has_origin = info.has_num_owners = 1;
	info.line = appcall->open->handle;
	info.line_device_id = call->line->device;
	info.call_id = call->call_id;
	info.address_id = call->address;
	info.media_mode = call->media_mode;
	info.origin = call->origin;
	info.num_owners = call_owners(call);
	out.info = &info;
	closure(&out, data);
}

static void call_rpc_get_info(Tapi__Rpc__Call_Service *service, const Tapi__Rpc__CallIn *in,
			      Tapi__Rpc__CallInfoOut_Closure closure, void *data)
{
	struct appcall *appcall = usable(in->call, false, CLOSURE(closure), data);
	Tapi__Rpc__CallIn to = TAPI__RPC__CALL_IN__INIT;
	struct op *op;

	if (!appcall)
		return;
	op = appcall_question(appcall, info_told, CLOSURE(closure), data);
	if (!op) {
		last_info(appcall, closure, data);
		return;
	}
	to.has_call = 1;
	to.call = appcall->call->number;
	tapi__rpc__tspi__line_get_call_info(TSPI(op->provider), &to, OP_CLOSURE(CallInfoOut), op);
	op_sent(op);
}

static void last_status(const struct appcall *appcall, Tapi__Rpc__CallStatusOut_Closure closure,
			void *data)
{
	Tapi__Rpc__CallStatusOut out = TAPI__RPC__CALL_STATUS_OUT__INIT;
	Tapi__Rpc__CallStatus status = TAPI__RPC__CALL_STATUS__INIT;

	out.has_result = status.has_call_state = status.has_call_state_mode = 1;
	status.has_call_privilege = 1;
	status.call_state = appcall->call->state;
	status.call_state_mode = appcall->call->mode;
	status.call_privilege = appcall->privilege;
	out.status = &status;
	closure(&out, data);
}

static void call_rpc_get_status(Tapi__Rpc__Call_Service *service, const Tapi__Rpc__CallIn *in,
				Tapi__Rpc__CallStatusOut_Closure closure, void *data)
{
	struct appcall *appcall = usable(in->call, false, CLOSURE(closure), data);
	Tapi__Rpc__CallIn to = TAPI__RPC__CALL_IN__INIT;
	struct op *op;

	if (!appcall)
		return;
	op = appcall_question(appcall, status_told, CLOSURE(closure), data);
	if (!op) {
		last_status(appcall, closure, data);
		return;
	}
	to.has_call = 1;
	to.call = appcall->call->number;
	tapi__rpc__tspi__line_get_call_status(TSPI(op->provider), &to,
					      OP_CLOSURE(CallStatusOut), op);
	op_sent(op);
}

typedef void tspi_value(ProtobufCService *service, const Tapi__Rpc__CallValueIn *in,
			Tapi__Rpc__Result_Closure closure, void *data);

static void set_value(const Tapi__Rpc__CallValueIn *in, Tapi__Rpc__Result_Closure closure,
		      void *data, tspi_value *call)
{
	struct appcall *appcall = usable(in->call, true, CLOSURE(closure), data);
	Tapi__Rpc__CallValueIn to = TAPI__RPC__CALL_VALUE_IN__INIT;
	struct op *op;

	op = appcall ? appcall_ask(appcall, answer_forward, closure, data) : NULL;
	if (!op)
		return;
	to.has_call = to.has_value = 1;
	to.call = appcall->call->number;
	to.value = in->value;
	call(TSPI(op->provider), &to, OP_CLOSURE(Result), op);
	op_sent(op);
}

static void call_rpc_set_app_specific(Tapi__Rpc__Call_Service *service,
				      const Tapi__Rpc__CallValueIn *in,
				      Tapi__Rpc__Result_Closure closure, void *data)
{
	set_value(in, closure, data, tapi__rpc__tspi__line_set_app_specific);
}

static void call_rpc_set_media_mode(Tapi__Rpc__Call_Service *service,
				    const Tapi__Rpc__CallValueIn *in,
				    Tapi__Rpc__Result_Closure closure, void *data)
{
	set_value(in, closure, data, tapi__rpc__tspi__line_set_media_mode);
}

/* ---- digits and media ---- */

static bool monitored(const struct appcall *appcall, Tapi__Rpc__Result_Closure closure, void *data)
{
	if (appcall->call->state != LINECALLSTATE_DISCONNECTED && call_alive(appcall->call))
		return true;
	answer_result(closure, data, LINEERR_INVALCALLSTATE, "the call is over");
	return false;
}

static void call_rpc_monitor_digits(Tapi__Rpc__Call_Service *service,
				    const Tapi__Rpc__CallValueIn *in,
				    Tapi__Rpc__Result_Closure closure, void *data)
{
	struct appcall *appcall = usable(in->call, false, CLOSURE(closure), data);
	const uint32_t all = LINEDIGITMODE_PULSE | LINEDIGITMODE_DTMF | LINEDIGITMODE_DTMFEND;

	if (!appcall || !monitored(appcall, closure, data))
		return;
	if (in->value & ~all || in->value & ~appcall->call->line->caps->monitor_digit_modes) {
		answer_result(closure, data, LINEERR_INVALDIGITMODE,
			      "the line cannot detect digits of this mode");
		return;
	}
	digits_monitor(appcall, in->value, closure, data);
}

static void call_rpc_monitor_media(Tapi__Rpc__Call_Service *service,
				   const Tapi__Rpc__CallValueIn *in,
				   Tapi__Rpc__Result_Closure closure, void *data)
{
	struct appcall *appcall = usable(in->call, false, CLOSURE(closure), data);

	if (!appcall || !monitored(appcall, closure, data))
		return;
	if (in->value & ~appcall->call->line->caps->media_modes) {
		answer_result(closure, data, LINEERR_INVALMEDIAMODE,
			      "the line cannot detect these media");
		return;
	}
	media_monitor(appcall, in->value, closure, data);
}

static void call_rpc_generate_digits(Tapi__Rpc__Call_Service *service,
				     const Tapi__Rpc__GenerateDigitsIn *in,
				     Tapi__Rpc__Result_Closure closure, void *data)
{
	struct appcall *appcall = usable(in->call, true, CLOSURE(closure), data);
	Tapi__Rpc__GenerateDigitsIn to = *in;
	struct op *op;

	if (!appcall)
		return;
	if (in->digits && in->mode != LINEDIGITMODE_PULSE && in->mode != LINEDIGITMODE_DTMF) {
		answer_result(closure, data, LINEERR_INVALDIGITMODE, "digits are PULSE or DTMF");
		return;
	}
	op = appcall_ask(appcall, generate_asked, closure, data);
	if (!op)
		return;
	to.call = appcall->call->number;
	to.has_end_to_end_id = 1;
	to.end_to_end_id = op->number = digits_new_generate(appcall);
	if (!in->digits)
		appcall->call->generate = 0;	/* only ends what there was */
	tapi__rpc__tspi__line_generate_digits(TSPI(op->provider), &to, OP_CLOSURE(Result), op);
	op_sent(op);
}

static void call_rpc_gather_digits(Tapi__Rpc__Call_Service *service,
				   const Tapi__Rpc__GatherDigitsIn *in,
				   Tapi__Rpc__Result_Closure closure, void *data)
{
	struct appcall *appcall = usable(in->call, true, CLOSURE(closure), data);
	Tapi__Rpc__GatherDigitsIn to = *in;
	struct op *op;

	op = appcall ? appcall_ask(appcall, gather_asked, closure, data) : NULL;
	if (!op)
		return;
	to.call = appcall->call->number;
	to.has_end_to_end_id = 1;
	to.end_to_end_id = op->number = digits_new_gather(appcall);
	if (!in->count)
		appcall->call->gather = 0;
	tapi__rpc__tspi__line_gather_digits(TSPI(op->provider), &to, OP_CLOSURE(Result), op);
	op_sent(op);
}

const Tapi__Rpc__Call_Service call_service = TAPI__RPC__CALL__INIT(call_rpc_);

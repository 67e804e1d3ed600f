/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Service Line: what programs do with a line. */
#include <stdlib.h>
#include <string.h>

#include "server.h"

/* A device a program has negotiated a version for; NULL after having answered */
static struct line *device_of(const Tapi__Rpc__DeviceIn *in, ProtobufCClosure closure, void *data)
{
	struct app *app = app_get(client_of(data), in->app);
	struct line *line = line_find(in->device);
	const char *text = "no such program";
	int32_t result = LINEERR_INVALAPPHANDLE;

	if (app && !line) {
		text = "no line with this number";
		result = in->device < server.lines_count ? LINEERR_NODEVICE : LINEERR_BADDEVICEID;
	} else if (app && line->removed) {
		text = "the line has been removed";
		result = LINEERR_NODEVICE;
	} else if (app && app_version(app, in->device) != in->version) {
		text = "this version has not been negotiated for the line";
		result = LINEERR_INCOMPATIBLEAPIVERSION;
	} else if (app) {
		return line;
	}
	answer_error(closure, data, &tapi__rpc__result__descriptor, result, TAPI_ORIGIN_SERVER, 0,
		     text);
	return NULL;
}

/* A question of a program about a device; NULL after having answered */
static struct op *device_question(struct line *line, op_done *done, ProtobufCClosure closure,
				  void *data)
{
	struct op *op = line_in_service(line) ? op_new_for(line->provider, done, client_of(data),
							   closure, data) : NULL;

	if (!op) {
		answer_error(closure, data, &tapi__rpc__result__descriptor,
			     LINEERR_OPERATIONFAILED, TAPI_ORIGIN_SERVER, 0,
			     "the line is out of service");
		return NULL;
	}
	op->line = line;
	return op;
}

/* About a line the program has open, which the host may have to open again first */
static struct op *question(struct line *line, op_done *done, ProtobufCClosure closure, void *data)
{
	if (line->state == LINE_OPENED)
		return device_question(line, done, closure, data);
	answer_error(closure, data, &tapi__rpc__result__descriptor, LINEERR_OPERATIONFAILED,
		     TAPI_ORIGIN_SERVER, 0, "the line is out of service");
	return NULL;
}

/* ---- capabilities ---- */

static void line_rpc_get_dev_caps(Tapi__Rpc__Line_Service *service,
				  const Tapi__Rpc__DeviceIn *in,
				  Tapi__Rpc__DevCapsOut_Closure closure, void *data)
{
	Tapi__Rpc__DevCapsOut out = TAPI__RPC__DEV_CAPS_OUT__INIT;
	struct line *line = device_of(in, CLOSURE(closure), data);

	if (!line)
		return;
	out.has_result = 1;
	out.caps = line->caps;
	closure(&out, data);
}

static void send_address_caps(const struct line *line, uint32_t address, ProtobufCClosure closure,
			      void *data)
{
	Tapi__Rpc__AddressCapsOut out = TAPI__RPC__ADDRESS_CAPS_OUT__INIT;

	out.has_result = 1;
	out.caps = line->addresses[address];
	closure(&out.base, data);
}

static Tapi__Rpc__AddressCaps *copy_caps(const Tapi__Rpc__AddressCaps *caps)
{
	size_t size = tapi__rpc__address_caps__get_packed_size(caps);
	uint8_t *bytes = malloc(size ? size : 1);
	Tapi__Rpc__AddressCaps *copy = NULL;

	if (bytes) {
		tapi__rpc__address_caps__pack(caps, bytes);
		copy = tapi__rpc__address_caps__unpack(NULL, size, bytes);
	}
	free(bytes);
	return copy;
}

static void address_caps_told(struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__AddressCapsOut *told = (const Tapi__Rpc__AddressCapsOut *)out;
	struct line *line = op->line;

	if (op_result(op, out) == 0 && told->caps && op->value < line->caps_addresses) {
		if (!line->addresses)
			line->addresses = calloc(line->caps_addresses, sizeof(*line->addresses));
		if (line->addresses && !line->addresses[op->value])
			line->addresses[op->value] = copy_caps(told->caps);
	}
	answer_forward(op, out);
}

static void line_rpc_get_address_caps(Tapi__Rpc__Line_Service *service,
				      const Tapi__Rpc__DeviceIn *in,
				      Tapi__Rpc__AddressCapsOut_Closure closure, void *data)
{
	struct line *line = device_of(in, CLOSURE(closure), data);
	Tapi__Rpc__TspiDeviceIn to = TAPI__RPC__TSPI_DEVICE_IN__INIT;
	struct op *op;

	if (!line)
		return;
	if (in->address >= line->caps_addresses) {
		ANSWER_ERROR(ADDRESS_CAPS_OUT, address_caps_out, closure, data,
			     LINEERR_INVALADDRESSID, "the line has no such address");
		return;
	}
	if (line->addresses && line->addresses[in->address]) {
		send_address_caps(line, in->address, CLOSURE(closure), data);
		return;
	}
	op = device_question(line, address_caps_told, CLOSURE(closure), data);
	if (!op)
		return;
	op->value = in->address;
	to.has_device = to.has_version = to.has_address = 1;
	to.device = line->driver;
	to.version = line->version;
	to.address = in->address;
	tapi__rpc__tspi__line_get_address_caps(TSPI(op->provider), &to,
					       OP_CLOSURE(AddressCapsOut), op);
	op_sent(op);
}

/* ---- open lines ---- */

static void line_rpc_open(Tapi__Rpc__Line_Service *service, const Tapi__Rpc__OpenIn *in,
			  Tapi__Rpc__OpenOut_Closure closure, void *data)
{
	open_request(in, closure, data);
}

static void line_rpc_close(Tapi__Rpc__Line_Service *service, const Tapi__Rpc__LineIn *in,
			   Tapi__Rpc__Result_Closure closure, void *data)
{
	struct open *open = open_of(in->line, CLOSURE(closure), data);

	if (!open)
		return;
	open_close(open);
	answer_result(closure, data, 0, NULL);
}

static char *name_of(const char *text)
{
	return (char *)(uintptr_t)(text ? text : "");
}

/* The provider's status with the programs that have the line open */
static void dev_status_told(struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__DevStatusOut *told = (const Tapi__Rpc__DevStatusOut *)out;
	Tapi__Rpc__AppInfo infos[64], *list[64];
	Tapi__Rpc__DevStatusOut answer;
	Tapi__Rpc__DevStatus status;
	size_t count = 0;

	if (op_result(op, out) < 0 || !told->status) {
		answer_forward(op, out);
		return;
	}
	answer = *told;
	status = *told->status;
	answer.status = &status;
	status.has_num_opens = status.has_open_media_modes = 1;
	status.num_opens = status.open_media_modes = 0;
	list_for_each(at, &op->line->opens) {
		struct open *open = list_entry(at, struct open, in_line);

		status.num_opens++;
		status.open_media_modes |= open->media_modes;
		if (count == 64)
			continue;
		tapi__rpc__app_info__init(&infos[count]);
		infos[count].module_filename = name_of(open->app->module_name);
		infos[count].friendly_name = name_of(open->app->friendly_name);
		infos[count].has_media_modes = 1;
		infos[count].media_modes = open->media_modes;
		list[count] = &infos[count];
		count++;
	}
	status.n_app_info = count;
	status.app_info = list;
	op->closure(&answer.base, op->closure_data);
	op->closure = NULL;
}

static void line_rpc_get_line_dev_status(Tapi__Rpc__Line_Service *service,
					 const Tapi__Rpc__LineIn *in,
					 Tapi__Rpc__DevStatusOut_Closure closure, void *data)
{
	struct open *open = open_of(in->line, CLOSURE(closure), data);
	Tapi__Rpc__LineIn to = TAPI__RPC__LINE_IN__INIT;
	struct op *op = open ? question(open->line, dev_status_told, CLOSURE(closure), data) : NULL;

	if (!op)
		return;
	to.has_line = 1;
	to.line = open->line->number;
	tapi__rpc__tspi__line_get_line_dev_status(TSPI(op->provider), &to,
						  OP_CLOSURE(DevStatusOut), op);
	op_sent(op);
}

static void line_rpc_get_address_status(Tapi__Rpc__Line_Service *service,
					const Tapi__Rpc__LineAddressIn *in,
					Tapi__Rpc__AddressStatusOut_Closure closure, void *data)
{
	struct open *open = open_of(in->line, CLOSURE(closure), data);
	Tapi__Rpc__LineAddressIn to = *in;
	struct op *op = open ? question(open->line, answer_forward, CLOSURE(closure), data) : NULL;

	if (!op)
		return;
	to.line = open->line->number;
	tapi__rpc__tspi__line_get_address_status(TSPI(op->provider), &to,
						 OP_CLOSURE(AddressStatusOut), op);
	op_sent(op);
}

static void line_rpc_get_address_id(Tapi__Rpc__Line_Service *service,
				    const Tapi__Rpc__AddressIdIn *in,
				    Tapi__Rpc__NumberOut_Closure closure, void *data)
{
	struct open *open = open_of(in->line, CLOSURE(closure), data);
	Tapi__Rpc__AddressIdIn to = *in;
	struct op *op = open ? question(open->line, answer_forward, CLOSURE(closure), data) : NULL;

	if (!op)
		return;
	to.line = open->line->number;
	tapi__rpc__tspi__line_get_address_id(TSPI(op->provider), &to, OP_CLOSURE(NumberOut), op);
	op_sent(op);
}

static void line_rpc_set_status_messages(Tapi__Rpc__Line_Service *service,
					 const Tapi__Rpc__StatusMessages *in,
					 Tapi__Rpc__Result_Closure closure, void *data)
{
	struct open *open = open_of(in->line, CLOSURE(closure), data);

	if (!open)
		return;
	if (in->line_states & ~open->line->caps->line_states) {
		answer_result(closure, data, LINEERR_INVALLINESTATE,
			      "the line does not report these states");
		return;
	}
	open->line_states = in->line_states;
	open->address_states = in->address_states;
	filters_update(open->line);
	answer_result(closure, data, 0, NULL);
}

static void line_rpc_get_status_messages(Tapi__Rpc__Line_Service *service,
					 const Tapi__Rpc__LineIn *in,
					 Tapi__Rpc__StatusMessagesOut_Closure closure, void *data)
{
	struct open *open = open_of(in->line, CLOSURE(closure), data);
	Tapi__Rpc__StatusMessagesOut out = TAPI__RPC__STATUS_MESSAGES_OUT__INIT;

	if (!open)
		return;
	out.has_result = out.has_line_states = out.has_address_states = 1;
	out.line_states = open->line_states;
	out.address_states = open->address_states;
	closure(&out, data);
}

static void answer_id(uint32_t id, Tapi__Rpc__VarStringOut_Closure closure, void *data)
{
	Tapi__Rpc__VarStringOut out = TAPI__RPC__VAR_STRING_OUT__INIT;

	out.has_result = out.has_format = out.has_data = 1;
	out.format = STRINGFORMAT_BINARY;
	out.data.data = (uint8_t *)&id;
	out.data.len = sizeof(id);
	closure(&out, data);
}

static void line_rpc_get_id(Tapi__Rpc__Line_Service *service, const Tapi__Rpc__GetIdIn *in,
			    Tapi__Rpc__VarStringOut_Closure closure, void *data)
{
	struct client *client = client_of(data);
	struct appcall *appcall = NULL;
	struct open *open;
	Tapi__Rpc__GetIdIn to = *in;
	struct op *op;

	if (in->select == LINECALLSELECT_CALL) {
		appcall = appcall_get(client, in->call);
		if (!appcall) {
			ANSWER_ERROR(VAR_STRING_OUT, var_string_out, closure, data,
				     LINEERR_INVALCALLHANDLE, "no such call");
			return;
		}
	} else if (in->select != LINECALLSELECT_LINE && in->select != LINECALLSELECT_ADDRESS) {
		ANSWER_ERROR(VAR_STRING_OUT, var_string_out, closure, data,
			     LINEERR_INVALCALLSELECT, "a line, an address or a call");
		return;
	}
	open = appcall ? appcall->open : open_of(in->line, CLOSURE(closure), data);
	if (!open)
		return;
	if (in->device_class && !strcasecmp(in->device_class, "tapi/line")) {
		answer_id(open->line->device, closure, data);
		return;
	}
	op = question(open->line, answer_forward, CLOSURE(closure), data);
	if (!op)
		return;
	to.has_line = to.has_call = 1;
	to.line = open->line->number;
	to.call = appcall ? appcall->call->number : 0;
	tapi__rpc__tspi__line_get_id(TSPI(op->provider), &to, OP_CLOSURE(VarStringOut), op);
	op_sent(op);
}

static bool knows(const struct open *open, const struct call *call)
{
	list_for_each(at, &open->calls) {
		if (list_entry(at, struct appcall, in_open)->call == call)
			return true;
	}
	return false;
}

/* Handles of the calls this open does not know yet, with the right to watch them */
static void line_rpc_get_new_calls(Tapi__Rpc__Line_Service *service,
				   const Tapi__Rpc__NewCallsIn *in,
				   Tapi__Rpc__CallListOut_Closure closure, void *data)
{
	struct open *open = open_of(in->line, CLOSURE(closure), data);
	Tapi__Rpc__CallListOut out = TAPI__RPC__CALL_LIST_OUT__INIT;
	Tapi__Rpc__CallList list = TAPI__RPC__CALL_LIST__INIT;
	uint32_t handles[CALLS_PER_LINE * 4];
	struct appcall *appcall;

	if (!open)
		return;
	if (in->select != LINECALLSELECT_LINE && in->select != LINECALLSELECT_ADDRESS) {
		ANSWER_ERROR(CALL_LIST_OUT, call_list_out, closure, data, LINEERR_INVALCALLSELECT,
			     "calls of a line or of an address");
		return;
	}
	list_for_each(at, &open->line->calls) {
		struct call *call = list_entry(at, struct call, node);

		if (call->tentative || !call_alive(call) || knows(open, call) ||
		    (in->select == LINECALLSELECT_ADDRESS && call->address != in->address) ||
		    list.n_calls == sizeof(handles) / sizeof(handles[0]))
			continue;
		appcall = appcall_new(call, open, LINECALLPRIVILEGE_MONITOR);
		if (appcall) {
			call->offered = true;
			appcall->known = true;
			handles[list.n_calls++] = appcall->handle;
		}
	}
	list.calls = handles;
	out.has_result = 1;
	out.list = &list;
	closure(&out, data);
}

/* ---- calls out, vendor functions ---- */

static void keep(char **to, const char *text)
{
	if (text && *text)
		*to = strdup(text);
}

/* A new call that nobody may see before the provider has said yes */
static struct call *tentative_call(struct open *open, const Tapi__Rpc__CallParams *params)
{
	struct call *call = call_new(open->line, ++server.next_number & 0x7fffffff);

	if (!call)
		return NULL;
	call->tentative = true;
	call->origin = LINECALLORIGIN_OUTBOUND;
	if (params && params->address_mode != LINEADDRESSMODE_DIALABLEADDR)
		call->address = params->address_id;
	call->media_mode = params && params->media_mode ? params->media_mode :
			   LINEMEDIAMODE_INTERACTIVEVOICE;
	keep(&call->app_name, open->app->friendly_name);
	if (params) {
		keep(&call->displayable, params->displayable_address);
		keep(&call->called_party, params->called_party);
		keep(&call->comment, params->comment);
	}
	return call;
}

static struct request *make_request(struct open *open, const Tapi__Rpc__MakeCallIn *in,
				    struct appcall **maker)
{
	struct request *request = request_new(open->app, open->line->provider);
	struct call *call = request ? tentative_call(open, in->params) : NULL;

	*maker = call ? appcall_new(call, open, LINECALLPRIVILEGE_OWNER) : NULL;
	if (*maker) {
		request->makes_call = true;
		request->call = call_ref(call);
		request->open = open->handle;
		return request;
	}
	if (call) {
		call->tentative = false;
		call->closed = true;
		call_close(call);
	}
	if (request)
		request_drop(request);
	return NULL;
}

static void line_rpc_make_call(Tapi__Rpc__Line_Service *service, const Tapi__Rpc__MakeCallIn *in,
			       Tapi__Rpc__AsyncOut_Closure closure, void *data)
{
	struct open *open = open_of(in->line, CLOSURE(closure), data);
	Tapi__Rpc__TspiMakeCallIn to = TAPI__RPC__TSPI_MAKE_CALL_IN__INIT;
	struct request *request;
	struct appcall *maker;
	struct op *op;

	if (!open)
		return;
	op = open->line->state == LINE_OPENED ? op_new(open->line->provider, request_asked) : NULL;
	request = op ? make_request(open, in, &maker) : NULL;
	if (!request) {
		request_refuse(op, closure, data);
		return;
	}
	op->number = request->id;
	op->patient = true;
	request_accept(request, closure, data);
	to.has_request = to.has_line = to.has_call = to.has_country = 1;
	to.request = request->id;
	to.line = open->line->number;
	to.call = request->call->number;
	to.destination = in->destination;
	to.country = in->country;
	to.params = in->params;
	tapi__rpc__tspi__line_make_call(TSPI(op->provider), &to, OP_CLOSURE(Result), op);
	op_sent(op);
}

static void line_rpc_dev_specific(Tapi__Rpc__Line_Service *service,
				  const Tapi__Rpc__DevSpecificIn *in,
				  Tapi__Rpc__AsyncOut_Closure closure, void *data)
{
	struct open *open = open_of(in->line, CLOSURE(closure), data);
	Tapi__Rpc__TspiDevSpecificIn to = TAPI__RPC__TSPI_DEV_SPECIFIC_IN__INIT;
	struct appcall *appcall;
	struct request *request;
	struct op *op;

	if (!open)
		return;
	appcall = in->call ? appcall_get(client_of(data), in->call) : NULL;
	if (in->call && (!appcall || appcall->open->line != open->line)) {
		ANSWER_ERROR(ASYNC_OUT, async_out, closure, data, LINEERR_INVALCALLHANDLE,
			     "no such call on this line");
		return;
	}
	op = open->line->state == LINE_OPENED ? op_new(open->line->provider, request_asked) : NULL;
	request = op ? request_new(open->app, open->line->provider) : NULL;
	if (!request) {
		request_refuse(op, closure, data);
		return;
	}
	op->number = request->id;
	request->open = open->handle;
	request_accept(request, closure, data);
	to.has_request = to.has_line = to.has_address = to.has_call = to.has_data = 1;
	to.request = request->id;
	to.line = open->line->number;
	to.address = in->address;
	to.call = appcall ? appcall->call->number : 0;
	to.data = in->data;
	tapi__rpc__tspi__line_dev_specific(TSPI(op->provider), &to, OP_CLOSURE(Result), op);
	op_sent(op);
}

const Tapi__Rpc__Line_Service line_service = TAPI__RPC__LINE__INIT(line_rpc_);

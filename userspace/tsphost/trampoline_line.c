/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests about lines and devices: one function each. */
#include <stdlib.h>
#include <string.h>

#include <tapi/tapi_linux.h>

#include "host.h"

/* Bytes a provider may get or give with lineDevSpecific: what fits in a frame, with some air */
#define DEVSPECIFIC_MAX	(FRAME_BODY_MAX - 256u)

static struct query device_query(const Tapi__Rpc__TspiDeviceIn *in)
{
	return (struct query) {
		.device = in->device, .address = in->address, .version = in->version,
		.ext_version = in->ext_version,
	};
}

static struct query line_query(const struct line_ref *line, uint32_t address)
{
	return (struct query) {
		.line = line->driver, .version = line->version, .address = address,
	};
}

/* ---- devices ---- */

static LONG negotiate_version(struct job *job)
{
	const Tapi__Rpc__TspiDeviceIn *in = (const Tapi__Rpc__TspiDeviceIn *)job->in;
	Tapi__Rpc__VersionOut *out = (Tapi__Rpc__VersionOut *)job->out;
	DWORD version = 0;
	LONG result = TSP(lineNegotiateTSPIVersion, in->device, in->low, in->high, &version);

	out->has_version = !result;
	out->version = version;
	return result;
}

static LONG get_extension_id(struct job *job)
{
	const Tapi__Rpc__TspiDeviceIn *in = (const Tapi__Rpc__TspiDeviceIn *)job->in;
	Tapi__Rpc__VersionOut *out = (Tapi__Rpc__VersionOut *)job->out;
	LINEEXTENSIONID id = { 0 };
	LONG result = TSP(lineGetExtensionID, in->device, in->version, &id);

	if (result)
		return result;
	out->extension = job_alloc(job, 4 * sizeof(*out->extension));
	if (!out->extension)
		return LINEERR_NOMEM;
	out->n_extension = 4;
	out->extension[0] = id.dwExtensionID0;
	out->extension[1] = id.dwExtensionID1;
	out->extension[2] = id.dwExtensionID2;
	out->extension[3] = id.dwExtensionID3;
	return 0;
}

static LONG negotiate_ext_version(struct job *job)
{
	const Tapi__Rpc__TspiDeviceIn *in = (const Tapi__Rpc__TspiDeviceIn *)job->in;
	Tapi__Rpc__VersionOut *out = (Tapi__Rpc__VersionOut *)job->out;
	DWORD version = 0;
	LONG result = TSP(lineNegotiateExtVersion, in->device, in->version, in->low, in->high,
			  &version);

	out->has_version = !result;
	out->version = version;
	return result;
}

static LONG get_dev_caps(struct job *job)
{
	struct query query = device_query((const Tapi__Rpc__TspiDeviceIn *)job->in);
	Tapi__Rpc__DevCapsOut *out = (Tapi__Rpc__DevCapsOut *)job->out;

	return query_struct(query_dev_caps, &query, &sv_linedevcaps, &job->arena.allocator,
			    (ProtobufCMessage **)&out->caps);
}

static LONG ask_address_caps(const struct query *q, void *buffer)
{
	return TSP(lineGetAddressCaps, q->device, q->address, q->version, q->ext_version, buffer);
}

static LONG get_address_caps(struct job *job)
{
	struct query query = device_query((const Tapi__Rpc__TspiDeviceIn *)job->in);
	Tapi__Rpc__AddressCapsOut *out = (Tapi__Rpc__AddressCapsOut *)job->out;

	return query_struct(ask_address_caps, &query, &sv_lineaddresscaps, &job->arena.allocator,
			    (ProtobufCMessage **)&out->caps);
}

static LONG msp_identify(struct job *job)
{
	const Tapi__Rpc__TspiDeviceIn *in = (const Tapi__Rpc__TspiDeviceIn *)job->in;
	Tapi__Rpc__GuidOut *out = (Tapi__Rpc__GuidOut *)job->out;
	GUID guid = { 0 };
	LONG result = TSP(lineMSPIdentify, in->device, &guid);

	if (result)
		return result;
	out->guid.data = job_alloc(job, sizeof(guid));
	if (!out->guid.data)
		return LINEERR_NOMEM;
	out->guid.len = sizeof(guid);
	out->has_guid = 1;
	memcpy(out->guid.data, &guid, sizeof(guid));
	return 0;
}

/* ---- open and close ---- */

static LONG line_open(struct job *job)
{
	const Tapi__Rpc__TspiOpenIn *in = (const Tapi__Rpc__TspiOpenIn *)job->in;
	uint32_t version = in->version ? in->version : setup_version();
	struct line_ref line;
	HDRVLINE driver = 0;
	LONG result = handles_add_line(in->line, in->device, version, job->token);

	if (result)
		return result;
	result = TSP(lineOpen, in->device, in->line, &driver, version, events_line);
	if (!result && !driver) {
		job_why(job, TAPI_ORIGIN_PROVIDER, "the provider opened the line with handle 0");
		result = LINEERR_OPERATIONFAILED;
	}
	if (result) {
		handles_retire_line(in->line);
		handles_remove_line(in->line);
		return result;
	}
	handles_line_opened(in->line, driver);
	if (!handles_line(in->line, &line))
		relay_line_opened(&line);
	return 0;
}

static LONG line_close(struct job *job)
{
	const Tapi__Rpc__LineIn *in = (const Tapi__Rpc__LineIn *)job->in;
	struct line_ref line;
	LONG result = handles_line(in->line, &line);

	if (result)
		return result;
	relay_line_closing(in->line);
	handles_retire_line(in->line);
	result = TSP(lineClose, line.driver);
	request_close_line(in->line);
	handles_remove_line(in->line);
	return result;
}

/* ---- lines that are open ---- */

static LONG set_default_media_detection(struct job *job)
{
	const Tapi__Rpc__TspiLineValueIn *in = (const Tapi__Rpc__TspiLineValueIn *)job->in;
	struct line_ref line;
	LONG result = handles_line(in->line, &line);

	return result ? result : TSP(lineSetDefaultMediaDetection, line.driver, in->value);
}

static LONG conditional_media_detection(struct job *job)
{
	const Tapi__Rpc__TspiLineValueIn *in = (const Tapi__Rpc__TspiLineValueIn *)job->in;
	LINECALLPARAMS params = {
		.dwTotalSize = sizeof(params), .dwBearerMode = LINEBEARERMODE_VOICE,
		.dwMinRate = 3100, .dwMaxRate = 3100, .dwMediaMode = in->value,
		.dwAddressMode = LINEADDRESSMODE_ADDRESSID,
	};
	struct line_ref line;
	LONG result = handles_line(in->line, &line);

	if (result)
		return result;
	return TSP(lineConditionalMediaDetection, line.driver, in->value, &params);
}

static LONG set_status_messages(struct job *job)
{
	const Tapi__Rpc__StatusMessages *in = (const Tapi__Rpc__StatusMessages *)job->in;
	struct line_ref line;
	LONG result = handles_line(in->line, &line);

	if (result)
		return result;
	return TSP(lineSetStatusMessages, line.driver, in->line_states, in->address_states);
}

static LONG ask_dev_status(const struct query *q, void *buffer)
{
	return TSP(lineGetLineDevStatus, q->line, buffer);
}

static LONG get_dev_status(struct job *job)
{
	const Tapi__Rpc__LineIn *in = (const Tapi__Rpc__LineIn *)job->in;
	Tapi__Rpc__DevStatusOut *out = (Tapi__Rpc__DevStatusOut *)job->out;
	struct line_ref line;
	struct query query;
	LONG result = handles_line(in->line, &line);

	if (result)
		return result;
	query = line_query(&line, 0);
	return query_struct(ask_dev_status, &query, &sv_linedevstatus, &job->arena.allocator,
			    (ProtobufCMessage **)&out->status);
}

static LONG ask_address_status(const struct query *q, void *buffer)
{
	return TSP(lineGetAddressStatus, q->line, q->address, buffer);
}

static LONG get_address_status(struct job *job)
{
	const Tapi__Rpc__LineAddressIn *in = (const Tapi__Rpc__LineAddressIn *)job->in;
	Tapi__Rpc__AddressStatusOut *out = (Tapi__Rpc__AddressStatusOut *)job->out;
	struct line_ref line;
	struct query query;
	LONG result = handles_line(in->line, &line);

	if (result)
		return result;
	query = line_query(&line, in->address);
	return query_struct(ask_address_status, &query, &sv_lineaddressstatus,
			    &job->arena.allocator, (ProtobufCMessage **)&out->status);
}

static LONG get_address_id(struct job *job)
{
	const Tapi__Rpc__AddressIdIn *in = (const Tapi__Rpc__AddressIdIn *)job->in;
	Tapi__Rpc__NumberOut *out = (Tapi__Rpc__NumberOut *)job->out;
	struct line_ref line;
	DWORD number = 0;
	LPCWSTR address;
	LONG result = handles_line(in->line, &line);

	if (result)
		return result;
	if (!text_wide(job, in->address ? in->address : "", &address))
		return LINEERR_NOMEM;
	result = TSP(lineGetAddressID, line.driver, &number, in->mode, address,
		     text_bytes(address));
	out->has_number = !result;
	out->number = number;
	return result;
}

static LONG get_num_address_ids(struct job *job)
{
	const Tapi__Rpc__LineIn *in = (const Tapi__Rpc__LineIn *)job->in;
	Tapi__Rpc__NumberOut *out = (Tapi__Rpc__NumberOut *)job->out;
	struct line_ref line;
	DWORD number = 0;
	LONG result = handles_line(in->line, &line);

	if (result)
		return result;
	result = TSP(lineGetNumAddressIDs, line.driver, &number);
	out->has_number = !result;
	out->number = number;
	return result;
}

/* Line and call of a request that may be about either */
static LONG line_or_call(uint32_t line_number, uint32_t call_number, struct line_ref *line,
			 struct call_ref *call)
{
	LONG result = 0;

	memset(line, 0, sizeof(*line));
	memset(call, 0, sizeof(*call));
	if (call_number)
		result = handles_call(call_number, call);
	if (!result)
		result = handles_line(line_number ? line_number : call->line, line);
	return result;
}

static LONG ask_id(const struct query *q, void *buffer)
{
	return TSP(lineGetID, q->line, q->address, q->call, q->select, buffer, q->device_class,
		   NULL);
}

static LONG get_id(struct job *job)
{
	const Tapi__Rpc__GetIdIn *in = (const Tapi__Rpc__GetIdIn *)job->in;
	Tapi__Rpc__VarStringOut *out = (Tapi__Rpc__VarStringOut *)job->out;
	struct line_ref line;
	struct call_ref call;
	struct query query;
	LONG result = line_or_call(in->line, in->call, &line, &call);

	if (result)
		return result;
	query = line_query(&line, in->address);
	query.call = call.driver;
	query.select = in->select;
	if (!text_wide(job, in->device_class ? in->device_class : "", &query.device_class))
		return LINEERR_NOMEM;
	result = query_varstring(ask_id, &query, &job->arena.allocator, &out->format, &out->data);
	out->has_format = out->has_data = !result;
	return result;
}

static LONG dev_specific(struct job *job)
{
	const Tapi__Rpc__TspiDevSpecificIn *in = (const Tapi__Rpc__TspiDevSpecificIn *)job->in;
	struct line_ref line;
	struct call_ref call;
	void *data;
	LONG result = line_or_call(in->line, in->call, &line, &call);

	if (result)
		return result;
	if (in->data.len > DEVSPECIFIC_MAX)
		return LINEERR_INVALPARAM;
	data = malloc(in->data.len + 1);
	if (!data)
		return LINEERR_NOMEM;
	if (in->data.len)
		memcpy(data, in->data.data, in->data.len);
	result = request_begin(job, in->request, in->line, in->call, 0, data, in->data.len);
	if (result)
		return result;
	return request_returned(job, in->request,
				TSP(lineDevSpecific, in->request, line.driver, in->address,
				    call.driver, in->data.len ? data : NULL,
				    (DWORD)in->data.len));
}

const struct trampoline trampolines_line[] = {
	{ "LineNegotiateVersion", negotiate_version },
	{ "LineGetExtensionId", get_extension_id },
	{ "LineNegotiateExtVersion", negotiate_ext_version },
	{ "LineGetDevCaps", get_dev_caps },
	{ "LineGetAddressCaps", get_address_caps },
	{ "LineMspIdentify", msp_identify },
	{ "LineOpen", line_open },
	{ "LineClose", line_close },
	{ "LineSetDefaultMediaDetection", set_default_media_detection },
	{ "LineConditionalMediaDetection", conditional_media_detection },
	{ "LineSetStatusMessages", set_status_messages },
	{ "LineGetLineDevStatus", get_dev_status },
	{ "LineGetAddressStatus", get_address_status },
	{ "LineGetAddressId", get_address_id },
	{ "LineGetNumAddressIds", get_num_address_ids },
	{ "LineGetId", get_id },
	{ "LineDevSpecific", dev_specific },
};

const size_t trampolines_line_count = sizeof(trampolines_line) / sizeof(trampolines_line[0]);

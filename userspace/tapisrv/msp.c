/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Service Msp: the media provider of a line, and permission to talk to its service provider. */
#include <errno.h>
#include <string.h>

#include "relay_nl.h"
#include "server.h"

static void msp_rpc_identify(Tapi__Rpc__Msp_Service *service, const Tapi__Rpc__MspIn *in,
			     Tapi__Rpc__GuidOut_Closure closure, void *data)
{
	struct open *open = open_of(in->line, CLOSURE(closure), data);
	Tapi__Rpc__GuidOut out = TAPI__RPC__GUID_OUT__INIT;

	if (!open)
		return;
	if (!open->line->has_msp) {
		ANSWER_ERROR(GUID_OUT, guid_out, closure, data, LINEERR_OPERATIONUNAVAIL,
			     "the line has no media provider");
		return;
	}
	out.has_result = out.has_guid = 1;
	out.guid.data = open->line->msp;
	out.guid.len = sizeof(open->line->msp);
	closure(&out, data);
}

static void ask_grant(struct line *line, struct op *op);

/* ---- lines without hardware: tapisrv binds them by their GUID ---- */

static void relay_message(void *arg, const struct relay_nl_msg *msg)
{
}

/* The next question for the program that waits for the answer to @op */
static struct op *next_op(const struct op *op, op_done *done)
{
	struct op *next = op_new_for(op->provider, done, op->client, op->closure,
				     op->closure_data);

	if (!next)
		return NULL;
	next->line = op->line;
	next->handle = op->handle;
	return next;
}

static void bound(struct op *op, const ProtobufCMessage *out)
{
	struct op *next;

	if (op_result(op, out) < 0) {
		answer_forward(op, out);
		return;
	}
	op->line->msp_bound = true;
	next = next_op(op, answer_forward);
	if (!next) {
		answer_forward(op, NULL);
		return;
	}
	ask_grant(op->line, next);
}

/* The host gets the only copy: with it the binding ends */
static int bind_guid(struct op *op)
{
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;
	struct line *line = op->line;
	struct relay_nl *nl;
	struct op *next;
	int err;

	err = relay_nl_open(&nl, relay_message, NULL);
	if (err < 0)
		return err;
	err = relay_nl_bind_guid(nl, line->guid, line->caps->line_name ? line->caps->line_name :
				 "line");
	next = err < 0 ? NULL : next_op(op, bound);
	if (next) {
		in.has_line = 1;
		in.line = line->number;
		link_attach(line->provider->link, relay_nl_socket(nl));
		tapi__rpc__host__msp_bind(HOST(line->provider), &in, OP_CLOSURE(Result), next);
		op_sent(next);
	}
	relay_nl_close(nl);
	return next ? 0 : err ? err : -ENOMEM;
}

void msp_unbind(struct line *line)
{
	line->msp_bound = false;
}

static void granted(struct op *op, const ProtobufCMessage *out)
{
	int err;

	if (op_result(op, out) != LINEERR_OPERATIONUNAVAIL || op->line->msp_bound) {
		answer_forward(op, out);
		return;
	}
	/* not bound by the host: no device behind the line */
	err = bind_guid(op);
	if (err < 0)
		answer_error(op->closure, op->closure_data, &tapi__rpc__grant_out__descriptor,
			     LINEERR_OPERATIONUNAVAIL, TAPI_ORIGIN_SERVER, -err,
			     err == -ENOENT ? "the kernel's relay is missing: is tapi.ko loaded?" :
			     err == -EPERM ? "the service may not bind the line to the relay" :
			     "the line cannot be bound to the relay");
	op->closure = NULL;
}

/* ---- grants ---- */

static void ask_grant(struct line *line, struct op *op)
{
	Tapi__Rpc__HostGrantIn in = TAPI__RPC__HOST_GRANT_IN__INIT;

	in.has_line = in.has_address = in.has_uid = in.has_pid = 1;
	in.line = line->number;
	in.address = op->handle;
	in.uid = op->client->uid;
	in.pid = (uint32_t)op->client->pid;
	tapi__rpc__host__msp_grant(HOST(line->provider), &in, OP_CLOSURE(GrantOut), op);
	op_sent(op);
}

static void msp_rpc_grant(Tapi__Rpc__Msp_Service *service, const Tapi__Rpc__MspIn *in,
			  Tapi__Rpc__GrantOut_Closure closure, void *data)
{
	struct open *open = open_of(in->line, CLOSURE(closure), data);
	struct op *op;

	if (!open)
		return;
	if (!open->line->has_msp || in->address >= open->line->caps_addresses) {
		ANSWER_ERROR(GRANT_OUT, grant_out, closure, data,
			     open->line->has_msp ? LINEERR_INVALADDRESSID :
			     LINEERR_OPERATIONUNAVAIL, "the line has no such media provider");
		return;
	}
	op = open->line->state == LINE_OPENED ?
	     op_new_for(open->line->provider, granted, client_of(data), CLOSURE(closure), data) :
	     NULL;
	if (!op) {
		ANSWER_ERROR(GRANT_OUT, grant_out, closure, data, LINEERR_OPERATIONFAILED,
			     "the line is out of service");
		return;
	}
	op->line = open->line;
	op->handle = in->address;
	ask_grant(open->line, op);
}

const Tapi__Rpc__Msp_Service msp_service = TAPI__RPC__MSP__INIT(msp_rpc_);

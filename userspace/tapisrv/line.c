/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines: found at a provider, lost and found again, opened at the host for the first program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"

/* Bits of LINEDEVCAPS.dwLineStates that tapisrv makes itself; the service states for dead hosts */
#define OWN_STATES (LINEDEVSTATE_OPEN | LINEDEVSTATE_CLOSE | LINEDEVSTATE_REINIT | \
		    LINEDEVSTATE_TRANSLATECHANGE | LINEDEVSTATE_INSERVICE | \
		    LINEDEVSTATE_OUTOFSERVICE)

/* One line a provider has just told of */
struct found {
	uint32_t driver, version;
	Tapi__Rpc__DevCaps *caps;
	uint32_t extension[4];
	bool has_msp;
	uint8_t msp[16];
};

/* Questions to a provider that has started; ends when none is open */
struct discovery {
	struct provider *provider;
	struct found *found;
	uint32_t count, open;
	void (*ready)(struct provider *provider);
};

struct line *line_find(uint32_t device)
{
	return device < server.lines_count ? server.lines[device] : NULL;
}

bool line_in_service(const struct line *line)
{
	return line->present && !line->removed && line->provider->state == PROVIDER_RUNNING;
}

struct line *line_of_number(uint32_t number)
{
	return tree_find(&server.line_numbers, number);
}

void line_number_set(struct line *line, uint32_t number)
{
	if (line->number)
		tree_remove(&server.line_numbers, line);
	line->number = number;
	if (number)
		tree_add(&server.line_numbers, line);
}

static ProtobufCMessage *copy_of(const ProtobufCMessage *message)
{
	size_t size = protobuf_c_message_get_packed_size(message);
	uint8_t *bytes = malloc(size ? size : 1);
	ProtobufCMessage *copy = NULL;

	if (bytes) {
		protobuf_c_message_pack(message, bytes);
		copy = protobuf_c_message_unpack(message->descriptor, NULL, size, bytes);
	}
	free(bytes);
	return copy;
}

static bool grow_lines(uint32_t count)
{
	struct line **bigger;

	bigger = realloc(server.lines, (server.lines_count + count) * sizeof(*bigger));
	if (!bigger && count)
		return false;
	server.lines = bigger;
	memset(bigger + server.lines_count, 0, count * sizeof(*bigger));
	server.lines_count += count;
	return true;
}

/* A provider that starts again gets the range it had, when it has as many lines as before */
uint32_t lines_reserve(struct provider *provider, uint32_t count)
{
	uint32_t base = server.lines_count, had = 0, first = 0;

	list_for_each(at, &provider->lines) {
		struct line *line = list_entry(at, struct line, node);

		if (!had++)
			first = line->device;
	}
	if (had)
		return first;
	return grow_lines(count) ? base : 0;
}

/* ---- what the provider says about a line becomes ours ---- */

static const uint8_t no_guid[16];

/*
 * Is this the line the provider tells of? One that is in use by the same number; of those a host
 * before this one had, what has the same GUID or permanent id, or, without any, the same number.
 */
static bool same_line(const struct line *line, const struct found *found)
{
	const Tapi__Rpc__DevCaps *caps = found->caps;

	if (line->removed || !line->caps)
		return false;
	if (line->present)
		return line->driver == found->driver;
	if (caps->permanent_line_guid.len == 16 && memcmp(line->guid, no_guid, 16))
		return !memcmp(line->guid, caps->permanent_line_guid.data, 16);
	if (caps->permanent_line_id || line->caps->permanent_line_id)
		return line->caps->permanent_line_id == caps->permanent_line_id;
	return line->device == found->driver;
}

static void caps_free(struct line *line)
{
	if (line->caps)
		protobuf_c_message_free_unpacked(&line->caps->base, NULL);
	for (uint32_t i = 0; line->addresses && i < line->caps_addresses; i++) {
		if (line->addresses[i])
			protobuf_c_message_free_unpacked(&line->addresses[i]->base, NULL);
	}
	free(line->addresses);
	line->addresses = NULL;
	line->caps = NULL;
}

/* At the end of the service, when nobody has anything open */
void lines_free(void)
{
	for (uint32_t i = 0; i < server.lines_count; i++) {
		if (server.lines[i])
			caps_free(server.lines[i]);
		free(server.lines[i]);
	}
	free(server.lines);
	server.lines = NULL;
	server.lines_count = 0;
}

static void adopt(struct line *line, struct found *found)
{
	caps_free(line);
	line->caps = found->caps;
	found->caps = NULL;
	line->caps->has_line_states = 1;
	line->caps->line_states |= OWN_STATES;
	line->caps_addresses = line->caps->has_num_addresses ? line->caps->num_addresses : 1;
	if (line->caps_addresses > 4096)
		line->caps_addresses = 4096;
	line->driver = found->driver;
	line->present = true;
	line->version = found->version;
	line->has_msp = found->has_msp;
	memcpy(line->msp, found->msp, sizeof(line->msp));
	memcpy(line->extension, found->extension, sizeof(line->extension));
	if (line->caps->permanent_line_guid.len == 16)
		memcpy(line->guid, line->caps->permanent_line_guid.data, 16);
}

static struct line *line_new(struct provider *provider, uint32_t device)
{
	struct line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->provider = provider;
	line->device = device;
	list_init(&line->opens);
	list_init(&line->calls);
	list_init(&line->waiting);
	list_append(&provider->lines, &line->node);
	server.lines[device] = line;
	return line;
}

/* Where this line was before its host died; else a new one */
static struct line *line_for(struct provider *provider, const struct found *found, bool *is_new)
{
	uint32_t device = found->driver;

	*is_new = false;
	list_for_each(at, &provider->lines) {
		struct line *line = list_entry(at, struct line, node);

		if (same_line(line, found))
			return line;
	}
	*is_new = true;
	if (device < server.lines_count && !server.lines[device])
		return line_new(provider, device);
	return grow_lines(1) ? line_new(provider, server.lines_count - 1) : NULL;
}

static void take_found(struct provider *provider, struct found *found)
{
	struct line *line;
	bool is_new;

	if (!found->caps) {
		log_message(4, "%s: line %u does not tell what it is", provider->config->name,
			    found->driver);
		return;
	}
	line = line_for(provider, found, &is_new);
	if (line)
		adopt(line, found);
	/* now it can be used; programs that came before it learn of it */
	if (line && is_new)
		event_all(LINE_CREATE, line->device);
}

static void end_discovery(struct discovery *d)
{
	struct provider *provider = d->provider;
	bool alive = provider->link && link_fd(provider->link) >= 0;

	for (uint32_t i = 0; i < d->count; i++) {
		/* of a host that has died meanwhile nothing is known */
		if (alive)
			take_found(provider, &d->found[i]);
		if (d->found[i].caps)
			protobuf_c_message_free_unpacked(&d->found[i].caps->base, NULL);
	}
	if (alive)
		d->ready(provider);
	free(d->found);
	free(d);
}

static void discovery_put(struct discovery *d)
{
	if (--d->open == 0)
		end_discovery(d);
}

/* Asks one question about a line; the discovery waits for it */
static struct op *ask(struct discovery *d, uint32_t index, op_done *done)
{
	struct op *op = op_new(d->provider, done);

	if (!op)
		return NULL;
	op->number = index;
	op->closure_data = d;		/* not a program's request: closure stays NULL */
	d->open++;
	return op;
}

static void msp_told(struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__GuidOut *guid = (const Tapi__Rpc__GuidOut *)out;
	struct discovery *d = op->closure_data;
	struct found *found = &d->found[op->number];

	if (op_result(op, out) == 0 && guid->guid.len == sizeof(found->msp)) {
		memcpy(found->msp, guid->guid.data, sizeof(found->msp));
		found->has_msp = true;
	}
	discovery_put(d);
}

static void caps_told(struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__DevCapsOut *caps = (const Tapi__Rpc__DevCapsOut *)out;
	Tapi__Rpc__TspiDeviceIn in = TAPI__RPC__TSPI_DEVICE_IN__INIT;
	struct discovery *d = op->closure_data;
	struct found *found = &d->found[op->number];
	struct op *next;

	if (op_result(op, out) == 0 && caps->caps)
		found->caps = (Tapi__Rpc__DevCaps *)copy_of(&caps->caps->base);
	if (found->caps && found->caps->dev_cap_flags & LINEDEVCAPFLAGS_MSP) {
		next = ask(d, op->number, msp_told);
		if (next) {
			in.has_device = 1;
			in.device = found->driver;
			tapi__rpc__tspi__line_msp_identify(TSPI(d->provider), &in,
							   OP_CLOSURE(GuidOut), next);
			op_sent(next);
		}
	}
	discovery_put(d);
}

static void extension_told(struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__VersionOut *version = (const Tapi__Rpc__VersionOut *)out;
	struct discovery *d = op->closure_data;

	if (op_result(op, out) == 0) {
		for (size_t i = 0; i < version->n_extension && i < 4; i++)
			d->found[op->number].extension[i] = version->extension[i];
	}
	discovery_put(d);
}

static void version_told(struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__VersionOut *version = (const Tapi__Rpc__VersionOut *)out;
	Tapi__Rpc__TspiDeviceIn in = TAPI__RPC__TSPI_DEVICE_IN__INIT;
	struct discovery *d = op->closure_data;
	struct found *found = &d->found[op->number];
	struct op *next;

	if (op_result(op, out) < 0)
		goto out;
	found->version = version->version;
	in.has_device = in.has_version = 1;
	in.device = found->driver;
	in.version = found->version;
	next = ask(d, op->number, extension_told);
	if (next) {
		tapi__rpc__tspi__line_get_extension_id(TSPI(d->provider), &in,
						       OP_CLOSURE(VersionOut), next);
		op_sent(next);
	}
	next = ask(d, op->number, caps_told);
	if (next) {
		tapi__rpc__tspi__line_get_dev_caps(TSPI(d->provider), &in,
						   OP_CLOSURE(DevCapsOut), next);
		op_sent(next);
	}
out:
	discovery_put(d);
}

void lines_discover(struct provider *provider, uint32_t base, uint32_t count,
		    void (*ready)(struct provider *provider))
{
	Tapi__Rpc__TspiDeviceIn in = TAPI__RPC__TSPI_DEVICE_IN__INIT;
	struct discovery *d = calloc(1, sizeof(*d));
	struct op *op;

	if (d)
		d->found = calloc(count + 1, sizeof(*d->found));
	if (!d || !d->found) {
		free(d);
		link_close(provider->link, -ENOMEM);
		return;
	}
	d->provider = provider;
	d->count = count;
	d->ready = ready;
	d->open = 1;
	in.has_device = in.has_low = in.has_high = 1;
	in.low = SERVER_API_LOW;
	in.high = SERVER_API_HIGH;
	for (uint32_t i = 0; i < count; i++) {
		d->found[i].driver = in.device = base + i;
		op = ask(d, i, version_told);
		if (!op)
			continue;
		tapi__rpc__tspi__line_negotiate_version(TSPI(provider), &in,
							OP_CLOSURE(VersionOut), op);
		op_sent(op);
	}
	discovery_put(d);
}

static void caps_read(struct provider *provider)
{
}

/* What programs are told from now on is what the provider says now */
void line_caps_changed(struct line *line)
{
	lines_discover(line->provider, line->driver, 1, caps_read);
}

/* ---- a line that comes or goes while the service runs ---- */

static void created_ready(struct provider *provider)
{
	log_message(6, "%s: new line", provider->config->name);
}

static void create_answered(struct op *op, const ProtobufCMessage *out)
{
	if (op_result(op, out) < 0) {
		log_message(4, "%s: TSPI_providerCreateLineDevice failed",
			    op->provider->config->name);
		return;
	}
	lines_discover(op->provider, op->number, 1, created_ready);
}

void line_created(struct provider *provider, uint64_t temp)
{
	Tapi__Rpc__CreateLineIn in = TAPI__RPC__CREATE_LINE_IN__INIT;
	struct op *op = op_new(provider, create_answered);

	if (!op)
		return;
	op->number = server.lines_count;
	if (!grow_lines(1)) {
		op_cancel(op);
		return;
	}
	in.has_temp_id = in.has_device = 1;
	in.temp_id = temp;
	in.device = op->number;
	tapi__rpc__host__create_line(HOST(provider), &in, OP_CLOSURE(Result), op);
	op_sent(op);
}

static void close_all(struct line *line)
{
	list_for_each(at, &line->calls) {
		struct call *call = list_entry(at, struct call, node);

		call_ref(call);
		call->closed = true;		/* the provider knows it no more */
		call_gone(call, LINEDISCONNECTMODE_UNAVAIL);
		call_unref(call);
	}
	open_opened(line, LINEERR_NODEVICE, NULL);
	list_for_each(at, &line->opens)
		open_forced(list_entry(at, struct open, in_line));
	requests_of_line(line);
	line_number_set(line, 0);
	line->state = LINE_CLOSED;
}

void line_removed(struct line *line)
{
	if (line->removed)
		return;
	line->removed = true;
	line->present = false;
	close_all(line);
	msp_unbind(line);
	event_all(LINE_REMOVE, line->device);
}

/* ---- a host that died, and its successor ---- */

void lines_lost(struct provider *provider)
{
	list_for_each(at, &provider->lines) {
		struct line *line = list_entry(at, struct line, node);

		list_for_each(call_at, &line->calls) {
			struct call *call = list_entry(call_at, struct call, node);

			call_ref(call);
			call->closed = true;
			call_gone(call, LINEDISCONNECTMODE_TEMPFAILURE);
			call_unref(call);
		}
		open_opened(line, LINEERR_OPERATIONFAILED, NULL);
		msp_unbind(line);
		line_number_set(line, 0);
		line->state = LINE_CLOSED;
		line->present = false;
		line->media_told = line->line_states_told = line->address_states_told = 0;
		if (!line->removed && !line->out_of_service) {
			line->out_of_service = true;
			event_line_state(line, LINEDEVSTATE_OUTOFSERVICE, 0, 0);
		}
	}
}

/* Programs that have come meanwhile need not find it closed */
static void closed(struct op *op, const ProtobufCMessage *out)
{
	struct line *line = op->line;

	if (--line->closing == 0 && line->state == LINE_CLOSED && !list_empty(&line->waiting))
		line_open_host(line, false);
}

static void close_number(struct line *line, uint32_t number)
{
	Tapi__Rpc__LineIn in = TAPI__RPC__LINE_IN__INIT;
	struct op *op = op_new(line->provider, closed);

	if (!op)
		return;
	op->line = line;
	line->closing++;
	in.has_line = 1;
	in.line = number;
	tapi__rpc__tspi__line_close(TSPI(line->provider), &in, OP_CLOSURE(Result), op);
	op_sent(op);
}

/* Opened when nobody waits for it any more: it must not stay so */
static bool opened_in_vain(const struct op *op, const ProtobufCMessage *out)
{
	if (op->line->number == op->number)
		return false;
	if (out && op_result(op, out) == 0)
		close_number(op->line, op->number);
	return true;
}

/* Programs that had it open before the host died: what they wait for will not come */
static void not_reopened(struct line *line)
{
	log_message(4, "line %u cannot be opened again", line->device);
	line_number_set(line, 0);
	line->state = LINE_CLOSED;
	line->out_of_service = false;
	open_opened(line, LINEERR_OPERATIONFAILED, NULL);
	list_for_each(at, &line->opens)
		open_forced(list_entry(at, struct open, in_line));
}

static void reopened(struct op *op, const ProtobufCMessage *out)
{
	struct line *line = op->line;

	if (opened_in_vain(op, out))
		return;
	if (op_result(op, out) < 0) {
		not_reopened(line);
		return;
	}
	line->state = LINE_OPENED;
	filters_update(line);
	line->out_of_service = false;
	open_opened(line, 0, NULL);
	event_line_state(line, LINEDEVSTATE_INSERVICE, 0, 0);
}

static void opened(struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__Result *result = (const Tapi__Rpc__Result *)out;
	struct line *line = op->line;
	int32_t code = op_result(op, out);

	if (opened_in_vain(op, out))
		return;
	if (code < 0) {
		line_number_set(line, 0);
		line->state = LINE_CLOSED;
	} else {
		line->state = LINE_OPENED;
	}
	open_opened(line, code, result ? result->error : NULL);
}

void line_open_host(struct line *line, bool again)
{
	Tapi__Rpc__TspiOpenIn in = TAPI__RPC__TSPI_OPEN_IN__INIT;
	struct op *op = op_new(line->provider, again ? reopened : opened);

	if (!op) {
		open_opened(line, LINEERR_OPERATIONFAILED, NULL);
		return;
	}
	line_number_set(line, ++server.next_number & 0x7fffffff);
	line->state = LINE_OPENING;
	line->media_told = line->line_states_told = line->address_states_told = 0;
	op->line = line;
	op->number = line->number;
	op->patient = true;
	in.has_device = in.has_line = in.has_version = 1;
	in.device = line->driver;
	in.line = line->number;
	in.version = line->version;
	tapi__rpc__tspi__line_open(TSPI(line->provider), &in, OP_CLOSURE(Result), op);
	op_sent(op);
}

void line_close_host(struct line *line)
{
	uint32_t number = line->number;

	list_for_each(at, &line->calls) {
		struct call *call = list_entry(at, struct call, node);

		call_ref(call);
		call_close(call);
		call_unref(call);
	}
	line_number_set(line, 0);
	line->state = LINE_CLOSED;
	msp_unbind(line);
	if (number)
		close_number(line, number);
}

void lines_reopen(struct provider *provider)
{
	list_for_each(at, &provider->lines) {
		struct line *line = list_entry(at, struct line, node);

		if (line->removed || !line->present)
			continue;
		if (!list_empty(&line->opens) && line->state == LINE_CLOSED) {
			line_open_host(line, true);
		} else if (line->out_of_service) {
			line->out_of_service = false;
			event_line_state(line, LINEDEVSTATE_INSERVICE, 0, 0);
		}
	}
}

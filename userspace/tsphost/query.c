/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structures the provider fills. It gets a roomy buffer, whatever the program has; the buffer grows
 * when the provider says that it needs more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "host.h"

#define ROOM		8192u
#define ROOM_MAX	(256u << 10)
#define TRIES		3

/* What all these structures begin with */
struct head {
	DWORD total, needed, used;
};

/* A filled structure */
struct filled {
	void *buffer;
	uint32_t size;		/* of it that may be read */
};

static void begin(void *buffer, uint32_t room, uint32_t fixed)
{
	memset(buffer, 0, room);
	*(struct head *)buffer = (struct head) { .total = room, .needed = fixed, .used = fixed };
}

/* Room for the next try, 0 when there is none */
static uint32_t more(const struct head *head, LONG result, uint32_t room)
{
	uint32_t needed = head->needed;

	if (result == LINEERR_STRUCTURETOOSMALL && needed <= room)
		needed = room * 2;
	else if (result && result != LINEERR_STRUCTURETOOSMALL)
		return 0;
	return needed > room && needed <= ROOM_MAX ? needed : 0;
}

/* @out is to be freed, whatever is returned */
static LONG fill(query_fn *fn, const struct query *query, uint32_t fixed, struct filled *out)
{
	uint32_t room = ROOM, next;
	struct head *head;
	LONG result;

	out->buffer = NULL;
	for (int i = 0; i < TRIES; i++, room = next) {
		free(out->buffer);
		out->buffer = head = malloc(room);
		if (!head)
			return LINEERR_NOMEM;
		begin(head, room, fixed);
		result = fn(query, head);
		next = more(head, result, room);
		if (!next || i == TRIES - 1)
			break;
	}
	out->size = head->used < fixed ? fixed : head->used;
	if (out->size > room)
		out->size = room;
	return result;
}

static LONG unpacked(int err, const char *name)
{
	if (err == 1)
		tsph_log(LOG_INFO, "text in a %s of the provider is no UTF-16; repaired", name);
	if (err >= 0)
		return 0;
	if (err == -ENOMEM)
		return LINEERR_NOMEM;
	tsph_log(LOG_WARNING, "the provider wrote a malformed %s", name);
	return LINEERR_OPERATIONFAILED;
}

LONG query_struct(query_fn *fn, const struct query *query, const struct sv_table *table,
		  ProtobufCAllocator *allocator, ProtobufCMessage **message)
{
	struct filled filled;
	LONG result = fill(fn, query, (uint32_t)sv_fixed(table, query->version), &filled);

	if (!result)
		result = unpacked(sv_unpack(table, query->version, SV_W | SV_REPAIR, filled.buffer,
					    filled.size, allocator, message), table->name);
	free(filled.buffer);
	return result;
}

LONG query_varstring(query_fn *fn, const struct query *query, ProtobufCAllocator *allocator,
		     uint32_t *format, ProtobufCBinaryData *data)
{
	struct filled filled;
	LONG result = fill(fn, query, sizeof(VARSTRING), &filled);

	if (!result)
		result = unpacked(sv_unpack_varstring(filled.buffer, filled.size, allocator, format,
						      data), "VARSTRING");
	free(filled.buffer);
	return result;
}

LONG query_call_info(const struct query *q, void *buffer)
{
	return TSP(lineGetCallInfo, q->call, buffer);
}

LONG query_dev_caps(const struct query *q, void *buffer)
{
	return TSP(lineGetDevCaps, q->device, q->version, q->ext_version, buffer);
}

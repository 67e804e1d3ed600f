/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who calls: the data message between the first two bursts of ringing, in Bell 202 (Telcordia
 * GR-30) or V.23 (ETSI EN 300 659).  Both receivers listen; the first whole message counts.
 */
#include <stdlib.h>
#include <string.h>

#include <spandsp.h>

#include "sound.h"

#define RECEIVERS	2

struct receiver {
	struct callerid *callerid;
	adsi_rx_state_t *adsi;
};

struct callerid {
	struct receiver receivers[RECEIVERS];
	bool done;
	void (*heard)(void *data, const struct caller *caller);
	void *data;
};

/* What exchanges send is ASCII; nothing else is handed on */
static void copy(char *to, const uint8_t *from, int length)
{
	int n = 0;

	for (int i = 0; i < length && n < CARD_ID_MAX - 1; i++) {
		if (from[i] >= ' ' && from[i] < 0x7f)
			to[n++] = from[i];
	}
	to[n] = 0;
}

/* 'P': the caller wants it so; anything else: it cannot be had */
static DWORD absence(const uint8_t *field, int length)
{
	return length > 0 && field[0] == 'P' ? LINECALLPARTYID_BLOCKED :
					       LINECALLPARTYID_OUTOFAREA;
}

static void take_field(struct caller *caller, uint8_t type, const uint8_t *field, int length)
{
	/* the numbers of the fields are the same in both standards */
	switch (type) {
	case MCLASS_CALLER_NUMBER:
		copy(caller->number, field, length);
		break;
	case MCLASS_CALLER_NAME:
		copy(caller->name, field, length);
		break;
	case MCLASS_ABSENCE1:
		caller->flags = absence(field, length);
		break;
	}
}

/* The single data message: MMDDHHMM, then the number, or one letter for its absence */
static void take_single(struct caller *caller, const uint8_t *field, int length)
{
	if (length <= 8)
		return;
	if (length == 9 && (field[8] == 'P' || field[8] == 'O'))
		caller->flags = absence(field + 8, 1);
	else
		copy(caller->number, field + 8, length - 8);
}

static bool parse(struct receiver *receiver, const uint8_t *msg, int length,
		  struct caller *caller)
{
	const uint8_t *field;
	int field_length, pos = -1;
	uint8_t type;

	do {
		pos = adsi_next_field(receiver->adsi, msg, length, pos, &type, &field,
				      &field_length);
		/* the first is the header: which kind of message */
		if (pos > 0 && !field) {
			if (type != CLASS_MDMF_CALLERID && type != CLASS_SDMF_CALLERID)
				return false;
		} else if (pos > 0 && msg[0] == CLASS_SDMF_CALLERID) {
			take_single(caller, field, field_length);
		} else if (pos > 0) {
			take_field(caller, type, field, field_length);
		}
	} while (pos > 0 && pos < length);
	if (caller->number[0])
		caller->flags = LINECALLPARTYID_ADDRESS;
	if (caller->name[0])
		caller->flags |= LINECALLPARTYID_NAME;
	return caller->flags;
}

static void received(void *data, const uint8_t *msg, int length)
{
	struct receiver *receiver = data;
	struct callerid *callerid = receiver->callerid;
	struct caller caller = { 0 };

	if (callerid->done || !parse(receiver, msg, length, &caller))
		return;
	callerid->done = true;
	callerid->heard(callerid->data, &caller);
}

/**
 * callerid_new() - begin to listen
 *
 * Return: NULL when there is no memory.
 */
struct callerid *callerid_new(void (*heard)(void *data, const struct caller *caller), void *data)
{
	static const int standards[RECEIVERS] = { ADSI_STANDARD_CLASS, ADSI_STANDARD_CLIP };
	struct callerid *callerid = calloc(1, sizeof(*callerid));

	if (!callerid)
		return NULL;
	callerid->heard = heard;
	callerid->data = data;
	for (int i = 0; i < RECEIVERS; i++) {
		struct receiver *receiver = &callerid->receivers[i];

		receiver->callerid = callerid;
		receiver->adsi = adsi_rx_init(NULL, standards[i], received, receiver);
		if (!receiver->adsi) {
			callerid_free(callerid);
			return NULL;
		}
	}
	return callerid;
}

void callerid_hear(struct callerid *callerid, const int16_t *samples, int count)
{
	for (int i = 0; i < RECEIVERS; i++)
		adsi_rx(callerid->receivers[i].adsi, samples, count);
}

void callerid_free(struct callerid *callerid)
{
	if (!callerid)
		return;
	for (int i = 0; i < RECEIVERS; i++) {
		if (callerid->receivers[i].adsi)
			adsi_rx_free(callerid->receivers[i].adsi);
	}
	free(callerid);
}

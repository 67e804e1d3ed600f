/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private interface of the card MSP: bytes of the program's own to and from
 * the TSP, about a call or about the address.
 *
 * tapi3_call_query(call, MSP_CARD_DATA, &methods, &self) gives it for a call,
 * tapi3_address_query() for the address.  What the TSP sends arrives as
 * TAPI3_EVENT_PRIVATE with code MSP_CARD_DATA_EVENT.
 */
#ifndef TAPI3_MSP_CARD_H
#define TAPI3_MSP_CARD_H

#include <stddef.h>
#include <stdint.h>

#define MSP_CARD_DATA		"tapi.card.data/1"
#define MSP_CARD_DATA_EVENT	1
/* Longest message: the relay's 7,680 bytes less the mark in front */
#define MSP_CARD_DATA_MAX	7676

/**
 * struct msp_card_data - methods of MSP_CARD_DATA
 * @version: 1
 * @size: sizeof(struct msp_card_data)
 * @send: 0 bytes to MSP_CARD_DATA_MAX; returns 0, -ENOTCONN (the TSP has not spoken about
 *	this call), -EAGAIN (full: try again after a TAPI3_EVENT_PRIVATE or later), -EMSGSIZE,
 *	-EPIPE (the TSP has gone)
 */
struct msp_card_data {
	uint32_t version;
	uint32_t size;
	int (*send)(void *self, const void *data, size_t size);
};

#endif /* TAPI3_MSP_CARD_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The media service provider of kernel telephony cards.
 *
 *   wire.c     messages to and from the TSP
 *   media.c    the line's PCM, and which stream uses it
 *   module.c   what libtapi3 calls
 */
#ifndef MSP_CARD_H
#define MSP_CARD_H

#include <tapi3/msp.h>

#include "card_msg.pb-c.h"

/* Longest CardMsg with its magic */
#define CARD_MSG_MAX	512
#define CARD_VERSION	1
#define CARD_STREAMS	2
/* The first period after a start is due after some 40 ms; then the line is dead */
#define CARD_STATS_MS	5000

/**
 * struct msp_stream - one direction of a call
 * @terminal: borrowed from the library, or NULL
 * @stopped: by the program: it does not start by itself
 * @attached: the line moves samples for it
 * @active: the program has been told so
 */
struct msp_stream {
	struct msp_call *call;
	enum tapi3_direction direction;
	struct msp_host_stream *host;
	struct msp_terminal *terminal;
	bool stopped;
	bool attached;
	bool active;
};

/**
 * struct msp_call - a call
 * @next: of the address
 * @offered: START has come and no STOP
 * @early: START allows sound before CONNECTED
 * @number: the TSP's number of this offer
 * @line: the open PCM or NULL
 * @flowing: the first period has passed
 * @digits_id: of the digits under way
 */
struct msp_call {
	struct msp_address *address;
	struct msp_call *next;
	struct msp_host_call *host;
	struct msp_stream streams[CARD_STREAMS];
	bool offered;
	bool early;
	uint32_t number;
	char pcm[64];
	uint32_t period_ms;
	struct msp_line *line;
	bool flowing;
	uint32_t digits_id;
	struct msp_timer *stats;
};

/**
 * struct msp_address - one program's view of one address
 */
struct msp_address {
	const struct msp_host_ops *ops;
	struct msp_host_address *host;
	struct msp_call *calls;
};

/* wire.c */
void wire_send(struct msp_address *address, struct msp_call *call,
	       const Tapi__Card__CardMsg *msg);
int wire_send_private(struct msp_address *address, struct msp_call *call, const void *data,
		      size_t size);
void wire_receive(struct msp_address *address, struct msp_call *call, const void *data,
		  size_t size);
void wire_send_stats(struct msp_call *call);

/* media.c */
void media_offer(struct msp_call *call, const Tapi__Card__Start *start);
void media_withdraw(struct msp_call *call, enum tapi3_media_cause cause);
/* Something that decides about sound has changed */
void media_update(struct msp_call *call, enum tapi3_media_cause cause);
/* @stream no longer uses the line */
void media_release(struct msp_stream *stream, enum tapi3_media_cause cause);
void media_play_digits(struct msp_call *call, const Tapi__Card__PlayDigits *play);

#endif /* MSP_CARD_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages of the card pair: "TCM1" and a CardMsg, or "TCP1" and bytes of the
 * program's own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tapi3/msp_card.h>

#include "card.h"

#define MAGIC_SIZE	4
static const char magic_msg[MAGIC_SIZE + 1] = "TCM1";
static const char magic_private[MAGIC_SIZE + 1] = "TCP1";

static void log_text(struct msp_address *address, const char *what, int err)
{
	char text[128];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(-err));
	address->ops->log(address->host, 4, text);
}

void wire_send(struct msp_address *address, struct msp_call *call,
	       const Tapi__Card__CardMsg *msg)
{
	uint8_t buffer[CARD_MSG_MAX];
	size_t size = tapi__card__card_msg__get_packed_size(msg);
	int err = -EMSGSIZE;

	if (size <= sizeof(buffer) - MAGIC_SIZE) {
		memcpy(buffer, magic_msg, MAGIC_SIZE);
		tapi__card__card_msg__pack(msg, buffer + MAGIC_SIZE);
		err = address->ops->send(address->host, call ? call->host : NULL, buffer,
					 size + MAGIC_SIZE);
	}
	if (err)
		log_text(address, "cannot tell the provider", err);
}

int wire_send_private(struct msp_address *address, struct msp_call *call, const void *data,
		      size_t size)
{
	char buffer[MAGIC_SIZE + MSP_CARD_DATA_MAX];

	if (size > MSP_CARD_DATA_MAX)
		return -EMSGSIZE;
	memcpy(buffer, magic_private, MAGIC_SIZE);
	if (size)
		memcpy(buffer + MAGIC_SIZE, data, size);
	return address->ops->send(address->host, call ? call->host : NULL, buffer,
				  size + MAGIC_SIZE);
}

void wire_send_stats(struct msp_call *call)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__Stats stats = TAPI__CARD__STATS__INIT;
	struct msp_line_stats now;

	call->address->ops->line_stats(call->line, &now);
	stats.has_stream = stats.has_captured = stats.has_played = true;
	stats.has_xruns = stats.has_drift_ppm = stats.has_latency_us = true;
	stats.stream = call->number;
	stats.captured = now.captured;
	stats.played = now.played;
	stats.xruns = now.xruns;
	stats.drift_ppm = now.drift_ppm;
	stats.latency_us = now.latency_us;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_STATS;
	msg.stats = &stats;
	wire_send(call->address, call, &msg);
}

static void answer_ready(struct msp_address *address, const Tapi__Card__Ready *ready)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__Ready answer = TAPI__CARD__READY__INIT;

	if (ready->version_min > CARD_VERSION || ready->version_max < CARD_VERSION) {
		address->ops->log(address->host, 3,
				  "the provider speaks no version of the card messages known here");
		return;
	}
	answer.has_version = answer.has_version_min = answer.has_version_max = true;
	answer.version = answer.version_min = answer.version_max = CARD_VERSION;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_READY;
	msg.ready = &answer;
	wire_send(address, NULL, &msg);
}

static void receive_call(struct msp_call *call, const Tapi__Card__CardMsg *msg)
{
	switch (msg->what_case) {
	case TAPI__CARD__CARD_MSG__WHAT_START:
		media_offer(call, msg->start);
		break;
	case TAPI__CARD__CARD_MSG__WHAT_STOP:
		media_withdraw(call, msg->stop->has_cause ? msg->stop->cause :
			       TAPI3_MEDIA_CAUSE_REMOTE_REQUEST);
		break;
	case TAPI__CARD__CARD_MSG__WHAT_PLAY_DIGITS:
		media_play_digits(call, msg->play_digits);
		break;
	default:
		break;		/* of a newer version: nothing we must do */
	}
}

void wire_receive(struct msp_address *address, struct msp_call *call, const void *data,
		  size_t size)
{
	Tapi__Card__CardMsg *msg;

	if (!size)
		return;
	if (size >= MAGIC_SIZE && !memcmp(data, magic_private, MAGIC_SIZE)) {
		address->ops->post_private_event(address->host, call ? call->host : NULL,
						 MSP_CARD_DATA_EVENT,
						 (const char *)data + MAGIC_SIZE,
						 size - MAGIC_SIZE);
		return;
	}
	if (size < MAGIC_SIZE || size > CARD_MSG_MAX || memcmp(data, magic_msg, MAGIC_SIZE)) {
		address->ops->log(address->host, 4, "bytes from the provider are not for us");
		return;
	}
	msg = tapi__card__card_msg__unpack(NULL, size - MAGIC_SIZE,
					   (const uint8_t *)data + MAGIC_SIZE);
	if (!msg) {
		address->ops->log(address->host, 4, "a damaged message from the provider");
		return;
	}
	if (call)
		receive_call(call, msg);
	else if (msg->what_case == TAPI__CARD__CARD_MSG__WHAT_READY)
		answer_ready(address, msg->ready);
	tapi__card__card_msg__free_unpacked(msg, NULL);
}

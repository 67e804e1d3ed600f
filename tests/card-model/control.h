/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control socket: lines of commands in, answers out, each ended by "ok" or "error: ...". */
#ifndef CONTROL_H
#define CONTROL_H

#include <poll.h>
#include <stdbool.h>

#include "card.h"

#define CONTROL_CLIENTS 4
#define CONTROL_POLLED	(CONTROL_CLIENTS + 1)
#define CONTROL_LINE	512

struct control_client {
	int fd;
	char line[CONTROL_LINE];
	unsigned int used;
	bool waits; /* for the card to settle, before its next command */
	/* Still to be sent. Never waited for: the client may be the machine that waits for us. */
	char *answer;
	size_t size, sent;
};

struct control {
	struct card *card;
	int listener;
	struct control_client clients[CONTROL_CLIENTS];
};

void control_init(struct control *control, struct card *card, int listener);
void control_close(struct control *control);
unsigned int control_poll(const struct control *control, struct pollfd *polled);
void control_serve(struct control *control, const struct pollfd *polled, unsigned int count);
void control_settle(struct control *control);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Binding a line, for tests of the relay and of who may use the sound. */
#ifndef COMPLIANCE_RELAY_H
#define COMPLIANCE_RELAY_H

#include "line.h"
#include "netlink.h"

/* @line is claimed; @m and @answer are room for the messages */
int relay_bind(struct nl_socket *s, const struct line *line, struct nl_message *m,
	       struct nl_message *answer);

#endif /* COMPLIANCE_RELAY_H */

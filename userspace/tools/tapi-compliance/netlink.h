/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's generic netlink family, message by message.  0 or a negative errno. */
#ifndef COMPLIANCE_NETLINK_H
#define COMPLIANCE_NETLINK_H

#include <stddef.h>
#include <stdint.h>

#include <linux/netlink.h>
#include <linux/tapi_netlink.h>

#define NL_ROOM		(TAPI_NL_DATA_MAX + 1024)
#define NL_SAVED	32

struct nl_message {
	uint16_t type;
	uint8_t cmd;
	const void *at[TAPI_NL_A_MAX + 1];	/* payload of the attributes, NULL: not there */
	size_t size[TAPI_NL_A_MAX + 1];
	union {
		struct nlmsghdr header;
		char bytes[NL_ROOM];
	};
};

struct nl_socket {
	int fd;				/* -1: closed */
	uint32_t seq;
	uint16_t family;
	struct nl_message *saved[NL_SAVED];	/* notices that came before an answer */
	unsigned int count;
};

int nl_open(struct nl_socket *s);
void nl_close(struct nl_socket *s);
void nl_begin(struct nl_message *m, const struct nl_socket *s, int cmd);
void nl_put(struct nl_message *m, int attribute, const void *data, size_t size);
void nl_put_u32(struct nl_message *m, int attribute, uint32_t value);
/* Sends and waits for the acknowledgement; @answer may be NULL */
int nl_talk(struct nl_socket *s, struct nl_message *m, struct nl_message *answer);
/* The next notice: -ETIME when there is none in time */
int nl_notice(struct nl_socket *s, struct nl_message *m, int ms);
uint32_t nl_u32(const struct nl_message *m, int attribute);

#endif /* COMPLIANCE_NETLINK_H */

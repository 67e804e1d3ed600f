/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Generic netlink family "tapi": the relay of opaque data between a telephony
 * service provider and its media service providers, and the list of lines.
 *
 * A line is named by TAPI_NL_A_CARD and TAPI_NL_A_LINE when it has hardware,
 * else by TAPI_NL_A_GUID; every message names it in one of the two ways.
 */
#ifndef _UAPI_LINUX_TAPI_NETLINK_H
#define _UAPI_LINUX_TAPI_NETLINK_H

#define TAPI_NL_FAMILY		"tapi"
#define TAPI_NL_VERSION		1
#define TAPI_NL_GROUP_LINES	"lines"		/* NEW_LINE, DEL_LINE, CHANGE_LINE */

#define TAPI_NL_DATA_MAX	7680		/* message and overhead fit in 8 KiB */
#define TAPI_NL_COOKIE_LEN	16
#define TAPI_NL_GUID_LEN	16
#define TAPI_NL_NAME_LEN	32		/* with the NUL */
#define TAPI_NL_WINDOW		16		/* messages under way, per instance and direction */
#define TAPI_NL_CALLS		64		/* calls announced at a time, per instance */

enum tapi_nl_cmd {
	TAPI_NL_CMD_GET_LINE = 1,	/* do, dump */
	TAPI_NL_CMD_NEW_LINE,		/* answer, notice */
	TAPI_NL_CMD_DEL_LINE,		/* notice */
	TAPI_NL_CMD_CHANGE_LINE,	/* notice */
	TAPI_NL_CMD_PROVIDER_BIND,
	TAPI_NL_CMD_PROVIDER_UNBIND,
	TAPI_NL_CMD_PROVIDER_GONE,	/* notice to the provider: line released or gone */
	TAPI_NL_CMD_GRANT,		/* answered with COOKIE and GRANT */
	TAPI_NL_CMD_GRANT_REVOKE,
	TAPI_NL_CMD_INSTANCE_CREATE,	/* answered with INSTANCE, WINDOW, the line, ADDRESS */
	TAPI_NL_CMD_INSTANCE_NEW,	/* notice to the provider */
	TAPI_NL_CMD_INSTANCE_CLOSE,
	TAPI_NL_CMD_INSTANCE_GONE,	/* notice to the other end */
	TAPI_NL_CMD_GET_INSTANCE,	/* dump of the caller's own instances */
	TAPI_NL_CMD_DATA,
	TAPI_NL_CMD_CREDIT,
	TAPI_NL_CMD_READY,		/* notice, once after -EAGAIN */
	TAPI_NL_CMD_CALL_END,
	__TAPI_NL_CMD_END,
};

#define TAPI_NL_CMD_MAX (__TAPI_NL_CMD_END - 1)

enum tapi_nl_attr {
	TAPI_NL_A_CARD = 1,	/* u32 */
	TAPI_NL_A_LINE,		/* u32 */
	TAPI_NL_A_GUID,		/* 16 bytes; a line without hardware */
	TAPI_NL_A_NAME,		/* string */
	TAPI_NL_A_TYPE,		/* u32: TAPI_LINE_FXS, TAPI_LINE_FXO */
	TAPI_NL_A_CAPS,		/* u64: TAPI_LINE_CAP_ */
	TAPI_NL_A_SND_CARD,	/* u32 */
	TAPI_NL_A_SND_DEVICE,	/* u32 */
	TAPI_NL_A_BOUND,	/* u8: has a provider */
	TAPI_NL_A_LINE_FD,	/* s32: the claiming file of the line */
	TAPI_NL_A_ADDRESS,	/* u32 */
	TAPI_NL_A_UID,		/* u32 */
	TAPI_NL_A_PID,		/* u32 */
	TAPI_NL_A_COOKIE,	/* 16 bytes */
	TAPI_NL_A_GRANT,	/* u32 */
	TAPI_NL_A_EXPIRES_MS,	/* u32 */
	TAPI_NL_A_INSTANCE,	/* u32; 0 = all of the line */
	TAPI_NL_A_CALL,		/* u64: the provider's number, by convention dwCallID */
	TAPI_NL_A_SEQ,		/* u32 */
	TAPI_NL_A_FLAGS,	/* u32: TAPI_NL_FL_ */
	TAPI_NL_A_DATA,		/* 0..TAPI_NL_DATA_MAX bytes */
	TAPI_NL_A_CONSUMED,	/* u32: messages consumed so far on this instance */
	TAPI_NL_A_WINDOW,	/* u32: messages */
	TAPI_NL_A_REASON,	/* u32: TAPI_NL_GONE_ */
	TAPI_NL_A_REFUSED,	/* nest: INSTANCE, ERRNO */
	TAPI_NL_A_ERRNO,	/* u32: positive errno */
	TAPI_NL_A_PAD,
	__TAPI_NL_A_END,
};

#define TAPI_NL_A_MAX (__TAPI_NL_A_END - 1)

/* TAPI_NL_A_FLAGS */
enum {
	TAPI_NL_FL_MORE = 1,	/* the next message continues this block */
	TAPI_NL_FL_GAP = 2,	/* from the kernel: a message before this one was lost */
};

/* TAPI_NL_A_REASON of INSTANCE_GONE and PROVIDER_GONE */
enum {
	TAPI_NL_GONE_CLOSED = 1,	/* the other end closed it */
	TAPI_NL_GONE_DIED,		/* the other end's socket is gone */
	TAPI_NL_GONE_UNBOUND,		/* the provider left the line */
	TAPI_NL_GONE_RELEASED,		/* the line was released */
	TAPI_NL_GONE_UNPLUGGED,		/* the line is gone */
};

#endif /* _UAPI_LINUX_TAPI_NETLINK_H */

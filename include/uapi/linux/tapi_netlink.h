/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Generic netlink family "tapi": the relay of opaque data between a telephony
 * service provider and its media service providers, and the list of lines.
 *
 * A provider binds a line and grants cookies; an application presents a cookie
 * and becomes the other end of an instance.  The two ends exchange messages the
 * kernel never looks into: in order, at most once, TAPI_NL_WINDOW at a time.
 *
 * A line is named by TAPI_NL_A_CARD and TAPI_NL_A_LINE when it has hardware,
 * else by TAPI_NL_A_GUID.  Messages of the kernel name it always; messages to
 * the kernel may leave the name out when they carry an instance or a cookie,
 * and are refused when a name they carry is not that instance's line.
 *
 * Errors come as NLMSG_ERROR with a text and the attribute at fault
 * (NETLINK_EXT_ACK).  A message that is refused changes nothing, but for
 * TAPI_NL_A_CONSUMED of DATA that gets EAGAIN.
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

/**
 * enum tapi_nl_cmd - commands, answers and notices
 * @TAPI_NL_CMD_GET_LINE: from anybody, do and dump: the line, or all lines of the
 *	network namespace; answered with NEW_LINE
 * @TAPI_NL_CMD_NEW_LINE: answer, and notice to the group "lines"; the name of the line,
 *	NAME, BOUND, and with hardware TYPE, CAPS, SND_CARD, SND_DEVICE
 * @TAPI_NL_CMD_DEL_LINE: notice; the name of the line
 * @TAPI_NL_CMD_CHANGE_LINE: notice; as NEW_LINE, sent when BOUND changes
 * @TAPI_NL_CMD_PROVIDER_BIND: the sending socket becomes the provider of a line: LINE_FD
 *	for one with hardware, answered with PROVIDER_BIND and the line's name;
 *	GUID and NAME for one without (CAP_NET_ADMIN)
 * @TAPI_NL_CMD_PROVIDER_UNBIND: from the provider, with the line's name: it stops being
 *	that, all instances of the line end
 * @TAPI_NL_CMD_PROVIDER_GONE: notice to the provider, with REASON: it is the provider of the
 *	line no longer; all instances of the line have ended, no INSTANCE_GONE follows
 * @TAPI_NL_CMD_GRANT: from the provider, with the line's name, ADDRESS and if wanted UID and
 *	PID of who may use it; answered with GRANT, COOKIE, EXPIRES_MS
 * @TAPI_NL_CMD_GRANT_REVOKE: from the provider, with the line's name and GRANT
 * @TAPI_NL_CMD_INSTANCE_CREATE: from an application, with COOKIE; answered with INSTANCE,
 *	WINDOW, the line's name, ADDRESS
 * @TAPI_NL_CMD_INSTANCE_NEW: notice to the provider: INSTANCE, ADDRESS, GRANT, PID, UID
 * @TAPI_NL_CMD_INSTANCE_CLOSE: from either end, with INSTANCE
 * @TAPI_NL_CMD_INSTANCE_GONE: notice to the other end: INSTANCE, REASON
 * @TAPI_NL_CMD_GET_INSTANCE: dump: the instances the socket is an end of, with INSTANCE,
 *	ADDRESS, ROLE, SENT, RECEIVED, CONSUMED, WINDOW; the way back after ENOBUFS
 * @TAPI_NL_CMD_DATA: to the kernel from either end: INSTANCE, DATA, and if wanted CALL, SEQ,
 *	FLAGS, CONSUMED; INSTANCE 0 and the line's name from the provider is for all
 *	instances, answered with DATA and a REFUSED for each that missed it, if any did.
 *	From the kernel: INSTANCE, SEQ, DATA, and CALL, FLAGS if there are any
 * @TAPI_NL_CMD_CREDIT: from either end: INSTANCE, CONSUMED
 * @TAPI_NL_CMD_READY: notice, once after DATA got EAGAIN: INSTANCE; there is room again
 * @TAPI_NL_CMD_CALL_END: from the provider: INSTANCE (or 0 and the line's name) and CALL,
 *	which the application may not name any more
 */
enum tapi_nl_cmd {
	TAPI_NL_CMD_GET_LINE = 1,
	TAPI_NL_CMD_NEW_LINE,
	TAPI_NL_CMD_DEL_LINE,
	TAPI_NL_CMD_CHANGE_LINE,
	TAPI_NL_CMD_PROVIDER_BIND,
	TAPI_NL_CMD_PROVIDER_UNBIND,
	TAPI_NL_CMD_PROVIDER_GONE,
	TAPI_NL_CMD_GRANT,
	TAPI_NL_CMD_GRANT_REVOKE,
	TAPI_NL_CMD_INSTANCE_CREATE,
	TAPI_NL_CMD_INSTANCE_NEW,
	TAPI_NL_CMD_INSTANCE_CLOSE,
	TAPI_NL_CMD_INSTANCE_GONE,
	TAPI_NL_CMD_GET_INSTANCE,
	TAPI_NL_CMD_DATA,
	TAPI_NL_CMD_CREDIT,
	TAPI_NL_CMD_READY,
	TAPI_NL_CMD_CALL_END,
	__TAPI_NL_CMD_END,
};

#define TAPI_NL_CMD_MAX (__TAPI_NL_CMD_END - 1)

/**
 * enum tapi_nl_attr - attributes
 * @TAPI_NL_A_CARD: u32, number of the card
 * @TAPI_NL_A_LINE: u32, number of the line on the card
 * @TAPI_NL_A_GUID: TAPI_NL_GUID_LEN bytes, a line without hardware; not all zero
 * @TAPI_NL_A_NAME: string, the line's name for people, 1 .. TAPI_NL_NAME_LEN - 1 bytes
 * @TAPI_NL_A_TYPE: u32, TAPI_LINE_FXS or TAPI_LINE_FXO
 * @TAPI_NL_A_CAPS: u64, TAPI_LINE_CAP_ bits
 * @TAPI_NL_A_SND_CARD: u32, number of the ALSA card, TAPI_LINE_NONE without sound
 * @TAPI_NL_A_SND_DEVICE: u32, number of the ALSA PCM device, TAPI_LINE_NONE without sound
 * @TAPI_NL_A_BOUND: u8, 1 when the line has a provider
 * @TAPI_NL_A_LINE_FD: s32, the sender's descriptor of the file that claimed the line
 * @TAPI_NL_A_ADDRESS: u32, address on the line
 * @TAPI_NL_A_UID: u32, effective user id; of GRANT in the sender's user namespace, of
 *	INSTANCE_NEW in that of the process that bound the line
 * @TAPI_NL_A_PID: u32, process (thread group) id; namespaces as with UID
 * @TAPI_NL_A_COOKIE: TAPI_NL_COOKIE_LEN bytes, secret
 * @TAPI_NL_A_GRANT: u32, number of a grant, not secret; unique within a binding
 * @TAPI_NL_A_EXPIRES_MS: u32, how long the cookie is good, ms
 * @TAPI_NL_A_INSTANCE: u32, 1 .. 0x7fffffff; 0 in DATA and CALL_END is all of the line
 * @TAPI_NL_A_CALL: u64, the provider's number of a call, by convention dwCallID
 * @TAPI_NL_A_SEQ: u32, number of a DATA message, from 1 for each instance and direction.
 *	From a sender: the message is refused (EINVAL) when it is not the next one, so
 *	that a later message cannot overtake one that got EAGAIN
 * @TAPI_NL_A_FLAGS: u32, TAPI_NL_FL_ bits
 * @TAPI_NL_A_DATA: 0 .. TAPI_NL_DATA_MAX bytes
 * @TAPI_NL_A_CONSUMED: u32, SEQ of the last DATA message that has been dealt with
 * @TAPI_NL_A_WINDOW: u32, messages that may be sent now before EAGAIN
 * @TAPI_NL_A_REASON: u32, TAPI_NL_GONE_
 * @TAPI_NL_A_REFUSED: nest of INSTANCE and ERRNO
 * @TAPI_NL_A_ERRNO: u32, positive errno
 * @TAPI_NL_A_PAD: for alignment
 * @TAPI_NL_A_ROLE: u32, TAPI_NL_ROLE_
 * @TAPI_NL_A_SENT: u32, messages this end has sent
 * @TAPI_NL_A_RECEIVED: u32, messages that were queued for this end
 */
enum tapi_nl_attr {
	TAPI_NL_A_CARD = 1,
	TAPI_NL_A_LINE,
	TAPI_NL_A_GUID,
	TAPI_NL_A_NAME,
	TAPI_NL_A_TYPE,
	TAPI_NL_A_CAPS,
	TAPI_NL_A_SND_CARD,
	TAPI_NL_A_SND_DEVICE,
	TAPI_NL_A_BOUND,
	TAPI_NL_A_LINE_FD,
	TAPI_NL_A_ADDRESS,
	TAPI_NL_A_UID,
	TAPI_NL_A_PID,
	TAPI_NL_A_COOKIE,
	TAPI_NL_A_GRANT,
	TAPI_NL_A_EXPIRES_MS,
	TAPI_NL_A_INSTANCE,
	TAPI_NL_A_CALL,
	TAPI_NL_A_SEQ,
	TAPI_NL_A_FLAGS,
	TAPI_NL_A_DATA,
	TAPI_NL_A_CONSUMED,
	TAPI_NL_A_WINDOW,
	TAPI_NL_A_REASON,
	TAPI_NL_A_REFUSED,
	TAPI_NL_A_ERRNO,
	TAPI_NL_A_PAD,
	TAPI_NL_A_ROLE,
	TAPI_NL_A_SENT,
	TAPI_NL_A_RECEIVED,
	__TAPI_NL_A_END,
};

#define TAPI_NL_A_MAX (__TAPI_NL_A_END - 1)

/* TAPI_NL_A_FLAGS */
enum {
	TAPI_NL_FL_MORE = 1,	/* the next message continues this block */
	TAPI_NL_FL_GAP = 2,	/* from the kernel: a message to all was missed before this one */
};

/* TAPI_NL_A_REASON of INSTANCE_GONE and PROVIDER_GONE */
enum {
	TAPI_NL_GONE_CLOSED = 1,	/* the other end closed it */
	TAPI_NL_GONE_DIED,		/* the other end's socket or claiming file is gone */
	TAPI_NL_GONE_UNBOUND,		/* the provider left the line */
	TAPI_NL_GONE_RELEASED,		/* the line was released */
	TAPI_NL_GONE_UNPLUGGED,		/* the line is gone */
};

/* TAPI_NL_A_ROLE */
enum {
	TAPI_NL_ROLE_PROVIDER = 1,
	TAPI_NL_ROLE_APPLICATION,
};

#endif /* _UAPI_LINUX_TAPI_NETLINK_H */

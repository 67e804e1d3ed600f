/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the relay share.
 *
 *   relay.c        the family, its parameters, start and end
 *   relay_line.c   the list of lines, GET_LINE, notices about lines
 *   relay_end.c    ends (sockets): identity, death, queueing, notices
 *   relay_bind.c   providers: bind, unbind, claims and lines that go
 *   relay_grant.c  cookies
 *   relay_inst.c   instances: create, close, list
 *   relay_data.c   data, credit, calls
 *
 * Two mutexes, both global:
 *
 * relay_ctl orders everything that makes or ends a binding or an instance, the
 * matching calls of pass.c included: passes and bindings never disagree.  It is
 * taken under line->lock, and pcm->open_mutex is taken under it, by pass.c.
 *
 * relay_lock, taken under relay_ctl or alone, covers the lists and numbers.
 * Data needs only this one; nothing waits for other users under it.
 *
 * relay_ends_lock is a spinlock and a leaf: who is in the table of ends.
 */
#ifndef _TAPI_RELAY_H
#define _TAPI_RELAY_H

#include <linux/idr.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/netns/generic.h>
#include <net/sock.h>
#include <uapi/linux/tapi_netlink.h>

#include "core.h"
#include "credit.h"

/* Receive buffer that data leaves free, so that notices and answers fit: bytes */
#define RELAY_RESERVE		(32 * 1024)
/* When a notice that found no room is tried again */
#define RELAY_RETRY_MS		100

/**
 * struct relay_net - the relay in one network namespace
 * @lines: struct tapi_relay_line; under relay_lock
 * @instances: struct relay_instance by number; under relay_lock
 * @generation: counts changes of @lines, for dumps; under relay_lock
 */
struct relay_net {
	struct list_head lines;
	struct idr instances;
	unsigned int generation;
};

/**
 * struct relay_name - how messages name a line
 * @hardware: by @card and @line, else by @guid
 * @card: number of the card
 * @line: number of the line on it
 * @guid: of a line without hardware
 */
struct relay_name {
	bool hardware;
	u32 card;
	u32 line;
	u8 guid[TAPI_NL_GUID_LEN];
};

/**
 * struct relay_notice - something an end has yet to be told
 * @node: in the end's list; under relay_lock
 * @cmd: INSTANCE_GONE, in a dead instance; PROVIDER_GONE, in a dead binding
 * @reason: TAPI_NL_GONE_
 */
struct relay_notice {
	struct list_head node;
	u8 cmd;
	u32 reason;
};

/**
 * struct relay_end - a socket that is a provider or has instances
 * @hash: in the table of ends; under relay_ends_lock
 * @sk: the socket, held; it keeps its network namespace.  Its port number is
 *	free for others before anybody hears of its death, so only @sk counts
 * @portid: to recognise the death notice
 * @closing: the close work is under way; under relay_ends_lock
 * @close_work: ends everything this end is part of
 * @retry: sends what found no room
 * @bindings: lines it is the provider of; under relay_lock, as the rest
 * @instances: those it has as an application
 * @notices: what it has yet to be told
 * @waiters: directions whose sender got EAGAIN because of this end
 * @num_instances: length of @instances
 * @num_notices: length of @notices
 *
 * Pins the module.
 */
struct relay_end {
	struct hlist_node hash;
	struct sock *sk;
	u32 portid;
	bool closing;
	struct work_struct close_work;
	struct delayed_work retry;
	struct list_head bindings;
	struct list_head instances;
	struct list_head notices;
	struct list_head waiters;
	unsigned int num_instances;
	unsigned int num_notices;
};

/**
 * struct tapi_relay_line - a line in the relay
 * @node: in relay_net.lines
 * @net: its network namespace; that of the first process when it has hardware
 * @line: the line, NULL when it has no hardware
 * @name: how it is named
 * @label: name for people of a line without hardware
 * @binding: its provider, NULL when there is none
 * @instances: struct relay_instance, alive
 * @num_instances: length of @instances
 * @claim_gone: counts ends of claims; under relay_ctl
 * @orphaned: the provider died, its passes are still good; under relay_ctl
 */
struct tapi_relay_line {
	struct list_head node;
	struct net *net;
	struct tapi_line *line;
	struct relay_name name;
	char label[TAPI_NL_NAME_LEN];
	struct relay_binding *binding;
	struct list_head instances;
	unsigned int num_instances;
	unsigned int claim_gone;
	bool orphaned;
};

/**
 * struct relay_binding - a provider on a line
 * @node: in end->bindings
 * @end: the provider's socket
 * @rl: the line
 * @name: its name, which outlives the line in a notice
 * @grants: struct relay_grant
 * @num_grants: length of @grants
 * @last_grant: number of the last one
 * @pid_ns: where PID in INSTANCE_NEW is valid
 * @user_ns: where UID in INSTANCE_NEW is valid
 * @notice: PROVIDER_GONE
 */
struct relay_binding {
	struct list_head node;
	struct relay_end *end;
	struct tapi_relay_line *rl;
	struct relay_name name;
	struct list_head grants;
	unsigned int num_grants;
	u32 last_grant;
	struct pid_namespace *pid_ns;
	struct user_namespace *user_ns;
	struct relay_notice notice;
};

/**
 * struct relay_grant - a cookie that has not been used
 * @node: in binding->grants
 * @binding: who granted it
 * @cookie: the secret
 * @id: number for revoking
 * @address: address on the line
 * @expires: when it ends, CLOCK_MONOTONIC
 * @for_uid: only a process with effective user id @uid may use it
 * @uid: see @for_uid
 * @pid: only this process may use it; NULL is any
 */
struct relay_grant {
	struct list_head node;
	struct relay_binding *binding;
	u8 cookie[TAPI_NL_COOKIE_LEN];
	u32 id;
	u32 address;
	ktime_t expires;
	bool for_uid;
	kuid_t uid;
	struct pid *pid;
};

/**
 * struct relay_dir - one direction of an instance
 * @credit: its window
 * @gap: the receiver missed a message to all instances
 * @need: truesize of the message that got EAGAIN, bytes
 * @waiter: in the receiver's list while the sender waits for READY, else empty
 * @inst: the instance
 */
struct relay_dir {
	struct tapi_credit credit;
	bool gap;
	unsigned int need;
	struct list_head waiter;
	struct relay_instance *inst;
};

/**
 * struct relay_instance - an application's media service provider on a line
 * @id: its number
 * @address: address on the line
 * @grant: number of the grant it came with
 * @name: the line's name, which outlives the line in a notice
 * @rl: the line
 * @app: the application's socket
 * @tgid: the application's process, holder of a pass
 * @of_line: in rl->instances
 * @of_app: in app->instances
 * @to_app: provider to application
 * @to_provider: application to provider
 * @num_calls: how many of @calls are in use
 * @calls: calls the application may name
 * @notice: INSTANCE_GONE, once dead
 */
struct relay_instance {
	u32 id;
	u32 address;
	u32 grant;
	struct relay_name name;
	struct tapi_relay_line *rl;
	struct relay_end *app;
	struct pid *tgid;
	struct list_head of_line;
	struct list_head of_app;
	struct relay_dir to_app;
	struct relay_dir to_provider;
	unsigned int num_calls;
	u64 calls[TAPI_NL_CALLS];
	struct relay_notice notice;
};

extern struct mutex relay_ctl;
extern struct mutex relay_lock;
extern struct workqueue_struct *relay_wq;
extern struct genl_family relay_family;
extern unsigned int relay_grant_ms;
extern unsigned int relay_max_instances;
extern unsigned int relay_max_per_socket;
extern unsigned int relay_max_grants;

struct relay_net *relay_net_of(struct net *net);

/* Refuse a request: text, the attribute at fault if it is there, errno */
#define relay_refuse(info, attr, err, text) ({					\
	NL_SET_ERR_MSG_ATTR((info)->extack, (info)->attrs[attr], text);		\
	(err); })

#define relay_missing(info, attr, text) ({					\
	NL_SET_ERR_MSG((info)->extack, text);					\
	NL_SET_ERR_ATTR_MISS((info)->extack, NULL, attr);			\
	-EINVAL; })

/* relay_line.c */
int relay_put_name(struct sk_buff *skb, const struct relay_name *name);
int relay_get_name(struct genl_info *info, struct relay_name *name);
bool relay_same_name(const struct relay_name *a, const struct relay_name *b);
struct tapi_relay_line *relay_find_line(struct net *net, const struct relay_name *name);
struct tapi_relay_line *relay_named_line(struct genl_info *info);
struct tapi_relay_line *relay_own_line(struct genl_info *info, struct sock *sk);
int relay_new_line(struct tapi_relay_line *rl);
void relay_drop_line(struct tapi_relay_line *rl);
void relay_tell_line(struct tapi_relay_line *rl, u8 cmd);
int relay_get_line(struct sk_buff *skb, struct genl_info *info);
int relay_dump_lines(struct sk_buff *skb, struct netlink_callback *cb);

/* relay_end.c */
struct relay_end *relay_find_end(struct sk_buff *skb);
struct relay_end *relay_make_end(struct sk_buff *skb);
void relay_end_unused(struct relay_end *end);
bool relay_room(const struct relay_end *end, unsigned int truesize, unsigned int reserve);
int relay_push(struct relay_end *end, struct sk_buff *skb);
void relay_add_notice(struct relay_end *end, struct relay_notice *notice);
void relay_flush(struct relay_end *end);
void relay_wait_for(struct relay_end *end, struct relay_dir *dir, unsigned int need);
void relay_wait_end(struct relay_dir *dir);
int relay_ends_init(void);
void relay_ends_exit(void);

/* relay_bind.c */
int relay_provider_bind(struct sk_buff *skb, struct genl_info *info);
int relay_provider_unbind(struct sk_buff *skb, struct genl_info *info);
void relay_end_bindings(struct relay_end *end);
void relay_free_binding(struct relay_binding *binding);

/* relay_grant.c */
int relay_new_grant(struct sk_buff *skb, struct genl_info *info);
int relay_revoke_grant(struct sk_buff *skb, struct genl_info *info);
struct relay_grant *relay_find_grant(struct genl_info *info);
void relay_free_grant(struct relay_grant *grant);

/* relay_inst.c */
int relay_instance_create(struct sk_buff *skb, struct genl_info *info);
int relay_instance_close(struct sk_buff *skb, struct genl_info *info);
int relay_dump_instances(struct sk_buff *skb, struct netlink_callback *cb);
int relay_get_instance(struct genl_info *info, struct sock *sk, struct relay_instance **inst,
		       struct relay_end **self);
void relay_kill_instance(struct relay_instance *inst, struct relay_end *tell, u32 reason);
void relay_end_instances(struct relay_end *end);

/* relay_data.c */
int relay_data(struct sk_buff *skb, struct genl_info *info);
int relay_credit(struct sk_buff *skb, struct genl_info *info);
int relay_call_end(struct sk_buff *skb, struct genl_info *info);
bool relay_try_ready(struct relay_dir *dir);

#endif /* _TAPI_RELAY_H */

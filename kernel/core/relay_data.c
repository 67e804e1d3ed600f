// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data between the ends of an instance: window, room, order, calls.
 *
 * A message is refused or it is in the receiver's queue when the sender's call
 * returns; nothing is stored here.  All under relay_lock.  The bytes are copied once
 * and never looked at.
 */
#include <linux/slab.h>

#include "relay.h"
#include "trace.h"

/* Headers, INSTANCE, a GUID or CARD and LINE, CALL, SEQ, FLAGS, DATA's header: bytes */
#define RELAY_DATA_HEAD		128
/* READY with its headers: bytes */
#define RELAY_READY_SIZE	96

/**
 * struct relay_message - DATA on its way
 * @info: the request
 * @data: the bytes
 * @len: their number
 * @flags: TAPI_NL_FL_MORE or 0
 * @call: the call it is about
 * @has_call: or the address
 */
struct relay_message {
	struct genl_info *info;
	const void *data;
	unsigned int len;
	u32 flags;
	u64 call;
	bool has_call;
};

static bool relay_knows_call(const struct relay_instance *inst, u64 call)
{
	unsigned int i;

	for (i = 0; i < inst->num_calls; i++)
		if (inst->calls[i] == call)
			return true;
	return false;
}

static bool relay_forget_call(struct relay_instance *inst, u64 call)
{
	unsigned int i;

	for (i = 0; i < inst->num_calls; i++) {
		if (inst->calls[i] != call)
			continue;
		inst->calls[i] = inst->calls[--inst->num_calls];
		return true;
	}
	return false;
}

static struct relay_end *relay_receiver(const struct relay_dir *dir)
{
	struct relay_instance *inst = dir->inst;

	return dir == &inst->to_app ? inst->app : inst->rl->binding->end;
}

static struct relay_end *relay_sender(const struct relay_dir *dir)
{
	struct relay_instance *inst = dir->inst;

	return dir == &inst->to_app ? inst->rl->binding->end : inst->app;
}

static bool relay_send_ready(struct relay_dir *dir)
{
	struct relay_end *sender = relay_sender(dir);
	struct sk_buff *skb = tapi_alloc(ready, nlmsg_new(RELAY_READY_SIZE, GFP_KERNEL));
	void *hdr;

	if (!skb)
		return false;
	hdr = genlmsg_put(skb, 0, 0, &relay_family, 0, TAPI_NL_CMD_READY);
	if (!hdr || nla_put_u32(skb, TAPI_NL_A_INSTANCE, dir->inst->id) ||
	    relay_put_name(skb, &dir->inst->name) || !relay_room(sender, skb->truesize, 0)) {
		nlmsg_free(skb);
		return false;
	}
	genlmsg_end(skb, hdr);
	return relay_push(sender, skb) != -EAGAIN;
}

/*
 * Tells a waiting sender that window and room are there.  Return: false when it must be
 * tried again without a message from the receiver.
 */
bool relay_try_ready(struct relay_dir *dir)
{
	lockdep_assert_held(&relay_lock);
	if (!tapi_credit_left(&dir->credit, TAPI_NL_WINDOW))
		return true;
	if (!relay_room(relay_receiver(dir), dir->need, RELAY_RESERVE) || !relay_send_ready(dir))
		return false;
	relay_wait_end(dir);
	return true;
}

static int relay_fill_data(struct sk_buff *skb, const struct relay_dir *dir,
			   const struct relay_message *msg, u32 seq)
{
	u32 flags = msg->flags | (dir->gap ? TAPI_NL_FL_GAP : 0);
	void *hdr = genlmsg_put(skb, 0, 0, &relay_family, 0, TAPI_NL_CMD_DATA);

	if (!hdr || nla_put_u32(skb, TAPI_NL_A_INSTANCE, dir->inst->id) ||
	    relay_put_name(skb, &dir->inst->name) ||
	    nla_put_u32(skb, TAPI_NL_A_SEQ, seq))
		return -EMSGSIZE;
	if (msg->has_call && nla_put_u64_64bit(skb, TAPI_NL_A_CALL, msg->call, TAPI_NL_A_PAD))
		return -EMSGSIZE;
	if (flags && nla_put_u32(skb, TAPI_NL_A_FLAGS, flags))
		return -EMSGSIZE;
	if (nla_put(skb, TAPI_NL_A_DATA, msg->len, msg->data))
		return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

static bool relay_injects(const struct relay_dir *dir)
{
	const struct tapi_line *line = dir->inst->rl->line;

	return line && tapi_inject_eagain(line->card);
}

/*
 * Puts the message into the receiver's queue, in @skb, which is used up.  -EAGAIN: the
 * window is full or there is no room; READY will follow.
 */
static int relay_deliver(struct relay_dir *dir, const struct relay_message *msg,
			 struct sk_buff *skb)
{
	struct relay_end *to = relay_receiver(dir);
	unsigned int need = skb->truesize;
	int err;

	if (!tapi_credit_left(&dir->credit, TAPI_NL_WINDOW) ||
	    !relay_room(to, need, RELAY_RESERVE) || relay_injects(dir)) {
		nlmsg_free(skb);
		relay_wait_for(to, dir, need);
		return -EAGAIN;
	}
	err = relay_fill_data(skb, dir, msg, dir->credit.sent + 1);
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	err = relay_push(to, skb);
	if (err == -EAGAIN)
		relay_wait_for(to, dir, need);
	if (err)
		return err;
	tapi_credit_take(&dir->credit);
	dir->gap = false;
	relay_wait_end(dir);
	return 0;
}

static struct sk_buff *relay_new_message(const struct relay_message *msg)
{
	return tapi_alloc(message, nlmsg_new(RELAY_DATA_HEAD + msg->len, GFP_KERNEL));
}

/* The provider may name any call, and the application may once it has heard of it */
static int relay_check_call(const struct relay_dir *dir, const struct relay_message *msg)
{
	const struct relay_instance *inst = dir->inst;

	if (!msg->has_call || relay_knows_call(inst, msg->call))
		return 0;
	if (dir == &inst->to_provider)
		return -ENOTCONN;
	return inst->num_calls < TAPI_NL_CALLS ? 0 : -ENOSPC;
}

static int relay_to_dir(struct relay_dir *dir, const struct relay_message *msg,
			struct sk_buff *skb)
{
	struct relay_instance *inst = dir->inst;
	int err = relay_deliver(dir, msg, skb);

	trace_tapi_relay_data(inst->id, dir == &inst->to_app, msg->len, err);
	if (!err && dir == &inst->to_app && msg->has_call && !relay_knows_call(inst, msg->call))
		inst->calls[inst->num_calls++] = msg->call;
	return err;
}

static int relay_check_consumed(struct genl_info *info, const struct relay_dir *back)
{
	struct nlattr *consumed = info->attrs[TAPI_NL_A_CONSUMED];

	if (consumed && !tapi_credit_valid(&back->credit, nla_get_u32(consumed)))
		return relay_refuse(info, TAPI_NL_A_CONSUMED, -EINVAL,
				    "CONSUMED goes back, or beyond what was received");
	return 0;
}

static void relay_take_consumed(struct genl_info *info, struct relay_dir *back)
{
	struct nlattr *consumed = info->attrs[TAPI_NL_A_CONSUMED];

	if (!consumed)
		return;
	tapi_credit_give(&back->credit, nla_get_u32(consumed));
	if (!list_empty(&back->waiter))
		relay_flush(relay_receiver(back));
}

static int relay_check_data(const struct relay_message *msg, const struct relay_dir *dir,
			    const struct relay_dir *back)
{
	struct genl_info *info = msg->info;
	struct nlattr *seq = info->attrs[TAPI_NL_A_SEQ];

	switch (relay_check_call(dir, msg)) {
	case -ENOTCONN:
		return relay_refuse(info, TAPI_NL_A_CALL, -ENOTCONN,
				    "the provider has not spoken about this call");
	case -ENOSPC:
		return relay_refuse(info, TAPI_NL_A_CALL, -ENOSPC,
				    "the instance has too many calls; CALL_END ends one");
	}
	if (seq && nla_get_u32(seq) != dir->credit.sent + 1)
		return relay_refuse(info, TAPI_NL_A_SEQ, -EINVAL, "SEQ is not the next number");
	return relay_check_consumed(info, back);
}

/* To the other end of one instance */
static int relay_data_one(struct sk_buff *skb, const struct relay_message *msg)
{
	struct sk_buff *out = relay_new_message(msg);
	struct genl_info *info = msg->info;
	struct relay_dir *dir, *back;
	struct relay_instance *inst;
	struct relay_end *self;
	int err;

	if (!out)
		return -ENOMEM;
	mutex_lock(&relay_lock);
	err = relay_get_instance(info, NETLINK_CB(skb).sk, &inst, &self);
	if (err)
		goto err_free;
	dir = self == inst->app ? &inst->to_provider : &inst->to_app;
	back = self == inst->app ? &inst->to_app : &inst->to_provider;
	err = relay_check_data(msg, dir, back);
	if (err)
		goto err_free;
	relay_take_consumed(info, back);
	err = relay_to_dir(dir, msg, out);
	mutex_unlock(&relay_lock);
	if (err == -EAGAIN)
		NL_SET_ERR_MSG(info->extack, "the window or the receiver is full; READY follows");
	else if (err == -ENOENT)
		NL_SET_ERR_MSG(info->extack, "the other end is gone");
	return err;

err_free:
	mutex_unlock(&relay_lock);
	nlmsg_free(out);
	return err;
}

static int relay_put_refused(struct sk_buff *answer, u32 instance, int err)
{
	struct nlattr *nest = nla_nest_start(answer, TAPI_NL_A_REFUSED);

	if (!nest || nla_put_u32(answer, TAPI_NL_A_INSTANCE, instance) ||
	    nla_put_u32(answer, TAPI_NL_A_ERRNO, -err))
		return -EMSGSIZE;
	nla_nest_end(answer, nest);
	return 0;
}

static int relay_data_to(struct relay_instance *inst, const struct relay_message *msg)
{
	struct relay_dir *dir = &inst->to_app;
	struct sk_buff *out;
	int err;

	err = relay_check_call(dir, msg);
	if (!err) {
		out = relay_new_message(msg);
		err = out ? relay_to_dir(dir, msg, out) : -ENOMEM;
	}
	if (err)
		dir->gap = true;
	return err;
}

/* The answer that lists who missed a message to all: all of them fit, and it has room */
static struct sk_buff *relay_refused_answer(struct genl_info *info, struct tapi_relay_line *rl,
					    void **hdr)
{
	/* a nest of two u32 is 20 bytes */
	struct sk_buff *answer = tapi_alloc(answer, nlmsg_new(RELAY_DATA_HEAD +
						20 * rl->num_instances, GFP_KERNEL));

	if (!answer)
		return ERR_PTR(-ENOMEM);
	*hdr = genlmsg_put_reply(answer, info, &relay_family, 0, TAPI_NL_CMD_DATA);
	if (*hdr && !nla_put_u32(answer, TAPI_NL_A_INSTANCE, 0) &&
	    !relay_put_name(answer, &rl->name) &&
	    relay_room(rl->binding->end, answer->truesize, 0))
		return answer;
	nlmsg_free(answer);
	return ERR_PTR(relay_refuse(info, TAPI_NL_A_INSTANCE, -ENOBUFS,
				    "no room for the answer in the sender's socket"));
}

static int relay_data_line(struct sk_buff *skb, const struct relay_message *msg)
{
	struct genl_info *info = msg->info;
	struct tapi_relay_line *rl = relay_own_line(info, NETLINK_CB(skb).sk);
	struct relay_instance *inst;
	unsigned int refused = 0;
	struct sk_buff *answer;
	void *hdr;
	int err;

	if (IS_ERR(rl))
		return PTR_ERR(rl);
	answer = relay_refused_answer(info, rl, &hdr);
	if (IS_ERR(answer))
		return PTR_ERR(answer);
	list_for_each_entry(inst, &rl->instances, of_line) {
		err = relay_data_to(inst, msg);
		if (!err)
			continue;
		refused++;
		relay_put_refused(answer, inst->id, err);
	}
	if (!refused) {
		nlmsg_free(answer);
		return 0;
	}
	genlmsg_end(answer, hdr);
	relay_push(rl->binding->end, answer);
	return 0;
}

/* To all instances of a line */
static int relay_data_all(struct sk_buff *skb, const struct relay_message *msg)
{
	struct genl_info *info = msg->info;
	int err;

	if (info->attrs[TAPI_NL_A_SEQ])
		return relay_refuse(info, TAPI_NL_A_SEQ, -EINVAL, "each instance counts by itself");
	if (info->attrs[TAPI_NL_A_CONSUMED])
		return relay_refuse(info, TAPI_NL_A_CONSUMED, -EINVAL,
				    "each instance counts by itself");
	mutex_lock(&relay_lock);
	err = relay_data_line(skb, msg);
	mutex_unlock(&relay_lock);
	return err;
}

int relay_data(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *data = info->attrs[TAPI_NL_A_DATA];
	struct relay_message msg = { .info = info };

	if (!data)
		return relay_missing(info, TAPI_NL_A_DATA, "DATA is missing; it may be empty");
	if (nla_len(data) > TAPI_NL_DATA_MAX)
		return relay_refuse(info, TAPI_NL_A_DATA, -EMSGSIZE, "DATA is too long");
	if (!info->attrs[TAPI_NL_A_INSTANCE])
		return relay_missing(info, TAPI_NL_A_INSTANCE, "INSTANCE is missing");
	msg.data = nla_data(data);
	msg.len = nla_len(data);
	if (info->attrs[TAPI_NL_A_FLAGS])
		msg.flags = nla_get_u32(info->attrs[TAPI_NL_A_FLAGS]);
	msg.has_call = info->attrs[TAPI_NL_A_CALL];
	if (msg.has_call)
		msg.call = nla_get_u64(info->attrs[TAPI_NL_A_CALL]);
	if (!nla_get_u32(info->attrs[TAPI_NL_A_INSTANCE]))
		return relay_data_all(skb, &msg);
	return relay_data_one(skb, &msg);
}

int relay_credit(struct sk_buff *skb, struct genl_info *info)
{
	struct relay_instance *inst;
	struct relay_end *self;
	struct relay_dir *back;
	int err;

	if (!info->attrs[TAPI_NL_A_CONSUMED])
		return relay_missing(info, TAPI_NL_A_CONSUMED, "CONSUMED is missing");
	mutex_lock(&relay_lock);
	err = relay_get_instance(info, NETLINK_CB(skb).sk, &inst, &self);
	if (!err) {
		back = self == inst->app ? &inst->to_app : &inst->to_provider;
		err = relay_check_consumed(info, back);
		if (!err)
			relay_take_consumed(info, back);
	}
	mutex_unlock(&relay_lock);
	return err;
}

static int relay_call_end_all(struct sk_buff *skb, struct genl_info *info, u64 call)
{
	struct tapi_relay_line *rl = relay_own_line(info, NETLINK_CB(skb).sk);
	struct relay_instance *inst;

	if (IS_ERR(rl))
		return PTR_ERR(rl);
	list_for_each_entry(inst, &rl->instances, of_line)
		relay_forget_call(inst, call);
	return 0;
}

static int relay_call_end_one(struct sk_buff *skb, struct genl_info *info, u64 call)
{
	struct relay_instance *inst;
	struct relay_end *self;
	int err = relay_get_instance(info, NETLINK_CB(skb).sk, &inst, &self);

	if (err)
		return err;
	if (self == inst->app)
		return relay_refuse(info, TAPI_NL_A_INSTANCE, -EPERM,
				    "only the provider withdraws a call");
	if (!relay_forget_call(inst, call))
		return relay_refuse(info, TAPI_NL_A_CALL, -ENOENT,
				    "the instance has not heard of this call");
	return 0;
}

int relay_call_end(struct sk_buff *skb, struct genl_info *info)
{
	u64 call;
	int err;

	if (!info->attrs[TAPI_NL_A_CALL])
		return relay_missing(info, TAPI_NL_A_CALL, "CALL is missing");
	if (!info->attrs[TAPI_NL_A_INSTANCE])
		return relay_missing(info, TAPI_NL_A_INSTANCE, "INSTANCE is missing");
	call = nla_get_u64(info->attrs[TAPI_NL_A_CALL]);
	mutex_lock(&relay_lock);
	if (nla_get_u32(info->attrs[TAPI_NL_A_INSTANCE]))
		err = relay_call_end_one(skb, info, call);
	else
		err = relay_call_end_all(skb, info, call);
	mutex_unlock(&relay_lock);
	return err;
}

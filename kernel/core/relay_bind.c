// SPDX-License-Identifier: GPL-2.0-only
/*
 * Providers of lines: bind, unbind, and what happens to a provider when its socket,
 * its claim or its line goes.
 *
 * Everything here runs under relay_ctl, so that bindings and passes change together;
 * lists are changed under relay_lock, which is not held while pass.c cuts streams.
 */
#include <linux/err.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "relay.h"

/* Room for the answer to PROVIDER_BIND with its headers: bytes */
#define RELAY_BIND_SIZE		64

static struct relay_binding *relay_alloc_binding(struct tapi_relay_line *rl)
{
	struct relay_binding *binding = tapi_alloc(binding, kzalloc(sizeof(*binding),
								    GFP_KERNEL_ACCOUNT));

	if (!binding)
		return NULL;
	binding->rl = rl;
	binding->name = rl->name;
	INIT_LIST_HEAD(&binding->grants);
	binding->pid_ns = get_pid_ns(task_active_pid_ns(current));
	binding->user_ns = get_user_ns(current_user_ns());
	return binding;
}

void relay_free_binding(struct relay_binding *binding)
{
	put_pid_ns(binding->pid_ns);
	put_user_ns(binding->user_ns);
	kfree(binding);
}

/* The sender of @skb becomes the provider */
static int relay_attach(struct sk_buff *skb, struct relay_binding *binding)
{
	struct tapi_relay_line *rl = binding->rl;

	mutex_lock(&relay_lock);
	binding->end = relay_make_end(skb);
	if (binding->end) {
		list_add_tail(&binding->node, &binding->end->bindings);
		rl->binding = binding;
	}
	mutex_unlock(&relay_lock);
	return binding->end ? 0 : -ENOMEM;
}

/*
 * Takes the provider off the line and ends all instances, which are told @reason.  The
 * provider is told @provider_reason unless that is 0.  Under relay_ctl and relay_lock.
 */
static void relay_detach(struct tapi_relay_line *rl, u32 reason, u32 provider_reason)
{
	struct relay_binding *binding = rl->binding;
	struct relay_instance *inst, *next_inst;
	struct relay_grant *grant, *next_grant;
	struct relay_end *end = binding->end;

	list_for_each_entry_safe(inst, next_inst, &rl->instances, of_line)
		relay_kill_instance(inst, inst->app, reason);
	list_for_each_entry_safe(grant, next_grant, &binding->grants, node)
		relay_free_grant(grant);
	list_del(&binding->node);
	rl->binding = NULL;
	if (provider_reason) {
		binding->notice.cmd = TAPI_NL_CMD_PROVIDER_GONE;
		binding->notice.reason = provider_reason;
		relay_add_notice(end, &binding->notice);
		relay_flush(end);
	} else {
		relay_free_binding(binding);
		relay_end_unused(end);
	}
}

/* A line without hardware lives as long as its binding; under relay_ctl and relay_lock */
static void relay_forget(struct tapi_relay_line *rl)
{
	relay_drop_line(rl);
	relay_tell_line(rl, TAPI_NL_CMD_DEL_LINE);
	kfree(rl);
}

/*
 * The provider leaves a line with hardware.  @linger: the claim asked for one, and the
 * passes stay good until it ends or somebody binds.  Under relay_ctl.
 */
static void relay_leave(struct tapi_relay_line *rl, u32 reason, u32 provider_reason, bool linger)
{
	bool bound = rl->binding;

	if (!bound && (linger || !rl->orphaned))
		return;
	if (bound) {
		mutex_lock(&relay_lock);
		relay_detach(rl, reason, provider_reason);
		mutex_unlock(&relay_lock);
	}
	rl->orphaned = linger;
	if (linger) {
		tapi_pass_orphan(rl->line);
	} else {
		tapi_pass_unbind(rl->line);
		/* until here digits were the call's, also without a provider */
		tapi_line_set_bound(rl->line, false);
	}
	if (bound)
		relay_tell_line(rl, TAPI_NL_CMD_CHANGE_LINE);
}

static int relay_answer_bind(struct sk_buff *msg, struct genl_info *info,
			     const struct relay_name *name)
{
	void *hdr = genlmsg_put_reply(msg, info, &relay_family, 0, TAPI_NL_CMD_PROVIDER_BIND);

	if (!hdr || relay_put_name(msg, name)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	/* not queued: the socket overran, the sender gets ENOBUFS and sees BOUND by GET_LINE */
	genlmsg_reply(msg, info);
	return 0;
}

/* Under relay_ctl */
static int relay_bind_line(struct sk_buff *skb, struct genl_info *info, struct tapi_relay_line *rl)
{
	struct relay_binding *binding;
	struct sk_buff *msg;
	int err = -ENOMEM;

	if (rl->binding)
		return relay_refuse(info, TAPI_NL_A_LINE_FD, -EBUSY, "the line has a provider");
	msg = tapi_alloc(answer, nlmsg_new(RELAY_BIND_SIZE, GFP_KERNEL));
	if (!msg)
		return -ENOMEM;
	binding = relay_alloc_binding(rl);
	if (!binding)
		goto err_msg;
	/* strangers' streams are cut before anybody can act on the binding */
	err = tapi_pass_bind(rl->line, task_tgid(current));
	if (err)
		goto err_binding;
	err = relay_attach(skb, binding);
	if (err)
		goto err_pass;
	rl->orphaned = false;
	tapi_line_set_bound(rl->line, true);
	relay_tell_line(rl, TAPI_NL_CMD_CHANGE_LINE);
	return relay_answer_bind(msg, info, &rl->name);

err_pass:
	if (rl->orphaned)
		tapi_pass_orphan(rl->line);
	else
		tapi_pass_unbind(rl->line);
err_binding:
	relay_free_binding(binding);
err_msg:
	nlmsg_free(msg);
	return err;
}

static struct tapi_line *relay_claimed_line(struct genl_info *info)
{
	int fd = nla_get_s32(info->attrs[TAPI_NL_A_LINE_FD]);
	struct tapi_line *line = tapi_line_from_claim_fd(fd);

	switch (PTR_ERR_OR_ZERO(line)) {
	case 0:
		return line;
	case -EPERM:
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[TAPI_NL_A_LINE_FD],
				    "LINE_FD has not claimed its line");
		break;
	case -ENODEV:
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[TAPI_NL_A_LINE_FD],
				    "the line is gone");
		break;
	default:
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[TAPI_NL_A_LINE_FD],
				    "LINE_FD is not an open telephone line");
	}
	return line;
}

/*
 * Asking for the claim takes line->lock, which comes before relay_ctl.  So it is asked
 * for first, and a claim that ended meanwhile shows in the counter.
 */
static int relay_bind_fd(struct sk_buff *skb, struct genl_info *info)
{
	struct tapi_line *line, *again;
	unsigned int claim_gone = 0;
	int err = -ENODEV;

	if (!net_eq(genl_info_net(info), &init_net))
		return relay_refuse(info, TAPI_NL_A_LINE_FD, -ENOENT,
				    "lines with hardware are in the first network namespace");
	line = relay_claimed_line(info);
	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&relay_ctl);
	if (line->relay)
		claim_gone = line->relay->claim_gone;
	mutex_unlock(&relay_ctl);

	again = relay_claimed_line(info);
	if (IS_ERR(again)) {
		err = PTR_ERR(again);
		goto out;
	}
	mutex_lock(&relay_ctl);
	if (!line->relay)
		err = relay_refuse(info, TAPI_NL_A_LINE_FD, -ENODEV, "the line is gone");
	else if (again != line || line->relay->claim_gone != claim_gone)
		err = relay_refuse(info, TAPI_NL_A_LINE_FD, -EPERM, "the claim has ended");
	else
		err = relay_bind_line(skb, info, line->relay);
	mutex_unlock(&relay_ctl);
	tapi_line_put(again);
out:
	tapi_line_put(line);
	return err;
}

static struct tapi_relay_line *relay_alloc_guid(struct genl_info *info)
{
	struct tapi_relay_line *rl = tapi_alloc(line, kzalloc(sizeof(*rl), GFP_KERNEL_ACCOUNT));
	int ret;

	if (!rl)
		return ERR_PTR(-ENOMEM);
	rl->net = genl_info_net(info);
	INIT_LIST_HEAD(&rl->instances);
	ret = relay_get_name(info, &rl->name);
	if (ret > 0) {
		nla_strscpy(rl->label, info->attrs[TAPI_NL_A_NAME], sizeof(rl->label));
		ret = 0;
		if (!rl->label[0])
			ret = relay_refuse(info, TAPI_NL_A_NAME, -EINVAL, "NAME is empty");
	}
	if (!ret)
		return rl;
	kfree(rl);
	return ERR_PTR(ret);
}

static int relay_bind_guid(struct sk_buff *skb, struct genl_info *info)
{
	struct relay_binding *binding;
	struct tapi_relay_line *rl;
	int err = -ENOMEM;

	if (!netlink_ns_capable(skb, genl_info_net(info)->user_ns, CAP_NET_ADMIN))
		return relay_refuse(info, TAPI_NL_A_GUID, -EPERM,
				    "a line without hardware needs CAP_NET_ADMIN");
	if (!info->attrs[TAPI_NL_A_NAME])
		return relay_missing(info, TAPI_NL_A_NAME, "a GUID needs a NAME");
	rl = relay_alloc_guid(info);
	if (IS_ERR(rl))
		return PTR_ERR(rl);
	binding = relay_alloc_binding(rl);
	if (!binding)
		goto err_line;

	mutex_lock(&relay_ctl);
	err = relay_new_line(rl);
	if (err) {
		err = relay_refuse(info, TAPI_NL_A_GUID, err, "the line has a provider");
		goto err_unlock;
	}
	err = relay_attach(skb, binding);
	if (err)
		goto err_drop;
	relay_tell_line(rl, TAPI_NL_CMD_NEW_LINE);
	mutex_unlock(&relay_ctl);
	return 0;

err_drop:
	mutex_lock(&relay_lock);
	relay_drop_line(rl);
	mutex_unlock(&relay_lock);
err_unlock:
	mutex_unlock(&relay_ctl);
	relay_free_binding(binding);
err_line:
	kfree(rl);
	return err;
}

int relay_provider_bind(struct sk_buff *skb, struct genl_info *info)
{
	if (info->attrs[TAPI_NL_A_LINE_FD]) {
		if (info->attrs[TAPI_NL_A_GUID] || info->attrs[TAPI_NL_A_CARD] ||
		    info->attrs[TAPI_NL_A_LINE])
			return relay_refuse(info, TAPI_NL_A_LINE_FD, -EINVAL,
					    "LINE_FD names the line by itself");
		return relay_bind_fd(skb, info);
	}
	if (info->attrs[TAPI_NL_A_GUID])
		return relay_bind_guid(skb, info);
	return relay_missing(info, TAPI_NL_A_LINE_FD, "neither LINE_FD nor GUID");
}

int relay_provider_unbind(struct sk_buff *skb, struct genl_info *info)
{
	struct tapi_relay_line *rl;
	bool hardware = false;
	int err;

	mutex_lock(&relay_ctl);
	mutex_lock(&relay_lock);
	rl = relay_own_line(info, NETLINK_CB(skb).sk);
	err = PTR_ERR_OR_ZERO(rl);
	if (!err)
		hardware = rl->line;
	if (!err && !hardware) {
		relay_detach(rl, TAPI_NL_GONE_UNBOUND, 0);
		relay_forget(rl);
	}
	mutex_unlock(&relay_lock);
	if (hardware)
		relay_leave(rl, TAPI_NL_GONE_UNBOUND, 0, false);
	mutex_unlock(&relay_ctl);
	return err;
}

/* The socket is dead: all its bindings end; under relay_ctl */
void relay_end_bindings(struct relay_end *end)
{
	struct relay_binding *binding;
	struct tapi_relay_line *rl;

	while ((binding = list_first_entry_or_null(&end->bindings, struct relay_binding, node))) {
		rl = binding->rl;
		if (rl->line) {
			relay_leave(rl, TAPI_NL_GONE_DIED, 0, tapi_line_claim_lingers(rl->line));
			continue;
		}
		mutex_lock(&relay_lock);
		relay_detach(rl, TAPI_NL_GONE_DIED, 0);
		relay_forget(rl);
		mutex_unlock(&relay_lock);
	}
}

/**
 * tapi_relay_claim_gone() - the claim of a line has ended
 * @line: the line
 * @linger_ms: more than 0: the claiming file was closed and the line keeps its state for
 *	that long; 0: it was released, or that time is over
 *
 * Called at every end of a claim, whether there is a provider or not.
 *
 * Context: may sleep; line->lock may be held.
 */
void tapi_relay_claim_gone(struct tapi_line *line, u32 linger_ms)
{
	struct tapi_relay_line *rl;
	u32 reason = linger_ms ? TAPI_NL_GONE_DIED : TAPI_NL_GONE_RELEASED;

	mutex_lock(&relay_ctl);
	rl = line->relay;
	if (rl) {
		rl->claim_gone++;
		relay_leave(rl, reason, TAPI_NL_GONE_RELEASED, linger_ms > 0);
	}
	mutex_unlock(&relay_ctl);
}

/**
 * tapi_relay_line_del() - the line's card is going
 * @line: the line
 *
 * The provider and all instances are told; nobody finds the line any more.
 *
 * Context: may sleep; the driver's operations are off already.
 */
void tapi_relay_line_del(struct tapi_line *line)
{
	struct tapi_relay_line *rl;

	mutex_lock(&relay_ctl);
	rl = line->relay;
	if (rl) {
		mutex_lock(&relay_lock);
		if (rl->binding)
			relay_detach(rl, TAPI_NL_GONE_UNPLUGGED, TAPI_NL_GONE_UNPLUGGED);
		relay_drop_line(rl);
		mutex_unlock(&relay_lock);
		line->relay = NULL;
		tapi_pass_gone(line);
		relay_tell_line(rl, TAPI_NL_CMD_DEL_LINE);
		kfree(rl);
	}
	mutex_unlock(&relay_ctl);
}

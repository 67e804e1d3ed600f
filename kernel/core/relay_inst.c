// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instances: one for each media service provider that an application has on a line.
 *
 * They are made and ended under relay_ctl, together with the pass to the line's sound;
 * lists and numbers are under relay_lock.  A dead instance that still has to tell one
 * of its ends so is in that end's notices and nowhere else.
 */
#include <linux/cred.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "relay.h"

/* Room for INSTANCE_NEW or the answer to INSTANCE_CREATE with headers: bytes */
#define RELAY_INSTANCE_SIZE	128
/* Deaths a provider has not been told of before it gets no more instances */
#define RELAY_MAX_NOTICES	64

static void relay_init_dir(struct relay_dir *dir, struct relay_instance *inst)
{
	dir->inst = inst;
	INIT_LIST_HEAD(&dir->waiter);
}

/*
 * Ends an instance.  @tell, one of its ends or NULL, is told @reason; the pass is the
 * caller's business.  Under relay_ctl and relay_lock.
 */
void relay_kill_instance(struct relay_instance *inst, struct relay_end *tell, u32 reason)
{
	struct relay_end *app = inst->app;

	idr_remove(&relay_net_of(inst->rl->net)->instances, inst->id);
	list_del(&inst->of_line);
	inst->rl->num_instances--;
	list_del(&inst->of_app);
	app->num_instances--;
	relay_wait_end(&inst->to_app);
	relay_wait_end(&inst->to_provider);
	put_pid(inst->tgid);

	inst->notice.cmd = TAPI_NL_CMD_INSTANCE_GONE;
	inst->notice.reason = reason;
	relay_add_notice(tell, &inst->notice);
	relay_flush(tell);
	if (tell != app)
		relay_end_unused(app);
}

/* The socket is dead: the instances it has as an application end; under relay_ctl */
void relay_end_instances(struct relay_end *end)
{
	struct relay_instance *inst;
	struct tapi_relay_line *rl;
	struct pid *tgid;

	while ((inst = list_first_entry_or_null(&end->instances, struct relay_instance, of_app))) {
		rl = inst->rl;
		tgid = get_pid(inst->tgid);
		mutex_lock(&relay_lock);
		relay_kill_instance(inst, rl->binding->end, TAPI_NL_GONE_DIED);
		mutex_unlock(&relay_lock);
		if (rl->line)
			tapi_pass_del(rl->line, tgid);
		put_pid(tgid);
	}
}

/*
 * The instance that a message is about, of which its sender must be an end.  @self is the
 * provider's or the application's end, whichever sent it.  Under relay_lock.
 */
int relay_get_instance(struct genl_info *info, struct sock *sk, struct relay_instance **inst,
		       struct relay_end **self)
{
	struct nlattr *id = info->attrs[TAPI_NL_A_INSTANCE];
	struct relay_instance *found;
	struct relay_name name;
	int named;

	if (!id)
		return relay_missing(info, TAPI_NL_A_INSTANCE, "INSTANCE is missing");
	named = relay_get_name(info, &name);
	if (named < 0)
		return named;
	found = idr_find(&relay_net_of(genl_info_net(info))->instances, nla_get_u32(id));
	if (!found)
		return relay_refuse(info, TAPI_NL_A_INSTANCE, -ENOENT, "no such instance");
	if (found->app->sk == sk)
		*self = found->app;
	else if (found->rl->binding->end->sk == sk)
		*self = found->rl->binding->end;
	else
		return relay_refuse(info, TAPI_NL_A_INSTANCE, -EPERM,
				    "this socket is not an end of the instance");
	if (named && !relay_same_name(&name, &found->name))
		return relay_refuse(info, TAPI_NL_A_INSTANCE, -EINVAL,
				    "the instance is not of the named line");
	*inst = found;
	return 0;
}

static struct relay_instance *relay_alloc_instance(void)
{
	struct relay_instance *inst = tapi_alloc(instance, kzalloc(sizeof(*inst),
								   GFP_KERNEL_ACCOUNT));

	if (!inst)
		return NULL;
	relay_init_dir(&inst->to_app, inst);
	relay_init_dir(&inst->to_provider, inst);
	INIT_LIST_HEAD(&inst->of_line);
	INIT_LIST_HEAD(&inst->of_app);
	inst->tgid = get_pid(task_tgid(current));
	return inst;
}

/* May the sender use the grant now?  Under relay_ctl and relay_lock. */
static int relay_admit(struct sk_buff *skb, struct genl_info *info, struct relay_grant *grant)
{
	struct relay_binding *binding = grant->binding;
	struct relay_end *app = relay_find_end(skb);

	if (binding->end == app)
		return relay_refuse(info, TAPI_NL_A_COOKIE, -EINVAL,
				    "a provider cannot be its own application");
	if (binding->rl->num_instances >= READ_ONCE(relay_max_instances))
		return relay_refuse(info, TAPI_NL_A_COOKIE, -ENOSPC,
				    "the line has too many instances");
	if (app && app->num_instances + app->num_notices >= READ_ONCE(relay_max_per_socket))
		return relay_refuse(info, TAPI_NL_A_COOKIE, -ENOSPC,
				    "the socket has too many instances");
	if (binding->end->num_notices >= RELAY_MAX_NOTICES)
		return relay_refuse(info, TAPI_NL_A_COOKIE, -EAGAIN,
				    "the provider does not read its notices");
	return 0;
}

static int relay_fill_new(struct sk_buff *skb, const struct relay_instance *inst,
			  const struct relay_binding *binding)
{
	void *hdr = genlmsg_put(skb, 0, 0, &relay_family, 0, TAPI_NL_CMD_INSTANCE_NEW);

	if (!hdr || nla_put_u32(skb, TAPI_NL_A_INSTANCE, inst->id) ||
	    relay_put_name(skb, &inst->name) ||
	    nla_put_u32(skb, TAPI_NL_A_ADDRESS, inst->address) ||
	    nla_put_u32(skb, TAPI_NL_A_GRANT, inst->grant) ||
	    nla_put_u32(skb, TAPI_NL_A_PID, pid_nr_ns(inst->tgid, binding->pid_ns)) ||
	    nla_put_u32(skb, TAPI_NL_A_UID, from_kuid_munged(binding->user_ns, current_euid())))
		return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

static int relay_fill_created(struct sk_buff *skb, struct genl_info *info,
			      const struct relay_instance *inst)
{
	void *hdr = genlmsg_put_reply(skb, info, &relay_family, 0, TAPI_NL_CMD_INSTANCE_CREATE);

	if (!hdr || nla_put_u32(skb, TAPI_NL_A_INSTANCE, inst->id) ||
	    relay_put_name(skb, &inst->name) ||
	    nla_put_u32(skb, TAPI_NL_A_ADDRESS, inst->address) ||
	    nla_put_u32(skb, TAPI_NL_A_WINDOW, TAPI_NL_WINDOW))
		return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

/*
 * Tells both ends: the provider first, the application before anybody can send to it.
 * Uses up @notice and @answer.  Under relay_ctl and relay_lock.
 */
static int relay_tell_both(struct genl_info *info, struct relay_instance *inst,
			   struct sk_buff *notice, struct sk_buff *answer)
{
	struct relay_binding *binding = inst->rl->binding;
	int err = relay_fill_new(notice, inst, binding) ?: relay_fill_created(answer, info, inst);

	if (err)
		goto err_free;
	if (!relay_room(binding->end, notice->truesize, 0) ||
	    !relay_room(inst->app, answer->truesize, 0)) {
		err = relay_refuse(info, TAPI_NL_A_COOKIE, -EAGAIN,
				   "no room for the provider's notice or the answer; try again");
		goto err_free;
	}
	err = relay_push(binding->end, notice);
	if (err) {
		nlmsg_free(answer);
		return relay_refuse(info, TAPI_NL_A_COOKIE, err, "the provider is gone");
	}
	/* should it fail in spite of the room, the sender has ENOBUFS and GET_INSTANCE */
	relay_push(inst->app, answer);
	return 0;

err_free:
	nlmsg_free(notice);
	nlmsg_free(answer);
	return err;
}

static void relay_link(struct relay_instance *inst, struct relay_grant *grant,
		       struct relay_end *app)
{
	struct tapi_relay_line *rl = grant->binding->rl;

	inst->rl = rl;
	inst->app = app;
	inst->name = rl->name;
	inst->address = grant->address;
	inst->grant = grant->id;
	list_add_tail(&inst->of_line, &rl->instances);
	rl->num_instances++;
	list_add_tail(&inst->of_app, &app->instances);
	app->num_instances++;
}

static void relay_unlink(struct relay_instance *inst)
{
	list_del_init(&inst->of_line);
	inst->rl->num_instances--;
	list_del_init(&inst->of_app);
	inst->app->num_instances--;
	relay_end_unused(inst->app);
}

/* Under relay_ctl and relay_lock, after relay_admit() */
static int relay_enter(struct sk_buff *skb, struct genl_info *info, struct relay_instance *inst,
		       struct relay_grant *grant)
{
	struct idr *instances = &relay_net_of(genl_info_net(info))->instances;
	struct sk_buff *notice = tapi_alloc(notice, nlmsg_new(RELAY_INSTANCE_SIZE, GFP_KERNEL));
	struct sk_buff *answer = tapi_alloc(answer, nlmsg_new(RELAY_INSTANCE_SIZE, GFP_KERNEL));
	struct relay_end *app = relay_make_end(skb);
	int err = -ENOMEM;

	if (!notice || !answer || !app)
		goto err_free;
	relay_link(inst, grant, app);
	/* cyclic, so that a late message does not reach somebody else's instance */
	err = idr_alloc_cyclic(instances, inst, 1, 0, GFP_KERNEL);
	if (err < 0)
		goto err_unlink;
	inst->id = err;
	err = relay_tell_both(info, inst, notice, answer);
	if (!err) {
		relay_free_grant(grant);
		return 0;
	}
	idr_remove(instances, inst->id);
	relay_unlink(inst);
	return err;

err_unlink:
	relay_unlink(inst);
err_free:
	nlmsg_free(notice);
	nlmsg_free(answer);
	if (app)
		relay_end_unused(app);
	return err;
}

/* Under relay_ctl, which keeps the grant from going while the pass is made */
static int relay_create(struct sk_buff *skb, struct genl_info *info, struct relay_instance *inst)
{
	struct relay_grant *grant;
	struct tapi_line *line;
	int err;

	mutex_lock(&relay_lock);
	grant = relay_find_grant(info);
	err = PTR_ERR_OR_ZERO(grant);
	if (!err)
		err = relay_admit(skb, info, grant);
	mutex_unlock(&relay_lock);
	if (err)
		return err;
	line = grant->binding->rl->line;
	if (line) {
		err = tapi_pass_add(line, inst->tgid);
		if (err)
			return err;
	}
	mutex_lock(&relay_lock);
	err = relay_enter(skb, info, inst, grant);
	mutex_unlock(&relay_lock);
	if (err && line)
		tapi_pass_del(line, inst->tgid);
	return err;
}

int relay_instance_create(struct sk_buff *skb, struct genl_info *info)
{
	struct relay_instance *inst;
	int err;

	if (!info->attrs[TAPI_NL_A_COOKIE])
		return relay_missing(info, TAPI_NL_A_COOKIE, "COOKIE is missing");
	inst = relay_alloc_instance();
	if (!inst)
		return -ENOMEM;
	mutex_lock(&relay_ctl);
	err = relay_create(skb, info, inst);
	mutex_unlock(&relay_ctl);
	if (err) {
		put_pid(inst->tgid);
		kfree(inst);
	}
	return err;
}

int relay_instance_close(struct sk_buff *skb, struct genl_info *info)
{
	struct tapi_line *line = NULL;
	struct relay_instance *inst;
	struct relay_end *self;
	struct pid *tgid;
	int err;

	mutex_lock(&relay_ctl);
	mutex_lock(&relay_lock);
	err = relay_get_instance(info, NETLINK_CB(skb).sk, &inst, &self);
	if (!err) {
		line = inst->rl->line;
		tgid = get_pid(inst->tgid);
		relay_kill_instance(inst, self == inst->app ? inst->rl->binding->end : inst->app,
				    TAPI_NL_GONE_CLOSED);
	}
	mutex_unlock(&relay_lock);
	if (!err) {
		if (line)
			tapi_pass_del(line, tgid);
		put_pid(tgid);
	}
	mutex_unlock(&relay_ctl);
	return err;
}

static int relay_fill_instance(struct sk_buff *skb, const struct relay_instance *inst, u32 role)
{
	const struct relay_dir *out = &inst->to_app, *in = &inst->to_provider;

	if (role == TAPI_NL_ROLE_APPLICATION)
		swap(out, in);
	return nla_put_u32(skb, TAPI_NL_A_INSTANCE, inst->id) ?:
	       relay_put_name(skb, &inst->name) ?:
	       nla_put_u32(skb, TAPI_NL_A_ADDRESS, inst->address) ?:
	       nla_put_u32(skb, TAPI_NL_A_ROLE, role) ?:
	       nla_put_u32(skb, TAPI_NL_A_SENT, out->credit.sent) ?:
	       nla_put_u32(skb, TAPI_NL_A_RECEIVED, in->credit.sent) ?:
	       nla_put_u32(skb, TAPI_NL_A_CONSUMED, out->credit.consumed) ?:
	       nla_put_u32(skb, TAPI_NL_A_WINDOW, tapi_credit_left(&out->credit, TAPI_NL_WINDOW));
}

static bool relay_dump_instance(struct sk_buff *skb, struct netlink_callback *cb,
				const struct relay_instance *inst)
{
	struct sock *sk = NETLINK_CB(cb->skb).sk;
	void *hdr;
	u32 role;

	if (inst->app->sk == sk)
		role = TAPI_NL_ROLE_APPLICATION;
	else if (inst->rl->binding->end->sk == sk)
		role = TAPI_NL_ROLE_PROVIDER;
	else
		return true;
	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &relay_family,
			  NLM_F_MULTI, TAPI_NL_CMD_GET_INSTANCE);
	if (!hdr)
		return false;
	if (relay_fill_instance(skb, inst, role)) {
		genlmsg_cancel(skb, hdr);
		return false;
	}
	genlmsg_end(skb, hdr);
	return true;
}

/* args[0]: the next number */
int relay_dump_instances(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct relay_net *rn = relay_net_of(sock_net(skb->sk));
	struct relay_instance *inst;
	int id = cb->args[0];

	mutex_lock(&relay_lock);
	while ((inst = idr_get_next(&rn->instances, &id))) {
		if (!relay_dump_instance(skb, cb, inst))
			break;
		id++;
	}
	cb->args[0] = id;
	mutex_unlock(&relay_lock);
	return skb->len;
}

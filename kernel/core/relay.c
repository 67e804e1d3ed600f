// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family "tapi": its commands, limits and per-namespace state.
 *
 * The relay carries opaque messages between a provider and the media service
 * providers in applications.  relay.h says which file does what and how the
 * locks nest.  Commands run in the sender's process, in parallel.
 */
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "relay.h"

/* Serialises bindings, unbindings and the coming and going of lines */
DEFINE_MUTEX(relay_ctl);
/* Protects lines, grants and instances */
DEFINE_MUTEX(relay_lock);
struct workqueue_struct *relay_wq;

static unsigned int relay_net_id;

static int relay_set_range(const char *val, const struct kernel_param *kp, unsigned int min,
			   unsigned int max)
{
	return param_set_uint_minmax(val, kp, min, max);
}

static int relay_set_ms(const char *val, const struct kernel_param *kp)
{
	return relay_set_range(val, kp, 10, 600000);
}

static int relay_set_limit(const char *val, const struct kernel_param *kp)
{
	return relay_set_range(val, kp, 1, 4096);
}

static const struct kernel_param_ops relay_ms_ops = {
	.set = relay_set_ms,
	.get = param_get_uint,
};

static const struct kernel_param_ops relay_limit_ops = {
	.set = relay_set_limit,
	.get = param_get_uint,
};

unsigned int relay_grant_ms = 30000;
module_param_cb(grant_ms, &relay_ms_ops, &relay_grant_ms, 0644);
MODULE_PARM_DESC(grant_ms, "How long a cookie is good, ms (10..600000, default 30000)");

unsigned int relay_max_instances = 64;
module_param_cb(max_instances, &relay_limit_ops, &relay_max_instances, 0644);
MODULE_PARM_DESC(max_instances, "Instances of one line (1..4096, default 64)");

unsigned int relay_max_per_socket = 256;
module_param_cb(max_socket_instances, &relay_limit_ops, &relay_max_per_socket, 0644);
MODULE_PARM_DESC(max_socket_instances,
		 "Instances of one application's socket (1..4096, default 256)");

unsigned int relay_max_grants = 64;
module_param_cb(max_grants, &relay_limit_ops, &relay_max_grants, 0644);
MODULE_PARM_DESC(max_grants, "Unused cookies of one provider (1..4096, default 64)");

/* Attributes that only the kernel sends stay NLA_UNSPEC, which is refused */
static const struct nla_policy relay_policy[TAPI_NL_A_MAX + 1] = {
	[TAPI_NL_A_CARD] = { .type = NLA_U32 },
	[TAPI_NL_A_LINE] = { .type = NLA_U32 },
	[TAPI_NL_A_GUID] = NLA_POLICY_EXACT_LEN(TAPI_NL_GUID_LEN),
	[TAPI_NL_A_NAME] = { .type = NLA_NUL_STRING, .len = TAPI_NL_NAME_LEN - 1 },
	[TAPI_NL_A_LINE_FD] = { .type = NLA_S32 },
	[TAPI_NL_A_ADDRESS] = { .type = NLA_U32 },
	[TAPI_NL_A_UID] = { .type = NLA_U32 },
	[TAPI_NL_A_PID] = { .type = NLA_U32 },
	[TAPI_NL_A_COOKIE] = NLA_POLICY_EXACT_LEN(TAPI_NL_COOKIE_LEN),
	[TAPI_NL_A_GRANT] = { .type = NLA_U32 },
	[TAPI_NL_A_INSTANCE] = { .type = NLA_U32 },
	[TAPI_NL_A_CALL] = { .type = NLA_U64 },
	[TAPI_NL_A_SEQ] = { .type = NLA_U32 },
	[TAPI_NL_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, TAPI_NL_FL_MORE),
	[TAPI_NL_A_DATA] = { .type = NLA_BINARY },	/* too long is EMSGSIZE: relay_data.c */
	[TAPI_NL_A_CONSUMED] = { .type = NLA_U32 },
};

typedef int (*relay_handler)(struct sk_buff *skb, struct genl_info *info);

static const relay_handler relay_handlers[TAPI_NL_CMD_MAX + 1] = {
	[TAPI_NL_CMD_GET_LINE] = relay_get_line,
	[TAPI_NL_CMD_PROVIDER_BIND] = relay_provider_bind,
	[TAPI_NL_CMD_PROVIDER_UNBIND] = relay_provider_unbind,
	[TAPI_NL_CMD_GRANT] = relay_new_grant,
	[TAPI_NL_CMD_GRANT_REVOKE] = relay_revoke_grant,
	[TAPI_NL_CMD_INSTANCE_CREATE] = relay_instance_create,
	[TAPI_NL_CMD_INSTANCE_CLOSE] = relay_instance_close,
	[TAPI_NL_CMD_DATA] = relay_data,
	[TAPI_NL_CMD_CREDIT] = relay_credit,
	[TAPI_NL_CMD_CALL_END] = relay_call_end,
};

/*
 * A message from a socket is a sign that its process is awake and may have read
 * something: what it has yet to be told, and who waits for its room, gets another try.
 */
static int relay_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = relay_handlers[info->genlhdr->cmd](skb, info);
	struct relay_end *end;

	mutex_lock(&relay_lock);
	end = relay_find_end(skb);
	if (end)
		relay_flush(end);
	mutex_unlock(&relay_lock);
	return err;
}

static const struct genl_small_ops relay_ops[] = {
	{ .cmd = TAPI_NL_CMD_GET_LINE, .doit = relay_doit, .dumpit = relay_dump_lines },
	{ .cmd = TAPI_NL_CMD_PROVIDER_BIND, .doit = relay_doit },
	{ .cmd = TAPI_NL_CMD_PROVIDER_UNBIND, .doit = relay_doit },
	{ .cmd = TAPI_NL_CMD_GRANT, .doit = relay_doit },
	{ .cmd = TAPI_NL_CMD_GRANT_REVOKE, .doit = relay_doit },
	{ .cmd = TAPI_NL_CMD_INSTANCE_CREATE, .doit = relay_doit },
	{ .cmd = TAPI_NL_CMD_INSTANCE_CLOSE, .doit = relay_doit },
	{ .cmd = TAPI_NL_CMD_GET_INSTANCE, .dumpit = relay_dump_instances },
	{ .cmd = TAPI_NL_CMD_DATA, .doit = relay_doit },
	{ .cmd = TAPI_NL_CMD_CREDIT, .doit = relay_doit },
	{ .cmd = TAPI_NL_CMD_CALL_END, .doit = relay_doit },
};

static const struct genl_multicast_group relay_groups[] = {
	{ .name = TAPI_NL_GROUP_LINES },
};

struct genl_family relay_family __ro_after_init = {
	.name = TAPI_NL_FAMILY,
	.version = TAPI_NL_VERSION,
	.maxattr = TAPI_NL_A_MAX,
	.policy = relay_policy,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.small_ops = relay_ops,
	.n_small_ops = ARRAY_SIZE(relay_ops),
	.mcgrps = relay_groups,
	.n_mcgrps = ARRAY_SIZE(relay_groups),
};

struct relay_net *relay_net_of(struct net *net)
{
	return net_generic(net, relay_net_id);
}

static int __net_init relay_net_init(struct net *net)
{
	struct relay_net *rn = relay_net_of(net);

	INIT_LIST_HEAD(&rn->lines);
	idr_init_base(&rn->instances, 1);
	return 0;
}

/* Every binding and instance holds its namespace through its socket: none is left */
static void __net_exit relay_net_exit(struct net *net)
{
	struct relay_net *rn = relay_net_of(net);

	WARN_ON(!list_empty(&rn->lines));
	idr_destroy(&rn->instances);
}

static struct pernet_operations relay_net_ops = {
	.init = relay_net_init,
	.exit = relay_net_exit,
	.id = &relay_net_id,
	.size = sizeof(struct relay_net),
};

/**
 * tapi_relay_init() - register the family
 *
 * Context: module init; may sleep.
 * Return: 0, -ENOMEM, or what the registrations return.
 */
int __init tapi_relay_init(void)
{
	int err;

	/* own queue: it is flushed when a socket closes, and destroyed before the module goes */
	relay_wq = alloc_workqueue("tapi_relay", WQ_UNBOUND, 0);
	if (!relay_wq)
		return -ENOMEM;
	err = register_pernet_subsys(&relay_net_ops);
	if (err)
		goto err_wq;
	err = relay_ends_init();
	if (err)
		goto err_net;
	err = genl_register_family(&relay_family);
	if (err)
		goto err_ends;
	return 0;

err_ends:
	relay_ends_exit();
err_net:
	unregister_pernet_subsys(&relay_net_ops);
err_wq:
	destroy_workqueue(relay_wq);
	return err;
}

/**
 * tapi_relay_exit() - take the family away
 *
 * Every end pins the module, so none is left but those whose close work is about
 * to return; destroying the queue waits for these.
 *
 * Context: Process context, after the last card.
 */
void tapi_relay_exit(void)
{
	genl_unregister_family(&relay_family);
	relay_ends_exit();
	destroy_workqueue(relay_wq);
	unregister_pernet_subsys(&relay_net_ops);
}

/* Loaded when a program asks for the family: lines without hardware need no card driver */
MODULE_ALIAS_GENL_FAMILY(TAPI_NL_FAMILY);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Grants: a provider's one-time permission to become an application of its line.
 *
 * The cookie is the whole secret, so it comes from the kernel's random generator and is
 * compared without telling by time how much of it was right.  Grants live under
 * relay_ctl and relay_lock.
 */
#include <crypto/algapi.h>
#include <linux/cred.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "relay.h"

/* Room for the answer to GRANT with its headers: bytes */
#define RELAY_GRANT_SIZE	128

/* The grant is over: used, revoked, expired, or its provider is gone */
void relay_free_grant(struct relay_grant *grant)
{
	list_del(&grant->node);
	grant->binding->num_grants--;
	put_pid(grant->pid);
	memzero_explicit(grant->cookie, sizeof(grant->cookie));
	kfree(grant);
}

static void relay_drop_expired(struct relay_binding *binding)
{
	struct relay_grant *grant, *next;
	ktime_t now = ktime_get();

	list_for_each_entry_safe(grant, next, &binding->grants, node)
		if (ktime_after(now, grant->expires))
			relay_free_grant(grant);
}

/* Who may use it, in the namespaces of the provider's process */
static int relay_grant_to(struct genl_info *info, struct relay_grant *grant)
{
	if (info->attrs[TAPI_NL_A_UID]) {
		grant->for_uid = true;
		grant->uid = make_kuid(current_user_ns(), nla_get_u32(info->attrs[TAPI_NL_A_UID]));
		if (!uid_valid(grant->uid))
			return relay_refuse(info, TAPI_NL_A_UID, -EINVAL, "no such user id");
	}
	if (info->attrs[TAPI_NL_A_PID]) {
		grant->pid = find_get_pid(nla_get_u32(info->attrs[TAPI_NL_A_PID]));
		if (!grant->pid)
			return relay_refuse(info, TAPI_NL_A_PID, -ESRCH, "no such process");
	}
	return 0;
}

static struct relay_grant *relay_alloc_grant(struct genl_info *info, unsigned int expires_ms)
{
	struct relay_grant *grant;
	int err;

	if (!info->attrs[TAPI_NL_A_ADDRESS])
		return ERR_PTR(relay_missing(info, TAPI_NL_A_ADDRESS, "ADDRESS is missing"));
	grant = tapi_alloc(grant, kzalloc(sizeof(*grant), GFP_KERNEL_ACCOUNT));
	if (!grant)
		return ERR_PTR(-ENOMEM);
	grant->address = nla_get_u32(info->attrs[TAPI_NL_A_ADDRESS]);
	grant->expires = ktime_add_ms(ktime_get(), expires_ms);
	get_random_bytes(grant->cookie, sizeof(grant->cookie));
	err = relay_grant_to(info, grant);
	if (!err)
		return grant;
	put_pid(grant->pid);
	kfree_sensitive(grant);
	return ERR_PTR(err);
}

/* Under relay_ctl and relay_lock */
static int relay_add_grant(struct genl_info *info, struct sock *sk, struct relay_grant *grant)
{
	struct tapi_relay_line *rl = relay_own_line(info, sk);
	struct relay_binding *binding;

	if (IS_ERR(rl))
		return PTR_ERR(rl);
	binding = rl->binding;
	relay_drop_expired(binding);
	if (binding->num_grants >= READ_ONCE(relay_max_grants))
		return relay_refuse(info, TAPI_NL_A_LINE, -ENOSPC,
				    "too many cookies are out unused");
	grant->binding = binding;
	grant->id = ++binding->last_grant;
	list_add_tail(&grant->node, &binding->grants);
	binding->num_grants++;
	return 0;
}

static int relay_fill_grant(struct sk_buff *skb, struct genl_info *info,
			    const struct relay_grant *grant, u32 expires_ms)
{
	void *hdr = genlmsg_put_reply(skb, info, &relay_family, 0, TAPI_NL_CMD_GRANT);

	if (!hdr || relay_put_name(skb, &grant->binding->name) ||
	    nla_put_u32(skb, TAPI_NL_A_ADDRESS, grant->address) ||
	    nla_put_u32(skb, TAPI_NL_A_GRANT, grant->id) ||
	    nla_put(skb, TAPI_NL_A_COOKIE, sizeof(grant->cookie), grant->cookie) ||
	    nla_put_u32(skb, TAPI_NL_A_EXPIRES_MS, expires_ms))
		return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

int relay_new_grant(struct sk_buff *skb, struct genl_info *info)
{
	u32 expires_ms = READ_ONCE(relay_grant_ms);
	struct relay_grant *grant = relay_alloc_grant(info, expires_ms);
	struct sk_buff *msg = NULL;
	int err;

	if (IS_ERR(grant))
		return PTR_ERR(grant);
	mutex_lock(&relay_ctl);
	mutex_lock(&relay_lock);
	err = relay_add_grant(info, NETLINK_CB(skb).sk, grant);
	if (err) {
		put_pid(grant->pid);
		kfree_sensitive(grant);
		goto out;
	}
	err = -ENOMEM;
	msg = tapi_alloc(answer, nlmsg_new(RELAY_GRANT_SIZE, GFP_KERNEL));
	if (msg)
		err = relay_fill_grant(msg, info, grant, expires_ms);
	if (!err) {
		err = genlmsg_reply(msg, info);
		msg = NULL;
	}
	if (err)
		relay_free_grant(grant);	/* nobody knows the cookie */
out:
	mutex_unlock(&relay_lock);
	mutex_unlock(&relay_ctl);
	nlmsg_free(msg);
	return err;
}

int relay_revoke_grant(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *id = info->attrs[TAPI_NL_A_GRANT];
	struct tapi_relay_line *rl;
	struct relay_grant *grant;
	int err;

	if (!id)
		return relay_missing(info, TAPI_NL_A_GRANT, "GRANT is missing");
	mutex_lock(&relay_ctl);
	mutex_lock(&relay_lock);
	rl = relay_own_line(info, NETLINK_CB(skb).sk);
	err = PTR_ERR_OR_ZERO(rl);
	if (err)
		goto out;
	err = -ENOENT;
	list_for_each_entry(grant, &rl->binding->grants, node) {
		if (grant->id != nla_get_u32(id))
			continue;
		relay_free_grant(grant);
		err = 0;
		break;
	}
	if (err)
		NL_SET_ERR_MSG_ATTR(info->extack, id, "no such grant: used, expired or revoked");
out:
	mutex_unlock(&relay_lock);
	mutex_unlock(&relay_ctl);
	return err;
}

static struct relay_grant *relay_match_cookie(struct net *net, const u8 *cookie)
{
	struct relay_grant *grant, *found = NULL;
	struct tapi_relay_line *rl;

	list_for_each_entry(rl, &relay_net_of(net)->lines, node) {
		if (!rl->binding)
			continue;
		list_for_each_entry(grant, &rl->binding->grants, node)
			if (!crypto_memneq(grant->cookie, cookie, sizeof(grant->cookie)))
				found = grant;
	}
	return found;
}

/* The grant whose cookie the current process presents; under relay_ctl and relay_lock */
struct relay_grant *relay_find_grant(struct genl_info *info)
{
	struct nlattr *cookie = info->attrs[TAPI_NL_A_COOKIE];
	struct relay_grant *grant;

	grant = relay_match_cookie(genl_info_net(info), nla_data(cookie));
	if (!grant)
		return ERR_PTR(relay_refuse(info, TAPI_NL_A_COOKIE, -EKEYREJECTED,
					    "the cookie is unknown or was used"));
	if (ktime_after(ktime_get(), grant->expires)) {
		relay_free_grant(grant);
		return ERR_PTR(relay_refuse(info, TAPI_NL_A_COOKIE, -EKEYREJECTED,
					    "the cookie has expired"));
	}
	if ((grant->for_uid && !uid_eq(grant->uid, current_euid())) ||
	    (grant->pid && grant->pid != task_tgid(current)))
		return ERR_PTR(relay_refuse(info, TAPI_NL_A_COOKIE, -EKEYREJECTED,
					    "the cookie is for somebody else"));
	return grant;
}

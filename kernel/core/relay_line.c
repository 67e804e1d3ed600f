// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of lines in the relay: naming, GET_LINE, and what the group "lines" hears.
 *
 * A line with hardware is in the list of the first network namespace while its
 * card is registered; one without is in the list of its provider's namespace while
 * it is bound.  Lists are under relay_lock.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "relay.h"

/* Room for everything that NEW_LINE says, with its headers: bytes */
#define RELAY_LINE_SIZE		256

int relay_put_name(struct sk_buff *skb, const struct relay_name *name)
{
	if (!name->hardware)
		return nla_put(skb, TAPI_NL_A_GUID, sizeof(name->guid), name->guid);
	return nla_put_u32(skb, TAPI_NL_A_CARD, name->card) ?:
	       nla_put_u32(skb, TAPI_NL_A_LINE, name->line);
}

bool relay_same_name(const struct relay_name *a, const struct relay_name *b)
{
	if (a->hardware != b->hardware)
		return false;
	if (a->hardware)
		return a->card == b->card && a->line == b->line;
	return !memcmp(a->guid, b->guid, sizeof(a->guid));
}

/* 1 when the message names a line, 0 when it does not, -EINVAL when it does so wrongly */
int relay_get_name(struct genl_info *info, struct relay_name *name)
{
	struct nlattr *card = info->attrs[TAPI_NL_A_CARD];
	struct nlattr *line = info->attrs[TAPI_NL_A_LINE];
	struct nlattr *guid = info->attrs[TAPI_NL_A_GUID];

	memset(name, 0, sizeof(*name));
	if (guid && (card || line))
		return relay_refuse(info, TAPI_NL_A_GUID, -EINVAL,
				    "a line is named by CARD and LINE or by GUID, not both");
	if (guid) {
		memcpy(name->guid, nla_data(guid), sizeof(name->guid));
		if (!memchr_inv(name->guid, 0, sizeof(name->guid)))
			return relay_refuse(info, TAPI_NL_A_GUID, -EINVAL, "GUID is all zero");
		return 1;
	}
	if (!card && !line)
		return 0;
	if (!card)
		return relay_missing(info, TAPI_NL_A_CARD, "LINE without CARD");
	if (!line)
		return relay_missing(info, TAPI_NL_A_LINE, "CARD without LINE");
	name->hardware = true;
	name->card = nla_get_u32(card);
	name->line = nla_get_u32(line);
	return 1;
}

struct tapi_relay_line *relay_find_line(struct net *net, const struct relay_name *name)
{
	struct tapi_relay_line *rl;

	lockdep_assert_held(&relay_lock);
	list_for_each_entry(rl, &relay_net_of(net)->lines, node)
		if (relay_same_name(&rl->name, name))
			return rl;
	return NULL;
}

/* The line that a message must name; under relay_lock */
struct tapi_relay_line *relay_named_line(struct genl_info *info)
{
	struct tapi_relay_line *rl;
	struct relay_name name;
	int ret;

	ret = relay_get_name(info, &name);
	if (ret < 0)
		return ERR_PTR(ret);
	if (!ret)
		return ERR_PTR(relay_missing(info, TAPI_NL_A_CARD, "no line is named"));
	rl = relay_find_line(genl_info_net(info), &name);
	if (!rl)
		return ERR_PTR(relay_refuse(info, name.hardware ? TAPI_NL_A_LINE : TAPI_NL_A_GUID,
					    -ENOENT, "no such line"));
	return rl;
}

/* The same, and the sender must be its provider */
struct tapi_relay_line *relay_own_line(struct genl_info *info, struct sock *sk)
{
	struct tapi_relay_line *rl = relay_named_line(info);

	if (IS_ERR(rl))
		return rl;
	if (!rl->binding || rl->binding->end->sk != sk)
		return ERR_PTR(relay_refuse(info, rl->name.hardware ? TAPI_NL_A_LINE :
					    TAPI_NL_A_GUID, -EPERM,
					    "this socket is not the line's provider"));
	return rl;
}

static int relay_fill_hardware(struct sk_buff *skb, struct tapi_line *line)
{
	u32 snd_card = tapi_line_snd_card(line);
	u32 device = snd_card == TAPI_LINE_NONE ? TAPI_LINE_NONE : line->number;

	return nla_put_string(skb, TAPI_NL_A_NAME, line->name) ?:
	       nla_put_u32(skb, TAPI_NL_A_TYPE, line->type) ?:
	       nla_put_u64_64bit(skb, TAPI_NL_A_CAPS, line->caps, TAPI_NL_A_PAD) ?:
	       nla_put_u32(skb, TAPI_NL_A_SND_CARD, snd_card) ?:
	       nla_put_u32(skb, TAPI_NL_A_SND_DEVICE, device);
}

static int relay_fill_line(struct sk_buff *skb, struct tapi_relay_line *rl, u8 cmd)
{
	int err = relay_put_name(skb, &rl->name);

	if (err || cmd == TAPI_NL_CMD_DEL_LINE)
		return err;
	if (rl->line)
		err = relay_fill_hardware(skb, rl->line);
	else
		err = nla_put_string(skb, TAPI_NL_A_NAME, rl->label);
	return err ?: nla_put_u8(skb, TAPI_NL_A_BOUND, !!rl->binding);
}

/* Under relay_lock or, when nobody else can change the line, relay_ctl */
void relay_tell_line(struct tapi_relay_line *rl, u8 cmd)
{
	struct sk_buff *skb = nlmsg_new(RELAY_LINE_SIZE, GFP_KERNEL);
	void *hdr;

	if (!skb)
		return;		/* a lost multicast; GET_LINE tells the truth */
	hdr = genlmsg_put(skb, 0, 0, &relay_family, 0, cmd);
	if (!hdr || relay_fill_line(skb, rl, cmd)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	/* -ESRCH: nobody listens */
	genlmsg_multicast_netns(&relay_family, rl->net, skb, 0, 0, GFP_KERNEL);
}

/* Puts the line into its list, unless its name is taken */
int relay_new_line(struct tapi_relay_line *rl)
{
	struct relay_net *rn = relay_net_of(rl->net);
	int err = 0;

	mutex_lock(&relay_lock);
	if (relay_find_line(rl->net, &rl->name)) {
		err = -EBUSY;
	} else {
		list_add_tail(&rl->node, &rn->lines);
		rn->generation++;
	}
	mutex_unlock(&relay_lock);
	return err;
}

/* Takes it out; under relay_lock, without provider and instances */
void relay_drop_line(struct tapi_relay_line *rl)
{
	lockdep_assert_held(&relay_lock);
	list_del(&rl->node);
	relay_net_of(rl->net)->generation++;
}

int relay_get_line(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg = tapi_alloc(answer, nlmsg_new(RELAY_LINE_SIZE, GFP_KERNEL));
	struct tapi_relay_line *rl;
	void *hdr = NULL;
	int err;

	if (!msg)
		return -ENOMEM;
	mutex_lock(&relay_lock);
	rl = relay_named_line(info);
	err = PTR_ERR_OR_ZERO(rl);
	if (!err) {
		hdr = genlmsg_put_reply(msg, info, &relay_family, 0, TAPI_NL_CMD_NEW_LINE);
		err = hdr ? relay_fill_line(msg, rl, TAPI_NL_CMD_NEW_LINE) : -EMSGSIZE;
	}
	mutex_unlock(&relay_lock);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* args[0]: lines that have been told */
int relay_dump_lines(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct relay_net *rn = relay_net_of(sock_net(skb->sk));
	struct tapi_relay_line *rl;
	long at = 0;
	void *hdr;

	mutex_lock(&relay_lock);
	cb->seq = rn->generation;
	list_for_each_entry(rl, &rn->lines, node) {
		if (at++ < cb->args[0])
			continue;
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				  &relay_family, NLM_F_MULTI, TAPI_NL_CMD_NEW_LINE);
		if (!hdr)
			break;
		genl_dump_check_consistent(cb, hdr);
		if (relay_fill_line(skb, rl, TAPI_NL_CMD_NEW_LINE)) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		cb->args[0] = at;
	}
	mutex_unlock(&relay_lock);
	return skb->len;
}

/**
 * tapi_relay_line_add() - a line of a card that is being registered
 * @line: the line
 *
 * Context: may sleep; before the line's node appears.
 * Return: 0 or -ENOMEM.
 */
int tapi_relay_line_add(struct tapi_line *line)
{
	struct tapi_relay_line *rl = tapi_alloc(line, kzalloc(sizeof(*rl), GFP_KERNEL));
	int err;

	if (!rl)
		return -ENOMEM;
	rl->net = &init_net;
	rl->line = line;
	rl->name.hardware = true;
	rl->name.card = line->card->number;
	rl->name.line = line->number;
	INIT_LIST_HEAD(&rl->instances);

	mutex_lock(&relay_ctl);
	err = relay_new_line(rl);
	if (!err) {
		line->relay = rl;
		relay_tell_line(rl, TAPI_NL_CMD_NEW_LINE);
	}
	mutex_unlock(&relay_ctl);
	if (err)
		kfree(rl);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ends of the relay: sockets that are providers or have instances.
 *
 * A message goes into the receive queue of the very socket that was bound, not to
 * whoever has its port number today: a number is free again before its old owner's
 * death is announced, and anybody may take it.  Messages are bounded so that the
 * queue never overflows: netlink's overrun state, which makes a socket deaf until
 * it is empty, is never entered because of the relay.
 *
 * Deaths come from the netlink notifier.  What an end has yet to be told waits in
 * the object that died, so that no notice is lost for want of memory or room.
 */
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/slab.h>

#include "relay.h"

/* Room for a notice with its headers: bytes */
#define RELAY_NOTICE_SIZE	96

static DEFINE_SPINLOCK(relay_ends_lock);	/* the table, relay_end.closing; a leaf */
static DEFINE_HASHTABLE(relay_ends, 8);		/* by port number */
static atomic_t relay_num_ends = ATOMIC_INIT(0);	/* in the table, or still closing */

/* The end that the sender of @skb is, NULL when it is none; under relay_lock */
struct relay_end *relay_find_end(struct sk_buff *skb)
{
	struct relay_end *end;

	lockdep_assert_held(&relay_lock);
	spin_lock(&relay_ends_lock);
	hash_for_each_possible(relay_ends, end, hash, NETLINK_CB(skb).portid)
		if (end->sk == NETLINK_CB(skb).sk)
			break;
	spin_unlock(&relay_ends_lock);
	return end;
}

static void relay_drop_notice(struct relay_end *end, struct relay_notice *notice)
{
	list_del(&notice->node);
	end->num_notices--;
	if (notice->cmd == TAPI_NL_CMD_PROVIDER_GONE)
		relay_free_binding(container_of(notice, struct relay_binding, notice));
	else
		kfree(container_of(notice, struct relay_instance, notice));
}

/* The socket died, or it is in nothing any more: end what is left and let go of it */
static void relay_close_work(struct work_struct *work)
{
	struct relay_end *end = container_of(work, struct relay_end, close_work);
	struct relay_notice *notice, *next;

	mutex_lock(&relay_ctl);
	relay_end_bindings(end);
	relay_end_instances(end);
	mutex_lock(&relay_lock);
	spin_lock(&relay_ends_lock);
	hash_del(&end->hash);
	spin_unlock(&relay_ends_lock);
	list_for_each_entry_safe(notice, next, &end->notices, node)
		relay_drop_notice(end, notice);
	mutex_unlock(&relay_lock);
	mutex_unlock(&relay_ctl);

	/* nobody can reach the end to arm this again */
	cancel_delayed_work_sync(&end->retry);
	sock_put(end->sk);
	kfree(end);
	atomic_dec(&relay_num_ends);
	/* the queue is destroyed, which waits for this function, before the module goes */
	module_put(THIS_MODULE);
}

static void relay_retry_work(struct work_struct *work)
{
	struct relay_end *end = container_of(to_delayed_work(work), struct relay_end, retry);

	mutex_lock(&relay_lock);
	relay_flush(end);
	mutex_unlock(&relay_lock);
}

/*
 * The end for the sender of @skb, a new one if need be.  Under relay_lock; link a binding
 * or an instance to it before unlocking, or call relay_end_unused().
 */
struct relay_end *relay_make_end(struct sk_buff *skb)
{
	struct relay_end *end = relay_find_end(skb);

	if (end)
		return end;
	end = tapi_alloc(end, kzalloc(sizeof(*end), GFP_KERNEL_ACCOUNT));
	if (!end)
		return NULL;
	if (!try_module_get(THIS_MODULE)) {
		kfree(end);
		return NULL;
	}
	end->sk = NETLINK_CB(skb).sk;
	end->portid = NETLINK_CB(skb).portid;
	sock_hold(end->sk);
	INIT_WORK(&end->close_work, relay_close_work);
	INIT_DELAYED_WORK(&end->retry, relay_retry_work);
	INIT_LIST_HEAD(&end->bindings);
	INIT_LIST_HEAD(&end->instances);
	INIT_LIST_HEAD(&end->notices);
	INIT_LIST_HEAD(&end->waiters);
	spin_lock(&relay_ends_lock);
	hash_add(relay_ends, &end->hash, end->portid);
	atomic_inc(&relay_num_ends);
	spin_unlock(&relay_ends_lock);
	return end;
}

static bool relay_close_end(struct relay_end *end)
{
	lockdep_assert_held(&relay_ends_lock);
	if (end->closing)
		return false;
	WRITE_ONCE(end->closing, true);		/* pairs with READ_ONCE() in relay_add_notice() */
	queue_work(relay_wq, &end->close_work);
	return true;
}

/* Lets the socket go, and the module with it, once it is in nothing; under relay_lock */
void relay_end_unused(struct relay_end *end)
{
	lockdep_assert_held(&relay_lock);
	if (!list_empty(&end->bindings) || !list_empty(&end->instances) ||
	    !list_empty(&end->notices))
		return;
	spin_lock(&relay_ends_lock);
	if (relay_close_end(end))
		hash_del(&end->hash);	/* the socket may become a new end at once */
	spin_unlock(&relay_ends_lock);
}

/*
 * Has the socket room for a message of this size beside @reserve bytes?  An empty
 * queue always has, however small its owner made it.
 */
bool relay_room(const struct relay_end *end, unsigned int truesize, unsigned int reserve)
{
	unsigned int used = atomic_read(&end->sk->sk_rmem_alloc);

	return !used || used + truesize + reserve <= READ_ONCE(end->sk->sk_rcvbuf);
}

/*
 * Queues @skb, which is used up.  Return: 0, -EAGAIN no room, -ENOENT the socket is
 * dead.  What the owner's socket filter throws away counts as delivered.
 */
int relay_push(struct relay_end *end, struct sk_buff *skb)
{
	int err;

	if (sock_flag(end->sk, SOCK_DEAD)) {
		kfree_skb(skb);
		return -ENOENT;
	}
	err = sock_queue_rcv_skb(end->sk, skb);
	if (!err)
		return 0;
	kfree_skb(skb);
	return err == -ENOMEM || err == -ENOBUFS ? -EAGAIN : 0;
}

static int relay_fill_notice(struct sk_buff *skb, const struct relay_notice *notice)
{
	const struct relay_instance *inst;
	const struct relay_binding *binding;
	const struct relay_name *name;
	void *hdr;
	int err;

	hdr = genlmsg_put(skb, 0, 0, &relay_family, 0, notice->cmd);
	if (!hdr)
		return -EMSGSIZE;
	if (notice->cmd == TAPI_NL_CMD_PROVIDER_GONE) {
		binding = container_of(notice, struct relay_binding, notice);
		name = &binding->name;
		err = 0;
	} else {
		inst = container_of(notice, struct relay_instance, notice);
		name = &inst->name;
		err = nla_put_u32(skb, TAPI_NL_A_INSTANCE, inst->id);
	}
	err = err ?: relay_put_name(skb, name);
	err = err ?: nla_put_u32(skb, TAPI_NL_A_REASON, notice->reason);
	if (!err)
		genlmsg_end(skb, hdr);
	return err;
}

/* False when it must wait */
static bool relay_send_notice(struct relay_end *end, struct relay_notice *notice)
{
	struct sk_buff *skb = tapi_alloc(notice, nlmsg_new(RELAY_NOTICE_SIZE, GFP_KERNEL));

	if (!skb)
		return false;
	if (relay_fill_notice(skb, notice) || !relay_room(end, skb->truesize, 0)) {
		nlmsg_free(skb);
		return false;
	}
	if (relay_push(end, skb) == -EAGAIN)
		return false;
	relay_drop_notice(end, notice);
	return true;
}

/* Notes what @end is to be told, unless it is dying; relay_flush() sends it.  Under relay_lock. */
void relay_add_notice(struct relay_end *end, struct relay_notice *notice)
{
	lockdep_assert_held(&relay_lock);
	list_add_tail(&notice->node, &end->notices);
	end->num_notices++;
	if (READ_ONCE(end->closing))
		relay_drop_notice(end, notice);
}

static void relay_retry_later(struct relay_end *end)
{
	if (!READ_ONCE(end->closing))
		queue_delayed_work(relay_wq, &end->retry, msecs_to_jiffies(RELAY_RETRY_MS));
}

/*
 * Tells @end what it has yet to be told, and those who wait for room in it that there
 * is some; what finds no room is tried again later.  Under relay_lock, which keeps
 * @end usable although it may become unused here.
 */
void relay_flush(struct relay_end *end)
{
	struct relay_notice *notice, *next_notice;
	struct relay_dir *dir, *next_dir;
	bool again = false;

	lockdep_assert_held(&relay_lock);
	list_for_each_entry_safe(notice, next_notice, &end->notices, node) {
		again = !relay_send_notice(end, notice);
		if (again)
			break;
	}
	list_for_each_entry_safe(dir, next_dir, &end->waiters, waiter)
		if (!relay_try_ready(dir))
			again = true;
	if (again)
		relay_retry_later(end);
	relay_end_unused(end);
}

/* A sender got -EAGAIN from the receiver @end for @need bytes; under relay_lock */
void relay_wait_for(struct relay_end *end, struct relay_dir *dir, unsigned int need)
{
	lockdep_assert_held(&relay_lock);
	dir->need = need;
	if (list_empty(&dir->waiter))
		list_add_tail(&dir->waiter, &end->waiters);
	/* a full window opens by a message of the receiver, room in its queue without one */
	if (tapi_credit_left(&dir->credit, TAPI_NL_WINDOW))
		relay_retry_later(end);
}

void relay_wait_end(struct relay_dir *dir)
{
	lockdep_assert_held(&relay_lock);
	list_del_init(&dir->waiter);
}

/*
 * In the closing process; the socket is dead, its number may belong to another already.
 * The chain may sleep: whoever closes a socket of the relay and then looks finds nothing
 * left of it, and can remove the module.  Nobody waits for this chain inside the relay's
 * locks.
 */
static int relay_netlink_event(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct netlink_notify *died = data;
	struct relay_end *end;

	if (event != NETLINK_URELEASE || died->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	spin_lock(&relay_ends_lock);
	hash_for_each_possible(relay_ends, end, hash, died->portid)
		if (end->portid == died->portid && sock_net(end->sk) == died->net &&
		    sock_flag(end->sk, SOCK_DEAD))
			relay_close_end(end);
	spin_unlock(&relay_ends_lock);
	if (atomic_read(&relay_num_ends))
		flush_workqueue(relay_wq);
	return NOTIFY_DONE;
}

static struct notifier_block relay_netlink_notifier = {
	.notifier_call = relay_netlink_event,
};

int __init relay_ends_init(void)
{
	return netlink_register_notifier(&relay_netlink_notifier);
}

void relay_ends_exit(void)
{
	netlink_unregister_notifier(&relay_netlink_notifier);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* What inject.c and inject_fs.c share */
#ifndef _TAPI_INJECT_STATE_H
#define _TAPI_INJECT_STATE_H

#include <linux/list.h>
#include <linux/notifier.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "core.h"

struct dentry;
struct seq_file;

/* Powers of two of nanoseconds: up to half a second, and all that is longer */
#define INJECT_BUCKETS	30

/**
 * struct inject_arm - what is to happen to an operation
 * @armed: anything at all
 * @error: it fails with this negative errno
 * @delay_ms: or it takes this much longer
 * @every: only every so many calls, 0 for each
 * @left: only so many calls, 0 for no limit
 * @calls: calls since it was armed
 * @hits: how many of them it has struck
 */
struct inject_arm {
	bool armed;
	int error;
	u32 delay_ms;
	u32 every;
	u32 left;
	u32 calls;
	u32 hits;
};

/**
 * struct tapi_inject - injection for a card, and its place while it is unplugged
 * @entry: in the list, under inject_mutex
 * @card: the card, NULL while it is unplugged; under inject_mutex
 * @parent: the device the card is on, NULL once that has gone; under inject_mutex
 * @bus: that device's bus, may be NULL
 * @watch: waits on @bus for the end of @parent
 * @end: cleans up then
 * @number: number of the card; the place's own while the card is unplugged
 * @unplugged: the place stays without its card; under inject_mutex
 * @writers: so many wait for the lock of @parent, or have it; under inject_mutex
 * @dir: directory in debugfs
 * @lock: everything below
 * @ops: what is to happen to operations
 * @eagain: so many DATA messages are still to be refused
 * @late: how late the pump ran, calls by power of two
 * @busy: how long it took
 */
struct tapi_inject {
	struct list_head entry;
	struct tapi_card *card;
	struct device *parent;
	const struct bus_type *bus;
	struct notifier_block watch;
	struct work_struct end;
	unsigned int number;
	bool unplugged;
	unsigned int writers;
	struct dentry *dir;
	spinlock_t lock;		/* @ops, @eagain, @late, @busy; any context, a leaf */
	struct inject_arm ops[TAPI_OPS];
	u32 eagain;
	u64 late[INJECT_BUCKETS];
	u64 busy[INJECT_BUCKETS];
};

/* inject.c */
int inject_command(struct tapi_inject *inj, char *text);
void inject_show_grammar(struct seq_file *m, const char *driver_help);
void inject_show_armed(struct seq_file *m, struct tapi_inject *inj);
void inject_forget(struct tapi_inject *inj);

/* inject_fs.c: the card with a reference for inject_put_card(), NULL when it is not there */
struct tapi_card *inject_get_card(struct tapi_inject *inj);
void inject_put_card(struct tapi_card *card);
int inject_unplug(struct tapi_inject *inj);
int inject_replug(struct tapi_inject *inj);

#endif /* _TAPI_INJECT_STATE_H */

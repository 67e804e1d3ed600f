// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs tapi/card<N>/: status, error-inj and pump_hist of a card.
 *
 * A directory goes with its card, unless the card was unplugged by the file in
 * it, or somebody is writing that or replug: then it stays, and so does the
 * number, for replug; until the device the card was on goes, too, or the module.
 *
 * inject_mutex covers the list and which card is there.  It is not held while
 * files are removed: that waits for their users, who may want it.
 */
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "inject_state.h"

/* Longest command */
#define INJECT_WRITE	127

static bool inject;
module_param(inject, bool, 0444);
MODULE_PARM_DESC(inject, "files in debugfs that break things on purpose (default no)");

static DEFINE_MUTEX(inject_mutex);	/* inject_list, card and parent of its members */
static LIST_HEAD(inject_list);
static struct dentry *inject_root;

/* The card may go any time: the reference keeps its memory, the module its last steps */
struct tapi_card *inject_get_card(struct tapi_inject *inj)
{
	struct tapi_card *card;

	mutex_lock(&inject_mutex);
	card = inj->card;
	if (card && try_module_get(card->owner))
		get_device(&card->dev);
	else
		card = NULL;
	mutex_unlock(&inject_mutex);
	return card;
}

void inject_put_card(struct tapi_card *card)
{
	struct module *owner = card->owner;

	put_device(&card->dev);
	module_put(owner);
}

/*
 * The device under a card that is there, or was unplugged, with a reference: somebody is about to
 * wait for its lock, whose holder must not wait for him.  So the place stays as long, see
 * tapi_inject_del(); and one that is about to go is nobody's to replug.
 */
static struct device *inject_get_parent(struct tapi_inject *inj, bool there)
{
	struct device *parent = NULL;

	mutex_lock(&inject_mutex);
	if (there ? !!inj->card : !inj->card && inj->unplugged)
		parent = get_device(inj->parent);
	if (parent)
		inj->writers++;
	mutex_unlock(&inject_mutex);
	return parent;
}

static void inject_put_parent(struct tapi_inject *inj, struct device *parent)
{
	mutex_lock(&inject_mutex);
	inj->writers--;
	mutex_unlock(&inject_mutex);
	put_device(parent);
}

static bool inject_is_there(struct tapi_inject *inj)
{
	bool there;

	mutex_lock(&inject_mutex);
	there = inj->card;
	mutex_unlock(&inject_mutex);
	return there;
}

/**
 * inject_unplug() - take the card from its driver, as if it had been pulled
 * @inj: the card's injection
 *
 * Context: Process context, may sleep.
 * Return: 0; -ENODEV it is not there; -EOPNOTSUPP the device that it is on has no driver.
 */
int inject_unplug(struct tapi_inject *inj)
{
	struct device *parent = inject_get_parent(inj, true);
	bool gone;

	if (!parent)
		return -ENODEV;
	device_release_driver(parent);
	/* a card whose driver does not sit on the device it names is still there */
	gone = !inject_is_there(inj);
	inject_put_parent(inj, parent);
	return gone ? 0 : -EOPNOTSUPP;
}

/**
 * inject_replug() - let the drivers look at the device again
 * @inj: the injection of a card that was unplugged
 *
 * Context: Process context, may sleep.
 * Return: 0; -EBUSY the card is there; -ENXIO no driver made a card.
 */
int inject_replug(struct tapi_inject *inj)
{
	struct device *parent = inject_get_parent(inj, false);
	int ret;

	if (!parent)
		return inject_is_there(inj) ? -EBUSY : -ENXIO;
	ret = device_attach(parent);
	if (ret >= 0)
		ret = inject_is_there(inj) ? 0 : -ENXIO;
	inject_put_parent(inj, parent);
	return ret;
}

static int inject_error_show(struct seq_file *m, void *data)
{
	struct tapi_inject *inj = m->private;
	struct tapi_card *card = inject_get_card(inj);

	inject_show_grammar(m, card ? card->driver_ops->inject_help : NULL);
	seq_puts(m, "# armed:\n");
	inject_show_armed(m, inj);
	if (card)
		inject_put_card(card);
	return 0;
}

static int inject_error_open(struct inode *inode, struct file *file)
{
	return single_open(file, inject_error_show, inode->i_private);
}

static ssize_t inject_error_write(struct file *file, const char __user *buf, size_t count,
				  loff_t *pos)
{
	struct tapi_inject *inj = file_inode(file)->i_private;
	char text[INJECT_WRITE + 1];
	int ret;

	if (!count || count > INJECT_WRITE)
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = 0;
	if (strlen(text) != count)
		return -EINVAL;
	if (text[count - 1] == '\n')
		text[count - 1] = 0;
	if (strchr(text, '\n'))
		return -EINVAL;
	ret = inject_command(inj, text);
	return ret ? ret : count;
}

static const struct file_operations inject_error_fops = {
	.owner = THIS_MODULE,
	.open = inject_error_open,
	.read = seq_read,
	.write = inject_error_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static void inject_show_line(struct seq_file *m, struct tapi_line *line)
{
	static const char *const plays[] = {
		[TAPI_SEQ_IDLE] = "nothing",
		[TAPI_SEQ_RING] = "ring",
		[TAPI_SEQ_TONE] = "tone",
		[TAPI_SEQ_DIAL] = "dial",
		[TAPI_SEQ_FLASH] = "flash",
	};
	struct tapi_line_state s;
	unsigned int files = 0;
	struct tapi_fh *fh;

	tapi_line_snapshot(line, NULL, &s);
	spin_lock_irq(&line->ev_lock);
	list_for_each_entry(fh, &line->fhs, entry)
		files++;
	spin_unlock_irq(&line->ev_lock);
	seq_printf(m, "line %u %s %s: hook %u ring %u feed %u polarity %u battery %u faults 0x%x",
		   line->number, line->type == TAPI_LINE_FXS ? "fxs" : "fxo", line->name, s.hook,
		   s.ring, s.linefeed, s.polarity, s.battery, s.faults);
	seq_printf(m, " flags 0x%x seq %u files %u plays %s\n", s.flags, s.seq, files,
		   plays[READ_ONCE(line->player.seq.kind)]);
}

static int inject_status_show(struct seq_file *m, void *data)
{
	struct tapi_inject *inj = m->private;
	struct tapi_card *card = inject_get_card(inj);
	unsigned int i;

	if (!card) {
		seq_puts(m, "unplugged\n");
		return 0;
	}
	seq_printf(m, "card %u %s: %s at %s\n", card->number, card->desc.driver, card->desc.name,
		   card->desc.bus_info);
	for (i = 0; i < card->num_lines; i++)
		inject_show_line(m, card->lines[i]);
	inject_put_card(card);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(inject_status);

/* Rows without a call are left out */
static int inject_pump_show(struct seq_file *m, void *data)
{
	struct tapi_inject *inj = m->private;
	u64 late[INJECT_BUCKETS], busy[INJECT_BUCKETS];
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&inj->lock, flags);
	memcpy(late, inj->late, sizeof(late));
	memcpy(busy, inj->busy, sizeof(busy));
	spin_unlock_irqrestore(&inj->lock, flags);
	seq_puts(m, "below_ns late busy\n");
	for (i = 0; i < INJECT_BUCKETS; i++)
		if (late[i] || busy[i])
			seq_printf(m, "%llu %llu %llu\n", 1ULL << i, late[i], busy[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(inject_pump);

static void inject_free(struct tapi_inject *inj)
{
	debugfs_remove_recursive(inj->dir);
	if (inj->bus)
		bus_unregister_notifier((void *)inj->bus, &inj->watch);
	put_device(inj->parent);
	kfree(inj);
}

/* The device of an unplugged card has gone */
static void inject_end(struct work_struct *work)
{
	struct tapi_inject *inj = container_of(work, struct tapi_inject, end);

	mutex_lock(&inject_mutex);
	list_del(&inj->entry);
	mutex_unlock(&inject_mutex);
	tapi_card_number_free(inj->number);
	inject_free(inj);
}

/* Not here: neither may a notifier unregister itself, nor may a file's user be waited for */
static int inject_watch(struct notifier_block *nb, unsigned long event, void *data)
{
	struct tapi_inject *inj = container_of(nb, struct tapi_inject, watch);

	if (event != BUS_NOTIFY_REMOVED_DEVICE)
		return NOTIFY_DONE;
	mutex_lock(&inject_mutex);
	if (inj->parent == data && !inj->card) {
		put_device(inj->parent);
		inj->parent = NULL;
		queue_work(tapi_wq, &inj->end);
	}
	mutex_unlock(&inject_mutex);
	return NOTIFY_DONE;
}

static void inject_make_files(struct tapi_inject *inj)
{
	char name[16];

	snprintf(name, sizeof(name), "card%u", inj->number);
	inj->dir = debugfs_create_dir(name, inject_root);
	debugfs_create_file("status", 0400, inj->dir, inj, &inject_status_fops);
	debugfs_create_file("error-inj", 0600, inj->dir, inj, &inject_error_fops);
	debugfs_create_file("pump_hist", 0400, inj->dir, inj, &inject_pump_fops);
}

static struct tapi_inject *inject_find_place(struct device *parent)
{
	struct tapi_inject *inj;

	lockdep_assert_held(&inject_mutex);
	list_for_each_entry(inj, &inject_list, entry)
		if (!inj->card && parent && inj->parent == parent)
			return inj;
	return NULL;
}

static struct tapi_inject *inject_new(struct tapi_card *card)
{
	struct tapi_inject *inj = kzalloc(sizeof(*inj), GFP_KERNEL);

	if (!inj)
		return NULL;
	inj->number = card->number;
	inj->parent = get_device(card->dev.parent);
	inj->watch.notifier_call = inject_watch;
	INIT_WORK(&inj->end, inject_end);
	spin_lock_init(&inj->lock);
	if (inj->parent)
		inj->bus = inj->parent->bus;
	if (inj->bus && bus_register_notifier((void *)inj->bus, &inj->watch))
		inj->bus = NULL;
	return inj;
}

/**
 * tapi_inject_add() - a card comes: its files
 * @card: the card, with its number
 *
 * Without memory it has none.
 *
 * Context: Process context.
 */
void tapi_inject_add(struct tapi_card *card)
{
	struct tapi_inject *inj, *fresh;

	if (!inject)
		return;
	fresh = inject_new(card);
	mutex_lock(&inject_mutex);
	inj = inject_find_place(card->dev.parent);
	if (!inj && fresh) {
		inj = fresh;
		fresh = NULL;
		list_add_tail(&inj->entry, &inject_list);
		inject_make_files(inj);
	}
	if (inj) {
		inj->card = card;
		WRITE_ONCE(card->inject, inj);
	}
	mutex_unlock(&inject_mutex);
	if (fresh)
		inject_free(fresh);
}

/**
 * tapi_inject_done() - the card has come: its place goes with it, until it is unplugged again
 * @card: the card
 *
 * Context: Process context.
 */
void tapi_inject_done(struct tapi_card *card)
{
	if (!card->inject)
		return;
	mutex_lock(&inject_mutex);
	card->inject->unplugged = false;
	mutex_unlock(&inject_mutex);
}

/**
 * tapi_inject_del() - a card goes
 * @card: the card; nobody calls its driver or sends to its lines any more
 *
 * Context: Process context, may sleep.
 */
void tapi_inject_del(struct tapi_card *card)
{
	struct tapi_inject *inj = card->inject;
	bool keep;

	if (!inj)
		return;
	mutex_lock(&inject_mutex);
	inj->card = NULL;
	WRITE_ONCE(card->inject, NULL);
	/* we hold the device's lock: removing the files would wait for who waits for that */
	if (inj->writers)
		inj->unplugged = true;
	keep = inj->unplugged;
	if (!keep)
		list_del(&inj->entry);
	mutex_unlock(&inject_mutex);
	inject_forget(inj);
	if (!keep)
		inject_free(inj);
}

/**
 * tapi_inject_number() - the number a card had before it was unplugged
 * @parent: the device it is on
 *
 * Context: Process context.
 * Return: the number, or -ENOENT.
 */
int tapi_inject_number(struct device *parent)
{
	struct tapi_inject *inj;
	int number;

	mutex_lock(&inject_mutex);
	inj = inject_find_place(parent);
	number = inj ? inj->number : -ENOENT;
	mutex_unlock(&inject_mutex);
	return number;
}

/**
 * tapi_inject_keeps() - is the number that of a card that was unplugged?
 * @number: the number
 *
 * Context: Process context.
 * Return: whether it is.
 */
bool tapi_inject_keeps(unsigned int number)
{
	struct tapi_inject *inj;
	bool keeps = false;

	mutex_lock(&inject_mutex);
	list_for_each_entry(inj, &inject_list, entry)
		keeps |= inj->number == number;
	mutex_unlock(&inject_mutex);
	return keeps;
}

/**
 * tapi_inject_init() - the module's part
 */
void __init tapi_inject_init(void)
{
	if (!inject)
		return;
	inject_root = debugfs_create_dir("tapi", NULL);
	static_branch_enable(&tapi_inject_key);
}

/**
 * tapi_inject_exit() - no card is left, but perhaps places of some
 */
void tapi_inject_exit(void)
{
	struct tapi_inject *inj, *next;
	LIST_HEAD(list);

	mutex_lock(&inject_mutex);
	list_for_each_entry_safe(inj, next, &inject_list, entry) {
		/* without a device it is about to end by itself */
		if (!inj->parent)
			continue;
		put_device(inj->parent);
		inj->parent = NULL;
		list_move(&inj->entry, &list);
	}
	mutex_unlock(&inject_mutex);
	flush_workqueue(tapi_wq);
	list_for_each_entry_safe(inj, next, &list, entry) {
		tapi_card_number_free(inj->number);
		inject_free(inj);
	}
	debugfs_remove_recursive(inject_root);
}

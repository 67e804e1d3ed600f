// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes: which processes may use the sound of a line that has a provider.
 *
 * A pass belongs to a thread group and is held as its struct pid, so that
 * neither a reused number nor a pid namespace confuses it.  The provider gets
 * one when it binds, an application with its first instance.  The lists are
 * under line->pass_lock; callers are relay.c, which serialises binding and
 * unbinding of a line, and the sound operations, which only ask.
 */
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "pcm.h"

/**
 * struct tapi_pass - the right of one process to use a line's sound
 * @entry: in line->passes
 * @tgid: its thread group
 * @instances: how many instances of the line it has
 * @provider: it is the provider
 * @old: it dates from before the provider went, and was not renewed yet
 */
struct tapi_pass {
	struct list_head entry;
	struct pid *tgid;
	unsigned int instances;
	bool provider;
	bool old;
};

/* Applications find the new provider, and ask it for new instances, within seconds */
static unsigned int pass_grace_ms = 5000;

static int pass_set_grace(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, 60000);
}

static const struct kernel_param_ops pass_grace_ops = {
	.set = pass_set_grace,
	.get = param_get_uint,
};

module_param_cb(pass_grace_ms, &pass_grace_ops, &pass_grace_ms, 0644);
MODULE_PARM_DESC(pass_grace_ms,
		 "How long sound stays open for processes when a line's provider was replaced, ms, 0..60000 (5000)");

static struct tapi_pass *pass_find(struct tapi_line *line, struct pid *tgid)
{
	struct tapi_pass *pass;

	lockdep_assert_held(&line->pass_lock);
	list_for_each_entry(pass, &line->passes, entry)
		if (pass->tgid == tgid)
			return pass;
	return NULL;
}

/* The pass of @tgid, made from *@fresh when there was none; *@fresh is NULL then */
static struct tapi_pass *pass_get(struct tapi_line *line, struct pid *tgid,
				  struct tapi_pass **fresh)
{
	struct tapi_pass *pass = pass_find(line, tgid);

	if (!pass) {
		pass = *fresh;
		*fresh = NULL;
		pass->tgid = get_pid(tgid);
		list_add(&pass->entry, &line->passes);
	}
	pass->old = false;
	return pass;
}

static void pass_free(struct list_head *passes)
{
	struct tapi_pass *pass, *next;

	list_for_each_entry_safe(pass, next, passes, entry) {
		put_pid(pass->tgid);
		kfree(pass);
	}
}

/* The grace after a new provider's bind is over: ends what was not renewed */
static void pass_expire(struct work_struct *work)
{
	struct tapi_line *line = container_of(to_delayed_work(work), struct tapi_line, pass_work);
	struct tapi_pass *pass, *next;
	LIST_HEAD(ended);

	spin_lock(&line->pass_lock);
	if (line->pass_state == TAPI_PASS_BOUND)
		list_for_each_entry_safe(pass, next, &line->passes, entry)
			if (pass->old)
				list_move(&pass->entry, &ended);
	spin_unlock(&line->pass_lock);
	if (list_empty(&ended))
		return;
	tapi_pcm_cut(line, false);
	pass_free(&ended);
}

/**
 * tapi_pass_init() - prepare a new line
 * @line: line
 *
 * Context: any.
 */
void tapi_pass_init(struct tapi_line *line)
{
	spin_lock_init(&line->pass_lock);
	INIT_LIST_HEAD(&line->passes);
	INIT_DELAYED_WORK(&line->pass_work, pass_expire);
	line->pass_state = TAPI_PASS_FREE;
}

/**
 * tapi_pass_bind() - a line has got a provider
 * @line: line
 * @tgid: the provider's thread group
 *
 * When this returns no other process hears or speaks on the line, except those
 * with a pass from before an orphaned line's provider went: they have
 * pass_grace_ms left to renew it with tapi_pass_add().
 *
 * Context: process, may sleep; takes pcm->open_mutex.
 * Return: 0, -ENODEV when the card has gone, -ENOMEM.
 */
int tapi_pass_bind(struct tapi_line *line, struct pid *tgid)
{
	struct tapi_pass *fresh = tapi_alloc(pass, kzalloc(sizeof(*fresh), GFP_KERNEL));
	int err = 0;

	if (!fresh)
		return -ENOMEM;
	spin_lock(&line->pass_lock);
	if (line->pass_state == TAPI_PASS_GONE) {
		err = -ENODEV;
		goto unlock;
	}
	pass_get(line, tgid, &fresh)->provider = true;
	if (line->pass_state == TAPI_PASS_ORPHANED)
		mod_delayed_work(system_wq, &line->pass_work, msecs_to_jiffies(pass_grace_ms));
	line->pass_state = TAPI_PASS_BOUND;
unlock:
	spin_unlock(&line->pass_lock);
	kfree(fresh);
	if (!err)
		tapi_pcm_cut(line, false);
	return err;
}

/**
 * tapi_pass_orphan() - the provider has gone, but its claim lingers
 * @line: line
 *
 * All passes stay as they are until the next tapi_pass_bind() or
 * tapi_pass_unbind(). To be called before the line's instances are ended:
 * tapi_pass_del() does not end a pass that this has kept.
 *
 * Context: any but interrupt.
 */
void tapi_pass_orphan(struct tapi_line *line)
{
	struct tapi_pass *pass;

	spin_lock(&line->pass_lock);
	if (line->pass_state == TAPI_PASS_BOUND) {
		list_for_each_entry(pass, &line->passes, entry) {
			pass->old = true;
			pass->provider = false;
			pass->instances = 0;
		}
		line->pass_state = TAPI_PASS_ORPHANED;
	}
	spin_unlock(&line->pass_lock);
}

/* Takes all passes away; true when there may be streams to cut */
static bool pass_end_all(struct tapi_line *line, enum tapi_pass_state state)
{
	LIST_HEAD(ended);
	bool was;

	spin_lock(&line->pass_lock);
	was = line->pass_state == TAPI_PASS_BOUND || line->pass_state == TAPI_PASS_ORPHANED;
	if (was || state == TAPI_PASS_GONE)
		line->pass_state = state;
	list_splice_init(&line->passes, &ended);
	spin_unlock(&line->pass_lock);
	pass_free(&ended);
	return was;
}

/**
 * tapi_pass_unbind() - a line has no provider any more
 * @line: line
 *
 * All passes end and all streams are cut; then the line is free again.
 *
 * Context: process, may sleep; takes pcm->open_mutex.
 */
void tapi_pass_unbind(struct tapi_line *line)
{
	/* bound without a pass admits nobody: none slips in before the cut */
	if (!pass_end_all(line, TAPI_PASS_BOUND))
		return;
	tapi_pcm_cut(line, true);
	spin_lock(&line->pass_lock);
	if (line->pass_state == TAPI_PASS_BOUND)
		line->pass_state = TAPI_PASS_FREE;
	spin_unlock(&line->pass_lock);
}

/**
 * tapi_pass_gone() - the card has gone
 * @line: line
 *
 * May be called more than once.
 *
 * Context: process, may sleep.
 */
void tapi_pass_gone(struct tapi_line *line)
{
	pass_end_all(line, TAPI_PASS_GONE);
	/* tapi_pass_bind() queues under the lock, and not once the line is gone */
	cancel_delayed_work_sync(&line->pass_work);
}

/**
 * tapi_pass_add() - a process has got an instance of a line
 * @line: line
 * @tgid: its thread group
 *
 * Context: process, may sleep.
 * Return: 0, -ENODEV when the line has no provider or has gone, -ENOMEM.
 */
int tapi_pass_add(struct tapi_line *line, struct pid *tgid)
{
	struct tapi_pass *fresh = tapi_alloc(pass, kzalloc(sizeof(*fresh), GFP_KERNEL));
	int err = 0;

	if (!fresh)
		return -ENOMEM;
	spin_lock(&line->pass_lock);
	if (line->pass_state == TAPI_PASS_BOUND)
		pass_get(line, tgid, &fresh)->instances++;
	else
		err = -ENODEV;
	spin_unlock(&line->pass_lock);
	kfree(fresh);
	return err;
}

/**
 * tapi_pass_del() - an instance of a process has ended
 * @line: line
 * @tgid: its thread group
 *
 * With its last instance the pass ends and its streams are cut.
 *
 * Context: process, may sleep; takes pcm->open_mutex.
 */
void tapi_pass_del(struct tapi_line *line, struct pid *tgid)
{
	struct tapi_pass *pass;
	LIST_HEAD(ended);

	spin_lock(&line->pass_lock);
	pass = pass_find(line, tgid);
	if (pass && pass->instances && !--pass->instances && !pass->provider)
		list_move(&pass->entry, &ended);
	spin_unlock(&line->pass_lock);
	if (list_empty(&ended))
		return;
	tapi_pcm_cut(line, false);
	pass_free(&ended);
}

/* Whether a stream of @tgid may go on */
bool tapi_pass_holds(struct tapi_line *line, struct pid *tgid)
{
	bool holds;

	spin_lock(&line->pass_lock);
	holds = line->pass_state == TAPI_PASS_FREE || pass_find(line, tgid);
	spin_unlock(&line->pass_lock);
	return holds;
}

/**
 * tapi_pass_check() - may the current process use the line's sound?
 * @line: line
 *
 * Context: process; does not sleep.
 * Return: 0, -EACCES when the line has a provider and the process no pass,
 * -ENODEV when the card has gone.
 */
int tapi_pass_check(struct tapi_line *line)
{
	int err = 0;

	/* always under the lock: pcm_mmap() leans on the order it gives */
	spin_lock(&line->pass_lock);
	if (line->pass_state == TAPI_PASS_GONE)
		err = -ENODEV;
	else if (line->pass_state != TAPI_PASS_FREE && !pass_find(line, task_tgid(current)))
		err = -EACCES;
	spin_unlock(&line->pass_lock);
	return err;
}

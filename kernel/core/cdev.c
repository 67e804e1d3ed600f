// SPDX-License-Identifier: GPL-2.0-only
/*
 * The line's character device: open, read, poll, ioctl.
 *
 * Every request is checked in the same order, which the table below makes
 * plain: number (ENOTTY), pointer (EFAULT), contents (EINVAL), card there
 * (ENODEV), claimer (EPERM); the request itself goes on with capability
 * (EOPNOTSUPP), state (EBUSY) and hardware (EIO).  No lock is held while user
 * memory is touched or a reader waits.
 */
#include <linux/build_bug.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/moduleparam.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "core.h"

static_assert(sizeof(struct tapi_line_caps) == 192);
static_assert(offsetof(struct tapi_line_caps, caps) == 112);
static_assert(offsetof(struct tapi_line_caps, snd_card) == 128);
static_assert(sizeof(struct tapi_line_state) == 64);
static_assert(offsetof(struct tapi_line_state, linger_ms) == 44);
static_assert(sizeof(struct tapi_line_claim) == 32);
static_assert(sizeof(struct tapi_line_hook) == 32);
static_assert(sizeof(struct tapi_line_ring) == 64);
static_assert(offsetof(struct tapi_line_ring, cookie) == 48);
static_assert(sizeof(struct tapi_line_linefeed) == 32);
static_assert(sizeof(struct tapi_line_tone) == 80);
static_assert(offsetof(struct tapi_line_tone, cookie) == 60);
static_assert(sizeof(struct tapi_line_dial) == 128);
static_assert(offsetof(struct tapi_line_dial, cookie) == 92);
static_assert(sizeof(struct tapi_line_param) == 96);
static_assert(offsetof(struct tapi_line_param, name) == 48);
static_assert(sizeof(struct tapi_line_measure) == 64);
static_assert(sizeof(struct tapi_line_stats) == 128);
static_assert(sizeof(struct tapi_line_event) == 64);
static_assert(offsetof(struct tapi_line_event, state) == 24);

static unsigned int linger_max_ms = 30000;
module_param(linger_max_ms, uint, 0644);
MODULE_PARM_DESC(linger_max_ms, "longest linger a claim may ask for, ms (default 30000)");

static int cdev_open(struct inode *inode, struct file *file)
{
	struct tapi_line *line = container_of(inode->i_cdev, struct tapi_line, cdev);
	struct tapi_line_event *rec;
	struct tapi_fh *fh;

	if (READ_ONCE(line->card->gone))
		return -ENODEV;
	fh = tapi_alloc(file, kzalloc(sizeof(*fh), GFP_KERNEL_ACCOUNT));
	rec = tapi_alloc(records, kcalloc(TAPI_RING_RECORDS, sizeof(*rec), GFP_KERNEL_ACCOUNT));
	if (!fh || !rec) {
		kfree(rec);
		kfree(fh);
		return -ENOMEM;
	}
	fh->line = line;
	fh->writable = file->f_mode & FMODE_WRITE;
	init_waitqueue_head(&fh->wait);
	mutex_init(&fh->read_lock);
	tapi_ring_init(&fh->ring, rec);
	get_device(&line->dev);
	file->private_data = fh;
	tapi_event_open(line, fh);
	return nonseekable_open(inode, file);
}

static int cdev_release(struct inode *inode, struct file *file)
{
	struct tapi_fh *fh = file->private_data;
	struct tapi_line *line = fh->line;

	mutex_lock(&line->lock);
	if (line->claimer == fh)
		tapi_claim_end(fh, line->claim.linger_ms);
	mutex_unlock(&line->lock);
	tapi_event_close(line, fh);
	kfree(fh->ring.rec);
	kfree(fh);
	put_device(&line->dev);
	return 0;
}

/* Is there something for a reader: a record, or the news that the line has gone? */
static bool cdev_readable(struct tapi_fh *fh, bool *gone)
{
	bool empty;

	spin_lock_irq(&fh->line->ev_lock);
	empty = tapi_ring_empty(&fh->ring);
	*gone = fh->line->gone;
	spin_unlock_irq(&fh->line->ev_lock);
	return !empty || *gone;
}

static bool cdev_take(struct tapi_fh *fh, struct tapi_line_event *ev)
{
	bool got;

	spin_lock_irq(&fh->line->ev_lock);
	got = tapi_ring_get(&fh->ring, ev);
	spin_unlock_irq(&fh->line->ev_lock);
	return got;
}

static void cdev_give_back(struct tapi_fh *fh, const struct tapi_line_event *ev)
{
	spin_lock_irq(&fh->line->ev_lock);
	tapi_ring_unget(&fh->ring, ev);
	spin_unlock_irq(&fh->line->ev_lock);
}

/* As many whole records as fit and are there; 0 for none */
static ssize_t cdev_read_records(struct tapi_fh *fh, char __user *buf, size_t count)
{
	struct tapi_line_event ev;
	size_t done = 0;

	while (done + sizeof(ev) <= count && cdev_take(fh, &ev)) {
		if (copy_to_user(buf + done, &ev, sizeof(ev))) {
			cdev_give_back(fh, &ev);
			return done ? done : -EFAULT;
		}
		done += sizeof(ev);
	}
	return done;
}

static ssize_t cdev_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct tapi_fh *fh = file->private_data;
	ssize_t ret;
	bool gone;

	if (count < sizeof(struct tapi_line_event))
		return -EINVAL;
	for (;;) {
		ret = mutex_lock_interruptible(&fh->read_lock);
		if (ret)
			return ret;
		gone = READ_ONCE(fh->line->gone);
		ret = cdev_read_records(fh, buf, count);
		mutex_unlock(&fh->read_lock);
		if (ret)
			return ret;
		if (gone)
			return -ENODEV;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		ret = wait_event_interruptible(fh->wait, cdev_readable(fh, &gone));
		if (ret)
			return ret;
	}
}

static __poll_t cdev_poll(struct file *file, poll_table *wait)
{
	struct tapi_fh *fh = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &fh->wait, wait);
	spin_lock_irq(&fh->line->ev_lock);
	if (!tapi_ring_empty(&fh->ring))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (fh->line->gone)
		mask |= EPOLLHUP | EPOLLERR;
	spin_unlock_irq(&fh->line->ev_lock);
	return mask;
}

/* One request's argument, whatever it is */
union cdev_arg {
	struct tapi_line_caps caps;
	struct tapi_line_state state;
	struct tapi_line_stats stats;
	struct tapi_line_measure measure;
	struct tapi_line_claim claim;
	struct tapi_line_hook hook;
	struct tapi_line_ring ring;
	struct tapi_line_linefeed linefeed;
	struct tapi_line_tone tone;
	struct tapi_line_dial dial;
	struct tapi_line_param param;
	u64 mask;
	u32 cookie;
};

#define cdev_all_zero(member)	(!memchr_inv(member, 0, sizeof(member)))

static int cdev_check_claim(struct tapi_line *line, const union cdev_arg *arg)
{
	const struct tapi_line_claim *c = &arg->claim;

	if (!cdev_all_zero(c->reserved) || (c->flags & ~TAPI_LINE_CLAIM_FORCE) ||
	    c->linger_ms > READ_ONCE(linger_max_ms))
		return -EINVAL;
	return 0;
}

static int cdev_check_mask(struct tapi_line *line, const union cdev_arg *arg)
{
	/* Bits of types that do not exist yet are let through: a mask of all ones is everything. */
	return 0;
}

static int cdev_check_hook(struct tapi_line *line, const union cdev_arg *arg)
{
	const struct tapi_line_hook *h = &arg->hook;

	if (!cdev_all_zero(h->reserved) || h->op > TAPI_LINE_HOOK_FLASH)
		return -EINVAL;
	if (h->op != TAPI_LINE_HOOK_FLASH)
		return h->duration_ms ? -EINVAL : 0;
	return tapi_seq_check_flash(h->duration_ms);
}

static int cdev_check_ring(struct tapi_line *line, const union cdev_arg *arg)
{
	const struct tapi_line_ring *r = &arg->ring;

	if (!cdev_all_zero(r->reserved) || r->flags || r->op > TAPI_LINE_OP_START)
		return -EINVAL;
	/* Ringing generators make 15 to 70 Hz */
	if (r->freq_mhz && (r->freq_mhz < 15000 || r->freq_mhz > 70000))
		return -EINVAL;
	return r->op == TAPI_LINE_OP_START ? tapi_seq_check_ring(r) : 0;
}

static int cdev_check_tone(struct tapi_line *line, const union cdev_arg *arg)
{
	const struct tapi_line_tone *t = &arg->tone;
	unsigned int i;

	if (!cdev_all_zero(t->reserved) || t->flags || t->op > TAPI_LINE_OP_START)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(t->freq_mhz); i++) {
		/* Below half of 8 kHz; no line takes more than a few dBm */
		if (t->freq_mhz[i] >= 4000000 || t->level_mdbm[i] > 10000 ||
		    t->level_mdbm[i] < -100000)
			return -EINVAL;
	}
	return t->op == TAPI_LINE_OP_START ? tapi_seq_check_tone(t) : 0;
}

static int cdev_check_linefeed(struct tapi_line *line, const union cdev_arg *arg)
{
	const struct tapi_line_linefeed *f = &arg->linefeed;

	if (!cdev_all_zero(f->reserved) || f->state > TAPI_LINE_FEED_RING_OPEN || f->polarity > 1)
		return -EINVAL;
	return 0;
}

static int cdev_check_dial(struct tapi_line *line, const union cdev_arg *arg)
{
	if (!cdev_all_zero(arg->dial.reserved) || arg->dial.flags)
		return -EINVAL;
	return tapi_seq_check_dial(&arg->dial);
}

static int cdev_check_query(struct tapi_line *line, const union cdev_arg *arg)
{
	struct tapi_line_param p = arg->param;

	if (!cdev_all_zero(p.reserved) || (p.flags & ~TAPI_LINE_PARAM_NEXT))
		return -EINVAL;
	return tapi_param_query(line, &p, p.flags & TAPI_LINE_PARAM_NEXT);
}

static int cdev_check_get(struct tapi_line *line, const union cdev_arg *arg)
{
	struct tapi_line_param p = arg->param;

	if (!cdev_all_zero(p.reserved) || p.flags)
		return -EINVAL;
	return tapi_param_query(line, &p, false);
}

static int cdev_check_set(struct tapi_line *line, const union cdev_arg *arg)
{
	const struct tapi_line_param *p = &arg->param;

	if (!cdev_all_zero(p->reserved) || (p->flags & ~TAPI_LINE_PARAM_RO))
		return -EINVAL;
	return tapi_param_check(line, p->id, p->value);
}

static int cdev_g_caps(struct tapi_fh *fh, union cdev_arg *arg)
{
	struct tapi_line *line = fh->line;
	struct tapi_card *card = line->card;
	struct tapi_line_caps *c = &arg->caps;

	strscpy(c->driver, card->desc.driver, sizeof(c->driver));
	strscpy(c->card_name, card->desc.name, sizeof(c->card_name));
	strscpy(c->bus_info, card->desc.bus_info, sizeof(c->bus_info));
	strscpy(c->line_name, line->name, sizeof(c->line_name));
	c->version = TAPI_LINE_ABI;
	c->card = card->number;
	c->line = line->number;
	c->type = line->type;
	c->caps = line->caps;
	c->events = tapi_line_event_types(line);
	c->snd_card = tapi_line_snd_card(line);
	c->snd_device = c->snd_card == TAPI_LINE_NONE ? TAPI_LINE_NONE : line->number;
	return 0;
}

static int cdev_g_state(struct tapi_fh *fh, union cdev_arg *arg)
{
	tapi_line_snapshot(fh->line, fh, &arg->state);
	return 0;
}

static int cdev_g_stats(struct tapi_fh *fh, union cdev_arg *arg)
{
	struct tapi_line *line = fh->line;
	const struct tapi_card_ops *ops;
	int idx;

	ops = tapi_ops_get(line->card, &idx);
	if (!ops)
		return -ENODEV;
	if (ops->get_stats)
		ops->get_stats(line, &arg->stats);
	tapi_pcm_stats(line, &arg->stats);
	tapi_ops_put(line->card, idx);
	spin_lock_irq(&line->ev_lock);
	arg->stats.events = line->events;
	arg->stats.dropped_events = line->dropped;
	spin_unlock_irq(&line->ev_lock);
	return 0;
}

static int cdev_measure(struct tapi_fh *fh, union cdev_arg *arg)
{
	return tapi_control_measure(fh->line, &arg->measure);
}

static int cdev_claim(struct tapi_fh *fh, union cdev_arg *arg)
{
	return tapi_claim_take(fh, &arg->claim);
}

static int cdev_release_claim(struct tapi_fh *fh, union cdev_arg *arg)
{
	tapi_claim_end(fh, 0);
	return 0;
}

static int cdev_s_evmask(struct tapi_fh *fh, union cdev_arg *arg)
{
	spin_lock_irq(&fh->line->ev_lock);
	fh->ring.mask = arg->mask;
	spin_unlock_irq(&fh->line->ev_lock);
	return 0;
}

static int cdev_s_hook(struct tapi_fh *fh, union cdev_arg *arg)
{
	return tapi_control_hook(fh->line, &arg->hook);
}

static int cdev_s_ring(struct tapi_fh *fh, union cdev_arg *arg)
{
	return tapi_control_ring(fh->line, &arg->ring);
}

static int cdev_s_linefeed(struct tapi_fh *fh, union cdev_arg *arg)
{
	return tapi_control_linefeed(fh->line, &arg->linefeed);
}

static int cdev_s_tone(struct tapi_fh *fh, union cdev_arg *arg)
{
	return tapi_control_tone(fh->line, &arg->tone);
}

static int cdev_dial(struct tapi_fh *fh, union cdev_arg *arg)
{
	return tapi_control_dial(fh->line, &arg->dial);
}

static int cdev_abort(struct tapi_fh *fh, union cdev_arg *arg)
{
	return tapi_control_abort(fh->line, arg->cookie);
}

static int cdev_get_value(struct tapi_fh *fh, struct tapi_line_param *p)
{
	s64 value;
	int ret = tapi_param_get(fh->line, p->id, &value);

	p->value = value;
	return ret;
}

static int cdev_q_param(struct tapi_fh *fh, union cdev_arg *arg)
{
	int ret;

	ret = tapi_param_query(fh->line, &arg->param, arg->param.flags & TAPI_LINE_PARAM_NEXT);
	return ret ? ret : cdev_get_value(fh, &arg->param);
}

static int cdev_g_param(struct tapi_fh *fh, union cdev_arg *arg)
{
	int ret;

	ret = tapi_param_query(fh->line, &arg->param, false);
	return ret ? ret : cdev_get_value(fh, &arg->param);
}

static int cdev_s_param(struct tapi_fh *fh, union cdev_arg *arg)
{
	struct tapi_line_param *p = &arg->param;
	s64 old = tapi_param_value(fh->line, p->id, p->value);
	int ret = tapi_param_set(fh->line, p->id, p->value);

	if (!ret && old != p->value)
		tapi_mixer_changed(fh->line, p->id);
	return ret;
}

#define CDEV_LOCK	1	/* takes line->lock */
#define CDEV_CLAIMER	2	/* only for the claimer; takes line->lock */

struct cdev_request {
	unsigned int cmd;
	unsigned int flags;
	int (*check)(struct tapi_line *line, const union cdev_arg *arg);
	int (*run)(struct tapi_fh *fh, union cdev_arg *arg);
};

static const struct cdev_request cdev_requests[] = {
	{ TAPI_LINE_G_CAPS, 0, NULL, cdev_g_caps },
	{ TAPI_LINE_G_STATE, 0, NULL, cdev_g_state },
	{ TAPI_LINE_G_STATS, 0, NULL, cdev_g_stats },
	{ TAPI_LINE_MEASURE, CDEV_LOCK, NULL, cdev_measure },
	{ TAPI_LINE_CLAIM, CDEV_LOCK, cdev_check_claim, cdev_claim },
	{ TAPI_LINE_RELEASE, CDEV_CLAIMER, NULL, cdev_release_claim },
	{ TAPI_LINE_S_EVMASK, 0, cdev_check_mask, cdev_s_evmask },
	{ TAPI_LINE_S_HOOK, CDEV_CLAIMER, cdev_check_hook, cdev_s_hook },
	{ TAPI_LINE_S_RING, CDEV_CLAIMER, cdev_check_ring, cdev_s_ring },
	{ TAPI_LINE_S_LINEFEED, CDEV_CLAIMER, cdev_check_linefeed, cdev_s_linefeed },
	{ TAPI_LINE_S_TONE, CDEV_CLAIMER, cdev_check_tone, cdev_s_tone },
	{ TAPI_LINE_DIAL, CDEV_CLAIMER, cdev_check_dial, cdev_dial },
	{ TAPI_LINE_ABORT, CDEV_CLAIMER, NULL, cdev_abort },
	{ TAPI_LINE_Q_PARAM, CDEV_LOCK, cdev_check_query, cdev_q_param },
	{ TAPI_LINE_G_PARAM, CDEV_LOCK, cdev_check_get, cdev_g_param },
	{ TAPI_LINE_S_PARAM, CDEV_CLAIMER, cdev_check_set, cdev_s_param },
};

static const struct cdev_request *cdev_find_request(unsigned int cmd)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cdev_requests); i++)
		if (cdev_requests[i].cmd == cmd)
			return &cdev_requests[i];
	return NULL;
}

/* A pointer that cannot take the answer is found before anything is done */
static int cdev_get_arg(unsigned int cmd, union cdev_arg *arg, void __user *user)
{
	memset(arg, 0, sizeof(*arg));
	if (_IOC_DIR(cmd) & _IOC_WRITE)
		return copy_from_user(arg, user, _IOC_SIZE(cmd)) ? -EFAULT : 0;
	if (_IOC_DIR(cmd) & _IOC_READ)
		return clear_user(user, _IOC_SIZE(cmd)) ? -EFAULT : 0;
	return 0;
}

static int cdev_run(struct tapi_fh *fh, const struct cdev_request *req, union cdev_arg *arg)
{
	struct tapi_line *line = fh->line;
	int ret;

	if (!req->flags)
		return READ_ONCE(line->card->gone) ? -ENODEV : req->run(fh, arg);
	mutex_lock(&line->lock);
	if (READ_ONCE(line->card->gone))
		ret = -ENODEV;
	else if (req->flags == CDEV_CLAIMER && line->claimer != fh)
		ret = -EPERM;
	else
		ret = req->run(fh, arg);
	mutex_unlock(&line->lock);
	return ret;
}

static long cdev_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	const struct cdev_request *req = cdev_find_request(cmd);
	struct tapi_fh *fh = file->private_data;
	void __user *ptr = (void __user *)user;
	union cdev_arg arg;
	int ret;

	if (!req)
		return -ENOTTY;
	ret = cdev_get_arg(cmd, &arg, ptr);
	if (!ret && req->check)
		ret = req->check(fh->line, &arg);
	if (!ret)
		ret = cdev_run(fh, req, &arg);
	if (!ret && (_IOC_DIR(cmd) & _IOC_READ) && copy_to_user(ptr, &arg, _IOC_SIZE(cmd)))
		ret = -EFAULT;
	return ret;
}

const struct file_operations tapi_line_fops = {
	.owner = THIS_MODULE,
	.open = cdev_open,
	.release = cdev_release,
	.read = cdev_read,
	.poll = cdev_poll,
	.unlocked_ioctl = cdev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/**
 * tapi_line_is_claimed() - does the line have a claimer right now?
 * @line: the line
 *
 * Context: Any.
 * Return: whether it does.
 */
bool tapi_line_is_claimed(struct tapi_line *line)
{
	return READ_ONCE(line->claimer);
}

/* The line of an open file that claims it */
static struct tapi_line *cdev_claimed_line(struct file *file)
{
	struct tapi_line *line;
	struct tapi_fh *fh;
	int ret = 0;

	if (file->f_op != &tapi_line_fops)
		return ERR_PTR(-EINVAL);
	fh = file->private_data;
	line = fh->line;
	mutex_lock(&line->lock);
	if (READ_ONCE(line->card->gone) || !try_module_get(line->card->owner)) {
		ret = -ENODEV;
	} else if (line->claimer != fh) {
		module_put(line->card->owner);
		ret = -EPERM;
	}
	if (!ret)
		get_device(&line->dev);
	mutex_unlock(&line->lock);
	return ret ? ERR_PTR(ret) : line;
}

/**
 * tapi_line_from_claim_fd() - the line that a file of the current process claims
 * @fd: the file
 *
 * Context: Process context, takes line->lock.
 * Return: the line, with a reference for tapi_line_put(); ERR_PTR(-EBADF) not an open file,
 * -EINVAL not a line, -EPERM not the claimer, -ENODEV gone.
 */
struct tapi_line *tapi_line_from_claim_fd(int fd)
{
	struct tapi_line *line;
	struct file *file;

	file = fget(fd);
	if (!file)
		return ERR_PTR(-EBADF);
	line = cdev_claimed_line(file);
	fput(file);
	return line;
}

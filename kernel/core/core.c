// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards and lines: their life from allocation to the last reference.
 *
 * A card is allocated, its lines are described, it is registered, it goes, and
 * its memory stays until the last open file has been closed.  The driver is
 * called through an SRCU-guarded pointer only: once tapi_card_unregister() has
 * returned, no driver code runs.
 *
 * core_mutex covers the list of cards and the numbers.
 */
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core.h"

#define CORE_MINORS	1024
#define CORE_CAPS	(TAPI_LINE_CAP_FAR_END * 2 - 1)

static DEFINE_MUTEX(core_mutex);	/* core_cards */
static LIST_HEAD(core_cards);
static DEFINE_IDA(core_card_ida);
static DEFINE_IDA(core_minor_ida);
static dev_t core_devt;

struct workqueue_struct *tapi_wq;

static char *core_devnode(tapi_devnode_device *dev, umode_t *mode)
{
	struct tapi_line *line;

	if (dev->type != &tapi_line_type)
		return NULL;
	line = tapi_dev_line(dev);
	if (mode)
		*mode = 0660;
	return kasprintf(GFP_KERNEL, "tapi/card%u-line%u", line->card->number, line->number);
}

static struct class core_class = {
	.name = "tapi",
	.devnode = core_devnode,
};

/**
 * tapi_ops_get() - enter the driver
 * @card: the card
 * @idx: for tapi_ops_put()
 *
 * Context: Any.
 * Return: the operations, to be used until tapi_ops_put(); NULL when the card has gone.
 */
const struct tapi_card_ops *tapi_ops_get(struct tapi_card *card, int *idx)
{
	const struct tapi_card_ops *ops;

	*idx = srcu_read_lock(&card->srcu);
	ops = srcu_dereference(card->ops, &card->srcu);
	if (!ops)
		srcu_read_unlock(&card->srcu, *idx);
	else
		__release(&card->srcu);	/* sparse cannot say "held if not NULL" */
	return ops;
}

/**
 * tapi_ops_put() - leave the driver
 * @card: the card
 * @idx: from tapi_ops_get()
 *
 * Context: Any.
 */
void tapi_ops_put(struct tapi_card *card, int idx)
{
	__acquire(&card->srcu);		/* by tapi_ops_get(), see there */
	srcu_read_unlock(&card->srcu, idx);
}

/**
 * tapi_line_release() - the last reference to a line's device has gone
 * @dev: the device
 *
 * The line's memory is the card's: it stays as long as the card.
 */
void tapi_line_release(struct device *dev)
{
	put_device(&tapi_dev_line(dev)->card->dev);
}

static void core_free_desc(struct tapi_card_desc *desc)
{
	kfree(desc->driver);
	kfree(desc->name);
	kfree(desc->bus_info);
}

/**
 * tapi_card_release() - the last reference to a card has gone
 * @dev: its device
 */
void tapi_card_release(struct device *dev)
{
	struct tapi_card *card = tapi_dev_card(dev);
	unsigned int i;

	tapi_pcm_free(card);
	if (card->driver_ops->free)
		card->driver_ops->free(card);
	for (i = 0; i < card->num_lines; i++) {
		if (!card->lines[i])
			continue;
		tapi_params_free(card->lines[i]);
		kfree(card->lines[i]);
	}
	cleanup_srcu_struct(&card->srcu);
	core_free_desc(&card->desc);
	kfree(card);
}

static int core_copy_desc(struct tapi_card_desc *to, const struct tapi_card_desc *from)
{
	*to = *from;
	to->driver = kstrdup(from->driver, GFP_KERNEL);
	to->name = kstrdup(from->name, GFP_KERNEL);
	to->bus_info = kstrdup(from->bus_info, GFP_KERNEL);
	if (to->driver && to->name && to->bus_info)
		return 0;
	core_free_desc(to);
	return -ENOMEM;
}

/**
 * tapi_card_alloc() - make a card
 * @parent: the device it is on
 * @ops: the driver's operations
 * @desc: what the card is; copied
 * @priv: bytes for the driver, tapi_card_priv()
 *
 * Context: Process context.
 * Return: the card, to be given back with tapi_card_put(); ERR_PTR(-EINVAL) when @desc makes
 * no sense, ERR_PTR(-ENOMEM).
 */
struct tapi_card *tapi_card_alloc(struct device *parent, const struct tapi_card_ops *ops,
				  const struct tapi_card_desc *desc, size_t priv)
{
	size_t own = ALIGN(sizeof(struct tapi_card), ARCH_KMALLOC_MINALIGN);
	struct tapi_card *card;
	int ret;

	if (!ops || !desc->driver || !desc->name || !desc->bus_info || !desc->lines ||
	    desc->lines > TAPI_CARD_LINES || desc->format > TAPI_PCM_S16)
		return ERR_PTR(-EINVAL);
	card = tapi_alloc(card, kzalloc(size_add(own, priv), GFP_KERNEL));
	if (!card)
		return ERR_PTR(-ENOMEM);
	ret = core_copy_desc(&card->desc, desc);
	if (ret)
		goto err_free;
	ret = init_srcu_struct(&card->srcu);
	if (ret)
		goto err_desc;
	card->priv = (char *)card + own;
	card->driver_ops = ops;
	card->owner = ops->owner;
	card->num_lines = desc->lines;
	card->snd_number = TAPI_LINE_NONE;
	INIT_LIST_HEAD(&card->entry);
	mutex_init(&card->pm_lock);
	device_initialize(&card->dev);
	card->dev.parent = parent;
	card->dev.class = &core_class;
	card->dev.type = &tapi_card_type;
	return card;

err_desc:
	core_free_desc(&card->desc);
err_free:
	kfree(card);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(tapi_card_alloc);

/**
 * tapi_card_put() - the driver lets go of its card
 * @card: the card, never registered or unregistered
 *
 * Context: Process context.
 */
void tapi_card_put(struct tapi_card *card)
{
	unsigned int i;

	for (i = 0; i < card->num_lines; i++)
		if (card->lines[i])
			put_device(&card->lines[i]->dev);
	put_device(&card->dev);
}
EXPORT_SYMBOL_GPL(tapi_card_put);

static void core_init_line_device(struct tapi_line *line)
{
	device_initialize(&line->dev);
	line->dev.parent = &line->card->dev;
	line->dev.class = &core_class;
	line->dev.type = &tapi_line_type;
	get_device(&line->card->dev);
	cdev_init(&line->cdev, &tapi_line_fops);
	line->cdev.owner = line->card->owner;
}

/**
 * tapi_line_init() - describe a line of a card
 * @card: the card, not registered yet
 * @number: the line's number
 * @desc: what it is; copied
 *
 * Context: Process context.
 * Return: 0; -EINVAL when @desc makes no sense, -EEXIST when the line is there, -ENOMEM.
 */
int tapi_line_init(struct tapi_card *card, unsigned int number, const struct tapi_line_desc *desc)
{
	struct tapi_line *line;
	int ret;

	if (number >= card->num_lines || (desc->caps & ~CORE_CAPS) ||
	    (desc->type != TAPI_LINE_FXS && desc->type != TAPI_LINE_FXO))
		return -EINVAL;
	if (card->lines[number])
		return -EEXIST;
	line = tapi_alloc(line, kzalloc(sizeof(*line), GFP_KERNEL));
	if (!line)
		return -ENOMEM;
	line->card = card;
	line->number = number;
	line->type = desc->type;
	line->caps = desc->caps;
	if (desc->name)
		strscpy(line->name, desc->name, sizeof(line->name));
	else
		snprintf(line->name, sizeof(line->name), "line%u", number);
	mutex_init(&line->lock);
	spin_lock_init(&line->ev_lock);
	INIT_LIST_HEAD(&line->fhs);
	ret = tapi_params_init(line, desc);
	if (ret) {
		tapi_params_free(line);
		kfree(line);
		return ret;
	}
	tapi_edges_init(line, desc);
	tapi_claim_init(line);
	tapi_control_init(line);
	tapi_pass_init(line);
	core_init_line_device(line);
	card->lines[number] = line;
	return 0;
}
EXPORT_SYMBOL_GPL(tapi_line_init);

/* Every capability needs the operations that provide it */
static bool core_line_ops_ok(const struct tapi_line *line, const struct tapi_card_ops *ops)
{
	const u64 hook = TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_FLASH | TAPI_LINE_CAP_PULSE_DIAL;
	const u64 feed = TAPI_LINE_CAP_LINEFEED | TAPI_LINE_CAP_POLARITY | TAPI_LINE_CAP_OHT;
	u64 caps = line->caps;

	if ((caps & hook) && (!(caps & TAPI_LINE_CAP_HOOK) || !ops->set_hook))
		return false;
	if ((caps & feed) && (!(caps & TAPI_LINE_CAP_LINEFEED) || !ops->set_linefeed))
		return false;
	if ((caps & TAPI_LINE_CAP_RING) && (!ops->ring_on || !ops->ring_off))
		return false;
	if ((caps & TAPI_LINE_CAP_TONE) && (!ops->tone_on || !ops->tone_off))
		return false;
	if ((caps & TAPI_LINE_CAP_DTMF_DIAL) && !ops->dtmf_send)
		return false;
	if ((caps & TAPI_LINE_CAP_MEASURE) && !ops->measure)
		return false;
	if ((caps & TAPI_LINE_CAP_PCM) && (!ops->pcm_prepare || !ops->pcm_start ||
					   !ops->pcm_stop || !ops->pcm_pos))
		return false;
	return ops->set_param || !tapi_params_of_driver(line);
}

static int core_check_card(const struct tapi_card *card, bool *sound)
{
	unsigned int i;

	*sound = false;
	for (i = 0; i < card->num_lines; i++) {
		if (!card->lines[i] || !core_line_ops_ok(card->lines[i], card->driver_ops))
			return -EINVAL;
		if (card->lines[i]->caps & TAPI_LINE_CAP_PCM)
			*sound = true;
	}
	return 0;
}

static int core_add_line(struct tapi_line *line)
{
	int minor, ret;

	minor = ida_alloc_max(&core_minor_ida, CORE_MINORS - 1, GFP_KERNEL);
	if (minor < 0)
		return minor;
	line->dev.devt = MKDEV(MAJOR(core_devt), minor);
	ret = dev_set_name(&line->dev, "card%u-line%u", line->card->number, line->number);
	if (ret)
		goto err_minor;
	ret = tapi_relay_line_add(line);
	if (ret)
		goto err_minor;
	ret = cdev_device_add(&line->cdev, &line->dev);
	if (ret)
		goto err_relay;
	return 0;

err_relay:
	tapi_relay_line_del(line);
err_minor:
	ida_free(&core_minor_ida, minor);
	return ret;
}

static void core_del_line(struct tapi_line *line)
{
	tapi_relay_line_del(line);
	cdev_device_del(&line->cdev, &line->dev);
	ida_free(&core_minor_ida, MINOR(line->dev.devt));
}

/* After this no driver code runs, nobody sleeps, and nothing starts by itself */
static void core_quiesce(struct tapi_card *card)
{
	unsigned int i;

	if (card->gone)
		return;
	WRITE_ONCE(card->gone, true);
	tapi_pcm_stop(card);
	RCU_INIT_POINTER(card->ops, NULL);
	for (i = 0; i < card->num_lines; i++)
		tapi_event_gone(card->lines[i]);
	tapi_pcm_disconnect(card);
	synchronize_srcu(&card->srcu);
	for (i = 0; i < card->num_lines; i++) {
		struct tapi_line *line = card->lines[i];

		mutex_lock(&line->lock);
		tapi_claim_gone(line);
		mutex_unlock(&line->lock);
		tapi_control_cancel(line);
		tapi_claim_cancel(line);
		tapi_edges_cancel(line);
	}
}

/* A card that was unplugged by injection gets its number back */
static int core_get_number(struct tapi_card *card)
{
	int number = tapi_inject_number(card->dev.parent);

	return number >= 0 ? number : ida_alloc(&core_card_ida, GFP_KERNEL);
}

static void core_put_number(unsigned int number)
{
	if (!tapi_inject_keeps(number))
		tapi_card_number_free(number);
}

/**
 * tapi_card_number_free() - a card needs its number no more
 * @number: the number
 */
void tapi_card_number_free(unsigned int number)
{
	ida_free(&core_card_ida, number);
}

static int core_add_lines(struct tapi_card *card)
{
	unsigned int i;
	int ret;

	for (i = 0; i < card->num_lines; i++) {
		ret = core_add_line(card->lines[i]);
		if (ret)
			goto err_lines;
	}
	return 0;

err_lines:
	core_quiesce(card);
	while (i--)
		core_del_line(card->lines[i]);
	return ret;
}

/**
 * tapi_card_register() - open a card and its lines to the world
 * @card: the card; all its lines are described
 *
 * From here on the driver is called, also before this returns.  A card that was registered
 * once, or failed to, is not registered again.
 *
 * Context: Process context.
 * Return: 0; -EINVAL a line is missing or a capability lacks its operation; -ENOSPC no more
 * numbers; -ENOMEM; what ALSA or the driver core says.
 */
int tapi_card_register(struct tapi_card *card)
{
	bool sound;
	int ret;

	ret = core_check_card(card, &sound);
	if (ret)
		return ret;
	ret = core_get_number(card);
	if (ret < 0)
		return ret;
	card->number = ret;
	ret = dev_set_name(&card->dev, "card%u", card->number);
	if (ret)
		goto err_number;
	tapi_inject_add(card);
	rcu_assign_pointer(card->ops, card->driver_ops);
	ret = device_add(&card->dev);
	if (ret)
		goto err_quiesce;
	ret = sound ? tapi_pcm_register(card) : 0;
	if (!ret)
		ret = core_add_lines(card);
	if (ret)
		goto err_device;
	mutex_lock(&core_mutex);
	list_add_tail(&card->entry, &core_cards);
	mutex_unlock(&core_mutex);
	card->registered = true;
	tapi_inject_done(card);
	return 0;

err_device:
	core_quiesce(card);
	device_del(&card->dev);
err_quiesce:
	core_quiesce(card);
	tapi_inject_del(card);
err_number:
	core_put_number(card->number);
	return ret;
}
EXPORT_SYMBOL_GPL(tapi_card_register);

/**
 * tapi_card_unregister() - the card goes
 * @card: the card; one that is not registered is left alone
 *
 * When this returns no operation runs and none will, every sleeper has woken with -ENODEV,
 * and reports are ignored.  Open files remain and get -ENODEV.  Then the driver may free
 * interrupts and memory, and calls tapi_card_put().
 *
 * Context: Process context.
 */
void tapi_card_unregister(struct tapi_card *card)
{
	unsigned int i;

	if (!card->registered)
		return;
	card->registered = false;
	mutex_lock(&core_mutex);
	list_del_init(&card->entry);
	mutex_unlock(&core_mutex);
	core_quiesce(card);
	for (i = 0; i < card->num_lines; i++)
		core_del_line(card->lines[i]);
	tapi_inject_del(card);
	device_del(&card->dev);
	core_put_number(card->number);
}
EXPORT_SYMBOL_GPL(tapi_card_unregister);

static bool core_line_in_use(struct tapi_line *line)
{
	unsigned long irq;
	bool used;

	spin_lock_irqsave(&line->ev_lock, irq);
	used = !list_empty(&line->fhs) || (line->state.flags & TAPI_LINE_ST_LINGER);
	spin_unlock_irqrestore(&line->ev_lock, irq);
	return used;
}

/**
 * tapi_card_in_use() - does a process use the card
 * @card: the card, registered
 *
 * For drivers that can let a card go or keep it.  One that is opened the moment after has
 * what every file has whose card goes: -ENODEV.
 *
 * Context: Process context.
 * Return: whether a line or its sound is open, or a line lingers.
 */
bool tapi_card_in_use(struct tapi_card *card)
{
	unsigned int i;

	for (i = 0; i < card->num_lines; i++)
		if (core_line_in_use(card->lines[i]))
			return true;
	return tapi_pcm_in_use(card);
}
EXPORT_SYMBOL_GPL(tapi_card_in_use);

/**
 * tapi_line_find() - a line by its numbers
 * @card: number of the card
 * @number: number of the line
 *
 * Context: Process context.
 * Return: the line, with a reference for tapi_line_put(); NULL when there is none.
 */
struct tapi_line *tapi_line_find(unsigned int card, unsigned int number)
{
	struct tapi_line *line = NULL;
	struct tapi_card *c;

	mutex_lock(&core_mutex);
	list_for_each_entry(c, &core_cards, entry) {
		if (c->number != card || number >= c->num_lines)
			continue;
		/* The last reference may end in the driver's code: it has to stay. */
		if (try_module_get(c->owner)) {
			line = c->lines[number];
			get_device(&line->dev);
		}
		break;
	}
	mutex_unlock(&core_mutex);
	return line;
}

/**
 * tapi_line_put() - give a line back
 * @line: from tapi_line_find() or tapi_line_from_claim_fd()
 *
 * Context: Process context.
 */
void tapi_line_put(struct tapi_line *line)
{
	struct module *owner = line->card->owner;

	put_device(&line->dev);
	module_put(owner);
}

/**
 * tapi_line_snd_card() - the ALSA card of a line
 * @line: the line
 *
 * Return: its number, %TAPI_LINE_NONE when the line has no sound.
 */
u32 tapi_line_snd_card(const struct tapi_line *line)
{
	if (!(line->caps & TAPI_LINE_CAP_PCM))
		return TAPI_LINE_NONE;
	return READ_ONCE(line->card->snd_number);
}

/**
 * tapi_card_priv() - the driver's own memory
 * @card: the card
 *
 * Context: Any.
 * Return: what tapi_card_alloc() set aside.
 */
void *tapi_card_priv(struct tapi_card *card)
{
	return card->priv;
}
EXPORT_SYMBOL_GPL(tapi_card_priv);

/**
 * tapi_card_number() - the number of a registered card
 * @card: the card
 *
 * Context: Any.
 * Return: its number.
 */
unsigned int tapi_card_number(const struct tapi_card *card)
{
	return card->number;
}
EXPORT_SYMBOL_GPL(tapi_card_number);

/**
 * tapi_card_device() - the device of a card, for messages
 * @card: the card
 *
 * Context: Any.
 * Return: its device.
 */
struct device *tapi_card_device(struct tapi_card *card)
{
	return &card->dev;
}
EXPORT_SYMBOL_GPL(tapi_card_device);

/**
 * tapi_card_line() - a line of a card
 * @card: the card
 * @number: the line's number
 *
 * Context: Any.
 * Return: the line, NULL when it has not been described.
 */
struct tapi_line *tapi_card_line(struct tapi_card *card, unsigned int number)
{
	return number < card->num_lines ? card->lines[number] : NULL;
}
EXPORT_SYMBOL_GPL(tapi_card_line);

/**
 * tapi_line_card() - the card of a line
 * @line: the line
 *
 * Context: Any.
 * Return: its card.
 */
struct tapi_card *tapi_line_card(struct tapi_line *line)
{
	return line->card;
}
EXPORT_SYMBOL_GPL(tapi_line_card);

/**
 * tapi_line_number() - the number of a line on its card
 * @line: the line
 *
 * Context: Any.
 * Return: its number.
 */
unsigned int tapi_line_number(const struct tapi_line *line)
{
	return line->number;
}
EXPORT_SYMBOL_GPL(tapi_line_number);

static int __init core_init(void)
{
	int ret;

	tapi_wq = alloc_workqueue("tapi", WQ_HIGHPRI | WQ_UNBOUND, 0);
	if (!tapi_wq)
		return -ENOMEM;
	ret = alloc_chrdev_region(&core_devt, 0, CORE_MINORS, "tapi");
	if (ret)
		goto err_wq;
	ret = class_register(&core_class);
	if (ret)
		goto err_region;
	ret = tapi_relay_init();
	if (ret)
		goto err_class;
	tapi_inject_init();
	return 0;

err_class:
	class_unregister(&core_class);
err_region:
	unregister_chrdev_region(core_devt, CORE_MINORS);
err_wq:
	destroy_workqueue(tapi_wq);
	return ret;
}
module_init(core_init);

static void __exit core_exit(void)
{
	tapi_inject_exit();
	tapi_relay_exit();
	class_unregister(&core_class);
	unregister_chrdev_region(core_devt, CORE_MINORS);
	destroy_workqueue(tapi_wq);
}
module_exit(core_exit);

MODULE_DESCRIPTION("Telephony core: cards, lines, sound and the relay of opaque data");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * More cards at run time, by configfs:
 *
 *	tapi-sim/CARD/			a card, and what it is to be
 *	tapi-sim/CARD/line<n>/		a line, and which line its cable leads to
 *	tapi-sim/CARD/line<n>/far/	what plays the other end when there is no such line
 *	tapi-sim/CARD/line<n>/wire/	what is wrong with the cable
 *
 * Nothing is there until "1" is written to the card's attribute "live", and while
 * it is there nothing of it can be changed, nor at the other ends of its cables, but
 * what happens far away and on the wires.  The directories of all these lines are
 * pinned as long, and with them those of their cards and this module.
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/idr.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "config.h"

/* Microseconds of a frame */
#define CONFIG_FRAME_US	125

static DEFINE_IDA(config_ida);

/* ---- a card comes and goes */

static void config_unpin(struct config_card *card, unsigned int lines)
{
	while (lines--) {
		struct config_line *line = card->line[lines];

		if (line->peer)
			configfs_undepend_item_unlocked(&line->peer->group.cg_item);
		configfs_undepend_item_unlocked(&line->group.cg_item);
	}
}

static int config_pin_line(struct config_line *line)
{
	int err;

	err = configfs_depend_item_unlocked(&sim_config_subsystem, &line->group.cg_item);
	if (err || !line->peer)
		return err;
	err = configfs_depend_item_unlocked(&sim_config_subsystem, &line->peer->group.cg_item);
	if (err)
		configfs_undepend_item_unlocked(&line->group.cg_item);
	return err;
}

/* Neither the card's lines nor those at the other ends can be removed; a racing rmdir: -ENOENT */
static int config_pin(struct config_card *card, unsigned int lines)
{
	unsigned int i;
	int err;

	for (i = 0; i < lines; i++) {
		err = config_pin_line(card->line[i]);
		if (err) {
			config_unpin(card, i);
			return err;
		}
	}
	return 0;
}

/* Lines are numbered from 0 without a gap */
static int config_check(const struct config_card *card, unsigned int *lines)
{
	unsigned int i, n = 0;

	for (i = 0; i < TAPI_CARD_LINES; i++) {
		if (!card->line[i])
			continue;
		if (i != n++)
			return -EINVAL;
	}
	*lines = n;
	return n ? 0 : -EINVAL;
}

static void config_setup_free(struct sim_setup *setup)
{
	sim_setup_clear(setup);
	kfree(setup);
}

static struct sim_setup *config_setup(struct config_card *card, unsigned int lines)
{
	struct sim_setup *setup = kzalloc(sizeof(*setup), GFP_KERNEL);
	unsigned int i;

	if (!setup)
		return NULL;
	setup->name = config_item_name(&card->group.cg_item);
	setup->bus = card->bus;
	setup->format = card->format;
	setup->grain = card->grain;
	setup->ppm = card->ppm;
	setup->pcm = card->pcm;
	setup->dtmf = card->dtmf;
	setup->slow_ms = card->slow_ms;
	setup->lines = lines;
	for (i = 0; i < lines; i++)
		sim_config_line_setup(&setup->line[i], card->line[i]);
	return setup;
}

static int config_add_device(struct config_card *card)
{
	struct platform_device *pdev;
	int id;

	/* 0 is the card of the module's parameters */
	id = ida_alloc_min(&config_ida, 1, GFP_KERNEL);
	if (id < 0)
		return id;
	pdev = sim_device_add(card->setup, id);
	if (IS_ERR(pdev)) {
		ida_free(&config_ida, id);
		return PTR_ERR(pdev);
	}
	card->pdev = pdev;
	card->id = id;
	return 0;
}

static int config_card_up(struct config_card *card)
{
	unsigned int lines;
	int err;

	err = config_check(card, &lines);
	if (err)
		return err;
	card->setup = config_setup(card, lines);
	if (!card->setup)
		return -ENOMEM;
	err = config_pin(card, lines);
	if (err)
		goto err_setup;
	err = config_add_device(card);
	if (err)
		goto err_unpin;
	return 0;

err_unpin:
	config_unpin(card, lines);
err_setup:
	config_setup_free(card->setup);
	card->setup = NULL;
	return err;
}

static int config_card_down(struct config_card *card)
{
	if (sim_device_in_use(card->pdev))
		return -EBUSY;
	platform_device_unregister(card->pdev);
	ida_free(&config_ida, card->id);
	card->pdev = NULL;
	config_unpin(card, card->setup->lines);
	config_setup_free(card->setup);
	card->setup = NULL;
	return 0;
}

/* ---- attributes of a card */

static ssize_t config_card_live_show(struct config_item *item, char *page)
{
	ssize_t ret;

	config_lock();
	ret = sysfs_emit(page, "%d\n", !!to_card(item)->pdev);
	config_unlock();
	return ret;
}

static ssize_t config_card_live_store(struct config_item *item, const char *page, size_t count)
{
	struct config_card *card = to_card(item);
	int err = 0;
	bool live;

	if (kstrtobool(page, &live))
		return -EINVAL;
	config_lock();
	if (live && !card->pdev)
		err = config_card_up(card);
	else if (!live && card->pdev)
		err = config_card_down(card);
	config_unlock();
	return err ?: count;
}

static ssize_t config_card_number_show(struct config_item *item, char *page)
{
	struct config_card *card = to_card(item);
	int number = -ENXIO;
	ssize_t ret;

	config_lock();
	if (card->pdev)
		number = sim_device_number(card->pdev);
	ret = number < 0 ? sysfs_emit(page, "none\n") : sysfs_emit(page, "%d\n", number);
	config_unlock();
	return ret;
}

static ssize_t config_card_law_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", sim_law_name(to_card(item)->format));
}

static ssize_t config_card_law_store(struct config_item *item, const char *page, size_t count)
{
	struct config_card *card = to_card(item);
	enum tapi_pcm_format format;
	ssize_t ret = count;

	if (sim_law_parse(page, &format))
		return -EINVAL;
	config_lock();
	if (card->pdev)
		ret = -EBUSY;
	else
		card->format = format;
	config_unlock();
	return ret;
}

static ssize_t config_card_period_us_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", to_card(item)->grain * CONFIG_FRAME_US);
}

static ssize_t config_card_period_us_store(struct config_item *item, const char *page, size_t count)
{
	struct config_card *card = to_card(item);
	unsigned int period_us;
	ssize_t ret = count;

	if (kstrtouint(page, 0, &period_us) || period_us % CONFIG_FRAME_US ||
	    !sim_grain_ok(period_us / CONFIG_FRAME_US))
		return -EINVAL;
	config_lock();
	if (card->pdev)
		ret = -EBUSY;
	else
		card->grain = period_us / CONFIG_FRAME_US;
	config_unlock();
	return ret;
}

static ssize_t config_card_clock_ppm_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", to_card(item)->ppm);
}

static ssize_t config_card_clock_ppm_store(struct config_item *item, const char *page, size_t count)
{
	struct config_card *card = to_card(item);
	ssize_t ret = count;
	int ppm;

	if (kstrtoint(page, 0, &ppm) || ppm < -SIM_PPM_MAX || ppm > SIM_PPM_MAX)
		return -EINVAL;
	config_lock();
	if (card->pdev)
		ret = -EBUSY;
	else
		card->ppm = ppm;
	config_unlock();
	return ret;
}

/* @field: of the card */
static ssize_t config_card_set_bool(struct config_item *item, const char *page, size_t count,
				    bool *field)
{
	ssize_t ret = count;
	bool value;

	if (kstrtobool(page, &value))
		return -EINVAL;
	config_lock();
	if (to_card(item)->pdev)
		ret = -EBUSY;
	else
		*field = value;
	config_unlock();
	return ret;
}

static ssize_t config_card_pcm_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", to_card(item)->pcm);
}

static ssize_t config_card_pcm_store(struct config_item *item, const char *page, size_t count)
{
	return config_card_set_bool(item, page, count, &to_card(item)->pcm);
}

static ssize_t config_card_dtmf_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", to_card(item)->dtmf);
}

static ssize_t config_card_dtmf_store(struct config_item *item, const char *page, size_t count)
{
	return config_card_set_bool(item, page, count, &to_card(item)->dtmf);
}

static ssize_t config_card_slow_ms_show(struct config_item *item, char *page)
{
	struct config_card *card = to_card(item);
	ssize_t ret;

	config_lock();
	/* an injected command may have changed it */
	ret = sysfs_emit(page, "%u\n", card->setup ? READ_ONCE(card->setup->slow_ms) :
			 card->slow_ms);
	config_unlock();
	return ret;
}

static ssize_t config_card_slow_ms_store(struct config_item *item, const char *page, size_t count)
{
	struct config_card *card = to_card(item);
	unsigned int slow_ms;

	if (kstrtouint(page, 0, &slow_ms) || slow_ms > SIM_SLOW_MS_MAX)
		return -EINVAL;
	config_lock();
	card->slow_ms = slow_ms;
	if (card->setup)
		WRITE_ONCE(card->setup->slow_ms, slow_ms);
	config_unlock();
	return count;
}

CONFIGFS_ATTR(config_card_, live);
CONFIGFS_ATTR_RO(config_card_, number);
CONFIGFS_ATTR(config_card_, law);
CONFIGFS_ATTR(config_card_, period_us);
CONFIGFS_ATTR(config_card_, clock_ppm);
CONFIGFS_ATTR(config_card_, pcm);
CONFIGFS_ATTR(config_card_, dtmf);
CONFIGFS_ATTR(config_card_, slow_ms);

static struct configfs_attribute *config_card_attrs[] = {
	&config_card_attr_live,
	&config_card_attr_number,
	&config_card_attr_law,
	&config_card_attr_period_us,
	&config_card_attr_clock_ppm,
	&config_card_attr_pcm,
	&config_card_attr_dtmf,
	&config_card_attr_slow_ms,
	NULL
};

/* ---- directories */

static struct configfs_group_operations config_card_group_ops = {
	.make_group = sim_config_line_make,
	.drop_item = sim_config_line_drop,
};

static void config_card_release(struct config_item *item)
{
	kfree(to_card(item));
}

static struct configfs_item_operations config_card_ops = {
	.release = config_card_release,
};

static const struct config_item_type config_card_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &config_card_ops,
	.ct_group_ops = &config_card_group_ops,
	.ct_attrs = config_card_attrs,
};

/* A card's name begins with a letter: "sim-0" is the card of the module's parameters */
static struct config_group *config_make_card(struct config_group *group, const char *name)
{
	struct config_card *card;

	if (strlen(name) > CONFIG_NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	if (!isalpha(name[0]) || !sim_config_name_ok(name, strlen(name)))
		return ERR_PTR(-EINVAL);
	card = kzalloc(sizeof(*card), GFP_KERNEL);
	if (!card)
		return ERR_PTR(-ENOMEM);
	snprintf(card->bus, sizeof(card->bus), CONFIG_BUS "%s", name);
	card->format = TAPI_PCM_MU_LAW;
	card->grain = SIM_GRAIN;
	card->pcm = true;
	card->dtmf = true;
	config_group_init_type_name(&card->group, name, &config_card_type);
	return &card->group;
}

static struct configfs_group_operations config_root_ops = {
	.make_group = config_make_card,
};

static const struct config_item_type config_root_type = {
	.ct_owner = THIS_MODULE,
	.ct_group_ops = &config_root_ops,
};

struct configfs_subsystem sim_config_subsystem = {
	.su_group.cg_item = {
		.ci_namebuf = "tapi-sim",
		.ci_type = &config_root_type,
	},
	.su_mutex = __MUTEX_INITIALIZER(sim_config_subsystem.su_mutex),
};

/**
 * sim_config_register() - offer cards in configfs
 *
 * Return: 0 or a negative errno.
 */
int sim_config_register(void)
{
	config_group_init(&sim_config_subsystem.su_group);
	return configfs_register_subsystem(&sim_config_subsystem);
}

/**
 * sim_config_unregister() - the module goes; there are no cards in configfs
 */
void sim_config_unregister(void)
{
	configfs_unregister_subsystem(&sim_config_subsystem);
	ida_destroy(&config_ida);
}

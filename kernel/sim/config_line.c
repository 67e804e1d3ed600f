// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories of lines in configfs, and the cables between them.
 *
 * A cable is known by both its lines; plugging it in at one end does the other
 * end, too.  See configfs.c for the whole.
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "config.h"

/**
 * sim_config_name_ok() - can something be called so
 * @name: the name
 * @len: its length
 *
 * Names end up in links of udev and in tables of people.
 *
 * Return: whether it can.
 */
bool sim_config_name_ok(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isascii(name[i]) || (!isalnum(name[i]) && !strchr("-_.", name[i])))
			return false;
	return len;
}

/* ---- cables */

static bool config_line_live(const struct config_line *line)
{
	return line->card->pdev || (line->peer && line->peer->card->pdev);
}

static void config_unplug(struct config_line *line)
{
	struct config_line *peer = line->peer;

	if (!peer)
		return;
	sim_cable_put(line->cable);
	sim_cable_put(peer->cable);
	line->cable = NULL;
	peer->cable = NULL;
	line->peer = NULL;
	peer->peer = NULL;
}

static int config_plug(struct config_line *line, struct config_line *peer)
{
	struct sim_cable *cable;

	if (line->peer == peer)
		return 0;
	if (line->fxs == peer->fxs)
		return -EINVAL;
	if (line->peer || peer->peer || peer->card->pdev)
		return -EBUSY;
	cable = sim_cable_alloc(line->card != peer->card);
	if (!cable)
		return -ENOMEM;
	line->cable = cable;
	peer->cable = sim_cable_get(cable);
	line->peer = peer;
	peer->peer = line;
	return 0;
}

/* "line<n>" without leading zeros */
static int config_line_number(const char *text, unsigned int *number)
{
	const char *digits = text + 4;

	if (strncmp(text, "line", 4) || !isdigit(digits[0]) || (digits[0] == '0' && digits[1]) ||
	    kstrtouint(digits, 10, number) || *number >= TAPI_CARD_LINES)
		return -EINVAL;
	return 0;
}

/* "CARD/line<n>", or "line<n>" of the same card */
static int config_find(struct config_card *card, char *text, struct config_line **found)
{
	char *line = strchr(text, '/');
	struct config_item *item = NULL;
	unsigned int number;
	int err;

	if (line) {
		*line++ = '\0';
		item = config_group_find_item(&sim_config_subsystem.su_group, text);
		if (!item)
			return -ENOENT;
		card = to_card(item);
	}
	err = config_line_number(line ?: text, &number);
	if (!err) {
		*found = card->line[number];
		err = *found ? 0 : -ENOENT;
	}
	if (item)
		config_item_put(item);
	return err;
}

/* ---- attributes of a line */

static ssize_t config_line_type_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", to_line(item)->fxs ? "fxs" : "fxo");
}

/* Another kind of line has another kind of far side */
static int config_set_type(struct config_line *line, bool fxs)
{
	struct sim_cable *own = sim_cable_alloc_far(fxs);

	if (!own)
		return -ENOMEM;
	sim_cable_put(line->own);
	line->own = own;
	line->fxs = fxs;
	return 0;
}

static ssize_t config_line_type_store(struct config_item *item, const char *page, size_t count)
{
	struct config_line *line = to_line(item);
	bool fxs = sysfs_streq(page, "fxs");
	int err = 0;

	if (!fxs && !sysfs_streq(page, "fxo"))
		return -EINVAL;
	config_lock();
	/* a cable has ends of both kinds */
	if (config_line_live(line) || line->peer)
		err = -EBUSY;
	else if (fxs != line->fxs)
		err = config_set_type(line, fxs);
	config_unlock();
	return err ?: count;
}

static ssize_t config_line_name_show(struct config_item *item, char *page)
{
	ssize_t ret;

	config_lock();
	ret = sysfs_emit(page, "%s\n", to_line(item)->name);
	config_unlock();
	return ret;
}

static ssize_t config_line_name_store(struct config_item *item, const char *page, size_t count)
{
	struct config_line *line = to_line(item);
	size_t len = strcspn(page, "\n");
	ssize_t ret = count;

	if (len >= sizeof(line->name) || len + (page[len] == '\n') != count ||
	    !sim_config_name_ok(page, len))
		return -EINVAL;
	config_lock();
	if (line->card->pdev) {
		ret = -EBUSY;
	} else {
		memcpy(line->name, page, len);
		line->name[len] = '\0';
	}
	config_unlock();
	return ret;
}

static bool config_far_end(const struct config_line *line)
{
	return line->far_end < 0 ? line->fxs : line->far_end;
}

static ssize_t config_line_far_end_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", config_far_end(to_line(item)));
}

static ssize_t config_line_far_end_store(struct config_item *item, const char *page, size_t count)
{
	struct config_line *line = to_line(item);
	ssize_t ret = count;
	bool far_end;

	if (kstrtobool(page, &far_end))
		return -EINVAL;
	config_lock();
	if (line->card->pdev)
		ret = -EBUSY;
	else
		line->far_end = far_end;
	config_unlock();
	return ret;
}

static ssize_t config_line_peer_show(struct config_item *item, char *page)
{
	struct config_line *peer;
	ssize_t ret;

	config_lock();
	peer = to_line(item)->peer;
	if (peer)
		ret = sysfs_emit(page, "%s/%s\n", config_item_name(&peer->card->group.cg_item),
				 config_item_name(&peer->group.cg_item));
	else
		ret = sysfs_emit(page, "none\n");
	config_unlock();
	return ret;
}

static int config_set_peer(struct config_line *line, char *text)
{
	struct config_line *peer;
	int err;

	if (config_line_live(line))
		return -EBUSY;
	if (!*text || !strcmp(text, "none")) {
		config_unplug(line);
		return 0;
	}
	err = config_find(line->card, text, &peer);
	if (err)
		return err;
	return config_plug(line, peer);
}

static ssize_t config_line_peer_store(struct config_item *item, const char *page, size_t count)
{
	char *text = kstrndup(page, count, GFP_KERNEL);
	int err;

	if (!text)
		return -ENOMEM;
	config_lock();
	err = config_set_peer(to_line(item), strim(text));
	config_unlock();
	kfree(text);
	return err ?: count;
}

/* @fault: TAPI_LINE_FAULT_ */
static ssize_t config_line_fault(struct config_item *item, const char *page, size_t count,
				 u32 fault)
{
	struct config_line *line = to_line(item);
	int err;

	if (!sysfs_streq(page, "1"))
		return -EINVAL;
	config_lock();
	err = sim_cable_fault(line_cable(line), line->fxs ? SIM_FXS : SIM_FXO, fault);
	config_unlock();
	return err ?: count;
}

static ssize_t config_line_alarm_store(struct config_item *item, const char *page, size_t count)
{
	return config_line_fault(item, page, count, TAPI_LINE_FAULT_POWER);
}

static ssize_t config_line_reset_store(struct config_item *item, const char *page, size_t count)
{
	return config_line_fault(item, page, count, TAPI_LINE_FAULT_RESET);
}

CONFIGFS_ATTR(config_line_, type);
CONFIGFS_ATTR(config_line_, name);
CONFIGFS_ATTR(config_line_, far_end);
CONFIGFS_ATTR(config_line_, peer);
CONFIGFS_ATTR_WO(config_line_, alarm);
CONFIGFS_ATTR_WO(config_line_, reset);

static struct configfs_attribute *config_line_attrs[] = {
	&config_line_attr_type,
	&config_line_attr_name,
	&config_line_attr_far_end,
	&config_line_attr_peer,
	&config_line_attr_alarm,
	&config_line_attr_reset,
	NULL
};

/* ---- directories */

static void config_line_release(struct config_item *item)
{
	kfree(to_line(item));
}

static struct configfs_item_operations config_line_ops = {
	.release = config_line_release,
};

static const struct config_item_type config_line_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &config_line_ops,
	.ct_attrs = config_line_attrs,
};

/**
 * sim_config_line_setup() - what a line is to be, for its card's setup
 * @to: filled in, with a reference on a cable
 * @line: the line
 *
 * Context: Process context, configuration locked.
 */
void sim_config_line_setup(struct sim_line_setup *to, const struct config_line *line)
{
	to->fxs = line->fxs;
	to->far_end = config_far_end(line);
	strscpy(to->name, line->name, sizeof(to->name));
	to->source = line->peer && line->peer->card == line->card ? line->peer->number : -1;
	to->sound = line->sound;
	to->cable = sim_cable_get(line_cable(line));
}

/**
 * sim_config_part_release() - the last user of a directory in a line's has gone
 * @item: the directory
 */
void sim_config_part_release(struct config_item *item)
{
	kfree(container_of(to_config_group(item), struct config_part, group));
}

static int config_part_add(struct config_line *line, const char *name,
			   const struct config_item_type *type)
{
	struct config_part *part = kzalloc(sizeof(*part), GFP_KERNEL);

	if (!part)
		return -ENOMEM;
	part->line = line;
	config_group_init_type_name(&part->group, name, type);
	configfs_add_default_group(&part->group, &line->group);
	return 0;
}

static struct config_line *config_line_alloc(struct config_card *card, unsigned int number)
{
	struct config_line *line = kzalloc(sizeof(*line), GFP_KERNEL);

	if (!line)
		return NULL;
	line->own = sim_cable_alloc_far(false);
	if (!line->own) {
		kfree(line);
		return NULL;
	}
	line->card = card;
	line->number = number;
	line->far_end = -1;
	line->sound.noise_db = SIM_DB_OFF;
	line->sound.clip_db = SIM_DB_OFF;
	return line;
}

static void config_line_free(struct config_line *line)
{
	sim_cable_put(line->own);
	line->own = NULL;
	configfs_remove_default_groups(&line->group);
	config_item_put(&line->group.cg_item);
}

/**
 * sim_config_line_make() - mkdir of a line
 * @group: its card's directory
 * @name: "line<n>"
 *
 * Context: Process context, configuration locked.
 * Return: the line's directory; ERR_PTR(-EINVAL) not the name of a line, ERR_PTR(-EBUSY) the
 * card is live, ERR_PTR(-ENOMEM).
 */
struct config_group *sim_config_line_make(struct config_group *group, const char *name)
{
	struct config_card *card = to_card(&group->cg_item);
	struct config_line *line;
	unsigned int number;

	if (config_line_number(name, &number))
		return ERR_PTR(-EINVAL);
	if (card->pdev)
		return ERR_PTR(-EBUSY);
	line = config_line_alloc(card, number);
	if (!line)
		return ERR_PTR(-ENOMEM);
	/* the number, at most two digits, is what tells the lines of a card apart */
	snprintf(line->name, sizeof(line->name), "%.*s-%u", SIM_LINE_NAME - 4,
		 config_item_name(&group->cg_item), number);
	config_group_init_type_name(&line->group, name, &config_line_type);
	if (config_part_add(line, "far", &sim_config_far_type) ||
	    config_part_add(line, "wire", &sim_config_wire_type)) {
		config_line_free(line);
		return ERR_PTR(-ENOMEM);
	}
	card->line[number] = line;
	return &line->group;
}

/**
 * sim_config_line_drop() - rmdir of a line, which is not live
 * @group: its card's directory
 * @item: its own
 *
 * Context: Process context, configuration locked.
 */
void sim_config_line_drop(struct config_group *group, struct config_item *item)
{
	struct config_line *line = to_line(item);

	config_unplug(line);
	line->card->line[line->number] = NULL;
	config_line_free(line);
}

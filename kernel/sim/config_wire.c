// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directory "wire" of a line: what is wrong with the cable, and with the sound
 * that the line hears over it.  All but the delay can be changed any time.
 */
#include <linux/string.h>
#include <linux/sysfs.h>

#include "config.h"

static enum sim_side line_side(const struct config_line *line)
{
	return line->fxs ? SIM_FXS : SIM_FXO;
}

/* Takes @sound over; while the card is live it is heard at once */
static void wire_set(struct config_line *line, const struct sim_sound *sound)
{
	line->sound = *sound;
	if (line->card->pdev)
		sim_device_sound(line->card->pdev, line->number, sound);
}

static ssize_t config_wire_delay_ms_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", part_line(item)->sound.delay_ms);
}

static ssize_t config_wire_delay_ms_store(struct config_item *item, const char *page, size_t count)
{
	struct config_line *line = part_line(item);
	unsigned int delay_ms;
	ssize_t ret = count;

	if (kstrtouint(page, 0, &delay_ms) || delay_ms > SIM_DELAY_MS_MAX)
		return -EINVAL;
	config_lock();
	/* the samples that are on their way have their room from the beginning */
	if (line->card->pdev)
		ret = -EBUSY;
	else
		line->sound.delay_ms = delay_ms;
	config_unlock();
	return ret;
}

static ssize_t wire_show_db(char *page, s32 db)
{
	if (db == SIM_DB_OFF)
		return sysfs_emit(page, "off\n");
	return sysfs_emit(page, "%d\n", db);
}

static int wire_parse_db(const char *page, s32 min, s32 max, s32 *db)
{
	if (sysfs_streq(page, "off")) {
		*db = SIM_DB_OFF;
		return 0;
	}
	return kstrtoint(page, 10, db) || *db < min || *db > max ? -EINVAL : 0;
}

static ssize_t config_wire_noise_db_show(struct config_item *item, char *page)
{
	return wire_show_db(page, part_line(item)->sound.noise_db);
}

static ssize_t config_wire_noise_db_store(struct config_item *item, const char *page, size_t count)
{
	struct config_line *line = part_line(item);
	struct sim_sound sound;
	s32 db;

	if (wire_parse_db(page, SIM_NOISE_DB_MIN, SIM_NOISE_DB_MAX, &db))
		return -EINVAL;
	config_lock();
	sound = line->sound;
	sound.noise_db = db;
	wire_set(line, &sound);
	config_unlock();
	return count;
}

static ssize_t config_wire_clip_db_show(struct config_item *item, char *page)
{
	return wire_show_db(page, part_line(item)->sound.clip_db);
}

static ssize_t config_wire_clip_db_store(struct config_item *item, const char *page, size_t count)
{
	struct config_line *line = part_line(item);
	struct sim_sound sound;
	s32 db;

	if (wire_parse_db(page, SIM_CLIP_DB_MIN, SIM_CLIP_DB_MAX, &db))
		return -EINVAL;
	config_lock();
	sound = line->sound;
	sound.clip_db = db;
	wire_set(line, &sound);
	config_unlock();
	return count;
}

static ssize_t config_wire_loss_show(struct config_item *item, char *page)
{
	struct config_line *line = part_line(item);
	char text[SIM_LOSS_MAX + 1] = "none";
	unsigned int i;

	config_lock();
	for (i = 0; i < line->sound.loss_len; i++)
		text[i] = line->sound.loss & BIT_ULL(i) ? 'x' : '.';
	if (i)
		text[i] = '\0';
	config_unlock();
	return sysfs_emit(page, "%s\n", text);
}

/* One letter for a packet: "..x" loses each third */
static int wire_parse_loss(const char *page, size_t count, struct sim_sound *sound)
{
	size_t len = strcspn(page, "\n"), i;

	sound->loss = 0;
	sound->loss_len = 0;
	if (sysfs_streq(page, "none"))
		return 0;
	if (!len || len > SIM_LOSS_MAX || len + (page[len] == '\n') != count)
		return -EINVAL;
	for (i = 0; i < len; i++) {
		if (page[i] == 'x')
			sound->loss |= BIT_ULL(i);
		else if (page[i] != '.')
			return -EINVAL;
	}
	sound->loss_len = len;
	return 0;
}

static ssize_t config_wire_loss_store(struct config_item *item, const char *page, size_t count)
{
	struct config_line *line = part_line(item);
	struct sim_sound sound;
	int err;

	config_lock();
	sound = line->sound;
	err = wire_parse_loss(page, count, &sound);
	if (!err)
		wire_set(line, &sound);
	config_unlock();
	return err ?: count;
}

static ssize_t config_wire_cut_show(struct config_item *item, char *page)
{
	ssize_t ret;

	config_lock();
	ret = sysfs_emit(page, "%d\n", READ_ONCE(line_cable(part_line(item))->cut));
	config_unlock();
	return ret;
}

static ssize_t config_wire_cut_store(struct config_item *item, const char *page, size_t count)
{
	bool cut;

	if (kstrtobool(page, &cut))
		return -EINVAL;
	config_lock();
	sim_cable_cut(line_cable(part_line(item)), cut);
	config_unlock();
	return count;
}

/* @gaps: of the two counters, this one */
static ssize_t wire_count(struct config_item *item, char *page, bool gaps)
{
	struct config_line *line = part_line(item);
	struct sim_crossing *in;
	unsigned long flags;
	u64 count = 0;

	config_lock();
	in = line_cable(line)->crossing;
	if (in) {
		in += line_side(line);
		spin_lock_irqsave(&in->lock, flags);
		count = gaps ? in->pipe.gaps : in->pipe.slips;
		spin_unlock_irqrestore(&in->lock, flags);
	}
	config_unlock();
	return sysfs_emit(page, "%llu\n", count);
}

static ssize_t config_wire_slips_show(struct config_item *item, char *page)
{
	return wire_count(item, page, false);
}

static ssize_t config_wire_gaps_show(struct config_item *item, char *page)
{
	return wire_count(item, page, true);
}

CONFIGFS_ATTR(config_wire_, delay_ms);
CONFIGFS_ATTR(config_wire_, noise_db);
CONFIGFS_ATTR(config_wire_, clip_db);
CONFIGFS_ATTR(config_wire_, loss);
CONFIGFS_ATTR(config_wire_, cut);
CONFIGFS_ATTR_RO(config_wire_, slips);
CONFIGFS_ATTR_RO(config_wire_, gaps);

static struct configfs_attribute *config_wire_attrs[] = {
	&config_wire_attr_delay_ms,
	&config_wire_attr_noise_db,
	&config_wire_attr_clip_db,
	&config_wire_attr_loss,
	&config_wire_attr_cut,
	&config_wire_attr_slips,
	&config_wire_attr_gaps,
	NULL
};

static struct configfs_item_operations config_wire_ops = {
	.release = sim_config_part_release,
};

const struct config_item_type sim_config_wire_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &config_wire_ops,
	.ct_attrs = config_wire_attrs,
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * sysfs attributes and uevent variables of cards and lines.
 *
 * Listed in Documentation/ABI/testing/sysfs-class-tapi.  One value a file;
 * the line's snapshot is taken under its ev_lock.
 */
#include <linux/string.h>
#include <linux/sysfs.h>

#include "core.h"

#define LINE_ATTR(_name)	static struct device_attribute line_attr_##_name = \
	__ATTR(_name, 0444, line_##_name##_show, NULL)
#define CARD_ATTR(_name)	static struct device_attribute card_attr_##_name = \
	__ATTR(_name, 0444, card_##_name##_show, NULL)

static ssize_t card_driver_name_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", tapi_dev_card(dev)->desc.driver);
}
CARD_ATTR(driver_name);

static ssize_t card_bus_info_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", tapi_dev_card(dev)->desc.bus_info);
}
CARD_ATTR(bus_info);

static ssize_t card_lines_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", tapi_dev_card(dev)->num_lines);
}
CARD_ATTR(lines);

static ssize_t card_irq_count_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tapi_card *card = tapi_dev_card(dev);
	struct tapi_line_stats stats = {};
	const struct tapi_card_ops *ops;
	int idx;

	ops = tapi_ops_get(card, &idx);
	if (!ops)
		return -ENODEV;
	if (ops->get_stats)
		ops->get_stats(card->lines[0], &stats);
	tapi_ops_put(card, idx);
	return sysfs_emit(buf, "%llu\n", stats.irqs);
}
CARD_ATTR(irq_count);

static struct attribute *card_attrs[] = {
	&card_attr_driver_name.attr,
	&card_attr_bus_info.attr,
	&card_attr_lines.attr,
	&card_attr_irq_count.attr,
	NULL
};
ATTRIBUTE_GROUPS(card);

static const char *line_type_name(const struct tapi_line *line)
{
	return line->type == TAPI_LINE_FXS ? "fxs" : "fxo";
}

static ssize_t line_type_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", line_type_name(tapi_dev_line(dev)));
}
LINE_ATTR(type);

static ssize_t line_name_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", tapi_dev_line(dev)->name);
}
LINE_ATTR(name);

static ssize_t line_state_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tapi_line_state state;
	const char *word = "idle";

	tapi_line_snapshot(tapi_dev_line(dev), NULL, &state);
	if (state.faults)
		word = "fault";
	else if (state.hook == TAPI_LINE_OFF_HOOK)
		word = "active";
	else if (state.ring)
		word = "ringing";
	return sysfs_emit(buf, "%s\n", word);
}
LINE_ATTR(state);

static ssize_t line_hook_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tapi_line_state state;

	tapi_line_snapshot(tapi_dev_line(dev), NULL, &state);
	return sysfs_emit(buf, "%s\n", state.hook == TAPI_LINE_OFF_HOOK ? "off" : "on");
}
LINE_ATTR(hook);

static ssize_t line_claimed_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tapi_line_state state;
	const char *word = "no";

	tapi_line_snapshot(tapi_dev_line(dev), NULL, &state);
	if (state.flags & TAPI_LINE_ST_CLAIMED)
		word = "yes";
	else if (state.flags & TAPI_LINE_ST_LINGER)
		word = "linger";
	return sysfs_emit(buf, "%s\n", word);
}
LINE_ATTR(claimed);

static ssize_t line_bound_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tapi_line_state state;

	tapi_line_snapshot(tapi_dev_line(dev), NULL, &state);
	return sysfs_emit(buf, "%s\n", state.flags & TAPI_LINE_ST_BOUND ? "yes" : "no");
}
LINE_ATTR(bound);

static ssize_t line_alsa_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tapi_line *line = tapi_dev_line(dev);
	u32 card = tapi_line_snd_card(line);

	if (card == TAPI_LINE_NONE)
		return sysfs_emit(buf, "none\n");
	return sysfs_emit(buf, "hw:%u,%u\n", card, line->number);
}
LINE_ATTR(alsa);

static struct attribute *line_attrs[] = {
	&line_attr_type.attr,
	&line_attr_name.attr,
	&line_attr_state.attr,
	&line_attr_hook.attr,
	&line_attr_claimed.attr,
	&line_attr_bound.attr,
	&line_attr_alsa.attr,
	NULL
};
ATTRIBUTE_GROUPS(line);

static int card_uevent(tapi_uevent_device *dev, struct kobj_uevent_env *env)
{
	struct tapi_card *card = tapi_dev_card(dev);
	int ret;

	ret = add_uevent_var(env, "TAPI_CARD=%u", card->number);
	if (!ret)
		ret = add_uevent_var(env, "TAPI_NAME=%s", card->desc.name);
	if (!ret)
		ret = add_uevent_var(env, "TAPI_BUS=%s", card->desc.bus_info);
	return ret;
}

static int line_uevent(tapi_uevent_device *dev, struct kobj_uevent_env *env)
{
	struct tapi_line *line = tapi_dev_line(dev);
	int ret;

	ret = add_uevent_var(env, "TAPI_CARD=%u", line->card->number);
	if (!ret)
		ret = add_uevent_var(env, "TAPI_LINE=%u", line->number);
	if (!ret)
		ret = add_uevent_var(env, "TAPI_TYPE=%s", line_type_name(line));
	if (!ret)
		ret = add_uevent_var(env, "TAPI_NAME=%s", line->name);
	if (!ret)
		ret = add_uevent_var(env, "TAPI_BUS=%s", line->card->desc.bus_info);
	return ret;
}

const struct device_type tapi_card_type = {
	.name = "tapi_card",
	.groups = card_groups,
	.uevent = card_uevent,
	.release = tapi_card_release,
	.pm = pm_sleep_ptr(&tapi_card_pm_ops),
};

const struct device_type tapi_line_type = {
	.name = "tapi_line",
	.groups = line_groups,
	.uevent = line_uevent,
	.release = tapi_line_release,
};

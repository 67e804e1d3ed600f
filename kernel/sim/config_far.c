// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directory "far" of a line: what plays the other end of it when that is not
 * another line.  An exchange is there for an FXO line, a telephone for an FXS line;
 * what that does is written, what the line does is read.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "config.h"

/* Both ends have DTMF; hook is a telephone's, feed and ringing are an exchange's */
static bool far_does(const struct sim_far *far, enum sim_act act)
{
	if (act == SIM_ACT_DTMF)
		return true;
	return (far->side == SIM_FXO) == (act == SIM_ACT_HOOK);
}

static int far_play(struct config_line *line, const char *page, enum sim_act act,
		    enum sim_words words)
{
	struct sim_script *script;
	int err;

	if (!far_does(line->own->far, act))
		return -EINVAL;
	if (sysfs_streq(page, "stop")) {
		sim_far_stop(line->own, act);
		return 0;
	}
	script = kmalloc(sizeof(*script), GFP_KERNEL);
	if (!script)
		return -ENOMEM;
	err = sim_script_parse(script, words, page);
	if (!err)
		err = sim_far_play(line->own, act, script);
	if (err)
		kfree(script);
	return err;
}

static ssize_t far_store(struct config_item *item, const char *page, size_t count,
			 enum sim_act act, enum sim_words words)
{
	struct config_line *line = part_line(item);
	int err;

	config_lock();
	err = line->peer ? -EBUSY : far_play(line, page, act, words);
	config_unlock();
	return err ?: count;
}

/* One of two words for what is on the wires */
static ssize_t far_show(struct config_item *item, char *page, bool (*is)(struct sim_cable *cable),
			const char *yes, const char *no)
{
	struct config_line *line = part_line(item);
	struct sim_cable *cable;
	unsigned long flags;
	bool on;

	config_lock();
	cable = line->own;
	spin_lock_irqsave(&cable->lock, flags);
	on = is(cable);
	spin_unlock_irqrestore(&cable->lock, flags);
	config_unlock();
	return sysfs_emit(page, "%s\n", on ? yes : no);
}

static bool far_closed(struct sim_cable *cable)
{
	return cable->closed;
}

static bool far_rings(struct sim_cable *cable)
{
	return cable->rings;
}

static bool far_fed(struct sim_cable *cable)
{
	return cable->fed && (cable->far->side == SIM_FXS || cable->end[SIM_FXS].line);
}

static bool far_reversed(struct sim_cable *cable)
{
	return cable->reversed;
}

#define FAR_SHOW(name, is, yes, no)								\
static ssize_t config_far_##name##_show(struct config_item *item, char *page)			\
{												\
	return far_show(item, page, is, yes, no);						\
}

#define FAR_STORE(name, act, words)								\
static ssize_t config_far_##name##_store(struct config_item *item, const char *page,		\
					 size_t count)						\
{												\
	return far_store(item, page, count, act, words);					\
}

FAR_SHOW(hook, far_closed, "offhook", "onhook")
FAR_STORE(hook, SIM_ACT_HOOK, SIM_WORDS_HOOK)
FAR_STORE(flash, SIM_ACT_HOOK, SIM_WORDS_FLASH)
FAR_STORE(dial, SIM_ACT_HOOK, SIM_WORDS_DIAL)
FAR_SHOW(ring, far_rings, "on", "off")
FAR_STORE(ring, SIM_ACT_RING, SIM_WORDS_RING)
FAR_SHOW(battery, far_fed, "on", "off")
FAR_STORE(battery, SIM_ACT_BATTERY, SIM_WORDS_BATTERY)
FAR_SHOW(polarity, far_reversed, "reversed", "normal")
FAR_STORE(polarity, SIM_ACT_POLARITY, SIM_WORDS_POLARITY)
FAR_STORE(dtmf, SIM_ACT_DTMF, SIM_WORDS_DTMF)

static ssize_t config_far_dtmf_show(struct config_item *item, char *page)
{
	struct config_line *line = part_line(item);
	char heard[SIM_HEARD + 1];
	struct sim_cable *cable;
	unsigned long flags;

	config_lock();
	cable = line->own;
	spin_lock_irqsave(&cable->lock, flags);
	strscpy(heard, cable->far->heard, sizeof(heard));
	spin_unlock_irqrestore(&cable->lock, flags);
	config_unlock();
	return sysfs_emit(page, "%s\n", heard);
}

static ssize_t config_far_audio_show(struct config_item *item, char *page)
{
	struct config_line *line = part_line(item);
	struct sim_far *far;
	ssize_t ret;

	config_lock();
	far = line->own->far;
	if (far->hz)
		ret = sysfs_emit(page, "tone:%u\n", far->hz);
	else
		ret = sysfs_emit(page, "%s\n", far->loop ? "loop" : "silence");
	config_unlock();
	return ret;
}

static ssize_t config_far_audio_store(struct config_item *item, const char *page, size_t count)
{
	struct config_line *line = part_line(item);
	bool loop = sysfs_streq(page, "loop");
	struct sim_far *far;
	u32 hz = 0;
	ssize_t ret = count;

	if (!strncmp(page, "tone:", 5)) {
		if (kstrtouint(page + 5, 10, &hz) || hz < SIM_TONE_HZ_MIN || hz > SIM_TONE_HZ_MAX)
			return -EINVAL;
	} else if (!loop && !sysfs_streq(page, "silence")) {
		return -EINVAL;
	}
	config_lock();
	if (line->peer) {
		ret = -EBUSY;
	} else {
		far = line->own->far;
		far->loop = loop;
		far->hz = hz;
		sim_ear_audio(&line->own->end[!far->side].ear, loop, hz);
	}
	config_unlock();
	return ret;
}

CONFIGFS_ATTR(config_far_, hook);
CONFIGFS_ATTR_WO(config_far_, flash);
CONFIGFS_ATTR_WO(config_far_, dial);
CONFIGFS_ATTR(config_far_, ring);
CONFIGFS_ATTR(config_far_, battery);
CONFIGFS_ATTR(config_far_, polarity);
CONFIGFS_ATTR(config_far_, dtmf);
CONFIGFS_ATTR(config_far_, audio);

static struct configfs_attribute *config_far_attrs[] = {
	&config_far_attr_hook,
	&config_far_attr_flash,
	&config_far_attr_dial,
	&config_far_attr_ring,
	&config_far_attr_battery,
	&config_far_attr_polarity,
	&config_far_attr_dtmf,
	&config_far_attr_audio,
	NULL
};

static struct configfs_item_operations config_far_ops = {
	.release = sim_config_part_release,
};

const struct config_item_type sim_config_far_type = {
	.ct_owner = THIS_MODULE,
	.ct_item_ops = &config_far_ops,
	.ct_attrs = config_far_attrs,
};

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the simulator's configfs share: configfs.c, config_line.c,
 * config_far.c, config_wire.c.
 *
 * The mutex of the subsystem covers everything; configfs holds it when it
 * calls make_group, make_item and drop_item, the attributes take it.
 */
#ifndef _TAPI_SIM_CONFIG_H
#define _TAPI_SIM_CONFIG_H

#include <linux/configfs.h>
#include <linux/mutex.h>

#include "sim.h"

/* What struct tapi_line_caps has room for, after the prefix of the bus */
#define CONFIG_NAME_MAX	27
#define CONFIG_BUS	"sim-"

/**
 * struct config_card - a directory that is a card
 * @group: the directory
 * @line: its lines, NULL where there is none
 * @bus: where the card says it is
 * @format: what the card is to be, as in struct sim_setup
 * @grain: likewise
 * @ppm: likewise
 * @pcm: likewise
 * @dtmf: likewise
 * @slow_ms: likewise
 * @setup: while it is live
 * @pdev: while it is live
 * @id: number of @pdev
 */
struct config_card {
	struct config_group group;
	struct config_line *line[TAPI_CARD_LINES];
	char bus[sizeof(CONFIG_BUS) + CONFIG_NAME_MAX];
	enum tapi_pcm_format format;
	unsigned int grain;
	int ppm;
	bool pcm;
	bool dtmf;
	unsigned int slow_ms;
	struct sim_setup *setup;
	struct platform_device *pdev;
	int id;
};

/**
 * struct config_part - a directory in that of a line, which may outlive it while a file is open
 * @group: the directory
 * @line: the line
 */
struct config_part {
	struct config_group group;
	struct config_line *line;
};

/**
 * struct config_line - a directory that is a line
 * @group: the directory
 * @card: its card
 * @number: its number
 * @fxs: its type
 * @far_end: whether it is a far end, -1 when that goes by the type
 * @name: its name
 * @sound: what is wrong with what it hears
 * @own: a cable with a far side, a reference
 * @peer: the line at the other end of its cable, or NULL
 * @cable: that cable, a reference
 */
struct config_line {
	struct config_group group;
	struct config_card *card;
	unsigned int number;
	bool fxs;
	int far_end;
	char name[SIM_LINE_NAME];
	struct sim_sound sound;
	struct sim_cable *own;
	struct config_line *peer;
	struct sim_cable *cable;
};

extern struct configfs_subsystem sim_config_subsystem;

/* config_line.c */
bool sim_config_name_ok(const char *name, size_t len);
void sim_config_line_setup(struct sim_line_setup *to, const struct config_line *line);
struct config_group *sim_config_line_make(struct config_group *group, const char *name);
void sim_config_line_drop(struct config_group *group, struct config_item *item);
void sim_config_part_release(struct config_item *item);

/* config_far.c, config_wire.c */
extern const struct config_item_type sim_config_far_type;
extern const struct config_item_type sim_config_wire_type;

static inline struct config_card *to_card(struct config_item *item)
{
	return container_of(to_config_group(item), struct config_card, group);
}

static inline struct config_line *to_line(struct config_item *item)
{
	return container_of(to_config_group(item), struct config_line, group);
}

/* The line of a directory in its own */
static inline struct config_line *part_line(struct config_item *item)
{
	return container_of(to_config_group(item), struct config_part, group)->line;
}

/* The cable that its card gets when it is live */
static inline struct sim_cable *line_cable(const struct config_line *line)
{
	return line->cable ?: line->own;
}

static inline void config_lock(void)
{
	mutex_lock(&sim_config_subsystem.su_mutex);
}

static inline void config_unlock(void)
{
	mutex_unlock(&sim_config_subsystem.su_mutex);
}

#endif /* _TAPI_SIM_CONFIG_H */

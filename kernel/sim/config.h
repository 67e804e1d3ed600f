/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the simulator's configfs share: configfs.c, config_line.c.
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
	struct sim_setup *setup;
	struct platform_device *pdev;
	int id;
};

/**
 * struct config_line - a directory that is a line
 * @item: the directory
 * @card: its card
 * @number: its number
 * @fxs: its type
 * @far_end: whether it is a far end, -1 when that goes by the type
 * @name: its name
 * @peer: the line at the other end of its cable, or NULL
 * @cable: that cable, a reference
 */
struct config_line {
	struct config_item item;
	struct config_card *card;
	unsigned int number;
	bool fxs;
	int far_end;
	char name[SIM_LINE_NAME];
	struct config_line *peer;
	struct sim_cable *cable;
};

extern struct configfs_subsystem sim_config_subsystem;

/* config_line.c */
bool sim_config_name_ok(const char *name, size_t len);
int sim_config_line_setup(struct sim_line_setup *to, const struct config_line *line);
struct config_item *sim_config_line_make(struct config_group *group, const char *name);
void sim_config_line_drop(struct config_group *group, struct config_item *item);

static inline struct config_card *to_card(struct config_item *item)
{
	return container_of(to_config_group(item), struct config_card, group);
}

static inline struct config_line *to_line(struct config_item *item)
{
	return container_of(item, struct config_line, item);
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

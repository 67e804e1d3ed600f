// SPDX-License-Identifier: GPL-2.0-only
/*
 * tapi_sim: telephony cards without hardware.
 *
 * The module's parameters describe one card.  Its lines are joined in pairs:
 * an FXO line for a service, and an FXS line at the other end of the cable,
 * which is an ordinary line too, for whoever plays the exchange.  More cards
 * come from configfs.
 */
#include <linux/err.h>
#include <linux/moduleparam.h>
#include <linux/platform_device.h>
#include <linux/string.h>

#include "sim.h"

static unsigned int pairs = 1;
module_param(pairs, uint, 0444);
MODULE_PARM_DESC(pairs, "Cables, each between an FXO and an FXS line (1 to 16, default 1)");

static char *law = "mu";
module_param(law, charp, 0444);
MODULE_PARM_DESC(law, "Sample format: mu (default), a, or linear");

static bool pcm = true;
module_param(pcm, bool, 0444);
MODULE_PARM_DESC(pcm, "Lines have sound (default yes)");

static bool dtmf = true;
module_param(dtmf, bool, 0444);
MODULE_PARM_DESC(dtmf, "Lines send and detect DTMF digits by themselves (default yes)");

static unsigned int grain = SIM_GRAIN;
module_param(grain, uint, 0444);
MODULE_PARM_DESC(grain, "Frames between two steps of the sample clock: 40, 80 or 160 (default)");

static struct sim_setup sim_setup = { .name = "sim", .bus = "sim-0" };
static struct platform_device *sim_device;

static const char *const sim_laws[] = {
	[TAPI_PCM_MU_LAW] = "mu",
	[TAPI_PCM_A_LAW] = "a",
	[TAPI_PCM_S16] = "linear",
};

/**
 * sim_law_parse() - the sample format of a name
 * @text: the name, perhaps with a newline
 * @format: set if there is one of that name
 *
 * Return: 0, -EINVAL.
 */
int sim_law_parse(const char *text, enum tapi_pcm_format *format)
{
	int found = __sysfs_match_string(sim_laws, ARRAY_SIZE(sim_laws), text);

	if (found < 0)
		return found;
	*format = found;
	return 0;
}

/**
 * sim_law_name() - the name of a sample format
 * @format: the format
 *
 * Return: its name.
 */
const char *sim_law_name(enum tapi_pcm_format format)
{
	return sim_laws[format];
}

/**
 * sim_grain_ok() - can a clock have such steps
 * @frames: of a step
 *
 * Return: whether it can.
 */
bool sim_grain_ok(unsigned int frames)
{
	return frames == 40 || frames == 80 || frames == 160;
}

/* "sim-line" and "sim-office" of the only pair, else numbered */
static void sim_name(char *name, unsigned int pair, bool fxs)
{
	const char *word = fxs ? "sim-office" : "sim-line";

	if (pairs == 1)
		snprintf(name, SIM_LINE_NAME, "%s", word);
	else
		snprintf(name, SIM_LINE_NAME, "%s%u", word, pair);
}

static int sim_pair(struct sim_setup *setup, unsigned int pair)
{
	struct sim_cable *cable = sim_cable_alloc(false);
	unsigned int i;

	if (!cable)
		return -ENOMEM;
	for (i = 0; i < 2; i++) {
		struct sim_line_setup *line = &setup->line[2 * pair + i];

		line->cable = i ? sim_cable_get(cable) : cable;
		line->source = 2 * pair + !i;
		line->fxs = i;
		line->sound.noise_db = SIM_DB_OFF;
		line->sound.clip_db = SIM_DB_OFF;
		line->far_end = i;
		sim_name(line->name, pair, i);
	}
	return 0;
}

static int sim_set_up(struct sim_setup *setup)
{
	unsigned int i;
	int err = 0;

	setup->grain = grain;
	setup->pcm = pcm;
	setup->dtmf = dtmf;
	setup->lines = 2 * pairs;
	for (i = 0; i < pairs && !err; i++)
		err = sim_pair(setup, i);
	if (err)
		sim_setup_clear(setup);
	return err;
}

static int sim_start(void)
{
	int err;

	err = sim_set_up(&sim_setup);
	if (err)
		return err;
	err = sim_driver_register();
	if (err)
		goto err_setup;
	sim_device = sim_device_add(&sim_setup, 0);
	if (IS_ERR(sim_device)) {
		err = PTR_ERR(sim_device);
		goto err_driver;
	}
	err = sim_config_register();
	if (err)
		goto err_device;
	return 0;

err_device:
	platform_device_unregister(sim_device);
err_driver:
	sim_driver_unregister();
err_setup:
	sim_setup_clear(&sim_setup);
	return err;
}

static int __init sim_init(void)
{
	if (!pairs || pairs > SIM_PAIRS || sim_law_parse(law, &sim_setup.format) ||
	    !sim_grain_ok(grain)) {
		pr_err(SIM_NAME ": pairs must be 1 to %u, law mu, a or linear, grain 40, 80 or 160\n",
		       SIM_PAIRS);
		return -EINVAL;
	}
	return sim_start();
}

static void __exit sim_exit(void)
{
	sim_config_unregister();
	platform_device_unregister(sim_device);
	sim_driver_unregister();
	sim_setup_clear(&sim_setup);
}

module_init(sim_init);
module_exit(sim_exit);

MODULE_DESCRIPTION("Simulated telephone lines joined by cables");
MODULE_AUTHOR("The Linux telephony project");
MODULE_LICENSE("GPL");

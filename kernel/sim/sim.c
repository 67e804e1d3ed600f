// SPDX-License-Identifier: GPL-2.0-only
/*
 * tapi_sim: a telephony card without hardware.
 *
 * Its lines are joined in pairs: an FXO line for a service, and an FXS line at
 * the other end of the cable, which is an ordinary line too, for whoever plays
 * the exchange.
 */
#include <linux/moduleparam.h>
#include <linux/platform_device.h>

#include "sim.h"

#define SIM_NAME	"tapi_sim"

static unsigned int pairs = 1;
module_param(pairs, uint, 0444);
MODULE_PARM_DESC(pairs, "Cables, each between an FXO and an FXS line (1 to 16, default 1)");

static char *law = "mu";
module_param(law, charp, 0444);
MODULE_PARM_DESC(law, "Sample format: mu (default), a, or linear");

static bool pcm = true;
module_param(pcm, bool, 0444);
MODULE_PARM_DESC(pcm, "Lines have sound (default yes)");

static unsigned int grain = 80;
module_param(grain, uint, 0444);
MODULE_PARM_DESC(grain, "Frames between two steps of the sample clock: 40, 80 (default) or 160");

static struct platform_device *sim_device;

static void sim_free(struct tapi_card *card)
{
	struct sim_card *sim = tapi_card_priv(card);

	sim_clock_free(&sim->clock);
}

static const struct tapi_card_ops sim_ops = {
	.owner = THIS_MODULE,
	.set_hook = sim_set_hook,
	.set_linefeed = sim_set_linefeed,
	.ring_on = sim_ring_on,
	.ring_off = sim_ring_off,
	.dtmf_send = sim_dtmf_send,
	.pcm_prepare = sim_pcm_prepare,
	.pcm_start = sim_pcm_start,
	.pcm_stop = sim_pcm_stop,
	.pcm_pos = sim_pcm_pos,
	.free = sim_free,
};

static int sim_format(enum tapi_pcm_format *format)
{
	if (!strcmp(law, "mu"))
		*format = TAPI_PCM_MU_LAW;
	else if (!strcmp(law, "a"))
		*format = TAPI_PCM_A_LAW;
	else if (!strcmp(law, "linear"))
		*format = TAPI_PCM_S16;
	else
		return -EINVAL;
	return 0;
}

/* "sim-line" and "sim-office" of the only pair, else numbered */
static int sim_line(struct tapi_card *card, unsigned int pair, bool fxs)
{
	u64 both = TAPI_LINE_CAP_DTMF_DIAL | TAPI_LINE_CAP_DTMF_DETECT |
		   (pcm ? TAPI_LINE_CAP_PCM : 0);
	char name[16];
	struct tapi_line_desc desc = {
		.type = fxs ? TAPI_LINE_FXS : TAPI_LINE_FXO,
		.name = name,
		.battery = true,
	};

	if (fxs)
		desc.caps = both | TAPI_LINE_CAP_RING | TAPI_LINE_CAP_LINEFEED |
			    TAPI_LINE_CAP_POLARITY | TAPI_LINE_CAP_OHT | TAPI_LINE_CAP_FAR_END;
	else
		desc.caps = both | TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_FLASH |
			    TAPI_LINE_CAP_PULSE_DIAL;
	if (pairs == 1)
		snprintf(name, sizeof(name), "%s", fxs ? "sim-office" : "sim-line");
	else
		snprintf(name, sizeof(name), "%s%u", fxs ? "sim-office" : "sim-line", pair);
	return tapi_line_init(card, 2 * pair + fxs, &desc);
}

static int sim_lines(struct tapi_card *card, struct sim_card *sim)
{
	unsigned int i;
	int err;

	for (i = 0; i < sim->pairs; i++) {
		err = sim_line(card, i, false);
		if (!err)
			err = sim_line(card, i, true);
		if (err)
			return err;
		sim_cable_init(&sim->cables[i], tapi_card_line(card, 2 * i),
			       tapi_card_line(card, 2 * i + 1));
	}
	return 0;
}

static void sim_unregister(void *data)
{
	struct tapi_card *card = data;
	struct sim_card *sim = tapi_card_priv(card);

	tapi_card_unregister(card);
	hrtimer_cancel(&sim->clock.timer);
	tapi_card_put(card);
}

static int sim_probe(struct platform_device *pdev)
{
	struct tapi_card_desc desc = {
		.driver = SIM_NAME,
		.name = "sim",
		.bus_info = "sim-0",
		.lines = 2 * pairs,
		.grain = grain,
	};
	struct tapi_card *card;
	struct sim_card *sim;
	int err;

	err = sim_format(&desc.format);
	if (err)
		return err;
	card = tapi_card_alloc(&pdev->dev, &sim_ops, &desc, sizeof(*sim));
	if (IS_ERR(card))
		return PTR_ERR(card);
	sim = tapi_card_priv(card);
	sim->pairs = pairs;
	err = sim_clock_init(&sim->clock, card, desc.lines, desc.format == TAPI_PCM_S16 ? 2 : 1,
			     grain);
	if (!err)
		err = sim_lines(card, sim);
	if (!err)
		err = tapi_card_register(card);
	if (err) {
		tapi_card_put(card);
		return err;
	}
	return devm_add_action_or_reset(&pdev->dev, sim_unregister, card);
}

static struct platform_driver sim_driver = {
	.probe = sim_probe,
	.driver = { .name = SIM_NAME },
};

static int __init sim_init(void)
{
	enum tapi_pcm_format format;
	int err;

	if (!pairs || pairs > SIM_PAIRS || sim_format(&format) ||
	    (grain != 40 && grain != 80 && grain != 160)) {
		pr_err(SIM_NAME ": pairs must be 1 to %u, law mu, a or linear, grain 40, 80 or 160\n",
		       SIM_PAIRS);
		return -EINVAL;
	}
	err = platform_driver_register(&sim_driver);
	if (err)
		return err;
	sim_device = platform_device_register_simple(SIM_NAME, 0, NULL, 0);
	if (IS_ERR(sim_device)) {
		platform_driver_unregister(&sim_driver);
		return PTR_ERR(sim_device);
	}
	/* the probe has run: a card that could not be made is said now */
	if (!sim_device->dev.driver) {
		platform_device_unregister(sim_device);
		platform_driver_unregister(&sim_driver);
		return -ENODEV;
	}
	return 0;
}

static void __exit sim_exit(void)
{
	platform_device_unregister(sim_device);
	platform_driver_unregister(&sim_driver);
}

module_init(sim_init);
module_exit(sim_exit);

MODULE_DESCRIPTION("Simulated telephone lines joined by cables");
MODULE_AUTHOR("The Linux telephony project");
MODULE_LICENSE("GPL");

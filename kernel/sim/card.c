// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards: made from a setup by the probe of a platform device, so that the
 * driver core's unbind is the pulling of a card.
 *
 * The device's driver data is the card while there is one; under the device
 * lock, as bind and unbind are.
 */
#include <linux/err.h>
#include <linux/platform_device.h>

#include "sim.h"

static void sim_free(struct tapi_card *card)
{
	struct sim_card *sim = tapi_card_priv(card);
	unsigned int i;

	for (i = 0; i < sim->lines; i++)
		sim_cable_put(sim->line[i].cable);
	sim_clock_free(&sim->clock);
}

static const struct tapi_card_ops sim_ops = {
	.owner = THIS_MODULE,
	.set_hook = sim_set_hook,
	.set_linefeed = sim_set_linefeed,
	.ring_on = sim_ring_on,
	.ring_off = sim_ring_off,
	.tone_on = sim_tone_on,
	.tone_off = sim_tone_off,
	.dtmf_send = sim_dtmf_send,
	.set_param = sim_set_param,
	.measure = sim_measure,
	.get_stats = sim_get_stats,
	.pcm_prepare = sim_pcm_prepare,
	.pcm_start = sim_pcm_start,
	.pcm_stop = sim_pcm_stop,
	.pcm_pos = sim_pcm_pos,
	.inject = sim_inject,
	.inject_help = sim_inject_help,
	.free = sim_free,
};

/* The first two belong to lines with sound, the last one to FXS lines */
static const struct tapi_param_desc sim_params[] = {
	{ TAPI_LINE_PARAM_RX_GAIN, 0, SIM_GAIN_MDB_MIN, SIM_GAIN_MDB_MAX, SIM_GAIN_MDB_STEP, 0,
	  "rx gain mdB" },
	{ TAPI_LINE_PARAM_TX_GAIN, 0, SIM_GAIN_MDB_MIN, SIM_GAIN_MDB_MAX, SIM_GAIN_MDB_STEP, 0,
	  "tx gain mdB" },
	{ TAPI_LINE_PARAM_LOOP_CURRENT, 0, SIM_LOOP_UA_MIN, SIM_LOOP_UA_MAX, 1000, SIM_LOOP_UA,
	  "loop current uA" },
};

static u64 line_caps(const struct sim_setup *setup, const struct sim_line_setup *line)
{
	u64 caps = TAPI_LINE_CAP_MEASURE;

	if (setup->dtmf)
		caps |= TAPI_LINE_CAP_DTMF_DIAL | TAPI_LINE_CAP_DTMF_DETECT;
	if (setup->pcm)
		caps |= TAPI_LINE_CAP_PCM;
	if (line->far_end)
		caps |= TAPI_LINE_CAP_FAR_END;
	if (line->fxs && setup->pcm)
		caps |= TAPI_LINE_CAP_TONE;
	if (line->fxs)
		return caps | TAPI_LINE_CAP_RING | TAPI_LINE_CAP_LINEFEED |
		       TAPI_LINE_CAP_POLARITY | TAPI_LINE_CAP_OHT;
	return caps | TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_FLASH | TAPI_LINE_CAP_PULSE_DIAL;
}

static int card_line(struct tapi_card *card, const struct sim_setup *setup, unsigned int n)
{
	struct sim_card *sim = tapi_card_priv(card);
	const struct sim_line_setup *line = &setup->line[n];
	struct sim_line *end = &sim->line[n];
	struct tapi_line_desc desc = {
		.type = line->fxs ? TAPI_LINE_FXS : TAPI_LINE_FXO,
		.caps = line_caps(setup, line),
		.name = line->name,
		.params = sim_params + (setup->pcm ? 0 : 2),
		.num_params = (setup->pcm ? 2 : 0) + (line->fxs ? 1 : 0),
	};
	int err;

	end->cable = sim_cable_get(line->cable);
	sim->lines = n + 1;
	end->source = line->source;
	end->side = line->fxs ? SIM_FXS : SIM_FXO;
	end->rx_gain = SIM_GAIN_ONE;
	end->tx_gain = SIM_GAIN_ONE;
	end->ear = &end->cable->end[end->side].ear;
	err = sim_ear_prepare(end->ear, sim->clock.law, &line->sound);
	if (err)
		return err;
	if (end->cable->far)
		end->cable->far->sounds = !setup->dtmf;
	/* an end on the same card is about to feed it */
	end->battery = line->fxs || line->source >= 0 || sim_cable_battery(line->cable);
	desc.battery = end->battery;
	return tapi_line_init(card, n, &desc);
}

static void card_cables_up(struct tapi_card *card, enum sim_side side)
{
	struct sim_card *sim = tapi_card_priv(card);
	unsigned int i;

	for (i = 0; i < sim->lines; i++)
		if (sim->line[i].side == side)
			sim_cable_up(&sim->line[i], tapi_card_line(card, i));
}

static void sim_unregister(void *data)
{
	struct tapi_card *card = data;
	struct sim_card *sim = tapi_card_priv(card);
	unsigned int i;

	tapi_card_unregister(card);
	hrtimer_cancel(&sim->clock.timer);
	for (i = 0; i < sim->lines; i++)
		sim_cable_down(&sim->line[i]);
	tapi_card_put(card);
}

static struct tapi_card *card_make(struct device *dev, struct sim_setup *setup)
{
	const struct tapi_card_desc desc = {
		.driver = SIM_NAME,
		.name = setup->name,
		.bus_info = setup->bus,
		.lines = setup->lines,
		.format = setup->format,
		.grain = setup->grain,
	};
	struct tapi_card *card;
	struct sim_card *sim;
	unsigned int i;
	int err;

	card = tapi_card_alloc(dev, &sim_ops, &desc, sizeof(*sim));
	if (IS_ERR(card))
		return card;
	sim = tapi_card_priv(card);
	sim->setup = setup;
	err = sim_clock_init(&sim->clock, card, setup);
	for (i = 0; i < setup->lines && !err; i++)
		err = card_line(card, setup, i);
	if (!err)
		err = tapi_card_register(card);
	if (err) {
		tapi_card_put(card);
		return ERR_PTR(err);
	}
	card_cables_up(card, SIM_FXS);
	card_cables_up(card, SIM_FXO);
	return card;
}

static struct sim_setup *setup_of(struct platform_device *pdev)
{
	struct sim_setup **data = dev_get_platdata(&pdev->dev);

	return data ? *data : NULL;
}

static int sim_probe(struct platform_device *pdev)
{
	struct sim_setup *setup = setup_of(pdev);
	struct tapi_card *card;
	int err;

	if (!setup)
		return -ENODEV;
	card = card_make(&pdev->dev, setup);
	err = PTR_ERR_OR_ZERO(card);
	if (!err)
		err = devm_add_action_or_reset(&pdev->dev, sim_unregister, card);
	if (!err)
		platform_set_drvdata(pdev, card);
	setup->error = err;
	return err;
}

static void card_sleep(struct tapi_card *card, enum sim_side side, bool asleep)
{
	struct sim_card *sim = tapi_card_priv(card);
	unsigned int i;

	for (i = 0; i < sim->lines; i++)
		if (sim->line[i].side == side)
			sim_cable_sleep(&sim->line[i], asleep);
}

/* As card_cables_up(): an FXO end on the same card never misses its battery */
static int sim_suspend(struct device *dev)
{
	struct tapi_card *card = dev_get_drvdata(dev);
	struct sim_card *sim = tapi_card_priv(card);

	hrtimer_cancel(&sim->clock.timer);
	card_sleep(card, SIM_FXO, true);
	card_sleep(card, SIM_FXS, true);
	return 0;
}

static int sim_resume(struct device *dev)
{
	struct tapi_card *card = dev_get_drvdata(dev);

	card_sleep(card, SIM_FXS, false);
	card_sleep(card, SIM_FXO, false);
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(sim_pm_ops, sim_suspend, sim_resume);

static struct platform_driver sim_driver = {
	.probe = sim_probe,
	.driver = {
		.name = SIM_NAME,
		.pm = pm_sleep_ptr(&sim_pm_ops),
		/* whoever adds a device wants to know what came of it */
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
	},
};

/**
 * sim_driver_register() - be ready for devices
 *
 * Return: 0 or a negative errno.
 */
int sim_driver_register(void)
{
	return platform_driver_register(&sim_driver);
}

/**
 * sim_driver_unregister() - after the last device has gone
 */
void sim_driver_unregister(void)
{
	platform_driver_unregister(&sim_driver);
}

/**
 * sim_device_add() - make a card
 * @setup: what it is to be; stays until the device has gone
 * @id: number of the device
 *
 * Context: Process context.
 * Return: the device, for platform_device_unregister(), or the reason why there is no card.
 */
struct platform_device *sim_device_add(struct sim_setup *setup, int id)
{
	struct platform_device *pdev;

	setup->error = -ENXIO;
	/* the data of the device is a copy of the pointer */
	pdev = platform_device_register_data(NULL, SIM_NAME, id, &setup, sizeof(setup));
	if (!IS_ERR(pdev) && setup->error) {
		platform_device_unregister(pdev);
		return ERR_PTR(setup->error);
	}
	return pdev;
}

/**
 * sim_device_number() - the number of a device's card
 * @pdev: the device
 *
 * Context: Process context.
 * Return: the number; -ENXIO while the card is pulled.
 */
int sim_device_number(struct platform_device *pdev)
{
	struct tapi_card *card;
	int number = -ENXIO;

	device_lock(&pdev->dev);
	card = platform_get_drvdata(pdev);
	if (card)
		number = tapi_card_number(card);
	device_unlock(&pdev->dev);
	return number;
}

/**
 * sim_device_in_use() - does a process use a device's card
 * @pdev: the device
 *
 * Context: Process context.
 * Return: whether one does.
 */
bool sim_device_in_use(struct platform_device *pdev)
{
	struct tapi_card *card;
	bool used = false;

	device_lock(&pdev->dev);
	card = platform_get_drvdata(pdev);
	if (card)
		used = tapi_card_in_use(card);
	device_unlock(&pdev->dev);
	return used;
}

/**
 * sim_device_sound() - something else is wrong with what a line hears
 * @pdev: the device; while its card is pulled it is for when that comes back
 * @number: the line's
 * @sound: what; of the same delay as before
 *
 * Context: Process context.
 */
void sim_device_sound(struct platform_device *pdev, unsigned int number,
		      const struct sim_sound *sound)
{
	struct sim_line_setup *line = &setup_of(pdev)->line[number];

	/* against probe, which gives the ear what the setup says */
	device_lock(&pdev->dev);
	line->sound = *sound;
	sim_ear_sound(&line->cable->end[line->fxs ? SIM_FXS : SIM_FXO].ear, sound);
	device_unlock(&pdev->dev);
}

/**
 * sim_setup_clear() - forget the lines of a setup
 * @setup: the setup
 */
void sim_setup_clear(struct sim_setup *setup)
{
	unsigned int i;

	for (i = 0; i < TAPI_CARD_LINES; i++)
		sim_cable_put(setup->line[i].cable);
	memset(setup->line, 0, sizeof(setup->line));
	setup->lines = 0;
}

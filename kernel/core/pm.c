// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleep: of the machine, or of a card that its driver resets.
 *
 * Calls do not outlive it.  What plays ends and says so, a seized line is given back to the
 * exchange, sound is suspended as on any sound card; feed, parameters and claims stay, and so does
 * the relay, which is no hardware.  Asleep, nothing reaches the driver but reports from it; a line
 * whose claim ends meanwhile goes to its safe state when it wakes.
 *
 * The card's device is below the one its driver is bound to, so the driver core puts it to sleep
 * before that one and wakes it after that one.
 */
#include <linux/export.h>
#include <linux/pm.h>

#include "core.h"

/**
 * tapi_card_suspend() - the card's lines go to sleep
 * @card: the card, registered; one that sleeps already is left alone
 *
 * Afterwards no operation is called until tapi_card_resume(), but @get_stats. The machine's sleep
 * needs no call from the driver: this is done before the driver's own suspend. It is for a driver
 * that resets its card for another reason, recovery of the bus for example.
 *
 * Context: Process context, may sleep. Operations may fail meanwhile.
 */
void tapi_card_suspend(struct tapi_card *card)
{
	unsigned int i;

	mutex_lock(&card->pm_lock);
	if (!card->asleep) {
		card->asleep = true;
		tapi_pcm_suspend(card);
		for (i = 0; i < card->num_lines; i++) {
			struct tapi_line *line = card->lines[i];

			mutex_lock(&line->lock);
			tapi_control_suspend(line);
			mutex_unlock(&line->lock);
		}
		/* what one line does may be seen on another */
		for (i = 0; i < card->num_lines; i++)
			tapi_edges_suspend(card->lines[i]);
	}
	mutex_unlock(&card->pm_lock);
}
EXPORT_SYMBOL_GPL(tapi_card_suspend);

/**
 * tapi_card_resume() - the card's lines wake up
 * @card: the card; one that does not sleep is left alone
 *
 * Its hardware works, has feed, polarity and parameters as they were set last, is on hook (FXO),
 * and what happened to its lines meanwhile has been reported or will be.
 *
 * Context: Process context, may sleep.
 */
void tapi_card_resume(struct tapi_card *card)
{
	unsigned int i;

	mutex_lock(&card->pm_lock);
	if (card->asleep) {
		card->asleep = false;
		tapi_pcm_resume(card);
		for (i = 0; i < card->num_lines; i++) {
			struct tapi_line *line = card->lines[i];

			mutex_lock(&line->lock);
			tapi_control_resume(line);
			mutex_unlock(&line->lock);
			tapi_event_resumed(line);
		}
	}
	mutex_unlock(&card->pm_lock);
}
EXPORT_SYMBOL_GPL(tapi_card_resume);

static int card_suspend(struct device *dev)
{
	tapi_card_suspend(tapi_dev_card(dev));
	return 0;
}

static int card_resume(struct device *dev)
{
	tapi_card_resume(tapi_dev_card(dev));
	return 0;
}

DEFINE_SIMPLE_DEV_PM_OPS(tapi_card_pm_ops, card_suspend, card_resume);

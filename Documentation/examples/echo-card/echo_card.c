// SPDX-License-Identifier: GPL-2.0-only
/*
 * A card driver to start from: one telephone line (FXO) that hears itself.
 *
 * There is no hardware.  Where a real driver has an interrupt, this one has a
 * timer; where it has registers, this one has variables.  The line rings while
 * /sys/module/echo_card/parameters/ringing is Y.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <linux/tapi_card.h>

#define ECHO_NAME	"echo_card"
#define ECHO_GRAIN	160		/* frames between two interrupts: 20 ms */
#define ECHO_LOOK_MS	10		/* a work may be late, an interrupt not */
#define ECHO_FRAMES	(4 * ECHO_GRAIN)
#define ECHO_FRAME_NS	125000		/* 8 kHz */
#define ECHO_SILENCE	0xff		/* mu-law */

/**
 * struct echo - what the driver knows of its card; lives until the last file is closed
 * @card: the core's part
 * @interrupt: instead of the card's own
 * @lock: for what follows
 * @running: the rings run
 * @at: when the card was at @pos, CLOCK_MONOTONIC
 * @pos: position in both rings, frames
 * @rx: samples from the line
 * @tx: samples to the line
 */
struct echo {
	struct tapi_card *card;
	struct delayed_work interrupt;
	spinlock_t lock;	/* pcm_start is called in atomic context */
	bool running;
	ktime_t at;
	u32 pos;
	u8 rx[ECHO_FRAMES];
	u8 tx[ECHO_FRAMES];
};

/* Operations on the line: one at a time, in a context that may sleep, with checked values */
static int echo_set_hook(struct tapi_line *line, bool off)
{
	/* A real driver closes the relay; -EIO tells that the chip did not do it. */
	dev_dbg(tapi_card_device(tapi_line_card(line)), "%s hook\n", off ? "off" : "on");
	return 0;
}

/* Sound. A real card moves it by DMA, and interrupts when a grain has passed. */

/* Under lock: the card goes on to where it is now */
static void echo_run(struct echo *echo, ktime_t now)
{
	u64 frames = div_u64(ktime_to_ns(ktime_sub(now, echo->at)), ECHO_FRAME_NS);

	echo->at = ktime_add_ns(echo->at, frames * ECHO_FRAME_NS);
	for (; frames; frames--) {
		echo->rx[echo->pos] = echo->tx[echo->pos];
		WRITE_ONCE(echo->pos, (echo->pos + 1) % ECHO_FRAMES);
	}
}

static void echo_interrupt(struct work_struct *work)
{
	struct echo *echo = container_of(to_delayed_work(work), struct echo, interrupt);
	bool running;
	ktime_t at;
	u32 pos;

	spin_lock_irq(&echo->lock);
	running = READ_ONCE(echo->running);
	if (running) {
		echo_run(echo, ktime_get());
		schedule_delayed_work(&echo->interrupt, msecs_to_jiffies(ECHO_LOOK_MS));
	}
	pos = echo->pos;
	at = echo->at;
	spin_unlock_irq(&echo->lock);
	/* Without our lock: this may call pcm_stop. A late interrupt is made good by the core. */
	if (running)
		tapi_pcm_advance(echo->card, pos, pos, at);
}

static int echo_pcm_prepare(struct tapi_card *card, struct tapi_pcm_ring *ring)
{
	struct echo *echo = tapi_card_priv(card);

	ring->rx = echo->rx;
	ring->tx = echo->tx;
	ring->frames = ECHO_FRAMES;
	ring->stride = 1;
	ring->lane[0] = 0;
	return 0;
}

static int echo_pcm_start(struct tapi_card *card)
{
	struct echo *echo = tapi_card_priv(card);
	unsigned long flags;

	spin_lock_irqsave(&echo->lock, flags);
	WRITE_ONCE(echo->running, true);
	echo->at = ktime_get();
	WRITE_ONCE(echo->pos, 0);
	schedule_delayed_work(&echo->interrupt, msecs_to_jiffies(ECHO_LOOK_MS));
	spin_unlock_irqrestore(&echo->lock, flags);
	return 0;
}

static void echo_pcm_stop(struct tapi_card *card)
{
	struct echo *echo = tapi_card_priv(card);

	WRITE_ONCE(echo->running, false);
}

static void echo_pcm_pos(struct tapi_card *card, u32 *rx, u32 *tx)
{
	struct echo *echo = tapi_card_priv(card);

	*rx = READ_ONCE(echo->pos);
	*tx = *rx;
}

static const struct tapi_card_ops echo_ops = {
	.owner = THIS_MODULE,
	.set_hook = echo_set_hook,
	.pcm_prepare = echo_pcm_prepare,
	.pcm_start = echo_pcm_start,
	.pcm_stop = echo_pcm_stop,
	.pcm_pos = echo_pcm_pos,
};

static const struct tapi_card_desc echo_desc = {
	.driver = ECHO_NAME,
	.name = "echo",
	.bus_info = "echo-0",		/* a PCI card: "pci-" and its address */
	.lines = 1,
	.format = TAPI_PCM_MU_LAW,
	.grain = ECHO_GRAIN,
};

static const struct tapi_line_desc echo_line = {
	.type = TAPI_LINE_FXO,
	.caps = TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_FLASH | TAPI_LINE_CAP_PULSE_DIAL |
		TAPI_LINE_CAP_PCM,
	.name = "echo",
	.battery = true,
};

static void echo_remove(void *data)
{
	struct echo *echo = data;

	/* After this no operation runs and none will: what calls the core may go. */
	tapi_card_unregister(echo->card);
	cancel_delayed_work_sync(&echo->interrupt);
	tapi_card_put(echo->card);
}

static int echo_probe(struct platform_device *pdev)
{
	struct tapi_card *card;
	struct echo *echo;
	int err;

	card = tapi_card_alloc(&pdev->dev, &echo_ops, &echo_desc, sizeof(*echo));
	if (IS_ERR(card))
		return PTR_ERR(card);
	echo = tapi_card_priv(card);
	echo->card = card;
	spin_lock_init(&echo->lock);
	INIT_DELAYED_WORK(&echo->interrupt, echo_interrupt);
	memset(echo->rx, ECHO_SILENCE, sizeof(echo->rx));
	err = tapi_line_init(card, 0, &echo_line);
	if (!err)
		err = tapi_card_register(card);
	if (err) {
		tapi_card_put(card);
		return err;
	}
	platform_set_drvdata(pdev, card);
	return devm_add_action_or_reset(&pdev->dev, echo_remove, echo);
}

static struct platform_driver echo_driver = {
	.probe = echo_probe,
	.driver.name = ECHO_NAME,
};

/* Reports. A real card sees ringing voltage in its interrupt; reports may be made there. */
static struct platform_device *echo_device;
static bool echo_ringing;

static int echo_ring(const char *value, const struct kernel_param *kp)
{
	struct tapi_card *card;
	int err = param_set_bool(value, kp);

	if (err || !echo_device)
		return err;
	device_lock(&echo_device->dev);
	card = platform_get_drvdata(echo_device);
	if (card)
		tapi_report_ring(tapi_card_line(card, 0), echo_ringing, 25000, ktime_get());
	device_unlock(&echo_device->dev);
	return 0;
}

static const struct kernel_param_ops echo_ring_ops = { .set = echo_ring, .get = param_get_bool };
module_param_cb(ringing, &echo_ring_ops, &echo_ringing, 0644);
MODULE_PARM_DESC(ringing, "There is ringing voltage on the line (default no)");

static int __init echo_init(void)
{
	struct platform_device *pdev;
	int err = platform_driver_register(&echo_driver);

	if (err)
		return err;
	pdev = platform_device_register_simple(ECHO_NAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(pdev))
		platform_driver_unregister(&echo_driver);
	else
		echo_device = pdev;
	return PTR_ERR_OR_ZERO(pdev);
}

static void __exit echo_exit(void)
{
	platform_device_unregister(echo_device);
	platform_driver_unregister(&echo_driver);
}

module_init(echo_init);
module_exit(echo_exit);

MODULE_DESCRIPTION("Sample telephony card: a line that hears itself");
MODULE_AUTHOR("The Linux telephony project");
MODULE_LICENSE("GPL");

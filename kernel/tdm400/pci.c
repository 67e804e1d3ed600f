// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI device: which cards are ours, probe and removal, and the module.
 *
 * The TigerJet's id stands for many cards, the vendor in the subsystem id for ours.
 */
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/module.h>

#include "tdm400.h"

#define PCI_VENDOR_TIGERJET	0xe159
#define PCI_DEVICE_TJ320	0x0001
#define BAR_PORTS		0
#define BAR_MEMORY		1
/* The highest register, the CPLD's, and a word */
#define BAR_LENGTH		0x100

#define POLL_MIN_MS		5
#define POLL_MAX_MS		100

static char *law = "mu";
module_param(law, charp, 0444);
MODULE_PARM_DESC(law, "mu (default) or a: coding of sound");

static unsigned int half_frames = 80;
module_param(half_frames, uint, 0444);
MODULE_PARM_DESC(half_frames, "samples from one interrupt to the next: 80 (default) or 40");

static bool latch = true;
module_param(latch, bool, 0444);
MODULE_PARM_DESC(latch, "the chip keeps its interrupt status until it is read (default yes)");

static bool pio;
module_param(pio, bool, 0444);
MODULE_PARM_DESC(pio, "use I/O ports where memory would do (default no)");

static unsigned int subvendor;
module_param(subvendor, uint, 0444);
MODULE_PARM_DESC(subvendor, "one more subsystem vendor whose cards are ours");

unsigned int tdm400_poll_ms = 30;
module_param_named(poll_ms, tdm400_poll_ms, uint, 0444);
MODULE_PARM_DESC(poll_ms, "how often an idle line is looked at, ms: 5 to 100 (default 30)");

bool tdm400_lowpower;
module_param_named(lowpower, tdm400_lowpower, bool, 0444);
MODULE_PARM_DESC(lowpower, "ring with less voltage (default no)");

unsigned int tdm400_country;
module_param_named(country, tdm400_country, uint, 0444);
MODULE_PARM_DESC(country, "of the exchange, ISO 3166 number, for example 276; 0 is FCC (default)");

bool tdm400_alaw;
struct workqueue_struct *tdm400_wq;

static const char *const boards[] = {
	"TDM400P", "TDM400P rev E/F", "TDM400P rev H", "TDM400P rev I", "S400P",
};

#define BOARD(vendor, index)							\
	{ PCI_DEVICE_SUB(PCI_VENDOR_TIGERJET, PCI_DEVICE_TJ320, vendor, PCI_ANY_ID),	\
	  .driver_data = (index) }

/*
 * Not in the list on purpose: 0059 and 00a7 (ISDN cards, netjet), 6159 and others (digital
 * cards), 9100 to 9599, 95d9, 8519 (A800P, A1200P: another CPLD), 8084 to 8087 (X100P).
 */
static const struct pci_device_id tdm400_ids[] = {
	BOARD(0xb100, 1),
	BOARD(0xa9fd, 2), BOARD(0xa8fd, 2), BOARD(0xa800, 2), BOARD(0xa801, 2),
	BOARD(0xa908, 2), BOARD(0xa901, 2),
	BOARD(0xb1d9, 3), BOARD(0xb118, 3), BOARD(0xb119, 3),
	BOARD(0xa159, 4), BOARD(0xe159, 4),
	{ }
};
MODULE_DEVICE_TABLE(pci, tdm400_ids);

/* The core's card goes once: when the card was pulled, or is removed */
static void unregister(struct tdm400 *tdm)
{
	mutex_lock(&tdm->life_lock);
	if (tdm->registered)
		tapi_card_unregister(tdm->card);
	tdm->registered = false;
	mutex_unlock(&tdm->life_lock);
}

static void gone_work(struct work_struct *work)
{
	struct tdm400 *tdm = container_of(work, struct tdm400, gone_work);

	dev_err(&tdm->pdev->dev, "the card does not answer any more: was it pulled?\n");
	unregister(tdm);
}

/**
 * tdm400_has_gone() - registers read as ones: has the card gone?
 * @tdm: the card
 *
 * Asks the bus; if the card has gone, its lines go, long before the driver is told.
 *
 * Context: Any, hard interrupt included.
 */
void tdm400_has_gone(struct tdm400 *tdm)
{
	/* on a bus that is being recovered everything reads as ones */
	if (READ_ONCE(tdm->gone) || tdm->pdev->error_state == pci_channel_io_frozen ||
	    pci_device_is_present(tdm->pdev))
		return;
	WRITE_ONCE(tdm->gone, true);
	queue_work(tdm400_wq, &tdm->gone_work);
}

static struct tdm400 *tdm400_alloc(struct pci_dev *pdev, const char *board)
{
	struct tdm400 *tdm = kzalloc(sizeof(*tdm), GFP_KERNEL);

	if (!tdm)
		return NULL;
	tdm->pdev = pdev;
	tdm->board = board;
	tdm->half = half_frames;
	tdm->latch = latch;
	tdm->selected = -1;
	tdm->inject_stuck = -1;
	mutex_init(&tdm->life_lock);
	mutex_init(&tdm->spi_lock);
	INIT_WORK(&tdm->gone_work, gone_work);
	tdm400_modules_init(tdm);
	tdm400_sound_init(tdm);
	tdm400_poll_init(tdm);
	return tdm;
}

/* Memory first: writes to it need not wait for the bus */
static int map_registers(struct tdm400 *tdm)
{
	struct pci_dev *pdev = tdm->pdev;
	bool memory = (pci_resource_flags(pdev, BAR_MEMORY) & IORESOURCE_MEM) &&
		      pci_resource_len(pdev, BAR_MEMORY) >= BAR_LENGTH;
	bool ports = (pci_resource_flags(pdev, BAR_PORTS) & IORESOURCE_IO) &&
		     pci_resource_len(pdev, BAR_PORTS) >= BAR_LENGTH;
	int bar = memory && !(pio && ports) ? BAR_MEMORY : BAR_PORTS;

	if (!memory && !ports) {
		dev_err(&pdev->dev, "no registers: neither BAR %d nor %d is usable\n",
			BAR_PORTS, BAR_MEMORY);
		return -ENODEV;
	}
	tdm->regs = pci_iomap(pdev, bar, BAR_LENGTH);
	return tdm->regs ? 0 : -ENOMEM;
}

static int enable_device(struct tdm400 *tdm)
{
	struct pci_dev *pdev = tdm->pdev;
	int ret = pci_enable_device(pdev);

	if (ret)
		return ret;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(32));
	if (!ret)
		ret = pci_request_regions(pdev, TDM400_NAME);
	if (ret)
		goto err_disable;
	ret = map_registers(tdm);
	if (ret)
		goto err_regions;
	/* a kernel that crashed may have left it running */
	tj_write(tdm, TJ_OPER, 0);
	tj_write(tdm, TJ_MASK0, 0);
	tj_write(tdm, TJ_MASK1, 0);
	tj_read(tdm, TJ_CNTL);
	pci_set_master(pdev);
	return 0;

err_regions:
	pci_release_regions(pdev);
err_disable:
	pci_disable_device(pdev);
	return ret;
}

static void disable_device(struct tdm400 *tdm)
{
	pci_clear_master(tdm->pdev);
	pci_iounmap(tdm->pdev, tdm->regs);
	pci_release_regions(tdm->pdev);
	/* the recovery of the bus may have failed half way */
	if (pci_is_enabled(tdm->pdev))
		pci_disable_device(tdm->pdev);
}

static int get_interrupt(struct tdm400 *tdm)
{
	struct pci_dev *pdev = tdm->pdev;
	int ret;

	if (!pdev->irq) {
		dev_err(&pdev->dev, "no interrupts: the card was given none\n");
		return -EIO;
	}
	ret = request_irq(pdev->irq, tdm400_interrupt, IRQF_SHARED, TDM400_NAME, tdm);
	if (ret)
		dev_err(&pdev->dev, "no interrupts: IRQ %u cannot be had (%d)\n", pdev->irq, ret);
	return ret;
}

/* From a card that is enabled to lines */
static int start(struct tdm400 *tdm)
{
	int ret = tj_bring_up(tdm);

	if (!ret)
		ret = tdm400_modules_probe(tdm);
	if (ret)
		return ret;
	tj_modules_ready(tdm);
	ret = tdm400_test_interrupt(tdm);
	if (ret)
		return ret;
	mutex_lock(&tdm->life_lock);
	ret = tdm400_card_make(tdm);
	tdm->registered = !ret;
	mutex_unlock(&tdm->life_lock);
	if (ret)
		return ret;
	/* pulled meanwhile, when there was nothing to unregister yet */
	if (READ_ONCE(tdm->gone))
		unregister(tdm);
	tdm400_poll_start(tdm);
	return 0;
}

/* The end of a card, whether it came to lines or not; @tdm is freed, perhaps later */
static void stop(struct tdm400 *tdm)
{
	unregister(tdm);
	tdm400_quiet(tdm);
	free_irq(tdm->pdev->irq, tdm);
	cancel_work_sync(&tdm->gone_work);
	/* one that only seemed to have gone was not stopped */
	pci_clear_master(tdm->pdev);
	tj_ring_free(tdm);
	disable_device(tdm);
	if (tdm->card)
		tapi_card_put(tdm->card);
	else
		kfree(tdm);
}

static int tdm400_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	unsigned long board = id->driver_data < ARRAY_SIZE(boards) ? id->driver_data : 0;
	struct tdm400 *tdm = tdm400_alloc(pdev, boards[board]);
	int ret;

	if (!tdm)
		return -ENOMEM;
	ret = enable_device(tdm);
	if (ret)
		goto err_free;
	ret = tj_ring_alloc(tdm);
	if (ret)
		goto err_disable;
	ret = get_interrupt(tdm);
	if (ret)
		goto err_ring;
	pci_set_drvdata(pdev, tdm);
	ret = start(tdm);
	if (ret) {
		stop(tdm);
		return ret;
	}
	pci_save_state(pdev);
	dev_info(&pdev->dev, "%s: %d lines, %s, IRQ %u\n", tdm->board, tdm400_lines(tdm),
		 tdm400_alaw ? "A-law" : "mu-law", pdev->irq);
	return 0;

err_ring:
	tj_ring_free(tdm);
err_disable:
	disable_device(tdm);
err_free:
	kfree(tdm);
	return ret;
}

static void tdm400_remove(struct pci_dev *pdev)
{
	struct tdm400 *tdm = pci_get_drvdata(pdev);

	/* a card that was pulled is known to be gone before it is asked anything */
	tdm400_has_gone(tdm);
	stop(tdm);
}

static struct pci_driver tdm400_driver = {
	.name = TDM400_NAME,
	.id_table = tdm400_ids,
	.probe = tdm400_probe,
	.remove = tdm400_remove,
	.shutdown = tdm400_shutdown,
	.err_handler = &tdm400_errors,
	.driver = {
		.pm = pm_sleep_ptr(&tdm400_pm_ops),
		/* modules take seconds to be calibrated */
		.probe_type = PROBE_PREFER_ASYNCHRONOUS,
	},
};

static bool params_ok(void)
{
	tdm400_alaw = !strcmp(law, "a");
	if (!tdm400_alaw && strcmp(law, "mu"))
		return false;
	if (half_frames != 40 && half_frames != 80)
		return false;
	if (tdm400_poll_ms < POLL_MIN_MS || tdm400_poll_ms > POLL_MAX_MS)
		return false;
	return subvendor <= 0xffff && tables_country(tdm400_country);
}

static int __init tdm400_init(void)
{
	int ret;

	if (!params_ok()) {
		pr_err(TDM400_NAME ": law must be mu or a, half_frames 40 or 80, poll_ms %u to %u, country a known one\n",
		       POLL_MIN_MS, POLL_MAX_MS);
		return -EINVAL;
	}
	tdm400_wq = alloc_workqueue(TDM400_NAME, WQ_UNBOUND | WQ_HIGHPRI, 0);
	if (!tdm400_wq)
		return -ENOMEM;
	ret = pci_register_driver(&tdm400_driver);
	if (ret)
		goto err_wq;
	if (subvendor)
		ret = pci_add_dynid(&tdm400_driver, PCI_VENDOR_TIGERJET, PCI_DEVICE_TJ320,
				    subvendor, PCI_ANY_ID, 0, 0, 0);
	if (ret)
		goto err_driver;
	return 0;

err_driver:
	pci_unregister_driver(&tdm400_driver);
err_wq:
	destroy_workqueue(tdm400_wq);
	return ret;
}

static void __exit tdm400_exit(void)
{
	pci_unregister_driver(&tdm400_driver);
	destroy_workqueue(tdm400_wq);
}

module_init(tdm400_init);
module_exit(tdm400_exit);

MODULE_DESCRIPTION("TDM400P and its relatives: four telephone lines on PCI");
MODULE_AUTHOR("The Linux telephony project");
MODULE_LICENSE("GPL");

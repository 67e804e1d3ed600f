// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleep, shutdown, and errors of the bus: quiet the card, and bring it back with everything
 * its lines were told.  The core has put the lines to sleep before, and wakes them afterwards: by
 * itself when the machine sleeps, else it is asked to.
 */
#include "tdm400.h"

/* Telephones without voltage, exchanges with an idle line */
static void quiet_port(struct tdm400_port *p)
{
	mutex_lock(&p->lock);
	if (!p->error && p->kind == TDM400_FXS)
		si3210_power_down(p);
	else if (!p->error && p->kind == TDM400_FXO)
		tdm400_write(p, FXO_DAA1, FXO_DAA1_MONITOR);
	p->down = true;
	mutex_unlock(&p->lock);
	cancel_work_sync(&p->work);
}

/**
 * tdm400_quiet() - stop everything
 * @tdm: the card; what its lines were told stays known
 *
 * Afterwards the card is not touched, operations fail.
 *
 * Context: Process context, may sleep.
 */
void tdm400_quiet(struct tdm400 *tdm)
{
	unsigned long flags;
	unsigned int i;

	tdm400_poll_stop(tdm);
	for (i = 0; i < TDM400_SOCKETS; i++)
		quiet_port(&tdm->port[i]);
	cancel_work_sync(&tdm->restart);
	/* no operation of the serial port is under way, no start of DMA, when this is seen */
	mutex_lock(&tdm->spi_lock);
	spin_lock_irqsave(&tdm->dma_lock, flags);
	if (tdm400_usable(tdm))
		tj_stop(tdm);
	WRITE_ONCE(tdm->off, true);
	spin_unlock_irqrestore(&tdm->dma_lock, flags);
	mutex_unlock(&tdm->spi_lock);
	synchronize_irq(tdm->pdev->irq);
	/* an interrupt that was under way may have queued it once more */
	cancel_work_sync(&tdm->restart);
}

static int wake(struct tdm400 *tdm)
{
	int ret;

	tdm->selected = -1;
	WRITE_ONCE(tdm->abort, 0);
	WRITE_ONCE(tdm->off, false);
	ret = tj_bring_up(tdm);
	if (ret) {
		WRITE_ONCE(tdm->off, true);
		/* pulled in its sleep? */
		tdm400_has_gone(tdm);
		return ret;
	}
	tdm400_modules_again(tdm);
	tj_modules_ready(tdm);
	tdm400_poll_start(tdm);
	return 0;
}

static int pm_suspend(struct device *dev)
{
	tdm400_quiet(pci_get_drvdata(to_pci_dev(dev)));
	return 0;
}

static int pm_resume(struct device *dev)
{
	struct tdm400 *tdm = pci_get_drvdata(to_pci_dev(dev));

	pci_set_master(tdm->pdev);
	return wake(tdm);
}

DEFINE_SIMPLE_DEV_PM_OPS(tdm400_pm_ops, pm_suspend, pm_resume);

/**
 * tdm400_shutdown() - the machine stops, or starts another kernel
 * @pdev: the device
 *
 * Context: Process context.
 */
void tdm400_shutdown(struct pci_dev *pdev)
{
	tdm400_quiet(pci_get_drvdata(pdev));
	pci_clear_master(pdev);
}

static pci_ers_result_t error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct tdm400 *tdm = pci_get_drvdata(pdev);

	dev_warn(&pdev->dev, "error of the bus, the card is %s\n",
		 state == pci_channel_io_normal ? "reset" : "cut off");
	if (state != pci_channel_io_normal)
		WRITE_ONCE(tdm->off, true);
	tapi_card_suspend(tdm->card);
	tdm400_quiet(tdm);
	if (state == pci_channel_io_perm_failure)
		return PCI_ERS_RESULT_DISCONNECT;
	pci_disable_device(pdev);
	return PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t slot_reset(struct pci_dev *pdev)
{
	if (pci_enable_device(pdev))
		return PCI_ERS_RESULT_DISCONNECT;
	pci_restore_state(pdev);
	pci_save_state(pdev);
	pci_set_master(pdev);
	return PCI_ERS_RESULT_RECOVERED;
}

static void error_resume(struct pci_dev *pdev)
{
	struct tdm400 *tdm = pci_get_drvdata(pdev);

	if (wake(tdm))
		dev_err(&pdev->dev, "the card does not come up again after an error of the bus\n");
	else
		tapi_card_resume(tdm->card);
}

const struct pci_error_handlers tdm400_errors = {
	.error_detected = error_detected,
	.slot_reset = slot_reset,
	.resume = error_resume,
};

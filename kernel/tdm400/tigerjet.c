// SPDX-License-Identifier: GPL-2.0-only
/*
 * The TigerJet: bring-up, its sound rings, and the CPLD on its peripheral bus.
 *
 * Process context, before lines are registered or while everything is quiet.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>

#include "spi_code.h"
#include "tdm400.h"

/* The modules' chips need this after their reset, and the serial port before they are asked */
#define TJ_SETTLE_MS		250

static size_t ring_bytes(const struct tdm400 *tdm)
{
	return 2 * tdm->half * FRAME_BYTES;
}

static int cpld_read(struct tdm400 *tdm, unsigned int reg)
{
	return tj_read(tdm, TJ_PIB(reg));
}

/**
 * tj_cpld_test() - is the CPLD there and does the bus to it work?
 * @tdm: the card
 *
 * Context: Process context.
 * Return: 0; -ENODEV, and the log says what is wrong.
 */
int tj_cpld_test(struct tdm400 *tdm)
{
	int version = cpld_read(tdm, CPLD_VERSION);
	unsigned int reg = version >= CPLD_VERSION_NEWER ? CPLD_CS : CPLD_TEST;
	unsigned int value;

	if (version == CPLD_VERSION_NONE) {
		dev_err(&tdm->pdev->dev, "CPLD dead: version register reads 0x%02x\n", version);
		return -ENODEV;
	}
	for (value = 0; value < 255; value++) {
		int is;

		tj_write(tdm, TJ_PIB(reg), value);
		is = cpld_read(tdm, reg);
		if (is == value)
			continue;
		dev_err(&tdm->pdev->dev, "CPLD dead: wrote 0x%02x to register %u, it reads 0x%02x\n",
			value, reg, is);
		return -ENODEV;
	}
	tj_write(tdm, TJ_PIB(CPLD_CS), 0);
	tdm->selected = -1;
	dev_dbg(&tdm->pdev->dev, "CPLD version 0x%02x\n", version);
	return 0;
}

/**
 * tj_ring_program() - tell the chip where the rings are
 * @tdm: the card; DMA is off
 *
 * The interrupt address is the last word of the first half, the end address that of the
 * second.
 */
void tj_ring_program(struct tdm400 *tdm)
{
	u32 half = tdm->half * FRAME_BYTES;
	u32 tx = tdm->ring_bus;
	u32 rx = tx + 2 * half;

	tj_write32(tdm, TJ_TX_START, tx);
	tj_write32(tdm, TJ_TX_INT, tx + half - FRAME_BYTES);
	tj_write32(tdm, TJ_TX_END, tx + 2 * half - FRAME_BYTES);
	tj_write32(tdm, TJ_RX_START, rx);
	tj_write32(tdm, TJ_RX_INT, rx + half - FRAME_BYTES);
	tj_write32(tdm, TJ_RX_END, rx + 2 * half - FRAME_BYTES);
}

/**
 * tj_ring_alloc() - memory for both rings
 * @tdm: the card
 *
 * Context: Process context.
 * Return: 0; -ENOMEM.
 */
int tj_ring_alloc(struct tdm400 *tdm)
{
	tdm->ring = dma_alloc_coherent(&tdm->pdev->dev, 2 * ring_bytes(tdm), &tdm->ring_bus,
				       GFP_KERNEL);
	if (!tdm->ring)
		return -ENOMEM;
	memset(tdm->ring, tdm400_alaw ? 0xd5 : 0xff, 2 * ring_bytes(tdm));
	return 0;
}

/**
 * tj_ring_free() - give it back
 * @tdm: the card; its interrupt is freed, DMA is off
 */
void tj_ring_free(struct tdm400 *tdm)
{
	dma_free_coherent(&tdm->pdev->dev, 2 * ring_bytes(tdm), tdm->ring, tdm->ring_bus);
	tdm->ring = NULL;
}

/**
 * tj_bring_up() - from power-on to where the modules can be asked
 * @tdm: the card; its rings are allocated
 *
 * Takes half a second.
 *
 * Context: Process context, may sleep.
 * Return: 0; -ENODEV the CPLD does not work, or the card has gone.
 */
int tj_bring_up(struct tdm400 *tdm)
{
	int ret;

	tj_write(tdm, TJ_OPER, 0);
	tj_write(tdm, TJ_MASK0, 0);
	tj_write(tdm, TJ_MASK1, 0);
	tj_write(tdm, TJ_CNTL, TJ_CNTL_RUN);
	ret = tj_cpld_test(tdm);
	if (ret)
		return ret;
	tj_write(tdm, TJ_CNTL, TJ_CNTL_SERIAL_RST | TJ_CNTL_DMA_RST);
	tj_write(tdm, TJ_AUXD, SPI_IDLE);
	tj_write(tdm, TJ_AUXC, TJ_AUXC_DIR);
	tj_write(tdm, TJ_AUXFUNC, TJ_AUXFUNC_CLOCK);
	msleep(TJ_SETTLE_MS);
	tj_write(tdm, TJ_CNTL, TJ_CNTL_PIB_SLOW | TJ_CNTL_RUN);
	tj_write(tdm, TJ_SERCTL, TJ_SERCTL_MSB_DOUBLE);
	tj_write(tdm, TJ_FSCDELAY, 0);
	tj_ring_program(tdm);
	tj_write(tdm, TJ_INTSTAT, 0xff);
	msleep(TJ_SETTLE_MS);
	return 0;
}

/**
 * tj_modules_ready() - the modules are set up: let the frames begin
 * @tdm: the card
 *
 * Context: Process context, may sleep.
 */
void tj_modules_ready(struct tdm400 *tdm)
{
	unsigned int i;
	u8 present = 0;

	for (i = 0; i < TDM400_SOCKETS; i++)
		if (tdm->port[i].kind != TDM400_EMPTY)
			present |= BIT(i);
	mutex_lock(&tdm->spi_lock);
	tj_write(tdm, TJ_PIB(CPLD_SYNC), present << 1 | 1);
	mutex_unlock(&tdm->spi_lock);
	tj_write(tdm, TJ_CNTL, TJ_CNTL_PULSE_RST | TJ_CNTL_SERIAL_RST | TJ_CNTL_DMA_RST |
		 TJ_CNTL_RUN);
	usleep_range(1000, 2000);
	tdm->cntl = TJ_CNTL_RUN | (tdm->latch ? TJ_CNTL_LATCH : 0);
	tj_write(tdm, TJ_CNTL, tdm->cntl);
	tj_ring_program(tdm);
	tj_write(tdm, TJ_INTSTAT, 0xff);
}

/**
 * tj_stop() - the last thing done to the card: no sound, no interrupts, modules in reset
 * @tdm: the card
 */
void tj_stop(struct tdm400 *tdm)
{
	tj_write(tdm, TJ_OPER, 0);
	tj_write(tdm, TJ_CNTL, TJ_CNTL_PULSE_RST | TJ_CNTL_SERIAL_RST | TJ_CNTL_DMA_RST |
		 TJ_CNTL_RUN);
	tj_write(tdm, TJ_MASK0, 0);
	tj_write(tdm, TJ_MASK1, 0);
	tj_write(tdm, TJ_CNTL, TJ_CNTL_PULSE_RST | TJ_CNTL_SERIAL_RST | TJ_CNTL_DMA_RST);
	/* the writes are posted; the memory they stop the chip from using is about to be freed */
	tj_read(tdm, TJ_CNTL);
}

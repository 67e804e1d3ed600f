// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Si3050 of an FXO module and its line side: finding it, and from reset to a line that can
 * be seized.
 *
 * Process context; a port's lock is held but for detection.
 */
#include <linux/delay.h>
#include <linux/iopoll.h>

#include "tdm400.h"

#define DAA_RESET_MS		100
/* The link over the isolation barrier comes up within this */
#define DAA_LINK_TIMEOUT_US	2000000
#define DAA_LINE_SIDE(rev)	((rev) >> 4)

/**
 * si3050_detect() - is there one in the socket?
 * @p: the socket
 *
 * Context: Process context, before anything else uses the socket.
 * Return: 0; -ENODEV nothing answers like one.
 */
int si3050_detect(struct tdm400_port *p)
{
	int control = tdm400_read_twice(p, FXO_CONTROL2);
	int revision = tdm400_read_twice(p, FXO_REVISION);

	if (control != FXO_CONTROL2_RESET || revision < 0 || !(revision & 0x0f) ||
	    revision == 0xff)
		return -ENODEV;
	return 0;
}

static int set_pcm(struct tdm400_port *p)
{
	u8 slot = frames_slot(p->socket);
	/* its place on the bus before it is let on it */
	const u8 pcm[][2] = {
		{ FXO_TX_SLOT_LO, slot }, { FXO_TX_SLOT_HI, 0 },
		{ FXO_RX_SLOT_LO, slot }, { FXO_RX_SLOT_HI, 0 },
		{ FXO_PCM, tdm400_alaw ? FXO_PCM_A : FXO_PCM_MU },
		{ FXO_DAA2, 0 },
	};

	return tdm400_write_table(p, pcm, ARRAY_SIZE(pcm));
}

/**
 * si3050_init() - from reset to an idle line
 * @p: the socket, locked; its settings say how
 *
 * Context: Process context, sleeps for up to two seconds.
 * Return: 0; -EIO the module does not work, and the log says why; what tdm400_read() says.
 */
int si3050_init(struct tdm400_port *p)
{
	int ret, revision;

	ret = tdm400_write(p, FXO_CONTROL1, FXO_CONTROL1_RESET);
	if (ret)
		return ret;
	msleep(DAA_RESET_MS);
	ret = set_pcm(p);
	if (ret)
		return ret;
	ret = read_poll_timeout(tdm400_read, revision,
				revision < 0 || DAA_LINE_SIDE(revision), 10000,
				DAA_LINK_TIMEOUT_US, false, p, FXO_REVISION);
	if (revision < 0)
		return revision;
	if (ret) {
		dev_err(&p->tdm->pdev->dev, "socket %u: no link to the line side (0x%02x)\n",
			p->socket + 1, revision);
		return -EIO;
	}
	p->fxo.line_side = DAA_LINE_SIDE(revision);
	return fxo_apply(p);
}

/**
 * si3050_is_reset() - has the chip lost its settings?
 * @p: the socket, locked
 *
 * Context: Process context, may sleep.
 * Return: 1 yes, 0 no; -EAGAIN, -EIO, -ENODEV it cannot be read.
 */
int si3050_is_reset(struct tdm400_port *p)
{
	u8 law = tdm400_alaw ? FXO_PCM_A : FXO_PCM_MU;
	int pcm = tdm400_read(p, FXO_PCM);
	int revision = tdm400_read(p, FXO_REVISION);

	/* what is as it should be need not be seen twice */
	if (pcm == law && revision > 0 && DAA_LINE_SIDE(revision))
		return 0;
	pcm = tdm400_read_twice(p, FXO_PCM);
	if (pcm < 0)
		return pcm;
	revision = tdm400_read_twice(p, FXO_REVISION);
	if (revision < 0)
		return revision;
	return pcm != law || !DAA_LINE_SIDE(revision);
}

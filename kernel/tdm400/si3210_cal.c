// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calibration of the Si3210, by itself or, where that fails, by hand; its results are kept
 * for a fast start after a reset.
 *
 * Process context, the port's lock held, the line open and the battery up.
 */
#include <linux/delay.h>
#include <linux/iopoll.h>

#include "tdm400.h"

/* Register 96: run, and what to calibrate; 97: what else */
#define CAL1_RUN		0x40
#define CAL1_ALL		0x5f
#define CAL1_MANUAL		0x47	/* all but the mismatch of ring and tip */
#define CAL2_ALL		0x1f
#define CAL2_MANUAL		0x18
#define CAL2_BALANCE		0x01
#define CAL_TIMEOUT_US		2000000
#define CAL_TRIES		2
/* By hand: the gain mismatch steps down until the transistor carries no current */
#define CAL_STEP_FROM		0x1f
#define CAL_STEP_SETTLE_MS	40
/* Voltage converter: results outside of this are wrong, and 8 is a good guess */
#define CAL_DC_MIN		0x02
#define CAL_DC_MAX		0x0d
#define CAL_DC_GUESS		0x08
#define CAL_DC_SETTLE_MS	100

static int cal_run(struct tdm400_port *p, u8 cal1, u8 cal2)
{
	int value, err;

	err = tdm400_write(p, FXS_CAL2, cal2);
	if (!err)
		err = tdm400_write(p, FXS_CAL1, cal1);
	if (err)
		return err;
	err = read_poll_timeout(tdm400_read, value, value <= 0, 10000, CAL_TIMEOUT_US, true, p,
				FXS_CAL1);
	return value < 0 ? value : err;
}

static int cal_step_down(struct tdm400_port *p, u8 result, u8 current_of)
{
	int i, ret, ma;

	for (i = CAL_STEP_FROM; i >= 0; i--) {
		ret = tdm400_write(p, result, i);
		if (ret)
			return ret;
		msleep(CAL_STEP_SETTLE_MS);
		ma = tdm400_read(p, current_of);
		if (ma <= 0)
			return ma;
	}
	return -EIO;
}

/* The balance needs a fed line with the handset down */
static int cal_balance(struct tdm400_port *p)
{
	int loop, ret;

	ret = tdm400_write(p, FXS_LINEFEED, FXS_LF_ACTIVE);
	if (ret)
		return ret;
	msleep(CAL_STEP_SETTLE_MS);
	loop = tdm400_read(p, FXS_LOOP);
	if (loop < 0)
		return loop;
	if (!(loop & FXS_LOOP_CLOSED))
		ret = cal_run(p, CAL1_RUN, CAL2_BALANCE);
	else
		dev_warn(&p->tdm->pdev->dev, "socket %u: off hook, balance not calibrated\n",
			 p->socket + 1);
	if (!ret)
		ret = tdm400_write(p, FXS_LINEFEED, FXS_LF_OPEN);
	return ret;
}

static int cal_manual(struct tdm400_port *p)
{
	int ret = cal_run(p, CAL1_MANUAL, CAL2_MANUAL);

	if (!ret)
		ret = cal_step_down(p, FXS_CAL_RING, FXS_Q5_CURRENT);
	if (!ret)
		ret = cal_step_down(p, FXS_CAL_TIP, FXS_Q6_CURRENT);
	if (!ret)
		ret = cal_balance(p);
	return ret;
}

static int cal_converter(struct tdm400_port *p)
{
	int value, ret;

	ret = tdm400_write(p, FXS_DC_SWITCH, FXS_DC_CALIBRATE);
	if (ret)
		return ret;
	ret = read_poll_timeout(tdm400_read, value, value < 0 || !(value & 0x80), 10000,
				CAL_DC_SETTLE_MS * 1000, true, p, FXS_DC_SWITCH);
	if (value < 0)
		return value;
	if (ret)
		dev_dbg(&p->tdm->pdev->dev, "socket %u: converter calibrates on\n", p->socket + 1);
	value = tdm400_read(p, FXS_CAL_DC);
	if (value >= CAL_DC_MIN && value <= CAL_DC_MAX)
		return 0;
	return value < 0 ? value : tdm400_write(p, FXS_CAL_DC, CAL_DC_GUESS);
}

static int cal_save(struct tdm400_port *p)
{
	unsigned int i;
	int value;

	for (i = 0; i < FXS_CAL_COUNT; i++) {
		value = tdm400_read_twice(p, FXS_CAL_FIRST + i);
		if (value < 0)
			return value;
		p->fxs.cal[i] = value;
	}
	p->fxs.calibrated = true;
	return 0;
}

/**
 * si3210_calibrate() - calibrate a chip
 * @p: the socket
 *
 * Context: Process context, sleeps for up to some seconds.
 * Return: 0; -EIO it does not succeed, and the log says so; what tdm400_read() says.
 */
int si3210_calibrate(struct tdm400_port *p)
{
	static const u8 quiet[][2] = {
		{ FXS_INT1_ENABLE, 0 }, { FXS_INT2_ENABLE, 0 }, { FXS_INT3_ENABLE, 0 },
	};
	unsigned int try;
	int ret = tdm400_write_table(p, quiet, ARRAY_SIZE(quiet));

	if (ret)
		return ret;
	for (try = 0; try < CAL_TRIES; try++) {
		ret = cal_run(p, CAL1_ALL, CAL2_ALL);
		if (ret != -ETIMEDOUT)
			break;
	}
	if (ret == -ETIMEDOUT)
		ret = cal_manual(p);
	if (!ret)
		ret = cal_converter(p);
	if (!ret)
		ret = cal_save(p);
	if (ret && tdm400_usable(p->tdm))
		dev_err(&p->tdm->pdev->dev, "socket %u: calibration failed (%d)\n", p->socket + 1,
			ret);
	return ret == -ETIMEDOUT ? -EIO : ret;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Si3210 (or Si3215) of an FXS module: finding it, and from reset to a fed line.
 *
 * Process context; a port's lock is held but for detection.  Steps are those of the data
 * sheet's initialisation.
 */
#include <linux/delay.h>
#include <linux/iopoll.h>

#include "tdm400.h"

/* Indirect registers are served at 16 kHz; the serial port itself may be slow */
#define IND_SLEEP_US		100
#define IND_TIMEOUT_US		20000
/* The voltage converter: unit of its sense register is 0.376 V */
#define DC_UP			0xc0	/* 72 V */
#define DC_UP_LOW		0x70	/* 42 V, for the low-power setting */
#define DC_UP_TIMEOUT_US	500000
#define DC_LEAK_MS		500
#define DC_LEAK_MIN		6	/* 2.3 V: less after half a second off is a short */

/* Batteries, register 74, 1.5 V each */
#define VBATH_NORMAL		0x32
#define VBATH_BOOST		0x3f
#define VBATH_LOW		0x22
#define RING_NORMAL_MAX_MV	70000

/**
 * si3210_revision() - which revision answers
 * @p: the socket
 *
 * Every chip has one. A serial port that is stuck, and an empty socket, read as zeros or ones.
 *
 * Context: Process context, may sleep.
 * Return: the revision, 1 to 14; -ENODEV nothing answers, or the card has gone; -EAGAIN, -EIO
 * it cannot be read.
 */
int si3210_revision(struct tdm400_port *p)
{
	int mode = tdm400_read_twice(p, FXS_MODE);

	if (mode < 0)
		return mode;
	mode &= FXS_MODE_REVISION;
	return mode == 0 || mode == FXS_MODE_REVISION ? -ENODEV : mode;
}

/**
 * si3210_detect() - is there one in the socket?
 * @p: the socket
 *
 * Context: Process context, before anything else uses the socket.
 * Return: 0; -ENODEV nothing answers like one; -EPROTO something does, but it is none.
 */
int si3210_detect(struct tdm400_port *p)
{
	int rev = si3210_revision(p);
	int pcm, loopback, feed, hybrid;

	if (rev < 0)
		return -ENODEV;
	pcm = tdm400_read(p, FXS_PCM);
	loopback = tdm400_read(p, FXS_LOOPBACK);
	feed = tdm400_read(p, FXS_LINEFEED);
	hybrid = tdm400_read(p, FXS_HYBRID);
	if (pcm < 0 || rev < 2)
		return -EPROTO;
	if (loopback != FXS_LOOPBACK_RESET || feed != 0 || hybrid != FXS_HYBRID_RESET)
		return -EPROTO;
	p->fxs.si3215 = pcm & FXS_PCM_SI3215;
	return 0;
}

static int ind_wait(struct tdm400_port *p)
{
	int value, err;

	err = read_poll_timeout(tdm400_read, value, value < 0 || !(value & FXS_IND_PENDING),
				IND_SLEEP_US, IND_TIMEOUT_US, false, p, FXS_IND_STATUS);
	if (err)
		p->spi_errors++;
	return value < 0 ? value : err;
}

static int ind_number(const struct tdm400_port *p, unsigned int what)
{
	const struct tables_indirect *ind = &tables_indirects[what];
	u8 number = p->fxs.si3215 ? ind->si3215 : ind->si3210;

	return number == IND_NONE ? -ENXIO : number;
}

static int ind_write(struct tdm400_port *p, u8 number, u32 value)
{
	int ret = ind_wait(p);

	if (!ret)
		ret = tdm400_write(p, FXS_IND_DATA_LO, value & 0xff);
	if (!ret)
		ret = tdm400_write(p, FXS_IND_DATA_HI, value >> 8);
	if (!ret)
		ret = tdm400_write(p, FXS_IND_ADDRESS, number);
	return ret;
}

/**
 * si3210_ind_write() - write an indirect register
 * @p: the socket, locked
 * @what: index in tables_indirects; one that this chip has not is left alone
 * @value: 16 bits
 *
 * Context: Process context, may sleep.
 * Return: 0; -ETIMEDOUT the chip does not take it; what tdm400_write() says.
 */
int si3210_ind_write(struct tdm400_port *p, unsigned int what, u32 value)
{
	int number = ind_number(p, what);

	return number < 0 ? 0 : ind_write(p, number, value);
}

/**
 * si3210_ind_read() - read an indirect register
 * @p: the socket, locked
 * @what: index in tables_indirects
 *
 * Context: Process context, may sleep.
 * Return: the value; -ENXIO this chip has no such register; -ETIMEDOUT; what tdm400_read() says.
 */
int si3210_ind_read(struct tdm400_port *p, unsigned int what)
{
	int number = ind_number(p, what);
	int ret, lo, hi;

	if (number < 0)
		return number;
	ret = ind_wait(p);
	if (!ret)
		ret = tdm400_write(p, FXS_IND_ADDRESS, number);
	if (!ret)
		ret = ind_wait(p);
	if (ret)
		return ret;
	lo = tdm400_read(p, FXS_IND_DATA_LO);
	hi = tdm400_read(p, FXS_IND_DATA_HI);
	return lo < 0 || hi < 0 ? min(lo, hi) : hi << 8 | lo;
}

static bool ind_is_filter(unsigned int what)
{
	return what >= IND_FILTER_FIRST && what <= IND_FILTER_LAST;
}

/* All have random values after a reset. The FSK generator's stay unused. */
static int ind_write_all(struct tdm400_port *p)
{
	unsigned int i;
	int ret;

	for (i = 0; i < IND_TABLE; i++) {
		ret = si3210_ind_write(p, i, ind_is_filter(i) ? IND_FILTER_CALIBRATE :
				       tables_indirects[i].value);
		if (ret)
			return ret;
	}
	return 0;
}

static int ind_restore_filters(struct tdm400_port *p)
{
	unsigned int i;
	int ret = 0;

	for (i = IND_FILTER_FIRST; i <= IND_FILTER_LAST && !ret; i++)
		ret = si3210_ind_write(p, i, tables_indirects[i].value);
	return ret;
}

static int ind_verify(struct tdm400_port *p)
{
	unsigned int i;
	int is;

	for (i = 0; i < IND_TABLE; i++) {
		is = si3210_ind_read(p, i);
		if (is == -ENXIO || is == tables_indirects[i].value)
			continue;
		if (is < 0)
			return is;
		/* once more: a disturbed bit of the reading is no fault of the register */
		p->spi_errors++;
		if (si3210_ind_read(p, i) == tables_indirects[i].value)
			continue;
		dev_err(&p->tdm->pdev->dev,
			"socket %u: indirect register %u reads 0x%04x instead of 0x%04x\n",
			p->socket + 1, i, is, tables_indirects[i].value);
		return -EIO;
	}
	return 0;
}

static int power_up(struct tdm400_port *p)
{
	u8 need = tdm400_lowpower ? DC_UP_LOW : DC_UP;
	int value, err;

	err = tdm400_write(p, FXS_DC_PERIOD, 0xff);
	if (!err)
		err = tdm400_write(p, FXS_POWER, 0);
	if (err)
		return err;
	err = read_poll_timeout(tdm400_read, value, value < 0 || value >= need, 10000,
				DC_UP_TIMEOUT_US, false, p, FXS_BATTERY_SENSE);
	if (value < 0)
		return value;
	if (!err)
		return 0;
	dev_err(&p->tdm->pdev->dev,
		"socket %u: no 12 V: battery is at %d V, is the disk power connector plugged in?\n",
		p->socket + 1, value * 376 / 1000);
	return -EIO;
}

/* The converter's capacitor must keep its charge while nothing is connected to it */
static int leak_test(struct tdm400_port *p)
{
	int value;
	int ret = tdm400_write(p, FXS_LINEFEED, FXS_LF_OPEN);

	if (!ret)
		ret = tdm400_write(p, FXS_POWER, FXS_POWER_DC_OFF);
	if (ret)
		return ret;
	msleep(DC_LEAK_MS);
	value = tdm400_read(p, FXS_BATTERY_SENSE);
	if (value < 0)
		return value;
	if (value <= DC_LEAK_MIN) {
		dev_err(&p->tdm->pdev->dev, "socket %u: short circuit on the module\n",
			p->socket + 1);
		return -EIO;
	}
	return power_up(p);
}

static int prepare(struct tdm400_port *p)
{
	static const u8 safe[][2] = {
		{ FXS_POWER, FXS_POWER_DC_OFF },
		{ FXS_LINEFEED, FXS_LF_OPEN },
	};
	const u8 run[][2] = {
		{ FXS_LOOPBACK, 0 },
		{ FXS_ENHANCE, FXS_ENHANCE_TDM400 },
		{ FXS_AUTO, FXS_AUTO_ALL },
		{ FXS_BATTERY_FEED, FXS_BATTERY_TRACK },
		{ FXS_VBATH, p->fxs.vbath },
	};
	int ret;

	ret = tdm400_write_table(p, safe, ARRAY_SIZE(safe));
	if (!ret)
		ret = ind_write_all(p);
	if (!ret)
		ret = tdm400_write_table(p, run, ARRAY_SIZE(run));
	return ret;
}

static int restore_calibration(struct tdm400_port *p)
{
	unsigned int i;
	int ret = 0;

	/* the first two start a calibration: results only */
	for (i = FXS_CAL_RING - FXS_CAL_FIRST; i < FXS_CAL_COUNT && !ret; i++)
		ret = tdm400_write(p, FXS_CAL_FIRST + i, p->fxs.cal[i]);
	return ret;
}

static int convert(struct tdm400_port *p)
{
	int ret = power_up(p);

	if (!ret && !p->fast)
		ret = leak_test(p);
	if (!ret)
		ret = tdm400_write(p, FXS_LOOP_CURRENT, p->fxs.loop_current);
	if (!ret)
		ret = tdm400_write(p, FXS_DC_SWITCH, FXS_DC_RUN);
	if (ret)
		return ret;
	if (!p->fast || !p->fxs.calibrated)
		return si3210_calibrate(p);
	return restore_calibration(p);
}

static int to_line(struct tdm400_port *p)
{
	u8 slot = frames_slot(p->socket);
	/* its place on the bus before it is let on it */
	const u8 run[][2] = {
		{ FXS_TX_SLOT_LO, slot }, { FXS_TX_SLOT_HI, 0 },
		{ FXS_RX_SLOT_LO, slot }, { FXS_RX_SLOT_HI, 0 },
		{ FXS_PCM, tdm400_alaw ? FXS_PCM_A : FXS_PCM_MU },
		{ FXS_INT1, 0xff }, { FXS_INT2, 0xff }, { FXS_INT3, 0xff },
		{ FXS_INT2_ENABLE, 0xff }, { FXS_INT3_ENABLE, FXS_INT3_DTMF },
		{ FXS_COMMON_MODE, 0x04 },
		{ FXS_OSC1, 0 }, { FXS_OSC2, 0 }, { FXS_RING_OSC, 0 },
	};

	return tdm400_write_table(p, run, ARRAY_SIZE(run));
}

/**
 * si3210_init() - from reset to a fed line
 * @p: the socket, locked; its settings say how
 *
 * With @p->fast after the first time: the calibration that was saved is used.
 *
 * Context: Process context, sleeps for up to three seconds.
 * Return: 0; -EIO the module does not work, and the log says why; what tdm400_read() says.
 */
int si3210_init(struct tdm400_port *p)
{
	int ret;

	p->fxs.vbath = VBATH_NORMAL;
	if (tdm400_lowpower)
		p->fxs.vbath = VBATH_LOW;
	else if (p->fxs.ring_mv > RING_NORMAL_MAX_MV)
		p->fxs.vbath = VBATH_BOOST;
	ret = prepare(p);
	if (!ret)
		ret = convert(p);
	if (!ret)
		ret = ind_restore_filters(p);
	if (!ret)
		ret = ind_verify(p);
	if (!ret)
		ret = to_line(p);
	if (!ret)
		ret = fxs_apply(p);
	if (ret)
		si3210_power_down(p);
	return ret;
}

/**
 * si3210_power_down() - open the line and take its voltage away
 * @p: the socket
 *
 * Context: Process context, may sleep.
 * Return: as tdm400_write().
 */
int si3210_power_down(struct tdm400_port *p)
{
	int ret = tdm400_write(p, FXS_LINEFEED, FXS_LF_OPEN);

	return ret ? ret : tdm400_write(p, FXS_POWER, FXS_POWER_DC_OFF);
}

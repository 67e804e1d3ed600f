// SPDX-License-Identifier: GPL-2.0-only
/*
 * A telephone on a Si3210, what it is told: feed, ringing, tones, settings.  fxs_poll.c sees
 * what it does.
 *
 * Process context, the port's lock held.
 */
#include "maths.h"
#include "tdm400.h"

/* Units of the monitor registers */
#define FXS_SENSE_UV		376000
#define FXS_LOOP_UV		1500000
#define FXS_LOOP_UA		1250
#define FXS_SIGN		0x40

#define FXS_RING_MV		65600
#define FXS_RING_LOW_MV		49200
#define FXS_RING_MHZ		20000
#define FXS_OHT_MS		6000
/* The loop of a line that was without feed reads as open until it was closed for 12.5 ms */
#define FXS_SETTLE_NS		(20 * NSEC_PER_MSEC)

/**
 * fxs_defaults() - settings of a line nobody has changed
 * @p: the socket
 */
void fxs_defaults(struct tdm400_port *p)
{
	struct tdm400_fxs *f = &p->fxs;

	f->ring_mv = tdm400_lowpower ? FXS_RING_LOW_MV : FXS_RING_MV;
	f->ring_mhz = FXS_RING_MHZ;
	f->oht_ms = FXS_OHT_MS;
	f->feed = FXS_LF_ACTIVE;
	f->asked = FXS_LF_ACTIVE;
}

/**
 * fxs_set_feed() - command the linefeed register
 * @p: the socket, locked
 * @feed: FXS_LF_
 *
 * Context: Process context, may sleep.
 * Return: 0; -EIO the chip does not do it; what tdm400_write() says.
 */
int fxs_set_feed(struct tdm400_port *p, u8 feed)
{
	int ret = tdm400_write(p, FXS_LINEFEED, feed);

	if (ret)
		return ret;
	p->fxs.feed = feed;
	p->fxs.check_ns = 0;
	p->fxs.settled_ns = ktime_get_ns() + FXS_SETTLE_NS;
	return 0;
}

static int set_gains(struct tdm400_port *p)
{
	int ret = si3210_ind_write(p, IND_DAC_GAIN, maths_fxs_gain(p->fxs.tx_mdb));

	return ret ? ret : si3210_ind_write(p, IND_ADC_GAIN, maths_fxs_gain(p->fxs.rx_mdb));
}

static int set_ring(struct tdm400_port *p, u32 freq_mhz)
{
	struct maths_osc osc;
	int ret;

	if (p->fxs.ring_now_mhz == freq_mhz)
		return 0;
	maths_ring(&osc, freq_mhz, p->fxs.ring_mv);
	ret = si3210_ind_write(p, IND_RING_COEFF, osc.coeff);
	if (!ret)
		ret = si3210_ind_write(p, IND_RING_X, osc.x);
	if (!ret)
		p->fxs.ring_now_mhz = freq_mhz;
	return ret;
}

/**
 * fxs_apply() - give a chip that was initialised the line's settings
 * @p: the socket, locked
 *
 * Context: Process context, may sleep.
 * Return: 0; what tdm400_write() says.
 */
int fxs_apply(struct tdm400_port *p)
{
	struct tdm400_fxs *f = &p->fxs;
	/* who times the burst may have given up meanwhile; the next one rings again */
	u8 feed = f->feed == FXS_LF_RINGING ? f->asked : f->feed;
	int ret;

	f->ringing = false;
	f->armed = false;
	f->ring_now_mhz = 0;
	ret = tdm400_write(p, FXS_IMPEDANCE, FXS_IMPEDANCE_ON | f->impedance);
	if (!ret)
		ret = tdm400_write(p, FXS_LOOP_CURRENT, f->loop_current);
	if (!ret)
		ret = set_gains(p);
	if (!ret)
		ret = set_ring(p, f->ring_mhz);
	if (!ret)
		ret = fxs_set_feed(p, feed);
	if (!ret)
		ret = tdm400_read_twice(p, FXS_LOOP);
	if (ret < 0)
		return ret;
	if (!p->line)
		f->closed = ret & FXS_LOOP_CLOSED;
	return 0;
}

/**
 * fxs_active_feed() - the active feed of the polarity that was asked for
 * @f: the line
 *
 * Return: FXS_LF_
 */
u8 fxs_active_feed(const struct tdm400_fxs *f)
{
	bool reversed = f->asked == FXS_LF_ACTIVE + FXS_LF_REVERSE ||
			f->asked == FXS_LF_OHT + FXS_LF_REVERSE;

	return FXS_LF_ACTIVE + (reversed ? FXS_LF_REVERSE : 0);
}

int fxs_set_linefeed(struct tdm400_port *p, u32 state, u32 polarity)
{
	struct tdm400_fxs *f = &p->fxs;
	u8 feed = tables_linefeed(state, polarity);
	int ret;

	f->oht_ns = 0;
	f->ringing = false;
	ret = fxs_set_feed(p, feed);
	if (!ret)
		f->asked = feed;
	return ret;
}

static int stop_oscillators(struct tdm400_port *p)
{
	int ret = tdm400_write(p, FXS_OSC1, 0);

	return ret ? ret : tdm400_write(p, FXS_OSC2, 0);
}

int fxs_ring(struct tdm400_port *p, u32 freq_mhz)
{
	int ret;

	if (p->fxs.closed)
		return 0;
	/* ringing uses the hardware of the second one */
	ret = stop_oscillators(p);
	if (!ret)
		ret = set_ring(p, freq_mhz ? freq_mhz : p->fxs.ring_mhz);
	if (!ret)
		ret = fxs_set_feed(p, FXS_LF_RINGING);
	if (ret)
		return ret;
	p->fxs.ringing = true;
	p->fxs.oht_ns = 0;
	return 0;
}

/* Caller id is sent after the first burst: the line carries sound for a while */
int fxs_ring_stop(struct tdm400_port *p)
{
	struct tdm400_fxs *f = &p->fxs;
	u8 active = fxs_active_feed(f);
	int ret;

	f->ringing = false;
	if (f->closed)
		return fxs_set_feed(p, active);
	ret = fxs_set_feed(p, active - FXS_LF_ACTIVE + FXS_LF_OHT);
	if (!ret)
		f->oht_ns = ktime_get_ns() + (u64)f->oht_ms * NSEC_PER_MSEC;
	return ret;
}

static int set_oscillator(struct tdm400_port *p, unsigned int n, u32 freq_mhz, s32 level_mdbm)
{
	static const struct {
		u8 control;
		u8 coeff;
	} where[] = {
		{ FXS_OSC1, IND_OSC1_COEFF }, { FXS_OSC2, IND_OSC2_COEFF },
	};
	struct maths_osc osc;
	int ret;

	if (!freq_mhz)
		return tdm400_write(p, where[n].control, 0);
	maths_tone(&osc, freq_mhz, level_mdbm);
	ret = si3210_ind_write(p, where[n].coeff, osc.coeff);
	if (!ret)
		ret = si3210_ind_write(p, where[n].coeff + 1, osc.x);
	if (!ret)
		ret = si3210_ind_write(p, where[n].coeff + 2, 0);
	if (!ret)
		ret = tdm400_write(p, where[n].control, FXS_OSC_TO_PHONE);
	return ret;
}

int fxs_tone(struct tdm400_port *p, const u32 freq_mhz[2], const s32 level_mdbm[2])
{
	int ret;

	if (freq_mhz[0] > MATHS_TONE_MAX_MHZ || freq_mhz[1] > MATHS_TONE_MAX_MHZ)
		return -EINVAL;
	if (p->fxs.ringing)
		return -EBUSY;
	ret = set_oscillator(p, 0, freq_mhz[0], clamp(level_mdbm[0], -90000, 3000));
	if (!ret)
		ret = set_oscillator(p, 1, freq_mhz[1], clamp(level_mdbm[1], -90000, 3000));
	return ret;
}

int fxs_tone_stop(struct tdm400_port *p)
{
	return stop_oscillators(p);
}

static int set_ring_voltage(struct tdm400_port *p, u32 mv)
{
	u32 now_mhz = p->fxs.ring_now_mhz;

	p->fxs.ring_mv = mv;
	p->fxs.ring_now_mhz = 0;
	return set_ring(p, now_mhz ? now_mhz : p->fxs.ring_mhz);
}

int fxs_set_param(struct tdm400_port *p, u32 id, s64 value)
{
	struct tdm400_fxs *f = &p->fxs;

	switch (id) {
	case TAPI_LINE_PARAM_RX_GAIN:
		f->rx_mdb = value;
		return set_gains(p);
	case TAPI_LINE_PARAM_TX_GAIN:
		f->tx_mdb = value;
		return set_gains(p);
	case TAPI_LINE_PARAM_IMPEDANCE:
		f->impedance = value;
		return tdm400_write(p, FXS_IMPEDANCE, FXS_IMPEDANCE_ON | f->impedance);
	case TAPI_LINE_PARAM_LOOP_CURRENT:
		f->loop_current = tables_loop_current(value);
		return tdm400_write(p, FXS_LOOP_CURRENT, f->loop_current);
	case TDM400_PARAM_RING_VOLTAGE:
		return set_ring_voltage(p, value);
	case TDM400_PARAM_RING_FREQ:
		f->ring_mhz = value;
		return 0;
	case TDM400_PARAM_OHT_TIME:
		f->oht_ms = value;
		return 0;
	default:
		return -EINVAL;
	}
}

static int fxs_signed(int value, int unit)
{
	int amount = (value & (FXS_SIGN - 1)) * unit;

	return value & FXS_SIGN ? -amount : amount;
}

int fxs_measure(struct tdm400_port *p, struct tapi_line_measure *m)
{
	int loop = tdm400_read(p, FXS_LOOP_VOLTAGE);
	int tip = tdm400_read(p, FXS_TIP_SENSE);
	int ring = tdm400_read(p, FXS_RING_SENSE);
	int battery = tdm400_read(p, FXS_BATTERY_SENSE);
	int sense = tdm400_read(p, FXS_LOOP_SENSE);

	if (loop < 0 || tip < 0 || ring < 0 || battery < 0 || sense < 0)
		return -EIO;
	m->loop_mv = fxs_signed(loop, FXS_LOOP_UV / 1000);
	m->tip_mv = -tip * FXS_SENSE_UV / 1000;
	m->ring_mv = -ring * FXS_SENSE_UV / 1000;
	m->batt_mv = -battery * FXS_SENSE_UV / 1000;
	m->loop_ua = fxs_signed(sense, FXS_LOOP_UA);
	m->valid = BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4);
	return 0;
}

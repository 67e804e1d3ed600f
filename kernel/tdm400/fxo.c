// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line of an exchange on a Si3050: hook, ringing, battery, polarity, settings.
 *
 * Process context, the port's lock held.
 */
#include <linux/minmax.h>

#include "maths.h"
#include "tdm400.h"

/*
 * Ringing is a voltage that is or is not there at the moment of a look.  Half its period is
 * 10 to 31 ms: looks 7 ms apart see all of it, and 13 ms apart they do not keep falling on its
 * crossings of zero.
 */
#define FXO_RING_BUSY_NS	(7 * NSEC_PER_MSEC)
#define FXO_RING_NS		(13 * NSEC_PER_MSEC)
/* Until then the chip is asked what it has noticed, and nothing of that is urgent */
#define FXO_IDLE_LOOKS		2
/* An exchange that clears a call takes the battery away for 250 ms at least */
#define FXO_VOLTS_NS		(125 * NSEC_PER_MSEC)
#define FXO_VOLTS_IDLE_NS	(240 * NSEC_PER_MSEC)
#define FXO_VOLTS_BUSY_NS	(20 * NSEC_PER_MSEC)
#define FXO_HOOK_NS		(1000ULL * NSEC_PER_MSEC)
#define FXO_CHECK_NS		(2000ULL * NSEC_PER_MSEC)
/* The chip's own counters and the exchange's relays, after we have moved the hook */
#define FXO_QUIET_NS		(200 * NSEC_PER_MSEC)

#define FXO_BATTERY_MIN_V	3
#define FXO_LOOP_UA		1100
/* The chip of the line side that knows four impedances, and the one that fits most */
#define FXO_SI3018		1
#define FXO_ACIM_GLOBAL		0xf
#define FXO_COUNTRY_NZ		554
#define FXO_NZ_TX_MDB		700
#define FXO_TX_MAX_MDB		12000

/**
 * fxo_defaults() - settings of a line nobody has changed
 * @p: the socket
 */
void fxo_defaults(struct tdm400_port *p)
{
	p->fxo.country = tdm400_country;
	p->fxo.impedance = tables_country(tdm400_country)->acim;
}

static u8 known_acim(const struct tdm400_fxo *x)
{
	if (x->line_side != FXO_SI3018)
		return x->impedance;
	return x->impedance == 0 || x->impedance == 3 || x->impedance == 4 ? x->impedance :
									 FXO_ACIM_GLOBAL;
}

static int set_gains(struct tdm400_port *p)
{
	s32 extra_mdb = p->fxo.country == FXO_COUNTRY_NZ ? FXO_NZ_TX_MDB : 0;
	u8 tx[2], rx[2];

	maths_fxo_gain(min(p->fxo.tx_mdb + extra_mdb, FXO_TX_MAX_MDB), &tx[0], &tx[1]);
	maths_fxo_gain(p->fxo.rx_mdb, &rx[0], &rx[1]);
	{
		const u8 gains[][2] = {
			{ FXO_TX_GAIN_DB, tx[0] }, { FXO_TX_GAIN_TENTH, tx[1] },
			{ FXO_RX_GAIN_DB, rx[0] }, { FXO_RX_GAIN_TENTH, rx[1] },
		};

		return tdm400_write_table(p, gains, ARRAY_SIZE(gains));
	}
}

/* The slow release that spares the contacts of old exchanges goes with OHS */
static int set_spark(struct tdm400_port *p, bool slow)
{
	int value = tdm400_read_twice(p, FXO_SPARK);

	if (value < 0)
		return value;
	value = slow ? value | FXO_SPARK_SQ : value & ~FXO_SPARK_SQ;
	return tdm400_write(p, FXO_SPARK, value);
}

static int set_country(struct tdm400_port *p)
{
	const struct tables_country *c = tables_country(p->fxo.country);
	int ret;

	if (!c)
		return -EINVAL;
	{
		const u8 regs[][2] = {
			{ FXO_INTL1, tables_intl1(c) },
			{ FXO_INTL3, 0 },
			{ FXO_RING_VALID3, FXO_RING_VALID3_OFF },
			{ FXO_DC_TERM, tables_dc_term(c) },
			{ FXO_AC_TERM, known_acim(&p->fxo) },
			{ FXO_DAA5, FXO_DAA5_BASE | c->ohs2 << 3 },
		};

		ret = tdm400_write_table(p, regs, ARRAY_SIZE(regs));
	}
	return ret ? ret : set_spark(p, c->ohs);
}

static u8 hook_bits(const struct tdm400_fxo *x)
{
	return x->off_hook ? FXO_DAA1_OFF_HOOK : FXO_DAA1_MONITOR;
}

static int write_hook(struct tdm400_port *p)
{
	int ret = 0;

	/* the data sheet wants the monitor off before the hook is lifted */
	if (p->fxo.off_hook)
		ret = tdm400_write(p, FXO_DAA1, 0);
	return ret ? ret : tdm400_write(p, FXO_DAA1, hook_bits(&p->fxo));
}

static bool hook_is(const struct tdm400_fxo *x, int daa1)
{
	return (daa1 & FXO_DAA1_HOOK) == hook_bits(x);
}

/**
 * fxo_look() - take the line's state as it is
 * @p: the socket, locked
 *
 * Context: Process context, may sleep.
 * Return: 0; what tdm400_read() says.
 */
int fxo_look(struct tdm400_port *p)
{
	int volts = tdm400_read_twice(p, FXO_LINE_VOLTAGE);

	if (volts == -EAGAIN)
		volts = 0;
	if (volts < 0)
		return volts;
	p->fxo.battery.level = abs((s8)volts) >= FXO_BATTERY_MIN_V;
	p->fxo.reversed.level = p->fxo.battery.level && (s8)volts < 0;
	return 0;
}

/**
 * fxo_apply() - give a chip that was initialised the line's settings
 * @p: the socket, locked
 *
 * Context: Process context, may sleep.
 * Return: 0; what tdm400_write() says.
 */
int fxo_apply(struct tdm400_port *p)
{
	unsigned int i;
	int ret = set_country(p);

	if (!ret)
		ret = write_hook(p);
	if (!ret)
		ret = set_gains(p);
	for (i = 0; i < FXO_HYBRID_TAPS && !ret; i++)
		ret = tdm400_write(p, FXO_HYBRID1 + i, p->fxo.taps[i]);
	p->fxo.quiet_ns = ktime_get_ns() + FXO_QUIET_NS;
	return ret;
}

int fxo_set_hook(struct tdm400_port *p, bool off)
{
	struct tdm400_fxo *x = &p->fxo;
	unsigned int try;
	int ret, is;

	x->off_hook = off;
	x->quiet_ns = ktime_get_ns() + FXO_QUIET_NS;
	detect_ring_disturb(&x->ring);
	for (try = 0; try < 2; try++) {
		ret = write_hook(p);
		if (ret)
			return ret;
		/* once, while it is right: the core times dial pulses from our return */
		is = tdm400_read(p, FXO_DAA1);
		if (is >= 0 && hook_is(x, is))
			return 0;
		p->spi_errors++;
	}
	return is == -ENODEV ? is : -EIO;
}

int fxo_set_param(struct tdm400_port *p, u32 id, s64 value)
{
	struct tdm400_fxo *x = &p->fxo;
	const struct tables_country *c;

	switch (id) {
	case TAPI_LINE_PARAM_RX_GAIN:
		x->rx_mdb = value;
		return set_gains(p);
	case TAPI_LINE_PARAM_TX_GAIN:
		x->tx_mdb = value;
		return set_gains(p);
	case TAPI_LINE_PARAM_IMPEDANCE:
		x->impedance = value;
		return tdm400_write(p, FXO_AC_TERM, known_acim(x));
	case TAPI_LINE_PARAM_COUNTRY:
		c = tables_country(value);
		if (!c)
			return -EINVAL;
		x->country = value;
		x->impedance = c->acim;
		return set_country(p) ?: set_gains(p);
	case TDM400_PARAM_HYBRID1 ... TDM400_PARAM_HYBRID8:
		x->taps[id - TDM400_PARAM_HYBRID1] = value;
		return tdm400_write(p, FXO_HYBRID1 + id - TDM400_PARAM_HYBRID1, value);
	default:
		return -EINVAL;
	}
}

int fxo_measure(struct tdm400_port *p, struct tapi_line_measure *m)
{
	int volts = tdm400_read_twice(p, FXO_LINE_VOLTAGE);
	int current_ma = tdm400_read(p, FXO_LOOP_CURRENT);

	if (volts < 0 || current_ma < 0)
		return -EIO;
	m->loop_mv = (s8)volts * 1000;
	m->valid = BIT(0);
	if (p->fxo.off_hook) {
		m->loop_ua = current_ma * FXO_LOOP_UA;
		m->valid |= BIT(4);
	}
	return 0;
}

static void report_ring(struct tdm400_port *p)
{
	struct detect_ring *r = &p->fxo.ring;

	tapi_report_ring(p->line, r->on, 0, ns_to_ktime(r->on ? r->first_ns : r->last_ns));
}

static void poll_ring(struct tdm400_port *p, int daa1, u64 now_ns)
{
	struct tdm400_fxo *x = &p->fxo;
	bool seen = x->battery.level && (daa1 & FXO_DAA1_RING);

	if (seen && !x->ring.on) {
		/* a disturbed bit is not there twice, a half wave is */
		int again = tdm400_read_bits(p, FXO_DAA1, FXO_DAA1_RING);

		seen = again >= 0 && (again & daa1 & FXO_DAA1_RING);
	}
	if (now_ns >= x->quiet_ns && detect_ring(&x->ring, seen, now_ns))
		report_ring(p);
}

/* Seizing the line has tripped the exchange's ringing */
static void end_ring(struct tdm400_port *p, u64 now_ns)
{
	bool on = p->fxo.ring.on;

	p->fxo.ring = (struct detect_ring){};
	if (on)
		tapi_report_ring(p->line, false, 0, ns_to_ktime(now_ns));
}

static bool volts_busy(const struct tdm400_fxo *x)
{
	return x->battery.differs_ns || x->reversed.differs_ns;
}

/* Ringing swings the voltage through zero; and it settles only after the hook has moved */
static void poll_volts(struct tdm400_port *p, u64 now_ns)
{
	struct tdm400_fxo *x = &p->fxo;
	int volts;

	x->volts_ns = now_ns + (x->off_hook ? FXO_VOLTS_NS : FXO_VOLTS_IDLE_NS);
	if (now_ns < x->quiet_ns || detect_ring_busy(&x->ring)) {
		x->volts_ns = now_ns + FXO_VOLTS_NS;
		return;
	}
	volts = tdm400_read(p, FXO_LINE_VOLTAGE);
	if (volts < 0)
		return;
	volts = (s8)volts;
	if (detect_level(&x->battery, abs(volts) >= FXO_BATTERY_MIN_V, now_ns))
		tapi_report_battery(p->line, x->battery.level, volts * 1000,
				    ns_to_ktime(x->battery.since_ns));
	if (abs(volts) >= FXO_BATTERY_MIN_V && detect_level(&x->reversed, volts < 0, now_ns))
		tapi_report_polarity(p->line, x->reversed.level,
				     ns_to_ktime(x->reversed.since_ns));
	if (volts_busy(x))
		x->volts_ns = now_ns + FXO_VOLTS_BUSY_NS;
}

static void poll_check(struct tdm400_port *p, u64 now_ns)
{
	int status, reset;

	p->fxo.check_ns = now_ns + FXO_CHECK_NS;
	reset = si3050_is_reset(p);
	if (reset > 0) {
		tdm400_module_revive(p);
		return;
	}
	if (!p->fxo.off_hook || now_ns < p->fxo.quiet_ns)
		return;
	status = tdm400_read_bits(p, FXO_LINE_STATUS, FXO_OVERLOAD);
	if (status == FXO_OVERLOAD)
		status = tdm400_read_twice(p, FXO_LINE_STATUS);
	if (status >= 0 && (status & FXO_OVERLOAD) == FXO_OVERLOAD)
		tdm400_module_fault(p, TAPI_LINE_FAULT_OVERLOAD);
}

/* Register 5 says what it was not told: the chip was disturbed, or reset */
static void poll_disturbed(struct tdm400_port *p, u64 now_ns)
{
	int daa1 = tdm400_read_twice(p, FXO_DAA1);

	p->spi_errors++;
	if (daa1 < 0 || hook_is(&p->fxo, daa1))
		return;
	poll_check(p, now_ns);
	if (!p->down)
		write_hook(p);
}

/* Ringing and a change of polarity are kept by the chip until they are cleared */
static void poll_source(struct tdm400_port *p, u64 now_ns)
{
	struct tdm400_fxo *x = &p->fxo;
	int source = tdm400_read_bits(p, FXO_INT_SOURCE, FXO_INT_RING | FXO_INT_POLARITY);

	/* before the line is looked at: what comes meanwhile is found the next time */
	if (source <= 0 || tdm400_write(p, FXO_INT_SOURCE, 0))
		return;
	if (source & FXO_INT_RING)
		x->watched = true;
	if (source & FXO_INT_POLARITY)
		x->volts_ns = now_ns;
}

/**
 * fxo_poll() - look at a line
 * @p: the socket, locked and working
 * @now_ns: the time
 *
 * Context: Process context, may sleep.
 * Return: when to look again.
 */
u64 fxo_poll(struct tdm400_port *p, u64 now_ns)
{
	struct tdm400_fxo *x = &p->fxo;
	u64 due_ns = now_ns + FXO_IDLE_LOOKS * tdm400_poll_ms * NSEC_PER_MSEC;
	int daa1 = 0;
	bool look;

	if (x->off_hook)
		end_ring(p, now_ns);
	else if (!x->watched)
		poll_source(p, now_ns);
	look = x->watched || now_ns >= x->hook_ns;
	if (look) {
		daa1 = tdm400_read_bits(p, FXO_DAA1, FXO_DAA1_LOOK);
		if (daa1 < 0)
			return due_ns;
		x->hook_ns = now_ns + FXO_HOOK_NS;
		if (!hook_is(x, daa1)) {
			poll_disturbed(p, now_ns);
			return now_ns + TDM400_POLL_BUSY_NS;
		}
	}
	if (look && !x->off_hook)
		poll_ring(p, daa1, now_ns);
	if (now_ns >= x->volts_ns)
		poll_volts(p, now_ns);
	if (now_ns >= x->check_ns)
		poll_check(p, now_ns);
	x->watched = !x->off_hook && (detect_ring_busy(&x->ring) || daa1 & FXO_DAA1_RDT);
	if (x->watched)
		return now_ns + (detect_ring_busy(&x->ring) ? FXO_RING_BUSY_NS : FXO_RING_NS);
	if (x->off_hook)
		return min(x->volts_ns, x->hook_ns);
	return volts_busy(x) ? min(due_ns, x->volts_ns) : due_ns;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The analogue side of Si3210 and Si3215: battery, linefeed, ringing, loop detectors, tones. */
#include <math.h>
#include <stdlib.h>

#include "model.h"
#include "si3210.h"

#define RAMP_VOLTS	(75.0 / MS_FRAMES(100)) /* a frame */
#define DECAY_MS	500.0
#define LEAK_DECAY_MS	20.0
#define DEBOUNCE_FRAMES 10u /* 1.25 ms */
#define DBM0_PEAK	22379.0 /* of a sine of 0 dBm0 = 0.7746 V */

static uint16_t timer(const struct module *module, unsigned int reg)
{
	return (uint16_t)(module->regs[reg] | module->regs[reg + 1] << 8);
}

static double coefficient(const struct module *module, unsigned int indirect)
{
	return (int16_t)module->slic.indirect[indirect] / 32768.0;
}

/* The gain of a resonator whose start value sets the amplitude */
static double resonance(double c)
{
	return c < 1 && c > -1 ? 4 / sqrt((1 - c) / (1 + c)) : 0;
}

static unsigned int command(const struct module *module)
{
	return module->regs[SLIC_LINEFEED] & 7;
}

/** si3210_shadow() - the state the line is in now */
uint8_t si3210_shadow(const struct module *module)
{
	unsigned int state = command(module);

	return (uint8_t)(state == FEED_RINGING && module->slic.ring_pause ? FEED_FORWARD_OHT :
									    state);
}

/* Everything the data sheet leaves undefined after reset */
static void check_indirect(struct module *module)
{
	for (unsigned int i = module->si3215 ? IND_OSC1 : 0; i <= IND_DCDC_MIN; i++) {
		if ((i >= 23 && i <= 25) || module->slic.known[i])
			continue;
		violation(module->card, "indirect-undefined",
			  "socket %u fed with indirect register %u not written", module->socket, i);
		return;
	}
}

static void check_linefeed(struct module *module, uint8_t state)
{
	struct card *card = module->card;

	if (state == FEED_OPEN)
		return;
	check_indirect(module);
	if (!module->slic.calibrated)
		violation(card, "uncalibrated", "socket %u fed before calibration", module->socket);
	if (module->slic.battery < LEAST_FEED_VOLTS)
		violation(card, "no-battery", "socket %u fed without battery", module->socket);
	if (state == FEED_RINGING && (module->regs[SLIC_OSC1 + 1] & 0x04))
		violation(card, "osc2", "socket %u: oscillator 2 enabled while ringing",
			  module->socket);
}

void si3210_set_linefeed(struct module *module, uint8_t state)
{
	struct si3210 *slic = &module->slic;

	if (state == command(module))
		return;
	check_linefeed(module, state);
	module->regs[SLIC_LINEFEED] = state;
	slic->ring_pause = false;
	if (state == FEED_RINGING) {
		slic->ring_since = module->card->frame;
		slic->ring_phase = 0;
		slic->trip_frames = 0;
		module->regs[SLIC_LOOP] &= (uint8_t)~LOOP_TRIPPED;
	}
}

/** si3210_power_alarm() - @transistors: bit n = Q(n+1) is too hot */
void si3210_power_alarm(struct module *module, uint8_t transistors)
{
	module->regs[SLIC_STATUS2] |= (uint8_t)(transistors << 2);
	if (module->regs[SLIC_AUTO] & AUTO_ALARM)
		module->regs[SLIC_LINEFEED] = FEED_OPEN;
}

static void run_battery(struct module *module)
{
	struct si3210 *slic = &module->slic;
	double target = 0, decay = module->faults.leak ? LEAK_DECAY_MS : DECAY_MS;

	if (!(module->regs[SLIC_POWER1] & POWER1_DCDC_OFF) && module->regs[SLIC_PWM] &&
	    !module->card->options.no_12v)
		target = 1.5 * module->regs[SLIC_BATTERY_HIGH];
	if (module->faults.leak && target > 20)
		target = 20;
	if (slic->battery < target)
		slic->battery = fmin(target, slic->battery + RAMP_VOLTS);
	else if (slic->battery > target)
		slic->battery = fmax(target, slic->battery * exp(-1 / (decay * 8)));
}

static void run_ringing(struct module *module)
{
	struct si3210 *slic = &module->slic;
	struct wire *wire = module->wire;
	uint8_t control = module->regs[SLIC_RING_OSC];
	uint64_t on = timer(module, SLIC_RING_ACTIVE), off = timer(module, SLIC_RING_PAUSE);
	double c = coefficient(module, IND_RCO), x = slic->indirect[IND_RNGX] / 32768.0, peak;

	slic->ring_pause = (control & 0x18) == 0x18 && on + off &&
			   (module->card->frame - slic->ring_since) % (on + off) >= on;
	if (slic->ring_pause)
		return;
	peak = fmin(96 * x * (control & 1 ? 1 : resonance(c)), slic->battery);
	wire->ring_hz = acos(c) * 1000 / (2 * M_PI);
	wire->ring_vrms = peak / M_SQRT2;
	slic->ring_phase += 2 * M_PI * wire->ring_hz / 8000;
	wire->ring_volts = peak * sin(slic->ring_phase);
}

/* The cadence of an oscillator: on and off times, each used only when enabled */
static bool osc_sounds(const struct module *module, unsigned int index)
{
	uint8_t control = module->regs[SLIC_OSC1 + index];
	unsigned int timers = SLIC_OSC_TIMERS + 4 * index;
	uint64_t on = timer(module, timers), off = timer(module, timers + 2);
	uint64_t at = module->card->frame - module->slic.osc[index].since;

	if (!(control & 0x04))
		return false;
	if (!(control & 0x10) || !on)
		return true;
	return control & 0x08 ? at % (on + off) < on : at < on;
}

/* What the oscillators give to one side: 1 towards the bus, 2 towards the telephone */
static double tones(const struct module *module, unsigned int side)
{
	double value = 0;

	for (unsigned int i = 0; i < 2; i++) {
		const struct osc *osc = &module->slic.osc[i];
		unsigned int base = i ? IND_OSC2 : IND_OSC1;

		if (osc->on && (module->regs[SLIC_OSC1 + i] & side))
			value += sin(osc->phase) * DBM0_PEAK * 1.11 * M_SQRT1_2 / 0.7746 * M_SQRT2 *
				 module->slic.indirect[base + 1] / 32767.0 *
				 resonance(coefficient(module, base));
	}
	return value;
}

static void run_tones(struct module *module)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct osc *osc = &module->slic.osc[i];
		double c = coefficient(module, i ? IND_OSC2 : IND_OSC1);

		if (!(module->regs[SLIC_OSC1 + i] & 0x04)) {
			osc->since = module->card->frame;
			osc->phase = 0;
		}
		osc->on = osc_sounds(module, i);
		if (osc->on)
			osc->phase += acos(c);
	}
}

static double analog_gain(unsigned int code)
{
	static const double gains[] = { 1, 0.6683, 1.4962, 0 };

	return gains[code & 3];
}

/* Exact where the gain is 0 dB and nothing is added */
static int16_t amplify(int16_t sample, unsigned int digital, double analog, double add)
{
	double value = sample;

	if (digital != 0x4000)
		value *= digital / 16384.0;
	value = value * analog + add;
	return (int16_t)lrint(fmax(INT16_MIN, fmin(INT16_MAX, value)));
}

static void get_pcm(struct module *module)
{
	static const uint8_t formats[] = { PCM_ALAW, PCM_MULAW, PCM_LINEAR, PCM_LINEAR };
	const uint8_t *regs = module->regs;

	module->pcm.enabled = regs[SLIC_PCM] & 0x20;
	module->pcm.format = formats[regs[SLIC_PCM] >> 3 & 3];
	module->pcm.wide = regs[SLIC_PCM] & 0x04;
	module->pcm.transmit = regs[SLIC_TX_START] | (regs[SLIC_TX_START + 1] & 3u) << 8;
	module->pcm.receive = regs[SLIC_RX_START] | (regs[SLIC_RX_START + 1] & 3u) << 8;
}

/** si3210_drive() - one frame: what the chip puts on the wire */
void si3210_drive(struct module *module)
{
	struct wire *wire = module->wire;
	unsigned int state = command(module);
	double volts = 1.5 * (module->regs[SLIC_ON_HOOK_VOLTS] & 0x3f);

	get_pcm(module);
	run_battery(module);
	run_tones(module);
	if (module->slic.battery < LEAST_FEED_VOLTS)
		return;
	if (state == FEED_RINGING)
		run_ringing(module);
	state = si3210_shadow(module);
	if (state == FEED_OPEN || state == FEED_TIP_OPEN || state == FEED_RING_OPEN)
		return;
	volts = fmin(volts, module->slic.battery - 4);
	wire->volts = state == FEED_REVERSE || state == FEED_REVERSE_OHT ? -volts : volts;
	wire->loop_ma = 20 + 3 * (module->regs[SLIC_CURRENT_LIMIT] & 7);
	if (state == FEED_RINGING || (module->regs[SLIC_LOOPBACK] & 0x02))
		return;
	wire->down = amplify(module->regs[SLIC_GAIN] & 0x10 ? 0 : module->heard,
			     module->slic.indirect[IND_DAC], analog_gain(module->regs[SLIC_GAIN]),
			     tones(module, 2));
}

/** si3210_loop_current() - in mA */
double si3210_loop_current(const struct module *module)
{
	const struct wire *wire = module->wire;

	return wire->closed && fabs(wire->volts) > 1 ? wire->loop_ma : 0;
}

static void set_loop(struct module *module, bool closed)
{
	uint8_t *loop = &module->regs[SLIC_LOOP];
	unsigned int state = si3210_shadow(module);

	*loop = (uint8_t)((*loop & ~LOOP_CLOSED) | (closed ? LOOP_CLOSED : 0));
	module->regs[SLIC_STATUS2] |= 0x02;
	if (!closed)
		*loop &= (uint8_t)~LOOP_TRIPPED;
	else if (module->slic.ring_pause && (module->regs[SLIC_AUTO] & (AUTO_LOOP | AUTO_TRIP)))
		si3210_set_linefeed(module, FEED_FORWARD);
	else if ((module->regs[SLIC_AUTO] & AUTO_LOOP) &&
		 (state == FEED_FORWARD_OHT || state == FEED_REVERSE_OHT))
		si3210_set_linefeed(module,
				    state == FEED_FORWARD_OHT ? FEED_FORWARD : FEED_REVERSE);
}

static void detect_trip(struct module *module, bool closed)
{
	struct si3210 *slic = &module->slic;

	slic->trip_frames = closed ? slic->trip_frames + 1 : 0;
	if (slic->trip_frames <= module->regs[SLIC_TRIP_DEBOUNCE] * DEBOUNCE_FRAMES ||
	    (module->regs[SLIC_LOOP] & LOOP_TRIPPED))
		return;
	module->regs[SLIC_LOOP] |= LOOP_TRIPPED;
	module->regs[SLIC_STATUS2] |= 0x01;
	if (module->regs[SLIC_AUTO] & AUTO_TRIP)
		si3210_set_linefeed(module, FEED_FORWARD);
}

static void detect_loop(struct module *module)
{
	struct si3210 *slic = &module->slic;
	uint8_t *loop = &module->regs[SLIC_LOOP];
	bool closed = module->wire->closed && module->wire->loop_ma > 0;
	unsigned int debounce =
		module->regs[slic->ring_pause ? SLIC_PAUSE_DEBOUNCE : SLIC_LOOP_DEBOUNCE];

	*loop = (uint8_t)((*loop & ~LOOP_RAW) | (closed ? 0 : LOOP_RAW));
	if (si3210_shadow(module) == FEED_RINGING) {
		detect_trip(module, closed);
		slic->closed_frames = 0;
		return;
	}
	if (closed == (bool)(*loop & LOOP_CLOSED)) {
		slic->closed_frames = 0;
		return;
	}
	if (++slic->closed_frames <= debounce * DEBOUNCE_FRAMES)
		return;
	slic->closed_frames = 0;
	set_loop(module, closed);
}

static bool dtmf_ready(const struct module *module)
{
	if (module->si3215)
		return false;
	for (unsigned int i = 0; i <= IND_DTMF_END; i++)
		if (!module->slic.known[i])
			return false;
	return true;
}

static void detect_digit(struct module *module, int16_t sample)
{
	char digit = dtmf_ready(module) ? dtmf_hear(&module->slic.dtmf, sample) : 0;

	if (!digit)
		return;
	module->slic.digit = digit;
	module->regs[SLIC_STATUS3] |= 0x01;
}

/** si3210_sense() - one frame: detectors, and the sound towards the bus */
void si3210_sense(struct module *module)
{
	unsigned int state;
	int16_t said;

	detect_loop(module);
	state = si3210_shadow(module);
	said = state == FEED_RINGING || state == FEED_OPEN ? 0 : module->wire->up;
	detect_digit(module, said);
	if (module->regs[SLIC_LOOPBACK] & 0x07) {
		module->sent = module->heard;
		return;
	}
	module->sent = amplify(module->regs[SLIC_GAIN] & 0x20 ? 0 : said,
			       module->slic.indirect[IND_ADC],
			       analog_gain(module->regs[SLIC_GAIN] >> 2), tones(module, 1));
}

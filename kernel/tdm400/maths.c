// SPDX-License-Identifier: GPL-2.0-only
/*
 * Oscillators and gains of the modules' chips, from the formulas of their data sheets
 * (Si3215 2.4, 2.5; Si3050 registers 38 to 41).  Pure code, also built for the host.
 *
 * Fractions are integers in units of 2^-30.
 */
#include "maths.h"

#define Q30			((s64)BIT_ULL(30))
#define Q30_PI			3373259426LL
#define Q30_TWO_PI		6746518852ULL

/* Voltage of 0 dBm into 600 ohms, uV rms */
#define MATHS_0DBM_UV		774597
/* Full scale of the tone oscillators, uV rms, and of the ringing oscillator, mV peak */
#define MATHS_TONE_FULL_UV	1110000
#define MATHS_RING_FULL_MV	96000
#define MATHS_X_MAX		0x7fff
/* Indirect gain registers: 0 dB */
#define MATHS_FXS_UNITY		0x4000

static s64 mul_q30(s64 a, s64 b)
{
	return (a * b) >> 30;
}

/* Taylor series; good to 2^-25 for angles up to a quarter of pi */
static s64 small_cos_q30(s64 x)
{
	s64 xx = mul_q30(x, x);
	s64 sum = Q30 - div_s64(xx, 56);

	sum = Q30 - mul_q30(div_s64(xx, 30), sum);
	sum = Q30 - mul_q30(div_s64(xx, 12), sum);
	return Q30 - mul_q30(xx / 2, sum);
}

static s64 small_sin_q30(s64 x)
{
	s64 xx = mul_q30(x, x);
	s64 sum = Q30 - div_s64(xx, 72);

	sum = Q30 - mul_q30(div_s64(xx, 42), sum);
	sum = Q30 - mul_q30(div_s64(xx, 20), sum);
	sum = Q30 - mul_q30(div_s64(xx, 6), sum);
	return mul_q30(x, sum);
}

/* @x from 0 to half of pi */
static s64 cos_q30(s64 x)
{
	return x > Q30_PI / 4 ? small_sin_q30(Q30_PI / 2 - x) : small_cos_q30(x);
}

static s64 angle_q30(u32 freq_mhz, u32 rate_hz)
{
	return div64_u64(freq_mhz * Q30_TWO_PI, (u64)rate_hz * 1000);
}

/**
 * maths_cos_q30() - the coefficient of an oscillator
 * @freq_mhz: frequency, mHz; not above half the rate
 * @rate_hz: rate at which it is computed
 *
 * Return: cos(2 pi f / rate), in units of 2^-30.
 */
s32 maths_cos_q30(u32 freq_mhz, u32 rate_hz)
{
	s64 x = angle_q30(freq_mhz, rate_hz);

	if (x > Q30_PI / 2)
		return -cos_q30(x < Q30_PI ? Q30_PI - x : 0);
	return cos_q30(x);
}

/* sqrt((1 - cos w) / (1 + cos w)) = tan(w / 2), in units of 2^-20: room for the products below */
static u64 half_tan_q20(u32 freq_mhz, u32 rate_hz)
{
	s64 half = angle_q30(freq_mhz, rate_hz) / 2;

	return div64_u64((u64)cos_q30(Q30_PI / 2 - half) << 20, cos_q30(half));
}

static u32 coeff_of(u32 freq_mhz, u32 rate_hz)
{
	/* rounded down, as in the data sheet's example */
	s32 coeff = maths_cos_q30(freq_mhz, rate_hz) >> 15;

	return (coeff > 0x7fff ? 0x7fff : coeff) & 0xffff;
}

static u32 x_limit(u64 x)
{
	return x > MATHS_X_MAX ? MATHS_X_MAX : x;
}

/**
 * maths_gain_q30() - a gain as a factor
 * @mdb: the gain, thousandths of a dB, at most 5000
 *
 * Return: 10^(@mdb / 20000), in units of 2^-30.
 */
u32 maths_gain_q30(s32 mdb)
{
	static const struct {
		s32 mdb;
		u32 factor;
	} down[] = {
		{ 1000, 956973408 }, { 100, 1061450803 }, { 10, 1072506344 }, { 1, 1073618212 },
	};
	u64 gain = Q30;
	unsigned int i;
	u32 up = 1;

	if (mdb > 0) {
		mdb -= 20000;
		up = 10;
	}
	for (i = 0; i < ARRAY_SIZE(down); i++)
		for (; mdb <= -down[i].mdb; mdb += down[i].mdb)
			gain = gain * down[i].factor >> 30;
	gain *= up;
	return gain > U32_MAX ? U32_MAX : gain;
}

/**
 * maths_tone() - an oscillator of the Si3210 for a tone
 * @osc: filled in
 * @freq_mhz: frequency, mHz, up to %MATHS_TONE_MAX_MHZ
 * @level_mdbm: level into 600 ohms, thousandths of a dBm
 */
void maths_tone(struct maths_osc *osc, u32 freq_mhz, s32 level_mdbm)
{
	u64 uv = (u64)maths_gain_q30(level_mdbm) * MATHS_0DBM_UV >> 30;
	u64 x = half_tan_q20(freq_mhz, MATHS_TONE_RATE) * 0x7fff >> 12;

	osc->coeff = coeff_of(freq_mhz, MATHS_TONE_RATE);
	osc->x = x_limit(div64_u64(x * uv, 4ULL * MATHS_TONE_FULL_UV) >> 8);
}

/**
 * maths_ring() - the ringing oscillator of the Si3210
 * @osc: filled in
 * @freq_mhz: frequency, mHz
 * @peak_mv: peak voltage, mV
 */
void maths_ring(struct maths_osc *osc, u32 freq_mhz, u32 peak_mv)
{
	u64 x = half_tan_q20(freq_mhz, MATHS_RING_RATE) << 15;

	osc->coeff = coeff_of(freq_mhz, MATHS_RING_RATE);
	osc->x = x_limit(div64_u64((x >> 8) * peak_mv, 4ULL * MATHS_RING_FULL_MV) >> 12);
}

/**
 * maths_fxs_gain() - an indirect gain register of the Si3210
 * @mdb: gain, thousandths of a dB
 *
 * Return: its value.
 */
u32 maths_fxs_gain(s32 mdb)
{
	return x_limit((u64)maths_gain_q30(mdb) * MATHS_FXS_UNITY >> 30);
}

/**
 * maths_fxo_gain() - a pair of gain registers of the Si3050
 * @mdb: gain, thousandths of a dB
 * @db: filled in: register of whole dB
 * @tenth: filled in: register of tenths
 */
void maths_fxo_gain(s32 mdb, u8 *db, u8 *tenth)
{
	u8 sign = mdb < 0 ? 0x10 : 0;
	u32 tenths = (mdb < 0 ? -mdb : mdb) / 100;

	*db = sign | tenths / 10;
	*tenth = tenths % 10 ? sign | tenths % 10 : 0;
}

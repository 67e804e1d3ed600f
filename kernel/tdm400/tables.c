// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables: indirect registers of the Si3210, countries of the Si3050, digits.  Pure code, also
 * built for the host.
 */
#include <linux/tapi_line.h>

#include "tables.h"
#include "regs.h"

/*
 * Undefined after a reset, so all are written.  For modules with discrete line drivers.
 * The place in this table is the number in the Si3210, 43 in all and one for FSK.
 */
const struct tables_indirect tables_indirects[IND_TABLE] = {
	/* DTMF decoder */
	{ 0, IND_NONE, 0x55c2 }, { 1, IND_NONE, 0x51e6 }, { 2, IND_NONE, 0x4b85 },
	{ 3, IND_NONE, 0x4937 }, { 4, IND_NONE, 0x3333 }, { 5, IND_NONE, 0x0202 },
	{ 6, IND_NONE, 0x0202 }, { 7, IND_NONE, 0x0198 }, { 8, IND_NONE, 0x0198 },
	{ 9, IND_NONE, 0x0611 }, { 10, IND_NONE, 0x0202 }, { 11, IND_NONE, 0x00e5 },
	{ 12, IND_NONE, 0x0a1c },
	/* oscillators: coefficient, amplitude, phase */
	{ 13, 0, 0x7b30 }, { 14, 1, 0x0063 }, { 15, 2, 0x0000 },
	{ 16, 3, 0x7870 }, { 17, 4, 0x007d }, { 18, 5, 0x0000 },
	/* ringing: offset, coefficient, amplitude, phase */
	{ 19, 6, 0x0000 }, { 20, 7, 0x7efd }, { 21, 8, 0x0160 }, { 22, 9, 0x0000 },
	/* pulse metering */
	{ 23, 10, 0x2000 }, { 24, 11, 0x2000 }, { 25, 12, 0x0000 },
	/* gains to the phone and from it */
	{ 26, 13, 0x4000 }, { 27, 14, 0x4000 },
	/* thresholds: loop closure, ring trip, common mode */
	{ 28, 15, 0x1000 }, { 29, 16, 0x3600 }, { 30, 17, 0x1000 }, { 31, 18, 0x0200 },
	/* power alarms of the three pairs of transistors */
	{ 32, 19, 0x07c0 }, { 33, 20, 0x2600 }, { 34, 21, 0x1b80 },
	/* their filters */
	{ 35, 22, 0x8000 }, { 36, 23, 0x0320 }, { 37, 24, 0x008c }, { 38, 25, 0x0100 },
	{ 39, 26, 0x0010 },
	{ 40, 27, 0x0c00 },
	/* voltage converter */
	{ 41, 64, 0x0c00 }, { 42, IND_NONE, 0x1000 }, { 43, 66, 0x1000 },
};

enum group {
	GROUP_FCC, GROUP_600, GROUP_TBR21, GROUP_TBR21_FAST, GROUP_DE, GROUP_UK, GROUP_AU, GROUP_ZA,
	GROUP_NZ, GROUP_CN, GROUP_MINI, GROUP_PL, GROUP_SK, GROUP_SI, GROUP_BG,
};

static const struct tables_country groups[] = {
	[GROUP_FCC] = { .name = "FCC", .rt = 1, .dcv = 3 },
	[GROUP_600] = { .name = "600 ohm", .dcv = 3 },
	[GROUP_TBR21] = { .name = "TBR21", .ilim = 1, .dcv = 3, .acim = 2 },
	[GROUP_TBR21_FAST] = { .name = "TBR21, 3 ms", .ohs2 = 1, .ilim = 1, .dcv = 3, .acim = 2 },
	[GROUP_DE] = { .name = "Germany, Austria", .ohs2 = 1, .ilim = 1, .dcv = 3, .acim = 3 },
	[GROUP_UK] = { .name = "United Kingdom", .ohs2 = 1, .ilim = 1, .dcv = 3, .acim = 5 },
	[GROUP_AU] = { .name = "Australia", .ohs = 1, .mini = 3, .acim = 3 },
	[GROUP_ZA] = { .name = "South Africa", .ohs = 1, .rz = 1, .dcv = 3, .acim = 3 },
	[GROUP_NZ] = { .name = "New Zealand, India", .dcv = 3, .acim = 4 },
	[GROUP_CN] = { .name = "China", .mini = 3, .acim = 0xf },
	[GROUP_MINI] = { .name = "10 mA", .mini = 3 },
	[GROUP_PL] = { .name = "Poland", .rz = 1, .rt = 1, .dcv = 3 },
	[GROUP_SK] = { .name = "Slovakia", .dcv = 3, .acim = 3 },
	[GROUP_SI] = { .name = "Slovenia", .dcv = 3, .acim = 2 },
	[GROUP_BG] = { .name = "Bulgaria", .ilim = 1, .dcv = 3, .acim = 3 },
};

static const struct {
	u32 iso;
	enum group group;
} countries[] = {
	{ 0, GROUP_FCC },
	{ 32, GROUP_600 },		/* Argentina */
	{ 36, GROUP_AU },
	{ 40, GROUP_DE },		/* Austria */
	{ 48, GROUP_TBR21 },		/* Bahrain */
	{ 56, GROUP_TBR21_FAST },	/* Belgium */
	{ 76, GROUP_MINI },		/* Brazil */
	{ 100, GROUP_BG },
	{ 124, GROUP_600 },		/* Canada */
	{ 152, GROUP_600 },		/* Chile */
	{ 156, GROUP_CN },
	{ 158, GROUP_MINI },		/* Taiwan */
	{ 170, GROUP_600 },		/* Colombia */
	{ 191, GROUP_TBR21 },		/* Croatia */
	{ 196, GROUP_TBR21 },		/* Cyprus */
	{ 203, GROUP_TBR21 },		/* Czechia */
	{ 208, GROUP_TBR21_FAST },	/* Denmark */
	{ 218, GROUP_600 },		/* Ecuador */
	{ 222, GROUP_600 },		/* El Salvador */
	{ 246, GROUP_TBR21_FAST },	/* Finland */
	{ 250, GROUP_TBR21_FAST },	/* France */
	{ 276, GROUP_DE },
	{ 300, GROUP_TBR21_FAST },	/* Greece */
	{ 316, GROUP_600 },		/* Guam */
	{ 344, GROUP_600 },		/* Hong Kong */
	{ 348, GROUP_600 },		/* Hungary */
	{ 352, GROUP_TBR21_FAST },	/* Iceland */
	{ 356, GROUP_NZ },		/* India */
	{ 360, GROUP_600 },		/* Indonesia */
	{ 372, GROUP_TBR21_FAST },	/* Ireland */
	{ 376, GROUP_TBR21 },		/* Israel */
	{ 380, GROUP_TBR21_FAST },	/* Italy */
	{ 392, GROUP_MINI },		/* Japan */
	{ 398, GROUP_600 },		/* Kazakhstan */
	{ 400, GROUP_MINI },		/* Jordan */
	{ 410, GROUP_600 },		/* South Korea */
	{ 414, GROUP_600 },		/* Kuwait */
	{ 422, GROUP_TBR21 },		/* Lebanon */
	{ 428, GROUP_TBR21 },		/* Latvia */
	{ 442, GROUP_TBR21_FAST },	/* Luxembourg */
	{ 446, GROUP_600 },		/* Macao */
	{ 458, GROUP_MINI },		/* Malaysia */
	{ 470, GROUP_TBR21 },		/* Malta */
	{ 484, GROUP_600 },		/* Mexico */
	{ 504, GROUP_TBR21 },		/* Morocco */
	{ 512, GROUP_MINI },		/* Oman */
	{ 528, GROUP_TBR21_FAST },	/* Netherlands */
	{ 554, GROUP_NZ },
	{ 566, GROUP_TBR21 },		/* Nigeria */
	{ 578, GROUP_TBR21_FAST },	/* Norway */
	{ 586, GROUP_MINI },		/* Pakistan */
	{ 604, GROUP_600 },		/* Peru */
	{ 608, GROUP_MINI },		/* Philippines */
	{ 616, GROUP_PL },
	{ 620, GROUP_TBR21_FAST },	/* Portugal */
	{ 642, GROUP_600 },		/* Romania */
	{ 643, GROUP_MINI },		/* Russia */
	{ 682, GROUP_600 },		/* Saudi Arabia */
	{ 702, GROUP_600 },		/* Singapore */
	{ 703, GROUP_SK },
	{ 705, GROUP_SI },
	{ 710, GROUP_ZA },
	{ 724, GROUP_TBR21_FAST },	/* Spain */
	{ 752, GROUP_TBR21_FAST },	/* Sweden */
	{ 756, GROUP_TBR21_FAST },	/* Switzerland */
	{ 760, GROUP_MINI },		/* Syria */
	{ 764, GROUP_MINI },		/* Thailand */
	{ 784, GROUP_600 },		/* United Arab Emirates */
	{ 818, GROUP_MINI },		/* Egypt */
	{ 826, GROUP_UK },
	{ 840, GROUP_600 },		/* United States */
	{ 887, GROUP_600 },		/* Yemen */
};

/**
 * tables_country() - the settings for a country
 * @iso: its ISO 3166 number; 0 is FCC, the strictest reading of the American rules
 *
 * Return: the settings, or NULL when none are known.
 */
const struct tables_country *tables_country(u32 iso)
{
	unsigned int i;

	for (i = 0; i < tables_countries(); i++)
		if (countries[i].iso == iso)
			return &groups[countries[i].group];
	return NULL;
}

/**
 * tables_countries() - how many countries are known
 *
 * Return: the number.
 */
unsigned int tables_countries(void)
{
	return ARRAY_SIZE(countries);
}

/**
 * tables_country_at() - one of the known countries
 * @i: below tables_countries()
 * @group: filled in: its settings
 *
 * Return: its ISO 3166 number.
 */
u32 tables_country_at(unsigned int i, const struct tables_country **group)
{
	*group = &groups[countries[i].group];
	return countries[i].iso;
}

/**
 * tables_intl1() - register 16 for a country
 * @c: its settings
 *
 * Return: OHS, ringer impedance and ring threshold.
 */
u8 tables_intl1(const struct tables_country *c)
{
	return c->ohs << 6 | c->rz << 1 | c->rt;
}

/**
 * tables_dc_term() - register 26 for a country
 * @c: its settings
 *
 * Return: voltage, least current and limit.
 */
u8 tables_dc_term(const struct tables_country *c)
{
	return c->dcv << 6 | c->mini << 4 | c->ilim << 1;
}

/**
 * tables_linefeed() - the Si3210's command for a feed
 * @state: TAPI_LINE_FEED_
 * @reversed: polarity; only active and on-hook transmission know it
 *
 * Return: the command.
 */
u8 tables_linefeed(u32 state, bool reversed)
{
	switch (state) {
	case TAPI_LINE_FEED_ACTIVE:
		return FXS_LF_ACTIVE + (reversed ? FXS_LF_REVERSE : 0);
	case TAPI_LINE_FEED_OHT:
		return FXS_LF_OHT + (reversed ? FXS_LF_REVERSE : 0);
	case TAPI_LINE_FEED_TIP_OPEN:
		return FXS_LF_TIP_OPEN;
	case TAPI_LINE_FEED_RING_OPEN:
		return FXS_LF_RING_OPEN;
	default:
		return FXS_LF_OPEN;
	}
}

/**
 * tables_dtmf() - the digit that the Si3210's decoder means
 * @code: its register
 *
 * Return: the digit in ASCII.
 */
char tables_dtmf(u8 code)
{
	return "D1234567890*#ABC"[code & 0x0f];
}

/**
 * tables_dtmf_tones() - the two tones of a digit
 * @digit: the digit in ASCII
 * @freq_mhz: filled in: low and high group, mHz
 *
 * Return: false when it is no digit.
 */
bool tables_dtmf_tones(char digit, u32 freq_mhz[2])
{
	static const char keys[] = "123A456B789C*0#D";
	static const u32 rows[] = { 697000, 770000, 852000, 941000 };
	static const u32 columns[] = { 1209000, 1336000, 1477000, 1633000 };
	const char *key = digit ? strchr(keys, digit) : NULL;

	if (!key)
		return false;
	freq_mhz[0] = rows[(key - keys) / 4];
	freq_mhz[1] = columns[(key - keys) % 4];
	return true;
}

/**
 * tables_loop_current() - register 71 for a current
 * @ua: uA, 20000 to 41000
 *
 * Return: the step at or below it.
 */
u8 tables_loop_current(u32 ua)
{
	return (ua - 20000) / 3000;
}

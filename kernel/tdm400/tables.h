/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of the chips that are tables: tables.c */
#ifndef _TDM400_TABLES_H
#define _TDM400_TABLES_H

#include "core/pure.h"

/* Not in this chip */
#define IND_NONE		0xff

/**
 * struct tables_indirect - an indirect register and its first value
 * @si3210: its number in the Si3210
 * @si3215: its number in the Si3215, %IND_NONE when it has none
 * @value: value
 */
struct tables_indirect {
	u8 si3210;
	u8 si3215;
	u32 value;
};

/* Registers by what they are: indices into tables_indirects */
enum {
	IND_OSC1_COEFF = 13, IND_OSC1_X, IND_OSC1_Y, IND_OSC2_COEFF, IND_OSC2_X, IND_OSC2_Y,
	IND_RING_OFFSET, IND_RING_COEFF, IND_RING_X, IND_RING_Y,
	IND_DAC_GAIN = 26, IND_ADC_GAIN,
	IND_FILTER_FIRST = 35, IND_FILTER_LAST = 39,
	IND_CM_BIAS = 40, IND_TABLE = 44,
};

extern const struct tables_indirect tables_indirects[IND_TABLE];

/* What filters are while the chip is calibrated */
#define IND_FILTER_CALIBRATE	0x8000

/**
 * struct tables_country - how a country's exchanges want to be met
 * @name: of the group
 * @ohs: slow on-hook (bits, as all below: names of the Si3050's data sheet)
 * @ohs2: on-hook in 3 ms
 * @rz: ringer impedance
 * @rt: ring threshold
 * @ilim: limits the current to 60 mA
 * @dcv: voltage
 * @mini: least current
 * @acim: impedance
 */
struct tables_country {
	const char *name;
	u8 ohs;
	u8 ohs2;
	u8 rz;
	u8 rt;
	u8 ilim;
	u8 dcv;
	u8 mini;
	u8 acim;
};

/* Highest ISO 3166 number of the table */
#define TABLES_COUNTRY_MAX	887

const struct tables_country *tables_country(u32 iso);
unsigned int tables_countries(void);
u32 tables_country_at(unsigned int i, const struct tables_country **group);

u8 tables_intl1(const struct tables_country *c);
u8 tables_dc_term(const struct tables_country *c);

u8 tables_linefeed(u32 state, bool reversed);
char tables_dtmf(u8 code);
bool tables_dtmf_tones(char digit, u32 freq_mhz[2]);
u8 tables_loop_current(u32 ua);

#endif /* _TDM400_TABLES_H */

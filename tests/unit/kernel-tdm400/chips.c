/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the driver tells the chips: bits of the serial port as a chip sees them, oscillators and
 * gains against floating point and the data sheets' examples, tables of countries and digits.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../kernel-core/cmocka-all.h"

#include <linux/tapi_line.h>

#include "maths.h"
#include "regs.h"
#include "spi_code.h"
#include "tables.h"

/* A chip: takes a bit in at the rising clock while selected */
static unsigned int chip_listen(const u8 level[SPI_LEVELS], u8 *byte)
{
	unsigned int i, bits = 0;
	u8 last = SPI_IDLE;

	*byte = 0;
	for (i = 0; i < SPI_LEVELS; last = level[i++]) {
		if (level[i] & SPI_CS || last & SPI_SCLK || !(level[i] & SPI_SCLK))
			continue;
		/* data must not change with the clock that takes it in */
		assert_int_equal(level[i] & SPI_SDI, last & SPI_SDI);
		assert_int_equal(spi_code_sample(i), 0x80 >> bits);
		*byte = (u8)(*byte << 1 | !!(level[i] & SPI_SDI));
		bits++;
	}
	return bits;
}

static void test_bytes(void **state)
{
	u8 level[SPI_LEVELS];
	unsigned int value, i, samples = 0;
	u8 heard;

	(void)state;
	for (value = 0; value < 256; value++) {
		spi_code_byte((u8)value, level);
		assert_int_equal(chip_listen(level, &heard), 8);
		assert_int_equal(heard, value);
		assert_int_equal(level[SPI_LEVELS - 1], SPI_IDLE);
		assert_false(level[0] & SPI_CS);
		/* selecting is no edge of the clock */
		assert_true(level[0] & SPI_SCLK);
	}
	for (i = 0; i < SPI_LEVELS; i++)
		samples += spi_code_sample(i);
	assert_int_equal(samples, 0xff);
}

static void test_accesses(void **state)
{
	struct spi_access a;

	(void)state;
	spi_code_access(&a, false, 64, true, 0x77);
	assert_int_equal(a.num, 2);
	assert_memory_equal(a.byte, ((u8[]){ 0xc0, 0x00 }), 2);
	assert_true(a.read);
	spi_code_access(&a, false, 108, false, 0xeb);
	assert_memory_equal(a.byte, ((u8[]){ 0x6c, 0xeb }), 2);
	assert_false(a.read);
	spi_code_access(&a, true, 5, true, 0x77);
	assert_int_equal(a.num, 3);
	assert_memory_equal(a.byte, ((u8[]){ 0x60, 0x05, 0x00 }), 3);
	spi_code_access(&a, true, 59, false, 0x50);
	assert_memory_equal(a.byte, ((u8[]){ 0x20, 0x3b, 0x50 }), 3);
}

static void test_cosine(void **state)
{
	u32 f;

	(void)state;
	for (f = 0; f <= 4000000; f += 12500) {
		double want = cos(2 * M_PI * f / 8e6);

		assert_true(fabs(maths_cos_q30(f, 8000) / 1073741824.0 - want) < 1e-6);
	}
}

static void test_gain(void **state)
{
	s32 mdb;

	(void)state;
	assert_int_equal(maths_gain_q30(0), 1U << 30);
	for (mdb = -60000; mdb <= 6000; mdb += 37) {
		double want = pow(10, mdb / 20000.0);

		assert_true(fabs(maths_gain_q30(mdb) / 1073741824.0 / want - 1) < 1e-4);
	}
	assert_int_equal(maths_fxs_gain(0), 0x4000);
	assert_int_equal(maths_fxs_gain(-6021), 0x1fff);
	assert_true(maths_fxs_gain(6000) <= 0x7fff);
}

static void test_fxo_gain(void **state)
{
	u8 db, tenth;

	(void)state;
	maths_fxo_gain(0, &db, &tenth);
	assert_int_equal(db | tenth, 0);
	maths_fxo_gain(12000, &db, &tenth);
	assert_int_equal(db, 12);
	assert_int_equal(tenth, 0);
	maths_fxo_gain(-15000, &db, &tenth);
	assert_int_equal(db, 0x1f);
	assert_int_equal(tenth, 0);
	maths_fxo_gain(-3700, &db, &tenth);
	assert_int_equal(db, 0x13);
	assert_int_equal(tenth, 0x17);
	maths_fxo_gain(700, &db, &tenth);
	assert_int_equal(db, 0);
	assert_int_equal(tenth, 7);
}

static void test_ring(void **state)
{
	struct maths_osc osc;

	(void)state;
	/* the data sheet's example: 20 Hz, 70 V peak */
	maths_ring(&osc, 20000, 70000);
	assert_int_equal(osc.coeff, 0x7efd);
	assert_int_equal(osc.x, 0x0177);
	/* the driver's own voltage is the known good setting of these modules */
	maths_ring(&osc, 25000, 65600);
	assert_in_range(osc.coeff, 0x7e6c, 0x7e6e);
	assert_in_range(osc.x, 0x01b7, 0x01ba);
}

static void test_tone(void **state)
{
	u32 f;

	(void)state;
	for (f = 100; f <= 3400; f += 50) {
		double c = cos(2 * M_PI * f / 8000);
		double v = 0.774597 * pow(10, -10 / 20.0);
		double x = 0.25 * sqrt((1 - c) / (1 + c)) * 32767 * v / 1.11;
		struct maths_osc osc;

		maths_tone(&osc, f * 1000, -10000);
		assert_true(fabs((int16_t)osc.coeff - fmin(c * 32768, 32767)) <= 1);
		assert_true(fabs(osc.x - x) <= 1 + x * 1e-3);
	}
}

static void test_countries(void **state)
{
	const struct tables_country *c;
	unsigned int i;
	u32 last = 0;

	(void)state;
	for (i = 0; i < tables_countries(); i++) {
		u32 iso = tables_country_at(i, &c);

		assert_true(!i || iso > last);
		assert_true(iso <= TABLES_COUNTRY_MAX);
		assert_ptr_equal(tables_country(iso), c);
		assert_non_null(c->name);
		assert_true(c->dcv <= 3 && c->mini <= 3 && c->acim <= 15);
		/* a current limit belongs to the European rules */
		assert_true(!c->ilim || c->dcv == 3);
		last = iso;
	}
	/* the greatest value of the parameter, which has to be one that can be set */
	assert_int_equal(last, TABLES_COUNTRY_MAX);
	assert_null(tables_country(1));
	assert_null(tables_country(999));
	c = tables_country(36);			/* Australia */
	assert_int_equal(tables_intl1(c), 0x40);
	assert_int_equal(tables_dc_term(c), 0x30);
	assert_int_equal(c->acim, 3);
	c = tables_country(276);		/* Germany */
	assert_int_equal(tables_intl1(c), 0x00);
	assert_int_equal(tables_dc_term(c), 0xc2);
	assert_int_equal(c->ohs2, 1);
	c = tables_country(710);		/* South Africa */
	assert_int_equal(tables_intl1(c), 0x42);
	c = tables_country(616);		/* Poland */
	assert_int_equal(tables_intl1(c), 0x03);
	c = tables_country(0);			/* FCC */
	assert_int_equal(tables_intl1(c), 0x01);
	assert_int_equal(tables_dc_term(c), 0xc0);
}

static void test_indirect(void **state)
{
	bool used10[256] = { false }, used15[256] = { false };
	unsigned int i;

	(void)state;
	for (i = 0; i < IND_TABLE; i++) {
		const struct tables_indirect *ind = &tables_indirects[i];

		/* the driver takes the place for the number */
		assert_int_equal(ind->si3210, i);
		assert_false(used10[ind->si3210]);
		used10[ind->si3210] = true;
		assert_true(ind->value <= 0xffff);
		if (ind->si3215 == IND_NONE)
			continue;
		assert_false(used15[ind->si3215]);
		used15[ind->si3215] = true;
	}
	assert_int_equal(tables_indirects[IND_RING_COEFF].si3215, 7);
	assert_int_equal(tables_indirects[IND_ADC_GAIN].si3215, 14);
	assert_int_equal(tables_indirects[IND_FILTER_LAST].value, 0x0010);
}

static void test_digits(void **state)
{
	const char *all = "1234567890*#ABCD";
	u32 f[2], seen[16][2];
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 16; i++) {
		assert_int_equal(tables_dtmf((u8)(FXS_DTMF_VALID | ((i + 1) & 15))), all[i]);
		assert_true(tables_dtmf_tones(all[i], f));
		for (k = 0; k < i; k++)
			assert_false(seen[k][0] == f[0] && seen[k][1] == f[1]);
		memcpy(seen[i], f, sizeof(f));
	}
	assert_true(tables_dtmf_tones('5', f));
	assert_int_equal(f[0], 770000);
	assert_int_equal(f[1], 1336000);
	assert_false(tables_dtmf_tones('x', f));
	assert_false(tables_dtmf_tones(0, f));
}

static void test_feeds(void **state)
{
	(void)state;
	assert_int_equal(tables_linefeed(TAPI_LINE_FEED_OPEN, true), 0);
	assert_int_equal(tables_linefeed(TAPI_LINE_FEED_ACTIVE, false), 1);
	assert_int_equal(tables_linefeed(TAPI_LINE_FEED_ACTIVE, true), 5);
	assert_int_equal(tables_linefeed(TAPI_LINE_FEED_OHT, false), 2);
	assert_int_equal(tables_linefeed(TAPI_LINE_FEED_OHT, true), 6);
	assert_int_equal(tables_linefeed(TAPI_LINE_FEED_TIP_OPEN, false), 3);
	assert_int_equal(tables_linefeed(TAPI_LINE_FEED_RING_OPEN, false), 7);
	assert_int_equal(tables_loop_current(20000), 0);
	assert_int_equal(tables_loop_current(41000), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_accesses),
		cmocka_unit_test(test_cosine),
		cmocka_unit_test(test_gain),
		cmocka_unit_test(test_fxo_gain),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_tone),
		cmocka_unit_test(test_countries),
		cmocka_unit_test(test_indirect),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_feeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

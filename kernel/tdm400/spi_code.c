// SPDX-License-Identifier: GPL-2.0-only
/*
 * The serial port of the modules, as levels of the aux port.  Pure code, also built for
 * the host.
 *
 * A byte has its own chip select.  Chips take their data in when the clock rises and change
 * their output when it falls, so that the host samples after it has raised the clock.
 */
#include "spi_code.h"

/* First byte of a Si3050 access: a single chip, not in a daisy chain */
#define SPI_FXO_WRITE		0x20
#define SPI_FXO_READ		0x60
/* Si3210: in the address byte */
#define SPI_FXS_READ		0x80

/**
 * spi_code_byte() - the levels that send one byte
 * @byte: the byte, most significant bit first
 * @level: filled in, to be written in this order
 */
void spi_code_byte(u8 byte, u8 level[SPI_LEVELS])
{
	unsigned int i;

	level[0] = SPI_SCLK | SPI_SDI;
	for (i = 0; i < 8; i++) {
		u8 data = byte & (0x80 >> i) ? SPI_SDI : 0;

		level[1 + 2 * i] = data;
		level[2 + 2 * i] = data | SPI_SCLK;
	}
	level[SPI_LEVELS - 1] = SPI_IDLE;
}

/**
 * spi_code_sample() - which bit does the chip give after a level of spi_code_byte()?
 * @level: number of the level
 *
 * Return: the bit of the answer, where the clock has risen; else 0.
 */
u8 spi_code_sample(unsigned int level)
{
	if (level < 2 || level >= SPI_LEVELS - 1 || level & 1)
		return 0;
	return 0x80 >> (level / 2 - 1);
}

/**
 * spi_code_access() - the bytes of an access to a register
 * @a: filled in
 * @fxo: the chip is a Si3050, else a Si3210
 * @reg: number of the register
 * @read: read it
 * @value: what is written
 */
void spi_code_access(struct spi_access *a, bool fxo, u8 reg, bool read, u8 value)
{
	u8 *byte = a->byte;

	if (fxo)
		*byte++ = read ? SPI_FXO_READ : SPI_FXO_WRITE;
	*byte++ = fxo || !read ? reg & 0x7f : reg | SPI_FXS_READ;
	*byte = read ? 0 : value;
	a->read = read;
	a->num = fxo ? 3 : 2;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* How bytes become levels of the aux port, and register accesses bytes: spi_code.c */
#ifndef _TDM400_SPI_CODE_H
#define _TDM400_SPI_CODE_H

#include "core/pure.h"

/* Pins of the aux port */
#define SPI_CS			0x04
#define SPI_SCLK		0x08
#define SPI_SDI			0x10
#define SPI_SDO			0x20	/* input */
#define SPI_IDLE		(SPI_CS | SPI_SCLK | SPI_SDI)

/* Levels of one byte: chip select, eight bits of two levels, idle */
#define SPI_LEVELS		18
/* Bytes of the longest access */
#define SPI_BYTES		3
/* An empty chip select with this many clocks brings a chip's counter back to its first bit */
#define SPI_RESYNC_CLOCKS	8

/**
 * struct spi_access - one access to a chip's register
 * @num: bytes
 * @read: the last one is read
 * @byte: what is sent
 */
struct spi_access {
	unsigned int num;
	bool read;
	u8 byte[SPI_BYTES];
};

void spi_code_byte(u8 byte, u8 level[SPI_LEVELS]);
void spi_code_access(struct spi_access *a, bool fxo, u8 reg, bool read, u8 value);
u8 spi_code_sample(unsigned int level);

#endif /* _TDM400_SPI_CODE_H */

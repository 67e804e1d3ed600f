/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A card on a bench: 64 KiB of memory it may reach, and hands that do what a driver does, bit by
 * bit where the card wants it so.
 */
#ifndef CARD_BENCH_H
#define CARD_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model.h"

#define BENCH_MEMORY	0x10000u
#define BENCH_BASE	0x100000u	/* bus address of it */
#define RING_WORDS	80u		/* 5 ms halves */
#define TX_RING		BENCH_BASE
#define RX_RING		(BENCH_BASE + 0x1000)

struct bench {
	struct card *card;
	uint8_t memory[BENCH_MEMORY];
	bool irq;
	unsigned int edges;
	uint8_t pins;
};

void bench_open(struct bench *bench, const struct card_options *options);
void bench_close(struct bench *bench);

uint8_t get8(struct bench *bench, uint32_t reg);
void set8(struct bench *bench, uint32_t reg, uint8_t value);
uint32_t get32(struct bench *bench, uint32_t reg);
void set32(struct bench *bench, uint32_t reg, uint32_t value);
void run_ms(struct bench *bench, unsigned int ms);

/* Out of reset, pins idle */
void power_up(struct bench *bench);
/* Rings and DMA on, all interrupts */
void start_dma(struct bench *bench);
uint32_t ring_word(struct bench *bench, uint32_t ring, unsigned int index);
void set_ring_word(struct bench *bench, uint32_t ring, unsigned int index, uint32_t word);

void choose(struct bench *bench, unsigned int socket);
void resync(struct bench *bench);
uint8_t slic_get(struct bench *bench, unsigned int socket, uint8_t reg);
void slic_set(struct bench *bench, unsigned int socket, uint8_t reg, uint8_t value);
void slic_set_indirect(struct bench *bench, unsigned int socket, uint8_t reg, uint16_t value);
uint16_t slic_get_indirect(struct bench *bench, unsigned int socket, uint8_t reg);
uint8_t daa_get(struct bench *bench, unsigned int socket, uint8_t reg);
void daa_set(struct bench *bench, unsigned int socket, uint8_t reg, uint8_t value);

/* A module as a driver leaves it: calibrated, on its bits of the bus (A-law), fed and on hook */
void slic_up(struct bench *bench, unsigned int socket);
void daa_up(struct bench *bench, unsigned int socket);

/* A command must be answered by "ok"; returns the number behind @key in its answer, or -1. */
double tell(struct bench *bench, const char *command, const char *key);
void assert_no_violation(struct bench *bench);
/* Fails unless there is one of this kind; forgets all. */
void assert_violation(struct bench *bench, const char *kind);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the card among each other; front ends and most tests see only card.h. */
#ifndef MODEL_H
#define MODEL_H

#include "card.h"
#include "line.h"
#include "module.h"

#define PCI_CONFIG_SIZE	256
#define MS_FRAMES(ms)	((uint64_t)(ms) * 8)

/* Least time of an access at 33 MHz: a posted write three clocks; one that waits for data eight */
#define CARD_POSTED_NS	90u
#define CARD_WAITING_NS	240u

struct pci {
	uint8_t config[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE];
};

/* TigerJet registers, by byte offset */
enum {
	TJ_CNTL = 0x00, TJ_OPER = 0x01, TJ_AUXC = 0x02, TJ_AUXD = 0x03,
	TJ_MASK0 = 0x04, TJ_MASK1 = 0x05, TJ_INTSTAT = 0x06, TJ_AUXR = 0x07,
	TJ_TX_START = 0x08, TJ_TX_INT = 0x0c, TJ_TX_END = 0x10, TJ_TX_CURRENT = 0x14,
	TJ_RX_START = 0x18, TJ_RX_INT = 0x1c, TJ_RX_END = 0x20, TJ_RX_CURRENT = 0x24,
	TJ_PULSE = 0x28, TJ_AUXFUNC = 0x2b, TJ_SERCTL = 0x2d, TJ_FSCDELAY = 0x2f,
	TJ_PIB = 0xc0,
};

enum {
	TJ_INT_TX_INT = 0x01, TJ_INT_TX_END = 0x02, TJ_INT_RX_INT = 0x04, TJ_INT_RX_END = 0x08,
	TJ_INT_RING = 0x0f, TJ_INT_MASTER_ABORT = 0x10, TJ_INT_TARGET_ABORT = 0x20,
};

enum {
	TJ_CNTL_RUN = 0x01, TJ_CNTL_RESET_DMA = 0x02, TJ_CNTL_RESET_SERIAL = 0x04,
	TJ_CNTL_LATCH = 0x40, TJ_CNTL_STOP_AT_END = 0x80,
};

struct tigerjet {
	uint8_t regs[256];
	uint32_t tx, rx;		/* current addresses */
	bool tx_stopped, rx_stopped;	/* at the end address */
	bool fresh;			/* no word since the DMA logic was reset */
	bool aborted;			/* until DMA is started again */
	uint8_t status;
	bool line;			/* interrupt line as the host sees it */
	uint64_t late_until;		/* frame; fault "late" */
	uint64_t events, raised, words;
};

struct cpld {
	uint8_t sync, test, select;
};

struct spi {
	uint8_t pins;			/* last levels */
	uint8_t bits, in, sdo;
	bool unflushed;			/* select was posted and not read back */
	uint64_t deselected_ns;		/* bus time at which CS rose */
};

/* Faults on command; counts are of things still to happen. */
struct faults {
	bool dead;			/* pulled: all ones */
	bool no_irq, cpld_dead, abort;
	unsigned int drop;		/* interrupt events to lose */
	unsigned int late_frames;
	unsigned int stray;		/* master aborts to come */
};

enum clock_mode { CLOCK_PACED, CLOCK_REAL, CLOCK_STEPPED };

struct clock {
	enum clock_mode mode;
	double speed;			/* of CLOCK_PACED; 0 = as fast as it is acknowledged */
	bool started;
	uint64_t last_ns;		/* time at which the last frame was due */
	uint64_t owed;			/* frames to run in CLOCK_STEPPED */
};

enum trace_kind { TRACE_READ, TRACE_WRITE, TRACE_CHIP_READ, TRACE_CHIP_WRITE, TRACE_IRQ };

struct trace_entry {
	uint64_t frame;
	uint8_t kind, place, width;	/* place: region or socket */
	uint16_t offset;
	uint32_t value;
};

#define TRACE_ENTRIES	65536u
#define VIOLATIONS	256u

struct violation {
	uint64_t frame;
	unsigned int count;
	char kind[20], text[108];
};

struct journal {
	struct trace_entry *entries;
	uint64_t traced;
	uint64_t reads, writes, config, chip_reads, chip_writes;
	struct violation violations[VIOLATIONS];
	unsigned int violated;
	unsigned int lost;		/* violations beyond the table */
};

struct card {
	struct card_options options;
	const struct card_host *host;
	void *data;
	uint64_t frame;			/* since power-on */
	uint64_t bus_ns;		/* least time the accesses so far take on a 33 MHz bus */
	struct pci pci;
	struct tigerjet tj;
	struct cpld cpld;
	struct spi spi;
	struct module modules[CARD_SOCKETS];
	struct wire wires[CARD_SOCKETS];
	struct phone phones[CARD_SOCKETS];
	struct exchange exchanges[CARD_SOCKETS];
	struct faults faults;
	struct clock clock;
	struct journal journal;
};

/* pci.c */
void pci_init(struct card *card);
void pci_reset(struct card *card);
uint32_t pci_read(struct card *card, uint32_t offset, unsigned int width);
void pci_write(struct card *card, uint32_t offset, unsigned int width, uint32_t value);
bool pci_bus_master(const struct card *card);
void pci_set_master_abort(struct card *card);
bool pci_asleep(const struct card *card);

/* tigerjet.c: registers */
void tj_reset(struct card *card);
uint8_t tj_read_byte(struct card *card, uint32_t offset);
void tj_write_bytes(struct card *card, uint32_t offset, unsigned int width, uint32_t value);
bool tj_out_of_reset(const struct card *card);
void tj_update_irq(struct card *card);

/* dma.c: the engine */
bool dma_running(const struct card *card);
void dma_reset(struct card *card);
void dma_started(struct card *card);
uint32_t dma_fetch(struct card *card);
void dma_store(struct card *card, uint32_t word);

/* cpld.c */
void cpld_reset(struct card *card);
uint8_t cpld_read(struct card *card, unsigned int reg);
void cpld_write(struct card *card, unsigned int reg, uint8_t value);
int cpld_socket(const struct card *card);

/* spi.c */
void spi_reset(struct card *card);
void spi_pins(struct card *card, uint8_t pins);
uint8_t spi_sdo(const struct card *card);

/* frame.c: one frame of the whole card */
void card_frame(struct card *card);

/* journal.c */
int journal_init(struct card *card);
void journal_free(struct card *card);
void trace(struct card *card, enum trace_kind kind, unsigned int place, unsigned int offset,
	   unsigned int width, uint32_t value);
void trace_print(const struct card *card, uint64_t count, bool chips, FILE *out);
__attribute__((format(printf, 3, 4)))
void violation(struct card *card, const char *kind, const char *format, ...);
void violations_print(const struct card *card, FILE *out);

#endif

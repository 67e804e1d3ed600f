/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TDM400P-class cards: one TigerJet, four sockets.
 *
 * Locks, outermost first:
 *   the core's line->lock   operations of one line
 *   tdm400_port.lock        a chip: what takes several accesses, and what we know of it
 *   tdm400.spi_lock         the serial port, for one access
 *   tdm400.sound_lock       serving the sound rings; the core's locks are taken inside
 *   tdm400.dma_lock         starting and stopping DMA, inside the core's locks
 * Nothing but the sound rings is touched in interrupts.
 */
#ifndef _TDM400_H
#define _TDM400_H

#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/tapi_card.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "detect.h"
#include "frames.h"
#include "regs.h"
#include "tables.h"

#define TDM400_NAME		"tapi_tdm400"

/* Polling while a line is in use: a dial pulse makes contact for 33 ms at least */
#define TDM400_POLL_BUSY_NS	(10 * NSEC_PER_MSEC)

struct tdm400;

enum tdm400_kind {
	TDM400_EMPTY,
	TDM400_FXS,
	TDM400_FXO,
};

/* Our own parameters of lines, above TAPI_LINE_PARAM_DRIVER */
enum {
	TDM400_PARAM_RING_VOLTAGE = TAPI_LINE_PARAM_DRIVER,
	TDM400_PARAM_RING_FREQ,
	TDM400_PARAM_OHT_TIME,
	TDM400_PARAM_HYBRID1 = TAPI_LINE_PARAM_DRIVER + 0x10,
	TDM400_PARAM_HYBRID8 = TDM400_PARAM_HYBRID1 + FXO_HYBRID_TAPS - 1,
};

/**
 * struct tdm400_fxs - what we know of a Si3210
 * @si3215: it is one of those: no digits, other indirect registers
 * @calibrated: @cal can be used
 * @ringing: ringing voltage was asked for
 * @closed: the telephone's loop
 * @silent: the chip was asked and did not answer
 * @armed: the chip remembers since the last look whether the loop has moved
 * @cal: registers 96 to 107 after calibration
 * @feed: the command that the line was given
 * @asked: the one it goes back to after ringing
 * @vbath: battery, register 74
 * @impedance: parameter
 * @loop_current: register 71
 * @rx_mdb: gain from the phone
 * @tx_mdb: gain to the phone
 * @ring_mv: peak ringing voltage
 * @ring_mhz: ringing frequency when none is asked for
 * @oht_ms: on-hook transmission after a burst
 * @ring_now_mhz: what the oscillator is set to
 * @digit: the digit being heard
 * @oht_ns: when on-hook transmission ends, 0 when it does not
 * @settled_ns: until then the loop means nothing, the feed was changed
 * @edge_ns: when the loop changed last
 * @look_ns: when it was looked at
 * @level_ns: when to look at it even if the chip says that it has not moved
 * @digit_ns: when to look for digits
 * @check_ns: when to look after the chip
 */
struct tdm400_fxs {
	bool si3215;
	bool calibrated;
	bool ringing;
	bool closed;
	bool silent;
	bool armed;
	u8 cal[FXS_CAL_COUNT];
	u8 feed;
	u8 asked;
	u8 vbath;
	u8 impedance;
	u8 loop_current;
	s32 rx_mdb;
	s32 tx_mdb;
	u32 ring_mv;
	u32 ring_mhz;
	u32 oht_ms;
	u32 ring_now_mhz;
	char digit;
	u64 oht_ns;
	u64 settled_ns;
	u64 edge_ns;
	u64 look_ns;
	u64 level_ns;
	u64 digit_ns;
	u64 check_ns;
};

/**
 * struct tdm400_fxo - what we know of a Si3050
 * @off_hook: what it was told
 * @country: ISO 3166 number
 * @impedance: register 30
 * @line_side: which chip is behind the isolation
 * @taps: registers 45 to 52
 * @rx_mdb: gain from the line
 * @tx_mdb: gain to the line
 * @ring: ringing
 * @battery: the line is fed
 * @reversed: its polarity
 * @watched: it rings, or has rung not long ago: its voltage is looked at, not what the chip keeps
 * @quiet_ns: until then the line's voltage means nothing
 * @volts_ns: when to look at the voltage
 * @hook_ns: when to look whether the hook is as it was told to be
 * @check_ns: when to look after the chip
 */
struct tdm400_fxo {
	bool off_hook;
	u32 country;
	u8 impedance;
	u8 line_side;
	s8 taps[FXO_HYBRID_TAPS];
	s32 rx_mdb;
	s32 tx_mdb;
	struct detect_ring ring;
	struct detect_level battery;
	struct detect_level reversed;
	bool watched;
	u64 quiet_ns;
	u64 volts_ns;
	u64 hook_ns;
	u64 check_ns;
};

/**
 * struct tdm400_port - a socket
 * @tdm: the card
 * @line: its line while there is one
 * @socket: 0 .. 3
 * @kind: what was found
 * @error: why the module that was found is not used
 * @lock: the chip, in steps of several accesses; and all members below but counters
 * @work: initialises the module, at probe and when the chip was reset
 * @down: being initialised, or given up: operations fail, no polling
 * @fast: use the saved calibration
 * @failed: initialisations that failed in a row
 * @retry_ns: when to try again, 0 for never
 * @faults: TAPI_LINE_FAULT_ bits as reported
 * @fault_ns: when they were
 * @alarms: power alarms, and resets
 * @due_ns: next look at the line
 * @fxs: of an FXS module
 * @fxo: of an FXO module
 * @polls: looks at the line; this and the following counters are written in one place at a time
 *	and read anywhere
 * @spi_xfers: accesses to the chip
 * @spi_errors: those that read something else the second time, or nothing that can be
 * @power_alarms: times the chip switched the line off
 * @chip_resets: times it had lost its settings
 */
struct tdm400_port {
	struct tdm400 *tdm;
	struct tapi_line *line;
	unsigned int socket;
	enum tdm400_kind kind;
	int error;
	struct mutex lock;	/* see above */
	struct work_struct work;
	bool down;
	bool fast;
	unsigned int failed;
	u64 retry_ns;
	u32 faults;
	u64 fault_ns;
	struct detect_alarms alarms;
	u64 due_ns;
	union {
		struct tdm400_fxs fxs;
		struct tdm400_fxo fxo;
	};
	u64 polls;
	u64 spi_xfers;
	u64 spi_errors;
	u64 power_alarms;
	u64 chip_resets;
};

/**
 * struct tdm400 - a card
 * @pdev: the device
 * @card: the core's card
 * @regs: the TigerJet, ports or memory
 * @board: name
 * @gone: it does not answer any more: all registers read as ones
 * @off: asleep or broken: nothing is touched
 * @registered: @card is; under @life_lock
 * @life_lock: @registered; who unregisters the card
 * @gone_work: unregisters a card that was pulled
 * @spi_lock: the serial port and the CPLD's select register
 * @selected: the socket that is selected, -1 for none
 * @gap: the time that a chip wants between two bytes has yet to pass
 * @latch: interrupt status stays until it is cleared
 * @cntl: value of CNTL while running
 * @half: frames of half a ring
 * @ring: both rings: transmit, then receive
 * @ring_bus: their bus address
 * @sound_lock: serving the rings
 * @running: the rings run
 * @dma_lock: starting and stopping DMA; a leaf
 * @served: when they were served last, ns
 * @sound_ns: the time up to which the rings were served
 * @last_rx: where the receive ring was then
 * @unsure: an interrupt went by without service
 * @irqs: counter: interrupts that were ours
 * @lost_irqs: counter: halves served without an interrupt
 * @dma_resyncs: counter: restarts after an abort
 * @irq_wait: the test waits here
 * @abort: what the bus reported
 * @restart: starts DMA anew after an abort
 * @restarts: how often
 * @timer: next poll
 * @poll_work: does it
 * @polling: they run
 * @inject_irqs: so many interrupts are still to be lost
 * @inject_flips: so many reads are still to have a wrong bit
 * @inject_stuck: what all reads give, -1 for the truth
 * @port: sockets
 */
struct tdm400 {
	struct pci_dev *pdev;
	struct tapi_card *card;
	void __iomem *regs;
	const char *board;
	bool gone;
	bool off;
	bool registered;
	struct mutex life_lock;	/* see above */
	struct work_struct gone_work;
	struct mutex spi_lock;	/* see above */
	int selected;
	bool gap;
	bool latch;
	u8 cntl;
	u32 half;
	u8 *ring;
	dma_addr_t ring_bus;
	spinlock_t sound_lock;	/* see above */
	spinlock_t dma_lock;	/* running, and the registers that start and stop DMA */
	bool running;
	u64 served;
	u64 sound_ns;
	u32 last_rx;
	bool unsure;
	u64 irqs;
	u64 lost_irqs;
	u64 dma_resyncs;
	wait_queue_head_t irq_wait;
	u8 abort;
	struct work_struct restart;
	struct detect_alarms restarts;
	struct hrtimer timer;
	struct work_struct poll_work;
	bool polling;
	atomic_t inject_irqs;
	atomic_t inject_flips;
	int inject_stuck;
	struct tdm400_port port[TDM400_SOCKETS];
};

/* Parameters of the module */
extern bool tdm400_alaw;
extern bool tdm400_lowpower;
extern unsigned int tdm400_poll_ms;
extern unsigned int tdm400_country;

extern struct workqueue_struct *tdm400_wq;

static inline u8 tj_read(struct tdm400 *tdm, unsigned int reg)
{
	return ioread8(tdm->regs + reg);
}

static inline void tj_write(struct tdm400 *tdm, unsigned int reg, u8 value)
{
	iowrite8(value, tdm->regs + reg);
}

static inline u32 tj_read32(struct tdm400 *tdm, unsigned int reg)
{
	return ioread32(tdm->regs + reg);
}

static inline void tj_write32(struct tdm400 *tdm, unsigned int reg, u32 value)
{
	iowrite32(value, tdm->regs + reg);
}

static inline bool tdm400_usable(const struct tdm400 *tdm)
{
	return !READ_ONCE(tdm->gone) && !READ_ONCE(tdm->off);
}

/* pci.c */
void tdm400_has_gone(struct tdm400 *tdm);

/* pm.c */
extern const struct dev_pm_ops tdm400_pm_ops;
extern const struct pci_error_handlers tdm400_errors;
void tdm400_quiet(struct tdm400 *tdm);
void tdm400_shutdown(struct pci_dev *pdev);

/* tigerjet.c */
int tj_bring_up(struct tdm400 *tdm);
void tj_modules_ready(struct tdm400 *tdm);
void tj_stop(struct tdm400 *tdm);
int tj_ring_alloc(struct tdm400 *tdm);
void tj_ring_free(struct tdm400 *tdm);
void tj_ring_program(struct tdm400 *tdm);
int tj_cpld_test(struct tdm400 *tdm);

/* sound.c */
irqreturn_t tdm400_interrupt(int irq, void *data);
int tdm400_test_interrupt(struct tdm400 *tdm);
void tdm400_sound_init(struct tdm400 *tdm);
void tdm400_sound_watch(struct tdm400 *tdm, u64 now_ns, u64 *due_ns);
int tdm400_pcm_prepare(struct tapi_card *card, struct tapi_pcm_ring *ring);
int tdm400_pcm_start(struct tapi_card *card);
void tdm400_pcm_stop(struct tapi_card *card);
void tdm400_pcm_pos(struct tapi_card *card, u32 *rx, u32 *tx);

/* spi.c */
int tdm400_read(struct tdm400_port *p, u8 reg);
int tdm400_read_bits(struct tdm400_port *p, u8 reg, u8 want);
int tdm400_read_twice(struct tdm400_port *p, u8 reg);
int tdm400_write(struct tdm400_port *p, u8 reg, u8 value);
int tdm400_write_table(struct tdm400_port *p, const u8 table[][2], unsigned int num);
void tdm400_spi_resync(struct tdm400_port *p);

/* module.c */
void tdm400_modules_init(struct tdm400 *tdm);
int tdm400_modules_probe(struct tdm400 *tdm);
void tdm400_modules_again(struct tdm400 *tdm);
void tdm400_module_revive(struct tdm400_port *p);
void tdm400_module_fault(struct tdm400_port *p, u32 faults);
void tdm400_module_faults_end(struct tdm400_port *p, u64 now_ns);

/* si3210.c: the chip */
int si3210_revision(struct tdm400_port *p);
int si3210_detect(struct tdm400_port *p);
int si3210_init(struct tdm400_port *p);
int si3210_ind_write(struct tdm400_port *p, unsigned int what, u32 value);
int si3210_ind_read(struct tdm400_port *p, unsigned int what);
int si3210_power_down(struct tdm400_port *p);

/* si3210_cal.c */
int si3210_calibrate(struct tdm400_port *p);

/* fxs.c: the line */
void fxs_defaults(struct tdm400_port *p);
int fxs_apply(struct tdm400_port *p);
int fxs_set_feed(struct tdm400_port *p, u8 feed);
u8 fxs_active_feed(const struct tdm400_fxs *f);
int fxs_set_linefeed(struct tdm400_port *p, u32 state, u32 polarity);
int fxs_ring(struct tdm400_port *p, u32 freq_mhz);
int fxs_ring_stop(struct tdm400_port *p);
int fxs_tone(struct tdm400_port *p, const u32 freq_mhz[2], const s32 level_mdbm[2]);
int fxs_tone_stop(struct tdm400_port *p);
int fxs_set_param(struct tdm400_port *p, u32 id, s64 value);
int fxs_measure(struct tdm400_port *p, struct tapi_line_measure *m);

/* fxs_poll.c */
u64 fxs_poll(struct tdm400_port *p, u64 now_ns);

/* si3050.c: the chip */
int si3050_detect(struct tdm400_port *p);
int si3050_init(struct tdm400_port *p);
int si3050_is_reset(struct tdm400_port *p);

/* fxo.c: the line */
void fxo_defaults(struct tdm400_port *p);
int fxo_apply(struct tdm400_port *p);
int fxo_look(struct tdm400_port *p);
u64 fxo_poll(struct tdm400_port *p, u64 now_ns);
int fxo_set_hook(struct tdm400_port *p, bool off);
int fxo_set_param(struct tdm400_port *p, u32 id, s64 value);
int fxo_measure(struct tdm400_port *p, struct tapi_line_measure *m);

/* ports.c */
int tdm400_card_make(struct tdm400 *tdm);
int tdm400_lines(const struct tdm400 *tdm);

/* poll.c */
void tdm400_poll_init(struct tdm400 *tdm);
void tdm400_poll_start(struct tdm400 *tdm);
void tdm400_poll_stop(struct tdm400 *tdm);
void tdm400_poll_kick(struct tdm400 *tdm);

/* inject.c */
extern const char tdm400_inject_help[];
int tdm400_inject(struct tapi_card *card, char *cmd);
u8 tdm400_inject_read(struct tdm400 *tdm, u8 value);

static inline struct tdm400 *tdm400_of(struct tapi_card *card)
{
	return *(struct tdm400 **)tapi_card_priv(card);
}

#endif /* _TDM400_H */

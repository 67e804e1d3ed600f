/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Telephone line character devices: /dev/tapi/card<c>-line<l>
 *
 * Opening a line monitors it; an opener with write access may claim it and
 * then control it.  Events are read() as whole 64-byte records.  Layouts are
 * identical for 32-bit and 64-bit programs.  Reserved members must be zero.
 */
#ifndef _UAPI_LINUX_TAPI_LINE_H
#define _UAPI_LINUX_TAPI_LINE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define TAPI_LINE_IOC_MAGIC	0xF5
/* Revision of this interface, in tapi_line_caps.version */
#define TAPI_LINE_ABI		1
/* "No such thing", for example in tapi_line_caps.snd_card */
#define TAPI_LINE_NONE		(~0U)

/* What the line is for: tapi_line_caps.type */
enum {
	TAPI_LINE_FXS = 1,		/* a telephone hangs on it */
	TAPI_LINE_FXO = 2,		/* it hangs on an exchange */
};

/* Hook states and requests: tapi_line_state.hook, tapi_line_hook.op */
enum {
	TAPI_LINE_ON_HOOK,
	TAPI_LINE_OFF_HOOK,
	TAPI_LINE_HOOK_FLASH,		/* request only */
};

/* Why the hook changed: tapi_line_event.hook.cause */
enum {
	TAPI_LINE_HOOK_BY_LINE,		/* the telephone or the wire */
	TAPI_LINE_HOOK_BY_REQUEST,	/* TAPI_LINE_S_HOOK or dialling */
	TAPI_LINE_HOOK_BY_SAFE_STATE,	/* the claimer let go of the line, or the machine slept */
};

/* Line feed: tapi_line_linefeed.state */
enum {
	TAPI_LINE_FEED_OPEN,
	TAPI_LINE_FEED_ACTIVE,
	TAPI_LINE_FEED_OHT,		/* on-hook transmission */
	TAPI_LINE_FEED_TIP_OPEN,
	TAPI_LINE_FEED_RING_OPEN,
};

/* How to dial: tapi_line_dial.mode */
enum {
	TAPI_LINE_DIAL_PULSE = 1,
	TAPI_LINE_DIAL_DTMF = 2,
};

/* Faults, bits: tapi_line_state.faults */
enum {
	TAPI_LINE_FAULT_POWER = 1,
	TAPI_LINE_FAULT_RESET = 2,
	TAPI_LINE_FAULT_SHORT = 4,
	TAPI_LINE_FAULT_OVERLOAD = 8,
};

/* Capabilities, bits: tapi_line_caps.caps */
#define TAPI_LINE_CAP_HOOK		(1ULL << 0)	/* can seize the line; FXO */
#define TAPI_LINE_CAP_FLASH		(1ULL << 1)	/* can time a hook flash; FXO */
#define TAPI_LINE_CAP_PULSE_DIAL	(1ULL << 2)
#define TAPI_LINE_CAP_DTMF_DIAL		(1ULL << 3)	/* a generator in hardware */
#define TAPI_LINE_CAP_DTMF_DETECT	(1ULL << 4)	/* a decoder in hardware */
#define TAPI_LINE_CAP_RING		(1ULL << 5)	/* can ring a telephone; FXS */
#define TAPI_LINE_CAP_LINEFEED		(1ULL << 6)
#define TAPI_LINE_CAP_POLARITY		(1ULL << 7)
#define TAPI_LINE_CAP_TONE		(1ULL << 8)
#define TAPI_LINE_CAP_OHT		(1ULL << 9)	/* sound while on hook: caller id */
#define TAPI_LINE_CAP_MEASURE		(1ULL << 10)
#define TAPI_LINE_CAP_PCM		(1ULL << 11)
/*
 * The line is the test side of a simulated cable: a service that serves every
 * line it finds leaves this one to whoever plays the other party.
 */
#define TAPI_LINE_CAP_FAR_END		(1ULL << 12)

/* tapi_line_state.flags */
enum {
	TAPI_LINE_ST_CLAIMED = 1,
	TAPI_LINE_ST_LINGER = 2,	/* the claimer went, its state is held for a while */
	TAPI_LINE_ST_BOUND = 4,		/* has a provider in the relay */
};

/* tapi_line_claim.flags */
#define TAPI_LINE_CLAIM_FORCE	1	/* take a lingering line; CAP_SYS_ADMIN */

/* tapi_line_ring.op, tapi_line_tone.op */
enum {
	TAPI_LINE_OP_STOP,
	TAPI_LINE_OP_START,
};

/* Cadence steps of a ring or tone request */
#define TAPI_LINE_CADENCES	4

/**
 * struct tapi_line_caps - what a line is and can do
 * @driver: name of the card driver
 * @card_name: name of the card
 * @bus_info: where the card is, stable over restarts
 * @line_name: name of the line
 * @version: revision of this interface, TAPI_LINE_ABI
 * @card: number of the card
 * @line: number of the line on the card, from 0
 * @type: TAPI_LINE_FXS or TAPI_LINE_FXO
 * @caps: TAPI_LINE_CAP_ bits
 * @events: event types the line can send; bit n stands for type n
 * @snd_card: number of the ALSA card, TAPI_LINE_NONE without sound
 * @snd_device: number of the ALSA PCM device
 * @reserved: zero
 */
struct tapi_line_caps {
	char driver[16];
	char card_name[32];
	char bus_info[32];
	char line_name[16];
	__u32 version;
	__u32 card;
	__u32 line;
	__u32 type;
	__aligned_u64 caps;
	__aligned_u64 events;
	__u32 snd_card;
	__u32 snd_device;
	__u32 reserved[14];
};

/**
 * struct tapi_line_state - a snapshot of a line
 * @ts: when the last event was seen, CLOCK_MONOTONIC, ns
 * @seq: number of the last event that is folded into this snapshot
 * @hook: TAPI_LINE_ON_HOOK or TAPI_LINE_OFF_HOOK
 * @ring: 1 while ringing voltage is on the line
 * @linefeed: TAPI_LINE_FEED_
 * @polarity: 1 when reversed
 * @battery: 1 when the line is fed
 * @faults: TAPI_LINE_FAULT_ bits
 * @dtmf: the digit being received, ASCII, or 0
 * @flags: TAPI_LINE_ST_ bits
 * @linger_ms: time left of a linger, ms; TAPI_LINE_NONE when there is none
 * @reserved: zero
 */
struct tapi_line_state {
	__aligned_u64 ts;
	__u32 seq;
	__u32 hook;
	__u32 ring;
	__u32 linefeed;
	__u32 polarity;
	__u32 battery;
	__u32 faults;
	__u32 dtmf;
	__u32 flags;
	__u32 linger_ms;
	__u32 reserved[4];
};

/**
 * struct tapi_line_claim - become the one controller of a line
 * @flags: 0 or TAPI_LINE_CLAIM_FORCE
 * @linger_ms: how long the line keeps its state after this file closes, ms
 * @key: chosen by the claimer; a lingering line is given back for the same key
 * @reserved: zero
 */
struct tapi_line_claim {
	__u32 flags;
	__u32 linger_ms;
	__u8 key[16];
	__u32 reserved[2];
};

/**
 * struct tapi_line_hook - go on or off hook, or flash
 * @op: TAPI_LINE_ON_HOOK, TAPI_LINE_OFF_HOOK or TAPI_LINE_HOOK_FLASH
 * @duration_ms: length of a flash, ms; 0 is the line's default
 * @cookie: returned in the COMPLETE event; 0 asks for none
 * @reserved: zero
 */
struct tapi_line_hook {
	__u32 op;
	__u32 duration_ms;
	__u32 cookie;
	__u32 reserved[5];
};

/**
 * struct tapi_line_ring - ring a telephone
 * @op: TAPI_LINE_OP_START or TAPI_LINE_OP_STOP
 * @flags: zero
 * @freq_mhz: ringing frequency, mHz; 0 is the line's default
 * @count: bursts, 0 until stopped
 * @on_ms: burst lengths, ms; a zero ends the list
 * @off_ms: pauses, ms
 * @cookie: returned in the COMPLETE event; 0 asks for none
 * @reserved: zero
 */
struct tapi_line_ring {
	__u32 op;
	__u32 flags;
	__u32 freq_mhz;
	__u32 count;
	__u32 on_ms[TAPI_LINE_CADENCES];
	__u32 off_ms[TAPI_LINE_CADENCES];
	__u32 cookie;
	__u32 reserved[3];
};

/**
 * struct tapi_line_linefeed - feed the line
 * @state: TAPI_LINE_FEED_
 * @polarity: 1 for reversed
 * @reserved: zero
 */
struct tapi_line_linefeed {
	__u32 state;
	__u32 polarity;
	__u32 reserved[6];
};

/**
 * struct tapi_line_tone - play a tone with the line's own oscillators
 * @op: TAPI_LINE_OP_START or TAPI_LINE_OP_STOP
 * @flags: zero
 * @freq_mhz: frequencies of the two oscillators, mHz; 0 is silent
 * @level_mdbm: their levels, thousandths of a dBm
 * @count: bursts, 0 until stopped
 * @on_ms: burst lengths, ms; a zero ends the list; all zero is continuous
 * @off_ms: pauses, ms
 * @cookie: returned in the COMPLETE event; 0 asks for none
 * @reserved: zero
 */
struct tapi_line_tone {
	__u32 op;
	__u32 flags;
	__u32 freq_mhz[2];
	__s32 level_mdbm[2];
	__u32 count;
	__u32 on_ms[TAPI_LINE_CADENCES];
	__u32 off_ms[TAPI_LINE_CADENCES];
	__u32 cookie;
	__u32 reserved[4];
};

/* Digits of one dial request */
#define TAPI_LINE_DIAL_MAX	64

/**
 * struct tapi_line_dial - dial digits
 * @digits: 0-9 * # A-D, a comma pauses, ! flashes; padded with NUL
 * @mode: TAPI_LINE_DIAL_PULSE or TAPI_LINE_DIAL_DTMF
 * @flags: zero
 * @on_ms: DTMF digit length, ms; 0 is the default, as for all times here
 * @off_ms: pause after a DTMF digit, ms
 * @break_ms: length of the open part of a dial pulse, ms
 * @make_ms: length of the closed part of a dial pulse, ms
 * @inter_ms: pause between pulse digits, ms
 * @cookie: returned in the COMPLETE event; 0 asks for none
 * @reserved: zero
 */
struct tapi_line_dial {
	char digits[TAPI_LINE_DIAL_MAX];
	__u32 mode;
	__u32 flags;
	__u32 on_ms;
	__u32 off_ms;
	__u32 break_ms;
	__u32 make_ms;
	__u32 inter_ms;
	__u32 cookie;
	__u32 reserved[8];
};

/* tapi_line_param.flags */
#define TAPI_LINE_PARAM_NEXT	1	/* Q_PARAM: the next id above the given one */
#define TAPI_LINE_PARAM_RO	2	/* returned: cannot be set */

/* Parameter ids; drivers' own start at TAPI_LINE_PARAM_DRIVER */
enum {
	TAPI_LINE_PARAM_RX_GAIN = 1,	/* thousandths of a dB */
	TAPI_LINE_PARAM_TX_GAIN,	/* thousandths of a dB */
	TAPI_LINE_PARAM_IMPEDANCE,	/* chip's table, 0 = 600 ohm */
	TAPI_LINE_PARAM_COUNTRY,	/* ISO 3166 numeric */
	TAPI_LINE_PARAM_LOOP_CURRENT,	/* uA */
	TAPI_LINE_PARAM_DEBOUNCE,	/* hook debounce, ms */
	TAPI_LINE_PARAM_PULSE_MAX,	/* longest break of a dial pulse, ms */
	TAPI_LINE_PARAM_FLASH_MAX,	/* longest break of a flash, ms */
	TAPI_LINE_PARAM_FLASH,		/* length of an own flash, ms */
	TAPI_LINE_PARAM_RING_DEBOUNCE,	/* ms */
	TAPI_LINE_PARAM_LOOP_DROP,	/* shortest loop drop reported, ms */
	TAPI_LINE_PARAM_LAW,		/* 0 mu-law, 1 A-law; read only */
	TAPI_LINE_PARAM_HYBRID,		/* chip's table of hybrid taps */
	TAPI_LINE_PARAM_DRIVER = 0x1000,
};

/**
 * struct tapi_line_param - one parameter of a line
 * @id: TAPI_LINE_PARAM_
 * @flags: TAPI_LINE_PARAM_NEXT, TAPI_LINE_PARAM_RO
 * @value: its value
 * @min: smallest value
 * @max: largest value
 * @step: distance of values
 * @def: value after loading
 * @name: for people
 * @reserved: zero
 */
struct tapi_line_param {
	__u32 id;
	__u32 flags;
	__aligned_s64 value;
	__aligned_s64 min;
	__aligned_s64 max;
	__aligned_s64 step;
	__aligned_s64 def;
	char name[32];
	__u32 reserved[4];
};

/**
 * struct tapi_line_measure - what the line looks like to a meter
 * @valid: bit 0 stands for @loop_mv, bit 1 for @tip_mv and so on
 * @loop_mv: between tip and ring, mV
 * @tip_mv: tip to ground, mV
 * @ring_mv: ring to ground, mV
 * @batt_mv: battery, mV
 * @loop_ua: loop current, uA
 * @reserved: zero
 */
struct tapi_line_measure {
	__u32 valid;
	__s32 loop_mv;
	__s32 tip_mv;
	__s32 ring_mv;
	__s32 batt_mv;
	__s32 loop_ua;
	__u32 reserved[10];
};

/**
 * struct tapi_line_stats - counters since the driver was loaded
 * @irqs: interrupts of the card
 * @polls: timed looks at the card
 * @spi_xfers: register transfers to the line's module
 * @spi_errors: failed ones
 * @dma_resyncs: times the sound ring was out of step
 * @missed_periods: periods that were noticed late
 * @events: events of this line
 * @dropped_events: events dropped from a full queue, all openers together
 * @power_alarms: power alarms
 * @chip_resets: resets of the module
 * @xruns_tx: playback underruns
 * @xruns_rx: capture overruns
 * @reserved: zero
 */
struct tapi_line_stats {
	__aligned_u64 irqs;
	__aligned_u64 polls;
	__aligned_u64 spi_xfers;
	__aligned_u64 spi_errors;
	__aligned_u64 dma_resyncs;
	__aligned_u64 missed_periods;
	__aligned_u64 events;
	__aligned_u64 dropped_events;
	__aligned_u64 power_alarms;
	__aligned_u64 chip_resets;
	__aligned_u64 xruns_tx;
	__aligned_u64 xruns_rx;
	__aligned_u64 reserved[4];
};

/* Event types; 0 is never sent */
enum {
	TAPI_LINE_EV_STATE = 1,		/* snapshot; first record after open */
	TAPI_LINE_EV_HOOK,
	TAPI_LINE_EV_FLASH,
	TAPI_LINE_EV_PULSE_DIGIT,
	TAPI_LINE_EV_RING,
	TAPI_LINE_EV_DTMF,
	TAPI_LINE_EV_POLARITY,
	TAPI_LINE_EV_BATTERY,
	TAPI_LINE_EV_LINEFEED,
	TAPI_LINE_EV_LOOP_DROP,		/* a short break of the battery */
	TAPI_LINE_EV_COMPLETE,		/* a request with a cookie has ended */
	TAPI_LINE_EV_FAULT,
	TAPI_LINE_EV_CLAIM,
	TAPI_LINE_EV_GONE,		/* the card has gone; last record */
	TAPI_LINE_EV_LOST,		/* records were dropped before the next one */
	TAPI_LINE_EV_END,		/* not a type: one above the last */
};

/* tapi_line_event.flags */
enum {
	TAPI_LINE_EV_FL_INITIAL = 1,	/* the state at open() */
	TAPI_LINE_EV_FL_SYNTHETIC = 2,	/* made by the core, not seen on the line */
	TAPI_LINE_EV_FL_RESUMED = 4,	/* the state after sleep */
};

/**
 * struct tapi_line_event - one record of read()
 * @ts: when it happened, CLOCK_MONOTONIC, ns
 * @type: TAPI_LINE_EV_
 * @flags: TAPI_LINE_EV_FL_ bits
 * @seq: counts all events of the line, also those a mask holds back
 * @cookie: of the request that this completes, or 0
 * @state: STATE; members as in struct tapi_line_state
 * @hook: HOOK, FLASH
 * @ring: RING; state 1 start of a burst, 0 its end
 * @dtmf: DTMF; digit in ASCII
 * @pulse: PULSE_DIGIT; digit in ASCII
 * @battery: BATTERY, LOOP_DROP
 * @level: POLARITY, LINEFEED, CLAIM
 * @complete: COMPLETE; 0 or a negative errno, digits or bursts done
 * @fault: FAULT
 * @lost: LOST
 * @raw: size of the union
 */
struct tapi_line_event {
	__aligned_u64 ts;
	__u32 type;
	__u32 flags;
	__u32 seq;
	__u32 cookie;
	union {
		struct {
			__u32 hook;
			__u32 ring;
			__u32 linefeed;
			__u32 polarity;
			__u32 battery;
			__u32 faults;
			__u32 flags;
		} state;
		struct {
			__u32 state;
			__u32 cause;
			__u32 duration_ms;
		} hook;
		struct {
			__u32 state;
			__u32 freq_mhz;
			__u32 duration_ms;
		} ring;
		struct {
			__u32 digit;
			__u32 pressed;
			__u32 duration_ms;
		} dtmf;
		struct {
			__u32 digit;
			__u32 pulses;
		} pulse;
		struct {
			__u32 state;
			__s32 mv;
		} battery;
		struct {
			__u32 value;
			__u32 old;
		} level;
		struct {
			__s32 status;
			__u32 done;
		} complete;
		struct {
			__u32 faults;
			__u32 changed;
		} fault;
		struct {
			__u32 count;
		} lost;
		__u32 raw[10];
	};
};

#define TAPI_LINE_G_CAPS	_IOR(TAPI_LINE_IOC_MAGIC, 0x00, struct tapi_line_caps)
#define TAPI_LINE_G_STATE	_IOR(TAPI_LINE_IOC_MAGIC, 0x01, struct tapi_line_state)
#define TAPI_LINE_G_STATS	_IOR(TAPI_LINE_IOC_MAGIC, 0x02, struct tapi_line_stats)
#define TAPI_LINE_MEASURE	_IOR(TAPI_LINE_IOC_MAGIC, 0x03, struct tapi_line_measure)
#define TAPI_LINE_CLAIM		_IOW(TAPI_LINE_IOC_MAGIC, 0x04, struct tapi_line_claim)
#define TAPI_LINE_RELEASE	_IO(TAPI_LINE_IOC_MAGIC, 0x05)
#define TAPI_LINE_S_EVMASK	_IOW(TAPI_LINE_IOC_MAGIC, 0x06, __u64)
#define TAPI_LINE_S_HOOK	_IOW(TAPI_LINE_IOC_MAGIC, 0x10, struct tapi_line_hook)
#define TAPI_LINE_S_RING	_IOW(TAPI_LINE_IOC_MAGIC, 0x11, struct tapi_line_ring)
#define TAPI_LINE_S_LINEFEED	_IOW(TAPI_LINE_IOC_MAGIC, 0x12, struct tapi_line_linefeed)
#define TAPI_LINE_S_TONE	_IOW(TAPI_LINE_IOC_MAGIC, 0x13, struct tapi_line_tone)
#define TAPI_LINE_DIAL		_IOW(TAPI_LINE_IOC_MAGIC, 0x14, struct tapi_line_dial)
#define TAPI_LINE_ABORT		_IOW(TAPI_LINE_IOC_MAGIC, 0x15, __u32)
#define TAPI_LINE_Q_PARAM	_IOWR(TAPI_LINE_IOC_MAGIC, 0x20, struct tapi_line_param)
#define TAPI_LINE_G_PARAM	_IOWR(TAPI_LINE_IOC_MAGIC, 0x21, struct tapi_line_param)
#define TAPI_LINE_S_PARAM	_IOW(TAPI_LINE_IOC_MAGIC, 0x22, struct tapi_line_param)

#endif /* _UAPI_LINUX_TAPI_LINE_H */

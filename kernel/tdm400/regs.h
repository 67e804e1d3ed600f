/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers: TigerJet TJ300/TJ320, the CPLD behind it, and the chips on the modules.
 * Numbers of the modules' chips are decimal, as in their data sheets.
 */
#ifndef _TDM400_REGS_H
#define _TDM400_REGS_H

#define TDM400_SOCKETS		4

/* TigerJet, byte offsets */
#define TJ_CNTL			0x00
#define   TJ_CNTL_LATCH		0x40	/* interrupt status stays until cleared */
#define   TJ_CNTL_PIB_SLOW	0x30	/* longest cycle of the peripheral bus */
#define   TJ_CNTL_PULSE_RST	0x08
#define   TJ_CNTL_SERIAL_RST	0x04
#define   TJ_CNTL_DMA_RST	0x02
#define   TJ_CNTL_RUN		0x01	/* the external reset pin is not asserted */
#define TJ_OPER			0x01
#define   TJ_OPER_DMA		0x01
#define TJ_AUXC			0x02	/* 1 = output */
#define   TJ_AUXC_DIR		0xdf	/* AUX5 is the modules' data out */
#define TJ_AUXD			0x03
#define TJ_MASK0		0x04
#define TJ_MASK1		0x05
#define TJ_INTSTAT		0x06
#define   TJ_INT_TX_HALF	0x01
#define   TJ_INT_TX_END		0x02
#define   TJ_INT_RX_HALF	0x04
#define   TJ_INT_RX_END		0x08
#define   TJ_INT_MASTER_ABORT	0x10
#define   TJ_INT_TARGET_ABORT	0x20
#define   TJ_INT_RX		(TJ_INT_RX_HALF | TJ_INT_RX_END)
#define   TJ_INT_ABORT		(TJ_INT_MASTER_ABORT | TJ_INT_TARGET_ABORT)
#define   TJ_INT_ALL		0x3f
#define TJ_AUXR			0x07
#define TJ_TX_START		0x08	/* host to line; bus addresses */
#define TJ_TX_INT		0x0c
#define TJ_TX_END		0x10
#define TJ_TX_CURRENT		0x14
#define TJ_RX_START		0x18	/* line to host */
#define TJ_RX_INT		0x1c
#define TJ_RX_END		0x20
#define TJ_RX_CURRENT		0x24
#define TJ_AUXFUNC		0x2b
#define   TJ_AUXFUNC_CLOCK	0x04
#define TJ_SERCTL		0x2d
#define   TJ_SERCTL_MSB_DOUBLE	0xc1	/* most significant bit first, double clock */
#define TJ_FSCDELAY		0x2f
#define TJ_PIB(n)		(0xc0 + 4 * (n))

/* CPLD, on the peripheral bus */
#define CPLD_SYNC		0
#define CPLD_TEST		1
#define CPLD_CS			2	/* one bit for each socket */
#define CPLD_VERSION		3
#define   CPLD_VERSION_NONE	0x59	/* what the bus reads without a CPLD */
#define   CPLD_VERSION_NEWER	0x70	/* tests itself with the CS register */

/* Si3210, Si3215 */
#define FXS_MODE		0
#define   FXS_MODE_REVISION	0x0f
#define FXS_PCM			1
#define   FXS_PCM_SI3215	0x80
#define   FXS_PCM_MU		0x28
#define   FXS_PCM_A		0x20
#define FXS_TX_SLOT_LO		2
#define FXS_TX_SLOT_HI		3
#define FXS_RX_SLOT_LO		4
#define FXS_RX_SLOT_HI		5
#define FXS_LOOPBACK		8	/* 2 after a reset, 0 while we run it */
#define   FXS_LOOPBACK_RESET	0x02
#define FXS_IMPEDANCE		10
#define   FXS_IMPEDANCE_ON	0x08
#define FXS_HYBRID		11
#define   FXS_HYBRID_RESET	0x33
#define FXS_POWER		14
#define   FXS_POWER_DC_OFF	0x10
#define FXS_INT1		18
#define FXS_INT2		19
#define   FXS_INT2_LOOP		0x02	/* the loop was closed or opened; latched, as all of them */
#define FXS_INT3		20
#define   FXS_INT3_DTMF		0x01	/* a digit began */
#define FXS_INT1_ENABLE		21
#define FXS_INT2_ENABLE		22	/* only what is enabled is latched; no pin is wired */
#define FXS_INT3_ENABLE		23
#define FXS_DTMF		24
#define   FXS_DTMF_VALID	0x10
#define FXS_IND_DATA_LO		28
#define FXS_IND_DATA_HI		29
#define FXS_IND_ADDRESS		30
#define FXS_IND_STATUS		31
#define   FXS_IND_PENDING	0x01
#define FXS_OSC1		32
#define FXS_OSC2		33
#define   FXS_OSC_TO_PHONE	0x06
#define FXS_RING_OSC		34
#define FXS_LINEFEED		64
#define   FXS_LF_MASK		0x07
#define FXS_BATTERY_FEED	66
#define   FXS_BATTERY_TRACK	0x01
#define FXS_AUTO		67
#define   FXS_AUTO_ALL		0x07	/* ring trip, loop closure, power alarm */
#define FXS_LOOP		68
#define   FXS_LOOP_CLOSED	0x01
#define   FXS_LOOP_RING_TRIP	0x02
#define FXS_LOOP_CURRENT	71
#define FXS_COMMON_MODE		73
#define FXS_VBATH		74
#define FXS_LOOP_VOLTAGE	78
#define FXS_LOOP_SENSE		79
#define FXS_TIP_SENSE		80
#define FXS_RING_SENSE		81
#define FXS_BATTERY_SENSE	82
#define FXS_Q5_CURRENT		88
#define FXS_Q6_CURRENT		89
#define FXS_DC_PERIOD		92
#define FXS_DC_SWITCH		93
#define   FXS_DC_RUN		0x19
#define   FXS_DC_CALIBRATE	0x99
#define FXS_CAL1		96
#define FXS_CAL2		97
#define FXS_CAL_RING		98
#define FXS_CAL_TIP		99
#define FXS_CAL_DC		107
#define FXS_CAL_FIRST		96
#define FXS_CAL_COUNT		12
#define FXS_ENHANCE		108
#define   FXS_ENHANCE_TDM400	0xeb

/* Commands of the linefeed register */
#define FXS_LF_OPEN		0
#define FXS_LF_ACTIVE		1
#define FXS_LF_OHT		2
#define FXS_LF_TIP_OPEN		3
#define FXS_LF_RINGING		4
#define FXS_LF_RING_OPEN	7
#define FXS_LF_REVERSE		4	/* added to active and OHT */

/* Si3050 with its line side */
#define FXO_CONTROL1		1
#define   FXO_CONTROL1_RESET	0x80
#define FXO_CONTROL2		2
#define   FXO_CONTROL2_RESET	0x03	/* what it reads after a reset */
#define FXO_INT_SOURCE		4	/* what has happened; zeros clear it */
#define   FXO_INT_RING		0x80
#define   FXO_INT_POLARITY	0x01
#define FXO_DAA1		5
#define   FXO_DAA1_OFF_HOOK	0x01
#define   FXO_DAA1_FAULT	0x02
#define   FXO_DAA1_RDT		0x04	/* ringing within the last 5 s */
#define   FXO_DAA1_MONITOR	0x08	/* sound while on hook */
#define   FXO_DAA1_RING		0x60	/* ringing voltage now, either half wave */
#define   FXO_DAA1_HOOK		0x0b	/* off hook, fault, monitor: what was written reads back */
#define   FXO_DAA1_LOOK		(FXO_DAA1_RING | FXO_DAA1_RDT | FXO_DAA1_HOOK)
#define FXO_DAA2		6
#define FXO_REVISION		11
#define FXO_LINE_STATUS		12
#define   FXO_OVERLOAD		31
#define FXO_INTL1		16
#define FXO_INTL3		18
#define FXO_RING_VALID3		24
#define   FXO_RING_VALID3_OFF	0x19	/* ring validation off, its reset value */
#define FXO_DC_TERM		26
#define FXO_LOOP_CURRENT	28
#define FXO_LINE_VOLTAGE	29
#define FXO_AC_TERM		30
#define FXO_DAA5		31
#define   FXO_DAA5_BASE		0xa3	/* full scale, 128 ms, filter, voltage below 3 V */
#define FXO_PCM			33
#define   FXO_PCM_MU		0x28
#define   FXO_PCM_A		0x20
#define FXO_TX_SLOT_LO		34
#define FXO_TX_SLOT_HI		35
#define FXO_RX_SLOT_LO		36
#define FXO_RX_SLOT_HI		37
#define FXO_TX_GAIN_DB		38
#define FXO_RX_GAIN_DB		39
#define FXO_TX_GAIN_TENTH	40
#define FXO_RX_GAIN_TENTH	41
#define   FXO_GAIN_ATTENUATE	0x10
#define FXO_HYBRID1		45
#define FXO_HYBRID_TAPS		8
#define FXO_SPARK		59
#define   FXO_SPARK_SQ		0x50	/* both bits of SQ: slow, for Australia */

#endif /* _TDM400_REGS_H */

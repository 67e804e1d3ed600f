/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The class of the card MSP, as TSPI_lineMSPIdentify() names it. */
#ifndef CARD_GUID_H
#define CARD_GUID_H

/* 6d8e3f14-2b7a-4c95-8e01-54415049ca4d, in memory order */
#define CARD_MSP_GUID { 0x14, 0x3f, 0x8e, 0x6d, 0x7a, 0x2b, 0x95, 0x4c, \
			0x8e, 0x01, 0x54, 0x41, 0x50, 0x49, 0xca, 0x4d }
#define CARD_MSP_GUID_TEXT "6d8e3f14-2b7a-4c95-8e01-54415049ca4d"

#endif /* CARD_GUID_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* G.711, 16 bit linear; the bytes as on the PCM bus (A-law with even bits inverted). */
#ifndef G711_H
#define G711_H

#include <stdint.h>

int16_t g711_from_ulaw(uint8_t code);
int16_t g711_from_alaw(uint8_t code);
uint8_t g711_to_ulaw(int16_t sample);
uint8_t g711_to_alaw(int16_t sample);

#endif

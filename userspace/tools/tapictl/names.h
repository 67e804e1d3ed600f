/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of bits and values of TAPI, without their prefix. */
#ifndef TAPICTL_NAMES_H
#define TAPICTL_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct name {
	uint32_t value;
	const char *name;
};

struct names {
	const struct name *list;
	size_t count;
};

extern const struct names names_media, names_bearer, names_digit, names_device_flags,
	names_line_features, names_line_state, names_device_status, names_address_state,
	names_address_features, names_address_flags, names_sharing, names_call_states,
	names_call_features, names_call_info, names_origin, names_reason, names_privilege,
	names_disconnect, names_connected, names_busy, names_dial_tone, names_special,
	names_offering, names_gather, names_generate, names_answer, names_party;

/* One value, or NULL */
const char *names_value(const struct names *names, uint32_t value);

/* All bits, "A, B"; unknown ones in hexadecimal. Freed by the caller; NULL for lack of memory */
char *names_bits(const struct names *names, uint32_t bits, const char *between);

#endif /* TAPICTL_NAMES_H */

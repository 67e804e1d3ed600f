/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libtapi3 needs beyond the public interface: the media provider of a line, and the right to
 * talk to its service provider. Exported under LIBTAPI_PRIVATE, for libraries of this project only.
 */
#ifndef LIBTAPI_PRIVATE_H
#define LIBTAPI_PRIVATE_H

#include <stdint.h>
#include <tapi/tapi.h>

/**
 * tapi_private_msp_identify - the media provider of a line
 * @line: open line
 * @guid: out: which one, in memory order
 *
 * Returns 0, LINEERR_OPERATIONUNAVAIL for a line without one, another negative LINEERR_.
 */
TAPI_API LONG tapi_private_msp_identify(HLINE line, uint8_t guid[16]);

/**
 * tapi_private_msp_grant - permission to make one media provider instance
 * @line: open line
 * @address: address of it
 * @cookie: out: to be presented to the kernel's relay within seconds, once; never to be logged
 *
 * Returns 0 or a negative LINEERR_.
 */
TAPI_API LONG tapi_private_msp_grant(HLINE line, DWORD address, uint8_t cookie[16]);

/**
 * tapi_private_dev_specific - lineDevSpecific() whose answer is not wanted
 * @line: open line
 * @address: address of it
 * @data: bytes for the provider; only read, and only until the function returns
 * @size: their number
 *
 * Asynchronous. Returns a request id or a negative LINEERR_.
 */
TAPI_API LONG tapi_private_dev_specific(HLINE line, DWORD address, const void *data, DWORD size);

#endif /* LIBTAPI_PRIVATE_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Windows names, the TAPI 3 objects, the MSP plug-in interface and the kernel's interfaces live
 * in one file without a clash.
 */
#include <tapi/tapi.h>
#include <tapi/tapi_linux.h>
#include <tapi/tapi3err.h>
#include <tapi/tspi.h>

#include <tapi3/msp.h>
#include <tapi3/tapi3.h>

#include <linux/tapi_line.h>
#include <linux/tapi_netlink.h>

/* One name of each header, so that no include guard is used twice */
_Static_assert(LINECALLSTATE_CONNECTED == 0x100, "tapi.h");
_Static_assert(TSPI_MESSAGE_BASE == 500, "tspi.h");
_Static_assert(TAPI_E_NOEVENT < 0, "tapi3err.h");
_Static_assert(TAPI_ORIGIN_KERNEL == 4, "tapi_linux.h");
_Static_assert(TAPI_LINE_ABI >= 1, "tapi_line.h");
_Static_assert(TAPI_NL_NAME_LEN == 32, "tapi_netlink.h");

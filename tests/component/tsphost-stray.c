/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A library that happens to have a function of the service provider interface. */
#include <tapi/tspi.h>

TSPI_API int tsphost_stray(void);

TSPI_API int tsphost_stray(void)
{
	return 1;
}

TSPI_API LONG TSPI_lineDrop(DRV_REQUESTID dwRequestID, HDRVCALL hdCall, LPCSTR lpsUserUserInfo,
			    DWORD dwSize)
{
	return LINEERR_OPERATIONFAILED;
}

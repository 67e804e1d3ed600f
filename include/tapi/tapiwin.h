/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Windows types that tapi.h and tspi.h speak, with Windows widths on every Linux system.
 *
 * A program that already has such types (Wine, unixODBC, a port's own windows.h) defines
 * TAPI_HAVE_WINDOWS_TYPES before including any TAPI header and supplies all of them itself.  The
 * assertions at the end then refuse types of other widths: an 8-byte DWORD (unsigned long on
 * 64-bit Linux) or a 4-byte WCHAR (wchar_t) would silently change every structure.
 */
#ifndef TAPI_TAPIWIN_H
#define TAPI_TAPIWIN_H

#include <stdint.h>
#ifdef __cplusplus
#include <cstddef>
#else
#include <stddef.h>
#include <uchar.h>
#endif

#ifndef TAPI_HAVE_WINDOWS_TYPES

typedef uint8_t BYTE;
typedef uint16_t WORD;
typedef uint32_t DWORD;
typedef int32_t LONG;
typedef int32_t BOOL;
typedef int32_t HRESULT;
typedef uintptr_t DWORD_PTR;
typedef uintptr_t WPARAM;
typedef intptr_t LPARAM;
/* UTF-16 in host byte order, never wchar_t */
typedef char16_t WCHAR;
typedef char CHAR;

typedef void *LPVOID;
typedef BYTE *LPBYTE;
typedef DWORD *LPDWORD;
typedef char *LPSTR;
typedef const char *LPCSTR;
typedef WCHAR *LPWSTR;
typedef const WCHAR *LPCWSTR;

/* A pointer that holds a descriptor where the text says so; 0 and -1 are never handed out */
typedef void *HANDLE;
/* Accepted for source compatibility, never looked at */
typedef void *HWND;
typedef void *HINSTANCE;
typedef void *HICON;
typedef HICON *LPHICON;

typedef struct _GUID {
	DWORD Data1;
	WORD Data2;
	WORD Data3;
	BYTE Data4[8];
} GUID, *LPGUID;

/* UTC */
typedef struct _SYSTEMTIME {
	WORD wYear;
	WORD wMonth;
	WORD wDayOfWeek;
	WORD wDay;
	WORD wHour;
	WORD wMinute;
	WORD wSecond;
	WORD wMilliseconds;
} SYSTEMTIME, *LPSYSTEMTIME;

/* 1/10,000 of a unit of currency */
typedef union tagCY {
	struct {
		DWORD Lo;
		LONG Hi;
	} s;
	int64_t int64;
} CY;
typedef CY CURRENCY;
/* Days since 30 December 1899 */
typedef double DATE;

#ifndef TRUE
#define TRUE	1
#endif
#ifndef FALSE
#define FALSE	0
#endif

#ifndef WINAPI
#define WINAPI
#endif
#ifndef CALLBACK
#define CALLBACK
#endif

#endif /* !TAPI_HAVE_WINDOWS_TYPES */

#ifdef __cplusplus
#define TAPI_STATIC_ASSERT(expression, text) static_assert(expression, text)
#else
#define TAPI_STATIC_ASSERT(expression, text) _Static_assert(expression, text)
#endif

TAPI_STATIC_ASSERT(sizeof(WORD) == 2, "WORD must have 2 bytes");
TAPI_STATIC_ASSERT(sizeof(DWORD) == 4, "DWORD must have 4 bytes: not unsigned long");
TAPI_STATIC_ASSERT(sizeof(LONG) == 4, "LONG must have 4 bytes: not long");
TAPI_STATIC_ASSERT((LONG)-1 < 0 && (DWORD)-1 > 0, "LONG is signed and DWORD is not");
TAPI_STATIC_ASSERT(sizeof(WCHAR) == 2, "WCHAR must have 2 bytes: not wchar_t");
TAPI_STATIC_ASSERT(sizeof(DWORD_PTR) == sizeof(void *), "DWORD_PTR holds a pointer");
TAPI_STATIC_ASSERT(sizeof(GUID) == 16, "GUID has 16 bytes");
TAPI_STATIC_ASSERT(sizeof(SYSTEMTIME) == 16, "SYSTEMTIME has 16 bytes");

#endif /* TAPI_TAPIWIN_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fake provider is like. */
#ifndef TSPHOST_FAKE_H
#define TSPHOST_FAKE_H

#define FAKE_VERSION	0x00020002
#define FAKE_LINES	8u
#define FAKE_CALLS	64u
/* There is a call already when it is opened */
#define FAKE_BUSY_LINE	3u
/* When it is opened, a thread of the provider's begins to report LINE_DEVSPECIFIC, numbered */
#define FAKE_TALKING_LINE	4u
#define FAKE_TALK	200u
/* Its handles start here */
#define FAKE_HDLINE	0x100u
#define FAKE_HDCALL	0x200u
#define FAKE_HDMSP	0x10000u
/* It refuses media providers there */
#define FAKE_BAD_ADDRESS	9u
/* PermanentLineGuid of each line, in the order of its text */
#define FAKE_GUID	{ 0x11, 0x22, 0x33, 0x44 }

#endif /* TSPHOST_FAKE_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of programs: tapisrv and its host, with two lines of the null provider. */
#ifndef TEST_SERVICE_H
#define TEST_SERVICE_H

#include <tapi/tapi.h>

/* Starts it in a new directory; TAPI_SOCKET names its socket */
void service_start(void);
/* The same with another provider: directory of its module in the build, providers.d/test.conf */
void service_start_with(const char *from, const char *settings);
void service_stop(void);
/* SIGKILL, and again from the start */
void service_restart(void);

/* A command of the null provider's control socket; its answer, good until the next one */
const char *null_command(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An answer that comes in time */
LINEMESSAGE message_of(HLINEAPP app, DWORD id);

#endif /* TEST_SERVICE_H */

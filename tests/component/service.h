/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of programs: tapisrv and its host, with two lines of the null provider. */
#ifndef TEST_SERVICE_H
#define TEST_SERVICE_H

#include <stdbool.h>
#include <sys/types.h>

#include <tapi/tapi.h>

/* Everything is given as long as on a slow machine */
#define PATIENCE_MS	20000u
#define STEP_US		10000u

/* Waits until something is so; fails after PATIENCE_MS */
#define eventually(condition)								\
	do {										\
		unsigned int left_ = PATIENCE_MS * 1000 / STEP_US;			\
		bool so_ = condition;							\
											\
		for (; !so_ && left_; left_--) {					\
			usleep(STEP_US);						\
			so_ = condition;						\
		}									\
		if (!so_)								\
			fail_msg("never: %s", #condition);				\
	} while (0)

/* Starts it in a new directory; TAPI_SOCKET names its socket */
void service_start(void);
/* The same with another provider: directory of its module in the build, providers.d/test.conf */
void service_start_with(const char *from, const char *settings);
/* It has to end well, and to have said nothing of a sanitizer */
void service_stop(void);
/* SIGKILL, and again from the start */
void service_restart(void);

/* ---- the same in steps ---- */

void service_prepare(void);		/* a directory with nothing in it */
void service_adopt(const char *directory);	/* of another process' service */
void service_file(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *service_path(const char *name);	/* good for a while */
/* providers.d/NAME.conf: two lines of the null provider, whose control socket is NAME */
void service_null(const char *name, const char *more);
void service_run(void);
/* So many at once: all but one have to end with a failure */
void service_run_many(unsigned int count);
void service_signal(int signal);
int service_end(int signal);		/* its wait status; the directory stays */
void service_remove(void);		/* the directory */
pid_t service_pid(void);
bool service_logged(const char *text);	/* what it and its hosts have written */
void service_log_forget(void);

/* A command of the null provider's control socket; its answer, good until the next one */
const char *null_command(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *null_ask(const char *name, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same without a word: is there an answer? */
bool null_tell(const char *name, const char *command);

/* An answer that comes in time */
LINEMESSAGE message_of(HLINEAPP app, DWORD id);

#endif /* TEST_SERVICE_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapictl: what its parts share. */
#ifndef TAPICTL_H
#define TAPICTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Documented in tapictl(1); scripts depend on them */
enum status {
	STATUS_OK = 0,
	STATUS_USAGE = 1,
	STATUS_REFUSED = 2,
	STATUS_NOT_FOUND = 3,
	STATUS_TIMEOUT = 4,
	STATUS_ENDED = 5,
	STATUS_NO_SERVER = 6,
};

enum format { FORMAT_TEXT, FORMAT_KEYS, FORMAT_JSON };

/**
 * struct settings - the command line
 * @socket: of programs, NULL: where libtapi looks
 * @timeout_ms: 0: for ever
 * @call: dwCallID, 0: any
 * @first: steps of a trace, from 1; 0: not given
 * @last: likewise
 */
struct settings {
	enum format format;
	const char *socket, *admin_socket, *output;
	bool wait, text, json;
	uint32_t timeout_ms, call, first, last;
};

extern struct settings settings;

/* "tapictl: " and the text on standard error; returns @status */
int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What is waited for, on standard error if that is a terminal */
void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- commands: return the exit status ---- */

int status_show(int argc, char **argv);
int provider_list(int argc, char **argv);
int provider_restart(int argc, char **argv);
int client_list(int argc, char **argv);
int server_reload(int argc, char **argv);
int line_list(int argc, char **argv);
int line_show(int argc, char **argv);
int call_make(int argc, char **argv);
int call_answer(int argc, char **argv);
int call_drop(int argc, char **argv);
int call_digits(int argc, char **argv);
int monitor(int argc, char **argv);
int trace(int argc, char **argv);
int explain(int argc, char **argv);

#endif /* TAPICTL_H */

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What happens between the parts, for people: one JSON object per line,
 *
 *	{"t":NANOSECONDS,"from":"TAPISRV","to":"TSP","name":"lineAnswer","args":{...}}
 *
 * t is CLOCK_MONOTONIC, so that the records of several processes can be put in order. Each record
 * is one write() to a file opened O_APPEND: processes may share the file. Costs one comparison when
 * no file is open.
 */
#ifndef TAPI_TRACE_H
#define TAPI_TRACE_H

#include <stdbool.h>
#include <protobuf-c/protobuf-c.h>

#define TRACE_DRIVER	"driver"
#define TRACE_TSP	"TSP"
#define TRACE_TAPISRV	"TAPISRV"
#define TRACE_TAPI3	"TAPI3"
#define TRACE_MSP	"MSP"
#define TRACE_APP	"application"

/**
 * trace_open - begin to write
 * @path: file, made when it is missing
 *
 * Returns 0 or a negative errno.
 */
int trace_open(const char *path);

/* The file TAPI_TRACE names, unless the program runs with more rights than its user */
void trace_open_environment(void);

void trace_close(void);
bool trace_on(void);

/**
 * trace_text - one record
 * @format: of the arguments: JSON members without the braces, "\"line\":%u"; NULL for none
 */
void trace_text(const char *from, const char *to, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* One record whose arguments are a message; NULL for none */
void trace_message(const char *from, const char *to, const char *name,
		   const ProtobufCMessage *message);

#endif /* TAPI_TRACE_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers to programs, and small things that everybody needs. */
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "server.h"

void error_by_server(Tapi__Rpc__Error *error, const char *text)
{
	error->has_origin = 1;
	error->origin = TAPI_ORIGIN_SERVER;
	error->text = (char *)(uintptr_t)text;
}

void answer_error(ProtobufCClosure closure, void *closure_data,
		  const ProtobufCMessageDescriptor *output, int32_t result, unsigned int origin,
		  int number, const char *text)
{
	_Alignas(16) unsigned char room[256];
	Tapi__Rpc__Result *out = (Tapi__Rpc__Result *)room;
	Tapi__Rpc__Error error = TAPI__RPC__ERROR__INIT;

	if (!closure)
		return;
	if (output->sizeof_message > sizeof(room)) {
		closure(NULL, closure_data);
		return;
	}
	output->message_init((ProtobufCMessage *)room);
	error_by_server(&error, text);
	error.origin = origin;
	error.has_number = number != 0;
	error.number = (uint32_t)number;
	/* every answer begins with these two */
	out->has_result = 1;
	out->result = result;
	out->error = &error;
	closure((ProtobufCMessage *)room, closure_data);
}

void answer_result(Tapi__Rpc__Result_Closure closure, void *data, int32_t result, const char *text)
{
	Tapi__Rpc__Result out = TAPI__RPC__RESULT__INIT;

	if (result < 0) {
		ANSWER_ERROR(RESULT, result, closure, data, result, text);
		return;
	}
	out.has_result = 1;
	out.result = result;
	closure(&out, data);
}

void answer_forward(struct op *op, const ProtobufCMessage *out)
{
	if (!op->closure)
		return;
	if (out)
		op->closure(out, op->closure_data);
	else
		answer_error(op->closure, op->closure_data, &tapi__rpc__result__descriptor,
			     op->result, TAPI_ORIGIN_SERVER, 0,
			     "the service provider does not answer");
	op->closure = NULL;
}

char *name_copy(const char *name)
{
	size_t length = name ? strlen(name) : 0;
	char *copy;

	if (!name)
		return NULL;
	if (length > NAME_BYTES_MAX) {
		length = NAME_BYTES_MAX;
		/* not inside a character */
		while (length && ((unsigned char)name[length] & 0xc0) == 0x80)
			length--;
	}
	copy = strndup(name, length);
	for (char *c = copy; c && *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
	return copy;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

void *tree_find(void *const *root, uint32_t number)
{
	void **found = tfind(&number, root, by_number);

	return found ? *found : NULL;
}

bool tree_add(void **root, void *object)
{
	void **found = tsearch(object, root, by_number);

	return found && *found == object;
}

void tree_remove(void **root, const void *object)
{
	if (tree_find(root, *(const uint32_t *)object) == object)
		tdelete(object, root, by_number);
}

uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void log_message(int priority, const char *format, ...)
{
	static int journal = -1;
	va_list args;

	if (journal < 0)
		journal = getenv("JOURNAL_STREAM") != NULL;
	if (journal)
		fprintf(stderr, "<%d>", priority);
	else
		fputs("tapisrv: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

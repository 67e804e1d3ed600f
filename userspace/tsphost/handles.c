/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines and calls: tapisrv's numbers, which are also what the provider is given as HTAPILINE and
 * HTAPICALL, and the provider's own handles. Calls of tapisrv's have bit 31 clear; those the
 * provider offers are numbered here, with bit 31 set, and a number comes again after two billion.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "utf.h"

#define OFFERED		0x80000000u
#define LINE_BUCKETS	64u
#define CALL_BUCKETS	256u
/* Buffers of a call: all but the last are of operations that were cancelled */
#define GATHERS_MAX	16u

struct line {
	struct line *next;
	struct line_ref ref;
	uint64_t token;		/* of the job that opens it, or did: what it says waits for the answer */
};

struct gather {
	struct gather *next;
	uint32_t id, count;
	WCHAR digits[];
};

struct call {
	struct call *next;
	struct call_ref ref;
	bool made;		/* false: tentative */
	bool retired;
	unsigned int users;
	struct gather *gathers;	/* newest first */
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t unused;
	struct line *lines[LINE_BUCKETS];
	struct call *calls[CALL_BUCKETS];
	uint32_t last, offered, limit;
	bool retired;		/* all */
} handles = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.unused = PTHREAD_COND_INITIALIZER,
	.limit = CALLS_MAX,
};

static struct line *find_line(uint32_t number)
{
	struct line *line = handles.lines[number % LINE_BUCKETS];

	while (line && line->ref.number != number)
		line = line->next;
	return line;
}

static struct call *find_call(uint32_t number)
{
	struct call *call = handles.calls[number % CALL_BUCKETS];

	while (call && call->ref.number != number)
		call = call->next;
	return call;
}

void handles_limit(uint32_t calls)
{
	pthread_mutex_lock(&handles.lock);
	handles.limit = calls;
	pthread_mutex_unlock(&handles.lock);
}

/* ---- lines ---- */

LONG handles_add_line(uint32_t number, uint32_t device, uint32_t version, uint64_t token)
{
	struct line **at = &handles.lines[number % LINE_BUCKETS];
	struct line *line = calloc(1, sizeof(*line));
	LONG err = 0;

	if (!line)
		return LINEERR_NOMEM;
	line->ref = (struct line_ref) { .number = number, .device = device, .version = version };
	line->token = token;
	pthread_mutex_lock(&handles.lock);
	if (!number || find_line(number)) {
		err = LINEERR_INVALLINEHANDLE;
	} else {
		line->next = *at;
		*at = line;
	}
	pthread_mutex_unlock(&handles.lock);
	if (err)
		free(line);
	return err;
}

void handles_line_opened(uint32_t number, HDRVLINE driver)
{
	struct line *line;

	pthread_mutex_lock(&handles.lock);
	line = find_line(number);
	if (line)
		line->ref.driver = driver;
	pthread_mutex_unlock(&handles.lock);
}

LONG handles_line(uint32_t number, struct line_ref *ref)
{
	struct line *line;
	LONG err = LINEERR_INVALLINEHANDLE;

	pthread_mutex_lock(&handles.lock);
	line = find_line(number);
	if (line && line->ref.driver) {
		*ref = line->ref;
		err = 0;
	}
	pthread_mutex_unlock(&handles.lock);
	return err;
}

bool handles_line_known(uint32_t number, uint64_t *token)
{
	struct line *line;

	pthread_mutex_lock(&handles.lock);
	line = find_line(number);
	*token = line ? line->token : 0;
	pthread_mutex_unlock(&handles.lock);
	return line;
}

/* ---- calls ---- */

/* Under the lock */
static struct call *new_call(uint32_t number, const struct line *line)
{
	struct call **at = &handles.calls[number % CALL_BUCKETS];
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->ref.number = number;
	call->ref.line = line->ref.number;
	call->ref.version = line->ref.version;
	call->next = *at;
	*at = call;
	return call;
}

/* Under the lock; takes it out of its bucket */
static void free_call(struct call **at)
{
	struct call *call = *at;
	struct gather *gather;

	*at = call->next;
	if (call->ref.number & OFFERED)
		handles.offered--;
	while ((gather = call->gathers)) {
		call->gathers = gather->next;
		free(gather);
	}
	free(call);
}

LONG handles_add_call(uint32_t number, uint32_t line_number)
{
	LONG err = LINEERR_INVALCALLHANDLE;
	struct line *line;

	pthread_mutex_lock(&handles.lock);
	line = find_line(line_number);
	if (!line)
		err = LINEERR_INVALLINEHANDLE;
	else if (number && !(number & OFFERED) && !find_call(number))
		err = new_call(number, line) ? 0 : LINEERR_NOMEM;
	pthread_mutex_unlock(&handles.lock);
	return err;
}

void handles_call_driver(uint32_t number, HDRVCALL driver)
{
	struct call *call;

	pthread_mutex_lock(&handles.lock);
	call = find_call(number);
	if (call)
		call->ref.driver = driver;
	pthread_mutex_unlock(&handles.lock);
}

bool handles_call_known(uint32_t number)
{
	struct call *call;
	bool known;

	pthread_mutex_lock(&handles.lock);
	call = find_call(number);
	known = call && call->made;
	pthread_mutex_unlock(&handles.lock);
	return known;
}

void handles_call_made(uint32_t number)
{
	struct call *call;

	pthread_mutex_lock(&handles.lock);
	call = find_call(number);
	if (call)
		call->made = true;
	pthread_mutex_unlock(&handles.lock);
}

/* Under the lock */
static uint32_t next_number(void)
{
	uint32_t number;

	do {
		handles.last = (handles.last + 1) & ~OFFERED;
		number = handles.last | OFFERED;
	} while (!handles.last || find_call(number));
	return number;
}

uint32_t handles_offer(uint32_t line_number, HDRVCALL driver)
{
	struct call *call = NULL;
	struct line *line;
	uint32_t number = 0;

	pthread_mutex_lock(&handles.lock);
	line = find_line(line_number);
	if (line && !handles.retired && handles.offered < handles.limit) {
		number = next_number();
		call = new_call(number, line);
	}
	if (call) {
		call->ref.driver = driver;
		call->made = true;
		handles.offered++;
	}
	pthread_mutex_unlock(&handles.lock);
	return call ? number : 0;
}

void handles_remove_call(uint32_t number)
{
	struct call **at = &handles.calls[number % CALL_BUCKETS];

	pthread_mutex_lock(&handles.lock);
	while (*at && (*at)->ref.number != number)
		at = &(*at)->next;
	if (*at)
		free_call(at);
	pthread_mutex_unlock(&handles.lock);
}

void handles_remove_line(uint32_t number)
{
	struct line **at = &handles.lines[number % LINE_BUCKETS], *line;
	struct call **call;

	pthread_mutex_lock(&handles.lock);
	for (unsigned int i = 0; i < CALL_BUCKETS; i++) {
		for (call = &handles.calls[i]; *call;) {
			if ((*call)->ref.line == number)
				free_call(call);
			else
				call = &(*call)->next;
		}
	}
	while (*at && (*at)->ref.number != number)
		at = &(*at)->next;
	line = *at;
	if (line)
		*at = line->next;
	pthread_mutex_unlock(&handles.lock);
	free(line);
}

/* Under the lock */
static LONG get_call(uint32_t number, struct call_ref *ref, struct call **out)
{
	struct call *call = number ? find_call(number) : NULL;

	if (!call || !call->made || !call->ref.driver)
		return LINEERR_INVALCALLHANDLE;
	*ref = call->ref;
	*out = call;
	return 0;
}

LONG handles_call(uint32_t number, struct call_ref *ref)
{
	struct call *call;
	LONG err;

	pthread_mutex_lock(&handles.lock);
	err = get_call(number, ref, &call);
	pthread_mutex_unlock(&handles.lock);
	return err;
}

LONG handles_call_by_id(uint32_t line, uint32_t call_id, struct call_ref *ref)
{
	LONG err = LINEERR_INVALCALLHANDLE;
	struct call *call;

	pthread_mutex_lock(&handles.lock);
	for (unsigned int i = 0; err && i < CALL_BUCKETS; i++) {
		for (call = handles.calls[i]; call; call = call->next) {
			if (call->ref.line != line || call->ref.call_id != call_id || !call_id)
				continue;
			*ref = call->ref;
			err = 0;
		}
	}
	pthread_mutex_unlock(&handles.lock);
	return err;
}

void handles_call_id(uint32_t number, uint32_t call_id)
{
	struct call *call;

	pthread_mutex_lock(&handles.lock);
	call = find_call(number);
	if (call)
		call->ref.call_id = call_id;
	pthread_mutex_unlock(&handles.lock);
}

/* ---- use by the report thread, while a worker may close the call ---- */

LONG handles_use(uint32_t number, struct call_ref *ref)
{
	struct call *call;
	LONG err;

	pthread_mutex_lock(&handles.lock);
	err = get_call(number, ref, &call);
	if (!err && (call->retired || handles.retired))
		err = LINEERR_INVALCALLHANDLE;
	if (!err)
		call->users++;
	pthread_mutex_unlock(&handles.lock);
	return err;
}

void handles_unuse(uint32_t number)
{
	struct call *call;

	pthread_mutex_lock(&handles.lock);
	call = find_call(number);
	if (call && call->users && !--call->users)
		pthread_cond_broadcast(&handles.unused);
	pthread_mutex_unlock(&handles.lock);
}

/* Under the lock, which is given up while it waits: @call stays, as only its worker removes it */
static void retire(struct call *call)
{
	call->retired = true;
	while (call->users)
		pthread_cond_wait(&handles.unused, &handles.lock);
}

void handles_retire_call(uint32_t number)
{
	struct call *call;

	pthread_mutex_lock(&handles.lock);
	call = find_call(number);
	if (call)
		retire(call);
	pthread_mutex_unlock(&handles.lock);
}

/* Under the lock: a call of that line in use, after all of them were retired; 0: all lines */
static struct call *in_use(uint32_t line)
{
	struct call *used = NULL, *call;

	for (unsigned int i = 0; i < CALL_BUCKETS; i++) {
		for (call = handles.calls[i]; call; call = call->next) {
			if (line && call->ref.line != line)
				continue;
			call->retired = true;
			if (call->users)
				used = call;
		}
	}
	return used;
}

void handles_retire_line(uint32_t number)
{
	pthread_mutex_lock(&handles.lock);
	if (!number)
		handles.retired = true;
	while (in_use(number))
		pthread_cond_wait(&handles.unused, &handles.lock);
	pthread_mutex_unlock(&handles.lock);
}

/* ---- buffers of digits ---- */

/* Under the lock: takes a buffer out of the list; NULL for none */
static struct gather *take_gather(uint32_t number, uint32_t id)
{
	struct call *call = find_call(number);
	struct gather **at, *gather;

	for (at = call ? &call->gathers : NULL; at && (gather = *at); at = &gather->next) {
		if (gather->id != id)
			continue;
		*at = gather->next;
		return gather;
	}
	return NULL;
}

/* Under the lock: what nobody has reported for so long is not coming any more */
static void drop_old(struct call *call)
{
	struct gather **at = &call->gathers, *gather;
	unsigned int n;

	for (n = 0; *at && n < GATHERS_MAX; n++)
		at = &(*at)->next;
	gather = *at;
	*at = NULL;
	free(gather);
}

WCHAR *handles_gather(uint32_t number, uint32_t id, uint32_t count)
{
	struct gather *gather = calloc(1, sizeof(*gather) + ((size_t)count + 1) * sizeof(WCHAR));
	struct call *call;

	if (!gather)
		return NULL;
	gather->id = id;
	gather->count = count;
	pthread_mutex_lock(&handles.lock);
	call = find_call(number);
	if (call) {
		gather->next = call->gathers;
		call->gathers = gather;
		drop_old(call);
	}
	pthread_mutex_unlock(&handles.lock);
	if (!call) {
		free(gather);
		return NULL;
	}
	return gather->digits;
}

char *handles_gathered(uint32_t number, uint32_t id)
{
	struct gather *gather;
	char *text;

	pthread_mutex_lock(&handles.lock);
	gather = take_gather(number, id);
	pthread_mutex_unlock(&handles.lock);
	if (!gather)
		return NULL;
	text = text_utf8(gather->digits, utf16_length(gather->digits,
						      gather->count * sizeof(WCHAR)));
	free(gather);
	return text;
}

void handles_gather_failed(uint32_t number, uint32_t id)
{
	struct gather *gather;

	pthread_mutex_lock(&handles.lock);
	gather = take_gather(number, id);
	pthread_mutex_unlock(&handles.lock);
	free(gather);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host for one provider, for tests: loads it, keeps everything it says in order, and hands it to
 * the test one by one.
 */
#ifndef TSP_HOST_H
#define TSP_HOST_H

#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tapi/tspi.h>

#include "tap.h"

/* Five times what a quiet emulated machine needs, and more */
#define PATIENCE_S	15
#define DATA_MAX	8192

/* A message that no provider sends: stands for a completion */
#define COMPLETION	0xffff0001
#define NOTHING		0xffff0000

struct told {
	struct told *next;
	DWORD msg;
	HTAPILINE line;
	HTAPICALL call;
	DWORD_PTR p1, p2, p3;
	size_t size;
	unsigned char data[DATA_MAX];
};

static struct {
	void *module;
	pthread_mutex_t lock;
	pthread_cond_t news;
	struct told *first, **end;
	HTAPICALL next_call;
	_Atomic bool refuse_call;
	const char *const *settings;
} host = { .lock = PTHREAD_MUTEX_INITIALIZER, .news = PTHREAD_COND_INITIALIZER,
	   .end = &host.first, .next_call = 0x1000 };

static inline void host_put(const struct told *what, const void *data, size_t size)
{
	struct told *told = malloc(sizeof(*told));

	*told = *what;
	told->next = NULL;
	told->size = size;
	if (size)
		memcpy(told->data, data, size < DATA_MAX ? size : DATA_MAX);
	pthread_mutex_lock(&host.lock);
	*host.end = told;
	host.end = &told->next;
	pthread_cond_signal(&host.news);
	pthread_mutex_unlock(&host.lock);
}

static inline void CALLBACK host_complete(DRV_REQUESTID id, LONG result)
{
	struct told told = { .msg = COMPLETION, .p1 = id, .p2 = (DWORD)result };

	host_put(&told, NULL, 0);
}

static inline void CALLBACK host_event(HTAPILINE line, HTAPICALL call, DWORD msg, DWORD_PTR p1,
				       DWORD_PTR p2, DWORD_PTR p3)
{
	struct told told = { .msg = msg, .line = line, .call = call, .p1 = p1, .p2 = p2, .p3 = p3 };

	if (msg == LINE_SENDMSPDATA) {
		host_put(&told, (void *)p2, p3);
		return;
	}
	if (msg == LINE_NEWCALL && !host.refuse_call)
		*(HTAPICALL *)p2 = host.next_call++;
	host_put(&told, NULL, 0);
}

/* The next thing the provider said; msg NOTHING when it says nothing for @seconds */
static inline struct told host_next(unsigned int seconds)
{
	struct told none = { .msg = NOTHING }, told, *first;
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += seconds;
	pthread_mutex_lock(&host.lock);
	while (!host.first && !pthread_cond_timedwait(&host.news, &host.lock, &end))
		;
	first = host.first;
	if (first) {
		host.first = first->next;
		if (!host.first)
			host.end = &host.first;
	}
	pthread_mutex_unlock(&host.lock);
	told = first ? *first : none;
	free(first);
	return told;
}

/* Has the provider said something that the test has not taken yet? */
static inline bool host_has_news(void)
{
	bool news;

	pthread_mutex_lock(&host.lock);
	news = host.first;
	pthread_mutex_unlock(&host.lock);
	return news;
}

static inline bool host_says_nothing(unsigned int seconds)
{
	struct told told = host_next(seconds);

	if (told.msg != NOTHING)
		printf("# said: message %u %#lx %#lx %#lx\n", told.msg, told.p1, told.p2, told.p3);
	return told.msg == NOTHING;
}

static inline void host_log(int prio, const char *text)
{
	printf("# <%d> %s\n", prio, text);
	fflush(stdout);
}

/* Settings are pairs of texts */
static inline const char *host_setting(const char *key)
{
	for (const char *const *s = host.settings; s && *s; s += 2) {
		if (!strcmp(*s, key))
			return s[1];
	}
	return NULL;
}

/* @path: below the build directory, whose tests/selftests this program is in */
static inline const struct tapi_tsp_module *host_load(const char *path)
{
	static const struct tapi_tsp_host table = {
		.version = TAPI_TSP_HOST_VERSION, .size = sizeof(table), .log = host_log,
		.setting = host_setting,
	};
	const struct tapi_tsp_module *module;
	char self[PATH_MAX] = "", file[2 * PATH_MAX];

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return NULL;
	snprintf(file, sizeof(file), "%s/../../%s", dirname(self), path);
	host.module = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	module = host.module ? dlsym(host.module, "tapi_tsp_module") : NULL;
	if (!module)
		printf("# %s\n", dlerror());
	else if (module->host)
		module->host(&table);
	return module;
}

/* A TSPI_ function of the loaded provider, with the type tspi.h gives it */
#define TSPI(name) ((__typeof__(TSPI_##name) *)host_symbol("TSPI_" #name))

static inline void *host_symbol(const char *name)
{
	void *symbol = dlsym(host.module, name);

	if (!symbol) {
		printf("Bail out! %s is missing\n", name);
		exit(1);
	}
	return symbol;
}

#endif /* TSP_HOST_H */

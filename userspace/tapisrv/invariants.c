/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has to be true between two events, whatever programs and providers do. A breach is a bug of
 * the service: it is counted for Admin.Status and logged, and the service goes on.
 */
#include "server.h"

void invariant_broken(const char *what)
{
	server.broken++;
	log_message(2, "broken invariant: %s", what);
}

#define require(condition, what)		\
	do {					\
		if (!(condition))		\
			invariant_broken(what);	\
	} while (0)

static void check_appcall(const struct call *call, struct appcall *appcall)
{
	unsigned int same = 0;

	require(appcall->call == call, "a handle is of another call");
	require(appcall->open->line == call->line, "a handle is of another line");
	require(handle_get(&appcall->open->app->client->handles, handle_appcall,
			   appcall->handle) == appcall, "a handle leads elsewhere");
	list_for_each(at, &call->appcalls)
		same += list_entry(at, struct appcall, in_call)->open == appcall->open;
	require(same == 1, "a program has two handles of a call on one line");
}

static void check_call(const struct line *line, struct call *call)
{
	uint32_t digits, media;

	require(call->line == line, "a call is on another line");
	require(call->closed || call_find(line->provider, call->number) == call,
		"a call is not found by its number");
	require(!call->closed || call->tentative || !list_empty(&call->appcalls),
		"a call is kept that nobody has");
	list_for_each(at, &call->appcalls)
		check_appcall(call, list_entry(at, struct appcall, in_call));
	if (!call_alive(call) || call->tentative)
		return;
	call_filters_wanted(call, &digits, &media);
	require(digits == call->digit_modes_told, "the provider looks for other digits");
	require(media == call->media_modes_told, "the provider looks for other media");
}

static void check_line(struct line *line)
{
	bool used = !list_empty(&line->opens) || !list_empty(&line->waiting);

	require((line->state == LINE_CLOSED) == (line->number == 0),
		"a line is open without a number, or has one without being open");
	require(!line->number || line_of_number(line->number) == line,
		"a line is not found by its number");
	require(used || line->state != LINE_OPENED, "a line is open for nobody");
	require(list_empty(&line->opens) || line->state != LINE_CLOSED || !line_in_service(line),
		"a program's line is not open at the provider");
	require(filters_are_told(line), "the provider has other filters than programs");
	list_for_each(at, &line->calls) {
		struct call *call = list_entry(at, struct call, node);

		require(used || call->tentative, "a call on a line that nobody has open");
		check_call(line, call);
	}
}

static uint32_t check_app(struct app *app)
{
	uint32_t opens = 0, requests = 0;

	list_for_each(at, &app->opens) {
		struct open *open = list_entry(at, struct open, in_app);

		opens++;
		require(open->app == app, "a line is open for another program");
		require(handle_get(&app->client->handles, handle_open, open->handle) == open,
			"the handle of a line leads elsewhere");
		require(open->settled == !open->closure, "a program waits for an open line");
	}
	list_for_each(at, &app->requests) {
		require(list_entry(at, struct request, in_app)->app == app,
			"a request is of another program");
		requests++;
	}
	require(opens == app->opens_count, "lines of a program are miscounted");
	require(requests == app->requests_count, "requests of a program are miscounted");
	return opens;
}

static void check_provider(struct provider *provider)
{
	require(provider->link || list_empty(&provider->ops),
		"a question to a host that has gone");
	require(provider->link || list_empty(&provider->requests),
		"a request to a host that has gone");
	require(provider->state != PROVIDER_RUNNING || provider->link,
		"a provider runs without a host");
	list_for_each(at, &provider->requests) {
		struct request *request = list_entry(at, struct request, in_provider);

		require(tree_find(&server.requests, request->id) == request,
			"a request is not found by its id");
	}
}

void invariants_check(void)
{
	uint32_t of_lines = 0, of_apps = 0;

	list_for_each(at, &server.providers)
		check_provider(list_entry(at, struct provider, node));
	for (uint32_t i = 0; i < server.lines_count; i++) {
		struct line *line = server.lines[i];

		if (!line)
			continue;
		check_line(line);
		list_for_each(at, &line->opens)
			of_lines++;
		list_for_each(at, &line->waiting)
			of_lines++;
	}
	list_for_each(at, &server.clients) {
		list_for_each(app_at, &list_entry(at, struct client, node)->apps)
			of_apps += check_app(list_entry(app_at, struct app, node));
	}
	require(of_lines == of_apps, "lines that are open for nobody, or for two");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read from tapisrv.conf and providers.d, and what is said about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "server.h"

struct server server = { .module_dir = "/modules" };

static char dir[64], logged[8192];

void log_message(int priority, const char *format, ...)
{
	size_t used = strlen(logged);
	va_list args;

	used += (size_t)snprintf(logged + used, sizeof(logged) - used, "<%d>", priority);
	va_start(args, format);
	vsnprintf(logged + used, sizeof(logged) - used, format, args);
	va_end(args);
}

static void file(const char *name, const char *text)
{
	char path[128];
	FILE *to;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	to = fopen(path, "w");
	assert_non_null(to);
	fputs(text, to);
	fclose(to);
}

static int begin(void **state)
{
	char path[128];

	strcpy(dir, "/tmp/tapi-config.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/providers.d", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	server.config_dir = dir;
	*logged = '\0';
	return 0;
}

static int end(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static bool refused(void)
{
	struct config *config;

	*logged = '\0';
	config = config_read(true);
	config_free(config);
	return !config;
}

static void nothing_is_right(void **state)
{
	struct config *config = config_read(true);

	assert_non_null(config);
	assert_int_equal(config->providers_count, 0);
	assert_false(config->drop_unowned);
	assert_string_equal(logged, "");
	config_free(config);
}

static void providers(void **state)
{
	struct config *config;

	file("tapisrv.conf", "[Server]\nUnownedCalls = drop\n");
	file("providers.d/b.conf", "[Provider]\nModule = b.so\nLines = 3\n");
	file("providers.d/a.conf", "[Provider]\nModule = /opt/a.so\nEnabled = no\n");
	file("providers.d/no-conf", "[Provider]\nModule = c.so\n");
	file("providers.d/.d.conf", "[Provider]\nModule = c.so\n");
	config = config_read(true);
	assert_non_null(config);
	assert_true(config->drop_unowned);
	assert_int_equal(config->providers_count, 2);
	assert_string_equal(config->providers[0].name, "a");
	assert_string_equal(config->providers[0].module, "/opt/a.so");
	assert_false(config->providers[0].enabled);
	assert_string_equal(config->providers[1].module, "/modules/b.so");
	assert_true(config->providers[1].enabled);
	assert_int_equal(config->providers[1].settings_count, 2);
	assert_string_equal(config->providers[1].settings[1].key, "Lines");
	assert_string_equal(config->providers[1].settings[1].value, "3");
	config_free(config);
}

static void unknown_warns(void **state)
{
	file("tapisrv.conf", "[Server]\nUnownedCals = drop\n[Sever]\nUnownedCalls = drop\n");
	assert_false(refused());
	assert_non_null(strstr(logged, "UnownedCals"));
	assert_non_null(strstr(logged, "Sever"));
	file("providers.d/a.conf",
	     "[Provider]\nModule = a.so\n[Line x]\nDevice = y\n[Odd]\na = b\n");
	assert_false(refused());
	assert_non_null(strstr(logged, "Odd"));
	assert_null(strstr(logged, "Line x"));
}

static void wrong_is_refused(void **state)
{
	static const struct {
		const char *name, *text, *said;
	} wrong[] = {
		{ "tapisrv.conf", "[Server]\nUnownedCalls = perhaps\n", "perhaps" },
		{ "tapisrv.conf", "[Server]\nUnreadSeconds = 0\n", "UnreadSeconds" },
		{ "tapisrv.conf", "[Server]\nUnreadSeconds = -4\n", "UnreadSeconds" },
		{ "tapisrv.conf", "[Server]\nProviderSeconds = 5m\n", "ProviderSeconds" },
		{ "tapisrv.conf", "[Server]\nProviderSeconds = 99999999999999999999\n",
		  "ProviderSeconds" },
		{ "tapisrv.conf", "[Server\n", "tapisrv.conf" },
		{ "tapisrv.conf", "UnownedCalls\n", "tapisrv.conf" },
		{ "providers.d/a.conf", "[Provider]\nEnabled = perhaps\nModule = a.so\n",
		  "perhaps" },
		{ "providers.d/a.conf", "[Provider]\nLines = 2\n", "Module" },
		{ "providers.d/a.conf", "[Provider]\nModule =\n", "Module" },
		{ "providers.d/a.conf", "[Provider\nModule = a.so\n", "a.conf" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		file("tapisrv.conf", "");
		file("providers.d/a.conf", "[Provider]\nModule = a.so\n");
		if (refused())
			fail_msg("refused: %s", logged);
		file(wrong[i].name, wrong[i].text);
		if (!refused())
			fail_msg("accepted: %s", wrong[i].text);
		if (!strstr(logged, wrong[i].said))
			fail_msg("%s: said only %s", wrong[i].text, logged);
	}
}

/* At the start one wrong file takes nothing away from the others */
static void start_takes_what_is_right(void **state)
{
	struct config *config;

	file("tapisrv.conf", "[Server]\nUnownedCalls = drop\n");
	file("providers.d/a.conf", "[Provider]\nEnabled = perhaps\nModule = a.so\n");
	file("providers.d/b.conf", "[Provider]\nModule = b.so\n");
	config = config_read(false);
	assert_non_null(config);
	assert_true(config->drop_unowned);
	assert_int_equal(config->providers_count, 1);
	assert_string_equal(config->providers[0].name, "b");
	config_free(config);
}

/* As /dev/null in the place of a file: a provider that is not wanted here */
static void empty_disables(void **state)
{
	struct config *config;

	file("tapisrv.conf", "");
	file("providers.d/a.conf", "");
	config = config_read(true);
	assert_non_null(config);
	assert_int_equal(config->providers_count, 1);
	assert_false(config->providers[0].enabled);
	config_free(config);
}

static void long_values(void **state)
{
	char text[8192] = "[Provider]\nModule = a.so\nText = ";
	struct config *config;
	size_t at = strlen(text);

	memset(text + at, 'x', 6000);
	text[at + 6000] = '\n';
	file("providers.d/a.conf", text);
	config = config_read(true);
	assert_non_null(config);
	assert_int_equal(strlen(config->providers[0].settings[1].value), 6000);
	config_free(config);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_right),
		TEST(providers),
		TEST(unknown_warns),
		TEST(wrong_is_refused),
		TEST(start_takes_what_is_right),
		TEST(empty_disables),
		TEST(long_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

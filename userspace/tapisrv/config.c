/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapisrv.conf and providers.d, read by libini_config. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <ini_configobj.h>

#include <tapi_config.h>

#include "server.h"
#include "utf.h"

#define SECONDS_MAX	86400u

/* Later directories mask earlier ones file by file; --config-dir replaces them all */
static const char *const standard_dirs[] = { TAPI_VENDORCONFDIR, TAPI_RUNDIR, TAPI_CONFDIR };

static void print_errors(const char *path, struct ini_cfgobj *ini)
{
	char **errors = NULL;

	if (ini_config_get_errors(ini, &errors) || !errors)
		return;
	for (char **e = errors; *e; e++)
		log_message(3, "%s: %s", path, *e);
	ini_config_free_errors(errors);
}

/* Nothing in it: allowed, and of no effect but to mask a file of the same name */
static bool is_empty(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode) && st.st_size == 0;
}

/* NULL with errno ENOENT: there is no such file; else it is wrong and logged */
static struct ini_cfgobj *parse(const char *path)
{
	struct ini_cfgobj *ini = NULL;
	struct ini_cfgfile *file = NULL;
	int err;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return NULL;
	err = ini_config_create(&ini);
	if (!err)
		err = ini_config_file_open(path, INI_META_NONE, &file);
	if (!err) {
		err = ini_config_parse(file, INI_STOP_ON_ANY, INI_MV1S_ERROR, INI_PARSE_NOWRAP,
				       ini);
		if (err)
			print_errors(path, ini);
		ini_config_file_destroy(file);
	}
	if (!err)
		return ini;
	log_message(3, "%s: %s", path, err == EACCES ? "permission denied" : "cannot be used");
	ini_config_destroy(ini);
	errno = EINVAL;
	return NULL;
}

static char *get_string(struct ini_cfgobj *ini, const char *section, const char *key)
{
	struct value_obj *value = NULL;
	char *text;
	int err = 0;

	if (ini_get_config_valueobj(section, key, ini, INI_GET_FIRST_VALUE, &value) || !value)
		return NULL;
	text = ini_get_string_config_value(value, &err);
	return err ? NULL : text;
}

static int get_bool(const char *path, const char *key, const char *text, bool *to)
{
	if (!strcasecmp(text, "yes") || !strcasecmp(text, "true") || !strcmp(text, "1"))
		*to = true;
	else if (!strcasecmp(text, "no") || !strcasecmp(text, "false") || !strcmp(text, "0"))
		*to = false;
	else {
		log_message(3, "%s: %s must be yes or no, not '%s'", path, key, text);
		return -EINVAL;
	}
	return 0;
}

static int get_seconds(const char *path, const char *key, const char *text, uint64_t *usec)
{
	unsigned long seconds;
	char *end;

	errno = 0;
	seconds = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !seconds || seconds > SECONDS_MAX) {
		log_message(3, "%s: %s must be a number of seconds, 1 to %u, not '%s'", path, key,
			    SECONDS_MAX, text);
		return -EINVAL;
	}
	*usec = (uint64_t)seconds * 1000000;
	return 0;
}

static int get_unowned(const char *path, const char *text, bool *drop)
{
	if (!strcasecmp(text, "drop"))
		*drop = true;
	else if (!strcasecmp(text, "leave"))
		*drop = false;
	else {
		log_message(3, "%s: UnownedCalls must be leave or drop, not '%s'", path, text);
		return -EINVAL;
	}
	return 0;
}

static int read_server_key(struct config *config, const char *path, const char *key,
			   const char *text)
{
	if (!strcasecmp(key, "UnownedCalls"))
		return get_unowned(path, text, &config->drop_unowned);
	if (!strcasecmp(key, "UnreadSeconds"))
		return get_seconds(path, key, text, &config->unread_usec);
	if (!strcasecmp(key, "ProviderSeconds"))
		return get_seconds(path, key, text, &config->deadline_usec);
	log_message(4, "%s: unknown key %s in [Server]", path, key);
	return 0;
}

/* Sections nobody reads are most likely misspelt; @also: beginning of others that are right */
static void warn_sections(struct ini_cfgobj *ini, const char *path, const char *known,
			  const char *also)
{
	int count = 0, err = 0;
	char **sections = ini_get_section_list(ini, &count, &err);

	for (int i = 0; sections && i < count; i++) {
		if (strcasecmp(sections[i], known) &&
		    (!also || strncasecmp(sections[i], also, strlen(also))))
			log_message(4, "%s: unknown section [%s]", path, sections[i]);
	}
	ini_free_section_list(sections);
}

/* Calls back for each key of a section; stops at the first error */
static int each_key(struct ini_cfgobj *ini, const char *section,
		    int (*cb)(void *data, const char *key, const char *text), void *data)
{
	int count = 0, err = 0;
	char **keys = ini_get_attribute_list(ini, section, &count, &err);

	for (int i = 0; keys && i < count && !err; i++) {
		char *text = get_string(ini, section, keys[i]);

		err = text ? cb(data, keys[i], text) : -EINVAL;
		free(text);
	}
	ini_free_attribute_list(keys);
	return err;
}

struct server_keys {
	struct config *config;
	const char *path;
};

static int server_key(void *data, const char *key, const char *text)
{
	struct server_keys *keys = data;

	return read_server_key(keys->config, keys->path, key, text);
}

static int read_server(struct config *config, const char *path)
{
	struct server_keys keys = { config, path };
	struct ini_cfgobj *ini;
	int err;

	if (is_empty(path))
		return 0;
	errno = 0;
	ini = parse(path);
	if (!ini)
		return errno == ENOENT ? 0 : -EINVAL;
	warn_sections(ini, path, "Server", NULL);
	err = each_key(ini, "Server", server_key, &keys);
	ini_config_destroy(ini);
	return err;
}

/* ---- providers.d ---- */

static void provider_config_free(struct provider_config *p)
{
	for (size_t i = 0; i < p->settings_count; i++) {
		free(p->settings[i].key);
		free(p->settings[i].value);
	}
	free(p->settings);
	free(p->name);
	free(p->module);
}

static int provider_key(void *data, const char *key, const char *text)
{
	struct provider_config *p = data;
	struct setting *bigger;

	if (!utf8_valid(text, strlen(text))) {
		log_message(3, "%s: the value of %s is not UTF-8", p->name, key);
		return -EINVAL;
	}
	bigger = realloc(p->settings, (p->settings_count + 1) * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	p->settings = bigger;
	bigger[p->settings_count].key = strdup(key);
	bigger[p->settings_count].value = strdup(text);
	if (!bigger[p->settings_count].key || !bigger[p->settings_count].value)
		return -ENOMEM;
	p->settings_count++;
	if (!strcasecmp(key, "Enabled"))
		return get_bool(p->name, key, text, &p->enabled);
	if (!strcasecmp(key, "Module") && *text) {
		free(p->module);
		if (asprintf(&p->module, "%s%s%s", *text == '/' ? "" : server.module_dir,
			     *text == '/' ? "" : "/", text) < 0)
			p->module = NULL;
	}
	return 0;
}

static struct provider_config *slot_for(struct config *config, const char *name)
{
	struct provider_config *bigger;

	for (size_t i = 0; i < config->providers_count; i++) {
		if (!strcmp(config->providers[i].name, name))
			return &config->providers[i];
	}
	bigger = realloc(config->providers, (config->providers_count + 1) * sizeof(*bigger));
	if (!bigger)
		return NULL;
	config->providers = bigger;
	bigger[config->providers_count] = (struct provider_config) { 0 };
	return &bigger[config->providers_count++];
}

static int read_provider(struct config *config, const char *dir, const char *file)
{
	struct provider_config p = { 0 }, *slot;
	struct ini_cfgobj *ini;
	char path[4352];
	int err;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	p.name = strndup(file, strlen(file) - strlen(".conf"));
	p.enabled = !is_empty(path);
	ini = p.name && p.enabled ? parse(path) : NULL;
	if (ini)
		warn_sections(ini, path, "Provider", "Line ");
	err = ini ? each_key(ini, "Provider", provider_key, &p) : p.enabled ? -EINVAL : 0;
	if (ini)
		ini_config_destroy(ini);
	if (!err && !p.module && p.enabled) {
		log_message(3, "%s: no Module in [Provider]", path);
		err = -EINVAL;
	}
	slot = err ? NULL : slot_for(config, p.name);
	if (!slot) {
		provider_config_free(&p);
		return err ? err : -ENOMEM;
	}
	provider_config_free(slot);
	*slot = p;
	return 0;
}

static int is_conf(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 5 && entry->d_name[0] != '.' &&
	       !strcmp(entry->d_name + length - 5, ".conf");
}

static int read_providers(struct config *config, const char *base)
{
	struct dirent **entries = NULL;
	char dir[4000];
	int count, err = 0;

	snprintf(dir, sizeof(dir), "%s/providers.d", base);
	count = scandir(dir, &entries, is_conf, alphasort);
	for (int i = 0; i < count; i++) {
		/* one bad file must not take the other providers' lines away */
		if (read_provider(config, dir, entries[i]->d_name) < 0)
			err = -EINVAL;
		free(entries[i]);
	}
	free(entries);
	return err;
}

static int read_dir(struct config *config, const char *dir)
{
	char path[4352];
	int err, err2;

	snprintf(path, sizeof(path), "%s/tapisrv.conf", dir);
	err = read_server(config, path);
	err2 = read_providers(config, dir);
	return err ? err : err2;
}

struct config *config_read(bool strict)
{
	struct config *config = calloc(1, sizeof(*config));
	int err = 0;

	if (!config)
		return NULL;
	config->unread_usec = UNREAD_USEC;
	config->deadline_usec = SERVER_DEADLINE_USEC;
	if (server.config_dir)
		err = read_dir(config, server.config_dir);
	for (size_t i = 0; !server.config_dir && i < 3; i++)
		err |= read_dir(config, standard_dirs[i]);
	if (!err || !strict)
		return config;
	config_free(config);
	return NULL;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->providers_count; i++)
		provider_config_free(&config->providers[i]);
	free(config->providers);
	free(config);
}

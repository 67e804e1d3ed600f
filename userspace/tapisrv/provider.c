/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts of providers: connected or started, set up, supervised, started again. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server.h"

#define HEALTHY_USEC		60000000u
#define FIRST_RETRY_USEC	100000u
#define STOP_USEC		5000000u
#define HOST_GONE		"its host has gone"
#define BUDGET			64u
#define LINES_PER_PROVIDER	65536u

extern char **environ;

static void provider_connect(struct provider *provider);
static void host_closed(struct link *link, int error);

uint64_t provider_retry_usec(const struct provider *provider)
{
	uint64_t when = 0, now = now_usec();

	if (provider->state != PROVIDER_WAITING || !provider->timer ||
	    sd_event_source_get_time(provider->timer, &when) < 0)
		return 0;
	return when > now ? when - now : 0;
}

const char *provider_state_name(const struct provider *provider)
{
	static const char *const names[] = {
		[PROVIDER_WAITING] = "waiting", [PROVIDER_STARTING] = "starting",
		[PROVIDER_RUNNING] = "running", [PROVIDER_DISABLED] = "disabled",
	};

	return names[provider->state];
}

struct provider *provider_find(const char *name)
{
	list_for_each(at, &server.providers) {
		struct provider *provider = list_entry(at, struct provider, node);

		if (!strcmp(provider->config->name, name))
			return provider;
	}
	return NULL;
}

bool providers_settled(void)
{
	list_for_each(at, &server.providers) {
		struct provider *provider = list_entry(at, struct provider, node);

		if (!provider->tried && provider->state != PROVIDER_DISABLED)
			return false;
	}
	return true;
}

/* ---- reaching a host ---- */

/* A socket of systemd, or of an administrator who starts hosts himself */
static int connect_socket(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char dir[sizeof(address.sun_path)];
	int fd, n;

	snprintf(dir, sizeof(dir), "%s", server.socket);
	n = snprintf(address.sun_path, sizeof(address.sun_path), "%s/tsp/%s.sock", dirname(dir),
		     name);
	if (n < 0 || (size_t)n >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	if (access(address.sun_path, F_OK) < 0)
		return -ENOENT;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		n = -errno;
		close(fd);
		return n;
	}
	return fd;
}

static int spawn_with(const char *const argv[], int fd, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int err;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&actions, fd, 3);
	/* the daemon has signals blocked for sd-event */
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	err = posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv,
			  environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

static int child_ended(sd_event_source *source, const siginfo_t *info, void *data)
{
	struct provider *provider = data;

	char reason[64];

	snprintf(reason, sizeof(reason), "its host has ended: %s %d",
		 info->si_code == CLD_EXITED ? "status" : "signal", info->si_status);
	log_message(info->si_code == CLD_EXITED && !info->si_status ? 6 : 4, "%s: %s",
		    provider->config->name, reason);
	/* better than what the end of the link has said, or will say */
	if (provider->link ? !*provider->reason : !strcmp(provider->reason, HOST_GONE))
		snprintf(provider->reason, sizeof(provider->reason), "%s", reason);
	provider->pid = 0;
	provider->child = sd_event_source_unref(provider->child);
	if (provider->link)
		link_close(provider->link, 0);
	return 0;
}

static int spawn_host(struct provider *provider)
{
	const char *argv[16] = { server.tsphost, "--name", provider->config->name, "--module",
				 provider->config->module, "--fd", "3" };
	size_t n = 7;
	int pair[2], err;

	if (server.any_owner)
		argv[n++] = "--allow-any-owner";
	if (server.trace) {
		argv[n++] = "--trace";
		argv[n++] = server.trace;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -errno;
	/* posix_spawn's dup2 onto itself would keep the close-on-exec flag */
	if (pair[1] == 3) {
		err = fcntl(pair[1], F_DUPFD_CLOEXEC, 4);
		close(pair[1]);
		pair[1] = err;
	}
	err = spawn_with(argv, pair[1], &provider->pid);
	close(pair[1]);
	if (err < 0) {
		close(pair[0]);
		return err;
	}
	sd_event_add_child(server.event, &provider->child, provider->pid, WEXITED, child_ended,
			   provider);
	return pair[0];
}

/* ---- the link ---- */

static int32_t host_admit(struct link *link, const struct frame *frame, const char **why)
{
	if (service_policy(frame->service, frame->method).rights & RIGHT_HOST_EVENT)
		return 0;
	*why = "a host may only report events";
	return LINEERR_OPERATIONUNAVAIL;
}

static void host_rearm(struct link *link)
{
	struct provider *provider = link_user(link);

	if (provider->io)
		sd_event_source_set_io_events(provider->io, link_events(link));
}

static const struct link_ops host_ops = {
	.admit = host_admit, .rearm = host_rearm, .closed = host_closed,
};

static int host_readable(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct provider *provider = data;

	link_dispatch(provider->link, BUDGET);
	return 0;
}

static int retry(sd_event_source *source, uint64_t usec, void *data)
{
	provider_connect(data);
	return 0;
}

static void wait_until(struct provider *provider, uint64_t when)
{
	provider->state = PROVIDER_WAITING;
	provider->timer = sd_event_source_disable_unref(provider->timer);
	sd_event_add_time(server.event, &provider->timer, CLOCK_BOOTTIME, when, 1000, retry,
			  provider);
}

static void check_settled(void);

/* Not running, and why: wait for the next attempt, or give up */
static void provider_wait(struct provider *provider, const char *reason)
{
	uint64_t now = now_usec(), when;

	snprintf(provider->reason, sizeof(provider->reason), "%s", reason);
	provider->tried = true;
	if (provider->running_since && now - provider->running_since > HEALTHY_USEC)
		provider->deaths = 0;
	provider->running_since = 0;
	if (!provider->deaths++)
		provider->first_death = now;
	when = backoff_next(provider->deaths, provider->first_death, now);
	if (when == UINT64_MAX) {
		provider->state = PROVIDER_DISABLED;
		log_message(3, "%s: %s; it dies too often and is disabled",
			    provider->config->name, reason);
		if (provider->pid)
			kill(provider->pid, SIGKILL);
	} else {
		log_message(4, "%s: %s; next attempt in %llu ms", provider->config->name, reason,
			    (unsigned long long)(when - now) / 1000);
		wait_until(provider, when);
	}
	check_settled();
}

static void all_stopped(void)
{
	list_for_each(at, &server.providers) {
		if (list_entry(at, struct provider, node)->link)
			return;
	}
	sd_event_exit(server.event, 0);
}

static void host_closed(struct link *link, int error)
{
	struct provider *provider = link_user(link);
	char reason[256];

	provider->io = sd_event_source_disable_unref(provider->io);
	provider->deadline = sd_event_source_disable_unref(provider->deadline);
	provider->link = NULL;
	if (provider->pid && error < 0)
		kill(provider->pid, SIGKILL);
	requests_lost(provider);
	lines_lost(provider);
	link_unref(link);
	if (server.stopping) {
		all_stopped();
		return;
	}
	if (provider->state == PROVIDER_DISABLED) {
		snprintf(provider->reason, sizeof(provider->reason), "disabled");
		return;
	}
	/* keep the reason a refusal has left */
	snprintf(reason, sizeof(reason), "%s", *provider->reason ? provider->reason :
		 error ? strerror(-error) : HOST_GONE);
	provider_wait(provider, reason);
}

/* ---- Setup, Start, lines ---- */

static void provider_fail(struct provider *provider, const char *what, const struct op *op,
			  const ProtobufCMessage *out)
{
	const Tapi__Rpc__Result *result = (const Tapi__Rpc__Result *)out;
	const char *text = result && result->error && result->error->text ? result->error->text :
			   out ? "refused" : "no answer";

	snprintf(provider->reason, sizeof(provider->reason), "%s: %.200s", what, text);
	if (provider->link)
		link_close(provider->link, 0);
}

static void lines_ready(struct provider *provider)
{
	provider->state = PROVIDER_RUNNING;
	provider->running_since = now_usec();
	provider->tried = true;
	provider->reason[0] = '\0';
	log_message(6, "%s: running", provider->config->name);
	lines_reopen(provider);
	check_settled();
}

static void started(struct op *op, const ProtobufCMessage *out)
{
	struct provider *provider = op->provider;

	if (op_result(op, out) < 0) {
		provider_fail(provider, "TSPI_providerInit", op, out);
		return;
	}
	lines_discover(provider, op->number, op->value, lines_ready);
}

static void set_up(struct op *op, const ProtobufCMessage *out)
{
	const Tapi__Rpc__SetupOut *setup = (const Tapi__Rpc__SetupOut *)out;
	Tapi__Rpc__StartIn in = TAPI__RPC__START_IN__INIT;
	struct provider *provider = op->provider;
	struct op *next;

	if (op_result(op, out) < 0) {
		provider_fail(provider, "setup", op, out);
		return;
	}
	provider->tspi_version = setup->tspi_version;
	if (setup->has_pid && !provider->pid)
		log_message(7, "%s: hosted by %u", provider->config->name, setup->pid);
	if (setup->guid.len == sizeof(provider->guid))
		memcpy(provider->guid, setup->guid.data, sizeof(provider->guid));
	snprintf(provider->version, sizeof(provider->version), "%s",
		 setup->version ? setup->version : "");
	next = setup->lines > LINES_PER_PROVIDER ? NULL : op_new(provider, started);
	if (!next) {
		provider_fail(provider, "setup", op, NULL);
		return;
	}
	next->number = lines_reserve(provider, setup->lines);
	next->value = setup->lines;
	in.has_line_base = in.has_lines = in.has_max_calls = 1;
	in.line_base = next->number;
	in.lines = setup->lines;
	in.has_phones = 1;
	in.phones = setup->phones;
	in.max_calls = 4096;
	tapi__rpc__host__start(HOST(provider), &in, OP_CLOSURE(StartOut), next);
	op_sent(next);
}

static void send_setup(struct provider *provider)
{
	const struct provider_config *config = provider->config;
	Tapi__Rpc__SetupIn in = TAPI__RPC__SETUP_IN__INIT;
	struct op *op = op_new(provider, set_up);
	Tapi__Rpc__Setting *settings = calloc(config->settings_count + 1, sizeof(*settings));
	Tapi__Rpc__Setting **list = calloc(config->settings_count + 1, sizeof(*list));

	if (op && settings && list) {
		for (size_t i = 0; i < config->settings_count; i++) {
			tapi__rpc__setting__init(&settings[i]);
			settings[i].key = config->settings[i].key;
			settings[i].value = config->settings[i].value;
			list[i] = &settings[i];
		}
		in.name = config->name;
		in.module = config->module;
		in.has_permanent_id = in.has_low = in.has_high = 1;
		in.permanent_id = provider->id;
		in.low = SERVER_API_LOW;
		in.high = SERVER_API_HIGH;
		in.settings = list;
		in.n_settings = config->settings_count;
		tapi__rpc__host__setup(HOST(provider), &in, OP_CLOSURE(SetupOut), op);
		op_sent(op);
	} else {
		link_close(provider->link, -ENOMEM);
	}
	free(settings);
	free(list);
}

static void provider_connect(struct provider *provider)
{
	char reason[128];
	int fd;

	/* its predecessor is still there, and may hold what it needs */
	if (provider->pid) {
		kill(provider->pid, SIGKILL);
		wait_until(provider, now_usec() + FIRST_RETRY_USEC);
		return;
	}
	provider->reason[0] = '\0';
	provider->state = PROVIDER_STARTING;
	provider->restarts += provider->tried;
	fd = connect_socket(provider->config->name);
	if (fd == -ENOENT)
		fd = spawn_host(provider);
	if (fd < 0) {
		snprintf(reason, sizeof(reason), "its host cannot be reached: %s", strerror(-fd));
		provider_wait(provider, reason);
		return;
	}
	provider->link = link_new(fd, &host_ops, provider);
	if (!provider->link) {
		close(fd);
		provider_wait(provider, "no memory");
		return;
	}
	link_serve(provider->link, TAPI__RPC__SERVICE_ID__SERVICE_HOST_EVENTS,
		   (ProtobufCService *)(uintptr_t)&host_events_service);
	sd_event_add_io(server.event, &provider->io, fd, POLLIN, host_readable, provider);
	send_setup(provider);
}

/* ---- life of the service ---- */

/* The permanent id is made of the name (FNV-1a), so that it stays when others come or go */
static uint32_t id_of(const char *name)
{
	uint32_t id = 2166136261u;

	for (; *name; name++)
		id = (id ^ (unsigned char)*name) * 16777619u;
	return id & 0x7fffffff ? id & 0x7fffffff : 1;
}

static void provider_add(const struct provider_config *config)
{
	struct provider *provider = calloc(1, sizeof(*provider));

	if (!provider)
		return;
	provider->config = config;
	provider->id = id_of(config->name);
	list_init(&provider->ops);
	list_init(&provider->lines);
	list_init(&provider->requests);
	list_append(&server.providers, &provider->node);
	if (config->enabled) {
		provider_connect(provider);
	} else {
		provider->state = PROVIDER_DISABLED;
		snprintf(provider->reason, sizeof(provider->reason), "Enabled = no");
	}
}

void providers_start(void)
{
	for (size_t i = 0; i < server.config->providers_count; i++)
		provider_add(&server.config->providers[i]);
}

/* ---- a new configuration ---- */

static bool same_config(const struct provider_config *a, const struct provider_config *b)
{
	if (strcmp(a->name, b->name) || a->enabled != b->enabled ||
	    a->settings_count != b->settings_count)
		return false;
	for (size_t i = 0; i < a->settings_count; i++) {
		if (strcmp(a->settings[i].key, b->settings[i].key) ||
		    strcmp(a->settings[i].value, b->settings[i].value))
			return false;
	}
	return true;
}

/* A provider restarts only when something changed for it */
static void apply(struct provider *provider, const struct provider_config *config)
{
	static const struct provider_config none = { .name = (char *)"" };
	bool same = config && same_config(provider->config, config);

	if (!config && provider->config == &provider->gone)
		return;
	if (!config) {
		snprintf(provider->gone_name, sizeof(provider->gone_name), "%s",
			 provider->config->name);
		provider->gone = none;
		provider->gone.name = provider->gone_name;
		config = &provider->gone;
	}
	provider->config = config;
	if (same)
		return;
	if (config->enabled) {
		provider_restart(provider);
		return;
	}
	provider->timer = sd_event_source_disable_unref(provider->timer);
	provider->state = PROVIDER_DISABLED;
	if (provider->link)
		link_close(provider->link, -ECANCELED);
}

int providers_reload(void)
{
	struct config *config = config_read(true), *old = server.config;

	if (!config)
		return -EINVAL;
	server.config = config;
	list_for_each(at, &server.providers) {
		struct provider *provider = list_entry(at, struct provider, node);
		const struct provider_config *found = NULL;

		for (size_t i = 0; i < config->providers_count; i++) {
			if (!strcmp(config->providers[i].name, provider->config->name))
				found = &config->providers[i];
		}
		apply(provider, found);
	}
	for (size_t i = 0; i < config->providers_count; i++) {
		if (!provider_find(config->providers[i].name))
			provider_add(&config->providers[i]);
	}
	config_free(old);
	return 0;
}

static void stop_answered(struct op *op, const ProtobufCMessage *out)
{
	/* one that does not answer is not waited for, nor left behind */
	if (op->provider->link)
		link_close(op->provider->link, out ? 0 : -ETIMEDOUT);
}

static int stop_forced(sd_event_source *source, uint64_t usec, void *data)
{
	list_for_each(at, &server.providers) {
		struct provider *provider = list_entry(at, struct provider, node);

		if (provider->link) {
			log_message(4, "%s: does not stop", provider->config->name);
			link_close(provider->link, -ETIMEDOUT);
		}
	}
	return 0;
}

static void ask_to_stop(struct provider *provider)
{
	Tapi__Rpc__Empty in = TAPI__RPC__EMPTY__INIT;
	struct op *op = op_new(provider, stop_answered);

	if (!op) {
		if (provider->link)
			link_close(provider->link, 0);
		return;
	}
	tapi__rpc__host__stop(HOST(provider), &in, OP_CLOSURE(Result), op);
	op_sent(op);
}

void providers_stop(void)
{
	server.stopping = true;
	sd_event_add_time_relative(server.event, NULL, CLOCK_BOOTTIME, STOP_USEC, 0, stop_forced,
				   NULL);
	list_for_each(at, &server.providers) {
		struct provider *provider = list_entry(at, struct provider, node);

		provider->timer = sd_event_source_disable_unref(provider->timer);
		ask_to_stop(provider);
	}
	all_stopped();
}

/* At the end of the service, after its programs */
void providers_free(void)
{
	list_for_each(at, &server.providers) {
		struct provider *provider = list_entry(at, struct provider, node);

		if (provider->link)
			link_close(provider->link, -ESHUTDOWN);
		sd_event_source_disable_unref(provider->timer);
		sd_event_source_disable_unref(provider->child);
		list_remove(&provider->node);
		free(provider);
	}
}

void provider_restart(struct provider *provider)
{
	provider->deaths = 0;
	if (provider->link) {
		snprintf(provider->reason, sizeof(provider->reason), "restarted on request");
		link_close(provider->link, -ECANCELED);
		return;
	}
	provider->timer = sd_event_source_disable_unref(provider->timer);
	provider_connect(provider);
}

/* Programs that came before the first devices were known go on */
static void check_settled(void)
{
	if (!providers_settled())
		return;
	server.start_timer = sd_event_source_disable_unref(server.start_timer);
	list_for_each(at, &server.starting) {
		struct waiting *waiting = list_entry(at, struct waiting, node);

		list_remove(&waiting->node);
		waiting->go_on(waiting);
	}
}

void providers_waited(void)
{
	list_for_each(at, &server.providers)
		list_entry(at, struct provider, node)->tried = true;
	check_settled();
}

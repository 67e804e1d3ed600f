/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapisrv: command line, sockets, signals. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <tapi_config.h>

#include "server.h"
#include "trace.h"

struct server server = {
	.socket = TAPI_RUNDIR "/tapi.sock",
	.admin_socket = TAPI_RUNDIR "/admin.sock",
	.tsphost = TAPI_LIBEXECDIR "/tsphost",
	.module_dir = TAPI_TSPDIR,
};

static const struct option options[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "admin-socket", required_argument, NULL, 'a' },
	{ "config-dir", required_argument, NULL, 'c' },
	{ "tsphost", required_argument, NULL, 'H' },
	{ "module-dir", required_argument, NULL, 'm' },
	{ "trace", required_argument, NULL, 't' },
	{ "allow-any-owner", no_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

static void usage(FILE *to)
{
	fputs("usage: tapisrv [OPTION]...\n"
	      "The telephony service: hosts service providers, serves programs.\n\n"
	      "  -s, --socket PATH        socket for programs (" TAPI_RUNDIR "/tapi.sock)\n"
	      "  -a, --admin-socket PATH  socket for administrators (" TAPI_RUNDIR "/admin.sock)\n"
	      "  -c, --config-dir DIR     tapisrv.conf and providers.d, from here only\n"
	      "  -H, --tsphost PROGRAM    host of service providers\n"
	      "  -m, --module-dir DIR     service providers (" TAPI_TSPDIR ")\n"
	      "  -t, --trace FILE         record what goes between the parts, for tapictl trace\n"
	      "      --allow-any-owner    providers need not belong to root (tests)\n"
	      "  -h, --help               this text\n"
	      "      --version            version\n\n"
	      "Sockets handed over by systemd take the place of those named here.\n", to);
}

/* 0: go on, else exit with status - 1 */
static int parse(int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "s:a:c:H:m:t:hV", options, NULL)) != -1) {
		switch (option) {
		case 's': server.socket = optarg; break;
		case 'a': server.admin_socket = optarg; break;
		case 'c': server.config_dir = optarg; break;
		case 'H': server.tsphost = optarg; break;
		case 'm': server.module_dir = optarg; break;
		case 't': server.trace = optarg; break;
		case 'o': server.any_owner = true; break;
		case 'h': usage(stdout); return 1;
		case 'V': puts("tapisrv " TAPI_VERSION); return 1;
		default: usage(stderr); return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "tapisrv: what is '%s'?\n", argv[optind]);
		return 2;
	}
	return 0;
}

/* ---- sockets ---- */

/* What is left of a service that has ended goes; somebody who has a socket there keeps it */
static int take_name(int fd, const struct sockaddr_un *address)
{
	int err = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? errno : 0;

	if (err == ENOENT)
		return 0;
	if (err == ECONNREFUSED)
		return unlink(address->sun_path) < 0 ? -errno : 0;
	return err && err != EAGAIN ? -err : -EADDRINUSE;	/* EAGAIN: many wait for it */
}

static int bind_name(int fd, const struct sockaddr_un *address)
{
	mode_t old = umask(0117);
	int err = bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ||
		  listen(fd, 128) < 0 ? -errno : 0;

	umask(old);
	return err;
}

/* Services that start at the same time look one after the other: the directory is locked */
static int lock_directory(const char *path)
{
	char name[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd, err;

	strcpy(name, path);
	fd = open(dirname(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!flock(fd, LOCK_EX))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err, lock;

	if (strlen(path) >= sizeof(address.sun_path)) {
		log_message(3, "%s: the name is too long for a socket", path);
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	lock = lock_directory(path);
	err = lock < 0 ? lock : take_name(fd, &address);
	if (!err)
		err = bind_name(fd, &address);
	if (lock >= 0)
		close(lock);
	if (!err)
		return fd;
	log_message(3, "%s: %s", path,
		    err == -EADDRINUSE ? "a service is running already" : strerror(-err));
	close(fd);
	return err;
}

static int own_sockets(void)
{
	int fd = make_socket(server.socket), admin;

	if (fd < 0)
		return fd;
	admin = make_socket(server.admin_socket);
	if (admin < 0)
		return admin;
	clients_listen(fd, false);
	clients_listen(admin, true);
	return 0;
}

static int listen_all(void)
{
	char **names = NULL;
	int count = sd_listen_fds_with_names(1, &names);

	if (count < 0)
		return count;
	for (int i = 0; i < count; i++) {
		clients_listen(SD_LISTEN_FDS_START + i, !strcmp(names[i], "admin"));
		free(names[i]);
	}
	free(names);
	server.adopted = count > 0;
	return count ? 0 : own_sockets();
}

/* ---- signals ---- */

static int stop(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	sd_notify(0, "STOPPING=1");
	if (server.stopping)
		sd_event_exit(server.event, 1);
	else
		providers_stop();
	return 0;
}

static int reload(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	sd_notify(0, "RELOADING=1");
	providers_reload();
	sd_notify(0, "READY=1");
	return 0;
}

static int waited(sd_event_source *source, uint64_t usec, void *data)
{
	log_message(4, "a provider takes long to start");
	providers_waited();
	return 0;
}

static int set_up(void)
{
	sigset_t signals;
	int err;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	err = sd_event_new(&server.event);
	if (err < 0)
		return err;
	sd_event_add_signal(server.event, NULL, SIGTERM, stop, NULL);
	sd_event_add_signal(server.event, NULL, SIGINT, stop, NULL);
	sd_event_add_signal(server.event, NULL, SIGHUP, reload, NULL);
	sd_event_set_watchdog(server.event, 1);
	return sd_event_add_time_relative(server.event, &server.start_timer, CLOCK_BOOTTIME,
					  SERVER_START_USEC, 0, waited, NULL);
}

static int run(void)
{
	int err;

	list_init(&server.providers);
	list_init(&server.clients);
	list_init(&server.starting);
	server.started_usec = now_usec();
	if (getrandom(&server.epoch, sizeof(server.epoch), 0) != sizeof(server.epoch))
		server.epoch = server.started_usec;
	if (server.trace) {
		err = trace_open(server.trace);
		if (err < 0) {
			log_message(3, "%s: %s", server.trace, strerror(-err));
			return err;
		}
	}
	server.config = config_read(false);
	if (!server.config)
		return -ENOMEM;
	err = set_up();
	if (err >= 0)
		err = listen_all();
	if (err < 0)
		return err;
	if (!server.config->providers_count)
		log_message(5, "no provider is configured");
	providers_start();
	sd_notify(0, "READY=1");
	return sd_event_loop(server.event);
}

/* Everything, so that a tool that looks for leaks finds only leaks */
static void tidy(void)
{
	if (!server.event)
		return;
	server.stopping = true;
	clients_free();
	providers_free();
	lines_free();
	config_free(server.config);
	sd_event_source_disable_unref(server.start_timer);
	sd_event_unref(server.event);
}

int main(int argc, char **argv)
{
	int err = parse(argc, argv);

	if (err)
		return err == 1 ? 0 : 2;
	err = run();
	if (!server.adopted && server.stopping) {
		unlink(server.socket);
		unlink(server.admin_socket);
	}
	if (err < 0)
		log_message(3, "%s", strerror(-err));
	tidy();
	return err ? 1 : 0;
}

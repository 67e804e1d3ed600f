/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tsphost: options, where the connection to tapisrv comes from, signals. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>
#include <tapi_config.h>

#include "host.h"
#include "trace.h"

struct tsph_options options = { .fd = -1 };

static const char usage[] =
	"usage: tsphost [OPTION...]\n"
	"Run one telephony service provider for tapisrv.\n"
	"\n"
	" --name NAME        of the provider, for logs\n"
	" --module PATH      the only module this host loads\n"
	" --fd N             connected socket to tapisrv; else the listening socket systemd\n"
	"                    passes\n"
	" --allow-any-owner  load modules that others than root can write\n"
	" --trace FILE       append a record of each call and event\n"
	" --help, --version\n";

enum option_code { OPT_NAME = 256, OPT_MODULE, OPT_FD, OPT_OWNER, OPT_TRACE, OPT_HELP, OPT_VERSION };

static const struct option long_options[] = {
	{ "name", required_argument, NULL, OPT_NAME },
	{ "module", required_argument, NULL, OPT_MODULE },
	{ "fd", required_argument, NULL, OPT_FD },
	{ "allow-any-owner", no_argument, NULL, OPT_OWNER },
	{ "trace", required_argument, NULL, OPT_TRACE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 },
};

static bool parse_fd(const char *text)
{
	char *end;
	long fd;

	errno = 0;
	fd = strtol(text, &end, 10);
	if (errno || end == text || *end || fd < 0 || fd > INT_MAX)
		return false;
	options.fd = (int)fd;
	return true;
}

/* Whether to go on; if not, *status is the exit status */
static bool parse_one(int code, int *status)
{
	switch (code) {
	case OPT_NAME:
		options.name = optarg;
		return true;
	case OPT_MODULE:
		options.module = optarg;
		return true;
	case OPT_FD:
		if (parse_fd(optarg))
			return true;
		fprintf(stderr, "tsphost: --fd wants a number\n");
		break;
	case OPT_OWNER:
		options.any_owner = true;
		return true;
	case OPT_TRACE:
		options.trace = optarg;
		return true;
	case OPT_HELP:
		fputs(usage, stdout);
		*status = EXIT_SUCCESS;
		return false;
	case OPT_VERSION:
		puts("tsphost " TAPI_VERSION);
		*status = EXIT_SUCCESS;
		return false;
	}
	*status = 2;
	return false;
}

static bool parse(int argc, char **argv, int *status)
{
	int code;

	while ((code = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (!parse_one(code, status))
			return false;
	}
	if (optind < argc) {
		fprintf(stderr, "tsphost: unexpected argument %s\n", argv[optind]);
		*status = 2;
		return false;
	}
	return true;
}

/* Only SOCK_SEQPACKET carries frames */
static int check_socket(int fd, bool listening)
{
	int kind = sd_is_socket(fd, AF_UNIX, SOCK_SEQPACKET, listening);

	if (kind > 0)
		return 0;
	tsph_log(LOG_ERR, "descriptor %d is no %s SOCK_SEQPACKET socket", fd,
		 listening ? "listening" : "connected");
	return kind < 0 ? kind : -EINVAL;
}

static int set_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC))
		return -errno;
	return 0;
}

/* tapisrv runs as root, as this user, or as the user the socket was made for */
static bool is_welcome(int listener, int fd)
{
	struct sockaddr_un address = { 0 };
	socklen_t size = sizeof(address) - 1;
	struct ucred peer;
	socklen_t length = sizeof(peer);
	struct stat st;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length))
		return false;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	if (!getsockname(listener, (struct sockaddr *)&address, &size) && address.sun_path[0] &&
	    !stat(address.sun_path, &st) && peer.uid == st.st_uid)
		return true;
	tsph_log(LOG_WARNING, "connection of user %u refused: not tapisrv", peer.uid);
	return false;
}

/* One connection at a time, and when it ends the host does */
static int incoming(sd_event_source *source, int listener, uint32_t revents, void *user)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int err;

	if (fd < 0)
		return 0;
	if (!is_welcome(listener, fd)) {
		close(fd);
		return 0;
	}
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	err = host_link(fd);
	if (err < 0)
		sd_event_exit(sd_event_source_get_event(source), err);
	return 0;
}

static int activated(sd_event *event)
{
	int count = sd_listen_fds(1), err;

	if (count != 1) {
		tsph_log(LOG_ERR, "%s", count > 1 ? "more than one socket" : "neither --fd nor a "
			 "socket of systemd's");
		return count < 0 ? count : -EINVAL;
	}
	err = check_socket(SD_LISTEN_FDS_START, true);
	if (!err)
		err = set_flags(SD_LISTEN_FDS_START);
	if (!err)
		err = sd_event_add_io(event, NULL, SD_LISTEN_FDS_START, EPOLLIN, incoming, NULL);
	return err;
}

static int inherited(void)
{
	int err = check_socket(options.fd, false);

	if (!err)
		err = set_flags(options.fd);
	return err ? err : host_link(options.fd);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
	if (host_connected())
		host_end();
	else
		sd_event_exit(sd_event_source_get_event(source), 0);
	return 0;
}

/* Blocked before there are threads: all of them, also the provider's, leave these to the loop */
static int add_signals(sd_event *event)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	err = sd_event_add_signal(event, NULL, SIGTERM, on_signal, NULL);
	return err < 0 ? err : sd_event_add_signal(event, NULL, SIGINT, on_signal, NULL);
}

static int serve(void)
{
	sd_event *event = NULL;
	int err = sd_event_default(&event);

	if (err >= 0)
		err = add_signals(event);
	if (err >= 0)
		err = host_start(event);
	if (err >= 0)
		err = options.fd >= 0 ? inherited() : activated(event);
	if (err >= 0)
		err = sd_event_loop(event);
	if (err < 0)
		tsph_log(LOG_ERR, "%s", strerror(-err));
	return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	int status, err;

	if (!parse(argc, argv, &status))
		return status;
	tsph_log_open(options.name);
	err = options.trace ? trace_open(options.trace) : 0;
	if (err)
		tsph_log(LOG_WARNING, "%s: %s", options.trace, strerror(-err));
	else
		trace_open_environment();
	return serve();
}

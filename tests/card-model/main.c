// SPDX-License-Identifier: GPL-2.0-or-later
/* The program: sockets, time, options. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "card.h"
#include "control.h"
#include "vfu.h"
#include "vmclock.h"

struct server {
	struct card *card;
	struct vfu vfu;
	int listener;
	struct control control;
	bool has_clock;			/* time is what the machine says */
	struct vmclock clock;
	struct vfu clock_vfu;
	int clock_listener;
};

static void usage(FILE *out)
{
	fputs("usage: tapi-card-model [options] SOCKET\n"
	      "A TDM400P telephony card for a virtual machine: a vfio-user server for one client,\n"
	      "which ends when the client does. It listens when \"ready\" is printed.\n"
	      "\n"
	      " --modules LIST       in the four sockets: fxs (Si3210), fxs3215, fxo, -\n"
	      "                      (default fxs,fxs,fxo,fxo)\n"
	      " --subsystem V[:D]    subsystem ids, hexadecimal (b1d9:0003)\n"
	      " --cpld VERSION       of the CPLD, hexadecimal (73)\n"
	      " --no-12v             the disk power connector is not plugged\n"
	      " --control SOCKET     listen there for commands; \"help\" lists them\n"
	      " --clock SOCKET       a second vfio-user device, by which the machine tells what\n"
	      "                      time it is; tapi-card-time does so there\n"
	      " --do COMMAND         a command before the client comes, answered on standard output\n"
	      "                      before \"ready\"; may be repeated\n"
	      " --report FILE        at the end: counters, and rules that were broken\n"
	      " --help\n",
	      out);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int parse_modules(const char *list, struct card_options *options)
{
	static const struct {
		const char *name;
		enum card_chip chip;
	} names[] = {
		{ "fxs", CARD_SI3210 },
		{ "fxs3215", CARD_SI3215 },
		{ "fxo", CARD_SI3050 },
		{ "-", CARD_EMPTY },
	};
	char copy[64], *next = copy, *name;
	unsigned int count = 0;

	snprintf(copy, sizeof(copy), "%s", list);
	memset(options->chips, 0, sizeof(options->chips));
	while ((name = strsep(&next, ","))) {
		unsigned int i = 0;

		while (i < 4 && strcmp(names[i].name, name))
			i++;
		if (i == 4 || count == CARD_SOCKETS)
			return -1;
		options->chips[count++] = names[i].chip;
	}
	return 0;
}

static int parse_subsystem(const char *text, struct card_options *options)
{
	unsigned int vendor, device = 3;
	int end = 0;

	if (sscanf(text, "%x%n:%x%n", &vendor, &end, &device, &end) < 1 || text[end])
		return -1;
	if (vendor > 0xffff || device > 0xffff)
		return -1;
	options->subvendor = (uint16_t)vendor;
	options->subdevice = (uint16_t)device;
	return 0;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 4)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int64_t sooner(int64_t a, int64_t b)
{
	if (a < 0)
		return b;
	return b < 0 || a < b ? a : b;
}

static uint64_t now(const struct server *server)
{
	return server->has_clock ? server->clock.now_ns : now_ns();
}

/* Lets time pass; after how long it wants to do so again */
static int64_t tick(struct server *server)
{
	int64_t wait;

	if (server->vfu.fd < 0)
		return -1;
	wait = sooner(card_tick(server->card, now(server)), vfu_tick(&server->vfu, now(server)));
	/* Waiting does not change what the machine has said, only what is still owed is run */
	return server->has_clock && wait ? -1 : wait;
}

/* A client, or where it is awaited */
static struct pollfd watched(const struct vfu *vfu, int listener)
{
	return (struct pollfd){ .fd = vfu->fd < 0 ? listener : vfu->fd, .events = POLLIN };
}

static bool readable(int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&polled, 1, 0) > 0;
}

/* Takes the client of a socket that nobody has connected to yet */
static int take_client(int *listener)
{
	int client = accept4(*listener, NULL, NULL, SOCK_CLOEXEC);

	close(*listener);
	*listener = -1;
	return client;
}

/* false: the client has gone */
static bool serve_card(struct server *server)
{
	if (server->vfu.fd < 0) {
		vfu_init(&server->vfu, take_client(&server->listener), server->card);
		return server->vfu.fd >= 0;
	}
	return !vfu_serve(&server->vfu, now(server));
}

/* What the machine has written to the card before it says what time it is happened before that */
static bool serve_clock(struct server *server)
{
	if (server->clock_vfu.fd < 0) {
		vfu_init_device(&server->clock_vfu, take_client(&server->clock_listener),
				&vmclock_device, &server->clock);
		return true;
	}
	while (readable(server->vfu.fd)) {
		if (!serve_card(server))
			return false;
		tick(server);
	}
	if (vfu_serve(&server->clock_vfu, 0))
		vfu_close(&server->clock_vfu);
	return true;
}

/* Until the client is gone. Before it comes commands are answered, too; time does not pass. */
static void run(struct server *server)
{
	struct pollfd polled[2 + CONTROL_POLLED];

	for (;;) {
		int64_t wait = tick(server);
		struct timespec timeout = { wait / 1000000000, wait % 1000000000 };
		nfds_t count = 2;

		control_settle(&server->control);
		polled[0] = watched(&server->vfu, server->listener);
		polled[1] = watched(&server->clock_vfu, server->clock_listener);
		count += control_poll(&server->control, polled + 2);
		if (ppoll(polled, count, wait < 0 ? NULL : &timeout, NULL) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		if (polled[0].revents && !serve_card(server))
			break;
		if (polled[1].revents && !serve_clock(server))
			break;
		control_serve(&server->control, polled + 2, (unsigned int)count - 2);
	}
}

static void write_report(struct card *card, const char *path)
{
	char stat[] = "stat", violations[] = "violations";
	FILE *out = path ? fopen(path, "we") : NULL;

	if (!out)
		return;
	card_command(card, stat, out);
	card_command(card, violations, out);
	fclose(out);
}

/* A command of the command line; wrong ones are told on standard error */
static bool do_command(struct card *card, char *command)
{
	char *answer = NULL, *error;
	size_t size;
	FILE *out = open_memstream(&answer, &size);

	if (!out)
		return false;
	card_command(card, command, out);
	fclose(out);
	error = strstr(answer, "error: ");
	if (error)
		fprintf(stderr, "tapi-card-model: --do: %s", error + strlen("error: "));
	else
		fputs(answer, stdout);
	free(answer);
	return !error;
}

struct arguments {
	struct card_options card;
	const char *socket, *control, *clock, *report;
	char *commands[16];
	unsigned int command_count;
};

/* Returns the exit status, -1 to go on */
static int parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{ "modules", 1, NULL, 'm' },
		{ "subsystem", 1, NULL, 's' },
		{ "cpld", 1, NULL, 'c' },
		{ "no-12v", 0, NULL, 'n' },
		{ "control", 1, NULL, 'C' },
		{ "clock", 1, NULL, 't' },
		{ "do", 1, NULL, 'd' },
		{ "report", 1, NULL, 'r' },
		{ "help", 0, NULL, 'h' },
		{ 0 },
	};
	int option, bad = 0;

	card_defaults(&args->card);
	while (!bad && (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'm')
			bad = parse_modules(optarg, &args->card);
		else if (option == 's')
			bad = parse_subsystem(optarg, &args->card);
		else if (option == 'c')
			args->card.cpld_version = (uint8_t)strtoul(optarg, NULL, 16);
		else if (option == 'n')
			args->card.no_12v = true;
		else if (option == 'C')
			args->control = optarg;
		else if (option == 't')
			args->clock = optarg;
		else if (option == 'r')
			args->report = optarg;
		else if (option == 'd' && args->command_count < 16)
			args->commands[args->command_count++] = optarg;
		else if (option == 'h')
			return usage(stdout), 0;
		else
			return usage(stderr), 2;
	}
	if (bad)
		fprintf(stderr, "tapi-card-model: cannot use \"%s\"\n", optarg);
	if (bad || optind != argc - 1)
		return usage(stderr), 2;
	args->socket = argv[optind];
	return -1;
}

/* false: errno tells why not */
static bool listen_all(struct server *server, const struct arguments *args)
{
	server->listener = listen_at(args->socket);
	server->clock_listener = args->clock ? listen_at(args->clock) : -1;
	control_init(&server->control, server->card, args->control ? listen_at(args->control) : -1);
	vfu_init(&server->vfu, -1, server->card);
	vfu_init_device(&server->clock_vfu, -1, &vmclock_device, &server->clock);
	vmclock_init(&server->clock, server->card, &server->vfu);
	server->has_clock = args->clock;
	return server->listener >= 0 && (!args->clock || server->clock_listener >= 0) &&
	       (!args->control || server->control.listener >= 0);
}

static void close_all(struct server *server, const struct arguments *args)
{
	vfu_close(&server->vfu);
	vfu_close(&server->clock_vfu);
	vmclock_close(&server->clock);
	control_close(&server->control);
	unlink(args->socket);
	if (args->control)
		unlink(args->control);
	if (args->clock)
		unlink(args->clock);
	card_free(server->card);
}

int main(int argc, char **argv)
{
	static struct server server;
	static struct arguments args;
	int status = parse(argc, argv, &args);

	if (status >= 0)
		return status;
	signal(SIGPIPE, SIG_IGN);
	server.card = card_new(&args.card, &vfu_host, &server.vfu);
	for (unsigned int i = 0; server.card && i < args.command_count; i++)
		if (!do_command(server.card, args.commands[i]))
			return card_free(server.card), 2;
	if (!server.card || !listen_all(&server, &args)) {
		perror("tapi-card-model");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	run(&server);
	write_report(server.card, args.report);
	close_all(&server, &args);
	return 0;
}

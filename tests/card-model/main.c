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

/* Until the client is gone */
static void run(struct vfu *vfu, struct control *control)
{
	struct pollfd polled[1 + CONTROL_POLLED];

	for (;;) {
		uint64_t now = now_ns();
		int64_t wait = sooner(card_tick(vfu->card, now), vfu_tick(vfu, now));
		struct timespec timeout = { wait / 1000000000, wait % 1000000000 };
		nfds_t count = 1;

		control_settle(control);
		polled[0] = (struct pollfd){ .fd = vfu->fd, .events = POLLIN };
		count += control_poll(control, polled + 1);
		if (ppoll(polled, count, wait < 0 ? NULL : &timeout, NULL) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		if (polled[0].revents && vfu_serve(vfu, now_ns()))
			break;
		control_serve(control, polled + 1, (unsigned int)count - 1);
	}
}

/* Commands are answered while nobody has connected yet, too; time does not pass */
static int wait_for_client(int listener, struct control *control)
{
	struct pollfd polled[1 + CONTROL_POLLED];

	for (;;) {
		nfds_t count = 1;

		polled[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
		count += control_poll(control, polled + 1);
		if (poll(polled, count, -1) < 0 && errno != EINTR)
			return -1;
		control_serve(control, polled + 1, (unsigned int)count - 1);
		if (polled[0].revents)
			return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
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
	const char *socket, *control, *report;
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

int main(int argc, char **argv)
{
	static struct vfu vfu;
	static struct control control;
	static struct arguments args;
	int status = parse(argc, argv, &args), listener, client;
	struct card *card;

	if (status >= 0)
		return status;
	signal(SIGPIPE, SIG_IGN);
	card = card_new(&args.card, &vfu_host, &vfu);
	for (unsigned int i = 0; card && i < args.command_count; i++)
		if (!do_command(card, args.commands[i]))
			return card_free(card), 2;
	listener = listen_at(args.socket);
	control_init(&control, card, args.control ? listen_at(args.control) : -1);
	if (!card || listener < 0 || (args.control && control.listener < 0)) {
		perror("tapi-card-model");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	client = wait_for_client(listener, &control);
	close(listener);
	vfu_init(&vfu, client, card);
	if (client >= 0)
		run(&vfu, &control);
	write_report(card, args.report);
	vfu_close(&vfu);
	control_close(&control);
	unlink(args.socket);
	if (args.control)
		unlink(args.control);
	card_free(card);
	return 0;
}

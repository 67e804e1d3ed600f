/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapictl: command line. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tapi_config.h>

#include "out.h"
#include "tapictl.h"

/* Longest time-out: what fits comfortably into milliseconds */
#define TIMEOUT_MAX_S 1000000

struct settings settings = { .admin_socket = TAPI_RUNDIR "/admin.sock" };

/* Options that only some commands take */
#define TAKES_WAIT	1u
#define TAKES_TIMEOUT	2u
#define TAKES_CALL	4u
#define TAKES_TRACE	8u

struct command {
	const char *object, *verb, *arguments;
	int min, max;			/* number of arguments; max -1: any */
	unsigned int takes;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct command commands[] = {
	{ "status", NULL, "", 0, 0, 0, status_show,
	  "the server, providers, lines, programs" },
	{ "line", "list", "", 0, 0, 0, line_list, "all lines" },
	{ "line", "show", "LINE", 1, 1, 0, line_show, "what a line can do, and its status" },
	{ "call", "make", "LINE NUMBER [--wait] [--timeout S]", 2, 2, TAKES_WAIT | TAKES_TIMEOUT,
	  call_make, "call NUMBER until somebody answers; --wait: until the call is over" },
	{ "call", "answer", "LINE [--timeout S]", 1, 1, TAKES_TIMEOUT, call_answer,
	  "wait for a call, answer it, stay until it is over" },
	{ "call", "drop", "LINE [--call ID]", 1, 1, TAKES_CALL, call_drop,
	  "hang up the call on a line" },
	{ "call", "digits", "LINE DIGITS [--call ID] [--timeout S]", 2, 2,
	  TAKES_CALL | TAKES_TIMEOUT, call_digits, "send digits on the call on a line" },
	{ "monitor", NULL, "[LINE...]", 0, -1, 0, monitor, "tell what happens on lines" },
	{ "provider", "list", "", 0, 0, 0, provider_list, "service providers" },
	{ "provider", "restart", "NAME", 1, 1, 0, provider_restart, "start a provider again" },
	{ "client", "list", "", 0, 0, 0, client_list, "programs" },
	{ "reload", NULL, "", 0, 0, 0, server_reload, "read the configuration again" },
	{ "trace", NULL, "FILE... [-o FILE] [--text | --json] [--from STEP] [--to STEP]", 1, -1,
	  TAKES_TRACE, trace, "draw recorded traces as a sequence diagram (SVG), text or JSON" },
	{ "explain", NULL, "CODE...", 1, -1, 0, explain,
	  "what an error, call state, disconnect mode or message means" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int complain(int status, const char *format, ...)
{
	va_list args;

	out_flush();
	fputs("tapictl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

void progress(const char *format, ...)
{
	va_list args;

	if (!isatty(STDERR_FILENO))
		return;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs(" ...\n", stderr);
}

/* ---- help ---- */

static void print_commands(const char *object)
{
	char text[96];

	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *c = &commands[i];

		if (object && strcmp(c->object, object))
			continue;
		snprintf(text, sizeof(text), "%s%s%s%s%s", c->object, c->verb ? " " : "",
			 c->verb ? c->verb : "", *c->arguments ? " " : "", c->arguments);
		if (strlen(text) < 28)
			printf("  %-28s  %s\n", text, c->help);
		else
			printf("  %s\n  %-28s  %s\n", text, "", c->help);
	}
}

static unsigned int taken_by(const char *object)
{
	unsigned int takes = 0;

	for (size_t i = 0; i < COMMANDS; i++) {
		if (!object || !strcmp(commands[i].object, object))
			takes |= commands[i].takes;
	}
	return takes;
}

static void help(const char *object)
{
	unsigned int takes = taken_by(object);

	printf("Usage: tapictl [OPTION]... %s%s\n\n", object ? object : "OBJECT",
	       object && strcmp(object, "line") && strcmp(object, "call") &&
	       strcmp(object, "provider") && strcmp(object, "client") ? " ..." : " VERB ...");
	print_commands(object);
	puts("\nLINE is a number, a name, or a device (/dev/tapi/card0-line0).\n");
	if (takes & TAKES_WAIT)
		puts("      --wait               stay until the call is over");
	if (takes & TAKES_TIMEOUT)
		puts("      --timeout S          give up after so many seconds");
	if (takes & TAKES_CALL)
		puts("      --call ID            this call, when the line has several");
	if (takes & TAKES_TRACE)
		puts("  -o, --output FILE        write here, not on standard output\n"
		     "      --text, --json       steps as text; as a JSON array\n"
		     "      --from STEP, --to STEP   only these steps");
	puts("  -s, --socket PATH        socket of the service for programs\n"
	     "      --admin-socket PATH  and for administrators (" TAPI_RUNDIR "/admin.sock)\n"
	     "  -J, --json-output        JSON\n"
	     "  -K, --key-value          key=value, a line each, an empty line after a record\n"
	     "  -h, --help               this text; after an object: about it\n"
	     "  -V, --version            version\n\n"
	     "Exit status: 0 done, 1 wrong command line, 2 refused, 3 not found, 4 time-out,\n"
	     "5 the call ended otherwise, 6 no service. See tapictl(1).");
}

/* ---- options ---- */

enum {
	OPTION_ADMIN = 256, OPTION_WAIT, OPTION_TIMEOUT, OPTION_CALL, OPTION_TEXT, OPTION_JSON,
	OPTION_FROM, OPTION_TO,
};

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "admin-socket", required_argument, NULL, OPTION_ADMIN },
	{ "json-output", no_argument, NULL, 'J' },
	{ "key-value", no_argument, NULL, 'K' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "wait", no_argument, NULL, OPTION_WAIT },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "call", required_argument, NULL, OPTION_CALL },
	{ "output", required_argument, NULL, 'o' },
	{ "text", no_argument, NULL, OPTION_TEXT },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "from", required_argument, NULL, OPTION_FROM },
	{ "to", required_argument, NULL, OPTION_TO },
	{ 0 },
};

/**
 * struct parsed - what the options were
 * @takes: TAKES_ of the options given
 * @help: --help was among them
 * @done: nothing is left to do
 */
struct parsed {
	unsigned int takes;
	bool help, done;
};

static int number(const char *option, const char *text, uint32_t *to)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (!isdigit((unsigned char)*text) || *end || errno || !value || value > UINT32_MAX)
		return complain(STATUS_USAGE, "%s: '%s' is no number from 1", option, text);
	*to = (uint32_t)value;
	return 0;
}

static int seconds(const char *text, uint32_t *to)
{
	double value;
	char *end;

	value = strtod(text, &end);
	if (!isdigit((unsigned char)*text) || *end || value < 0.001 || value > TIMEOUT_MAX_S)
		return complain(STATUS_USAGE, "--timeout: '%s' is no number of seconds up to %d",
				text, TIMEOUT_MAX_S);
	*to = (uint32_t)(value * 1000);
	return 0;
}

static int set_format(enum format format)
{
	if (settings.format != FORMAT_TEXT && settings.format != format)
		return complain(STATUS_USAGE, "-J and -K exclude each other");
	settings.format = format;
	return 0;
}

static int special_option(int option, struct parsed *parsed)
{
	switch (option) {
	case OPTION_WAIT:
		parsed->takes |= TAKES_WAIT;
		settings.wait = true;
		return 0;
	case OPTION_TIMEOUT:
		parsed->takes |= TAKES_TIMEOUT;
		return seconds(optarg, &settings.timeout_ms);
	case OPTION_CALL:
		parsed->takes |= TAKES_CALL;
		return number("--call", optarg, &settings.call);
	default:
		break;
	}
	parsed->takes |= TAKES_TRACE;
	switch (option) {
	case 'o': settings.output = optarg; return 0;
	case OPTION_TEXT: settings.text = true; return 0;
	case OPTION_JSON: settings.json = true; return 0;
	case OPTION_FROM: return number("--from", optarg, &settings.first);
	default: return number("--to", optarg, &settings.last);
	}
}

static int one_option(int option, struct parsed *parsed)
{
	switch (option) {
	case 's': settings.socket = optarg; return 0;
	case OPTION_ADMIN: settings.admin_socket = optarg; return 0;
	case 'J': return set_format(FORMAT_JSON);
	case 'K': return set_format(FORMAT_KEYS);
	case 'h': parsed->help = true; return 0;
	case 'V':
		puts("tapictl " TAPI_VERSION);
		parsed->done = true;
		return 0;
	case '?':
		/* getopt has said what is wrong */
		fputs("Try 'tapictl --help'.\n", stderr);
		return STATUS_USAGE;
	default: return special_option(option, parsed);
	}
}

/* @first_only: stop at the first argument. Returns a status; optind tells how far it came */
static int options(int argc, char **argv, bool first_only, struct parsed *parsed)
{
	int option, err = 0;

	optind = 0;	/* from the beginning, also with GNU's extensions */
	while (!err && !parsed->done &&
	       (option = getopt_long(argc, argv, first_only ? "+s:JKhVo:" : "s:JKhVo:",
				     long_options, NULL)) != -1)
		err = one_option(option, parsed);
	return err;
}

/* ---- commands ---- */

static bool is_object(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (!strcmp(commands[i].object, name))
			return true;
	}
	return false;
}

/* Numbers below zero are arguments, not options: they go to the end. Returns how many */
static int set_negatives_apart(int argc, char **argv)
{
	int apart = 0;

	for (int i = 0; i < argc - apart;) {
		char *argument = argv[i];

		if (argument[0] != '-' || !isdigit((unsigned char)argument[1])) {
			i++;
			continue;
		}
		memmove(&argv[i], &argv[i + 1], (size_t)(argc - i - 1) * sizeof(*argv));
		argv[argc - 1] = argument;
		apart++;
	}
	return apart;
}

static const struct command *find(const char *object, const char *verb)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (!strcmp(commands[i].object, object) &&
		    (!commands[i].verb || (verb && !strcmp(commands[i].verb, verb))))
			return &commands[i];
	}
	return NULL;
}

static int check(const struct command *c, int argc, unsigned int takes)
{
	const char *space = c->verb ? " " : "", *verb = c->verb ? c->verb : "";

	if (argc < c->min || (c->max >= 0 && argc > c->max))
		return complain(STATUS_USAGE, "usage: tapictl %s%s%s %s", c->object, space, verb,
				*c->arguments ? c->arguments : "(without arguments)");
	if (takes & ~c->takes)
		return complain(STATUS_USAGE, "%s%s%s does not take this option; usage: tapictl "
				"%s%s%s %s", c->object, space, verb, c->object, space, verb,
				c->arguments);
	return 0;
}

/* argv[0] is the object */
static int command(int argc, char **argv, struct parsed *parsed)
{
	const char *object = argv[0];
	const struct command *c;
	int apart, err, skip;

	if (!is_object(object))
		return complain(STATUS_USAGE, "what is '%s'? Try 'tapictl --help'", object);
	apart = strcmp(object, "explain") ? 0 : set_negatives_apart(argc, argv);
	err = options(argc - apart, argv, false, parsed);
	if (err || parsed->done)
		return err;
	if (parsed->help) {
		help(object);
		return 0;
	}
	/* what has been read of it is in order, also behind options */
	c = find(object, optind < argc ? argv[optind] : NULL);
	if (!c)
		return complain(STATUS_USAGE, "%s: %s%s%s; try 'tapictl %s --help'", object,
				optind < argc ? "what is '" : "a verb is missing",
				optind < argc ? argv[optind] : "", optind < argc ? "'" : "",
				object);
	skip = optind + (c->verb != NULL);
	err = check(c, argc - skip, parsed->takes);
	return err ? err : c->run(argc - skip, argv + skip);
}

int main(int argc, char **argv)
{
	struct parsed parsed = { 0 };
	char *alone[] = { (char *)(uintptr_t)"status", NULL };
	int err, at, lost;

	setlocale(LC_CTYPE, "");
	err = options(argc, argv, true, &parsed);
	at = optind;
	if (err || parsed.done)
		return err;
	if (parsed.help && at >= argc) {
		help(NULL);
		return 0;
	}
	err = at < argc ? command(argc - at, argv + at, &parsed) : command(1, alone, &parsed);
	/* a full disk or a closed pipe must not look like success */
	lost = out_flush();
	return lost ? complain(err ? err : STATUS_REFUSED, "standard output: %s", strerror(lost)) :
	       err;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: judges telephone lines against the interface. */
#include <alsa/asoundlib.h>
#include <ctype.h>
#include <dirent.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <tapi_config.h>

#include "runner.h"

/* How much longer or later than asked for; a busy machine, a slow module */
#define TOLERANCE_MS 30
#define DEVICES "/dev/tapi"

struct settings {
	struct options run;
	enum report_format format;
	struct expected known;
	bool all;
};

static const struct option long_options[] = {
	{ "peer", required_argument, NULL, 'p' },
	{ "all", no_argument, NULL, 'a' },
	{ "only", required_argument, NULL, 'o' },
	{ "expected-failures", required_argument, NULL, 'e' },
	{ "tolerance", required_argument, NULL, 't' },
	{ "tap", no_argument, NULL, 'T' },
	{ "json", no_argument, NULL, 'j' },
	{ "list", no_argument, NULL, 'l' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ }
};

static void usage(FILE *out)
{
	fputs("usage: tapi-compliance [OPTION]... DEVICE\n"
	      "       tapi-compliance [OPTION]... DEVICE --peer DEVICE\n"
	      "       tapi-compliance [OPTION]... --all\n"
	      "Judge a telephone line, its driver and its hardware against the kernel's interface.\n\n"
	      " -p, --peer DEVICE             the line at the other end of its cable\n"
	      " -a, --all                     all lines, one after the other\n"
	      " -o, --only PATTERN            only tests with such names, for example 'ring/*'\n"
	      " -e, --expected-failures FILE  failures that are known: a test and a reason per line\n"
	      " -t, --tolerance MS            how late or long an event may be (30)\n"
	      " -T, --tap                     TAP instead of text\n"
	      " -j, --json                    JSON instead of text\n"
	      " -l, --list                    the tests, and the rule of each\n"
	      " -h, --help\n"
	      " -V, --version\n\n"
	      "Exit status: 0 all right, 1 failures, 2 wrong usage, 77 nothing could be tested.\n",
	      out);
}

__attribute__((format(printf, 1, 2)))
static int wrong(const char *format, ...)
{
	va_list args;

	fputs("tapi-compliance: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs(" (see --help)\n", stderr);
	return REPORT_USAGE;
}

/* A list that names a test that is not there is out of date: it would hide nothing, or too much */
static int read_expected(struct expected *known, const char *path)
{
	FILE *file = fopen(path, "re");
	char error[256];
	int err;

	if (!file)
		return wrong("%s: %s", path, strerror(errno));
	expected_free(known);
	err = expected_read(known, file, error, sizeof(error));
	fclose(file);
	if (err)
		return wrong("%s: %s", path, error);
	for (size_t i = 0; i < known->count; i++)
		if (strpbrk(known->entries[i].test, "*?[\\") || !test_exists(known->entries[i].test))
			return wrong("%s: line %u: there is no test %s", path,
				     known->entries[i].line, known->entries[i].test);
	return 0;
}

static int read_tolerance(unsigned int *ms, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || !value || value > 1000)
		return wrong("a tolerance of %s: 1 to 1000 ms", text);
	*ms = value;
	return 0;
}

/* -1: go on, else the status of the program */
static int read_option(struct settings *s, int option)
{
	int status = 0;

	switch (option) {
	case 'p':
		s->run.peer = optarg;
		break;
	case 'a':
		s->all = true;
		break;
	case 'o':
		s->run.only = optarg;
		if (!test_exists(optarg))
			status = wrong("no test is called %s: see --list", optarg);
		break;
	case 'e':
		status = read_expected(&s->known, optarg);
		break;
	case 't':
		status = read_tolerance(&s->run.tolerance_ms, optarg);
		break;
	case 'T':
		s->format = REPORT_TAP;
		break;
	case 'j':
		s->format = REPORT_JSON;
		break;
	case 'l':
		list_tests(stdout);
		return REPORT_GOOD;
	case 'h':
		usage(stdout);
		return REPORT_GOOD;
	case 'V':
		printf("tapi-compliance %s, interface %u\n", TAPI_VERSION, TAPI_LINE_ABI);
		return REPORT_GOOD;
	default:
		usage(stderr);
		return REPORT_USAGE;
	}
	return status ? status : -1;
}

static int read_options(struct settings *s, int argc, char **argv)
{
	int option, status = -1;

	while (status < 0 && (option = getopt_long(argc, argv, "p:ao:e:t:TjlhV", long_options,
						   NULL)) >= 0)
		status = read_option(s, option);
	if (status >= 0)
		return status;
	if (s->all && (optind != argc || s->run.peer))
		return wrong("--all takes no line");
	if (!s->all && optind + 1 != argc)
		return wrong("%s", optind == argc ? "no line" : "more than one line: see --peer");
	return -1;
}

static int is_line(const struct dirent *entry)
{
	unsigned int card, line;
	int end = 0;

	return sscanf(entry->d_name, "card%u-line%u%n", &card, &line, &end) == 2 &&
	       !entry->d_name[end];
}

static void run_all(struct report *report, const struct options *options)
{
	struct dirent **entries;
	int count = scandir(DEVICES, &entries, is_line, versionsort);
	char path[300];

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), DEVICES "/%s", entries[i]->d_name);
		if (!stop_signal)
			run_line(report, path, options);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

/* alsa-lib says on standard error what its caller knows: refusals are what is tested here */
static void quiet(const char *file, int line, const char *function, int err, const char *format,
		  ...)
{
}

int main(int argc, char **argv)
{
	struct settings s = { .run.tolerance_ms = TOLERANCE_MS };
	struct report report;
	int status = read_options(&s, argc, argv);

	if (status >= 0) {
		expected_free(&s.known);
		return status;
	}
	snd_lib_error_set_handler(quiet);
	signals_catch();
	report_init(&report, s.format, stdout, &s.known);
	if (s.all)
		run_all(&report, &s.run);
	else
		run_line(&report, argv[optind], &s.run);
	status = report_end(&report, stop_signal);
	report_free(&report);
	expected_free(&s.known);
	snd_config_update_free_global();
	if (stop_signal) {
		sigset_t one;

		/* dies of it, as whoever sent it expects; everything is put back */
		signal(stop_signal, SIG_DFL);
		sigemptyset(&one);
		sigaddset(&one, stop_signal);
		sigprocmask(SIG_UNBLOCK, &one, NULL);
		raise(stop_signal);
	}
	return status;
}

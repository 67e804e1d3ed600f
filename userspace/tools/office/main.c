/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tapi-office: a small exchange for one telephone line, for tests and
 * demonstrations.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tapi_config.h>

#include "office.h"

/* Exit status for a wrong command line */
#define EXIT_USAGE 2

/* Defaults, and the range of every time on the command line, ms */
#define BUFFER_MS	200
#define BUFFER_MIN_MS	60
#define BUFFER_MAX_MS	640
#define FIRST_DIGIT_MS	30000
#define DIGIT_MS	4000
/* Longer than line breaks that mean nothing, shorter than what passes for hanging up, 900 ms */
#define DISCONNECT_MS	600
#define NO_ANSWER_MS	60000
#define TIME_MIN_MS	10
#define TIME_MAX_MS	3600000

static const char help[] =
	"Usage: tapi-office [OPTION]... DEVICE\n"
	"A small telephone exchange on one line, for tests and demonstrations.\n"
	"DEVICE is a path (/dev/tapi/card0-line1) or the name of a line (sim-office).\n"
	"\n"
	"  -c, --control=SOCKET    take commands from a socket, not from standard input\n"
	"  -k, --keep              go on when standard input ends\n"
	"  -m, --manual            no dial tone, no digits: off hook is a conversation\n"
	"  -l, --law=LAW           sound format: auto (default), linear, mu, a\n"
	"  -b, --buffer=MS         play this far ahead of the line (200)\n"
	"  -d, --digits=WHERE      hear DTMF by the line, in the sound, or both; auto\n"
	"      --first-digit=MS    length of the dial tone (30000)\n"
	"      --digit-pause=MS    a pause as long as this ends a number (4000)\n"
	"      --disconnect=MS     battery off when the far party hangs up (600; 0 never)\n"
	"      --no-answer=MS      how long a party rings that does not answer (60000)\n"
	"      --no-reversal       no reversed polarity when the called party answers\n"
	"  -t, --trace             tell what is asked of the line on standard error\n"
	"  -h, --help              this text\n"
	"  -V, --version           version\n"
	"\n"
	"Commands, one a line:\n"
	"  ring [number=N] [name=TEXT] [cadence=ON,OFF] [count=N]    stop-ring\n"
	"  play FILE [loop]    stop-play    record FILE    stop-record\n"
	"  tone dial|ringback|busy|reorder|off    dtmf DIGITS [on=MS] [off=MS] [sound]\n"
	"  hangup    answer-after SECONDS    status    quit\n"
	"  route DIGITS|default busy|ringback|answer[=SECONDS]|noanswer|off [play=FILE]\n"
	"        [record=FILE]\n"
	"See tapi-office(1) for the events it tells.\n";

enum {
	OPTION_FIRST_DIGIT = 256,
	OPTION_DIGIT_PAUSE,
	OPTION_DISCONNECT,
	OPTION_NO_ANSWER,
	OPTION_NO_REVERSAL,
};

static const struct option long_options[] = {
	{ "control", required_argument, NULL, 'c' },
	{ "keep", no_argument, NULL, 'k' },
	{ "manual", no_argument, NULL, 'm' },
	{ "law", required_argument, NULL, 'l' },
	{ "buffer", required_argument, NULL, 'b' },
	{ "digits", required_argument, NULL, 'd' },
	{ "first-digit", required_argument, NULL, OPTION_FIRST_DIGIT },
	{ "digit-pause", required_argument, NULL, OPTION_DIGIT_PAUSE },
	{ "disconnect", required_argument, NULL, OPTION_DISCONNECT },
	{ "no-answer", required_argument, NULL, OPTION_NO_ANSWER },
	{ "no-reversal", no_argument, NULL, OPTION_NO_REVERSAL },
	{ "trace", no_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL },
};

static const char *const laws[] = {
	[SOUND_LAW_AUTO] = "auto", [SOUND_LAW_LINEAR] = "linear", [SOUND_LAW_MU] = "mu",
	[SOUND_LAW_A] = "a", NULL,
};

static const char *const hearings[] = {
	[HEARING_AUTO] = "auto", [HEARING_LINE] = "line", [HEARING_SOUND] = "sound",
	[HEARING_BOTH] = "both", NULL,
};

static void wrong(const char *option, const char *value)
{
	fprintf(stderr, "tapi-office: --%s: '%s' is not valid (see --help)\n", option, value);
	exit(EXIT_USAGE);
}

static unsigned int word_of(const char *const *words, const char *option, const char *value)
{
	unsigned int i = 0;

	while (words[i] && strcmp(words[i], value))
		i++;
	if (!words[i])
		wrong(option, value);
	return i;
}

static unsigned int time_of(const char *option, const char *value, long min, long max)
{
	char *end;
	long ms = strtol(value, &end, 10);

	if (end == value || *end || ms < min || ms > max)
		wrong(option, value);
	return ms;
}

static void set_disconnect(struct exchange_config *config, const char *value)
{
	config->disconnect_ms = time_of("disconnect", value, 0, TIME_MAX_MS);
	config->can_open = config->disconnect_ms;
}

static void set_option(struct office_options *options, int option)
{
	struct exchange_config *exchange = &options->exchange;

	switch (option) {
	case 'c':
		options->socket = optarg;
		break;
	case 'k':
		options->keep = true;
		break;
	case 'm':
		exchange->manual = true;
		break;
	case 'l':
		options->law = word_of(laws, "law", optarg);
		break;
	case 'b':
		options->buffer_ms = time_of("buffer", optarg, BUFFER_MIN_MS, BUFFER_MAX_MS);
		break;
	case 'd':
		options->hearing = word_of(hearings, "digits", optarg);
		break;
	case OPTION_FIRST_DIGIT:
		exchange->first_digit_ms = time_of("first-digit", optarg, TIME_MIN_MS,
						   TIME_MAX_MS);
		break;
	case OPTION_DIGIT_PAUSE:
		exchange->digit_ms = time_of("digit-pause", optarg, TIME_MIN_MS, TIME_MAX_MS);
		break;
	case OPTION_DISCONNECT:
		set_disconnect(exchange, optarg);
		break;
	case OPTION_NO_ANSWER:
		exchange->no_answer_ms = time_of("no-answer", optarg, TIME_MIN_MS, TIME_MAX_MS);
		break;
	case OPTION_NO_REVERSAL:
		exchange->can_reverse = false;
		break;
	case 't':
		options->trace = true;
		break;
	}
}

static void parse_options(int argc, char **argv, struct office_options *options)
{
	int option;

	while ((option = getopt_long(argc, argv, "c:kml:b:d:thV", long_options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			exit(EXIT_SUCCESS);
		case 'V':
			printf("tapi-office %s\n", TAPI_VERSION);
			exit(EXIT_SUCCESS);
		case '?':
			fputs("See tapi-office --help.\n", stderr);
			exit(EXIT_USAGE);
		default:
			set_option(options, option);
		}
	}
	if (optind + 1 != argc) {
		fputs("tapi-office: name one line (see --help)\n", stderr);
		exit(EXIT_USAGE);
	}
	options->device = argv[optind];
}

int main(int argc, char **argv)
{
	struct office_options options = {
		.buffer_ms = BUFFER_MS,
		.exchange = {
			.can_open = true,
			.can_reverse = true,
			.first_digit_ms = FIRST_DIGIT_MS,
			.digit_ms = DIGIT_MS,
			.disconnect_ms = DISCONNECT_MS,
			.no_answer_ms = NO_ANSWER_MS,
		},
	};
	struct office office = { 0 };
	int status;

	parse_options(argc, argv, &options);
	setvbuf(stdout, NULL, _IOLBF, 0);
	status = office_init(&office, &options);
	if (!status)
		status = sd_event_loop(office.event);
	office_fini(&office);
	return status ? EXIT_FAILURE : EXIT_SUCCESS;
}

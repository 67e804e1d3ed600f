/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carries out commands. */
#include "office.h"

#include <errno.h>
#include <string.h>

static void run_tone(struct office *office, enum tone tone)
{
	if (!office->sound)
		office_say(office, "error tone: the line has no sound");
	else if (!office->off_hook)
		office_say(office, "error tone: the line is on hook");
	else
		office->exchange.ops->tone(office, tone);
}

static void run_ring(struct office *office, const struct command *command)
{
	int err = exchange_ring(&office->exchange, command);

	if (err == -EBUSY)
		office_say(office, "error ring: the line is in use");
	else if (err)
		office_say(office, "error ring: %s", strerror(-err));
}

static void run_route(struct office *office, const struct command *command)
{
	int err = exchange_route(&office->exchange, command);

	if (err == -EBUSY)
		office_say(office, "error route: a call uses it");
	else if (err == -ENOENT)
		office_say(office, "error route: there is none for %s", command->digits);
	else if (err)
		office_say(office, "error route: %s", strerror(-err));
}

static void run_status(struct office *office)
{
	const struct sound_source *source = office->sound ? sound_playing_peek(office->sound) :
							    NULL;
	char *play = source && source->name ? report_quote(source->name) : NULL;
	char *record = office->recorder ? report_quote(recorder_path(office->recorder)) : NULL;

	office_say(office, "status line=%s state=%s hook=%s sound=%s play=%s record=%s digits=%s",
		   office->line.caps.line_name, exchange_state_name(office->exchange.state),
		   office->off_hook ? "off" : "on",
		   !office->sound ? "none" : sound_is_running(office->sound) ? "on" : "off",
		   play ? play : "-", record ? record : "-",
		   office->exchange.digits[0] ? office->exchange.digits : "-");
	free(play);
	free(record);
}

/* Says so when there was nothing to end */
static void run_stop(struct office *office, const char *name, bool ended)
{
	if (!ended)
		office_say(office, "error %s: there is nothing to stop", name);
}

static void run(struct office *office, const struct command *command)
{
	switch (command->verb) {
	case COMMAND_NONE:
		break;
	case COMMAND_RING:
		run_ring(office, command);
		break;
	case COMMAND_STOP_RING:
		run_stop(office, "stop-ring", !exchange_stop_ring(&office->exchange));
		break;
	case COMMAND_PLAY:
		office_play_file(office, command->file, command->loop);
		break;
	case COMMAND_STOP_PLAY:
		run_stop(office, "stop-play", office_stop_play(office));
		break;
	case COMMAND_RECORD:
		office_record(office, command->file);
		break;
	case COMMAND_STOP_RECORD:
		run_stop(office, "stop-record", office_stop_record(office));
		break;
	case COMMAND_TONE:
		run_tone(office, command->tone);
		break;
	case COMMAND_DTMF:
		office_dtmf(office, command);
		break;
	case COMMAND_HANGUP:
		if (exchange_hangup(&office->exchange, office->now))
			office_say(office, "error hangup: there is no call");
		break;
	case COMMAND_ANSWER_AFTER:
		exchange_answer_after(&office->exchange, command->after_ms, office->now);
		break;
	case COMMAND_ROUTE:
		run_route(office, command);
		break;
	case COMMAND_STATUS:
		run_status(office);
		break;
	case COMMAND_QUIT:
		sd_event_exit(office->event, 0);
		break;
	}
}

void office_run(struct office *office, const char *line)
{
	struct command command;
	int err = command_parse(line, &command);

	office_trace(office, "command: %s", line);
	if (err)
		office_say(office, "error %s", command.error ? command.error : strerror(-err));
	else
		run(office, &command);
	command_free(&command);
	office_update(office);
}

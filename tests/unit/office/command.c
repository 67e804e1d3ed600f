/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of tapi-office. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "command.h"

static struct command parse(const char *line)
{
	struct command command;

	assert_int_equal(command_parse(line, &command), 0);
	assert_null(command.error);
	return command;
}

static void verbs(void **state)
{
	static const struct {
		const char *line;
		enum command_verb verb;
	} lines[] = {
		{ "", COMMAND_NONE }, { " \t\r", COMMAND_NONE }, { "# text \"", COMMAND_NONE },
		{ "ring", COMMAND_RING }, { " stop-ring ", COMMAND_STOP_RING },
		{ "play a.wav", COMMAND_PLAY }, { "stop-play", COMMAND_STOP_PLAY },
		{ "record a.wav\r", COMMAND_RECORD }, { "stop-record", COMMAND_STOP_RECORD },
		{ "tone dial", COMMAND_TONE }, { "dtmf 1", COMMAND_DTMF },
		{ "hangup", COMMAND_HANGUP }, { "answer-after 1", COMMAND_ANSWER_AFTER },
		{ "route 1 busy", COMMAND_ROUTE }, { "status", COMMAND_STATUS },
		{ "quit", COMMAND_QUIT },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct command command = parse(lines[i].line);

		assert_int_equal(command.verb, lines[i].verb);
		command_free(&command);
	}
}

static void ring(void **state)
{
	struct command command = parse("ring");

	assert_null(command.number);
	assert_null(command.name);
	assert_int_equal(command.cadence_ms[0], 2000);
	assert_int_equal(command.cadence_ms[1], 4000);
	assert_int_equal(command.count, 0);
	command_free(&command);
	command = parse("ring count=3  name=\"Ada \\\"L\\\" \\\\\"\tcadence=400,0 number=+1");
	assert_string_equal(command.number, "+1");
	assert_string_equal(command.name, "Ada \"L\" \\");
	assert_int_equal(command.cadence_ms[0], 400);
	assert_int_equal(command.cadence_ms[1], 0);
	assert_int_equal(command.count, 3);
	command_free(&command);
	command = parse("ring name=A\"d a\"");
	assert_string_equal(command.name, "Ad a");
	command_free(&command);
}

static void sound(void **state)
{
	struct command command = parse("play \"a b=c.wav\" loop");

	assert_string_equal(command.file, "a b=c.wav");
	assert_true(command.loop);
	command_free(&command);
	command = parse("play name=x");
	assert_string_equal(command.file, "name=x");
	assert_false(command.loop);
	command_free(&command);
	command = parse("tone ringback");
	assert_int_equal(command.tone, TONE_RINGBACK);
	command_free(&command);
	command = parse("dtmf 0*#AD on=80 off=90 sound");
	assert_string_equal(command.digits, "0*#AD");
	assert_int_equal(command.on_ms, 80);
	assert_int_equal(command.off_ms, 90);
	assert_true(command.sound);
	command_free(&command);
}

static void seconds(void **state)
{
	static const struct {
		const char *line;
		unsigned int ms;
	} lines[] = {
		{ "answer-after 0", 0 }, { "answer-after 2", 2000 },
		{ "answer-after 2.5", 2500 }, { "answer-after 0.05", 50 },
		{ "answer-after 1.234", 1234 }, { "answer-after 86400", 86400000 },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct command command = parse(lines[i].line);

		assert_int_equal(command.after_ms, lines[i].ms);
		command_free(&command);
	}
}

static void route(void **state)
{
	struct command command = parse("route 55X* answer=1.5 record=r.wav play=\"p 1.wav\"");

	assert_string_equal(command.digits, "55X*");
	assert_int_equal(command.answer.action, ROUTE_ANSWER);
	assert_int_equal(command.answer.after_ms, 1500);
	assert_string_equal(command.file, "p 1.wav");
	assert_string_equal(command.record, "r.wav");
	command_free(&command);
	command = parse("route default noanswer");
	assert_int_equal(command.answer.action, ROUTE_NO_ANSWER);
	command_free(&command);
	command = parse("route 1 answer");
	assert_int_equal(command.answer.after_ms, 2000);
	command_free(&command);
	command = parse("route 1 off");
	assert_int_equal(command.answer.action, ROUTE_REMOVE);
	command_free(&command);
}

static void errors(void **state)
{
	static const struct {
		const char *line;
		const char *error;
	} lines[] = {
		{ "bogus 1", "unknown command 'bogus'" },
		{ "Ring", "unknown command 'Ring'" },
		{ "ring colour=red", "ring: 'colour=red' is not understood" },
		{ "ring count=-1", "ring: 'count=-1' is not a valid value" },
		{ "ring count=1000001", "ring: 'count=1000001' is not a valid value" },
		{ "ring count=99999999999999999999", "ring: 'count=99999999999999999999' is not a valid value" },
		{ "ring count=", "ring: 'count=' is not a valid value" },
		{ "ring number=", "ring: 'number=' is not a valid value" },
		{ "ring cadence=100", "ring: 'cadence=100' is not a valid value" },
		{ "ring cadence=0,100", "ring: 'cadence=0,100' is not a valid value" },
		{ "ring cadence=1,2,3", "ring: 'cadence=1,2,3' is not a valid value" },
		{ "ring number=1 number=2", "ring: number is given twice" },
		{ "ring name=\"Ada", "ring: a quotation mark is missing" },
		{ "quit now", "quit: 'now' is not understood" },
		{ "play", "play: a file is missing" },
		{ "play loop", "play: a file is missing" },
		{ "play a b", "play: 'b' is not understood" },
		{ "play \"\"", "play: '' is not a file" },
		{ "tone", "tone: a tone is missing" },
		{ "tone loud", "tone: 'loud' is not a tone" },
		{ "dtmf 12E", "dtmf: '12E' is not digits" },
		{ "dtmf 1X", "dtmf: '1X' is not digits" },
		{ "answer-after x", "answer-after: 'x' is not seconds" },
		{ "answer-after 1.", "answer-after: '1.' is not seconds" },
		{ "answer-after .5", "answer-after: '.5' is not seconds" },
		{ "answer-after 1.2345", "answer-after: '1.2345' is not seconds" },
		{ "answer-after 86401", "answer-after: '86401' is not seconds" },
		{ "answer-after 1,5", "answer-after: '1,5' is not seconds" },
		{ "route 1", "route: busy, ringback, answer, noanswer or off is missing" },
		{ "route", "route: digits is missing" },
		{ "route 1 busy=2",
		  "route: 'busy=2' is not busy, ringback, answer, noanswer or off" },
		{ "route 1 answ", "route: 'answ' is not busy, ringback, answer, noanswer or off" },
		{ "route y busy", "route: 'y' is not digits" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct command command;

		assert_int_equal(command_parse(lines[i].line, &command), -EINVAL);
		assert_string_equal(command.error, lines[i].error);
		assert_int_equal(command.verb, COMMAND_NONE);
		command_free(&command);
	}
}

/* Whatever the bytes, it ends, and the sanitizers find nothing */
static void any_bytes(void **state)
{
	static const char alphabet[] = "ring number=\"\\ play loop,1.5 \trouteXdtmf#answer";
	uint32_t x = 1;

	for (int i = 0; i < 100000; i++) {
		struct command command;
		char line[64];
		size_t length = i % sizeof(line);

		for (size_t at = 0; at < length; at++) {
			x = x * 1664525u + 1013904223u;
			line[at] = i % 4 ? alphabet[(x >> 16) % (sizeof(alphabet) - 1)] :
					   (char)(1 + (x >> 16) % 255);
		}
		line[length] = '\0';
		if (command_parse(line, &command))
			assert_non_null(command.error);
		command_free(&command);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verbs), cmocka_unit_test(ring), cmocka_unit_test(sound),
		cmocka_unit_test(seconds), cmocka_unit_test(route), cmocka_unit_test(errors),
		cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests_name("office: commands", tests, NULL, NULL);
}

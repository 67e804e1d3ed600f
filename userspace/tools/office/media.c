/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sound during a call: files, digits, recording. */
#include "office.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void finish_recorder(struct office *office, struct recorder **recorder)
{
	int err = recorder_close(*recorder);

	/* whoever hears of it reads the file at once */
	office_say_file(office, "recorded", recorder_path(*recorder), "%" PRIu64,
			recorder_frames(*recorder));
	if (err)
		office_say(office, "error record: the file could not be finished");
	recorder_free(*recorder);
	*recorder = NULL;
}

static void heard(void *data, const int16_t *samples, size_t count)
{
	struct office *office = data;
	int err;

	if (office->recorder) {
		err = recorder_write(office->recorder, samples, count);
		if (err) {
			office_say(office, "error record: %s", strerror(-err));
			finish_recorder(office, &office->recorder);
		}
	}
	if (office->detector && office->off_hook)
		dtmf_rx(office->detector, samples, count);
}

/* Sound speaks up between the loop's other business */
static void set_now(struct office *office)
{
	uint64_t us;

	if (sd_event_now(office->event, CLOCK_MONOTONIC, &us) >= 0)
		office->now = us / 1000;
}

static void ended(void *data, const struct sound_source *source, uint64_t frames, bool complete)
{
	struct office *office = data;

	set_now(office);
	switch (source->kind) {
	case SOUND_FILE:
		if (source->error)
			office_say_file(office, "error play", source->name, "%s", source->error);
		office_say_file(office, "played", source->name, "%" PRIu64, frames);
		break;
	case SOUND_DIGITS:
		office_say(office, "%s %s", complete ? "sent" : "error dtmf: cut short:",
			   source->name);
		break;
	case SOUND_CALLER_ID:
		if (complete)
			exchange_caller_id_done(&office->exchange, office->now);
		break;
	case SOUND_TONE:
		break;
	}
	office_update(office);
}

static void failed(void *data, const char *what, int err, bool fatal)
{
	struct office *office = data;

	set_now(office);
	if (!fatal) {
		office_say(office, "error sound: %s: samples were lost", what);
		return;
	}
	office_say(office, "error sound: %s: %s", what, strerror(-err));
	/* ringing goes on without it */
	exchange_caller_id_done(&office->exchange, office->now);
	office_update(office);
}

const struct sound_ops office_media_ops = {
	.heard = heard,
	.ended = ended,
	.failed = failed,
};

void office_play_take(struct office *office, struct sound_source *source)
{
	uint64_t first;

	if (!office->sound)
		return;
	first = sound_play_take(office->sound, source);
	if (source && source->kind == SOUND_FILE)
		office_say_file(office, "playing", source->name, "at=%" PRIu64, first);
}

/* Takes the armed recorder into use: from the next sample on */
static void begin_recording(struct office *office, struct recorder *recorder)
{
	uint64_t first;

	if (office->recorder)
		finish_recorder(office, &office->recorder);
	first = sound_catch_up(office->sound);
	office->recorder = recorder;
	office_say_file(office, "recording", recorder_path(recorder), "at=%" PRIu64, first);
}

void office_play_file(struct office *office, const char *path, bool loop)
{
	struct sound_source *source;
	char *error;
	int err = office->sound ? file_source_new(path, loop, &source, &error) : -EOPNOTSUPP;

	if (err == -EOPNOTSUPP) {
		office_say(office, "error play: the line has no sound");
	} else if (err) {
		office_say_file(office, "error play", path, "%s", error ? error : strerror(-err));
		free(error);
	} else if (office->off_hook) {
		office_play_take(office, source);
	} else {
		office_stop_play(office);
		office->armed_play = source;
	}
}

void office_record(struct office *office, const char *path)
{
	struct recorder *recorder;
	char *error;
	int err = office->sound ? recorder_new(path, &recorder, &error) : -EOPNOTSUPP;

	if (err == -EOPNOTSUPP) {
		office_say(office, "error record: the line has no sound");
	} else if (err) {
		office_say_file(office, "error record", path, "%s",
				error ? error : strerror(-err));
		free(error);
	} else if (office->off_hook) {
		begin_recording(office, recorder);
	} else {
		office_stop_record(office);
		office->armed_record = recorder;
	}
}

bool office_stop_play(struct office *office)
{
	const struct sound_source *playing = office->sound ? sound_playing_peek(office->sound) :
							     NULL;

	if (office->armed_play) {
		office_say_file(office, "played", office->armed_play->name, "0");
		office->armed_play->free(office->armed_play);
		office->armed_play = NULL;
		return true;
	}
	if (!playing || playing->kind != SOUND_FILE)
		return false;
	office_play_take(office, NULL);
	return true;
}

bool office_stop_record(struct office *office)
{
	if (office->armed_record) {
		finish_recorder(office, &office->armed_record);
		return true;
	}
	if (!office->recorder)
		return false;
	/* what was heard before this moment belongs to it */
	sound_catch_up(office->sound);
	if (office->recorder)
		finish_recorder(office, &office->recorder);
	return true;
}

void office_begin_armed(struct office *office)
{
	struct sound_source *source = office->armed_play;
	struct recorder *recorder = office->armed_record;

	office->armed_play = NULL;
	office->armed_record = NULL;
	if (recorder)
		begin_recording(office, recorder);
	if (source)
		office_play_take(office, source);
}

void office_sound(struct office *office, bool on)
{
	int err;

	if (!office->sound)
		return;
	office_trace(office, "sound %s", on ? "on" : "off");
	if (on) {
		err = sound_start(office->sound);
		if (err)
			office_say(office, "error sound: %s", strerror(-err));
		return;
	}
	sound_stop(office->sound);
	if (office->recorder)
		finish_recorder(office, &office->recorder);
}

static int dtmf_by_line(struct office *office, const struct command *command)
{
	unsigned int cookie = ++office->next_cookie;
	char *digits = strdup(command->digits);
	int err;

	if (!digits)
		return -ENOMEM;
	office_trace(office, "dial %s", digits);
	err = line_dial(&office->line, digits, command->on_ms, command->off_ms, cookie);
	if (err) {
		free(digits);
		return err;
	}
	office->dial_cookie = cookie;
	free(office->dialling);
	office->dialling = digits;
	return 0;
}

static int dtmf_by_sound(struct office *office, const struct command *command)
{
	struct sound_source *source;

	if (!office->sound)
		return -EOPNOTSUPP;
	if (strlen(command->digits) > DIGITS_MAX)
		return -E2BIG;
	source = digits_source_new(command->digits, command->on_ms, command->off_ms);
	if (!source)
		return -ENOMEM;
	office_play_take(office, source);
	return 0;
}

void office_dtmf(struct office *office, const struct command *command)
{
	bool by_line = !command->sound && line_can(&office->line, TAPI_LINE_CAP_DTMF_DIAL);
	int err;

	if (!office->off_hook)
		err = -ENOTCONN;
	else
		err = by_line ? dtmf_by_line(office, command) : dtmf_by_sound(office, command);
	if (err)
		office_say(office, "error dtmf: %s", err == -ENOTCONN ? "the line is on hook" :
							strerror(-err));
}

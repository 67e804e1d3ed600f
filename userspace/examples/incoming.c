/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An answering machine: answers a call when it knows who calls, or has rung for
 * a while; plays an announcement, records the caller until he hangs up or
 * presses #.
 *
 *	incoming ANNOUNCEMENT.wav RECORDING.wav [SECONDS]
 *
 * cc incoming.c $(pkg-config --cflags --libs tapi3)
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <tapi3/tapi3.h>

struct machine {
	struct tapi3 *tapi;
	struct tapi3_call *call;	/* the one being served, or NULL */
	const char *announcement;
	const char *recording;
	bool answered;
	bool done;
};

/* Caller id comes between the first and the second ring; not every line has it */
#define RING_MS	6000

static void complain(struct machine *machine, const char *what, int result)
{
	const char *detail = tapi3_error_detail(machine->tapi);

	fprintf(stderr, "%s: %s%s%s\n", what, tapi3_strerror(result), *detail ? ": " : "", detail);
}

/* Sound on both streams of the call: what the caller hears, and what we keep */
static int select_terminals(struct machine *machine)
{
	struct tapi3_address *address = tapi3_call_peek_address(machine->call);
	struct tapi3_terminal *play, *record;
	int result;

	result = tapi3_address_create_terminal(address, TAPI3_TERMINAL_FILE_PLAYBACK,
					       TAPI3_CAPTURE, machine->announcement, &play);
	if (result < 0)
		return result;
	result = tapi3_address_create_terminal(address, TAPI3_TERMINAL_FILE_RECORD,
					       TAPI3_RENDER, machine->recording, &record);
	if (result == 0) {
		result = tapi3_call_select_terminal(machine->call, play);
		if (result == 0)
			result = tapi3_call_select_terminal(machine->call, record);
		tapi3_terminal_unref(record);
	}
	tapi3_terminal_unref(play);
	return result;
}

static void offered(struct machine *machine, struct tapi3_call *call)
{
	int result;

	if (machine->call || tapi3_call_get_privilege(call) != TAPI3_OWNER)
		return;
	machine->call = tapi3_call_ref(call);
	result = select_terminals(machine);
	if (result < 0)
		complain(machine, "cannot serve the call", result);
}

static void answer(struct machine *machine)
{
	int result;

	if (!machine->call || machine->answered)
		return;
	machine->answered = true;
	result = tapi3_call_answer_async(machine->call);
	if (result < 0)
		complain(machine, "cannot answer", result);
}

static void state_changed(struct machine *machine, struct tapi3_call *call, int state)
{
	if (call != machine->call)
		return;
	if (state == TAPI3_CALL_CONNECTED) {
		const char *number = tapi3_call_get_string(call, TAPI3_CALLER_NUMBER);

		printf("connected with %s\n", number ? number : "somebody unknown");
		tapi3_call_detect_digits(call, TAPI3_DIGIT_DTMF);
	} else if (state == TAPI3_CALL_DISCONNECTED) {
		printf("the call is over, the recording is in %s\n", machine->recording);
		/* the line stays off hook until we hang up, too */
		tapi3_call_disconnect(call, TAPI3_DISCONNECT_NORMAL);
		machine->call = tapi3_call_unref(machine->call);
		machine->done = true;
	}
}

static void handle(struct machine *machine, struct tapi3_event *event)
{
	struct tapi3_call *call = tapi3_event_peek_call(event);

	switch (tapi3_event_get_type(event)) {
	case TAPI3_EVENT_CALL_STATE:
		if (tapi3_event_get_code(event) == TAPI3_CALL_OFFERING)
			offered(machine, call);
		else
			state_changed(machine, call, tapi3_event_get_code(event));
		break;
	case TAPI3_EVENT_CALL_INFO:
		if (call == machine->call && tapi3_call_get_string(call, TAPI3_CALLER_NUMBER))
			answer(machine);
		break;
	case TAPI3_EVENT_DIGIT:
		if (tapi3_event_get_digit(event) == '#')
			tapi3_call_disconnect(call, TAPI3_DISCONNECT_NORMAL);
		break;
	case TAPI3_EVENT_CALL_MEDIA:
		if (tapi3_event_get_code(event) == TAPI3_MEDIA_STREAM_FAIL)
			fprintf(stderr, "no sound on this call\n");
		break;
	default:
		break;
	}
}

/* Be offered the calls of every line */
static int watch_lines(struct machine *machine)
{
	struct tapi3_address **addresses;
	int lines = 0, result;

	result = tapi3_addresses_list(machine->tapi, &addresses);
	if (result < 0)
		return result;
	for (int i = 0; addresses[i]; i++) {
		result = tapi3_register_call_notifications(machine->tapi, addresses[i], true, true,
							   TAPI3_MEDIA_AUDIO);
		if (result < 0)
			complain(machine, tapi3_address_get_name(addresses[i]), result);
		else
			lines++;
	}
	tapi3_address_list_free(addresses);
	if (!lines) {
		fprintf(stderr, "there is no line to wait on: see tapictl status\n");
		return TAPI3_FALSE;
	}
	printf("waiting on %d line%s\n", lines, lines == 1 ? "" : "s");
	return 0;
}

int main(int argc, char **argv)
{
	struct machine machine = { 0 };
	struct tapi3_event *event;
	int timeout, result;

	if (argc < 3) {
		fprintf(stderr, "usage: %s ANNOUNCEMENT.wav RECORDING.wav [SECONDS]\n", argv[0]);
		return 2;
	}
	setlinebuf(stdout);
	machine.announcement = argv[1];
	machine.recording = argv[2];
	timeout = argc > 3 ? atoi(argv[3]) * 1000 : -1;

	result = tapi3_new("incoming", TAPI3_EVENT_CALL_STATE | TAPI3_EVENT_CALL_INFO |
			   TAPI3_EVENT_DIGIT | TAPI3_EVENT_CALL_MEDIA, &machine.tapi);
	if (result < 0) {
		fprintf(stderr, "%s\n", tapi3_strerror(result));
		return 1;
	}
	result = watch_lines(&machine);
	while (result == 0 && !machine.done) {
		struct pollfd fd = { .fd = tapi3_get_fd(machine.tapi), .events = POLLIN };
		bool ringing = machine.call && !machine.answered;

		if (poll(&fd, 1, ringing ? RING_MS : timeout) == 0) {
			if (!ringing)
				break;
			answer(&machine);
		}
		result = tapi3_dispatch(machine.tapi);
		while ((event = tapi3_get_event(machine.tapi))) {
			handle(&machine, event);
			tapi3_event_unref(event);
		}
	}
	if (result < 0)
		complain(&machine, "telephony", result);
	tapi3_call_unref(machine.call);
	tapi3_unref(machine.tapi);
	return !machine.done;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dials a number: the whole of a TAPI 2.2 program in one sitting.
 *
 *	dial LINE NUMBER [DIGITS]
 *
 * LINE counts from 0. When somebody answers, DIGITS are sent (0-9 * # and "," for a pause), and the
 * call is hung up.
 *
 * cc dial.c $(pkg-config --cflags --libs tapi)
 */
#include <stdio.h>
#include <stdlib.h>

#include <tapi/tapi.h>
#include <tapi/tapi_linux.h>

#define LOWEST	0x00020000	/* the versions of TAPI we know: 2.0 */
#define HIGHEST	0x00020002	/* to 2.2 */
#define PATIENCE 120000		/* ms without news after which we give up */

struct dialler {
	HLINEAPP app;
	HLINE line;
	HCALL call;		/* written by the library just before the reply arrives */
	LONG request;		/* lineMakeCall()'s, until its reply */
	DWORD state;		/* of the call */
	int connected;		/* once it has been */
	int sent;		/* the digits are out */
};

/* Every function of TAPI returns 0, a request number, or a negative error */
static LONG complain(const char *what, LONG error)
{
	struct tapi_error_detail detail = { .size = sizeof(detail) };

	if (tapi_last_error_detail(&detail) == 0 && detail.code == error)
		fprintf(stderr, "%s: %s: %s\n", what, tapi_error_name(error), detail.text);
	else
		fprintf(stderr, "%s: %s: %s\n", what, tapi_error_name(error),
			tapi_error_text(error));
	return error;
}

/* Registers the program, agrees on a version with the line, and opens it to make calls */
static LONG begin(struct dialler *d, DWORD device)
{
	LINEINITIALIZEEXPARAMS params = {
		.dwTotalSize = sizeof(params),
		/* messages are fetched, with lineGetMessage(): no thread, no callback */
		.dwOptions = LINEINITIALIZEEXOPTION_USEEVENT,
	};
	DWORD lines, version = HIGHEST;
	LINEEXTENSIONID extension;
	LONG err;

	err = lineInitializeExA(&d->app, NULL, NULL, "dial", &lines, &version, &params);
	if (err)
		return complain("lineInitializeEx", err);
	printf("%u lines\n", lines);
	err = lineNegotiateAPIVersion(d->app, device, LOWEST, HIGHEST, &version, &extension);
	if (err)
		return complain("lineNegotiateAPIVersion", err);
	err = lineOpenA(d->app, device, &d->line, version, 0, 0, LINECALLPRIVILEGE_NONE, 0, NULL);
	if (err)
		return complain("lineOpen", err);
	return 0;
}

static void call_state(struct dialler *d, const LINEMESSAGE *message)
{
	d->state = (DWORD)message->dwParam1;
	printf("%s", tapi_call_state_name(d->state));
	if (d->state == LINECALLSTATE_DISCONNECTED)
		printf(": %s", tapi_disconnect_mode_name((DWORD)message->dwParam2));
	printf("\n");
	if (d->state == LINECALLSTATE_CONNECTED)
		d->connected = 1;
}

/* Waits for one message and handles it */
static LONG step(struct dialler *d)
{
	LINEMESSAGE message;
	LONG err = lineGetMessage(d->app, &message, PATIENCE);

	if (err)
		return complain("lineGetMessage", err);
	switch (message.dwMessageID) {
	case LINE_REPLY:
		/* the end of a request: dwParam1 is its number, dwParam2 its result */
		if ((LONG)message.dwParam1 != d->request)
			break;
		d->request = 0;
		if (message.dwParam2)
			return complain("lineMakeCall", (LONG)message.dwParam2);
		break;
	case LINE_CALLSTATE:
		if (message.hDevice == d->call)
			call_state(d, &message);
		break;
	case LINE_GENERATE:
		d->sent = 1;
		break;
	case LINE_CLOSE:
		fprintf(stderr, "the line was closed\n");
		return LINEERR_NODEVICE;
	}
	return 0;
}

/* Nothing more will come of the call */
static int is_over(const struct dialler *d)
{
	return d->state == LINECALLSTATE_BUSY || d->state == LINECALLSTATE_SPECIALINFO ||
	       d->state == LINECALLSTATE_DISCONNECTED || d->state == LINECALLSTATE_IDLE;
}

static LONG dial(struct dialler *d, const char *number)
{
	LONG err = 0;

	/* asynchronous: it returns a number at once, LINE_REPLY tells how it went */
	d->request = lineMakeCallA(d->line, &d->call, number, 0, NULL);
	if (d->request < 0)
		return complain("lineMakeCall", d->request);
	while (!err && (d->request || (!d->connected && !is_over(d))))
		err = step(d);
	return err;
}

static LONG send_digits(struct dialler *d, const char *digits)
{
	LONG err = lineGenerateDigitsA(d->call, LINEDIGITMODE_DTMF, digits, 0);

	if (err)
		return complain("lineGenerateDigits", err);
	while (!err && !d->sent && !is_over(d))
		err = step(d);
	return err;
}

/* A call is over when it is IDLE, and gone when its handle is freed */
static LONG hang_up(struct dialler *d)
{
	LONG err = d->state == LINECALLSTATE_IDLE ? 0 : lineDrop(d->call, NULL, 0);

	if (err < 0)
		return complain("lineDrop", err);
	err = 0;
	while (!err && d->state != LINECALLSTATE_IDLE)
		err = step(d);
	lineDeallocateCall(d->call);
	return err;
}

int main(int argc, char **argv)
{
	struct dialler d = { 0 };
	LONG err;

	if (argc < 3) {
		fprintf(stderr, "usage: %s LINE NUMBER [DIGITS]\n", argv[0]);
		return 2;
	}
	setlinebuf(stdout);
	err = begin(&d, (DWORD)strtoul(argv[1], NULL, 10));
	if (!err)
		err = dial(&d, argv[2]);
	if (!err && d.connected && argc > 3)
		err = send_digits(&d, argv[3]);
	if (d.call)
		hang_up(&d);
	if (d.line)
		lineClose(d.line);
	if (d.app)
		lineShutdown(d.app);
	return !d.connected || err;
}

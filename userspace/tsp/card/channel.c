/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The MSPs of a line.  Every program has its own, all hear of every call; which of them takes the
 * sound is decided by who has somewhere to put it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tapi3/tapi3.h>

#include "card.h"
#include "card_guid.h"
#include "card_msg.pb-c.h"

#define MAGIC_SIZE	4
#define MSG_MAX		512
#define MSG_VERSION	1
#define PERIOD_MS	20

static const char magic_msg[] = "TCM1";
static const char magic_private[] = "TCP1";

static void send_msg(struct card_msp *msp, struct card_call *call,
		     const Tapi__Card__CardMsg *msg)
{
	uint8_t buffer[MSG_MAX];
	size_t size = tapi__card__card_msg__get_packed_size(msg);

	if (size > sizeof(buffer) - MAGIC_SIZE) {
		card_log(3, "line %s: a message of %zu bytes is not sent", msp->line->node, size);
		return;
	}
	memcpy(buffer, magic_msg, MAGIC_SIZE);
	tapi__card__card_msg__pack(msg, buffer + MAGIC_SIZE);
	report_msp(msp, call, buffer, size + MAGIC_SIZE);
}

static void send_ready(struct card_msp *msp)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__Ready ready = TAPI__CARD__READY__INIT;

	ready.has_version_min = ready.has_version_max = 1;
	ready.version_min = ready.version_max = MSG_VERSION;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_READY;
	msg.ready = &ready;
	send_msg(msp, NULL, &msg);
}

static void send_start(struct card_msp *msp, struct card_call *call)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__Start start = TAPI__CARD__START__INIT;

	start.has_stream = start.has_period_ms = start.has_early = 1;
	start.stream = call->stream;
	start.pcm = call->line->pcm;
	start.period_ms = PERIOD_MS;
	start.early = call->state.state != LINECALLSTATE_CONNECTED;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_START;
	msg.start = &start;
	send_msg(msp, call, &msg);
}

static void send_stop(struct card_msp *msp, struct card_call *call, unsigned int cause)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__Stop stop = TAPI__CARD__STOP__INIT;

	stop.has_stream = stop.has_cause = 1;
	stop.stream = call->stream;
	stop.cause = cause;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_STOP;
	msg.stop = &stop;
	send_msg(msp, call, &msg);
}

/**
 * channel_announce() - from now on MSPs may speak about this call
 */
void channel_announce(struct card_call *call)
{
	for (struct card_msp *msp = call->line->msps; msp; msp = msp->next)
		report_msp(msp, call, NULL, 0);
}

/**
 * channel_start() - the line's sound is the MSPs', early sound until the call is connected
 */
void channel_start(struct card_call *call)
{
	static uint32_t last_stream;

	if (!call->line->pcm[0])
		return;
	if (!call->offered)
		call->stream = ++last_stream;
	call->offered = true;
	for (struct card_msp *msp = call->line->msps; msp; msp = msp->next)
		send_start(msp, call);
}

/**
 * channel_stop() - it is no longer
 * @cause: TAPI3_MEDIA_CAUSE_
 */
void channel_stop(struct card_call *call, unsigned int cause)
{
	if (!call->offered)
		return;
	call->offered = false;
	for (struct card_msp *msp = call->line->msps; msp; msp = msp->next)
		send_stop(msp, call, cause);
}

static void send_private(struct card_msp *msp, struct card_call *call, const void *data,
			 size_t size)
{
	char buffer[MAGIC_SIZE + CHANNEL_PRIVATE_MAX];

	memcpy(buffer, magic_private, MAGIC_SIZE);
	if (size)
		memcpy(buffer + MAGIC_SIZE, data, size);
	report_msp(msp, call, buffer, MAGIC_SIZE + size);
}

unsigned int channel_private(struct card_line *line, struct card_call *call, const void *data,
			     size_t size)
{
	unsigned int n = 0;

	for (struct card_msp *msp = line->msps; msp; msp = msp->next, n++)
		send_private(msp, call, data, size);
	return n;
}

/**
 * channel_play_digits() - have the MSP that plays the call's sound play digits
 *
 * Return: 0, then digits_played() with @id follows; -ENOTCONN when none plays it.
 */
int channel_play_digits(struct card_call *call, uint32_t id, const char *digits,
			const LINEDIALPARAMS *params)
{
	Tapi__Card__CardMsg msg = TAPI__CARD__CARD_MSG__INIT;
	Tapi__Card__PlayDigits play = TAPI__CARD__PLAY_DIGITS__INIT;
	struct card_msp *msp = call->line->msps;

	while (msp && msp->playing != call->handle)
		msp = msp->next;
	if (!msp)
		return -ENOTCONN;
	play.has_id = play.has_on_ms = play.has_off_ms = 1;
	play.id = id;
	play.digits = (char *)digits;
	play.on_ms = params->dwDigitDuration;
	play.off_ms = params->dwDialSpeed;
	msg.what_case = TAPI__CARD__CARD_MSG__WHAT_PLAY_DIGITS;
	msg.play_digits = &play;
	send_msg(msp, call, &msg);
	return 0;
}

static void receive_private(struct card_msp *msp, struct card_call *call, const void *data,
			    size_t size)
{
	if (card.echo_private && size <= CHANNEL_PRIVATE_MAX)
		send_private(msp, call, data, size);
	else if (call)
		report_call(call, LINE_CALLDEVSPECIFIC, size, 0, 0);
	else
		report_line(msp->line, LINE_DEVSPECIFIC, size, 0, 0);
}

/* The MSP that had the sound has let go of it: digits it was to play are not */
static void released(struct card_msp *msp, struct card_call *call)
{
	if (msp->playing == call->handle)
		msp->playing = 0;
}

static void receive_call(struct card_msp *msp, struct card_call *call,
			 const Tapi__Card__CardMsg *msg)
{
	switch (msg->what_case) {
	case TAPI__CARD__CARD_MSG__WHAT_STARTED:
		/* of an offer that was withdrawn meanwhile */
		if (call->offered && msg->started->stream == call->stream)
			msp->playing = call->handle;
		break;
	case TAPI__CARD__CARD_MSG__WHAT_FAILED:
		card_log(4, "line %s: an MSP cannot use %s: %s; its program hears nothing",
			 call->line->node, call->line->pcm, strerror(msg->failed->error));
		released(msp, call);
		break;
	case TAPI__CARD__CARD_MSG__WHAT_STOPPED:
		released(msp, call);
		break;
	case TAPI__CARD__CARD_MSG__WHAT_DIGITS_DONE:
		digits_played(call, msg->digits_done->id, -(int)msg->digits_done->error);
		break;
	default:
		break;		/* of a newer version, or only for those who watch */
	}
}

static LONG receive_msg(struct card_msp *msp, struct card_call *call, const uint8_t *data,
			size_t size)
{
	Tapi__Card__CardMsg *msg = tapi__card__card_msg__unpack(NULL, size, data);

	if (!msg) {
		card_log(4, "line %s: a damaged message from an MSP", msp->line->node);
		return LINEERR_INVALPARAM;
	}
	if (call)
		receive_call(msp, call, msg);
	else if (msg->what_case == TAPI__CARD__CARD_MSG__WHAT_READY)
		msp->version = msg->ready->version;
	tapi__card__card_msg__free_unpacked(msg, NULL);
	return 0;
}

static LONG receive(struct card_msp *msp, struct card_call *call, const uint8_t *data,
		    size_t size)
{
	if (!size)
		return 0;
	if (size >= MAGIC_SIZE && !memcmp(data, magic_private, MAGIC_SIZE)) {
		receive_private(msp, call, data + MAGIC_SIZE, size - MAGIC_SIZE);
		return 0;
	}
	if (size >= MAGIC_SIZE && size <= MSG_MAX && !memcmp(data, magic_msg, MAGIC_SIZE))
		return receive_msg(msp, call, data + MAGIC_SIZE, size - MAGIC_SIZE);
	card_log(4, "line %s: bytes from an MSP are not for us", msp->line->node);
	return LINEERR_INVALPARAM;
}

TSPI_API LONG TSPIAPI TSPI_lineReceiveMSPData(HDRVLINE hdLine, HDRVCALL hdCall,
					      HDRVMSPLINE hdMSPLine, LPVOID pBuffer, DWORD dwSize)
{
	struct card_call *call = NULL;
	struct card_line *line;
	struct card_msp *msp;
	LONG error;

	if (dwSize && !pBuffer)
		return LINEERR_INVALPOINTER;
	card_lock();
	line = line_by_handle(hdLine, &error);
	msp = handle_get(hdMSPLine, HANDLE_MSP);
	if (!error && (!msp || msp->line != line))
		error = LINEERR_INVALPARAM;
	if (!error && hdCall) {
		call = call_by_handle(hdCall, &error);
		if (call && call->line != line)
			error = LINEERR_INVALCALLHANDLE;
	}
	if (!error)
		error = receive(msp, call, pBuffer, dwSize);
	card_unlock();
	return error;
}

static LONG create(struct card_line *line, HTAPIMSPLINE ht, HDRVMSPLINE *handle)
{
	struct card_call *call = line->call;
	struct card_msp *msp = calloc(1, sizeof(*msp));

	if (!msp)
		return LINEERR_NOMEM;
	msp->handle = handle_new(HANDLE_MSP, msp);
	if (!msp->handle) {
		free(msp);
		return LINEERR_NOMEM;
	}
	msp->ht = ht;
	msp->line = line;
	msp->next = line->msps;
	line->msps = msp;
	*handle = msp->handle;
	send_ready(msp);
	if (call && call->offered)
		send_start(msp, call);
	else if (call)
		report_msp(msp, call, NULL, 0);
	return 0;
}

TSPI_API LONG TSPIAPI TSPI_lineCreateMSPInstance(HDRVLINE hdLine, DWORD dwAddressID,
						 HTAPIMSPLINE htMSPLine, LPHDRVMSPLINE lphdMSPLine)
{
	struct card_line *line;
	LONG error;

	if (!lphdMSPLine)
		return LINEERR_INVALPOINTER;
	card_lock();
	line = line_by_handle(hdLine, &error);
	if (!error && dwAddressID != CARD_ADDRESS)
		error = LINEERR_INVALADDRESSID;
	if (!error)
		error = create(line, htMSPLine, lphdMSPLine);
	card_unlock();
	return error;
}

static void destroy(struct card_msp *msp)
{
	struct card_msp **at = &msp->line->msps;

	while (*at != msp)
		at = &(*at)->next;
	*at = msp->next;
	handle_free(msp->handle);
	free(msp);
}

TSPI_API LONG TSPIAPI TSPI_lineCloseMSPInstance(HDRVMSPLINE hdMSPLine)
{
	struct card_msp *msp;

	card_lock();
	msp = handle_get(hdMSPLine, HANDLE_MSP);
	if (msp)
		destroy(msp);
	card_unlock();
	return msp ? 0 : LINEERR_INVALPARAM;
}

/**
 * channel_end() - the line is closed
 */
void channel_end(struct card_line *line)
{
	while (line->msps)
		destroy(line->msps);
}

TSPI_API LONG TSPIAPI TSPI_lineMSPIdentify(DWORD dwDeviceID, GUID *pCLSID)
{
	static const unsigned char guid[16] = CARD_MSP_GUID;
	struct card_line *line;
	LONG error = LINEERR_BADDEVICEID;

	if (!pCLSID)
		return LINEERR_INVALPOINTER;
	card_lock();
	line = line_by_id(dwDeviceID);
	if (line)
		error = line->pcm[0] ? 0 : LINEERR_OPERATIONUNAVAIL;
	card_unlock();
	if (!error)
		memcpy(pCLSID, guid, sizeof(guid));
	return error;
}

/* The buffer is read before this returns, so that the request needs no copy of its own */
TSPI_API LONG TSPIAPI TSPI_lineDevSpecific(DRV_REQUESTID dwRequestID, HDRVLINE hdLine,
					   DWORD dwAddressID, HDRVCALL hdCall, LPVOID lpParams,
					   DWORD dwSize)
{
	struct report *request = NULL;
	struct card_call *call = NULL;
	struct card_line *line;
	LONG error;

	if (dwSize && !lpParams)
		return LINEERR_INVALPOINTER;
	if (dwSize > CHANNEL_PRIVATE_MAX)
		return LINEERR_INVALPARAM;
	card_lock();
	line = line_by_handle(hdLine, &error);
	if (!error && dwAddressID != CARD_ADDRESS)
		error = LINEERR_INVALADDRESSID;
	if (!error && hdCall) {
		call = call_by_handle(hdCall, &error);
		if (call && call->line != line)
			error = LINEERR_INVALCALLHANDLE;
	}
	if (!error) {
		request = report_request(dwRequestID);
		error = request ? 0 : LINEERR_NOMEM;
	}
	if (!error)
		report_complete(request, channel_private(line, call, lpParams, dwSize) ? 0 :
				LINEERR_OPERATIONFAILED);
	card_unlock();
	return error ? error : (LONG)dwRequestID;
}

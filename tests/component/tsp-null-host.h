/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host for the null provider: loads it, keeps what it reports, speaks to its control socket. */
#ifndef TSP_NULL_HOST_H
#define TSP_NULL_HOST_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tapi/tspi.h>

/* Device id of the first line */
#define BASE	10
#define VERSION	0x00020002
#define HT_LINE	0x1000
/* What the host calls calls that it is offered: counted from here */
#define HT_CALL	0x2000
#define HT_MADE	0x3000
/* A completion among the events */
#define COMPLETION	0xFFFF

#define TSP_FUNCTIONS(F)							\
	F(providerEnumDevices) F(providerInit) F(providerShutdown)		\
	F(providerCreateLineDevice) F(lineNegotiateTSPIVersion)			\
	F(lineNegotiateExtVersion) F(lineGetExtensionID) F(lineSelectExtVersion) \
	F(lineGetDevCaps) F(lineGetAddressCaps) F(lineGetLineDevStatus)		\
	F(lineGetAddressStatus) F(lineGetAddressID) F(lineGetNumAddressIDs)	\
	F(lineGetID) F(lineSetStatusMessages) F(lineSetDefaultMediaDetection)	\
	F(lineConditionalMediaDetection) F(lineOpen) F(lineClose)		\
	F(lineMakeCall) F(lineDial) F(lineAnswer) F(lineAccept) F(lineDrop)	\
	F(lineHold) F(lineUnhold) F(lineDevSpecific) F(lineCloseCall)		\
	F(lineGetCallInfo) F(lineGetCallStatus) F(lineGetCallAddressID)		\
	F(lineGetCallIDs) F(lineMonitorDigits) F(lineGenerateDigits)		\
	F(lineGatherDigits) F(lineMonitorMedia) F(lineSetMediaMode)		\
	F(lineSetAppSpecific) F(lineMSPIdentify) F(lineCreateMSPInstance)	\
	F(lineCloseMSPInstance) F(lineReceiveMSPData)

/* The provider's functions, without their prefix */
struct tsp {
	const struct tapi_tsp_module *module;
#define TSP_MEMBER(name) __typeof__(&TSPI_##name) name;
	TSP_FUNCTIONS(TSP_MEMBER)
#undef TSP_MEMBER
};

extern struct tsp tsp;

/**
 * struct event - something the provider reported
 * @msg: LINE_..., or COMPLETION: p1 request, p2 result
 * @data, @size: copy of what LINE_SENDMSPDATA brought
 * @thread: that it came in
 */
struct event {
	HTAPILINE line;
	HTAPICALL call;
	DWORD msg;
	DWORD_PTR p1, p2, p3;
	uint8_t data[64];
	size_t size;
	pthread_t thread;
};

/* Loads the provider; ends the program when that fails */
void host_load(void);
/*
 * Starts a session with the settings "Key=value", NULL behind the last, a control socket besides;
 * opens its first line, if it has one
 */
void host_start(const char *const *settings);
/* Only asks what there is with these settings; result of the provider */
LONG host_enumerate(const char *const *settings);
/* Ends it; nothing may have been reported that nobody has looked at */
void host_stop(void);
/* Line that host_start() opened */
extern HDRVLINE line;
/* Number of lines the provider says it has */
extern DWORD line_total;
/* New calls are refused */
extern bool refuse;

/* Gets each event in the thread it comes in, and nothing is kept; NULL: events are kept */
extern void (*watch)(const struct event *event);

/* The next event; waits for it.  Fails the test when none comes in a long time */
struct event next(void);
/* The next event must be this one */
struct event expect(DWORD msg, DWORD_PTR p1, DWORD_PTR p2);
void expect_done(DRV_REQUESTID request, LONG result);
void expect_state(HTAPICALL call, DWORD state, DWORD mode);
/* Nothing has been reported that was not looked at; call it when nothing can be under way */
void expect_nothing(void);

/* Sends a command; the answer is static */
const char *command(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, and its answer must be this */
void expect_answer(const char *answer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Lets a call arrive: its number on the control socket and its handles */
unsigned int ring(HDRVCALL *handle, HTAPICALL *ht_call);

/* Makes a call that begins; its states are still to come */
HDRVCALL make(LPCWSTR destination);
/* The same, and follows it until it is connected */
HDRVCALL make_connected(void);
void drop_and_close(HDRVCALL call, HTAPICALL ht_call);

/* For struct CMUnitTest: host_start() with the settings of the initial state, and host_stop() */
int setup(void **state);
int teardown(void **state);

/* A request id that was not used before */
DRV_REQUESTID new_request(void);

#endif /* TSP_NULL_HOST_H */

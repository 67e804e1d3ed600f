/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of a service provider that the host calls. */
#ifndef TSPHOST_VTABLE_H
#define TSPHOST_VTABLE_H

#include <tapi/tspi.h>

/* Every line provider has these; one that lacks any is refused */
#define TSPH_MANDATORY(X)		\
	X(providerEnumDevices)		\
	X(providerInit)			\
	X(providerShutdown)		\
	X(lineNegotiateTSPIVersion)	\
	X(lineGetDevCaps)		\
	X(lineGetAddressCaps)		\
	X(lineGetLineDevStatus)		\
	X(lineGetAddressStatus)		\
	X(lineGetAddressID)		\
	X(lineGetNumAddressIDs)		\
	X(lineGetID)			\
	X(lineSetStatusMessages)	\
	X(lineSetDefaultMediaDetection)	\
	X(lineOpen)			\
	X(lineClose)			\
	X(lineMakeCall)			\
	X(lineDial)			\
	X(lineAnswer)			\
	X(lineDrop)			\
	X(lineCloseCall)		\
	X(lineGetCallInfo)		\
	X(lineGetCallStatus)		\
	X(lineGetCallAddressID)

/* Without one of these its requests get LINEERR_OPERATIONUNAVAIL */
#define TSPH_OPTIONAL(X)		\
	X(providerCreateLineDevice)	\
	X(lineAccept)			\
	X(lineCloseMSPInstance)		\
	X(lineConditionalMediaDetection)	\
	X(lineCreateMSPInstance)	\
	X(lineDevSpecific)		\
	X(lineGatherDigits)		\
	X(lineGenerateDigits)		\
	X(lineGetExtensionID)		\
	X(lineHold)			\
	X(lineMSPIdentify)		\
	X(lineMonitorDigits)		\
	X(lineMonitorMedia)		\
	X(lineNegotiateExtVersion)	\
	X(lineReceiveMSPData)		\
	X(lineSetAppSpecific)		\
	X(lineSetMediaMode)		\
	X(lineUnhold)

#define TSPH_MEMBER(name)	__typeof__(TSPI_##name) *name;

/* Each resolved once; NULL for one that is missing */
struct tsph_vtable {
	TSPH_MANDATORY(TSPH_MEMBER)
	TSPH_OPTIONAL(TSPH_MEMBER)
};

/**
 * struct tsph_module - the provider, as it was loaded
 * @descriptor: its own description
 * @call: its functions
 * @host: of the descriptor, NULL when it is too old to have it
 * @line_fd: in the same way
 * @path: the file
 *
 * Written once, by Setup, and never unloaded.
 */
struct tsph_module {
	const struct tapi_tsp_module *descriptor;
	struct tsph_vtable call;
	void (*host)(const struct tapi_tsp_host *host);
	LONG (*line_fd)(HDRVLINE hdLine, int *fd);
	char *path;
};

extern struct tsph_module tsp;

/*
 * Calls TSPI_entry(...): serialised when the provider asked for it, watched for not returning,
 * traced. Its value is a LONG.
 */
#define TSP(entry, ...) ({						\
	LONG tsp_result_ = LINEERR_OPERATIONUNAVAIL;			\
									\
	if (tsp.call.entry) {						\
		watch_enter("TSPI_" #entry);				\
		tsp_result_ = tsp.call.entry(__VA_ARGS__);		\
		watch_leave();						\
	}								\
	tsp_result_;							\
})

#endif /* TSPHOST_VTABLE_H */

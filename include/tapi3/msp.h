/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Media service providers: shared objects that libtapi3 loads into the
 * application.  An MSP moves the sound of its TSP's lines; the two talk through
 * opaque bytes.  It links nothing of ours: all it needs comes through
 * struct msp_host_ops.
 *
 * Threads: the library calls an MSP from the thread that owns the session, one
 * call at a time, and never from a signal handler or the sound thread.
 * Callbacks of the engine and of timers arrive the same way.
 *
 * Tables begin with their version and size and grow at the end only: look at
 * @size before using a member newer than version 1.
 */
#ifndef TAPI3_MSP_H
#define TAPI3_MSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tapi3/tapi3.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MSP_ABI		1

struct msp_address;		/* the MSP's: one per program and address */
struct msp_call;		/* the MSP's: one per call object */
struct msp_stream;		/* the MSP's: one medium in one direction */
struct msp_host_address;	/* the library's */
struct msp_host_call;		/* the library's */
struct msp_host_stream;		/* the library's tapi3_stream of an msp_stream */
struct msp_terminal;		/* the library's: one end for sound */
struct msp_line;		/* the library's: an open line PCM in the sound thread */
struct msp_timer;		/* the library's */

/** What an MSP tells the program (MSP_CALL_EVENT). */
struct msp_media_event {
	enum tapi3_media_event event;
	enum tapi3_media_cause cause;
	struct msp_host_stream *stream;
	struct msp_terminal *terminal;	/* or NULL */
	int error;			/* negative errno or 0 */
};

/** How a line's PCM is to be opened. */
struct msp_line_config {
	const char *pcm;		/* "hw:TAPI0,2" */
	unsigned int period_ms;		/* 5 .. 100 */
	/**
	 * Called in the session's thread. @event: TAPI3_MEDIA_STREAM_ACTIVE after the first
	 * period, TAPI3_MEDIA_STREAM_FAIL with a negative errno when the line is lost.
	 */
	void (*notify)(void *data, enum tapi3_media_event event, int error);
	void *data;
};

/** Numbers of an open line since it was started. */
struct msp_line_stats {
	uint64_t captured;	/* frames from the line */
	uint64_t played;	/* frames to the line */
	uint32_t xruns;
	int32_t drift_ppm;	/* sound card against line; 0 without one */
	uint32_t latency_us;	/* line to terminal */
};

/**
 * struct msp_host_ops - what libtapi3 does for an MSP
 *
 * All functions return 0 or a negative errno unless said otherwise.
 */
struct msp_host_ops {
	uint32_t version;	/* MSP_ABI */
	uint32_t size;
	void (*log)(struct msp_host_address *host, int priority, const char *text);
	/**
	 * Send bytes to the TSP (ITMSPAddress ME_TSP_DATA). @call NULL: address level.
	 * -ENOTCONN: the TSP has not spoken about this call yet; -EAGAIN: the window is full,
	 * @ready of msp_address_ops follows; -EMSGSIZE; -EPIPE: the TSP is gone.
	 */
	int (*send)(struct msp_host_address *host, struct msp_host_call *call,
		    const void *data, size_t size);
	/** Tell the program, in order per address. */
	int (*post_media_event)(struct msp_host_call *call, const struct msp_media_event *event);
	/** A private event for the program (ME_PRIVATE_EVENT). @call may be NULL. */
	int (*post_private_event)(struct msp_host_address *host, struct msp_host_call *call,
				  int code, const void *data, size_t size);
	/** One-shot timer; NULL when memory is out. */
	struct msp_timer *(*timer_start)(struct msp_host_address *host, unsigned int ms,
					 void (*expired)(void *data), void *data);
	void (*timer_cancel)(struct msp_timer *timer);
	/** True when the call is in CONNECTED (or early media were announced). */
	bool (*call_is_connected)(struct msp_host_call *call);

	/* terminals */
	enum tapi3_direction (*terminal_direction)(struct msp_terminal *terminal);
	enum tapi3_media (*terminal_media)(struct msp_terminal *terminal);

	/* engine: the PCM of a line, and what flows between it and terminals */
	int (*line_open)(struct msp_host_address *host, const struct msp_line_config *config,
			 struct msp_line **line);
	int (*line_start)(struct msp_line *line);
	int (*line_stop)(struct msp_line *line);
	void (*line_close)(struct msp_line *line);	/* the PCM is closed when it returns */
	int (*line_attach)(struct msp_line *line, struct msp_terminal *terminal);
	int (*line_detach)(struct msp_line *line, struct msp_terminal *terminal);
	/** Play DTMF digits to the line; @done with the number of digits played. */
	int (*line_digits)(struct msp_line *line, const char *digits, unsigned int on_ms,
			   unsigned int off_ms, void (*done)(void *data, int digits), void *data);
	void (*line_stats)(struct msp_line *line, struct msp_line_stats *stats);
};

/** One stream as the program will see it. */
struct msp_stream_info {
	enum tapi3_media media;
	enum tapi3_direction direction;
	char name[32];
};

/**
 * struct msp_address_ops - what an MSP does (ITMSPAddress, ITStreamControl)
 *
 * All functions return 0 or a negative errno; TAPI3_E_ values only where said.
 */
struct msp_address_ops {
	uint32_t version;	/* MSP_ABI */
	uint32_t size;
	/** Initialize: one object per program and address. */
	int (*create)(const struct msp_host_ops *ops, struct msp_host_address *host,
		      struct msp_address **out);
	/** Shutdown. No call is left. */
	void (*destroy)(struct msp_address *address);
	/** The relay instance to the TSP is open (again): send() may be used. May be NULL. */
	void (*connected)(struct msp_address *address);
	/** The TSP has gone; streams that need it are stopped by the MSP. May be NULL. */
	void (*disconnected)(struct msp_address *address);
	/** After -EAGAIN of send(): there is room again. May be NULL. */
	void (*ready)(struct msp_address *address);
	/** ReceiveTSPData. @call NULL: address level. @data is borrowed. */
	void (*receive)(struct msp_address *address, struct msp_call *call,
			const void *data, size_t size);

	/**
	 * CreateMSPCall with default streams for @media (enum tapi3_media bits).
	 * -EINVAL for impossible media. @id is dwCallID, 0 while not known.
	 */
	int (*call_create)(struct msp_address *address, struct msp_host_call *host,
			   uint32_t media, struct msp_call **out);
	/** ShutdownMSPCall: with the program's call object, not at the disconnect. */
	void (*call_destroy)(struct msp_call *call);
	/** The call's state has changed (TAPI 3 state). May be NULL. */
	void (*call_state)(struct msp_call *call, enum tapi3_call_state state);

	unsigned int (*stream_count)(struct msp_call *call);
	struct msp_stream *(*stream_get)(struct msp_call *call, unsigned int index);
	void (*stream_info)(struct msp_stream *stream, struct msp_stream_info *info);
	/** The library's object of this stream, for post_media_event(). */
	void (*stream_set_host)(struct msp_stream *stream, struct msp_host_stream *host);
	/** SelectTerminal: returns 0 or a TAPI3_E_ value. */
	int (*stream_select)(struct msp_stream *stream, struct msp_terminal *terminal);
	int (*stream_unselect)(struct msp_stream *stream, struct msp_terminal *terminal);
	int (*stream_start)(struct msp_stream *stream);
	int (*stream_pause)(struct msp_stream *stream);
	int (*stream_stop)(struct msp_stream *stream);
	bool (*stream_active)(struct msp_stream *stream);

	/** Private interfaces. @call NULL: of the address. May be NULL. */
	int (*query)(struct msp_address *address, struct msp_call *call, const char *interface,
		     const void **methods, void **self);
};

/** What an MSP's shared object exports as `tapi_msp_module`. */
struct msp_module {
	uint32_t abi;		/* MSP_ABI */
	uint32_t size;
	const char *name;
	const char *vendor;
	const char *version;
	uint8_t guid[16];	/* from TSPI_lineMSPIdentify, in memory order of the GUID */
	const struct msp_address_ops *address;
};

extern const struct msp_module tapi_msp_module;

#ifdef __cplusplus
}
#endif

#endif /* TAPI3_MSP_H */

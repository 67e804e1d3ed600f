/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Terminals inside the library.  A hub belongs to a session: it knows the
 * session's terminals and hears what their threads have to tell.
 */
#ifndef LIBTAPI3_TERMINAL_H
#define LIBTAPI3_TERMINAL_H

#include "audio/port.h"
#include "term/term.h"
#include <tapi3/tapi3.h>

/**
 * struct terminal_hub - the terminals of a session
 * @fd: readable when terminal_hub_dispatch() has something to say
 * @list: live terminals, not owned
 */
struct terminal_hub {
	int fd;
	struct tapi3_terminal *list;
};

/**
 * struct tapi3_terminal - a terminal
 * @refs: references of the program and of streams
 * @hub: NULL once the session has ended
 * @next: in the hub
 * @kind: what is behind it
 * @name: file, PCM, or empty
 * @owner: whatever uses it now, a stream; NULL when free
 * @is_static: found, not created
 * @port: where the sound thread meets it
 * @news: what its thread has to tell
 * @file: of a file terminal
 * @sound: of a sound device terminal
 */
struct tapi3_terminal {
	unsigned int refs;
	struct terminal_hub *hub;
	struct tapi3_terminal *next;
	enum tapi3_terminal_class kind;
	enum tapi3_direction direction;
	char *name;
	void *owner;
	bool is_static;
	struct audio_port port;
	struct term_news news;
	struct term_file *file;
	struct term_sound *sound;
};

/** 0 or -EMFILE. */
int terminal_hub_init(struct terminal_hub *hub);
/** Terminals that the program still holds stay valid, without a session. */
void terminal_hub_fini(struct terminal_hub *hub);
/** Calls @told for every terminal with news: enum tapi3_file_cause, media state. */
void terminal_hub_dispatch(struct terminal_hub *hub,
			   void (*told)(void *data, struct tapi3_terminal *terminal, int cause,
					int state), void *data);

/** Make a terminal; returns 0 or a TAPI3_E_ value. */
int terminal_new(struct terminal_hub *hub, enum tapi3_terminal_class kind,
		 enum tapi3_direction direction, const char *name, struct tapi3_terminal **out);
/** A line is about to move samples: open the device. 0 or a negative errno. */
int terminal_start(struct tapi3_terminal *terminal);
/** The line has stopped: write the rest, close the device. */
void terminal_stop(struct tapi3_terminal *terminal);
int terminal_drift(struct tapi3_terminal *terminal);

#endif /* LIBTAPI3_TERMINAL_H */

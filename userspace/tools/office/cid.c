/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cid.h"

#include <spandsp.h>
#include <string.h>

/* GR-30: the type, the length and 255 octets */
#define MESSAGE_MAX	257
/* One octet of the message is a field's type, one its length */
#define FIELD_HEAD	2

struct caller_id_source {
	struct sound_source source;
	adsi_tx_state_t *transmitter;
};

static size_t caller_id_read(struct sound_source *source, int16_t *samples, size_t count)
{
	struct caller_id_source *cid = (struct caller_id_source *)source;
	size_t done = 0;
	int got;

	while (done < count) {
		got = adsi_tx(cid->transmitter, samples + done, count - done);
		if (got <= 0)
			break;
		done += got;
	}
	return done;
}

static void caller_id_free(struct sound_source *source)
{
	struct caller_id_source *cid = (struct caller_id_source *)source;

	if (cid->transmitter)
		adsi_tx_free(cid->transmitter);
	free(source->name);
	free(cid);
}

/* A message under way */
struct message {
	adsi_tx_state_t *transmitter;
	uint8_t octets[MESSAGE_MAX];
	int length;
};

static bool add(struct message *message, uint8_t type, const char *text)
{
	size_t length = strlen(text);

	if (message->length + FIELD_HEAD + length > MESSAGE_MAX)
		return false;
	message->length = adsi_add_field(message->transmitter, message->octets, message->length,
					 type, (const uint8_t *)text, length);
	return message->length > 0;
}

/* The text, or the one letter why there is none */
static bool add_party(struct message *message, uint8_t type, uint8_t absent, const char *text)
{
	bool none = !strcmp(text, "P") || !strcmp(text, "O");

	return add(message, none ? absent : type, text);
}

static bool put_message(adsi_tx_state_t *transmitter, const char *number, const char *name,
			const struct tm *when)
{
	struct message message = { .transmitter = transmitter };
	char date[sizeof("MMDDHHMM")];

	if (!strftime(date, sizeof(date), "%m%d%H%M", when))
		return false;
	message.length = adsi_add_field(transmitter, message.octets, -1, CLASS_MDMF_CALLERID,
					NULL, 0);
	if (!add(&message, MCLASS_DATETIME, date) ||
	    !add_party(&message, MCLASS_CALLER_NUMBER, MCLASS_ABSENCE1, number ? number : "O"))
		return false;
	if (name && !add_party(&message, MCLASS_CALLER_NAME, MCLASS_ABSENCE2, name))
		return false;
	return adsi_tx_put_message(transmitter, message.octets, message.length) > 0;
}

struct sound_source *caller_id_source_new(const char *number, const char *name,
					  const struct tm *when)
{
	struct caller_id_source *new = calloc(1, sizeof(*new));

	if (!new)
		return NULL;
	new->source = (struct sound_source){ .kind = SOUND_CALLER_ID, .read = caller_id_read,
					     .free = caller_id_free };
	new->transmitter = adsi_tx_init(NULL, ADSI_STANDARD_CLASS);
	if (new->transmitter && put_message(new->transmitter, number, name, when))
		return &new->source;
	caller_id_free(&new->source);
	return NULL;
}

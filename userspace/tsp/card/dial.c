/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "dial.h"

enum class {
	CLASS_INVALID,
	CLASS_DIGIT,		/* both ways of dialling */
	CLASS_DTMF_DIGIT,	/* has no pulse form */
	CLASS_FILLER,		/* there for people, not dialled */
	CLASS_MODE,
	CLASS_STEP,
	CLASS_PROMPT,
	CLASS_MORE,
	CLASS_END,		/* what follows is a subaddress, a name, the next address */
};

/* A character that is a step of its own, or that changes the mode */
struct special {
	char c;
	unsigned char class;
	unsigned char kind;
	unsigned char mode;
	unsigned int needs;
	LONG error;
};

static const struct special specials[] = {
	{ ',', CLASS_STEP, DIAL_PAUSE },
	{ '!', CLASS_STEP, DIAL_FLASH, .needs = DIAL_CAN_FLASH, .error = LINEERR_INVALADDRESS },
	{ 'W', CLASS_STEP, DIAL_WAIT_DIALTONE, .needs = DIAL_CAN_DIALTONE,
	  .error = LINEERR_DIALDIALTONE },
	{ '@', CLASS_STEP, DIAL_WAIT_QUIET, .needs = DIAL_CAN_QUIET, .error = LINEERR_DIALQUIET },
	{ '$', CLASS_STEP, DIAL_WAIT_BILLING, .needs = DIAL_CAN_BILLING,
	  .error = LINEERR_DIALBILLING },
	{ ':', CLASS_STEP, DIAL_WAIT_VOICE, .needs = DIAL_CAN_VOICE,
	  .error = LINEERR_DIALVOICEDETECT },
	{ 'P', CLASS_MODE, .mode = TAPI_LINE_DIAL_PULSE, .needs = DIAL_CAN_PULSE,
	  .error = LINEERR_INVALADDRESS },
	{ 'T', CLASS_MODE, .mode = TAPI_LINE_DIAL_DTMF, .needs = DIAL_CAN_DTMF,
	  .error = LINEERR_INVALADDRESS },
	/* Asking the user is never the provider's business */
	{ '?', CLASS_PROMPT, .error = LINEERR_DIALPROMPT },
};

static char upper(WCHAR c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 'A';
	return c < 0x80 ? c : 0;
}

static const struct special *special_of(char c)
{
	size_t i;

	for (i = 0; i < sizeof(specials) / sizeof(specials[0]); i++)
		if (specials[i].c == c)
			return &specials[i];
	return NULL;
}

static enum class class_of(char c)
{
	const struct special *special;

	if (!c)
		return CLASS_INVALID;
	if (c >= '0' && c <= '9')
		return CLASS_DIGIT;
	if (strchr("ABCD*#", c))
		return CLASS_DTMF_DIGIT;
	if (strchr(" -.()/", c))
		return CLASS_FILLER;
	if (strchr("|^\r\n", c))
		return CLASS_END;
	if (c == ';')
		return CLASS_MORE;
	special = special_of(c);
	return special ? special->class : CLASS_INVALID;
}

/* A semicolon has a meaning as the last character only; filler behind it does not count */
static bool nothing_follows(const WCHAR *text, size_t len, size_t pos)
{
	enum class class;

	for (; pos < len; pos++) {
		class = class_of(upper(text[pos]));
		if (class == CLASS_END)
			return true;
		if (class != CLASS_FILLER)
			return false;
	}
	return true;
}

LONG dial_check(const WCHAR *text, size_t len, unsigned int can, __u32 mode, bool *more)
{
	const struct special *special;
	bool rest = false;
	enum class class;
	size_t i;
	char c;

	if (mode == TAPI_LINE_DIAL_PULSE && !(can & DIAL_CAN_PULSE))
		return LINEERR_INVALADDRESS;
	for (i = 0; i < len; i++) {
		c = upper(text[i]);
		class = class_of(c);
		if (class == CLASS_END)
			break;
		if (class == CLASS_INVALID)
			return LINEERR_INVALADDRESS;
		if (class == CLASS_DTMF_DIGIT && mode == TAPI_LINE_DIAL_PULSE)
			return LINEERR_INVALADDRESS;
		if (class == CLASS_MORE) {
			if (!nothing_follows(text, len, i + 1))
				return LINEERR_INVALADDRESS;
			rest = true;
		}
		special = special_of(c);
		if (!special)
			continue;
		if (class == CLASS_PROMPT || (special->needs & can) != special->needs)
			return special->error;
		if (class == CLASS_MODE)
			mode = special->mode;
	}
	if (more)
		*more = rest;
	return 0;
}

void dial_start(struct dial_cursor *cursor, const WCHAR *text, size_t len, __u32 mode)
{
	*cursor = (struct dial_cursor) { .text = text, .len = len, .mode = mode };
}

/* Takes digits up to a step, a change of mode, or as many as one request of the line holds */
static void take_digits(struct dial_cursor *cursor, struct dial_step *step)
{
	enum class class;
	size_t n = 0;
	char c;

	step->kind = DIAL_DIGITS;
	step->mode = cursor->mode;
	for (; cursor->pos < cursor->len; cursor->pos++) {
		c = upper(cursor->text[cursor->pos]);
		class = class_of(c);
		if (class == CLASS_FILLER)
			continue;
		if (class != CLASS_DIGIT && class != CLASS_DTMF_DIGIT)
			break;
		if (n == sizeof(step->digits) - 1)
			break;
		step->digits[n++] = c;
	}
}

bool dial_next(struct dial_cursor *cursor, struct dial_step *step)
{
	const struct special *special;
	char c;

	*step = (struct dial_step) { .kind = DIAL_END };
	for (; cursor->pos < cursor->len; cursor->pos++) {
		c = upper(cursor->text[cursor->pos]);
		switch (class_of(c)) {
		case CLASS_DIGIT:
		case CLASS_DTMF_DIGIT:
			take_digits(cursor, step);
			return true;
		case CLASS_MODE:
			cursor->mode = special_of(c)->mode;
			break;
		case CLASS_STEP:
			special = special_of(c);
			step->kind = special->kind;
			cursor->pos++;
			return true;
		case CLASS_FILLER:
			break;
		case CLASS_PROMPT:
		case CLASS_MORE:
		case CLASS_INVALID:
		case CLASS_END:
			cursor->pos = cursor->len;
			return false;
		}
	}
	return false;
}

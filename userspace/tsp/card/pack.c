/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The size protocol: a fixed part as long as the negotiated version has it, then the variable parts
 * that fit.  One that does not fit is left out whole and counted.
 */
#include <string.h>

#include "card.h"

/* dwTotalSize, dwNeededSize, dwUsedSize: the head of every such structure */
struct head {
	DWORD total;
	DWORD needed;
	DWORD used;
};

/**
 * pack_begin() - look at the caller's structure
 * @out: the caller's, may be unaligned
 * @local: its whole fixed part, to be filled in before pack_end()
 * @fixed: size of the fixed part in the negotiated version
 *
 * Return: 0, LINEERR_INVALPOINTER, LINEERR_STRUCTURETOOSMALL.
 */
LONG pack_begin(struct pack *pack, void *out, void *local, size_t fixed)
{
	struct head head;

	if (!out)
		return LINEERR_INVALPOINTER;
	memcpy(&head, out, sizeof(head));
	if (head.total < fixed) {
		if (head.total >= sizeof(head)) {
			head.needed = fixed;
			memcpy(out, &head, sizeof(head));
		}
		return LINEERR_STRUCTURETOOSMALL;
	}
	*pack = (struct pack){ .out = out, .local = local, .fixed = fixed, .total = head.total,
			       .used = fixed, .needed = fixed };
	return 0;
}

/**
 * pack_bytes() - append a variable part; nothing for @size 0
 */
void pack_bytes(struct pack *pack, size_t where, const void *data, size_t size)
{
	DWORD place[2] = { size, pack->used };

	/* a member this version does not have */
	if (!size || where + sizeof(place) > pack->fixed)
		return;
	pack->needed += size;
	if (size > pack->total - pack->used)
		return;
	memcpy(pack->out + pack->used, data, size);
	memcpy(pack->local + where, place, sizeof(place));
	pack->used += size;
}

/**
 * pack_text() - append a text, as UTF-16 with its NUL
 *
 * Texts come from the kernel and from exchanges, in ASCII; anything else is nobody's letter.
 */
void pack_text(struct pack *pack, size_t where, const char *text)
{
	WCHAR wide[256];
	size_t n = 0;

	while (text[n] && n + 1 < sizeof(wide) / sizeof(wide[0])) {
		unsigned char c = text[n];

		wide[n++] = c < 0x80 ? c : 0xfffd;
	}
	wide[n++] = 0;
	pack_bytes(pack, where, wide, n * sizeof(wide[0]));
}

/**
 * pack_end() - hand the fixed part over
 */
void pack_end(struct pack *pack)
{
	struct head head = { pack->total, pack->needed, pack->used };

	memcpy(pack->local, &head, sizeof(head));
	memcpy(pack->out, pack->local, pack->fixed);
}

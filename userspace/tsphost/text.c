/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-16 for the provider, UTF-8 for everybody else. */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "utf.h"

/* A text in a frame is shorter than the frame */
#define TEXT_MAX	(2 * FRAME_MAX)

bool text_wide(struct job *job, const char *text, LPCWSTR *wide)
{
	WCHAR *copy;
	ssize_t size;

	*wide = NULL;
	if (!text)
		return true;
	size = utf8_to_utf16(NULL, 0, text, strlen(text));
	if (size < 0)
		return false;
	copy = job_alloc(job, (size_t)size + sizeof(WCHAR));
	if (!copy)
		return false;
	utf8_to_utf16(copy, (size_t)size, text, strlen(text));
	*wide = copy;
	return true;
}

uint32_t text_bytes(LPCWSTR wide)
{
	return wide ? (uint32_t)utf16_length(wide, TEXT_MAX) : 0;
}

void text_clean(char *text)
{
	if (utf8_valid(text, strlen(text)))
		return;
	for (; *text; text++) {
		if ((unsigned char)*text > 127)
			*text = '?';
	}
}

char *text_utf8(const WCHAR *wide, size_t bytes)
{
	bool repaired = false;
	ssize_t size = utf16_to_utf8(NULL, 0, wide, bytes, &repaired);
	char *text;

	if (size < 0)
		return NULL;
	text = malloc((size_t)size + 1);
	if (!text)
		return NULL;
	size = utf16_to_utf8(text, (size_t)size, wide, bytes, &repaired);
	text[size < 0 ? 0 : size] = '\0';
	return text;
}

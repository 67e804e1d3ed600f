/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The size protocol of variable-size structures. */
#include <string.h>

#include "null.h"

/* dwTotalSize, dwNeededSize and dwUsedSize begin each structure */
enum { AT_TOTAL = 0, AT_NEEDED = 4, AT_USED = 8 };

static uint32_t get(const void *from, size_t at)
{
	uint32_t value;

	memcpy(&value, (const char *)from + at, sizeof(value));
	return value;
}

static void put(void *to, size_t at, uint32_t value)
{
	memcpy((char *)to + at, &value, sizeof(value));
}

size_t layout_fixed(const uint16_t sizes[SIZE_VERSIONS], DWORD version)
{
	static const DWORD since[SIZE_VERSIONS] = {
		0x00010003, 0x00010004, 0x00020000, 0x00020002, 0x00030000,
	};
	int i = SIZE_VERSIONS - 1;

	while (i > 0 && version < since[i])
		i--;
	return sizes[i];
}

static bool exists(const struct layout *layout, const struct part *part)
{
	return part->size && part->at + 2 * sizeof(DWORD) <= layout->fixed;
}

static size_t needed(const struct layout *layout)
{
	size_t sum = layout->fixed;
	size_t i;

	for (i = 0; i < layout->part_count; i++) {
		if (exists(layout, &layout->parts[i]))
			sum += layout->parts[i].size;
	}
	return sum;
}

LONG layout_write(void *to, const struct layout *layout)
{
	uint32_t total = get(to, AT_TOTAL);
	size_t used = layout->fixed;
	const struct part *part;
	size_t i;

	if (total < layout->fixed) {
		if (total >= AT_NEEDED + sizeof(DWORD))
			put(to, AT_NEEDED, needed(layout));
		return LINEERR_STRUCTURETOOSMALL;
	}
	for (i = 0; i < layout->keep_count; i++)
		memcpy((char *)layout->values + layout->keep[i].at,
		       (const char *)to + layout->keep[i].at, layout->keep[i].size);
	for (i = 0; i < layout->part_count; i++) {
		part = &layout->parts[i];
		if (!exists(layout, part) || part->size > total - used)
			continue;
		put(layout->values, part->at, part->size);
		put(layout->values, part->at + sizeof(DWORD), used);
		memcpy((char *)to + used, part->data, part->size);
		used += part->size;
	}
	put(layout->values, AT_TOTAL, total);
	put(layout->values, AT_NEEDED, needed(layout));
	put(layout->values, AT_USED, used);
	memcpy(to, layout->values, layout->fixed);
	return 0;
}

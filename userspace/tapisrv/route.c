/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who gets a call. Pure. */
#include "server.h"

static bool concerns(const struct route_open *open, uint32_t address)
{
	return open->address < 0 || open->address == address;
}

static int first_for(const struct route_open *opens, size_t count, uint32_t mode, uint32_t address)
{
	int best = -1;

	for (size_t i = 0; i < count; i++) {
		if (!(opens[i].privileges & LINECALLPRIVILEGE_OWNER) ||
		    !(opens[i].media_modes & mode) || !concerns(&opens[i], address))
			continue;
		if (best < 0 || opens[i].order < opens[best].order)
			best = (int)i;
	}
	return best;
}

/* The order in which the candidates of a call of unknown media are tried */
static const uint32_t candidates[] = {
	LINEMEDIAMODE_UNKNOWN, LINEMEDIAMODE_INTERACTIVEVOICE, LINEMEDIAMODE_AUTOMATEDVOICE,
	LINEMEDIAMODE_G3FAX, LINEMEDIAMODE_DATAMODEM, LINEMEDIAMODE_TDD, LINEMEDIAMODE_G4FAX,
	LINEMEDIAMODE_DIGITALDATA, LINEMEDIAMODE_TELETEX, LINEMEDIAMODE_VIDEOTEX,
	LINEMEDIAMODE_TELEX, LINEMEDIAMODE_MIXED, LINEMEDIAMODE_ADSI, LINEMEDIAMODE_VOICEVIEW,
	LINEMEDIAMODE_VIDEO,
};

int route_owner(const struct route_open *opens, size_t count, uint32_t media, uint32_t address)
{
	int owner;

	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
		if (!(media & candidates[i]))
			continue;
		owner = first_for(opens, count, candidates[i], address);
		if (owner >= 0)
			return owner;
	}
	return -1;
}

bool route_monitors(const struct route_open *open, uint32_t address)
{
	return open->privileges & LINECALLPRIVILEGE_MONITOR && concerns(open, address);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: what the line says of itself. */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "test.h"

#define BIT(n)	(UINT64_C(1) << (n))

static const struct {
	uint64_t cap;
	const char *name;
} cap_names[] = {
	{ TAPI_LINE_CAP_HOOK, "HOOK" }, { TAPI_LINE_CAP_FLASH, "FLASH" },
	{ TAPI_LINE_CAP_PULSE_DIAL, "PULSE_DIAL" }, { TAPI_LINE_CAP_DTMF_DIAL, "DTMF_DIAL" },
	{ TAPI_LINE_CAP_DTMF_DETECT, "DTMF_DETECT" }, { TAPI_LINE_CAP_RING, "RING" },
	{ TAPI_LINE_CAP_LINEFEED, "LINEFEED" }, { TAPI_LINE_CAP_POLARITY, "POLARITY" },
	{ TAPI_LINE_CAP_TONE, "TONE" }, { TAPI_LINE_CAP_OHT, "OHT" },
	{ TAPI_LINE_CAP_MEASURE, "MEASURE" }, { TAPI_LINE_CAP_PCM, "PCM" },
	{ TAPI_LINE_CAP_FAR_END, "FAR_END" },
};

#define CAPS (sizeof(cap_names) / sizeof(cap_names[0]))

const char *caps_text(uint64_t caps, char *buf, size_t size)
{
	size_t used = 0;

	snprintf(buf, size, "nothing");
	for (size_t i = 0; i < CAPS; i++)
		if (caps & cap_names[i].cap && used < size)
			used += snprintf(buf + used, size - used, "%s%s", used ? " " : "",
					 cap_names[i].name);
	return buf;
}

/* A request for one capability */
static int ask(const struct line *line, uint64_t cap)
{
	struct tapi_line_tone tone = { .op = TAPI_LINE_OP_START, .freq_mhz = { 440000, 0 },
				       .level_mdbm = { -20000, -20000 } };
	struct tapi_line_measure measure;

	switch (cap) {
	case TAPI_LINE_CAP_HOOK:
		return set_hook(line, TAPI_LINE_OFF_HOOK, 0, 0);
	case TAPI_LINE_CAP_FLASH:
		return set_hook(line, TAPI_LINE_HOOK_FLASH, 0, 0);
	case TAPI_LINE_CAP_PULSE_DIAL:
		return dial(line, TAPI_LINE_DIAL_PULSE, "1", 0);
	case TAPI_LINE_CAP_DTMF_DIAL:
		return dial(line, TAPI_LINE_DIAL_DTMF, "1", 0);
	case TAPI_LINE_CAP_RING:
		return ring_start(line, 1, 100, 100, 0);
	case TAPI_LINE_CAP_LINEFEED:
		return set_feed(line, TAPI_LINE_FEED_ACTIVE, 0);
	case TAPI_LINE_CAP_POLARITY:
		return set_feed(line, TAPI_LINE_FEED_ACTIVE, 1);
	case TAPI_LINE_CAP_OHT:
		return set_feed(line, TAPI_LINE_FEED_OHT, 0);
	case TAPI_LINE_CAP_TONE:
		return LINE_IOCTL(line->fd, TAPI_LINE_S_TONE, &tone);
	case TAPI_LINE_CAP_MEASURE:
		return LINE_IOCTL(line->fd, TAPI_LINE_MEASURE, &measure);
	default:
		/* nothing to ask for: these only show in the line's events and sound */
		return -EOPNOTSUPP;
	}
}

int caps_refused(struct run *r, uint64_t missing)
{
	for (size_t i = 0; i < CAPS; i++) {
		int err = missing & cap_names[i].cap ? ask(&r->line, cap_names[i].cap) :
			  -EOPNOTSUPP;

		if (err != -EOPNOTSUPP) {
			verdict(r, FAIL, "without %s, a request that needs it: %s, not EOPNOTSUPP",
				cap_names[i].name, error_name(err));
			return err ? err : -EINVAL;
		}
	}
	return 0;
}

static bool all_zero(const void *at, size_t size)
{
	const unsigned char *byte = at;

	for (size_t i = 0; i < size; i++)
		if (byte[i])
			return false;
	return true;
}

static enum verdict same_reserved(struct run *r)
{
	struct tapi_line_caps caps[2];

	memset(caps, 0xa5, sizeof(caps));
	for (int i = 0; i < 2; i++)
		CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_CAPS, &caps[i]), "G_CAPS");
	CHECK(all_zero(caps[0].reserved, sizeof(caps[0].reserved)), "reserved is not zero");
	CHECK(!memcmp(&caps[0], &caps[1], sizeof(caps[0])), "asked twice, it says two things");
	return OK;
}

static bool string_ok(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	for (size_t i = 0; i < len; i++)
		if (!isprint((unsigned char)text[i]))
			return false;
	return len && len < size && all_zero(text + len, size - len);
}

static enum verdict strings(struct run *r)
{
	const struct tapi_line_caps *c = &r->line.caps;

	CHECK(string_ok(c->driver, sizeof(c->driver)), "driver");
	CHECK(string_ok(c->card_name, sizeof(c->card_name)), "card_name");
	CHECK(string_ok(c->bus_info, sizeof(c->bus_info)), "bus_info");
	CHECK(string_ok(c->line_name, sizeof(c->line_name)), "line_name");
	return OK;
}

static enum verdict numbers(struct run *r)
{
	const struct tapi_line_caps *c = &r->line.caps;

	CHECK(c->version == TAPI_LINE_ABI, "version %u, not %u", c->version, TAPI_LINE_ABI);
	CHECK(c->type == TAPI_LINE_FXS || c->type == TAPI_LINE_FXO, "type %u", c->type);
	CHECK(c->line < 32, "line %u", c->line);
	return OK;
}

static enum verdict known(struct run *r)
{
	const struct tapi_line_caps *c = &r->line.caps;
	uint64_t bits = 0;

	for (size_t i = 0; i < CAPS; i++)
		bits |= cap_names[i].cap;
	CHECK(!(c->caps & ~bits), "unknown capabilities %#llx",
	      (unsigned long long)(c->caps & ~bits));
	CHECK(!(c->events & (~UINT64_C(0) << TAPI_LINE_EV_END | 1)), "unknown events %#llx",
	      (unsigned long long)c->events);
	return OK;
}

static enum verdict direction(struct run *r)
{
	const uint64_t fxs = TAPI_LINE_CAP_RING | TAPI_LINE_CAP_LINEFEED | TAPI_LINE_CAP_POLARITY;
	const uint64_t fxo = TAPI_LINE_CAP_HOOK | TAPI_LINE_CAP_FLASH;
	const struct tapi_line_caps *c = &r->line.caps;
	uint64_t wrong = c->caps & (c->type == TAPI_LINE_FXS ? fxo : fxs);
	char names[256];

	CHECK(!wrong, "an %s line with %s", c->type == TAPI_LINE_FXS ? "FXS" : "FXO",
	      caps_text(wrong, names, sizeof(names)));
	wrong = c->caps & (TAPI_LINE_CAP_FLASH | TAPI_LINE_CAP_PULSE_DIAL);
	CHECK(!wrong || c->caps & TAPI_LINE_CAP_HOOK, "%s without HOOK",
	      caps_text(wrong, names, sizeof(names)));
	wrong = c->caps & (TAPI_LINE_CAP_POLARITY | TAPI_LINE_CAP_OHT);
	CHECK(!wrong || c->caps & TAPI_LINE_CAP_LINEFEED || c->type == TAPI_LINE_FXO,
	      "%s without LINEFEED", caps_text(wrong, names, sizeof(names)));
	return OK;
}

/* Event types that a line with these capabilities has */
static uint64_t events_of(const struct tapi_line_caps *c)
{
	uint64_t events = BIT(TAPI_LINE_EV_STATE) | BIT(TAPI_LINE_EV_HOOK) |
			  BIT(TAPI_LINE_EV_COMPLETE) | BIT(TAPI_LINE_EV_CLAIM) |
			  BIT(TAPI_LINE_EV_GONE) | BIT(TAPI_LINE_EV_LOST);

	if (c->caps & TAPI_LINE_CAP_FLASH || c->type == TAPI_LINE_FXS)
		events |= BIT(TAPI_LINE_EV_FLASH);
	if (c->type == TAPI_LINE_FXS)
		events |= BIT(TAPI_LINE_EV_PULSE_DIGIT);
	if (c->caps & TAPI_LINE_CAP_RING || c->type == TAPI_LINE_FXO)
		events |= BIT(TAPI_LINE_EV_RING);
	if (c->caps & TAPI_LINE_CAP_LINEFEED)
		events |= BIT(TAPI_LINE_EV_LINEFEED);
	if (c->caps & TAPI_LINE_CAP_POLARITY)
		events |= BIT(TAPI_LINE_EV_POLARITY);
	if (c->caps & TAPI_LINE_CAP_DTMF_DETECT)
		events |= BIT(TAPI_LINE_EV_DTMF);
	return events;
}

static enum verdict events(struct run *r)
{
	const struct tapi_line_caps *c = &r->line.caps;
	uint64_t missing = events_of(c) & ~c->events;

	CHECK(!missing, "no %s in events", event_name(__builtin_ctzll(missing | 1ULL << 63)));
	CHECK(c->caps & TAPI_LINE_CAP_DTMF_DETECT || !(c->events & BIT(TAPI_LINE_EV_DTMF)),
	      "DTMF events without a decoder");
	return OK;
}

static enum verdict sound(struct run *r)
{
	const struct tapi_line_caps *c = &r->line.caps;
	char path[64];

	if (!(c->caps & TAPI_LINE_CAP_PCM)) {
		CHECK(c->snd_card == TAPI_LINE_NONE && c->snd_device == TAPI_LINE_NONE,
		      "no PCM, but snd_card %u, snd_device %u", c->snd_card, c->snd_device);
		return OK;
	}
	CHECK(c->snd_card != TAPI_LINE_NONE, "PCM, but no snd_card");
	CHECK(c->snd_device == c->line, "snd_device %u of line %u", c->snd_device, c->line);
	snprintf(path, sizeof(path), "/sys/class/sound/pcmC%uD%up", c->snd_card, c->snd_device);
	CHECK(!access(path, F_OK), "there is no %s", path);
	return OK;
}

/* The first line of a file in sysfs, of the line or "card/", of its card; "" if unreadable */
static const char *attribute(const struct run *r, const char *name, char *buf, size_t size)
{
	struct stat st = { 0 };
	char path[128];
	FILE *file;

	fstat(r->line.fd, &st);
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/%s", major(st.st_rdev),
		 minor(st.st_rdev), name);
	if (!strncmp(name, "card/", strlen("card/")))
		snprintf(path, sizeof(path), "/sys/class/tapi/card%u/%s", r->line.caps.card,
			 name + strlen("card/"));
	buf[0] = '\0';
	file = fopen(path, "re");
	if (!file)
		return buf;
	if (!fgets(buf, size, file))
		buf[0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	fclose(file);
	return buf;
}

#define CHECK_ATTRIBUTE(name, want) \
	CHECK(!strcmp(attribute(r, name, text, sizeof(text)), want), "%s is \"%s\", not \"%s\"", \
	      name, text, want)

static enum verdict sysfs(struct run *r)
{
	const struct tapi_line_caps *c = &r->line.caps;
	char text[128], alsa[64] = "none";

	if (c->snd_card != TAPI_LINE_NONE)
		snprintf(alsa, sizeof(alsa), "hw:%u,%u", c->snd_card, c->snd_device);
	CHECK_ATTRIBUTE("type", c->type == TAPI_LINE_FXS ? "fxs" : "fxo");
	CHECK_ATTRIBUTE("name", c->line_name);
	CHECK_ATTRIBUTE("alsa", alsa);
	CHECK_ATTRIBUTE("hook", "on");
	CHECK_ATTRIBUTE("claimed", "no");
	CHECK_ATTRIBUTE("bound", "no");
	CHECK_ATTRIBUTE("card/driver_name", c->driver);
	CHECK_ATTRIBUTE("card/bus_info", c->bus_info);
	CHECK_OK(line_claim(&r->line), "CLAIM");
	CHECK_ATTRIBUTE("claimed", "yes");
	return OK;
}

#define RULE LINE_PAGE "Capabilities"

static const struct test tests[] = {
	{ "caps/reserved", LINE_PAGE "Requests", "reserved members are zero, answers do not change",
	  .run = same_reserved },
	{ "caps/strings", LINE_PAGE "Requests",
	  "driver, card_name, bus_info, line_name: text that a NUL ends", .run = strings },
	{ "caps/numbers", LINE_PAGE "Requests",
	  "version is that of the interface, type is FXS or FXO", .run = numbers },
	{ "caps/known", RULE, "only bits that have a meaning are set", .run = known },
	{ "caps/direction", RULE,
	  "an exchange's end feeds and rings, a telephone's end takes off hook", .run = direction },
	{ "caps/events", RULE, "events has a bit for each type the line can send",
	  .run = events },
	{ "caps/sound", LINE_PAGE "Sound", "snd_card and snd_device name the line's PCM",
	  .run = sound },
	{ "caps/sysfs", SYSFS_PAGE, "the files in sysfs say the same", .run = sysfs },
};

GROUP(caps_group, tests);

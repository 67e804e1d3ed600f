// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The simulator's side: cards that change, go and come back. Card 0 is the module's own, with two
 * cables; card 1 is "fuzz" in configfs: a cable, and two lines whose far side does what it is told.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../selftests/file-util.h"
#include "fuzz.h"

#define CONFIG	"/sys/kernel/config"
#define ROOT	CONFIG "/tapi-sim"
#define CARD	ROOT "/fuzz"
#define DRIVER	"/sys/bus/platform/drivers/tapi_sim"
#define COUNT(table)	(sizeof(table) / sizeof((table)[0]))

/* The name of each card's device, as unbind wants it */
static char device[CARDS][32] = { "tapi_sim.0", "" };

/* ---- texts */

/* Files of a card, "+" before those of a line; then values */
static const char *const settings[][8] = {
	{ "live", "0", "1", "0", "1" },
	{ "law", "mu", "a", "linear", "x" },
	{ "period_us", "5000", "10000", "20000", "1" },
	{ "clock_ppm", "0", "-1000", "1000", "1001" },
	{ "pcm", "0", "1", "2" },
	{ "dtmf", "0", "1" },
	{ "slow_ms", "0", "2", "-1" },
	{ "number" },
	{ "+type", "fxo", "fxs", "none" },
	{ "+name", "a", "much-too-long-for-a-line", "" },
	{ "+far_end", "0", "1" },
	{ "+peer", "none", "line0", "line1", "line2", "line3", "fuzz/line3", "no/line0" },
	{ "+alarm", "1", "0" },
	{ "+reset", "1", "0" },
	{ "+far/hook", "offhook", "onhook", "offhook +5ms onhook +5ms offhook", "offhook +1s onhook",
	  "stop" },
	{ "+far/flash", "20", "50", "3000" },
	{ "+far/dial", "1", "12*", "99999999999999999", "stop" },
	{ "+far/ring", "on", "off", "on:50", "on +10ms off +5ms on +1s off", "on:7", "stop" },
	{ "+far/battery", "on", "off", "on +5ms off +5ms on", "off +9us on", "stop" },
	{ "+far/polarity", "normal", "reversed", "+1ms reversed +1ms normal", "+2s", "stop" },
	{ "+far/dtmf", "1", "0123456789*#ABCD", "E", "stop" },
	{ "+far/audio", "silence", "loop", "tone:440", "tone:1", "tone:9999" },
	{ "+wire/delay_ms", "0", "20", "501" },
	{ "+wire/noise_db", "off", "-70", "0", "1" },
	{ "+wire/clip_db", "off", "-40", "3", "4" },
	{ "+wire/loss", "none", "..x", "x", "y" },
	{ "+wire/cut", "0", "1" },
	{ "+wire/slips", "1" },
};

/* A file and a value for it */
void config_words(char text[MAX_TEXT + 1])
{
	const char *const *row = settings[random_below(COUNT(settings))];
	unsigned int values = 0;

	while (values < 7 && row[values + 1])
		values++;
	if (row[0][0] == '+')
		snprintf(text, MAX_TEXT + 1, "line%u/%s=%s", random_below(LINES), row[0] + 1,
			 row[1 + random_below(values)]);
	else
		snprintf(text, MAX_TEXT + 1, "%s=%s", row[0],
			 values ? row[1 + random_below(values)] : "0");
}

/* A directory */
void make_words(char text[MAX_TEXT + 1])
{
	static const char *const names[] = {
		"other", "other/line0", "other/line1", "fuzz/line3", "fuzz/line4", "fuzz/line2/far",
		"fuzz", "7",
	};

	snprintf(text, MAX_TEXT + 1, "%s", names[random_below(COUNT(names))]);
}

/* A file to be read: in configfs, or @ and an attribute in sysfs of the card whose number follows */
void show_words(char text[MAX_TEXT + 1])
{
	static const char *const names[] = { "state", "hook", "claimed", "bound", "alsa", "type" };
	static const char *const cards[] = { "irq_count", "driver_name", "bus_info", "lines" };

	if (random_below(2)) {
		config_words(text);
		text[strcspn(text, "=")] = '\0';
	} else if (random_below(3)) {
		snprintf(text, MAX_TEXT + 1, "@%u-line%u/%s", random_below(CARDS),
			 random_below(LINES), names[random_below(COUNT(names))]);
	} else {
		snprintf(text, MAX_TEXT + 1, "@%u/%s", random_below(CARDS),
			 cards[random_below(COUNT(cards))]);
	}
}

/* What is dialled: also what cannot be */
void digits_words(char text[MAX_TEXT + 1])
{
	static const char keys[] = "0123456789*#ABCD,!x";
	unsigned int len = random_below(10) ? random_below(5) : random_below(70);

	for (unsigned int i = 0; i < len; i++)
		text[i] = keys[random_below(random_below(9) ? 16 : sizeof(keys) - 1)];
	text[len] = '\0';
}

/* ---- calls */

/* Nobody leaves the directories of the scene */
static bool is_safe(const char *text)
{
	return text[0] && text[0] != '/' && !strstr(text, "..");
}

int run_config(const struct call *call)
{
	size_t len = strcspn(call->text, "=");
	char path[MAX_TEXT + 64];

	if (!call->text[len] || !is_safe(call->text))
		return 0;
	snprintf(path, sizeof(path), CARD "/%.*s", (int)len, call->text);
	return write_text(path, call->text + len + 1);
}

int run_make(const struct call *call)
{
	char path[MAX_TEXT + 64];

	snprintf(path, sizeof(path), ROOT "/%s", call->text);
	return is_safe(call->text) && mkdir(path, 0755) ? -errno : 0;
}

int run_take(const struct call *call)
{
	char path[MAX_TEXT + 64];

	snprintf(path, sizeof(path), ROOT "/%s", call->text);
	return is_safe(call->text) && rmdir(path) ? -errno : 0;
}

int run_show(const struct call *call)
{
	char path[MAX_TEXT + 64], text[4096];

	if (!is_safe(call->text))
		return 0;
	if (call->text[0] == '@')
		snprintf(path, sizeof(path), "/sys/class/tapi/card%u%s",
			 card_number[call->text[1] & 1], call->text[1] ? call->text + 2 : "");
	else
		snprintf(path, sizeof(path), CARD "/%s", call->text);
	return read_text(path, text, sizeof(text));
}

int run_unplug(const struct call *call)
{
	return write_text(DRIVER "/unbind", device[call->arg[0].value % CARDS]);
}

int run_plug(const struct call *call)
{
	return write_text(DRIVER "/bind", device[call->arg[0].value % CARDS]);
}

/* ---- the scene */

static bool is_one(const char *path)
{
	char text[8];

	return !read_text(path, text, sizeof(text)) && text[0] == '1';
}

/* All of a card in configfs, as far as it is there */
static void remove_card(const char *card)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/live", card);
	write_text(path, "0");
	for (int i = LINES; i >= 0; i--) {
		snprintf(path, sizeof(path), "%s/line%d", card, i);
		rmdir(path);
	}
	rmdir(card);
}

static bool build_card(void)
{
	char path[64];

	remove_card(CARD);
	if (mkdir(CARD, 0755))
		return false;
	for (int i = 0; i < LINES; i++) {
		snprintf(path, sizeof(path), CARD "/line%d", i);
		if (mkdir(path, 0755))
			return false;
	}
	return !write_text(CARD "/line1/type", "fxs") && !write_text(CARD "/line3/type", "fxs") &&
	       !write_text(CARD "/line0/peer", "line1") && !write_text(CARD "/live", "1");
}

/* The number of a device's card: -1 when there is none */
static int number_of(const char *name)
{
	char path[96], link[128];

	for (int i = 0; i < 8; i++) {
		ssize_t len;

		snprintf(path, sizeof(path), "/sys/class/tapi/card%d/device", i);
		len = readlink(path, link, sizeof(link) - 1);
		link[len < 0 ? 0 : len] = '\0';
		if (len > 0 && strrchr(link, '/') && !strcmp(strrchr(link, '/') + 1, name))
			return i;
	}
	return -1;
}

/* The device of the card in configfs */
static bool find_device(void)
{
	char path[96], link[128];
	ssize_t len;

	read_text(CARD "/number", link, sizeof(link));
	snprintf(path, sizeof(path), "/sys/class/tapi/card%d/device", atoi(link));
	len = readlink(path, link, sizeof(link) - 1);
	link[len < 0 ? 0 : len] = '\0';
	if (!strrchr(link, '/'))
		return false;
	snprintf(device[1], sizeof(device[1]), "%.31s", strrchr(link, '/') + 1);
	return true;
}

/* Both cards are there and their numbers known, whatever the last program has done */
bool scene_restore(void)
{
	int number = number_of(device[0]);

	if (number < 0) {
		write_text(DRIVER "/bind", device[0]);
		number = number_of(device[0]);
	}
	if (number < 0)
		return false;
	card_number[0] = (unsigned int)number;
	if (!access(ROOT "/other", F_OK))
		remove_card(ROOT "/other");
	number = number_of(device[1]);
	if (number < 0 || !is_one(CARD "/live")) {
		if (!build_card() || !find_device())
			return false;
		number = number_of(device[1]);
	}
	card_number[1] = (unsigned int)number;
	return number >= 0;
}

bool scene_start(void)
{
	if (access(ROOT, F_OK))
		mount("configfs", CONFIG, "configfs", 0, NULL);
	if (access("/sys/kernel/debug/kcov", F_OK))
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	return scene_restore();
}

/* The modules can go */
void scene_end(void)
{
	remove_card(ROOT "/other");
	remove_card(CARD);
}

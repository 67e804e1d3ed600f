// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads scripts of a far side; see script.h.
 */
#include "script.h"

/* A word with its zero: "+3600000000us" is the longest number, dialling takes 32 digits */
#define WORD_MAX	34

/* What telephones do: ten pulses a second, 60 ms of each the loop is open */
#define PULSE_BREAK_US	60000
#define PULSE_MAKE_US	40000
#define DIGIT_GAP_US	800000
/* DTMF as people and diallers press it: long enough for every detector */
#define DTMF_ON_US	100000
#define DTMF_OFF_US	100000
/* What an exchange takes for a flash ends well below two seconds */
#define FLASH_MS_MIN	20
#define FLASH_MS_MAX	2000
/* Ringing of the world, and what it is when nobody says otherwise */
#define RING_HZ_MIN	15
#define RING_HZ_MAX	70
#define RING_HZ		20

static int script_wait(struct sim_script *script, u32 us)
{
	if (us > SIM_SCRIPT_US_MAX - script->us)
		return -EINVAL;
	script->us += us;
	return 0;
}

static int script_do(struct sim_script *script, u32 value)
{
	if (script->count == SIM_SCRIPT_STEPS)
		return -EINVAL;
	script->step[script->count].us = script->us;
	script->step[script->count].value = value;
	script->count++;
	return 0;
}

/* Digits of a number up to @max; what follows them */
static const char *script_number(const char *text, u32 max, u32 *value)
{
	u64 n = 0;

	if (*text < '0' || *text > '9')
		return NULL;
	for (; *text >= '0' && *text <= '9'; text++) {
		n = 10 * n + (*text - '0');
		if (n > max)
			return NULL;
	}
	*value = n;
	return text;
}

static int script_offset(struct sim_script *script, const char *word)
{
	static const struct {
		const char *name;
		u32 us;
	} units[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 } };
	u32 n, i;

	word = script_number(word, SIM_SCRIPT_US_MAX, &n);
	if (!word)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(word, units[i].name))
			continue;
		if (n > SIM_SCRIPT_US_MAX / units[i].us)
			return -EINVAL;
		return script_wait(script, n * units[i].us);
	}
	return -EINVAL;
}

static int script_choice(struct sim_script *script, const char *word, const char *off,
			 const char *on)
{
	if (!strcmp(word, off))
		return script_do(script, 0);
	if (!strcmp(word, on))
		return script_do(script, 1);
	return -EINVAL;
}

static int script_ring(struct sim_script *script, const char *word)
{
	u32 hz = RING_HZ;

	if (!strcmp(word, "off"))
		return script_do(script, 0);
	if (strncmp(word, "on", 2))
		return -EINVAL;
	if (word[2]) {
		const char *end = word[2] == ':' ? script_number(word + 3, RING_HZ_MAX, &hz) : NULL;

		if (!end || *end || hz < RING_HZ_MIN)
			return -EINVAL;
	}
	return script_do(script, hz * 1000);
}

static int script_flash(struct sim_script *script, const char *word)
{
	const char *end;
	u32 ms;
	int err;

	end = script_number(word, FLASH_MS_MAX, &ms);
	if (!end || *end || ms < FLASH_MS_MIN)
		return -EINVAL;
	err = script_do(script, 0);
	if (!err)
		err = script_wait(script, ms * 1000);
	return err ?: script_do(script, 1);
}

/* On, for so long, off, for so long */
static int script_beat(struct sim_script *script, u32 on, u32 on_us, u32 off, u32 off_us)
{
	int err;

	err = script_do(script, on);
	if (!err)
		err = script_wait(script, on_us);
	if (!err)
		err = script_do(script, off);
	return err ?: script_wait(script, off_us);
}

static int script_pulses(struct sim_script *script, const char *word)
{
	int err = 0;

	for (; *word && !err; word++) {
		u32 pulses = *word == '0' ? 10 : *word - '0';

		if (*word < '0' || *word > '9')
			return -EINVAL;
		/* the handset is off: there is something to open */
		if (!script->count)
			err = script_do(script, 1) ?: script_wait(script, DIGIT_GAP_US);
		while (pulses-- && !err)
			err = script_beat(script, 0, PULSE_BREAK_US, 1, PULSE_MAKE_US);
		if (!err)
			err = script_wait(script, DIGIT_GAP_US);
	}
	return err;
}

static int script_dtmf(struct sim_script *script, const char *word)
{
	int err = 0;

	for (; *word && !err; word++) {
		if (!strchr("0123456789*#ABCD", *word))
			return -EINVAL;
		err = script_beat(script, *word, DTMF_ON_US, 0, DTMF_OFF_US);
	}
	return err;
}

static int script_word(struct sim_script *script, enum sim_words words, const char *word)
{
	switch (words) {
	case SIM_WORDS_HOOK:
		return script_choice(script, word, "onhook", "offhook");
	case SIM_WORDS_FLASH:
		return script_flash(script, word);
	case SIM_WORDS_DIAL:
		return script_pulses(script, word);
	case SIM_WORDS_RING:
		return script_ring(script, word);
	case SIM_WORDS_BATTERY:
		return script_choice(script, word, "off", "on");
	case SIM_WORDS_POLARITY:
		return script_choice(script, word, "normal", "reversed");
	case SIM_WORDS_DTMF:
		return script_dtmf(script, word);
	}
	return -EINVAL;
}

/* Copies the next word; what follows it, NULL when it is too long; *word is "" at the end */
static const char *script_next(const char *text, char *word)
{
	size_t len;

	text += strspn(text, " \t\n");
	len = strcspn(text, " \t\n");
	if (len >= WORD_MAX)
		return NULL;
	memcpy(word, text, len);
	word[len] = '\0';
	return text + len;
}

/**
 * sim_script_parse() - read a script
 * @script: filled in
 * @words: its language
 * @text: words and offsets, "+" and a number of us, ms or s: each counts from what was
 *	said before it; the last is a word
 *
 * Return: 0; -EINVAL when it is empty, too long, or not of that language.
 */
int sim_script_parse(struct sim_script *script, enum sim_words words, const char *text)
{
	bool offset = true;
	char word[WORD_MAX];
	int err = 0;

	script->us = 0;
	script->count = 0;
	for (;;) {
		text = script_next(text, word);
		if (!text)
			return -EINVAL;
		if (!*word)
			return offset ? -EINVAL : 0;
		offset = *word == '+';
		err = offset ? script_offset(script, word + 1) : script_word(script, words, word);
		if (err)
			return err;
	}
}

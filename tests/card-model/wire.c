// SPDX-License-Identifier: GPL-2.0-or-later
/* The sound of an end of the line: files, mixing, levels. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "line.h"

int16_t mix(int a, int b)
{
	int sum = a + b;

	return (int16_t)(sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum);
}

/* Offset of the samples: behind "data" in a WAV file, 0 in a raw one; -1: another kind of WAV */
static long find_samples(FILE *file)
{
	unsigned char b[12], format[16];
	uint32_t size;

	if (fread(b, 1, 12, file) != 12 || memcmp(b, "RIFF", 4) || memcmp(b + 8, "WAVE", 4))
		return 0;
	while (fread(b, 1, 8, file) == 8) {
		size = b[4] | (uint32_t)b[5] << 8 | (uint32_t)b[6] << 16 | (uint32_t)b[7] << 24;
		if (!memcmp(b, "data", 4))
			return ftell(file);
		if (!memcmp(b, "fmt ", 4) && size >= 16) {
			if (fread(format, 1, 16, file) != 16)
				return -1;
			size -= 16;
			if (format[0] != 1 || format[2] != 1 || format[14] != 16 ||
			    (format[4] | format[5] << 8) != 8000)
				return -1;
		}
		if (fseek(file, size + (size & 1), SEEK_CUR))
			return -1;
	}
	return -1;
}

/** sound_open() - a sound file, at its first sample; NULL with errno */
FILE *sound_open(const char *path, long *begin)
{
	FILE *file = fopen(path, "rbe");

	if (!file)
		return NULL;
	*begin = find_samples(file);
	if (*begin < 0 || fseek(file, *begin, SEEK_SET)) {
		fclose(file);
		errno = EINVAL;
		return NULL;
	}
	return file;
}

int sound_from(struct sound *sound, const char *path, bool repeat)
{
	if (sound->from)
		fclose(sound->from);
	sound->from = NULL;
	sound->repeat = repeat;
	if (!path)
		return 0;
	sound->from = sound_open(path, &sound->begin);
	return sound->from ? 0 : -errno;
}

int sound_to(struct sound *sound, const char *path)
{
	if (sound->to)
		fclose(sound->to);
	sound->to = NULL;
	if (!path)
		return 0;
	sound->to = fopen(path, "wbe");
	return sound->to ? 0 : -errno;
}

void sound_close(struct sound *sound)
{
	sound_from(sound, NULL, false);
	sound_to(sound, NULL);
}

int16_t sound_next(struct sound *sound)
{
	int16_t sample;

	if (!sound->from)
		return 0;
	if (fread(&sample, sizeof(sample), 1, sound->from) == 1)
		return sample;
	if (sound->repeat && !fseek(sound->from, sound->begin, SEEK_SET) &&
	    fread(&sample, sizeof(sample), 1, sound->from) == 1)
		return sample;
	sound_from(sound, NULL, false);
	return 0;
}

void sound_put(struct sound *sound, int16_t sample)
{
	if (sound->to && fwrite(&sample, sizeof(sample), 1, sound->to) != 1)
		sound_to(sound, NULL);
}

/** heard_dbm0() - level of the last 100 ms; of a tone, or of everything when @hz is 0 */
double heard_dbm0(const int16_t *heard, double hz)
{
	double power = 0, reference = level_amplitude(0);

	if (hz > 0)
		power = tone_power(heard, HEARD, hz);
	else
		for (unsigned int i = 0; i < HEARD; i++)
			power += (double)heard[i] * heard[i] / HEARD;
	if (power < 1e-3)
		return -99;
	return 10 * log10(2 * power / (reference * reference));
}

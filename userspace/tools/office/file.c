/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include <errno.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file_source {
	struct sound_source source;
	SNDFILE *file;
	bool loop;
};

static size_t file_read(struct sound_source *source, int16_t *samples, size_t count)
{
	struct file_source *file = (struct file_source *)source;
	bool rewound = false;
	size_t done = 0;

	while (done < count) {
		sf_count_t got = sf_read_short(file->file, samples + done, count - done);

		if (got > 0) {
			done += got;
			rewound = false;
			continue;
		}
		if (sf_error(file->file))
			source->error = sf_strerror(file->file);
		/* nothing at its beginning either: it was cut meanwhile */
		if (source->error || !file->loop || rewound)
			break;
		rewound = !sf_seek(file->file, 0, SEEK_SET);
		if (!rewound)
			break;
	}
	return done;
}

static void file_free(struct sound_source *source)
{
	struct file_source *file = (struct file_source *)source;

	if (file->file)
		sf_close(file->file);
	free(source->name);
	free(file);
}

__attribute__((format(printf, 2, 3)))
static int explain(char **error, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(error, format, args);
	va_end(args);
	if (length >= 0)
		return -EINVAL;
	*error = NULL;
	return -ENOMEM;
}

/* Why sf_open() failed */
static const char *reason(void)
{
	return sf_error(NULL) == SF_ERR_SYSTEM ? strerror(errno) : sf_strerror(NULL);
}

static int open_file(struct file_source *file, const char *path, char **error)
{
	SF_INFO info = { 0 };

	file->file = sf_open(path, SFM_READ, &info);
	if (!file->file)
		return explain(error, "%s", reason());
	if (info.samplerate != SOUND_RATE || info.channels != 1)
		return explain(error, "has %d Hz and %d channels, must have %d Hz and one",
			       info.samplerate, info.channels, SOUND_RATE);
	if (info.frames <= 0)
		return explain(error, "is empty");
	/* samples in floating point are from -1 to 1 */
	sf_command(file->file, SFC_SET_SCALE_FLOAT_INT_READ, NULL, SF_TRUE);
	return 0;
}

int file_source_new(const char *path, bool loop, struct sound_source **source, char **error)
{
	struct file_source *new = calloc(1, sizeof(*new));
	int err;

	*error = NULL;
	if (!new)
		return -ENOMEM;
	new->source = (struct sound_source){ .kind = SOUND_FILE, .read = file_read,
					     .free = file_free };
	new->loop = loop;
	new->source.name = strdup(path);
	err = new->source.name ? open_file(new, path, error) : -ENOMEM;
	if (err) {
		file_free(&new->source);
		return err;
	}
	*source = &new->source;
	return 0;
}

struct recorder {
	SNDFILE *file;
	char *path;
	uint64_t frames;
};

int recorder_new(const char *path, struct recorder **recorder, char **error)
{
	struct recorder *new = calloc(1, sizeof(*new));
	SF_INFO info = { .samplerate = SOUND_RATE, .channels = 1,
			 .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16 };
	int err = -ENOMEM;

	*error = NULL;
	if (!new)
		return -ENOMEM;
	new->path = strdup(path);
	if (new->path) {
		new->file = sf_open(path, SFM_WRITE, &info);
		if (new->file) {
			*recorder = new;
			return 0;
		}
		err = explain(error, "%s", reason());
	}
	recorder_free(new);
	return err;
}

int recorder_write(struct recorder *recorder, const int16_t *samples, size_t count)
{
	sf_count_t put = sf_write_short(recorder->file, samples, count);

	recorder->frames += put > 0 ? put : 0;
	return put == (sf_count_t)count ? 0 : -EIO;
}

const char *recorder_path(const struct recorder *recorder)
{
	return recorder->path;
}

uint64_t recorder_frames(const struct recorder *recorder)
{
	return recorder->frames;
}

int recorder_close(struct recorder *recorder)
{
	int err = recorder->file && sf_close(recorder->file) ? -EIO : 0;

	recorder->file = NULL;
	return err;
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	recorder_close(recorder);
	free(recorder->path);
	free(recorder);
}

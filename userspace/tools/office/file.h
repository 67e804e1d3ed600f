/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sound files: played, and recorded. 8000 Hz, one channel. */
#ifndef OFFICE_FILE_H
#define OFFICE_FILE_H

#include "sound.h"

/**
 * file_source_new() - a file to play
 * @path: the file
 * @loop: begin again at its end, without a gap
 * @source: the new source
 * @error: why not, for people; the caller frees it
 *
 * Return: 0 or a negative errno, -EINVAL for what is no sound or has another rate or more channels.
 */
int file_source_new(const char *path, bool loop, struct sound_source **source, char **error);

struct recorder;

/** recorder_new() - begin a WAV file, 16 bits; as file_source_new() */
int recorder_new(const char *path, struct recorder **recorder, char **error);

/** recorder_write() - add samples. 0 or a negative errno */
int recorder_write(struct recorder *recorder, const int16_t *samples, size_t count);

/** recorder_path() - its file */
const char *recorder_path(const struct recorder *recorder);

/** recorder_frames() - samples written */
uint64_t recorder_frames(const struct recorder *recorder);

/** recorder_close() - complete the file; nothing more is written. 0 or a negative errno */
int recorder_close(struct recorder *recorder);

/** recorder_free() - forget it, and complete the file if that was not done; NULL is fine */
void recorder_free(struct recorder *recorder);

#endif /* OFFICE_FILE_H */

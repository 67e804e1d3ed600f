/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sound files: one disk thread per process serves all of them, so that neither
 * the sound thread nor the program waits for a disk.
 */
#include <poll.h>
#include <pthread.h>
#include <sndfile.h>
#include <speex/speex_resampler.h>
#include <stdlib.h>

#include "term.h"

/* Files of one process that are open at a time */
#define DISK_FILES	64
/* Frames per read or write: 128 ms at 8 kHz */
#define DISK_CHUNK	1024
#define DISK_CHANNELS	2

/**
 * struct term_file - an open file
 * @port: the terminal's port
 * @news: where to tell of the end and of errors
 * @sound: libsndfile's
 * @info: its format
 * @resampler: NULL for a file of 8 kHz
 * @record: writes, else plays
 * @done: at the end or failed
 */
struct term_file {
	struct audio_port *port;
	struct term_news *news;
	SNDFILE *sound;
	SF_INFO info;
	SpeexResamplerState *resampler;
	bool record;
	bool done;
};

/**
 * struct disk - the disk thread
 * @life: held while the thread is started or ended; taken before @lock
 * @lock: guards the rest and all files; the sound thread never takes it
 * @wake_fd: the list of files has changed
 */
static struct disk {
	pthread_mutex_t life;
	pthread_mutex_t lock;
	pthread_t thread;
	unsigned int count;
	struct term_file *files[DISK_FILES];
	int wake_fd;
	bool quit;
} disk = { .life = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER };

void term_tell(struct term_news *news, int cause, int state)
{
	uint64_t one = 1;

	atomic_store(&news->state, state);
	atomic_store(&news->cause, cause + 1);
	if (write(news->fd, &one, sizeof(one)) < 0)
		return;		/* the counter is full: the session will look */
}

static void to_mono(short *samples, sf_count_t frames, int channels)
{
	if (channels == 1)
		return;
	for (sf_count_t i = 0; i < frames; i++)
		samples[i] = (samples[2 * i] + samples[2 * i + 1]) / 2;
}

static void file_end(struct term_file *file, int cause)
{
	file->done = true;
	term_tell(file->news, cause, TAPI3_TERMINAL_IDLE);
}

/* Put @frames at the file's rate into the port; what the resampler makes always fits */
static void file_put(struct term_file *file, const short *samples, uint32_t frames)
{
	int16_t out[DISK_CHUNK];

	atomic_store(&file->port->primed, true);
	if (!file->resampler) {
		audio_ring_put(&file->port->ring, samples, frames);
		return;
	}
	while (frames) {
		uint32_t in = frames, made = DISK_CHUNK;

		speex_resampler_process_int(file->resampler, 0, samples, &in, out, &made);
		audio_ring_put(&file->port->ring, out, made);
		if (!in)
			break;
		samples += in;
		frames -= in;
	}
}

/* How many of the file's frames become at most @room samples at 8 kHz */
static uint32_t frames_for(const struct term_file *file, uint32_t room)
{
	uint64_t frames = (uint64_t)room * file->info.samplerate / AUDIO_RATE;

	return frames < DISK_CHUNK ? frames : DISK_CHUNK;
}

static void file_play(struct term_file *file)
{
	short samples[DISK_CHUNK * DISK_CHANNELS];

	while (!file->done) {
		/* the resampler may hold back some and give them later */
		uint32_t room = audio_ring_room(&file->port->ring);
		uint32_t want = room > 64 ? frames_for(file, room - 64) : 0;
		sf_count_t got;

		if (want < DISK_CHUNK / 4)
			return;
		got = sf_readf_short(file->sound, samples, want);
		if (got <= 0) {
			bool failed = sf_error(file->sound) != SF_ERR_NO_ERROR;

			/* what comes after the end is not lost */
			atomic_store(&file->port->primed, false);
			file_end(file, failed ? TAPI3_FILE_READ_ERROR : TAPI3_FILE_END);
			return;
		}
		to_mono(samples, got, file->info.channels);
		file_put(file, samples, got);
	}
}

static void file_record(struct term_file *file)
{
	int16_t samples[DISK_CHUNK];
	uint32_t got;

	while (!file->done && (got = audio_ring_get(&file->port->ring, samples, DISK_CHUNK))) {
		if (sf_writef_short(file->sound, samples, got) != (sf_count_t)got)
			file_end(file, TAPI3_FILE_WRITE_ERROR);
	}
}

static void file_work(struct term_file *file)
{
	uint64_t count;

	if (read(file->port->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	if (file->record)
		file_record(file);
	else
		file_play(file);
}

static void *disk_main(void *unused)
{
	struct pollfd fds[1 + DISK_FILES];
	unsigned int count;
	uint64_t value;

	(void)unused;
	for (;;) {
		pthread_mutex_lock(&disk.lock);
		if (disk.quit) {
			pthread_mutex_unlock(&disk.lock);
			return NULL;
		}
		count = disk.count;
		fds[0] = (struct pollfd){ .fd = disk.wake_fd, .events = POLLIN };
		for (unsigned int i = 0; i < count; i++) {
			fds[1 + i].fd = disk.files[i]->done ? -1 : disk.files[i]->port->wake_fd;
			fds[1 + i].events = POLLIN;
		}
		pthread_mutex_unlock(&disk.lock);

		if (poll(fds, 1 + count, -1) < 0)
			continue;
		if (fds[0].revents && read(disk.wake_fd, &value, sizeof(value)) < 0)
			continue;
		pthread_mutex_lock(&disk.lock);
		for (unsigned int i = 0; i < disk.count; i++)
			file_work(disk.files[i]);
		pthread_mutex_unlock(&disk.lock);
	}
}

static void disk_wake(void)
{
	uint64_t one = 1;

	if (write(disk.wake_fd, &one, sizeof(one)) < 0)
		return;
}

/* The caller holds the lock */
static int disk_add(struct term_file *file)
{
	int err;

	if (disk.count == DISK_FILES)
		return -EMFILE;
	if (!disk.count) {
		disk.quit = false;
		disk.wake_fd = eventfd(0, EFD_CLOEXEC);
		if (disk.wake_fd < 0)
			return -errno;
		err = pthread_create(&disk.thread, NULL, disk_main, NULL);
		if (err) {
			close(disk.wake_fd);
			return -err;
		}
	}
	disk.files[disk.count++] = file;
	disk_wake();
	return 0;
}

static void disk_remove(struct term_file *file)
{
	bool last;

	pthread_mutex_lock(&disk.life);
	pthread_mutex_lock(&disk.lock);
	for (unsigned int i = 0; i < disk.count; i++) {
		if (disk.files[i] == file)
			disk.files[i] = disk.files[--disk.count];
	}
	file_work(file);	/* the rest of a recording */
	last = !disk.count;
	disk.quit = last;
	disk_wake();
	pthread_mutex_unlock(&disk.lock);
	if (last) {
		pthread_join(disk.thread, NULL);
		close(disk.wake_fd);
	}
	pthread_mutex_unlock(&disk.life);
}

static int sound_error(SNDFILE *sound)
{
	switch (sf_error(sound)) {
	case SF_ERR_SYSTEM:
		return errno ? -errno : -EIO;
	default:
		return -EINVAL;
	}
}

static int file_open_sound(struct term_file *file, const char *path)
{
	int err = 0;

	if (file->record) {
		file->info.samplerate = AUDIO_RATE;
		file->info.channels = 1;
		file->info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
	}
	errno = 0;
	file->sound = sf_open(path, file->record ? SFM_WRITE : SFM_READ, &file->info);
	if (!file->sound)
		return sound_error(NULL);
	if (file->info.channels > DISK_CHANNELS)
		return -EINVAL;
	if (file->info.samplerate != AUDIO_RATE) {
		file->resampler = speex_resampler_init(1, file->info.samplerate, AUDIO_RATE,
						       SPEEX_RESAMPLER_QUALITY_DEFAULT, &err);
		if (!file->resampler)
			return -ENOMEM;
		speex_resampler_skip_zeros(file->resampler);
	}
	return 0;
}

static void file_free(struct term_file *file)
{
	if (file->sound)
		sf_close(file->sound);
	if (file->resampler)
		speex_resampler_destroy(file->resampler);
	free(file);
}

int term_file_open(struct audio_port *port, struct term_news *news, const char *path,
		   bool record, struct term_file **out)
{
	struct term_file *file = calloc(1, sizeof(*file));
	int err;

	if (!file)
		return -ENOMEM;
	file->port = port;
	file->news = news;
	file->record = record;
	err = file_open_sound(file, path);
	if (!err) {
		pthread_mutex_lock(&disk.life);
		pthread_mutex_lock(&disk.lock);
		err = disk_add(file);
		pthread_mutex_unlock(&disk.lock);
		pthread_mutex_unlock(&disk.life);
	}
	if (err) {
		file_free(file);
		return err;
	}
	*out = file;
	return 0;
}

void term_file_kick(struct term_file *file)
{
	pthread_mutex_lock(&disk.lock);
	file_work(file);
	pthread_mutex_unlock(&disk.lock);
}

void term_file_close(struct term_file *file)
{
	if (!file)
		return;
	disk_remove(file);
	file_free(file);
}

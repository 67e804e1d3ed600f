// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to sound on a simulated cable: laws, delay, loss, noise, clipping,
 * and the tones of a far side; see sound.h.
 */
#include "sound.h"

/* Largest sample of a sine of 0 dBm0, 16 bit: G.711's digital milliwatt */
#define PEAK_0DBM0	22651
/* sqrt(3) / sqrt(2) in 1/65536: an even distribution as loud as a sine of the same level */
#define EVEN_TO_SINE	80265
#define MU_BIAS		132
#define MU_MAX		32635

/* 10^(-n / 20) in 1/65536 */
static const u32 db_down[20] = {
	65536, 58409, 52057, 46396, 41350, 36854, 32846, 29274, 26090, 23253,
	20724, 18471, 16462, 14672, 13076, 11654, 10387, 9257, 8250, 7353,
};

/* 10^(-n / 200) in 1/65536 */
static const u32 tenth_down[10] = {
	65536, 64786, 64044, 63311, 62586,
	61870, 61162, 60462, 59770, 59085,
};

/* A quarter of a sine */
static const s16 quarter[65] = {
	0, 804, 1608, 2410, 3212, 4011, 4808, 5602, 6393, 7179, 7962, 8739, 9512,
	10278, 11039, 11793, 12539, 13279, 14010, 14732, 15446, 16151, 16846, 17530, 18204, 18868,
	19519, 20159, 20787, 21403, 22005, 22594, 23170, 23731, 24279, 24811, 25329, 25832, 26319,
	26790, 27245, 27683, 28105, 28510, 28898, 29268, 29621, 29956, 30273, 30571, 30852, 31113,
	31356, 31580, 31785, 31971, 32137, 32285, 32412, 32521, 32609, 32678, 32728, 32757, 32767,
};

/**
 * sim_silence() - the code of a silent sample
 * @law: of the card
 *
 * Return: the code.
 */
u16 sim_silence(enum sim_law law)
{
	static const u16 codes[] = {
		[SIM_MU_LAW] = 0xff,
		[SIM_A_LAW] = 0xd5,
		[SIM_LINEAR] = 0,
	};

	return codes[law];
}

/* Index of the highest bit that is set; @x is not 0 */
static u32 top_bit(u32 x)
{
	return 31 - __builtin_clz(x);
}

static s32 mu_decode(u8 code)
{
	u8 u = ~code;
	s32 mag = ((((u & 0x0f) << 3) + MU_BIAS) << ((u & 0x70) >> 4)) - MU_BIAS;

	return u & 0x80 ? -mag : mag;
}

static u8 mu_encode(s32 sample)
{
	u32 mag = sample < 0 ? -sample : sample;
	u32 seg;

	if (mag > MU_MAX)
		mag = MU_MAX;
	mag += MU_BIAS;
	seg = top_bit(mag) - 7;
	return ~((sample < 0 ? 0x80 : 0) | seg << 4 | (mag >> (seg + 3) & 0x0f));
}

static s32 a_decode(u8 code)
{
	u8 a = code ^ 0x55;
	s32 mag = ((a & 0x0f) << 4) + 8;
	u32 seg = (a & 0x70) >> 4;

	if (seg)
		mag = (mag + 0x100) << (seg - 1);
	return a & 0x80 ? mag : -mag;
}

static u8 a_encode(s32 sample)
{
	u8 mask = sample < 0 ? 0x55 : 0xd5;
	u32 mag = sample < 0 ? -sample - 1 : sample;
	u32 seg;

	if (mag > 32767)
		mag = 32767;
	if (mag < 256)
		return (mag >> 4) ^ mask;
	seg = top_bit(mag) - 7;
	return (seg << 4 | (mag >> (seg + 3) & 0x0f)) ^ mask;
}

/**
 * sim_decode() - the sample of a code
 * @law: of the code
 * @code: the code
 *
 * Return: 16 bits.
 */
s32 sim_decode(enum sim_law law, u16 code)
{
	switch (law) {
	case SIM_MU_LAW:
		return mu_decode(code);
	case SIM_A_LAW:
		return a_decode(code);
	default:
		return (s16)code;
	}
}

/**
 * sim_encode() - the code of a sample
 * @law: of the code
 * @sample: what is beyond 16 bits is cut off
 *
 * Return: the code.
 */
u16 sim_encode(enum sim_law law, s32 sample)
{
	switch (law) {
	case SIM_MU_LAW:
		return mu_encode(sample);
	case SIM_A_LAW:
		return a_encode(sample);
	default:
		return sample > 32767 ? 32767 : sample < -32768 ? (u16)-32768 : (u16)sample;
	}
}

/**
 * sim_convert() - samples of one law become those of another
 * @codes: the samples
 * @n: their number
 * @from: their law
 * @to: the other
 */
void sim_convert(u16 *codes, u32 n, enum sim_law from, enum sim_law to)
{
	if (from == to)
		return;
	for (; n; n--, codes++)
		*codes = sim_encode(to, sim_decode(from, *codes));
}

/* The largest sample of a sine of @db dBm0, in 1/256 */
static u32 peak_256(s32 db)
{
	/* one power of ten above, so that levels over 0 dBm0 are levels below it */
	u32 down = 20 - db;
	u32 peak = (u64)PEAK_0DBM0 * 256 * 10 * db_down[down % 20] >> 16;

	for (down /= 20; down; down--)
		peak = (peak + 5) / 10;
	return peak;
}

/**
 * sim_peak() - the largest sample of a sine
 * @db: its level, -79 to 3 dBm0
 *
 * Return: 16 bits.
 */
s32 sim_peak(s32 db)
{
	return (peak_256(db) + 128) / 256;
}

/**
 * sim_gain() - what samples are to be multiplied with
 * @mdb: for this gain, %SIM_GAIN_MDB_MIN to %SIM_GAIN_MDB_MAX, a multiple of the step
 *
 * Return: in 1/65536.
 */
u32 sim_gain(s32 mdb)
{
	/* one power of ten above, as in peak_256() */
	u32 tenths = (20000 - mdb) / SIM_GAIN_MDB_STEP, down = tenths / 10;
	u32 gain = (u64)10 * db_down[down % 20] * tenth_down[tenths % 10] >> 8;

	for (down /= 20; down; down--)
		gain = (gain + 5) / 10;
	return (gain + 128) >> 8;
}

static s32 gained(s32 sample, u32 gain)
{
	return ((s64)sample * gain + 32768) >> 16;
}

/**
 * sim_gain_run() - samples become louder or softer
 * @gain: as sim_gain() says
 * @law: of the samples
 * @codes: they
 * @n: their number
 *
 * Silence stays silence, which is no zero in A-law. 0 dB leaves each code as it is.
 */
void sim_gain_run(u32 gain, enum sim_law law, u16 *codes, u32 n)
{
	u16 silence = sim_silence(law);

	if (gain == SIM_GAIN_ONE)
		return;
	for (; n; n--, codes++)
		if (*codes != silence)
			*codes = sim_encode(law, gained(sim_decode(law, *codes), gain));
}

/**
 * sim_sound_perfect() - is nothing wrong with the sound
 * @set: what may be wrong
 *
 * Return: whether nothing is.
 */
bool sim_sound_perfect(const struct sim_sound *set)
{
	return !set->delay_ms && !set->loss_len && set->noise_db == SIM_DB_OFF &&
	       set->clip_db == SIM_DB_OFF;
}

/**
 * sim_path_set() - something else is wrong from now on
 * @path: the path; @late has room for the delay
 * @set: what; a delay that differs is not taken over: it needs sim_path_reset()
 */
void sim_path_set(struct sim_path *path, const struct sim_sound *set)
{
	path->set = *set;
	path->noise = 0;
	if (set->noise_db != SIM_DB_OFF)
		path->noise = (u64)peak_256(set->noise_db) * EVEN_TO_SINE >> 16;
	path->clip = set->clip_db == SIM_DB_OFF ? 0 : sim_peak(set->clip_db);
	path->packet = 0;
	path->frame = 0;
}

/**
 * sim_path_reset() - the card's clock starts: nothing is on its way
 * @path: the path, @law and @late set
 */
void sim_path_reset(struct sim_path *path)
{
	u32 i;

	path->delay = path->late ? path->set.delay_ms * SIM_FRAMES_MS : 0;
	for (i = 0; i < path->delay; i++)
		path->late[i] = sim_silence(path->law);
	path->at = 0;
	path->packet = 0;
	path->frame = 0;
	path->seed = 0x2545f491;
}

static void path_delay(struct sim_path *path, u16 *codes, u32 n)
{
	for (; n; n--, codes++) {
		u16 out = path->late[path->at];

		path->late[path->at] = *codes;
		*codes = out;
		if (++path->at == path->delay)
			path->at = 0;
	}
}

static void path_loss(struct sim_path *path, u16 *codes, u32 n)
{
	for (; n; n--, codes++) {
		if (path->set.loss & BIT_ULL(path->packet))
			*codes = sim_silence(path->law);
		if (++path->frame < SIM_PACKET)
			continue;
		path->frame = 0;
		if (++path->packet == path->set.loss_len)
			path->packet = 0;
	}
}

/* xorshift: white, and the same at every start */
static s32 path_noise(struct sim_path *path)
{
	path->seed ^= path->seed << 13;
	path->seed ^= path->seed >> 17;
	path->seed ^= path->seed << 5;
	return (((s64)(path->seed >> 16) - 32768) * path->noise + (1 << 22)) >> 23;
}

static void path_level(struct sim_path *path, u16 *codes, u32 n)
{
	for (; n; n--, codes++) {
		s32 sample = sim_decode(path->law, *codes);

		if (path->noise)
			sample += path_noise(path);
		if (path->clip && sample > path->clip)
			sample = path->clip;
		if (path->clip && sample < -path->clip)
			sample = -path->clip;
		*codes = sim_encode(path->law, sample);
	}
}

/**
 * sim_path_run() - samples pass
 * @path: the path
 * @codes: they; those that come out take their place
 * @n: their number
 */
void sim_path_run(struct sim_path *path, u16 *codes, u32 n)
{
	if (path->delay)
		path_delay(path, codes, n);
	if (path->set.loss_len)
		path_loss(path, codes, n);
	if (path->noise || path->clip)
		path_level(path, codes, n);
}

/**
 * sim_tone_set() - begin one or two sines
 * @tone: the tone
 * @hz: the first, 0 for none
 * @second_hz: the second, 0 for none
 */
void sim_tone_set(struct sim_tone *tone, u32 hz, u32 second_hz)
{
	/* 2^32 / 8000 in 1/1024 */
	tone->step[0] = (u64)hz * 549755814ULL >> 10;
	tone->step[1] = (u64)second_hz * 549755814ULL >> 10;
	tone->phase[0] = 0;
	tone->phase[1] = 0;
	tone->peak[0] = sim_peak(SIM_TONE_DB);
	tone->peak[1] = tone->peak[0];
}

/* Between whole decibels the peak lies on a straight line: 0.01 dB off */
static s32 tone_peak(s32 mdb)
{
	u32 above, peak, part;
	s32 db;

	if (mdb < SIM_TONE_MDB_MIN)
		return 0;
	above = (mdb < SIM_TONE_MDB_MAX ? mdb : SIM_TONE_MDB_MAX) - SIM_TONE_MDB_MIN;
	db = (s32)(above / 1000) + SIM_TONE_MDB_MIN / 1000;
	part = above % 1000;
	peak = peak_256(db);
	if (part)
		peak += (peak_256(db + 1) - peak) * part / 1000;
	return (peak + 128) / 256;
}

/**
 * sim_tone_levels() - begin what two oscillators make
 * @tone: the tone
 * @freq_mhz: their frequencies, mHz, up to 1000 times %SIM_TONE_HZ_MAX, 0 for none
 * @level_mdb: their levels, thousandths of a dBm0
 */
void sim_tone_levels(struct sim_tone *tone, const u32 freq_mhz[2], const s32 level_mdb[2])
{
	u32 i;

	for (i = 0; i < 2; i++) {
		/* 2^32 / 8000000 in 1/2^20 */
		tone->step[i] = (u64)freq_mhz[i] * 562949953ULL >> 20;
		tone->phase[i] = 0;
		tone->peak[i] = tone_peak(level_mdb[i]);
	}
}

/**
 * sim_tone_digit() - begin the sound of a DTMF digit
 * @tone: the tone
 * @digit: one of 0-9 A-D * #, anything else is silence
 */
void sim_tone_digit(struct sim_tone *tone, char digit)
{
	static const u16 rows[] = { 697, 770, 852, 941 };
	static const u16 columns[] = { 1209, 1336, 1477, 1633 };
	static const char keys[] = "123A456B789C*0#D";
	const char *key = digit ? strchr(keys, digit) : NULL;

	if (key)
		sim_tone_set(tone, rows[(key - keys) / 4], columns[(key - keys) % 4]);
	else
		sim_tone_set(tone, 0, 0);
}

/* Angles between two places of the table lie on a straight line: 80 dB below the sine */
static s32 sine(u32 phase)
{
	u32 at = phase >> 16 & 0x3fff;
	s32 a, b;

	if (phase & 0x40000000)
		at = 0x4000 - at;
	a = quarter[at >> 8];
	b = at >> 8 < 64 ? quarter[(at >> 8) + 1] : a;
	a += (b - a) * (s32)(at & 0xff) / 256;
	return phase & 0x80000000 ? -a : a;
}

static s32 tone_next(struct sim_tone *tone)
{
	s32 sum = 0;
	u32 i;

	for (i = 0; i < 2; i++) {
		if (!tone->step[i])
			continue;
		sum += sine(tone->phase[i]) * tone->peak[i] / 32768;
		tone->phase[i] += tone->step[i];
	}
	return sum;
}

/**
 * sim_tone_run() - the next samples of a tone
 * @tone: the tone
 * @law: of the samples
 * @codes: where they go
 * @n: their number
 */
void sim_tone_run(struct sim_tone *tone, enum sim_law law, u16 *codes, u32 n)
{
	for (; n; n--, codes++)
		*codes = sim_encode(law, tone_next(tone));
}

/**
 * sim_tone_add() - samples of a tone are heard together with others
 * @tone: the tone
 * @law: of the samples
 * @codes: the others
 * @n: their number
 */
void sim_tone_add(struct sim_tone *tone, enum sim_law law, u16 *codes, u32 n)
{
	for (; n; n--, codes++)
		*codes = sim_encode(law, sim_decode(law, *codes) + tone_next(tone));
}

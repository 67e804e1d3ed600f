// SPDX-License-Identifier: GPL-2.0-only
/*
 * Position arithmetic and copying between the sound rings of a card and the
 * buffers of its streams; see pump.h.  Called by pcm.c with its lock held.
 */
#include "pump.h"

static u32 pump_min(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* Distance from @a forward to @b on a ring of @frames */
static u32 pump_distance(u32 a, u32 b, u32 frames)
{
	return b >= a ? b - a : b + frames - a;
}

/**
 * pump_start() - the card has started
 * @p: rings; everything but the positions is set
 * @rx: the card's position in the receive ring, frames
 * @tx: the card's position in the transmit ring, frames
 * @ts: when it was there, ns
 */
void pump_start(struct pump *p, u32 rx, u32 tx, u64 ts)
{
	p->in = (struct pump_dir){ .at = rx - rx % p->grain, .over = rx % p->grain };
	p->out = (struct pump_dir){ .at = tx - tx % p->grain, .over = tx % p->grain };
	p->ts = ts;
}

/*
 * Moves a direction to the card's position @now.  A position tells only where
 * in the ring the card is: how often it went round comes from the time.  Half a
 * ring of tolerance either way covers an interrupt whose time was taken late,
 * and a position that was read a little early.
 */
static void pump_dir_step(struct pump_dir *d, u32 now, u32 by_time, u32 frames, u32 grain)
{
	u32 last = d->at + d->over;
	u32 gone;

	if (last >= frames)
		last -= frames;
	gone = pump_distance(last, now, frames);
	d->step = 0;
	if (by_time + frames / 2 < gone)
		return;
	if (by_time > gone + frames / 2)
		gone += (by_time - gone + frames / 2) / frames * frames;
	gone += d->over;
	d->over = gone % grain;
	d->step = gone - d->over;
	d->at += d->step;
	if (d->at >= frames)
		d->at %= frames;
}

/**
 * pump_step() - the card has moved on
 * @p: rings
 * @rx: the card's position in the receive ring, frames
 * @tx: the card's position in the transmit ring, frames
 * @ts: when it was there, ns
 *
 * Afterwards the streams are served with pump_capture(), pump_play() and
 * pump_quiet().
 *
 * Return: whether at least one grain has gone by.
 */
bool pump_step(struct pump *p, u32 rx, u32 tx, u64 ts)
{
	u64 ns = ts > p->ts ? ts - p->ts : 0;
	u32 by_time;
	u32 most;

	/* a minute is far beyond any buffer; keeps the division in 32 bits */
	if (ns > U32_MAX)
		by_time = 60 * PUMP_RATE;
	else
		by_time = (u32)ns / PUMP_FRAME_NS;
	if (rx >= p->frames || tx >= p->frames)
		return false;
	pump_dir_step(&p->in, rx, by_time, p->frames, p->grain);
	pump_dir_step(&p->out, tx, by_time, p->frames, p->grain);
	p->ts = ts;
	most = p->in.step > p->out.step ? p->in.step : p->out.step;
	if (most > p->grain)
		p->missed += most / p->grain - 1;
	if (p->in.step > p->frames || p->out.step > p->lead)
		p->resyncs++;
	return most;
}

/**
 * pump_stream_start() - begin at the start of a buffer
 * @s: stream
 * @buf: its buffer
 * @frames: length of the buffer
 * @period: frames of a period
 */
void pump_stream_start(struct pump_stream *s, u8 *buf, u32 frames, u32 period)
{
	*s = (struct pump_stream){ .buf = buf, .frames = frames, .period = period };
}

/* Moves the stream's period count on; true when a period has ended */
static bool pump_count(struct pump_stream *s, u32 n)
{
	s->since += n;
	if (s->since < s->period)
		return false;
	s->since %= s->period;
	return true;
}

/* 8 a round: the loop itself would cost as much as the copying */
static void pump_gather(u8 *dst, const u8 *src, u32 stride, u32 n)
{
	for (; n >= 8; n -= 8, dst += 8, src += 8 * stride) {
		dst[0] = src[0];
		dst[1] = src[stride];
		dst[2] = src[2 * stride];
		dst[3] = src[3 * stride];
		dst[4] = src[4 * stride];
		dst[5] = src[5 * stride];
		dst[6] = src[6 * stride];
		dst[7] = src[7 * stride];
	}
	for (; n; n--, src += stride)
		*dst++ = *src;
}

static void pump_gather2(u8 *dst, const u8 *src, u32 stride, u32 n)
{
	for (; n; n--, dst += 2, src += stride) {
		dst[0] = src[0];
		dst[1] = src[1];
	}
}

static void pump_scatter(u8 *dst, const u8 *src, u32 stride, u32 n)
{
	for (; n >= 8; n -= 8, src += 8, dst += 8 * stride) {
		dst[0] = src[0];
		dst[stride] = src[1];
		dst[2 * stride] = src[2];
		dst[3 * stride] = src[3];
		dst[4 * stride] = src[4];
		dst[5 * stride] = src[5];
		dst[6 * stride] = src[6];
		dst[7 * stride] = src[7];
	}
	for (; n; n--, dst += stride)
		*dst = *src++;
}

static void pump_scatter2(u8 *dst, const u8 *src, u32 stride, u32 n)
{
	for (; n; n--, src += 2, dst += stride) {
		dst[0] = src[0];
		dst[1] = src[1];
	}
}

static void pump_from_ring(const struct pump *p, u8 *dst, const u8 *src, u32 n)
{
	if (p->stride == p->width)
		memcpy(dst, src, n * p->width);
	else if (p->width == 1)
		pump_gather(dst, src, p->stride, n);
	else
		pump_gather2(dst, src, p->stride, n);
}

static void pump_to_ring(const struct pump *p, u8 *dst, const u8 *src, u32 n)
{
	if (p->stride == p->width)
		memcpy(dst, src, n * p->width);
	else if (p->width == 1)
		pump_scatter(dst, src, p->stride, n);
	else
		pump_scatter2(dst, src, p->stride, n);
}

/* Puts @n silent frames into the transmit ring, from frame @at */
static void pump_silence_ring(const struct pump *p, u32 lane, u32 at, u32 n)
{
	for (; n; n--) {
		u8 *dst = p->tx + at * p->stride + lane;

		dst[0] = p->silence;
		if (p->width == 2)
			dst[1] = p->silence;
		if (++at == p->frames)
			at = 0;
	}
}

/* Moves the stream on by @n frames without copying, leaving silence in its buffer */
static void pump_silence_stream(const struct pump *p, struct pump_stream *s, u32 n)
{
	while (n) {
		u32 c = pump_min(n, s->frames - s->pos);

		memset(s->buf + s->pos * p->width, p->silence, c * p->width);
		s->pos += c;
		if (s->pos == s->frames)
			s->pos = 0;
		n -= c;
	}
}

/**
 * pump_capture() - copy what came in to a capture stream
 * @p: rings, after pump_step()
 * @lane: place of the line's sample in a frame, bytes
 * @s: stream
 *
 * What the card has overwritten already is replaced by silence: the stream
 * keeps the line's time.
 *
 * Return: whether a period has ended.
 */
bool pump_capture(const struct pump *p, u32 lane, struct pump_stream *s)
{
	u32 left = p->in.step;
	u32 from;

	if (left >= s->frames) {
		s->lost = true;
		return true;
	}
	if (left > p->frames) {
		pump_silence_stream(p, s, left - p->frames);
		left = p->frames;
	}
	from = pump_distance(left, p->in.at, p->frames);
	if (from == p->frames)
		from = 0;
	while (left) {
		u32 c = pump_min(left, pump_min(p->frames - from, s->frames - s->pos));

		pump_from_ring(p, s->buf + s->pos * p->width,
			       p->rx + from * p->stride + lane, c);
		from += c;
		if (from == p->frames)
			from = 0;
		s->pos += c;
		if (s->pos == s->frames)
			s->pos = 0;
		left -= c;
	}
	return pump_count(s, p->in.step);
}

/**
 * pump_deaf() - the same for a line that is switched off: silence comes in
 * @p: rings, after pump_step()
 * @s: stream
 *
 * Return: whether a period has ended.
 */
bool pump_deaf(const struct pump *p, struct pump_stream *s)
{
	if (p->in.step >= s->frames) {
		s->lost = true;
		return true;
	}
	pump_silence_stream(p, s, p->in.step);
	return pump_count(s, p->in.step);
}

/* Where pump_play() and pump_quiet() write, and how much of the step still matters */
static u32 pump_fill_from(const struct pump *p, u32 *n)
{
	u32 at;

	*n = pump_min(p->out.step, p->lead);
	at = p->out.at + p->lead - *n;
	return at >= p->frames ? at - p->frames : at;
}

/**
 * pump_play() - copy what goes out from a playback stream
 * @p: rings, after pump_step()
 * @lane: place of the line's sample in a frame, bytes
 * @s: stream
 * @ready: frames of the stream that hold samples; silence follows them
 *
 * Samples whose time has passed are left out: the stream keeps the line's time.
 *
 * Return: whether a period has ended.
 */
bool pump_play(const struct pump *p, u32 lane, struct pump_stream *s, u32 ready)
{
	u32 n, at, late;

	if (p->out.step >= s->frames) {
		s->lost = true;
		return true;
	}
	at = pump_fill_from(p, &n);
	late = p->out.step - n;
	if (late) {
		s->pos = (s->pos + late) % s->frames;
		ready = ready > late ? ready - late : 0;
	}
	while (n) {
		u32 c = pump_min(n, pump_min(p->frames - at, s->frames - s->pos));

		if (ready) {
			c = pump_min(c, ready);
			pump_to_ring(p, p->tx + at * p->stride + lane,
				     s->buf + s->pos * p->width, c);
			ready -= c;
		} else {
			pump_silence_ring(p, lane, at, c);
		}
		at += c;
		if (at == p->frames)
			at = 0;
		s->pos += c;
		if (s->pos == s->frames)
			s->pos = 0;
		n -= c;
	}
	return pump_count(s, p->out.step);
}

/**
 * pump_quiet() - put silence where a line has no playback stream
 * @p: rings, after pump_step()
 * @lane: place of the line's sample in a frame, bytes
 */
void pump_quiet(const struct pump *p, u32 lane)
{
	u32 n;
	u32 at = pump_fill_from(p, &n);

	pump_silence_ring(p, lane, at, n);
}

/**
 * pump_hush() - what lies in the transmit ring and was not played yet is not to be heard
 * @p: rings
 * @lane: place of the line's sample in a frame, bytes
 * @tx: the card's position now
 */
void pump_hush(const struct pump *p, u32 lane, u32 tx)
{
	if (tx < p->frames)
		pump_silence_ring(p, lane, tx, pump_ahead(p, tx));
}

/**
 * pump_ahead() - how much lies in the transmit ring and was not played yet
 * @p: rings
 * @tx: the card's position now
 *
 * Return: frames.
 */
u32 pump_ahead(const struct pump *p, u32 tx)
{
	u32 gone = pump_distance(p->out.at, tx, p->frames);

	return gone < p->lead ? p->lead - gone : 0;
}

/**
 * pump_behind() - how much lies in the receive ring and was not copied yet
 * @p: rings
 * @rx: the card's position now
 *
 * Return: frames.
 */
u32 pump_behind(const struct pump *p, u32 rx)
{
	return pump_distance(p->in.at, rx, p->frames);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sequence diagram: lifelines from left to right, time downwards. Black on white, no scripts, no
 * style sheets: it prints, and shows in anything that knows SVG. The full text of each step is its
 * title, which viewers show when the pointer rests on it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sequence.h"

/* Pixels. Letters of a monospaced font are 0.6 of its size wide */
#define NAME_SIZE	11
#define ARGS_SIZE	9
#define NAME_LETTER	6.6
#define ARGS_LETTER	5.4
#define MARGIN		16
#define TIMES		132		/* numbers and times, at the left */
#define SPACING_MIN	200
#define SPACING_MAX	280
#define HEAD		24		/* boxes with the names of lifelines */
#define ROW		34
#define LOOP_WIDTH	26		/* arrows that end where they begin */
#define LOOP_HEIGHT	12
#define GAP		16		/* drawn where nothing happens for long */
#define GAP_MS		250.0
#define PAD		10

/**
 * struct drawing - what is where
 * @x: of each lifeline
 * @right: edge of the drawing
 */
struct drawing {
	const struct sequence *sequence;
	FILE *to;
	double x[LIFELINES_MAX];
	double spacing, right, bottom;
};

/* ---- text ---- */

static size_t letters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

/* Not every character that UTF-8 can carry may stand in XML */
static bool forbidden(const unsigned char *at)
{
	return (at[0] < 0x20 && at[0] != '\t' && at[0] != '\n') ||
	       (at[0] == 0xef && at[1] == 0xbf && (at[2] == 0xbe || at[2] == 0xbf));
}

static void put_letter(FILE *to, const char *at, size_t size)
{
	if (forbidden((const unsigned char *)at))
		fputs("?", to);
	else if (*at == '&')
		fputs("&amp;", to);
	else if (*at == '<')
		fputs("&lt;", to);
	else if (*at == '>')
		fputs("&gt;", to);
	else if (*at == '"')
		fputs("&quot;", to);
	else
		fwrite(at, 1, size, to);
}

static size_t size_of_letter(const char *at)
{
	size_t size = 1;

	while (((unsigned char)at[size] & 0xc0) == 0x80)
		size++;
	return size;
}

/* At most @most letters; the last one tells that more were there */
static void put_text(FILE *to, const char *text, size_t most)
{
	bool cut = letters(text) > most;
	size_t left = cut && most ? most - 1 : most, size;

	for (; *text && left; text += size, left--) {
		size = size_of_letter(text);
		put_letter(to, text, size);
	}
	if (cut && most)
		fputs("\xe2\x80\xa6", to);
}

static void label(const struct drawing *d, double x, double y, int size, const char *anchor,
		  const char *text, double room)
{
	double letter = size == NAME_SIZE ? NAME_LETTER : ARGS_LETTER;

	if (!*text || room < letter)
		return;
	fprintf(d->to, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\" text-anchor=\"%s\">", x, y,
		size, anchor);
	put_text(d->to, text, (size_t)(room / letter));
	fputs("</text>\n", d->to);
}

/* ---- places ---- */

/* Wide enough for most names between two neighbours, within reason */
static double spacing_for(const struct sequence *sequence)
{
	double spacing = SPACING_MIN, wanted;

	for (size_t i = 0; i < sequence->count; i++) {
		const struct step *step = &sequence->steps[i];

		wanted = (double)letters(step->name) * NAME_LETTER + 2 * PAD;
		if (step->from == step->to)
			wanted += LOOP_WIDTH;
		if (wanted > spacing)
			spacing = wanted;
	}
	return spacing < SPACING_MAX ? spacing : SPACING_MAX;
}

static bool after_gap(const struct sequence *sequence, size_t i)
{
	return i && sequence_ms(sequence, &sequence->steps[i]) -
		    sequence_ms(sequence, &sequence->steps[i - 1]) >= GAP_MS;
}

static void place(struct drawing *d)
{
	const struct sequence *sequence = d->sequence;
	double at = MARGIN + TIMES;

	d->spacing = spacing_for(sequence);
	at += d->spacing / 2;
	for (unsigned int i = 0; i < sequence->lifelines_count; i++) {
		d->x[i] = at;
		if (sequence->lifelines[i])
			at += d->spacing;
	}
	d->right = at - d->spacing / 2 + MARGIN;
	/* a loop of the last lifeline needs room beside it */
	for (size_t i = 0; i < sequence->count; i++) {
		const struct step *step = &sequence->steps[i];

		if (step->from == step->to && d->x[step->from] + d->spacing + MARGIN > d->right)
			d->right = d->x[step->from] + d->spacing + MARGIN;
	}
	d->bottom = MARGIN + HEAD + ROW;
	for (size_t i = 0; i < sequence->count; i++)
		d->bottom += ROW + (after_gap(sequence, i) ? GAP : 0);
}

/* ---- parts ---- */

static void draw_heads(const struct drawing *d, double y)
{
	const struct sequence *sequence = d->sequence;
	double width = d->spacing - 4 * PAD;

	for (unsigned int i = 0; i < sequence->lifelines_count; i++) {
		if (!sequence->lifelines[i])
			continue;
		fprintf(d->to, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" "
			"fill=\"white\" stroke=\"black\"/>\n", d->x[i] - width / 2, y, width, HEAD);
		label(d, d->x[i], y + HEAD - 8, NAME_SIZE, "middle", sequence->lifelines[i],
		      width);
	}
}

static void draw_lifelines(const struct drawing *d)
{
	for (unsigned int i = 0; i < d->sequence->lifelines_count; i++) {
		if (d->sequence->lifelines[i])
			fprintf(d->to, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\" "
				"stroke=\"#777\" stroke-dasharray=\"4 3\"/>\n", d->x[i],
				MARGIN + HEAD, d->x[i], d->bottom);
	}
}

static void draw_loop(const struct drawing *d, const struct step *step, double y, const char *args)
{
	double x = d->x[step->from], text = x + LOOP_WIDTH + 6;
	double room = x + d->spacing - text - PAD;

	fprintf(d->to, "<path class=\"arrow\" d=\"M%.1f %.1f h%d v%d h%d\" fill=\"none\" "
		"stroke=\"black\" marker-end=\"url(#head)\"/>\n", x, y - LOOP_HEIGHT, LOOP_WIDTH,
		LOOP_HEIGHT, -(LOOP_WIDTH - 1));
	label(d, text, y - 4, NAME_SIZE, "start", step->name, room);
	label(d, text, y + ARGS_SIZE, ARGS_SIZE, "start", args, room);
}

static void draw_arrow(const struct drawing *d, const struct step *step, double y,
		       const char *args)
{
	double from = d->x[step->from], to = d->x[step->to];
	double middle = (from + to) / 2, room = (from < to ? to - from : from - to) - PAD;

	fprintf(d->to, "<line class=\"arrow\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
		"stroke=\"black\" marker-end=\"url(#head)\"/>\n", from, y,
		from < to ? to - 1 : to + 1, y);
	label(d, middle, y - 4, NAME_SIZE, "middle", step->name, room);
	label(d, middle, y + ARGS_SIZE + 2, ARGS_SIZE, "middle", args, room);
}

static void draw_step(const struct drawing *d, const struct step *step, double y)
{
	const struct sequence *sequence = d->sequence;
	char *args = sequence_args(step), time[48];

	snprintf(time, sizeof(time), "%zu. %.3f ms", step->number, sequence_ms(sequence, step));
	fprintf(d->to, "<g><title>%s ", time);
	put_text(d->to, sequence->lifelines[step->from], SIZE_MAX);
	fputs(" to ", d->to);
	put_text(d->to, sequence->lifelines[step->to], SIZE_MAX);
	fputs(": ", d->to);
	put_text(d->to, step->name, SIZE_MAX);
	fputs(" ", d->to);
	put_text(d->to, step->args, SIZE_MAX);
	fputs("</title>\n", d->to);
	snprintf(time, sizeof(time), "%zu", step->number);
	label(d, MARGIN + 40, y + 3, ARGS_SIZE, "end", time, TIMES);
	snprintf(time, sizeof(time), "%.3f", sequence_ms(sequence, step));
	label(d, MARGIN + TIMES - 16, y + 3, ARGS_SIZE, "end", time, TIMES);
	if (step->from == step->to)
		draw_loop(d, step, y, args ? args : "");
	else
		draw_arrow(d, step, y, args ? args : "");
	fputs("</g>\n", d->to);
	free(args);
}

static void draw_gap(const struct drawing *d, double y)
{
	fprintf(d->to, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#777\" "
		"stroke-dasharray=\"1 5\"/>\n", MARGIN, y, d->right - MARGIN, y);
}

static void draw_steps(const struct drawing *d)
{
	double y = MARGIN + HEAD + ROW;

	for (size_t i = 0; i < d->sequence->count; i++) {
		if (after_gap(d->sequence, i)) {
			draw_gap(d, y - ROW / 2.0 + GAP / 2.0);
			y += GAP;
		}
		draw_step(d, &d->sequence->steps[i], y);
		y += ROW;
	}
}

void svg_write(const struct sequence *sequence, FILE *to)
{
	struct drawing d = { .sequence = sequence, .to = to };
	double height;

	place(&d);
	height = d.bottom + HEAD + MARGIN;
	fprintf(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\" font-family=\"monospace\">\n"
		"<title>%zu steps</title>\n"
		"<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
		"markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">"
		"<path d=\"M0 0 L8 4 L0 8 z\"/></marker></defs>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		d.right, height, d.right, height, sequence->count);
	label(&d, MARGIN + 40, MARGIN + HEAD - 8, ARGS_SIZE, "end", "step", TIMES);
	label(&d, MARGIN + TIMES - 16, MARGIN + HEAD - 8, ARGS_SIZE, "end", "ms", TIMES);
	draw_lifelines(&d);
	draw_heads(&d, MARGIN);
	draw_heads(&d, d.bottom);
	draw_steps(&d);
	fputs("</svg>\n", to);
}

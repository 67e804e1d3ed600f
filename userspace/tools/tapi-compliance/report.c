/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: text, TAP and JSON. */
#include <stdlib.h>
#include <string.h>

#include <tapi_config.h>

#include "report.h"

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[VERDICTS] = {
		[OK] = "OK", [PRESUMED] = "PRESUMED", [NOT_SUPPORTED] = "NOT SUPPORTED",
		[REFUSED] = "REFUSED", [FAIL] = "FAIL",
	};

	return names[verdict];
}

void report_init(struct report *r, enum report_format format, FILE *out,
		 const struct expected *known)
{
	*r = (struct report){ .format = format, .out = out, .known = known };
	if (format == REPORT_TAP)
		fputs("TAP version 13\n", out);
	else if (format == REPORT_TEXT)
		fprintf(out, "tapi-compliance %s\n", TAPI_VERSION);
}

void report_line(struct report *r, const char *device, const char *text)
{
	const char *at = text, *end;

	r->group[0] = '\0';
	if (r->format == REPORT_JSON)
		return;
	fprintf(r->out, "%s%s\n", r->format == REPORT_TAP ? "# " : "\n", device);
	for (; *at; at = *end ? end + 1 : end) {
		end = strchrnul(at, '\n');
		fprintf(r->out, "%s%.*s\n", r->format == REPORT_TAP ? "#   " : "\t",
			(int)(end - at), at);
	}
}

static void text_result(struct report *r, const struct result *result)
{
	size_t len = strcspn(result->test, "/");

	if (len >= sizeof(r->group))
		len = sizeof(r->group) - 1;
	if (strncmp(r->group, result->test, len) || r->group[len]) {
		memcpy(r->group, result->test, len);
		r->group[len] = '\0';
		fprintf(r->out, "\n%s:\n", r->group);
	}
	fprintf(r->out, "\t%s: %s", result->test, verdict_name(result->verdict));
	if (result->expected)
		fprintf(r->out, "%s: %s", result->verdict == FAIL ? " (expected)" :
			", but a failure was expected", result->expected);
	fputc('\n', r->out);
	if (*result->reason)
		fprintf(r->out, "\t\t%s\n", result->reason);
	fprintf(r->out, "\t\t%s: %s\n", result->rule, result->wants);
}

static void tap_result(struct report *r, const struct result *result)
{
	fprintf(r->out, "%sok %zu - %s: %s", result->verdict == FAIL ? "not " : "", r->count,
		result->device, result->test);
	if (result->expected)
		fprintf(r->out, " # TODO %s", result->expected);
	else if (result->verdict != OK && result->verdict != FAIL)
		fprintf(r->out, " # SKIP %s", verdict_name(result->verdict));
	fputc('\n', r->out);
	if (*result->reason)
		fprintf(r->out, "# %s\n", result->reason);
	fprintf(r->out, "# %s: %s\n", result->rule, result->wants);
}

static char *copy(const char *text)
{
	char *made = strdup(text ? text : "");

	if (!made)
		abort();
	return made;
}

void report_result(struct report *r, const struct result *result)
{
	struct result *made;

	if (r->count == r->room) {
		r->room = r->room ? 2 * r->room : 64;
		r->results = reallocarray(r->results, r->room, sizeof(*r->results));
		if (!r->results)
			abort();
	}
	made = &r->results[r->count++];
	*made = *result;
	made->device = copy(result->device);
	made->test = copy(result->test);
	made->reason = copy(result->reason);
	/* What was not tried is no surprise */
	made->expected = NULL;
	if (made->verdict == FAIL || made->verdict == OK || made->verdict == PRESUMED)
		made->expected = r->known ? expected_reason(r->known, made->test) : NULL;
	r->tally[made->verdict]++;
	if (made->expected && made->verdict == FAIL)
		r->expected++;
	else if (made->expected)
		r->surprises++;
	if (r->format == REPORT_TEXT)
		text_result(r, made);
	else if (r->format == REPORT_TAP)
		tap_result(r, made);
	fflush(r->out);
}

static void text_end(struct report *r, bool interrupted)
{
	fprintf(r->out, "\nTotal %zu:", r->count);
	for (int v = 0; v < VERDICTS; v++)
		fprintf(r->out, "%s %s %u", v ? "," : "", verdict_name(v), r->tally[v]);
	if (r->expected)
		fprintf(r->out, " (%u expected)", r->expected);
	fputc('\n', r->out);
	if (r->surprises)
		fprintf(r->out, "%u that were expected to fail did not: change the list\n",
			r->surprises);
	for (size_t i = 0; i < r->count; i++)
		if (r->results[i].verdict == FAIL && !r->results[i].expected)
			fprintf(r->out, "FAIL %s %s: %s\n", r->results[i].device,
				r->results[i].test, r->results[i].reason);
	if (interrupted)
		fputs("Interrupted: the rest was not tested\n", r->out);
}

static void json_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if ((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f)
			fprintf(out, "\\u%04x", (unsigned char)*text);
		else
			fputc(*text, out);
	}
	fputc('"', out);
}

static void json_member(FILE *out, const char *name, const char *value, const char *after)
{
	fprintf(out, "\"%s\": ", name);
	json_string(out, value);
	fputs(after, out);
}

static void json_result(FILE *out, const struct result *result)
{
	fputs("\n    { ", out);
	json_member(out, "device", result->device, ", ");
	json_member(out, "test", result->test, ", ");
	json_member(out, "verdict", verdict_name(result->verdict), ", ");
	json_member(out, "reason", result->reason, ", ");
	json_member(out, "rule", result->rule, ", ");
	json_member(out, "wants", result->wants, "");
	if (result->expected) {
		fputs(", ", out);
		json_member(out, "expected", result->expected, "");
	}
	fputs(" }", out);
}

static void json_end(struct report *r, enum report_status status, bool interrupted)
{
	fputs("{\n  ", r->out);
	json_member(r->out, "program", "tapi-compliance", ",\n  ");
	json_member(r->out, "version", TAPI_VERSION, ",\n  \"results\": [");
	for (size_t i = 0; i < r->count; i++) {
		fputs(i ? "," : "", r->out);
		json_result(r->out, &r->results[i]);
	}
	fputs(r->count ? "\n  ],\n" : "],\n", r->out);
	fprintf(r->out, "  \"summary\": { \"total\": %zu", r->count);
	for (int v = 0; v < VERDICTS; v++)
		fprintf(r->out, ", \"%s\": %u", verdict_name(v), r->tally[v]);
	fprintf(r->out, ", \"expected\": %u, \"surprises\": %u, \"interrupted\": %s, "
		"\"status\": %d }\n}\n", r->expected, r->surprises,
		interrupted ? "true" : "false", status);
}

enum report_status report_end(struct report *r, bool interrupted)
{
	enum report_status status = REPORT_GOOD;

	if (r->tally[FAIL] > r->expected)
		status = REPORT_FAILED;
	else if (!r->tally[OK] && !r->tally[PRESUMED] && !r->tally[FAIL])
		status = REPORT_NOTHING;
	if (r->format == REPORT_TEXT)
		text_end(r, interrupted);
	else if (r->format == REPORT_JSON)
		json_end(r, status, interrupted);
	else if (interrupted)
		fputs("Bail out! Interrupted\n", r->out);
	else
		fprintf(r->out, "1..%zu\n", r->count);
	/* what nobody can read proves nothing */
	if (fflush(r->out) || ferror(r->out))
		status = REPORT_FAILED;
	return status;
}

void report_free(struct report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->results[i].device);
		free(r->results[i].test);
		free(r->results[i].reason);
	}
	free(r->results);
	r->results = NULL;
	r->count = r->room = 0;
}

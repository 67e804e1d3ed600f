/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: from a test to its verdict. */
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>

#include "runner.h"

const struct group *const groups[] = {
	&caps_group, &input_group, &events_group, &claim_group, &hook_group, &ring_group,
	&feed_group, &tone_group, &dial_group, &param_group, &meter_group, &pcm_group,
	&access_group, &relay_group, &peer_group, &sound_group, &level_group,
};

const size_t group_count = sizeof(groups) / sizeof(groups[0]);

/* Where a line that cannot be tested at all is told */
static const struct test may_be_tested = {
	"line/free", LINE_PAGE "Claiming", "a line that is in use is left alone", 0, 0, 0, 0, NULL,
};

enum verdict verdict(struct run *r, enum verdict v, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->reason, sizeof(r->reason), format, args);
	va_end(args);
	return v;
}

const char *error_name(int err)
{
	const char *name = err ? strerrorname_np(-err) : "success";

	return name ? name : "an unknown error";
}

bool test_exists(const char *pattern)
{
	for (size_t g = 0; g < group_count; g++)
		for (size_t i = 0; i < groups[g]->count; i++)
			if (!fnmatch(pattern, groups[g]->tests[i].name, 0))
				return true;
	return !fnmatch(pattern, may_be_tested.name, 0);
}

void list_tests(FILE *out)
{
	for (size_t g = 0; g < group_count; g++)
		for (size_t i = 0; i < groups[g]->count; i++)
			fprintf(out, "%-24s %s: %s\n", groups[g]->tests[i].name,
				groups[g]->tests[i].rule, groups[g]->tests[i].wants);
}

static void tell(struct report *report, struct run *r, const struct test *test, enum verdict v)
{
	struct result result = {
		.device = r->line.path, .test = (char *)test->name, .reason = r->reason,
		.rule = test->rule, .wants = test->wants, .verdict = v,
	};

	report_result(report, &result);
}

/* A line that others have is none of ours: the negative errno that says so, or 0 */
static int may_use(struct run *r, struct line *line)
{
	struct tapi_line_state state;
	int err = line_open(line, O_RDWR);

	if (!err)
		err = LINE_IOCTL(line->fd, TAPI_LINE_G_CAPS, &line->caps);
	if (!err)
		err = LINE_IOCTL(line->fd, TAPI_LINE_G_STATE, &state);
	if (err) {
		verdict(r, REFUSED, "%s: %s", line->path, error_name(err));
	} else if (state.flags) {
		err = -EBUSY;
		verdict(r, REFUSED, "%s is %s", line->path,
			state.flags & TAPI_LINE_ST_LINGER ? "kept for a service that restarts" :
			state.flags & TAPI_LINE_ST_CLAIMED ? "claimed by somebody else" :
			"bound to a provider");
	}
	line_close(line);
	return err;
}

static void describe(struct report *report, const struct run *r)
{
	const struct tapi_line_caps *caps = &r->line.caps;
	char text[1024], names[256];

	snprintf(text, sizeof(text),
		 "driver %.16s, card %.32s (%.32s)\nline %u of card %u, %s, %.16s\ncan: %s%s%s",
		 caps->driver, caps->card_name, caps->bus_info, caps->line, caps->card,
		 caps->type == TAPI_LINE_FXS ? "FXS" : "FXO", caps->line_name,
		 caps_text(caps->caps, names, sizeof(names)),
		 r->peer.path[0] ? "\nother end of the cable: " : "", r->peer.path);
	report_line(report, r->line.path, text);
}

/* What the ends lack for this test */
static uint64_t missing_caps(const struct run *r, const struct test *test, bool *own)
{
	const struct line *peer = r->line.caps.type == TAPI_LINE_FXS ? r->fxo : r->fxs;
	uint64_t mine = test->caps, others, missing;

	mine |= r->line.caps.type == TAPI_LINE_FXS ? test->fxs : test->fxo;
	others = r->line.caps.type == TAPI_LINE_FXS ? test->fxo : test->fxs;
	missing = mine & ~r->line.caps.caps;
	*own = missing;
	if (!missing && peer)
		missing = others & ~peer->caps.caps;
	return missing;
}

/* Hung up, silent and fed, as a line that nobody uses */
static int settle(struct run *r, const struct line *line)
{
	int err = state_await(line, (struct state_want){ TAPI_LINE_ON_HOOK, 0, -1 }, HANGUP_MS);

	if (err == -ETIME)
		verdict(r, REFUSED, "%s is off hook, or somebody rings", line->path);
	return err;
}

static enum verdict enter_line(struct run *r, struct line *line, bool claim)
{
	int err = settle(r, line);

	if (err == -ETIME)
		return REFUSED;
	if (!err)
		err = line_open(line, O_RDWR);
	if (!err && claim)
		err = line_claim(line);
	if (err == -EBUSY || err == -EACCES || err == -EPERM)
		return verdict(r, REFUSED, "%s: %s", line->path, error_name(err));
	return err ? verdict(r, FAIL, "%s: %s", line->path, error_name(err)) : OK;
}

static enum verdict unsupported(struct run *r, uint64_t missing, bool own)
{
	char names[256];
	int bad;

	if (own) {
		bad = enter_line(r, &r->line, true);
		if (bad)
			return bad;
		if (caps_refused(r, missing))
			return FAIL;
	}
	return verdict(r, NOT_SUPPORTED, "%s has no %s", own ? "the line" : "the other end",
		       caps_text(missing, names, sizeof(names)));
}

static enum verdict run_entered(struct run *r, const struct test *test)
{
	enum verdict v = OK;

	if (test->needs & T_PEER)
		v = enter_line(r, &r->peer, true);
	if (v == OK)
		v = enter_line(r, &r->line, test->needs & (T_CLAIM | T_PEER));
	return v == OK ? test->run(r) : v;
}

static bool exists(const struct line *line)
{
	int fd = line_again(line, O_RDONLY);
	struct line file = { .fd = fd };

	line_close(&file);
	return fd >= 0;
}

static void run_test(struct report *report, struct run *r, const struct test *test)
{
	bool own, gone;
	uint64_t missing = missing_caps(r, test, &own);
	enum verdict v;

	r->reason[0] = '\0';
	if (missing)
		v = unsupported(r, missing, own);
	else if (test->needs & T_PEER && !r->peer.path[0])
		v = verdict(r, PRESUMED, "needs the other end of the line: --peer");
	else
		v = run_entered(r, test);
	gone = line_gone(&r->line);
	line_tidy(&r->line);
	line_tidy(&r->peer);
	if (stop_signal)
		return;
	if (gone || !exists(&r->line))
		v = verdict(r, FAIL, "the line has gone");
	tell(report, r, test, v);
}

static bool prepare(struct report *report, struct run *r)
{
	if (may_use(r, &r->line)) {
		tell(report, r, &may_be_tested, REFUSED);
		return false;
	}
	if (r->peer.path[0]) {
		if (may_use(r, &r->peer)) {
			tell(report, r, &may_be_tested, REFUSED);
			return false;
		}
		if (r->peer.caps.type == r->line.caps.type) {
			verdict(r, REFUSED, "%s is a line of the same kind: no cable joins them",
				r->peer.path);
			tell(report, r, &may_be_tested, REFUSED);
			return false;
		}
		r->fxs = r->line.caps.type == TAPI_LINE_FXS ? &r->line : &r->peer;
		r->fxo = r->line.caps.type == TAPI_LINE_FXS ? &r->peer : &r->line;
	}
	describe(report, r);
	return true;
}

void run_line(struct report *report, const char *path, const struct options *options)
{
	struct run r = { .line.fd = -1, .peer.fd = -1, .tolerance_ms = options->tolerance_ms };

	snprintf(r.line.path, sizeof(r.line.path), "%s", path);
	snprintf(r.peer.path, sizeof(r.peer.path), "%s", options->peer ? options->peer : "");
	if (!prepare(report, &r))
		return;
	for (size_t g = 0; g < group_count; g++) {
		for (size_t i = 0; i < groups[g]->count; i++) {
			const struct test *test = &groups[g]->tests[i];

			if (options->only && fnmatch(options->only, test->name, 0))
				continue;
			run_test(report, &r, test);
			if (stop_signal || !exists(&r.line))
				return;
		}
	}
}

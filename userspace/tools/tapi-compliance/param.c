/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapi-compliance: parameters. Whatever is changed is put back. */
#include <stdio.h>

#include "test.h"

#define PARAMS_MAX 256

struct params {
	struct tapi_line_param at[PARAMS_MAX];
	size_t count;
};

static enum verdict enumerate(struct run *r, struct params *p)
{
	struct tapi_line_param q = { 0 };
	int err;

	for (p->count = 0; p->count < PARAMS_MAX; p->count++) {
		uint32_t id = q.id;

		q = (struct tapi_line_param){ .id = id, .flags = TAPI_LINE_PARAM_NEXT };
		err = LINE_IOCTL(r->line.fd, TAPI_LINE_Q_PARAM, &q);
		if (err == -EINVAL)
			return OK;
		CHECK(!err, "Q_PARAM after %#x: %s", id, error_name(err));
		CHECK(q.id > id, "%#x comes after %#x", q.id, id);
		p->at[p->count] = q;
	}
	return verdict(r, FAIL, "it does not end");
}

static enum verdict list(struct run *r)
{
	struct params p;
	enum verdict v = enumerate(r, &p);

	for (size_t i = 0; i < p.count && v == OK; i++) {
		const struct tapi_line_param *q = &p.at[i];
		struct tapi_line_param again = { .id = q->id };

		CHECK(strnlen(q->name, sizeof(q->name)) < sizeof(q->name) && q->name[0],
		      "%#x has no name", q->id);
		CHECK(!(q->flags & ~TAPI_LINE_PARAM_RO), "%s: flags %#x", q->name, q->flags);
		CHECK(q->step > 0 && q->min <= q->def && q->def <= q->max,
		      "%s: %lld to %lld step %lld, default %lld", q->name, (long long)q->min,
		      (long long)q->max, (long long)q->step, (long long)q->def);
		CHECK(q->value >= q->min && q->value <= q->max, "%s is %lld", q->name,
		      (long long)q->value);
		CHECK(!q->reserved[0] && !q->reserved[1] && !q->reserved[2] && !q->reserved[3],
		      "%s: reserved is not zero", q->name);
		CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_Q_PARAM, &again), "Q_PARAM by id");
		CHECK(!memcmp(q, &again, sizeof(again)), "%s: by id it is another", q->name);
		again = (struct tapi_line_param){ .id = q->id };
		CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_PARAM, &again), "G_PARAM");
		CHECK(again.value == q->value, "%s: G_PARAM %lld, Q_PARAM %lld", q->name,
		      (long long)again.value, (long long)q->value);
	}
	return v;
}

static bool has(const struct params *p, uint32_t id)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].id == id)
			return true;
	return false;
}

static enum verdict core(struct run *r)
{
	const struct tapi_line_caps *c = &r->line.caps;
	struct params p;
	enum verdict v = enumerate(r, &p);

	if (v != OK)
		return v;
	if (c->type == TAPI_LINE_FXS)
		CHECK(has(&p, TAPI_LINE_PARAM_DEBOUNCE) && has(&p, TAPI_LINE_PARAM_PULSE_MAX) &&
		      has(&p, TAPI_LINE_PARAM_FLASH_MAX), "no DEBOUNCE, PULSE_MAX or FLASH_MAX");
	else
		CHECK(has(&p, TAPI_LINE_PARAM_RING_DEBOUNCE) && has(&p, TAPI_LINE_PARAM_LOOP_DROP),
		      "no RING_DEBOUNCE or LOOP_DROP");
	CHECK(!(c->caps & TAPI_LINE_CAP_FLASH) || has(&p, TAPI_LINE_PARAM_FLASH), "no FLASH");
	CHECK(!(c->caps & TAPI_LINE_CAP_PCM) || has(&p, TAPI_LINE_PARAM_LAW), "no LAW");
	return OK;
}

static int set(const struct line *line, uint32_t id, int64_t value)
{
	struct tapi_line_param p = { .id = id, .value = value };

	return LINE_IOCTL(line->fd, TAPI_LINE_S_PARAM, &p);
}

static enum verdict set_and_get(struct run *r, const struct tapi_line_param *q, int64_t value)
{
	struct tapi_line_param got = { .id = q->id };
	int err = set(&r->line, q->id, value);

	CHECK(!err, "%s = %lld: %s", q->name, (long long)value, error_name(err));
	CHECK_OK(LINE_IOCTL(r->line.fd, TAPI_LINE_G_PARAM, &got), "G_PARAM");
	CHECK(got.value == value, "%s was set to %lld and is %lld", q->name, (long long)value,
	      (long long)got.value);
	return OK;
}

static enum verdict set_one(struct run *r, const struct tapi_line_param *q)
{
	int64_t top = q->min + (q->max - q->min) / q->step * q->step;
	enum verdict v = set_and_get(r, q, q->min);
	char reason[sizeof(r->reason)];

	v = v == OK ? set_and_get(r, q, top) : v;
	v = v == OK ? set_and_get(r, q, q->def) : v;
	memcpy(reason, r->reason, sizeof(reason));
	if (set_and_get(r, q, q->value) != OK && v == OK)
		return FAIL;
	memcpy(r->reason, reason, sizeof(reason));
	return v;
}

static enum verdict setting(struct run *r)
{
	struct params p;
	enum verdict v = enumerate(r, &p);

	for (size_t i = 0; i < p.count && v == OK; i++)
		if (!(p.at[i].flags & TAPI_LINE_PARAM_RO))
			v = set_one(r, &p.at[i]);
	return v;
}

static enum verdict out_of_range(struct run *r)
{
	struct params p;
	enum verdict v = enumerate(r, &p);

	for (size_t i = 0; i < p.count && v == OK; i++) {
		const struct tapi_line_param *q = &p.at[i];
		int err = 0;

		if (q->min > INT64_MIN)
			err = set(&r->line, q->id, q->min - 1);
		else
			err = -EINVAL;
		CHECK(err == -EINVAL, "%s below its range: %s", q->name, error_name(err));
		err = q->max < INT64_MAX ? set(&r->line, q->id, q->max + 1) : -EINVAL;
		CHECK(err == -EINVAL, "%s above its range: %s", q->name, error_name(err));
		if (q->step > 1 && q->min < q->max) {
			err = set(&r->line, q->id, q->min + 1);
			CHECK(err == -EINVAL, "%s between steps: %s", q->name, error_name(err));
		}
	}
	CHECK_ERR(set(&r->line, 0, 0), EINVAL, "id 0");
	CHECK_ERR(set(&r->line, 0x7fffffff, 0), EINVAL, "an unknown id");
	return v;
}

static enum verdict read_only(struct run *r)
{
	struct params p;
	enum verdict v = enumerate(r, &p);

	for (size_t i = 0; i < p.count && v == OK; i++) {
		int err = -EOPNOTSUPP;

		if (p.at[i].flags & TAPI_LINE_PARAM_RO)
			err = set(&r->line, p.at[i].id, p.at[i].value);
		CHECK(err == -EOPNOTSUPP, "%s: %s, not EOPNOTSUPP", p.at[i].name, error_name(err));
	}
	return v;
}

#define RULE LINE_PAGE "Parameters"

static const struct test tests[] = {
	{ "param/list", RULE, "Q_PARAM tells range, step, default, name; NEXT one after the other",
	  .run = list },
	{ "param/core", RULE, "those that every line of its kind has", .run = core },
	{ "param/set", RULE, "S_PARAM takes least, greatest, and default value", T_CLAIM,
	  .run = setting },
	{ "param/range", RULE, "values out of range or between steps are EINVAL", T_CLAIM,
	  .run = out_of_range },
	{ "param/read-only", RULE, "what is read only cannot be set: EOPNOTSUPP", T_CLAIM,
	  .run = read_only },
};

GROUP(param_group, tests);

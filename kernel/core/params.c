// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parameters of a line: those the core keeps and those its driver knows.
 *
 * A line has one list, ordered by id.  A driver that names one of the core's
 * ids takes it over.  Values change under line->lock and are read anywhere.
 */
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "core.h"
#include "trace.h"

/**
 * struct tapi_param - a parameter of a line
 * @desc: what it is; its name is the line's own copy when the driver gave it
 * @driver: the driver has to be told
 * @value: its value
 */
struct tapi_param {
	struct tapi_param_desc desc;
	bool driver;
	s64 value;
};

struct param_core {
	u32 type;		/* of line, 0 for both */
	u64 cap;		/* what the line must be able to do, 0 for nothing */
	struct tapi_param_desc desc;
};

/*
 * Breaks: a dial of 10 pulses a second makes them 50 to 70 ms long, one of 8
 * up to 90 ms; flash keys go from 80 ms (Germany) to 800 ms (USA).
 */
static const struct param_core param_core[] = {
	{ TAPI_LINE_FXS, 0, { TAPI_LINE_PARAM_DEBOUNCE, 0, 0, 200, 1, 10, "hook debounce ms" } },
	{ TAPI_LINE_FXS, 0, { TAPI_LINE_PARAM_PULSE_MAX, 0, 20, 300, 1, 120, "pulse max ms" } },
	{ TAPI_LINE_FXS, 0, { TAPI_LINE_PARAM_FLASH_MAX, 0, 20, 2000, 1, 900, "flash max ms" } },
	{ 0, TAPI_LINE_CAP_FLASH,
	  { TAPI_LINE_PARAM_FLASH, 0, 20, 2000, 1, TAPI_SEQ_FLASH_MS, "flash ms" } },
	{ TAPI_LINE_FXO, 0,
	  { TAPI_LINE_PARAM_RING_DEBOUNCE, 0, 0, 500, 1, 0, "ring debounce ms" } },
	{ TAPI_LINE_FXO, 0, { TAPI_LINE_PARAM_LOOP_DROP, 0, 10, 2000, 1, 150, "loop drop ms" } },
	{ 0, TAPI_LINE_CAP_PCM, { TAPI_LINE_PARAM_LAW, TAPI_LINE_PARAM_RO, 0, 1, 1, 0, "law" } },
};

static bool param_desc_ok(const struct tapi_param_desc *d)
{
	return d->id && d->step > 0 && d->min <= d->def && d->def <= d->max && d->name;
}

static struct tapi_param *param_find(const struct tapi_line *line, u32 id)
{
	unsigned int i;

	for (i = 0; i < line->num_params; i++)
		if (line->params[i].desc.id == id)
			return &line->params[i];
	return NULL;
}

static struct tapi_param *param_next(const struct tapi_line *line, u32 id)
{
	unsigned int i;

	for (i = 0; i < line->num_params; i++)
		if (line->params[i].desc.id > id)
			return &line->params[i];
	return NULL;
}

static int param_add(struct tapi_line *line, const struct tapi_param_desc *desc, bool driver)
{
	struct tapi_param *p = &line->params[line->num_params];

	p->desc = *desc;
	p->driver = driver;
	p->value = desc->def;
	if (driver) {
		p->desc.name = kstrdup(desc->name, GFP_KERNEL);
		if (!p->desc.name)
			return -ENOMEM;
	}
	line->num_params++;
	return 0;
}

static int param_cmp(const void *a, const void *b)
{
	u32 x = ((const struct tapi_param *)a)->desc.id;
	u32 y = ((const struct tapi_param *)b)->desc.id;

	return x < y ? -1 : x > y;
}

static bool param_applies(const struct tapi_line *line, const struct param_core *c)
{
	return (!c->type || c->type == line->type) && (line->caps & c->cap) == c->cap &&
	       !param_find(line, c->desc.id);
}

/**
 * tapi_params_init() - make the list of a new line
 * @line: the line; type, caps and card are set
 * @desc: what the driver said
 *
 * Context: Process context.
 * Return: 0; -EINVAL a parameter of the driver makes no sense or is there twice; -ENOMEM.
 */
int tapi_params_init(struct tapi_line *line, const struct tapi_line_desc *desc)
{
	unsigned int i;
	int ret;

	line->params = tapi_alloc(params, kcalloc(desc->num_params + ARRAY_SIZE(param_core),
						  sizeof(*line->params), GFP_KERNEL));
	if (!line->params)
		return -ENOMEM;
	for (i = 0; i < desc->num_params; i++) {
		if (!param_desc_ok(&desc->params[i]) || param_find(line, desc->params[i].id))
			return -EINVAL;
		ret = param_add(line, &desc->params[i], true);
		if (ret)
			return ret;
	}
	for (i = 0; i < ARRAY_SIZE(param_core); i++) {
		if (!param_applies(line, &param_core[i]))
			continue;
		ret = param_add(line, &param_core[i].desc, false);
		if (ret)
			return ret;
		if (param_core[i].desc.id == TAPI_LINE_PARAM_LAW)
			line->params[line->num_params - 1].value =
				line->card->desc.format == TAPI_PCM_A_LAW;
	}
	sort(line->params, line->num_params, sizeof(*line->params), param_cmp, NULL);
	return 0;
}

/**
 * tapi_params_free() - free what tapi_params_init() made, also after it failed
 * @line: the line
 */
void tapi_params_free(struct tapi_line *line)
{
	unsigned int i;

	for (i = 0; i < line->num_params; i++)
		if (line->params[i].driver)
			kfree(line->params[i].desc.name);
	kfree(line->params);
	line->params = NULL;
	line->num_params = 0;
}

/**
 * tapi_params_of_driver() - does a line have parameters that its driver has to be told?
 * @line: the line
 *
 * Return: whether it does.
 */
bool tapi_params_of_driver(const struct tapi_line *line)
{
	unsigned int i;

	for (i = 0; i < line->num_params; i++)
		if (line->params[i].driver && !(line->params[i].desc.flags & TAPI_LINE_PARAM_RO))
			return true;
	return false;
}

/**
 * tapi_param_query() - describe a parameter
 * @line: the line
 * @req: id in, everything but the value out
 * @next: describe the one with the next id above
 *
 * Context: Any.
 * Return: 0; -EINVAL there is none.
 */
int tapi_param_query(struct tapi_line *line, struct tapi_line_param *req, bool next)
{
	struct tapi_param *p = next ? param_next(line, req->id) : param_find(line, req->id);

	if (!p)
		return -EINVAL;
	memset(req, 0, sizeof(*req));
	req->id = p->desc.id;
	req->flags = p->desc.flags;
	req->min = p->desc.min;
	req->max = p->desc.max;
	req->step = p->desc.step;
	req->def = p->desc.def;
	strscpy(req->name, p->desc.name, sizeof(req->name));
	return 0;
}

/**
 * tapi_param_check() - may a parameter have this value?
 * @line: the line
 * @id: the parameter
 * @value: the value
 *
 * Context: Any.
 * Return: 0; -EINVAL no such parameter, or out of its range.
 */
int tapi_param_check(struct tapi_line *line, u32 id, s64 value)
{
	struct tapi_param *p = param_find(line, id);
	u64 rest;

	if (!p || value < p->desc.min || value > p->desc.max)
		return -EINVAL;
	div64_u64_rem((u64)value - (u64)p->desc.min, p->desc.step, &rest);
	return rest ? -EINVAL : 0;
}

/**
 * tapi_param_value() - the value the core keeps
 * @line: the line
 * @id: the parameter
 * @def: what it is for a line without it
 *
 * Context: Any.
 * Return: the value.
 */
s64 tapi_param_value(const struct tapi_line *line, u32 id, s64 def)
{
	struct tapi_param *p = param_find(line, id);

	return p ? READ_ONCE(p->value) : def;
}

/**
 * tapi_param_get() - read a parameter
 * @line: the line
 * @id: the parameter
 * @value: filled in
 *
 * Context: Process context, line->lock held, may sleep.
 * Return: 0; -EINVAL no such parameter; -ENODEV the card has gone; -EIO it is asleep; what the
 * driver says.
 */
int tapi_param_get(struct tapi_line *line, u32 id, s64 *value)
{
	struct tapi_param *p = param_find(line, id);
	const struct tapi_card_ops *ops;
	int ret = 0;
	int idx;

	lockdep_assert_held(&line->lock);
	if (!p)
		return -EINVAL;
	ops = tapi_ops_get(line->card, &idx);
	if (!ops)
		return -ENODEV;
	*value = p->value;
	if (p->driver && ops->get_param && line->asleep)
		ret = -EIO;
	else if (p->driver && ops->get_param)
		ret = tapi_call(line->card, get_param, ops->get_param(line, id, value));
	tapi_ops_put(line->card, idx);
	return ret;
}

/**
 * tapi_param_set() - set a parameter
 * @line: the line
 * @id: the parameter
 * @value: its new value
 *
 * Context: Process context, line->lock held, may sleep.
 * Return: 0; -EINVAL no such parameter, or out of its range; -ENODEV the card has gone;
 * -EOPNOTSUPP it is read only; -EIO the card is asleep; what the driver says.
 */
int tapi_param_set(struct tapi_line *line, u32 id, s64 value)
{
	struct tapi_param *p = param_find(line, id);
	const struct tapi_card_ops *ops;
	int ret = tapi_param_check(line, id, value);
	int idx;

	lockdep_assert_held(&line->lock);
	if (ret)
		return ret;
	ops = tapi_ops_get(line->card, &idx);
	if (!ops)
		return -ENODEV;
	if (p->desc.flags & TAPI_LINE_PARAM_RO)
		ret = -EOPNOTSUPP;
	else if (p->driver && line->asleep)
		ret = -EIO;
	else if (p->driver)
		ret = tapi_call(line->card, set_param, ops->set_param(line, id, value));
	tapi_ops_put(line->card, idx);
	if (!ret)
		WRITE_ONCE(p->value, value);
	return ret;
}

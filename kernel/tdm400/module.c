// SPDX-License-Identifier: GPL-2.0-only
/*
 * The modules in the four sockets: which they are, setting them up side by side, and setting
 * one up again whose chip was reset.
 */
#include "tdm400.h"

/* A fault that was repaired is shown for this long, so that people can see it */
#define MODULE_FAULT_NS		(5ULL * NSEC_PER_SEC)
/* Attempts to set a module up again; the first failures may be the end of the fault itself */
#define MODULE_ATTEMPTS		10
#define MODULE_RETRY_NS		(2ULL * NSEC_PER_SEC)

static const char *found_name(const struct tdm400_port *p)
{
	if (p->kind == TDM400_FXS)
		return p->fxs.si3215 ? "FXS (Si3215)" : "FXS (Si3210)";
	return p->kind == TDM400_FXO ? "FXO (Si3050)" : "empty";
}

/* The two kinds speak differently on the same wires: asked in turn */
static void module_detect(struct tdm400_port *p)
{
	int unknown;

	p->kind = TDM400_FXS;
	unknown = si3210_detect(p);
	if (!unknown)
		return;
	p->kind = TDM400_FXO;
	tdm400_spi_resync(p);
	if (!si3050_detect(p))
		return;
	p->kind = TDM400_EMPTY;
	if (unknown == -EPROTO) {
		p->error = unknown;
		dev_err(&p->tdm->pdev->dev, "socket %u: unknown module\n", p->socket + 1);
	}
}

static int module_set_up(struct tdm400_port *p)
{
	return p->kind == TDM400_FXS ? si3210_init(p) : si3050_init(p);
}

/* At probe, before there is a line */
static void module_first(struct tdm400_port *p)
{
	p->error = module_set_up(p);
	p->down = p->error;
	p->fast = true;
}

/* A chip that was reset, by a fault of its supply or by lightning */
static void module_again(struct tdm400_port *p)
{
	struct device *dev = &p->tdm->pdev->dev;
	int ret;

	ret = module_set_up(p);
	if (!ret) {
		p->down = false;
		p->failed = 0;
		dev_info(dev, "socket %u: set up again\n", p->socket + 1);
		return;
	}
	if (!tdm400_usable(p->tdm))
		return;
	if (++p->failed < MODULE_ATTEMPTS) {
		p->retry_ns = ktime_get_ns() + MODULE_RETRY_NS;
		return;
	}
	dev_err(dev, "socket %u: module does not come up again (%d), given up\n", p->socket + 1,
		ret);
}

static void module_work(struct work_struct *work)
{
	struct tdm400_port *p = container_of(work, struct tdm400_port, work);

	mutex_lock(&p->lock);
	if (p->line)
		module_again(p);
	else
		module_first(p);
	mutex_unlock(&p->lock);
	tdm400_poll_kick(p->tdm);
}

/**
 * tdm400_modules_init() - prepare a new card's sockets
 * @tdm: the card
 */
void tdm400_modules_init(struct tdm400 *tdm)
{
	unsigned int i;

	for (i = 0; i < TDM400_SOCKETS; i++) {
		struct tdm400_port *p = &tdm->port[i];

		p->tdm = tdm;
		p->socket = i;
		mutex_init(&p->lock);
		INIT_WORK(&p->work, module_work);
	}
}

static void modules_run(struct tdm400 *tdm)
{
	unsigned int i;

	for (i = 0; i < TDM400_SOCKETS; i++)
		if (tdm->port[i].kind != TDM400_EMPTY && !tdm->port[i].error)
			queue_work(tdm400_wq, &tdm->port[i].work);
	for (i = 0; i < TDM400_SOCKETS; i++)
		flush_work(&tdm->port[i].work);
}

/**
 * tdm400_modules_probe() - find the modules and set them up, four at a time
 * @tdm: the card, before lines are registered
 *
 * Context: Process context, sleeps for seconds.
 * Return: 0; -ENODEV there is none that works, and the log says why.
 */
int tdm400_modules_probe(struct tdm400 *tdm)
{
	unsigned int i, found = 0, works = 0;
	struct device *dev = &tdm->pdev->dev;

	for (i = 0; i < TDM400_SOCKETS; i++) {
		struct tdm400_port *p = &tdm->port[i];

		module_detect(p);
		if (p->kind == TDM400_FXS)
			fxs_defaults(p);
		else if (p->kind == TDM400_FXO)
			fxo_defaults(p);
	}
	modules_run(tdm);
	for (i = 0; i < TDM400_SOCKETS; i++) {
		struct tdm400_port *p = &tdm->port[i];

		found += p->kind != TDM400_EMPTY || p->error;
		works += p->kind != TDM400_EMPTY && !p->error;
		if (p->kind != TDM400_EMPTY)
			dev_info(dev, "socket %u: %s%s\n", i + 1, found_name(p),
				 p->error ? ", broken" : "");
	}
	if (works)
		return 0;
	if (tdm400_usable(tdm))
		dev_err(dev, found ? "no module works\n" : "no module found in any socket\n");
	return -ENODEV;
}

/**
 * tdm400_modules_again() - set all modules up again, after sleep or a reset of the card
 * @tdm: the card
 *
 * Context: Process context, sleeps for a second or so.
 */
void tdm400_modules_again(struct tdm400 *tdm)
{
	unsigned int i;

	for (i = 0; i < TDM400_SOCKETS; i++) {
		struct tdm400_port *p = &tdm->port[i];

		mutex_lock(&p->lock);
		p->down = true;
		p->failed = 0;
		p->retry_ns = 0;
		mutex_unlock(&p->lock);
	}
	modules_run(tdm);
}

/**
 * tdm400_module_revive() - a chip has lost its settings: set it up again
 * @p: its socket, locked
 *
 * Context: Process context.
 */
void tdm400_module_revive(struct tdm400_port *p)
{
	u64 now_ns = ktime_get_ns();

	lockdep_assert_held(&p->lock);
	p->chip_resets++;
	p->down = true;
	tdm400_module_fault(p, TAPI_LINE_FAULT_RESET);
	if (detect_alarm(&p->alarms, now_ns)) {
		dev_err(&p->tdm->pdev->dev, "socket %u: chip was reset too often, given up\n",
			p->socket + 1);
		return;
	}
	dev_warn_ratelimited(&p->tdm->pdev->dev, "socket %u: chip was reset\n", p->socket + 1);
	queue_work(tdm400_wq, &p->work);
}

/**
 * tdm400_module_fault() - something is wrong with a line
 * @p: its socket, locked
 * @faults: TAPI_LINE_FAULT_ bits, in addition to those there are
 *
 * Context: Process context.
 */
void tdm400_module_fault(struct tdm400_port *p, u32 faults)
{
	lockdep_assert_held(&p->lock);
	p->faults |= faults;
	p->fault_ns = ktime_get_ns();
	if (p->line)
		tapi_report_fault(p->line, p->faults, ns_to_ktime(p->fault_ns));
}

/**
 * tdm400_module_faults_end() - take back a fault that was repaired a while ago
 * @p: the socket, locked, working
 * @now_ns: the time
 *
 * Context: Process context.
 */
void tdm400_module_faults_end(struct tdm400_port *p, u64 now_ns)
{
	lockdep_assert_held(&p->lock);
	if (!p->faults || p->down || now_ns < p->fault_ns + MODULE_FAULT_NS)
		return;
	p->faults = 0;
	tapi_report_fault(p->line, 0, ns_to_ktime(now_ns));
}

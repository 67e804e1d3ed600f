// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes: who may use the sound of a line, in every state that a provider's coming and going
 * leaves it in. What ends streams is counted here instead.
 */
#include <kunit/test.h>
#include <linux/delay.h>

#include "pcm.h"

struct scene {
	struct tapi_line line;
	struct pid *other;
	unsigned int cuts;
	unsigned int cuts_all;
};

static struct scene *scene;
static bool no_memory;

static void fake_cut(struct tapi_line *line, bool all)
{
	scene->cuts++;
	scene->cuts_all += all;
}

static void *fake_alloc(void *memory)
{
	if (!no_memory)
		return memory;
	kfree(memory);
	return NULL;
}

#define tapi_pcm_cut fake_cut
#undef tapi_alloc
#define tapi_alloc(site, allocation) fake_alloc(allocation)
#define tapi_pass_init test_pass_init
#define tapi_pass_bind test_pass_bind
#define tapi_pass_orphan test_pass_orphan
#define tapi_pass_unbind test_pass_unbind
#define tapi_pass_gone test_pass_gone
#define tapi_pass_add test_pass_add
#define tapi_pass_del test_pass_del
#define tapi_pass_holds test_pass_holds
#define tapi_pass_check test_pass_check

void test_pass_init(struct tapi_line *line);
int test_pass_bind(struct tapi_line *line, struct pid *tgid);
void test_pass_orphan(struct tapi_line *line);
void test_pass_unbind(struct tapi_line *line);
void test_pass_gone(struct tapi_line *line);
int test_pass_add(struct tapi_line *line, struct pid *tgid);
void test_pass_del(struct tapi_line *line, struct pid *tgid);
bool test_pass_holds(struct tapi_line *line, struct pid *tgid);
int test_pass_check(struct tapi_line *line);

#include "../kernel/core/pass.c"

static int scene_init(struct kunit *test)
{
	scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);
	if (!scene)
		return -ENOMEM;
	/* somebody who is not this process: init */
	scene->other = find_get_pid(1);
	no_memory = false;
	pass_grace_ms = 5000;
	tapi_pass_init(&scene->line);
	return scene->other ? 0 : -ESRCH;
}

static void scene_exit(struct kunit *test)
{
	if (!scene)
		return;
	tapi_pass_gone(&scene->line);
	put_pid(scene->other);
	scene = NULL;
}

static struct pid *self(void)
{
	return task_tgid(current);
}

static void free_line(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), 0);
	KUNIT_EXPECT_TRUE(test, tapi_pass_holds(&scene->line, scene->other));
	KUNIT_EXPECT_EQ(test, tapi_pass_add(&scene->line, self()), -ENODEV);
	tapi_pass_del(&scene->line, self());
	tapi_pass_unbind(&scene->line);
	KUNIT_EXPECT_EQ(test, scene->cuts, 0U);
}

static void bound(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, tapi_pass_bind(&scene->line, scene->other), 0);
	KUNIT_EXPECT_EQ(test, scene->cuts, 1U);
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), -EACCES);
	KUNIT_EXPECT_TRUE(test, tapi_pass_holds(&scene->line, scene->other));
	KUNIT_EXPECT_FALSE(test, tapi_pass_holds(&scene->line, self()));
	KUNIT_ASSERT_EQ(test, tapi_pass_add(&scene->line, self()), 0);
	KUNIT_ASSERT_EQ(test, tapi_pass_add(&scene->line, self()), 0);
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), 0);
	/* only the last instance takes the pass along */
	tapi_pass_del(&scene->line, self());
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), 0);
	KUNIT_EXPECT_EQ(test, scene->cuts, 1U);
	tapi_pass_del(&scene->line, self());
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), -EACCES);
	KUNIT_EXPECT_EQ(test, scene->cuts, 2U);
	/* one that was not there changes nothing */
	tapi_pass_del(&scene->line, self());
	KUNIT_EXPECT_EQ(test, scene->cuts, 2U);
	tapi_pass_unbind(&scene->line);
	KUNIT_EXPECT_EQ(test, scene->cuts_all, 1U);
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), 0);
}

/* The provider's own pass does not end with its instances */
static void provider_stays(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, tapi_pass_bind(&scene->line, self()), 0);
	KUNIT_ASSERT_EQ(test, tapi_pass_add(&scene->line, self()), 0);
	tapi_pass_del(&scene->line, self());
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), 0);
	KUNIT_EXPECT_EQ(test, scene->cuts, 1U);
}

static void orphaned(struct kunit *test)
{
	tapi_pass_orphan(&scene->line);
	KUNIT_EXPECT_EQ(test, scene->line.pass_state, (int)TAPI_PASS_FREE);
	KUNIT_ASSERT_EQ(test, tapi_pass_bind(&scene->line, scene->other), 0);
	KUNIT_ASSERT_EQ(test, tapi_pass_add(&scene->line, self()), 0);
	tapi_pass_orphan(&scene->line);
	/* its instances end now, its sound does not */
	tapi_pass_del(&scene->line, self());
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), 0);
	KUNIT_EXPECT_EQ(test, scene->cuts, 1U);
	/* nobody new gets in */
	KUNIT_EXPECT_EQ(test, tapi_pass_add(&scene->line, self()), -ENODEV);
	tapi_pass_unbind(&scene->line);
	KUNIT_EXPECT_EQ(test, scene->cuts_all, 1U);
	KUNIT_EXPECT_EQ(test, scene->line.pass_state, (int)TAPI_PASS_FREE);
}

static void wait_for_cuts(struct kunit *test, unsigned int cuts)
{
	flush_delayed_work(&scene->line.pass_work);
	KUNIT_EXPECT_EQ(test, scene->cuts, cuts);
}

/* After a new provider's bind a pass from before has to be renewed */
static void not_renewed(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, tapi_pass_bind(&scene->line, scene->other), 0);
	KUNIT_ASSERT_EQ(test, tapi_pass_add(&scene->line, self()), 0);
	tapi_pass_orphan(&scene->line);
	KUNIT_ASSERT_EQ(test, tapi_pass_bind(&scene->line, scene->other), 0);
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), 0);
	wait_for_cuts(test, 3);
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), -EACCES);
	KUNIT_EXPECT_TRUE(test, tapi_pass_holds(&scene->line, scene->other));
}

static void renewed(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, tapi_pass_bind(&scene->line, scene->other), 0);
	KUNIT_ASSERT_EQ(test, tapi_pass_add(&scene->line, self()), 0);
	tapi_pass_orphan(&scene->line);
	KUNIT_ASSERT_EQ(test, tapi_pass_bind(&scene->line, scene->other), 0);
	KUNIT_ASSERT_EQ(test, tapi_pass_add(&scene->line, self()), 0);
	wait_for_cuts(test, 2);
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), 0);
	tapi_pass_del(&scene->line, self());
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), -EACCES);
}

static void gone(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, tapi_pass_bind(&scene->line, self()), 0);
	tapi_pass_gone(&scene->line);
	tapi_pass_gone(&scene->line);
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), -ENODEV);
	KUNIT_EXPECT_FALSE(test, tapi_pass_holds(&scene->line, self()));
	KUNIT_EXPECT_EQ(test, tapi_pass_bind(&scene->line, self()), -ENODEV);
	KUNIT_EXPECT_EQ(test, tapi_pass_add(&scene->line, self()), -ENODEV);
	tapi_pass_unbind(&scene->line);
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), -ENODEV);
}

static void without_memory(struct kunit *test)
{
	no_memory = true;
	KUNIT_EXPECT_EQ(test, tapi_pass_bind(&scene->line, self()), -ENOMEM);
	KUNIT_EXPECT_EQ(test, scene->line.pass_state, (int)TAPI_PASS_FREE);
	no_memory = false;
	KUNIT_ASSERT_EQ(test, tapi_pass_bind(&scene->line, scene->other), 0);
	no_memory = true;
	KUNIT_EXPECT_EQ(test, tapi_pass_add(&scene->line, self()), -ENOMEM);
	KUNIT_EXPECT_EQ(test, tapi_pass_check(&scene->line), -EACCES);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(free_line),
	KUNIT_CASE(bound),
	KUNIT_CASE(provider_stays),
	KUNIT_CASE(orphaned),
	KUNIT_CASE(not_renewed),
	KUNIT_CASE(renewed),
	KUNIT_CASE(gone),
	KUNIT_CASE(without_memory),
	{}
};

static struct kunit_suite suite = {
	.name = "tapi_pass",
	.init = scene_init,
	.exit = scene_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);

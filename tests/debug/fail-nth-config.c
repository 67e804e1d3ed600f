// SPDX-License-Identifier: GPL-2.0-or-later
/* fail-nth: cards of the simulator by configfs: directories, each attribute, a card that comes */
#include <dirent.h>
#include <sys/stat.h>

#include "fail-nth.h"

#define CONFIG	"/sys/kernel/config"
#define ROOT	CONFIG "/tapi-sim"

static bool mounted;

/* ---- the whole tree, each attribute with its value */

static void look_tree(struct look *look, const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort), i;
	char path[256], text[128];
	struct stat st;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%.40s", dir, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && !lstat(path, &st)) {
			if (S_ISDIR(st.st_mode)) {
				look_add(look, "%s/\n", path);
				look_tree(look, path);
			} else if (st.st_mode & 0444) {
				look_add(look, "%s: %s", path, lu_read(path, text, sizeof(text)));
			}
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static void look_names(struct look *look, const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort), i;

	for (i = 0; i < n; i++) {
		look_add(look, "%s/%s\n", dir, names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static void look_config(struct look *look)
{
	look_tree(look, ROOT);
	look_names(look, "/sys/class/tapi");
	look_names(look, "/sys/bus/platform/drivers/tapi_sim");
	look_names(look, "/proc/asound");
}

/*
 * ---- scenes: a card with two lines, on one cable or not; or with less, when that is all a call is
 * about: each look reads each attribute there is
 */

static int empty(void)
{
	if (access(ROOT, F_OK) && !mounted)
		mounted = !mount("configfs", CONFIG, "configfs", 0, NULL);
	return access(ROOT, F_OK) ? -errno : 0;
}

static int make(const char *path)
{
	return mkdir(path, 0755) ? -errno : 0;
}

static int a_card(void)
{
	int err = empty();

	return err ? err : make(ROOT "/nth");
}

static int a_line(void)
{
	int err = a_card();

	return err ? err : make(ROOT "/nth/line0");
}

static int two_lines(void)
{
	int err = a_line();

	if (!err)
		err = make(ROOT "/nth/line1");
	return err ? err : lu_write(ROOT "/nth/line1/type", "fxs");
}

static int a_cable(void)
{
	int err = two_lines();

	return err ? err : lu_write(ROOT "/nth/line0/peer", "line1");
}

static int live(void)
{
	int err = a_cable();

	return err ? err : lu_write(ROOT "/nth/live", "1");
}

/* Line 1 has no cable: the far side plays */
static int live_far(void)
{
	int err = two_lines();

	return err ? err : lu_write(ROOT "/nth/live", "1");
}

static void leave(void)
{
	lu_write(ROOT "/nth/live", "0");
	rmdir(ROOT "/nth/line1");
	rmdir(ROOT "/nth/line0");
	rmdir(ROOT "/nth");
}

/* ---- calls */

static int mkdir_card(void)
{
	return make(ROOT "/nth");
}

static int mkdir_line(void)
{
	return make(ROOT "/nth/line0");
}

static int rmdir_line(void)
{
	return rmdir(ROOT "/nth/line1") ? -errno : 0;
}

static int rmdir_card(void)
{
	return rmdir(ROOT "/nth") ? -errno : 0;
}

#define WRITE(name, file, text)					\
static int write_##name(void)					\
{								\
	return lu_write(ROOT "/nth/" file, text);		\
}

WRITE(law, "law", "a")
WRITE(period, "period_us", "5000")
WRITE(ppm, "clock_ppm", "-50")
WRITE(pcm, "pcm", "0")
WRITE(dtmf, "dtmf", "0")
WRITE(slow, "slow_ms", "20")
WRITE(type, "line0/type", "fxs")
WRITE(name, "line0/name", "nth-name")
WRITE(far_end, "line0/far_end", "1")
WRITE(peer, "line0/peer", "line1")
WRITE(unpeer, "line0/peer", "none")
WRITE(live, "live", "1")
WRITE(dead, "live", "0")
WRITE(alarm, "line0/alarm", "1")
WRITE(reset, "line0/reset", "1")
WRITE(far_hook, "line1/far/hook", "offhook")
WRITE(far_flash, "line1/far/flash", "300")
WRITE(far_dial, "line1/far/dial", "1")
WRITE(far_ring, "line0/far/ring", "on")
WRITE(far_battery, "line0/far/battery", "on")
WRITE(far_polarity, "line0/far/polarity", "reversed")
WRITE(far_dtmf, "line1/far/dtmf", "5")
WRITE(far_audio, "line1/far/audio", "loop")
WRITE(wire_delay, "line0/wire/delay_ms", "50")
WRITE(wire_noise, "line0/wire/noise_db", "-40")
WRITE(wire_clip, "line0/wire/clip_db", "-3")
WRITE(wire_loss, "line0/wire/loss", "..x")
WRITE(wire_cut, "line0/wire/cut", "1")

static int read_peer(void)
{
	char text[64];

	return read_text(ROOT "/nth/line0/peer", text, sizeof(text));
}

#define WALK(name, scene, call) \
	WALK_IN("configfs: " name, scene, call, NULL, leave, look_config, )
/* What a far side plays goes on by itself */
#define PLAY(name, scene, call) \
	WALK_IN("configfs: " name, scene, call, NULL, leave, look_config, .loose = true)

const struct walk config_walks[] = {
	WALK("mkdir of a card", empty, mkdir_card),
	WALK("mkdir of a line", a_card, mkdir_line),
	WALK("rmdir of a line", a_cable, rmdir_line),
	WALK("rmdir of a card", a_card, rmdir_card),
	WALK("law", a_card, write_law),
	WALK("period_us", a_card, write_period),
	WALK("clock_ppm", a_card, write_ppm),
	WALK("pcm", a_card, write_pcm),
	WALK("dtmf", a_card, write_dtmf),
	WALK("slow_ms", a_card, write_slow),
	WALK("type", a_line, write_type),
	WALK("name", a_line, write_name),
	WALK("far_end", a_line, write_far_end),
	WALK("peer", two_lines, write_peer),
	WALK("peer none", a_cable, write_unpeer),
	WALK("peer, read", a_cable, read_peer),
	/* the driver core may find no memory before it asks the driver */
	WALK_IN("configfs: live 1", a_cable, write_live, NULL, leave, look_config,
		.more = { -ENXIO }),
	WALK("live 0", live, write_dead),
	PLAY("alarm", live_far, write_alarm),
	PLAY("reset", live_far, write_reset),
	PLAY("far/hook", live_far, write_far_hook),
	PLAY("far/flash", live_far, write_far_flash),
	PLAY("far/dial", live_far, write_far_dial),
	PLAY("far/ring", live_far, write_far_ring),
	PLAY("far/battery", live_far, write_far_battery),
	PLAY("far/polarity", live_far, write_far_polarity),
	PLAY("far/dtmf", live_far, write_far_dtmf),
	WALK("far/audio", live_far, write_far_audio),
	WALK("wire/delay_ms", a_cable, write_wire_delay),
	WALK("wire/noise_db", live, write_wire_noise),
	WALK("wire/clip_db", live, write_wire_clip),
	WALK("wire/loss", live, write_wire_loss),
	WALK("wire/cut", live, write_wire_cut),
	{ }
};

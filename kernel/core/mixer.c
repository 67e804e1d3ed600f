// SPDX-License-Identifier: GPL-2.0-only
/*
 * Controls of a line's sound: volume and switch of either direction, and the law.
 *
 * Volumes are the line's gain parameters, for lines that have them: whoever sets one,
 * ALSA's programs are told.  Switches are the pump's.  Elements have the line's number as
 * index and are called "Line": never Master or PCM, which belong to people's speakers.
 *
 * Called by ALSA with its control lock held; line->lock is taken below it.
 */
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <sound/control.h>
#include <sound/tlv.h>

#include "pcm.h"

/* A tag, its length, the smallest and the largest value in hundredths of a dB */
#define MIXER_TLV_WORDS	4

static int mixer_gain(struct tapi_line *line, u32 id, struct tapi_line_param *p)
{
	p->id = id;
	return tapi_param_query(line, p, false);
}

static u32 mixer_steps(const struct tapi_line_param *p)
{
	return min_t(u64, div64_u64(p->max - p->min, p->step), INT_MAX);
}

static int mixer_volume_info(struct snd_kcontrol *kctl, struct snd_ctl_elem_info *info)
{
	struct tapi_line_param p = {};
	int err = mixer_gain(kctl->private_data, kctl->private_value, &p);

	if (err)
		return err;
	info->type = SNDRV_CTL_ELEM_TYPE_INTEGER;
	info->count = 1;
	info->value.integer.max = mixer_steps(&p);
	return 0;
}

static int mixer_volume_get(struct snd_kcontrol *kctl, struct snd_ctl_elem_value *value)
{
	struct tapi_line *line = kctl->private_data;
	struct tapi_line_param p = {};
	s64 gain;
	int err;

	err = mixer_gain(line, kctl->private_value, &p);
	if (err)
		return err;
	mutex_lock(&line->lock);
	err = tapi_param_get(line, p.id, &gain);
	mutex_unlock(&line->lock);
	if (!err)
		value->value.integer.value[0] = div64_s64(gain - p.min, p.step);
	return err;
}

/* Return: 1 when it is another value than before */
static int mixer_volume_put(struct snd_kcontrol *kctl, struct snd_ctl_elem_value *value)
{
	unsigned long step = value->value.integer.value[0];
	struct tapi_line *line = kctl->private_data;
	struct tapi_line_param p = {};
	s64 gain, old;
	int err;

	err = tapi_pass_check(line);
	if (!err)
		err = mixer_gain(line, kctl->private_value, &p);
	if (err)
		return err;
	if (step > mixer_steps(&p))
		return -EINVAL;
	gain = p.min + (s64)step * p.step;
	mutex_lock(&line->lock);
	err = tapi_param_get(line, p.id, &old);
	if (!err && old != gain)
		err = tapi_param_set(line, p.id, gain) ?: 1;
	mutex_unlock(&line->lock);
	return err;
}

static int mixer_switch_get(struct snd_kcontrol *kctl, struct snd_ctl_elem_value *value)
{
	struct tapi_line *line = kctl->private_data;

	value->value.integer.value[0] = !tapi_pcm_is_mute(line, kctl->private_value);
	return 0;
}

static int mixer_switch_put(struct snd_kcontrol *kctl, struct snd_ctl_elem_value *value)
{
	struct tapi_line *line = kctl->private_data;
	int err = tapi_pass_check(line);

	return err ?: tapi_pcm_mute(line, kctl->private_value, !value->value.integer.value[0]);
}

static int mixer_law_info(struct snd_kcontrol *kctl, struct snd_ctl_elem_info *info)
{
	static const char *const laws[] = {
		[TAPI_PCM_MU_LAW] = "mu-law",
		[TAPI_PCM_A_LAW] = "A-law",
		[TAPI_PCM_S16] = "linear",
	};

	return snd_ctl_enum_info(info, 1, ARRAY_SIZE(laws), laws);
}

static int mixer_law_get(struct snd_kcontrol *kctl, struct snd_ctl_elem_value *value)
{
	const struct tapi_line *line = kctl->private_data;

	value->value.enumerated.item[0] = line->card->desc.format;
	return 0;
}

#define MIXER_VOLUME(direction, param) {						\
	.iface = SNDRV_CTL_ELEM_IFACE_MIXER,						\
	.name = "Line " direction " Volume",						\
	.access = SNDRV_CTL_ELEM_ACCESS_READWRITE | SNDRV_CTL_ELEM_ACCESS_TLV_READ,	\
	.info = mixer_volume_info,							\
	.get = mixer_volume_get,							\
	.put = mixer_volume_put,							\
	.private_value = param,								\
}

#define MIXER_SWITCH(direction, stream) {						\
	.iface = SNDRV_CTL_ELEM_IFACE_MIXER,						\
	.name = "Line " direction " Switch",						\
	.info = snd_ctl_boolean_mono_info,						\
	.get = mixer_switch_get,							\
	.put = mixer_switch_put,							\
	.private_value = stream,							\
}

static const struct snd_kcontrol_new mixer_volumes[] = {
	MIXER_VOLUME("Playback", TAPI_LINE_PARAM_TX_GAIN),
	MIXER_VOLUME("Capture", TAPI_LINE_PARAM_RX_GAIN),
};

static const struct snd_kcontrol_new mixer_others[] = {
	MIXER_SWITCH("Playback", SNDRV_PCM_STREAM_PLAYBACK),
	MIXER_SWITCH("Capture", SNDRV_PCM_STREAM_CAPTURE),
	{
		.iface = SNDRV_CTL_ELEM_IFACE_MIXER,
		.name = "Line Law",
		.access = SNDRV_CTL_ELEM_ACCESS_READ,
		.info = mixer_law_info,
		.get = mixer_law_get,
	},
};

static struct snd_kcontrol *mixer_new(struct tapi_line *line, const struct snd_kcontrol_new *what)
{
	struct snd_kcontrol *kctl = snd_ctl_new1(what, line);

	if (kctl)
		kctl->id.index = line->number;
	return kctl;
}

static void mixer_free_tlv(struct snd_kcontrol *kctl)
{
	kfree(kctl->tlv.p);
}

/* Parameters are thousandths of a dB, ALSA wants hundredths */
static unsigned int *mixer_tlv(const struct tapi_line_param *p)
{
	unsigned int *tlv = kcalloc(MIXER_TLV_WORDS, sizeof(*tlv), GFP_KERNEL);

	if (!tlv)
		return NULL;
	tlv[0] = SNDRV_CTL_TLVT_DB_MINMAX;
	tlv[1] = 2 * sizeof(*tlv);
	tlv[2] = (int)div_s64(p->min, 10);
	tlv[3] = (int)div_s64(p->max, 10);
	return tlv;
}

static int mixer_add_volume(struct snd_card *snd, struct tapi_pcm_line *pl,
			    const struct snd_kcontrol_new *what)
{
	struct tapi_line *line = pl->line;
	struct tapi_line_param p = {};
	struct snd_kcontrol *kctl;
	unsigned int *tlv;
	int err;

	if (mixer_gain(line, what->private_value, &p))
		return 0;
	tlv = mixer_tlv(&p);
	if (!tlv)
		return -ENOMEM;
	kctl = mixer_new(line, what);
	if (!kctl) {
		kfree(tlv);
		return -ENOMEM;
	}
	kctl->tlv.p = tlv;
	kctl->private_free = mixer_free_tlv;
	if (p.flags & TAPI_LINE_PARAM_RO)
		kctl->vd[0].access &= ~SNDRV_CTL_ELEM_ACCESS_WRITE;
	err = snd_ctl_add(snd, kctl);
	if (!err)
		pl->volume[p.id == TAPI_LINE_PARAM_RX_GAIN] = kctl;
	return err;
}

/**
 * tapi_mixer_add() - make the controls of a line
 * @snd: the sound card, not registered yet
 * @pl: the line's sound
 *
 * They go with the sound card.
 *
 * Context: Process context.
 * Return: 0, -ENOMEM, what ALSA says.
 */
int tapi_mixer_add(struct snd_card *snd, struct tapi_pcm_line *pl)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(mixer_volumes) && !err; i++)
		err = mixer_add_volume(snd, pl, &mixer_volumes[i]);
	for (i = 0; i < ARRAY_SIZE(mixer_others) && !err; i++)
		err = snd_ctl_add(snd, mixer_new(pl->line, &mixer_others[i]));
	return err;
}

/**
 * tapi_mixer_changed() - a parameter was set, not by its control
 * @line: the line
 * @id: the parameter
 *
 * Context: Process context, line->lock held, may sleep.
 */
void tapi_mixer_changed(struct tapi_line *line, u32 id)
{
	struct tapi_pcm *pcm = line->card->pcm;
	struct tapi_pcm_line *pl;
	struct snd_kcontrol *kctl;

	if (!pcm || (id != TAPI_LINE_PARAM_RX_GAIN && id != TAPI_LINE_PARAM_TX_GAIN))
		return;
	pl = &pcm->lines[line->number];
	mutex_lock(&pcm->cut_lock);
	kctl = pl->volume[id == TAPI_LINE_PARAM_RX_GAIN];
	/* the sound card, which has the controls, goes after its devices */
	if (pl->dev && kctl)
		snd_ctl_notify(pl->dev->card, SNDRV_CTL_EVENT_MASK_VALUE, &kctl->id);
	mutex_unlock(&pcm->cut_lock);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel interfaces that change between the versions we build for.  Probes of
 * the interface itself are preferred to version numbers: distributions backport.
 */
#ifndef _TAPI_COMPAT_H
#define _TAPI_COMPAT_H

#include <linux/device.h>
#include <linux/hrtimer.h>
#include <linux/version.h>

/* Callbacks of classes and device types take const devices since 6.2 and 6.3 */
#define TAPI_COMPAT_DEVICE(st, member, proto)						\
	__typeof__(*__builtin_choose_expr(						\
		__builtin_types_compatible_p(__typeof__(((st *)0)->member), proto),	\
		(const struct device *)0, (struct device *)0))

typedef TAPI_COMPAT_DEVICE(struct class, devnode,
			   char *(*)(const struct device *, umode_t *)) tapi_devnode_device;
typedef TAPI_COMPAT_DEVICE(struct device_type, uevent,
			   int (*)(const struct device *, struct kobj_uevent_env *))
	tapi_uevent_device;

/* hrtimer_setup() came in 6.13, the two-step form went in 6.15 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void tapi_hrtimer_setup(struct hrtimer *timer,
				      enum hrtimer_restart (*function)(struct hrtimer *),
				      clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#else
#define tapi_hrtimer_setup	hrtimer_setup
#endif

/* Sound: copy_user and copy_kernel of struct snd_pcm_ops became one copy in 6.6 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#define TAPI_PCM_COPY_ITER
#endif

/* Sound: the flags of a mapping are set by a function since 6.3 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define tapi_vm_flags_set(vma, flags)	((void)((vma)->vm_flags |= (flags)))
#else
#define tapi_vm_flags_set(vma, flags)	vm_flags_set(vma, flags)
#endif

#endif /* _TAPI_COMPAT_H */

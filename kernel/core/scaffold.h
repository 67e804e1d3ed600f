/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for the relay and the sound while they are not built in */
#ifndef _TAPI_SCAFFOLD_H
#define _TAPI_SCAFFOLD_H

#ifndef TAPI_HAVE_RELAY
#define tapi_relay_init()			0
#define tapi_relay_exit()			do { } while (0)
#define tapi_relay_line_add(line)		0
#define tapi_relay_line_del(line)		do { } while (0)
#define tapi_relay_claim_gone(line, ms)		do { } while (0)
#endif

#ifndef TAPI_HAVE_PCM
#define tapi_pcm_register(card)			0
#define tapi_pcm_disconnect(card)		do { } while (0)
#define tapi_pcm_free(card)			do { } while (0)
#define tapi_pcm_stats(line, stats)		do { } while (0)
#define tapi_pass_init(line)			do { } while (0)
#endif

#endif /* _TAPI_SCAFFOLD_H */

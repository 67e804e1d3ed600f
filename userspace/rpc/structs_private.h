/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Shared by the two directions of the structure tables, and the macros the tables are written with.
 */
#ifndef TAPI_STRUCTS_PRIVATE_H
#define TAPI_STRUCTS_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "structs.h"

/* A member of a message whose offset is known */
#define SV_MEMBER(message, offset)	((void *)((char *)(message) + (offset)))

#define SV_COUNT(array)			(sizeof(array) / sizeof((array)[0]))

/* Structure and member (of a pair: its name without dw, Size and Offset), message and field */
#define SV_PLAIN(kind_, structure, member_, message_, field, has_, sub_)			\
	{ .kind = kind_, .at = offsetof(structure, member_), .count_at = SV_NONE,		\
	  .member = offsetof(Tapi__Rpc__##message_, field),					\
	  .has = offsetof(Tapi__Rpc__##message_, has_), .sub = sub_ }
#define SV_LIST_OF(kind_, structure, member_, message_, field, sub_, count_)			\
	{ .kind = kind_, .at = offsetof(structure, dw##member_##Size),				\
	  .count_at = offsetof(structure, count_),						\
	  .member = offsetof(Tapi__Rpc__##message_, field),					\
	  .has = offsetof(Tapi__Rpc__##message_, n_##field), .sub = sub_ }

#define SV_U32(s, m, message, field) \
	SV_PLAIN(SV_KIND_U32, s, m, message, field, has_##field, NULL)
#define SV_GUID(s, m, message, field) \
	SV_PLAIN(SV_KIND_GUID, s, m, message, field, has_##field, NULL)
#define SV_TIME(s, m, message, field) \
	SV_PLAIN(SV_KIND_TIME, s, m, message, field, has_##field, NULL)
#define SV_EMBED(s, m, message, field, sub) \
	SV_PLAIN(SV_KIND_EMBED, s, m, message, field, field, sub)
#define SV_STR(s, m, message, field) \
	SV_PLAIN(SV_KIND_STR, s, dw##m##Size, message, field, field, NULL)
#define SV_BLOB(s, m, message, field) \
	SV_PLAIN(SV_KIND_BLOB, s, dw##m##Size, message, field, has_##field, NULL)
#define SV_WORDS(s, m, message, field) \
	SV_PLAIN(SV_KIND_WORDS, s, dw##m##Size, message, field, n_##field, NULL)
#define SV_TEXTS(s, m, message, field) \
	SV_PLAIN(SV_KIND_TEXTS, s, dw##m##EntrySize, message, field, n_##field, NULL)
#define SV_MULTISZ(s, m, message, field) \
	SV_PLAIN(SV_KIND_MULTISZ, s, dw##m##Size, message, field, n_##field, NULL)
#define SV_ARRAY(s, m, message, field, sub) \
	SV_PLAIN(SV_KIND_ARRAY, s, dw##m##Size, message, field, n_##field, sub)
/* Lists whose entries are counted by a member of their own */
#define SV_LIST(s, m, message, field, sub, count) \
	SV_LIST_OF(SV_KIND_ARRAY, s, m, message, field, sub, count)
#define SV_HANDLES(s, m, message, field, count) \
	SV_LIST_OF(SV_KIND_WORDS, s, m, message, field, NULL, count)

/* Does the member exist in this version? */
bool sv_exists(const struct sv_table *table, const struct sv_field *field, uint32_t version);

/* Between the GUID structure of this machine and the order of bytes in which GUIDs are written */
void sv_guid_swap(unsigned char *to, const unsigned char *from);

#endif /* TAPI_STRUCTS_PRIVATE_H */

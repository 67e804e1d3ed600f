/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The variable-size TAPI structures, between their Windows form and the message that travels.
 *
 * The Windows form exists at the two borders only: in libtapi, where it is the caller's buffer, and
 * in tsphost, where it is the provider's.  One table per structure serves both directions.
 */
#ifndef TAPI_STRUCTS_H
#define TAPI_STRUCTS_H

#include <stddef.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

/* Form of the text in the structure; flags of sv_pack(), sv_needed() and sv_unpack() */
#define SV_A		0u	/* UTF-8 */
#define SV_W		1u	/* UTF-16 in host order */
/* sv_unpack(): replace ill-formed text by U+FFFD instead of refusing it */
#define SV_REPAIR	2u

/* Header of a structure */
enum sv_head {
	SV_OUTPUT,	/* dwTotalSize, dwNeededSize, dwUsedSize */
	SV_INPUT,	/* dwTotalSize only */
	SV_ELEMENT,	/* none: part of another structure */
};

/* Versions in which structures grew: index of struct sv_table.fixed */
enum sv_version { SV_1_3, SV_1_4, SV_2_0, SV_2_2, SV_3_0, SV_3_1, SV_VERSIONS };

enum sv_kind {
	SV_KIND_U32,		/* a DWORD */
	SV_KIND_GUID,		/* bytes in text order on the wire */
	SV_KIND_TIME,		/* SYSTEMTIME; microseconds since 1970 on the wire */
	SV_KIND_EMBED,		/* a structure inside */
	SV_KIND_STR,		/* Size and Offset of one text */
	SV_KIND_BLOB,		/* Size and Offset of bytes */
	SV_KIND_ARRAY,		/* Size and Offset of structures */
	SV_KIND_WORDS,		/* Size and Offset of DWORDs */
	SV_KIND_TEXTS,		/* EntrySize, Size and Offset of texts in slots of one size */
	SV_KIND_MULTISZ,	/* Size and Offset of texts, each with a NUL, one NUL more at the end */
};

/* No member of this kind: struct sv_field.count_at */
#define SV_NONE		0xFFFFu

/**
 * struct sv_field - one member, or one pair of Size and Offset
 * @kind: enum sv_kind
 * @at: offset in the structure: of the member, of ...Size, or of ...EntrySize
 * @count_at: offset of the member that counts the entries of a list, or SV_NONE
 * @member: offset in the message
 * @has: offset in the message of the flag "is there", or of the number of entries
 * @sub: table of EMBED and ARRAY
 */
struct sv_field {
	uint8_t kind;
	uint16_t at;
	uint16_t count_at;
	uint16_t member;
	uint16_t has;
	const struct sv_table *sub;
};

/**
 * struct sv_table - one structure
 * @name: its Windows name
 * @head: enum sv_head
 * @fixed: size of its fixed part in each version; members behind it do not exist there
 * @message: what travels
 * @fields: its members, variable parts in the order they are laid out
 * @count: their number
 */
struct sv_table {
	const char *name;
	uint8_t head;
	uint16_t fixed[SV_VERSIONS];
	const ProtobufCMessageDescriptor *message;
	const struct sv_field *fields;
	size_t count;
};

extern const struct sv_table sv_linedialparams;
extern const struct sv_table sv_linetermcaps;
extern const struct sv_table sv_linecalltreatmententry;
extern const struct sv_table sv_lineappinfo;
extern const struct sv_table sv_lineforward;
extern const struct sv_table sv_linedevcaps;
extern const struct sv_table sv_lineaddresscaps;
extern const struct sv_table sv_linecallinfo;
extern const struct sv_table sv_linecallstatus;
extern const struct sv_table sv_linedevstatus;
extern const struct sv_table sv_linecallparams;
extern const struct sv_table sv_lineaddressstatus;
extern const struct sv_table sv_linecalllist;

/* All of them, for tests */
extern const struct sv_table *const sv_tables[];
extern const size_t sv_tables_count;

/**
 * sv_fixed - size of the fixed part
 * @table: structure
 * @version: negotiated version, 0x00020002
 */
size_t sv_fixed(const struct sv_table *table, uint32_t version);

/**
 * sv_needed - bytes that take all of a message
 * @table: structure
 * @version: negotiated version
 * @flags: SV_A or SV_W
 * @message: what to pack
 *
 * Returns the size, or -EILSEQ for text that is no UTF-8, -EOVERFLOW when it is absurdly large.
 */
int64_t sv_needed(const struct sv_table *table, uint32_t version, unsigned int flags,
		  const ProtobufCMessage *message);

/**
 * sv_pack - writes a message as a structure
 * @table: structure
 * @version: negotiated version
 * @flags: SV_A or SV_W
 * @message: what to pack
 * @buffer: the caller's structure, may be unaligned
 * @total: bytes at @buffer
 *
 * Never writes beyond @total.  A part that has no room is left out whole, with size, offset and
 * count 0.  An input structure gets dwTotalSize = what was used.
 *
 * Returns 0; -ENOSPC when @total is below the fixed part (dwNeededSize is then written if there is
 * room for it); -EILSEQ, -EOVERFLOW.
 */
int sv_pack(const struct sv_table *table, uint32_t version, unsigned int flags,
	    const ProtobufCMessage *message, void *buffer, uint32_t total);

/**
 * sv_unpack - reads a structure
 * @table: structure
 * @version: negotiated version
 * @flags: SV_A or SV_W, and SV_REPAIR
 * @buffer: the structure, may be unaligned
 * @size: bytes that may be read: dwTotalSize of an input structure, dwUsedSize of an output one
 * @allocator: for the message and everything in it; NULL: malloc()
 * @message: out: the message, to be freed with protobuf_c_message_free_unpacked()
 *
 * Returns 0; 1 when text had to be repaired; -ENOSPC when @size is below the fixed part; -EINVAL
 * when a part reaches out of the structure; -EILSEQ for ill-formed text; -ENOMEM.
 */
int sv_unpack(const struct sv_table *table, uint32_t version, unsigned int flags,
	      const void *buffer, uint32_t size, ProtobufCAllocator *allocator,
	      ProtobufCMessage **message);

/**
 * sv_pack_varstring - writes a VARSTRING
 * @format: STRINGFORMAT_ASCII: @data is UTF-8; STRINGFORMAT_BINARY: it is bytes
 * @data: contents, without a NUL
 * @size: their size
 * @flags: SV_A or SV_W: how text is written
 * @buffer: the caller's structure
 * @total: bytes at @buffer
 *
 * Returns 0, -ENOSPC or -EILSEQ as sv_pack() does.
 */
int sv_pack_varstring(uint32_t format, const void *data, size_t size, unsigned int flags,
		      void *buffer, uint32_t total);

/**
 * sv_unpack_varstring - reads a VARSTRING
 * @buffer: the structure
 * @size: bytes that may be read
 * @allocator: for @data; NULL: malloc()
 * @format: out: STRINGFORMAT_ASCII for text of any form, else STRINGFORMAT_BINARY
 * @data: out: contents, text as UTF-8 without a NUL
 *
 * Ill-formed text is repaired.
 *
 * Returns 0, 1 when something was repaired, -ENOSPC, -EINVAL, -ENOMEM.
 */
int sv_unpack_varstring(const void *buffer, uint32_t size, ProtobufCAllocator *allocator,
			uint32_t *format, ProtobufCBinaryData *data);

#endif /* TAPI_STRUCTS_H */

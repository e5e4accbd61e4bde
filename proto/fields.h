/*
 * fields.h - the messages of message.h as tables, which encode.c and decode.c follow.
 *
 * A struct is a list of fields: the key in the map, where it lies in the struct, its type and its
 * limit. A new field is one line in fields_*.c and one in docs/protocol.md.
 */
#ifndef GPMQ_FIELDS_H
#define GPMQ_FIELDS_H

#include <stddef.h>

#include "message.h"

enum field_type {
    FIELD_BOOL,
    FIELD_U8,
    FIELD_U32, /* at most max, where that is not 0 */
    FIELD_U64,
    FIELD_I32,        /* COM long and HRESULT */
    FIELD_I64,        /* times and durations: 0 .. 2^53 */
    FIELD_WORD,       /* an enum, by its words (struct words) */
    FIELD_TEXT,       /* const char *, at most max bytes */
    FIELD_ID,         /* struct gpmq_id: 16 bytes */
    FIELD_DIGEST,     /* uint8_t[32] */
    FIELD_BYTES,      /* const uint8_t * and uint32_t at `other`; at most max bytes */
    FIELD_CONTENT,    /* const void * and uint64_t at `other`; at most max bytes */
    FIELD_STRUCT,     /* a struct inside this one */
    FIELD_POINTER,    /* a pointer to a struct; NULL is nil */
    FIELD_LIST,       /* a pointer to structs and their uint32_t count at `other`; at most max */
    FIELD_ARRAY,      /* structs inside this one, and their count at `other`; at most max */
    FIELD_NAMES,      /* struct name_list; at most max names of GPMQ_NAME_MAX bytes */
    FIELD_PROPERTIES, /* struct gpmq_property as a map, count at `other`; at most max */
};

/* The words of an enum, by its numbers; a NULL is no value. */
struct words {
    const char *(*name)(int value);
    int first;
    int end;
    bool downwards; /* first, first - 1 ... > end */
};

struct fields;

struct field {
    const char *key; /* NULL, in a struct of one field: no map, the value stands bare */
    enum field_type type;
    size_t at;
    size_t other;
    uint64_t max;
    const struct fields *of;   /* STRUCT, POINTER, LIST, ARRAY */
    const struct words *words; /* WORD */
    bool required;             /* decoding fails without it */
    bool always; /* encoded also when it is zero; nil for a pointer or an empty list */
};

struct fields {
    const char *name; /* for error texts */
    size_t size;      /* of the struct */
    size_t count;
    const struct field *rows;
};

/* The body of a type; NULL: there is no such type. */
const struct fields *fields_of_type(enum message_type type);
/* The type with that word, or 0. */
enum message_type message_type_from_name(const char *name, size_t length);

extern const struct fields fields_request;
extern const struct fields fields_status;
extern const struct fields fields_result;

/* What a list or array of structs steps by, and its items' type. */
static inline size_t field_item_size(const struct field *field)
{
    return field->of ? field->of->size : 0;
}

#endif

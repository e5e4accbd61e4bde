/*
 * registry_pol.h - registry.pol ([MS-GPREG] 2.2.1): what Administrative Templates set.
 *
 * The bytes come from outside and are parsed by size within their bounds. Keys and values stay
 * UTF-16LE and data stays raw, so that a rewrite gives the same bytes.
 */
#ifndef GPMQ_REGISTRY_POL_H
#define GPMQ_REGISTRY_POL_H

#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

#define REGISTRY_POL_KEY_MAX 32766 /* UTF-16 units of a key or value name */

enum registry_type {
    REGISTRY_NONE = 0,
    REGISTRY_SZ = 1,
    REGISTRY_EXPAND_SZ = 2,
    REGISTRY_BINARY = 3,
    REGISTRY_DWORD = 4,
    REGISTRY_MULTI_SZ = 7,
    REGISTRY_QWORD = 11,
};

/* One record; the pointers are into the file's bytes. Texts are UTF-16LE without their NUL. */
struct registry_record {
    const uint8_t *key;
    size_t key_units;
    const uint8_t *value;
    size_t value_units;
    uint32_t type;
    const uint8_t *content;
    size_t content_size;
};

/* A walk over a file; made by registry_pol_open(). */
struct registry_walk {
    const uint8_t *at;
    const uint8_t *end;
    size_t number; /* of the record last read, from 1 */
};

/* Judges the header. GPMQ_EDAMAGED. */
int registry_pol_open(struct registry_walk *out, const void *bytes, size_t size,
                      struct gpmq_error *err) GPMQ_CHECKED;
/* Reads the next record; *more is false behind the last. GPMQ_EDAMAGED names the record. */
int registry_pol_next(struct registry_walk *walk, struct registry_record *out, bool *more,
                      struct gpmq_error *err) GPMQ_CHECKED;
/* Walks the whole file; *records (may be NULL) is how many it has. */
int registry_pol_check(const void *bytes, size_t size, size_t *records,
                       struct gpmq_error *err) GPMQ_CHECKED;

/* Writes the header of a new file, then its records. */
void registry_pol_begin(struct bytes *out);
void registry_pol_put(struct bytes *out, const struct registry_record *record);

#endif

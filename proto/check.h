/*
 * check.h - judges MessagePack bytes without allocating anything.
 *
 * msgpack-c 4.0.0 reserves what a header claims: 5 bytes make it ask for gigabytes. So nothing is
 * unpacked that did not pass here: one value, nothing behind it, no deeper than allowed, no
 * container that claims more items than bytes are left, no string or binary longer than what is
 * left, no extension types, map keys are strings, text is valid UTF-8 without NUL.
 */
#ifndef GPMQ_CHECK_H
#define GPMQ_CHECK_H

#include <stddef.h>

#include "gpmq/error.h"

struct check_limits {
    size_t size_max; /* bytes */
    unsigned depth_max;
    size_t items_max; /* values of all kinds in the whole message */
};

/* GPMQ_ETOOBIG: over a limit. GPMQ_EMALFORMED: no such bytes can be a message. */
int check_bytes(const void *bytes, size_t size_bytes, const struct check_limits *limits,
                struct gpmq_error *err) GPMQ_CHECKED;

#endif

/*
 * bytes.h - bytes that grow: where text and binary structures are put together.
 *
 * A failed allocation is remembered, further puts do nothing, and bytes_take() tells of it: one
 * test at the end instead of one for every put. A zeroed struct is empty and ready.
 */
#ifndef GPMQ_BYTES_H
#define GPMQ_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gpmq/error.h"

struct bytes {
    uint8_t *at; /* always followed by a NUL once something was put */
    size_t size;
    size_t room;
    bool failed;
};

void bytes_put(struct bytes *bytes, const void *from, size_t size);
void bytes_put_text(struct bytes *bytes, const char *text);
void bytes_put_char(struct bytes *bytes, char c);
void bytes_format(struct bytes *bytes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Little-endian numbers, as Microsoft's structures have them. */
void bytes_put_u16(struct bytes *bytes, uint16_t number);
void bytes_put_u32(struct bytes *bytes, uint32_t number);
/* Makes the size smaller. */
void bytes_cut(struct bytes *bytes, size_t size);

/* Hands the memory (never NULL, NUL behind it) to the caller, who free()s it; *size may be NULL.
 * GPMQ_ENOMEM: an earlier put failed. */
int bytes_take(struct bytes *bytes, void **out, size_t *size, struct gpmq_error *err) GPMQ_CHECKED;
/* For CLEANUP(). */
void bytes_free(struct bytes *bytes);

#endif

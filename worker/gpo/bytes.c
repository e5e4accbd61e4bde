/* bytes.c - bytes that grow. */
#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

#define BYTES_ROOM_FIRST 256

/* Makes room for `more` bytes and the NUL behind them. */
static bool reserve(struct bytes *bytes, size_t more)
{
    if (bytes->failed)
        return false;
    if (more < bytes->room && bytes->size < bytes->room - more)
        return true;
    size_t room = bytes->room ? bytes->room : BYTES_ROOM_FIRST;
    while (room - bytes->size <= more) {
        if (room > SIZE_MAX / 2) {
            bytes->failed = true;
            return false;
        }
        room *= 2;
    }
    uint8_t *at = realloc(bytes->at, room);
    if (!at) {
        bytes->failed = true;
        return false;
    }
    bytes->at = at;
    bytes->room = room;
    return true;
}

void bytes_put(struct bytes *bytes, const void *from, size_t size)
{
    if (!reserve(bytes, size))
        return;
    if (size)
        memcpy(bytes->at + bytes->size, from, size);
    bytes->size += size;
    bytes->at[bytes->size] = 0;
}

void bytes_put_text(struct bytes *bytes, const char *text)
{
    bytes_put(bytes, text, strlen(text));
}

void bytes_put_char(struct bytes *bytes, char c)
{
    bytes_put(bytes, &c, 1);
}

void bytes_format(struct bytes *bytes, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = NULL;
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0) {
        bytes->failed = true;
        return;
    }
    bytes_put(bytes, text, (size_t)length);
    free(text);
}

void bytes_put_u16(struct bytes *bytes, uint16_t number)
{
    uint8_t two[2] = {(uint8_t)number, (uint8_t)(number >> 8)};
    bytes_put(bytes, two, sizeof two);
}

void bytes_put_u32(struct bytes *bytes, uint32_t number)
{
    bytes_put_u16(bytes, (uint16_t)number);
    bytes_put_u16(bytes, (uint16_t)(number >> 16));
}

void bytes_cut(struct bytes *bytes, size_t size)
{
    if (size < bytes->size) {
        bytes->size = size;
        bytes->at[size] = 0;
    }
}

int bytes_take(struct bytes *bytes, void **out, size_t *size, struct gpmq_error *err)
{
    bytes_put(bytes, "", 0);
    if (bytes->failed)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu bytes", bytes->size);
    *out = bytes->at;
    if (size)
        *size = bytes->size;
    *bytes = (struct bytes){0};
    return 0;
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct bytes){0};
}

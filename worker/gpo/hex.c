/* hex.c - bytes as text and back. */
#include "hex.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"

char *hex_text(const void *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = bytes;
    char *text = size < SIZE_MAX / 3 ? malloc(size * 3 + 1) : NULL;
    if (!text)
        return NULL;
    char *at = text;
    for (size_t i = 0; i < size; i++) {
        if (i)
            *at++ = ' ';
        *at++ = digits[from[i] >> 4];
        *at++ = digits[from[i] & 15];
    }
    *at = 0;
    return text;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int hex_parse(const char *text, uint8_t **out, size_t *size, struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *bytes = malloc(strlen(text) / 2 + 1);
    if (!bytes)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu hex digits", strlen(text));
    size_t count = 0;
    for (const char *at = text; *at; at++) {
        if (strchr(" \t\r\n", *at))
            continue;
        int high = digit(at[0]);
        int low = high < 0 ? -1 : digit(at[1]);
        if (low < 0)
            return fail(err, GPMQ_EMALFORMED, "byte %zu is not two hex digits", count);
        bytes[count++] = (uint8_t)(high << 4 | low);
        at++;
    }
    *out = STEAL(bytes);
    *size = count;
    return 0;
}

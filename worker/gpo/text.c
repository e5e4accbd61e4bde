#include "text.h"

#include <stdint.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"

#define REPLACEMENT 0xFFFDu

/* Most bytes of UTF-8 that one unit of UTF-16, or one byte of Windows-1252, becomes. */
#define UTF8_PER_UNIT 3

/* Windows-1252, 0x80 to 0x9F; what is undefined there maps to itself, as Windows does it. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

static size_t put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3F));
        to[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3F));
    to[2] = (char)(0x80 | (c >> 6 & 0x3F));
    to[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static uint32_t unit_at(const uint8_t *bytes, size_t unit, bool big_endian)
{
    uint32_t first = bytes[2 * unit], second = bytes[2 * unit + 1];
    return big_endian ? first << 8 | second : second << 8 | first;
}

static size_t from_utf16(char *to, const uint8_t *bytes, size_t units, bool big_endian)
{
    size_t length = 0;
    for (size_t i = 0; i < units; i++) {
        uint32_t c = unit_at(bytes, i, big_endian);
        if (c >= 0xD800 && c <= 0xDFFF) {
            uint32_t low = i + 1 < units ? unit_at(bytes, i + 1, big_endian) : 0;
            bool pair = c < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF;
            c = pair ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : REPLACEMENT;
            i += pair;
        }
        length += put_utf8(to + length, c);
    }
    return length;
}

static size_t from_windows_1252(char *to, const uint8_t *bytes, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        bool special = bytes[i] >= 0x80 && bytes[i] < 0xA0;
        length += put_utf8(to + length, special ? windows_1252[bytes[i] - 0x80] : bytes[i]);
    }
    return length;
}

enum form { FORM_UTF8, FORM_UTF16_LE, FORM_UTF16_BE, FORM_8BIT };

/* What the bytes are, and how many of them are a byte order mark. */
static enum form judge(const uint8_t *p, size_t size, size_t *mark)
{
    *mark = 2;
    if (size >= 2 && p[0] == 0xFF && p[1] == 0xFE)
        return FORM_UTF16_LE;
    if (size >= 2 && p[0] == 0xFE && p[1] == 0xFF)
        return FORM_UTF16_BE;
    *mark = 0;
    if (size >= 2 && p[0] && !p[1])
        return FORM_UTF16_LE;
    if (size >= 2 && !p[0] && p[1])
        return FORM_UTF16_BE;
    *mark = size >= 3 && !memcmp(p, "\xEF\xBB\xBF", 3) ? 3 : 0;
    return fold_is_utf8((const char *)p, size) ? FORM_UTF8 : FORM_8BIT;
}

static int convert(char *to, size_t *length, const uint8_t *p, size_t size, enum form form,
                   enum text_fallback fallback, struct gpmq_error *err)
{
    switch (form) {
    case FORM_UTF16_LE:
    case FORM_UTF16_BE:
        if (size % 2)
            return fail(err, GPMQ_EMALFORMED, "UTF-16 text ends in half a character");
        *length = from_utf16(to, p, size / 2, form == FORM_UTF16_BE);
        return 0;
    case FORM_8BIT:
        if (fallback == TEXT_REFUSE)
            return fail(err, GPMQ_EMALFORMED, "text is neither UTF-8 nor UTF-16");
        *length = from_windows_1252(to, p, size);
        return 0;
    case FORM_UTF8:
        memcpy(to, p, size);
        *length = size;
        return 0;
    }
    return fail(err, GPMQ_EINVAL, "no such form of text");
}

int text_to_utf8(char **out, size_t *out_size, const void *bytes, size_t size,
                 enum text_fallback fallback, struct gpmq_error *err)
{
    if (size > TEXT_BYTES_MAX)
        return fail(err, GPMQ_ETOOBIG, "text of %zu bytes: more than %u", size, TEXT_BYTES_MAX);
    size_t mark = 0;
    enum form form = size ? judge(bytes, size, &mark) : FORM_UTF8;
    const uint8_t *p = size ? (const uint8_t *)bytes + mark : NULL; /* bytes may be NULL then */
    size -= mark;

    CLEANUP(free_pointer) char *text = malloc(size * UTF8_PER_UNIT + 1);
    if (!text)
        return fail(err, GPMQ_ENOMEM, "cannot hold a text of %zu bytes", size);
    size_t length = 0;
    int rc = size ? convert(text, &length, p, size, form, fallback, err) : 0;
    if (rc)
        return rc;
    if (memchr(text, 0, length))
        return fail(err, GPMQ_EMALFORMED, "text with a NUL in it");
    text[length] = 0;
    *out = STEAL(text);
    *out_size = length;
    return 0;
}

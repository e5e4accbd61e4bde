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

static bool has_half_pair(const uint8_t *bytes, size_t units, bool big_endian)
{
    for (size_t i = 0; i < units; i++) {
        uint32_t c = unit_at(bytes, i, big_endian);
        if (c < 0xD800 || c > 0xDFFF)
            continue;
        uint32_t low = i + 1 < units ? unit_at(bytes, i + 1, big_endian) : 0;
        if (c >= 0xDC00 || low < 0xDC00 || low > 0xDFFF)
            return true;
        i++;
    }
    return false;
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

enum text_form text_form(const void *bytes, size_t size, size_t *mark)
{
    const uint8_t *p = bytes;
    *mark = 2;
    if (size >= 2 && p[0] == 0xFF && p[1] == 0xFE)
        return TEXT_UTF16_LE;
    if (size >= 2 && p[0] == 0xFE && p[1] == 0xFF)
        return TEXT_UTF16_BE;
    *mark = 0;
    if (size >= 2 && p[0] && !p[1])
        return TEXT_UTF16_LE;
    if (size >= 2 && !p[0] && p[1])
        return TEXT_UTF16_BE;
    *mark = size >= 3 && !memcmp(p, "\xEF\xBB\xBF", 3) ? 3 : 0;
    return !size || fold_is_utf8(bytes, size) ? TEXT_UTF8 : TEXT_8BIT;
}

static int convert(char *to, size_t *length, const uint8_t *p, size_t size, enum text_form form,
                   struct gpmq_error *err)
{
    switch (form) {
    case TEXT_UTF16_LE:
    case TEXT_UTF16_BE:
        if (size % 2)
            return fail(err, GPMQ_EMALFORMED, "UTF-16 text ends in half a character");
        *length = from_utf16(to, p, size / 2, form == TEXT_UTF16_BE);
        return 0;
    case TEXT_8BIT:
        *length = from_windows_1252(to, p, size);
        return 0;
    case TEXT_UTF8:
        if (!fold_is_utf8((const char *)p, size))
            break;
        memcpy(to, p, size);
        *length = size;
        return 0;
    }
    return fail(err, GPMQ_EMALFORMED, "text is neither UTF-8 nor UTF-16");
}

int text_piece_to_utf8(char **out, size_t *out_size, const void *bytes, size_t size,
                       enum text_form form, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = malloc(size * UTF8_PER_UNIT + 1);
    if (!text)
        return fail(err, GPMQ_ENOMEM, "cannot hold a text of %zu bytes", size);
    size_t length = 0;
    int rc = size ? convert(text, &length, bytes, size, form, err) : 0;
    if (rc)
        return rc;
    if (memchr(text, 0, length))
        return fail(err, GPMQ_EMALFORMED, "text with a NUL in it");
    text[length] = 0;
    *out = STEAL(text);
    *out_size = length;
    return 0;
}

int text_to_utf8(char **out, size_t *out_size, const void *bytes, size_t size,
                 enum text_fallback fallback, struct gpmq_error *err)
{
    if (size > TEXT_BYTES_MAX)
        return fail(err, GPMQ_ETOOBIG, "text of %zu bytes: more than %u", size, TEXT_BYTES_MAX);
    size_t mark;
    enum text_form form = text_form(bytes, size, &mark);
    if (form == TEXT_8BIT && fallback != TEXT_WINDOWS_1252)
        return fail(err, GPMQ_EMALFORMED, "text is neither UTF-8 nor UTF-16");
    if (fallback == TEXT_STRICT && (form == TEXT_UTF16_LE || form == TEXT_UTF16_BE) &&
        has_half_pair(bytes, size / 2, form == TEXT_UTF16_BE))
        return fail(err, GPMQ_EMALFORMED, "text with half of a surrogate pair");
    if (size <= mark) /* bytes may be NULL then */
        return text_piece_to_utf8(out, out_size, "", 0, form, err);
    return text_piece_to_utf8(out, out_size, (const uint8_t *)bytes + mark, size - mark, form, err);
}

/* ---- writing -------------------------------------------------------------------------------- */

void text_put_mark(struct bytes *out, enum text_form form)
{
    static const struct {
        const char *bytes;
        size_t size;
    } marks[] = {
        [TEXT_UTF8] = {"\xEF\xBB\xBF", 3},
        [TEXT_UTF16_LE] = {"\xFF\xFE", 2},
        [TEXT_UTF16_BE] = {"\xFE\xFF", 2},
        [TEXT_8BIT] = {"", 0},
    };
    bytes_put(out, marks[form].bytes, marks[form].size);
}

static void put_unit(struct bytes *out, bool big_endian, uint32_t unit)
{
    bytes_put_u16(out, (uint16_t)(big_endian ? unit >> 8 | (unit & 0xFF) << 8 : unit));
}

static bool put_utf16(struct bytes *out, bool big_endian, uint32_t c)
{
    if (c >= 0x10000)
        put_unit(out, big_endian, 0xD800 + ((c - 0x10000) >> 10));
    put_unit(out, big_endian, c >= 0x10000 ? 0xDC00 + ((c - 0x10000) & 0x3FF) : c);
    return true;
}

static bool put_windows_1252(struct bytes *out, uint32_t c)
{
    uint32_t byte = c < 0x80 || (c >= 0xA0 && c <= 0xFF) ? c : 0;
    for (uint32_t i = 0; !byte && i < sizeof windows_1252 / sizeof *windows_1252; i++)
        if (windows_1252[i] == c)
            byte = 0x80 + i;
    bytes_put_char(out, (char)byte);
    return byte || !c;
}

static bool put_character(struct bytes *out, enum text_form form, const char *at, size_t length,
                          uint32_t c)
{
    switch (form) {
    case TEXT_UTF8:
        bytes_put(out, at, length);
        return true;
    case TEXT_UTF16_LE:
    case TEXT_UTF16_BE:
        return put_utf16(out, form == TEXT_UTF16_BE, c);
    case TEXT_8BIT:
        return put_windows_1252(out, c);
    }
    return false;
}

int text_put(struct bytes *out, enum text_form form, const char *text, size_t size,
             struct gpmq_error *err)
{
    for (size_t at = 0; at < size;) {
        uint32_t c;
        size_t length = fold_read(text + at, size - at, &c);
        if (!length)
            return fail(err, GPMQ_EMALFORMED, "a text is no UTF-8");
        if (!put_character(out, form, text + at, length, c))
            return fail(err, GPMQ_EMALFORMED, "Windows-1252 has no '%.*s'", (int)length, text + at);
        at += length;
    }
    return 0;
}

/* fold.c - text without case. */
#include "fold.h"

#include <string.h>

/* Upper-case letters from .. to whose lower-case partner lies `apart` behind; with step 2 upper
 * and lower case alternate. */
struct fold_range {
    uint32_t from;
    uint32_t to;
    uint32_t apart;
    uint32_t step;
};

static const struct fold_range ranges[] = {
    {'A', 'Z', 32, 1},       {0x00C0, 0x00D6, 32, 1}, {0x00D8, 0x00DE, 32, 1},
    {0x0100, 0x012E, 1, 2},  {0x0132, 0x0136, 1, 2},  {0x0139, 0x0147, 1, 2},
    {0x014A, 0x0176, 1, 2},  {0x0179, 0x017D, 1, 2},  {0x0386, 0x0386, 38, 1},
    {0x0388, 0x038A, 37, 1}, {0x038C, 0x038C, 64, 1}, {0x038E, 0x038F, 63, 1},
    {0x0391, 0x03A1, 32, 1}, {0x03A3, 0x03AB, 32, 1}, {0x0400, 0x040F, 80, 1},
    {0x0410, 0x042F, 32, 1}, {0x0460, 0x0480, 1, 2},  {0x048A, 0x04BE, 1, 2},
    {0x04D0, 0x052E, 1, 2},  {0x1E00, 0x1E94, 1, 2},  {0x1EA0, 0x1EFE, 1, 2},
    {0xFF21, 0xFF3A, 32, 1},
};

/* How long a character is that begins with this byte; 0: none does. */
static size_t length_of(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

size_t fold_read(const char *text, size_t room, uint32_t *character)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text;
    size_t length = room ? length_of(at[0]) : 0;
    if (!length || length > room)
        return 0;
    uint32_t value = length == 1 ? at[0] : at[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3Fu);
    }
    if (value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return 0;
    *character = value;
    return length;
}

bool fold_is_utf8(const char *text, size_t size)
{
    uint32_t character;
    for (size_t at = 0, step; at < size; at += step) {
        step = fold_read(text + at, size - at, &character);
        if (!step)
            return false;
    }
    return true;
}

uint32_t fold_lower(uint32_t character)
{
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct fold_range *range = &ranges[i];
        if (character >= range->from && character <= range->to &&
            (character - range->from) % range->step == 0)
            return character + range->apart;
    }
    return character;
}

/* The next character without case; a byte that is no UTF-8 stands for itself, above all others. */
static uint32_t next(const char **text)
{
    uint32_t character;
    size_t length = fold_read(*text, strnlen(*text, 4), &character);
    if (!length) {
        character = 0x110000u + (unsigned char)**text;
        length = 1;
    }
    *text += length;
    return fold_lower(character);
}

static int compare(const char *a, const char *b, bool paths)
{
    while (*a && *b) {
        uint32_t left = next(&a), right = next(&b);
        if (left == right)
            continue;
        if (paths && (left == '/' || right == '/'))
            return left == '/' ? -1 : 1;
        return left < right ? -1 : 1;
    }
    return (*a != 0) - (*b != 0);
}

int fold_compare(const char *a, const char *b)
{
    return compare(a, b, false);
}

int fold_compare_paths(const char *a, const char *b)
{
    return compare(a, b, true);
}

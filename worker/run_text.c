/* run_text.c - text from files, made fit for a message. */
#include "run_text.h"

#include <stdint.h>
#include <string.h>

/* Bytes of the UTF-8 character at text, or 0 where there is none (RFC 3629). */
static size_t character_size(const unsigned char *text)
{
    static const struct {
        unsigned char low, high, second_low, second_high;
        size_t size;
    } forms[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    if (text[0] < 0x80)
        return text[0] >= 0x20 && text[0] != 0x7F;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (text[0] < forms[i].low || text[0] > forms[i].high)
            continue;
        if (text[1] < forms[i].second_low || text[1] > forms[i].second_high)
            return 0;
        for (size_t at = 2; at < forms[i].size; at++)
            if ((text[at] & 0xC0) != 0x80)
                return 0;
        return forms[i].size;
    }
    return 0;
}

char *run_text(char *to, size_t size, const char *text)
{
    const unsigned char *from = (const unsigned char *)(text ? text : "");
    size_t used = 0;
    size_t safe = 0; /* where "..." may stand */
    while (*from) {
        size_t bytes = character_size(from);
        size_t next = bytes ? bytes : 1;
        if (used + next >= size) {
            memcpy(to + safe, "...", 4);
            return to;
        }
        if (bytes)
            memcpy(to + used, from, bytes);
        else
            to[used] = '?';
        used += next;
        from += next;
        if (used + 4 <= size)
            safe = used;
    }
    to[used] = '\0';
    return to;
}

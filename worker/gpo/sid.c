/* sid.c - security identifiers. */
#include "sid.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

#define SID_HEAD          8 /* revision, count, six bytes of authority */
#define SID_AUTHORITY_MAX 0xFFFFFFFFFFFFull

size_t sid_measure(const uint8_t *bytes, size_t room)
{
    if (room < SID_HEAD || bytes[0] != 1 || bytes[1] > SID_PARTS_MAX)
        return 0;
    size_t size = SID_HEAD + 4u * bytes[1];
    return size <= room ? size : 0;
}

int sid_read(struct sid *out, const void *bytes, size_t size, struct gpmq_error *err)
{
    if (size == 0 || sid_measure(bytes, size) != size)
        return fail(err, GPMQ_EDAMAGED, "%zu bytes that are no SID", size);
    *out = (struct sid){.size = size};
    memcpy(out->bytes, bytes, size);
    return 0;
}

/* Reads "-number" at *text and moves behind it. */
static bool read_part(const char **text, uint64_t limit, int base, uint64_t *out)
{
    const char *at = *text;
    if (at[0] != '-' || !((at[1] >= '0' && at[1] <= '9')))
        return false;
    char *end;
    errno = 0;
    unsigned long long number = strtoull(at + 1, &end, base);
    if (errno || number > limit || end == at + 1)
        return false;
    *text = end;
    *out = number;
    return true;
}

static void put_u32(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (8 * i));
}

int sid_parse(struct sid *out, const char *text, struct gpmq_error *err)
{
    struct sid sid = {.size = SID_HEAD, .bytes = {1}};
    const char *at = text;
    uint64_t number;
    if ((at[0] != 'S' && at[0] != 's') || strncmp(at + 1, "-1", 2) != 0)
        return fail(err, GPMQ_EINVAL, "'%s' is no SID: it does not begin with S-1-", text);
    at += 3;
    int base = strncmp(at, "-0x", 3) == 0 || strncmp(at, "-0X", 3) == 0 ? 16 : 10;
    if (!read_part(&at, SID_AUTHORITY_MAX, base, &number))
        return fail(err, GPMQ_EINVAL, "'%s' is no SID: no authority behind S-1-", text);
    for (int i = 0; i < 6; i++)
        sid.bytes[2 + i] = (uint8_t)(number >> (8 * (5 - i)));
    while (*at) {
        if (sid.bytes[1] == SID_PARTS_MAX || !read_part(&at, UINT32_MAX, 10, &number))
            return fail(err, GPMQ_EINVAL, "'%s' is no SID: at '%s'", text, at);
        put_u32(sid.bytes + sid.size, (uint32_t)number);
        sid.size += 4;
        sid.bytes[1]++;
    }
    *out = sid;
    return 0;
}

const char *sid_text(const struct sid *sid, char text[SID_TEXT_SIZE])
{
    uint64_t authority = 0;
    for (int i = 0; i < 6; i++)
        authority = authority << 8 | sid->bytes[2 + i];
    int length = authority > UINT32_MAX
                     ? snprintf(text, SID_TEXT_SIZE, "S-1-0x%012" PRIX64, authority)
                     : snprintf(text, SID_TEXT_SIZE, "S-1-%" PRIu64, authority);
    for (size_t at = SID_HEAD; at + 4 <= sid->size; at += 4) {
        const uint8_t *part = sid->bytes + at;
        uint32_t number = (uint32_t)part[0] | (uint32_t)part[1] << 8 | (uint32_t)part[2] << 16 |
                          (uint32_t)part[3] << 24;
        length += snprintf(text + length, SID_TEXT_SIZE - (size_t)length, "-%" PRIu32, number);
    }
    return text;
}

bool sid_equal(const struct sid *a, const struct sid *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

int sid_append(struct sid *out, const struct sid *domain, uint32_t rid, struct gpmq_error *err)
{
    struct sid sid = *domain;
    if (sid.bytes[1] >= SID_PARTS_MAX)
        return fail(err, GPMQ_EINVAL, "a SID has at most %d parts", SID_PARTS_MAX);
    put_u32(sid.bytes + sid.size, rid);
    sid.size += 4;
    sid.bytes[1]++;
    *out = sid;
    return 0;
}

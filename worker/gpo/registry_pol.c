/* registry_pol.c - read and write registry.pol. */
#include "registry_pol.h"

#include <string.h>

#include "fail.h"

static const uint8_t header[8] = {'P', 'R', 'e', 'g', 1, 0, 0, 0};

static uint32_t u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

int registry_pol_open(struct registry_walk *out, const void *bytes, size_t size,
                      struct gpmq_error *err)
{
    if (size < sizeof header || memcmp(bytes, header, sizeof header) != 0)
        return fail(err, GPMQ_EDAMAGED, "no registry.pol: it does not begin with PReg, version 1");
    const uint8_t *at = bytes;
    *out = (struct registry_walk){.at = at + sizeof header, .end = at + size};
    return 0;
}

static size_t left(const struct registry_walk *walk)
{
    return (size_t)(walk->end - walk->at);
}

static bool take_mark(struct registry_walk *walk, char mark)
{
    if (left(walk) < 2 || walk->at[0] != (uint8_t)mark || walk->at[1] != 0)
        return false;
    walk->at += 2;
    return true;
}

/* Text up to its NUL, which is passed over. */
static bool take_text(struct registry_walk *walk, const uint8_t **text, size_t *units)
{
    const uint8_t *at = walk->at;
    size_t count = 0;
    for (;; count++, at += 2) {
        if (walk->end - at < 2 || count > REGISTRY_POL_KEY_MAX)
            return false;
        if (at[0] == 0 && at[1] == 0)
            break;
    }
    *text = walk->at;
    *units = count;
    walk->at = at + 2;
    return true;
}

static bool take_number(struct registry_walk *walk, uint32_t *number)
{
    if (left(walk) < 4)
        return false;
    *number = u32(walk->at);
    walk->at += 4;
    return true;
}

static bool take_content(struct registry_walk *walk, uint32_t size, struct registry_record *record)
{
    if (left(walk) < size)
        return false;
    record->content = walk->at;
    record->content_size = size;
    walk->at += size;
    return true;
}

/* What is wrong with the record at walk->at, or NULL when it was read. */
static const char *take_record(struct registry_walk *walk, struct registry_record *record)
{
    uint32_t size;
    if (!take_mark(walk, '['))
        return "it does not begin with '['";
    if (!take_text(walk, &record->key, &record->key_units) || !take_mark(walk, ';'))
        return "its key has no end";
    if (!take_text(walk, &record->value, &record->value_units) || !take_mark(walk, ';'))
        return "its value name has no end";
    if (!take_number(walk, &record->type) || !take_mark(walk, ';'))
        return "it has no type";
    if (!take_number(walk, &size) || !take_mark(walk, ';'))
        return "it has no size";
    if (!take_content(walk, size, record))
        return "its size is larger than the file";
    if (!take_mark(walk, ']'))
        return "there is no ']' behind its data";
    return NULL;
}

int registry_pol_next(struct registry_walk *walk, struct registry_record *out, bool *more,
                      struct gpmq_error *err)
{
    *more = walk->at < walk->end;
    if (!*more)
        return 0;
    struct registry_record record = {0};
    walk->number++;
    const char *reason = take_record(walk, &record);
    if (reason)
        return fail(err, GPMQ_EDAMAGED, "record %zu of registry.pol is damaged: %s", walk->number,
                    reason);
    *out = record;
    return 0;
}

int registry_pol_check(const void *bytes, size_t size, size_t *records, struct gpmq_error *err)
{
    struct registry_walk walk;
    struct registry_record record;
    bool more = true;
    int rc = registry_pol_open(&walk, bytes, size, err);
    while (!rc && more)
        rc = registry_pol_next(&walk, &record, &more, err);
    if (!rc && records)
        *records = walk.number;
    return rc;
}

void registry_pol_begin(struct bytes *out)
{
    bytes_put(out, header, sizeof header);
}

static void put_text(struct bytes *out, const uint8_t *text, size_t units)
{
    bytes_put(out, text, units * 2);
    bytes_put_u16(out, 0);
    bytes_put_u16(out, ';');
}

void registry_pol_put(struct bytes *out, const struct registry_record *record)
{
    bytes_put_u16(out, '[');
    put_text(out, record->key, record->key_units);
    put_text(out, record->value, record->value_units);
    bytes_put_u32(out, record->type);
    bytes_put_u16(out, ';');
    bytes_put_u32(out, (uint32_t)record->content_size);
    bytes_put_u16(out, ';');
    bytes_put(out, record->content, record->content_size);
    bytes_put_u16(out, ']');
}

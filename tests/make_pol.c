/* make_pol.c - registry.pol and UTF-16 from text. */
#include "make_pol.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "hex.h"
#include "registry_pol.h"

#define FIELDS 4

int make_utf16(const char *text, size_t size, struct bytes *out, struct gpmq_error *err)
{
    uint32_t character;
    for (size_t at = 0, step; at < size; at += step) {
        step = fold_read(text + at, size - at, &character);
        if (!step)
            return fail(err, GPMQ_EMALFORMED, "no UTF-8 at '%.20s'", text + at);
        if (character < 0x10000) {
            bytes_put_u16(out, (uint16_t)character);
        } else {
            bytes_put_u16(out, (uint16_t)(0xD800 + ((character - 0x10000) >> 10)));
            bytes_put_u16(out, (uint16_t)(0xDC00 + (character & 0x3FF)));
        }
    }
    return 0;
}

static int put_text(struct bytes *out, const char *text, struct gpmq_error *err)
{
    int rc = make_utf16(text, strlen(text), out, err);
    bytes_put_u16(out, 0);
    return rc;
}

static int put_parts(struct bytes *out, char *text, struct gpmq_error *err)
{
    int rc = 0;
    while (!rc && *text) {
        char *next = strstr(text, " ; ");
        if (next)
            *next = 0;
        rc = put_text(out, text, err);
        text = next ? next + 3 : text + strlen(text);
    }
    bytes_put_u16(out, 0);
    return rc;
}

static int put_number(struct bytes *out, const char *text, int size, struct gpmq_error *err)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 0);
    if (errno || end == text || *end || (size == 4 && number > UINT32_MAX))
        return fail(err, GPMQ_EMALFORMED, "'%s' is no number of %d bytes", text, size);
    bytes_put_u32(out, (uint32_t)number);
    if (size == 8)
        bytes_put_u32(out, (uint32_t)(number >> 32));
    return 0;
}

static int put_binary(struct bytes *out, const char *text, struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    size_t size;
    int rc = hex_parse(text, &bytes, &size, err);
    if (!rc)
        bytes_put(out, bytes, size);
    return rc;
}

struct type {
    const char *name;
    enum registry_type type;
};

static const struct type types[] = {
    {"REG_NONE", REGISTRY_NONE},           {"REG_SZ", REGISTRY_SZ},
    {"REG_EXPAND_SZ", REGISTRY_EXPAND_SZ}, {"REG_BINARY", REGISTRY_BINARY},
    {"REG_DWORD", REGISTRY_DWORD},         {"REG_MULTI_SZ", REGISTRY_MULTI_SZ},
    {"REG_QWORD", REGISTRY_QWORD},
};

static int put_content(struct bytes *out, enum registry_type type, const char *value, char *text,
                       struct gpmq_error *err)
{
    switch (type) {
    case REGISTRY_NONE:
        return 0;
    case REGISTRY_SZ:
    case REGISTRY_EXPAND_SZ:
        return put_text(out, strncmp(value, "**", 2) == 0 && !*text ? " " : text, err);
    case REGISTRY_BINARY:
        return put_binary(out, text, err);
    case REGISTRY_DWORD:
        return put_number(out, text, 4, err);
    case REGISTRY_MULTI_SZ:
        return put_parts(out, text, err);
    case REGISTRY_QWORD:
        return put_number(out, text, 8, err);
    }
    return 0;
}

/* Cuts a line at '|' into fields without the spaces around them. */
static bool split(char *line, char *fields[FIELDS])
{
    for (int i = 0; i < FIELDS; i++) {
        char *end = i < FIELDS - 1 ? strchr(line, '|') : line + strlen(line);
        if (!end)
            return false;
        char *next = *end ? end + 1 : end;
        while (end > line && end[-1] == ' ')
            end--;
        *end = 0;
        fields[i] = line + strspn(line, " ");
        line = next;
    }
    return true;
}

static const char *without_hive(const char *key)
{
    if (strncasecmp(key, "MACHINE\\", 8) == 0)
        return key + 8;
    return strncasecmp(key, "USER\\", 5) == 0 ? key + 5 : key;
}

static int put_record(struct bytes *out, char *fields[FIELDS], struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes key = {0};
    CLEANUP(bytes_free) struct bytes value = {0};
    CLEANUP(bytes_free) struct bytes content = {0};
    const struct type *type = NULL;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, fields[2]) == 0)
            type = &types[i];
    if (!type)
        return fail(err, GPMQ_EMALFORMED, "'%s' is no registry type", fields[2]);
    const char *key_text = without_hive(fields[0]);
    int rc = make_utf16(key_text, strlen(key_text), &key, err);
    if (!rc)
        rc = make_utf16(fields[1], strlen(fields[1]), &value, err);
    if (!rc)
        rc = put_content(&content, type->type, fields[1], fields[3], err);
    if (rc)
        return rc;
    struct registry_record record = {
        .key = key.at,
        .key_units = key.size / 2,
        .value = value.at,
        .value_units = value.size / 2,
        .type = (uint32_t)type->type,
        .content = content.at,
        .content_size = content.size,
    };
    registry_pol_put(out, &record);
    return 0;
}

int make_pol(const char *text, struct bytes *out, struct gpmq_error *err)
{
    int rc = 0;
    registry_pol_begin(out);
    for (size_t line = 1; !rc && *text; line++) {
        size_t length = strcspn(text, "\n");
        CLEANUP(free_pointer) char *copy = strndup(text, length);
        char *fields[FIELDS];
        if (!copy)
            return fail(err, GPMQ_ENOMEM, "no memory for a line");
        text += length + (text[length] == '\n');
        if (!*copy || *copy == '#')
            continue;
        rc = split(copy, fields)
                 ? put_record(out, fields, err)
                 : fail(err, GPMQ_EMALFORMED, "it is not 'key | value | type | data'");
        if (rc)
            fail_in(err, "registry line %zu", line);
    }
    return rc;
}

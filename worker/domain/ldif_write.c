/* ldif_write.c - records become LDIF text. */
#include "ldif.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"

#define LINE_MAX_BYTES 76

/* SAFE-STRING of RFC 2849, and no space at the end, which would be lost on the way. */
static bool is_safe(const uint8_t *bytes, size_t size)
{
    if (size && (strchr(" :<", bytes[0]) || bytes[size - 1] == ' '))
        return false;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] < 0x20 || bytes[i] > 0x7E)
            return false;
    return true;
}

/* Writes a line, folded: what follows the first piece begins with a space. */
static void put_folded(struct bytes *out, const char *line, size_t length)
{
    size_t piece = length < LINE_MAX_BYTES ? length : LINE_MAX_BYTES;
    bytes_put(out, line, piece);
    for (size_t at = piece; at < length; at += piece) {
        size_t rest = length - at;
        piece = rest < LINE_MAX_BYTES - 1 ? rest : LINE_MAX_BYTES - 1;
        bytes_put_text(out, "\n ");
        bytes_put(out, line + at, piece);
    }
    bytes_put_char(out, '\n');
}

static void put_base64(struct bytes *line, const uint8_t *bytes, size_t size)
{
    size_t room = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL);
    CLEANUP(free_pointer) char *text = malloc(room);
    if (!text) {
        line->failed = true;
        return;
    }
    sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
    bytes_put_text(line, text);
}

static void put_line(struct bytes *out, const char *name, const uint8_t *bytes, size_t size)
{
    CLEANUP(bytes_free) struct bytes line = {0};
    bytes_put_text(&line, name);
    if (is_safe(bytes, size)) {
        bytes_put_text(&line, size ? ": " : ":");
        bytes_put(&line, bytes, size);
    } else {
        bytes_put_text(&line, ":: ");
        put_base64(&line, bytes, size);
    }
    if (line.failed)
        out->failed = true;
    else
        put_folded(out, (const char *)line.at, line.size);
}

int ldif_format(const struct ldif *ldif, char **out, size_t *size, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    bytes_put_text(&text, "version: 1\n");
    for (size_t i = 0; i < ldif->count; i++) {
        const struct ldif_record *record = &ldif->records[i];
        bytes_put_char(&text, '\n');
        put_line(&text, "dn", (const uint8_t *)record->dn, strlen(record->dn));
        for (size_t k = 0; k < record->count; k++)
            put_line(&text, record->values[k].name, record->values[k].bytes,
                     record->values[k].size);
    }
    void *taken;
    int rc = bytes_take(&text, &taken, size, err);
    if (!rc)
        *out = taken;
    return rc;
}

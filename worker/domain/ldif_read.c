/* ldif_read.c - LDIF text becomes records. */
#include "ldif.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"

struct reader {
    const char *at;
    const char *end;
    size_t line;       /* of the logical line being read, from 1 */
    size_t line_count; /* physical lines so far */
    unsigned flags;
    struct bytes text; /* the logical line, unfolded */
    struct ldif *ldif;
    struct ldif_record *record; /* the open one, or NULL between records */
    bool skipping;              /* inside what ldapsearch adds */
};

static void free_reader(struct reader *reader)
{
    bytes_free(&reader->text);
    ldif_free(&reader->ldif);
}

/* Appends one physical line without its end. */
static void take_physical(struct reader *reader)
{
    const char *end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    const char *stop = end ? end : reader->end;
    size_t length = (size_t)(stop - reader->at);
    if (length && stop[-1] == '\r')
        length--;
    bytes_put(&reader->text, reader->at, length);
    reader->at = end ? end + 1 : reader->end;
    reader->line_count++;
}

/* Gathers a logical line. A comment may be folded as well. */
static int take_logical(struct reader *reader, struct gpmq_error *err)
{
    bytes_cut(&reader->text, 0);
    reader->line = reader->line_count + 1;
    take_physical(reader);
    while (reader->text.size && reader->at < reader->end && *reader->at == ' ') {
        reader->at++;
        take_physical(reader);
        if (reader->text.size > 2 * (size_t)LDIF_VALUE_MAX)
            return fail(err, GPMQ_ETOOBIG, "LDIF line %zu is longer than %u bytes", reader->line,
                        2 * LDIF_VALUE_MAX);
    }
    bytes_put(&reader->text, "", 0);
    if (reader->text.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for LDIF line %zu", reader->line);
    return 0;
}

/* One line, taken apart: name, and the value's bytes in memory of its own. */
struct line {
    const char *name;
    uint8_t *bytes;
    size_t size;
};

static void free_line(struct line *line)
{
    free(line->bytes);
}

static int take_base64(const struct reader *reader, const char *text, size_t length,
                       struct line *out, struct gpmq_error *err)
{
    size_t room = length / 4 * 3 + 3;
    out->bytes = malloc(room + 1);
    if (!out->bytes)
        return fail(err, GPMQ_ENOMEM, "no memory for LDIF line %zu", reader->line);
    const char *end;
    if (sodium_base642bin(out->bytes, room, text, length, NULL, &out->size, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        end != text + length)
        return fail(err, GPMQ_EMALFORMED, "LDIF line %zu: the value of %s is no base64",
                    reader->line, out->name);
    return 0;
}

static int take_plain(const struct reader *reader, const char *text, size_t length,
                      struct line *out, struct gpmq_error *err)
{
    if (memchr(text, 0, length) || memchr(text, '\r', length) || !fold_is_utf8(text, length))
        return fail(err, GPMQ_EMALFORMED, "LDIF line %zu: the value of %s is no UTF-8 text",
                    reader->line, out->name);
    out->bytes = malloc(length + 1);
    if (!out->bytes)
        return fail(err, GPMQ_ENOMEM, "no memory for LDIF line %zu", reader->line);
    memcpy(out->bytes, text, length);
    out->size = length;
    return 0;
}

/* Splits the logical line, whose ':' becomes the NUL behind the name. */
static int split(struct reader *reader, struct line *out, struct gpmq_error *err)
{
    char *text = (char *)reader->text.at;
    size_t length = reader->text.size;
    char *colon = memchr(text, ':', length);
    if (!colon || colon == text || memchr(text, 0, (size_t)(colon - text)))
        return fail(err, GPMQ_EMALFORMED, "LDIF line %zu is no 'name: value'", reader->line);
    *colon = 0;
    out->name = text;
    char *value = colon + 1;
    bool base64 = *value == ':';
    if (*value == '<')
        return fail(err, GPMQ_EMALFORMED,
                    "LDIF line %zu: %s is given by a URL, which is not supported: write the value",
                    reader->line, out->name);
    value += base64;
    value += strspn(value, " ");
    size_t size = (size_t)(text + length - value);
    return base64 ? take_base64(reader, value, size, out, err)
                  : take_plain(reader, value, size, out, err);
}

static int begin_record(struct reader *reader, const struct line *line, struct gpmq_error *err)
{
    const char *dn = (const char *)line->bytes;
    if (memchr(dn, 0, line->size) || !fold_is_utf8(dn, line->size))
        return fail(err, GPMQ_EMALFORMED, "LDIF line %zu: the DN is no UTF-8 text", reader->line);
    return ldif_add(reader->ldif, dn, &reader->record, err);
}

/* Lines that ldapsearch prints outside of records. */
static bool is_search_line(const char *name)
{
    static const char *const names[] = {"search", "result", "ref", "matchedDN", "text", "control"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

static int take_first_line(struct reader *reader, const struct line *line, struct gpmq_error *err)
{
    const char *value = (const char *)line->bytes;
    if (strcasecmp(line->name, "dn") == 0)
        return begin_record(reader, line, err);
    if (strcasecmp(line->name, "version") == 0 && reader->ldif->count == 0) {
        if (strcmp(value, "1") != 0)
            return fail(err, GPMQ_EVERSION, "LDIF line %zu: version '%s' is not 1", reader->line,
                        value);
        return 0;
    }
    if (reader->flags & LDIF_SEARCH_OUTPUT && is_search_line(line->name)) {
        reader->skipping = true;
        return 0;
    }
    return fail(err, GPMQ_EMALFORMED, "LDIF line %zu: a record begins with 'dn:', not '%s:'",
                reader->line, line->name);
}

static int take_line(struct reader *reader, struct gpmq_error *err)
{
    CLEANUP(free_line) struct line line = {0};
    int rc = split(reader, &line, err);
    if (rc)
        return rc;
    line.bytes[line.size] = 0;
    if (!reader->record)
        return take_first_line(reader, &line, err);
    if (strcasecmp(line.name, "changetype") == 0 || strcasecmp(line.name, "control") == 0 ||
        strcasecmp(line.name, "dn") == 0)
        return fail(err, GPMQ_EMALFORMED,
                    "LDIF line %zu: '%s:' inside a record: only content records are supported",
                    reader->line, line.name);
    rc = ldif_put(reader->record, line.name, line.bytes, line.size, err);
    if (rc == GPMQ_EINVAL)
        rc = fail(err, GPMQ_EMALFORMED, "'%s' is no attribute name", line.name);
    return rc ? fail_in(err, "LDIF line %zu", reader->line) : 0;
}

static int take_all(struct reader *reader, struct gpmq_error *err)
{
    while (reader->at < reader->end) {
        int rc = take_logical(reader, err);
        if (rc)
            return rc;
        if (reader->text.size == 0) {
            reader->record = NULL;
            reader->skipping = false;
        } else if (reader->text.at[0] != '#' && !reader->skipping) {
            rc = take_line(reader, err);
        }
        if (rc)
            return rc;
    }
    return 0;
}

int ldif_parse(const void *text, size_t size, unsigned flags, struct ldif **out,
               struct gpmq_error *err)
{
    if (size > LDIF_SIZE_MAX)
        return fail(err, GPMQ_ETOOBIG, "LDIF of %zu bytes: at most %u are read", size,
                    LDIF_SIZE_MAX);
    CLEANUP(free_reader)
    struct reader reader = {
        .at = text, .end = (const char *)text + size, .flags = flags, .ldif = ldif_new()};
    if (!reader.ldif)
        return fail(err, GPMQ_ENOMEM, "no memory for LDIF");
    int rc = take_all(&reader, err);
    if (!rc)
        *out = STEAL(reader.ldif);
    return rc;
}

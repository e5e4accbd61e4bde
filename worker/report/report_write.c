#include "report_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"

#define INDENT     2
#define NODE_BYTES 8 /* "<></>\r\n" and what attributes add to their text */

int report_write_begin(struct report_write *write, struct gpmq_error *err)
{
    *write = (struct report_write){.xml = xml_writer_begin()};
    if (!write->xml)
        return fail(err, GPMQ_ENOMEM, "no memory for a report");
    xml_put_raw(write->xml, "<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    return 0;
}

void report_write_free(struct report_write *write)
{
    xml_writer_free(&write->xml);
}

int report_write_end(struct report_write *write, char **out, size_t *size, struct gpmq_error *err)
{
    if (write->code)
        return fail(err, write->code, "cannot write the report: %s", write->why);
    return xml_writer_end(&write->xml, out, size, err);
}

static void note(struct report_write *write, int code, const char *why)
{
    if (write->code)
        return;
    write->code = code;
    write->why = why;
}

bool report_has_room(const struct report_write *write)
{
    return !write->outline ||
           (write->nodes < REPORT_NODES_MAX / 4 * 3 && write->bytes < REPORT_BYTES_MAX / 2);
}

void report_refuse(struct report_write *write, const char *why)
{
    note(write, GPMQ_ETOOBIG, why);
}

/* Counts what is about to be written; false: it would be over a limit, or something was. */
static bool admit(struct report_write *write, size_t nodes, size_t bytes)
{
    write->nodes += nodes;
    write->bytes += bytes;
    if (write->nodes > REPORT_NODES_MAX)
        note(write, GPMQ_ETOOBIG, "it has more elements than a report may have");
    if (write->bytes > REPORT_BYTES_MAX)
        note(write, GPMQ_ETOOBIG, "it has more bytes than a report may have");
    return !write->code;
}

/* ---- text ----------------------------------------------------------------------------------- */

static bool is_for_xml(uint32_t c)
{
    return c >= 0x20 ? c != 0xFFFE && c != 0xFFFF : c == '\t' || c == '\n' || c == '\r';
}

static bool is_clean(const char *text)
{
    for (size_t room = strlen(text); room;) {
        uint32_t c;
        size_t length = fold_read(text, room, &c);
        if (!length || !is_for_xml(c) || c == '\r')
            return false;
        text += length;
        room -= length;
    }
    return true;
}

/* The first `room` bytes of a text, in whole characters, as XML can hold them. */
static void put_clean(struct bytes *out, const char *text, size_t room)
{
    while (room) {
        uint32_t c = 0;
        size_t length = fold_read(text, room, &c);
        bool line_end = length && c == '\r' && text[1] == '\n';
        if (!length || !is_for_xml(c))
            bytes_put_text(out, "\xEF\xBF\xBD");
        else if (!line_end)
            bytes_put(out, text, length);
        length = length ? length : 1;
        text += length;
        room -= length;
    }
}

/* Hands text, clean and counted, to `put`. */
static void with_clean(struct report_write *write, const char *name, const char *text,
                       void (*put)(struct xml_writer *xml, const char *name, const char *text))
{
    size_t length = text ? strlen(text) : 0;
    bool cut = write->outline && length > REPORT_CUT_MAX;
    if (cut)
        length = REPORT_CUT_MAX;
    if (length > REPORT_TEXT_MAX)
        note(write, GPMQ_ETOOBIG, "a text is longer than a report's may be");
    if (!admit(write, 0, length))
        return;
    if (!text || (!cut && is_clean(text))) {
        put(write->xml, name, text);
        return;
    }
    CLEANUP(bytes_free) struct bytes clean = {0};
    put_clean(&clean, text, length);
    if (clean.failed)
        note(write, GPMQ_ENOMEM, "no memory for it");
    else
        put(write->xml, name, clean.at ? (const char *)clean.at : "");
}

/* ---- elements ------------------------------------------------------------------------------- */

static void line(struct report_write *write)
{
    char indent[2 + INDENT * (REPORT_DEPTH_MAX + 1)];
    size_t length = (size_t)INDENT * write->depth;
    indent[0] = '\n';
    memset(indent + 1, ' ', length);
    indent[length + 1] = 0;
    xml_put_raw(write->xml, indent);
    write->bytes += length;
}

/* Where an element begins: a line of its own. False: it is not to be written. */
static bool begin(struct report_write *write, const char *name)
{
    if (strlen(name) > REPORT_NAME_MAX)
        note(write, GPMQ_ETOOBIG, "a name is longer than a report's may be");
    if (write->depth >= REPORT_DEPTH_MAX)
        note(write, GPMQ_ETOOBIG, "elements are too deep within each other");
    if (!admit(write, 1, 2 * strlen(name) + NODE_BYTES))
        return false;
    line(write);
    write->filled[write->depth] = true;
    return true;
}

static void open_named(struct report_write *write, const char *name)
{
    if (!begin(write, name))
        return;
    xml_open(write->xml, name);
    write->filled[++write->depth] = false;
}

static const char *with_prefix(const struct report_write *write, const char *name,
                               char out[REPORT_NAME_MAX + sizeof write->prefix])
{
    snprintf(out, REPORT_NAME_MAX + sizeof write->prefix, "%s%s", write->prefix, name);
    return out;
}

void report_open(struct report_write *write, const char *name)
{
    char whole[REPORT_NAME_MAX + sizeof write->prefix];
    if (strlen(name) > REPORT_NAME_MAX)
        note(write, GPMQ_ETOOBIG, "a name is longer than a report's may be");
    else
        open_named(write, with_prefix(write, name, whole));
}

void report_open_in(struct report_write *write, const char *name, const char *namespace_uri)
{
    open_named(write, name);
    report_attribute(write, "xmlns", namespace_uri);
}

void report_close(struct report_write *write)
{
    if (write->code)
        return;
    bool filled = write->filled[write->depth--];
    if (filled)
        line(write);
    xml_close(write->xml);
}

void report_attribute(struct report_write *write, const char *name, const char *value)
{
    if (!value)
        return;
    if (++write->attributes > REPORT_ATTRIBUTES_MAX)
        note(write, GPMQ_ETOOBIG, "it has more attributes than a report may have");
    if (admit(write, 0, strlen(name) + NODE_BYTES))
        with_clean(write, name, value, xml_put_attribute);
}

void report_text(struct report_write *write, const char *name, const char *text)
{
    char whole[REPORT_NAME_MAX + sizeof write->prefix];
    if (begin(write, name))
        with_clean(write, with_prefix(write, name, whole), text, xml_put_text);
}

void report_text_in(struct report_write *write, const char *name, const char *namespace_uri,
                    const char *text)
{
    report_open_in(write, name, namespace_uri);
    report_content(write, text);
    report_close(write);
}

void report_text_own(struct report_write *write, const char *name, const char *text)
{
    open_named(write, name);
    report_attribute(write, "xmlns:gpmq", REPORT_NS_GPMQ);
    report_content(write, text);
    report_close(write);
}

void report_number(struct report_write *write, const char *name, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    report_text(write, name, text);
}

void report_bool(struct report_write *write, const char *name, bool value)
{
    report_text(write, name, value ? "true" : "false");
}

static void put_content(struct xml_writer *xml, const char *name, const char *text)
{
    (void)name;
    xml_put_content(xml, text);
}

void report_content(struct report_write *write, const char *text)
{
    if (text && *text)
        with_clean(write, NULL, text, put_content);
}

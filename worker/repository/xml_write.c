#include <string.h>

#include <libxml/xmlwriter.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "xml.h"

struct xml_writer {
    xmlBuffer *buffer;
    xmlTextWriter *writer;
    int code;        /* of the first failure */
    const char *why; /* it failed, for people */
};

static const xmlChar *x(const char *text)
{
    return (const xmlChar *)text;
}

void xml_writer_free(struct xml_writer **writer_p)
{
    struct xml_writer *writer = STEAL(*writer_p);
    if (!writer)
        return;
    if (writer->writer)
        xmlFreeTextWriter(writer->writer);
    if (writer->buffer)
        xmlBufferFree(writer->buffer);
    free(writer);
}

struct xml_writer *xml_writer_begin(void)
{
    CLEANUP(xml_writer_free) struct xml_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return NULL;
    writer->buffer = xmlBufferCreate();
    if (writer->buffer) /* otherwise it grows by each text's length, and is copied each time */
        xmlBufferSetAllocationScheme(writer->buffer, XML_BUFFER_ALLOC_DOUBLEIT);
    writer->writer = writer->buffer ? xmlNewTextWriterMemory(writer->buffer, 0) : NULL;
    return writer->writer ? STEAL(writer) : NULL;
}

static void note(struct xml_writer *writer, bool good, int code, const char *why)
{
    if (good || writer->code)
        return;
    writer->code = code;
    writer->why = why;
}

static void written(struct xml_writer *writer, int rc)
{
    note(writer, rc >= 0, GPMQ_ENOMEM, "no memory for it");
}

/* XML 1.0 has no control characters but tab and line ends, and neither U+FFFE nor U+FFFF. */
static bool can_be_written(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p < 0x20 && !strchr("\t\n\r", *p))
            return false;
        if (*p == 0xEF && p[1] == 0xBF && (p[2] == 0xBE || p[2] == 0xBF))
            return false;
    }
    return fold_is_utf8(text, strlen(text));
}

static bool judge(struct xml_writer *writer, const char *text)
{
    note(writer, can_be_written(text), GPMQ_EINVAL, "a text holds what XML cannot hold");
    return !writer->code;
}

int xml_writer_end(struct xml_writer **writer_p, char **out, size_t *size, struct gpmq_error *err)
{
    CLEANUP(xml_writer_free) struct xml_writer *writer = STEAL(*writer_p);
    written(writer, xmlTextWriterFlush(writer->writer));
    if (writer->code)
        return fail(err, writer->code, "cannot write XML: %s", writer->why);

    size_t length = (size_t)xmlBufferLength(writer->buffer);
    char *text = malloc(length + 1);
    if (!text)
        return fail(err, GPMQ_ENOMEM, "cannot hold %zu bytes of XML", length);
    memcpy(text, xmlBufferContent(writer->buffer), length);
    text[length] = 0;
    *out = text;
    *size = length;
    return 0;
}

void xml_open(struct xml_writer *writer, const char *name)
{
    written(writer, xmlTextWriterStartElement(writer->writer, x(name)));
}

void xml_close(struct xml_writer *writer)
{
    written(writer, xmlTextWriterEndElement(writer->writer));
}

void xml_put_attribute(struct xml_writer *writer, const char *name, const char *value)
{
    if (value && judge(writer, value))
        written(writer, xmlTextWriterWriteAttribute(writer->writer, x(name), x(value)));
}

static void put_piece(struct xml_writer *writer, const char *text, size_t length)
{
    if (length)
        written(writer, xmlTextWriterWriteRawLen(writer->writer, x(text), (int)length));
}

/* "]]>" ends a section, so it is cut between two sections; a carriage return in one would be read
 * as a line feed. */
static void put_sections(struct xml_writer *writer, const char *text)
{
    xml_put_raw(writer, "<![CDATA[");
    while (*text) {
        size_t length = strcspn(text, "\r]");
        put_piece(writer, text, length);
        text += length;
        if (*text == '\r') {
            xml_put_raw(writer, "]]>&#13;<![CDATA[");
            text++;
        } else if (*text && !strncmp(text, "]]>", 3)) {
            xml_put_raw(writer, "]]]]><![CDATA[>");
            text += 3;
        } else if (*text) {
            put_piece(writer, text++, 1);
        }
    }
    xml_put_raw(writer, "]]>");
}

void xml_put_cdata_always(struct xml_writer *writer, const char *name, const char *value)
{
    xml_open(writer, name);
    if (judge(writer, value ? value : ""))
        put_sections(writer, value ? value : "");
    xml_close(writer);
}

void xml_put_cdata(struct xml_writer *writer, const char *name, const char *value)
{
    if (value && *value) {
        xml_put_cdata_always(writer, name, value);
        return;
    }
    xml_open(writer, name);
    xml_close(writer);
}

void xml_put_content(struct xml_writer *writer, const char *text)
{
    if (*text && judge(writer, text))
        written(writer, xmlTextWriterWriteString(writer->writer, x(text)));
}

void xml_put_text(struct xml_writer *writer, const char *name, const char *value)
{
    xml_open(writer, name);
    xml_put_content(writer, value ? value : "");
    xml_close(writer);
}

void xml_put_raw(struct xml_writer *writer, const char *text)
{
    written(writer, xmlTextWriterWriteRaw(writer->writer, x(text)));
}

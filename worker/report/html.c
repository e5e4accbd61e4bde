/* html.c - writes HTML. */
#include "html.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"

struct range {
    uint32_t first, last;
};

/* What a reader would not see, or would see in another place than it stands. Joiners (U+200C,
 * U+200D) are not among them: Persian, Indic scripts and emoji are written with them. */
/* clang-format off */
static const struct range hidden[] = {
    {0x0000, 0x0008}, {0x000B, 0x000C}, {0x000E, 0x001F}, {0x007F, 0x009F}, /* controls */
    {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x061C, 0x061C}, {0x115F, 0x1160}, {0x17B4, 0x17B5},
    {0x180E, 0x180E}, {0x200B, 0x200B}, {0x200E, 0x200F}, /* no width, marks of direction */
    {0x2028, 0x202E}, {0x2060, 0x206F}, /* separators; embeddings, overrides, isolates */
    {0x3164, 0x3164}, {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB},
    {0xE0000, 0xE007F}, /* tags */
};
/* clang-format on */

bool html_shows(unsigned int character)
{
    if ((character & 0xFFFE) == 0xFFFE)
        return false;
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (character >= hidden[i].first && character <= hidden[i].last)
            return false;
    return true;
}

static bool good(struct html *html)
{
    if (!html->code && html->out.failed)
        html->code = GPMQ_ENOMEM;
    if (!html->code && html->out.size > HTML_BYTES_MAX)
        html->code = GPMQ_ETOOBIG;
    return !html->code;
}

void html_constant(struct html *html, const char *text)
{
    if (good(html))
        bytes_put_text(&html->out, text);
}

static const char *entity_of(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\r':
        return "&#13;";
    default:
        return NULL;
    }
}

/* How a number instead of a character is written: inside a tag there can be no other tag. */
enum place { IN_TEXT, IN_ATTRIBUTE };

static void put_number(struct html *html, enum place place, const char *number)
{
    bytes_format(&html->out, place == IN_TEXT ? "<span class=\"char\">%s</span>" : "[%s]", number);
}

/* One character at text; returns how many bytes it took. */
static size_t put_character(struct html *html, enum place place, const char *text, size_t room)
{
    char number[16];
    uint32_t character;
    size_t length = fold_read(text, room, &character);
    const char *entity = entity_of((unsigned char)*text);
    if (entity) {
        bytes_put_text(&html->out, entity);
    } else if (length == 0) {
        snprintf(number, sizeof number, "byte %02X", (unsigned char)*text);
        put_number(html, place, number);
    } else if (html_shows(character)) {
        bytes_put(&html->out, text, length);
    } else {
        snprintf(number, sizeof number, "U+%04X", character);
        put_number(html, place, number);
    }
    return length ? length : 1;
}

/* Bytes that are themselves everywhere. */
static size_t plain_size(const char *text, size_t size)
{
    size_t i = 0;
    while (i < size && ((text[i] >= 0x20 && text[i] < 0x7F && !entity_of((unsigned char)text[i])) ||
                        text[i] == '\n' || text[i] == '\t'))
        i++;
    return i;
}

static void escape(struct html *html, enum place place, const char *text, size_t size)
{
    while (size > 0 && good(html)) {
        size_t length = plain_size(text, size);
        if (length)
            bytes_put(&html->out, text, length);
        else
            length = put_character(html, place, text, size);
        text += length;
        size -= length;
    }
}

void html_text_size(struct html *html, const char *text, size_t size)
{
    /* In these an entity or a tag is no such thing, so that nothing could be escaped. */
    if (html->depth && html->depth <= HTML_DEPTH_MAX)
        assert(strcmp(html->open[html->depth - 1], "script") &&
               strcmp(html->open[html->depth - 1], "style"));
    /* A title takes entities, but no tags. */
    bool title = html->depth && html->depth <= HTML_DEPTH_MAX &&
                 !strcmp(html->open[html->depth - 1], "title");
    escape(html, title ? IN_ATTRIBUTE : IN_TEXT, text, size);
}

void html_text(struct html *html, const char *text)
{
    html_text_size(html, text, strlen(text));
}

void html_format(struct html *html, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    CLEANUP(free_pointer) char *text = NULL;
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0) {
        text = NULL;
        html->out.failed = true;
        return;
    }
    html_text_size(html, text, (size_t)length);
}

static void put_attributes(struct html *html, va_list args)
{
    const char *name;
    while ((name = va_arg(args, const char *))) {
        const char *value = va_arg(args, const char *);
        if (!value)
            return;
        bytes_format(&html->out, " %s=\"", name);
        escape(html, IN_ATTRIBUTE, value, strlen(value));
        bytes_put_char(&html->out, '"');
    }
}

void html_open(struct html *html, const char *tag, ...)
{
    if (html->depth >= HTML_DEPTH_MAX && !html->code)
        html->code = GPMQ_ETOOBIG;
    if (html->depth < HTML_DEPTH_MAX)
        html->open[html->depth] = tag;
    html->depth++;
    if (!good(html))
        return;
    bytes_format(&html->out, "<%s", tag);
    va_list args;
    va_start(args, tag);
    put_attributes(html, args);
    va_end(args);
    bytes_put_char(&html->out, '>');
}

void html_void(struct html *html, const char *tag, ...)
{
    if (!good(html))
        return;
    bytes_format(&html->out, "<%s", tag);
    va_list args;
    va_start(args, tag);
    put_attributes(html, args);
    va_end(args);
    bytes_put_text(&html->out, ">");
}

void html_close(struct html *html, const char *tag)
{
    assert(html->depth > 0);
    html->depth--;
    if (html->depth >= HTML_DEPTH_MAX)
        return;
    assert(!strcmp(html->open[html->depth], tag));
    if (good(html))
        bytes_format(&html->out, "</%s>", tag);
}

void html_put(struct html *html, const char *tag, const char *css_class, const char *text)
{
    html_open(html, tag, "class", css_class, NULL);
    html_text(html, text ? text : "");
    html_close(html, tag);
}

void html_join(struct html *html, struct html *other)
{
    assert(other->depth == 0);
    if (!good(other) && !html->code)
        html->code = other->code;
    if (good(html))
        bytes_put(&html->out, other->out.at, other->out.size);
    html_free(other);
}

int html_end(struct html *html, char **out, size_t *size, struct gpmq_error *err)
{
    assert(html->depth == 0);
    if (!good(html))
        return html->code == GPMQ_ETOOBIG
                   ? fail(err, GPMQ_ETOOBIG, "the page has more than %u bytes, or %d elements deep",
                          HTML_BYTES_MAX, HTML_DEPTH_MAX)
                   : fail(err, html->code, "no memory for a page");
    void *page;
    int rc = bytes_take(&html->out, &page, size, err);
    if (!rc)
        *out = page;
    return rc;
}

void html_free(struct html *html)
{
    bytes_free(&html->out);
    *html = (struct html){0};
}

#include "xml_scan.h"

#include <stdbool.h>
#include <string.h>

#include "fail.h"
#include "xml.h"

struct scan {
    const char *next;
    const char *end;
    size_t depth;
    size_t nodes;
    size_t attributes;
    struct gpmq_error *err;
};

static size_t left(const struct scan *scan)
{
    return (size_t)(scan->end - scan->next);
}

static bool starts_with(const struct scan *scan, const char *word)
{
    size_t length = strlen(word);
    return left(scan) >= length && !memcmp(scan->next, word, length);
}

static int count_node(struct scan *scan)
{
    if (++scan->nodes > XML_NODES_MAX)
        return fail(scan->err, GPMQ_ETOOBIG, "more than %d elements", XML_NODES_MAX);
    return 0;
}

/* `of_element` is how many its element has with this one. */
static int count_attribute(struct scan *scan, size_t of_element)
{
    if (of_element > XML_ATTRIBUTES_MAX)
        return fail(scan->err, GPMQ_ETOOBIG, "an element with more than %d attributes",
                    XML_ATTRIBUTES_MAX);
    if (++scan->attributes > XML_ATTRIBUTES_ALL_MAX)
        return fail(scan->err, GPMQ_ETOOBIG, "more than %d attributes in all",
                    XML_ATTRIBUTES_ALL_MAX);
    return 0;
}

/* Goes behind `closing`, which ends what starts here. */
static int skip_to(struct scan *scan, const char *closing, const char *what)
{
    const char *found = memmem(scan->next, left(scan), closing, strlen(closing));
    if (!found)
        return fail(scan->err, GPMQ_EMALFORMED, "%s that does not end", what);
    scan->next = found + strlen(closing);
    return 0;
}

static int skip_declaration(struct scan *scan)
{
    static const struct {
        const char *opening, *closing, *what;
    } known[] = {
        {"<!--", "-->", "a comment"},
        {"<![CDATA[", "]]>", "a CDATA section"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (starts_with(scan, known[i].opening)) {
            scan->next += strlen(known[i].opening);
            return skip_to(scan, known[i].closing, known[i].what);
        }
    return fail(scan->err, GPMQ_EMALFORMED,
                "a DOCTYPE or other declaration: documents with one are refused");
}

/* Goes behind the '>' of a tag; counts its attributes by their quoted values. */
static int skip_tag(struct scan *scan, bool *closed)
{
    size_t attributes = 0;
    while (scan->next < scan->end && *scan->next != '>') {
        char c = *scan->next++;
        if (c == '<')
            return fail(scan->err, GPMQ_EMALFORMED, "a '<' inside a tag");
        if (c != '"' && c != '\'')
            continue;
        int rc = count_attribute(scan, ++attributes);
        if (rc)
            return rc;
        const char *quote = memchr(scan->next, c, left(scan));
        if (!quote)
            return fail(scan->err, GPMQ_EMALFORMED, "an attribute that does not end");
        scan->next = quote + 1;
    }
    if (scan->next == scan->end)
        return fail(scan->err, GPMQ_EMALFORMED, "a tag that does not end");
    *closed = scan->next[-1] == '/';
    scan->next++;
    return 0;
}

static int skip_element(struct scan *scan)
{
    bool closed = false;
    scan->next++;
    if (starts_with(scan, "/")) {
        if (scan->depth == 0)
            return fail(scan->err, GPMQ_EMALFORMED, "an end tag without its start");
        scan->depth--;
        return skip_tag(scan, &closed);
    }
    int rc = skip_tag(scan, &closed);
    if (rc || closed)
        return rc;
    if (++scan->depth > XML_DEPTH_MAX)
        return fail(scan->err, GPMQ_ETOOBIG, "elements more than %d deep", XML_DEPTH_MAX);
    return 0;
}

/* An end tag is no node of its own. */
static int skip_markup(struct scan *scan)
{
    int rc = starts_with(scan, "</") ? 0 : count_node(scan);
    if (rc)
        return rc;
    if (starts_with(scan, "<!"))
        return skip_declaration(scan);
    if (starts_with(scan, "<?"))
        return skip_to(scan, "?>", "an instruction");
    return skip_element(scan);
}

/* Adds where the scan stopped. */
static int fail_here(const struct scan *scan, const char *text, int rc)
{
    size_t line = 1;
    for (const char *at = text; (at = memchr(at, '\n', (size_t)(scan->next - at))); at++)
        line++;
    fail_in(scan->err, "line %zu", line);
    return rc;
}

int xml_scan(const char *text, size_t size, struct gpmq_error *err)
{
    struct scan scan = {.next = text, .end = text + size, .err = err};
    while (scan.next < scan.end) {
        const char *markup = memchr(scan.next, '<', left(&scan));
        size_t plain = (size_t)((markup ? markup : scan.end) - scan.next);
        int rc = 0;
        if (plain > XML_TEXT_MAX)
            rc = fail(err, GPMQ_ETOOBIG, "a text of more than %u bytes", XML_TEXT_MAX);
        else
            scan.next += plain;
        if (!rc && markup)
            rc = skip_markup(&scan);
        if (rc)
            return fail_here(&scan, text, rc);
    }
    if (!scan.depth)
        return 0;
    return fail_here(
        &scan, text,
        fail(err, GPMQ_EMALFORMED, "the document ends within %zu elements", scan.depth));
}

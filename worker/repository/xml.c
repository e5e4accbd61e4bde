#include "xml.h"

#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "cleanup.h"
#include "fail.h"
#include "text.h"
#include "xml_scan.h"

/* Never NOENT, DTDLOAD or HUGE (CONTRIBUTING.md, "XML from outside"). */
#define READ_OPTIONS                                                                               \
    (XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |               \
     XML_PARSE_COMPACT)

struct xml_document {
    xmlDoc *tree;
};

static const xmlNode *node_of(const struct xml_element *element)
{
    return (const xmlNode *)element;
}

static const struct xml_element *element_of(const xmlNode *node)
{
    return (const struct xml_element *)node;
}

void xml_free(struct xml_document **document_p)
{
    struct xml_document *document = STEAL(*document_p);
    if (!document)
        return;
    if (document->tree)
        xmlFreeDoc(document->tree);
    free(document);
}

static void free_parser(xmlParserCtxt **parser_p)
{
    if (*parser_p)
        xmlFreeParserCtxt(*parser_p);
    *parser_p = NULL;
}

/* Behind the XML declaration: the text is UTF-8 now, whatever it claims there. */
static const char *behind_declaration(const char *text)
{
    if (strncmp(text, "<?xml", 5) != 0 || !strchr(" \t\r\n", text[5]))
        return text;
    const char *end = strstr(text, "?>");
    return end ? end + 2 : text;
}

static int parse(xmlDoc **out, const char *text, size_t size, const char *name,
                 struct gpmq_error *err)
{
    const char *body = behind_declaration(text);
    CLEANUP(free_parser) xmlParserCtxt *parser = xmlNewParserCtxt();
    if (!parser)
        return fail(err, GPMQ_ENOMEM, "cannot allocate an XML parser");
    parser->sax->comment = NULL;
    parser->sax->processingInstruction = NULL;
    parser->sax->resolveEntity = NULL;

    xmlDoc *tree = xmlCtxtReadMemory(parser, body, (int)(size - (size_t)(body - text)), NULL,
                                     "UTF-8", READ_OPTIONS);
    if (tree) {
        *out = tree;
        return 0;
    }
    const xmlError *why = xmlCtxtGetLastError(parser);
    const char *reason = why && why->message ? why->message : "not well formed";
    return fail(err, GPMQ_EMALFORMED, "%s, line %d: %.*s", name, why ? why->line : 0,
                (int)strcspn(reason, "\n"), reason);
}

int xml_read(struct xml_document **out, const void *bytes, size_t size, const char *name,
             struct gpmq_error *err)
{
    if (size > XML_BYTES_MAX)
        return fail(err, GPMQ_ETOOBIG, "%s has %zu bytes, more than %u", name, size, XML_BYTES_MAX);
    CLEANUP(free_pointer) char *text = NULL;
    size_t length;
    int rc = text_to_utf8(&text, &length, bytes, size, TEXT_STRICT, err);
    if (!rc)
        rc = xml_scan(text, length, err);
    if (rc) {
        fail_in(err, "%s", name);
        return rc;
    }

    CLEANUP(xml_free) struct xml_document *document = calloc(1, sizeof *document);
    if (!document)
        return fail(err, GPMQ_ENOMEM, "cannot allocate a document");
    rc = parse(&document->tree, text, length, name, err);
    if (rc)
        return rc;
    *out = STEAL(document);
    return 0;
}

const struct xml_element *xml_root(const struct xml_document *document, const char *name,
                                   const char *namespace_uri)
{
    const xmlNode *root = xmlDocGetRootElement(document->tree);
    if (!root || !root->ns || strcmp((const char *)root->name, name) != 0)
        return NULL;
    return strcmp((const char *)root->ns->href, namespace_uri) ? NULL : element_of(root);
}

const struct xml_element *xml_top(const struct xml_document *document)
{
    return element_of(xmlDocGetRootElement(document->tree));
}

const struct xml_element *xml_any_root(const struct xml_document *document)
{
    return element_of(xmlDocGetRootElement(document->tree));
}

static const struct xml_element *first_of(const xmlNode *node, const char *name)
{
    for (; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE && (!name || !strcmp((const char *)node->name, name)))
            return element_of(node);
    return NULL;
}

const struct xml_element *xml_child(const struct xml_element *parent, const char *name)
{
    return parent ? first_of(node_of(parent)->children, name) : NULL;
}

const struct xml_element *xml_next(const struct xml_element *element, const char *name)
{
    return first_of(node_of(element)->next, name);
}

size_t xml_count(const struct xml_element *parent, const char *name)
{
    size_t count = 0;
    for (const struct xml_element *e = xml_child(parent, name); e; e = xml_next(e, name))
        count++;
    return count;
}

const char *xml_name(const struct xml_element *element)
{
    return (const char *)node_of(element)->name;
}

const char *xml_namespace(const struct xml_element *element)
{
    const xmlNs *ns = node_of(element)->ns;
    return ns && ns->href ? (const char *)ns->href : "";
}

int xml_line(const struct xml_element *element)
{
    return (int)xmlGetLineNo(node_of(element));
}

const char *xml_text(const struct xml_element *element)
{
    const char *text = "";
    for (const xmlNode *node = node_of(element)->children; node; node = node->next)
        if (node->type == XML_TEXT_NODE && node->content && !*text)
            text = (const char *)node->content;
    return text;
}

const char *xml_child_text(const struct xml_element *parent, const char *name)
{
    const struct xml_element *child = xml_child(parent, name);
    return child ? xml_text(child) : NULL;
}

static const char *value_of(const xmlAttr *attribute)
{
    const xmlNode *text = attribute->children;
    return text && text->content ? (const char *)text->content : "";
}

const char *xml_attribute(const struct xml_element *element, const char *name)
{
    for (const xmlAttr *a = node_of(element)->properties; a; a = a->next)
        if (!strcmp((const char *)a->name, name))
            return value_of(a);
    return NULL;
}

bool xml_attribute_at(const struct xml_element *element, size_t at, const char **name,
                      const char **value)
{
    for (const xmlAttr *a = node_of(element)->properties; a; a = a->next) {
        if (a->ns || at--)
            continue;
        *name = (const char *)a->name;
        *value = value_of(a);
        return true;
    }
    return false;
}

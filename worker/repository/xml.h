/*
 * xml.h - the one way to libxml2: reads a document from outside into a tree, writes one.
 *
 * Before libxml2 sees a byte, the text is made UTF-8 by what the bytes are (the encoding that a
 * document claims is not believed), a DOCTYPE is refused, and so is what is over the limits below.
 * There are no entities but the five of XML, no files and no network behind a document.
 *
 * Names are local names: prefixes and namespaces have been dealt with. Elements and what they hand
 * out belong to the document.
 */
#ifndef GPMQ_XML_H
#define GPMQ_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "gpmq/error.h"

#define XML_BYTES_MAX      (32u << 20) /* of a document, as it lies on disk */
#define XML_DEPTH_MAX      72          /* elements within each other */
#define XML_ATTRIBUTES_MAX 128         /* of one element: libxml2 needs quadratic time for them */
#define XML_NODES_MAX      200000      /* elements, comments and instructions of a document */
#define XML_TEXT_MAX       (8u << 20)  /* bytes of one text */

/* Attributes of a document: each costs libxml2 some 300 bytes. A preference item has 14 at two
 * elements, a policy of a template 6 at three. */
#define XML_ATTRIBUTES_ALL_MAX 500000

struct xml_document;
struct xml_element;

/* Reads a document. name is for the error's text. GPMQ_EMALFORMED: not well formed, or a DOCTYPE.
 * GPMQ_ETOOBIG: over a limit. Let *out go with xml_free(). */
int xml_read(struct xml_document **out, const void *bytes, size_t size, const char *name,
             struct gpmq_error *err) GPMQ_CHECKED;
/* Takes NULL; leaves NULL. */
void xml_free(struct xml_document **document_p);

/* The root, if it has that name and namespace; else NULL. */
const struct xml_element *xml_root(const struct xml_document *document, const char *name,
                                   const char *namespace_uri);
/* The root, whatever it is. */
const struct xml_element *xml_top(const struct xml_document *document);
/* The root, whatever its name is. */
const struct xml_element *xml_any_root(const struct xml_document *document);
/* The first child element, and the one that follows it; NULL: there is none. name NULL: any. */
const struct xml_element *xml_child(const struct xml_element *parent, const char *name);
const struct xml_element *xml_next(const struct xml_element *element, const char *name);
size_t xml_count(const struct xml_element *parent, const char *name);
const char *xml_name(const struct xml_element *element);
/* The URI of the element's namespace, "" when it is in none. */
const char *xml_namespace(const struct xml_element *element);
/* Line of the document that it stands on, for an error's text. */
int xml_line(const struct xml_element *element);

/* The text of an element without its child elements, "" when there is none. */
const char *xml_text(const struct xml_element *element);
/* The text of the first child of that name; NULL: there is no such child. */
const char *xml_child_text(const struct xml_element *parent, const char *name);
/* An attribute in any namespace; NULL: it has none of that name. */
const char *xml_attribute(const struct xml_element *element, const char *name);
/* The attribute at that place, from 0, among those that are in no namespace (so without xsi:type
 * and xsi:nil). False: there are no more. */
bool xml_attribute_at(const struct xml_element *element, size_t at, const char **name,
                      const char **value);

/* ---- writing -------------------------------------------------------------------------------- */

/* A document that is being written. The first failure is kept and told by xml_writer_end(): calls
 * in between need no check. Text that XML cannot hold is such a failure. */
struct xml_writer;

struct xml_writer *xml_writer_begin(void);
void xml_writer_free(struct xml_writer **writer_p);
/* Every element has been closed. Gives *out the document, *size bytes and a NUL behind them; free()
 * it. Ends the writer. */
int xml_writer_end(struct xml_writer **writer_p, char **out, size_t *size,
                   struct gpmq_error *err) GPMQ_CHECKED;

/* Opens an element; name and attribute names are written as they are, with their prefix. */
void xml_open(struct xml_writer *writer, const char *name);
void xml_close(struct xml_writer *writer);
/* An attribute of the element just opened; value NULL: none is written. */
void xml_put_attribute(struct xml_writer *writer, const char *name, const char *value);
/* <name><![CDATA[value]]></name>; value NULL or "": <name/>. */
void xml_put_cdata(struct xml_writer *writer, const char *name, const char *value);
/* As xml_put_cdata(), but "" is <name><![CDATA[]]></name>. */
void xml_put_cdata_always(struct xml_writer *writer, const char *name, const char *value);
/* <name>value</name>, escaped; value NULL or "": <name/>. */
void xml_put_text(struct xml_writer *writer, const char *name, const char *value);
/* Text of the element just opened, escaped; "" is nothing. */
void xml_put_content(struct xml_writer *writer, const char *text);
/* White space or a declaration, written as it is: never anything from outside. */
void xml_put_raw(struct xml_writer *writer, const char *text);

#endif

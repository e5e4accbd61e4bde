/*
 * report_write.h - how the XML report is written: indented as Windows does it, names with the
 * prefix of the extension they are in, text from outside made fit for XML, within what xml_read()
 * takes.
 *
 * The first failure is kept and told by report_write_end(): calls in between need no check.
 */
#ifndef GPMQ_REPORT_WRITE_H
#define GPMQ_REPORT_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xml.h"

#define REPORT_NODES_MAX      (XML_NODES_MAX - 1000)          /* elements of a report */
#define REPORT_ATTRIBUTES_MAX (XML_ATTRIBUTES_ALL_MAX - 1000) /* of all its elements */
#define REPORT_DEPTH_MAX      (XML_DEPTH_MAX - 2)             /* elements within each other */
#define REPORT_BYTES_MAX      (XML_BYTES_MAX / 2) /* of UTF-8: it takes twice that as UTF-16 */
#define REPORT_TEXT_MAX       (XML_TEXT_MAX / 4)  /* bytes of one text */
#define REPORT_CUT_MAX        (64u << 10)         /* bytes of one text of an outline: cut behind */
#define REPORT_NAME_MAX       256                 /* bytes of an element's or attribute's name */

/* Elements of ours, which programs made for GPMC's reports pass over. */
#define REPORT_NS_GPMQ "urn:gpmq:report"

struct report_write {
    struct xml_writer *xml;
    char prefix[16]; /* "q3:", or "" outside of an extension */
    unsigned depth;
    bool filled[REPORT_DEPTH_MAX + 1]; /* the open element of that depth has an element in it */
    size_t nodes;
    size_t bytes;
    size_t attributes;
    bool outline; /* texts are cut to REPORT_CUT_MAX */
    int code;     /* of the first failure, and why */
    const char *why;
};

/* GPMQ_ENOMEM. Let go with report_write_free(), also after a failure. */
int report_write_begin(struct report_write *write, struct gpmq_error *err) GPMQ_CHECKED;
void report_write_free(struct report_write *write);
/* Every element has been closed. Gives *out the document, a NUL behind its *size bytes; free() it.
 * GPMQ_ETOOBIG: it is over a limit above. */
int report_write_end(struct report_write *write, char **out, size_t *size,
                     struct gpmq_error *err) GPMQ_CHECKED;

/* Whether a list may go on: an outline tells how many more there are rather than be refused. */
bool report_has_room(const struct report_write *write);
/* Refuses the report as GPMQ_ETOOBIG, unless it failed before: nothing more is written. */
void report_refuse(struct report_write *write, const char *why);

/* Opens an element with the prefix that is set. */
void report_open(struct report_write *write, const char *name);
/* Opens one without prefix, in a default namespace of its own; namespace_uri NULL: its parent's. */
void report_open_in(struct report_write *write, const char *name, const char *namespace_uri);
void report_close(struct report_write *write);
/* Of the element just opened. value NULL: none is written. */
void report_attribute(struct report_write *write, const char *name, const char *value);

/* <name>text</name>; NULL or "": <name/>. What XML cannot hold becomes U+FFFD, "\r\n" a "\n". */
void report_text(struct report_write *write, const char *name, const char *text);
void report_text_in(struct report_write *write, const char *name, const char *namespace_uri,
                    const char *text);
void report_number(struct report_write *write, const char *name, uint64_t number);
void report_bool(struct report_write *write, const char *name, bool value);
/* An element of ours, "gpmq:Data", where its namespace has not been declared. */
void report_text_own(struct report_write *write, const char *name, const char *text);
/* Content of the element just opened, which has no element in it: of preferences. */
void report_content(struct report_write *write, const char *text);

#endif

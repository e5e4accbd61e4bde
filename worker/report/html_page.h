/*
 * html_page.h - a report as a page: title and overview, contents, parts with their sections,
 * warnings. Areas put their tables (html_table.h) between html_section_begin() and _end().
 *
 * Texts that are passed in are borrowed until html_page_end(): they belong to the report.
 */
#ifndef GPMQ_HTML_PAGE_H
#define GPMQ_HTML_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "html.h"

#define HTML_FACTS_MAX   6  /* facts below the title */
#define HTML_FACT_SIZE   96 /* bytes of one, with its NUL */
#define HTML_ANCHOR_SIZE 24

enum html_level {
    HTML_PART = 2,    /* of the page: in the contents */
    HTML_CHAPTER = 3, /* of a part */
    HTML_AREA = 4,    /* folds; in the contents */
    HTML_GROUP = 5,   /* of an area */
};

/* A line of the contents. */
struct html_entry {
    enum html_level level;
    size_t anchor; /* the number in its section's id */
    const char *title;
    size_t items; /* settings in it */
};

struct html_fact {
    const char *name; /* a constant */
    char value[HTML_FACT_SIZE];
};

struct html_page {
    struct html *html; /* where to write now: the body, or the inside of a section */
    struct html body;
    size_t sections; /* numbers their anchors */
    size_t items;    /* settings written so far */
    size_t secrets;  /* stored passwords met so far */
    size_t heading;  /* the number of the section that was begun last */
    struct html_entry *entries;
    size_t entries_count, entries_room;

    const char *kind;              /* what it is, above the title: "Group Policy Object" */
    const char *title;             /* its name */
    char subtitle[HTML_FACT_SIZE]; /* "": none */
    struct html_fact facts[HTML_FACTS_MAX];
    size_t facts_count;
};

/* A section that is being written; lives on the stack of who writes it. */
struct html_section {
    struct html inside;
    struct html *outside;
    const char *title;
    enum html_level level;
    size_t number;
    size_t entry;        /* of the contents; SIZE_MAX: in none */
    size_t items_before; /* of the page */
};

void html_page_begin(struct html_page *page);
/* For CLEANUP(). */
void html_page_free(struct html_page *page);
/* Says below the title when that was: an ISO 8601 time, or NULL. */
void html_page_when(struct html_page *page, const char *time);
/* Adds a fact to the overview; name is a constant, value is cut to its room. */
void html_page_fact(struct html_page *page, const char *name, const char *value);
/* Writes the page. Gives *out to the caller, who free()s it. Errors of html_end(). */
int html_page_end(struct html_page *page, char **out, size_t *size,
                  struct gpmq_error *err) GPMQ_CHECKED;

void html_section_begin(struct html_page *page, struct html_section *section, enum html_level level,
                        const char *title);
/* Writes the section with its heading, an area's with the number of its settings. Is there nothing
 * in it, `empty` is said instead; NULL: then there is no section. */
void html_section_end(struct html_page *page, struct html_section *section, const char *empty);

/* Whether that is the name of a password in a preference item (cpassword): the key to it has been
 * published. Its value is nowhere written. */
bool html_is_secret(const char *name);
/* Says, where the item is, that it stores a password; the page begins with how many there are. */
void html_secret(struct html_page *page);

#endif

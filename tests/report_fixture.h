/*
 * report_fixture.h - a GPO in memory and its report.
 */
#ifndef GPMQ_REPORT_FIXTURE_H
#define GPMQ_REPORT_FIXTURE_H

#include "report.h"
#include "xml.h"

struct report_file {
    const char *path;
    const char *content;
    size_t size; /* 0: content is text */
};

struct report_made {
    struct gpo *gpo;
    struct report_source source;
    char *text;
    size_t size;
    struct xml_document *document; /* read again from text */
};

/* The registrations that all areas need, for either side. */
extern const char *const report_all_extensions;

/* Fills made->gpo and made->source: a GPO of both sides with those files; `files` is borrowed. */
void report_fixture(struct report_made *made, const struct report_file *files, size_t count);
/* Makes the report and reads it; ends the test where that fails. */
void report_make(struct report_made *made);
void report_made_free(struct report_made *made);

/* Below a root: path of element names with '/' between them; the first of each. NULL: none. */
const struct xml_element *report_at(const struct report_made *made, const char *path);
/* The Extension of an area of a side ("Computer", "User"), or NULL. */
const struct xml_element *report_area_of(const struct report_made *made, const char *side,
                                         const char *area);

#endif

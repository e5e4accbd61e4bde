/*
 * report_inf.h - the lines of a settings file, kept: what a section sorts, groups and counts.
 */
#ifndef GPMQ_REPORT_INF_H
#define GPMQ_REPORT_INF_H

#include "inf.h"
#include "gpmq/error.h"

#define REPORT_LINES_MAX 65536

struct report_lines {
    size_t count;
    struct inf_line *items; /* in the file's order; their strings lie in the text */
};

/* Takes `text` to pieces; it must outlive *out. GPMQ_ETOOBIG: REPORT_LINES_MAX. */
int report_lines_read(struct report_lines *out, char *text, struct gpmq_error *err) GPMQ_CHECKED;
void report_lines_free(struct report_lines *lines);

/* The lines of one section (compared without case), sorted by key without case or in the file's
 * order; free() *out. */
int report_lines_of(const struct report_lines *lines, const char *section, bool sorted,
                    const struct inf_line ***out, size_t *count,
                    struct gpmq_error *err) GPMQ_CHECKED;

#endif

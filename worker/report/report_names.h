/*
 * report_names.h - the name of an account behind its SID, as Windows prints it: "BUILTIN\Users".
 */
#ifndef GPMQ_REPORT_NAMES_H
#define GPMQ_REPORT_NAMES_H

#include "report.h"

#define REPORT_NAMES_MAX 16384 /* different accounts of one report */

struct report_name {
    char *sid;
    char *name; /* NULL: nobody knows it */
};

/* Those looked up so far; zeroed to begin with. */
struct report_names {
    size_t count;
    size_t room;
    struct report_name *items; /* sorted by SID */
};
void report_names_free(struct report_names *names);

/* *out is "DOMAIN\name", borrowed until the names are freed, or NULL. Well-known SIDs have the
 * names of an English Windows. */
int report_names_find(struct report_names *names, const struct report_source *source,
                      const char *sid, const char **out, struct gpmq_error *err) GPMQ_CHECKED;

#endif

/*
 * report_args.h - the args of a report: {"format": "xml"} or "html"; without: xml.
 */
#ifndef GPMQ_REPORT_ARGS_H
#define GPMQ_REPORT_ARGS_H

#include "gpmq/error.h"

enum report_format { REPORT_XML, REPORT_HTML, REPORT_FORMAT_END };

struct report_args {
    enum report_format format;
};

/* text: the request's args, or NULL. GPMQ_EINVAL: no JSON, another field, or another format. */
int report_args_read(struct report_args *out, const char *text,
                     struct gpmq_error *err) GPMQ_CHECKED;
const char *report_format_name(enum report_format format);

#endif

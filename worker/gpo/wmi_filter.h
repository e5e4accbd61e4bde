/*
 * wmi_filter.h - what a directory says of WMI filters: the queries of a filter (msWMI-Parm2) and
 * the link of a GPO to one (gPCWQLFilter). gpmq runs no query.
 */
#ifndef GPMQ_WMI_FILTER_H
#define GPMQ_WMI_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "gpmq/op.h"

#define WMI_QUERIES_MAX 64       /* of one filter */
#define WMI_TEXT_MAX    0x100000 /* bytes of msWMI-Parm2 */

struct wmi_query {
    char *name_space; /* "root\CIMv2" */
    char *query;      /* in WQL */
};

/* Reads "N;3;<length>;<length>;WQL;<namespace>;<query>;", the last six repeated N times; lengths
 * count UTF-16 units. Let *out go with wmi_queries_free(). GPMQ_EDAMAGED: it has another shape or a
 * wrong length, with which Windows takes the filter for false. GPMQ_ETOOBIG. */
int wmi_queries_parse(const char *text, struct wmi_query **out, size_t *count,
                      struct gpmq_error *err) GPMQ_CHECKED;
void wmi_queries_free(struct wmi_query *queries, size_t count);

/* The filter that a gPCWQLFilter "[dns.domain;{GUID};0]" names; false: none. */
bool wmi_filter_linked(const char *gpc, struct gpmq_guid *out);

#endif

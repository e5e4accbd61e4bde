/*
 * report_area.h - the sections of a report ("areas"), one for each kind of setting: how GPMC names
 * them, in which namespace they are, and which client-side extension registers them.
 *
 * The order of the table is the order of the sections in GPMC's own reports (held against 48 of
 * them, no contradiction among the pairs). Of Data Sources to Start Menu no report is known: their
 * extensions and files are those of [MS-GPPREF] 1.9 and 2.1, place, type and namespace by analogy.
 * An area appears in a report if its extension is registered in the GPC's extension names and there
 * is something to tell.
 */
#ifndef GPMQ_REPORT_AREA_H
#define GPMQ_REPORT_AREA_H

#include <stddef.h>

#define REPORT_NS          "http://www.microsoft.com/GroupPolicy/Settings"
#define REPORT_NS_TYPES    "http://www.microsoft.com/GroupPolicy/Types"
#define REPORT_NS_SECURITY "http://www.microsoft.com/GroupPolicy/Types/Security"
#define REPORT_NS_BASE     "http://www.microsoft.com/GroupPolicy/Settings/Base"
#define REPORT_NS_RSOP     "http://www.microsoft.com/GroupPolicy/Rsop"

struct report_area {
    const char *name;    /* ExtensionData/Name: "Advanced Audit Configuration" */
    const char *type;    /* xsi:type without its prefix: "AuditSettings" */
    const char *ns_tail; /* of its namespace, behind REPORT_NS and a '/': "Auditing" */
    const char *cse;     /* the client-side extension, in braces, upper case */
    const char *file;    /* below a side of the GPT that it is made from, or NULL: it has several */
};

/* The table; *count is how many. Static. */
const struct report_area *report_areas(size_t *count);
/* By ExtensionData/Name, or NULL. */
const struct report_area *report_area_named(const char *name);

#endif

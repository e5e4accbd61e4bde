/*
 * report_domain.h - a live GPO as what a report is made from: its files, security and accounts,
 * where it is linked, and its WMI filter.
 */
#ifndef GPMQ_REPORT_DOMAIN_H
#define GPMQ_REPORT_DOMAIN_H

#include "admx.h"
#include "report.h"

struct report_domain {
    struct domain *domain;
    const struct gpo *gpo;
    struct domain_soms soms;
    struct domain_wmi_filters filters;
    struct report_link *links;
    struct gpmq_error
        missing; /* why links or the filter's description are not told; code 0: they are */
    struct admx *templates;      /* kept with the domain; NULL: none, or nothing to name */
    size_t templates_unusable;   /* how many of them could not be used */
    struct gpmq_error complaint; /* of the first of those */
};

/* A directory that does not tell links or WMI filters fails no report: see from->missing.
 * Fills *source, which borrows from *from, and *from, which borrows domain and gpo: let it go with
 * report_domain_free(), also after a failure. read_unix_ms is when the GPO was read. */
int report_domain_source(struct report_source *source, struct report_domain *from,
                         struct domain *domain, const struct gpo *gpo, int64_t read_unix_ms,
                         struct gpmq_error *err) GPMQ_CHECKED;
#define REPORT_TEMPLATES_MS 300000 /* templates that were read so long ago are read again */

/* Has the report name registry values by the templates of the domain's central store, or of folder
 * where it has none (NULL: of nothing then). They are large: they are only read when the GPO has
 * registry values, and kept with the domain (see domain_keep()), which has the same folder each
 * time. A store or folder that cannot be read is a complaint in *from and no failure: a report
 * without names is better than none. For people; what is compared with a backup, which has no
 * templates, does without. GPMQ_ENOMEM. */
int report_domain_templates(struct report_source *source, struct report_domain *from,
                            const char *folder, struct gpmq_error *err) GPMQ_CHECKED;
void report_domain_free(struct report_domain *from);

#endif

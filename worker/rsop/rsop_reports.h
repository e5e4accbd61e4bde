/*
 * rsop_reports.h - the settings of every GPO that applies, from its XML report.
 */
#ifndef GPMQ_RSOP_REPORTS_H
#define GPMQ_RSOP_REPORTS_H

#include "admx.h"
#include "domain.h"
#include "rsop_merge.h"

/* One for each of directory->gpos; those that apply nowhere have none. */
struct rsop_reports {
    size_t count;
    struct xml_document **documents; /* NULL: none */
    struct settings *settings;       /* of the documents */
    const struct settings **of;      /* for rsop_merge() */
    bool *too_large;                 /* it has more settings than a report: they are not here */
    struct admx *templates;          /* that name registry values; NULL: there are none */
    size_t templates_unusable;       /* how many of them could not be used */
    struct gpmq_error complaint;     /* of the first of those */
};

/* How reports are made, and what is told meanwhile. */
struct rsop_watch {
    int64_t read_unix_ms; /* now */
    /* `done` of `all` GPOs are read; false: stop, GPMQ_ESTOPPED. NULL: nobody asks. */
    bool (*progress)(void *arg, size_t done, size_t all);
    void *progress_arg;
    const char *templates; /* folder for a domain without a central store; NULL: none */
};

/* Makes and reads the reports of the GPOs that apply on some side. The error names the GPO.
 * GPMQ_EBUSY: a GPO was changed since the plan was made. A GPO with more settings than a report may
 * have goes without. Let *out go with rsop_reports_free(). */
int rsop_reports_read(struct rsop_reports *out, struct domain *domain, const struct rsop_plan *plan,
                      const struct rsop_directory *directory, const struct rsop_watch *watch,
                      struct gpmq_error *err) GPMQ_CHECKED;
/* Takes what was zeroed, and leaves it so. */
void rsop_reports_free(struct rsop_reports *reports);

#endif

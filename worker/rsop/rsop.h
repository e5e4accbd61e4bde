/*
 * rsop.h - Resultant Set of Policy, planned: from a question to the report.
 *
 * The parts: rsop_gather.h reads what is needed from a domain, rsop_plan.h (pure) finds the GPOs
 * that apply, rsop_reports.h reads their settings, rsop_merge.h (pure) finds the values that win,
 * rsop_xml.h writes it all down. docs/rsop.md tells of the whole.
 */
#ifndef GPMQ_RSOP_H
#define GPMQ_RSOP_H

#include "rsop_gather.h"
#include "rsop_reports.h"

/* All that was found out. Its parts point into each other: it stays where it was made. */
struct rsop {
    struct rsop_knowledge knowledge;
    struct rsop_plan plan;
    struct rsop_reports reports;
    struct rsop_conditions conditions;
    struct rsop_settings merged[RSOP_SIDES];
};

/* Plans what ask is about; slow_link as IGPMRSOP's planning flag. Errors of the parts. Let go with
 * rsop_free(), also after a failure. */
int rsop_make(struct rsop *out, struct domain *domain, const struct rsop_ask *ask, bool slow_link,
              const struct rsop_watch *watch, struct gpmq_error *err) GPMQ_CHECKED;
/* Takes what was zeroed, and leaves it so. */
void rsop_free(struct rsop *rsop);

#endif

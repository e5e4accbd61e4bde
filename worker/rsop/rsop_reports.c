/* rsop_reports.c - the settings of every GPO that applies, from its XML report. */
#include "rsop_reports.h"

#include <stdlib.h>

#include "admx_store.h"
#include "cleanup.h"
#include "fail.h"
#include "report.h"

void rsop_reports_free(struct rsop_reports *reports)
{
    for (size_t i = 0; i < reports->count; i++) {
        settings_free(&reports->settings[i]);
        xml_free(&reports->documents[i]);
    }
    free(reports->documents);
    free(reports->settings);
    free(reports->of);
    free(reports->too_large);
    admx_free(&reports->templates);
    *reports = (struct rsop_reports){0};
}

/* A GPO of a domain as what a report is made from. */
struct from {
    struct domain *domain;
    const struct gpmq_guid *id;
};

static int read_file(void *arg, const char *path, domain_sink *sink, void *sink_arg,
                     struct gpmq_error *err)
{
    const struct from *from = arg;
    return from->domain->ops->read_file(from->domain, from->id, path, sink, sink_arg, err);
}

static int principal(void *arg, const char *sid, struct domain_principal *out,
                     struct gpmq_error *err)
{
    const struct from *from = arg;
    return from->domain->ops->principal(from->domain, sid, out, err);
}

static bool same_state(const struct gpo *a, const struct gpo *b)
{
    return a->user.ds == b->user.ds && a->machine.ds == b->machine.ds && a->options == b->options;
}

static int read_report(struct rsop_reports *reports, size_t at, struct domain *domain,
                       const struct rsop_gpo *planned, int64_t now_unix_ms, struct gpmq_error *err)
{
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    struct from from = {domain, &planned->id};
    struct report_source source = {.read_file = read_file,
                                   .principal = principal,
                                   .arg = &from,
                                   .read_unix_ms = now_unix_ms,
                                   .admx = reports->templates,
                                   .domain_sid = domain->ops->info(domain)->sid};
    size_t size;
    int rc = domain->ops->read(domain, &planned->id, &gpo, err);
    if (rc)
        return rc;
    if (!same_state(gpo, planned->gpo))
        return fail(err, GPMQ_EBUSY, "it was changed while the plan was made");
    source.gpo = gpo;
    rc = report_xml(&text, &size, &source, err);
    if (!rc)
        rc = xml_read(&reports->documents[at], text, size, "its report", err);
    if (!rc)
        rc = settings_read(&reports->settings[at], reports->documents[at], err);
    reports->of[at] = rc ? NULL : &reports->settings[at];
    reports->too_large[at] = rc == GPMQ_ETOOBIG;
    return reports->too_large[at] ? 0 : rc;
}

/* A template that cannot be used is told of; its values are shown as they are. */
static void complain(void *arg, const char *path, const struct gpmq_error *why)
{
    struct rsop_reports *reports = arg;
    (void)path;
    if (!reports->templates_unusable++)
        reports->complaint = *why;
}

static bool applies(const struct rsop_plan *plan, const struct rsop_gpo *gpo)
{
    for (int side = 0; side < RSOP_SIDES; side++)
        for (size_t i = 0; i < plan->sides[side].count; i++)
            if (plan->sides[side].entries[i].gpo == gpo &&
                plan->sides[side].entries[i].applied_order)
                return true;
    return false;
}

static int read_all(struct rsop_reports *reports, struct domain *domain,
                    const struct rsop_plan *plan, const struct rsop_directory *directory,
                    const struct rsop_watch *watch, struct gpmq_error *err)
{
    int rc = admx_store_read(&reports->templates, domain, watch->templates, complain, reports, err);
    for (size_t i = 0; !rc && i < reports->count; i++) {
        const struct rsop_gpo *gpo = &directory->gpos[i];
        if (watch->progress && !watch->progress(watch->progress_arg, i, reports->count))
            return fail(err, GPMQ_ESTOPPED, "stopped");
        if (!applies(plan, gpo))
            continue;
        rc = read_report(reports, i, domain, gpo, watch->read_unix_ms, err);
        if (rc)
            fail_in(err, "GPO '%s'", gpo->gpo->display_name);
    }
    return rc;
}

int rsop_reports_read(struct rsop_reports *out, struct domain *domain, const struct rsop_plan *plan,
                      const struct rsop_directory *directory, const struct rsop_watch *watch,
                      struct gpmq_error *err)
{
    struct rsop_reports reports = {
        .count = directory->gpo_count,
        .documents = calloc(directory->gpo_count + 1, sizeof *reports.documents),
        .settings = calloc(directory->gpo_count + 1, sizeof *reports.settings),
        .of = calloc(directory->gpo_count + 1, sizeof *reports.of),
        .too_large = calloc(directory->gpo_count + 1, sizeof *reports.too_large),
    };
    if (!reports.documents || !reports.settings || !reports.of || !reports.too_large) {
        reports.count = 0;
        rsop_reports_free(&reports);
        return fail(err, GPMQ_ENOMEM, "no memory for %zu reports", directory->gpo_count);
    }
    int rc = read_all(&reports, domain, plan, directory, watch, err);
    if (rc) {
        rsop_reports_free(&reports);
        return rc;
    }
    *out = reports;
    return 0;
}

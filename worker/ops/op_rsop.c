/*
 * op_rsop.c - what a computer and a user would get -> XML or HTML, as IGPMRSOP in planning mode
 * with GenerateReport.
 *
 * Progress: a part for what is read of the directory, one for each GPO that is linked on the way,
 * one for the report.
 */
#include <stdlib.h>

#include "cleanup.h"
#include "clock.h"
#include "fail.h"
#include "handler.h"
#include "report_html.h"
#include "rsop.h"
#include "rsop_args.h"
#include "rsop_xml.h"

#define PART 100

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(free_pointer) struct rsop_args *args = calloc(1, sizeof *args);
    int rc = handler_needs(request, NEEDS_DOMAIN, err);
    if (rc)
        return rc;
    if (!args)
        return fail(err, GPMQ_ENOMEM, "no memory for args");
    rc = rsop_args_read(args, request->args, err);
    rsop_args_free(args);
    return rc;
}

static bool tell(void *arg, size_t done, size_t all)
{
    run_progress(arg, (int32_t)(done + 1) * PART, (int32_t)(all + 2) * PART);
    return !run_stopped(arg);
}

static int put_html(struct run *run, const char *xml, size_t size, struct gpmq_error *err)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    CLEANUP(free_pointer) char *page = NULL;
    size_t page_size;
    int rc = xml_read(&document, xml, size, "the report", err);
    if (!rc)
        rc = report_html(&page, &page_size, document, err);
    return rc ? rc : run_content(run, page, page_size, err);
}

static void put_counts(struct run *run, const struct rsop *rsop)
{
    static const char *const names[RSOP_SIDES] = {"computer_gpos", "user_gpos"};
    for (int side = 0; side < RSOP_SIDES; side++) {
        const struct rsop_list *list = &rsop->plan.sides[side];
        int64_t applied = 0;
        for (size_t i = 0; i < list->count; i++)
            applied += list->entries[i].applied_order != 0;
        if (list->planned)
            run_property_number(run, names[side], applied);
    }
}

static int put_report(struct run *run, const struct rsop *rsop, struct domain *domain, bool html,
                      int64_t now_unix_ms, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *xml = NULL;
    size_t size;
    int rc = rsop_xml(&xml, &size, rsop, domain, now_unix_ms, err);
    if (rc)
        return rc;
    run_result(run, "report");
    run_property(run, "format", html ? "html" : "xml");
    run_property(run, "gpo_domain", domain->ops->info(domain)->dns_name);
    put_counts(run, rsop);
    return html ? put_html(run, xml, size, err) : run_content(run, xml, size, err);
}

static int plan(struct run *run, struct domain *domain, struct rsop_args *args,
                struct gpmq_error *err)
{
    const struct rsop_watch watch = {clock_unix_ms(), tell, run, run_templates(run)};
    struct rsop rsop = {0};
    int rc = rsop_args_filters(args, domain, err);
    if (!rc)
        rc = rsop_make(&rsop, domain, &args->ask, args->slow_link, &watch, err);
    if (!rc)
        rc = put_report(run, &rsop, domain, args->html, watch.read_unix_ms, err);
    rsop_free(&rsop);
    return rc;
}

static int run(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(domain_close) struct domain *domain = NULL;
    CLEANUP(free_pointer) struct rsop_args *args = calloc(1, sizeof *args);
    if (!args)
        return fail(err, GPMQ_ENOMEM, "no memory for args");
    int rc = rsop_args_read(args, request->args, err);
    if (!rc)
        rc = run_domain(run, request->domain, &domain, err);
    if (!rc)
        rc = plan(run, domain, args, err);
    rsop_args_free(args);
    return rc;
}

const struct handler handler_gpo_rsop = {
    .kind = "gpo.rsop",
    .repeatable = true,
    .check = check,
    .run = run,
};

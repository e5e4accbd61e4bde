/*
 * op_report.c - what a GPO or a backup holds, for people: as IGPMGPO::GenerateReport and
 * IGPMBackup::GenerateReport (facts: [MS] gpmgmt).
 *
 * Progress: the head, one part for each extension handler that a backup of it has, and the page;
 * PART units each.
 */
#include "backup_plan.h"
#include "cleanup.h"
#include "clock.h"
#include "fail.h"
#include "handler.h"
#include "report_args.h"
#include "report_backup.h"
#include "report_domain.h"
#include "report_html.h"
#include "report_kept.h"
#include "warn.h"
#include "xml.h"

#define PART 100

/* What is reported on. */
struct reporting {
    struct run *run;
    struct report_args args;
    const char *gpo;    /* its GUID as text */
    const char *backup; /* the backup's, or NULL */
    int32_t parts;      /* of the progress, without the head and the page */
};

static bool tell(void *arg, unsigned done, unsigned all)
{
    const struct reporting *work = arg;
    int32_t whole = (work->parts + 2) * PART;
    int32_t made = (int32_t)((double)work->parts * PART * done / all);
    run_progress(work->run, PART + made, whole);
    return !run_stopped(work->run);
}

/* ---- the text ------------------------------------------------------------------------------- */

static int put_html(struct reporting *work, const char *xml, size_t size, struct gpmq_error *err)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    CLEANUP(free_pointer) char *page = NULL;
    size_t page_size;
    int rc = xml_read(&document, xml, size, "the report", err);
    if (!rc)
        rc = report_html(&page, &page_size, document, err);
    return rc ? rc : run_content(work->run, page, page_size, err);
}

/* A GPO that holds more than a report may: its outline, and a message that says so. */
static int make(struct reporting *work, struct report_source *source, char **text, size_t *size,
                struct gpmq_error *err)
{
    struct gpmq_error why = {0};
    int rc = report_xml(text, size, source, &why);
    if (rc == GPMQ_ETOOBIG) {
        run_message(work->run, &(struct gpmq_status_msg){.object_path = work->gpo,
                                                         .error_code = gpmq_code_hresult(rc),
                                                         .operation_code = rc,
                                                         .message = why.text});
        source->outline = true;
        rc = report_xml(text, size, source, &why);
    }
    if (rc && err)
        *err = why;
    return rc;
}

static int finish(struct reporting *work, struct report_source *source, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    size_t size;
    source->progress = tell;
    source->progress_arg = work;
    int rc = make(work, source, &text, &size, err);
    if (rc)
        return rc;
    run_progress(work->run, (work->parts + 1) * PART, (work->parts + 2) * PART);
    run_result(work->run, "report");
    run_property(work->run, "format", report_format_name(work->args.format));
    run_property(work->run, "gpo_id", work->gpo);
    run_property(work->run, "gpo_display_name", source->gpo->display_name);
    run_property(work->run, "gpo_domain", source->gpo->domain);
    if (work->backup)
        run_property(work->run, "backup_id", work->backup);
    return work->args.format == REPORT_HTML ? put_html(work, text, size, err)
                                            : run_content(work->run, text, size, err);
}

/* ---- of a GPO ------------------------------------------------------------------------------- */

static int check_gpo(const struct gpmq_request *request, struct gpmq_error *err)
{
    struct gpmq_guid guid;
    struct report_args args;
    int rc = handler_needs(request, NEEDS_DOMAIN | NEEDS_GPO, err);
    if (!rc)
        rc = report_args_read(&args, request->args, err);
    if (!rc && gpmq_guid_parse(&guid, request->gpo) != 0)
        rc = fail(err, GPMQ_EINVAL, "'%s' is no GUID of a GPO", request->gpo);
    return rc;
}

static int count_parts(struct reporting *work, const struct gpo *gpo, struct gpmq_error *err)
{
    CLEANUP(backup_extensions_free) struct backup_extensions plan = {0};
    int rc = backup_plan(&plan, gpo, err);
    work->parts = (int32_t)plan.count;
    return rc;
}

static int report_gpo(struct reporting *work, struct domain *domain, const struct gpo *gpo,
                      struct gpmq_error *err)
{
    CLEANUP(report_domain_free) struct report_domain from = {0};
    struct report_source source;
    char id[GPMQ_GUID_TEXT_SIZE];
    work->gpo = gpmq_guid_text(&gpo->id, id);
    int rc = count_parts(work, gpo, err);
    if (!rc)
        rc = report_domain_source(&source, &from, domain, gpo, clock_unix_ms(), err);
    if (!rc && from.missing.code)
        warn_gpo(work->run, &gpo->id, "links", "the report tells not all of them: %s",
                 from.missing.text);
    if (!rc)
        rc = report_domain_templates(&source, &from, run_templates(work->run), err);
    if (!rc && from.templates_unusable)
        warn_gpo(work->run, &gpo->id, "Administrative templates",
                 "%zu administrative templates cannot be used, what they describe has no names: %s",
                 from.templates_unusable, from.complaint.text);
    return rc ? rc : finish(work, &source, err);
}

static int run_gpo(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(domain_close) struct domain *domain = NULL;
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    struct reporting work = {.run = run, .gpo = request->gpo};
    struct gpmq_guid id;
    int rc = report_args_read(&work.args, request->args, err);
    if (!rc && gpmq_guid_parse(&id, request->gpo) != 0)
        rc = fail(err, GPMQ_EINVAL, "'%s' is no GUID of a GPO", request->gpo);
    if (!rc)
        rc = run_domain(run, request->domain, &domain, err);
    if (!rc)
        rc = domain->ops->read(domain, &id, &gpo, err);
    if (!rc)
        rc = report_gpo(&work, domain, gpo, err);
    if (rc)
        run_blame(run, request->gpo, NULL);
    return rc;
}

const struct handler handler_gpo_report = {
    .kind = "gpo.report",
    .repeatable = true,
    .check = check_gpo,
    .run = run_gpo,
};

/* ---- of a backup ---------------------------------------------------------------------------- */

static int check_backup(const struct gpmq_request *request, struct gpmq_error *err)
{
    struct gpmq_guid guid;
    struct report_args args;
    int rc = handler_needs(request, NEEDS_REPOSITORY | NEEDS_BACKUP, err);
    if (!rc)
        rc = report_args_read(&args, request->args, err);
    if (!rc && gpmq_guid_parse(&guid, request->backup) != 0)
        rc = fail(err, GPMQ_EINVAL, "'%s' is no GUID of a backup", request->backup);
    return rc;
}

static int report_backup(struct reporting *work, struct repository *repository,
                         const struct backup *backup, struct gpmq_error *err)
{
    CLEANUP(report_kept_free) struct report_kept kept = {0};
    struct report_backup from = {.repository = repository, .backup = backup, .kept = &kept};
    struct report_source source;
    char gpo[GPMQ_GUID_TEXT_SIZE], id[GPMQ_GUID_TEXT_SIZE];
    work->gpo = gpmq_guid_text(&backup->gpo->id, gpo);
    work->backup = gpmq_guid_text(&backup->info.id, id);
    work->parts = (int32_t)backup->extension_count;
    int rc = report_kept_read(&kept, repository, backup, err);
    if (rc)
        return rc;
    report_backup_source(&source, &from);
    return finish(work, &source, err);
}

static int run_backup(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(backup_free) struct backup *backup = NULL;
    struct reporting work = {.run = run};
    struct gpmq_guid id;
    int rc = report_args_read(&work.args, request->args, err);
    if (!rc && gpmq_guid_parse(&id, request->backup) != 0)
        rc = fail(err, GPMQ_EINVAL, "'%s' is no GUID of a backup", request->backup);
    if (!rc)
        rc = run_repository(run, request->repository, &repository, err);
    if (!rc)
        rc = repository_read(repository, &id, &backup, err);
    if (!rc)
        rc = report_backup(&work, repository, backup, err);
    if (rc)
        run_blame(run, request->backup, NULL);
    return rc;
}

const struct handler handler_backup_report = {
    .kind = "backup.report",
    .repeatable = true,
    .check = check_backup,
    .run = run_backup,
};

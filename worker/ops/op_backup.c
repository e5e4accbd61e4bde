/*
 * op_backup.c - domain -> repository, as IGPMGPO::Backup (facts: [MS] gpmgmt, Backup).
 *
 * Progress: the GPO's directory half, one part for each extension handler that Backup.xml will
 * have, and the publication; PART units each. A dry run reads everything, writes nothing
 * and tells a preview.
 */
#include "backup_plan.h"
#include "blame.h"
#include "cleanup.h"
#include "clock.h"
#include "fail.h"
#include "handler.h"
#include "preview.h"
#include "report_domain.h"
#include "results.h"
#include "warn.h"

#define PART 100

struct backing_up {
    struct run *run;
    struct domain *domain;
    struct backup_writer *writer; /* NULL: a dry run */
    struct gpo *gpo;
    struct backup_extensions plan;
    const char *path; /* of the file that is being copied */
};

static void finish(struct backing_up *work)
{
    backup_abort(&work->writer);
    backup_extensions_free(&work->plan);
    gpo_free(&work->gpo);
    domain_close(&work->domain);
}

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    struct gpmq_guid guid;
    int rc = handler_needs(request, NEEDS_DOMAIN | NEEDS_REPOSITORY | NEEDS_GPO, err);
    if (rc)
        return rc;
    if (gpmq_guid_parse(&guid, request->gpo) != 0)
        return fail(err, GPMQ_EINVAL, "'%s' is no GUID of a GPO", request->gpo);
    return 0;
}

static int32_t whole(const struct backing_up *work)
{
    return (int32_t)(work->plan.count + 2) * PART;
}

/* `done` of the GPO's files are copied. */
static void tell_copied(const struct backing_up *work, size_t done)
{
    size_t all = work->gpo->file_count;
    int32_t parts = (int32_t)work->plan.count * PART;
    int32_t copied = all ? (int32_t)((double)parts * (double)done / (double)all) : parts;
    run_progress(work->run, PART + copied, whole(work));
}

static int take_piece(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    struct backing_up *work = arg;
    return work->writer ? backup_write(work->writer, work->path, bytes, size, err) : 0;
}

static int copy_file(struct backing_up *work, const struct gpo_file *file, struct gpmq_error *err)
{
    work->path = file->path;
    if (file->directory)
        return work->writer ? backup_mkdir(work->writer, file->path, err) : 0;
    /* Empty files have no piece; so every file begins with an empty one. */
    int rc = take_piece(work, "", 0, err);
    if (!rc)
        rc = work->domain->ops->read_file(work->domain, &work->gpo->id, file->path, take_piece,
                                          work, err);
    if (rc)
        blame_file(work->run, work->plan.items, work->plan.count, file->path);
    return rc;
}

static int copy_files(struct backing_up *work, struct gpmq_error *err)
{
    for (size_t i = 0; i < work->gpo->file_count; i++) {
        if (run_stopped(work->run))
            return fail(err, GPMQ_ESTOPPED, "the backup was stopped before it was published");
        int rc = copy_file(work, &work->gpo->files[i], err);
        if (rc)
            return rc;
        tell_copied(work, i + 1);
    }
    return run_stopped(work->run)
               ? fail(err, GPMQ_ESTOPPED, "the backup was stopped before it was published")
               : 0;
}

static bool goes_on(void *arg, unsigned done, unsigned all)
{
    const struct backing_up *work = arg;
    (void)done, (void)all;
    return !run_stopped(work->run);
}

/* The report that lies beside the files: of a GPO that holds more than one may, its outline. */
static int make_report(struct backing_up *work, int64_t now_unix_ms, char **text, size_t *size,
                       struct gpmq_error *err)
{
    CLEANUP(report_domain_free) struct report_domain from = {0};
    struct report_source source;
    int rc = report_domain_source(&source, &from, work->domain, work->gpo, now_unix_ms, err);
    if (!rc && from.missing.code)
        warn_gpo(work->run, &work->gpo->id, "links", "gpreport.xml tells not all of them: %s",
                 from.missing.text);
    if (!rc)
        rc = report_domain_templates(&source, &from, run_templates(work->run), err);
    source.progress = goes_on;
    source.progress_arg = work;
    if (!rc)
        rc = report_xml(text, size, &source, err);
    if (rc != GPMQ_ETOOBIG)
        return rc;
    source.outline = true;
    return report_xml(text, size, &source, err);
}

static int write_report(struct backing_up *work, int64_t now_unix_ms, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = NULL;
    CLEANUP(free_pointer) uint8_t *disk = NULL;
    size_t size, disk_size;
    int rc = make_report(work, now_unix_ms, &text, &size, err);
    if (!rc)
        rc = report_to_disk(&disk, &disk_size, text, size, err);
    return rc ? rc : backup_write_report(work->writer, disk, disk_size, err);
}

static int publish(struct backing_up *work, const struct gpmq_request *request,
                   struct gpmq_error *err)
{
    const struct domain_info *domain = work->domain->ops->info(work->domain);
    struct backup_info info = {
        .id = gpmq_guid_derive(&request->id, "backup"),
        .gpo_id = work->gpo->id,
        .domain_guid = domain->guid,
        .domain = work->gpo->domain,
        .domain_controller = work->gpo->domain_controller,
        .time_unix_ms = clock_unix_ms() / 1000 * 1000, /* as it is on disk */
        .comment = (char *)(request->comment ? request->comment : ""),
        .display_name = work->gpo->display_name,
    };
    run_progress(work->run, whole(work) - PART, whole(work));
    int rc = write_report(work, clock_unix_ms(), err);
    if (!rc)
        rc = backup_publish(&work->writer, &info, work->gpo, work->domain, err);
    if (!rc)
        results_backup(work->run, &info);
    return rc;
}

/* An earlier attempt published it: the result is what lies there. */
static int tell_published(struct run *run, struct repository *repository,
                          const struct gpmq_guid *id, struct gpmq_error *err)
{
    CLEANUP(backup_free) struct backup *backup = NULL;
    int rc = repository_read(repository, id, &backup, err);
    if (!rc)
        results_backup(run, &backup->info);
    return rc;
}

static int back_up(struct backing_up *work, struct repository *repository,
                   const struct gpmq_request *request, struct gpmq_error *err)
{
    struct gpmq_guid gpo_id;
    struct backup_begin_answer answer = {0};
    struct backup_begin_request begin = {.id = gpmq_guid_derive(&request->id, "backup"),
                                         .op = request->id,
                                         .fence = run_fence(work->run)};
    if (gpmq_guid_parse(&gpo_id, request->gpo) != 0)
        return fail(err, GPMQ_EINVAL, "'%s' is no GUID of a GPO", request->gpo);
    int rc = work->domain->ops->read(work->domain, &gpo_id, &work->gpo, err);
    if (!rc)
        rc = gpo_sizes_check(work->gpo, err);
    if (!rc)
        rc = backup_plan(&work->plan, work->gpo, err);
    if (rc) {
        run_blame(work->run, request->gpo, NULL);
        return rc;
    }
    run_progress(work->run, PART, whole(work));
    if (request->dry_run) {
        rc = copy_files(work, err);
        return rc ? rc : preview_tell_backup(work->run, &begin.id, work->gpo, err);
    }
    rc = backup_begin(repository, &begin, &work->writer, &answer, err);
    if (rc || answer.done)
        return rc ? rc : tell_published(work->run, repository, &begin.id, err);
    rc = copy_files(work, err);
    return rc ? rc : publish(work, request, err);
}

static int run(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    struct backing_up work = {.run = run};
    int rc = run_domain(run, request->domain, &work.domain, err);
    if (!rc)
        rc = run_repository(run, request->repository, &repository, err);
    if (!rc)
        rc = back_up(&work, repository, request, err);
    finish(&work);
    return rc;
}

const struct handler handler_gpo_backup = {
    .kind = "gpo.backup",
    .repeatable = true,
    .check = check,
    .run = run,
};

/*
 * op_import.c - repository -> another GPO, as IGPMGPO::Import and Import-GPO -CreateIfNeeded.
 *
 * What an import brings: settings (files, extension names, directory objects) and the description,
 * which is a file (GPO.cmt). What stays the target's: GUID, DACL, links, WMI filter, options. Both
 * halves of the version count up by one. A dry run stages everything and drops it.
 */
#include "blame.h"
#include "cleanup.h"
#include "fail.h"
#include "handler.h"
#include "results.h"

#define PART           100
#define CHANGE_WAIT_MS 20000 /* for another change of the same GPO to end */

struct importing {
    struct run *run;
    struct repository *repository;
    struct domain *domain;
    struct domain_change *change;
    struct backup *backup;
    struct gpmq_guid target;
    const char *path; /* of the file that is being copied */
};

static void finish(struct importing *work)
{
    if (work->change)
        work->domain->ops->change_abort(&work->change);
    backup_free(&work->backup);
    domain_close(&work->domain);
    repository_close(&work->repository);
}

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    struct gpmq_guid guid;
    unsigned needs = NEEDS_DOMAIN | NEEDS_REPOSITORY | NEEDS_BACKUP;
    int rc = handler_needs(request, request->create ? needs : needs | NEEDS_GPO, err);
    if (rc)
        return rc;
    if (gpmq_guid_parse(&guid, request->backup) != 0)
        return fail(err, GPMQ_EINVAL, "'%s' is no GUID of a backup", request->backup);
    if (request->create && request->gpo)
        return fail(err, GPMQ_EINVAL, "an import makes a GPO or changes one: not both");
    if (!request->create && gpmq_guid_parse(&guid, request->gpo) != 0)
        return fail(err, GPMQ_EINVAL, "'%s' is no GUID of a GPO", request->gpo);
    return 0;
}

static int32_t whole(const struct importing *work)
{
    return (int32_t)(work->backup->extension_count + 2) * PART;
}

static void tell_copied(const struct importing *work, size_t done)
{
    size_t all = work->backup->gpo->file_count;
    int32_t parts = (int32_t)work->backup->extension_count * PART;
    int32_t copied = all ? (int32_t)((double)parts * (double)done / (double)all) : parts;
    run_progress(work->run, PART + copied, whole(work));
}

static int take_piece(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    struct importing *work = arg;
    return work->domain->ops->change_write(work->change, work->path, bytes, size, err);
}

static int copy_file(struct importing *work, const struct gpo_file *file, struct gpmq_error *err)
{
    const struct domain_ops *ops = work->domain->ops;
    work->path = file->path;
    if (file->directory)
        return ops->change_mkdir(work->change, file->path, err);
    int rc = ops->change_write(work->change, file->path, "", 0, err);
    if (!rc)
        rc = repository_read_file(work->repository, &work->backup->info.id, file->path, take_piece,
                                  work, err);
    if (rc)
        blame_file(work->run, work->backup->extensions, work->backup->extension_count, file->path);
    return rc;
}

static int stopped(struct gpmq_error *err)
{
    return fail(err, GPMQ_ESTOPPED, "the import was stopped; the GPO is as it was");
}

static int stage(struct importing *work, struct gpmq_error *err)
{
    const struct gpo *source = work->backup->gpo;
    for (size_t i = 0; i < source->file_count; i++) {
        if (run_stopped(work->run))
            return stopped(err);
        int rc = copy_file(work, &source->files[i], err);
        if (rc)
            return rc;
        tell_copied(work, i + 1);
    }
    return work->domain->ops->change_set(work->change, DOMAIN_EXTENSIONS | DOMAIN_DS_OBJECTS,
                                         source, err);
}

/* Begins the change; *done: an earlier attempt made it. */
static int begin(struct importing *work, const struct gpmq_request *request, bool *done,
                 struct gpmq_error *err)
{
    const char *name = request->name ? request->name : work->backup->info.display_name;
    struct domain_change_answer answer = {0};
    struct domain_change_request change = {.gpo = work->target,
                                           .create = request->create,
                                           .display_name = name,
                                           .op = request->id,
                                           .fence = run_fence(work->run)};
    int rc = work->domain->ops->change_begin(work->domain, &change, CHANGE_WAIT_MS, &work->change,
                                             &answer, err);
    *done = answer.done;
    return rc;
}

static int tell_gpo(struct importing *work, struct gpmq_error *err)
{
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    int rc = work->domain->ops->read(work->domain, &work->target, &gpo, err);
    if (!rc)
        results_gpo(work->run, gpo);
    return rc;
}

static int import(struct importing *work, const struct gpmq_request *request,
                  struct gpmq_error *err)
{
    struct gpmq_guid backup;
    uint32_t version;
    bool done = false;
    int rc = gpmq_guid_parse(&backup, request->backup);
    if (!rc)
        rc = repository_read(work->repository, &backup, &work->backup, err);
    if (rc)
        return rc;
    if (request->create)
        work->target = gpmq_guid_derive(&request->id, "gpo");
    else if (gpmq_guid_parse(&work->target, request->gpo) != 0)
        return fail(err, GPMQ_EINVAL, "'%s' is no GUID of a GPO", request->gpo);
    run_progress(work->run, PART, whole(work));
    rc = begin(work, request, &done, err);
    if (rc || done)
        return rc ? rc : tell_gpo(work, err);
    rc = stage(work, err);
    if (!rc && run_stopped(work->run))
        rc = stopped(err);
    if (rc || request->dry_run)
        return rc;
    rc = work->domain->ops->change_commit(&work->change, &version, err);
    return rc ? rc : tell_gpo(work, err);
}

static int run(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    struct importing work = {.run = run};
    int rc = run_repository(run, request->repository, &work.repository, err);
    if (!rc)
        rc = run_domain(run, request->domain, &work.domain, err);
    if (!rc)
        rc = import(&work, request, err);
    finish(&work);
    return rc;
}

const struct handler handler_gpo_import = {
    .kind = "gpo.import",
    .repeatable = true,
    .check = check,
    .run = run,
};

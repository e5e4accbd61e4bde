/* op_verify.c - is a backup whole? One backup, or all that a repository holds. */
#include "cleanup.h"
#include "fail.h"
#include "handler.h"
#include "results.h"

#define PART 100

struct verifying {
    struct run *run;
    struct repository *repository;
    bool read_data;
    const char *backup; /* that is being looked at */
    size_t backups;
    size_t findings;
};

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    struct gpmq_guid guid;
    int rc = handler_needs(request, NEEDS_REPOSITORY, err);
    if (!rc && request->backup && gpmq_guid_parse(&guid, request->backup) != 0)
        rc = fail(err, GPMQ_EINVAL, "'%s' is no GUID of a backup", request->backup);
    return rc;
}

static void tell_finding(void *arg, const char *object_path, int code, const char *text)
{
    struct verifying *work = arg;
    work->findings++;
    run_message(work->run, &(struct gpmq_status_msg){.object_path = object_path,
                                                     .settings_name = work->backup,
                                                     .error_code = gpmq_code_hresult(code),
                                                     .operation_code = code,
                                                     .message = text});
}

static bool is_stopped(void *arg)
{
    struct verifying *work = arg;
    return run_stopped(work->run);
}

static int verify_one(struct verifying *work, const struct gpmq_guid *id, struct gpmq_error *err)
{
    char text[GPMQ_GUID_TEXT_SIZE];
    size_t count = 0;
    work->backup = gpmq_guid_text(id, text);
    work->backups++;
    int rc = repository_verify(work->repository, id, work->read_data, is_stopped, tell_finding,
                               work, &count, err);
    work->backup = NULL;
    return rc;
}

static int verify_all(struct verifying *work, struct gpmq_error *err)
{
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    int rc = repository_list(work->repository, &infos, tell_finding, work, err);
    int32_t whole = (int32_t)(infos.count + 1) * PART;
    for (size_t i = 0; i < infos.count && !rc; i++) {
        run_progress(work->run, (int32_t)i * PART, whole);
        if (run_stopped(work->run))
            return fail(err, GPMQ_ESTOPPED, "the verification was stopped");
        rc = verify_one(work, &infos.items[i].id, err);
        if (rc == GPMQ_ENOTFOUND) { /* pruned since it was listed */
            work->backups--;
            rc = 0;
        }
    }
    return rc;
}

static int run(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    struct gpmq_guid id;
    int rc = run_repository(run, request->repository, &repository, err);
    if (rc)
        return rc;
    struct verifying work = {.run = run, .repository = repository, .read_data = request->read_data};
    run_progress(run, 0, PART);
    if (request->backup && gpmq_guid_parse(&id, request->backup) == 0)
        rc = verify_one(&work, &id, err);
    else
        rc = verify_all(&work, err);
    if (rc)
        return rc;
    run_result(run, "verify");
    run_property_number(run, "backups", (int64_t)work.backups);
    run_property_number(run, "findings", (int64_t)work.findings);
    run_property(run, "read_data", work.read_data ? "true" : "false");
    if (work.findings)
        return fail(err, GPMQ_EDAMAGED, "%zu findings in %zu backups of '%s'", work.findings,
                    work.backups, request->repository);
    return 0;
}

const struct handler handler_backup_verify = {
    .kind = "backup.verify",
    .repeatable = true,
    .check = check,
    .run = run,
};

/* op_list.c - what a domain or a repository holds: gpo.list, backup.list. */
#include "cleanup.h"
#include "fail.h"
#include "handler.h"
#include "results.h"

static void drop_json(json_t **json_p)
{
    json_decref(*json_p);
}

static int add(json_t *list, json_t *item, struct gpmq_error *err)
{
    if (!item || json_array_append_new(list, item) != 0)
        return fail(err, GPMQ_ENOMEM, "no memory for a list");
    return 0;
}

/* ---- gpo.list -------------------------------------------------------------------------------- */

/* Without a domain it is the worker's only one, whose name the result tells. */
static int check_gpos(const struct gpmq_request *request, struct gpmq_error *err)
{
    return handler_needs(request, 0, err);
}

static int list_gpos(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(domain_close) struct domain *domain = NULL;
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    CLEANUP(drop_json) json_t *list = json_array();

    run_progress(run, 0, 2);
    int rc = run_domain(run, request->domain, &domain, err);
    if (!rc)
        rc = domain->ops->list(domain, &gpos, err);
    run_progress(run, 1, 2);
    for (size_t i = 0; i < gpos.count && !rc; i++)
        rc = add(list, results_domain_gpo_json(&gpos.items[i]), err);
    if (!rc)
        rc = results_list(run, "gpo_list", list, err);
    if (rc)
        return rc;
    run_property(run, "domain", request->domain ? request->domain : run_only_domain(run));
    run_property(run, "dns_name", domain->ops->info(domain)->dns_name);
    return 0;
}

const struct handler handler_gpo_list = {
    .kind = "gpo.list",
    .repeatable = true,
    .check = check_gpos,
    .run = list_gpos,
};

/* ---- backup.list ----------------------------------------------------------------------------- */

static int check_backups(const struct gpmq_request *request, struct gpmq_error *err)
{
    return handler_needs(request, NEEDS_REPOSITORY, err);
}

/* A backup that cannot be read does not hide the others: it is told of. */
static void tell_damaged(void *arg, const char *object_path, int code, const char *text)
{
    run_message(arg, &(struct gpmq_status_msg){.object_path = object_path,
                                               .error_code = gpmq_code_hresult(code),
                                               .operation_code = code,
                                               .message = text});
}

static int list_backups(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    CLEANUP(drop_json) json_t *list = json_array();

    run_progress(run, 0, 2);
    int rc = run_repository(run, request->repository, &repository, err);
    if (!rc)
        rc = repository_list(repository, &infos, tell_damaged, run, err);
    run_progress(run, 1, 2);
    for (size_t i = 0; i < infos.count && !rc; i++)
        rc = add(list, results_backup_json(&infos.items[i]), err);
    return rc ? rc : results_list(run, "backup_list", list, err);
}

const struct handler handler_backup_list = {
    .kind = "backup.list",
    .repeatable = true,
    .check = check_backups,
    .run = list_backups,
};

/*
 * op_prune.c - removes the backups of a repository that no rule keeps (worker/repository/prune.h).
 *
 * args says what to keep: {"keep_last": 7, "keep_daily": 14, "keep_weekly": 8, "keep_monthly": 12}.
 * The plan is made once and whole; then one backup after the other goes. One that is being read
 * stays, and so does one whose description cannot be read: both are told.
 */
#include <jansson.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "handler.h"
#include "prune.h"
#include "results.h"

#define KEEP_MAX 1000000000 /* periods of one rule */

struct pruning {
    struct run *run;
    struct repository *repository;
    struct backup_infos infos; /* of the GPO that is asked for, or of all */
    unsigned *reasons;         /* of each */
    json_t *list;              /* what became of each */
    size_t kept, removed, in_use;
};

static void pruning_free(struct pruning *pruning)
{
    json_decref(pruning->list);
    free(pruning->reasons);
    backup_infos_free(&pruning->infos);
    repository_close(&pruning->repository);
}

/* ---- the request ---------------------------------------------------------------------------- */

static void drop_json(json_t **json_p)
{
    json_decref(*json_p);
}

static int unpack(const char *text, json_int_t keep[PRUNE_RULE_END], struct gpmq_error *err)
{
    json_error_t why;
    CLEANUP(drop_json)
    json_t *json = json_loads(text && *text ? text : "{}", JSON_REJECT_DUPLICATES, &why);
    if (!json)
        return fail(err, GPMQ_EINVAL, "args is no JSON: line %d: %s", why.line, why.text);
    if (json_unpack_ex(json, &why, JSON_STRICT, "{s?I, s?I, s?I, s?I}", "keep_last",
                       &keep[PRUNE_LAST], "keep_daily", &keep[PRUNE_DAILY], "keep_weekly",
                       &keep[PRUNE_WEEKLY], "keep_monthly", &keep[PRUNE_MONTHLY]) != 0)
        return fail(err, GPMQ_EINVAL, "args: %s", why.text);
    return 0;
}

static int read_policy(const struct gpmq_request *request, struct prune_policy *out,
                       struct gpmq_error *err)
{
    json_int_t keep[PRUNE_RULE_END] = {0};
    bool any = false;
    int rc = unpack(request->args, keep, err);
    for (int rule = 0; rule < PRUNE_RULE_END && !rc; rule++) {
        out->keep[rule] = keep[rule];
        any = any || keep[rule] > 0;
        if (keep[rule] < 0 || keep[rule] > KEEP_MAX)
            rc = fail(err, GPMQ_EINVAL, "args: keep_%s is not between 0 and %d",
                      prune_rule_name((enum prune_rule)rule), KEEP_MAX);
    }
    if (!rc && !any)
        rc = fail(err, GPMQ_EINVAL,
                  "args: no rule keeps anything: give keep_last, keep_daily, keep_weekly or "
                  "keep_monthly");
    return rc;
}

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    struct gpmq_guid guid;
    struct prune_policy policy;
    int rc = handler_needs(request, NEEDS_REPOSITORY, err);
    if (!rc && request->gpo && gpmq_guid_parse(&guid, request->gpo) != 0)
        rc = fail(err, GPMQ_EINVAL, "'%s' is no GUID of a GPO", request->gpo);
    return rc ? rc : read_policy(request, &policy, err);
}

/* ---- what there is -------------------------------------------------------------------------- */

static void tell_damaged(void *arg, const char *object_path, int code, const char *text)
{
    run_message(arg, &(struct gpmq_status_msg){.object_path = object_path,
                                               .error_code = gpmq_code_hresult(code),
                                               .operation_code = code,
                                               .message = text});
}

/* Leaves the backups of one GPO. */
static void filter(struct backup_infos *infos, const struct gpmq_guid *gpo)
{
    size_t kept = 0;
    for (size_t i = 0; i < infos->count; i++) {
        if (gpmq_guid_equal(&infos->items[i].gpo_id, gpo))
            infos->items[kept++] = infos->items[i];
        else
            backup_info_free(&infos->items[i]);
    }
    infos->count = kept;
}

static int make_plan(struct pruning *pruning, const struct gpmq_request *request,
                     struct gpmq_error *err)
{
    struct prune_policy policy;
    struct gpmq_guid gpo;
    int rc = read_policy(request, &policy, err);
    if (!rc)
        rc = repository_list(pruning->repository, &pruning->infos, tell_damaged, pruning->run, err);
    if (rc)
        return rc;
    if (request->gpo && gpmq_guid_parse(&gpo, request->gpo) == 0)
        filter(&pruning->infos, &gpo);
    pruning->reasons = calloc(pruning->infos.count + 1, sizeof *pruning->reasons);
    pruning->list = json_array();
    if (!pruning->reasons || !pruning->list)
        return fail(err, GPMQ_ENOMEM, "no memory to prune %zu backups", pruning->infos.count);
    return prune_plan(pruning->reasons, pruning->infos.items, pruning->infos.count, &policy, err);
}

/* ---- one backup ----------------------------------------------------------------------------- */

static json_t *reasons_json(unsigned reasons)
{
    json_t *array = json_array();
    for (int rule = 0; rule < PRUNE_RULE_END; rule++)
        if (reasons & 1u << rule)
            json_array_append_new(array, json_string(prune_rule_name((enum prune_rule)rule)));
    return array;
}

static int note(struct pruning *pruning, size_t at, const char *action, struct gpmq_error *err)
{
    json_t *item = results_backup_json(&pruning->infos.items[at]);
    if (!item || json_object_set_new(item, "action", json_string(action)) != 0 ||
        json_object_set_new(item, "reasons", reasons_json(pruning->reasons[at])) != 0 ||
        json_array_append(pruning->list, item) != 0) {
        json_decref(item);
        return fail(err, GPMQ_ENOMEM, "no memory for a list of backups");
    }
    json_decref(item);
    return 0;
}

static void tell_in_use(struct run *run, const struct gpmq_guid *id)
{
    char text[GPMQ_GUID_TEXT_SIZE];
    run_message(run, &(struct gpmq_status_msg){.object_path = gpmq_guid_text(id, text),
                                               .message = "it is being read, and so it is kept; "
                                                          "the next prune removes it"});
}

/* Removed by somebody else meanwhile is removed. */
static int remove_one(struct pruning *pruning, size_t at, struct gpmq_error *err)
{
    const struct gpmq_guid *id = &pruning->infos.items[at].id;
    bool dry_run = run_request(pruning->run)->dry_run;
    int rc = dry_run ? 0 : repository_remove(pruning->repository, id, err);
    if (rc == GPMQ_EBUSY) {
        tell_in_use(pruning->run, id);
        pruning->in_use++;
        return note(pruning, at, "in_use", err);
    }
    if (rc && rc != GPMQ_ENOTFOUND)
        return rc;
    pruning->removed++;
    return note(pruning, at, "removed", err);
}

static int prune_all(struct pruning *pruning, struct gpmq_error *err)
{
    int32_t whole = (int32_t)pruning->infos.count + 1;
    int rc = 0;
    for (size_t i = 0; i < pruning->infos.count && !rc; i++) {
        run_progress(pruning->run, (int32_t)i, whole);
        if (run_stopped(pruning->run))
            return fail(err, GPMQ_ESTOPPED, "pruning was stopped after %zu removals",
                        pruning->removed);
        if (pruning->reasons[i]) {
            pruning->kept++;
            rc = note(pruning, i, "kept", err);
        } else {
            rc = remove_one(pruning, i, err);
        }
    }
    return rc;
}

static int run(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(pruning_free) struct pruning pruning = {.run = run};
    struct gpmq_error why;
    int rc = run_repository(run, request->repository, &pruning.repository, err);
    if (!rc)
        rc = make_plan(&pruning, request, err);
    if (!rc)
        rc = prune_all(&pruning, err);
    /* Also of a pruning that was stopped or failed: what is gone is not to be listed. */
    if (pruning.repository && !request->dry_run) {
        int tidy = repository_tidy(pruning.repository, &why);
        rc = rc ? rc : tidy ? fail(err, tidy, "%s", why.text) : 0;
    }
    if (!rc)
        rc = results_list(run, "prune", pruning.list, err);
    if (rc)
        return rc;
    run_property_number(run, "kept", (int64_t)pruning.kept);
    run_property_number(run, "removed", (int64_t)pruning.removed);
    run_property_number(run, "in_use", (int64_t)pruning.in_use);
    run_property(run, "dry_run", request->dry_run ? "true" : "false");
    return 0;
}

const struct handler handler_backup_prune = {
    .kind = "backup.prune",
    .repeatable = true,
    .check = check,
    .run = run,
};

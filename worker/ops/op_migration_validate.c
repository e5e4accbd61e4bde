/*
 * op_migration_validate.c - are the destinations of a migration table there, in the domain that
 * settings will move into? As IGPMMigrationTable::Validate: entry by entry. Problems do not make
 * the operation fail, but its result: they are its overall status.
 */
#include <jansson.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "handler.h"
#include "migrate.h"
#include "migration_map.h"

#define PART 100

/* One run over a table. */
struct validating {
    struct run *run;
    struct domain *domain;
    json_t *list;
    size_t problems;
};

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(migrate_args_free) struct migrate_args args = {0};
    int rc = handler_needs(request, NEEDS_DOMAIN, err);
    return rc ? rc : migrate_args_read(&args, request, MIGRATE_VALIDATE, err);
}

/* What is to be said of an entry that leads nowhere. */
static void tell(struct validating *work, const struct migration_entry *entry, int code,
                 const char *text)
{
    work->problems++;
    run_message(work->run,
                &(struct gpmq_status_msg){.object_path = entry->source,
                                          .settings_name = migration_type_name(entry->type),
                                          .error_code = gpmq_code_hresult(code),
                                          .operation_code = code,
                                          .message = text});
}

static void put_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static int add(struct validating *work, const struct migration_entry *entry, const char *found,
               bool valid, const char *text, struct gpmq_error *err)
{
    json_t *object = json_object();
    put_text(object, "type", migration_type_name(entry->type));
    put_text(object, "source", entry->source);
    put_text(object, "option", migration_option_element(entry->option));
    put_text(object, "destination", entry->destination);
    put_text(object, "found", found);
    json_object_set_new(object, "valid", json_boolean(valid));
    put_text(object, "message", text);
    return json_array_append_new(work->list, object) == 0
               ? 0
               : fail(err, GPMQ_ENOMEM, "no memory for the answer");
}

/* Paths are not looked for: nobody but the clients of a domain can say what they see. */
static const char *remark(const struct migration_entry *entry)
{
    return entry->type == MIGRATION_UNC_PATH && entry->option == MIGRATION_SET ? "not looked for"
                                                                               : NULL;
}

static int validate_entry(struct validating *work, const struct migration_entry *entry,
                          struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *found = NULL;
    struct gpmq_error why = {0};
    int rc = migration_map_entry(entry, work->domain, &found, &why);
    if (rc == GPMQ_ENOTFOUND || rc == GPMQ_EAMBIGUOUS) {
        tell(work, entry, rc, why.text);
        return add(work, entry, NULL, false, why.text, err);
    }
    if (rc == GPMQ_EUNSUPPORTED)
        return add(work, entry, NULL, true, why.text, err);
    if (rc)
        return fail(err, rc, "%s", why.text);
    return add(work, entry, found, true, remark(entry), err);
}

static int tell_result(struct validating *work, size_t entries, struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *text = json_dumps(work->list, JSON_COMPACT);
    if (!text)
        return fail(err, GPMQ_ENOMEM, "no memory for the answer");
    run_result(work->run, "migration_table_validation");
    run_property_number(work->run, "entries", (int64_t)entries);
    run_property_number(work->run, "problems", (int64_t)work->problems);
    run_property(work->run, "domain", work->domain->ops->info(work->domain)->dns_name);
    if (work->problems)
        run_overall(work->run, gpmq_code_hresult(GPMQ_ENOTFOUND));
    return run_content(work->run, text, strlen(text), err);
}

static int validate(struct validating *work, const struct migration_table *table,
                    struct gpmq_error *err)
{
    size_t count = migration_table_count(table);
    int rc = 0;
    for (size_t i = 0; !rc && i < count; i++) {
        run_progress(work->run, (int32_t)(PART * i / count), 2 * PART);
        if (run_stopped(work->run))
            return fail(err, GPMQ_ESTOPPED, "the validation was stopped");
        rc = validate_entry(work, migration_table_at(table, i), err);
    }
    return rc ? rc : tell_result(work, count, err);
}

static int run(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(migrate_args_free) struct migrate_args args = {0};
    CLEANUP(domain_close) struct domain *domain = NULL;
    int rc = migrate_args_read(&args, request, MIGRATE_VALIDATE, err);
    if (!rc)
        rc = migrate_args_load(&args, run, err);
    if (!rc)
        rc = run_domain(run, request->domain, &domain, err);
    if (rc)
        return rc;
    struct validating work = {.run = run, .domain = domain, .list = json_array()};
    run_progress(run, 0, 2 * PART);
    rc = work.list ? validate(&work, args.table, err)
                   : fail(err, GPMQ_ENOMEM, "no memory for the answer");
    json_decref(work.list);
    return rc;
}

const struct handler handler_migration_table_validate = {
    .kind = "migration_table.validate",
    .repeatable = true,
    .check = check,
    .run = run,
};

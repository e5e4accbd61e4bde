/*
 * op_migration_create.c - the accounts and UNC paths of backups or of GPOs as a migration table, as
 * IGPMMigrationTable::Add: each with its type and the destination SameAsSource.
 *
 *     {"items": ["{GUID}", ...], "with_acl": true}
 *
 * Items are backups where the request names a repository, else GPOs; none: all there are. One that
 * cannot be read fails it: a table is complete or absent.
 */
#include <jansson.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "handler.h"
#include "migrate.h"
#include "migration_collect.h"
#include "migration_settings.h"
#include "migration_table_file.h"

#define PART      100
#define ITEMS_MAX 1000 /* that args name */

struct creating {
    struct run *run;
    int with_acl;
    size_t item_count; /* of args, then of all */
    struct gpmq_guid *items;
    struct repository *repository; /* NULL: items are GPOs */
    struct domain *domain;
    struct migration_table *table;
};

/* What is being read. */
struct reading {
    struct creating *work;
    struct migrate_source source;
    const struct gpo *gpo;
    struct sid domain;
    bool domain_known;
    struct migration_collecting collecting;
};

static void finish(struct creating *work)
{
    free(work->items);
    migration_table_free(&work->table);
    repository_close(&work->repository);
    domain_close(&work->domain);
}

/* ---- args ------------------------------------------------------------------------------------ */

static int take_items(struct creating *work, const json_t *items, struct gpmq_error *err)
{
    size_t count = json_array_size(items);
    if (items && !json_is_array(items))
        return fail(err, GPMQ_EINVAL, "args: items is no list");
    if (count > ITEMS_MAX)
        return fail(err, GPMQ_ETOOBIG, "args: more than %d items", ITEMS_MAX);
    work->items = calloc(count + 1, sizeof *work->items);
    if (!work->items)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu items", count);
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(items, i));
        if (!text || gpmq_guid_parse(&work->items[i], text) != 0)
            return fail(err, GPMQ_EINVAL, "args: item %zu is no GUID", i + 1);
    }
    work->item_count = count;
    return 0;
}

static int read_args(struct creating *work, const char *args, struct gpmq_error *err)
{
    json_error_t why;
    json_t *items = NULL;
    json_t *json = json_loads(args && *args ? args : "{}", JSON_REJECT_DUPLICATES, &why);
    if (!json)
        return fail(err, GPMQ_EINVAL, "args is no JSON: line %d: %s", why.line, why.text);
    int rc = json_unpack_ex(json, &why, JSON_STRICT, "{s?o, s?b}", "items", &items, "with_acl",
                            &work->with_acl);
    rc = rc ? fail(err, GPMQ_EINVAL, "args: %s", why.text) : take_items(work, items, err);
    json_decref(json);
    return rc;
}

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    struct creating work = {0};
    int rc = read_args(&work, request->args, err);
    if (!rc && request->repository && request->domain)
        rc = fail(err, GPMQ_EINVAL, "a migration table is made of backups or of GPOs, not both");
    finish(&work);
    return rc;
}

/* ---- all there are --------------------------------------------------------------------------- */

static void tell_finding(void *arg, const char *object_path, int code, const char *text)
{
    run_message(arg, &(struct gpmq_status_msg){.object_path = object_path,
                                               .error_code = gpmq_code_hresult(code),
                                               .operation_code = code,
                                               .message = text});
}

struct finding_count {
    struct run *run;
    size_t count;
};

static void count_finding(void *arg, const char *object_path, int code, const char *text)
{
    struct finding_count *findings = arg;
    findings->count++;
    tell_finding(findings->run, object_path, code, text);
}

static int make_items(struct creating *work, size_t count, struct gpmq_error *err)
{
    free(work->items);
    work->items = calloc(count + 1, sizeof *work->items);
    work->item_count = count;
    return work->items ? 0 : fail(err, GPMQ_ENOMEM, "no memory for %zu items", count);
}

static int all_backups(struct creating *work, struct gpmq_error *err)
{
    CLEANUP(backup_infos_free) struct backup_infos infos = {0};
    struct finding_count findings = {.run = work->run};
    int rc = repository_list(work->repository, &infos, count_finding, &findings, err);
    if (!rc && findings.count)
        rc = fail(err, GPMQ_EDAMAGED, "%zu backups of '%s' cannot be read: name those to take",
                  findings.count, run_request(work->run)->repository);
    if (!rc)
        rc = make_items(work, infos.count, err);
    for (size_t i = 0; !rc && i < infos.count; i++)
        work->items[i] = infos.items[i].id;
    return rc;
}

static int all_gpos(struct creating *work, struct gpmq_error *err)
{
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    int rc = work->domain->ops->list(work->domain, &gpos, err);
    if (!rc)
        rc = make_items(work, gpos.count, err);
    for (size_t i = 0; !rc && i < gpos.count; i++)
        work->items[i] = gpos.items[i].id;
    return rc;
}

/* ---- one of them ----------------------------------------------------------------------------- */

static int hold(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    struct bytes *held = arg;
    if (size > STAGE_REWRITE_MAX - held->size)
        return fail(err, GPMQ_ETOOBIG, "more than %u bytes of settings", STAGE_REWRITE_MAX);
    bytes_put(held, bytes, size);
    return held->failed ? fail(err, GPMQ_ENOMEM, "no memory for a file") : 0;
}

static int read_file(const struct reading *reading, const char *path, struct bytes *held,
                     struct gpmq_error *err)
{
    const struct creating *work = reading->work;
    if (reading->source.backup)
        return repository_read_file(work->repository, &reading->source.backup->info.id, path, hold,
                                    held, err);
    return work->domain->ops->read_file(work->domain, &reading->gpo->id, path, hold, held, err);
}

static struct migration_walk walk_of(struct reading *reading, const char *path)
{
    return (struct migration_walk){.visit = migration_collect_visit,
                                   .visit_arg = &reading->collecting,
                                   .domain = reading->domain_known ? &reading->domain : NULL,
                                   .object_path = path};
}

static int collect_file(struct reading *reading, const char *path, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes held = {0};
    CLEANUP(bytes_free) struct bytes out = {0};
    struct migration_walk walk = walk_of(reading, path);
    bool changed;
    int rc = read_file(reading, path, &held, err);
    if (!rc)
        rc = migration_file(&walk, held.at, held.size, &out, &changed, err);
    if (rc)
        run_blame(reading->work->run, path, migration_file_extension(path));
    return rc ? fail_in(err, "%s", path) : 0;
}

static int collect(struct reading *reading, struct gpmq_error *err)
{
    const struct gpo *gpo = reading->gpo;
    struct migration_walk walk = walk_of(reading, "DACL");
    uint8_t *changed = NULL;
    size_t size;
    int rc = 0;
    for (size_t i = 0; !rc && i < gpo->file_count; i++)
        if (!gpo->files[i].directory && migration_file_extension(gpo->files[i].path))
            rc = collect_file(reading, gpo->files[i].path, err);
    if (!rc)
        rc = migration_software(&walk, gpo->ds_objects, gpo->ds_object_count, err);
    /* A descriptor that is none names nobody: sanitised backups have such. */
    if (!rc && reading->work->with_acl && gpo->security_descriptor)
        rc = migration_dacl(&walk, gpo->security_descriptor, gpo->security_descriptor_size,
                            &changed, &size, err);
    free(changed);
    return rc == GPMQ_EDAMAGED ? 0 : rc;
}

static int collect_item(struct creating *work, const struct gpmq_guid *id, struct gpmq_error *err)
{
    CLEANUP(backup_free) struct backup *backup = NULL;
    CLEANUP(gpo_free) struct gpo *gpo = NULL;
    char text[GPMQ_GUID_TEXT_SIZE];
    int rc = work->repository ? repository_read(work->repository, id, &backup, err)
                              : work->domain->ops->read(work->domain, id, &gpo, err);
    if (rc) {
        run_blame(work->run, gpmq_guid_text(id, text), NULL);
        return rc;
    }
    struct reading reading = {.work = work,
                              .source = {.backup = backup, .domain = work->domain},
                              .gpo = backup ? backup->gpo : gpo};
    reading.domain_known = migrate_domain_sid(&reading.source, &reading.domain);
    reading.collecting = (struct migration_collecting){.table = work->table,
                                                       .with_acl = work->with_acl,
                                                       .lookup = migrate_lookup,
                                                       .lookup_arg = &reading.source};
    rc = collect(&reading, err);
    if (work->repository) /* many are read, one at a time */
        repository_release(work->repository, id);
    return rc;
}

/* ---- run ------------------------------------------------------------------------------------- */

static int tell_table(struct creating *work, struct gpmq_error *err)
{
    CLEANUP(free_pointer) void *file = NULL;
    size_t size;
    int rc = migration_table_write(&file, &size, work->table, err);
    if (rc)
        return rc;
    run_result(work->run, "migration_table");
    run_property_number(work->run, "entries", (int64_t)migration_table_count(work->table));
    run_property_number(work->run, "sources", (int64_t)work->item_count);
    return run_content(work->run, file, size, err);
}

static int create(struct creating *work, struct gpmq_error *err)
{
    int rc = 0;
    if (!work->item_count)
        rc = work->repository ? all_backups(work, err) : all_gpos(work, err);
    int32_t whole = (int32_t)(work->item_count + 1) * PART;
    for (size_t i = 0; !rc && i < work->item_count; i++) {
        run_progress(work->run, (int32_t)i * PART, whole);
        if (run_stopped(work->run))
            return fail(err, GPMQ_ESTOPPED, "stopped before the table was complete");
        rc = collect_item(work, &work->items[i], err);
    }
    return rc ? rc : tell_table(work, err);
}

static int run(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    struct creating work = {.run = run, .table = migration_table_new()};
    int rc = work.table ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a migration table");
    if (!rc)
        rc = read_args(&work, request->args, err);
    if (!rc && request->repository)
        rc = run_repository(run, request->repository, &work.repository, err);
    else if (!rc)
        rc = run_domain(run, request->domain, &work.domain, err);
    if (!rc)
        rc = create(&work, err);
    finish(&work);
    return rc;
}

const struct handler handler_migration_table_create = {
    .kind = "migration_table.create",
    .repeatable = true,
    .check = check,
    .run = run,
};

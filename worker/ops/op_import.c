/*
 * op_import.c - repository -> another GPO, as IGPMGPO::Import and Import-GPO -CreateIfNeeded.
 *
 * What an import brings: settings (files, extension names, directory objects) and the description,
 * which is a file (GPO.cmt). What stays the target's: GUID, DACL, links, WMI filter, options. Both
 * halves of the version count up by one. A dry run stages everything, drops it and tells a preview.
 * With a migration table in its args (migrate.h), accounts and paths become those of the target.
 */
#include "cleanup.h"
#include "fail.h"
#include "handler.h"
#include "make_gpo.h"
#include "migrate.h"

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(migrate_args_free) struct migrate_args args = {0};
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
    return migrate_args_read(&args, request, MIGRATE_IMPORT, err);
}

static int import_into(const struct gpmq_guid *target, struct run *run,
                       struct repository *repository, const struct backup *backup,
                       struct domain *domain, struct migrate *migrate, struct gpmq_error *err)
{
    const struct gpmq_request *request = run_request(run);
    const struct make_gpo make = {
        .run = run,
        .domain = domain,
        .request = {.gpo = *target,
                    .create = request->create,
                    .display_name = request->name ? request->name : backup->info.display_name},
        .source = {.gpo = backup->gpo,
                   .extension_count = backup->extension_count,
                   .extensions = backup->extensions,
                   .repository = repository,
                   .backup = backup->info.id},
        .rewrite = migrate_rewrite(migrate),
        .fields = DOMAIN_EXTENSIONS | DOMAIN_DS_OBJECTS,
        .values = backup->gpo,
    };
    int rc = migrate_gpo(migrate, backup->gpo, err);
    return rc ? rc : make_gpo(&make, err);
}

static int import(struct run *run, struct repository *repository, struct domain *domain,
                  struct gpmq_error *err)
{
    const struct gpmq_request *request = run_request(run);
    CLEANUP(backup_free) struct backup *backup = NULL;
    CLEANUP(migrate_args_free) struct migrate_args args = {0};
    CLEANUP(migrate_free) struct migrate *migrate = NULL;
    struct gpmq_guid id, target;
    int rc = gpmq_guid_parse(&id, request->backup);
    if (!rc)
        rc = repository_read(repository, &id, &backup, err);
    if (rc)
        return rc;
    if (request->create)
        target = gpmq_guid_derive(&request->id, "gpo");
    else if (gpmq_guid_parse(&target, request->gpo) != 0)
        return fail(err, GPMQ_EINVAL, "'%s' is no GUID of a GPO", request->gpo);
    rc = migrate_args_read(&args, request, MIGRATE_IMPORT, err);
    if (!rc)
        rc = migrate_args_load(&args, run, err);
    const struct migrate_source source = {.backup = backup};
    if (!rc)
        rc = migrate_new(&migrate, run, &args, &source, domain, err);
    return rc ? rc : import_into(&target, run, repository, backup, domain, migrate, err);
}

static int run(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(domain_close) struct domain *domain = NULL;
    int rc = run_repository(run, request->repository, &repository, err);
    if (!rc)
        rc = run_domain(run, request->domain, &domain, err);
    return rc ? rc : import(run, repository, domain, err);
}

const struct handler handler_gpo_import = {
    .kind = "gpo.import",
    .repeatable = true,
    .check = check,
    .run = run,
};

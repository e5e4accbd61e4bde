/*
 * op_copy.c - GPO -> new GPO, also of another domain that the worker serves, as IGPMGPO::CopyTo.
 *
 * What a copy has: the source's settings (files, extension names, directory objects), description,
 * options and, within the domain, its link to a WMI filter; a new GUID, derived from the
 * operation's id, and no links. Its DACL is that of a new GPO, or with {"copy_acl": true} the
 * source's. Both halves of its version begin with 1. A dry run stages everything, drops it and
 * tells a preview.
 */
#include <stdlib.h>
#include <string.h>

#include "backup_plan.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "handler.h"
#include "make_gpo.h"
#include "migrate.h"
#include "sd.h"
#include "warn.h"

#define COPIED (DOMAIN_OPTIONS | DOMAIN_EXTENSIONS | DOMAIN_DS_OBJECTS)

struct copying {
    struct run *run;
    struct migrate_args args;
    struct migrate *migrate; /* NULL: accounts and paths stay as they are */
    struct domain *source;
    struct domain *target; /* a handle of its own, also of the same domain */
    struct gpo *gpo;
    struct backup_extensions plan; /* whose handlers tell how far it is */
    char name[GPO_NAME_MAX + 1];
};

static void finish(struct copying *work)
{
    migrate_free(&work->migrate);
    migrate_args_free(&work->args);
    backup_extensions_free(&work->plan);
    gpo_free(&work->gpo);
    domain_close(&work->source);
    domain_close(&work->target);
}

/* ---- the request ----------------------------------------------------------------------------- */

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    struct gpmq_guid guid;
    CLEANUP(migrate_args_free) struct migrate_args args = {0};
    int rc = handler_needs(request, NEEDS_DOMAIN | NEEDS_GPO, err);
    if (!rc)
        rc = migrate_args_read(&args, request, MIGRATE_COPY, err);
    if (rc)
        return rc;
    if (gpmq_guid_parse(&guid, request->gpo) != 0)
        return fail(err, GPMQ_EINVAL, "'%s' is no GUID of a GPO", request->gpo);
    return 0;
}

static int choose_name(struct copying *work, const struct gpmq_request *request,
                       struct gpmq_error *err)
{
    bool given = request->name && *request->name;
    int length = snprintf(work->name, sizeof work->name, "%s%s", given ? "" : "Copy of ",
                          given ? request->name : work->gpo->display_name);
    if (length < 0 || (size_t)length >= sizeof work->name)
        return fail(err, GPMQ_EINVAL, "the copy's name has more than %d bytes: give another",
                    GPO_NAME_MAX);
    return 0;
}

/* ---- what a copy may take with it ------------------------------------------------------------ */

static bool same_domain(const struct copying *work)
{
    return gpmq_guid_equal(&work->source->ops->info(work->source)->guid,
                           &work->target->ops->info(work->target)->guid);
}

/* A filter belongs to its domain. */
static unsigned judge_filter(const struct copying *work)
{
    const struct gpo *gpo = work->gpo;
    if (same_domain(work))
        return DOMAIN_WMI_FILTER;
    if (gpo->wmi_filter)
        warn_gpo(work->run, &gpo->id, "WMI filter",
                 "the WMI filter '%s' %s belongs to %s; the copy has none",
                 gpo->wmi_filter_name ? gpo->wmi_filter_name : "", gpo->wmi_filter, gpo->domain);
    return 0;
}

/* Tells of a domain's account that the target's domain does not know; others are known anywhere. */
static int judge_sid(const struct copying *work, const struct sid *sid, struct gpmq_error *err)
{
    CLEANUP(domain_principal_free) struct domain_principal principal = {0};
    char text[SID_TEXT_SIZE];
    sid_text(sid, text);
    if (strncmp(text, "S-1-5-21-", 9) != 0)
        return 0;
    int rc = work->target->ops->principal(work->target, text, &principal, err);
    if (!rc && !principal.sam_account_name)
        warn_gpo(work->run, &work->gpo->id, "permissions",
                 "the copied permissions name %s, which %s does not know", text,
                 work->target->ops->info(work->target)->dns_name);
    return rc;
}

/* *fields is what of the DACL is copied. */
static int judge_security(const struct copying *work, unsigned *fields, struct gpmq_error *err)
{
    const struct gpo *gpo = work->gpo;
    CLEANUP(free_pointer) struct sid *sids = NULL;
    size_t count = 0;
    struct sd sd;
    *fields = 0;
    if (!work->args.copy_acl)
        return 0;
    if (!gpo->security_descriptor)
        return fail(err, GPMQ_EDAMAGED, "GPO '%s' has no permissions to copy", gpo->display_name);
    *fields = DOMAIN_SECURITY;
    if (same_domain(work))
        return 0;
    int rc = sd_open(&sd, gpo->security_descriptor, gpo->security_descriptor_size, err);
    if (!rc)
        rc = sd_dacl_sids(&sd, &sids, &count, err);
    for (size_t i = 0; !rc && i < count; i++)
        rc = judge_sid(work, &sids[i], err);
    return rc;
}

/* No other GPO of the target's domain may have the name. */
static int admit(const struct make_gpo *make, struct gpmq_error *err)
{
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    char id[GPMQ_GUID_TEXT_SIZE];
    int rc = make->domain->ops->list(make->domain, &gpos, err);
    for (size_t i = 0; !rc && i < gpos.count; i++)
        if (fold_compare(gpos.items[i].display_name, make->request.display_name) == 0)
            rc = fail(err, GPMQ_EEXIST, "%s has a GPO '%s' already, %s: give another name",
                      make->domain->ops->info(make->domain)->dns_name, gpos.items[i].display_name,
                      gpmq_guid_text(&gpos.items[i].id, id));
    return rc;
}

/* ---- run ------------------------------------------------------------------------------------- */

static int read_source(struct copying *work, const struct gpmq_request *request,
                       struct gpmq_error *err)
{
    struct gpmq_guid id;
    if (gpmq_guid_parse(&id, request->gpo) != 0)
        return fail(err, GPMQ_EINVAL, "'%s' is no GUID of a GPO", request->gpo);
    int rc = work->source->ops->read(work->source, &id, &work->gpo, err);
    if (!rc)
        rc = backup_plan(&work->plan, work->gpo, err);
    if (rc)
        run_blame(work->run, request->gpo, NULL);
    return rc;
}

/* What of the GPO is no file goes through the migration table here. */
static int migrate(struct copying *work, struct gpmq_error *err)
{
    const struct migrate_source source = {.domain = work->source};
    int rc = migrate_new(&work->migrate, work->run, &work->args, &source, work->target, err);
    return rc ? rc : migrate_gpo(work->migrate, work->gpo, err);
}

static int copy(struct copying *work, const struct gpmq_request *request, struct gpmq_error *err)
{
    unsigned security = 0;
    int rc = read_source(work, request, err);
    if (!rc)
        rc = choose_name(work, request, err);
    if (!rc)
        rc = migrate(work, err);
    if (!rc)
        rc = judge_security(work, &security, err);
    if (rc)
        return rc;
    const struct make_gpo make = {
        .run = work->run,
        .domain = work->target,
        .request = {.gpo = gpmq_guid_derive(&request->id, "gpo"),
                    .create = true,
                    .display_name = work->name},
        .source = {.gpo = work->gpo,
                   .extension_count = work->plan.count,
                   .extensions = work->plan.items,
                   .domain = work->source},
        .rewrite = migrate_rewrite(work->migrate),
        .fields = COPIED | security | judge_filter(work),
        .values = work->gpo,
        .admit = admit,
    };
    return make_gpo(&make, err);
}

static int run(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    struct copying work = {.run = run};
    const char *target = request->target_domain ? request->target_domain : request->domain;
    int rc = migrate_args_read(&work.args, request, MIGRATE_COPY, err);
    if (!rc)
        rc = migrate_args_load(&work.args, run, err);
    if (!rc)
        rc = run_domain(run, request->domain, &work.source, err);
    if (!rc)
        rc = run_domain(run, target, &work.target, err);
    if (!rc)
        rc = copy(&work, request, err);
    finish(&work);
    return rc;
}

const struct handler handler_gpo_copy = {
    .kind = "gpo.copy",
    .repeatable = true,
    .check = check,
    .run = run,
};

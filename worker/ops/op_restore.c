/*
 * op_restore.c - repository -> the domain it came from, as IGPMDomain::RestoreGPO.
 *
 * What a restore puts back: settings (files, extension names, directory objects), description,
 * display name, options, DACL and the link to the WMI filter, into the GPO with the backup's GUID,
 * which is made where it was deleted. Links of containers stay as they are. Both halves of the
 * version count up from the larger of the backup's and the live one, so that clients notice. A dry
 * run stages everything, drops it and tells a preview.
 */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "handler.h"
#include "make_gpo.h"
#include "warn.h"

#define RESTORED                                                                                   \
    (DOMAIN_DISPLAY_NAME | DOMAIN_OPTIONS | DOMAIN_EXTENSIONS | DOMAIN_WMI_FILTER |                \
     DOMAIN_SECURITY | DOMAIN_DS_OBJECTS | DOMAIN_VERSION)

static int check(const struct gpmq_request *request, struct gpmq_error *err)
{
    struct gpmq_guid guid;
    int rc =
        handler_needs(request, NEEDS_DOMAIN | NEEDS_REPOSITORY | NEEDS_BACKUP | NEEDS_GPO, err);
    if (rc)
        return rc;
    if (gpmq_guid_parse(&guid, request->backup) != 0)
        return fail(err, GPMQ_EINVAL, "'%s' is no GUID of a backup", request->backup);
    if (gpmq_guid_parse(&guid, request->gpo) != 0)
        return fail(err, GPMQ_EINVAL, "'%s' is no GUID of a GPO", request->gpo);
    return 0;
}

/* The backup is of this GPO and of this domain, and its two descriptions agree. */
static int judge_origin(const struct backup *backup, const struct domain_info *domain,
                        const struct gpmq_guid *gpo, struct gpmq_error *err)
{
    const struct backup_info *info = &backup->info;
    char id[GPMQ_GUID_TEXT_SIZE], of[GPMQ_GUID_TEXT_SIZE], asked[GPMQ_GUID_TEXT_SIZE];
    gpmq_guid_text(&info->id, id);
    gpmq_guid_text(&info->gpo_id, of);
    if (!gpmq_guid_equal(&backup->gpo->id, &info->gpo_id) ||
        strcasecmp(backup->gpo->domain, info->domain) != 0)
        return fail(err, GPMQ_EDAMAGED,
                    "backup %s: Backup.xml and bkupInfo.xml tell of different GPOs or domains", id);
    if (!gpmq_guid_equal(&info->gpo_id, gpo))
        return fail(err, GPMQ_EINVAL, "backup %s is of the GPO %s, not of %s", id, of,
                    gpmq_guid_text(gpo, asked));
    if (!gpmq_guid_equal(&info->domain_guid, &domain->guid) ||
        strcasecmp(info->domain, domain->dns_name) != 0)
        return fail(err, GPMQ_EINVAL,
                    "backup %s is of the domain %s %s, not of %s %s: only an import takes it "
                    "elsewhere",
                    id, info->domain, gpmq_guid_text(&info->domain_guid, of), domain->dns_name,
                    gpmq_guid_text(&domain->guid, asked));
    return 0;
}

/* A GPO without its own DACL might apply to those it was kept from. */
static int judge_security(const struct backup *backup, struct gpmq_error *err)
{
    char id[GPMQ_GUID_TEXT_SIZE];
    if (backup->gpo->security_descriptor)
        return 0;
    return fail(err, GPMQ_EDAMAGED,
                "backup %s: Backup.xml, SecurityDescriptor: %s, so the GPO's permissions cannot be "
                "restored; an import takes its settings",
                gpmq_guid_text(&backup->info.id, id),
                backup->security_descriptor_damaged ? "it is no security descriptor"
                                                    : "it is empty");
}

/* A link to a filter that is gone is dropped, and told. */
static int judge_filter(struct run *run, struct domain *domain, struct gpo *values,
                        struct gpmq_error *err)
{
    CLEANUP(free_pointer) char *name = NULL;
    if (!values->wmi_filter)
        return 0;
    int rc = domain->ops->wmi_filter(domain, values->wmi_filter, &name, err);
    if (rc != GPMQ_ENOTFOUND)
        return rc;
    warn_gpo(run, &values->id, "WMI filter",
             "the WMI filter '%s' %s is not in the domain any more; the GPO is restored without it",
             values->wmi_filter_name ? values->wmi_filter_name : "", values->wmi_filter);
    values->wmi_filter = NULL;
    return 0;
}

static int restore(struct run *run, struct repository *repository, struct domain *domain,
                   struct gpmq_error *err)
{
    const struct gpmq_request *request = run_request(run);
    CLEANUP(backup_free) struct backup *backup = NULL;
    struct gpmq_guid id, gpo;
    int rc = gpmq_guid_parse(&id, request->backup);
    if (!rc)
        rc = gpmq_guid_parse(&gpo, request->gpo);
    if (!rc)
        rc = repository_read(repository, &id, &backup, err);
    if (!rc)
        rc = judge_origin(backup, domain->ops->info(domain), &gpo, err);
    if (!rc)
        rc = judge_security(backup, err);
    if (rc)
        return rc;
    struct gpo values = *backup->gpo; /* the backup owns what it points to */
    rc = judge_filter(run, domain, &values, err);
    if (rc)
        return rc;
    const struct make_gpo make = {
        .run = run,
        .domain = domain,
        .request = {.gpo = gpo,
                    .create = true,
                    .or_change = true,
                    .display_name = values.display_name},
        .source = {.gpo = backup->gpo,
                   .extension_count = backup->extension_count,
                   .extensions = backup->extensions,
                   .repository = repository,
                   .backup = id},
        .fields = RESTORED,
        .values = &values,
    };
    return make_gpo(&make, err);
}

static int run(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    CLEANUP(repository_close) struct repository *repository = NULL;
    CLEANUP(domain_close) struct domain *domain = NULL;
    int rc = run_repository(run, request->repository, &repository, err);
    if (!rc)
        rc = run_domain(run, request->domain, &domain, err);
    return rc ? rc : restore(run, repository, domain, err);
}

const struct handler handler_gpo_restore = {
    .kind = "gpo.restore",
    .repeatable = true,
    .check = check,
    .run = run,
};

/* migrate.c - a migration table on its way through an operation. */
#include "migrate.h"

#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "migration_map.h"
#include "migration_settings.h"

#define SOFTWARE "Software Installation"

struct migrate {
    struct run *run;
    const struct migrate_args *args;
    struct migrate_source source;
    struct migration_map *map;
    struct stage_rewrite rewrite;
    struct sid domain;
    bool domain_known;
    bool warned; /* of advertise scripts */
};

/* ---- the source ------------------------------------------------------------------------------ */

static bool copy_text(char **out, const char *text)
{
    *out = text ? strdup(text) : NULL;
    return !text || *out;
}

static int copy_principal(struct domain_principal *out, const char *sid,
                          const struct domain_principal *from, struct gpmq_error *err)
{
    CLEANUP(domain_principal_free) struct domain_principal copy = {0};
    if (!copy_text(&copy.sid, sid) || !copy_text(&copy.sam_account_name, from->sam_account_name) ||
        !copy_text(&copy.type, from->type) ||
        !copy_text(&copy.netbios_domain_name, from->netbios_domain_name) ||
        !copy_text(&copy.dns_domain_name, from->dns_domain_name) ||
        !copy_text(&copy.upn, from->upn))
        return fail(err, GPMQ_ENOMEM, "no memory for a principal");
    *out = copy;
    copy = (struct domain_principal){0};
    return 0;
}

int migrate_lookup(void *source_arg, const char *sid, struct domain_principal *out,
                   struct gpmq_error *err)
{
    static const struct domain_principal nobody = {0};
    const struct migrate_source *source = source_arg;
    if (!source->backup)
        return source->domain->ops->principal(source->domain, sid, out, err);
    for (size_t i = 0; i < source->backup->principal_count; i++) {
        const struct domain_principal *known = &source->backup->principals[i].principal;
        if (known->sid && !strcasecmp(known->sid, sid))
            return copy_principal(out, sid, known, err);
    }
    return copy_principal(out, sid, &nobody, err);
}

/* A domain's SID is that of an account of it without its last part. */
static bool cut_rid(struct sid *sid)
{
    if (sid->size < 8 + 4 * 5)
        return false;
    sid->size -= 4;
    sid->bytes[1]--;
    return true;
}

bool migrate_domain_sid(const struct migrate_source *source, struct sid *out)
{
    if (!source->backup)
        return sid_parse(out, source->domain->ops->info(source->domain)->sid, NULL) == 0;
    for (size_t i = 0; i < source->backup->principal_count; i++) {
        const struct domain_principal *known = &source->backup->principals[i].principal;
        if (known->sid && known->dns_domain_name &&
            !fold_compare(known->dns_domain_name, source->backup->info.domain) &&
            sid_parse(out, known->sid, NULL) == 0 && cut_rid(out))
            return true;
    }
    return false;
}

/* ---- the step -------------------------------------------------------------------------------- */

static void tell(void *arg, const struct migration_name *name, int code, const char *text)
{
    struct migrate *migrate = arg;
    run_message(migrate->run,
                &(struct gpmq_status_msg){.object_path = name->object_path,
                                          .extension_name = name->extension_name,
                                          .settings_name = name->settings_name,
                                          .error_code = code ? gpmq_code_hresult(code) : 0,
                                          .operation_code = code,
                                          .message = text});
}

/* As migration_map_visit(); a package whose path changes keeps its advertise script, which is
 * Windows Installer's own and names the old path. */
static int visit(void *arg, const struct migration_name *name, struct migration_answer *answer,
                 struct gpmq_error *err)
{
    struct migrate *migrate = arg;
    int rc = migration_map_visit(migrate->map, name, answer, err);
    if (rc || answer->fate != MIGRATION_REPLACE || name->what != MIGRATION_PATH ||
        !name->extension_name || strcmp(name->extension_name, SOFTWARE) != 0 || migrate->warned)
        return rc;
    migrate->warned = true;
    tell(migrate, name, 0,
         "the path of the package is mapped, but its advertise script (.aas) names the old one "
         "until the package is deployed anew");
    return 0;
}

static struct migration_walk walk_of(struct migrate *migrate, const char *object_path)
{
    return (struct migration_walk){.visit = visit,
                                   .visit_arg = migrate,
                                   .domain = migrate->domain_known ? &migrate->domain : NULL,
                                   .object_path = object_path};
}

static bool wants(void *arg, const char *path)
{
    (void)arg;
    return migration_file_extension(path) != NULL;
}

static int rewrite(void *arg, const char *path, const struct bytes *in, struct bytes *out,
                   struct gpmq_error *err)
{
    struct migration_walk walk = walk_of(arg, path);
    bool changed;
    return migration_file(&walk, in->at, in->size, out, &changed, err);
}

static int settle(void *arg, struct gpmq_error *err)
{
    struct migrate *migrate = arg;
    return migration_map_settle(migrate->map, err);
}

int migrate_new(struct migrate **out, struct run *run, const struct migrate_args *args,
                const struct migrate_source *source, struct domain *target, struct gpmq_error *err)
{
    *out = NULL;
    if (!args->given)
        return 0;
    CLEANUP(migrate_free) struct migrate *migrate = calloc(1, sizeof *migrate);
    if (!migrate)
        return fail(err, GPMQ_ENOMEM, "no memory for a migration table");
    migrate->run = run;
    migrate->args = args;
    migrate->source = *source;
    migrate->domain_known = migrate_domain_sid(source, &migrate->domain);
    migrate->rewrite = (struct stage_rewrite){
        .arg = migrate, .wants = wants, .rewrite = rewrite, .settle = settle};
    const struct migration_map_options options = {.table = args->table,
                                                  .table_only = args->table_only,
                                                  .with_acl = args->copy_acl,
                                                  .lookup = migrate_lookup,
                                                  .lookup_arg = &migrate->source,
                                                  .target = target,
                                                  .tell = tell,
                                                  .tell_arg = migrate};
    migrate->map = migration_map_new(&options);
    if (!migrate->map)
        return fail(err, GPMQ_ENOMEM, "no memory for a migration table");
    *out = STEAL(migrate);
    return 0;
}

void migrate_free(struct migrate **migrate_p)
{
    struct migrate *migrate = STEAL(*migrate_p);
    if (!migrate)
        return;
    migration_map_free(&migrate->map);
    free(migrate);
}

const struct stage_rewrite *migrate_rewrite(struct migrate *migrate)
{
    return migrate ? &migrate->rewrite : NULL;
}

static int rewrite_dacl(struct migrate *migrate, struct gpo *gpo, struct gpmq_error *err)
{
    char id[GPMQ_GUID_TEXT_SIZE];
    struct migration_walk walk = walk_of(migrate, gpmq_guid_text(&gpo->id, id));
    uint8_t *changed;
    size_t size;
    int rc = migration_dacl(&walk, gpo->security_descriptor, gpo->security_descriptor_size,
                            &changed, &size, err);
    if (rc || !changed)
        return rc;
    free(gpo->security_descriptor);
    gpo->security_descriptor = changed;
    gpo->security_descriptor_size = size;
    return 0;
}

int migrate_gpo(struct migrate *migrate, struct gpo *gpo, struct gpmq_error *err)
{
    if (!migrate)
        return 0;
    struct migration_walk walk = walk_of(migrate, NULL);
    int rc = migration_software(&walk, gpo->ds_objects, gpo->ds_object_count, err);
    if (!rc && migrate->args->copy_acl && gpo->security_descriptor)
        rc = rewrite_dacl(migrate, gpo, err);
    return rc;
}

#include "report_domain.h"

#include <stdlib.h>

#include "admx_store.h"
#include "cleanup.h"
#include "clock.h"
#include "fail.h"

static int read_file(void *arg, const char *path, domain_sink *sink, void *sink_arg,
                     struct gpmq_error *err)
{
    const struct report_domain *from = arg;
    return from->domain->ops->read_file(from->domain, &from->gpo->id, path, sink, sink_arg, err);
}

static int principal(void *arg, const char *sid, struct domain_principal *out,
                     struct gpmq_error *err)
{
    const struct report_domain *from = arg;
    return from->domain->ops->principal(from->domain, sid, out, err);
}

void report_domain_free(struct report_domain *from)
{
    free(from->links);
    domain_soms_free(&from->soms);
    domain_wmi_filters_free(&from->filters);
    *from = (struct report_domain){0};
}

static int find_links(struct report_source *source, struct report_domain *from,
                      struct gpmq_error *err)
{
    const struct domain_info *info = from->domain->ops->info(from->domain);
    CLEANUP(free_pointer) struct domain_gpo_link *found = NULL;
    size_t count = 0;
    int rc = from->domain->ops->soms(from->domain, &from->soms, err);
    if (!rc)
        rc = domain_gpo_links(&from->soms, info->dn, &from->gpo->id, &found, &count, err);
    if (rc)
        return rc;
    from->links = calloc(count + 1, sizeof *from->links);
    if (!from->links)
        return fail(err, GPMQ_ENOMEM, "no memory for the links of a GPO");
    for (size_t i = 0; i < count; i++)
        from->links[i] = (struct report_link){
            .som_name = found[i].som->name,
            .som_path = found[i].som->path,
            .enabled = found[i].link->enabled,
            .enforced = found[i].link->enforced,
        };
    source->links = from->links;
    source->link_count = count;
    return 0;
}

static int find_filter(struct report_source *source, struct report_domain *from,
                       struct gpmq_error *err)
{
    struct gpmq_guid id;
    if (!from->gpo->wmi_filter || !wmi_filter_linked(from->gpo->wmi_filter, &id))
        return 0;
    int rc = from->domain->ops->wmi_filters(from->domain, &from->filters, err);
    for (size_t i = 0; !rc && i < from->filters.count; i++)
        if (gpmq_guid_equal(&from->filters.items[i].id, &id))
            source->filter_description = from->filters.items[i].description;
    return rc;
}

int report_domain_source(struct report_source *source, struct report_domain *from,
                         struct domain *domain, const struct gpo *gpo, int64_t read_unix_ms,
                         struct gpmq_error *err)
{
    *from = (struct report_domain){.domain = domain, .gpo = gpo};
    *source = (struct report_source){
        .gpo = gpo,
        .read_file = read_file,
        .principal = principal,
        .arg = from,
        .read_unix_ms = read_unix_ms,
        .domain_sid = domain->ops->info(domain)->sid,
    };
    int rc = find_links(source, from, &from->missing);
    if (!rc)
        rc = find_filter(source, from, &from->missing);
    return rc == GPMQ_ENOMEM ? fail(err, rc, "%s", from->missing.text) : 0;
}

/* ---- templates ------------------------------------------------------------------------------- */

/* What is kept with a domain. */
struct kept_templates {
    struct admx *admx;
    size_t unusable;
    struct gpmq_error complaint;
    int64_t read_ms;
};

static void free_kept(void **kept_p)
{
    struct kept_templates *kept = STEAL(*kept_p);
    if (kept)
        admx_free(&kept->admx);
    free(kept);
}

static void complain(void *arg, const char *path, const struct gpmq_error *why)
{
    struct kept_templates *kept = arg;
    if (kept->unusable++ == 0)
        fail(&kept->complaint, why->code, "%s: %s", path, why->text);
}

static int read_templates(struct domain *domain, const char *folder, struct gpmq_error *err)
{
    struct gpmq_error why;
    struct kept_templates *kept = calloc(1, sizeof *kept);
    if (!kept)
        return fail(err, GPMQ_ENOMEM, "no memory for administrative templates");
    domain_keep(domain, kept, free_kept);
    int rc = admx_store_read(&kept->admx, domain, folder, complain, kept, &why);
    kept->read_ms = clock_now_ms();
    if (rc == GPMQ_ENOMEM) {
        domain_let_go(domain);
        return fail(err, rc, "%s", why.text);
    }
    if (rc)
        complain(kept, "PolicyDefinitions", &why);
    return 0;
}

static const struct kept_templates *fresh(const struct domain *domain)
{
    const struct kept_templates *kept = domain->free_kept == free_kept ? domain->kept : NULL;
    return kept && clock_now_ms() - kept->read_ms < REPORT_TEMPLATES_MS ? kept : NULL;
}

static bool has_registry_values(const struct gpo *gpo)
{
    return gpo_find_file(gpo, "Machine/registry.pol") || gpo_find_file(gpo, "User/registry.pol");
}

int report_domain_templates(struct report_source *source, struct report_domain *from,
                            const char *folder, struct gpmq_error *err)
{
    if (!has_registry_values(from->gpo))
        return 0;
    int rc = fresh(from->domain) ? 0 : read_templates(from->domain, folder, err);
    if (rc)
        return rc;
    const struct kept_templates *kept = from->domain->kept;
    from->templates = kept->admx;
    from->templates_unusable = kept->unusable;
    from->complaint = kept->complaint;
    source->admx = kept->admx;
    return 0;
}

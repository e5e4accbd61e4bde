#include "report_domain.h"

#include <string.h>
#include <strings.h>

#include "admx_store.h"
#include "cleanup.h"
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
    admx_free(&from->templates);
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

static void complain(void *arg, const char *path, const struct gpmq_error *why)
{
    struct report_domain *from = arg;
    if (from->templates_unusable++ == 0)
        fail(&from->complaint, why->code, "%s: %s", path, why->text);
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

int report_domain_templates(struct report_source *source, struct report_domain *from,
                            struct gpmq_error *err)
{
    bool values = false;
    for (size_t i = 0; i < from->gpo->file_count && !values; i++)
        values = !strcasecmp(from->gpo->files[i].path, "Machine/registry.pol") ||
                 !strcasecmp(from->gpo->files[i].path, "User/registry.pol");
    if (!values)
        return 0;
    struct gpmq_error why;
    int rc = admx_store_read(&from->templates, from->domain, complain, from, &why);
    source->admx = from->templates;
    if (rc == GPMQ_ENOMEM)
        return fail(err, rc, "%s", why.text);
    if (rc)
        complain(from, "PolicyDefinitions", &why);
    return 0;
}

/* domain_tree.c - what all domains share of SOMs, links, filters and accounts. */
#include "domain_tree.h"

#include <stdlib.h>

#include "dn.h"
#include "fail.h"

void domain_soms_free(struct domain_soms *soms)
{
    for (size_t i = 0; i < soms->count; i++) {
        struct domain_som *som = &soms->items[i];
        free(som->dn);
        free(som->name);
        free(som->path);
        free(som->damage);
        gplink_free(som->links, som->link_count);
    }
    free(soms->items);
    *soms = (struct domain_soms){0};
}

const struct domain_som *domain_soms_find(const struct domain_soms *soms, const char *dn)
{
    for (size_t i = 0; i < soms->count; i++)
        if (dn_equal(soms->items[i].dn, dn))
            return &soms->items[i];
    return NULL;
}

/* Calls for each link to the GPO; returns how many there are. out may be NULL. */
static size_t collect(const struct domain_soms *soms, const char *domain_dn,
                      const struct gpmq_guid *gpo, struct domain_gpo_link *out)
{
    size_t count = 0;
    for (size_t i = 0; i < soms->count; i++) {
        const struct domain_som *som = &soms->items[i];
        for (size_t k = 0; k < som->link_count; k++) {
            const struct gplink *link = &som->links[k];
            if (!gpmq_guid_equal(&link->gpo, gpo) || !dn_equal(link->domain_dn, domain_dn))
                continue;
            if (out)
                out[count] = (struct domain_gpo_link){som, link};
            count++;
        }
    }
    return count;
}

int domain_gpo_links(const struct domain_soms *soms, const char *domain_dn,
                     const struct gpmq_guid *gpo, struct domain_gpo_link **out, size_t *count,
                     struct gpmq_error *err)
{
    size_t found = collect(soms, domain_dn, gpo, NULL);
    struct domain_gpo_link *links = found ? calloc(found, sizeof *links) : NULL;
    if (found && !links)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu links", found);
    *count = collect(soms, domain_dn, gpo, links);
    *out = links;
    return 0;
}

void domain_wmi_filters_free(struct domain_wmi_filters *filters)
{
    for (size_t i = 0; i < filters->count; i++) {
        struct domain_wmi_filter *filter = &filters->items[i];
        free(filter->name);
        free(filter->description);
        free(filter->damage);
        wmi_queries_free(filter->queries, filter->query_count);
    }
    free(filters->items);
    *filters = (struct domain_wmi_filters){0};
}

void domain_account_free(struct domain_account *account)
{
    free(account->dn);
    free(account->name);
    free(account->groups);
    *account = (struct domain_account){0};
}

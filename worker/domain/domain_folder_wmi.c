/* domain_folder_wmi.c - the WMI filters of domain.ldif. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "domain_folder.h"
#include "fail.h"

/* Whether the "dns" of "[dns;{guid};0]" is this domain. */
static bool is_ours(const struct folder_domain *domain, const char *link)
{
    size_t length = strlen(domain->dns_name);
    return link[0] == '[' && strncasecmp(link + 1, domain->dns_name, length) == 0 &&
           link[1 + length] == ';';
}

const struct ldif_record *folder_find_filter(const struct folder_domain *domain, const char *link)
{
    char guid[GPMQ_GUID_TEXT_SIZE];
    const char *at = strchr(link, '{');
    if (!at || strlen(at) < sizeof guid - 1 || !is_ours(domain, link))
        return NULL;
    memcpy(guid, at, sizeof guid - 1);
    guid[sizeof guid - 1] = 0;
    for (size_t i = 0; i < domain->directory->count; i++)
        if (ldif_has(&domain->directory->records[i], "msWMI-ID", guid))
            return &domain->directory->records[i];
    return NULL;
}

int folder_wmi_filter(struct domain *base, const char *link, char **name, struct gpmq_error *err)
{
    const struct folder_domain *domain = (const struct folder_domain *)base;
    const struct ldif_record *record = folder_find_filter(domain, link);
    if (!record)
        return fail(err, GPMQ_ENOTFOUND, "no WMI filter '%.128s' in %s", link, domain->dns_name);
    const char *text = ldif_text(record, "msWMI-Name");
    *name = strdup(text ? text : ldif_text(record, "msWMI-ID"));
    return *name ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a WMI filter");
}

/* The GPC, and the display name of the filter that it is linked to. */
int folder_read_gpc(const struct folder_domain *domain, const struct ldif *ldif, struct gpo *gpo,
                    struct gpmq_error *err)
{
    int rc = gpc_read(&domain->info, ldif, gpo, err);
    const struct ldif_record *known =
        !rc && gpo->wmi_filter ? folder_find_filter(domain, gpo->wmi_filter) : NULL;
    const char *name = known ? ldif_text(known, "msWMI-Name") : NULL;
    if (name && !(gpo->wmi_filter_name = strdup(name)))
        return fail(err, GPMQ_ENOMEM, "no memory for a WMI filter");
    return rc;
}

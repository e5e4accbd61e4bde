/* domain_folder_tree.c - SOMs and WMI filters, from domain.ldif. */
#include "domain_folder.h"

int folder_soms(struct domain *base, struct domain_soms *out, struct gpmq_error *err)
{
    const struct folder_domain *domain = (const struct folder_domain *)base;
    return records_soms(domain->directory, domain->dn, out, err);
}

int folder_wmi_filters(struct domain *base, struct domain_wmi_filters *out, struct gpmq_error *err)
{
    return records_wmi_filters(((const struct folder_domain *)base)->directory, out, err);
}

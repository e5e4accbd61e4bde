/* domain_ad_tree.c - SOMs and WMI filters, by LDAP; the central store of templates. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "domain_ad.h"
#include "domain_records.h"
#include "fail.h"

static int search_soms(struct ad_domain *domain, struct ldif **out, struct gpmq_error *err)
{
    static const char *const attributes[] = {"objectClass", "gPLink", "gPOptions", NULL};
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    char sites[AD_DN_MAX];
    snprintf(sites, sizeof sites, "CN=Sites,%s", domain->config_dn);
    struct ad_search inside = {.base = domain->dn,
                               .scope = AD_SUBTREE,
                               .filter =
                                   "(|(objectClass=domainDNS)(objectClass=organizationalUnit))",
                               .attributes = attributes};
    struct ad_search outside = {.base = sites,
                                .scope = AD_CHILDREN,
                                .filter = "(objectClass=site)",
                                .attributes = attributes};
    int rc = found ? ad_ldap_search(domain->ldap, &inside, found, err)
                   : fail(err, GPMQ_ENOMEM, "no memory for SOMs");
    if (!rc)
        rc = ad_ldap_search(domain->ldap, &outside, found, err);
    if (!rc)
        *out = STEAL(found);
    return rc;
}

/* A backup of a whole domain asks once for each GPO: what was found is good for a moment. */
int ad_soms(struct domain *base, struct domain_soms *out, struct gpmq_error *err)
{
    struct ad_domain *domain = (struct ad_domain *)base;
    int64_t now_ms = clock_now_ms();
    int rc = 0;
    if (!domain->soms || now_ms - domain->soms_ms > AD_SOMS_MS) {
        ldif_free(&domain->soms);
        rc = search_soms(domain, &domain->soms, err);
        domain->soms_ms = now_ms;
    }
    return rc ? rc : records_soms(domain->soms, domain->dn, out, err);
}

/* ---- WMI filters ----------------------------------------------------------------------------- */

static const char *const filter_attributes[] = {
    "objectClass", "msWMI-ID", "msWMI-Name", "msWMI-Parm1", "msWMI-Parm2", NULL,
};

/* Those that fit the filter; none where the domain never had one. */
static int search_filters(struct ad_domain *domain, const char *filter, struct ldif **out,
                          struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    char base[AD_DN_MAX];
    snprintf(base, sizeof base, "CN=SOM,CN=WMIPolicy,CN=System,%s", domain->dn);
    struct ad_search search = {
        .base = base, .scope = AD_CHILDREN, .filter = filter, .attributes = filter_attributes};
    int rc = found ? ad_ldap_search(domain->ldap, &search, found, err)
                   : fail(err, GPMQ_ENOMEM, "no memory for WMI filters");
    if (rc && rc != GPMQ_ENOTFOUND)
        return rc;
    *out = STEAL(found);
    return 0;
}

int ad_wmi_filters(struct domain *base, struct domain_wmi_filters *out, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *found = NULL;
    int rc = search_filters((struct ad_domain *)base, "(objectClass=msWMI-Som)", &found, err);
    return rc ? rc : records_wmi_filters(found, out, err);
}

/* "[dns;{guid};0]" of this domain. */
static bool parse_link(const struct ad_domain *domain, const char *link,
                       char guid[GPMQ_GUID_TEXT_SIZE])
{
    size_t length = strlen(domain->settings->domain);
    struct gpmq_guid id;
    if (link[0] != '[' || strncasecmp(link + 1, domain->settings->domain, length) != 0 ||
        link[1 + length] != ';' || strlen(link + 2 + length) < GPMQ_GUID_TEXT_SIZE - 1)
        return false;
    snprintf(guid, GPMQ_GUID_TEXT_SIZE, "%s", link + 2 + length);
    return gpmq_guid_parse(&id, guid) == 0;
}

int ad_wmi_filter(struct domain *base, const char *link, char **name, struct gpmq_error *err)
{
    struct ad_domain *domain = (struct ad_domain *)base;
    CLEANUP(ldif_free) struct ldif *found = NULL;
    char guid[GPMQ_GUID_TEXT_SIZE], filter[128];
    bool ours = parse_link(domain, link, guid);
    snprintf(filter, sizeof filter, "(msWMI-ID=%s)", ours ? guid : "");
    int rc = ours ? search_filters(domain, filter, &found, err) : 0;
    if (rc)
        return rc;
    if (!ours || !found->count)
        return fail(err, GPMQ_ENOTFOUND, "no WMI filter '%.128s' in %s", link,
                    domain->settings->domain);
    const char *text = ldif_text(&found->records[0], "msWMI-Name");
    *name = strdup(text ? text : guid);
    return *name ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a WMI filter");
}

int ad_name_filter(struct ad_domain *domain, struct gpo *gpo, struct gpmq_error *err)
{
    if (!gpo->wmi_filter)
        return 0;
    int rc = ad_wmi_filter(&domain->base, gpo->wmi_filter, &gpo->wmi_filter_name, err);
    return rc == GPMQ_ENOTFOUND ? 0 : rc;
}

/* ---- templates ------------------------------------------------------------------------------- */

#define STORE "PolicyDefinitions"

static int collect(void *arg, const char *path, const struct sysvol_stat *stat,
                   struct gpmq_error *err)
{
    return stat->directory ? 0 : domain_templates_add(arg, path, err);
}

int ad_templates(struct domain *base, struct domain_templates *out, struct gpmq_error *err)
{
    struct sysvol *sysvol = ((struct ad_domain *)base)->sysvol;
    CLEANUP(domain_templates_free) struct domain_templates templates = {0};
    int rc = sysvol->ops->list(sysvol, STORE, collect, &templates, err);
    if (rc && rc != GPMQ_ENOTFOUND)
        return rc;
    *out = templates;
    templates = (struct domain_templates){0};
    return 0;
}

int ad_read_template(struct domain *base, const char *path, domain_sink *sink, void *sink_arg,
                     struct gpmq_error *err)
{
    struct sysvol *sysvol = ((struct ad_domain *)base)->sysvol;
    char whole[GPO_PATH_MAX + sizeof STORE + 1];
    snprintf(whole, sizeof whole, STORE "/%s", path);
    int rc = gpo_path_check(path, err);
    return rc ? rc : sysvol->ops->read(sysvol, whole, NULL, sink, sink_arg, err);
}

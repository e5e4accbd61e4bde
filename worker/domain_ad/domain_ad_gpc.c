/* domain_ad_gpc.c - groupPolicyContainers by LDAP: list and load. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "domain_ad.h"
#include "fail.h"
#include "fold.h"

static int out_of_memory(struct gpmq_error *err)
{
    return fail(err, GPMQ_ENOMEM, "no memory for a GPO");
}

int ad_load(struct ad_domain *domain, const struct ad_place *place, struct ldif **out,
            uint64_t *usn, struct gpmq_error *err)
{
    static const char *const attributes[] = {"*", "nTSecurityDescriptor", NULL};
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    char dn[AD_DN_MAX];
    ad_gpc_dn(domain, place, dn);
    struct ad_search search = {.base = dn, .scope = AD_SUBTREE, .attributes = attributes};
    if (!found)
        return out_of_memory(err);
    int rc = ad_ldap_search(domain->ldap, &search, found, err);
    if (rc == GPMQ_ENOTFOUND || (!rc && !gpc_find(found)))
        return fail(err, GPMQ_ENOTFOUND, "no GPO %s in %s", place->guid, domain->settings->domain);
    if (!rc && usn)
        rc = ldif_number(gpc_find(found), "uSNChanged", usn, err);
    if (!rc)
        *out = STEAL(found);
    return rc;
}

/* ---- list ------------------------------------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
    const struct domain_gpo *left = a, *right = b;
    int order = fold_compare(left->display_name, right->display_name);
    return order ? order : memcmp(&left->id, &right->id, sizeof left->id);
}

/* An object without a name, or with a number that is none, is listed under its GUID. */
static bool fill(const struct ldif_record *record, const struct gpmq_guid *id,
                 struct domain_gpo *item)
{
    char guid[GPMQ_GUID_TEXT_SIZE];
    const char *name = ldif_text(record, "displayName");
    uint64_t version = 0, options = 0;
    if (ldif_number(record, "versionNumber", &version, NULL) != 0 ||
        ldif_number(record, "flags", &options, NULL) != 0)
        name = NULL;
    *item = (struct domain_gpo){
        .id = *id,
        .display_name = strdup(name && *name ? name : gpmq_guid_text(id, guid)),
        .options = (uint32_t)options & 3,
        .user_version = (uint16_t)(version >> 16),
        .machine_version = (uint16_t)version,
        .created_unix_ms = ldif_time(record, "whenCreated"),
        .modified_unix_ms = ldif_time(record, "whenChanged"),
    };
    return item->display_name;
}

int ad_list(struct domain *base, struct domain_gpos *out, struct gpmq_error *err)
{
    static const char *const attributes[] = {
        "cn", "displayName", "versionNumber", "flags", "whenCreated", "whenChanged", NULL};
    struct ad_domain *domain = (struct ad_domain *)base;
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    char dn[AD_DN_MAX];
    snprintf(dn, sizeof dn, "CN=Policies,CN=System,%s", domain->dn);
    struct ad_search search = {.base = dn,
                               .scope = AD_CHILDREN,
                               .filter = "(objectClass=groupPolicyContainer)",
                               .attributes = attributes};
    if (!found)
        return out_of_memory(err);
    int rc = ad_ldap_search(domain->ldap, &search, found, err);
    if (rc)
        return rc;
    gpos.items = calloc(found->count + 1, sizeof *gpos.items);
    if (!gpos.items)
        return out_of_memory(err);
    for (size_t i = 0; i < found->count; i++) {
        const char *name = ldif_text(&found->records[i], "cn");
        struct gpmq_guid id;
        if (!name || gpmq_guid_parse(&id, name) != 0)
            continue;
        if (!fill(&found->records[i], &id, &gpos.items[gpos.count++]))
            return out_of_memory(err);
    }
    qsort(gpos.items, gpos.count, sizeof *gpos.items, by_name);
    *out = gpos;
    gpos = (struct domain_gpos){0};
    return 0;
}

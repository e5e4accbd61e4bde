/* domain_folder_named.c - who a name means, from domain.ldif. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "domain_folder.h"
#include "fail.h"
#include "fold.h"
#include "well_known.h"

static const char *name_of(const struct folder_account *account)
{
    return ldif_text(account->record, "sAMAccountName");
}

static int by_name(const void *a, const void *b)
{
    const struct folder_account *const *left = a, *const *right = b;
    return fold_compare(name_of(*left), name_of(*right));
}

int folder_index_names(struct folder_domain *domain, struct gpmq_error *err)
{
    domain->names = calloc(domain->account_count + 1, sizeof *domain->names);
    if (!domain->names)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu names", domain->account_count);
    for (size_t i = 0; i < domain->account_count; i++)
        domain->names[i] = &domain->accounts[i];
    qsort(domain->names, domain->account_count, sizeof *domain->names, by_name);
    return 0;
}

static int as_principal(struct folder_domain *domain, const struct sid *sid,
                        struct domain_principal *out, struct gpmq_error *err)
{
    char text[SID_TEXT_SIZE];
    return folder_principal(&domain->base, sid_text(sid, text), out, err);
}

/* The first of the accounts of that name, in domain->names; their number is *count. */
static const struct folder_account *const *search(const struct folder_domain *domain,
                                                  const char *name, size_t *count)
{
    size_t low = 0, high = domain->account_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (fold_compare(name_of(domain->names[middle]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (high = low; high < domain->account_count; high++)
        if (fold_compare(name_of(domain->names[high]), name) != 0)
            break;
    *count = high - low;
    return domain->names + low;
}

/* GPMQ_ENOTFOUND without a text: the caller knows more names. */
static int find_account(struct folder_domain *domain, const char *name,
                        struct domain_principal *out, struct gpmq_error *err)
{
    size_t count;
    const struct folder_account *const *found = search(domain, name, &count);
    if (count > 1)
        return fail(err, GPMQ_EAMBIGUOUS, "the domain %s has %zu accounts named '%s'",
                    domain->dns_name, count, name);
    return count ? as_principal(domain, &found[0]->sid, out, err) : GPMQ_ENOTFOUND;
}

/* "name@dns.domain", or what an account has as its userPrincipalName. */
static int find_upn(struct folder_domain *domain, const char *upn, struct domain_principal *out,
                    struct gpmq_error *err)
{
    const char *at = strrchr(upn, '@');
    if (!fold_compare(at + 1, domain->dns_name)) {
        CLEANUP(free_pointer) char *name = strndup(upn, (size_t)(at - upn));
        if (!name)
            return fail(err, GPMQ_ENOMEM, "no memory for a name");
        int rc = find_account(domain, name, out, err);
        if (rc != GPMQ_ENOTFOUND)
            return rc;
    }
    for (size_t i = 0; i < domain->account_count; i++) {
        const char *own = ldif_text(domain->accounts[i].record, "userPrincipalName");
        if (own && !fold_compare(own, upn))
            return as_principal(domain, &domain->accounts[i].sid, out, err);
    }
    return GPMQ_ENOTFOUND;
}

/* "DOMAIN\name", with the NetBIOS or the DNS name of this domain. */
static int find_qualified(struct folder_domain *domain, const char *name,
                          struct domain_principal *out, struct gpmq_error *err)
{
    const char *slash = strchr(name, '\\');
    CLEANUP(free_pointer) char *prefix = strndup(name, (size_t)(slash - name));
    if (!prefix)
        return fail(err, GPMQ_ENOMEM, "no memory for a name");
    if (fold_compare(prefix, domain->dns_name) && fold_compare(prefix, domain->netbios_name))
        return GPMQ_ENOTFOUND;
    return find_account(domain, slash + 1, out, err);
}

static int find_well_known(struct folder_domain *domain, const char *name,
                           struct domain_principal *out, struct gpmq_error *err)
{
    const char *sid = well_known_sid(name);
    if (!sid)
        return GPMQ_ENOTFOUND;
    CLEANUP(domain_principal_free) struct domain_principal principal = {0};
    int rc = folder_principal(&domain->base, sid, &principal, err);
    if (!rc && !principal.sam_account_name) {
        principal.sam_account_name = strdup(well_known_name(sid));
        principal.type = strdup("Unknown");
        if (!principal.sam_account_name || !principal.type)
            return fail(err, GPMQ_ENOMEM, "no memory for a principal");
    }
    if (rc)
        return rc;
    *out = principal;
    principal = (struct domain_principal){0};
    return 0;
}

/* A SID is known when an account has it, or everybody knows it. */
static int find_sid(struct folder_domain *domain, const struct sid *sid,
                    struct domain_principal *out, struct gpmq_error *err)
{
    char text[SID_TEXT_SIZE];
    CLEANUP(domain_principal_free) struct domain_principal principal = {0};
    int rc = as_principal(domain, sid, &principal, err);
    if (rc)
        return rc;
    if (!principal.sam_account_name) {
        const char *name = well_known_name(sid_text(sid, text));
        return name ? find_well_known(domain, name, out, err) : GPMQ_ENOTFOUND;
    }
    *out = principal;
    principal = (struct domain_principal){0};
    return 0;
}

int folder_find_principal(struct domain *base, const char *name, struct domain_principal *out,
                          struct gpmq_error *err)
{
    struct folder_domain *domain = (struct folder_domain *)base;
    struct sid sid;
    int rc;
    if (sid_parse(&sid, name, NULL) == 0)
        rc = find_sid(domain, &sid, out, err);
    else if (strchr(name, '\\'))
        rc = find_qualified(domain, name, out, err);
    else if (strchr(name, '@'))
        rc = find_upn(domain, name, out, err);
    else
        rc = find_account(domain, name, out, err);
    if (rc == GPMQ_ENOTFOUND)
        rc = find_well_known(domain, name, out, err);
    if (rc == GPMQ_ENOTFOUND)
        return fail(err, rc, "the domain %s knows no '%s'", domain->dns_name, name);
    return rc;
}

/* domain_folder_named.c - accounts by their names, from domain.ldif. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "domain_folder.h"
#include "domain_named.h"
#include "fail.h"
#include "fold.h"

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

static int by_sid(void *arg, const struct sid *sid, struct domain_principal *out,
                  struct gpmq_error *err)
{
    struct folder_domain *domain = arg;
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
static int by_account(void *arg, const char *name, struct domain_principal *out,
                      struct gpmq_error *err)
{
    struct folder_domain *domain = arg;
    size_t count;
    const struct folder_account *const *found = search(domain, name, &count);
    if (count > 1)
        return fail(err, GPMQ_EAMBIGUOUS, "the domain %s has %zu accounts named '%s'",
                    domain->dns_name, count, name);
    return count ? by_sid(domain, &found[0]->sid, out, err) : GPMQ_ENOTFOUND;
}

static int by_upn(void *arg, const char *upn, struct domain_principal *out, struct gpmq_error *err)
{
    struct folder_domain *domain = arg;
    for (size_t i = 0; i < domain->account_count; i++) {
        const char *own = ldif_text(domain->accounts[i].record, "userPrincipalName");
        if (own && !fold_compare(own, upn))
            return by_sid(domain, &domain->accounts[i].sid, out, err);
    }
    return GPMQ_ENOTFOUND;
}

int folder_find_principal(struct domain *base, const char *name, struct domain_principal *out,
                          struct gpmq_error *err)
{
    struct folder_domain *domain = (struct folder_domain *)base;
    struct domain_directory directory = {&domain->info, domain, by_sid, by_account, by_upn};
    return domain_named(&directory, name, out, err);
}

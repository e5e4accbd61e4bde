/* domain_folder_principal.c - who is behind a SID, from domain.ldif. */
#include "domain_folder.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"

static int by_sid(const void *a, const void *b)
{
    const struct folder_account *left = a, *right = b;
    if (left->sid.size != right->sid.size)
        return left->sid.size < right->sid.size ? -1 : 1;
    return memcmp(left->sid.bytes, right->sid.bytes, left->sid.size);
}

int folder_index_accounts(struct folder_domain *domain, struct gpmq_error *err)
{
    const struct ldif *directory = domain->directory;
    domain->accounts = calloc(directory->count + 1, sizeof *domain->accounts);
    if (!domain->accounts)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu accounts", directory->count);
    for (size_t i = 0; i < directory->count; i++) {
        const struct ldif_record *record = &directory->records[i];
        const struct ldif_value *sid = ldif_get(record, "objectSid");
        struct folder_account *account = &domain->accounts[domain->account_count];
        if (!sid || !ldif_text(record, "sAMAccountName"))
            continue;
        int rc = sid_read(&account->sid, sid->bytes, sid->size, err);
        if (rc)
            return fail_in(err, "%s/domain.ldif: '%s'", domain->path, record->dn);
        account->record = record;
        domain->account_count++;
    }
    qsort(domain->accounts, domain->account_count, sizeof *domain->accounts, by_sid);
    return 0;
}

int folder_principal(struct domain *base, const char *sid, struct domain_principal *out,
                     struct gpmq_error *err)
{
    const struct folder_domain *domain = (const struct folder_domain *)base;
    struct folder_account wanted;
    int rc = sid_parse(&wanted.sid, sid, err);
    if (rc)
        return rc;
    CLEANUP(domain_principal_free) struct domain_principal principal = {.sid = strdup(sid)};
    const struct folder_account *account =
        bsearch(&wanted, domain->accounts, domain->account_count, sizeof *domain->accounts, by_sid);
    if (!principal.sid)
        return fail(err, GPMQ_ENOMEM, "no memory for a principal");
    rc = account ? records_principal(account->record, &account->sid, &domain->info, &principal, err)
                 : 0;
    if (rc)
        return rc;
    *out = principal;
    principal = (struct domain_principal){0};
    return 0;
}

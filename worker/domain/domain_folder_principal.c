/* domain_folder_principal.c - who is behind a SID, from domain.ldif. */
#include "domain_folder.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"

#define GROUP_GLOBAL       0x2u
#define GROUP_DOMAIN_LOCAL 0x4u
#define GROUP_UNIVERSAL    0x8u

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

static const char *type_of(const struct ldif_record *record)
{
    uint64_t group_type = 0;
    if (ldif_has(record, "objectClass", "computer"))
        return "Computer";
    if (ldif_has(record, "objectClass", "user"))
        return "User";
    if (!ldif_has(record, "objectClass", "group") ||
        folder_number(record, "groupType", &group_type, NULL) != 0)
        return "Unknown";
    if (group_type & GROUP_UNIVERSAL)
        return "UniversalGroup";
    if (group_type & GROUP_DOMAIN_LOCAL)
        return "LocalGroup";
    return group_type & GROUP_GLOBAL ? "GlobalGroup" : "Unknown";
}

/* Groups of S-1-5-32 belong to no domain of ours. */
static bool is_builtin(const struct sid *sid)
{
    static const uint8_t builtin[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0};
    return sid->size == 16 && memcmp(sid->bytes, builtin, sizeof builtin) == 0;
}

static bool fill(const struct folder_domain *domain, const struct folder_account *account,
                 struct domain_principal *principal)
{
    bool builtin = is_builtin(&account->sid);
    const char *name = ldif_text(account->record, "sAMAccountName");
    const char *dns = builtin ? "BUILTIN" : domain->dns_name;
    principal->sam_account_name = strdup(name);
    principal->type = strdup(type_of(account->record));
    principal->netbios_domain_name = strdup(builtin ? "BUILTIN" : domain->netbios_name);
    principal->dns_domain_name = strdup(dns);
    if (asprintf(&principal->upn, "%s@%s", name, dns) < 0)
        principal->upn = NULL;
    return principal->sam_account_name && principal->type && principal->netbios_domain_name &&
           principal->dns_domain_name && principal->upn;
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
    if (!principal.sid || (account && !fill(domain, account, &principal)))
        return fail(err, GPMQ_ENOMEM, "no memory for a principal");
    *out = principal;
    principal = (struct domain_principal){0};
    return 0;
}

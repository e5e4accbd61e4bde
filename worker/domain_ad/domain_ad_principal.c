/* domain_ad_principal.c - who is behind a SID or a name, and what an account is a member of. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "domain_ad.h"
#include "domain_named.h"
#include "domain_records.h"
#include "fail.h"
#include "fold.h"

static const char *const account_attributes[] = {
    "sAMAccountName", "objectClass", "objectSid", "groupType", "userPrincipalName", NULL,
};

/* ---- memory: a backup asks for the same few again and again ---------------------------------- */

void ad_forget_principals(struct ad_domain *domain)
{
    for (size_t i = 0; i < domain->principal_count; i++)
        domain_principal_free(&domain->principals[i].principal);
    free(STEAL(domain->principals));
    domain->principal_count = 0;
}

static int by_sid_bytes(const void *a, const void *b)
{
    const struct ad_principal *left = a, *right = b;
    if (left->sid.size != right->sid.size)
        return left->sid.size < right->sid.size ? -1 : 1;
    return memcmp(left->sid.bytes, right->sid.bytes, left->sid.size);
}

static char *copy(const char *text, bool *failed)
{
    char *made = text ? strdup(text) : NULL;
    *failed = *failed || (text && !made);
    return made;
}

static int copy_principal(const struct domain_principal *from, struct domain_principal *out,
                          struct gpmq_error *err)
{
    bool failed = false;
    CLEANUP(domain_principal_free)
    struct domain_principal made = {
        .sid = copy(from->sid, &failed),
        .sam_account_name = copy(from->sam_account_name, &failed),
        .type = copy(from->type, &failed),
        .netbios_domain_name = copy(from->netbios_domain_name, &failed),
        .dns_domain_name = copy(from->dns_domain_name, &failed),
        .upn = copy(from->upn, &failed),
    };
    if (failed)
        return fail(err, GPMQ_ENOMEM, "no memory for a principal");
    *out = made;
    made = (struct domain_principal){0};
    return 0;
}

static const struct ad_principal *recall(const struct ad_domain *domain, const struct sid *sid)
{
    struct ad_principal wanted = {.sid = *sid};
    return domain->principals ? bsearch(&wanted, domain->principals, domain->principal_count,
                                        sizeof wanted, by_sid_bytes)
                              : NULL;
}

/* What cannot be remembered is asked for again. */
static void remember(struct ad_domain *domain, const struct sid *sid,
                     const struct domain_principal *principal)
{
    if (domain->principal_count == AD_PRINCIPALS_MAX)
        ad_forget_principals(domain);
    struct ad_principal *grown =
        reallocarray(domain->principals, domain->principal_count + 1, sizeof *grown);
    if (!grown)
        return;
    domain->principals = grown;
    struct ad_principal *slot = &grown[domain->principal_count];
    *slot = (struct ad_principal){.sid = *sid};
    if (copy_principal(principal, &slot->principal, NULL) != 0)
        return;
    domain->principal_count++;
    qsort(grown, domain->principal_count, sizeof *grown, by_sid_bytes);
}

/* ---- searching ------------------------------------------------------------------------------- */

static int search_accounts(struct ad_domain *domain, const char *filter, struct ldif **out,
                           struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    struct ad_search search = {.base = domain->dn,
                               .scope = AD_SUBTREE,
                               .filter = filter,
                               .attributes = account_attributes};
    int rc = found ? ad_ldap_search(domain->ldap, &search, found, err)
                   : fail(err, GPMQ_ENOMEM, "no memory for a principal");
    if (!rc)
        *out = STEAL(found);
    return rc;
}

static int read_principal(struct ad_domain *domain, const struct ldif_record *record,
                          const struct sid *sid, struct domain_principal *out,
                          struct gpmq_error *err)
{
    char text[SID_TEXT_SIZE];
    CLEANUP(domain_principal_free)
    struct domain_principal principal = {.sid = strdup(sid_text(sid, text))};
    int rc = principal.sid ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a principal");
    if (!rc && record && ldif_text(record, "sAMAccountName"))
        rc = records_principal(record, sid, &domain->info, &principal, err);
    if (rc)
        return rc;
    remember(domain, sid, &principal);
    *out = principal;
    principal = (struct domain_principal){0};
    return 0;
}

static int by_sid(void *arg, const struct sid *sid, struct domain_principal *out,
                  struct gpmq_error *err)
{
    struct ad_domain *domain = arg;
    const struct ad_principal *known = recall(domain, sid);
    CLEANUP(ldif_free) struct ldif *found = NULL;
    char filter[AD_FILTER_SIZE] = "(objectSid=";
    if (known)
        return copy_principal(&known->principal, out, err);
    bool fits = ad_filter_put_bytes(filter, sizeof filter - 1, sid->bytes, sid->size);
    strncat(filter, ")", 2);
    int rc = fits ? search_accounts(domain, filter, &found, err)
                  : fail(err, GPMQ_ETOOBIG, "a SID that is too long");
    return rc ? rc
              : read_principal(domain, found->count ? &found->records[0] : NULL, sid, out, err);
}

/* The one account with that text in an attribute. */
static int by_text(struct ad_domain *domain, const char *attribute, const char *text,
                   struct domain_principal *out, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *found = NULL;
    char filter[AD_FILTER_SIZE];
    struct sid sid;
    snprintf(filter, sizeof filter, "(&(objectSid=*)(%s=", attribute);
    if (!*text || !ad_filter_put(filter, sizeof filter - 2, text))
        return GPMQ_ENOTFOUND;
    strncat(filter, "))", 3);
    int rc = search_accounts(domain, filter, &found, err);
    if (rc || !found->count)
        return rc ? rc : GPMQ_ENOTFOUND;
    if (found->count > 1)
        return fail(err, GPMQ_EAMBIGUOUS, "the domain %s has %zu accounts named '%s'",
                    domain->settings->domain, found->count, text);
    const struct ldif_value *value = ldif_get(&found->records[0], "objectSid");
    rc = value ? sid_read(&sid, value->bytes, value->size, err) : GPMQ_ENOTFOUND;
    return rc ? rc : read_principal(domain, &found->records[0], &sid, out, err);
}

static int by_account(void *arg, const char *name, struct domain_principal *out,
                      struct gpmq_error *err)
{
    return by_text(arg, "sAMAccountName", name, out, err);
}

static int by_upn(void *arg, const char *upn, struct domain_principal *out, struct gpmq_error *err)
{
    return by_text(arg, "userPrincipalName", upn, out, err);
}

int ad_principal(struct domain *base, const char *sid, struct domain_principal *out,
                 struct gpmq_error *err)
{
    struct sid parsed;
    int rc = sid_parse(&parsed, sid, err);
    return rc ? rc : by_sid(base, &parsed, out, err);
}

int ad_find_principal(struct domain *base, const char *name, struct domain_principal *out,
                      struct gpmq_error *err)
{
    struct ad_domain *domain = (struct ad_domain *)base;
    struct domain_directory directory = {&domain->info, domain, by_sid, by_account, by_upn};
    return domain_named(&directory, name, out, err);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

/* The controller computes them: nested groups, the primary group, and those of its machine that
 * are valid everywhere ([MS-ADTS] 3.1.1.4.5.19). */
static int read_groups(struct ad_domain *domain, struct domain_account *account,
                       struct gpmq_error *err)
{
    static const char *const attributes[] = {"tokenGroups", NULL};
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    struct ad_search search = {.base = account->dn, .scope = AD_BASE, .attributes = attributes};
    int rc = found ? ad_ldap_search(domain->ldap, &search, found, err)
                   : fail(err, GPMQ_ENOMEM, "no memory for a token");
    if (rc || !found->count)
        return rc;
    const struct ldif_record *record = &found->records[0];
    if (record->count > DOMAIN_GROUPS_MAX)
        return fail(err, GPMQ_ETOOBIG, "'%s' has more than %d groups", account->dn,
                    DOMAIN_GROUPS_MAX);
    account->groups = calloc(record->count + 1, sizeof *account->groups);
    if (!account->groups)
        return fail(err, GPMQ_ENOMEM, "no memory for a token");
    for (size_t i = 0; i < record->count && !rc; i++)
        if (strcasecmp(record->values[i].name, "tokenGroups") == 0)
            rc = sid_read(&account->groups[account->group_count++], record->values[i].bytes,
                          record->values[i].size, err);
    return rc;
}

/* By DN, or by the SID of what a name means, also of a computer's without its '$'. */
static int find_entry(struct ad_domain *domain, const char *word, struct ldif **out,
                      struct gpmq_error *err)
{
    CLEANUP(domain_principal_free) struct domain_principal principal = {0};
    CLEANUP(ldif_free) struct ldif *found = ldif_new();
    CLEANUP(free_pointer) char *computer = NULL;
    char base[AD_DN_MAX];
    int rc = found ? 0 : fail(err, GPMQ_ENOMEM, "no memory for an account");
    if (!rc && !strchr(word, '=')) {
        rc = ad_find_principal(&domain->base, word, &principal, err);
        if (rc == GPMQ_ENOTFOUND && asprintf(&computer, "%s$", word) > 0)
            rc = ad_find_principal(&domain->base, computer, &principal, err);
    }
    if (rc)
        return rc == GPMQ_ENOTFOUND
                   ? fail(err, rc, "no account '%s' in %s", word, domain->settings->domain)
                   : rc;
    if (principal.sid)
        snprintf(base, sizeof base, "<SID=%s>", principal.sid);
    else
        snprintf(base, sizeof base, "%s", word);
    struct ad_search search = {.base = base, .scope = AD_BASE, .attributes = account_attributes};
    rc = ad_ldap_search(domain->ldap, &search, found, err);
    if (rc == GPMQ_ENOTFOUND || (!rc && !found->count))
        return fail(err, GPMQ_ENOTFOUND, "no account '%s' in %s", word, domain->settings->domain);
    if (!rc)
        *out = STEAL(found);
    return rc;
}

int ad_account(struct domain *base, const char *word, struct domain_account *out,
               struct gpmq_error *err)
{
    struct ad_domain *domain = (struct ad_domain *)base;
    CLEANUP(domain_account_free) struct domain_account account = {0};
    CLEANUP(ldif_free) struct ldif *found = NULL;
    int rc = find_entry(domain, word, &found, err);
    if (rc)
        return rc;
    const struct ldif_record *record = &found->records[0];
    const struct ldif_value *sid = ldif_get(record, "objectSid");
    const char *name = ldif_text(record, "sAMAccountName");
    if (!ldif_has(record, "objectClass", "user") || !sid || !name)
        return fail(err, GPMQ_EINVAL, "'%s' is neither a user nor a computer", word);
    account.dn = strdup(record->dn);
    account.name = strdup(name);
    account.computer = ldif_has(record, "objectClass", "computer");
    if (!account.dn || !account.name)
        return fail(err, GPMQ_ENOMEM, "no memory for an account");
    rc = sid_read(&account.sid, sid->bytes, sid->size, err);
    if (!rc)
        rc = read_groups(domain, &account, err);
    if (rc)
        return rc;
    *out = account;
    account = (struct domain_account){0};
    return 0;
}

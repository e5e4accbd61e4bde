/* domain_folder_token.c - an account and all groups it is a member of, from domain.ldif. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "dn.h"
#include "domain_folder.h"
#include "fail.h"

/* Primary groups where the directory does not tell: relative to the domain ([MS-ADTS] 6.1.1.6). */
#define RID_USERS          513
#define RID_COMPUTERS      515
#define RID_CONTROLLERS    516
#define CONTROLLER_ACCOUNT 0x2000u /* in userAccountControl */

/* Groups as they are found; each account of the domain is taken once. */
struct token {
    const struct folder_domain *domain;
    bool *taken;     /* per account */
    size_t *waiting; /* accounts whose memberships are still to be followed */
    size_t wait_count;
    struct sid *groups;
    size_t group_count;
};

static void free_token(struct token *token)
{
    free(token->taken);
    free(token->waiting);
    free(token->groups);
}

static int take(struct token *token, size_t account, bool group, struct gpmq_error *err)
{
    if (token->taken[account])
        return 0;
    if (token->group_count == DOMAIN_GROUPS_MAX)
        return fail(err, GPMQ_ETOOBIG, "an account of more than %d groups", DOMAIN_GROUPS_MAX);
    token->taken[account] = true;
    token->waiting[token->wait_count++] = account;
    if (group)
        token->groups[token->group_count++] = token->domain->accounts[account].sid;
    return 0;
}

/* ---- who is a member of what ----------------------------------------------------------------- */

static int by_hash(const void *a, const void *b)
{
    const struct folder_member *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return left->group < right->group ? -1 : left->group > right->group;
}

/* The first entry of that hash. */
static size_t first_of(const struct folder_member *members, size_t count, uint64_t hash)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (members[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_group(const struct folder_account *account)
{
    return ldif_has(account->record, "objectClass", "group");
}

static bool is_value_of(const struct ldif_value *value, const char *name)
{
    return strcasecmp(value->name, name) == 0;
}

/* How many values name a member or a group, and how many groups there are. */
static size_t count_links(const struct folder_domain *domain)
{
    size_t count = 0;
    for (size_t i = 0; i < domain->account_count; i++) {
        const struct ldif_record *record = domain->accounts[i].record;
        for (size_t k = 0; k < record->count; k++)
            count += is_value_of(&record->values[k], "member") ||
                     is_value_of(&record->values[k], "memberOf");
    }
    return count;
}

/* The groups by their own DN, for what says memberOf. */
static size_t list_groups(const struct folder_domain *domain, struct folder_member *out)
{
    size_t count = 0;
    for (size_t i = 0; i < domain->account_count; i++) {
        const char *dn = domain->accounts[i].record->dn;
        if (is_group(&domain->accounts[i]))
            out[count++] = (struct folder_member){dn_hash(dn), dn, i};
    }
    if (count)
        qsort(out, count, sizeof *out, by_hash);
    return count;
}

/* What one account says: of a group its members, of anybody the groups it is in. */
static size_t list_links(const struct folder_domain *domain, size_t account,
                         const struct folder_member *groups, size_t group_count,
                         struct folder_member *out)
{
    const struct ldif_record *record = domain->accounts[account].record;
    size_t count = 0;
    bool group = is_group(&domain->accounts[account]);
    for (size_t k = 0; k < record->count; k++) {
        const char *dn = (const char *)record->values[k].bytes;
        uint64_t hash = dn_hash(dn);
        if (group && is_value_of(&record->values[k], "member"))
            out[count++] = (struct folder_member){hash, dn, account};
        if (!is_value_of(&record->values[k], "memberOf"))
            continue;
        for (size_t i = first_of(groups, group_count, hash);
             i < group_count && groups[i].hash == hash; i++)
            if (dn_equal(groups[i].dn, dn)) {
                out[count++] =
                    (struct folder_member){dn_hash(record->dn), record->dn, groups[i].group};
                break;
            }
    }
    return count;
}

/* Made when it is first asked for: who reads no accounts needs none. */
static int index_members(struct folder_domain *domain, struct gpmq_error *err)
{
    if (domain->members)
        return 0;
    CLEANUP(free_pointer)
    struct folder_member *groups = calloc(domain->account_count + 1, sizeof *groups);
    struct folder_member *members = calloc(count_links(domain) + 1, sizeof *members);
    if (!groups || !members) {
        free(members);
        return fail(err, GPMQ_ENOMEM, "no memory for the members of groups");
    }
    size_t group_count = list_groups(domain, groups), count = 0;
    for (size_t i = 0; i < domain->account_count; i++)
        count += list_links(domain, i, groups, group_count, members + count);
    if (count)
        qsort(members, count, sizeof *members, by_hash);
    domain->members = members;
    domain->member_count = count;
    return 0;
}

static int follow(struct token *token, struct gpmq_error *err)
{
    const struct folder_member *members = token->domain->members;
    size_t count = token->domain->member_count;
    int rc = 0;
    while (!rc && token->wait_count) {
        size_t account = token->waiting[--token->wait_count];
        const char *dn = token->domain->accounts[account].record->dn;
        uint64_t hash = dn_hash(dn);
        for (size_t i = first_of(members, count, hash); !rc && i < count && members[i].hash == hash;
             i++)
            if (dn_equal(members[i].dn, dn))
                rc = take(token, members[i].group, true, err);
    }
    return rc;
}

/* ---- the token ------------------------------------------------------------------------------- */

static int primary_rid(const struct ldif_record *record, uint32_t *out, struct gpmq_error *err)
{
    uint64_t control, rid;
    int rc = ldif_number(record, "primaryGroupID", &rid, err);
    if (!rc)
        rc = ldif_number(record, "userAccountControl", &control, err);
    if (rc)
        return rc;
    if (!rid)
        rid = !ldif_has(record, "objectClass", "computer") ? RID_USERS
              : control & CONTROLLER_ACCOUNT               ? RID_CONTROLLERS
                                                           : RID_COMPUTERS;
    *out = (uint32_t)rid;
    return 0;
}

/* The primary group stands in no `member`. It counts also when the directory lacks its object. */
static int take_primary(struct token *token, const struct ldif_record *record,
                        struct gpmq_error *err)
{
    struct sid sid;
    uint32_t rid;
    int rc = primary_rid(record, &rid, err);
    if (!rc)
        rc = sid_append(&sid, &token->domain->sid, rid, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < token->domain->account_count; i++)
        if (sid_equal(&token->domain->accounts[i].sid, &sid))
            return take(token, i, true, err);
    token->groups[token->group_count++] = sid;
    return 0;
}

static int make_token(struct token *token, size_t account, struct gpmq_error *err)
{
    size_t count = token->domain->account_count;
    token->taken = calloc(count + 1, sizeof *token->taken);
    token->waiting = calloc(count + 1, sizeof *token->waiting);
    token->groups = calloc(count + 1, sizeof *token->groups);
    if (!token->taken || !token->waiting || !token->groups)
        return fail(err, GPMQ_ENOMEM, "no memory for a token");
    int rc = take(token, account, false, err);
    if (!rc)
        rc = take_primary(token, token->domain->accounts[account].record, err);
    return rc ? rc : follow(token, err);
}

static bool fill(const struct folder_account *account, struct token *token,
                 struct domain_account *out)
{
    out->dn = strdup(account->record->dn);
    out->name = strdup(ldif_text(account->record, "sAMAccountName"));
    out->computer = ldif_has(account->record, "objectClass", "computer");
    out->sid = account->sid;
    out->group_count = token->group_count;
    out->groups = STEAL(token->groups);
    return out->dn && out->name;
}

/* By DN, by any name that find_principal() knows, or a computer's name without its '$'. */
static int find_index(struct folder_domain *domain, const char *word, size_t *out,
                      struct gpmq_error *err)
{
    CLEANUP(domain_principal_free) struct domain_principal principal = {0};
    CLEANUP(free_pointer) char *computer = NULL;
    struct sid sid = {0};
    int rc = GPMQ_ENOTFOUND;
    if (!strchr(word, '=')) {
        rc = folder_find_principal(&domain->base, word, &principal, err);
        if (rc == GPMQ_ENOTFOUND && asprintf(&computer, "%s$", word) > 0)
            rc = folder_find_principal(&domain->base, computer, &principal, err);
        if (rc && rc != GPMQ_ENOTFOUND)
            return rc;
        if (!rc)
            rc = sid_parse(&sid, principal.sid, err);
    }
    for (*out = 0; *out < domain->account_count; ++*out) {
        const struct folder_account *account = &domain->accounts[*out];
        if (rc == 0 ? sid_equal(&account->sid, &sid) : dn_equal(account->record->dn, word))
            return 0;
    }
    return fail(err, GPMQ_ENOTFOUND, "no account '%s' in %s", word, domain->dns_name);
}

int folder_account(struct domain *base, const char *word, struct domain_account *out,
                   struct gpmq_error *err)
{
    struct folder_domain *domain = (struct folder_domain *)base;
    CLEANUP(free_token) struct token token = {.domain = domain};
    CLEANUP(domain_account_free) struct domain_account account = {0};
    size_t index;
    int rc = find_index(domain, word, &index, err);
    if (!rc)
        rc = index_members(domain, err);
    if (rc)
        return rc;
    if (!ldif_has(domain->accounts[index].record, "objectClass", "user"))
        return fail(err, GPMQ_EINVAL, "'%s' is neither a user nor a computer", word);
    rc = make_token(&token, index, err);
    if (rc)
        return rc;
    if (!fill(&domain->accounts[index], &token, &account))
        return fail(err, GPMQ_ENOMEM, "no memory for an account");
    *out = account;
    account = (struct domain_account){0};
    return 0;
}

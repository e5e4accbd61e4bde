/* rsop_gather.c - what planning needs of a domain. */
#include "rsop_gather.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "dn.h"
#include "fail.h"
#include "fold.h"

#define RID_USERS       513
#define RID_COMPUTERS   515
#define RID_CONTROLLERS 516

/* What everybody is who logs on in a domain. */
static const char *const everybody[] = {"S-1-1-0", "S-1-5-11", "S-1-5-15"};
#define EVERYBODY (sizeof everybody / sizeof *everybody)
#define OWN       3 /* the account, a default group, Enterprise Domain Controllers */

static const char *const side_words[RSOP_SIDES] = {"computer", "user"};

/* ---- notes ----------------------------------------------------------------------------------- */

int rsop_note(struct rsop_notes *notes, struct gpmq_error *err, const char *format, ...)
{
    if (notes->count == RSOP_NOTES_MAX)
        return 0;
    char **items = reallocarray(notes->items, notes->count + 1, sizeof *items);
    if (!items)
        return fail(err, GPMQ_ENOMEM, "no memory for a note");
    notes->items = items;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&items[notes->count], format, arguments);
    va_end(arguments);
    if (length < 0)
        return fail(err, GPMQ_ENOMEM, "no memory for a note");
    notes->count++;
    return 0;
}

void rsop_notes_free(struct rsop_notes *notes)
{
    for (size_t i = 0; i < notes->count; i++)
        free(notes->items[i]);
    free(notes->items);
    *notes = (struct rsop_notes){0};
}

void rsop_knowledge_free(struct rsop_knowledge *knowledge)
{
    for (int side = 0; side < RSOP_SIDES; side++) {
        domain_account_free(&knowledge->accounts[side]);
        free(knowledge->sids[side]);
    }
    for (size_t i = 0; i < knowledge->gpo_count; i++) {
        gpo_free(&knowledge->read[i]);
        free(knowledge->damages[i]);
    }
    free(knowledge->gpos);
    free(knowledge->read);
    free(knowledge->damages);
    domain_soms_free(&knowledge->soms);
    domain_wmi_filters_free(&knowledge->filters);
    rsop_notes_free(&knowledge->notes);
    *knowledge = (struct rsop_knowledge){0};
}

/* ---- tokens ---------------------------------------------------------------------------------- */

struct token {
    struct sid *sids;
    size_t count;
};

static int put_text(struct token *token, const char *text, struct gpmq_error *err)
{
    return sid_parse(&token->sids[token->count++], text, err);
}

/* A group of the domain; *has tells whether the token had it. */
static int put_rid(struct token *token, const struct sid *domain, uint32_t rid, bool put, bool *has,
                   struct gpmq_error *err)
{
    struct access_token seen = {token->count, token->sids};
    struct sid sid;
    int rc = sid_append(&sid, domain, rid, err);
    *has = !rc && access_token_has(&seen, &sid);
    if (!rc && put && !*has)
        token->sids[token->count++] = sid;
    return rc;
}

static int put_groups(struct token *token, struct domain *domain,
                      const struct rsop_ask_subject *subject, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < subject->group_count; i++) {
        CLEANUP(domain_principal_free) struct domain_principal principal = {0};
        rc = domain->ops->find_principal(domain, subject->groups[i], &principal, err);
        if (!rc)
            rc = put_text(token, principal.sid, err);
    }
    return rc;
}

/* Domain controllers are Enterprise Domain Controllers besides; whoever is only a place is taken
 * for an ordinary user or computer of the domain. */
static int put_implied(struct token *token, struct domain *domain, enum rsop_side side,
                       bool account, struct gpmq_error *err)
{
    struct sid domain_sid;
    bool has;
    int rc = sid_parse(&domain_sid, domain->ops->info(domain)->sid, err);
    for (size_t i = 0; !rc && i < EVERYBODY; i++)
        rc = put_text(token, everybody[i], err);
    if (!rc && !account)
        rc = put_rid(token, &domain_sid, side == RSOP_USER ? RID_USERS : RID_COMPUTERS, true, &has,
                     err);
    if (!rc)
        rc = put_rid(token, &domain_sid, RID_CONTROLLERS, false, &has, err);
    if (!rc && has)
        rc = put_text(token, "S-1-5-9", err);
    return rc;
}

static int make_token(struct rsop_knowledge *knowledge, struct domain *domain, enum rsop_side side,
                      const struct rsop_ask_subject *subject, struct gpmq_error *err)
{
    const struct domain_account *account = &knowledge->accounts[side];
    size_t groups = subject->replace_groups ? subject->group_count : account->group_count;
    if (groups > RSOP_GROUPS_MAX)
        return fail(err, GPMQ_ETOOBIG, "a %s with more than %d groups", side_words[side],
                    RSOP_GROUPS_MAX);
    struct token token = {.sids = calloc(groups + EVERYBODY + OWN, sizeof *token.sids)};
    if (!token.sids)
        return fail(err, GPMQ_ENOMEM, "no memory for a token");
    knowledge->sids[side] = token.sids;
    if (account->dn)
        token.sids[token.count++] = account->sid;
    int rc = 0;
    if (subject->replace_groups)
        rc = put_groups(&token, domain, subject, err);
    for (size_t i = 0; !subject->replace_groups && i < account->group_count; i++)
        token.sids[token.count++] = account->groups[i];
    if (!rc)
        rc = put_implied(&token, domain, side, account->dn != NULL, err);
    knowledge->request.subjects[side].token = (struct access_token){token.count, token.sids};
    return rc;
}

/* ---- who and where --------------------------------------------------------------------------- */

static int find_account(struct rsop_knowledge *knowledge, struct domain *domain,
                        enum rsop_side side, const char *word, struct gpmq_error *err)
{
    struct domain_account *account = &knowledge->accounts[side];
    int rc = domain->ops->account(domain, word, account, err);
    if (!rc && account->computer != (side == RSOP_COMPUTER))
        rc = fail(err, GPMQ_EINVAL, "'%s' is a %s, not a %s", word,
                  side_words[account->computer ? RSOP_COMPUTER : RSOP_USER], side_words[side]);
    return rc;
}

static int note_subject(struct rsop_knowledge *knowledge, enum rsop_side side,
                        const struct rsop_ask_subject *subject, struct gpmq_error *err)
{
    const char *who = side_words[side];
    int rc = 0;
    if (subject->replace_groups)
        rc = rsop_note(&knowledge->notes, err,
                       "The %s's groups are those that were given, and no others.", who);
    else if (!subject->account && subject->container)
        rc = rsop_note(&knowledge->notes, err,
                       "No %s is named: taken for a member of Domain %s and of no other group.",
                       who, side == RSOP_USER ? "Users" : "Computers");
    if (!rc && subject->account && subject->container &&
        !dn_equal(subject->container, dn_parent(knowledge->accounts[side].dn)))
        rc = rsop_note(&knowledge->notes, err, "The %s is taken to be in '%s'.", who,
                       subject->container);
    return rc;
}

static int gather_subject(struct rsop_knowledge *knowledge, struct domain *domain,
                          enum rsop_side side, const struct rsop_ask_subject *subject,
                          struct gpmq_error *err)
{
    struct rsop_subject *out = &knowledge->request.subjects[side];
    int rc = subject->account ? find_account(knowledge, domain, side, subject->account, err) : 0;
    if (!rc)
        rc = make_token(knowledge, domain, side, subject, err);
    if (!rc)
        rc = note_subject(knowledge, side, subject, err);
    out->dn = subject->container ? subject->container : knowledge->accounts[side].dn;
    out->wmi = subject->wmi;
    return rc;
}

static int find_site(struct rsop_knowledge *knowledge, const char *word, struct gpmq_error *err)
{
    for (size_t i = 0; i < knowledge->soms.count; i++) {
        const struct domain_som *som = &knowledge->soms.items[i];
        if (som->type != DOMAIN_SOM_SITE ||
            (fold_compare(som->name, word) != 0 && !dn_equal(som->dn, word)))
            continue;
        knowledge->request.site_dn = som->dn;
        return 0;
    }
    return fail(err, GPMQ_ENOTFOUND, "there is no site '%s'", word);
}

/* ---- the GPOs -------------------------------------------------------------------------------- */

static bool is_on_the_way(const struct rsop_knowledge *knowledge, const struct domain_som *som)
{
    const struct rsop_request *request = &knowledge->request;
    if (som->type == DOMAIN_SOM_SITE)
        return request->site_dn && dn_equal(som->dn, request->site_dn);
    for (int side = 0; side < RSOP_SIDES; side++)
        if (request->subjects[side].dn && dn_is_within(request->subjects[side].dn, som->dn))
            return true;
    return false;
}

static bool is_known(const struct rsop_knowledge *knowledge, const struct gplink *link)
{
    for (size_t i = 0; i < knowledge->gpo_count; i++)
        if (gpmq_guid_equal(&knowledge->gpos[i].id, &link->gpo) &&
            dn_equal(knowledge->gpos[i].domain_dn, link->domain_dn))
            return true;
    return false;
}

/* Reads the GPO behind a link. What is wrong with one GPO is told of it and stops nothing. */
static int read_gpo(struct rsop_knowledge *knowledge, struct domain *domain,
                    const struct gplink *link, struct gpmq_error *err)
{
    size_t at = knowledge->gpo_count++;
    struct rsop_gpo *gpo = &knowledge->gpos[at];
    struct gpmq_error why = {0};
    *gpo = (struct rsop_gpo){.id = link->gpo, .domain_dn = link->domain_dn};
    gpo->missing = !dn_equal(link->domain_dn, domain->ops->info(domain)->dn);
    if (gpo->missing)
        return 0;
    int rc = domain->ops->read(domain, &link->gpo, &knowledge->read[at], &why);
    gpo->gpo = knowledge->read[at];
    gpo->missing = rc == GPMQ_ENOTFOUND;
    if (rc == GPMQ_ENOMEM || rc == GPMQ_EBUSY)
        return fail(err, rc, "%s", why.text);
    if (!rc || gpo->missing)
        return 0;
    gpo->damage = knowledge->damages[at] = strdup(why.text);
    return gpo->damage ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a GPO");
}

static int read_gpos(struct rsop_knowledge *knowledge, struct domain *domain,
                     struct gpmq_error *err)
{
    size_t most = 0;
    for (size_t i = 0; i < knowledge->soms.count; i++)
        most += knowledge->soms.items[i].link_count;
    knowledge->gpos = calloc(most + 1, sizeof *knowledge->gpos);
    knowledge->read = calloc(most + 1, sizeof *knowledge->read);
    knowledge->damages = calloc(most + 1, sizeof *knowledge->damages);
    if (!knowledge->gpos || !knowledge->read || !knowledge->damages)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu GPOs", most);
    int rc = 0;
    for (size_t i = 0; i < knowledge->soms.count; i++) {
        const struct domain_som *som = &knowledge->soms.items[i];
        for (size_t k = 0; !rc && is_on_the_way(knowledge, som) && k < som->link_count; k++)
            if (!is_known(knowledge, &som->links[k]))
                rc = read_gpo(knowledge, domain, &som->links[k], err);
    }
    return rc;
}

static int gather(struct rsop_knowledge *knowledge, struct domain *domain,
                  const struct rsop_ask *ask, struct gpmq_error *err)
{
    int rc = domain->ops->soms(domain, &knowledge->soms, err);
    if (!rc)
        rc = domain->ops->wmi_filters(domain, &knowledge->filters, err);
    for (int side = 0; !rc && side < RSOP_SIDES; side++)
        rc = gather_subject(knowledge, domain, (enum rsop_side)side, &ask->subjects[side], err);
    if (!rc && ask->site)
        rc = find_site(knowledge, ask->site, err);
    if (!rc && !knowledge->request.subjects[RSOP_COMPUTER].dn)
        rc = rsop_note(&knowledge->notes, err,
                       "No computer is given: whether it may read a GPO is judged for a member of "
                       "Domain Computers and of no other group.");
    if (!rc && !ask->site)
        rc = rsop_note(&knowledge->notes, err, "No site is given: links of sites are not here.");
    knowledge->request.loopback = ask->loopback;
    return rc ? rc : read_gpos(knowledge, domain, err);
}

int rsop_gather(struct rsop_knowledge *out, struct domain *domain, const struct rsop_ask *ask,
                struct gpmq_error *err)
{
    *out = (struct rsop_knowledge){0};
    int rc = gather(out, domain, ask, err);
    if (rc) {
        rsop_knowledge_free(out);
        return rc;
    }
    out->directory = (struct rsop_directory){
        .domain_dn = domain->ops->info(domain)->dn,
        .soms = &out->soms,
        .filters = &out->filters,
        .gpo_count = out->gpo_count,
        .gpos = out->gpos,
    };
    return 0;
}

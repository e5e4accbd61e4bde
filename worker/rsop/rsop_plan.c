/* rsop_plan.c - which SOMs are searched, and in which order their links take effect. */
#include "rsop_plan.h"

#include <stdlib.h>

#include "cleanup.h"
#include "dn.h"
#include "fail.h"
#include "rsop_judge.h"

#define SITE_ORDER   2 /* 1 is the local GPO */
#define DOMAIN_ORDER 3

/* The SOMs above one object, nearest first. */
struct chain {
    size_t count;
    struct rsop_searched *items;
};

static void free_chain(struct chain *chain)
{
    free(chain->items);
}

void rsop_plan_free(struct rsop_plan *plan)
{
    for (int side = 0; side < RSOP_SIDES; side++) {
        free(plan->sides[side].searched);
        free(plan->sides[side].entries);
    }
    *plan = (struct rsop_plan){0};
}

/* ---- the SOMs -------------------------------------------------------------------------------- */

static int add_som(struct chain *chain, const struct domain_som *som, bool loopback,
                   struct gpmq_error *err)
{
    struct rsop_searched *items = reallocarray(chain->items, chain->count + 1, sizeof *items);
    if (!items)
        return fail(err, GPMQ_ENOMEM, "no memory for a SOM");
    chain->items = items;
    if (som->damage)
        return fail(err, GPMQ_EDAMAGED, "the links of '%s': %s", som->dn, som->damage);
    items[chain->count++] = (struct rsop_searched){.som = som, .loopback = loopback};
    return 0;
}

/* From the object up to the domain; containers in between are no SOMs. */
static int climb(struct chain *chain, const struct rsop_directory *directory, const char *dn,
                 bool loopback, struct gpmq_error *err)
{
    int rc = 0;
    if (!dn_is_within(dn, directory->domain_dn))
        return fail(err, GPMQ_EINVAL, "'%s' is not in the domain '%s'", dn, directory->domain_dn);
    for (const char *at = dn; !rc && at; at = dn_parent(at)) {
        const struct domain_som *som = domain_soms_find(directory->soms, at);
        if (som)
            rc = add_som(chain, som, loopback, err);
        else if (dn_has_type(at, "OU"))
            rc = fail(err, GPMQ_ENOTFOUND, "there is no OU '%s'", at);
        if (som && som->type == DOMAIN_SOM_DOMAIN)
            break;
    }
    return rc;
}

static int add_site(struct chain *chain, const struct rsop_directory *directory, const char *dn,
                    bool loopback, struct gpmq_error *err)
{
    if (!dn)
        return 0;
    const struct domain_som *site = domain_soms_find(directory->soms, dn);
    if (!site || site->type != DOMAIN_SOM_SITE)
        return fail(err, GPMQ_ENOTFOUND, "there is no site '%s'", dn);
    return add_som(chain, site, loopback, err);
}

/* Which SOMs a nearer one blocks, and the order in which they are applied. */
static void number_chain(struct chain *chain)
{
    bool blocked = false;
    size_t domain = 0;
    while (domain + 1 < chain->count && chain->items[domain].som->type != DOMAIN_SOM_DOMAIN)
        domain++;
    for (size_t i = 0; i < chain->count; i++) {
        struct rsop_searched *searched = &chain->items[i];
        bool site = searched->som->type == DOMAIN_SOM_SITE;
        searched->order = site ? SITE_ORDER : DOMAIN_ORDER + (unsigned)(domain - i);
        searched->blocked = blocked;
        blocked |= searched->som->blocks_inheritance;
    }
}

/* ---- the links ------------------------------------------------------------------------------- */

static const struct rsop_gpo *find_gpo(const struct rsop_directory *directory,
                                       const struct gplink *link)
{
    for (size_t i = 0; i < directory->gpo_count; i++)
        if (gpmq_guid_equal(&directory->gpos[i].id, &link->gpo) &&
            dn_equal(directory->gpos[i].domain_dn, link->domain_dn))
            return &directory->gpos[i];
    return NULL;
}

/* The nearest SOM that blocks what comes from the i-th one. */
static const struct domain_som *blocker(const struct chain *chain, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (chain->items[k].som->blocks_inheritance)
            return chain->items[k].som;
    return NULL;
}

static struct rsop_entry an_entry(const struct chain *chain, size_t i, const struct gplink *link,
                                  const struct rsop_directory *directory)
{
    struct rsop_entry entry = {
        .gpo = find_gpo(directory, link),
        .som = chain->items[i].som,
        .link = link,
        .loopback = chain->items[i].loopback,
        .som_order = chain->items[i].order,
    };
    if (!link->enabled)
        entry.reasons |= RSOP_LINK_DISABLED;
    if (!link->enforced && chain->items[i].blocked) {
        entry.reasons |= RSOP_BLOCKED;
        entry.blocked_by = blocker(chain, i);
    }
    return entry;
}

/* Within a SOM the link of order 1 comes last, and so wins. */
static void add_links(struct rsop_list *list, const struct chain *chain, size_t i, bool enforced,
                      const struct rsop_directory *directory)
{
    const struct domain_som *som = chain->items[i].som;
    for (size_t k = som->link_count; k-- > 0;)
        if (som->links[k].enforced == enforced)
            list->entries[list->count++] = an_entry(chain, i, &som->links[k], directory);
}

/* Appends the SOMs of a chain and their links: those that are not enforced from the farthest to
 * the nearest, then the enforced ones from the nearest to the farthest. */
static int append(struct rsop_list *list, const struct chain *chain,
                  const struct rsop_directory *directory, struct gpmq_error *err)
{
    size_t links = 0;
    for (size_t i = 0; i < chain->count; i++)
        links += chain->items[i].som->link_count;
    struct rsop_entry *entries =
        reallocarray(list->entries, list->count + links + 1, sizeof *entries);
    if (entries)
        list->entries = entries;
    struct rsop_searched *searched =
        reallocarray(list->searched, list->searched_count + chain->count + 1, sizeof *searched);
    if (searched)
        list->searched = searched;
    if (!entries || !searched)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu links", links);
    for (size_t i = chain->count; i-- > 0;) {
        list->searched[list->searched_count++] = chain->items[i];
        add_links(list, chain, i, false, directory);
    }
    for (size_t i = 0; i < chain->count; i++)
        add_links(list, chain, i, true, directory);
    return 0;
}

static int append_place(struct rsop_list *list, const struct rsop_directory *directory,
                        const struct rsop_request *request, const char *dn, bool loopback,
                        struct gpmq_error *err)
{
    CLEANUP(free_chain) struct chain chain = {0};
    int rc = climb(&chain, directory, dn, loopback, err);
    if (!rc)
        rc = add_site(&chain, directory, request->site_dn, loopback, err);
    if (rc)
        return rc;
    number_chain(&chain);
    return append(list, &chain, directory, err);
}

/* ---- one side -------------------------------------------------------------------------------- */

/* A user's own place, and with loopback the computer's, whose GPOs come later and win. */
static int list_links(struct rsop_list *list, enum rsop_side side,
                      const struct rsop_directory *directory, const struct rsop_request *request,
                      struct gpmq_error *err)
{
    bool loopback = side == RSOP_USER && request->loopback != RSOP_LOOPBACK_NONE;
    int rc = 0;
    if (!loopback || request->loopback == RSOP_LOOPBACK_MERGE)
        rc = append_place(list, directory, request, request->subjects[side].dn, false, err);
    if (!rc && loopback)
        rc = append_place(list, directory, request, request->subjects[RSOP_COMPUTER].dn, true, err);
    return rc;
}

static int plan_side(struct rsop_list *list, enum rsop_side side,
                     const struct rsop_directory *directory, const struct rsop_request *request,
                     struct gpmq_error *err)
{
    unsigned applied = 0;
    list->planned = request->subjects[side].dn != NULL;
    int rc = list->planned ? list_links(list, side, directory, request, err) : 0;
    for (size_t i = 0; !rc && i < list->count; i++) {
        struct rsop_entry *entry = &list->entries[i];
        rsop_judge(entry, side, directory, request);
        entry->link_order = (unsigned)i + 1;
        entry->applied_order = entry->reasons ? 0 : ++applied;
    }
    return rc;
}

int rsop_plan(struct rsop_plan *out, const struct rsop_directory *directory,
              const struct rsop_request *request, struct gpmq_error *err)
{
    CLEANUP(rsop_plan_free) struct rsop_plan plan = {0};
    int rc = 0;
    if (!request->subjects[RSOP_COMPUTER].dn && !request->subjects[RSOP_USER].dn)
        return fail(err, GPMQ_EINVAL, "neither a computer nor a user to plan for");
    if (request->loopback != RSOP_LOOPBACK_NONE && !request->subjects[RSOP_COMPUTER].dn)
        return fail(err, GPMQ_EINVAL, "loopback needs a computer or its container");
    for (int side = 0; !rc && side < RSOP_SIDES; side++)
        rc = plan_side(&plan.sides[side], (enum rsop_side)side, directory, request, err);
    if (rc)
        return rc;
    *out = plan;
    plan = (struct rsop_plan){0};
    return 0;
}

/*
 * domain_kind_ad.c - one Samba domain controller, which tests/dc/dc started, emptied for each test.
 *
 * $GPMQ_TEST_AD is the URL of its domain, $GPMQ_TEST_ACL_HELPER the program gpmq-sysvol-acl.
 * Without them there is no controller on this machine.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "domain_ad.h"
#include "domain_kind.h"
#include "sysvol_acl.h"
#include "ad_ticket.h"

const struct domain_ops *const domain_kinds[] = {&domain_ad, NULL};

static bool is_there(void)
{
    const char *helper = getenv("GPMQ_TEST_ACL_HELPER");
    ad_ticket_folder(getenv("GPMQ_DC_DIR"));
    return getenv("GPMQ_TEST_AD") && helper && sysvol_acl_prepare(helper, NULL) == 0;
}

/* Those of a new domain, which no controller lets anybody delete. */
static bool is_builtin(const struct ad_place *place)
{
    return strcmp(place->guid, "{31B2F340-016D-11D2-945F-00C04FB984F9}") == 0 ||
           strcmp(place->guid, "{6AC1786C-016F-11D2-945F-00C04FB984F9}") == 0;
}

/* Both halves of a GPO. */
static int remove_gpo(struct ad_domain *domain, const struct gpmq_guid *id, struct gpmq_error *err)
{
    struct ad_place place = ad_locate(id);
    if (is_builtin(&place))
        return 0;
    const struct sysvol_ops *ops = domain->sysvol->ops;
    char dn[AD_DN_MAX];
    ad_gpc_dn(domain, &place, dn);
    int rc = ad_ldap_delete_tree(domain->ldap, dn, err);
    return rc ? rc : ops->remove(domain->sysvol, place.guid, err);
}

/* What a change left beside them. */
static int remove_name(void *arg, const char *path, const struct sysvol_stat *stat,
                       struct gpmq_error *err)
{
    struct ad_domain *domain = arg;
    (void)stat;
    if (path[0] != '.')
        return 0;
    return domain->sysvol->ops->remove(domain->sysvol, path, err);
}

static int make(const struct scratch *scratch, char *url, size_t room, struct gpmq_error *err)
{
    CLEANUP(domain_close) struct domain *domain = NULL;
    CLEANUP(domain_gpos_free) struct domain_gpos gpos = {0};
    (void)scratch;
    snprintf(url, room, "%s", getenv("GPMQ_TEST_AD"));
    int rc = domain_open(&domain, url, err);
    if (!rc)
        rc = domain->ops->list(domain, &gpos, err);
    for (size_t i = 0; i < gpos.count && !rc; i++)
        rc = remove_gpo((struct ad_domain *)domain, &gpos.items[i].id, err);
    struct sysvol *sysvol = rc ? NULL : ((struct ad_domain *)domain)->sysvol;
    return rc ? rc : sysvol->ops->names(sysvol, "", remove_name, domain, err);
}

const struct domain_kind domain_kind = {.name = "Active Directory",
                                        .is_there = is_there,
                                        .gpos = 2,
                                        .make = make,
                                        .forget = domain_ad_forget};

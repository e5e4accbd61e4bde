/*
 * domain_tree.h - what a domain's directory says beside its GPOs: where they are linked, which WMI
 * filters there are, and what an account is a member of.
 */
#ifndef GPMQ_DOMAIN_TREE_H
#define GPMQ_DOMAIN_TREE_H

#include "gplink.h"
#include "sid.h"
#include "wmi_filter.h"

#define DOMAIN_GROUPS_MAX                                                                          \
    4096 /* of one account, nested ones too; Windows logs nobody on with more                      \
          * than 1015 */

/* The scopes of management (SOM) that GPOs are linked to; numbers as in GPMSOMType. */
enum domain_som_type {
    DOMAIN_SOM_SITE,
    DOMAIN_SOM_DOMAIN,
    DOMAIN_SOM_OU,
};

struct domain_som {
    enum domain_som_type type;
    char *dn;
    char *name;              /* "example", "Kiosks", "Headquarters" */
    char *path;              /* canonical: "example.test/Workstations/Kiosks" */
    bool blocks_inheritance; /* gPOptions; of a site always false */
    size_t link_count;
    struct gplink *links; /* by order: the first one wins */
    char *damage;         /* what is wrong with its links, which are then none; else NULL */
};

struct domain_soms {
    size_t count;
    struct domain_som *items; /* the domain, then OUs, then sites; OUs and sites by DN, parents
                               * before what lies below them */
};
void domain_soms_free(struct domain_soms *soms);
/* The SOM with that DN, or NULL. */
const struct domain_som *domain_soms_find(const struct domain_soms *soms, const char *dn);

/* One place where a GPO is linked; both pointers borrowed from the struct domain_soms. */
struct domain_gpo_link {
    const struct domain_som *som;
    const struct gplink *link;
};
/* The links of a GPO of the domain `domain_dn`, in the order of the SOMs; free() *out, NULL when
 * there are none. */
int domain_gpo_links(const struct domain_soms *soms, const char *domain_dn,
                     const struct gpmq_guid *gpo, struct domain_gpo_link **out, size_t *count,
                     struct gpmq_error *err) GPMQ_CHECKED;

struct domain_wmi_filter {
    struct gpmq_guid id;
    char *name;
    char *description; /* "" when there is none */
    size_t query_count;
    struct wmi_query *queries;
    char *damage; /* what is wrong with its queries, which are then none; else NULL */
};

struct domain_wmi_filters {
    size_t count;
    struct domain_wmi_filter *items; /* by name without case, then GUID */
};
void domain_wmi_filters_free(struct domain_wmi_filters *filters);

/* A user or computer with its security token, as its domain knows it: what everybody is (Everyone,
 * Authenticated Users ...) is not among the groups. */
struct domain_account {
    char *dn;
    char *name; /* sAMAccountName; a computer's ends in '$' */
    bool computer;
    struct sid sid;
    size_t group_count;
    struct sid *groups; /* the primary group and all memberships, nested ones too, each once */
};
void domain_account_free(struct domain_account *account);

#endif

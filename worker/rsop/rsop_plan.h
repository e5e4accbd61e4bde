/*
 * rsop_plan.h - which GPOs a computer and a user would get, in which order, and why others not:
 * planning ([MS-GPOL] 3.2.5.1), as GPMC's Group Policy Modeling does it.
 *
 * Pure: everything that the answer depends on is an argument. docs/rsop.md describes the algorithm,
 * its sources, and what a planner cannot know.
 *
 * Owning. The plan borrows from directory and request, which must outlive it.
 */
#ifndef GPMQ_RSOP_PLAN_H
#define GPMQ_RSOP_PLAN_H

#include "access_check.h"
#include "domain_tree.h"
#include "gpo.h"

/* ---- what is known --------------------------------------------------------------------------- */

/* A GPO that some link of the directory names. */
struct rsop_gpo {
    struct gpmq_guid id;
    const char *domain_dn;
    const struct gpo *gpo; /* NULL: it could not be read */
    bool missing;          /* then: there is no such GPO in this domain */
    const char *damage;    /* or what was wrong */
};

struct rsop_directory {
    const char *domain_dn;
    const struct domain_soms *soms;
    const struct domain_wmi_filters *filters;
    size_t gpo_count;
    const struct rsop_gpo *gpos;
};

/* ---- what is asked --------------------------------------------------------------------------- */

enum rsop_side { RSOP_COMPUTER, RSOP_USER, RSOP_SIDES };

enum rsop_loopback { RSOP_LOOPBACK_NONE, RSOP_LOOPBACK_MERGE, RSOP_LOOPBACK_REPLACE };

/* What WMI filters are said to answer; nobody runs a query here. */
struct rsop_wmi {
    bool otherwise; /* those in neither list: an assumption */
    size_t true_count;
    const struct gpmq_guid *is_true;
    size_t false_count;
    const struct gpmq_guid *is_false; /* counts before is_true */
};

struct rsop_subject {
    const char *dn; /* of the object or of the container it is taken to be in; NULL: not asked */
    struct access_token token;
    struct rsop_wmi wmi;
};

struct rsop_request {
    struct rsop_subject subjects[RSOP_SIDES]; /* the computer's token counts for users, too */
    const char *site_dn;                      /* NULL: in no site that is known */
    enum rsop_loopback loopback;
};

/* ---- what comes out -------------------------------------------------------------------------- */

/* Why a link does not take effect; a link may have several reasons. The lowest one is told first.
 */
enum rsop_reason {
    RSOP_LINK_DISABLED = 1 << 0,
    RSOP_BLOCKED = 1 << 1,       /* a nearer SOM blocks inheritance, and the link is not enforced */
    RSOP_MISSING = 1 << 2,       /* the link leads to no GPO of this domain */
    RSOP_UNREADABLE = 1 << 3,    /* its record is damaged */
    RSOP_VERSION = 1 << 4,       /* gPCFunctionalityVersion is not 2 */
    RSOP_SIDE_DISABLED = 1 << 5, /* GPC flags */
    RSOP_EMPTY = 1 << 6,         /* the version of this side is 0 */
    RSOP_READ_DENIED = 1 << 7,   /* the computer may not read it (MS16-072) */
    RSOP_APPLY_DENIED = 1 << 8,  /* an ACE denies the right Apply Group Policy */
    RSOP_APPLY_ABSENT = 1 << 9,  /* no ACE grants it */
    RSOP_WMI_FALSE = 1 << 10,
};
#define RSOP_REASONS 11

/* The word for the lowest reason of a set, "link_disabled", and its words for people; "applied" and
 * "applied" for none. Static. */
const char *rsop_reason_word(unsigned reasons);
const char *rsop_reason_text(unsigned reasons);

/* What is said of the GPO's WMI filter. */
enum rsop_wmi_answer {
    RSOP_WMI_NONE,       /* it has no filter */
    RSOP_WMI_GIVEN_TRUE, /* the caller said so */
    RSOP_WMI_GIVEN_FALSE,
    RSOP_WMI_ASSUMED_TRUE, /* the caller's answer for all others */
    RSOP_WMI_ASSUMED_FALSE,
    RSOP_WMI_GONE,    /* the filter is not in the directory: the GPO is allowed */
    RSOP_WMI_DAMAGED, /* its queries are damaged: false on Windows */
};

/* One link that was looked at. */
struct rsop_entry {
    const struct rsop_gpo *gpo;
    const struct domain_som *som;
    const struct gplink *link;
    bool loopback;                       /* a user's GPO from the computer's place */
    unsigned reasons;                    /* a set of enum rsop_reason; 0: it applies */
    unsigned link_order;                 /* place in the whole list, from 1 */
    unsigned applied_order;              /* from 1, the last one wins; 0: it does not apply */
    unsigned som_order;                  /* of the SOM in `searched` */
    const struct domain_som *blocked_by; /* with RSOP_BLOCKED */
    struct sid denied_by;                /* with RSOP_APPLY_DENIED: whom that ACE is for */
    enum rsop_wmi_answer wmi;
    const struct domain_wmi_filter *wmi_filter; /* NULL: none, or gone */
    bool no_descriptor; /* the domain has none of it: taken as if everybody may apply it */
};

/* A SOM that was searched, in the order in which GPOs of it are applied. */
struct rsop_searched {
    const struct domain_som *som;
    unsigned order; /* 1 is the local GPO, which nobody can plan; 2 the site, 3 the domain ... */
    bool blocked;   /* by a nearer one */
    bool loopback;
};

struct rsop_list {
    bool planned; /* false: this side was not asked for */
    size_t searched_count;
    struct rsop_searched *searched;
    size_t count;
    struct rsop_entry *entries; /* in the order of application, those that do not apply as well */
};

struct rsop_plan {
    struct rsop_list sides[RSOP_SIDES];
};

/* Makes the plan; let it go with rsop_plan_free().
 * GPMQ_EINVAL: neither side is asked for, loopback without a computer, or a DN that is not in the
 * domain. GPMQ_ENOTFOUND: the DN names an OU, or site_dn a site, that is not there. GPMQ_EDAMAGED:
 * a SOM on the way has damaged links. */
int rsop_plan(struct rsop_plan *out, const struct rsop_directory *directory,
              const struct rsop_request *request, struct gpmq_error *err) GPMQ_CHECKED;
/* Takes what was zeroed, and leaves it so. */
void rsop_plan_free(struct rsop_plan *plan);

#endif

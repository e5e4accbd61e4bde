/*
 * rsop_gather.h - reads from a domain what planning needs, and turns names into what rsop_plan.h
 * takes: accounts into tokens, a site's name into its DN, links into the GPOs behind them.
 */
#ifndef GPMQ_RSOP_GATHER_H
#define GPMQ_RSOP_GATHER_H

#include "domain.h"
#include "rsop_plan.h"

#define RSOP_GROUPS_MAX 4096 /* groups that take the place of an account's own */
#define RSOP_NOTES_MAX  1024 /* assumptions that are told */

/* A computer or user as a person names it. With neither account nor container this side is not
 * planned. */
struct rsop_ask_subject {
    const char *account;   /* DN, name or SID; NULL: somebody in the container */
    const char *container; /* DN that it is taken to be in; NULL: where the account is */
    bool replace_groups;   /* the groups below instead of the account's own */
    size_t group_count;
    const char *const *groups; /* names or SIDs; taken as they are, no nested ones added */
    struct rsop_wmi wmi;
};

struct rsop_ask {
    struct rsop_ask_subject subjects[RSOP_SIDES];
    const char *site; /* name or DN; NULL: none */
    enum rsop_loopback loopback;
};

/* What was taken for granted, as sentences. */
struct rsop_notes {
    size_t count;
    char **items;
};
/* Appends a note; behind RSOP_NOTES_MAX nothing. */
int rsop_note(struct rsop_notes *notes, struct gpmq_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4))) GPMQ_CHECKED;
void rsop_notes_free(struct rsop_notes *notes);

/* What a plan is made from, and all that it points to. */
struct rsop_knowledge {
    struct domain_soms soms;
    struct domain_wmi_filters filters;
    struct domain_account accounts[RSOP_SIDES]; /* dn NULL: no account was named */
    struct sid *sids[RSOP_SIDES];               /* of the tokens */
    size_t gpo_count;
    struct rsop_gpo *gpos;
    struct gpo **read; /* what gpos point to; NULL where it could not be read */
    char **damages;
    struct rsop_directory directory;
    struct rsop_request request;
    struct rsop_notes notes;
};

/* Reads everything; the domain and *ask must outlive *out. Let it go with rsop_knowledge_free().
 * GPMQ_ENOTFOUND and GPMQ_EAMBIGUOUS: no such account, group, site, or several. GPMQ_EINVAL: a
 * computer where a user is asked for, or the reverse. GPMQ_ETOOBIG. */
int rsop_gather(struct rsop_knowledge *out, struct domain *domain, const struct rsop_ask *ask,
                struct gpmq_error *err) GPMQ_CHECKED;
/* Takes what was zeroed, and leaves it so. */
void rsop_knowledge_free(struct rsop_knowledge *knowledge);

#endif

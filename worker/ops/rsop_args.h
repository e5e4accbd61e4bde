/*
 * rsop_args.h - the args of gpo.rsop: the planning properties of IGPMRSOP as JSON.
 *
 *     "computer", "user"                      DN, name or SID of an account
 *     "computer_container", "user_container"  DN that it is taken to be in
 *     "computer_groups", "user_groups"        list of names or SIDs instead of its own groups
 *     "site"                                  name or DN
 *     "loopback"                              "none", "merge", "replace"
 *     "slow_link"                             true, false
 *     "wmi", "computer_wmi", "user_wmi"       {"true": "all" or list, "false": list}: names or
 * GUIDs of filters; the last two instead of the first "format"                                "xml"
 * (without it), "html"
 *
 * Of WMI filters in neither list: with a list "true" they are false, else true. "false" counts
 * first.
 */
#ifndef GPMQ_RSOP_ARGS_H
#define GPMQ_RSOP_ARGS_H

#include <jansson.h>

#include "rsop_gather.h"

#define RSOP_FILTERS_MAX 1024 /* in one list of args */

struct rsop_args {
    json_t *json; /* what the texts below are part of */
    struct rsop_ask ask;
    const char *groups[RSOP_SIDES][RSOP_GROUPS_MAX];
    const json_t *wmi[RSOP_SIDES];            /* NULL: nothing is said */
    struct gpmq_guid *filters[RSOP_SIDES][2]; /* false, true; after rsop_args_filters() */
    bool slow_link;
    bool html;
};

/* Judges and reads; *out may be zeroed. Let it go with rsop_args_free(), also after a failure.
 * GPMQ_EINVAL names the member. */
int rsop_args_read(struct rsop_args *out, const char *text, struct gpmq_error *err) GPMQ_CHECKED;
/* Finds the WMI filters that are named in a domain. GPMQ_ENOTFOUND, GPMQ_EAMBIGUOUS. */
int rsop_args_filters(struct rsop_args *args, struct domain *domain,
                      struct gpmq_error *err) GPMQ_CHECKED;
/* Takes what was zeroed, and leaves it so. */
void rsop_args_free(struct rsop_args *args);

#endif

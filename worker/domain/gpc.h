/*
 * gpc.h - the directory half of a GPO, a groupPolicyContainer with what lies below it ([MS-GPOL]
 * 2.2.2, [MS-ADSC] 2.58), as LDIF records: a folder domain keeps them in a file, an AD domain gets
 * them by LDAP. Pure but for the clock in gpc_make().
 */
#ifndef GPMQ_GPC_H
#define GPMQ_GPC_H

#include "domain.h"
#include "ldif.h"

#define GPC_DS_MAX   4096 /* directory objects below one GPC */
#define GPC_DS_DEPTH 16   /* in one another */

/* The record of the GPC itself, or NULL. */
struct ldif_record *gpc_find(const struct ldif *ldif);
/* Fills in what the directory knows of a GPO, but the name of its WMI filter. There is a GPC.
 * GPMQ_EDAMAGED names the record. */
int gpc_read(const struct domain_info *info, const struct ldif *ldif, struct gpo *gpo,
             struct gpmq_error *err) GPMQ_CHECKED;
/* The records of a GPO that is being made: version 0, default security, CN=Machine and CN=User. */
int gpc_make(const struct domain_info *info, const struct gpmq_guid *id, const char *display_name,
             struct ldif **out, struct gpmq_error *err) GPMQ_CHECKED;

/* Directory objects below the GPC (class store, packages): into gpo->ds_objects; and all of them
 * replaced by those of *values. GPMQ_ETOOBIG: over a limit above. */
int gpc_read_ds(const struct ldif *ldif, struct gpo *gpo, struct gpmq_error *err) GPMQ_CHECKED;
int gpc_set_ds(struct ldif *ldif, const struct gpo *values, struct gpmq_error *err) GPMQ_CHECKED;

/* The least that the two halves of the version count up from. */
struct gpc_floor {
    struct gpo_version user;
    struct gpo_version machine;
};

/* Takes over the named fields (a set of enum domain_field) of *values, as
 * domain_ops.change_set() says; DOMAIN_VERSION goes into *floor. A field that cannot be set leaves
 * all as they were. */
int gpc_set(struct ldif *ldif, const struct domain_info *info, unsigned fields,
            const struct gpo *values, struct gpc_floor *floor, struct gpmq_error *err) GPMQ_CHECKED;
/* The packed version after a commit: each half one more than the largest of directory, SYSVOL
 * (`sysvol`, packed, as GPT.INI has it) and floor; never 0. GPMQ_EDAMAGED. */
int gpc_next_version(const struct ldif *ldif, uint32_t sysvol, const struct gpc_floor *floor,
                     uint32_t *out, struct gpmq_error *err) GPMQ_CHECKED;

#endif

/*
 * migration_map.h - a migration table put to work: the visitor that decides what becomes of each
 * account and path when settings move into another domain.
 *
 *     SameAsSource     it stays
 *     None             it is left out of the setting
 *     ByRelativeName   the account of the same name in the target domain
 *     Set              the account of that name in the target domain; the path as it is written
 *     no entry         it stays; with table_only that is a problem
 *
 * An entry counts for what it names when its type is the type of that; Unknown counts for a SID and
 * for a name without a domain. A path must be the whole path. A problem is told, and what it is
 * about stays as it is: who changes a GPO asks migration_map_settle() in the end.
 */
#ifndef GPMQ_MIGRATION_MAP_H
#define GPMQ_MIGRATION_MAP_H

#include "migration_principal.h"
#include "migration_visit.h"

#define MIGRATION_TOLD_MAX 1000 /* problems that are told; more are counted */

/* Takes a problem, or with code 0 a warning; names and texts hold for the call. */
typedef void migration_tell(void *tell_arg, const struct migration_name *name, int code,
                            const char *text);

/* Everything is borrowed while the map is there. */
struct migration_map_options {
    const struct migration_table *table;
    bool table_only; /* GPM_MIGRATIONTABLE_ONLY */
    bool with_acl;   /* of DACLs an entry is asked for, too */
    migration_lookup *lookup;
    void *lookup_arg;
    struct domain *target;
    migration_tell *tell;
    void *tell_arg;
};

struct migration_map;

/* NULL: no memory. */
struct migration_map *migration_map_new(const struct migration_map_options *options);
/* Takes NULL; leaves NULL. */
void migration_map_free(struct migration_map **map_p);

/* The visitor; visit_arg is the map. GPMQ_ENOMEM, or what target or lookup fail with. */
migration_visit migration_map_visit;

/* GPMQ_ENOTFOUND when there were problems, saying how many; else 0. */
int migration_map_settle(const struct migration_map *map, struct gpmq_error *err) GPMQ_CHECKED;

/* What an entry alone makes of itself in the target domain: 0 and the SID or path in *out (free()
 * it; NULL where nothing is to be found: the entry keeps or drops). GPMQ_ENOTFOUND,
 * GPMQ_EAMBIGUOUS: why it cannot. GPMQ_EUNSUPPORTED: that shows only where the source is known. For
 * validation. */
int migration_map_entry(const struct migration_entry *entry, struct domain *target, char **out,
                        struct gpmq_error *err) GPMQ_CHECKED;

#endif

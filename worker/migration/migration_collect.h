/*
 * migration_collect.h - the visitor that lists what it sees in a migration table
 * (IGPMMigrationTable::Add): typed, with destination SameAsSource, each once.
 *
 * A domain's account goes in as name@dns.domain, one whose name nobody knows as its SID, a
 * well-known account and a name without SID as that name; other SIDs, which are the same
 * everywhere, are left out, as in Backup.xml. What no entry can hold is left out, too.
 */
#ifndef GPMQ_MIGRATION_COLLECT_H
#define GPMQ_MIGRATION_COLLECT_H

#include "migration_principal.h"
#include "migration_visit.h"

struct migration_collecting {
    struct migration_table *table;
    bool with_acl; /* DACLs, too (GPM_PROCESS_SECURITY) */
    migration_lookup *lookup;
    void *lookup_arg;
};

/* The visitor; visit_arg is a struct migration_collecting. GPMQ_ETOOBIG: the table is full. */
migration_visit migration_collect_visit;

#endif

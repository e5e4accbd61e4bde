/*
 * migration_table.h - a migration table in memory (IGPMMigrationTable): which accounts and UNC
 * paths become which, when settings move into another domain.
 *
 * Sources are compared without case, and a source stands in a table once: the entry is found by it.
 * Entries keep the order in which they came. Functions that fail change nothing.
 */
#ifndef GPMQ_MIGRATION_TABLE_H
#define GPMQ_MIGRATION_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "gpmq/error.h"

#define MIGRATION_ENTRIES_MAX 10000 /* of one table */
#define MIGRATION_TEXT_MAX    4096  /* bytes of a source or destination */

/* GPMEntryType (gpmgmt.idl): what the source is. */
enum migration_type {
    MIGRATION_USER = 0,
    MIGRATION_COMPUTER = 1,
    MIGRATION_LOCAL_GROUP = 2,
    MIGRATION_GLOBAL_GROUP = 3,
    MIGRATION_UNIVERSAL_GROUP = 4,
    MIGRATION_UNC_PATH = 5,
    MIGRATION_UNKNOWN = 6, /* "Free Text or SID" in Microsoft's editor */
    MIGRATION_TYPE_END
};

/* GPMDestinationOption (gpmgmt.idl): what becomes of it. */
enum migration_option {
    MIGRATION_SAME_AS_SOURCE = 0,
    MIGRATION_NONE = 1,             /* it is left out of the setting; not for a path */
    MIGRATION_BY_RELATIVE_NAME = 2, /* the account of that name in the target; not for a path */
    MIGRATION_SET = 3,              /* the text of `destination` */
    MIGRATION_OPTION_END
};

struct migration_entry {
    enum migration_type type;
    enum migration_option option;
    char *source;
    char *destination; /* of MIGRATION_SET; otherwise NULL */
};

struct migration_table;

/* Empty. NULL: no memory. */
struct migration_table *migration_table_new(void);
/* Takes NULL; leaves NULL. */
void migration_table_free(struct migration_table **table_p);

size_t migration_table_count(const struct migration_table *table);
/* index below the count; holds until the table is changed. */
const struct migration_entry *migration_table_at(const struct migration_table *table, size_t index);

/* Appends a copy of an entry. GPMQ_EINVAL: no source, a text with control characters or that is no
 * UTF-8, a destination without MIGRATION_SET or the other way round, a path that does not begin
 * with two backslashes, or an option that paths cannot have. GPMQ_EEXIST: the source is there.
 * GPMQ_ETOOBIG: a limit above. */
int migration_table_add(struct migration_table *table, const struct migration_entry *entry,
                        struct gpmq_error *err) GPMQ_CHECKED;
/* The entry of a source, or NULL. Holds until the table is changed. */
const struct migration_entry *migration_table_get(const struct migration_table *table,
                                                  const char *source);
/* GPMQ_ENOTFOUND: no such source. */
int migration_table_delete(struct migration_table *table, const char *source,
                           struct gpmq_error *err) GPMQ_CHECKED;
/* Gives the entry of a source another destination, judged as by migration_table_add().
 * destination: of MIGRATION_SET; otherwise NULL. GPMQ_ENOTFOUND: no such source. */
int migration_table_update(struct migration_table *table, const char *source,
                           enum migration_option option, const char *destination,
                           struct gpmq_error *err) GPMQ_CHECKED;

/* "GlobalGroup", as the file and Backup.xml write it. Static. */
const char *migration_type_name(enum migration_type type);
/* The type of that name; false: there is none. */
bool migration_type_find(enum migration_type *out, const char *name);
/* The element that stands for an option: "DestinationNone", "Destination" for MIGRATION_SET.
 * Static. */
const char *migration_option_element(enum migration_option option);
bool migration_option_find(enum migration_option *out, const char *element);

#endif

/*
 * migration_principal.h - an account that settings name, under all the names that a migration table
 * may have for it.
 */
#ifndef GPMQ_MIGRATION_PRINCIPAL_H
#define GPMQ_MIGRATION_PRINCIPAL_H

#include "domain.h"
#include "migration_table.h"

#define MIGRATION_FORMS_MAX 5

/* Who is behind a SID where the settings come from: as domain_ops.principal(). */
typedef int migration_lookup(void *lookup_arg, const char *sid, struct domain_principal *out,
                             struct gpmq_error *err);

struct migration_principal {
    enum migration_type type;
    bool known_by_sid; /* it stands there as a SID: forms[0] */
    bool listed;       /* Backup.xml lists it: a domain's account, a well-known one, or a name */
    char *name;        /* without its domain; NULL: nobody knows it */
    size_t form_count;
    char *forms[MIGRATION_FORMS_MAX]; /* as a table may name it: SID, DOMAIN\name, dns\name, UPN */
    char *source; /* as a new table names it: UPN, or the name of what has no domain, or the SID */
};

/* text: a SID or a name, as settings have it. A well-known SID is known by its English name and,
 * like a name without SID, of type Unknown, as Backup.xml has it. Errors of lookup, GPMQ_ENOMEM. */
int migration_principal_find(struct migration_principal *out, const char *text,
                             migration_lookup *lookup, void *lookup_arg,
                             struct gpmq_error *err) GPMQ_CHECKED;
/* For CLEANUP(). */
void migration_principal_free(struct migration_principal *principal);

#endif

/*
 * migrate.h - an operation's migration table: from its request to the rewriting step of stage.h.
 *
 * In the request's args, {"migration_table": TEXT, "migration_table_only": true}: the file's bytes
 * in base64; one that is too large for that is the request's input. What cannot be mapped is a
 * message each (object_path, extension_name, settings_name), and the operation fails before
 * anything is changed.
 */
#ifndef GPMQ_MIGRATE_H
#define GPMQ_MIGRATE_H

#include "migration_principal.h"
#include "migration_table.h"
#include "stage.h"

/* What args say; migrate_args_free() it. */
struct migrate_args {
    bool given;                    /* there is a table, maybe in the input */
    int table_only;                /* it must have an entry for everything */
    int copy_acl;                  /* of a copy */
    struct migration_table *table; /* NULL: none is given, or it is not read yet */
};

/* What args may hold besides the table. */
enum migrate_kind { MIGRATE_IMPORT, MIGRATE_COPY, MIGRATE_VALIDATE };

/* Reads the args of a request, not its input. GPMQ_EINVAL: not those of that kind, table_only
 * without a table, or of MIGRATE_VALIDATE no table. GPMQ_EMALFORMED: the table is none. */
int migrate_args_read(struct migrate_args *out, const struct gpmq_request *request,
                      enum migrate_kind kind, struct gpmq_error *err) GPMQ_CHECKED;
/* Reads a table that is the input of the run's request; nothing where it is there already, or none.
 * GPMQ_EMALFORMED: it is none. Errors of run_input(). */
int migrate_args_load(struct migrate_args *args, struct run *run,
                      struct gpmq_error *err) GPMQ_CHECKED;
void migrate_args_free(struct migrate_args *args);

/* Where settings come from: a backup, or else a live domain. */
struct migrate_source {
    const struct backup *backup;
    struct domain *domain;
};

/* As migration_lookup(), its argument a struct migrate_source. */
int migrate_lookup(void *source_arg, const char *sid, struct domain_principal *out,
                   struct gpmq_error *err);
/* The SID of the domain that settings come from; false: nobody can tell. */
bool migrate_domain_sid(const struct migrate_source *source, struct sid *out);

struct migrate;

/* args, source and target are borrowed until migrate_free(). *out is NULL when no table is given.
 */
int migrate_new(struct migrate **out, struct run *run, const struct migrate_args *args,
                const struct migrate_source *source, struct domain *target,
                struct gpmq_error *err) GPMQ_CHECKED;
/* Takes NULL; leaves NULL. */
void migrate_free(struct migrate **migrate_p);

/* For struct make_gpo: settings files are rewritten, and in the end it fails when something could
 * not be mapped. NULL of NULL. */
const struct stage_rewrite *migrate_rewrite(struct migrate *migrate);
/* Rewrites what of a GPO is no file: the directory objects of software installation, and its DACL
 * where args->copy_acl says that it is copied. Nothing of NULL. */
int migrate_gpo(struct migrate *migrate, struct gpo *gpo, struct gpmq_error *err) GPMQ_CHECKED;

#endif

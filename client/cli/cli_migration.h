/* cli_migration.h - gpmq migration-table create and validate, and the table that import and copy
 * take with them. */
#ifndef GPMQ_CLI_MIGRATION_H
#define GPMQ_CLI_MIGRATION_H

#include "cli_options.h"

/* The args of an import or a copy: copy_acl, and the migration table of --migration-table. free()
 * *out; NULL: there is nothing to say. GPMQ_EINVAL: --migration-table-only without a table, or a
 * file that is none. GPMQ_ETOOBIG. Other codes: it cannot be read. */
int cli_migration_args(char **out, const struct cli_options *options,
                       struct gpmq_error *err) GPMQ_CHECKED;

int cli_command_migration_create(const struct cli_options *options);
int cli_command_migration_validate(const struct cli_options *options);

#endif

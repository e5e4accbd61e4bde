/* cli_migration.h - gpmq migration-table create and validate, and the table that import and copy
 * take with them. */
#ifndef GPMQ_CLI_MIGRATION_H
#define GPMQ_CLI_MIGRATION_H

#include "cli_submission.h"

/* Gives the request of an import or a copy its args, copy_acl and the table of --migration-table,
 * which is put to the broker where args cannot hold it. GPMQ_EINVAL: --migration-table-only without
 * a table, or a file that is none. GPMQ_ETOOBIG. Other codes: it cannot be read or put. */
int cli_migration_take(struct submission *submission, struct gpmq_error *err) GPMQ_CHECKED;

int cli_command_migration_create(const struct cli_options *options);
int cli_command_migration_validate(const struct cli_options *options);

#endif

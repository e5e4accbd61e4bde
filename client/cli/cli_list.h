/* cli_list.h - what a domain or a repository holds, asked of a worker. */
#ifndef GPMQ_CLI_LIST_H
#define GPMQ_CLI_LIST_H

#include "cli_names.h"
#include "cli_options.h"

/* Runs gpo.list on a domain, and waits for it. */
int cli_list_gpos(struct cli_entries **out, struct gpmq_client *client,
                  const struct cli_options *options, const char *domain,
                  struct gpmq_error *err) GPMQ_CHECKED;
/* Runs backup.list on a repository, and waits for it. */
int cli_list_backups(struct cli_entries **out, struct gpmq_client *client,
                     const struct cli_options *options, const char *repository,
                     struct gpmq_error *err) GPMQ_CHECKED;

/* The command `gpmq list`. */
int cli_command_list(const struct cli_options *options);

#endif

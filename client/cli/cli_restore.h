/* cli_restore.h - gpmq restore, gpmq copy. Each returns the exit code. */
#ifndef GPMQ_CLI_RESTORE_H
#define GPMQ_CLI_RESTORE_H

#include "cli_options.h"

int cli_command_restore(const struct cli_options *options);
int cli_command_copy(const struct cli_options *options);

#endif

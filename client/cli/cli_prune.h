/* cli_prune.h - gpmq prune. */
#ifndef GPMQ_CLI_PRUNE_H
#define GPMQ_CLI_PRUNE_H

#include "cli_options.h"

int cli_command_prune(const struct cli_options *options);

#endif

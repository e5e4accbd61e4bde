/* cli_dead.h - dead list, dead retry, dead drop. */
#ifndef GPMQ_CLI_DEAD_H
#define GPMQ_CLI_DEAD_H

#include "cli_options.h"

int cli_command_dead_list(const struct cli_options *options);
int cli_command_dead_retry(const struct cli_options *options);
int cli_command_dead_drop(const struct cli_options *options);

#endif

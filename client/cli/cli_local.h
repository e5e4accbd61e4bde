/* cli_local.h - the commands that need no broker. Each returns the exit code. */
#ifndef GPMQ_CLI_LOCAL_H
#define GPMQ_CLI_LOCAL_H

#include "cli_options.h"

int cli_command_domain_create(const struct cli_options *options);
int cli_command_keys_create(const struct cli_options *options);

#endif

/* cli_ping.h - is the broker there? Returns the exit code. */
#ifndef GPMQ_CLI_PING_H
#define GPMQ_CLI_PING_H

#include "cli_options.h"

int cli_command_ping(const struct cli_options *options);

#endif

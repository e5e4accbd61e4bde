/* cli_diff.h - gpmq diff. */
#ifndef GPMQ_CLI_DIFF_H
#define GPMQ_CLI_DIFF_H

#include "cli_options.h"

int cli_command_diff(const struct cli_options *options);

#endif

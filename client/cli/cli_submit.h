/* cli_submit.h - the commands that submit operations. Each returns the exit code. */
#ifndef GPMQ_CLI_SUBMIT_H
#define GPMQ_CLI_SUBMIT_H

#include "cli_options.h"

int cli_command_backup(const struct cli_options *options);
int cli_command_import(const struct cli_options *options);
int cli_command_verify(const struct cli_options *options);

#endif

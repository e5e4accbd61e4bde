/* cli_status.h - the commands about operations that were submitted. Each returns the exit code. */
#ifndef GPMQ_CLI_STATUS_H
#define GPMQ_CLI_STATUS_H

#include "cli_options.h"

int cli_command_ops(const struct cli_options *options);
int cli_command_show(const struct cli_options *options);
int cli_command_watch(const struct cli_options *options);
int cli_command_wait(const struct cli_options *options);
int cli_command_cancel(const struct cli_options *options);

#endif

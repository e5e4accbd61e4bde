/* cli_queue.h - the queue itself: workers, stats, pause, resume, drain. */
#ifndef GPMQ_CLI_QUEUE_H
#define GPMQ_CLI_QUEUE_H

#include "cli_options.h"

int cli_command_workers(const struct cli_options *options);
int cli_command_stats(const struct cli_options *options);
int cli_command_pause(const struct cli_options *options);
int cli_command_resume(const struct cli_options *options);
int cli_command_drain(const struct cli_options *options);

#endif

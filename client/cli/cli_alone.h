/*
 * cli_alone.h - commands without a broker: folders for names, and a broker of our own.
 */
#ifndef GPMQ_CLI_ALONE_H
#define GPMQ_CLI_ALONE_H

#include "cli_config.h"

/* Makes the folders that the options and the configuration name absolute, starts or finds the
 * broker of the state folder, connects, and finishes what was interrupted. GPMQ_EINVAL: what is
 * named is no folder, or --detach is given. GPMQ_ESTOPPED: the user left before what was
 * interrupted had ended. */
int cli_alone_connect(struct gpmq_client **out, struct cli_options *options,
                      struct cli_config *config, struct gpmq_error *err) GPMQ_CHECKED;

#endif

/*
 * cli_rsop.h - gpmq report --rsop: plan what a computer and a user would get.
 */
#ifndef GPMQ_CLI_RSOP_H
#define GPMQ_CLI_RSOP_H

#include "cli_options.h"

/* Whether --rsop was given, or an option that goes with it only. */
bool cli_rsop_is_meant(const struct cli_options *options);
int cli_command_rsop(const struct cli_options *options);

/* The args of gpo.rsop that the options mean; free() *out. format: "html" or "xml".
 * GPMQ_EINVAL: the options do not go together. */
int cli_rsop_args(const struct cli_options *options, const char *format, char **out,
                  struct gpmq_error *err) GPMQ_CHECKED;

#endif

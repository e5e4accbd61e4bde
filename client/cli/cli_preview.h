/*
 * cli_preview.h - what a dry run says, for people or as JSON.
 */
#ifndef GPMQ_CLI_PREVIEW_H
#define GPMQ_CLI_PREVIEW_H

#include "cli_options.h"

/* Shows the preview that an operation ended with, on stdout; nothing when it has none (it failed,
 * which its end has told). One that cannot be fetched or read is an error on stderr. */
void cli_preview_show(struct gpmq_client *client, const struct cli_options *options,
                      const struct gpmq_id *op, const char *label);

#endif

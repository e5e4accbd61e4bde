/*
 * cli_diff_view.h - the result "diff", for people or as JSON Lines.
 */
#ifndef GPMQ_CLI_DIFF_VIEW_H
#define GPMQ_CLI_DIFF_VIEW_H

#include <jansson.h>

#include "cli_options.h"

/* Shows the content of the result: the two sides, every change, the counts. `unchanged`: how many
 * settings are equal. Returns how many changes there are. */
size_t diff_show(const struct cli_options *options, const json_t *content, int64_t unchanged);

#endif

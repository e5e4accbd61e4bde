/*
 * cli_op.h - what the broker knows of one operation, shown.
 */
#ifndef GPMQ_CLI_OP_H
#define GPMQ_CLI_OP_H

#include "cli_options.h"

/* One line; with --json the same object as op_show(). */
void op_show_line(const struct cli_options *options, const struct gpmq_op_info *op);
/* Everything, a line for each thing; with --json one object of type "op". */
void op_show(const struct cli_options *options, const struct gpmq_op_info *op);

#endif

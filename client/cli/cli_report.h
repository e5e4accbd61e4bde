/* cli_report.h - gpmq report. */
#ifndef GPMQ_CLI_REPORT_H
#define GPMQ_CLI_REPORT_H

#include "cli_submission.h"

int cli_command_report(const struct cli_options *options);

/* "html" or "xml": what was asked for, else what --output ends in, else html. */
const char *report_format(const struct cli_options *options);
/* Judges --html, --xml, --output and the terminal before anything is submitted; many: more than one
 * report may come. GPMQ_EINVAL. */
int report_check_output(const struct cli_options *options, bool many,
                        struct gpmq_error *err) GPMQ_CHECKED;
/* A report, and what its result says of it. */
struct report_delivery {
    const struct cli_options *options;
    const char *format; /* "html", "xml" */
    const char *label;
    const char *id; /* of the GPO or backup, or "" */
    const struct gpmq_content *content;
};
/* Hands a report to --output or stdout. */
int report_deliver(const struct report_delivery *delivery, struct gpmq_error *err) GPMQ_CHECKED;

/* gpmq report --op ID: the report of an operation that was submitted before. Returns the exit code.
 */
int report_of_op(const struct cli_options *options);
/* Runs what was submitted and hands the reports of those that ended well to --output or stdout.
 * Returns the exit code. */
int report_run(struct submission *submission);

#endif

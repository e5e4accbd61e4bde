/* cli_report_op.c - gpmq report --op ID: what an operation made that was submitted before. */
#include <string.h>

#include "cleanup.h"
#include "cli_output.h"
#include "cli_report.h"
#include "cli_wait.h"
#include "fail.h"

static const char *property(const struct gpmq_result *result, const char *name)
{
    const char *value = gpmq_result_property(result, name);
    return value ? value : "";
}

static int deliver_result(const struct submission *submission, const struct gpmq_id *op,
                          struct gpmq_error *err)
{
    CLEANUP(gpmq_content_free) struct gpmq_content *content = NULL;
    CLEANUP(free_pointer) char *label = NULL;
    const struct gpmq_status *status = gpmq_outcome(submission->client, op);
    if (!status || !status->result || strcmp(status->result->type, "report") != 0)
        return fail(err, GPMQ_EINVAL, "operation %s made no report; see: gpmq show %s",
                    submission->options.op, submission->options.op);
    const char *backup = property(status->result, "backup_id");
    char id[GPMQ_GUID_TEXT_SIZE], format[16];
    snprintf(id, sizeof id, "%s", *backup ? backup : property(status->result, "gpo_id"));
    snprintf(format, sizeof format, "%s", property(status->result, "format"));
    label = strdup(property(status->result, "gpo_display_name"));
    if (!label)
        return fail(err, GPMQ_ENOMEM, "no memory for a name");
    int rc = gpmq_result_fetch(submission->client, op, status->result, &content, err);
    if (rc)
        return rc;
    const struct report_delivery delivery = {
        .options = &submission->options,
        .format = strcmp(format, "xml") ? "html" : "xml",
        .label = *label ? label : submission->options.op,
        .id = id,
        .content = content,
    };
    return report_deliver(&delivery, err);
}

/* Follows it to its end, which it has had already or is waited for. */
static int follow(struct submission *submission, const struct gpmq_id *op)
{
    struct gpmq_error err;
    int rc = view_expect(submission->work.view, op, submission->options.op, &err);
    if (!rc)
        rc = gpmq_watch(submission->client, op, view_status, submission->work.view, &err);
    if (rc)
        return out_error(&submission->options, &err);
    const struct cli_waiting waiting = {.client = submission->client,
                                        .options = &submission->options,
                                        .view = submission->work.view,
                                        .ids = op,
                                        .count = 1,
                                        .what = GPMQ_WAIT_ALL};
    return cli_wait(&waiting);
}

int report_of_op(const struct cli_options *options)
{
    struct gpmq_error err;
    struct gpmq_id op;
    CLEANUP(submission_close) struct submission submission = {.options = *options};
    int rc = options->word_count || options->all || options->backup || options->from
                 ? fail(&err, GPMQ_EINVAL, "--op names the report: nothing else does beside it")
                 : 0;
    if (!rc && gpmq_id_parse(&op, options->op) != 0)
        rc = fail(&err, GPMQ_EINVAL, "'%s' is no id of an operation", options->op);
    if (!rc)
        rc = report_check_output(options, false, &err);
    if (!rc)
        rc = submission_open(&submission, "report", &err);
    if (rc)
        return out_error(options, &err);
    view_leave_good_ends(submission.work.view);
    int code = follow(&submission, &op);
    if (code)
        return code;
    rc = deliver_result(&submission, &op, &err);
    return rc ? out_error(options, &err) : 0;
}

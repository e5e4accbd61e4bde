/* cli_status.c - ops, show, watch, wait, cancel. */
#include "cli_status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cli_config.h"
#include "cli_op.h"
#include "cli_output.h"
#include "cli_wait.h"
#include "fail.h"

/* A connected command, and the ids it was given. */
struct asking {
    struct cli_options options;
    struct cli_config *config;
    struct gpmq_client *client;
    size_t count;
    struct gpmq_id *ids;
};

static void asking_close(struct asking *asking)
{
    gpmq_client_close(&asking->client);
    cli_config_free(&asking->config);
    free(asking->ids);
}

static int parse_id(struct gpmq_id *out, const char *word, struct gpmq_error *err)
{
    if (gpmq_id_parse(out, word) == 0)
        return 0;
    return fail(err, GPMQ_EINVAL,
                "'%s' is no id of an operation: it has 32 hex digits; see: gpmq ops", word);
}

static int asking_open(struct asking *asking, struct gpmq_error *err)
{
    const struct cli_options *options = &asking->options;
    asking->count = (size_t)options->word_count;
    asking->ids = calloc(asking->count + 1, sizeof *asking->ids);
    if (!asking->ids)
        return fail(err, GPMQ_ENOMEM, "cannot keep the ids");
    int rc = 0;
    for (size_t i = 0; i < asking->count && !rc; i++)
        rc = parse_id(&asking->ids[i], options->words[i], err);
    if (!rc)
        rc = cli_config_load(&asking->config, options->config, err);
    return rc ? rc : cli_connect(&asking->client, &asking->options, asking->config, err);
}

/* ---- ops and show -------------------------------------------------------------------------- */

static int page(struct asking *asking, struct gpmq_list_options *list, int64_t *left,
                struct gpmq_error *err)
{
    CLEANUP(gpmq_ops_free) struct gpmq_ops *ops = NULL;
    list->limit = *left < 1000 ? (uint32_t)*left : 1000;
    int rc = gpmq_list(asking->client, list, &ops, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < ops->count; i++)
        op_show_line(&asking->options, &ops->items[i]);
    *left -= (int64_t)ops->count;
    if (!ops->more || ops->count == 0)
        *left = 0;
    else
        list->after = ops->items[ops->count - 1].op;
    return 0;
}

int cli_command_ops(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(asking_close) struct asking asking = {.options = *options};
    struct gpmq_list_options list = {.open_only = options->open_only};
    int64_t left = options->limit > 0 ? options->limit : 100;
    int rc = options->batch ? parse_id(&list.batch, options->batch, &err) : 0;
    if (!rc)
        rc = asking_open(&asking, &err);
    while (!rc && left > 0)
        rc = page(&asking, &list, &left, &err);
    if (!rc && options->json)
        out_json("summary", json_pack("{s:s}", "verb", "ops"));
    return rc ? out_error(options, &err) : 0;
}

static int unknown_id(const struct gpmq_id *id, struct gpmq_error *err)
{
    char text[GPMQ_ID_TEXT_SIZE];
    return fail(err, GPMQ_ENOTFOUND,
                "the broker knows no operation %s: it never had it, or keeps it no longer",
                gpmq_id_text(id, text));
}

static const struct gpmq_op_info *find_op(const struct gpmq_ops *ops, const struct gpmq_id *id)
{
    for (size_t i = 0; i < ops->count; i++)
        if (gpmq_id_equal(&ops->items[i].op, id))
            return &ops->items[i];
    return NULL;
}

/* Asks about all ids; each must be known. */
static int query_all(struct asking *asking, struct gpmq_ops **out, struct gpmq_error *err)
{
    int rc = gpmq_query(asking->client, asking->ids, asking->count, out, err);
    for (size_t i = 0; i < asking->count && !rc; i++)
        if (!find_op(*out, &asking->ids[i]))
            rc = unknown_id(&asking->ids[i], err);
    return rc;
}

int cli_command_show(const struct cli_options *options)
{
    struct gpmq_error err;
    CLEANUP(asking_close) struct asking asking = {.options = *options};
    CLEANUP(gpmq_ops_free) struct gpmq_ops *ops = NULL;
    int rc = asking_open(&asking, &err);
    if (!rc)
        rc = query_all(&asking, &ops, &err);
    if (rc)
        return out_error(options, &err);
    for (size_t i = 0; i < ops->count; i++)
        op_show(options, &ops->items[i]);
    return 0;
}

/* ---- watch and wait ------------------------------------------------------------------------ */

/* The operations of a batch with their labels, so that the lines are readable. */
static int expect_members(struct asking *asking, struct view *view, const struct gpmq_id *batch,
                          struct gpmq_error *err)
{
    struct gpmq_list_options list = {.batch = *batch, .limit = 1000};
    bool more = true;
    int rc = 0;
    while (more && !rc) {
        CLEANUP(gpmq_ops_free) struct gpmq_ops *ops = NULL;
        rc = gpmq_list(asking->client, &list, &ops, err);
        for (size_t i = 0; !rc && i < ops->count; i++) {
            list.after = ops->items[i].op;
            if (!gpmq_id_equal(&ops->items[i].op, batch))
                rc = view_expect(view, &ops->items[i].op, ops->items[i].label, err);
        }
        more = !rc && ops->more && ops->count > 0;
    }
    return rc;
}

static int watch_one(struct asking *asking, struct view *view, const struct gpmq_op_info *op,
                     struct gpmq_error *err)
{
    if (strcmp(op->kind, "batch") == 0) {
        int rc = expect_members(asking, view, &op->op, err);
        view_batch(view, &op->op);
        return rc ? rc : gpmq_watch_batch(asking->client, &op->op, view_status, view, err);
    }
    int rc = view_expect(view, &op->op, op->label, err);
    return rc ? rc : gpmq_watch(asking->client, &op->op, view_status, view, err);
}

static int follow(const struct cli_options *options, const char *verb, bool any)
{
    struct gpmq_error err;
    CLEANUP(asking_close) struct asking asking = {.options = *options};
    CLEANUP(gpmq_ops_free) struct gpmq_ops *ops = NULL;
    CLEANUP(view_free) struct view *view = NULL;
    int rc = asking_open(&asking, &err);
    if (!rc)
        rc = query_all(&asking, &ops, &err);
    if (!rc)
        rc = view_new(&view, &asking.options, verb, &err);
    for (size_t i = 0; !rc && i < ops->count; i++)
        rc = watch_one(&asking, view, &ops->items[i], &err);
    if (rc)
        return out_error(options, &err);
    const struct cli_waiting waiting = {.client = asking.client,
                                        .options = &asking.options,
                                        .view = view,
                                        .ids = asking.ids,
                                        .count = asking.count,
                                        .what = any ? GPMQ_WAIT_ANY : GPMQ_WAIT_ALL};
    return cli_wait(&waiting);
}

int cli_command_watch(const struct cli_options *options)
{
    return follow(options, "watch", false);
}

int cli_command_wait(const struct cli_options *options)
{
    struct cli_options still = *options;
    still.no_progress = true;
    return follow(&still, "wait", options->any);
}

/* ---- cancel -------------------------------------------------------------------------------- */

/* A batch is shown as what it is; what it does not know or may not touch is an error. */
static int show_answer(const struct cli_options *options, const struct gpmq_cancel_answer *answer)
{
    struct gpmq_error err;
    char id[GPMQ_ID_TEXT_SIZE];
    gpmq_id_text(&answer->op, id);
    if (options->json)
        out_json("cancel", json_pack("{s:s, s:s, s:s, s:I}", "op", id, "disposition",
                                     gpmq_disposition_name(answer->disposition), "state",
                                     gpmq_state_name(answer->state), "deadline_ms",
                                     (json_int_t)answer->deadline_ms));
    switch (answer->disposition) {
    case GPMQ_CANCEL_NOW:
        out_text(options, "%s  cancelled", id);
        return 0;
    case GPMQ_CANCEL_PENDING:
        out_text(options, "%s  cancelling, ends within %.0f s", id,
                 (double)answer->deadline_ms / 1000);
        return 0;
    case GPMQ_CANCEL_TOO_LATE:
        fail(&err, GPMQ_ESTATE, "too late to cancel %s: it has ended %s", id,
             gpmq_state_name(answer->state));
        break;
    case GPMQ_CANCEL_NOT_FOUND:
        unknown_id(&answer->op, &err);
        break;
    case GPMQ_CANCEL_DENIED:
    case GPMQ_DISPOSITION_END:
        fail(&err, GPMQ_EDENIED, "%s belongs to another: only its owner or an admin may cancel it",
             id);
        break;
    }
    return out_error(options, &err);
}

int cli_command_cancel(const struct cli_options *options)
{
    struct gpmq_error err;
    int code = 0;
    CLEANUP(asking_close) struct asking asking = {.options = *options};
    asking.options.no_resume = true; /* what is to be cancelled is not finished first */
    int rc = asking_open(&asking, &err);
    CLEANUP(free_pointer)
    struct gpmq_cancel_answer *answers = calloc(asking.count + 1, sizeof *answers);
    if (!rc && !answers)
        rc = fail(&err, GPMQ_ENOMEM, "cannot ask for a cancel");
    if (!rc)
        rc = gpmq_cancel(asking.client, asking.ids, asking.count, options->grace_s * 1000, answers,
                         &err);
    if (rc)
        return out_error(options, &err);
    for (size_t i = 0; i < asking.count; i++) {
        int one = show_answer(options, &answers[i]);
        code = one ? one : code;
    }
    return code;
}

/* cli_batch.c - one operation or many. */
#include "cli_batch.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cli_output.h"
#include "cli_preview.h"
#include "cli_wait.h"
#include "fail.h"

int work_open(struct cli_work *work, const char *verb, struct gpmq_error *err)
{
    work->label = strdup(verb);
    if (!work->label)
        return fail(err, GPMQ_ENOMEM, "cannot prepare a batch");
    return view_new(&work->view, work->options, verb, err);
}

static void item_free(struct gpmq_batch_item *item)
{
    free((char *)item->key);
    free((char *)item->gpo);
    free((char *)item->backup);
    free((char *)item->name);
    free((char *)item->label);
}

void work_close(struct cli_work *work)
{
    for (size_t i = 0; i < work->count; i++)
        item_free(&work->items[i]);
    free(work->items);
    free(work->ops);
    free(work->label);
    view_free(&work->view);
}

/* ---- items --------------------------------------------------------------------------------- */

static int make_room(struct cli_work *work, struct gpmq_error *err)
{
    if (work->count < work->room)
        return 0;
    size_t room = work->room ? work->room * 2 : 64;
    struct gpmq_batch_item *items = realloc(work->items, room * sizeof *items);
    if (!items)
        return fail(err, GPMQ_ENOMEM, "cannot prepare a batch of %zu", room);
    work->items = items;
    work->room = room;
    return 0;
}

/* NULL stays NULL; *failed is set when there is no memory. */
static char *copy(const char *text, bool *failed)
{
    char *made = text ? strdup(text) : NULL;
    *failed = *failed || (text && !made);
    return made;
}

static bool is_twice(const struct cli_work *work, const char *key)
{
    for (size_t i = 0; i < work->count; i++)
        if (strcmp(work->items[i].key, key) == 0)
            return true;
    return false;
}

/* Cuts a label, which is for people, to what a message may carry. */
static void cut_label(char *label)
{
    if (!label || strlen(label) <= GPMQ_LABEL_MAX)
        return;
    size_t end = GPMQ_LABEL_MAX;
    while (end > 0 && ((unsigned char)label[end] & 0xc0) == 0x80)
        end--;
    label[end] = 0;
}

/* Whether an item can be submitted at all: one that cannot fails alone. */
static int judge_item(const struct cli_work *work, const struct gpmq_batch_item *item,
                      struct gpmq_error *err)
{
    if (!work->options->all && is_twice(work, item->key))
        return fail(err, GPMQ_EINVAL, "it was named twice; it is done once");
    if (item->name && strlen(item->name) > GPMQ_LABEL_MAX)
        return fail(err, GPMQ_ETOOBIG, "its display name has %zu bytes, %d are allowed: --name",
                    strlen(item->name), GPMQ_LABEL_MAX);
    return 0;
}

int work_add(struct cli_work *work, const struct gpmq_batch_item *item, struct gpmq_error *err)
{
    struct gpmq_error why;
    if (judge_item(work, item, &why) != 0) {
        view_refused(work->view, item->label, &why);
        return 0;
    }
    int rc = make_room(work, err);
    if (rc)
        return rc;
    bool failed = false;
    struct gpmq_batch_item made = {
        .key = copy(item->key, &failed),
        .gpo = copy(item->gpo, &failed),
        .backup = copy(item->backup, &failed),
        .name = copy(item->name, &failed),
        .label = copy(item->label, &failed),
        .weight = item->weight,
    };
    if (failed) {
        item_free(&made);
        return fail(err, GPMQ_ENOMEM, "cannot prepare a batch");
    }
    cut_label((char *)made.label);
    work->items[work->count++] = made;
    return 0;
}

/* ---- run ----------------------------------------------------------------------------------- */

/* What was submitted, for a dry run to tell of. */
struct follow {
    const struct cli_work *work;
    const struct gpmq_id *single;
    const struct gpmq_answers *answers; /* of a batch; NULL: there is only *single */
};

/* A dry run tells what each would change. */
static void show_previews(void *arg)
{
    const struct follow *follow = arg;
    const struct cli_work *work = follow->work;
    if (!follow->answers)
        cli_preview_show(work->client, work->options, follow->single, work->items[0].label);
    for (size_t i = 0; follow->answers && i < follow->answers->count; i++)
        if (follow->answers->items[i].code >= 0)
            cli_preview_show(work->client, work->options, &follow->answers->items[i].op,
                             work->items[i].label);
}

/* id: of the operation, or of the batch, whose operations are in answers. */
static int follow(struct cli_work *work, const struct gpmq_id *id,
                  const struct gpmq_answers *answers)
{
    struct follow follow = {work, id, answers};
    const struct cli_waiting waiting = {.client = work->client,
                                        .options = work->options,
                                        .view = work->view,
                                        .ids = id,
                                        .count = 1,
                                        .what = GPMQ_WAIT_ALL,
                                        .cancel_on_interrupt = true,
                                        .submitted = &work->request,
                                        .ended = work->options->dry_run ? show_previews : NULL,
                                        .ended_arg = &follow};
    return cli_wait(&waiting);
}

/* Submitted: with --detach that is all. true: there is nothing more to do. */
static bool detached(const struct cli_work *work, const struct gpmq_id *id)
{
    char text[GPMQ_ID_TEXT_SIZE];
    gpmq_id_text(id, text);
    if (work->options->json)
        out_json("submitted", json_pack("{s:s, s:b, s:I}", "id", text, "batch", !work->single,
                                        "count", (json_int_t)work->count));
    else if (work->options->detach)
        out_text(work->options, "%s", text);
    return work->options->detach;
}

static int run_single(struct cli_work *work)
{
    struct gpmq_error err;
    struct gpmq_id op;
    const struct gpmq_batch_item *item = &work->items[0];
    struct gpmq_request request = work->request;
    request.gpo = item->gpo ? item->gpo : request.gpo;
    request.backup = item->backup;
    request.name = item->name ? item->name : request.name;
    request.label = item->label;
    int rc = gpmq_submit(work->client, &request, &op, &err);
    work->op = work->ops[0] = op;
    if (!rc && detached(work, &op))
        return 0;
    if (!rc)
        rc = view_expect(work->view, &op, item->label, &err);
    if (!rc)
        rc = gpmq_watch(work->client, &op, view_status, work->view, &err);
    return rc ? out_error(work->options, &err) : follow(work, &op, NULL);
}

/* What was refused fails alone; what was accepted gets a line in the view. */
static int take_answers(struct cli_work *work, const struct gpmq_answers *answers, int *refusal,
                        struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < answers->count && !rc; i++) {
        const struct gpmq_answer *answer = &answers->items[i];
        struct gpmq_error why;
        if (answer->code < 0) {
            *refusal = fail(&why, answer->code, "%s", answer->text);
            view_refused(work->view, work->items[i].label, &why);
            continue;
        }
        work->ops[i] = answer->op;
        rc = view_expect(work->view, &answer->op, work->items[i].label, err);
    }
    return rc;
}

static int run_batch(struct cli_work *work)
{
    struct gpmq_error err;
    int refusal = 0;
    CLEANUP(gpmq_answers_free) struct gpmq_answers *answers = NULL;
    const struct gpmq_batch batch = {.id = gpmq_id_new(),
                                     .label = work->label,
                                     .request = &work->request,
                                     .item_count = work->count,
                                     .items = work->items,
                                     .last = true};
    int rc = gpmq_submit_batch(work->client, &batch, &answers, &err);
    if (!rc)
        rc = take_answers(work, answers, &refusal, &err);
    if (rc)
        return out_error(work->options, &err);
    const struct view_counts *counts = view_counts_of(work->view);
    if (refusal && counts->refused == counts->expected) {
        view_summary(work->view);
        return gpmq_code_exit(refusal);
    }
    if (detached(work, &batch.id))
        return counts->refused > 0 ? gpmq_code_exit(GPMQ_EPARTIAL) : 0;
    view_batch(work->view, &batch.id);
    rc = gpmq_watch_batch(work->client, &batch.id, view_status, work->view, &err);
    return rc ? out_error(work->options, &err) : follow(work, &batch.id, answers);
}

/* What the line says of when and how often goes for everything that it submits. */
static void apply_schedule(struct gpmq_request *request, const struct cli_schedule *schedule)
{
    request->priority = (int32_t)schedule->priority;
    request->not_before_unix_ms = schedule->not_before_unix_ms;
    request->deadline_unix_ms = schedule->deadline_unix_ms;
    request->run_ms = schedule->run_ms;
    request->stall_ms = schedule->stall_ms;
    request->attempts = (int32_t)schedule->attempts;
    request->backoff_ms = schedule->backoff_ms;
    request->after_count = schedule->after_count;
    memcpy(request->after, schedule->after, sizeof request->after);
}

int work_run(struct cli_work *work)
{
    apply_schedule(&work->request, &work->options->schedule);
    if (work->count == 0) {
        view_summary(work->view);
        return view_exit(view_counts_of(work->view));
    }
    free(work->ops);
    work->ops = calloc(work->count, sizeof *work->ops);
    if (!work->ops) {
        struct gpmq_error err;
        fail(&err, GPMQ_ENOMEM, "cannot follow %zu operations", work->count);
        return out_error(work->options, &err);
    }
    return work->single ? run_single(work) : run_batch(work);
}

bool work_ended_well(const struct cli_work *work, size_t item)
{
    const struct gpmq_status *status =
        work->ops ? gpmq_outcome(work->client, &work->ops[item]) : NULL;
    return status && status->state == GPMQ_SUCCEEDED && status->result &&
           status->result->overall_status == GPMQ_S_OK;
}

int work_content_of(struct cli_work *work, size_t item, struct gpmq_content **out,
                    struct gpmq_error *err)
{
    const struct gpmq_status *status = gpmq_outcome(work->client, &work->ops[item]);
    if (!status || !status->result)
        return fail(err, GPMQ_ENOTFOUND, "the operation has no result");
    return gpmq_result_fetch(work->client, &work->ops[item], status->result, out, err);
}

int work_content(struct cli_work *work, struct gpmq_content **out, struct gpmq_error *err)
{
    const struct gpmq_status *status = gpmq_outcome(work->client, &work->op);
    if (!status || !status->result)
        return fail(err, GPMQ_ENOTFOUND, "the operation has no result");
    return gpmq_result_fetch(work->client, &work->op, status->result, out, err);
}

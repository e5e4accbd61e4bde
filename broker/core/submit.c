/* submit.c - the same id and body is the same operation, whatever happened to the first answer. */
#include "submit.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "batch.h"
#include "deps.h"
#include "fail.h"
#include "judge.h"
#include "operation.h"
#include "record.h"
#include "why.h"

void submit_digest(uint8_t digest[16], struct store_bytes request)
{
    crypto_generichash(digest, 16, request.bytes, request.size, NULL, 0);
}

static struct store_bytes encode(struct core *core, const struct gpmq_request *request)
{
    msgpack_sbuffer *buffer = actions_buffer(core->actions);
    int rc = request_encode(buffer, request);
    assert(rc == 0);
    (void)rc;
    return actions_bytes(core->actions, buffer->data, buffer->size);
}

/* ---- answers ------------------------------------------------------------------------------- */

void submit_refuse(struct core *core, struct submit_answer *answer, const struct gpmq_error *err)
{
    answer->code = err->code;
    answer->text = actions_text(core->actions, err->text);
    answer->retry_after_ms = err->code == GPMQ_EFULL ? CORE_FULL_RETRY_MS : 0;
}

/* An id that is known already: whether it is the same operation. */
static int compare(const struct op_row *row, bool same_request, const struct submitter *from,
                   struct gpmq_error *err)
{
    char text[GPMQ_ID_TEXT_SIZE];
    if (!row->client || strcmp(row->client, from->client) != 0)
        return fail(err, GPMQ_EDENIED, "operation %s was submitted by another client",
                    gpmq_id_text(&row->id, text));
    if (row->is_batch || !same_request)
        return fail(err, GPMQ_ECONFLICT,
                    "operation %s was submitted before with another request; choose a new id",
                    gpmq_id_text(&row->id, text));
    return 0;
}

/* True: the id is known, and the answer is given. */
static bool answer_known(struct core *core, const struct submitter *from, const struct gpmq_id *id,
                         struct store_bytes request, struct submit_answer *answer)
{
    struct op_row row;
    struct store_bytes known;
    struct gpmq_error err;
    bool same;

    const struct operation *op = operation_find(core, id);
    const struct batch *batch = op ? NULL : batch_find(core, id);
    if (op || batch) {
        uint8_t digest[16];
        submit_digest(digest, request);
        same = op && memcmp(digest, op->digest, sizeof digest) == 0;
        row = op ? op->record.row : batch->record.row;
    } else if (from->lookup && from->lookup(from->lookup_arg, id, &row, &known)) {
        same = known.size == request.size && memcmp(known.bytes, request.bytes, known.size) == 0;
    } else {
        return false;
    }
    if (compare(&row, same, from, &err) != 0) {
        submit_refuse(core, answer, &err);
        return true;
    }
    answer->known = true;
    answer->state = row.state;
    return true;
}

/* ---- limits -------------------------------------------------------------------------------- */

static int judge_room(const struct core *core, const char *client, struct gpmq_error *err)
{
    const struct name *name = names_find(&core->names, client);
    if (core->store_full)
        return fail(err, GPMQ_EFULL,
                    "the disk that the broker keeps its queue on is nearly full: nothing new is "
                    "taken until there is room; see its log");
    if (core->open_count >= core->config.open_max)
        return fail(err, GPMQ_EFULL, "the queue is full: %u operations have not ended; retry later",
                    core->open_count);
    if (name && name->open >= core->config.client_open_max)
        return fail(err, GPMQ_EFULL,
                    "client '%s' has %u operations that have not ended; retry later", client,
                    name->open);
    return 0;
}

static int judge_batch(const struct core *core, const struct gpmq_id *id, const char *client,
                       struct gpmq_error *err)
{
    char text[GPMQ_ID_TEXT_SIZE];
    if (gpmq_id_is_none(id))
        return 0;
    const struct batch *batch = batch_find(core, id);
    if (!batch || gpmq_state_is_final(batch->record.row.state))
        return fail(err, GPMQ_ENOTFOUND, "there is no open batch %s", gpmq_id_text(id, text));
    if (strcmp(batch->record.row.client, client) != 0)
        return fail(err, GPMQ_EDENIED, "batch %s belongs to another client",
                    gpmq_id_text(id, text));
    if (batch->record.row.closed)
        return fail(err, GPMQ_ESTATE, "batch %s is closed: no more operations go into it",
                    gpmq_id_text(id, text));
    return 0;
}

/* ---- one operation ------------------------------------------------------------------------- */

static struct op_row first_row(const struct core *core, const struct gpmq_request *request,
                               const char *client)
{
    uint32_t weight = request->weight ? request->weight : 1;
    return (struct op_row){
        .id = request->id,
        .batch = request->batch,
        .priority = (uint8_t)request->priority,
        .state = GPMQ_QUEUED,
        .weight = weight < WEIGHT_MAX ? weight : WEIGHT_MAX,
        .progress_denominator = 1,
        .submitted_unix_ms = core->unix_ms,
        .due_unix_ms =
            request->not_before_unix_ms > core->unix_ms ? request->not_before_unix_ms : 0,
        .client = client,
    };
}

static struct operation *admit(struct core *core, const struct gpmq_request *request,
                               struct store_bytes bytes, const char *client)
{
    struct op_row row = first_row(core, request, client);
    struct operation *op = operation_new(core, &row, request);

    submit_digest(op->digest, bytes);
    deps_link(core, op);
    enum gpmq_reason reason = operation_blocked_by(core, op);
    if (reason)
        operation_move(core, op, EV_WAIT);
    op->record.row.reason = reason;
    operation_place(core, op);
    record_submit(core, &op->record, bytes);
    if (request->input_size)
        record_input(core, &op->record, request);
    if (op->batch)
        op->batch->record.row.total++;
    struct why why = why_it_waits(core, op);
    record_tell_state(core, &op->record, why.text);
    return op;
}

void submit_again(struct core *core, const struct submitter *from,
                  const struct gpmq_request *request, struct submit_answer *answer)
{
    struct gpmq_error err;
    struct store_bytes bytes = encode(core, request);
    answer->op = request->id;
    if (answer_known(core, from, &request->id, bytes, answer))
        return;
    if (judge_room(core, from->client, &err) != 0)
        submit_refuse(core, answer, &err);
    else
        answer->state = admit(core, request, bytes, from->client)->record.row.state;
}

static void submit_one(struct core *core, const struct submitter *from,
                       const struct gpmq_request *request, struct submit_answer *answer)
{
    struct gpmq_error err;

    answer->op = request->id;
    if (judge_request(request, &err) != 0) {
        submit_refuse(core, answer, &err);
        return;
    }
    struct store_bytes bytes = encode(core, request);
    if (answer_known(core, from, &request->id, bytes, answer))
        return;
    if (judge_room(core, from->client, &err) != 0 ||
        judge_batch(core, &request->batch, from->client, &err) != 0 ||
        deps_judge(core, from, request, &err) != 0) {
        submit_refuse(core, answer, &err);
        return;
    }
    answer->state = admit(core, request, bytes, from->client)->record.row.state;
}

struct submit_answer *submit_reply(struct core *core, const struct submitter *from, uint64_t req,
                                   const struct gpmq_id *batch, uint32_t count)
{
    struct message *reply = actions_reply(core->actions, from->peer, MSG_SUBMITTED, req);
    struct msg_submitted *submitted = &reply->submitted;
    submitted->answers = actions_take(core->actions, (count + 1) * sizeof *submitted->answers);
    submitted->answer_count = count;
    if (batch)
        submitted->batch = *batch;
    return submitted->answers;
}

void submit_message(struct core *core, const struct submitter *from, const struct message *message)
{
    const struct msg_submit *submit = &message->submit;
    struct submit_answer *answers = submit_reply(core, from, message->req, NULL, submit->op_count);
    for (uint32_t i = 0; i < submit->op_count; i++)
        submit_one(core, from, &submit->ops[i], &answers[i]);
}

/* ---- batches ------------------------------------------------------------------------------- */

static void begin_batch(struct core *core, const struct submitter *from,
                        const struct msg_submit_batch *submit)
{
    struct op_row row = {
        .id = submit->batch,
        .is_batch = true,
        .state = GPMQ_RUNNING,
        .progress_denominator = BATCH_SCALE,
        .submitted_unix_ms = core->unix_ms,
        .started_unix_ms = core->unix_ms,
        .client = from->client,
    };
    struct gpmq_request request = {.kind = "batch", .label = submit->label};
    if (submit->template)
        request = *submit->template;
    request.kind = "batch";
    request.label = submit->label;
    request.id = submit->batch;

    struct batch *batch = batch_new(core, &row);
    record_submit(core, &batch->record, encode(core, &request));
    record_tell_state(core, &batch->record, NULL);
}

/* Finds or begins the batch. *ended: it ended before, and its operations are only looked at. */
static int open_batch(struct core *core, const struct submitter *from,
                      const struct msg_submit_batch *submit, struct gpmq_error *err)
{
    struct op_row row;
    struct store_bytes request;
    char text[GPMQ_ID_TEXT_SIZE];
    const struct batch *batch = batch_find(core, &submit->batch);

    if (batch)
        row = batch->record.row;
    else if (operation_find(core, &submit->batch))
        row = operation_find(core, &submit->batch)->record.row;
    else if (!from->lookup || !from->lookup(from->lookup_arg, &submit->batch, &row, &request)) {
        begin_batch(core, from, submit);
        return 0;
    }
    if (!row.is_batch)
        return fail(err, GPMQ_ECONFLICT, "%s is the id of an operation, not of a batch",
                    gpmq_id_text(&submit->batch, text));
    if (!row.client || strcmp(row.client, from->client) != 0)
        return fail(err, GPMQ_EDENIED, "batch %s belongs to another client",
                    gpmq_id_text(&submit->batch, text));
    return 0;
}

static int judge_submit_batch(const struct core *core, const struct submitter *from,
                              const struct msg_submit_batch *submit, struct gpmq_error *err)
{
    if (gpmq_id_is_none(&submit->batch))
        return fail(err, GPMQ_EINVAL, "the batch has no id: the client chooses it");
    if (submit->item_count && !submit->template)
        return fail(err, GPMQ_EINVAL, "a batch with items has no template");
    if (submit->template && (!submit->template->kind || !*submit->template->kind))
        return fail(err, GPMQ_EINVAL, "the batch's template has no kind");
    if (!batch_find(core, &submit->batch) && submit->item_count)
        return judge_room(core, from->client, err);
    return 0;
}

static struct gpmq_request item_request(const struct msg_submit_batch *submit,
                                        const struct batch_item *item)
{
    struct gpmq_request request = *submit->template;
    request.id = gpmq_id_derive(&submit->batch, item->key);
    request.batch = submit->batch;
    if (item->gpo)
        request.gpo = item->gpo;
    if (item->backup)
        request.backup = item->backup;
    if (item->name)
        request.name = item->name;
    if (item->label)
        request.label = item->label;
    if (item->weight)
        request.weight = item->weight;
    return request;
}

static void submit_item(struct core *core, const struct submitter *from,
                        const struct msg_submit_batch *submit, const struct batch_item *item,
                        struct submit_answer *answer)
{
    struct gpmq_error err;
    if (!item->key || !*item->key) {
        fail(&err, GPMQ_EINVAL, "an item of the batch has no key");
        submit_refuse(core, answer, &err);
        return;
    }
    struct gpmq_request request = item_request(submit, item);
    submit_one(core, from, &request, answer);
}

void submit_batch_message(struct core *core, const struct submitter *from,
                          const struct message *message)
{
    const struct msg_submit_batch *submit = &message->submit_batch;
    struct gpmq_error err;

    if (judge_submit_batch(core, from, submit, &err) != 0 ||
        open_batch(core, from, submit, &err) != 0) {
        struct message *reply = actions_reply(core->actions, from->peer, MSG_ERROR, message->req);
        reply->error.code = err.code;
        reply->error.text = actions_text(core->actions, err.text);
        reply->error.retry_after_ms = err.code == GPMQ_EFULL ? CORE_FULL_RETRY_MS : 0;
        return;
    }
    struct submit_answer *answers =
        submit_reply(core, from, message->req, &submit->batch, submit->item_count);
    for (uint32_t i = 0; i < submit->item_count; i++)
        submit_item(core, from, submit, &submit->items[i], &answers[i]);

    struct batch *batch = batch_find(core, &submit->batch);
    if (submit->last && batch && !gpmq_state_is_final(batch->record.row.state))
        batch_close(core, batch);
}

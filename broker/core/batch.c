/* batch.c - sums over operations. */
#include "batch.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cancel.h"
#include "cleanup.h"
#include "deps.h"
#include "record.h"

struct batch *batch_find(const struct core *core, const struct gpmq_id *id)
{
    return HOLDER(table_find(&core->batches, id, sizeof *id), struct batch, node);
}

static struct batch *find_or_add(struct core *core, const struct gpmq_id *id)
{
    struct batch *batch = batch_find(core, id);
    if (batch)
        return batch;
    batch = memory_take(sizeof *batch);
    batch->record.row.id = *id;
    batch->due.of = DEADLINE_BATCH;
    LIST_INIT(&batch->operations);
    LIST_INIT(&batch->dependents);
    table_add(&core->batches, &batch->node, &batch->record.row.id, sizeof *id);
    return batch;
}

static void mark_dirty(struct core *core, struct batch *batch)
{
    if (batch->dirty || gpmq_state_is_final(batch->record.row.state))
        return;
    batch->dirty = true;
    LIST_INSERT_HEAD(&core->dirty_batches, batch, in_dirty);
}

struct batch *batch_new(struct core *core, const struct op_row *row)
{
    struct batch *batch = find_or_add(core, &row->id);
    batch->record.row = *row;
    batch->client = names_take(&core->names, row->client);
    batch->record.row.client = batch->client ? batch->client->text : NULL;
    batch->record.row.worker = NULL;
    batch->record.stored_state = row->state;
    mark_dirty(core, batch);
    return batch;
}

void batch_free(struct core *core, struct batch *batch)
{
    if (batch->dirty)
        LIST_REMOVE(batch, in_dirty);
    deadline_set(&core->due, &batch->due, DEADLINE_NEVER);
    table_remove(&core->batches, &batch->node);
    names_give(&core->names, &batch->client);
    free(batch);
}

void batch_forget_ended(struct core *core)
{
    struct batch *batch, *next;
    for (batch = LIST_FIRST(&core->ended_batches); batch; batch = next) {
        next = LIST_NEXT(batch, in_ended);
        batch_free(core, batch);
    }
    LIST_INIT(&core->ended_batches);
}

void batch_join(struct core *core, struct operation *op)
{
    if (gpmq_id_is_none(&op->record.row.batch))
        return;
    op->batch = find_or_add(core, &op->record.row.batch);
    op->batch->weight_open += op->record.row.weight;
    LIST_INSERT_HEAD(&op->batch->operations, op, in_batch);
    batch_moved(core, op);
}

void batch_leave(struct operation *op)
{
    struct batch *batch = STEAL(op->batch);
    if (!batch)
        return;
    batch->weight_open -= op->record.row.weight;
    batch->done_open -= op->batch_done;
    op->batch_done = 0;
    LIST_REMOVE(op, in_batch);
}

void batch_moved(struct core *core, struct operation *op)
{
    const struct op_row *row = &op->record.row;
    if (!op->batch)
        return;
    uint64_t done = 0;
    if (row->progress_denominator > 0)
        done = (uint64_t)BATCH_SCALE * (uint64_t)row->progress_numerator /
               (uint64_t)row->progress_denominator * row->weight;
    op->batch->done_open += done - op->batch_done;
    op->batch_done = done;
    mark_dirty(core, op->batch);
}

/* Which of a batch's sums an ended operation counts in. */
static uint32_t *sum_for(struct op_row *sums, enum gpmq_state state)
{
    if (state == GPMQ_SUCCEEDED)
        return &sums->succeeded;
    if (state == GPMQ_CANCELLED || state == GPMQ_CANCELLED_UNCONFIRMED)
        return &sums->cancelled;
    return &sums->failed;
}

void batch_count(struct core *core, struct operation *op)
{
    struct batch *batch = op->batch;
    if (!batch)
        return;
    ++*sum_for(&batch->record.row, op->record.row.state);
    batch->record.row.weight += op->record.row.weight;
    mark_dirty(core, batch);
}

void batch_close(struct core *core, struct batch *batch)
{
    if (batch->record.row.closed)
        return;
    batch->record.row.closed = true;
    record_save(core, &batch->record);
    mark_dirty(core, batch);
}

void batch_cancel(struct core *core, struct batch *batch, int64_t grace_ms)
{
    struct op_row *row = &batch->record.row;
    struct operation *op, *next;

    if (row->state == GPMQ_RUNNING) {
        row->state = GPMQ_CANCELLING;
        row->cancel_requested = true;
        row->closed = true;
        record_tell_state(core, &batch->record, NULL);
    }
    for (op = LIST_FIRST(&batch->operations); op; op = next) {
        next = LIST_NEXT(op, in_batch);
        cancel_operation(core, op, grace_ms);
    }
    mark_dirty(core, batch);
}

/* How a batch ends, from its sums. */
struct batch_end {
    enum op_event event;
    int32_t code;
    int32_t hr_status;
    int32_t overall_status;
};

static struct batch_end end_of(const struct op_row *row)
{
    bool all_cancelled = row->cancelled && !row->succeeded && !row->failed;

    if (!row->failed && !row->cancelled && !(row->cancel_requested && !row->total))
        return (struct batch_end){EV_SUCCEED, GPMQ_OK, GPMQ_S_OK, GPMQ_S_OK};
    if (row->cancel_requested || all_cancelled)
        return (struct batch_end){EV_CANCELLED, GPMQ_ESTOPPED, GPMQ_HR_CANCELLED,
                                  GPMQ_HR_CANCELLED};
    if (row->succeeded)
        return (struct batch_end){EV_FAIL, GPMQ_EPARTIAL, gpmq_code_hresult(GPMQ_EPARTIAL),
                                  gpmq_code_hresult(GPMQ_EPARTIAL)};
    return (struct batch_end){EV_FAIL, GPMQ_EPARTIAL, GPMQ_HR_FAIL, GPMQ_HR_FAIL};
}

#define SUM_TEXT_SIZE 12

static void tell_end(struct core *core, struct batch *batch, int32_t overall_status)
{
    const struct op_row *row = &batch->record.row;
    const struct {
        const char *name;
        uint32_t sum;
    } sums[] = {{"total", row->total},
                {"succeeded", row->succeeded},
                {"failed", row->failed},
                {"cancelled", row->cancelled}};
    enum { SUM_COUNT = sizeof sums / sizeof *sums };
    char texts[SUM_COUNT][SUM_TEXT_SIZE];
    struct gpmq_property properties[SUM_COUNT];

    for (int i = 0; i < SUM_COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "%" PRIu32, sums[i].sum);
        properties[i] = (struct gpmq_property){sums[i].name, texts[i]};
    }
    struct gpmq_result result = {.type = "batch",
                                 .overall_status = overall_status,
                                 .property_count = SUM_COUNT,
                                 .properties = properties};
    record_result(core, &batch->record, &result);
    record_tell(core, &batch->record, &(struct tale){.kind = GPMQ_FRAME_FINAL, .result = &result});
}

static void end(struct core *core, struct batch *batch)
{
    struct op_row *row = &batch->record.row;
    struct batch_end how = end_of(row);

    if (how.event == EV_CANCELLED && row->state == GPMQ_RUNNING)
        row->state = GPMQ_CANCELLING; /* each by itself, and all of them */
    if (batch->record.progress_held)
        record_tell(core, &batch->record, &(struct tale){.kind = GPMQ_FRAME_PROGRESS});
    int rc = lifecycle_next(row->state, how.event, &row->state);
    assert(rc == 0);
    (void)rc;
    row->code = how.code;
    row->hr_status = how.hr_status;
    row->finished_unix_ms = core->unix_ms;
    row->progress_numerator = row->progress_denominator = BATCH_SCALE;
    tell_end(core, batch, how.overall_status);
    deps_tell(core, row, &batch->dependents, row->state == GPMQ_SUCCEEDED);
    deadline_set(&core->due, &batch->due, DEADLINE_NEVER);
    LIST_INSERT_HEAD(&core->ended_batches, batch, in_ended);
}

static void get_on(struct core *core, struct batch *batch)
{
    struct op_row *row = &batch->record.row;
    uint64_t weight = row->weight + batch->weight_open;
    int32_t before = row->progress_numerator;

    if (weight)
        record_progress(
            &batch->record,
            (int32_t)(((uint64_t)row->weight * BATCH_SCALE + batch->done_open) / weight),
            BATCH_SCALE);
    record_save(core, &batch->record);
    if (row->progress_numerator > before)
        batch_due(core, batch);
}

void batch_due(struct core *core, struct batch *batch)
{
    deadline_set(&core->due, &batch->due, record_tell_progress(core, &batch->record));
}

void batch_settle(struct core *core)
{
    for (struct batch *batch; (batch = LIST_FIRST(&core->dirty_batches));) {
        LIST_REMOVE(batch, in_dirty);
        batch->dirty = false;
        assert(batch->record.row.state); /* its row was loaded */
        if (batch->record.row.closed && LIST_EMPTY(&batch->operations))
            end(core, batch);
        else
            get_on(core, batch);
    }
}

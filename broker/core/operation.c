/* operation.c - from submission to the end. */
#include "operation.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "deps.h"
#include "keys.h"
#include "lease.h"
#include "record.h"
#include "route.h"
#include "why.h"

struct operation *operation_find(const struct core *core, const struct gpmq_id *id)
{
    return HOLDER(table_find(&core->operations, id, sizeof *id), struct operation, node);
}

static void take_limits(struct operation *op, const struct gpmq_request *request)
{
    op->deadline_unix_ms = request->deadline_unix_ms;
    op->run_ms = request->run_ms;
    op->grace_ms = request->grace_ms ? request->grace_ms : GPMQ_GRACE_DEFAULT_MS;
    op->retry = retry_policy_of(request);
    op->stall_ms = request->stall_ms;
    op->run_end_ms = op->stall_end_ms = DEADLINE_NEVER;
    op->keepalive_ms = DEADLINE_NEVER;
    op->lease_end_ms = DEADLINE_NEVER;
}

struct operation *operation_new(struct core *core, const struct op_row *row,
                                const struct gpmq_request *request)
{
    struct operation *op = memory_take(sizeof *op);

    op->record.row = *row;
    op->client = names_take(&core->names, row->client);
    op->worker = names_take(&core->names, row->worker);
    op->record.row.client = op->client ? op->client->text : NULL;
    op->record.row.worker = op->worker ? op->worker->text : NULL;
    if (op->client)
        op->client->open++;
    op->route = route_take(core, request);
    keys_take(core, op, request);
    take_limits(op, request);
    deps_take(core, op, request);
    op->due.of = op->due_wall.of = DEADLINE_OPERATION;
    op->order = core->order_next++;
    core->open_count++;
    core->depths[row->state]++;
    table_add(&core->operations, &op->node, &op->record.row.id, sizeof op->record.row.id);
    batch_join(core, op);
    return op;
}

/* It no longer takes part in anything; only its id is still known. */
static void retire(struct core *core, struct operation *op)
{
    queue_leave(op);
    fair_leave(op);
    deps_drop(core, op);
    lease_drop(core, op);
    keys_release(core, op);
    keys_give(core, op);
    route_give(core, &op->route);
    deadline_set(&core->due, &op->due, DEADLINE_NEVER);
    deadline_set(&core->due_wall, &op->due_wall, DEADLINE_NEVER);
    batch_leave(op);
    if (op->client)
        op->client->open--;
    core->open_count--;
}

static void let_go(struct core *core, struct operation *op)
{
    table_remove(&core->operations, &op->node);
    names_give(&core->names, &op->client);
    names_give(&core->names, &op->worker);
    free(op);
}

void operation_free(struct core *core, struct operation *op)
{
    if (!gpmq_state_is_final(op->record.row.state)) {
        core->depths[op->record.row.state]--;
        deps_tell(core, &op->record.row, &op->dependents, true);
        retire(core, op);
    }
    let_go(core, op);
}

void operation_forget_ended(struct core *core)
{
    struct operation *op, *next;
    for (op = LIST_FIRST(&core->ended); op; op = next) {
        next = LIST_NEXT(op, in_ended);
        let_go(core, op);
    }
    LIST_INIT(&core->ended);
}

enum gpmq_reason operation_blocked_by(const struct core *core, const struct operation *op)
{
    if (op->dep_open)
        return GPMQ_REASON_DEPENDENCY;
    if (op->record.row.due_unix_ms > core->unix_ms)
        return GPMQ_REASON_NOT_BEFORE;
    if (op->route->paused)
        return GPMQ_REASON_PAUSED;
    if (!op->route->server_count)
        return GPMQ_REASON_NO_WORKER;
    if (keys_blocking(op))
        return GPMQ_REASON_KEY;
    return GPMQ_REASON_NONE;
}

/* After a restart a row may wait for a key whose holders are not loaded, or are gone: any of its
 * keys will do, since whoever is woken looks again. */
static void place_waiting(struct core *core, struct operation *op)
{
    enum gpmq_reason reason = op->record.row.reason;
    if (reason == GPMQ_REASON_KEY && op->key_count) {
        struct key *key = keys_blocking(op);
        keys_wait(core, key ? key : op->keys[0].key, op);
    } else if (reason == GPMQ_REASON_PAUSED && op->route->paused) {
        queue_push(&op->route->held, op);
    } else if (reason != GPMQ_REASON_NOT_BEFORE && reason != GPMQ_REASON_DEPENDENCY) {
        queue_push(&op->route->waiting, op);
    }
}

void operation_place(struct core *core, struct operation *op)
{
    assert(!op->queue && !op->share);
    if (op->record.row.state == GPMQ_WAITING) {
        place_waiting(core, op);
    } else if (op->record.row.state == GPMQ_QUEUED && op->rest_until_ms <= core->now_ms) {
        op->rest_until_ms = 0;
        if (op->record.row.attempt)
            fair_push_first(core, &op->route->ready, op);
        else
            fair_push(core, &op->route->ready, op);
        route_activate(core, op->route);
    }
    operation_arm(core, op);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t due_ms(const struct operation *op)
{
    const struct op_row *row = &op->record.row;
    int64_t at_ms = DEADLINE_NEVER;
    if (row->state == GPMQ_QUEUED && op->rest_until_ms)
        at_ms = op->rest_until_ms;
    if (!lifecycle_is_leased(row->state))
        return at_ms;
    at_ms = earlier(op->lease_end_ms, op->run_end_ms);
    at_ms = earlier(at_ms, op->stall_end_ms);
    at_ms = earlier(at_ms, op->keepalive_ms);
    if (op->stop)
        at_ms = earlier(at_ms, op->stop_by_ms);
    if (op->record.progress_held)
        at_ms = earlier(at_ms, op->record.progress_at_ms);
    return at_ms;
}

static int64_t due_wall_ms(const struct operation *op)
{
    const struct op_row *row = &op->record.row;
    int64_t at_ms = DEADLINE_NEVER;
    bool later = row->state == GPMQ_RETRY_WAIT ||
                 (row->state == GPMQ_WAITING && row->reason == GPMQ_REASON_NOT_BEFORE);
    if (later)
        at_ms = row->due_unix_ms;
    if (op->deadline_unix_ms && row->state != GPMQ_CANCELLING)
        at_ms = earlier(at_ms, op->deadline_unix_ms);
    return at_ms;
}

void operation_arm(struct core *core, struct operation *op)
{
    deadline_set(&core->due, &op->due, due_ms(op));
    deadline_set(&core->due_wall, &op->due_wall, due_wall_ms(op));
}

void operation_move(struct core *core, struct operation *op, enum op_event event)
{
    enum gpmq_state from = op->record.row.state, to;
    int rc = lifecycle_next(from, event, &to);
    assert(rc == 0);
    (void)rc;

    core->depths[from]--;
    if (!gpmq_state_is_final(to))
        core->depths[to]++;
    op->record.row.state = to;
    op->record.row.reason = GPMQ_REASON_NONE;
    queue_leave(op);
    fair_leave(op);
    if (lifecycle_is_leased(from) && !lifecycle_is_leased(to)) {
        lease_drop(core, op);
        if (op->client)
            op->client->live--;
    }
    if (!lifecycle_is_leased(from) && lifecycle_is_leased(to) && op->client)
        op->client->live++;
    bool had_turn = from == GPMQ_QUEUED || lifecycle_is_leased(from);
    if (had_turn && !lifecycle_is_leased(to))
        keys_release(core, op);
}

void operation_queue(struct core *core, struct operation *op)
{
    enum gpmq_reason reason;
    operation_move(core, op, EV_QUEUE);
    reason = operation_blocked_by(core, op);
    if (reason) {
        operation_wait(core, op, reason);
        return;
    }
    op->record.row.due_unix_ms = 0;
    operation_place(core, op);
    record_tell_state(core, &op->record, NULL);
}

void operation_wait(struct core *core, struct operation *op, enum gpmq_reason reason)
{
    operation_move(core, op, EV_WAIT);
    op->record.row.reason = reason;
    operation_place(core, op);
    struct why why = why_it_waits(core, op);
    record_tell_state(core, &op->record, why.text);
}

static void complete_progress(struct op_row *row)
{
    if (row->progress_denominator < 1)
        row->progress_denominator = 1;
    row->progress_numerator = row->progress_denominator;
}

void operation_end(struct core *core, struct operation *op, enum op_event event,
                   const struct outcome *outcome)
{
    struct op_row *row = &op->record.row;
    struct gpmq_result none = {.type = "none", .overall_status = outcome->hr_status};
    struct tale last = {.kind = GPMQ_FRAME_FINAL,
                        .result = outcome->result ? outcome->result : &none,
                        .msg_count = outcome->msg_count,
                        .msgs = outcome->msgs};

    if (op->record.progress_held)
        record_tell(core, &op->record, &(struct tale){.kind = GPMQ_FRAME_PROGRESS});
    record_tell_first(core, &op->record, &last);

    operation_move(core, op, event);
    assert(gpmq_state_is_final(row->state));
    row->code = outcome->code;
    row->hr_status = outcome->hr_status;
    row->due_unix_ms = 0;
    row->finished_unix_ms = core->unix_ms;
    complete_progress(row);
    record_result(core, &op->record, last.result);
    record_tell(core, &op->record, &last);

    batch_count(core, op);
    deps_tell(core, row, &op->dependents, row->state == GPMQ_SUCCEEDED);
    retire(core, op);
    LIST_INSERT_HEAD(&core->ended, op, in_ended);
}

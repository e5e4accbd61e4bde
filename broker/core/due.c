/* due.c - leases, offers, retries, limits, and progress that was held back. */
#include "due.h"

#include "batch.h"
#include "lease.h"
#include "record.h"
#include "roster.h"
#include "route.h"

/* The attempt goes on too long: it is told to stop, once. */
static void run_limit(struct core *core, struct operation *op)
{
    op->run_end_ms = DEADLINE_NEVER;
    if (op->record.row.state == GPMQ_RUNNING && !op->stop)
        lease_stop(core, op, STOP_RUN_LIMIT, 0);
}

/* It tells of no progress any more: the same. */
static void stall_limit(struct core *core, struct operation *op)
{
    op->stall_end_ms = DEADLINE_NEVER;
    if (op->record.row.state == GPMQ_RUNNING && !op->stop)
        lease_stop(core, op, STOP_STALL, 0);
}

/* What a live lease is due for. At most one thing ends it. */
static void lease_due(struct core *core, struct operation *op)
{
    if (core->now_ms >= op->lease_end_ms) {
        lease_lost(core, op,
                   op->adrift ? "its worker did not come back after the broker's restart"
                              : "its worker did not renew its lease");
        return;
    }
    if (op->stop && core->now_ms >= op->stop_by_ms) {
        lease_overrun(core, op);
        return;
    }
    if (core->now_ms >= op->run_end_ms)
        run_limit(core, op);
    if (core->now_ms >= op->stall_end_ms)
        stall_limit(core, op);
    if (op->record.progress_held && core->now_ms >= op->record.progress_at_ms)
        record_tell_progress(core, &op->record);
    if (core->now_ms >= op->keepalive_ms) {
        record_tell_alive(core, &op->record);
        op->keepalive_ms = core->now_ms + core->config.keepalive_ms;
    }
    operation_arm(core, op);
}

static void operation_due(struct core *core, struct operation *op)
{
    if (lifecycle_is_leased(op->record.row.state))
        lease_due(core, op);
    else if (op->record.row.state == GPMQ_QUEUED && op->rest_until_ms)
        operation_place(core, op);
    else
        operation_arm(core, op);
}

/* Ends at once what no worker has, and has the worker stop what it runs. */
static void expire(struct core *core, struct operation *op)
{
    static const struct gpmq_status_msg msg = {.message = "its deadline has passed",
                                               .operation_code = GPMQ_EEXPIRED};
    if (!lifecycle_is_leased(op->record.row.state)) {
        operation_end(core, op, EV_EXPIRE,
                      &(struct outcome){.code = GPMQ_EEXPIRED,
                                        .hr_status = gpmq_code_hresult(GPMQ_EEXPIRED),
                                        .msg_count = 1,
                                        .msgs = &msg});
        return;
    }
    operation_move(core, op, EV_EXPIRE);
    lease_stop(core, op, STOP_DEADLINE, 0);
    record_tell_state(core, &op->record, msg.message);
}

static void operation_due_wall(struct core *core, struct operation *op)
{
    const struct op_row *row = &op->record.row;
    if (op->deadline_unix_ms && op->deadline_unix_ms <= core->unix_ms &&
        row->state != GPMQ_CANCELLING)
        expire(core, op);
    else if (row->due_unix_ms <= core->unix_ms &&
             (row->state == GPMQ_RETRY_WAIT || row->state == GPMQ_WAITING))
        operation_queue(core, op);
    else
        operation_arm(core, op);
}

static void fire(struct core *core, struct deadline *deadline)
{
    switch (deadline->of) {
    case DEADLINE_OPERATION:
        operation_due(core, HOLDER(deadline, struct operation, due));
        break;
    case DEADLINE_BATCH:
        batch_due(core, HOLDER(deadline, struct batch, due));
        break;
    case DEADLINE_SESSION:
        roster_silent(core, HOLDER(deadline, struct session, silent));
        break;
    case DEADLINE_ROUTE:
        deadline_set(&core->due, deadline, DEADLINE_NEVER);
        route_bare(core, HOLDER(deadline, struct route, bare));
        break;
    }
}

void due_all(struct core *core)
{
    for (struct deadline *deadline;
         (deadline = deadline_first(&core->due)) && deadline->at_ms <= core->now_ms;)
        fire(core, deadline);
    for (struct deadline *deadline;
         (deadline = deadline_first(&core->due_wall)) && deadline->at_ms <= core->unix_ms;)
        operation_due_wall(core, HOLDER(deadline, struct operation, due_wall));
}

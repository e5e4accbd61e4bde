/* lease.c - an attempt, from the assignment to its end. */
#include "lease.h"

#include <assert.h>
#include <stdio.h>

#include "keys.h"
#include "record.h"

static void attach(struct operation *op, struct session *session)
{
    op->session = session;
    LIST_INSERT_HEAD(&session->leases, op, in_session);
    session->lease_count++;
}

static void detach(struct operation *op)
{
    if (op->session)
        op->session->lease_count--;
    if (op->session || op->adrift)
        LIST_REMOVE(op, in_session);
    op->session = NULL;
    op->adrift = false;
}

/* The next fence; a new block of them is reserved in this round when none is left. A fence is not
 * lower than the wall clock's, so that a domain that has seen another broker, or an older store,
 * takes ours for newer; should the clock fall, they go on from the last. */
static uint64_t take_fence(struct core *core)
{
    uint64_t clock = (uint64_t)core->unix_ms << FENCE_PER_MS_BITS;
    if (core->fence_next < clock)
        core->fence_next = clock;
    if (core->fence_next >= core->fence_limit) {
        core->fence_limit = core->fence_next + core->config.fence_block;
        actions_add(core->actions, CORE_STORE_FENCES, NULL)->number = core->fence_limit;
    }
    return core->fence_next++;
}

void lease_assign(struct core *core, struct operation *op, struct session *session)
{
    struct op_row *row = &op->record.row;

    operation_move(core, op, EV_ASSIGN);
    keys_hold(op);
    row->fence = take_fence(core);
    row->report_n = 0;
    names_give(&core->names, &op->worker);
    op->worker = names_take(&core->names, session->name->text);
    row->worker = op->worker->text;
    op->lease_end_ms = core->now_ms + core->config.offer_ms;
    attach(op, session);
    operation_arm(core, op);
    record_save(core, &op->record);

    struct core_action *action = actions_add(core->actions, CORE_ASSIGN, NULL);
    action->peer = session->peer;
    action->session = session->number;
    action->op = row->id;
    action->number = row->fence;
    action->attempt = row->attempt + 1;
}

void lease_adopt(struct core *core, struct operation *op, struct session *session)
{
    detach(op);
    attach(op, session);
    lease_renew(core, op);
}

void lease_renew(struct core *core, struct operation *op)
{
    op->missing_ms = 0;
    op->lease_end_ms = core->now_ms + core->config.lease_ms + core->config.slack_ms;
    operation_arm(core, op);
}

void lease_moved(struct core *core, struct operation *op)
{
    if (op->stall_ms && !op->stop)
        op->stall_end_ms = core->now_ms + op->stall_ms;
}

void lease_accept(struct core *core, struct operation *op)
{
    struct op_row *row = &op->record.row;

    operation_move(core, op, EV_ACCEPT);
    op->accepted = true;
    row->attempt++;
    row->started_unix_ms = core->unix_ms;
    row->progress_numerator = 0;
    if (row->progress_denominator < 1)
        row->progress_denominator = 1;
    if (op->run_ms && !op->stop)
        op->run_end_ms = core->now_ms + op->run_ms;
    lease_moved(core, op);
    op->keepalive_ms = core->now_ms + core->config.keepalive_ms;
    lease_renew(core, op);
    record_tell_state(core, &op->record, NULL);
}

struct lease_answer lease_order(const struct operation *op)
{
    return (struct lease_answer){
        .op = op->record.row.id,
        .fence = op->record.row.fence,
        .order = op->stop ? LEASE_STOP : LEASE_KEEP,
        .grace_ms = op->stop ? op->stop_grace_ms : 0,
    };
}

static void send_stop(struct core *core, const struct operation *op)
{
    if (!op->session)
        return;
    struct message *message = actions_reply(core->actions, op->session->peer, MSG_STOP, 0);
    message->stop.session = op->session->number;
    message->stop.stop_count = 1;
    message->stop.stops = actions_take(core->actions, sizeof *message->stop.stops);
    message->stop.stops[0] = lease_order(op);
}

/* A worker that has been heard within two renewals answers within the grace; one that is silent
 * may be gone, and then its lease has to run out. */
static int64_t stop_bound_ms(const struct core *core, const struct operation *op)
{
    int64_t bound_ms = op->stop_grace_ms + CANCEL_MARGIN_MS;
    int64_t lease_ms = core->config.lease_ms + core->config.slack_ms;
    bool heard =
        op->session && core->now_ms - op->session->heard_ms <= core->config.lease_ms * 2 / 3;
    return heard || bound_ms > lease_ms ? bound_ms : lease_ms;
}

void lease_stop(struct core *core, struct operation *op, enum stop_why why, int64_t grace_ms)
{
    bool again = op->stop != STOP_NONE;
    op->stop_grace_ms = grace_ms > 0 ? grace_ms : op->grace_ms;
    int64_t by_ms = core->now_ms + stop_bound_ms(core, op);
    if (!again || by_ms < op->stop_by_ms)
        op->stop_by_ms = by_ms;
    op->stop = why;
    op->run_end_ms = op->stall_end_ms = DEADLINE_NEVER;
    operation_arm(core, op);
    send_stop(core, op);
}

int64_t lease_stop_left_ms(const struct core *core, const struct operation *op)
{
    int64_t left_ms = op->stop_by_ms - core->now_ms;
    return left_ms > 0 ? left_ms : 0;
}

void lease_drop(struct core *core, struct operation *op)
{
    (void)core;
    detach(op);
    op->accepted = false;
    op->stop = STOP_NONE;
    op->missing_ms = 0;
    op->lease_end_ms = op->run_end_ms = op->keepalive_ms = DEADLINE_NEVER;
    op->stall_end_ms = DEADLINE_NEVER;
}

/* outcome.c - what becomes of an operation when its attempt has ended. */
#include "lease.h"

#include <stdio.h>
#include <string.h>

#include "record.h"

/* Attempts that ended badly, and neither by a crash nor by a loss. */
static int32_t failures(const struct op_row *row)
{
    return (int32_t)(row->attempt - row->crashes - row->losses);
}

static int64_t wait_ms(const struct operation *op, int32_t code)
{
    return retry_wait_ms(&op->retry, &op->record.row.id, code, op->record.row.attempt);
}

static void retry_later(struct core *core, struct operation *op, enum op_event event, int64_t in_ms,
                        const struct outcome *outcome)
{
    struct op_row *row = &op->record.row;
    char text[GPMQ_ERROR_TEXT_SIZE];
    struct gpmq_status_msg msgs[GPMQ_STATUS_MSGS_MAX + 1];
    uint32_t count =
        outcome->msg_count < GPMQ_STATUS_MSGS_MAX ? outcome->msg_count : GPMQ_STATUS_MSGS_MAX - 1;

    for (uint32_t i = 0; i < count; i++)
        msgs[i] = outcome->msgs[i];
    snprintf(text, sizeof text, "attempt %u ended: %s; the next one begins in %lld ms",
             row->attempt, gpmq_code_name(outcome->code), (long long)in_ms);
    msgs[count] = (struct gpmq_status_msg){
        .message = text, .operation_code = outcome->code, .error_code = outcome->hr_status};

    operation_move(core, op, event);
    row->due_unix_ms = core->unix_ms + in_ms;
    row->hr_status = outcome->hr_status;
    operation_place(core, op);
    record_tell(core, &op->record,
                &(struct tale){.kind = GPMQ_FRAME_STATE, .msg_count = count + 1, .msgs = msgs});
    row->hr_status = 0;
}

/* It is over because of why it was stopped. */
static void end_stopped(struct core *core, struct operation *op, enum op_event cancelled,
                        const struct gpmq_result *result)
{
    bool wished = op->record.row.cancel_requested;
    struct outcome outcome = {.code = wished ? GPMQ_ESTOPPED : GPMQ_EEXPIRED};
    outcome.hr_status = gpmq_code_hresult(outcome.code);

    struct gpmq_result settled; /* its worker knows that it was stopped, not why */
    if (result) {
        settled = *result;
        settled.overall_status = outcome.hr_status;
        outcome.result = &settled;
    }
    operation_end(core, op, wished ? cancelled : EV_EXPIRED, &outcome);
}

void lease_succeeded(struct core *core, struct operation *op, const struct outcome *outcome)
{
    operation_end(core, op, EV_SUCCEED, outcome);
}

void lease_failed(struct core *core, struct operation *op, const struct outcome *outcome,
                  bool retryable)
{
    bool again = op->record.row.state == GPMQ_RUNNING && retryable &&
                 retry_again(&op->retry, outcome->code, failures(&op->record.row));
    if (again)
        retry_later(core, op, EV_RETRY, wait_ms(op, outcome->code), outcome);
    else
        operation_end(core, op, EV_FAIL, outcome);
}

static void fail_with(struct core *core, struct operation *op, int32_t code, const char *why)
{
    struct gpmq_status_msg msg = {
        .message = why, .operation_code = code, .error_code = gpmq_code_hresult(code)};
    lease_failed(
        core, op,
        &(struct outcome){
            .code = code, .hr_status = gpmq_code_hresult(code), .msg_count = 1, .msgs = &msg},
        true);
}

static bool run_limit_passed(const struct core *core, const struct operation *op)
{
    return op->run_ms && core->unix_ms - op->record.row.started_unix_ms >= op->run_ms;
}

void lease_stopped(struct core *core, struct operation *op, const struct outcome *outcome)
{
    if (op->record.row.state == GPMQ_CANCELLING)
        end_stopped(core, op, EV_CANCELLED, outcome->result);
    else if (op->stop == STOP_STALL)
        fail_with(core, op, GPMQ_ETIMEOUT,
                  "the attempt made no progress for as long as its stall limit");
    else if (op->stop == STOP_RUN_LIMIT || run_limit_passed(core, op))
        fail_with(core, op, GPMQ_ETIMEOUT, "the attempt reached its run-time limit");
    else
        lease_released(core, op); /* its worker was stopped, not the operation */
}

/* Back to the queue, from where it never went away for those who look. */
static void requeue(struct core *core, struct operation *op, enum op_event event)
{
    operation_move(core, op, event);
    operation_place(core, op);
    record_save(core, &op->record);
}

void lease_rejected(struct core *core, struct operation *op)
{
    if (op->record.row.state == GPMQ_CANCELLING) {
        end_stopped(core, op, EV_REJECT, NULL);
        return;
    }
    op->rest_until_ms = core->now_ms + REJECT_REST_MS;
    requeue(core, op, EV_REJECT);
}

void lease_released(struct core *core, struct operation *op)
{
    struct op_row *row = &op->record.row;
    if (row->state == GPMQ_CANCELLING) {
        end_stopped(core, op, EV_CANCELLED, NULL);
    } else if (row->state == GPMQ_ASSIGNED) {
        requeue(core, op, EV_LOST);
    } else {
        retry_later(core, op, EV_RETRY, 0, &(struct outcome){.code = GPMQ_ELOST, .hr_status = 0});
        row->attempt--;
        record_save(core, &op->record);
    }
}

/* Its executor or its worker died: one more of `count`, of which `most` make it DEAD; NULL: it was
 * nobody's fault, and no attempt was used. */
static void died(struct core *core, struct operation *op, const char *why, uint32_t *count,
                 uint32_t most)
{
    struct op_row *row = &op->record.row;
    struct gpmq_status_msg msg = {
        .message = why, .operation_code = GPMQ_ELOST, .error_code = gpmq_code_hresult(GPMQ_ELOST)};
    struct outcome outcome = {.code = GPMQ_ELOST,
                              .hr_status = gpmq_code_hresult(GPMQ_ELOST),
                              .msg_count = 1,
                              .msgs = &msg};

    if (row->state == GPMQ_CANCELLING) {
        end_stopped(core, op, EV_CANCELLED, NULL);
        return;
    }
    if (count && ++*count >= most) {
        operation_end(core, op, EV_KILL, &outcome);
        return;
    }
    retry_later(core, op, EV_LOST, wait_ms(op, GPMQ_ELOST), &outcome);
    if (!count) {
        row->attempt--;
        record_save(core, &op->record);
    }
}

void lease_crashed(struct core *core, struct operation *op, const char *why)
{
    died(core, op, why, &op->record.row.crashes, core->config.crashes_max);
}

void lease_lost(struct core *core, struct operation *op, const char *why)
{
    switch (op->record.row.state) {
    case GPMQ_ASSIGNED:
        requeue(core, op, EV_LOST);
        return;
    case GPMQ_CANCELLING:
        end_stopped(core, op, EV_UNCONFIRMED, NULL);
        return;
    default:
        died(core, op, why, op->adrift ? NULL : &op->record.row.losses, core->config.losses_max);
    }
}

void lease_overrun(struct core *core, struct operation *op)
{
    if (op->record.row.state == GPMQ_CANCELLING)
        end_stopped(core, op, EV_UNCONFIRMED, NULL);
    else
        fail_with(core, op, GPMQ_ETIMEOUT,
                  op->stop == STOP_STALL
                      ? "the attempt made no progress and did not stop when told to"
                      : "the attempt reached its run-time limit and did not stop when told to");
}

/* cancel.c - each wish to cancel is recorded first, and has an answer. */
#include "cancel.h"

#include <string.h>

#include "batch.h"
#include "lease.h"
#include "record.h"

void cancel_operation(struct core *core, struct operation *op, int64_t grace_ms)
{
    struct op_row *row = &op->record.row;
    bool again = row->cancel_requested;

    if (gpmq_state_is_final(row->state))
        return;
    row->cancel_requested = true;
    if (!lifecycle_is_leased(row->state)) {
        operation_end(core, op, EV_CANCEL,
                      &(struct outcome){.code = GPMQ_ESTOPPED, .hr_status = GPMQ_HR_CANCELLED});
        return;
    }
    operation_move(core, op, EV_CANCEL);
    lease_stop(core, op, STOP_CANCEL, grace_ms);
    if (!again)
        record_tell_state(core, &op->record, NULL);
}

static bool may_cancel(const struct op_row *row, const char *client, bool admin)
{
    return admin || (row->client && strcmp(row->client, client) == 0);
}

static void answer_ended(struct cancel_entry *answer, const struct op_row *row)
{
    answer->disposition = CANCEL_TOO_LATE;
    answer->state = row->state;
}

static void cancel_one(struct core *core, struct operation *op, int64_t grace_ms,
                       struct cancel_entry *answer)
{
    const struct op_row *row = &op->record.row;

    if (gpmq_state_is_final(row->state)) {
        answer_ended(answer, row);
        return;
    }
    cancel_operation(core, op, grace_ms);
    answer->state = row->state;
    answer->disposition = gpmq_state_is_final(row->state) ? CANCEL_NOW : CANCEL_PENDING;
    if (answer->disposition == CANCEL_PENDING)
        answer->deadline_ms = lease_stop_left_ms(core, op);
}

/* A batch is cancelled when its last operation is. */
static void cancel_batch(struct core *core, struct batch *batch, int64_t grace_ms,
                         struct cancel_entry *answer)
{
    const struct op_row *row = &batch->record.row;
    const struct operation *op;

    if (gpmq_state_is_final(row->state)) {
        answer_ended(answer, row);
        return;
    }
    batch_cancel(core, batch, grace_ms);
    answer->state = row->state;
    answer->disposition = LIST_EMPTY(&batch->operations) ? CANCEL_NOW : CANCEL_PENDING;
    LIST_FOREACH(op, &batch->operations, in_batch)
    if (lease_stop_left_ms(core, op) > answer->deadline_ms)
        answer->deadline_ms = lease_stop_left_ms(core, op);
}

/* What the core does not hold has ended, or never was. */
static void answer_from_store(struct cancel_entry *answer, const char *client, bool admin,
                              core_lookup *lookup, void *lookup_arg)
{
    struct op_row row;
    struct store_bytes request;
    if (!lookup || !lookup(lookup_arg, &answer->op, &row, &request))
        answer->disposition = CANCEL_NOT_FOUND;
    else if (!may_cancel(&row, client, admin))
        answer->disposition = CANCEL_DENIED;
    else
        answer_ended(answer, &row);
}

void cancel_message(struct core *core, uint64_t peer, const char *client, bool admin,
                    const struct message *message, core_lookup *lookup, void *lookup_arg)
{
    const struct msg_cancel *cancel = &message->cancel;
    struct message *reply = actions_reply(core->actions, peer, MSG_CANCEL_ANSWER, message->req);
    struct cancel_entry *answers =
        actions_take(core->actions, (cancel->id_count + 1) * sizeof *answers);

    reply->cancel_answer.answer_count = cancel->id_count;
    reply->cancel_answer.answers = answers;
    for (uint32_t i = 0; i < cancel->id_count; i++) {
        struct cancel_entry *answer = &answers[i];
        answer->op = cancel->ids[i];
        struct operation *op = operation_find(core, &answer->op);
        struct batch *batch = op ? NULL : batch_find(core, &answer->op);
        if (!op && !batch)
            answer_from_store(answer, client, admin, lookup, lookup_arg);
        else if (!may_cancel(op ? &op->record.row : &batch->record.row, client, admin))
            answer->disposition = CANCEL_DENIED;
        else if (op)
            cancel_one(core, op, cancel->grace_ms, answer);
        else
            cancel_batch(core, batch, cancel->grace_ms, answer);
    }
}

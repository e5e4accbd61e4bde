/* sim_check.c - the promises of the design, one by one. */
#include "sim_check.h"

#include <stdio.h>
#include <string.h>

#include "lifecycle.h"
#include "sim_turns.h"

/* ---- rows ---------------------------------------------------------------------------------- */

/* What is dead may still be run again or dropped. */
static bool only_fate(const struct sim_shadow *shadow, const struct op_row *row)
{
    return row->state == GPMQ_DEAD && shadow->state == GPMQ_DEAD && row->seq == shadow->seq;
}

static void check_row(struct sim *sim, int index, const struct op_row *row)
{
    struct sim_shadow *shadow = &sim->open[index];

    if (gpmq_state_is_final(shadow->state) && !only_fate(shadow, row))
        sim_violation(sim, "op %d changes after its end", index);
    if (shadow->fate == GPMQ_FATE_RETRIED && row->fate != GPMQ_FATE_RETRIED)
        sim_violation(sim, "it is forgotten that op %d was run again", index);
    if (shadow->cancel_requested && !row->cancel_requested)
        sim_violation(sim, "the wish to cancel op %d is forgotten", index);
    if (shadow->cancel_requested && row->state == GPMQ_ASSIGNED)
        sim_violation(sim, "op %d is given out after somebody wanted it to end", index);
    if (row->fence < shadow->fence)
        sim_violation(sim, "the fence of op %d falls", index);
    if (row->seq != shadow->seq)
        sim_violation(sim, "op %d says seq %llu, its frames say %llu", index,
                      (unsigned long long)row->seq, (unsigned long long)shadow->seq);
    if (gpmq_state_is_final(row->state) && !shadow->has_final)
        sim_violation(sim, "op %d ends without a final frame", index);
    if (gpmq_state_is_final(row->state) && shadow->cancel_by_ms &&
        sim->now_ms > shadow->cancel_by_ms)
        sim_violation(sim, "op %d ends %lld ms later than its canceller was told", index,
                      (long long)(sim->now_ms - shadow->cancel_by_ms));
    shadow->rests = row->state == GPMQ_QUEUED && lifecycle_is_leased(shadow->state);
    shadow->known = true;
    shadow->fate = row->fate;
    shadow->state = row->state;
    shadow->fence = row->fence;
    shadow->cancel_requested = row->cancel_requested;
}

/* ---- frames -------------------------------------------------------------------------------- */

static void check_progress(struct sim *sim, int index, const struct gpmq_status *frame)
{
    struct sim_shadow *shadow = &sim->open[index];
    bool final = frame->kind == GPMQ_FRAME_FINAL;
    bool complete = frame->progress_numerator == frame->progress_denominator;

    if (frame->progress_denominator < 1 || final != complete || frame->progress_numerator < 0 ||
        frame->progress_numerator > frame->progress_denominator)
        sim_violation(sim, "op %d: %d of %d in frame %llu, final %d", index,
                      frame->progress_numerator, frame->progress_denominator,
                      (unsigned long long)frame->seq, final);
    if (final != (frame->result != NULL))
        sim_violation(sim, "op %d: a result in frame %llu, final %d", index,
                      (unsigned long long)frame->seq, final);
    bool same_attempt = shadow->frame_fence == frame->fence && frame->state != GPMQ_RETRY_WAIT;
    if (same_attempt && frame->state == GPMQ_RUNNING &&
        frame->progress_numerator < shadow->numerator)
        sim_violation(sim, "op %d: the numerator falls from %d to %d within an attempt", index,
                      shadow->numerator, frame->progress_numerator);
    if (frame->state == GPMQ_RUNNING || shadow->frame_fence != frame->fence)
        shadow->numerator = frame->state == GPMQ_RUNNING ? frame->progress_numerator : 0;
    shadow->frame_fence = frame->fence;
}

/* An executor's messages say "FENCE NUMBER": each arrives once, in order, from the attempt that the
 * frame speaks of. */
static void check_messages(struct sim *sim, int index, const struct gpmq_status *frame)
{
    struct sim_shadow *shadow = &sim->open[index];
    for (uint32_t i = 0; i < frame->status_msg_count; i++) {
        unsigned long long fence;
        unsigned number;
        const char *text = frame->status_msgs[i].object_path;
        if (!text || sscanf(text, "%llu %u", &fence, &number) != 2)
            continue;
        if (fence != frame->fence)
            sim_violation(sim, "op %d: a message of fence %llu in a frame of fence %llu", index,
                          fence, (unsigned long long)frame->fence);
        uint32_t expected = shadow->message_fence == fence ? shadow->message_number + 1 : 1;
        if (number != expected)
            sim_violation(sim, "op %d: message %u of fence %llu, where %u is next", index, number,
                          fence, expected);
        shadow->message_fence = fence;
        shadow->message_number = number;
    }
}

/* Only what may pass is tried again, and no more often than was asked for. The last message names
 * the failure. */
static void check_retry(struct sim *sim, int index, const struct gpmq_status *frame)
{
    struct sim_shadow *shadow = &sim->open[index];
    if (frame->state != GPMQ_RETRY_WAIT || !frame->status_msg_count)
        return;
    int32_t code = frame->status_msgs[frame->status_msg_count - 1].operation_code;
    if (!gpmq_code_retryable(code))
        sim_violation(sim, "op %d is tried again after '%s'", index, gpmq_code_name(code));
    if (code == GPMQ_ELOST)
        return;
    if (++shadow->failures >= (uint32_t)sim->ops[index].request.attempts)
        sim_violation(sim, "op %d is tried again after %u failures", index, shadow->failures);
}

static void check_frame(struct sim *sim, int index, const struct core_action *action)
{
    struct sim_shadow *shadow = &sim->open[index];
    struct gpmq_status frame;
    struct gpmq_error err;

    if (status_decode(&frame, &sim->arena, action->bytes.bytes, action->bytes.size, &err) != 0) {
        sim_violation(sim, "op %d: a frame that cannot be read: %s", index, err.text);
        return;
    }
    if (action->number != shadow->seq + 1 || frame.seq != action->number)
        sim_violation(sim, "op %d: frame %llu follows %llu", index,
                      (unsigned long long)action->number, (unsigned long long)shadow->seq);
    if (shadow->has_final)
        sim_violation(sim, "op %d: a frame after the final one", index);
    shadow->seq = action->number;
    shadow->has_final = frame.kind == GPMQ_FRAME_FINAL;
    shadow->hash = sim_hash(shadow->hash, action->bytes.bytes, action->bytes.size);
    check_progress(sim, index, &frame);
    check_messages(sim, index, &frame);
    check_retry(sim, index, &frame);
}

/* ---- what is stored and told --------------------------------------------------------------- */

void sim_check_stored(struct sim *sim, const struct core_action *action)
{
    int index = action->type == CORE_STORE_FENCES ? -1 : sim_find(sim, &action->op);
    sim_mix(sim, &action->type, sizeof action->type);
    sim_mix(sim, &action->number, sizeof action->number);
    if (action->type == CORE_STORE_FENCES || action->type == CORE_STORE_MARK)
        return;
    if (index < 0)
        sim_violation(sim, "an operation that nobody submitted");
    else if (action->type == CORE_STORE_FRAME)
        check_frame(sim, index, action);
}

/* What runs a dead operation again is there exactly when the dead one says so. */
static void check_fate(struct sim *sim, uint32_t index)
{
    const struct sim_op *op = &sim->ops[index];
    if (!op->is_retry)
        return;
    bool retried = sim->open[op->parent].fate == GPMQ_FATE_RETRIED;
    if (sim->open[index].known != retried)
        sim_violation(sim, "op %u is there: %d; op %u, which it runs again, says so: %d", index,
                      sim->open[index].known, op->parent, retried);
    if (retried && sim->open[op->parent].state != GPMQ_DEAD)
        sim_violation(sim, "op %u is run again, and is not dead", op->parent);
}

/* Rows are looked at when all frames of the round are known, since a row is written once. */
static void check_rows(struct sim *sim)
{
    const struct core_actions *actions = sim->broker.actions;
    for (size_t i = 0; i < core_actions_count(actions); i++) {
        const struct core_action *action = core_actions_at(actions, i);
        bool is_row = action->type == CORE_STORE_SUBMIT || action->type == CORE_STORE_CHANGE;
        int index = is_row ? sim_find(sim, &action->op) : -1;
        if (index >= 0)
            check_row(sim, index, action->row);
    }
    for (uint32_t i = 0; i < sim->op_count; i++)
        check_fate(sim, i);
    sim_turns_check_rows(sim);
    sim_turns_check_live(sim);
}

void sim_check_committed(struct sim *sim)
{
    check_rows(sim);
    memcpy(sim->stored, sim->open, sizeof sim->stored);
}

void sim_check_lost(struct sim *sim)
{
    memcpy(sim->open, sim->stored, sizeof sim->open);
    sim_check_excuse(sim);
}

void sim_check_excuse(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->op_count; i++)
        sim->open[i].cancel_by_ms = sim->stored[i].cancel_by_ms = 0;
}

static void check_answers(struct sim *sim, const struct message *message)
{
    if (message->type == MSG_SUBMITTED)
        for (uint32_t i = 0; i < message->submitted.answer_count; i++) {
            const struct submit_answer *answer = &message->submitted.answers[i];
            int index = sim_find(sim, &answer->op);
            if (index >= 0 && answer->code == 0 && !sim->stored[index].known)
                sim_violation(sim, "op %d is accepted and not stored", index);
        }
    if (message->type == MSG_CANCEL_ANSWER)
        for (uint32_t i = 0; i < message->cancel_answer.answer_count; i++) {
            const struct cancel_entry *answer = &message->cancel_answer.answers[i];
            int index = sim_find(sim, &answer->op);
            if (index >= 0 && answer->disposition == CANCEL_PENDING)
                sim->open[index].cancel_by_ms = sim->stored[index].cancel_by_ms =
                    sim->now_ms + answer->deadline_ms;
        }
}

void sim_check_told(struct sim *sim, const struct core_action *action)
{
    if (action->type == CORE_REPLY) {
        check_answers(sim, action->message);
        return;
    }
    int index = sim_find(sim, &action->op);
    if (index < 0)
        return;
    if (action->type == CORE_PUBLISH && action->number > sim->stored[index].seq)
        sim_violation(sim, "op %d: frame %llu is published and not stored", index,
                      (unsigned long long)action->number);
    if (action->type != CORE_ASSIGN)
        return;
    const struct gpmq_request *request = &sim->ops[index].request;
    for (uint32_t i = 0; i < request->after_count; i++)
        if (sim->stored[sim_find(sim, &request->after[i])].state != GPMQ_SUCCEEDED)
            sim_violation(sim, "op %d is given out before what it depends on has succeeded", index);
    if (action->number <= sim->broker.last_fence)
        sim_violation(sim, "op %d: fence %llu is given out again", index,
                      (unsigned long long)action->number);
    if (sim->stored[index].fence < action->number)
        sim_violation(sim, "op %d is given out before that is stored", index);
    sim->broker.last_fence = action->number;
    sim_turns_assigned(sim, index);
}

/* ---- effects ------------------------------------------------------------------------------- */

void sim_check_began(struct sim *sim, const struct gpmq_id *op, uint64_t fence)
{
    int index = sim_find(sim, op);
    struct sim_op *origin = index < 0 ? NULL : &sim->ops[sim->ops[index].origin];
    if (origin && fence > origin->begun_fence)
        origin->begun_fence = fence;
}

bool sim_check_effect(struct sim *sim, const struct gpmq_id *id, uint64_t fence)
{
    int index = sim_find(sim, id);
    if (index < 0) {
        sim_violation(sim, "an effect of what nobody submitted");
        return false;
    }
    struct sim_op *op = &sim->ops[sim->ops[index].origin];
    if (fence < op->begun_fence)
        return false; /* the domain has seen a higher one */
    if (sim->stored[index].state == GPMQ_CANCELLED)
        sim_violation(sim, "op %d takes effect after it was cancelled", index);
    bool found = sim->options.plant != SIM_PLANT_ID_AT_RUN_TIME;
    if (found && op->effects && op->effect_fence != fence)
        return true; /* ids derived from the operation's: the work is found done */
    op->effects++;
    op->effect_fence = fence;
    if (op->effects > 1)
        sim_violation(sim, "op %d takes effect twice", index);
    return true;
}

/* ---- planted bugs of the receiving side ---------------------------------------------------- */

void sim_check_reports(struct sim *sim, struct message *message)
{
    if (message->type != MSG_REPORT)
        return;
    for (uint32_t i = 0; i < message->report.report_count; i++) {
        struct report *report = &message->report.reports[i];
        int index = sim_find(sim, &report->op);
        if (index < 0)
            continue;
        if (sim->options.plant == SIM_PLANT_STALE_FENCE)
            report->fence = sim->stored[index].fence;
        if (sim->options.plant == SIM_PLANT_NO_DEDUPE) {
            report->n = ++sim->packet_order;
            report->after = 0;
        }
    }
}

/* ---- the end ------------------------------------------------------------------------------- */

static bool is_settled(const struct sim *sim, uint32_t index)
{
    const struct sim_op *op = &sim->ops[index];
    if (op->is_retry && !sim->stored[index].known)
        return true; /* nobody has run anything again */
    if (op->retry && op->seen_state == GPMQ_DEAD && !op->dead_answered)
        return false;
    if (!op->answered)
        return false;
    if (!op->accepted)
        return true;
    return sim->stored[index].has_final && gpmq_state_is_final(sim->stored[index].state) &&
           op->seen_final;
}

bool sim_check_settled(const struct sim *sim)
{
    for (uint32_t i = 0; i < sim->op_count; i++)
        if (!is_settled(sim, i))
            return false;
    return true;
}

void sim_check_end(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->op_count; i++) {
        const struct sim_op *op = &sim->ops[i];
        const struct sim_shadow *shadow = &sim->stored[i];
        if (!is_settled(sim, i))
            sim_violation(sim, "op %d is stuck: %s, seq %llu, its client has %llu, answered %d",
                          (int)i, gpmq_state_name(shadow->state), (unsigned long long)shadow->seq,
                          (unsigned long long)op->seen_seq, op->answered);
        if (!op->accepted)
            continue;
        if (op->seen_seq != shadow->seq || op->seen_hash != shadow->hash)
            sim_violation(sim, "op %d: its client's history is not the store's", (int)i);
        if (!op->is_batch && shadow->state == GPMQ_SUCCEEDED && sim->ops[op->origin].effects != 1)
            sim_violation(sim, "op %d succeeded with %u effects", (int)i,
                          sim->ops[op->origin].effects);
    }
}

/* sim_client.c - what a client asks until it has an answer, and what it has seen. */
#include "sim_client.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim_net.h"

#define ASK_MS    700  /* before the same question is asked again */
#define REQ_DEAD  100  /* and the number of the operation */
#define REPLAY_MS 2500 /* without a new frame, until the broker is asked for one */

/* ---- what it sees -------------------------------------------------------------------------- */

static void see_frame(struct sim *sim, struct sim_op *op, const void *bytes, size_t size)
{
    struct gpmq_status frame;
    struct gpmq_error err;
    if (status_decode(&frame, &sim->arena, bytes, size, &err) != 0) {
        sim_violation(sim, "a client cannot read a frame: %s", err.text);
        return;
    }
    bool gap = frame.seq > op->seen_seq + 1 ||
               (frame.kind == GPMQ_FRAME_KEEPALIVE && frame.seq > op->seen_seq);
    if (gap)
        op->replay_sent_ms = sim->now_ms - REPLAY_MS; /* ask now */
    if (frame.kind == GPMQ_FRAME_KEEPALIVE || frame.seq != op->seen_seq + 1)
        return;
    op->seen_seq = frame.seq;
    op->seen_final = frame.kind == GPMQ_FRAME_FINAL;
    op->seen_state = frame.state;
    op->seen_hash = sim_hash(op->seen_hash, bytes, size);
    if (!gap)
        op->replay_sent_ms = sim->now_ms;
}

/* What became of a wish about a dead operation, which the number of the request names. */
static void take_dead_answer(struct sim *sim, uint64_t req, const struct msg_submitted *submitted)
{
    struct sim_op *dead = &sim->ops[req - REQ_DEAD];
    assert(dead < sim->ops + sim->op_count && submitted->answer_count == 1);
    if (submitted->answers[0].code)
        sim_violation(sim, "what is dead cannot be run again or dropped: %s",
                      submitted->answers[0].text);
    dead->dead_answered = true;
}

static void take_submitted(struct sim *sim, const struct msg_submitted *submitted)
{
    int batch = sim_find(sim, &submitted->batch);
    if (batch >= 0)
        sim->ops[batch].answered = sim->ops[batch].accepted = true;
    for (uint32_t i = 0; i < submitted->answer_count; i++) {
        const struct submit_answer *answer = &submitted->answers[i];
        int index = sim_find(sim, &answer->op);
        if (index < 0 || sim->ops[index].answered)
            continue;
        sim->ops[index].answered = true;
        sim->ops[index].accepted = answer->code == 0;
        if (answer->code && !sim->ops[index].in_batch && !sim->ops[index].request.after_count)
            sim_violation(sim, "a sound request is refused: %s", answer->text);
    }
}

static void take_cancel_answer(struct sim *sim, const struct msg_cancel_answer *message)
{
    for (uint32_t i = 0; i < message->answer_count; i++) {
        int index = sim_find(sim, &message->answers[i].op);
        if (index >= 0 && message->answers[i].disposition != CANCEL_NOT_FOUND)
            sim->ops[index].cancel_answered = true;
    }
}

static void take_message(struct sim *sim, const struct message *message)
{
    if (message->type == MSG_SUBMITTED && message->req >= REQ_DEAD)
        take_dead_answer(sim, message->req, &message->submitted);
    if (message->type == MSG_SUBMITTED)
        take_submitted(sim, &message->submitted);
    else if (message->type == MSG_CANCEL_ANSWER)
        take_cancel_answer(sim, &message->cancel_answer);
    else if (message->type == MSG_FRAMES) {
        int index = sim_find(sim, &message->frames.op);
        for (uint32_t i = 0; index >= 0 && i < message->frames.frame_count; i++)
            see_frame(sim, &sim->ops[index], message->frames.frames[i].bytes,
                      message->frames.frames[i].bytes_size);
    } else if (message->type == MSG_ERROR) {
        sim_violation(sim, "a client is told: %s", message->error.text);
    }
}

void sim_client_take(struct sim *sim, uint32_t index, const struct sim_packet *packet)
{
    struct gpmq_error err;
    struct message message;
    if (packet->is_status) {
        see_frame(sim, &sim->ops[sim_find(sim, &packet->op)], packet->bytes, packet->size);
        return;
    }
    if (packet->peer != sim->clients[index].peer)
        return;
    if (message_decode(&message, &sim->arena, packet->bytes, packet->size, &err) != 0)
        sim_violation(sim, "a client cannot read a message: %s", err.text);
    else
        take_message(sim, &message);
}

/* ---- what it asks -------------------------------------------------------------------------- */

static void ask(struct sim *sim, uint32_t index, const struct message *message)
{
    sim_net_send(sim, (struct sim_node){SIM_CLIENT, index}, (struct sim_node){SIM_BROKER, 0},
                 sim->clients[index].peer, message);
}

static void ask_submit(struct sim *sim, struct sim_op *op)
{
    struct message message = {.type = MSG_SUBMIT, .req = 1, .submit = {1, &op->request}};
    ask(sim, op->client, &message);
}

static void ask_batch(struct sim *sim, struct sim_op *batch)
{
    struct batch_item items[SIM_ITEMS_MAX] = {0};
    struct message message = {.type = MSG_SUBMIT_BATCH, .req = 2};
    struct msg_submit_batch *submit = &message.submit_batch;

    submit->batch = batch->request.id;
    submit->template = &batch->request;
    submit->items = items;
    submit->last = true;
    for (struct sim_op *item = batch + 1;
         item < sim->ops + sim->op_count && gpmq_id_equal(&item->request.batch, &submit->batch);
         item++)
        items[submit->item_count++] =
            (struct batch_item){.key = item->request.label, .label = item->request.label};
    ask(sim, batch->client, &message);
}

static void ask_cancel(struct sim *sim, struct sim_op *op)
{
    struct message message = {
        .type = MSG_CANCEL, .req = 3, .cancel = {.id_count = 1, .ids = &op->request.id}};
    ask(sim, op->client, &message);
}

static void ask_replay(struct sim *sim, struct sim_op *op)
{
    struct message message = {
        .type = MSG_REPLAY, .req = 4, .replay = {op->request.id, op->seen_seq + 1}};
    ask(sim, op->client, &message);
}

static void ask_dead(struct sim *sim, struct sim_op *op)
{
    struct message message = {.type = MSG_DEAD,
                              .req = REQ_DEAD + (uint64_t)(op - sim->ops),
                              .dead = {.id_count = 1, .ids = &op->request.id, .drop = op->drop}};
    ask(sim, op->client, &message);
}

static int64_t submit_due_ms(const struct sim_op *op)
{
    if (op->in_batch || op->is_retry || op->answered)
        return INT64_MAX;
    return op->sent_ms ? op->sent_ms + ASK_MS : op->submit_ms;
}

static int64_t cancel_due_ms(const struct sim_op *op)
{
    if (!op->cancel_ms || op->cancel_answered || !op->accepted)
        return INT64_MAX;
    return op->cancel_sent_ms ? op->cancel_sent_ms + ASK_MS : op->cancel_ms;
}

static int64_t dead_due_ms(const struct sim_op *op)
{
    if (!op->retry || op->dead_answered || !op->seen_final || op->seen_state != GPMQ_DEAD)
        return INT64_MAX;
    return op->dead_sent_ms + ASK_MS;
}

static int64_t replay_due_ms(const struct sim_op *op)
{
    return op->accepted && !op->seen_final ? op->replay_sent_ms + REPLAY_MS : INT64_MAX;
}

static void step_op(struct sim *sim, struct sim_op *op)
{
    if (sim->now_ms >= submit_due_ms(op)) {
        op->sent_ms = sim->now_ms;
        if (op->is_batch)
            ask_batch(sim, op);
        else
            ask_submit(sim, op);
    }
    if (sim->now_ms >= cancel_due_ms(op)) {
        op->cancel_sent_ms = sim->now_ms;
        ask_cancel(sim, op);
    }
    if (sim->now_ms >= dead_due_ms(op)) {
        op->dead_sent_ms = sim->now_ms;
        ask_dead(sim, op);
    }
    if (sim->now_ms >= replay_due_ms(op)) {
        op->replay_sent_ms = sim->now_ms;
        ask_replay(sim, op);
    }
}

void sim_client_step(struct sim *sim, uint32_t index)
{
    if (sim->now_ms < sim->clients[index].awake_ms)
        return;
    for (uint32_t i = 0; i < sim->op_count; i++)
        if (sim->ops[i].client == index)
            step_op(sim, &sim->ops[i]);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t sim_client_next_ms(const struct sim *sim, uint32_t index)
{
    int64_t next_ms = INT64_MAX;
    for (uint32_t i = 0; i < sim->op_count; i++) {
        const struct sim_op *op = &sim->ops[i];
        if (op->client != index)
            continue;
        next_ms = earlier(next_ms, submit_due_ms(op));
        next_ms = earlier(next_ms, cancel_due_ms(op));
        next_ms = earlier(next_ms, dead_due_ms(op));
        next_ms = earlier(next_ms, replay_due_ms(op));
    }
    return next_ms > sim->clients[index].awake_ms ? next_ms : sim->clients[index].awake_ms;
}

/* feed.c - frames become callbacks, holes become questions. */
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "clock.h"
#include "client_impl.h"

#define CHECK_MS      200 /* how often to look for what is overdue */
#define WATCH_ENTRIES 250 /* operations asked about in one message: each answer may be large */
#define LIST_REASK_MS 2000

/* ---- questions ----------------------------------------------------------------------------- */

static void send_watches(struct gpmq_client *client, struct watch_entry *entries, uint32_t count)
{
    struct message message = {.type = MSG_WATCH,
                              .req = ++client->link.request,
                              .watch = {.watch_count = count, .watches = entries}};
    if (count > 0)
        link_try(&client->link, &message);
}

static void ask_watch(struct gpmq_client *client, struct follow *follow)
{
    struct watch_entry entry = {.op = follow->id, .last_seq = follow->history.seq};
    history_asked(&follow->history, clock_now_ms());
    send_watches(client, &entry, 1);
}

static void ask_replay(struct gpmq_client *client, struct follow *follow)
{
    struct message message = {.type = MSG_REPLAY,
                              .req = ++client->link.request,
                              .replay = {.op = follow->id, .from = follow->history.seq + 1}};
    history_asked(&follow->history, clock_now_ms());
    link_try(&client->link, &message);
}

static void ask_list(struct gpmq_client *client, struct follow *batch, int64_t now_ms)
{
    batch->list_request = ++client->link.request;
    batch->list_ms = now_ms;
    struct message message = {
        .type = MSG_LIST,
        .req = batch->list_request,
        .list = {.after = batch->list_after, .batch = batch->id, .limit = MESSAGE_OPS_MAX}};
    link_try(&client->link, &message);
}

static void send_acks(struct gpmq_client *client)
{
    struct message message = {.type = MSG_ACK,
                              .req = ++client->link.request,
                              .ack = {.id_count = client->ack_count, .ids = client->acks}};
    if (client->ack_count > 0)
        link_try(&client->link, &message);
    client->ack_count = 0;
}

static void acknowledge(struct gpmq_client *client, const struct gpmq_id *op)
{
    if (client->ack_count == MESSAGE_OPS_MAX)
        send_acks(client);
    client->acks[client->ack_count++] = *op;
}

/* ---- frames -------------------------------------------------------------------------------- */

static struct delivery *delivery_new(const void *bytes, size_t size, const struct gpmq_id *op)
{
    struct delivery *delivery = malloc(sizeof *delivery + size);
    if (!delivery)
        return NULL;
    delivery->op = *op;
    delivery->size = size;
    memcpy(delivery->bytes, bytes, size);
    return delivery;
}

typedef enum history_verdict history_fn(struct history *history, uint64_t seq,
                                        enum gpmq_frame_kind kind, int64_t now_ms);

/* Queues a frame if history says so. Without memory for it, history is left as it was: the frame
 * counts as lost, and is asked for again. */
static enum history_verdict take_frame(struct gpmq_client *client, struct follow *follow,
                                       const struct gpmq_status *status, const void *bytes,
                                       size_t size, history_fn *judge)
{
    struct delivery *delivery = delivery_new(bytes, size, &follow->id);
    if (!delivery)
        return HISTORY_DROP;
    enum history_verdict verdict =
        judge(&follow->history, status->seq, status->kind, clock_now_ms());
    if (verdict == HISTORY_DELIVER)
        STAILQ_INSERT_TAIL(&client->deliveries, delivery, order);
    else
        free(delivery);
    return verdict;
}

static bool decode_frame(struct gpmq_client *client, struct gpmq_status *out, const void *bytes,
                         size_t size)
{
    arena_reset(&client->frame_arena);
    return status_decode(out, &client->frame_arena, bytes, size, NULL) == 0;
}

/* Frames of an answer. */
static void take_replayed(struct gpmq_client *client, struct follow *follow,
                          const struct frame_bytes *frames, uint32_t count)
{
    struct gpmq_status status;
    for (uint32_t i = 0; i < count; i++)
        if (decode_frame(client, &status, frames[i].bytes, frames[i].bytes_size) &&
            gpmq_id_equal(&status.op, &follow->id))
            take_frame(client, follow, &status, frames[i].bytes, frames[i].bytes_size,
                       history_replayed);
}

/* An operation of a batch that is followed: follows it the same way. NULL: no such batch. */
static struct follow *add_member(struct gpmq_client *client, const struct gpmq_id *op,
                                 const struct gpmq_id *batch_id)
{
    struct follow *batch = follows_find(&client->follows, batch_id);
    if (!batch || !batch->is_batch || gpmq_id_equal(op, batch_id))
        return NULL;
    struct follow *follow = follows_add(&client->follows, op);
    if (!follow || gpmq_id_equal(&follow->batch, batch_id))
        return follow;
    if (gpmq_id_is_none(&follow->batch) && !follow->callback) {
        follow->callback = batch->callback;
        follow->user = batch->user;
    }
    follow->batch = *batch_id;
    if (!follow->final)
        batch->open_count++;
    client->check_ms = 0; /* asked for at once */
    return follow;
}

static void take_live(struct gpmq_client *client, const void *bytes, size_t size)
{
    struct gpmq_status status;
    if (!decode_frame(client, &status, bytes, size))
        return;
    struct follow *follow = follows_find(&client->follows, &status.op);
    if (!follow)
        follow = add_member(client, &status.op, &status.batch);
    if (!follow)
        return;
    if (take_frame(client, follow, &status, bytes, size, history_live) == HISTORY_ASK)
        ask_replay(client, follow);
}

void feed_published(struct gpmq_client *client, const void *bytes, size_t size)
{
    take_live(client, bytes, size);
}

/* ---- answers ------------------------------------------------------------------------------- */

/* Where the broker publishes an operation that is followed alone is known only now. What was
 * published between its answer and the subscription is asked for once more. */
static bool subscribe_late(struct gpmq_client *client, struct follow *follow, const char *topic)
{
    if (follow->topic[0] || !gpmq_id_is_none(&follow->batch) || !topic || !*topic)
        return false;
    snprintf(follow->topic, sizeof follow->topic, "%s", topic);
    zmq_setsockopt(client->link.status, ZMQ_SUBSCRIBE, follow->topic, strlen(follow->topic));
    return !follow->history.ended;
}

void feed_watching(struct gpmq_client *client, const struct msg_watching *watching)
{
    struct follow *follow = follows_find(&client->follows, &watching->op);
    if (!follow)
        return;
    take_replayed(client, follow, watching->frames, watching->frame_count);
    bool on = history_answered(&follow->history, watching->seq, watching->more, clock_now_ms());
    if (on)
        ask_replay(client, follow);
    if (subscribe_late(client, follow, watching->topic) && !on)
        ask_watch(client, follow);
}

static void feed_frames(struct gpmq_client *client, const struct msg_frames *frames)
{
    struct follow *follow = follows_find(&client->follows, &frames->op);
    if (!follow)
        return;
    take_replayed(client, follow, frames->frames, frames->frame_count);
    if (history_answered(&follow->history, 0, frames->more, clock_now_ms()))
        ask_replay(client, follow);
}

/* A final that nobody here follows, or that was delivered long ago, is acknowledged so that it
 * stops coming; one that is delivered now is acknowledged when its callback has run. */
static void feed_final(struct gpmq_client *client, const struct msg_final *final)
{
    struct follow *follow = follows_find(&client->follows, &final->op);
    if (!follow || follow->final)
        acknowledge(client, &final->op);
    else
        take_live(client, final->frame.bytes, final->frame.bytes_size);
}

static struct follow *find_listing(struct gpmq_client *client, uint64_t request)
{
    struct follow *follow;
    TAILQ_FOREACH(follow, &client->follows.list, order)
    if (follow->is_batch && !follow->listed && follow->list_request == request)
        return follow;
    return NULL;
}

static void feed_ops(struct gpmq_client *client, uint64_t request, const struct msg_ops *ops)
{
    struct follow *batch = find_listing(client, request);
    if (!batch)
        return;
    for (uint32_t i = 0; i < ops->op_count; i++)
        add_member(client, &ops->ops[i].op, &batch->id);
    if (ops->more && ops->op_count > 0) {
        batch->list_after = ops->ops[ops->op_count - 1].op;
        ask_list(client, batch, clock_now_ms());
        return;
    }
    batch->listed = true;
    batch->list_request = 0;
}

void feed_message(struct gpmq_client *client, const struct message *message)
{
    switch ((int)message->type) {
    case MSG_WELCOME:
        link_welcome(&client->link, &message->welcome);
        break;
    case MSG_WATCHING:
        feed_watching(client, &message->watching);
        break;
    case MSG_FRAMES:
        feed_frames(client, &message->frames);
        break;
    case MSG_FINAL:
        feed_final(client, &message->final);
        break;
    case MSG_OPS:
        feed_ops(client, message->req, &message->ops);
        break;
    default: /* the late answer to a call that was given up, or was answered already */
        break;
    }
}

/* ---- what is overdue ----------------------------------------------------------------------- */

static void forget_questions(struct gpmq_client *client)
{
    struct follow *follow;
    TAILQ_FOREACH(follow, &client->follows.list, order)
    {
        history_reconnected(&follow->history);
        follow->history.heard_ms = 0; /* long ago: asked for at once */
        follow->list_ms = 0;
    }
    client->generation = client->link.generation;
}

static void check_listing(struct gpmq_client *client, struct follow *follow, int64_t now_ms)
{
    if (follow->is_batch && !follow->listed && now_ms - follow->list_ms >= LIST_REASK_MS)
        ask_list(client, follow, now_ms);
}

void feed_check(struct gpmq_client *client, int64_t now_ms)
{
    if (!client->link.welcomed)
        return;
    if (client->generation != client->link.generation)
        forget_questions(client);
    else if (now_ms < client->check_ms)
        return;
    client->check_ms = now_ms + CHECK_MS;

    struct watch_entry entries[WATCH_ENTRIES];
    uint32_t count = 0;
    struct follow *follow;
    TAILQ_FOREACH(follow, &client->follows.list, order)
    {
        check_listing(client, follow, now_ms);
        if (!history_due(&follow->history, client->link.keepalive_ms, now_ms))
            continue;
        history_asked(&follow->history, now_ms);
        entries[count++] = (struct watch_entry){.op = follow->id, .last_seq = follow->history.seq};
        if (count == WATCH_ENTRIES) {
            send_watches(client, entries, count);
            count = 0;
        }
    }
    send_watches(client, entries, count);
    send_acks(client);
}

int64_t feed_next_ms(const struct gpmq_client *client)
{
    if (!client->link.welcomed)
        return clock_now_ms() + LINK_HELLO_MS;
    bool idle = TAILQ_EMPTY(&client->follows.list) && client->ack_count == 0;
    return idle ? clock_now_ms() + 60000 : client->check_ms;
}

/* ---- callbacks ----------------------------------------------------------------------------- */

static void run_callback(const struct follow *follow, const struct gpmq_status *status)
{
    const struct gpmq_status_msgs msgs = {status->status_msg_count, status->status_msgs};
    if (follow->callback)
        follow->callback(status->progress_numerator, status->progress_denominator,
                         status->hr_status, status->result,
                         status->status_msg_count > 0 ? &msgs : NULL, status, follow->user);
}

/* The end was delivered. A batch is listed once more, for those whose frames all were lost. */
static void finish(struct gpmq_client *client, const struct delivery *delivery)
{
    struct follow *follow = follows_find(&client->follows, &delivery->op);
    acknowledge(client, &delivery->op);
    if (!follow || follow_keep(follow, delivery->bytes, delivery->size) != 0)
        return;
    if (follow->is_batch) {
        follow->listed = false;
        follow->list_ms = 0;
        follow->list_after = (struct gpmq_id){0};
        client->check_ms = 0;
        return;
    }
    struct follow *batch = follows_find(&client->follows, &follow->batch);
    if (batch && batch->open_count > 0)
        batch->open_count--;
}

static void deliver(struct gpmq_client *client, const struct delivery *delivery)
{
    struct gpmq_status status;
    const struct follow *follow = follows_find(&client->follows, &delivery->op);
    arena_reset(&client->deliver_arena);
    if (!follow ||
        status_decode(&status, &client->deliver_arena, delivery->bytes, delivery->size, NULL) != 0)
        return;
    bool last = status.kind == GPMQ_FRAME_FINAL;
    run_callback(follow, &status); /* may let go of follow */
    if (last)
        finish(client, delivery);
}

size_t feed_deliver(struct gpmq_client *client)
{
    size_t count = 0;
    struct delivery *delivery;
    while ((delivery = STAILQ_FIRST(&client->deliveries))) {
        STAILQ_REMOVE_HEAD(&client->deliveries, order);
        deliver(client, delivery);
        free(delivery);
        count++;
    }
    send_acks(client);
    return count;
}

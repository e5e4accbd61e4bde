/* status.c - state changes for those who watch. */
#include "status.h"

#include "frames.h"

static void publish(struct parts *parts, const struct gpmq_id *batch, const struct gpmq_id *op,
                    const void *frame, size_t frame_size)
{
    char topic[TOPIC_SIZE];
    status_topic(batch, op, topic);
    int rc = frames_send(parts->status, topic, TOPIC_SIZE - 1, frame, frame_size);
    (void)rc; /* XPUB drops what a slow subscriber has no room for; it sees the hole */
}

void status_publish(struct parts *parts, const struct core_action *action)
{
    publish(parts, &action->batch, &action->op, action->bytes.bytes, action->bytes.size);
    if (action->final)
        watch_final(parts->watch, &action->op, action->bytes.bytes, action->bytes.size,
                    parts->now_ms);
}

int status_take(struct parts *parts)
{
    for (int i = 0; i < ROUND_MESSAGES_MAX; i++) {
        struct frames said;
        int rc = frames_receive(parts->status, false, &said);
        if (rc == GPMQ_EBUSY)
            break;
        if (!rc)
            frames_free(&said);
    }
    return 0;
}

static bool send_final(void *arg, uint64_t peer, const struct gpmq_id *op, const void *frame,
                       size_t frame_size)
{
    struct parts *parts = arg;
    if (!peers_find(parts->clients, peer))
        return false;
    struct message message = {.type = MSG_FINAL,
                              .final = {.op = *op, .frame = {frame, (uint32_t)frame_size}}};
    return outbox_add(parts->outbox, peer, &message) == 0;
}

int status_remind(struct parts *parts)
{
    watch_resend(parts->watch, parts->now_ms, send_final, parts);
    return 0;
}

int64_t status_next_ms(const struct parts *parts)
{
    return watch_next_ms(parts->watch);
}

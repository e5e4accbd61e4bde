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

/* What comes by a connection that nobody has told us of yet was sent after it was accepted. */
static bool is_here(struct parts *parts, int fd)
{
    struct gate *gate = parts->gates[GATE_STATUS];
    if (!gate || fd < 0)
        return false; /* libzmq itself says what a closed connection no longer wants */
    if (!gate_has(gate, fd))
        gate_take(gate, parts->now_ms);
    return gate_has(gate, fd);
}

/* One byte, 1 or 0, and the prefix of topics that is wanted, or no longer. */
static void take_wish(struct parts *parts, struct frames *said)
{
    const uint8_t *bytes = zmq_msg_data(&said->body);
    size_t size = zmq_msg_size(&said->body);
    int fd = frames_descriptor(said);
    const char *user = frames_user(said);
    if (size == 0 || !is_here(parts, fd))
        return;
    if (bytes[0] == 0) {
        subscriptions_remove(parts->subscriptions, fd, bytes + 1, size - 1);
        return;
    }
    const char *why = subscriptions_add(parts->subscriptions, fd, *user ? user : NULL, bytes + 1,
                                        size - 1, &parts->limits);
    if (why)
        gate_shut_out(parts->gates[GATE_STATUS], fd, why, user, parts->now_ms);
}

int status_take(struct parts *parts)
{
    for (int i = 0; i < STATUS_WISHES_MAX; i++) {
        struct frames said;
        int rc = frames_receive(parts->status, false, &said);
        if (rc == GPMQ_EBUSY)
            break;
        if (rc)
            continue;
        take_wish(parts, &said);
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

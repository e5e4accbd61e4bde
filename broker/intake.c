/* intake.c - what a ROUTER has received. */
#include "intake.h"

#include "fail.h"
#include "frames.h"
#include "log.h"

#define USER_WITHOUT_KEYS "local"

static void refuse(struct parts *parts, const struct peer *peer, uint64_t req, const char *from,
                   const struct gpmq_error *why)
{
    char value[LOG_VALUE_SIZE], user[LOG_VALUE_SIZE];
    uint32_t left_out;
    if (pace_allows(&parts->refusals, parts->now_ms, &left_out))
        log_event(LOG_WARNING, "message_refused", "from=%s user=%s code=%s reason=%s left_out=%u",
                  from, log_value(peer->user, user), gpmq_code_name(why->code),
                  log_value(why->text, value), left_out);
    outbox_refuse(parts->outbox, peer->number, req, why->code, 0, why->text);
}

static void take(struct parts *parts, struct frames *frames, struct peers *peers,
                 take_fn *const takers[MSG_TYPE_END], const char *from)
{
    struct message message;
    struct gpmq_error err;
    const char *user = frames_user(frames);
    const struct peer *peer =
        peers_heard(peers, zmq_msg_data(&frames->first), zmq_msg_size(&frames->first),
                    *user ? user : USER_WITHOUT_KEYS, parts->now_ms);
    if (peer->unread->fd < 0)
        peers_came_by(peers, peer, frames_descriptor(frames));
    int rc = message_decode(&message, &parts->arena, zmq_msg_data(&frames->body),
                            zmq_msg_size(&frames->body), &err);
    if (!rc && !takers[message.type])
        rc = fail(&err, GPMQ_EUNSUPPORTED, "'%s' is no message for this socket",
                  message_type_name(message.type));
    if (rc)
        refuse(parts, peer, message.req, from, &err);
    else
        takers[message.type](parts, peer, &message);
}

int intake(struct parts *parts, void *socket, struct peers *peers,
           take_fn *const takers[MSG_TYPE_END], const char *from)
{
    for (int i = 0; i < ROUND_MESSAGES_MAX && parts->arena.used_bytes < ROUND_BYTES_MAX; i++) {
        struct frames frames;
        int rc = frames_receive(socket, true, &frames);
        if (rc == GPMQ_EBUSY)
            break;
        if (rc == GPMQ_EMALFORMED)
            continue;
        if (rc)
            return fail_zmq(parts->err, "cannot receive from a %s", from);
        take(parts, &frames, peers, takers, from);
        frames_free(&frames);
        if (parts->stop_code)
            return parts->stop_code;
    }
    return 0;
}

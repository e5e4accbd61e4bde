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

/* Whoever comes by a connection for the first time must have a key that counts today: it may have
 * been taken away since the handshake. */
static bool is_welcome(struct parts *parts, const struct intake *from, const struct peer *peer,
                       const char *user, int fd)
{
    peers_came_by(from->peers, peer, fd);
    if (!*user || !parts->admits || parts->admits(parts->access, user, from->zap_domain))
        return true;
    if (from->gate)
        gate_shut_out(from->gate, fd, "key_changed", user, parts->now_ms);
    peers_gone(from->peers, fd);
    return false;
}

static void take(struct parts *parts, const struct intake *from, struct frames *frames)
{
    struct message message;
    struct gpmq_error err;
    const char *user = frames_user(frames);
    const struct peer *peer =
        peers_heard(from->peers, zmq_msg_data(&frames->first), zmq_msg_size(&frames->first),
                    *user ? user : USER_WITHOUT_KEYS, parts->now_ms);
    if (peer->unread->fd < 0 && !is_welcome(parts, from, peer, user, frames_descriptor(frames)))
        return;
    int rc = message_decode(&message, &parts->arena, zmq_msg_data(&frames->body),
                            zmq_msg_size(&frames->body), &err);
    if (!rc && !from->takers[message.type])
        rc = fail(&err, GPMQ_EUNSUPPORTED, "'%s' is no message for this socket",
                  message_type_name(message.type));
    if (rc)
        refuse(parts, peer, message.req, from->from, &err);
    else
        from->takers[message.type](parts, peer, &message);
}

int intake(struct parts *parts, const struct intake *from)
{
    for (int i = 0; i < ROUND_MESSAGES_MAX && parts->arena.used_bytes < ROUND_BYTES_MAX; i++) {
        struct frames frames;
        int rc = frames_receive(from->socket, true, &frames);
        if (rc == GPMQ_EBUSY)
            break;
        if (rc == GPMQ_EMALFORMED)
            continue;
        if (rc)
            return fail_zmq(parts->err, "cannot receive from a %s", from->from);
        take(parts, from, &frames);
        frames_free(&frames);
        if (parts->stop_code)
            return parts->stop_code;
    }
    return 0;
}

/* questions.c - what clients ask of the store. */
#include "questions.h"

#include "answer_frames.h"
#include "answer_ops.h"
#include "answer_queue.h"
#include "contents.h"
#include "fail.h"
#include "log.h"

typedef void answer_fn(struct parts *parts, const struct question *question);

void questions_reply(struct parts *parts, const struct question *question, struct message *reply)
{
    reply->req = question->message.req;
    if (outbox_add(parts->outbox, question->peer, reply) != 0)
        log_event(LOG_ERROR, "out_of_memory", "doing=%s", message_type_name(reply->type));
}

void questions_fail(struct parts *parts, const struct question *question,
                    const struct gpmq_error *why)
{
    if (why->code == GPMQ_ESTORE || why->code == GPMQ_ENOSPACE) {
        parts->stop_code = why->code;
        *parts->err = *why;
    }
    char value[LOG_VALUE_SIZE];
    if (why->code == GPMQ_EDAMAGED && question->message.type != MSG_PUT)
        log_event(LOG_ERROR, "record_damaged", "reason=%s", log_value(why->text, value));
    outbox_refuse(parts->outbox, question->peer, question->message.req, why->code,
                  why->code == GPMQ_EFULL ? LIMITS_RETRY_MS : 0, why->text);
}

static void answer_hello(struct parts *parts, const struct question *question)
{
    if (question->message.hello.v < PROTOCOL_VERSION) {
        struct gpmq_error err;
        fail(&err, GPMQ_EVERSION, "this broker speaks version %d of the protocol, not %u",
             PROTOCOL_VERSION, question->message.hello.v);
        questions_fail(parts, question, &err);
        return;
    }
    struct message welcome = {.type = MSG_WELCOME,
                              .welcome = {.v = PROTOCOL_VERSION,
                                          .epoch = parts->store->ops->epoch(parts->store),
                                          .status_url = parts->status_url,
                                          .message_max = MESSAGE_MAX,
                                          .ops_max = MESSAGE_OPS_MAX,
                                          .retention_ms = parts->retention_ms,
                                          .time_unix_ms = parts->unix_ms,
                                          .keepalive_ms = parts->keepalive_ms}};
    questions_reply(parts, question, &welcome);
}

static void answer_ping(struct parts *parts, const struct question *question)
{
    struct message pong = {.type = MSG_PONG,
                           .pong = {.epoch = parts->store->ops->epoch(parts->store)}};
    questions_reply(parts, question, &pong);
}

/* A round's answers are in memory until its end: who comes late asks again. */
bool questions_have_room(const struct parts *parts)
{
    return parts->arena.used_bytes <= ROUND_ANSWERS_MAX &&
           outbox_bytes(parts->outbox) <= ROUND_ANSWERS_MAX;
}

void questions_crowd(struct parts *parts, const struct question *question)
{
    outbox_refuse(parts->outbox, question->peer, question->message.req, GPMQ_EFULL, ROUND_RETRY_MS,
                  "too much was asked for at once");
}

static answer_fn *const answers[MSG_TYPE_END] = {
    [MSG_HELLO] = answer_hello, [MSG_PING] = answer_ping,       [MSG_PUT] = contents_put,
    [MSG_QUERY] = answer_query, [MSG_LIST] = answer_list,       [MSG_FETCH] = answer_fetch,
    [MSG_WATCH] = answer_watch, [MSG_UNWATCH] = answer_unwatch, [MSG_REPLAY] = answer_replay,
    [MSG_ACK] = answer_ack,     [MSG_WORKERS] = answer_workers, [MSG_STATS] = answer_stats,
};

void questions_answer(struct parts *parts, const struct question *question)
{
    if (questions_have_room(parts))
        answers[question->message.type](parts, question);
    else
        questions_crowd(parts, question);
}

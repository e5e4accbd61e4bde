/* answer_frames.c - answers about status frames. */
#include "answer_frames.h"

#include <string.h>

#include "fail.h"

struct replaying {
    struct arena *arena;
    struct frame_bytes *frames;
    uint32_t count;
    size_t bytes;
    bool more;
};

static int add_frame(void *arg, uint64_t seq, struct store_bytes frame, struct gpmq_error *err)
{
    (void)seq;
    struct replaying *replaying = arg;
    if (replaying->count == MESSAGE_FRAMES_MAX ||
        replaying->bytes + frame.size > ANSWER_BYTES_MAX) {
        replaying->more = true;
        return 1; /* ends the reading; no error code is positive */
    }
    uint8_t *copy = arena_take(replaying->arena, frame.size + 1);
    if (!copy)
        return fail(err, GPMQ_ENOMEM, "no memory for an answer");
    memcpy(copy, frame.bytes, frame.size);
    replaying->frames[replaying->count++] = (struct frame_bytes){copy, (uint32_t)frame.size};
    replaying->bytes += frame.size;
    return 0;
}

static int read_frames(struct parts *parts, const struct gpmq_id *op, uint64_t from,
                       struct replaying *out, struct gpmq_error *err)
{
    *out = (struct replaying){.arena = &parts->arena};
    out->frames = arena_take(&parts->arena, MESSAGE_FRAMES_MAX * sizeof *out->frames);
    if (!out->frames)
        return fail(err, GPMQ_ENOMEM, "no memory for an answer");
    int rc = parts->store->ops->frames(parts->store, op, from, add_frame, out, err);
    return rc > 0 ? 0 : rc;
}

struct seeing {
    struct gpmq_id batch;
    uint64_t seq;
    bool ended;
};

static int see_row(void *arg, const struct op_row *row, struct store_bytes request,
                   struct store_bytes result, struct gpmq_error *err)
{
    (void)request;
    (void)result;
    (void)err;
    struct seeing *seeing = arg;
    *seeing = (struct seeing){.batch = row->is_batch ? row->id : row->batch,
                              .seq = row->seq,
                              .ended = gpmq_state_is_final(row->state)};
    return 0;
}

static int watch_one(struct parts *parts, const struct question *question,
                     const struct watch_entry *entry, struct msg_watching *out,
                     struct gpmq_error *err)
{
    struct seeing seeing;
    struct replaying replaying;
    int rc = parts->store->ops->read(parts->store, &entry->op, see_row, &seeing, err);
    if (rc == GPMQ_ENOTFOUND)
        return 0;
    if (!rc)
        rc = read_frames(parts, &entry->op, entry->last_seq + 1, &replaying, err);
    if (rc)
        return rc;
    char *topic = arena_take(&parts->arena, TOPIC_SIZE);
    if (!topic)
        return fail(err, GPMQ_ENOMEM, "no memory for an answer");
    out->topic = status_topic(&seeing.batch, &entry->op, topic);
    out->seq = seeing.seq;
    out->frame_count = replaying.count;
    out->frames = replaying.frames;
    out->more = replaying.more;
    /* The end of what has ended is in the frames: nobody needs to be told again. */
    if (!seeing.ended && watch_add(parts->watch, &entry->op, question->peer, &parts->limits) != 0)
        return fail(err, GPMQ_EFULL,
                    "too many operations are watched; the limit is %lld, and %lld of one "
                    "connection",
                    (long long)parts->limits.watches_max,
                    (long long)parts->limits.connection_watches_max);
    return 0;
}

void answer_watch(struct parts *parts, const struct question *question)
{
    const struct msg_watch *watch = &question->message.watch;
    for (uint32_t i = 0; i < watch->watch_count; i++) {
        struct gpmq_error err;
        if (!questions_have_room(parts)) {
            questions_crowd(parts, question);
            return;
        }
        struct message reply = {.type = MSG_WATCHING, .watching = {.op = watch->watches[i].op}};
        int rc = watch_one(parts, question, &watch->watches[i], &reply.watching, &err);
        if (rc)
            questions_fail(parts, question, &err);
        else
            questions_reply(parts, question, &reply);
        if (rc == GPMQ_EFULL)
            return; /* once is enough for all that are left */
    }
}

void answer_unwatch(struct parts *parts, const struct question *question)
{
    const struct msg_unwatch *unwatch = &question->message.unwatch;
    for (uint32_t i = 0; i < unwatch->id_count; i++)
        watch_remove(parts->watch, &unwatch->ids[i], question->peer);
}

void answer_ack(struct parts *parts, const struct question *question)
{
    const struct msg_ack *ack = &question->message.ack;
    for (uint32_t i = 0; i < ack->id_count; i++)
        watch_remove(parts->watch, &ack->ids[i], question->peer);
}

void answer_replay(struct parts *parts, const struct question *question)
{
    const struct msg_replay *replay = &question->message.replay;
    struct replaying replaying;
    struct gpmq_error err;
    int rc = read_frames(parts, &replay->op, replay->from ? replay->from : 1, &replaying, &err);
    struct message reply = {.type = MSG_FRAMES,
                            .frames = {.op = replay->op,
                                       .from = replay->from,
                                       .frame_count = replaying.count,
                                       .frames = replaying.frames,
                                       .more = replaying.more}};
    if (rc)
        questions_fail(parts, question, &err);
    else
        questions_reply(parts, question, &reply);
}

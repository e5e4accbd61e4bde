/* contents_input.c - content that requests bring with them: is it here, and who gets it. */
#include <string.h>

#include "contents.h"
#include "fail.h"
#include "log.h"
#include "questions.h"

/* ---- submits --------------------------------------------------------------------------------- */

static bool is_here(struct parts *parts, const struct gpmq_request *request)
{
    uint64_t total = 0;
    size_t size = 0;
    char nothing[1];
    if (!request || !request->input_size)
        return true;
    int rc = parts->store->ops->blob_read(parts->store, request->input_digest, 0, nothing, &size,
                                          &total, NULL);
    return rc == 0 && total == request->input_size;
}

static bool all_here(struct parts *parts, const struct message *message)
{
    if (message->type == MSG_SUBMIT_BATCH)
        return is_here(parts, message->submit_batch.template);
    for (uint32_t i = 0; message->type == MSG_SUBMIT && i < message->submit.op_count; i++)
        if (!is_here(parts, &message->submit.ops[i]))
            return false;
    return true;
}

bool contents_miss_input(struct parts *parts, const struct peer *peer,
                         const struct message *message)
{
    if (all_here(parts, message))
        return false;
    outbox_refuse(parts->outbox, peer->number, message->req, GPMQ_ENOTFOUND, 0,
                  "the input of a request is not here, or not whole: put it first");
    return true;
}

/* ---- workers --------------------------------------------------------------------------------- */

/* What is asked for, as the store has it. */
struct wanted {
    uint64_t fence;
    uint64_t size;
    uint8_t digest[32];
    struct arena *arena;
};

static int see_request(void *arg, const struct op_row *row, struct store_bytes request,
                       struct store_bytes result, struct gpmq_error *err)
{
    (void)result;
    struct wanted *wanted = arg;
    struct gpmq_request decoded;
    int rc = request_decode(&decoded, wanted->arena, request.bytes, request.size, err);
    if (rc)
        return rc;
    wanted->fence = row->fence;
    wanted->size = decoded.input_size;
    memcpy(wanted->digest, decoded.input_digest, sizeof wanted->digest);
    return 0;
}

/* The piece at chunk->offset; without one the chunk stays as it is, which says so. */
static int read_piece(struct parts *parts, const struct wanted *wanted,
                      struct msg_input_chunk *chunk, struct gpmq_error *err)
{
    uint64_t left = wanted->size - chunk->offset;
    size_t size = left < GPMQ_BLOB_CHUNK ? (size_t)left : GPMQ_BLOB_CHUNK;
    uint8_t *buffer = arena_take(&parts->arena, size + 1);
    if (!buffer)
        return fail(err, GPMQ_ENOMEM, "no memory for a piece of an input");
    int rc = parts->store->ops->blob_read(parts->store, wanted->digest, chunk->offset, buffer,
                                          &size, &chunk->size, err);
    if (rc)
        return rc;
    chunk->bytes = buffer;
    chunk->bytes_size = (uint32_t)size;
    return 0;
}

void contents_give_input(struct parts *parts, const struct peer *peer, struct message *message)
{
    const struct msg_input *asked = &message->input;
    struct wanted wanted = {.arena = &parts->arena};
    struct gpmq_error err;
    struct message answer = {.type = MSG_INPUT_CHUNK,
                             .input_chunk = {asked->op, asked->fence, asked->offset, 0, NULL, 0}};
    if (!questions_have_room(parts))
        return; /* it asks again */
    int rc = parts->store->ops->read(parts->store, &asked->op, see_request, &wanted, &err);
    if (!rc && wanted.fence == asked->fence && asked->offset < wanted.size)
        rc = read_piece(parts, &wanted, &answer.input_chunk, &err);
    if (rc == GPMQ_ESTORE || rc == GPMQ_ENOSPACE) {
        *parts->err = err;
        parts->stop_code = rc;
        return;
    }
    if (outbox_add(parts->outbox, peer->number, &answer) != 0)
        log_event(LOG_ERROR, "out_of_memory", "doing=%s", message_type_name(answer.type));
}

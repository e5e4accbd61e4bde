/* answer_ops.c - answers about operations. */
#include "answer_ops.h"

#include <string.h>

#include "fail.h"
#include "log.h"

/* ---- rows ------------------------------------------------------------------------------------ */

struct listing {
    const struct core *core;
    struct arena *arena;
    struct op_summary *ops;
    uint32_t count;
    uint32_t room;
    size_t bytes;
    bool full; /* there was more than fits */
};

static void copy_request(struct op_summary *op, const struct gpmq_request *request)
{
    op->kind = request->kind;
    op->domain = request->domain;
    op->target_domain = request->target_domain;
    op->repository = request->repository;
    op->gpo = request->gpo;
    op->label = request->label;
    op->comment = request->comment;
    op->retry_of = request->retry_of;
}

static void copy_row(struct op_summary *op, const struct op_row *row, struct arena *arena)
{
    *op = (struct op_summary){
        .op = row->id,
        .batch = row->batch,
        .client = arena_text(arena, row->client),
        .worker = arena_text(arena, row->worker),
        .state = row->state,
        .reason = row->reason,
        .cancel_requested = row->cancel_requested,
        .seq = row->seq,
        .fence = row->fence,
        .attempt = row->attempt,
        .crashes = row->crashes,
        .losses = row->losses,
        .fate = row->fate,
        .submitted_unix_ms = row->submitted_unix_ms,
        .started_unix_ms = row->started_unix_ms,
        .finished_unix_ms = row->finished_unix_ms,
        .progress_numerator = row->progress_numerator,
        .progress_denominator = row->progress_denominator,
        .hr_status = row->hr_status,
        .total = row->total,
        .succeeded = row->succeeded,
        .failed = row->failed,
        .cancelled = row->cancelled,
        .closed = row->closed,
    };
    if (row->fate == GPMQ_FATE_RETRIED)
        op->retried_as = core_retry_id(&row->id);
}

/* The result without its content, which is fetched apart. */
static int copy_result(struct op_summary *op, struct store_bytes bytes, struct arena *arena,
                       struct gpmq_error *err)
{
    if (bytes.size == 0)
        return 0;
    op->result = arena_take(arena, sizeof *op->result);
    if (!op->result)
        return fail(err, GPMQ_ENOMEM, "no memory for an answer");
    int rc = result_decode(op->result, arena, bytes.bytes, bytes.size, err);
    op->result->data = NULL;
    return rc;
}

static int add_row(void *arg, const struct op_row *row, struct store_bytes request,
                   struct store_bytes result, struct gpmq_error *err)
{
    struct listing *listing = arg;
    size_t bytes = request.size + result.size + 512;
    if (listing->count == listing->room || listing->bytes + bytes > ANSWER_BYTES_MAX) {
        listing->full = true;
        return 0;
    }
    struct op_summary *op = &listing->ops[listing->count];
    struct gpmq_request decoded;
    copy_row(op, row, listing->arena);
    int rc = request_decode(&decoded, listing->arena, request.bytes, request.size, err);
    if (rc)
        return rc;
    copy_request(op, &decoded);
    rc = copy_result(op, result, listing->arena, err);
    if (rc)
        return rc;
    if (row->is_batch)
        op->kind = "batch";
    if (row->state == GPMQ_WAITING)
        core_explain(listing->core, &row->id, listing->arena, &op->waits_for, &op->why);
    listing->bytes += bytes;
    listing->count++;
    return 0;
}

static bool begin_listing(struct listing *listing, struct parts *parts, uint32_t room)
{
    *listing = (struct listing){.core = parts->core, .arena = &parts->arena, .room = room};
    listing->ops = arena_take(&parts->arena, room * sizeof *listing->ops + 1);
    return listing->ops != NULL;
}

static void reply_listing(struct parts *parts, const struct question *question,
                          const struct listing *listing)
{
    struct message reply = {.type = MSG_OPS, .ops = {listing->count, listing->ops, listing->full}};
    questions_reply(parts, question, &reply);
}

void answer_query(struct parts *parts, const struct question *question)
{
    const struct msg_query *query = &question->message.query;
    struct listing listing;
    struct gpmq_error err = {.code = GPMQ_ENOMEM, .text = "no memory for an answer"};
    int rc = begin_listing(&listing, parts, query->id_count) ? 0 : GPMQ_ENOMEM;
    for (uint32_t i = 0; i < query->id_count && !rc && !listing.full; i++) {
        rc = parts->store->ops->read(parts->store, &query->ids[i], add_row, &listing, &err);
        if (rc == GPMQ_ENOTFOUND)
            rc = 0;
    }
    if (rc)
        questions_fail(parts, question, &err);
    else
        reply_listing(parts, question, &listing);
}

#define LIST_DEFAULT 100

void answer_list(struct parts *parts, const struct question *question)
{
    const struct msg_list *list = &question->message.list;
    uint32_t limit = list->limit ? list->limit : LIST_DEFAULT;
    struct listing listing;
    struct gpmq_error err = {.code = GPMQ_ENOMEM, .text = "no memory for an answer"};
    /* One more than asked for, to know whether there is more. */
    struct store_filter filter = {.after = list->after,
                                  .batch = list->batch,
                                  .open_only = list->open_only,
                                  .dead_only = list->dead_only,
                                  .limit = limit + 1};
    int rc = begin_listing(&listing, parts, limit) ? 0 : GPMQ_ENOMEM;
    if (!rc)
        rc = parts->store->ops->list(parts->store, &filter, add_row, &listing, &err);
    if (rc == GPMQ_EDAMAGED) { /* the records that are whole are in the list all the same */
        char value[LOG_VALUE_SIZE];
        log_event(LOG_ERROR, "record_damaged", "reason=%s", log_value(err.text, value));
        rc = 0;
    }
    if (rc)
        questions_fail(parts, question, &err);
    else
        reply_listing(parts, question, &listing);
}

/* ---- contents -------------------------------------------------------------------------------- */

struct fetching {
    struct arena *arena;
    struct gpmq_result result;
    bool ended;
};

static int take_result(void *arg, const struct op_row *row, struct store_bytes request,
                       struct store_bytes result, struct gpmq_error *err)
{
    (void)request;
    struct fetching *fetching = arg;
    fetching->ended = gpmq_state_is_final(row->state);
    if (result.size == 0)
        return 0;
    return result_decode(&fetching->result, fetching->arena, result.bytes, result.size, err);
}

/* Fills in a piece at chunk->offset from the result itself or from its blob. */
static int read_content(struct parts *parts, const struct gpmq_result *result,
                        struct msg_chunk *chunk, struct gpmq_error *err)
{
    if (chunk->offset > result->data_size)
        return fail(err, GPMQ_EINVAL, "the content has %llu bytes, none at %llu",
                    (unsigned long long)result->data_size, (unsigned long long)chunk->offset);
    uint64_t left = result->data_size - chunk->offset;
    size_t size = left < GPMQ_BLOB_CHUNK ? (size_t)left : GPMQ_BLOB_CHUNK;
    chunk->size = result->data_size;
    if (result->data) {
        chunk->bytes = (const uint8_t *)result->data + chunk->offset;
        chunk->bytes_size = (uint32_t)size;
        return 0;
    }
    uint8_t *buffer = arena_take(&parts->arena, size + 1);
    if (!buffer)
        return fail(err, GPMQ_ENOMEM, "no memory for an answer");
    int rc = parts->store->ops->blob_read(parts->store, result->digest, chunk->offset, buffer,
                                          &size, &chunk->size, err);
    chunk->bytes = buffer;
    chunk->bytes_size = (uint32_t)size;
    return rc;
}

void answer_fetch(struct parts *parts, const struct question *question)
{
    const struct msg_fetch *fetch = &question->message.fetch;
    struct fetching fetching = {.arena = &parts->arena};
    struct gpmq_error err;
    struct message reply = {.type = MSG_CHUNK, .chunk = {.op = fetch->op, .offset = fetch->offset}};
    int rc = parts->store->ops->read(parts->store, &fetch->op, take_result, &fetching, &err);
    if (!rc && !fetching.ended)
        rc = fail(&err, GPMQ_ESTATE, "the operation has not ended, so it has no result yet");
    if (!rc && fetching.result.data_size == 0)
        rc = fail(&err, GPMQ_ENOTFOUND, "the operation's result has no content");
    if (!rc)
        rc = read_content(parts, &fetching.result, &reply.chunk, &err);
    if (rc)
        questions_fail(parts, question, &err);
    else
        questions_reply(parts, question, &reply);
}

/* backend.c - worker messages become events. */
#include "backend.h"

#include "intake.h"
#include "log.h"

static void to_core(struct parts *parts, const struct peer *peer, struct message *message)
{
    core_worker_message(parts->core, peer->number, peer->user, message, parts->now_ms,
                        parts->unix_ms, parts->actions);
}

/* Whether the content that a report's result names is all in the store. */
static bool content_is_here(struct parts *parts, const struct report *report)
{
    const struct gpmq_result *result = report->result;
    if (!result || result->data || result->data_size == 0)
        return true;
    uint64_t total = 0;
    size_t size = 0;
    char nothing[1];
    int rc =
        parts->store->ops->blob_read(parts->store, result->digest, 0, nothing, &size, &total, NULL);
    return rc == 0 && total == result->data_size;
}

static void take_reports(struct parts *parts, const struct peer *peer, struct message *message)
{
    struct msg_report *reports = &message->report;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < reports->report_count; i++)
        if (content_is_here(parts, &reports->reports[i]))
            reports->reports[kept++] = reports->reports[i];
    reports->report_count = kept;
    to_core(parts, peer, message);
}

static void take_chunk(struct parts *parts, const struct peer *peer, struct message *message)
{
    const struct msg_result_chunk *chunk = &message->result_chunk;
    struct gpmq_error err;
    uint64_t next = 0;
    int rc = parts->store->ops->blob_write(parts->store, chunk->digest, chunk->size, chunk->offset,
                                           (struct store_bytes){chunk->bytes, chunk->bytes_size},
                                           parts->unix_ms, &next, &err);
    if (rc == GPMQ_ESTORE || rc == GPMQ_ENOSPACE) {
        *parts->err = err;
        parts->stop_code = rc;
        return;
    }
    if (rc) {
        outbox_refuse(parts->outbox, peer->number, message->req, rc, 0, err.text);
        return;
    }
    struct message answer = {.type = MSG_RESULT_CHUNK_OK,
                             .result_chunk_ok = {chunk->op, chunk->fence, next}};
    if (outbox_add(parts->outbox, peer->number, &answer) != 0)
        log_event(LOG_ERROR, "out_of_memory", "doing=result_chunk");
}

static take_fn *const takers[MSG_TYPE_END] = {
    [MSG_WORKER_HELLO] = to_core,    [MSG_RENEW] = to_core, [MSG_REPORT] = take_reports,
    [MSG_RESULT_CHUNK] = take_chunk, [MSG_BYE] = to_core,
};

int backend_take(struct parts *parts)
{
    return intake(parts, parts->worker, parts->workers, takers, "worker");
}

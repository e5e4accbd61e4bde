/* backend.c - worker messages become events. */
#include "backend.h"

#include "access.h"
#include "contents.h"
#include "intake.h"

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

static take_fn *const takers[MSG_TYPE_END] = {
    [MSG_WORKER_HELLO] = to_core, [MSG_RENEW] = to_core,
    [MSG_REPORT] = take_reports,  [MSG_RESULT_CHUNK] = contents_take_chunk,
    [MSG_BYE] = to_core,          [MSG_INPUT] = contents_give_input,
};

int backend_take(struct parts *parts)
{
    const struct intake workers = {parts->worker, parts->workers, parts->gates[GATE_WORKER],
                                   ACCESS_WORKER, "worker",       takers};
    return intake(parts, &workers);
}

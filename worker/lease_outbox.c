/* lease_outbox.c - reports are kept as they are sent: encoded. */
#include "lease_outbox.h"

#include <assert.h>
#include <string.h>

#include "book_actions.h"
#include "cleanup.h"

void lease_outbox_init(struct lease_outbox *outbox)
{
    *outbox = (struct lease_outbox){0};
    TAILQ_INIT(&outbox->reports);
}

static void drop(struct lease_outbox *outbox, struct kept_report *kept)
{
    TAILQ_REMOVE(&outbox->reports, kept, in_outbox);
    outbox->count--;
    free(kept);
}

void lease_outbox_clear(struct lease_outbox *outbox)
{
    while (!TAILQ_EMPTY(&outbox->reports))
        drop(outbox, TAILQ_FIRST(&outbox->reports));
    free(STEAL(outbox->content));
}

bool report_is_end(enum report_kind kind)
{
    return kind == REPORT_REJECT || kind >= REPORT_DONE;
}

static struct kept_report *kept_new(const struct report *report)
{
    struct report copy = *report;
    struct message message = {.type = MSG_EXEC_REPORT, .exec_report.report = &copy};
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    int rc = message_encode(&buffer, &message);
    assert(rc == 0);

    struct kept_report *kept = book_memory(sizeof *kept + buffer.size);
    kept->kind = report->kind;
    kept->n = report->n;
    kept->size = buffer.size;
    memcpy(kept->bytes, buffer.data, buffer.size);
    msgpack_sbuffer_destroy(&buffer);
    return kept;
}

void lease_outbox_add(struct lease_outbox *outbox, const struct report *report)
{
    struct kept_report *last = TAILQ_LAST(&outbox->reports, kept_reports);
    bool moves_on = report->kind == REPORT_PROGRESS || report_is_end(report->kind);
    if (last && last->kind == REPORT_PROGRESS && moves_on)
        drop(outbox, last);

    struct report numbered = *report;
    numbered.n = ++outbox->n;
    numbered.after = outbox->after;
    if (report->kind != REPORT_PROGRESS)
        outbox->after = numbered.n;
    struct kept_report *kept = kept_new(&numbered);
    TAILQ_INSERT_TAIL(&outbox->reports, kept, in_outbox);
    outbox->count++;
}

void lease_outbox_content(struct lease_outbox *outbox, const struct gpmq_result *result,
                          void *content)
{
    free(outbox->content);
    outbox->content = content;
    outbox->content_size = result->data_size;
    outbox->content_offset = 0;
    outbox->content_sent = false;
    memcpy(outbox->content_digest, result->digest, sizeof outbox->content_digest);
}

bool lease_outbox_ack(struct lease_outbox *outbox, uint64_t n, int64_t now_ms)
{
    bool ended = false;
    struct kept_report *kept;
    while ((kept = TAILQ_FIRST(&outbox->reports)) && kept->n <= n) {
        ended = ended || report_is_end(kept->kind);
        outbox->sent_ms = now_ms;
        drop(outbox, kept);
    }
    return ended;
}

void lease_outbox_content_ack(struct lease_outbox *outbox, uint64_t offset)
{
    if (!outbox->content || offset > outbox->content_size || offset == outbox->content_offset)
        return;
    outbox->content_offset = offset;
    outbox->content_sent = false;
}

static void unsend(struct lease_outbox *outbox)
{
    struct kept_report *kept;
    TAILQ_FOREACH(kept, &outbox->reports, in_outbox)
    kept->sent = false;
    outbox->progress_sent_ms = 0;
}

void lease_outbox_rejoin(struct lease_outbox *outbox)
{
    unsend(outbox);
    outbox->content_offset = 0;
    outbox->content_sent = false;
}

void lease_outbox_retry(struct lease_outbox *outbox, int64_t now_ms, int64_t answer_ms)
{
    const struct kept_report *first = TAILQ_FIRST(&outbox->reports);
    if (first && first->sent && now_ms >= outbox->sent_ms + answer_ms)
        unsend(outbox);
}

void lease_outbox_sent(struct lease_outbox *outbox, struct kept_report *kept, int64_t now_ms)
{
    if (kept == TAILQ_FIRST(&outbox->reports))
        outbox->sent_ms = now_ms;
    kept->sent = true;
    if (kept->kind == REPORT_PROGRESS)
        outbox->progress_sent_ms = now_ms;
}

void lease_outbox_piece_sent(struct lease_outbox *outbox, int64_t now_ms)
{
    outbox->content_sent = true;
    outbox->content_sent_ms = now_ms;
}

/* The end waits until the broker has its content. */
static bool is_held(const struct lease_outbox *outbox, const struct kept_report *kept)
{
    return outbox->content && outbox->content_offset < outbox->content_size &&
           report_is_end(kept->kind);
}

static bool is_early(const struct lease_outbox *outbox, const struct kept_report *kept,
                     int64_t now_ms, int64_t progress_ms)
{
    bool newest = !TAILQ_NEXT(kept, in_outbox);
    return kept->kind == REPORT_PROGRESS && newest && outbox->progress_sent_ms &&
           now_ms < outbox->progress_sent_ms + progress_ms;
}

static int64_t content_due_ms(const struct lease_outbox *outbox, int64_t answer_ms)
{
    if (!outbox->content || outbox->content_offset == outbox->content_size)
        return INT64_MAX;
    return outbox->content_sent ? outbox->content_sent_ms + answer_ms : INT64_MIN;
}

static int64_t min_ms(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t lease_outbox_due_ms(const struct lease_outbox *outbox, int64_t answer_ms,
                            int64_t progress_ms)
{
    int64_t due_ms = content_due_ms(outbox, answer_ms);
    struct kept_report *kept;
    TAILQ_FOREACH(kept, &outbox->reports, in_outbox)
    {
        if (is_held(outbox, kept))
            break;
        if (kept->sent)
            due_ms = min_ms(due_ms, outbox->sent_ms + answer_ms);
        else if (is_early(outbox, kept, INT64_MIN, progress_ms))
            due_ms = min_ms(due_ms, outbox->progress_sent_ms + progress_ms);
        else
            return INT64_MIN;
    }
    return due_ms;
}

struct kept_report *lease_outbox_next(const struct lease_outbox *outbox, struct kept_report *from,
                                      int64_t now_ms, int64_t progress_ms)
{
    struct kept_report *kept = from ? TAILQ_NEXT(from, in_outbox) : TAILQ_FIRST(&outbox->reports);
    while (kept && kept->sent)
        kept = TAILQ_NEXT(kept, in_outbox);
    if (!kept || is_held(outbox, kept) || is_early(outbox, kept, now_ms, progress_ms))
        return NULL;
    return kept;
}

bool lease_outbox_has_piece(const struct lease_outbox *outbox, int64_t now_ms, int64_t answer_ms)
{
    return content_due_ms(outbox, answer_ms) <= now_ms;
}

/* lease_send.c - reports and pieces of results, as many as fit into a message. */
#include <assert.h>
#include <string.h>

#include "lease_state.h"

#define REPORT_MESSAGE_MAX (512u << 10) /* bytes of the reports in one message */

struct batch_of_reports {
    struct message *message; /* NULL: none is open */
    size_t size;
};

static void open_message(struct lease_book *book, struct batch_of_reports *batch,
                         struct book_actions *actions)
{
    batch->message = book_actions_send(actions, MSG_REPORT, 0);
    batch->message->report.session = book->session.number;
    batch->message->report.reports =
        book_actions_take(actions, MESSAGE_OPS_MAX * sizeof(struct report));
    batch->size = 0;
}

static void add_report(struct lease_book *book, struct batch_of_reports *batch,
                       const struct kept_report *kept, struct book_actions *actions)
{
    bool fits = batch->message && batch->message->report.report_count < MESSAGE_OPS_MAX &&
                batch->size + kept->size <= REPORT_MESSAGE_MAX;
    if (!fits)
        open_message(book, batch, actions);

    struct message stored;
    struct gpmq_error err;
    int rc = message_decode(&stored, book_actions_arena(actions), kept->bytes, kept->size, &err);
    assert(rc == 0); /* we encoded it */
    struct msg_report *report = &batch->message->report;
    report->reports[report->report_count++] = *stored.exec_report.report;
    batch->size += kept->size;
}

static void send_reports(struct lease_book *book, struct lease *lease,
                         struct batch_of_reports *batch, int64_t now_ms,
                         struct book_actions *actions)
{
    struct lease_outbox *outbox = &lease->outbox;
    struct kept_report *kept = NULL;
    lease_outbox_retry(outbox, now_ms, lease_session_answer_ms(book));
    while ((kept = lease_outbox_next(outbox, kept, now_ms, book->config.progress_ms))) {
        add_report(book, batch, kept, actions);
        lease_outbox_sent(outbox, kept, now_ms);
    }
}

static void send_piece(struct lease_book *book, struct lease *lease, int64_t now_ms,
                       struct book_actions *actions)
{
    struct lease_outbox *outbox = &lease->outbox;
    uint64_t left = outbox->content_size - outbox->content_offset;
    uint32_t size = left < GPMQ_BLOB_CHUNK ? (uint32_t)left : GPMQ_BLOB_CHUNK;
    uint8_t *bytes = book_actions_take(actions, size);
    memcpy(bytes, outbox->content + outbox->content_offset, size);

    struct message *message = book_actions_send(actions, MSG_RESULT_CHUNK, 0);
    message->result_chunk = (struct msg_result_chunk){
        .session = book->session.number,
        .op = lease->op,
        .fence = lease->fence,
        .size = outbox->content_size,
        .offset = outbox->content_offset,
        .bytes = bytes,
        .bytes_size = size,
    };
    memcpy(message->result_chunk.digest, outbox->content_digest, 32);
    lease_outbox_piece_sent(outbox, now_ms);
}

void lease_send_tick(struct lease_book *book, int64_t now_ms, struct book_actions *actions)
{
    if (!book->session.joined || !book->session.open)
        return;
    struct batch_of_reports batch = {0};
    struct lease *lease;
    int64_t answer_ms = lease_session_answer_ms(book);
    TAILQ_FOREACH(lease, &book->leases, in_book)
    {
        if (lease->state == LEASE_GONE)
            continue;
        if (lease_outbox_has_piece(&lease->outbox, now_ms, answer_ms))
            send_piece(book, lease, now_ms, actions);
        send_reports(book, lease, &batch, now_ms, actions);
        lease_wake(book, lease_outbox_due_ms(&lease->outbox, answer_ms, book->config.progress_ms));
    }
}
